"""What a line has reserved of a SKU at a place, while the units of a parcel are taken off it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from fulfill_core.inventory.lots import lots_to_leave
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.inventory.state import Batch, State

Part: TypeAlias = tuple[int, int, int, str]
"""Units taken out of what an order has reserved: the place of their batch, their place in it, how
many, and of which lot."""
_NO_LOTS: Mapping[str, int] = {"": 0}


class Pile:
    """What a line has reserved of a SKU at a place, while units are taken off it.

    Args:
        turns: the places of the lots in the sequence in which they leave. Of one lot, what was
            recorded last goes first.
    """

    __slots__ = ("_by_lot", "_lots", "_turns", "units")

    def __init__(self, turns: Mapping[str, int]) -> None:
        self._by_lot: dict[str, list[Part]] = {}
        self._lots: list[str] = []
        """The lots that are left, the first to leave at the end; none before they are asked for."""
        self._turns = turns
        self.units = 0

    def put(self, part: Part) -> None:
        """One reservation more, in the sequence in which they are recorded."""
        self._by_lot.setdefault(part[3], []).append(part)
        self.units += part[2]

    def draw(self, units: int, lot: str | None) -> list[Part] | None:
        """So many units, of one lot if it is named: reservations or parts; None if it has fewer."""
        if units > self.units:
            return None
        if lot is None and not self._lots:
            self._lots = list(self._by_lot)
            if len(self._lots) > 1:
                self._lots.sort(key=self._turns.__getitem__, reverse=True)
        parts: list[Part] = []
        while units:
            reservations = self._by_lot.get(self._lots[-1] if lot is None else lot)
            if not reservations:
                if lot is not None:
                    return None
                self._lots.pop()
                continue
            number, index, most, of_lot = reservations.pop()
            part = min(units, most)
            parts.append((number, index, part, of_lot))
            if part < most:
                reservations.append((number, index, most - part, of_lot))
            units -= part
            self.units -= part
        return parts


def piles_of(
    state: State, batches: Iterable[Batch], location: str, now: datetime | None
) -> dict[str, dict[str, Pile]]:
    """What of these is reserved there and has not expired, by line and SKU."""
    piles: dict[str, dict[str, Pile]] = {}
    turns_by_sku: dict[str, Mapping[str, int]] = {}
    for number, (_, expires_at, entries) in enumerate(batches):
        if expires_at is not None and has_expired(expires_at, now):
            continue
        for index, (line_id, sku, at, units, lot) in enumerate(entries):
            if at != location:
                continue
            by_sku = piles.setdefault(line_id, {})
            pile = by_sku.get(sku)
            if pile is None:
                if sku not in turns_by_sku:
                    turns_by_sku[sku] = _turns_of(state, sku, location, now)
                pile = by_sku[sku] = Pile(turns_by_sku[sku])
            pile.put((number, index, units, lot))
    return piles


def _turns_of(state: State, sku: str, location: str, now: datetime | None) -> Mapping[str, int]:
    """The places of the lots there in the sequence in which they leave."""
    if state.lots.get(sku) is None:  # as of most SKUs
        return _NO_LOTS
    return {lot: turn for turn, lot in enumerate(lots_to_leave(state, sku, location, now))}
