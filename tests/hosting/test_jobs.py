"""What jobs do: runs, events and updates of the stock, each in one transaction."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from some_hosting import NOON, SETTINGS, Shop, order, shipped, stock

from fulfill_core import (
    Component,
    Context,
    Customer,
    Decision,
    Facts,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    Order,
    OrderLine,
    OrderRecord,
    Outcome,
    PluginError,
    Promise,
    Settings,
    Shipment,
    Stock,
    StockError,
)
from fulfill_core.hosting import (
    Committed,
    Conflict,
    InMemoryStorage,
    JobStatus,
    Loaded,
    Run,
    Scope,
    StockUpdate,
)
from fulfill_core.hosting.jobs import scope_of
from fulfill_core.hosting.planning import draft_of
from fulfill_core.lifecycle import (
    Amended,
    Cancelled,
    Counted,
    Effect,
    HoldLifted,
    HoldPlaced,
    Release,
    Released,
    Rules,
    StockReceived,
    advance,
)
from fulfill_core.protocols import Plan


def receive(inventory: Inventory) -> Inventory:
    """Nine mugs come in, as was expected."""
    return inventory.with_received("mug", "berlin", 9, supply_id="PO-1")


# -- Runs ------------------------------------------------------------------------------------------


def test_a_new_order_is_placed_and_decided_in_one() -> None:
    """A run of an order that is not there stores it, with its units, its decision and its news."""
    shop = Shop()
    report = shop.loop(Run(orders=[order()]))
    assert [each.status for each in report.jobs] == [JobStatus.DONE]
    assert shop.storage.inventory.reserved("mug") == 2
    assert shop.storage.records["A-1"].outcome is Outcome.ALLOCATED
    assert shop.storage.decisions["A-1"].outcome is Outcome.ALLOCATED
    assert [row.content.kind for row in shop.notifier.rows] == ["order.confirmed"]


def test_an_order_that_is_placed_twice_is_one() -> None:
    """The same order once more is the stored one: nothing is written, nothing told."""
    shop = Shop()
    shop.loop(Run(orders=[order()]))
    again = shop.loop(Run(orders=[order()]))
    assert [(each.status, each.left_out) for each in again.jobs] == [(JobStatus.DONE, ())]
    assert shop.storage.inventory.reserved("mug") == 2
    assert len(shop.notifier.rows) == 1


def test_another_order_of_a_stored_id_is_left_out() -> None:
    """An id with another content changes nothing; the report says why."""
    shop = Shop()
    shop.loop(Run(orders=[order()]))
    [report] = shop.loop(Run(orders=[order(quantity=4)])).jobs
    assert report.left_out == (("A-1", "another order of that id is stored"),)
    assert list(report.outcome) == []  # whoever sent it learns nothing of the stored one
    assert shop.storage.inventory.reserved("mug") == 2
    assert len(shop.notifier.rows) == 1


def test_another_event_of_a_known_id_is_refused_and_told() -> None:
    """It changes nothing; the step says why, and the staff hears of it."""
    shop = Shop()
    shop.loop(Run(orders=[order()]), shipped())
    count = len(shop.notifier.rows)
    [report] = shop.loop(shipped(quantity=1)).jobs
    assert report.outcome.refusal.code == "event.conflict"
    assert [str(row.content.audience) for row in shop.notifier.rows[count:]] == ["staff"]
    assert shop.storage.inventory.on_hand("mug") == 4


def test_an_order_that_another_system_keeps_is_taken_as_it_is_by_now() -> None:
    """The host says what of the stored record counts still; all of it in one transaction."""

    def update(record: OrderRecord, new_order: Order) -> OrderRecord:
        return attrs.evolve(record, order=new_order)

    shop = Shop()
    shop.loop(Run(orders=[order()], update=update))
    [report] = shop.loop(Run(orders=[order(quantity=4)], update=update)).jobs
    assert (report.status, report.left_out) == (JobStatus.DONE, ())
    assert shop.storage.records["A-1"].order == order(quantity=4)
    assert shop.storage.inventory.reserved("mug") == 4
    before = shop.storage.load(Scope())
    shop.loop(Run(orders=[order(quantity=4)], update=update))
    assert shop.storage.load(Scope()) == before


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (None, r"Run\.update\(\).*None"),
        (OrderRecord(order=order("A-2")), r"Run\.update\(\): 'A-2' is the record of another"),
    ],
)
def test_an_update_gives_the_record_of_its_order(answer: Any, problem: str) -> None:
    """Anything else is named, and nothing is written."""
    shop = Shop()
    shop.loop(Run(orders=[order()]))
    before = shop.storage.load(Scope())
    with pytest.raises(InvalidValueError, match=problem):
        shop.loop(Run(orders=[order()], update=lambda record, new_order: answer))
    assert shop.storage.load(Scope()) == before


def test_an_order_that_is_not_there_is_left_out() -> None:
    """An id of which nothing is stored is reported, and the others are decided."""
    shop = Shop()
    [report] = shop.loop(Run(orders=["A-9", order()])).jobs
    assert report.left_out == (("A-9", "there is no such order"),)
    assert [each.id for each in report.outcome] == ["A-1"]


def test_a_run_of_all_serves_who_waits() -> None:
    """What came in meanwhile goes to those who wait, in the same transaction as what they hear."""
    shop = Shop(InMemoryStorage(stock(mugs=0)))
    shop.loop(Run(orders=[order()]))
    shop.loop(StockUpdate(id="GR-1", skus=["mug"], update=receive), Run())
    kinds = [row.content.kind for row in shop.notifier.rows]
    assert kinds == ["order.backordered", "order.back_in_stock"]


def test_time_passes_before_a_run() -> None:
    """What time brings to an order happens in its run, and is told once."""
    shop = Shop()
    shop.loop(Run(orders=[order(payments=[])]))
    shop.clock.instant += timedelta(days=3)
    rules = Rules(unpaid=timedelta(days=3))
    [report] = shop.loop(Run(), rules=rules).jobs
    assert shop.storage.records["A-1"].is_cancelled
    assert shop.storage.inventory.reserved("mug") == 0
    assert report.outcome["A-1"].outcome is Outcome.CANCELLED
    [(event, step)] = report.steps_of_time
    assert (type(event), event.reason, step.effect) == (Cancelled, "unpaid", Effect.APPLIED)
    assert [row.content.kind for row in shop.notifier.rows][1:] == [
        "order.cancelled",
        "order.withdrawn",
    ]


def test_an_event_of_time_that_is_refused_is_not_tried_for_ever() -> None:
    """It leaves no trace, so it is asked for again in the next run, and not in this one."""
    shop = Shop()
    record = OrderRecord(order=order())
    picked = Released(id="e1", order_id="A-1", at=NOON, ref="f1", location="berlin", lines={"1": 2})
    shop.loop(Run(orders=[order()]), picked)
    record = shop.storage.records["A-1"]
    rules = Rules(acceptance=timedelta(days=1))
    assert record.history.fulfilments
    shop.clock.instant += timedelta(days=1)
    [report] = shop.loop(Run(), rules=rules).jobs
    assert report.status is JobStatus.DONE


def test_a_run_of_some_orders_is_not_whole() -> None:
    """What other orders have is not told to the staff by a run that does not look at them."""
    shop = Shop()
    shop.loop(Run(orders=[order()]))
    whole = Settings(verifiers=[], whole=True)
    loaded = shop.storage.load(Scope(order_ids=[], skus=["mug"]))
    some, everything = [
        draft_of(job, loaded, now=NOON, settings=whole, rules=Rules())
        for job in (Run(orders=[order("A-2")]), Run())
    ]
    assert [row.content.kind for row in some.plan.rows] == ["order.confirmed"]
    assert [row.content.kind for row in everything.plan.rows] == ["order.absent"]


def test_facts_are_gathered_for_each_run() -> None:
    """Who knows the world is asked about the orders of a run before it, the new ones among them."""
    shop, asked = Shop(), list[tuple[str, ...]]()

    def gather(records: tuple[OrderRecord, ...]) -> Facts:
        asked.append(tuple([record.id for record in records]))
        return Facts()

    shop.loop(Run(orders=[order()]), Run(), shipped(), gather=gather)
    assert asked == [("A-1",), ("A-1",)]


def test_facts_that_are_none_end_the_loop() -> None:
    """What gathers facts and gives something else is named."""
    with pytest.raises(PluginError, match=r"gather.* returned None; return Facts"):
        Shop().loop(Run(orders=[order()]), gather=lambda records: None)


def test_a_run_that_changes_nothing_writes_nothing() -> None:
    """Where nothing is new there is no plan, so nobody else's commit fails because of it."""
    shop = Shop()
    shop.loop(Run(orders=[order()]))
    before = shop.storage.load(Scope())
    shop.loop(Run())
    assert shop.storage.load(Scope()) == before


# -- Events ----------------------------------------------------------------------------------------


def test_an_event_comes_to_a_step() -> None:
    """A parcel leaves: stock, record, message and the money to be captured are written together."""
    shop = Shop()
    [_, report] = shop.loop(Run(orders=[order()]), shipped()).jobs
    assert report.outcome.effect is Effect.APPLIED
    assert shop.storage.inventory.on_hand("mug") == 4
    assert [type(row.content).__name__ for row in shop.actor.rows] == ["Capture"]
    assert [row.content.kind for row in shop.notifier.rows] == [
        "order.confirmed",
        "parcel.shipped",
    ]


def test_an_event_that_comes_twice_is_once() -> None:
    """A webhook that is delivered again changes nothing, and is done all the same."""
    shop = Shop()
    shop.loop(Run(orders=[order()]), shipped())
    [report] = shop.loop(shipped()).jobs
    assert (report.status, report.outcome.effect) == (JobStatus.DONE, Effect.DUPLICATE)
    assert shop.storage.inventory.on_hand("mug") == 4
    assert len(shop.actor.rows) == 1


def test_an_event_of_no_order_is_to_come_again() -> None:
    """A webhook that is faster than its order is not done, and the report says why."""
    [report] = Shop().loop(shipped("A-9")).jobs
    assert (report.status, report.outcome, report.is_done) == (JobStatus.NO_ORDER, None, False)
    assert report.left_out == (("A-9", "there is no such order"),)


def test_what_may_be_handed_over_is_split_as_it_is_promised() -> None:
    """By the policy of the settings, for what the order has by then; without one, by location."""

    def promise(decision: Decision, /, *, context: Context) -> Promise:
        units = (*decision.allocations, *decision.reserved)
        lines = [(each.line_id, each.sku, each.quantity) for each in units]
        ships_at = NOON + timedelta(days=1)
        shipment = Shipment(
            location="berlin", lines=lines, ships_at=ships_at, gap="unknown_transit"
        )
        return Promise(shipments=[shipment])

    stop = HoldPlaced(id="h1", order_id="A-1", at=NOON, source="desk", code="a.b")
    lift = HoldLifted(id="h2", order_id="A-1", at=NOON, source="desk", code="a.b")
    for policy, ships_at in ((None, None), (promise, NOON + timedelta(days=1))):
        settings = attrs.evolve(SETTINGS, promise=policy)
        shop = Shop()
        shop.loop(Run(orders=[order()]), stop, lift, settings=settings)
        [action] = [row.content for row in shop.actor.rows]
        assert action == Release(location="berlin", units={"1": 2}, ships_at=ships_at)


def test_a_promise_of_what_is_there_plans_nothing() -> None:
    """Nobody else is served by it: the planner is asked for the runs, and for no event."""
    batches: list[int] = []

    def planner(queue: Any, inventory: Inventory, /, *, context: Context) -> Plan:
        batches.append(len(queue))
        rows = [(each.order.id, line, units) for each in queue for line, units in each.greedy]
        return Plan(units=rows, value=Decimal(1), greedy_value=Decimal(1))

    def promise(decision: Decision, /, *, context: Context) -> None:
        return None

    stop = HoldPlaced(id="h1", order_id="A-1", at=NOON, source="desk", code="a.b")
    lift = HoldLifted(id="h2", order_id="A-1", at=NOON, source="desk", code="a.b")
    settings = attrs.evolve(SETTINGS, promise=promise, planner=planner)
    shop = Shop()
    shop.loop(Run(orders=[order()]), stop, lift, settings=settings)
    assert [type(row.content) for row in shop.actor.rows] == [Release]
    assert batches == [1]


def test_two_actions_of_one_kind_have_two_ids() -> None:
    """An action is known by its event and its place, so a repeat is recognised."""
    shop = Shop()
    shop.loop(
        Run(orders=[order(quantity=4)]), shipped(quantity=1), shipped(quantity=1, event_id="e2")
    )
    ids = shop.actor.ids
    assert len(set(ids)) == 2
    assert {each.rpartition(":")[0] for each in ids} == {"A-1:capture"}


def test_a_message_that_is_overtaken_does_not_go_out() -> None:
    """What waits in the outbox and does not hold any more is withdrawn by what takes its place.

    Nobody can have read it: so they hear that all is there, and not that it is there again.
    """
    shop = Shop(InMemoryStorage(stock(mugs=0)))
    shop.loop(Run(orders=[order()]), notifier=None, actor=None)
    assert [row.content.kind for row in shop.storage.outbox.values()] == ["order.backordered"]
    update = StockUpdate(id="GR-1", skus=["mug"], update=receive)
    shop.loop(update, Run(), notifier=None, actor=None)
    assert [row.content.kind for row in shop.storage.outbox.values()] == ["order.confirmed"]


# -- Updates of the stock --------------------------------------------------------------------------


def test_an_update_of_the_stock_is_once() -> None:
    """A delivery note that comes twice brings its goods once."""
    shop = Shop()
    update = StockUpdate(id="GR-1", skus=["mug"], update=receive)
    [first, second] = shop.loop(update, update).jobs
    assert [first.status, second.status] == [JobStatus.DONE, JobStatus.REPEATED]
    assert first.outcome.on_hand("mug") == 15
    assert (second.outcome, second.is_done) == (None, True)
    assert shop.storage.inventory.on_hand("mug") == 15


def test_goods_that_arrive_are_reserved_for_who_claimed_them() -> None:
    """An update changes what orders have, without having their records."""
    shop = Shop(InMemoryStorage(stock(mugs=0)))
    shop.loop(Run(orders=[order()]), StockUpdate(id="GR-1", skus=["mug"], update=receive))
    inventory = shop.storage.inventory
    assert (inventory.reserved("mug"), inventory.claimed("mug")) == (2, 0)


def test_an_update_that_is_not_possible_ends_the_loop() -> None:
    """What an update raises reaches whoever passed it, and nothing is written."""
    shop = Shop()
    update = StockUpdate(
        id="T-1",
        skus=["mug"],
        update=lambda each: each.with_transferred("mug", 99, source="berlin", target="paris"),
    )
    with pytest.raises(StockError):
        shop.loop(update)
    assert shop.storage.inventory == stock()


def test_an_update_names_what_it_changes() -> None:
    """What was not loaded can't be expected to be as it was: the error says what to add."""
    update = StockUpdate(
        id="C-1", skus=["mug"], update=lambda each: each.with_counted("cup", "berlin", 3)
    )
    with pytest.raises(InvalidValueError, match=r"StockUpdate\.skus.*changes 'cup', too; name it"):
        Shop().loop(update)


def test_an_update_gives_a_stock() -> None:
    """And nothing else."""
    update: Any = StockUpdate(id="C-1", skus=["mug"], update=lambda each: None)
    with pytest.raises(InvalidValueError, match=r"StockUpdate\.update\(\)"):
        Shop().loop(update)


# -- What is touched -------------------------------------------------------------------------------


def expected(job: Any, inventory: Inventory, *orders: Any) -> set[str]:
    """The keys that the plan of a job expects to be as they were."""
    storage = InMemoryStorage(inventory, [OrderRecord(order=each) for each in orders])
    loaded = storage.load(scope_of(job))
    draft = draft_of(job, loaded, now=NOON, settings=SETTINGS, rules=Rules())
    return {key for key, _ in draft.plan.expected}


def test_a_plan_expects_what_it_touches_and_nothing_else() -> None:
    """A run that reserves mugs for one order does not depend on cups, nor on other orders."""
    inventory = stock()
    assert expected(Run(), inventory, order(), order("A-2", sku="nothing")) == {
        "order:A-1",
        "order:A-2",
        "sku:mug",
    }


def test_a_plan_expects_locations_with_a_capacity() -> None:
    """Of two runs that take the last place of a day, with different goods, one has to come back."""
    limited = Inventory(
        stock=[Stock(sku="mug", location="store", on_hand=6)],
        locations=[Location(id="store", capacity=1)],
    )
    assert "location:store" in expected(Run(), limited, order())


def test_a_plan_expects_what_an_update_changes() -> None:
    """A place that is new, an item, a supply: each of them is touched."""

    def update(inventory: Inventory) -> Inventory:
        return inventory.with_counted("cup", "paris", 3)

    job = StockUpdate(id="C-1", skus=["cup"], update=update)
    assert expected(job, stock()) == {"location:paris", "sku:cup"}


def test_two_plans_never_have_the_same_id() -> None:
    """What was written is counted up, so that the same thing decided again is another plan."""
    storage = InMemoryStorage(stock(), [OrderRecord(order=order())])
    ids: list[str] = []
    for event_id in ("e1", "e2"):
        event = shipped(quantity=1, event_id=event_id)
        loaded = storage.load(scope_of(event))
        draft = draft_of(event, loaded, now=NOON, settings=SETTINGS, rules=Rules())
        ids.append(draft.plan.id)
        storage.commit(draft.plan)
    assert len(set(ids)) == 2


def test_different_things_at_one_instant_are_two_plans() -> None:
    """Two that load the same and do something else: the second is not taken for the first."""
    storage = InMemoryStorage(stock(), [OrderRecord(order=order())])
    loaded = storage.load(Scope(order_ids=["A-1"]))
    about: dict[str, Any] = {"order_id": "A-1", "at": NOON, "source": "desk", "tell": False}
    events = [
        HoldPlaced(id="e1", code="shop.look", **about),
        HoldPlaced(id="e2", code="shop.look", **about),
        HoldPlaced(id="e1", code="shop.wait", **about),
    ]
    plans = [
        draft_of(event, loaded, now=NOON, settings=SETTINGS, rules=Rules()).plan for event in events
    ]
    assert len({plan.id for plan in plans if plan is not None}) == 3
    answers = [storage.commit(plan) for plan in plans if plan is not None]
    assert answers[0] == Committed()
    assert [type(answer) for answer in answers[1:]] == [Conflict, Conflict]


def test_two_orders_of_one_id_at_one_instant_are_two_plans() -> None:
    """Even if they come to the same units and the same message."""
    storage = InMemoryStorage(stock())
    orders = [order(), order(customer=Customer(id="C-A-1", name="Bob", email="ada@example.com"))]
    plans = [
        draft_of(
            Run(orders=[each]),
            storage.load(scope_of(Run(orders=[each]))),
            now=NOON,
            settings=SETTINGS,
            rules=Rules(),
        ).plan
        for each in orders
    ]
    assert len({plan.id for plan in plans if plan is not None}) == 2


# -- Scopes ----------------------------------------------------------------------------------------


def test_the_scope_of_a_run() -> None:
    """All that are open; or those that are named, with the goods of those that are new."""
    assert scope_of(Run()) == Scope()
    assert scope_of(Run(orders=["A-9", order()])) == Scope(order_ids=["A-9", "A-1"], skus=["mug"])


def test_the_scope_of_events() -> None:
    """Their order, with goods that they name: of new lines, or received, or counted."""
    about: dict[str, Any] = {"id": "e1", "order_id": "A-1", "at": NOON}
    line = OrderLine(id="2", sku="cup", quantity=1, unit_price=Decimal(3))
    events = [
        Amended(added=[line], **about),
        StockReceived(units={("cup", "berlin"): 3}, **about),
        Counted(units={("cup", "berlin"): -1}, **about),
        Cancelled(**about),
    ]
    assert [scope_of(event).skus for event in events] == [("cup",), ("cup",), ("cup",), ()]
    assert {scope_of(event).order_ids for event in events} == {("A-1",)}


def test_a_kit_touches_its_parts() -> None:
    """Whoever orders a kit needs the stock of its components, and of theirs."""
    kits = Inventory(
        stock=[Stock(sku="cup", location="berlin", on_hand=12)],
        items=[
            Item(sku="pair", components=[Component(sku="cup", quantity=2)]),
            Item(sku="box", components=[Component(sku="pair", quantity=3)]),
        ],
    )
    shop = Shop(InMemoryStorage(kits))
    shop.loop(Run(orders=[order(quantity=2, sku="box")]))
    assert shop.storage.inventory.reserved("cup") == 12


# -- Orders that can't be read ---------------------------------------------------------------------


class Torn(InMemoryStorage):
    """A storage with a record that a newer version of the library wrote."""

    def load(self, scope: Scope, /) -> Loaded:
        """All but that record."""
        loaded = super().load(scope)
        rest = [record for record in loaded.records if record.id != "A-1"]
        is_asked = len(rest) < len(loaded.records)
        unreadable = [("A-1", "schema_version 9")] if is_asked else []
        return attrs.evolve(loaded, records=rest, unreadable=unreadable)


def test_an_order_that_cannot_be_read_is_left_out_of_a_run() -> None:
    """The others are decided, what it has stays its own, and the report names it."""
    storage = Torn(stock(), [OrderRecord(order=order())])
    shop = Shop(storage)
    [report] = shop.loop(Run(orders=["A-1", order("A-2")])).jobs
    assert list(storage.records) == ["A-1", "A-2"]
    assert report.left_out == (("A-1", "schema_version 9"),)
    assert [each.id for each in report.outcome] == ["A-2"]
    assert storage.records["A-1"].outcome is None


def test_an_event_of_an_order_that_cannot_be_read_is_to_come_again() -> None:
    """It is not done, and the report says why."""
    storage = Torn(stock(), [OrderRecord(order=order())])
    [report] = Shop(storage).loop(shipped()).jobs
    assert (report.status, report.left_out) == (JobStatus.NO_ORDER, (("A-1", "schema_version 9"),))


# -- Malformed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Run(orders=[3]), r"Run\.orders\[0\]"),
        (lambda: Run(orders=3), r"Run\.orders"),
        (lambda: Run(update=3), r"Run\.update"),
        (lambda: Run(orders=["A-1", "A-1"]), r"Run\.orders\[1\].*each order comes once"),
        (lambda: StockUpdate(id="", skus=["mug"], update=receive), r"StockUpdate\.id"),
        (lambda: StockUpdate(id="1", skus="mug", update=receive), r"StockUpdate\.skus"),
        (lambda: StockUpdate(id="1", skus=["mug"], update=3), r"StockUpdate\.update"),
        (
            lambda: Shop().loop("A-1"),
            r"jobs\[0\].*is no job; pass a Run, a StockUpdate or an event",
        ),
    ],
)
def test_what_is_no_job_is_refused(make: Any, problem: str) -> None:
    """The error names what is wrong with it."""
    with pytest.raises(InvalidValueError, match=problem):
        make()


def test_the_same_event_by_hand() -> None:
    """The loop does what a host would by hand: the step is that of `advance`."""
    shop = Shop()
    shop.loop(Run(orders=[order()]))
    record, inventory = shop.storage.records["A-1"], shop.storage.inventory
    step = advance(record, shipped(), inventory, now=NOON)
    shop.loop(shipped())
    assert shop.storage.records["A-1"] == step.record
    assert shop.storage.inventory == step.inventory
