"""The transition table: what each event comes to, however the order stands. It is data.

`advance` goes by it, and the documentation prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

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
    Delivered,
    DeliveryFailed,
    DisputeOpened,
    Event,
    HoldLifted,
    HoldPlaced,
    Lost,
    NotFulfilled,
    Progressed,
    Provided,
    Refunded,
    RefundFailed,
    RefundRequested,
    Rejected,
    Released,
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
from fulfill_core.lifecycle.recording import agreements, goods, payments, returns, rulings
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


class Transition(NamedTuple):
    """What an event comes to.

    Args:
        nature: whether it can be refused.
        apply: what adds it to what was reported.
        refusals: how the order may stand so that it is refused at once, and the reason.

    >>> TRANSITIONS[Shipped].nature
    <Nature.FACT: 'fact'>
    """

    nature: Nature
    apply: Callable[[Any, Any], None]
    refusals: Mapping[Status, str] = MappingProxyType({})


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
        Amended: Transition(_INTENTION, agreements.amended, {Status.CANCELLED: "order.cancelled"}),
        Cancelled: Transition(_INTENTION, agreements.cancelled),
        CancelRequested: Transition(_INTENTION, agreements.cancel_requested),
        CancelDeclined: Transition(_FACT, agreements.cancel_declined),
        CreditGranted: Transition(_FACT, agreements.credit_granted),
        # Goods on their way out
        Released: Transition(_INTENTION, goods.released, _DONE),
        Progressed: Transition(_FACT, goods.progressed),
        NotFulfilled: Transition(_FACT, goods.not_fulfilled),
        Shipped: Transition(_FACT, goods.shipped),
        Provided: Transition(_FACT, goods.provided),
        ShipmentVoided: Transition(_FACT, goods.shipment_voided),
        Tracked: Transition(_FACT, goods.tracked),
        Delivered: Transition(_FACT, goods.delivered),
        DeliveryFailed: Transition(_FACT, goods.delivery_failed),
        Lost: Transition(_FACT, goods.lost_on_the_way),
        # Money
        Authorized: Transition(_FACT, payments.authorized),
        AuthorizationFailed: Transition(_FACT, payments.authorization_failed),
        AuthorizationExpired: Transition(_FACT, payments.voided),
        CaptureRequested: Transition(_INTENTION, payments.capture_requested),
        Captured: Transition(_FACT, payments.captured),
        CaptureFailed: Transition(_FACT, payments.capture_failed),
        Voided: Transition(_FACT, payments.voided),
        RefundRequested: Transition(_INTENTION, payments.refund_requested),
        Refunded: Transition(_FACT, payments.refunded),
        RefundFailed: Transition(_FACT, payments.refund_failed),
        ChargedBack: Transition(_FACT, payments.charged_back),
        DisputeOpened: Transition(_FACT, payments.dispute_opened),
        # The stock
        Counted: Transition(_FACT, _stock_only),
        StockReceived: Transition(_FACT, _stock_only),
        # Goods that come back
        ReturnRequested: Transition(_INTENTION, returns.return_requested),
        ReturnApproved: Transition(_FACT, returns.return_approved),
        ReturnClosed: Transition(_FACT, returns.return_closed),
        ReturnReceived: Transition(_FACT, returns.return_received),
        ReturnInspected: Transition(_FACT, returns.return_inspected),
        # People
        Approved: Transition(_INTENTION, rulings.approved, _DONE),
        Rejected: Transition(_INTENTION, rulings.rejected, _DONE),
        HoldPlaced: Transition(_FACT, rulings.hold_placed),
        HoldLifted: Transition(_FACT, rulings.hold_lifted),
    }
)
"""What each event comes to."""
