"""Who has what orders of a run lack: worked out once for all that is asked of its result.

A host may explain each order of a run. To go through all orders, reservations and claims for each
of them is work that grows with the square of their number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import accumulate

from fulfill_core.decisions.rows import ServedMembers, skus_lacking, units_by_sku
from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.inventory.reservations import has_expired, to_reservations
from fulfill_core.inventory.stock import Reservation


class Takers:
    """Who took units of a SKU in a run, by rank.

    Args:
        ranks: who, by rank.
        units: how many each of them took.
    """

    __slots__ = ("_totals", "ranks", "units")

    def __init__(self, ranks: list[int], units: list[int]) -> None:
        self.ranks = ranks
        self.units = units
        self._totals = [0, *accumulate(units)]

    def before(self, rank: int) -> tuple[int, int]:
        """How many of them rank before a place, and how many units these took."""
        count = bisect_left(self.ranks, rank)
        return count, self._totals[count]


class Scarcity:
    """Who has what orders of a run lack, by SKU. It pickles as one that has looked at nothing."""

    __slots__ = ("_claims", "_reservations", "_takers", "ids", "is_known")

    def __init__(self) -> None:
        self.is_known = False
        self.ids: frozenset[str] = frozenset()
        self._takers: dict[str, Takers] = {}
        self._reservations: dict[str, list[Reservation]] = {}
        self._claims: dict[str, list[Claim]] = {}

    def __reduce__(self) -> tuple[type[Scarcity], tuple[()]]:
        return Scarcity, ()

    def look_at(
        self,
        order_ids: Iterable[str],
        served_orders: Iterable[ServedMembers],
        inventory: Inventory,
        now: datetime,
    ) -> None:
        """Look at all orders, reservations and claims, each once.

        Args:
            order_ids: the orders of the run.
            served_orders: what they got, by rank.
            inventory: the stock after it.
            now: its time: what has expired by then is nobody's.
        """
        ids = frozenset(order_ids)
        skus: set[str] = set()
        ranks: dict[str, list[int]] = {}
        units: dict[str, list[int]] = {}
        for rank, (allocations, backorders, shorts, *_) in enumerate(served_orders):
            skus |= skus_lacking(backorders, shorts)
            for sku, amount in units_by_sku(allocations).items():
                ranks.setdefault(sku, []).append(rank)
                units.setdefault(sku, []).append(amount)
        reservations: dict[str, list[Reservation]] = {}
        for order_id, batches in state_of(inventory).reservations.items() if skus else ():
            for made_at, expires_at, entries in batches:
                # What the run gave is no rival's: they were ahead.
                if (made_at == now and order_id in ids) or has_expired(expires_at, now):
                    continue
                of_skus = tuple([entry for entry in entries if entry[1] in skus])
                for each in to_reservations(order_id, [(made_at, expires_at, of_skus)]):
                    reservations.setdefault(each.sku, []).append(each)
        claims: dict[str, list[Claim]] = {}
        for claim in inventory.claims() if skus else ():
            if claim.sku in skus:
                claims.setdefault(claim.sku, []).append(claim)
        # All at once: another thread may look at the same time.
        self.ids, self._reservations, self._claims = ids, reservations, claims
        self._takers = {sku: Takers(ranks[sku], units[sku]) for sku in ranks.keys() & skus}
        self.is_known = True

    def takers(self, sku: str) -> Takers:
        """Who took units of a SKU that somebody lacks."""
        return self._takers.get(sku) or _NOBODY

    def reservations(self, skus: Collection[str], order_id: str) -> list[Reservation]:
        """What others than an order have had reserved of SKUs since before the run."""
        by_sku = self._reservations
        return [each for sku in skus for each in by_sku.get(sku, ()) if each.order_id != order_id]

    def claims(self, skus: Collection[str], order_id: str) -> list[Claim]:
        """What others than an order have claimed of supplies of SKUs."""
        by_sku = self._claims
        return [each for sku in skus for each in by_sku.get(sku, ()) if each.order_id != order_id]


_NOBODY = Takers([], [])
