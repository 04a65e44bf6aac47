"""What orders have claimed of supplies, and what of it counts.

A claim is to a supply what a reservation is to units on hand. It counts as far as its supply goes:
where more is claimed than a supply brings, or the supply is gone or was bought for another order,
the claim that was made last gives way, then that of the higher order id. Nothing moves by itself:
the claim stays until a run with its order says so. The rows of claims are read here, and changed in
`claiming`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.inventory.availability import balances_of
from fulfill_core.inventory.state import AgedClaim, ClaimRow, State, due_until, supplies_of
from fulfill_core.inventory.stock import EARLIEST, Supply
from fulfill_core.orders.order import Order

RowKey: TypeAlias = tuple[str, str, str, datetime, bool]
"""Line id, SKU, supply id, when it was made, and whether that is known."""

_TWO = 2


@attrs.frozen(kw_only=True, weakref_slot=False)
class Claim:
    """A part of a supply that is pegged to an order line, and kept for it between runs.

    It is to a supply what a `Reservation` is to units on hand. When the supply comes in, what was
    claimed of it is reserved.

    Args:
        order_id: for whom.
        line_id: for which of the order's lines.
        sku: what; of a kit, one of its components.
        supply_id: of which supply.
        quantity: how many stock units, 1 or more.
        made_at: when it was made, aware, kept in UTC; None if that is not known, which counts as
            earlier than any. Where a supply brings less than is claimed, the latest gives way.

    >>> Claim(order_id="A-1", line_id="1", sku="mug", supply_id="PO-1", quantity=2).quantity
    2
    """

    order_id: str
    line_id: str
    sku: str
    supply_id: str
    quantity: int
    made_at: datetime | None = None

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Claim.order_id", self.order_id)
        _checks.check_id("Claim.line_id", self.line_id)
        _checks.check_id("Claim.sku", self.sku)
        _checks.check_id("Claim.supply_id", self.supply_id)
        _checks.check_int("Claim.quantity", self.quantity, at_least=1)
        if self.made_at is not None:
            _checks.keep_in_utc(self, "made_at")


# -- Questions ---------------------------------------------------------------------------------


def claims_of(state: State, order_id: str) -> tuple[Claim, ...]:
    """What the order has claimed of supplies.

    >>> from fulfill_core import Inventory
    >>> Inventory().claims_of("A-1")
    ()
    """
    return tuple([_to_claim(order_id, row) for row in state.claims.get(order_id) or ()])


def claims(state: State) -> Iterator[Claim]:
    """Every claim, by order: this walks all of them.

    >>> from fulfill_core import Inventory
    >>> list(Inventory().claims())
    []
    """
    for order_id, rows in sorted(state.claims.items(), key=lambda pair: pair[0]):
        yield from [_to_claim(order_id, row) for row in rows]


def claimed(state: State, sku: str, supply_id: str | None = None) -> int:
    """Units of *sku* that are claimed, of one supply or of all: the sum of the claims in force.

    Args:
        state: the stock.
        sku: the stock keeping unit.
        supply_id: one supply's id; None for the sum over all.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Claim, Inventory, Supply
    >>> april = datetime(2026, 4, 1, tzinfo=timezone.utc)
    >>> two = Claim(order_id="A", line_id="1", sku="mug", supply_id="PO-1", quantity=2)
    >>> stock = Inventory(supplies=[Supply(id="PO-1", sku="mug", quantity=5, expected_at=april)])
    >>> stock.with_claimed(two).claimed("mug")
    2
    """
    return sum(
        [
            claim.units
            for claim in units_of_supplies(state, sku).claims
            if supply_id in (None, claim.supply_id)
        ]
    )


class ClaimInForce(NamedTuple):
    """A claim as it counts.

    Args:
        order_id: whose.
        line_id: of which line.
        supply_id: on which supply.
        units: so many units of it count.
        beyond: so many do not: they are beyond what the supply brings for it.
        made_at: when it was made.
    """

    order_id: str
    line_id: str
    supply_id: str
    units: int
    beyond: int
    made_at: datetime | None


class UnitsOfSupplies(NamedTuple):
    """What supplies of a SKU bring for orders that wait, the earliest supply first.

    Args:
        claims: the claims on them, the oldest first, and how many units of each count.
        free: what each supply brings beyond them.
    """

    claims: list[ClaimInForce]
    free: list[int]


def units_of_supplies(state: State, sku: str, now: datetime | None = None) -> UnitsOfSupplies:
    """Who has claimed what supplies bring, and how much more they bring for orders that wait.

    What is missing where a supply comes in is filled up first: safety stock, and units that are
    reserved and not there. Lots that are locked up fill up nothing. Then come the claims, and then
    what is missing as lots have ended by then: that may be since orders took what lasts longer, and
    what was sold is not taken back for that. A supply that says no place fills up all of them. What
    is overdue comes nobody knows when: those after it fill up the same once more. One that comes to
    a place which takes on no orders serves nobody.

    Args:
        state: the stock.
        sku: the stock keeping unit.
        now: reservations that have expired by then do not count; None counts them all.
    """
    supplies = supplies_of(state, sku)
    balances, ends = balances_of(state, sku, now) if supplies else ({}, [])
    remaining = {supply.id: units for supply, units in _brought(state, supplies, balances, now)}
    claims_counted = _in_force(state, sku, supplies, remaining)
    # What is missing still was missing before: whoever could fill that up has.
    balances = {location: max(0, units) for location, units in balances.items()}
    lots_ended = 0
    for supply in supplies:
        due = due_until(state, supply)
        while lots_ended < len(ends) and ends[lots_ended][0] <= due:
            _, location, units_of_lot = ends[lots_ended]
            balances[location] -= units_of_lot
            lots_ended += 1
        remaining[supply.id] = _filled_up(state, supply, remaining[supply.id], balances, now)
    return UnitsOfSupplies(claims_counted, list(remaining.values()))


def _brought(
    state: State, supplies: Iterable[Supply], balances: dict[str, int], now: datetime | None
) -> Iterator[tuple[Supply, int]]:
    """What each supply brings for orders once what is missing is filled up, the earliest first."""
    closed = {location for location in state.limited if not state.locations[location].capacity}
    for supply in supplies:
        rest = _filled_up(state, supply, supply.quantity, balances, now)
        yield supply, 0 if supply.location in closed else rest


def _filled_up(
    state: State, supply: Supply, units: int, balances: dict[str, int], now: datetime | None
) -> int:
    """What is left of units of a supply once what is missing where it comes in is filled up."""
    is_overdue = now is not None and due_until(state, supply) < now
    for location in (supply.location,) if supply.location else tuple(balances):
        part = min(units, max(0, -balances.get(location, 0)))
        units -= part
        if part and not is_overdue:
            balances[location] += part
    return units


def _in_force(
    state: State, sku: str, supplies: Iterable[Supply], remaining: dict[str, int]
) -> list[ClaimInForce]:
    """The claims on supplies, the oldest first: each takes what it can of what remains of them."""
    by_supply = state.claims_on.get(sku)
    if by_supply is None:
        return []
    supply_by_id = {supply.id: supply for supply in supplies}
    counted: list[tuple[AgedClaim, ClaimInForce]] = []
    for supply_id, claims_on_it in by_supply.items():
        supply = supply_by_id.get(supply_id)
        units = remaining.get(supply_id, 0)
        in_force = list(_in_force_on(supply, claims_on_it, units))
        if supply is not None:
            remaining[supply_id] -= sum([claim.units for claim in in_force])
        counted += zip(claims_on_it, in_force, strict=True)
    return [claim for _, claim in sorted(counted)]


def _in_force_on(
    supply: Supply | None, claims_on_it: Iterable[AgedClaim], units: int
) -> Iterator[ClaimInForce]:
    """The claims on one supply of which so many units remain, the oldest first."""
    for _, order_id, *_, (line_id, _, supply_id, quantity, made_at) in claims_on_it:
        part = min(quantity, units) if supply is not None and supply.is_for(order_id) else 0
        units -= part
        yield ClaimInForce(order_id, line_id, supply_id, part, quantity - part, made_at)


def rows_of(state: State, order_id: str) -> tuple[ClaimRow, ...]:
    """What the order has claimed, as it is stored."""
    return state.claims.get(order_id) or ()


def ranks_of_claimants(state: State, queue: Iterable[Order]) -> dict[str, int]:
    """Those of the orders that have claims, with their places in the queue."""
    rows = state.claims
    if not rows.base and not rows.delta:
        return {}
    get = rows.getter()
    return {order.id: rank for rank, order in enumerate(queue) if get(order.id) is not None}


def claims_from(pegs: Sequence[ClaimRow], before: Sequence[ClaimRow]) -> Iterable[ClaimRow]:
    """The claims that these pegs come to: they are as old as the claims that they continue.

    Args:
        pegs: what is pegged for the order now, at most once for a line, SKU and supply.
        before: what the order had claimed.
    """
    if not before or not pegs:
        return pegs
    now = pegs[0][4]
    remaining = Counter(
        {(line_id, sku, supply_id): units for line_id, sku, supply_id, units, _ in pegs}
    )
    units: Counter[tuple[str, str, str, datetime | None]] = Counter()
    continuations: list[ClaimRow] = []
    # What stays on its supply first; then what moved to another, or to another line.
    for row in sorted(before, key=lambda row: row[4] or EARLIEST):
        line_id, sku, supply_id, quantity, made_at = row
        stays = min(quantity, remaining[line_id, sku, supply_id])
        remaining[line_id, sku, supply_id] -= stays
        units[line_id, sku, supply_id, made_at] += stays
        if quantity > stays:
            continuations.append((line_id, sku, supply_id, quantity - stays, made_at))
    for key, pegged in sorted(remaining.items()):
        rest = pegged
        for index, (line_id, sku, supply_id, quantity, made_at) in enumerate(continuations):
            part = min(rest, quantity) if sku == key[1] else 0
            rest -= part
            units[(*key, made_at)] += part
            continuations[index] = (line_id, sku, supply_id, quantity - part, made_at)
        units[(*key, now)] += rest
    return [(*key[:3], quantity, key[3]) for key, quantity in units.items() if quantity]


def added_up(claims: Iterable[ClaimRow]) -> tuple[ClaimRow, ...]:
    """The claims of one order, each line, SKU and supply once."""
    units: Counter[tuple[str, str, str, datetime | None]] = Counter()
    for line_id, sku, supply_id, quantity, made_at in claims:
        units[line_id, sku, supply_id, made_at] += quantity
    return tuple([(*key[:3], quantity, key[3]) for key, quantity in units.items()])


def skus_of(rows: Iterable[ClaimRow]) -> set[str]:
    """The SKUs that these claims are for."""
    return {sku for _, sku, _, _, _ in rows}


def _to_claim(order_id: str, row: ClaimRow) -> Claim:
    line_id, sku, supply_id, quantity, made_at = row
    return Claim(
        order_id=order_id,
        line_id=line_id,
        sku=sku,
        supply_id=supply_id,
        quantity=quantity,
        made_at=made_at,
    )


def key_of_claim(claim: Claim) -> tuple[object, ...]:
    """A sort key for claims."""
    made_at = claim.made_at or EARLIEST
    return claim.order_id, claim.line_id, claim.sku, claim.supply_id, made_at, claim.quantity


def row_key(row: ClaimRow) -> RowKey:
    """By what the row of a claim is found among those of its order: of one key there is one."""
    line_id, sku, supply_id, _, made_at = row
    return line_id, sku, supply_id, made_at or EARLIEST, made_at is not None


def in_sequence(rows: Iterable[ClaimRow]) -> tuple[ClaimRow, ...]:
    """The rows of an order as they are stored: one of each key, sorted."""
    each = tuple(rows)
    if len(each) < _TWO:
        return each
    units: Counter[RowKey] = Counter()
    for row in each:
        units[row_key(row)] += row[3]
    return tuple([row_of(key, units[key]) for key in sorted(units)])


def row_of(key: RowKey, quantity: int) -> ClaimRow:
    """The row of a key with so many units."""
    line_id, sku, supply_id, made_at, is_known = key
    return line_id, sku, supply_id, quantity, made_at if is_known else None


def aged(order_id: str, row: ClaimRow) -> AgedClaim:
    """The claim as it is kept by its supply: the oldest first, then that of the lower order id."""
    line_id, _, supply_id, _, made_at = row
    return made_at or EARLIEST, order_id, line_id, supply_id, made_at is not None, row


def supply_of(claim: AgedClaim) -> tuple[str, str]:
    """What a claim is on: a SKU, and the id of its supply."""
    *_, (_, sku, supply_id, _, _) = claim
    return sku, supply_id


# -- On arrival --------------------------------------------------------------------------------


def is_claimed(state: State, sku: str, supply_id: str) -> bool:
    """Whether somebody has claimed units of a supply."""
    by_supply = state.claims_on.get(sku)
    return by_supply is not None and by_supply.get(supply_id) is not None


def parts_due(state: State, sku: str, supply_id: str, units: int) -> tuple[Claim, ...]:
    """Who gets so many units of a supply that came in: parts of claims, the oldest first.

    A claim that is beyond what the supply brings gets nothing. No other claims are looked at, nor
    those for which nothing is left: a supply may come in unit by unit, for thousands.
    """
    by_supply = state.claims_on.get(sku)
    claims_on_it = () if by_supply is None else by_supply.get(supply_id) or ()
    balances, _ = balances_of(state, sku, None)
    brought = _brought(state, supplies_of(state, sku), balances, None)
    supply, most = next(pair for pair in brought if pair[0].id == supply_id)
    parts: list[Claim] = []
    for claim in _in_force_on(supply, claims_on_it, most):
        quantity = min(units, claim.units)
        if quantity:
            units -= quantity
            row = claim.line_id, sku, supply_id, quantity, claim.made_at
            parts.append(_to_claim(claim.order_id, row))
        if not units:
            break
    return tuple(parts)
