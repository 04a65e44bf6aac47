"""What a run goes on with, where all of its orders have their turns once more.

In a re-allocation whoever loses something, or gives up what is of no use without it, makes units
free after orders ahead had their turns. So these have them again, until a round moves nothing: a
run that is done again has nothing to give then (law 8). See
docs/how-to/reallocate-after-a-count.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import attrs

from fulfill_core.decisions.head_start import NO_HEAD_START, HeadStart
from fulfill_core.decisions.rows import AllocationRow, AllocationView, Served, as_reserved
from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.inventory import Inventory, inventory_of, state_of
from fulfill_core.inventory.releasing import with_given_up
from fulfill_core.inventory.reservations import (
    batches_of,
    less,
    reservations_of,
    with_batches_of_orders,
)
from fulfill_core.inventory.stock import Reservation
from fulfill_core.inventory.storing.batches import with_more

if TYPE_CHECKING:  # of who loses what most runs know nothing
    from fulfill_core.allocation.taking.losses import Place, Settled
    from fulfill_core.reallocation.losses import Loss

MOST_ROUNDS = 10
"""So often at most: nearly all are over after the second, and none is known that has no end."""


class Round(NamedTuple):
    """One in which each order has its turn.

    Args:
        stock: the stock before it.
        start: what is given to orders before their turns, and reserved in the stock: by a plan, or
            by earlier rounds.
        losses: who lost what to whom in earlier rounds.
        gains: what orders have got in those, by order id, and what they were told.
        number: how many there were.
        late_units: what orders are to give up first, as their turns in this very round have shown.
        origin: the stock before the first round; None in that one.
    """

    stock: Inventory
    start: HeadStart = NO_HEAD_START
    losses: tuple[Loss, ...] = ()
    gains: Mapping[str, Served] = {}
    number: int = 0
    late_units: tuple[Reservation, ...] = ()
    origin: Inventory | None = None

    def without_claims(self, claims: Iterable[Claim]) -> Round:
        """The same round once more, as if nobody had claimed so much."""
        return self._replace(stock=self.stock.without_claims(claims))

    def following(
        self, stock: Inventory, gains: Mapping[str, Served], settled: Settled, now: datetime
    ) -> Round:
        """The round after this one, in which orders have what they lost and got as they had it.

        Args:
            stock: the stock after this round.
            gains: what orders got in this round and before, by id.
            settled: who lost what to whom, and who has it again.
            now: the caller's time, at which it was reserved.
        """
        origin = self.stock if self.origin is None else self.origin
        losses, units_back = settled
        rows = {order_id: each.allocations for order_id, each in gains.items()}
        order_ids = {order_id for order_id, *_ in units_back}
        for order_id in order_ids:
            rows[order_id], rows_back = _apart(order_id, rows[order_id], units_back)
            lent = as_reserved(order_id, rows_back, now)
            stock = _with_kept(stock, origin, order_id, lent, rows[order_id], now)
        start = HeadStart({order_id: of_order for order_id, of_order in rows.items() if of_order})
        heard = {order_id: each for order_id, each in gains.items() if order_id not in order_ids}
        return Round(stock, start, losses, heard, self.number + 1, origin=origin)


def _apart(
    order_id: str, rows: Iterable[AllocationRow], units_back: Counter[Place]
) -> tuple[tuple[AllocationRow, ...], tuple[AllocationRow, ...]]:
    """What an order has more than before; and what it had before, lost and got again."""
    units_left = units_back.copy()
    gained: list[AllocationRow] = []
    regained: list[AllocationRow] = []
    for row in map(AllocationView._make, rows):
        place = order_id, row.line_id, row.sku, row.location, row.lot
        piece = min(row.units, units_left[place])
        units_left[place] -= piece
        for units, parts in ((piece, regained), (row.units - piece, gained)):
            if units:
                parts.append(row._replace(units=units))
    return tuple(gained), tuple(regained)


def _with_kept(
    stock: Inventory,
    origin: Inventory,
    order_id: str,
    regained: Iterable[Reservation],
    rows: tuple[AllocationRow, ...],
    now: datetime,
) -> Inventory:
    """The stock in which an order has what it got again as it had it before, age and end.

    Args:
        stock: the stock after the round.
        origin: the stock before the run.
        order_id: the order.
        regained: what it got again, as it is reserved in the stock.
        rows: what it has more than before the run.
        now: the caller's time, at which that was reserved.
    """
    regained = tuple(regained)
    before = state_of(origin)
    state = with_given_up(state_of(stock), regained)
    units_back: Counter[tuple[str, ...]] = Counter()
    for each in regained:
        units_back[each.line_id, each.sku, each.location, each.lot] += each.quantity
    units_lost = _units_of(reservations_of(before, order_id))
    units_lost -= _units_of(reservations_of(state, order_id))
    lost: list[Reservation] = []
    for each, units in units_lost.items():
        place = each.line_id, each.sku, each.location, each.lot
        piece = min(units, units_back[place])
        units_back[place] -= piece
        if piece < units:
            lost.append(attrs.evolve(each, quantity=units - piece))
    batches = less(batches_of(before, order_id), lost)
    if rows:
        batches = with_more(batches, ((now, None, rows),))
    return inventory_of(with_batches_of_orders(state, {order_id: batches or None}))


def _units_of(reservations: Iterable[Reservation]) -> Counter[Reservation]:
    """Units by what a reservation says but for their number."""
    units_of: Counter[Reservation] = Counter()
    for each in reservations:
        units_of[attrs.evolve(each, quantity=1)] += each.quantity
    return units_of


def as_heard_before(served: Served, before: Served | None) -> Served:
    """What an order was told in an earlier round, where it got the same then and lacks the same.

    Since others were asked once more it would hear of less, or of nothing, as it has that by now.
    """
    if before is None:
        return served
    lacking, lacking_before = (
        [(line_id, sku, units) for line_id, sku, units, *_ in each.shorts]
        for each in (served, before)
    )
    as_before = served._replace(shorts=before.shorts, remarks=before.remarks)
    return before if lacking == lacking_before and as_before == before else served
