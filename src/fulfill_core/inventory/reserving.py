"""How units are set aside: recorded, taken from what is available, kept for longer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Self

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import StockError
from fulfill_core.inventory.releasing import Releasing, at
from fulfill_core.inventory.reservations import Batch, Entry, Wanted, has_expired, without_expired
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Reserving(Releasing):
    """A snapshot that can also say what it would be like with more reservations."""

    # -- Made --------------------------------------------------------------------------------

    def with_reserved(self, *reservations: Reservation) -> Self:
        """The inventory with these reservations held as well.

        It records what the host decided; it does not ask whether there is enough.
        `with_available_reserved` does.

        Raises:
            InvalidValueError: one is for a SKU and location without a stock row, or of a lot that
                is not there.

        >>> from fulfill_core import Inventory
        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> Inventory.of({("mug", "x"): 12}).with_reserved(mine).available("mug")
        10
        """
        _checks.check_members("reservations", reservations, Reservation)
        lots = self._named(reservations)
        added: dict[str, dict[tuple[datetime | None, datetime | None], list[Entry]]] = {}
        for position, held in enumerate(reservations):
            if not self._cells(held.sku, held.location):
                raise _checks.refuse(
                    f"reservations[{position}]",
                    held,
                    "is for a SKU and location without a stock row; receive or count it first",
                )
            if held.lot and (held.sku, held.location, held.lot) not in lots:
                raise _checks.refuse(
                    f"reservations[{position}]",
                    held,
                    "names a lot that its stock row does not have; receive it first",
                )
            batches = added.setdefault(held.order_id, {})
            entries = batches.setdefault((held.made_at, held.expires_at), [])
            entries.append((held.line_id, held.sku, held.location, held.quantity, held.lot))
        return self._with_holds(
            {
                order_id: (
                    *self.batches_of(order_id),
                    *((*times, tuple(entries)) for times, entries in batches.items()),
                )
                for order_id, batches in added.items()
            }
        )

    def with_available_reserved(
        self,
        order_id: str,
        line_id: str,
        sku: str,
        quantity: int,
        *,
        now: datetime,
        expires_at: datetime | None = None,
        location: str | None = None,
        order: Order | None = None,
    ) -> Self:
        """The inventory with *quantity* more units reserved for a line, if there are so many.

        They come from the locations in rank order, from each what is available there. All of them
        or none: there is no part of a reservation. What the line itself held until it expired is
        dropped: its units are available to everybody, and so to their former owner. An item that is
        not tracked needs no units: nothing changes.

        Lots are taken in the item's sequence, as far as they live long enough. Of a kit, the
        components of so many whole kits are reserved; each may come from another location. Of a SKU
        with rules, it is as many as `available` says: for anybody, or for this order.

        Args:
            order_id: for whom: an order, or a cart.
            line_id: for which of its lines.
            sku: what.
            quantity: how many stock units, 1 or more, beyond what the line holds; of a kit, how
                many kits.
            now: the caller's time, aware: the reservations are made then, and those of others that
                have expired by then do not count.
            expires_at: when they end, aware, after now; None if they do not.
            location: only from there; None for anywhere.
            order: for whom, if fences and the life that a customer asks of lots shall be judged
                by it: the order of that id, or the cart in the form of one. None for anybody.

        Raises:
            InvalidValueError: the order has another id.
            StockError: so many are not available.

        >>> from datetime import datetime, timedelta, timezone
        >>> from fulfill_core import Inventory
        >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
        >>> stock = Inventory.of({("mug", "berlin"): 2, ("mug", "paris"): 3})
        >>> held = stock.with_available_reserved(
        ...     "cart-9", "1", "mug", 4, now=now, expires_at=now + timedelta(minutes=30))
        >>> [(each.location, each.quantity) for each in held.reservations_of("cart-9")]
        [('berlin', 2), ('paris', 2)]
        """
        self._check_request(order_id, line_id, sku, location, order)
        _checks.check_int("quantity", quantity, at_least=1)
        expires_at = _checked_end(now, expires_at)
        if not self.is_tracked(sku):
            return self
        parts = self.components_of(sku) or ((sku, 1),)
        needs = {leaf: quantity * units for leaf, units in parts}
        return self._with_drawn(
            (order_id, line_id),
            sku,
            needs,
            now=now,
            expires_at=expires_at,
            location=location,
            order=order,
        )

    def _with_drawn(
        self,
        line: tuple[str, str],
        sku: str,
        needs: Mapping[str, int],
        *,
        now: datetime,
        expires_at: datetime | None,
        location: str | None,
        order: Order | None,
    ) -> Self:
        """So many units of each of these, all of what a line asks for, set aside; or refused."""
        order_id, line_id = line
        entries: list[Entry] = []
        for leaf, units in needs.items():
            drawn = self._drawn(order_id, leaf, units, now, location, order)
            given = sum([some for _, some, _ in drawn])
            if given < units:
                part = f" for {_checks.shown(sku)}" if leaf != sku else ""
                raise StockError(
                    order_id,
                    line_id,
                    f"cannot reserve {units} units of {_checks.shown(leaf)}{part}: {given} are"
                    f" available{at(location)}",
                )
            entries += [(line_id, leaf, place, some, lot) for place, some, lot in drawn]
        kept = without_expired(self.batches_of(order_id), line_id, now)
        return self._with_holds({order_id: (*kept, (now, expires_at, tuple(entries)))})

    def _drawn(
        self,
        order_id: str,
        sku: str,
        quantity: int,
        now: datetime,
        location: str | None,
        order: Order | None,
    ) -> list[tuple[str, int, str]]:
        """Places, units and lots in rank order: so many units, or as many as there are."""
        if self.is_ruled(sku):
            return self._drawn_by_rules(order_id, sku, quantity, now, location, order)
        pool = self._open_at(order_id, self.pool(sku, now), now, location)
        drawn: list[tuple[str, int, str]] = []
        for place, free in pool.items():
            units = min(free, quantity)
            if units:
                drawn.append((place, units, ""))
                quantity -= units
        return drawn

    def _drawn_by_rules(
        self,
        order_id: str,
        sku: str,
        quantity: int,
        now: datetime,
        location: str | None,
        order: Order | None,
    ) -> list[tuple[str, int, str]]:
        """Units of a SKU with lots, packs, fences or a cap: what the order may have of them."""
        shelf = self.shelf(sku, now)
        limit = shelf.limit(order, held=self._held(order_id, sku, now))
        if limit is not None:
            quantity = min(quantity, limit.units)
        pool = self._open_at(order_id, shelf.pool(order), now, location)
        split = shelf.split(quantity, [(place, place, free) for place, free in pool.items()])
        return [
            (place, some, lot)
            for place, units in split.items()
            for lot, some in shelf.draw(place, units, order)
        ]

    def _open_at(
        self, order_id: str, pool: Mapping[str, int], now: datetime, location: str | None
    ) -> Mapping[str, int]:
        """The units at locations that still take the order today, or at one of them."""
        if location is not None:
            pool = {place: free for place, free in pool.items() if place == location}
        if not self._limited:  # the usual case
            return pool
        mine = self._days(self.batches_of(order_id))
        open_at: dict[str, int] = {}
        for place, free in pool.items():
            today = self._locations[place].day_of(now)
            if self.capacity_left(place, now) != 0 or (place, today) in mine:
                open_at[place] = free
        return open_at

    def with_reserved_quantity(
        self,
        order_id: str,
        line_id: str,
        sku: str,
        quantity: int,
        *,
        now: datetime,
        expires_at: datetime | None = None,
        location: str | None = None,
        order: Order | None = None,
    ) -> Self:
        """The inventory in which a line holds *quantity* units: only the difference moves.

        What is missing is reserved as `with_available_reserved` does it; what is too much is given
        up as `with_released` does it. Saying it twice is saying it once.

        Args:
            order_id: whose units: an order's, or a cart's.
            line_id: of which line.
            sku: what.
            quantity: how many stock units the line shall hold, 0 or more; of a kit, how many kits.
                What has expired by now does not count.
            now: the caller's time, aware.
            expires_at: when units that come new end; the others keep their end.
            location: counts, takes and gives up units there only; None for anywhere.
            order: for whom units come, as in `with_available_reserved`; None for anybody.

        Raises:
            InvalidValueError: the order has another id.
            StockError: what is missing is not available; nothing is changed then.

        >>> from datetime import datetime, timezone
        >>> from fulfill_core import Inventory
        >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
        >>> stock = Inventory.of({("mug", "berlin"): 12})
        >>> three = stock.with_reserved_quantity("cart-9", "1", "mug", 3, now=now)
        >>> two = three.with_reserved_quantity("cart-9", "1", "mug", 2, now=now)
        >>> three.reserved("mug"), two.reserved("mug")
        (3, 2)
        """
        self._check_request(order_id, line_id, sku, location, order)
        _checks.check_int("quantity", quantity, at_least=0)
        expires_at = _checked_end(now, expires_at)
        held: Counter[str] = Counter()
        for _, _, entry in Wanted(line_id, None, location, now).among(self.batches_of(order_id)):
            held[entry[1]] += entry[3]
        parts = self.components_of(sku) or ((sku, 1),)
        more = {leaf: quantity * units - held[leaf] for leaf, units in parts}
        changed = self
        for leaf, units in more.items():
            if units < 0:
                changed = changed.with_released(
                    order_id, line_id, -units, location=location, sku=leaf, now=now
                )
        needs = {leaf: units for leaf, units in more.items() if units > 0}
        if not needs or not self.is_tracked(sku):
            return changed
        return changed._with_drawn(
            (order_id, line_id),
            sku,
            needs,
            now=now,
            expires_at=expires_at,
            location=location,
            order=order,
        )

    def _check_request(
        self, order_id: object, line_id: object, sku: object, location: object, order: Order | None
    ) -> None:
        _checks.check_id("order_id", order_id)
        _checks.check_id("line_id", line_id)
        _checks.check_id("sku", sku)
        if location is not None:
            _checks.check_id("location", location)
        if order is not None:
            _checks.check_member("order", order, Order)
            if order.id != order_id:
                raise _checks.refuse(
                    "order", order.id, f"is not the order {order_id!r} that the units are for"
                )

    def with_batches(self, made_at: datetime, added: Mapping[str, tuple[Entry, ...]]) -> Self:
        """The inventory with these entries held as well, by order: what a run reserved.

        The entries are the allocator's own and are not checked again.

        >>> from fulfill_core import Inventory
        >>> stock = Inventory.of({("mug", "x"): 12})
        >>> stock.with_batches(None, {"A": (("1", "mug", "x", 2, ""),)}).available("mug")
        10
        """
        held = self._holds.getter()
        return self._with_holds(
            {
                order_id: (*(held(order_id) or ()), (made_at, None, entries))
                for order_id, entries in added.items()
            }
        )

    # -- Renewed -----------------------------------------------------------------------------

    def with_renewed(
        self,
        order_id: str,
        *,
        now: datetime,
        expires_at: datetime | None,
        line_id: str | None = None,
    ) -> Self:
        """The inventory in which what an order holds ends at another time, or not at all.

        All of its reservations get the new end, or all of the line's. Once one has expired it can't
        be renewed: its units may have been promised to others. Then release what the order holds
        and reserve anew, or let a run decide.

        Args:
            order_id: whose reservations: an order's, or a cart's.
            now: the caller's time, aware.
            expires_at: the new end, aware, after now; None if they shall not expire.
            line_id: only of this line; None for all.

        Raises:
            StockError: one of them has expired by now, or there is none; nothing is changed then.

        >>> from datetime import datetime, timedelta, timezone
        >>> from fulfill_core import Inventory
        >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
        >>> soon, later = now + timedelta(minutes=30), now + timedelta(minutes=60)
        >>> cart = Inventory.of({("mug", "berlin"): 12}).with_available_reserved(
        ...     "cart-9", "1", "mug", 4, now=now, expires_at=soon)
        >>> cart.with_renewed("cart-9", now=now, expires_at=later).available("mug", now=soon)
        8
        """
        expires_at = _checked_end(now, expires_at)
        renewed: list[Batch] = []
        is_there = False
        for made_at, end, entries in self.batches_of(order_id):
            mine = tuple([entry for entry in entries if line_id in (None, entry[0])])
            if mine and end is not None and has_expired(end, now):
                line, sku, place, units, _ = mine[0]
                raise StockError(
                    order_id,
                    line,
                    f"cannot renew {units} units of {_checks.shown(sku)} at"
                    f" {_checks.shown(place)}: they expired at {end.isoformat()}",
                )
            others = tuple([entry for entry in entries if line_id not in (None, entry[0])])
            for times, some in (((made_at, end), others), ((made_at, expires_at), mine)):
                if some:
                    renewed.append((*times, some))
            is_there = is_there or bool(mine)
        if not is_there:
            raise StockError(order_id, line_id or "", "cannot renew: nothing is reserved")
        return self._with_holds({order_id: tuple(renewed)})


def _checked_end(now: datetime, expires_at: datetime | None) -> datetime | None:
    """The end, in UTC, of what is reserved at a time; it lies after that."""
    _checks.check_aware("now", now)
    if expires_at is None:
        return None
    _checks.check_aware("expires_at", expires_at)
    ends = expires_at.astimezone(UTC)  # within one zone the clocks on the wall would be compared
    if ends <= now:
        raise _checks.refuse("expires_at", expires_at, "is not after now; pass a later time")
    return ends
