"""Paths on which one thing has many: lines, lots, reservations, supplies; and how each grows.

A path is made at a size and then run; what it answers is known beforehand, so that a path which
grows slowly since it does less is noticed.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import attrs
import stock_paths
from workload import NOW

from fulfill_core import (
    Customer,
    Fence,
    Inventory,
    Item,
    Lot,
    Order,
    OrderLine,
    OrderRecord,
    Payment,
    Reservation,
    Ship,
    Stock,
    Supply,
    explain,
    hold,
    process,
)
from fulfill_core.inventory import ParcelLine
from fulfill_core.lifecycle import (
    Authorized,
    Cancelled,
    Captured,
    Event,
    ReturnReceived,
    ReturnRequested,
    Shipped,
    Tracked,
    advance,
)
from fulfill_core.reallocation import Reallocation

DAY = timedelta(days=1)
_CUSTOMER = Customer(id="C-1")
_MUG, _BERLIN = "mug", "berlin"


class Path(NamedTuple):
    """A path of the library on which one thing has many.

    Args:
        name: what is done.
        make: makes it at a size; gives what is to be run and measured.
        sizes: three sizes, each twice the one before.
        bar: the most that the exponent of the last doubling may be.
        answer: what a run of it answers, by size.
    """

    name: str
    make: Callable[[int], Callable[[], int]]
    sizes: tuple[int, int, int]
    bar: float = 1.2
    answer: Callable[[int], int] = lambda size: size


def doubled(last: int) -> tuple[int, int, int]:
    """Three sizes up to this one, each twice the one before."""
    return last // 4, last // 2, last


def _order(
    name: str, lines: int = 1, quantity: int = 1, due: int = 10, sku: str = "", price: int = 0
) -> Order:
    """An order of mugs, or of a SKU of its own for each line."""
    return Order(
        id=name,
        placed_at=NOW - DAY,
        customer=_CUSTOMER,
        currency="EUR",
        lines=[
            OrderLine(
                id=f"{line:06}",
                sku=sku or f"sku-{line:06}",
                quantity=quantity,
                unit_price=Decimal(price),
            )
            for line in range(lines)
        ],
        deliver_by=NOW + due * DAY,
    )


def _orders(size: int, name: str = "order", due: int = 10) -> list[Order]:
    return [_order(f"{name}-{number:06}", due=due, sku=_MUG) for number in range(size)]


def _lots(size: int, units: int = 1) -> Inventory:
    """So many lots of mugs, such as serial numbers, at one location."""
    lots = [
        Lot(id=f"lot-{number:06}", quantity=units, expires_at=NOW + 365 * DAY)
        for number in range(size)
    ]
    row = Stock(sku=_MUG, location=_BERLIN, on_hand=size * units, lots=lots)
    return Inventory(stock=[row])


def _reserved_for_lines(size: int) -> Inventory:
    """One order has a unit reserved for each of its lines."""
    order = _order("A-1", size)
    stock = Inventory.of({(line.sku, _BERLIN): 2 for line in order.lines})
    return process([order], stock, now=NOW, verifiers=()).inventory


# -- Explanations ------------------------------------------------------------------------------


def _explain_lines(size: int) -> Callable[[], int]:
    order = _order("A-1", size, quantity=2)
    stock = Inventory.of({(line.sku, _BERLIN): 1 for line in order.lines})
    result = process([order], stock, now=NOW, verifiers=())
    return lambda: sum([" 1 from berlin" in line for line in explain(result, "A-1").sentences])


def _explain_in_batch(size: int) -> Callable[[], int]:
    stock = Inventory.of({(_MUG, _BERLIN): size - 1})
    result = process(_orders(size), stock, now=NOW, verifiers=())
    last = result.decisions[-1].id
    return lambda: len(explain(result, last).ahead)


def _explain_each(size: int) -> Callable[[], int]:
    orders = _orders(size)
    result = process(orders, Inventory.of({(_MUG, _BERLIN): size // 2}), now=NOW, verifiers=())

    def run() -> int:
        fresh = attrs.evolve(result)  # nobody has asked it for anything
        return sum(["Line 000000" in str(explain(fresh, order.id)) for order in orders])

    return run


# -- Units leave, or are freed -----------------------------------------------------------------


def _ship_lines(size: int) -> Callable[[], int]:
    stock = _reserved_for_lines(size)

    def run() -> int:
        after = stock
        for line in range(size):
            after = after.with_shipped("A-1", f"{line:06}", 1, location=_BERLIN)
        return size - len(after.reservations_of("A-1"))

    return run


def _release_lines(size: int) -> Callable[[], int]:
    stock = _reserved_for_lines(size)

    def run() -> int:
        after = stock
        for line in range(size):
            after = after.with_released("A-1", f"{line:06}", 1)
        return size - len(after.reservations_of("A-1"))

    return run


def _line_by_line(
    call: Callable[[Inventory, OrderLine], Inventory], *, is_reserved: bool = True
) -> Callable[[int], Callable[[], int]]:
    """A call for each line of an order that has a unit of each reserved, or nothing yet."""

    def make(size: int) -> Callable[[], int]:
        lines = _order("A-1", size).lines
        stock = _reserved_for_lines(size)
        start = stock if is_reserved else stock.without_reservations_of("A-1")

        def run() -> int:
            after = start
            for line in lines:
                after = call(after, line)
            return len(set(after.reservations_of("A-1")) - set(start.reservations_of("A-1")))

        return run

    return make


def _moved(stock: Inventory, line: OrderLine) -> Inventory:
    return stock.with_reservation_moved("A-1", line.id, 1, source=_BERLIN, target="paris")


def _renewed(stock: Inventory, line: OrderLine) -> Inventory:
    return stock.with_renewed("A-1", now=NOW, expires_at=NOW + DAY, line_id=line.id)


def _put_into_cart(stock: Inventory, line: OrderLine) -> Inventory:
    return stock.with_reserved_quantity("A-1", line.id, line.sku, 1, now=NOW, expires_at=NOW + DAY)


def _reserve_for_carts(size: int) -> Callable[[], int]:
    """Carts of one SKU, which expire one after the other; and all of them are given up again."""

    def run() -> int:
        stock = Inventory.of({(_MUG, _BERLIN): size})
        instants = [NOW + number * timedelta(seconds=1) for number in range(size)]
        for number, now in enumerate(instants):
            stock = stock.with_available_reserved(
                f"A-{number:06}", "1", _MUG, 1, now=now, expires_at=now + DAY
            )
        units = stock.reserved(_MUG)
        for number in range(size):
            stock = stock.without_reservations_of(f"A-{number:06}")
        return units - stock.reserved(_MUG)

    return run


def _ship_lots_by_order(size: int) -> Callable[[], int]:
    orders = _orders(size)
    stock = process(orders, _lots(size), now=NOW, verifiers=()).inventory

    def run() -> int:
        after = stock
        for order in orders:
            after = after.with_shipped(order.id, "000000", 1, location=_BERLIN)
        return size - after.on_hand(_MUG)

    return run


def _count_lots(size: int) -> Callable[[], int]:
    stock = _lots(size)

    def run() -> int:
        after = stock
        for number in range(size):
            after = after.with_counted(_MUG, _BERLIN, 2, lot=f"lot-{number:06}")
        return after.on_hand(_MUG) - size

    return run


def _ship_parcel(size: int) -> Callable[[], int]:
    stock = _reserved_for_lines(size)
    parcel = [ParcelLine(line_id=f"{line:06}", quantity=1) for line in range(size)]

    def run() -> int:
        after = stock.with_parcel_shipped("A-1", parcel, location=_BERLIN)
        return size - len(after.reservations_of("A-1"))

    return run


def _ship_lots(size: int) -> Callable[[], int]:
    order = _order("A-1", quantity=size, sku=_MUG)
    stock = process([order], _lots(size), now=NOW, verifiers=()).inventory

    def run() -> int:
        after = stock.with_shipped("A-1", "000000", size, location=_BERLIN)
        return size - after.on_hand(_MUG)

    return run


# -- Steps -------------------------------------------------------------------------------------


_CONTENTS: dict[type[Event], dict[str, str]] = {
    Cancelled: {},
    ReturnReceived: {"ref": "r1", "location": _BERLIN},
    ReturnRequested: {"ref": "r1"},
    Shipped: {"parcel": "p1", "location": _BERLIN},
}


def _advance(counter: str, *kinds: type[Any]) -> Callable[[int], Callable[[], int]]:
    """The last of these events, after the others; each is about a unit of each line of an order.

    Args:
        counter: what of all lines is one more after it.
        kinds: which events.
    """

    def make(size: int) -> Callable[[], int]:
        record, stock = OrderRecord(order=_order("A-1", size)), _reserved_for_lines(size)
        about: dict[str, Any] = {
            "order_id": record.id,
            "at": NOW,
            "lines": {line.id: 1 for line in record.order.lines},
        }
        *earlier, event = [kind(id=kind.__name__, **about, **_CONTENTS[kind]) for kind in kinds]
        for each in earlier:
            step = advance(record, each, stock, now=NOW)
            record, stock = step.record, step.inventory

        def run() -> int:
            step = advance(record, event, stock, now=NOW)
            assert len(step.notifications[0].lines) == size
            return sum([getattr(each, counter) for each in step.record.progress])

        return run

    return make


def _one_by_one(
    event_of: Callable[[int, dict[str, Any]], Event],
    answer_of: Callable[[OrderRecord], int],
    *,
    has_left: bool = False,
    has_parcels: bool = False,
) -> Callable[[int], Callable[[], int]]:
    """An event for each line of an order, one after the other.

    Args:
        event_of: the event of a line, by its number.
        answer_of: what of the record they come to.
        has_left: whether all lines have left in one parcel before.
        has_parcels: whether each of them has left in one of its own.
    """

    def about(number: int) -> dict[str, Any]:
        at = NOW + number * timedelta(seconds=1)
        return {"id": f"e{number:06}", "order_id": "A-1", "at": at}

    def make(size: int) -> Callable[[], int]:
        order = attrs.evolve(
            _order("A-1", size, price=2),
            payments=[Payment(id="card", amount=Decimal(2 * size), authorized_at=NOW)],
        )
        record, stock = OrderRecord(order=order), _reserved_for_lines(size)
        earlier: list[Event] = []
        if has_left:
            units = dict.fromkeys([line.id for line in order.lines], 1)
            earlier.append(
                Shipped(
                    id="all", order_id="A-1", at=NOW, parcel="all", location=_BERLIN, lines=units
                )
            )
        elif has_parcels:
            earlier += [_parcel_of(number, about(size + number)) for number in range(size)]
        for each in earlier:
            step = advance(record, each, stock, now=NOW)
            record, stock = step.record, step.inventory

        def run() -> int:
            after, rest = record, stock
            for number in range(size):
                step = advance(after, event_of(number, about(number)), rest, now=NOW)
                after, rest = step.record, step.inventory
            return answer_of(after)

        return run

    return make


def _parcel_of(number: int, about: dict[str, Any]) -> Shipped:
    """The parcel of a line."""
    units = {f"{number:06}": 1}
    return Shipped(parcel=f"p{number:06}", location=_BERLIN, lines=units, **about)


def _cancelled_line(number: int, about: dict[str, Any]) -> Cancelled:
    return Cancelled(lines={f"{number:06}": 1}, **about)


def _line_back(number: int, about: dict[str, Any]) -> ReturnReceived:
    return ReturnReceived(ref=f"r{number:06}", location=_BERLIN, lines={f"{number:06}": 1}, **about)


def _line_to_come_back(number: int, about: dict[str, Any]) -> ReturnRequested:
    return ReturnRequested(ref=f"r{number:06}", lines={f"{number:06}": 1}, **about)


def _scan(number: int, about: dict[str, Any]) -> Tracked:
    return Tracked(parcel="all", stage="in_transit", tracking=f"T{number}", **about)


def _scan_of_each(number: int, about: dict[str, Any]) -> Tracked:
    return Tracked(parcel=f"p{number:06}", stage="out_for_delivery", **about)


def _capture(number: int, about: dict[str, Any]) -> Captured:
    return Captured(payment="card", amount=Decimal(2), ref=f"c{number:06}", **about)


def _payment(number: int, about: dict[str, Any]) -> Authorized:
    return Authorized(payment=f"card-{number:06}", amount=Decimal(2), **about)


def _all_of(counter: str) -> Callable[[OrderRecord], int]:
    return lambda record: sum([getattr(each, counter) for each in record.progress])


def _scans(record: OrderRecord) -> int:
    """The events of a record that were no parcel."""
    return len(record.history.applied) - len(record.history.parcels)


def _captures(record: OrderRecord) -> int:
    return int(sum([each.captured for each in record.order.payments])) // 2


def _payments(record: OrderRecord) -> int:
    return len(record.order.payments) - 1


# -- What hosts record -------------------------------------------------------------------------


def _change_expiring(size: int) -> Callable[[], int]:
    stock = Inventory.of({(_MUG, _BERLIN): size})
    reservations = [
        Reservation(
            order_id=f"A-{number:06}",
            line_id="1",
            sku=_MUG,
            location=_BERLIN,
            quantity=1,
            expires_at=NOW + number * timedelta(seconds=1) + DAY,
        )
        for number in range(size)
    ]
    changes = stock.with_reserved(*reservations).changes_since(stock)
    return lambda: stock.with_changes(changes, now=NOW).reserved(_MUG)


def _approve(size: int) -> Callable[[], int]:
    record = OrderRecord(order=_order("A-1"))

    def run() -> int:
        approved = record
        for number in range(size):
            finding = hold("shop.check", detail=f"look at {number}")
            approved = approved.approved([finding], by="Grace", at=NOW)
        return len(approved.approvals)

    return run


def _receive_lots(size: int) -> Callable[[], int]:
    def run() -> int:
        stock = Inventory.of({(_MUG, _BERLIN): 0})
        for number in range(size):
            stock = stock.with_received(_MUG, _BERLIN, 1, lot=f"lot-{number:06}")
        return stock.on_hand(_MUG)

    return run


# -- Runs --------------------------------------------------------------------------------------


def _allocate_lots(size: int) -> Callable[[], int]:
    orders, stock = _orders(size), _lots(size)
    return lambda: len(process(orders, stock, now=NOW, verifiers=()).reservations)


def _allocate_by_life(size: int) -> Callable[[], int]:
    """Each lot ends on another day, and each customer asks for another life of lots."""
    lots = [
        Lot(id=f"lot-{number:06}", quantity=1, expires_at=NOW + (60 + number) * DAY)
        for number in range(size)
    ]
    stock = Inventory(stock=[Stock(sku=_MUG, location=_BERLIN, on_hand=size, lots=lots)])
    orders = [
        attrs.evolve(order, customer=Customer(id="C-1", minimum_life=(30 + number // 2) * DAY))
        for number, order in enumerate(_orders(size))
    ]
    return lambda: len(process(orders, stock, now=NOW, verifiers=()).reservations)


def _wait_beside(size: int, later: timedelta) -> Callable[[], int]:
    """Between orders that have their lot, others wait that ship complete and never can."""
    orders = [
        each
        for order in _orders(size)
        for each in (
            order,
            attrs.evolve(
                _order(f"{order.id}-whole", quantity=size + 1, sku=_MUG), ship=Ship.COMPLETE
            ),
        )
    ]
    stock = process(orders, _lots(size), now=NOW, verifiers=()).inventory
    return lambda: sum(
        [
            len(decision.shorts)
            for decision in process(orders, stock, now=NOW + later, verifiers=()).decisions
        ]
    )


def _wait_an_hour(size: int) -> Callable[[], int]:
    return _wait_beside(size, timedelta(hours=1))


def _run_again_at_once(size: int) -> Callable[[], int]:
    return _wait_beside(size, timedelta(0))


def _await_supplies(
    size: int, fence_units: int = 5, first_day: timedelta = DAY, *, is_open: bool = False
) -> Callable[[], int]:
    supplies = [
        Supply(
            id=f"PO-{number:06}",
            sku=_MUG,
            quantity=1,
            expected_at=NOW + first_day + number * timedelta(minutes=1),
            location=_BERLIN,
        )
        for number in range(size)
    ]
    fences = [Fence(quantity=fence_units, tiers=["gold"])]  # the first ones are kept for others
    item = Item(sku=_MUG, backorderable=True, backorder_cap=size, fences=fences)
    stock = Inventory(
        stock=[Stock(sku=_MUG, location=_BERLIN, on_hand=0)], items=[item], supplies=supplies
    )
    orders = _orders(size)
    return lambda: sum(
        [
            row.quantity
            for decision in process(orders, stock, now=NOW, verifiers=()).decisions
            for row in decision.backorders
            if bool(row.supply_id) is not is_open
        ]
    )


def _await_beyond_fence(size: int) -> Callable[[], int]:
    return _await_supplies(size, size // 2)


def _await_overdue(size: int) -> Callable[[], int]:
    return _await_supplies(size, 5, -400 * DAY, is_open=True)


def _retake(stock: Inventory, losers: list[Order], takers: list[Order]) -> Callable[[], int]:
    before = process(losers, stock, now=NOW - DAY, verifiers=()).inventory
    orders = [*losers, *takers]

    def run() -> int:
        result = process(orders, before, now=NOW, verifiers=(), reallocation=Reallocation())
        return sum([loss.quantity for loss in result.losses])

    return run


def _retake_serials(size: int) -> Callable[[], int]:
    return _retake(_lots(size), _orders(size, "late"), _orders(size, "early", 2))


def _retake_locations(size: int) -> Callable[[], int]:
    stock = Inventory.of({(_MUG, f"place-{number:06}"): 1 for number in range(size)})
    return _retake(stock, _orders(size, "late"), _orders(size, "early", 2))


def _retake_from_one(size: int) -> Callable[[], int]:
    loser = _order("late", size)
    takers = [_order(f"early-{line.id}", due=2, sku=line.sku) for line in loser.lines]
    stock = Inventory.of({(line.sku, _BERLIN): 1 for line in loser.lines})
    return _retake(stock, [loser], takers)


def _but(units: int) -> Callable[[int], int]:
    return lambda size: max(0, size - units)


def _half(size: int) -> int:
    return size - size // 2


PATHS = (
    Path("explain: n lines", _explain_lines, doubled(4_000)),
    Path("explain: last of n orders", _explain_in_batch, doubled(16_000), answer=_but(1)),
    Path("explain: each of n orders", _explain_each, doubled(4_000)),
    Path("with_shipped, by line", _ship_lines, doubled(2_000), 1.5),
    Path("with_released, by line", _release_lines, doubled(2_000), 1.5),
    Path("with_reservation_moved, line", _line_by_line(_moved), doubled(2_000), 1.5),
    Path("with_renewed, by line", _line_by_line(_renewed), doubled(2_000), 1.5),
    Path(
        "with_reserved_quantity, line",
        _line_by_line(_put_into_cart, is_reserved=False),
        doubled(2_000),
        1.5,
    ),
    Path("n carts come and go", _reserve_for_carts, doubled(2_000), 1.5),
    Path("with_parcel_shipped, lines", _ship_parcel, doubled(8_000)),
    Path("with_shipped, n lots", _ship_lots, doubled(8_000)),
    Path("with_shipped, lot by lot", _ship_lots_by_order, doubled(2_000), 1.5),
    Path("Shipped, n lines", _advance("shipped", Shipped), doubled(4_000)),
    Path(
        "ReturnRequested, n lines",
        _advance("return_requested", Shipped, ReturnRequested),
        doubled(4_000),
    ),
    Path(
        "ReturnReceived, n lines",
        _advance("returned", Shipped, ReturnRequested, ReturnReceived),
        doubled(4_000),
    ),
    Path("Cancelled, n lines", _advance("cancelled", Cancelled), doubled(4_000)),
    Path("Shipped, line by line", _one_by_one(_parcel_of, _all_of("shipped")), doubled(2_000), 1.5),
    Path(
        "Cancelled, line by line",
        _one_by_one(_cancelled_line, _all_of("cancelled")),
        doubled(2_000),
        1.5,
    ),
    Path(
        "ReturnRequested, line by line",
        _one_by_one(_line_to_come_back, _all_of("return_requested"), has_left=True),
        doubled(2_000),
        1.5,
    ),
    Path(
        "ReturnReceived, line by line",
        _one_by_one(_line_back, _all_of("returned"), has_left=True),
        doubled(2_000),
        1.5,
    ),
    Path("Tracked, n scans", _one_by_one(_scan, _scans, has_left=True), doubled(2_000), 1.5),
    Path(
        "Tracked, n parcels",
        _one_by_one(_scan_of_each, _scans, has_parcels=True),
        doubled(2_000),
        1.5,
    ),
    Path(
        "Captured, n of a payment",
        _one_by_one(_capture, _captures, has_left=True),
        doubled(2_000),
        1.5,
    ),
    Path("Authorized, n payments", _one_by_one(_payment, _payments), doubled(200), 1.5),
    Path("with_changes, n expiring", _change_expiring, doubled(8_000)),
    Path("n approvals, one by one", _approve, doubled(2_000), 1.5),
    Path("n new lots, one by one", _receive_lots, doubled(2_000), 1.5),
    Path("with_counted, n lots", _count_lots, doubled(2_000), 1.5),
    Path("n lots, reserved one by one", stock_paths.reserve_lots, doubled(2_000), 1.5),
    Path("with_transferred, lot by lot", stock_paths.transfer_lots, doubled(2_000), 1.5),
    Path("n claims, order by order", stock_paths.claim_by_order, doubled(2_000), 1.5),
    Path("n claims, line by line", stock_paths.claim_by_line, doubled(2_000), 1.5),
    Path("n lots come in, claimed", stock_paths.receive_by_unit, doubled(2_000), 1.5),
    Path("n supplies come in, claimed", stock_paths.receive_supplies, doubled(2_000), 1.5),
    Path("n locations, one by one", stock_paths.serve_by_location, doubled(2_000), 1.5),
    Path("n orders, a lot each", stock_paths.allocate_named_lots, doubled(4_000)),
    Path("n orders, of single lots", stock_paths.allocate_single_lots, doubled(4_000)),
    Path("n orders on n lots", _allocate_lots, doubled(8_000)),
    Path("n orders, lives, lots", _allocate_by_life, doubled(4_000)),
    Path("n wait beside n lots", _wait_an_hour, doubled(4_000)),
    Path("the same, again at once", _run_again_at_once, doubled(4_000)),
    Path("n supplies, fence and cap", _await_supplies, doubled(4_000), answer=_but(5)),
    Path("n supplies, half for others", _await_beyond_fence, doubled(4_000), answer=_half),
    Path("n overdue supplies, fence", _await_overdue, doubled(4_000)),
    Path("retake n serial numbers", _retake_serials, doubled(2_000)),
    Path("retake at n locations", _retake_locations, doubled(800)),
    Path("retake n units of one", _retake_from_one, doubled(4_000)),
)


class Growth(NamedTuple):
    """What a path costs at its sizes.

    Args:
        path: which.
        seconds: CPU seconds at each size, the best of some runs.
        exponent: by which power of the size it grew over the last doubling.
    """

    path: Path
    seconds: list[float]
    exponent: float


def grown(path: Path, sizes: Iterable[int], repeats: int) -> Growth:
    """A path measured at these sizes; an error if it answers something else than it has to."""
    times: list[float] = []
    for size in sizes:
        run = path.make(size)
        best = math.inf
        for _ in range(repeats):
            gc.collect()
            start = time.process_time()
            answer = run()
            best = min(best, time.process_time() - start)
            if answer != path.answer(size):
                problem = f"answers {answer}, and not {path.answer(size)}"
                raise AssertionError(f"{path.name}, size {size}: {problem}")
        times.append(best)
    return Growth(path, times, math.log2(times[-1] / times[-2]))


def growth_of(number: int, repeats: int) -> tuple[list[float], float]:
    """The seconds and the exponent of the path of that number, at its own sizes."""
    path = PATHS[number]
    _, times, exponent = grown(path, path.sizes, repeats)
    return times, exponent
