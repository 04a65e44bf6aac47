"""The strategies: what they make is well formed, fits together, and leaves nothing out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st

from fulfill_core import (
    Address,
    Context,
    Customer,
    CustomerFacts,
    Decision,
    Facts,
    Inventory,
    Item,
    Location,
    Order,
    OrderLine,
    OrderRecord,
    Payment,
    PaymentStatus,
    PriorityPolicy,
    Result,
    Screening,
    Ship,
    ShortReason,
    SourcingPolicy,
    Verifier,
    process,
)
from fulfill_core.testing import (
    Batch,
    addresses,
    batches,
    check_priority_policy,
    customer_facts,
    customers,
    facts,
    inventories,
    order_lines,
    orders,
    payments,
    policies,
    priority_policies,
    records,
    register,
    screenings,
    sourcing_policies,
    verifiers,
)
from fulfill_core.testing.strategies import NOW, ORDER_IDS, STRANGER
from fulfill_core.testing.wide import AGES
from fulfill_core.testing.world import ANOTHER

CONTEXT = Context(now=NOW)
SITUATIONS = frozenset(
    {
        "contention",
        "split",
        "tie",
        "exact repeat",
        "conflicting duplicate",
        "held",
        "rejected",
        "waived",
        "scheduled",
        "due by now",
        "own reservation",
        "expired reservation",
        "expires now",
        "stranger's reservation",
        "left-over reservation",
        "two lines of one SKU",
        "partial",
        "lines",
        "complete",
        "complete waits",
        "line waits whole",
        "pegged",
        "open backorder",
        "short",
        "unknown SKU",
        "untracked",
        "packs",
        "free",
        "topped up",
        "allocated",
        "partially allocated",
        "backordered",
        "unfulfillable",
        "several locations",
        "overdrawn location",
        "safety stock",
        "stopped",
        "lines stopped",
        "stopped by two",
        "no such line stopped",
        "turned down",
        "another version turned down",
        "another version approved",
        "screened",
        "not screened",
        "changed since it was screened",
        "known customer",
        "regular customer",
        "unknown customer",
        "no rules",
        "rules",
        "kit",
        "kit in a kit",
        "lots",
        "locked up",
        "too old",
        "lead time",
        "whole packs",
        "fence",
        "fence that fell",
        "kit allocated",
        "kit waits",
        "lot allocated",
        "fenced off",
        "over the cap",
        "backorder cap",
        "at capacity",
        "overdue",
        "lot asked for",
        "lot lacking",
        "single lot",
        "fence at a location",
        "place to wait for",
        "supply for a location",
        "line's discount",
        "line's tax",
        "line's agreed total",
        "agreed total",
        "agreed otherwise",
    }
)


T = TypeVar("T")


def some(strategy: st.SearchStrategy[T], condition: Callable[[T], bool] = lambda _: True) -> T:
    """The first value that fulfils the condition, as it comes; shrinking would take longer."""
    return find(
        strategy,
        condition,
        settings=settings(
            max_examples=2_000, phases=[Phase.generate], database=None, derandomize=True
        ),
    )


def situations(batch: Batch, result: Result) -> Iterator[str]:
    """What a batch, and a run over it, is an example of."""
    versions = Counter(entry.id for entry in set(batch.orders))
    record_by_id = {entry.id: entry for entry in batch.orders if isinstance(entry, OrderRecord)}
    queue = [made for made in result.decisions if made.rank is not None]
    keys = Counter((made.order.deliver_by, made.order.placed_at) for made in queue)
    askers = Counter(sku for made in queue for sku in {line.sku for line in made.order.lines})
    denied = {row.sku for made in queue for row in made.shorts}
    denied |= {row.sku for made in queue for row in made.backorders}
    given = {row.sku for made in queue for row in made.allocations}
    yield from true_of(
        {
            "exact repeat": len(set(batch.orders)) < len(batch.orders),
            "conflicting duplicate": max(versions.values()) > 1,
            "tie": max(keys.values(), default=0) > 1,
            "contention": any(askers[sku] > 1 for sku in denied & given),
            "several locations": len(list(batch.inventory.locations())) > 1,
            "overdrawn location": any(row.on_hand < 0 for row in batch.inventory.stock()),
            "safety stock": any(row.safety for row in batch.inventory.stock()),
        }
    )
    yield from true_of(rules_of(batch))
    for held in batch.inventory.reservations():
        expires_at = held.expires_at
        is_own = held.order_id != STRANGER and held.line_id != "0"
        yield from true_of(
            {
                "stranger's reservation": held.order_id == STRANGER,
                "left-over reservation": held.line_id == "0",
                "own reservation": is_own and (expires_at is None or expires_at > batch.now),
                "expires now": expires_at == batch.now,
                "expired reservation": expires_at is not None and expires_at < batch.now,
            }
        )
    for made in result.decisions:
        yield made.outcome.value.replace("_", " ")
        yield from true_of(
            {
                "waived": any(finding.is_waived for finding in made.findings),
                "due by now": made.order.ship_after == batch.now,
                "lines stopped": bool(made.held_lines),
                "turned down": any(each.code == "review.rejected" for each in made.findings),
            }
        )
        if batch.facts != Facts():
            yield from true_of(known_of(batch.facts, made.order))
        yield from true_of(prices_of(made.order))
        if made.id in record_by_id:
            yield from true_of(said_of(record_by_id[made.id]))
    for made in queue:
        yield made.order.ship.value
        yield from true_of(situations_of(made))


def rules_of(batch: Batch) -> dict[str, bool]:
    """What the rules of the stock are an example of, or not."""
    items = list(batch.inventory.items())
    kits = {item.sku for item in items if item.is_kit}
    lots = [lot for row in batch.inventory.stock() for lot in row.lots]
    untils = [fence.until for item in items for fence in item.fences]
    has_rules = bool(lots or kits) or any(item.has_rules for item in items)
    return {
        "no rules": not has_rules,
        "rules": has_rules,
        "kit": bool(kits),
        "kit in a kit": any(part.sku in kits for item in items for part in item.components),
        "lots": bool(lots),
        "locked up": any(lot.quarantined for lot in lots),
        "too old": any(lot.expires_at is not None and lot.expires_at <= batch.now for lot in lots),
        "lead time": any(place.lead_time for place in batch.inventory.locations()),
        "whole packs": any(item.packs for item in items),
        "fence": bool(untils),
        "fence that fell": batch.now in untils,
        "single lot": any(item.single_lot for item in items),
        "fence at a location": any(fence.location for item in items for fence in item.fences),
        "place to wait for": any(item.backorderable_at for item in items),
        "supply for a location": any(supply.location for supply in batch.inventory.supplies()),
    }


def prices_of(order: Order) -> dict[str, bool]:
    """What the prices of an order are an example of, or not."""
    lines = order.lines
    is_agreed = order.agreed_total is not None
    return {
        "line's discount": any(line.discount for line in lines),
        "line's tax": any(line.tax for line in lines),
        "line's agreed total": any(line.agreed_total is not None for line in lines),
        "agreed total": is_agreed,
        "agreed otherwise": is_agreed and order.agreed_total != order.calculated_total,
    }


def known_of(known: Facts, order: Order) -> dict[str, bool]:
    """What the facts about an order are an example of, or not."""
    seen = {each.order_id for each in known.screenings}
    is_screened = known.screening_of(order) is not None
    customer = known.customer(order.customer.id)
    return {
        "screened": is_screened,
        "not screened": order.id not in seen,
        "changed since it was screened": order.id in seen and not is_screened,
        "known customer": customer is not None,
        "regular customer": customer is not None and len(customer.orders) > 1,
        "unknown customer": customer is None,
    }


def said_of(record: OrderRecord) -> dict[str, bool]:
    """What people said of an order is an example of, or not."""
    holds, fingerprint = record.holds, record.order.fingerprint
    lines = {"", *(line.id for line in record.order.lines)}
    return {
        "stopped": any(not stop.line_id for stop in holds),
        "stopped by two": len(holds) > 1,
        "no such line stopped": any(stop.line_id not in lines for stop in holds),
        "another version turned down": any(
            no.fingerprint != fingerprint for no in record.rejections
        ),
        "another version approved": any(yes.fingerprint != fingerprint for yes in record.approvals),
    }


def situations_of(made: Decision) -> dict[str, bool]:
    """What the decision for an order in the queue is an example of, or not."""
    order = made.order
    parts = Counter(row.line_id for row in made.allocations)
    lines_of = Counter(line.sku for line in order.lines)
    reasons = {row.reason for row in made.shorts}
    is_incomplete = bool(made.backorders or made.shorts)
    kits = {line_id for line_id, _ in made.kits}
    codes = {found.code for found in made.findings}
    return {
        "complete waits": order.ship is Ship.COMPLETE and is_incomplete,
        "free": order.total == 0,
        "topped up": bool(made.reserved and made.allocations),
        "split": max(parts.values(), default=0) > 1,
        "two lines of one SKU": max(lines_of.values()) > 1,
        "packs": any(line.units_each > 1 for line in order.lines),
        "untracked": any(status.untracked for status in made.lines),
        "short": bool(made.shorts),
        "unknown SKU": ShortReason.UNKNOWN_SKU in reasons,
        "line waits whole": ShortReason.LINE_SHIPS_WHOLE in reasons,
        "pegged": any(row.supply_id for row in made.backorders),
        "open backorder": any(not row.supply_id for row in made.backorders),
        "kit allocated": any(row.line_id in kits for row in made.allocations),
        "kit waits": any(row.line_id in kits for row in made.backorders),
        "lot allocated": any(row.lot for row in made.allocations),
        "lot asked for": any(line.lot for line in order.lines),
        "lot lacking": ShortReason.LOT_UNAVAILABLE in reasons,
        "fenced off": "allocation.ring_fenced" in codes,
        "over the cap": "allocation.customer_cap" in codes,
        "backorder cap": ShortReason.BACKORDER_CAP in reasons,
        "at capacity": "sourcing.at_capacity" in codes,
        "overdue": "supply.overdue" in codes,
    }


def true_of(examples: dict[str, bool]) -> list[str]:
    """Those that it is an example of."""
    return [what for what, is_one in examples.items() if is_one]


@pytest.mark.untraced  # hundreds of batches: traced, they take three times as long
def test_batches_show_everything() -> None:
    """Each situation occurs in at least one batch of twenty."""
    seen: Counter[str] = Counter()
    for start in range(40):  # examples of one start resemble each other

        @seed(start)
        @settings(
            max_examples=8,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(batches())
        def look(batch: Batch) -> None:
            result = process(batch.orders, batch.inventory, now=batch.now, facts=batch.facts)
            seen.update({"any", *situations(batch, result)})

        look()
    rare = {what: seen[what] for what in SITUATIONS if seen[what] * 20 < seen["any"]}
    assert rare == {}


@given(orders())
def test_orders_are_mostly_good(order: Order) -> None:
    """Each order has a verdict, whatever is wrong with it, and at most three lines."""
    [decision] = process([order], Inventory(), now=NOW).decisions
    assert decision.order == order
    assert len(order.lines) <= 3


def test_orders_of_the_callers_own() -> None:
    """Ids, SKUs and the time are the caller's, if they are given."""
    later = NOW + timedelta(days=400)
    order = some(orders(ids=st.just("B-1"), skus=["tea"], now=later), lambda one: bool(one.lines))
    assert (order.id, order.lines[0].sku) == ("B-1", "tea")
    assert later - timedelta(hours=3) <= order.placed_at < later


def test_order_lines_of_the_callers_own() -> None:
    """Line ids and SKUs are the caller's, if they are given."""
    line = some(order_lines(skus=["tea"], ids=st.just("x")))
    assert (line.id, line.sku) == ("x", "tea")


def test_payments_of_the_callers_own() -> None:
    """Amounts and the time are the caller's, if they are given."""
    payment = some(
        payments(amounts=st.just(Decimal(7)), now=NOW + timedelta(days=400)),
        lambda one: one.expires_at == NOW + timedelta(days=400),
    )
    assert payment.amount == Decimal(7)


@pytest.mark.parametrize("status", PaymentStatus)
def test_payments_have_every_status(status: PaymentStatus) -> None:
    """Payments occur in every status."""
    assert some(payments(), lambda payment: payment.status is status).status is status


@given(customers(), addresses())
def test_customers_and_addresses_are_complete(customer: Customer, address: Address) -> None:
    """Customers can be reached, and addresses can be shipped to."""
    assert customer.email or customer.phone
    assert all((address.name, address.street, address.city, address.country))


def test_inventories_of_the_callers_own() -> None:
    """SKUs, locations and orders are the caller's, if they are given; without any location there is
    no stock, and nothing that could be reserved.
    """
    places = (Location(id="oslo"),)
    order = some(orders(skus=["tea"]), lambda one: bool(one.lines))
    inventory = some(
        inventories(skus=["tea"], places=st.just(places), orders=[order]),
        lambda one: len(one.reservations_of(order.id)) == 1,
    )
    [held] = inventory.reservations_of(order.id)
    assert (held.sku, held.location, held.line_id) == ("tea", "oslo", "1")
    empty = some(inventories(places=st.just(())))
    assert empty == Inventory(items=[Item(sku="wrap", tracked=False)])


def test_batches_of_the_callers_own() -> None:
    """Ids, SKUs, locations and the time are the caller's, if they are given."""
    places = (Location(id="oslo"),)
    batch = some(
        batches(ids=["B-1"], skus=["tea"], places=st.just(places), now=NOW + timedelta(days=1)),
        lambda one: one.inventory.available("tea") > 0,
    )
    assert {order.id for order in batch.orders} == {"B-1"}
    assert batch.inventory.available("tea", "oslo") > 0
    assert batch.now == NOW + timedelta(days=1)


@settings(max_examples=30)
@given(batches(rules=False), inventories(rules=True))
def test_rules_can_be_left_out(batch: Batch, inventory: Inventory) -> None:
    """Without rules there are no kits, lots, packs, fences, caps, late supplies or capacities; with
    them, all that an inventory says of itself can still be asked of every SKU.
    """
    examples = rules_of(batch)
    assert {what for what, is_one in examples.items() if is_one} == {"no rules"}
    assert all(item.backorder_cap is None for item in batch.inventory.items())
    assert all(batch.inventory.due_until(supply) > NOW for supply in batch.inventory.supplies())
    assert all(place.capacity is None for place in batch.inventory.locations())
    for item in inventory.items():
        assert inventory.available(item.sku, now=NOW) >= 0


def test_facts_fit_the_orders() -> None:
    """What is known is about the given orders and their customers, of this version or another."""
    order = some(orders(), lambda one: bool(one.lines))
    for condition in (
        lambda one: one.screening_of(order),
        lambda one: one.screenings and one.screening_of(order) is None,
        lambda one: one.customer(order.customer.id),
        lambda one: one == Facts(),
    ):
        some(facts(orders=[order]), lambda one, condition=condition: bool(condition(one)))


def test_facts_about_nobody() -> None:
    """Without orders, what is known is not of any version that there is."""
    known = some(facts(), lambda one: len(one.screenings) > 2)
    assert {each.fingerprint for each in known.screenings} <= {"", ANOTHER}
    assert {each.order_id for each in known.screenings} <= set(ORDER_IDS)


def test_records_hold_what_people_said() -> None:
    """It is said of this version of the order, or of another; and of the order or one of its lines.
    Nobody was told of it yet, and no run has seen it; parts of it may have left.
    """
    order = some(orders(), lambda one: bool(one.lines))
    known = some(records(orders=st.just(order)), lambda one: len(set(one.approvals)) == 2)
    assert {approval.order_id for approval in known.approvals} == {order.id}
    assert order.fingerprint in {approval.fingerprint for approval in known.approvals}
    assert (known.told, known.reserved, known.outcome) == ((), (), None)
    for condition in (
        lambda one: any(each.fingerprint == order.fingerprint for each in one.rejections),
        lambda one: any(each.fingerprint == ANOTHER for each in one.rejections),
        lambda one: any(each.fingerprint == ANOTHER for each in one.approvals),
        lambda one: any(stop.line_id == order.lines[0].id for stop in one.holds),
        lambda one: any(stop.line_id == "" for stop in one.holds),
        lambda one: one.approvals and one.rejections and one.holds,
        lambda one: one == OrderRecord(order=order),
    ):
        some(records(orders=st.just(order)), lambda one, condition=condition: bool(condition(one)))


def test_records_of_the_callers_own_time() -> None:
    """Orders are placed, and people say something, before the time of the run."""
    later = NOW + timedelta(days=400)
    known = some(records(now=later), lambda one: bool(one.approvals))
    assert known.order.placed_at in {later - age for age in AGES}
    assert {approval.at for approval in known.approvals} == {later - timedelta(hours=1)}


def test_screenings_of_the_callers_own() -> None:
    """Orders and the time are the caller's, if they are given; before that time others came."""
    order = some(orders(ids=st.just("B-1")))
    later = NOW + timedelta(days=400)
    seen = some(screenings(orders=[order], now=later), lambda one: len(one.same_card_at) > 1)
    assert (seen.order_id, seen.fingerprint) == ("B-1", order.fingerprint)
    assert all(later - timedelta(days=1) < at < later for at in seen.same_card_at)
    for version in ("", ANOTHER):
        some(
            screenings(orders=[order]),
            lambda one, version=version: one.fingerprint == version,
        )


def test_customers_of_the_callers_own() -> None:
    """Ids and the time are the caller's, if they are given; past orders were placed before."""
    later = NOW + timedelta(days=400)
    known = some(
        customer_facts(ids=st.just("B-1"), now=later), lambda one: one.credit_limit is not None
    )
    assert (known.customer_id, known.currency) == ("B-1", "EUR")
    assert known.orders[-1].units
    assert all(past.placed_at < later for past in known.orders)
    new = some(customer_facts(), lambda one: not one.orders)
    assert new.customer_id in {"C-ada", "C-bob"}


def test_an_order_may_be_among_the_past_ones() -> None:
    """As in records that know it already: verifiers leave it out."""
    order = some(orders())

    def is_among(known: Facts) -> bool:
        customer = known.customer(order.customer.id)
        return customer is not None and order.id in {past.id for past in customer.orders}

    some(facts(orders=[order]), is_among)


@given(priority_policies(), st.lists(orders(currencies=["EUR"]), max_size=4))
def test_priority_policies_keep_the_laws(policy: PriorityPolicy, batch: list[Order]) -> None:
    """Every priority policy keeps the laws that a shop's own policies are held to."""
    check_priority_policy(policy, batch, context=CONTEXT)


def codes(verifier: Verifier, order: Order, known: Facts = Facts()) -> set[str]:  # noqa: B008
    """What a run with this verifier finds about an order alone, as severity and code."""
    stock = Inventory.of({("mug", "berlin"): 1})
    [decision] = process([order], stock, now=NOW, verifiers=[verifier], facts=known).decisions
    return {f"{finding.severity.name} {finding.code}" for finding in decision.findings}


TO_REFUND = "NOTE payment.to_refund"
"""No verifier's: it follows where an order that has paid is rejected."""


def test_verifiers_fail_too() -> None:
    """Among the verifiers are some that fail on some orders, and some that hold, reject or note."""
    gold = some(orders(), lambda order: order.customer.tier == "gold" and bool(order.lines))
    other = some(orders(), lambda order: order.customer.tier == "standard")
    some(verifiers(), lambda one: codes(one, gold) - codes(one, other) == {"HOLD verifier.failed"})
    some(verifiers(), lambda one: codes(one, gold) == codes(one, other) == {"HOLD verifier.failed"})
    for code in ("NOTE test.gold", "HOLD test.gold", "REJECT test.gold"):
        some(verifiers(), lambda one, code=code: codes(one, gold) - {TO_REFUND} == {code})


def test_verifiers_do_all_that_verifiers_can_do() -> None:
    """Among them are some that stop a line, miss a fact, look again, are asked last, and that are
    asked about some orders only.
    """
    order = Order(
        id="A-1",
        placed_at=NOW,
        customer=Customer(id="C-1", tier="gold"),
        currency="EUR",
        lines=[OrderLine(id=sku, sku=sku, quantity=2) for sku in ("mug", "pot")],
        ship=Ship.PARTIAL,
    )
    for code in (
        "HOLD test.recalled",
        "NOTE test.recalled",
        "HOLD screening.missing",
        "HOLD customer_facts.missing",
        "NOTE test.seen_later",
    ):
        some(verifiers(), lambda one, code=code: code in codes(one, order))
    seen = Facts(screenings=[Screening(order_id=order.id, flags=["proxy"])])
    some(verifiers(), lambda one: "REJECT test.proxy" in codes(one, order, seen))
    for name in ("only_if(", "unless(", "all_of(", "needing(", "asked_last(only_if("):
        some(verifiers(), lambda one, name=name: repr(one).startswith(name))
    some(verifiers(), lambda one: getattr(one, "is_asked_last", False))


def test_sourcing_policies_leave_out_and_turn_round() -> None:
    """Among the sourcing policies are some that leave out a location, and some that ask the last
    one first.
    """
    inventory = Inventory.of({("mug", "berlin"): 1, ("mug", "lyon"): 1})
    order = Order(
        id="A-1",
        placed_at=NOW,
        customer=Customer(id="C-1"),
        currency="EUR",
        lines=[OrderLine(id="1", sku="mug", quantity=2)],
    )

    def chosen(policy: SourcingPolicy) -> list[str]:
        result = process([order], inventory, now=NOW, verifiers=(), sourcing=policy)
        return [row.location for row in result["A-1"].allocations]

    for wanted in (["berlin", "lyon"], ["lyon", "berlin"], ["lyon"], []):
        some(sourcing_policies(), lambda policy, wanted=wanted: chosen(policy) == wanted)


def test_from_type_just_works() -> None:
    """Hypothesis knows how to make the values of the library, once this extra is installed."""
    register.register()
    for kind in (
        Address,
        Customer,
        CustomerFacts,
        Facts,
        Inventory,
        Order,
        OrderLine,
        OrderRecord,
        Payment,
        Screening,
    ):
        assert isinstance(some(st.from_type(kind)), kind)


@given(orders())
def test_a_verifier_that_breaks_on_a_batch_is_quiet_without_one(order: Order) -> None:
    """What is drawn to fail when it sees the batch has nothing to say of an order alone: so what
    holds the orders of a run is that it failed.
    """
    [breaks] = [each for each in policies._SIMPLE if isinstance(each, policies._BreaksOnBatch)]
    assert tuple(breaks(order, context=CONTEXT)) == ()
