"""Lots that lines ask for, held to an oracle that gives out unit by unit."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fulfill_core import Customer, Inventory, Lot, Order, OrderLine, Stock, process
from fulfill_core.sourcing import by_rank

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLACES = ("berlin", "lyon")
LOTS = ("", "L-1", "L-2")
_LINE = st.tuples(st.integers(1, 4), st.sampled_from((*LOTS, "L-9")))
_WISHES = st.lists(st.lists(_LINE, min_size=1, max_size=3), min_size=1, max_size=3)
_UNITS = st.lists(st.integers(0, 3), min_size=6, max_size=6)


@settings(max_examples=50)
@given(_WISHES, _UNITS)
def test_lots_are_what_unit_by_unit_comes_to(
    wishes: list[list[tuple[int, str]]], amounts: list[int]
) -> None:
    """In its turn an order gets, line by line, those that ask for a lot first, each unit from the
    first location that has one of it, or of any lot; units without a lot leave first.
    """
    cells = [(place, lot) for place in PLACES for lot in LOTS]
    free = Counter(dict(zip(cells, amounts, strict=True)))
    stock = Inventory(
        [
            Stock(
                sku="mug",
                location=place,
                on_hand=sum(free[place, lot] for lot in LOTS),
                lots=[Lot(id=lot, quantity=free[place, lot]) for lot in LOTS if lot],
            )
            for place in PLACES
        ]
    )
    orders = [
        Order(
            id=f"A-{number}",
            placed_at=NOW + number * timedelta(hours=1),
            customer=Customer(id="C-1"),
            currency="EUR",
            lines=[
                OrderLine(id=str(at), sku="mug", quantity=units, lot=lot)
                for at, (units, lot) in enumerate(lines)
            ],
        )
        for number, lines in enumerate(wishes)
    ]
    result = process(orders, stock, now=NOW, verifiers=(), sourcing=by_rank)
    for order in orders:
        expected: Counter[tuple[str, str, str]] = Counter()
        for line in sorted(order.lines, key=lambda line: not line.lot):
            for _ in range(line.quantity):
                fit = [at for at in cells if free[at] and line.lot in ("", at[1])]
                for place, lot in fit[:1]:
                    free[place, lot] -= 1
                    expected[line.id, place, lot] += 1
        actual: Counter[tuple[str, str, str]] = Counter()
        for row in result[order.id].allocations:
            actual[row.line_id, row.location, row.lot] += row.quantity
        assert actual == expected
        short = {row.line_id: row.quantity for row in result[order.id].shorts}
        for line in order.lines:
            got = sum(units for (line_id, _, _), units in expected.items() if line_id == line.id)
            assert short.get(line.id, 0) == line.quantity - got
