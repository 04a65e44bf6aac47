"""How verifiers combine: several as one, only for some orders, milder, stricter, asked last.

Beside being called, a verifier may have parts that a run asks for (see `optional_parts`); a
combination passes them on.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Finding, Severity
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.protocols import Verifier, roles
from fulfill_core.protocols.plugins import (
    UNASKED,
    KeysOfAll,
    TurningPoints,
    Unasked,
    is_iterable,
    name_of,
    shared_keys_by,
    turning_points_by,
)
from fulfill_core.protocols.roles import CONDITION, VERIFIER, check_plugin
from fulfill_core.records.facts import FACT_CODES, Context, KindOfFact

_NO_KINDS: frozenset[KindOfFact] = frozenset()
FactsNeeded: TypeAlias = Callable[..., frozenset[KindOfFact]]
SecondLook: TypeAlias = Callable[..., Iterable[Finding]]


class Condition(Protocol):
    """Says whether a verifier is to be asked about an order.

    >>> def is_large(order, /, *, context):
    ...     return order.total > 500
    >>> condition: Condition = is_large
    """

    def __call__(self, order: Order, /, *, context: Context) -> bool: ...


# -- The parts of a verifier -----------------------------------------------------------------------


def facts_needed_by(verifier: Verifier, order: Order, context: Context) -> frozenset[KindOfFact]:
    """What a verifier has to know about an order; nothing if it does not say.

    >>> facts_needed_by(lambda order, /, *, context: (), None, context=None)
    frozenset()
    """
    needs: FactsNeeded | None = getattr(verifier, "facts_needed", None)
    return _NO_KINDS if needs is None else needs(order, context=context)


def in_batch(verifier: Verifier, orders: Sequence[Order], context: Context) -> Verifier:
    """The verifier to ask in a run with these orders. One that raises holds every one of them.

    Raises:
        PluginError: what its ``for_batch`` makes is no verifier.

    >>> def quiet(order, /, *, context):
    ...     return ()
    >>> in_batch(quiet, [], context=None) is quiet
    True
    """
    try:
        return roles.in_batch(verifier, orders, context, VERIFIER)
    except PluginError:
        raise  # what it makes is no verifier: it never will be, for any order
    except Exception as error:  # noqa: BLE001 - it is not known what it would have found
        return _Broken(verifier, f"could not look at the batch: {_checks.message_of(error)}")


def flat(verifiers: Iterable[Verifier]) -> tuple[Verifier, ...]:
    """The verifiers, with the members of `all_of` in its place: each is asked for itself.

    What is around an `all_of` is put around each of its members.

    >>> from fulfill_core.verifiers import has_lines, reachable
    >>> flat([asked_last(all_of(has_lines, all_of(reachable)))])
    (asked_last(has_lines), asked_last(reachable))
    """
    members: list[Verifier] = []
    for verifier in verifiers:
        if isinstance(verifier, AllOf):
            members += flat(verifier.verifiers)
        elif isinstance(verifier, Around):
            inner = flat([verifier.verifier])
            is_one = len(inner) == 1 and inner[0] is verifier.verifier
            members += [verifier] if is_one else [Around(each, verifier.manner) for each in inner]
        else:
            members.append(verifier)
    return tuple(members)


@attrs.frozen(weakref_slot=False, repr=False)
class _Broken:
    """What is asked in place of a verifier that could not look at the batch: it fails as well."""

    verifier: Verifier
    problem: str

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        raise PluginError(repr(self), order.id, self.problem)

    def __repr__(self) -> str:
        return name_of(self.verifier)


# -- Combinations ----------------------------------------------------------------------------------


@attrs.frozen(weakref_slot=False, repr=False)
class AllOf:
    """Several verifiers as one, as `all_of` makes it."""

    verifiers: tuple[Verifier, ...]

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return [
            finding for verifier in self.verifiers for finding in verifier(order, context=context)
        ]

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[KindOfFact]:
        """What any of its members needs."""
        return _NO_KINDS.union(
            *[facts_needed_by(verifier, order, context) for verifier in self.verifiers]
        )

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> AllOf:
        """The members for this batch, as one."""
        return AllOf(tuple([in_batch(each, orders, context) for each in self.verifiers]))

    def second_look(self, decision: Decision, /, *, context: Context) -> Iterable[Finding]:
        """What any of its members notices then."""
        return [
            finding
            for verifier in self.verifiers
            for finding in second_look_of(verifier, decision, context)
        ]

    @property
    def turning_points(self) -> TurningPoints | None:
        """Those of its members; None if none of them knows of time."""
        return turning_points_by(*self.verifiers)

    @property
    def shared_keys(self) -> KeysOfAll | None:
        """Those of its members; None if one of them looks at the batch and does not say."""
        return shared_keys_by(*self.verifiers)

    def __repr__(self) -> str:
        return f"all_of({', '.join(map(name_of, self.verifiers))})"


def all_of(*verifiers: Verifier) -> AllOf:
    """Several verifiers as one: all that any of them notices.

    A run asks each member for itself, so one that fails does not silence the others.

    Args:
        verifiers: the verifiers, in any sequence.

    >>> from fulfill_core.verifiers import has_lines, reachable
    >>> all_of(reachable, has_lines)
    all_of(reachable, has_lines)
    """
    for position, verifier in enumerate(verifiers):
        check_plugin(f"all_of({position})", verifier, VERIFIER)
    return AllOf(verifiers)


class _Manner(Protocol):
    """How a verifier is asked that stands in another one."""

    @abstractmethod
    def ask(self, verifier: Verifier, order: Order, context: Context) -> Iterable[Finding]:
        """What is made of what the verifier notices."""

    @abstractmethod
    def facts_needed(
        self, verifier: Verifier, order: Order, context: Context
    ) -> frozenset[KindOfFact]:
        """What has to be known of an order."""

    @abstractmethod
    def look(self, verifier: Verifier, decision: Decision, context: Context) -> Iterable[Finding]:
        """What is made of what the verifier notices at its second look."""

    @abstractmethod
    def text(self, verifier: str) -> str:
        """The call that makes it, around the name of the verifier."""


@attrs.frozen(weakref_slot=False, repr=False)
class Around:
    """A verifier that is asked in some manner: on a condition, last, with other weights."""

    verifier: Verifier
    manner: _Manner

    @property
    def is_asked_last(self) -> bool:
        """Whether it need not be asked about an order that is rejected already."""
        return isinstance(self.manner, _Last) or getattr(self.verifier, "is_asked_last", False)

    @property
    def skips_rejected(self) -> bool:
        """Whether it leaves out orders of the batch that the other verifiers reject."""
        return getattr(self.verifier, "skips_rejected", False)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return self.manner.ask(self.verifier, order, context)

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[KindOfFact]:
        """What has to be known of an order."""
        return self.manner.facts_needed(self.verifier, order, context)

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Around:
        """The verifier for this batch, asked in the same manner."""
        return Around(in_batch(self.verifier, orders, context), self.manner)

    def second_look(self, decision: Decision, /, *, context: Context) -> Iterable[Finding]:
        """What the verifier notices then."""
        return self.manner.look(self.verifier, decision, context)

    @property
    def turning_points(self) -> TurningPoints | None:
        """When time alone may change what it says, or whether it is asked; None if never."""
        if isinstance(self.manner, _If):
            return turning_points_by(self.manner.condition, self.verifier)
        return turning_points_by(self.verifier)

    @property
    def shared_keys(self) -> KeysOfAll | None:
        """Those of the verifier; None if it looks at the batch and does not say."""
        return shared_keys_by(self.verifier)

    def __repr__(self) -> str:
        return self.manner.text(name_of(self.verifier))


def second_look_of(verifier: Verifier, decision: Decision, context: Context) -> Iterable[Finding]:
    """What a verifier notices about a decision; nothing if it does not look again."""
    look: SecondLook | None = getattr(verifier, "second_look", None)
    return () if look is None else look(decision, context=context)


@attrs.frozen(weakref_slot=False)
class _If:
    """It is asked about some orders only."""

    condition: Condition
    is_expected: bool

    __repr__ = _checks.repr_of_fields

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

    __repr__ = _checks.repr_of_fields

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

    __repr__ = _checks.repr_of_fields

    def ask(self, verifier: Verifier, order: Order, context: Context) -> Iterable[Finding]:
        return verifier(order, context=context)

    def facts_needed(
        self, verifier: Verifier, order: Order, context: Context
    ) -> frozenset[KindOfFact]:
        return facts_needed_by(verifier, order, context)

    def look(self, verifier: Verifier, decision: Decision, context: Context) -> Iterable[Finding]:
        return second_look_of(verifier, decision, context)

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
