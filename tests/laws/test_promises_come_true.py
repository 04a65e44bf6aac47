"""Law 17: what was dated is there on its day, if every supply comes in full on its day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from fulfill_core import (
    DEFAULT_SOURCING,
    Decision,
    Inventory,
    Location,
    Order,
    Result,
    Ship,
    SourcingPolicy,
    Stock,
    Supply,
    process,
)
from fulfill_core.sourcing import by_rank, only_where

from . import test_oracle
from .runs import holds, same
from .small import NOW
from .small import cases as ruled_cases


def lasting(inventory: Inventory) -> Inventory:
    """The same stock, in which nothing ends: no reservation, no lot, no fence."""
    return Inventory(
        stock=[
            attrs.evolve(row, lots=[attrs.evolve(lot, expires_at=None) for lot in row.lots])
            for row in inventory.stock()
        ],
        supplies=inventory.supplies(),
        items=[
            attrs.evolve(item, fences=[attrs.evolve(each, until=None) for each in item.fences])
            for item in inventory.items()
        ],
        locations=inventory.locations(),
        reservations=[
            attrs.evolve(reservation, expires_at=None) for reservation in inventory.reservations()
        ],
    )


def received(stock: Inventory, supply: Supply) -> Inventory:
    """The stock after a supply came in, in full, where it was to come.

    If that was not said, it is brought to where units are missing, and the rest to the first place.
    """
    places = sorted(row.location for row in stock.stock() if row.sku == supply.sku) or ["dock"]
    units = supply.quantity
    missing = {
        row.location: row.safety + stock.reserved(supply.sku, row.location) - usable(row)
        for row in stock.stock()
        if row.sku == supply.sku and supply.location in ("", row.location)
    }
    for location, most in [*missing.items(), (supply.location or places[0], units)]:
        part = min(units, most)
        if part > 0:
            units -= part
            stock = stock.with_received(
                supply.sku, location, part, supply_id=supply.id, received_at=stock.due_until(supply)
            )
    return stock


def usable(row: Stock) -> int:
    """Units of a row that are not locked up."""
    return row.on_hand - sum(lot.quantity for lot in row.lots if lot.quarantined)


def units_dated(made: Decision, until: datetime) -> dict[str, int]:
    """Units of each line that are confirmed, or promised for a day until then.

    Of an order that ships complete: all or nothing. Lines with a part that has no date are left
    out: nobody said when the whole of them is there. So are kits and complete orders whose date
    also rests on units that are there: who is served before them may take those (law 16).
    """
    dated: dict[str, int] = {}
    kits = {line_id for line_id, _ in made.kits}
    if made.order.ship is Ship.COMPLETE and any(row.on_hand for row in made.backorders):
        return {}
    for status in made.lines:
        if status.backordered and status.line_id in kits:
            continue
        rows = [row for row in made.backorders if row.line_id == status.line_id]
        has_dates = all(row.expected_at and row.expected_at <= until for row in rows)
        is_dated = not status.backordered or (
            status.expected_at is not None and status.expected_at <= until
        )
        if has_dates or is_dated:
            dated[status.line_id] = (
                status.reserved + status.allocated + (status.backordered if is_dated else 0)
            )
    if made.order.ship is Ship.COMPLETE and made.backorders:
        is_whole = all(
            status.expected_at is not None and status.expected_at <= until
            for status in made.lines
            if status.backordered
        )
        return dated if is_whole else {}
    return dated


def law_17_promises_come_true(
    run: Any, orders: Sequence[Order], inventory: Inventory, **options: Any
) -> int:
    """Supply by supply, each on its day: what was dated until then is reserved then.

    Returns:
        How many units were dated and came.
    """
    first: Result = run(orders, inventory, now=NOW, verifiers=(), **options)
    stock, came = first.inventory, 0
    due = sorted(
        (supply for supply in inventory.supplies() if inventory.due_until(supply) >= NOW),
        key=lambda each: (inventory.due_until(each), each.id),
    )
    for supply in due:
        until = inventory.due_until(supply)
        stock = received(stock, supply)
        is_last_of_day = all(
            inventory.due_until(other) != until or other.id <= supply.id for other in due
        )
        if not is_last_of_day:
            continue
        result: Result = run(orders, stock, now=until, verifiers=(), **options)
        stock = result.inventory
        for made in first.decisions:
            statuses = {status.line_id: status for status in result[made.id].lines}
            for line_id, units in units_dated(made, until).items():
                status = statuses[line_id]
                has = status.reserved + status.allocated
                holds(
                    f"{made.id}, line {line_id}, has {has} of {units} until {until}",
                    true=has >= units,
                )
                came += units
    same("supplies that are left", [], [s for s in stock.supplies() if stock.due_until(s) >= NOW])
    return came


@given(test_oracle.cases())
def test_law_17_promises_come_true(case: tuple[list[Order], Inventory]) -> None:
    """If every supply comes in full on its day and nothing else changes, all that was dated is
    allocated by then.
    """
    orders, inventory = case
    law_17_promises_come_true(process, orders, lasting(inventory))


@given(ruled_cases())
def test_law_17_by_rule(case: tuple[list[Order], Inventory]) -> None:
    """So it is of kits, packs, fences and caps."""
    orders, inventory = case
    law_17_promises_come_true(process, orders, lasting(inventory))


def is_berlin(place: Location, _: Order, /) -> bool:
    """Whether a location may serve an order, by a rule of one's own."""
    return place.id == "berlin"


def at_places(inventory: Inventory, places: Sequence[str]) -> Inventory:
    """The same stock, with supplies that say where they come in."""
    supplies = [
        attrs.evolve(supply, location=places[number % len(places)])
        for number, supply in enumerate(inventory.supplies())
    ]
    return Inventory(
        stock=inventory.stock(),
        supplies=supplies,
        items=inventory.items(),
        locations=inventory.locations(),
        reservations=inventory.reservations(),
    )


@given(
    ruled_cases(),
    st.lists(st.sampled_from(("", "berlin", "lyon")), min_size=1, max_size=3),
    st.sampled_from((DEFAULT_SOURCING, by_rank, only_where(is_berlin))),
)
def test_law_17_by_place(
    case: tuple[list[Order], Inventory], places: list[str], sourcing: SourcingPolicy
) -> None:
    """So it is of supplies that come to a place, whoever may be served from there; and the next
    run, at the same instant, promises the same (law 8).
    """
    orders, inventory = case
    stock = at_places(lasting(inventory), places)
    law_17_promises_come_true(process, orders, stock, sourcing=sourcing)
    first = process(orders, stock, now=NOW, verifiers=(), sourcing=sourcing)
    again = process(orders, first.inventory, now=NOW, verifiers=(), sourcing=sourcing)
    for made in first.decisions:
        waits, waits_again = (
            [(each.line_id, each.backordered, each.expected_at) for each in result[made.id].lines]
            for result in (first, again)
        )
        same(f"what {made.id} waits for", waits, waits_again)
    same("the inventory", first.inventory, again.inventory)


# -- The law bites ---------------------------------------------------------------------------------


@attrs.frozen
class Said:
    """What a broken run says."""

    decisions: tuple[Decision, ...]
    inventory: Inventory

    def __getitem__(self, order_id: str) -> Decision:
        return next(made for made in self.decisions if made.id == order_id)


def dates_all(orders: Sequence[Order], inventory: Inventory, **options: Any) -> Said:
    """A run that gives a date to whatever waits: that of the last supply of all."""
    result = process(orders, inventory, **options)
    last = max(map(inventory.due_until, inventory.supplies()), default=NOW)
    decisions = [
        attrs.evolve(
            made, backorders=[attrs.evolve(row, expected_at=last) for row in made.backorders]
        )
        for made in result.decisions
    ]
    return Said(tuple(decisions), result.inventory)


def drops_claims(orders: Sequence[Order], inventory: Inventory, **options: Any) -> Said:
    """A run that does not keep what it promised of supplies."""
    result = process(orders, inventory, **options)
    stock = result.inventory
    return Said(tuple(result.decisions), stock.without_claims(tuple(stock.claims())))


@pytest.mark.parametrize("mutant", [dates_all, drops_claims])
def test_law_17_bites(mutant: Any) -> None:
    """A run that promises what does not come, or forgets what it promised, is found."""

    def is_broken(case: tuple[list[Order], Inventory]) -> bool:
        orders, inventory = case
        try:
            law_17_promises_come_true(mutant, orders, lasting(inventory))
        except AssertionError:
            return True
        return False

    # The first that is found will do.
    options = settings(phases=[Phase.generate], max_examples=5000)
    find(st.one_of(test_oracle.cases(), ruled_cases()), is_broken, settings=options)
