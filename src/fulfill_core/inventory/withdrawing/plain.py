"""A parcel of plain units, as nearly all are: it leaves in two fifths of the instructions.

Units are plain where any that are reserved will do and nothing else is to be kept of them: their
SKUs have no lots, no reservation of the order expires, and the location has no capacity. What
serves all units (`piles`, and `reservations.with_withdrawal`) comes to the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from fulfill_core.inventory.reservations import batches_of
from fulfill_core.inventory.state import Cell, State, evolved, place_among
from fulfill_core.inventory.storing.batches import Batch, Batches, BatchesByLine, by_line_if_many
from fulfill_core.inventory.withdrawing.withdrawals import Part, rest_of_plain

_FEW = 16
"""Less than a quarter of so many lines as are kept by line: see `storing.batches`."""


def with_plain_parcel_gone(
    state: State, order_id: str, units_by_part: Mapping[Part, int]
) -> State | None:
    """The state after plain units left that an order has reserved; None if it is not so plain.

    Nor is it where not so many are reserved, or on hand.

    Args:
        state: the state.
        order_id: whose units.
        units_by_part: how many of what the order has reserved where; below one is not plain.
    """
    lots, stock_rows = state.lots.getter(), state.stock_rows.getter()
    rows: dict[str, tuple[Cell, ...] | None] = {}
    for (_, sku, location), units in units_by_part.items():
        # First, since there may be thousands of reservations of lots.
        if units < 1 or lots(sku) is not None or location in state.limited:
            return None
        cells = list(rows.get(sku) or stock_rows(sku) or ())
        place = place_among(cells, location, state.locations)
        if place is None:
            return None
        _, on_hand, safety, reserved = cells[place]
        if units > on_hand:
            return None
        cells[place] = location, on_hand - units, safety, reserved - units
        rows[sku] = tuple(cells)
    batches = batches_of(state, order_id)
    if len(units_by_part) < _FEW:  # of an order of thousands of lines one may leave at a time
        batches, _ = by_line_if_many(batches, "")
    if isinstance(batches, tuple):
        rest: Batches | None = rest_of_plain(batches, units_by_part)
    else:
        rest = _rest_by_line(batches, units_by_part)
    if rest is None:
        return None
    return evolved(
        state,
        stock_rows=state.stock_rows.with_changes(rows),
        reservations=state.reservations.with_changes({order_id: rest or None}),
    )


def _rest_by_line(batches: BatchesByLine, units_by_part: Mapping[Part, int]) -> Batches | None:
    """The batches of an order of many lines without these units; None as of `rest_of_plain`."""
    by_line: dict[str, dict[Part, int]] = {}
    for part, units in units_by_part.items():
        by_line.setdefault(part[0], {})[part] = units
    rest: dict[str, tuple[Batch, ...] | None] = {}
    for line_id, of_line in by_line.items():
        rest_of_line = rest_of_plain(batches.of_line(line_id), of_line)
        if rest_of_line is None:
            return None
        rest[line_id] = rest_of_line or None
    return batches.with_lines(rest)
