"""What an order holds: its reservations, as the plain rows that an inventory keeps them as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias

from fulfill_core import _fields
from fulfill_core._stock import Location, Reservation

Entry: TypeAlias = tuple[str, str, str, int, str]
"""Line id, SKU, location id, quantity, lot: an allocation, and a reservation once it is held."""
Batch: TypeAlias = tuple[datetime | None, datetime | None, tuple[Entry, ...]]
"""When it was made, when it expires, and the entries: what one run reserved for one order."""
Timed: TypeAlias = tuple[datetime, str, int]
"""When it expires, location id, quantity."""
Moved: TypeAlias = dict[str, dict[str, int]]
"""By how much what is reserved changes, by SKU and location id."""

_ReservationTwin = _fields.twin(Reservation)


def _reservation(
    order_id: str, made_at: datetime | None, expires_at: datetime | None, entry: Entry
) -> Reservation:
    made = _ReservationTwin()
    made.order_id = order_id
    made.line_id, made.sku, made.location, made.quantity, made.lot = entry
    made.made_at = made_at
    made.expires_at = expires_at
    made.__class__ = Reservation
    reservation: Reservation = made
    return reservation


def to_reservations(order_id: str, batches: Iterable[Batch]) -> Iterator[Reservation]:
    """The entries of *batches* as the values that hosts see."""
    for made_at, expires_at, entries in batches:
        for entry in entries:
            yield _reservation(order_id, made_at, expires_at, entry)


def sequence(reservation: Reservation) -> tuple[object, ...]:
    """A sort key for an order's reservations: how they came into the inventory changes nothing."""
    return (
        reservation.line_id,
        reservation.sku,
        reservation.location,
        reservation.lot,
        reservation.quantity,
        str(reservation.made_at),
        str(reservation.expires_at),
    )


def without(
    order_id: str, batches: Iterable[Batch], gone: Counter[Reservation]
) -> tuple[Batch, ...]:
    """The batches without these reservations, as far as they are among them."""
    kept: list[Batch] = []
    for made_at, expires_at, entries in batches:
        left: list[Entry] = []
        for entry in entries:
            held = _reservation(order_id, made_at, expires_at, entry)
            if gone[held] > 0:
                gone[held] -= 1
            else:
                left.append(entry)
        if left:
            kept.append((made_at, expires_at, tuple(left)))
    return tuple(kept)


class Withdrawal(NamedTuple):
    """Units taken out of what an order holds.

    Args:
        left: what it holds then.
        units: what was taken, by SKU.
        missing: how many of the wanted units it did not hold.
    """

    left: tuple[Batch, ...]
    units: Counter[str]
    missing: int


def withdrawal(
    batches: tuple[Batch, ...],
    line_id: str,
    quantity: int,
    location: str | None,
    places: Mapping[str, Location],
) -> Withdrawal:
    """Take *quantity* units of a line, the last location in the sequence of (rank, id) first."""
    changed = [list(entries) for _, _, entries in batches]
    mine = [
        (places[entry[2]].rank, entry[2], which, index)
        for which, entries in enumerate(changed)
        for index, entry in enumerate(entries)
        if entry[0] == line_id and location in (None, entry[2])
    ]
    units: Counter[str] = Counter()
    for _, _, which, index in sorted(mine, reverse=True):
        line, sku, place, held, lot = changed[which][index]
        taken = min(held, quantity)
        changed[which][index] = (line, sku, place, held - taken, lot)
        units[sku] += taken
        quantity -= taken
    after: list[Batch] = []
    for (made_at, expires_at, _), entries in zip(batches, changed, strict=True):
        left = tuple(entry for entry in entries if entry[3])
        if left:
            after.append((made_at, expires_at, left))
    return Withdrawal(tuple(after), units, quantity)
