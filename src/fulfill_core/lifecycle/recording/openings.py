"""What a payment stood at before its first event, as if it had been reported."""

from __future__ import annotations

from datetime import datetime

from fulfill_core.inventory.stock import EARLIEST
from fulfill_core.orders.money import plus
from fulfill_core.orders.payment import Payment
from fulfill_core.records.movements import OPENING, Movement, MovementKind, trusted_movement

_AUTHORIZED, _CAPTURED = MovementKind.AUTHORIZED, MovementKind.CAPTURED
_REFUNDED, _CHARGED_BACK = MovementKind.REFUNDED, MovementKind.CHARGED_BACK


def opening_of(payment: Payment, at: datetime) -> tuple[Movement, ...]:
    """What a payment stands at before its first event, as movements.

    Args:
        payment: the payment.
        at: when the order was placed.
    """
    if payment.authorized_at is None:
        at = EARLIEST  # nobody said since when it stands so
    amounts = (
        # What was captured was authorised before, so that a capture that fails can be repeated.
        (_AUTHORIZED, plus(payment.authorized, payment.captured)),
        (_CAPTURED, payment.captured),
        (_REFUNDED, payment.refunded),
        (_CHARGED_BACK, payment.charged_back),
    )
    return tuple(
        [
            trusted_movement(kind, payment.id, OPENING, amount, at)
            for kind, amount in amounts
            if amount
        ]
    )
