"""What becomes of units that an order does not get: what waits for which supply, what never comes.

See docs/explanation/how-stock-is-given-out.md, "What is missing" and "Why a complete order takes
nothing".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from fulfill_core.allocation.counting import SameInstant
from fulfill_core.allocation.demand import (
    NOTHING_LACKS,
    LineDemand,
    LineShortage,
    PartToCome,
    Sources,
    Unserved,
    beyond,
    parts_to_come,
    units_there,
    whole_packs,
)
from fulfill_core.allocation.kit_line import KitLine
from fulfill_core.allocation.resting import RestingUnits
from fulfill_core.allocation.shorts import short_row
from fulfill_core.allocation.turn import PLAIN_TURN, PlainTurn
from fulfill_core.allocation.waiting.pegging import Claimants, MayServe, Pegging
from fulfill_core.allocation.waiting.waiting_whole import reasons_against_waiting
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.rows import (
    BackorderRow,
    ShortRow,
    open_by_sku,
    with_on_hand_units,
)
from fulfill_core.inventory.availability import ReservedAt, reserved_by_location
from fulfill_core.inventory.shelves.bays import FreeAsIf
from fulfill_core.inventory.state import State, cells_of, is_backorderable
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols.plug_points import Pools

_LINES = Ship.LINES
_NONE: FreeAsIf = {}
_NO_PLACES: frozenset[str] = frozenset()


class Shortfall:
    """What is promised of what is to come, and said of what is not, in one run.

    Args:
        stock: the stock before the run.
        now: the caller's time.
        pools: what is left of each SKU, at any moment of the run.
        same_instant: what an earlier run at this very instant gave.
        claimants: the orders of the run that have claims.
        may_serve: whether a location may serve an order; None if all may serve all.
        is_reallocation: whether orders take from each other in this run.
    """

    def __init__(
        self,
        stock: State,
        now: datetime,
        pools: Pools,
        same_instant: SameInstant,
        claimants: Claimants,
        may_serve: MayServe | None,
        *,
        is_reallocation: bool,
    ) -> None:
        self._stock = stock
        self._now = now
        self._pools = pools
        self._same_instant = same_instant
        self._may_serve = may_serve
        self._is_reallocation = is_reallocation
        self.pegging = Pegging(stock, now, claimants, may_serve)
        """What waits for which supply, and what orders have claimed."""
        # The places that have a SKU and never serve an order with it, by order id and SKU.
        self._refused: dict[tuple[str, str], frozenset[str]] = {}
        self.resting: dict[str, RestingUnits] = {}
        """What orders that wait count on beside, by order id."""
        # Units reserved for orders that had their turn, or have it now, by SKU and location; and
        # those reserved for anybody before the run, of SKUs that this was asked of, by SKU.
        self._reserved_ahead: Counter[tuple[str, str]] = Counter()
        self._reserved: dict[str, tuple[ReservedAt, ...]] = {}

    def count_ahead(self, reserved: Iterable[Reservation]) -> None:
        """Count what is reserved for an order whose turn is now: it is behind nobody any more."""
        for reservation in reserved:
            self._reserved_ahead[reservation.sku, reservation.location] += reservation.quantity

    def hand_over(self, sku: str, location: str, units: int) -> None:
        """So many units are free that were reserved; below 0, they are reserved again."""
        self._reserved_ahead[sku, location] += units

    # -- Line by line ------------------------------------------------------------------------------

    def of_lines(
        self,
        order: Order,
        shortages: Sequence[LineShortage],
        sources: Sources,
        turn: PlainTurn = PLAIN_TURN,
    ) -> Unserved:
        """What becomes of what lines did not get, each line for itself."""
        if not shortages:
            return NOTHING_LACKS
        boxes = turn.boxes_of([(line, units) for (line, _, _), units, _ in shortages])
        self.pegging.continue_turn(order, turn.shelves, boxes)
        backorders: list[BackorderRow] = []
        shorts: list[ShortRow] = []
        for shortage in shortages:
            waiting_units, reason_if_left = self._units_to_wait(order, shortage, turn)
            if waiting_units:
                rows = self._pegged(shortage, waiting_units, turn)
                turn.count_waiting(rows)
                backorders += rows
            if waiting_units < shortage.units:
                units = shortage.units - waiting_units
                shorts.append(
                    short_row(self._stock, shortage, units, sources, reason_if_left, turn)
                )
        return tuple(backorders), tuple(shorts)

    def _units_to_wait(
        self, order: Order, shortage: LineShortage, turn: PlainTurn
    ) -> tuple[int, ShortReason]:
        """How many of the missing units wait, and why others do not although they are there.

        Three bounds apply: the customer's cap, whole packs (or kits, or lines), and the room that
        supplies and the cap on waiting leave. Fewer units may break a pack, and fewer kits need
        other components, for which there is other room: so the last two bounds are asked in turn,
        until neither takes anything away.
        """
        (line, demand, _), missing, _ = shortage
        served = demand - missing
        reason = ShortReason.LINE_SHIPS_WHOLE
        if line.lot:  # no supply is known to bring it
            return 0, reason
        kit = turn.kits.get(line.id)
        is_whole = order.ship is _LINES or (kit is not None and kit.ships_together)
        # What the line has claimed was sold: no rule that is stricter now takes it away.
        claimed = min(missing, self.pegging.claimed(line.id, line.sku)) if kit is None else 0
        if is_backorderable(self._stock, line.sku):
            # The customer's cap comes first: it does not depend on how many wait in the end.
            units = turn.limit_waiting(line, served, missing)
        elif claimed:
            units = claimed
        else:
            return 0, reason
        while True:
            if units < missing:
                units = 0 if is_whole else whole_packs(line, missing, units)
            if kit is None:
                room = self.pegging.room(line.id, line.sku, units)
            else:
                room = self._room_for_kits(turn, line, served, units)
            if room == units:
                return units, reason
            units = room
            reason = ShortReason.BACKORDER_CAP

    def _pegged(self, shortage: LineShortage, units: int, turn: PlainTurn) -> list[BackorderRow]:
        """So many of a line's missing units, or kits, as backorders."""
        (line, demand, _), missing, _ = shortage
        kit = turn.kits.get(line.id)
        if kit is None:
            return self.pegging.peg(line.id, line.sku, units)
        components = self._components_lacking(turn, line, demand - missing, units)
        for sku, needs in kit.components_beyond(demand - missing, units).items():
            on_hand = needs - components.get(sku, 0)
            self._count_on(line.id, sku, on_hand)
            # The kit takes those as well in the end: a cap counts them before the lines behind.
            turn.count_waiting([with_on_hand_units((line.id, sku, 0, "", None, "", 0), on_hand)])
        return self._kits_pegged(kit, line, components)

    def _count_on(self, line_id: str, sku: str, units: int) -> None:
        """The order counts on units that are there, and that nobody keeps for it."""
        if units:
            order_id = self.pegging.order_id
            self.resting.setdefault(order_id, []).append((line_id, sku, units))

    # -- Orders that ship complete -----------------------------------------------------------------

    def of_order(
        self,
        order: Order,
        demands: Sequence[LineDemand],
        needs: Mapping[str, int],
        sources: Sources,
        turn: PlainTurn = PLAIN_TURN,
    ) -> Unserved:
        """What becomes of an order that ships complete and cannot: it takes nothing on hand.

        If all that is missing may be backordered, the whole order is. Otherwise it will never be
        complete: all of it is short, and no supply is kept for it.
        """
        self.pegging.continue_turn(order, turn.shelves, turn.boxes)
        places, _, _ = sources
        missing = self._missing(demands, needs, places, turn)
        missing = turn.missing_of_any_lot(missing)
        lines = [line for line, _, _ in demands]
        lines_lacking = [
            line
            for line in lines
            if line.id in turn.lines_cut
            or turn.lacks_lot(line)
            or (not line.lot and not missing.keys().isdisjoint(turn.skus_of(line)))
        ] or lines

        # Most orders hear why they can't wait before anybody looks at it.
        claimed = self.pegging.claimed
        parts = partial(parts_to_come, demands, missing, turn.kits, turn.lines_cut, claimed)
        reasons = reasons_against_waiting(
            self._stock, self.pegging, demands, parts, lines_lacking, turn
        )
        if not reasons:
            rows = self._all_pegged(demands, parts(), turn)
            turn.count_waiting(rows)
            return tuple(rows), ()
        # Before the first line is told anything: a cap that stops the order is a reason for each
        # line of its SKU.
        for line in lines_lacking:
            if reasons.get(line.sku) is ShortReason.CUSTOMER_CAP:
                turn.note_cap(line)
        ids_lacking = {line.id for line in lines_lacking}
        shorts: list[ShortRow] = []
        for demand in demands:
            line, units, _ = demand
            reason = ShortReason.ORDER_SHIPS_COMPLETE
            if line.id in ids_lacking:
                reason = reasons.get(line.sku, ShortReason.OUT_OF_STOCK)
            of_lot = line, units, turn.pool_of(demand)
            shortage = LineShortage(demand, units, units_there(of_lot, places))
            shorts.append(short_row(self._stock, shortage, units, sources, reason, turn))
        return (), tuple(shorts)

    def _left_out(
        self,
        demands: Iterable[LineDemand],
        needs: Iterable[str],
        places: Iterable[str],
        turn: PlainTurn,
    ) -> Collection[str]:
        """The locations that had something for an order and do not serve it, by id."""
        locations = {at for demand in demands for at in turn.locations_of(demand)}
        # Where those behind it got units at this instant, some were there for it (law 8).
        if self._same_instant.may_have_given:
            for behind in [self._same_instant.behind(sku) for sku in needs]:
                locations |= {at for (at, _), units in behind.items() if units > 0}
        return locations.difference(places)

    def _missing(
        self,
        demands: Iterable[LineDemand],
        needs: Mapping[str, int],
        places: Iterable[str],
        turn: PlainTurn,
    ) -> Mapping[str, int]:
        """What an order lacks to be complete: units by SKU; some locations are left out for it.

        "Not there" has five meanings; the first that applies is the one that the order hears of:

        1. There are not enough even if no order behind it had any (law 7: they change nothing).
        2. In a re-allocation, there were enough before orders took them from others: all of its
           needs are missing.
        3. Orders behind it have them, and had them before this instant. What they got at this very
           instant it let go itself, in this run or an earlier one, and must hear the same in each
           (law 8). So it does later, as long as it waits for what it has claimed since.
        4. All is there, and the sourcing policy left it out, or a plan gives it to others.
        5. Others, whom nobody let go first, reserved it at this very instant: what is free now, and
           what orders of this run that are behind it got (law 8); and if that is enough, all of its
           needs: which of them were gone before this run can't be told from those that went in it.
           (Where boxes or lots are what is missing, and no sum of units, no order had to do that.)
        """
        missing: dict[str, int] = {}
        for sku, units in needs.items():
            pool = self._pools[sku]
            refused, is_plain = self._places_refused(sku), sku not in turn.shelves
            # Without asking who has how many reserved.
            if pool and is_plain and self._of_use(sku, turn, without=refused) >= units:
                continue
            if not refused and turn.has_enough(sku):
                continue
            obtainable = self._obtainable(sku, turn)
            if obtainable < units:
                missing[sku] = units - obtainable
        if not missing and self._is_reallocation:
            return needs
        if not missing:
            missing = beyond(needs, {sku: self._free(sku, turn) for sku in needs})
            missing = self._still_awaited(demands, missing, turn)
        if not missing:
            without = self._left_out(demands, needs, places, turn)
            missing = beyond(needs, {sku: self._free(sku, turn, without) for sku in needs})
        if self._same_instant.may_have_given and not turn.is_particular:
            behind = self._same_instant.behind_in_run
            free = {} if missing else {sku: self._free(sku, turn, (), behind) for sku in needs}
            return missing or beyond(needs, free) or needs
        return missing

    def _still_awaited(
        self, demands: Iterable[LineDemand], missing: dict[str, int], turn: PlainTurn
    ) -> dict[str, int]:
        """Of what orders behind it have, what an order with claims still waits for.

        What can't wait it let go when it began to: it did not hear then that this is missing.
        """
        skus_claimed = {sku for _, sku in self.pegging.units_claimed}
        if skus_claimed.isdisjoint(missing):
            return missing
        lines = [line for line, _, _ in demands if is_backorderable(self._stock, line.sku)]
        skus_waiting = skus_claimed.union(*map(turn.skus_of, lines))
        return {sku: units for sku, units in missing.items() if sku in skus_waiting}

    def _all_pegged(
        self, demands: Iterable[LineDemand], parts: Iterable[PartToCome], turn: PlainTurn
    ) -> list[BackorderRow]:
        """The whole order as backorders, each with how many of its units are on hand.

        Only what is to come is pegged; what is there waits for it on its shelf.
        """
        pegging = self.pegging
        rows: list[BackorderRow] = []
        open_units: Counter[tuple[str, str]] = Counter()
        for line_id, sku, units, units_to_come in parts:
            pegs = pegging.peg(line_id, sku, units_to_come) if units_to_come else []
            if turn.kits:
                open_units[line_id, sku] += open_by_sku(pegs).get(sku, 0)
            on_hand = units - units_to_come
            if on_hand:
                self._count_on(line_id, sku, on_hand)
                last = pegs.pop() if pegs else (line_id, sku, 0, "", None, "", 0)
                pegs.append(with_on_hand_units(last, on_hand))
            rows += pegs
        for line, _, _ in demands if turn.kits else ():
            kit = turn.kits.get(line.id)
            if kit is not None:
                self._use_allowance_of_kit(
                    kit, line, {sku: open_units[line.id, sku] for sku in kit.skus}
                )
        return rows

    # -- What is there -----------------------------------------------------------------------------

    def _obtainable(self, sku: str, turn: PlainTurn, *, in_packs: bool = True) -> int:
        """Units the order could get if no order ranked after it held reservations.

        Where the sourcing policy never serves it from, nothing is there for it: it may wait for
        what comes elsewhere.

        Args:
            sku: of which SKU.
            turn: the order's turn.
            in_packs: whether it counts that only whole packs leave some locations.
        """
        refused = self._places_refused(sku)
        on_shelf = turn.obtainable(sku, in_packs=in_packs, without=refused)
        if on_shelf is not None:
            return on_shelf
        behind = self._reserved_behind(sku)
        as_free = {(at, ""): units for at, units in behind.items()} if behind else _NONE
        return self._of_use(sku, turn, as_free, refused)

    def _places_refused(self, sku: str) -> frozenset[str]:
        """The locations that have a SKU and from which the order would never be served with it."""
        may_serve = self._may_serve
        if may_serve is None:
            return _NO_PLACES
        order = self.pegging.order
        refused = self._refused.get((order.id, sku))
        if refused is None:
            locations = [location for location, *_ in cells_of(self._stock, sku, None)]
            refused = frozenset([at for at in locations if not may_serve(order, sku, at)])
            self._refused[order.id, sku] = refused
        return refused

    def _of_use(
        self, sku: str, turn: PlainTurn, as_free: FreeAsIf = _NONE, without: Collection[str] = ()
    ) -> int:
        """Units in the pool of a SKU, and others as if they were there, in boxes if it wants those.

        Args:
            sku: of which SKU.
            turn: the order's turn.
            as_free: units that count as free, by location and lot.
            without: locations that do not count, by id.
        """
        pool = self._pools[sku] or {}
        if sku not in turn.boxes and not without:
            return sum(pool.values()) + sum(as_free.values())
        units_at = Counter(pool)
        for (location, _), units in as_free.items():
            units_at[location] += units
        of_use = turn.in_boxes(sku, units_at)
        return sum([units for location, units in of_use.items() if location not in without])

    def _free(
        self,
        sku: str,
        turn: PlainTurn,
        left_out: Collection[str] = (),
        behind: Callable[[str], FreeAsIf] | None = None,
    ) -> int:
        """Units the order could get if no order ranked after it had got any at this instant.

        Args:
            sku: of which SKU.
            turn: the order's turn.
            left_out: locations that do not count, by id.
            behind: what else counts as free, by SKU; None for all that such orders got.
        """
        as_free = (behind or self._same_instant.behind)(sku)
        without = self._places_refused(sku).union(left_out)
        on_shelf = turn.obtainable(sku, as_free=as_free, without=without)
        if on_shelf is not None:
            return on_shelf
        return self._of_use(sku, turn, as_free, without)

    def _reserved_behind(self, sku: str) -> Mapping[str, int]:
        """Units that are reserved for orders which are not ahead, in the queue or not, by location.

        To count those of the queue alone would let a decision depend on who ranks behind (law 7).
        Units that are not there are nobody's: those behind would let go of them in vain.
        """
        reserved = self._reserved.get(sku)
        if reserved is None:
            reserved = self._reserved[sku] = reserved_by_location(self._stock, sku, self._now)
        ahead = self._reserved_ahead
        return {at: max(0, units - ahead[sku, at] - missing) for at, units, missing in reserved}

    # -- Kits --------------------------------------------------------------------------------------

    def _room_for_kits(self, turn: PlainTurn, line: OrderLine, served: int, kits: int) -> int:
        """How many of so many kits may wait: what the caps of kit and components leave."""
        kit = turn.kits[line.id]
        pegging = self.pegging
        allowance_of_kit = pegging.allowance(line.sku)
        lacking = self._components_lacking(turn, line, served, kits)
        needs = kit.components_beyond(served, kits)
        room = kits
        for part in kit.parts:
            # Open kits need each of their components open, so the cap of the kit bounds those.
            sku = part.sku
            allowance = pegging.allowance(sku)
            if allowance_of_kit is not None:
                of_kits = allowance_of_kit * part.units_each
                allowance = of_kits if allowance is None else min(allowance, of_kits)
            if allowance is not None and sku in lacking:
                on_shelf = needs[sku] - lacking[sku]
                units_to_come = pegging.units_to_come(line.id, sku, lacking[sku])
                units = allowance + units_to_come + on_shelf
                room = min(room, kit.kits_from_part(part, served, units))
        return max(0, room)

    def _components_lacking(
        self, turn: PlainTurn, line: OrderLine, served: int, kits: int
    ) -> dict[str, int]:
        """What so many kits wait for, beyond those that the line gets: units by SKU.

        Components that are there wait on their shelf: they are not kept for it, and others may take
        them first. If that is so for all of them, all wait. Those that the line has claimed of
        supplies it waits for as well, whatever is there now.
        """
        needs = turn.kits[line.id].components_beyond(served, kits)
        lacking: dict[str, int] = {}
        lacking_or_claimed: dict[str, int] = {}
        for sku, units in needs.items():
            obtainable = self._obtainable(sku, turn, in_packs=False) - turn.units_taken(sku)
            missing = max(0, units - obtainable)
            units_to_come = max(missing, min(units, self.pegging.claimed(line.id, sku)))
            if missing:
                lacking[sku] = missing
            if units_to_come:
                lacking_or_claimed[sku] = units_to_come
        return lacking_or_claimed if lacking else needs

    def _kits_pegged(
        self, kit: KitLine, line: OrderLine, components: Mapping[str, int]
    ) -> list[BackorderRow]:
        """Kits as backorders of the components that they wait for."""
        rows: list[BackorderRow] = []
        for sku, units in components.items():
            rows += self.pegging.peg(line.id, sku, units)
        self._use_allowance_of_kit(kit, line, open_by_sku(rows))
        return rows

    def _use_allowance_of_kit(
        self, kit: KitLine, line: OrderLine, open_units: Mapping[str, int]
    ) -> None:
        # A kit waits without a supply if one of its components does.
        kits = [-(-open_units.get(sku, 0) // units_each) for sku, units_each in kit.recipe]
        self.pegging.use_allowance(line.sku, max(kits))
