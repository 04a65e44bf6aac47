"""Errors that say what to do: in the words that a row of a database calls for."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import attrs
import pytest
from builders import NOW, line, mugs, order, recorded, refusal, run

from fulfill_core import (
    Address,
    Customer,
    Facts,
    Finding,
    FulfillError,
    InvalidValueError,
    Inventory,
    Item,
    Order,
    OrderLine,
    Payment,
    PaymentStatus,
    Screening,
    Severity,
    Ship,
    Stock,
    Supply,
    UnknownOrderError,
    _checks,
    explain,
)
from fulfill_core.hosting import run_worker
from fulfill_core.inventory import Fence, KitShips, LotOrder
from fulfill_core.inventory.stock import Lot
from fulfill_core.lifecycle import Counted, status
from fulfill_core.messages import Renderer, Shop
from fulfill_core.orders import address_key, mailbox_key, phone_key
from fulfill_core.reallocation import ConfirmationStrategy, Reallocation
from fulfill_core.sourcing import nearest

NAIVE = NOW.replace(tzinfo=None)
MUGS = mugs(x=3)


def fault(make: Any, **fields: Any) -> InvalidValueError:
    """The error about a record that can't be made of these."""
    with pytest.raises(InvalidValueError) as caught:
        make(**fields)
    return caught.value


# -- Words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "member"),
    [
        (Payment(id="p", amount=Decimal(1), status="captured").status, PaymentStatus.CAPTURED),  # type: ignore[arg-type]
        (order("A-1", 1, ship="complete").ship, Ship.COMPLETE),
        (Item(sku="mug", kit_ships="by_order").kit_ships, KitShips.BY_ORDER),  # type: ignore[arg-type]
        (Item(sku="mug", lot_order="lifo").lot_order, LotOrder.LIFO),  # type: ignore[arg-type]
        (Finding(code="a.b", severity="hold").severity, Severity.HOLD),  # type: ignore[arg-type]
        (Finding(code="a.b", severity="REJECT").severity, Severity.REJECT),  # type: ignore[arg-type]
        (Reallocation(strategy="gain").strategy, ConfirmationStrategy.GAIN),  # type: ignore[arg-type]
    ],
)
def test_the_text_of_a_word_is_the_word(value: object, member: object) -> None:
    """A column has text; it is kept as the member of the enum."""
    assert value is member


@pytest.mark.parametrize("word", ["autorized", "", "Authorised", 1, True])
def test_the_words_of_an_enum_are_listed(word: object) -> None:
    """Whoever misspelt one sees which there are."""
    text = refusal(Payment, id="p", amount=Decimal(1), status=word)
    assert text.endswith(
        "is no PaymentStatus; pass one, or its word: 'authorized', 'partially_captured',"
        " 'captured', 'pending', 'declined', 'error', 'voided', 'partially_refunded', 'refunded',"
        " 'charged_back'"
    )


# -- What a column may hold ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "fields", "remedy"),
    [
        (Customer, {"id": "C-1", "email": None}, "pass '' if there is none"),
        (Address, {"name": "A", "street": (), "city": "X", "region": None}, "pass '' if there"),
        (Address, {"name": "A", "street": (), "city": "X", "country": None}, "pass '' if there"),
        (OrderLine, {"id": "1", "sku": "mug", "quantity": 1, "unit_price": None}, "Decimal(0) if"),
        (order, {"tax": None}, "pass Decimal(0) if there is none"),
        (order, {"tags": None}, "pass [] if there is none"),
        (order, {"payments": None}, "pass [] if there is none"),
        (order, {"attributes": None}, "pass {} if there is none"),
        (Stock, {"sku": "mug", "location": "b", "on_hand": 1, "lots": None}, "pass [] if there is"),
    ],
)
def test_none_of_a_column_that_may_be_null(make: Any, fields: dict[str, Any], remedy: str) -> None:
    """The error says what stands for nothing."""
    assert remedy in refusal(make, **fields)


def test_a_whole_number_as_money_may_be_minor_units() -> None:
    """Nobody knows which; the error names both."""
    assert refusal(Payment, id="p", amount=1980) == (
        "Payment.amount: 1980 is an int; pass Decimal(1980), or from_minor_units(1980, 2) if it"
        " counts cents"
    )
    assert "never a float" in refusal(Payment, id="p", amount=True)
    assert "never a float" in refusal(Payment, id="p", amount=19.8)


@pytest.mark.parametrize(
    "on_hand", [{"mug": 3}, {("mug",): 3}, {("mug", "b", "c"): 3}, [("mug", 3)]]
)
def test_the_short_form_of_an_inventory_is_shown(on_hand: Any) -> None:
    """A SKU alone lies nowhere."""
    assert refusal(Inventory.of, on_hand).endswith("pass {('mug', 'berlin'): 3}")


def test_the_short_form_of_an_inventory_says_which_row_is_wrong() -> None:
    """It may have thousands."""
    rows = {("mug", "berlin"): 3, ("mug", "paris"): 3.0}
    assert refusal(Inventory.of, rows) == (
        "Inventory.of[('mug', 'paris')]: 3.0 is not an int; pass a whole number"
    )


# -- Several faults --------------------------------------------------------------------------------


def test_all_faults_of_a_record_are_told_together() -> None:
    """With its id, so that whoever repairs the row does it once."""
    error = fault(OrderLine, id="7", sku="", quantity="2", unit_price=990, ships=None)
    assert str(error) == (
        "4 faults of '7':\n"
        "  OrderLine.sku: '' is empty; pass at least one visible character\n"
        "  OrderLine.quantity: '2' is not an int; pass a whole number\n"
        "  OrderLine.unit_price: 990 is an int; pass Decimal(990), or from_minor_units(990, 2)"
        " if it counts cents\n"
        "  OrderLine.ships: None is not a bool; pass True or False"
    )
    assert (error.path, error.record_id) == ("OrderLine.sku", "7")
    assert [each.path for each in error.further_faults] == [
        "OrderLine.quantity",
        "OrderLine.unit_price",
        "OrderLine.ships",
    ]
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert str(again) == str(error)


@pytest.mark.parametrize(
    ("make", "fields", "paths"),
    [
        (
            Order,
            {"id": "A-1", "placed_at": NAIVE, "customer": None, "lines": "1", "currency": "euro"},
            ["placed_at", "customer", "lines", "currency"],
        ),
        (
            Order,
            {
                "id": "A-1",
                "placed_at": NOW,
                "customer": Customer(id="C"),
                "lines": [],
                "currency": "EUR",
                "tax": 3,
                "ship": "all",
                "deliver_by": NAIVE,
                "tags": "x",
            },
            ["tax", "deliver_by", "ship", "tags"],
        ),
        (Customer, {"id": 7, "email": None, "phone": 30}, ["id", "email", "phone"]),
        (Address, {"name": None, "street": 1, "city": 2, "country": "UKR"}, None),
        (Payment, {"id": "", "amount": 9.9, "expires_at": NAIVE}, ["id", "amount", "expires_at"]),
        (
            Stock,
            {
                "sku": "",
                "location": None,
                "on_hand": "3",
                "safety": -1,
                "lots": [Lot(id="a", quantity=2)],
            },
            ["sku", "location", "on_hand", "safety"],
        ),
        (Supply, {"id": "", "sku": "", "quantity": 0, "expected_at": NAIVE}, None),
        (Item, {"sku": " ", "tracked": 1, "packs": [3]}, ["sku", "tracked", "packs"]),
        (Lot, {"id": "", "quantity": -1, "expires_at": NAIVE}, None),
        (Screening, {"order_id": "A-1", "score": 0.5, "flags": "proxy"}, ["score", "flags"]),
    ],
)
def test_every_record_that_a_host_makes_of_a_row(
    make: Any, fields: dict[str, Any], paths: list[str] | None
) -> None:
    """Each fault once, in the sequence of the fields, and none that comes of another."""
    error = fault(make, **fields)
    names = [each.path.partition(".")[2] for each in (error, *error.further_faults)]
    assert [name.partition("[")[0] for name in names] == (list(fields) if paths is None else paths)


def test_one_fault_is_told_as_ever() -> None:
    """In one line, without the id; who wants that asks the error for it."""
    error = fault(OrderLine, id="7", sku="mug", quantity=0)
    assert str(error) == "OrderLine.quantity: 0 is below 1; pass 1 or more"
    assert (error.record_id, error.further_faults) == ("7", ())
    assert fault(OrderLine, id=7, sku="mug", quantity=1).record_id == ""
    assert fault(OrderLine, id="7" * 999, sku="", quantity=1).record_id.endswith("(999 characters)")
    assert str(fault(Customer, id=7, name=7)).startswith("2 faults of one value:")


# -- Explain ---------------------------------------------------------------------------------------


def test_explain_takes_an_order_and_what_was_decided_about_it() -> None:
    """Whatever one has at hand."""
    subject = order("A-1", 1)
    result = run(subject, stock=mugs(berlin=1))
    texts = [
        str(explain(result, each))
        for each in ("A-1", subject, *recorded(subject), result["A-1"], result.decisions[0])
    ]
    assert len(set(texts)) == 1
    with pytest.raises(UnknownOrderError):
        explain(result, order("A-9", 1))
    assert refusal(explain, result, None) == (
        "order: None is no order; pass its id, the order or its decision"
    )


@attrs.frozen
class Box:
    """A record of which nothing stands in for its size."""

    id: str
    size: int

    @_checks.all_faults("id", id="-")
    def __attrs_post_init__(self) -> None:
        _checks.check_int("Box.size", self.size)
        _checks.check_id("Box.id", self.id)


def test_where_nothing_stands_in_for_a_fault_the_search_ends() -> None:
    """What comes after it can't be judged: the first fault is told, as ever."""
    assert refusal(Box, id="", size="large").startswith("Box.size: 'large' is not an int")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mailbox_key(cast("Any", None)), "email: None is not text; pass '' if there is"),
        (lambda: mailbox_key("a@b.com", cast("Any", 5)), "providers: 5 is not a collection"),
        (lambda: mailbox_key("a@b.com", cast("Any", ["gmail.com"])), "providers: 'gmail.com' is"),
        (lambda: phone_key(cast("Any", None)), "phone: None is not text; pass '' if there is none"),
        (lambda: phone_key("030", cast("Any", None)), "country: None is not text; pass ''"),
        (lambda: address_key(cast("Any", None)), "address: None is not of type Address"),
        (lambda: line(lot=cast("Any", None)), "OrderLine.lot: None is not text; pass '' if there"),
        (lambda: line(lot=" "), "OrderLine.lot: ' ' is empty"),
        (
            lambda: Fence(quantity=3, channels=["web"], location=cast("Any", None)),
            "Fence.location: None is not text; pass '' if there is none",
        ),
        (
            lambda: Supply(id="PO-1", sku="mug", quantity=1, expected_at=cast("Any", "2026-03-03")),
            "Supply.expected_at: '2026-03-03' is no date; pass an aware datetime, or a date",
        ),
    ],
)
def test_what_a_null_or_a_text_in_a_column_comes_to(make: Callable[[], object], words: str) -> None:
    """A column that may be null, or holds text, is named; nothing fails inside of the library."""
    assert refusal(make).startswith(words)


# -- What else a host may pass ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MUGS.with_released("A-1", "1", 0), "quantity: 0 is below 1; pass 1 or more"),
        (lambda: MUGS.with_released("A-1", 0, 1), "line_id: 0 is not an id; pass a str"),  # type: ignore[arg-type]
        (lambda: MUGS.available(None), "sku: None is not an id; pass a str, such as 'A-17'"),  # type: ignore[arg-type]
        (lambda: MUGS.available("mug", ["x"]), "location: ['x'] is not text; pass a str"),  # type: ignore[arg-type]
        (lambda: MUGS.with_released("", "9", 1), "line '9': cannot release 1: nothing is reserved"),
        (lambda: status(order("A-1", 1)), "type OrderRecord; pass OrderRecord(order=...)"),  # type: ignore[arg-type]
        (lambda: status(None), "record: None is not of type OrderRecord; pass one"),  # type: ignore[arg-type]
        (
            lambda: attrs.evolve(order("A-1", 1), locale=None),  # a null column
            "Order.locale: None is not a locale; pass a str, such as 'de-AT'",
        ),
        (lambda: nearest({("x", "DE", "b"): 1}), "is no pair of location id and country"),  # type: ignore[dict-item]
        (lambda: nearest({("x", "Germany"): 1}), "nearest (key): 'Germany' is not a code of 2"),
        (lambda: nearest({("x", "de"): 1}), "nearest (key): 'de' is not in capitals; pass 'DE'"),
        (lambda: nearest({"x": float("nan")}), "nearest['x']: nan is not a number; pass one"),
        (
            lambda: Counted(id="e1", order_id="A-1", at=NOW, units={"ab": 1}),
            "pass (SKU, location, units)",
        ),  # type: ignore[dict-item]
        (lambda: Facts().has("screening", order("A-1", 1)), "kind: 'screening' is no kind of fact"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_id_and_no_value_is_named(call: Callable[[], object], message: str) -> None:
    """It was answered like what is not there, or by an error from within."""
    with pytest.raises(FulfillError) as caught:
        call()
    assert message in str(caught.value)
    assert not str(caught.value).startswith(",")


def test_a_title_that_is_no_text_is_named() -> None:
    """By the SKU: of a table of titles only those that are shown are looked at."""
    result = run(order("A-1", 1), stock=MUGS, verifiers=[])
    [message] = [each for each in result.notifications if each.audience == "customer"]
    with pytest.raises(InvalidValueError, match=r"titles\['mug'\]: 3 is not text; pass a str"):
        Renderer(shop=Shop(name="Tea shop")).render(message, order("A-1", 1), titles={"mug": 3})  # type: ignore[dict-item]


def test_a_worker_that_can_not_be_called_never_starts() -> None:
    """Else its own error would be taken for that of a turn, and retried."""
    turn: Any = None
    with pytest.raises(InvalidValueError, match="turn: None can't be called"):
        run_worker(turn, clock=lambda: NOW, sleep=print, is_stopping=lambda: False)
