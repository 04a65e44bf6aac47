"""Demand inside the allocator: what an order and its lines still need, and what they do not get.

Outside, a sourcing policy sees a `Demand`, and a host sees backorders and shorts. Here demand is
met by pools: units by location, shared by all lines that ask for one SKU.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from fulfill_core.allocation.customer_units import PlanByLine
from fulfill_core.allocation.kit_line import KitLine
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.rows import (
    AllocationRow,
    AllocationView,
    BackorderRow,
    KitRow,
    ShortRow,
    added_up,
    locations_of,
)
from fulfill_core.inventory.shelves.bays import LotsFor, UnitsByLot
from fulfill_core.inventory.shelves.shelf import Deliveries
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols.plug_points import Pool

LineDemand: TypeAlias = tuple[OrderLine, int, Pool]
"""A line, how many units it still needs (kits, if it asks for kits), and the pool that they come
from: units by location, as they are now. A plain tuple, since every line of a run makes one."""
Sources: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], tuple[Finding, ...]]
"""Where an order is served from: the ids of the locations, in the sequence in which they are asked;
of those that have units and take on no further orders today; and remarks on the choice. One for
every order."""

PartToCome: TypeAlias = tuple[str, str, int, int]
"""Line id, SKU, units that the line needs, how many of them are to come."""
Unserved: TypeAlias = tuple[tuple[BackorderRow, ...], tuple[ShortRow, ...]]
"""What becomes of units that an order does not get: what waits for more stock, what never comes."""
NOTHING_LACKS: Unserved = (), ()

# Where nothing is there the sourcing policy is not asked: no location, none shut, no remark.
NO_SOURCES: Sources = (), (), ()


class Attempts(NamedTuple):
    """From where an order was served in its turn, if it is served until nothing more is found.

    A policy may choose a place for units that the order can't take in the end: since a line ships
    whole, or its kits lack something else. A run on the result of this one may choose another, and
    give more (law 8). So such a place is left out, and the policy is asked again.

    Args:
        locations: those that gave it something, by id.
        in_vain: those that were chosen since and gave it nothing.
    """

    locations: frozenset[str] = frozenset()
    in_vain: frozenset[str] = frozenset()

    def after(self, places: Iterable[str], locations: Iterable[str]) -> Attempts:
        """With one more: the places that were chosen, and the locations that gave something."""
        of_use = frozenset(locations)
        if of_use:  # what was in vain before may be of use now
            return Attempts(self.locations | of_use)
        return Attempts(self.locations, self.in_vain.union(places))


NO_ATTEMPTS = Attempts()


class LineShortage(NamedTuple):
    """What a line did not get.

    Args:
        demand: what it needed.
        units: how many units of that it did not get.
        left_on_shelf: how many were there, and were not taken because the line takes no part of
            them: it ships whole, or its pack does.
    """

    demand: LineDemand
    units: int
    left_on_shelf: int


class Portion(NamedTuple):
    """What of an order a further turn asks for.

    Args:
        shortages: lines that lack something.
        most: how many units each of them may have at most; None for all that it lacks.
    """

    shortages: Sequence[LineShortage]
    most: int | None = None


Answer: TypeAlias = tuple[tuple[AllocationRow, ...], Sequence[LineShortage], Sequence[str]]
"""What an order gets of a portion, what its lines lack then, and the places that were chosen."""


def further_units(
    order: Order,
    kits: Mapping[str, KitLine],
    answer: Answer,
    ask: Callable[[Portion, Attempts], Answer],
) -> tuple[tuple[AllocationRow, ...], list[LineShortage]]:
    """What an order gets in its turns, until nothing more is found; and what it lacks then.

    A policy may choose places in vain for all that is missing, and others for a part of it: under a
    limit on shipments, for what can't be completed. Once orders behind have taken some of that, it
    would not choose so any more, and a run that is done again would give more (law 8). So it is
    asked for all that is missing, then line by line, and then for the smallest piece of each.

    Args:
        order: the order.
        kits: its lines that ask for kits, by line id.
        answer: what its first turn gave.
        ask: what the next turn gives: of which portion, and from where it was served already.
    """
    rows, shortages, places = answer
    attempts = NO_ATTEMPTS.after(places, locations_of(rows))
    is_over = False
    while shortages and not is_over:
        is_over = True
        for portion in _portions(order, shortages, kits):
            more, shortages_then, places = ask(portion, attempts)
            while places and not more:
                attempts = attempts.after(places, ())
                more, shortages_then, places = ask(portion, attempts)
            if more:
                rows = added_up(rows + more)
                attempts = attempts.after(places, locations_of(more))
                shortages = _with_rest(shortages, portion, shortages_then)
                is_over = False
                break
            attempts = Attempts(attempts.locations)
    return rows, list(shortages)


def _portions(
    order: Order, shortages: Sequence[LineShortage], kits: Mapping[str, KitLine]
) -> Iterator[Portion]:
    """What a further turn may ask for: all that is missing, each line, and the least of each."""
    yield Portion(shortages)
    for shortage in shortages:
        if len(shortages) > 1:
            yield Portion([shortage])
        (line, _, _), missing, _ = shortage
        kit = kits.get(line.id)
        if order.ship is not Ship.LINES and not (kit is not None and kit.ships_together):
            piece = missing % line.units_each or line.units_each
            if piece < missing and (kit is not None or line.units_each > 1):
                yield Portion([shortage], piece)


def _with_rest(
    shortages: Iterable[LineShortage], portion: Portion, shortages_then: Iterable[LineShortage]
) -> list[LineShortage]:
    """What lines lack after a portion was served: of what they needed first."""
    lacking = {shortage.demand[0].id: shortage.units for shortage in shortages}
    lacking.update({shortage.demand[0].id: 0 for shortage in portion.shortages})
    lacking.update({shortage.demand[0].id: shortage.units for shortage in shortages_then})
    return [
        shortage._replace(units=units)
        for shortage in shortages
        if (units := lacking[shortage.demand[0].id])
    ]


def is_left_elsewhere(shortages: Iterable[LineShortage], places: Collection[str]) -> bool:
    """Whether something that lines lack lies at a place that does not serve them."""
    return any([place not in places for (_, _, pool), _, _ in shortages for place in pool])


class RuledDemand(NamedTuple):
    """What an order of whose SKUs some have rules still needs.

    Args:
        lines: its lines that need something, and how many units (of a kit line: kits).
        kits: the lines that ask for kits, by line id.
        by_sku: units by SKU, kits taken apart.
        quotas: the same, as far as the plan allows.
        quota_by_line: what the plan lets each line have; empty if there is none.
        parts: what its lines need of which SKU, kits taken apart; without lines that ask for a lot
            of a SKU that has none.
        untracked: the ids of the lines that need no stock.
        is_particular: whether one of the lines asks for boxes of several units, or for a lot.
    """

    lines: list[tuple[OrderLine, int]]
    kits: dict[str, KitLine]
    by_sku: dict[str, int]
    quotas: dict[str, int]
    quota_by_line: dict[str, int]
    parts: list[tuple[OrderLine, str, int]]
    untracked: tuple[str, ...]
    is_particular: bool

    @property
    def composition(self) -> tuple[KitRow, ...]:
        """What the kits are made of that its lines ask for, for the decision."""
        return tuple([(line_id, kit.recipe) for line_id, kit in self.kits.items()])

    @property
    def lot_needs(self) -> dict[str, dict[str, int]]:
        """What is wanted of which lot, of the SKUs of which a line asks for one."""
        lines = [each for each in self.lines if each[0].id not in self.kits]
        return lot_needs_of(lines, self.by_sku)


def planned_units(
    order: Order,
    lines: Iterable[tuple[OrderLine, int]],
    kits: Mapping[str, KitLine],
    plan: PlanByLine,
    lines_in_vain: Collection[str],
) -> tuple[dict[str, int], dict[str, int]]:
    """What a plan lets an order have: units by SKU, and what each of its lines may have.

    Args:
        order: the order.
        lines: its lines that need something, and how many units.
        kits: the lines that ask for kits, by line id.
        plan: how much each line may have.
        lines_in_vain: those that ask for a lot of which there are none: they get nothing.
    """
    quotas: dict[str, int] = {}
    quota_by_line: dict[str, int] = {}
    for line, units in lines:
        planned = min(units, plan.get((order.id, line.id), 0))
        if line.id in lines_in_vain:
            planned = 0
        quota_by_line[line.id] = planned
        kit = kits.get(line.id)
        parts = [(line.sku, planned)] if kit is None else kit.components_of(planned)
        for sku, part_units in parts if planned else ():
            quotas[sku] = quotas.get(sku, 0) + part_units
    return quotas, quota_by_line


def units_at(pool: Pool, places: Iterable[str]) -> int:
    """Units of a pool that lie at these locations."""
    units = 0
    for place in places:  # a comprehension of so few takes half as long again
        if place in pool:
            units += pool[place]
    return units


def units_there(demand: LineDemand, places: Collection[str]) -> int:
    """Units that lie at these locations for a line; and those that make no box where they lie.

    A policy does not see the latter, so it can't be asked.
    """
    line, _, pool = demand
    units = units_at(pool, places)
    if line.units_each > 1:
        units += sum([pool[at] % line.units_each for at in pool if at not in places])
    return units


def units_claimed(
    lines: Iterable[tuple[OrderLine, int]],
    claims: Mapping[tuple[str, str], int],
    taken_by_line: Mapping[tuple[str, str], int],
) -> dict[str, tuple[int, int]]:
    """What lines had claimed, and how much of that they lack after what they took, by SKU.

    Args:
        lines: the lines, no kits, and how many units they needed.
        claims: what lines had claimed, by line and SKU.
        taken_by_line: what they took, by line and SKU.
    """
    units_of = {line.id: units for line, units in lines}
    sums: dict[str, tuple[int, int]] = {}
    for (line_id, sku), units in claims.items():
        if line_id in units_of:
            claimed, lacking = sums.get(sku, (0, 0))
            rest = units_of[line_id] - taken_by_line.get((line_id, sku), 0)
            sums[sku] = claimed + units, lacking + min(units, rest)
    return sums


def whole_packs(line: OrderLine, missing: int, available: int) -> int:
    """How many of the available units a line takes, so that it has whole packs then.

    What it has already counts: a pack that was begun is filled up.
    """
    # Counted from the first unit of the line: what it had before may end in the middle of a pack.
    units_before = line.units - missing
    packs = (units_before + available) // line.units_each
    return max(0, packs * line.units_each - units_before)


class Boxes(NamedTuple):
    """That lines ask for a SKU in boxes of several units each (`OrderLine.units_each`).

    A box comes from one place: units from two places make none.

    Args:
        units_each: units in a box.
        rests: what boxes that were begun lack, one number for each line that has such a box.
    """

    units_each: int
    rests: tuple[int, ...] = ()

    def whole(self, units: int) -> int:
        """How many of so many units at one place are of use: whole boxes, and what fills up one."""
        loose = units % self.units_each
        whole = units - loose
        for rest in self.rests:
            if rest <= loose:
                loose -= rest
                whole += rest
        return whole


def boxes_by_sku(lines: Iterable[tuple[OrderLine, int]]) -> dict[str, Boxes]:
    """The SKUs that all lines which ask for them want in boxes of one size.

    Args:
        lines: the lines that ask for units, no kits, and how many they still need.
    """
    sizes: dict[str, set[int]] = {}
    rests: dict[str, list[int]] = {}
    for line, units in lines:
        sizes.setdefault(line.sku, set()).add(line.units_each)
        rest = units % line.units_each
        if rest:
            rests.setdefault(line.sku, []).append(rest)
    return {
        sku: Boxes(max(of_sku), tuple(rests.get(sku, ())))
        for sku, of_sku in sizes.items()
        if len(of_sku) == 1 and max(of_sku) > 1
    }


def lot_needs_of(
    lines: Iterable[tuple[OrderLine, int]], needs: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """What is wanted of which lot, of the SKUs of which a line asks for one; of any lot, for "".

    Args:
        lines: the lines that ask for units, no kits, and how many they still need.
        needs: all units that are needed, by SKU.
    """
    lot_needs: dict[str, dict[str, int]] = {}
    for line, units in lines:
        if line.lot:
            of_sku = lot_needs.setdefault(line.sku, {"": needs.get(line.sku, 0)})
            of_sku[line.lot] = of_sku.get(line.lot, 0) + units
            of_sku[""] = max(0, of_sku[""] - units)
    return lot_needs


class LotTerms(NamedTuple):
    """Which lots are of use to an order.

    Args:
        needs: what its lines want of which lot, by SKU; of any lot, for "".
        deliveries: when what it gets arrives, by SKU and location, where lots may end before that.
    """

    needs: Mapping[str, UnitsByLot]
    deliveries: Mapping[str, Deliveries]


class FreeLots:
    """Units of lots that are free while an order takes some, where its lines ask for lots.

    Args:
        by_sku: the lots by SKU and location id.
        single: the SKUs of which a line gets units of a single lot, where one has as many.
    """

    def __init__(
        self,
        by_sku: Mapping[str, Mapping[str, LotsFor]],
        single: Collection[str],
    ) -> None:
        self._lots = by_sku
        # Thousands may be free, and its lines take a few.
        self._units_taken: Counter[tuple[str, str, str]] = Counter()
        self.single = single
        """The SKUs of which a line gets units of a single lot, where one has as many."""

    def turn_of(self, demand: LineDemand) -> bool:
        """A sort key: who may have units of few lots comes first, as others would take those."""
        line, _, _ = demand
        return not line.lot

    def pool_of(self, sku: str, lot: str, pool: Pool) -> Pool:
        """What of the units in a pool may be of a lot."""
        lots_at, units_taken = self._lots.get(sku, {}), self._units_taken
        return {
            place: min(units, of_lot)
            for place, units in pool.items()
            if place in lots_at
            and (of_lot := lots_at[place].units_of(lot) - units_taken[sku, place, lot])
        }

    def lot_for(self, demand: LineDemand, places: Iterable[str]) -> tuple[str, Pool]:
        """The lot that a line gets its units of, and the pool of that; "" if any will do."""
        line, units, pool = demand
        if line.lot:
            return line.lot, self.pool_of(line.sku, line.lot, pool)
        units_taken = self._units_taken
        for place in places if line.sku in self.single else ():
            if pool.get(place, 0) >= units:
                for lot, free in self._lots[line.sku].get(place, ()):
                    if free - units_taken[line.sku, place, lot] >= units:
                        return lot, {place: units}
        return "", pool

    def settle(self, rows: list[AllocationRow], first: int, lot: str, pool: Pool) -> None:
        """Rows from the first on are of a lot; what they take is gone from it, and from a pool."""
        for at in range(first, len(rows)):
            row = AllocationView._make(rows[at])
            rows[at] = row.line_id, row.sku, row.location, row.units, lot
            self._units_taken[row.sku, row.location, lot] += row.units
            pool[row.location] -= row.units
            if not pool[row.location]:
                del pool[row.location]


def parts_to_come(
    demands: Iterable[LineDemand],
    missing: Mapping[str, int],
    kits: Mapping[str, KitLine],
    lines_cut: Collection[str],
    claimed: Callable[[str, str], int],
) -> list[PartToCome]:
    """What an order that ships complete needs, part by part, and how much of it is to come.

    What is missing is missing for the first lines that need it; lines that are cut may not have
    what is there. What a line has claimed of supplies it waits for, even if as much is there now:
    others may take that, and a claim is kept.
    """
    missing_units = dict(missing)
    parts: list[PartToCome] = []
    for line, line_units, _ in demands:
        kit = kits.get(line.id)
        needs = ((line.sku, line_units),) if kit is None else kit.components_of(line_units)
        for sku, units in needs:
            units_to_come = units
            if line.lot:  # no supply brings a certain lot: it lacks nothing, or can't wait
                units_to_come = 0
            else:
                lacking = missing_units.get(sku, 0)
                if line.id not in lines_cut:
                    units_to_come = min(units, max(lacking, claimed(line.id, sku)))
                missing_units[sku] = max(0, lacking - units_to_come)
            parts.append((line.id, sku, units, units_to_come))
    return parts


def beyond(needs: Mapping[str, int], units_there: Mapping[str, int]) -> dict[str, int]:
    """How many units are needed beyond those that are there, by SKU."""
    return {
        sku: units - units_there[sku] for sku, units in needs.items() if units_there[sku] < units
    }


def units_of_single_lots(
    pool: dict[str, int],
    lots_at: Mapping[str, Iterable[tuple[str, int]]],
    units_of_lines: Sequence[int],
) -> dict[str, int]:
    """What each place gives if each line gets units of one lot there; the pool if one can't.

    Args:
        pool: what each place has.
        lots_at: the lots that are free there, in the sequence in which they leave.
        units_of_lines: what each line needs.
    """
    of_lots: dict[str, int] = {}
    lines_whole: set[int] = set()
    for place, units_there in pool.items():
        units_taken: Counter[str] = Counter()
        # First those that no place before it has a lot for: the others may be served from there.
        for number in sorted(range(len(units_of_lines)), key=lines_whole.__contains__):
            units = units_of_lines[number]
            lots = lots_at.get(place, ())
            lot = next((lot for lot, free in lots if free - units_taken[lot] >= units), None)
            room = units_there - of_lots.get(place, 0)
            if lot is not None and units <= room:
                units_taken[lot] += units
                of_lots[place] = of_lots.get(place, 0) + units
                lines_whole.add(number)
    return of_lots if len(lines_whole) == len(units_of_lines) else pool
