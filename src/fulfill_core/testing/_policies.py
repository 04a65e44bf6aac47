"""Strategies for plug-ins: verifiers, priority and sourcing policies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import attrs
from hypothesis import strategies as st

from fulfill_core import verifiers as ready_made
from fulfill_core._facts import Context
from fulfill_core._finding import Finding, Severity
from fulfill_core._order import (
    Order,
)
from fulfill_core.priorities import (
    DEFAULT_PRIORITY,
    customer_tier,
    deadline,
    descending,
    lexicographic,
    oldest_first,
    order_value,
)
from fulfill_core.protocols import Candidate, Demand, PriorityPolicy, SourcingPolicy, Verifier
from fulfill_core.sourcing import DEFAULT_SOURCING, by_rank, whole_order_first
from fulfill_core.testing._world import (
    LOCATIONS,
)


def priority_policies() -> st.SearchStrategy[PriorityPolicy]:
    """Priority policies: the ready-made ones, alone, turned round and combined; one ties all.

    >>> from hypothesis import find
    >>> find(priority_policies(), lambda policy: policy is not DEFAULT_PRIORITY)
    <function deadline at ...>
    """
    simple: list[PriorityPolicy] = [
        deadline,
        oldest_first,
        customer_tier("gold", "silver"),
        order_value({"EUR": Decimal(1)}),
        _all_alike,
    ]
    turned = [*simple, *(descending(policy) for policy in simple)]
    return st.one_of(
        st.just(DEFAULT_PRIORITY),
        st.sampled_from(turned),
        st.lists(st.sampled_from(turned), max_size=3).map(lambda few: lexicographic(*few)),
    )


def _all_alike(order: Order, /, *, context: Context) -> int:
    return 0


def verifiers() -> st.SearchStrategy[Verifier]:
    """Verifiers: the ready-made ones, and some that note, hold, reject or fail on some orders.

    >>> from hypothesis import find
    >>> find(verifiers(), lambda verifier: verifier not in ready_made.DEFAULT_VERIFIERS)
    _Objects(severity=<Severity.NOTE: 1>, to='COMPLETE')
    """
    own: list[Verifier] = [
        *(_Objects(severity, to) for to in ("COMPLETE", "gold", "mug") for severity in Severity),
        _fails_on_gold,
    ]
    return st.sampled_from([*ready_made.DEFAULT_VERIFIERS, *own])


@attrs.frozen
class _Objects:
    """A verifier with one finding about orders that ship so, or are of that tier, or want that."""

    severity: Severity
    to: str

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        marks = {order.ship.name, order.customer.tier, *(line.sku for line in order.lines)}
        if self.to in marks:
            yield Finding(code=f"test.{self.to.lower()}", severity=self.severity)


def _fails_on_gold(order: Order, /, *, context: Context) -> Iterable[Finding]:
    if order.customer.tier == "gold":
        message = "there is no credit record"
        raise LookupError(message)
    return ()


def sourcing_policies() -> st.SearchStrategy[SourcingPolicy]:
    """Sourcing policies: the ready-made ones, and any fixed sequence of any of the locations.

    What they choose depends on the locations alone, never on how much is there; so what they
    leave out for an order, they leave out on every later run as well.

    >>> from hypothesis import find
    >>> find(sourcing_policies(), lambda policy: policy not in (DEFAULT_SOURCING, by_rank))
    _Only(places=())
    """
    fixed = st.lists(st.sampled_from(LOCATIONS), unique=True, max_size=len(LOCATIONS)).map(
        lambda places: _Only(tuple(places))
    )
    return st.one_of(
        st.just(DEFAULT_SOURCING), st.just(by_rank), fixed, fixed.map(whole_order_first)
    )


@attrs.frozen
class _Only:
    """A sourcing policy that asks these locations, in this sequence, and no other."""

    places: tuple[str, ...]

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        chosen = [candidate for candidate in candidates if candidate.id in self.places]
        return sorted(chosen, key=lambda candidate: self.places.index(candidate.id))
