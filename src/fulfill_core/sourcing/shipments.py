"""As few locations as can give all that can be given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations
from math import isqrt

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import note
from fulfill_core.protocols import Candidate, Demand, SourcingPlan, SourcingPolicy
from fulfill_core.protocols.plugins import name_of
from fulfill_core.protocols.roles import SOURCING, check_plugin
from fulfill_core.records.facts import Context
from fulfill_core.sourcing.covering import alone, greedy_cover, least_size, smallest_cover
from fulfill_core.sourcing.whole_order import by_rank, with_remarks_of

_MOST_EXACT = 24
_MOST_PERMUTED = 4  # locations of one order: 24 sequences of them
_ROOT_BITS = 20  # of a square root, which is an exact integer: a thousandth of a unit


@attrs.frozen(weakref_slot=False)
class fewest_shipments:  # noqa: N801 - it is used as the function that it makes
    """As few locations as can give all that can be given, counted on what they have left.

    Up to *exact_up_to* candidates the number is the smallest that there is. With more, the location
    that covers most of what is still missing is taken, again and again, and the decision says so:
    ``sourcing.not_proven`` (NOTE), with the number of shipments and the number below which none
    can be.

    Args:
        otherwise: the policy that puts the locations in sequence, and may leave some out. Of sets
            of equal size the one that comes first in that sequence is chosen.
        exact_up_to: so many candidates are searched exactly, 0 to 24. In the worst case the work
            doubles with each.
        leaving_most: of sets of equal size rather choose the one that has most of what is needed,
            and ask its locations in the sequence in which this order makes stock least scarce
            there, so that those who come later find more in one place. For this, units that lie
            together count as their square root: the last one is worth most. The sequence of
            *otherwise* decides where that makes no difference.

    >>> fewest_shipments(leaving_most=True)
    fewest_shipments(otherwise=by_rank, exact_up_to=20, leaving_most=True)
    """

    otherwise: SourcingPolicy = attrs.field(default=by_rank, repr=name_of)
    exact_up_to: int = 20
    leaving_most: bool = False

    def __attrs_post_init__(self) -> None:
        check_plugin("fewest_shipments.otherwise", self.otherwise, SOURCING)
        _checks.check_int("fewest_shipments.exact_up_to", self.exact_up_to, at_least=0)
        if self.exact_up_to > _MOST_EXACT:
            raise _checks.refuse(
                "fewest_shipments.exact_up_to",
                self.exact_up_to,
                f"is above {_MOST_EXACT}; the work can double with each candidate",
            )
        _checks.check_bool("fewest_shipments.leaving_most", self.leaving_most)

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        choice = self.otherwise(demand, candidates, context=context)
        ordered = tuple(choice)
        if not self.leaving_most:
            first = Candidate.first_covering(demand, ordered)
            if first is not None:
                return (first,)
        needs, rows = _table(demand, ordered)
        enough = alone(needs, rows)
        if enough:
            place = enough[0]
            if self.leaving_most and len(enough) > 1:
                place = max(enough, key=lambda each: _worth(needs, rows[each]))
            return with_remarks_of(choice, (ordered[place],))
        if not needs:
            return with_remarks_of(choice, ())
        count = len(ordered)
        preferences = _preferences(needs, rows, leaving_most=self.leaving_most)
        is_exact = count <= self.exact_up_to
        find = smallest_cover if is_exact else greedy_cover
        places = find(needs, rows, preferences)
        if self.leaving_most and 1 < len(places) <= _MOST_PERMUTED:
            places = _least_scarce_sequence(needs, rows, places)
        plan = with_remarks_of(choice, tuple([ordered[place] for place in places]))
        bound = len(places) if is_exact else least_size(needs, rows)
        if bound == len(places):
            return plan
        remark = note(
            "sourcing.not_proven",
            detail=f"It leaves from {len(places)} locations; with fewer than {bound} it cannot be"
            f" done, and {count} candidates are too many to try all sets of them.",
        )
        remarks = plan.remarks if isinstance(plan, SourcingPlan) else ()
        return SourcingPlan(candidates=tuple(plan), remarks=(*remarks, remark))


def _table(
    demand: Demand, places: Sequence[Candidate]
) -> tuple[Sequence[int], Sequence[Sequence[int]]]:
    """The units that can be given of each SKU that is there at all, and what each place has."""
    needs: list[int] = []
    columns: list[list[int]] = []
    for sku, units in demand.needs:
        column = [place.available(sku) for place in places]
        available = sum(column)
        if available:
            needs.append(min(units, available))
            columns.append(column)
    return needs, list(zip(*columns, strict=True))


def _preferences(
    needs: Sequence[int], rows: Sequence[Sequence[int]], *, leaving_most: bool
) -> list[int]:
    """How much each location is preferred: numbers whose sums tell any two sets of a size apart.

    The low bits are one for each location, the highest for the first: as ``8 > 4 + 2 + 1``, a set
    that has the first location which only one of two sets has beats the other. What the stock is
    worth stands above them, ``worth << count``: so it decides first, and the bits only where two
    sets are worth the same. (The bits of all locations together stay below ``1 << count``.)
    """
    count = len(rows)
    bits = [1 << place for place in range(count - 1, -1, -1)]
    if not leaving_most:
        return bits
    return [_worth(needs, row) << count | bit for row, bit in zip(rows, bits, strict=True)]


def _worth(needs: Sequence[int], row: Sequence[int]) -> int:
    """What a location's stock is worth to an order: more for more, but ever less for one more."""
    return sum(
        [units * isqrt(have << _ROOT_BITS) for units, have in zip(needs, row, strict=True) if have]
    )


def _least_scarce_sequence(
    needs: Sequence[int], rows: Sequence[Sequence[int]], places: tuple[int, ...]
) -> tuple[int, ...]:
    """These places in the sequence in which stock loses the least of its worth."""
    shared: list[tuple[int, dict[int, int]]] = []  # where only one has some, no sequence matters
    for index, units in enumerate(needs):
        have = {place: rows[place][index] for place in places if rows[place][index]}
        if len(have) > 1:
            shared.append((units, have))

    def spent(sequence: tuple[int, ...]) -> int:
        worth = 0
        for units, have in shared:
            missing = units
            for place in sequence:
                available = have.get(place)
                if available and missing:
                    rest = max(0, available - missing)
                    worth += isqrt(available << _ROOT_BITS) - isqrt(rest << _ROOT_BITS)
                    missing -= available - rest
        return worth

    return min(permutations(places), key=spent) if shared else places
