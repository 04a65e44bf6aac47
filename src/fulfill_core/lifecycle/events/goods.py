"""Events of goods on their way out: handed over, picked, left, arrived, lost."""

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
from fulfill_core.orders.progress import to_units
from fulfill_core.records.history import (
    PickStage,
    Stage,
    Units,
)
from fulfill_core.records.report_rows import PartRow, keep_part_rows, to_part_rows


class GivenBackReason(StrEnum):
    """Why a location does not send what it was to send.

    >>> GivenBackReason("short")
    <GivenBackReason.SHORT: 'short'>
    """

    REJECTED = "rejected"
    """It can't, or does not want to: other places are asked."""
    SHORT = "short"
    """The units were not found."""
    MOVED = "moved"
    """Another place sends them."""
    CALLED_BACK = "called_back"
    """It was asked not to, or the pick list was taken back."""
    UNANSWERED = "unanswered"
    """It did not accept in time: other places are asked, and it is asked not to send."""

    @property
    def frees(self) -> bool:
        """Whether what is given back is free at once, for other places."""
        return self in {GivenBackReason.REJECTED, GivenBackReason.UNANSWERED}


@attrs.frozen(kw_only=True, weakref_slot=False)
class Released:
    """A location is to send units: it gets a pick list.

    An intention: it is refused where the units are not open, are at a location already, or
    nobody has paid.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the pick list.
        location: which location.
        lines: what it is to send, in units by line id, as a mapping or pairs; of a line
            that asks for kits, kits.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Released(id="e1", order_id="A-1", at=noon, ref="f1", location="x", lines={"1": 2}).lines
    (('1', 2),)
    """

    id: str
    order_id: str
    at: datetime
    ref: str
    location: str
    lines: Units = attrs.field(converter=to_units)
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("ref", "location"), units=("lines",))
        check_some(self, "lines")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Progressed:
    """A location has come further with a pick list.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the pick list.
        stage: how far: a `PickStage` or its text.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Progressed(id="e1", order_id="A-1", at=noon, ref="f1", stage="picked").stage
    <PickStage.PICKED: 'picked'>
    """

    id: str
    order_id: str
    at: datetime
    ref: str
    stage: PickStage
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("ref",))
        _checks.keep_word(self, "stage", PickStage)


@attrs.frozen(kw_only=True, weakref_slot=False)
class NotFulfilled:
    """A location does not send units of a pick list.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the pick list.
        lines: what it does not send, in units by line id; empty for all that it still has. Of more
            than that, the staff is told.
        reason: why: a `GivenBackReason` or its text. What it rejects is free again at once,
            for other places; all else stays reserved.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> NotFulfilled(id="e1", order_id="A-1", at=noon, ref="f1", reason="short").lines
    ()
    """

    id: str
    order_id: str
    at: datetime
    ref: str
    lines: Units = attrs.field(default=(), converter=to_units)
    reason: GivenBackReason = GivenBackReason.CALLED_BACK
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("ref",), units=("lines",))
        _checks.keep_word(self, "reason", GivenBackReason)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Shipped:
    """A parcel left. A fact.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        parcel: the number of the parcel, of whoever sent it.
        location: where it left.
        lines: what is in it, in units by line id, as a mapping or pairs; of a line that
            asks for kits, kits.
        parts: components in it that left beside whole kits: units by line id and SKU, as a
            mapping or as rows of the three.
        fulfilment: the pick list that it is of, of that location; empty if that was not said:
            then it is of what that location had at the time.
        carrier: who has it.
        tracking: its number there; empty if there is none.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Shipped(id="e1", order_id="A-1", at=noon, parcel="p1", location="x", lines={"1": 2}).parts
    ()
    """

    id: str
    order_id: str
    at: datetime
    parcel: str
    location: str
    lines: Units = attrs.field(default=(), converter=to_units)
    parts: tuple[PartRow, ...] = attrs.field(default=(), converter=to_part_rows)
    fulfilment: str = ""
    carrier: str = ""
    tracking: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("parcel", "location"), units=("lines",))
        keep_part_rows(self, "parts")
        check_some(self, "lines", "parts")
        check_names(self, "fulfilment")
        check_texts(self, "carrier", "tracking")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Provided:
    """What is not sent anywhere was handed over, such as a download. A fact.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the handing over; empty for the id of the event.
        lines: what, in units by line id.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Provided(id="e1", order_id="A-1", at=noon, lines={"1": 1}).ref
    ''
    """

    id: str
    order_id: str
    at: datetime
    lines: Units = attrs.field(converter=to_units)
    ref: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, units=("lines",))
        check_some(self, "lines")
        check_names(self, "ref")


@attrs.frozen(kw_only=True, weakref_slot=False)
class ShipmentVoided:
    """A parcel that was said to have left never did. A fact.

    One that was seen on its way, arrived or was lost has left all the same.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        parcel: the number of the parcel.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> ShipmentVoided(id="e1", order_id="A-1", at=noon, parcel="p1").parcel
    'p1'
    """

    id: str
    order_id: str
    at: datetime
    parcel: str
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("parcel",))


@attrs.frozen(kw_only=True, weakref_slot=False)
class Tracked:
    """The carrier says how far a parcel is, or under which number. A fact.

    A stage only rises, whatever time the scan bears.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        parcel: the number of the parcel.
        stage: how far: a `Stage` or its text.
        carrier: who has it; empty if that is known.
        tracking: its number there; empty if that is known.
        waits_at: where its customer can pick it up: a name and an address; empty if that is known.
        waits_until: until when it is kept there, aware, kept in UTC; None if that is known.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Tracked(id="e1", order_id="A-1", at=noon, parcel="p1").stage
    <Stage.IN_TRANSIT: 'in_transit'>
    """

    id: str
    order_id: str
    at: datetime
    parcel: str
    stage: Stage = Stage.IN_TRANSIT
    carrier: str = ""
    tracking: str = ""
    waits_at: str = ""
    waits_until: datetime | None = None
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("parcel",))
        _checks.keep_word(self, "stage", Stage)
        check_texts(self, "carrier", "tracking", "waits_at")
        _checks.keep_in_utc(self, "waits_until", is_optional=True)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Delivered:
    """A parcel arrived. A fact.

    One of which nobody said that it left has left. What is said of a parcel in several events
    is the highest number of each, not their sum.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        parcel: the number of the parcel.
        lines: what of it arrived, in units by line id; empty for all of it.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Delivered(id="e1", order_id="A-1", at=noon, parcel="p1").lines
    ()
    """

    id: str
    order_id: str
    at: datetime
    parcel: str
    lines: Units = attrs.field(default=(), converter=to_units)
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("parcel",), units=("lines",))


@attrs.frozen(kw_only=True, weakref_slot=False)
class DeliveryFailed:
    """A carrier could not deliver. It is not the end: the next scan may say that it arrived.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        parcel: the number of the parcel.
        reason: why, in the words of the carrier.
        asks_customer: whether the customer has to do something, such as to correct the
            address: then they are told.
        advice: what that is, in the language of the order; empty for no more than to ask.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> DeliveryFailed(id="e1", order_id="A-1", at=noon, parcel="p1").reason
    ''
    """

    id: str
    order_id: str
    at: datetime
    parcel: str
    reason: str = ""
    asks_customer: bool = False
    advice: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("parcel",))
        check_texts(self, "reason", "advice")
        _checks.check_bool("DeliveryFailed.asks_customer", self.asks_customer)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Lost:
    """What left will not arrive. A fact.

    One of which nobody said that it left has left. Whoever reports it says what becomes of it:
    it is sent again, or costs nothing any more. If of some units they say neither, somebody is
    asked.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        parcel: the number of the parcel.
        lines: what of it is lost, in units by line id; of all that left in it, that is
            `Parcel.units_left`. A loss is asked about and paid back by units: it has to say which.
        reopened: what of that is sent again; of more than is lost of it, the staff is told.
        credited: what of that costs nothing any more; likewise.
        shipping: what sending costs now, also where nothing of the order is kept any more; None if
            that stays: unless it was said so before, it goes back with the last unit.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Lost(id="e1", order_id="A-1", at=noon, parcel="p1", lines={"1": 1}).credited
    ()
    """

    id: str
    order_id: str
    at: datetime
    parcel: str
    lines: Units = attrs.field(converter=to_units)
    reopened: Units = attrs.field(default=(), converter=to_units)
    credited: Units = attrs.field(default=(), converter=to_units)
    shipping: Decimal | None = None
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("parcel",), units=("lines", "reopened", "credited"))
        remedy = "pass what is lost, such as all of its parcel: `Parcel.units_left()`"
        check_some(self, "lines", remedy=remedy)
        check_charge(self)
