"""Whatever happens to an inventory, in any sequence, it says what a plain ledger says.

Goods come in, are counted, locked up, set aside, renewed, carried about, given out by runs,
released, shipped, those of some SKUs by lot; time moves on; changes are undone and made again.
After each step every number is compared with those of `Ledger`, which keeps units and reservations
in the simplest way there is and shares nothing with the library but the values that go in and out.
"""

from __future__ import annotations

import copy
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import permutations, product
from typing import Any, ClassVar, TypeAlias

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
    Item,
    Location,
    Lot,
    Order,
    OrderLine,
    Reservation,
    Ship,
    Stock,
    StockError,
    Supply,
    process,
)
from fulfill_core.inventory import availability
from fulfill_core.inventory.changes import Changes
from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.state import State

Change: TypeAlias = Callable[..., Inventory]
"""A method that changes an inventory, as the library has it."""
Pool: TypeAlias = Callable[..., dict[str, int]]
"""The availability function, as the library has it."""
Place: TypeAlias = tuple[str, str]
"""A SKU and a location."""
LotPlace: TypeAlias = tuple[str, str, str]
"""A SKU, a location and a lot."""

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EVER = datetime.min.replace(tzinfo=UTC)
SKUS = ("cup", "mug")
RANKS = {"berlin": 1, "lyon": 2, "turin": 2}
NEW = "oslo"  # nobody names it before something comes there; then it is the last in rank
PLACES = [*sorted(RANKS, key=lambda place: (RANKS[place], place)), NEW]
EVERYWHERE: list[Place] = list(product(SKUS, PLACES))
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
END = START + timedelta(hours=10)
LOTS = {"L1": END, "": None, "L2": None}
"""When each lot expires, in the sequence in which they leave. Only mugs are kept by lot."""
IN_LOTS = {("mug", "berlin", "L1"): 3, ("mug", "berlin", "L2"): 2}
"""Units in lots; the others have no lot."""
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
    lot: str | None = None


def times(held: Reservation) -> tuple[datetime, datetime]:
    """When it was made, and when it ends: nobody knows when is before all, as no end is."""
    return held.made_at or EVER, held.expires_at or EVER


def age(held: Reservation) -> tuple[Any, ...]:
    """A sort key: who keeps what is there before others do."""
    return (
        held.made_at or EVER,
        held.order_id,
        held.line_id,
        held.sku,
        held.location,
        held.lot,
        held.quantity,
    )


class Ledger:
    """Units by SKU and location, and by lot, reservations by order, and arithmetic."""

    def __init__(self) -> None:
        self.on_hand = {at: units for at, (units, _) in ROWS.items()}
        self.lots: dict[LotPlace, int] = dict(IN_LOTS)
        self.locked: set[LotPlace] = set()
        self.held: dict[str, list[Reservation]] = {order_id: [] for order_id in ORDERS}
        self.coming = {supply_id: units for supply_id, (_, units) in SUPPLIES.items()}

    def copy(self) -> Ledger:
        """Another one, of the same content."""
        other = copy.copy(self)
        other.on_hand, other.coming = dict(self.on_hand), dict(self.coming)
        other.lots, other.locked = dict(self.lots), set(self.locked)
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

    def reserved_of(self, now: datetime | None) -> Counter[LotPlace]:
        """Units set aside of each lot."""
        units: Counter[LotPlace] = Counter()
        for held in self.counting(now):
            units[held.sku, held.location, held.lot] += held.quantity
        return units

    def lots_at(self, at: Place) -> list[str]:
        """The lots there."""
        return [lot for lot in LOTS if (*at, lot) in self.lots]

    def loose(self, at: Place) -> int:
        """Units there that have no lot."""
        return self.on_hand.get(at, 0) - sum(self.lots[*at, lot] for lot in self.lots_at(at))

    def free(self, now: datetime | None) -> dict[Place, int]:
        """Units that can be promised."""
        reserved, of_lots = self.reserved(now), self.reserved_of(now)
        free = {
            at: max(0, self.on_hand.get(at, 0) - ROWS.get(at, (0, 0))[1] - reserved[at])
            for at in EVERYWHERE
        }
        for at in {lot[:2] for lot in self.lots}:
            some = self.free_of(at, now, of_lots)
            most = sum(some.values()) - ROWS.get(at, (0, 0))[1]
            free[at] = max(0, min(free[at], most, sum(max(0, units) for units in some.values())))
        return free

    def free_of(
        self, at: Place, now: datetime | None, reserved: Counter[LotPlace]
    ) -> dict[str, int]:
        """Units that nobody has reserved of the lots that somebody may have, and of no lot: below
        0 where reservations of no lot ask for more.
        """
        open_lots = [
            lot
            for lot in self.lots_at(at)
            if (*at, lot) not in self.locked and (now is None or (LOTS[lot] or now + DAY) > now)
        ]
        some = {lot: max(0, self.lots[*at, lot] - reserved[*at, lot]) for lot in open_lots}
        some[""] = self.loose(at) - reserved[*at, ""]
        return some

    def portable(self, at: Place, lot: str, now: datetime | None) -> int:
        """Units of a lot that may be carried away."""
        free = self.free(now)[at]
        if not self.lots_at(at):
            return free
        reserved = self.reserved_of(now)
        some = self.free_of(at, now, reserved)
        if (*at, lot) in self.locked:
            return 0
        if lot not in some:  # too old for anybody
            of_lot = self.lots[*at, lot] - reserved[*at, lot]
            free = self.on_hand[at] - ROWS.get(at, (0, 0))[1] - self.reserved(now)[at]
            return max(0, min(of_lot, free))
        return max(0, min(some[lot], free))

    def may_come(self, at: Place, lot: str) -> bool:
        """A lot comes where nothing is owed."""
        return not lot or self.on_hand.get(at, 0) >= 0

    def may_leave(self, at: Place, units: dict[str, int]) -> bool:
        """So many units of these lots are there, and not locked up."""
        return all(
            (self.lots[*at, lot] if lot else self.loose(at)) >= some
            and (*at, lot) not in self.locked
            for lot, some in units.items()
        )

    def missing(self, reserved: Counter[Place]) -> dict[Place, int]:
        """By how many units more is reserved than is on hand, where it is."""
        short = {at: reserved[at] - units for at, units in self.on_hand.items()}
        return {at: units for at, units in short.items() if units > 0}

    def missing_of(self, reserved: Counter[LotPlace]) -> dict[LotPlace, int]:
        """By how much more is reserved of a lot than is in it, where it is."""
        short = {key: reserved[key] - units for key, units in self.lots.items()}
        return {key: units for key, units in short.items() if units > 0}

    def come(self, at: Place, units: int, lot: str = "") -> None:
        """Units come in, or (below 0) leave; an empty lot that nobody holds is gone then."""
        self.on_hand[at] = self.on_hand.get(at, 0) + units
        if lot:
            key = *at, lot
            self.lots[key] = self.lots.get(key, 0) + units
            if units < 0 and not self.lots[key] and not self.reserved_of(None)[key]:
                self.drop(key)

    def lots_after(self, changes: Changes) -> tuple[dict[LotPlace, int], set[LotPlace]]:
        """The lots, and those that are locked up, with what changed elsewhere changed here."""
        lots, locked = dict(self.lots), set(self.locked)
        for change in changes.lots:
            key = change.sku, change.location, change.lot
            before, after = change.before, change.after
            more = (after.quantity if after else 0) - (before.quantity if before else 0)
            known = after or before
            is_here = key in lots
            if not is_here and before and not more:
                continue
            lots[key] = lots.get(key, 0) + more
            is_told = not is_here or (before and after and before.quarantined != after.quarantined)
            if known and is_told:
                locked -= {key}
                locked |= {key} if known.quarantined else set()
        return lots, locked

    def drop(self, key: LotPlace) -> None:
        """A lot is gone."""
        del self.lots[key]
        self.locked.discard(key)

    def found(
        self, wanted: Wanted, now: datetime | None, *, leaves: bool = False
    ) -> list[Reservation]:
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
        # However it came into the ledger, what was made last goes first, of that the smallest, ...
        mine.sort(key=lambda held: (times(held), -held.quantity), reverse=True)
        # ... of a lot: they leave a location in their sequence, and are given up in the other, ...
        turn = {held: self.turn((held.sku, held.location), held.lot, now) for held in mine}
        mine.sort(key=lambda held: turn[held], reverse=not leaves)
        mine.sort(key=lambda held: PLACES.index(held.location), reverse=True)  # ... at one location
        mine.sort(key=lambda held: held.lot != wanted.lot)  # that of the lot that leaves, first
        parts: list[Reservation] = []
        left = wanted.units
        for held in mine:
            units = min(held.quantity, left)
            if units:
                parts.append(attrs.evolve(held, quantity=units))
            left -= units
        return parts

    def turn(self, at: Place, lot: str, now: datetime | None) -> tuple[bool, int]:
        """When a lot leaves: those that may not, last."""
        if not self.lots_at(at):
            return False, 0
        has_ended = now is not None and (LOTS[lot] or now + DAY) <= now
        return has_ended or (*at, lot) in self.locked, list(LOTS).index(lot)

    def at_risk(self, now: datetime) -> list[Reservation]:
        """Unit by unit, from the oldest on: what is reserved, and finds nothing that may leave."""
        units, of_lots = Counter(self.on_hand), Counter(self.lots)
        bad: list[Reservation] = []
        for held in sorted(self.counting(now), key=lambda held: (not held.lot, age(held))):
            at, key = (held.sku, held.location), (held.sku, held.location, held.lot)
            for _ in range(held.quantity):
                is_there = (of_lots[key] if held.lot else units[at]) > 0
                if is_there:
                    units[at] -= 1
                    of_lots[key] -= 1
                if not is_there or (held.lot and self.turn(at, held.lot, now)[0]):
                    bad.append(attrs.evolve(held, quantity=1))
        return bad

    def take(self, parts: Iterable[Reservation]) -> None:
        """These units are reserved no longer; of what is alike, the smallest reservation first."""
        for part in parts:
            mine = self.held[part.order_id]
            mine.sort(key=lambda held: held.quantity)
            for index, held in enumerate(mine):
                left = held.quantity - part.quantity
                if left >= 0 and attrs.evolve(held, quantity=part.quantity) == part:
                    mine[index : index + 1] = [attrs.evolve(part, quantity=left)] if left else []
                    break

    def reserve(self, asked: Reservation, place: str | None, now: datetime, *, units: int) -> bool:
        """Set aside so many units of what is free, in rank order; False if they are not there."""
        free, made = self.free(now), list[Reservation]()
        reserved = self.reserved_of(now)
        for at in PLACES if place is None else [place]:
            some = min(units, free[asked.sku, at])
            units -= some
            of_lots = self.free_of((asked.sku, at), now, reserved)
            for lot in LOTS if self.lots_at((asked.sku, at)) else ():
                part = min(some, max(0, of_lots.get(lot, 0)))
                if part:
                    made.append(attrs.evolve(asked, location=at, quantity=part, lot=lot))
                some -= part
            if some:
                made.append(attrs.evolve(asked, location=at, quantity=some))
        if units:
            return False
        counting = self.counting(now)
        mine = self.held[asked.order_id]
        mine[:] = [held for held in mine if held.line_id != asked.line_id or held in counting]
        mine += made
        return True


def by_lot(parts: Iterable[Reservation]) -> Counter[str]:
    """Units of these by lot."""
    units: Counter[str] = Counter()
    for part in parts:
        units[part.lot] += part.quantity
    return units


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
some_lot = st.sampled_from(sorted(LOTS))
a_lot = st.sampled_from((None, *sorted(LOTS)))


class Machine(RuleBasedStateMachine):
    """An inventory and its ledger, side by side."""

    steps: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.now, self.turn = START, 0
        self.compared: tuple[Inventory | None, datetime] = None, START
        self.ledger = Ledger()
        self.stock = Inventory(
            stock=[
                Stock(
                    sku=sku,
                    location=place,
                    on_hand=units,
                    safety=safety,
                    lots=[
                        Lot(id=lot, quantity=some, expires_at=LOTS[lot])
                        for (*at, lot), some in IN_LOTS.items()
                        if at == [sku, place]
                    ],
                )
                for (sku, place), (units, safety) in ROWS.items()
            ],
            supplies=[
                Supply(id=supply_id, sku=sku, quantity=units, expected_at=START)
                for supply_id, (sku, units) in SUPPLIES.items()
            ],
            items=[Item(sku=sku) for sku in SKUS],
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

    @rule(row=a_row, units=some_units, lot=some_lot)
    def receive(self, row: Place, units: int, lot: str) -> None:
        if row[0] == "cup":
            lot = ""
        options = {"lot": lot, "expires_at": LOTS[lot]}
        receive, may_come = self.stock.with_received, self.ledger.may_come(row, lot)
        if self.does(receive, *row, units, if_=may_come, error=InvalidValueError, **options):
            self.ledger.come(row, units, lot)

    @rule(supply_id=st.sampled_from(sorted(SUPPLIES)), place=a_place, units=some_units)
    def receive_supply(self, supply_id: str, place: str, units: int) -> None:
        sku, _ = SUPPLIES[supply_id]
        awaited = self.ledger.coming.get(supply_id, 0)
        receive = self.stock.with_received
        name = {"supply_id": supply_id}
        if self.does(receive, sku, place, units, if_=awaited > 0, error=InvalidValueError, **name):
            self.ledger.come((sku, place), units)
            self.ledger.coming[supply_id] = max(0, awaited - units)

    def is_named(self, row: Place, lot: str | None) -> bool:
        """Whether it is clear which units are meant."""
        if lot is None:
            return not self.ledger.lots_at(row)
        return not lot or lot in self.ledger.lots_at(row)

    @rule(row=a_row, units=st.integers(0, 9), lot=a_lot)
    def count(self, row: Place, units: int, lot: str | None) -> None:
        ledger, count = self.ledger, self.stock.with_counted
        is_named = self.is_named(row, lot)
        if self.does(count, *row, units, if_=is_named, error=InvalidValueError, lot=lot):
            if lot:
                ledger.on_hand[row] += units - ledger.lots[*row, lot]
                ledger.lots[*row, lot] = units
            else:
                ledger.on_hand[row] = ledger.on_hand.get(row, 0) - ledger.loose(row) + units

    @rule(place=a_place, lot=st.sampled_from(("L1", "L2")), is_locked=yes_or_no)
    def lock(self, place: str, lot: str, is_locked: bool) -> None:
        key = "mug", place, lot
        options = {"quarantined": is_locked}
        lock, is_there = self.stock.with_quarantined, key in self.ledger.lots
        if self.does(lock, *key, if_=is_there, error=InvalidValueError, **options):
            self.ledger.locked -= {key}
            self.ledger.locked |= {key} if is_locked else set()

    @rule(sku=st.sampled_from(SKUS), route=a_route, units=some_units, lot=a_lot, given=yes_or_no)
    def transfer(
        self, sku: str, route: tuple[str, str], units: int, lot: str | None, given: bool
    ) -> None:
        now = self.now if given else None
        source, goal = route
        is_named = self.is_named((sku, source), lot)
        is_there = is_named and self.ledger.portable((sku, source), lot or "", now) >= units
        options = {"source": source, "target": goal, "lot": lot, "now": now}
        may_come = self.ledger.may_come((sku, goal), lot or "")
        error = InvalidValueError if not is_named or (is_there and not may_come) else StockError
        is_there = is_there and may_come
        if self.does(self.stock.with_transferred, sku, units, if_=is_there, error=error, **options):
            self.ledger.come((sku, goal), units, lot or "")
            self.ledger.come((sku, source), -units, lot or "")

    # Reservations

    @rule(line=a_line, row=a_row, units=some_units, ends=an_end, lot=some_lot)
    def record(
        self, line: tuple[str, str], row: Place, units: int, ends: int | None, lot: str
    ) -> None:
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
            lot=lot,
        )
        has_row = row in self.ledger.on_hand and self.is_named(row, lot)
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
        found = self.ledger.found(wanted, now, leaves=True)
        row = picked.sku, source
        is_there = bool(found) and self.ledger.on_hand[row] >= wanted.units and source != goal
        is_there = is_there and self.ledger.may_leave(row, by_lot(found))
        may_come = all(self.ledger.may_come((picked.sku, goal), lot) for lot in by_lot(found))
        is_wrong = source == goal or (is_there and not may_come)
        is_there = is_there and may_come
        self.does(
            self.stock.with_reservation_moved,
            *(wanted.order_id, wanted.line_id, wanted.units),
            if_=is_there,
            error=InvalidValueError if is_wrong else StockError,
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
            for lot, some in by_lot(found).items():
                self.ledger.come((picked.sku, goal), some, lot)
                self.ledger.come(row, -some, lot)

    @rule(
        number=a_reservation,
        units=some_units,
        elsewhere=st.sampled_from((None, None, *PLACES)),
        lot=st.sampled_from((None, None, *sorted(LOTS))),
        given=yes_or_no,
    )
    def ship(
        self, number: int, units: int, elsewhere: str | None, lot: str | None, given: bool
    ) -> None:
        now, picked, ledger = self.now if given else None, self.one(number), self.ledger
        at = picked.sku, elsewhere or picked.location
        wanted = attrs.evolve(self.wanted(picked, units, is_narrow=True), lot=lot)
        found = ledger.found(wanted, now, leaves=True)
        is_named = not lot or lot in ledger.lots_at(at)
        left = {lot or "": wanted.units}
        is_there = bool(found) and is_named
        if is_there and at[1] != picked.location:
            is_there = ledger.portable(at, lot or "", now) >= wanted.units
        elif is_there and lot is None:
            left = by_lot(found)
        elif is_there and ledger.lots_at(at):
            units_there = ledger.lots[*at, lot] if lot else ledger.loose(at)
            free = max(0, units_there - ledger.reserved_of(now)[*at, lot or ""])
            is_there = free + by_lot(found)[lot or ""] >= wanted.units
        is_there = is_there and ledger.may_leave(at, left)
        is_there = is_there and all(now is None or (LOTS[name] or now + DAY) > now for name in left)
        options = {"location": at[1], "sku": wanted.sku, "now": now, "lot": lot}
        if elsewhere is not None:
            options["reserved_at"] = picked.location
        line = wanted.order_id, wanted.line_id, wanted.units
        error = StockError if is_named or not found else InvalidValueError
        if self.does(self.stock.with_shipped, *line, if_=is_there, error=error, **options):
            ledger.take(found)
            for name, some in left.items():
                ledger.come(at, -some, name)

    @rule(minutes=st.sampled_from((1, 20, 20, 60)))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    # Runs

    @rule(orders=st.sampled_from(BATCHES))
    def run(self, orders: list[Order]) -> None:
        ledger, now = self.ledger, self.now
        at_risk_before = ledger.at_risk(now)
        result = process(orders, self.stock, now=now, verifiers=[])
        given: set[Place] = set()
        given_lots: set[LotPlace] = set()
        for decision in result.decisions:
            for row in decision.allocations:
                made = Reservation(
                    order_id=decision.id,
                    line_id=row.line_id,
                    sku=row.sku,
                    location=row.location,
                    quantity=row.quantity,
                    made_at=now,
                    lot=row.lot,
                )
                given.add((row.sku, row.location))
                if row.lot:
                    key = row.sku, row.location, row.lot
                    assert key not in ledger.locked, f"{key} is locked up"
                    assert (LOTS[row.lot] or now + DAY) > now, f"{key} is too old"
                    given_lots.add(key)
                ledger.held[decision.id].append(made)
        reserved = ledger.reserved(now)
        for at in given:
            most = ledger.on_hand[at] - ROWS.get(at, (0, 0))[1]
            assert reserved[at] <= most, f"{reserved[at]} of {most} are given out at {at}"
        of_lots = ledger.reserved_of(now)
        for key in given_lots:
            assert of_lots[key] <= ledger.lots[key], f"{of_lots[key]} of {key} are given out"
        assert result.changes == result.inventory.changes_since(self.stock)
        ids = {each.id for each in orders}
        lost = Counter(each for each in at_risk_before if each.order_id in ids)
        named: Counter[Reservation] = Counter()
        for held in result.at_risk:
            named[attrs.evolve(held, quantity=1)] += held.quantity
        assert named == lost
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
        lots, locked = ledger.lots_after(changes)
        is_possible = (
            Counter(removed) <= held
            and {(each.sku, each.location) for each in added} <= rows
            and {each.lot and (each.sku, each.location, each.lot) for each in added} <= {"", *lots}
            and min(coming.values()) >= 0
            and min(lots.values(), default=0) >= 0
        )
        if is_possible:
            later = ledger.copy()
            for each in removed:
                later.held[each.order_id].remove(each)
            for each in added:
                later.held[each.order_id].append(each)
            later.lots, later.locked, later.coming = lots, locked, dict(coming)
            of_lots, reserved = later.reserved_of(None), later.reserved(None)
            for change in changes.lots:
                key = change.sku, change.location, change.lot
                if change.after is None and not lots.get(key, 1) and not of_lots[key]:
                    later.drop(key)
            for row in changes.on_hand:
                at = row.sku, row.location
                later.come(at, row.quantity)
                if row.row < 0 and not (later.on_hand[at] or reserved[at] or later.lots_at(at)):
                    del later.on_hand[at]
            is_possible = all(
                (lot[0], lot[1]) in later.on_hand and later.loose((lot[0], lot[1])) >= 0
                for lot in later.lots
            )
            if is_possible:
                self.ledger = later
        self.does(self.stock.with_changes, changes, if_=is_possible)

    # After each step

    @invariant()
    def agrees(self) -> None:
        """Every number is that of the ledger: what a step refused to do, and left as it was, has
        been compared before, with what it may have spoilt to be compared with the next.
        """
        self.steps["all"] += 1
        stock, now = self.compared
        if self.stock is not stock or self.now is not now:
            self.turn += 1
            self.compare([PLACES[self.turn % len(PLACES)]])  # each in turn: that takes time

    def teardown(self) -> None:
        """At the end it is all compared, whatever happened last."""
        if sys.exception() is None:
            self.compare(PLACES)

    def compare(self, places: Iterable[str]) -> None:
        """Compare with the ledger all but what is available, and that at these places."""
        self.compared = self.stock, self.now
        stock, ledger, now = self.stock, self.ledger, self.now
        reserved, all_reserved, free = ledger.reserved(now), ledger.reserved(None), ledger.free(now)
        for at in EVERYWHERE:
            assert stock.reserved(*at, now=now) == reserved[at], f"reserved at {at}"
            assert stock.reserved(*at) == all_reserved[at], f"reserved at {at}, at any time"
        for at in product(SKUS, places):
            assert stock.available(*at, now=now) == free[at], f"available at {at}"
        for sku in SKUS:
            units = {place: free[sku, place] for place in PLACES if free[sku, place]}
            assert list(availability.pool(state_of(stock), sku, now).items()) == list(
                units.items()
            ), f"the pool of {sku}"
            assert stock.available(sku, now=now) == sum(units.values()), f"{sku} available"
            held = sum(reserved[sku, place] for place in PLACES)
            assert stock.reserved(sku, now=now) == held, f"{sku} reserved"
        overdrawn = {
            (row.sku, row.location, row.lot): row.missing for row in stock.overdrawn(now=now)
        }
        missing = {(*at, ""): units for at, units in ledger.missing(reserved).items()}
        assert overdrawn == missing | ledger.missing_of(ledger.reserved_of(now))
        on_hand: dict[Place, int] = {}
        lots: dict[LotPlace, int] = {}
        for row in stock.stock():
            on_hand[row.sku, row.location] = row.on_hand
            for lot in row.lots:
                key = row.sku, row.location, lot.id
                lots[key] = lot.quantity
                assert lot.quarantined == (key in ledger.locked), f"the lock of {key}"
                assert lot.expires_at == LOTS[lot.id]
        assert (on_hand, lots) == (ledger.on_hand, ledger.lots)
        for order_id, mine in ledger.held.items():
            theirs = list(stock.reservations_of(order_id))
            if theirs != mine:
                assert Counter(theirs) == Counter(mine), f"reservations of {order_id}"
                mine[:] = theirs  # in the sequence in which they are recorded
        coming = {supply.id: supply.quantity for supply in stock.supplies()}
        assert coming == {each: units for each, units in ledger.coming.items() if units}


PARTS = 3
EXAMPLES = max(420, settings().max_examples) // PARTS
STEPS = 50


@pytest.mark.parametrize("part", range(PARTS))
def test_an_inventory_says_what_a_plain_ledger_says(part: int) -> None:
    """After any sequence of receipts, counts, transfers, reservations, renewals, releases,
    shipments, runs, of lots locked up and unlocked, and of changes undone and made again, on hand,
    reserved and available are those of a plain ledger at every location and lot; reserved is the
    sum of the reservations; and no run gives out more than there is, at a location or of a lot.
    That is some 20,000 steps, in parts that may run side by side.
    """
    machine = type(f"Machine{part}", (Machine,), {"steps": Counter()})  # its name is the seed
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=settings().derandomize,
            database=None,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    # An example may end early, and how many do is left to chance; but few do.
    assert machine.steps["all"] > EXAMPLES * STEPS / 2


# -- The machine bites ---------------------------------------------------------------------------


def leaks_on_release(
    real: Change, stock: Inventory, order_id: str, line_id: str, quantity: int, **options: Any
) -> Inventory:
    """One unit of a release stays reserved."""
    released = real(stock, order_id, line_id, quantity, **options)
    return released if quantity == 1 else real(stock, order_id, line_id, quantity - 1, **options)


def keeps_what_was_shipped(real: Change, stock: Inventory, *args: Any, **options: Any) -> Inventory:
    """What was shipped stays reserved."""
    order_id, _, quantity = args
    shipped = real(stock, *args, **options)
    gone = Counter(stock.reservations_of(order_id)) - Counter(shipped.reservations_of(order_id))
    [part, *_] = gone
    return shipped.with_reserved(attrs.evolve(part, quantity=quantity, lot=""))


def ships_from_where_it_is_reserved(
    real: Change,
    stock: Inventory,
    *args: Any,
    location: str,
    reserved_at: str | None = None,
    **options: Any,
) -> Inventory:
    """Where the units left does not matter: those at the reservation go."""
    real(stock, *args, location=location, reserved_at=reserved_at, **options)
    return real(stock, *args, location=reserved_at or location, **options)


def counts_what_expired(
    real: Pool, state: State, sku: str, now: datetime | None = None, order: Order | None = None
) -> dict[str, int]:
    """Units whose reservation has expired are not given to anybody."""
    return real(state, sku)


def renews_the_expired(
    real: Change, stock: Inventory, order_id: str, *, now: datetime, **options: Any
) -> Inventory:
    """A reservation can be renewed at any time."""
    return real(stock, order_id, now=START, **options)


def takes_a_part(
    real: Change,
    stock: Inventory,
    order_id: str,
    line_id: str,
    sku: str,
    quantity: int,
    **options: Any,
) -> Inventory:
    """If there are not enough, as many as there are will do."""
    units = min(quantity, stock.available(sku, options["location"], now=options["now"]))
    return real(stock, order_id, line_id, sku, units or 1, **options)


def loses_units_on_the_way(
    real: Change, stock: Inventory, sku: str, quantity: int, **options: Any
) -> Inventory:
    """Of what is carried elsewhere one unit is lost."""
    carried = real(stock, sku, quantity, **options)
    target, lot = options["target"], options["lot"] or ""
    [row] = [row for row in carried.stock() if (row.sku, row.location) == (sku, target)]
    units = {each.id: each.quantity for each in row.lots}
    units[""] = row.on_hand - sum(units.values())
    return carried.with_counted(sku, target, max(0, units[lot] - 1), lot=lot)


def leaves_the_goods_behind(
    real: Change, stock: Inventory, *args: Any, **options: Any
) -> Inventory:
    """A reservation moves; its units stay where they are."""
    moved = real(stock, *args, **options)
    on_hand = {(row.sku, row.location): row.on_hand for row in stock.stock()}
    for row in moved.stock():
        at = row.sku, row.location
        if at in on_hand and on_hand[at] >= 0 and not row.lots:
            moved = moved.with_counted(*at, on_hand[at])
    return moved


def forgets_what_was_taken_back(
    real: Change, stock: Inventory, changes: Changes, **options: Any
) -> Inventory:
    """Changes add reservations and remove none."""
    return real(stock, attrs.evolve(changes, reservations_removed=()), **options)


def promises_one_too_many(
    real: Pool, state: State, sku: str, now: datetime | None = None, order: Order | None = None
) -> dict[str, int]:
    """There is one unit more to promise than there is."""
    return {place: units + 1 for place, units in real(state, sku, now, order).items()}


def takes_any_lot(
    real: Change, stock: Inventory, *args: Any, lot: str | None = None, **options: Any
) -> Inventory:
    """Units leave whichever lot has them, not the one that is said."""
    shipped = real(stock, *args, lot=lot, **options)
    return shipped if lot is None else real(stock, *args, **options)


def gives_out_what_is_locked(
    real: Change, stock: Inventory, *args: Any, quarantined: bool = True
) -> Inventory:
    """A lot that is locked up can be had all the same."""
    return real(stock, *args, quarantined=False)


def counts_a_lot_twice(
    real: Change,
    stock: Inventory,
    sku: str,
    location: str,
    on_hand: int,
    *,
    lot: str | None = None,
) -> Inventory:
    """What a count finds in a lot comes on top of what is on hand."""
    counted = real(stock, sku, location, on_hand, lot=lot)
    return counted.with_received(sku, location, on_hand) if lot and on_hand else counted


MUTANTS: list[tuple[object, str, Callable[..., Any]]] = [
    (Inventory, "with_shipped", takes_any_lot),
    (Inventory, "with_quarantined", gives_out_what_is_locked),
    (Inventory, "with_counted", counts_a_lot_twice),
    (Inventory, "with_released", leaks_on_release),
    (Inventory, "with_shipped", keeps_what_was_shipped),
    (Inventory, "with_shipped", ships_from_where_it_is_reserved),
    (availability, "pool", counts_what_expired),
    (Inventory, "with_renewed", renews_the_expired),
    (Inventory, "with_available_reserved", takes_a_part),
    (Inventory, "with_transferred", loses_units_on_the_way),
    (Inventory, "with_reservation_moved", leaves_the_goods_behind),
    (Inventory, "with_changes", forgets_what_was_taken_back),
    (availability, "pool", promises_one_too_many),
]


@pytest.mark.parametrize(
    ("place", "name", "mutant"), MUTANTS, ids=[mutant.__name__ for _, _, mutant in MUTANTS]
)
def test_a_broken_inventory_is_caught(
    place: object, name: str, mutant: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inventory that is wrong in one small way does not get past the ledger."""
    real = getattr(place, name)

    @wraps(real)
    def broken(*args: Any, **options: Any) -> Any:
        return mutant(real, *args, **options)

    monkeypatch.setattr(place, name, broken)

    class Broken(Machine):
        steps: ClassVar[Counter[str]] = Counter()

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
