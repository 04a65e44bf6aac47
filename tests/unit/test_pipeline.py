"""`process` from end to end: what it lets in, how it verifies and ranks, what breaks it and what
does not.
"""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import attrs
import pytest
from builders import HOME, NOW, allocations_of, decide, line, mugs, order, refusal, run

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Approval,
    Candidate,
    Customer,
    Finding,
    Inventory,
    Item,
    Kind,
    Location,
    Notification,
    Order,
    OrderRecord,
    Outcome,
    Payment,
    PaymentStatus,
    PluginError,
    Result,
    Severity,
    ShortReason,
    Verdict,
    hold,
    note,
    process,
)
from fulfill_core.pipeline.chunks import Chunk
from fulfill_core.priorities import lexicographic

HOUR = timedelta(hours=1)


# -- What is let in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"now": datetime(2026, 3, 2)},  # noqa: DTZ001 - naive is the point
            (
                "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass it with a tzinfo, such as"
                " timezone.utc"
            ),
        ),
        ({"now": None}, "now: None is not a datetime; pass an aware datetime"),
        (
            {"orders": [order("A-1"), order("A-2"), {"id": "A-3"}]},
            "orders[2]: {'id': 'A-3'} is neither an Order nor an OrderRecord; pass one",
        ),
        ({"orders": [None]}, "orders[0]: None is neither an Order nor an OrderRecord; pass one"),
        (
            {"inventory": {("mug", "berlin"): 3}},
            "inventory: {('mug', 'berlin'): 3} is not of type Inventory; pass one",
        ),
        ({"facts": None}, "facts: None is not of type Facts; pass one"),
    ],
)
def test_malformed_input_is_named(changes: dict[str, Any], message: str) -> None:
    """What is no order, inventory, time or facts is refused by name and position."""
    content: dict[str, Any] = {"orders": [], "inventory": Inventory(), "now": NOW}
    assert refusal(process, **{**content, **changes}) == message


class ShopOrder(Order):
    """An order of a host that has a class of its own."""


def test_orders_of_a_derived_class_are_orders() -> None:
    """A host may derive a class from ours, and mix its orders with records."""
    members = [
        OrderRecord(order=order("A-1", 1)),
        ShopOrder(**attrs.asdict(order("A-2", 1), recurse=False, filter=_is_passed)),
    ]
    result = process(members, mugs(berlin=5), now=NOW, verifiers=())
    assert [decision.outcome for decision in result.decisions] == [Outcome.ALLOCATED] * 2


def _is_passed(attribute: attrs.Attribute[Any], _: object) -> bool:
    return attribute.init


def test_any_iterable_of_orders_will_do() -> None:
    """Orders may come from a generator, which is read once."""
    result = process((order(name, 1) for name in "AB"), mugs(berlin=5), now=NOW)
    assert [decision.id for decision in result.decisions] == ["A", "B"]


def test_an_exact_repeat_counts_once() -> None:
    """An order that was read twice is one order, whichever object holds it."""
    result = run(order("A-1", 3), order("A-1", 3), order("A-1", 3), stock=mugs(berlin=9))
    assert [allocations_of(decision) for decision in result.decisions] == [[("1", "berlin", 3)]]


@pytest.mark.parametrize("quantities", [(1, 2), (2, 1), (1, 2, 1), (2, 1, 3)])
def test_two_different_orders_under_one_id_are_both_held(quantities: tuple[int, ...]) -> None:
    """Which of them is meant is not guessed: nothing is given to either, whatever their sequence,
    and only the staff is told.
    """
    result = run(*(order("A-1", each) for each in quantities), order("A-2", 1), stock=mugs(b=9))
    decision = result["A-1"]
    assert (decision.outcome, decision.allocations) == (Outcome.HELD, ())
    assert [finding.code for finding in decision.findings] == ["order.conflicting_duplicate"]
    assert [(each.order_id, each.kind, each.audience.value) for each in result.notifications] == [
        ("A-2", Kind.CONFIRMED, "customer"),
        ("A-1", Kind.REVIEW_NEEDED, "staff"),
    ]


def test_which_of_two_stands_for_both_does_not_depend_on_their_sequence() -> None:
    """The decision about conflicting orders is the same, in whatever sequence they come."""
    one, other = order("A-1", 1), order("A-1", 2)
    assert list(run(one, other).decisions) == list(run(other, one).decisions)


# -- Verification ---------------------------------------------------------------------------------


def test_all_findings_not_the_first() -> None:
    """Every verifier is asked, and an order is told everything that is wrong with it, the gravest
    first.
    """
    bad = order(
        customer=Customer(id="C"),
        lines=[line(unit_price=Decimal(0)), line("2", unit_price=Decimal(5))],
        ship_to=attrs.evolve(HOME, city=""),
        payments=[Payment(id="p1", amount=Decimal(5), status=PaymentStatus.DECLINED)],
    )
    decision = decide(bad)
    assert [(finding.code, finding.severity) for finding in decision.findings] == [
        ("payment.declined", Severity.REJECT),
        ("address.incomplete", Severity.HOLD),
        ("contact.missing", Severity.HOLD),
        ("payment.insufficient", Severity.HOLD),
        ("line.free", Severity.NOTE),
    ]
    assert (decision.outcome, decision.verdict) == (Outcome.REJECTED, Verdict.REJECT)


def test_the_sequence_of_the_verifiers_changes_nothing() -> None:
    """Findings come by severity and code, however the verifiers are listed."""
    bad = order(customer=Customer(id="C"), lines=[line()], ship_to=None)
    assert decide(bad) == decide(bad, verifiers=DEFAULT_VERIFIERS[::-1])


def test_without_verifiers_every_order_is_served() -> None:
    """A shop that checks elsewhere passes no verifiers."""
    assert decide(order("A-1", 1, ship_to=None), mugs(b=1), verifiers=()).outcome is (
        Outcome.ALLOCATED
    )


def raises(order: Order, /, *, context: object) -> Iterable[Finding]:
    """Fails for the first order."""
    if order.id == "A-1":
        raise LookupError("no such customer")
    return ()


def gives_rubbish(order: Order, /, *, context: object) -> Iterator[Any]:
    """Gives a finding and then a str for the first order."""
    if order.id == "A-1":
        yield hold("odd.first")
        yield "rubbish"


def gives_none(order: Order, /, *, context: object) -> Any:
    """Gives None for the first order."""
    return None if order.id == "A-1" else ()


def gives_one(order: Order, /, *, context: object) -> Any:
    """Gives a finding instead of several for the first order."""
    return hold("odd.one") if order.id == "A-1" else ()


def fails_late(order: Order, /, *, context: object) -> Iterator[Finding]:
    """Notes something and then fails for the first order."""
    yield note("odd.note")
    if order.id == "A-1":
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("verifier", "codes", "detail", "kind"),
    [
        (raises, [], "The verifier raises failed: LookupError: no such customer", "LookupError"),
        (
            gives_rubbish,
            ["odd.first"],
            "The verifier gives_rubbish returned a str; return Finding values.",
            "str",
        ),
        (
            gives_none,
            [],
            "The verifier gives_none returned None; return Finding values.",
            "NoneType",
        ),
        (
            gives_one,
            [],
            "The verifier gives_one returned a Finding; return Finding values.",
            "Finding",
        ),
        (
            fails_late,
            ["odd.note"],
            "The verifier fails_late failed: ZeroDivisionError: ",
            "ZeroDivisionError",
        ),
        (
            partial(raises, sort="a"),
            None,
            (
                "The verifier raises failed: TypeError: raises() got an unexpected keyword argument"
                " 'sort'"
            ),
            "TypeError",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_verifier_holds_that_order_only(
    verifier: Any, codes: list[str] | None, detail: str, kind: str
) -> None:
    """A verifier that raises or gives what is no finding holds that order, by name and error; what
    others noticed, or it noticed before, is kept.
    """
    result = run(order("A-1", 1), order("A-2", 1), stock=mugs(b=9), verifiers=[verifier, raises])
    broken = result["A-1"]
    name = detail.split()[2]
    failed = hold("verifier.failed", detail=detail, evidence=f"{name}: {kind}")
    other = hold(
        "verifier.failed",
        detail="The verifier raises failed: LookupError: no such customer",
        evidence="raises: LookupError",
    )
    assert broken.outcome is Outcome.HELD
    assert {failed, other} <= set(broken.findings)
    if codes is not None:
        assert [each.code for each in broken.findings if each not in (failed, other)] == codes
        assert result["A-2"].outcome is Outcome.ALLOCATED


def test_a_broken_verifier_is_the_same_news_in_every_run() -> None:
    """A rule without a name of its own that fails is told once, not anew by every process."""

    class Rule:
        def __call__(self, order: Order, /, *, context: object) -> Iterable[Finding]:
            raise LookupError

    one, other = (run(order("A-1", 1), verifiers=[Rule()]).notifications for _ in range(2))
    assert [message.id for message in one] == [message.id for message in other]


# -- Approvals ------------------------------------------------------------------------------------

UNPAID = order("A-1", lines=[line(unit_price=Decimal(5))])


def approved(*codes: str, by: str = "Grace", of: Order = UNPAID, hours: int = 0) -> Approval:
    """An approval of these codes for an order as it is."""
    return Approval(
        order_id=of.id, fingerprint=of.fingerprint, any_later=codes, by=by, at=NOW + hours * HOUR
    )


def test_an_approval_waives_what_it_names() -> None:
    """An approved order goes on, and the waived finding is still shown with who and when."""
    decision = decide(UNPAID, mugs(berlin=5), approvals=[approved("payment.insufficient")])
    assert decision.outcome is Outcome.ALLOCATED
    assert [(each.code, each.waived_by, each.waived_at) for each in decision.findings] == [
        ("payment.insufficient", "Grace", NOW)
    ]


def test_an_approval_waives_nothing_else() -> None:
    """A finding that no approval names still holds."""
    unpaid = attrs.evolve(UNPAID, ship_to=None)
    approvals = [approved("payment.insufficient", of=unpaid)]
    decision = decide(unpaid, mugs(berlin=5), approvals=approvals)
    assert decision.outcome is Outcome.HELD
    assert [(each.code, each.is_waived) for each in decision.findings] == [
        ("address.missing", False),
        ("payment.insufficient", True),
    ]


def test_a_changed_order_is_judged_anew() -> None:
    """An approval is for the version that the person looked at."""
    changed = attrs.evolve(UNPAID, shipping=Decimal("0.01"))
    approvals = [approved("payment.insufficient")]
    assert decide(changed, mugs(berlin=5), approvals=approvals).outcome is Outcome.HELD


def test_the_first_approval_counts() -> None:
    """Of several approvals the oldest is shown, in whatever sequence they are listed."""
    approvals = [
        approved("payment.insufficient", by="Eve", hours=1),
        approved("payment.insufficient", by="Ada"),
    ]
    decision = decide(UNPAID, mugs(berlin=5), approvals=approvals)
    assert decision.findings[0].waived_by == "Ada"


def test_a_finding_that_its_verifier_waived_stays_as_it_is() -> None:
    """An approval does not overwrite who waived a finding before."""

    def waived(order: Order, /, *, context: object) -> Iterator[Finding]:
        yield attrs.evolve(hold("odd.one"), waived_by="Eve", waived_at=NOW)

    approvals = [approved("odd.one")]
    decision = decide(UNPAID, mugs(berlin=5), approvals=approvals, verifiers=[waived])
    assert decision.findings[0].waived_by == "Eve"


def test_an_approval_does_not_settle_a_conflict() -> None:
    """No approval waives that two different orders go by one id."""
    other = attrs.evolve(UNPAID, shipping=Decimal(1))
    codes = "order.conflicting_duplicate", "payment.insufficient"
    approvals = [approved(*codes), approved(*codes, of=other)]
    decision = run(UNPAID, other, stock=mugs(berlin=5), approvals=approvals)["A-1"]
    assert (decision.outcome, decision.findings[0].is_waived) == (Outcome.HELD, False)


# -- When -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ship_after", "outcome"),
    [
        (NOW + timedelta(microseconds=1), Outcome.SCHEDULED),
        (NOW, Outcome.ALLOCATED),
        (NOW - HOUR, Outcome.ALLOCATED),
    ],
)
def test_an_order_takes_nothing_before_it_is_due(ship_after: datetime, outcome: Outcome) -> None:
    """Before `ship_after` an order is scheduled and leaves scarce stock to others; from then on it
    is served.
    """
    future = order("A-1", 5, ship_after=ship_after)
    result = run(future, order("A-2", 5), stock=mugs(berlin=5))
    assert result["A-1"].outcome is outcome
    assert (allocations_of(result["A-2"]) == []) == (outcome is Outcome.ALLOCATED)


def test_an_order_that_is_not_due_keeps_what_it_has() -> None:
    """A scheduled order is not served and not robbed, and its notes are kept."""
    first = run(order("A-1", 2), stock=mugs(berlin=5))
    later = order("A-1", 2, ship_after=NOW + HOUR)
    decision = decide(later, first.inventory)
    assert (decision.outcome, [held.quantity for held in decision.reserved]) == (
        Outcome.SCHEDULED,
        [2],
    )
    assert [finding.code for finding in decision.findings] == ["line.free"]


# -- Broken policies ------------------------------------------------------------------------------


def keyed(*keys: Any) -> Callable[..., Any]:
    """A policy that gives the orders A-1, A-2, ... these keys."""

    def policy(order: Order, /, *, context: object) -> Any:
        key = keys[int(order.id[2:]) - 1]
        if isinstance(key, Exception):
            raise key
        return key

    return policy


class Moody:
    """A key that can be compared with some."""

    def __init__(self, likes: set[int], name: int) -> None:
        self.likes, self.name = likes, name

    def __lt__(self, other: Moody) -> bool:
        if other.name not in self.likes:
            raise TypeError("not with that one")
        return self.name < other.name

    def __repr__(self) -> str:
        return f"Moody({self.name})"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ((1, None), "policy, asked about order 'A-2': returned None; return a sort key"),
        (
            (1, float("nan"), 2),
            (
                "policy, asked about order 'A-2': returned nan, which is neither above, below nor"
                " equal to 1"
            ),
        ),
        (
            (1, 2, "three"),
            (
                "policy, asked about order 'A-3': returned 'three', which can't be compared with 2"
                " of 'A-2'"
            ),
        ),
        (
            ({"a": 1}, {"b": 2}),
            (
                "policy, asked about order 'A-2': returned {'b': 2}, which can't be compared with"
                " {'a': 1} of 'A-1'"
            ),
        ),
        (
            (Decimal(1), Decimal("NaN")),
            (
                "policy, asked about order 'A-2': returned Decimal('NaN'), which can't be compared"
                " with Decimal('1') of 'A-1'"
            ),
        ),
        (
            (1, LookupError("tier")),
            "policy, asked about order 'A-2': raised LookupError('tier'); a policy must not raise",
        ),
        (
            (Moody({3}, 2), Moody({2, 1}, 3), Moody({3}, 1)),
            (
                "policy, asked about order 'A-1': its keys can't be sorted: TypeError('not with"
                " that one')"
            ),
        ),
    ],
    ids=["None", "NaN", "other types", "no order", "Decimal NaN", "raises", "not all"],
)
def test_a_broken_priority_policy_is_named(keys: tuple[Any, ...], message: str) -> None:
    """A priority policy that raises, or whose keys do not make a sequence, stops the run: the error
    names the policy, the order and the key.
    """
    orders = [order(f"A-{number}", 1) for number in range(1, len(keys) + 1)]
    assert refusal(run, *orders, priority=keyed(*keys)) == message


def test_a_broken_part_of_a_policy_is_found_in_the_whole() -> None:
    """Within `lexicographic`, a policy without an answer is named with the whole."""
    orders = order("A-1", 1), order("A-2", 1)
    assert refusal(run, *orders, priority=lexicographic(keyed(1, None))) == (
        "lexicographic(policy), asked about order 'A-2': returned (None,), which can't be compared"
        " with (1,) of 'A-1'"
    )


def test_orders_that_are_not_served_are_not_ranked() -> None:
    """A policy is not asked about an order that does not join the queue."""
    held = order("A-2", 1, ship_to=None)
    assert run(order("A-1", 1), held, priority=keyed(1, LookupError())).decisions[0].rank == 0


def stranger(demand: object, candidates: object, /, *, context: object) -> Any:
    """Returns a location of its own making."""
    return [Candidate(Location(id="oslo"), {"mug": 9})]


def names(demand: object, candidates: Iterable[Candidate], /, *, context: object) -> Any:
    """Returns ids instead of candidates."""
    return [candidate.id for candidate in candidates]


def twice(demand: object, candidates: Iterable[Candidate], /, *, context: object) -> Any:
    """Returns every candidate twice."""
    return [*candidates, *candidates]


def silent(demand: object, candidates: object, /, *, context: object) -> Any:
    """Returns None."""
    return None


def falls(demand: object, candidates: object, /, *, context: object) -> Any:
    """Raises."""
    raise LookupError("map")


@pytest.mark.parametrize(
    ("sourcing", "message"),
    [
        (
            stranger,
            (
                "stranger, asked about order 'A-1': returned <Candidate oslo>, which was not"
                " offered; return some of the candidates"
            ),
        ),
        (
            names,
            (
                "names, asked about order 'A-1': returned 'a', which was not offered; return some"
                " of the candidates"
            ),
        ),
        (
            twice,
            "twice, asked about order 'A-1': returned a candidate twice; return each at most once",
        ),
        (
            silent,
            "silent, asked about order 'A-1': returned None; return some of the candidates",
        ),
        (
            falls,
            "falls, asked about order 'A-1': raised LookupError('map'); a policy must not raise",
        ),
    ],
    ids=["a stranger", "names", "one twice", "None", "raises"],
)
def test_a_broken_sourcing_policy_is_named(sourcing: Any, message: str) -> None:
    """A sourcing policy that raises, or returns what it was not offered, stops the run."""
    assert refusal(run, order("A-1", 3), stock=mugs(a=1, b=1), sourcing=sourcing) == message


def letter(decision: object, /, *, context: object) -> Any:
    """Returns text instead of messages."""
    return ["Dear customer"]


def speechless(decision: object, /, *, context: object) -> Any:
    """Returns None."""
    return None


def stumbling(decision: object, /, *, context: object) -> Iterator[Notification]:
    """Raises when its messages are asked for."""
    raise LookupError("template")
    yield


def conceding(decision: Any, /, *, context: object) -> Any:
    """Says itself what is wrong with it."""
    raise PluginError("conceding", decision.id, "returned None; I concede")


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        (letter, "returned a str; return Notification values"),
        (speechless, "returned None; return Notification values"),
        (stumbling, "raised LookupError('template'); a policy must not raise"),
        (conceding, "returned None; I concede"),
    ],
    ids=["rubbish", "None", "raises", "says so itself"],
)
def test_a_broken_notification_policy_is_named(policy: Any, problem: str) -> None:
    """A notification policy that raises, or returns what is no message, stops the run: it is told
    which of the two it did.
    """
    assert refusal(run, order("A-1", 3), notifications=policy) == (
        f"{policy.__name__}, asked about order 'A-1': {problem}"
    )


def test_the_error_keeps_what_the_policy_raised() -> None:
    """Whoever has to mend the policy finds its own error as the cause."""
    with pytest.raises(PluginError) as caught:
        run(order("A-1", 3), notifications=stumbling)
    assert isinstance(caught.value.__cause__, LookupError)


def test_a_shop_may_keep_silent() -> None:
    """A notification policy without messages is a policy."""
    assert (
        run(order("A-1", 1), notifications=lambda decision, /, *, context: ()).notifications == ()
    )


# -- Batches --------------------------------------------------------------------------------------

GOOD = 2_000
BAD: dict[str, list[Order]] = {
    "unpaid": [order("bad-unpaid", lines=[line(unit_price=Decimal(5))])],
    "unreachable": [order("bad-unreachable", 1, customer=Customer(id="C"))],
    "no address": [order("bad-address", 1, ship_to=None)],
    "no lines": [order("bad-empty")],
    "negative": [order("bad-negative", 1, discount=Decimal(5))],
    "conflict": [order("bad-conflict", 1), order("bad-conflict", 2)],
    "verifier": [order("bad-verifier", 1)],
}


def breaks(order: Order, /, *, context: object) -> Iterable[Finding]:
    """Fails for one order of the batch."""
    if order.id == "bad-verifier":
        raise LookupError("odd")
    return ()


def test_bad_orders_spoil_no_good_ones() -> None:
    """A batch with many good orders and one bad one of each kind gives a good decision for every
    good one, names the bad ones, and serves nobody from behind.
    """
    good = [order(f"good-{number:04}", 1) for number in range(GOOD)]
    odd = [
        order("odd-sku", lines=[line(sku="unheard-of")]),
        order("odd-fee", lines=[line(sku="fee")]),
        good[7],
    ]
    batch = [*good, *odd, *(each for kind in BAD.values() for each in kind)]
    random.Random(7).shuffle(batch)
    stock = Inventory(items=[Item(sku="fee", tracked=False)]).with_received("mug", "berlin", GOOD)
    result = run(*batch, stock=stock, verifiers=(*DEFAULT_VERIFIERS, breaks))
    assert len(result.decisions) == GOOD + 2 + len(BAD)
    assert [result[each.id].outcome for each in good] == [Outcome.ALLOCATED] * GOOD
    assert {
        decision.id: (decision.outcome.value, decision.findings[0].code)
        for decision in result.decisions
        if decision.rank is None
    } == {
        "bad-unpaid": ("held", "payment.insufficient"),
        "bad-unreachable": ("held", "contact.missing"),
        "bad-address": ("held", "address.missing"),
        "bad-empty": ("held", "order.no_lines"),
        "bad-negative": ("rejected", "order.negative_total"),
        "bad-conflict": ("held", "order.conflicting_duplicate"),
        "bad-verifier": ("held", "verifier.failed"),
    }
    assert [short.reason for short in result["odd-sku"].shorts] == [ShortReason.UNKNOWN_SKU]
    assert result["odd-fee"].outcome is Outcome.ALLOCATED
    assert result.inventory.available("mug") == 0


# -- Elsewhere ------------------------------------------------------------------------------------

MANY = [
    order(
        f"A-{number:04}",
        number % 3 + 1,
        deliver_by=NOW + number % 7 * HOUR,
        ship_to=None if number % 11 == 0 else HOME,
    )
    for number in range(4_500)
]


@pytest.fixture(scope="module")
def here() -> Result:
    """The result with the built-in map."""
    return run(*MANY, stock=mugs(berlin=4_000, paris=100))


def test_threads_give_the_same_result(here: Result) -> None:
    """With the map of a pool of threads the result is the same, to the last message."""
    with ThreadPoolExecutor(2) as pool:
        assert run(*MANY, stock=mugs(berlin=4_000, paris=100), map=pool.map) == here


def test_processes_give_the_same_result(here: Result) -> None:
    """With the map of a pool of processes the result is the same, to the last message."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        assert run(*MANY, stock=mugs(berlin=4_000, paris=100), map=pool.map) == here


def test_errors_come_back_from_elsewhere() -> None:
    """A broken policy is named in the same words when it broke in another thread."""
    with ThreadPoolExecutor(1) as pool:
        assert refusal(run, order("A-1", 1), map=pool.map, priority=keyed(None)) == (
            "policy, asked about order 'A-1': returned None; return a sort key"
        )


def test_chunks_are_of_many_orders() -> None:
    """A map is given some hundreds of orders at a time, so that sending them elsewhere pays."""
    seen: list[int] = []

    def counting(function: Callable[[Any], Any], chunks: list[Chunk]) -> Iterator[Any]:
        seen.extend(len(chunk.orders) for chunk in chunks)
        return map(function, chunks)

    run(*MANY, map=counting)
    assert seen == [500] * 9


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (lambda results: None, "returned None; return the results one by one, as map does"),
        (
            lambda results: [Future() for _ in results],
            "gave a Future for a chunk; give what the function returned for it",
        ),
        (
            lambda results: [()] * len(results),
            "gave a tuple for a chunk; give what the function returned for it",
        ),
        (lambda results: results[:2], "gave 2 results for 9 chunks; give one for each"),
    ],
)
def test_a_map_that_gives_something_else_is_named(
    answers: Callable[[list[Any]], Any], problem: str
) -> None:
    """Futures, junk and too few results are said to come from the map, with the first order that
    has no result.
    """

    def mapping(function: Callable[[Any], Any], chunks: list[Chunk]) -> Any:
        return answers([function(chunk) for chunk in chunks])

    said = refusal(run, *MANY, map=mapping)
    assert "mapping" in said
    assert problem in said


def test_no_orders_are_mapped_without_a_result() -> None:
    """A batch of nothing has no order to name, and the map is named all the same."""
    said = refusal(run, map=lambda function, chunks: None)
    assert said.endswith("returned None; return the results one by one, as map does")
