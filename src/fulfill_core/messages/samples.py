"""Mock events as data: one message of each kind, in each language, for what may be said in it.

For a gallery, for trying templates on, for tests. Nothing in it is anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import attrs

from fulfill_core import _checks
from fulfill_core._checks import FrozenMap
from fulfill_core.decisions.notification import (
    DECISION,
    Audience,
    Kind,
    Medium,
    NewsRow,
    Notification,
    ReasonRow,
)
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.messages.homes import ENGLISH, HOMES, Home
from fulfill_core.messages.language import lineage
from fulfill_core.orders.order import Customer, Order, OrderLine


@attrs.frozen(kw_only=True, weakref_slot=False)
class Sample:
    """A message to try a renderer on, and what there is to say it with.

    Args:
        name: the kind, and what is special about it: ``"order.delayed, no date"``.
        notification: the message.
        order: the order that it is about.
        titles: what the things are called, by SKU.
        outcome: what became of the order, where that is the news; else None.

    >>> from fulfill_core.messages import samples
    >>> [each.name for each in samples("en")][:2]
    ['order.confirmed', 'order.confirmed, some of it']
    """

    name: str
    notification: Notification
    order: Order
    titles: FrozenMap = attrs.field(converter=_checks.to_frozen_map)
    outcome: Outcome | None = None

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Sample.name", self.name)
        _checks.check_member("Sample.notification", self.notification, Notification)
        _checks.check_member("Sample.order", self.order, Order)
        _checks.check_frozen_map("Sample.titles", self.titles)
        _checks.keep_word(self, "outcome", Outcome, is_optional=True)


_SKUS = ("TEA-ASSAM-250", "POT-PORCELAIN", "STRAINER")
_PRICES = (Decimal("12.50"), Decimal("38.00"), Decimal("4.00"))
_QUANTITIES = (3, 1, 2)
_PLACED_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_FRIDAY = datetime(2026, 3, 6, 12, tzinfo=UTC)
_MONDAY = datetime(2026, 3, 9, 8, tzinfo=UTC)
_TUESDAY = datetime(2026, 3, 10, 12, tzinfo=UTC)
_LATER = _TUESDAY + timedelta(days=8)


class _Event(NamedTuple):
    """What happens to the order of three lines: units of each, by what the rows say of them."""

    kind: str
    special: str = ""
    outcome: Outcome | None = None
    units: tuple[tuple[int, int, int, int], ...] = ()
    """Line by line: about how many it is (0 leaves the line out), and the row's three numbers."""
    reasons: tuple[ReasonRow, ...] = ()
    delivered_at: datetime | None = None
    previous_date: datetime | None = None
    expected_at: datetime | None = None
    audience: Audience = Audience.CUSTOMER
    ship_after: datetime | None = None
    """Before then the lines that it is about are not to be sent."""


_ALL = ((3, 3, 0, 0), (1, 1, 0, 0), (2, 2, 0, 0))
_SOME = ((3, 3, 0, 0), (1, 0, 1, 0), (2, 2, 0, 0))
_NONE_YET = ((3, 0, 3, 0), (1, 0, 1, 0), (2, 0, 2, 0))
_NONE = ((3, 0, 0, 3), (1, 0, 0, 1), (2, 0, 0, 2))
_SHORT = ((0, 0, 0, 0), (1, 0, 0, 1), (0, 0, 0, 0))
_SOME_SHORT = ((3, 3, 0, 0), (1, 0, 0, 1), (2, 2, 0, 0))
_NONE_YET_SOME_SHORT = ((3, 0, 3, 0), (1, 0, 0, 1), (2, 0, 2, 0))
_MOST_SHORT = ((3, 0, 0, 3), (1, 1, 0, 0), (2, 0, 0, 2))
_DUE = ((3, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0))
_ONE_DUE = ((0, 0, 0, 0), (1, 0, 0, 0), (0, 0, 0, 0))
_ONE = ((0, 0, 0, 0), (1, 1, 0, 0), (0, 0, 0, 0))
_ONE_AGAIN = ((0, 0, 0, 0), (1, 1, 1, 0), (0, 0, 0, 0))
_ONE_LESS = ((0, 0, 0, 0), (1, 1, 0, 1), (0, 0, 0, 0))
_PARCEL = ((3, 2, 1, 0), (1, 1, 0, 0), (0, 0, 0, 0))
_ON_LIST = ((3, 2, 3, 0), (1, 1, 1, 0), (0, 0, 0, 0))
_CANCELLED = ((3, 0, 0, 3), (1, 0, 0, 1), (2, 0, 0, 2))
_PARTLY_CANCELLED = ((3, 0, 2, 1), (0, 0, 0, 0), (0, 0, 0, 0))
_TRACKING = (("parcel", "P-1"), ("carrier", "Parcel Express"), ("tracking", "PX1234567890"))
_RETURN = (("return", "R-5"),)
_MONEY = (("amount", "AMOUNT"), ("currency", "CURRENCY"))
_REFUND = (*_MONEY, ("refunded:card", "AMOUNT"))
_PICK = (("fulfilment", "F-3"),)
_WAITING = (("waits_at", "Kiosk, 3 Station Road"), ("waits_until", "2026-03-16T18:00:00+00:00"))
_CHOICE = (("delay", "D-2"), ("answer_by", "2026-03-13T17:00:00+00:00"), ("silence", "cancel"))
_RECEIPT = (*_RETURN, ("submitted_at", "2026-03-11T20:15:00+00:00"))
_RECALL = (("reason", "HAZARD"), ("advice", "ADVICE"))
_LATE = (("deliver_by", "2026-03-06T12:00:00+00:00"), ("delivered_at", "2026-03-10T12:00:00+00:00"))
_WAITS = (("review.waiting", "It has waited for a review since 2026-03-02."),)
_STAFF, _LOCATION = Audience.STAFF, Audience.LOCATION
_EVENTS = (
    _Event(Kind.CONFIRMED, "", Outcome.ALLOCATED, _ALL, delivered_at=_FRIDAY),
    _Event(Kind.CONFIRMED, "some of it", Outcome.PARTIALLY_ALLOCATED, _ONE, delivered_at=_FRIDAY),
    _Event(Kind.CONFIRMED, "no stock needed", Outcome.BACKORDERED, _ONE),
    _Event(
        Kind.PARTLY_BACKORDERED,
        "",
        Outcome.PARTIALLY_ALLOCATED,
        _SOME,
        delivered_at=_LATER,
        expected_at=_TUESDAY,
    ),
    _Event(Kind.PARTLY_BACKORDERED, "no date", Outcome.PARTIALLY_ALLOCATED, _SOME),
    _Event(
        Kind.BACKORDERED,
        "",
        Outcome.BACKORDERED,
        _NONE_YET,
        delivered_at=_LATER,
        expected_at=_TUESDAY,
    ),
    _Event(Kind.BACKORDERED, "no date", Outcome.BACKORDERED, _NONE_YET),
    _Event(Kind.UNFULFILLABLE, "", Outcome.UNFULFILLABLE, _NONE),
    _Event(Kind.UNFULFILLABLE, "beside what is on hold", Outcome.PARTIALLY_ALLOCATED, _SHORT),
    _Event(Kind.UNFULFILLABLE, "the rest is on hold", Outcome.BACKORDERED, _SHORT),
    _Event(Kind.PARTLY_CONFIRMED, "", Outcome.PARTIALLY_ALLOCATED, _SOME_SHORT),
    _Event(
        Kind.PARTLY_CONFIRMED,
        "the rest waits",
        Outcome.BACKORDERED,
        _NONE_YET_SOME_SHORT,
        delivered_at=_LATER,
        expected_at=_TUESDAY,
    ),
    _Event(Kind.PARTLY_CONFIRMED, "no stock needed", Outcome.UNFULFILLABLE, _MOST_SHORT),
    _Event(Kind.SCHEDULED, "", Outcome.SCHEDULED, _DUE, ship_after=_LATER),
    _Event(Kind.SCHEDULED, "some of it", Outcome.PARTIALLY_ALLOCATED, _ONE_DUE, ship_after=_LATER),
    _Event(Kind.SCHEDULED, "the rest waits", Outcome.BACKORDERED, _ONE_DUE, ship_after=_LATER),
    _Event(Kind.ON_HOLD, "", Outcome.HELD),
    _Event(Kind.ON_HOLD, "some of it", Outcome.PARTIALLY_ALLOCATED, _ONE_DUE),
    _Event(Kind.ON_HOLD, "the rest waits", Outcome.BACKORDERED, _ONE_DUE),
    _Event(Kind.ON_HOLD, "the rest is scheduled", Outcome.SCHEDULED, _ONE_DUE),
    _Event(Kind.REJECTED, "", Outcome.REJECTED),
    _Event(
        Kind.DELAYED,
        "",
        Outcome.PARTIALLY_ALLOCATED,
        _SOME,
        delivered_at=_TUESDAY,
        previous_date=_FRIDAY,
        expected_at=_MONDAY,
    ),
    _Event(
        Kind.DELAYED,
        "no date",
        Outcome.BACKORDERED,
        _NONE_YET,
        (("reason", "not_in_stock"),),
        previous_date=_FRIDAY,
    ),
    _Event(
        Kind.DELAYED,
        "all of it there",
        Outcome.ALLOCATED,
        _ALL,
        delivered_at=_TUESDAY,
        previous_date=_FRIDAY,
    ),
    _Event(Kind.EARLIER, "", Outcome.ALLOCATED, _ALL, delivered_at=_FRIDAY, previous_date=_TUESDAY),
    _Event(Kind.EARLIER, "a date at last", Outcome.ALLOCATED, _ALL, delivered_at=_TUESDAY),
    _Event(Kind.BACK_IN_STOCK, "", Outcome.ALLOCATED, _ALL, delivered_at=_FRIDAY),
    _Event(Kind.AMENDED, "", None, _NONE_YET, (("due", "AMOUNT"),)),
    _Event(
        Kind.AMENDED, "new address", None, _NONE_YET, (("due", "AMOUNT"), ("changed", "ship_to"))
    ),
    _Event(Kind.CANCELLED, "", None, _CANCELLED),
    _Event(Kind.CANCELLED, "with a reason", None, _CANCELLED, (("reason", "SOLD_OUT"),)),
    _Event(Kind.CANCELLED, "not paid", None, _CANCELLED, (("reason", "unpaid"),)),
    _Event(Kind.CANCELLED, "no answer", None, _CANCELLED, (("reason", "no_answer"),)),
    _Event(Kind.PARTLY_CANCELLED, "", None, _PARTLY_CANCELLED),
    _Event("order.received"),
    _Event(
        "order.delay_choice",
        "",
        None,
        _NONE_YET,
        (("reason", "STRIKE"), *_CHOICE),
        _LATER,
        _FRIDAY,
    ),
    _Event(
        "order.delay_choice",
        "no date",
        None,
        _NONE_YET,
        (("reason", "not_in_stock"), *_CHOICE),
        None,
        _FRIDAY,
    ),
    _Event(Kind.CANCEL_DECLINED),
    _Event(Kind.SHIPPED, "", None, _PARCEL, _TRACKING),
    _Event(Kind.SHIPPED, "no tracking", None, _ALL, (("parcel", "P-1"),)),
    _Event(Kind.PROVIDED, "", None, _ONE, (("parcel", "P-2"),)),
    _Event(Kind.NOT_SHIPPED, "", None, (), _TRACKING),
    _Event(Kind.TRACKING_CHANGED, "", None, (), _TRACKING),
    _Event(Kind.OUT_FOR_DELIVERY, "", None, (), _TRACKING),
    _Event(Kind.READY_FOR_PICK_UP, "", None, (), (*_TRACKING, *_WAITING)),
    _Event(Kind.READY_FOR_PICK_UP, "no place", None, (), (("parcel", "P-1"),)),
    _Event(Kind.DELIVERED, "", None, _PARCEL, _TRACKING),
    _Event(Kind.PICKED_UP, "", None, _PARCEL, (("parcel", "P-1"),)),
    _Event(
        Kind.DELIVERY_FAILED,
        "",
        None,
        (),
        (*_TRACKING, ("reason", "NOBODY_HOME"), ("advice", "ANOTHER_DAY")),
    ),
    _Event(Kind.LOST, "", None, _ONE, _TRACKING),
    _Event(Kind.LOST, "sent again", None, _ONE_AGAIN, _TRACKING),
    _Event(Kind.LOST, "not charged", None, _ONE_LESS, _TRACKING),
    _Event(Kind.RETURN_REQUESTED, "", None, _ONE, (*_RETURN, ("ground", "withdrawal"))),
    _Event(Kind.RETURN_APPROVED, "", None, _ONE, _RETURN),
    _Event(Kind.RETURN_DECLINED, "", None, (), _RETURN),
    _Event(Kind.RETURN_RECEIVED, "", None, _ONE, _RETURN),
    _Event("order.withdrawal_acknowledged", "", None, _ONE, _RECEIPT),
    _Event("product.recalled", "", None, _ONE, _RECALL),
    _Event(Kind.PAYMENT_RECEIVED, "", None, (), _MONEY),
    _Event(Kind.PAYMENT_NEEDED, "", None, (), _MONEY),
    _Event(Kind.PAYMENT_FAILED, "", None, (), _MONEY),
    _Event(Kind.REFUNDED, "", None, (), _REFUND),
    _Event(
        Kind.PARTLY_REFUNDED,
        "",
        None,
        (),
        (*_MONEY, ("refunded:card", "PRICE"), ("refunded:gift", "LAST_PRICE")),
    ),
    _Event(
        Kind.REVIEW_NEEDED,
        "",
        Outcome.HELD,
        (),
        (("address.po_box", "The address is a P.O. box: 'PO Box 12'."),),
        audience=_STAFF,
    ),
    _Event(
        Kind.REVIEW_NEEDED,
        "some of it",
        Outcome.PARTIALLY_ALLOCATED,
        _ONE_DUE,
        (("shop.recall", "The teapot was recalled."),),
        audience=_STAFF,
    ),
    _Event(
        Kind.SURPLUS,
        "",
        Outcome.COMPLETED,
        (),
        (("progress.surplus", "Line 1: 1 of TEA-ASSAM-250 left beyond the 3 that it asks for."),),
        audience=_STAFF,
    ),
    _Event(
        Kind.AT_RISK,
        "",
        Outcome.PARTIALLY_ALLOCATED,
        (),
        (("reservation.lot_quarantined", "3 of TEA-ASSAM-250 at leeds are in quarantine."),),
        audience=_STAFF,
    ),
    _Event(
        Kind.ABSENT,
        "",
        None,
        (),
        (("reservation.order_absent", "3 of TEA-ASSAM-250 at leeds are reserved for line 1."),),
        audience=_STAFF,
    ),
    _Event(
        Kind.AUTHORIZATION_ENDS,
        "",
        Outcome.BACKORDERED,
        (),
        (("payment.expires_before_shipping", "card ends on 2026-03-09, before 2026-03-10."),),
        audience=_STAFF,
    ),
    _Event(
        Kind.PAYMENT_PROBLEM,
        "",
        None,
        (),
        (("refund.no_room", "90.00 were given back, and so much was not captured."),),
        audience=_STAFF,
    ),
    _Event("order.new", audience=_STAFF),
    _Event("order.shortage", "", None, _SHORT, audience=_STAFF),
    _Event("order.late", "", None, (), _LATE, audience=_STAFF),
    _Event("order.escalated", "", None, (), _WAITS, audience=_STAFF),
    _Event(Kind.WITHDRAWN, "", None, _ONE, (("by", "customer"),), audience=_STAFF),
    _Event(Kind.WITHDRAWN, "no answer", None, _CANCELLED, (("by", "silence"),), audience=_STAFF),
    _Event(Kind.PICK_LIST, "", None, _ON_LIST, _PICK, audience=_LOCATION),
    _Event(Kind.CALL_BACK, "", None, _ONE_AGAIN, _PICK, audience=_LOCATION),
    _Event(Kind.FULFILMENT_CHANGED, "", None, _ON_LIST, _PICK, audience=_LOCATION),
)


def samples(locale: str) -> tuple[Sample, ...]:
    """A message of each kind, and of each outcome that it may come with.

    Args:
        locale: the language they are in; those of a variety, or of a language that does not come
            with the library, are at home in Leeds.

    >>> sorted({str(each.notification.audience) for each in samples("ja")})
    ['customer', 'location', 'staff']
    """
    _checks.check_id("locale", locale, *_checks.LOCALE)
    home = next((HOMES[name] for name in lineage(locale) if name in HOMES), ENGLISH)
    order = _order(home, locale)
    titles = FrozenMap(dict(zip(_SKUS, home.titles, strict=True)))
    words = {
        **{name.upper(): text for name, text in home.remarks._asdict().items()},
        "AMOUNT": str(order.total),
        "CURRENCY": order.currency,
        "PRICE": str(order.lines[0].unit_price),
        "LAST_PRICE": str(order.lines[-1].total),
    }
    return tuple([_sample(event, order, titles, words) for event in _EVENTS])


def _order(home: Home, locale: str) -> Order:
    return Order(
        id="A-1017",
        placed_at=_PLACED_AT,
        customer=Customer(id="C-7", name=home.address.name, email="customer@example.com"),
        lines=[
            OrderLine(id=str(number), sku=sku, quantity=quantity, unit_price=price * home.factor)
            for number, (sku, price, quantity) in enumerate(
                zip(_SKUS, _PRICES, _QUANTITIES, strict=True), start=1
            )
        ],
        currency=home.currency,
        ship_to=home.address,
        locale=locale,
    )


def _not_before(instant: datetime, order: Order, line_ids: set[str]) -> Order:
    """The order, of which these lines are not to be sent before then; or nothing, if it is all."""
    if len(line_ids) == len(order.lines):
        return attrs.evolve(order, ship_after=instant)
    lines = [
        attrs.evolve(line, ship_after=instant) if line.id in line_ids else line
        for line in order.lines
    ]
    return attrs.evolve(order, lines=lines)


def _sample(event: _Event, order: Order, titles: FrozenMap, words: Mapping[str, str]) -> Sample:
    rows: list[NewsRow] = []
    for line, (concerned, *numbers) in zip(order.lines, event.units, strict=bool(event.units)):
        if concerned:
            confirmed, backordered, short = numbers
            date = event.expected_at if backordered else None
            row = (line.id, line.sku, line.units, confirmed, backordered, short, date)
            rows.append(row)
    if event.ship_after is not None:
        order = _not_before(event.ship_after, order, {row[0] for row in rows})
    is_for_customer = event.audience is Audience.CUSTOMER
    notification = Notification(
        kind=event.kind,
        order_id=order.id,
        audience=event.audience,
        recipient=order.customer.email if is_for_customer else "",
        medium=Medium.EMAIL if is_for_customer else "",
        locale=order.locale,
        lines=rows,
        reasons=[(code, words.get(detail, detail)) for code, detail in event.reasons],
        delivered_at=event.delivered_at,
        previous_date=event.previous_date,
        subject=DECISION if event.outcome else "event",
        is_about_date=event.kind in {Kind.DELAYED, Kind.EARLIER},
    )
    name = f"{event.kind}, {event.special}" if event.special else str(event.kind)
    return Sample(
        name=name, notification=notification, order=order, titles=titles, outcome=event.outcome
    )
