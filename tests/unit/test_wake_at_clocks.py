"""When to run again where the clock is put back, where days are counted, and with a window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import NOW, line, mugs, order, reserved, run
from some_stock import DAY, HOUR, row, supply

from fulfill_core import (
    Fence,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    Order,
    Payment,
    Result,
    Ship,
)
from fulfill_core.verifiers import authorization_lasts, credit_covers, plausible_dates

BERLIN = ZoneInfo("Europe/Berlin")
TICK = timedelta.resolution
MINUTE = timedelta(minutes=1)
BEFORE = datetime(2026, 10, 25, 1, 50, tzinfo=BERLIN)
"""Soon after, the clock shows 02:30 twice."""
SECOND = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)


def paid(**changes: Any) -> Order:
    """An order for a mug at 20 EUR, with an authorization that ends at the second 02:30."""
    payment = Payment(id="p", amount=Decimal(20), expires_at=SECOND, **changes)
    return order(lines=[line(unit_price=Decimal(20))], payments=[payment])


def fenced(**changes: Any) -> Inventory:
    """A mug in Berlin that is kept for some."""
    fence = Fence(quantity=1, tiers=["vip"], **changes)
    return Inventory([row(1)], items=[Item(sku="mug", fences=[fence])])


def seen(result: Result) -> list[Any]:
    """What was decided for each order, whatever the run it was decided in, and what is told."""
    return [
        *(
            (
                made.outcome,
                [found.code for found in made.findings],
                [row[1:] for row in made.short_rows],
                [row[4] for row in made.backorder_rows],
                len(result.inventory.reservations_of(made.id)),
            )
            for made in result.decisions
        ),
        [message.id for message in result.notifications],
    ]


CASES: dict[str, tuple[Order, Inventory, dict[str, Any], timedelta]] = {
    "a reservation": (
        order("A", 1),
        mugs(berlin=1).with_reserved(reserved("Z", expires_at=SECOND)),
        {},
        timedelta(0),
    ),
    "a cart": (
        order("A", 1),
        mugs(berlin=1).with_reserved_quantity("Z", "1", "mug", 1, now=BEFORE, expires_at=SECOND),
        {},
        timedelta(0),
    ),
    "an authorization": (paid(), mugs(berlin=1), {}, timedelta(0)),
    "an authorization that has to last": (
        paid(),
        mugs(berlin=1),
        {"verifiers": [authorization_lasts(20 * MINUTE)]},
        -20 * MINUTE,
    ),
    "an invoice": (
        paid(method="invoice"),
        mugs(berlin=1),
        {"verifiers": [credit_covers()]},
        timedelta(0),
    ),
    "an order that is due": (order("A", 1, ship_after=SECOND), mugs(berlin=1), {}, timedelta(0)),
    "an order placed in the future": (
        order("A", 1, placed_at=SECOND),
        mugs(berlin=1),
        {"verifiers": [plausible_dates(tolerance=timedelta(0))]},
        timedelta(0),
    ),
    "a fence": (order("A", 1), fenced(until=SECOND), {}, timedelta(0)),
    "a supply": (
        order("A", 1),
        Inventory(
            [row(0)],
            [attrs.evolve(supply("PO", 1, 1), expected_at=SECOND)],
            [Item(sku="mug", backorderable=True)],
        ),
        {},
        TICK,
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_what_ends_in_the_second_of_two_hours_does_not_end_in_the_first(kind: str) -> None:
    """Between now and wake_at nothing changes, at whatever the clock on the wall shows."""
    subject, stock, settings, after = CASES[kind]
    first = run(subject, stock=stock, now=BEFORE, **settings)
    wake_at = first.wake_at
    assert wake_at is not None
    assert wake_at.astimezone(UTC) == SECOND.astimezone(UTC) + after
    begun, ends = BEFORE.astimezone(UTC), wake_at.astimezone(UTC)
    minutes = (ends - begun) // MINUTE
    for then in (*[begun + part * MINUTE for part in range(1, minutes, 5)], ends - TICK):
        again = run(subject, stock=first.inventory, now=then.astimezone(BERLIN), **settings)
        assert seen(again) == seen(first)
    last = run(subject, stock=first.inventory, now=ends.astimezone(BERLIN), **settings)
    assert seen(last) != seen(first)


def test_a_cart_can_not_end_in_the_first_of_two_hours_if_it_is_the_second() -> None:
    """Whether an end lies after now is a question of instants, too."""
    second = datetime(2026, 10, 25, 2, 50, tzinfo=BERLIN, fold=1)
    later = second.replace(microsecond=1)
    for at, is_later in ((later, True), (second, False), (second.replace(fold=0), False)):
        made = partial(mugs(berlin=1).with_reserved_quantity, "Z", "1", "mug", 1, now=second)
        if is_later:
            assert made(expires_at=at).reserved("mug") == 1
        else:
            with pytest.raises(InvalidValueError, match="is not after now"):
                made(expires_at=at)


@pytest.mark.parametrize("ship", [Ship.LINES, Ship.COMPLETE])
def test_who_has_units_today_where_nobody_gets_any_is_told_so_tomorrow(ship: Ship) -> None:
    """A location without capacity serves who has something there of today until the day ends."""
    shut = [Location(id="berlin", capacity=0)]
    stock = Inventory([row(4)], locations=shut).with_reserved(reserved("A", made_at=NOW - HOUR))
    subject = order("A", 9, ship=ship)
    first = run(subject, stock=stock, verifiers=[])
    assert first.wake_at == NOW + 12 * HOUR
    again = run(subject, stock=first.inventory, verifiers=[], now=first.wake_at - TICK)
    assert (seen(again), again.wake_at) == (seen(first), first.wake_at)
    then = run(subject, stock=first.inventory, verifiers=[], now=first.wake_at)
    assert seen(then) != seen(first)
    assert then.wake_at is None


def test_an_order_that_is_served_before_its_day_says_so_till_then() -> None:
    """With a window it is in the run before it may be shipped: two instants, not one."""
    payment = Payment(id="p", amount=Decimal(20), expires_at=NOW + 3 * DAY)
    subject = order(
        lines=[line(unit_price=Decimal(20))], payments=[payment], ship_after=NOW + 2 * DAY
    )
    settings: dict[str, Any] = {
        "verifiers": [authorization_lasts(2 * DAY)],
        "reservation_window": DAY,
    }
    assert run(subject, **settings).wake_at == NOW + DAY
    first = run(subject, **{**settings, "now": NOW + DAY})
    assert first.wake_at == NOW + 2 * DAY
    before = run(subject, **{**settings, "now": NOW + 2 * DAY - TICK})
    assert seen(before) == seen(first)
    then = run(subject, **{**settings, "now": NOW + 2 * DAY})
    assert seen(then) != seen(first)
