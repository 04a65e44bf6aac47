"""What events of money add to what was reported of an order."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fulfill_core._checks import money_text
from fulfill_core.inventory.stock import EARLIEST
from fulfill_core.lifecycle.balance import (
    CAPTURE,
    REFUND,
    is_turned_down,
    pending_capture,
    pending_refund,
    refund_under_way,
)
from fulfill_core.lifecycle.draft import Draft, PaymentPair, in_sequence
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
from fulfill_core.lifecycle.recording.authorizations import (
    agreement_of,
    earlier_end,
    opening_of,
    with_end,
)
from fulfill_core.lifecycle.remembering import ask_again
from fulfill_core.orders.money import at_precision, less
from fulfill_core.orders.order import order_with_payments
from fulfill_core.orders.payment import Payment
from fulfill_core.orders.sequences import MANY, with_member
from fulfill_core.records.collecting import is_own
from fulfill_core.records.movements import (
    OPENING,
    Movement,
    MovementKind,
    first_moved,
    movements_of,
    payment_after,
    payment_captured_once_more,
    place_of,
    refs_of,
    trusted_movement,
)

_NOTHING = Decimal(0)
_AS_KNOWN: Mapping[str, Any] = {}
_NO_PAYMENT = Payment(id="-", amount=_NOTHING, status=None, authorized=_NOTHING)
# A member of an enum takes ten times as long to look up as a name of the module (Python 3.11).
_AUTHORIZED, _CAPTURED = MovementKind.AUTHORIZED, MovementKind.CAPTURED
_REFUNDED, _DISPUTED = MovementKind.REFUNDED, MovementKind.DISPUTED
_CAPTURE_FAILED, _REFUND_FAILED = MovementKind.CAPTURE_FAILED, MovementKind.REFUND_FAILED
_AUTHORIZATION_FAILED = MovementKind.AUTHORIZATION_FAILED
_SUCCESSES = {_CAPTURE_FAILED: _CAPTURED, _REFUND_FAILED: _REFUNDED}
"""What each failure takes back, if it is under the same number."""


def authorized(draft: Draft, event: Authorized) -> None:
    """A gateway agreed to an amount."""
    pair = _with_movement(draft, _AUTHORIZED, event.amount)
    if pair is None:
        return
    _, after = pair
    if after.currency:
        _find_foreign(draft, after, event.amount)
    # What came in full before that was heard has not run out.
    if after.authorized and event.expires_at is not None and event.expires_at <= draft.now:
        text = f"{money_text(event.amount)} of {event.payment} were agreed to, and ran out"
        draft.faults.append(("payment.expired", f"{text} on {event.expires_at:%Y-%m-%d}."))


def authorization_failed(draft: Draft, event: AuthorizationFailed) -> None:
    """A gateway did not agree, or not any more: what another try brought stands."""
    if draft.movement_place(_AUTHORIZED)[1] is None:
        is_first = _is_first_report(draft, _AUTHORIZATION_FAILED)
    else:
        is_first = _with_movement(draft, _AUTHORIZATION_FAILED, event.amount) is not None
    if not is_first or is_turned_down(draft.before):
        return
    if draft.balance_before.to_be_agreed():
        draft.is_news = True
        draft.faults.append(
            ("payment.not_authorized", f"{event.payment} was not authorised: {event.amount}.")
        )


def voided(draft: Draft, event: Voided | AuthorizationExpired) -> None:
    """What was authorised can't be captured any more."""
    payment, is_all = draft.payment(event.payment), event.amount is None
    amount = event.amount or _NOTHING
    pair = _with_movement(draft, MovementKind.VOIDED, amount, is_all=is_all)
    if payment is None:  # it may be heard before what it takes back: it is kept until then
        if is_all:
            text = f"The order has no payment {event.payment}."
            draft.refuse("payment.unknown", text, is_kept=True)
        else:
            _has_no_room(draft, "void.no_room", "were let go", amount, "authorised")
        return
    # What was let go, or ran out, may be said again: it counts once. What ran out is said of all
    # that was agreed to, as nobody asks for it: what was captured of that is no contradiction.
    most = payment.amount
    if isinstance(event, Voided):
        most = less(most, payment.captured)
    if pair is not None and amount > most:
        text = (
            f"{money_text(amount)} of {event.payment} were let go, and {money_text(most)} could be."
        )
        draft.faults.append(("void.no_room", text))


def authorization_expired(draft: Draft, event: AuthorizationExpired) -> None:
    """What was authorised ran out: somebody has to look, if the order is not paid for without."""
    _, movement_before = draft.movement_place(MovementKind.VOIDED)
    voided(draft, event)
    if movement_before is not None:
        return
    if (draft.refusal is None or draft.refusal.is_kept) and draft.balance.missing:
        text = f"What {event.payment} covered is not paid for."
        draft.faults.append(("payment.expired", text))


def captured(draft: Draft, event: Captured) -> None:
    """Money came: where more came than was asked for, or is due, somebody has to look."""
    pair = _with_movement(draft, _CAPTURED, event.amount)
    if pair is None:
        return
    before, after = pair
    if after.currency:
        _find_foreign(draft, after, event.amount)
    if not draft.moves_money:
        return
    balance = draft.balance
    expected = _NOTHING if before is None else pending_capture(draft.before.history, before)
    if expected and event.amount > at_precision(expected, draft.order.currency):
        text = f"{money_text(event.amount)} were captured, {money_text(expected)} asked for."
        draft.faults.append(("payment.over_captured", text))
    elif balance.paid > balance.owed and _is_payable(draft, less(balance.paid, balance.owed)):
        text = f"{money_text(event.amount)} came of {event.payment}, and so much is not due."
        draft.faults.append(("payment.not_due", text))


def _is_payable(draft: Draft, amount: Decimal) -> bool:
    """Whether an amount is at least half of the smallest coin: less can't be given back."""
    return bool(at_precision(amount, draft.order.currency))


def capture_requested(draft: Draft, event: CaptureRequested) -> None:
    """Money is to be captured, no more than can be, and is due and neither paid nor asked for."""
    payment = _own_payment(draft, event.payment)
    if payment is None:
        return
    balance = draft.balance
    most, due = balance.capturable(payment), balance.to_be_captured
    text = money_text(event.amount)
    if event.amount > most:
        draft.refuse("capture.not_authorized", f"{money_text(most)} can be captured, not {text}.")
    elif event.amount > due:
        draft.refuse("capture.not_due", f"{money_text(due)} are due and not asked for, not {text}.")
    else:
        ask_again(draft, CAPTURE, payment, event.amount)
        draft.is_news = True


def capture_failed(draft: Draft, event: CaptureFailed) -> None:
    """Money did not come, or did not stay: the goods wait until somebody has seen to it.

    A failed try of which nothing came takes nothing from what another one brought.
    """
    _, failure_before = draft.movement_place(_CAPTURE_FAILED)
    _with_movement(draft, _CAPTURE_FAILED, event.amount)
    balance = draft.balance
    paid = less(balance.paid, balance.leaving)  # what is on its way back pays for nothing
    if failure_before is not None or (paid >= balance.due and not _was_expected(draft)):
        return
    draft.is_news = True
    text = f"{money_text(event.amount)} of {event.payment} did not come."
    draft.faults.append(("payment.capture_failed", text))
    if balance.owed > paid:
        draft.ask(
            "payment.capture_failed", "Capture again, or ask for another payment.", event.payment
        )


def _was_expected(draft: Draft) -> bool:
    """Whether what failed had come, or was asked for of its payment."""
    before, _ = draft.payment_pair or (None, None)
    return before is not None and bool(
        draft.moves_money or pending_capture(draft.before.history, before)
    )


def refund_requested(draft: Draft, event: RefundRequested) -> None:
    """Money is to go back, no more than is owed and came from the payment."""
    payment = _own_payment(draft, event.payment)
    if payment is None:
        return
    owed = max(_NOTHING, less(draft.balance_before.paid, draft.balance_before.owed))
    if event.amount > payment.paid or event.amount > owed:
        most = money_text(min(payment.paid, owed))
        draft.refuse("refund.not_owed", f"{most} are owed to it, not {money_text(event.amount)}.")
        return
    # What failed is asked for by a person only, and then once more.
    rest = less(payment.paid, refund_under_way(draft.history, payment))
    amount = min(event.amount, draft.balance.to_be_refunded, rest)
    if amount > 0:
        ask_again(draft, REFUND, payment, amount)
        draft.is_news = True


def refunded(draft: Draft, event: Refunded) -> None:
    """Money went back, owed or not; more than came can't, and is kept until it did."""
    pair = _with_movement(draft, _REFUNDED, event.amount)
    if pair is None:
        return
    before, after = pair
    if after.refunded == (before.refunded if before else _NOTHING):
        failures = movements_of(draft.history.movements, _REFUND_FAILED, event.payment)
        if (event.ref or event.id) not in refs_of(failures, _REFUND_FAILED):
            _has_no_room(draft, "refund.no_room", "were given back", event.amount)
        return
    balance = draft.balance
    if before is None or draft.gain >= _NOTHING or balance.paid >= balance.owed:
        return
    if event.amount > pending_refund(draft.before.history, before):
        text = f"{money_text(event.amount)} went back to {event.payment}"
        draft.faults.append(("payment.not_owed", f"{text}, and so much was not owed."))


def refund_failed(draft: Draft, event: RefundFailed) -> None:
    """Money did not go back: as far as it is owed still another way has to be found."""
    _, failure_before = draft.movement_place(_REFUND_FAILED)
    _with_movement(draft, _REFUND_FAILED, event.amount)
    if failure_before is None:
        draft.is_news = True
        text = money_text(event.amount)
        draft.faults.append(
            ("payment.refund_failed", f"{text} did not go back to {event.payment}.")
        )
        if draft.balance.to_be_refunded:
            draft.ask("payment.refund_failed", "Pay the customer in another way.", event.payment)


def charged_back(draft: Draft, event: ChargedBack) -> None:
    """The bank took money back."""
    pair = _with_movement(draft, MovementKind.CHARGED_BACK, event.amount)
    if pair is None:
        return
    before, after = pair
    if after.charged_back > (before.charged_back if before else 0):
        text = money_text(event.amount)
        draft.faults.append(("payment.charged_back", f"The bank took {text} of {event.payment}."))
    else:
        _has_no_room(draft, "chargeback.no_room", "were charged back", event.amount)
    draft.ask("payment.charged_back", "Contest it, or let it be.", event.payment)


def dispute_opened(draft: Draft, event: DisputeOpened) -> None:
    """The customer disputes a payment: somebody has to answer the bank."""
    if not _is_first_report(draft, _DISPUTED):
        return
    draft.is_news = True
    text = money_text(event.amount)
    draft.faults.append(("payment.disputed", f"{text} of {event.payment} are disputed."))
    draft.ask("payment.disputed", "Answer the bank.", event.payment)


def _is_first_report(draft: Draft, kind: MovementKind) -> bool:
    """Whether nobody has said this of a payment, of which nothing moved; it is kept, once."""
    event = draft.event
    place, before = draft.movement_place(kind)
    is_alike = before is None or _is_alike(draft, before, event.amount)
    if before is None or (is_alike and event.at < before.at):
        ref = event.ref or event.id
        movement = trusted_movement(kind, event.payment, ref, event.amount, event.at)
        _put_movement(draft, place, before, movement)
    return before is None


def _is_alike(draft: Draft, before: Movement, amount: Decimal, *, is_all: bool = False) -> bool:
    """Whether another report of a movement says the same amount; or else it contradicts."""
    if before.is_all if is_all else before.amount == amount:
        return True
    text = f"{before.ref} is known with {money_text(before.amount)}, not {money_text(amount)}."
    draft.refuse("event.conflict", text)
    draft.doubt("event.conflict", text)
    return False


def _put_movement(draft: Draft, place: int, before: Movement | None, movement: Movement) -> None:
    """What was reported, with a movement more, or another one in place of the one before."""
    movements = list(draft.record.history.movements)
    if before is None:
        movements.insert(place, movement)
    else:
        movements[place] = movement
    draft.keep("movements", tuple(movements))


def _with_movement(
    draft: Draft, kind: MovementKind, amount: Decimal, *, is_all: bool = False
) -> PaymentPair | None:
    """A payment before and after money moved; None if that is known already, or contradicts.

    Args:
        draft: the step.
        kind: what happened to it.
        amount: how much.
        is_all: whether it was all that was authorised, however much that was.
    """
    event, record = draft.event, draft.record
    payment_id, ref = event.payment, event.ref or event.id
    place, movement_before = draft.movement_place(kind)
    at, expires_at = event.at, event.expires_at if kind is _AUTHORIZED else None
    if movement_before is not None:
        if not _is_alike(draft, movement_before, amount, is_all=is_all):
            return None
        # Of two reports of one movement the first counts, and the earlier end.
        at = min(at, movement_before.at)
        expires_at = earlier_end(expires_at, movement_before.expires_at)
        if (at, expires_at) == (movement_before.at, movement_before.expires_at):
            return None
    order, payment = record.order, draft.payment(payment_id)
    movements = record.history.movements
    movement = trusted_movement(kind, payment_id, ref, amount, at, is_all, expires_at)
    _put_movement(draft, place, movement_before, movement)
    after = None
    if kind is _CAPTURED and payment is not None and len(movements) >= MANY:
        after = _captured_after(payment, movements, amount, is_new=movement_before is None)
    if after is None:
        first = None if payment is None else first_moved(movements, payment_id)
        if payment is not None and first is None:
            opening = opening_of(payment, order.placed_at)
            draft.keep("movements", in_sequence(movements, [*opening, movement]))
            first = opening[0] if opening else None
        agreement: Mapping[str, Any] = _AS_KNOWN
        # When it was agreed is known of nearly all from before their first event.
        if first is None or first.ref != OPENING or first.at == EARLIEST:
            is_first_word = movement_before is None or event.at < movement_before.at
            agreement = agreement_of(draft, movement, is_first_word=is_first_word)
        movements = draft.record.history.movements
        if payment is not None and agreement is _AS_KNOWN and _moves_nothing(movements, movement):
            after = payment
        else:
            after = payment_after(payment or _NO_PAYMENT, payment_id, movements, agreement)
    if after is not payment:
        after = with_end(after, draft.record.history.movements)
    draft.payment_pair = pair = payment, after
    # One of which nothing came, nor was agreed to, is none.
    is_none = payment is None and kind is _CAPTURE_FAILED
    if after is not payment and not is_none:
        draft.put("order", order_with_payments(order, with_member(order.payments, after)))
        draft.moves_money = _has_other_amounts(payment, after)
        if is_own(after, order):
            draft.gain = after.paid if payment is None else less(after.paid, payment.paid)
    return pair if movement_before is None else None


def _moves_nothing(movements: tuple[Movement, ...], movement: Movement) -> bool:
    """Whether a try failed under a number under which nothing is known to have come.

    Under which one that came that a payment had brought before its first event nobody knows.
    """
    success = _SUCCESSES.get(movement.kind)
    if success is None:
        return False
    payment_id = movement.payment_id
    refs = (movement.ref, OPENING) if success is _CAPTURED else (movement.ref,)
    return not any([place_of(movements, success, payment_id, ref)[1] for ref in refs])


def _captured_after(
    payment: Payment, movements: tuple[Movement, ...], amount: Decimal, *, is_new: bool
) -> Payment | None:
    """A payment after a capture, without a look at all of its movements; None if it takes one.

    Args:
        payment: as it is.
        movements: those of the order before.
        amount: how much.
        is_new: whether nobody has heard of it before; or else it happened earlier than was said.
    """
    if is_new:
        if len(movements_of(movements, _CAPTURED, payment.id)) < MANY:
            return None
        return payment_captured_once_more(payment, movements, amount)
    # When it was captured tells when it was agreed, if nothing else does, and what was let go.
    is_agreed = movements_of(movements, _AUTHORIZED, payment.id)
    is_let_go = movements_of(movements, MovementKind.VOIDED, payment.id)
    return payment if is_agreed and not is_let_go else None


def _has_other_amounts(before: Payment | None, after: Payment) -> bool:
    """Whether a payment stands at other amounts than before; one that is new, at any."""
    if before is None:
        return any((after.captured, after.refunded, after.authorized, after.charged_back))
    return (
        before.captured != after.captured
        or before.refunded != after.refunded
        or before.authorized != after.authorized
        or before.charged_back != after.charged_back
        or before.amount != after.amount
    )


def _find_foreign(draft: Draft, payment: Payment, amount: Decimal) -> None:
    """Money of another currency than the order's covers nothing: somebody has to look."""
    if not is_own(payment, draft.order):
        text = f"{money_text(amount)} {payment.currency} of {payment.id} cover nothing"
        draft.faults.append(
            ("payment.currency", f"{text}: the order is in {draft.order.currency}.")
        )


def _own_payment(draft: Draft, payment_id: str) -> Payment | None:
    """A payment that can be asked for an amount; if there is none, the event is refused."""
    payment = draft.payment(payment_id)
    if payment is None:
        draft.refuse("payment.unknown", f"The order has no payment {payment_id}.")
        return None
    if not is_own(payment, draft.order):
        draft.refuse(
            "payment.currency", f"{payment_id} is in {payment.currency}: it covers nothing."
        )
        return None
    return payment


def _has_no_room(
    draft: Draft, code: str, verb: str, amount: Decimal, origin: str = "captured"
) -> None:
    draft.refuse(code, f"{money_text(amount)} {verb}, and so much was not {origin}.", is_kept=True)
