"""Events and steps are checked as they enter: what is wrong is named by its path."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from some_events import ACTIONS, AT, STANDS, event

from fulfill_core import InvalidValueError, Inventory
from fulfill_core.lifecycle import (
    EVENTS,
    Action,
    Event,
    Lost,
    ProductRecalled,
    Provided,
    Released,
    ReturnReceived,
    ReturnRequested,
    Rules,
    Shipped,
    advance,
)

WRONG_BY_TYPE: dict[str, Any] = {
    "str": 7,
    "bool": "no",
    "datetime": AT.replace(tzinfo=None),
    "datetime | None": AT.replace(tzinfo=None),
    "Decimal": 5.0,
    "Decimal | None": 5.0,
}
"""What no field of this type takes."""


def type_of(field: attrs.Attribute[Any]) -> str:
    """The type of a field as it is written, whether somebody has resolved it or not."""
    kind = field.type
    word = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    return word.replace("datetime.datetime", "datetime").replace("decimal.Decimal", "Decimal")


def fields_of(types: set[str]) -> list[tuple[type[Event], str]]:
    """All fields of all events that are of one of these types."""
    return [
        (kind, field.name)
        for kind in EVENTS
        for field in attrs.fields(kind)  # type: ignore[misc, unused-ignore]
        if type_of(field) in types
    ]


def path_of(kind: type[Event], **content: Any) -> str:
    """Which field of an event is refused."""
    with pytest.raises(InvalidValueError) as error:
        event(kind, **content)
    return error.value.path


@pytest.mark.parametrize(("kind", "field"), fields_of(set(WRONG_BY_TYPE)))
def test_every_plain_field_of_every_event_is_checked(kind: type[Event], field: str) -> None:
    """A text, a flag, an instant and an amount of another type are refused by path."""
    type_name = type_of(getattr(attrs.fields(kind), field))
    assert path_of(kind, **{field: WRONG_BY_TYPE[type_name]}) == f"{kind.__name__}.{field}"


@pytest.mark.parametrize("kind", EVENTS)
def test_no_field_of_an_event_takes_just_anything(kind: type[Event]) -> None:
    """Units, an address, a word of a list: each is checked for what it is."""
    for field in attrs.fields(kind):
        assert path_of(kind, **{field.name: 7.5}).startswith(f"{kind.__name__}.{field.name}")


@pytest.mark.parametrize(
    "kind", [Lost, ProductRecalled, Provided, Released, ReturnReceived, ReturnRequested, Shipped]
)
def test_what_is_about_units_names_some(kind: type[Event]) -> None:
    """Nothing left, came back or was lost: that is no event."""
    content: dict[str, Any] = {"lines": {}, "credited": {}} if kind is Lost else {"lines": {}}
    assert path_of(kind, **content) == f"{kind.__name__}.lines"


@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_names_itself_and_its_order(kind: type[Event]) -> None:
    """An empty id says nothing."""
    assert [path_of(kind, **{field: ""}) for field in ("id", "order_id")] == [
        f"{kind.__name__}.id",
        f"{kind.__name__}.order_id",
    ]


@pytest.mark.parametrize(("kind", "field"), fields_of({"Decimal"}))
def test_an_amount_that_has_to_be_said_is_said(kind: type[Event], field: str) -> None:
    """Only where all of a payment may be meant is None an amount."""
    assert path_of(kind, **{field: None}) == f"{kind.__name__}.{field}"


@pytest.mark.parametrize(("kind", "field"), fields_of({"Decimal", "Decimal | None"}))
def test_no_event_moves_less_than_nothing(kind: type[Event], field: str) -> None:
    """An amount has no sign: the kind of the event says which way it goes."""
    assert path_of(kind, **{field: Decimal(-1)}) == f"{kind.__name__}.{field}"


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: type(each).__name__)
def test_every_field_of_every_action_is_checked(action: Action) -> None:
    """A host is asked for nothing that makes no sense."""
    for field in attrs.fields(type(action)):
        with pytest.raises(InvalidValueError) as error:
            attrs.evolve(action, **{field.name: {"1": 0} if field.name == "units" else 7.5})
        assert error.value.path.startswith(f"{type(action).__name__}.{field.name}")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("record", "A-1"),
        ("inventory", {("mug", "x"): 9}),
        ("rules", "usual"),
        ("promise", "tomorrow"),
        ("now", AT.replace(tzinfo=None)),
    ],
)
def test_a_step_takes_values_of_the_library_only(name: str, wrong: Any) -> None:
    """Whatever else it is given is named, before anything happens."""
    arguments: dict[str, Any] = {
        "record": STANDS["open"],
        "event": event(Shipped),
        "inventory": Inventory(),
        "now": AT,
        name: wrong,
    }
    with pytest.raises(InvalidValueError) as error:
        advance(**arguments)
    assert error.value.path == name


@pytest.mark.parametrize("field", [each.name for each in attrs.fields(Rules)])
def test_every_rule_of_a_shop_is_checked(field: str) -> None:
    """A shop that says 7.5 has said nothing."""
    with pytest.raises(InvalidValueError) as error:
        Rules(**{field: 7.5})  # type: ignore[arg-type]
    assert error.value.path == f"Rules.{field}"
