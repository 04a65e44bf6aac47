"""In what manner a verifier is asked: only about some orders, milder, stricter, last.

What is made of a verifier so is an `Around`, which a run takes apart again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import attrs

from fulfill_core import _checks, _values
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Finding, Severity
from fulfill_core.orders.order import Order
from fulfill_core.protocols import Verifier
from fulfill_core.protocols.plugins import (
    UNASKED,
    TurningPoints,
    Unasked,
    is_iterable,
    name_of,
    turning_points_by,
)
from fulfill_core.protocols.roles import CONDITION, VERIFIER, check_plugin
from fulfill_core.records.facts import FACT_CODES, Context, KindOfFact
from fulfill_core.verifiers.combining import Around, facts_needed_by, second_look_of

_NO_KINDS: frozenset[KindOfFact] = frozenset()


class Condition(Protocol):
    """Says whether a verifier is to be asked about an order.

    >>> def is_large(order, /, *, context):
    ...     return order.total > 500
    >>> condition: Condition = is_large
    """

    def __call__(self, order: Order, /, *, context: Context) -> bool: ...


@attrs.frozen(weakref_slot=False)
class _If:
    """It is asked about some orders only."""

    condition: Condition
    is_expected: bool

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    is_last = False

    def _is_asked(self, order: Order, context: Context) -> bool:
        return bool(self.condition(order, context=context)) is self.is_expected

    def ask(self, verifier: Verifier, order: Order, context: Context) -> Iterable[Finding]:
        return verifier(order, context=context) if self._is_asked(order, context) else UNASKED

    def facts_needed(
        self, verifier: Verifier, order: Order, context: Context
    ) -> frozenset[KindOfFact]:
        """What the verifier needs, if it will be asked; also if the condition breaks."""
        try:
            is_asked = self._is_asked(order, context)
        except Exception:  # noqa: BLE001 - the run will hold the order and say why
            is_asked = True
        return facts_needed_by(verifier, order, context) if is_asked else _NO_KINDS

    def look(self, verifier: Verifier, decision: Decision, context: Context) -> Iterable[Finding]:
        is_asked = self._is_asked(decision.order, context)
        return second_look_of(verifier, decision, context) if is_asked else ()

    def turning_points(self, verifier: Verifier) -> TurningPoints | None:
        return turning_points_by(self.condition, verifier)

    def text(self, verifier: str) -> str:
        word = "only_if" if self.is_expected else "unless"
        return f"{word}({name_of(self.condition)}, {verifier})"


def _if(condition: Condition, verifier: Verifier, *, is_expected: bool) -> Verifier:
    check_plugin("condition", condition, CONDITION)
    check_plugin("verifier", verifier, VERIFIER)
    return Around(verifier, _If(condition, is_expected=is_expected))


def only_if(condition: Condition, verifier: Verifier) -> Verifier:
    """A verifier that is asked only about orders for which the condition holds.

    Args:
        condition: a callable of an order and a context, like a verifier, that returns a bool. If it
            raises, the order is held, as if the verifier itself had.
        verifier: any verifier.

    >>> from fulfill_core.verifiers import reachable
    >>> def is_large(order, /, *, context):
    ...     return order.total > 500
    >>> only_if(is_large, reachable)
    only_if(is_large, reachable)
    """
    return _if(condition, verifier, is_expected=True)


def unless(condition: Condition, verifier: Verifier) -> Verifier:
    """A verifier that is asked only about orders for which the condition does not hold.

    Args:
        condition: a callable of an order and a context, like a verifier, that returns a bool.
        verifier: any verifier.

    >>> from fulfill_core.verifiers import covers_total
    >>> def on_account(order, /, *, context):
    ...     return order.customer.tier == "account"
    >>> unless(on_account, covers_total())
    unless(on_account, covers_total())
    """
    return _if(condition, verifier, is_expected=False)


@attrs.frozen(weakref_slot=False)
class _Weighing:
    """Its findings weigh at most, or at least, so much."""

    codes: frozenset[str]
    to: Severity
    is_cap: bool

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    is_last = False

    def ask(self, verifier: Verifier, order: Order, context: Context) -> Iterable[Finding]:
        answer = verifier(order, context=context)
        if not is_iterable(answer):
            return answer  # the run will say what is wrong with it
        # One by one: what came before a failure is kept.
        findings = map(self._weighed, answer)
        return Unasked(findings) if isinstance(answer, Unasked) else findings

    def facts_needed(
        self, verifier: Verifier, order: Order, context: Context
    ) -> frozenset[KindOfFact]:
        return facts_needed_by(verifier, order, context)

    def look(self, verifier: Verifier, decision: Decision, context: Context) -> Iterable[Finding]:
        return map(self._weighed, second_look_of(verifier, decision, context))

    def _weighed(self, finding: Finding) -> Finding:
        if not isinstance(finding, Finding):
            return finding  # the run will say what is wrong with it
        # A fact that is missing holds the order, unless that is said in so many words.
        code, codes = finding.code, self.codes
        is_meant = code in codes if codes else code not in FACT_CODES
        moves = finding.severity > self.to if self.is_cap else finding.severity < self.to
        return attrs.evolve(finding, severity=self.to) if is_meant and moves else finding

    def turning_points(self, verifier: Verifier) -> TurningPoints | None:
        return turning_points_by(verifier)

    def text(self, verifier: str) -> str:
        word = "downgrade" if self.is_cap else "upgrade"
        codes = "".join(f", {code!r}" for code in sorted(self.codes))
        return f"{word}({verifier}{codes}, to=Severity.{self.to.name})"


def _weighing(
    verifier: Verifier, codes: tuple[str, ...], to: Severity, *, is_cap: bool
) -> Verifier:
    check_plugin("verifier", verifier, VERIFIER)
    words = _checks.to_frozenset(codes)
    _checks.check_words("codes", words)
    return Around(verifier, _Weighing(words, _checks.to_word("to", to, Severity), is_cap=is_cap))


def downgrade(verifier: Verifier, *codes: str, to: Severity) -> Verifier:
    """A verifier whose findings weigh at most *to*.

    Args:
        verifier: any verifier.
        codes: only findings with these codes; none for all of them, except that a fact is missing:
            that holds the order unless its code is named here.
        to: the severity that they are brought down to. Milder ones stay as they are.

    >>> from fulfill_core import Severity
    >>> from fulfill_core.verifiers import reachable
    >>> downgrade(reachable, "contact.missing", to=Severity.NOTE)
    downgrade(reachable, 'contact.missing', to=Severity.NOTE)
    """
    return _weighing(verifier, codes, to, is_cap=True)


def upgrade(verifier: Verifier, *codes: str, to: Severity) -> Verifier:
    """A verifier whose findings weigh at least *to*.

    Args:
        verifier: any verifier.
        codes: only findings with these codes; none for all of them, except that a fact is missing:
            that holds the order unless its code is named here.
        to: the severity that they are brought up to. Harsher ones stay as they are.

    >>> from fulfill_core import Severity
    >>> from fulfill_core.verifiers import covers_total
    >>> upgrade(covers_total(), "payment.expired", to=Severity.REJECT)
    upgrade(covers_total(), 'payment.expired', to=Severity.REJECT)
    """
    return _weighing(verifier, codes, to, is_cap=False)


@attrs.frozen(weakref_slot=False)
class _Last:
    """It is asked about orders only that the others do not reject."""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    is_last = True

    def ask(self, verifier: Verifier, order: Order, context: Context) -> Iterable[Finding]:
        return verifier(order, context=context)

    def facts_needed(
        self, verifier: Verifier, order: Order, context: Context
    ) -> frozenset[KindOfFact]:
        return facts_needed_by(verifier, order, context)

    def look(self, verifier: Verifier, decision: Decision, context: Context) -> Iterable[Finding]:
        return second_look_of(verifier, decision, context)

    def turning_points(self, verifier: Verifier) -> TurningPoints | None:
        return turning_points_by(verifier)

    def text(self, verifier: str) -> str:
        return f"asked_last({verifier})"


def asked_last(verifier: Verifier) -> Verifier:
    """A costly verifier: not asked about an order that the others reject anyway.

    All verifiers that are not asked last come first, whatever the sequence. If they reject the
    order and nobody waived that, those that are asked last are skipped, and the decision says so:
    ``verifier.skipped`` (NOTE), one for each.

    Args:
        verifier: any verifier.

    >>> from fulfill_core.verifiers import reachable
    >>> asked_last(reachable)
    asked_last(reachable)
    """
    check_plugin("asked_last.verifier", verifier, VERIFIER)
    return Around(verifier, _Last())
