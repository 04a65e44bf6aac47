"""What is at which location of an order, who asked for it back, and where a parcel is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import TypeAlias, TypeVar

from fulfill_core import _checks
from fulfill_core.decisions.notification import Kind
from fulfill_core.orders.progress import Progress, open_units_of
from fulfill_core.records.history import (
    Fulfilment,
    History,
    Parcel,
    Units,
    accepted_returns,
)
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.records.report_rows import added

_Member = TypeVar("_Member", Fulfilment, Parcel)
UnitsByList: TypeAlias = Mapping[str, Mapping[str, int]]
"""Units by pick list and line."""


def units_at_locations(history: History) -> dict[str, dict[str, int]]:
    """What each pick list still holds, in units by line, whatever is open.

    What left is taken off the pick list that its parcel names, and then, of parcels that name none,
    off those that its location had when it left, the oldest first; whoever gave back all that was
    left has no more. It is worked out of what happened when, so it makes no difference in which
    sequence that was reported.

    Args:
        history: what was reported of an order.
    """
    lists = in_turn(history.fulfilments)
    rest: dict[str, dict[str, int]] = {}
    for each in lists:
        rest[each.id] = on_list = dict(each.units)
        for line_id, units in each.given_back:
            on_list[line_id] = max(0, on_list.get(line_id, 0) - units)
    if not lists:
        return rest
    parcels = in_turn(history.parcels)
    parcels_of_lists = [parcel for parcel in parcels if parcel.fulfilment_id]
    if parcels_of_lists:
        rest_of_parcels = [parcel for parcel in parcels if not parcel.fulfilment_id]
        parcels = [*parcels_of_lists, *rest_of_parcels]
    for parcel in parcels:
        # One that never left is off its pick list all the same: the location is done with it.
        rows: Iterable[tuple[str, int]] = parcel.rows_left() or parcel.shipped
        for each in lists:
            if rows and _may_be_of(parcel, each):
                rows = _take_off(rest[each.id], rows)
    for each in lists:
        if each.closed_at is not None:
            rest[each.id] = dict.fromkeys(rest[each.id], 0)
    return rest


def _take_off(on_list: dict[str, int], rows: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Take units by line off what a pick list holds; those of them that it has not."""
    beyond: list[tuple[str, int]] = []
    for line_id, units in rows:
        units_there = on_list.get(line_id, 0)
        if units_there >= units:
            on_list[line_id] = units_there - units
            continue
        if units_there:
            on_list[line_id] = 0
        beyond.append((line_id, units - units_there))
    return beyond


def in_turn(members: Sequence[_Member]) -> Sequence[_Member]:
    """Parcels or pick lists, the oldest first."""
    return sorted(members, key=_turn_of) if len(members) > 1 else members


def _may_be_of(parcel: Parcel, fulfilment: Fulfilment) -> bool:
    """Whether a parcel may be of a pick list: the one that it names, or what its location had."""
    if parcel.fulfilment_id:
        return parcel.fulfilment_id == fulfilment.id
    location, closed_at = parcel.location, fulfilment.closed_at
    return (
        fulfilment.at <= parcel.at
        and (closed_at is None or parcel.at <= closed_at)
        and (not location or location == fulfilment.location)
    )


def released_units(record: OrderRecord) -> dict[str, dict[str, int]]:
    """What is at locations of an order, in units by line and pick list: open units only.

    Of what is not open any more the newest pick list is the first to have nothing.

    Args:
        record: the order's record.

    Raises:
        InvalidValueError: something else than a record.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> released_units(OrderRecord(order=order))
    {}
    """
    _checks.check_member("record", record, OrderRecord)
    history = record.history
    if not history.fulfilments:
        return {}
    return open_units_at(history, units_at_locations(history), open_by_line(record))


def _are_within(at_locations: UnitsByList, units_by_line: Mapping[str, int]) -> bool:
    """Whether pick lists hold no more of any line than so many units."""
    for line_id, units in sum_by_line(at_locations).items():
        if units > units_by_line.get(line_id, 0):
            return False
    return True


def open_units_at(
    history: History, at_locations: dict[str, dict[str, int]], units_by_line: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """What of that is open still, in units by line and pick list: the same if all of it is.

    Args:
        history: what was reported of an order.
        at_locations: what each pick list still holds: see `units_at_locations`.
        units_by_line: what is open of each line.
    """
    if _are_within(at_locations, units_by_line):  # as after nearly all steps
        return at_locations
    rest = {list_id: dict(units) for list_id, units in at_locations.items()}
    open_units = dict(units_by_line)
    for each in in_turn(history.fulfilments):
        on_list = rest[each.id]
        for line_id, units in on_list.items():
            if units:  # of many pick lists most hold nothing any more
                on_list[line_id] = part = min(units, open_units.get(line_id, 0))
                open_units[line_id] = open_units.get(line_id, 0) - part
    return rest


class PickLists:
    """What the pick lists of an order hold, by one record of it, each part worked out once.

    Args:
        record: the record, of which no units move any more.
        open_units: what is open of each line; None if it is to be worked out.
    """

    __slots__ = ("_open_units", "_record", "_units", "_units_open")

    def __init__(self, record: OrderRecord, open_units: Mapping[str, int] | None = None) -> None:
        self._record = record
        self._open_units = open_units
        self._units: dict[str, dict[str, int]] | None = None
        self._units_open: UnitsByList | None = None

    @property
    def open_units(self) -> Mapping[str, int]:
        """What is open of each line of the order, on a list or not."""
        if self._open_units is None:
            self._open_units = open_by_line(self._record)
        return self._open_units

    @property
    def units(self) -> dict[str, dict[str, int]]:
        """What each list still holds, whatever is open: see `units_at_locations`."""
        if self._units is None:
            self._units = units_at_locations(self._record.history)
        return self._units

    @property
    def units_open(self) -> UnitsByList:
        """What of that is open: see `released_units`."""
        if self._units_open is None:
            self._units_open = open_units_at(self._record.history, self.units, self.open_units)
        return self._units_open

    @property
    def are_open(self) -> bool:
        """Whether all that they hold is open."""
        return self.units_open is self.units

    def is_of(self, record: OrderRecord) -> bool:
        """Whether the lists of another record of the order hold the same, as nothing moved."""
        history, other = self._record.history, record.history
        return (
            self._record.progress is record.progress
            and self._record.order.lines is record.order.lines
            and history.fulfilments is other.fulfilments
            and history.parcels is other.parcels
        )


def open_by_line(record: OrderRecord) -> dict[str, int]:
    """What is open of each line of an order."""
    return open_units_of(record.order.lines, {each.line_id: each for each in record.progress})


def released_by_line(record: OrderRecord) -> dict[str, int]:
    """What is at locations of an order, in units by line.

    Args:
        record: the order's record.

    Raises:
        InvalidValueError: something else than a record.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> released_by_line(OrderRecord(order=order))
    {}
    """
    return sum_by_line(released_units(record))


def units_out(progress: Progress) -> int:
    """What of a line its customer has, or is to get: it left, and is neither lost nor back."""
    return progress.shipped - progress.lost - progress.returned


def units_under_way(record: OrderRecord) -> dict[str, int]:
    """Units by line that left, and of which neither arrival nor loss nor return is known.

    What needs no parcel is there as soon as it was handed over. What came back without having
    arrived, such as from a wrong address, is on no way any more.

    Args:
        record: the order's record.
    """
    under_way: dict[str, int] = {}
    never_there: Mapping[str, int] | None = None
    progress_by_line = {each.line_id: each for each in record.progress}
    for line in record.order.lines:
        progress = progress_by_line.get(line.id)
        if progress is not None and line.ships:
            units = progress.shipped - progress.lost - progress.delivered
            if units > 0 and progress.returned:
                never_there = _units_never_there(record) if never_there is None else never_there
                units -= min(progress.returned, never_there.get(line.id, 0))
            if units > 0:
                under_way[line.id] = units
    return under_way


def _units_never_there(record: OrderRecord) -> Mapping[str, int]:
    """Units by line that came back when fewer had arrived: these never did.

    A parcel arrives once, whoever says so again later. Of a line whose components left alone none
    are: which kits have arrived is not for one parcel to say.
    """
    history = record.history
    parcels = [each for each in history.parcels if each.is_delivered or each.delivered]
    returns = accepted_returns(history.returns, record.progress, is_counted=True)
    moves: list[tuple[datetime, bool, Mapping[str, int]]] = [
        (each.at, True, dict(each.received)) for each, has_room in returns if has_room
    ]
    for each in parcels:
        arrived_at = each.first_delivered_at or each.delivered_at or each.at
        moves.append((arrived_at, False, each.units_delivered()))
    with_customer: Counter[str] = Counter()
    never_there: Counter[str] = Counter()
    for _, is_return, units_by_line in sorted(moves, key=itemgetter(0, 1)):
        if not is_return:
            with_customer.update(units_by_line)
            continue
        for line_id, units in units_by_line.items():
            units_there = min(with_customer[line_id], units)
            with_customer[line_id] -= units_there
            never_there[line_id] += units - units_there
    for line_id in {row[0] for each in parcels for row in each.parts_left()}:
        del never_there[line_id]
    return never_there


def sum_by_line(units_by_list: UnitsByList) -> dict[str, int]:
    """What pick lists have together, in units by line."""
    if len(units_by_list) == 1:  # as of most orders
        (of_list,) = units_by_list.values()
        return {**of_list}
    by_line: dict[str, int] = {}
    for units_by_line in units_by_list.values():
        for line_id, units in units_by_line.items():
            by_line[line_id] = by_line.get(line_id, 0) + units
    return by_line


def still_asked_back(fulfilment: Fulfilment) -> dict[str, int]:
    """Units by line that a location was asked not to send, and has said neither yes nor no to."""
    answered = dict(added(fulfilment.declined, fulfilment.given_back))
    return {
        line_id: max(0, called - answered.get(line_id, 0))
        for line_id, called in fulfilment.called_back
    }


def unasked_units(fulfilment: Fulfilment, units_back: Iterable[tuple[str, int]]) -> Units:
    """What of units by line that a location gives back nobody has asked for."""
    asked_back = still_asked_back(fulfilment)
    return some_of(
        {line_id: max(0, units - asked_back.get(line_id, 0)) for line_id, units in units_back}
    )


def units_in_question(history: History, released: UnitsByList) -> Mapping[str, int]:
    """Units at no location that somebody wants cancelled, by line: nobody has said yes or no.

    That is what is wanted, without what locations are still to give back of it: what one has sent
    all the same, or given back altogether without a word of lines, it has no more.
    """
    units = dict(history.requests)
    for each in history.fulfilments if units else ():
        on_list = released[each.id]
        for line_id, amount in still_asked_back(each).items():
            part = min(amount, on_list.get(line_id, 0))
            units[line_id] = max(0, units.get(line_id, 0) - part)
    return units


def units_waiting(lists: PickLists, history: History) -> dict[str, int]:
    """Units by line that are open, at no location, and not in question; lines that have some.

    Args:
        lists: what locations have.
        history: what was reported of the order, with what locations were asked for since.
    """
    at_locations = sum_by_line(lists.units_open)
    in_question = units_in_question(history, lists.units_open)
    rest: dict[str, int] = {}
    for line_id, open_units in lists.open_units.items():
        units = open_units - at_locations.get(line_id, 0) - in_question.get(line_id, 0)
        if units > 0:
            rest[line_id] = units
    return rest


_turn_of = attrgetter("at", "id")


def some_of(units: Mapping[str, int]) -> Units:
    """Units by line, as they are kept: without lines of which there are none."""
    return tuple(sorted([pair for pair in units.items() if pair[1]]))


# -- On its way --------------------------------------------------------------------------------


def whereabouts(parcel: Parcel | None) -> Kind | None:
    """What its carrier said last of a parcel by time: out, not delivered, or ready to be picked up.

    However late it is heard of. Of what is said at once the later in this sequence counts: a tour
    fails after it began, and what nobody took waits after that. None if none of it was said.
    """
    if parcel is None:
        return None
    instants = (parcel.out_at, parcel.failed_at, parcel.ready_at)
    words = [(at, place) for place, at in enumerate(instants) if at is not None]
    return _WHEREABOUTS[max(words)[1]] if words else None


def is_waiting(parcel: Parcel | None) -> bool:
    """Whether a parcel can be picked up: it was ready, and has not been out for delivery since."""
    if parcel is None or parcel.ready_at is None:
        return False
    return parcel.out_at is None or parcel.out_at <= parcel.ready_at


_WHEREABOUTS = (Kind.OUT_FOR_DELIVERY, Kind.DELIVERY_FAILED, Kind.READY_FOR_PICK_UP)
