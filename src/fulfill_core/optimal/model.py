"""The columns of a queue with their limits: apart where they do not touch, exact in whole numbers.

Whatever a solver says in floating point numbers is checked here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeAlias

from fulfill_core.optimal.columns import Column
from fulfill_core.optimal.rules import ByColumn, Total, Turns
from fulfill_core.optimal.solver import Program

Steps: TypeAlias = list[int]
"""How many steps of each column, by number."""


class Model:
    """What can be decided, what it is worth, and what limits it.

    Args:
        columns: what can be decided, in rank order.
        totals: the sums that are limited.
        turns: what is limited in rank order.
    """

    def __init__(
        self, columns: Sequence[Column], totals: Sequence[Total], turns: Sequence[Turns]
    ) -> None:
        self.columns = columns
        self._totals = totals
        self._turns = turns
        self._totals_on: dict[int, list[int]] = defaultdict(list)
        self._turns_on: dict[int, list[int]] = defaultdict(list)
        for position, total in enumerate(totals):
            for number in total.uses:
                self._totals_on[number].append(position)
        for position, each in enumerate(turns):
            for number in each.uses:
                self._turns_on[number].append(position)

    def worth(self, steps: Steps, numbers: Iterable[int] | None = None) -> int:
        """What so many steps are worth, of all columns or of some."""
        positions = range(len(self.columns)) if numbers is None else numbers
        return sum([self.columns[number].worth * steps[number] for number in positions])

    def free(self) -> Steps:
        """The most of each column that nothing limits, and nothing of the others."""
        return [
            0 if number in self._totals_on or number in self._turns_on else column.most
            for number, column in enumerate(self.columns)
        ]

    def clusters(self) -> list[list[int]]:
        """The columns that limits connect, the smallest clusters first: each is a problem apart.

        Columns that are worth nothing are in none: what is left over is for them.
        """
        lead = list(range(len(self.columns)))

        def find(number: int) -> int:
            while lead[number] != number:
                lead[number] = lead[lead[number]]
                number = lead[number]
            return number

        for uses in [limit.uses for limits in (self._totals, self._turns) for limit in limits]:
            first = None
            for number in uses:
                if self.columns[number].worth:
                    first = find(number) if first is None else first
                    lead[find(number)] = first
        for number, column in enumerate(self.columns):
            if column.after and column.worth:
                lead[find(number)] = find(number - column.after)
        clusters: dict[int, list[int]] = defaultdict(list)
        for number, column in enumerate(self.columns):
            if column.worth and (number in self._totals_on or number in self._turns_on):
                clusters[find(number)].append(number)
        return sorted(clusters.values(), key=lambda cluster: (len(cluster), cluster))

    def with_rest(self, steps: Steps) -> Steps:
        """The steps, and in rank order whatever else the limits leave.

        Args:
            steps: a start that passes no limit.
        """
        more = list(steps)
        rest = [total.most - _units(total.uses, steps) for total in self._totals]
        rooms = [_Rooms(each, self.columns, steps) for each in self._turns]
        for number, column in enumerate(self.columns):
            room = column.most - more[number]
            if not room or (column.after and not more[number - column.after]):
                continue
            for position in self._totals_on.get(number, ()):
                room = min(room, rest[position] // self._totals[position].uses[number])
            for position in self._turns_on.get(number, ()):
                each = self._turns[position].uses[number]
                room = min(room, rooms[position].room(column.rank, room * each) // each)
            if room > 0:
                more[number] += room
                for position in self._totals_on.get(number, ()):
                    rest[position] -= room * self._totals[position].uses[number]
                for position in self._turns_on.get(number, ()):
                    rooms[position].units += room * self._turns[position].uses[number]
        return more

    # -- For a solver --------------------------------------------------------------------------

    def program(self, numbers: Sequence[int], start: Steps) -> Program:
        """The problem of a cluster in the form that a solver takes; *start* is where it begins."""
        columns = self.columns
        place = {number: position for position, number in enumerate(numbers)}
        program = Program(
            [columns[number].worth for number in numbers],
            [columns[number].most for number in numbers],
            [start[number] for number in numbers],
        )
        for number in numbers:
            column = columns[number]
            if column.after and number - column.after in place:
                program.add(0, [(place[number], 1), (place[number - column.after], -column.most)])
        totals = sorted({one for number in numbers for one in self._totals_on.get(number, ())})
        for position in totals:
            most, uses = self._totals[position]
            program.add(most, [(place[n], units) for n, units in uses.items() if n in place])
        for position in sorted(
            {one for number in numbers for one in self._turns_on.get(number, ())}
        ):
            self._add_turns(program, self._turns[position], place, start)
        return program

    def _add_turns(
        self, program: Program, turns: Turns, place: dict[int, int], start: Steps
    ) -> None:
        """Each order in rank order: all that is taken is within its limit, or it takes nothing."""
        columns = self.columns
        by_rank: dict[int, list[int]] = defaultdict(list)
        for number in turns.uses:
            if number in place:
                by_rank[columns[number].rank].append(number)
        most = sum([turns.uses[n] * columns[n].most for group in by_rank.values() for n in group])
        so_far: int | None = None
        total = 0
        for rank, numbers in sorted(by_rank.items()):
            own_units = sum([turns.uses[number] * start[number] for number in numbers])
            total += own_units
            before = so_far
            so_far = program.column(most, total, is_whole=False)
            row = [(so_far, -1), *[(place[number], turns.uses[number]) for number in numbers]]
            program.add(0, row if before is None else [(before, 1), *row])
            limit = turns.limits.get(rank)
            if limit is not None and limit < most:
                takes = program.column(1, int(own_units > 0))
                for number in numbers:
                    program.add(0, [(place[number], 1), (takes, -columns[number].most)])
                program.add(most, [(so_far, 1), (takes, most - limit)])


class _Rooms:
    """How much each order can still take without passing a limit: its own, or one behind it.

    It is asked in rank order.
    """

    def __init__(self, turns: Turns, columns: Sequence[Column], steps: Steps) -> None:
        self.units = 0
        """What was taken since."""
        self._by_rank: dict[int, int | None] = {}
        so_far = 0
        own: list[tuple[int, int, int | None]] = []
        for rank, numbers in groupby(turns.uses, lambda number: columns[number].rank):
            own_units = sum([turns.uses[number] * steps[number] for number in numbers])
            so_far += own_units
            limit = turns.limits.get(rank)
            own.append((rank, own_units, None if limit is None else limit - so_far))
        behind: int | None = None
        for rank, own_units, room in reversed(own):
            least = _least(behind, room)
            self._by_rank[rank] = least
            if own_units:
                behind = least

    def room(self, rank: int, most: int) -> int:
        """How much the order of that rank can take, and no more than *most*."""
        room = self._by_rank[rank]
        return most if room is None else min(most, room - self.units)


def _least(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _units(uses: ByColumn, steps: Steps) -> int:
    return sum([units * steps[number] for number, units in uses.items()])
