"""One event of each kind, one action of each, and a record to which things have happened."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fulfill_core import Customer, Hold, Order, OrderLine, OrderRecord, Payment, hold
from fulfill_core import lifecycle as all_of
from fulfill_core.lifecycle import Action, Event
from fulfill_core.records import DelayChoice, Fulfilment, History, Movement, Parcel, Return

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIVE = Decimal(5)
_ONE = {"1": 1}
_CONTENTS: dict[type[Event], dict[str, Any]] = {
    all_of.Amended: {"ordered": {"1": 0}},
    all_of.Approved: {"by": "Grace", "findings": [hold("payment.expired")]},
    all_of.AuthorizationExpired: {"payment": "card"},
    all_of.AuthorizationFailed: {"payment": "card", "amount": FIVE},
    all_of.Authorized: {"payment": "card2", "amount": FIVE, "expires_at": AT},
    all_of.CancelDeclined: {"ref": "f1"},
    all_of.CancelRequested: {},
    all_of.Cancelled: {"lines": _ONE, "by": "customer"},
    all_of.CaptureFailed: {"payment": "card", "amount": FIVE},
    all_of.Captured: {"payment": "card", "amount": FIVE},
    all_of.ChargedBack: {"payment": "card", "amount": FIVE},
    all_of.Counted: {"units": {("mug", "x"): -1}},
    all_of.CreditGranted: {"amount": FIVE},
    all_of.DelayAnswered: {"is_accepted": False, "ref": "d1"},
    all_of.DelayAsked: {"new_date": AT, "ref": "d1", "silence": "cancel"},
    all_of.Escalated: {"code": "review.late", "detail": "It waits."},
    all_of.RemorseEnded: {},
    all_of.Delivered: {"parcel": "p1"},
    all_of.DeliveryFailed: {"parcel": "p1", "reason": "absent", "asks_customer": True},
    all_of.DisputeOpened: {"payment": "card", "amount": FIVE},
    all_of.HoldLifted: {"source": "fraud", "code": "fraud.look"},
    all_of.HoldPlaced: {"source": "fraud", "code": "fraud.look"},
    all_of.Lost: {"parcel": "p1", "lines": _ONE, "credited": _ONE},
    all_of.NotFulfilled: {"ref": "f1", "reason": "rejected"},
    all_of.ProductRecalled: {"lines": _ONE, "reason": "It breaks.", "advice": "Send it back."},
    all_of.Progressed: {"ref": "f1", "stage": "picked"},
    all_of.Provided: {"lines": _ONE},
    all_of.CaptureRequested: {"payment": "card", "amount": FIVE},
    all_of.RefundFailed: {"payment": "card", "amount": FIVE},
    all_of.RefundRequested: {"payment": "card", "amount": FIVE},
    all_of.Refunded: {"payment": "card", "amount": FIVE},
    all_of.Rejected: {"by": "Grace"},
    all_of.Released: {"ref": "f1", "location": "x", "lines": _ONE},
    all_of.ReturnApproved: {"ref": "r1"},
    all_of.ReturnClosed: {"ref": "r1"},
    all_of.ReturnInspected: {"ref": "r1", "restocked": _ONE},
    all_of.ReturnReceived: {"lines": _ONE, "location": "x", "restocked": {}},
    all_of.ReturnRequested: {"lines": _ONE, "ground": "claim"},
    all_of.ShipmentVoided: {"parcel": "p1"},
    all_of.Shipped: {"parcel": "p1", "location": "x", "lines": _ONE, "tracking": "T1"},
    all_of.StockReceived: {"units": {("mug", "x"): 3}},
    all_of.Tracked: {"parcel": "p1", "stage": "in_transit"},
    all_of.Voided: {"payment": "card"},
}


def event(kind: type[Event], event_id: str = "e1", **content: Any) -> Event:
    """An event of a kind about order A-1, with this content beside its own."""
    about = {"id": event_id, "order_id": "A-1", "at": AT}
    made: Event = kind(**{**about, **_CONTENTS[kind], **content})
    return made


EVENTS = [event(kind) for kind in all_of.EVENTS]
ACTIONS: list[Action] = [
    all_of.Release(location="x", units=_ONE),
    all_of.CallBack(fulfilment="f1", location="x", units=_ONE),
    all_of.Authorize(amount=FIVE),
    all_of.Capture(payment="card", amount=FIVE),
    all_of.Void(payment="card", amount=FIVE),
    all_of.Refund(payment="card", amount=FIVE),
    all_of.Ask(code="units.surplus", detail="1 too many"),
]
HISTORY = History(
    parcels=[
        Parcel(
            id="p1",
            at=AT,
            location="x",
            shipped=_ONE,
            parts={("2", "cup"): 1},
            waits=[(AT, "Kiosk", None)],
        )
    ],
    fulfilments=[Fulfilment(id="f1", at=AT, location="x", units=_ONE)],
    returns=[Return(id="r1", at=AT, requested=_ONE)],
    movements=[Movement(kind="captured", payment_id="card", ref="c1", amount=FIVE, at=AT)],
    requests=_ONE,
    asked_amounts=[("capture", "card", FIVE)],
    applied=[("e1", "3f")],
    delays=[DelayChoice(id="d1", asked_at=AT, new_date=AT, answer_by=AT, silence="consent")],
    hold_ends=[("qa", "qa.look", "", AT)],
    requested_at=AT,
)


def mugs_ordered(*units: int, **content: Any) -> OrderRecord:
    """The record of order A-1: a line of mugs at 5.00 for each number, paid by an authorization."""
    lines = [
        OrderLine(id=str(number), sku="mug", quantity=each, unit_price=FIVE)
        for number, each in enumerate(units, 1)
    ]
    price = FIVE * sum(units)
    order = Order(
        **{
            "id": "A-1",
            "placed_at": AT,
            "customer": Customer(id="C-1", email="ada@example.com"),
            "lines": lines,
            "currency": "EUR",
            "payments": [Payment(id="card", amount=price, authorized_at=AT)],
            **content,
        }
    )
    return OrderRecord(order=order)


STANDS = {
    "open": mugs_ordered(2),
    "on_hold": mugs_ordered(2).with_hold(Hold(order_id="A-1", source="qa", code="qa.look", at=AT)),
    "partly_shipped": mugs_ordered(2).with_progress("1", shipped=1),
    "cancelled": mugs_ordered(2).with_progress("1", cancelled=2),
    "shipped": mugs_ordered(2).with_progress("1", shipped=2),
    "delivered": mugs_ordered(2).with_progress("1", shipped=2, delivered=2),
    "lost": mugs_ordered(2).with_progress("1", shipped=2, lost=2),
    "returned": mugs_ordered(2).with_progress("1", shipped=2, delivered=2, returned=2),
}
"""Records by how the order stands, in one word."""
