"""What is kept in the sequence of its keys is found, or has its place, whether few or many are."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
import pytest

from fulfill_core import Customer, Order
from fulfill_core.decisions.notification import Audience, Kind, Notification
from fulfill_core.orders.sequences import place_in, with_member
from fulfill_core.records.movements import (
    OPENING,
    Movement,
    MovementKind,
    opening_amount,
    place_of,
)
from fulfill_core.records.told import Told, told_with

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS = [MovementKind.AUTHORIZED, MovementKind.CAPTURED, MovementKind.REFUNDED]


def movements_of_payments(payments: int, first_ref: str = "r1") -> tuple[Movement, ...]:
    """Of each of three kinds two of each of so many payments, in their sequence."""
    rows = [
        Movement(kind=kind, payment_id=f"p{number:02}", ref=ref, amount=Decimal(5), at=NOON)
        for kind in KINDS
        for number in range(1, payments + 1)
        for ref in (first_ref, "r3")
    ]
    return tuple(sorted(rows, key=lambda each: each.key))


@pytest.mark.parametrize("payments", [0, 1, 2, 9])
def test_a_movement_is_found_or_has_its_place(payments: int) -> None:
    """By kind, payment and reference: the first one, the last one, and what is between two."""
    movements = movements_of_payments(payments)
    keys = [each.key for each in movements]
    by_key = dict(zip(keys, movements, strict=True))
    for kind in (*KINDS, MovementKind.CAPTURE_FAILED, MovementKind.VOIDED):
        for payment_id in ("p00", "p01", "p02", "p99"):
            for ref in ("r0", "r1", "r2", "r3", "r4"):
                key = kind, payment_id, ref
                expected = bisect_left(keys, key), by_key.get(key)
                assert place_of(movements, *key) == expected


@pytest.mark.parametrize("payments", [1, 2, 9])
def test_what_was_before_the_first_event_is_the_first_of_its_kind(payments: int) -> None:
    """Its amount; zero if there was none of it, and None if nobody reported any of that kind."""
    kind = MovementKind.REFUNDED
    opened = movements_of_payments(payments, OPENING)
    assert opening_amount(opened, kind, "p01") == Decimal(5)
    assert opening_amount(movements_of_payments(payments), kind, "p01") == Decimal(0)
    assert opening_amount(opened, MovementKind.VOIDED, "p01") is None


@pytest.mark.parametrize("number", [0, 1, 2, 3, 30])
def test_a_member_takes_the_place_of_its_id(number: int) -> None:
    """Or its own, in sequence, if there is none of its id."""
    members = tuple([Customer(id=f"C{each:02}") for each in range(1, 2 * number, 2)])
    for each in range(2 * number + 1):
        new = Customer(id=f"C{each:02}", name="Ada")
        others = [member for member in members if member.id != new.id]
        expected = sorted([*others, new], key=lambda member: member.id)
        assert with_member(members, new) == tuple(expected)
        place, last = place_in(members, new.id)
        assert (place, last is None) == (expected.index(new), len(others) == len(members))


def test_what_closes_its_subject_is_told_once() -> None:
    """After it the subject is forgotten; while an entry says just that, it is no news."""
    message = Notification(
        kind=Kind.DELIVERED,
        order_id="A-1",
        audience=Audience.CUSTOMER,
        recipient="",
        locale="en",
        subject="parcel:p1",
    )
    contents = [(message.content_digest, message.id)]
    entry = Told(
        audience=Audience.CUSTOMER, subject="parcel:p1", id="3f", contents=contents, at=NOON
    )
    closing = frozenset({Kind.DELIVERED})
    assert told_with([message], (entry,), NOON, {}, closing) == ((), (entry,))
    other = attrs.evolve(entry, contents=[("other", message.id)])
    assert told_with([message], (other,), NOON, {}, closing) == ((message,), ())


@pytest.mark.parametrize("number", [0, 1, 4, 30])
@pytest.mark.parametrize("subject", ["parcel:00", "parcel:07", "parcel:99", "payment"])
def test_what_was_told_of_a_subject_takes_the_place_of_what_was_before(
    number: int, subject: str
) -> None:
    """Of each audience and subject there is one entry, and they are by both of them."""
    order = Order(id="A-1", placed_at=NOON, customer=Customer(id="C"), currency="EUR", lines=[])
    entries = tuple(
        [
            Told(audience=audience, subject=f"parcel:{each:02}", id="3f", at=NOON)
            for audience in (Audience.CUSTOMER, Audience.STAFF)
            for each in range(1, number + 1)
        ]
    )
    message = Notification(
        kind=Kind.SHIPPED,
        order_id=order.id,
        audience=Audience.CUSTOMER,
        recipient="",
        locale="en",
        subject=subject,
    )
    later = NOON + timedelta(hours=1)
    news, after = told_with([message], entries, later, {}, frozenset())
    others = [each for each in entries if each.key != (Audience.CUSTOMER, subject)]
    assert news == (message,)
    assert [each for each in after if each.at == NOON] == others
    assert [each.key for each in after] == sorted(
        [*[each.key for each in others], (Audience.CUSTOMER, subject)]
    )
