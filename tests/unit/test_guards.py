"""What a run, and the stock, do with input that only looks right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import ADA, NOW, order

from fulfill_core import (
    Customer,
    Decision,
    Finding,
    InvalidValueError,
    Inventory,
    Kind,
    Order,
    OrderLine,
    Outcome,
    PluginError,
    Reservation,
    Stock,
    Supply,
    process,
)
from fulfill_core.notifications import to_customer, to_staff

STOCK = Inventory.of({("mug", "berlin"): 5, ("mug", "paris"): 5})


def backwards(function: Callable[..., Any], chunks: Iterable[Any]) -> list[Any]:
    """A map that returns what was finished last first, as an unordered pool might."""
    return [function(chunk) for chunk in chunks][::-1]


def test_a_map_that_loses_the_sequence_is_named() -> None:
    """Verdicts are never given to other orders than those they were made for."""
    orders = [order(f"A-{number:04}", 1) for number in range(4001)]
    with pytest.raises(PluginError) as caught:
        process(orders, STOCK, now=NOW, map=backwards)
    assert str(caught.value) == (
        "backwards, asked about order 'A-0000': returned the chunks in another sequence; keep it"
    )


def test_sourcing_that_returns_what_cannot_be_hashed_is_named() -> None:
    """Whatever stranger a sourcing policy returns, the error names it and the order."""

    def lists(demand: object, candidates: object, /, *, context: object) -> Any:
        return [["berlin"], ["paris"]]

    with pytest.raises(PluginError) as caught:
        process([order("A-1", 1)], STOCK, now=NOW, sourcing=lists)
    assert str(caught.value) == (
        "lists, asked about order 'A-1': returned ['berlin'], which was not offered; return some"
        " of the candidates"
    )


def test_any_error_of_a_priority_policy_is_named() -> None:
    """An error of the library's own that a policy lets through names the policy and the order."""

    def careless(order: Order, /, *, context: object) -> int:
        return Inventory.of({("mug", ""): 1}).available("mug")

    with pytest.raises(PluginError) as caught:
        process([order("A-1", 1)], STOCK, now=NOW, priority=careless)
    assert str(caught.value).startswith("careless, asked about order 'A-1': raised InvalidValue")


@pytest.mark.parametrize("argument", ["priority", "sourcing", "notifications", "map"])
def test_a_policy_that_cannot_be_called_is_refused(argument: str) -> None:
    """What is no policy is refused before anything is done."""
    arguments: dict[str, Any] = {argument: "deadline"}
    with pytest.raises(InvalidValueError) as caught:
        process([order("A-1", 1)], STOCK, now=NOW, **arguments)
    assert str(caught.value) == (
        f"{argument}: 'deadline' can't be called; pass a function or another callable"
    )


@pytest.mark.parametrize(
    ("verifiers", "message"),
    [
        (["nothing"], "verifiers[0]: 'nothing' can't be called; pass a function or another"),
        (
            print,
            "verifiers: <built-in function print> is not a collection of values; pass a list,",
        ),
    ],
    ids=["no function", "no list"],
)
def test_verifiers_are_a_collection_of_callables(verifiers: Any, message: str) -> None:
    """A verifier that can't be called, or that was not put in a list, is refused."""
    with pytest.raises(InvalidValueError) as caught:
        process([order("A-1", 1)], STOCK, now=NOW, verifiers=verifiers)
    assert str(caught.value).startswith(message)


def test_one_order_alone_is_refused() -> None:
    """An order that was not put in a list is refused, and it is said what to do."""
    alone: Any = order("A-1", 1)
    with pytest.raises(InvalidValueError) as caught:
        process(alone, STOCK, now=NOW)
    assert caught.value.problem == "is not a collection of values; pass a list, even of one"


class SpeechlessError(Exception):
    """An error that fails to say what it is."""

    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (SpeechlessError(), "The verifier breaks failed: SpeechlessError"),
        (KeyError("x" * 300), f"The verifier breaks failed: KeyError: '{'x' * 189}... (312"),
    ],
    ids=["speechless", "long"],
)
def test_a_broken_verifier_can_say_what_it_likes(error: Exception, detail: str) -> None:
    """However odd the error of a verifier is, it holds that order, and what is told stays short."""

    def breaks(order: Order, /, *, context: object) -> Iterable[Finding]:
        raise error

    [decision] = process([order("A-1", 1)], STOCK, now=NOW, verifiers=[breaks]).decisions
    assert decision.outcome is Outcome.HELD
    assert decision.findings[0].detail.startswith(detail)


@pytest.mark.parametrize("key", ["mg", ("mug",), ("mug", "berlin", "shelf")])
def test_the_short_form_takes_pairs(key: Any) -> None:
    """A key that is no pair of SKU and location is refused; a str is not taken apart."""
    with pytest.raises(InvalidValueError):
        Inventory.of({key: 12})


def test_a_naive_now_is_refused_by_the_stock_as_well() -> None:
    """Whether a reservation has expired is not guessed for a time without an offset."""
    for question in (STOCK.available, STOCK.reserved):
        with pytest.raises(InvalidValueError) as caught:
            question("mug", now=datetime(2026, 3, 2))  # noqa: DTZ001 - that is the point
        assert str(caught.value) == (
            "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass it with a tzinfo, such as"
            " timezone.utc"
        )


def test_the_same_content_for_other_people_has_another_id() -> None:
    """A message to the staff is not taken for one to the customer."""
    decision = Decision(order=order("A-1", 1), outcome=Outcome.ALLOCATED)
    messages = [to_customer(decision, Kind.CONFIRMED), to_staff(decision, Kind.CONFIRMED)]
    assert len({message.id for message in messages}) == 2


def test_a_blank_address_is_no_address() -> None:
    """A customer whose e-mail address is white space is written to by phone."""
    customer = Customer(id="C-1", email=" ", phone=" +49 30 1234 ")
    result = process([order("A-1", 1, customer=customer)], STOCK, now=NOW)
    assert [message.recipient for message in result.notifications] == ["+49 30 1234"]


def test_an_own_reservation_that_expires_wakes() -> None:
    """When something that an order holds expires, its decision changes, whatever it asks for."""
    later = NOW + timedelta(hours=1)
    stock = Inventory(
        stock=[Stock(sku="cup", location="berlin", on_hand=1)],
        reservations=[
            Reservation(
                order_id="A-1",
                line_id="9",
                sku="cup",
                location="berlin",
                quantity=1,
                expires_at=later,
            )
        ],
    )
    assert process([order("A-1", 1)], stock, now=NOW).wake_at == later


SUPPLIED = Inventory(
    stock=[Stock(sku="mug", location="berlin", on_hand=0)],
    supplies=[
        Supply(id="PO-1", sku="mug", quantity=5, expected_at=NOW),
        Supply(id="PO-2", sku="mug", quantity=5, expected_at=NOW + timedelta(days=1)),
    ],
)


@pytest.mark.parametrize(
    ("quantity", "left"),
    [(3, [("PO-1", 2), ("PO-2", 5)]), (5, [("PO-2", 5)]), (6, [("PO-2", 5)])],
)
def test_what_a_supply_has_brought_is_no_longer_expected(
    quantity: int, left: list[tuple[str, int]]
) -> None:
    """A receipt that names its supply takes so much off it; one that brought all is gone."""
    received = SUPPLIED.with_received("mug", "berlin", quantity, supply_id="PO-1")
    assert received.on_hand("mug") == quantity
    assert [(each.id, each.quantity) for each in received.supplies_of("mug")] == left


def test_the_last_supply_of_a_sku_goes() -> None:
    """When all supplies have come, none is left, and the SKU is known all the same."""
    received = SUPPLIED.with_received("mug", "berlin", 5, supply_id="PO-1")
    received = received.with_received("mug", "berlin", 5, supply_id="PO-2")
    assert (received.supplies_of("mug"), list(received.supplies())) == ((), [])
    assert received.is_known("mug")


def test_a_receipt_of_an_unknown_supply_is_refused() -> None:
    """A supply that is not expected is a typing error, and is not guessed."""
    with pytest.raises(InvalidValueError) as caught:
        SUPPLIED.with_received("mug", "berlin", 5, supply_id="PO-3")
    assert str(caught.value) == ("supply_id: 'PO-3' is no supply of 'mug'; these are: PO-1, PO-2")
    with pytest.raises(InvalidValueError) as caught:
        STOCK.with_received("mug", "berlin", 5, supply_id="PO-3")
    assert str(caught.value) == "supply_id: 'PO-3' is no supply of 'mug'; these are: none"


def test_surplus_is_what_is_held_beyond_the_lines() -> None:
    """What an order holds for lines that it no longer has, or beyond what they ask, is named."""
    held = [
        Reservation(order_id="A-1", line_id="1", sku="mug", location="berlin", quantity=3),
        Reservation(order_id="A-1", line_id="2", sku="mug", location="paris", quantity=1),
    ]
    stock = Inventory(
        stock=[Stock(sku="mug", location=place, on_hand=5) for place in ("berlin", "paris")],
        reservations=held,
    )
    lines = [OrderLine(id="1", sku="mug", quantity=2)]
    [decision] = process([order("A-1", lines=lines, customer=ADA)], stock, now=NOW).decisions
    assert [(each.line_id, each.quantity) for each in decision.surplus] == [("1", 1), ("2", 1)]
    assert decision.outcome is Outcome.ALLOCATED
