"""What an inventory is made of: items, locations, stock rows, lots, supplies and reservations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo

import attrs

from fulfill_core import _checks, _values
from fulfill_core.inventory.item_rules import Component, Fence, KitShips, LotOrder, Pack
from fulfill_core.orders.rows import travels_by_field

_LAST_RANK = 2**31 - 1
_NO_TIME = timedelta(0)
EARLIEST = datetime.min.replace(tzinfo=UTC)
"""When something was made of which nobody knows when."""
_MANY = 10**15  # no fewer than there are in any lots


def _to_components(members: Iterable[Component]) -> tuple[Component, ...]:
    return _checks.to_tuple(members)


def _to_packs(members: Iterable[Pack]) -> tuple[Pack, ...]:
    return _checks.to_tuple(members)


def _to_fences(members: Iterable[Fence]) -> tuple[Fence, ...]:
    return _checks.to_tuple(members)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Item:
    """What the host says about a SKU, wherever it lies.

    A SKU without an `Item` is tracked, may not be backordered, and has no rules.

    Args:
        sku: the stock keeping unit.
        tracked: False for what has no stock (a service, a download, a fee): it never enters the
            arithmetic and never keeps an order waiting.
        backorderable: whether demand beyond the stock on hand waits for more (backorder) or is
            turned down (short).
        backorderable_at: the locations, by id, whose supplies may be waited for; empty for all. A
            supply that names no location may always be. It says nothing of what is on hand.
        backorder_cap: so many units at most wait without a supply that brings them, over all
            orders of a run; None for any number. Kits count as kits, and what they wait for counts
            for the caps of their components too.
        components: what it is made of, if it is a kit: it has no stock of its own then, and its
            components are taken from the stock that everybody draws on.
        kit_ships: whether a line's kits may leave one by one.
        lot_order: which lot leaves first, where it is kept by lot.
        single_lot: whether a line gets all its units of one lot, where one lot has as many and the
            order may be served from there; if none has, of several.
        minimum_life: how much of a lot's life has to be left at delivery, zero or more.
        packs: `Pack` values, for locations from which only whole packs leave; one per location.
        fences: `Fence` values: units that are kept for some.
        customer_cap: so many units at most for one customer, counted over the orders of a run in
            rank order: what they hold, got, get and wait for, and first of all what those have that
            have no turn (held, scheduled, done); None for any number. Set it where an item is
            scarce.

    >>> Item(sku="gift-wrap", tracked=False).tracked
    False
    >>> Item(sku="tea-set", components=[Component(sku="pot"), Component(sku="cup")]).is_kit
    True
    """

    sku: str
    tracked: bool = True
    backorderable: bool = False
    backorderable_at: frozenset[str] = attrs.field(
        default=frozenset(), converter=_checks.to_frozenset
    )
    backorder_cap: int | None = None
    components: tuple[Component, ...] = attrs.field(default=(), converter=_to_components)
    kit_ships: KitShips = KitShips.BY_KIT
    lot_order: LotOrder = LotOrder.FEFO
    single_lot: bool = False
    minimum_life: timedelta = _NO_TIME
    packs: tuple[Pack, ...] = attrs.field(default=(), converter=_to_packs)
    fences: tuple[Fence, ...] = attrs.field(default=(), converter=_to_fences)
    customer_cap: int | None = None

    is_plain: bool = attrs.field(init=False, default=True, eq=False, repr=False)
    """Whether it is tracked, is no kit and has no rules of its own."""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults("sku", sku="-")
    def __attrs_post_init__(self) -> None:
        _checks.check_id("Item.sku", self.sku)
        _checks.check_bool("Item.tracked", self.tracked)
        _checks.check_bool("Item.backorderable", self.backorderable)
        _checks.check_words("Item.backorderable_at", self.backorderable_at)
        for name in ("backorder_cap", "customer_cap"):
            if getattr(self, name) is not None:
                _checks.check_int(f"Item.{name}", getattr(self, name), at_least=0)
        _checks.check_members("Item.components", self.components, Component)
        _checks.check_unique("Item.components", (part.sku for part in self.components), "SKU")
        _checks.keep_word(self, "kit_ships", KitShips)
        _checks.keep_word(self, "lot_order", LotOrder)
        _checks.check_bool("Item.single_lot", self.single_lot)
        _checks.check_duration("Item.minimum_life", self.minimum_life)
        _checks.check_members("Item.packs", self.packs, Pack)
        _checks.check_unique("Item.packs", (pack.location for pack in self.packs), "location")
        _checks.check_members("Item.fences", self.fences, Fence)
        is_plain = self.tracked and not self.components and not self.has_rules
        _checks.set_field(self, "is_plain", is_plain)
        if not self.components:  # the usual case
            return
        if not self.tracked:
            raise _checks.refuse(
                "Item.tracked", self.tracked, "is for what has no stock; a kit's components have"
            )
        if self.has_rules:
            raise _checks.refuse(
                "Item.components",
                self.components,
                "are those of an item with packs, fences or a customer's cap; a kit has no stock of"
                " its own, so give these rules to its components",
            )
        if self.single_lot or self.backorderable_at:
            raise _checks.refuse(
                "Item.components",
                self.components,
                "are those of an item with a single lot, or places to wait for; a kit has no stock"
                " of its own, so give these to its components",
            )

    @property
    def is_kit(self) -> bool:
        """Whether it is made of components."""
        return bool(self.components)

    @property
    def has_rules(self) -> bool:
        """Whether what an order may take of it depends on more than what is there."""
        return bool(self.packs or self.fences) or self.customer_cap is not None


@attrs.frozen(kw_only=True, weakref_slot=False)
class Location:
    """A place that holds stock.

    Args:
        id: the location's id.
        rank: the lower, the sooner it is asked; equal ranks go by id. A location that nobody
            described, which only a stock row names, has the last of all ranks.
        name: for people.
        lead_time: how long it takes from there to the customer; a lot's remaining life is judged
            at the delivery that follows from it.
        capacity: so many orders at most get new reservations there on one day; None for any number.
        timezone: where a day of its capacity begins: any `tzinfo`.

    >>> Location(id="berlin", rank=1).name
    ''
    """

    id: str
    rank: int = 0
    name: str = ""
    lead_time: timedelta = _NO_TIME
    capacity: int | None = None
    timezone: tzinfo = UTC

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults("id", id="-")
    def __attrs_post_init__(self) -> None:
        _checks.check_id("Location.id", self.id)
        _checks.check_int("Location.rank", self.rank)
        _checks.check_text("Location.name", self.name)
        _checks.check_duration("Location.lead_time", self.lead_time)
        if self.capacity is not None:
            _checks.check_int("Location.capacity", self.capacity, at_least=0)
        _checks.check_timezone("Location.timezone", self.timezone)

    @property
    def is_described(self) -> bool:
        """Whether somebody said something of it; else it is asked last."""
        return self.rank != _LAST_RANK

    def day_of(self, instant: datetime) -> date:
        """The day of an instant, as the location counts its days.

        >>> from datetime import timezone
        >>> oslo = Location(id="oslo", timezone=timezone(timedelta(hours=1)))
        >>> oslo.day_of(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
        datetime.date(2026, 3, 3)
        """
        _checks.check_aware("instant", instant)
        return _checks.in_zone(instant, self.timezone).date()


@attrs.frozen(kw_only=True, weakref_slot=False)
class Lot:
    """Units of one SKU at one location that were made or received together.

    A serial number is a lot of one.

    Args:
        id: the lot's id, unique at its SKU and location.
        quantity: units physically there, 0 or more.
        expires_at: from when on they may not be used, aware, kept in UTC; None if that is not known
            or never. A date means the end of that day, where the goods are used.
        received_at: when they came in, aware, kept in UTC; None if that is not known.
        quarantined: whether they are locked up: they are there, and not available.

    >>> Lot(id="L-7", quantity=12).quarantined
    False
    """

    id: str
    quantity: int
    expires_at: datetime | None = None
    received_at: datetime | None = None
    quarantined: bool = False

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults("id", id="-", quantity=0)
    def __attrs_post_init__(self) -> None:
        _checks.check_id("Lot.id", self.id)
        _checks.check_int("Lot.quantity", self.quantity, at_least=0)
        for name in ("expires_at", "received_at"):
            instant = getattr(self, name)
            if instant is not None:
                _checks.keep_in_utc(self, name)
        _checks.check_bool("Lot.quarantined", self.quarantined)


def _to_lots(members: Iterable[Lot]) -> tuple[Lot, ...]:
    return _checks.to_tuple(members)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Stock:
    """The units of one SKU at one location.

    Args:
        sku: the stock keeping unit.
        location: the location's id.
        on_hand: units physically there. A negative number, as some systems keep it, is taken as it
            is: nothing is available there, and it takes nothing from other locations.
        safety: units that are never promised, 0 or more.
        lots: `Lot` values with distinct ids, kept by id. Units on hand beyond theirs have no lot.

    >>> Stock(sku="mug", location="berlin", on_hand=12, safety=2).on_hand
    12
    """

    sku: str
    location: str
    on_hand: int
    safety: int = 0
    lots: tuple[Lot, ...] = attrs.field(default=(), converter=_to_lots)

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults("sku", sku="-", location="-", on_hand=_MANY)
    def __attrs_post_init__(self) -> None:
        _checks.check_id("Stock.sku", self.sku)
        _checks.check_id("Stock.location", self.location)
        _checks.check_int("Stock.on_hand", self.on_hand)
        _checks.check_int("Stock.safety", self.safety, at_least=0)
        if self.lots == ():  # the usual case
            return
        _checks.check_members("Stock.lots", self.lots, Lot)
        _checks.check_unique("Stock.lots", (lot.id for lot in self.lots), "lot")
        _checks.set_field(self, "lots", tuple(sorted(self.lots, key=lambda lot: lot.id)))
        in_lots = sum(lot.quantity for lot in self.lots)
        if in_lots > max(self.on_hand, 0):  # when more left than was there, lots may be empty
            raise _checks.refuse(
                "Stock.on_hand",
                self.on_hand,
                f"is less than what its lots hold together, {in_lots}",
            )


@attrs.frozen(kw_only=True, weakref_slot=False)
class Supply:
    """A dated future receipt that backorders are pegged to.

    Args:
        id: the supply's id, such as a purchase order's number and line.
        sku: the stock keeping unit that it brings.
        quantity: units, 1 or more.
        expected_at: when, aware; kept in UTC. Or a date: then it is due until the end of that day
            at its location (`Inventory.due_until`).
        location: where to, if that is known.
        order_id: the order that it was bought for: nobody else is promised anything of it, and it
            is what that order waits for first. Empty if it is for anybody.

    >>> from datetime import datetime, timezone
    >>> Supply(id="PO-1", sku="mug", quantity=50,
    ...        expected_at=datetime(2026, 4, 1, tzinfo=timezone.utc)).quantity
    50
    """

    id: str
    sku: str
    quantity: int
    expected_at: datetime | date
    location: str = ""
    order_id: str = ""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults("id", id="-", sku="-", quantity=1, expected_at=_checks.SOME_INSTANT)
    def __attrs_post_init__(self) -> None:
        _checks.check_id("Supply.id", self.id)
        _checks.check_id("Supply.sku", self.sku)
        _checks.check_int("Supply.quantity", self.quantity, at_least=1)
        if isinstance(self.expected_at, datetime):
            _checks.keep_in_utc(self, "expected_at")
        else:
            if not isinstance(self.expected_at, date):
                problem = "is no date; pass an aware datetime, or a date if only the day is known"
                raise _checks.refuse("Supply.expected_at", self.expected_at, problem)
            from fulfill_core.calendars import bounds  # noqa: PLC0415 - few have a day alone

            bounds.check_date("Supply.expected_at", self.expected_at)
        _checks.check_text("Supply.location", self.location)
        _checks.check_text("Supply.order_id", self.order_id)

    def is_for(self, order_id: str) -> bool:
        """Whether units of it may be promised to the order.

        >>> from datetime import datetime, timezone
        >>> Supply(id="PO-1", sku="mug", quantity=50, order_id="A-1",
        ...        expected_at=datetime(2026, 4, 1, tzinfo=timezone.utc)).is_for("A-2")
        False
        """
        return self.order_id in ("", order_id)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Reservation:
    """Units on hand set aside for one order line, until they ship, are released or expire.

    Args:
        order_id: for whom.
        line_id: for which of the order's lines.
        sku: what.
        location: where the units lie.
        quantity: how many stock units, 1 or more.
        made_at: when it was made, aware, kept in UTC; None if not known. It counts from then on,
            and a snapshot of the stock that contains it is never older than it.
        expires_at: from this instant on it counts no longer, aware, kept in UTC; None if it does
            not expire.
        lot: the lot of the units; empty where stock is not kept by lot.

    >>> Reservation(order_id="A-1", line_id="1", sku="mug", location="berlin", quantity=2).lot
    ''
    """

    order_id: str
    line_id: str
    sku: str
    location: str
    quantity: int
    made_at: datetime | None = None
    expires_at: datetime | None = None
    lot: str = ""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults("order_id", order_id="-", line_id="-", sku="-", location="-", quantity=1)
    def __attrs_post_init__(self) -> None:
        _checks.check_id("Reservation.order_id", self.order_id)
        _checks.check_id("Reservation.line_id", self.line_id)
        _checks.check_id("Reservation.sku", self.sku)
        _checks.check_id("Reservation.location", self.location)
        _checks.check_int("Reservation.quantity", self.quantity, at_least=1)
        for name in ("made_at", "expires_at"):
            instant = getattr(self, name)
            if instant is not None:
                _checks.keep_in_utc(self, name)
        _checks.check_text("Reservation.lot", self.lot)


reservation_row, reservation_of = travels_by_field(Reservation)
_ReservationTwin = _values.twin(Reservation)


def trusted_reservation(
    order_id: str,
    line_id: str,
    sku: str,
    location: str,
    quantity: int,
    made_at: datetime | None,
    expires_at: datetime | None,
    lot: str,
) -> Reservation:
    """A reservation out of what was checked before, its instants in UTC."""
    twin = _ReservationTwin()
    twin.order_id, twin.line_id = order_id, line_id
    twin.sku, twin.location, twin.lot = sku, location, lot
    twin.quantity = quantity
    twin.made_at = made_at
    twin.expires_at = expires_at
    twin.__class__ = Reservation
    reservation: Reservation = twin
    return reservation


def check_kits(path: str, items: Mapping[str, Item], suspects: Iterable[Item]) -> None:
    """No kit is a part of itself, at any depth; *suspects* are the items that may have made it so.

    >>> check_kits("items", {}, [Item(sku="mug")])
    """
    done: set[str] = set()
    for suspect in suspects:
        if not suspect.components:
            continue
        # Depth first without recursion: kits may be nested as deep as anybody likes.
        way: list[str] = []
        ahead = [(suspect.sku, 0)]
        while ahead:
            sku, depth = ahead.pop()
            del way[depth:]
            if sku in way:
                circle = " -> ".join([*way[way.index(sku) :], sku])
                raise _checks.refuse(
                    path, circle, "is a kit that is a part of itself; take it out of its components"
                )
            way.append(sku)
            item = items.get(sku)
            if item is not None and sku not in done:
                ahead += [(part.sku, depth + 1) for part in item.components]
            done.add(sku)


def undescribed(location_id: str) -> Location:
    """A location of which nothing is known but that it is there."""
    return Location(id=location_id, rank=_LAST_RANK)


def sequence(reservation: Reservation) -> tuple[object, ...]:
    """A sort key for an order's reservations: how they came into the inventory changes nothing."""
    return (
        reservation.line_id,
        reservation.sku,
        reservation.location,
        reservation.lot,
        reservation.quantity,
        reservation.made_at or EARLIEST,
        reservation.expires_at or EARLIEST,
    )
