"""What changes the units on hand, whoever they are for: receipts and counts."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

from fulfill_core import _checks
from fulfill_core.inventory.lots import (
    checked_lot,
    lot_meant,
    lots_at,
    on_hand_of_lot,
    with_lot,
    with_on_hand,
    with_units,
)
from fulfill_core.inventory.state import State, evolved, supplies_of
from fulfill_core.inventory.state import on_hand as all_units


def with_received(
    state: State,
    sku: str,
    location: str,
    quantity: int,
    *,
    supply_id: str = "",
    lot: str = "",
    expires_at: datetime | None = None,
    received_at: datetime | None = None,
) -> State:
    """The inventory after *quantity* units came in.

    Args:
        state: the stock.
        sku: what came in.
        location: where it lies now.
        quantity: how many stock units, 1 or more.
        supply_id: the supply that they belong to, if it was announced: it still brings so many
            less, and is gone when it has brought all.
        lot: the lot that they belong to, new or known there; empty for units without a lot.
        expires_at: when a new lot expires, aware; None if it does not. Of a lot that is known
            there, it is what it was.
        received_at: when a new lot came in, aware. A lot that is known there keeps its own.

    Raises:
        InvalidValueError: there is no such supply of this SKU; or the lot is there, and expires
            at another time; or a kit is to come in, which has no stock of its own; or a lot,
            where less than nothing is on hand.

    >>> from fulfill_core import Inventory
    >>> Inventory.of({("mug", "berlin"): 12}).with_received("mug", "berlin", 8).on_hand("mug")
    20
    """
    _checks.check_int("quantity", quantity, at_least=1)
    _checks.check_text("lot", lot)
    ends = _instant_of_lot("expires_at", expires_at, lot)
    came_in = _instant_of_lot("received_at", received_at, lot)
    _check_end_of_lot(state, sku, location, lot, expires_at)
    changed = with_units(state, sku, location, quantity, lot, (ends, came_in, False))
    return _with_supply_reduced(changed, sku, quantity, supply_id) if supply_id else changed


def _instant_of_lot(name: str, instant: datetime | None, lot: str) -> datetime | None:
    """An instant of the lot that comes in, in UTC."""
    if instant is None:
        return None
    _checks.check_aware(name, instant)
    if not lot:
        raise _checks.refuse(name, instant, "is that of a lot; name the lot as well")
    return instant.astimezone(UTC)


def _check_end_of_lot(
    state: State, sku: str, location: str, lot: str, expires_at: datetime | None
) -> None:
    """A lot that is there has one end."""
    present = lots_at(state, sku, location).get(lot)
    if present is None or expires_at is None:
        return
    _, (its_end, _, _) = present
    # In UTC: in the hour that comes twice in autumn, instants of two zones are never equal.
    if expires_at.astimezone(UTC) != its_end:
        in_words = "never" if its_end is None else its_end.isoformat()
        raise _checks.refuse(
            "expires_at",
            expires_at,
            f"is not when lot {_checks.repr_of(lot)}, which is there, expires: {in_words};"
            " give these units another lot",
        )


def _with_supply_reduced(state: State, sku: str, quantity: int, supply_id: str) -> State:
    """The state in which a supply still brings so many less, or has brought all."""
    before = supplies_of(state, sku)
    if all(supply.id != supply_id for supply in before):
        ids = ", ".join(supply.id for supply in before) or "none"
        raise _checks.refuse("supply_id", supply_id, f"is no supply of {sku!r}; these are: {ids}")
    after = tuple(
        attrs.evolve(supply, quantity=supply.quantity - quantity)
        if supply.id == supply_id
        else supply
        for supply in before
        if supply.id != supply_id or supply.quantity > quantity
    )
    return evolved(state, supplies=state.supplies.with_changes({sku: after or None}))


def with_counted(
    state: State, sku: str, location: str, on_hand: int, *, lot: str | None = None
) -> State:
    """The inventory after a count found *on_hand* units, 0 or more, whatever was reserved.

    No reservation moves by itself: `overdrawn` says where too many are reserved now.

    Args:
        state: the stock.
        sku: what was counted.
        location: where.
        on_hand: how many stock units are there; of the lot, if one is named.
        lot: the lot that was counted; empty for the units without a lot. Where there are lots, it
            has to be said. A lot of which nothing is there stays, and can be counted again.

    Raises:
        InvalidValueError: there is no such lot, or there are lots and none is named.

    >>> from fulfill_core import Inventory
    >>> Inventory.of({("mug", "berlin"): 12}).with_counted("mug", "berlin", 9).on_hand("mug")
    9
    """
    _checks.check_int("on_hand", on_hand, at_least=0)
    meant = lot_meant(state, sku, location, lot)
    if not meant and not lots_at(state, sku, location):
        return with_on_hand(state, sku, location, on_hand)
    more = on_hand - on_hand_of_lot(state, sku, location, meant)
    counted = with_on_hand(state, sku, location, all_units(state, sku, location) + more)
    if not meant:
        return counted
    (_, _, _, reserved), facts = checked_lot(state, sku, location, meant)
    return with_lot(counted, sku, ((location, meant, on_hand, reserved), facts))
