"""The form of documents, for other languages: what it says, and that nobody changes it unawares."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import jsonschema
import pytest
from saying import CUP
from some_documents import ORDER, PAYMENTS, SHIFT, STEP

from fulfill_core import Component, Decision, Inventory, Order, OrderLine, OrderRecord, Supply
from fulfill_core.lifecycle import Event, Step
from fulfill_core.records import Screening
from fulfill_core.wire import SCHEMA_VERSION, schema, to_json
from fulfill_core.wire.kinds import KINDS

DIGEST = "e5ee20fc62394a12"
"""Of all forms together. If a form has changed: documents that are stored have the one before.
Count `SCHEMA_VERSION` on if that was released, and see that they can still be read."""


def test_nobody_changes_a_form_unawares() -> None:
    """A field more, or another word, is another form: whoever makes one sees this."""
    forms = json.dumps({name: schema(kind) for name, kind in KINDS.items()})
    assert (SCHEMA_VERSION, sha256(forms.encode()).hexdigest()[:16]) == (1, DIGEST)


def test_a_schema_says_what_has_to_be_there() -> None:
    """The heading, and fields without a default; and nothing that is not known."""
    assert schema(Component) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Component",
        "type": "object",
        "properties": {
            "schema_version": {"const": 1},
            "type": {"const": "Component"},
            "sku": {"type": "string"},
            "quantity": {"type": "integer"},
        },
        "required": ["schema_version", "type", "sku"],
        "additionalProperties": False,
        "$defs": {},
    }


def test_each_thing_has_its_form() -> None:
    """Words, numbers, rows, maps, parts; what may be null."""
    line = schema(OrderLine)["properties"]
    assert line["attributes"] == {
        "type": "object",
        "additionalProperties": {"type": "string"},
    }
    assert line["agreed_total"]["anyOf"][1] == {"type": "null"}
    order = schema(Order)
    assert order["properties"]["ship"] == {"enum": ["partial", "lines", "complete"]}
    assert order["properties"]["lines"] == {
        "type": "array",
        "items": {"$ref": "#/$defs/OrderLine"},
    }
    assert list(order["$defs"]) == ["Address", "Customer", "OrderLine", "Payment"]
    contents = schema(OrderRecord)["$defs"]["Told"]["properties"]["contents"]
    assert contents["items"] == {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "string"}],
        "items": False,
        "minItems": 2,
    }
    assert [
        each.get("format") for each in schema(Supply)["properties"]["expected_at"]["anyOf"]
    ] == [
        "date-time",
        "date",
    ]
    kinds = [each["type"] for each in schema(Screening)["properties"]["score"]["anyOf"]]
    assert kinds == ["integer", "string", "null"]
    assert "allocations" in schema(Decision)["properties"]
    assert "reservations" in schema(Inventory)["properties"]


def test_one_of_several_is_told_by_its_type() -> None:
    """The documents of a union, and the actions of a step."""
    titles = [each["title"] for each in schema(Event)["oneOf"]]
    assert titles[:2] == ["Amended", "Approved"]
    actions = schema(Step)["properties"]["actions"]["items"]["oneOf"]
    assert actions[0]["properties"]["type"] == {"const": "Release"}
    jsonschema.Draft202012Validator(schema(Event | Order)).validate(to_json(ORDER))


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (ORDER, {"placed_at": "2026-03-02"}),
        (ORDER, {"shipping": 4.9}),
        (ORDER, {"shipping": "4,90"}),
        (ORDER, {"ship": "COMPLETE"}),
        (ORDER, {"colour": "red"}),
        (ORDER, {"timezone": "?"}),
        (PAYMENTS[0], {"amount": None}),
        (STEP, {"actions": [{"type": "Dance"}]}),
        (SHIFT, {"start": "9am"}),
        (SHIFT, {"schema_version": 2}),
        (Component(sku="cup"), {"type": "Lot"}),
    ],
)
def test_what_is_refused_here_is_refused_there(value: object, change: dict[str, Any]) -> None:
    """A document that another language writes is found out before it is sent."""
    validator = jsonschema.Draft202012Validator(schema(type(value)))
    assert validator.is_valid(to_json(value))
    assert not validator.is_valid({**to_json(value), **change})


def test_a_schema_is_nobodys_to_change() -> None:
    """Each call makes its own."""
    first = schema(Component)
    first["properties"]["sku"]["type"] = "integer"
    assert schema(Component)["properties"]["sku"] == {"type": "string"}
    jsonschema.Draft202012Validator(schema(Component)).validate(CUP)
