"""The SKUs of a run that have rules, and how much of them was given out.

`Rules` lives as long as the run: it has the shelves, and knows which units went to which customer
and how much each location can still take on. For each order of whose SKUs some have rules it makes
a `RuledTurn`, with what the rules leave of what the order needs; afterwards it settles what was
taken: into lots, and off the shelves. See docs/explanation/how-stock-is-given-out.md, "SKUs with
rules".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import attrs

from fulfill_core.allocation.counting import Counted, SameInstant
from fulfill_core.allocation.customer_units import CustomerUnits, PlanByLine
from fulfill_core.allocation.demand import LotTerms, RuledDemand, planned_units
from fulfill_core.allocation.kit_line import KitLine, KitPart
from fulfill_core.allocation.ruled_turn import RuledTurn
from fulfill_core.decisions.decision import reserved_by_line
from fulfill_core.decisions.rows import (
    AllocationRow,
    AllocationView,
    in_lots,
    locations_of,
    units_by_sku,
)
from fulfill_core.inventory.availability import (
    is_ruled,
    reserved_by_lot,
    shelf_of,
)
from fulfill_core.inventory.capacity import (
    capacity_left,
    counts_today,
    limited_locations,
    taken_on_today,
)
from fulfill_core.inventory.item_rules import KitShips, Limit
from fulfill_core.inventory.shelves.shelf import Deliveries, Shelf
from fulfill_core.inventory.state import State, components_of, is_tracked
from fulfill_core.inventory.state import item as item_of
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.records.facts import Context

UnitsByLotPlace: TypeAlias = Counter[tuple[str, str]]
"""Units by location id and lot."""
_NO_DELIVERIES: Mapping[str, Deliveries] = {}


class Rules:
    """The shelves of a run, and what was taken off them.

    Args:
        stock: the stock before the run.
        context: the time, and what is known of customers.
        reserved: what is reserved for orders of the run, by their ids.
        by_lead_time: whether lots are judged by the lead times of their locations; if not, by what
            is promised.
    """

    def __init__(
        self,
        stock: State,
        context: Context,
        reserved: Mapping[str, Iterable[Reservation]],
        *,
        by_lead_time: bool = True,
    ) -> None:
        self._stock = stock
        self._now = now = context.now
        self._by_lead_time = by_lead_time
        self.skus: set[str] = set()
        """The SKUs with rules that the run has met: on shelves, or kits."""
        self.shelves: dict[str, Shelf] = {}
        # Kits that were met, as a line asks for them for which nothing is reserved; and SKUs that
        # need no stock, with None.
        self._kits: dict[str, KitLine | None] = {}
        self.capacities = {
            place.id: capacity_left(stock, place.id, now) or 0 for place in limited_locations(stock)
        }
        """How many orders each location with a capacity can still take on."""
        self.full = {at for at, orders in self.capacities.items() if orders <= 0}
        """The locations that take on no further orders today."""
        # Units reserved for orders that are not ahead of the one whose turn it is, in the queue or
        # not, of each SKU on a shelf; and those of orders ahead, of SKUs that no shelf was made
        # for yet. Counting who is in the queue alone would let a decision depend on who ranks
        # after the order (law 7).
        self._reserved_behind: dict[str, UnitsByLotPlace] = {}
        self._reserved_ahead: dict[str, UnitsByLotPlace] = {}
        # Shelves as they would be if those orders had nothing, or had got nothing at this instant;
        # each is made when first it is asked for, and kept up to date from then on.
        self._shelves_if_let_go: dict[str, Shelf] = {}
        self._shelves_if_undone: dict[str, Shelf] = {}
        # What counts for every order, of any SKU on a shelf, if it has no cap.
        self._uncounted = Counted(self._if_let_go)
        self.same_instant = SameInstant(stock, now, reserved)
        """What an earlier run at this very instant gave (law 8)."""
        self.customers = CustomerUnits(stock, context)
        """What customers have of SKUs with a cap."""

    def open(self, sku: str) -> bool:
        """Whether a SKU that is not plain has rules, else it needs no stock; the run has met it."""
        parts = components_of(self._stock, sku)
        if parts:
            ships_together = item_of(self._stock, sku).kit_ships is KitShips.BY_ORDER
            kit_parts = tuple([KitPart(leaf, units_each) for leaf, units_each in parts])
            skus = tuple([leaf for leaf, _ in parts])
            self._kits[sku] = KitLine(kit_parts, 0, ships_together, parts, skus)
        elif is_ruled(self._stock, sku) and is_tracked(self._stock, sku):
            self.shelves[sku] = shelf_of(
                self._stock, sku, self._now, by_lead_time=self._by_lead_time
            )
            reserved = reserved_by_lot(self._stock, sku, self._now)
            if sku in self._reserved_ahead:
                reserved.subtract(self._reserved_ahead[sku])
            if any(reserved.values()):
                self._reserved_behind[sku] = reserved
        else:
            self._kits[sku] = None
            return False
        # Only what was met: a run of one order does not look through the whole inventory.
        self.skus.add(sku)
        return True

    def leaves_of(self, sku: str) -> Sequence[str]:
        """The components of a kit; none if it is none."""
        kit = self._kits.get(sku)
        return () if kit is None else kit.skus

    def apply_to(self, lines: Iterable[OrderLine]) -> bool:
        """Whether one of the lines asks for a SKU with rules."""
        skus = self.skus
        for line in lines:  # `any` of a generator costs three times as much
            if line.sku in skus:
                return True
        return False

    def count_ahead(self, reserved: Iterable[Reservation]) -> None:
        """Count what is reserved for an order whose turn is now: it is behind nobody any more."""
        self.same_instant.count_ahead(reserved)
        self._count_given(reserved, -1)
        stock = self._stock
        for reservation in reserved:
            sku = reservation.sku
            if is_ruled(stock, sku):
                place = reservation.location, reservation.lot
                # A shelf is made when the first order asks for the SKU; who had its turn before
                # is remembered until then.
                if sku in self.shelves:
                    self._count_behind(sku, place, -reservation.quantity)
                else:
                    ahead = self._reserved_ahead.setdefault(sku, Counter())
                    ahead[place] += reservation.quantity

    def _count_behind(self, sku: str, place: tuple[str, str], units: int) -> None:
        """So many units more, or fewer, are reserved for orders that are not ahead."""
        self._reserved_behind.setdefault(sku, Counter())[place] += units
        if sku in self._shelves_if_let_go:
            self._shelves_if_let_go[sku].put_if_fit(*place, units)

    def _count_given(self, reservations: Iterable[Reservation], sign: int) -> None:
        """More, or less, was given at this instant to orders whose turn is to come."""
        shelves = self._shelves_if_undone
        gifts = self.same_instant.gifts_in(reservations) if shelves else ()
        for each in [gift for gift in gifts if gift.sku in shelves]:
            shelves[each.sku].put(each.location, each.lot, sign * each.quantity)

    def _if_let_go(self, sku: str) -> Shelf:
        """The shelf of a SKU if all that is reserved for orders which are not ahead were free."""
        shelf = self._shelves_if_let_go.get(sku)
        if shelf is None:
            shelf = self.shelves[sku]
            if self.is_reserved_behind(sku):
                shelf = shelf.mirror(self._reserved_behind[sku])
                self._shelves_if_let_go[sku] = shelf
        return shelf

    def is_reserved_behind(self, sku: str) -> bool:
        """Whether something of a SKU on a shelf is reserved for orders which are not ahead."""
        reserved = self._reserved_behind.get(sku)
        return reserved is not None and any(reserved.values())

    def _shelf_if_undone(self, sku: str) -> Shelf:
        """The shelf of a SKU as if orders behind had got nothing at this instant."""
        return self._shelves_if_undone.get(sku) or self.shelves[sku]

    def undo(self, skus: Iterable[str]) -> bool:
        """From now on it is as if orders behind had got nothing at this instant (`redo` ends that).

        Returns:
            Whether they did get something of these SKUs, which lie on shelves.
        """
        same_instant = self.same_instant
        has_given = False
        for sku in skus:
            if sku not in self._shelves_if_undone:
                units = {at: n for at, n in same_instant.behind(sku).items() if n}
                if units:
                    shelf = self._shelves_if_undone[sku] = self.shelves[sku].mirror({})
                    for (location, lot), of_lot in units.items():
                        shelf.put(location, lot, of_lot)
            has_given = has_given or sku in self._shelves_if_undone
        same_instant.is_undone = True
        return has_given

    def redo(self) -> None:
        """It is as it is again."""
        self.same_instant.is_undone = False

    def turn_of(
        self,
        order: Order,
        lines: Sequence[OrderLine],
        reserved: tuple[Reservation, ...],
        plan: PlanByLine | None,
        shipped: Mapping[tuple[str, str], int],
    ) -> RuledTurn:
        """What the order needs now, and what the rules and the plan let it have.

        Args:
            order: the order.
            lines: those of its lines that go on, as they are due.
            reserved: what is reserved for it.
            plan: how much each line may have; None leaves it to rank.
            shipped: what has left of its lines, by line and SKU.
        """
        owned = self.owned_units(reserved, shipped)
        demand = self.demand_of(order, lines, owned, plan)
        return self.turn_with(order, lines, demand, reserved, owned)

    @staticmethod
    def owned_units(
        reserved: Iterable[Reservation], shipped: Mapping[tuple[str, str], int]
    ) -> Mapping[tuple[str, str], int]:
        """What counts towards the lines of an order already, by line and SKU."""
        owned = reserved_by_line(reserved)
        for key, units in shipped.items():
            owned[key] = owned.get(key, 0) + units
        return owned

    def turn_with(
        self,
        order: Order,
        lines: Sequence[OrderLine],
        demand: RuledDemand,
        reserved: tuple[Reservation, ...],
        owned: Mapping[tuple[str, str], int],
    ) -> RuledTurn:
        """What the order needs now, and what the rules let it have of that.

        Args:
            order: the order.
            lines: those of its lines that go on, as they are due.
            demand: what they need.
            reserved: what is reserved for it.
            owned: what counts towards them already, by line and SKU.
        """
        turn = RuledTurn(order, demand)
        if self.shelves:
            self._add_shelves(turn, lines, reserved, owned)
        return turn

    def demand_of(
        self,
        order: Order,
        lines: Iterable[OrderLine],
        owned: Mapping[tuple[str, str], int],
        plan: PlanByLine | None = None,
    ) -> RuledDemand:
        """What the lines still need, kits taken apart, and what the plan lets them have.

        Args:
            order: the order.
            lines: lines of it that the run has met, as they are due.
            owned: what counts towards them already, by line and SKU: what is reserved or has left.
            plan: how much each line may have; None leaves it to rank.
        """
        lines_in_need: list[tuple[OrderLine, int]] = []
        kits: dict[str, KitLine] = {}
        needs: dict[str, int] = {}
        parts: list[tuple[OrderLine, str, int]] = []
        lines_in_vain: list[str] = []
        untracked_ids: tuple[str, ...] = ()
        is_particular = False
        kit_of = self._kits
        for line in lines:
            sku, units, kit = line.sku, line.units, None
            if sku in kit_of:
                kit = kit_of[sku]
                if kit is None:
                    untracked_ids += (line.id,)
                    continue
                kits[line.id] = kit = kit.with_reserved(line.id, owned) if owned else kit
            if owned:
                units -= owned.get((line.id, sku), 0) if kit is None else kit.reserved
                if units <= 0:
                    continue
            # A line that needs nothing is no demand, but its kits stand in the decision.
            lines_in_need.append((line, units))
            if line.is_particular:
                is_particular = True
                if line.lot and sku not in self.shelves:  # there are no lots of it
                    lines_in_vain.append(line.id)
                    continue
            if kit is None:
                needs[sku] = needs.get(sku, 0) + units
                parts.append((line, sku, units))
                continue
            for part, part_units in kit.components_of(units):
                needs[part] = needs.get(part, 0) + part_units
                parts.append((line, part, part_units))
        quotas, quota_by_line = needs, dict[str, int]()
        if plan is not None:
            quotas, quota_by_line = planned_units(order, lines_in_need, kits, plan, lines_in_vain)
        return RuledDemand(
            lines_in_need, kits, needs, quotas, quota_by_line, parts, untracked_ids, is_particular
        )

    def _add_shelves(
        self,
        turn: RuledTurn,
        lines: Iterable[OrderLine],
        reserved: Iterable[Reservation],
        owned: Mapping[tuple[str, str], int],
    ) -> None:
        """Put what the shelves have into the turn."""
        owned_by_sku: dict[str, int] = {}
        skus = turn.needs
        if owned:
            for (_, sku), units in owned.items():
                owned_by_sku[sku] = owned_by_sku.get(sku, 0) + units
            # A kit's components may be reserved and not needed any more: they count for a cap.
            skus = {**dict.fromkeys([*[line.sku for line in lines], *owned_by_sku], 0), **skus}
        may_have_given, is_undone = self.same_instant.may_have_given, self.same_instant.is_undone
        shelves = self.shelves
        for sku in skus:
            if sku not in shelves:
                continue
            shelf = self._shelf_if_undone(sku) if is_undone else shelves[sku]
            counted = self._uncounted
            if shelf.is_limited and (may_have_given or shelf.item.customer_cap is not None):
                units = owned_by_sku.get(sku, 0)
                counted = self._counted(turn.order.customer.id, shelf, units, reserved)
            turn.add_shelf(sku, shelf, counted)

    def _counted(
        self, customer: str, shelf: Shelf, units: int, reserved: Iterable[Reservation]
    ) -> Counted:
        """What counts for an order of a customer that has so many units of a shelf's SKU."""
        # Limits are of an item that somebody described: it has the name of this SKU and no other.
        sku, customer_ahead, purchases, planned_behind = shelf.item.sku, 0, 0, 0
        if shelf.item.customer_cap is not None:  # what it has is its customer's already
            customer_ahead = self.customers.of(customer, sku) - units
            purchases = self.customers.purchases(customer, sku)
            planned_behind = self.customers.planned_behind(customer, sku)
        if_let_go, same_instant = self._if_let_go, self.same_instant
        if not same_instant.may_have_given:  # as nearly always
            return Counted(if_let_go, units, customer_ahead, 0, dict, purchases, planned_behind)
        return Counted(
            if_let_go,
            units,
            customer_ahead,
            same_instant.units_of_order(sku, reserved),
            partial(same_instant.from_here, sku, reserved),
            purchases,
            planned_behind,
        )

    def limit_below(self, order: Order, shelf: Shelf, units: int) -> Limit | None:
        """What leaves an order that has nothing yet less than so many units; None if nothing."""
        customer_ahead, cap = 0, shelf.item.customer_cap
        if cap is not None:
            customer_ahead = self.customers.of(order.customer.id, shelf.item.sku)
            if not shelf.is_fenced and cap - customer_ahead >= units:
                return None
        limit = shelf.limit(order, customer_units=customer_ahead)
        return limit if limit is not None and limit.units < units else None

    def obtainable(
        self,
        order: Order,
        sku: str,
        reserved: Iterable[Reservation],
        terms: LotTerms,
    ) -> tuple[dict[str, int], int | None]:
        """What the order could have of a SKU on a shelf.

        Args:
            order: the order.
            sku: the SKU.
            reserved: what is reserved for the order.
            terms: which of the lots are of use to it.

        Returns:
            Units by location, and how many a fence or a cap lets it have; None if there is none.
        """
        shelf = self.shelves[sku]
        units = sum([each.quantity for each in reserved if each.sku == sku])
        customer_ahead = self.customers.of(order.customer.id, sku)
        limit = shelf.limit(order, reserved=units, customer_units=customer_ahead)
        pool = shelf.pool(order, {}, terms.deliveries.get(sku, {}), terms.needs.get(sku))
        return pool, None if limit is None else limit.units

    def hand_over(self, reservation: Reservation, units: int) -> None:
        """So many units on a shelf are free that were reserved; below 0, they are so again."""
        piece = (attrs.evolve(reservation, quantity=abs(units)),)
        sign = -1 if units > 0 else 1
        sku, location, lot = reservation.sku, reservation.location, reservation.lot
        self.shelves[sku].put(location, lot, units)
        self.same_instant.count(piece, sign)
        self._count_given(piece, sign)
        self._count_behind(sku, (location, lot), -units)

    # -- What a location can take on ---------------------------------------------------------------

    def takes_on(self, order: Order, location: str) -> bool:
        """Whether a location has capacity left for the order, which may count there already."""
        return location not in self.full or self._counts_today(order, location)

    def is_open_to_run(self, order: Order, location: str) -> bool:
        """The same; or it is orders of this run behind it that the location took on just now."""
        return self.takes_on(order, location) or self.same_instant.has_brought_in_run(location)

    def count_order(self, order: Order, rows: Iterable[AllocationRow]) -> None:
        """The order takes up capacity of the locations that it got something from."""
        capacities = self.capacities
        locations = locations_of(rows)
        taken_on = taken_on_today(self._stock, order.id, locations, self._now)
        for location in locations:
            if location in capacities and location not in taken_on:
                capacities[location] = orders_left = capacities[location] - 1
                if orders_left <= 0:
                    self.full.add(location)

    def _counts_today(self, order: Order, location: str) -> bool:
        return counts_today(self._stock, order.id, location, self._now)

    # -- What was given out ------------------------------------------------------------------------

    def settle(
        self,
        order: Order,
        shelves: Mapping[str, Shelf],
        rows: Sequence[AllocationRow],
        deliveries: Mapping[str, Deliveries] = _NO_DELIVERIES,
    ) -> tuple[AllocationRow, ...]:
        """What the order takes in its turn, off the shelves: every unit with the lot it is of.

        Args:
            order: the order.
            shelves: where its SKUs with rules lie, by SKU.
            rows: what it takes.
            deliveries: when that arrives, by SKU and location, as far as it was asked.
        """
        self.customers.count_taken(order.customer.id, shelves, units_by_sku(rows))
        return in_lots(rows, order, shelves, deliveries)

    def put_back(self, turn: RuledTurn, rows: Iterable[AllocationRow], sign: int = 1) -> None:
        """These units are on their shelves as they were before the turn; or (sign -1) not."""
        for view in map(AllocationView._make, rows):
            if view.sku in turn.offers:
                self.shelves[view.sku].put(view.location, view.lot, sign * view.units)
