"""A reader of `lifecycle.jsonl`: it maps the names of its schema to ours.

It adds one thing: what sending costs in a case is said with each return and each loss, as a case
means it to stay so, and ours goes back with the last of what left unless that is said.

Cases of our own (`further.jsonl`) may say more: the shop's rules (`given.rules`: fields of `Rules`,
periods in hours), how the customer wants to be told (`given.preferences`: media, each with whether
they agreed to be informed by it, and muted kinds), when an event is heard of (`now`), why a
location gives something back, why something comes back (`ground`), and events that the schema has
not; `time_passes` is the one that time alone has brought by then. And they may want to know more:
see `test_cases.py`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from fulfill_core import (
    Address,
    Component,
    Customer,
    Inventory,
    Item,
    Order,
    OrderLine,
    OrderRecord,
    Payment,
    Reservation,
    Stock,
)
from fulfill_core import lifecycle as ours

CASES = Path(__file__).parents[1] / "data" / "lifecycle" / "lifecycle.jsonl"
FURTHER = CASES.with_name("further.jsonl")
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Raw = Mapping[str, Any]


def cases(path: Path = CASES) -> list[Raw]:
    """All cases of a file, one a line."""
    return [json.loads(text) for text in path.read_text("utf-8").splitlines() if text.strip()]


# -- What is given ---------------------------------------------------------------------------------


def line_of(raw: Raw) -> OrderLine:
    """A line: what it costs with its share of discount and tax."""
    return OrderLine(
        id=raw["line"],
        sku=raw["sku"],
        quantity=raw["ordered"],
        unit_price=Decimal(raw["price"]),
        discount=Decimal(raw["discount"]),
        tax=Decimal(raw["tax"]),
        ships=raw["ships"],
        replaces=raw.get("replaces", ""),
    )


def record_of(given: Raw) -> OrderRecord:
    """The order as decided, its payments in the sequence in which they came."""
    payments = [
        Payment(
            id=raw["payment"],
            amount=Decimal(raw["authorised"]) + Decimal(raw["captured"]),
            status=None,
            authorized=Decimal(raw["authorised"]),
            captured=Decimal(raw["captured"]),
            authorized_at=START - DAY + timedelta(seconds=number),
        )
        for number, raw in enumerate(given["payments"])
    ]
    order = Order(
        id="A-1",
        placed_at=START - DAY,
        customer=Customer(id="C-1", email="ada@example.com"),
        lines=[line_of(raw) for raw in given["lines"]],
        currency=given["currency"],
        shipping=Decimal(given["shipping"]),
        payments=payments,
        locale=given["locale"],
    )
    assert order.total == Decimal(given["total"])
    return OrderRecord(order=order)


def places_of(units: Raw) -> dict[tuple[str, str], int]:
    """Units by SKU and location."""
    return {(key.partition("@")[0], key.partition("@")[2]): each for key, each in units.items()}


def stock_of(given: Raw, added: list[Raw]) -> Inventory:
    """The stock: what is reserved for the order lies on its lines, in their sequence."""
    lines = [*added, *given["lines"]]  # an added line may bear an id that is there: it is refused
    recipes = {raw["line"]: raw["parts"] or {raw["sku"]: 1} for raw in lines}
    wanted = {
        (raw["line"], sku): raw["ordered"] * each
        for raw in given["lines"]
        for sku, each in recipes[raw["line"]].items()
    }
    rows, reservations = [], []
    for (sku, location), (on_hand, reserved, foreign) in places_of(given["stock"]).items():
        own = reserved
        rows.append(Stock(sku=sku, location=location, on_hand=on_hand))
        about = {"sku": sku, "location": location}
        if foreign:
            reservations.append(Reservation(order_id="A-2", line_id="1", quantity=foreign, **about))
        for (line_id, part), open_units in wanted.items():
            units = min(own, open_units) if part == sku else 0
            if units:
                wanted[line_id, part] -= units
                own -= units
                reservations.append(
                    Reservation(order_id="A-1", line_id=line_id, quantity=units, **about)
                )
    items = {
        raw["sku"]: Item(
            sku=raw["sku"],
            tracked=raw["ships"] or bool(raw["parts"]),
            components=[Component(sku=sku, quantity=each) for sku, each in raw["parts"].items()],
        )
        for raw in lines
    }
    return Inventory(stock=rows, items=items.values(), reservations=reservations)


# -- Events ----------------------------------------------------------------------------------------

OWN_FAULTS = ("no attempt", "weather", "vehicle", "capacity", "delay", "sort", "carrier")
"""Words of a failure that asks nothing of the customer."""


def money(raw: Raw) -> dict[str, Any]:
    """What events of money have."""
    amount = raw.get("amount")
    return {
        "payment": raw["payment"],
        "amount": None if amount is None else Decimal(amount),
        "ref": raw.get("ref", ""),
    }


def charge(raw: Raw) -> dict[str, Any]:
    """What sending costs now, if that is said."""
    return {"shipping": Decimal(raw["shipping"])} if "shipping" in raw else {}


def instants(raw: Raw, *names: str) -> dict[str, datetime]:
    """What is said as an hour."""
    return {name: START + raw[name] * HOUR for name in names if name in raw}


def words(raw: Raw, **names: str) -> dict[str, Any]:
    """What is said in the event's own words, under our names."""
    return {ours_: raw[theirs] for ours_, theirs in names.items() if theirs in raw}


def some(raw: Raw, **names: str) -> dict[str, Any]:
    """Units by line under our names; a line of which it is said that there are none has none."""
    return {
        name: {line: each for line, each in units.items() if each}
        for name, units in words(raw, **names).items()
    }


def shipped(raw: Raw) -> dict[str, Any]:
    """A parcel."""
    names = ("parcel", "lines", "location", "tracking", "fulfilment")
    parts = [tuple(row) for row in raw.get("parts", ())]
    return {**words(raw, **{name: name for name in names}), "parts": parts}


def scanned(raw: Raw) -> dict[str, Any]:
    """How far the carrier is, and where and until when a parcel waits."""
    names = ("parcel", "tracking", "stage", "waits_at")
    return {**words(raw, **{name: name for name in names}), **instants(raw, "waits_until")}


def amended(raw: Raw) -> dict[str, Any]:
    """Another quantity, another line, another address."""
    old = raw.get("exchange", {})
    added = [
        line_of({**each, "replaces": old.get(each["line"], "")}) for each in raw.get("add", [])
    ]
    place = raw.get("address")
    ship_to = Address(name="Ada", street=[place], city="Leeds") if place else None
    return {**words(raw, ordered="ordered", by="by"), "added": added, "ship_to": ship_to}


def cancelled(raw: Raw) -> dict[str, Any]:
    """Units, by whom and why."""
    return {**words(raw, lines="lines", by="by", reason="reason"), **charge(raw)}


def returned(raw: Raw) -> dict[str, Any]:
    """What came back, and what becomes of it."""
    units = some(raw, restocked="restock", credited="credited", reopened="reopened")
    return {**words(raw, lines="lines", location="location", ref="ref"), **units, **charge(raw)}


def lost(raw: Raw) -> dict[str, Any]:
    """What is lost, and what becomes of it."""
    units = some(raw, credited="credited", reopened="reopened")
    return {**words(raw, lines="lines", parcel="parcel"), **units, **charge(raw)}


def authorised(raw: Raw) -> dict[str, Any]:
    """What a gateway agreed to."""
    return {**money(raw), **words(raw, replaces="replaces"), **instants(raw, "expires_at")}


def delay(raw: Raw) -> dict[str, Any]:
    """What a customer is asked about a delay."""
    dates = instants(raw, "new_date", "previous_date", "answer_by")
    return {"new_date": None, **dates, **words(raw, ref="ref", reason="reason")}


EVENTS: dict[str, tuple[Callable[..., Any], Callable[[Raw], dict[str, Any]]]] = {
    "released": (
        ours.Released,
        lambda raw: words(raw, ref="ref", location="location", lines="lines"),
    ),
    "release_cancelled": (
        ours.NotFulfilled,
        lambda raw: {"reason": "called_back", **words(raw, ref="ref", lines="lines", reason="why")},
    ),
    "picked": (ours.Progressed, lambda raw: {"ref": raw["ref"], "stage": "picked"}),
    "short_picked": (
        ours.NotFulfilled,
        lambda raw: {**words(raw, ref="ref", lines="lines"), "reason": "short"},
    ),
    "shipped": (ours.Shipped, shipped),
    "progressed": (ours.Progressed, lambda raw: words(raw, ref="ref", stage="stage")),
    "shipment_voided": (ours.ShipmentVoided, lambda raw: words(raw, parcel="parcel")),
    "in_transit": (ours.Tracked, lambda raw: words(raw, parcel="parcel", tracking="tracking")),
    "scanned": (ours.Tracked, scanned),
    "delivered": (ours.Delivered, lambda raw: words(raw, parcel="parcel", lines="lines")),
    "delivery_failed": (
        ours.DeliveryFailed,
        lambda raw: {
            **words(raw, parcel="parcel", reason="reason"),
            "asks_customer": not any(word in raw.get("reason", "") for word in OWN_FAULTS),
        },
    ),
    "lost": (ours.Lost, lost),
    "provided": (ours.Provided, lambda raw: words(raw, lines="lines", ref="ref")),
    "return_requested": (
        ours.ReturnRequested,
        lambda raw: words(raw, lines="lines", ref="ref", ground="ground"),
    ),
    "return_approved": (ours.ReturnApproved, lambda raw: words(raw, ref="ref")),
    "return_inspected": (
        ours.ReturnInspected,
        lambda raw: words(raw, ref="ref", restocked="restock", disposed="dispose"),
    ),
    "return_withdrawn": (
        ours.ReturnClosed,
        lambda raw: words(raw, lines="lines", ref="ref", is_declined="declined", reason="reason"),
    ),
    "returned": (ours.ReturnReceived, returned),
    "cancelled": (ours.Cancelled, cancelled),
    "cancel_requested": (ours.CancelRequested, lambda raw: words(raw, lines="lines", by="by")),
    "cancel_declined": (ours.CancelDeclined, lambda raw: words(raw, ref="ref", reason="reason")),
    "amended": (ours.Amended, lambda raw: {**amended(raw), **charge(raw)}),
    "credit_granted": (
        ours.CreditGranted,
        lambda raw: {"amount": Decimal(raw["amount"]), **words(raw, by="by", reason="reason")},
    ),
    "reallocated": (ours.Counted, lambda raw: {"units": {}}),
    "counted": (ours.Counted, lambda raw: {"units": places_of(raw.get("count", {}))}),
    "stock_received": (ours.StockReceived, lambda raw: {"units": places_of(raw.get("count", {}))}),
    "authorised": (ours.Authorized, authorised),
    "authorisation_failed": (ours.AuthorizationFailed, money),
    "authorisation_expired": (ours.AuthorizationExpired, money),
    "captured": (ours.Captured, money),
    "capture_failed": (ours.CaptureFailed, money),
    "voided": (ours.Voided, money),
    "refund_requested": (ours.RefundRequested, money),
    "refunded": (ours.Refunded, money),
    "refund_failed": (ours.RefundFailed, money),
    "charged_back": (ours.ChargedBack, money),
    "dispute_opened": (ours.DisputeOpened, money),
    "capture_requested": (ours.CaptureRequested, money),
    "delay_asked": (ours.DelayAsked, delay),
    "delay_answered": (
        ours.DelayAnswered,
        lambda raw: words(raw, ref="ref", by="by", is_accepted="accepted"),
    ),
    "hold_placed": (
        ours.HoldPlaced,
        lambda raw: words(raw, source="source", code="code", line_id="line"),
    ),
    "hold_lifted": (
        ours.HoldLifted,
        lambda raw: words(raw, source="source", code="code", line_id="line"),
    ),
    "rejected": (ours.Rejected, lambda raw: words(raw, by="by", reason="reason")),
    "product_recalled": (
        ours.ProductRecalled,
        lambda raw: words(raw, lines="lines", ref="ref", reason="reason"),
    ),
}


def event_of(raw: Raw) -> ours.Event:
    """An event, with what all events have."""
    make, fields = EVENTS[raw["type"]]
    event: ours.Event = make(
        id=raw["id"],
        order_id="A-1",
        at=START + raw["at"] * HOUR,
        tell=raw.get("tell", True),
        **fields(raw),
    )
    return event


def rules_of(given: Raw) -> ours.Rules:
    """The shop's rules: the usual ones, but for what the case says."""
    periods = ("remorse", "unpaid", "review", "acceptance")
    rules = {
        name: each * HOUR if name in periods else each
        for name, each in given.get("rules", {}).items()
    }
    return ours.Rules(**rules)


def with_charges(events: Iterable[Raw], charge: str) -> Iterator[Raw]:
    """What sending costs, said with all that came back or was lost: in a case it stays so.

    What is empty is left out of events.
    """
    for each in events:
        raw = {name: content for name, content in each.items() if content not in ("", None)}
        charge = raw.get("shipping", charge)
        is_kept = raw["type"] in ("returned", "lost") and Decimal(charge)
        yield {**raw, "shipping": charge} if is_kept else raw


def said_before(number: int, events: Sequence[Raw]) -> str:
    """The id under which the same was said before, whatever the time at which it came; or none."""
    about = ("at", "now", "expect", "refusal")
    said = [{name: raw[name] for name in raw.keys() - set(about)} for raw in events[: number + 1]]
    return events[number]["id"] if said[number] in said[:number] else ""


TAKING_ALL = {"voided", "authorisation_expired"}
"""Events of money of ours that need no amount."""
REPORTING_OF_PARCELS = {
    *("delivered", "lost", "shipment_voided", "in_transit", "scanned", "delivery_failed"),
}
REPORTING_OF_LISTS = {"picked", "progressed", "short_picked", "release_cancelled"}
REPORTING_OF_RETURNS = {"return_withdrawn", "return_approved", "return_inspected"}
CREATING = {"shipped": "parcel", "released": "ref"}
"""Events that create what they name, and that ours have to name."""
NAMING_LINES = {"released", "shipped", "provided", "lost", "returned", "return_requested"}
"""Events of ours that name units."""
PLACE = "main"
"""Where things are, if nobody says so."""


def last_of(raw: Raw, ids: Iterable[str]) -> str:
    """The last of them; the event's own id if there is none."""
    return [raw["id"], *ids][-1]


def units_meant(raw: Raw, record: OrderRecord) -> dict[str, int]:
    """Units that an event can only mean: what its parcel held, what is out, or what is open."""
    rows = [each.rows_left() for each in record.history.parcels if each.id == raw.get("parcel")]
    if "return" in raw["type"]:
        out = [(each.line_id, each.shipped - each.lost - each.returned) for each in record.progress]
        known = [each.requested for each in record.history.returns if each.id == raw.get("ref")]
        rows = [out, *known] if raw["type"] == "returned" else [out]
    lines = [line for line in record.order.lines if line.ships != (raw["type"] == "provided")]
    open_units = [(line.id, record.open(line.id)) for line in lines]
    units = {line_id: units for line_id, units in [open_units, *rows][-1] if units}
    return units or {record.order.lines[0].id: 1}


def with_what_is_meant(raw: Raw, record: OrderRecord) -> Raw:
    """An event with the one number, or the units, that it can only mean, where it leaves them out.

    The last pick list of a location, the last return, the last parcel, and where that left; of a
    parcel that is lost all that left in it; of money what its number is known with, or all of it.
    What is received and is not more is counted. A line of which it is said that it is none of it is
    not meant, beside others.
    """
    raw = {**raw}
    kind, place, history = raw["type"], raw.get("location", ""), record.history
    if any(raw.get("lines", {}).values()):
        raw = {**raw, **some(raw, lines="lines")}
    if kind in REPORTING_OF_PARCELS and "parcel" not in raw:
        raw["parcel"] = last_of(raw, [each.id for each in history.parcels])
    if kind == "stock_received" and any(each < 1 for each in raw.get("count", {}).values()):
        raw["type"] = "counted"
    if kind in REPORTING_OF_LISTS and "ref" not in raw:
        lists = [each.id for each in history.fulfilments if place in ("", each.location)]
        raw["ref"] = last_of(raw, lists)
    if kind in REPORTING_OF_RETURNS and "ref" not in raw:
        raw["ref"] = last_of(raw, [each.id for each in history.returns])
    if kind in CREATING:
        raw.setdefault(CREATING[kind], raw["id"])
    if kind in ("shipped", "returned", "released") and not place:
        places = [each.location for each in history.parcels if each.location]
        raw["location"] = [PLACE, *places][-1]
    if kind in NAMING_LINES and not (raw.get("lines") or raw.get("parts")):
        raw["lines"] = units_meant(raw, record)
    if EVENTS[raw["type"]][1] in (money, authorised):
        raw.setdefault("payment", last_of(raw, [each.id for each in record.order.payments]))
        payments = [each.amount for each in record.order.payments if each.id == raw["payment"]]
        known = [each.amount for each in history.movements if each.ref == raw.get("ref")]
        amounts = [each for each in (record.order.total, *payments, *known) if each]
        if kind not in TAKING_ALL:
            raw.setdefault("amount", [Decimal(1), *amounts][-1])
    return raw


def says_nothing(raw: Raw) -> bool:
    """Whether an event is of an amount of 0.00, or of no unit of any line that it names."""
    is_free = "amount" in raw and not Decimal(raw["amount"])
    return is_free or ("lines" in raw and bool(raw["lines"]) and not any(raw["lines"].values()))


def with_place(raw: Raw, record: OrderRecord, given: Raw) -> OrderRecord:
    """A record that knows where a parcel was that nobody reported, if what is heard says so.

    Where all of the stock lies at one place, it was that.
    """
    is_known = any(each.id == raw.get("parcel") for each in record.history.parcels)
    places = {location for _, location in places_of(given["stock"])}
    place = raw.get("location") or (places.pop() if len(places) == 1 else "")
    if raw["type"] not in ("delivered", "lost") or is_known or not place:
        return attrs.evolve(record, reserved=()) if record.reserved else record
    about = {"order_id": "A-1", "sku": "-", "location": place}
    rows = [
        Reservation(line_id=line_id, quantity=units, **about)
        for line_id, units in raw.get("lines", {}).items()
        if units
    ]
    return attrs.evolve(record, reserved=rows)


def added_up(actions: Iterable[ours.Action]) -> list[ours.Action]:
    """What is asked for of one payment in one step is one amount, as a case lists it."""
    asked: dict[object, ours.Action] = {}
    for each in actions:
        if isinstance(each, (ours.Capture, ours.Refund, ours.Void)):
            key = type(each), each.payment
            earlier = asked.get(key)
            more = getattr(earlier, "amount", Decimal(0))
            asked[key] = attrs.evolve(each, amount=each.amount + more)
        else:
            asked[each] = each
    return list(asked.values())


def found_with(raw: Raw, record: OrderRecord, inventory: Inventory) -> Raw:
    """What is on a shelf, by SKU and place: what was counted, and of what is lost all the same."""
    counts = Counter({} if raw["type"] in ("counted", "stock_received") else raw.get("count", {}))
    if raw["type"] == "lost":
        places = [each.location for each in record.history.parcels if each.id == raw.get("parcel")]
        place = raw.get("location") or [PLACE, *places][-1]
        skus = {line.id: line.sku for line in record.order.lines}
        for line_id, units in some(raw, restocked="restock").get("restocked", {}).items():
            sku = skus.get(line_id, "-")
            for part, each in inventory.components_of(sku) or ((sku, 1),):
                counts[f"{part}@{place}"] += units * each
    return counts


SAYING_CHARGES = {"amended", "cancelled", "returned", "lost"}
"""Events of ours that say themselves what sending costs."""
NOTHING: dict[str, Any] = {"effect": ours.Effect.NO_CHANGE}
"""What a step comes to that brings nothing."""


def charge_of(raw: Raw, record: OrderRecord) -> ours.Event:
    """What sending costs from an event on; who waits for something then hears what is missing."""
    is_open = any(record.open(line.id) for line in record.order.lines)
    charged = {"id": f"{raw['id']}-shipping", "type": "amended", "at": raw["at"]}
    is_told = is_open and raw.get("tell", True)
    return event_of({**charged, "shipping": raw["shipping"], "tell": is_told})


def steps_of(case: Raw) -> Iterator[tuple[Raw, ours.Step]]:
    """The events of a case, one after the other, and what each comes to.

    What sending costs is said with others of them as an amendment before it, of which its customer
    hears no more than what they are asked to pay.
    What says nothing is no event of ours; what comes again under its id is the event that came.
    """
    record, rules = record_of(case["given"]), rules_of(case["given"])
    added = [line for raw in case["events"] for line in raw.get("add") or []]
    inventory = stock_of(case["given"], added)
    heard: dict[str, ours.Event] = {}
    for number, raw in enumerate(with_charges(case["events"], case["given"]["shipping"])):
        if says_nothing(raw):
            step = ours.Step(record=record, inventory=inventory, before=inventory, **NOTHING)
            yield raw, step
            continue
        record = with_place(raw, record, case["given"])
        counts = found_with(raw, record, inventory)
        about: dict[str, Any] = {"now": START + raw.get("now", number) * HOUR, "rules": rules}
        beside = {"counted": places_of(counts), "reserved": places_of(raw.get("reserve", {}))}
        if event_id := said_before(number, case["events"]):
            event = heard[event_id]
        elif raw["type"] == "time_passes":
            [event] = ours.timed_events(record, **about)
        else:
            event = event_of(with_what_is_meant({**raw, **some(raw, lines="lines")}, record))
        heard[raw["id"]] = event
        step = ours.advance(record, event, inventory, **about, **beside)
        if "shipping" in raw and raw["type"] not in SAYING_CHARGES and step.effect == "applied":
            before = ours.advance(record, charge_of(raw, step.record), inventory, **about)
            after = ours.advance(before.record, event, before.inventory, **about, **beside)
            if after.effect == step.effect:  # else the charge stops it: it comes later
                actions = added_up([*before.actions, *after.actions])
                asked = [each for each in before.notifications if each.kind == "payment.needed"]
                told = [*asked, *after.notifications]
                step = attrs.evolve(after, actions=actions, notifications=told)
        yield raw, step
        record, inventory = step.record, step.inventory


# -- What comes of them ----------------------------------------------------------------------------

KINDS = {
    "confirmation": ("order.confirmed",),
    "amended": ("order.amended", "fulfilment.changed"),  # to a location that has some of it
    "cancelled": ("order.cancelled",),
    "partly_cancelled": ("order.partly_cancelled",),
    "cancel_declined": ("order.cancel_declined",),
    "delayed": ("order.delayed", "parcel.not_shipped"),
    "pick_list": ("fulfilment.pick_list",),
    "recall": ("fulfilment.call_back",),
    "shipped": ("parcel.shipped", "parcel.provided"),
    "delivered": ("parcel.delivered",),
    "delivery_failed": ("parcel.delivery_failed",),
    "lost": ("parcel.lost",),
    "return_requested": ("return.requested",),
    "return_received": ("return.received",),
    "refunded": ("payment.refunded",),
    "partly_refunded": ("payment.partly_refunded",),
    "payment_received": ("payment.received",),
    "payment_needed": ("payment.needed",),
    "payment_failed": ("payment.failed",),
    "payment_problem": ("payment.problem",),
    "review_needed": ("order.review_needed",),
    "stock_problem": ("order.at_risk",),
    "delay_choice": ("order.delay_choice",),
    "withdrawal_acknowledged": ("order.withdrawal_acknowledged",),
    "return_approved": ("return.approved",),
    "product_recalled": ("product.recalled",),
    "escalated": ("order.escalated",),
    "not_shipped": ("parcel.not_shipped",),
    "tracking_changed": ("parcel.tracking_changed",),
    "out_for_delivery": ("parcel.out_for_delivery",),
    "ready_for_pick_up": ("parcel.ready_for_pick_up",),
    "picked_up": ("parcel.picked_up",),
    "return_declined": ("return.declined",),
    "withdrawn": ("order.withdrawn",),
}
"""Kinds of messages, as we call them."""
ACTIONS = {
    "capture": ours.Capture,
    "void": ours.Void,
    "refund": ours.Refund,
    "authorise": ours.Authorize,
    "release": ours.Release,
    "recall": ours.CallBack,
    "ask": ours.Ask,
}


def counters_of(record: OrderRecord, line_id: str) -> dict[str, int]:
    """The counters of a line, in the words of the schema; all zero if the order has none."""
    progress = record.progress_of(line_id)
    line = next(each for each in record.order.lines if each.id == line_id)
    return {
        "ordered": line.units - progress.reduced,
        "cancelled": progress.not_sent(line) - progress.reduced,
        "released": ours.released_by_line(record).get(line_id, 0),
        "shipped": progress.shipped,
        "delivered": progress.delivered,
        "returned": progress.returned,
        "lost": progress.lost,
        "reopened": progress.reopened,
        "open": record.open(line_id),
    }


def stock_rows(inventory: Inventory, keys: Iterator[str] | list[str]) -> dict[str, list[int]]:
    """On hand, reserved for the order, reserved for others, by SKU and location."""
    rows = {}
    for key in keys:
        sku, _, location = key.partition("@")
        own = sum(
            each.quantity
            for each in inventory.reservations_of("A-1")
            if (each.sku, each.location) == (sku, location)
        )
        reserved = inventory.reserved(sku, location)
        rows[key] = [inventory.on_hand(sku, location), own, reserved - own]
    return rows


def money_of(record: OrderRecord) -> dict[str, Any]:
    """What is due, paid and owed, in all and by payment."""
    payments = record.order.payments
    by_payment = {
        each.id: [each.authorized, each.captured, each.refunded, each.charged_back]
        for each in payments
    }
    due, paid = record.due, sum((each.paid for each in payments), Decimal(0))
    return {
        "due": due,
        "authorised": sum((each.authorized for each in payments), Decimal(0)),
        "captured": sum((each.captured for each in payments), Decimal(0)),
        "refunded": sum((each.refunded for each in payments), Decimal(0)),
        "charged_back": sum((each.charged_back for each in payments), Decimal(0)),
        "owed_by_customer": max(Decimal(0), due - paid),
        "owed_to_customer": max(Decimal(0), paid - due),
        "by_payment": by_payment,
    }


def money_then(then: Raw) -> dict[str, Any]:
    """The money of a case, as amounts."""
    raw = dict(then["money"])
    by_payment = raw.pop("by_payment")
    return {
        **{name: Decimal(amount) for name, amount in raw.items()},
        "by_payment": {key: [Decimal(each) for each in row] for key, row in by_payment.items()},
    }
