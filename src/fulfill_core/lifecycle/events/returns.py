"""Events of goods that come back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from fulfill_core import _checks
from fulfill_core.lifecycle.events.checking import (
    check_charge,
    check_event,
    check_names,
    check_some,
    check_texts,
)
from fulfill_core.orders.progress import keep_units, to_units
from fulfill_core.records.history import Units


class Ground(StrEnum):
    """Why something comes back.

    >>> Ground("withdrawal")
    <Ground.WITHDRAWAL: 'withdrawal'>
    """

    WITHDRAWAL = "withdrawal"
    """The customer has changed their mind, as the law lets them."""
    CLAIM = "claim"
    """It is faulty, or not what was ordered."""
    EXCHANGE = "exchange"
    """They want another one."""
    REFUSED = "refused"
    """They did not take it."""
    OTHER = "other"


@attrs.frozen(kw_only=True, weakref_slot=False)
class ReturnRequested:
    """Somebody wants to send units back. An intention: it is refused beyond what is out.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the return; empty for the id of the event.
        lines: what, in units by line id.
        ground: why: a `Ground` or its text.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> ReturnRequested(id="e1", order_id="A-1", at=noon, ref="r1", lines={"1": 1}).lines
    (('1', 1),)
    """

    id: str
    order_id: str
    at: datetime
    lines: Units = attrs.field(converter=to_units)
    ref: str = ""
    ground: Ground = Ground.OTHER
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, units=("lines",))
        check_some(self, "lines")
        check_names(self, "ref")
        _checks.keep_word(self, "ground", Ground)


@attrs.frozen(kw_only=True, weakref_slot=False)
class ReturnApproved:
    """Units may be sent back.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the return.
        advice: how and where to send them, in the language of the order; empty if that is known.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> ReturnApproved(id="e1", order_id="A-1", at=noon, ref="r1").ref
    'r1'
    """

    id: str
    order_id: str
    at: datetime
    ref: str
    advice: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("ref",))
        check_texts(self, "advice")


@attrs.frozen(kw_only=True, weakref_slot=False)
class ReturnClosed:
    """What was to come back will not, or may not.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the return.
        lines: what, in units by line id; empty for all that has not come back. Of more than was
            to, the staff is told.
        is_declined: whether the shop said no.
        reason: why it did, in the language of the order or as a word; empty if that is not said.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> ReturnClosed(id="e1", order_id="A-1", at=noon, ref="r1").lines
    ()
    """

    id: str
    order_id: str
    at: datetime
    ref: str
    lines: Units = attrs.field(default=(), converter=to_units)
    is_declined: bool = False
    reason: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("ref",), units=("lines",))
        _checks.check_bool("ReturnClosed.is_declined", self.is_declined)
        check_texts(self, "reason")


@attrs.frozen(kw_only=True, weakref_slot=False)
class ReturnReceived:
    """Units came back. A fact.

    They lie on the shelf again and cost nothing any more, unless it says otherwise. More than
    is out can't come back: then it is kept, and told, until it can. If more is to become of them
    than came back, that is told as well, and does not count.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the return; empty for the id of the event.
        lines: what came back, in units by line id.
        location: where.
        restocked: what of it lies on a shelf again; None for all.
        credited: what of it costs nothing any more; None for all that is not sent again.
        reopened: what is sent again in its place; what of it lies on a shelf is set aside.
        shipping: what sending costs now, also where nothing of the order is kept any more; None if
            that stays: unless it was said so before, it goes back with the last unit.
        condition: in what state it is, in the words of the location.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> ReturnReceived(id="e1", order_id="A-1", at=noon, lines={"1": 1}, location="x").restocked
    """

    id: str
    order_id: str
    at: datetime
    lines: Units = attrs.field(converter=to_units)
    location: str
    ref: str = ""
    restocked: Units | None = attrs.field(
        default=None, converter=attrs.converters.optional(to_units)
    )
    credited: Units | None = attrs.field(
        default=None, converter=attrs.converters.optional(to_units)
    )
    reopened: Units = attrs.field(default=(), converter=to_units)
    shipping: Decimal | None = None
    condition: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("location",), units=("lines", "reopened"))
        check_some(self, "lines")
        for name in ("restocked", "credited"):
            if getattr(self, name) is not None:
                keep_units(self, name, "line")
        check_names(self, "ref")
        check_texts(self, "condition")
        check_charge(self)


@attrs.frozen(kw_only=True, weakref_slot=False)
class ReturnInspected:
    """Somebody looked at what came back. Of more than that, the staff is told.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the return.
        restocked: what of it lies on a shelf again, in all, in units by line id.
        disposed: what of it was thrown away.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> ReturnInspected(id="e1", order_id="A-1", at=noon, ref="r1", restocked={"1": 1}).disposed
    ()
    """

    id: str
    order_id: str
    at: datetime
    ref: str
    restocked: Units = attrs.field(default=(), converter=to_units)
    disposed: Units = attrs.field(default=(), converter=to_units)
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("ref",), units=("restocked", "disposed"))
