"""Instants of stock are kept in UTC: the hour that comes twice in autumn is two hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import mugs, order, reserved, run

from fulfill_core import Inventory, Item, Lot, Reservation, Stock, Supply
from fulfill_core.inventory import Changes
from fulfill_core.inventory.availability import turning_points
from fulfill_core.inventory.capacity import counts_today, next_day
from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.stock import undescribed

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
# Half past two comes twice on this night: first in summer time, an hour later in winter time.
FIRST = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
SECOND = FIRST.replace(fold=1)
TWICE = pytest.mark.parametrize("instant", [FIRST, SECOND], ids=["first", "second"])


def test_the_two_hours_are_two() -> None:
    """By the clock on the wall they are one; kept in UTC they are not."""
    assert (FIRST, SECOND.astimezone(UTC) - FIRST.astimezone(UTC)) == (SECOND, HOUR)
    first, second = (reserved(made_at=instant) for instant in (FIRST, SECOND))
    assert first != second


@TWICE
def test_instants_enter_in_utc(instant: datetime) -> None:
    """Whatever zone a host's instants are in, the values say them in UTC, and compare by them."""
    in_utc = instant.astimezone(UTC)
    made = reserved(made_at=instant, expires_at=instant + 24 * HOUR)
    assert made == reserved(made_at=in_utc, expires_at=(instant + 24 * HOUR).astimezone(UTC))
    assert hash(made) == hash(attrs.evolve(made, made_at=in_utc))
    supply = Supply(id="PO-1", sku="mug", quantity=1, expected_at=instant)
    lot = Lot(id="L", quantity=1, expires_at=instant, received_at=instant)
    for value in (made.made_at, supply.expected_at, lot.expires_at, lot.received_at):
        assert (value, value and value.tzinfo) == (in_utc, UTC)


@TWICE
def test_what_a_database_gives_back_releases_exactly(instant: datetime) -> None:
    """A reservation made in that hour and read back in UTC, or in any zone, is the one that is
    there.
    """
    stock = mugs(berlin=12)
    cart = stock.with_available_reserved(
        "cart", "1", "mug", 4, now=instant, expires_at=instant + HOUR
    )
    [made] = cart.reservations_of("cart")
    for zone in (UTC, BERLIN, ZoneInfo("America/New_York")):
        read = attrs.evolve(
            made,
            made_at=made.made_at and made.made_at.astimezone(zone),
            expires_at=made.expires_at and made.expires_at.astimezone(zone),
        )
        assert read == made
        assert cart.without_reservations([read]) == stock
        assert stock.with_reserved(read) == cart
        assert cart.with_changes(Changes(reservations_removed=[read])) == stock


@TWICE
def test_what_a_run_reserved_in_that_hour_is_released_exactly(instant: datetime) -> None:
    """A run on the caller's own clock reserves in UTC: its changes and their inverse fit."""
    stock = mugs(berlin=12)
    result = run(order("A", 3, placed_at=instant - 24 * HOUR), stock=stock, now=instant)
    assert result.reservations == result.inventory.reservations_of("A")
    assert stock.with_changes(result.changes) == result.inventory
    assert result.inventory.with_changes(result.changes.inverted()) == stock
    assert result.inventory.without_reservations(result.reservations) == stock
    again = run(*(made.order for made in result), stock=result.inventory, now=instant)
    assert again.inventory == result.inventory


@TWICE
def test_more_of_a_lot_may_come_with_the_same_end(instant: datetime) -> None:
    """The end of a lot is one instant, in whatever zone the next receipt says it."""
    stock = Inventory().with_received("mug", "berlin", 8, lot="L", expires_at=instant)
    for same in (instant, instant.astimezone(UTC), instant.astimezone(ZoneInfo("Asia/Tokyo"))):
        more = stock.with_received("mug", "berlin", 1, lot="L", expires_at=same)
        assert more.on_hand("mug") == 9


# -- Locations that no stock names -------------------------------------------------------------


def test_a_location_that_only_a_supply_names_is_one() -> None:
    """Goods on the way to a new place: it can be asked for like any other."""
    supply = Supply(id="PO-1", sku="mug", quantity=5, expected_at=SECOND, location="oslo")
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=1)], supplies=[supply])
    assert stock.location("oslo") == undescribed("oslo")
    assert stock.capacity_left("oslo", FIRST) is None
    assert stock.available("mug", "oslo", now=FIRST) == stock.on_hand("mug", "oslo") == 0
    assert stock.reserved("mug", "oslo", now=FIRST) == 0
    assert stock.overdrawn(now=FIRST) == ()
    assert not counts_today(state_of(stock), "A", "oslo", FIRST)
    assert next_day(state_of(stock), "oslo", FIRST) == datetime(2026, 10, 26, tzinfo=UTC)
    assert [place.id for place in stock.locations()] == ["berlin"]
    arrived = stock.with_received("mug", "oslo", 5, supply_id="PO-1")
    assert (arrived.available("mug", "oslo"), list(arrived.supplies())) == (5, [])
    assert stock.with_changes(arrived.changes_since(stock)) == arrived
    assert arrived.with_changes(stock.changes_since(arrived)) == stock


def test_a_backorder_for_a_supply_at_a_new_location_is_decided() -> None:
    """A run pegs to such a supply as to any other."""
    supply = Supply(id="PO-1", sku="mug", quantity=5, expected_at=SECOND + HOUR, location="oslo")
    items = [Item(sku="mug", backorderable=True)]
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=1)], [supply], items)
    result = run(order("A", 3, placed_at=FIRST), stock=stock, now=FIRST)
    [backorder] = result["A"].backorders
    assert (backorder.supply_id, backorder.location) == ("PO-1", "oslo")
    assert result.wake_at is not None


def test_a_supply_at_the_end_of_the_calendar_is_never_overdue() -> None:
    """There is no later instant at which it could be."""
    last = datetime.max.replace(tzinfo=UTC)
    supply = Supply(id="PO-1", sku="mug", quantity=5, expected_at=last)
    stock = Inventory(supplies=[supply])
    assert list(turning_points(state_of(stock), "mug", timedelta(0))) == []
    sooner = attrs.evolve(supply, expected_at=last - timedelta.resolution)
    points = turning_points(state_of(Inventory(supplies=[sooner])), "mug", timedelta(0))
    assert list(points) == [last]


def test_reservations_are_told_apart_by_instants_alone() -> None:
    """Two that differ in the hour of that night only are two; to release one leaves the other."""
    two: list[Reservation] = [reserved(made_at=FIRST), reserved(made_at=SECOND)]
    stock = mugs(berlin=12)
    both = stock.with_reserved(*two)
    assert both.without_reservations(two[:1]) == stock.with_reserved(two[1])
