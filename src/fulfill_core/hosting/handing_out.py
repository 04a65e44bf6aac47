"""What goes out together, of the rows that a storage handed out."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from fulfill_core.hosting.plans import OutboxRow
from fulfill_core.notifications.sending import Delivery, combined


def split(
    rows: tuple[OutboxRow, ...], *, is_full: bool
) -> tuple[tuple[OutboxRow, ...], tuple[OutboxRow, ...]]:
    """The rows that can go out now, and those that wait for what is handed out next.

    A storage hands out so many rows at most, those of one order one after the other. Of a batch
    that is full the last order may have more to come.

    Args:
        rows: what was handed out, in its sequence.
        is_full: whether there may be more.

    >>> split((), is_full=False)
    ((), ())
    """
    if not is_full or not isinstance(rows[-1].content, Delivery):
        return rows, ()
    last = rows[-1]
    end = len(rows)
    while end and rows[end - 1].order_id == last.order_id:
        end -= 1
    return rows[:end], rows[end:]


def together(rows: Sequence[OutboxRow]) -> tuple[tuple[OutboxRow, ...], ...]:
    """The rows in groups: each goes out as one.

    Args:
        rows: what was handed out, in its sequence.

    >>> together(())
    ()
    """
    parts = [row.content for row in rows if isinstance(row.content, Delivery)]
    group_of = {
        message.id: delivery.id for delivery in combined(parts) for message in delivery.messages
    }
    groups: dict[str, list[OutboxRow]] = {}
    for row in rows:
        groups.setdefault(group_of.get(row.id, row.id), []).append(row)
    return tuple([tuple(group) for group in groups.values()])


def as_one(group: tuple[OutboxRow, ...]) -> OutboxRow:
    """A group as the one row that is sent: of several, with all that they have to say.

    Args:
        group: the rows.

    >>> from fulfill_core.lifecycle import Ask
    >>> row = OutboxRow(id="m1", order_id="A-1", content=Ask(code="a.b", detail=""))
    >>> as_one((row,)) is row
    True
    """
    if len(group) == 1:
        return group[0]
    [delivery] = combined([row.content for row in group if isinstance(row.content, Delivery)])
    attempts = max([row.attempts for row in group])
    return attrs.evolve(group[0], id=delivery.id, content=delivery, attempts=attempts)
