"""A delay that needs the customer's choice: what they were asked, and what their silence means."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import attrs

from fulfill_core import _checks

US_PERIOD = timedelta(days=30)
"""16 CFR 435.2(b)(1): a first delay of no more is agreed to by silence."""


class Silence(StrEnum):
    """What it means that a customer does not answer.

    >>> Silence("cancel")
    <Silence.CANCEL: 'cancel'>
    """

    CONSENT = "consent"
    """They wait."""
    CANCEL = "cancel"
    """What is open is cancelled, and paid back."""
    ASK = "ask"
    """Somebody of the shop decides."""


class Answer(StrEnum):
    """What came of it.

    >>> Answer("accepted")
    <Answer.ACCEPTED: 'accepted'>
    """

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@attrs.frozen(kw_only=True, weakref_slot=False)
class DelayChoice:
    """A customer was asked whether they wait.

    Args:
        id: the number of the question.
        asked_at: when they were, aware, kept in UTC.
        new_date: until when they would have to wait, aware, kept in UTC; None if nobody knows.
        previous_date: what they were told before, aware, kept in UTC; None if nothing was.
        answer_by: until when they may answer, aware, kept in UTC.
        silence: what it means if they do not: a `Silence` or its text.
        answer: what came of it: an `Answer` or its text.
        reason: why it is late, as the shop said it; empty if it did not.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> DelayChoice(id="d1", asked_at=noon, new_date=None, answer_by=noon, silence="ask").answer
    <Answer.OPEN: 'open'>
    """

    id: str
    asked_at: datetime
    new_date: datetime | None
    answer_by: datetime
    silence: Silence
    previous_date: datetime | None = None
    answer: Answer = Answer.OPEN
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        _checks.check_id("DelayChoice.id", self.id)
        _checks.keep_in_utc(self, "asked_at")
        _checks.keep_in_utc(self, "answer_by")
        for name in ("new_date", "previous_date"):
            _checks.keep_in_utc(self, name, is_optional=True)
        _checks.keep_word(self, "silence", Silence)
        _checks.keep_word(self, "answer", Answer)
        _checks.check_text("DelayChoice.reason", self.reason)


def us_silence(
    new_date: datetime | None, previous_date: datetime | None, *, is_first: bool
) -> Silence:
    """What silence means to an order by mail, phone or internet in the United States.

    It is consent once, to a first delay to a definite date within 30 days of the one before. Else
    the order is cancelled and paid back (16 CFR 435.2(b) and (c)).

    Args:
        new_date: until when the customer would have to wait; None if nobody knows.
        previous_date: what they were told before; None if that is not known.
        is_first: whether they have not been asked before.

    Raises:
        InvalidValueError: a date that is none, or is naive.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> us_silence(noon + timedelta(days=30), noon, is_first=True)
    <Silence.CONSENT: 'consent'>
    >>> us_silence(noon + timedelta(days=31), noon, is_first=True)
    <Silence.CANCEL: 'cancel'>
    """
    for name, instant in (("new_date", new_date), ("previous_date", previous_date)):
        if instant is not None:
            _checks.check_aware(name, instant)
    _checks.check_bool("is_first", is_first)
    is_short = (
        new_date is not None and previous_date is not None and new_date - previous_date <= US_PERIOD
    )
    return Silence.CONSENT if is_first and is_short else Silence.CANCEL
