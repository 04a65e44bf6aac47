"""Law 9, and whether the tests of it notice shards that are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings

from fulfill_core import InvalidValueError, Inventory, StockError, shards

from .runs import SEEDS, Entry
from .sharding import World, apart_is_together, nobody_is_influenced_from_outside, world


@given(SEEDS)
@settings(max_examples=25)
def test_law_09_groups_apart_and_merged_are_one_run(seed: int) -> None:
    """The groups that the library makes, run apart and merged, give what one run gives: decisions
    and ranks, stock, changes, records, messages, losses, `wake_at` and every explanation. So it is
    in a second run, on the stock and the records that a first one left.
    """
    apart_is_together(world(seed))


@given(SEEDS)
@settings(max_examples=15)
def test_law_09_bundles_apart_and_merged_are_one_run(seed: int) -> None:
    """So it is with groups that are put together, one bundle for each worker."""
    apart_is_together(world(seed), workers=2)


@given(SEEDS)
@settings(max_examples=25)
def test_law_09_who_influences_whom_is_in_its_group(seed: int) -> None:
    """Two orders are in one group if without the one something is decided, reserved, claimed or
    told otherwise about the other.
    """
    nobody_is_influenced_from_outside(world(seed, count=5))


def test_there_are_groups_and_influences() -> None:
    """The worlds of these tests have several groups, and orders that influence each other."""
    counts = [apart_is_together(world(seed)) for seed in range(12)]
    assert (min(counts), max(counts) > 2) == (1, True)
    assert nobody_is_influenced_from_outside(world(4, count=5)) > 0


# -- Shards that are none --------------------------------------------------------------------------


def alone(
    orders: Sequence[Entry], inventory: Inventory, settings: Mapping[str, Any]
) -> list[tuple[Entry, ...]]:
    """Each order in a group of its own, but for repeats."""
    by_id: dict[str, tuple[Entry, ...]] = {}
    for member in orders:
        by_id[member.id] = (*by_id.get(member.id, ()), member)
    return list(by_id.values())


def without_plug_ins(
    orders: Sequence[Entry], inventory: Inventory, settings: Mapping[str, Any]
) -> list[tuple[Entry, ...]]:
    """As if no plug-in looked at anything but one order."""
    return list(shards(orders, inventory))


def without_kits(
    orders: Sequence[Entry], inventory: Inventory, settings: Mapping[str, Any]
) -> list[tuple[Entry, ...]]:
    """As if a kit had nothing to do with its components."""
    items = [each for each in inventory.items() if not each.components]
    return list(shards(orders, Inventory(list(inventory.stock()), items=items), settings))


@pytest.mark.parametrize("groups_of", [alone, without_plug_ins, without_kits])
@pytest.mark.parametrize("law", [apart_is_together, nobody_is_influenced_from_outside])
def test_shards_that_are_none_are_noticed(
    law: Callable[..., int], groups_of: Callable[..., Any]
) -> None:
    """The law and the oracle notice orders in two groups that hang together."""

    def is_noticed(subject: World) -> bool:
        try:
            law(subject, groups_of)
        except (AssertionError, InvalidValueError, StockError):
            return True
        return False

    assert any(is_noticed(world(seed, count=5)) for seed in range(150))
