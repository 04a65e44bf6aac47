"""What the library asks of any plug-in: its name, what it looks at, what it is in this batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from types import FunctionType, MethodType
from typing import Any, TypeVar, cast

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.records.facts import Context

T = TypeVar("T")


def looks_at_batch(plugin: object) -> bool:
    """Whether a verifier or a policy is made anew for each run, with the batch in view.

    >>> looks_at_batch(len)
    False
    """
    return getattr(plugin, "for_batch", None) is not None


def looks_at_time(plugin: object) -> bool:
    """Whether a verifier, a condition or a policy says when time changes what it says.

    >>> looks_at_time(len)
    False
    """
    return getattr(plugin, "turning_points", None) is not None


def callee(plugin: T) -> T:
    """What to call in a loop: of an instance of a Python class its bound ``__call__``.

    It is found on the class, as the interpreter does. To call the instance itself takes four times
    as long (480 ns to 110 ns), because its arguments by name are packed and unpacked.

    >>> callee(len) is len
    True
    """
    call = getattr(type(plugin), "__call__", None)  # noqa: B004 - not whether it can be called
    return cast("T", MethodType(call, plugin)) if isinstance(call, FunctionType) else plugin


def turning_points_of(
    plugin: object, asked: Order | Decision | Sequence[Order], context: Context
) -> Iterable[datetime]:
    """The instants of a plug-in's ``turning_points``, past ones included; none if it has no such.

    Args:
        plugin: a verifier, a condition or a policy.
        asked: the order; for a priority the orders of the queue, for a promise the decision.
        context: that of the run.

    Raises:
        PluginError: it raised, or gave something else than aware datetimes.

    >>> list(turning_points_of(len, (), context=None))
    []
    """
    if not (asked and looks_at_time(plugin)):
        return
    try:
        for instant in cast("Any", plugin).turning_points(asked, context=context):
            _checks.check_aware("turning_points", instant)
            yield instant
    except PluginError:
        raise
    except Exception as error:
        first = asked[0] if isinstance(asked, Sequence) else asked
        raise PluginError(
            name_of(plugin),
            first.id,
            f"could not say when time changes what it says: {_checks.said(error)}",
        ) from error


def in_batch(plugin: T, orders: Sequence[Order], context: Context, what: str) -> T:
    """The plug-in to ask in a run with these orders: what its ``for_batch`` makes, if it has one.

    Raises:
        TypeError: what it makes can't be called, so it is not *what* it should be.

    >>> in_batch(len, [], None, "a policy")
    <built-in function len>
    """
    if not looks_at_batch(plugin):
        return plugin
    bound = cast("Any", plugin).for_batch(orders, context=context)
    if not callable(bound):
        raise TypeError(f"it gave a {type(bound).__name__}, not {what}")
    return cast("T", bound)


def name_of(plugin: object) -> str:
    """What errors and explanations call a plug-in: a function's name, or else its repr.

    An object without a repr of its own goes by the name of its class: the default one shows where
    in memory it lies, and what is said of it would be other news in every process.

    >>> def vip_first(order, /, *, context):
    ...     return 0
    >>> name_of(vip_first)
    'vip_first'
    """
    name = getattr(plugin, "__name__", None)
    if isinstance(name, str):
        return name
    if isinstance(plugin, partial):
        return name_of(plugin.func)
    kind = type(plugin)
    return kind.__name__ if kind.__repr__ is object.__repr__ else repr(plugin)


def setting_shown(setting: object) -> str:
    """What the repr of a policy calls one of its settings, which may be a function.

    >>> setting_shown(len), setting_shown(3)
    ('len', '3')
    """
    return name_of(setting) if callable(setting) else repr(setting)


def setting_compared(setting: object) -> object:
    """What two settings have in common if they are alike: a method of an equal value is equal.

    >>> setting_compared("a".upper) == setting_compared("a".upper)
    True
    """
    return getattr(setting, "__func__", setting), getattr(setting, "__self__", None)
