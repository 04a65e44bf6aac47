"""Locations in the sequence of criteria: distance, cost, and whatever a shop goes by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Protocol, TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.protocols import Candidate, Demand, SortKey
from fulfill_core.protocols.plugins import name_of
from fulfill_core.protocols.roles import CRITERION, check_plugin
from fulfill_core.protocols.tables import check_place
from fulfill_core.records.facts import Context


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


@attrs.frozen(weakref_slot=False, repr=False)
class InSequenceOf:
    """Locations in the sequence of criteria, as `in_sequence_of` makes it."""

    criteria: tuple[Criterion, ...]

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
        keyed.sort(key=itemgetter(0))
        return tuple([candidate for _, candidate in keyed])

    def __repr__(self) -> str:
        return f"in_sequence_of({', '.join(map(name_of, self.criteria))})"


def in_sequence_of(*criteria: Criterion) -> InSequenceOf:
    """The locations in the sequence of criteria: the next one decides where those before tie.

    What none of them tells apart stays in the sequence of (rank, id).

    Args:
        criteria: `Criterion` values, the weightiest first, such as `nearest` and `cheapest`.

    >>> in_sequence_of(nearest({"berlin": 1, "paris": 8}))
    in_sequence_of(nearest({'berlin': 1, 'paris': 8}))
    """
    for position, criterion in enumerate(criteria):
        check_plugin(f"in_sequence_of({position})", criterion, CRITERION)
    return InSequenceOf(criteria)


# -- By a number -----------------------------------------------------------------------------------

Number: TypeAlias = int | float | Decimal
_NUMBERS: tuple[type[object], ...] = (int, float, Decimal)
Table: TypeAlias = Mapping[str, Number] | Mapping[tuple[str, str], Number]
Figure: TypeAlias = Callable[[Candidate, Demand], Number | None]


@attrs.frozen(weakref_slot=False, repr=False)
class ByFigure:
    """A criterion that is a number of the host's, by function or by table; the lowest is first.

    `nearest` and `cheapest` differ in nothing but the word: what a number means is the host's.
    """

    word: str
    figure: Figure | None
    table: tuple[tuple[str | tuple[str, str], Number], ...]
    _by_place: Mapping[str | tuple[str, str], Number] = attrs.field(alias="by_place", eq=False)

    def __call__(
        self, candidate: Candidate, demand: Demand, /, *, context: Context
    ) -> SortKey | None:
        if self.figure is not None:
            return self.figure(candidate, demand)
        ship_to = demand.order.ship_to
        country = "" if ship_to is None else ship_to.country
        number = self._by_place.get((candidate.id, country), self._by_place.get(candidate.id))
        return (1, 0) if number is None else (0, number)  # what the table does not have comes last

    def __repr__(self) -> str:
        source = name_of(self.figure) if self.figure is not None else repr(dict(self.table))
        return f"{self.word}({source})"


def _by_figure(word: str, figure: Figure | Table) -> Criterion:
    if not isinstance(figure, Mapping):
        _checks.check_callable(word, figure)
        return ByFigure(word, figure, (), by_place={})
    table = cast("Mapping[str | tuple[str, str], Number]", figure)
    for place, number in table.items():
        check_place(f"{word} (key)", place)
        # A number that is none (NaN) has no place among others, and would leave them unsorted.
        if not isinstance(number, _NUMBERS) or _is_none(number):
            raise _checks.refuse(f"{word}[{place!r}]", number, "is not a number; pass one")
    return ByFigure(word, None, tuple(table.items()), by_place=dict(table))


def _is_none(number: Number) -> bool:
    return number.is_nan() if isinstance(number, Decimal) else number != number  # noqa: PLR0124


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
