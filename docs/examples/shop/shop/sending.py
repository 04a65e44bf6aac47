"""What goes out when, and together with what: the shop's hours, and what its customers agreed to.

News of one run, or of one event, go into the outbox as they will be sent: several on one order are
one mail, and what only informs waits for the morning. What waits is looked at again when there is
more to say of its order: it may be one mail with that, or overtaken.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert as insert_or

from fulfill_core import Notification, Order
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.decisions import Medium
from fulfill_core.notifications import Contact, Delivery, Omission, Preferences, deliveries
from fulfill_core.wire import Reading, from_json, to_json
from shop.tables import outbox
from shop.texts import in_words

DAY = BusinessCalendar(
    timezone=ZoneInfo("Europe/London"),
    shifts=[Shift(start=time(8), end=time(20), weekdays=range(7))],
)
ONLY_WHAT_IS_OWED = "few-mails"  # a tag of orders whose customer agreed to nothing else
STORED = Reading(zone_of=ZoneInfo)


def preferences_of(order: Order) -> Preferences:
    """How the customer of an order is told: by day, and of no more than they agreed to."""
    mailbox = order.customer.mailbox
    if ONLY_WHAT_IS_OWED in order.tags and mailbox:
        contact = Contact(medium=Medium.EMAIL, recipient=mailbox, informs=False)
        return Preferences(contacts=[contact], hours=DAY)
    return Preferences(hours=DAY)


def enqueue(
    connection: Connection,
    news: Iterable[Notification],
    orders: Mapping[str, Order],
    titles: Mapping[str, str],
    now: datetime,
    *,
    superseded: Iterable[str] = (),
) -> int:
    """Put news into the outbox, as they will be sent; how many mails they come to.

    Args:
        connection: in a transaction.
        news: what is to be told.
        orders: the orders that it is about, by id.
        titles: what the SKUs are called.
        now: when it came to be so.
        superseded: the ids of messages that do not hold any more, beside those that the news name.
    """
    news = list(news)
    stale_ids = {*superseded, *[each for message in news for each in message.supersedes]}
    messages = [*_still_waiting(connection, orders, stale_ids, now), *news]
    mailing = deliveries(
        messages, {order_id: preferences_of(order) for order_id, order in orders.items()}, now=now
    )
    mails = list(mailing.deliveries)
    for message, reason in mailing.omissions:
        if reason is Omission.NO_MAILBOX:  # a person has to pass it on
            mails.append(Delivery(messages=[message], send_at=now))
    return sum(_insert(connection, mail, orders[mail.order_id], titles, now) for mail in mails)


def _still_waiting(
    connection: Connection, orders: Collection[str], stale_ids: Collection[str], now: datetime
) -> list[Notification]:
    """What waits of these orders, taken out of the outbox again; what does not hold is dropped.

    What was due may be under way already: it stays as it is, unless it does not hold any more.
    """
    messages: list[Notification] = []
    unsent_rows = select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.number)
    for row in connection.execute(unsent_rows).all():
        waits = row.order_id in orders and not is_due(row, now)
        if waits or row.message_id in stale_ids:
            connection.execute(delete(outbox).where(outbox.c.number == row.number))
        if waits:
            parts = [from_json(each, Notification, STORED) for each in json.loads(row.messages)]
            messages += [each for each in parts if each.id not in stale_ids]
    return messages


def _insert(
    connection: Connection, mail: Delivery, order: Order, titles: Mapping[str, str], now: datetime
) -> int:
    """One outbox row; an id that is there already is the same news, told before."""
    first, order_name = mail.messages[0], order.attributes.get("name", order.id)
    row = insert_or(outbox).values(
        message_id=mail.id,
        order_id=order.id,
        order_name=order_name,
        kind=", ".join([str(each.kind) for each in mail.messages]),
        audience=str(first.audience),
        recipient=mail.recipient,
        messages=json.dumps([to_json(each) for each in mail.messages], ensure_ascii=False),
        data=json.dumps([each.data for each in mail.messages], ensure_ascii=False),
        created_at=now.isoformat(),
        send_at=mail.send_at.isoformat(),
        **in_words(mail.messages, order, order_name, titles),
    )
    return connection.execute(row.on_conflict_do_nothing()).rowcount


def is_due(row: Row[Any], now: datetime) -> bool:
    """Whether a mail of the outbox may go out by now."""
    return datetime.fromisoformat(row.send_at) <= now.astimezone(UTC)
