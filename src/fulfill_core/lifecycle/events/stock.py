"""Events of the stock that an order is served from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.lifecycle.events.checking import (
    check_event,
    check_names,
    check_some,
    check_texts,
)
from fulfill_core.orders.progress import to_units
from fulfill_core.records.history import Units
from fulfill_core.records.report_rows import rows_by_pair

PlaceRow: TypeAlias = tuple[str, str, int]
"""SKU, location, units more or less."""


def to_place_rows(
    units: Mapping[tuple[str, str], int] | Iterable[PlaceRow],
) -> tuple[PlaceRow, ...]:
    """Rows of SKU, location and units, of a mapping by the two; what is none stays for the check.

    >>> to_place_rows({("mug", "x"): -3})
    (('mug', 'x', -3),)
    """
    if isinstance(units, Mapping):
        return cast("tuple[PlaceRow, ...]", rows_by_pair(cast("Mapping[Any, int]", units)))
    return _checks.to_tuple(units)


def check_place_rows(
    path: str, rows: tuple[PlaceRow, ...], at_least: int | None = None
) -> tuple[PlaceRow, ...]:
    """The rows, checked and in sequence."""
    _checks.check_rows(path, rows, "SKU", "location", "units")
    for sku, location, units in rows:
        _checks.check_id(f"{path} (SKU)", sku)
        _checks.check_id(f"{path} (location)", location)
        _checks.check_int(f"{path}[{sku!r}, {location!r}]", units, at_least=at_least)
    _checks.check_unique(path, (row[:2] for row in rows), "SKU and location")
    return tuple(sorted(rows))


@attrs.frozen(kw_only=True, weakref_slot=False)
class Counted:
    """A count found more or less of what the order is served from.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        units: by how much what is on hand differs, by SKU and location, as a mapping or
            rows of the three.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Counted(id="e1", order_id="A-1", at=noon, units={("mug", "x"): -3}).units
    (('mug', 'x', -3),)
    """

    id: str
    order_id: str
    at: datetime
    units: tuple[PlaceRow, ...] = attrs.field(converter=to_place_rows)
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self)
        _checks.set_field(self, "units", check_place_rows("Counted.units", self.units))


@attrs.frozen(kw_only=True, weakref_slot=False)
class StockReceived:
    """Units came in of what the order is served from.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        units: how many came in, by SKU and location, as a mapping or rows of the three; each above
            zero.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> StockReceived(id="e1", order_id="A-1", at=noon, units={("mug", "x"): 3}).units
    (('mug', 'x', 3),)
    """

    id: str
    order_id: str
    at: datetime
    units: tuple[PlaceRow, ...] = attrs.field(converter=to_place_rows)
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self)
        rows = check_place_rows("StockReceived.units", self.units, at_least=1)
        _checks.set_field(self, "units", rows)


@attrs.frozen(kw_only=True, weakref_slot=False)
class ProductRecalled:
    """What the order had is dangerous, or not as it should be: its customer is to be told. A fact.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        lines: what is concerned, in units by line id; of that, what has left and is not back.
        ref: the number of the recall; empty for the id of the event.
        reason: what is wrong, in words for the customer.
        advice: what they are to do.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> ProductRecalled(id="e1", order_id="A-1", at=noon, lines={"1": 1}, reason="It breaks.").ref
    ''
    """

    id: str
    order_id: str
    at: datetime
    lines: Units = attrs.field(converter=to_units)
    ref: str = ""
    reason: str = ""
    advice: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, units=("lines",))
        check_some(self, "lines")
        check_names(self, "ref")
        check_texts(self, "reason", "advice")
