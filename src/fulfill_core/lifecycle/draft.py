"""A step while it is being made: what the record knows so far, and what there is to say of it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeVar

import attrs

from fulfill_core.decisions.promise import Promise
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.lifecycle.actions import Action, Ask
from fulfill_core.lifecycle.balance import Balance
from fulfill_core.lifecycle.rules import Rules
from fulfill_core.lifecycle.step import Refusal
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.orders.payment import Payment
from fulfill_core.orders.progress import Progress
from fulfill_core.records.history import (
    Fulfilment,
    History,
    Parcel,
    Return,
    Units,
    accepted_returns,
    history_copy,
)
from fulfill_core.records.movements import Movement, MovementKind
from fulfill_core.records.order_record import OrderRecord, record_copy

_UNREAD: tuple[None, Mapping[str, Any]] = None, {}
"""What was not read yet, and of what."""


def _empty() -> list[Any]:
    """Nothing so far: `list[Action]` as a factory takes five times as long."""
    return []


@attrs.define(kw_only=True)
class Draft:
    """A step that is being made.

    Args:
        event: what happened.
        before: the record before it.
        stock_before: the stock before it.
        now: the caller's time.
        rules: the shop's choices.
        record: the record so far.
        stock: the stock so far.
        parcels: those of which other units are reported: see `other_parcels`.
        moves_units: whether other units left, from elsewhere, were cancelled or go again.
        moves_value: whether other units are to be paid for, or have left.
        moves_money: whether a payment stands at other amounts than before.
        is_news: whether something is other than before that neither counters nor money show.
        refusal: why it is not possible.
        doubts: what the staff has to look at, as codes and sentences.
        faults: what is wrong with the money, as codes and sentences.
        actions: what the host has to do.
        questions: what a person has to decide, after that.
        promise: what the last run promised, if it did.
        given_back: what a location has just given back, and of which pick list.
    """

    event: Any
    before: OrderRecord
    stock_before: Inventory
    now: datetime
    rules: Rules
    record: OrderRecord
    stock: Inventory
    parcels: Sequence[tuple[Parcel | None, Parcel]] = ()
    moves_units: bool = False
    moves_value: bool = False
    moves_money: bool = False
    is_news: bool = False
    refusal: Refusal | None = None
    doubts: list[tuple[str, str]] = attrs.field(factory=_empty)
    faults: list[tuple[str, str]] = attrs.field(factory=_empty)
    actions: list[Action] = attrs.field(factory=_empty)
    questions: list[Ask] = attrs.field(factory=_empty)
    promise: Promise | None = None
    given_back: tuple[Fulfilment, Units] | None = None
    _lines: tuple[object, Mapping[str, OrderLine]] = attrs.field(default=_UNREAD, init=False)
    _progress: tuple[object, Mapping[str, Progress]] = attrs.field(default=_UNREAD, init=False)
    _open: tuple[object, object, Mapping[str, int]] = attrs.field(
        default=(None, None, {}), init=False
    )
    _returns: tuple[object, list[tuple[Return, bool]]] = attrs.field(default=(None, []), init=False)
    _accepted_before: list[tuple[Return, bool]] | None = attrs.field(default=None, init=False)
    _after: Balance | None = attrs.field(default=None, init=False)
    _earlier: Balance | None = attrs.field(default=None, init=False)

    # -- Asked -----------------------------------------------------------------------------------

    @property
    def order(self) -> Order:
        """The order, so far."""
        return self.record.order

    @property
    def history(self) -> History:
        """What was reported, so far."""
        return self.record.history

    def lines_by_id(self) -> Mapping[str, OrderLine]:
        """The lines of the order, so far."""
        lines = self.record.order.lines
        if self._lines[0] is not lines:
            self._lines = lines, {line.id: line for line in lines}
        return self._lines[1]

    def progress_by_line(self) -> Mapping[str, Progress]:
        """How far the lines have come so far, those to which something has happened."""
        progress = self.record.progress
        if self._progress[0] is not progress:
            self._progress = progress, {each.line_id: each for each in progress}
        return self._progress[1]

    def open_units(self) -> Mapping[str, int]:
        """What is open of each line, so far."""
        lines, progress = self.lines_by_id(), self.progress_by_line()
        if self._open[0] is not lines or self._open[1] is not progress:
            units = {
                line_id: progress[line_id].open(line) if line_id in progress else line.units
                for line_id, line in lines.items()
            }
            self._open = lines, progress, units
        return self._open[2]

    def accepted(self) -> list[tuple[Return, bool]]:
        """The returns so far, and whether what came back counts: see `accepted_returns`.

        It follows of what left, so nobody asks before the parcels of a step are counted.
        """
        returns = self.record.history.returns
        if self._returns[0] is not returns:
            self._returns = returns, accepted_returns(returns, self.record.progress)
        return self._returns[1]

    def accepted_before(self) -> list[tuple[Return, bool]]:
        """The returns before the step, and whether what came back counted."""
        if self._accepted_before is None:
            before = self.before
            self._accepted_before = accepted_returns(before.history.returns, before.progress)
        return self._accepted_before

    # -- Said ------------------------------------------------------------------------------------

    def refuse(self, code: str, detail: str, *, is_kept: bool = False) -> None:
        """The event is not possible; the first reason counts."""
        if self.refusal is None:
            self.refusal = Refusal(code=code, detail=detail, is_kept=is_kept)
        if is_kept:
            self.doubt(code, detail)

    def refuse_unknown(self, units: Iterable[tuple[str, int]], *, is_kept: bool = False) -> bool:
        """The event is not possible if it names a line that the order has not; whether it does."""
        lines = self.lines_by_id()
        unknown = [line_id for line_id, _ in units if line_id not in lines]
        if unknown:
            detail = f"The order has no line {unknown[0]}."
            self.refuse("line.unknown", detail, is_kept=is_kept)
        return bool(unknown)

    def doubt(self, code: str, detail: str) -> None:
        """The staff has to look at it: at the money, if the event is about that."""
        reasons = self.faults if hasattr(self.event, "payment") else self.doubts
        reasons.append((code, detail))

    def ask(self, code: str, detail: str, payment: str = "") -> None:
        """A person has to decide."""
        self.questions.append(Ask(code=code, detail=detail, payment=payment))

    # -- Changed ---------------------------------------------------------------------------------

    def put(self, **fields: Any) -> None:
        """Other fields of the record, which are checked and in sequence already.

        It is copied once: the copy is the draft's own until the step is made.
        """
        record = self.record
        if record is self.before:
            self.record = record = record_copy(record)
        for name, content in fields.items():
            _set(record, name, content)

    def keep(self, **fields: Any) -> None:
        """Other fields of what was reported, as they are kept; it is copied once as well."""
        history = self.record.history
        if history is self.before.history:
            history = history_copy(history)
            self.put(history=history)
        for name, content in fields.items():
            _set(history, name, content)

    def keep_parcel(self, parcel: Parcel) -> None:
        """A parcel in place of the one of its number, or as a new one."""
        self.keep(parcels=with_member(self.record.history.parcels, parcel))

    def keep_fulfilment(self, fulfilment: Fulfilment) -> None:
        """A pick list in place of the one of its number, or as a new one."""
        self.keep(fulfilments=with_member(self.history.fulfilments, fulfilment))

    def keep_return(self, entry: Return) -> None:
        """A return in place of the one of its number, or as a new one."""
        self.keep(returns=with_member(self.history.returns, entry))

    def keep_charge(self, shipping: Decimal | None) -> None:
        """What sending costs from now on, if the event says so."""
        if shipping is None:
            return
        kind = MovementKind.SHIPPING
        order = self.order
        opening = Movement(kind=kind, amount=order.shipping, at=order.placed_at)
        new = Movement(kind=kind, ref=self.event.id, amount=shipping, at=self.event.at)
        first = [] if any([each.kind is kind for each in self.history.movements]) else [opening]
        self.keep(movements=in_sequence(self.history.movements, [*first, new]))

    # -- Money -----------------------------------------------------------------------------------

    @property
    def balance(self) -> Balance:
        """What is due, paid and missing after the step."""
        if self._after is not None:
            return self._after
        before, record = self.before, self.record
        if record is before:
            return self.balance_before
        # Money that moves changes nothing of what is due.
        is_as_due = record.progress is before.progress and hasattr(self.event, "payment")
        self._after = Balance(record, self.now, self.balance_before if is_as_due else None)
        return self._after

    @property
    def balance_before(self) -> Balance:
        """What was due, paid and missing before the step."""
        if self._earlier is None:
            self._earlier = Balance(self.before, self.now)
        return self._earlier

    def payment(self, payment_id: str) -> Payment | None:
        """A payment of the order; None if it has none of this id."""
        for each in self.order.payments:
            if each.id == payment_id:
                return each
        return None


_set = object.__setattr__
"""Changes a frozen value that nobody else has seen."""

_Member = TypeVar("_Member", bound=Parcel | Fulfilment | Return | Payment)


def with_member(members: tuple[_Member, ...], member: _Member) -> tuple[_Member, ...]:
    """The members with this one in place of the one of its id, or as a new one; by id."""
    place = bisect_left(members, member.id, key=_id_of)
    after = place + (place < len(members) and members[place].id == member.id)
    return (*members[:place], member, *members[after:])


_id_of = attrgetter("id")
_key_of = attrgetter("kind", "payment_id", "ref")


def in_sequence(movements: Iterable[Movement], more: Iterable[Movement]) -> tuple[Movement, ...]:
    """Movements and further ones, as a history keeps them: by kind, payment and reference."""
    result = list(movements)
    for each in more:
        insort(result, each, key=_key_of)
    return tuple(result)
