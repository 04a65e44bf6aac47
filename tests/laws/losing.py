"""Law 20 over several runs: counts, recalls, receipts and time between them, and an account of it.

The account goes unit by unit: whoever came first has what is there. It knows nothing of how the
library finds out.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from fulfill_core import (
    Audience,
    Component,
    Customer,
    Decision,
    Inventory,
    Item,
    Kind,
    Lot,
    Notification,
    Order,
    OrderLine,
    Outcome,
    Reservation,
    Result,
    Ship,
    Stock,
    process,
)
from fulfill_core.reallocation import Loss, Reallocation

from .runs import holds, same

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SKUS = ("mug", "mug", "cup", "set")
Units = Counter[tuple[str, str, str, str, str]]
"""Units by order, line, SKU, location and lot."""


@attrs.frozen
class Said:
    """What a run said, as far as the law asks."""

    decisions: tuple[Decision, ...]
    notifications: tuple[Notification, ...]
    losses: tuple[Loss, ...]
    wake_at: datetime | None
    inventory: Inventory

    @classmethod
    def of(cls, result: Result) -> Said:
        """What a result says."""
        return cls(
            tuple(result.decisions),
            result.notifications,
            result.losses,
            result.wake_at,
            result.inventory,
        )


Run = Callable[..., Said]


def says(orders: Iterable[Order], stock: Inventory, **options: Any) -> Said:
    """A run of the library."""
    return Said.of(process(orders, stock, verifiers=(), **options))


def stock_of(dice: random.Random) -> Inventory:
    """Mugs by lot, cups and pots at two places; a set is a cup and a pot."""
    lots = {
        place: [
            Lot(id=f"L{number}", quantity=dice.randint(1, 4), expires_at=START + days * DAY)
            for number, days in enumerate(dice.sample(range(1, 9), 2), 1)
        ]
        for place in ("a", "b")
    }
    rows = [
        Stock(
            sku="mug",
            location=place,
            on_hand=sum(lot.quantity for lot in of_place) + dice.randint(0, 2),
            lots=of_place,
        )
        for place, of_place in lots.items()
    ]
    for sku in ("cup", "pot"):
        rows += [Stock(sku=sku, location=place, on_hand=dice.randint(0, 4)) for place in "ab"]
    parts = [Component(sku="cup"), Component(sku="pot")]
    items = [Item(sku="set", components=parts), Item(sku="mug", backorderable=dice.random() < 0.3)]
    return Inventory(stock=rows, items=items)


def order(dice: random.Random, number: int) -> Order:
    """An order of some of it."""
    return Order(
        id=f"A-{number}",
        placed_at=START + number * timedelta(minutes=1),
        customer=Customer(id="C"),
        currency="EUR",
        ship=dice.choice(list(Ship)),
        ship_after=dice.choice([None, None, START + dice.randint(1, 6) * DAY]),
        lines=[
            OrderLine(
                id=str(line),
                sku=dice.choice(["mug", "mug", "cup", "set"]),
                quantity=dice.randint(1, 3),
            )
            for line in range(dice.randint(1, 2))
        ],
    )


def happen(dice: random.Random, stock: Inventory) -> Inventory:
    """Something is counted, recalled, or comes in."""
    sku, place = dice.choice(["mug", "cup", "pot"]), dice.choice("ab")
    if sku == "mug":
        lot = dice.choice(["L1", "L2"])
        if lot not in {each.id for each in stock.lots_of("mug").get(place, ())}:
            return stock
        if dice.random() < 0.5:
            return stock.with_quarantined(sku, place, lot, quarantined=dice.random() < 0.8)
        return stock.with_counted(sku, place, dice.randint(0, 3), lot=lot)
    if dice.random() < 0.7:
        return stock.with_counted(sku, place, dice.randint(0, 2))
    return stock.with_received(sku, place, dice.randint(1, 3))


def several_runs(run: Run, seed: int, steps: int = 4) -> int:
    """Some runs of one world, each of all orders or of some; how many units were unusable."""
    dice = random.Random(seed)
    stock, now = stock_of(dice), START
    orders = [order(dice, number) for number in range(dice.randint(2, 4))]
    unusable = 0
    for _ in range(steps):
        batch = [each for each in orders if dice.random() < 0.9]
        options: dict[str, Any] = {"now": now, "reservation_window": 9 * DAY}
        if dice.random() < 0.3:
            options["reallocation"] = Reallocation()
        said = run(batch, stock, **options)
        is_reallocation = "reallocation" in options
        unusable += law_20_no_silent_loss(said, stock, now, is_reallocation=is_reallocation)
        stock, now = said.inventory, now + dice.choice([timedelta(0), DAY, 2 * DAY])
        for _ in range(dice.randint(0, 2)):
            stock = happen(dice, stock)
    return unusable


def law_20_no_silent_loss(
    said: Said, stock: Inventory, now: datetime, *, is_reallocation: bool
) -> int:
    """What an order had and no longer has, or has and can no longer use, stands in its decision,
    in a message to the staff, and in `wake_at`.
    """
    bad = unusable_units(said, stock, now)
    for made in said.decisions:
        had = units_of(stock.reservations_of(made.id))
        has = units_of(made.reserved) + units_of(made.unusable)
        lost: Units = Counter()
        for loss in said.losses:
            if loss.order_id == made.id:
                lost[loss.order_id, loss.line_id, loss.sku, loss.location, loss.lot] += (
                    loss.quantity
                )
        same(f"{made.id}: what it had", had, has + lost)
        unusable = Counter({key: units for key, units in bad.items() if key[0] == made.id})
        if made.rank is None or not is_reallocation:
            same(f"{made.id}: what can't be used", unusable, units_of(made.unusable))
        else:  # it was given up, whoever had it
            rest = [key for key in unusable_units(said, said.inventory, now) if key[0] == made.id]
            same(f"{made.id}: what can't be used is given up", [], rest)
        _is_told(made, said)
    _wakes(said, now)
    return sum(bad.values())


def _is_told(made: Decision, said: Said) -> None:
    """What can't be used is in the findings, in the lines and in a message, and nothing else is."""
    details = [each.detail for each in made.findings if each.code.startswith("reservation.")]
    for _, _, sku, location, lot in units_of(made.unusable):
        where = f"{location}, lot {lot}," if lot else location
        named = [
            each for each in details if each.startswith(f"Of {sku},") and f" at {where} " in each
        ]
        holds(f"{made.id}: {sku} at {where} is named", true=len(named) == 1)
    messages = [
        each
        for each in said.notifications
        if each.order_id == made.id and each.kind == Kind.AT_RISK
    ]
    same(f"{made.id}: who is told", [Audience.STAFF] * bool(details), [
        each.audience for each in messages
    ])  # fmt: skip
    for message in messages:
        same("the reasons", details, [detail for _, detail in message.reasons])
    for line in made.lines:
        parts = line.reserved, line.allocated, line.backordered, line.short, line.untracked
        same(f"{made.id}: {line}", line.ordered, sum(parts) + line.scheduled + line.held)
    if made.outcome is Outcome.ALLOCATED:
        holds(f"{made.id} is whole", true=all(line.short == 0 for line in made.lines))


def _wakes(said: Said, now: datetime) -> None:
    """No lot of which units are reserved ends before the next run."""
    ends = [
        lot.expires_at
        for made in said.decisions
        for each in said.inventory.reservations_of(made.id)
        for lot in said.inventory.lots_of(each.sku).get(each.location, ())
        if lot.id == each.lot and lot.expires_at is not None and lot.expires_at > now
    ]
    if ends:
        wakes = said.wake_at
        holds(
            f"it wakes at {wakes}, for {min(ends)}", true=wakes is not None and wakes <= min(ends)
        )


def unusable_units(said: Said, stock: Inventory, now: datetime) -> Units:
    """Unit by unit, from the oldest reservation on: what finds nothing, or a lot that is bad."""
    due = {made.id: made.order.ship_after or now for made in said.decisions}
    rows = {(row.sku, row.location): row for row in stock.stock()}
    lots = {(*key, lot.id): lot for key, row in rows.items() for lot in row.lots}
    there = Counter({key: row.on_hand for key, row in rows.items()})
    there_of_lots = Counter({key: lot.quantity for key, lot in lots.items()})
    bad: Units = Counter()
    oldest_first = sorted(stock.reservations(), key=lambda row: (not row.lot, _age(row)))
    for row in oldest_first:
        place, key = (row.sku, row.location), (row.sku, row.location, row.lot)
        for _ in range(row.quantity):
            is_there = (there_of_lots[key] if row.lot else there[place]) > 0
            if is_there:
                there[place] -= 1
                there_of_lots[key] -= 1
            lot = lots.get(key)
            ends = lot.expires_at if lot is not None else None
            is_bad = lot is not None and lot.quarantined
            leaves = max(now, due.get(row.order_id, now))
            if not is_there or is_bad or (ends is not None and ends <= leaves):
                bad[row.order_id, row.line_id, *key] += 1
    return bad


def units_of(reservations: Iterable[Reservation]) -> Units:
    """Units by order, line and place."""
    units: Units = Counter()
    for each in reservations:
        units[each.order_id, each.line_id, each.sku, each.location, each.lot] += each.quantity
    return units


def _age(row: Reservation) -> tuple[Any, ...]:
    made_at = row.made_at or datetime.min.replace(tzinfo=UTC)
    return made_at, row.order_id, row.line_id, row.sku, row.location, row.lot, row.quantity
