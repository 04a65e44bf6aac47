"""What the host has to do about an event: values, each for the host's own systems to carry out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.progress import keep_units, to_units
from fulfill_core.records.history import Units


@attrs.frozen(kw_only=True, weakref_slot=False)
class Release:
    """Units may be handed over to a location now; the host makes a pick list, and says so.

    It comes when the money is agreed to, and once more when all of it has come, with what is at no
    location by then; and for what was not there when it is. The pick list is there when `Released`
    is applied: a second one for the same units is refused.

    Args:
        location: where they are reserved.
        units: how many of which lines.
        ships_at: when the promise says that they leave, aware, kept in UTC; None if there is none.

    >>> Release(location="x", units={"1": 2}).units
    (('1', 2),)
    """

    location: str
    units: Units = attrs.field(converter=to_units)
    ships_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Release.location", self.location)
        keep_units(self, "units", "line")
        _checks.keep_in_utc(self, "ships_at", is_optional=True)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CallBack:
    """A location is to stop: it is asked not to send units of a pick list.

    Args:
        fulfilment: the pick list.
        location: the location.
        units: how many of which lines.

    >>> CallBack(fulfilment="f1", location="x", units={"1": 2}).fulfilment
    'f1'
    """

    fulfilment: str
    location: str
    units: Units = attrs.field(converter=to_units)

    def __attrs_post_init__(self) -> None:
        _checks.check_id("CallBack.fulfilment", self.fulfilment)
        _checks.check_id("CallBack.location", self.location)
        keep_units(self, "units", "line")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Authorize:
    """The customer has to agree to an amount more: the difference, and not all of it again.

    Args:
        amount: how much is missing, above zero, in the order's currency.

    >>> Authorize(amount=Decimal(2)).amount
    Decimal('2')
    """

    amount: Decimal

    def __attrs_post_init__(self) -> None:
        _check_amount("Authorize.amount", self.amount)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Capture:
    """Money that was authorised is to be taken.

    Args:
        payment: from which payment.
        amount: how much, above zero.

    >>> Capture(payment="card", amount=Decimal(2)).payment
    'card'
    """

    payment: str
    amount: Decimal

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Capture.payment", self.payment)
        _check_amount("Capture.amount", self.amount)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Void:
    """Money that was authorised, and is not needed, is to be let go.

    Args:
        payment: of which payment.
        amount: how much is authorised still, above zero, in the currency of the payment.

    >>> Void(payment="card", amount=Decimal(2)).amount
    Decimal('2')
    """

    payment: str
    amount: Decimal

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Void.payment", self.payment)
        _check_amount("Void.amount", self.amount)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Refund:
    """Money is to go back.

    Args:
        payment: to which payment, never more than came from it.
        amount: how much, above zero, in the currency of the payment.

    >>> Refund(payment="card", amount=Decimal(2)).amount
    Decimal('2')
    """

    payment: str
    amount: Decimal

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Refund.payment", self.payment)
        _check_amount("Refund.amount", self.amount)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Ask:
    """A person has to decide.

    Args:
        code: about what, in dotted lower case.
        detail: one sentence for the shop's staff.
        payment: the payment that it is about; empty if it is about none.

    >>> Ask(code="units.surplus", detail="1 more of line 1 left than was ordered.").payment
    ''
    """

    code: str
    detail: str
    payment: str = ""

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Ask.code", self.code)
        _checks.check_text("Ask.detail", self.detail)
        _checks.check_text("Ask.payment", self.payment)


Action: TypeAlias = Release | CallBack | Authorize | Capture | Void | Refund | Ask
"""All that a host can be asked for."""


def _check_amount(path: str, amount: Decimal) -> None:
    _checks.check_money(path, amount)
    if not amount:
        raise _checks.refuse(path, amount, "is nothing; leave the action out")


_Payable: TypeAlias = Capture | Void | Refund
_TWINS = {kind: _values.twin(kind) for kind in (Capture, Void, Refund)}


_ReleaseTwin, _CallBackTwin, _AskTwin = map(_values.twin, (Release, CallBack, Ask))
_AuthorizeTwin = _values.twin(Authorize)


def trusted_release(location: str, units: Units, ships_at: datetime | None) -> Release:
    """What may be handed over, of parts that were checked, by line, in UTC: see `_values.twin`."""
    twin = _ReleaseTwin()
    twin.location, twin.units, twin.ships_at = location, units, ships_at
    twin.__class__ = Release
    action: Release = twin
    return action


def trusted_call_back(fulfilment_id: str, location: str, units: Units) -> CallBack:
    """What a location is asked back, of parts that were checked, by line: see `_values.twin`."""
    twin = _CallBackTwin()
    twin.fulfilment, twin.location, twin.units = fulfilment_id, location, units
    twin.__class__ = CallBack
    action: CallBack = twin
    return action


def trusted_authorize(amount: Decimal) -> Authorize:
    """What the customer has to agree to more, of an amount above zero: see `_values.twin`."""
    twin = _AuthorizeTwin()
    twin.amount = amount
    twin.__class__ = Authorize
    action: Authorize = twin
    return action


def trusted_ask(code: str, detail: str, payment: str) -> Ask:
    """What a person has to decide, of words that were checked: see `_values.twin`."""
    twin = _AskTwin()
    twin.code, twin.detail, twin.payment = code, detail, payment
    twin.__class__ = Ask
    action: Ask = twin
    return action


def trusted_action(kind: type[_Payable], payment_id: str, amount: Decimal) -> _Payable:
    """What is to be done with a payment, of parts that were checked: see `_values.twin`."""
    twin = _TWINS[kind]()
    twin.payment, twin.amount = payment_id, amount
    twin.__class__ = kind
    action: _Payable = twin
    return action
