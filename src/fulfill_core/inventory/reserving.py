"""How units are set aside: recorded, reserved of what is available, reserved for longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import attrs

from fulfill_core import _checks, _values
from fulfill_core.exceptions import StockError, by_number
from fulfill_core.inventory.availability import free_in_rank, is_ruled, shelf_of
from fulfill_core.inventory.capacity import where_capacity_is_left
from fulfill_core.inventory.lots import at, lot_at
from fulfill_core.inventory.releasing import with_released
from fulfill_core.inventory.reservations import (
    ReservationFilter,
    batches_of,
    has_expired,
    line_batches,
    to_reservations,
    units_of_sku,
    with_batch_of_line,
    with_batches_added,
    with_batches_of_line,
    with_batches_of_orders,
    without_expired,
)
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.inventory.state import (
    Parts,
    State,
    cells_of,
    components_of,
    is_tracked,
)
from fulfill_core.inventory.stock import Reservation
from fulfill_core.inventory.storing.batches import Batch, Batches, Entry, split_by_line
from fulfill_core.inventory.withdrawing.withdrawals import units_by_sku
from fulfill_core.orders.order import Order

# -- Recorded ----------------------------------------------------------------------------------


def with_reserved(state: State, *reservations: Reservation) -> State:
    """The inventory with these reservations as well.

    It records what the host decided; it does not ask whether there is enough.
    `with_available_reserved` does.

    Raises:
        InvalidValueError: one is for a SKU and location without a stock row, or of a lot that is
            not there.

    >>> from fulfill_core import Inventory
    >>> two = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
    >>> Inventory.of({("mug", "x"): 12}).with_reserved(two).available("mug")
    10
    """
    _checks.check_members("reservations", reservations, Reservation)
    by_order: dict[str, dict[tuple[datetime | None, datetime | None], list[Entry]]] = {}
    for position, each in enumerate(reservations):
        if not cells_of(state, each.sku, each.location):
            raise _checks.refuse(
                f"reservations[{position}]",
                each,
                "is for a SKU and location without a stock row; receive or count it first",
            )
        if each.lot and lot_at(state, each.sku, each.location, each.lot) is None:
            raise _checks.refuse(
                f"reservations[{position}]",
                each,
                "names a lot that its stock row does not have; receive it first",
            )
        batches = by_order.setdefault(each.order_id, {})
        entries = batches.setdefault((each.made_at, each.expires_at), [])
        entries.append((each.line_id, each.sku, each.location, each.quantity, each.lot))
    return with_batches_added(
        state,
        {
            order_id: tuple([(*times, tuple(entries)) for times, entries in batches.items()])
            for order_id, batches in by_order.items()
        },
        {each.made_at for each in reservations},
    )


# -- Of what is available ----------------------------------------------------------------------


@attrs.frozen(weakref_slot=False)
class ReservationRequest:
    """For whom, when and where units are to be reserved; checked.

    Args:
        order_id: for whom: an order, or a cart.
        line_id: for which of its lines.
        sku: what the line asks for; of a kit, its components are reserved.
        now: the caller's time, aware.
        expires_at: when the reservations end, aware, after now, kept in UTC; None if they do not.
        location: only from there; None for anywhere.
        order: the order of that id, if it is to be judged by rules; None for anybody.
    """

    order_id: str
    line_id: str
    sku: str
    now: datetime
    expires_at: datetime | None
    location: str | None
    order: Order | None

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_id("order_id", self.order_id)
        _checks.check_id("line_id", self.line_id)
        _checks.check_id("sku", self.sku)
        if self.location is not None:
            _checks.check_id("location", self.location)
        if self.order is not None:
            _checks.check_member("order", self.order, Order)
            if self.order.id != self.order_id:
                raise _checks.refuse(
                    "order",
                    self.order.id,
                    f"is not the order {self.order_id!r} that the units are for",
                )
        _checks.set_field(self, "expires_at", _checked_end(self.now, self.expires_at))


def with_available_reserved(
    state: State,
    order_id: str,
    line_id: str,
    sku: str,
    quantity: int,
    *,
    now: datetime,
    expires_at: datetime | None = None,
    location: str | None = None,
    order: Order | None = None,
) -> State:
    """The inventory with *quantity* more units reserved for a line, if there are so many.

    They come from the locations in rank order, from each what is available there. All of them or
    none: there is no part of a reservation. What was reserved for the line itself until it expired
    is dropped: its units are available to everybody, and so to their former owner. An item that is
    not tracked needs no units: nothing changes.

    Lots are taken in the item's sequence, as far as they live long enough. Of a kit, the components
    of so many whole kits are reserved; each may come from another location. Of a SKU with rules, it
    is as many as `available` says: for anybody, or for this order.

    Args:
        state: the stock.
        order_id: for whom: an order, or a cart.
        line_id: for which of its lines.
        sku: what.
        quantity: how many stock units, 1 or more, beyond what the line has reserved; of a kit, how
            many kits.
        now: the caller's time, aware: the reservations are made then, and those of others that have
            expired by then do not count.
        expires_at: when they end, aware, after now; None if they do not.
        location: only from there; None for anywhere.
        order: for whom, if fences and the life that a customer asks of lots shall be judged by it:
            the order of that id, or the cart in the form of one. None for anybody.

    Raises:
        InvalidValueError: the order has another id.
        StockError: so many are not available.

    >>> from datetime import datetime, timedelta, timezone
    >>> from fulfill_core import Inventory
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> stock = Inventory.of({("mug", "berlin"): 2, ("mug", "paris"): 3})
    >>> cart = stock.with_available_reserved(
    ...     "cart-9", "1", "mug", 4, now=now, expires_at=now + timedelta(minutes=30))
    >>> [(each.location, each.quantity) for each in cart.reservations_of("cart-9")]
    [('berlin', 2), ('paris', 2)]
    """
    request = ReservationRequest(order_id, line_id, sku, now, expires_at, location, order)
    _checks.check_int("quantity", quantity, at_least=1)
    if not is_tracked(state, sku):
        return state
    demand = {leaf: quantity * units for leaf, units in _parts(state, sku)}
    return _with_demand_reserved(state, request, demand)


def with_reserved_quantity(
    state: State,
    order_id: str,
    line_id: str,
    sku: str,
    quantity: int,
    *,
    now: datetime,
    expires_at: datetime | None = None,
    location: str | None = None,
    order: Order | None = None,
) -> State:
    """The inventory in which a line has *quantity* units reserved: only the difference moves.

    What is missing is reserved as `with_available_reserved` does it; what is too much is given up
    as `with_released` does it. Saying it twice is saying it once.

    Args:
        state: the stock.
        order_id: whose units: an order's, or a cart's.
        line_id: of which line.
        sku: what.
        quantity: how many stock units the line shall have reserved, 0 or more; of a kit, how many
            kits. What has expired by now does not count.
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
    request = ReservationRequest(order_id, line_id, sku, now, expires_at, location, order)
    _checks.check_int("quantity", quantity, at_least=0)
    units_meant = ReservationFilter(line_id, None, location, now)
    reserved = units_by_sku(units_meant.among(line_batches(state, order_id, line_id)))
    missing = {leaf: quantity * units - reserved[leaf] for leaf, units in _parts(state, sku)}
    changed = state
    for leaf, units in missing.items():
        if units < 0:
            changed = with_released(
                changed, order_id, line_id, -units, location=location, sku=leaf, now=now
            )
    demand = {leaf: units for leaf, units in missing.items() if units > 0}
    if not demand or not is_tracked(state, sku):
        return changed
    return _with_demand_reserved(changed, request, demand)


def _parts(state: State, sku: str) -> Parts:
    """What a line takes from the stock for one unit: the components of its kit, or the SKU."""
    return components_of(state, sku) or ((sku, 1),)


def _with_demand_reserved(
    state: State, request: ReservationRequest, demand: Mapping[str, int]
) -> State:
    """So many units of each of these, all of what a line asks for, set aside; or refused."""
    order_id, line_id = request.order_id, request.line_id
    entries: list[Entry] = []
    for sku, quantity in demand.items():
        sources = _sources(state, request, sku, quantity)
        available = sum([units for _, units, _ in sources])
        if available < quantity:
            part = f" for {_checks.repr_of(request.sku)}" if sku != request.sku else ""
            raise StockError(
                order_id,
                line_id,
                f"cannot reserve {quantity} of {_checks.repr_of(sku)}{part}: {available}"
                f" {by_number(available, 'is', 'are')} available{at(request.location)}",
            )
        entries += [(line_id, sku, place, units, lot) for place, units, lot in sources]
    batch: Batch = request.now.astimezone(UTC), request.expires_at, tuple(entries)
    batches = line_batches(state, order_id, line_id)
    if not any([has_expired(end, request.now) for _, end, _ in batches]):
        # What it has is not counted again: a line may get thousands of lots, one by one.
        return with_batch_of_line(state, order_id, line_id, batch)
    rest = without_expired(batches, line_id, request.now)
    return with_batches_of_line(state, order_id, line_id, (*rest, batch))


def _sources(
    state: State, request: ReservationRequest, sku: str, quantity: int
) -> list[tuple[str, int, str]]:
    """Places, units and lots in rank order: so many units, or as many as there are."""
    if is_ruled(state, sku) or _lot_asked(request):
        return _sources_by_rules(state, request, sku, quantity)
    sources: list[tuple[str, int, str]] = []
    for place, free in free_in_rank(state, sku, request.now):
        if not quantity:  # there may be thousands of locations
            break
        if _open_pool(state, request, {place: free}):
            units = min(free, quantity)
            sources.append((place, units, ""))
            quantity -= units
    return sources


def _sources_by_rules(
    state: State, request: ReservationRequest, sku: str, quantity: int
) -> list[tuple[str, int, str]]:
    """Units of a SKU with lots, packs, fences or a cap: what the order may have of them."""
    shelf = shelf_of(state, sku, request.now)
    if shelf.is_limited:
        reserved = units_of_sku(batches_of(state, request.order_id), sku, request.now)
        limit = shelf.limit(request.order, reserved=reserved)
        quantity = quantity if limit is None else min(quantity, limit.units)
    lot_asked = _lot_asked(request)
    lot_needs = {lot_asked: quantity} if lot_asked else None
    free = _open_pool(state, request, shelf.pool(request.order, lot_needs=lot_needs))
    if shelf.item.single_lot and not lot_asked:
        for place, lot in _single_lots(shelf, request.order, quantity, free):
            return [(place, quantity, lot)]
    split = shelf.split(quantity, list(free.items()))
    return [
        (place, of_lot, lot)
        for place, units in split.items()
        for lot, of_lot in shelf.draw(place, units, request.order, lot=lot_asked)
    ]


def _single_lots(
    shelf: Shelf, order: Order | None, quantity: int, free: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    """The places, in sequence, and lots that have so many units which may leave together."""
    lots_at = shelf.lots_for(order)
    places = [location for location, units in free.items() if units >= quantity]
    for place in [location for location in places if shelf.leaving(location, quantity) == quantity]:
        yield from [(place, lot) for lot, of_lot in lots_at.get(place, ()) if of_lot >= quantity]


def _lot_asked(request: ReservationRequest) -> str:
    """The lot that the line asks for which units are reserved for; empty for any."""
    lines = () if request.order is None else request.order.lines
    return next((line.lot for line in lines if line.id == request.line_id), "")


def _open_pool(state: State, request: ReservationRequest, free: dict[str, int]) -> dict[str, int]:
    """The units at locations that still take the order today, or at the one that is named."""
    if request.location is not None:
        free = {place: units for place, units in free.items() if place == request.location}
    return where_capacity_is_left(state, free, request.now, request.order_id)


# -- For longer --------------------------------------------------------------------------------


def with_renewed(
    state: State,
    order_id: str,
    *,
    now: datetime,
    expires_at: datetime | None,
    line_id: str | None = None,
) -> State:
    """The inventory in which what an order has reserved ends at another time, or not at all.

    All of its reservations get the new end, or all of the line's. Once one has expired it can't be
    renewed: its units may have been promised to others. Then release what the order has and
    reserve anew, or let a run decide.

    Args:
        state: the stock.
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
    new_end = _checked_end(now, expires_at)
    renewed: list[Batch] = []
    is_found = False
    batches: Batches = batches_of(state, order_id)
    if line_id is not None:
        batches = line_batches(state, order_id, line_id)
    for made_at, end, entries in batches:
        of_line, of_other_lines = split_by_line(entries, line_id)
        if of_line and end is not None and has_expired(end, now):
            first, *_ = to_reservations(order_id, [(made_at, end, of_line)])
            raise StockError(
                order_id,
                first.line_id,
                f"cannot renew {first.quantity} of {_checks.repr_of(first.sku)} at"
                f" {_checks.repr_of(first.location)}: they expired at {end.isoformat()}",
            )
        if of_other_lines:
            renewed.append((made_at, end, of_other_lines))
        if of_line:
            renewed.append((made_at, new_end, of_line))
            is_found = True
    if not is_found:
        raise StockError(order_id, line_id or "", "cannot renew: nothing is reserved")
    if line_id is not None:
        return with_batches_of_line(state, order_id, line_id, tuple(renewed))
    return with_batches_of_orders(state, {order_id: tuple(renewed)})


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
