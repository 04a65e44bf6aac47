"""What a run returns: decisions, the stock afterwards, messages.

A run keeps its decisions as rows: plain tuples of atoms, which the garbage collector does not
follow. `Decision` values are made out of them when somebody asks. (Kept as values, a hundred
thousand decisions set off full collections that cost a tenth of the whole run.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeAlias, overload

import attrs

from fulfill_core import _fields
from fulfill_core._decision import (
    AllocationRow,
    BackorderRow,
    Decision,
    Finding,
    Outcome,
    ShortRow,
    Verdict,
    verdict_of,
)
from fulfill_core._facts import Context
from fulfill_core._inventory import Inventory
from fulfill_core._notification import Notification
from fulfill_core._order import Order, PaymentStatus
from fulfill_core._stock import Reservation
from fulfill_core.exceptions import UnknownOrderError
from fulfill_core.protocols import PriorityPolicy

DecisionRow: TypeAlias = tuple[
    tuple[Finding, ...],
    int | None,
    tuple[AllocationRow, ...],
    tuple[BackorderRow, ...],
    tuple[ShortRow, ...],
    tuple[Reservation, ...],
    tuple[str, ...],
]
"""A decision without its order and its outcome: findings, rank, allocations, backorders, shorts,
what is reserved already, and the lines that need no stock."""

_new_decision = _fields.unchecked(Decision)
_ALLOCATED = Outcome.ALLOCATED
_NOT_IN_QUEUE = {
    Verdict.REJECT: Outcome.REJECTED,
    Verdict.HOLD: Outcome.HELD,
    Verdict.ACCEPT: Outcome.SCHEDULED,  # nothing against it, and yet not in the queue
}


def decided(order: Order, row: DecisionRow) -> Decision:
    """The decision that a row holds. This is the one place where an outcome is derived."""
    findings, rank, allocations, backorders, shorts, reserved, untracked = row
    if rank is None:
        outcome = _NOT_IN_QUEUE[verdict_of(findings)]
    elif not backorders and not shorts:
        outcome = _ALLOCATED
    elif allocations or reserved:
        outcome = Outcome.PARTIALLY_ALLOCATED
    else:
        outcome = Outcome.BACKORDERED if backorders else Outcome.UNFULFILLABLE
    return _new_decision(
        order, outcome, findings, rank, allocations, backorders, shorts, reserved, untracked
    )


@attrs.frozen(weakref_slot=False, repr=False)
class Decisions(Sequence[Decision]):
    """The decisions of a run: an immutable sequence, whose members are made when asked for.

    Args:
        orders: the orders, in the sequence of the decisions.
        rows: what was decided for each.

    >>> list(Decisions((), ()))
    []
    """

    orders: tuple[Order, ...]
    rows: tuple[DecisionRow, ...]

    @overload
    def __getitem__(self, index: int) -> Decision: ...
    @overload
    def __getitem__(self, index: slice) -> Decisions: ...
    def __getitem__(self, index: int | slice) -> Decision | Decisions:
        if isinstance(index, slice):
            return Decisions(self.orders[index], self.rows[index])
        return decided(self.orders[index], self.rows[index])

    def __iter__(self) -> Iterator[Decision]:
        return map(decided, self.orders, self.rows)

    def __len__(self) -> int:
        return len(self.orders)

    def __repr__(self) -> str:
        return f"Decisions({', '.join(map(repr, self))})"


@attrs.frozen(kw_only=True, weakref_slot=False)
class Result:
    """What a run decided: hand the parts to your storage and your mail, or throw them away.

    Args:
        decisions: one per distinct order id: those in the queue by rank, then the others by id. A
            sequence like a tuple, whose members are made when they are asked for.
        inventory: the stock afterwards.
        notifications: the messages, in the sequence of the decisions.
        before: the stock that the run started from.
        context: what the plug-ins were told, the time among it.
        priority: the policy that made the ranks; `explain` asks it for words.

    It pickles if the priority policy does: a function of a module, not a lambda.
    """

    decisions: Decisions
    inventory: Inventory
    notifications: tuple[Notification, ...]
    before: Inventory
    context: Context
    priority: PriorityPolicy
    _index: dict[str, int] = attrs.field(
        init=False, factory=dict[str, int], eq=False, repr=False
    )

    def __getitem__(self, order_id: str) -> Decision:
        """The decision for one order; an `UnknownOrderError` if it was not in the batch."""
        if not self._index:
            orders = self.decisions.orders
            self._index.update((order.id, index) for index, order in enumerate(orders))
        index = self._index.get(order_id)
        if index is None:
            raise UnknownOrderError(order_id)
        return self.decisions[index]

    @property
    def reservations(self) -> tuple[Reservation, ...]:
        """What this run reserved: ``inventory.without_reservations(these)`` is ``before``."""
        now = self.context.now
        return tuple(
            Reservation(
                order_id=decision.order.id,
                line_id=line_id,
                sku=sku,
                location=location,
                quantity=quantity,
                made_at=now,
                lot=lot,
            )
            for decision in self.decisions
            for line_id, sku, location, quantity, lot in decision.allocation_rows
        )

    @property
    def wake_at(self) -> datetime | None:
        """The first instant after now at which time alone could change a decision; None if never.

        That is: an order becomes due, an authorization runs out, or a reservation of a SKU that
        these orders ask for expires. (What plug-ins of your own make of the time is yours to know.)
        """
        now = self.context.now
        skus: set[str] = set()
        instants: list[datetime] = []
        for order in self.decisions.orders:
            skus.update(line.sku for line in order.lines)
            if order.ship_after is not None:
                instants.append(order.ship_after)
            instants += [
                payment.expires_at
                for payment in order.payments
                if payment.status is PaymentStatus.AUTHORIZED and payment.expires_at is not None
            ]
        for sku in skus:
            instants += self.before.expiries_of(sku)
        return min((instant for instant in instants if instant > now), default=None)
