"""What goes out together, of the rows that a storage handed out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

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


class Group(NamedTuple):
    """Rows that go out as one.

    Args:
        row: what is sent: of several, with all that they have to say.
        parts: the rows.

    >>> Group._fields
    ('row', 'parts')
    """

    row: OutboxRow
    parts: tuple[OutboxRow, ...]


def together(rows: Sequence[OutboxRow]) -> tuple[Group, ...]:
    """The rows in groups: each goes out as one.

    Args:
        rows: what was handed out, in its sequence.

    >>> from fulfill_core.lifecycle import Ask
    >>> row = OutboxRow(id="m1", order_id="A-1", content=Ask(code="a.b", detail=""))
    >>> together([row]) == (Group(row, (row,)),)
    True
    """
    parts = [row.content for row in rows if isinstance(row.content, Delivery)]
    delivery_of = {
        message.id: delivery for delivery in combined(parts) for message in delivery.messages
    }
    groups: dict[str, list[OutboxRow]] = {}
    for row in rows:
        delivery = delivery_of.get(row.id)
        groups.setdefault(row.id if delivery is None else delivery.id, []).append(row)
    return tuple([_one_of(group, delivery_of) for group in groups.values()])


def _one_of(rows: Sequence[OutboxRow], delivery_of: Mapping[str, Delivery]) -> Group:
    first = rows[0]
    if len(rows) == 1:
        return Group(first, (first,))
    delivery = delivery_of[first.id]
    attempts = max([row.attempts for row in rows])
    row = attrs.evolve(first, id=delivery.id, content=delivery, attempts=attempts)
    return Group(row, tuple(rows))
