"""Instants are kept in UTC wherever they enter, also those of the hour that comes twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from builders import NOW, mugs, order, run

from fulfill_core import (
    Approval,
    Audience,
    Context,
    InvalidValueError,
    Outcome,
    PastOrder,
    Payment,
    Rejection,
    Screening,
    Told,
)
from fulfill_core._checks import in_utc

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
SECOND = FIRST.replace(fold=1)
"""In that night the clock shows 02:30 twice: at 00:30 UTC, and at 01:30."""

KEPT: list[Callable[[datetime], datetime | None]] = [
    lambda at: order(placed_at=at).placed_at,
    lambda at: order(deliver_by=at).deliver_by,
    lambda at: order(ship_after=at).ship_after,
    lambda at: Payment(id="p", amount=Decimal(1), authorized_at=at).authorized_at,
    lambda at: Payment(id="p", amount=Decimal(1), expires_at=at).expires_at,
    lambda at: Approval(order_id="A", fingerprint="f", findings=[], by="Grace", at=at).at,
    lambda at: Rejection(order_id="A", fingerprint="f", by="Grace", at=at).at,
    lambda at: Screening(order_id="A", same_card_at=[at]).same_card_at[0],
    lambda at: Screening(order_id="A", same_address_at=[at]).same_address_at[0],
    lambda at: PastOrder(id="A", placed_at=at, total=Decimal(1), currency="EUR").placed_at,
    lambda at: Told(audience=Audience.STAFF, id="a", at=at).at,
    lambda at: Told(audience=Audience.STAFF, id="a", at=NOW, delivered_at=at).delivered_at,
    lambda at: Context(now=at).now,
    lambda at: run(now=at).context.now,
]


@pytest.mark.parametrize("keep", KEPT)
@pytest.mark.parametrize("at", [FIRST, SECOND, SECOND.astimezone(UTC).replace(fold=1), NOW])
def test_an_instant_is_kept_in_utc(keep: Callable[[datetime], datetime], at: datetime) -> None:
    """Whatever zone it is written in: the same instant, as UTC shows it."""
    instant = keep(at)
    assert (instant.tzinfo, instant.fold) == (UTC, 0)
    assert instant - NOW == at.astimezone(UTC) - NOW


@pytest.mark.parametrize("at", [FIRST, SECOND])
def test_a_repeat_in_another_zone_is_one_order(at: datetime) -> None:
    """An order that comes back from a database in UTC is the one that was placed by the clock."""
    placed, read = order("A-1", 1, placed_at=at), order("A-1", 1, placed_at=at.astimezone(UTC))
    assert placed == read
    assert placed.fingerprint == read.fingerprint
    result = run(placed, read, stock=mugs(berlin=3), now=at + timedelta(hours=3))
    assert [made.outcome for made in result.decisions] == [Outcome.ALLOCATED]


def test_the_second_half_past_two_is_later_than_the_first() -> None:
    """Orders are served in the sequence in which they were placed, not in that of the clock."""
    later, earlier = (
        order("A-1", 1, placed_at=SECOND.replace(minute=10)),
        order("A-2", 1, placed_at=FIRST.replace(minute=50)),
    )
    result = run(later, earlier, stock=mugs(berlin=1), now=NOW + timedelta(days=300))
    assert result["A-2"].outcome is Outcome.ALLOCATED


def test_an_order_joins_the_queue_at_its_second_hour() -> None:
    """At the first 02:30 it is an hour too early for an order that ships after the second."""
    early = order("A-1", 1, ship_after=SECOND, placed_at=NOW)
    outcomes = [run(early, stock=mugs(berlin=1), now=at)["A-1"].outcome for at in (FIRST, SECOND)]
    assert outcomes == [Outcome.SCHEDULED, Outcome.ALLOCATED]


def test_an_instant_off_the_calendar_is_refused() -> None:
    """What has no date in UTC is refused, by the name of the field."""
    west = timezone(timedelta(hours=-5))
    with pytest.raises(InvalidValueError, match="off the calendar") as caught:
        order(placed_at=datetime(9999, 12, 31, 23, tzinfo=west))
    assert caught.value.path == "Order.placed_at"
    assert in_utc("now", datetime(9999, 12, 31, 23, tzinfo=UTC)).year == 9999
