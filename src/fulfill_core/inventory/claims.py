"""What orders have claimed of supplies: how the rows are read, and the one place where they change.

A claim is to a supply what a reservation is to units on hand. It counts as far as its supply goes:
where more is claimed than a supply brings, or the supply is gone or was bought for another order,
the claim that was made last gives way, then that of the higher order id. Nothing moves by itself:
the claim stays until a run with its order says so. This is the one module that reads the rows of
claims.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.inventory.availability import balances_of
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.state import (
    ClaimRow,
    State,
    due_until,
    evolved,
    supplies_of,
)
from fulfill_core.inventory.stock import Supply
from fulfill_core.orders.order import Order

ClaimsByOrder: TypeAlias = Mapping[str, Iterable[ClaimRow]]
"""What orders are to have claimed, by id."""
ClaimKey: TypeAlias = tuple[str, str, str, datetime | None]
"""Line id, SKU, supply id, when it was made: of one key an order has one claim."""

_TWO = 2
_PLACE = itemgetter(0, 1, 2)
"""Line id, SKU and supply id of a row."""
_EARLIEST = datetime.min.replace(tzinfo=UTC)


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

    __repr__ = _checks.repr_of_fields

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Claim.order_id", self.order_id)
        _checks.check_id("Claim.line_id", self.line_id)
        _checks.check_id("Claim.sku", self.sku)
        _checks.check_id("Claim.supply_id", self.supply_id)
        _checks.check_int("Claim.quantity", self.quantity, at_least=1)
        if self.made_at is not None:
            _checks.check_aware("Claim.made_at", self.made_at)
            _checks.set_field(self, "made_at", self.made_at.astimezone(UTC))


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
    closed = {location for location in state.limited if not state.locations[location].capacity}
    remaining: dict[str, int] = {}
    for supply in supplies:
        rest = _filled_up(state, supply, supply.quantity, balances, now)
        remaining[supply.id] = 0 if supply.location in closed else rest
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
    supply_by_id = {supply.id: supply for supply in supplies}
    counted: list[ClaimInForce] = []
    for order_id, (line_id, _, supply_id, quantity, made_at) in _on_sku(state, sku):
        units = 0
        supply = supply_by_id.get(supply_id)
        if supply is not None and supply.is_for(order_id):
            units = min(quantity, remaining[supply_id])
            remaining[supply_id] -= units
        counted.append(ClaimInForce(order_id, line_id, supply_id, units, quantity - units, made_at))
    return counted


def _on_sku(state: State, sku: str) -> list[tuple[str, ClaimRow]]:
    """The claims on supplies of a SKU, with their orders, the oldest first."""
    rows = [
        (order_id, row)
        for order_id in state.claimants.get(sku) or ()
        for row in state.claims.get(order_id) or ()
        if row[1] == sku
    ]
    return sorted(rows, key=lambda entry: (entry[1][4] or _EARLIEST, entry[0], _row_key(entry[1])))


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
    units: Counter[ClaimKey] = Counter()
    continuations: list[ClaimRow] = []
    # What stays on its supply first; then what moved to another, or to another line.
    for row in sorted(before, key=lambda row: row[4] or _EARLIEST):
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
    return _to_rows(units)


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
    made_at = claim.made_at or _EARLIEST
    return claim.order_id, claim.line_id, claim.sku, claim.supply_id, made_at, claim.quantity


def _row_key(row: ClaimRow) -> tuple[object, ...]:
    line_id, sku, supply_id, _, made_at = row
    return line_id, sku, supply_id, made_at or _EARLIEST


# -- Changes -----------------------------------------------------------------------------------


def with_claimed(state: State, *claims: Claim) -> State:
    """The inventory with these claims as well.

    It records what the host, or a run, decided; it does not ask whether the supply brings so many.
    What is beyond it gives way in the next run with its order.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Claim, Inventory, Supply
    >>> april = datetime(2026, 4, 1, tzinfo=timezone.utc)
    >>> two = Claim(order_id="A", line_id="1", sku="mug", supply_id="PO-1", quantity=2)
    >>> stock = Inventory(supplies=[Supply(id="PO-1", sku="mug", quantity=5, expected_at=april)])
    >>> [claim.quantity for claim in stock.with_claimed(two).claims_of("A")]
    [2]
    """
    _checks.check_members("claims", claims, Claim)
    return _with_units(state, claims)


def without_claims(state: State, claims: Iterable[Claim]) -> State:
    """The inventory without these claims, such as all that one run made.

    One that is not there (any more), or not as a whole, is given up as far as it is there; so twice
    is once.

    Raises:
        InvalidValueError: something else than claims; by position.

    >>> from fulfill_core import Claim, Inventory
    >>> two = Claim(order_id="A", line_id="1", sku="mug", supply_id="PO-1", quantity=2)
    >>> Inventory().with_claimed(two).without_claims([two]).claims_of("A")
    ()
    """
    members = _checks.to_tuple(claims)
    _checks.check_members("claims", members, Claim)
    unwanted: dict[str, Counter[ClaimKey]] = {}
    for claim in members:
        unwanted.setdefault(claim.order_id, Counter())[_key(claim)] += claim.quantity
    return with_claims_of_orders(
        state,
        {
            order_id: _to_rows(_units_by_key(rows_of(state, order_id)) - of_order)
            for order_id, of_order in unwanted.items()
        },
    )


def without_claims_of(state: State, order_id: str, *, line_id: str | None = None) -> State:
    """The inventory in which an order, or one of its lines, has claimed nothing. Twice is once.

    Args:
        state: the stock.
        order_id: whose claims.
        line_id: only of this line; None for all.

    >>> from fulfill_core import Claim, Inventory
    >>> two = Claim(order_id="A", line_id="1", sku="mug", supply_id="PO-1", quantity=2)
    >>> Inventory().with_claimed(two).without_claims_of("A").claims_of("A")
    ()
    """
    rows = rows_of(state, order_id)
    if not rows:
        return state
    rest = [row for row in rows if line_id not in (None, row[0])]
    return with_claims_of_orders(state, {order_id: rest})


def with_claims_changed(
    state: State, added: Iterable[Claim], removed: Iterable[Claim]
) -> tuple[State, Claim | None]:
    """The state with these claims more and those fewer; and one that goes and is not there."""
    by_order: dict[str, Counter[ClaimKey]] = {}
    for claim in removed:
        units = by_order.get(claim.order_id)
        if units is None:
            units = by_order[claim.order_id] = _units_by_key(rows_of(state, claim.order_id))
        key = _key(claim)
        if units[key] < claim.quantity:
            return state, claim
        units[key] -= claim.quantity
    rest = {order_id: _to_rows(units) for order_id, units in by_order.items()}
    return _with_units(with_claims_of_orders(state, rest), added), None


def _with_units(state: State, claims: Iterable[Claim]) -> State:
    by_order: dict[str, Counter[ClaimKey]] = {}
    for claim in claims:
        units = by_order.get(claim.order_id)
        if units is None:
            units = by_order[claim.order_id] = _units_by_key(rows_of(state, claim.order_id))
        units[_key(claim)] += claim.quantity
    return with_claims_of_orders(
        state, {order_id: _to_rows(units) for order_id, units in by_order.items()}
    )


def _key(claim: Claim) -> ClaimKey:
    return claim.line_id, claim.sku, claim.supply_id, claim.made_at


def _units_by_key(rows: Iterable[ClaimRow]) -> Counter[ClaimKey]:
    units: Counter[ClaimKey] = Counter()
    for line_id, sku, supply_id, quantity, made_at in rows:
        units[line_id, sku, supply_id, made_at] += quantity
    return units


def _to_rows(units: Mapping[ClaimKey, int]) -> tuple[ClaimRow, ...]:
    return tuple(
        [
            (line_id, sku, supply_id, quantity, made_at)
            for (line_id, sku, supply_id, made_at), quantity in units.items()
            if quantity > 0
        ]
    )


def with_claims_of_orders(state: State, by_order: ClaimsByOrder) -> State:
    """The state in which these orders have these claims instead of their own.

    All changes of claims pass through here: an order has one row of a key, in a fixed sequence, and
    who has claims on supplies of a SKU is known by the SKU.
    """
    if not by_order:
        return state
    claims = state.claims
    rows_before = claims.getter()
    rows_by_order = {order_id: _in_sequence(rows) for order_id, rows in by_order.items()}
    claimants: dict[str, set[str]] = {}
    for order_id, rows in rows_by_order.items():
        before, after = rows_before(order_id), skus_of(rows)
        for sku in skus_of(before) ^ after if before else after:
            orders = claimants.get(sku)
            if orders is None:
                orders = claimants[sku] = set(state.claimants.get(sku) or ())
            if sku in after:
                orders.add(order_id)
            else:
                orders.discard(order_id)
    return evolved(
        state,
        claims=claims.with_changes(
            {order_id: rows or None for order_id, rows in rows_by_order.items()}
        ),
        claimants=state.claimants.with_changes(
            {sku: tuple(sorted(orders)) or None for sku, orders in claimants.items()}
        ),
    )


def _in_sequence(rows: Iterable[ClaimRow]) -> tuple[ClaimRow, ...]:
    """The rows of an order as they are stored: one of each key, sorted."""
    each = tuple(rows)
    if len(each) < _TWO:
        return each
    in_order = sorted(each, key=_PLACE)
    if len(set(map(_PLACE, each))) == len(each):
        return tuple(in_order)
    return tuple(sorted(_to_rows(_units_by_key(each)), key=_row_key))


def no_claims() -> tuple[Overlay[str, tuple[ClaimRow, ...]], Overlay[str, tuple[str, ...]]]:
    """The claims of an inventory without any: by order, and who has some by SKU."""
    return Overlay({}), Overlay({})


# -- On arrival --------------------------------------------------------------------------------


def parts_due(state: State, sku: str, supply_id: str, units: int) -> tuple[Claim, ...]:
    """Who gets so many units of a supply that came in: parts of claims, the oldest first.

    A claim that is beyond what the supply brings gets nothing.
    """
    parts: list[Claim] = []
    for claim in units_of_supplies(state, sku).claims:
        quantity = min(units, claim.units) if claim.supply_id == supply_id else 0
        if quantity:
            units -= quantity
            row = claim.line_id, sku, supply_id, quantity, claim.made_at
            parts.append(_to_claim(claim.order_id, row))
    return tuple(parts)
