"""The settings of a run: what `process` takes by name, in one place, and each as it should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, cast

import attrs

from fulfill_core import _checks, _values
from fulfill_core import reallocation as reallocation_wing
from fulfill_core.notifications import DEFAULT_NOTIFICATIONS
from fulfill_core.pipeline.chunks import MapFunction
from fulfill_core.priorities import DEFAULT_PRIORITY
from fulfill_core.protocols import (
    NotificationPolicy,
    Planner,
    PriorityPolicy,
    PromisePolicy,
    SourcingPolicy,
    Verifier,
)
from fulfill_core.protocols.roles import (
    NOTIFICATIONS,
    PLANNER,
    PRIORITY,
    PROMISE,
    SOURCING,
    VERIFIER,
    check_function,
    check_plugin,
)
from fulfill_core.records.facts import Facts
from fulfill_core.sourcing import DEFAULT_SOURCING
from fulfill_core.verifiers import DEFAULT_VERIFIERS

_BUILTIN = map  # as in nearly all runs: nothing is to be checked
OF_ONE_CALL = frozenset({"now", "progress"})
"""What `process` takes by name and is no setting: each call has its own."""


def check_policies(
    priority: PriorityPolicy,
    sourcing: SourcingPolicy,
    notifications: NotificationPolicy,
    planner: Planner | None,
    promise: PromisePolicy | None,
) -> None:
    """Each of them can be asked in its role, before anything is asked of one."""
    check_plugin("priority", priority, PRIORITY)
    check_plugin("sourcing", sourcing, SOURCING)
    check_plugin("notifications", notifications, NOTIFICATIONS)
    if planner is not None:
        check_plugin("planner", planner, PLANNER)
    if promise is not None:
        check_plugin("promise", promise, PROMISE)


def check_options(
    planner: Planner | None,
    reallocation: reallocation_wing.Reallocation | None,
    reservation_window: timedelta,
    *,
    whole: bool,
) -> None:
    """What `process` can do without is either None or as it should be."""
    _checks.check_bool("whole", whole)
    if reallocation is not None:
        _checks.check_member("reallocation", reallocation, reallocation_wing.Reallocation)
        if planner is not None:
            raise _checks.refuse(
                "planner", planner, "can't be combined with a reallocation; pass one of them"
            )
    _checks.check_duration("reservation_window", reservation_window)


def to_verifiers(verifiers: Iterable[Verifier]) -> tuple[Verifier, ...]:
    """The verifiers that were passed; a generator of them can be gone through only once."""
    _checks.check_collection("verifiers", verifiers)
    members = tuple(verifiers)
    for position, verifier in enumerate(members):
        check_plugin(f"verifiers[{position}]", verifier, VERIFIER)
    return members


def _kept_verifiers(verifiers: Iterable[Verifier]) -> tuple[Verifier, ...]:
    return _checks.to_tuple(verifiers)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Settings(Mapping[str, Any]):
    """What `process` takes by name, but for the time: the policies of a shop in one place.

    It is a mapping: ``process(orders, stock, now=now, **settings)`` runs by it, `shards` and
    `compare` take it as it is, and ``attrs.evolve(settings, priority=...)`` is another one of which
    one thing differs. What is left out is as in `process`.

    Args:
        verifiers: as for `process`, and so on. They are kept as a tuple.

    Raises:
        InvalidValueError: what `process` would refuse: a planner together with a re-allocation,
            something that can't be asked in its role.
        TypeError: a name that is none of these.

    >>> from fulfill_core.priorities import oldest_first
    >>> settings = Settings(verifiers=[], priority=oldest_first)
    >>> settings["verifiers"], settings["whole"], len(settings)
    ((), False, 11)
    """

    verifiers: tuple[Verifier, ...] = attrs.field(
        default=DEFAULT_VERIFIERS, converter=_kept_verifiers
    )
    priority: PriorityPolicy = DEFAULT_PRIORITY
    sourcing: SourcingPolicy = DEFAULT_SOURCING
    notifications: NotificationPolicy = DEFAULT_NOTIFICATIONS
    facts: Facts = Facts()
    planner: Planner | None = None
    reallocation: reallocation_wing.Reallocation | None = None
    promise: PromisePolicy | None = None
    reservation_window: timedelta = timedelta(0)
    whole: bool = False
    map: MapFunction = map

    # A mapping can't be hashed, these settings can.
    __eq__, __hash__, __repr__ = _values.BY_FIELDS  # pyright: ignore[reportAssignmentType]

    def __attrs_post_init__(self) -> None:
        to_verifiers(self.verifiers)
        check_policies(self.priority, self.sourcing, self.notifications, self.planner, self.promise)
        check_options(self.planner, self.reallocation, self.reservation_window, whole=self.whole)
        _checks.check_member("facts", self.facts, Facts)
        if self.map is not _BUILTIN:
            check_function("map", self.map, "function", "chunks")

    def __getitem__(self, name: str) -> Any:
        if name not in _NAMES:
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)


_NAMES = tuple([field.name for field in attrs.fields(Settings)])


def settings_of(path: str, settings: object) -> Settings:
    """Settings, or any mapping of what `process` takes by name, as `Settings`.

    Raises:
        InvalidValueError: it is no mapping, has a name that `process` does not take, or what
            `process` would refuse.
    """
    if isinstance(settings, Settings):
        return settings
    _checks.check_mapping(path, settings, "what process() takes")
    content: dict[str, Any] = dict(cast("Mapping[str, Any]", settings))
    for name in content:
        if name not in _NAMES and name not in OF_ONE_CALL:
            raise _checks.refuse(path, name, "is nothing that process() takes; leave it out")
    if hasattr(content.get("verifiers"), "__next__"):  # the runs would find none left
        problem = "can be gone through only once; pass a tuple"
        raise _checks.refuse(f"{path}['verifiers']", content["verifiers"], problem)
    return Settings(**{name: content[name] for name in content if name not in OF_ONE_CALL})
