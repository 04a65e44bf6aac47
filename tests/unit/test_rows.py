"""What stored rows say, asked by name."""

from __future__ import annotations

from datetime import UTC, datetime

from fulfill_core.allocation.turn import PlainTurn
from fulfill_core.decisions.rows import BackorderRow, expected_by_line

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, tzinfo=UTC)


def backorder(line_id: str, expected_at: datetime | None) -> BackorderRow:
    """A unit of a line that waits for a supply."""
    return (line_id, "mug", 1, "PO-1" if expected_at else "", expected_at, "berlin", 0)


def test_a_line_is_expected_with_its_last_unit() -> None:
    """The latest date counts; where one unit has no date, the line has none, whatever follows."""
    rows = [
        *[backorder("1", expected_at) for expected_at in (TUESDAY, MONDAY)],
        *[backorder("2", expected_at) for expected_at in (MONDAY, None, TUESDAY)],
        *[backorder("3", expected_at) for expected_at in (None, MONDAY)],
    ]
    assert expected_by_line(rows) == {"1": TUESDAY, "2": None, "3": None}


def test_a_plain_turn_takes_nothing_off_a_shelf() -> None:
    """An order of plain SKUs has taken no unit of any that lies on a shelf."""
    assert PlainTurn().units_taken("mug") == 0
