"""Ready-made sourcing policies: which locations serve an order, and in which sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from fulfill_core._facts import Context
from fulfill_core.protocols import Candidate, Demand, SourcingPolicy, name_of

__all__ = ["DEFAULT_SOURCING", "by_rank", "whole_order_first"]


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
        ordered = tuple(self.otherwise(demand, candidates, context=context))
        alone = Candidate.first_covering(demand, ordered)
        return ordered if alone is None else (alone,)


DEFAULT_SOURCING: SourcingPolicy = whole_order_first()
