"""Typed uses of the public API, as a shop would write them.

Both type checkers read this file in their strict modes, and `test_public_api.py` runs it. Each
plug-point is filled by a function, a lambda and an object; parameters before the ``/`` have names
of the shop's own choosing. A lambda leaves out the ``/`` and the ``*``: pyright infers the types of
positional parameters only. Where a plug-in is wrong, the ignore comment is the assertion: both
checkers complain of one that is not needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from fulfill_core import (
    DEFAULT_NOTIFICATIONS,
    DEFAULT_PRIORITY,
    DEFAULT_SOURCING,
    DEFAULT_VERIFIERS,
    Address,
    Allocation,
    Approval,
    Backorder,
    Candidate,
    Comparison,
    Context,
    Customer,
    CustomerFacts,
    Decision,
    Demand,
    Explanation,
    Facts,
    Finding,
    Hold,
    Inventory,
    Item,
    Kind,
    Location,
    Notification,
    Order,
    OrderLine,
    OrderRecord,
    Outcome,
    PastOrder,
    Payment,
    PriorityPolicy,
    Rejection,
    Reservation,
    Result,
    Review,
    Screening,
    Settings,
    Severity,
    Shards,
    Ship,
    Short,
    SortKey,
    SourcingPolicy,
    Stock,
    Supply,
    Verifier,
    compare,
    explain,
    hold,
    merged,
    note,
    process,
    reject,
    review_queue,
    shards,
)
from fulfill_core.explanation import Remedy
from fulfill_core.notifications import news, to_customer, to_staff
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
    slack,
    weighted,
)
from fulfill_core.protocols import (
    BatchPolicy,
    BatchVerifier,
    DescribedPolicy,
    FactBasedVerifier,
    LastVerifier,
    NotificationPolicy,
    ProgressFunction,
    RunStage,
    SecondLook,
    SharingPlugin,
    TimedPolicy,
    TimedVerifier,
)
from fulfill_core.records import FactKind, fact_missing
from fulfill_core.sourcing import by_rank, whole_order_first
from fulfill_core.verifiers import (
    Condition,
    MissingFacts,
    all_of,
    asked_last,
    downgrade,
    missing_facts,
    needing,
    only_if,
    unless,
    upgrade,
)
from fulfill_core.whatif import DailyComparison, compare_days

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

# -- Verifiers -------------------------------------------------------------------------------------


def no_po_boxes(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """A generator."""
    if order.ship_to and any("po box" in line.lower() for line in order.ship_to.street):
        yield hold("address.po_box", field="ship_to.street", detail="We can't deliver there.")


def not_from_the_future(purchase: Order, /, *, context: Context) -> list[Finding]:
    """A function that returns a list, and calls its order otherwise."""
    return [reject("order.future")] if purchase.placed_at > context.now else []


@dataclass(frozen=True)
class AtMost:
    """An object with settings."""

    total: Decimal

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        """A note when the order is larger than that."""
        return (note("order.large"),) if order.total > self.total else ()


verifiers: tuple[Verifier, ...] = (
    *DEFAULT_VERIFIERS,
    no_po_boxes,
    not_from_the_future,
    AtMost(Decimal(1000)),
    lambda order, context: () if order.lines else [hold("order.empty")],
)

# -- Verifiers, combined ---------------------------------------------------------------------------


def is_large(order: Order, /, *, context: Context) -> bool:
    """A condition."""
    return order.total > 500


def on_account(purchase: Order, /, *, context: Context) -> bool:
    """A condition that asks for facts, and calls its order otherwise."""
    customer = context.facts.customer(purchase.customer.id)
    return customer is not None and customer.credit_limit is not None


@dataclass(frozen=True)
class From:
    """A condition with settings."""

    channel: str

    def __call__(self, order: Order, /, *, context: Context) -> bool:
        """Whether it was placed there."""
        return order.channel == self.channel


conditions: Sequence[Condition] = (
    is_large,
    on_account,
    From("web"),
    lambda order, context: order.placed_at < context.now,
)


def no_proxies(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """A function that needs a fact, which `needing` makes sure of."""
    screening = context.facts.screening_of(order)
    if screening is None:
        yield fact_missing(FactKind.SCREENING, order)
    elif "proxy" in screening.flags:
        yield hold("shop.proxy", detail=f"By a proxy, from {screening.ip}.")


@dataclass(frozen=True)
class FirstOrders:
    """An object with all the parts that a verifier may have."""

    batch: frozenset[str] = frozenset()
    is_asked_last: bool = True

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        """A note for a new customer."""
        customer = context.facts.customer(order.customer.id)
        if customer is None:
            return (fact_missing(FactKind.CUSTOMER, order),)
        past = [each for each in customer.orders if each.id not in self.batch]
        return () if past else (note("shop.first_order", detail="Say hello."),)

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        """What is known of the customer."""
        return frozenset({FactKind.CUSTOMER})

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Verifier:
        """Orders of this very batch are no past ones."""
        return FirstOrders(frozenset(order.id for order in orders), self.is_asked_last)

    def second_look(self, decision: Decision, /, *, context: Context) -> Iterable[Finding]:
        """Something to be sorry for."""
        return [note("shop.first_short", line_id=each.line_id) for each in decision.shorts]


combined: tuple[Verifier, ...] = (
    all_of(no_po_boxes, AtMost(Decimal(1000)), lambda order, context: ()),
    only_if(is_large, no_po_boxes),
    only_if(From("web"), AtMost(Decimal(1000))),
    unless(on_account, lambda order, context: ()),
    unless(lambda order, context: bool(order.tags), not_from_the_future),
    downgrade(not_from_the_future, to=Severity.HOLD),
    downgrade(AtMost(Decimal(1000)), "order.large", "order.huge", to=Severity.NOTE),
    upgrade(lambda order, context: [note("order.any")] if order.tags else [], to=Severity.NOTE),
    asked_last(AtMost(Decimal(1000))),
    asked_last(all_of(*verifiers)),
    needing(no_proxies, FactKind.SCREENING),
    needing(lambda order, context: (), *FactKind),
    FirstOrders(),
    downgrade(only_if(is_large, asked_last(FirstOrders())), to=Severity.NOTE),
)

# -- Priorities ------------------------------------------------------------------------------------


def vip_first(order: Order, /, *, context: Context) -> int:
    """A number."""
    return 0 if order.customer.tier == "vip" else 1


def waiting_longest(purchase: Order, /, *, context: Context) -> tuple[timedelta, str]:
    """A tuple, of things that can be compared."""
    return purchase.placed_at - context.now, purchase.id


@dataclass(frozen=True)
class ChannelFirst:
    """An object with settings."""

    channel: str

    def __call__(self, order: Order, /, *, context: Context) -> bool:
        """False is served before True."""
        return order.channel != self.channel


largest_first: PriorityPolicy = descending(order_value({"EUR": Decimal(1)}))
priorities: Sequence[PriorityPolicy] = (
    DEFAULT_PRIORITY,
    deadline,
    oldest_first,
    customer_tier("gold", "silver"),
    largest_first,
    slack(timedelta(days=1)),
    slack(lambda order: timedelta(days=len(order.lines))),
    buckets(deadline, timedelta(days=1)),
    weighted({normalised(deadline, first=timedelta(0), last=timedelta(days=4)): 2, vip_first: 1}),
    ageing(customer_tier("gold"), rises_every=timedelta(days=2)),
    fair_share("customer", weights={"C-7": Decimal("0.5")}),
    fair_share(lambda order: order.locale),
    vip_first,
    waiting_longest,
    ChannelFirst("web"),
    lambda order, context: (order.locale, order.id),
    lexicographic(vip_first, ChannelFirst("web"), lambda order, context: order.id),
)
sort_keys: Sequence[SortKey] = (1, "A-17", NOW, Decimal(1), (1, "A-17"))

# -- Sourcing --------------------------------------------------------------------------------------


def most_first(
    demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
) -> list[Candidate]:
    """The location with most of what is needed, first."""

    def units(candidate: Candidate) -> int:
        return sum(
            min(candidate.available(sku), units_needed) for sku, units_needed in demand.needs
        )

    return sorted(candidates, key=units, reverse=True)


@dataclass(frozen=True)
class Only:
    """An object with settings."""

    location: str

    def __call__(
        self, request: Demand, places: Sequence[Candidate], /, *, context: Context
    ) -> Iterator[Candidate]:
        """The one location, if it was offered."""
        return (place for place in places if place.location.id == self.location)


sourcings: Sequence[SourcingPolicy] = (
    DEFAULT_SOURCING,
    by_rank,
    whole_order_first(),
    whole_order_first(most_first),
    most_first,
    Only("berlin"),
    lambda demand, candidates, context: [
        candidate for candidate in candidates if candidate.covers(demand)
    ],
)

# -- Notifications ---------------------------------------------------------------------------------


def only_staff(decision: Decision, /, *, context: Context) -> Iterator[Notification]:
    """A generator."""
    if decision.outcome is Outcome.HELD:
        yield to_staff(decision, Kind.REVIEW_NEEDED, reasons=(("order.held", "Please look."),))


@dataclass(frozen=True)
class Also:
    """One policy and a message more."""

    policy: NotificationPolicy

    def __call__(self, decided: Decision, /, *, context: Context) -> Iterable[Notification]:
        """A word of the shop's own as the kind."""
        return (
            *self.policy(decided, context=context),
            to_customer(decided, "shop.thanks", news(decided)),
        )


# -- What a plug-in may also have ------------------------------------------------------------------


class Everything:
    """A verifier with all the parts that a run asks for."""

    is_asked_last: bool = True

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        """Nothing to say."""
        return ()

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        """A screening."""
        return frozenset({FactKind.SCREENING})

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Verifier:
        """The same in every batch."""
        return self

    def second_look(self, decision: Decision, /, *, context: Context) -> Iterable[Finding]:
        """Nothing to say then."""
        return ()

    def turning_points(self, order: Order, /, *, context: Context) -> Iterable[datetime]:
        """When the order was a day old."""
        return (order.placed_at + timedelta(days=1),)


class Fair:
    """A priority with all the parts that a run asks for."""

    def __call__(self, order: Order, /, *, context: Context) -> int:
        """All alike."""
        return 0

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> PriorityPolicy:
        """The same in every batch."""
        return self

    def turning_points(self, orders: Sequence[Order], /, *, context: Context) -> Iterable[datetime]:
        """None."""
        return ()

    def describe(self, order: Order, /, *, context: Context) -> str:
        """For an explanation."""
        return "all alike"


facts_based: FactBasedVerifier = Everything()
of_batch: BatchVerifier = Everything()
looking_again: SecondLook = Everything()
asked_at_last: LastVerifier = Everything()
timed: TimedVerifier = Everything()
fair: BatchPolicy = Fair()
timed_policy: TimedPolicy = Fair()
described: DescribedPolicy = Fair()
not_timed: TimedVerifier = no_po_boxes  # type: ignore[assignment]
not_of_batch: BatchPolicy = vip_first  # type: ignore[assignment]

policies: Sequence[NotificationPolicy] = (
    DEFAULT_NOTIFICATIONS,
    only_staff,
    Also(DEFAULT_NOTIFICATIONS),
    lambda decision, context: (),
)

# -- What is not a plug-in -------------------------------------------------------------------------


def forgets_context(order: Order, /) -> list[Finding]:
    """No plug-in: it is called with a context."""
    return [] if order.lines else [hold("order.empty")]


def says_yes(order: Order, /, *, context: Context) -> bool:
    """No verifier: True is no finding."""
    return bool(order.lines)


def says_nothing(order: Order, /, *, context: Context) -> None:
    """No priority policy: None is no sort key."""


def names_locations(
    demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
) -> list[str]:
    """No sourcing policy: it is to return candidates."""
    return [candidate.location.id for candidate in candidates]


def writes_text(decision: Decision, /, *, context: Context) -> list[str]:
    """No notification policy: a message is a value."""
    return [f"Dear customer of {decision.id}"]


not_a_condition: Condition = no_po_boxes  # type: ignore[assignment]
not_a_verifier: Verifier = forgets_context  # type: ignore[assignment]
not_one_either: Verifier = says_yes  # type: ignore[assignment]
not_a_priority: PriorityPolicy = says_nothing  # type: ignore[assignment]
not_a_sourcing: SourcingPolicy = names_locations  # type: ignore[assignment]
not_a_notifier: NotificationPolicy = writes_text  # type: ignore[assignment]

# -- Values ----------------------------------------------------------------------------------------


def some_orders() -> list[Order]:
    """Orders, from lists, sets and dicts as they come."""
    return [
        Order(
            id=f"A-{number}",
            placed_at=NOW - timedelta(hours=number),
            customer=Customer(id="C-7", name="Ada", email="ada@example.com", tier="vip"),
            lines=[OrderLine(id="1", sku="mug", quantity=number, unit_price=Decimal("9.90"))],
            currency="EUR",
            ship_to=Address(
                name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB"
            ),
            payments=[Payment(id="p1", amount=Decimal(100))],
            deliver_by=NOW + timedelta(days=3),
            ship=Ship.LINES,
            tags={"gift"},
            attributes={"wrap": "yes"},
        )
        for number in range(1, 5)
    ]


def some_stock() -> Inventory:
    """An inventory, the long way, and changed once."""
    return Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=5, safety=1)],
        supplies=[Supply(id="PO-1", sku="mug", quantity=2, expected_at=NOW)],
        items=[Item(sku="mug", backorderable=True)],
        locations=[Location(id="berlin", rank=1, name="Berlin")],
    ).with_received("mug", "berlin", 2)


def one_run(
    priority: PriorityPolicy = DEFAULT_PRIORITY,
    sourcing: SourcingPolicy = DEFAULT_SOURCING,
    notifications: NotificationPolicy = DEFAULT_NOTIFICATIONS,
) -> Result:
    """One run with everything passed."""
    orders = some_orders()
    approval = Approval(
        order_id="A-1",
        fingerprint=orders[0].fingerprint,
        findings=[note("payment.overpaid", measure=Decimal("0.10"))],
        any_later=["contact.missing"],
        by="Grace",
        at=NOW,
    )
    with ThreadPoolExecutor(max_workers=1) as pool:
        return process(
            [OrderRecord(order=orders[0], approvals=[approval]), *orders[1:]],
            some_stock(),
            now=NOW,
            verifiers=verifiers,
            priority=priority,
            sourcing=sourcing,
            notifications=notifications,
            map=pool.map,
        )


def what_is_known() -> Facts:
    """Facts of every kind, from lists, sets and dicts as they come."""
    past = PastOrder(
        id="A-0", placed_at=NOW, total=Decimal(5), currency="EUR", units={"mug": 1, "cup": 2}
    )
    return Facts(
        screenings=[
            Screening(order_id="A-1", score=Decimal("0.5"), flags=["proxy"], same_card_at=[NOW]),
            Screening(order_id="A-2", score=12, cards={"4f1c"}),
        ],
        customers=(CustomerFacts(customer_id="C-7", orders=[past], units_bought={"mug": 2}),),
    )


def what_was_decided(order: Order) -> OrderRecord:
    """Rulings of every kind, from lists, tuples and generators as they come."""
    approval = Approval(
        order_id=order.id, fingerprint=order.fingerprint, any_later={"a.b"}, by="Grace", at=NOW
    )
    stop = Hold(order_id=order.id, source="quality", code="shop.recall", line_id="1", at=NOW)
    record = OrderRecord(
        order=order,
        approvals=(approval,),
        rejections=[Rejection(order_id=order.id, fingerprint="f", by="Grace", at=NOW)],
        holds=(each for each in [stop]),
    )
    return record.without_hold(*stop.key).with_hold(stop)


def who_waits() -> list[str]:
    """The review desk, with the types that a shop would write down."""
    orders, facts = some_orders(), what_is_known()
    missing: MissingFacts = missing_facts(orders, combined, now=NOW, facts=facts)
    screenings: tuple[str, ...] = missing.screenings
    customers: tuple[str, ...] = missing.customers
    batch: list[Order | OrderRecord] = [what_was_decided(orders[0]), *orders[1:]]
    result = process(batch, some_stock(), now=NOW, verifiers=combined, facts=facts)
    reviews: tuple[Review, ...] = review_queue(result, rates={"EUR": Decimal(1)})
    approvals: list[Approval] = [
        review.approval(by="Grace", at=NOW) for review in reviews if not review.to_gather
    ]
    rejections: list[Rejection] = [review.rejection(by="Grace", at=NOW) for review in reviews]
    keys: list[tuple[str, str, str]] = [key for review in reviews for key in review.to_release]
    lines: frozenset[str] = result["A-1"].held_lines
    held_units: list[int] = [status.held for status in result["A-1"].lines]
    sources: set[str] = {finding.source for finding in result["A-1"].findings}
    return [
        str(part)
        for part in (
            *(screenings, customers, approvals, rejections),
            *(keys, lines, held_units, sorted(sources)),
        )
    ]


def what_comes_out() -> list[str]:
    """The result, read with the types that a shop would write down."""
    result = one_run()
    decision: Decision = result["A-1"]
    allocations: tuple[Allocation, ...] = decision.allocations
    backorders: tuple[Backorder, ...] = decision.backorders
    shorts: tuple[Short, ...] = decision.shorts
    findings: tuple[Finding, ...] = decision.findings
    messages: tuple[Notification, ...] = result.notifications
    reserved: tuple[Reservation, ...] = result.inventory.reservations_of("A-1")
    rank: int | None = decision.rank
    wake_at: datetime | None = result.wake_at
    explanation: Explanation = explain(result, "A-1")
    available: int = Inventory.of({("mug", "berlin"): 12}).available("mug")
    return [
        str(part)
        for part in (
            *(allocations, backorders, shorts, findings),
            *(messages, reserved, rank, wake_at, explanation, available),
        )
    ]


def in_shards(orders: Sequence[Order | OrderRecord], stock: Inventory) -> Result:
    """Groups of a batch, run by several workers, put together."""
    settings: Mapping[str, Any] = {"verifiers": DEFAULT_VERIFIERS}
    groups: Shards = shards(orders, stock, settings)
    parts: tuple[tuple[Order | OrderRecord, ...], ...] = groups.bundles(4)
    largest: int = groups.largest
    reasons: tuple[str, ...] = groups.reasons
    if largest == len(orders) and reasons:
        return process(orders, stock, now=NOW, **settings)
    with ThreadPoolExecutor() as executor:
        return merged(executor.map(partial(process, inventory=stock, now=NOW), parts))


def compared(orders: Sequence[Order | OrderRecord], stock: Inventory) -> str:
    """Two settings side by side, a bar, and what would have helped."""

    def show(stage: RunStage, share: float, /) -> None:
        """A bar."""

    bar: ProgressFunction = show
    today = Settings(priority=DEFAULT_PRIORITY)
    whole: Mapping[str, Any] = {"whole": True}
    comparison: Comparison = compare(
        orders, stock, {"today": today, "whole": whole}, now=NOW, progress=bar
    )
    result: Result = process(orders, stock, now=NOW, **today, progress=bar)
    for decision in result:
        explanation = explain(result, decision, settings=today)
        remedies: tuple[Remedy, ...] = explanation.what_would_help
        if remedies:
            return str(remedies[0])
    course: DailyComparison = compare_days([], stock, {"today": today}, days=[NOW])
    rows: list[dict[str, Any]] = comparison.rows() + course.rows()
    return comparison.to_html() if rows else str(comparison)


class OncePerChannel:
    """A verifier that looks at the batch, and says at which orders together."""

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        """Nothing, in an example."""
        return ()

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[str]:
        """The channel."""
        return [order.channel]


sharing: SharingPlugin = OncePerChannel()
