"""What is wrong with a document is said at once, all of it, each fault with its path."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import steps
from saying import CUP, said_of
from some_documents import CALENDAR, DECISION, INVENTORY, MESSAGE, RECORD, STEP

from fulfill_core import (
    Backorder,
    Component,
    Decision,
    FrozenMap,
    InvalidValueError,
    Inventory,
    Location,
    Lot,
    Notification,
    OrderLine,
    OrderRecord,
    Outcome,
    Payment,
    Progress,
    Stock,
)
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.inventory import Intake
from fulfill_core.lifecycle import Amended, Shipped, Step
from fulfill_core.records import ShopFact
from fulfill_core.wire import Reading, dumps, from_json, loads, to_json
from fulfill_core.wire.atoms import HALF
from fulfill_core.wire.faults import refusals_of

WITH_ZONES = Reading(zone_of=ZoneInfo)


def document(kind: str, **fields: Any) -> dict[str, Any]:
    """A document of a class, with these fields."""
    return {"schema_version": 1, "type": kind, **fields}


def refusal(text: str | bytes, kind: Any = Component, reading: Reading | None = None) -> str:
    """What is said of a text."""
    with pytest.raises(InvalidValueError) as refused:
        loads(text, kind, reading or Reading())
    return str(refused.value)


# -- All faults at once ----------------------------------------------------------------------------


def test_all_faults_are_told_at_once() -> None:
    """Those of form and those of content, however deep, under the order's id."""
    record = json.loads(dumps(RECORD))
    order = record["order"]
    order["lines"][0] |= {"quantity": 0, "unit_price": 5}
    order["lines"][1]["id"] = 7
    order["colour"] = "red"
    del order["customer"]["id"]
    order["customer"]["email"] = None
    record["progress"][0] |= {"shipped": -1, "lost": "x"}
    record["history"]["parcels"][0]["shipped"] = {"1": 0}
    record["history"]["movements"][0]["kind"] = "stolen"
    record["told"] = "nothing"
    record["outcome"] = "Allocated"
    record["since"] = "2026-03-02T12:00:00"
    assert refusal(json.dumps(record), OrderRecord, WITH_ZONES).splitlines() == [
        "13 faults of 'A-17':",
        "  OrderRecord.order.customer.id: the field is missing; each Customer has one",
        "  OrderRecord.order.customer.email: None is not text; write one",
        (
            "  OrderRecord.order.lines[0].unit_price: 5 is not an exact number; write it as text:"
            ' "9.90"'
        ),
        "  OrderRecord.order.lines[0].quantity: 0 is below 1; pass 1 or more",
        '  OrderRecord.order.lines[1].id: 7 is not text; write it in quotes, such as "17"',
        (
            "  OrderRecord.order.colour: 'red' is no field of Order; leave it out, or read with"
            " ignores_unknown=True"
        ),
        "  OrderRecord.progress[0].lost: 'x' is not a whole number; write one, such as 2",
        "  OrderRecord.progress[0].shipped: -1 is below 0; pass 0 or more",
        "  OrderRecord.told: 'nothing' is not a list; write one, even of one",
        (
            "  OrderRecord.outcome: 'Allocated' is no Outcome; write one of "
            + ", ".join([repr(word.value) for word in Outcome])
        ),
        (
            "  OrderRecord.since: '2026-03-02T12:00:00' does not say where that is; write Z, or an"
            " offset such as +01:00, behind it"
        ),
        "  OrderRecord.history.parcels[0].shipped['1']: 0 is below 1; pass 1 or more",
        (
            "  OrderRecord.history.movements[0].kind: 'stolen' is no MovementKind; write one of"
            " 'authorized', 'authorization_failed', 'voided', 'captured', 'capture_failed',"
            " 'refunded', 'refund_failed', 'charged_back', 'disputed', 'credit', 'shipping',"
            " 'final_shipping',"
            " 'asked'"
        ),
    ]


def test_what_comes_of_another_fault_is_none() -> None:
    """A class is asked with something else in the place of what is at fault: what it says only for
    that reason is not told.
    """
    assert said_of(document("Progress", line_id="1", cancelled="2", reduced=1), Progress) == [
        "Progress.cancelled: '2' is not a whole number; write one, such as 2"
    ]
    lots = [{"id": "L-7", "quantity": 12}]
    assert said_of(
        document("Stock", sku="mug", location="x", on_hand=None, safety=-1, lots=lots), Stock
    ) == [
        "Stock.on_hand: None is not a whole number; write one, such as 2",
        "Stock.safety: -1 is below 0; pass 0 or more",
    ]


def test_a_class_is_asked_until_it_has_nothing_more_to_say() -> None:
    """Also those that name one fault at a time."""
    assert said_of(document("Progress", line_id="", shipped=-1, returned=-2), Progress) == [
        "Progress.line_id: '' is empty; pass at least one visible character",
        "Progress.shipped: -1 is below 0; pass 0 or more",
        "Progress.returned: -2 is below 0; pass 0 or more",
    ]


@attrs.frozen(kw_only=True)
class Pair:
    """A class that names no field of its own."""

    one: int
    other: int

    def __attrs_post_init__(self) -> None:
        raise InvalidValueError("both", "they", "do not go together")


def test_what_a_class_says_of_no_field_is_told_once() -> None:
    """Nothing can be put in the place of what nobody named."""
    faults = refusals_of(Pair, {"one": 1}, ["other"])
    assert [fault.sentence for fault in faults] == [".both: they do not go together"]


def test_what_a_class_says_of_several_fields_is_told() -> None:
    """More given back than was captured; a line that the order does not have."""
    payment = document("Payment", id="p1", amount="5", status=None, captured="5", refunded="6")
    assert said_of(payment, Payment) == [
        (
            "Payment.refunded: Decimal('6') makes 6 given back of 5 captured; pass what was"
            " captured in all, and what of it was given back"
        )
    ]
    record = to_json(RECORD)
    record["progress"][0]["line_id"] = "9"
    assert said_of(record, OrderRecord, WITH_ZONES) == [
        "OrderRecord.progress[0].line_id: '9' is no line of order A-17; pass one of ['1', '2']"
    ]


def test_an_inventory_says_what_is_wrong_with_its_content() -> None:
    """What an inventory itself refuses, by position."""
    stock = to_json(INVENTORY)
    stock["reservations"][0]["location"] = "lyon"
    stock["supplies"].append(stock["supplies"][0])
    faults = said_of(stock, Inventory, WITH_ZONES)
    assert [fault.partition(":")[0] for fault in faults] == [
        "Inventory.supplies[2]",
        "Inventory.reservations[0]",
    ]


# -- Each form -------------------------------------------------------------------------------------

NO_AMOUNT = 'is not an exact number; write it as text: "9.90"'
NO_INSTANT = 'is not an instant; write it as text: "2026-03-02T09:30:00Z"'
NO_DURATION = 'is not a length of time; write it as ISO 8601 has it, in days or less: "P2DT1H"'
OFF_CALENDAR = "is off the calendar in UTC; pass a year from 2 to 9998"
NO_ZONES = "names a time zone; say what gives it, such as Reading(zone_of=ZoneInfo)"


@pytest.mark.parametrize(
    ("kind", "field", "content", "problem"),
    [
        (Component, "sku", 1.5, 'is not text; write it in quotes, such as "17"'),
        (Component, "sku", None, "is not text; write one"),
        (Component, "sku", "\ud83d", HALF),
        (Component, "quantity", 2.0, "is not a whole number; write one, such as 2"),
        (Component, "quantity", True, "is not a whole number; write one, such as 2"),
        (Component, "quantity", 10**16, "is more than 10**15; no warehouse holds that"),
        (Lot, "quarantined", 1, "is not a truth value; write true or false"),
        (Lot, "expires_at", "2026-02-30T00:00:00Z", "is on no calendar, or on no clock"),
        (Lot, "expires_at", "0001-01-01T00:00:00+01:00", OFF_CALENDAR),
        (Backorder, "expected_at", "9999-12-31T23:00:00-05:00", OFF_CALENDAR),
        (Lot, "expires_at", 1_772_000_000, NO_INSTANT),
        (Lot, "expires_at", "2026-03-02", NO_INSTANT),
        (Shift, "start", 9, 'is not a time of day; write it as text: "09:30:00"'),
        (Intake, "day", 20_260_302, 'is not a day; write it as text: "2026-03-02"'),
        (Intake, "day", "tomorrow", 'is not a day; write it as text: "2026-03-02"'),
        (OrderLine, "tax", "1,50", NO_AMOUNT),
        (OrderLine, "tax", "NaN", NO_AMOUNT),
        (OrderLine, "tax", " 1", NO_AMOUNT),
        (OrderLine, "tax", "1_0", NO_AMOUNT),
        (OrderLine, "tax", "\u0663", NO_AMOUNT),
        (OrderLine, "attributes", [], "is not an object; write one, such as {}"),
        (OrderLine, "ships", "yes", "is not a truth value; write true or false"),
        (Location, "lead_time", "P1M", NO_DURATION),
        (Location, "lead_time", "P", NO_DURATION),
        (Location, "lead_time", 5, NO_DURATION),
        (Location, "lead_time", "P999999999W", "is more than a million years"),
        (Location, "timezone", "Europe/Berlin", NO_ZONES),
        (Location, "timezone", "../secret", "is neither an offset nor the name of a time zone"),
        (Location, "timezone", "+99:00", "is neither an offset nor the name of a time zone"),
        (Location, "timezone", 1, 'is not text; write it in quotes, such as "17"'),
        (ShopFact, "number", True, NO_AMOUNT),
        (Notification, "lines", [["1", "mug"]], "is not a list of 7 members"),
        (Notification, "reasons", ["why"], "is not a list; write one, even of one"),
    ],
)
def test_another_form_says_what_to_write(
    kind: Any, field: str, content: object, problem: str
) -> None:
    """In words of JSON, and never guessed: 2.0 is no 2, and 1 no true."""
    faults = said_of({**document(kind.__name__), field: content}, kind)
    said = [fault for fault in faults if fault.startswith(f"{kind.__name__}.{field}")]
    assert [fault.endswith(f" {problem}") for fault in said] == [True]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda made: made["lines"][1].__setitem__(6, "noon"), "Notification.lines[1][6]"),
        (lambda made: made["reasons"].append(["code", 5]), "Notification.reasons[1][1]"),
    ],
)
def test_a_row_has_its_fault_by_position(change: Callable[[Any], None], path: str) -> None:
    """Which row, and which member of it."""
    made = to_json(MESSAGE)
    change(made)
    assert [fault.partition(": ")[0] for fault in said_of(made, Notification, WITH_ZONES)] == [path]


def test_texts_by_text_have_their_faults_by_key() -> None:
    """A value that is no text; a key that UTF-8 can't hold."""
    line = document("OrderLine", id="1", sku="mug", quantity=1)
    line["attributes"] = {"a": 5, "\ud83d": "b", "c": "d"}
    assert said_of(line, OrderLine) == [
        "OrderLine.attributes['a']: 5 is not text; write it in quotes, such as \"17\"",
        f"OrderLine.attributes (key '\\ud83d'): '\\ud83d' {HALF}",
    ]
    line["attributes"] = {"a": "b"}
    assert from_json(line, OrderLine).attributes == FrozenMap({"a": "b"})


def test_one_of_several_classes_says_which() -> None:
    """What a step asks for is of one of seven classes; a document names it."""
    made = to_json(STEP)
    action = {"type": "Release", "location": "x", "units": {"1": 1}}
    made["actions"] = [action, {**action, "type": "Dance"}, {"units": {}}, {**action, "units": 5}]
    made["actions"].append({**action, "type": ["Release"]})
    words = "'Release', 'CallBack', 'Authorize', 'Capture', 'Void', 'Refund', 'Ask'"
    assert said_of(made, Step) == [
        f"Step.actions[1].type: 'Dance' is no type of this place; write one of {words}",
        f"Step.actions[2].type: None is no type of this place; write one of {words}",
        "Step.actions[3].units: 5 is not an object; write one, such as {}",
        f"Step.actions[4].type: ['Release'] is no type of this place; write one of {words}",
    ]


def test_days_of_calendars_have_their_faults_too() -> None:
    """Dates, times of day, days of the week, and zones that nobody knows."""
    made = to_json(CALENDAR)
    made["holidays"][0] = "2026-04-31"
    made["shifts"][0]["start"] = "9am"
    made["shifts"][0]["weekdays"] = ["Monday"]
    made["timezone"] = "Europe/Atlantis"
    faults = said_of(made, BusinessCalendar, WITH_ZONES)
    assert [fault.partition(": ")[0] for fault in faults] == [
        "BusinessCalendar.timezone",
        "BusinessCalendar.shifts[0].start",
        "BusinessCalendar.shifts[0].weekdays[0]",
        "BusinessCalendar.holidays[0]",
    ]
    assert "is no time zone that zone_of knows: ZoneInfoNotFoundError: " in faults[0]


def test_a_zone_is_what_the_host_gives_for_its_name() -> None:
    """If that is none, the name is at fault."""
    odd = Reading(zone_of=lambda name: name)  # type: ignore[arg-type,return-value]
    made = {**to_json(DECISION), "promise": None}
    made["order"]["timezone"] = None
    assert said_of(made, Decision, odd) == [
        "Decision.timezone: 'Europe/Berlin' is not a tzinfo; pass a zoneinfo.ZoneInfo"
    ]


def test_a_decision_without_its_order_is_refused() -> None:
    """Nothing can stand in the place of an order; the rest is looked through all the same."""
    made = to_json(DECISION)
    del made["order"]
    made["rank"] = "first"
    assert said_of(made, Decision, WITH_ZONES) == [
        "Decision.order: the field is missing; each Decision has one",
        "Decision.rank: 'first' is not a whole number; write one, such as 2",
    ]


# -- Bad text --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "text: '' is no JSON: Expecting value, line 1, column 1"),
        ('{"sku"', "text: '{\"sku\"' is no JSON: Expecting ':' delimiter, line 1, column 7"),
        ("[]", "document: [] is not an object; pass that of one value"),
        ("null", "document: None is not an object; pass that of one value"),
        (b"\xff{}", "text: b'\\xff{}' is not UTF-8: invalid start byte"),
        (5, "text: 5 is not text; pass a str"),
    ],
)
def test_what_is_no_json_says_where(text: Any, sentence: str) -> None:
    """Line and column; or it is no object, or no text."""
    assert refusal(text) == sentence


def test_what_is_too_deep_is_refused() -> None:
    """A hundred thousand brackets are no document, and stop nobody's process."""
    deep = "[" * 100_000
    assert refusal(deep).endswith("... (100002 characters) is nested too deep")
    inner = '{"schema_version":1,"type":"Component","sku":' + deep + "]" * 100_000 + "}"
    assert refusal(inner).endswith(" is nested too deep")


def test_what_is_too_long_is_not_read() -> None:
    """How much is too much, the host says; if it says nothing, any length is read."""
    text = dumps(Component(sku="c" * 1_000))
    assert loads(text, Component) == Component(sku="c" * 1_000)
    assert loads(text, Component, Reading(longest=len(text))) == Component(sku="c" * 1_000)
    assert refusal(text, reading=Reading(longest=999)).endswith(
        "is longer than the 999 characters that are read"
    )


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    """Python itself does not read it."""
    text = '{"schema_version":1,"type":"Component","sku":"cup","quantity":' + "9" * 5_000 + "}"
    assert refusal(text).endswith("has a number of thousands of digits")
    assert said_of({**CUP, "quantity": 10**6_000}) == [
        (
            "Component.quantity: <int that cannot be shown> is more than 10**15; no warehouse holds"
            " that"
        )
    ]


def test_a_field_that_is_there_twice_is_at_fault() -> None:
    """At any depth, in a value and in a mapping: the last one does not simply count."""
    cup = '"schema_version":1,"type":"Component","sku":"cup"'
    twice = "the field is there twice; which of the two counts nobody can tell"
    assert refusal("{" + cup + ',"sku":"mug"}') == f"Component.sku: {twice}"
    assert refusal("{" + cup + ',"type":"Lot","type":"Component"}') == f"Component.type: {twice}"
    line = '{"id":"1","sku":"mug","quantity":1,"quantity":2,"attributes":{"a":"1","a":"2"}}'
    text = (
        '{"schema_version":1,"type":"Amended","id":"e1","order_id":"A-1",'
        f'"at":"2026-03-02T12:00:00Z","added":[{line}]' + "}"
    )
    assert refusal(text, Amended).splitlines() == [
        "2 faults of 'e1':",
        f"  Amended.added[0].quantity: {twice}",
        f"  Amended.added[0].attributes.a: {twice}",
    ]
    release = '{"type":"Release","location":"x","location":"y","units":{"1":1}}'
    step = dumps(STEP).replace('"actions":[', f'"actions":[{release},')
    assert refusal(step, Step) == f"Step.actions[0].location: {twice}"


def test_numbers_that_json_does_not_have_are_at_fault() -> None:
    """Python reads NaN and Infinity; here nothing takes a float."""
    for word in ("NaN", "Infinity", "-Infinity", "1e400"):
        text = '{"schema_version":1,"type":"Component","sku":"cup","quantity":' + word + "}"
        assert refusal(text).endswith("is not a whole number; write one, such as 2")


def test_half_a_character_is_at_fault() -> None:
    """Written as an escape; a pair of escapes is a whole one."""
    text = '{"schema_version":1,"type":"Component","sku":"'
    assert refusal(text + '\\ud83d"}') == f"Component.sku: '\\ud83d' {HALF}"
    assert loads(text + '\\ud83d\\ude00"}', Component).sku == "\U0001f600"


# -- Fields that nobody knows ----------------------------------------------------------------------


@pytest.mark.parametrize("is_lax", [False, True])
def test_an_unknown_field_is_a_fault_of_its_own(is_lax: bool) -> None:
    """Where nothing else is wrong, and however the rest is read."""
    assert said_of({**CUP, "colour": "red"}, reading=Reading(is_lax=is_lax)) == [
        (
            "Component.colour: 'red' is no field of Component; leave it out, or read with"
            " ignores_unknown=True"
        )
    ]


def test_unknown_fields_are_let_through_by_choice() -> None:
    """Wherever they are, whatever is in them; what is known is checked as ever."""
    made = to_json(RECORD)
    made["colour"] = {"deep": [1.5]}
    made["order"]["lines"][0]["colour"] = float("nan")
    lenient = Reading(zone_of=ZoneInfo, ignores_unknown=True)
    assert from_json(made, OrderRecord, lenient) == RECORD
    made["order"]["lines"][0]["sku"] = 5
    assert said_of(made, OrderRecord, lenient) == [
        'OrderRecord.order.lines[0].sku: 5 is not text; write it in quotes, such as "17"'
    ]
    twice = '{"schema_version":1,"type":"Component","sku":"cup","x":{"a":1,"a":2}}'
    assert loads(twice, Component, Reading(ignores_unknown=True)) == Component(sku="cup")


@pytest.mark.parametrize("content", ["", [], 0, "sku"])
def test_what_is_no_object_is_none_also_where_fields_may_be_unknown(content: object) -> None:
    """Nothing of a class whose fields may all be left out is no value of it."""
    made = {**to_json(RECORD), "history": content}
    problem = f"OrderRecord.history: {content!r} is not an object; write one, such as {{}}"
    for reading in (WITH_ZONES, Reading(zone_of=ZoneInfo, ignores_unknown=True)):
        assert said_of(made, OrderRecord, reading) == [problem]


def test_fields_that_may_be_left_out_may_be_left_out() -> None:
    """A webhook says no more than what happened."""
    event = (
        '{"schema_version": 1, "type": "Shipped", "id": "e1", "order_id": "A-1", "parcel": "p1",'
    )
    event += ' "at": "2026-03-02T13:00:00+01:00", "location": "x", "lines": {"1": 2}}'
    shipped = loads(event, Shipped)
    assert (shipped.lines, shipped.parts, shipped.tell) == ((("1", 2),), (), True)
    assert str(shipped.at) == "2026-03-02 12:00:00+00:00"


# -- What it costs ---------------------------------------------------------------------------------


@pytest.mark.untraced
@pytest.mark.parametrize("flaw", [None, 0, "each", "twice"])
def test_a_long_document_costs_what_it_is_long(flaw: Any) -> None:
    """Twice the lines are twice the work: where all is right, one is wrong, each is, or an object
    has a field twice.
    """

    def text_of(size: int) -> str:
        lines = [{"id": f"{number}", "sku": "mug", "quantity": 1} for number in range(size)]
        for line in lines if flaw == "each" else lines[:1] if flaw == 0 else ():
            line["quantity"] = 0
        amended = {"id": "e1", "order_id": "A-1", "at": "2026-03-02T12:00:00Z", "added": lines}
        text = json.dumps(document("Amended", **amended))
        return text if flaw != "twice" else text.replace('"sku": "mug"', '"sku": 1, "sku": 2', 1)

    def read(text: str) -> None:
        with nullcontext() if flaw is None else pytest.raises(InvalidValueError):
            loads(text, Amended)

    read(text_of(1))  # how a class is read is worked out once
    small, large = (steps(partial(read, text_of(size))) for size in (100, 200))
    assert 1.5 < large / small < 2.2
