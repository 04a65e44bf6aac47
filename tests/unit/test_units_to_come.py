"""Units that supplies bring: where some orders may have all of them, and others not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fulfill_core import Inventory, Location, Supply
from fulfill_core.allocation.waiting.units_to_come import Reach, UnitsToCome
from fulfill_core.inventory.inventory import state_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def to_come() -> UnitsToCome:
    """Two mugs to x tomorrow, and two to y the day after."""
    supplies = [
        Supply(
            id=f"s{days}",
            sku="mug",
            quantity=2,
            expected_at=NOON + timedelta(days=days),
            location=location,
        )
        for days, location in ((1, "x"), (2, "y"))
    ]
    stock = Inventory(locations=[Location(id="x"), Location(id="y")], supplies=supplies)
    return UnitsToCome(
        state_of(stock), "mug", NOON, {}, (), lambda order, lines: None, is_in_rank=True
    )


def test_what_others_took_is_out_of_reach_as_well() -> None:
    """Whoever may have units of some locations only sees what is free there by then, whether it was
    taken by somebody who may have all, or given back.
    """
    units, only_x = to_come(), Reach(lambda location: location == "x", 0, None)
    assert units.free_units("A-1", 4, only_x) == 2
    units_at: dict[int, int] = {}
    assert units.take("A-2", 3, units_at) == 0
    assert units_at == {0: 2, 1: 1}
    assert units.free_units("A-1", 4, only_x) == 0
    units.give_back({0: 1})
    assert units.free_units("A-1", 4, only_x) == 1
    own: dict[int, int] = {}
    assert units.take("A-1", 2, own, only_x) == 1
    assert (own, units.free_units("", 4)) == ({0: 1}, 1)


def test_what_was_taken_and_given_back_at_once_is_free_again() -> None:
    """A place that stands in a list although nothing of it was free is not put there twice."""
    units, anywhere = to_come(), Reach(lambda location: True, 0, None)
    assert units.free_units("A-1", 4, anywhere) == 4
    units_at: dict[int, int] = {}
    assert units.take("A-2", 2, units_at) == 0
    units.give_back(units_at)
    assert units.free_units("A-1", 9, anywhere) == 4
    assert units.take("A-3", 9, {}) == 5


def test_of_a_claim_where_it_is_served_from_no_more_a_part_may_move() -> None:
    """What does not fit into an earlier supply stays where it is; before, all of it stayed."""
    units, only_x = to_come(), Reach(lambda location: location == "x", 0, None)
    units_at: dict[int, int] = {}
    assert units.take("A-1", 1, {}) == 0
    assert units.take("A-2", 3, units_at) == 0
    assert units_at == {0: 1, 1: 2}
    units.give_back({0: 1})
    claim = {1: 2}
    units.move_forward(claim, only_x)
    assert claim == {0: 1, 1: 1}
