"""What the library asks of any plug-in: its name, its optional parts, and an answer that will do.

A plug-in that breaks its contract is told what it did: it raised, or it returned what is of no use.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from types import FunctionType, MethodType
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from fulfill_core import _checks, _values
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.records.facts import Context, Facts

T = TypeVar("T")
TurningPoints: TypeAlias = Callable[..., Iterable[datetime]]
"""The part of a plug-in that says when time alone may change its answer."""

MOST_ANSWERS = 10_000
"""So many findings, messages, facts or instants a plug-in may give of one order: one that gives
more never ends, and is cut."""


# -- Optional parts --------------------------------------------------------------------------------


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


def looks_at_time_of_queue(plugin: object) -> bool:
    """Whether a notification policy may say when time changes what it says of a ranked order.

    >>> looks_at_time_of_queue(len)
    False
    """
    return looks_at_time(plugin) and getattr(plugin, "is_timeless_in_queue", None) is not True


def serves_anywhere(plugin: object) -> bool:
    """Whether a sourcing policy says that it leaves out no location for good.

    >>> serves_anywhere(len)
    False
    """
    return getattr(plugin, "serves_anywhere", None) is True


def looks_again(plugin: object) -> bool:
    """Whether a verifier looks at the decision, once the stock has been given out.

    >>> looks_again(len)
    False
    """
    return getattr(plugin, "second_look", None) is not None


def is_asked_last(plugin: object) -> bool:
    """Whether a verifier need not be asked about an order that is rejected already.

    >>> is_asked_last(len)
    False
    """
    return bool(getattr(plugin, "is_asked_last", False))


def skips_rejected(plugin: object) -> bool:
    """Whether a verifier that looks at the batch leaves out orders that the others reject.

    >>> skips_rejected(len)
    False
    """
    return bool(getattr(plugin, "skips_rejected", False))


def callee(plugin: T) -> T:
    """What to call in a loop: of an instance of a Python class its bound ``__call__``.

    It is found on the class, as the interpreter does. To call the instance itself takes four times
    as long (480 ns to 110 ns), because its arguments by name are packed and unpacked.

    >>> callee(len) is len
    True
    """
    call = getattr(type(plugin), "__call__", None)  # noqa: B004 - not whether it can be called
    return cast("T", MethodType(call, plugin)) if isinstance(call, FunctionType) else plugin


def is_deferrable(plugin: object) -> bool:
    """Whether a notification or promise policy may be asked after the run.

    >>> is_deferrable(len)
    False
    """
    return getattr(plugin, "is_deferrable", None) is True


def tells_of_absent_orders(plugin: object) -> bool:
    """Whether a notification policy has a word for orders that are not in the run.

    >>> tells_of_absent_orders(len)
    False
    """
    return getattr(plugin, "of_absent_order", None) is not None


def counts_messages(plugin: object) -> bool:
    """Whether a notification policy says how many messages there are without making them.

    >>> counts_messages(len)
    False
    """
    return getattr(plugin, "message_count", None) is not None


def says_what_is_shared(plugin: object) -> bool:
    """Whether it is known of a plug-in by which keys orders hang together for it.

    So it is if it says so; or if it looks at one order at a time: then there are none.

    >>> says_what_is_shared(len)
    True
    """
    return getattr(plugin, "shared_keys", None) is not None or not looks_at_batch(plugin)


def shared_keys_of(plugin: object, order: Order, facts: Facts) -> Iterable[Hashable]:
    """The keys under which an order hangs together with others for a plug-in; none if it says none.

    Raises:
        PluginError: it raised, or gave something else than keys.

    >>> list(shared_keys_of(len, None, facts=None))
    []
    """
    shared_keys = getattr(plugin, "shared_keys", None)
    if shared_keys is None:
        return ()
    keys: object = ()
    try:
        keys = shared_keys(order, facts=facts)
        if not isinstance(keys, str):  # else each of its letters would be a key
            entries = tuple(within(cast("Iterable[Hashable]", keys), MOST_ANSWERS, "keys"))
            hash(entries)
            return entries
    except PluginError:
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, Endless) else _checks.message_of(error)
        if is_iterable(keys):
            problem = f"could not say what orders share: {reason}"
            raise PluginError(name_of(plugin), order.id, problem) from error
    problem = f"gave {kind_of(keys)} as its shared_keys; give keys in a list or a tuple"
    raise PluginError(name_of(plugin), order.id, problem)


def one_key_for_all(order: Order, /, *, facts: Facts) -> Iterable[Hashable]:  # noqa: ARG001
    """The ``shared_keys`` of a plug-in that looks at all orders together.

    >>> one_key_for_all(None, facts=None)
    ('all',)
    """
    return ("all",)


@attrs.frozen(weakref_slot=False)
class KeysOfAll:
    """The ``shared_keys`` of what is put around plug-ins: those of all of them."""

    plugins: tuple[object, ...]

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __call__(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        return [key for each in self.plugins for key in shared_keys_of(each, order, facts)]


def shared_keys_by(*plugins: object) -> KeysOfAll | None:
    """What is put around these plug-ins says as its own; None if it is not known of one of them.

    >>> shared_keys_by(len)
    KeysOfAll(plugins=(<built-in function len>,))
    """
    return KeysOfAll(plugins) if all(map(says_what_is_shared, plugins)) else None


def alike(orders: Iterable[Order], plugins: Iterable[object], facts: Facts) -> list[Order]:
    """The orders that have anything in common with another one: the customer, or a shared key.

    >>> alike([], [len], facts=None)
    []
    """
    sharing = [each for each in plugins if getattr(each, "shared_keys", None) is not None]
    groups: dict[Hashable, dict[str, Order]] = {}
    for order in orders:
        keys: set[Hashable] = {("customer", order.customer.id)}
        for plugin in sharing:
            keys.update(shared_keys_of(plugin, order, facts))
        for key in keys:
            groups.setdefault(key, {})[order.id] = order
    members: dict[str, Order] = {}
    for group in groups.values():
        if len(group) > 1:
            members |= group
    return list(members.values())


def turning_points_of(
    plugin: object, subject: Order | Decision | Sequence[Order], context: Context
) -> Iterable[datetime]:
    """The instants of a plug-in's ``turning_points``, past ones included; none if it has no such.

    Args:
        plugin: a verifier, a condition or a policy.
        subject: the order; for a priority the orders of the queue, for a promise the decision.
        context: that of the run.

    Raises:
        PluginError: it raised, or gave something else than aware datetimes.

    >>> list(turning_points_of(len, (), context=None))
    []
    """
    ask = getattr(plugin, "turning_points", None)
    if ask is None or not subject:
        return
    most = MOST_ANSWERS
    if not isinstance(subject, (Decision, Order)):
        subject = tuple(subject)  # the plug-in may sort or empty a list
        most *= len(subject)
    instants: Any = ()
    try:
        instants = ask(subject, context=context)
        has_end = instants.__class__ is tuple
        for instant in instants if has_end else within(instants, most, "instants"):
            yield _checks.in_utc("turning_points", instant)
    except PluginError:
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, Endless) else _checks.message_of(error)
        if not is_iterable(instants):
            reason = f"it returned {kind_of(instants)}; return datetimes"
        orders = subject if isinstance(subject, tuple) else (subject,)
        raise PluginError(
            name_of(plugin),
            orders[0].id,
            f"could not say when time changes what it says: {reason}",
            len(orders),
        ) from error


def turning_points_by(*plugins: object) -> Callable[..., Iterable[datetime]] | None:
    """What is put around these plug-ins says as its own; None if none of them knows of time.

    >>> turning_points_by(len)
    """
    looking = [plugin for plugin in plugins if looks_at_time(plugin)]
    return partial(_turning_points_of_all, looking) if looking else None


def _turning_points_of_all(
    plugins: Iterable[object], subject: Order, /, *, context: Context
) -> Iterable[datetime]:
    return chain.from_iterable(turning_points_of(plugin, subject, context) for plugin in plugins)


# -- Answers that will not do ----------------------------------------------------------------------


def raised_by(plugin: object, order_id: str, error: Exception, role: str) -> PluginError:
    """The error about a plug-in that raised, although none in its *role* must.

    >>> print(raised_by(len, "A-1", KeyError("x"), "a policy"))
    len, asked about order 'A-1': raised KeyError('x'); a policy must not raise
    """
    return PluginError(
        name_of(plugin), order_id, f"raised {_checks.repr_of(error)}; {role} must not raise"
    )


def returned_by(plugin: object, order_id: str, answer: object, remedy: str) -> PluginError:
    """The error about a plug-in that returned what is of no use, with what to return instead.

    >>> print(returned_by(len, "A-1", "mug", "return a Promise or None"))
    len, asked about order 'A-1': returned a str; return a Promise or None
    """
    return PluginError(name_of(plugin), order_id, f"returned {kind_of(answer)}; {remedy}")


def kind_of(answer: object) -> str:
    """What an answer is, with its article, for a sentence about a plug-in that gave it.

    >>> kind_of(None), kind_of(3), kind_of("mug")
    ('None', 'an int', 'a str')
    """
    if answer is None:
        return "None"
    name = type(answer).__name__
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def is_iterable(answer: object) -> bool:
    """Whether an answer can be gone through, so that what fails then was raised by the plug-in.

    >>> is_iterable([]), is_iterable(3)
    (True, False)
    """
    return hasattr(type(answer), "__iter__") or hasattr(type(answer), "__getitem__")


class Unasked(tuple[Finding, ...]):
    """What is said in the place of a verifier that was not asked: it has not answered."""

    __slots__ = ()


UNASKED = Unasked()
"""Nothing is said."""


class Endless(Exception):  # noqa: N818 - what is wrong with it is all that it says
    """A plug-in gives one answer after the other, and does not come to an end."""


def within(answers: Iterable[T], most: int, what: str) -> Iterator[T]:
    """The answers of a plug-in one by one, as long as they are no more than there can be.

    Raises:
        Endless: there are more.

    >>> list(within("ab", 2, "letters"))
    ['a', 'b']
    """
    for count, answer in enumerate(answers):
        if count == most:
            raise Endless(f"it returned more than {most} {what}, and was cut there")
        yield answer


# -- Names -----------------------------------------------------------------------------------------


def name_of(plugin: object) -> str:
    """What errors and explanations call a plug-in: a function's name, or else its repr.

    An object without a repr of its own goes by the name of its class: the default one shows where
    in memory it lies, and what is said of it would be other news in every process. So does one
    whose repr raises: the error about a broken plug-in must not break itself.

    >>> def vip_first(order, /, *, context):
    ...     return 0
    >>> name_of(vip_first)
    'vip_first'
    """
    kind = type(plugin)
    try:
        name = getattr(plugin, "__name__", None)
        if isinstance(name, str):
            return name
        if isinstance(plugin, partial):
            return name_of(plugin.func)
        return kind.__name__ if kind.__repr__ is object.__repr__ else repr(plugin)
    except Exception:  # noqa: BLE001 - whatever a broken plug-in raises when it is shown
        return kind.__name__


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
