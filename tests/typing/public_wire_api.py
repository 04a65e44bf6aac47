"""Typed uses of documents, as a shop would write them.

As in `public_api.py`: where a use is wrong, the ignore comment is the assertion.
"""

from __future__ import annotations

from typing import Any, assert_type
from zoneinfo import ZoneInfo

from fulfill_core import OrderRecord
from fulfill_core.lifecycle import Event, Shipped
from fulfill_core.wire import Reading, dumps, from_json, loads, schema, to_json

WITH_ZONES = Reading(zone_of=ZoneInfo)


def stored(record: OrderRecord) -> OrderRecord:
    """A record that went through a text."""
    text: str = dumps(record)
    other = loads(text, OrderRecord, WITH_ZONES)
    assert_type(other, OrderRecord)
    return other


def copied(record: OrderRecord) -> OrderRecord:
    """A record that went through plain dicts and lists."""
    document: dict[str, Any] = to_json(record)
    return from_json(document, OrderRecord, WITH_ZONES)


def received(body: bytes) -> Event:
    """One of several classes."""
    event: Event = loads(body, Event, Reading(longest=10_000))
    return event


form: dict[str, Any] = schema(Event)
of_one: dict[str, Any] = schema(Shipped)


def wrong_text() -> OrderRecord:
    """A document is text, or bytes."""
    return loads(3, OrderRecord)  # type: ignore[call-overload,no-any-return]


def wrong_choice() -> Reading:
    """An exponent is a number."""
    return Reading(exponent="2")  # type: ignore[arg-type]
