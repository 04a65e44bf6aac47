"""Who lost what to whom, by all rounds of a re-allocation together, against plain books."""

from __future__ import annotations

import random
from collections import Counter
from typing import NamedTuple

import pytest
from builders import order

from fulfill_core import Order
from fulfill_core.allocation.taking.losses import Settlement, settlement_of
from fulfill_core.decisions.head_start import RowsByOrder
from fulfill_core.reallocation import ConfirmationStrategy, Loss, LossReason

Line = tuple[str, str]
"""An order and one of its lines."""


class Books(NamedTuple):
    """Mugs at one place, while orders take them from each other and give them up, at random.

    Args:
        queue: the orders, by rank.
        before: what their lines had before the run.
        old: what they have of it; what they had lost and have again is so, too.
        new: what they got in earlier rounds.
    """

    queue: list[Order]
    before: dict[Line, int]
    old: Counter[Line]
    new: Counter[Line]

    @classmethod
    def at_random(cls, dice: random.Random) -> Books:
        """Some orders with one line or two, whose ids are in no sequence."""
        ids = [f"A-{number}" for number in range(dice.randint(2, 6))]
        dice.shuffle(ids)
        lines = [(each, line) for each in ids for line in ("1", "2")[: dice.choice((1, 1, 2))]]
        before = {line: dice.randint(0, 4) for line in lines}
        return cls([order(each, 1) for each in ids], before, Counter(before), Counter())

    def round_of_turns(self, dice: random.Random, free: int) -> tuple[list[Loss], Counter[Line]]:
        """Each order may give up units, and takes others: free ones, or of those behind it.

        Returns:
            Who lost what to whom, and what lines got.
        """
        losses: list[Loss] = []
        gains = Counter[Line]()
        for rank, each in enumerate(self.queue):
            for line in [line for line in self.before if line[0] == each.id]:
                for _ in range(dice.choice((0, 0, 1, 3))):
                    if self._lose_one(dice, [line]):
                        losses.append(_loss(line))
                        free += 1
                for _ in range(dice.choice((0, 0, 1, 3))):
                    ahead = {other.id for other in self.queue[: rank + 1]}
                    behind = [other for other in self.before if other[0] not in ahead]
                    if free:
                        free -= 1
                        gains[line] += 1
                    elif loser := self._lose_one(dice, behind):
                        losses.append(_loss(loser, each.id))
                        gains[line] += 1
        return losses, gains

    def _lose_one(self, dice: random.Random, lines: list[Line]) -> Line | None:
        units = [
            (line, of_line)
            for of_line in (self.old, self.new)
            for line in lines
            for _ in range(of_line[line])
        ]
        if not units:
            return None
        line, of_line = dice.choice(units)
        of_line[line] -= 1
        return line


def _loss(line: Line, to: str = "", units: int = 1) -> Loss:
    """So many mugs of a line went to one ahead; or it gave them up."""
    return Loss(
        order_id=line[0],
        line_id=line[1],
        sku="mug",
        location="berlin",
        quantity=units,
        reason=LossReason.TAKEN if to else LossReason.LEFT_OVER,
        strategy=ConfirmationStrategy.REDISTRIBUTE,
        to=to,
    )


def _rows(units: Counter[Line]) -> RowsByOrder:
    order_ids = {order_id for order_id, _ in units}
    return {
        order_id: tuple(
            [
                (line_id, "mug", "berlin", n, "")
                for (of_order, line_id), n in units.items()
                if n and of_order == order_id
            ]
        )
        for order_id in order_ids
    }


def _check(books: Books, gains: Counter[Line], settlement: Settlement) -> None:
    """What an order has less it lost, and to whom that is said has as much more and is ahead."""
    ranks = {each.id: rank for rank, each in enumerate(books.queue)}
    after = {line: books.old[line] + books.new[line] + gains[line] for line in books.before}
    losses, takers, gainers = Counter[Line](), Counter[str](), Counter[str]()
    for each in settlement.losses:
        losses[each.order_id, each.line_id] += each.quantity
        assert (each.reason is LossReason.TAKEN) is bool(each.to)
        if each.to:
            takers[each.to] += each.quantity
            assert ranks[each.to] < ranks[each.order_id]
    for line, units_before in books.before.items():
        assert losses[line] == max(0, units_before - after[line])
        gainers[line[0]] += max(0, after[line] - units_before)
        # What it has of what it had before, less what it had not lost.
        units_back = max(0, min(units_before, after[line]) - books.old[line])
        assert settlement.units_back[(line[0], line[1], "mug", "berlin", "")] == units_back
    assert takers <= gainers


@pytest.mark.parametrize("seed", range(300))
def test_a_settlement_is_what_the_books_say(seed: int) -> None:
    """Whatever orders lose and get in some rounds, and in whichever sequence that is looked at."""
    dice = random.Random(seed)
    books = Books.at_random(dice)
    losses: tuple[Loss, ...] = ()
    for _ in range(dice.randint(1, 4)):
        gains_before = _rows(books.new)
        more, gains = books.round_of_turns(dice, dice.randint(0, 2))
        known = [*losses, *more]
        of_round = gains_before, _rows(books.new), _rows(gains), books.queue
        settlement = settlement_of(known, *of_round)
        _check(books, gains, settlement)
        dice.shuffle(known)
        assert settlement_of(known, *of_round) == settlement
        for (order_id, line_id, *_), units in settlement.units_back.items():
            gains[order_id, line_id] -= units
            books.old[order_id, line_id] += units
        books.new.update(gains)
        losses = settlement.losses
