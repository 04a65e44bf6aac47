"""A shop over many runs: a stream of what happens to orders and stock, and an account kept by hand.

The account knows nothing of the library but its values: how many units came in, left and were
counted, how far each line has come, and which messages everybody has in the inbox.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from fulfill_core import (
    Audience,
    Changes,
    Component,
    Context,
    Customer,
    Hold,
    Inventory,
    Item,
    Location,
    Notification,
    Order,
    OrderLine,
    OrderRecord,
    Outcome,
    Payment,
    PaymentStatus,
    Result,
    Ship,
    StockError,
    Supply,
    process,
)
from fulfill_core.lifecycle import cancel, ship
from fulfill_core.notifications import customer_and_staff

from .runs import same

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SKUS = ("mug", "cup", "pot")
PLACES = ("a", "b")
SETTLED = (Outcome.COMPLETED, Outcome.CANCELLED)

Process = Callable[..., Result]


def no_stops(order: Order, /, *, context: Context) -> tuple[()]:
    """A verifier that has nothing to say."""
    return ()


@attrs.define
class Shop:
    """What a shop knows from run to run, and the account of it."""

    process: Process
    dice: random.Random
    now: datetime = START
    inventory: Inventory = attrs.field(factory=Inventory)
    records: dict[str, OrderRecord] = attrs.field(factory=dict[str, OrderRecord])
    # The account: units by SKU that should be there; units that left and were cancelled, by order
    # and line; the orders that left a place, and on which day they were taken on there; the inbox
    # of each audience, by order.
    units: Counter[str] = attrs.field(factory=Counter[str])
    left: Counter[tuple[str, str]] = attrs.field(factory=Counter[tuple[str, str]])
    cancelled: Counter[tuple[str, str]] = attrs.field(factory=Counter[tuple[str, str]])
    gone: set[tuple[str, date, str]] = attrs.field(factory=set[tuple[str, date, str]])
    inbox: dict[tuple[str, str], list[Notification]] = attrs.field(
        factory=dict[tuple[str, str], list[Notification]]
    )
    ids: set[str] = attrs.field(factory=set[str])
    runs: int = 0

    @classmethod
    def opened(cls, process: Process, seed: int) -> Shop:
        """A shop with some stock, some of which may be backordered; one SKU is a kit, and one place
        takes on few orders a day.
        """
        shop = cls(process, random.Random(seed))
        shop.inventory = Inventory(
            items=[
                Item(sku="mug", backorderable=True),
                Item(sku="cup", backorderable=shop.dice.random() < 0.5, customer_cap=4),
                Item(
                    sku="set", components=[Component(sku="cup"), Component(sku="pot", quantity=2)]
                ),
            ],
            locations=[Location(id="a", capacity=1 if seed % 3 else None)],
        )
        for sku in SKUS:
            for place in PLACES:
                shop.receive(sku, place, shop.dice.randint(0, 5))
        return shop

    # -- What happens ----------------------------------------------------------------------------

    def receive(self, sku: str, place: str, units: int) -> None:
        """Units come in."""
        if units:
            self.inventory = self.inventory.with_received(sku, place, units)
            self.units[sku] += units

    def happen(self) -> None:
        """One thing happens, whatever it is."""
        self.now += timedelta(minutes=self.dice.choice([1, 10, 60, 60 * 24]))
        self.dice.choice(
            [
                self.place,
                self.place,
                self.deliver,
                self.announce,
                self.leave,
                self.leave,
                self.withdraw,
                self.stop_or_go,
                self.touch,
                self.send_again,
            ]
        )()

    def place(self) -> None:
        """A customer orders something."""
        number = len(self.records) + 1
        lines = [
            OrderLine(
                id=str(index),
                sku=self.dice.choice([*SKUS, "set"]),
                quantity=self.dice.randint(1, 4),
                unit_price=Decimal(1),
            )
            for index in range(self.dice.randint(1, 3))
        ]
        order = Order(
            id=f"A-{number}",
            placed_at=self.now,
            customer=Customer(id=f"C-{number % 3}", email="a@example.com"),
            lines=lines,
            currency="EUR",
            ship=self.dice.choice(list(Ship)),
            payments=[Payment(id="p", amount=sum([Decimal(line.quantity) for line in lines]))],
        )
        self.records[order.id] = OrderRecord(order=order)

    def deliver(self) -> None:
        """Units come in, of an announced supply or of none."""
        supplies = [supply for sku in SKUS for supply in self.inventory.supplies_of(sku)]
        if supplies and self.dice.random() < 0.7:
            supply = self.dice.choice(supplies)
            units = self.dice.randint(1, supply.quantity)
            self.inventory = self.inventory.with_received(
                supply.sku, supply.location, units, supply_id=supply.id
            )
            self.units[supply.sku] += units
        else:
            self.receive(self.dice.choice(SKUS), self.dice.choice(PLACES), self.dice.randint(1, 4))

    def announce(self) -> None:
        """A supply is ordered."""
        supply = Supply(
            id=f"PO-{self.now:%d%H%M}",
            sku=self.dice.choice(SKUS),
            quantity=self.dice.randint(1, 6),
            expected_at=self.now + timedelta(days=self.dice.randint(1, 9)),
            location=self.dice.choice(PLACES),
        )
        self.inventory = self.inventory.with_changes(Changes(supplies_added=[supply]))

    def leave(self) -> None:
        """What is reserved for an order leaves from where it lies: a part of it, or all of it."""
        held = [
            reservation
            for order_id in self.records
            for reservation in self.inventory.reservations_of(order_id)
        ]
        if not held:
            return
        reservation = self.dice.choice(held)
        record, place = self.records[reservation.order_id], reservation.location
        parcel = [(reservation, self.dice.randint(1, reservation.quantity))]
        if self.dice.random() < 0.5:
            all_of_it = self.inventory.reservations_of(record.id)
            parcel = [(each, each.quantity) for each in all_of_it if each.location == place]
        units: Counter[tuple[str, str]] = Counter()
        for each, quantity in parcel:
            units[each.line_id, each.sku] += quantity
        try:
            step = ship(record, self.inventory, units, location=place)
        except StockError:  # not there any more
            return
        for (line_id, sku), quantity in units.items():
            self.units[sku] -= quantity
            self.left[record.id, line_id] += quantity
        left = days_of(self.inventory, record.id, place) - days_of(step.inventory, record.id, place)
        self.gone |= {(place, day, record.id) for day in left}
        self._keep(step.record, step.inventory)

    def withdraw(self) -> None:
        """A customer wants less than was ordered."""
        record = self._any_record()
        if record is None:
            return
        line = self.dice.choice(record.order.lines)
        if record.open(line.id):
            units = self.dice.randint(1, record.open(line.id))
            step = cancel(record, self.inventory, {line.id: units})
            self.cancelled[record.id, line.id] += units
            self._keep(step.record, step.inventory)

    def stop_or_go(self) -> None:
        """Somebody stops an order, or lets it go on."""
        record = self._any_record()
        if record is None:
            return
        stop = Hold(order_id=record.id, source="fraud team", code="shop.check", at=self.now)
        record = record.without_hold(*stop.key) if record.holds else record.with_hold(stop)
        self.records[record.id] = record

    def touch(self) -> None:
        """A payment is captured, a tag put on: no new version of the order, and no news."""
        record = self._any_record()
        if record is None:
            return
        payments = [
            Payment(id=payment.id, amount=payment.amount, status=PaymentStatus.CAPTURED)
            for payment in record.order.payments
        ]
        order = attrs.evolve(record.order, payments=payments, tags=[*record.order.tags, "seen"])
        self.records[record.id] = attrs.evolve(record, order=order)

    def send_again(self) -> None:
        """Of what has left, something was lost: it is to be sent again."""
        record = self._any_record()
        if record is None:
            return
        for progress in record.progress:
            if progress.shipped > progress.lost:
                self.records[record.id] = record.with_progress(progress.line_id, lost=1, reopened=1)
                self.left[record.id, progress.line_id] -= self._units_each(record, progress.line_id)
                return

    def _units_each(self, record: OrderRecord, line_id: str) -> int:
        """Units that one of a line takes from the stock."""
        (sku,) = [line.sku for line in record.order.lines if line.id == line_id]
        return sum(units for _, units in self.inventory.components_of(sku)) or 1

    def _any_record(self) -> OrderRecord | None:
        return self.dice.choice(list(self.records.values())) if self.records else None

    def _keep(self, record: OrderRecord, inventory: Inventory) -> None:
        self.records[record.id] = record
        self.inventory = inventory

    # -- Runs ------------------------------------------------------------------------------------

    def run(self) -> None:
        """A run of all orders, or of one only, and what must hold after it."""
        records = list(self.records.values())
        if records and self.dice.random() < 0.2:
            records = [self.dice.choice(records)]
        self.run_of(records)

    def run_of(self, records: list[OrderRecord]) -> None:
        """A run of these records, the same once more, and the next one."""
        options: dict[str, Any] = {"now": self.now, "verifiers": [no_stops]}
        result = self.process(records, self.inventory, **options)
        self.runs += 1
        self._check_lines(result)
        self._check_stock(result)
        self._check_places(result)
        self._check_inboxes(result)
        repeat = self.process(records, self.inventory, **options)
        same(
            "the ids of a run that is done again",
            [message.id for message in result.notifications],
            [message.id for message in repeat.notifications],
        )
        self.inventory = result.inventory
        for record in result.records:
            self.records[record.id] = record
        again = self.process([self.records[each.id] for each in records], self.inventory, **options)
        same("what a second run tells", (), again.notifications)
        same("the stock after a second run", result.inventory, again.inventory)
        same("the records that a second run changes", (), again.changed_records)

    def _check_lines(self, result: Result) -> None:
        """No unit is served twice: what has left, was cancelled and is open is what was ordered."""
        for decision in result.decisions:
            record = self.records[decision.id]
            for line, status in zip(record.order.lines, decision.lines, strict=True):
                what = f"{decision.id}, line {line.id}: "
                left, cancelled = (
                    self.left[decision.id, line.id],
                    self.cancelled[record.id, line.id],
                )
                same(what + "cancelled", cancelled, status.cancelled)
                if not self.inventory.components_of(line.sku):
                    lost = record.progress_of(line.id).lost
                    same(what + "open", max(0, line.units - left - cancelled), status.open)
                    same(what + "shipped", left + lost, status.shipped)
                same(what + "all", line.units + status.reopened + status.surplus,
                     status.cancelled + status.shipped + status.open)  # fmt: skip
                if decision.outcome not in (Outcome.HELD, *SETTLED):
                    parts = (
                        status.reserved + status.allocated + status.backordered + status.short
                        + status.untracked + status.scheduled + status.held
                    )  # fmt: skip
                    same(what + "the parts of what is open", status.open, parts)
            is_settled = all(
                self.records[decision.id].open(line.id) == 0 for line in record.order.lines
            )
            same(f"{decision.id} is settled", is_settled, decision.outcome in SETTLED)

    def _check_stock(self, result: Result) -> None:
        """Nothing was made, nothing lost, and nothing promised that is not there."""
        for sku in SKUS:
            same(f"{sku} on hand", self.units[sku], result.inventory.on_hand(sku))
            for place in PLACES:
                free = result.inventory.on_hand(sku, place) - result.inventory.reserved(sku, place)
                same(f"{sku} at {place} is oversold", False, free < 0)

    def _check_places(self, result: Result) -> None:
        """No place takes on more orders in a day than it can, those that have left included."""
        for place in self.inventory.locations():
            if place.capacity is None:
                continue
            before = self._orders_today(place.id, self.inventory)
            after = self._orders_today(place.id, result.inventory)
            if after - before:
                is_beyond = len(after) > place.capacity
                same(f"{place.id} takes on {sorted(after)} in one day", False, is_beyond)

    def _orders_today(self, place: str, inventory: Inventory) -> set[str]:
        """The orders that a place took on today, as far as they did not give it up."""
        today = self.now.date()
        return {order_id for at, day, order_id in self.gone if (at, day) == (place, today)} | {
            order_id for order_id in self.records if days_of(inventory, order_id, place)[today]
        }

    def _check_inboxes(self, result: Result) -> None:
        """Everybody has in the inbox what the decision says, and got nothing that was there. What
        is superseded is out of it: of the others, each holds still.
        """
        superseded = set(result.superseded_ids)
        for inbox in self.inbox.values():
            inbox[:] = [message for message in inbox if message.id not in superseded]
        for message in result.notifications:
            same(f"{message.id} was used before", False, message.id in self.ids)
            self.ids.add(message.id)
            inbox = self.inbox.setdefault((message.order_id, str(message.audience)), [])
            same(f"{message.id} is in the inbox already", [], [
                each for each in inbox if news(each) == news(message)
            ])  # fmt: skip
            same("what it takes the place of", set(), set(message.supersedes) - superseded)
            inbox.append(message)
        for decision in result.decisions:
            said = list(customer_and_staff(decision, context=Context(now=self.now)))
            for audience in Audience:
                current = {news(message) for message in said if message.audience is audience}
                known = {news(each) for each in self.inbox.get((decision.id, str(audience)), [])}
                same(f"{decision.id}: what the {audience} does not know", set(), current - known)
                if current or audience is Audience.STAFF or decision.outcome in SETTLED:
                    wrong = known - current
                    same(f"{decision.id}: what the {audience} has and is over", set(), wrong)


def days_of(inventory: Inventory, order_id: str, place: str) -> Counter[date]:
    """On which days what an order has at a place was reserved: units by day."""
    units: Counter[date] = Counter()
    for each in inventory.reservations_of(order_id):
        if each.location == place and each.made_at is not None:
            units[each.made_at.date()] += each.quantity
    return units


def news(message: Notification) -> tuple[object, ...]:
    """What a message says."""
    return message.kind, message.lines, message.reasons, message.recipient, message.locale


def year(seed: int, days: int, orders: int) -> Shop:
    """A shop over so many days, with so many orders a day, parts of which leave every day."""
    shop = Shop.opened(process, seed)
    for day in range(days):
        for _ in range(orders):
            shop.place()
        for _ in range(1 + orders // 4):
            shop.deliver()
        for _ in range(1 + orders // 10):
            shop.dice.choice([shop.announce, shop.withdraw, shop.stop_or_go, shop.touch])()
        shop.run_of([each for each in shop.records.values() if not each.is_settled])
        for _ in range(2 * orders):
            shop.leave()
        shop.now = START + timedelta(days=day + 1)
    shop.run_of(list(shop.records.values()))
    return shop


def stream(process: Process, seed: int, steps: int) -> int:
    """A shop over so many things that happen, with a run after each or after some; runs made."""
    shop = Shop.opened(process, seed)
    for _ in range(steps):
        shop.happen()
        if shop.dice.random() < 0.7:
            shop.run()
    return shop.runs


__all__ = ["Shop", "process", "stream", "year"]
