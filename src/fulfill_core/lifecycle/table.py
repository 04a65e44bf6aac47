"""The transition table: what each event comes to, however the order stands. It is data.

`advance` goes by it, and the documentation prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import (
    Amended,
    Approved,
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    Captured,
    CaptureFailed,
    CaptureRequested,
    ChargedBack,
    Counted,
    CreditGranted,
    DelayAnswered,
    DelayAsked,
    Delivered,
    DeliveryFailed,
    DisputeOpened,
    Escalated,
    Event,
    HoldLifted,
    HoldPlaced,
    Lost,
    NotFulfilled,
    ProductRecalled,
    Progressed,
    Provided,
    Refunded,
    RefundFailed,
    RefundRequested,
    Rejected,
    Released,
    RemorseEnded,
    ReturnApproved,
    ReturnClosed,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
    ShipmentVoided,
    Shipped,
    StockReceived,
    Tracked,
    Voided,
)
from fulfill_core.lifecycle.recording import (
    agreements,
    goods,
    payments,
    pick_lists,
    returns,
    rulings,
    times,
)
from fulfill_core.lifecycle.status import Status


class Nature(StrEnum):
    """Whether an event can be refused.

    >>> Nature("fact")
    <Nature.FACT: 'fact'>
    """

    FACT = "fact"
    """It happened: it is recorded, however the order stands."""
    INTENTION = "intention"
    """Somebody wants it: it is refused where it comes too late, or there is no room for it."""


class Quantity(StrEnum):
    """What is counted of an order: units of its lines, and money of its payments.

    >>> Quantity("released")
    <Quantity.RELEASED: 'released'>
    """

    CANCELLED = "cancelled"
    ORDERED = "ordered"
    OPEN = "open"
    RELEASED = "released"
    """Open, and at a location."""
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    LOST = "lost"
    RETURN_REQUESTED = "return_requested"
    RETURNED = "returned"
    RESTOCKED = "restocked"
    CREDITED = "credited"
    DUE = "due"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"


_Q = Quantity
Move: TypeAlias = tuple[Quantity, Quantity]
"""From where, and to where."""


class Transition(NamedTuple):
    """What an event comes to.

    Args:
        nature: whether it can be refused.
        apply: what adds it to what was reported.
        refusals: how the order may stand so that it is refused at once, and the reason.
        moves: what it moves, from where to where. What had no room before, and has some now, moves
            by what its own event says.

    >>> TRANSITIONS[Released].nature, TRANSITIONS[Released].moves
    (<Nature.INTENTION: 'intention'>, \
((<Quantity.OPEN: 'open'>, <Quantity.RELEASED: 'released'>),))
    """

    nature: Nature
    apply: Callable[[Any, Any], None]
    refusals: Mapping[Status, str] = MappingProxyType({})
    moves: tuple[Move, ...] = ()


def _stock_only(draft: Draft, event: Counted | StockReceived) -> None:
    """Nothing of the order is other than before: the stock is."""


_DONE = {
    Status.CANCELLED: "order.cancelled",
    Status.SHIPPED: "order.settled",
    Status.DELIVERED: "order.settled",
    Status.LOST: "order.settled",
    Status.RETURNED: "order.settled",
}
_FACT, _INTENTION = Nature.FACT, Nature.INTENTION
TRANSITIONS: Mapping[type[Event], Transition] = MappingProxyType(
    {
        # What was agreed
        Amended: Transition(
            _INTENTION,
            agreements.amended,
            {Status.CANCELLED: "order.cancelled"},
            moves=(
                (_Q.ORDERED, _Q.OPEN),
                (_Q.OPEN, _Q.CANCELLED),
                (_Q.CANCELLED, _Q.OPEN),
            ),
        ),
        Cancelled: Transition(_INTENTION, agreements.cancelled, moves=((_Q.OPEN, _Q.CANCELLED),)),
        CancelRequested: Transition(_INTENTION, agreements.cancel_requested),
        CancelDeclined: Transition(_FACT, agreements.cancel_declined),
        CreditGranted: Transition(_FACT, agreements.credit_granted, moves=((_Q.DUE, _Q.CREDITED),)),
        DelayAsked: Transition(_INTENTION, times.delay_asked, _DONE),
        DelayAnswered: Transition(
            _INTENTION, times.delay_answered, moves=((_Q.OPEN, _Q.CANCELLED),)
        ),
        # Goods on their way out
        Released: Transition(
            _INTENTION, pick_lists.released, _DONE, moves=((_Q.OPEN, _Q.RELEASED),)
        ),
        Progressed: Transition(_FACT, goods.progressed),
        NotFulfilled: Transition(_FACT, goods.not_fulfilled, moves=((_Q.RELEASED, _Q.OPEN),)),
        Shipped: Transition(
            _FACT,
            goods.shipped,
            moves=(
                (_Q.OPEN, _Q.SHIPPED),
                (_Q.RELEASED, _Q.SHIPPED),
            ),
        ),
        Provided: Transition(_FACT, goods.provided, moves=((_Q.OPEN, _Q.SHIPPED),)),
        ShipmentVoided: Transition(_FACT, goods.shipment_voided, moves=((_Q.SHIPPED, _Q.OPEN),)),
        Tracked: Transition(
            _FACT,
            goods.tracked,
            moves=(
                (_Q.OPEN, _Q.SHIPPED),
                (_Q.SHIPPED, _Q.DELIVERED),
            ),
        ),
        Delivered: Transition(
            _FACT,
            goods.delivered,
            moves=(
                (_Q.OPEN, _Q.SHIPPED),
                (_Q.SHIPPED, _Q.DELIVERED),
            ),
        ),
        DeliveryFailed: Transition(_FACT, goods.delivery_failed),
        Lost: Transition(
            _FACT,
            goods.lost_on_the_way,
            moves=(
                (_Q.OPEN, _Q.SHIPPED),
                (_Q.SHIPPED, _Q.LOST),
                (_Q.LOST, _Q.OPEN),
            ),
        ),
        # Money
        Authorized: Transition(_FACT, payments.authorized, moves=((_Q.DUE, _Q.AUTHORIZED),)),
        AuthorizationFailed: Transition(_FACT, payments.authorization_failed),
        AuthorizationExpired: Transition(
            _FACT, payments.authorization_expired, moves=((_Q.AUTHORIZED, _Q.DUE),)
        ),
        CaptureRequested: Transition(_INTENTION, payments.capture_requested),
        Captured: Transition(_FACT, payments.captured, moves=((_Q.AUTHORIZED, _Q.CAPTURED),)),
        CaptureFailed: Transition(
            _FACT, payments.capture_failed, moves=((_Q.CAPTURED, _Q.AUTHORIZED),)
        ),
        Voided: Transition(_FACT, payments.voided, moves=((_Q.AUTHORIZED, _Q.DUE),)),
        RefundRequested: Transition(_INTENTION, payments.refund_requested),
        Refunded: Transition(_FACT, payments.refunded, moves=((_Q.CAPTURED, _Q.REFUNDED),)),
        RefundFailed: Transition(
            _FACT, payments.refund_failed, moves=((_Q.REFUNDED, _Q.CAPTURED),)
        ),
        ChargedBack: Transition(
            _FACT, payments.charged_back, moves=((_Q.CAPTURED, _Q.CHARGED_BACK),)
        ),
        DisputeOpened: Transition(_FACT, payments.dispute_opened),
        # The stock
        Counted: Transition(_FACT, _stock_only),
        StockReceived: Transition(_FACT, _stock_only),
        ProductRecalled: Transition(_FACT, goods.product_recalled),
        # Goods that come back
        ReturnRequested: Transition(
            _INTENTION, returns.return_requested, moves=((_Q.SHIPPED, _Q.RETURN_REQUESTED),)
        ),
        ReturnApproved: Transition(_FACT, returns.return_approved),
        ReturnClosed: Transition(
            _FACT, returns.return_closed, moves=((_Q.RETURN_REQUESTED, _Q.SHIPPED),)
        ),
        ReturnReceived: Transition(
            _FACT,
            returns.return_received,
            moves=(
                (_Q.SHIPPED, _Q.RETURNED),
                (_Q.RETURN_REQUESTED, _Q.RETURNED),
                (_Q.RETURNED, _Q.RESTOCKED),
                (_Q.RETURNED, _Q.OPEN),
            ),
        ),
        ReturnInspected: Transition(
            _FACT, returns.return_inspected, moves=((_Q.RETURNED, _Q.RESTOCKED),)
        ),
        # People
        Approved: Transition(_INTENTION, rulings.approved, _DONE),
        Rejected: Transition(_INTENTION, rulings.rejected, _DONE),
        Escalated: Transition(_FACT, times.escalated),
        RemorseEnded: Transition(_FACT, times.remorse_ended),
        HoldPlaced: Transition(_FACT, rulings.hold_placed),
        HoldLifted: Transition(_FACT, rulings.hold_lifted),
    }
)
"""What each event comes to."""
