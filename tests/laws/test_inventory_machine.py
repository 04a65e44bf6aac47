"""Whatever happens to an inventory, in any sequence, it says what a plain ledger says.

Goods come in, are counted, set aside, renewed, carried about, given out by runs, released, shipped;
time moves on; changes are undone and made again. After each step every number is compared with
those of `Ledger`, which keeps units and reservations in the simplest way there is and shares
nothing with the library but the values that go in and out.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from typing import Any, ClassVar, Self, TypeAlias

import attrs
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from fulfill_core import (
    Customer,
    FulfillError,
    InvalidValueError,
    Inventory,
    Location,
    Order,
    OrderLine,
    Reservation,
    Ship,
    Stock,
    StockError,
    Supply,
    process,
)
from fulfill_core._changes import Changes

Place: TypeAlias = tuple[str, str]
"""A SKU and a location."""

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
SKUS = ("cup", "mug")
RANKS = {"berlin": 1, "lyon": 2, "turin": 2}
NEW = "oslo"  # nobody names it before something comes there; then its rank is 0
PLACES = sorted((*RANKS, NEW), key=lambda place: (RANKS.get(place, 0), place))
EVERYWHERE = list(product(SKUS, PLACES))
ORDERS = ("A-1", "A-2", "cart-1")
LINES = {"1": "mug", "2": "cup"}  # what they usually ask for
SUPPLIES = {"PO-1": ("mug", 6), "PO-2": ("cup", 4)}
ROWS = {
    ("mug", "berlin"): (7, 1),
    ("mug", "lyon"): (4, 0),
    ("cup", "berlin"): (3, 0),
    ("cup", "turin"): (9, 2),
}
"""On hand and safety."""
STRANGER = Reservation(order_id="A-1", line_id="9", sku="mug", location="berlin", quantity=1)
"""What nobody holds."""


# -- The ledger ----------------------------------------------------------------------------------


@attrs.frozen
class Wanted:
    """Some units of a line, anywhere or at one location, of any SKU or of one."""

    order_id: str
    line_id: str
    units: int
    place: str | None = None
    sku: str | None = None


class Ledger:
    """Units by SKU and location, reservations by order, and arithmetic."""

    def __init__(self) -> None:
        self.on_hand = {at: units for at, (units, _) in ROWS.items()}
        self.held: dict[str, list[Reservation]] = {order_id: [] for order_id in ORDERS}
        self.coming = {supply_id: units for supply_id, (_, units) in SUPPLIES.items()}

    def copy(self) -> Ledger:
        """Another one, of the same content."""
        other = copy.copy(self)
        other.on_hand, other.coming = dict(self.on_hand), dict(self.coming)
        other.held = {order_id: list(mine) for order_id, mine in self.held.items()}
        return other

    def counting(self, now: datetime | None) -> list[Reservation]:
        """The reservations that have not expired."""
        return [
            held
            for mine in self.held.values()
            for held in mine
            if now is None or held.expires_at is None or held.expires_at > now
        ]

    def reserved(self, now: datetime | None) -> Counter[Place]:
        """Units set aside."""
        units: Counter[Place] = Counter()
        for held in self.counting(now):
            units[held.sku, held.location] += held.quantity
        return units

    def free(self, now: datetime | None) -> dict[Place, int]:
        """Units that can be promised."""
        reserved = self.reserved(now)
        return {
            at: max(0, self.on_hand.get(at, 0) - ROWS.get(at, (0, 0))[1] - reserved[at])
            for at in EVERYWHERE
        }

    def missing(self, now: datetime | None) -> dict[Place, int]:
        """By how many units more is reserved than is on hand, where it is."""
        reserved = self.reserved(now)
        short = {at: reserved[at] - units for at, units in self.on_hand.items()}
        return {at: units for at, units in short.items() if units > 0}

    def come(self, at: Place, units: int) -> None:
        """Units come in, or (below 0) leave."""
        self.on_hand[at] = self.on_hand.get(at, 0) + units

    def found(self, wanted: Wanted, now: datetime | None) -> list[Reservation]:
        """The units that are wanted, as (parts of) reservations; none if it cannot be."""
        mine = [
            held
            for held in self.counting(now)
            if (held.order_id, held.line_id) == (wanted.order_id, wanted.line_id)
            and wanted.place in {None, held.location}
            and wanted.sku in {None, held.sku}
        ]
        is_one = len({held.sku for held in mine}) == 1
        if not is_one or sum(held.quantity for held in mine) < wanted.units:
            return []
        mine.reverse()  # what was recorded last goes first, ...
        mine.sort(key=lambda held: PLACES.index(held.location), reverse=True)  # ... at one location
        parts: list[Reservation] = []
        left = wanted.units
        for held in mine:
            units = min(held.quantity, left)
            if units:
                parts.append(attrs.evolve(held, quantity=units))
            left -= units
        return parts

    def take(self, parts: Iterable[Reservation]) -> None:
        """These units are reserved no longer."""
        for part in parts:
            mine = self.held[part.order_id]
            for index in reversed(range(len(mine))):
                left = mine[index].quantity - part.quantity
                if left >= 0 and attrs.evolve(mine[index], quantity=part.quantity) == part:
                    mine[index : index + 1] = [attrs.evolve(part, quantity=left)] if left else []
                    break

    def reserve(self, asked: Reservation, place: str | None, now: datetime, *, units: int) -> bool:
        """Set aside so many units of what is free, in rank order; False if they are not there."""
        free, made = self.free(now), list[Reservation]()
        for at in PLACES if place is None else [place]:
            some = min(units, free[asked.sku, at])
            if some:
                made.append(attrs.evolve(asked, location=at, quantity=some))
            units -= some
        if units:
            return False
        counting = self.counting(now)
        mine = self.held[asked.order_id]
        mine[:] = [held for held in mine if held.line_id != asked.line_id or held in counting]
        mine += made
        return True


# -- The machine ---------------------------------------------------------------------------------


def order(order_id: str, ship: Ship, *quantities: int) -> Order:
    """An order for mugs and cups."""
    return Order(
        id=order_id,
        placed_at=START,
        customer=Customer(id="C-1"),
        currency="EUR",
        ship=ship,
        lines=[
            OrderLine(id=line_id, sku=sku, quantity=units)
            for (line_id, sku), units in zip(LINES.items(), quantities, strict=False)
        ],
    )


BATCHES = [
    *([order("A-1", ship, *units)] for ship, units in product(Ship, [(1,), (5, 1), (2, 3), (9,)])),
    *(
        [order("A-1", ship, 2, 2), order("A-2", Ship.PARTIAL, *units)]
        for ship, units in product(Ship, [(3,), (1, 1), (4, 6)])
    ),
]
"""What is run: prepared, because orders are not what this is about."""

a_place = st.sampled_from(PLACES)
a_row = st.sampled_from(EVERYWHERE)
a_route = st.sampled_from(list(permutations(PLACES, 2)))
a_line = st.sampled_from(list(product(ORDERS, LINES)))
a_reservation = st.integers(0, 11)
some_units = st.integers(1, 5)
an_end = st.sampled_from((None, 20, 40))
yes_or_no = st.booleans()


class Machine(RuleBasedStateMachine):
    """An inventory and its ledger, side by side."""

    kind: ClassVar[type[Inventory]] = Inventory
    steps: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.ledger = Ledger()
        self.stock: Inventory = self.kind(
            stock=[
                Stock(sku=sku, location=place, on_hand=units, safety=safety)
                for (sku, place), (units, safety) in ROWS.items()
            ],
            supplies=[
                Supply(id=supply_id, sku=sku, quantity=units, expected_at=START)
                for supply_id, (sku, units) in SUPPLIES.items()
            ],
            locations=[Location(id=place, rank=rank) for place, rank in RANKS.items()],
        )
        self.saved = self.stock, self.ledger.copy()
        self.changes = self.stock.changes_since(self.stock)

    def end(self, minutes: int | None) -> datetime | None:
        return None if minutes is None else self.now + timedelta(minutes=minutes)

    def one(self, number: int) -> Reservation:
        """One of the reservations, or what nobody holds."""
        every = self.ledger.counting(None)
        return every[number % len(every)] if every else STRANGER

    def does(
        self,
        change: Callable[..., Inventory],
        *args: Any,
        if_: bool,
        error: type[FulfillError] = StockError,
        **kwargs: Any,
    ) -> bool:
        """Make the change if it can be, and see that it is refused if it cannot."""
        if if_:
            self.stock = change(*args, **kwargs)
        else:
            with pytest.raises(error):
                change(*args, **kwargs)
        self.steps[f"{change.__name__}{'' if if_ else ', refused'}"] += 1
        return if_

    # Goods

    @rule(row=a_row, units=some_units)
    def receive(self, row: Place, units: int) -> None:
        self.does(self.stock.with_received, *row, units, if_=True)
        self.ledger.come(row, units)

    @rule(supply_id=st.sampled_from(sorted(SUPPLIES)), place=a_place, units=some_units)
    def receive_supply(self, supply_id: str, place: str, units: int) -> None:
        sku, _ = SUPPLIES[supply_id]
        awaited = self.ledger.coming.get(supply_id, 0)
        receive = self.stock.with_received
        name = {"supply_id": supply_id}
        if self.does(receive, sku, place, units, if_=awaited > 0, error=InvalidValueError, **name):
            self.ledger.come((sku, place), units)
            self.ledger.coming[supply_id] = max(0, awaited - units)

    @rule(row=a_row, units=st.integers(0, 9))
    def count(self, row: Place, units: int) -> None:
        self.does(self.stock.with_counted, *row, units, if_=True)
        self.ledger.on_hand[row] = units

    @rule(sku=st.sampled_from(SKUS), route=a_route, units=some_units, given=yes_or_no)
    def transfer(self, sku: str, route: tuple[str, str], units: int, given: bool) -> None:
        now = self.now if given else None
        source, goal = route
        is_there = self.ledger.free(now)[sku, source] >= units
        options = {"source": source, "target": goal, "now": now}
        if self.does(self.stock.with_transferred, sku, units, if_=is_there, **options):
            self.ledger.come((sku, source), -units)
            self.ledger.come((sku, goal), units)

    # Reservations

    @rule(line=a_line, row=a_row, units=some_units, ends=an_end)
    def record(self, line: tuple[str, str], row: Place, units: int, ends: int | None) -> None:
        end = self.end(ends)
        order_id, line_id = line
        sku, place = row
        held = Reservation(
            order_id=order_id,
            line_id=line_id,
            sku=sku,
            location=place,
            quantity=units,
            expires_at=end,
        )
        has_row = row in self.ledger.on_hand
        if self.does(self.stock.with_reserved, held, if_=has_row, error=InvalidValueError):
            self.ledger.held[order_id].append(held)

    def asked(self, line: tuple[str, str], ends: int | None) -> Reservation:
        """What a line would hold, up to how many and where."""
        order_id, line_id = line
        return Reservation(
            order_id=order_id,
            line_id=line_id,
            sku=LINES[line_id],
            location="anywhere",
            quantity=1,
            made_at=self.now,
            expires_at=self.end(ends),
        )

    @rule(line=a_line, units=some_units, place=st.sampled_from((None, None, *PLACES)), ends=an_end)
    def reserve_available(
        self, line: tuple[str, str], units: int, place: str | None, ends: int | None
    ) -> None:
        asked = self.asked(line, ends)
        is_made = self.ledger.reserve(asked, place, self.now, units=units)
        options = {"now": self.now, "expires_at": asked.expires_at, "location": place}
        reserve = self.stock.with_available_reserved
        self.does(reserve, *line, asked.sku, units, if_=is_made, **options)

    @rule(line=a_line, units=st.integers(0, 7), ends=an_end)
    def set_quantity(self, line: tuple[str, str], units: int, ends: int | None) -> None:
        asked, ledger = self.asked(line, ends), self.ledger
        mine = [
            held.quantity
            for held in ledger.counting(self.now)
            if (held.order_id, held.line_id, held.sku) == (*line, asked.sku)
        ]
        more = units - sum(mine)
        is_made = more <= 0 or ledger.reserve(asked, None, self.now, units=more)
        if more < 0:
            ledger.take(ledger.found(Wanted(*line, -more, sku=asked.sku), self.now))
        options = {"now": self.now, "expires_at": asked.expires_at}
        set_quantity = self.stock.with_reserved_quantity
        self.does(set_quantity, *line, asked.sku, units, if_=is_made, **options)

    @rule(number=a_reservation, ends=an_end, one_line=yes_or_no)
    def renew(self, number: int, ends: int | None, one_line: bool) -> None:
        picked, counting, end = self.one(number), self.ledger.counting(self.now), self.end(ends)
        line_id = picked.line_id if one_line else None
        every = self.ledger.held[picked.order_id]
        mine = [held for held in every if line_id in {None, held.line_id}]
        is_there = bool(mine) and all(held in counting for held in mine)
        options = {"now": self.now, "expires_at": end, "line_id": line_id}
        if self.does(self.stock.with_renewed, picked.order_id, if_=is_there, **options):
            every[:] = [
                attrs.evolve(held, expires_at=end) if held in mine else held for held in every
            ]

    def wanted(self, picked: Reservation, units: int, *, is_narrow: bool) -> Wanted:
        """So many units of what was picked, or of its whole line; 5 stands for one too many."""
        many = picked.quantity + 1 if units == 5 else min(units, picked.quantity)
        narrow = {"place": picked.location, "sku": picked.sku} if is_narrow else {}
        return Wanted(picked.order_id, picked.line_id, many, **narrow)

    @rule(number=a_reservation, units=some_units, is_narrow=yes_or_no, given=yes_or_no)
    def release(self, number: int, units: int, is_narrow: bool, given: bool) -> None:
        now = self.now if given else None
        wanted = self.wanted(self.one(number), units, is_narrow=is_narrow)
        found = self.ledger.found(wanted, now)
        options = {"location": wanted.place, "sku": wanted.sku, "now": now}
        line = wanted.order_id, wanted.line_id, wanted.units
        self.does(self.stock.with_released, *line, if_=bool(found), **options)
        self.ledger.take(found)

    @rule(number=a_reservation)
    def cancel(self, number: int) -> None:
        order_id = self.one(number).order_id
        self.does(self.stock.without_reservations_of, order_id, if_=True)
        self.ledger.held[order_id] = []

    @rule(number=a_reservation, units=some_units, goal=a_place, given=yes_or_no)
    def move_reservation(self, number: int, units: int, goal: str, given: bool) -> None:
        now, picked = self.now if given else None, self.one(number)
        source = picked.location
        wanted = self.wanted(picked, units, is_narrow=True)
        found = self.ledger.found(wanted, now)
        row = picked.sku, source
        is_there = bool(found) and self.ledger.on_hand[row] >= wanted.units and source != goal
        self.does(
            self.stock.with_reservation_moved,
            *(wanted.order_id, wanted.line_id, wanted.units),
            if_=is_there,
            error=InvalidValueError if source == goal else StockError,
            source=source,
            target=goal,
            sku=wanted.sku,
            now=now,
        )
        if is_there:
            self.ledger.take(found)
            self.ledger.held[picked.order_id] += [
                attrs.evolve(part, location=goal) for part in found
            ]
            self.ledger.come(row, -wanted.units)
            self.ledger.come((picked.sku, goal), wanted.units)

    @rule(
        number=a_reservation,
        units=some_units,
        elsewhere=st.sampled_from((None, None, *PLACES)),
        given=yes_or_no,
    )
    def ship(self, number: int, units: int, elsewhere: str | None, given: bool) -> None:
        now, picked = self.now if given else None, self.one(number)
        place = elsewhere or picked.location
        wanted = self.wanted(picked, units, is_narrow=True)
        found = self.ledger.found(wanted, now)
        is_free = self.ledger.free(now)[picked.sku, place] >= wanted.units
        is_there = bool(found) and (is_free or place == picked.location)
        options = {"location": place, "sku": wanted.sku, "now": now}
        if elsewhere is not None:
            options["reserved_at"] = picked.location
        line = wanted.order_id, wanted.line_id, wanted.units
        if self.does(self.stock.with_shipped, *line, if_=is_there, **options):
            self.ledger.take(found)
            self.ledger.come((picked.sku, place), -wanted.units)

    @rule(minutes=st.sampled_from((1, 20, 20, 60)))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    # Runs

    @rule(orders=st.sampled_from(BATCHES))
    def run(self, orders: list[Order]) -> None:
        ledger, now = self.ledger, self.now
        result = process(orders, self.stock, now=now, verifiers=[])
        given: set[Place] = set()
        for decision in result.decisions:
            for row in decision.allocations:
                made = Reservation(
                    order_id=decision.id,
                    line_id=row.line_id,
                    sku=row.sku,
                    location=row.location,
                    quantity=row.quantity,
                    made_at=now,
                )
                given.add((row.sku, row.location))
                ledger.held[decision.id].append(made)
        reserved = ledger.reserved(now)
        for at in given:
            most = ledger.on_hand[at] - ROWS.get(at, (0, 0))[1]
            assert reserved[at] <= most, f"{reserved[at]} of {most} are given out at {at}"
        assert result.changes == result.inventory.changes_since(self.stock)
        mine, at_risk = Counter[Place](), Counter[Place]()
        for held in ledger.counting(now):
            if held.order_id in {each.id for each in orders}:
                mine[held.sku, held.location] += held.quantity
        for held in result.at_risk:
            at_risk[held.sku, held.location] += held.quantity
        most = {at: min(mine[at], units) for at, units in ledger.missing(now).items()}
        assert at_risk == +Counter(most)
        self.stock = result.inventory
        self.steps["process"] += 1

    # Differences

    @rule()
    def save(self) -> None:
        self.saved = self.stock, self.ledger.copy()

    @rule(is_redone=st.sampled_from((True, True, False)))
    def undo(self, is_redone: bool) -> None:
        (before, ledger), after = self.saved, self.stock
        changes = after.changes_since(before)
        self.changes = changes
        assert bool(changes) == (before != after)
        assert changes.inverted().inverted() == changes
        self.stock = after.with_changes(changes.inverted())
        assert self.stock == before
        if is_redone:
            self.stock = self.stock.with_changes(changes)
            assert self.stock == after
        else:
            self.ledger = ledger.copy()
        self.steps["changes_since"] += 1

    @rule(is_inverted=yes_or_no)
    def apply_again(self, is_inverted: bool) -> None:
        """What was changed once is changed again, whatever happened since."""
        changes, ledger = self.changes, self.ledger
        if is_inverted:
            changes = changes.inverted()
        added, removed = changes.reservations_added, changes.reservations_removed
        held = Counter(each for mine in ledger.held.values() for each in mine)
        rows = {(row.sku, row.location) for row in changes.on_hand} | set(ledger.on_hand)
        coming = Counter(ledger.coming)
        coming.update({supply.id: supply.quantity for supply in changes.supplies_added})
        coming.subtract({supply.id: supply.quantity for supply in changes.supplies_removed})
        is_possible = (
            Counter(removed) <= held
            and {(each.sku, each.location) for each in added} <= rows
            and min(coming.values()) >= 0
        )
        if self.does(self.stock.with_changes, changes, if_=is_possible):
            for each in removed:
                ledger.held[each.order_id].remove(each)
            for each in added:
                ledger.held[each.order_id].append(each)
            reserved = ledger.reserved(None)
            for row in changes.on_hand:
                at = row.sku, row.location
                ledger.come(at, row.quantity)
                if row.row < 0 and not ledger.on_hand[at] and not reserved[at]:
                    del ledger.on_hand[at]
            ledger.coming = dict(coming)

    # After each step

    @invariant()
    def agrees(self) -> None:
        """Every number is that of the ledger."""
        self.steps["all"] += 1
        stock, ledger, now = self.stock, self.ledger, self.now
        reserved, free, all_reserved = ledger.reserved(now), ledger.free(now), ledger.reserved(None)
        for at in EVERYWHERE:
            assert stock.reserved(*at, now=now) == reserved[at], f"reserved at {at}"
            assert stock.available(*at, now=now) == free[at], f"available at {at}"
            assert stock.reserved(*at) == all_reserved[at], f"reserved at {at}, at any time"
        for sku in SKUS:
            units = {place: free[sku, place] for place in PLACES if free[sku, place]}
            assert list(stock.pool(sku, now).items()) == list(units.items()), f"the pool of {sku}"
            assert stock.available(sku, now=now) == sum(units.values()), f"{sku} available"
            held = sum(reserved[sku, place] for place in PLACES)
            assert stock.reserved(sku, now=now) == held, f"{sku} reserved"
        overdrawn = {(row.sku, row.location): row.missing for row in stock.overdrawn(now=now)}
        assert overdrawn == ledger.missing(now)
        assert {(row.sku, row.location): row.on_hand for row in stock.stock()} == ledger.on_hand
        for order_id, mine in ledger.held.items():
            theirs = stock.reservations_of(order_id)
            assert Counter(theirs) == Counter(mine), f"reservations of {order_id}"
            mine[:] = theirs  # in the sequence in which they are recorded
        coming = {supply.id: supply.quantity for supply in stock.supplies()}
        assert coming == {each: units for each, units in ledger.coming.items() if units}


EXAMPLES = max(225, settings().max_examples)
STEPS = 50


def test_an_inventory_says_what_a_plain_ledger_says() -> None:
    """After any sequence of receipts, counts, transfers, reservations, renewals, releases,
    shipments, runs, and of changes undone and made again, on hand, reserved and available are those
    of a plain ledger at every location; reserved is the sum of the reservations; and no run gives
    out more than there is. That is 10,000 steps; others in every run, but
    for the profile ``ci``.
    """
    Machine.steps = Counter()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=settings().derandomize,
            database=None,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    assert EXAMPLES * STEPS >= 10_000
    assert Machine.steps["all"] >= 10_000


# -- The machine bites ---------------------------------------------------------------------------


class LeaksOnRelease(Inventory):
    """One unit of a release stays reserved."""

    def with_released(self, order_id: str, line_id: str, quantity: int, **options: Any) -> Self:
        released = super().with_released(order_id, line_id, quantity, **options)
        if quantity == 1:
            return released
        return super().with_released(order_id, line_id, quantity - 1, **options)


class KeepsWhatWasShipped(Inventory):
    """What was shipped stays reserved."""

    def with_shipped(self, *args: Any, location: str, **options: Any) -> Self:
        order_id, _, quantity = args
        shipped = super().with_shipped(*args, location=location, **options)
        gone = Counter(self.reservations_of(order_id)) - Counter(shipped.reservations_of(order_id))
        [part, *_] = gone
        return shipped.with_reserved(attrs.evolve(part, quantity=quantity))


class ShipsFromWhereItIsReserved(Inventory):
    """Where the units left does not matter: those at the reservation go."""

    def with_shipped(
        self, *args: Any, location: str, reserved_at: str | None = None, **options: Any
    ) -> Self:
        super().with_shipped(*args, location=location, reserved_at=reserved_at, **options)
        return super().with_shipped(*args, location=reserved_at or location, **options)


class CountsWhatExpired(Inventory):
    """Units whose reservation has expired are not given to anybody."""

    def pool(self, sku: str, now: datetime | None = None) -> dict[str, int]:
        return super().pool(sku)


class RenewsTheExpired(Inventory):
    """A reservation can be renewed at any time."""

    def with_renewed(self, order_id: str, *, now: datetime, **options: Any) -> Self:
        return super().with_renewed(order_id, now=START, **options)


class TakesAPart(Inventory):
    """If there are not enough, as many as there are will do."""

    def with_available_reserved(
        self, order_id: str, line_id: str, sku: str, quantity: int, **options: Any
    ) -> Self:
        units = min(quantity, self.available(sku, options["location"], now=options["now"]))
        return super().with_available_reserved(order_id, line_id, sku, units or 1, **options)


class LosesUnitsOnTheWay(Inventory):
    """Of what is carried elsewhere one unit is lost."""

    def with_transferred(self, sku: str, quantity: int, **options: Any) -> Self:
        carried = super().with_transferred(sku, quantity, **options)
        target = options["target"]
        return carried.with_counted(sku, target, max(0, carried.on_hand(sku, target) - 1))


class LeavesTheGoodsBehind(Inventory):
    """A reservation moves; its units stay where they are."""

    def with_reservation_moved(self, *args: Any, source: str, target: str, **options: Any) -> Self:
        moved = super().with_reservation_moved(*args, source=source, target=target, **options)
        there = {(row.sku, row.location): row.on_hand for row in self.stock()}
        for row in moved.stock():
            at = row.sku, row.location
            if at in there and there[at] >= 0:
                moved = moved.with_counted(*at, there[at])
        return moved


class ForgetsWhatWasTakenBack(Inventory):
    """Changes add reservations and remove none."""

    def with_changes(self, changes: Changes, **options: Any) -> Self:
        return super().with_changes(attrs.evolve(changes, reservations_removed=()), **options)


class PromisesOneTooMany(Inventory):
    """There is one unit more to promise than there is."""

    def pool(self, sku: str, now: datetime | None = None) -> dict[str, int]:
        return {place: units + 1 for place, units in super().pool(sku, now).items()}


MUTANTS = [
    LeaksOnRelease,
    KeepsWhatWasShipped,
    ShipsFromWhereItIsReserved,
    CountsWhatExpired,
    RenewsTheExpired,
    TakesAPart,
    LosesUnitsOnTheWay,
    LeavesTheGoodsBehind,
    ForgetsWhatWasTakenBack,
    PromisesOneTooMany,
]


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_inventory_is_caught(mutant: type[Inventory]) -> None:
    """An inventory that is wrong in one small way does not get past the ledger."""

    class Broken(Machine):
        kind = mutant

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run_state_machine_as_test(
            Broken,
            settings=settings(
                max_examples=300,
                stateful_step_count=STEPS,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
