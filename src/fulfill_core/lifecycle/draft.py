"""A step while it is being made: what the record knows so far, and what there is to say of it."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from fulfill_core.decisions.promise import Promise
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.storing.batches import Batches
from fulfill_core.inventory.withdrawing.withdrawals import Part
from fulfill_core.lifecycle.actions import Action, Ask, trusted_ask
from fulfill_core.lifecycle.balance import Balance, was_said_to_end
from fulfill_core.lifecycle.events import Event
from fulfill_core.lifecycle.events.money import AuthorizationExpired, CaptureFailed, Voided
from fulfill_core.lifecycle.places import PickLists
from fulfill_core.lifecycle.rules import Rules
from fulfill_core.lifecycle.step import Refusal
from fulfill_core.orders.altering import setters_of
from fulfill_core.orders.due import Bill
from fulfill_core.orders.money import NOTHING
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.orders.payment import Payment
from fulfill_core.orders.progress import Progress, is_settled, open_units_of
from fulfill_core.orders.sequences import MANY, by_id, by_line, with_changes, with_member
from fulfill_core.records.history import (
    Fulfilment,
    History,
    Parcel,
    Return,
    Units,
    accepted_returns,
    history_copy,
)
from fulfill_core.records.movements import Movement, MovementKind, key_of, place_of
from fulfill_core.records.noting import (
    Holdings,
    Notes,
    PartFates,
    Receipts,
    digests_after,
    is_large,
    notes_of_small,
    receipts_of,
)
from fulfill_core.records.order_record import OrderRecord, notes_by, record_copy

_UNREAD: tuple[None, Mapping[str, Any]] = None, {}
_NOT_COUNTED: tuple[None, None, Mapping[str, int]] = None, None, {}
"""What was not read yet, and of what."""
_Place: TypeAlias = tuple[int, Movement | None]
"""Where a movement is, and that; or where it would come, if there is none."""
_NOT_LOOKED_FOR: tuple[None, None, _Place] = None, None, (0, None)

ParcelPair: TypeAlias = tuple[Parcel | None, Parcel]
"""A parcel as it was before a step, if there was one, and as it is."""
ReturnPair: TypeAlias = tuple[Return | None, Return]
"""A return as it was before a step, if there was one, and as it is."""
PaymentPair: TypeAlias = tuple[Payment | None, Payment]
"""A payment as it was before a step, if there was one, and as it is."""
LinePair: TypeAlias = tuple[Progress | None, Progress | None]
"""How far a line had come before a step, and how far it has; None if nothing happened to it."""
_NO_MOVES: Mapping[str, LinePair] = {}
_TAKING_BACK: set[type[Event]] = {AuthorizationExpired, CaptureFailed, Voided}
"""The events that say of a payment that it covers less than it did."""


class Draft:
    """A step that is being made.

    Args:
        event: what happened.
        before: the record before it.
        stock_before: the stock before it.
        now: the caller's time.
        rules: the shop's choices.
        promise: what the last run promised, if it did.

    Attributes:
        record: the record so far.
        stock: the stock so far.
        line_moves: the lines that have come further, or less far, than before, by id.
        parts_on_the_move: of what units left a place, or came to one: lines, SKUs and locations.
        holdings: what the order has in the end, if anybody looked whether that is too much.
        parcel_pair: the parcel that the event is about, as it was and as it is.
        return_pair: the return that it is about, likewise.
        payment_pair: the payment that it is about, likewise, if it says anything new of it.
        is_set_aside: whether somebody sets units aside for the order beside the event.
        stock_left: the stock once units have left, and before any are set aside, if any are.
        fates: what became of components that left alone, if the step counted that.
        parcels: those of which other units are reported: see `other_parcels`.
        moves_units: whether other units left, from elsewhere, were cancelled or go again.
        moves_value: whether other units are to be paid for, or have left.
        moves_money: whether a payment stands at other amounts than before.
        gain: how much more the shop has of it, in the order's currency; below zero if it has less.
        is_news: whether something is other than before that neither counters nor money show.
        refusal: why it is not possible.
        doubts: what the staff has to look at, as codes and sentences.
        faults: what is wrong with the money, as codes and sentences.
        actions: what the host has to do.
        questions: what a person has to decide, after that.
        given_back: what a location has just given back, and of which pick list.
    """

    # No class of attrs, whose constructor takes three times as long: each step makes one.
    __slots__ = (
        *("event", "before", "stock_before", "now", "rules", "promise", "record", "stock"),
        *("line_moves", "parts_on_the_move", "holdings", "parcel_pair", "return_pair", "parcels"),
        *("payment_pair", "fates", "is_set_aside", "stock_left"),
        *("moves_units", "moves_value", "moves_money", "gain", "is_news", "given_back"),
        *("refusal", "doubts", "faults", "actions", "questions"),
        *("_lines", "_progress", "_open_units", "_returns", "_accepted_before"),
        *("_after", "_earlier", "_movement", "_lists", "_lists_before"),
    )

    def __init__(
        self,
        event: Any,
        before: OrderRecord,
        stock_before: Inventory,
        now: datetime,
        rules: Rules,
        promise: Promise | None,
    ) -> None:
        self.event = event
        self.before = self.record = before
        self.stock_before = self.stock = stock_before
        self.now = now
        self.rules = rules
        self.promise = promise
        # What moves.
        self.line_moves: Mapping[str, LinePair] = _NO_MOVES
        self.parts_on_the_move: Collection[Part] = ()
        self.holdings: tuple[Batches, object, tuple[Progress, ...]] | None = None
        self.parcel_pair: ParcelPair | None = None
        self.return_pair: ReturnPair | None = None
        self.payment_pair: PaymentPair | None = None
        self.fates: PartFates | None = None
        self.parcels: Sequence[ParcelPair] = ()
        self.moves_units = self.moves_value = self.moves_money = self.is_news = False
        self.is_set_aside = False
        self.stock_left: Inventory | None = None
        self.gain = NOTHING
        self.given_back: tuple[Fulfilment, Units] | None = None
        # What there is to say of it.
        self.refusal: Refusal | None = None
        self.doubts: list[tuple[str, str]] = []
        self.faults: list[tuple[str, str]] = []
        self.actions: list[Action] = []
        self.questions: list[Ask] = []
        # What was worked out, each with what it was worked out of.
        self._lines: tuple[object, Mapping[str, OrderLine]] = _UNREAD
        self._progress: tuple[object, Mapping[str, Progress]] = _UNREAD
        self._open_units: tuple[object, object, Mapping[str, int]] = _NOT_COUNTED
        self._returns: tuple[object, list[tuple[Return, bool]]] = None, []
        self._accepted_before: list[tuple[Return, bool]] | None = None
        self._movement: tuple[object, object, _Place] = _NOT_LOOKED_FOR
        self._lists: PickLists | None = None
        self._lists_before: PickLists | None = None
        self._after: Balance | None = None
        self._earlier: Balance | None = None

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
            self._lines = lines, by_id(lines)
        return self._lines[1]

    def progress_by_line(self) -> Mapping[str, Progress]:
        """How far the lines have come so far, those to which something has happened."""
        progress = self.record.progress
        if self._progress[0] is not progress:
            self._progress = progress, by_line(progress)
        return self._progress[1]

    def open_of(self, line_id: str) -> int:
        """What is open of a line of the order, so far."""
        line, progress = self.lines_by_id()[line_id], self.progress_by_line().get(line_id)
        return line.units if progress is None else progress.open(line)

    def has_open(self) -> bool:
        """Whether something of the order is open, so far."""
        order = self.record.order
        return bool(order.lines) and not is_settled(order, self.record.progress)

    def open_units(self) -> Mapping[str, int]:
        """What is open of each line, so far."""
        lines, progress = self.record.order.lines, self.record.progress
        if self._open_units[0] is not lines or self._open_units[1] is not progress:
            units = open_units_of(lines, self.progress_by_line())
            self._open_units = lines, progress, units
        return self._open_units[2]

    @property
    def pick_lists(self) -> PickLists:
        """What pick lists hold after the step; nobody asks before its units are counted."""
        if self._lists is None:
            is_same = self.record.progress is self.before.progress  # as after few that ask
            if is_same and self.lists_before.is_of(self.record):
                self._lists = self.lists_before
            else:
                self._lists = PickLists(self.record, self.open_units())
        return self._lists

    @property
    def lists_before(self) -> PickLists:
        """What pick lists held before the step."""
        if self._lists_before is None:
            self._lists_before = PickLists(self.before)
        return self._lists_before

    def accepted(self) -> list[tuple[Return, bool]]:
        """The returns so far, and whether what came back counts: see `accepted_returns`.

        It follows of what left, so nobody asks before the parcels of a step are counted.
        """
        returns = self.record.history.returns
        if self._returns[0] is not returns:
            self._returns = returns, accepted_returns(returns, self.record.progress)
        return self._returns[1]

    def accepted_before(self) -> list[tuple[Return, bool]]:
        """The returns before the step, and whether what came back was counted."""
        if self._accepted_before is None:
            returns, progress = self.before.history.returns, self.before.progress
            self._accepted_before = accepted_returns(returns, progress, is_counted=True)
        return self._accepted_before

    def other_returns(self) -> tuple[list[tuple[Return, bool]], list[tuple[Return, bool]]]:
        """The returns that may be other than before, as they were and as they are.

        Each is with whether what came back counts. Of an order of which all that came back does,
        these are the ones that something was reported of; of others, all.
        """
        if self.receipts() is None:
            return self.accepted_before(), self.accepted()
        if self.return_pair is None:
            return [], []
        before, after = self.return_pair
        earlier = [] if before is None else [(before, bool(before.received))]
        return earlier, [(after, bool(after.received))]

    def receipts(self) -> Receipts | None:
        """What came back so far, if the last step handed that on, and all of it counts."""
        before, notes = self.before, notes_by(self.before)
        receipts = None if notes is None else notes.receipts
        if receipts is None or not receipts.is_of(before.history.returns, before.progress):
            return None
        if self._moves_most():
            return None
        history, progress = self.record.history, self.record.progress
        return receipts.after(history.returns, progress, self.return_pair, self.line_moves)

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
        for line_id, _ in units:
            if line_id not in lines:
                self.refuse("line.unknown", f"The order has no line {line_id}.", is_kept=is_kept)
                return True
        return False

    def doubt(self, code: str, detail: str) -> None:
        """The staff has to look at it: at the money, if the event is about that."""
        reasons = self.faults if hasattr(self.event, "payment") else self.doubts
        reasons.append((code, detail))

    def ask(self, code: str, detail: str, payment: str = "") -> None:
        """A person has to decide."""
        self.questions.append(trusted_ask(code, detail, payment))

    # -- Changed ---------------------------------------------------------------------------------

    def put(self, name: str, content: object) -> None:
        """Another content of a field of the record, which is checked and in sequence already.

        The record is copied once: the copy is the draft's own until the step is made.
        """
        record = self.record
        if record is self.before:
            self.record = record = record_copy(record)
        _PUT[name](record, content)

    def keep(self, name: str, content: object) -> None:
        """Another content of a field of what was reported; that is copied once as well."""
        history = self.record.history
        if history is self.before.history:
            history = history_copy(history)
            if self.record is self.before:  # as most often: its copy gets that one at once
                self.record = record_copy(self.record, history)
            else:
                self.put("history", history)
        _KEEP[name](history, content)

    def put_progress(self, changes: Mapping[str, Progress | None]) -> None:
        """How far lines have come, in place of what was known of them; None for not at all."""
        if not changes:
            return
        progress, moves = self.progress_by_line(), {**self.line_moves}
        for line_id, after in changes.items():
            before = moves[line_id][0] if line_id in moves else progress.get(line_id)
            moves[line_id] = before, after
        self.line_moves = moves
        members, by_line = with_changes(progress, changes)
        self.put("progress", members)
        self._progress = members, by_line

    def keep_parcel(self, parcel: Parcel) -> None:
        """A parcel in place of the one of its number, or as a new one."""
        self.parcel_pair = self.record.history.parcel(parcel.id), parcel
        self.keep("parcels", with_member(self.record.history.parcels, parcel))

    def keep_fulfilment(self, fulfilment: Fulfilment) -> None:
        """A pick list in place of the one of its number, or as a new one."""
        self.keep("fulfilments", with_member(self.history.fulfilments, fulfilment))

    def keep_return(self, entry: Return) -> None:
        """A return in place of the one of its number, or as a new one."""
        self.return_pair = self.record.history.return_of(entry.id), entry
        self.keep("returns", with_member(self.history.returns, entry))

    # -- Money -----------------------------------------------------------------------------------

    @property
    def balance(self) -> Balance:
        """What is due, paid and missing after the step."""
        if self._after is None:
            if self.record is self.before and type(self.event) not in _TAKING_BACK:
                return self.balance_before
            bill = self._bill_of(self.record, self.line_moves, self._earlier)
            self._after = Balance(self.record, self.now, bill)
        return self._after

    @property
    def balance_before(self) -> Balance:
        """What was due, paid and missing before the step.

        What is heard to cover nothing any more had covered it until that was first said, run out
        or not.
        """
        if self._earlier is None:
            event, covering = self.event, ""
            if type(event) in _TAKING_BACK and not was_said_to_end(
                self.before, event.payment, event.ref or event.id
            ):
                covering = event.payment
            bill = self._bill_of(self.before, _NO_MOVES, self._after)
            self._earlier = Balance(self.before, self.now, bill, covering)
        return self._earlier

    @property
    def is_as_due(self) -> bool:
        """Whether as much is due as before: money that moves changes nothing of it."""
        return self.record.progress is self.before.progress and hasattr(self.event, "payment")

    def _bill_of(
        self, record: OrderRecord, moves: Mapping[str, LinePair], other: Balance | None = None
    ) -> Bill | None:
        """What an order costs, as the last step handed it on, or worked out of that.

        None if it is to be worked out anew.

        Args:
            record: the record before the step, or the one so far.
            moves: the lines that have moved until then.
            other: the balance of the other record, if it was worked out.
        """
        if other is not None and self.is_as_due:
            return other.bill
        before, notes = self.before, notes_by(self.before)
        bill = None if notes is None else notes.bill
        if bill is not None and not bill.is_of(before.order, before.progress):
            bill = None
        if bill is not None and (record is before or self.is_as_due):
            return bill
        order = record.order
        if len(order.lines) < MANY or self._moves_most():
            return None
        if bill is not None and bill.is_added_up and order.lines is before.order.lines:
            return bill.after(order, record.progress, moves, record.adjustment)
        bill = Bill(order, record.progress, record.adjustment)
        bill.add_up()
        return bill

    def _moves_most(self) -> bool:
        """Whether many lines have come further: then all of them are added up anew for less."""
        return len(self.line_moves) * 4 > len(self.order.lines)

    def hand_on(self) -> None:
        """What the step has worked out, for the next one: of a large order it spares a lot.

        What the order costs is among it if somebody asked, now or before.
        """
        before, record = self.before, self.record
        notes = notes_by(before)
        bill = None if self._after is None else self._after.bill
        fates = self._fates_after(notes)
        if not is_large(record.order, record.history.applied) or self._moves_most():
            # As nearly all: the rest is worked out anew in less.
            if notes is not None:
                bill = bill or notes.bill
                if bill is notes.bill and (fates is None or fates is notes.fates):
                    return  # the record has them from before
            if bill is not None or fates is not None:
                self.put("_notes", notes_of_small(bill, fates))
            return
        if bill is None and notes is not None and notes.bill is not None:
            bill = self._bill_of(record, self.line_moves)
        returns, progress = record.history.returns, record.progress
        receipts = self.receipts() or receipts_of(returns, self.accepted(), progress)
        digests = digests_after(notes, before.history.applied, record.history.applied)
        holdings = None if notes is None else notes.holdings
        if self.holdings is not None:
            holdings = Holdings(*self.holdings)
        elif holdings is not None:
            # No unit moved: what was within what is open is so still.
            is_same = holdings.progress is before.progress
            holdings = holdings._replace(progress=progress) if is_same else None
        applied = record.history.applied
        self.put("_notes", Notes(applied, digests, bill, receipts, holdings, fates))

    def fates_before(self) -> PartFates | None:
        """What became of components that left alone, if the last step handed it on."""
        notes = notes_by(self.before)
        fates = None if notes is None else notes.fates
        is_same = fates is not None and fates.parcels is self.before.history.parcels
        return fates if is_same else None

    def _fates_after(self, notes: Notes | None) -> PartFates | None:
        """The same after the step: as before, if it counted none of them."""
        fates = self.fates
        if fates is None and notes is not None and notes.fates is not None:
            fates = self.fates_before()
        if fates is None:  # as of nearly all
            return None
        parcels = self.record.history.parcels
        return fates if fates.parcels is parcels else fates._replace(parcels=parcels)

    def movement_place(self, kind: MovementKind) -> _Place:
        """Where what the event says of a payment is among what was reported, or would come.

        Args:
            kind: what it says happened.
        """
        movements = self.record.history.movements
        known_of, known_kind, place = self._movement
        if known_of is not movements or known_kind is not kind:
            event = self.event
            place = place_of(movements, kind, event.payment, event.ref or event.id)
            self._movement = movements, kind, place
        return place

    def payment(self, payment_id: str) -> Payment | None:
        """A payment of the order; None if it has none of this id."""
        for each in self.record.order.payments:
            if each.id == payment_id:
                return each
        return None


_PUT, _KEEP = setters_of(OrderRecord), setters_of(History)
"""By field: both are copies that nobody else has seen."""


def in_sequence(movements: Iterable[Movement], more: Iterable[Movement]) -> tuple[Movement, ...]:
    """Movements and further ones, as a history keeps them: by kind, payment and reference."""
    result = list(movements)
    for each in more:
        insort(result, each, key=key_of)
    return tuple(result)
