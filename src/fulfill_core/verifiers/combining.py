"""How verifiers combine: several as one; and one that is asked in some manner (see `manners`).

Beside being called, a verifier may have parts that a run asks for (see `optional_parts`); a
combination passes them on.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.protocols import Verifier, roles
from fulfill_core.protocols.plugins import (
    KeysOfAll,
    TurningPoints,
    name_of,
    shared_keys_by,
    turning_points_by,
)
from fulfill_core.protocols.roles import VERIFIER, check_plugin
from fulfill_core.records.facts import Context, KindOfFact

_NO_KINDS: frozenset[KindOfFact] = frozenset()
FactsNeeded: TypeAlias = Callable[..., frozenset[KindOfFact]]
SecondLook: TypeAlias = Callable[..., Iterable[Finding]]


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

    >>> from fulfill_core.verifiers import asked_last, has_lines, reachable
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

    __eq__, __hash__ = _values.EQUALITY

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        raise PluginError(repr(self), order.id, self.problem)

    def __repr__(self) -> str:
        return name_of(self.verifier)


# -- Combinations ----------------------------------------------------------------------------------


@attrs.frozen(weakref_slot=False, repr=False)
class AllOf:
    """Several verifiers as one, as `all_of` makes it."""

    verifiers: tuple[Verifier, ...]

    __eq__, __hash__ = _values.EQUALITY

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


class Manner(Protocol):
    """How a verifier is asked that stands in another one."""

    @property
    @abstractmethod
    def is_last(self) -> bool:
        """Whether it need not be asked about an order that is rejected already."""

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
    def turning_points(self, verifier: Verifier) -> TurningPoints | None:
        """When time alone may change what it says, or whether it is asked; None if never."""

    @abstractmethod
    def text(self, verifier: str) -> str:
        """The call that makes it, around the name of the verifier."""


@attrs.frozen(weakref_slot=False, repr=False)
class Around:
    """A verifier that is asked in some manner: on a condition, last, with other weights."""

    verifier: Verifier
    manner: Manner

    __eq__, __hash__ = _values.EQUALITY

    @property
    def is_asked_last(self) -> bool:
        """Whether it need not be asked about an order that is rejected already."""
        return self.manner.is_last or getattr(self.verifier, "is_asked_last", False)

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
        return self.manner.turning_points(self.verifier)

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
