"""Small verifiers and conditions for tests to combine, and what a run with them finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs
from builders import NOW, decide, mugs, order

from fulfill_core import (
    Context,
    Decision,
    Facts,
    Finding,
    Order,
    Screening,
    Verifier,
    hold,
    note,
    reject,
)
from fulfill_core.records import FactKind

GOOD = order("A-1", 1)
SCREENED = Facts(screenings=[Screening(order_id="A-1")])
NEEDED = frozenset({FactKind.SCREENING})


def holds(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Objects, moderately."""
    return [hold("test.held")]


def rejects(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Objects, strongly."""
    return [reject("test.rejected")]


def notes(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Remarks."""
    return [note("test.noted")]


def fails(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Breaks."""
    raise LookupError(order.id)


def fails_half_way(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """Objects, and breaks then."""
    yield reject("test.rejected")
    raise LookupError(order.id)


def quiet(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Has nothing to say."""
    return ()


def reads_score(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Fails where there is no screening."""
    seen = context.facts.screening_of(order)
    assert seen is not None
    return [hold("test.score", detail=f"{seen.score}")] if seen.score else []


def is_gift(order: Order, /, *, context: Context) -> bool:
    """A condition."""
    return "gift" in order.tags


def breaks(order: Order, /, *, context: Context) -> bool:
    """A condition that can't be asked."""
    raise LookupError(order.id)


GIFT = order("A-1", 1, tags=["gift"])


@attrs.frozen
class Parts:
    """A verifier with all the parts that there are."""

    seen: tuple[str, ...] = ()

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return [note("test.batch", detail=" ".join(self.seen))]

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        return NEEDED

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Parts:
        return Parts(tuple(sorted(order.id for order in orders)))

    def second_look(self, decision: Decision, /, *, context: Context) -> Iterable[Finding]:
        return [reject("test.later", detail=f"{decision.outcome} {' '.join(self.seen)}")]


def found(verifier: Verifier, of: Order = GOOD, facts: Facts = Facts()) -> list[str]:  # noqa: B008
    """What it finds, as severity and code."""
    context = Context(now=NOW, facts=facts)
    return [f"{each.severity.name} {each.code}" for each in verifier(of, context=context)]


def told(*verifiers: Verifier, of: Order = GOOD, **options: Any) -> list[str]:
    """What a run with these verifiers finds, as severity and code."""
    decision = decide(of, mugs(berlin=5), verifiers=verifiers, **options)
    return [f"{each.severity.name} {each.code}" for each in decision.findings]


def details(*verifiers: Verifier, of: Order = GOOD, **options: Any) -> list[str]:
    """The details of what a run with these verifiers finds."""
    decision = decide(of, mugs(berlin=5), verifiers=verifiers, **options)
    return [each.detail for each in decision.findings]
