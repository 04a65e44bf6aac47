"""What events of returns add to what was reported of an order."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter

from fulfill_core._checks import SOME_INSTANT
from fulfill_core._values import twin as twin_of
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events.returns import (
    Ground,
    ReturnApproved,
    ReturnClosed,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
)
from fulfill_core.lifecycle.places import some_of
from fulfill_core.lifecycle.recording.charges import keep_charge
from fulfill_core.lifecycle.recording.contradictions import (
    doubt_beyond,
    no_room_text,
    returns_left_out,
)
from fulfill_core.lifecycle.withdrawing import withdrawal_ends
from fulfill_core.orders.altering import altered
from fulfill_core.orders.progress import NO_PROGRESS
from fulfill_core.records.history import Return, Units
from fulfill_core.records.movements import OF_RETURN
from fulfill_core.records.report_rows import added, united


def return_requested(draft: Draft, event: ReturnRequested) -> None:
    """Units are to come back, no more than are out and not announced yet."""
    lines, progress = draft.lines_by_id(), draft.progress_by_line()
    for line_id, units in event.lines:
        if line_id not in lines:
            draft.refuse("line.unknown", f"The order has no line {line_id}.")
            return
        returnable = progress.get(line_id, NO_PROGRESS).returnable
        if units > returnable:
            draft.refuse(
                "return.no_room", f"{returnable} of line {line_id} can come back, not {units}."
            )
            return
    late = _too_late(draft, event)
    if late:
        line_id, end = late
        draft.refuse("return.too_late", f"Line {line_id} could be sent back until {end:%Y-%m-%d}.")
        return
    entry = _return_to_be(draft, event.ref or event.id)
    at = entry.at if entry.received else event.at
    draft.keep_return(altered(entry, at=at, requested=event.lines))
    draft.is_news = True


def _too_late(draft: Draft, event: ReturnRequested) -> tuple[str, datetime] | None:
    """The first line for which it is too late to change one's mind, and until when one could.

    What counts is when the customer said so (2011/83/EU, article 11(2)).
    """
    days = draft.rules.withdrawal_days
    if days is None or event.ground is not Ground.WITHDRAWAL:
        return None
    ends = withdrawal_ends(draft.record, days=days)
    for line_id, _ in event.lines:
        end = ends.get(line_id)
        if end is not None and event.at > end:
            return line_id, end
    return None


def return_approved(draft: Draft, event: ReturnApproved) -> None:
    """Units may be sent back."""
    entry = _return(draft, event.ref)
    if entry is not None and not entry.is_approved:
        draft.keep_return(altered(entry, is_approved=True))
        draft.is_news = True


def return_closed(draft: Draft, event: ReturnClosed) -> None:
    """What was to come back will not."""
    entry = _return(draft, event.ref)
    if entry is None:
        return
    requested, received = dict(entry.requested), dict(entry.received)
    awaited = {line_id: units - received.get(line_id, 0) for line_id, units in entry.requested}
    # What was given up before may be said again, also when it has come all the same.
    room = dict(united(some_of(awaited), entry.cancelled))
    doubt_beyond(draft, event.lines, room, "will not come back", f"were to, by {event.ref}")
    given_up = dict(added(entry.cancelled, event.lines or entry.requested))
    after = altered(
        entry,
        cancelled=some_of(
            {line_id: min(units, requested.get(line_id, 0)) for line_id, units in given_up.items()}
        ),
    )
    draft.is_news = after.units_given_up() != entry.units_given_up()
    draft.keep_return(after)


def return_received(draft: Draft, event: ReturnReceived) -> None:
    """Units came back; if so many are not out, that is kept until they are."""
    ref = event.ref or event.id
    entry = _return_to_be(draft, ref)
    if entry.received:  # by another report, of which the first counts
        if event.at < entry.at:
            draft.keep_return(altered(entry, at=event.at))
        keep_charge(draft, event.shipping, f"{OF_RETURN}{ref}")
        return
    draft.refuse_unknown(event.lines, is_kept=True)
    restocked = event.lines if event.restocked is None else event.restocked
    credited = _credited(event)
    if entry.restocked or event.restocked or event.credited or event.reopened:
        _doubt_fates(draft, event, entry)
    restocked = united(entry.restocked, restocked)
    if restocked != event.lines:
        restocked = _among(restocked, event.lines)
    draft.keep_return(_received(entry, event, restocked, credited))
    keep_charge(draft, event.shipping, f"{OF_RETURN}{ref}")


def refuse_without_room(draft: Draft, event: ReturnReceived) -> None:
    """More than is out can't come back; what is out follows of the counters."""
    ref = event.ref or event.id
    returns_before, returns = draft.other_returns()
    without_room = [each for each, has_room in returns if not has_room and each.id == ref]
    left_out = returns_left_out(returns_before, returns)
    if left_out:
        # One that came back before another one takes its room: if both say the same, nothing moves.
        what_came = _what_came(draft.history.return_of(ref))
        without_room += [each for each in left_out if _what_came(each) == what_came]
    if without_room:
        draft.refuse("return.no_room", no_room_text(without_room[0]), is_kept=True)


_what_came = attrgetter("location", "received", "restocked", "credited", "reopened")


def _credited(event: ReturnReceived) -> Units:
    """What of a return costs nothing any more: as was said, or else all that is not sent again."""
    if event.credited is not None:
        return event.credited
    if not event.reopened:
        return event.lines
    reopened = dict(event.reopened)
    return some_of(
        {line_id: max(0, units - reopened.get(line_id, 0)) for line_id, units in event.lines}
    )


def _received(before: Return, event: ReturnReceived, restocked: Units, credited: Units) -> Return:
    """A return as it is said to have come back; what else is known of it stays.

    As a copy with other contents it takes four times as long: see `_values.twin`.
    """
    twin = _ReturnTwin()
    twin.id, twin.at, twin.location = before.id, event.at, event.location
    twin.requested, twin.cancelled = before.requested, before.cancelled
    twin.received, twin.restocked = event.lines, restocked
    twin.credited, twin.reopened = credited, event.reopened
    twin.is_approved = before.is_approved
    twin.__class__ = Return
    entry: Return = twin
    return entry


def _among(units: Units, received: Units) -> Units:
    """Of what was said to lie on a shelf as much as came back, whichever was heard first."""
    most = dict(received)
    return some_of({line_id: min(amount, most.get(line_id, 0)) for line_id, amount in units})


def _doubt_fates(draft: Draft, event: ReturnReceived, entry: Return) -> None:
    """Tell of what is to become of more units, or of other ones, than came back."""
    received = dict(event.lines)
    for units, fate in (
        (united(entry.restocked, event.restocked or ()), "are on a shelf"),
        (event.credited, "cost nothing"),
        (event.reopened, "are sent again"),
    ):
        if units:
            doubt_beyond(draft, units, received, fate, f"came back by {entry.id}")


def return_inspected(draft: Draft, event: ReturnInspected) -> None:
    """Somebody looked at what came back, or is to: some of it lies on a shelf again."""
    entry = draft.history.return_of(event.ref)
    if entry is None:
        draft.refuse("return.unknown", f"There is no return {event.ref}.", is_kept=True)
    elif entry.received:
        received = dict(entry.received)
        # What lies on a shelf already, by the receipt, can't be thrown away as well.
        inspected = added(united(entry.restocked, event.restocked), event.disposed)
        doubt_beyond(draft, inspected, received, "were inspected", f"came back by {event.ref}")
    entry = _return_to_be(draft, event.ref)
    at = entry.at if entry.received or entry.requested else min(entry.at, event.at)
    restocked = united(entry.restocked, event.restocked)
    if entry.received:
        restocked = _among(restocked, entry.received)
    draft.keep_return(altered(entry, at=at, restocked=restocked))


def _return_to_be(draft: Draft, ref: str) -> Return:
    """The return of this number, or one of which nothing is known yet."""
    return draft.history.return_of(ref) or altered(_NO_RETURN, id=ref, at=draft.event.at)


_ReturnTwin = twin_of(Return)
_NO_RETURN = Return(id="-", at=SOME_INSTANT)


def _return(draft: Draft, ref: str) -> Return | None:
    """The return of this number; if nobody asked for one, the event is refused."""
    entry = draft.history.return_of(ref)
    if entry is None or not entry.requested:
        draft.refuse("return.unknown", f"There is no return {ref}.")
        return None
    return entry
