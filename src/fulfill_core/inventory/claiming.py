"""How claims change: they are made, given up, and continued from run to run.

All changes of claims end in `_with_rows`: an order has one row of a key, in a fixed sequence, and
each supply knows who has claimed of it, the oldest claim first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from fulfill_core import _checks
from fulfill_core.inventory.claims import (
    Claim,
    RowKey,
    aged,
    in_sequence,
    row_key,
    row_of,
    rows_of,
    supply_of,
)
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.state import AgedClaim, ClaimRow, State, evolved
from fulfill_core.inventory.storing.sequences import with_exchanged, with_rows_changed

ClaimsByOrder: TypeAlias = Mapping[str, Iterable[ClaimRow]]
"""What orders are to have claimed, by id."""
_Rows: TypeAlias = tuple[ClaimRow, ...]

_NOBODY = Overlay[str, tuple[AgedClaim, ...]]({})

# -- By hosts ----------------------------------------------------------------------------------


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
    return _with_more(state, _units_by_order(claims))


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
    return _with_more(state, _units_by_order([], members))


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
    if line_id is None:
        return with_claims_of_orders(state, {order_id: ()}) if rows else state
    of_line = _of_line(rows, line_id)
    less = {row_key(row): -row[3] for row in of_line}
    return _with_more(state, {order_id: less}) if of_line else state


def _of_line(rows: tuple[Any, ...], line_id: str) -> _Rows:
    """The rows of a line, which are stored beside each other."""
    first = bisect_left(rows, (line_id,))
    # No id comes between this one and the next.
    return rows[first : bisect_left(rows, (line_id + "\0",), first)]


def with_claims_changed(
    state: State, added: Iterable[Claim], removed: Iterable[Claim]
) -> tuple[State, Claim | None]:
    """The state with these claims more and those fewer; and one that goes and is not there."""
    rest: dict[tuple[str, RowKey], int] = {}
    removed = list(removed)
    for claim in removed:
        key = _key(claim)
        units = rest.get((claim.order_id, key))
        if units is None:
            of_line = _of_line(rows_of(state, claim.order_id), claim.line_id)
            units = sum([row[3] for row in of_line if row_key(row) == key])
        rest[claim.order_id, key] = units - claim.quantity
        if units < claim.quantity:
            return state, claim
    return _with_more(state, _units_by_order(added, removed)), None


def _units_by_order(
    added: Iterable[Claim], removed: Iterable[Claim] = ()
) -> dict[str, dict[RowKey, int]]:
    """How many units more orders claim, or fewer."""
    by_order: dict[str, dict[RowKey, int]] = {}
    for claims, sign in ((added, 1), (removed, -1)):
        for claim in claims:
            units, key = by_order.setdefault(claim.order_id, {}), _key(claim)
            units[key] = units.get(key, 0) + sign * claim.quantity
    return by_order


def _key(claim: Claim) -> RowKey:
    row = claim.line_id, claim.sku, claim.supply_id, claim.quantity, claim.made_at
    return row_key(row)


# -- By runs -----------------------------------------------------------------------------------


def with_claims_of_orders(state: State, by_order: ClaimsByOrder) -> State:
    """The state in which these orders have these claims instead of their own."""
    if not by_order:
        return state
    rows_by_order = {order_id: in_sequence(rows) for order_id, rows in by_order.items()}
    claims_gone: list[AgedClaim] = []
    claims_new: list[AgedClaim] = []
    for order_id, rows in rows_by_order.items():
        before, after = set(rows_of(state, order_id)), set(rows)
        claims_gone += [aged(order_id, row) for row in before - after]
        claims_new += [aged(order_id, row) for row in after - before]
    return _with_rows(state, rows_by_order, claims_gone, claims_new)


# -- The one place where claims change ---------------------------------------------------------


def _with_more(state: State, units_by_order: Mapping[str, Mapping[RowKey, int]]) -> State:
    """The state in which orders claim so many units more, or fewer: none less than nothing.

    An order may have claimed for thousands of lines; only the rows that change are looked for.
    """
    if not units_by_order:
        return state
    rows_by_order: dict[str, _Rows] = {}
    claims_gone: list[AgedClaim] = []
    claims_new: list[AgedClaim] = []
    for order_id, units in units_by_order.items():
        before = rows_of(state, order_id)
        changes = _RowChanges(units)
        rows_by_order[order_id] = with_rows_changed(before, units, row_key, changes) or ()
        claims_gone += [aged(order_id, row) for row in changes.rows_gone]
        claims_new += [aged(order_id, row) for row in changes.rows_new]
    return _with_rows(state, rows_by_order, claims_gone, claims_new)


class _RowChanges:
    """Changes rows of an order by so many units, and says which are gone and which are new."""

    __slots__ = ("rows_gone", "rows_new", "units")

    def __init__(self, units: Mapping[RowKey, int]) -> None:
        self.units = units
        self.rows_gone: list[ClaimRow] = []
        self.rows_new: list[ClaimRow] = []

    def __call__(self, key: RowKey, row: ClaimRow | None) -> ClaimRow | None:
        quantity = self.units[key]
        if row is not None:
            self.rows_gone.append(row)
            quantity += row[3]
        if quantity <= 0:
            return None
        self.rows_new.append(row_of(key, quantity))
        return self.rows_new[-1]


def _with_rows(
    state: State,
    rows_by_order: Mapping[str, _Rows],
    claims_gone: Iterable[AgedClaim],
    claims_new: Iterable[AgedClaim],
) -> State:
    """The state in which orders have these rows, of which some are new and others gone."""
    by_supply: dict[tuple[str, str], tuple[list[AgedClaim], list[AgedClaim]]] = {}
    for number, claims in enumerate((claims_gone, claims_new)):
        for claim in claims:
            by_supply.setdefault(supply_of(claim), ([], []))[number].append(claim)
    claims_on: dict[str, dict[str, tuple[AgedClaim, ...] | None]] = {}
    for (sku, supply_id), exchange in by_supply.items():
        before = (state.claims_on.get(sku) or _NOBODY).get(supply_id) or ()
        claims_on.setdefault(sku, {})[supply_id] = with_exchanged(before, *exchange) or None
    return evolved(
        state,
        claims=state.claims.with_changes(
            {order_id: rows or None for order_id, rows in rows_by_order.items()}
        ),
        claims_on=state.claims_on.with_changes(
            {
                sku: (state.claims_on.get(sku) or _NOBODY).with_changes(of_sku)
                for sku, of_sku in claims_on.items()
            }
        ),
    )


def no_claims() -> tuple[Overlay[str, _Rows], Overlay[str, Overlay[str, tuple[AgedClaim, ...]]]]:
    """The claims of an inventory without any: by order, and by SKU and supply."""
    return Overlay({}), Overlay({})
