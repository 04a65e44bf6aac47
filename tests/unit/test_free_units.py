"""Free units of supplies that are found by halving, held against going through all of them."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from fulfill_core.allocation.waiting.free_units import FreeUnits


@pytest.mark.parametrize("seed", range(40))
def test_what_is_found_by_halving_is_what_is_found_one_by_one(seed: int) -> None:
    """Sums before a place, the first place beyond so many, the next one with more than so many:
    after each change, of no supplies, of one, and of many, overdue ones among them.
    """
    chance = random.Random(seed)
    places = sorted(chance.sample(range(40), seed % 14))
    first_due = chance.choice([0, 0, 10, 40])
    free = {place: chance.randint(0, 3) for place in places}
    units = FreeUnits(places, free.__getitem__, first_due)
    for _ in range(8):
        due = [place for place in places if place >= first_due]
        sums = {each: sum(free[place] for place in due if place < each) for each in range(41)}
        assert {place: units.before(place) for place in range(41)} == sums
        for most in range(12):
            beyond = (place for place in due if sums[place] + free[place] > most)
            assert units.beyond(most) == next(beyond, None)
            for start in (0, *places, 40):
                more = (place for place in places if place >= start and free[place] > most)
                assert units.with_more(most, start) == next(more, None)
        if places:
            place = chance.choice(places)
            free[place] = chance.randint(0, 5)
            units.change(place, free[place])


def test_places_are_in_sequence() -> None:
    """The sums of later places are never smaller."""
    units = FreeUnits(range(9), lambda place: place, 3)
    sums = [units.before(place) for place in range(10)]
    assert all(first <= second for first, second in pairwise(sums))
    assert (sums[3], sums[-1]) == (0, 33)
