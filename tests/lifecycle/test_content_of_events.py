"""What an event says, as it is digested: so that it can be told from another one under its id."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fulfill_core.lifecycle import Captured
from fulfill_core.lifecycle.events.checking import content_of


@given(at=st.datetimes(timezones=st.just(UTC)))
def test_an_instant_is_said_as_iso_8601_has_it(at: datetime) -> None:
    """Of any instant the content has what `isoformat` makes of it: digests are kept in records."""
    event = Captured(id="e1", order_id="A-1", at=at, payment="card", amount=Decimal(5))
    assert at.isoformat() in content_of(event)


def test_a_fraction_of_a_second_is_said() -> None:
    """Two events of one second are two."""
    at = datetime(2026, 3, 2, 12, 0, 0, 7, tzinfo=UTC)
    event = Captured(id="e1", order_id="A-1", at=at, payment="card", amount=Decimal(5))
    assert content_of(event)[3] == "2026-03-02T12:00:00.000007+00:00"
