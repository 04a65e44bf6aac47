"""Pegging: which supply each backordered unit waits for, within what the caps on waiting allow.

What is pegged is a claim afterwards, and claims of earlier runs are kept. See
docs/explanation/how-stock-is-given-out.md, "What is missing" and "What is claimed of a supply".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeAlias, cast

import attrs

from fulfill_core.allocation.demand import Boxes, boxes_by_sku
from fulfill_core.allocation.waiting.units_to_come import Reach, UnitsAt, UnitsToCome, add_units
from fulfill_core.decisions.finding import Finding, note
from fulfill_core.decisions.rows import (
    BackorderRow,
    BackorderView,
    supply_ids_of,
    with_on_hand_units,
)
from fulfill_core.exceptions import by_number
from fulfill_core.inventory.availability import is_ruled, shelf_of
from fulfill_core.inventory.claiming import ClaimsByOrder
from fulfill_core.inventory.claims import (
    Claim,
    added_up,
    claims_from,
    claims_of,
    key_of_claim,
    rows_of,
    skus_of,
)
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.inventory.state import ClaimRow, State, due_on, is_backorderable
from fulfill_core.inventory.state import item as item_of
from fulfill_core.inventory.stock import Supply
from fulfill_core.orders.order import Order
from fulfill_core.orders.sequences import by_id

MayServe: TypeAlias = Callable[[Order, str, str], bool]
"""Whether a location may serve an order with units of a SKU: order, SKU, location id."""

_NO_LINES: frozenset[str] = frozenset()
_order_of: Callable[[tuple[str, ClaimRow]], str] = itemgetter(0)
_FORMER = ""
"""Any line that the order has no more."""


class Claimants(NamedTuple):
    """The orders of a run that have claims.

    Args:
        ranks: their places in the queue, by id.
        orders: they themselves, by id.
        losers: those whose claims others may take, in a re-allocation, by id; and which lines of
            each keep theirs, as they are on hold.
        is_in_rank: whether claims move to earlier supplies before anybody is served.
    """

    ranks: Mapping[str, int] = {}
    orders: Mapping[str, Order] = {}
    losers: Mapping[str, Collection[str]] = {}
    is_in_rank: bool = True


NO_CLAIMANTS = Claimants()


class Pegging:
    """The supplies of one run while units to come are being promised, the earliest first.

    An item may have a cap on the units that wait without a supply. What the cap leaves is the
    *allowance*; it is used up by what is pegged to no supply.

    Args:
        stock: the stock before the run.
        now: the caller's time.
        claimants: the orders of the run that have claims.
        may_serve: whether a location may serve an order; None if all may serve all.
    """

    def __init__(
        self,
        stock: State,
        now: datetime,
        claimants: Claimants = NO_CLAIMANTS,
        may_serve: MayServe | None = None,
    ) -> None:
        self._stock = stock
        self._now = now
        self._made_at = now.astimezone(UTC)
        self._claimants = claimants
        self._may_serve = may_serve
        self._to_come: dict[str, UnitsToCome] = {}
        self._first_order: dict[str, str] = {}  # the one that asked for a SKU before all others
        self._allowances: dict[str, int] = {}
        self._overdue: dict[str, Supply] = {}  # those that something is pegged to, by id
        # The turn: whose it is, and what it has claimed and did not use yet: by line and SKU; and
        # by SKU what lines had claimed that ask for it no more.
        self.order_id = ""
        """Whose turn it is."""
        self.order: Order
        """Whose turn it is, as far as it lacks something."""
        self._shelves: Mapping[str, Shelf] = {}  # where its SKUs with rules lie, by SKU
        self._boxes: Mapping[str, Boxes] = {}  # the SKUs that it wants in boxes
        self._reach: dict[str, Reach | None] = {}  # by SKU
        self._has_lines = False  # more than one
        self._own: dict[tuple[str, str], UnitsAt] = {}
        self._spare: dict[str, UnitsAt] = {}
        # After the turns: what is pegged, in their sequence, and of whom; and who had claims. Plain
        # tuples of plain tuples: a list for each order that waits the garbage collector follows.
        self._pegs: list[tuple[str, ClaimRow]] = []
        self._claimants_served: list[str] = []
        self._unneeded: dict[str, Counter[tuple[str, str]]] = {}
        self._former_lines: dict[str, set[str]] = {}
        self._late_claimants: set[str] = set()  # those that claimed once all had their turn
        self._is_of_use = False  # what was not needed, to orders that had their turn

    # -- Turns -------------------------------------------------------------------------------------

    def begin_turn(self, order: Order, lines_on_hold: frozenset[str] = _NO_LINES) -> None:
        """The turn of an order with claims begins: it has what it claimed, and may claim more.

        Lines on hold keep what they have.
        """
        order_id = self.order_id = order.id
        self._claimants_served.append(order_id)
        lines = {line.id for line in order.lines}
        self._has_lines = len(lines) > 1
        for sku in sorted(skus_of(rows_of(self._stock, order_id))):
            to_come = self._units_to_come(sku)
            for line_id, units_at in to_come.claims_of(order_id):
                if line_id in lines_on_hold:
                    for place, units in units_at.items():
                        supply_id = to_come.supplies[place].id
                        claim = line_id, sku, supply_id, units, self._made_at
                        self._pegs.append((order_id, claim))
                elif line_id in lines:
                    self._own[line_id, sku] = units_at
                else:
                    self._former_lines.setdefault(order_id, set()).add(line_id)
                    spare = self._spare.setdefault(sku, {})
                    for place, units in units_at.items():
                        spare[place] = spare.get(place, 0) + units

    def continue_turn(
        self, order: Order, shelves: Mapping[str, Shelf], boxes: Mapping[str, Boxes]
    ) -> None:
        """It is this order's turn; if it has claims, it began before.

        Args:
            order: the order.
            shelves: where its SKUs with rules lie, by SKU.
            boxes: the SKUs that it wants in boxes.
        """
        self.order_id = order.id
        self.order, self._shelves, self._boxes = order, shelves, boxes
        self._reach.clear()

    def _reach_of(self, sku: str) -> Reach | None:
        """What the order may have of the units to come of a SKU; None if all of them."""
        if sku not in self._reach:
            shelf, boxes = self._shelves.get(sku), self._boxes.get(sku)
            self._reach[sku] = self._new_reach(self.order, sku, shelf, boxes)
        return self._reach[sku]

    def _reach_of_claimant(
        self, order_id: str, sku: str, line_ids: Collection[str]
    ) -> Reach | None:
        """The same for an order whose turn may not have come yet, of which these lines wait."""
        shelf = shelf_of(self._stock, sku, self._now) if is_ruled(self._stock, sku) else None
        order = self._claimants.orders[order_id]
        lines = [line for line in order.lines if line.sku == sku and line.id in line_ids]
        boxes = boxes_by_sku([(line, 0) for line in lines]).get(sku)
        return self._new_reach(order, sku, shelf, boxes)

    def _new_reach(
        self, order: Order, sku: str, shelf: Shelf | None, boxes: Boxes | None
    ) -> Reach | None:
        fence_units = 0 if shelf is None else shelf.kept_from(order)
        kept_at = {} if shelf is None else shelf.kept_from_at(order)
        has_packs = shelf is not None and shelf.has_packs
        may_serve, locations = self._may_serve, item_of(self._stock, sku).backorderable_at
        is_limited = may_serve is not None or locations or boxes is not None
        if not (is_limited or fence_units or kept_at or has_packs):
            return None
        answers: dict[str, bool] = {}  # a location is asked about once, however much comes to it

        def serves(location: str) -> bool:
            if locations and location not in locations:
                return False
            if may_serve is None:
                return True
            if location not in answers:
                answers[location] = may_serve(order, sku, location)
            return answers[location]

        units_each = 1 if boxes is None else boxes.units_each
        return Reach(serves, fence_units, shelf if has_packs else None, units_each, kept_at)

    def end_turn(self) -> tuple[Finding, ...]:
        """The turn of an order that had claims ends: it gives up what it did not use.

        Returns:
            What there is to say on claims that came to nothing.
        """
        order_id = self.order_id
        unneeded: Counter[tuple[str, str]] = Counter()
        for (line_id, sku), units_at in self._own.items():
            self._give_up(line_id, sku, units_at, unneeded)
        for sku, units_at in self._spare.items():
            self._give_up(_FORMER, sku, units_at, unneeded)
        if unneeded:
            self._unneeded[order_id] = unneeded
        self._own, self._spare = {}, {}
        return tuple(
            [
                _lost_remark(sku, supply_id, units)
                for sku in sorted(skus_of(rows_of(self._stock, order_id)))
                for supply_id, units in sorted(
                    self._units_to_come(sku).beyond.get(order_id, {}).items()
                )
            ]
        )

    def _give_up(
        self, line_id: str, sku: str, units_at: UnitsAt, unneeded: Counter[tuple[str, str]]
    ) -> None:
        if not units_at:
            return
        order_id, to_come = self.order_id, self._units_to_come(sku)
        to_come.give_back(units_at)
        unneeded[line_id, sku] += sum(units_at.values())
        # Orders that had their turn would have waited for these units, or for earlier ones; and so
        # would other lines of this one. Claims that exceeded the supply count again.
        if (
            self._has_lines
            or any([to_come.supplies[place].id in to_come.exceeded for place in units_at])
            or self._first_order[sku] != order_id
            or to_come.is_claimed_by_others(order_id)
        ):
            self._is_of_use = True

    # -- How many may wait -------------------------------------------------------------------------

    def allowance(self, sku: str) -> int | None:
        """How many units may still wait without a supply; None for any number."""
        cap = item_of(self._stock, sku).backorder_cap
        return None if cap is None else self._allowances.get(sku, cap)

    def use_allowance(self, sku: str, units: int) -> None:
        """So many more units wait without a supply."""
        allowance = self.allowance(sku)
        if allowance is not None:
            self._allowances[sku] = allowance - units

    @property
    def has_claims(self) -> bool:
        """Whether the order whose turn it is has claims that are not used yet."""
        return bool(self._own)

    @property
    def units_claimed(self) -> Mapping[tuple[str, str], int]:
        """What the order has claimed and did not use yet, by line and SKU."""
        return {key: sum(units_at.values()) for key, units_at in self._own.items()}

    def claimed(self, line_id: str, sku: str) -> int:
        """Units that the line has claimed already: whatever caps say now, those may wait."""
        return sum(self._own.get((line_id, sku), {}).values()) if self._own else 0

    def units_to_come(self, line_id: str, sku: str, most: int) -> int:
        """Units that supplies bring and that the line has claimed, or may claim.

        Args:
            line_id: the line.
            sku: of which SKU.
            most: for how many units it asks: of some supplies only whole packs may be had.
        """
        claimed = self.claimed(line_id, sku)
        return claimed + self.units_free(sku, max(0, most - claimed))

    def units_free(self, sku: str, most: int) -> int:
        """Units that supplies bring and no line has claimed, if the order asks for so many."""
        spare = sum(self._spare.get(sku, {}).values())
        to_come, reach = self._units_to_come(sku), self._reach_of(sku)
        return spare + to_come.free_units(self.order_id, max(0, most - spare), reach)

    def room(self, line_id: str, sku: str, units: int) -> int:
        """How many of so many units may wait: what supplies bring, and what the cap leaves."""
        allowance = self.allowance(sku)
        if allowance is None:
            return units
        room = max(0, allowance) + self.units_to_come(line_id, sku, units)
        while room < units:  # who asks for fewer may break a pack, and gets fewer still
            units = room
            room = max(0, allowance) + self.units_to_come(line_id, sku, units)
        return units

    # -- Pegged ------------------------------------------------------------------------------------

    def peg(self, line_id: str, sku: str, units: int) -> list[BackorderRow]:
        """The units as backorders on the earliest supplies that have units; the rest open.

        What the line has claimed comes first: a claim is kept. A supply that is overdue still
        comes, nobody knows when: its backorders have no date.
        """
        to_come = self._units_to_come(sku)
        pegged_at: UnitsAt = {}
        if self._own or self._spare:
            units = self._use_claims(line_id, sku, units, pegged_at)
        if units:
            is_topped_up, reach = bool(pegged_at), self._reach_of(sku)
            units = to_come.take(self.order_id, units, pegged_at, reach)
            # Single units of a first claim are the earliest that there are.
            if reach is not None and (is_topped_up or not reach.is_of_single_units):
                to_come.move_forward(pegged_at, reach)
        rows: list[BackorderRow] = []
        if pegged_at:
            supplies, made_at = to_come.supplies, self._made_at
            for place in sorted(pegged_at) if len(pegged_at) > 1 else pegged_at:
                supply, pegged = supplies[place], pegged_at[place]
                supply_id = supply.id
                expected_at: datetime | None = to_come.due[place]
                if to_come.is_overdue(place):
                    # To promise a date that has passed would promise nothing.
                    self._overdue[supply_id] = supply
                    expected_at = None
                rows.append((line_id, sku, pegged, supply_id, expected_at, supply.location, 0))
                claim = line_id, sku, supply_id, pegged, made_at
                self._pegs.append((self.order_id, claim))
        if units:
            self.use_allowance(sku, units)
            rows.append((line_id, sku, units, "", None, "", 0))
        return rows

    def peg_in_vain(
        self, order: Order, shelves: Mapping[str, Shelf], rows: Sequence[BackorderRow], units: int
    ) -> tuple[Sequence[BackorderRow], int]:
        """All have had their turn: what a line counted on, and others have, it claims as well.

        Args:
            order: whose line it is.
            shelves: where SKUs with rules lie, by SKU.
            rows: what the line waits for, of one SKU; some of it is on hand.
            units: how many of those it counted on in vain.

        Returns:
            What it waits for now, and how many of the units no supply brings.
        """
        line_id, sku = rows[0][:2]
        line = by_id(order.lines)[line_id]
        if line.lot or line.units_each > 1 or not is_backorderable(self._stock, line.sku):
            return rows, units
        self.continue_turn(order, shelves, {})
        most = units
        while (units_free := self.units_free(sku, most)) < most:
            most = units_free
        if not most:
            return rows, units
        self._late_claimants.add(order.id)
        units_at: Counter[str] = Counter()
        views: dict[str, BackorderView] = {}
        for view in map(BackorderView._make, (*rows, *self.peg(line_id, sku, most))):
            views.setdefault(view.supply_id, view)
            units_at[view.supply_id] += view.units - view.on_hand
        places = self._units_to_come(sku).place_of
        after: list[BackorderRow] = [
            cast("BackorderRow", tuple(views[at]._replace(units=units_at[at], on_hand=0)))
            for at in sorted(+units_at, key=lambda each: places.get(each, len(places)))
        ]
        on_hand = BackorderView._make(rows[-1]).on_hand - most
        if on_hand:
            after.append(with_on_hand_units(after.pop(), on_hand))
        return after, units - most

    def _use_claims(self, line_id: str, sku: str, units: int, pegged_at: UnitsAt) -> int:
        """Peg units to what the line, and lines that the order has no more, claimed; the rest."""
        to_come = self._units_to_come(sku)
        for claims in (self._own.get((line_id, sku), {}), self._spare.get(sku, {})):
            for place in sorted(claims, key=to_come.sequence):
                part = min(units, claims[place])
                units -= part
                add_units(pegged_at, place, part)
                add_units(claims, place, -part)
        return units

    def _units_to_come(self, sku: str) -> UnitsToCome:
        to_come = self._to_come.get(sku)
        if to_come is None:
            claimants = self._claimants
            to_come = self._to_come[sku] = UnitsToCome(
                self._stock,
                sku,
                self._now,
                claimants.ranks,
                claimants.losers,
                lambda order_id, line_ids: self._reach_of_claimant(order_id, sku, line_ids),
                is_in_rank=claimants.is_in_rank,
            )
            self._first_order[sku] = self.order_id
        return to_come

    def with_overdue_named(
        self, remarks: Sequence[tuple[Finding, ...]], backorders: Iterable[Iterable[BackorderRow]]
    ) -> Sequence[tuple[Finding, ...]]:
        """The remarks, order by order, and which of the supplies that it waits for are overdue."""
        if not self._overdue:
            return remarks
        pairs = zip(remarks, backorders, strict=True)
        return [of_order + self._overdue_remarks(rows) for of_order, rows in pairs]

    def _overdue_remarks(self, rows: Iterable[BackorderRow]) -> tuple[Finding, ...]:
        overdue = supply_ids_of(rows) & self._overdue.keys()
        supplies = [self._overdue[supply_id] for supply_id in sorted(overdue)]
        return tuple([_overdue_remark(each, due_on(self._stock, each)) for each in supplies])

    # -- After the run -----------------------------------------------------------------------------

    def claims_after(self) -> ClaimsByOrder:
        """What the orders that waited, or had claims, have claimed after the run, by order.

        A claim that was kept, or moved, is as old as it was.
        """
        claims: dict[str, Iterable[ClaimRow]] = dict.fromkeys(self._claimants_served, ())
        late = self._late_claimants
        of_orders = sorted(self._pegs, key=_order_of) if late else self._pegs
        for order_id, pegs in groupby(of_orders, key=_order_of):
            rows = tuple([claim for _, claim in pegs])
            rows = added_up(rows) if order_id in late else rows
            claims[order_id] = claims_from(rows, rows_of(self._stock, order_id))
        return claims

    def unneeded_claims(self) -> tuple[Claim, ...]:
        """Claims that their orders gave up, if others that had their turn before could use them.

        Then the run is done again without them: orders are served as if these had been free.
        """
        if not self._is_of_use:
            return ()
        claims: list[Claim] = []
        for order_id, unneeded in self._unneeded.items():
            former_lines = self._former_lines.get(order_id, ())
            for claim in sorted(claims_of(self._stock, order_id), key=self._lateness, reverse=True):
                key = _FORMER if claim.line_id in former_lines else claim.line_id, claim.sku
                units = min(claim.quantity, unneeded[key])
                if units:
                    unneeded[key] -= units
                    claims.append(attrs.evolve(claim, quantity=units))
        return tuple(claims)

    def _lateness(self, claim: Claim) -> tuple[object, ...]:
        """A sort key: what is given up first comes last, as the turn of its order did it."""
        to_come = self._units_to_come(claim.sku)
        place = to_come.place_of.get(claim.supply_id)
        return () if place is None else to_come.sequence(place), key_of_claim(claim)


def _overdue_remark(supply: Supply, day: date) -> Finding:
    return note(
        "supply.overdue",
        detail=f"Supply {supply.id} of {supply.sku} was expected on {day} and has not come: what"
        " waits for it has no date.",
    )


def _lost_remark(sku: str, supply_id: str, units: int) -> Finding:
    return note(
        "supply.claim_lost",
        detail=f"Supply {supply_id} of {sku} no longer brings {units}"
        f" {by_number(units, 'unit', 'units')} that this order had claimed of it.",
    )
