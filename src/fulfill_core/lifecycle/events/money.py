"""Events of money, as gateways and people report them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs

from fulfill_core import _checks
from fulfill_core.lifecycle.events.checking import (
    check_amount,
    check_event,
    check_names,
    check_texts,
)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Authorized:
    """A gateway agreed to an amount.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much, a Decimal above zero.
        ref: the gateway's own number of this attempt; empty for the id of the event. What is said
            under one number is one attempt, however often, and the amount counts once.
        method: such as ``"card"``, of a payment that is new.
        replaces: the id of the payment in whose place it is: that is voided, and this one
            captured. If there is none to be voided, the staff is told.
        expires_at: from when on it is worth nothing, aware; None if that is not known.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Authorized(id="e1", order_id="A-1", at=noon, payment="p1", amount=Decimal(5)).amount
    Decimal('5')
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal
    ref: str = ""
    method: str = "card"
    replaces: str = ""
    expires_at: datetime | None = None
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self)
        check_names(self, "ref", "replaces")
        check_texts(self, "method")
        _checks.keep_in_utc(self, "expires_at", is_optional=True)


@attrs.frozen(kw_only=True, weakref_slot=False)
class AuthorizationFailed:
    """A gateway did not agree, or does so no more.

    It takes nothing from what another try brought. What was agreed to under the same number until
    then is no agreement any more; what is agreed to under it later is one.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much, a Decimal above zero.
        ref: the gateway's own number of this attempt; empty for the id of the event. Of two
            attempts under one number the customer and the staff hear once: give each its own.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> AuthorizationFailed(id="e1", order_id="A-1", at=noon, payment="p1", amount=Decimal(5)).ref
    ''
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self)
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class AuthorizationExpired:
    """What was authorised is worth nothing any more.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much; None for all that is authorised.
        ref: the gateway's own number of it; empty for the id of the event.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> AuthorizationExpired(id="e1", order_id="A-1", at=noon, payment="card").amount
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal | None = None
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self, is_optional=True)
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Captured:
    """Money came. A fact, whatever was asked for.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much, a Decimal above zero.
        ref: the gateway's own number of it; empty for the id of the event.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Captured(id="e1", order_id="A-1", at=noon, payment="p1", amount=Decimal(5)).amount
    Decimal('5')
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self)
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class CaptureRequested:
    """A person wants money captured. An intention: no more than is authorised, due and not paid.

    What failed before is tried once more, and is on its way then; what has not left yet may be
    captured, too.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much, a Decimal above zero.
        ref: its own number, if it has one.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> CaptureRequested(id="e1", order_id="A-1", at=noon, payment="p1", amount=Decimal(5)).amount
    Decimal('5')
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self)
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class CaptureFailed:
    """Money that was to come, or was said to have come, did not. A fact.

    Success and failure under one reference come to failure, whichever is reported first. Under one
    of which nothing came, what the payment had brought before its first event fails, if so much
    could not be captured then.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much, a Decimal above zero.
        ref: the number of the capture; empty for the id of the event.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> CaptureFailed(id="e1", order_id="A-1", at=noon, payment="p1", amount=Decimal(5)).amount
    Decimal('5')
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self)
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Voided:
    """What was authorised was given up.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much; None for all that is authorised.
        ref: the gateway's own number of it; empty for the id of the event.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Voided(id="e1", order_id="A-1", at=noon, payment="card").amount
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal | None = None
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self, is_optional=True)
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class RefundRequested:
    """Somebody wants to give money back. An intention: it is refused beyond what is owed.

    What failed before is tried once more, to the same payment or to another one that gave so much;
    what is on its way is not asked for again.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much, a Decimal above zero.
        ref: the gateway's own number of it; empty for the id of the event.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> RefundRequested(id="e1", order_id="A-1", at=noon, payment="p1", amount=Decimal(5)).amount
    Decimal('5')
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self)
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Refunded:
    """Money went back. A fact, whatever was asked for.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much, a Decimal above zero.
        ref: the gateway's own number of it; empty for the id of the event.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Refunded(id="e1", order_id="A-1", at=noon, payment="p1", amount=Decimal(5)).amount
    Decimal('5')
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self)
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class RefundFailed:
    """Money that was said to have gone back did not: it is owed again. A fact.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much, a Decimal above zero.
        ref: the number of the refund; empty for the id of the event.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> RefundFailed(id="e1", order_id="A-1", at=noon, payment="p1", amount=Decimal(5)).amount
    Decimal('5')
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self)
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class ChargedBack:
    """The bank took money back. A fact.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much, a Decimal above zero.
        ref: the gateway's own number of it; empty for the id of the event.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> ChargedBack(id="e1", order_id="A-1", at=noon, payment="p1", amount=Decimal(5)).amount
    Decimal('5')
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self)
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class DisputeOpened:
    """The customer disputes a payment at the bank. Nothing moved yet.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        payment: the id of the payment.
        amount: how much, a Decimal above zero.
        ref: the gateway's own number of it; empty for the id of the event.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> DisputeOpened(id="e1", order_id="A-1", at=noon, payment="p1", amount=Decimal(5)).amount
    Decimal('5')
    """

    id: str
    order_id: str
    at: datetime
    payment: str
    amount: Decimal
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("payment",))
        check_amount(self)
        check_names(self, "ref")
