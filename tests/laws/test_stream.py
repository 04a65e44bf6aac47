"""Laws of a shop over many runs: what was shipped, stopped and told is known the next time.

Each world is a stream of what happens (see `stream`), with an account of it kept by hand.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from fulfill_core import Changes, Inventory, OrderRecord, Result
from fulfill_core.pipeline import Messages

from .stream import process, stream

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "default")
WORLDS = range(4 if PROFILE == "default" else 100)
PER_WORLD = 26
STEPS = 25


def many_runs(first: int, process: Any, worlds: int = 1) -> int:
    """How many runs some worlds come to."""
    seeds = range(first, first + worlds * PER_WORLD)
    return sum(stream(process, seed, STEPS) for seed in seeds)


@pytest.mark.parametrize("world", WORLDS)
def test_a_shop_over_many_runs(world: int) -> None:
    """Laws 15, 16 and 18 to 20, and those of a batch for orders that have lived: no unit is served
    twice, nothing is lost, no place takes on more orders in a day than it can, what differs is told
    each time that it differs, and nothing else is.
    """
    assert many_runs(world * PER_WORLD, process) > PER_WORLD * STEPS / 2


# -- Laws bite -------------------------------------------------------------------------------------


def forgets_what_has_left(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """Progress is not known: what has left is served again."""
    return process([attrs.evolve(each, progress=()) for each in records], stock, **rules)


def forgets_what_was_cancelled(
    records: Iterable[OrderRecord], stock: Inventory, **rules: Any
) -> Result:
    """Units that nobody wants any more are served."""
    kept = [
        attrs.evolve(
            each, progress=[attrs.evolve(progress, cancelled=0) for progress in each.progress]
        )
        for each in records
    ]
    return process(kept, stock, **rules)


def sends_nothing_again(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """What goes again after it was lost is not served."""
    kept = [
        attrs.evolve(
            each, progress=[attrs.evolve(progress, reopened=0) for progress in each.progress]
        )
        for each in records
    ]
    return process(kept, stock, **rules)


def forgets_who_left_today(
    records: Iterable[OrderRecord], stock: Inventory, **rules: Any
) -> Result:
    """Where an order has left, another one is taken on in its place."""
    gone = Changes(intakes_removed=tuple(stock.intakes()))
    return process(records, stock.with_changes(gone), **rules)


def forgets_what_was_told(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """Everything is told in each run."""
    return process([attrs.evolve(each, told=()) for each in records], stock, **rules)


def with_notifications(result: Result, keep: Any) -> Result:
    """The result with some of its messages, or with others."""
    messages = Messages.of(keep(result.notifications), result.messages.by_order)
    return attrs.evolve(result, messages=messages)


def tells_each_kind_once(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """A message of a kind that this customer has had is not sent: A, B, A are two."""
    batch = list(records)
    had = {
        (each.id, message_id.split(":")[1])
        for each in batch
        for told in each.told
        for _, message_id in told.contents
    }
    # Also what was told before the last: the ids have no end.
    result = process(batch, stock, **rules)
    return with_notifications(
        result, lambda messages: [m for m in messages if (m.order_id, str(m.kind)) not in had]
    )


def numbers_news_by_content(
    records: Iterable[OrderRecord], stock: Inventory, **rules: Any
) -> Result:
    """Ids don't know what came before: who keeps them drops the second A of A, B, A."""
    result = process(records, stock, **rules)
    return with_notifications(
        result, lambda messages: [attrs.evolve(m, previous_id="") for m in messages]
    )


def tells_only_the_first_change(
    records: Iterable[OrderRecord], stock: Inventory, **rules: Any
) -> Result:
    """Who was told something is told nothing else."""
    batch = list(records)
    known = {each.id for each in batch if each.told}
    result = process(batch, stock, **rules)
    return with_notifications(
        result, lambda messages: [m for m in messages if m.order_id not in known]
    )


def lets_all_pass(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """Who let one version of an order pass lets all of them pass."""
    lenient = [
        attrs.evolve(
            each,
            approvals=[
                attrs.evolve(approval, fingerprint=each.order.fingerprint, any_later=["shop.large"])
                for approval in each.approvals
            ],
        )
        for each in records
    ]
    return process(lenient, stock, **rules)


def takes_claims_of_others(
    records: Iterable[OrderRecord], stock: Inventory, **rules: Any
) -> Result:
    """What orders that are not in the run wait for is promised once more."""
    batch = list(records)
    ids = {each.id for each in batch}
    others = [claim for claim in stock.claims() if claim.order_id not in ids]
    result = process(batch, stock.without_claims(others), **rules)
    after = result.inventory.with_claimed(*others)
    return attrs.evolve(result, before=stock, inventory=after)


def does_not_see_locks(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """A lot that was recalled is confirmed all the same."""
    unlocked = stock
    for place, lots in stock.lots_of("tea").items():
        for lot in lots:
            unlocked = unlocked.with_quarantined("tea", place, lot.id, quarantined=False)
    result = process(records, unlocked, **rules)
    after = stock.with_changes(result.changes)
    return attrs.evolve(result, before=stock, inventory=after)


@pytest.mark.parametrize(
    ("mutant", "first"),
    [
        (forgets_what_has_left, 0),
        (forgets_what_was_cancelled, 0),
        (sends_nothing_again, 16),
        (forgets_who_left_today, 2),
        (forgets_what_was_told, 0),
        (tells_each_kind_once, 0),
        (numbers_news_by_content, 1),
        (tells_only_the_first_change, 0),
        (lets_all_pass, 10),
        (takes_claims_of_others, 5),
        (does_not_see_locks, 0),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_run_that_forgets_is_caught(mutant: Any, first: int) -> None:
    """Each of these breaks a law in one of the first worlds; those before that one are left out."""
    with pytest.raises(AssertionError):
        many_runs(first, mutant, worlds=4)
