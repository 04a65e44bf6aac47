"""What locations are asked not to send any more after a step."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fulfill_core.lifecycle.actions import trusted_call_back
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events.goods import GivenBackReason
from fulfill_core.lifecycle.events.money import Authorized
from fulfill_core.lifecycle.events.orders import CancelRequested
from fulfill_core.lifecycle.events.rulings import HoldPlaced, Rejected
from fulfill_core.lifecycle.places import (
    PickLists,
    UnitsByList,
    in_turn,
    some_of,
    still_asked_back,
    sum_by_line,
    unasked_units,
    units_in_question,
)
from fulfill_core.orders.altering import altered
from fulfill_core.records.history import Fulfilment, History, Units
from fulfill_core.records.report_rows import added

_ASKED_BACK = {GivenBackReason.CALLED_BACK, GivenBackReason.UNANSWERED}
_NO_LINES: Collection[str] = ()


def call_back(draft: Draft) -> None:
    """Ask locations not to send what is not to leave any more, each unit once."""
    if not draft.record.history.fulfilments:
        return
    stopped = _stopped_lines(draft)
    is_asked = draft.event.__class__ is CancelRequested or draft.given_back is not None
    is_in_doubt = not stopped and _may_be_unpaid(draft)
    if not (stopped or is_in_doubt or draft.moves_units or is_asked):  # as after most about money
        return
    lists = draft.pick_lists
    if is_in_doubt and _is_unpaid_now(draft):
        stopped = draft.lines_by_id()
    if not (is_asked or _is_too_much(lists, stopped)):  # as after nearly all parcels
        return
    at_locations, open_there = lists.units, lists.units_open
    requests = dict(draft.history.requests) if isinstance(draft.event, CancelRequested) else {}
    for each in reversed(in_turn(_lists_of_concern(draft, at_locations))):
        units: dict[str, int] = {}
        for line_id, units_there in at_locations[each.id].items():
            unwanted = units_there
            if line_id not in stopped:
                staying = open_there[each.id].get(line_id, 0)
                part = min(staying, requests.get(line_id, 0))
                if part:
                    requests[line_id] -= part
                unwanted = units_there - staying + part
            if unwanted:
                units[line_id] = unwanted
        units_to_ask = _beyond_asked(draft, each, units)
        is_giving_back = draft.given_back is not None and draft.given_back[0].id == each.id
        unasked = given_back_unasked(draft) if is_giving_back else ()
        _call(draft, each, some_of(units_to_ask), unasked)


def _lists_of_concern(draft: Draft, at_locations: UnitsByList) -> list[Fulfilment]:
    """Pick lists that hold something, or give it back now: where there are many, few."""
    given_back_id = "" if draft.given_back is None else draft.given_back[0].id
    return [
        each
        for each in draft.history.fulfilments
        if each.id == given_back_id or any(at_locations[each.id].values())
    ]


def _beyond_asked(
    draft: Draft, fulfilment: Fulfilment, units: Mapping[str, int]
) -> Mapping[str, int]:
    """What of units by line a location was not asked back yet, and did not refuse to give back."""
    if not fulfilment.called_back and not fulfilment.declined:  # as of nearly all
        return units
    asked_back, refused = still_asked_back(fulfilment), _refused_before(draft, fulfilment)
    return {
        line_id: max(0, amount - asked_back.get(line_id, 0) - refused.get(line_id, 0))
        for line_id, amount in units.items()
    }


def _refused_before(draft: Draft, fulfilment: Fulfilment) -> Mapping[str, int]:
    """What was not to leave before the step, and a location sends all the same, by line.

    It was asked for that, and has answered: what it is asked for now has another reason. One that
    gives something back after all may give back the rest.
    """
    is_giving_back = draft.given_back is not None and draft.given_back[0].id == fulfilment.id
    if not fulfilment.declined or is_giving_back:  # as of nearly all
        return {}
    lists = draft.lists_before
    on_list, open_there = lists.units[fulfilment.id], lists.units_open[fulfilment.id]
    return {
        line_id: min(units, on_list.get(line_id, 0) - open_there.get(line_id, 0))
        for line_id, units in fulfilment.declined
    }


def _is_too_much(lists: PickLists, stopped: Collection[str]) -> bool:
    """Whether locations have more of a line than may leave: what is open, or nothing if stopped."""
    if not stopped or not lists.are_open:
        return not lists.are_open
    return any([units for line_id, units in sum_by_line(lists.units).items() if line_id in stopped])


def given_back_unasked(draft: Draft) -> Units:
    """What a location gives back because it was asked to, and nobody has: it is asked now."""
    if draft.given_back is None or draft.event.reason not in _ASKED_BACK:
        return ()
    return unasked_units(*draft.given_back)


def _call(draft: Draft, fulfilment: Fulfilment, units: Units, unasked: Units) -> None:
    """Ask for units, and for what was given back without being asked for, which is on record."""
    if units:
        draft.keep_fulfilment(altered(fulfilment, called_back=added(fulfilment.called_back, units)))
    called = added(units, unasked)
    if called:
        draft.actions.append(trusted_call_back(fulfilment.id, fulfilment.location, called))


def _stopped_lines(draft: Draft) -> Collection[str]:
    """The lines of which somebody has just said that nothing may leave."""
    event = draft.event
    kind = event.__class__
    if kind is HoldPlaced:
        if draft.record.holds == draft.before.holds:  # it was lifted since, or is known
            return _NO_LINES
        lines = draft.lines_by_id()
        return (event.line_id,) if event.line_id in lines else lines
    return draft.lines_by_id() if kind is Rejected else _NO_LINES


def _may_be_unpaid(draft: Draft) -> bool:
    """Whether something is missing of what is due, which it may not have been before."""
    before, record = draft.before, draft.record
    # What sending costs is no part of the order, but of its movements.
    is_same = record.order is before.order and (
        record.history.movements is before.history.movements
    )
    # An authorization covers more, and takes nothing back.
    if draft.rules.unpaid_leaves or is_same or draft.event.__class__ is Authorized:
        return False
    balance = draft.balance
    # What is not open might not leave before.
    return balance.bill.is_open() and bool(balance.missing)


def _is_unpaid_now(draft: Draft) -> bool:
    """Whether what locations have was paid for and is not any more, and nothing leaves unpaid.

    What nobody has paid for and is at no location waits there: it calls nothing back.
    """
    charges, balance_before = draft.rules.charges, draft.balance_before
    cost = draft.balance.cost_of(sum_by_line(draft.pick_lists.units_open), charges)
    if draft.balance.covers(cost):
        return False
    if not draft.is_as_due:
        cost = balance_before.cost_of(sum_by_line(draft.lists_before.units_open), charges)
    return balance_before.covers(cost)


def ask_of_wishes(draft: Draft) -> None:
    """Ask for a yes or no to what is to be cancelled and at no location, whatever brought it there.

    A location gave it back, for any reason, it never left, is sent again, or ordered once more.
    """
    history, history_before = draft.history, draft.before.history
    if not history.requests:
        return
    if (  # nobody was asked, or has answered, and nothing moved
        history.requests is history_before.requests
        and history.fulfilments is history_before.fulfilments
        and draft.pick_lists is draft.lists_before
    ):
        return
    before = _open_in_question(draft.lists_before, draft.before.history)
    after = _open_in_question(draft.pick_lists, draft.history)
    more = [row for row in after.items() if row[1] > before.get(row[0], 0)]
    names = [f"{units} of line {line_id}" for line_id, units in more]
    text = f"To be cancelled: {', '.join(names)}, at no location. Grant it, or not."
    if names:
        draft.ask("cancel.requested", text)


def _open_in_question(lists: PickLists, history: History) -> Mapping[str, int]:
    """Open units at no location that somebody wants cancelled, by line."""
    open_units, at_locations = lists.open_units, sum_by_line(lists.units_open)
    return {
        line_id: min(units, open_units.get(line_id, 0) - at_locations.get(line_id, 0))
        for line_id, units in units_in_question(history, lists.units_open).items()
    }
