"""An account of a shop, kept by hand: what came in and left, what was ordered, paid and told.

It knows nothing of the library but the values that it is given: every number in it was added up
here, from what the test itself let happen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import attrs

from fulfill_core import (
    Audience,
    Decision,
    Inventory,
    Kind,
    Notification,
    Order,
    OrderRecord,
    Outcome,
    Result,
)

from .runs import active, same

SETTLED = (Outcome.COMPLETED, Outcome.CANCELLED)
STOPPED = (Outcome.HELD, Outcome.REJECTED)
SERVED = (Outcome.ALLOCATED, Outcome.PARTIALLY_ALLOCATED, Outcome.BACKORDERED)

Place: TypeAlias = tuple[str, str, str]
"""SKU, location, lot."""


@attrs.define
class LineAccount:
    """What was ordered on a line, and what became of it: units, or kits."""

    sku: str
    price: Decimal
    recipe: Mapping[str, int]
    """Units of each SKU for one of it; of what is no kit, one of itself."""
    ordered: int
    cancelled: int = 0
    reopened: int = 0
    returned: int = 0
    left: Counter[str] = attrs.field(factory=Counter[str])

    @property
    def due(self) -> int:
        """How many were to be sent in all."""
        return self.ordered - self.cancelled + self.reopened

    @property
    def shipped(self) -> int:
        """How many have left, whole."""
        return min(self.left[sku] // each for sku, each in self.recipe.items())

    @property
    def open(self) -> int:
        """How many are still to be sent."""
        return self.due - self.shipped

    def may_have(self, sku: str) -> int:
        """How many units may be set aside for it, of a SKU that it takes."""
        return max(0, self.due * self.recipe.get(sku, 0) - self.left[sku])


@attrs.define
class OrderAccount:
    """An order: its lines, its money, its mail."""

    lines: dict[str, LineAccount]
    charges: Decimal
    captured: Decimal = Decimal(0)
    outcome: Outcome | None = None
    """What the last run in which it was not over made of it."""
    is_at_risk: bool = False
    is_over: bool = False
    cancelled: int = 0
    """How many units of it were cancelled by then."""
    date: datetime | None = None
    """When the customer was told that it arrives."""
    inboxes: dict[Audience, list[Notification]] = attrs.field(
        factory=lambda: defaultdict[Audience, list[Notification]](list)
    )
    confirmed: Counter[str] = attrs.field(factory=Counter[str])
    """How many of each line the customer was last told to have or get."""

    @property
    def due(self) -> Decimal:
        """What it costs: what was cancelled or came back costs nothing.

        Nor do its charges if nothing is kept.
        """
        units = [
            (line, line.ordered - line.cancelled - line.returned) for line in self.lines.values()
        ]
        if not any(number for _, number in units):
            return Decimal(0)
        return self.charges + sum(line.price * number for line, number in units)

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it is open."""
        return not any(line.open for line in self.lines.values())


@attrs.define
class Ledger:
    """All orders that there ever were, and all units."""

    recipes: Mapping[str, Mapping[str, int]]
    orders: dict[str, OrderAccount] = attrs.field(factory=dict[str, OrderAccount])
    units: Counter[Place] = attrs.field(factory=Counter[Place])
    ids: set[str] = attrs.field(factory=set[str])

    # -- What happens ----------------------------------------------------------------------------

    def open(self, order: Order) -> None:
        """An order is placed, or comes as a new version of itself."""
        account = self.orders.setdefault(
            order.id, OrderAccount({}, order.shipping + order.tax - order.discount)
        )
        for line in order.lines:
            entry = account.lines.get(line.id)
            if entry is None:
                recipe = self.recipes.get(line.sku) or {line.sku: 1}
                entry = LineAccount(line.sku, line.unit_price, recipe, 0)
                account.lines[line.id] = entry
            entry.ordered = line.quantity

    def of_line(self, order_id: str, line_id: str) -> LineAccount:
        """The account of a line."""
        return self.orders[order_id].lines[line_id]

    def ship(self, order_id: str, line_id: str, units: Mapping[Place, int]) -> None:
        """Units of a line leave: what the customer was told to get, and nothing else."""
        entry = self.of_line(order_id, line_id)
        for (sku, place, lot), number in units.items():
            self.units[sku, place, lot] -= number
            entry.left[sku] += number
            assert self.units[sku, place, lot] >= 0, f"{sku} left {place} that was not there"
            assert entry.left[sku] <= entry.due * entry.recipe[sku], f"too much of {order_id} left"
        account = self.orders[order_id]
        if account.is_at_risk:  # what the customer was told stands until somebody has seen to it
            return
        promised = account.confirmed[line_id]
        # Of a kit that was cancelled since, another part may have left before.
        gone = max(entry.left[sku] / entry.recipe[sku] for sku, _, _ in units)
        assert gone - entry.reopened <= promised, (
            f"{gone} of {order_id}, {line_id} left, and the customer was told of {promised}"
        )

    # -- What a run says -------------------------------------------------------------------------

    def check_run(self, result: Result, records: Iterable[OrderRecord], *, whole: bool) -> None:
        """Laws 1 to 4, 15, 16, 18 and 20, by this account."""
        ids = sorted(record.id for record in records)
        same("orders decided", ids, sorted(decision.id for decision in result.decisions))
        self._check_stock(result)
        self._check_claims(result.inventory)
        by_order: dict[str, list[Notification]] = {}
        for message in result.notifications:
            by_order.setdefault(message.order_id, []).append(message)
        for decision in result.decisions:
            self._check_lines(decision)
            self._check_mail(decision, by_order.pop(decision.id, []))
        same("messages about orders that are not in the run", {}, by_order)
        if whole:  # carts end by themselves
            absent = [each for each in result.of_absent_orders if each.expires_at is None]
            same("reserved for orders that nobody knows", [], absent)

    def _check_lines(self, decision: Decision) -> None:
        """Every unit ordered has left, was cancelled or is open, once; what is open has a place."""
        account = self.orders[decision.id]
        same(f"{decision.id} is settled", account.is_settled, decision.outcome in SETTLED)
        for status in decision.lines:
            entry, what = account.lines[status.line_id], f"{decision.id}, line {status.line_id}: "
            expected = entry.ordered, entry.cancelled, entry.shipped, entry.reopened, entry.open
            actual = (
                status.ordered, status.cancelled, status.shipped, status.reopened, status.open
            )  # fmt: skip
            same(what + "ordered, cancelled, shipped, reopened, open", expected, actual)
            if decision.outcome not in (*SETTLED, *STOPPED):
                parts = (
                    status.reserved + status.allocated + status.backordered + status.short
                    + status.untracked + status.scheduled + status.held
                )  # fmt: skip
                same(what + "the parts of what is open", entry.open, parts)

    def check_reserved(self, stock: Inventory, ids: Iterable[str]) -> None:
        """No line has set aside, or waits for, more than is open; orders that are over, nothing."""
        set_aside: Counter[tuple[str, str, str]] = Counter()
        for order_id in ids:
            for each in (*stock.reservations_of(order_id), *stock.claims_of(order_id)):
                set_aside[order_id, each.line_id, each.sku] += each.quantity
        for (order_id, line_id, sku), units in set_aside.items():
            most = self.of_line(order_id, line_id).may_have(sku)
            assert units <= most, (
                f"{units} of {sku} for {order_id}, {line_id}, which may have {most}"
            )

    def _check_stock(self, result: Result) -> None:
        """Nothing is reserved by the run that is not there, beyond safety stock, lot by lot."""
        stock, now = result.inventory, result.context.now
        rows = {(row.sku, row.location): row for row in stock.stock()}
        places = {(row.sku, row.location, row.lot) for row in result.reservations}
        skus = {(sku, place) for sku, place, _ in places}
        reserved: Counter[tuple[str, ...]] = Counter()
        for each in active(stock.reservations(), now):
            reserved[each.sku, each.location] += each.quantity
            reserved[each.sku, each.location, each.lot] += each.quantity
        for sku, place in skus:
            there = sum(units for at, units in self.units.items() if at[:2] == (sku, place))
            most = there - rows[sku, place].safety
            assert reserved[sku, place] <= most, f"{sku} at {place} is oversold"
        for at in places:
            assert reserved[at] <= self.units[at], f"{at} is oversold"

    def _check_claims(self, stock: Inventory) -> None:
        """No supply is promised beyond what it brings, as far as the claims count."""
        for supply in stock.supplies():
            assert stock.claimed(supply.sku, supply.id) <= supply.quantity

    # -- What people are told --------------------------------------------------------------------

    def _check_mail(self, decision: Decision, messages: list[Notification]) -> None:
        """Nobody hears the same twice in a row; who has another outcome hears of it."""
        account = self.orders[decision.id]
        for message in messages:
            assert message.id not in self.ids, f"{message.id} was used before"
            self.ids.add(message.id)
        if account.is_over and decision.outcome not in SETTLED:
            account.inboxes.clear()  # what was said was of what has left; some is sent again
        account.is_over = decision.outcome in SETTLED
        by_audience = {
            audience: [each for each in messages if each.audience is audience]
            for audience in Audience
        }
        for audience, news in by_audience.items():
            inbox = account.inboxes[audience]
            if audience is Audience.CUSTOMER or decision.outcome is account.outcome:
                said = [content(each) for each in inbox]
                same(f"said to {audience} of {decision.id} again", [], [
                    each for each in news if content(each) in said
                ])  # fmt: skip
            if news:
                gone = {message_id for each in news for message_id in each.supersedes}
                inbox[:] = [each for each in inbox if each.id not in gone] + news
        self._check_outcome(decision, account, by_audience)
        self._check_date(decision, account, by_audience[Audience.CUSTOMER])
        for message in by_audience[Audience.CUSTOMER]:
            for line_id, _, _, confirmed, _, _, _ in message.lines:
                account.confirmed[line_id] = confirmed
        if decision.outcome not in SETTLED:  # of which there is nothing to tell
            account.outcome = decision.outcome
        account.is_at_risk = bool(decision.unusable)

    def _check_outcome(
        self,
        decision: Decision,
        account: OrderAccount,
        news: Mapping[Audience, list[Notification]],
    ) -> None:
        cancelled = sum(line.cancelled for line in account.lines.values())
        is_less, account.cancelled = cancelled > account.cancelled, cancelled
        if decision.unusable and not account.is_at_risk:
            kinds = {message.kind for message in news[Audience.STAFF]}
            assert Kind.AT_RISK in kinds, f"{decision.id} is at risk, and the staff does not know"
        if decision.outcome is account.outcome:
            return
        if decision.outcome is Outcome.COMPLETED:
            assert account.inboxes[Audience.CUSTOMER], f"{decision.id} left, and nobody knew"
        elif decision.outcome is not Outcome.CANCELLED and not (
            account.is_at_risk or decision.unusable or is_less
        ):  # who wants less knows it; of the rest, they may have been told
            change = f"{decision.id}: from {account.outcome} to {decision.outcome}"
            assert news[Audience.CUSTOMER], f"{change}, and the customer does not know"
            if decision.outcome is Outcome.HELD:
                assert news[Audience.STAFF], f"{change}, and the staff does not know"

    def _check_date(
        self, decision: Decision, account: OrderAccount, news: list[Notification]
    ) -> None:
        """Later than the customer was told is news, and nothing else is a delay."""
        promise = decision.promise
        arrives = None if promise is None else promise.delivered_at
        is_later = (
            promise is not None
            and account.date is not None
            and (arrives is None or arrives > account.date)
        )
        is_told = any(message.kind == Kind.DELAYED for message in news)
        same(f"{decision.id} is later than {account.date}: {arrives}", is_later, is_told)
        if any(message.delivered_at or message.previous_date for message in news):
            dates = [each.delivered_at for each in news if each.delivered_at is not None]
            account.date = max(dates, default=None)

    # -- At the end ------------------------------------------------------------------------------

    def check_on_hand(self, stock: Inventory) -> None:
        """What came in, less what left, as it was counted: at each place, of each lot."""
        units: Counter[Place] = Counter()
        for row in stock.stock():
            in_lots = {lot.id: lot.quantity for lot in row.lots}
            for lot, number in in_lots.items():
                units[row.sku, row.location, lot] = number
            units[row.sku, row.location, ""] = row.on_hand - sum(in_lots.values())
        same("units on hand", +self.units, +units)

    def check_money(self, record: OrderRecord) -> None:
        """What is due is what was ordered less what was cancelled or came back."""
        same(f"what {record.id} costs", self.orders[record.id].due, record.due)


def content(message: Notification) -> tuple[object, ...]:
    """What a message says."""
    return (
        message.kind, message.recipient, message.locale, message.news_key, message.reasons,
        (message.delivered_at, message.previous_date) if message.is_about_date else message.lines,
    )  # fmt: skip
