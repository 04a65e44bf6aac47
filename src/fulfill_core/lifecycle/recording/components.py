"""How far a line has come that asks for kits, where components of one are in several parcels."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from fulfill_core.orders.altering import altered
from fulfill_core.orders.progress import Parts, Progress, kits_and_parts
from fulfill_core.records.history import Parcel


def count_parts(
    total: dict[str, dict[str, int]], parcel: Parcel, line_ids: Container[str], sign: int
) -> None:
    """Add what left in a parcel of components alone, or take it off: by line and SKU."""
    for line_id, sku, units in parcel.parts_left():
        if line_id in line_ids:
            of_parts = total.setdefault(line_id, {})
            of_parts[sku] = of_parts.get(sku, 0) + sign * units


def kits_arrived(parcels: Iterable[Parcel], line_id: str, recipe: Parts) -> int:
    """Kits of which all components have arrived, beside those that left whole.

    >>> from datetime import datetime, timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> parcels = [
    ...     Parcel(id=sku, at=noon, parts=[("1", sku, 2)], is_delivered=True)
    ...     for sku in ("cup", "pot")
    ... ]
    >>> kits_arrived(parcels, "1", (("cup", 2), ("pot", 1)))
    1
    """
    arrived: dict[str, int] = {}
    for parcel in parcels:
        for each_id, sku, units in parcel.parts_left() if parcel.is_delivered else ():
            if each_id == line_id:
                arrived[sku] = arrived.get(sku, 0) + units
    return min([arrived.get(sku, 0) // units_each for sku, units_each in recipe])


def with_kits(
    before: Progress, after: Progress, parts: Mapping[str, int], recipe: Parts, arrived: int
) -> Progress:
    """The progress of a line of which components alone left as well, or arrived.

    Args:
        before: what it was.
        after: what it is by what left whole.
        parts: what more left of components alone, by SKU.
        recipe: what a kit is made of.
        arrived: how many more kits of components alone have arrived.
    """
    counts = kits_and_parts(after.shipped, before.parts, parts, recipe)
    return altered(after, **counts, delivered=max(0, after.delivered + arrived))
