"""How claims change: they are made, given up, and continued from run to run.

All changes of claims end in `_with_rows`: an order has one row of a key, in a fixed sequence, and
each supply knows who has claimed of it, the oldest claim first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from fulfill_core import _checks
from fulfill_core.inventory.claims import EARLIEST, Claim, RowKey, aged, row_key, rows_of
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.state import AgedClaim, ClaimRow, State, evolved
from fulfill_core.inventory.storing.sequences import with_exchanged, with_rows_changed

ClaimsByOrder: TypeAlias = Mapping[str, Iterable[ClaimRow]]
"""What orders are to have claimed, by id."""
_Rows: TypeAlias = tuple[ClaimRow, ...]

_TWO = 2
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

    >>> from fulfill_core import Claim, Inventory
    >>> two = Claim(order_id="A", line_id="1", sku="mug", supply_id="PO-1", quantity=2)
    >>> Inventory().with_claimed(two).without_claims([two]).claims_of("A")
    ()
    """
    return _with_more(state, _units_by_order([], claims))


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
) -> dict[str, Counter[RowKey]]:
    """How many units more orders claim, or fewer."""
    by_order: dict[str, Counter[RowKey]] = {}
    for claims, sign in ((added, 1), (removed, -1)):
        for claim in claims:
            units = by_order.setdefault(claim.order_id, Counter())
            units[_key(claim)] += sign * claim.quantity
    return by_order


def _key(claim: Claim) -> RowKey:
    row = claim.line_id, claim.sku, claim.supply_id, claim.quantity, claim.made_at
    return row_key(row)


# -- By runs -----------------------------------------------------------------------------------


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


def with_claims_of_orders(state: State, by_order: ClaimsByOrder) -> State:
    """The state in which these orders have these claims instead of their own."""
    if not by_order:
        return state
    rows_by_order = {order_id: _in_sequence(rows) for order_id, rows in by_order.items()}
    gone: list[AgedClaim] = []
    new: list[AgedClaim] = []
    for order_id, rows in rows_by_order.items():
        before, after = set(rows_of(state, order_id)), set(rows)
        gone += [aged(order_id, row) for row in before - after]
        new += [aged(order_id, row) for row in after - before]
    return _with_rows(state, rows_by_order, gone, new)


# -- The one place where claims change ---------------------------------------------------------


def _with_more(state: State, units_by_order: Mapping[str, Mapping[RowKey, int]]) -> State:
    """The state in which orders claim so many units more, or fewer: none less than nothing.

    An order may have claimed for thousands of lines; only the rows that change are looked for.
    """
    rows_by_order: dict[str, _Rows] = {}
    gone: list[AgedClaim] = []
    new: list[AgedClaim] = []
    for order_id, units in units_by_order.items():
        before = rows_of(state, order_id)
        changes = _RowChanges(units)
        rows_by_order[order_id] = with_rows_changed(before, units, row_key, changes) or ()
        gone += [aged(order_id, row) for row in changes.gone]
        new += [aged(order_id, row) for row in changes.new]
    return _with_rows(state, rows_by_order, gone, new)


class _RowChanges:
    """Changes rows of an order by so many units, and says which are gone and which are new."""

    __slots__ = ("gone", "new", "units")

    def __init__(self, units: Mapping[RowKey, int]) -> None:
        self.units = units
        self.gone: list[ClaimRow] = []
        self.new: list[ClaimRow] = []

    def __call__(self, key: RowKey, row: ClaimRow | None) -> ClaimRow | None:
        quantity = self.units[key]
        if row is not None:
            self.gone.append(row)
            quantity += row[3]
        if quantity <= 0:
            return None
        self.new.append(_row(key, quantity))
        return self.new[-1]


def _with_rows(
    state: State,
    rows_by_order: Mapping[str, _Rows],
    gone: Iterable[AgedClaim],
    new: Iterable[AgedClaim],
) -> State:
    """The state in which orders have these rows, of which some are new and others gone."""
    by_supply: dict[tuple[str, str], tuple[list[AgedClaim], list[AgedClaim]]] = {}
    for number, claims in enumerate((gone, new)):
        for claim in claims:
            _, sku, supply_id, _, _ = claim[-1]
            by_supply.setdefault((sku, supply_id), ([], []))[number].append(claim)
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


def _in_sequence(rows: Iterable[ClaimRow]) -> _Rows:
    """The rows of an order as they are stored: one of each key, sorted."""
    each = tuple(rows)
    if len(each) < _TWO:
        return each
    units: Counter[RowKey] = Counter()
    for row in each:
        units[row_key(row)] += row[3]
    return tuple([_row(key, units[key]) for key in sorted(units)])


def _row(key: RowKey, quantity: int) -> ClaimRow:
    line_id, sku, supply_id, made_at, is_known = key
    return line_id, sku, supply_id, quantity, made_at if is_known else None


def no_claims() -> tuple[Overlay[str, _Rows], Overlay[str, Overlay[str, tuple[AgedClaim, ...]]]]:
    """The claims of an inventory without any: by order, and by SKU and supply."""
    return Overlay({}), Overlay({})
