"""What is wrong with a plug-in for every order is seen before a run asks it anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime
from functools import lru_cache, partial, wraps
from itertools import count, repeat
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, mugs, order, refusal, run
from some_verifiers import holds, quiet

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Context,
    Customer,
    Decision,
    Facts,
    Finding,
    Notification,
    Order,
    Outcome,
    PluginError,
    Screening,
    Severity,
    hold,
    note,
)
from fulfill_core.notifications import (
    CustomerAndStaff,
    better_promise,
    customer_and_staff,
    together,
)
from fulfill_core.priorities import customer_tier, deadline, lexicographic
from fulfill_core.protocols.plugins import MOST_ANSWERS, turning_points_of
from fulfill_core.protocols.roles import (
    NOTIFICATIONS,
    PLANNER,
    PRIORITY,
    PROMISE,
    SOURCING,
    VERIFIER,
    Role,
    check_plugin,
)
from fulfill_core.reallocation import Reallocation
from fulfill_core.records import FactKind
from fulfill_core.sourcing import (
    at_most_shipments,
    fewest_shipments,
    in_sequence_of,
    only_where,
    pick_up_at,
    whole_order_first,
)
from fulfill_core.verifiers import (
    all_of,
    asked_last,
    covers_total,
    downgrade,
    missing_facts,
    needing,
    only_if,
    risk_score,
    unless,
    upgrade,
)

STOCK = mugs(berlin=9)


async def looks_up(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """It would ask a service."""
    return ()


async def streams(order: Order, /, *, context: Context) -> AsyncIterator[Finding]:
    """It would ask one after the other."""
    yield note("shop.streamed")


class Awaited:
    """Its call is to be awaited."""

    async def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()


class Plain:
    """A verifier."""

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()

    def ask(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        """As a method it will do as well."""
        return ()


def wordy(order: Order, context: Context) -> Iterable[Finding]:
    """Whoever names its arguments so may write it without the / and the *."""
    return ()


def passing(function: Any) -> Any:
    """A decorator that passes on whatever it is given."""

    @wraps(function)
    def wrapper(*args: Any, **more: Any) -> Any:
        return function(*args, **more)

    return wrapper


def adapted(function: Any) -> Any:
    """A decorator for functions of an order alone."""

    @wraps(function)
    def wrapper(order: Order, /, *, context: Context) -> Any:
        return function(order)

    return wrapper


NOT_CALLED_SO = (
    "can't be called with (order, /, *, context), as a verifier is; if it makes one, pass what"
    " {}(...) returns"
)
AWAITED = "is a coroutine function; a run awaits nothing: look things up before it"
MISFITS: list[tuple[Any, str]] = [
    (Plain, "is a class; pass an instance of it, Plain(...)"),
    (covers_total, NOT_CALLED_SO.format("covers_total")),
    (risk_score, "is a class; pass an instance of it, risk_score(...)"),
    (all_of, NOT_CALLED_SO.format("all_of")),
    (lambda order: (), NOT_CALLED_SO.format("<lambda>")),
    (lambda order, ctx: (), NOT_CALLED_SO.format("<lambda>")),
    (lambda order, customer, *, context: (), NOT_CALLED_SO.format("<lambda>")),
    (lambda *, context: (), NOT_CALLED_SO.format("<lambda>")),
    (Plain().ask.__func__, NOT_CALLED_SO.format("ask")),  # type: ignore[attr-defined]
    (partial(quiet, None), NOT_CALLED_SO.format("quiet")),
    (len, NOT_CALLED_SO.format("len")),
    (looks_up, AWAITED),
    (streams, AWAITED),
    (Awaited(), AWAITED),
    (Awaited().__call__, AWAITED),
    (partial(looks_up), AWAITED),
]


@pytest.mark.parametrize(("plugin", "problem"), MISFITS)
def test_what_is_no_verifier_is_refused_before_the_run(plugin: Any, problem: str) -> None:
    """It is named with its place, and how a verifier is called. No verifier is asked."""
    assert refusal(run, order("A-1", 1), verifiers=[holds, plugin]).startswith("verifiers[1]: ")
    assert refusal(run, order("A-1", 1), verifiers=[holds, plugin]).endswith(problem)


@pytest.mark.parametrize(
    "plugin",
    [
        quiet,
        Plain(),
        Plain().ask,
        wordy,
        passing(quiet),
        adapted(lambda order: ()),
        partial(quiet),
        lru_cache(quiet),
        lambda order, /, *, context, seen=(): (),
        lambda *args, **more: (),
    ],
)
def test_whatever_can_be_called_so_is_a_verifier(plugin: Any) -> None:
    """How it is written does not matter."""
    check_plugin("verifiers[0]", plugin, VERIFIER)
    assert run(order("A-1", 1), stock=STOCK, verifiers=[plugin])["A-1"].outcome == "allocated"


@pytest.mark.parametrize("plugin", [covers_total, Plain, looks_up, lambda order: True])
@pytest.mark.parametrize(
    "make",
    [
        lambda plugin: all_of(quiet, plugin),
        lambda plugin: only_if(plugin, quiet),
        lambda plugin: unless(quiet, plugin),
        lambda plugin: downgrade(plugin, to=hold("a.b").severity),
        needing,
        asked_last,
    ],
)
def test_a_combination_refuses_it_where_it_is_made(plugin: Any, make: Callable[..., Any]) -> None:
    """So that the place of the slip is the place of the error."""
    assert refusal(make, plugin)


OTHERS: list[tuple[str, Role, Any]] = [
    ("priority", PRIORITY, customer_tier),
    ("priority", PRIORITY, looks_up),
    ("sourcing", SOURCING, fewest_shipments),
    ("sourcing", SOURCING, deadline),
    ("notifications", NOTIFICATIONS, better_promise),
    ("notifications", NOTIFICATIONS, together),
    ("promise", PROMISE, Awaited()),
    ("planner", PLANNER, quiet),
]


@pytest.mark.parametrize(("role", "kind", "plugin"), OTHERS)
def test_every_plug_point_is_looked_at(role: str, kind: Role, plugin: Any) -> None:
    """In what it is called with, each has its own arguments."""
    text = refusal(run, order("A-1", 1), **{role: plugin})
    assert text.startswith(f"{role}: ")
    assert "is a class" in text or "coroutine" in text or ", ".join(kind.arguments) in text


@pytest.mark.parametrize(
    "make",
    [
        lambda: whole_order_first(customer_tier),  # type: ignore[arg-type]
        lambda: only_where(lambda *_: True, whole_order_first),  # type: ignore[arg-type]
        lambda: pick_up_at("shop", whole_order_first),  # type: ignore[arg-type]
        lambda: at_most_shipments(2, fewest_shipments),  # type: ignore[arg-type]
        lambda: fewest_shipments(otherwise=whole_order_first),  # type: ignore[arg-type]
        lambda: in_sequence_of(deadline),  # type: ignore[arg-type]
        lambda: lexicographic(deadline, customer_tier),  # type: ignore[arg-type]
        lambda: together(customer_and_staff, better_promise),  # type: ignore[arg-type]
        lambda: Reallocation(strategy=covers_total),  # type: ignore[arg-type]
    ],
)
def test_so_are_those_within_others(make: Callable[[], Any]) -> None:
    """A policy within a policy is asked like any."""
    assert refusal(make)


# -- Parts -----------------------------------------------------------------------------------------


def with_part(name: str, part: Any) -> Any:
    """A plug-in of any role that has something by this name."""
    members = {name: part, "__call__": lambda self, *args, context: ()}
    return type("Odd", (), members)()


def asks(self: object, subject: object, /, *, context: Context) -> Any:
    """A part as it should be."""
    return ()


@pytest.mark.parametrize(
    ("role", "slip", "part"),
    [
        ("verifiers", "fact_needed", "facts_needed"),
        ("verifiers", "facts_need", "facts_needed"),
        ("verifiers", "turning_point", "turning_points"),
        ("verifiers", "turningpoints", "turning_points"),
        ("verifiers", "for_batches", "for_batch"),
        ("verifiers", "second_looks", "second_look"),
        ("verifiers", "asked_last", "is_asked_last"),
        ("priority", "turnig_points", "turning_points"),
        ("priority", "for_bacth", "for_batch"),
        ("priority", "describes", "describe"),
        ("sourcing", "serve_anywhere", "serves_anywhere"),
        ("promise", "turning_pionts", "turning_points"),
        ("notifications", "of_absent_orders", "of_absent_order"),
        ("notifications", "messages_count", "message_count"),
        ("notifications", "is_timeless_in_queues", "is_timeless_in_queue"),
    ],
)
def test_a_misspelt_part_is_noticed(role: str, slip: str, part: str) -> None:
    """Nobody would ever ask for it, and the run would go on without."""
    plugin = with_part(slip, asks)
    text = refusal(run, order("A-1", 1), **{role: [plugin] if role == "verifiers" else plugin})
    assert text.endswith(f"has {slip}, which no run asks for; call it {part}")


def test_a_part_of_a_function_may_be_misspelt_too() -> None:
    """Functions have attributes; so has an instance that no class knows of."""

    def rule(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()

    check_plugin("verifiers[0]", rule, VERIFIER)
    rule.turning_point = asks  # type: ignore[attr-defined]
    assert "call it turning_points" in refusal(run, verifiers=[rule])
    plain = Plain()
    plain.facts_neded = asks  # type: ignore[attr-defined]
    assert "call it facts_needed" in refusal(run, verifiers=[plain])


@pytest.mark.parametrize(
    "name", ["facts", "points", "description", "batch", "_fact_needed", "look", "orders"]
)
def test_other_names_are_the_plug_ins_own(name: str) -> None:
    """What is no slip of the pen is nobody's business; nor is a helper beside the part itself."""
    for role in (VERIFIER, PRIORITY, SOURCING, PROMISE, NOTIFICATIONS):
        check_plugin("plugin", with_part(name, asks), role)
    plugin = with_part("turning_points", asks)
    type(plugin).turning_point = 3
    check_plugin("plugin", plugin, VERIFIER)


class Shy:
    """A part of it can't be had."""

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()

    @property
    def for_batch(self) -> Any:
        raise RuntimeError("not yet")


async def awaited_part(self: object, subject: object, /, *, context: Context) -> Any:
    """A part that is to be awaited."""


@pytest.mark.parametrize(
    ("plugin", "problem"),
    [
        (with_part("facts_needed", 3), "has a part facts_needed that is an int; make it a method"),
        (
            with_part("is_asked_last", asks),
            "has a part is_asked_last that is a method; make it True or False",
        ),
        (
            with_part("second_look", lambda self, decision: ()),
            "has a part second_look that can't be called with (decision, /, *, context)",
        ),
        (
            with_part("turning_points", awaited_part),
            "has a part turning_points that is a coroutine function; a run awaits nothing",
        ),
        (Shy(), "raised RuntimeError('not yet') when it was asked for its for_batch"),
    ],
)
def test_a_part_that_cannot_be_asked_is_noticed(plugin: Any, problem: str) -> None:
    """It would fail in the middle of a run, or be passed over."""
    assert refusal(run, order("A-1", 1), verifiers=[plugin]).endswith(problem)


def test_a_part_that_is_none_is_not_there() -> None:
    """That is how a combination says that none of its members has it."""
    assert with_part("for_batch", None)
    run(order("A-1", 1), verifiers=[with_part("for_batch", None)])


# -- Answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, "None"),
        (True, "a bool"),
        (hold("a.b"), "a Finding"),
        ([None], "None"),
        ("held", "a str"),
        (quiet, "a function"),
    ],
)
def test_a_wrong_answer_for_all_orders_stops_the_run(answer: Any, kind: str) -> None:
    """Nobody is held for it, and nobody written to: the error says how a verifier is written."""
    wrong: Any = lambda order, /, *, context: answer  # noqa: E731
    for verifier in (wrong, asked_last(wrong), all_of(quiet, wrong)):
        with pytest.raises(PluginError) as caught:
            run(order("A-2", 1), order("A-1", 1), verifiers=[quiet, verifier])
        assert caught.value.order_id == "A-1"
        assert str(caught.value).endswith(
            f", asked about 2 orders: returned {kind}; a verifier is written (order, /, *, context)"
            " -> Iterable[Finding]"
        )


@pytest.mark.parametrize("answer", [None, hold("a.b"), ["held"]])
def test_a_wrong_answer_for_all_orders_stops_the_run_in_any_combination(answer: Any) -> None:
    """Those count that it was asked about: the condition holds, and the facts are there."""

    def is_second(order: Order, /, *, context: Context) -> bool:
        return order.id == "A-2"

    wrong: Any = lambda order, /, *, context: answer  # noqa: E731
    facts = Facts(screenings=[Screening(order_id="A-2")])
    for verifier in (
        only_if(is_second, wrong),
        unless(is_second, wrong),
        needing(wrong, FactKind.SCREENING),
        upgrade(only_if(is_second, wrong), to=Severity.HOLD),
        only_if(is_second, upgrade(wrong, to=Severity.HOLD)),
        downgrade(needing(wrong, FactKind.SCREENING), to=Severity.NOTE),
        asked_last(only_if(is_second, all_of(quiet, wrong))),
        needing(only_if(is_second, wrong), FactKind.SCREENING),
    ):
        with pytest.raises(PluginError) as caught:
            run(order("A-1", 1), order("A-2", 1), verifiers=[verifier], facts=facts)
        assert caught.value.order_count == 1
        assert "; a verifier is written (order, /, *, context)" in str(caught.value)
    for verifier in (upgrade(wrong, to=Severity.HOLD), downgrade(wrong, to=Severity.NOTE)):
        with pytest.raises(PluginError) as caught:
            run(order("A-1", 1), order("A-2", 1), verifiers=[verifier])
        assert caught.value.order_count == 2


def test_who_was_not_asked_has_not_answered() -> None:
    """A verifier that answers well once does not fail for all; one never asked fails for none."""

    def is_mug(order: Order, /, *, context: Context) -> bool:
        return order.id != "A-1"

    def forgets(order: Order, /, *, context: Context) -> Any:
        return () if order.id == "A-2" else None

    orders = [order(order_id, 1) for order_id in ("A-1", "A-2", "A-3")]
    result = run(*orders, stock=mugs(berlin=5), verifiers=[only_if(is_mug, forgets)])
    held = {made.id for made in result.decisions if made.outcome is Outcome.HELD}
    assert held == {"A-3"}
    never = upgrade(needing(forgets, FactKind.SCREENING), "screening.missing", to=Severity.REJECT)
    result = run(*orders, stock=mugs(berlin=5), verifiers=[never])
    assert [made.findings[0].code for made in result.decisions] == ["screening.missing"] * 3
    assert {made.outcome for made in result.decisions} == {Outcome.REJECTED}


def test_what_is_wrong_for_some_holds_those() -> None:
    """It may lie with the order: a branch that forgot to return."""

    def forgets(order: Order, /, *, context: Context) -> Any:
        return () if order.id == "A-2" else None

    def rejects_first(order: Order, /, *, context: Context) -> Any:
        raise LookupError(order.id)

    result = run(order("A-1", 1), order("A-2", 1), stock=STOCK, verifiers=[forgets])
    assert (result["A-1"].outcome, result["A-2"].outcome) == (Outcome.HELD, Outcome.ALLOCATED)
    result = run(order("A-1", 1), order("A-2", 1), stock=STOCK, verifiers=[rejects_first])
    assert {made.outcome for made in result.decisions} == {Outcome.HELD}


def test_many_chunks_count_together() -> None:
    """Also if the batch is verified in several parts."""
    orders = [order(f"A-{number:04}", 1) for number in range(2_001)]
    wrong: Any = lambda order, /, *, context: None  # noqa: E731
    with pytest.raises(PluginError, match="asked about 2001 orders: returned None"):
        run(*orders, verifiers=[wrong])
    late: Any = lambda order, /, *, context: () if order.id == "A-2000" else None  # noqa: E731
    assert run(*orders, verifiers=[late])["A-0000"].outcome is Outcome.HELD


def test_orders_that_nobody_asks_about_do_not_count() -> None:
    """Of two different orders under one id no verifier is asked."""
    wrong: Any = lambda order, /, *, context: None  # noqa: E731
    twice = [order("A-1", 1), order("A-1", 2), order("A-2", 1)]
    with pytest.raises(PluginError, match="asked about order 'A-2': returned None"):
        run(*twice, verifiers=[wrong])


# -- Who is told of a verifier that failed ---------------------------------------------------------


def fails(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Raises for every order."""
    raise LookupError("no list")


def fails_too(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Raises for orders of two mugs."""
    if order.lines[0].quantity == 2:
        raise LookupError("no other list")
    return ()


OLD = NOW.replace(day=1)
TOGETHER = CustomerAndStaff(failures_together=True)


def old(order_id: str, quantity: int = 1, day: int = 1) -> Order:
    """An order that has waited for days."""
    return order(order_id, quantity, placed_at=OLD.replace(day=day))


def test_of_a_verifier_that_fails_for_many_orders_the_staff_is_told_once() -> None:
    """With the oldest order, and in the same words however many they are; no customer is."""
    batch = [old("A-3"), old("A-1"), old("A-2")]
    result = run(*batch, stock=STOCK, verifiers=[fails], notifications=TOGETHER)
    [message] = result.notifications
    assert (message.order_id, message.kind) == ("A-1", "order.review_needed")
    assert message.reasons == (
        ("verifier.failed", "The verifier fails failed: LookupError: no list"),
        ("verifier.failed", "The verifier fails failed for other orders as well."),
    )
    assert {made.outcome for made in result.decisions} == {Outcome.HELD}
    assert result.context.failures[0].order_count == 3
    more = run(*batch, old("A-4"), stock=STOCK, verifiers=[fails], notifications=TOGETHER)
    [again] = more.notifications
    assert again.id == message.id
    of_each = run(*batch, stock=STOCK, verifiers=[fails]).notifications  # what laws 9 and 13 ask
    assert [each.order_id for each in of_each] == ["A-1", "A-2", "A-3"]


def test_of_one_order_it_is_told_as_ever() -> None:
    """Its fault may lie with the order."""
    [message] = run(old("A-1", 2), verifiers=[fails_too], notifications=TOGETHER).notifications
    assert run(old("A-1", 2), verifiers=[fails_too]).notifications == (message,)
    assert message.reasons == (
        ("verifier.failed", "The verifier fails_too failed: LookupError: no other list"),
    )


def test_an_order_that_waits_for_more_is_told_itself() -> None:
    """Another reason, or another verifier: the message of the other order does not say it."""
    batch = [old("A-1"), old("A-2", 2), old("A-3", 2), order("A-4", 2, customer=Customer(id="C-9"))]
    result = run(
        *batch,
        stock=STOCK,
        verifiers=[fails, fails_too, *DEFAULT_VERIFIERS],
        notifications=TOGETHER,
    )
    staff = [each.order_id for each in result.notifications if each.audience == "staff"]
    assert staff == ["A-1", "A-2", "A-4"]


def test_who_is_not_told_wakes_nobody() -> None:
    """Only the order that stands for all has to be told when it has waited for long enough."""
    first, second = order("A-1", 1), order("A-2", 1, placed_at=NOW.replace(minute=30))
    now = NOW.replace(minute=40)
    alone = run(first, second, verifiers=[fails], now=now, notifications=TOGETHER)
    assert alone.notifications == ()
    assert alone.wake_at == NOW.replace(hour=13)
    later = run(
        first,
        second,
        verifiers=[fails],
        now=NOW.replace(hour=13, minute=10),
        notifications=TOGETHER,
    )
    assert [each.order_id for each in later.notifications] == ["A-1"]
    assert later.wake_at is None


# -- What never ends -------------------------------------------------------------------------------


def test_a_verifier_without_an_end_is_cut() -> None:
    """At 10,000 findings; the first hundred are kept. If it is so for all orders, the run stops."""

    def endless(order: Order, /, *, context: Context) -> Iterator[Finding]:
        if order.id == "A-1":
            for number in count():
                yield note("shop.number", measure=number)

    result = run(order("A-1", 1), order("A-2", 1), stock=STOCK, verifiers=[endless])
    [failed] = [each for each in result["A-1"].findings if each.code == "verifier.failed"]
    assert failed.detail == (
        "The verifier endless has no end: it returned more than 10000 findings, and was cut there;"
        " return a few."
    )
    assert len(result["A-1"].findings) == 101
    assert result["A-2"].outcome is Outcome.ALLOCATED
    always: Any = lambda order, /, *, context: repeat(note("a.b"))  # noqa: E731
    with pytest.raises(PluginError, match="has no end: it returned more than 10000 findings"):
        run(order("A-1", 1), verifiers=[always])
    exactly: Any = lambda order, /, *, context: repeat(note("a.b"), MOST_ANSWERS)  # noqa: E731
    assert run(order("A-1", 1), stock=STOCK, verifiers=[exactly])["A-1"].outcome == "allocated"


def test_a_second_look_without_an_end_is_cut() -> None:
    """It stops nothing, and is named."""

    class Looks(Plain):
        def second_look(self, decision: Decision, /, *, context: Context) -> Iterator[Finding]:
            return repeat(note("a.b"))

    result = run(order("A-1", 1), stock=STOCK, verifiers=[Looks()])
    assert [each.code for each in result["A-1"].findings] == ["a.b", "verifier.second_look_failed"]


def test_messages_without_an_end_are_cut() -> None:
    """The policy is named."""

    def chatty(decision: Decision, /, *, context: Context) -> Iterator[Notification]:
        [message] = customer_and_staff(decision, context=context)
        return repeat(message)

    with pytest.raises(PluginError) as caught:
        run(order("A-1", 1), stock=STOCK, notifications=chatty)
    assert str(caught.value) == (
        "chatty, asked about order 'A-1': it returned more than 10000 messages, and was cut there"
    )


def test_locations_without_an_end_are_cut() -> None:
    """Nobody can return more than was offered."""
    circles: Any = lambda demand, candidates, /, *, context: repeat(candidates[0])  # noqa: E731
    with pytest.raises(PluginError, match="returned a candidate twice"):
        run(order("A-1", 1), stock=STOCK, sourcing=circles)


def test_instants_and_facts_without_an_end_are_cut() -> None:
    """Whoever asks for them hears it."""

    @attrs.frozen
    class Forever:
        def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
            return ()

        def turning_points(self, order: Order, /, *, context: Context) -> Iterator[datetime]:
            return repeat(NOW)

        def facts_needed(self, order: Order, /, *, context: Context) -> Any:
            return repeat("screening")

    with pytest.raises(PluginError, match="more than 10000 instants, and was cut there"):
        list(turning_points_of(Forever(), order("A-1", 1), CONTEXT))
    with pytest.raises(PluginError, match="more than 10000 facts, and was cut there"):
        missing_facts([order("A-1", 1)], [Forever()], now=NOW)
