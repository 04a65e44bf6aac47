"""Allocation by rule, held to an oracle that gives out unit by unit.

The oracle serves the queue order by order. It tries every way to fill the lines of an order, those
that give the most to the first lines first, and takes the first that is allowed; then it fetches
each unit for itself, from the first location and the first lot that has one left. What a location
may give is asked of a `Stockroom`, which knows nothing but the raw rows.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

import attrs
from hypothesis import given

from fulfill_core import Inventory, KitShips, Order, OrderLine, Pack, Ship, Supply, process
from fulfill_core.sourcing import by_rank

from .small import NOW, cases
from .stockroom import NO_LOT, Stockroom, is_whole, parts_of, what_comes


@attrs.frozen
class Rest:
    """Units that are there, that a line counts on, and that nobody keeps for it."""

    line: str
    sku: str
    units: int
    goes_with: tuple[str, datetime | None] | None
    """What it is said to come with: a supply, a date; None if it is not spoken of, as in a kit."""


@attrs.define
class Answer:
    """What an order gets."""

    taken: Counter[tuple[str, str, str, str]] = attrs.field(factory=Counter)
    """Units by line, SKU, location, lot."""
    waits: Counter[tuple[str, str, str, datetime | None]] = attrs.field(factory=Counter)
    """Units by line, SKU, supply, date."""
    short: Counter[str] = attrs.field(factory=Counter)
    """Units by line."""
    rests: list[Rest] = attrs.field(factory=list[Rest], eq=False)
    """What lies there and waits for the rest of its order, or kit."""


Source = TypeVar("Source", str, Supply)


class Oracle:
    """One run, order by order."""

    def __init__(self, inventory: Inventory) -> None:
        self.room = Stockroom(inventory, NOW)
        self.coming = what_comes(inventory, NOW)
        self.due_until = inventory.due_until
        self.has: Counter[tuple[str, str]] = Counter()
        """Units by customer and SKU."""
        self.open: Counter[str] = Counter()
        """Units that wait without a supply."""
        self.counted: Counter[str] = Counter()
        """Units that orders which wait count on, by SKU."""

    def serve_all(self, orders: Sequence[Order]) -> list[Answer]:
        """What each gets in its turn; and then, once all had theirs, what they counted on in
        vain.
        """
        answers = [self.serve(order) for order in orders]
        for order, answer in zip(orders, answers, strict=True):
            # The first lines of a complete order are those that lack something.
            step = -1 if order.ship is Ship.COMPLETE else 1
            rests = answer.rests[::step]
            lacking = [(rest, rest.units - self.units_there(order, rest)) for rest in rests]
            for rest, units in lacking[::step]:
                if units:
                    self.take_date(order, rest, units, answer)
        return answers

    def units_there(self, order: Order, rest: Rest) -> int:
        """How much of what a line counts on lies there still; each unit counts for one."""
        sku = rest.sku
        units = 0
        for place in self.room.places:
            pack, most = self.room.pack(sku, place), self.room.usable(sku, place, order)
            units += max(some for some in range(most + 1) if is_whole(pack, some))
        fenced = self.room.fenced(sku, order)
        if fenced:
            units = min(units, max(0, self.room.everywhere(sku) - fenced))
        units = max(0, min(rest.units, units - self.counted[sku]))
        self.counted[sku] += units
        return units

    def take_date(self, order: Order, rest: Rest, lacking: int, answer: Answer) -> None:
        """What is not there is claimed of supplies that nobody needs, or has no date any more, nor
        has what was to go with it; of a kit, nothing has one.
        """
        if rest.goes_with is None:
            for at, units in list(answer.waits.items()):
                if at[0] == rest.line:
                    del answer.waits[at]
                    answer.waits[*at[:3], None] += units
            return
        [line] = [line for line in order.lines if line.id == rest.line]
        claimed = 0
        if self.room.item(line.sku).backorderable:
            claimed = max(
                units
                for units in range(lacking + 1)
                if len(self.to_come(order, rest.sku, units)) == units
            )
        answer.waits[rest.line, rest.sku, *rest.goes_with] -= rest.units
        goes_with = self.peg(order, line, rest.sku, claimed, answer) if claimed else ("", None)
        if claimed < lacking:
            goes_with = "", None
        answer.waits[rest.line, rest.sku, *goes_with] += rest.units - claimed
        answer.waits = +answer.waits

    def serve(self, order: Order) -> Answer:
        """What the order gets in its turn; for a cap, what waits counts as well."""
        answer = self.answer_to(order)
        for (_, sku, _, _), units in answer.waits.items():
            self.has[order.customer.id, sku] += units
        return answer

    def answer_to(self, order: Order) -> Answer:
        """What is taken for the order, and what becomes of the rest."""
        parts = {
            line.id: parts_of(self.room.items, line.sku) or Counter({line.sku: 1})
            for line in order.lines
        }
        needs: Counter[str] = Counter()
        for line in order.lines:
            needs.update({leaf: each * line.units for leaf, each in parts[line.id].items()})
        grants = {sku: self.grant(order, sku, units) for sku, units in needs.items()}
        caps = {
            sku: None
            if (cap := self.room.cap(sku)) is None
            else max(0, cap - self.has[order.customer.id, sku])
            for sku in needs
        }
        filled = next(
            some for some in self.ways(order) if self.is_allowed(order, some, parts, needs, grants)
        )
        answer = Answer()
        left = {sku: dict(grant) for sku, grant in grants.items()}
        for line, units in zip(order.lines, filled, strict=True):
            for leaf, each in parts[line.id].items():
                for _ in range(each * units):
                    self.fetch(order, line, leaf, left[leaf], answer)
        if order.ship is Ship.COMPLETE and any(line.units for line in order.lines):
            if not any(filled):
                self.all_waits(order, parts, needs, grants, caps, answer)
            return answer
        there = {sku: sum(grant.values()) - self.took(answer, sku) for sku, grant in grants.items()}
        for line, units in zip(order.lines, filled, strict=True):
            if units < line.units:
                self.rest_waits(
                    order, line, line.units - units, parts[line.id], there, caps, answer
                )
        return answer

    def took(self, answer: Answer, sku: str) -> int:
        """Units of the SKU that were taken."""
        return sum(units for (_, of, _, _), units in answer.taken.items() if of == sku)

    def grant(self, order: Order, sku: str, needed: int) -> dict[str, int]:
        """What each location gives of what is needed, one unit, or pack, at a time."""
        there = self.room.everywhere(sku)
        fenced = self.room.fenced(sku, order)
        if fenced:
            needed = min(needed, max(0, there - fenced))
        cap = self.room.cap(sku)
        if cap is not None:
            needed = min(needed, max(0, cap - self.has[order.customer.id, sku]))
        usable = {place: self.room.usable(sku, place, order) for place in self.room.places}
        for place, units in usable.items():
            pack = self.room.pack(sku, place)
            if self.room.item(sku).packs and units >= needed and is_whole(pack, needed):
                return {place: needed}
        packs = {place: self.room.pack(sku, place) for place in usable}
        return self.split(needed, usable, packs)

    def split(
        self, needed: int, offers: dict[Source, int], packs: dict[Source, Pack | None]
    ) -> dict[Source, int]:
        """From the first of them as much as they can give, unless another split gives more: then
        from those with packs as much as they can, of all the splits that give most.
        """
        splits = [
            dict(zip(offers, units, strict=True))
            for units in itertools.product(*(range(most + 1) for most in offers.values()))
            if sum(units) <= needed and all(map(is_whole, packs.values(), units))
        ]
        in_sequence = max(splits, key=lambda split: list(split.values()))
        most = max(sum(split.values()) for split in splits)
        if sum(in_sequence.values()) == most:
            return in_sequence
        packs_first = sorted(offers, key=lambda source: packs[source] is None)
        return max(
            (split for split in splits if sum(split.values()) == most),
            key=lambda split: [split[source] for source in packs_first],
        )

    def ways(self, order: Order) -> Iterator[tuple[int, ...]]:
        """All ways to fill the lines, those that give more to the first lines first."""
        return itertools.product(*(range(line.units, -1, -1) for line in order.lines))

    def is_allowed(
        self,
        order: Order,
        filled: Sequence[int],
        parts: dict[str, Counter[str]],
        needs: Counter[str],
        grants: dict[str, dict[str, int]],
    ) -> bool:
        """Whether so much may leave, and is there."""
        takes: Counter[str] = Counter()
        for line, units in zip(order.lines, filled, strict=True):
            ships = self.room.item(line.sku).kit_ships
            is_bound = order.ship is not Ship.PARTIAL or ships is KitShips.BY_ORDER
            if is_bound and units not in (0, line.units):
                return False
            takes.update({leaf: each * units for leaf, each in parts[line.id].items()})
        if order.ship is Ship.COMPLETE and +takes not in (Counter(), +needs):
            return False
        return all(takes[sku] <= sum(grants[sku].values()) for sku in takes)

    def fetch(
        self, order: Order, line: OrderLine, sku: str, left: dict[str, int], answer: Answer
    ) -> None:
        """One unit, from the first location and the first lot that has one."""
        place = next(place for place in self.room.places if left.get(place))
        left[place] -= 1
        lot = next(
            lot
            for lot in self.room.lots_in_turn(sku, place, order)
            if self.room.free(sku, place, lot) > 0
        )
        lot_id = "" if lot is NO_LOT else lot.id
        self.room.take(order.id, sku, place, lot_id, 1)
        self.has[order.customer.id, sku] += 1
        answer.taken[line.id, sku, place, lot_id] += 1

    def may_wait(self, order: Order, sku: str, units: int) -> int:
        """How many of so many units may wait: what comes for them, and what a cap leaves."""
        cap = self.room.item(sku).backorder_cap
        if cap is None:
            return units
        left = max(0, cap - self.open[sku])
        return max(
            some for some in range(units + 1) if some <= left + len(self.to_come(order, sku, some))
        )

    def to_come(self, order: Order, sku: str, units: int) -> list[Supply]:
        """Of so many units those that come for the order, each as its supply: whole packs. What
        fences lack comes first, and is for others. Of what is overdue each may be the first.
        """
        places = self.room.item(sku).backorderable_at
        kept = max(0, self.room.fenced(sku, order) - self.room.everywhere(sku))
        offers: dict[Supply, int] = {}
        for supply, left in self.coming.items():
            if supply.sku == sku and (not places or supply.location in ("", *places)):
                is_overdue = self.due_until(supply) < NOW
                offers[supply] = max(0, left - kept)
                kept -= 0 if is_overdue else left - offers[supply]
        packs = {supply: self.room.pack(sku, supply.location) for supply in offers}
        parts = self.split(units, offers, packs)
        return [supply for supply, part in parts.items() for _ in range(part)]

    def peg(
        self, order: Order, line: OrderLine, sku: str, units: int, answer: Answer
    ) -> tuple[str, datetime | None]:
        """So many units wait, for the first supplies that have some left: for which the last
        waits, and until when.
        """
        supplies = self.to_come(order, sku, units)
        last: tuple[str, datetime | None] = "", None
        for supply in supplies:
            self.coming[supply] -= 1
            due = self.due_until(supply)
            last = supply.id, due if due >= NOW else None
            answer.waits[line.id, sku, *last] += 1
        if len(supplies) < units:
            self.open[sku] += units - len(supplies)
            last = "", None
            answer.waits[line.id, sku, *last] += units - len(supplies)
        return last

    def rest_waits(
        self,
        order: Order,
        line: OrderLine,
        missing: int,
        parts: Counter[str],
        there: dict[str, int],
        caps: dict[str, int | None],
        answer: Answer,
    ) -> None:
        """What a line did not get waits, as much of it as may, or will not come."""
        waits = missing if self.room.item(line.sku).backorderable else 0
        for sku, each in parts.items():
            cap = caps[sku]
            if cap is not None:
                mine = self.took(answer, sku)
                mine += sum(units for at, units in answer.waits.items() if at[1] == sku)
                mine += sum(rest.units for rest in answer.rests if rest.sku == sku)
                waits = min(waits, max(0, cap - mine) // each)
        waits = self.may_wait(order, line.sku, waits)
        is_whole = self.room.item(line.sku).kit_ships is KitShips.BY_ORDER
        if (order.ship is Ship.LINES or is_whole) and waits < missing:
            waits = 0
        if waits:
            needed = {sku: each * waits for sku, each in parts.items()}
            lacks = needed
            if self.room.item(line.sku).is_kit:
                lacks = {sku: max(0, units - there[sku]) for sku, units in needed.items()}
                lacks = lacks if any(lacks.values()) else needed
                for sku, units in needed.items():
                    if units > lacks[sku]:
                        answer.rests.append(Rest(line.id, sku, units - lacks[sku], None))
            for sku, units in lacks.items():
                self.peg(order, line, sku, units, answer)
        if waits < missing:
            answer.short[line.id] = missing - waits

    def all_waits(
        self,
        order: Order,
        parts: dict[str, Counter[str]],
        needs: Counter[str],
        grants: dict[str, dict[str, int]],
        caps: dict[str, int | None],
        answer: Answer,
    ) -> None:
        """An order that ships complete and cannot waits whole, or will not come."""
        gaps = needs - Counter({sku: sum(grant.values()) for sku, grant in grants.items()})
        lacks = set(gaps)
        for line in order.lines:
            if lacks.isdisjoint(parts[line.id]):
                continue
            is_capped = any(
                (cap := caps[sku]) is not None and cap < needs[sku] for sku in parts[line.id]
            )
            may_wait = self.room.item(line.sku).backorderable and not is_capped
            gap = gaps[line.sku]
            if not may_wait or self.may_wait(order, line.sku, gap) < gap:
                answer.short.update({line.id: line.units for line in order.lines})
                return
        for line in order.lines:
            for sku, each in parts[line.id].items():
                units = each * line.units
                comes = min(units, gaps[sku])
                gaps[sku] -= comes
                # What is there goes with what comes last, and is pegged to nothing.
                last = self.peg(order, line, sku, comes, answer)
                answer.waits[line.id, sku, *last] += units - comes
                if units > comes:
                    answer.rests.append(Rest(line.id, sku, units - comes, last))
        answer.waits = +answer.waits


@given(cases())
def test_allocation_by_rule_is_what_unit_by_unit_comes_to(
    case: tuple[list[Order], Inventory],
) -> None:
    """In its turn an order gets, line by line, as much as there is and as it may have: whole kits,
    whole packs, within fences and caps, from the first location in rank order and of each location
    from the lot that leaves first, if it lives long enough. What waits is pegged to the earliest
    supply that has units left, with its date unless it is overdue; a kit waits for what it lacks.
    What waits beside units that lie there, and others take those, or count on them, claims as many
    of what nobody needs, or has no date. The rest is short.
    """
    orders, inventory = case
    result = process(orders, inventory, now=NOW, verifiers=(), sourcing=by_rank)
    answers = Oracle(inventory).serve_all(orders)
    for order, answer in zip(orders, answers, strict=True):
        made = result[order.id]
        actual = Answer()
        for row in made.allocations:
            actual.taken[row.line_id, row.sku, row.location, row.lot] += row.quantity
        for peg in made.backorders:
            actual.waits[peg.line_id, peg.sku, peg.supply_id, peg.expected_at] += peg.quantity
        for short in made.shorts:
            actual.short[short.line_id] += short.quantity
        assert actual == answer, order.id
