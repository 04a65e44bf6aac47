"""Messages are made when somebody reads them, if their policy may be asked later."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any

import attrs
import pytest
from builders import NOW, mugs, order, run

from fulfill_core import (
    Context,
    Decision,
    Notification,
    Order,
    PluginError,
    Settings,
    compare,
    process,
)
from fulfill_core.notifications import (
    better_promise,
    customer_and_staff,
    receipt,
    staff_news,
    together,
)


class Tally:
    """The default policy, which counts how often it is asked."""

    def __init__(self, *, is_deferrable: bool) -> None:
        self.is_deferrable = is_deferrable
        self.decisions: list[str] = []

    def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]:
        """What the default says."""
        self.decisions.append(decision.id)
        return customer_and_staff(decision, context=context)


def shop_policy(decision: Decision, /, *, context: Context) -> Iterable[Notification]:
    """A policy of the shop's own."""
    return customer_and_staff(decision, context=context)


def breaks(decision: Decision, /, *, context: Context) -> Iterable[Notification]:
    """A policy with a fault."""
    raise RuntimeError("no template")


ORDERS = [order("A-1", 2), order("A-2", 9)]


def results(**changes: Any) -> Any:
    """A run of two orders, of which one gets too little."""
    return run(*ORDERS, stock=mugs(berlin=5), verifiers=(), **changes)


def test_a_policy_that_may_be_asked_later_is_asked_when_somebody_reads() -> None:
    """Once, however often the messages are read; for a run whose messages nobody reads, never."""
    policy = Tally(is_deferrable=True)
    result = results(notifications=policy)
    assert policy.decisions == []
    assert result.notifications is result.notifications
    assert policy.decisions == ["A-1", "A-2"]


def test_any_other_policy_is_asked_in_the_run() -> None:
    """It may have a fault, and then nothing must have been stored."""
    policy = Tally(is_deferrable=False)
    results(notifications=policy)
    assert policy.decisions == ["A-1", "A-2"]
    with pytest.raises(PluginError, match="no template"):
        results(notifications=breaks)


class Counting(Tally):
    """One that is asked how many messages there are, and says so."""

    def __init__(self, count: object) -> None:
        super().__init__(is_deferrable=True)
        self.count = count

    def message_count(self, decision: Decision, /, *, context: Context) -> Any:
        """So many; or what it has instead is raised."""
        if isinstance(self.count, Exception):
            raise self.count
        return self.count


def last_first(order: Order, /, *, context: Context) -> int:
    """A priority by the number of the order, turned round."""
    return -int(order.id[-1])


def messages_of(policy: Any) -> list[int]:
    """How many messages the figures count, under two settings that have them told by the policy."""
    today = Settings(verifiers=[], notifications=policy)
    other = Settings(verifiers=[], notifications=policy, priority=last_first)
    comparison = compare(ORDERS, mugs(berlin=5), {"today": today, "x": other}, now=NOW)
    return [each.messages for each in comparison.figures]


def test_messages_are_counted_without_being_made() -> None:
    """Where their policy can say how many they are; those of any other are made for it."""
    policy = Counting(3)
    assert messages_of(policy) == [6, 6]
    assert policy.decisions == []
    tally = Tally(is_deferrable=True)
    assert messages_of(tally) == messages_of(customer_and_staff) == [2, 2]
    assert sorted(tally.decisions) == ["A-1", "A-1", "A-2", "A-2"]


def test_messages_that_were_read_are_counted_as_they_are() -> None:
    """Nobody is asked again."""
    settings = Settings(verifiers=[], notifications=Counting(3))
    comparison = compare(ORDERS, mugs(berlin=5), {"today": settings}, now=NOW)
    assert len(comparison["today"].notifications) == 2
    assert comparison.figures[0].messages == 2


def test_another_policy_counts_anew() -> None:
    """What one says of an order is nothing that the other goes by."""
    today = Settings(verifiers=[], notifications=Counting(3))
    other = Settings(verifiers=[], notifications=Counting(5), priority=last_first)
    comparison = compare(ORDERS, mugs(berlin=5), {"today": today, "x": other}, now=NOW)
    assert [each.messages for each in comparison.figures] == [6, 10]
    made = Settings(verifiers=[], notifications=shop_policy)
    comparison = compare(ORDERS, mugs(berlin=5), {"today": made, "x": other}, now=NOW)
    assert [each.messages for each in comparison.figures] == [2, 10]


def test_what_was_told_before_is_not_counted() -> None:
    """Which messages are news is asked of the messages themselves, of orders that have a record."""
    records = results().records
    settings = {
        "today": Settings(verifiers=[]),
        "x": Settings(verifiers=[], priority=last_first),
    }
    comparison = compare(records, mugs(berlin=5), settings, now=NOW)
    assert [each.messages for each in comparison.figures] == [
        len(process(records, mugs(berlin=5), now=NOW, **each).notifications)
        for each in settings.values()
    ]
    assert [each.messages for each in comparison.figures] == [0, 2]


@pytest.mark.parametrize(
    ("count", "problem"),
    [
        (LookupError("no text"), r"order 'A-1': raised LookupError\('no text'\)"),
        ("3", "order 'A-1': returned .* return how many messages there are"),
        (True, "order 'A-1': returned a bool; return how many messages there are"),
        (-1, "order 'A-1': returned an int; return how many messages there are"),
        (PluginError("mine", "A-2", "has a fault"), "mine, asked about order 'A-2': has a fault"),
    ],
)
def test_a_policy_that_cannot_count_is_named(count: object, problem: str) -> None:
    """With the order that it was asked about."""
    with pytest.raises(PluginError, match=problem):
        messages_of(Counting(count))


def test_several_policies_count_together_if_each_does() -> None:
    """Else there is nothing to ask."""
    result = results(notifications=together(customer_and_staff, receipt(), staff_news()))
    count = together(customer_and_staff, receipt(), staff_news(), better_promise()).message_count
    assert count is not None
    counts = [count(decision, context=result.context) for decision in result.decisions]
    assert sum(counts) == len(result.notifications)
    assert together(customer_and_staff, shop_policy).message_count is None


@pytest.mark.parametrize(
    "policies", [[customer_and_staff, better_promise()], [customer_and_staff, shop_policy]]
)
def test_several_policies_may_wait_if_each_may(policies: list[Any]) -> None:
    """With one of the shop's own among them all are asked in the run."""
    policy = together(*policies)
    assert policy.is_deferrable == (shop_policy not in policies)
    assert {each.order_id for each in results(notifications=policy).notifications} == {"A-1", "A-2"}


def test_when_they_are_made_makes_no_difference() -> None:
    """The messages, the records and the result are the same, whoever reads them first."""
    at_once = results(notifications=shop_policy)
    later = results()
    assert "Messages(Notification(" in repr(later.messages)
    assert hash(later.messages) == hash(at_once.messages)
    assert later.messages == at_once.messages
    assert later.messages != later.notifications
    assert later.notifications == at_once.notifications
    assert later.records == at_once.records
    again = process(later.records, later.inventory, now=NOW, verifiers=())
    assert again.notifications == ()
    assert again.records == later.records


def test_a_result_travels_without_messages_that_nobody_read() -> None:
    """What can be made of the decisions need not be sent along."""
    result = results()
    unread = pickle.dumps(result)
    assert result.notifications
    assert len(pickle.dumps(result)) > len(unread)
    assert pickle.loads(unread).notifications == result.notifications  # noqa: S301 - our own


def test_a_changed_result_keeps_its_messages() -> None:
    """They belong to the decisions."""
    result = results()
    assert attrs.evolve(result, losses=()).notifications == result.notifications


def test_rows_that_are_equal_are_kept_once() -> None:
    """Many orders ask for as much of the same SKU: of a policy that may be asked later, rows and
    tuples of rows are shared.
    """
    alike = [order("A-1", 2), order("A-2", 2), order("A-3", 2, 2)]
    first, second, third = run(*alike, stock=mugs(berlin=9), verifiers=()).notifications
    assert first.lines is second.lines
    assert third.lines[0] is first.lines[0]
    assert [len(each.lines) for each in (first, second, third)] == [1, 1, 2]


def test_of_many_rows_each_is_kept_once() -> None:
    """Hardly another message has the same of all its lines: for that nothing is kept."""
    alike = [order("A-1", 1, 2, 3, 4), order("A-2", 1, 2, 3, 4)]
    first, second = run(*alike, stock=mugs(berlin=99), verifiers=()).notifications
    assert first.lines == second.lines
    assert first.lines is not second.lines
    assert list(map(id, first.lines)) == list(map(id, second.lines))


@pytest.mark.parametrize("is_deferrable", [True, False])
def test_a_policy_may_put_anything_into_its_rows(is_deferrable: bool) -> None:
    """What can't be hashed stays as it is, and so does all that another policy made."""
    lines = (("1", "mug", ["two"], 2, 0, 0, None),)

    class Policy:
        """A shop's own."""

        def __init__(self) -> None:
            self.is_deferrable = is_deferrable

        def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]:
            """The same for each order."""
            message, *_ = customer_and_staff(decision, context=context)
            return [attrs.evolve(message, lines=lines)]

    messages = results(notifications=Policy()).notifications
    assert [message.lines for message in messages] == [lines, lines]
