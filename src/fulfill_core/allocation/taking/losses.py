"""Who lost what to whom, while it is being counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from fulfill_core.allocation.taking.piles import Transfer
from fulfill_core.decisions.head_start import RowsByOrder
from fulfill_core.decisions.rows import AllocationView
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order
from fulfill_core.reallocation.losses import Loss, LossReason, in_sequence
from fulfill_core.reallocation.strategies import ConfirmationStrategy

_Place: TypeAlias = tuple[str, str, str, str, str]
"""An order's line, and where units of it lie: order, line, SKU, location, lot."""
_Holding: TypeAlias = tuple[str, str, str, str]
"""An order, and which units it has: order, SKU, location, lot."""


class _LossKey(NamedTuple):
    """What a `Loss` says but for the quantity: what one line lost to one order is one loss."""

    order_id: str
    line_id: str
    sku: str
    location: str
    lot: str
    reason: LossReason
    strategy: ConfirmationStrategy
    to: str

    @property
    def place(self) -> _Place:
        """Of which line, and where the units lie."""
        return self.order_id, self.line_id, self.sku, self.location, self.lot

    @property
    def holding(self) -> _Holding:
        """Who has the units, and which."""
        return self.to, self.sku, self.location, self.lot


class LossCount:
    """What orders lost in a run, in units: what one line lost to one order is one loss.

    Args:
        strategies: the strategy of each order of the queue, by id.
    """

    def __init__(self, strategies: Mapping[str, ConfirmationStrategy]) -> None:
        self._strategies = strategies
        self._units_of: Counter[_LossKey] = Counter()

    def count(self, reservation: Reservation, units: int, reason: LossReason) -> None:
        """So many units of a reservation are lost, to nobody."""
        strategy = self._strategies[reservation.order_id]
        self._units_of[_loss_key(reservation, reason, strategy)] += units

    def order_ids(self) -> set[str]:
        """Who lost something so far, by id."""
        return {key.order_id for key in self._units_of}

    def with_transfers(self, transfers: Iterable[Transfer]) -> tuple[Loss, ...]:
        """All losses, with what went from one order to another."""
        units_of = self._units_of.copy()
        for entry, units, taker_id in transfers:
            key = _loss_key(entry.reservation, LossReason.TAKEN, entry.strategy, taker_id)
            units_of[key] += units
        return _losses_of(units_of)


def _loss_key(
    reservation: Reservation, reason: LossReason, strategy: ConfirmationStrategy, to: str = ""
) -> _LossKey:
    of_line = reservation.order_id, reservation.line_id, reservation.sku
    return _LossKey(*of_line, reservation.location, reservation.lot, reason, strategy, to)


class Settlement(NamedTuple):
    """What all rounds of a run come to together.

    Args:
        losses: who lost what to whom.
        units_back: what orders lost and have again, in units.
    """

    losses: tuple[Loss, ...]
    units_back: Counter[_Place]


def settlement_of(
    losses: Iterable[Loss],
    gains: RowsByOrder,
    rows_there: RowsByOrder,
    rows: RowsByOrder,
    queue: Sequence[Order],
) -> Settlement:
    """Who lost what in a run, by all its rounds together.

    What a line lost and got at one place, in whichever sequence, is neither a loss nor a gain. Who
    had lost it to that order lost it to the one to which that order did; if that is nobody, to one
    ahead that got it in this round, or of one that got as much again; and if there is none, for the
    reason for which that one did.

    Args:
        losses: those of all rounds.
        gains: what orders got in earlier rounds.
        rows_there: what they have of it still.
        rows: what they got in this round.
        queue: the orders, by rank.
    """
    units_of: Counter[_LossKey] = Counter()
    units_lost: Counter[_Place] = Counter()
    for loss in losses:
        key = _key_of(loss)
        units_of[key] += loss.quantity
        units_lost[key.place] += loss.quantity
    gains_before, gains_now = _units_by_place(gains), _units_by_place(rows)
    gains_of_run = gains_before + gains_now
    transits = units_lost & gains_of_run
    if transits:
        ranks = {order.id: rank for rank, order in enumerate(queue)}
        chains = _Chains(units_of, gains_of_run - transits, gains_now, ranks)
        # From the front: it is known where units went, once and for all, before those who lost them
        # are taken out.
        for place in sorted(transits, key=lambda each: (ranks[each[0]], each)):
            chains.take_out(place, transits[place])
        chains.name_takers()
    units_lost_again = gains_before - _units_by_place(rows_there)
    return Settlement(_losses_of(+units_of), transits - units_lost_again)


class _Chains:
    """Losses, while orders in the middle are taken out: units that they got and lost.

    Args:
        units_of: units by loss; this is changed.
        gains: what orders have more in the end.
        gains_now: what they got in this round.
        ranks: their places in the queue, by id.
    """

    def __init__(
        self,
        units_of: Counter[_LossKey],
        gains: Counter[_Place],
        gains_now: Counter[_Place],
        ranks: Mapping[str, int],
    ) -> None:
        self._units_of = units_of
        self._ranks = ranks
        # What an order has more, and nobody is said to have lost to it; below 0: more are.
        self._unnamed = _by_holding(gains)
        self._losses_of: dict[_Place, list[_LossKey]] = {}
        self._losses_to: dict[_Holding, list[_LossKey]] = {}
        for key in sorted(units_of, key=self._turn):
            self._losses_of.setdefault(key.place, []).append(key)
            self._losses_to.setdefault(key.holding, []).append(key)
            self._unnamed[key.holding] -= units_of[key]
        # Who may have what those gave up who had taken it: what orders got in this round, and what
        # they got of others that have as much again.
        self._arrivals = _by_holding(gains_now)
        self._units_given_up: Counter[_LossKey] = Counter()

    def _turn(self, key: _LossKey) -> tuple[object, ...]:
        """When a loss is looked at, as a sort key: by the rank of who lost, then by line."""
        return self._ranks[key.order_id], key.line_id, key.reason

    def take_out(self, place: _Place, units: int) -> None:
        """A line lost and got so many units there."""
        order_id, _, *which = place
        ranks, behind_all = self._ranks, len(self._ranks)
        # What nobody has is got first, and then what the order next ahead has.
        of_place = sorted(
            self._losses_of[place], key=lambda key: (-ranks.get(key.to, behind_all), key.reason)
        )
        ways: list[tuple[_LossKey, int]] = []
        for key in of_place:
            piece = min(units, self._units_of[key])
            units -= piece
            self._units_of[key] -= piece
            ways.append((key, piece))
        holding = order_id, which[0], which[1], which[2]
        losses_to = self._losses_to.get(holding, [])
        for way, units_that_way in ways:
            self._unnamed[way.holding] += units_that_way
            self._arrivals[way.holding] += units_that_way
            rest = min(units_that_way, -self._unnamed[holding])
            while rest > 0 and losses_to:
                piece = min(rest, self._units_of[losses_to[-1]])
                rest -= piece
                self._lead_on(losses_to[-1], way, piece)
                if not self._units_of[losses_to[-1]]:
                    losses_to.pop()

    def _lead_on(self, key: _LossKey, way: _LossKey, units: int) -> None:
        """So many units of a loss went the way of another one."""
        self._move(key, key._replace(reason=way.reason, to=way.to), units)
        if not way.to:
            self._units_given_up[key._replace(reason=way.reason, to="")] += units

    def name_takers(self) -> None:
        """What was given up by who had taken it, one ahead may have got: the first of all first."""
        ranks, arrivals, unnamed = self._ranks, self._arrivals, self._unnamed
        able = [each for each, units in arrivals.items() if min(units, unnamed[each]) > 0]
        takers: dict[tuple[str, ...], list[_Holding]] = {}
        for holding in sorted(able, key=lambda each: -ranks[each[0]]):
            takers.setdefault(holding[1:], []).append(holding)
        for key in sorted(self._units_given_up, key=self._turn):
            units = min(self._units_given_up[key], self._units_of[key])
            ahead = takers.get(key.holding[1:], [])
            while units and ahead and ranks[ahead[-1][0]] < ranks[key.order_id]:
                taker = ahead[-1]
                piece = min(units, arrivals[taker], unnamed[taker])
                units -= piece
                arrivals[taker] -= piece
                self._move(key, key._replace(reason=LossReason.TAKEN, to=taker[0]), piece)
                if not min(arrivals[taker], unnamed[taker]):
                    ahead.pop()

    def _move(self, key: _LossKey, other: _LossKey, units: int) -> None:
        """So many units are lost as the other one says."""
        self._units_of[key] -= units
        self._unnamed[key.holding] += units
        self._losses_of.setdefault(other.place, []).append(other)
        self._units_of[other] += units
        self._unnamed[other.holding] -= units


def _units_by_place(rows: RowsByOrder) -> Counter[_Place]:
    units: Counter[_Place] = Counter()
    for order_id, of_order in rows.items():
        for row in map(AllocationView._make, of_order):
            units[order_id, row.line_id, row.sku, row.location, row.lot] += row.units
    return units


def _by_holding(units_by_place: Mapping[_Place, int]) -> Counter[_Holding]:
    units_of: Counter[_Holding] = Counter()
    for (order_id, _, *which), units in units_by_place.items():
        units_of[order_id, which[0], which[1], which[2]] += units
    return units_of


def _key_of(loss: Loss) -> _LossKey:
    of_line = loss.order_id, loss.line_id, loss.sku, loss.location, loss.lot
    return _LossKey(*of_line, loss.reason, loss.strategy, loss.to)


def _losses_of(units_of: Mapping[_LossKey, int]) -> tuple[Loss, ...]:
    return in_sequence([Loss(quantity=units, **key._asdict()) for key, units in units_of.items()])
