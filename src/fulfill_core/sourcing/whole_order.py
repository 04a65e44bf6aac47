"""One location for the whole order, if there is one; else the locations by their rank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from fulfill_core import _values
from fulfill_core.protocols import Candidate, Demand, SourcingPlan, SourcingPolicy
from fulfill_core.protocols.plugins import name_of
from fulfill_core.protocols.roles import SOURCING, check_plugin
from fulfill_core.records.facts import Context


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

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        check_plugin("whole_order_first.otherwise", self.otherwise, SOURCING)

    @property
    def serves_anywhere(self) -> bool:
        """Whether it leaves out no location for good: then nobody asks it about those to come."""
        return self.otherwise is by_rank

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        choice = self.otherwise(demand, candidates, context=context)
        ordered = tuple(choice)
        first = Candidate.first_covering(demand, ordered)
        return with_remarks_of(choice, ordered) if first is None else (first,)


DEFAULT_SOURCING: SourcingPolicy = whole_order_first()


def with_remarks_of(
    choice: Iterable[Candidate], ordered: tuple[Candidate, ...]
) -> Iterable[Candidate]:
    """These candidates, with what the policy that chose them had to remark."""
    if isinstance(choice, SourcingPlan):
        return SourcingPlan(candidates=ordered, remarks=choice.remarks)
    return ordered
