"""What goes wrong with verifiers, counted over a run: one that never gives findings stops it.

An exception holds its order, since it may lie with the order. An answer of the wrong type for each
order lies with the verifier, and no order is to wait for that, nor anybody to be written to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import attrs

from fulfill_core import _values
from fulfill_core.decisions.finding import Finding
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.protocols import Verifier
from fulfill_core.protocols.plugins import kind_of, name_of
from fulfill_core.protocols.roles import VERIFIER
from fulfill_core.records.facts import VerifierFailure


class Failure(NamedTuple):
    """What went wrong with a verifier.

    Args:
        problem: in words.
        kind: the type of what it raised, or of what it returned in place of findings.
        remedy: what to return instead; empty if it raised.
    """

    problem: str
    kind: str
    remedy: str = ""

    @property
    def sentence(self) -> str:
        """The problem with its remedy, after the name of the verifier."""
        return f"{self.problem}; {self.remedy}." if self.remedy else self.problem


def wrong_answer(answer: object) -> Failure:
    """That a verifier returned something else than findings."""
    return Failure(f"returned {kind_of(answer)}", type(answer).__name__, "return Finding values")


@attrs.define(eq=False)
class Tally:
    """How the verifiers of a run answered, each by its place among them.

    Args:
        questions: about how many orders each was asked.
        failures: for how many it failed.
        wrong_answers: for how many it returned something else than findings.
        examples: the first order, by id, for which it did, and what it returned.
    """

    questions: Counter[int] = attrs.field(factory=Counter[int])
    failures: Counter[int] = attrs.field(factory=Counter[int])
    wrong_answers: Counter[int] = attrs.field(factory=Counter[int])
    examples: dict[int, tuple[str, str]] = attrs.field(factory=dict[int, tuple[str, str]])

    __repr__ = _values.repr_of

    def count(self, place: int, order: Order, failure: Failure) -> None:
        """That a verifier failed for an order."""
        self.failures[place] += 1
        if failure.remedy:
            self.wrong_answers[place] += 1
            self._add_example(place, (order.id, failure.problem))

    def add(self, other: Tally) -> None:
        """What another chunk of the batch adds to it."""
        self.questions.update(other.questions)
        self.failures.update(other.failures)
        self.wrong_answers.update(other.wrong_answers)
        for place, example in other.examples.items():
            self._add_example(place, example)

    def _add_example(self, place: int, example: tuple[str, str]) -> None:
        self.examples[place] = min(self.examples.get(place, example), example)

    def check(self, verifiers: Sequence[Verifier]) -> None:
        """No verifier has returned something else than findings for all orders asked.

        Raises:
            PluginError: one has; it says how a verifier is written.
        """
        for place, count in sorted(self.wrong_answers.items()):
            if count == self.questions[place]:
                order_id, problem = self.examples[place]
                expected = f"{VERIFIER.title} is written {VERIFIER.signature}"
                raise PluginError(
                    name_of(verifiers[place]), order_id, f"{problem}; {expected}", count
                )


def failures_of(
    members: Iterable[tuple[Order, Iterable[Finding]]],
) -> tuple[VerifierFailure, ...]:
    """The verifiers that failed for more than one of these orders, by name."""
    orders_by_name: dict[str, list[Order]] = {}
    for order, findings in members:
        names = {
            finding.evidence.rpartition(": ")[0]
            for finding in findings
            if finding.code == "verifier.failed"
        }
        for name in names:
            orders_by_name.setdefault(name, []).append(order)
    failures: list[VerifierFailure] = []
    for name, orders in sorted(orders_by_name.items()):
        if len(orders) > 1:
            # The oldest one: it is the same in the next run, whoever joins.
            first = min(orders, key=lambda order: (order.placed_at, order.id))
            failures.append(
                VerifierFailure(verifier=name, order_id=first.id, order_count=len(orders))
            )
    return tuple(failures)
