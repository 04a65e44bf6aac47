"""Which reservations are of units that are not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.stock import Reservation


def at_risk(
    inventory: Inventory, several: Sequence[Reservation], now: datetime
) -> tuple[Reservation, ...]:
    """Of these reservations, what is reserved where more is reserved than there is.

    As many units are named as are missing there, and no more.

    Args:
        inventory: the stock, these reservations among what it holds.
        several: the reservations that may have to go without, the first to do so first.
        now: reservations that have expired by then count for nothing.
    """
    overdrawn = inventory.overdrawn({each.sku for each in several}, now=now)
    if not overdrawn:  # the usual case
        return ()
    missing = {(row.sku, row.location, row.lot): row.missing for row in overdrawn}
    units = [0] * len(several)
    # What is missing of a lot is missing at its location too, so the lots come first.
    for is_of_lot in (True, False):
        for index, each in enumerate(several):
            at = each.sku, each.location, each.lot if is_of_lot else ""
            more = min(each.quantity - units[index], missing.get(at, 0))
            if more > 0 and is_of_lot == bool(at[2]):
                units[index] += more
                missing[at] -= more
                if is_of_lot:
                    at = each.sku, each.location, ""
                    missing[at] = missing.get(at, 0) - more
    return tuple(
        [
            attrs.evolve(each, quantity=some)
            for each, some in zip(several, units, strict=True)
            if some
        ]
    )
