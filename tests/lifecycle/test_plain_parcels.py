"""A plain parcel is counted in one walk: it comes to what it comes to as any other parcel does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from story import NOON, Story, line

from fulfill_core import Component, Inventory, Item, OrderRecord, Progress, Stock
from fulfill_core.inventory.withdrawing.withdrawals import Part
from fulfill_core.lifecycle import Amended, ShipmentVoided, Shipped
from fulfill_core.lifecycle.counting import (
    count_plain_parcel,
    count_units,
    find_moves,
    other_parcels,
)
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.recording.departures import departures_of, moves_between
from fulfill_core.lifecycle.recording.goods import shipment_voided, shipped
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
WHOLE_SET = {"mug": 1, "cup": 2}
UNITS = st.dictionaries(st.sampled_from(["1", "2", "3", "4", "unknown"]), st.integers(1, 6))
COUNTERS = st.integers(0, 3)
PARTS = st.sampled_from([{}, {}, {"cup": 1}, WHOLE_SET])
CREDITED = st.sampled_from([None, None, None, 0, 1])
COUNTED = st.fixed_dictionaries(
    {"shipped": COUNTERS, "delivered": COUNTERS, "cancelled": COUNTERS, "credited": CREDITED}
)


def draft_of(record: OrderRecord, event: Shipped | ShipmentVoided) -> Draft:
    """A step that has put a parcel on record, or that it never left, and counted nothing."""
    draft = Draft(event, record, STOCK, NOON, Rules(), None)
    if isinstance(event, Shipped):
        shipped(draft, event)
    else:
        shipment_voided(draft, event)
    return draft


def counted_as_usual(draft: Draft) -> Mapping[Part, int]:
    """Count what a parcel comes to as of all parcels; what moved, and from where."""
    parcels = other_parcels(draft)
    count_units(draft, parcels)
    departures = departures_of(draft, parcels)
    find_moves(draft, departures)
    return moves_between(draft, departures)


@given(
    units=UNITS.filter(bool),
    progress=st.dictionaries(st.sampled_from(["1", "2", "3", "4"]), COUNTED),
    parts=PARTS,
)
def test_it_comes_to_the_same(
    units: dict[str, int], progress: dict[str, dict[str, Any]], parts: dict[str, int]
) -> None:
    """The counters, what has moved, and from where, are those of all parcels.

    So it is where a host has written out what costs nothing any more, or what left of kits. So it
    is if the parcel never left, whether or not the host has counted it.
    """
    if parts:
        progress = {**progress, "2": {**progress.get("2", {}), "parts": parts}}
    rows = [Progress(line_id=line_id, **counters) for line_id, counters in progress.items()]
    record = attrs.evolve(Story(*LINES, stock=STOCK).record, progress=rows)
    parcel: dict[str, Any] = {"order_id": "A-1", "at": NOON, "parcel": "p"}
    event = Shipped(id="e1", location="x", lines=units, **parcel)
    assert_same(draft_of(record, event), draft_of(record, event))
    record = draft_of(record, event).record
    void = ShipmentVoided(id="e2", **parcel)
    assert_same(draft_of(record, void), draft_of(record, void))


def assert_same(plain: Draft, usual: Draft) -> None:
    """A parcel is counted as a plain one, if it is one, and as any other."""
    moves = count_plain_parcel(plain, other_parcels(plain))
    if moves is None:
        moves = counted_as_usual(plain)
    assert moves == counted_as_usual(usual)
    assert plain.record == usual.record
    assert plain.line_moves == usual.line_moves
    assert (plain.moves_units, plain.moves_value) == (usual.moves_units, usual.moves_value)
    assert plain.progress_by_line() == usual.progress_by_line()


@pytest.mark.parametrize(
    ("counters", "is_plain"),
    [
        ({}, True),
        ({"cancelled": 1}, True),
        ({"credited": 0}, False),
        ({"parts": {"cup": 1}}, False),
    ],
)
def test_which_parcels_are_plain(counters: dict[str, Any], is_plain: bool) -> None:
    """Nearly all: where no component has left by itself, and nobody has written out a credit."""
    rows = [Progress(line_id="2", shipped=1, **counters)]
    record = attrs.evolve(Story(*LINES, stock=STOCK).record, progress=rows)
    event = Shipped(id="e1", order_id="A-1", at=NOON, parcel="p", location="x", lines={"1": 1})
    draft = draft_of(record, event)
    moves = count_plain_parcel(draft, other_parcels(draft))
    assert moves == ({("1", "mug", "x"): 1} if is_plain else None)


@pytest.mark.parametrize(("units_counted", "is_plain"), [(2, True), (1, False)])
def test_which_parcels_that_never_left_are_plain(units_counted: int, is_plain: bool) -> None:
    """Nearly all: whose units the record has counted."""
    parcel: dict[str, Any] = {"order_id": "A-1", "at": NOON, "parcel": "p"}
    story = Story(*LINES, stock=STOCK)
    story.heard(Shipped(id="e1", location="x", lines={"1": 2}, **parcel))
    counted = [Progress(line_id="1", shipped=units_counted)]
    draft = draft_of(
        attrs.evolve(story.record, progress=counted), ShipmentVoided(id="e2", **parcel)
    )
    moves = count_plain_parcel(draft, other_parcels(draft))
    assert moves == ({("1", "mug", "x"): -2} if is_plain else None)


def test_what_left_before_its_line_was_ordered_is_counted_once() -> None:
    """A line that is new counts what a parcel had of it; the others count what they did."""
    story = Story(line("1", 4))
    story.happened(Shipped, parcel="p", location="x", lines={"1": 2, "9": 1})
    step = story.happened(Amended, added=[line("9", 1, sku="cup")])
    assert [(each.line_id, each.shipped) for each in step.record.progress] == [("1", 2), ("9", 1)]
