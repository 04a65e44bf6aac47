"""What an order holds: its reservations, as the plain rows that an inventory keeps them as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

from fulfill_core import _checks
from fulfill_core.inventory.stock import Location, Reservation

Entry: TypeAlias = tuple[str, str, str, int, str]
"""Line id, SKU, location id, quantity, lot: an allocation, and a reservation once it is held."""
Batch: TypeAlias = tuple[datetime | None, datetime | None, tuple[Entry, ...]]
"""When it was made, when it expires, and the entries: what one run reserved for one order."""
Timed: TypeAlias = tuple[datetime, str, int, str]
"""When it expires, location id, quantity, lot."""
Moved: TypeAlias = dict[str, dict[str, int]]
"""By how much what is reserved changes, by SKU and location id."""
MovedLots: TypeAlias = dict[str, dict[tuple[str, str], int]]
"""By how much what is reserved of lots changes, by SKU, and location id and lot."""

_ReservationTwin = _checks.twin(Reservation)
_EARLIEST = datetime.min.replace(tzinfo=UTC)


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
        reservation.made_at or _EARLIEST,
        reservation.expires_at or _EARLIEST,
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


def less(batches: tuple[Batch, ...], lost: Iterable[Reservation]) -> tuple[Batch, ...]:
    """The batches without these units, each of them (a part of) a reservation that is held."""
    gone: Counter[tuple[object, ...]] = Counter()
    for each in lost:
        entry = each.line_id, each.sku, each.location, each.lot
        gone[each.made_at, each.expires_at, *entry] += each.quantity
    left: list[list[Entry]] = []
    for made_at, expires_at, entries in batches:
        kept: list[Entry] = []
        for line, sku, place, units, lot in entries:
            at = made_at, expires_at, line, sku, place, lot
            some = min(units, gone[at])
            gone[at] -= some
            kept.append((line, sku, place, units - some, lot))
        left.append(kept)
    return _rebuilt(batches, left)


def has_expired(expires_at: datetime | None, now: datetime | None) -> bool:
    """Whether what expires then counts no longer; without a now, everything counts."""
    return expires_at is not None and now is not None and expires_at <= now


def without_expired(batches: tuple[Batch, ...], line_id: str, now: datetime) -> tuple[Batch, ...]:
    """The batches without what the line held until it expired."""
    left = [
        [entry for entry in entries if entry[0] != line_id or not has_expired(expires_at, now)]
        for _, expires_at, entries in batches
    ]
    return _rebuilt(batches, left)


class Wanted(NamedTuple):
    """Which of the units that an order holds are meant.

    Args:
        line_id: those of this line.
        sku: only of this SKU; None for any.
        location: only at this location; None for any.
        now: only those that have not expired by then; None for all.
        lot: those of this lot first, at any location; None if it does not matter.
    """

    line_id: str
    sku: str | None = None
    location: str | None = None
    now: datetime | None = None
    lot: str | None = None

    def among(self, batches: Iterable[Batch]) -> Iterator[tuple[int, int, Entry]]:
        """The entries that are meant, with the place of their batch and their place in it."""
        line_id, wanted, location, now, _ = self
        for which, (_, expires_at, entries) in enumerate(batches):
            if has_expired(expires_at, now):
                continue
            for index, entry in enumerate(entries):
                line, sku, place, _, _ = entry
                if line == line_id and wanted in (None, sku) and location in (None, place):
                    yield which, index, entry


class Withdrawal(NamedTuple):
    """Units taken out of what an order holds.

    Args:
        left: what it holds then.
        taken: what was taken.
        missing: how many of the wanted units it did not hold.
    """

    left: tuple[Batch, ...]
    taken: tuple[Batch, ...]
    missing: int

    def by_lot(self) -> dict[str, int]:
        """How many units of which lot were taken."""
        units: Counter[str] = Counter()
        for _, _, entries in self.taken:
            for _, _, _, quantity, lot in entries:
                units[lot] += quantity
        return dict(units)


def withdrawal(
    batches: tuple[Batch, ...], wanted: Wanted, quantity: int, places: Mapping[str, Location]
) -> Withdrawal:
    """Take *quantity* of the wanted units, the last location in the sequence of (rank, id) first.

    Of several reservations at one location, the one that was recorded last goes first.
    """
    mine = [
        (entry[4] == wanted.lot, places[entry[2]].rank, entry[2], which, index)
        for which, index, entry in wanted.among(batches)
    ]
    left = [list(entries) for _, _, entries in batches]
    taken: list[list[Entry]] = [[] for _ in batches]
    for _, _, _, which, index in sorted(mine, reverse=True):
        line, sku, place, held, lot = left[which][index]
        units = min(held, quantity)
        left[which][index] = (line, sku, place, held - units, lot)
        taken[which].append((line, sku, place, units, lot))
        quantity -= units
    return Withdrawal(_rebuilt(batches, left), _rebuilt(batches, taken), quantity)


def _rebuilt(batches: tuple[Batch, ...], entries: list[list[Entry]]) -> tuple[Batch, ...]:
    """The batches with these entries in place of their own; what is empty is left out."""
    rebuilt: list[Batch] = []
    for (made_at, expires_at, _), several in zip(batches, entries, strict=True):
        some = tuple([entry for entry in several if entry[3]])
        if some:
            rebuilt.append((made_at, expires_at, some))
    return tuple(rebuilt)
