"""Who lost what to whom, while it is being counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fulfill_core.allocation.taking.piles import Transfer
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
        return in_sequence(
            [Loss(quantity=units, **key._asdict()) for key, units in units_of.items()]
        )


def _loss_key(
    reservation: Reservation, reason: LossReason, strategy: ConfirmationStrategy, to: str = ""
) -> _LossKey:
    of_line = reservation.order_id, reservation.line_id, reservation.sku
    return _LossKey(*of_line, reservation.location, reservation.lot, reason, strategy, to)
