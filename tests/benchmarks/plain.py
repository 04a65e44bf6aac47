"""A plainer day: no reservations, no supplies, no safety stock, dates and cents known; and the six
rules of its shop as plain functions, once for `process` and once for the peer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import peer
from workload import Workload

from fulfill_core import Context, Finding, Order, PaymentStatus, hold


def made_of(data: Workload) -> Workload:
    """The same orders on a plainer stock; of several under one id the first."""
    by_id = {row[0]: row for row in reversed(data.orders)}
    return Workload(
        orders=[*reversed(by_id.values())],
        locations=data.locations,
        stock={
            sku: tuple([(place, on_hand, 0, 0) for place, on_hand, _, _ in cells])
            for sku, cells in data.stock.items()
        },
        backorderable=data.backorderable,
        supplies={},
        reservations={},
    )


# -- The rules of the shop, for `process` ----------------------------------------------------------


def has_contact(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Somebody can be written to."""
    if not order.customer.email and not order.customer.phone:
        return [hold("shop.contact")]
    return ()


def has_lines(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """It asks for something."""
    return () if order.lines else [hold("shop.lines")]


def is_priced(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Nothing of it is free."""
    for line in order.lines:
        if not line.unit_price:
            return [hold("shop.price")]
    return ()


def has_address(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """It is known where it goes."""
    if order.ship_to is None or not order.ship_to.city:
        return [hold("shop.address")]
    return ()


def is_positive(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """It costs something."""
    return [hold("shop.total")] if order.total < 0 else ()


def is_paid(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """It is paid, or authorized in full by one payment or several."""
    paid = peer.NOTHING
    for payment in order.payments:
        if payment.status is PaymentStatus.CAPTURED or payment.status is PaymentStatus.AUTHORIZED:
            paid += payment.amount
    return () if paid >= order.total else [hold("shop.payment")]


VERIFIERS = (has_contact, has_lines, is_priced, has_address, is_positive, is_paid)


# -- And for the peer ------------------------------------------------------------------------------


def _hold(code: str) -> list[peer.Finding]:
    return [peer.Finding(code, peer.Severity.HOLD, "", "")]


def peer_has_contact(order: peer.Order, now: datetime) -> Iterable[peer.Finding]:
    """Somebody can be written to."""
    return () if order.email or order.phone else _hold("shop.contact")


def peer_has_lines(order: peer.Order, now: datetime) -> Iterable[peer.Finding]:
    """It asks for something."""
    return () if order.lines else _hold("shop.lines")


def peer_is_priced(order: peer.Order, now: datetime) -> Iterable[peer.Finding]:
    """Nothing of it is free."""
    for line in order.lines:
        if not line.price:
            return _hold("shop.price")
    return ()


def peer_has_address(order: peer.Order, now: datetime) -> Iterable[peer.Finding]:
    """It is known where it goes."""
    if order.ship_to is None or not order.ship_to.city:
        return _hold("shop.address")
    return ()


def peer_is_positive(order: peer.Order, now: datetime) -> Iterable[peer.Finding]:
    """It costs something."""
    return _hold("shop.total") if order.total < 0 else ()


def peer_is_paid(order: peer.Order, now: datetime) -> Iterable[peer.Finding]:
    """It is paid, or authorized in full by one payment or several."""
    paid = peer.NOTHING
    for payment in order.payments:
        if payment.status in {"captured", "authorized"}:
            paid += payment.amount
    return () if paid >= order.total else _hold("shop.payment")


RULES = (
    peer_has_contact,
    peer_has_lines,
    peer_is_priced,
    peer_has_address,
    peer_is_positive,
    peer_is_paid,
)
