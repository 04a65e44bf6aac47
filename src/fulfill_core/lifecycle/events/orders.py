"""Events of what was agreed: amended, cancelled, credited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import attrs

from fulfill_core import _checks
from fulfill_core.lifecycle.events.checking import (
    check_amount,
    check_charge,
    check_event,
    check_names,
    check_texts,
)
from fulfill_core.orders.order import Address, OrderLine
from fulfill_core.orders.progress import to_units
from fulfill_core.records.history import Units


def _to_lines(lines: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    return _checks.to_tuple(lines)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Amended:
    """The order was changed. An intention: what has left stays as it is.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        by: who changed it.
        ordered: how many units of which lines are ordered now, by line id; 0 takes off what
            has not left.
        added: lines that are new; one in the place of another names it (`OrderLine.replaces`).
        ship_to: where it goes now; None if that stays.
        shipping: what sending costs now; None if that stays.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Amended(id="e1", order_id="A-1", at=noon, ordered={"1": 0}).ordered
    (('1', 0),)
    """

    id: str
    order_id: str
    at: datetime
    by: str = ""
    ordered: Units = attrs.field(default=(), converter=to_units)
    added: tuple[OrderLine, ...] = attrs.field(default=(), converter=_to_lines)
    ship_to: Address | None = None
    shipping: Decimal | None = None
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self)
        _check_ordered(self)
        _checks.check_members("Amended.added", self.added, OrderLine)
        _checks.check_unique("Amended.added", (line.id for line in self.added), "line")
        if self.ship_to is not None:
            _checks.check_member("Amended.ship_to", self.ship_to, Address)
        check_charge(self)
        check_texts(self, "by")


def _check_ordered(event: Amended) -> None:
    _checks.check_rows("Amended.ordered", event.ordered, "line", "units")
    for line_id, units in event.ordered:
        _checks.check_id("Amended.ordered (line)", line_id)
        _checks.check_int(f"Amended.ordered[{line_id!r}]", units, at_least=0)
    _checks.check_unique("Amended.ordered", (line_id for line_id, _ in event.ordered), "line")
    _checks.set_field(event, "ordered", tuple(sorted(event.ordered)))


@attrs.frozen(kw_only=True, weakref_slot=False)
class Cancelled:
    """Units will not be sent. An intention that is granted; what has left has left.

    What is at a location is called back.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        by: who: ``"customer"`` is told why it is too late, if it is.
        lines: what, in units by line id; empty for all that is open.
        reason: why, in the language of the order, or as a word for which each language has a text,
            such as ``"unpaid"`` (`Renderer`: ``reason.CODE``); may be empty.
        shipping: what sending costs now; None if that stays.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Cancelled(id="e1", order_id="A-1", at=noon).by
    'shop'
    """

    id: str
    order_id: str
    at: datetime
    by: str = "shop"
    lines: Units = attrs.field(default=(), converter=to_units)
    reason: str = ""
    shipping: Decimal | None = None
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, units=("lines",))
        check_texts(self, "by", "reason")
        check_charge(self)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CancelRequested:
    """Somebody wants units cancelled. It frees nothing: `Cancelled` grants it.

    What is at a location is called back: the location is asked, and answers.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        by: who.
        lines: what, in units by line id; empty for all that is open.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> CancelRequested(id="e1", order_id="A-1", at=noon).lines
    ()
    """

    id: str
    order_id: str
    at: datetime
    by: str = "customer"
    lines: Units = attrs.field(default=(), converter=to_units)
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, units=("lines",))
        check_texts(self, "by")


@attrs.frozen(kw_only=True, weakref_slot=False)
class CancelDeclined:
    """What was to be cancelled is sent all the same.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the pick list whose location said so; empty for all of them.
        reason: why; may be empty.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> CancelDeclined(id="e1", order_id="A-1", at=noon, ref="f1").ref
    'f1'
    """

    id: str
    order_id: str
    at: datetime
    ref: str = ""
    reason: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self)
        check_names(self, "ref")
        check_texts(self, "reason")


@attrs.frozen(kw_only=True, weakref_slot=False)
class CreditGranted:
    """Something is taken off what is due, without goods that come back.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        amount: how much, a Decimal above zero.
        by: who granted it.
        reason: why; may be empty.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> CreditGranted(id="e1", order_id="A-1", at=noon, amount=Decimal(5)).amount
    Decimal('5')
    """

    id: str
    order_id: str
    at: datetime
    amount: Decimal
    by: str = ""
    reason: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self)
        check_amount(self)
        check_texts(self, "by", "reason")
