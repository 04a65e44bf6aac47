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


class Row(NamedTuple):
    """What an event comes to.

    Args:
        nature: whether it can be refused.
        apply: what adds it to what was reported.
        refusals: how the order may stand so that it is refused at once, and the reason.
    """

    nature: Nature
    apply: Callable[[Draft, Any], None]
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
TRANSITIONS: dict[type[Event], Row] = {
    # What was agreed
    Amended: Row(_INTENTION, agreements.amended, {Status.CANCELLED: "order.cancelled"}),
    Cancelled: Row(_INTENTION, agreements.cancelled),
    CancelRequested: Row(_INTENTION, agreements.cancel_requested),
    CancelDeclined: Row(_FACT, agreements.cancel_declined),
    CreditGranted: Row(_FACT, agreements.credit_granted),
    # Goods on their way out
    Released: Row(_INTENTION, goods.released, _DONE),
    Progressed: Row(_FACT, goods.progressed),
    NotFulfilled: Row(_FACT, goods.not_fulfilled),
    Shipped: Row(_FACT, goods.shipped),
    Provided: Row(_FACT, goods.provided),
    ShipmentVoided: Row(_FACT, goods.shipment_voided),
    Tracked: Row(_FACT, goods.tracked),
    Delivered: Row(_FACT, goods.delivered),
    DeliveryFailed: Row(_FACT, goods.delivery_failed),
    Lost: Row(_FACT, goods.lost_on_the_way),
    # Money
    Authorized: Row(_FACT, payments.authorized),
    AuthorizationFailed: Row(_FACT, payments.authorization_failed),
    AuthorizationExpired: Row(_FACT, payments.voided),
    Captured: Row(_FACT, payments.captured),
    CaptureFailed: Row(_FACT, payments.capture_failed),
    Voided: Row(_FACT, payments.voided),
    RefundRequested: Row(_INTENTION, payments.refund_requested),
    Refunded: Row(_FACT, payments.refunded),
    RefundFailed: Row(_FACT, payments.refund_failed),
    ChargedBack: Row(_FACT, payments.charged_back),
    DisputeOpened: Row(_FACT, payments.dispute_opened),
    # The stock
    Counted: Row(_FACT, _stock_only),
    StockReceived: Row(_FACT, _stock_only),
    # Goods that come back
    ReturnRequested: Row(_INTENTION, returns.return_requested),
    ReturnApproved: Row(_FACT, returns.return_approved),
    ReturnClosed: Row(_FACT, returns.return_closed),
    ReturnReceived: Row(_FACT, returns.return_received),
    ReturnInspected: Row(_FACT, returns.return_inspected),
    # People
    Approved: Row(_INTENTION, rulings.approved, _DONE),
    Rejected: Row(_INTENTION, rulings.rejected, _DONE),
    HoldPlaced: Row(_FACT, rulings.hold_placed),
    HoldLifted: Row(_FACT, rulings.hold_lifted),
}
"""What each event comes to."""
