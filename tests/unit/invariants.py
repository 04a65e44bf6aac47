"""What holds of every inventory, however it was arrived at."""

from __future__ import annotations

from collections import Counter
from datetime import date

from fulfill_core import Inventory
from fulfill_core.inventory.claims import aged, supply_of
from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.state import AgedClaim
from fulfill_core.inventory.storing.lot_rows import lots_in_turn


def broken_invariants(inventory: Inventory) -> list[str]:
    """What does not hold of an inventory that holds of all: at best nothing."""
    units: Counter[tuple[str, str, str]] = Counter()
    for each in inventory.reservations():
        units[each.sku, each.location, each.lot] += each.quantity
    in_rows: Counter[tuple[str, str, str]] = Counter()
    in_lots: Counter[tuple[str, str]] = Counter()
    faults: list[str] = []
    state = state_of(inventory)
    for sku, lots in state.lots.items():
        for (location, lot, quantity, reserved), _ in lots:
            in_rows[sku, location, lot] += reserved
            in_rows[sku, location, ""] -= reserved
            in_lots[sku, location] += quantity
    for sku, row in state.stock_rows.items():
        for location, on_hand, _, reserved in row:
            in_rows[sku, location, ""] += reserved
            if in_lots[sku, location] > max(0, on_hand):
                faults.append(f"lots of {sku} at {location} hold more than is on hand")
    places = {each.id: each for each in inventory.locations() if each.capacity is not None}
    orders = {(each.location, each.day, each.order_id) for each in inventory.intakes()}
    orders |= {
        (each.location, places[each.location].day_of(each.made_at), each.order_id)
        for each in inventory.reservations()
        if each.made_at is not None and each.location in places
    }
    per_day: Counter[tuple[str, date]] = Counter(
        [(place, day) for place, day, _ in orders if place in places]
    )
    if per_day != dict(state.orders_per_day.items()):
        faults.append("orders per day are not those with reservations and intakes")
    faults += [
        f"reserved of {where} is not the sum of the reservations"
        for where in units.keys() | in_rows.keys()
        if units[where] != in_rows[where]
    ]
    by_supply: dict[tuple[str, str], list[AgedClaim]] = {}
    for order_id, rows in state.claims.items():
        for row in rows:
            claim = aged(order_id, row)
            by_supply.setdefault(supply_of(claim), []).append(claim)
    in_sequence = {
        (sku, supply_id): list(claims)
        for sku, of_sku in state.claims_on.items()
        for supply_id, claims in of_sku.items()
    }
    if in_sequence != {on: sorted(claims) for on, claims in by_supply.items()}:
        faults.append("claims by supply are not those of the orders, the oldest first")
    faults += [
        f"lots of {sku} come to something else than they are"
        for sku, lots in state.lots.items()
        for (at, order), lots_known in lots._in_turn.items()
        if lots_known != lots_in_turn(lots.at(at), order)
    ]
    return faults
