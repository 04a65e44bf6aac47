"""A shop over many runs: a stream of what happens to orders and stock, and an account kept by hand.

The account knows nothing of the library but its values: how many units came in, left and were
counted, how far each line has come, and which messages everybody has in the inbox.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from fulfill_core import (
    DEFAULT_PRIORITY,
    DEFAULT_SOURCING,
    Audience,
    Changes,
    Component,
    Context,
    Customer,
    Decision,
    Facts,
    Finding,
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
    hold,
    process,
)
from fulfill_core.lifecycle import cancel, ship
from fulfill_core.notifications import customer_and_staff
from fulfill_core.orders.progress import has_left
from fulfill_core.testing import Batch

from .laws import CASES
from .ledger import content
from .runs import COMMON, OF_STOCK, SEEDS, Law, Policies, active, same, shuffled, summed

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SKUS = ("mug", "cup", "pot", "tea")
LOTS = {"T-1": None, "T-2": START + timedelta(days=6)}
"""The lots that tea comes in, and when they end."""
LARGE = 9
"""An order for so many waits until somebody lets it pass."""
LAWS: tuple[Law, ...] = tuple(
    [law for law, of_what in CASES.items() if of_what in (COMMON, OF_STOCK, (*OF_STOCK, SEEDS))]
)
"""The laws of a batch. (What caps leave is no law between runs: a checkout sees one order only.)"""

PLACES = ("a", "b")
SETTLED = (Outcome.COMPLETED, Outcome.CANCELLED)

Process = Callable[..., Result]


def large_orders(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """A verifier that stops orders for much: the more, the worse."""
    units = units_of(order)
    if units >= LARGE:
        yield hold("shop.large", field="lines", detail="Much.", evidence="units", measure=units)


def units_of(order: Order) -> int:
    """What an order asks for in all."""
    return sum(line.quantity for line in order.lines)


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
    approved: set[tuple[str, str]] = attrs.field(factory=set[tuple[str, str]])
    """Orders that somebody let pass, by id and version."""
    rules: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    """What the runs are told beside."""
    is_thorough: bool = False
    runs: int = 0

    @classmethod
    def opened(
        cls,
        process: Process,
        seed: int,
        rules: Mapping[str, Any] | None = None,
        *,
        is_thorough: bool = False,
    ) -> Shop:
        """A shop with some stock, some of which may be backordered; one SKU is a kit, and one place
        takes on few orders a day.
        """
        shop = cls(process, random.Random(seed), rules=rules or {}, is_thorough=is_thorough)
        shop.inventory = Inventory(
            items=[
                Item(sku="mug", backorderable=True),
                Item(sku="cup", backorderable=shop.dice.random() < 0.5, customer_cap=4),
                Item(
                    sku="set", components=[Component(sku="cup"), Component(sku="pot", quantity=2)]
                ),
                Item(sku="tea", backorderable=shop.dice.random() < 0.5),
            ],
            locations=[Location(id="a", capacity=1 if seed % 3 else None)],
        )
        for sku in SKUS:
            for place in PLACES:
                shop.receive(sku, place, shop.dice.randint(0, 3))
        for happening in (shop.place, shop.place, shop.place, shop.announce, shop.announce):
            happening()
        return shop

    # -- What happens ----------------------------------------------------------------------------

    def receive(self, sku: str, place: str, units: int) -> None:
        """Units come in."""
        if units:
            self._receive(sku, place, units)

    def _receive(self, sku: str, place: str, units: int, supply_id: str = "") -> None:
        lot = self.dice.choice(list(LOTS)) if sku == "tea" else ""
        self.inventory = self.inventory.with_received(
            sku,
            place,
            units,
            supply_id=supply_id,
            lot=lot,
            expires_at=LOTS.get(lot),
            received_at=self.now if lot else None,
        )
        self.units[sku] += units

    def happen(self) -> None:
        """One thing happens, whatever it is."""
        self.now += timedelta(minutes=self.dice.choice([1, 10, 60, 60 * 24]))
        self.dice.choice(
            [
                self.place,
                self.place,
                self.place,
                self.deliver,
                self.deliver,
                self.announce,
                self.announce,
                self.replan,
                self.leave,
                self.leave,
                self.withdraw,
                self.amend,
                self.stop_or_go,
                self.let_pass,
                self.touch,
                self.send_again,
                self.count,
                self.recall,
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
            units = self.dice.randint(1, supply.quantity + 1)  # early or late, short or over
            self._receive(supply.sku, supply.location, units, supply.id)
        else:
            self.receive(self.dice.choice(SKUS), self.dice.choice(PLACES), self.dice.randint(1, 4))

    def announce(self) -> None:
        """A supply is ordered."""
        supply = Supply(
            id=f"PO-{self.now:%d%H%M}-{len(list(self.inventory.supplies()))}",
            sku=self.dice.choice(("mug", *SKUS)),
            quantity=self.dice.randint(1, 6),
            expected_at=self.now + timedelta(days=self.dice.randint(1, 9)),
            location=self.dice.choice(PLACES),
        )
        self.inventory = self.inventory.with_changes(Changes(supplies_added=[supply]))

    def replan(self) -> None:
        """A supply comes at another time, brings less, or does not come at all."""
        supplies = [supply for sku in SKUS for supply in self.inventory.supplies_of(sku)]
        if not supplies:
            return
        supply = self.dice.choice(supplies)
        days = timedelta(days=self.dice.choice([-2, -1, 1, 3]))
        changed = [
            attrs.evolve(supply, expected_at=supply.expected_at + days),
            attrs.evolve(supply, quantity=max(1, supply.quantity - 1)),
        ]
        after = self.dice.choice([changed[:1], changed[1:], []])
        if after != [supply]:
            changes = Changes(supplies_removed=[supply], supplies_added=after)
            self.inventory = self.inventory.with_changes(changes)

    def count(self) -> None:
        """Somebody counts, and finds what was expected, or less, or more."""
        sku, place = self.dice.choice(SKUS), self.dice.choice(PLACES)
        lots = {lot.id: lot.quantity for lot in self.inventory.lots_of(sku).get(place, ())}
        lot = self.dice.choice(list(lots)) if lots else ""
        before = lots[lot] if lots else self.inventory.on_hand(sku, place)
        units = max(0, before + self.dice.choice([-2, -1, -1, 0, 1]))
        self.inventory = self.inventory.with_counted(sku, place, units, lot=lot)
        self.units[sku] += units - before

    def recall(self) -> None:
        """A lot is locked up, or let go."""
        place = self.dice.choice(PLACES)
        for lot in self.inventory.lots_of("tea").get(place, ()):
            self.inventory = self.inventory.with_quarantined(
                "tea", place, lot.id, quarantined=not lot.quarantined
            )
            return

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
            step = ship(record, self.inventory, units, location=place, now=self.now)
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

    def amend(self) -> None:
        """A customer wants more: that is another order, of which nobody has seen anything."""
        seen = [self.records[order_id] for order_id, _ in sorted(self.approved)]
        record = self.dice.choice(seen) if seen and self.dice.random() < 0.5 else self._any_record()
        if record is not None:
            first, *rest = record.order.lines
            more = attrs.evolve(first, quantity=first.quantity + 1)
            order = attrs.evolve(record.order, lines=[more, *rest])
            self.records[record.id] = attrs.evolve(record, order=order)

    def let_pass(self) -> None:
        """Somebody has seen how much it is, and lets it pass."""
        large = [
            record
            for _, record in sorted(self.records.items())
            if units_of(record.order) >= LARGE and not record.is_settled
        ]
        if large:
            record = self.dice.choice(large)
            findings = large_orders(record.order, context=Context(now=self.now))
            self.records[record.id] = record.approved(findings, by="Grace", at=self.now)
            self.approved.add((record.id, record.order.fingerprint))

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
        """A run of all orders, of one only, or of two halves at two checkouts."""
        records = list(self.records.values())
        chance = self.dice.random()
        if records and chance < 0.2:
            self.run_of([self.dice.choice(records)])
        elif chance < 0.3:
            mixed = shuffled(records, self.runs)
            self.run_of(mixed[: len(mixed) // 2])
            self.run_of([self.records[record.id] for record in mixed[len(mixed) // 2 :]])
        else:
            self.run_of(records)
        if self.is_thorough or self.runs % 16 == 0:
            self._check_laws()

    def run_of(self, records: list[OrderRecord]) -> None:
        """A run of these records, the same once more, and the next one."""
        options: dict[str, Any] = {"now": self.now, "verifiers": [large_orders], **self.rules}
        before = self.inventory
        result = self.process(records, before, **options)
        self.runs += 1
        self._check_lines(result)
        self._check_stock(result)
        self._check_places(result)
        self._check_rest(result, before, {record.id for record in records})
        self._check_losses(result, before)
        self._check_inboxes(result)
        repeat = self.process(shuffled(records, self.runs), before, **options)
        same("the decisions of a run that is done again", [*result], [*repeat])
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

    def _check_laws(self) -> None:
        """The laws of a batch hold for orders that have lived, too: those of which no unit left."""
        fresh = [
            OrderRecord(order=record.order)
            for record in self.records.values()
            if not record.progress
        ]
        batch = Batch(orders=tuple(fresh), inventory=self.inventory, now=self.now, facts=Facts())
        rules = Policies(
            (),
            self.rules.get("priority", DEFAULT_PRIORITY),
            self.rules.get("sourcing", DEFAULT_SOURCING),
        )
        for law in LAWS:
            law(self.process, batch, rules, *([self.runs] if SEEDS in CASES[law] else []))

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
            self._check_waiver(decision)

    def _check_stock(self, result: Result) -> None:
        """Nothing was made, nothing lost, and nothing promised by the run that is not there."""
        stock = result.inventory
        for sku in SKUS:
            same(f"{sku} on hand", self.units[sku], stock.on_hand(sku))
        reserved = Counter[tuple[str, ...]]()
        for each in active(stock.reservations(), self.now):
            reserved[each.sku, each.location] += each.quantity
            reserved[each.sku, each.location, each.lot] += each.quantity
        for sku, place, lot in {
            (each.sku, each.location, each.lot) for each in result.reservations
        }:
            free = stock.on_hand(sku, place) - reserved[sku, place]
            same(f"{sku} at {place} is oversold", False, free < 0)
            for each in stock.lots_of(sku).get(place, ()):
                if each.id == lot:
                    same(
                        f"{lot} at {place} is oversold",
                        False,
                        each.quantity < reserved[sku, place, lot],
                    )

    def _check_rest(self, result: Result, before: Inventory, ids: set[str]) -> None:
        """The run changed what it says, which can be undone; nothing of an order that it did not
        see; and no line has, or waits for, more units than are open.
        """
        after = result.inventory
        same("the changes", result.changes, after.changes_since(before))
        same("the stock, undone", before, after.with_changes(result.changes.inverted()))
        units_before, units_after = [
            summed((each.supply_id, each.quantity) for each in stock.claims())
            for stock in (before, after)
        ]
        for supply in after.supplies():  # it may bring less than was promised: then no more is
            most = max(supply.quantity, units_before[supply.id])
            same(f"{supply.id} is promised twice", False, units_after[supply.id] > most)
        for order_id, record in self.records.items():
            rows = *after.reservations_of(order_id), *after.claims_of(order_id)
            if order_id not in ids:
                rows_before = *before.reservations_of(order_id), *before.claims_of(order_id)
                same(f"what {order_id} has, which is not in the run", rows_before, rows)
            elif result[order_id].outcome not in (Outcome.HELD, Outcome.REJECTED):
                self._check_rows(record, rows)

    def _check_rows(self, record: OrderRecord, rows: Iterable[Any]) -> None:
        units: Counter[tuple[str, str]] = Counter()
        for row in rows:
            units[row.line_id, row.sku] += row.quantity
        for line in record.order.lines:
            progress, parts = record.progress_of(line.id), dict(record.progress_of(line.id).parts)
            for sku, each in self.inventory.components_of(line.sku) or ((line.sku, 1),):
                most = max(0, progress.open(line) * each - parts.get(sku, 0))
                what = f"{sku} for {record.id}, line {line.id}, of {most} that are open"
                same(what, False, units[line.id, sku] > most)

    def _check_losses(self, result: Result, before: Inventory) -> None:
        """What is reserved and can't be used is named, unit by unit, and nothing else is."""
        after = result.inventory
        ids = {decision.id for decision in result.decisions}
        lots = {
            (place, lot.id): lot for place, lots in before.lots_of("tea").items() for lot in lots
        }
        for decision in result.decisions:
            named: Counter[tuple[str, str]] = Counter()
            for each in decision.unusable:
                named[each.location, each.lot] += each.quantity
            expected: Counter[tuple[str, str]] = Counter()
            for each in after.reservations_of(decision.id):
                lot = lots.get((each.location, each.lot))
                ends_at = None if lot is None else lot.expires_at
                if lot is not None and (
                    lot.quarantined or (ends_at is not None and ends_at <= self.now)
                ):
                    expected[each.location, each.lot] += each.quantity
                elif ends_at is not None and decision.outcome not in SETTLED:
                    wakes_in_time = result.wake_at is not None and result.wake_at <= ends_at
                    same(f"the run wakes when {each.lot} ends", True, wakes_in_time)
            for at, units in expected.items():
                same(f"{decision.id}: {units} at {at} that can't be used", units, named[at])
            is_fine = decision.outcome is Outcome.ALLOCATED
            same(f"{decision.id} is confirmed in vain", False, is_fine and bool(decision.unusable))
        if all(each.order_id in ids for each in after.reservations()):
            missing = sum(row.missing for row in after.overdrawn(now=self.now) if row.sku != "tea")
            units = sum(
                each.quantity
                for decision in result.decisions
                for each in decision.unusable
                if each.sku != "tea"
            )
            same("units that are reserved and not there", missing, units)

    def _check_waiver(self, decision: Decision) -> None:
        """An order for much is held, unless somebody let pass this very version of it."""
        record = self.records[decision.id]
        is_open = (record.id, record.order.fingerprint) in self.approved
        is_large = units_of(record.order) >= LARGE and not record.is_settled
        is_held = bool(record.holds) or (is_large and not is_open)
        if not record.is_settled:
            same(f"{decision.id} is held", is_held, decision.outcome is Outcome.HELD)

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
                each for each in inbox if content(each) == content(message)
            ])  # fmt: skip
            same("what it takes the place of", set(), set(message.supersedes) - superseded)
            inbox.append(message)
        for decision in result.decisions:
            said = list(customer_and_staff(decision, context=result.context))
            for audience in Audience:
                current = {content(message) for message in said if message.audience is audience}
                inbox = self.inbox.get((decision.id, str(audience)), [])
                known = {content(message) for message in inbox}
                same(f"{decision.id}: what the {audience} does not know", set(), current - known)
                if audience is Audience.STAFF or decision.outcome in SETTLED:
                    wrong = known - current
                    if has_left(decision.progress):
                        # A confirmation is owed with the goods: it lapses, and is not withdrawn.
                        wrong = {each for each in wrong if each[0] not in CONFIRMATIONS}
                        inbox[:] = [each for each in inbox if each.kind not in CONFIRMATIONS]
                    same(f"{decision.id}: what the {audience} has and is over", set(), wrong)


CONFIRMATIONS = {"order.confirmed", "order.partly_confirmed", "order.back_in_stock"}


def days_of(inventory: Inventory, order_id: str, place: str) -> Counter[date]:
    """On which days what an order has at a place was reserved: units by day."""
    units: Counter[date] = Counter()
    for each in inventory.reservations_of(order_id):
        if each.location == place and each.made_at is not None:
            units[each.made_at.date()] += each.quantity
    return units


def stream(process: Process, seed: int, steps: int) -> int:
    """A shop over so many things that happen, with a run after each or after some; runs made."""
    shop = Shop.opened(process, seed)
    for _ in range(steps):
        shop.happen()
        if shop.dice.random() < 0.7:
            shop.run()
    return shop.runs


__all__ = ["Shop", "process", "stream"]
