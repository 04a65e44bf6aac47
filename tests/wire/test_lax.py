"""What databases and platforms give is read where somebody says so, and not otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import refusal
from saying import said_of
from some_documents import RECORD

from fulfill_core import Lot, Order, OrderLine, OrderRecord, Ship
from fulfill_core.lifecycle import Captured, Event
from fulfill_core.wire import Reading, from_json, to_json

BERLIN = ZoneInfo("Europe/Berlin")
LAX = Reading(is_lax=True, exponent=2, timezone=BERLIN)
ROW: dict[str, Any] = {
    "id": "A-17",
    "placed_at": "2026-07-01 12:00:00",
    "customer": {"id": "C-7", "email": None},
    "lines": [{"id": "1", "sku": "mug", "quantity": 2, "unit_price": 990, "ships": 1}],
    "currency": "EUR",
    "shipping": "4.90",
    "ship": "COMPLETE",
    "ship_to": None,
    "channel": None,
}


def test_a_row_of_a_database_is_read() -> None:
    """Words in any case, null where there is a default, cents, 0 and 1, the clock of a place; and
    no heading.
    """
    order = from_json(ROW, Order, LAX)
    assert order.placed_at == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert order.total == Decimal("24.70")
    assert order.ship is Ship.COMPLETE
    assert (order.customer.email, order.channel, order.ship_to) == ("", "", None)
    assert order.lines[0].ships is True


def test_without_being_told_nothing_of_it_is_let_through() -> None:
    """Each thing is a fault of its own."""
    paths = [fault.partition(": ")[0] for fault in said_of(ROW, Order)]
    assert paths == [
        "schema_version",
        "type",
        "Order.placed_at",
        "Order.customer.email",
        "Order.lines[0].unit_price",
        "Order.lines[0].ships",
        "Order.ship",
        "Order.channel",
    ]


def test_each_choice_stands_alone() -> None:
    """Lax reading guesses neither what numbers count nor where a clock hangs."""
    lax = Reading(is_lax=True)
    assert [fault.partition(": ")[0] for fault in said_of(ROW, Order, lax)] == [
        "Order.placed_at",
        "Order.lines[0].unit_price",
    ]
    whole = Reading(is_lax=True, exponent=0)
    line = {"id": "1", "sku": "mug", "quantity": 1, "unit_price": 990}
    assert from_json(line, OrderLine, whole).unit_price == 990
    assert said_of({**line, "unit_price": True}, OrderLine, whole) == [
        'OrderLine.unit_price: True is not an exact number; write it as text: "9.90"'
    ]
    assert said_of({**line, "unit_price": 10**30}, OrderLine, whole)[0].startswith(
        "OrderLine.unit_price"
    )


def test_a_fault_is_a_fault_also_in_what_is_read_laxly() -> None:
    """What is missing, or no truth value, or unknown, or null where there is no default."""
    row = {**ROW, "currency": None, "ship": "whole", "colour": "red"}
    row["lines"] = [{"id": "1", "sku": "mug", "quantity": 2.0, "ships": 2}]
    assert [fault.partition(": ")[0] for fault in said_of(row, Order, LAX)] == [
        "Order.lines[0].quantity",
        "Order.lines[0].ships",
        "Order.currency",
        "Order.ship",
        "Order.colour",
    ]


@pytest.mark.parametrize("text", ["2026-10-25T02:30:00", "2026-03-29T02:30:00"])
def test_an_hour_that_a_clock_shows_twice_or_never_is_a_fault(text: str) -> None:
    """In autumn, and in spring: nobody can tell which instant is meant. With an offset, anybody."""
    lot = {"id": "L-7", "quantity": 1, "expires_at": text}
    about = "is shown twice, or never, by the clocks of Europe/Berlin; write an offset"
    assert said_of(lot, Lot, LAX) == [f"Lot.expires_at: {text!r} {about}"]
    assert from_json({**lot, "expires_at": f"{text}+01:00"}, Lot, LAX).expires_at is not None


def test_a_document_is_read_laxly_as_well() -> None:
    """What `dumps` wrote; of several classes it has to say which it is."""
    reading = Reading(zone_of=ZoneInfo, is_lax=True)
    assert from_json(to_json(RECORD), OrderRecord, reading) == RECORD
    captured = Captured(
        id="e1", order_id="A-1", at=datetime(2026, 3, 2, tzinfo=UTC), payment="c", amount=Decimal(5)
    )
    document = to_json(captured)
    del document["schema_version"]
    assert from_json(document, Event, reading) == captured
    del document["type"]
    assert said_of(document, Captured | Order, reading) == [
        "type: the field is missing; write 'Captured' or 'Order'"
    ]


@pytest.mark.parametrize(
    ("choices", "path"),
    [
        ({"zone_of": "Europe/Berlin"}, "Reading.zone_of"),
        ({"ignores_unknown": 1}, "Reading.ignores_unknown"),
        ({"longest": 0}, "Reading.longest"),
        ({"is_lax": "yes"}, "Reading.is_lax"),
        ({"is_lax": True, "exponent": "2"}, "Reading.exponent"),
        ({"is_lax": True, "timezone": "UTC"}, "Reading.timezone"),
        ({"exponent": 2}, "Reading.exponent"),
        ({"timezone": BERLIN}, "Reading.timezone"),
    ],
)
def test_a_choice_that_is_none_is_refused(choices: dict[str, Any], path: str) -> None:
    """Or that says nothing without lax reading."""
    assert refusal(Reading, **choices).startswith(path)


def test_a_reading_is_a_value() -> None:
    """Equal choices are one."""
    assert Reading(is_lax=True, timezone=BERLIN) == Reading(is_lax=True, timezone=BERLIN)
    assert hash(Reading(longest=5)) == hash(Reading(longest=5))
    assert Reading(is_lax=True, exponent=3) != Reading(is_lax=True, exponent=2)
