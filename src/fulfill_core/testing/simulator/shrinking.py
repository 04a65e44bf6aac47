"""From a long script that shows a fault to a short one that shows the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from fulfill_core.testing.simulator.moves import (
    Basket,
    Checkout,
    Dispatch,
    Move,
    Receipt,
    Work,
)

TRIES = 1_500
"""So many scripts are tried, at most."""
Moves = tuple[Move, ...]


def shrunk(moves: Moves, shows: Callable[[Moves], bool]) -> Moves:
    """A script of which no move can be left out, and none be plainer.

    Args:
        moves: the script.
        shows: whether a script shows the fault.

    >>> from fulfill_core.testing.simulator.moves import Overtaking
    >>> pair = Work(worker=2, jobs=3, fault="conflict"), Overtaking()
    >>> shrunk(pair, lambda moves: any(isinstance(move, Work) for move in moves))
    (Work(worker=1, jobs=1, pauses=False, fault=None, occasion=1, is_written=True),)
    """
    search = _Search(shows)
    while True:
        shorter = search.plainer(search.shorter(moves))
        if shorter == moves:
            shorter = search.without_pairs(moves)
        if shorter == moves:
            return moves
        moves = shorter


class _Search:
    """A search for a script that shows something, which ends.

    Args:
        shows: whether a script does.
    """

    def __init__(self, shows: Callable[[Moves], bool]) -> None:
        self._shows, self._tries = shows, 0

    def _does(self, moves: Moves) -> bool:
        self._tries += 1
        return self._tries <= TRIES and self._shows(moves)

    def shorter(self, moves: Moves) -> Moves:
        """Leave moves out: first many at once, the last ones first, then each."""
        size = max(len(moves) // 2, 1)
        while True:
            end = len(moves)
            while end > 0:
                candidate = moves[: max(end - size, 0)] + moves[end:]
                if self._does(candidate):
                    moves = candidate
                end -= size
            if size == 1:
                return moves
            size = max(size // 2, 1)

    def without_pairs(self, moves: Moves) -> Moves:
        """Leave out two that only make sense together, such as what comes and who does it."""
        for first in reversed(range(len(moves))):
            for second in reversed(range(first)):
                candidate = (*moves[:second], *moves[second + 1 : first], *moves[first + 1 :])
                if self._does(candidate):
                    return candidate
        return moves

    def plainer(self, moves: Moves) -> Moves:
        """Put something plainer in the place of each."""
        for position in range(len(moves)):
            for move in _plainer_than(moves[position]):
                candidate = (*moves[:position], move, *moves[position + 1 :])
                if self._does(candidate):
                    moves = candidate
        return moves


def _plainer_than(move: Move) -> Iterator[Move]:
    """Moves in the place of one, in each of which one thing is as usual, or less."""
    match move:
        case Work():
            for field in attrs.fields(Work):
                usual = getattr(Work(worker=1), field.name)
                if getattr(move, field.name) != usual:
                    yield attrs.evolve(move, **{field.name: usual})
        case Checkout(units=units) | Dispatch(units=units):
            for sku, count in units:
                rest = [pair for pair in units if pair[0] != sku]
                if rest:
                    yield attrs.evolve(move, units=rest)
                if count > 1:
                    yield attrs.evolve(move, units=[*rest, (sku, 1)])
        case Basket(quantity=quantity) | Receipt(quantity=quantity) if quantity > 1:
            yield attrs.evolve(move, quantity=1)
        case _:
            pass
