"""A value of each class is a document: what stands in it, and that it is read as it was written."""

from __future__ import annotations

import importlib
import json
import pkgutil
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import jsonschema
import pytest
from builders import mugs, order, run
from saying import CUP, said_of
from some_documents import DECISION, EXAMPLES, LEEDS, NOW, ORDER, PAYMENTS, RECORD

import fulfill_core
from fulfill_core import (
    Component,
    Fence,
    InvalidValueError,
    Inventory,
    Location,
    Lot,
    Order,
    OrderRecord,
    Payment,
    hold,
)
from fulfill_core.hosting import OutboxRow
from fulfill_core.lifecycle import Amended, Captured, Event
from fulfill_core.wire import (
    SCHEMA_VERSION,
    Reading,
    dumps,
    from_json,
    loads,
    reading,
    schema,
    shapes,
    to_json,
    writing,
)
from fulfill_core.wire.kinds import KINDS

HEADING = ("schema_version", "type")
WITH_ZONES = Reading(zone_of=ZoneInfo)
NO_DOCUMENTS = {
    "CalendarPromise": "a policy: a function, of calendars that are documents",
    "Comparison": "it holds results",
    "Context": "what plug-ins are told in a run",
    "Course": "figures of trials, for people: `Comparison` shows them",
    "CoversTotal": "a verifier",
    "CustomerAndStaff": "a policy",
    "DailyComparison": "figures of trials, for people: `Comparison` shows them",
    "Day": "figures of trials, for people: `Comparison` shows them",
    "Decisions": "a sequence of decisions, which are documents",
    "Demand": "what a sourcing policy is asked",
    "Difference": "figures of trials, for people: `Comparison` shows them",
    "Explanation": "a text, of a decision and its run",
    "Figures": "figures of trials, for people: `Comparison` shows them",
    "GroupFigures": "figures of trials, for people: `Comparison` shows them",
    "Language": "of a wing beside: what messages are rendered with, all text",
    "OrderDemand": "what a planner is asked",
    "Origin": "a part of a policy, of calendars that are documents",
    "Plan": "what a planner answers in a run",
    "Reallocation": "it may hold functions",
    "RenderedMessage": "of a wing beside: what messages are rendered with, all text",
    "Renderer": "it holds templates that were compiled",
    "Result": "it holds policies; its parts are documents",
    "Sample": "of a wing beside: what messages are rendered with, all text",
    "Settings": "it holds policies, which are functions",
    "Shards": "the parts of one run",
    "Shop": "of a wing beside: what messages are rendered with, all text",
    "SourcingPlan": "what a sourcing policy answers in a run",
    "Trial": "it holds a result",
    "UnitShift": "figures of trials, for people: `Comparison` shows them",
    "Wait": "figures of trials, for people: `Comparison` shows them",
    "Weighted": "a policy",
    "at_most_shipments": "a policy",
    "authorization_lasts": "a verifier",
    "better_promise": "a policy",
    "fewest_shipments": "a policy",
    "listed": "a verifier, of access lists that are documents",
    "only_where": "a policy",
    "pick_up_at": "a policy",
    "plausible_dates": "a verifier",
    "receipt": "a policy",
    "risk_score": "a verifier",
    "slack": "a policy",
    "staff_news": "a policy",
    "unless_rejected": "a policy",
    "whole_order_first": "a policy",
}


def public_classes() -> set[str]:
    """The classes made by attrs that ``__all__`` of the package, or of a wing below, names."""
    modules: list[Any] = [fulfill_core]
    modules += [
        importlib.import_module(module.name)
        for module in pkgutil.iter_modules(fulfill_core.__path__, "fulfill_core.")
        if module.name.partition(".")[2] not in {"hosting", "optimal", "testing", "wire"}
    ]
    things = [
        getattr(module, name) for module in modules for name in getattr(module, "__all__", ())
    ]
    return {thing.__name__ for thing in things if isinstance(thing, type) and attrs.has(thing)}


def test_every_public_value_is_a_document() -> None:
    """A class that is added is added to the documents, or is named as none with a reason."""
    assert public_classes() - KINDS.keys() == NO_DOCUMENTS.keys()
    assert KINDS.keys() - public_classes() == set()


def test_every_document_has_an_example() -> None:
    """What is tried here is tried of each class."""
    assert {type(example).__name__ for example in EXAMPLES} == KINDS.keys()


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
def test_a_value_is_read_as_it_was_written(value: object) -> None:
    """It is equal, has the same hash, and is written again in the same text."""
    text = dumps(value)
    other = loads(text, type(value), WITH_ZONES)
    assert other == value
    assert hash(other) == hash(value)
    assert dumps(other) == text
    assert from_json(to_json(value), type(value), WITH_ZONES) == value


def test_what_is_remembered_of_a_class_changes_nothing() -> None:
    """How it is written and read is worked out once; done anew, it comes out the same."""
    texts = [dumps(value) for value in EXAMPLES]
    memories = (shapes._fields_of, writing.write_of, writing.document_writer, reading.readers_of)
    for memory in memories:
        memory.cache_clear()
    assert [dumps(value) for value in EXAMPLES] == texts
    kinds = map(type, EXAMPLES)
    values = [loads(text, kind, WITH_ZONES) for text, kind in zip(texts, kinds, strict=True)]
    assert values == EXAMPLES


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
def test_what_is_right_is_read_the_quick_way(value: object) -> None:
    """The thorough way is for what is wrong: nothing else may stop the quick one."""
    quick, _ = reading.readers_of(WITH_ZONES)
    fields = {name: content for name, content in to_json(value).items() if name not in HEADING}
    assert quick.read_of(shapes.One(type(value)))(fields, None) == value


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
def test_a_document_is_as_its_json_schema_says(value: object) -> None:
    """Its form is the one that other languages are told; all of its fields are written."""
    form = schema(type(value))
    jsonschema.Draft202012Validator.check_schema(form)
    document = json.loads(dumps(value))
    assert document == to_json(value)
    jsonschema.Draft202012Validator(form).validate(document)
    assert list(form["properties"]) == list(document)


# -- What stands in a document ---------------------------------------------------------------------


def test_a_document_says_its_type_and_the_version_of_its_form() -> None:
    """At the top, before the fields of the value."""
    assert dumps(Component(sku="cup")) == (
        '{"schema_version":1,"type":"Component","sku":"cup","quantity":1}'
    )
    assert SCHEMA_VERSION == 1


def test_fields_that_are_as_usual_are_written_as_well() -> None:
    """Whoever reads it in another language knows no defaults."""
    assert to_json(Lot(id="L-7", quantity=3)) == {
        "schema_version": 1,
        "type": "Lot",
        "id": "L-7",
        "quantity": 3,
        "expires_at": None,
        "received_at": None,
        "quarantined": False,
    }


def test_things_are_written_so_that_any_language_can_read_them() -> None:
    """Money is text, instants are in UTC, enums their words, maps objects, sets sorted lists."""
    document = to_json(ORDER)
    assert document["placed_at"] == "2026-03-02T09:30:00.250000+00:00"
    assert document["customer"]["minimum_life"] == "P2DT3600.000005S"
    assert document["shipping"] == "4.90"
    assert document["ship"] == "complete"
    assert document["timezone"] == "Europe/Berlin"
    assert document["tags"] == ["gift", "urgent"]
    assert list(document["lines"][0]["attributes"].items()) == [("a", "1"), ("b", "2")]
    assert to_json(RECORD)["progress"][0]["parts"] == {"bag": 2, "cup": 1}
    assert to_json(Location(id="x"))["timezone"] == "+00:00"
    finding = hold("risk.score", measure=61)
    assert (to_json(finding)["severity"], to_json(finding)["measure"]) == ("hold", 61)


def test_a_payment_is_known_by_its_status() -> None:
    """What it keeps is None once money has moved; a document says the word."""
    words = [to_json(payment)["status"] for payment in PAYMENTS]
    assert words == ["authorized", "captured", "pending", "partially_refunded"]


def test_the_rows_of_a_decision_have_names() -> None:
    """They are rows inside; in a document they are what the decision shows."""
    document = to_json(DECISION)
    assert document["allocations"] == [
        {"line_id": "1", "sku": "mug", "location": "berlin", "quantity": 2, "lot": "L-7"}
    ]
    assert document["shorts"][0]["reason"] == "out_of_stock"
    assert document["kits"] == [["2", {"cup": 2, "bag": 1}]]


def test_the_same_value_is_the_same_text() -> None:
    """In whatever sequence, zone and spelling it was made."""
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    here = Fence(quantity=1, tags=["b", "a"], until=noon)
    there = Fence(quantity=1, tags=["a", "b"], until=noon.astimezone(timezone(timedelta(hours=3))))
    assert dumps(here) == dumps(there)
    about: dict[str, Any] = {"id": "e1", "order_id": "A-1", "at": noon}
    one = Amended(ordered={"2": 1, "1": 0}, **about)
    other = Amended(ordered=[("1", 0), ("2", 1)], **about)
    assert one == other
    assert dumps(one) == dumps(other)


def test_an_amount_keeps_its_digits() -> None:
    """5 and 5.00 are equal, and what the host wrote is what it reads."""
    for text in ("5", "5.00", "0", "0.00", "5E+1"):
        payment = Payment(id="p1", amount=Decimal(text))
        assert str(loads(dumps(payment), Payment).amount) == text


def test_text_is_utf_8() -> None:
    """Letters of any script are written as they are, and bytes are read."""
    cup = Component(sku="\u676f\U0001f375")
    assert dumps(cup).encode() == (
        b'{"schema_version":1,"type":"Component","sku":"\xe6\x9d\xaf\xf0\x9f\x8d\xb5","quantity":1}'
    )
    assert loads(dumps(cup).encode(), Component) == cup
    assert loads(json.dumps(to_json(cup)), Component) == cup


# -- What is no document ---------------------------------------------------------------------------


def refusal(value: object) -> str:
    """What is said of a value that can't be written; by both ways."""
    with pytest.raises(InvalidValueError) as of_text:
        dumps(value)
    return str(of_text.value)


def test_what_holds_functions_is_no_document() -> None:
    """A result names its parts, which are; so does the sequence of its decisions."""
    result = run(order(), stock=mugs(berlin=3))
    assert refusal(result).endswith(
        "is of no class of documents; write its parts: decisions, notifications, records, changes,"
        " inventory"
    )
    assert refusal(result.decisions).endswith("is of no class of documents; write each decision")
    assert refusal("A-1") == "value: 'A-1' is of no class of documents"
    row = OutboxRow(id="m1", order_id="A-1", content=result.notifications[0])
    assert refusal(row).endswith("; write its content, and keep the rest in columns")
    several = "is of no class of documents; write each of its values"
    assert [refusal(each).endswith(several) for each in ([], (), {})] == [True, True, True]


def test_what_somebody_derived_is_no_document() -> None:
    """It may hold more than would be written."""

    @attrs.frozen(kw_only=True)
    class Lot(fulfill_core.Lot):
        shelf: str

    assert refusal(Lot(id="L-7", quantity=1, shelf="3")).endswith("is of no class of documents")


class NamelessZone(ZoneInfo):
    """A zone that was made of bytes has no key."""

    key = None  # type: ignore[assignment]


def test_a_zone_without_a_name_is_told_by_its_path() -> None:
    """There is nothing by which the reader could find it again."""
    nameless = NamelessZone.no_cache("Europe/Berlin")
    stock = Inventory(locations=[Location(id="a"), Location(id="b", timezone=nameless)])
    assert refusal(stock).startswith("Inventory.locations[1].timezone: ")
    assert refusal(stock).endswith(
        "has no name to be written by; use a ZoneInfo, or a fixed offset"
    )


def test_half_a_character_is_told_by_its_path() -> None:
    """Wherever it is: a list, a row, a set, a mapping; all of them at once."""
    half = "\ud83d"
    about = (
        "holds half of a character, which no UTF-8 text can; write the whole one, or leave it out"
    )
    customer = attrs.evolve(ORDER.customer, name=half)
    lines = [attrs.evolve(ORDER.lines[0], attributes={"a": half, half: "b"})]
    place = attrs.evolve(LEEDS, street=[half])
    odd = attrs.evolve(ORDER, customer=customer, lines=lines, ship_to=place, tags=[half])
    assert refusal(OrderRecord(order=odd)).splitlines()[1:] == [
        f"  OrderRecord.order.customer.name: '\\ud83d' {about}",
        f"  OrderRecord.order.lines[0].attributes['a']: '\\ud83d' {about}",
        f"  OrderRecord.order.lines[0].attributes (key): '\\ud83d' {about}",
        f"  OrderRecord.order.ship_to.street[0]: '\\ud83d' {about}",
        f"  OrderRecord.order.tags[0]: '\\ud83d' {about}",
    ]
    told = attrs.evolve(RECORD.told[0], contents=[("c", half)])
    assert refusal(told) == f"Told.contents[0][1]: '\\ud83d' {about}"


# -- The heading -----------------------------------------------------------------------------------

NEWER = "is newer than 1, the last that is read; update fulfill_core first"


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (None, "schema_version: the field is missing; write 1, or read with is_lax=True"),
        (0, "schema_version: 0 is no number of a schema; the last is 1"),
        ("1", "schema_version: '1' is no number of a schema; the last is 1"),
        (True, "schema_version: True is no number of a schema; the last is 1"),
        (2, f"schema_version: 2 {NEWER}"),
    ],
)
def test_another_version_says_so(version: object, sentence: str) -> None:
    """What is missing, is none, or is newer; also where all else is read laxly."""
    assert said_of({**CUP, "schema_version": version}) == [sentence]
    if version is not None:
        assert said_of({**CUP, "schema_version": version}, reading=Reading(is_lax=True)) == [
            sentence
        ]


def test_of_a_newer_version_nothing_else_is_said() -> None:
    """Its other fields may be right: nobody here can tell."""
    assert len(said_of({**CUP, "schema_version": 2, "sku": 7, "colour": "red"})) == 1


def test_another_type_says_so() -> None:
    """And what else is wrong with it as what was expected, if that is one class."""
    assert said_of({**CUP, "type": "Lot"}) == [
        "type: 'Lot' is not what is read; that is 'Component'"
    ]
    assert said_of({**CUP, "type": ["Lot"], "sku": 7}) == [
        "type: ['Lot'] is not what is read; that is 'Component'",
        'Component.sku: 7 is not text; write it in quotes, such as "17"',
    ]
    assert said_of({"schema_version": 1, "sku": "cup"}) == [
        "type: the field is missing; write 'Component'"
    ]
    assert said_of(CUP, Lot | Order) == [
        "type: 'Component' is not what is read; that is 'Lot' or 'Order'"
    ]


def test_an_event_is_read_without_knowing_which() -> None:
    """Its type says which of a union it is."""
    captured = Captured(id="e1", order_id="A-1", at=NOW, payment="card", amount=Decimal(5))
    assert loads(dumps(captured), Event) == captured
    assert said_of({"schema_version": 1, "type": "Voided"}, Captured | Amended) == [
        "type: 'Voided' is not what is read; that is 'Captured' or 'Amended'"
    ]


@pytest.mark.parametrize("kind", [str, Order | str, None, fulfill_core.Result, 5])
def test_only_a_class_of_documents_can_be_asked_for(kind: Any) -> None:
    """Whoever asks for another one is told so, by all that take one."""
    for ask in (
        lambda: loads(dumps(ORDER), kind),
        lambda: from_json(CUP, kind),
        lambda: schema(kind),
    ):
        with pytest.raises(InvalidValueError, match=r"^kind: .*is no class of documents"):
            ask()
