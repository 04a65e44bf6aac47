"""Losses: who lost units that were reserved, to whom, and why."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import attrs

from fulfill_core import _values
from fulfill_core.reallocation.strategies import ConfirmationStrategy


class LossReason(StrEnum):
    """Why an order lost units that were reserved for it.

    >>> LossReason("taken")
    <LossReason.TAKEN: 'taken'>
    """

    TAKEN = "taken"
    """An order ahead of it lacked them."""
    GIVEN_UP = "given_up"
    """Its strategy is to lose."""
    NOT_THERE = "not_there"
    """More was reserved there than there is, and it was the last of those that may lose."""
    UNUSABLE = "unusable"
    """The units could not be used: their lot ends before they can leave, or is in quarantine."""
    LEFT_OVER = "left_over"
    """They could not leave without what the order lost: half a kit, half a complete order."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Loss:
    """Units that were reserved for an order before a run, and are not any more.

    Args:
        order_id: who lost them.
        line_id: of which of its lines.
        sku: what.
        location: where the units lie.
        quantity: how many stock units.
        lot: their lot; empty where stock is not kept by lot.
        reason: why.
        strategy: the order's own.
        to: the order that has them now, if the reason is TAKEN; otherwise empty.

    >>> Loss(order_id="A-9", line_id="1", sku="mug", location="berlin", quantity=2,
    ...      reason=LossReason.TAKEN, strategy=ConfirmationStrategy.FILL, to="A-1").to
    'A-1'
    """

    order_id: str
    line_id: str
    sku: str
    location: str
    quantity: int
    lot: str = ""
    reason: LossReason
    strategy: ConfirmationStrategy
    to: str = ""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS


def in_sequence(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """The losses by who lost: whoever had their turn first, and in whichever run.

    >>> in_sequence([])
    ()
    """
    return tuple(
        sorted(
            losses,
            key=lambda loss: (
                *(loss.order_id, loss.line_id, loss.sku, loss.location, loss.lot),
                *(loss.reason, loss.to, loss.quantity),
            ),
        )
    )
