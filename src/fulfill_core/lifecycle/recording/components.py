"""How far a line has come that asks for kits, where components of one are in several parcels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping

from fulfill_core.lifecycle.draft import Draft, ParcelPair
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


def _add_fates(
    total: Counter[tuple[str, str]], parcel: Parcel, line_id: str, recipe: Parts, sign: int
) -> None:
    """Add what became of the components of a line in one parcel, or take it off: see `PartFates`.

    Args:
        total: what became of those in others.
        parcel: the parcel.
        line_id: a line that asks for kits.
        recipe: what a kit is made of.
        sign: 1 to add it, -1 to take it off.
    """
    parts = [(sku, units) for each_id, sku, units in parcel.parts_left() if each_id == line_id]
    if not parts:
        return
    # What is said of kits is said of whole ones first.
    whole = dict(parcel.shipped).get(line_id, 0)
    kits_lost, kits_there, to_send, to_credit = [
        max(0, dict(units).get(line_id, 0) - whole) if units else 0
        for units in (parcel.lost, parcel.delivered, parcel.reopened, parcel.credited)
    ]
    total["again", ""] += sign * min(kits_lost, to_send)
    total["credit", ""] += sign * min(kits_lost, to_credit)
    units_each = dict(recipe)
    for sku, units in parts:
        each = units_each.get(sku, 0)
        total["left", sku] += sign * units
        units_lost = min(units, kits_lost * each)
        total["lost", sku] += sign * units_lost
        part = min(units, kits_there * each)
        if parcel.is_delivered:  # as a parcel says of whole units: see `Parcel.units_delivered`
            part = max(part, units - units_lost or units)
        total["arrived", sku] += sign * part


def fates_of(parcels: Iterable[Parcel], line_id: str, recipe: Parts) -> Counter[tuple[str, str]]:
    """What became of the components of a line in parcels: see `PartFates`."""
    total: Counter[tuple[str, str]] = Counter()
    for parcel in parcels:
        if parcel.parts:
            _add_fates(total, parcel, line_id, recipe, 1)
    return total


def fates_around(
    draft: Draft,
    parcels: Iterable[ParcelPair],
    old_ids: Container[str],
    line_id: str,
    recipe: Parts,
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """What had become of the components of a line, and what has: see `PartFates`.

    Args:
        draft: the step.
        parcels: those of which other units are reported, as they were and as they are.
        old_ids: the lines that there were before it.
        line_id: a line that asks for kits.
        recipe: what a kit is made of.
    """
    is_old = line_id in old_ids
    before_step = draft.fates_before()
    row = None if before_step is None else before_step.by_line.get(line_id)
    if row is not None and row[0] == recipe:
        before = Counter(row[1])
    else:
        parcels_before = draft.before.history.parcels if is_old else ()
        before = fates_of(parcels_before, line_id, recipe)
    after = before.copy()
    for old, new in parcels:
        if old is not None and is_old:
            _add_fates(after, old, line_id, recipe, -1)
        _add_fates(after, new, line_id, recipe, 1)
    return before, after


def kits_of_parts(fates: Mapping[tuple[str, str], int], recipe: Parts) -> Counts:
    """What became of the kits of a line whose components left alone, as counters of the line.

    A kit has arrived if all of its components have. Those are lost that can't be made any more of
    what is not lost. (How many left is another question: see `with_kits`.)

    >>> from datetime import datetime, timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> parcels = [
    ...     Parcel(id=sku, at=noon, parts=[("1", sku, 2)], is_delivered=True)
    ...     for sku in ("cup", "pot")
    ... ]
    >>> recipe = ("cup", 2), ("pot", 1)
    >>> kits_of_parts(fates_of(parcels, "1", recipe), recipe)
    (0, 1, 0, 0, 0, 0, 0, 0, 0)
    """
    in_all: dict[str, int] = {}
    not_lost: dict[str, int] = {}
    arrived: dict[str, int] = {}
    for sku, _ in recipe:
        in_all[sku] = units = fates.get(("left", sku), 0)
        not_lost[sku] = units - fates.get(("lost", sku), 0)
        arrived[sku] = fates.get(("arrived", sku), 0)
    vanished = _kits_in(in_all, recipe) - _kits_in(not_lost, recipe)
    again, credit = (min(vanished, fates.get((fate, ""), 0)) for fate in ("again", "credit"))
    return (0, _kits_in(arrived, recipe), vanished, 0, 0, 0, 0, again, credit)


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
