"""What all contracts share: their version, what a storage may be unable to keep, and the guards."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from fulfill_core import _checks

SUITE_VERSION = 1
"""The version of the contracts. A minor release may add checks, and counts it up."""

C = TypeVar("C")


class Capability(StrEnum):
    """What a storage may be able to do. What it does not declare that it keeps it has to refuse.

    >>> Capability("lots")
    <Capability.LOTS: 'lots'>
    """

    DECISIONS = "decisions"
    """Decisions, for screens. This one may be left out instead of refused."""
    LOTS = "lots"
    """Units in lots, and the lot of a reservation."""
    SUPPLIES = "supplies"
    """Supplies, and claims on them."""
    ITEMS = "items"
    """Items with all their rules: kits, packs, fences, caps."""
    LOCATIONS = "locations"
    """Places that are new, their capacity, and what they took on."""
    EXPIRY = "expiry"
    """Reservations that expire."""
    DRAFTS = "drafts"
    """What of the outbox nobody can have read. A storage that does not say so gets no drafts."""
    CONNECTIONS = "connections"
    """Several connections at once, each in a thread of its own."""


ALL_CAPABILITIES = frozenset(Capability)
"""Those of a storage that keeps all that the library knows."""


class SuiteWarning(UserWarning):
    """A check fails that is newer than the version of the suite to which a contract is pinned.

    >>> issubclass(SuiteWarning, UserWarning)
    True
    """


def new_in(version: int) -> Callable[[Callable[[C], None]], Callable[[C], None]]:
    """Mark a check that came later: a contract that is pinned to an earlier version is warned.

    Args:
        version: the ``SUITE_VERSION`` with which it came.

    >>> class Mugs:
    ...     suite_version = 2
    ...     @new_in(2)
    ...     def test_mugs_have_handles(self):
    ...         raise AssertionError("no handle")
    >>> Mugs().test_mugs_have_handles()
    Traceback (most recent call last):
    AssertionError: no handle
    """

    def decorate(check: Callable[[C], None]) -> Callable[[C], None]:
        @wraps(check)
        def check_or_warn(contract: C) -> None:
            try:
                check(contract)
            except AssertionError as error:
                if getattr(contract, "suite_version", SUITE_VERSION) >= version:
                    raise
                text = f"{check.__name__} fails, and counts from the next version on: {error}"
                warnings.warn(text, SuiteWarning, stacklevel=2)

        return check_or_warn

    return decorate


def checks_of(contract: type[object]) -> tuple[str, ...]:
    """The names of the checks of a contract.

    >>> class Mugs:
    ...     def test_mugs_have_handles(self): ...
    >>> checks_of(Mugs)
    ('test_mugs_have_handles',)
    """
    return tuple(sorted([name for name in dir(contract) if name.startswith("test_")]))


def check_collected(items: Iterable[Any], *contracts: type[object]) -> None:
    """Fail if fewer checks were collected than contracts declare: call it in a test of your own.

    A class whose name pytest does not collect, a check that is overridden, a file that is not
    looked at: nobody notices a test that is not there.

    Args:
        items: what was collected: ``request.session.items``.
        contracts: your subclasses; one at least.

    Raises:
        AssertionError: a check is not among them, or is another one than that of the contract; all
            of these are named. Or there is nothing to look for.

    >>> class TestMugs:
    ...     def test_mugs_have_handles(self): ...
    >>> check_collected([], TestMugs)
    Traceback (most recent call last):
    AssertionError: not collected: TestMugs.test_mugs_have_handles
    """
    collected = {(getattr(item, "cls", None), item.name.partition("[")[0]) for item in items}
    without = [contract.__name__ for contract in contracts if not checks_of(contract)]
    if without or not contracts:
        raise AssertionError(f"nothing to collect: {', '.join(without) or 'no contract is passed'}")
    checks = [(contract, name) for contract in contracts for name in checks_of(contract)]
    missing = [check for check in checks if check not in collected]
    overridden = [check for check in checks if check in collected and _is_overridden(*check)]
    faults = [
        f"{fault}: {', '.join([f'{contract.__name__}.{name}' for contract, name in rows])}"
        for fault, rows in (("not collected", missing), ("overridden", overridden))
        if rows
    ]
    if faults:
        raise AssertionError("; ".join(faults))


def _is_overridden(contract: type[object], name: str) -> bool:
    return sum([name in vars(parent) for parent in contract.__mro__]) > 1


_CALLS: dict[str, tuple[tuple[object, ...], dict[str, object]]] = {
    "load": ((None,), {}),
    "commit": ((None,), {}),
    "decided": (("plan",), {}),
    "unsent": ((100,), {"now": None, "until": None, "parked": True}),
    "mark": (((),), {}),
}
"""How the loop calls each member of a storage."""


def check_adapter(*, storage: object = None, notifier: object = None, actor: object = None) -> None:
    """Fail if an adapter lacks something, and name all of it at once. Nothing is called.

    Args:
        storage: a `Storage`; None for none, as for the others.
        notifier: a `Notifier`.
        actor: an `Actor`.

    Raises:
        AssertionError: a member is not there, or can't be called as the loop calls it; or nothing
            is passed.

    >>> class Shelf:
    ...     def load(self, scope): ...
    ...     def commit(self): ...
    >>> check_adapter(storage=Shelf())
    Traceback (most recent call last):
    AssertionError: Shelf.commit: too many positional arguments; Shelf.decided: is missing; \
Shelf.unsent: is missing; Shelf.mark: is missing
    """
    if storage is notifier is actor is None:
        raise AssertionError("nothing is checked; pass a storage, a notifier or an actor")
    faults: list[str] = []
    if storage is not None:
        for name, (args, kwargs) in _CALLS.items():
            fault = _fault_of(getattr(storage, name, None), args, kwargs)
            faults += [f"{type(storage).__name__}.{name}: {fault}"] if fault else []
    for role, sender in (("notifier", notifier), ("actor", actor)):
        fault = "" if sender is None else _fault_of(sender, (None,), {})
        faults += [f"{role} {_checks.repr_of(sender)}: {fault}"] if fault else []
    if faults:
        raise AssertionError("; ".join(faults))


def _fault_of(member: object, args: tuple[object, ...], kwargs: dict[str, object]) -> str:
    """Why something can't be called like this; empty if it can."""
    if member is None:
        return "is missing"
    if not callable(member):
        return "can't be called"
    try:
        signature(member).bind(*args, **kwargs)
    except TypeError as error:
        return str(error)
    return ""
