"""How orders and records travel to other processes: as rows, and they come back as they were."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import NOW, line, mugs, order, run
from hypothesis import given, settings

from fulfill_core import (
    Address,
    Approval,
    Context,
    Customer,
    Finding,
    InvalidValueError,
    Inventory,
    Order,
    OrderLine,
    OrderRecord,
    Payment,
    PaymentStatus,
    PluginError,
    Progress,
    hold,
)
from fulfill_core.decisions.notification import digest_of
from fulfill_core.inventory.inventory import inventory_of, state_of
from fulfill_core.inventory.state import State
from fulfill_core.orders import rows
from fulfill_core.orders.order import line_with_units
from fulfill_core.pipeline.chunks import Chunk
from fulfill_core.pipeline.ledger import Decisions
from fulfill_core.records import DelayChoice, Fulfilment, History, Movement, Parcel, Return
from fulfill_core.testing import orders, records

SOME = settings(max_examples=25)
STOCK = state_of(Inventory.of({("mug", "berlin"): 12}))
FULL = order(
    "A-1",
    customer=Customer(
        id="C-7", email=" ada@example.com", minimum_life=timedelta(days=3), tier="gold"
    ),
    lines=[
        line("1", "mug", 2, unit_price=Decimal("9.90")),
        line(
            "2",
            "cup",
            3,
            unit_price=Decimal("4.00"),
            discount=Decimal("0.50"),
            tax=Decimal("0.00"),
            agreed_total=Decimal("11.50"),
            units_each=6,
            lot="L-1",
            ships=False,
            deliver_by=NOW + timedelta(days=3, microseconds=1),
            ship_after=NOW,
            attributes={"weight": "9"},
        ),
    ],
    ship_to=Address(name="Ada", street=["1 Main St", "Rear"], city="Leeds", country="gb"),
    bill_to=Address(name="Grace", street=[], city="York"),
    payments=[
        Payment(id="p1", amount=Decimal("5.00"), expires_at=NOW, avs="Y"),
        Payment(id="p2", amount=Decimal("5.00"), status=PaymentStatus.CAPTURED, cvv="M"),
        Payment(id="p3", amount=Decimal(0), status="pending", currency="USD", method="invoice"),
        Payment(id="p4", amount=Decimal(9), status=None, captured=Decimal(3), refunded=Decimal(1)),
    ],
    discount=Decimal("1.0"),
    agreed_total=Decimal("35.00"),
    deliver_by=NOW + timedelta(days=9),
    ship_after=NOW - timedelta(days=1),
    ship="complete",
    timezone=ZoneInfo("Asia/Tokyo"),
    tags=["gift"],
    attributes={"wrap": "yes"},
    version_words=["gift"],
)


REPORTED = History(
    parcels=[
        Parcel(id="p1", at=NOW, location="x", shipped={"1": 2}, stage="delivered", tracking="T1"),
        Parcel(id="p2", at=NOW, delivered={"1": 1}, is_voided=True, waits=[(NOW, "Kiosk", NOW)]),
        Parcel(id="p3", at=NOW, out_at=NOW, failed_at=NOW, ready_at=NOW),
        Parcel(
            id="p4", at=NOW, carrier="UPS", carrier_at=NOW, tracking_at=NOW + timedelta(hours=1)
        ),
    ],
    fulfilments=[Fulfilment(id="f1", location="x", at=NOW, units={"1": 2}, closed_at=NOW)],
    returns=[Return(id="r1", at=NOW, received={"1": 1}, location="y", is_approved=True)],
    movements=[Movement(kind="captured", payment_id="p1", ref="c1", amount=Decimal(5), at=NOW)],
    requests={"1": 1},
    asked_amounts=[("capture", "p1", Decimal(5))],
    applied=[("e1", "3f")],
    delays=[DelayChoice(id="d1", asked_at=NOW, new_date=None, answer_by=NOW, silence="ask")],
    hold_ends=[("qa", "qa.look", "", NOW)],
    requested_at=NOW,
)


@attrs.frozen(kw_only=True, weakref_slot=False)
class MyCustomer(Customer):
    """A customer of a host's own class, which knows more."""

    club: str = ""


class MyFinding(Finding):
    """A finding of a host's own class."""


class MyParcel(Parcel):
    """A parcel of a host's own class."""


def travelled(value: Any) -> Any:
    """The value as another process has it."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes


@SOME
@given(orders())
def test_an_order_comes_back_as_it_was(subject: Order) -> None:
    """It is equal and has the same hash; what was worked out is there."""
    other = travelled(subject)
    assert (other, hash(other)) == (subject, hash(subject))
    assert (other.total, other.has_line_dates) == (subject.total, subject.has_line_dates)


@SOME
@given(records())
def test_a_record_comes_back_as_it_was(subject: OrderRecord) -> None:
    """All that has happened to the order comes along."""
    other = travelled(subject)
    assert (other, hash(other)) == (subject, hash(subject))


@pytest.mark.parametrize(
    "part",
    [
        FULL,
        FULL.customer,
        FULL.ship_to,
        *FULL.lines,
        line_with_units(FULL.lines[0], 1),
        *FULL.payments,
        Progress(line_id="1", shipped=3, parts={"lid": 1}),
        OrderRecord(order=FULL).approved([hold("shop.late", measure=2)], by="Grace", at=NOW),
        Approval(order_id="A-1", fingerprint="c0", any_later=["shop.late"], by="Ada", at=NOW),
        *REPORTED.parcels,
        *REPORTED.fulfilments,
        *REPORTED.returns,
        *REPORTED.movements,
        REPORTED,
        OrderRecord(order=FULL, history=REPORTED),
    ],
    ids=lambda part: type(part).__name__,
)
def test_every_field_travels(part: Any) -> None:
    """Those that were worked out are there as well, in what is copied, and in what is changed."""
    kind = type(part)
    names = [field.name for field in attrs.fields(kind) if field.name != "_fingerprint"]
    for other in (
        travelled(part),
        travelled(travelled(part)),
        copy.copy(part),
        copy.deepcopy(part),
    ):
        assert [getattr(other, name) for name in names] == [getattr(part, name) for name in names]
        assert repr(other) == repr(part)
    assert attrs.evolve(travelled(part)) == attrs.evolve(part)


def test_a_version_is_worked_out_anew() -> None:
    """It stays behind, and is the same."""
    assert FULL.fingerprint == travelled(FULL).fingerprint


def test_what_orders_share_stays_shared() -> None:
    """A text that two orders have in common comes back as one."""
    sku = "mug-" * 9
    first, second = travelled(
        [order("A-1", lines=[line("1", sku)]), order("A-2", lines=[line("1", sku)])]
    )
    assert first.lines[0].sku is second.lines[0].sku


def test_a_class_of_the_hosts_own_travels_as_python_has_it() -> None:
    """A row would not say what it holds beside; so it is with an order or a record around it."""
    subject = attrs.evolve(FULL, customer=MyCustomer(id="C-7", club="silver"))
    finding = MyFinding(**attrs.asdict(hold("shop.late")))
    record = OrderRecord(order=FULL).approved([finding], by="Grace", at=NOW)
    assert travelled(subject).customer.club == "silver"
    assert travelled(OrderRecord(order=subject)).order.customer.club == "silver"
    assert type(travelled(record).approvals[0].findings[0]) is MyFinding
    assert type(travelled(record.approvals[0]).findings[0]) is MyFinding
    history = History(parcels=[MyParcel(id="p1", at=NOW)])
    assert type(travelled(history).parcels[0]) is MyParcel
    record = OrderRecord(order=FULL, history=history)
    assert type(travelled(record).history.parcels[0]) is MyParcel


def test_instants_of_other_zones_and_classes_stay_what_they_are() -> None:
    """Only what is plain and in UTC travels as ten bytes."""

    class Stamp(datetime):
        """A datetime of a host's own."""

    zone = timezone(timedelta(hours=1))
    for instant in (None, datetime(2026, 3, 2, tzinfo=zone), Stamp(2026, 3, 2, tzinfo=UTC)):
        assert rows.moment_of(instant) is instant
        assert rows.instant_of(rows.moment_of(instant)) is instant


@pytest.mark.parametrize("layout", [0, rows.LAYOUT + 1, "1.0"])
@pytest.mark.parametrize("value", [FULL, FULL.ship_to, OrderRecord(order=FULL), STOCK])
def test_a_pickle_of_another_version_is_refused(value: Any, layout: Any) -> None:
    """What was written by an older or newer layout is not misread: the error says what to do."""
    kind = type(value)
    with pytest.raises(InvalidValueError) as caught:
        rows.restored(kind, layout, ("A-1",))
    assert str(caught.value) == (
        f"pickle of {kind.__name__}: {layout!r} is the layout of another version of fulfill_core"
        f" (this one reads {rows.LAYOUT}); make the value anew: pickles are for processes of one"
        " version"
    )


def test_the_content_of_an_inventory_travels_with_its_layout() -> None:
    """Else what an older one lacks would be missed when somebody asks for it, far away."""
    stock = inventory_of(STOCK)
    assert b"restored" in pickle.dumps(stock)
    assert travelled(stock) == stock


def test_a_new_field_is_a_new_layout() -> None:
    """Whoever changes the fields of what travels as rows gives the layout another number."""
    kinds = (Order, Customer, Address, OrderLine, Payment, OrderRecord, Progress, Approval, Finding)
    kinds = (*kinds, History, Parcel, Fulfilment, Return, Movement, State, Decisions)
    names = tuple([(kind.__name__, tuple(f.name for f in attrs.fields(kind))) for kind in kinds])
    assert (rows.LAYOUT, digest_of(names)) == (13, "3881a619f842328d")


# -- Chunks ----------------------------------------------------------------------------------------


def test_a_chunk_travels_with_its_orders_once() -> None:
    """An order that has a record is in the record; what is of a host's own class stays itself."""
    own = attrs.evolve(order("A-3", 1), customer=MyCustomer(id="C-7"))
    record = OrderRecord(order=order("A-2", 1)).with_progress("1", shipped=1)
    own_record = OrderRecord(order=attrs.evolve(own, id="A-4"))
    alone = Chunk((order("A-1", 1), own), ())
    mixed = Chunk((order("A-1", 1), record.order, own, own_record.order), (record, own_record))
    for chunk in (alone, mixed):
        assert travelled(chunk) == chunk
    orders_after, records_after = travelled(mixed)
    assert orders_after[1] is records_after[0].order
    assert type(orders_after[2].customer) is MyCustomer


def dies(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """A rule in a library that takes its process with it."""
    if order.id == "A-0600":
        os._exit(1)
    return iter(())


def test_a_worker_that_dies_is_named_and_nothing_is_half() -> None:
    """The run ends with the pool's error, which says for which orders; the inputs are whole."""
    many = [order(f"A-{number:04}", 1) for number in range(1_000)]
    stock = mugs(berlin=900)
    spawn = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=spawn) as pool,
        pytest.raises(BrokenProcessPool) as error,
    ):
        run(*many, stock=stock, map=pool.map, verifiers=[dies])
    [note] = error.value.__notes__
    assert note.endswith("on were verified and ranked; nothing was decided.")
    assert stock == mugs(berlin=900)
    assert len(run(*many, stock=stock).decisions) == 1_000


class Selective:
    """A rule that is not asked about what others reject."""

    skips_rejected = True

    def for_batch(self, orders: object, /, *, context: Context) -> Selective:
        """Itself."""
        return self

    def shared_keys(self, order: Order, /, *, facts: object) -> list[str]:
        """All orders are alike for it."""
        return ["all"]

    def __call__(self, order: Order, /, *, context: Context) -> tuple[Finding, ...]:
        return ()


def test_a_map_that_loses_a_chunk_of_a_first_round_is_named() -> None:
    """Who is rejected is asked first where a rule leaves that out: that map is looked at, too."""

    def losing(function: Callable[[Any], Any], chunks: list[Chunk]) -> list[Any]:
        return [function(chunk) for chunk in chunks][:-1]

    many = [order(f"A-{number:04}", 1) for number in range(1_000)]
    with pytest.raises(PluginError) as error:
        run(*many, map=losing, verifiers=[Selective()])
    assert "gave 1 results for 2 chunks" in str(error.value)
