"""The rows of a message: what it says of each line, and the one place that reads them.

They are plain tuples, as those of a decision: see docs/explanation/speed.md.
"""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision, counts_of_new_lines
from fulfill_core.decisions.notification import NewsRow
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.decisions.rows import LineRow

_ALLOCATED = Outcome.ALLOCATED
_line_id_of, _confirmed_of, _backordered_of, _short_of = map(itemgetter, (0, 3, 4, 5))


def news(decision: Decision) -> tuple[NewsRow, ...]:
    """The lines of a decision as rows for a message: all of which something is asked still.

    Raises:
        InvalidValueError: something else than a decision.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> news(Decision(order=order, outcome=Outcome.ALLOCATED))
    (('1', 'mug', 2, 2, 0, 0, None),)
    """
    if type(decision) is not Decision:
        _checks.check_member("decision", decision, Decision)
    if decision.outcome is _ALLOCATED and not decision.progress:
        # Most orders: there is nothing to add up.
        return tuple(
            [
                (line.id, line.sku, line.units, line.units, 0, 0, None)
                for line in decision.order.lines
            ]
        )
    counts = counts_of_new_lines(decision)
    if counts is None:
        reduced = {each.line_id: each.reduced for each in decision.progress if each.reduced}
        rows_of_all = [_row(row, reduced.get(row[0], 0)) for row in decision.line_rows]
        return tuple([row for row in rows_of_all if any(row[2:6])])
    # Of lines that had nothing before there is nothing to weigh: in half the time.
    allocated, backordered, short, expected = counts
    untracked, ids_lacking = decision.untracked, backordered.keys() | short.keys()
    rows = [
        (
            line.id,
            line.sku,
            line.units,
            line.units if line.id in untracked else allocated.get(line.id, 0),
            0,
            0,
            None,
        )
        if line.id not in ids_lacking
        else (
            line.id,
            line.sku,
            line.units,
            line.units if line.id in untracked else allocated.get(line.id, 0),
            backordered.get(line.id, 0),
            short.get(line.id, 0),
            expected.get(line.id),
        )
        for line in decision.order.lines
    ]
    return tuple(rows)


def _row(row: LineRow, units_reduced: int) -> NewsRow:
    """A line as its customer has it.

    What was cancelled is not waited for, unless it left all the same: see `Progress.not_sent`. That
    units have left is no news, and what is sent again takes the place of what left before: it is
    not one more.

    Args:
        row: where the line stands.
        units_reduced: by how much it was lowered.
    """
    (line_id, sku, ordered, reserved, allocated, backordered, short, untracked, _, _,
     expected_at, cancelled, shipped, reopened) = row  # fmt: skip
    confirmed = reserved + allocated + untracked
    if shipped or cancelled or reopened:
        replaced = min(shipped, reopened)
        not_sent = max(units_reduced, min(cancelled, max(0, ordered + reopened - shipped)))
        ordered = max(0, ordered - not_sent + reopened - replaced)
        confirmed += shipped - replaced
    return line_id, sku, ordered, confirmed, backordered, short, expected_at


def rows_of(rows: tuple[NewsRow, ...], line_ids: frozenset[str]) -> tuple[NewsRow, ...]:
    """The rows of these lines."""
    return tuple([row for row in rows if _line_id_of(row) in line_ids])


def rows_beside(rows: tuple[NewsRow, ...], line_ids: frozenset[str]) -> tuple[NewsRow, ...]:
    """The rows of all lines but these."""
    if not line_ids:  # as nearly always
        return rows
    return tuple([row for row in rows if _line_id_of(row) not in line_ids])


def rows_to_come(rows: tuple[NewsRow, ...]) -> tuple[NewsRow, ...]:
    """The rows of lines of which some units come, now or later."""
    return tuple([row for row in rows if _confirmed_of(row) or _backordered_of(row)])


def short_rows(rows: tuple[NewsRow, ...]) -> tuple[NewsRow, ...]:
    """The rows of lines of which some units will not come."""
    return tuple(filter(_short_of, rows))


def rows_of_both(
    rows: tuple[NewsRow, ...], to_come: tuple[NewsRow, ...], short: tuple[NewsRow, ...]
) -> tuple[NewsRow, ...]:
    """The rows of which something comes, or is short, in sequence.

    Of what is short of others nothing is said: only the staff has to see to it.
    """
    short_ids = set(map(_line_id_of, short))
    line_ids = short_ids.union(map(_line_id_of, to_come))
    if len(line_ids) == len(rows) and len(short) == len(short_rows(rows)):
        return rows  # as nearly always
    return tuple(
        [
            row if not _short_of(row) or _line_id_of(row) in short_ids else _without_short(*row)
            for row in rows
            if _line_id_of(row) in line_ids
        ]
    )


def _without_short(
    line_id: str,
    sku: str,
    ordered: int,
    confirmed: int,
    backordered: int,
    _: int,
    expected_at: datetime | None,
) -> NewsRow:
    return line_id, sku, ordered, confirmed, backordered, 0, expected_at
