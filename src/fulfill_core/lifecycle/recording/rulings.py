"""What events of people do to an order: approved, rejected, stopped."""

from __future__ import annotations

from operator import attrgetter

import attrs

from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events.rulings import Approved, HoldLifted, HoldPlaced, Rejected
from fulfill_core.records.people import Hold, Rejection
from fulfill_core.records.report_rows import end_of_hold


def approved(draft: Draft, event: Approved) -> None:
    """A person lets findings pass."""
    draft.record = draft.record.approved(event.findings, by=event.by, at=event.at)
    draft.is_news = True


def rejected(draft: Draft, event: Rejected) -> None:
    """A person turns this version of the order down."""
    rejection = Rejection(
        order_id=draft.order.id,
        fingerprint=draft.order.fingerprint,
        by=event.by,
        at=event.at,
        reason=event.reason,
    )
    rejections = [*draft.record.rejections, rejection]
    draft.record = attrs.evolve(draft.record, rejections=rejections)
    draft.is_news = True


def hold_placed(draft: Draft, event: HoldPlaced) -> None:
    """Somebody stops the order, or a line of it; what was lifted since then stops nothing."""
    hold = Hold(
        order_id=draft.order.id,
        source=event.source,
        code=event.code,
        line_id=event.line_id,
        detail=event.detail,
        at=event.at,
    )
    end = end_of_hold(draft.history.hold_ends, hold.key)
    before = [each for each in draft.record.holds if each.key == hold.key]
    if end is not None and event.at <= end:
        # Some clock is wrong, or nobody can tell which was last: nobody may rely on the hold.
        if end > draft.now or end == event.at:
            text = f"{event.source} stops it at {event.at:%Y-%m-%d %H:%M}, and lifted {event.code}"
            draft.doubt("hold.lifted_later", f"{text} at {end:%Y-%m-%d %H:%M}: nothing is stopped.")
        return
    if hold is not max([*before, hold], key=_turn_of):
        return
    draft.is_news = hold not in before
    if draft.is_news and event.line_id and event.line_id not in draft.lines_by_id():
        text = f"{event.source} stops line {event.line_id}, which it has not: all of it waits."
        draft.doubt("line.unknown", text)
    draft.record = draft.record.with_hold(hold)


def hold_lifted(draft: Draft, event: HoldLifted) -> None:
    """A hold has ended, unless it was placed again since."""
    key = event.source, event.code, event.line_id
    ends = {row[:3]: row[3] for row in draft.history.hold_ends}
    ends[key] = end = max(event.at, ends.get(key, event.at))
    draft.keep("hold_ends", tuple(sorted([(*each, at) for each, at in ends.items()])))
    holds = draft.record.holds
    rest = tuple([each for each in holds if each.key != key or each.at > end])
    draft.is_news = len(rest) < len(holds)
    if draft.is_news:
        draft.put("holds", rest)
    elif rest and key in [each.key for each in rest]:
        text = f"{event.source} lifted {event.code} at {event.at:%Y-%m-%d %H:%M}, and stopped it"
        draft.doubt("hold.placed_since", f"{text} after that: it is stopped still.")


_turn_of = attrgetter("at", "detail")
