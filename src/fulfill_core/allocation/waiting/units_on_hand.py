"""What is there for an order that lacks something: what it could have if others had not had it.

See docs/explanation/how-stock-is-given-out.md, "Why a complete order takes nothing".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from fulfill_core.allocation.counting import SameInstant
from fulfill_core.allocation.turn import PlainTurn
from fulfill_core.allocation.waiting.pegging import MayServe
from fulfill_core.inventory.availability import ReservedAt, reserved_by_location
from fulfill_core.inventory.shelves.bays import FreeAsIf
from fulfill_core.inventory.state import State, cells_of
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order
from fulfill_core.protocols.plug_points import Pools

_NONE: FreeAsIf = {}
_NO_PLACES: frozenset[str] = frozenset()


class UnitsOnHand:
    """What lies on the shelves for the orders of one run that lack something, in their turns.

    Args:
        stock: the stock before the run.
        now: the caller's time.
        pools: what is left of each SKU, at any moment of the run.
        same_instant: what an earlier run at this very instant gave.
        may_serve: whether a location may serve an order; None if all may serve all.
    """

    def __init__(
        self,
        stock: State,
        now: datetime,
        pools: Pools,
        same_instant: SameInstant,
        may_serve: MayServe | None,
    ) -> None:
        self._stock = stock
        self._now = now
        self._pools = pools
        self._same_instant = same_instant
        self._may_serve = may_serve
        self.order: Order
        """Whose turn it is, as far as it lacks something."""
        # The places that have a SKU and never serve an order with it, by order id and SKU.
        self._refused: dict[tuple[str, str], frozenset[str]] = {}
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

    def obtainable(self, sku: str, turn: PlainTurn, *, in_packs: bool = True) -> int:
        """Units the order could get if no order ranked after it held reservations.

        Where the sourcing policy never serves it from, nothing is there for it: it may wait for
        what comes elsewhere.

        Args:
            sku: of which SKU.
            turn: the order's turn.
            in_packs: whether it counts that only whole packs leave some locations.
        """
        refused = self.places_refused(sku)
        on_shelf = turn.obtainable(sku, in_packs=in_packs, without=refused)
        if on_shelf is not None:
            return on_shelf
        behind = self._reserved_behind(sku)
        as_free = {(at, ""): units for at, units in behind.items()} if behind else _NONE
        return self.of_use(sku, turn, as_free, refused)

    def places_refused(self, sku: str) -> frozenset[str]:
        """The locations that have a SKU and from which the order would never be served with it."""
        may_serve = self._may_serve
        if may_serve is None:
            return _NO_PLACES
        order = self.order
        refused = self._refused.get((order.id, sku))
        if refused is None:
            locations = [location for location, *_ in cells_of(self._stock, sku, None)]
            refused = frozenset([at for at in locations if not may_serve(order, sku, at)])
            self._refused[order.id, sku] = refused
        return refused

    def of_use(
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

    def free(
        self,
        sku: str,
        turn: PlainTurn,
        left_out: Collection[str] = (),
        behind: Callable[[str], FreeAsIf] | None = None,
        *,
        in_packs: bool = True,
    ) -> int:
        """Units the order could get if no order ranked after it had got any at this instant.

        Args:
            sku: of which SKU.
            turn: the order's turn.
            left_out: locations that do not count, by id.
            behind: what else counts as free, by SKU; None for all that such orders got.
            in_packs: whether it counts that only whole packs leave some locations.
        """
        as_free = (behind or self._same_instant.behind)(sku)
        without = self.places_refused(sku).union(left_out)
        on_shelf = turn.obtainable(sku, as_free=as_free, in_packs=in_packs, without=without)
        if on_shelf is not None:
            return on_shelf
        return self.of_use(sku, turn, as_free, without)

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
