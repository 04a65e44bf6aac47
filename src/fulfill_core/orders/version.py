"""What an order says, as a text that is the same in any process; and the version that it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any, TypeAlias, cast

import attrs

from fulfill_core._checks import EXACT, FrozenMap
from fulfill_core.orders.order import Address, Customer, Order, OrderLine
from fulfill_core.orders.payment import Payment

_Fields: TypeAlias = Mapping[type[object], Callable[[Any], tuple[object, ...]]]
"""What reads the fields of a value that count, by its class."""
_CONTENT: _Fields = {
    kind: attrgetter(*[field.name for field in attrs.fields(kind) if field.eq])
    for kind in (Order, OrderLine, Customer, Address, Payment)
}
# What a person who looks at an order judges. Progress (payments) changes while the order waits, and
# what serves the host's own filing (tier, locale, channel, words) is nothing to approve.
_VERSION: _Fields = {
    **_CONTENT,
    Order: attrgetter(
        *("id", "placed_at", "customer", "lines", "currency", "ship_to", "bill_to"),
        *("shipping", "tax", "discount", "agreed_total", "deliver_by", "ship_after", "ship"),
    ),
    OrderLine: attrgetter(
        *("id", "sku", "quantity", "unit_price", "discount", "tax", "agreed_total"),
        *("units_each", "ships"),
    ),
    Customer: attrgetter("id", "name", "email", "phone", "minimum_life"),
}
_PLAIN = frozenset([NoneType, str, int, bool])
"""What is as it is: by far the most."""


def _plain(value: object, fields: _Fields) -> object:
    """The content of *value* as nested tuples whose repr is the same in any process."""
    contents_of = fields.get(type(value))
    if contents_of is not None:
        value = contents_of(value)
    if isinstance(value, tuple):
        members = cast("tuple[object, ...]", value)
        return tuple([each if type(each) in _PLAIN else _plain(each, fields) for each in members])
    if isinstance(value, Decimal):
        return str(value.normalize(EXACT)) if value else "0"  # 0.00 and -0 are equal to 0
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tzinfo):
        return str(value)
    if isinstance(value, frozenset):
        return tuple(sorted(cast("Iterable[str]", value)))
    if isinstance(value, FrozenMap):
        return tuple(sorted(value.items()))
    return value


def content_of(order: Order) -> str:
    """All that an order says, in a text that is the same for equal orders in any process.

    >>> from datetime import timezone
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), lines=[], currency="EUR")
    >>> tagged = attrs.evolve(order, tags=["gift"])
    >>> content_of(order) == content_of(tagged), order.fingerprint == tagged.fingerprint
    (False, True)
    """
    return ascii(_plain(order, _CONTENT))


def version_of(order: Order) -> str:
    """The version of an order, 64 hex digits: see `Order.fingerprint`, which keeps it.

    >>> from datetime import timezone
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), lines=[], currency="EUR")
    >>> version_of(order) == order.fingerprint
    True
    """
    words = order.version_words
    content: tuple[object, ...] = (
        _plain(order, _VERSION),
        _plain(order.tags & words, _VERSION),
        _pairs(order, words),
    )
    of_lines = [(line.id, _pairs(line, words)) for line in order.lines] if words else []
    if any([pairs for _, pairs in of_lines]):
        content = (*content, tuple([row for row in of_lines if row[1]]))
    # Beside the lines, so that orders of which no line names a lot keep their version.
    lots = tuple([(line.id, line.lot) for line in order.lines if line.lot])
    if lots:
        content = (*content, "lots", lots)
    if order.has_line_dates:
        dates = [(line.id, line.deliver_by, line.ship_after) for line in order.lines]
        content = (*content, _plain(tuple(dates), _VERSION))
    version: str = _algorithm()(ascii(content).encode()).hexdigest()
    return version


@cache
def _algorithm() -> Callable[[bytes], Any]:
    """SHA-256, imported when a version is asked first: OpenSSL is 2 % of the library's import."""
    from hashlib import sha256  # noqa: PLC0415 - as said

    return sha256


def _pairs(thing: Order | OrderLine, words: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The attributes that are part of the version of an order."""
    return tuple(sorted([pair for pair in thing.attributes.items() if pair[0] in words]))
