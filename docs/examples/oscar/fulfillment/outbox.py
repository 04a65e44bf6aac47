"""Messages: written with the decision that they are about, sent after it was committed.

A message that can't be sent waits; the order is none the worse. Whoever sends one hides it from all
others for a while. If they die before they marked it, it is sent again after that: once too often
rather than never.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import timezone
from oscar.core.loading import get_class, get_model

from fulfill_core import Notification, OrderRecord
from fulfill_core.decisions import Medium
from fulfill_core.messages import Renderer, Shop
from fulfillment.models import Message

CommunicationEventType = get_model("communication", "CommunicationEventType")
HIDDEN_FOR = timedelta(minutes=10)  # longer than a mail server takes to answer, or not to
logger = logging.getLogger("fulfillment")


def enqueue(message: Notification, order: Any, record: OrderRecord) -> None:
    """One row, in words; a message whose id is there is the same news, and is not told again.

    Args:
        message: what to tell.
        order: Oscar's order.
        record: its record, after what there is to tell.
    """
    titles = {str(line.product_id): line.title for line in order.lines.all()}
    # A phone number is nobody's mailbox: the staff gets the message, and calls.
    recipient = message.recipient if message.medium == Medium.EMAIL else ""
    words = _renderer().render(message, record, titles=titles)
    Message.objects.get_or_create(
        id=message.id,
        defaults={
            "order": order,
            "kind": message.kind,
            "audience": message.audience.value,
            "recipient": recipient,
            "subject": words.subject[:255],
            "text": words.text,
            "html": words.html,
        },
    )


@cache
def _renderer() -> Renderer:
    return Renderer(shop=Shop(name=settings.OSCAR_SHOP_NAME))


def withdraw(message_ids: Iterable[str]) -> None:
    """What does not hold any more is not sent late."""
    Message.objects.filter(pk__in=list(message_ids), sent_at=None).delete()


def deliver(*, now: datetime | None = None, **conditions: Any) -> int:
    """Send what is due, the oldest first; returns how many went out.

    Args:
        now: the time; None for that of the clock.
        conditions: which: a filter on messages, such as ``order=order``; all if there is none.
    """
    now = now or timezone.now()
    due = Message.objects.filter(sent_at=None, due_at__lte=now, **conditions)
    return sum(
        _send(message)
        for message in due.select_related("order__user")
        if due.filter(pk=message.pk, due_at=message.due_at).update(due_at=now + HIDDEN_FOR)
    )


def _send(message: Message) -> bool:
    """Through Oscar's dispatcher, and onto Oscar's pages: the order's, and the customer's own."""
    dispatcher = get_class("communication.utils", "Dispatcher")(logger=logger)
    words = {"subject": message.subject, "body": message.text, "html": message.html, "sms": ""}
    is_to_customer = message.audience == "customer" and bool(message.recipient)
    recipient = message.recipient if is_to_customer else settings.FULFILLMENT_STAFF
    message.attempts += 1
    try:
        email = dispatcher.dispatch_direct_messages(recipient, words)
    except (OSError, ValueError) as error:  # no mail server, one that refuses, no such mailbox
        message.error = str(error)[:255]
        message.save(update_fields=["attempts", "error"])
        logger.warning("Message %s waits: %s", message.pk, error)
        return False
    message.sent_at, message.error = timezone.now(), ""
    message.save(update_fields=["attempts", "error", "sent_at"])
    if is_to_customer:
        order = message.order
        if order.user and getattr(settings, "OSCAR_SAVE_SENT_EMAILS_TO_DB", True):
            dispatcher.create_email(order.user, words, email)
        code = message.kind.replace(".", "_").upper()
        event_type, _ = CommunicationEventType.objects.get_or_create(
            code=code, defaults={"name": message.kind}
        )
        order.communication_events.create(event_type=event_type)
    return True
