"""Strategies for plug-ins: verifiers, priority and sourcing policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import attrs
from hypothesis import strategies as st

from fulfill_core import verifiers as ready_made
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Finding, Severity, hold, note, reject
from fulfill_core.orders.order import Order
from fulfill_core.priorities import (
    DEFAULT_PRIORITY,
    ageing,
    buckets,
    channel_order,
    customer_tier,
    customer_value,
    deadline,
    delayed,
    descending,
    expedited,
    lexicographic,
    normalised,
    oldest_first,
    order_value,
    service_level,
    slack,
    tag_first,
    weighted,
)
from fulfill_core.protocols import Candidate, Demand, PriorityPolicy, SourcingPolicy, Verifier
from fulfill_core.records.facts import Context, FactKind, fact_missing
from fulfill_core.sourcing import DEFAULT_SOURCING, by_rank, whole_order_first
from fulfill_core.testing.world import (
    CHANNEL,
    DAY,
    HOUR,
    LOCATIONS,
    PROXY,
    SKUS,
    TAG,
    TIER,
    UNTRACKED,
)

SEEN_LATER = "test.seen_later"
"""The code of what a verifier notices only once the stock has been given out."""
_LARGE = Decimal(15)


def priority_policies() -> st.SearchStrategy[PriorityPolicy]:
    """Priority policies: the ready-made ones, alone, turned round and combined; one ties all.

    `fair_share` is not among them: it looks at the whole batch, so that two halves of a batch have
    other turns than the whole.

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
    urgency = normalised(slack(HOUR), first=-DAY, last=DAY)
    score = weighted({normalised(customer_tier(TIER), first=0, last=1): 2, urgency: Decimal("1.5")})
    simple += [
        ageing(customer_tier(TIER, "silver"), rises_every=HOUR),
        ageing(score, rises_every=DAY),
        buckets(deadline, DAY),
        buckets(order_value({"EUR": Decimal(1)}), 10),
        channel_order(CHANNEL),
        customer_value({"EUR": Decimal(1)}),
        delayed(tag=TAG),
        expedited(tag=TAG),
        score,
        service_level("service", "same-day"),
        slack(DAY),
        tag_first(TAG),
        urgency,
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
    """Verifiers: the ready-made ones; some that note, hold, reject or fail; and combinations.

    Some stop single lines, some need facts, some look again once the stock has been given out, and
    one breaks at the sight of a batch. The combinations are `all_of`, `only_if`, `unless`,
    `downgrade`, `upgrade`, `needing` and `asked_last`, one in another at times.

    >>> from hypothesis import find
    >>> find(verifiers(), lambda verifier: verifier not in ready_made.DEFAULT_VERIFIERS)
    _Objects(severity=<Severity.NOTE: 1>, to='COMPLETE')
    """
    simple = st.sampled_from(_SIMPLE)
    once = st.tuples(st.sampled_from(_COMBINATIONS), simple, simple).map(_combined)
    twice = st.tuples(st.sampled_from(_COMBINATIONS), once, simple).map(_combined)
    return st.one_of(simple, once, twice)


@attrs.frozen
class _Objects:
    """A verifier with one finding about orders that ship so, or are of that tier, or want that."""

    severity: Severity
    to: str

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        marks = {order.ship.name, order.customer.tier, *(line.sku for line in order.lines)}
        if self.to in marks:
            yield Finding(
                code=f"test.{self.to.lower()}",
                severity=self.severity,
                evidence=self.to,
                measure=len(order.lines),
            )


@attrs.frozen
class _Recalls:
    """A verifier with a finding about each line of a SKU."""

    sku: str
    severity: Severity = Severity.HOLD

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        for line in order.lines:
            if line.sku == self.sku:
                yield Finding(
                    code="test.recalled",
                    severity=self.severity,
                    line_id=line.id,
                    evidence=self.sku,
                    measure=line.units,
                )


def _fails_on_gold(order: Order, /, *, context: Context) -> Iterable[Finding]:
    if order.customer.tier == "gold":
        message = "there is no credit record"
        raise LookupError(message)
    return ()


def _no_proxies(order: Order, /, *, context: Context) -> Iterable[Finding]:
    screening = context.facts.screening_of(order)
    if screening is None:
        yield fact_missing(FactKind.SCREENING, order)
    elif PROXY in screening.flags:
        yield reject("test.proxy", field="id", evidence=PROXY)


def _welcomes(order: Order, /, *, context: Context) -> Iterable[Finding]:
    customer = context.facts.customer(order.customer.id)
    if customer is None:
        yield fact_missing(FactKind.CUSTOMER, order)
    elif all(past.id == order.id for past in customer.orders):
        yield note("test.first_order", field="customer.id")


@attrs.frozen
class _LooksAgain:
    """A verifier that finds nothing at first, and later whatever is short."""

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()

    def second_look(self, decision: Decision, /, *, context: Context) -> Iterable[Finding]:
        for short in decision.shorts:
            yield hold(SEEN_LATER, line_id=short.line_id)


@attrs.frozen
class _BreaksOnBatch:
    """A verifier that cannot look at a batch."""

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Verifier:
        message = "there are too many"
        raise LookupError(message)


_SIMPLE: tuple[Verifier, ...] = (
    *ready_made.DEFAULT_VERIFIERS,
    *(_Objects(severity, to) for to in ("COMPLETE", "gold", "mug") for severity in Severity),
    *(_Recalls(sku) for sku in (*SKUS, UNTRACKED)),
    _Recalls("mug", Severity.REJECT),
    ready_made.gateway_answers(),
    ready_made.quantity_limits(dict.fromkeys(SKUS, 4)),
    ready_made.risk_flags({PROXY: Severity.HOLD}),
    ready_made.risk_score(hold_at=60, reject_at=90),
    _fails_on_gold,
    ready_made.needing(_no_proxies, FactKind.SCREENING),
    *(_no_proxies, _welcomes) * 2,
    *(_LooksAgain() for _ in range(3)),
    _BreaksOnBatch(),
)


def _is_large(order: Order, /, *, context: Context) -> bool:
    if order.customer.tier == "silver":
        message = "there is no list of prices"
        raise LookupError(message)
    return order.total > _LARGE


_COMBINATIONS: tuple[Callable[[Verifier, Verifier], Verifier], ...] = (
    ready_made.all_of,
    lambda one, other: ready_made.asked_last(ready_made.all_of(other, one)),
    lambda one, _: ready_made.asked_last(one),
    lambda one, _: ready_made.only_if(_is_large, one),
    lambda one, other: ready_made.unless(_is_large, ready_made.all_of(one, other)),
    lambda one, _: ready_made.downgrade(one, to=Severity.NOTE),
    lambda one, _: ready_made.downgrade(one, "test.recalled", "test.mug", to=Severity.NOTE),
    lambda one, _: ready_made.upgrade(one, to=Severity.HOLD),
    lambda one, _: ready_made.needing(one, FactKind.SCREENING),
    lambda one, _: ready_made.needing(one, *FactKind),
)


def _combined(
    row: tuple[Callable[[Verifier, Verifier], Verifier], Verifier, Verifier],
) -> Verifier:
    combine, one, other = row
    return combine(one, other)


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
        members = [candidate for candidate in candidates if candidate.id in self.places]
        return sorted(members, key=lambda candidate: self.places.index(candidate.id))
