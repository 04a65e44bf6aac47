"""Policies that choose locations: in sequence of criteria, as few as can be, only where allowed."""

from __future__ import annotations

import pickle
import re
from decimal import Decimal
from itertools import chain, combinations
from math import isqrt
from random import Random
from typing import Any

import pytest
from builders import (
    CONTEXT,
    HOME,
    allocations_of,
    decide,
    line,
    mugs,
    order,
    refusal,
    reserved,
    run,
)
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Address,
    Candidate,
    Demand,
    Inventory,
    Location,
    Order,
    PluginError,
    Severity,
    ShortReason,
    SourcingPolicy,
    note,
)
from fulfill_core.protocols import SourcingPlan
from fulfill_core.sourcing import (
    Criterion,
    at_most_shipments,
    by_rank,
    cheapest,
    fewest_shipments,
    in_sequence_of,
    nearest,
    only_where,
    pick_up_at,
    whole_order_first,
)


def candidates(**available: dict[str, int]) -> list[Candidate]:
    """Candidates in the sequence in which they are given, by what they have."""
    return [Candidate(Location(id=name), units) for name, units in available.items()]


def chosen(
    policy: SourcingPolicy,
    needs: dict[str, int],
    places: list[Candidate],
    subject: Order | None = None,
) -> list[str]:
    """The ids of the locations that a policy chooses."""
    demand = Demand(subject or order(), tuple(needs.items()))
    return [each.id for each in policy(demand, places, context=CONTEXT)]


# -- Sequence of criteria --------------------------------------------------------------------------

THREE = candidates(berlin={"mug": 1}, lyon={"mug": 1}, paris={"mug": 1})


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ([], ["berlin", "lyon", "paris"]),
        ([nearest({"paris": 1, "lyon": 4, "berlin": 9})], ["paris", "lyon", "berlin"]),
        ([nearest({"paris": 1})], ["paris", "berlin", "lyon"]),
        ([nearest({("paris", "GB"): 1, ("berlin", "DE"): 0})], ["paris", "berlin", "lyon"]),
        ([cheapest({"lyon": Decimal("4.9")})], ["lyon", "berlin", "paris"]),
        (
            [nearest({"berlin": 1, "lyon": 1, "paris": 1}), cheapest({"paris": 1, "lyon": 2})],
            ["paris", "lyon", "berlin"],
        ),
        ([nearest(lambda candidate, _: -len(candidate.id))], ["berlin", "paris", "lyon"]),
    ],
)
def test_the_next_criterion_decides_where_those_before_tie(
    criteria: list[Criterion], expected: list[str]
) -> None:
    """Criteria are lexicographic; what none tells apart stays by (rank, id); what a table does not
    have comes last.
    """
    assert chosen(in_sequence_of(*criteria), {"mug": 1}, THREE) == expected


def test_a_criterion_may_exclude() -> None:
    """A location for which a criterion gives None does not serve the order."""

    def not_lyon(candidate: Candidate, demand: Demand) -> int | None:
        return None if candidate.id == "lyon" else 1

    assert chosen(in_sequence_of(cheapest(not_lyon)), {"mug": 1}, THREE) == ["berlin", "paris"]


def test_a_table_by_country_needs_an_address() -> None:
    """An order that goes nowhere has no distance, so the sequence stays."""
    policy = in_sequence_of(nearest({("paris", "GB"): 1}))
    nowhere = order(ship_to=None)
    assert chosen(policy, {"mug": 1}, THREE, nowhere) == ["berlin", "lyon", "paris"]


def test_criteria_compose_with_choices() -> None:
    """The sequence of criteria is what a choice goes by."""
    policy = whole_order_first(in_sequence_of(nearest({"paris": 1})))
    assert chosen(policy, {"mug": 1}, THREE) == ["paris"]


def test_a_criterion_that_breaks_is_named() -> None:
    """A sourcing policy that raises stops the run, by name and order."""

    def broken(candidate: Candidate, demand: Demand) -> int:
        raise KeyError(candidate.id)

    stock = Inventory.of({("mug", "berlin"): 1})
    with pytest.raises(PluginError, match=r"in_sequence_of\(nearest\(broken\)\).*'A-1'"):
        decide(order("A-1", 1), stock, sourcing=in_sequence_of(nearest(broken)))


def test_what_cannot_be_called_is_refused() -> None:
    """A criterion, a function and a policy can be called."""
    cannot = "can't be called; pass a function or another callable"
    assert refusal(in_sequence_of, 3) == f"in_sequence_of(0): 3 {cannot}"
    assert refusal(nearest, 3) == f"nearest: 3 {cannot}"
    assert refusal(fewest_shipments, 3) == f"fewest_shipments.otherwise: 3 {cannot}"
    assert refusal(at_most_shipments, 1, 3) == f"at_most_shipments.policy: 3 {cannot}"


# -- Who may ---------------------------------------------------------------------------------------


def test_only_locations_that_may_serve_the_order() -> None:
    """A location that may not serve the order gives nothing; what lies there is not sourced."""

    def domestic(location: Location, subject: Order, /) -> bool:
        return location.name == (subject.ship_to or HOME).country

    stock = Inventory(
        Inventory.of({("mug", "berlin"): 5, ("mug", "leeds"): 1}).stock(),
        locations=[Location(id="berlin", name="DE"), Location(id="leeds", name="GB")],
    )
    decision = decide(order("A-1", 2), stock, sourcing=only_where(domestic))
    assert allocations_of(decision) == [("1", "leeds", 1)]
    assert [row.reason for row in decision.shorts] == [ShortReason.NOT_SOURCED]
    abroad = order("A-1", 2, ship_to=Address(name="A", street=["1"], city="Rom", country="IT"))
    assert allocations_of(decide(abroad, stock, sourcing=only_where(domestic))) == []


def test_picked_up_where_the_customer_comes() -> None:
    """An order that is picked up is served at that location or not at all, any other as usual."""
    stock = Inventory.of({("mug", "berlin"): 5, ("mug", "store"): 1})
    policy = pick_up_at("pick_up")
    assert allocations_of(decide(order("A-1", 2), stock, sourcing=policy)) == [("1", "berlin", 2)]
    picked_up = order("A-1", 2, attributes={"pick_up": "store"})
    assert allocations_of(decide(picked_up, stock, sourcing=policy)) == [("1", "store", 1)]
    elsewhere = order("A-1", 2, attributes={"pick_up": "rome"})
    assert allocations_of(decide(elsewhere, stock, sourcing=policy)) == []


# -- Few shipments ---------------------------------------------------------------------------------

WANTED = {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}
SPREE = candidates(
    one={"a": 1, "b": 1, "c": 1}, two={"a": 1, "b": 1, "d": 1}, three={"d": 1, "e": 1}
)


def test_fewest_shipments_counts_what_remains() -> None:
    """L1 = {A, B, C}, L2 = {A, B, D}, L3 = {D, E}, and an order of A to E: two parcels do. A rule
    that looks at the whole demand at each step uses three.
    """
    assert chosen(fewest_shipments(), WANTED, SPREE) == ["one", "three"]
    assert chosen(fewest_shipments(exact_up_to=0), WANTED, SPREE) == ["one", "three"]


def test_one_location_that_has_all() -> None:
    """Where one location can ship everything, it does, whatever comes first."""
    places = candidates(berlin={"mug": 1}, paris={"mug": 2})
    assert chosen(fewest_shipments(), {"mug": 2}, places) == ["paris"]


def test_of_equal_sets_the_first_in_sequence() -> None:
    """Where several sets are equally small, the sequence of the other policy decides."""
    places = candidates(a={"mug": 1}, b={"mug": 1}, c={"mug": 1})
    assert chosen(fewest_shipments(), {"mug": 2}, places) == ["a", "b"]
    backwards = in_sequence_of(nearest(lambda candidate, _: -ord(candidate.id)))
    assert chosen(fewest_shipments(backwards), {"mug": 2}, places) == ["c", "b"]


def test_of_equal_sets_the_one_that_leaves_most() -> None:
    """Asked to leave most, an order comes from where there is most of what it takes: of those that
    can serve it alone, of sets of equal size, and beyond what is searched exactly.
    """
    few = fewest_shipments(leaving_most=True)
    alone = candidates(berlin={"mug": 1}, lyon={"mug": 2}, paris={"mug": 9}, rome={"mug": 9})
    assert chosen(fewest_shipments(), {"mug": 2}, alone) == ["lyon"]
    assert chosen(few, {"mug": 2}, alone) == ["paris"]
    pairs = candidates(a={"mug": 2}, b={"mug": 3}, c={"cup": 1}, d={"cup": 8})
    assert chosen(fewest_shipments(), {"mug": 2, "cup": 1}, pairs) == ["a", "c"]
    assert chosen(few, {"mug": 2, "cup": 1}, pairs) == ["b", "d"]
    greedy = fewest_shipments(exact_up_to=0, leaving_most=True)
    assert chosen(greedy, {"mug": 2, "cup": 1}, pairs) == ["b", "d"]


def test_units_come_from_where_they_are_missed_least() -> None:
    """Asked to leave most, the locations are asked in the sequence that leaves most: the mug that
    both have is not taken where it is the last.
    """
    places = candidates(a={"mug": 1, "cup": 1}, b={"mug": 9, "jar": 1})
    needs = {"mug": 1, "cup": 1, "jar": 1}
    assert chosen(fewest_shipments(), needs, places) == ["a", "b"]
    assert chosen(fewest_shipments(leaving_most=True), needs, places) == ["b", "a"]
    three = candidates(a={"mug": 1, "cup": 1}, b={"jar": 1, "tin": 1}, c={"mug": 9, "pot": 1})
    needs |= {"tin": 1, "pot": 1}
    assert chosen(fewest_shipments(leaving_most=True), needs, three) == ["b", "c", "a"]


def test_nothing_to_choose_among() -> None:
    """Where the policy within leaves all out, or nothing is there, nothing is chosen."""
    nobody = in_sequence_of(nearest(lambda *_: None))
    for leaving_most in (False, True):
        assert chosen(fewest_shipments(nobody, leaving_most=leaving_most), {"mug": 1}, THREE) == []
        assert chosen(fewest_shipments(leaving_most=leaving_most), {"jar": 1}, THREE) == []


def test_greedy_leaves_out_what_later_choices_make_needless() -> None:
    """The first choice of the greedy way is left out if the others cover its part as well."""
    places = candidates(middle={"a": 2, "b": 2}, left={"a": 3, "b": 1}, right={"a": 1, "b": 3})
    assert chosen(fewest_shipments(exact_up_to=0), {"a": 4, "b": 4}, places) == ["left", "right"]


MANY = {(sku, f"place-{number:02}"): 1 for number, sku in enumerate("abcdefghijkl")}


def test_the_decision_says_that_the_number_is_not_proven() -> None:
    """With more candidates than are searched exactly, a note says how far off it may be."""
    stock = Inventory.of({**MANY, ("a", "spare"): 1, ("b", "spare"): 1})
    subject = order(lines=[line(sku, sku) for sku in "abcdefghijkl"])
    decision = decide(subject, stock, sourcing=fewest_shipments(exact_up_to=10))
    [remark] = [made for made in decision.findings if made.code == "sourcing.not_proven"]
    assert remark.severity is Severity.NOTE
    assert remark.detail == (
        "It leaves from 11 locations; with fewer than 1 it cannot be done, and 13 candidates are"
        " too many to try all sets of them."
    )
    assert len({row.location for row in decision.allocations}) == 11


def test_no_remark_where_the_bound_is_reached() -> None:
    """Where the greedy way uses as few as are needed in any case, there is nothing to remark."""
    stock = Inventory.of({("mug", f"place-{number:02}"): 1 for number in range(12)})
    decision = decide(order("A-1", 3), stock, sourcing=fewest_shipments(exact_up_to=10))
    assert [made.code for made in decision.findings] == ["line.free"]
    assert len(decision.allocations) == 3


def test_remarks_pass_through_other_policies() -> None:
    """What a policy within remarks is kept by those around it."""
    stock = Inventory.of({**MANY, ("a", "spare"): 1, ("b", "spare"): 1})
    subject = order(lines=[line(sku, sku) for sku in "abcdefghijkl"])
    few = fewest_shipments(exact_up_to=10)
    for policy in (
        whole_order_first(few),
        at_most_shipments(12, few),
        at_most_shipments(4, few),
        fewest_shipments(few),
    ):
        codes = {made.code for made in decide(subject, stock, sourcing=policy).findings}
        assert "sourcing.not_proven" in codes


def test_a_plan_with_remarks_of_a_policy_of_ones_own() -> None:
    """A policy that returns a plan has its remarks in the decision, and only there, as notes."""

    def remarking(demand: Demand, places: Any, /, *, context: object) -> SourcingPlan:
        return SourcingPlan(candidates=tuple(places), remarks=(note("own.remark"),))

    stock = Inventory.of({("mug", "berlin"): 2})
    codes = [made.code for made in decide(order("A-1", 1), stock, sourcing=remarking).findings]
    assert codes == ["line.free", "own.remark"]


def test_a_plan_remarks_in_findings() -> None:
    """A remark is a finding, made by `note`."""
    message = "SourcingPlan.remarks[0]: 'late' is not of type Finding; pass one"
    assert refusal(SourcingPlan, candidates=(), remarks=("late",)) == message


def test_a_hard_limit_counts_what_is_reserved() -> None:
    """Each run finds what the last one reserved: no further location is added beyond the limit;
    those that the order leaves from already may give more.
    """
    two = at_most_shipments(2)
    stock = Inventory.of({("mug", name): 2 for name in ("a", "b")})
    first = run(order("A-1", 9), stock=stock, sourcing=two)
    assert {each.location for each in first.reservations} == {"a", "b"}
    more = first.inventory.with_received("mug", "c", 5).with_received("mug", "a", 1)
    second = run(order("A-1", 9), stock=more, sourcing=two)
    assert allocations_of(second["A-1"]) == [("1", "a", 1)]
    one = run(order("A-1", 9), stock=more, sourcing=at_most_shipments(3))
    assert {at for _, at, _ in allocations_of(one["A-1"])} == {"c"}
    only = Inventory.of({("mug", "a"): 2})
    full = run(order("A-1", 9), stock=only, sourcing=two).inventory.with_received("mug", "d", 1)
    full = run(order("A-1", 9), stock=full, sourcing=two).inventory.with_received("mug", "e", 1)
    assert allocations_of(run(order("A-1", 9), stock=full, sourcing=two)["A-1"]) == []
    several = first.inventory.with_released("A-1", "1", 2, location="b")
    for place, units in [("a", 1), ("c", 2), ("d", 3)]:
        several = several.with_received("mug", place, units)
    third = run(order("A-1", 9), stock=several, sourcing=at_most_shipments(2, by_rank))
    assert {at for _, at, _ in allocations_of(third["A-1"])} == {"a", "d"}


def test_a_hard_limit_on_shipments() -> None:
    """An order leaves from at most so many locations; what is elsewhere is not sourced."""
    stock = Inventory.of({("mug", "a"): 1, ("mug", "b"): 3, ("mug", "c"): 2})
    decision = decide(order("A-1", 6), stock, sourcing=at_most_shipments(2, by_rank))
    assert allocations_of(decision) == [("1", "b", 3), ("1", "c", 2)]
    assert [row.reason for row in decision.shorts] == [ShortReason.NOT_SOURCED]
    assert allocations_of(decide(order("A-1", 3), stock, sourcing=at_most_shipments(1))) == [
        ("1", "b", 3)
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: fewest_shipments(exact_up_to=25),
            "fewest_shipments.exact_up_to: 25 is above 24; the work can double with each candidate",
        ),
        (
            lambda: fewest_shipments(exact_up_to=-1),
            "fewest_shipments.exact_up_to: -1 is below 0; pass 0 or more",
        ),
        (
            lambda: fewest_shipments(leaving_most=1),  # type: ignore[arg-type]
            "fewest_shipments.leaving_most: 1 is not a bool; pass True or False",
        ),
        (lambda: at_most_shipments(0), "at_most_shipments.limit: 0 is below 1; pass 1 or more"),
    ],
)
def test_settings_are_checked(make: Any, message: str) -> None:
    """A limit that can't be kept is refused."""
    assert refusal(make) == message


@pytest.mark.parametrize(
    "policy",
    [
        fewest_shipments(),
        fewest_shipments(exact_up_to=3, leaving_most=True),
        at_most_shipments(2, whole_order_first()),
        in_sequence_of(nearest({"berlin": 1}), cheapest({("paris", "FR"): Decimal(2)})),
        pick_up_at("pick_up", otherwise=by_rank),
        only_where(len),  # type: ignore[arg-type]
    ],
)
def test_policies_are_values(policy: Any) -> None:
    """A policy pickles to an equal one, and says what it is."""
    assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301 - our own
    assert repr(pickle.loads(pickle.dumps(policy))) == repr(policy)  # noqa: S301 - our own


# -- Against all sets ------------------------------------------------------------------------------

SKUS = "abc"
stocks = st.lists(
    st.dictionaries(st.sampled_from(SKUS), st.integers(1, 4), min_size=1), min_size=1, max_size=6
)
wishes = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 8), min_size=1)


def fewest(needs: dict[str, int], stock: list[dict[str, int]]) -> int:
    """The least number of locations that give all that can be given: every set is tried."""
    most = {
        sku: min(units, sum(have.get(sku, 0) for have in stock)) for sku, units in needs.items()
    }
    every = chain.from_iterable(combinations(stock, size) for size in range(len(stock) + 1))
    return min(
        len(some)
        for some in every
        if all(sum(have.get(sku, 0) for have in some) >= units for sku, units in most.items())
    )


@given(stocks, wishes, st.booleans())
def test_never_more_shipments_than_the_true_minimum(
    stock: list[dict[str, int]], needs: dict[str, int], leaving_most: bool
) -> None:
    """Within the size that is searched exactly, no set of locations with fewer members gives as
    much; and all that can be given is given. So it is with each rule for sets of equal size.
    """
    places = candidates(**{f"place-{number}": have for number, have in enumerate(stock)})
    ids = chosen(fewest_shipments(leaving_most=leaving_most), needs, places)
    got = [have for number, have in enumerate(stock) if f"place-{number}" in ids]
    for sku, units in needs.items():
        there = sum(have.get(sku, 0) for have in stock)
        assert sum(have.get(sku, 0) for have in got) >= min(units, there)
    assert len(ids) == fewest(needs, stock)


@given(stocks, wishes, st.booleans(), st.randoms(use_true_random=False))
def test_the_sequence_decides_nothing_but_ties(
    stock: list[dict[str, int]], needs: dict[str, int], leaving_most: bool, chance: Random
) -> None:
    """In another sequence of the candidates the number is the same, and if those with most left
    are chosen, so is what they have. The same sequence always gives the same.
    """
    places = candidates(**{f"place-{number}": have for number, have in enumerate(stock)})
    policy = fewest_shipments(leaving_most=leaving_most)
    first = chosen(policy, needs, places)
    assert chosen(policy, needs, places) == first
    shuffled = chance.sample(places, len(places))
    other = chosen(policy, needs, shuffled)
    assert len(other) == len(first)
    if leaving_most:
        least = {sku: min(units, sum(each.get(sku, 0) for each in stock))
                 for sku, units in needs.items()}  # fmt: skip
        worths = [
            sum(
                least[sku] * isqrt(each.available(sku) << 20)
                for each in places
                if each.id in ids
                for sku in needs
            )
            for ids in (first, other)
        ]
        assert worths[0] == worths[1]


@given(stocks, wishes, st.booleans())
def test_the_greedy_way_covers_and_its_bound_holds(
    stock: list[dict[str, int]], needs: dict[str, int], leaving_most: bool
) -> None:
    """Beyond that size all that can be given is given as well; the stated bound is never above the
    true minimum, and a note stands where it is not reached.
    """
    places = candidates(**{f"place-{number}": have for number, have in enumerate(stock)})
    demand = Demand(order(), tuple(needs.items()))
    policy = fewest_shipments(exact_up_to=0, leaving_most=leaving_most)
    plan = policy(demand, places, context=CONTEXT)
    ids = [each.id for each in plan]
    got = [have for number, have in enumerate(stock) if f"place-{number}" in ids]
    for sku, units in needs.items():
        there = sum(have.get(sku, 0) for have in stock)
        assert sum(have.get(sku, 0) for have in got) >= min(units, there)
    least = fewest(needs, stock)
    assert len(ids) >= least
    if isinstance(plan, SourcingPlan):
        [remark] = plan.remarks
        stated = re.fullmatch(r"It leaves from (\d+) .* fewer than (\d+) it .*", remark.detail)
        assert stated is not None
        assert int(stated[1]) == len(ids)
        assert int(stated[2]) <= least
        assert int(stated[2]) < len(ids)
    else:
        assert len(ids) == least


def test_a_place_that_has_units_reserved_serves_the_rest_alone_if_it_can() -> None:
    """Where it has something already, and all that is missing lies, no other place is asked."""
    stock = mugs(berlin=5, lyon=5, turin=5).with_reserved(reserved("A-1", location="turin"))
    decision = decide(order("A-1", 2), stock, sourcing=at_most_shipments(2, by_rank))
    assert [each.location for each in decision.allocations] == ["turin"]
