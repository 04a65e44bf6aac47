"""What a location gets: a pick list of what is open and may leave, or has left since."""

from __future__ import annotations

from collections.abc import Mapping

from fulfill_core._checks import SOME_INSTANT
from fulfill_core.exceptions import by_number
from fulfill_core.lifecycle.balance import is_turned_down
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events.goods import Released
from fulfill_core.lifecycle.places import sum_by_line, units_at_locations
from fulfill_core.lifecycle.status import holds_on
from fulfill_core.orders.altering import altered
from fulfill_core.records.history import Fulfilment


def released(draft: Draft, event: Released) -> None:
    """A location gets a pick list, if its units are open, and may leave, or all have left since."""
    if draft.refuse_unknown(event.lines):
        return
    units = units_to_pick(draft, event)
    draft.is_news = any(units.values())
    if draft.is_news:
        _refuse_release(draft, units)
    if draft.refusal is None:
        draft.keep_fulfilment(_pick_list_of(event))


def _refuse_release(draft: Draft, units: Mapping[str, int]) -> None:
    """Units by line are handed over, unless something stops them, or fewer are open."""
    record = draft.record
    stops = holds_on(record, units)
    if stops:
        draft.refuse("order.on_hold", f"{stops[0].source} stops it: {stops[0].code}.")
        return
    if is_turned_down(record):
        draft.refuse("order.rejected", "It was turned down.")
        return
    if draft.now - draft.order.placed_at < draft.rules.remorse:
        draft.refuse("order.remorse", "Its customer may still change it: nothing is handed over.")
        return
    missing = draft.balance_before.uncovered
    if missing and not draft.rules.unpaid_leaves:
        draft.refuse("payment.not_covered", f"{missing} {draft.order.currency} are not paid for.")
        return
    at_locations = sum_by_line(draft.lists_before.units_open)
    for line_id, open_units in draft.open_units().items():
        free = open_units - at_locations.get(line_id, 0)
        asked_for = units.get(line_id, 0)
        if asked_for > free:
            draft.refuse(
                "units.not_open",
                f"{free} of line {line_id} {by_number(free, 'is', 'are')} open and at no location,"
                f" not {asked_for}.",
            )
            return


def units_to_pick(draft: Draft, event: Released) -> Mapping[str, int]:
    """What of a pick list is still to be picked, by line: what has left since is not."""
    history = draft.before.history
    if all([parcel.at < event.at for parcel in history.parcels]):  # as of nearly all
        return dict(event.lines)
    lists = (*history.fulfilments, _pick_list_of(event))
    before, after = [
        sum_by_line(units_at_locations(each))
        for each in (history, altered(history, fulfilments=lists))
    ]
    return {line_id: after[line_id] - before.get(line_id, 0) for line_id, _ in event.lines}


def _pick_list_of(event: Released) -> Fulfilment:
    return altered(_NO_LIST, id=event.ref, location=event.location, at=event.at, units=event.lines)


_NO_LIST = Fulfilment(id="-", location="-", at=SOME_INSTANT, units=())
