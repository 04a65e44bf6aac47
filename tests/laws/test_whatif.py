"""What if: what is said of a run that was not made is what a run says that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

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
    Result,
    Settings,
    Supply,
    compare,
    explain,
    process,
)
from fulfill_core.explanation import Remedy, RemedyKind
from fulfill_core.notifications import (
    better_promise,
    customer_and_staff,
    receipt,
    staff_news,
    together,
)
from fulfill_core.priorities import oldest_first
from fulfill_core.protocols import NotificationPolicy
from fulfill_core.sourcing import DEFAULT_SOURCING
from fulfill_core.testing import Batch, batches, priority_policies
from fulfill_core.whatif import compare_days

from .runs import Policies, record_of, stock_policies


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


def with_rank(result: Result, order_id: str, rank: int) -> PriorityPolicy:
    """The queue of a run, with one order in another place."""
    queue = [each.id for each in result.decisions if each.rank is not None and each.id != order_id]
    queue.insert(rank, order_id)
    places = {name: place for place, name in enumerate(queue)}

    def priority(order: Order, /, *, context: Context) -> int:
        return places.get(order.id, len(places))

    return priority


def without_rule(
    remedy: Remedy, entry: Order | OrderRecord, decision: Decision, batch: Batch
) -> Any:
    """A run's order and stock when a rule of theirs is lifted, of nobody but its subjects."""
    record, stock, name = record_of(entry), batch.inventory, remedy.rule
    subjects = set(remedy.subjects)
    match name:
        case "approval":
            seen = [each for each in decision.findings if each.code in subjects]
            record = record.approved(seen, by="Grace", at=batch.now)
        case "hold":
            record = attrs.evolve(record, holds=[])
        case "ship_after":
            lines = [attrs.evolve(line, ship_after=None) for line in record.order.lines]
            order = attrs.evolve(record.order, ship_after=None, lines=lines)
            record = attrs.evolve(record, order=order)
        case "safety":
            rows = [
                attrs.evolve(row, safety=0) if row.sku in subjects else row for row in stock.stock()
            ]
            stock = with_parts(stock, stock=rows)
        case "capacity":
            places = [
                attrs.evolve(place, capacity=None) if place.id in subjects else place
                for place in stock.locations()
            ]
            stock = with_parts(stock, locations=places)
        case _:
            free: Any = {"customer_cap": None, "minimum_life": timedelta()}.get(name, ())
            items = [
                attrs.evolve(item, **{name: free}) if item.sku in subjects else item
                for item in stock.items()
            ]
            stock = with_parts(stock, items=items)
    return record, stock


def with_parts(inventory: Inventory, /, **parts: Any) -> Inventory:
    """A stock with some parts in place of its own."""
    names = ("stock", "supplies", "items", "locations", "reservations", "claims", "intakes")
    return Inventory(**{name: getattr(inventory, name)() for name in names} | parts)


def with_remedy(
    remedy: Remedy, result: Result, decision: Decision, batch: Batch, settings: Settings
) -> Decision:
    """What is decided on an order with a remedy, which is done as a person would do it."""
    orders, stock = list(batch.orders), batch.inventory
    changes: dict[str, Any] = {}
    match remedy.kind:
        case RemedyKind.UNITS:
            for sku, units in remedy.units:
                stock = stock.with_received(sku, remedy.location, units)
        case RemedyKind.SUPPLY:
            by = remedy.by or batch.now + timedelta(days=1)
            supplies = [
                Supply(id=f"remedy-{sku}", sku=sku, quantity=units, expected_at=by)
                for sku, units in remedy.units
            ]
            stock = with_parts(stock, supplies=[*stock.supplies(), *supplies])
        case RemedyKind.RANK:
            changes["priority"] = with_rank(result, decision.id, remedy.rank or 0)
        case RemedyKind.RULE if remedy.rule == "sourcing":
            changes["sourcing"] = DEFAULT_SOURCING
        case RemedyKind.RULE:
            entry = next(each for each in orders if each.id == decision.id)
            record, stock = without_rule(remedy, entry, decision, batch)
            orders = [record if each.id == decision.id else each for each in orders]
    again = process(orders, stock, now=batch.now, **{**settings, **changes})
    return again[decision.id]


@FEWER
@given(batches() | batches(rules=True), stock_policies())
def test_every_remedy_does_what_it_says(batch: Batch, rules: Policies) -> None:
    """Done by hand, whatever its kind, it fills the order; or, if it is a supply, all that it
    lacks has a date that is early enough.
    """
    settings = Settings(
        verifiers=rules.verifiers,
        priority=rules.priority,
        sourcing=rules.sourcing,
        facts=batch.facts,
    )
    result = process(batch.orders, batch.inventory, now=batch.now, **settings)
    for decision in result.decisions:
        for remedy in explain(result, decision, settings=settings).what_would_help:
            again = with_remedy(remedy, result, decision, batch, settings)
            if remedy.kind is not RemedyKind.SUPPLY:
                assert again.outcome is Outcome.ALLOCATED, remedy
                assert remedy.kind is not RemedyKind.RANK or again.rank == remedy.rank
                continue
            deadline, dates = (
                decision.order.deliver_by,
                [row.expected_at for row in again.backorders],
            )
            assert not again.shorts
            assert all([date and (deadline is None or date <= deadline) for date in dates])


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
    batches() | batches(rules=True),
    stock_policies(),
    priority_policies(),
    st.sampled_from(TELLING),
    *[st.booleans()] * 2,
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
