"""When to run again: each kind of instant at which time alone changes a decision."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import ADA, NOW, line, mugs, order, pool_of, reserved, run
from some_stock import BOB, DAY, HOUR, lot, row, shelf_of, supply

from fulfill_core import (
    Context,
    Customer,
    Decision,
    Fence,
    Finding,
    Inventory,
    Item,
    Location,
    Order,
    Payment,
    PluginError,
    PriorityPolicy,
    Result,
    Verifier,
    hold,
)
from fulfill_core.notifications import customer_and_staff, receipt, together
from fulfill_core.priorities import (
    ageing,
    buckets,
    customer_tier,
    deadline,
    descending,
    fair_share,
    lexicographic,
    normalised,
    oldest_first,
    order_value,
    weighted,
)
from fulfill_core.protocols.plugins import looks_at_time
from fulfill_core.reallocation import ConfirmationStrategy, Reallocation
from fulfill_core.verifiers import (
    all_of,
    asked_last,
    authorization_lasts,
    only_if,
    plausible_dates,
    reachable,
    unless,
)

TICK = timedelta.resolution
TIER = customer_tier("gold", "silver")
GOLD = attrs.evolve(BOB, tier="gold")
SILVER = attrs.evolve(ADA, tier="silver")


def due(order_id: str, hours: int, **changes: Any) -> Order:
    """An order for a mug that is due so many hours from now."""
    return order(order_id, 1, deliver_by=NOW + hours * HOUR, **changes)


def authorized(ends: timedelta, **changes: Any) -> Order:
    """An order for a mug at 20 EUR, with an authorization that ends so long from now."""
    payment = Payment(id="p", amount=Decimal(20), expires_at=NOW + ends)
    return order(lines=[line(unit_price=Decimal(20))], payments=[payment], **changes)


def seen(result: Result) -> list[Any]:
    """What time must not change before wake_at: who has what and why, and what is told."""
    now = result.context.now
    return [
        (
            made.id,
            made.outcome,
            [found.code for found in made.findings],
            sum(
                held.quantity
                for held in result.inventory.reservations_of(made.id)
                if held.expires_at is None or now < held.expires_at
            ),
            [message.id for message in result.notifications if message.order_id == made.id],
        )
        for made in result.decisions
    ]


def stock(*rows: Any, **parts: Any) -> Inventory:
    """An inventory of these rows; by default a mug in Berlin."""
    return Inventory(rows or [row(1)], **parts)


def picky(days: int) -> Customer:
    """A customer who asks for so much life."""
    return attrs.evolve(ADA, minimum_life=days * DAY)


@attrs.frozen
class after:  # noqa: N801 - it is used as the function that it makes
    """A condition that holds from an instant on, and says so."""

    instant: datetime

    def __call__(self, order: Order, /, *, context: Context) -> bool:
        return context.now >= self.instant

    def turning_points(self, order: Order, /, *, context: Context) -> list[datetime]:
        """That instant."""
        return [self.instant]


@attrs.frozen
class until:  # noqa: N801 - it is used as the function that it makes
    """A verifier that holds until an instant, and says so."""

    instant: datetime

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return () if context.now >= self.instant else [hold("test.early")]

    def turning_points(self, order: Order, /, *, context: Context) -> list[datetime]:
        """That instant."""
        return [self.instant]


def stopped(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """A verifier that holds every order."""
    return [hold("test.stopped")]


# -- One of each kind ------------------------------------------------------------------------------

OLD = {"placed_at": NOW - 10 * HOUR}
BACKORDERS = [Item(sku="mug", backorderable=True)]
STORE = [Location(id="berlin", capacity=1)]
FENCED_LOT = stock(
    shelf_of(lot("a", 1, days=9)),
    items=[Item(sku="mug", fences=[Fence(quantity=1, tiers=["vip"])])],
)
SEVERAL = [order("A", 1), order("B", 1)]
TWO = [due("A", 30, placed_at=NOW), due("B", 40, **OLD)]
SOON = normalised(deadline, first=timedelta(0), last=DAY)
CASES: dict[str, tuple[list[Order], Inventory, dict[str, Any], timedelta]] = {
    "somebody's reservation expires": (
        [order("A", 1)],
        stock().with_reserved(reserved("Z", expires_at=NOW + HOUR)),
        {},
        HOUR,
    ),
    "its own reservation expires": (
        [order("A", 1)],
        stock(row(0)).with_reserved(reserved("A", expires_at=NOW + HOUR)),
        {},
        HOUR,
    ),
    "an order is due": ([order("A", 1, ship_after=NOW + HOUR)], stock(), {}, HOUR),
    "a supply is overdue": (
        [order("A", 1)],
        stock(row(0), supplies=[supply("PO", 1, 3)], items=BACKORDERS),
        {},
        3 * DAY + TICK,
    ),
    "an authorization ends": ([authorized(HOUR)], stock(), {}, HOUR),
    "an authorization will end before the goods can leave": (
        [authorized(3 * DAY)],
        stock(),
        {"verifiers": [authorization_lasts(DAY)]},
        2 * DAY,
    ),
    "an order is no longer placed in the future": (
        [order("A", 1, placed_at=NOW + HOUR)],
        stock(),
        {"verifiers": [plausible_dates(tolerance=timedelta(0))]},
        HOUR,
    ),
    "a condition begins to hold": (
        [order("A", 1)],
        stock(),
        {"verifiers": [only_if(after(NOW + HOUR), stopped)]},
        HOUR,
    ),
    "a lot becomes too old for anybody": ([order("A", 1)], FENCED_LOT, {}, 9 * DAY),
    "a lot becomes too old for a customer": (
        [order("A", 1, customer=picky(2))],
        FENCED_LOT,
        {},
        7 * DAY + TICK,
    ),
    "a fence falls": (
        [order("A", 1)],
        stock(items=[Item(sku="mug", fences=[Fence(quantity=1, tiers=["vip"], until=NOW + DAY)])]),
        {},
        DAY,
    ),
    "a day of capacity begins": (SEVERAL, stock(row(2), locations=STORE), {}, 12 * HOUR),
    "an order comes onto a scale": (TWO, stock(), {"priority": SOON}, 6 * HOUR + TICK),
    "the same, turned round": (
        [due("A", 30, **OLD), due("B", 40, placed_at=NOW)],
        stock(),
        {"priority": descending(SOON)},
        6 * HOUR + TICK,
    ),
    "orders with the same share part": (
        TWO,
        stock(),
        {"priority": lexicographic(SOON, fair_share("customer"))},
        6 * HOUR + TICK,
    ),
    "scores meet": (
        [due("A", 40, customer=GOLD, placed_at=NOW), due("B", 30, customer=SILVER, **OLD)],
        stock(),
        {"priority": weighted({SOON: 2, normalised(TIER, first=0, last=2): 1})},
        12 * HOUR,
    ),
    "an old order falls into the bucket of a better one": (
        [
            order("A", 1, customer=GOLD, placed_at=NOW - 6 * HOUR),
            order("B", 1, customer=SILVER, **OLD),
        ],
        stock(),
        {"priority": buckets(ageing(TIER, rises_every=DAY), 1)},
        14 * HOUR + TICK,
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_then_something_changes_and_not_before(kind: str) -> None:
    """One moment before, the same run says the same; at that instant it does not."""
    orders, before, settings, wakes = CASES[kind]
    settings = {"verifiers": [], **settings}
    if kind == "an authorization ends":
        del settings["verifiers"]
    first = run(*orders, stock=before, **settings)
    assert first.wake_at == NOW + wakes
    again = run(*orders, stock=first.inventory, **{**settings, "now": NOW + wakes - TICK})
    assert seen(again) == seen(first)
    assert again.wake_at == NOW + wakes
    then = run(*orders, stock=first.inventory, **{**settings, "now": NOW + wakes})
    assert seen(then) != seen(first)


# -- Neither too often -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "priority",
    [
        lexicographic(deadline, oldest_first),
        ageing(TIER, rises_every=HOUR),
        weighted({ageing(TIER, rises_every=HOUR): 2, TIER: 1}),
        buckets(deadline, DAY),
        buckets(order_value({"EUR": Decimal(1)}), 10),
        descending(TIER),
        fair_share("customer"),
        lexicographic(deadline, SOON),  # which sees no two alike
    ],
)
def test_ranks_that_time_does_not_change_wake_nobody(priority: PriorityPolicy) -> None:
    """Keys that stand still, or all fall at the same rate, never meet."""
    assert run(*TWO, stock=mugs(berlin=2), priority=priority, verifiers=[]).wake_at is None


def test_who_is_alone_in_its_class_overtakes_nobody() -> None:
    """A policy counts for those only between whom the ones before see no difference."""
    apart = lexicographic(TIER, SOON, TIER)
    gold = [attrs.evolve(TWO[0], customer=GOLD), TWO[1]]
    assert run(*gold, priority=apart, verifiers=[]).wake_at is None
    assert run(*TWO, priority=apart, verifiers=[]).wake_at == NOW + 6 * HOUR + TICK


def test_a_location_without_any_capacity_never_opens() -> None:
    """No next day changes that."""
    shut = stock(row(2), locations=[Location(id="berlin", capacity=0)])
    assert run(order("A", 1), stock=shut).wake_at is None


def test_units_freeze_before_a_deadline() -> None:
    """From then on a re-allocation moves others."""
    frozen = Reallocation(strategy=ConfirmationStrategy.REDISTRIBUTE, frozen_within=DAY)
    orders = [due("A", 30), due("B", 20), order("C", 1)]
    assert run(*orders, verifiers=[], reallocation=frozen).wake_at == NOW + 6 * HOUR
    assert run(*orders, verifiers=[], reallocation=Reallocation()).wake_at is None
    early = order("A", 1, deliver_by=datetime(1, 1, 2, tzinfo=UTC))
    assert run(early, verifiers=[], reallocation=frozen).wake_at is None


# -- Time zones ------------------------------------------------------------------------------------


def test_instants_are_compared_where_the_clock_is_put_back() -> None:
    """In the night that has an hour twice, the second 02:10 comes after the first 02:50."""
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 25, 2, 50, tzinfo=berlin)
    second = datetime(2026, 10, 25, 2, 10, tzinfo=berlin, fold=1)
    said = only_if(after(second), stopped)
    assert run(order("A", 1), now=now, verifiers=[said]).wake_at == second.astimezone(UTC)


def test_a_lot_ages_by_hours_not_by_the_clock_on_the_wall() -> None:
    """A day of transit has 24 hours, also over a night in which the clock is changed."""
    now = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    ends = datetime(2026, 4, 1, tzinfo=UTC)
    fence = Fence(quantity=1, tiers=["vip"])
    shelf = stock(
        row(1, lots=[attrs.evolve(lot("a", 1), expires_at=ends)]),
        items=[Item(sku="mug", fences=[fence])],
        locations=[Location(id="berlin", lead_time=DAY)],
    )
    first = run(order("A", 1), stock=shelf, now=now)
    assert first.wake_at == ends - DAY
    for at, units in ((ends - DAY - TICK, 1), (ends - DAY, 0)):
        there = at.astimezone(now.tzinfo)
        assert sum(pool_of(shelf, "mug", there).values()) == units


# -- Plug-ins of one's own -------------------------------------------------------------------------


@attrs.frozen
class rush_hour:  # noqa: N801 - it is used as the function that it makes
    """A priority of the host's own: from some instant on, gold comes first."""

    start: datetime

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return int(context.now >= self.start and order.customer.tier != "gold")

    def turning_points(self, orders: Iterable[Order], /, *, context: Context) -> list[datetime]:
        """When it begins."""
        return [self.start]


@attrs.frozen
class made_for_batch:  # noqa: N801 - it is used as the function that it makes
    """The same, made when the batch is known."""

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return 0

    def for_batch(self, orders: Iterable[Order], /, *, context: Context) -> rush_hour:
        """With the hour of this batch."""
        return rush_hour(NOW + HOUR)


@pytest.mark.parametrize(
    "priority",
    [
        rush_hour(NOW + HOUR),
        descending(rush_hour(NOW + HOUR)),
        lexicographic(oldest_first, rush_hour(NOW + HOUR)),
        weighted({rush_hour(NOW + HOUR): 1, TIER: 2}),
        buckets(weighted({rush_hour(NOW + HOUR): 1}), 2),
        ageing(rush_hour(NOW + HOUR), rises_every=DAY),
        normalised(rush_hour(NOW + HOUR), first=0, last=1),
        made_for_batch(),
        lexicographic(oldest_first, made_for_batch()),
    ],
)
def test_a_priority_of_ones_own_says_when_it_changes(priority: PriorityPolicy) -> None:
    """Alone, and within others; also one that is made for the batch."""
    assert run(order("A", 1), order("B", 1), priority=priority).wake_at == NOW + HOUR


@pytest.mark.parametrize(
    "verifier",
    [
        until(NOW + HOUR),
        all_of(reachable, until(NOW + HOUR)),
        asked_last(until(NOW + HOUR)),
        unless(after(NOW + HOUR), reachable),
        only_if(reachable, asked_last(until(NOW + HOUR))),
    ],
)
def test_a_verifier_of_ones_own_says_when_it_changes(verifier: Verifier) -> None:
    """Alone, and within others; conditions, too. One that holds the order as well."""
    assert run(order("A", 1), verifiers=[verifier]).wake_at == NOW + HOUR


def test_a_verifier_that_knows_of_no_time_is_not_kept() -> None:
    """Nor is a combination of such, so that a result travels though they do not."""
    timeless: list[Verifier] = [
        reachable,
        lambda _, /, *, context: (),
        only_if(lambda _, /, *, context: True, reachable),
        asked_last(all_of(reachable, stopped)),
    ]
    assert not any(map(looks_at_time, [*timeless, all_of(*timeless)]))
    result = run(order("A", 1), verifiers=[*timeless, plausible_dates()])
    assert result.verifiers == (plausible_dates(),)
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301 - our own


def naive(asked: object, /, *, context: Context) -> list[datetime]:
    """Turning points without a time zone."""
    return [datetime(2026, 3, 3)]  # noqa: DTZ001 - that is what is wrong with it


def raising(asked: object, /, *, context: Context) -> list[datetime]:
    """Turning points that are not to be had."""
    raise LookupError("no calendar")


def refusing(asked: object, /, *, context: Context) -> list[datetime]:
    """Turning points of a plug-in of ours that says itself what is wrong."""
    raise PluginError("mine", "A", "is out of order")


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (naive, "turning_points"),
        (raising, "could not say when time changes what it says: LookupError: no calendar"),
        (refusing, "is out of order"),
    ],
)
def test_a_plug_in_that_can_not_say_is_named(broken: Any, message: str) -> None:
    """With the order, or the first of the queue, that it was asked about."""

    def quiet(order: Order, /, *, context: Context) -> tuple[()]:
        return ()

    quiet.turning_points = broken  # type: ignore[attr-defined]
    for settings in ({"verifiers": [quiet]}, {"priority": quiet}):
        with pytest.raises(PluginError, match=message) as caught:
            _ = run(order("A", 1), **settings).wake_at
        assert caught.value.order_id == "A"
    assert run(verifiers=[quiet], priority=quiet).wake_at is None


class Reminder:
    """A notification policy that says when time changes what it tells, and whom it was asked of."""

    def __init__(self, *, is_timeless_in_queue: bool) -> None:
        self.is_timeless_in_queue = is_timeless_in_queue
        self.ids_asked: list[str] = []

    def __call__(self, decision: Decision, /, *, context: Context) -> tuple[()]:
        return ()

    def turning_points(self, decision: Decision, /, *, context: Context) -> list[datetime]:
        """An hour from now."""
        self.ids_asked.append(decision.id)
        return [context.now + HOUR]


@pytest.mark.parametrize("is_among_others", [False, True])
@pytest.mark.parametrize(
    ("is_timeless", "ids_asked"), [(False, ["A", "B", "C"]), (True, ["C"])], ids=["timed", "steady"]
)
def test_a_policy_may_say_that_time_changes_nothing_in_the_queue(
    is_timeless: bool, ids_asked: list[str], is_among_others: bool
) -> None:
    """Then no decision of the queue is made to ask it; what is put around it passes that on."""
    reminder = Reminder(is_timeless_in_queue=is_timeless)
    policy = together(receipt(), customer_and_staff, reminder) if is_among_others else reminder
    orders = [order("A", 1), order("B", 1), order("C", 1, customer=BOB)]
    stop = only_if(lambda each, /, *, context: each.id == "C", stopped)
    result = run(*orders, notifications=policy, verifiers=[stop])
    assert result.wake_at == NOW + HOUR
    assert reminder.ids_asked == ids_asked


def test_messages_that_know_of_no_time_wake_nobody() -> None:
    """A policy that does not say when it would tell something else is not asked."""
    policy = lambda decision, /, *, context: ()  # noqa: E731 - as a shop writes it
    assert run(order("A", 1), notifications=policy).wake_at is None
