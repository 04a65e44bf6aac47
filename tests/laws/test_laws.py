"""The laws of the library, held to `process` on random orders, stock and policies.

What each law looks at is in `one_run`, `several_runs`, `people` and `ruled`; the numbers are those
of the design.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import process

from . import laws, people, ruled, runs


def cases(law: runs.Law) -> st.SearchStrategy[tuple[Any, ...]]:
    """What the law is to be fed with."""
    return st.tuples(*{**laws.CASES, **people.CASES, **ruled.CASES}[law])


@given(cases(laws.law_01_totality))
def test_law_01_totality(case: tuple[Any, ...]) -> None:
    """Every distinct order id gets exactly one decision; nothing is lost, nothing invented. An
    exact repeat of an order is one order. Two different orders under one id are both held, never
    guessed between.
    """
    laws.law_01_totality(process, *case)


@given(cases(laws.law_02_line_conservation))
def test_law_02_line_conservation(case: tuple[Any, ...]) -> None:
    """For every line of an accepted order: allocated + already reserved + backordered + short + on
    hold = ordered. A line that asks for kits counts kits, and takes the components of whole ones.

    That is, of an order that is in the queue: one that is not due yet waits whole. A line that is
    not tracked needs no stock; all of it counts as untracked. Of a line that waits for a person
    while others go on, all that is not reserved already is on hold.
    """
    laws.law_02_line_conservation(process, *case)


@given(cases(laws.law_03_no_oversell))
def test_law_03_no_oversell(case: tuple[Any, ...]) -> None:
    """At every location and lot: reserved <= on hand - safety, for all that this run reserved; and
    a supply is never pegged beyond its quantity. One that is overdue gives nobody a date.
    """
    laws.law_03_no_oversell(process, *case)


@given(cases(ruled.law_03_within_the_rules))
def test_law_03_within_the_rules(case: tuple[Any, ...]) -> None:
    """In its turn, no order takes what others have fenced off, nor more than its customer may have,
    nor part of a pack; no location takes on more orders a day than it can; no lot is taken that is
    locked up or too old at the customer's, nor one while another that leaves before it has units
    left; and no more units wait than may.
    """
    ruled.law_03_within_the_rules(process, *case)


@given(cases(laws.law_04_single_truth))
def test_law_04_single_truth(case: tuple[Any, ...]) -> None:
    """After = before + allocations, for every SKU and location; reserved equals the sum of the
    reservations, always.
    """
    laws.law_04_single_truth(process, *case)


@given(cases(laws.law_05_check_is_allocate))
def test_law_05_check_is_allocate(case: tuple[Any, ...]) -> None:
    """Nothing is lacking exactly when allocating an order alone leaves nothing short. So it is when
    `available` says that it is covered, unless units of it leave in whole packs.

    What the order holds already counts for it; lines that are not tracked need nothing, and lines
    that wait for a person nothing yet.
    """
    laws.law_05_check_is_allocate(process, *case)


@given(cases(laws.law_06_determinism))
def test_law_06_determinism(case: tuple[Any, ...]) -> None:
    """Same input, same output; the order in which orders, lines, stock rows or locations are passed
    changes nothing; so does splitting a line in two of the same SKU, as to how many units the
    order gets.

    Splitting is for orders that ship PARTIAL or COMPLETE: with LINES the line is the unit of
    shipment, so there it does make a difference, and so with kits that leave together. A line of
    packs is split between two packs. An order that is split is another version, and a line with
    another id another line: what people said of them before is of the order as it was.
    """
    laws.law_06_determinism(process, *case)


@given(cases(laws.law_07_nobody_is_hurt_from_behind))
def test_law_07_nobody_is_hurt_from_behind(case: tuple[Any, ...]) -> None:
    """An order's decision depends only on orders ranked before it: adding or removing orders that
    rank after it, or that are held or rejected, leaves it as it was.

    Not so the date of an order, or a kit, that waits for all of its parts while others take those
    that are there.
    """
    laws.law_07_nobody_is_hurt_from_behind(process, *case)


@given(cases(laws.law_08_idempotence))
def test_law_08_idempotence(case: tuple[Any, ...]) -> None:
    """Processing a result again (same orders, its inventory, same now) allocates nothing new and
    yields the same notification ids.
    """
    laws.law_08_idempotence(process, *case)


@given(cases(laws.law_09_shards))
def test_law_09_shards(case: tuple[Any, ...]) -> None:
    """Orders that share no SKU and no supply, nor the capacity of a location, can be processed
    apart: the union of the results is the result of the union.
    """
    laws.law_09_shards(process, *case)


@given(cases(laws.law_10_severity_only_grows))
def test_law_10_severity_only_grows(case: tuple[Any, ...]) -> None:
    """Adding a verifier never makes a verdict milder; a verifier that lacks its fact holds, it
    never passes silently.

    So it is with `all_of`, `only_if`, `unless` and `asked_last` around it; `downgrade` makes no
    exception unless the code is named. What the others find is still found, but for verifiers that
    are asked last: where the order is now rejected without them, it says that they were skipped.
    """
    laws.law_10_severity_only_grows(process, *case)


@given(cases(laws.law_11_inverse))
def test_law_11_inverse(case: tuple[Any, ...]) -> None:
    """Releasing what a run reserved restores the inventory it started from, exactly, and twice is
    once.
    """
    laws.law_11_inverse(process, *case)


@given(cases(ruled.law_12_time))
def test_law_12_time(case: tuple[Any, ...]) -> None:
    """A reservation is active on [made, expires); moving `now` past it frees exactly its units,
    with no job having run. So it is with lots that become too old, and with fences that fall.
    """
    ruled.law_12_time(process, *case)


@given(cases(laws.law_13_messages))
def test_law_13_messages(case: tuple[Any, ...]) -> None:
    """A message is a function of the decision and the order's own locale and recipient; its id is
    the same for the same news and new for new news.
    """
    laws.law_13_messages(process, *case)


@given(cases(laws.ship_modes))
def test_ship_modes(case: tuple[Any, ...]) -> None:
    """LINES ships each line whole, COMPLETE all together, and a pack is never broken; the kits of a
    line leave together if the item says so. An order that
    ships COMPLETE and cannot, takes nothing on hand.
    """
    laws.ship_modes(process, *case)


@given(cases(laws.outcomes))
def test_outcomes(case: tuple[Any, ...]) -> None:
    """Allocated: nothing is missing. Partially allocated: something is, and units are reserved for
    its lines. Backordered: no unit is, and some wait, for stock or for a person. Unfulfillable: no
    unit is, and none may.
    """
    laws.outcomes(process, *case)


@given(cases(people.in_any_sequence))
def test_in_any_sequence(case: tuple[Any, ...]) -> None:
    """Verdict and findings do not depend on the sequence in which verifiers are given, nor on which
    of them are together in an `all_of`, nor on the sequence of the facts and of what people said.
    """
    people.in_any_sequence(process, *case)


@given(cases(people.law_19_a_waiver_covers_what_was_seen))
def test_law_19_a_waiver_covers_what_was_seen(case: tuple[Any, ...]) -> None:
    """A finding that is new, heavier or worse than the approved one counts, whatever code it has.

    Nor does an approval cover what is about another line or thing, or what somebody else said. The
    oldest approval that covers a finding is the one that is shown.
    """
    people.law_19_a_waiver_covers_what_was_seen(process, *case)


@given(cases(people.waiving_is_monotone))
def test_waiving_is_monotone(case: tuple[Any, ...]) -> None:
    """An approval of more findings never makes a verdict harsher. What is waived is still shown,
    with who and when; what was not seen counts as before; the order and its payments are as before.

    Verifiers that were skipped, as the order was rejected without them, are asked now.
    """
    people.waiving_is_monotone(process, *case)


@given(cases(people.released_holds))
def test_released_holds(case: tuple[Any, ...]) -> None:
    """A hold that is released never makes a verdict harsher, and changes nothing else that is said.
    The order goes on when nothing stops it any more, from where it was.
    """
    people.released_holds(process, *case)


@given(cases(people.what_is_held))
def test_what_is_held(case: tuple[Any, ...]) -> None:
    """An order, or a line, that waits for a person gets nothing new and keeps what it holds. The
    other lines of an order that may ship in part go on, if there are any.
    """
    people.what_is_held(process, *case)
