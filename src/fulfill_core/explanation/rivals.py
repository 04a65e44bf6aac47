"""What others have reserved of what an order lacks: since when, and whether they are in the run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.reservations import has_expired, reservations_of_skus
from fulfill_core.inventory.stock import Reservation
from fulfill_core.pipeline.result import Result

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_MOST = 5  # so many orders are named for each SKU


def rival_reservations(
    result: Result, order_id: str, skus: Collection[str]
) -> tuple[Reservation, ...]:
    """What other orders had reserved of these SKUs before the run and still have, the oldest first.

    This walks all reservations; nothing that has expired is among them.
    """
    now = result.context.now
    rivals = [
        reservation
        for reservation in reservations_of_skus(state_of(result.inventory), skus)
        if reservation.order_id != order_id
        and reservation.made_at != now
        and not has_expired(reservation.expires_at, now)
    ]
    return tuple(sorted(rivals, key=_by_age))


def _by_age(reservation: Reservation) -> tuple[object, ...]:
    """A sort key: the oldest first."""
    return (
        reservation.made_at or _EARLIEST,
        reservation.order_id,
        reservation.line_id,
        reservation.location,
        reservation.lot,
    )


def in_words(
    rivals: Sequence[Reservation], sku: str, absent_ids: Collection[str], *, is_absent: bool
) -> str:
    """How many units are reserved for which orders; empty if none are.

    Args:
        rivals: what others have reserved.
        sku: of which SKU.
        absent_ids: the orders that are not in the run.
        is_absent: whether it is about those, or about the others.
    """
    units: dict[str, int] = {}
    since: dict[str, datetime | None] = {}
    for rival in rivals:
        if rival.sku == sku and (rival.order_id in absent_ids) is is_absent:
            units[rival.order_id] = units.get(rival.order_id, 0) + rival.quantity
            since.setdefault(rival.order_id, rival.made_at)
    phrases = [
        f"{number} {'is' if number == 1 else 'are'} reserved for {order_id}"
        + (", which is not in this run" if is_absent else since_when(since[order_id]))
        for order_id, number in list(units.items())[:_MOST]
    ]
    rest = list(units.values())[_MOST:]
    if rest:
        phrases.append(f"{sum(rest)} for {len(rest)} more orders")
    return "; ".join(phrases)


def since_when(made_at: datetime | None) -> str:
    """Since when something is reserved; nothing if that is not known."""
    return "" if made_at is None else f" since {made_at:%Y-%m-%d %H:%M %Z}"


def orders_absent(result: Result, rivals: Iterable[Reservation]) -> frozenset[str]:
    """The orders with these reservations that are not in the run."""
    ids = {order.id for order in result.decisions.orders}
    return frozenset([each.order_id for each in rivals if each.order_id not in ids])
