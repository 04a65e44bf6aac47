"""Money that moved for an order, as gateways reported it: what only grows, and what follows of it.

A movement is known by its kind, its payment and its reference. What a payment stands at is worked
out of all of them, so it makes no difference in which sequence they were reported.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.due import NO_ADJUSTMENT, Adjustment
from fulfill_core.orders.money import less, plus
from fulfill_core.orders.payment import Payment, payment_with_amounts
from fulfill_core.orders.sequences import place_in

_NOTHING = Decimal(0)
OPENING = ""
"""The reference of what a payment stood at before its first event."""
OF_RETURN, OF_LOSS, OF_NOTHING = "return:", "lost:", "nothing:"
"""How the reference of a final charge begins: by what it was said with, so that one number may be
used for each of them. What follows of it is for its kind to say."""


class MovementKind(StrEnum):
    """What moved, or did not.

    >>> MovementKind("captured")
    <MovementKind.CAPTURED: 'captured'>
    """

    AUTHORIZED = "authorized"
    AUTHORIZATION_FAILED = "authorization_failed"
    """What was agreed to under its number, and not since, is none; it changes nothing else."""
    VOIDED = "voided"
    """Given up by us, or run out."""
    CAPTURED = "captured"
    CAPTURE_FAILED = "capture_failed"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    CHARGED_BACK = "charged_back"
    DISPUTED = "disputed"
    """Nothing moved yet; of two reports of one dispute, or refusal, the first counts."""
    CREDIT = "credit"
    """Granted off what is due."""
    SHIPPING = "shipping"
    """What sending costs from now on."""
    FINAL_SHIPPING = "final_shipping"
    """Likewise, said with goods that came back, or were lost, or once nothing was kept."""
    ASKED = "asked"
    """Of the customer, who is to agree to what an amendment costs more; nothing moved yet. It bears
    the time when they were asked, since from then on they may be late, and what the order cost
    before: while that is paid, it is the addition alone that is not."""


# By name: a class of words gives out a member in ten times the time.
_AUTHORIZED, _VOIDED = MovementKind.AUTHORIZED, MovementKind.VOIDED
_CAPTURED, _CAPTURE_FAILED = MovementKind.CAPTURED, MovementKind.CAPTURE_FAILED
_REFUNDED, _REFUND_FAILED = MovementKind.REFUNDED, MovementKind.REFUND_FAILED
_CHARGED_BACK = MovementKind.CHARGED_BACK
_CREDIT, _SHIPPING = MovementKind.CREDIT, MovementKind.SHIPPING
_FINAL_SHIPPING = MovementKind.FINAL_SHIPPING
_AUTHORIZATION_FAILED, _DISPUTED = MovementKind.AUTHORIZATION_FAILED, MovementKind.DISPUTED
UNMOVED = _AUTHORIZATION_FAILED, _DISPUTED
"""No money moved with these: they are kept so that another report of the same is known."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Movement:
    """Money that moved, or did not, once.

    Args:
        kind: what happened to it.
        payment_id: of which payment; empty for what is agreed on the order.
        ref: the gateway's own number of it, or else the event's id.
        amount: how much, a Decimal of zero or more.
        at: when, aware, kept in UTC.
        is_all: whether it was all that was authorised then: how much that was follows of what else
            happened, and the amount is zero.
        expires_at: of what was agreed to, from when on it covers nothing, aware, kept in UTC; None
            if that is not known.

    >>> from datetime import timezone
    >>> Movement(kind="captured", payment_id="card", ref="c1", amount=Decimal(5),
    ...          at=datetime(2026, 3, 2, tzinfo=timezone.utc)).key
    (<MovementKind.CAPTURED: 'captured'>, 'card', 'c1')
    """

    kind: MovementKind
    payment_id: str = ""
    ref: str = OPENING
    amount: Decimal
    at: datetime
    is_all: bool = False
    expires_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        _checks.keep_word(self, "kind", MovementKind)
        _checks.check_text("Movement.payment_id", self.payment_id)
        _checks.check_text("Movement.ref", self.ref)
        _checks.check_money("Movement.amount", self.amount)
        _checks.keep_in_utc(self, "at")
        _checks.check_bool("Movement.is_all", self.is_all)
        _checks.keep_in_utc(self, "expires_at", is_optional=True)

    @property
    def key(self) -> tuple[MovementKind, str, str]:
        """What tells it from the others of an order."""
        return self.kind, self.payment_id, self.ref


_MovementTwin = _values.twin(Movement)


def trusted_movement(
    kind: MovementKind,
    payment_id: str,
    ref: str,
    amount: Decimal,
    at: datetime,
    is_all: bool = False,  # noqa: FBT001, FBT002 - as said, by position
    expires_at: datetime | None = None,
) -> Movement:
    """A movement of parts that were checked, by position: the fast way, see `_values.twin`."""
    twin = _MovementTwin()
    twin.kind, twin.payment_id, twin.ref = kind, payment_id, ref
    twin.amount, twin.at, twin.is_all, twin.expires_at = amount, at, is_all, expires_at
    twin.__class__ = Movement
    movement: Movement = twin
    return movement


def movements_of(
    movements: tuple[Movement, ...], kind: MovementKind, payment_id: str | None = None
) -> Sequence[Movement]:
    """The movements of a kind, of a payment or of all: an order may have thousands.

    Args:
        movements: those of an order, as a history keeps them: by kind, payment and reference.
        kind: which kind.
        payment_id: of which payment; None for all.
    """
    if len(movements) < _FEW:
        return [
            each
            for each in movements
            if each.kind is kind and payment_id in (None, each.payment_id)
        ]
    key_of = _kind_of if payment_id is None else _kind_and_payment_of
    key = kind if payment_id is None else (kind, payment_id)
    start = bisect_left(movements, key, key=key_of)
    return movements[start : bisect_right(movements, key, start, key=key_of)]


_FEW = 16
"""So many are looked at one after the other in less time."""
_kind_of: Callable[[Movement], Any] = attrgetter("kind")
_kind_and_payment_of: Callable[[Movement], Any] = attrgetter("kind", "payment_id")
key_of: Callable[[Movement], Any] = attrgetter("kind", "payment_id", "ref")
"""`Movement.key`, without a call of Python."""


def place_of(
    movements: tuple[Movement, ...], kind: MovementKind, payment_id: str, ref: str
) -> tuple[int, Movement | None]:
    """Where the movement of a kind, a payment and a reference is, and that.

    Where it would come, if there is none. Few are read one after the other: to make the key of one
    and to compare it takes as long as to read three.
    """
    if len(movements) >= _FEW:
        return place_in(movements, (kind, payment_id, ref), key_of)
    place = 0  # to number them takes as long as to read them
    for each in movements:
        if each.kind is not kind:
            if each.kind > kind:
                break
        elif each.payment_id != payment_id:
            if each.payment_id > payment_id:
                break
        elif each.ref >= ref:
            return place, each if each.ref == ref else None
        place += 1
    return place, None


def first_moved(movements: Iterable[Movement], payment_id: str) -> Movement | None:
    """The first movement of a payment, by its kind; None if none of it is reported.

    What it stood at before its first event comes first, where that is among them.
    """
    for each in movements:
        if each.payment_id == payment_id and (
            each.kind is not _AUTHORIZATION_FAILED and each.kind is not _DISPUTED
        ):
            return each
    return None


def opening_amount(
    movements: tuple[Movement, ...], kind: MovementKind, payment_id: str
) -> Decimal | None:
    """What of a kind a payment stood at before its first event; None if none of it is reported.

    Of its kind and payment it is the first.
    """
    candidates: Sequence[Movement] = movements
    if len(movements) >= _FEW:
        candidates = movements_of(movements, kind, payment_id)
    for each in candidates:
        if each.kind is kind and each.payment_id == payment_id:
            return each.amount if each.ref == OPENING else _NOTHING
    return None


def kinds_failed(movements: tuple[Movement, ...]) -> Collection[MovementKind]:
    """Whether captures of an order failed, and whether refunds did: the kinds that say so."""
    if len(movements) >= _FEW:
        return [kind for kind in _FAILURES if movements_of(movements, kind)]
    kinds = [each.kind for each in movements]
    if _CAPTURE_FAILED not in kinds and _REFUND_FAILED not in kinds:
        return ()  # as of nearly all orders
    return [kind for kind in _FAILURES if kind in kinds]


_FAILURES = _CAPTURE_FAILED, _REFUND_FAILED


def adjustment_of(movements: tuple[Movement, ...]) -> Adjustment:
    """What was agreed of an order's money since it was placed.

    Of what sending costs the last word counts, by when it was said. Once somebody said it with what
    came back, or was lost, or after that, it holds where nothing is kept: whoever says it knows
    that it is so.

    Args:
        movements: those of an order. What sending cost at first is among them, if it was changed.
    """
    if len(movements) < _FEW:
        kinds = [each.kind for each in movements]
        if _CREDIT not in kinds and _SHIPPING not in kinds and _FINAL_SHIPPING not in kinds:
            return NO_ADJUSTMENT  # as of nearly all orders
    credit, final_charges = _NOTHING, movements_of(movements, _FINAL_SHIPPING)
    for each in movements_of(movements, _CREDIT):
        credit = plus(credit, each.amount)
    charges = [*movements_of(movements, _SHIPPING), *final_charges]
    if not charges:
        return Adjustment(_NOTHING, credit) if credit else NO_ADJUSTMENT
    # What it cost at first has no number, so it comes first. No word is before it, whenever it was.
    first = charges.pop(0)
    last = max(charges, key=_word_of, default=first)
    final_charge = last.amount if final_charges else _NOTHING
    return Adjustment(less(last.amount, first.amount), credit, final_charge)


_word_of: Callable[[Movement], Any] = attrgetter("at", "ref", "amount")


def amount_of(
    movements: Iterable[Movement], kind: MovementKind, failed: frozenset[str] = frozenset()
) -> Decimal:
    """What movements of a kind come to, without those that failed, by reference."""
    amount = _NOTHING
    for each in movements:
        if each.kind is kind and each.ref not in failed:
            amount = plus(amount, each.amount)
    return amount


def refs_of(movements: Iterable[Movement], kind: MovementKind) -> frozenset[str]:
    """The references of movements of a kind."""
    return frozenset([each.ref for each in movements if each.kind is kind])


def refs_refused(movements: Collection[Movement]) -> frozenset[str]:
    """The references under which a payment was agreed to, and that failed at once, or later."""
    ends = {each.ref: each.at for each in movements if each.kind is _AUTHORIZATION_FAILED}
    if not ends:
        return frozenset()  # as of most
    agreements = [each for each in movements if each.kind is _AUTHORIZED and each.ref in ends]
    return frozenset([each.ref for each in agreements if each.at <= ends[each.ref]])


def _in_room(movements: Iterable[Movement], room: Decimal) -> tuple[Decimal, Decimal]:
    """What of a payment was refunded, and charged back, each of them whole or not, while it lasts.

    Those that happened first come first: so it is the same whichever was reported first.
    """
    if not any([each.kind is _REFUNDED or each.kind is _CHARGED_BACK for each in movements]):
        return _NOTHING, _NOTHING
    failed = refs_of(movements, _REFUND_FAILED)
    amounts = {_REFUNDED: _NOTHING, _CHARGED_BACK: _NOTHING}
    candidates = [
        each
        for each in movements
        if each.kind in amounts and not (each.kind is _REFUNDED and each.ref in failed)
    ]
    for each in in_time(candidates):
        if each.amount <= room:
            room = less(room, each.amount)
            amounts[each.kind] = plus(amounts[each.kind], each.amount)
    return amounts[_REFUNDED], amounts[_CHARGED_BACK]


def is_failing(movements: tuple[Movement, ...], failures: Sequence[Movement]) -> bool:
    """Whether the last try to capture a payment failed: then nobody knows whether it is worth any.

    Args:
        movements: those of the order.
        failures: those of them that say that it failed, one at least.
    """
    at = max([each.at for each in failures])
    captures = movements_of(movements, _CAPTURED, failures[0].payment_id)
    later = [each.ref for each in captures if each.at > at]
    return not later or {each.ref for each in failures}.issuperset(later)


def amount_since_failure(movements: tuple[Movement, ...], failures: Sequence[Movement]) -> Decimal:
    """What was agreed to since a try to capture a payment failed last: that is another try.

    Its arguments are those of `is_failing`.
    """
    at, payment_id = max([each.at for each in failures]), failures[0].payment_id
    own = [each for each in movements if each.payment_id == payment_id]
    later = [each for each in own if each.at > at]
    return amount_of(later, _AUTHORIZED, refs_refused(own))


def amount_let_go(movements: Collection[Movement]) -> Decimal:
    """What of a payment was let go: where that was all there was, what that was at the time.

    That is what was agreed until then and had neither come, or failed since, nor been let go.

    Args:
        movements: those of the payment.
    """
    return plus(amount_of(movements, _VOIDED), _all_let_go(movements))


def _all_let_go(movements: Collection[Movement]) -> Decimal:
    """What was let go each time that it was all there was: those movements have no amount."""
    if not any([each.is_all for each in movements]):  # as of most
        return _NOTHING
    return _in_turn(movements)[0]


def opening_failed(movements: Collection[Movement]) -> Decimal:
    """What failed of what a payment had brought before its first event.

    Nobody knows under which number that came: it is what failed under one under which nothing came,
    where so much could not be captured then.

    Args:
        movements: those of the payment.
    """
    if not any([each.kind is _CAPTURED and each.ref == OPENING for each in movements]):
        return _NOTHING  # as of most
    return _in_turn(movements)[1]


def _in_turn(movements: Collection[Movement]) -> tuple[Decimal, Decimal]:
    """What was let go as a whole of a payment, and what of its opening failed, one by one."""
    let_go = failed = rest = _NOTHING
    numbers, captures = refs_of(movements, _CAPTURED), dict[str, Decimal]()
    refused = refs_refused(movements)
    for each in in_time(movements):
        if each.kind is _AUTHORIZED:
            if each.ref in refused:
                continue
            rest = plus(rest, each.amount) if rest else each.amount
        elif each.kind is _CAPTURED:
            rest = less(rest, captures.setdefault(each.ref, each.amount))
        elif each.kind is _CAPTURE_FAILED:
            amount = captures.get(each.ref, _NOTHING)
            captures[each.ref] = _NOTHING
            if each.ref not in numbers and each.amount > rest:
                opening = captures.get(OPENING, _NOTHING)
                amount = min(each.amount, opening)
                captures[OPENING] = less(opening, amount)
                failed = plus(failed, amount)
            rest = plus(rest, amount)
        elif each.is_all and rest > 0:
            let_go, rest = plus(let_go, rest) if let_go else rest, _NOTHING
        elif each.kind is _VOIDED and each.amount:
            rest = less(rest, each.amount)
    return let_go, failed


def in_time(movements: Iterable[Movement]) -> Iterable[Movement]:
    """The movements of a payment one after the other: what it stood at first comes first."""
    later = sorted(movements, key=_by_time)
    first = [each for each in later if each.ref == OPENING]
    return [*first, *[each for each in later if each.ref != OPENING]] if first else later


_by_time: Callable[[Movement], Any] = attrgetter("at", "kind", "ref")
"""Made by C: a key of Python takes four times as long."""


def payment_after(
    payment: Payment,
    payment_id: str,
    movements: Iterable[Movement],
    agreement: Mapping[str, Any],
) -> Payment:
    """A payment as all that was reported of it leaves it.

    What failed did not happen, whichever was reported first. More than was captured can't go back.
    What failed to be captured can be captured still, until it is voided.

    Args:
        payment: as it is; its amounts are worked out anew.
        payment_id: its id.
        movements: those of the order.
        agreement: other fields that are other than they were; checked.
    """
    agreed = captured = refunded = charged_back = _NOTHING
    is_sum = True
    for each in movements:
        if each.payment_id != payment_id:
            continue
        kind = each.kind
        if kind is _AUTHORIZED:
            agreed = plus(agreed, each.amount) if agreed else each.amount
        elif kind is _CAPTURED:
            captured = plus(captured, each.amount) if captured else each.amount
        elif kind is _REFUNDED:
            refunded = plus(refunded, each.amount) if refunded else each.amount
        elif kind is _CHARGED_BACK:
            charged_back = plus(charged_back, each.amount)
        else:
            is_sum = False
    captured_in_all = not_there = captured
    back = plus(refunded, charged_back) if charged_back else refunded
    if not is_sum or back > captured:  # as of few payments
        own = [each for each in movements if each.payment_id == payment_id]
        captured, refunded, charged_back, let_go = _in_doubt(own)
        not_there = plus(captured, let_go)
        refused = refs_refused(own)
        if refused:
            agreements = [each for each in own if each.ref in refused]
            not_there = plus(not_there, amount_of(agreements, _AUTHORIZED))
    # All that the gateway was ever asked for: the same whichever was reported first.
    most = payment.amount
    if agreed > most or captured_in_all > most:  # `max` of three takes twice as long
        most = max(agreed, captured_in_all)
    authorized = less(agreed, not_there) if agreed > not_there else _NOTHING
    return payment_with_amounts(
        payment, most, authorized, captured, refunded, charged_back, agreement
    )


def _in_doubt(movements: Collection[Movement]) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """What was captured, refunded and charged back of a payment, and what of it was let go.

    That is for one of which something failed, was let go, or has no room.
    """
    captured = amount_of(movements, _CAPTURED, refs_of(movements, _CAPTURE_FAILED))
    captured = less(captured, opening_failed(movements))
    return (captured, *_in_room(movements, captured), amount_let_go(movements))


def payment_captured_once_more(
    payment: Payment, movements: tuple[Movement, ...], amount: Decimal
) -> Payment | None:
    """A payment after one capture more, worked out of what it stood at: there may be thousands.

    None if all of its movements are to be looked at: something of it failed, went back or was let
    go, or more was captured than is authorised.

    Args:
        payment: as all movements before left it.
        movements: those of the order, as a history keeps them.
        amount: how much.
    """
    exceptions = (_CAPTURE_FAILED, _REFUNDED, _CHARGED_BACK, _VOIDED)
    if payment.authorized < amount or any(
        [movements_of(movements, kind, payment.id) for kind in exceptions]
    ):
        return None
    authorized = max(_NOTHING, less(payment.authorized, amount))  # as above, 0 and not 0.00
    captured = plus(payment.captured, amount)
    back = payment.refunded, payment.charged_back
    return payment_with_amounts(payment, payment.amount, authorized, captured, *back)


# How these values are pickled, whichever of them is imported first.
import fulfill_core.records.history  # noqa: E402, F401 # pyright: ignore[reportUnusedImport]
