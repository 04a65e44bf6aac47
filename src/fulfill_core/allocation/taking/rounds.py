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
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import attrs

from fulfill_core.decisions.head_start import NO_HEAD_START, HeadStart
from fulfill_core.decisions.rows import AllocationRow, AllocationView, Served, as_reserved
from fulfill_core.inventory.capacity import (
    Intake,
    counts_today,
    intakes_between,
    with_intakes_changed,
)
from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.inventory import Inventory, inventory_of, state_of
from fulfill_core.inventory.reservations import (
    batches_of,
    less,
    to_reservations,
    with_batches_of_orders,
)
from fulfill_core.inventory.state import State
from fulfill_core.inventory.stock import Reservation
from fulfill_core.inventory.storing.batches import Batches, with_more

if TYPE_CHECKING:  # of who loses what most runs know nothing
    from fulfill_core.allocation.taking.losses import Settlement
    from fulfill_core.reallocation.losses import Loss

MOST_ROUNDS = 10
"""So often at most, but for rounds in which somebody has again what it lost: nearly all are over
after the second. Each has an end: the first order only gains, then the second, and so on."""

_LinePlace: TypeAlias = tuple[str, ...]
"""A line, and where units of it lie: line, SKU, location, lot."""


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

    @property
    def first_stock(self) -> Inventory:
        """The stock before the first round."""
        return self.stock if self.origin is None else self.origin

    def without_claims(self, claims: Iterable[Claim]) -> Round:
        """The same round once more, as if nobody had claimed so much."""
        return self._replace(stock=self.stock.without_claims(claims))

    def following(
        self, stock: Inventory, gains: Mapping[str, Served], settlement: Settlement, now: datetime
    ) -> Round:
        """The round after this one, in which orders have what they lost and got as they had it.

        Args:
            stock: the stock after this round.
            gains: what orders got in this round and before, by id.
            settlement: who lost what to whom, and who has it again.
            now: the caller's time in UTC, at which it was reserved.
        """
        origin = self.first_stock
        rows = {order_id: each.allocations for order_id, each in gains.items()}
        units_of: dict[str, Counter[_LinePlace]] = {}
        for (order_id, *line_place), units in settlement.units_back.items():
            units_of.setdefault(order_id, Counter())[tuple(line_place)] += units
        before, state = state_of(origin), state_of(stock)
        batches_of_order: dict[str, Batches | None] = {}
        for order_id, units_back in units_of.items():
            rows[order_id], regains = _apart(rows.get(order_id, ()), units_back)
            rest = less(batches_of(state, order_id), as_reserved(order_id, regains, now)).rest
            batches = _history(order_id, batches_of(before, order_id), rest, regains)
            if rows[order_id]:
                batches = with_more(batches, ((now, None, rows[order_id]),))
            batches_of_order[order_id] = batches or None
        state = with_batches_of_orders(state, batches_of_order)
        stock = inventory_of(with_intakes_changed(state, (), _intakes_in_vain(before, state, now)))
        start = HeadStart({order_id: of_order for order_id, of_order in rows.items() if of_order})
        return Round(stock, start, settlement.losses, gains, self.number + 1, origin=origin)


def _intakes_in_vain(before: State, state: State, now: datetime) -> list[Intake]:
    """Intakes of orders that lost again what they got, or have again what they lost.

    Those were not taken on where it lies; and these count there as long as they have it.
    """
    intakes, _ = intakes_between(before, state)
    without = with_intakes_changed(state, (), intakes)
    return [
        each
        for each in intakes
        if not counts_today(before, each.order_id, each.location, now)
        or counts_today(without, each.order_id, each.location, now)
    ]


def _apart(
    rows: Iterable[AllocationRow], units_back: Counter[_LinePlace]
) -> tuple[tuple[AllocationRow, ...], tuple[AllocationRow, ...]]:
    """What an order has more than before; and what it had before, lost and got again.

    Each row is all that a line has of a lot at a place.
    """
    more: list[AllocationRow] = []
    regains: list[AllocationRow] = []
    for row in map(AllocationView._make, rows):
        place = row.line_id, row.sku, row.location, row.lot
        piece = min(row.units, units_back[place])
        for units, parts in ((piece, regains), (row.units - piece, more)):
            if units:
                parts.append((*place[:3], units, row.lot))
    return tuple(more), tuple(regains)


def _history(
    order_id: str, before: Batches, rest: Batches, regains: Iterable[AllocationRow]
) -> Batches:
    """What an order had before the run and has still, or again: as old as it was.

    Args:
        order_id: the order.
        before: what it had before the run.
        rest: what it has now, but for what it got again.
        regains: what it got again: of several reservations that of the first one.
    """
    units_back: Counter[_LinePlace] = Counter()
    for row in map(AllocationView._make, regains):
        units_back[row.line_id, row.sku, row.location, row.lot] += row.units
    units_lost = _units_of(order_id, before)
    units_lost -= _units_of(order_id, rest)
    losses: list[Reservation] = []
    for each, units in units_lost.items():
        place = each.line_id, each.sku, each.location, each.lot
        piece = min(units, units_back[place])
        units_back[place] -= piece
        if piece < units:
            losses.append(attrs.evolve(each, quantity=units - piece))
    return less(before, losses).rest


def _units_of(order_id: str, batches: Batches) -> Counter[Reservation]:
    """Units by what a reservation says but for their number."""
    units_of: Counter[Reservation] = Counter()
    for each in to_reservations(order_id, batches):
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
