"""A plain parcel is counted in one walk: it comes to what it comes to as any other parcel does."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st
from story import NOON, Story, line

from fulfill_core import Component, Inventory, Item, OrderRecord, Progress, Stock
from fulfill_core.lifecycle import Shipped
from fulfill_core.lifecycle.counting import (
    count_plain_parcel,
    count_units,
    departures_of,
    find_moves,
    moves_between,
    other_parcels,
)
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.recording.goods import shipped
from fulfill_core.lifecycle.rules import Rules

LINES = (
    line("1", 4),
    line("2", 4, sku="set"),
    line("3", 4, sku="wrap"),
    line("4", 4, ships=False),
)
STOCK = Inventory(
    stock=[Stock(sku=sku, location="x", on_hand=9) for sku in ("mug", "cup")],
    items=[
        Item(sku="set", components=[Component(sku="mug"), Component(sku="cup", quantity=2)]),
        Item(sku="wrap", tracked=False),
    ],
)
UNITS = st.dictionaries(st.sampled_from(["1", "2", "3", "4", "unknown"]), st.integers(1, 6))
COUNTERS = st.integers(0, 3)


def draft_of(record: OrderRecord, event: Shipped) -> Draft:
    """A step that has put a parcel on record, and counted nothing."""
    draft = Draft(event, record, STOCK, NOON, Rules(), None)
    shipped(draft, event)
    return draft


@given(
    units=UNITS.filter(bool),
    progress=st.dictionaries(
        st.sampled_from(["1", "2", "3", "4"]),
        st.builds(
            lambda sent, cancelled: {"shipped": sent, "delivered": sent, "cancelled": cancelled},
            COUNTERS,
            COUNTERS,
        ),
    ),
)
def test_it_comes_to_the_same(units: dict[str, int], progress: dict[str, dict[str, int]]) -> None:
    """The counters, what has moved, and from where, are those of all parcels."""
    rows = [Progress(line_id=line_id, **counters) for line_id, counters in progress.items()]
    record = attrs.evolve(Story(*LINES, stock=STOCK).record, progress=rows)
    event = Shipped(id="e1", order_id="A-1", at=NOON, parcel="p", location="x", lines=units)
    plain, usual = draft_of(record, event), draft_of(record, event)
    moves = count_plain_parcel(plain, other_parcels(plain))
    parcels = other_parcels(usual)
    count_units(usual, parcels)
    departures = departures_of(usual, parcels)
    find_moves(usual, departures)
    assert moves == moves_between(usual, departures)
    assert plain.record == usual.record
    assert plain.line_moves == usual.line_moves
    assert (plain.moves_units, plain.moves_value) == (usual.moves_units, usual.moves_value)
    assert plain.progress_by_line() == usual.progress_by_line()
