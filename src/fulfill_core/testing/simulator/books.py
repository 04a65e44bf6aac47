"""The books of a simulation: sums of its own, which a storage is compared with.

Nothing here asks the library what should be: what was committed is added up, row by row, and so is
what happened outside. Both have to come to what the storage has at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import attrs

from fulfill_core.decisions import Audience, Notification
from fulfill_core.exceptions import by_number
from fulfill_core.hosting import Attempt, CommitPlan, Later, OutboxRow, Sent
from fulfill_core.inventory import Changes, Claim, Inventory, Lot, Reservation, Supply
from fulfill_core.notifications import Delivery
from fulfill_core.records import OrderRecord


class Rule(StrEnum):
    """What has to be true of an adapter, whatever goes wrong around it.

    >>> Rule("no unit is sold twice")
    <Rule.OVERSOLD: 'no unit is sold twice'>
    """

    ANSWERS = "an adapter answers what its port allows"
    OVERSOLD = "no unit is sold twice"
    STOCK = "sold = before - after"
    LOST = "no order is lost"
    KEPT = "what was committed is what is there"
    EFFECTS = "one effect per id"
    NEWS = "one message per news"
    OUTBOX = "what is due is handed out, and nothing else"
    REST = "when nothing goes wrong any more, all is done in the end"


class BrokenRuleError(AssertionError):
    """A rule is broken.

    Args:
        rule: which.
        detail: by what.
    """

    def __init__(self, rule: Rule, detail: str) -> None:
        super().__init__(rule, detail)
        self.rule, self.detail = rule, detail


class ReservedUnits(NamedTuple):
    """Of whom reserved units are, and where they lie."""

    order_id: str
    line_id: str
    sku: str
    location: str
    lot: str
    made_at: datetime | None
    expires_at: datetime | None


class ClaimedUnits(NamedTuple):
    """Of whom claimed units are, and of which supply."""

    order_id: str
    line_id: str
    sku: str
    supply_id: str
    made_at: datetime | None


@attrs.define
class Entry:
    """A row of the outbox, as far as it has come.

    Args:
        row: as it was committed.
        due_at: when it may be handed out; None if it is parked.
        attempts: how often it was handed out.
        is_open: whether it is neither sent nor withdrawn.
        is_sent: whether it was noted that it is sent.
        doubts: how often it was handed out, and nobody said that it surely did not go out.
    """

    row: OutboxRow
    due_at: datetime | None
    attempts: int = 0
    is_open: bool = True
    is_sent: bool = False
    doubts: int = 0

    def is_due(self, now: datetime) -> bool:
        """Whether it may be handed out."""
        return self.is_open and self.due_at is not None and self.due_at <= now


class Books:
    """What was committed, in sums.

    Args:
        inventory: the stock at the beginning.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.on_hand = Counter({(row.sku, row.location): row.on_hand for row in inventory.stock()})
        self.lots: dict[tuple[str, str, str], Lot] = {
            (row.sku, row.location, lot.id): lot for row in inventory.stock() for lot in row.lots
        }
        self.reserved: Counter[ReservedUnits] = Counter()
        self.claimed: Counter[ClaimedUnits] = Counter()
        self.supplies: dict[str, Supply] = {each.id: each for each in inventory.supplies()}
        self.records: dict[str, OrderRecord] = {}
        self.entries: dict[str, Entry] = {}
        self.plan_ids: set[str] = set()
        self._news: dict[tuple[str, ...], tuple[Entry, Notification]] = {}

    # -- What is committed ---------------------------------------------------------------------

    def commit(self, plan: CommitPlan) -> None:
        """Add up a plan that was written; a second time is none."""
        if plan.id in self.plan_ids:
            return
        self.plan_ids.add(plan.id)
        self._change(plan.changes)
        self._check_promises(plan)
        self.records.update({record.id: record for record in plan.records})
        for row_id in plan.drafts:
            if self.entries[row_id].doubts:
                raise BrokenRuleError(Rule.NEWS, f"{row_id} is no draft: it was handed out")
        for row_id in self.entries.keys() & {*plan.withdrawn, *plan.drafts}:
            self.entries[row_id].is_open = False
        for row in plan.rows:
            self._write(row)

    def _change(self, changes: Changes) -> None:
        for each in changes.on_hand:
            self.on_hand[each.sku, each.location] += each.quantity
        for change in changes.lots:
            for lot in (change.before, change.after):
                if lot is not None:
                    self.lots.pop((change.sku, change.location, lot.id), None)
            if change.after is not None:
                self.lots[change.sku, change.location, change.after.id] = change.after
        self.reserved.subtract(reserved_units(changes.reservations_removed))
        self.reserved.update(reserved_units(changes.reservations_added))
        self.claimed.subtract(claimed_units(changes.claims_removed))
        self.claimed.update(claimed_units(changes.claims_added))
        for supply in changes.supplies_removed:
            self.supplies.pop(supply.id, None)
        self.supplies.update({supply.id: supply for supply in changes.supplies_added})

    def _check_promises(self, plan: CommitPlan) -> None:
        """Where units were promised, no more are promised than there are."""
        gains: Counter[tuple[str, str]] = Counter()
        for each in plan.changes.reservations_added:
            gains[each.sku, each.location] += each.quantity
        for each in plan.changes.reservations_removed:
            gains[each.sku, each.location] -= each.quantity
        for sku, location in [where for where, units in gains.items() if units > 0]:
            units = self.promised(sku, location, plan.at)
            present = self.on_hand[sku, location]
            if units > present:
                subject = f"{units} of {sku} in {location} {by_number(units, 'is', 'are')} reserved"
                stock = f"{present} {by_number(present, 'is', 'are')} there"
                raise BrokenRuleError(Rule.OVERSOLD, f"{subject}, and {stock}")

    def _write(self, row: OutboxRow) -> None:
        entry = self.entries.get(row.id)
        if entry is None or not (entry.is_open or entry.is_sent):
            self.entries[row.id] = Entry(row, row.due_at)
            if isinstance(row.content, Delivery):
                for message in row.content.messages:
                    self._check_news(row, message)
            elif isinstance(row.content, Notification):
                self._check_news(row, row.content)

    def _check_news(self, row: OutboxRow, message: Notification) -> None:
        """No customer is told twice in a row what they know."""
        if message.audience is not Audience.CUSTOMER:
            return
        key = message.order_id, message.recipient, message.medium, message.subject
        entry, text = self._news.get(key), attrs.evolve(message, previous_id="", supersedes=())
        self._news[key] = self.entries[row.id], text
        if entry is not None and entry[1] == text and (entry[0].is_open or entry[0].is_sent):
            raise BrokenRuleError(Rule.NEWS, f"{row.id} says what {entry[0].row.id} said")

    # -- The outbox ----------------------------------------------------------------------------

    def hand_out(
        self, rows: Sequence[OutboxRow], limit: int, now: datetime, until: datetime
    ) -> None:
        """Rows that a storage has handed out: those that are due, as they were written."""
        due_ids = {row_id for row_id, entry in self.entries.items() if entry.is_due(now)}
        for row in rows:
            entry = self.entries.get(row.id)
            if row.id not in due_ids or entry is None:
                raise BrokenRuleError(Rule.OUTBOX, f"{row.id} is handed out: {_state_of(entry)}")
            entry.due_at, entry.attempts = until, entry.attempts + 1
            entry.doubts += 1
            due_ids.discard(row.id)
            # A storage without drafts does not count doubts.
            row_then = attrs.evolve(
                entry.row,
                due_at=row.due_at,
                attempts=entry.attempts,
                reason=row.reason,
                doubts=row.doubts,
            )
            if row != row_then:
                raise BrokenRuleError(Rule.OUTBOX, f"{row} is handed out instead of {row_then}")
        if due_ids and len(rows) < limit:
            raise BrokenRuleError(Rule.OUTBOX, f"{min(due_ids)} is due, and is not handed out")

    def mark(self, attempts: Iterable[Attempt]) -> None:
        """Note what became of rows."""
        for attempt in attempts:
            entry = self.entries[attempt.row_id]
            if not entry.is_open:
                continue
            match attempt.result:
                case Sent():
                    entry.is_open, entry.is_sent = False, True
                case Later(retry_at=retry_at, is_unsent=is_unsent):
                    entry.attempts *= entry.due_at is not None
                    entry.due_at = retry_at
                    entry.doubts = max(0, entry.doubts - is_unsent)
                case _:
                    entry.due_at = None

    def parked_ids(self) -> set[str]:
        """The rows that wait for a person."""
        return {row_id for row_id, each in self.entries.items() if each.is_open and not each.due_at}

    def check_outbox(self, row_ids: AbstractSet[str]) -> None:
        """Raise if other rows are unsent than those that are parked."""
        names = ", ".join(sorted(row_ids ^ self.parked_ids()))
        if names:
            raise BrokenRuleError(Rule.OUTBOX, f"{names}: not sent, or gone")

    # -- Sums ----------------------------------------------------------------------------------

    def promised(self, sku: str, location: str, now: datetime) -> int:
        """The units that are reserved there, and have not expired."""
        return sum(
            units
            for row, units in self.reserved.items()
            if row.sku == sku
            and row.location == location
            and (row.expires_at is None or row.expires_at > now)
        )

    def free(self, sku: str, location: str, now: datetime) -> int:
        """The units that lie there and nobody has."""
        return self.on_hand[sku, location] - self.promised(sku, location, now)

    def units_for(self, order_id: str, line_id: str, sku: str, now: datetime) -> int:
        """The units of a SKU that a line has, reserved or claimed."""
        line = order_id, line_id, sku
        reserved = [
            units
            for row, units in self.reserved.items()
            if row[:3] == line and (row.expires_at is None or row.expires_at > now)
        ]
        return sum(reserved) + sum(units for row, units in self.claimed.items() if row[:3] == line)

    def check(self, inventory: Inventory, records: dict[str, OrderRecord]) -> None:
        """Raise if a storage has something else than what was committed."""
        rows = list(inventory.stock())
        in_lots = {(row.sku, row.location, lot.id): lot for row in rows for lot in row.lots}
        units = {(row.sku, row.location): row.on_hand for row in rows if row.on_hand}
        _compare("on hand", units, {where: count for where, count in self.on_hand.items() if count})
        _compare("reserved", +reserved_units(inventory.reservations()), +self.reserved)
        _compare("claimed", +claimed_units(inventory.claims()), +self.claimed)
        _compare("in lots", in_lots, self.lots)
        _compare("on order", {each.id: each for each in inventory.supplies()}, self.supplies)
        for order_id, record in self.records.items():
            content = records.get(order_id)
            names = [
                field.name
                for field in attrs.fields(OrderRecord)
                # What a step hands on beside it is no part of a record.
                if field.eq and getattr(content, field.name, None) != getattr(record, field.name)
            ]
            if names:
                problem = f"the record of {order_id} is another one: {', '.join(names)}"
                raise BrokenRuleError(Rule.KEPT, problem)


def reserved_units(rows: Iterable[Reservation]) -> Counter[ReservedUnits]:
    """Reservations as sums."""
    units: Counter[ReservedUnits] = Counter()
    for each in rows:
        where = each.sku, each.location, each.lot
        key = ReservedUnits(each.order_id, each.line_id, *where, each.made_at, each.expires_at)
        units[key] += each.quantity
    return units


def claimed_units(rows: Iterable[Claim]) -> Counter[ClaimedUnits]:
    """Claims as sums."""
    units: Counter[ClaimedUnits] = Counter()
    for each in rows:
        key = ClaimedUnits(each.order_id, each.line_id, each.sku, each.supply_id, each.made_at)
        units[key] += each.quantity
    return units


def _state_of(entry: Entry | None) -> str:
    if entry is None:
        return "nobody committed it"
    if entry.is_sent:
        return "it was sent"
    if not entry.is_open:
        return "it was withdrawn"
    return "it is parked" if entry.due_at is None else f"it is due at {entry.due_at}"


def _compare(what: str, content: Mapping[Any, object], sums: Mapping[Any, object]) -> None:
    """Raise if two are not the same, with the first differences."""
    keys = [key for key in {**content, **sums} if content.get(key) != sums.get(key)]
    if keys:
        parts = [f"{key}: {content.get(key)} instead of {sums.get(key)}" for key in keys[:3]]
        raise BrokenRuleError(Rule.KEPT, f"{what}: {'; '.join(parts)}")
