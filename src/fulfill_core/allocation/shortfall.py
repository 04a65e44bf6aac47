"""What an order is told that did not get all: what waits for which supply, what never comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from fulfill_core.allocation.backlog import Backlog
from fulfill_core.allocation.kit_line import KitLine
from fulfill_core.allocation.rules import Turn
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.lines import BackorderRow, ShortReason, ShortRow
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.shelf import SameInstant
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols import Candidate
from fulfill_core.protocols.plug_points import Pool, Pools

_LINES = Ship.LINES

Want: TypeAlias = tuple[OrderLine, int, Pool]
"""A line that still needs units, how many, and the pool that they come from."""
Told: TypeAlias = tuple[tuple[BackorderRow, ...], tuple[ShortRow, ...]]
"""What waits, and what will not come."""


Lack: TypeAlias = tuple[Want, int, int]
"""What a line wanted, how many units it did not get, and how many of them were there and were not
taken."""


class Shortfall:
    """What is promised of what is to come, and said of what is not, in one run.

    Args:
        inventory: the stock before the run.
        now: the caller's time.
        pools: what is left of each SKU, at any moment of the run.
        fresh: what an earlier run at this very instant gave.
    """

    def __init__(
        self, inventory: Inventory, now: datetime, pools: Pools, fresh: SameInstant
    ) -> None:
        self._inventory = inventory
        self._now = now
        self._pools = pools
        self._fresh = fresh
        self._backlog = Backlog(inventory, now)
        self.ahead: Counter[str] = Counter()
        """Units that orders which had their turn, or have it now, held already, by SKU."""
        self._reserved: dict[str, int] = {}  # before the run, of SKUs that this was asked of
        self.may_move = False
        """Whether orders take from each other in this run."""
        self.shut: Collection[Candidate] = ()
        """The locations that would not take on the order whose turn it is."""

    def remarks(self) -> tuple[Finding, ...]:
        """What there is to say on what was promised since this was last asked."""
        return self._backlog.remarks()

    def of_lines(
        self,
        order: Order,
        lacks: Iterable[Lack],
        places: Collection[Candidate],
        turn: Turn | None = None,
    ) -> Told:
        """What the lines that did not get all are told, each for itself."""
        backorders: list[BackorderRow] = []
        shorts: list[ShortRow] = []
        backlog = self._backlog
        for lack in lacks:
            (line, units, _), missing, _ = lack
            waits = 0
            left_there = ShortReason.LINE_SHIPS_WHOLE
            kit = None if turn is None else turn.kits.get(line.id)
            if self._inventory.is_backorderable(line.sku):
                waits = missing
                is_whole = order.ship is _LINES or (kit is not None and kit.together)
                if turn is not None:
                    waits = turn.may_wait(line, units - missing, missing)
                while True:
                    if waits < missing:
                        waits = 0 if is_whole else whole_packs(line, missing, waits)
                    if turn is None or kit is None:
                        room = backlog.room(line.sku, waits)
                    else:
                        room = self._room_for_kits(turn, line, units - missing, waits)
                    if room == waits:
                        break
                    waits = room
                    left_there = ShortReason.BACKORDER_CAP
            if waits:
                rows: Iterable[BackorderRow]
                if turn is None or kit is None:
                    rows = backlog.pegged(line.id, line.sku, waits)
                else:
                    needed = self._needed(turn, line, units - missing, waits)
                    rows = self._kits_pegged(kit, line, needed)
                backorders += rows if turn is None else turn.waiting(rows)
            if waits < missing:
                rest = missing - waits
                shorts.append(self._short(lack, rest, places, left_there, turn))
        return tuple(backorders), tuple(shorts)

    def of_order(
        self,
        wants: list[Want],
        places: Collection[Candidate],
        needs: Mapping[str, int],
        turn: Turn | None = None,
    ) -> Told:
        """What an order that ships complete and cannot is told: it takes nothing on hand.

        If all that is missing may be backordered, the whole order is; otherwise it will never be
        complete, so all of it is short and no supply is kept for it. Units that are reserved for
        orders not ahead of it are not missing: it may have let them go itself, in this run or an
        earlier one, and must hear the same in each.
        """
        missing = self._missing(needs, turn)
        # Of those that follow all is missing: how much orders behind have got changes nothing.
        if not missing and self.may_move:  # whoever has it now, had it from others in this run
            missing = dict(needs)
        if not missing:  # those behind it have it, and had it before this run
            missing = {sku: some for sku, some in needs.items() if self._free(sku, turn) < some}
        if not missing:  # all is there: the sourcing policy left it out, or others get it by plan
            offered = {place.id for sku in needs for place in self._pools[sku] or ()}
            left_out = offered - {place.id for place in places}
            missing = {
                sku: some for sku, some in needs.items() if self._free_without(left_out, sku) < some
            }
        if turn is None:
            lacking = [want for want in wants if want[0].sku in missing]
        else:
            lacking = [
                want
                for want in wants
                if want[0].id in turn.cut or not missing.keys().isdisjoint(turn.skus_of(want[0]))
            ]
        lacking = lacking or wants
        reasons = self._against_waiting(wants, lacking, turn)
        if not reasons:
            backorders: list[BackorderRow] = []
            for line, units, _ in wants:
                kit = None if turn is None else turn.kits.get(line.id)
                if kit is None:
                    backorders += self._backlog.pegged(line.id, line.sku, units)
                else:
                    backorders += self._kits_pegged(kit, line, dict(kit.more(units)))
            backorders = _with_on_hand(backorders, missing, () if turn is None else turn.cut)
            return tuple(backorders if turn is None else turn.waiting(backorders)), ()
        shorts: list[ShortRow] = []
        of_lacking = {want[0].id for want in lacking}
        for want in wants:
            line, units, pool = want
            reason = ShortReason.ORDER_SHIPS_COMPLETE
            if line.id in of_lacking:
                reason = reasons.get(line.sku, ShortReason.OUT_OF_STOCK)
            lack = want, units, _sum(pool, places)
            shorts.append(self._short(lack, units, places, reason, turn))
        return (), tuple(shorts)

    def _against_waiting(
        self, wants: list[Want], lacking: list[Want], turn: Turn | None
    ) -> dict[str, ShortReason]:
        """Why an order that lacks these lines can't wait for them, by SKU; empty if it can."""
        reasons: dict[str, ShortReason] = {}
        asked: dict[str, int] = {}
        for line, units, _ in wants:
            asked[line.sku] = asked.get(line.sku, 0) + units
        for line, _, _ in lacking:
            sku = line.sku
            units = asked[sku]
            if not self._inventory.is_backorderable(sku):
                reasons[sku] = ShortReason.OUT_OF_STOCK
            elif turn is not None and turn.is_over_cap(line):
                reasons[sku] = ShortReason.CUSTOMER_CAP
            elif not self._may_all_wait(line, units, turn):
                reasons[sku] = ShortReason.BACKORDER_CAP
        return reasons

    def _may_all_wait(self, line: OrderLine, units: int, turn: Turn | None) -> bool:
        """Whether all that an order wants of what this line asks for may wait: so many units."""
        room = self._backlog.room
        kit = None if turn is None else turn.kits.get(line.id)
        if turn is None or kit is None:
            needed = units if turn is None else turn.needs[line.sku]
            return room(line.sku, needed) == needed
        needs = [(sku, turn.needs.get(sku, 0)) for sku, _, _ in kit.parts]
        if any([room(sku, needed) < needed for sku, needed in needs]):
            return False
        left = self._backlog.left(line.sku)
        to_come = self._backlog.to_come
        return left is None or all(
            [
                units <= kit.enough_for(part, 0, left * part[1] + to_come(part[0]))
                for part in kit.parts
            ]
        )

    def _missing(self, needs: Mapping[str, int], turn: Turn | None) -> dict[str, int]:
        """Units of which there are not enough, had those behind the order not got theirs."""
        pools = self._pools
        missing: dict[str, int] = {}
        for sku, units in needs.items():
            pool = pools[sku]
            if pool and turn is None and sum(pool.values()) >= units:  # the usual case
                continue
            there = self._in_all(sku, turn)
            if there < units:
                missing[sku] = units - there
        return missing

    def _in_all(self, sku: str, turn: Turn | None, *, in_packs: bool = True) -> int:
        """Units that the order could have, had those behind it not got theirs."""
        if turn is not None and sku in turn.shelves:
            return turn.in_all(sku, in_packs=in_packs)
        return sum((self._pools[sku] or {}).values()) + self._behind(sku)

    def _free(self, sku: str, turn: Turn | None) -> int:
        """Units that the order could have, had those behind it got nothing at this instant.

        What they got then, they may have got in an earlier run, and it must hear the same in each.
        """
        fresh = self._fresh.behind(sku)
        if turn is not None and sku in turn.shelves:
            return turn.in_all(sku, behind=fresh)
        return sum((self._pools[sku] or {}).values()) + sum(fresh.values())

    def _free_without(self, left_out: Collection[str], sku: str) -> int:
        """The same without what lies at these locations."""
        pool = self._pools[sku] or {}
        units = sum([some for at, some in pool.items() if at.id not in left_out])
        fresh = self._fresh.behind(sku)
        return units + sum([some for (at, _), some in fresh.items() if at not in left_out])

    def _room_for_kits(self, turn: Turn, line: OrderLine, got: int, kits: int) -> int:
        """How many of so many kits may wait: what the caps of kit and components leave."""
        kit = turn.kits[line.id]
        backlog = self._backlog
        of_kit = backlog.left(line.sku)
        lacking = self._needed(turn, line, got, kits)
        needed = kit.beyond(got, kits)
        room = kits
        for part in kit.parts:
            sku, each, _ = part
            left = backlog.left(sku)
            if of_kit is not None:
                left = of_kit * each if left is None else min(left, of_kit * each)
            if left is not None and sku in lacking:
                there = needed[sku] - lacking[sku]
                units = left + backlog.to_come(sku) + there
                room = min(room, kit.enough_for(part, got, units))
        return max(0, room)

    def _needed(self, turn: Turn, line: OrderLine, got: int, kits: int) -> dict[str, int]:
        """What so many kits wait for, beyond those that the line gets: SKUs and units.

        Components that are there wait on their shelf: they are not kept for it, and others may take
        them first. If that is so for all of them, all wait.
        """
        needed = turn.kits[line.id].beyond(got, kits)
        lacking = {
            sku: units - there
            for sku, units in needed.items()
            if units > (there := self._in_all(sku, turn, in_packs=False) - turn.taken_of(sku))
        }
        return lacking or needed

    def _behind(self, sku: str) -> int:
        """Units that are reserved for orders which are not ahead, in the queue or not.

        To count those of the queue alone would let a decision depend on who ranks behind.
        """
        reserved = self._reserved.get(sku)
        if reserved is None:
            reserved = self._reserved[sku] = self._inventory.reserved(sku, now=self._now)
        return reserved - self.ahead[sku]

    def _kits_pegged(
        self, kit: KitLine, line: OrderLine, needed: Mapping[str, int]
    ) -> list[BackorderRow]:
        """Kits as backorders of the components that they wait for."""
        rows: list[BackorderRow] = []
        for sku, units in needed.items():
            rows += self._backlog.pegged(line.id, sku, units)
        without_supply: Counter[str] = Counter()
        for _, sku, units, supply_id, *_ in rows:
            without_supply[sku] += 0 if supply_id else units
        self._backlog.use(
            line.sku, max([-(-without_supply[sku] // each) for sku, each, _ in kit.parts])
        )
        return rows

    def _short(
        self,
        lack: Lack,
        units: int,
        places: Collection[Candidate],
        left_there: ShortReason,
        turn: Turn | None,
    ) -> ShortRow:
        """Units that a line will not get, how many there were for it, and why it did not get them.

        *left_there* is the reason if some are there and were not taken.
        """
        (line, wanted, pool), missing, left = lack
        rule = None if turn is None else turn.reason(line)
        skus = [line.sku] if turn is None else turn.skus_of(line)
        if not all(map(self._inventory.is_known, skus)):
            reason = ShortReason.UNKNOWN_SKU
        elif rule is not None:
            reason = rule
        elif left_there is ShortReason.BACKORDER_CAP:
            reason = left_there
        else:
            offered = pool if turn is None else turn.offered(line)
            elsewhere = [place for place in offered if place not in places]
            if elsewhere:
                is_shut = all([place in self.shut for place in elsewhere])
                reason = ShortReason.AT_CAPACITY if is_shut else ShortReason.NOT_SOURCED
            else:
                reason = left_there if left else ShortReason.OUT_OF_STOCK
        return line.id, line.sku, units, line.units, wanted - missing + left, reason.value


def _sum(pool: Pool, places: Iterable[Candidate]) -> int:
    return sum([pool.get(place, 0) for place in places])


def _with_on_hand(
    rows: Iterable[BackorderRow], missing: Mapping[str, int], cut: Collection[str]
) -> list[BackorderRow]:
    """The backorders of an order that ships complete, with how many units of each are there.

    What is missing comes with the earliest supplies; lines that are cut may not have what is there.
    """
    left = dict(missing)
    told: list[BackorderRow] = []
    for row in rows:
        line_id, sku, units, supply_id, expected_at, location, _ = row
        waits = units if line_id in cut else min(units, left.get(sku, 0))
        left[sku] = left.get(sku, 0) - waits
        told.append((line_id, sku, units, supply_id, expected_at, location, units - waits))
    return told


def whole_packs(line: OrderLine, units: int, there: int) -> int:
    """How many units to take so that the line has whole packs, given what it holds already."""
    held = line.units - units
    return max(0, (held + there) // line.units_each * line.units_each - held)
