"""What others have reserved of what an order lacks: since when, and whether they are in the run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import TypeAlias

from fulfill_core.exceptions import by_number
from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.stock import Reservation
from fulfill_core.pipeline.result import Result, scarcity_in

_EARLIEST = datetime.min.replace(tzinfo=UTC)
MOST = 5
"""So many orders are named for each SKU; the others are counted."""
Owners: TypeAlias = Mapping[tuple[str, bool], str]
"""Who has reserved how much, in words, by SKU and whether these orders are not in the run."""


def rival_reservations(
    result: Result, order_id: str, skus: Collection[str]
) -> tuple[Reservation, ...]:
    """What other orders had reserved of these SKUs before the run and still have, the oldest first.

    Nothing that has expired is among them, nor what the run gave.
    """
    return tuple(sorted(scarcity_in(result).reservations(skus, order_id), key=_by_age))


def rival_claims(result: Result, order_id: str, skus: Collection[str]) -> tuple[Claim, ...]:
    """What other orders have claimed of supplies of these SKUs, by supply."""
    rivals = scarcity_in(result).claims(skus, order_id)
    return tuple(sorted(rivals, key=attrgetter("supply_id", "order_id", "line_id", "sku")))


def claims_in_words(claims: Iterable[Claim], absent_ids: Collection[str]) -> Mapping[str, str]:
    """Who has claimed what is to come, by SKU: the first few orders by name."""
    by_sku: dict[str, list[Claim]] = {}
    for claim in claims:
        by_sku.setdefault(claim.sku, []).append(claim)
    return {sku: _claimants(of_sku, absent_ids) for sku, of_sku in by_sku.items()}


def _claimants(claims: Sequence[Claim], absent_ids: Collection[str]) -> str:
    phrases = [
        f"{each.quantity} of {each.supply_id} by {each.order_id}"
        + (", which is not in this run" if each.order_id in absent_ids else "")
        for each in claims[:MOST]
    ]
    rest = [each.quantity for each in claims[MOST:]]
    if rest:
        phrases.append(f"{sum(rest)} by others")
    return "; ".join(phrases)


def _by_age(reservation: Reservation) -> tuple[object, ...]:
    """A sort key: the oldest first."""
    return (
        reservation.made_at or _EARLIEST,
        reservation.order_id,
        reservation.line_id,
        reservation.location,
        reservation.lot,
    )


def in_words(rivals: Iterable[Reservation], absent_ids: Collection[str]) -> Owners:
    """How many units of a SKU are reserved for which orders: the first few by name.

    Args:
        rivals: what others have reserved.
        absent_ids: the orders that are not in the run.
    """
    by_order: dict[tuple[str, bool], dict[str, list[Reservation]]] = {}
    for rival in rivals:
        of_orders = by_order.setdefault((rival.sku, rival.order_id in absent_ids), {})
        of_orders.setdefault(rival.order_id, []).append(rival)
    return {
        (sku, is_absent): _in_words(list(of_orders.values()), is_absent=is_absent)
        for (sku, is_absent), of_orders in by_order.items()
    }


def _in_words(by_order: Sequence[Sequence[Reservation]], *, is_absent: bool) -> str:
    """What each of these orders has reserved of one SKU."""
    units = [sum([each.quantity for each in of_order]) for of_order in by_order]
    phrases = [
        f"{number} {by_number(number, 'is', 'are')} reserved for {first.order_id}"
        + (", which is not in this run" if is_absent else since_when(first.made_at))
        for number, (first, *_) in zip(units[:MOST], by_order, strict=False)
    ]
    rest = units[MOST:]
    if rest:
        orders = by_number(len(rest), "1 more order", f"{len(rest)} more orders")
        phrases.append(f"{sum(rest)} for {orders}")
    return "; ".join(phrases)


def since_when(made_at: datetime | None) -> str:
    """Since when something is reserved; nothing if that is not known."""
    return "" if made_at is None else f" since {made_at:%Y-%m-%d %H:%M %Z}"


def orders_absent(result: Result, rivals: Sequence[Reservation | Claim]) -> frozenset[str]:
    """The orders with these reservations or claims that are not in the run."""
    ids = scarcity_in(result).ids if rivals else ()
    return frozenset([each.order_id for each in rivals if each.order_id not in ids])
