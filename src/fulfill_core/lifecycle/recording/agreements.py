"""What events of what was agreed do to an order: amended, cancelled, credited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from fulfill_core._checks import EXACT, money_text
from fulfill_core.decisions.notification import Audience, Kind
from fulfill_core.exceptions import by_number
from fulfill_core.lifecycle.draft import Draft, in_sequence
from fulfill_core.lifecycle.events.orders import (
    Amended,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    CreditGranted,
)
from fulfill_core.lifecycle.places import some_of, still_asked_back
from fulfill_core.lifecycle.recording.charges import keep_charge
from fulfill_core.orders.altering import altered
from fulfill_core.orders.order import OrderLine
from fulfill_core.orders.progress import Progress, units_uncharged, untouched
from fulfill_core.records.history import Units
from fulfill_core.records.movements import OF_NOTHING, Movement, MovementKind
from fulfill_core.records.report_rows import added, united


def cancelled(draft: Draft, event: Cancelled) -> None:
    """Units will not be sent, no more than are open."""
    units = units_to_cancel(draft, event.lines)
    if units is None:
        return
    cancel_units(draft, units)
    keep_charge(draft, event.shipping)


def cancel_units(draft: Draft, units: Units) -> None:
    """Units that are open will not be sent."""
    progress = draft.progress_by_line()
    changes = [
        (progress.get(line_id) or untouched(line_id)).added({"cancelled": amount})
        for line_id, amount in units
    ]
    _put_progress(draft, changes)


def cancel_requested(draft: Draft, event: CancelRequested) -> None:
    """Somebody wants units cancelled: what is at a location is called back, the rest is asked."""
    units = units_to_cancel(draft, event.lines)
    if units is None:
        return
    requests = united(draft.history.requests, units)
    draft.is_news = requests != draft.history.requests
    draft.keep("requests", requests)
    if not draft.is_news:
        return
    draft.keep("requested_at", draft.now)


def cancel_declined(draft: Draft, event: CancelDeclined) -> None:
    """Units are sent all the same, though somebody wanted them cancelled.

    A location speaks of what it was asked for; whoever names no location that was, of all.
    """
    if event.ref and draft.history.fulfilment(event.ref) is None:
        text = f"Pick list {event.ref} is sent all the same, and there is none."
        draft.doubt("fulfilment.unknown", text)
    lists = [each for each in draft.history.fulfilments if event.ref in ("", each.id)]
    is_of_all = not event.ref or not any([each.called_back for each in lists])
    refused: Units = draft.history.requests if is_of_all else ()
    is_other = bool(refused)
    for each in lists:
        units = some_of(still_asked_back(each))
        if units:
            draft.keep_fulfilment(altered(each, declined=added(each.declined, units)))
            is_other, refused = True, refused or units
    _answer_requests(draft, dict(refused))
    draft.is_news = is_other and (draft.has_open() or not _is_too_late_by_answer(draft))


def _is_too_late_by_answer(draft: Draft) -> bool:
    """Whether the customer heard, since all has left, that it is too late: there is no second no.

    A no from before that, or from before the last wish, was to another one: what has left may be
    heard of late, and looked open when somebody wanted it cancelled.
    """
    last = draft.record.told_to(Audience.CUSTOMER, "cancellation")
    if last is None or Kind.CANCEL_DECLINED not in last.kinds:
        return False
    wished_at = draft.history.requested_at
    if wished_at is not None and wished_at >= last.at:
        return False
    return all([each.at <= last.at for each in draft.history.parcels])


def credit_granted(draft: Draft, event: CreditGranted) -> None:
    """Something is taken off what is due."""
    due = draft.balance_before.due
    if event.amount > due:
        text = f"{money_text(event.amount)} were granted, and {money_text(due)} are due."
        draft.faults.append(("credit.not_due", text))
    credit = Movement(kind=MovementKind.CREDIT, ref=event.id, amount=event.amount, at=event.at)
    draft.keep("movements", in_sequence(draft.history.movements, [credit]))


def amended(draft: Draft, event: Amended) -> None:
    """The order was changed: all of it, or nothing."""
    lines, progress = draft.lines_by_id(), draft.progress_by_line()
    changes = [
        _quantity_changed(draft, line_id, units, lines.get(line_id), progress.get(line_id))
        for line_id, units in event.ordered
    ]
    for line in event.added:
        if line.id in lines:
            draft.refuse("line.known", f"The order has a line {line.id} already.")
        elif line.replaces and line.replaces not in lines:
            draft.refuse("line.unknown", f"The order has no line {line.replaces}.")
    is_moved = event.ship_to is not None and event.ship_to != draft.order.ship_to
    is_about_goods = any(changes) or event.added or is_moved
    is_exchange = event.added and all([line.replaces for line in event.added])
    if draft.before.is_settled and is_about_goods and not is_exchange:
        draft.refuse("order.settled", "Nothing of it is open any more: place another order.")
    if draft.refusal is not None:
        return
    pairs = [change for change in changes if change is not None]
    _put_lines(draft, [*[line for line, _ in pairs], *event.added])
    _put_progress(draft, [progress for _, progress in pairs])
    if is_moved:
        draft.put("order", attrs.evolve(draft.order, ship_to=event.ship_to))
    is_of_nothing = not event.added and draft.balance_before.bill.is_of_nothing
    keep_charge(draft, event.shipping, f"{OF_NOTHING}{event.id}" if is_of_nothing else "")


def _quantity_changed(
    draft: Draft, line_id: str, units: int, line: OrderLine | None, before: Progress | None
) -> tuple[OrderLine, Progress] | None:
    """A line of which so many are ordered now, and its progress; None if it is so already.

    What it is lowered by is taken off what is open; what it is raised by comes to that.
    """
    if line is None:
        draft.refuse("line.unknown", f"The order has no line {line_id}.")
        return None
    progress = before or untouched(line_id)
    ordered = line.units - progress.reduced
    fewer = ordered - units
    if fewer > 0:
        if fewer <= progress.open(line):
            return line, progress.added({"cancelled": fewer, "reduced": fewer})
        # What came back, or was cancelled, is off the order already.
        units_kept = line.units - progress.not_sent(line) - units_uncharged(progress, line)
        if units_kept != units:
            fewest = ordered - progress.open(line)
            draft.refuse(
                "units.left",
                f"{fewest} of line {line_id} can't be taken off any more, not {units}.",
            )
        return None
    if fewer == 0:
        return None
    restored = min(-fewer, progress.reduced)
    progress = altered(
        progress, cancelled=progress.cancelled - restored, reduced=progress.reduced - restored
    )
    boxes, rest = divmod(-fewer - restored, line.units_each)
    if rest:
        draft.refuse("units.not_whole", f"Line {line_id} is sold by {line.units_each}.")
        return None
    if not boxes:
        return line, progress
    price = EXACT.multiply(line.unit_price, boxes)
    agreed = line.agreed_total
    if _is_of_other_price(draft, line):
        progress = altered(progress, raised=progress.raised + boxes * line.units_each)
    raised = attrs.evolve(
        line,
        quantity=line.quantity + boxes,
        agreed_total=None if agreed is None else EXACT.add(agreed, price),
    )
    return raised, progress


def _is_of_other_price(draft: Draft, line: OrderLine) -> bool:
    """Whether a line costs, or may cost, something else than its units do at their list price."""
    order = draft.order
    is_agreed = order.agreed_total is not None or line.agreed_total is not None
    return is_agreed or bool(order.discount or line.discount or line.tax)


def _put_lines(draft: Draft, changes: Iterable[OrderLine]) -> None:
    """Lines in place of those of their ids, or as new ones; what was agreed in all goes along."""
    order = draft.order
    lines = {line.id: line for line in order.lines}
    agreed = order.agreed_total
    is_other = False
    for line in changes:
        line_before = lines.get(line.id)
        if line_before is line:
            continue
        is_other = True
        lines[line.id] = line
        if agreed is not None:
            agreed = EXACT.add(agreed, line.total)
            agreed = agreed if line_before is None else EXACT.subtract(agreed, line_before.total)
    if is_other:
        draft.put("order", attrs.evolve(order, lines=list(lines.values()), agreed_total=agreed))


def _put_progress(draft: Draft, changes: Iterable[Progress]) -> None:
    """How far lines have come, in place of what was known of them.

    Whoever wanted units cancelled that will not be sent, or are taken off, has an answer.
    """
    progress = draft.progress_by_line()
    pairs = [(progress.get(each.line_id) or untouched(each.line_id), each) for each in changes]
    draft.put_progress({after.line_id: after for before, after in pairs if after != before})
    _answer_requests(
        draft,
        {after.line_id: max(0, after.cancelled - before.cancelled) for before, after in pairs},
    )


def _answer_requests(draft: Draft, units: Mapping[str, int]) -> None:
    """Who wanted so many units by line cancelled has an answer."""
    requests = draft.history.requests
    if requests:
        rest = {line_id: max(0, amount - units.get(line_id, 0)) for line_id, amount in requests}
        draft.keep("requests", some_of(rest))


def units_to_cancel(draft: Draft, units: Units) -> Units | None:
    """Units that are to be cancelled: these, or all that is open; None if that is not possible."""
    if not units:
        out = [each for each in draft.record.progress if each.shipped > each.returned + each.lost]
        if out and not draft.has_open():
            draft.refuse("units.left", "All that is not cancelled has left.")
            return None
        return some_of(draft.open_units())
    lines = draft.lines_by_id()
    for line_id, amount in units:
        if line_id not in lines:
            draft.refuse("line.unknown", f"The order has no line {line_id}.")
            return None
        open_units = draft.open_of(line_id)
        if amount > open_units:
            has_left = draft.record.progress_of(line_id).shipped
            draft.refuse(
                "units.left" if has_left else "units.not_open",
                f"{open_units} of line {line_id} {by_number(open_units, 'is', 'are')} open,"
                f" not {amount}.",
            )
            return None
    return units
