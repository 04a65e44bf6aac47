"""What happens to an order after its decision: plain values, with an id from whoever saw it."""

from __future__ import annotations

from typing import TypeAlias, get_args

from fulfill_core.lifecycle.events.goods import (
    Delivered,
    DeliveryFailed,
    Lost,
    NotFulfilled,
    Progressed,
    Provided,
    Released,
    ShipmentVoided,
    Shipped,
    Tracked,
)
from fulfill_core.lifecycle.events.money import (
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    Captured,
    CaptureFailed,
    CaptureRequested,
    ChargedBack,
    DisputeOpened,
    Refunded,
    RefundFailed,
    RefundRequested,
    Voided,
)
from fulfill_core.lifecycle.events.orders import (
    Amended,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    CreditGranted,
)
from fulfill_core.lifecycle.events.returns import (
    ReturnApproved,
    ReturnClosed,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
)
from fulfill_core.lifecycle.events.rulings import Approved, HoldLifted, HoldPlaced, Rejected
from fulfill_core.lifecycle.events.stock import Counted, ProductRecalled, StockReceived
from fulfill_core.lifecycle.events.times import (
    DelayAnswered,
    DelayAsked,
    Escalated,
    RemorseEnded,
)

__all__ = [
    "Amended",
    "Approved",
    "AuthorizationExpired",
    "AuthorizationFailed",
    "Authorized",
    "CancelDeclined",
    "CancelRequested",
    "Cancelled",
    "CaptureFailed",
    "CaptureRequested",
    "Captured",
    "ChargedBack",
    "Counted",
    "CreditGranted",
    "DelayAnswered",
    "DelayAsked",
    "Delivered",
    "DeliveryFailed",
    "DisputeOpened",
    "EVENTS",
    "Escalated",
    "Event",
    "HoldLifted",
    "HoldPlaced",
    "Lost",
    "NotFulfilled",
    "ProductRecalled",
    "Progressed",
    "Provided",
    "RefundFailed",
    "RefundRequested",
    "Refunded",
    "Rejected",
    "Released",
    "RemorseEnded",
    "ReturnApproved",
    "ReturnClosed",
    "ReturnInspected",
    "ReturnReceived",
    "ReturnRequested",
    "ShipmentVoided",
    "Shipped",
    "StockReceived",
    "Tracked",
    "Voided",
]

Event: TypeAlias = (
    Amended
    | Approved
    | AuthorizationExpired
    | AuthorizationFailed
    | Authorized
    | CancelDeclined
    | CancelRequested
    | Cancelled
    | CaptureFailed
    | CaptureRequested
    | Captured
    | ChargedBack
    | Counted
    | CreditGranted
    | DelayAnswered
    | DelayAsked
    | Delivered
    | DeliveryFailed
    | DisputeOpened
    | Escalated
    | HoldLifted
    | HoldPlaced
    | Lost
    | NotFulfilled
    | ProductRecalled
    | Progressed
    | Provided
    | RefundFailed
    | RefundRequested
    | Refunded
    | Rejected
    | Released
    | RemorseEnded
    | ReturnApproved
    | ReturnClosed
    | ReturnInspected
    | ReturnReceived
    | ReturnRequested
    | ShipmentVoided
    | Shipped
    | StockReceived
    | Tracked
    | Voided
)
"""All that can happen to an order after its decision."""

EVENTS: tuple[type[Event], ...] = get_args(Event)
"""The classes of events."""
