"""Ready-made sourcing policies: which locations serve an order, and in which sequence.

A policy either puts locations in sequence (`by_rank`, `in_sequence_of` criteria), or chooses among
those that another policy puts in sequence: `whole_order_first`, `fewest_shipments`,
`at_most_shipments`, `only_where`. They compose by nesting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import permutations
from math import isqrt
from typing import Protocol, TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import note
from fulfill_core.inventory.stock import Location
from fulfill_core.orders.order import Order
from fulfill_core.protocols import Candidate, Demand, SortKey, SourcingPlan, SourcingPolicy
from fulfill_core.protocols.plugins import name_of
from fulfill_core.records.facts import Context
from fulfill_core.sourcing.covering import alone, greedy_cover, least_size, smallest_cover

_MOST_EXACT = 24
_MOST_PERMUTED = 4  # locations of one order: 24 sequences of them
_FINE = 20  # bits: roots are exact integers, to a thousandth


def by_rank(
    demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
) -> Sequence[Candidate]:
    """The locations in the sequence of (rank, id), which is how they are offered.

    >>> by_rank(None, ["berlin", "paris"], context=None)
    ['berlin', 'paris']
    """
    return candidates


@attrs.frozen(weakref_slot=False)
class whole_order_first:  # noqa: N801 - it is used as the function that it makes
    """One location that can ship all that is needed, if there is one; else another policy.

    Args:
        otherwise: the policy that puts the locations in sequence. The first of them that has
            everything serves the order alone; if none has, the order is split in that sequence.

    >>> whole_order_first()
    whole_order_first(otherwise=by_rank)
    """

    otherwise: SourcingPolicy = attrs.field(default=by_rank, repr=name_of)

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        chosen = self.otherwise(demand, candidates, context=context)
        ordered = tuple(chosen)
        alone = Candidate.first_covering(demand, ordered)
        return _like(chosen, ordered) if alone is None else (alone,)


DEFAULT_SOURCING: SourcingPolicy = whole_order_first()


def _like(chosen: Iterable[Candidate], ordered: tuple[Candidate, ...]) -> Iterable[Candidate]:
    """These candidates, with what the policy that chose them had to remark."""
    if isinstance(chosen, SourcingPlan):
        return SourcingPlan(candidates=ordered, remarks=chosen.remarks)
    return ordered


# -- Sequence --------------------------------------------------------------------------------------


class Criterion(Protocol):
    """How good a location is for an order: a sort key, the lowest first; None excludes it.

    Contract: as for a `PriorityPolicy`: it depends on nothing but its arguments, and the keys for
    one order can be compared with each other. A criterion that does not care gives all the same.

    >>> def own_stores_first(candidate, demand, /, *, context):
    ...     return 0 if candidate.id.startswith("store-") else 1
    >>> criterion: Criterion = own_stores_first
    """

    def __call__(
        self, candidate: Candidate, demand: Demand, /, *, context: Context
    ) -> SortKey | None: ...


@attrs.frozen(init=False, weakref_slot=False)
class in_sequence_of:  # noqa: N801 - it is used as the function that it makes
    """The locations in the sequence of criteria: the next one decides where those before tie.

    What none of them tells apart stays in the sequence of (rank, id).

    Args:
        criteria: `Criterion` values, the weightiest first, such as `nearest` and `cheapest`.

    >>> in_sequence_of(nearest({"berlin": 1, "paris": 8}))
    in_sequence_of(nearest({'berlin': 1, 'paris': 8}))
    """

    criteria: tuple[Criterion, ...]

    def __init__(self, *criteria: Criterion) -> None:
        for position, criterion in enumerate(criteria):
            _checks.check_callable(f"in_sequence_of({position})", criterion)
        _checks.set_field(self, "criteria", criteria)

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        keyed: list[tuple[tuple[SortKey | None, ...], Candidate]] = []
        for candidate in candidates:
            key = tuple(
                [criterion(candidate, demand, context=context) for criterion in self.criteria]
            )
            if None not in key:
                keyed.append((key, candidate))
        keyed.sort(key=_first)
        return tuple([candidate for _, candidate in keyed])

    def __repr__(self) -> str:
        return f"in_sequence_of({', '.join(map(name_of, self.criteria))})"


def _first(keyed: tuple[tuple[SortKey | None, ...], Candidate]) -> tuple[SortKey | None, ...]:
    return keyed[0]


Number: TypeAlias = int | float | Decimal
Table: TypeAlias = Mapping[str, Number] | Mapping[tuple[str, str], Number]
Figure: TypeAlias = Callable[[Candidate, Demand], Number | None]


@attrs.frozen(weakref_slot=False, repr=False)
class _ByFigure:
    """A criterion that is a number of the host's: by function, or by table."""

    word: str
    figure: Figure | None
    table: tuple[tuple[str | tuple[str, str], Number], ...]
    _by_place: Mapping[str | tuple[str, str], Number] = attrs.field(eq=False)

    def __call__(
        self, candidate: Candidate, demand: Demand, /, *, context: Context
    ) -> SortKey | None:
        if self.figure is not None:
            return self.figure(candidate, demand)
        ship_to = demand.order.ship_to
        country = "" if ship_to is None else ship_to.country
        found = self._by_place.get((candidate.id, country), self._by_place.get(candidate.id))
        return (1, 0) if found is None else (0, found)  # what the table does not have comes last

    def __repr__(self) -> str:
        shown = name_of(self.figure) if self.figure is not None else repr(dict(self.table))
        return f"{self.word}({shown})"


def _by_figure(word: str, figure: Figure | Table) -> Criterion:
    if not isinstance(figure, Mapping):
        _checks.check_callable(word, figure)
        return _ByFigure(word, figure, (), {})
    table = cast("Mapping[str | tuple[str, str], Number]", figure)
    return _ByFigure(word, None, tuple(table.items()), dict(table))


def nearest(distance: Figure | Table) -> Criterion:
    """A criterion: the location with the smallest distance to where the order goes comes first.

    Args:
        distance: the host's own function of a candidate and the demand, which returns a number, or
            None for a location that can't serve the order; or a table, by location id or by pairs
            of location id and country of the ship-to. What a table does not have comes last.

    >>> nearest({("berlin", "DE"): 1, ("paris", "DE"): 8})
    nearest({('berlin', 'DE'): 1, ('paris', 'DE'): 8})
    """
    return _by_figure("nearest", distance)


def cheapest(cost: Figure | Table) -> Criterion:
    """A criterion: the location from which the order costs the least to send comes first.

    Args:
        cost: as in `nearest`: a function of a candidate and the demand, or a table.

    >>> cheapest({"berlin": 4, "paris": 9})
    cheapest({'berlin': 4, 'paris': 9})
    """
    return _by_figure("cheapest", cost)


# -- Choice ----------------------------------------------------------------------------------------


class Allowed(Protocol):
    """Whether a location may serve an order at all: destination, dangerous goods, pick-up point.

    >>> def no_hazmat_from_stores(location, order, /):
    ...     return not ("hazmat" in order.tags and location.id.startswith("store-"))
    >>> allowed: Allowed = no_hazmat_from_stores
    """

    def __call__(self, location: Location, order: Order, /) -> bool: ...


@attrs.frozen(weakref_slot=False)
class only_where:  # noqa: N801 - it is used as the function that it makes
    """Only locations that may serve the order; the others are left out.

    Args:
        allowed: a function of a `Location` and the `Order`.
        then: the policy that chooses among those that may.

    >>> def domestic(location, order, /):
    ...     return location.name == order.ship_to.country
    >>> only_where(domestic)
    only_where(allowed=domestic, then=whole_order_first(otherwise=by_rank))
    """

    allowed: Allowed = attrs.field(repr=name_of)
    then: SourcingPolicy = attrs.field(default=DEFAULT_SOURCING, repr=name_of)

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        order = demand.order
        left = tuple([each for each in candidates if self.allowed(each.location, order)])
        return self.then(demand, left, context=context) if left else ()


@attrs.frozen(weakref_slot=False)
class pick_up_at:  # noqa: N801 - it is used as the function that it makes
    """An order that the customer picks up is served at that location, or not at all.

    Args:
        attribute: the order's attribute that names the location's id; orders without it are not
            picked up.
        otherwise: the policy for those.

    >>> pick_up_at("pick_up")
    pick_up_at(attribute='pick_up', otherwise=whole_order_first(otherwise=by_rank))
    """

    attribute: str
    otherwise: SourcingPolicy = attrs.field(default=DEFAULT_SOURCING, repr=name_of)

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        place = demand.order.attributes.get(self.attribute)
        if place is None:
            return self.otherwise(demand, candidates, context=context)
        return tuple([candidate for candidate in candidates if candidate.id == place])


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
        _checks.check_callable("fewest_shipments.otherwise", self.otherwise)
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
        given = self.otherwise(demand, candidates, context=context)
        ordered = tuple(given)
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
            return _like(given, (ordered[place],))
        if not needs:
            return _like(given, ())
        count = len(ordered)
        worths = [1 << place for place in range(count - 1, -1, -1)]  # the first beats all others
        if self.leaving_most:
            worths = [
                _worth(needs, row) << count | first for row, first in zip(rows, worths, strict=True)
            ]
        is_exact = count <= self.exact_up_to
        find = smallest_cover if is_exact else greedy_cover
        chosen = find(needs, rows, worths)
        if self.leaving_most and 1 < len(chosen) <= _MOST_PERMUTED:
            chosen = _sparing(needs, rows, chosen)
        plan = _like(given, tuple([ordered[place] for place in chosen]))
        bound = len(chosen) if is_exact else least_size(needs, rows)
        if bound == len(chosen):
            return plan
        remark = note(
            "sourcing.not_proven",
            detail=f"It leaves from {len(chosen)} locations; with fewer than {bound} it cannot be"
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
        column = [each.available(sku) for each in places]
        there = sum(column)
        if there:
            needs.append(min(units, there))
            columns.append(column)
    return needs, list(zip(*columns, strict=True))


def _worth(needs: Sequence[int], row: Sequence[int]) -> int:
    """What a location's stock is worth to an order: more for more, but ever less for one more."""
    return sum(
        [units * isqrt(have << _FINE) for units, have in zip(needs, row, strict=True) if have]
    )


def _sparing(
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
            left = units
            for place in sequence:
                there = have.get(place)
                if there and left:
                    taken = min(there, left)
                    worth += isqrt(there << _FINE) - isqrt(there - taken << _FINE)
                    left -= taken
        return worth

    return min(permutations(places), key=spent) if shared else places


@attrs.frozen(weakref_slot=False)
class at_most_shipments:  # noqa: N801 - it is used as the function that it makes
    """A hard limit: the order leaves from no more than so many locations; the rest is not sourced.

    Args:
        limit: the number of locations, 1 or more.
        policy: the policy whose first choices are kept.

    >>> at_most_shipments(2, whole_order_first())
    at_most_shipments(limit=2, policy=whole_order_first(otherwise=by_rank))
    """

    limit: int
    policy: SourcingPolicy = attrs.field(default=fewest_shipments(), repr=name_of)

    def __attrs_post_init__(self) -> None:
        _checks.check_int("at_most_shipments.limit", self.limit, at_least=1)
        _checks.check_callable("at_most_shipments.policy", self.policy)

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        chosen = self.policy(demand, candidates, context=context)
        ordered = tuple(chosen)
        if len(ordered) <= self.limit:
            return _like(chosen, ordered)
        best = sorted(ordered, key=lambda each: -_served(each, demand))[: self.limit]
        return _like(chosen, tuple([each for each in ordered if each in best]))


def _served(candidate: Candidate, demand: Demand) -> int:
    """Units of what is needed that a location can give."""
    return sum([min(units, candidate.available(sku)) for sku, units in demand.needs])
