"""A year of a shop: what happens day by day, stored and loaded as a host does it.

Goods are bought and come early, late, short, over or not at all; lots end and are recalled; people
order, pay, change their minds and are stopped; parts of orders leave each day. The `Ledger` is told
of each thing that happens and of each run.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from fulfill_core import (
    Address,
    Changes,
    Component,
    Customer,
    Decision,
    Fence,
    Hold,
    Inventory,
    Item,
    Location,
    Order,
    OrderLine,
    OrderRecord,
    Outcome,
    Pack,
    Payment,
    Rejection,
    Reservation,
    Result,
    Ship,
    Stock,
    StockError,
    Supply,
)
from fulfill_core.calendars import BusinessCalendar, CutOff, Shift
from fulfill_core.inventory import LotChange
from fulfill_core.lifecycle import Position, cancel, ship
from fulfill_core.promises import Origin, from_calendars
from fulfill_core.reallocation import Reallocation
from fulfill_core.verifiers import to_capture

from .ledger import SERVED, Ledger, Place
from .runs import same
from .tables import Tables

Process: TypeAlias = Callable[..., Result]
START = datetime(2026, 3, 2, 7, tzinfo=UTC)
DAY = timedelta(days=1)
BERLIN, LYON, STORE = "berlin", "lyon", "store"
KIT = {"cup": 2, "pot": 1}
PRICES = {"mug": 9, "cup": 4, "pot": 30, "tea": 6, "ink": 12, "lamp": 80, "watch": 200, "set": 36}
DEMAND = {"mug": 10, "cup": 8, "pot": 4, "tea": 8, "ink": 5, "lamp": 3, "watch": 1, "set": 4}
"""How often each is asked for, beside the others."""
BY_LOT = ("tea", "watch")
SOLD_OUT_AT_TIMES = ("pot", "watch")
WAREHOUSE = BusinessCalendar(timezone=UTC, shifts=[Shift(start=time(8), end=time(18))])
ORIGIN = Origin(
    calendar=WAREHOUSE,
    cut_off=CutOff(calendar=WAREHOUSE, at=time(17)),
    handling=timedelta(hours=2),
)
PROMISE = from_calendars(
    dict.fromkeys((BERLIN, LYON, STORE), ORIGIN),
    {(BERLIN, "GB"): 2, (LYON, "GB"): 3, (STORE, "GB"): DAY},
    destination=WAREHOUSE,
)
ITEMS = (
    Item(sku="mug", backorderable=True),
    Item(sku="cup", backorderable=True, backorder_cap=30),
    Item(sku="pot"),
    Item(sku="tea", backorderable=True, minimum_life=5 * DAY),
    Item(sku="ink", backorderable=True, packs=[Pack(location=LYON, multiple=3)]),
    Item(
        sku="lamp",
        backorderable=True,
        customer_cap=2,
        fences=[Fence(quantity=5, tiers=["gold"])],
    ),
    Item(sku="watch"),
    Item(
        sku="set",
        backorderable=True,
        components=[Component(sku=sku, quantity=units) for sku, units in KIT.items()],
    ),
    Item(sku="wrap", tracked=False),
)
PLACES = (
    Location(id=BERLIN, rank=0, lead_time=2 * DAY),
    Location(id=LYON, rank=1, lead_time=3 * DAY),
    Location(id=STORE, rank=2, lead_time=DAY, capacity=15),
)
LEEDS = Address(name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB")
YORK = Address(name="Ada", street=["2 Low St"], city="York", postal_code="YO1 7HH", country="GB")


@attrs.define
class Shop:
    """A shop between two instants, and the account of it."""

    process: Process
    dice: random.Random
    orders_a_day: int
    now: datetime = START
    stock: Inventory = attrs.field(factory=Inventory)
    records: dict[str, OrderRecord] = attrs.field(factory=dict[str, OrderRecord])
    """Those that are not settled."""
    tables: Tables = attrs.field(factory=lambda: Tables(items=ITEMS, locations=PLACES))
    ledger: Ledger = attrs.field(factory=lambda: Ledger({"set": KIT}))
    decisions: dict[str, Decision] = attrs.field(factory=dict[str, Decision])
    """Of the last run of all orders, by order."""
    events: Counter[str] = attrs.field(factory=Counter[str])
    """How often each thing happened."""
    sent: set[str] = attrs.field(factory=set[str])
    """The ids of messages that were sent."""
    number: int = 0

    @classmethod
    def opened(cls, process: Process, seed: int, orders_a_day: int) -> Shop:
        """A shop with goods for some days at each place, and some on order."""
        shop = cls(process, random.Random(seed), orders_a_day)
        rows = [
            Stock(sku=sku, location=place.id, on_hand=0, safety=2 if sku == "mug" else 0)
            for sku in DEMAND
            if sku != "set"
            for place in PLACES
        ]
        shop._keep_stock(Inventory(stock=rows, items=ITEMS, locations=PLACES), Inventory())
        for sku in DEMAND:
            if sku != "set":
                for place in PLACES:
                    shop._receive(sku, place.id, 1 + shop._usual(sku) * shop.dice.randint(0, 2))
        return shop

    # -- A day -----------------------------------------------------------------------------------

    def day(self, number: int) -> None:
        """All that happens on one day."""
        self.now = START + number * DAY
        if number % 5 == 4:
            self.reload()
        if number % 7 == 6:
            self._run_of_all(reallocation=Reallocation())
        self._goods()
        for hour in (10, 13):
            self.now = START.replace(hour=hour) + number * DAY
            self._check_out(self.orders_a_day // 2)
        self._people()
        self.now = START.replace(hour=15) + number * DAY
        self._run_of_all()
        self.now += timedelta(hours=1)
        self._leave()
        self._settle()
        self._send()
        self.ledger.check_on_hand(self.stock)
        self.ledger.check_reserved(self.stock, self.records)

    def _run_of_all(self, **rules: Any) -> None:
        """A run of all orders that are not over; those that are leave the batch."""
        result = self.run(self.records, whole=True, **rules)
        self.decisions = {decision.id: decision for decision in result.decisions}
        self._settle()

    def run(self, ids: Iterable[str], *, whole: bool = False, **rules: Any) -> Result:
        """A run of some orders or of all, stored; once more, it tells and changes nothing."""
        records = [self.records[order_id] for order_id in ids]
        options: dict[str, Any] = {"now": self.now, "promise": PROMISE, "whole": whole, **rules}
        options["reservation_window"] = 2 * DAY
        result = self.process(records, self.stock, **options)
        self.events["run"] += 1
        self.ledger.check_run(result, records, whole=whole)
        changed = {record.id: record for record in result.changed_records}
        same("the records to store", [], [
            record.id
            for record in result.records
            if record != self.records[record.id] and record.id not in changed
        ])  # fmt: skip
        self.records.update(changed)
        self.tables.save(result.changes, result.inventory, changed.values(), result.notifications)
        self.stock = result.inventory
        if self.dice.random() < (0.4 if whole else 0.1):
            self._run_again(result, records, options)
        return result

    def _run_again(
        self, result: Result, records: list[OrderRecord], options: dict[str, Any]
    ) -> None:
        """It changes nothing, and tells nobody anything."""
        again = self.process([self.records[each.id] for each in records], self.stock, **options)
        same("what a second run changes", Changes(), again.changes)
        # What an order may not have today, at a place that takes on no more, may have gone to one
        # that had its turn later: then it waits for other units, or for none.
        shut_out = {
            decision.id
            for decision in result.decisions
            if any(finding.code == "sourcing.at_capacity" for finding in decision.findings)
        }
        same("what a second run tells", [], [
            message for message in again.notifications if message.order_id not in shut_out
        ])  # fmt: skip
        same("the records that a second run changes", [], [
            (record.id, differing(self.records[record.id], record))
            for record in again.changed_records
            if record.id not in shut_out
        ])  # fmt: skip

    def reload(self) -> None:
        """What was stored is what there is."""
        stock = self.tables.load_stock()
        same("the stock that was stored", self.stock, stock)
        records = self.tables.load_records(stock, self.records)
        for order_id, record in self.records.items():
            kept = attrs.evolve(record, reserved=stock.reservations_of(order_id))
            same(f"the record of {order_id}", kept, records[order_id])
        self.stock, self.records = stock, records

    # -- Goods -----------------------------------------------------------------------------------

    def _goods(self) -> None:
        """What comes in, is counted, ends, is recalled and is bought."""
        self._free_what_is_useless()
        for supply in sorted(self.stock.supplies(), key=lambda each: each.id):
            self._look_after(supply)
        for _ in range(2):
            self._count()
        if self.dice.random() < 0.15:
            self._recall()
        self._clear_ended_lots()
        for sku in DEMAND:
            if sku != "set":
                self._buy(sku)

    def _usual(self, sku: str) -> int:
        """About how many units of a SKU are asked for on a day."""
        of_kits = DEMAND["set"] * KIT.get(sku, 0)
        return 1 + 2 * self.orders_a_day * (DEMAND[sku] + of_kits) // sum(DEMAND.values())

    def _buy(self, sku: str) -> None:
        """More of a SKU is ordered if less than some days' worth is there and to come."""
        there = sum(units for at, units in self.ledger.units.items() if at[0] == sku)
        to_come = sum(supply.quantity for supply in self.stock.supplies_of(sku))
        days = 3 if sku in SOLD_OUT_AT_TIMES else 5
        open_units = self.stock.reserved(sku) + sum(
            row.quantity
            for decision in self.decisions.values()
            for row in decision.backorders
            if row.sku == sku
        )
        if there + to_come - open_units < days * self._usual(sku):
            self.number += 1
            supply = Supply(
                id=f"PO-{self.number}",
                sku=sku,
                quantity=1 + self._usual(sku) * self.dice.randint(2, 5),
                expected_at=self.now + self.dice.randint(1, 6) * DAY + timedelta(hours=2),
                location=self.dice.choice([BERLIN, BERLIN, LYON, STORE]),
            )
            self._change(Changes(supplies_added=[supply]))

    def _look_after(self, supply: Supply) -> None:
        """A supply comes early, on its day, in parts, short or over; or is late, or cancelled."""
        chance = self.dice.random()
        days = (supply.expected_at - self.now) / DAY
        if days > 1:
            if chance < 0.04:
                self._come_in(supply, supply.quantity, "early")
            elif chance < 0.06:
                self._replan(supply, self.dice.choice([-1, 1, 3]))
            elif chance < 0.07:
                self._change(Changes(supplies_removed=[supply]))
                self.events["cancelled supply"] += 1
        elif days > 0 or chance < 0.5:  # due today; or overdue, and at last
            if chance < 0.15 and days > 0:
                self.events["late"] += 1
                if chance < 0.1:  # else nobody says so
                    self._replan(supply, 2)
            elif chance < 0.25 and supply.quantity > 1:
                self._come_in(supply, self.dice.randint(1, supply.quantity - 1), "in part")
            elif chance < 0.35 and supply.quantity > 1:
                self._come_in(supply, self.dice.randint(1, supply.quantity - 1), "short")
                rest = [each for each in self.stock.supplies_of(supply.sku) if each.id == supply.id]
                self._change(Changes(supplies_removed=rest))
            elif chance < 0.45:
                self._come_in(supply, supply.quantity + self.dice.randint(1, 3), "over")
            else:
                self._come_in(supply, supply.quantity, "in full")

    def _come_in(self, supply: Supply, units: int, event: str) -> None:
        self.events[event] += 1
        place = supply.location
        if self.dice.random() < 0.05:  # brought to another door
            place = self.dice.choice([BERLIN, LYON, STORE])
        self._receive(supply.sku, place, units, supply_id=supply.id)

    def _receive(self, sku: str, place: str, units: int, supply_id: str = "") -> None:
        """Units come in; watches each with a number, tea in lots."""
        if sku == "watch":
            for number in range(units):
                lot = f"W-{self.now:%y%m%d}-{supply_id}{place}-{number}"
                is_beyond = supply_id and not any(
                    each.id == supply_id for each in self.stock.supplies_of(sku)
                )
                self._receive_lot(sku, place, 1, lot, None, "" if is_beyond else supply_id)
        elif sku == "tea":
            end = self.now + self.dice.randint(12, 40) * DAY
            lot = f"T-{self.now:%y%m%d}-{supply_id}{place}"
            self._receive_lot(sku, place, units, lot, end, supply_id)
        else:
            before = self.stock
            received_at = self.now if supply_id else None
            after = before.with_received(
                sku, place, units, supply_id=supply_id, received_at=received_at
            )
            self._keep_stock(after, before)
            self.ledger.units[sku, place, ""] += units

    def _receive_lot(
        self, sku: str, place: str, units: int, lot: str, end: datetime | None, supply_id: str
    ) -> None:
        before = self.stock
        after = before.with_received(
            sku, place, units, supply_id=supply_id, lot=lot, expires_at=end, received_at=self.now
        )
        self._keep_stock(after, before)
        self.ledger.units[sku, place, lot] += units

    def _replan(self, supply: Supply, days: int) -> None:
        self.events["replanned"] += 1
        later = attrs.evolve(supply, expected_at=supply.expected_at + days * DAY)
        self._change(Changes(supplies_removed=[supply], supplies_added=[later]))

    def _count(self) -> None:
        """Somebody counts, and finds what the books say, or one or two less, or one more."""
        at = self.dice.choice(sorted(self.ledger.units))
        units = max(0, self.ledger.units[at] + self.dice.choice([0, 0, 0, -1, -2, 1]))
        sku, place, lot = at
        if sku in BY_LOT and not self.ledger.units[at]:
            return
        self.events["count"] += 1
        self._set_on_hand(sku, place, lot, units)

    def _set_on_hand(self, sku: str, place: str, lot: str, units: int) -> None:
        before = self.stock
        self._keep_stock(before.with_counted(sku, place, units, lot=lot), before)
        self.ledger.units[sku, place, lot] = units

    def _recall(self) -> None:
        """A lot of tea is locked up, or let go again, or thrown away."""
        lots = [(place, lot) for place, lots in self.stock.lots_of("tea").items() for lot in lots]
        if not lots:
            return
        place, lot = self.dice.choice(lots)
        before = self.stock
        if not lot.quarantined:
            self.events["recall"] += 1
            self._keep_stock(before.with_quarantined("tea", place, lot.id), before)
        elif self.dice.random() < 0.5:
            after = before.with_quarantined("tea", place, lot.id, quarantined=False)
            self._keep_stock(after, before)
        else:
            self._set_on_hand("tea", place, lot.id, 0)

    def _clear_ended_lots(self) -> None:
        """What has ended is thrown away; lots of which nothing is left are forgotten."""
        for sku in BY_LOT:
            for place, lots in self.stock.lots_of(sku).items():
                for lot in lots:
                    if lot.expires_at is not None and lot.expires_at <= self.now and lot.quantity:
                        self.events["ended"] += 1
                        self._set_on_hand(sku, place, lot.id, 0)
            reserved = {
                (each.location, each.lot) for each in self._reservations() if each.sku == sku
            }
            empty = [
                LotChange(sku=sku, location=place, before=lot)
                for place, lots in self.stock.lots_of(sku).items()
                for lot in lots
                if not lot.quantity and (place, lot.id) not in reserved
            ]
            if empty:
                self._change(Changes(lots=empty))

    def _free_what_is_useless(self) -> None:
        """What the last run found to be reserved in vain is given up, if no re-allocation did."""
        for decision in self.decisions.values():
            if decision.unusable and self.dice.random() < 0.7:
                self.events["useless"] += 1
                gone = [self._whole(each) for each in decision.unusable]
                before = self.stock
                self._keep_stock(before.without_reservations(gone), before)

    def _whole(self, part: Reservation) -> Reservation:
        """The reservation that this is a part of."""
        return next(
            (
                each
                for each in self.stock.reservations_of(part.order_id)
                if attrs.evolve(each, quantity=part.quantity) == part
            ),
            part,
        )

    # -- People ----------------------------------------------------------------------------------

    def _check_out(self, orders: int) -> None:
        """Some orders are placed, and judged together with what their customers have ordered."""
        customers = set[str]()
        for _ in range(orders):
            self.number += 1
            order = self._order(f"A-{self.number}")
            customers.add(order.customer.id)
            self.ledger.open(order)
            self._keep(Position(OrderRecord(order=order), self.stock))
        self._cart()
        self.run([
            record.id for record in self.records.values() if record.order.customer.id in customers
        ])  # fmt: skip

    def _order(self, order_id: str) -> Order:
        dice = self.dice
        skus = dice.choices(list(DEMAND), DEMAND.values(), k=dice.choice([1, 1, 1, 2, 2, 3]))
        lines = [
            OrderLine(
                id=str(at),
                sku=sku,
                quantity=1 if sku in ("lamp", "watch") else dice.choice([1, 1, 2, 3]),
                unit_price=Decimal(PRICES[sku]),
            )
            for at, sku in enumerate(skus, start=1)
        ]
        if dice.random() < 0.1:
            lines.append(OrderLine(id="9", sku="wrap", quantity=1, unit_price=Decimal(2)))
        total = 5 + sum(line.unit_price * line.quantity for line in lines)
        number = dice.randint(1, 40 * self.orders_a_day)
        days = dice.randint(4, 20)
        return Order(
            id=order_id,
            placed_at=self.now - timedelta(minutes=dice.randint(1, 150)),
            customer=Customer(
                id=f"C-{number}",
                email=f"c{number}@example.com",
                tier="standard" if number % 10 else "gold",
            ),
            lines=lines,
            currency="EUR",
            shipping=Decimal(5),
            ship=dice.choices(list(Ship), (7, 1, 2))[0],
            ship_to=LEEDS,
            deliver_by=self.now + days * DAY if dice.random() < 0.2 else None,
            ship_after=self.now + days * DAY if dice.random() < 0.03 else None,
            payments=[Payment(id="p1", amount=total - (dice.random() < 0.04))],
        )

    def _cart(self) -> None:
        """Somebody puts a mug into a cart, and goes away; a host forgets carts after some days."""
        self.number += 1
        before = self.stock
        end = self.now + timedelta(minutes=30)
        ended = [
            each
            for each in self._reservations()
            if each.expires_at is not None and each.expires_at <= self.now - DAY
        ]
        after = before.without_reservations(ended)
        if after.available("mug", now=self.now):
            cart = f"cart-{self.number}"
            after = after.with_available_reserved(cart, "1", "mug", 1, now=self.now, expires_at=end)
        self._keep_stock(after, before)

    def _people(self) -> None:
        """Customers cancel and change their orders; the shop's people look at what is stopped."""
        for record in list(self.records.values()):
            decision = self.decisions.get(record.id)
            if decision is None:
                continue
            if decision.outcome is Outcome.HELD:
                self._look_at(record, decision)
            elif decision.outcome is Outcome.REJECTED:
                self._cancel(record, "rejected")
            elif decision.shorts and not decision.unusable and self.dice.random() < 0.3:
                self._give_up(record, decision)
        for happening in (self._withdraw, self._stop, self._amend, self._send_again, self._return):
            for _ in range(1 + self.orders_a_day // 40):
                happening()

    def _look_at(self, record: OrderRecord, decision: Decision) -> None:
        """Of orders that are stopped, some are paid, some approved, some rejected, some let go."""
        chance = self.dice.random()
        if record.holds:
            if chance < 0.5:
                self._keep_record(record.without_hold(*record.holds[0].key))
        elif chance < 0.3:
            self.events["approved"] += 1
            self._keep_record(record.approved(decision.findings, by="Grace", at=self.now))
        elif chance < 0.6:
            paid = sum(payment.authorized + payment.paid for payment in record.order.payments)
            missing = self.ledger.orders[record.id].due - paid
            more = Payment(id=f"p{len(record.order.payments) + 1}", amount=missing)
            self._keep_payments(record, (*record.order.payments, more))
        elif chance < 0.7:
            self.events["rejected"] += 1
            rejection = Rejection(
                order_id=record.id, fingerprint=record.order.fingerprint, by="Grace", at=self.now
            )
            self._keep_record(attrs.evolve(record, rejections=[rejection]))

    def _give_up(self, record: OrderRecord, decision: Decision) -> None:
        """What can't be had is cancelled."""
        for line_id, units in Counter(
            {row.line_id: row.quantity for row in decision.shorts}
        ).items():
            record = self.records[record.id]
            self._cancel(record, "given up", {line_id: min(units, record.open(line_id))})

    def _withdraw(self) -> None:
        """A customer wants less, or nothing."""
        record = self._any_record()
        lines = [line for line in record.order.lines if record.open(line.id)]
        line = self.dice.choice(lines)
        if self.dice.random() < 0.5:
            self._cancel(record, "withdrawn")
        else:
            units = self.dice.randint(1, record.open(line.id))
            self._cancel(record, "withdrawn in part", {line.id: units})

    def _cancel(self, record: OrderRecord, event: str, units: dict[str, int] | None = None) -> None:
        units = {line_id: number for line_id, number in (units or {}).items() if number} or units
        if units is None:
            units = {line.id: record.open(line.id) for line in record.order.lines}
            units = {line_id: number for line_id, number in units.items() if number}
        if not any(units.values()):
            return
        self.events[event] += 1
        for line_id, number in units.items():
            self.ledger.of_line(record.id, line_id).cancelled += number
        self._keep(cancel(record, self.stock, units))
        self._wrap(record.id, is_done=False)
        self._refund(record.id)

    def _stop(self) -> None:
        """Somebody stops an order."""
        record = self._any_record()
        hold = Hold(order_id=record.id, source="fraud team", code="shop.check", at=self.now)
        self.events["stopped"] += 1
        self._keep_record(record.with_hold(hold))

    def _amend(self) -> None:
        """A customer moves, or wants more."""
        record = self._any_record()
        order = record.order
        self.events["amended"] += 1
        if self.dice.random() < 0.5:
            order = attrs.evolve(order, ship_to=YORK)
        else:
            first, *rest = order.lines
            more = attrs.evolve(first, quantity=first.quantity + 1)
            order = attrs.evolve(order, lines=[more, *rest])
            self.ledger.open(order)
        self._keep_record(attrs.evolve(record, order=order))

    def _send_again(self) -> None:
        """Something was lost, and is sent again: the order may have been over."""
        order_id = self._any_order_that_left()
        if order_id is None:
            return
        [record] = self._loaded(order_id)
        for progress in record.progress:
            entry = self.ledger.of_line(order_id, progress.line_id)
            if progress.shipped > progress.lost + progress.returned and entry.sku not in (
                "set",
                "wrap",
            ):
                self.events["lost"] += 1
                entry.reopened += 1
                self._keep_record(record.with_progress(progress.line_id, lost=1, reopened=1))
                return

    def _return(self) -> None:
        """Something comes back, and is as good as new."""
        order_id = self._any_order_that_left()
        if order_id is None:
            return
        [record] = self._loaded(order_id)
        for progress in record.progress:
            entry = self.ledger.of_line(order_id, progress.line_id)
            lost = progress.lost + progress.returned
            if progress.shipped > lost and entry.sku not in ("set", "wrap", *BY_LOT):
                self.events["returned"] += 1
                entry.returned += 1
                self._keep_record(record.with_progress(progress.line_id, returned=1))
                self._receive(entry.sku, LYON, 1)
                self._refund(order_id)
                return

    def _any_order_that_left(self) -> str | None:
        ids = [key for (key,) in list(self.tables.rows["progress"])[-300:]]
        return self.dice.choice(ids) if ids else None

    def _loaded(self, order_id: str) -> list[OrderRecord]:
        """The record of an order; one that is over is loaded again."""
        if order_id in self.records:
            return [self.records[order_id]]
        return list(self.tables.load_records(self.stock, [order_id]).values())

    def _any_record(self) -> OrderRecord:
        records = [record for record in list(self.records.values())[-500:] if not record.is_settled]
        return self.dice.choice(records)

    # -- What leaves -----------------------------------------------------------------------------

    def _leave(self) -> None:
        """Most of what is reserved leaves; some orders in parts, some not today."""
        for decision in self.decisions.values():
            record = self.records.get(decision.id)
            if record is None or decision.outcome not in SERVED or self.dice.random() < 0.15:
                continue
            # Parts of a kit wait for the others.
            waiting = [line for line in decision.lines if line.backordered or line.short]
            useless = {each.line_id for each in decision.unusable}
            useless |= {line.line_id for line in waiting if line.sku == "set"}
            by_place: dict[str, dict[str, list[Reservation]]] = {}
            for each in self.stock.reservations_of(decision.id):
                if each.line_id not in useless:
                    of_place = by_place.setdefault(each.location, {})
                    of_place.setdefault(each.line_id, []).append(each)
            is_whole = decision.outcome is Outcome.ALLOCATED
            if by_place and (is_whole or decision.order.ship is not Ship.COMPLETE):
                for place, by_line in sorted(by_place.items()):
                    self._ship(decision.id, place, by_line)

    def _ship(self, order_id: str, place: str, by_line: dict[str, list[Reservation]]) -> None:
        """A parcel: some lines in part, or all that is reserved there."""
        units: dict[str | tuple[str, str], int] = {}
        left: dict[str, Counter[Place]] = {}
        is_all = self.dice.random() < 0.7
        for line_id, reservations in by_line.items():
            for each in reservations:
                number = each.quantity
                if not is_all and each.sku not in BY_LOT:
                    number = self.dice.randint(1, number)
                key = line_id, each.sku
                units[key] = units.get(key, 0) + number
                left.setdefault(line_id, Counter())[each.sku, place, each.lot] += number
        at_place = [each for each in self.stock.reservations_of(order_id) if each.location == place]
        is_all = is_all and len(at_place) == sum(map(len, by_line.values()))
        try:
            record = self.records[order_id]
            step = ship(record, self.stock, None if is_all else units, location=place, now=self.now)
        except StockError as error:
            message = f"{order_id}: what the run called confirmed can't leave: {error}"
            raise AssertionError(message) from error
        self.events["parcel"] += 1
        for line_id, of_line in left.items():
            self.ledger.ship(order_id, line_id, of_line)
        self._keep(step)
        self._wrap(order_id, is_done=is_all)
        self._capture(order_id)

    def _wrap(self, order_id: str, *, is_done: bool) -> None:
        """Gift wrap goes with the last parcel: by itself, or because somebody says so."""
        account = self.ledger.orders[order_id]
        wrap = account.lines.get("9")
        is_last = not any(line.open for line_id, line in account.lines.items() if line_id != "9")
        if wrap is not None and wrap.open and is_last:
            if not is_done:
                units = {"9": wrap.open}
                self._keep(ship(self.records[order_id], self.stock, units, location=BERLIN))
                self._capture(order_id)
            wrap.left["wrap"] = wrap.due

    def _capture(self, order_id: str) -> None:
        """When the first of an order leaves, all that is due is captured; later what is new."""
        record = self.records[order_id]
        captures = dict(to_capture(record, now=self.now))
        if captures:
            self.ledger.orders[order_id].captured += sum(captures.values())
            self._keep_payments(record, [
                attrs.evolve(
                    payment,
                    status=None,
                    amount=captures[payment.id],
                    authorized=Decimal(0),
                    captured=captures[payment.id],
                )
                if payment.id in captures
                else payment
                for payment in record.order.payments
            ])  # fmt: skip

    def _refund(self, order_id: str) -> None:
        """What was captured and is not due any more goes back."""
        account = self.ledger.orders[order_id]
        beyond = account.captured - account.due
        if beyond > 0:
            account.captured -= beyond
            [record] = self._loaded(order_id)
            payments = list(record.order.payments)
            for at, payment in enumerate(payments):
                amount = min(beyond, payment.paid)
                if amount > 0:
                    back = payment.refunded + amount
                    payments[at] = attrs.evolve(payment, status=None, refunded=back)
                    beyond -= amount
            self._keep_payments(record, payments)

    # -- Stored ----------------------------------------------------------------------------------

    def _keep_payments(self, record: OrderRecord, payments: Iterable[Payment]) -> None:
        order = attrs.evolve(record.order, payments=tuple(payments))
        self._keep_record(attrs.evolve(record, order=order))

    def _keep_record(self, record: OrderRecord) -> None:
        self._keep(Position(record, self.stock))

    def _keep(self, step: Position) -> None:
        """What came of something that happened to an order."""
        self.records[step.record.id] = step.record
        self.tables.save(step.inventory.changes_since(self.stock), step.inventory, [step.record])
        self.stock = step.inventory

    def _keep_stock(self, after: Inventory, before: Inventory) -> None:
        self.tables.save(after.changes_since(before), after)
        self.stock = after

    def _change(self, changes: Changes) -> None:
        self._keep_stock(self.stock.with_changes(changes), self.stock)

    def _reservations(self) -> list[Reservation]:
        return list(self.stock.reservations())

    def _send(self) -> None:
        """What waits in the outbox is sent, once."""
        same("messages that are sent again", set(), self.sent & self.tables.outbox.keys())
        self.sent |= self.tables.outbox.keys()
        self.tables.outbox.clear()

    def _settle(self) -> None:
        """Orders that are over leave the batch, once a run has said so."""
        for order_id in [
            record.id
            for record in self.records.values()
            if record.outcome in (Outcome.COMPLETED, Outcome.CANCELLED) and record.is_settled
        ]:
            del self.records[order_id]


def differing(before: Any, after: Any) -> dict[str, Any]:
    """The fields in which two values differ."""
    names = [field.name for field in attrs.fields(type(before))]
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
