"""The typed uses of the public API do at run time what their types say."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import public_api
import public_hosting_api
import public_lifecycle_api
import public_messages_api
import public_promise_api
import public_stock_api
import public_storages_api
import public_wire_api
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from fulfill_core import (
    Context,
    Customer,
    Decision,
    InvalidValueError,
    Inventory,
    Order,
    OrderLine,
    OrderRecord,
    Outcome,
    Payment,
    PluginError,
)
from fulfill_core.hosting import Scope
from fulfill_core.lifecycle import Shipped, Status
from fulfill_core.wire import dumps

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_functions_lambdas_and_objects_are_priority_policies() -> None:
    """Each way to write a priority policy ranks all orders that were accepted."""
    for policy in public_api.priorities:
        ranks = [decision.rank for decision in public_api.one_run(priority=policy).decisions]
        assert ranks == [0, 1, 2, 3]


def test_functions_lambdas_and_objects_are_sourcing_policies() -> None:
    """Each way to write a sourcing policy serves the first order from the only location."""
    for policy in public_api.sourcings:
        first = public_api.one_run(sourcing=policy).decisions[0]
        assert {allocation.location for allocation in first.allocations} == {"berlin"}


def test_functions_lambdas_and_objects_are_notification_policies() -> None:
    """Each way to write a notification policy says how many messages there are."""
    counts = [
        len(public_api.one_run(notifications=policy).notifications)
        for policy in public_api.policies
    ]
    assert counts == [4, 0, 8, 0]


def test_functions_lambdas_and_objects_are_verifiers() -> None:
    """Each way to write a verifier has nothing against a good order."""
    order = public_api.some_orders()[0]
    context = Context(now=NOW)
    own = public_api.verifiers[-4:]
    assert [list(verifier(order, context=context)) for verifier in own] == [[], [], [], []]


def test_functions_lambdas_and_objects_can_be_combined() -> None:
    """Each way to combine verifiers gives a verifier, and each way to write a condition an answer.
    Of a good order of a known customer nothing is said but what is to be read.
    """
    order = public_api.some_orders()[0]
    context = Context(now=NOW, facts=public_api.what_is_known())
    codes = [
        [finding.code for finding in verifier(order, context=context)]
        for verifier in public_api.combined
    ]
    expected: list[list[str]] = [[] for _ in public_api.combined]
    expected[7] = ["order.any"]
    expected[9] = ["payment.overpaid"]
    expected[10] = ["shop.proxy"]
    assert codes == expected
    answers = [condition(order, context=context) for condition in public_api.conditions]
    assert answers == [False, False, False, True]


def test_who_waits_can_be_read() -> None:
    """Facts, what of them is missing, and the review desk can be read under their types."""
    assert public_api.who_waits()[:2] == ["('A-3', 'A-4')", "()"]


def test_what_comes_out_is_there() -> None:
    """The parts of a result can be read under the types that the file writes down."""
    assert len(public_api.what_comes_out()) == 10


def test_what_rules_leave_can_be_read() -> None:
    """What is available by rule can be read under its types, with any planner or none."""
    for planner in (None, *public_stock_api.planners):
        available, lacking, lots, parts, capacity, *_ = public_stock_api.what_rules_leave(planner)
        assert (available, lacking) == (3, {"pot": 1})
        assert (lots, parts, capacity) == (1, (("mug", 2), ("pot", 1)), 8)


def test_what_is_promised_can_be_read() -> None:
    """Each way to write a promise policy promises something or nothing; so does none at all."""
    counts = [
        len(public_promise_api.what_is_promised(policy))
        for policy in (None, *public_promise_api.promising)
    ]
    assert counts == [4, 10, 4, 10, 10, 10, 10]


def test_what_the_checkers_refuse_is_named_at_run_time() -> None:
    """Whoever uses no type checker is told just the same, by a `PluginError`."""
    with pytest.raises(PluginError, match="says_nothing"):
        public_api.one_run(priority=public_api.not_a_priority)
    with pytest.raises(PluginError, match="names_locations"):
        public_api.one_run(sourcing=public_api.not_a_sourcing)
    with pytest.raises(PluginError, match="writes_text"):
        public_api.one_run(notifications=public_api.not_a_notifier)
    with pytest.raises(PluginError, match="on_friday"):
        public_promise_api.what_is_promised(public_promise_api.not_promising)
    with pytest.raises(PluginError, match="says_so"):
        public_stock_api.what_rules_leave(public_stock_api.not_a_planner)


def test_events_are_taken_one_after_the_other() -> None:
    """What is left of two parcels that are typed in two ways, what is to be done, what is told."""
    line = OrderLine(id="1", sku="mug", quantity=5, unit_price=Decimal(5))
    order = Order(
        id="A-1",
        placed_at=NOW,
        customer=Customer(id="C-7"),
        lines=[line],
        currency="EUR",
        payments=[Payment(id="card", amount=Decimal(25))],
    )
    record, stock = OrderRecord(order=order), Inventory.of({("mug", "x"): 9})
    step = public_lifecycle_api.parcel_left(record, stock, NOW)
    assert (step.record.open("1"), step.inventory.on_hand("mug")) == (1, 4)
    assert public_lifecycle_api.to_do(step) == [("card", Decimal(10))]
    assert len(list(public_lifecycle_api.news(step))) == 2
    assert public_lifecycle_api.history_of(record, []) == (record, Status.OPEN)


def test_what_a_message_speaks_of_may_be_an_order_its_record_or_its_decision() -> None:
    """All of them say the same in words."""
    sample = public_messages_api.first_sample()
    order = sample.order
    records = (order, OrderRecord(order=order), Decision(order=order, outcome=Outcome.ALLOCATED))
    assert {public_messages_api.written(sample.notification, each) for each in records} == {
        ("Your order #17 is confirmed", "", "Hej,")
    }


def test_documents_keep_their_types() -> None:
    """A record that is read is a record, an event is one of its union, and a wrong use is told."""
    order = Order(id="A-1", placed_at=NOW, customer=Customer(id="C-7"), lines=[], currency="EUR")
    record = OrderRecord(order=order)
    assert public_wire_api.stored(record) == record
    assert public_wire_api.copied(record) == record
    shipped = Shipped(id="e1", order_id="A-1", at=NOW, parcel="p1", location="x", lines={"1": 1})
    assert public_wire_api.received(dumps(shipped).encode()) == shipped
    assert public_wire_api.form["oneOf"][0]["title"] == "Amended"
    assert public_wire_api.of_one["title"] == "Shipped"
    for wrong in (public_wire_api.wrong_text, public_wire_api.wrong_choice):
        with pytest.raises(InvalidValueError):
            wrong()


def test_ports_keep_their_types() -> None:
    """A storage is any class with five members, a job of three kinds, a wrong use is told."""
    order = Order(id="A-1", placed_at=NOW, customer=Customer(id="C-7"), lines=[], currency="EUR")
    report = public_hosting_api.work(order)
    assert [public_hosting_api.outcome(job) for job in report.jobs] == ["Result", "Inventory"]
    assert asyncio.run(public_hosting_api.work_async()).is_done
    assert public_hosting_api.simulated().failure is None
    assert public_hosting_api.wrong_storage().is_done  # it has nothing to do
    public_hosting_api.work_on()
    assert "TypeError" in public_hosting_api.wrong_observer().observer_problem
    with pytest.raises(InvalidValueError):
        public_hosting_api.wrong_job()


def test_storages_are_made_of_what_a_host_has() -> None:
    """An engine or a connection, with tables of the host among them."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    public_storages_api.metadata.create_all(engine)
    with engine.connect() as connection:
        for bind in (engine, connection):
            assert public_storages_api.storage_of(bind).load(Scope()).records == ()
    engine.dispose()
