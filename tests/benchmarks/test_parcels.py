"""What is said about parcels is said of runs that give each order the same units."""

from __future__ import annotations

import parcels
import pytest

SIZE = 150


@pytest.mark.parametrize("everywhere", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fewer_parcels_for_the_same_units(everywhere: bool, seed: int) -> None:
    """Each policy fills the same, and the one that leaves most makes fewer parcels of it than the
    default. On so small a day it need not beat the sequence by rank.
    """
    day = parcels.make(SIZE, everywhere=everywhere, seed=seed)
    inventory = day.inventory()
    results = [parcels.run(day, inventory, policy) for policy in parcels.SOURCING.values()]
    filled = parcels.filled(results[0])
    assert [parcels.filled(result) for result in results] == [filled] * len(results)
    whole, few, leaving_most = [parcels.parcels(result) for result in results]
    assert few < whole
    assert leaving_most < whole


def test_the_day_is_seeded_and_short_of_stock() -> None:
    """The same seed makes the same day. Orders get something, but not all of it."""
    day = parcels.make(SIZE, everywhere=False)
    assert day == parcels.make(SIZE, everywhere=False)
    assert day != parcels.make(SIZE, everywhere=False, seed=2)
    assert {len(order.lines) for order in day.orders} == {2, 3, 4}
    asked = sum(line.quantity for order in day.orders for line in order.lines)
    assert 0.6 < sum(day.stock.values()) / asked < 1


def test_a_bare_run_decides_the_same() -> None:
    """Without checks and messages the parcels are the same: nothing is held."""
    day = parcels.make(SIZE, everywhere=True)
    inventory = day.inventory()
    policy = parcels.SOURCING["... leaving_most"]
    whole, bare = [parcels.run(day, inventory, policy, bare=each) for each in (False, True)]
    assert parcels.filled(whole) == parcels.filled(bare)
    assert parcels.parcels(whole) == parcels.parcels(bare)


def test_the_other_figures() -> None:
    """Every call and every turn of the policies has its time."""
    policies = parcels.SOURCING.values()
    day = parcels.make(20, everywhere=True)
    turns = parcels.seconds(day, policies, 2, bare=True)
    assert [len(turn) for turn in turns] == [len(policies)] * 2
    policy = parcels.SOURCING["fewest_shipments"]
    assert len(parcels.calls(policy, places=20, lines=10, share=0.5, orders=3)) == 3


@pytest.mark.skipif(not parcels.is_there(), reason="highspy, of the extra `optimize`, is missing")
def test_the_bound_is_below_every_policy() -> None:
    """No policy beats what is proven, and the solver finds a plan that is no better than that."""
    day = parcels.make(25, everywhere=False)
    result = parcels.run(day, day.inventory(), parcels.SOURCING["... leaving_most"])
    least = parcels.bound(day, parcels.filled(result), limit=3_600)
    assert least.proven <= parcels.parcels(result)
    assert least.proven <= least.found + 1e-6
