"""The version of an order: what a person or a screening judged, and nothing of its progress."""

from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import ADA, HOME, NOW, line, mugs, order, refusal, run

from fulfill_core import (
    Address,
    Approval,
    Customer,
    Facts,
    Order,
    OrderLine,
    Outcome,
    Payment,
    PaymentStatus,
    Screening,
    Ship,
    review_queue,
)
from fulfill_core.orders import version

HOUR = timedelta(hours=1)
PAID = Payment(
    id="p1",
    amount=Decimal(20),
    authorized=Decimal(5),
    captured=Decimal(4),
    authorized_at=NOW - HOUR,
    expires_at=NOW + HOUR,
)
LINE = line(quantity=2, unit_price=Decimal(5))
FULL = order(
    "A-1",
    lines=[LINE],
    bill_to=HOME,
    payments=[PAID],
    deliver_by=NOW,
    ship_after=NOW,
    tags=["b", "a"],
    attributes={"b": "2", "a": "1"},
)

IN, OUT = True, False
ORDER: dict[str, tuple[bool, Any]] = {
    "id": (IN, "A-2"),
    "placed_at": (IN, NOW + timedelta(microseconds=1)),
    "customer": (IN, attrs.evolve(ADA, name="Eve")),
    "lines": (IN, [LINE, line("2")]),
    "currency": (IN, "USD"),
    "ship_to": (IN, None),
    "bill_to": (IN, None),
    "payments": (OUT, []),
    "shipping": (IN, Decimal("0.01")),
    "tax": (IN, Decimal("0.01")),
    "discount": (IN, Decimal("0.01")),
    "agreed_total": (IN, Decimal(9)),
    "deliver_by": (IN, None),
    "ship_after": (IN, None),
    "ship": (IN, Ship.LINES),
    "channel": (OUT, "web"),
    "locale": (OUT, "de"),
    "timezone": (OUT, timezone(HOUR)),
    "tags": (OUT, ["a"]),
    "attributes": (OUT, {"a": "1"}),
    "version_words": (OUT, ["gift"]),  # what the order has not, says nothing of it
}
LINES: dict[str, tuple[bool, Any]] = {
    "id": (IN, "7"),
    "sku": (IN, "cup"),
    "quantity": (IN, 3),
    "unit_price": (IN, Decimal("0.01")),
    "discount": (IN, Decimal("0.01")),
    "tax": (IN, Decimal("0.01")),
    "agreed_total": (IN, Decimal(9)),
    "units_each": (IN, 2),
    "lot": (IN, "L-7"),
    "ships": (IN, False),
    "deliver_by": (IN, NOW + HOUR),
    "ship_after": (IN, NOW + HOUR),
    "replaces": (OUT, "9"),
    "attributes": (OUT, {"a": "1"}),
}
CUSTOMERS: dict[str, tuple[bool, Any]] = {
    "id": (IN, "C-2"),
    "name": (IN, "Eve"),
    "email": (IN, "eve@example.com"),
    "phone": (IN, "+4930901820"),
    "tier": (OUT, "gold"),
    "minimum_life": (IN, timedelta(days=1)),
}
ADDRESSES: dict[str, tuple[bool, Any]] = {
    "name": (IN, "Eve"),
    "street": (IN, ["2 Main St"]),
    "city": (IN, "York"),
    "postal_code": (IN, "YO1"),
    "region": (IN, "Kent"),
    "country": (IN, "FR"),
}
PAYMENTS: dict[str, tuple[bool, Any]] = {
    "id": (OUT, "p2"),
    "amount": (OUT, Decimal(10)),
    "status": (OUT, PaymentStatus.DECLINED),
    "method": (OUT, "invoice"),
    "currency": (OUT, "EUR"),
    "authorized": (OUT, Decimal(4)),
    "captured": (OUT, Decimal(3)),
    "refunded": (OUT, Decimal(1)),
    "charged_back": (OUT, Decimal(1)),
    "authorized_at": (OUT, None),
    "expires_at": (OUT, None),
    "avs": (OUT, "N"),
    "cvv": (OUT, "N"),
}


def with_other(kind: type[Any], name: str, content: Any) -> Order:
    """The order with one field of it, or of a value in it, changed."""
    change = {name: content}
    if kind is OrderLine:
        return attrs.evolve(FULL, lines=[attrs.evolve(LINE, **change)])
    if kind is Customer:
        return attrs.evolve(FULL, customer=attrs.evolve(ADA, **change))
    if kind is Address:
        return attrs.evolve(FULL, ship_to=attrs.evolve(HOME, **change))
    if kind is Payment:
        if name == "status":  # it says amounts, and those that are given would contradict it
            change |= dict.fromkeys(("authorized", "captured"), Decimal(0))
        return attrs.evolve(FULL, payments=[attrs.evolve(PAID, **change)])
    return attrs.evolve(FULL, **change)


TABLES: dict[type[Any], dict[str, tuple[bool, Any]]] = {
    Order: ORDER,
    OrderLine: LINES,
    Customer: CUSTOMERS,
    Address: ADDRESSES,
    Payment: PAYMENTS,
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_field_says_whether_it_is_part_of_the_version(kind: type[Any]) -> None:
    """A new field stands in no table yet, and this test fails until somebody has decided."""
    fields = {field.alias for field in attrs.fields(kind) if field.init}
    assert fields == set(TABLES[kind])


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(kind, name, id=f"{kind.__name__}.{name}")
        for kind, table in TABLES.items()
        for name in table
    ],
)
def test_the_version_is_what_was_judged(kind: type[Any], name: str) -> None:
    """Who, what, where, for how much and how it ships make another version; how far the money has
    come, and what the host files the order under, do not.
    """
    is_part, content = TABLES[kind][name]
    changed = with_other(kind, name, content)
    assert changed != FULL
    assert (changed.fingerprint != FULL.fingerprint) is is_part


def test_a_payers_address_is_part_of_the_version() -> None:
    """As the address to ship to is, and one does not stand in for the other."""
    swapped = attrs.evolve(FULL, ship_to=None, bill_to=HOME)
    versions = {each.fingerprint for each in (FULL, swapped, attrs.evolve(FULL, bill_to=None))}
    assert len(versions) == 3


@pytest.mark.parametrize(
    ("words", "change", "is_part"),
    [
        (["a"], {"tags": ["a"]}, False),
        (["b"], {"tags": ["a"]}, True),
        (["b"], {"tags": ["a", "b", "c"]}, False),
        (["c"], {"tags": ["a", "b", "c"]}, True),
        (["a"], {"attributes": {"a": "1", "c": "3"}}, False),
        (["a"], {"attributes": {"a": "9", "b": "2"}}, True),
        (["b"], {"attributes": {"a": "1"}}, True),
    ],
)
def test_the_host_says_which_of_its_words_count(
    words: list[str], change: dict[str, Any], is_part: bool
) -> None:
    """Tags that are named count by being there, attributes by what they say; others do not."""
    counted = attrs.evolve(FULL, version_words=words)
    changed = attrs.evolve(counted, **change)
    assert (changed.fingerprint != counted.fingerprint) is is_part


def test_a_tag_is_no_attribute() -> None:
    """A word that was a tag and becomes a key is another thing."""
    tagged = order("A-1", 1, tags=["gift"], version_words=["gift"])
    keyed = order("A-1", 1, attributes={"gift": ""}, version_words=["gift"])
    assert len({tagged.fingerprint, keyed.fingerprint, order("A-1", 1).fingerprint}) == 3


def test_words_that_count_are_words() -> None:
    """A str falls apart into letters, so it is refused."""
    assert refusal(order, "A-1", 1, version_words="gift") == (
        "Order.version_words: 'gift' is not a collection of words; pass a set or a list of str"
    )


def test_progress_leaves_approvals_and_screenings_alone() -> None:
    """What was approved stays so when it is captured, tagged, or filed otherwise; a screening of
    the version stays one.
    """
    subject = attrs.evolve(FULL, ship_after=None)
    [review] = review_queue(run(subject, stock=mugs(berlin=5)))
    approvals = [review.approval(by="Grace", at=NOW)]
    facts = Facts(screenings=[Screening(order_id="A-1", fingerprint=subject.fingerprint)])
    progress: list[dict[str, Any]] = [
        {"payments": [Payment(id="p1", amount=PAID.amount, status=PaymentStatus.CAPTURED)]},
        {"tags": ["packed"]},
        {"attributes": {"printed": "yes"}},
        {"channel": "app"},
        {"locale": "fr"},
        {"customer": attrs.evolve(ADA, tier="gold")},
    ]
    for change in ({}, *progress):
        changed = attrs.evolve(subject, **change)
        result = run(changed, stock=mugs(berlin=5), facts=facts, approvals=approvals)
        assert result["A-1"].outcome is Outcome.ALLOCATED
        assert facts.screening_of(changed) is not None


def test_two_orders_of_one_version_under_one_id_are_a_conflict() -> None:
    """They differ in what is no part of the version, and nobody knows which one is meant; the same
    one stands for both, in whatever sequence they come.
    """
    one, other = (order("A-1", 1, tags=[tag]) for tag in ("one", "other"))
    assert one.fingerprint == other.fingerprint
    first, second = run(one, other), run(other, one)
    assert first.decisions == second.decisions
    assert [each.code for each in first["A-1"].findings] == ["order.conflicting_duplicate"]


def test_an_approval_of_another_version_waives_nothing() -> None:
    """It is told from those of this version by the fingerprint alone."""
    subject = attrs.evolve(FULL, ship_after=None)
    [review] = review_queue(run(subject))
    old = attrs.evolve(review.approval(by="Grace", at=NOW), fingerprint="another")
    assert isinstance(old, Approval)
    assert run(subject, approvals=[old])["A-1"].outcome is Outcome.HELD


def test_the_algorithm_of_versions_is_imported_once() -> None:
    """However many orders are asked for theirs."""
    version._algorithm.cache_clear()
    assert len({attrs.evolve(FULL).fingerprint for _ in range(9)}) == 1
    assert version._algorithm.cache_info().misses == 1
