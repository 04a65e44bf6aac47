"""What the host has to do about a step with money: it follows units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from fulfill_core._checks import money_text
from fulfill_core.decisions.notification import Audience, Kind
from fulfill_core.lifecycle.actions import trusted_authorize
from fulfill_core.lifecycle.balance import (
    CAPTURE,
    COLLECT,
    REFUND,
    VOID,
    agreed_anew,
    amount_kept,
    capture_under_way,
    failed_of,
    has_failed,
    is_turned_down,
    on_the_way_back,
    pending_capture,
    pending_refund,
    pending_void,
    tried_anew,
    units_replaced,
    waited_for,
)
from fulfill_core.lifecycle.draft import Draft, in_sequence
from fulfill_core.lifecycle.events import Event
from fulfill_core.lifecycle.events.goods import Lost
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
from fulfill_core.lifecycle.events.orders import Amended, Cancelled
from fulfill_core.lifecycle.events.returns import ReturnReceived
from fulfill_core.lifecycle.remembering import (
    ask_for_amount,
    forget_failures,
    keep_amount,
    remember,
)
from fulfill_core.orders.money import at_precision, less
from fulfill_core.orders.payment import Payment
from fulfill_core.orders.progress import NO_PROGRESS, has_left
from fulfill_core.records.collecting import is_own
from fulfill_core.records.movements import MovementKind, trusted_movement

# An amount is compared with it and not with 0, which is made a Decimal first.
_NOTHING = Decimal(0)
_FIRST = datetime.min.replace(tzinfo=UTC)
_AUTHORIZATION_FAILED = MovementKind.AUTHORIZATION_FAILED
_LEAVING_ALL_AS_IT_IS: set[type[Event]] = {
    *(Captured, CaptureFailed, CaptureRequested, ChargedBack, DisputeOpened),
    *(Refunded, RefundFailed, RefundRequested),
}
"""After these nothing more is to be captured: what failed, or went back, a person sees to."""
_TRYING_ANEW: set[type[Event]] = {Authorized, CaptureFailed}
_CHANGING: set[type[Event]] = {Amended, Cancelled}
"""After these an order may cost more, by somebody's will: it is paid for, or not, from then on."""
_ASKING_FOR_MORE: set[type[Event]] = {
    *(AuthorizationExpired, AuthorizationFailed, Voided),
    *(*_CHANGING, Lost, ReturnReceived),
}
_ASKING_TO_PAY = {Kind.PAYMENT_NEEDED, Kind.PAYMENT_FAILED}


def ask_for_money(draft: Draft) -> None:
    """What is to be voided, given back, captured and authorised after a step.

    It follows of units and money, so a step that moves neither has nothing to ask for.
    """
    if not _is_about_money(draft):
        return
    balance = draft.balance
    owed, paid, payments = balance.owed, balance.paid, balance.payments
    if owed > paid and type(draft.event) in _LEAVING_ALL_AS_IT_IS and not balance.failed:
        return  # nothing is taken, whatever is on its way back
    payments = sorted(payments, key=_turn_of) if len(payments) > 1 else payments
    leaving = balance.leaving
    rest = less(paid, leaving) if leaving else paid
    if draft.event.__class__ is Authorized:
        _forget_what_is_gone(draft)
        _replace(draft, less(owed, rest))
    agreed_now = _try_anew(draft) if CAPTURE in balance.failed else _NOTHING
    unpaid = more = _NOTHING
    if owed > rest:  # what has left costs no more than what is due
        if agreed_now or type(draft.event) not in _LEAVING_ALL_AS_IT_IS:
            unpaid = _take(draft, payments, rest, agreed_now)
        more = _ask_for_more(draft)
    else:
        for payment in payments:
            # While anything is due a payment is let go after its last capture, else at once: two
            # things would be said of one amount. What failed a person alone captures again.
            if owed <= _NOTHING or not capture_under_way(draft.history, payment):
                _let_go(draft, payment)
        if owed < paid:
            _give_back(draft, payments, less(paid, owed))
        if owed <= _NOTHING:
            _let_go_of_others(draft)
    if unpaid > _NOTHING:
        _ask_to_collect(draft, unpaid, more)
    if balance.failed:
        forget_failures(draft)


def _turn_of(payment: Payment) -> tuple[datetime, str]:
    return payment.authorized_at or _FIRST, payment.id


def _is_about_money(draft: Draft) -> bool:
    """Whether units or money are other than before, or somebody said something of a payment."""
    before, record = draft.before, draft.record
    return (
        record.order is not before.order
        or record.history.movements is not before.history.movements
        or record.rejections is not before.rejections
        or draft.moves_value
        or hasattr(draft.event, "payment")
        or _is_left_to_staff(draft)
    )


def _try_anew(draft: Draft) -> Decimal:
    """What a payment may be asked for as what failed was agreed to since, whichever came first.

    What failed of that is waited for no more, and asked for as if it had never been. What had come
    before the first event, and failed, nobody has asked for.
    """
    event, history = draft.event, draft.history
    if type(event) not in _TRYING_ANEW or _was_heard(draft):
        return _NOTHING
    for payment in draft.balance.payments:
        if payment.id == event.payment and has_failed(history, payment):
            pending = pending_capture(history, payment)
            failed = failed_of(history, CAPTURE, payment, pending)
            if failed <= _NOTHING and type(event) is not Authorized:
                break
            agreed = _agreed_anew(draft, payment)
            again = min(failed, agreed)
            if again > _NOTHING:
                remember(draft, CAPTURE, payment, less(pending, again), less(failed, again))
            return agreed if again > _NOTHING or type(event) is Authorized else _NOTHING
    return _NOTHING


def _agreed_anew(draft: Draft, payment: Payment) -> Decimal:
    """What a payment that failed was agreed to since, and nothing is asked for of yet.

    Of what is heard of now nothing is. If a failure is heard of, that is what was tried once more,
    and was under way before.
    """
    agreed, before = agreed_anew(draft.history, payment), draft.before
    if type(draft.event) is Authorized:
        return less(agreed, agreed_anew(before.history, payment))
    payment_before, _ = draft.payment_pair or (None, None)
    return less(agreed, tried_anew(before.history, payment_before)) if payment_before else agreed


def _forget_what_is_gone(draft: Draft) -> None:
    """What was asked for of a payment, and ran out, or was captured or let go instead, is gone.

    What is agreed to after that is another amount, for which nobody has asked yet. What was to be
    let go, and had ended by then, is gone whether or not anybody said so; whether what was to be
    captured of it came its gateway says.
    """
    before, after = draft.payment_pair or (None, None)
    if before is None or after is None or _was_heard(draft):
        return
    earlier, at = draft.before.history, draft.event.at
    if any([each.payment_id == before.id and each.at > at for each in earlier.movements]):
        return
    to_be_let_go = authorized = before.authorized
    _, refusal = draft.movement_place(_AUTHORIZATION_FAILED)
    if refusal is None or refusal.at < at:
        to_be_let_go = min(authorized, max(_NOTHING, less(after.authorized, draft.event.amount)))
    for what, pending_of, most in (
        (CAPTURE, pending_capture, authorized),
        (VOID, pending_void, to_be_let_go),
    ):
        if waited_for(earlier, what, before) > most:
            pending = min(pending_of(earlier, before), most)
            remember(draft, what, after, pending, failed_of(earlier, what, before, pending))


def _replace(draft: Draft, owed: Decimal) -> None:
    """The payment that another one takes the place of, if any, is let go, and that one captured.

    Its customer has just paid it; what stays open of two is what both would capture, or neither.
    Where there is none to be let go somebody has to look. It is captured all the same, as far as
    nothing else is asked to pay for it.
    """
    event, history = draft.event, draft.history
    if not event.replaces or _was_heard(draft):
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
    if amount > _NOTHING:
        ask_for_amount(draft, CAPTURE, new, amount, pending)


def _was_heard(draft: Draft) -> bool:
    """Whether an event of money is another report of what is known."""
    return len(draft.history.movements) == len(draft.before.history.movements)


def _not_replaced(draft: Draft, old: Payment | None, new: Payment) -> str:
    """Why a payment can't take the place of another; empty if it can."""
    if old is None:
        return "and the order has no such payment"
    if old is new:
        return "which it is itself"
    if not is_own(new, draft.order):
        return f"and covers nothing: it is in {new.currency}"
    is_let_go = any([row[:2] == (VOID, old.id) for row in draft.history.asked_amounts])
    if is_let_go and pending_void(draft.history, old) >= old.authorized:
        return "which was let go before"
    return ""


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
            amount = less(payment.paid, on_the_way_back(draft.history, payment))
            if amount > _NOTHING:
                _ask_to_refund(draft, payment, amount)


def _let_go(draft: Draft, payment: Payment) -> None:
    """What is authorised of a payment, and nobody will capture, is voided."""
    if not payment.authorized:
        return
    pending = pending_void(draft.history, payment)
    amount = less(payment.authorized, pending)
    if amount > _NOTHING:
        ask_for_amount(draft, VOID, payment, amount, pending)


def _give_back(draft: Draft, payments: Sequence[Payment], excess: Decimal) -> None:
    """What the shop has beyond what it may have goes back, the last payment first."""
    on_the_way = {each.id: on_the_way_back(draft.history, each) for each in payments}
    for amount in on_the_way.values():
        if amount:
            excess = less(excess, amount)
    for payment in reversed(payments):
        amount = min(less(payment.paid, on_the_way[payment.id]), excess)
        if amount > _NOTHING:
            _ask_to_refund(draft, payment, amount)
            excess = less(excess, amount)


def _ask_to_refund(draft: Draft, payment: Payment, amount: Decimal) -> None:
    ask_for_amount(draft, REFUND, payment, amount, pending_refund(draft.history, payment))


def _take(draft: Draft, payments: Iterable[Payment], paid: Decimal, agreed_now: Decimal) -> Decimal:
    """What has left is to be paid for, by the first payment first; what of it none of them pays.

    Args:
        draft: the step.
        payments: those in its currency, in their sequence.
        paid: what of it was paid, and stays.
        agreed_now: what the payment of the event may be asked for, if that is tried anew.
    """
    record, balance, history = draft.record, draft.balance, draft.history
    if not has_left(record.progress):
        return _NOTHING
    owed, cost = balance.owed, balance.money_left(draft.rules.charges)
    if cost is not balance.due:  # as it is where all has left
        # Of a discount that is more than its line, what has left would cost more than all of it.
        owed = min(at_precision(cost, record.order.currency), owed)
    owed = less(owed, paid)
    room: list[tuple[Payment, Decimal, Decimal]] = []
    for payment in payments:
        if not payment.authorized:  # nor is anything of it pending
            continue
        most, pending = balance.usable(payment), pending_capture(history, payment)
        if pending:
            owed = less(owed, pending)
            # What is under way may be what was agreed to since a failure, if that was not just now.
            under_way = capture_under_way(history, payment)
            most = min(less(most, under_way), less(payment.authorized, pending))
        if agreed_now and payment.id == draft.event.payment:
            most = min(agreed_now, less(payment.authorized, pending))
        if void := pending_void(history, payment):
            most = less(most, void)
        room.append((payment, most, pending))
    for payment, most, pending in room:
        amount = min(most, owed)
        if amount > _NOTHING:
            # As it can be paid: half a cent of it is asked for already.
            owed = less(owed, ask_for_amount(draft, CAPTURE, payment, amount, pending))
    return owed


def _ask_to_collect(draft: Draft, unpaid: Decimal, more: Decimal) -> None:
    """A person has to see to what has left unpaid, if that is more than before.

    Of money that is not coming the customer is told, as long as they wait for something.

    Args:
        draft: the step.
        unpaid: what nobody has paid, was asked to pay, or can be made to.
        more: what of it the customer is asked to agree to just now: nobody is to collect it.
    """
    if hasattr(draft.event, "payment") and _is_waited_for(draft) and (more or _was_asked(draft)):
        return
    currency = draft.record.order.currency
    unpaid = at_precision(less(unpaid, more), currency)
    if unpaid <= _NOTHING:
        return
    asked_before = amount_kept(draft.history, COLLECT, "")
    before = draft.balance_before
    is_more = unpaid > before.uncollectable(draft.rules.charges)
    if is_more and before.is_put_off:  # somebody may have been asked since it has run out
        is_more = unpaid > asked_before
    if is_more or (_is_left_to_staff(draft) and unpaid > asked_before):
        draft.ask(
            "payment.to_collect",
            f"{money_text(unpaid)} {currency} of what has left are not paid: "
            "collect them, or have it sent back.",
        )
        keep_amount(draft, COLLECT, unpaid, "")


def _is_left_to_staff(draft: Draft) -> bool:
    """Whether the customer was asked to pay, and has nothing to wait for any more.

    While something is open they are asked for what has left as well: it is one amount to them.
    """
    return _was_asked(draft) and not _is_waited_for(draft)


def _was_asked(draft: Draft) -> bool:
    """Whether the customer was asked to pay, and has heard of no money since."""
    last = draft.record.told_to(Audience.CUSTOMER, "payment")
    return last is not None and not last.kinds.isdisjoint(_ASKING_TO_PAY)


def _is_waited_for(draft: Draft) -> bool:
    """Whether the customer has something to wait for: it is open, and nobody turned it down."""
    return draft.balance.bill.is_open() and not is_turned_down(draft.record)


def _has_left_in_spite(draft: Draft) -> bool:
    """Whether the loss of a parcel says that units left which were cancelled.

    What these cost is for the staff to see to: nobody pays for them because they are lost.
    """
    if draft.event.__class__ is not Lost:
        return False
    lines = draft.lines_by_id()
    return any(
        [
            (before or NO_PROGRESS).not_sent(lines[line_id]) > after.not_sent(lines[line_id])
            for line_id, (before, after) in draft.line_moves.items()
            if after
        ]
    )


def _ask_for_more(draft: Draft) -> Decimal:
    """The customer has to agree to what a change costs more, or what can't be captured now.

    So they have to where what takes the place of a payment covers less. A cancel, a return or a
    loss is such a change where sending costs more with it, or a discount is gone with its line.

    Returns:
        How much of that they are asked for: nothing of what they are not told.
    """
    event = draft.event
    kind = event.__class__
    if kind not in _ASKING_FOR_MORE and not (kind is Authorized and event.replaces):
        return _NOTHING
    replaced = None  # what comes back for nothing is not to come back any more
    if isinstance(event, Amended):
        replaced = units_replaced(draft.before)
        for new in event.added:
            replaced[new.replaces] = replaced.get(new.replaces, 0) + new.units
    more = draft.balance.to_be_agreed(replaced)
    if more > _NOTHING and (not isinstance(event, AuthorizationFailed) or _was_heard(draft)):
        more = less(more, draft.balance_before.to_be_agreed())
    more = at_precision(more, draft.order.currency)
    if more <= _NOTHING or not _is_waited_for(draft) or _has_left_in_spite(draft):
        return _NOTHING
    if kind in _CHANGING:
        cost_before = draft.balance_before.bill.payable()
        question = trusted_movement(MovementKind.ASKED, "", event.id, cost_before, draft.now)
        draft.keep("movements", in_sequence(draft.history.movements, [question]))
    draft.actions.append(trusted_authorize(more))
    draft.is_news = True
    if not event.tell:
        return _NOTHING
    keep_amount(draft, COLLECT, _NOTHING, "")  # it is theirs again
    return more
