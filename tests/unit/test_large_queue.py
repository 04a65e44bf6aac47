"""The queue of a large batch, whose keys are parted before they are sorted."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from builders import order, refusal

from fulfill_core.pipeline.ranking import sort_places
from fulfill_core.priorities import oldest_first

COUNT = 25_000
FEW = [order(f"A-{number}") for number in (3, 1, 2)]
ORDERS = [FEW[place % len(FEW)] for place in range(COUNT)]
KEYS: dict[str, Callable[[int], Any]] = {
    "each its own": lambda number: number,
    "backwards": lambda number: -number,
    "members": lambda number: (min(number, 12_000), number % 4, number // 8),
    "three": lambda number: number % 3,
    "one for all": lambda _: ("alike",),
    "some not in the queue": lambda number: number if number % 5 else None,
}
NUMBERS = random.Random(7).sample(range(COUNT), COUNT)


def in_sequence(keys: list[Any]) -> list[int]:
    """The places of a batch whose orders have these keys, sorted."""
    places = [place for place, key in enumerate(keys) if key is not None]
    sort_places(places, keys, ORDERS, oldest_first)
    return places


@pytest.mark.parametrize("key_of", KEYS.values(), ids=KEYS)
def test_a_large_queue_goes_by_key_and_then_by_age(key_of: Callable[[int], Any]) -> None:
    """However many orders there are, the queue is sorted by key, placed_at and id."""
    keys = [key_of(number) for number in NUMBERS]
    queued = [place for place, key in enumerate(keys) if key is not None]
    by_key_and_age = sorted(queued, key=lambda place: (keys[place], ORDERS[place].id))
    assert in_sequence(keys) == by_key_and_age


def test_a_key_that_is_no_number_is_found_in_a_large_queue() -> None:
    """One NaN among many keys stops the run, wherever it is."""
    keys = [float("nan") if number == COUNT // 2 else number for number in NUMBERS]
    assert "which is neither above, below nor equal to" in refusal(in_sequence, keys)


def test_keys_that_can_not_be_compared_are_found_in_a_large_queue() -> None:
    """One key of another type among many stops the run; the error names an order."""
    keys = [str(number) if number == COUNT // 2 else number for number in NUMBERS]
    assert "which can't be compared with" in refusal(in_sequence, keys)
