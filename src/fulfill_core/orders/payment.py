"""Money that was promised or paid for an order: how much of it is where, and what that is called.

The amounts are what counts. A status says them in short, as gateways do, and is worked out of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias, cast

import attrs

from fulfill_core import _checks, _values
from fulfill_core._checks import money_text
from fulfill_core.orders.money import NOTHING, less, plus

_NOT_SAID = Decimal("NaN")  # stands for an amount until the value is made
_NO_WORD = "as the amounts say"
_Amounts: TypeAlias = tuple[Decimal, Decimal, Decimal, Decimal]
"""Authorized, captured, refunded, charged back."""


class PaymentStatus(StrEnum):
    """Where a payment stands with its gateway.

    >>> PaymentStatus("captured")
    <PaymentStatus.CAPTURED: 'captured'>
    """

    AUTHORIZED = "authorized"
    PARTIALLY_CAPTURED = "partially_captured"
    CAPTURED = "captured"
    PENDING = "pending"
    DECLINED = "declined"
    ERROR = "error"
    VOIDED = "voided"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"


# By name: a class of words gives out a member in ten times the time.
_AUTHORIZED, _VOIDED = PaymentStatus.AUTHORIZED, PaymentStatus.VOIDED
_CAPTURED, _PARTIALLY_CAPTURED = PaymentStatus.CAPTURED, PaymentStatus.PARTIALLY_CAPTURED
_REFUNDED, _PARTIALLY_REFUNDED = PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED
_CHARGED_BACK = PaymentStatus.CHARGED_BACK
_WITHOUT_MONEY = frozenset(
    {PaymentStatus.PENDING, PaymentStatus.DECLINED, PaymentStatus.ERROR, PaymentStatus.VOIDED}
)
# Gateways that know few words go on saying "captured" of what was given back.
_FINER = {
    PaymentStatus.AUTHORIZED: {PaymentStatus.PARTIALLY_CAPTURED},
    PaymentStatus.CAPTURED: {
        PaymentStatus.PARTIALLY_CAPTURED,
        PaymentStatus.PARTIALLY_REFUNDED,
        PaymentStatus.REFUNDED,
        PaymentStatus.CHARGED_BACK,
    },
    PaymentStatus.PARTIALLY_REFUNDED: {PaymentStatus.CHARGED_BACK},
    PaymentStatus.REFUNDED: {PaymentStatus.CHARGED_BACK},
}


@attrs.frozen(kw_only=True, weakref_slot=False)
class Payment:
    """Money that was promised or paid for an order.

    Say its amounts, or a status that stands for them: ``status="captured"`` is the whole amount
    captured, and with ``refunded=Decimal(5)`` beside it 5 of that given back. Without either the
    whole amount is authorised. After that the amounts are what counts, and `status` follows from
    them; to change a payment, change its amounts.

    Args:
        id: the gateway's id of the payment.
        amount: what the gateway was asked for, a Decimal, zero or more.
        status: where it stands, a `PaymentStatus` or its text; it fills in the amounts that are
            not given, and one that contradicts those that are is refused. None for what the amounts
            say.
        method: such as ``"card"``, ``"gift_card"``, ``"invoice"``.
        currency: three letters of ISO 4217, upper or lower case; empty for the order's. Money in
            another currency than the order's covers nothing.
        authorized: what can still be captured: what was captured, voided or ran out is no part of
            it.
        captured: what was captured in all.
        refunded: what of that was given back in all.
        charged_back: what of that the bank took back in all.
        authorized_at: when the gateway agreed, aware, kept in UTC; None if not known.
        expires_at: from when on an authorization is worth nothing, aware, kept in UTC; None if
            that is not known.
        avs: the gateway's answer on the address, empty if it gave none.
        cvv: the gateway's answer on the security code, empty if it gave none.

    An empty answer is unknown, and unknown is not bad.

    Raises:
        InvalidValueError: a float as amount, a negative amount, a naive datetime, more authorised
            and captured than was asked for, more given back than captured, and the like.

    >>> Payment(id="p1", amount=Decimal("9.90")).status
    <PaymentStatus.AUTHORIZED: 'authorized'>
    >>> payment = Payment(id="p1", amount=Decimal(20), status="captured", refunded=Decimal(5))
    >>> payment.status, payment.paid
    (<PaymentStatus.PARTIALLY_REFUNDED: 'partially_refunded'>, Decimal('15'))
    """

    id: str
    amount: Decimal
    _word: PaymentStatus | str | None = attrs.field(alias="status", default=_NO_WORD, repr=False)
    """What the gateway says of a payment of which nothing moved; None of any other."""
    method: str = "card"
    currency: str = ""
    authorized: Decimal = _NOT_SAID
    captured: Decimal = _NOT_SAID
    refunded: Decimal = _NOT_SAID
    charged_back: Decimal = _NOT_SAID
    authorized_at: datetime | None = None
    expires_at: datetime | None = None
    avs: str = ""
    cvv: str = ""
    status: PaymentStatus = attrs.field(init=False, eq=False)
    """Where it stands with its gateway, by its amounts."""
    paid: Decimal = attrs.field(init=False, eq=False, repr=False)
    """What the shop has of it: captured less refunded less charged back."""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults("id", id="-", amount=NOTHING)
    def __attrs_post_init__(self) -> None:
        _checks.check_id("Payment.id", self.id)
        _checks.check_money("Payment.amount", self.amount)
        self._keep_amounts()
        _checks.check_text("Payment.method", self.method)
        if self.currency != "":
            code = _checks.check_code("Payment.currency", self.currency, 3, "EUR")
            _checks.set_field(self, "currency", code)
        _checks.keep_in_utc(self, "authorized_at", is_optional=True)
        _checks.keep_in_utc(self, "expires_at", is_optional=True)
        _checks.check_text("Payment.avs", self.avs)
        _checks.check_text("Payment.cvv", self.cvv)

    def _keep_amounts(self) -> None:
        """Fill in the amounts that were not given, and work out the status."""
        as_passed = self.authorized, self.captured, self.refunded, self.charged_back
        is_word_only = (
            self.authorized is self.captured is self.refunded is self.charged_back is _NOT_SAID
        )
        word = self._word_passed(is_word_only=is_word_only)
        if is_word_only and self.amount and (word is _AUTHORIZED or word is _CAPTURED):
            # As nearly all are: there is nothing to check.
            is_paid = word is _CAPTURED
            authorized, captured = (NOTHING, self.amount) if is_paid else (self.amount, NOTHING)
            for name, amount in zip(_NAMES, (authorized, captured, NOTHING, NOTHING), strict=True):
                _checks.set_field(self, name, amount)
            _checks.set_field(self, "paid", captured)
            _checks.set_field(self, "status", word)
            _checks.set_field(self, "_word", None)
            return
        for name, amount in zip(_NAMES, as_passed, strict=True):
            if amount is not _NOT_SAID:
                _checks.check_money(f"Payment.{name}", amount)
        amounts = _filled(word, self.amount, as_passed)
        for name, amount in zip(_NAMES, amounts, strict=True):
            _checks.set_field(self, name, amount)
        if not is_word_only:
            self._check_amounts()
        paid = self.captured
        if self.refunded or self.charged_back:
            paid = less(less(paid, self.refunded), self.charged_back)
        _checks.set_field(self, "paid", paid)
        status = _derived(word, self.amount, amounts)
        if word is not None and word is not status and status not in _FINER.get(word, ()):
            remedy = "pass status=None, and the amounts as they are now"
            if word in _HOW_MUCH:
                remedy = f"pass {_HOW_MUCH[word]} as well"
            raise _checks.refuse(
                "Payment.status",
                str(word),
                f"is not what the amounts say, {_amounts_text(self.amount, amounts)}; {remedy}",
            )
        _checks.set_field(self, "status", status)
        _checks.set_field(self, "_word", None if any(amounts) else status)

    def _word_passed(self, *, is_word_only: bool) -> PaymentStatus | None:
        """The status that was passed; None if the amounts are to say it."""
        if self._word == _NO_WORD:
            return PaymentStatus.AUTHORIZED if is_word_only else None
        if self._word is not None:
            return _checks.to_word("Payment.status", self._word, PaymentStatus)
        if is_word_only:  # a column that is empty: to take it for authorised would be a guess
            raise _checks.refuse(
                "Payment.status",
                None,
                "says nothing, and no amount does; pass a status, or amounts",
            )
        return None

    def _check_amounts(self) -> None:
        in_all = plus(self.authorized, self.captured)
        if in_all > self.amount:
            raise _checks.refuse(
                "Payment.amount",
                self.amount,
                f"is less than the {money_text(in_all)} that are authorised and captured; pass what"
                " the gateway was asked for in all",
            )
        back = plus(self.refunded, self.charged_back)
        if back > self.captured:
            name = "refunded" if self.refunded > self.captured else "charged_back"
            raise _checks.refuse(
                f"Payment.{name}",
                getattr(self, name),
                f"makes {money_text(back)} given back of {money_text(self.captured)} captured;"
                " pass what was captured in all, and what of it was given back",
            )


_AS_AGREED: Mapping[str, Any] = {}


def payment_with_amounts(
    payment: Payment,
    amount: Decimal,
    authorized: Decimal,
    captured: Decimal,
    refunded: Decimal,
    charged_back: Decimal,
    agreement: Mapping[str, Any] = _AS_AGREED,
) -> Payment:
    """The payment with these amounts, which were worked out and fit; nothing is checked again.

    It is called by position: a call by keyword costs half as much again.

    Args:
        payment: the payment.
        amount: what the gateway was asked for.
        authorized: what can still be captured.
        captured: what was captured in all.
        refunded: what of that was given back.
        charged_back: what of that the bank took back.
        agreement: other fields that are other than they were, checked.

    >>> payment = Payment(id="card", amount=Decimal(20))
    >>> paid = payment_with_amounts(payment, Decimal(20), NOTHING, Decimal(20), Decimal(5), NOTHING)
    >>> paid.status, paid.paid
    (<PaymentStatus.PARTIALLY_REFUNDED: 'partially_refunded'>, Decimal('15'))
    """
    status = _derived(None, amount, (authorized, captured, refunded, charged_back))
    paid = captured
    if refunded:  # to ask takes a tenth of a difference
        paid = less(paid, refunded)
    if charged_back:
        paid = less(paid, charged_back)
    twin = _PaymentTwin()
    twin.id, twin.method, twin.currency = payment.id, payment.method, payment.currency
    twin.authorized_at, twin.expires_at = payment.authorized_at, payment.expires_at
    twin.avs, twin.cvv = payment.avs, payment.cvv
    twin.amount, twin.paid, twin.status = amount, paid, status
    twin.authorized, twin.captured = authorized, captured
    twin.refunded, twin.charged_back = refunded, charged_back
    is_moved = authorized or captured  # of what did not come nothing went back
    twin._word = None if is_moved else status  # noqa: SLF001 - it is about to be a payment
    if agreement:
        for name, content in agreement.items():
            setattr(twin, name, content)
    twin.__class__ = Payment
    result: Payment = twin
    return result


_PaymentTwin = _values.twin(Payment)
_HOW_MUCH = {
    PaymentStatus.PARTIALLY_CAPTURED: "captured",
    PaymentStatus.PARTIALLY_REFUNDED: "refunded",
}
"""Of a part a word does not say how much it is."""
_NAMES = ("authorized", "captured", "refunded", "charged_back")


def _filled(word: PaymentStatus | None, amount: Decimal, as_passed: _Amounts) -> _Amounts:
    """The amounts, with those that were not given as the word says them."""
    if word is None or word in _WITHOUT_MONEY:
        return cast("_Amounts", tuple([NOTHING if one is _NOT_SAID else one for one in as_passed]))
    authorized, captured, refunded, charged_back = as_passed
    if word in {PaymentStatus.AUTHORIZED, PaymentStatus.PARTIALLY_CAPTURED}:
        captured = NOTHING if captured is _NOT_SAID else captured
        authorized = _rest(amount, captured) if authorized is _NOT_SAID else authorized
    else:
        authorized = NOTHING if authorized is _NOT_SAID else authorized
        captured = _rest(amount, authorized) if captured is _NOT_SAID else captured
    if refunded is _NOT_SAID:
        refunded = captured if word is PaymentStatus.REFUNDED else NOTHING
    if charged_back is _NOT_SAID:
        is_back = word is PaymentStatus.CHARGED_BACK
        charged_back = _rest(captured, refunded) if is_back else NOTHING
    return authorized, captured, refunded, charged_back


def _rest(whole: Decimal, part: Decimal) -> Decimal:
    return max(less(whole, part), NOTHING) if part else whole


def _derived(word: PaymentStatus | None, amount: Decimal, amounts: _Amounts) -> PaymentStatus:
    """What a payment with these amounts is called; *word* names one of which nothing moved."""
    authorized, captured, refunded, charged_back = amounts
    if charged_back:
        return _CHARGED_BACK
    if refunded:
        is_whole = refunded == captured and not authorized
        return _REFUNDED if is_whole else _PARTIALLY_REFUNDED
    if captured:
        is_whole = captured == amount
        return _CAPTURED if is_whole else _PARTIALLY_CAPTURED
    if authorized:
        return _AUTHORIZED
    if word is not None and (word in _WITHOUT_MONEY or (not amount and word in _OF_NOTHING)):
        return word
    return PaymentStatus.VOIDED  # nothing moved, and nothing can any more


_OF_NOTHING = frozenset(PaymentStatus) - {
    PaymentStatus.PARTIALLY_CAPTURED,
    PaymentStatus.PARTIALLY_REFUNDED,
}
"""What a payment of nothing may be called."""


def _amounts_text(amount: Decimal, amounts: _Amounts) -> str:
    """The amounts, for a sentence."""
    parts = [
        f"{money_text(part)} {name.replace('_', ' ')}"
        for name, part in zip(_NAMES, amounts, strict=True)
        if part
    ]
    return f"{' and '.join(parts) or 'nothing'} of {money_text(amount)}"
