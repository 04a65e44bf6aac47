"""One wrong thing in a document is told as one, and several as several: none hides another."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import order
from saying import said_of
from some_documents import EXAMPLES, ORDER

from fulfill_core import (
    Component,
    InvalidValueError,
    Inventory,
    Item,
    OrderLine,
    OrderRecord,
    Progress,
    Reservation,
    Stock,
    Supply,
)
from fulfill_core.wire import Reading, from_json, loads, to_json

WITH_ZONES = Reading(zone_of=ZoneInfo)
HEADING = {"schema_version", "type"}
_STEP = re.compile(r"[^.\[\]']+")


def places(content: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where something stands in a document, by the steps to it."""
    if path and path[-1] not in HEADING:
        yield path
    steps: Any = content.items() if isinstance(content, dict) else ()
    steps = enumerate(content) if isinstance(content, list) else steps
    for step, each in steps:
        yield from places(each, (*path, step))


def with_wrong(document: dict[str, Any], path: tuple[str | int, ...], wrong: object) -> Any:
    """The document with something wrong in one place."""
    changed = copy.deepcopy(document)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = wrong
    return changed


def faults_elsewhere(value: object, path: tuple[str | int, ...], wrong: object) -> list[str]:
    """What is said of other places than the one that is wrong."""
    try:
        from_json(with_wrong(to_json(value), path, wrong), type(value), WITH_ZONES)
    except InvalidValueError as error:
        steps = [str(step) for step in path]
        return [
            each.sentence
            for each in (error, *error.further_faults)
            if _STEP.findall(each.path)[1 : 1 + len(steps)] != steps
        ]
    return []  # in a few places anything goes


@pytest.mark.parametrize("wrong", [[None], {"?": 1}], ids=["list", "object"])
@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
def test_what_hangs_on_a_fault_is_none(value: object, wrong: object) -> None:
    """Whatever is wrong in a document, nothing else is said to be wrong because of it."""
    faults = {
        path: elsewhere
        for path in places(to_json(value))
        if (elsewhere := faults_elsewhere(value, path, wrong))
    }
    assert faults == {}


STOCK = Inventory(
    stock=[Stock(sku=sku, location="x", on_hand=3) for sku in ("cup", "mug", "pot")],
    items=[Item(sku="mug"), Item(sku="cup")],
    reservations=[
        Reservation(order_id="A-1", line_id="1", sku=sku, location="x", quantity=1)
        for sku in ("cup", "mug", "pot")
    ],
)


def test_a_wrong_row_of_stock_is_one_fault() -> None:
    """The reservations of it are fine, as far as anybody can tell."""
    document = to_json(STOCK)
    document["stock"][1]["on_hand"] = "three"
    assert said_of(document, Inventory) == [
        "Inventory.stock[1].on_hand: 'three' is not a whole number; write one, such as 2"
    ]


def test_all_members_that_are_wrong_are_named() -> None:
    """Also those that are wrong only beside others: twice there, or of what is not there."""
    document = to_json(STOCK)
    document["reservations"][0]["sku"] = "pan"
    document["reservations"][2]["sku"] = "jar"
    assert [fault.partition(":")[0] for fault in said_of(document, Inventory)] == [
        "Inventory.reservations[0]",
        "Inventory.reservations[2]",
    ]
    lines = to_json(attrs.evolve(ORDER, lines=[_line(each) for each in "1234"], timezone=None))
    lines["lines"][1]["id"] = lines["lines"][3]["id"] = "1"
    assert said_of(lines, type(ORDER)) == [
        "Order.lines[1]: '1' was given before; each id comes once",
        "Order.lines[3]: '1' was given before; each id comes once",
    ]


def _line(line_id: str) -> OrderLine:
    return OrderLine(id=line_id, sku="mug", quantity=1)


def test_all_rows_of_kits_and_all_strange_lines_are_named() -> None:
    """Where a value is made, too: whoever repairs a table does it once."""
    kit = Item(sku="set", components=[Component(sku="cup", quantity=2)])
    rows = [Stock(sku="set", location=place, on_hand=1) for place in ("x", "y")]
    supplies = [
        Supply(id=f"PO-{number}", sku="set", quantity=1, expected_at=ORDER.placed_at)
        for number in (1, 2)
    ]
    assert _paths(Inventory, items=[kit], stock=rows) == [
        "Inventory.stock[0]",
        "Inventory.stock[1]",
    ]
    assert _paths(Inventory, items=[kit], supplies=supplies) == [
        "Inventory.supplies[0]",
        "Inventory.supplies[1]",
    ]
    progress = [Progress(line_id=line_id, shipped=1) for line_id in ("8", "1", "9")]
    assert _paths(OrderRecord, order=order("A-1", 3), progress=progress) == [
        "OrderRecord.progress[0].line_id",
        "OrderRecord.progress[2].line_id",
    ]


def _paths(make: Any, **content: Any) -> list[str]:
    with pytest.raises(InvalidValueError) as refused:
        make(**content)
    return [each.path for each in (refused.value, *refused.value.further_faults)]


@pytest.mark.parametrize("read", [loads, from_json])
def test_what_is_let_through_is_a_reading(read: Any) -> None:
    """A dict of the words of one was taken for nothing said, by some."""
    content: Any = "{}" if read is loads else {}
    with pytest.raises(InvalidValueError, match="is not of type Reading; pass one"):
        read(content, Item, {"is_lax": True})
