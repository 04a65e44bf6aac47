"""What an event says, as it is digested: so that it can be told from another one under its id."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fulfill_core.lifecycle import Captured
from fulfill_core.lifecycle.events.checking import content_of

INSTANTS = st.datetimes(timezones=st.just(UTC))


def _capture(at: datetime) -> Captured:
    return Captured(id="e1", order_id="A-1", at=at, payment="card", amount=Decimal(5))


@given(at=INSTANTS, other=INSTANTS)
def test_an_instant_is_said_to_the_last_digit(at: datetime, other: datetime) -> None:
    """Two events say the same if they happened at the same instant, and else they do not."""
    is_same = content_of(_capture(at)) == content_of(_capture(other))
    assert is_same == (at == other)


def test_a_fraction_of_a_second_is_said() -> None:
    """Two events of one second are two."""
    at = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
    assert content_of(_capture(at)) != content_of(_capture(at.replace(microsecond=7)))
