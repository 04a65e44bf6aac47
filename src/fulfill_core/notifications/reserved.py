"""What the staff is told of units that are reserved."""

from __future__ import annotations

from fulfill_core.exceptions import by_number
from fulfill_core.inventory.stock import Reservation


def reserved_for(reservation: Reservation) -> str:
    """What is reserved, where and for which line."""
    lot = f" (lot {reservation.lot})" if reservation.lot else ""
    what = f"{reservation.quantity} of {reservation.sku} at {reservation.location}{lot}"
    verb = by_number(reservation.quantity, "is", "are")
    return f"{what} {verb} reserved for line {reservation.line_id}, and no run knows the order."
