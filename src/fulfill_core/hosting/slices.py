"""The part of a stock that some orders touch: what a storage loads for them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import TypeVar

from fulfill_core.inventory.claims import rows_of
from fulfill_core.inventory.inventory import Inventory, inventory_of, state_of
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.reservations import batches_of
from fulfill_core.inventory.state import State, evolved
from fulfill_core.inventory.storing.batches import Batch, Batches
from fulfill_core.records.order_record import OrderRecord

V = TypeVar("V")


def skus_touched(
    inventory: Inventory, records: Iterable[OrderRecord], skus: Iterable[str] = ()
) -> frozenset[str]:
    """The SKUs that orders touch: of their lines, of what they have, and the parts of kits.

    Args:
        inventory: all of the stock.
        records: the orders.
        skus: further SKUs.

    >>> from fulfill_core import Component, Item
    >>> box = Item(sku="box", components=[Component(sku="cup", quantity=6)])
    >>> sorted(skus_touched(Inventory(items=[box]), [], ["box"]))
    ['box', 'cup']
    """
    state = state_of(inventory)
    touched: set[str] = set()
    front = set(skus)
    for record in records:
        front.update([line.sku for line in record.order.lines])
        front |= skus_with_units(inventory, record.id)
    while front:  # kits may have kits in them
        touched |= front
        kits = [state.items[sku] for sku in front if sku in state.items]
        front = {part.sku for kit in kits for part in kit.components} - touched
    return frozenset(touched)


def skus_with_units(inventory: Inventory, order_id: str) -> set[str]:
    """The SKUs of which an order has units reserved or claimed.

    Args:
        inventory: the stock.
        order_id: which order.

    >>> skus_with_units(Inventory(), "A-1")
    set()
    """
    state = state_of(inventory)
    skus = {row[1] for row in rows_of(state, order_id)}
    for _, _, entries in batches_of(state, order_id):
        skus.update([entry[1] for entry in entries])
    return skus


def part_of(inventory: Inventory, skus: AbstractSet[str], order_ids: Iterable[str]) -> Inventory:
    """The stock of some SKUs alone, with all locations and what they took on.

    Args:
        inventory: all of the stock.
        skus: which SKUs, with the components of kits among them.
        order_ids: all orders that have something of these SKUs reserved or claimed; others do no
            harm.

    >>> stock = Inventory.of({("mug", "berlin"): 12, ("cup", "berlin"): 3})
    >>> part_of(stock, {"mug"}, []) == Inventory.of({("mug", "berlin"): 12})
    True
    """
    state = state_of(inventory)
    ids = sorted(set(order_ids))
    batches: dict[str, Batches] = {
        order_id: _batches_of_skus(state, order_id, skus) for order_id in ids
    }
    claims = {
        order_id: tuple([row for row in rows_of(state, order_id) if row[1] in skus])
        for order_id in ids
    }
    part = evolved(
        state,
        stock_rows=_only(state.stock_rows, skus),
        reservations=Overlay({key: rows for key, rows in batches.items() if rows}),
        expiring=_only(state.expiring, skus),
        lots=_only(state.lots, skus),
        items={sku: state.items[sku] for sku in sorted(skus) if sku in state.items},
        supplies=_only(state.supplies, skus),
        claims=Overlay({key: rows for key, rows in claims.items() if rows}),
        claims_on=_only(state.claims_on, skus),
    )
    return inventory_of(part)


def _only(overlay: Overlay[str, V], skus: AbstractSet[str]) -> Overlay[str, V]:
    pairs = [(sku, overlay.get(sku)) for sku in sorted(skus)]
    return Overlay({sku: value for sku, value in pairs if value is not None})


def _batches_of_skus(state: State, order_id: str, skus: AbstractSet[str]) -> tuple[Batch, ...]:
    """What an order has reserved of some SKUs, as it is stored."""
    parts = [
        (made_at, expires_at, tuple([entry for entry in entries if entry[1] in skus]))
        for made_at, expires_at, entries in batches_of(state, order_id)
    ]
    return tuple([batch for batch in parts if batch[2]])
