"""The small world that the strategies draw from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""The time at which batches are processed unless they are given another."""
SKUS = ("cup", "mug", "pot")
UNTRACKED = "wrap"
"""A SKU that every inventory knows as not tracked."""
UNKNOWN = "ghost"
"""A SKU that no inventory knows."""
KITS = ("cup-set", "cup-box")
"""Kits that inventories know where they have rules; a box has a set in it."""
LOCATIONS = ("berlin", "lyon", "turin")
ORDER_IDS = ("A-1", "A-2", "A-3", "A-4", "A-5", "A-6")
STRANGER = "Z-9"
"""The id of an order that holds reservations and is not in any batch."""
CUSTOMER_IDS = ("C-ada", "C-bob")
ANOTHER = "another version"
"""The fingerprint of a version of an order that is no more."""
PROXY = "proxy"
"""A flag of screenings."""
CHANNEL = "web"
TIER = "gold"
TAG = "press"
"""Whom fences are for: some orders have them."""

LOTS = ("L-0", "L-1", "L-2")
"""The lots that stock is kept by, where it is."""
PRICES = (Decimal("2.50"), Decimal("9.90"), Decimal(0))
TAXES = (Decimal(0), Decimal(0), Decimal("1.90"))
DISCOUNTS = (Decimal(0), Decimal(0), Decimal(0), Decimal("0.50"))

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CEST = timezone(2 * HOUR)


def kits_of(skus: Sequence[str]) -> tuple[str, ...]:
    """The kits that are made of these SKUs."""
    return (f"{skus[0]}-set", f"{skus[0]}-box") if skus else ()
