"""The difference of two inventories, as a value: what a host writes, and what can be undone.

At the end: what the change of one lot, or of supplies, comes to in another inventory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

import attrs

from fulfill_core import _checks, _values
from fulfill_core.exceptions import StockError, by_number
from fulfill_core.inventory.capacity import Intake, key_of_intake
from fulfill_core.inventory.claims import Claim, key_of_claim
from fulfill_core.inventory.lots import at, of_lot
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.state import by_sku
from fulfill_core.inventory.stock import Item, Location, Lot, Reservation, Supply, sequence
from fulfill_core.inventory.storing.lot_rows import LotCell, to_lot_cell
from fulfill_core.orders.altering import altered


@attrs.frozen(kw_only=True, weakref_slot=False)
class StockChange:
    """By how much the stock row of a SKU at a location changes.

    Args:
        sku: the stock keeping unit.
        location: the location's id.
        quantity: so many units more on hand, or fewer if it is below 0.
        safety: so many more units that are never promised, or fewer.
        row: 1 if the row is new, -1 if it goes, 0 if it was there and stays.

    >>> StockChange(sku="mug", location="berlin", quantity=-2).inverted().quantity
    2
    """

    sku: str
    location: str
    quantity: int = 0
    safety: int = 0
    row: int = 0

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_id("StockChange.sku", self.sku)
        _checks.check_id("StockChange.location", self.location)
        _checks.check_int("StockChange.quantity", self.quantity)
        _checks.check_int("StockChange.safety", self.safety)
        _checks.check_int("StockChange.row", self.row)
        if self.row not in (-1, 0, 1):
            raise _checks.refuse("StockChange.row", self.row, "is not -1, 0 or 1; pass one of them")
        if not (self.quantity or self.safety or self.row):
            raise _checks.refuse("StockChange.quantity", 0, "changes nothing; leave the row out")

    def inverted(self) -> StockChange:
        """The change that undoes this one.

        >>> StockChange(sku="mug", location="berlin", quantity=5, row=1).inverted().row
        -1
        """
        return StockChange(
            sku=self.sku,
            location=self.location,
            quantity=-self.quantity,
            safety=-self.safety,
            row=-self.row,
        )


@attrs.frozen(kw_only=True, weakref_slot=False)
class LotChange:
    """A lot of a SKU at a location, as it was and as it is.

    Args:
        sku: the stock keeping unit.
        location: the location's id.
        before: the lot as it was; None if it is new.
        after: the lot as it is; None if it is gone.

    >>> from fulfill_core import Lot
    >>> LotChange(sku="mug", location="berlin", before=Lot(id="L-7", quantity=5),
    ...           after=Lot(id="L-7", quantity=3)).quantity
    -2
    """

    sku: str
    location: str
    before: Lot | None = None
    after: Lot | None = None

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_id("LotChange.sku", self.sku)
        _checks.check_id("LotChange.location", self.location)
        for name in ("before", "after"):
            if getattr(self, name) is not None:
                _checks.check_member(f"LotChange.{name}", getattr(self, name), Lot)
        if self.before == self.after:
            raise _checks.refuse("LotChange.after", self.after, "changes nothing; leave it out")
        if self.before and self.after and self.before.id != self.after.id:
            raise _checks.refuse(
                "LotChange.after", self.after, f"is not lot {_checks.repr_of(self.before.id)}"
            )

    @property
    def lot(self) -> str:
        """The lot's id.

        >>> from fulfill_core import Lot
        >>> LotChange(sku="mug", location="berlin", after=Lot(id="L-7", quantity=3)).lot
        'L-7'
        """
        lot = self.after or self.before
        return "" if lot is None else lot.id

    @property
    def quantity(self) -> int:
        """So many units more of it, or fewer if it is below 0.

        >>> from fulfill_core import Lot
        >>> LotChange(sku="mug", location="berlin", after=Lot(id="L-7", quantity=3)).quantity
        3
        """
        return _units(self.after) - _units(self.before)

    def inverted(self) -> LotChange:
        """The change that undoes this one.

        >>> from fulfill_core import Lot
        >>> new = LotChange(sku="mug", location="berlin", after=Lot(id="L-7", quantity=3))
        >>> new.inverted().after is None
        True
        """
        return LotChange(sku=self.sku, location=self.location, before=self.after, after=self.before)


def _units(lot: Lot | None) -> int:
    return 0 if lot is None else lot.quantity


def _to_lots(changes: Iterable[LotChange]) -> tuple[LotChange, ...]:
    return _checks.to_tuple(changes)


def _to_on_hand(changes: Iterable[StockChange]) -> tuple[StockChange, ...]:
    return _checks.to_tuple(changes)


def _to_reservations(reservations: Iterable[Reservation]) -> tuple[Reservation, ...]:
    return _checks.to_tuple(reservations)


def _to_claims(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    return _checks.to_tuple(claims)


def _to_intakes(intakes: Iterable[Intake]) -> tuple[Intake, ...]:
    return _checks.to_tuple(intakes)


def _to_supplies(supplies: Iterable[Supply]) -> tuple[Supply, ...]:
    return _checks.to_tuple(supplies)


def _to_locations(places: Iterable[Location]) -> tuple[Location, ...]:
    return _checks.to_tuple(places)


def _to_items(items: Iterable[Item]) -> tuple[Item, ...]:
    return _checks.to_tuple(items)


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Changes:
    """The difference of two inventories: no more than what has to be written, and what undoes it.

    ``after.changes_since(before)`` makes it, and so does ``result.changes``. A thing that was
    changed is removed as it was and added as it is now. Without any content it is false.

    Args:
        on_hand: by how much stock rows change; at most one per SKU and location.
        lots: lots that are new, gone, or not as they were; at most one per SKU, location and lot.
            Their units are among those of the stock rows.
        reservations_added: reservations that are there afterwards and were not before.
        reservations_removed: reservations that were there and are not any more: released, shipped,
            or there in another form now, such as with fewer units or another end.
        claims_added: claims that are there afterwards and were not before.
        claims_removed: claims that were there and are not any more: given up, come in, or there in
            another form now, such as with fewer units or on another supply.
        intakes_added: intakes that are there afterwards and were not before: units left.
        intakes_removed: intakes that were there and are of no day that counts any more.
        supplies_added: supplies that are there afterwards; at most one per id and SKU.
        supplies_removed: supplies that were there. One that has brought a part is in both, with
            what it was to bring before and what it is to bring now.
        locations_added: locations that are there afterwards.
        locations_removed: locations that were there.
        items_added: items that are there afterwards.
        items_removed: items that were there.

    >>> from fulfill_core import Inventory
    >>> before = Inventory.of({("mug", "berlin"): 12})
    >>> changes = before.with_received("mug", "berlin", 8).changes_since(before)
    >>> changes
    <Changes: on hand 1>
    >>> changes.on_hand[0].quantity, bool(before.changes_since(before))
    (8, False)
    """

    on_hand: tuple[StockChange, ...] = attrs.field(default=(), converter=_to_on_hand)
    lots: tuple[LotChange, ...] = attrs.field(default=(), converter=_to_lots)
    reservations_added: tuple[Reservation, ...] = attrs.field(
        default=(), converter=_to_reservations
    )
    reservations_removed: tuple[Reservation, ...] = attrs.field(
        default=(), converter=_to_reservations
    )
    claims_added: tuple[Claim, ...] = attrs.field(default=(), converter=_to_claims)
    claims_removed: tuple[Claim, ...] = attrs.field(default=(), converter=_to_claims)
    intakes_added: tuple[Intake, ...] = attrs.field(default=(), converter=_to_intakes)
    intakes_removed: tuple[Intake, ...] = attrs.field(default=(), converter=_to_intakes)
    supplies_added: tuple[Supply, ...] = attrs.field(default=(), converter=_to_supplies)
    supplies_removed: tuple[Supply, ...] = attrs.field(default=(), converter=_to_supplies)
    locations_added: tuple[Location, ...] = attrs.field(default=(), converter=_to_locations)
    locations_removed: tuple[Location, ...] = attrs.field(default=(), converter=_to_locations)
    items_added: tuple[Item, ...] = attrs.field(default=(), converter=_to_items)
    items_removed: tuple[Item, ...] = attrs.field(default=(), converter=_to_items)

    def __attrs_post_init__(self) -> None:
        for field, kind, word in _KINDS:
            things = getattr(self, field)
            if things == ():  # as most are: a run reserves, a receipt is of one SKU
                continue
            _checks.check_members(f"Changes.{field}", things, kind)
            if kind not in (Reservation, Claim):  # two of the same are two
                _checks.check_unique(f"Changes.{field}", map(_key, things), word)
            # In a fixed sequence: how they were found must not make a difference.
            _checks.set_field(self, field, tuple(sorted(things, key=_key)))

    def inverted(self) -> Changes:
        """What undoes these changes. Inverted twice, they are the same.

        >>> from fulfill_core import Inventory
        >>> before = Inventory.of({("mug", "berlin"): 12})
        >>> after = before.with_received("mug", "berlin", 8)
        >>> after.with_changes(after.changes_since(before).inverted()) == before
        True
        """
        return Changes(
            on_hand=[change.inverted() for change in self.on_hand],
            lots=[change.inverted() for change in self.lots],
            reservations_added=self.reservations_removed,
            reservations_removed=self.reservations_added,
            claims_added=self.claims_removed,
            claims_removed=self.claims_added,
            intakes_added=self.intakes_removed,
            intakes_removed=self.intakes_added,
            supplies_added=self.supplies_removed,
            supplies_removed=self.supplies_added,
            locations_added=self.locations_removed,
            locations_removed=self.locations_added,
            items_added=self.items_removed,
            items_removed=self.items_added,
        )

    def __bool__(self) -> bool:
        return any(_contents_of(self))

    def __repr__(self) -> str:
        fields = attrs.asdict(self, recurse=False)
        parts = [f"{name.replace('_', ' ')} {len(row)}" for name, row in fields.items() if row]
        return f"<Changes: {', '.join(parts) or 'none'}>"


_KINDS: tuple[tuple[str, type[object], str], ...] = (
    ("on_hand", StockChange, "stock row"),
    ("lots", LotChange, "lot"),
    *[
        (f"{name}_{how}", kind, kind.__name__.lower())
        for name, kind in (
            ("reservations", Reservation),
            ("claims", Claim),
            ("intakes", Intake),
            ("supplies", Supply),
            ("locations", Location),
            ("items", Item),
        )
        for how in ("added", "removed")
    ],
)
"""The fields, of what they are, and the word for one of them."""
_contents_of = attrgetter(*[field.name for field in attrs.fields(Changes)])
_NONE = Changes()


def trusted_changes(**contents: Iterable[Any]) -> Changes:
    """Changes of parts that the library made itself: put in sequence, and not checked again.

    >>> trusted_changes(claims_added=()) == Changes()
    True
    """
    parts = {name: tuple(sorted(things, key=_key)) for name, things in contents.items() if things}
    return altered(_NONE, **parts)


def _key(
    thing: Reservation | Claim | Intake | Supply | Location | Item | StockChange | LotChange,
) -> tuple[object, ...]:
    """By what it is known, and sorted."""
    if isinstance(thing, Reservation):
        return (thing.order_id, *sequence(thing))
    if isinstance(thing, Claim):
        return key_of_claim(thing)
    if isinstance(thing, Intake):
        return key_of_intake(thing)
    if isinstance(thing, Supply):
        return (thing.sku, thing.id)
    if isinstance(thing, StockChange):
        return thing.sku, thing.location
    if isinstance(thing, LotChange):
        return thing.sku, thing.location, thing.lot
    return (thing.id,) if isinstance(thing, Location) else (thing.sku,)


# -- Applied elsewhere -------------------------------------------------------------------------


def lot_after(change: LotChange, here: LotCell | None) -> LotCell | None:
    """The lot that is here, changed by as much as it was changed there; None if there is none."""
    before, after, more = change.before, change.after, change.quantity
    model = after or before
    if here is None:
        if model is None or (before is not None and not more):
            return None
        here = to_lot_cell(change.location, attrs.evolve(model, quantity=0))
    (location, lot, quantity, reserved), (expires_at, received_at, is_locked) = here
    of_what = f"{_checks.repr_of(change.sku)}{of_lot(lot)}{at(location)}"
    if quantity + more < 0:
        verb = by_number(quantity, "is", "are")
        raise StockError("", "", f"cannot take {-more} of {of_what}: {quantity} {verb} there")
    if before is None and after is not None and after.expires_at != expires_at:
        raise StockError("", "", f"cannot bring {more} of {of_what}: it is there with another end")
    if before is not None and after is not None:
        if before.expires_at != after.expires_at:
            expires_at = after.expires_at
        if before.received_at != after.received_at:
            received_at = after.received_at
        if before.quarantined != after.quarantined:
            is_locked = after.quarantined
    return (location, lot, quantity + more, reserved), (expires_at, received_at, is_locked)


def supplies_after(
    supplies: Overlay[str, tuple[Supply, ...]], changes: Changes, places: Mapping[str, Location]
) -> Overlay[str, tuple[Supply, ...]]:
    """The supplies that are here, each changed by as much as it was changed there."""
    old = {(supply.sku, supply.id): supply for supply in changes.supplies_removed}
    new = {(supply.sku, supply.id): supply for supply in changes.supplies_added}
    changed: dict[str, dict[str, Supply]] = {}
    for key in old.keys() | new.keys():
        sku, supply_id = key
        of_sku = changed.get(sku)
        if of_sku is None:
            of_sku = changed[sku] = {supply.id: supply for supply in supplies.get(sku) or ()}
        supply = _supply_after(of_sku.pop(supply_id, None), old.get(key), new.get(key))
        if supply is not None:
            of_sku[supply_id] = supply
    return supplies.with_changes(
        {sku: by_sku(of_sku.values(), places).get(sku) for sku, of_sku in changed.items()}
    )


def _supply_after(
    here: Supply | None, before: Supply | None, after: Supply | None
) -> Supply | None:
    """The supply that is here, changed by as much as it was changed there; None if it is gone."""
    more = _quantity(after) - _quantity(before)
    quantity = _quantity(here) + more
    model = here or after or before
    if model is None or not quantity:
        return None
    if quantity < 0:
        expected = f"{_quantity(here)} {by_number(_quantity(here), 'is', 'are')} expected"
        of_what = f"{_checks.repr_of(model.sku)} off supply {_checks.repr_of(model.id)}"
        raise StockError("", "", f"cannot take {-more} of {of_what}: {expected}")
    expected_at, location, order_id = model.expected_at, model.location, model.order_id
    if before and after:
        if before.expected_at != after.expected_at:
            expected_at = after.expected_at
        if before.location != after.location:
            location = after.location
        if before.order_id != after.order_id:
            order_id = after.order_id
    return attrs.evolve(
        model,
        quantity=quantity,
        expected_at=expected_at,
        location=location,
        order_id=order_id,
    )


def _quantity(supply: Supply | None) -> int:
    return 0 if supply is None else supply.quantity
