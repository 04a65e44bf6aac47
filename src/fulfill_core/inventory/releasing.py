"""What an order gives up: units are released, carried elsewhere with their reservation, shipped.

All changes of reservations pass through `_with_holds`, which moves what is reserved by exactly the
difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Self

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import StockError
from fulfill_core.inventory.lots import of_lot
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.receiving import OnHand, check_route
from fulfill_core.inventory.reservations import (
    Batch,
    Moved,
    MovedLots,
    Timed,
    Wanted,
    Withdrawal,
    less,
    withdrawal,
    without,
)
from fulfill_core.inventory.snapshot import Loads, LotCell
from fulfill_core.inventory.stock import Location, Reservation


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Releasing(OnHand):
    """A snapshot that can also say what it would be like with fewer reservations."""

    # -- Released ----------------------------------------------------------------------------

    def without_reservations_of(self, order_id: str) -> Self:
        """The inventory with all units of the order released. Twice is once.

        >>> from fulfill_core import Inventory
        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> held = Inventory.of({("mug", "x"): 12}).with_reserved(mine)
        >>> held.without_reservations_of("A").available("mug")
        12
        """
        return self._with_holds({order_id: None}) if self.batches_of(order_id) else self

    def without_reservations(self, reservations: Iterable[Reservation]) -> Self:
        """The inventory without these reservations, such as all that one run made.

        One that it does not hold (any more) changes nothing, so twice is once.

        >>> from fulfill_core import Inventory
        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> held = Inventory.of({("mug", "x"): 12}).with_reserved(mine)
        >>> held.without_reservations([mine]).without_reservations([mine]).available("mug")
        12
        """
        unwanted: dict[str, Counter[Reservation]] = {}
        for reservation in reservations:
            unwanted.setdefault(reservation.order_id, Counter())[reservation] += 1
        return self._with_holds(
            {
                order_id: without(order_id, self.batches_of(order_id), gone) or None
                for order_id, gone in unwanted.items()
            }
        )

    def with_given_up(self, lost: Iterable[Reservation]) -> Self:
        """The inventory without these units: each is a reservation that it holds, or a part of one.

        That is what a re-allocation takes from orders. The values are the run's own and are not
        checked again.

        >>> from fulfill_core import Inventory
        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=5)
        >>> held = Inventory.of({("mug", "x"): 12}).with_reserved(mine)
        >>> held.with_given_up([attrs.evolve(mine, quantity=2)]).reserved("mug")
        3
        """
        by_order: dict[str, list[Reservation]] = {}
        for each in lost:
            by_order.setdefault(each.order_id, []).append(each)
        return self._with_holds(
            {
                order_id: less(self.batches_of(order_id), gone) or None
                for order_id, gone in by_order.items()
            }
        )

    def with_released(
        self,
        order_id: str,
        line_id: str,
        quantity: int,
        *,
        location: str | None = None,
        sku: str | None = None,
        now: datetime | None = None,
    ) -> Self:
        """The inventory after *quantity* units of an order's line were released.

        Units at the lowest-ranked location are given up first; of several reservations there, the
        one that was recorded last.

        Args:
            order_id: whose units.
            line_id: of which line.
            quantity: how many, 1 or more.
            location: only from there; None for anywhere.
            sku: only of this SKU; None if the line holds but one. Of a kit, so many whole kits: the
                units of all its components.
            now: reservations that have expired by then do not count; None counts them all.

        Raises:
            StockError: so many are not reserved: what was never reserved can't be released. Or the
                line holds several SKUs and none is named.

        >>> from fulfill_core import Inventory
        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> held = Inventory.of({("mug", "x"): 12}).with_reserved(mine)
        >>> held.with_released("A", "1", 1).available("mug")
        11
        """
        parts = () if sku is None else self.components_of(sku)
        if parts:
            _checks.check_int("quantity", quantity, at_least=1)
            released = self
            for leaf, units in parts:
                released = released.with_released(
                    order_id, line_id, quantity * units, location=location, sku=leaf, now=now
                )
            return released
        wanted = Wanted(line_id, sku, location, now)
        taken, _ = self._withdrawal(order_id, wanted, quantity, "release")
        return self._with_holds({order_id: taken.left or None})

    # -- Moved -------------------------------------------------------------------------------

    def with_reservation_moved(
        self,
        order_id: str,
        line_id: str,
        quantity: int,
        *,
        source: str,
        target: str,
        sku: str | None = None,
        now: datetime | None = None,
    ) -> Self:
        """The inventory after *quantity* reserved units were brought to another location.

        In one step: the units are on hand there and reserved there, for the same line, until the
        same end. What is available stays as it was, at both. Their lots go along, with their dates.

        Args:
            order_id: whose units.
            line_id: of which line.
            quantity: how many, 1 or more.
            source: where they were.
            target: where they are now; a SKU that it never had gets a stock row there.
            sku: only of this SKU; None if the line holds but one there.
            now: reservations that have expired by then do not count; None counts them all.

        Raises:
            StockError: so many are not reserved for the line at the source, or are not on hand
                there. Or the line holds several SKUs there and none is named. Or a lot is in
                quarantine, or one of its id with other dates is at the target.

        >>> from fulfill_core import Inventory
        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> held = Inventory.of({("mug", "x"): 12, ("mug", "y"): 0}).with_reserved(mine)
        >>> moved = held.with_reservation_moved("A", "1", 2, source="x", target="y")
        >>> [(moved.on_hand("mug", at), moved.available("mug", at)) for at in "xy"]
        [(10, 10), (2, 0)]
        """
        check_route(source, target)
        wanted = Wanted(line_id, sku, source, now)
        taken, what = self._withdrawal(order_id, wanted, quantity, "move")
        there = self.on_hand(what, source)
        if there < quantity:
            raise StockError(
                order_id,
                line_id,
                f"cannot move {quantity} units of {_checks.shown(what)}: {there} are on"
                f" hand{at(source)}",
            )
        moved = [
            (made_at, end, tuple([(*entry[:2], target, *entry[3:]) for entry in entries]))
            for made_at, end, entries in taken.taken
        ]
        units = taken.by_lot()
        self._check_leaving((order_id, line_id), "move", what, source, units)
        arrived = self._with_arrived(what, units, source, target)
        held = arrived._with_holds({order_id: (*taken.left, *moved)})
        return held._with_left(what, units, source)

    def with_shipped(
        self,
        order_id: str,
        line_id: str,
        quantity: int,
        *,
        location: str,
        reserved_at: str | None = None,
        lot: str | None = None,
        sku: str | None = None,
        now: datetime | None = None,
    ) -> Self:
        """The inventory after *quantity* reserved units left the house from *location*.

        On hand and reserved go down together, so what is available stays as it was. Units that are
        reserved elsewhere can be shipped from here in one step: they leave from here, and the units
        there are free again. So it is with lots: units of another lot than the reserved one can
        leave, if nobody has reserved them.

        Args:
            order_id: whose units.
            line_id: of which line.
            quantity: how many, 1 or more.
            location: where they left.
            reserved_at: where they were reserved, if that is elsewhere.
            lot: the lot of the units that left; empty for units without a lot. None for the lots
                that are reserved, and for units without a lot if none is, or if they are reserved
                elsewhere.
            sku: only of this SKU; None if the line holds but one there.
            now: reservations that have expired by then do not count; None counts them all.

        Raises:
            StockError: so many are not reserved for the line there; or they are reserved elsewhere
                and so many are not available at *location*: those are promised to others. Or the
                line holds several SKUs there and none is named. Or so many are not in the lot, or
                are promised to others, or it is in quarantine.
            InvalidValueError: there is no such lot.

        >>> from fulfill_core import Inventory
        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> held = Inventory.of({("mug", "x"): 12, ("mug", "y"): 5}).with_reserved(mine)
        >>> held.with_shipped("A", "1", 2, location="x").pool("mug")
        {'x': 10, 'y': 5}
        >>> held.with_shipped("A", "1", 2, location="y", reserved_at="x").pool("mug")
        {'x': 12, 'y': 3}
        """
        _checks.check_id("location", location)
        if reserved_at is None:
            reserved_at = location
        wanted = Wanted(line_id, sku, reserved_at, now, lot)
        taken, what = self._withdrawal(order_id, wanted, quantity, "ship")
        meant = "" if lot is None else self._meant(what, location, lot)
        units = {meant: quantity}
        shown = f"cannot ship {quantity} units of {_checks.shown(what)}"
        if reserved_at != location:
            free = self._free(what, location, meant, now)
            if free < quantity:
                fix = self._say_which(what, location) if lot is None else ""
                raise StockError(
                    order_id,
                    line_id,
                    f"{shown} that are reserved{at(reserved_at)}: {free}{of_lot(meant)} are"
                    f" available{at(location)}{fix}",
                )
        elif lot is None:
            units = taken.by_lot()
        elif self._lots_at(what, location):  # what is not reserved of this lot has to be free
            mine = taken.by_lot().get(meant, 0)
            free = max(0, self._free_of_lot(what, location, meant, now)) + mine
            if free < quantity:
                raise StockError(
                    order_id,
                    line_id,
                    f"{shown}{of_lot(meant) or ' without a lot'}{at(location)}: {free} are not"
                    " reserved by others",
                )
        self._check_leaving((order_id, line_id), "ship", what, location, units)
        released = self._with_holds({order_id: taken.left or None})
        return released._with_left(what, units, location)

    def _withdrawal(
        self, order_id: str, wanted: Wanted, quantity: int, verb: str
    ) -> tuple[Withdrawal, str]:
        """Take *quantity* of the wanted units out of what the order holds; and say of which SKU."""
        line_id, sku, location, now, _ = wanted
        _checks.check_int("quantity", quantity, at_least=1)
        if now is not None:
            _checks.check_aware("now", now)
        batches = self.batches_of(order_id)
        skus = sorted({entry[1] for _, _, entry in wanted.among(batches)})
        if len(skus) > 1:
            raise StockError(
                order_id,
                line_id,
                f"cannot {verb} {quantity} units: {_checks.shown(skus)} are"
                f" reserved{at(location)}; name one of them",
            )
        taken = withdrawal(batches, wanted, quantity, self._locations)
        if taken.missing:
            units = "units" if sku is None else f"units of {_checks.shown(sku)}"
            held = quantity - taken.missing
            raise StockError(
                order_id,
                line_id,
                f"cannot {verb} {quantity} {units}: {held} are reserved{at(location)}",
            )
        return taken, skus[0]

    # -- The one place where reservations change ----------------------------------------------

    def _with_holds(self, holds: Mapping[str, tuple[Batch, ...] | None]) -> Self:
        """The inventory in which these orders hold these batches (None: nothing), as of now.

        What is reserved per SKU and location, and of each lot, is moved by exactly the difference,
        and so is the number of orders at a location on a day.
        """
        moved: Moved = {}
        in_lots: MovedLots = {}
        timed: dict[str, Counter[Timed]] = {}
        before = self._holds.getter()
        old = [batches for order_id in holds if (batches := before(order_id)) is not None]
        new = [batches for batches in holds.values() if batches is not None]
        self._move(moved, in_lots, timed, chain.from_iterable(old), -1)
        self._move(moved, in_lots, timed, chain.from_iterable(new), 1)
        rows = {
            sku: tuple(
                [
                    (location, on_hand, safety, reserved + places.get(location, 0))
                    for location, on_hand, safety, reserved in self._rows.get(sku) or ()
                ]
            )
            for sku, places in moved.items()
        }
        changed = self._with(
            rows=self._rows.with_changes(rows),
            holds=self._holds.with_changes(holds),
            timed=self._timed.with_changes(
                {sku: tuple(sorted(known.elements())) or None for sku, known in timed.items()}
            ),
        )
        if in_lots:
            changed._fill(lots=self._lots_moved(in_lots))
        if self._limited:
            changed._fill(loads=self._loads_moved(holds))
        return changed

    def _move(
        self,
        moved: Moved,
        in_lots: MovedLots,
        timed: dict[str, Counter[Timed]],
        batches: Iterable[Batch],
        sign: int,
    ) -> None:
        """Add what these batches reserve to what is moved, or (sign -1) take it away."""
        for _, expires_at, entries in batches:
            for _, sku, location, quantity, lot in entries:
                places = moved.get(sku)
                if places is None:
                    places = moved[sku] = {}
                places[location] = places.get(location, 0) + sign * quantity
                if lot:
                    lots = in_lots.setdefault(sku, {})
                    lots[location, lot] = lots.get((location, lot), 0) + sign * quantity
                if expires_at is not None:
                    known = timed.get(sku)
                    if known is None:
                        known = timed[sku] = Counter(self._timed.get(sku) or ())
                    known[expires_at, location, quantity, lot] += sign

    def _lots_moved(self, in_lots: MovedLots) -> Overlay[str, tuple[LotCell, ...]]:
        """The lots, with what is reserved of them moved."""
        return self._lots.with_changes(
            {
                sku: tuple(
                    [
                        (*cell[:3], cell[3] + lots.get(cell[:2], 0), *cell[4:])
                        for cell in self._lots.get(sku) or ()
                    ]
                )
                for sku, lots in in_lots.items()
            }
        )

    def _loads_moved(self, holds: Mapping[str, tuple[Batch, ...] | None]) -> Loads:
        """The orders by location and day, when these orders hold these batches."""
        moved: Counter[tuple[str, date]] = Counter()
        for order_id, batches in holds.items():
            moved.update(self._days(batches or ()))
            moved.subtract(self._days(self.batches_of(order_id)))
        return self._loads.with_changes(
            {key: (self._loads.get(key) or 0) + more or None for key, more in moved.items() if more}
        )

    def _days(self, batches: Iterable[Batch]) -> set[tuple[str, date]]:
        """Where, of the locations with a capacity, and on which of their days these were made."""
        return {
            (place, self._locations[place].day_of(made_at))
            for made_at, _, entries in batches
            if made_at is not None
            for _, _, place, _, _ in entries
            if place in self._limited
        }

    def _with_places(self, places: Mapping[str, Location]) -> Self:
        """The inventory with these locations; their capacities may be others than before."""
        limited = frozenset([place.id for place in places.values() if place.capacity is not None])
        changed = self._with(locations=places, limited=limited)
        days_begin = {place: self._locations[place].timezone for place in self._limited}
        if days_begin == {place: places[place].timezone for place in limited}:  # the usual case
            return changed
        loads: Counter[tuple[str, date]] = Counter()
        for _, batches in self._holds.items():  # noqa: PERF102 - an overlay has no values()
            loads.update(changed._days(batches))
        return changed._with(loads=Overlay[tuple[str, date], int](dict(loads)))


def at(location: str | None) -> str:
    """Where, for a message; nothing if it is anywhere."""
    return "" if location is None else f" at {_checks.shown(location)}"
