"""The units on hand, lot by lot: how many, which of them are free, which are locked up."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from fulfill_core import _checks
from fulfill_core.exceptions import StockError, by_number
from fulfill_core.inventory.availability import balances_of, is_ruled, pool_at, shelf_of
from fulfill_core.inventory.item_rules import LOT_ORDERS, delivered_at, is_fit
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.inventory.state import (
    State,
    cells_of,
    evolved,
    expired_by_lot,
    item,
    on_hand,
    place_among,
    rank_in,
    reserved,
    with_place,
)
from fulfill_core.inventory.storing.lot_rows import NO_LOTS, LotCell, LotFacts, lot_key


def with_quarantined(
    state: State, sku: str, location: str, lot: str, *, quarantined: bool = True
) -> State:
    """The inventory with a lot locked up: it is there, and not available. Or unlocked again.

    No reservation moves by itself; what is reserved of the lot cannot leave until it is unlocked.
    Twice is once.

    Args:
        state: the stock.
        sku: the stock keeping unit.
        location: where the lot lies.
        lot: which.
        quarantined: False to unlock it.

    Raises:
        InvalidValueError: there is no such lot.

    >>> from fulfill_core import Inventory
    >>> stock = Inventory().with_received("mug", "berlin", 8, lot="L-7")
    >>> stock.with_quarantined("mug", "berlin", "L-7").available("mug")
    0
    """
    _checks.check_bool("quarantined", quarantined)
    units, (expires_at, received_at, _) = checked_lot(state, sku, location, lot)
    return with_lot(state, sku, (units, (expires_at, received_at, quarantined)))


# -- Lots at a location ------------------------------------------------------------------------

_OF_NO_LOT = {""}
_FEW_LOTS = 16


def lots_at(state: State, sku: str, location: str) -> Mapping[str, LotCell]:
    """The lots there, by id."""
    rows = state.lots.get(sku)
    if rows is None:  # as of most SKUs
        return {}
    return {cell[0][1]: cell for cell in rows.at(location)}


def has_lots_at(state: State, sku: str, location: str) -> bool:
    """Whether there are lots there."""
    rows = state.lots.get(sku)
    return rows is not None and rows.has(location)


def lot_at(state: State, sku: str, location: str, lot: str) -> LotCell | None:
    """One of the lots there; None if there is none of that id."""
    rows = state.lots.get(sku)
    return None if rows is None else rows.cell(location, lot)


def in_lots_at(state: State, sku: str, location: str) -> tuple[int, int]:
    """Units of all lots there, and how many of them are reserved."""
    rows = state.lots.get(sku)
    if rows is None:
        return 0, 0
    lots = rows.come_to(location, item(state, sku).lot_order)
    return lots.units, lots.reserved


def checked_lot(state: State, sku: str, location: str, lot: str) -> LotCell:
    """That lot; it is refused if there is none."""
    _checks.check_id("lot", lot)
    cell = lot_at(state, sku, location, lot)
    if cell is None:
        lots = _names(lots_at(state, sku, location))
        raise _checks.refuse("lot", lot, f"is no lot of {_where(sku, location)}; these are: {lots}")
    return cell


def lot_meant(state: State, sku: str, location: str, lot: str | None) -> str:
    """Which lot is meant: where there are lots, it has to be said."""
    if lot:
        checked_lot(state, sku, location, lot)
        return lot
    if lot is None:
        if has_lots_at(state, sku, location):
            lots = _names(lots_at(state, sku, location))
            raise _checks.refuse(
                "lot",
                lot,
                f"does not say which lot of {_where(sku, location)}; these are: {lots},"
                " and '' for the units without a lot",
            )
    else:
        _checks.check_text("lot", lot)
    return ""


def on_hand_of_lot(state: State, sku: str, location: str, lot: str) -> int:
    """Units physically there of a lot, or without one."""
    if lot:
        (_, _, quantity, _), _ = checked_lot(state, sku, location, lot)
        return quantity
    in_lots, _ = in_lots_at(state, sku, location)
    return on_hand(state, sku, location) - in_lots


def unreserved_of_lot(state: State, sku: str, location: str, lot: str, now: datetime | None) -> int:
    """Units of a lot, or without one, beyond those that are reserved of it: may be below 0."""
    if lot:
        (_, _, _, units), _ = checked_lot(state, sku, location, lot)
    else:
        _, in_lots = in_lots_at(state, sku, location)
        units = reserved(state, sku, location) - in_lots
    units -= expired_by_lot(state, sku, now)[location, lot]
    return on_hand_of_lot(state, sku, location, lot) - units


def units_for_claims(state: State, sku: str, location: str, lot: str, now: datetime | None) -> int:
    """Units of a lot, or without one, that may go to whoever claimed them before they came in.

    Where lots have ended since, others may have got what lasts longer, and safety stock is missing:
    what was sold comes first. What a lot that is locked up leaves missing comes before it.
    """
    if lot:
        _, (_, _, is_locked) = checked_lot(state, sku, location, lot)
        if is_locked:
            return 0
    balances, _ = balances_of(state, sku, now)
    return max(0, min(unreserved_of_lot(state, sku, location, lot, now), balances[location]))


def free_of_lot(state: State, sku: str, location: str, lot: str, now: datetime | None) -> int:
    """Units of a lot, or without one, that may be taken for something else.

    They are not locked up, nobody has reserved them, and they are not more than what is available
    there. What is too old to be available can be taken all the same: then it is what is left beyond
    reservations and safety stock.
    """
    if not is_ruled(state, sku):
        return pool_at(state, sku, location, now).get(location, 0)
    most = shelf_of(state, sku, now).usable(location)
    if not has_lots_at(state, sku, location):
        return most
    if lot:
        _, (expires_at, _, is_locked) = checked_lot(state, sku, location, lot)
        if is_locked:
            return 0
        if not is_fit_to_leave(state, sku, location, expires_at, now):
            [(_, units, safety, _)] = cells_of(state, sku, location)
            most = units - safety - reserved(state, sku, location, now=now)
    return max(0, min(unreserved_of_lot(state, sku, location, lot, now), most))


def is_fit_to_leave(
    state: State, sku: str, location: str, expires_at: datetime | None, now: datetime | None
) -> bool:
    """Whether units that expire then can still be given to somebody."""
    if now is None:
        return True
    delivery = delivered_at(now, state.locations[location].lead_time)
    return is_fit(expires_at, delivery=delivery, life=item(state, sku).minimum_life)


def check_leaving(
    state: State,
    line: tuple[str, str],
    verb: str,
    sku: str,
    location: str,
    units: Mapping[str, int],
    *,
    below_zero: bool = False,
) -> None:
    """So many units of these lots are there, and none of them is locked up.

    Of a row without lots, so many units are there: what is reserved may be more. Where a host says
    so, units without a lot leave that are not there; lots never have less than nothing.
    """
    has_lots = has_lots_at(state, sku, location)
    for lot, leaving in units.items():
        present = unlocked_units(state, line, verb, sku, location, (lot, leaving))
        if present < leaving and not (below_zero and not has_lots):
            without = "" if lot or not has_lots else " without a lot"
            raise StockError(
                *line,
                f"cannot {verb} {leaving} of {_checks.repr_of(sku)}{of_lot(lot)} at"
                f" {_checks.repr_of(location)}: {present}{without}"
                f" {by_number(present, 'is', 'are')} there"
                f"{which_lots(state, sku, location) if verb == 'ship' else ''}",
            )


def can_leave(
    state: State, sku: str, location: str, units: Mapping[str, int], now: datetime | None
) -> bool:
    """Whether so many units of these lots are there, and none of them is locked up or has ended."""
    present = on_hand(state, sku, location)
    if state.lots.get(sku) is None:  # as of most SKUs
        return units.keys() == _OF_NO_LOT and units[""] <= present
    if sum(units.values()) > present:
        return False
    for lot, leaving in units.items():
        if not lot:
            if leaving > on_hand_of_lot(state, sku, location, lot):
                return False
            continue
        (_, _, quantity, _), (expires_at, _, is_locked) = checked_lot(state, sku, location, lot)
        if quantity < leaving or is_locked or has_expired(expires_at, now):
            return False
    return True


def check_unexpired(
    state: State,
    line: tuple[str, str],
    sku: str,
    location: str,
    units: Mapping[str, int],
    now: datetime | None,
) -> None:
    """None of the lots of the units that leave has ended; without a now, nothing is judged."""
    for lot in units if now is not None else ():
        expires_at = checked_lot(state, sku, location, lot)[1][0] if lot else None
        if expires_at is not None and now is not None and expires_at <= now:
            raise StockError(
                *line,
                f"cannot ship {units[lot]} of {_checks.repr_of(sku)}{of_lot(lot)} at"
                f" {_checks.repr_of(location)}: it ended on {expires_at:%Y-%m-%d %H:%M %Z}",
            )


def lots_to_leave(
    state: State, sku: str, location: str, now: datetime | None, lot_ids: Collection[str]
) -> list[str]:
    """These lots there, and "" for units without one, in the sequence in which they leave.

    That is the item's own (`Item.lot_order`). Those that may not leave come last. Thousands of
    serial numbers mostly have a few dates: when each of these has its turn is asked once.
    """
    # Many are looked up faster in a dict of all; one order mostly has a few of many.
    cells = lots_at(state, sku, location) if len(lot_ids) > _FEW_LOTS else None
    alike: dict[tuple[bool, datetime | None, datetime | None], list[str]] = {}
    for lot in sorted(lot_ids):
        cell = lot_at(state, sku, location, lot) if cells is None else cells.get(lot)
        expires_at, received_at, is_locked = (None, None, False) if cell is None else cell[1]
        is_stuck = is_locked or has_expired(expires_at, now)
        alike.setdefault((is_stuck, expires_at, received_at), []).append(lot)
    turn_of = LOT_ORDERS[item(state, sku).lot_order]
    in_turn = sorted(alike, key=lambda each: (each[0], turn_of(("", 0, *each[1:]))))
    return [lot for each in in_turn for lot in alike[each]]


def lot_turns(
    state: State, sku: str, lots: Iterable[tuple[str, str]], now: datetime | None
) -> dict[tuple[str, str], int]:
    """When which of these lots, by location, leaves there: 0 is first. Of one alone, nothing."""
    lots_by_place: dict[str, set[str]] = {}
    for location, lot in lots:
        lots_by_place.setdefault(location, set()).add(lot)
    return {
        (location, lot): turn
        for location, lot_ids in lots_by_place.items()
        if len(lot_ids) > 1
        for turn, lot in enumerate(lots_to_leave(state, sku, location, now, lot_ids))
    }


def unlocked_units(
    state: State,
    line: tuple[str, str],
    verb: str,
    sku: str,
    location: str,
    leaving: tuple[str, int],
) -> int:
    """Units there of the lot of which some leave, or without one; none leaves in quarantine."""
    lot, units = leaving
    if not lot:
        return on_hand_of_lot(state, sku, location, lot)
    (_, _, present, _), (_, _, is_locked) = checked_lot(state, sku, location, lot)
    if is_locked:
        raise StockError(
            *line,
            f"cannot {verb} {units} of {_checks.repr_of(sku)}{of_lot(lot)} at"
            f" {_checks.repr_of(location)}: it is in quarantine; unlock it first",
        )
    return present


def which_lots(state: State, sku: str, location: str) -> str:
    """How units can leave all the same, for a message; nothing where there are no lots."""
    lots = lots_at(state, sku, location)
    return f"; say which lot left: {_names(lots)}" if lots else ""


# -- The places where units change -------------------------------------------------------------


def with_units(
    state: State,
    sku: str,
    location: str,
    units: int,
    lot: str,
    facts: LotFacts = (None, None, False),
) -> State:
    """So many units more of a lot or without one.

    A lot that is new has these facts. Where a system keeps a number below 0, it is counted first:
    lots hold no more than is on hand.
    """
    present = on_hand(state, sku, location)
    changed = with_on_hand(state, sku, location, present + units)
    if not lot:
        return changed
    if present < 0:
        raise _checks.refuse(
            "lot",
            lot,
            f"can't come to {_where(sku, location)} while {present} are on hand; count them first",
        )
    new: LotCell = (location, lot, 0, 0), facts
    (_, _, quantity, units_reserved), facts = lot_at(state, sku, location, lot) or new
    return with_lot(changed, sku, ((location, lot, quantity + units, units_reserved), facts))


def with_units_gone(state: State, sku: str, units: Mapping[str, int], location: str) -> State:
    """The state after units of these lots left a place where they are, whoever's they were.

    A lot whose last unit leaves is gone, unless somebody has reserved of it.
    """
    changed = with_more_on_hand(state, sku, location, -sum(units.values()))
    if not any(units):  # none of them of a lot
        return changed

    def without_units(key: tuple[str, str], cell: LotCell | None) -> LotCell | None:
        if cell is None:
            return None
        (_, lot, quantity, units_reserved), facts = cell
        rest = quantity - units[lot]
        is_gone = not (rest or units_reserved or rest == quantity)
        return None if is_gone else ((*key, rest, units_reserved), facts)

    keys = [(location, lot) for lot in units if lot]
    lots = (state.lots.get(sku) or NO_LOTS).with_changed(keys, without_units)
    return evolved(changed, lots=state.lots.with_changes({sku: lots}))


def with_lot(state: State, sku: str, cell: LotCell) -> State:
    """This lot in place of the one of its id, or as a new one."""
    lots = (state.lots.get(sku) or NO_LOTS).with_changed([lot_key(cell)], lambda _, __: cell)
    return evolved(state, lots=state.lots.with_changes({sku: lots}))


def with_more_on_hand(state: State, sku: str, location: str, units: int) -> State:
    """So many units more on hand, in lots or not, or fewer; a row that is new is made."""
    cells = list(state.stock_rows.get(sku) or ())
    place = place_among(cells, location, state.locations)
    if place is None:
        return with_on_hand(state, sku, location, units)
    _, present, safety, units_reserved = cells[place]
    cells[place] = location, present + units, safety, units_reserved
    return evolved(state, stock_rows=state.stock_rows.with_changes({sku: tuple(cells)}))


def with_on_hand(state: State, sku: str, location: str, units: int) -> State:
    """So many units on hand, in lots or not; a row or a location that is new is made."""
    _checks.check_id("sku", sku)
    _checks.check_id("location", location)
    described = state.items.get(sku)
    if described is not None and described.is_kit:
        raise _checks.refuse(
            "sku", sku, "is a kit, which has no stock of its own; name one of its components"
        )
    places = state.locations
    if location not in places:
        places = with_place(places, location)
    cells = list(state.stock_rows.get(sku) or ())
    place = place_among(cells, location, places)
    if place is None:
        insort(cells, (location, units, 0, 0), key=rank_in(places))
    else:
        _, _, safety, units_reserved = cells[place]
        cells[place] = location, units, safety, units_reserved
    rows = state.stock_rows.with_changes({sku: tuple(cells)})
    return evolved(state, stock_rows=rows, locations=places)


# -- In messages -------------------------------------------------------------------------------


def of_lot(lot: str) -> str:
    """Of which lot, for a message; nothing for units without one."""
    return f" of lot {_checks.repr_of(lot)}" if lot else ""


def at(location: str | None) -> str:
    """Where, for a message; nothing if it is anywhere."""
    return "" if location is None else f" at {_checks.repr_of(location)}"


def _where(sku: str, location: str) -> str:
    return f"{_checks.repr_of(sku)} at {_checks.repr_of(location)}"


def _names(lots: Iterable[str]) -> str:
    return _checks.repr_of(", ".join(sorted(lots)))[1:-1] or "none"
