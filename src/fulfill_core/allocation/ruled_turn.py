"""The turn of one order of whose SKUs some have rules, or that a plan is made for.

See docs/explanation/how-stock-is-given-out.md, "SKUs with rules".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from fulfill_core.allocation.counting import Counted
from fulfill_core.allocation.demand import (
    FreeLots,
    LineDemand,
    RuledDemand,
    lot_needs_of,
    units_claimed,
    units_of_single_lots,
)
from fulfill_core.allocation.kit_line import KitPart
from fulfill_core.allocation.turn import PlainTurn, reason_of
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.rows import (
    AllocationRow,
    BackorderRow,
    backordered_by_sku,
    units_by_line_and_sku,
    units_by_sku,
)
from fulfill_core.inventory.item_rules import Limit
from fulfill_core.inventory.shelves.bays import FreeAsIf
from fulfill_core.inventory.shelves.shelf import Deliveries, Shelf
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.protocols.plug_points import Pool

_NONE_FREE: FreeAsIf = {}
_NO_DELIVERIES: Deliveries = {}


class RuledTurn(PlainTurn):
    """The turn of an order of whose SKUs some have rules, or that a plan is made for.

    Args:
        order: the order.
        demand: what it needs; `add_shelf` takes the rules into account.
    """

    def __init__(self, order: Order, demand: RuledDemand) -> None:
        super().__init__()
        self.order = order
        self.lines, self.kits, self.needs = demand.lines, demand.kits, demand.by_sku
        if demand.is_particular:
            self._note_boxes_and_lots()
        # Of which SKUs a line gets units of a single lot, and the units that such lines need; none
        # any more once it would get fewer because of it.
        self._single_lots: dict[str, list[int]] = {}
        self._is_relaxed = False
        self.quota_by_line = demand.quota_by_line
        self.quotas = demand.quotas.copy()
        """What it may have by SKU, as far as it needs it."""
        if self.quota_by_line:
            by_line = self.quota_by_line
            self.lines_cut = {line.id for line, units in self.lines if by_line[line.id] < units}
        self.offers: dict[str, dict[str, int]] = {}
        """What each location can give of SKUs on shelves, before limits, by SKU."""
        self.pools: dict[str, Pool] = {}
        """The offers as pools; and the pools of the other SKUs as they were before the turn."""
        self.granted: dict[str, int] = {}
        """Units of each SKU on shelves that the locations which serve the order give it."""
        self.limits: dict[str, Limit] = {}
        """Of which SKUs a fence or a cap, not the stock, is the limit."""
        self.late_rows: list[tuple[AllocationRow, ...]] = []
        """What it was to have, each time that some lots of it end before they arrive."""
        self.claims: Mapping[tuple[str, str], int] = {}
        """What its lines had claimed of supplies when the turn began, by line and SKU."""
        self._rows: Sequence[AllocationRow] = ()
        self._units_taken: dict[str, int] | None = None  # of these rows, when first it is asked for
        # By SKU: what its lines had claimed, and what those lack of that which come still.
        self._claims_behind: dict[str, tuple[int, int]] = {}
        self._counted: dict[str, Counted] = {}
        self._caps: dict[str, int] = {}  # what a cap leaves, where that is less than the needs
        self._units_waiting: dict[str, int] = {}
        # The SKUs of which it gets less, since lots end before they would arrive.
        self._skus_ending: set[str] = set()

    def _note_boxes_and_lots(self) -> None:
        """Note which boxes its lines want, and which lots they ask for."""
        units_of_lines = [(line, units) for line, units in self.lines if line.id not in self.kits]
        self.has_boxes = any([line.units_each > 1 for line, _ in units_of_lines])
        self.boxes = self.boxes_of(units_of_lines)
        self.lot_needs = lot_needs_of(units_of_lines, self.needs)
        self.asks_for_lots = any([line.lot for line, _ in self.lines])

    def add_shelf(self, sku: str, shelf: Shelf, counted: Counted) -> None:
        """One of the SKUs lies on this shelf."""
        self.shelves[sku] = shelf
        self._counted[sku] = counted
        if shelf.is_limited and (
            counted.given_now or shelf.is_limited_to_less(self.needs.get(sku, 0))
        ):
            self._limit(sku, shelf, counted)
        if shelf.is_of_single_lots:
            self.asks_for_lots = True
            self._single_lots[sku] = self._units_of_lines(sku)
        is_particular = self.has_boxes or self.asks_for_lots
        pool = self._pool(sku) if is_particular or self.deliveries else shelf.pool(self.order)
        if is_particular:
            if sku in self._single_lots:
                pool = self._of_single_lots(sku, pool)
            pool = self.in_boxes(sku, pool)
        if shelf.has_packs:
            pool = shelf.leaving_at(pool, self.quotas.get(sku, 0))
        self.offers[sku] = pool

    def _limit(self, sku: str, shelf: Shelf, counted: Counted) -> None:
        """Let it have no more of a SKU than a fence or a cap leaves."""
        limit = shelf.limit(
            self.order, reserved=counted.reserved, customer_units=counted.customer_ahead
        )
        if limit is None:
            return
        # What the policy is asked for is what the order may have: else a location would be chosen
        # for units that are kept from it.
        units, needs = limit.units, self.needs.get(sku, 0)
        if units < self.quotas.get(sku, 0):
            self.quotas[sku] = units
            if not units:
                del self.quotas[sku]
        if units < needs or counted.given_now:
            self._note_limit(sku, limit)
        if limit.cap is not None:
            room = max(0, limit.cap - counted.planned_behind)
            if room < needs:
                self._caps[sku] = room

    def _pool(
        self, sku: str, as_free: FreeAsIf = _NONE_FREE, *, within_fences: bool = True
    ) -> dict[str, int]:
        """What its lines may have of a SKU on a shelf at each location, in boxes or not."""
        until, lot_needs = self.deliveries.get(sku, _NO_DELIVERIES), self.lot_needs.get(sku)
        return self.shelves[sku].pool(
            self.order, as_free, until, lot_needs, within_fences=within_fences
        )

    def _note_limit(self, sku: str, limit: Limit) -> None:
        """Note the limit of a SKU if it is what stops the order.

        A run that is done again at the same instant says the same (law 8), although the order has
        its units by then: so what the first run gave to it, and to those behind it, counts as free.
        """
        counted = self._counted[sku]
        needs = self.needs.get(sku, 0)
        limit_then: Limit | None = limit
        as_free = counted.given_from_here()
        if as_free:
            shelf = self.shelves[sku]
            needs += counted.given_now
            reserved_then = counted.reserved - counted.given_now
            limit_then = shelf.limit(
                self.order,
                reserved=reserved_then,
                customer_units=counted.customer_ahead,
                as_free=as_free,
            )
        if limit_then is None or limit_then.units >= needs:
            return
        pool = self.in_boxes(sku, self._pool(sku, as_free, within_fences=False))
        if limit_then.units < sum(pool.values()):
            self.limits[sku] = limit_then

    # -- Lots that its lines ask for ---------------------------------------------------------------

    def free_lots(self) -> FreeLots:
        """The lots that are free for it now, of the SKUs of which it matters."""
        single = () if self._is_relaxed else self._single_lots.keys()
        lots_of = {
            sku: self.shelves[sku].lots_for(self.order, self.deliveries_of(sku))
            for sku in (*self.lot_needs, *self._single_lots)
            if sku in self.shelves
        }
        return FreeLots(lots_of, single)

    def pool_of(self, demand: LineDemand) -> Pool:
        """What a line may have of the pool that it takes from: units of the lot it asks for."""
        line, _, pool = demand
        return self.free_lots().pool_of(line.sku, line.lot, pool) if line.lot else pool

    def lacks_lot(self, line: OrderLine) -> bool:
        """Whether the line asks for a lot of which there are not enough units for the order.

        Those reserved for orders which are not ahead count, as everywhere (law 7).
        """
        if not line.lot:
            return False
        if line.sku not in self.lot_needs or line.sku not in self.shelves:
            return True
        sku, lot_needs = line.sku, self.lot_needs[line.sku]
        shelf = self._counted[sku].shelf_if_let_go(sku)
        if self._units_of_lot(sku, line.lot, shelf) < lot_needs[line.lot]:
            return True
        # A fence, a cap or packs may keep units of it, too.
        units_of_lots = sum([units for lot, units in lot_needs.items() if lot])
        return (self.obtainable(sku) or 0) < units_of_lots

    def missing_of_any_lot(self, missing: Mapping[str, int]) -> Mapping[str, int]:
        """What is missing, units by SKU, without what lines lack that ask for a lot."""
        units_of = dict(missing)
        for sku in missing.keys() & self.lot_needs.keys() & self.shelves.keys():
            lot_needs, shelf = self.lot_needs[sku], self._counted[sku].shelf_if_let_go(sku)
            for lot in lot_needs:
                if lot:
                    units_of[sku] -= lot_needs[lot] - self._units_of_lot(sku, lot, shelf)
        return {sku: units for sku, units in units_of.items() if units > 0}

    def _units_of_lot(
        self, sku: str, lot: str, shelf: Shelf, as_free: FreeAsIf = _NONE_FREE
    ) -> int:
        """Units of one lot that the order needs and could have of a shelf."""
        lot_needs = {lot: self.lot_needs[sku][lot]}
        pool = shelf.pool(self.order, as_free, self.deliveries_of(sku), lot_needs)
        return min(lot_needs[lot], sum(pool.values()))

    def _within_lots(self, sku: str, units: int, shelf: Shelf, as_free: FreeAsIf) -> int:
        """How many of so many units its lines could have, of the lots that they ask for."""
        lot_needs = self.lot_needs.get(sku)
        if lot_needs is None:
            return units
        units_of_lots = sum(
            [self._units_of_lot(sku, lot, shelf, as_free) for lot in lot_needs if lot]
        )
        pool = shelf.pool(self.order, as_free, self.deliveries_of(sku))
        return min(units, units_of_lots + min(lot_needs[""], sum(pool.values()) - units_of_lots))

    def _units_of_lines(self, sku: str) -> list[int]:
        """What its lines need of a SKU, one by one, kits apart."""
        return [units for line, units in self.lines if line.sku == sku and line.id not in self.kits]

    def _of_single_lots(self, sku: str, pool: dict[str, int]) -> dict[str, int]:
        """What each place can give of single lots, if each line can have its units of one."""
        units_of_lines = self._single_lots[sku]
        if self._is_relaxed or sku in self.lot_needs or sum(units_of_lines) != self.needs.get(sku):
            return pool
        lots_at = self.shelves[sku].lots_for(self.order, self.deliveries_of(sku))
        return units_of_single_lots(pool, lots_at, units_of_lines)

    def relax_lots(self, *, is_relaxed: bool = True) -> bool:
        """Take units of several lots where a line was to have a single one; whether that matters.

        A line is never short because of it. If it is short all the same, it has its single lot.

        Args:
            is_relaxed: False to take single lots again.
        """
        if self._is_relaxed is is_relaxed or not self._single_lots:
            return False
        self._is_relaxed = is_relaxed
        for sku in self._single_lots:
            self.add_shelf(sku, self.shelves[sku], self._counted[sku])
        return True

    def in_boxes(self, sku: str, units_at: dict[str, int]) -> dict[str, int]:
        """What of units by location is of use to its lines."""
        boxes = self.boxes.get(sku)
        if boxes is None:
            return units_at
        return {at: whole for at, units in units_at.items() if (whole := boxes.whole(units))}

    def chooses_boxes(self, sku: str) -> bool:
        """Whether its lines want boxes of several sizes, which come from where they find them.

        To split the units over the locations beforehand would break boxes that are there.
        """
        if not self.has_boxes or sku in self.boxes or self.shelves[sku].has_packs:
            return False
        return any([line.units_each > 1 for line, _ in self.lines if line.sku == sku])

    def has_loose_units(self, sku: str) -> bool:
        """Whether units are there that make no box where they lie, of what it wants in boxes."""
        if sku not in self.boxes:
            return False
        shelf = self.shelves.get(sku)
        if shelf is None:
            pool: Mapping[str, int] = self.pools.get(sku) or {}
        else:
            pool = self._pool(sku)
        return any([self.boxes[sku].whole(units) < units for units in pool.values()])

    def judge_lots(self, sku: str, deliveries: Deliveries) -> bool:
        """Leave out the lots that don't live until these deliveries; whether there are fewer units.

        A lot that is left out stays out: else two places, each too late for the lots of the other,
        would be chosen in turn for ever.
        """
        shelf = self.shelves[sku]
        deliveries_before = self.deliveries_of(sku)
        is_of_single_lots = sku in self._single_lots  # then each of its lines has chosen a lot
        lots_before = shelf.free_lots(self.order, deliveries_before) if is_of_single_lots else {}
        self.deliveries[sku] = dict(deliveries_before)
        for location, date in deliveries.items():
            self.deliveries[sku][location] = max(date, deliveries_before.get(location, date))
        # Fewer lots of which there are still enough are no reason to choose anew: from which of
        # them the units come is settled last.
        lot_needs = self.lot_needs.get(sku)
        units_before = shelf.pool(self.order, deliveries=deliveries_before, lot_needs=lot_needs)
        if self._pool(sku) == units_before:
            until = self.deliveries_of(sku)
            return is_of_single_lots and shelf.free_lots(self.order, until) != lots_before
        self._skus_ending.add(sku)
        self.limits.pop(sku, None)
        self.add_shelf(sku, shelf, self._counted[sku])
        return True

    def forget_deliveries(self) -> None:
        """Judge no lot by when it would arrive: what its lines may have is as at the beginning."""
        skus = {*self._skus_ending, *self._single_lots}
        self.late_rows, self._is_relaxed = [], False
        self.deliveries.clear()
        self._skus_ending.clear()
        for sku in skus:
            self.limits.pop(sku, None)
            self.add_shelf(sku, self.shelves[sku], self._counted[sku])

    def ends_early(self, sku: str) -> bool:
        """Whether lots were left out since they don't live until what the order gets arrives."""
        return sku in self._skus_ending

    def obtainable(
        self,
        sku: str,
        *,
        as_free: FreeAsIf | None = None,
        in_packs: bool = True,
        without: Collection[str] = (),
    ) -> int | None:
        """Units on a shelf that the order could get if certain reserved units were free."""
        shelf = self.shelves.get(sku)
        if shelf is None:
            return None
        counted = self._counted[sku]
        units_free: FreeAsIf = _NONE_FREE
        if as_free is None:
            shelf = counted.shelf_if_let_go(sku)
        else:
            units_free = {place: units for place, units in as_free.items() if units}
        needs = self.needs[sku]
        limit = shelf.limit(
            self.order,
            reserved=counted.reserved,
            customer_units=counted.customer_ahead,
            as_free=units_free,
        )
        if limit is not None:
            needs = min(needs, limit.units)
        needs = self._within_lots(sku, needs, shelf, units_free)
        pool = shelf.pool(self.order, units_free, self.deliveries_of(sku), self.lot_needs.get(sku))
        pool = self.in_boxes(sku, pool)
        if without:
            pool = {at: units for at, units in pool.items() if at not in without}
        if not in_packs or not shelf.has_packs:
            return min(needs, sum(pool.values()))
        return sum(shelf.split(needs, list(pool.items())).values())

    def take(self, rows: Sequence[AllocationRow]) -> None:
        """The order takes these units, and none else; they are not settled into lots yet."""
        self._rows = rows
        self._units_taken = None

    def units_taken(self, sku: str) -> int:
        """How many units the order takes of a SKU that lies on a shelf; of others 0."""
        if self._units_taken is None:
            self._units_taken = units_by_sku(self._rows)
        return self._units_taken.get(sku, 0) if sku in self.shelves else 0

    def has_enough(self, sku: str) -> bool:
        """Whether it can surely have all that it needs of a SKU on a shelf, as things are."""
        if sku not in self.shelves or self.is_particular or self.shelves[sku].has_packs:
            return False
        needs = self.needs[sku]
        return needs <= self.quotas.get(sku, 0) and needs <= sum(self.offers[sku].values())

    def has_its_quota(self, line: OrderLine, sku: str) -> bool:
        """Whether it takes all of a SKU on a shelf that it may have, for a line that is no kit."""
        if sku not in self.shelves or line.id in self.kits:
            return False
        return self.units_taken(sku) >= self.quotas.get(sku, 0)

    def packs_cut(self) -> dict[str, int]:
        """SKUs of which whole packs were granted and not all is taken, and how much is."""
        # Elsewhere a unit that is granted and not taken simply stays on its shelf.
        return {
            sku: units
            for sku, granted in self.granted.items()
            if self.shelves[sku].has_packs and (units := self.units_taken(sku)) < granted
        }

    def skus_of(self, line: OrderLine) -> Sequence[str]:
        """What a line takes from the stock: its SKU, or the components of its kits."""
        kit = self.kits.get(line.id)
        return [line.sku] if kit is None else kit.skus

    def locations_of(self, demand: LineDemand) -> Collection[str]:
        """The locations that had something of what a line takes, when the turn began."""
        line, _, _ = demand
        if line.lot:
            return self.free_lots().pool_of(line.sku, line.lot, self.pools.get(line.sku) or {})
        if line.id not in self.kits:
            return self.in_boxes(line.sku, self.pools.get(line.sku) or {})
        locations: set[str] = set()
        for sku in self.skus_of(line):
            locations.update(self.pools.get(sku) or ())
        return locations

    def short_reason(self, demand: LineDemand) -> ShortReason | None:
        """Why a rule or a plan, and not the stock, keeps units from a line; None if none does."""
        line, _, _ = demand
        if self.limits:
            for sku in self.skus_of(line):
                limit = self.limits.get(sku)
                if limit is not None:
                    return reason_of(limit)
        if line.id in self.lines_cut and self.locations_of(demand):
            return ShortReason.GIVEN_TO_OTHERS
        if self._skus_ending and not self._skus_ending.isdisjoint(self.skus_of(line)):
            return ShortReason.LOT_LIFE
        return None

    # -- Caps: what waits counts for them like what is taken ---------------------------------------

    def limit_waiting(self, line: OrderLine, served: int, missing: int) -> int:
        """How many missing units of a line may wait, so that its customer gets no more than a cap.

        All that the order gets counts, and what waits on the lines before. Caps that allow less
        than is missing are noted: they are what the order is told of.
        """
        if not self._caps:
            return missing
        kit = self.kits.get(line.id)
        may_wait = missing
        for part in (KitPart(line.sku, 1),) if kit is None else kit.parts:
            sku = part.sku
            cap = self._caps.get(sku)
            if cap is None:
                continue
            # What is taken is counted by SKU; what waits on the lines before was noted on the way.
            # What was claimed was sold, whatever the cap is now; but what is taken takes its place.
            if self.claims and not self._claims_behind:
                lines = [each for each in self.lines if each[0].id not in self.kits]
                units_by_line = units_by_line_and_sku(self._rows)
                self._claims_behind = units_claimed(lines, self.claims, units_by_line)
            sold, claimed_behind = self._claims_behind.get(sku, (0, 0))
            claimed = min(missing, self.claims.get((line.id, sku), 0)) if kit is None else 0
            claimed_behind -= claimed  # lines come one after the other
            self._claims_behind[sku] = sold, claimed_behind
            units_taken = self.units_taken(sku)
            room = cap - units_taken if units_taken else max(cap, sold)
            room -= self._units_waiting.get(sku, 0)
            room = max(0, min(claimed, room), room - claimed_behind)
            if kit is not None:
                room = kit.kits_from_part(part, served, room)
            if room < missing:
                self._note_cap_of(sku)
                may_wait = min(may_wait, room)
        return may_wait

    def is_over_cap(self, line: OrderLine) -> bool:
        """Whether the order needs more of what the line asks for than its customer may have."""
        return any([sku in self._caps for sku in self.skus_of(line)])

    def note_cap(self, line: OrderLine) -> None:
        """Note that a cap on what the line asks for is what stops the order."""
        for sku in self.skus_of(line):
            if sku in self._caps:
                self._note_cap_of(sku)

    def _note_cap_of(self, sku: str) -> None:
        cap = self._caps[sku]
        self.limits.setdefault(sku, Limit(cap, None, cap))

    def count_waiting(self, rows: Iterable[BackorderRow]) -> None:
        """Count these units, which wait, for the caps."""
        for sku, units in backordered_by_sku(rows).items():
            self._units_waiting[sku] = self._units_waiting.get(sku, 0) + units

    def limits_met(self) -> list[tuple[str, Limit, int | None, int]]:
        """Where a fence or a cap, not the stock, was the limit: what `limit_remark` asks for."""
        shelves, counted = self.shelves, self._counted
        return [
            (sku, limit, shelves[sku].item.customer_cap, counted[sku].purchases)
            for sku, limit in sorted(self.limits.items())
        ]
