"""What an order gives up: units are released, carried elsewhere with their reservation, shipped.

All changes of reservations pass through `_with_holds`, which moves what is reserved by exactly the
difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Self

import attrs

from fulfill_core import _fields
from fulfill_core._holds import Batch, Moved, Timed, Wanted, Withdrawal, withdrawal, without
from fulfill_core._on_hand import OnHand, check_route
from fulfill_core._stock import Reservation
from fulfill_core.exceptions import StockError


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
            sku: only of this SKU; None if the line holds but one.
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
        same end. What is available stays as it was, at both.

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
                there. Or the line holds several SKUs there and none is named.

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
                f"cannot move {quantity} units of {_fields.shown(what)}: {there} are on"
                f" hand{at(source)}",
            )
        moved = [
            (made_at, end, tuple([(*entry[:2], target, *entry[3:]) for entry in entries]))
            for made_at, end, entries in taken.taken
        ]
        carried = self._with_carried(what, quantity, source, target)
        return carried._with_holds({order_id: (*taken.left, *moved)})

    def with_shipped(
        self,
        order_id: str,
        line_id: str,
        quantity: int,
        *,
        location: str,
        reserved_at: str | None = None,
        sku: str | None = None,
        now: datetime | None = None,
    ) -> Self:
        """The inventory after *quantity* reserved units left the house from *location*.

        On hand and reserved go down together, so what is available stays as it was. Units that are
        reserved elsewhere can be shipped from here in one step: they leave from here, and the units
        there are free again.

        Args:
            order_id: whose units.
            line_id: of which line.
            quantity: how many, 1 or more.
            location: where they left.
            reserved_at: where they were reserved, if that is elsewhere.
            sku: only of this SKU; None if the line holds but one there.
            now: reservations that have expired by then do not count; None counts them all.

        Raises:
            StockError: so many are not reserved for the line there; or they are reserved elsewhere
                and so many are not available at *location*: those are promised to others. Or the
                line holds several SKUs there and none is named.

        >>> from fulfill_core import Inventory
        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> held = Inventory.of({("mug", "x"): 12, ("mug", "y"): 5}).with_reserved(mine)
        >>> held.with_shipped("A", "1", 2, location="x").pool("mug")
        {'x': 10, 'y': 5}
        >>> held.with_shipped("A", "1", 2, location="y", reserved_at="x").pool("mug")
        {'x': 12, 'y': 3}
        """
        _fields.check_id("location", location)
        if reserved_at is None:
            reserved_at = location
        wanted = Wanted(line_id, sku, reserved_at, now)
        taken, what = self._withdrawal(order_id, wanted, quantity, "ship")
        if reserved_at != location:
            free = self.pool(what, now).get(location, 0)
            if free < quantity:
                raise StockError(
                    order_id,
                    line_id,
                    f"cannot ship {quantity} units of {_fields.shown(what)} that are"
                    f" reserved{at(reserved_at)}: {free} are available{at(location)}",
                )
        released = self._with_holds({order_id: taken.left or None})
        return released._with_on_hand(what, location, self.on_hand(what, location) - quantity)

    def _withdrawal(
        self, order_id: str, wanted: Wanted, quantity: int, verb: str
    ) -> tuple[Withdrawal, str]:
        """Take *quantity* of the wanted units out of what the order holds; and say of which SKU."""
        line_id, sku, location, now = wanted
        _fields.check_int("quantity", quantity, at_least=1)
        if now is not None:
            _fields.check_aware("now", now)
        batches = self.batches_of(order_id)
        skus = sorted({entry[1] for _, _, entry in wanted.among(batches)})
        if len(skus) > 1:
            raise StockError(
                order_id,
                line_id,
                f"cannot {verb} {quantity} units: {_fields.shown(skus)} are"
                f" reserved{at(location)}; name one of them",
            )
        taken = withdrawal(batches, wanted, quantity, self._locations)
        if taken.missing:
            units = "units" if sku is None else f"units of {_fields.shown(sku)}"
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

        What is reserved per SKU and location is moved by exactly the difference.
        """
        moved: Moved = {}
        timed: dict[str, Counter[Timed]] = {}
        before = self._holds.getter()
        old = [batches for order_id in holds if (batches := before(order_id)) is not None]
        new = [batches for batches in holds.values() if batches is not None]
        self._move(moved, timed, chain.from_iterable(old), -1)
        self._move(moved, timed, chain.from_iterable(new), 1)
        rows = {
            sku: tuple(
                [
                    (location, on_hand, safety, reserved + places.get(location, 0))
                    for location, on_hand, safety, reserved in self._rows.get(sku) or ()
                ]
            )
            for sku, places in moved.items()
        }
        return self._with(
            rows=self._rows.with_changes(rows),
            holds=self._holds.with_changes(holds),
            timed=self._timed.with_changes(
                {sku: tuple(sorted(known.elements())) or None for sku, known in timed.items()}
            ),
        )

    def _move(
        self,
        moved: Moved,
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
                if expires_at is not None:
                    known = timed.get(sku)
                    if known is None:
                        known = timed[sku] = Counter(self._timed.get(sku) or ())
                    known[expires_at, location, quantity, lot] += sign


def at(location: str | None) -> str:
    """Where, for a message; nothing if it is anywhere."""
    return "" if location is None else f" at {_fields.shown(location)}"
