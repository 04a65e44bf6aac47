"""Typed uses of stock with rules and of planners, as a shop would write them.

Like `public_api.py`: both type checkers read it in their strict modes, and `test_public_api.py`
runs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fulfill_core import (
    Address,
    Component,
    Context,
    Customer,
    Fence,
    Inventory,
    Item,
    KitShips,
    Location,
    Lot,
    LotOrder,
    Offer,
    Order,
    OrderLine,
    Pack,
    Payment,
    ShortReason,
    Stock,
    lacking,
    offers,
    process,
)
from fulfill_core.inventory import Intake
from fulfill_core.protocols import OrderDemand, Plan, Planner, WeighingPlanner

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def as_ever(queue: Sequence[OrderDemand], inventory: Inventory, /, *, context: Context) -> Plan:
    """What rank gives, as a plan."""
    rows = [
        (demand.order.id, line_id, units)
        for demand in queue
        for line_id, units in demand.greedy
        if units
    ]
    return Plan(units=rows, value=Decimal(len(rows)), greedy_value=Decimal(len(rows)))


@dataclass(frozen=True)
class EachAtMost:
    """So many units for each line."""

    units: int

    def __call__(
        self, demand: Sequence[OrderDemand], stock: Inventory, /, *, context: Context
    ) -> Plan:
        rows = [
            (each.order.id, line_id, min(units, self.units))
            for each in demand
            for line_id, units in each.lines
        ]
        return Plan(units=rows, value=Decimal(0), greedy_value=Decimal(0), bound=Decimal(9))


class Counting(EachAtMost):
    """It says what units are worth to it, so that its plan is tried."""

    def worth_of(
        self, units: Mapping[tuple[str, str], int], /, *, queue: Sequence[OrderDemand]
    ) -> Decimal:
        """How many they are, of all that are wanted."""
        return Decimal(sum(units.values())) / max(1, len(queue))


def says_so(queue: Sequence[OrderDemand], inventory: Inventory, /, *, context: Context) -> str:
    """No plan: what it returns is refused."""
    return f"{len(queue)} orders"


planners: list[Planner] = [
    as_ever,
    lambda queue, inventory, context: Plan(units=[], value=Decimal(0), greedy_value=Decimal(0)),
    EachAtMost(1),
]
weighing: WeighingPlanner = Counting(2)
planners.append(weighing)
not_a_planner: Planner = says_so  # type: ignore[assignment]


def stock_with_rules() -> Inventory:
    """Lots, kits, packs, fences and caps, from lists, sets and tuples as they come."""
    lots = [
        Lot(id="L-7", quantity=2, expires_at=NOW + timedelta(days=30), received_at=NOW),
        Lot(id="L-8", quantity=2, quarantined=True),
    ]
    return Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=9, safety=1, lots=lots),
            Stock(sku="pot", location="berlin", on_hand=24),
        ],
        items=[
            Item(
                sku="mug",
                lot_order=LotOrder.FIFO,
                minimum_life=timedelta(days=7),
                fences=[Fence(quantity=2, channels={"web"}, tags=("gift",), until=NOW)],
                customer_cap=9,
            ),
            Item(sku="pot", packs=(Pack(location="berlin", multiple=2, minimum=2),)),
            Item(
                sku="tea-set",
                components=[Component(sku="pot"), Component(sku="mug", quantity=2)],
                kit_ships=KitShips.BY_ORDER,
                backorderable=True,
                backorder_cap=5,
            ),
        ],
        locations=[Location(id="berlin", lead_time=timedelta(days=2), capacity=9, timezone=UTC)],
        intakes=[Intake(location="berlin", order_id="A-9", day=NOW.date())],
    )


def what_rules_leave(planner: Planner | None = None) -> list[object]:
    """What is available by rule, and what a run makes of it, under the types of a shop."""
    stock = stock_with_rules()
    orders = [
        Order(
            id=f"A-{number}",
            placed_at=NOW,
            customer=Customer(id="C-7", email="ada@example.com", minimum_life=timedelta(days=9)),
            lines=[OrderLine(id="1", sku="tea-set", quantity=1, unit_price=Decimal(9))],
            currency="EUR",
            ship_to=Address(
                name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB"
            ),
            payments=[Payment(id="p1", amount=Decimal(9))],
        )
        for number in range(2)
    ]
    result = process(orders, stock, now=NOW, planner=planner)
    plan: Plan | None = result.plan
    gap: Decimal | None = None if plan is None else plan.gap
    available: int = stock.available("tea-set", now=NOW, order=orders[0])
    shortage: dict[str, int] = lacking(orders[0], stock, now=NOW)
    offer: Offer
    (offer,) = offers(orders[0], stock, now=NOW)
    waits: list[tuple[int, datetime | None]] = [
        (arrival.quantity, arrival.expected_at) for arrival in offer.arrivals
    ]
    lots: dict[str, tuple[Lot, ...]] = stock.lots_of("mug")
    parts: tuple[tuple[str, int], ...] = stock.components_of("tea-set")
    capacity: int | None = stock.capacity_left("berlin", NOW)
    intakes: Iterator[Intake] = stock.intakes()
    kits: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = result["A-0"].kits
    reasons: list[ShortReason] = [
        short.reason for decision in result.decisions for short in decision.shorts
    ]
    return [
        available,
        shortage,
        len(lots),
        parts,
        capacity,
        gap,
        kits,
        reasons,
        waits,
        list(intakes),
    ]
