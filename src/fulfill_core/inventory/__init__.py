"""Stock: what is where, what is reserved of it, what is to come, and all that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from
from fulfill_core.inventory.capacity import Intake
from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.item_rules import Component, Fence, KitShips, LotOrder, Pack
from fulfill_core.inventory.overdrafts import Overdraft
from fulfill_core.inventory.releasing import ParcelLine
from fulfill_core.inventory.stock import Item, Location, Lot, Reservation, Stock, Supply

if TYPE_CHECKING:
    from fulfill_core.inventory.changes import Changes, LotChange, StockChange
else:
    __getattr__, __dir__ = names_from(
        __name__,
        changes=(
            "Changes",
            "LotChange",
            "StockChange",
        ),
    )

__all__ = [
    "Changes",
    "Claim",
    "Component",
    "Fence",
    "Intake",
    "Inventory",
    "Item",
    "KitShips",
    "Location",
    "Lot",
    "LotChange",
    "LotOrder",
    "Overdraft",
    "Pack",
    "ParcelLine",
    "Reservation",
    "Stock",
    "StockChange",
    "Supply",
]
