"""What a parcel takes off the units that an order has reserved at a place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from fulfill_core.inventory.lots import lots_to_leave
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.inventory.state import State
from fulfill_core.inventory.storing.batches import Batch
from fulfill_core.inventory.withdrawing.withdrawals import Age, age_of

ParcelRow: TypeAlias = tuple[str, int, str | None, str | None]
"""Line id, units, and of which SKU and lot if that is said."""
UnitsAt: TypeAlias = dict[int, dict[int, int]]
"""Units of reservations, by the place of their batch and their place in it."""
UnitsBySku: TypeAlias = dict[str, dict[str, int]]
"""Units by SKU and lot."""
_Pile: TypeAlias = list[tuple[Age, int, int, int, str]]
"""What a line has reserved of a SKU: age, units (negative), the places of batch and reservation,
lot. What leaves first is at the end: of the lot that leaves first what was made last, and of that
the smallest."""
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
            lots = {part[-1] for part in pile}
            if len(lots) > 1:
                _put_in_turn(pile, lots_to_leave(state, sku, location, now, lots))
        of_lots = leaving.setdefault(sku, {})
        missing = units
        while missing:
            if not pile:
                return None
            age, minus_units, number, index, of_lot = pile.pop()
            part = -minus_units
            if part > missing:
                pile.append((age, missing - part, number, index, of_lot))
                part = missing
            of_batch = units_at.get(number)
            if of_batch is None:
                of_batch = units_at[number] = {}
            of_batch[index] = of_batch.get(index, 0) + part
            of_lots[of_lot] = of_lots.get(of_lot, 0) + part
            missing -= part
    return units_at, leaving


def _piles_of(
    batches: Iterable[Batch], location: str, now: datetime | None
) -> dict[str, _PilesOfLine]:
    """What of these is reserved there and has not expired, by line."""
    piles: dict[str, _PilesOfLine] = {}
    for number, batch in enumerate(batches):
        _, expires_at, entries = batch
        if expires_at is not None and has_expired(expires_at, now):
            continue
        age = age_of(batch)
        for index, (line_id, sku, at, units, lot) in enumerate(entries):
            if at == location:
                of_line = piles.get(line_id)
                if of_line is None:
                    of_line = piles[line_id] = {}
                pile = of_line.get(sku)
                if pile is None:
                    pile = of_line[sku] = []
                pile.append((age, -units, number, index, lot))
    for of_line in piles.values():
        for pile in of_line.values():
            pile.sort()
    return piles


def _only_sku(of_line: _PilesOfLine) -> str:
    """The SKU of which a line has something reserved; nothing if there are several."""
    return next(iter(of_line)) if len(of_line) == 1 else ""


def _by_lot(pile: _Pile) -> dict[str, _Pile]:
    """The pile lot by lot: a serial number is a lot of one, and there may be thousands."""
    by_lot: dict[str, _Pile] = {}
    for part in pile:
        by_lot.setdefault(part[-1], []).append(part)
    return by_lot


def _put_in_turn(pile: _Pile, lots: Iterable[str]) -> None:
    """Let what is of the lots that leave first be at the end."""
    turns = {lot: turn for turn, lot in enumerate(lots)}
    pile.sort(key=lambda part: turns[part[-1]], reverse=True)
