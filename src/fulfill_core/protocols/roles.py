"""What a plug-in of each role looks like: how it is called, which parts it may have.

A plug-in that does not look like it is wrong for every order, whatever it was meant to say. So it
is refused where it is passed, before a run asks it anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache, partial
from inspect import signature
from types import FunctionType, MethodType
from typing import Any, NamedTuple, TypeVar, cast

from fulfill_core import _checks
from fulfill_core.exceptions import InvalidValueError, PluginError
from fulfill_core.orders.order import Order
from fulfill_core.protocols.plugins import kind_of, looks_at_batch, name_of
from fulfill_core.protocols.spelling import letters_apart, misspelling
from fulfill_core.records.facts import Context

T = TypeVar("T")

# As `inspect` has them: of a function that gives something to await, or an async generator.
_CO_COROUTINE, _CO_ASYNC_GENERATOR = 0x80, 0x200
_IS_ASYNC = _CO_COROUTINE | _CO_ASYNC_GENERATOR


class Part(NamedTuple):
    """What a plug-in may have beside being called.

    Args:
        name: how it is called.
        argument: what it is given by position, beside the context; empty if it is a bool.
        keyword: what it is given by name.
    """

    name: str
    argument: str = ""
    keyword: str = "context"


class Role(NamedTuple):
    """What a plug-in is in a run.

    Args:
        title: with its article, for a sentence.
        arguments: what it is given by position, beside the context.
        answer: what it returns.
        parts: what it may have.
    """

    title: str
    arguments: tuple[str, ...]
    answer: str
    parts: tuple[Part, ...] = ()

    @property
    def signature(self) -> str:
        """How it is written.

        >>> VERIFIER.signature
        '(order, /, *, context) -> Iterable[Finding]'
        """
        return f"({', '.join(self.arguments)}, /, *, context) -> {self.answer}"


_FOR_BATCH, _IN_TIME = Part("for_batch", "orders"), Part("turning_points", "order")
_KEYS = Part("shared_keys", "order", "facts")

VERIFIER = Role(
    "a verifier",
    ("order",),
    "Iterable[Finding]",
    (
        *(Part("facts_needed", "order"), _FOR_BATCH, Part("second_look", "decision")),
        *(_IN_TIME, Part("is_asked_last"), _KEYS),
    ),
)
CONDITION = Role("a condition", ("order",), "bool", (_IN_TIME,))
PRIORITY = Role(
    "a priority policy",
    ("order",),
    "SortKey",
    (_FOR_BATCH, Part("turning_points", "orders"), Part("describe", "order"), _KEYS),
)
SOURCING = Role(
    "a sourcing policy",
    ("demand", "candidates"),
    "Iterable[Candidate]",
    (Part("serves_anywhere"),),
)
CRITERION = Role("a criterion", ("candidate", "demand"), "SortKey | None")
PROMISE = Role(
    "a promise policy",
    ("decision",),
    "Promise | None",
    (Part("turning_points", "decision"), Part("is_deferrable")),
)
PLANNER = Role(
    "a planner", ("queue", "inventory"), "Plan", (_KEYS, Part("worth_of", "units", "queue"))
)
NOTIFICATIONS = Role(
    "a notification policy",
    ("decision",),
    "Iterable[Notification]",
    (
        Part("turning_points", "decision"),
        Part("message_count", "decision"),
        Part("of_absent_order", "reservations"),
        Part("is_deferrable"),
        Part("is_timeless_in_queue"),
        _KEYS,
    ),
)
STRATEGY = Role("a strategy policy", ("order",), "ConfirmationStrategy")


def check_plugin(path: str, plugin: object, role: Role) -> None:
    """Something that can be asked in its role: called so, by now, and with parts that are its own.

    Raises:
        InvalidValueError: it can't be called at all, or not like this; it is a class in the place
            of its instance, a function that makes a plug-in, or one to be awaited; a part of it is
            no part, or is misspelt.

    >>> from fulfill_core.verifiers import covers_total
    >>> check_plugin("verifiers[0]", covers_total(), VERIFIER)
    >>> check_plugin("verifiers[0]", covers_total, VERIFIER)
    Traceback (most recent call last):
    ...
    fulfill_core.exceptions.InvalidValueError: verifiers[0]: covers_total can't be called with \
(order, /, *, context), as a verifier is; if it makes one, pass what covers_total(...) returns
    """
    _checks.check_callable(path, plugin)
    problem = _problem_of(plugin, role)
    if problem:
        raise InvalidValueError(path, name_of(plugin), problem)


def check_function(path: str, function: object, *arguments: str) -> None:
    """A function of the host's own that can be called with these, by position.

    Raises:
        InvalidValueError: it can't be called so, or would have to be awaited.

    >>> check_function("progress", lambda stage, share: None, "stage", "share")
    """
    _checks.check_callable(path, function)
    problem = ""
    if _is_async(function):
        problem = "is a coroutine function; a run awaits nothing: pass a plain one"
    else:
        try:
            bound = signature(function, follow_wrapped=False)  # type: ignore[arg-type]
            bound.bind(*[None] * len(arguments))
        except ValueError:  # of some callables that are not written in Python nothing is known
            pass
        except TypeError:
            problem = f"can't be called with ({', '.join(arguments)}, /); take these"
    if problem:
        raise InvalidValueError(path, name_of(function), problem)


def _problem_of(plugin: object, role: Role) -> str:
    """What is wrong with a callable in this role; empty if nothing is."""
    if isinstance(plugin, type):
        return f"is a class; pass an instance of it, {name_of(plugin)}(...)"
    if _is_async(plugin):
        return "is a coroutine function; a run awaits nothing: look things up before it"
    if not _takes(plugin, len(role.arguments)):
        return (
            f"can't be called with ({', '.join(role.arguments)}, /, *, context), as {role.title}"
            f" is; if it makes one, pass what {name_of(plugin)}(...) returns"
        )
    if type(plugin) is FunctionType and not plugin.__dict__:  # as most are: it has no parts
        return ""
    for part in role.parts:
        problem = _problem_of_part(plugin, part)
        if problem:
            return problem
    return _problem_of_names(plugin, role)


def _problem_of_part(plugin: object, part: Part) -> str:
    """What is wrong with a part, if it is there."""
    try:
        member = getattr(plugin, part.name, None)
    except Exception as error:  # noqa: BLE001 - a property may raise whatever it likes
        return f"raised {_checks.repr_of(error)} when it was asked for its {part.name}"
    if member is None:
        return ""
    problem = ""
    if not part.argument:
        if not isinstance(member, bool):
            problem = f"is {kind_of(member)}; make it True or False"
    elif not callable(member):
        problem = f"is {kind_of(member)}; make it a method"
    elif _is_async(member):
        problem = "is a coroutine function; a run awaits nothing"
    elif not _takes(member, 1, part.keyword):
        problem = f"can't be called with ({part.argument}, /, *, {part.keyword})"
    return problem and f"has a part {part.name} that {problem}"


def _problem_of_names(plugin: object, role: Role) -> str:
    """What it has that is a part by another name: nobody would ever ask for it."""
    members: Iterable[str] = getattr(plugin, "__dict__", None) or ()
    slip = _misspelling(frozenset(members), role) if members else None
    if slip is None and not isinstance(plugin, FunctionType | MethodType | partial):
        slip = _misspelling_in(cast("Any", type(plugin)), role)
    return "" if slip is None else f"has {slip[0]}, which no run asks for; call it {slip[1]}"


@lru_cache(maxsize=256)  # a class is the same in every run, and runs of one order are many
def _misspelling_in(kind: type, role: Role) -> tuple[str, str] | None:
    """What all instances of a class have that is misspelt."""
    return _misspelling({name for each in kind.__mro__[:-1] for name in vars(each)}, role)


def _misspelling(members: AbstractSet[str], role: Role) -> tuple[str, str] | None:
    """A member that is nearly called like a part which is not there, and the part."""
    public = [member for member in members if not member.startswith("_")]
    return misspelling(public, [part.name for part in role.parts], _resembles)


def _resembles(name: str, part: str) -> bool:
    """Whether two names are the same but for a few letters in one place, a quarter at most."""
    return 4 * letters_apart(name, part) <= max(len(name), len(part))


def in_batch(plugin: T, orders: Sequence[Order], context: Context, role: Role) -> T:
    """The plug-in to ask in a run with these orders: what its ``for_batch`` makes, if it has one.

    It gets a tuple: one that sorted or emptied the list of the run would change ranks and lose
    orders.

    Raises:
        PluginError: what it makes can't be asked in its role.

    >>> in_batch(len, [], None, VERIFIER)
    <built-in function len>
    """
    if not looks_at_batch(plugin):
        return plugin
    bound = cast("Any", plugin).for_batch(tuple(orders), context=context)
    problem = f"returned {kind_of(bound)}; return {role.title}"
    if callable(bound):
        problem = _problem_of(bound, role)
        if not problem:
            return cast("T", bound)
        problem = f"returned what {problem}"
    raise PluginError(
        name_of(plugin),
        min([order.id for order in orders], default=""),
        f"its for_batch {problem}",
        len(orders),
    )


# -- How it is called ------------------------------------------------------------------------------


def _class_of(plugin: Any) -> Any:
    return plugin.__class__


def _function_of(plugin: object) -> object:
    """The function that runs when it is called: its own, or that of its class."""
    while isinstance(plugin, partial):
        plugin = cast("partial[object]", plugin).func
    if not isinstance(plugin, FunctionType | MethodType):
        plugin = getattr(_class_of(plugin), "__call__", None)  # noqa: B004 - that it can be is known
    return getattr(plugin, "__func__", plugin)


def _is_async(plugin: object) -> bool:
    function = _function_of(plugin)
    return isinstance(function, FunctionType) and bool(function.__code__.co_flags & _IS_ASYNC)


def _takes(plugin: object, count: int, keyword: str = "context") -> bool:
    """Whether it can be called with so many arguments by position, and this one by name."""
    # As nearly all are written: read off in a fraction of the time that a signature takes.
    function = _function_of(plugin)
    if isinstance(function, FunctionType) and not isinstance(plugin, partial):
        code = function.__code__
        count_in_all = count + (function is not plugin)  # of a method, the first one is `self`
        end = code.co_argcount + code.co_kwonlyargcount
        names = code.co_varnames[code.co_argcount : end]
        if code.co_argcount == count_in_all and names == (keyword,):
            return True
    try:
        # What a decorator put around it is called, not what it says that it wraps.
        signature(plugin, follow_wrapped=False).bind(  # type: ignore[arg-type]
            *[None] * count, **{keyword: None}
        )
    except ValueError:  # of some callables that are not written in Python nothing is known
        return True
    except TypeError:
        return False
    return True
