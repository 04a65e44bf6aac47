"""A value of each class that is a document, with something in every field."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import some_events

from fulfill_core import (
    Address,
    Allocation,
    Approval,
    Backorder,
    Changes,
    Claim,
    Component,
    Customer,
    CustomerFacts,
    Decision,
    Facts,
    Fence,
    Finding,
    Hold,
    Inventory,
    Item,
    LineStatus,
    Location,
    Lot,
    Notification,
    Offer,
    Order,
    OrderLine,
    OrderRecord,
    Outcome,
    Pack,
    PastOrder,
    Payment,
    Progress,
    Promise,
    Rejection,
    Reservation,
    Screening,
    Shipment,
    Short,
    ShortReason,
    Stock,
    Supply,
    Told,
    hold,
    process,
)
from fulfill_core.calendars import BusinessCalendar, CutOff, DayRule, Shift
from fulfill_core.explanation import Ahead, Remedy, RemedyKind, Review
from fulfill_core.inventory import Intake, LotChange, Overdraft, ParcelLine, StockChange
from fulfill_core.lifecycle import Refusal, Rules, Shipped, advance
from fulfill_core.notifications import Contact, Delivery, Preferences
from fulfill_core.orders import MailboxProvider
from fulfill_core.pipeline import Arrival
from fulfill_core.reallocation import ConfirmationStrategy, Loss, LossReason
from fulfill_core.records import DelayChoice, Likeness, ShopFact, ShopFactKind, VerifierFailure
from fulfill_core.verifiers import AccessList, Destination, MissingFacts

NOW = datetime(2026, 3, 2, 9, 30, 0, 250_000, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
LEEDS = Address(
    name="Ada L\u00f8ve \U0001f600",
    street=["1 Main St", "Rear"],
    city="Leeds",
    postal_code="LS1 4AP",
    region="England",
    country="GB",
)
LINE = OrderLine(
    id="1",
    sku="mug",
    quantity=5,
    unit_price=Decimal("9.90"),
    discount=Decimal("0.50"),
    tax=Decimal("0.10"),
    agreed_total=Decimal("49.00"),
    units_each=2,
    lot="L-7",
    ships=False,
    deliver_by=NOW,
    ship_after=NOW,
    replaces="0",
    attributes={"b": "2", "a": "1"},
)
PAYMENTS = [
    Payment(id="p1", amount=Decimal("5.00"), expires_at=NOW, authorized_at=NOW, avs="Y", cvv="M"),
    Payment(id="p2", amount=Decimal("5E+1"), status="captured", method="invoice", currency="USD"),
    Payment(id="p3", amount=Decimal(0), status="pending"),
    Payment(id="p4", amount=Decimal(9), status=None, captured=Decimal(3), refunded=Decimal(1)),
]
ORDER = Order(
    id="A-17",
    placed_at=NOW,
    customer=Customer(
        id="C-7",
        name="Ada",
        email="ada@example.com",
        phone="+44 113 496 0000",
        tier="gold",
        minimum_life=timedelta(days=2, hours=1, microseconds=5),
    ),
    lines=[LINE, OrderLine(id="2", sku="cup", quantity=1)],
    currency="EUR",
    ship_to=LEEDS,
    bill_to=LEEDS,
    payments=PAYMENTS,
    shipping=Decimal("4.90"),
    tax=Decimal("0.7"),
    discount=Decimal(1),
    agreed_total=Decimal("120.00"),
    deliver_by=NOW,
    ship_after=NOW,
    ship="complete",
    channel="web",
    locale="de-AT",
    timezone=BERLIN,
    tags=["urgent", "gift"],
    attributes={"wrap": "yes"},
    version_words=["wrap"],
)
FINDING = Finding(
    code="risk.score_high",
    severity="hold",
    field="id",
    detail="61 of 60",
    line_id="1",
    source="fraud",
    evidence="score",
    measure=Decimal("61.50"),
    waived_by="Grace",
    waived_at=datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=2))),
)
APPROVAL = Approval(
    order_id="A-17",
    fingerprint=ORDER.fingerprint,
    findings=[FINDING, hold("risk.flag", measure=2)],
    any_later=["contact.missing", "address.po_box"],
    by="Grace",
    at=NOW,
)
REJECTION = Rejection(order_id="A-17", fingerprint="f", by="Grace", at=NOW, reason="Stolen.")
HOLD = Hold(order_id="A-17", source="qa", code="qa.look", line_id="2", detail="It breaks.", at=NOW)
TOLD = Told(
    audience="customer",
    recipient="ada@example.com",
    locale="de",
    id="3f",
    contents=[("c", "A-17:a:b")],
    delivered_at=NOW,
    at=NOW,
)
RESERVATION = Reservation(
    order_id="A-17",
    line_id="1",
    sku="mug",
    location="berlin",
    quantity=2,
    made_at=NOW,
    expires_at=NOW + timedelta(days=1),
    lot="L-7",
)
CLAIM = Claim(order_id="A-17", line_id="2", sku="cup", supply_id="PO-1", quantity=1, made_at=NOW)
PROGRESS = Progress(line_id="1", shipped=1, cancelled=1, credited=0, parts={"cup": 1, "bag": 2})
RECORD = OrderRecord(
    order=ORDER,
    progress=[PROGRESS],
    approvals=[APPROVAL],
    rejections=[REJECTION],
    holds=[HOLD],
    told=[TOLD],
    reserved=[RESERVATION],
    outcome=Outcome.PARTIALLY_ALLOCATED,
    since=NOW,
    history=some_events.HISTORY,
)
LOT = Lot(id="L-7", quantity=3, expires_at=NOW + timedelta(days=90), received_at=NOW)
STOCK = Stock(sku="mug", location="berlin", on_hand=5, safety=1, lots=[LOT])
BY_DAY = Supply(id="PO-2", sku="cup", quantity=1, expected_at=date(2026, 4, 1), order_id="A-17")
BY_HOUR = Supply(id="PO-1", sku="cup", quantity=3, expected_at=NOW, location="berlin")
ITEM = Item(
    sku="mug",
    backorderable=True,
    backorderable_at=["berlin"],
    backorder_cap=7,
    minimum_life=timedelta(hours=12),
    packs=[Pack(location="berlin", multiple=6, minimum=2)],
    fences=[Fence(quantity=20, channels=["web", "shop"], tiers=["gold"], until=NOW)],
    customer_cap=3,
    lot_order="fifo",
    single_lot=True,
)
KIT = Item(sku="set", components=[Component(sku="cup", quantity=2)], kit_ships="by_order")
PLACE = Location(
    id="berlin", rank=1, name="Berlin", lead_time=timedelta(days=1), capacity=5, timezone=BERLIN
)
INTAKE = Intake(location="berlin", order_id="A-3", day=date(2026, 3, 2))
INVENTORY = Inventory(
    stock=[STOCK, Stock(sku="cup", location="paris", on_hand=-2)],
    supplies=[BY_DAY, BY_HOUR],
    items=[ITEM, KIT],
    locations=[PLACE],
    reservations=[RESERVATION],
    claims=[CLAIM],
    intakes=[INTAKE],
)
RECEIVED = INVENTORY.with_received("cup", "berlin", 3).with_counted("mug", "berlin", 4, lot="L-7")
SHIPMENT = Shipment(
    location="berlin",
    lines=[("1", "mug", 2)],
    ready_at=NOW,
    ships_at=NOW,
    supply_id="PO-1",
    expected_at=NOW,
    gap="unknown_transit",
    deliver_by=NOW,
)
PROMISE = Promise(shipments=[SHIPMENT], deliver_by=NOW, timezone=BERLIN)
ALLOCATION = Allocation(line_id="1", sku="mug", location="berlin", quantity=2, lot="L-7")
BACKORDER = Backorder(
    line_id="2", sku="cup", quantity=2, supply_id="PO-1", expected_at=NOW, location="x", on_hand=1
)
SHORT = Short(
    line_id="1", sku="mug", quantity=2, requested=5, available=3, reason=ShortReason.OUT_OF_STOCK
)
DECISION = Decision(
    order=ORDER,
    outcome=Outcome.PARTIALLY_ALLOCATED,
    findings=[FINDING],
    rank=3,
    allocations=[ALLOCATION],
    backorders=[BACKORDER],
    shorts=[SHORT],
    reserved=[RESERVATION],
    untracked=["3"],
    kits=[("2", (("cup", 2), ("bag", 1)))],
    promise=PROMISE,
    progress=[PROGRESS],
    unusable=[RESERVATION],
    scheduled_lines=["4", "3"],
    timezone=BERLIN,
)
MESSAGE = Notification(
    kind="order.delayed",
    order_id="A-17",
    audience="customer",
    recipient="ada@example.com",
    locale="de",
    medium="email",
    lines=[("1", "mug", 2, 1, 1, 0, NOW), ("2", "cup", 1, 1, 0, 0, None)],
    reasons=[("tracking", "T1")],
    delivered_at=NOW,
    previous_date=NOW,
    news_key="late",
    is_about_date=True,
    previous_id="3f",
    supersedes=["4f"],
    timezone=BERLIN,
)
SCREENING = Screening(
    order_id="A-17",
    fingerprint=ORDER.fingerprint,
    score=Decimal("12.5"),
    avs="Y",
    cvv="M",
    flags=["proxy", "new"],
    ip="203.0.113.7",
    cards=["4f1c"],
    same_card_at=[NOW],
    same_address_at=[NOW, NOW],
    same_ip_at=[NOW],
)
PAST_ORDER = PastOrder(
    id="A-9", placed_at=NOW, total=Decimal(5), currency="EUR", units={"mug": 2, "cup": 1}
)
CUSTOMER_FACTS = CustomerFacts(
    customer_id="C-7",
    orders=[PAST_ORDER],
    credit_limit=Decimal(100),
    credit_used=Decimal("0.5"),
    currency="EUR",
    units_bought={"mug": 2},
)
SHOP_FACT = ShopFact(kind="recalls", subject="mug", number=1, attributes={"notice": "17"})
SHIFT = Shift(start=time(9), end=time(17, 30, 1), weekdays=[0, 5])
CALENDAR = BusinessCalendar(
    timezone=BERLIN,
    shifts=[SHIFT],
    holidays=[date(2026, 12, 26), date(2026, 4, 6)],
    extra_days={date(2026, 12, 20): [SHIFT]},
    rules=[DayRule(rule="FREQ=WEEKLY;BYDAY=SA", dtstart=date(2026, 3, 7), shifts=[SHIFT])],
)
PROVIDER = MailboxProvider(domains=["example.com"], tag_sign="+", ignored_signs=".")
STEP = advance(
    some_events.mugs_ordered(2),
    Shipped(id="e1", order_id="A-1", at=some_events.AT, parcel="p1", location="x", lines={"1": 1}),
    Inventory.of({("mug", "x"): 3}),
    now=some_events.AT,
)
ASKED = DelayChoice(id="d1", asked_at=NOW, new_date=None, answer_by=NOW, silence="ask")
TELEPHONE = Contact(medium="phone", recipient="+49 30 1234", informs=False)
RESULT = process([RECORD], INVENTORY, now=NOW)

EXAMPLES: list[object] = [
    *some_events.EVENTS,
    *some_events.ACTIONS,
    *some_events.STANDS.values(),
    some_events.HISTORY,
    *some_events.HISTORY.parcels,
    *some_events.HISTORY.fulfilments,
    *some_events.HISTORY.returns,
    *some_events.HISTORY.movements,
    LEEDS,
    LINE,
    *PAYMENTS,
    ORDER,
    ORDER.customer,
    FINDING,
    APPROVAL,
    REJECTION,
    HOLD,
    TOLD,
    RESERVATION,
    CLAIM,
    PROGRESS,
    RECORD,
    LOT,
    STOCK,
    BY_DAY,
    BY_HOUR,
    ITEM,
    KIT,
    *ITEM.packs,
    *ITEM.fences,
    *KIT.components,
    PLACE,
    INTAKE,
    INVENTORY,
    Inventory(),
    RECEIVED,
    RECEIVED.changes_since(INVENTORY),
    Changes(),
    SHIPMENT,
    PROMISE,
    ALLOCATION,
    BACKORDER,
    SHORT,
    DECISION,
    Decision(order=ORDER, outcome=Outcome.HELD),
    MESSAGE,
    SCREENING,
    PAST_ORDER,
    CUSTOMER_FACTS,
    SHOP_FACT,
    Facts(screenings=[SCREENING], customers=[CUSTOMER_FACTS], of_shop=[SHOP_FACT]),
    ShopFactKind(name="recalls", about="sku"),
    SHIFT,
    CALENDAR,
    *CALENDAR.rules,
    CutOff(calendar=CALENDAR, at=time(14), on={4: time(12), date(2026, 12, 24): None}),
    PROVIDER,
    Likeness("email", providers=[PROVIDER]),
    VerifierFailure(verifier="no_proxies", order_id="A-1", order_count=2),
    AccessList(emails=["eve@example.com"], ips=["203.0.113.0/24"], addresses=[LEEDS]),
    Destination("US", region="CA"),
    Destination(country="GB", postal_prefix="BT"),
    MissingFacts(screenings=["A-1"], customers=["C-1"], of_shop=[("recalls", "mug")]),
    Ahead(order_id="A-1", rank=0, sku="mug", quantity=2),
    Arrival(quantity=2, expected_at=NOW),
    Offer(line_id="1", sku="mug", at_once=1, arrivals=[Arrival(quantity=2)], promise=PROMISE),
    Review(order=ORDER, findings=[FINDING], held_lines=["1"]),
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
    Overdraft(sku="mug", location="berlin", on_hand=2, reserved=3, lot="L-7"),
    ParcelLine(line_id="1", quantity=2, sku="mug"),
    StockChange(sku="mug", location="berlin", quantity=-2),
    LotChange(sku="mug", location="berlin", before=LOT),
    LineStatus(line_id="1", sku="mug", ordered=2, allocated=2, expected_at=NOW),
    Refusal(code="units.not_open", detail="2 are open, not 3."),
    Rules(charges="last", remorse=timedelta(minutes=30)),
    STEP,
    ASKED,
    TELEPHONE,
    Preferences(contacts=[TELEPHONE], muted=["parcel.shipped"], hours=CALENDAR),
    Delivery(messages=[MESSAGE], recipient="ada@example.com", medium="email", send_at=NOW),
    Remedy(kind=RemedyKind.UNITS, units=[("mug", 2)], location="berlin"),
    *RESULT.decisions,
    *RESULT.notifications,
    *RESULT.records,
    RESULT.inventory,
    RESULT.changes,
]
