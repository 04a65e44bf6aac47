"""The SKUs of a run that have rules, and what an order may take of them in its turn.

`Rules` lives as long as the run: it has the shelves, and knows which units went to which customer
and how much each location can still take on. A `Turn` is made for one order of whose SKUs some
have rules: it says what the order wants in terms of what lies on shelves (kits taken apart), and
what the rules leave of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core.allocation.kit_line import KitLine
from fulfill_core.decisions.decision import held_by_line
from fulfill_core.decisions.finding import Finding, note
from fulfill_core.decisions.lines import AllocationRow, BackorderRow, KitRow, ShortReason
from fulfill_core.inventory.availability import is_ruled, reserved_by_lot, shelf_of
from fulfill_core.inventory.capacity import capacity_left, counts_today, limited_locations
from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.inventory.shelf import FreeAsIf, Limit, SameInstant, Shelf
from fulfill_core.inventory.stock import Fence, KitShips, Reservation
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.protocols import Candidate
from fulfill_core.protocols.plug_points import Pool

PlanByLine: TypeAlias = Mapping[tuple[str, str], int]
"""What a plan lets a line have, in its own stock units, by (order id, line id)."""


class Needs(NamedTuple):
    """What an order wants.

    Args:
        lines: its lines that want something, and how many units (of a kit line: kits).
        kits: the lines that ask for kits, by line id.
        needs: what it wants by SKU, kits taken apart.
        asked: the same, as far as the plan allows.
        most: what the plan lets each line have; empty if there is none.
    """

    lines: list[tuple[OrderLine, int]]
    kits: dict[str, KitLine]
    needs: dict[str, int]
    asked: dict[str, int]
    most: dict[str, int]


class Rules:
    """The shelves of a run, and what was taken off them.

    Args:
        inventory: the stock before the run.
        now: the caller's time.
    """

    def __init__(self, inventory: Inventory, now: datetime) -> None:
        self._inventory = inventory
        self._state = state_of(inventory)
        self._now = now
        self.skus: set[str] = set()
        """The SKUs with rules that the run has met: on shelves, or kits."""
        self.shelves: dict[str, Shelf] = {}
        # Kits that were met, as a line asks for them that holds nothing yet.
        self._kits: dict[str, KitLine] = {}
        self.capacities = {
            place.id: capacity_left(self._state, place.id, now) or 0
            for place in limited_locations(self._state)
        }
        """How many orders each location with a capacity can still take on."""
        # Units reserved for orders that are not ahead of the one whose turn it is, in the queue or
        # not, by SKU, location and lot; and, of SKUs not yet met, units of those ahead.
        self._behind: dict[str, Counter[tuple[str, str]]] = {}
        self._ahead: dict[str, Counter[tuple[str, str]]] = {}
        self.fresh = SameInstant(now)
        """What an earlier run at this very instant gave."""
        # Units of capped SKUs that orders which had their turn have, by customer and SKU.
        self._customers: Counter[tuple[str, str]] = Counter()

    def open(self, sku: str) -> bool:
        """Whether the SKU has rules; from now on it is known."""
        parts = self._inventory.components_of(sku)
        if parts:
            together = self._inventory.item(sku).kit_ships is KitShips.BY_ORDER
            nothing_held = tuple([(leaf, each, 0) for leaf, each in parts])
            self._kits[sku] = KitLine(nothing_held, 0, together, parts)
        elif is_ruled(self._state, sku) and self._inventory.is_tracked(sku):
            self.shelves[sku] = shelf_of(self._state, sku, self._now)
            behind = reserved_by_lot(self._state, sku, self._now)
            behind.subtract(self._ahead.get(sku, _NOBODY))
            self._behind[sku] = behind
        else:
            return False
        self.skus.add(sku)
        return True

    def leaves_of(self, sku: str) -> list[str]:
        """The components of a kit; none if it is none."""
        kit = self._kits.get(sku)
        return [] if kit is None else [leaf for leaf, _ in kit.recipe]

    def expect(self, reserved: Iterable[Reservation]) -> None:
        """Reservations of an order of the queue, whose turn is still to come."""
        self.fresh.count(reserved, 1)

    def pass_by(self, reserved: Iterable[Reservation]) -> None:
        """Reservations of an order whose turn is now."""
        self.fresh.count(reserved, -1)
        state = self._state
        for held in reserved:
            if is_ruled(state, held.sku):
                where = held.location, held.lot
                if held.sku in self._behind:
                    self._behind[held.sku][where] -= held.quantity
                else:
                    self._ahead.setdefault(held.sku, Counter())[where] += held.quantity

    def turn(
        self,
        order: Order,
        lines: Sequence[OrderLine],
        untracked: Sequence[str],
        reserved: tuple[Reservation, ...],
        plan: PlanByLine | None,
    ) -> Turn:
        """What the order wants now, and what the rules let it have."""
        tracked = [line for line in lines if line.id not in untracked] if untracked else lines
        turn = Turn(order, self.wanted(order, tracked, held_by_line(reserved), plan))
        if self.shelves:
            self._put_on_shelves(turn, lines, reserved)
        return turn

    def wanted(
        self,
        order: Order,
        lines: Sequence[OrderLine],
        held: Mapping[tuple[str, str], int],
        plan: PlanByLine | None = None,
    ) -> Needs:
        """What the lines want, kits taken apart."""
        lines_wanted: list[tuple[OrderLine, int]] = []
        kits: dict[str, KitLine] = {}
        needs: dict[str, int] = {}
        asked = needs if plan is None else {}
        most: dict[str, int] = {}
        for line in lines:
            line_id, sku = line.id, line.sku
            kit = self._kits.get(sku)
            if kit is not None:
                if held:
                    kit = kit.holding(line_id, held)
                kits[line_id] = kit
                units = line.units - kit.held
            else:
                units = line.units - held.get((line_id, sku), 0)
            if units <= 0:
                continue
            lines_wanted.append((line, units))
            if kit is None:
                needs[sku] = needs.get(sku, 0) + units
            else:
                _add(needs, sku, kit, units)
            if plan is not None:
                most[line_id] = planned = min(units, plan.get((order.id, line_id), 0))
                _add(asked, sku, kit, planned)
        return Needs(lines_wanted, kits, needs, asked, most)

    def _put_on_shelves(
        self, turn: Turn, lines: Iterable[OrderLine], reserved: Iterable[Reservation]
    ) -> None:
        shelves = self.shelves
        held: dict[str, int] = {}
        skus = turn.needs
        if reserved:
            for mine in reserved:
                held[mine.sku] = held.get(mine.sku, 0) + mine.quantity
            # A kit's components may be held and not wanted any more: they count for a cap.
            skus = {**dict.fromkeys([*[line.sku for line in lines], *held], 0), **skus}
        customer = turn.order.customer.id
        for sku in skus:
            shelf = shelves.get(sku)
            if shelf is not None:
                mine_of_sku = held.get(sku, 0)
                others = self._customers.get((customer, sku), 0)
                counted = mine_of_sku, others, *self.fresh.of(sku, reserved)
                turn.put(sku, shelf, counted, self._behind[sku])
                if mine_of_sku and shelf.item.customer_cap is not None:
                    self._customers[customer, sku] += mine_of_sku

    def could_have(
        self, order: Order, sku: str, reserved: Iterable[Reservation], extra: FreeAsIf
    ) -> tuple[dict[str, int], int | None]:
        """What the order could have of a SKU on a shelf if these units were free, too.

        Returns:
            Units by location, and how many a fence or a cap lets it have; None if there is none.
        """
        shelf = self.shelves[sku]
        held = sum([mine.quantity for mine in reserved if mine.sku == sku])
        others = self._customers.get((order.customer.id, sku), 0)
        limit = shelf.limit(order, reserved=held, customer_units=others, free_as_if=extra)
        return shelf.pool(order, extra), None if limit is None else limit.units

    def hand_over(self, held: Reservation, units: int) -> None:
        """So many units on a shelf are free that were reserved; below 0, they are so again."""
        self.fresh.count((attrs.evolve(held, quantity=abs(units)),), -1 if units > 0 else 1)
        self._behind[held.sku][held.location, held.lot] -= units
        self.shelves[held.sku].put(held.location, held.lot, units)

    def takes_on(self, order: Order, location: str) -> bool:
        """Whether a location has capacity left for the order, which may have had its share."""
        left = self.capacities.get(location)
        return left is None or left > 0 or self._counts_today(order, location)

    def count(self, order: Order, rows: Iterable[AllocationRow]) -> None:
        """The order takes up capacity of the locations that it got something from."""
        capacities = self.capacities
        for location in {row[2] for row in rows}:
            if location in capacities and not self._counts_today(order, location):
                capacities[location] -= 1

    def _counts_today(self, order: Order, location: str) -> bool:
        return counts_today(self._state, order.id, location, self._now)

    def settle(
        self, order: Order, shelves: Iterable[str], taken: Iterable[AllocationRow]
    ) -> tuple[AllocationRow, ...]:
        """What was taken, off the shelves: every unit with the lot that it is of."""
        ruled = set(shelves)
        rows: list[AllocationRow] = []
        for row in taken:
            line_id, sku, location, units, _ = row
            if sku not in ruled:
                rows.append(row)
                continue
            shelf = self.shelves[sku]
            for lot, some in shelf.draw(location, units, order):
                rows.append((line_id, sku, location, some, lot))
            if shelf.item.customer_cap is not None:
                self._customers[order.customer.id, sku] += units
        return tuple(rows)

    def promise(self, order: Order, rows: Iterable[BackorderRow]) -> None:
        """What waits counts for a customer's cap like what was taken."""
        for _, sku, units, *_ in rows:
            shelf = self.shelves.get(sku)
            if shelf is not None and shelf.item.customer_cap is not None:
                self._customers[order.customer.id, sku] += units


def _add(needs: dict[str, int], sku: str, kit: KitLine | None, units: int) -> None:
    """Add what so many units of a line need: units of its SKU, or of the components of its kits."""
    for part, some in ((sku, units),) if kit is None else kit.more(units):
        needs[part] = needs.get(part, 0) + some


_NOBODY: Mapping[tuple[str, str], int] = {}


class Turn:
    """What one order wants, and what the rules leave of it.

    Args:
        order: the order.
        wanted: what it wants; `put` takes the rules into account.
    """

    def __init__(self, order: Order, wanted: Needs) -> None:
        self.order = order
        self.wants, self.kits, self.needs, asked, self.most = wanted
        self.asked = {sku: units for sku, units in asked.items() if units}
        most = self.most
        self.cut = {line.id for line, units in self.wants if most[line.id] < units} if most else ()
        """The lines that the plan gives less than they want."""
        self.shelves: dict[str, Shelf] = {}
        self.offers: dict[str, dict[str, int]] = {}
        """What each location can give of SKUs on shelves, before limits, by SKU."""
        self.pools: dict[str, Pool] = {}
        """The same as pools; and the pools of the others as they were before the turn."""
        self.granted: dict[str, int] = {}
        """Units of each SKU on shelves that the locations which serve the order give it."""
        self.taken: Sequence[AllocationRow] = ()
        """What the order takes, before it is settled into lots."""
        self._summed: tuple[Sequence[AllocationRow], dict[str, int]] = (), {}
        self.limits: dict[str, Limit] = {}
        """Of which SKUs a fence or a cap, not the stock, is the limit."""
        self._held: dict[str, tuple[int, int, Mapping[tuple[str, str], int]]] = {}
        self._caps: dict[str, int] = {}  # what a cap leaves that is less than what is wanted
        self._waiting: dict[str, int] = {}  # units that wait, by SKU

    def put(
        self,
        sku: str,
        shelf: Shelf,
        counted: tuple[int, int, int, FreeAsIf],
        behind: Mapping[tuple[str, str], int],
    ) -> None:
        """One of the SKUs is on this shelf.

        Args:
            sku: the SKU.
            shelf: where it is.
            counted: units of it that the order holds, that its customer's orders ahead have, that
                an earlier run at this very instant gave to it, and to it and those behind it.
            behind: units of it that orders not ahead hold, by location and lot.
        """
        self.shelves[sku] = shelf
        held, others, _, _ = counted
        self._held[sku] = held, others, behind
        limit = shelf.limit(self.order, reserved=held, customer_units=others)
        pool = shelf.pool(self.order)
        self.offers[sku] = pool
        if limit is None and not shelf.has_packs:  # the usual case
            return
        needed = self.needs.get(sku, 0)
        if limit is not None:
            if limit.units < self.asked.get(sku, 0):
                self.asked[sku] = limit.units
            self._tell_of(sku, limit, pool, counted)
            if limit.cap is not None and limit.cap < needed:
                self._caps[sku] = limit.cap
        asked = self.asked.get(sku, 0)
        if not asked:
            self.asked.pop(sku, None)
        if shelf.has_packs:
            pool = {at: shelf.leaving(at, min(units, asked)) for at, units in pool.items()}
            self.offers[sku] = {at: units for at, units in pool.items() if units}

    def _tell_of(
        self,
        sku: str,
        limit: Limit,
        pool: Mapping[str, int],
        counted: tuple[int, int, int, FreeAsIf],
    ) -> None:
        """Say that the limit is what holds the order back, if it is: the same in every run."""
        held, others, mine, fresh = counted
        needed = self.needs.get(sku, 0)
        told: Limit | None = limit
        if fresh:
            shelf = self.shelves[sku]
            needed += mine
            told = shelf.limit(
                self.order, reserved=held - mine, customer_units=others, free_as_if=fresh
            )
            pool = shelf.pool(self.order, fresh)
        if told is not None and told.units < min(needed, sum(pool.values())):
            self.limits[sku] = told

    def in_all(self, sku: str, *, in_packs: bool = True, behind: FreeAsIf | None = None) -> int:
        """Units on a shelf that the order could have, had those not ahead of it not got theirs.

        Not *in_packs*: whatever the packs that they leave in. *behind*: had they not got these.
        """
        shelf = self.shelves[sku]
        held, others, theirs = self._held[sku]
        extra = {
            key: units for key, units in (theirs if behind is None else behind).items() if units
        }
        units = self.needs[sku]
        limit = shelf.limit(self.order, reserved=held, customer_units=others, free_as_if=extra)
        if limit is not None:
            units = min(units, limit.units)
        pool = shelf.pool(self.order, extra)
        if not in_packs:
            return min(units, sum(pool.values()))
        return sum(shelf.split(units, [(at, at, have) for at, have in pool.items()]).values())

    @property
    def composition(self) -> tuple[KitRow, ...]:
        """What the kits are made of that its lines ask for, for the decision."""
        return tuple([(line_id, kit.recipe) for line_id, kit in self.kits.items()])

    def taken_of(self, sku: str) -> int:
        """How many units the order takes of a SKU that is on a shelf; of others, none are there."""
        return self._sums().get(sku, 0) if sku in self.shelves else 0

    def _sums(self) -> dict[str, int]:
        taken, known = self._summed
        if taken is self.taken:
            return known
        sums: dict[str, int] = {}
        for _, sku, _, units, _ in self.taken:
            sums[sku] = sums.get(sku, 0) + units
        self._summed = self.taken, sums
        return sums

    def torn(self) -> dict[str, int]:
        """SKUs of which whole packs were granted and not all is taken, and how much is."""
        packed = [sku for sku, shelf in self.shelves.items() if shelf.has_packs]
        if not packed:  # the usual case
            return {}
        sums = self._sums()
        return {sku: sums.get(sku, 0) for sku in packed if sums.get(sku, 0) < self.granted[sku]}

    def skus_of(self, line: OrderLine) -> list[str]:
        """What a line takes from the stock: its SKU, or the components of its kits."""
        kit = self.kits.get(line.id)
        return [line.sku] if kit is None else [part[0] for part in kit.parts]

    def offered(self, line: OrderLine) -> Collection[Candidate]:
        """The locations that had something of what a line takes, when the turn began."""
        if line.id not in self.kits:
            return self.pools.get(line.sku) or ()
        offered: set[Candidate] = set()
        for sku in self.skus_of(line):
            offered.update(self.pools.get(sku) or ())
        return offered

    def _limits_of(self, line: OrderLine) -> list[tuple[str, Limit]]:
        if not self.limits:  # the usual case
            return []
        return [(sku, self.limits[sku]) for sku in self.skus_of(line) if sku in self.limits]

    def reason(self, line: OrderLine) -> ShortReason | None:
        """Why a rule or a plan, and not the stock, keeps units from a line; None if none does."""
        for _, limit in self._limits_of(line):
            return ShortReason.RING_FENCED if limit.fence else ShortReason.CUSTOMER_CAP
        if line.id in self.cut and self.offered(line):
            return ShortReason.GIVEN_TO_OTHERS
        return None

    def may_wait(self, line: OrderLine, got: int, missing: int) -> int:
        """How many of its missing units may wait, so that its customer gets no more than the cap.

        All that the order gets counts, and what waits on the lines before it.
        """
        if not self._caps:  # the usual case
            return missing
        kit = self.kits.get(line.id)
        most = missing
        for part in ((line.sku, 1, 0),) if kit is None else kit.parts:
            sku = part[0]
            cap = self._caps.get(sku)
            if cap is None:
                continue
            left = max(0, cap - self.taken_of(sku) - self._waiting.get(sku, 0))
            may = left if kit is None else kit.enough_for(part, got, left)
            if may < missing:
                self.limits.setdefault(sku, Limit(cap, None, cap))
                most = min(most, may)
        return most

    def is_over_cap(self, line: OrderLine) -> bool:
        """Whether the order wants more of what the line asks for than its customer may have."""
        over = [sku for sku in self.skus_of(line) if sku in self._caps]
        for sku in over:
            self.limits.setdefault(sku, Limit(self._caps[sku], None, self._caps[sku]))
        return bool(over)

    def waiting(self, rows: Iterable[BackorderRow]) -> list[BackorderRow]:
        """These units wait; they count for a cap like those that are taken."""
        made = list(rows)
        for _, sku, units, *_ in made:
            self._waiting[sku] = self._waiting.get(sku, 0) + units
        return made

    def remarks(self) -> tuple[Finding, ...]:
        """That a fence or a cap, not the stock, was the limit."""
        remarks: list[Finding] = []
        for sku, limit in sorted(self.limits.items()):
            left = limit.units
            if limit.fence is None:
                cap = self.shelves[sku].item.customer_cap
                detail = f"Of {sku}, one customer gets {cap} at most: {left} more for this order."
                remarks.append(note("allocation.customer_cap", detail=detail))
            else:
                kept = f"the last {limit.fence.quantity} are kept for {_whom(limit.fence)}"
                detail = f"Of {sku}, {kept}: {left} were left for this order."
                remarks.append(note("allocation.ring_fenced", detail=detail))
        return tuple(remarks)


def _whom(fence: Fence) -> str:
    """For whom a fence is there, in words."""
    words = [
        f"{what} {', '.join(sorted(some))}"
        for what, some in (
            ("channel", fence.channels),
            ("tier", fence.tiers),
            ("tag", fence.tags),
        )
        if some
    ]
    until = "" if fence.until is None else f", until {fence.until:%Y-%m-%d %H:%M %Z}"
    return " and ".join(words) + until
