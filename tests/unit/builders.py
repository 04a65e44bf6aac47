"""Good orders and stock with as little said as possible, for tests to change one thing about."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import pytest

from fulfill_core import (
    Address,
    Approval,
    Context,
    Customer,
    Decision,
    FulfillError,
    Hold,
    Inventory,
    Order,
    OrderLine,
    OrderRecord,
    PriorityPolicy,
    Rejection,
    Reservation,
    Result,
    process,
)
from fulfill_core.inventory.availability import pool
from fulfill_core.inventory.inventory import state_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONTEXT = Context(now=NOW)
ADA = Customer(id="C-1", name="Ada", email="ada@example.com")
_RULINGS = frozenset({"approvals", "rejections", "holds"})
HOME = Address(name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB")


def line(line_id: str = "1", sku: str = "mug", quantity: int = 1, **changes: Any) -> OrderLine:
    """An order line; by default one mug for nothing."""
    return OrderLine(id=line_id, sku=sku, quantity=quantity, **changes)


def order(order_id: str = "A-1", *quantities: int, **changes: Any) -> Order:
    """An order that no verifier has anything to say against, with a line of mugs per quantity."""
    content: dict[str, Any] = {
        "id": order_id,
        "placed_at": NOW,
        "customer": ADA,
        "lines": [line(str(number), "mug", units) for number, units in enumerate(quantities, 1)],
        "currency": "EUR",
        "ship_to": HOME,
    }
    return Order(**{**content, **changes})


def pool_of(
    stock: Inventory, sku: str, now: datetime | None = None, order: Order | None = None
) -> dict[str, int]:
    """What is available of a SKU, by location: as the allocator sees it."""
    return pool(state_of(stock), sku, now, order)


def mugs(**on_hand: int) -> Inventory:
    """An inventory of mugs, by location."""
    return Inventory.of({("mug", location): units for location, units in on_hand.items()})


def reserved(
    order_id: str = "A-1", line_id: str = "1", quantity: int = 1, **changes: Any
) -> Reservation:
    """Mugs in Berlin that are held for an order line."""
    content: dict[str, Any] = {"sku": "mug", "location": "berlin", **changes}
    return Reservation(order_id=order_id, line_id=line_id, quantity=quantity, **content)


def recorded(
    *orders: Order,
    approvals: Sequence[Approval] = (),
    rejections: Sequence[Rejection] = (),
    holds: Sequence[Hold] = (),
) -> list[OrderRecord]:
    """The records of these orders, each with those of the rulings that are about it."""
    return [
        OrderRecord(
            order=each,
            approvals=[ruling for ruling in approvals if ruling.order_id == each.id],
            rejections=[ruling for ruling in rejections if ruling.order_id == each.id],
            holds=[stop for stop in holds if stop.order_id == each.id],
        )
        for each in orders
    ]


def run(*orders: Any, stock: Inventory | None = None, **options: Any) -> Result:
    """A run of these orders, or of their records, at NOW.

    With `approvals`, `rejections` or `holds`, it is one of their records with these.
    """
    rulings = {name: options.pop(name) for name in _RULINGS & options.keys()}
    batch = recorded(*orders, **rulings) if rulings else orders
    return process(batch, Inventory() if stock is None else stock, **{"now": NOW, **options})


def record(*quantities: int, **changes: Any) -> OrderRecord:
    """The record of order A-1, with a line of mugs per quantity, to which nothing has happened."""
    return OrderRecord(order=order("A-1", *(quantities or (5,))), **changes)


def run_record(known: OrderRecord, stock: Inventory, **options: Any) -> Result:
    """A run of one record at NOW."""
    return process([known], stock, **{"now": NOW, **options})


def next_run(result: Result, stock: Inventory | None = None, **options: Any) -> Result:
    """The next run: of the records that the last one left, on its stock."""
    return process(
        result.records, stock or result.inventory, **{"now": result.context.now, **options}
    )


def decide(subject: Order, stock: Inventory | None = None, **options: Any) -> Decision:
    """What is decided for one order that is alone."""
    return run(subject, stock=stock, **options)[subject.id]


def allocations_of(decision: Decision) -> list[tuple[str, str, int]]:
    """What a decision allocates, as (line id, location, units)."""
    return [(made.line_id, made.location, made.quantity) for made in decision.allocations]


def steps(run: Callable[[], object]) -> int:
    """How many instructions of Python the call comes to: a measure of time that no load changes.

    Not to be used while coverage is measured: that looks on in the same way.
    """
    count = 0

    def look_on(frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return look_on

    before = sys.gettrace()
    sys.settrace(look_on)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


def calls(run: Callable[[], object], *, of_c: bool = False) -> int:
    """How many functions of Python the call comes to, or of Python and of C: whatever the load."""
    kinds = {"call", "c_call"} if of_c else {"call"}
    count = 0

    def look_on(_frame: FrameType, event: str, _: Any) -> None:
        nonlocal count
        count += event in kinds

    before = sys.getprofile()
    sys.setprofile(look_on)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


def new_interpreter(code: str) -> str:
    """What a new interpreter prints that runs the code."""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=600
    )
    return run.stdout + run.stderr


def served(policy: PriorityPolicy, *orders: Order, **options: Any) -> list[str]:
    """The ids in the sequence in which a run serves them, whatever the sequence they come in."""
    forwards, backwards = (
        [
            decision.id
            for decision in run(*batch, priority=policy, **{"verifiers": (), **options}).decisions
            if decision.rank is not None
        ]
        for batch in (orders, orders[::-1])
    )
    assert forwards == backwards
    return forwards


def refusal(of: Callable[..., object], *args: Any, **kwargs: Any) -> str:
    """The whole message of the error that the call ends with."""
    with pytest.raises(FulfillError) as caught:
        of(*args, **kwargs)
    return str(caught.value)
