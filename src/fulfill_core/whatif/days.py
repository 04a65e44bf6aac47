"""`compare_days`: the same weeks under several settings, day by day.

One run says who gets what today. Whether a policy lets some wait for ever shows over weeks: orders
arrive, supplies come in, parcels leave, and what one day leaves over is what the next begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision, open_by_line
from fulfill_core.decisions.lines import Allocation
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.exceptions import StockError, by_number
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.stock import Reservation
from fulfill_core.lifecycle import ship
from fulfill_core.orders.dates import first_deadline
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.run import process
from fulfill_core.pipeline.settings import Settings
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.whatif import page, tables
from fulfill_core.whatif.comparison import to_settings

_TENTH = Decimal("0.1")
_NO_TIME = timedelta(0)
_NEVER = datetime.min.replace(tzinfo=UTC)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Day:
    """How things stand at the end of a day.

    Args:
        at: when the run of the day was made.
        orders: how many orders had come in by then.
        orders_whole: how many of them had left as a whole.
        orders_open: of how many something is still to leave; who is rejected is not among them.
        orders_late: how many of those are beyond their deadline.
        units_shipped: how many units had left.
        parcels: in how many parcels.
        messages: how many messages were told.

    All but those that are open, or late, count from the first day on.

    >>> from datetime import timezone
    >>> Day(at=datetime(2026, 3, 2, tzinfo=timezone.utc), orders=3, orders_open=1).orders_whole
    0
    """

    at: datetime
    orders: int = 0
    orders_whole: int = 0
    orders_open: int = 0
    orders_late: int = 0
    units_shipped: int = 0
    parcels: int = 0
    messages: int = 0


@attrs.frozen(kw_only=True, weakref_slot=False)
class Wait:
    """How long the orders of a tier waited until all of them had left.

    Args:
        tier: of the customers.
        orders: how many left as a whole.
        total: how long they waited together, from when they were placed.
        orders_open: how many wait still.
        longest: how long the one waited that waited longest, be it still open.

    >>> Wait(tier="gold", orders=2, total=timedelta(days=3), longest=timedelta(days=2)).mean_days
    Decimal('1.5')
    """

    tier: str
    orders: int = 0
    total: timedelta = _NO_TIME
    orders_open: int = 0
    longest: timedelta = _NO_TIME

    @property
    def mean_days(self) -> Decimal:
        """How long those that left waited on average, in days to one digit; 0 if none left."""
        return _days(self.total / self.orders) if self.orders else _days(_NO_TIME)

    @property
    def longest_days(self) -> Decimal:
        """The longest wait, in days to one digit."""
        return _days(self.longest)


def _days(time: timedelta) -> Decimal:
    seconds = Decimal(time // timedelta(seconds=1))
    return (seconds / 86_400).quantize(_TENTH, ROUND_HALF_UP)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Course:
    """What came of some weeks under some settings.

    Args:
        name: of the settings.
        days: one per run.
        waits: how long orders waited, by tier.

    >>> Course(name="today", days=(), waits=()).name
    'today'
    """

    name: str
    days: tuple[Day, ...]
    waits: tuple[Wait, ...]


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class DailyComparison:
    """The same weeks under several settings; `compare_days` makes it.

    `str` is a table of how things stand at the end and how long orders waited, `to_html` a page
    with the curves.

    Args:
        courses: one per settings, in the sequence in which they were passed.

    >>> DailyComparison(courses=(Course(name="today", days=(), waits=()),))
    <DailyComparison: 0 days under 'today'>
    """

    courses: tuple[Course, ...]

    def rows(self) -> list[dict[str, Any]]:
        """One plain dict per day and settings, as for ``pandas.DataFrame(comparison.rows())``."""
        return [
            {"setting": course.name, **attrs.asdict(day)}
            for course in self.courses
            for day in course.days
        ]

    def wait_rows(self) -> list[dict[str, Any]]:
        """One plain dict per tier and settings: how long its orders waited."""
        return [
            {
                "setting": course.name,
                "tier": wait.tier,
                "orders": wait.orders,
                "mean_days": float(wait.mean_days),
                "orders_open": wait.orders_open,
                "longest_days": float(wait.longest_days),
            }
            for course in self.courses
            for wait in course.waits
        ]

    def to_html(self, *, title: str = "Day by day") -> str:
        """One page that stands for itself: the curves, and how long orders waited.

        Args:
            title: its heading.
        """
        _checks.check_text("title", title)
        names = [course.name for course in self.courses]
        days = [f"{day.at:%Y-%m-%d}" for day in self.courses[0].days]
        plots = [
            (
                what.replace("_", " "),
                [
                    (course.name, [float(getattr(day, what)) for day in course.days])
                    for course in self.courses
                ],
            )
            for what in ("orders_open", "orders_late", "orders_whole", "units_shipped", "parcels")
        ]
        return page.page_of_days(title, names, days, plots, self._table())

    def _table(self) -> list[tables.FigureRow]:
        """At the end of the last day, and how long orders waited."""
        rows: list[tables.FigureRow] = []
        for what in [field.name for field in attrs.fields(Day) if field.name != "at"]:
            ends = [course.days[-1:] for course in self.courses]
            cells = tuple([getattr(end[0], what) if end else 0 for end in ends])
            rows.append((what.replace("_", " "), cells))
        waits = [{wait.tier: wait for wait in course.waits} for course in self.courses]
        for tier in sorted({tier for of_course in waits for tier in of_course}):
            of_tier = [of_course[tier] for of_course in waits]
            rows.append((f"mean days, {tier}", tuple([each.mean_days for each in of_tier])))
            rows.append((f"longest, {tier}", tuple([each.longest_days for each in of_tier])))
        return rows

    def __str__(self) -> str:
        return tables.text_of([course.name for course in self.courses], self._table())

    def _repr_html_(self) -> str:
        """What a notebook shows: the table."""
        return page.figures_table([course.name for course in self.courses], self._table())

    def __repr__(self) -> str:
        count = len(self.courses[0].days)
        names = ", ".join([repr(course.name) for course in self.courses])
        return f"<DailyComparison: {count} {by_number(count, 'day', 'days')} under {names}>"


def compare_days(
    orders: Iterable[Order | OrderRecord],
    inventory: Inventory,
    settings: Mapping[str, Mapping[str, Any]],
    *,
    days: Iterable[datetime],
) -> DailyComparison:
    """Live through the same days under several settings, to see who waits how long.

    On each day supplies that are due have come in, in full; orders that were placed by then are in
    the run; and all that the run has reserved for an order leaves, unless a person has to look at
    it. So it shows what policies do to the queue, not what carriers and suppliers do.

    Args:
        orders: `Order` and `OrderRecord` values, mixed, each id once: all that come in over the
            days. Each joins the first run that is not before its ``placed_at``.
        inventory: the stock before the first day, with the supplies that come in. One without a
            location comes in where there is stock of its SKU, or at the first location.
        settings: as for `compare`.
        days: the instants of the runs, aware, one after the other, such as each morning at six.

    Raises:
        InvalidValueError: as for `compare`; or the days do not come one after the other, or an
            order comes twice.
        PluginError: as for `compare`.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, OrderLine, Supply
    >>> from fulfill_core.priorities import customer_tier, oldest_first
    >>> monday = datetime(2026, 3, 2, 6, tzinfo=timezone.utc)
    >>> days = [monday + timedelta(days=number) for number in range(3)]
    >>> orders = [
    ...     Order(id=f"{tier} {number}", placed_at=day, customer=Customer(id="C-7", tier=tier),
    ...           lines=[OrderLine(id="1", sku="mug", quantity=1)], currency="EUR")
    ...     for number, day in enumerate(days[:2]) for tier in ("gold", "standard")
    ... ]
    >>> stock = Inventory.of({("mug", "berlin"): 1})
    >>> stock = Inventory(stock=stock.stock(), supplies=[
    ...     Supply(id=f"PO-{number}", sku="mug", quantity=1, expected_at=day, location="berlin")
    ...     for number, day in enumerate(days[1:])])
    >>> bare = {"verifiers": []}
    >>> comparison = compare_days(orders, stock, days=days, settings={
    ...     "oldest first": {**bare, "priority": oldest_first},
    ...     "gold first": {**bare, "priority": customer_tier("gold")}})
    >>> for row in comparison.wait_rows():
    ...     print(row["setting"], row["tier"], row["mean_days"], row["orders_open"])
    oldest first gold 0.5 0
    oldest first standard 1.0 1
    gold first gold 0.0 0
    gold first standard 2.0 1
    """
    _checks.check_collection("orders", orders)
    _checks.check_member("inventory", inventory, Inventory)
    _checks.check_collection("days", days)
    instants = [
        _checks.in_utc(f"days[{position}]", instant) for position, instant in enumerate(days)
    ]
    for position, (earlier, later) in enumerate(pairwise(instants), 1):
        if earlier >= later:
            raise _checks.refuse(f"days[{position}]", later, f"does not come after {earlier}")
    records = [
        each if isinstance(each, OrderRecord) else OrderRecord(order=each) for each in orders
    ]
    _checks.check_unique("orders", [record.id for record in records], "order")
    courses: list[Course] = []
    for name, each in to_settings(settings):
        try:
            courses.append(_course(name, each, records, inventory, instants))
        except Exception as error:
            error.add_note(f"Under the settings {name!r}.")
            raise
    return DailyComparison(courses=tuple(courses))


def _course(
    name: str,
    settings: Settings,
    records: Iterable[OrderRecord],
    inventory: Inventory,
    instants: Iterable[datetime],
) -> Course:
    """The days under some settings."""
    shop = _Shop(inventory, settings)
    to_come = sorted(records, key=lambda record: (record.order.placed_at, record.id), reverse=True)
    days: list[Day] = []
    for now in instants:
        while to_come and to_come[-1].order.placed_at <= now:
            shop.add(to_come.pop())
        days.append(shop.live(now))
    return Course(name=name, days=tuple(days), waits=shop.waits())


class _Shop:
    """A shop that sends what it can each day.

    Args:
        inventory: its stock.
        settings: what it goes by.
    """

    def __init__(self, inventory: Inventory, settings: Settings) -> None:
        self._inventory = inventory
        self._settings = settings
        self._open: dict[str, OrderRecord] = {}
        self._waits: dict[str, Wait] = {}
        self._total = Day(at=_NEVER)
        self._now = _NEVER
        self._rejected: set[str] = set()

    def add(self, record: OrderRecord) -> None:
        """An order comes in."""
        self._open[record.id] = record
        self._total = attrs.evolve(self._total, orders=self._total.orders + 1)

    def live(self, now: datetime) -> Day:
        """A day: what is due comes in, a run, and what it reserved leaves."""
        self._now = now
        self._receive()
        result = process(self._open.values(), self._inventory, now=now, **self._settings)
        self._inventory = result.inventory
        messages = len(result.notifications)
        self._open.update({record.id: record for record in result.records})
        parcels = units = 0
        self._rejected.clear()
        for decision in result.decisions:
            if decision.rank is not None:
                sent = self._send(decision)
                parcels += len(sent)
                units += sum(sent)
            if decision.outcome is Outcome.REJECTED:
                self._rejected.add(decision.id)
            elif self._has_left(decision):
                self._note_wait(self._open.pop(decision.id).order, is_open=False)
        late = [record for record in self._awaited() if self._is_late(record.order)]
        before = self._total
        self._total = Day(
            at=now,
            orders=before.orders,
            orders_whole=sum([wait.orders for wait in self._waits.values()]),
            orders_open=len(self._awaited()),
            orders_late=len(late),
            units_shipped=before.units_shipped + units,
            parcels=before.parcels + parcels,
            messages=before.messages + messages,
        )
        return self._total

    def waits(self) -> tuple[Wait, ...]:
        """How long orders waited, by tier, those that are open until now."""
        for record in self._awaited():
            self._note_wait(record.order, is_open=True)
        return tuple([self._waits[tier] for tier in sorted(self._waits)])

    def _receive(self) -> None:
        inventory = self._inventory
        for supply in inventory.supplies():
            place = supply.location or _first_place(inventory, supply.sku)
            if place and inventory.due_until(supply) <= self._now:
                self._inventory = self._inventory.with_received(
                    supply.sku,
                    place,
                    supply.quantity,
                    supply_id=supply.id,
                    received_at=self._now,
                )

    def _send(self, decision: Decision) -> list[int]:
        """What is reserved for an order leaves: how many units in each parcel."""
        units: dict[str, dict[str | tuple[str, str], int]] = {}
        rows: list[Reservation | Allocation] = [*decision.reserved, *decision.allocations]
        demand = open_by_line(decision)
        beside = {*decision.untracked, *decision.held_lines, *decision.scheduled_lines}
        for each in rows:
            key = each.line_id, each.sku
            count = min(demand.get(key, 0), each.quantity)
            # What is reserved beyond what it asks for stays, and what waits, or needs no stock.
            if count and each.line_id not in beside:
                of_place = units.setdefault(each.location, {})
                of_place[key] = of_place.get(key, 0) + count
                demand[key] -= count
        record = self._open[decision.id]
        sent: list[int] = []
        for place, of_place in sorted(units.items()):
            count = sum(of_place.values())
            if not sent:  # what needs no stock goes with the first parcel
                open_units = {line_id: record.open(line_id) for line_id in decision.untracked}
                of_place.update({key: number for key, number in open_units.items() if number})
            try:
                record, self._inventory = ship(
                    record, self._inventory, of_place, location=place, now=self._now
                )
            except StockError:
                continue  # units were reserved without a lot, and only a person knows which left
            sent.append(count)
        self._open[decision.id] = record
        return sent

    def _has_left(self, decision: Decision) -> bool:
        """Whether nothing of it is open; what needs no stock at all is not waited for."""
        if self._open[decision.id].is_settled:
            return True
        return decision.outcome is Outcome.ALLOCATED and not (
            decision.allocation_rows or decision.reserved
        )

    def _awaited(self) -> list[OrderRecord]:
        """The records of orders that are open, and not rejected."""
        return [each for each in self._open.values() if each.id not in self._rejected]

    def _is_late(self, order: Order) -> bool:
        deadline = first_deadline(order)
        return deadline is not None and deadline < self._now

    def _note_wait(self, order: Order, *, is_open: bool) -> None:
        tier = order.customer.tier
        wait, time = self._waits.get(tier, Wait(tier=tier)), self._now - order.placed_at
        self._waits[tier] = Wait(
            tier=tier,
            orders=wait.orders + (not is_open),
            total=wait.total if is_open else wait.total + time,
            orders_open=wait.orders_open + is_open,
            longest=max(wait.longest, time),
        )


def _first_place(inventory: Inventory, sku: str) -> str:
    """Where a supply that names no location comes in; empty if there is none."""
    places = [inventory.location(row.location) for row in inventory.stock() if row.sku == sku]
    places = places or list(inventory.locations())
    return min(places, key=lambda place: (place.rank, place.id)).id if places else ""
