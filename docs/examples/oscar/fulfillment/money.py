"""Money: what to capture, void and give back is asked of the bank; its answer is an event.

The bank is asked outside the transaction, at least once, each time with the same id: it may take
its time, and a crash after its answer is no reason to take the money twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeAlias

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from oscar.core.loading import get_model

from fulfill_core.lifecycle import Capture, Captured, Event, Refund, Refunded, Void, Voided
from fulfill_core.wire import loads
from fulfillment import runs
from fulfillment.models import Action

Source = get_model("payment", "Source")
logger = logging.getLogger("fulfillment")

Ask: TypeAlias = Callable[[Any, Capture | Refund | Void, str], None]
"""What asks the bank: for a source of payment, what to do, and the id of the request. It raises
if the bank did not do it: then it is asked again."""


def move() -> int:
    """Ask the bank for all that waits; returns how much of it was done."""
    ask: Ask = import_string(settings.FULFILLMENT_BANK)
    return sum(_move(action, ask) for action in Action.objects.filter(done_at=None))


def _move(row: Action, ask: Ask) -> bool:
    action = loads(row.document, Capture | Refund | Void)
    ref = f"action-{row.pk}"
    sources = Source.objects.filter(pk=int(action.payment))
    try:
        ask(sources.get(), action, ref)
    except OSError as error:  # no answer, or none that can be used
        logger.warning("%s waits: %s", row, error)
        return False
    with transaction.atomic():
        event = _event_of(row, action, ref)
        runs.take(row.order_id, event)
        waiting = Action.objects.filter(pk=row.pk, done_at=None)
        if not waiting.update(done_at=timezone.now()):
            return False  # somebody else asked, too, and was told the same
        source = sources.select_for_update().get()
        if isinstance(event, Captured):
            source.debit(event.amount, reference=ref)
        elif isinstance(event, Refunded):
            source.refund(event.amount, reference=ref)
    return True


def _event_of(row: Action, action: Capture | Refund | Void, ref: str) -> Event:
    words: dict[str, Any] = {
        "id": ref,
        "order_id": row.order.number,
        "at": timezone.now(),
        "payment": action.payment,
        "amount": action.amount,
        "ref": ref,
    }
    match action:
        case Capture():
            return Captured(**words)
        case Refund():
            return Refunded(**words)
        case Void():
            return Voided(**words)
