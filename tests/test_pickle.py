"""Values and errors travel: to another process by pickle, and through copy, unchanged."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
import some_events

import fulfill_core
from fulfill_core import (
    DEFAULT_NOTIFICATIONS,
    DEFAULT_PRIORITY,
    DEFAULT_SOURCING,
    DEFAULT_VERIFIERS,
    Address,
    Allocation,
    Approval,
    Audience,
    Backorder,
    Changes,
    Claim,
    Component,
    Context,
    Customer,
    CustomerFacts,
    Decision,
    Demand,
    Explanation,
    Facts,
    Fence,
    Finding,
    FrozenMap,
    FulfillError,
    Hold,
    InvalidValueError,
    Inventory,
    Item,
    Kind,
    KitShips,
    LineStatus,
    Location,
    Lot,
    LotOrder,
    Notification,
    Offer,
    Order,
    OrderLine,
    OrderRecord,
    Outcome,
    Pack,
    PastOrder,
    Payment,
    PaymentStatus,
    PluginError,
    Progress,
    Promise,
    Rejection,
    Reservation,
    Result,
    Screening,
    Settings,
    Severity,
    Ship,
    Shipment,
    Short,
    ShortReason,
    Stock,
    StockError,
    Supply,
    Told,
    UnknownOrderError,
    Verdict,
    Verifier,
    compare,
    explain,
    hold,
    note,
    process,
    review_queue,
    shards,
)
from fulfill_core.calendars import BusinessCalendar, CutOff, DayRule, Shift
from fulfill_core.decisions import LateReason, PromiseGap
from fulfill_core.explanation import Ahead, Remedy, RemedyKind
from fulfill_core.hosting import (
    Act,
    Attempt,
    Backlog,
    Commit,
    CommitPlan,
    Committed,
    Conflict,
    Gather,
    JobReport,
    JobStatus,
    Later,
    Limits,
    Load,
    Loaded,
    LoopReport,
    Mark,
    Never,
    Observation,
    OutboxRow,
    Pace,
    Pause,
    Run,
    Scope,
    Send,
    Sent,
    StockUpdate,
    Unknown,
    Unsent,
    WhatWasDecided,
)
from fulfill_core.hosting.mail import Mail, MailServer, Security
from fulfill_core.hosting.telemetry import (
    INSTRUMENTS,
    InstrumentKind,
    Level,
    LogLine,
    Measurement,
)
from fulfill_core.hosting.webhook import Webhook
from fulfill_core.inventory import Intake, LotChange, Overdraft, ParcelLine, StockChange
from fulfill_core.lifecycle import (
    Effect,
    GivenBackReason,
    Ground,
    Nature,
    PaymentState,
    Position,
    Refusal,
    ReturnState,
    Rules,
    ShipmentState,
    Status,
    Step,
    StockState,
)
from fulfill_core.messages import Language, RenderedMessage, Renderer, Shop, samples
from fulfill_core.notifications import (
    Contact,
    Preferences,
    better_promise,
    customer_and_staff,
    deliveries,
    receipt,
    staff_news,
    together,
)
from fulfill_core.orders import Adjustment, Charges, MailboxProvider
from fulfill_core.pipeline import Arrival
from fulfill_core.priorities import (
    ageing,
    buckets,
    channel_order,
    customer_tier,
    customer_value,
    deadline,
    delayed,
    descending,
    expedited,
    fair_share,
    lexicographic,
    normalised,
    oldest_first,
    order_value,
    service_level,
    slack,
    tag_first,
    weighted,
)
from fulfill_core.promises import Origin, from_calendars
from fulfill_core.protocols import OrderDemand, Plan, RunStage, SourcingPlan
from fulfill_core.reallocation import ConfirmationStrategy, Loss, LossReason, Reallocation
from fulfill_core.records import (
    FactKind,
    FactSubject,
    Likeness,
    MovementKind,
    PickStage,
    ShopFact,
    ShopFactKind,
    Stage,
    VerifierFailure,
)
from fulfill_core.sourcing import (
    at_most_shipments,
    fewest_shipments,
    in_sequence_of,
    nearest,
    only_where,
    pick_up_at,
    unless_rejected,
    whole_order_first,
)
from fulfill_core.testing import (
    Basket,
    Cancellation,
    Checkout,
    ClockJump,
    Dispatch,
    Failure,
    Fault,
    Nightly,
    OtherBody,
    Overtaking,
    Receipt,
    Redelivery,
    Simulation,
    Work,
)
from fulfill_core.verifiers import (
    AccessList,
    Destination,
    all_of,
    asked_last,
    authorization_lasts,
    covers_total,
    credit_covers,
    destinations,
    downgrade,
    email_domain,
    gateway_answers,
    has_lines,
    known_tier,
    listed,
    missing_facts,
    needing,
    no_po_boxes,
    no_test_orders,
    only_if,
    plausible_dates,
    price_drift,
    quantity_limits,
    reachable,
    repeated_order,
    risk_flags,
    risk_score,
    unless,
    upgrade,
    usual_for_customer,
    velocity,
)
from fulfill_core.verifiers.combining import in_batch
from fulfill_core.wire import Reading

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

ADDRESS = Address(
    name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB"
)
CUSTOMER = Customer(id="C-7", name="Ada", email="ada@example.com")
LINE = OrderLine(id="1", sku="mug", quantity=5, unit_price=Decimal("9.90"))
PAYMENT = Payment(id="p1", amount=Decimal("49.50"), expires_at=NOW)
ORDER = Order(
    id="A-17",
    placed_at=NOW,
    customer=CUSTOMER,
    lines=[LINE],
    currency="EUR",
    ship_to=ADDRESS,
    payments=[PAYMENT],
    tags=["gift"],
    attributes={"wrap": "yes"},
)
APPROVAL = Approval(
    order_id="A-17",
    fingerprint=ORDER.fingerprint,
    findings=[hold("payment.expired", evidence="p1", measure=Decimal(5))],
    any_later=["contact.missing"],
    by="Grace",
    at=NOW,
)
REJECTION = Rejection(order_id="A-17", fingerprint="f", by="Grace", at=NOW, reason="A stolen card.")
PROGRESS = Progress(line_id=ORDER.lines[0].id, shipped=1, parts={"cup": 1})
TOLD = Told(audience=Audience.CUSTOMER, id="3f", contents=[("c", "A-17:a:b")], at=NOW)
HOLD = Hold(
    order_id="A-17",
    source="quality",
    code="shop.recall",
    line_id="2",
    detail="It breaks.",
    at=NOW,
)
SCREENING = Screening(
    order_id="A-17",
    fingerprint=ORDER.fingerprint,
    score=Decimal("12.5"),
    flags=["proxy"],
    cards=["4f1c"],
    same_card_at=[NOW],
)
PAST_ORDER = PastOrder(
    id="A-9", placed_at=NOW, total=Decimal(5), currency="EUR", units={"mug": 2, "cup": 1}
)
CUSTOMER_FACTS = CustomerFacts(
    customer_id="C-7",
    orders=[PAST_ORDER],
    credit_limit=Decimal(100),
    currency="EUR",
    units_bought={"mug": 2},
)
SHOP_FACT = ShopFact(kind="recalls", subject="mug", number=1, attributes={"notice": "17"})
FACTS = Facts(
    screenings=[SCREENING],
    customers=[CUSTOMER_FACTS],
    of_shop=[SHOP_FACT],
)
RESERVATION = Reservation(
    order_id="A-1", line_id="1", sku="mug", location="berlin", quantity=1, expires_at=NOW
)
CLAIM = Claim(order_id="A-2", line_id="1", sku="mug", supply_id="PO-1", quantity=1, made_at=NOW)
INTAKE = Intake(location="berlin", order_id="A-3", day=NOW.date())
OFFER = Offer(line_id="1", sku="mug", at_once=1, arrivals=[Arrival(quantity=2, expected_at=NOW)])
INVENTORY = Inventory(
    stock=[
        Stock(sku="mug", location="berlin", on_hand=3, safety=1),
        Stock(sku="mug", location="paris", on_hand=1),
    ],
    supplies=[Supply(id="PO-1", sku="mug", quantity=1, expected_at=NOW)],
    items=[Item(sku="mug", backorderable=True)],
    locations=[Location(id="berlin", rank=1)],
    reservations=[RESERVATION],
    claims=[CLAIM],
    intakes=[INTAKE],
)
APPROVED = OrderRecord(order=ORDER, approvals=[APPROVAL])
RESULT = process([APPROVED], INVENTORY, now=NOW, facts=FACTS)
HELD = process([ORDER], INVENTORY, now=NOW)
SHIFT = Shift(start=time(9), end=time(17))
DAY_RULE = DayRule(rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", dtstart=date(2026, 3, 7), shifts=[SHIFT])
CALENDAR = BusinessCalendar(
    timezone=UTC,
    shifts=[SHIFT],
    holidays=[date(2026, 12, 26), date(2026, 12, 25), date(2026, 4, 6)],
    extra_days={date(2026, 12, 20): [SHIFT]},
    rules=[DAY_RULE],
)
CUT_OFF = CutOff(calendar=CALENDAR, at=time(14), on={4: time(12), 5: None})
ORIGIN = Origin(calendar=CALENDAR, cut_off=CUT_OFF, by_carrier={"pallet": CUT_OFF})
PROMISING = from_calendars({"berlin": ORIGIN}, {("berlin", "GB"): 2}, destination=CALENDAR)
SHIPMENT = Shipment(
    location="berlin",
    lines=[("1", "mug", 2)],
    ships_at=NOW,
    supply_id="PO-1",
    gap=PromiseGap.UNKNOWN_TRANSIT,
)
PROMISED = process([ORDER], INVENTORY, now=NOW, facts=FACTS, promise=PROMISING)


def is_large(order: Order, /, *, context: Context) -> bool:
    """A condition of one's own."""
    return order.total > 500


def is_domestic(location: Location, order: Order, /) -> bool:
    """Whether a location may serve an order, by a rule of one's own."""
    return location.name == "Leeds"


VERIFIERS: list[Verifier] = [
    all_of(reachable, has_lines),
    asked_last(needing(reachable, FactKind.SCREENING)),
    authorization_lasts(timedelta(days=2), covers=covers_total(pay_later={"invoice"})),
    destinations(never=[Destination(country="GB", postal_prefix="BT")]),
    no_po_boxes(lockers=True),
    covers_total(tolerance={"EUR": Decimal("0.02")}, pay_later={"invoice"}),
    credit_covers(),
    downgrade(only_if(is_large, reachable), "contact.missing", to=Severity.NOTE),
    email_domain(placeholder=["example.com"], disposable=["example.org"]),
    gateway_answers(avs={"N": Severity.NOTE}),
    listed(deny=AccessList(emails=["eve@example.com"]), allow=AccessList(customers=["C-7"])),
    known_tier("gold", "silver"),
    no_test_orders(attributes={"gateway": "bogus"}),
    plausible_dates(),
    price_drift({("mug", "EUR"): Decimal("9.90")}, at_most=Decimal("0.05")),
    quantity_limits({"mug": 20}, per="customer", within=timedelta(days=7)),
    repeated_order(within=timedelta(hours=1)),
    risk_flags({"proxy": Severity.HOLD}, default=Severity.NOTE),
    risk_score(hold_at=60, reject_at=Decimal("90.5")),
    upgrade(unless(is_large, reachable), to=Severity.REJECT),
    usual_for_customer(),
    velocity(at_most=3, within=timedelta(days=1), per="card"),
]
COMPARISON = compare(
    [ORDER, attrs.evolve(ORDER, id="A-18")],
    INVENTORY,
    {"today": Settings(), "no rules": Settings(verifiers=[])},
    now=NOW,
)

SCOPE = Scope(order_ids=["A-17"], skus=["mug"])
LOADED = Loaded(
    records=[APPROVED], inventory=INVENTORY, versions={"sku:mug": 3}, unreadable=[("A-9", "new")]
)
ROW = OutboxRow(id="m1", order_id="A-17", content=RESULT.notifications[0], due_at=NOW)
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - that of an example
COMMIT_PLAN = CommitPlan(
    id="plan:1",
    at=NOW,
    expected={"order:A-17": 0, "sku:mug": 3},
    changes=RESULT.changes,
    records=RESULT.records,
    decisions=RESULT.decisions,
    rows=[ROW],
    withdrawn=["m0"],
)
ATTEMPT = Attempt(row_id="m1", at=NOW, result=Later(retry_at=NOW, reason="gone"))


def receive(stock: Inventory) -> Inventory:
    """An update of the stock of one's own."""
    return stock.with_received("mug", "berlin", 2)


JOB_REPORT = JobReport(job=Run(orders=[ORDER, "A-18"]), status=JobStatus.DONE, outcome=INVENTORY)

MOVES = (
    *(Basket(order="A-1", sku="mug", quantity=1), Checkout(order="A-1", units={"mug": 2})),
    Dispatch(parcel="p1", order="A-1", location="berlin", units={"mug": 2}),
    Receipt(note="GR-1", sku="mug", location="berlin", quantity=6),
    *(Cancellation(order="A-1"), Nightly(orders=["A-1"]), Redelivery(job="parcel:p1")),
    *(OtherBody(job="checkout:A-1"), Overtaking(), ClockJump(seconds=-60)),
    Work(worker=1, fault="timeout"),
)

VALUES: list[object] = [
    *(SCOPE, LOADED, ROW, COMMIT_PLAN, ATTEMPT, JOB_REPORT, Limits(commits=3), Run()),
    *(Committed(), Conflict(keys=["sku:mug"]), Unknown(reason="reset")),
    *(Sent(event=some_events.EVENTS[0]), Later(), Never(reason="no such mailbox")),
    *(Load(SCOPE), Gather((APPROVED,)), Commit(COMMIT_PLAN), WhatWasDecided("plan:1")),
    *(Unsent(9, NOW, NOW), Mark((ATTEMPT,)), Send(ROW), Act(ROW), Pause(timedelta(seconds=1))),
    StockUpdate(id="GR-1", skus=["mug"], update=receive),
    LoopReport(jobs=(JOB_REPORT,), sent=1, retry_at=NOW),
    Backlog(at=NOW, due=2, parked=1, due_at=NOW, written_at=NOW),
    Observation(subject=Send(ROW), answer=Sent(), began_at=NOW, ended_at=NOW),
    Pace(failures=3),
    Mail(to="ada@example.com", subject="Your order", text="Thank you."),
    MailServer(host="mail.mugs.example", username="shop", password="x"),  # noqa: S106
    Webhook(url="https://erp.example", body=b"{}", secrets=[WEBHOOK_SECRET], headers={"x": "y"}),
    LogLine(at=NOW, level=Level.ERROR, name="outbox.parked", fields=[("row", "m1")]),
    INSTRUMENTS[0],
    Measurement(instrument=INSTRUMENTS[0], points=[(("short",), 2.5)]),
    *(*MOVES, Failure(rule="no order is lost", detail="A-1", moves=MOVES, trace=["load A-1"])),
    Simulation(steps=3, calls=1, faults={Fault.CONFLICT: 1}, digest="0"),
    Settings(verifiers=[covers_total()], whole=True),
    COMPARISON,
    *COMPARISON.trials,
    Remedy(kind=RemedyKind.SUPPLY, units=[("mug", 2)], by=NOW),
    *COMPARISON.figures,
    COMPARISON.figures[0].total,
    *COMPARISON.differences,
    *COMPARISON.shifts,
    *some_events.EVENTS,
    *some_events.ACTIONS,
    some_events.HISTORY,
    *some_events.HISTORY.parcels,
    *some_events.HISTORY.fulfilments,
    *some_events.HISTORY.returns,
    *some_events.HISTORY.movements,
    *some_events.HISTORY.delays,
    *some_events.STANDS.values(),
    Adjustment(charges=Decimal(1), credit=Decimal(5)),
    Rules(charges="share"),
    Reading(zone_of=ZoneInfo, is_lax=True, exponent=2, timezone=UTC, longest=10_000),
    Refusal(code="units.not_open", detail="2 are open, not 3."),
    Position(some_events.STANDS["open"], Inventory()),
    Step(
        record=some_events.STANDS["open"],
        inventory=Inventory(),
        before=Inventory(),
        effect=Effect.NO_CHANGE,
    ),
    SHOP_FACT,
    MailboxProvider(domains=["example.com"], ignored_signs="."),
    Likeness("email", providers=[MailboxProvider(domains=["example.com"])]),
    ShopFactKind(name="recalls", about=FactSubject.SKU),
    VerifierFailure(verifier="no_proxies", order_id="A-1", order_count=2),
    *VERIFIERS,
    *(in_batch(verifier, [ORDER], Context(now=NOW, facts=FACTS)) for verifier in VERIFIERS),
    AccessList(emails=["eve@example.com"], ips=["203.0.113.0/24"], addresses=[ADDRESS]),
    ADDRESS,
    Ahead(order_id="A-1", rank=0, sku="mug", quantity=2),
    Allocation(line_id="1", sku="mug", location="berlin", quantity=2),
    APPROVAL,
    Backorder(line_id="1", sku="mug", quantity=2, supply_id="PO-1", expected_at=NOW),
    RESULT.changes,
    Changes(),
    Overdraft(sku="mug", location="berlin", on_hand=2, reserved=3),
    ParcelLine(line_id="1", quantity=2, sku="mug", lot="L-7"),
    StockChange(sku="mug", location="berlin", quantity=-2),
    LotChange(sku="mug", location="berlin", after=Lot(id="L-7", quantity=3)),
    Lot(id="L-7", quantity=3, expires_at=NOW),
    Component(sku="cup", quantity=2),
    Pack(location="berlin", multiple=12),
    Fence(quantity=20, channels=["web"], until=NOW),
    Context(now=NOW, facts=FACTS, duplicates=["A-9"], records=[APPROVED]),
    SHIFT,
    DAY_RULE,
    CALENDAR,
    CUT_OFF,
    ORIGIN,
    PROMISING,
    PROMISED,
    *PROMISED.decisions,
    *PROMISED.notifications,
    SHIPMENT,
    Promise(shipments=[SHIPMENT], deliver_by=NOW),
    better_promise(timedelta(days=1)),
    receipt(),
    staff_news(locale="de"),
    Contact(medium="email", recipient="ada@example.com"),
    Preferences(muted=["parcel.shipped"], hours=CALENDAR),
    *deliveries(PROMISED.notifications, now=NOW).deliveries,
    together(customer_and_staff, better_promise()),
    CUSTOMER,
    CUSTOMER_FACTS,
    Decision(order=ORDER, outcome=Outcome.HELD),
    *RESULT.decisions,
    Demand(order=ORDER, needs=(("mug", 5),)),
    Destination(country="US", region="CA"),
    explain(RESULT, "A-17"),
    FACTS,
    Finding(code="payment.expired", severity=Severity.HOLD, waived_by="Grace", waived_at=NOW),
    FrozenMap({"wrap": "yes"}),
    HOLD,
    HOLD.finding(),
    PROGRESS,
    TOLD,
    OrderRecord(
        order=ORDER,
        progress=[PROGRESS],
        approvals=[APPROVAL],
        rejections=[REJECTION],
        holds=[HOLD],
        told=[TOLD],
        outcome=Outcome.PARTIALLY_ALLOCATED,
        since=NOW,
    ),
    INTAKE,
    INVENTORY,
    INVENTORY.with_received("mug", "berlin", 7),
    Inventory(),
    Item(sku="mug"),
    Language(locale="sv", texts={"greeting": "Hej,"}),
    Renderer(shop=Shop(name="Tea shop"), templates={"message.txt": "{{ heading }}"}),
    RenderedMessage(
        kind="order.confirmed",
        subject="Hello",
        preheader="",
        text="",
        html="",
        language="en",
        locale="en-GB",
    ),
    Shop(name="Tea shop", footer=["12 Lime Street"]),
    samples("ja")[0],
    LINE,
    LineStatus(line_id="1", sku="mug", ordered=2, allocated=2),
    Location(id="berlin"),
    missing_facts([ORDER], VERIFIERS, now=NOW),
    *RESULT.notifications,
    ORDER,
    PAST_ORDER,
    PAYMENT,
    REJECTION,
    RESERVATION,
    CLAIM,
    OFFER,
    RESULT,
    RESULT.decisions,
    *review_queue(HELD),
    SCREENING,
    shards([ORDER], INVENTORY),
    Short(
        line_id="1",
        sku="mug",
        quantity=2,
        requested=5,
        available=3,
        reason=ShortReason.OUT_OF_STOCK,
    ),
    Loss(
        order_id="A-17",
        line_id="1",
        sku="mug",
        location="berlin",
        quantity=2,
        reason=LossReason.TAKEN,
        strategy=ConfirmationStrategy.FILL,
        to="A-1",
    ),
    Reallocation(frozen_orders=["A-17"], frozen_within=timedelta(days=1)),
    Plan(units=[("A-17", "1", 5)], value=Decimal(5), greedy_value=Decimal(5), bound=Decimal(6)),
    Stock(sku="mug", location="berlin", on_hand=3),
    Supply(id="PO-1", sku="mug", quantity=1, expected_at=NOW),
    Supply(id="PO-1", sku="mug", quantity=1, expected_at=NOW.date()),
    OrderDemand(order=ORDER, lines=(("1", 5),), greedy=(("1", 2),)),
    customer_tier("gold", "silver"),
    descending(order_value({"EUR": Decimal(1)})),
    lexicographic(deadline, oldest_first),
    order_value({"EUR": Decimal(1)}),
    ageing(customer_tier("gold"), rises_every=timedelta(days=2)),
    buckets(deadline, timedelta(days=1)),
    channel_order("shop", "web"),
    customer_value({"EUR": Decimal(1)}),
    delayed(tag="can wait"),
    expedited(attribute="urgent"),
    fair_share("customer", weights={"C-7": 2}),
    process([ORDER], INVENTORY, now=NOW, facts=FACTS, priority=fair_share("channel")).priority,
    normalised(deadline, first=timedelta(0), last=timedelta(days=4)),
    service_level("service", "same-day"),
    slack(timedelta(days=2), working_time=CALENDAR.subtract),
    tag_first("press", "gift"),
    weighted({customer_tier("gold"): 3, order_value({"EUR": Decimal(1)}): Decimal(1)}),
    whole_order_first(),
    SourcingPlan(candidates=(), remarks=(note("sourcing.not_proven"),)),
    at_most_shipments(2, fewest_shipments()),
    fewest_shipments(in_sequence_of(nearest({("berlin", "GB"): 9}))),
    in_sequence_of(nearest({"berlin": 1})),
    only_where(is_domestic, pick_up_at("pick_up")),
    pick_up_at("pick_up"),
    unless_rejected(),
    DEFAULT_NOTIFICATIONS,
    DEFAULT_PRIORITY,
    DEFAULT_SOURCING,
    DEFAULT_VERIFIERS,
]
MEMBERS: list[Enum] = [
    member
    for kind in (
        Audience,
        Charges,
        ConfirmationStrategy,
        Effect,
        Fault,
        FactKind,
        FactSubject,
        GivenBackReason,
        Ground,
        InstrumentKind,
        JobStatus,
        Kind,
        KitShips,
        LateReason,
        Level,
        LossReason,
        LotOrder,
        MovementKind,
        Nature,
        Outcome,
        PaymentState,
        PaymentStatus,
        PickStage,
        PromiseGap,
        RemedyKind,
        ReturnState,
        RunStage,
        Security,
        Severity,
        Ship,
        ShipmentState,
        ShortReason,
        Stage,
        Status,
        StockState,
        Verdict,
    )
    for member in kind
]
ERRORS: list[FulfillError] = [
    FulfillError("what went wrong"),
    InvalidValueError("OrderLine.quantity", "1.5", "is not an int"),
    PluginError("vip_first", "A-1", "returned None"),
    StockError("A-1", "1", "cannot release 3 of 'mug': 2 are reserved"),
    UnknownOrderError("A-9"),
]
NO_VALUES = {
    "Candidate": "a view onto the stock during one call of a sourcing policy",
}


def public_classes() -> dict[str, type]:
    """Every class that ``__all__`` names, but for protocols: those have no instances of ours."""
    named: dict[str, Any] = {name: getattr(fulfill_core, name) for name in fulfill_core.__all__}
    return {
        name: thing
        for name, thing in named.items()
        if isinstance(thing, type) and not getattr(thing, "_is_protocol", False)
    }


def copies(value: object) -> list[Any]:
    """What every protocol of pickle, and both kinds of copy, make of *value*."""
    pickled = [
        pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - our own bytes
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ]
    return [*pickled, copy.copy(value), copy.deepcopy(value)]


def test_every_public_class_has_an_example() -> None:
    """A class that is added to ``__all__`` is added here, or is named as no value with a reason."""
    shown = {type(example) for example in (*VALUES, *MEMBERS, *ERRORS)}
    missing = {name for name, kind in public_classes().items() if kind not in shown}
    assert missing == set(NO_VALUES)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_survives_pickle_and_copy(value: object) -> None:
    """The copy is equal, has the same hash, the same repr and the same type."""
    for other in copies(value):
        assert type(other) is type(value)
        assert other == value
        assert hash(other) == hash(value)
        assert repr(other) == repr(value)


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_a_member_of_an_enum_stays_itself(member: Enum) -> None:
    """There is one of each, however it travelled."""
    for other in copies(member):
        assert other is member


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickle_and_copy(error: FulfillError) -> None:
    """It keeps its type, its message and the parts of it, so a worker process can raise it."""
    for other in copies(error):
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert other.args == error.args
        assert vars(other) == vars(error)


def test_what_is_computed_once_is_there_after_the_journey() -> None:
    """Fields that are not arguments (totals, indexes) work in the copy as in the original."""
    order: Order = pickle.loads(pickle.dumps(ORDER))  # noqa: S301 - our own bytes
    assert order.total == ORDER.total
    assert order.fingerprint == ORDER.fingerprint
    result: Result = pickle.loads(pickle.dumps(RESULT))  # noqa: S301 - our own bytes
    assert result["A-17"] == RESULT["A-17"]
    assert result.inventory.available("mug") == RESULT.inventory.available("mug")
    explanation: Explanation = explain(result, "A-17")
    assert str(explanation) == str(explain(RESULT, "A-17"))
    messages: tuple[Notification, ...] = result.notifications
    assert [message.data for message in messages] == [
        message.data for message in RESULT.notifications
    ]
