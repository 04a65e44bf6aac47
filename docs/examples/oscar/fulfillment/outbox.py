"""Messages: written with the decision that they are about, sent after it was committed.

A message that can't be sent waits; the order is none the worse. Let one process deliver at a time:
if it dies between sending and marking, that message goes out twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone
from oscar.core.loading import get_class, get_model

from fulfill_core import Notification, OrderRecord
from fulfill_core.messages import Renderer, Shop
from fulfillment.models import Message

CommunicationEventType = get_model("communication", "CommunicationEventType")
logger = logging.getLogger("fulfillment")


def enqueue(message: Notification, order: Any, record: OrderRecord) -> None:
    """One row, in words; a message whose id is there is the same news, and is not told again.

    Args:
        message: what to tell.
        order: Oscar's order.
        record: its record, after what there is to tell.
    """
    titles = {str(line.product_id): line.title for line in order.lines.all()}
    renderer = Renderer(shop=Shop(name=settings.OSCAR_SHOP_NAME))
    words = renderer.render(message, record, titles=titles)
    Message.objects.get_or_create(
        id=message.id,
        defaults={
            "order": order,
            "kind": message.kind,
            "audience": message.audience.value,
            "recipient": message.recipient,
            "subject": words.subject[:255],
            "text": words.text,
            "html": words.html,
        },
    )


def withdraw(message_ids: Iterable[str]) -> None:
    """What does not hold any more is not sent late."""
    Message.objects.filter(pk__in=list(message_ids), sent_at=None).delete()


def deliver(**conditions: Any) -> int:
    """Send what waits, the oldest first; returns how many went out.

    Args:
        conditions: which: a filter on messages, such as ``order=order``; all if there is none.
    """
    waiting = list(Message.objects.filter(sent_at=None, **conditions).select_related("order__user"))
    return sum(_send(message) for message in waiting)


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
