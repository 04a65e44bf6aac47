"""What counts beside what is free, where a fence or a cap is judged for an order.

What its customer has, what is reserved for those behind it, and what an earlier run at the very
same instant gave out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple

from fulfill_core.inventory.availability import reservations_made_at
from fulfill_core.inventory.capacity import orders_taken_on_at
from fulfill_core.inventory.shelves.bays import FreeAsIf
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.inventory.state import State
from fulfill_core.inventory.stock import Reservation

_NONE_FREE: FreeAsIf = {}


class Counted(NamedTuple):
    """What counts when a fence or a cap is judged for one order, in units of one SKU.

    Args:
        shelf_if_let_go: the shelf of a SKU as it would be if all that is reserved for orders which
            are not ahead were free; it is made when first it is asked for.
        reserved: what is reserved for the order, or has left.
        customer_ahead: of a capped SKU, what orders of the same customer that had their turn have,
            and what it bought by orders that have no turn.
        given_now: of what is reserved for it, what an earlier run at this very instant gave to it.
        given_from_here: what that run gave to it and to the orders behind it, by location and lot;
            who gets all that it needs does not ask.
        purchases: what the customer bought by orders that have no turn in this run.
        planned_behind: what a plan gives to orders of the same customer that have their turn later.
    """

    shelf_if_let_go: Callable[[str], Shelf]
    reserved: int = 0
    customer_ahead: int = 0
    given_now: int = 0
    given_from_here: Callable[[], FreeAsIf] = dict
    purchases: int = 0
    planned_behind: int = 0


class SameInstant:
    """What an earlier run at this very instant gave to orders that are not ahead.

    A run that is done again, on its own result and with the same now, has to say the same (law 8,
    idempotence). What a fence or a cap leaves for an order is told, and whether a cap counts is
    judged, as if these units were still free: in the first run they were. What was reserved at
    any other instant was not.

    All orders count that are not ahead, in the queue or not: else what an order hears would depend
    on who ranks behind it (law 7).

    Args:
        stock: the stock before the run.
        now: the caller's time.
        reserved: what is reserved for orders of the run, by their ids.
    """

    __slots__ = (
        *("_ahead", "_behind", "_changes", "_now", "_orders", "_reserved", "_stock", "_units"),
        *("_units_in_run", "is_undone", "may_have_given"),
    )

    def __init__(
        self, stock: State, now: datetime, reserved: Mapping[str, Iterable[Reservation]]
    ) -> None:
        self._stock = stock
        self._reserved = reserved
        # In UTC as reservations are: in the hour that comes twice in autumn, instants of two zones
        # are never equal.
        self._now = now.astimezone(UTC)
        self.may_have_given = stock.made_last is not None and stock.made_last >= self._now
        """Whether something was reserved at this instant, or later; else it gave nothing."""
        # Of all reservations, made when first an order asks who gets less than it needs; and how
        # many units more, or fewer, are reserved for orders whose turn is still to come.
        self._units: dict[str, Counter[tuple[str, str]]] | None = None
        self._units_in_run: dict[str, Counter[tuple[str, str]]] | None = None
        self._changes: dict[str, Counter[tuple[str, str]]] = {}
        # What is reserved for them at any moment, of SKUs of which that was asked.
        self._behind: dict[str, Counter[tuple[str, str]]] = {}
        self.is_undone = False
        """Whether it is asked as if they had got nothing yet."""
        # The orders that it brought to locations with a capacity, when first one asks about them;
        # and those that had their turn, or have it now.
        self._orders: Mapping[str, frozenset[str]] | None = None
        self._ahead: set[str] = set()

    def count_ahead(self, reservations: Iterable[Reservation]) -> None:
        """Reservations of an order whose turn is now."""
        self.count(reservations, -1)
        self._ahead.update([each.order_id for each in reservations])

    def count(self, reservations: Iterable[Reservation], sign: int) -> None:
        """Reservations of an order whose turn is to come; with sign -1, not any more."""
        for each in self.gifts_in(reservations):
            units, at = sign * each.quantity, (each.location, each.lot)
            self._changes.setdefault(each.sku, Counter())[at] += units
            if each.sku in self._behind:
                self._behind[each.sku][at] += units

    def gifts_in(self, reservations: Iterable[Reservation]) -> Iterator[Reservation]:
        """Those of these reservations that it made."""
        for each in reservations:
            if each.made_at == self._now:
                yield each

    def behind(self, sku: str) -> FreeAsIf:
        """Units of the SKU that it gave to orders whose turn is still to come."""
        if not self.may_have_given or self.is_undone:
            return _NONE_FREE
        behind = self._behind.get(sku)
        if behind is None:
            if self._units is None:
                self._units = self._by_sku(reservations_made_at(self._stock, self._now))
            behind = self._behind[sku] = self._as_changed(sku, self._units)
        return behind

    def behind_in_run(self, sku: str) -> FreeAsIf:
        """The same, as far as they are in this run."""
        if self._units_in_run is None:
            self._units_in_run = self._by_sku(chain.from_iterable(self._reserved.values()))
        return _NONE_FREE if self.is_undone else self._as_changed(sku, self._units_in_run)

    def _by_sku(self, reservations: Iterable[Reservation]) -> dict[str, Counter[tuple[str, str]]]:
        units: dict[str, Counter[tuple[str, str]]] = {}
        for each in self.gifts_in(reservations):
            units.setdefault(each.sku, Counter())[each.location, each.lot] += each.quantity
        return units

    def _as_changed(
        self, sku: str, units_before: Mapping[str, Mapping[tuple[str, str], int]]
    ) -> Counter[tuple[str, str]]:
        """What of these units, reserved for others before the run, is so still."""
        if sku not in units_before:
            return Counter()
        units = Counter(units_before[sku])
        units.update(self._changes.get(sku, {}))
        return units

    def gifts_behind(self, skus: Iterable[str]) -> dict[str, FreeAsIf]:
        """Units that it gave to orders whose turn is still to come, of those of these SKUs."""
        gifts = {sku: {at: n for at, n in self.behind(sku).items() if n > 0} for sku in skus}
        return {sku: units_at for sku, units_at in gifts.items() if units_at}

    def orders_behind(self, location: str) -> Collection[str]:
        """The orders whose turn is still to come that count today at a location because of it."""
        if not self.may_have_given:
            return ()
        if self._orders is None:
            self._orders = orders_taken_on_at(self._stock, self._now)
        return self._orders.get(location, frozenset()) - self._ahead

    def has_brought_in_run(self, location: str) -> bool:
        """Whether there are such orders, and some of them are in this run."""
        return not self._reserved.keys().isdisjoint(self.orders_behind(location))

    def units_of_order(self, sku: str, reservations: Iterable[Reservation]) -> int:
        """Units that it gave to the order with these reservations."""
        return sum([each.quantity for each in self._of(sku, reservations)])

    def from_here(self, sku: str, reservations: Iterable[Reservation]) -> FreeAsIf:
        """Units that it gave to the order with these reservations, and to those behind."""
        units = Counter(self.behind(sku))
        for each in self._of(sku, reservations):
            units[each.location, each.lot] += each.quantity
        return units

    def _of(self, sku: str, reservations: Iterable[Reservation]) -> Sequence[Reservation]:
        return [each for each in self.gifts_in(reservations) if each.sku == sku]
