"""Which facts the host has to gather before a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import pytest
from builders import NOW, order, refusal, run
from some_verifiers import breaks, fails, is_gift, quiet

from fulfill_core import (
    Context,
    Customer,
    CustomerFacts,
    Facts,
    Finding,
    Order,
    OrderRecord,
    PluginError,
    Screening,
    Severity,
    Verifier,
)
from fulfill_core.records import FactKind
from fulfill_core.verifiers import (
    MissingFacts,
    all_of,
    asked_last,
    downgrade,
    missing_facts,
    needing,
    only_if,
    unless,
)

ORDERS = [
    order("A-2", 1, customer=Customer(id="C-2")),
    order("A-1", 1, tags=["gift"], customer=Customer(id="C-1")),
    order("A-3", 1, customer=Customer(id="C-2")),
]
SCREENED = needing(quiet, FactKind.SCREENING)
KNOWN = needing(quiet, FactKind.CUSTOMER)


def missing(*verifiers: Verifier, **options: Any) -> MissingFacts:
    """What these verifiers miss for the three orders."""
    return missing_facts(ORDERS, verifiers, **{"now": NOW, **options})


def test_what_is_needed_and_not_there() -> None:
    """Orders to screen and customers to look up: each once, sorted."""
    assert missing(SCREENED) == MissingFacts(screenings=("A-1", "A-2", "A-3"))
    assert missing(KNOWN, KNOWN) == MissingFacts(customers=("C-1", "C-2"))
    assert missing(SCREENED, KNOWN) == MissingFacts(
        screenings=("A-1", "A-2", "A-3"), customers=("C-1", "C-2")
    )


def test_what_was_gathered_is_not_missing() -> None:
    """A screening of another version does not count."""
    facts = Facts(
        screenings=[
            Screening(order_id="A-1"),
            Screening(order_id="A-2", fingerprint=ORDERS[0].fingerprint),
            Screening(order_id="A-3", fingerprint="another version"),
        ],
        customers=[CustomerFacts(customer_id="C-2")],
    )
    assert missing(SCREENED, KNOWN, facts=facts) == MissingFacts(
        screenings=("A-3",), customers=("C-1",)
    )


def test_nothing_is_missing_where_nothing_is_needed() -> None:
    """The answer is false then."""
    assert missing(quiet, fails) == MissingFacts()
    assert missing() == MissingFacts()
    assert not missing()
    assert missing(SCREENED)
    assert missing(KNOWN)
    assert missing_facts([], [SCREENED], now=NOW) == MissingFacts()


def test_orders_and_records_come_mixed() -> None:
    """As `process` takes them. What an order waits for is the same with its record."""
    mixed = [OrderRecord(order=ORDERS[0]), *ORDERS[1:]]
    assert missing_facts(mixed, [SCREENED, KNOWN], now=NOW) == missing(SCREENED, KNOWN)
    assert missing_facts([*mixed, *ORDERS], [SCREENED], now=NOW) == missing(SCREENED)


def test_nothing_is_asked_of_an_order_of_which_nothing_is_open() -> None:
    """All has left, or was cancelled: a run does not judge it, whatever comes beside its record."""
    second, first, third = [OrderRecord(order=each) for each in ORDERS]
    shipped = first.with_progress("1", shipped=1)
    cancelled = second.with_progress("1", cancelled=1)
    batch = [shipped, cancelled, third, ORDERS[0]]
    needed = missing_facts(batch, [SCREENED, KNOWN], now=NOW)
    assert needed == MissingFacts(screenings=("A-3",), customers=("C-2",))
    facts = Facts(
        screenings=[Screening(order_id="A-3")], customers=[CustomerFacts(customer_id="C-2")]
    )
    assert not missing_facts(batch, [SCREENED, KNOWN], now=NOW, facts=facts)
    result = run(*batch, verifiers=[SCREENED, KNOWN], facts=facts)
    assert [made.findings for made in result.decisions] == [(), (), ()]


def test_verifiers_see_the_records() -> None:
    """What a verifier needs to know may depend on what has happened to the order."""
    half_gone: Any = lambda order, context: context.record_of(order.id).progress  # noqa: E731
    records = [OrderRecord(order=order("A-1", 2)), OrderRecord(order=order("A-2", 2))]
    records[1] = records[1].with_progress("1", shipped=1)
    needed = missing_facts(records, [only_if(half_gone, SCREENED)], now=NOW)
    assert needed == MissingFacts(screenings=("A-2",))


def test_combinations_pass_on_what_they_need() -> None:
    """Only for orders that they will ask about; all orders where that can't be said."""
    everybody = ("A-1", "A-2", "A-3")
    for verifier, expected in (
        (only_if(is_gift, SCREENED), ("A-1",)),
        (unless(is_gift, all_of(quiet, SCREENED)), ("A-2", "A-3")),
        (asked_last(downgrade(SCREENED, to=Severity.NOTE)), everybody),
        (only_if(breaks, SCREENED), everybody),
    ):
        assert missing(verifier) == MissingFacts(screenings=expected)


def test_conditions_are_told_the_time() -> None:
    """A verifier that is asked only some time after an order was placed needs no fact before."""
    late: Any = lambda order, context: context.now > order.placed_at  # noqa: E731
    verifier = only_if(late, SCREENED)
    assert not missing(verifier)
    assert missing(verifier, now=NOW.replace(hour=13)).screenings == ("A-1", "A-2", "A-3")


def test_orders_and_verifiers_come_as_any_iterable() -> None:
    """An iterator is used up once."""
    assert missing_facts(iter(ORDERS), iter([SCREENED, KNOWN]), now=NOW) == missing(SCREENED, KNOWN)


def test_what_was_missing_holds_and_what_was_gathered_does_not() -> None:
    """To fetch what is named is enough for a run in which no fact is missing."""
    verifiers = [SCREENED, only_if(is_gift, KNOWN)]
    needed = missing_facts(ORDERS, verifiers, now=NOW)
    facts = Facts(
        screenings=[Screening(order_id=each) for each in needed.screenings],
        customers=[CustomerFacts(customer_id=each) for each in needed.customers],
    )
    before, after = (run(*ORDERS, verifiers=verifiers, facts=each) for each in (Facts(), facts))
    assert {made.id: len(made.findings) for made in before.decisions} == {
        "A-1": 2,
        "A-2": 1,
        "A-3": 1,
    }
    assert [made.findings for made in after.decisions] == [(), (), ()]
    assert not missing_facts(ORDERS, verifiers, now=NOW, facts=facts)


# -- Verifiers of one's own ------------------------------------------------------------------------


@attrs.frozen
class Asks:
    """A verifier that says that it needs this."""

    kinds: Any

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()

    def facts_needed(self, order: Order, /, *, context: Context) -> Any:
        if isinstance(self.kinds, Exception):
            raise self.kinds
        return self.kinds

    def __repr__(self) -> str:
        return "Asks"


@pytest.mark.parametrize("kinds", [{FactKind.SCREENING}, ["screening", FactKind.SCREENING]])
def test_kinds_may_be_written_in_words(kinds: Any) -> None:
    """A kind is its word, and any collection of them will do."""
    assert missing(Asks(kinds)) == MissingFacts(screenings=("A-1", "A-2", "A-3"))


@pytest.mark.parametrize(
    ("kinds", "problem"),
    [
        (LookupError("no list"), "LookupError: no list"),
        (["credit"], "ValueError: 'credit' is not a valid FactKind"),
        (None, "TypeError: 'NoneType' object is not iterable"),
    ],
)
def test_a_verifier_that_cannot_say_what_it_needs_is_named(kinds: Any, problem: str) -> None:
    """The host is about to call a service for what comes out: it must not be a guess."""
    with pytest.raises(PluginError) as caught:
        missing(quiet, Asks(kinds))
    assert str(caught.value) == (
        f"Asks, asked about order 'A-2': could not say which facts it needs: {problem}"
    )


# -- What is refused -------------------------------------------------------------------------------


def test_what_is_no_order_is_refused() -> None:
    """By its position, whether or not anything is needed."""
    message = "orders[1]: 'A-9' is neither an Order nor an OrderRecord; pass one"
    assert refusal(missing_facts, [ORDERS[0], "A-9"], [], now=NOW) == message


def test_a_naive_now_is_refused() -> None:
    """As in `process`."""
    expected = "now: datetime.datetime(2026, 3, 2, 12, 0) is naive; pass it with a tzinfo, such as"
    message = refusal(missing_facts, ORDERS, [], now=NOW.replace(tzinfo=None))
    assert message == f"{expected} timezone.utc"
