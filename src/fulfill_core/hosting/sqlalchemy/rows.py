"""Values as rows of tables, and back."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, TypeAlias

from fulfill_core.decisions import Decision
from fulfill_core.exceptions import InvalidValueError, together
from fulfill_core.hosting.plans import CommitPlan
from fulfill_core.inventory import Claim, Intake, LotChange, Reservation, Supply
from fulfill_core.records import OrderRecord
from fulfill_core.wire import Reading, dumps, loads
from fulfill_core.wire.faults import under

Fields: TypeAlias = dict[str, Any]
"""A row, by the names of its columns."""


def read(text: str, kind: Any, reading: Reading, place: str) -> Any:
    """The value of a document.

    Args:
        text: the document.
        kind: what it is of.
        reading: how it is read.
        place: where it stands, for whoever has to look.

    Raises:
        InvalidValueError: it can't be read, such as one of a newer schema; with the place.

    >>> from fulfill_core import Component
    >>> read(dumps(Component(sku="cup")), Component, Reading(), "items['cup']").sku
    'cup'
    """
    try:
        return loads(text, kind, reading)
    except InvalidValueError as error:
        raise together(list(under(f"{place}: ", error)), error.record_id) from None


def written(value: object, reading: Reading) -> str:
    """The document of a value, which can be read again.

    Args:
        value: of any class of documents.
        reading: how it is read later.

    Raises:
        InvalidValueError: it names a time zone, and *reading* knows none: what was written could
            never be read.

    >>> from fulfill_core import Component
    >>> written(Component(sku="cup"), Reading())
    '{"schema_version":1,"type":"Component","sku":"cup","quantity":1}'
    """
    text = dumps(value)
    if reading.zone_of is None and _NAMES_ZONE.search(text):
        read(text, type(value), reading, "SqlAlchemyStorage(reading=)")
    return text


_NAMES_ZONE = re.compile(r'"timezone":"[^+-]')
"""What looks like a time zone by its name; so does an attribute of an order that is called so."""


# -- Orders ----------------------------------------------------------------------------------------


def record_fields(
    record: OrderRecord | None, decision: Decision | None, reading: Reading
) -> Fields:
    """What is stored of an order; None for what stays as it is."""
    return {
        "is_open": None if record is None else not record.is_settled,
        "placed_at": None if record is None else record.order.placed_at,
        "outcome": None if decision is None else str(decision.outcome),
        "document": None if record is None else written(record, reading),
        "decision": None if decision is None else written(decision, reading),
    }


def reservation_fields(reservation: Reservation) -> Fields:
    """A row of the table of reservations, without its number."""
    return {
        "order_id": reservation.order_id,
        "line_id": reservation.line_id,
        "sku": reservation.sku,
        "location": reservation.location,
        "quantity": reservation.quantity,
        "made_at": reservation.made_at,
        "expires_at": reservation.expires_at,
        "lot": reservation.lot,
    }


def claim_fields(claim: Claim) -> Fields:
    """A row of the table of claims, without its number."""
    return {
        "order_id": claim.order_id,
        "line_id": claim.line_id,
        "sku": claim.sku,
        "supply_id": claim.supply_id,
        "quantity": claim.quantity,
        "made_at": claim.made_at,
    }


# -- Stock -----------------------------------------------------------------------------------------


def supply_of(row: Any) -> Supply:
    """A supply: of some only the day is known."""
    return Supply(
        id=row.id,
        sku=row.sku,
        quantity=row.quantity,
        expected_at=row.expected_on or row.expected_at,
        location=row.location,
        order_id=row.order_id,
    )


def supply_fields(supply: Supply) -> Fields:
    """A row of the table of supplies."""
    is_instant = isinstance(supply.expected_at, datetime)
    return {
        "sku": supply.sku,
        "id": supply.id,
        "quantity": supply.quantity,
        "expected_at": supply.expected_at if is_instant else None,
        "expected_on": None if is_instant else supply.expected_at,
        "location": supply.location,
        "order_id": supply.order_id,
    }


def lot_fields(change: LotChange) -> Fields:
    """A row of the table of lots; its quantity is by how much it changes."""
    lot = change.after or change.before
    return {
        "sku": change.sku,
        "location": change.location,
        "lot": change.lot,
        "quantity": change.quantity,
        "expires_at": lot and lot.expires_at,
        "received_at": lot and lot.received_at,
        "quarantined": lot is not None and lot.quarantined,
    }


def intake_fields(intake: Intake) -> Fields:
    """A row of the table of intakes."""
    return {"location": intake.location, "order_id": intake.order_id, "day": intake.day}


def units_reserved_more(plan: CommitPlan) -> dict[tuple[str, str], int]:
    """By how much more is reserved by a plan than it brings, by SKU and location; only if it is.

    >>> units_reserved_more(CommitPlan(id="p1", at=datetime.fromisoformat("2026-03-02T12:00Z")))
    {}
    """
    more: dict[tuple[str, str], int] = {}
    for each in plan.changes.reservations_added:
        more[each.sku, each.location] = more.get((each.sku, each.location), 0) + each.quantity
    for each in plan.changes.reservations_removed:
        more[each.sku, each.location] = more.get((each.sku, each.location), 0) - each.quantity
    brought = {(each.sku, each.location): each.quantity for each in plan.changes.on_hand}
    return {place: units for place, units in more.items() if units > max(0, brought.get(place, 0))}
