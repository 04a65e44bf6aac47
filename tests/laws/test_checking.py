"""Law 22: what a shop asks before the customer pays is what a run says, for everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, order
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    DEFAULT_SOURCING,
    Claim,
    Decision,
    Facts,
    Inventory,
    Item,
    OrderLine,
    OrderRecord,
    Ship,
    Stock,
    Supply,
    lacking,
    offers,
    process,
)
from fulfill_core.exceptions import PluginError
from fulfill_core.priorities import oldest_first
from fulfill_core.sourcing import only_where
from fulfill_core.testing import Batch, batches

from .runs import Policies, Process, holds, same, stock_policies

_ANY_TIME = timedelta(days=36_500)
_MOST = 12


def alone(run: Process, record: OrderRecord, batch: Batch, rules: Policies, **options: Any) -> Any:
    """A run with one order, which nobody verifies, as if it were due."""
    options = {"now": batch.now, "facts": batch.facts, "sourcing": rules.sourcing, **options}
    result = run([record], verifiers=(), reservation_window=_ANY_TIME, **options)
    return result[record.id]


def is_served(decision: Decision) -> bool:
    """Whether it gets all that is open of it."""
    return not decision.backorders and not decision.shorts


def law_22_check_is_allocate_for_everybody(
    run: Process, batch: Batch, rules: Policies, which: int
) -> None:
    """After a run, for one of its records, with its sourcing: nothing is lacking of an order
    exactly when it alone is given everything; what is offered at once it is given, and what is
    offered in all it may wait for; a unit more than that it is refused.
    """
    first = process(
        batch.orders,
        batch.inventory,
        now=batch.now,
        facts=batch.facts,
        verifiers=rules.verifiers,
        priority=rules.priority,
        sourcing=rules.sourcing,
    )
    stock = first.inventory
    options: dict[str, Any] = {
        "now": batch.now,
        "sourcing": rules.sourcing,
        "facts": batch.facts,
    }
    if not first.records:
        return
    # What people said of it is not asked for here.
    record = attrs.evolve(
        first.records[which % len(first.records)], approvals=(), rejections=(), holds=()
    )
    shortage = lacking(record, stock, **options)
    decision = alone(run, record, batch, rules, inventory=stock)
    same(f"{record.id}: nothing of {shortage} is lacking", not shortage, is_served(decision))
    holds("only what is there is lacking", true=all(units > 0 for units in shortage.values()))
    if decision.unusable:
        return  # those units are short, however many are asked for
    made = offers(record, stock, at_most=_MOST, **options)
    for line, offer in zip(record.order.lines, made, strict=True):
        of_line(run, record, line, offer.at_once, offer.quantity, batch, rules, stock)


def of_line(
    run: Process,
    record: OrderRecord,
    line: OrderLine,
    at_once: int,
    in_all: int,
    batch: Batch,
    rules: Policies,
    stock: Inventory,
) -> None:
    """So many units of a line it gets at once, so many at all, and no more."""
    holds(f"{at_once} <= {in_all} <= {_MOST}", true=0 <= at_once <= in_all <= _MOST)

    def asked(units: int) -> Decision:
        single = attrs.evolve(line, quantity=units // line.units_each)
        order = attrs.evolve(record.order, lines=[single], ship=Ship.PARTIAL)
        progress = [each for each in record.progress if each.line_id == line.id]
        some = attrs.evolve(record, order=order, progress=progress)
        return alone(run, some, batch, rules, inventory=stock)  # type: ignore[no-any-return]

    if (at_once % line.units_each, in_all % line.units_each) != (0, 0):
        return  # a pack was begun: what is reserved of it counts, and can't be asked for alone
    if at_once:
        status = asked(at_once).lines[0]
        same("given at once", at_once, status.reserved + status.allocated + status.untracked)
    if in_all:
        same("short of what was offered", 0, asked(in_all).lines[0].short)
    is_in_packs = line.units_each > 1 or stock.item(line.sku).packs
    if in_all < _MOST and not is_in_packs:
        holds("a unit more is refused", true=asked(in_all + 1).lines[0].short > 0)


CASES = (batches(), stock_policies(), st.integers(0, 9))


@FEWER
@given(*CASES)
def test_law_22_check_is_allocate_for_everybody(batch: Batch, rules: Policies, which: int) -> None:
    """`lacking` and `offers` take the run's sourcing, fences, caps, claims and waiting into
    account: they say what the run says.
    """
    law_22_check_is_allocate_for_everybody(process, batch, rules, which)


def asks_everywhere(*words: Any, **options: Any) -> Any:
    """A run that serves from places which the sourcing leaves out."""
    return process(*words, **{**options, "sourcing": DEFAULT_SOURCING})


def forgets_claims(records: Any, inventory: Inventory, **options: Any) -> Any:
    """A run that knows nothing of what is claimed of supplies."""
    return process(records, inventory.without_claims(tuple(inventory.claims())), **options)


@pytest.mark.parametrize("mutant", [asks_everywhere, forgets_claims])
def test_law_22_bites(mutant: Process) -> None:
    """A run that goes by other rules than the check is found."""
    with pytest.raises((AssertionError, PluginError)):
        _promise_what_is_claimed_or_shut(mutant)


def _promise_what_is_claimed_or_shut(run: Process) -> None:
    """Two mugs come and are claimed by an order of another run; A-1 waits for a mug. One more is at
    a place that the policy leaves out.
    """
    supply = Supply(id="PO-1", sku="mug", quantity=2, expected_at=NOW + timedelta(days=1))
    stock = Inventory(
        [Stock(sku="mug", location="lyon", on_hand=1)],
        [supply],
        [Item(sku="mug", backorderable=True, backorder_cap=0)],
        claims=[Claim(order_id="Z", line_id="1", sku="mug", supply_id="PO-1", quantity=2)],
    )
    batch = Batch(orders=(order("A-1", 1),), inventory=stock, facts=Facts(), now=NOW)
    berlin = only_where(lambda place, _, /: place.id == "berlin")
    law_22_check_is_allocate_for_everybody(run, batch, Policies((), oldest_first, berlin), 0)


def test_law_22_lets_the_library_pass() -> None:
    """In the world that finds those runs, the library's own is right."""
    _promise_what_is_claimed_or_shut(process)
