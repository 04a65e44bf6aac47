"""A parcel of units that are all reserved where they leave: it leaves at once, or not like this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from fulfill_core.inventory.capacity import with_departure
from fulfill_core.inventory.lots import can_leave
from fulfill_core.inventory.reservations import batches_of, with_withdrawal
from fulfill_core.inventory.state import State
from fulfill_core.inventory.withdrawing.piles import ParcelRow, units_drawn
from fulfill_core.inventory.withdrawing.plain import with_plain_parcel_gone
from fulfill_core.inventory.withdrawing.withdrawals import Part, Withdrawal, taken_out


def with_parcel_gone(
    state: State,
    order_id: str,
    units_by_part: Mapping[Part, int],
    now: datetime | None = None,
) -> State | None:
    """The state after units left of which nobody names the lots; None: see `shipped_at_once`.

    None as well if some of it left another location, or came back.
    """
    plain = with_plain_parcel_gone(state, order_id, units_by_part)
    if plain is not None:
        return plain
    locations = {location for _, _, location in units_by_part}
    if len(locations) != 1 or any([units < 1 for units in units_by_part.values()]):
        return None
    (location,) = locations
    rows = [(line_id, units, sku, None) for (line_id, sku, _), units in units_by_part.items()]
    return shipped_at_once(state, order_id, rows, location, now)


def shipped_at_once(
    state: State,
    order_id: str,
    rows: Iterable[ParcelRow],
    location: str,
    now: datetime | None,
) -> State | None:
    """The state after all of it left, if all of it is reserved for these lines and may leave.

    None if something has to be looked at more closely: it may not leave, or is of lots that are
    not the reserved ones.
    """
    batches = batches_of(state, order_id)
    parcel = units_drawn(state, batches, rows, location, now)
    if parcel is None:
        return None
    units_at, leaving = parcel
    for sku, of_lots in leaving.items():
        if not can_leave(state, sku, location, of_lots, now):
            return None
    shipped = Withdrawal(*taken_out(batches, units_at), 0)
    if location in state.limited:
        instants = [made_at for made_at, _, _ in shipped.units]
        state = with_departure(state, order_id, location, instants)
    return with_withdrawal(state, order_id, shipped, has_left=True)
