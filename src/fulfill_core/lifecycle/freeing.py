"""What an order has reserved, or claimed, beyond what is open of it is free again."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from typing import TypeVar

from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.inventory import Inventory, inventory_of, state_of
from fulfill_core.inventory.lots import lot_turns
from fulfill_core.inventory.releasing import with_given_up
from fulfill_core.inventory.reservations import batches_of, to_reservations, units_by_line
from fulfill_core.inventory.state import State, components_of
from fulfill_core.inventory.stock import EARLIEST, Reservation
from fulfill_core.inventory.storing.batches import Batches, are_within, of_lines
from fulfill_core.inventory.withdrawing.withdrawals import Age, Part
from fulfill_core.orders.altering import altered
from fulfill_core.orders.order import OrderLine
from fulfill_core.orders.progress import Parts, Progress

_Row = TypeVar("_Row", Reservation, Claim)
_NONE_PACKED: Mapping[str, int] = {}
_NOTHING_PACKED: Mapping[str, Mapping[str, int]] = {}


def without_excess(
    inventory: Inventory,
    order_id: str,
    lines: Iterable[tuple[OrderLine, Progress]],
    units_packed: Mapping[str, Mapping[str, int]] = _NOTHING_PACKED,
) -> Inventory:
    """The stock in which these lines have no more than what is open of them.

    What they have reserved goes back from the location that is asked last first, what they have
    claimed of supplies the latest first, beyond what is still wanted.

    Args:
        inventory: the stock.
        order_id: the order.
        lines: those in question, each with how far it has come.
        units_packed: by line id and location, how many of its units are the last to be freed.
    """
    lines, state = list(lines), state_of(inventory)
    batches = of_lines(batches_of(state, order_id), [line.id for line, _ in lines])
    reservations_by_part = _by_line_and_sku(to_reservations(order_id, batches))
    claims_by_part = _by_line_and_sku(inventory.claims_of(order_id))
    losses: list[Reservation] = []
    unneeded: list[Claim] = []
    for line, progress in lines:
        parts = dict(progress.parts)
        open_units = progress.open(line)
        packed = units_packed.get(line.id, _NONE_PACKED)
        for sku, each in components_of(state, line.sku) or ((line.sku, 1),):
            demand = max(0, open_units * each - parts.get(sku, 0))
            reservations = reservations_by_part.get((line.id, sku), [])
            missing = demand - sum([reservation.quantity for reservation in reservations])
            parts_packed = {location: units * each for location, units in packed.items()}
            losses += _last_units(inventory, reservations, -missing, parts_packed)
            claims = claims_by_part.get((line.id, sku), [])
            unneeded += _claims_beyond(inventory, claims, max(0, missing))
    if losses:  # of all lines at once: each change walks all that the order has
        inventory = inventory_of(with_given_up(state, losses))
    if unneeded:
        inventory = inventory.without_claims(unneeded)
    return inventory


def lines_in_excess(
    state: State,
    batches: Batches,
    open_units: Mapping[str, int],
    lines: Mapping[str, OrderLine],
    progress: Mapping[str, Progress],
) -> Collection[str]:
    """The lines that have more reserved than what is open of them.

    Args:
        state: the stock.
        batches: what is reserved for their order.
        open_units: what is open of the lines in question, by id.
        lines: the lines of the order, by id.
        progress: how far they have come, by line id.
    """
    batches = of_lines(batches, open_units)
    parts_by_line: dict[str, Parts] = {}
    for line_id in open_units:
        each = progress.get(line_id)
        if each is not None and each.parts:
            parts_by_line[line_id] = each.parts
    # Whatever a line is made of, each of its SKUs may have at least what is open, unless some have
    # left ahead of their kit: so it is after nearly all parcels.
    if not parts_by_line and are_within(batches, open_units):
        return ()
    units = units_by_line(batches, None)
    in_excess: list[str] = []
    for line_id, kits in open_units.items():
        sku_of_line, parts = lines[line_id].sku, dict(parts_by_line.get(line_id, ()))
        for sku, units_each in components_of(state, sku_of_line) or ((sku_of_line, 1),):
            if units.get((line_id, sku), 0) > max(0, kits * units_each - parts.get(sku, 0)):
                in_excess.append(line_id)
                break
    return in_excess


def _by_line_and_sku(rows: Iterable[_Row]) -> dict[tuple[str, str], list[_Row]]:
    """Reservations, or claims, of an order by line id and SKU, each in the sequence it has."""
    groups: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        groups.setdefault((row.line_id, row.sku), []).append(row)
    return groups


def with_freed(inventory: Inventory, order_id: str, units_by_part: Mapping[Part, int]) -> Inventory:
    """The stock in which an order has so many units less: all of them at once.

    Of several reservations that are meant, those go first that `with_released` would give up first.

    Args:
        inventory: the stock.
        order_id: whose units.
        units_by_part: how many, by line id, SKU and location id; no more than are reserved.
    """
    if not units_by_part:
        return inventory
    groups: dict[Part, list[Reservation]] = {part: [] for part in units_by_part}
    for each in inventory.reservations_of(order_id):
        group = groups.get((each.line_id, each.sku, each.location))
        if group is not None:
            group.append(each)
    losses: list[Reservation] = []
    for part, reservations in groups.items():
        losses += _last_units(inventory, reservations, units_by_part[part], _NONE_PACKED)
    return inventory_of(with_given_up(state_of(inventory), losses))


def _last_units(
    inventory: Inventory,
    reservations: Sequence[Reservation],
    units: int,
    units_packed: Mapping[str, int],
) -> list[Reservation]:
    """So many units of these reservations, or parts of them, as `with_released` gives them up.

    Those at the location that is asked last come first, and before them what no location packs. Of
    less than one unit, nothing.
    """
    if units < 1:
        return []
    if len(reservations) == 1:  # as nearly always
        (reservation,) = reservations
        return [altered(reservation, quantity=min(units, reservation.quantity))]
    turns = _first_freed(inventory, reservations, units_packed)
    unpacked = {location: -packed for location, packed in units_packed.items()}
    for each in turns:
        unpacked[each.location] = unpacked.get(each.location, 0) + each.quantity
    quantities = [0] * len(turns)
    for is_of_all in (False, True):
        for number, each in enumerate(turns):
            most = each.quantity - quantities[number]
            part = min(units, most if is_of_all else max(0, min(most, unpacked[each.location])))
            unpacked[each.location] -= part
            quantities[number] += part
            units -= part
    return [
        altered(each, quantity=quantities[number])
        for number, each in enumerate(turns)
        if quantities[number]
    ]


def _first_freed(
    inventory: Inventory, reservations: Sequence[Reservation], last_places: Container[str]
) -> Sequence[Reservation]:
    """The reservations of a line's SKU in the sequence in which they are freed."""
    lots = [(each.location, each.lot) for each in reservations]
    turns = lot_turns(state_of(inventory), reservations[0].sku, lots, None)
    places = {
        location: (location not in last_places, inventory.location(location).rank, location)
        for location in {location for location, _ in lots}
    }
    in_turn: list[tuple[tuple[bool, int, str], int, Age, int]] = []
    for index, each in enumerate(reservations):
        age = each.made_at or EARLIEST, each.expires_at or EARLIEST
        turn = turns.get(lots[index], 0)
        in_turn.append((places[each.location], turn, age, index))
    in_turn.sort(reverse=True)
    return [reservations[index] for _, _, _, index in in_turn]


def _claims_beyond(inventory: Inventory, claims: list[Claim], units: int) -> list[Claim]:
    """What a line has claimed of a SKU beyond so many units: parts of claims, the latest first.

    Args:
        inventory: the stock.
        claims: all that the line has claimed of the SKU.
        units: how many units the line still waits for.
    """
    if not claims:
        return []
    supply_ids = [supply.id for supply in inventory.supplies_of(claims[0].sku)]  # earliest first
    places = {supply_id: place for place, supply_id in enumerate(supply_ids)}
    claims.sort(key=lambda claim: places.get(claim.supply_id, len(places)))
    unneeded: list[Claim] = []
    for claim in claims:
        rest = claim.quantity - min(units, claim.quantity)
        units -= claim.quantity - rest
        if rest:
            unneeded.append(altered(claim, quantity=rest))
    return unneeded
