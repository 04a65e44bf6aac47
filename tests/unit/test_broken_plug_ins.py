"""What broken plug-ins can't do: change ranks, lose orders, stop others, hide their faults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import NOW, mugs, order, refusal, run
from some_promises import ANYWHERE
from some_stock import supply

from fulfill_core import (
    Context,
    Demand,
    Finding,
    Inventory,
    Item,
    Order,
    Outcome,
    explain,
    note,
)
from fulfill_core.priorities import lexicographic, oldest_first
from fulfill_core.protocols import Plan
from fulfill_core.protocols.plugins import is_iterable, kind_of, name_of, turning_points_of

SMALL = order("A-2", 1)
LARGE = order("A-1", 3)
STOCK = mugs(berlin=3)


def by_age(subject: Order, /, *, context: Context) -> datetime:
    """The oldest first; written by hand."""
    return subject.placed_at


class SmallestFirst:
    """A policy that sorts what it is given, in place, for reasons of its own."""

    def __call__(self, subject: Order, /, *, context: Context) -> int:
        return 0

    def for_batch(self, orders: Any, /, *, context: Context) -> Any:
        orders.sort(key=lambda each: each.lines[0].quantity)
        return by_age


class Taker:
    """A verifier and a policy that takes out of what it is given what it has seen."""

    def __call__(self, subject: Order, /, *, context: Context) -> Any:
        return ()

    def for_batch(self, orders: Any, /, *, context: Context) -> Any:
        while orders:
            orders.pop()
        return self


def test_a_policy_that_sorts_its_batch_changes_no_rank() -> None:
    """It can't: it is named instead of silently serving the smallest first."""
    for policy in (SmallestFirst(), lexicographic(SmallestFirst(), oldest_first)):
        message = refusal(run, LARGE, SMALL, stock=STOCK, priority=policy)
        assert message.endswith(
            ", asked about 2 orders: could not look at the batch:"
            " AttributeError: 'tuple' object has no attribute 'sort'"
        )


def test_a_verifier_that_empties_its_batch_loses_no_order() -> None:
    """Each order is decided, on hold as with any verifier that fails."""
    result = run(LARGE, SMALL, stock=STOCK, verifiers=[Taker()])
    assert [(made.id, made.outcome) for made in result.decisions] == [
        ("A-1", Outcome.HELD),
        ("A-2", Outcome.HELD),
    ]


@attrs.frozen
class Watchful:
    """Any plug-in that is given several things, and remembers what they came in."""

    kinds: set[type]

    def __call__(self, subject: Any, *args: Any, context: Context) -> Any:
        if isinstance(subject, Order):
            return ()
        if isinstance(subject, Demand):
            self.kinds.add(type(args[0]))
            return args[0]
        self.kinds.add(type(subject))
        return Plan(units=[], value=Decimal(0), greedy_value=Decimal(0))

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Watchful:
        self.kinds.add(type(orders))
        return self

    def turning_points(self, subject: Any, /, *, context: Context) -> Iterable[datetime]:
        self.kinds.add(type(subject))
        return ()


def test_every_sequence_that_a_plug_in_gets_is_a_tuple() -> None:
    """Batches, queues, candidates: nobody can change what the run goes on with."""
    plugin = Watchful(set())
    result = run(
        *(LARGE, SMALL),
        stock=STOCK,
        verifiers=[plugin],
        priority=plugin,
        sourcing=plugin,
        planner=plugin,
    )
    assert result.wake_at is None
    assert list(turning_points_of(plugin, [LARGE], Context(now=NOW))) == []
    assert plugin.kinds == {tuple, Order}


class Unspeakable:
    """It can't be shown, whatever one asks of it."""

    def __call__(self, subject: Order, /, *, context: Context) -> Iterable[Finding]:
        if subject.id == "A-1":
            raise LookupError("no list")
        return ()

    def __repr__(self) -> str:
        raise RuntimeError("no repr either")


def test_a_verifier_that_cannot_even_be_shown_holds_its_order_and_no_other() -> None:
    """It goes by the name of its class."""
    result = run(LARGE, SMALL, stock=mugs(berlin=9), verifiers=[Unspeakable()])
    [finding] = result["A-1"].findings
    assert finding.detail == "The verifier Unspeakable failed: LookupError: no list"
    assert (result["A-1"].outcome, result["A-2"].outcome) == (Outcome.HELD, Outcome.ALLOCATED)
    assert name_of(Unspeakable()) == "Unspeakable"


@pytest.mark.parametrize(
    ("answer", "kind"), [(None, "None"), (3, "an int"), ([], "a list"), (note("a.b"), "a Finding")]
)
def test_what_a_plug_in_returned_is_named(answer: object, kind: str) -> None:
    """By its type, so that nobody has to read a repr of any length."""
    assert kind_of(answer) == kind
    assert is_iterable(answer) is isinstance(answer, list)


@attrs.frozen
class Timeless:
    """A verifier that says nothing of use about time."""

    answer: object

    def __call__(self, subject: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()

    def turning_points(self, subject: Order, /, *, context: Context) -> Any:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, "it returned None; return datetimes"),
        (["soon"], "turning_points: 'soon' is not a datetime; pass an aware datetime"),
    ],
)
def test_turning_points_that_are_none_are_named(answer: object, problem: str) -> None:
    """That is found out when somebody asks when to run again."""
    result = run(SMALL, stock=STOCK, verifiers=[Timeless(answer)])
    with pytest.raises(Exception, match="could not say when time changes") as caught:
        _ = result.wake_at
    assert str(caught.value).endswith(problem)


# -- Stock that is not where it is looked for ------------------------------------------------------


def test_a_supply_at_a_location_without_stock_is_explained() -> None:
    """Units to come to a place that has none yet: it goes by its id."""
    later = attrs.evolve(supply("po-1", 5, 1), location="dock")
    shelf = Inventory(items=[Item(sku="mug", backorderable=True)], supplies=[later])
    result = run(order("A-1", 2), stock=shelf, promise=ANYWHERE)
    assert "Shipment of 2 x mug from dock, with po-1" in str(explain(result, "A-1"))
    assert result.wake_at == later.expected_at + timedelta.resolution


def test_a_supply_at_the_end_of_the_calendar_wakes_nobody() -> None:
    """It is never overdue: no instant comes after it."""
    last = datetime.max.replace(tzinfo=UTC)
    shelf = Inventory(
        items=[Item(sku="mug", backorderable=True)],
        supplies=[attrs.evolve(supply("po-1", 5, 1), expected_at=last)],
    )
    assert run(order("A-1", 2), stock=shelf).wake_at is None
