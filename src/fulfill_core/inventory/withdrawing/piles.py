"""What a parcel takes off the units that an order has reserved at a place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from fulfill_core.inventory.lots import lots_to_leave
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.inventory.state import State
from fulfill_core.inventory.storing.batches import Batch
from fulfill_core.inventory.withdrawing.withdrawals import by_age

ParcelRow: TypeAlias = tuple[str, int, str | None, str | None]
"""Line id, units, and of which SKU and lot if that is said."""
UnitsAt: TypeAlias = dict[int, dict[int, int]]
"""Units of reservations, by the place of their batch and their place in it."""
UnitsBySku: TypeAlias = dict[str, dict[str, int]]
"""Units by SKU and lot."""
_Pile: TypeAlias = list[tuple[int, int, int, str]]
"""What a line has reserved of a SKU: the places of batch and reservation, units, lot. What leaves
first is at the end: what was made last, of the lot that leaves first."""
_PilesOfLine: TypeAlias = dict[str, _Pile]
"""Piles by SKU."""


def units_drawn(
    state: State,
    batches: Iterable[Batch],
    rows: Iterable[ParcelRow],
    location: str,
    now: datetime | None,
) -> tuple[UnitsAt, UnitsBySku] | None:
    """The reservations that the rows of a parcel take off, and what leaves of which lots.

    None if so many are not reserved there, or if it is not plain of what: of units that a line has
    reserved some are of lots that are named and then any will do; or they are of several SKUs.
    """
    piles = _piles_of(batches, location, now)
    by_lot: dict[tuple[str, str], dict[str, _Pile]] = {}
    in_turn: set[tuple[str, str]] = set()
    units_at: UnitsAt = {}
    leaving: UnitsBySku = {}
    for line_id, units, only_sku, lot in rows:
        of_line = piles.get(line_id, {})
        sku = _only_sku(of_line) if only_sku is None else only_sku
        pile = of_line.get(sku, [])
        if lot is not None:
            if (line_id, sku) not in by_lot:  # from now on it is asked for by lots
                by_lot[line_id, sku] = _by_lot(pile)
                pile.clear()
            pile = by_lot[line_id, sku].get(lot, [])
        elif state.lots.get(sku) is not None and (line_id, sku) not in in_turn:
            in_turn.add((line_id, sku))
            lots = {part[3] for part in pile}
            if len(lots) > 1:
                _put_in_turn(pile, lots_to_leave(state, sku, location, now, lots))
        of_lots = leaving.setdefault(sku, {})
        missing = units
        while missing:
            if not pile:
                return None
            number, index, most, of_lot = pile.pop()
            part = min(missing, most)
            if part < most:
                pile.append((number, index, most - part, of_lot))
            of_batch = units_at.setdefault(number, {})
            of_batch[index] = of_batch.get(index, 0) + part
            of_lots[of_lot] = of_lots.get(of_lot, 0) + part
            missing -= part
    return units_at, leaving


def _piles_of(
    batches: Iterable[Batch], location: str, now: datetime | None
) -> dict[str, _PilesOfLine]:
    """What of these is reserved there and has not expired, by line."""
    piles: dict[str, _PilesOfLine] = {}
    for number, (_, expires_at, entries) in by_age(batches):
        if expires_at is not None and has_expired(expires_at, now):
            continue
        for index, (line_id, sku, at, units, lot) in enumerate(entries):
            if at == location:
                of_line = piles.setdefault(line_id, {})
                of_line.setdefault(sku, []).append((number, index, units, lot))
    return piles


def _only_sku(of_line: _PilesOfLine) -> str:
    """The SKU of which a line has something reserved; nothing if there are several."""
    return next(iter(of_line)) if len(of_line) == 1 else ""


def _by_lot(pile: _Pile) -> dict[str, _Pile]:
    """The pile lot by lot: a serial number is a lot of one, and there may be thousands."""
    by_lot: dict[str, _Pile] = {}
    for part in pile:
        by_lot.setdefault(part[3], []).append(part)
    return by_lot


def _put_in_turn(pile: _Pile, lots: Iterable[str]) -> None:
    """Let what is of the lots that leave first be at the end."""
    turns = {lot: turn for turn, lot in enumerate(lots)}
    pile.sort(key=lambda part: turns[part[3]], reverse=True)
