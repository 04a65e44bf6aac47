"""What a step does to the stock: units leave, come back, are counted, set aside and free again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from fulfill_core.exceptions import FulfillError, by_number
from fulfill_core.inventory.inventory import Inventory, inventory_of, state_of
from fulfill_core.inventory.lots import lots_at, lots_to_leave, with_more_on_hand, with_units_gone
from fulfill_core.inventory.reservations import (
    batches_of,
    units_by_line,
    units_by_part,
    with_entries,
)
from fulfill_core.inventory.state import ClaimRow, cells_of, components_of, on_hand
from fulfill_core.inventory.storing.batches import Batches, Entry
from fulfill_core.inventory.withdrawing.parcels import with_parcel_gone
from fulfill_core.inventory.withdrawing.withdrawals import Part
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events.stock import PlaceRow
from fulfill_core.lifecycle.freeing import lines_in_excess, with_freed, without_excess
from fulfill_core.lifecycle.recording.departures import add_rows, lines_around
from fulfill_core.orders.order import OrderLine
from fulfill_core.orders.progress import NO_PROGRESS, Progress
from fulfill_core.records.order_record import notes_by

NOT_THERE = "units.not_there"
_NOT_RESERVED = "units.not_reserved"


def move_units(draft: Draft, by_move: Mapping[Part, int]) -> None:
    """What left is gone; what never did is there, and set aside for its line as it was.

    Args:
        draft: the step.
        by_move: units that left, or never did: see `moves_between`.
    """
    if not by_move:
        return
    draft.parts_on_the_move = by_move
    after = with_parcel_gone(state_of(draft.stock), draft.record.order.id, by_move)
    if after is not None:  # as after nearly all parcels
        draft.stock = inventory_of(after)
    else:  # some of it is reserved elsewhere, or not at all, or never left: line by line
        units_by_place = _units_by_place(by_move)
        _doubt_departures(draft, units_by_place)
        stock_before, back = draft.stock, _ShelvedUnits(draft, are_new=True)
        for (line_id, sku, location), units in sorted(by_move.items()):
            if units > 0:
                back.keep()
                draft.stock = _without(draft.stock, (draft.order.id, line_id), sku, location, units)
            elif units < 0:
                back.add(line_id, (sku, location, -units), -units)
        back.keep()
        _give_way(draft, units_by_place, stock_before)


def put_back(draft: Draft) -> None:
    """What came back lies where it did: set aside if it is sent again, else for whoever is first.

    Args:
        draft: the step, with the counters after it.
    """
    units_back, units_again = _units_back(draft)
    if units_again:
        draft.stock_left = draft.stock
    back = _ShelvedUnits(draft, are_new=True)
    for part, units in sorted(units_back.items()):
        line_id, sku, location = part
        if units > 0:
            back.add(line_id, (sku, location, units), min(units, units_again.get(part, 0)))
        elif units < 0:
            back.keep()
            draft.stock = _without(draft.stock, (draft.order.id, line_id), sku, location, -units)
    back.keep()


def _units_back(draft: Draft) -> tuple[dict[Part, int], dict[Part, int]]:
    """Units that came back and lie on a shelf, and those sent again, by line, SKU and location.

    Below zero, so many do not after all: whether there is room for what came back follows of the
    counters. What is sent again is said of each return, and is set aside where that one lies.
    """
    units_back: dict[Part, int] = {}
    units_again: dict[Part, int] = {}
    before, record = draft.before, draft.record
    old, new = before.history.returns, record.history.returns
    is_same = before.order.lines is record.order.lines
    is_as_before = old is new and before.progress is record.progress and is_same
    if not is_as_before and (old or new):
        lines, old_lines = lines_around(draft)
        state = state_of(draft.stock)
        returns_before, returns = draft.other_returns()
        for rows, entries, sign in ((old_lines, returns_before, -1), (lines, returns, 1)):
            for each in [entry for entry, has_room in entries if has_room and entry.location]:
                received = dict(each.received)
                for moves, units_of in ((units_back, each.restocked), (units_again, each.reopened)):
                    came = [(key, min(units, received.get(key, 0))) for key, units in units_of]
                    add_rows(moves, rows, state, each.location, came, sign)
    return units_back, units_again


def _units_by_place(by_move: Mapping[Part, int]) -> Mapping[tuple[str, str], int]:
    """Units that left, by SKU and location."""
    units_by_place: dict[tuple[str, str], int] = {}
    for (_, sku, location), units in by_move.items():
        if units > 0:
            units_by_place[sku, location] = units_by_place.get((sku, location), 0) + units
    return units_by_place


def _give_way(draft: Draft, places: Iterable[tuple[str, str]], stock_before: Inventory) -> None:
    """What left without being reserved was another line's of the order, if nothing else is there.

    One article on two lines is one pool: that line gives it up, as nobody has what is gone.

    Args:
        draft: the step, after its departures.
        places: the SKUs and locations of what left.
        stock_before: the stock before that.
    """
    for sku, location in sorted(places):
        units = _units_lacking(draft.stock, sku, location)
        units -= _units_lacking(stock_before, sku, location)
        if units > 0:
            _free(draft, sku, location, units)


def _units_lacking(stock: Inventory, sku: str, location: str) -> int:
    """Units that are reserved at a location, and are not there."""
    return max(0, stock.reserved(sku, location) - max(0, stock.on_hand(sku, location)))


def _doubt_departures(draft: Draft, units_by_place: Mapping[tuple[str, str], int]) -> None:
    """Tell of what left a place where less was: it is gone, and on hand falls below zero."""
    for (sku, location), units in sorted(units_by_place.items()):
        present = draft.stock.on_hand(sku, location)
        if units > max(0, present) and is_counted(draft.stock, sku):
            verb = by_number(present, "was", "were")
            text = f"{units} of {sku} left {location}, and {present} {verb} there."
            draft.doubts.append((NOT_THERE, text))


def is_counted(stock: Inventory, sku: str) -> bool:
    """Whether anybody keeps count of a SKU here: else it is at no place, or has only ever left."""
    return any([cell[1] >= 0 for cell in cells_of(state_of(stock), sku, None)])


def free_excess(draft: Draft) -> None:
    """What lines have reserved or claimed beyond what is open is free; what is nowhere first."""
    order_id = draft.record.order.id
    batches, claims = _holdings(draft.stock, order_id)
    if batches or claims:  # until its last parcel has left
        open_units = _open_in_question(draft, order_id)
        lines, progress = draft.lines_by_id(), draft.progress_by_line()
        state = state_of(draft.stock)
        line_ids: Collection[str] = open_units
        if not claims:
            line_ids = lines_in_excess(state, batches, open_units, lines, progress)
        if line_ids:
            _free_beyond(draft, [(lines[key], progress.get(key, NO_PROGRESS)) for key in line_ids])
            batches, claims = _holdings(draft.stock, order_id)
    draft.holdings = batches, claims, draft.record.progress


def _open_in_question(draft: Draft, order_id: str) -> Mapping[str, int]:
    """What is open of the lines that may have too much: of all, as of most orders.

    Of a large one of which nothing was too much after the step before, and that nobody has given
    anything since, those that have come further, and those of which units moved.
    """
    before, notes = draft.before, notes_by(draft.before)
    holdings = None if notes is None else notes.holdings
    if (
        holdings is None
        or draft.record.order.lines is not before.order.lines
        or not holdings.is_of(*_holdings(draft.stock_before, order_id), before.progress)
    ):
        return draft.open_units()
    line_ids = {*draft.line_moves, *[line_id for line_id, _, _ in draft.parts_on_the_move]}
    return {line_id: draft.open_of(line_id) for line_id in line_ids}


def _holdings(stock: Inventory, order_id: str) -> tuple[Batches, tuple[ClaimRow, ...] | None]:
    """What an order has reserved, and what it has claimed, as the stock has it."""
    state = state_of(stock)
    return batches_of(state, order_id), state.claims.get(order_id)


def _free_beyond(draft: Draft, lines: Iterable[tuple[OrderLine, Progress]]) -> None:
    """Free what these lines have beyond what is open of them."""
    units_packed: dict[str, dict[str, int]] = {}
    released = draft.pick_lists.units_open
    for fulfilment in draft.history.fulfilments:
        for line_id, units in released[fulfilment.id].items():
            if units:
                at_places = units_packed.setdefault(line_id, {})
                at_places[fulfilment.location] = at_places.get(fulfilment.location, 0) + units
    draft.stock = without_excess(draft.stock, draft.order.id, lines, units_packed)


def counted(stock: Inventory, rows: Iterable[PlaceRow]) -> Inventory:
    """The stock with so many units more on hand, or fewer: no fewer than nothing."""
    state = state_of(stock)
    for sku, location, units in rows:
        fewer = min(-units, max(0, on_hand(state, sku, location)))
        if fewer > 0:
            state = with_units_gone(state, sku, _lots_of(stock, sku, location, fewer), location)
        elif units > 0 or not cells_of(state, sku, location):
            state = with_more_on_hand(state, sku, location, max(0, units))
    return stock if state is state_of(stock) else inventory_of(state)


def give_up(draft: Draft, rows: Iterable[PlaceRow]) -> None:
    """Free what somebody says that the order has no more at a place, before its excess is freed.

    Args:
        draft: the step.
        rows: SKU, location, and how many more, or fewer.
    """
    for sku, location, units in rows:
        rest = _free(draft, sku, location, -units) if units < 0 else 0
        if rest:
            text = (
                f"{-units} of {sku} {by_number(-units, 'is', 'are')} given up at {location},"
                f" and {-units - rest} {by_number(-units - rest, 'was', 'were')} reserved."
            )
            draft.doubts.append((_NOT_RESERVED, text))


def set_aside(draft: Draft, rows: Iterable[PlaceRow]) -> None:
    """Reserve units for the lines that are open, in their sequence.

    Args:
        draft: the step.
        rows: SKU, location, and how many more, or fewer: see `give_up`.
    """
    if draft.stock_left is None:
        draft.stock_left = draft.stock
    shelved = _ShelvedUnits(draft, are_new=False)
    for sku, location, units in rows:
        rest = units
        for line in draft.order.lines:
            if rest <= 0:
                break
            rest -= shelved.set_aside(line.id, (sku, location, rest))
        shelved.keep()
        # What the step has set aside by itself may be said as well.
        if rest > 0 and _more_reserved(draft, sku, location) < units:
            text = (
                f"{units} of {sku} {by_number(units, 'is', 'are')} set aside at {location},"
                f" and its lines lack {units - rest}."
            )
            draft.doubts.append((_NOT_RESERVED, text))


class _ShelvedUnits:
    """Units that are set aside in a step, and what comes to a shelf beside them: in one change.

    Args:
        draft: the step, whose stock has them once they are kept.
        are_new: whether what is set aside comes to its shelf as well, or lies there already.
    """

    def __init__(self, draft: Draft, *, are_new: bool) -> None:
        self._draft = draft
        self._are_new = are_new
        self._rows: list[PlaceRow] = []
        self._entries: list[Entry] = []
        self._reserved: dict[tuple[str, str], int] | None = None

    def add(self, line_id: str, row: PlaceRow, most: int) -> None:
        """Units that come to a location, of which no more than *most* are set aside for a line."""
        sku, location, units = row
        units_free = units - self.set_aside(line_id, (sku, location, most))
        if units_free:
            self._rows.append((sku, location, units_free))

    def set_aside(self, line_id: str, row: PlaceRow) -> int:
        """Set units aside for a line, no more than are open of it; how many.

        Args:
            line_id: the line.
            row: SKU, location, and how many.
        """
        draft, (sku, location, units) = self._draft, row
        if not units:
            return 0
        if self._reserved is None:
            self._reserved = _reserved_units(draft)
        earlier = self._reserved.get((line_id, sku), 0)
        quantity = min(units, _demand(draft, draft.lines_by_id()[line_id], sku) - earlier)
        if quantity <= 0:
            return 0
        self._reserved[line_id, sku] = earlier + quantity
        if not cells_of(state_of(draft.stock), sku, location):
            self._rows.append((sku, location, 0))
        self._entries.append((line_id, sku, location, quantity, ""))
        return quantity

    def keep(self) -> None:
        """Put them into the stock. What is reserved may be other after that."""
        draft = self._draft
        if self._rows:
            draft.stock = counted(draft.stock, self._rows)
        if self._entries:
            by_order = {draft.record.order.id: tuple(self._entries)}
            state = with_entries(state_of(draft.stock), draft.now, by_order, are_new=self._are_new)
            draft.stock = inventory_of(state)
        self._rows, self._entries, self._reserved = [], [], None


def _reserved_units(draft: Draft, location: str | None = None) -> dict[tuple[str, str], int]:
    """What the order has reserved, by line id and SKU: anywhere, or at a location."""
    batches = batches_of(state_of(draft.stock), draft.order.id)
    if location is None:
        return units_by_line(batches, None)
    reserved: dict[tuple[str, str], int] = {}
    for (line_id, sku, place), units in units_by_part(batches).items():
        if place == location:
            reserved[line_id, sku] = reserved.get((line_id, sku), 0) + units
    return reserved


def _more_reserved(draft: Draft, sku: str, location: str) -> int:
    """How many units more the order has reserved at a place than before the step."""
    before, after = (
        sum(
            [
                units
                for (_, *place), units in units_by_part(
                    batches_of(state_of(stock), draft.order.id)
                ).items()
                if place == [sku, location]
            ]
        )
        for stock in (draft.stock_before, draft.stock)
    )
    return after - before


def _demand(draft: Draft, line: OrderLine, sku: str) -> int:
    """How many of a SKU are to be sent of a line still, itself or as a part of it."""
    progress = draft.progress_by_line().get(line.id, NO_PROGRESS)
    open_units = progress.open(line)
    recipe = components_of(state_of(draft.stock), line.sku)
    if not recipe and not progress.parts:  # as of most lines
        return open_units if sku == line.sku else 0
    units_each = dict(recipe or ((line.sku, 1),)).get(sku, 0)
    return open_units * units_each - dict(progress.parts).get(sku, 0)


def _reserved_here(stock: Inventory, key: tuple[str, str], sku: str, location: str) -> int:
    """Units of a SKU that are reserved for an order's line at a location."""
    order_id, line_id = key
    return units_by_part(batches_of(state_of(stock), order_id)).get((line_id, sku, location), 0)


def _free(draft: Draft, sku: str, location: str, units: int) -> int:
    """Free so many units that are reserved for the order at a location, of the last line first.

    But first what lines have beyond what is open of them: that is what has to go.

    Returns:
        How many of them are not reserved there.
    """
    here, anywhere = _reserved_units(draft, location), _reserved_units(draft)
    units_by_part: dict[Part, int] = {}
    for line in reversed(draft.order.lines):
        key = line.id, sku
        beyond = anywhere.get(key, 0) - _demand(draft, line, sku)
        part = min(units, here.get(key, 0), max(0, beyond))
        units_by_part[line.id, sku, location] = part
        units -= part
    for line in reversed(draft.order.lines):
        part = min(units, here.get((line.id, sku), 0) - units_by_part[line.id, sku, location])
        units_by_part[line.id, sku, location] += part
        units -= part
    parts = {key: part for key, part in units_by_part.items() if part}
    draft.stock = with_freed(draft.stock, draft.order.id, parts)
    return units


def free_what_was_rejected(draft: Draft) -> None:
    """What a location will not send is free, so that the next run looks elsewhere."""
    if draft.given_back is None or not draft.event.reason.frees:
        return
    fulfilment, units_given_back = draft.given_back
    location, lines = fulfilment.location, draft.lines_by_id()
    reserved = _reserved_units(draft, location)
    units_by_part: dict[Part, int] = {}
    for line_id, units in units_given_back:
        sku_of_line = lines[line_id].sku
        for sku, each in draft.stock.components_of(sku_of_line) or ((sku_of_line, 1),):
            part = min(units * each, reserved.get((line_id, sku), 0))
            if part:
                units_by_part[line_id, sku, location] = part
    draft.stock = with_freed(draft.stock, draft.order.id, units_by_part)


def _without(
    stock: Inventory, key: tuple[str, str], sku: str, location: str, units: int
) -> Inventory:
    """The stock after units left, whatever it says: first those reserved for the line there.

    What left is gone: on hand may fall below zero, lots may not.
    """
    part = min(units, _reserved_here(stock, key, sku, location))
    if part:
        try:
            stock = stock.with_shipped(*key, part, location=location, sku=sku, below_zero=True)
        except FulfillError:  # a lot that is locked up, or counted as gone, has left all the same
            stock = stock.with_released(*key, part, location=location, sku=sku)
            part = 0
    rest = units - part
    if not rest:
        return stock
    state = state_of(stock)
    return inventory_of(with_units_gone(state, sku, _lots_of(stock, sku, location, rest), location))


def _lots_of(stock: Inventory, sku: str, location: str, units: int) -> dict[str, int]:
    """Of which lots so many units go: first those without one, then as lots leave.

    What is in no lot, because so many are not there, goes below zero.
    """
    state = state_of(stock)
    lots = lots_at(state, sku, location)
    if not lots:
        return {"": units}
    quantities = {lot: cell[0][2] for lot, cell in lots.items()}
    loose = on_hand(state, sku, location) - sum(quantities.values())
    quantities[""] = max(0, loose)
    result: dict[str, int] = {}
    for lot in ["", *lots_to_leave(state, sku, location, None, lots)]:
        part = min(units, quantities[lot])
        if part:
            result[lot] = part
            units -= part
    if units:
        result[""] = result.get("", 0) + units
    return result
