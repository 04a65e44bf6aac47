"""What if: what is said of a run that was not made is what a run says that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import attrs
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from some_promises import POLICY

from fulfill_core import (
    Context,
    Decision,
    Inventory,
    Notification,
    Order,
    OrderRecord,
    Outcome,
    PriorityPolicy,
    Settings,
    compare,
    explain,
    process,
)
from fulfill_core.explanation import RemedyKind
from fulfill_core.notifications import (
    better_promise,
    customer_and_staff,
    receipt,
    staff_news,
    together,
)
from fulfill_core.priorities import oldest_first
from fulfill_core.protocols import NotificationPolicy
from fulfill_core.testing import Batch, batches, priority_policies
from fulfill_core.whatif import compare_days

from .runs import Policies, stock_policies


def settings_of(batch: Batch) -> Settings:
    """Those of the batch, without verifiers: most orders are to be in the queue."""
    return Settings(verifiers=[], facts=batch.facts)


@FEWER
@given(batches())
def test_a_remedy_fills_the_order_and_less_of_it_does_not(batch: Batch) -> None:
    """So many units at a location fill the order when the run is made with them; with one unit less
    of any SKU they do not.
    """
    settings = settings_of(batch)
    result = process(batch.orders, batch.inventory, now=batch.now, **settings)
    for decision in result.decisions[-2:]:
        for remedy in explain(result, decision, settings=settings).what_would_help:
            if remedy.kind is not RemedyKind.UNITS:
                continue
            for lacking in ("", *dict(remedy.units)):
                stock = batch.inventory
                for sku, units in remedy.units:
                    if units - (sku == lacking):
                        stock = stock.with_received(sku, remedy.location, units - (sku == lacking))
                again = process(batch.orders, stock, now=batch.now, **settings)
                is_filled = again[decision.id].outcome is Outcome.ALLOCATED
                assert is_filled == (lacking == "")


@FEWER
@given(batches())
def test_figures_and_shifts_add_up(batch: Batch) -> None:
    """The groups add up to the whole; what went from whom to whom is what each has more or less."""
    settings = settings_of(batch)
    reverse = Settings(**{**settings, "priority": oldest_first})
    comparison = compare(
        batch.orders, batch.inventory, {"today": settings, "other": reverse}, now=batch.now
    )
    for figures in comparison.figures:
        for groups in (figures.tiers, figures.channels):
            assert sum(group.orders for _, group in groups) == figures.total.orders
            assert sum(group.units_filled for _, group in groups) == figures.total.units_filled
    changes: Counter[tuple[str, str]] = Counter()
    for name, sign in (("today", -1), ("other", 1)):
        for decision in comparison[name].decisions:
            for row in (*decision.reserved, *decision.allocations):
                changes[decision.id, row.sku] += sign * row.quantity
    for shift in comparison.shifts:
        changes[shift.target, shift.sku] -= shift.quantity
        changes[shift.source, shift.sku] += shift.quantity
    assert {key: units for key, units in changes.items() if units and key[0]} == {}
    differing = {each.order_id for each in comparison.differences}
    for decision in comparison["today"].decisions:
        if decision.id not in differing:
            assert decision.digest == comparison["other"][decision.id].digest


def uncounted(decision: Decision, /, *, context: Context) -> Iterable[Notification]:
    """What the default says, in a policy that has no parts."""
    return customer_and_staff(decision, context=context)


TELLING = (
    customer_and_staff,
    together(receipt(), customer_and_staff, staff_news(), better_promise()),
    uncounted,
)


@given(
    batches(), stock_policies(), priority_policies(), st.sampled_from(TELLING), *[st.booleans()] * 2
)
def test_what_is_shared_changes_nothing(
    batch: Batch,
    rules: Policies,
    priority: PriorityPolicy,
    notifications: NotificationPolicy,
    has_promises: bool,
    has_records: bool,
) -> None:
    """Each run is that of `process`, and its figures are those of a comparison of its own, with as
    many messages as there are: whatever the settings beside it have in common with it.
    """
    orders: tuple[Order | OrderRecord, ...] = batch.orders
    if has_records:  # of a run an hour before, so that some of the messages are no news
        before = batch.now - timedelta(hours=1)
        orders = process(orders, Inventory(), now=before, verifiers=rules.verifiers).records
    today = Settings(
        verifiers=rules.verifiers,
        priority=rules.priority,
        sourcing=rules.sourcing,
        facts=batch.facts,
        notifications=notifications,
        promise=POLICY if has_promises else None,
    )
    settings = {
        "today": today,
        "other priority": attrs.evolve(today, priority=priority),
        "no verifiers": attrs.evolve(today, verifiers=()),
        "other messages": attrs.evolve(today, notifications=TELLING[0], whole=True),
    }
    comparison = compare(orders, batch.inventory, settings, now=batch.now)
    apart = [
        compare(orders, batch.inventory, {name: each}, now=batch.now).figures[0]
        for name, each in settings.items()
    ]
    assert list(comparison.figures) == apart
    for (name, each), figures in zip(settings.items(), apart, strict=True):
        result = process(orders, batch.inventory, now=batch.now, **each)
        assert comparison[name] == result
        assert figures.messages == len(result.notifications)


@FEWER
@given(batches())
def test_no_unit_leaves_that_was_not_there(batch: Batch) -> None:
    """Over some days no more leaves than was on hand and came in, and every order is counted."""
    days = [batch.now + timedelta(days=number) for number in range(3)]
    settings = {
        "today": settings_of(batch),
        "old": {**settings_of(batch), "priority": oldest_first},
    }
    orders = list({order.id: order for order in batch.orders}.values())
    for course in compare_days(orders, batch.inventory, settings, days=days).courses:
        units = sum(row.on_hand for row in batch.inventory.stock() if row.on_hand > 0)
        units += sum(supply.quantity for supply in batch.inventory.supplies())
        last = course.days[-1]
        assert last.orders_whole + last.orders_open <= last.orders <= len(orders)
        assert last.units_shipped <= units
