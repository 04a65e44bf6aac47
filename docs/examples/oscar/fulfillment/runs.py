"""Decisions and events, each in one transaction: rows are locked, asked about, and written.

Locks are taken in one sequence, whoever takes them: records by their id, then stock by its id. So
two checkouts, a run and a person at the review desk may wait for each other, but never in a circle.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from fulfill_core import (
    InvalidValueError,
    OrderRecord,
    Outcome,
    Result,
    Settings,
    Verdict,
    process,
)
from fulfill_core.lifecycle import (
    Capture,
    Event,
    Refund,
    Status,
    Step,
    Void,
    advance,
    status,
)
from fulfill_core.wire import dumps
from fulfillment import outbox, shelves
from fulfillment.agreements import agreed
from fulfillment.models import Action, Record

# What a program does. All else that a step asks for is told to the staff, in its messages.
MONEY = (Capture, Refund, Void)
logger = logging.getLogger("fulfillment")


def policies() -> Settings:
    """What the shop's runs go by: the setting ``FULFILLMENT_SETTINGS`` names it."""
    path = getattr(settings, "FULFILLMENT_SETTINGS", None)
    return import_string(path) if path else Settings()


@transaction.atomic
def decide(order_ids: Iterable[int], *, now: datetime | None = None) -> Result:
    """Decide these orders together, and write all that comes of it; or nothing, if it raises.

    Args:
        order_ids: the ids of Oscar's orders. Those without a record are left out: they are Oscar's.
            So are those that can't be read, such as a record of a newer version; the log says so.
        now: the time; None for that of the clock.
    """
    rows = _locked(order_ids)
    records = dict(_readable(rows))
    stock = shelves.locked(_products(records.values()))
    result = process(records.values(), stock.inventory, now=now or timezone.now(), **policies())
    stock.save(result.changes, result.inventory)
    after = {record.id: record for record in result.records}
    for record in after.values():
        row, decision = rows[record.id], result[record.id]
        if row.digest != decision.digest:  # else the old one says the same
            row.digest = decision.digest
            row.decision_document = dumps(decision)
            row.needs_review = decision.verdict is Verdict.HOLD and not record.is_settled
        elif record == records[record.id]:
            continue
        _save(row, record)
    outbox.withdraw(result.superseded_ids)
    for message in result.notifications:
        outbox.enqueue(message, rows[message.order_id].order, after[message.order_id])
    return result


def decide_open(*, now: datetime | None = None) -> Result:
    """Decide all orders of which anything is open: for a cron job, or a beat."""
    open_records = Record.objects.filter(is_settled=False).values_list("pk", flat=True)
    return decide(list(open_records), now=now)


@transaction.atomic
def take(order_id: int, event: Event, *, now: datetime | None = None) -> Step:
    """Write what an event comes to. The same event twice is once; one that is refused says why.

    Args:
        order_id: the id of Oscar's order.
        event: what happened to it.
        now: the time; None for that of the clock.

    Raises:
        Record.DoesNotExist: it was placed before this app came: it is Oscar's.
    """
    [row] = _locked([order_id]).values() or [Record.objects.get(pk=order_id)]
    record = _value_of(row)
    stock = shelves.locked(_products([record]))
    decision = row.decision
    step = advance(
        record,
        event,
        stock.inventory,
        now=now or timezone.now(),
        promise=decision.promise if decision else None,
    )
    stock.save(step.changes, step.inventory)
    if step.record is not record:
        _save(row, step.record)
    for message in step.notifications:
        outbox.withdraw(message.supersedes)
        outbox.enqueue(message, row.order, step.record)
    Action.objects.bulk_create(
        Action(order=row.order, kind=type(action).__name__, document=dumps(action))
        for action in step.actions
        if isinstance(action, MONEY)
    )
    return step


def word_for(record: OrderRecord) -> str:
    """How an order stands, in the one word that Oscar's pages show."""
    if record.outcome is Outcome.REJECTED:
        return record.outcome.value
    state = status(record)
    if state is Status.OPEN and record.outcome is not None:
        return record.outcome.value
    return state.value


def _locked(order_ids: Iterable[int]) -> dict[str, Record]:
    rows = Record.objects.select_for_update(of=("self",)).filter(pk__in=list(order_ids))
    return {row.order.number: row for row in rows.select_related("order").order_by("pk")}


def _readable(rows: Mapping[str, Record]) -> Iterator[tuple[str, OrderRecord]]:
    """The records by number. One that can't be read stops no other: it is named, and left alone."""
    for number, row in rows.items():
        try:
            yield number, _value_of(row)
        except InvalidValueError:
            logger.exception("Order %s can't be read; it is left as it is.", number)


def _value_of(row: Record) -> OrderRecord:
    """What is on record; before the first run, what Oscar's tables say was agreed."""
    return row.value or OrderRecord(order=agreed(row.order, row.locale))


def _products(records: Iterable[OrderRecord]) -> set[int]:
    return {int(line.sku) for record in records for line in record.order.lines}


def _save(row: Record, record: OrderRecord) -> None:
    row.document = dumps(record)
    row.outcome = "" if record.outcome is None else record.outcome.value
    row.since = record.since
    row.is_settled = record.is_settled
    row.needs_review = row.needs_review and not record.is_settled
    row.save()
    _show(row, word_for(record))


def _show(row: Record, word: str) -> None:
    """Let Oscar's pages say how the order stands: which status may follow is not their say."""
    order, before = row.order, row.order.status
    if word != before:
        order.status = word
        order.save(update_fields=["status"])
        order.status_changes.create(old_status=before, new_status=word)
        logger.info("Order %s: %s", order.number, word)
