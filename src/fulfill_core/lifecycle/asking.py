"""What the host has to do about a step: money follows units, and what may not leave is called back.

What was asked for is remembered, so that it is asked for once: a second parcel that leaves before
the first capture is reported asks for its own part only.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from fulfill_core._checks import money_text
from fulfill_core.lifecycle.actions import Authorize, Capture, Refund, Void, trusted_action
from fulfill_core.lifecycle.balance import Balance
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import Event
from fulfill_core.lifecycle.events.money import (
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    Captured,
    CaptureFailed,
    CaptureRequested,
    ChargedBack,
    DisputeOpened,
    Refunded,
    RefundFailed,
    RefundRequested,
    Voided,
)
from fulfill_core.lifecycle.events.orders import Amended
from fulfill_core.orders.money import at_precision, less, plus, times
from fulfill_core.orders.payment import Payment
from fulfill_core.orders.progress import NO_PROGRESS, has_left
from fulfill_core.orders.sequences import MANY
from fulfill_core.records.collecting import is_own
from fulfill_core.records.history import History
from fulfill_core.records.movements import (
    OPENING,
    MovementKind,
    amount_of,
    movements_of,
    refs_of,
    with_all_let_go,
)

_NOTHING = Decimal(0)
_FIRST = datetime.min.replace(tzinfo=UTC)
_CAPTURE, _REFUND, _VOID = "capture", "refund", "void"
_REFUNDED, _REFUND_FAILED = MovementKind.REFUNDED, MovementKind.REFUND_FAILED
_CHARGED_BACK, _CAPTURE_FAILED = MovementKind.CHARGED_BACK, MovementKind.CAPTURE_FAILED
_DONE_BY = {
    _CAPTURE: (MovementKind.CAPTURED, MovementKind.CAPTURE_FAILED),
    _REFUND: (MovementKind.REFUNDED, MovementKind.REFUND_FAILED),
    _VOID: (MovementKind.VOIDED, None),
}
"""What each thing that is asked for becomes, and what takes that back."""
_LEAVING_ALL_AS_IT_IS: set[type[Event]] = {
    *(Captured, CaptureFailed, CaptureRequested, ChargedBack, DisputeOpened),
    *(Refunded, RefundFailed, RefundRequested),
}
"""After these nothing more is to be captured: what failed, or went back, a person sees to."""
_ASKING_FOR_MORE: set[type[Event]] = {*(Amended, AuthorizationExpired, AuthorizationFailed, Voided)}
_ACTIONS: dict[str, type[Capture | Refund | Void]] = {
    _CAPTURE: Capture,
    _REFUND: Refund,
    _VOID: Void,
}


# -- What is on its way ------------------------------------------------------------------------


def pending_refund(history: History, payment: Payment) -> Decimal:
    """What was asked to go back to a payment and has not yet."""
    return _pending(history, _REFUND, payment, payment.paid)


def _on_the_way_back(history: History, payment: Payment) -> Decimal:
    """What is on its way back to a payment, by us or its bank: nobody asks for that once more.

    That is what was asked for, and what went back beyond what came: it is kept until there is room.
    """
    pending, movements = pending_refund(history, payment), history.movements
    refunds = movements_of(movements, _REFUNDED, payment.id)
    losses = movements_of(movements, _CHARGED_BACK, payment.id)
    if not refunds and not losses:  # as nearly always
        return pending
    failures = refs_of(movements_of(movements, _REFUND_FAILED, payment.id), _REFUND_FAILED)
    in_all = plus(amount_of(refunds, _REFUNDED, failures), amount_of(losses, _CHARGED_BACK))
    beyond = less(in_all, plus(payment.refunded, payment.charged_back))
    return min(plus(pending, beyond), payment.paid) if beyond > 0 else pending


def refund_under_way(history: History, payment: Payment) -> Decimal:
    """What was asked to go back to a payment, and nobody has said what came of it."""
    pending = pending_refund(history, payment)
    return less(pending, failed_refund(history, payment)) if pending else pending


def failed_refund(history: History, payment: Payment) -> Decimal:
    """What of that failed on its way, and is waited for still."""
    failures = movements_of(history.movements, _REFUND_FAILED, payment.id)
    return min(amount_of(failures, _REFUND_FAILED), pending_refund(history, payment))


def pending_capture(history: History, payment: Payment) -> Decimal:
    """What was asked to be captured of a payment and has not been yet; what failed is among it."""
    return _pending(history, _CAPTURE, payment, payment.authorized)


def failed_capture(history: History, payment: Payment) -> Decimal:
    """What of that failed, and is waited for still."""
    failures = movements_of(history.movements, _CAPTURE_FAILED, payment.id)
    return min(amount_of(failures, _CAPTURE_FAILED), pending_capture(history, payment))


def _pending_void(history: History, payment: Payment) -> Decimal:
    """What of a payment was asked to be let go and has not been yet."""
    return _pending(history, _VOID, payment, payment.authorized)


def _pending(history: History, what: str, payment: Payment, most: Decimal) -> Decimal:
    """What was asked for of a payment and has not happened yet; what failed is waited for still."""
    if not most:  # nothing of it can happen any more
        return _NOTHING
    for kind, each_id, in_all in history.asked_amounts:
        if kind == what and each_id == payment.id:
            done = _done(history, what, payment)
            if done >= in_all:
                return _NOTHING
            return min(less(in_all, done), most) if done else min(in_all, most)
    return _NOTHING


def _done(history: History, what: str, payment: Payment) -> Decimal:
    """What happened of what could be asked for, since the first event of the payment."""
    kind, failure = _DONE_BY[what]
    movements, payment_id = history.movements, payment.id
    if what == _VOID:
        own = [each for each in movements if each.payment_id == payment_id]
        movements = tuple(with_all_let_go(own))
    elif len(movements) >= MANY:
        failures = () if failure is None else movements_of(movements, failure, payment.id)
        of_kind = movements_of(movements, kind, payment.id)
        if what == _CAPTURE and not failures and len(of_kind) >= MANY:
            opening = of_kind[0].amount if of_kind[0].ref == OPENING else _NOTHING
            return less(payment.captured, opening)  # the payment has them added up
        movements = (*of_kind, *failures)
    done = _NOTHING
    failed: list[str] = []
    for each in movements:
        if each.kind is kind:
            if each.payment_id == payment_id and each.ref != OPENING:
                done = plus(done, each.amount) if done else each.amount
        elif each.kind is failure and each.payment_id == payment_id:
            failed.append(each.ref)
    for each in movements if failed else ():
        if each.kind is kind and each.payment_id == payment_id and each.ref in failed:
            done = less(done, each.amount)
    return done


def _ask(draft: Draft, what: str, payment: Payment, amount: Decimal, pending: Decimal) -> None:
    """Ask for an amount, beside what is pending, and remember it."""
    _remember(draft, what, payment, amount, pending)
    _act(draft, what, payment, amount)


def _act(draft: Draft, what: str, payment: Payment, amount: Decimal) -> None:
    """An amount as it can be paid, to be seen to by the host: less than half a cent is nothing."""
    amount = at_precision(amount, payment.currency or draft.order.currency)
    if amount:
        draft.actions.append(trusted_action(_ACTIONS[what], payment.id, amount))


def _remember(draft: Draft, what: str, payment: Payment, amount: Decimal, pending: Decimal) -> None:
    """That so much more was asked for."""
    history = draft.history
    in_all = amount
    for part in (pending, _done(history, what, payment)):
        if part:
            in_all = plus(in_all, part)
    rows = [row for row in history.asked_amounts if row[0] != what or row[1] != payment.id]
    insort(rows, (what, payment.id, in_all))
    draft.keep("asked_amounts", tuple(rows))


def ask_to_capture(draft: Draft, payment: Payment, amount: Decimal, more: Decimal) -> None:
    """Ask for an amount because a person wants it.

    Args:
        draft: the step.
        payment: of which payment.
        amount: how much.
        more: what of that was not asked for before; zero or less if all of it was, and failed.
    """
    if more > 0:
        _remember(draft, _CAPTURE, payment, more, pending_capture(draft.history, payment))
    _act(draft, _CAPTURE, payment, amount)


def ask_again_to_refund(draft: Draft, payment: Payment, amount: Decimal) -> None:
    """Ask once more, because a person wants it, for what was to go back and failed.

    Args:
        draft: the step.
        payment: to which payment.
        amount: how much.
    """
    _act(draft, _REFUND, payment, amount)


# -- Money follows units -----------------------------------------------------------------------


def ask_for_money(draft: Draft) -> None:
    """What is to be voided, given back, captured and authorised after a step.

    It follows of units and money, so a step that moves neither has nothing to ask for.
    """
    if not _is_about_money(draft):
        return
    balance = draft.balance
    payments = balance.payments
    if len(payments) > 1:
        payments = sorted(payments, key=lambda each: (each.authorized_at or _FIRST, each.id))
    owed, paid = balance.owed, balance.paid
    leaving = _leaving(payments, draft.history)
    rest = less(paid, leaving) if leaving else paid
    if isinstance(draft.event, Authorized) and draft.event.replaces:
        _replace(draft, less(owed, rest))
    if owed > rest:  # what has left costs no more than what is due
        _take(draft, balance, payments, rest)
    else:
        for payment in payments:
            # While anything is due a payment is let go after its last capture, else at once.
            if payment.authorized and (owed <= 0 or not _is_being_captured(draft.history, payment)):
                _let_go(draft, payment)
        if owed < paid:
            _give_back(draft, payments, less(paid, owed))
        if owed <= 0:
            _let_go_of_others(draft)
    _ask_for_more(draft)


def _is_about_money(draft: Draft) -> bool:
    """Whether units or money are other than before, or somebody said something of a payment."""
    before, record = draft.before, draft.record
    return (
        record.order is not before.order
        or record.history.movements is not before.history.movements
        or record.rejections is not before.rejections
        or draft.moves_value
        or hasattr(draft.event, "payment")
    )


def _replace(draft: Draft, owed: Decimal) -> None:
    """The payment that another one takes the place of is let go, and that one is captured.

    Its customer has just paid it; what stays open of two is what both would capture, or neither.
    Where there is none to be let go somebody has to look. It is captured all the same, as far as
    nothing else is asked to pay for it.
    """
    event, history = draft.event, draft.history
    if history.movements is draft.before.history.movements:  # it was heard before
        return
    payments = {each.id: each for each in draft.order.payments}
    old, new = payments.get(event.replaces), payments[event.payment]
    reason = _not_replaced(draft, old, new)
    if reason:
        text = f"{new.id} was to take the place of {event.replaces}, {reason}."
        draft.faults.append(("payment.replaces_nothing", text))
    else:
        _let_go(draft, payments[event.replaces])
    if not is_own(new, draft.order):
        return
    for each in draft.balance.payments:
        if each is new or each is not old:
            owed = less(owed, pending_capture(history, each))
    pending = pending_capture(history, new)
    amount = min(less(new.authorized, pending), owed)
    if amount > 0:
        _ask(draft, _CAPTURE, new, amount, pending)


def _not_replaced(draft: Draft, old: Payment | None, new: Payment) -> str:
    """Why a payment can't take the place of another; empty if it can."""
    if old is None:
        return "and the order has no such payment"
    if old is new:
        return "which it is itself"
    if not is_own(new, draft.order):
        return f"and covers nothing: it is in {new.currency}"
    is_let_go = any([row[:2] == (_VOID, old.id) for row in draft.history.asked_amounts])
    if is_let_go and _pending_void(draft.history, old) >= old.authorized:
        return "which was let go before"
    return ""


def _is_being_captured(history: History, payment: Payment) -> bool:
    """Whether some of a payment was asked to be captured, and nobody has said what came of it.

    To let it go now would be to say two things of one amount. What failed is no such amount: it is
    captured again by a person only.
    """
    pending = pending_capture(history, payment)
    return pending > 0 and pending > failed_capture(history, payment)


def _let_go_of_others(draft: Draft) -> None:
    """Money in another currency goes back with the last of the rest: see `to_refund`.

    It covers nothing, so of an order that goes on a person has to look at it.
    """
    own = draft.balance.payments
    if len(own) == len(draft.order.payments):
        return
    for payment in draft.order.payments:
        if not is_own(payment, draft.order):
            _let_go(draft, payment)
            amount = less(payment.paid, _on_the_way_back(draft.history, payment))
            if amount > 0:
                _ask_to_refund(draft, payment, amount)


def _let_go(draft: Draft, payment: Payment) -> None:
    """What is authorised of a payment, and nobody will capture, is voided."""
    if not payment.authorized:
        return
    pending = _pending_void(draft.history, payment)
    amount = less(payment.authorized, pending)
    if amount > 0:
        _ask(draft, _VOID, payment, amount, pending)


def _give_back(draft: Draft, payments: Sequence[Payment], excess: Decimal) -> None:
    """What the shop has beyond what it may have goes back, the last payment first."""
    on_the_way = {each.id: _on_the_way_back(draft.history, each) for each in payments}
    for amount in on_the_way.values():
        if amount:
            excess = less(excess, amount)
    for payment in reversed(payments):
        amount = min(less(payment.paid, on_the_way[payment.id]), excess)
        if amount > 0:
            _ask_to_refund(draft, payment, amount)
            excess = less(excess, amount)


def _ask_to_refund(draft: Draft, payment: Payment, amount: Decimal) -> None:
    _ask(draft, _REFUND, payment, amount, pending_refund(draft.history, payment))


def _leaving(payments: Iterable[Payment], history: History) -> Decimal:
    """What was asked to go back and is on its way: it pays for nothing any more."""
    leaving = _NOTHING
    for row in history.asked_amounts:
        if row[0] == _REFUND:  # as of few
            for payment in payments:
                if payment.id == row[1] and payment.paid:
                    amount = refund_under_way(history, payment)
                    if amount:  # as of none that is there
                        leaving = plus(leaving, amount)
    return leaving


def _take(draft: Draft, balance: Balance, payments: Iterable[Payment], paid: Decimal) -> None:
    """What has left is to be paid for, by the first payment first.

    Args:
        draft: the step.
        balance: how the order stands.
        payments: those in its currency, in their sequence.
        paid: what of it was paid, and stays.
    """
    record, history = draft.record, draft.history
    if type(draft.event) in _LEAVING_ALL_AS_IT_IS or not has_left(record.progress):
        return
    cost = at_precision(balance.money_left(draft.rules.charges), record.order.currency)
    # Of a discount that is more than its line, what has left would cost more than all of it.
    owed = less(min(cost, balance.owed), paid)
    room: list[tuple[Payment, Decimal, Decimal]] = []
    for payment in payments:
        if not payment.authorized:  # nor is anything of it pending
            continue
        most, pending = balance.usable(payment), pending_capture(history, payment)
        if pending:
            owed, most = less(owed, pending), less(most, pending)
        pending_void = _pending_void(history, payment)
        if pending_void:
            most = less(most, pending_void)
        room.append((payment, most, pending))
    for payment, most, pending in room:
        amount = min(most, owed)
        if amount > 0:
            _ask(draft, _CAPTURE, payment, amount, pending)
            owed = less(owed, amount)
    if owed > 0 and owed > _uncollectable_before(draft):
        text = f"{money_text(owed)} {record.order.currency}"
        draft.ask(
            "payment.to_collect",
            f"{text} of what has left are not paid: collect them, or have it sent back.",
        )


def _uncollectable_before(draft: Draft) -> Decimal:
    """What of what had left before the step nobody was to pay."""
    before = draft.balance_before
    leaving = _leaving(before.payments, draft.before.history)
    return before.uncollectable(draft.rules.charges, leaving)


def _ask_for_more(draft: Draft) -> None:
    """The customer has to agree to what an amendment costs more, or what can't be captured now.

    So they have to where what takes the place of a payment covers less.
    """
    event = draft.event
    if type(event) not in _ASKING_FOR_MORE and not (
        isinstance(event, Authorized) and event.replaces
    ):
        return
    more = _missing(draft.balance, draft.history)
    if not isinstance(event, AuthorizationFailed):
        more = less(more, _missing(draft.balance_before, draft.before.history))
    if isinstance(event, Amended):
        more = less(more, _to_come_back(draft, event))
    more = at_precision(more, draft.order.currency)
    if more > 0 and draft.has_open():
        draft.actions.append(Authorize(amount=more))
        draft.is_news = True


def _missing(balance: Balance, history: History) -> Decimal:
    """What nobody has paid or authorised, without what is on its way back, or to be let go."""
    leaving = _leaving(balance.payments, history)
    for payment in balance.payments:
        leaving = plus(leaving, min(_pending_void(history, payment), balance.usable(payment)))
    return balance.missing_without(leaving)


def _to_come_back(draft: Draft, event: Amended) -> Decimal:
    """What those units cost in whose place new ones are: they come back, and cost nothing then."""
    value = _NOTHING
    lines = {line.id: line for line in draft.order.lines}
    progress = draft.progress_by_line()
    for new in event.added:
        old = lines.get(new.replaces)
        if old is not None:
            out = progress.get(old.id, NO_PROGRESS).returnable
            units = min(new.units, out)
            value = plus(value, times(old.unit_price, units // old.units_each))
    return value
