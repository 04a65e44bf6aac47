"""What may be handed over to locations after a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from fulfill_core.decisions.promise import Shipment
from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.inventory.reservations import batches_of, units_by_part
from fulfill_core.inventory.state import components_of
from fulfill_core.lifecycle.actions import trusted_release
from fulfill_core.lifecycle.balance import Balance
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import Event
from fulfill_core.lifecycle.events.goods import (
    GivenBackReason,
    Lost,
    NotFulfilled,
    ShipmentVoided,
)
from fulfill_core.lifecycle.events.money import Authorized, Captured, RefundFailed
from fulfill_core.lifecycle.events.orders import (
    Amended,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    CreditGranted,
)
from fulfill_core.lifecycle.events.returns import ReturnInspected, ReturnReceived
from fulfill_core.lifecycle.events.rulings import Approved, HoldLifted
from fulfill_core.lifecycle.events.stock import Counted, StockReceived
from fulfill_core.lifecycle.events.times import RemorseEnded
from fulfill_core.lifecycle.leaving.calling_back import given_back_unasked
from fulfill_core.lifecycle.places import (
    PickLists,
    some_of,
    units_waiting,
)
from fulfill_core.lifecycle.rules import Rules
from fulfill_core.lifecycle.status import is_stopped
from fulfill_core.orders.money import less
from fulfill_core.records.history import Parcel
from fulfill_core.records.order_record import OrderRecord

UnitsByPlace: TypeAlias = Mapping[tuple[str, str], int]
"""Units by location and line id."""

_NONE: UnitsByPlace = {}
_MAY_LET_GO: set[type[Event]] = {
    *(Amended, Approved, Authorized, CancelDeclined, Cancelled, CancelRequested, Captured, Counted),
    *(CreditGranted, HoldLifted, Lost, NotFulfilled, RefundFailed, RemorseEnded, ReturnInspected),
    *(ReturnReceived, ShipmentVoided, StockReceived),
}
"""The events after which units may leave that could not before."""
_COVERING: set[type[Event]] = {Authorized, Cancelled, Captured, CreditGranted, RefundFailed}
"""Those of them that do so by money alone."""
_BRINGING: set[type[Event]] = {Counted, ReturnInspected, ReturnReceived, StockReceived}
"""Those of them that bring units to a shelf."""


def let_go(draft: Draft) -> None:
    """Say what may be handed over to locations now, and could not before."""
    if not _may_open(draft):
        return
    before, after = _releasable(draft)
    if not after:
        return
    place_left_out = _place_left_out(draft)
    groups: dict[tuple[str, int], dict[str, int]] = {}
    shipments = () if draft.promise is None else draft.promise.shipments
    by_shipment = _units_by_shipment(draft, shipments) if shipments else {}
    at_places: dict[tuple[str, str], int] = {}
    if shipments:
        at_places = _units_at_places(draft.record, draft.pick_lists)
    for place, units in after.items():
        units_before = before.get(place, 0)
        location, line_id = place
        if units > units_before and location != place_left_out:
            parts: Iterable[tuple[int, int]] = [(0, units - units_before)]
            if shipments:
                units_gone = at_places.get(place, 0) + units_before
                parts = _parts_beyond(by_shipment.get(place, ()), units_gone)
                parts = _taken_from(parts, units - units_before, len(shipments))
            for position, part in parts:
                groups.setdefault((location, position), {})[line_id] = part
    for (location, position), units_by_line in sorted(groups.items()):
        ships_at = shipments[position].ships_at if position < len(shipments) else None
        draft.actions.append(trusted_release(location, some_of(units_by_line), ships_at))


def _may_open(draft: Draft) -> bool:
    """Whether units may leave after the step that could not before it."""
    kind = draft.event.__class__
    if kind is CancelRequested and not draft.before.history.requests:
        return False  # a first wish stops units; a further one may be for what a location has
    return kind in _MAY_LET_GO or draft.is_set_aside or _is_overtaken(draft)


def _is_overtaken(draft: Draft) -> bool:
    """Whether a parcel was heard of after what may have opened its units again, or others.

    That it never left, or came back to be sent again, comes to nothing before it is known to have
    left: what it says then may be in a release. So may what another place has reserved than the one
    that it left, if it was on the pick list of that one, and what a pick list has that nobody knew
    it to be of. Nearly all parcels are new, of their own place, and nothing came back.
    """
    if draft.parcel_pair is None:
        return False
    earlier, parcel = draft.parcel_pair
    if earlier is None:
        return bool(draft.history.returns) or _is_of_another_place(draft, parcel)
    is_of_another_list = earlier.fulfilment_id != parcel.fulfilment_id
    return draft.moves_units or not earlier.is_announced or is_of_another_list


def _is_of_another_place(draft: Draft, parcel: Parcel) -> bool:
    """Whether the pick list that a parcel names is of another location than the one it left."""
    fulfilment = draft.history.fulfilment(parcel.fulfilment_id) if parcel.fulfilment_id else None
    return fulfilment is not None and fulfilment.location != parcel.location


def _place_left_out(draft: Draft) -> str:
    """The location that has given units back and is not to have them again; empty if none is.

    What it was asked for may be wanted again by then. Else it, or who took the pick list back, has
    a reason that nobody else knows; other places may send what is reserved for the order there.
    """
    if draft.given_back is None:
        return ""
    fulfilment, units_back = draft.given_back
    if draft.event.reason is GivenBackReason.CALLED_BACK:
        unasked = dict(given_back_unasked(draft))
        if any([units > unasked.get(line_id, 0) for line_id, units in units_back]):
            return ""
    location: str = fulfilment.location
    return location


def _releasable(draft: Draft) -> tuple[UnitsByPlace, UnitsByPlace]:
    """What may be handed over, before the event and after it; nothing if that stays as it was."""
    if not batches_of(state_of(draft.stock), draft.record.order.id):
        return _NONE, _NONE  # nothing is reserved, as after the last parcel
    is_paid = False
    if _is_of_money_alone(draft):
        if draft.moves_units and not units_waiting(draft.pick_lists, draft.history):
            return _NONE, _NONE  # what is open is at locations
        # Only what the money was missing for may leave now: all of it, or what waited to be paid.
        balance = draft.balance
        if isinstance(draft.event, Captured):
            is_paid = balance.paid >= balance.due > less(balance.paid, draft.gain)
        is_covered_now = not balance.uncovered and draft.balance_before.uncovered
        if not (is_paid or is_covered_now or draft.is_set_aside):
            return _NONE, _NONE
    rules, lists = draft.rules, draft.pick_lists
    after = releasable_units(draft.balance, draft.stock, rules, lists)
    if not after or is_paid or isinstance(draft.event, RemorseEnded):
        return _NONE, after
    before = _releasable_before(draft)
    if draft.event.__class__ in _BRINGING:  # what was reserved, and was not there, may be by now
        on_hand = releasable_units(draft.balance, draft.stock, rules, lists, on_hand=True)
        on_hand_before = _releasable_before(draft, on_hand=True)
        for place in on_hand.keys() & after.keys():
            units_brought = on_hand[place] - on_hand_before.get(place, 0)
            units_brought = max(units_brought, _units_found(draft, *place))
            before[place] = min(before.get(place, 0), max(0, after[place] - units_brought))
    if draft.stock_left is not None and before:  # of what was there before some may have left
        staying = releasable_units(draft.balance, draft.stock_left, rules, lists)
        before = {place: min(units, staying.get(place, 0)) for place, units in before.items()}
    return before, after


def _is_of_money_alone(draft: Draft) -> bool:
    """Whether the event lets units leave by nothing but money: less of what is due is missing."""
    kind = draft.event.__class__
    if kind is Lost:
        return not draft.moves_units  # what is lost costs nothing any more, and is not sent again
    # What was wished for had stopped units elsewhere.
    is_of_wish = kind is Cancelled and draft.before.history.requests
    return kind in _COVERING and not is_of_wish


def _releasable_before(draft: Draft, *, on_hand: bool = False) -> dict[tuple[str, str], int]:
    """What could be handed over before the step: see `releasable_units`."""
    lists = draft.lists_before
    if not units_waiting(lists, draft.before.history):  # then nobody looks at its money
        return {}
    balance, stock = draft.balance_before, draft.stock_before
    return releasable_units(balance, stock, draft.rules, lists, on_hand=on_hand)


def _units_found(draft: Draft, location: str, line_id: str) -> int:
    """Units of a line that a location did not find, and may find since more lies there.

    Nobody need have lowered the books.
    """
    units_missing = 0
    for each in draft.history.fulfilments:
        if each.not_found and each.location == location:  # as of few
            units_missing += dict(each.not_found).get(line_id, 0)
    if not units_missing:
        return 0
    sku = draft.lines_by_id()[line_id].sku
    # Of a kit one component may be what was missing.
    more = [
        (draft.stock.on_hand(part, location) - draft.stock_before.on_hand(part, location), each)
        for part, each in draft.stock.components_of(sku) or ((sku, 1),)
    ]
    return min(units_missing, max([units // each for units, each in more]))


def _units_by_shipment(
    draft: Draft, shipments: Sequence[Shipment]
) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """What leaves a location of a line with which shipments, by location and line id."""
    skus = {line.id: line.sku for line in draft.order.lines}
    result: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for position, shipment in enumerate(shipments):
        parts_by_line: dict[str, dict[str, int]] = {}
        for line_id, sku, units in [row for row in shipment.lines if row[0] in skus]:
            parts_by_line.setdefault(line_id, {})[sku] = units
        for line_id, parts in parts_by_line.items():
            recipe = draft.stock.components_of(skus[line_id]) or ((skus[line_id], 1),)
            units = min([parts.get(sku, 0) // each for sku, each in recipe])
            result.setdefault((shipment.location, line_id), []).append((position, units))
    return result


def _parts_beyond(parts: Iterable[tuple[int, int]], units_gone: int) -> Iterator[tuple[int, int]]:
    """What of a line leaves with which shipment of the promise, the first one first.

    Without so many units: those are at the location already, or were said to be released.
    """
    for position, units in parts:
        part = min(units, units_gone)
        units_gone -= part
        if units > part:
            yield position, units - part


def _taken_from(
    parts: Iterable[tuple[int, int]], units: int, position_beside: int
) -> Iterator[tuple[int, int]]:
    """So many units, shipment by shipment; those that no shipment has, apart, as the last ones."""
    for position, most in (*parts, (position_beside, units)):
        part = min(units, most)
        units -= part
        if part:
            yield position, part


def _units_at_places(record: OrderRecord, lists: PickLists) -> dict[tuple[str, str], int]:
    """What is at locations of an order, by location and line id."""
    units_by_list = lists.units_open
    at_places: dict[tuple[str, str], int] = {}
    for fulfilment in record.history.fulfilments:
        for line_id, units in units_by_list[fulfilment.id].items():
            if units:
                place = fulfilment.location, line_id
                at_places[place] = at_places.get(place, 0) + units
    return at_places


def is_releasable(balance: Balance, rules: Rules) -> bool:
    """Whether anything of an order may be handed over to a location."""
    record = balance.record
    if is_stopped(record):
        return False
    if any([each.fingerprint == record.order.fingerprint for each in record.rejections]):
        return False
    if balance.now - record.order.placed_at < rules.remorse:
        return False
    return rules.unpaid_leaves or not balance.uncovered


def releasable_units(
    balance: Balance,
    stock: Inventory,
    rules: Rules,
    lists: PickLists | None = None,
    *,
    on_hand: bool = False,
) -> dict[tuple[str, str], int]:
    """Units that are reserved, open, and at no location, by location and line id.

    Args:
        balance: the order's money, with its record.
        stock: what is reserved for it.
        rules: the shop's choices.
        lists: what locations have of it; None if it is to be worked out.
        on_hand: whether only as many as lie there, whoever else has a claim on them.
    """
    record, state = balance.record, state_of(stock)
    batches = batches_of(state, record.order.id)
    lists = PickLists(record) if lists is None else lists
    rest_by_line = units_waiting(lists, record.history)
    if not batches or not rest_by_line or not is_releasable(balance, rules):
        return {}
    reserved = units_by_part(batches)
    for (line_id, sku, place), units in reserved.items() if on_hand else ():
        reserved[line_id, sku, place] = min(units, stock.on_hand(sku, place))
    stopped_lines = {each.line_id for each in record.holds}
    at_places = _units_at_places(record, lists)
    # What is wanted cancelled, and a location gave back, lies there: what others have may leave.
    given_back: set[tuple[str, str]] = set()
    for each_list in record.history.fulfilments if record.history.requests else ():
        given_back.update([(each_list.location, line_id) for line_id, _ in each_list.given_back])
    result: dict[tuple[str, str], int] = {}
    places = sorted({place for _, _, place in reserved})
    for line in record.order.lines:
        rest = rest_by_line.get(line.id, 0)
        if not rest or line.id in stopped_lines:
            continue
        recipe = components_of(state, line.sku) or ((line.sku, 1),)
        turns = places
        if given_back:
            turns = [place for place in places if (place, line.id) not in given_back]
            turns += [place for place in places if (place, line.id) in given_back]
        for location in turns:
            whole = min([reserved.get((line.id, sku, location), 0) // each for sku, each in recipe])
            units = min(rest, whole - at_places.get((location, line.id), 0))
            if units > 0:
                result[location, line.id] = units
                rest -= units
    return result
