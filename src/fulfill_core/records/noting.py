"""What a step hands on to the next one of the same order, if that is large.

To find an event among thousands, or to add up what thousands of lines cost, is work that the step
before has done. It travels with the record that it made, as no part of it: whoever reads the record
from a database has it worked out once more. Each part is used only where the record still has what
it was worked out of.
"""

from __future__ import annotations

from typing import NamedTuple

from fulfill_core.inventory.overlay import Overlay
from fulfill_core.orders.due import Bill
from fulfill_core.orders.sequences import MANY
from fulfill_core.records.order_record import OrderRecord, notes_by


class Notes(NamedTuple):
    """What a step hands on.

    Args:
        applied: the events that are in the record, each with a digest of its content.
        digests: these digests, by event id.
        bill: what the order costs, its lines added up; None if nobody asked.
    """

    applied: tuple[tuple[str, str], ...]
    digests: Overlay[str, str]
    bill: Bill | None


def notes_of(record: OrderRecord) -> Notes | None:
    """What the step that made a record handed on; None if nothing did."""
    notes = notes_by(record)
    return notes if isinstance(notes, Notes) else None


def digest_of(record: OrderRecord, event_id: str) -> str | None:
    """The digest of an event that is in a record; None if it is not."""
    applied, notes = record.history.applied, notes_of(record)
    if notes is not None and notes.applied is applied:
        return notes.digests.get(event_id)
    return dict(applied).get(event_id)


def notes_after(before: OrderRecord, record: OrderRecord, bill: Bill | None) -> Notes:
    """What a step hands on.

    Args:
        before: the record before it.
        record: the record after it, in which are more events.
        bill: what the order costs then; None if nobody asked.
    """
    applied, notes = record.history.applied, notes_of(before)
    if notes is not None and notes.applied is before.history.applied:
        digests = notes.digests.with_changes(dict(applied[len(notes.applied) :]))
    else:
        digests = Overlay(dict(applied))
    return Notes(applied, digests, bill)


def is_large(record: OrderRecord) -> bool:
    """Whether it pays to hand something on: of few lines and events it is worked out in less."""
    return len(record.history.applied) >= MANY or len(record.order.lines) >= MANY
