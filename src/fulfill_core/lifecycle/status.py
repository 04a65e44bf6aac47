"""How an order stands, on each axis by itself, and in one word.

Each is worked out of what the record holds. None of them is stored, so none can disagree.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from fulfill_core import _checks
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.lifecycle.balance import Balance, paid_of
from fulfill_core.lifecycle.places import released_by_line, units_under_way
from fulfill_core.records.collecting import own_payments
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.records.people import Hold


class PaymentState(StrEnum):
    """How an order stands with its money.

    >>> PaymentState("paid")
    <PaymentState.PAID: 'paid'>
    """

    UNPAID = "unpaid"
    AUTHORIZED = "authorized"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    TO_REFUND = "to_refund"
    """The shop has more than it may have."""
    REFUNDED = "refunded"
    """All that came went back."""
    VOIDED = "voided"
    """Nothing is due any more, nothing came, and nothing can: such as after a cancellation."""


class ShipmentState(StrEnum):
    """How far the goods of an order have come.

    >>> ShipmentState("shipped")
    <ShipmentState.SHIPPED: 'shipped'>
    """

    NOTHING = "nothing"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    """All that left, and was not lost, has arrived, and nothing is open."""


class ReturnState(StrEnum):
    """What of an order comes back.

    >>> ReturnState("requested")
    <ReturnState.REQUESTED: 'requested'>
    """

    NOTHING = "nothing"
    REQUESTED = "requested"
    PARTLY_RETURNED = "partly_returned"
    RETURNED = "returned"


class StockState(StrEnum):
    """What of an order is there.

    >>> StockState("reserved")
    <StockState.RESERVED: 'reserved'>
    """

    NOTHING = "nothing"
    PARTLY_RESERVED = "partly_reserved"
    RESERVED = "reserved"
    AT_LOCATION = "at_location"
    """All that is open is at locations."""
    SETTLED = "settled"
    """Nothing is open."""


class Status(StrEnum):
    """How an order stands, in one word. As long as anything is open, it says so.

    >>> Status("partly_shipped")
    <Status.PARTLY_SHIPPED: 'partly_shipped'>
    """

    ON_HOLD = "on_hold"
    OPEN = "open"
    PARTLY_SHIPPED = "partly_shipped"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    LOST = "lost"
    RETURNED = "returned"


def payment_state(record: OrderRecord) -> PaymentState:
    """How an order stands with its money.

    What costs nothing from the first is paid.

    Args:
        record: the order's record.

    Raises:
        InvalidValueError: something else than a record.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc), lines=[],
    ...               customer=Customer(id="C-7"), currency="EUR")
    >>> payment_state(OrderRecord(order=order))
    <PaymentState.PAID: 'paid'>
    """
    _checks.check_member("record", record, OrderRecord)
    order = record.order
    # Of an order that was turned down nothing is due but what has left.
    due = Balance(record, order.placed_at).owed
    # What is in another currency covers nothing, and goes back with the last of the rest.
    payments = own_payments(order) if due > 0 else order.payments
    paid = paid_of(payments)
    if any([payment.captured for payment in payments]):
        if paid > due:
            return PaymentState.TO_REFUND
        if paid <= 0:
            return PaymentState.REFUNDED
        return PaymentState.PAID if paid == due else PaymentState.PARTLY_PAID
    if any([payment.authorized for payment in payments]):
        return PaymentState.AUTHORIZED
    if due > 0:
        return PaymentState.UNPAID
    return PaymentState.VOIDED if order.total else PaymentState.PAID


def shipment_state(record: OrderRecord) -> ShipmentState:
    """How far the goods of an order have come.

    Args:
        record: the order's record.

    Raises:
        InvalidValueError: something else than a record.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> shipment_state(OrderRecord(order=order).with_progress("1", shipped=1))
    <ShipmentState.PARTLY_SHIPPED: 'partly_shipped'>
    """
    _checks.check_member("record", record, OrderRecord)
    shipped = sum([each.shipped for each in record.progress])
    if not shipped:
        return ShipmentState.NOTHING
    if not record.is_settled:
        return ShipmentState.PARTLY_SHIPPED
    is_there = any([each.delivered for each in record.progress]) and not units_under_way(record)
    return ShipmentState.DELIVERED if is_there else ShipmentState.SHIPPED


def return_state(record: OrderRecord) -> ReturnState:
    """What of an order comes back.

    Args:
        record: the order's record.

    Raises:
        InvalidValueError: something else than a record.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> return_state(OrderRecord(order=order).with_progress("1", shipped=2, returned=1))
    <ReturnState.PARTLY_RETURNED: 'partly_returned'>
    """
    _checks.check_member("record", record, OrderRecord)
    if any([each.returned for each in record.progress]):
        out = sum([each.shipped - each.lost - each.returned for each in record.progress])
        return ReturnState.RETURNED if out <= 0 else ReturnState.PARTLY_RETURNED
    awaited = sum([each.return_requested - each.return_cancelled for each in record.progress])
    return ReturnState.REQUESTED if awaited > 0 else ReturnState.NOTHING


def stock_state(record: OrderRecord, inventory: Inventory) -> StockState:
    """What of an order is there.

    Args:
        record: the order's record.
        inventory: the stock.

    Raises:
        InvalidValueError: something else than a record and an inventory.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> stock_state(OrderRecord(order=order), Inventory())
    <StockState.NOTHING: 'nothing'>
    """
    _checks.check_member("record", record, OrderRecord)
    _checks.check_member("inventory", inventory, Inventory)
    open_units = {line.id: record.open(line.id) for line in record.order.lines}
    if not any(open_units.values()):
        return StockState.SETTLED
    if released_by_line(record) == {key: units for key, units in open_units.items() if units}:
        return StockState.AT_LOCATION
    reserved: dict[tuple[str, str], int] = {}
    for each in inventory.reservations_of(record.id):
        key = each.line_id, each.sku
        reserved[key] = reserved.get(key, 0) + each.quantity
    if not reserved:
        return StockState.NOTHING
    for line in record.order.lines:
        parts = dict(record.progress_of(line.id).parts)
        for sku, units_each in inventory.components_of(line.sku) or ((line.sku, 1),):
            demand = open_units[line.id] * units_each - parts.get(sku, 0)
            if inventory.is_tracked(sku) and reserved.get((line.id, sku), 0) < demand:
                return StockState.PARTLY_RESERVED
    return StockState.RESERVED


def is_on_hold(record: OrderRecord) -> bool:
    """Whether somebody stopped the order, or a line of it that is open.

    Args:
        record: the order's record.

    Raises:
        InvalidValueError: something else than a record.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> is_on_hold(OrderRecord(order=order))
    False
    """
    _checks.check_member("record", record, OrderRecord)
    return is_stopped(record) or any([record.open(each.line_id) for each in record.holds])


def is_stopped(record: OrderRecord) -> bool:
    """Whether somebody stopped all of an order."""
    return bool(holds_on(record, ()))


def holds_on(record: OrderRecord, line_ids: Collection[str]) -> list[Hold]:
    """The holds that stop lines: those on them, and those on all of the order.

    One on a line that the order has not is on all of it, as a run sees it.

    Args:
        record: the order's record.
        line_ids: the lines.
    """
    if not record.holds:
        return []
    beside = {line.id for line in record.order.lines}.difference(line_ids)
    return [each for each in record.holds if each.line_id not in beside]


def status(record: OrderRecord) -> Status:
    """How an order stands, in one word: what is still to be sent comes first.

    Args:
        record: the order's record.

    Raises:
        InvalidValueError: something else than a record.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> status(OrderRecord(order=order).with_progress("1", cancelled=2))
    <Status.CANCELLED: 'cancelled'>
    """
    _checks.check_member("record", record, OrderRecord)
    if not record.is_settled:
        if is_on_hold(record):
            return Status.ON_HOLD
        is_open = shipment_state(record) is ShipmentState.NOTHING
        return Status.OPEN if is_open else Status.PARTLY_SHIPPED
    if record.is_cancelled:
        return Status.CANCELLED
    if return_state(record) is ReturnState.RETURNED:
        return Status.RETURNED
    if all([each.lost >= each.shipped for each in record.progress]):
        return Status.LOST
    is_there = shipment_state(record) is ShipmentState.DELIVERED
    return Status.DELIVERED if is_there else Status.SHIPPED
