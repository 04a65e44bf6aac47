"""What events of waiting add to what was reported of an order."""

from __future__ import annotations

from datetime import datetime

from fulfill_core.calendars.wall_clock import later
from fulfill_core.decisions.notification import Audience
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events.times import DelayAnswered, DelayAsked, Escalated, RemorseEnded
from fulfill_core.lifecycle.recording.agreements import cancel_units, units_to_cancel
from fulfill_core.lifecycle.rules import DelayRule
from fulfill_core.orders.altering import altered
from fulfill_core.records.delays import US_PERIOD, Answer, DelayChoice, Silence, us_silence


def delay_asked(draft: Draft, event: DelayAsked) -> None:
    """The customer is asked; what they were asked before is overtaken."""
    ref = event.ref or event.id
    if draft.history.delay(ref) is not None:
        draft.refuse("delay.known", f"They were asked by {ref} before: give it another number.")
        return
    for date in (event.new_date, event.answer_by):
        # The question goes out now, whenever it was decided.
        if date is not None and date < max(event.at, draft.now):
            text = (
                f"They can't be asked to wait, or to answer, until {date:%Y-%m-%d}: that is past."
            )
            draft.refuse("delay.past", text)
            return
    previous_date = event.previous_date or _date_told(draft)
    silence = event.silence
    if silence is None:
        rule = draft.rules.delays
        is_first = not draft.history.delays
        silence = (
            us_silence(event.new_date, previous_date, is_first=is_first)
            if rule is DelayRule.US
            else Silence(rule)
        )
    answer_by = event.answer_by or _answer_by(draft, previous_date, silence)
    choice = DelayChoice(
        id=ref,
        asked_at=event.at,
        new_date=event.new_date,
        previous_date=previous_date,
        answer_by=max(answer_by, event.at),
        silence=silence,
        reason=event.reason,
    )
    draft.keep("delays", (*draft.history.delays, choice))
    draft.is_news = True


def _date_told(draft: Draft) -> datetime | None:
    """The date that the customer was told last: by a run, or when they were asked before."""
    last, delays = draft.record.told_to(Audience.CUSTOMER), draft.history.delays
    if delays and delays[-1].new_date and (last is None or last.at <= delays[-1].asked_at):
        return delays[-1].new_date
    return None if last is None else last.delivered_at


def _answer_by(draft: Draft, previous_date: datetime | None, silence: Silence) -> datetime:
    """Until when a customer may answer, where nobody says so.

    Who waits by silence may until the new date; others for 30 days after the one that they were
    told. In the United States whoever was to wait until a date, and is asked once more, has that
    long: what is not sent by then is cancelled without a word of theirs (16 CFR 435.2(b)(2)(iii)).
    """
    event, delays = draft.event, draft.history.delays
    if silence is Silence.CONSENT and event.new_date is not None:
        new_date: datetime = event.new_date
        return new_date
    is_renewed = bool(delays) and delays[-1].new_date is not None
    if previous_date is not None and is_renewed and draft.rules.delays is DelayRule.US:
        return previous_date
    return later(previous_date or event.at, US_PERIOD)


def delay_answered(draft: Draft, event: DelayAnswered) -> None:
    """They wait, or all that is open is cancelled."""
    delays = draft.history.delays
    choice = draft.history.delay(event.ref) if event.ref else (delays[-1] if delays else None)
    answer = Answer.ACCEPTED if event.is_accepted else Answer.DECLINED
    if choice is None:
        draft.refuse("delay.unknown", f"Nobody was asked {event.ref or 'whether they wait'}.")
    elif choice.answer is Answer.DECLINED and event.is_accepted:
        draft.refuse("delay.answered", "They did not wait: what was open is cancelled.")
    elif choice.answer is not answer:  # who agreed to wait may still change their mind
        units = () if event.is_accepted else units_to_cancel(draft, ())
        if units is None:  # all has left: it is too late
            return
        answered = [altered(each, answer=answer) if each is choice else each for each in delays]
        draft.keep("delays", tuple(answered))
        draft.is_news = True
        if not event.is_accepted:
            cancel_units(draft, units)


def escalated(draft: Draft, _: Escalated) -> None:
    """Somebody else has to look."""
    draft.is_news = True


def remorse_ended(draft: Draft, _: RemorseEnded) -> None:
    """What is reserved may be handed over, as far as nothing else stops it."""
    draft.is_news = True
