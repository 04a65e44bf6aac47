"""What an event says, as it is digested: so that it can be told from another one under its id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fulfill_core.lifecycle import Captured
from fulfill_core.lifecycle.events.checking import content_of

INSTANTS = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2900, 1, 1), timezones=st.just(UTC)
)


def captured(at: datetime) -> Captured:
    """Five euros, taken at some instant."""
    return Captured(id="e1", order_id="A-1", at=at, payment="card", amount=Decimal(5))


@given(at=INSTANTS, later=st.timedeltas(timedelta(0), timedelta(days=400)))
def test_instants_are_told_apart(at: datetime, later: timedelta) -> None:
    """Two events that say the same at two instants are two; at one they are the same."""
    is_alike = content_of(captured(at)) == content_of(captured(at + later))
    assert is_alike == (later == timedelta(0))


def test_a_fraction_of_a_second_is_said() -> None:
    """Two events of one second are two."""
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert content_of(captured(at)) != content_of(captured(at.replace(microsecond=7)))
