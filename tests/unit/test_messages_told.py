"""Each sample is a message that something tells: a run, or a step, about the sample's own order.

So the gallery shows nothing that nobody gets, and templates are tried on what they will be given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import HOME
from some_promises import ANYWHERE, DAY, NOW

from fulfill_core import (
    Context,
    Finding,
    Hold,
    Inventory,
    Item,
    Lot,
    Notification,
    Order,
    OrderRecord,
    Outcome,
    Payment,
    Progress,
    Stock,
    Supply,
    Told,
    hold,
    process,
    reject,
)
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationExpired,
    AuthorizationFailed,
    Cancelled,
    CancelRequested,
    Captured,
    DelayAnswered,
    DelayAsked,
    Delivered,
    DeliveryFailed,
    Escalated,
    Event,
    Lost,
    ProductRecalled,
    Provided,
    Refunded,
    Released,
    ReturnApproved,
    ReturnClosed,
    ReturnReceived,
    ReturnRequested,
    ShipmentVoided,
    Shipped,
    Tracked,
    advance,
)
from fulfill_core.messages import samples
from fulfill_core.notifications import (
    better_promise,
    customer_and_staff,
    receipt,
    staff_news,
    together,
)
from fulfill_core.verifiers import authorization_lasts, covers_total

SAMPLES = {each.name: each for each in samples("en")}
EVERYTHING = together(receipt(), customer_and_staff, better_promise(), staff_news())
TEA, POT, STRAINER = "TEA-ASSAM-250", "POT-PORCELAIN", "STRAINER"
UNITS = {TEA: 3, POT: 1, STRAINER: 2}

News = list[tuple[Notification, Outcome | None]]
"""Messages, and what became of the order, where a run told them."""
Happening = tuple[type[Event], dict[str, Any]]
"""A kind of event, and what it says."""


# -- What is compared ------------------------------------------------------------------------------


def form(message: Notification) -> tuple[object, ...]:
    """What a template can tell apart: all but names, amounts, remarks and the dates themselves."""
    rows = [(*row[:-1], row[-1] is not None) for row in message.lines]
    codes = [code.partition(":")[0] for code, _ in message.reasons]
    dates = message.delivered_at is not None, message.previous_date is not None
    return (str(message.kind), message.audience, rows, codes, dates, message.is_about_date)


# -- Of runs ---------------------------------------------------------------------------------------


def stock(
    *skus: str,
    backorderable: Iterable[str] = (),
    untracked: Iterable[str] = (),
    supplies: Iterable[str] = (),
) -> Inventory:
    """As many units as the order asks for, of these SKUs; some of the others may wait."""
    items = [
        Item(
            sku=sku, backorderable=sku in {*backorderable, *supplies}, tracked=sku not in untracked
        )
        for sku in UNITS
    ]
    return Inventory(
        stock=[
            Stock(sku=sku, location="berlin", on_hand=units if sku in skus else 0)
            for sku, units in UNITS.items()
            if sku not in untracked
        ],
        items=items,
        supplies=[
            Supply(
                id=f"PO-{sku}", sku=sku, quantity=9, expected_at=NOW + 8 * DAY, location="berlin"
            )
            for sku in supplies
        ],
    )


def told_before(kind: str = "order.confirmed", **content: Any) -> list[Told]:
    """The customer was told so before."""
    contents = [("c1", f"A-1017:{kind}:c1")]
    return [Told(audience="customer", id="c1", contents=contents, at=NOW - DAY, **content)]


def stopped(*line_ids: str) -> list[Hold]:
    """Somebody has stopped these lines."""
    about: dict[str, Any] = {"order_id": "A-1017", "source": "qa", "code": "shop.recall"}
    return [Hold(**about, line_id=each, at=NOW) for each in line_ids]


def run(order: Order, inventory: Inventory, *, dates: bool = False, **content: Any) -> News:
    """What a run tells of the order; with dates, if it promises some."""
    settings = {
        "verifiers": content.pop("verifiers", ()),
        "promise": ANYWHERE if dates else None,
        "notifications": EVERYTHING,
    }
    record = OrderRecord(order=order, **content)
    result = process([record], inventory, now=NOW, **settings)
    return [(each, result.decisions[0].outcome) for each in result.notifications]


def due_later(order: Order, *line_ids: str) -> Order:
    """Some lines, and no others, are not to be sent yet."""
    lines = [
        attrs.evolve(each, ship_after=NOW + 9 * DAY if each.id in line_ids else None)
        for each in order.lines
    ]
    return attrs.evolve(order, lines=lines, ship_after=None)


def reserved_then_stopped(order: Order) -> News:
    """A line of which all was there is stopped; what another one asks for will not come."""
    first = process([order], stock(TEA), now=NOW, verifiers=())
    record = attrs.evolve(first.records[0], holds=stopped("1", "3"))
    result = process([record], first.inventory, now=NOW, verifiers=())
    return [(each, result.decisions[0].outcome) for each in result.notifications]


def quarantined(order: Order) -> News:
    """The lot that is reserved is locked up."""
    lots = [Lot(id="L-7", quantity=3)]
    inventory = Inventory(
        stock=[
            Stock(sku=TEA, location="berlin", on_hand=3, lots=lots),
            Stock(sku=POT, location="berlin", on_hand=1),
            Stock(sku=STRAINER, location="berlin", on_hand=2),
        ]
    )
    first = process([order], inventory, now=NOW, verifiers=())
    locked = first.inventory.with_quarantined(TEA, "berlin", "L-7")
    result = process(first.records, locked, now=NOW, verifiers=())
    return [(each, result.decisions[0].outcome) for each in result.notifications]


def absent(order: Order) -> News:
    """Units are reserved for an order that a run of all orders does not know."""
    first = process([order], stock(TEA), now=NOW, verifiers=())
    result = process([], first.inventory, now=NOW, whole=True)
    return [(each, None) for each in result.notifications]


def po_box(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """A verifier that holds."""
    yield hold("address.po_box", field="ship_to.street", detail="The address is a P.O. box.")


def denied(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """A verifier that turns down."""
    yield reject("risk.denied", field="customer", detail="They are on the list.")


def paid(order: Order, **content: Any) -> Order:
    """The order with a card that covers it."""
    card = Payment(**{"id": "card", "amount": order.total, "authorized_at": NOW, **content})
    return attrs.evolve(order, payments=[card])


def ends_soon(order: Order) -> News:
    """The authorization ends before what is on its way has come in."""
    rule = covers_total()
    rules = [rule, authorization_lasts(covers=rule)]
    return run(paid(order, expires_at=NOW + 5 * DAY), stock(supplies=UNITS), verifiers=rules)


RUNS: dict[str, Callable[[Order], News]] = {
    "order.confirmed": lambda order: run(order, stock(*UNITS), dates=True),
    "order.confirmed, some of it": lambda order: run(
        order, stock(POT), dates=True, holds=stopped("1", "3")
    ),
    "order.confirmed, no stock needed": lambda order: run(
        order, stock(untracked=[POT]), holds=stopped("1", "3")
    ),
    "order.partly_backordered": lambda order: run(
        order, stock(TEA, STRAINER, supplies=[POT]), dates=True
    ),
    "order.partly_backordered, no date": lambda order: run(
        order, stock(TEA, STRAINER, backorderable=[POT])
    ),
    "order.backordered": lambda order: run(order, stock(supplies=UNITS), dates=True),
    "order.backordered, no date": lambda order: run(order, stock(backorderable=UNITS)),
    "order.unfulfillable": lambda order: run(order, stock()),
    "order.unfulfillable, beside what is on hold": reserved_then_stopped,
    "order.unfulfillable, the rest is on hold": lambda order: run(
        order, stock(), holds=stopped("1", "3")
    ),
    "order.partly_confirmed": lambda order: run(order, stock(TEA, STRAINER)),
    "order.partly_confirmed, the rest waits": lambda order: run(
        order, stock(supplies=[TEA, STRAINER]), dates=True
    ),
    "order.partly_confirmed, no stock needed": lambda order: run(order, stock(untracked=[POT])),
    "order.scheduled": lambda order: run(order, stock(*UNITS)),
    "order.scheduled, some of it": lambda order: run(order, stock(*UNITS)),
    "order.scheduled, the rest waits": lambda order: run(order, stock(backorderable=UNITS)),
    "order.on_hold": lambda order: run(order, stock(), verifiers=[po_box]),
    "order.on_hold, some of it": lambda order: run(order, stock(*UNITS), holds=stopped("2")),
    "order.on_hold, the rest waits": lambda order: run(
        order, stock(backorderable=UNITS), holds=stopped("2")
    ),
    "order.on_hold, the rest is scheduled": lambda order: run(
        due_later(order, "1", "3"), stock(*UNITS), holds=stopped("2")
    ),
    "order.rejected": lambda order: run(order, stock(), verifiers=[denied]),
    "order.delayed": lambda order: run(
        order,
        stock(TEA, STRAINER, supplies=[POT]),
        dates=True,
        told=told_before(delivered_at=NOW + 2 * DAY),
    ),
    "order.delayed, no date": lambda order: run(
        order,
        stock(backorderable=UNITS),
        dates=True,
        told=told_before(delivered_at=NOW + 2 * DAY),
    ),
    "order.delayed, all of it there": lambda order: run(
        order, stock(*UNITS), dates=True, told=told_before(delivered_at=NOW - DAY)
    ),
    "order.earlier": lambda order: run(
        order, stock(*UNITS), dates=True, told=told_before(delivered_at=NOW + 9 * DAY)
    ),
    "order.earlier, a date at last": lambda order: run(
        order, stock(*UNITS), dates=True, told=told_before()
    ),
    "order.back_in_stock": lambda order: run(
        order, stock(*UNITS), dates=True, told=told_before("order.backordered")
    ),
    "order.received": lambda order: run(order, stock(*UNITS)),
    "order.review_needed": lambda order: run(order, stock(), verifiers=[po_box]),
    "order.review_needed, some of it": lambda order: run(order, stock(*UNITS), holds=stopped("2")),
    "order.surplus": lambda order: run(
        order,
        stock(),
        progress=[
            Progress(line_id="1", shipped=4),
            Progress(line_id="2", shipped=1),
            Progress(line_id="3", shipped=2),
        ],
    ),
    "order.at_risk": quarantined,
    "order.absent": absent,
    "order.authorization_ends": ends_soon,
    "order.new": lambda order: run(order, stock(*UNITS)),
    "order.shortage": lambda order: run(order, stock(TEA, STRAINER)),
    "order.late": lambda order: run(
        attrs.evolve(order, deliver_by=NOW - DAY / 2), stock(*UNITS), dates=True
    ),
}


# -- Of steps --------------------------------------------------------------------------------------


def happened(order: Order, *events: Happening, **content: Any) -> News:
    """What the last of these events tells; all of the order is reserved and paid."""
    subject = order if order.payments else paid(order)
    result = process([OrderRecord(order=subject, **content)], stock(*UNITS), now=NOW, verifiers=())
    record = attrs.evolve(result.records[0], told=content.get("told", ()))  # not by that run
    inventory = result.inventory
    messages: tuple[Notification, ...] = ()
    for number, (kind, fields) in enumerate(events):
        event = kind(**{"id": f"e{number}", "order_id": order.id, "at": NOW, **fields})
        step = advance(record, event, inventory, now=NOW)
        record, inventory, messages = step.record, step.inventory, step.notifications
    return [(each, None) for each in messages]


ALL, ONE = {"1": 3, "2": 1, "3": 2}, {"2": 1}
PARCEL = {"parcel": "P-1"}
BY = {"carrier": "Parcel Express", "tracking": "PX1234567890"}
SENT: Happening = (
    Shipped,
    {**PARCEL, **BY, "location": "berlin", "lines": {"1": 2, "2": 1}},
)
ALL_SENT: Happening = (
    Shipped,
    {**PARCEL, "location": "berlin", "lines": ALL},
)
LIST: Happening = (
    Released,
    {"ref": "F-3", "location": "berlin", "lines": {"1": 2, "2": 1}},
)
LATER = NOW + 9 * DAY
READY = {**PARCEL, "stage": "ready_for_pick_up"}
RETURN: Happening = (
    ReturnRequested,
    {"ref": "R-5", "lines": ONE, "ground": "withdrawal"},
)
CAPTURED: Happening = (
    Captured,
    {"payment": "card", "amount": Decimal("83.50"), "ref": "c1"},
)


def one_sold_less(order: Order) -> Order:
    """The order as it was before a pot less was wanted."""
    lines = [attrs.evolve(each, quantity=2) if each.id == "2" else each for each in order.lines]
    return attrs.evolve(order, lines=lines)


def by_two_payments(order: Order) -> Order:
    """Paid by a gift card and a card, of which something was taken."""
    shares = {"gift": Decimal("8.00"), "card": Decimal("75.50")}
    about: dict[str, Any] = {"status": "captured", "authorized_at": NOW}
    payments = [Payment(id=name, amount=amount, **about) for name, amount in shares.items()]
    return attrs.evolve(order, payments=payments)


STEPS: dict[str, Callable[[Order], News]] = {
    "order.amended": lambda order: happened(one_sold_less(order), (Amended, {"ordered": ONE})),
    "order.amended, new address": lambda order: happened(order, (Amended, {"ship_to": HOME})),
    "order.cancelled": lambda order: happened(order, (Cancelled, {})),
    "order.cancelled, with a reason": lambda order: happened(
        order, (Cancelled, {"reason": "Sold out"})
    ),
    "order.cancelled, not paid": lambda order: happened(
        order, (Cancelled, {"reason": "unpaid", "by": "time"})
    ),
    "order.cancelled, no answer": lambda order: happened(
        order,
        (DelayAsked, {"new_date": None}),
        (DelayAnswered, {"is_accepted": False, "by": "silence"}),
    ),
    "order.partly_cancelled": lambda order: happened(order, (Cancelled, {"lines": {"1": 1}})),
    "order.delay_choice": lambda order: happened(
        order,
        (DelayAsked, {"new_date": LATER, "previous_date": NOW, "reason": "A strike"}),
    ),
    "order.delay_choice, no date": lambda order: happened(
        order,
        (DelayAsked, {"new_date": None, "previous_date": NOW}),
        told=told_before("order.backordered"),
    ),
    "order.cancel_declined": lambda order: happened(
        order, ALL_SENT, (Cancelled, {"by": "customer"})
    ),
    "parcel.shipped": lambda order: happened(order, SENT),
    "parcel.shipped, no tracking": lambda order: happened(order, ALL_SENT),
    "parcel.provided": lambda order: happened(order, (Provided, {"ref": "P-2", "lines": ONE})),
    "parcel.not_shipped": lambda order: happened(order, SENT, (ShipmentVoided, PARCEL)),
    "parcel.tracking_changed": lambda order: happened(
        order, SENT, (Tracked, {**PARCEL, "tracking": "PX99"})
    ),
    "parcel.out_for_delivery": lambda order: happened(
        order, SENT, (Tracked, {**PARCEL, "stage": "out_for_delivery"})
    ),
    "parcel.ready_for_pick_up": lambda order: happened(
        order, SENT, (Tracked, {**READY, "waits_at": "Kiosk", "waits_until": LATER})
    ),
    "parcel.ready_for_pick_up, no place": lambda order: happened(order, ALL_SENT, (Tracked, READY)),
    "parcel.delivered": lambda order: happened(order, SENT, (Delivered, PARCEL)),
    "parcel.picked_up": lambda order: happened(
        order,
        (Shipped, {**SENT[1], "carrier": "", "tracking": ""}),
        (Tracked, READY),
        (Delivered, PARCEL),
    ),
    "parcel.delivery_failed": lambda order: happened(
        order,
        SENT,
        (
            DeliveryFailed,
            {**PARCEL, "asks_customer": True, "reason": "absent", "advice": "Choose."},
        ),
    ),
    "parcel.lost": lambda order: happened(order, SENT, (Lost, {**PARCEL, "lines": ONE})),
    "parcel.lost, sent again": lambda order: happened(
        order, SENT, (Lost, {**PARCEL, "lines": ONE, "reopened": ONE})
    ),
    "parcel.lost, not charged": lambda order: happened(
        order, SENT, (Lost, {**PARCEL, "lines": ONE, "credited": ONE})
    ),
    "return.requested": lambda order: happened(order, ALL_SENT, RETURN),
    "return.approved": lambda order: happened(
        order, ALL_SENT, RETURN, (ReturnApproved, {"ref": "R-5"})
    ),
    "return.declined": lambda order: happened(
        order, ALL_SENT, RETURN, (ReturnClosed, {"ref": "R-5", "is_declined": True})
    ),
    "return.received": lambda order: happened(
        order, ALL_SENT, (ReturnReceived, {"ref": "R-5", "lines": ONE, "location": "berlin"})
    ),
    "order.withdrawal_acknowledged": lambda order: happened(order, ALL_SENT, RETURN),
    "product.recalled": lambda order: happened(
        order,
        ALL_SENT,
        (ProductRecalled, {"lines": ONE, "reason": "It breaks.", "advice": "Send it back."}),
    ),
    "payment.received": lambda order: happened(order, CAPTURED),
    "payment.needed": lambda order: happened(order, (AuthorizationExpired, {"payment": "card"})),
    "payment.failed": lambda order: happened(
        order,
        (AuthorizationExpired, {"payment": "card"}),
        (AuthorizationFailed, {"payment": "card", "amount": Decimal("83.50")}),
    ),
    "payment.refunded": lambda order: happened(
        order,
        CAPTURED,
        (Cancelled, {}),
        (Refunded, {"payment": "card", "amount": Decimal("83.50"), "ref": "r1"}),
    ),
    "payment.partly_refunded": lambda order: happened(
        by_two_payments(order),
        (Refunded, {"payment": "gift", "amount": Decimal("8.00"), "ref": "r1"}),
        (Refunded, {"payment": "card", "amount": Decimal("12.50"), "ref": "r2"}),
    ),
    "payment.problem": lambda order: happened(
        order, (Refunded, {"payment": "card", "amount": Decimal("90.00"), "ref": "r1"})
    ),
    "order.escalated": lambda order: happened(
        order, (Escalated, {"code": "review.waiting", "detail": "It has waited."})
    ),
    "order.withdrawn": lambda order: happened(order, ALL_SENT, RETURN),
    "order.withdrawn, no answer": lambda order: happened(
        order,
        (DelayAsked, {"new_date": None}),
        (DelayAnswered, {"is_accepted": False, "by": "silence"}),
    ),
    "fulfilment.pick_list": lambda order: happened(order, LIST),
    "fulfilment.call_back": lambda order: happened(order, LIST, (CancelRequested, {"lines": ONE})),
    "fulfilment.changed": lambda order: happened(order, LIST, (Amended, {"ship_to": HOME})),
}


# -- Told ------------------------------------------------------------------------------------------


def test_there_is_something_that_tells_each_sample() -> None:
    """And nothing else: the table of samples and the tables of what happens are of one length."""
    assert sorted({**RUNS, **STEPS}) == sorted(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_a_message_that_somebody_gets(name: str) -> None:
    """Its kind, its reader, its rows, its codes and which dates it has are those of a message that
    is told when that happens to the order of the sample.
    """
    sample = SAMPLES[name]
    news = {**RUNS, **STEPS}[name](sample.order)
    told = [form(message) for message, outcome in news if sample.outcome in {outcome, None}]
    assert form(sample.notification) in told


def test_a_sample_that_nobody_gets_is_noticed() -> None:
    """Such as one with another number in a row."""
    sample = SAMPLES["order.confirmed"]
    rows = [(*row[:3], 1, *row[4:]) for row in sample.notification.lines]
    changed = attrs.evolve(sample.notification, lines=rows)
    news = RUNS[sample.name](sample.order)
    assert form(sample.notification) in [form(message) for message, _ in news]
    assert form(changed) not in [form(message) for message, _ in news]
