"""The pictures of the documentation, drawn by the build of what the code says.

What a picture shows is asked of the library: the stages of a run and what `process` takes, an
inventory, a run with its dates, the floors that the tests hold. Tests notice what is left out.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from svg import LINE, WIDTH, arrow, box, picture, text, wrapped

from fulfill_core import (
    Claim,
    Customer,
    Decision,
    Inventory,
    Item,
    Order,
    OrderLine,
    Reservation,
    Stock,
    Supply,
    process,
)
from fulfill_core.protocols import RunStage

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)

# -- The flow --------------------------------------------------------------------------------------

FLOW: Mapping[RunStage, tuple[str, str]] = {
    RunStage.VERIFY: ("orders, verifiers, facts", "findings, verdicts"),
    RunStage.RANK: ("priority", "ranks"),
    RunStage.PLAN: ("planner", "a plan for all of them"),
    RunStage.ALLOCATE: (
        "inventory, sourcing, reallocation, reservation_window",
        "allocations, backorders, shorts, changes of the stock",
    ),
    RunStage.PROMISE: ("promise, now", "shipments with their dates"),
    RunStage.TELL: ("notifications, whole", "messages: what is news; records"),
}
"""What goes into each stage of a run, by the names of `process`, and what comes out of it."""
HOW_IT_RUNS = {"map", "progress"}
"""What `process` takes beside it: not what is decided, but where, and who watches."""


def inputs() -> set[str]:
    """What `process` decides by."""
    return set(inspect.signature(process).parameters) - HOW_IT_RUNS


def flow() -> str:
    """A run from top to bottom: what a stage is given on the left, what it gives on the right."""
    height, gap, side, middle = 44, 14, 138, 84
    parts, y = [], 4
    left, right = (WIDTH - middle) / 2, (WIDTH + middle) / 2
    for stage, (given, gives) in FLOW.items():
        parts.append(box(left, y, middle, height, str(stage), style="box accent"))
        parts.append(arrow((side, y + height / 2), (left - 1, y + height / 2)))
        parts.append(arrow((right, y + height / 2), (WIDTH - side, y + height / 2)))
        parts += _beside(side - 4, y + height / 2, given, "end")
        parts += _beside(WIDTH - side + 4, y + height / 2, gives, "start")
        y += height + gap
    starts = [4 + number * (height + gap) for number in range(len(FLOW))]
    parts += [arrow((WIDTH / 2, a + height), (WIDTH / 2, b - 1)) for a, b in pairwise(starts)]
    described = "; ".join(
        f"{stage} takes {given} and gives {gives}" for stage, (given, gives) in FLOW.items()
    )
    return picture(y - gap + 4, parts, title="A run, stage by stage", description=f"{described}.")


def _beside(x: float, middle: float, words: str, anchor: str) -> list[str]:
    lines = wrapped(words, 22)
    top = middle - len(lines) * LINE / 2 + LINE - 4
    return [text(x, top + number * LINE, line, anchor=anchor) for number, line in enumerate(lines)]


# -- The stock as one bar --------------------------------------------------------------------------


def shelf() -> Inventory:
    """Twelve mugs, some of which are spoken for, and six to come."""
    mugs = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=12, safety=2)],
        items=[Item(sku="mug", backorderable=True)],
        supplies=[Supply(id="PO-88", sku="mug", quantity=6, expected_at=MONDAY + 7 * DAY)],
    )
    reserved = Reservation(order_id="A-1", line_id="1", sku="mug", location="berlin", quantity=4)
    claim = Claim(order_id="A-2", line_id="1", sku="mug", supply_id="PO-88", quantity=2)
    return mugs.with_reserved(reserved).with_claimed(claim)


def bars(inventory: Inventory, sku: str) -> dict[str, dict[str, int]]:
    """What the units on hand, and those of each supply, are for."""
    safety = sum(row.safety for row in inventory.stock() if row.sku == sku)
    rows = {
        f"on hand: {inventory.on_hand(sku)}": {
            "safety": safety,
            "reserved": inventory.reserved(sku),
            "available": inventory.available(sku),
        }
    }
    for supply in inventory.supplies_of(sku):
        claimed = sum(each.quantity for each in inventory.claims() if each.supply_id == supply.id)
        day = f"{supply.expected_at:%d %B}" if supply.expected_at else "some day"
        rows[f"to come on {day.lstrip('0')}: {supply.quantity}"] = {
            "claimed": claimed,
            "free": supply.quantity - claimed,
        }
    return rows


def stock_bar() -> str:
    """On hand, safety, reserved, available; and what is to come: claimed, free."""
    rows = bars(shelf(), "mug")
    most = max(sum(parts.values()) for parts in rows.values())
    unit, height = (WIDTH - 8) / most, 38
    styles = {"safety": "box hatched", "reserved": "box accent", "claimed": "box accent"}
    drawn, y = [], 0
    for heading, shares in rows.items():
        drawn.append(text(4, y + LINE, heading))
        x, y = 4.0, y + LINE + 6
        for name, units in shares.items():
            style = styles.get(name, "box")
            drawn.append(box(x, y, units * unit, height, name, str(units), style=style))
            x += units * unit
        y += height + 12
    described = "; ".join(
        f"{heading}, of which " + ", ".join(f"{units} {name}" for name, units in shares.items())
        for heading, shares in rows.items()
    )
    return picture(y, drawn, title="One SKU, as one bar", description=f"{described}.")


# -- A time line -----------------------------------------------------------------------------------


def waiting() -> tuple[Inventory, tuple[Decision, ...]]:
    """Three orders that wait for two supplies, as a run decides about them."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=2)],
        items=[Item(sku="mug", backorderable=True)],
        supplies=[
            Supply(id="PO-88", sku="mug", quantity=3, expected_at=MONDAY + 7 * DAY),
            Supply(id="PO-91", sku="mug", quantity=4, expected_at=MONDAY + 14 * DAY),
        ],
    )
    orders = [
        Order(
            id=f"A-{number}",
            placed_at=MONDAY + number * timedelta(minutes=1),
            customer=Customer(id="C-7"),
            currency="EUR",
            lines=[OrderLine(id="1", sku="mug", quantity=quantity)],
        )
        for number, quantity in enumerate((4, 2, 3), 1)
    ]
    result = process(orders, stock, now=MONDAY, verifiers=[])
    return stock, tuple(result.decisions)


def time_line() -> str:
    """For how long each order waits, and for which supply."""
    stock, decisions = waiting()
    ends = [each.expected_at for each in stock.supplies() if each.expected_at]
    span = (max(ends) - MONDAY) / DAY + 3

    def x_of(at: datetime) -> float:
        return 44 + (at - MONDAY) / DAY * (WIDTH - 48) / span

    parts, y, told = [], 34.0, []
    for supply in stock.supplies():
        at = supply.expected_at or MONDAY
        parts.append(text(x_of(at), 12, f"{supply.id}: {supply.quantity}", anchor="middle"))
        parts.append(
            text(x_of(at), 26, f"{at:%a} {at.day} {at:%B}", anchor="middle", style="faint")
        )
    parts.append(text(x_of(MONDAY), 26, "now", style="faint"))
    for decision in decisions:
        parts.append(text(4, y + 16, decision.id, style="strong"))
        now_units = sum(row.quantity for row in decision.allocations)
        if now_units:
            parts.append(box(x_of(MONDAY), y, 40, 24, f"{now_units} now", style="box accent"))
            told.append(f"{decision.id} gets {now_units} now")
        for row in decision.backorders:
            start = x_of(MONDAY) + (40 if now_units else 0)
            end = x_of(row.expected_at) if row.expected_at else WIDTH - 4
            parts.append(
                box(start, y, end - start, 24, f"{row.quantity} of {row.supply_id or '?'}")
            )
            told.append(f"{decision.id} waits for {row.quantity} of {row.supply_id or 'no supply'}")
            y += 28
        y += 0 if decision.backorders else 28
    for supply in stock.supplies():
        x = x_of(supply.expected_at or MONDAY)
        parts.append(f'<path class="line dashed" d="M{x:g} 30 V{y:g}"/>')
    described = "; ".join(told)
    return picture(y + 4, parts, title="Who waits for which supply", description=f"{described}.")


# -- The house -------------------------------------------------------------------------------------


def floors() -> list[list[str]]:
    """The wings of the house from the ground up, by the table that the tests hold."""
    path = Path(__file__).parents[1] / "tests" / "architecture" / "house.py"
    spec = importlib.util.spec_from_file_location("house", path)
    assert spec is not None  # noqa: S101 - the file is there
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    public = {name.split(".")[1] for name in module.MODULES if "." in name} | {module.PACKAGE}
    rows = [[wing for wing in row.split() if wing in public] for row in module.HOUSE]
    return [row for row in rows if not row[0].startswith("_")]


def house() -> str:
    """A row of boxes for each floor; a wing knows only those below its own."""
    height, gap, parts, y = 26, 8, [], 4.0
    rows = floors()
    for row in reversed(rows):
        lines = [row[start : start + 4] for start in range(0, len(row), 4)]
        for line in lines:
            width = (WIDTH - 8 - gap * (len(line) - 1)) / len(line)
            for place, wing in enumerate(line):
                style = "box accent" if wing == "fulfill_core" else "box"
                parts.append(box(4 + place * (width + gap), y, width, height, wing, style=style))
            y += height + 3
        y += gap - 3
    described = "; ".join(", ".join(row) for row in rows)
    return picture(
        y, parts, title="The wings of the house", description=f"From the ground up: {described}."
    )


# -- The loop around a transaction -----------------------------------------------------------------

LOOP: tuple[tuple[str, str], ...] = (
    ("read", "records and stock, with the version of the stock"),
    ("decide", "process(records, stock, now=now), without a lock"),
    ("store", "all that the result changed, in one transaction"),
    ("send", "what lies in the outbox; then note that it went"),
)
"""What a host does around a run, and what of the result it takes."""


def loop() -> str:
    """Read, decide, store in one transaction, send; from the start if the stock was changed."""
    height, gap, side, parts = 46, 20, 56, []
    for number, (name, words) in enumerate(LOOP):
        y = 4 + number * (height + gap)
        style = "box accent" if name == "decide" else "box"
        parts.append(box(side, y, WIDTH - side - 4, height, name, *wrapped(words, 48), style=style))
        if number:
            parts.append(arrow((WIDTH / 2 + 26, y - gap), (WIDTH / 2 + 26, y - 1)))
    ys = {name: 4 + number * (height + gap) + height / 2 for number, (name, _) in enumerate(LOOP)}
    back = [(side, ys["store"]), (24, ys["store"]), (24, ys["read"]), (side - 1, ys["read"])]
    parts.append(arrow(*back))
    middle = (ys["store"] + ys["read"]) / 2
    parts.append(
        f'<text x="16" y="{middle:g}" text-anchor="middle" class="faint"'
        f' transform="rotate(-90 16 {middle:g})">another version: again</text>'
    )
    described = "; ".join(f"{name}: {words}" for name, words in LOOP)
    return picture(
        4 + len(LOOP) * (height + gap) - gap + 4,
        parts,
        title="The loop around a transaction",
        description=f"{described}. If the stock was changed meanwhile: from the start.",
    )


PICTURES: Mapping[str, Callable[[], Any]] = {
    "flow": flow,
    "stock": stock_bar,
    "time-line": time_line,
    "house": house,
    "loop": loop,
}
"""The pictures, by the name that a page calls them."""
