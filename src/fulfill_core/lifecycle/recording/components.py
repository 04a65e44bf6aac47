"""How far a line has come that asks for kits, where components of one are in several parcels."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from fulfill_core.orders.altering import altered
from fulfill_core.orders.progress import Counts, Parts, Progress, kits_and_parts
from fulfill_core.records.history import Parcel


def count_parts(
    total: dict[str, dict[str, int]], parcel: Parcel, line_ids: Container[str], sign: int
) -> None:
    """Add what left in a parcel of components alone, or take it off: by line and SKU."""
    for line_id, sku, units in parcel.parts_left():
        if line_id in line_ids:
            of_parts = total.setdefault(line_id, {})
            of_parts[sku] = of_parts.get(sku, 0) + sign * units


def kits_of_parts(parcels: Iterable[Parcel], line_id: str, recipe: Parts) -> Counts:
    """What became of the kits of a line whose components left alone, as counters of the line.

    A kit has arrived if all of its components have. Those are lost that can't be made any more of
    what is not lost. (How many left is another question: see `with_kits`.)

    >>> from datetime import datetime, timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> parcels = [
    ...     Parcel(id=sku, at=noon, parts=[("1", sku, 2)], is_delivered=True)
    ...     for sku in ("cup", "pot")
    ... ]
    >>> kits_of_parts(parcels, "1", (("cup", 2), ("pot", 1)))
    (0, 1, 0, 0, 0, 0, 0, 0, 0)
    """
    units_each = dict(recipe)
    in_all: dict[str, int] = {}
    not_lost: dict[str, int] = {}
    arrived: dict[str, int] = {}
    again = credit = 0
    for parcel in parcels:
        parts = [(sku, units) for each_id, sku, units in parcel.parts_left() if each_id == line_id]
        if not parts:
            continue
        # What is said of kits is said of whole ones first.
        whole = dict(parcel.shipped).get(line_id, 0)
        kits_lost, kits_there, to_send, to_credit = (
            max(0, dict(units).get(line_id, 0) - whole)
            for units in (parcel.lost, parcel.delivered, parcel.reopened, parcel.credited)
        )
        again += min(kits_lost, to_send)
        credit += min(kits_lost, to_credit)
        for sku, units in parts:
            each = units_each.get(sku, 0)
            in_all[sku] = in_all.get(sku, 0) + units
            not_lost[sku] = not_lost.get(sku, 0) + units - min(units, kits_lost * each)
            part = units if parcel.is_delivered else min(units, kits_there * each)
            arrived[sku] = arrived.get(sku, 0) + part
    vanished = _kits_in(in_all, recipe) - _kits_in(not_lost, recipe)
    fates = min(vanished, again), min(vanished, credit)
    return (0, _kits_in(arrived, recipe), vanished, 0, 0, 0, 0, *fates)


def _kits_in(units: Mapping[str, int], recipe: Parts) -> int:
    """How many kits can be made of components."""
    return min([units.get(sku, 0) // units_each for sku, units_each in recipe])


def with_kits(
    before: Progress, after: Progress, parts: Mapping[str, int], recipe: Parts
) -> Progress:
    """The progress of a line of which components alone left as well.

    Args:
        before: what it was.
        after: what it is by what left whole.
        parts: what more left of components alone, by SKU.
        recipe: what a kit is made of.
    """
    return altered(after, **kits_and_parts(after.shipped, before.parts, parts, recipe))
