"""Events of waiting: a delay that a customer is asked about, and what waits for too long."""

from __future__ import annotations

from datetime import datetime

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import check_finding_code
from fulfill_core.lifecycle.events.checking import check_event, check_names, check_texts
from fulfill_core.records.delays import Silence


@attrs.frozen(kw_only=True, weakref_slot=False)
class DelayAsked:
    """The customer is asked whether they wait. An intention: nothing may be open to ask about.

    Nobody can be asked to wait, or to answer, until a time before it.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the question; empty for the id of the event.
        new_date: until when they would have to wait, aware, kept in UTC; None if nobody knows.
        previous_date: what they were told before, aware, kept in UTC; None for what the record
            says that they were told last, by a run or by another question.
        answer_by: until when they may answer, aware, kept in UTC; None for the new date where
            silence is consent, and for 30 days after the previous one where it is not; by the law
            of the United States for the previous one, if they were to wait until that.
        silence: what it means if they do not answer: a `Silence` or its text; None for what the
            shop's `Rules` say.
        reason: why it is late, in the language of the order; empty if that is not to be said. Where
            no date is known it is owed in the United States (16 CFR 435.2(b)(1)); if none is given,
            the message says that the goods are not in stock, if the customer was told that last.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> DelayAsked(id="e1", order_id="A-1", at=noon, new_date=None).answer_by
    """

    id: str
    order_id: str
    at: datetime
    new_date: datetime | None
    ref: str = ""
    previous_date: datetime | None = None
    answer_by: datetime | None = None
    silence: Silence | None = None
    reason: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self)
        check_names(self, "ref")
        check_texts(self, "reason")
        for name in ("new_date", "previous_date", "answer_by"):
            _checks.keep_in_utc(self, name, is_optional=True)
        _checks.keep_word(self, "silence", Silence, is_optional=True)


@attrs.frozen(kw_only=True, weakref_slot=False)
class DelayAnswered:
    """The customer waits, or does not. An intention: it is refused once something else holds.

    If they do not, all that is open is cancelled.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        ref: the number of the question; empty for the last one.
        is_accepted: whether they wait.
        by: who says so; ``"silence"`` if nobody did.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> DelayAnswered(id="e1", order_id="A-1", at=noon, is_accepted=True).by
    'customer'
    """

    id: str
    order_id: str
    at: datetime
    is_accepted: bool
    ref: str = ""
    by: str = "customer"
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self)
        check_names(self, "ref")
        check_texts(self, "by")
        _checks.check_bool("DelayAnswered.is_accepted", self.is_accepted)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Escalated:
    """Something waits for too long, and somebody else has to look. A fact.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        code: what waits, in dotted lower case, such as ``"review.late"``.
        detail: one sentence for the staff.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Escalated(id="e1", order_id="A-1", at=noon, code="review.late", detail="It waits.").code
    'review.late'
    """

    id: str
    order_id: str
    at: datetime
    code: str
    detail: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self)
        check_finding_code("Escalated.code", self.code)
        check_texts(self, "detail")


@attrs.frozen(kw_only=True, weakref_slot=False)
class RemorseEnded:
    """The time in which nothing of an order is handed over is up: see `Rules`. A fact.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> RemorseEnded(id="e1", order_id="A-1", at=noon).tell
    True
    """

    id: str
    order_id: str
    at: datetime
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self)
