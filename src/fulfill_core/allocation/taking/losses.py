"""Who lost what to whom, while it is being counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from fulfill_core.allocation.taking.piles import Transfer
from fulfill_core.decisions.head_start import RowsByOrder
from fulfill_core.decisions.rows import AllocationView
from fulfill_core.inventory.stock import Reservation
from fulfill_core.reallocation.losses import Loss, LossReason, in_sequence
from fulfill_core.reallocation.strategies import ConfirmationStrategy


class _LossKey(NamedTuple):
    """What a `Loss` says but for the quantity: what one line lost to one order is one loss."""

    order_id: str
    line_id: str
    sku: str
    location: str
    lot: str
    reason: LossReason
    strategy: ConfirmationStrategy
    to: str


_Place: TypeAlias = tuple[str, str, str, str]
"""To whom units were lost, of which SKU, at which location, of which lot."""


class LossCount:
    """What orders lost in a run, in units: what one line lost to one order is one loss.

    Args:
        strategies: the strategy of each order of the queue, by id.
    """

    def __init__(self, strategies: Mapping[str, ConfirmationStrategy]) -> None:
        self._strategies = strategies
        self._units_of: Counter[_LossKey] = Counter()

    def count(self, reservation: Reservation, units: int, reason: LossReason) -> None:
        """So many units of a reservation are lost, to nobody."""
        strategy = self._strategies[reservation.order_id]
        self._units_of[_loss_key(reservation, reason, strategy)] += units

    def order_ids(self) -> set[str]:
        """Who lost something so far, by id."""
        return {key.order_id for key in self._units_of}

    def with_transfers(self, transfers: Iterable[Transfer]) -> tuple[Loss, ...]:
        """All losses, with what went from one order to another."""
        units_of = self._units_of.copy()
        for entry, units, taker_id in transfers:
            key = _loss_key(entry.reservation, LossReason.TAKEN, entry.strategy, taker_id)
            units_of[key] += units
        return _losses_of(units_of)


def _loss_key(
    reservation: Reservation, reason: LossReason, strategy: ConfirmationStrategy, to: str = ""
) -> _LossKey:
    of_line = reservation.order_id, reservation.line_id, reservation.sku
    return _LossKey(*of_line, reservation.location, reservation.lot, reason, strategy, to)


def with_later_losses(
    losses: Iterable[Loss], later: Iterable[Loss], gains: RowsByOrder, rows_there: RowsByOrder
) -> tuple[Loss, ...]:
    """Who lost what in a run, by all its rounds together.

    What an order got in an earlier round and lost again is no loss of its own. Who had lost it to
    that order lost it for the reason, and to the order, for which that one did.

    Args:
        losses: those of earlier rounds.
        later: those of this round.
        gains: what orders got in those.
        rows_there: what they have of it still.
    """
    units_of: Counter[_LossKey] = Counter()
    lost_to: dict[_Place, dict[_LossKey, None]] = {}  # by who has it: a run has many rounds

    def add(key: _LossKey, units: int) -> None:
        units_of[key] += units
        lost_to.setdefault((key.to, key.sku, key.location, key.lot), {})[key] = None

    for loss in losses:
        add(_key_of(loss), loss.quantity)
    lost_again = _units_by_place(gains)
    lost_again.subtract(_units_by_place(rows_there))
    for loss in later:
        key = _key_of(loss)
        place = loss.order_id, loss.line_id, loss.sku, loss.location, loss.lot
        units = min(loss.quantity, lost_again[place])
        lost_again[place] -= units
        add(key, loss.quantity - units)
        for earlier in lost_to.get((key.order_id, key.sku, key.location, key.lot), ()):
            piece = min(units, units_of[earlier])
            if piece:
                units -= piece
                units_of[earlier] -= piece
                add(earlier._replace(reason=key.reason, to=key.to), piece)
    return _losses_of(+units_of)


def _units_by_place(rows: RowsByOrder) -> Counter[tuple[str, str, str, str, str]]:
    """Units by order, line, SKU, location and lot."""
    units: Counter[tuple[str, str, str, str, str]] = Counter()
    for order_id, of_order in rows.items():
        for row in map(AllocationView._make, of_order):
            units[order_id, row.line_id, row.sku, row.location, row.lot] += row.units
    return units


def _key_of(loss: Loss) -> _LossKey:
    of_line = loss.order_id, loss.line_id, loss.sku, loss.location, loss.lot
    return _LossKey(*of_line, loss.reason, loss.strategy, loss.to)


def _losses_of(units_of: Mapping[_LossKey, int]) -> tuple[Loss, ...]:
    return in_sequence([Loss(quantity=units, **key._asdict()) for key, units in units_of.items()])
