"""Rows of stock, supplies and locations: how they are kept and put in sequence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from builders import NOW

from fulfill_core import Location, Reservation, Stock, Supply
from fulfill_core._stock import by_sku, in_rank


def test_a_negative_stock_is_taken_as_it_is() -> None:
    """Some systems keep oversold stock as a negative number: that is no error."""
    assert Stock(sku="mug", location="berlin", on_hand=-2).on_hand == -2


def test_supplies_are_kept_in_utc() -> None:
    """When a supply is expected reads the same wherever it was written down."""
    tokyo = timezone(timedelta(hours=9))
    supply = Supply(id="PO", sku="mug", quantity=1, expected_at=datetime(2026, 3, 3, tzinfo=tokyo))
    assert supply.expected_at.tzinfo is UTC
    assert supply.expected_at == datetime(2026, 3, 2, 15, tzinfo=UTC)


def test_locations_are_asked_by_rank_then_id() -> None:
    """The lower rank comes first; equal ranks go by id; a rank may be negative."""
    places = [
        Location(id="b"),
        Location(id="a"),
        Location(id="c", rank=-1),
        Location(id="d", rank=2),
    ]
    assert list(in_rank(places)) == ["c", "a", "b", "d"]


def test_supplies_come_by_date_then_id() -> None:
    """Of a SKU's supplies the earliest is first; those of one date go by id."""

    def supply(supply_id: str, days: int, sku: str = "mug") -> Supply:
        return Supply(id=supply_id, sku=sku, quantity=1, expected_at=NOW + timedelta(days=days))

    grouped = by_sku([supply("c", 2), supply("b", 1), supply("x", 0, "cup"), supply("a", 1)])
    assert {sku: [each.id for each in coming] for sku, coming in grouped.items()} == {
        "mug": ["a", "b", "c"],
        "cup": ["x"],
    }


def test_a_reservation_need_not_expire() -> None:
    """Without dates a reservation counts for ever."""
    made = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=1)
    assert (made.made_at, made.expires_at) == (None, None)
