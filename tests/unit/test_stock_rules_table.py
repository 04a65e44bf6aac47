"""The tables on stock and its rules say what the code does: fields and defaults, and what happens
when something is odd. Each row of the second table is a case here that is run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import pytest
from builders import decide, line, order, reserved
from some_stock import codes, kit, lot, row, shelf_of, supply

from fulfill_core import (
    Component,
    Decision,
    Fence,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    Lot,
    Order,
    Pack,
    Reservation,
    Stock,
    Supply,
)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "stock-rules.md"
KINDS = (Item, Location, Stock, Lot, Fence, Pack, Component)
FIVE = order("A-1", 5)


def rows(heading: str) -> list[list[str]]:
    """The rows of the table whose first column is headed so."""
    for block in re.findall(r"(?:^\|.*\|\n)+", PAGE.read_text("utf-8"), re.MULTILINE):
        head, _, *body = [
            [cell.strip() for cell in text.split("|")[1:-1]] for text in block.splitlines()
        ]
        if head[0] == heading:
            return body
    raise LookupError(heading)


# -- Fields ----------------------------------------------------------------------------------------


def default_of(field: Any) -> str:
    """How the table says what a field is if nobody says anything."""
    value = field.default
    if value is attrs.NOTHING:
        return "required"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if isinstance(value, timedelta):
        return str(value // timedelta(days=1))
    if isinstance(value, tzinfo):
        return str(value)
    return str(value) if isinstance(value, int) else "empty" if not value else repr(value)


def test_every_field_is_listed_with_its_default() -> None:
    """Of each value that an inventory is made of each field, in the sequence of the code."""
    expected = [
        (f"`{kind.__name__}.{field.name}`", default_of(field))
        for kind in KINDS
        for field in attrs.fields(kind)
        if field.init
    ]
    assert [(name, default) for name, _, default, _ in rows("field")] == expected


# -- What happens ----------------------------------------------------------------------------------


def kits(
    item: Item, *more: Item, stock: tuple[Stock, ...] = (), supplies: tuple[Supply, ...] = ()
) -> Decision:
    """What becomes of an order for 5 kits."""
    subject = order(lines=[line("1", item.sku, 5)])
    return decide(subject, Inventory(stock, supplies, items=[item, *more]))


def served(*stock: Stock, subject: Order = FIVE, **content: Any) -> Decision:
    """What becomes of an order for 5."""
    supplies = content.pop("supplies", ())
    return decide(subject, Inventory(stock, supplies, **content))


def ruled(units: int, **rules: Any) -> Decision:
    """What becomes of it where mugs have these rules."""
    return served(row(units), items=[Item(sku="mug", **rules)])


def waiting(cap: int | None, *units: int) -> Decision:
    """What becomes of it where mugs may be backordered and supplies are to come."""
    item = Item(sku="mug", backorderable=True, backorder_cap=cap)
    return served(supplies=[supply("PO-1", some, 3) for some in units], items=[item])


def held(**content: Any) -> Reservation:
    """What somebody else holds."""
    return reserved("Z", **content)


CASES: dict[str, Callable[[], Decision]] = {
    "nothing names the SKU": lambda: served(),  # noqa: PLW0108 - like the others
    "the SKU is written in another case": lambda: served(row(9, "Mug")),
    "on hand is below zero at one of two locations": lambda: served(
        row(-2), row(3, location="paris")
    ),
    "more is reserved than is on hand": lambda: served(row(6), reservations=[held(quantity=7)]),
    "on hand is no whole number": lambda: served(row(5.0)),  # type: ignore[arg-type]
    "there are two rows for a SKU and location": lambda: served(row(3), row(2)),
    "a lot has no date, under FEFO": lambda: served(
        shelf_of(lot("undated", 9), lot("dated", 3, days=9))
    ),
    "all lots are expired": lambda: served(shelf_of(lot("a", 9, days=0), lot("b", 9, days=-3))),
    "all lots are quarantined": lambda: served(shelf_of(lot("a", 9, quarantined=True))),
    "the minimum life is longer than any lot lives": lambda: served(
        shelf_of(lot("a", 9, days=29)), items=[Item(sku="mug", minimum_life=timedelta(days=30))]
    ),
    "a lot's date is naive": lambda: served(
        shelf_of(Lot(id="a", quantity=9, expires_at=datetime(2026, 4, 1)))  # noqa: DTZ001
    ),
    "lots hold more than their row": lambda: served(row(5, lots=[lot("a", 6)])),
    "a reservation is of a lot that is not there": lambda: served(
        shelf_of(lot("a", 6)), reservations=[held(lot="b")]
    ),
    "a reservation is at a location without a row": lambda: served(
        row(6), reservations=[held(location="paris")]
    ),
    "a supply is in the past (one that is dated by a day, from the end of that day at its location"
    " on)": lambda: served(
        supplies=[supply("PO-1", 9, -1)], items=[Item(sku="mug", backorderable=True)]
    ),
    "the backorder cap is 0, and nothing is to come": lambda: waiting(0),
    "the backorder cap is 0, and 2 are to come": lambda: waiting(0, 2),
    "the customer's cap is 0": lambda: ruled(9, customer_cap=0, backorderable=True),
    "a fence is bigger than the stock": lambda: ruled(
        9, fences=[Fence(quantity=99, tiers=["vip"])]
    ),
    "a fence names nobody": lambda: ruled(9, fences=[Fence(quantity=1)]),
    "a pack is bigger than the stock": lambda: ruled(
        9, packs=[Pack(location="berlin", multiple=12)]
    ),
    "a pack is for a location that is not there": lambda: ruled(
        9, packs=[Pack(location="oslo", multiple=12)]
    ),
    "a kit has packs, fences or a customer's cap": lambda: kits(
        kit(of={"mug": 1}, packs=[Pack(location="berlin")])
    ),
    "a kit has a stock row": lambda: kits(kit(of={"mug": 1}), stock=(row(9, "set"),)),
    "a kit has a supply": lambda: kits(
        kit(of={"mug": 1}), stock=(row(9),), supplies=(supply("PO-1", 9, 3, "set"),)
    ),
    "a kit has a component that nothing names": lambda: kits(
        kit(of={"mug": 1, "unheard-of": 1}), stock=(row(9),)
    ),
    "a kit is a part of itself": lambda: kits(
        kit(of={"box": 1}), kit("box", of={"mug": 1, "set": 1})
    ),
    "a kit is not tracked": lambda: kits(kit(of={"mug": 1}, tracked=False)),
    "the capacity of the only location is 0": lambda: served(
        row(9), locations=[Location(id="berlin", capacity=0)]
    ),
    "an item that is not tracked has stock": lambda: served(
        row(-9), items=[Item(sku="mug", tracked=False)]
    ),
}


def becomes(case: Callable[[], Decision]) -> str:
    """How the table says what becomes of the order."""
    try:
        decision = case()
    except InvalidValueError as error:
        return f"refused: `{error.path}`"
    [status] = decision.lines
    reserved_units = f"{status.allocated} reserved"
    by_lot = [f"`{made.lot}`: {made.quantity}" for made in decision.allocations if made.lot]
    if by_lot:
        reserved_units += f" ({', '.join(by_lot)})"
    short = [f"{each.quantity} short: `{each.reason.value}`" for each in decision.shorts]
    said = [
        *([reserved_units] if status.allocated else []),
        *([f"{status.backordered} wait"] if status.backordered else []),
        *short,
        *([f"{status.untracked} need none"] if status.untracked else []),
    ]
    noted = [f"noted: {', '.join(f'`{code}`' for code in codes(decision))}"] * bool(codes(decision))
    return "; ".join([", ".join(said), *noted])


def test_every_case_is_listed() -> None:
    """The table has the cases that are run here, in the same sequence, and no other."""
    assert [name for name, _, _ in rows("when")] == list(CASES)


@pytest.mark.parametrize("cells", rows("when"), ids=lambda cells: cells[0])
def test_what_happens_is_what_the_table_says(cells: list[str]) -> None:
    """An order for 5 becomes what stands in the last column of its row."""
    name, _, expected = cells
    assert becomes(CASES[name]) == expected
