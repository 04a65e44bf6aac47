"""Allocation, held to an oracle that tries out everything.

The oracle knows no shortcut: for each order, in the sequence of the queue, it makes a list of all
ways to give the order units that are there, strikes out those that its way to ship forbids, and
takes the best of the rest. What is best is said in `merit`, in the words of the design.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar

import attrs
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Backorder,
    Customer,
    Decision,
    Inventory,
    Item,
    Location,
    Order,
    OrderLine,
    Reservation,
    Ship,
    ShortReason,
    Stock,
    Supply,
    process,
)

from .stockroom import what_comes

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

T = TypeVar("T")
Shelf: TypeAlias = dict[tuple[str, str], int]
"""Units that can still be given, by SKU and location."""
Plan: TypeAlias = tuple[tuple[int, ...], ...]
"""Units for each line, by line id, from each location, by its rank."""


@attrs.frozen
class Want:
    """A line and what it still needs."""

    line: OrderLine
    units: int


@attrs.frozen
class Answer:
    """What an order gets, as rows that can be compared."""

    taken: tuple[tuple[str, str, int], ...] = ()
    """Line, location, units."""
    pegged: tuple[tuple[str, int, str], ...] = ()
    """Line, units to come, supply."""
    waiting: tuple[tuple[str, int], ...] = ()
    """Line, all units that wait: also those that wait for no supply, or lie there."""
    short: tuple[tuple[str, int, int], ...] = ()
    """Line, units, units that there were: those that it has already, too."""
    resting: tuple[tuple[OrderLine, int], ...] = attrs.field(default=(), eq=False)
    """Line, units of it that are there and that nobody keeps for it."""


# -- The oracle ----------------------------------------------------------------------------------


def oracle(orders: Sequence[Order], inventory: Inventory) -> dict[str, Answer]:
    """What each order gets: the queue is served by deadline, then age, then id."""
    places = [place.id for place in sorted(inventory.locations(), key=lambda at: (at.rank, at.id))]
    counting = [
        held
        for held in inventory.reservations()
        if held.expires_at is None or held.expires_at > NOW
    ]
    shelf = {
        (row.sku, row.location): max(
            0,
            row.on_hand
            - row.safety
            - sum(
                held.quantity
                for held in counting
                if (held.sku, held.location) == (row.sku, row.location)
            ),
        )
        for row in inventory.stock()
    }
    coming = {supply.id: units for supply, units in what_comes(inventory, NOW).items()}
    never = datetime.max.replace(tzinfo=UTC)
    queue = sorted(orders, key=lambda order: (order.deliver_by or never, order.placed_at, order.id))
    answers: dict[str, Answer] = {}
    for rank, order in enumerate(queue):
        later = {other.id for other in queue[rank + 1 :]}
        behind = Counter[str]()
        for row in inventory.stock():
            there = [
                held for held in counting if (held.sku, held.location) == (row.sku, row.location)
            ]
            of_later = sum(held.quantity for held in there if held.order_id in later)
            # What is reserved beyond what may be promised would be free for nobody.
            missing = max(0, sum(held.quantity for held in there) - row.on_hand + row.safety)
            behind[row.sku] += max(0, of_later - missing)
        mine = [held for held in counting if held.order_id == order.id]
        wants = [
            Want(line, missing)
            for line in order.lines
            if inventory.item(line.sku).tracked
            and (
                missing := line.units
                - sum(held.quantity for held in mine if held.line_id == line.id)
            )
            > 0
        ]
        plans = [plan for plan in plans_of(wants, places, shelf) if is_allowed(order, wants, plan)]
        plan = max(plans, key=lambda some: merit(wants, some))
        answers[order.id] = answer(order, wants, plan, places, shelf, inventory, coming, behind)
    counted = Counter[str]()
    for order in queue:
        answers[order.id] = with_claims(answers[order.id], shelf, inventory, coming, counted)
    return answers


def with_claims(
    given: Answer,
    shelf: Shelf,
    inventory: Inventory,
    coming: dict[str, int],
    counted: Counter[str],
) -> Answer:
    """What an order waits for, once all had their turn: what it counted on and is not there, or is
    counted on by others, it claims of what still comes.
    """
    pegged = Counter[tuple[str, str]]()
    for line_id, units, supply_id in given.pegged:
        pegged[line_id, supply_id] += units
    lacking: list[tuple[OrderLine, int]] = []
    for line, units in reversed(given.resting):  # the first lines are those that lack something
        on_shelves = sum(some for (sku, _), some in shelf.items() if sku == line.sku)
        there = min(units, on_shelves - counted[line.sku])
        counted[line.sku] += there
        lacking.insert(0, (line, units - there))
    for line, units in lacking:
        if line.units_each == 1 and inventory.item(line.sku).backorderable:
            for line_id, some, supply_id in pegs_of(line, units, inventory, coming):
                pegged[line_id, supply_id] += some
    in_turn = sorted(inventory.supplies(), key=lambda due: (inventory.due_until(due), due.id))
    lines = dict.fromkeys(line_id for line_id, _ in given.waiting)
    rows = [
        (line_id, pegged[line_id, supply.id], supply.id)
        for line_id in lines
        for supply in in_turn
        if pegged[line_id, supply.id]
    ]
    return attrs.evolve(given, pegged=tuple(rows))


def plans_of(
    wants: Sequence[Want], places: Sequence[str], shelf: Mapping[tuple[str, str], int]
) -> Iterator[Plan]:
    """All ways to give the lines units that are there, none more than it needs."""
    if not wants:
        yield ()
        return
    first, rest = wants[0], wants[1:]
    there = [shelf.get((first.line.sku, place), 0) for place in places]
    for takes in itertools.product(*(range(units + 1) for units in there)):
        if sum(takes) <= first.units:
            left = dict(shelf)
            for place, units in zip(places, takes, strict=True):
                left[first.line.sku, place] = left.get((first.line.sku, place), 0) - units
            for others in plans_of(rest, places, left):
                yield (takes, *others)


def is_allowed(order: Order, wants: Sequence[Want], plan: Plan) -> bool:
    """A box comes from one place, and so does what fills up one that was begun; LINES gives a line
    all or nothing; COMPLETE all of them or nothing.
    """
    got = [sum(takes) for takes in plan]
    needed = [want.units for want in wants]
    for want, takes, units in zip(wants, plan, got, strict=True):
        each = want.line.units_each
        parts = [part % each for part in takes if part % each]
        if parts not in ([], [want.units % each]):
            return False
        if order.ship is Ship.LINES and units not in (0, want.units):
            return False
    return order.ship is not Ship.COMPLETE or not any(got) or got == needed


def merit(wants: Sequence[Want], plan: Plan) -> tuple[object, ...]:
    """The higher, the better.

    Best is all that is needed from one location, from the first that has it. Otherwise the first
    line gets as many units as can be, as many of them as can be from the first location, then from
    the second, and so on; then the second line, and so on.
    """
    is_whole = [sum(takes) for takes in plan] == [want.units for want in wants]
    used = {at for takes in plan for at, units in enumerate(takes) if units}
    if is_whole and len(used) == 1:
        return True, -min(used)
    # Boxes come before single units, which would break them.
    lines = sorted(zip(wants, plan, strict=True), key=lambda two: -two[0].line.units_each)
    return False, 0, *((is_filled(want, takes), sum(takes), takes) for want, takes in lines)


def is_filled(want: Want, takes: Sequence[int]) -> bool:
    """Whether a box that was begun is filled up: that comes before further boxes."""
    rest = want.units % want.line.units_each
    return not rest or rest in [part % want.line.units_each for part in takes]


def in_boxes(wants: Sequence[Want], sku: str, units: int) -> int:
    """How many of so many units, at one place, are of use: all lines of a SKU may want boxes."""
    of_sku = [want for want in wants if want.line.sku == sku]
    sizes = {want.line.units_each for want in of_sku}
    if len(sizes) > 1:
        return units
    (each,) = sizes
    loose = units % each
    whole = units - loose
    for want in of_sku:
        rest = want.units % each
        if rest <= loose:
            loose, whole = loose - rest, whole + rest
    return whole


def answer(
    order: Order,
    wants: Sequence[Want],
    plan: Plan,
    places: Sequence[str],
    shelf: Shelf,
    inventory: Inventory,
    coming: dict[str, int],
    behind: Counter[str],
) -> Answer:
    """Carry the plan out, and say what becomes of the rest."""
    taken: list[tuple[str, str, int]] = []
    pegged: list[tuple[str, int, str]] = []
    waiting: list[tuple[str, int]] = []
    short: list[tuple[str, int, int]] = []
    resting: list[tuple[OrderLine, int]] = []
    needed: dict[str, int] = {}
    for want in wants:
        needed[want.line.sku] = needed.get(want.line.sku, 0) + want.units
    of_use = {
        sku: sum(in_boxes(wants, sku, shelf.get((sku, at), 0)) for at in places) for sku in needed
    }
    lacking = {sku for sku, units in needed.items() if of_use[sku] < units}
    waits = order.ship is Ship.COMPLETE and any(
        sum(takes) < want.units for want, takes in zip(wants, plan, strict=True)
    )
    # What later orders hold is not missing: they may have taken it while this one waited, and the
    # next run must not turn down what this one told to wait.
    missing_for_good = {
        sku
        for sku, units in needed.items()
        if of_use[sku] + in_boxes(wants, sku, behind[sku]) < units
        and not inventory.item(sku).backorderable
    }
    if not any(
        of_use[sku] + in_boxes(wants, sku, behind[sku]) < units for sku, units in needed.items()
    ):
        # All is there; where nothing of it is lacking, single units broke the boxes.
        suspects = lacking or set(needed)
        missing_for_good = {sku for sku in suspects if not inventory.item(sku).backorderable}
        behind = Counter()
    # What an order that ships complete lacks, its first lines lack.
    gaps = {
        sku: max(0, units - in_boxes(wants, sku, behind[sku]) - of_use[sku])
        for sku, units in needed.items()
    }
    in_vain = waits and bool(missing_for_good)
    units_there: dict[str, int] = {}
    for want, takes in sorted(
        zip(wants, plan, strict=True), key=lambda two: -two[0].line.units_each
    ):
        sku = want.line.sku
        units_there[want.line.id] = sum(shelf.get((sku, place), 0) for place in places)
        for place, units in zip(places, takes, strict=True):
            if units:
                shelf[sku, place] -= units
    for want, takes in zip(wants, plan, strict=True):
        line = want.line
        there = units_there[line.id]
        for place, units in zip(places, takes, strict=True):
            if units:
                taken.append((line.id, place, units))
        missing = want.units - sum(takes)
        if not missing:
            continue
        if in_vain or not (waits or inventory.item(line.sku).backorderable):
            short.append((line.id, missing, line.units - want.units + there))
            continue
        there = max(0, missing - gaps[line.sku]) if waits else 0
        gaps[line.sku] -= missing - there
        resting += [(line, there)] if there else []
        waiting.append((line.id, missing))
        pegged += pegs_of(line, missing - there, inventory, coming)
    return Answer(tuple(taken), tuple(pegged), tuple(waiting), tuple(short), tuple(resting))


def pegs_of(
    line: OrderLine, missing: int, inventory: Inventory, coming: dict[str, int]
) -> list[tuple[str, int, str]]:
    """What is missing waits for the earliest supplies."""
    pegs: list[tuple[str, int, str]] = []
    for supply in sorted(inventory.supplies(), key=lambda due: (inventory.due_until(due), due.id)):
        units = min(missing, coming[supply.id]) if supply.sku == line.sku else 0
        if units:
            coming[supply.id] -= units
            missing -= units
            pegs.append((line.id, units, supply.id))
    return pegs


# -- Small cases ---------------------------------------------------------------------------------

SKUS = ("cup", "mug", "pot")
_LINE = st.tuples(
    st.sampled_from((*SKUS, *SKUS, *SKUS, "ghost")),
    st.integers(1, 3),
    st.sampled_from((1, 1, 1, 2)),
)
_ORDER = st.tuples(
    st.lists(_LINE, min_size=1, max_size=3),
    st.sampled_from(Ship),
    st.sampled_from((None, 1, 2)),
    st.integers(1, 2),
)
_CELL = st.sampled_from((0, 0, 1, 1, 2, 2, 3))


def _some(values: Sequence[T]) -> st.SearchStrategy[list[T]]:
    """At most two of the values; none if there are none."""
    return st.lists(st.sampled_from(values), max_size=2) if values else st.just([])


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Order], Inventory]:
    """At most 3 orders of at most 3 lines, 3 SKUs at 3 locations, some units of them held."""
    orders = [
        Order(
            id=f"A-{number}",
            placed_at=NOW - age * timedelta(hours=1),
            customer=Customer(id="C-1"),
            currency="EUR",
            lines=[
                OrderLine(id=str(at), sku=sku, quantity=quantity, units_each=pack)
                for at, (sku, quantity, pack) in enumerate(lines)
            ],
            ship=ship,
            deliver_by=None if days is None else NOW + days * timedelta(days=1),
        )
        for number, (lines, ship, days, age) in enumerate(
            draw(st.lists(_ORDER, min_size=1, max_size=3))
        )
    ]
    places = [
        Location(id=name, rank=draw(st.integers(0, 1))) for name in ("berlin", "lyon", "turin")
    ]
    stock = [
        Stock(sku=sku, location=place.id, on_hand=draw(_CELL), safety=safety)
        for sku in SKUS
        for place, safety in zip(places, (0, 0, 1), strict=True)
    ]
    holders = [
        (order.id, line.id, row)
        for order in orders
        for line in order.lines
        for row in stock
        if row.sku == line.sku
    ]
    reservations = [
        Reservation(
            order_id=order_id,
            line_id=line_id,
            sku=row.sku,
            location=row.location,
            quantity=1,
            expires_at=draw(st.sampled_from((None, NOW, LATER))),
        )
        for order_id, line_id, row in draw(_some(holders))
    ]
    supplies = [
        Supply(id=f"{sku}-{number}", sku=sku, quantity=units, expected_at=LATER)
        for sku, quantities in zip(
            SKUS, draw(st.tuples(*[st.lists(st.integers(1, 3), max_size=2)] * 3)), strict=True
        )
        for number, units in enumerate(quantities)
    ]
    items = [Item(sku=sku, backorderable=draw(st.booleans())) for sku in SKUS]
    return orders, Inventory(stock, supplies, items, places, reservations)


def summed(rows: Sequence[Backorder]) -> Counter[str]:
    """The units of all rows, by line."""
    units: Counter[str] = Counter()
    for row in rows:
        units[row.line_id] += row.quantity
    return units


def as_answer(decision: Decision) -> Answer:
    """The rows of a decision that the oracle speaks of: it knows of nothing reserved in vain."""
    in_vain = Counter[str]()
    for row in decision.shorts:
        in_vain[row.line_id] += row.quantity * (row.reason is ShortReason.RESERVED_UNUSABLE)
    return Answer(
        tuple((row.line_id, row.location, row.quantity) for row in decision.allocations),
        tuple(
            (row.line_id, row.quantity - row.on_hand, row.supply_id)
            for row in decision.backorders
            if row.supply_id
        ),
        tuple(sorted(summed(decision.backorders).items())),
        tuple(
            (row.line_id, row.quantity, row.available + in_vain[row.line_id])
            for row in decision.shorts
            if row.reason is not ShortReason.RESERVED_UNUSABLE
        ),
    )


@given(cases())
def test_allocation_is_the_best_of_all(case: tuple[list[Order], Inventory]) -> None:
    """Of all ways to give an order, in its turn, what those before it left, it gets the best: whole
    from the first location that has everything, or else line by line as much as is there, by rank
    of the location; within what its way to ship allows. The rest waits for the earliest supply
    that has units left, or is short.
    """
    orders, inventory = case
    result = process(orders, inventory, now=NOW, verifiers=())
    actual = {decision.id: as_answer(decision) for decision in result.decisions}
    assert actual == oracle(orders, inventory)


@given(cases())
def test_shorts_say_why(case: tuple[list[Order], Inventory]) -> None:
    """A short names the reason: the SKU is not known; or all units that there were went to the
    line; or some were there, and the line or the order had to be whole. That a location was left
    out is never the reason when the sourcing policy leaves none out.
    """
    orders, inventory = case
    for decision in process(orders, inventory, now=NOW, verifiers=()).decisions:
        units = {line.id: line.units for line in decision.order.lines}
        for row in decision.shorts:
            assert row.requested == units[row.line_id]
            assert row.reason is not ShortReason.NOT_SOURCED
            is_unknown = not inventory.is_known(row.sku)
            assert (row.reason is ShortReason.UNKNOWN_SKU) == is_unknown
            if row.reason is not ShortReason.OUT_OF_STOCK:
                continue
            if decision.order.ship is Ship.COMPLETE:
                needed = sum(line.units for line in decision.order.lines if line.sku == row.sku)
                assert row.available < needed
            else:
                rows = (*decision.allocations, *decision.reserved)
                got = sum(each.quantity for each in rows if each.line_id == row.line_id)
                assert row.available == got


def test_split_takes_what_remains() -> None:
    """A split takes what remains, not what was asked for: 13 over (10, 15) is 10 + 3, when the
    second location alone could not have served the order either.
    """
    order = Order(
        id="A-1",
        placed_at=NOW,
        customer=Customer(id="C-1"),
        currency="EUR",
        lines=[
            OrderLine(id="1", sku="mug", quantity=13),
            OrderLine(id="2", sku="cup", quantity=1),
        ],
    )
    inventory = Inventory.of({("mug", "berlin"): 10, ("mug", "lyon"): 15, ("cup", "berlin"): 1})
    [decision] = process([order], inventory, now=NOW, verifiers=()).decisions
    assert as_answer(decision) == Answer(
        taken=(("1", "berlin", 10), ("1", "lyon", 3), ("2", "berlin", 1))
    )
