"""Orders that come too fast, counted by an index and, as an oracle, one by one."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import ADA, CONTEXT, HOME, NOW, order, refusal, run
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from verifying import check_later_orders, findings, knowing, screened

from fulfill_core import (
    Address,
    Context,
    Customer,
    CustomerFacts,
    Facts,
    Order,
    PastOrder,
    Screening,
    Severity,
    hold,
)
from fulfill_core.records import FactKind, fact_missing
from fulfill_core.verifiers.frequency import (
    velocity,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CEST = timezone(2 * HOUR)
NOTE, HOLD, REJECT = Severity.NOTE, Severity.HOLD, Severity.REJECT
SCREENING, CUSTOMER = frozenset({FactKind.SCREENING}), frozenset({FactKind.CUSTOMER})


EVE = Customer(id="C-9", email="eve@example.com")


# -- Velocity --------------------------------------------------------------------------------------


def ordered(order_id: str, ago: timedelta) -> PastOrder:
    """An order of before NOW."""
    return PastOrder(id=order_id, placed_at=NOW - ago, total=Decimal(1), currency="EUR")


def test_too_many_orders_of_a_customer() -> None:
    """The order counts and those before it in the window; itself, later and older ones do not."""
    context = knowing(
        ordered("A-0", timedelta(0)),
        ordered("A-1", HOUR),  # the order itself
        ordered("A-2", timedelta(0)),  # as old, but later by its id
        ordered("A-3", DAY - HOUR),
        ordered("A-4", DAY),
        ordered("A-5", -HOUR),
    )
    assert findings(velocity(at_most=3, within=DAY), order(), context) == []
    assert findings(velocity(at_most=2, within=DAY), order(), context) == [
        hold(
            "risk.velocity_customer",
            field="customer.id",
            detail="Within 1 day this is order number 3 of the customer; 2 are usual at most.",
            evidence="within 1 day",
            measure=3,
        )
    ]


@pytest.mark.parametrize(
    ("per", "field", "words"),
    [("card", "payments", "with the same card"), ("address", "ship_to", "to the same address")],
)
def test_too_many_orders_by_the_instants_of_a_screening(per: Any, field: str, words: str) -> None:
    """What the screening counts; the instant of the order itself is itself."""
    instants = [NOW, NOW - HOUR, NOW - DAY, NOW + HOUR]
    context = screened(**{f"same_{per}_at": instants})
    assert findings(velocity(at_most=1, within=DAY, per=per), order(), context) == [
        hold(
            f"risk.velocity_{per}",
            field=field,
            detail=f"Within 1 day this is order number 2 {words}; 1 is usual at most.",
            evidence="within 1 day",
            measure=2,
        )
    ]
    assert findings(velocity(at_most=2, within=DAY, per=per), order(), context) == []
    twice = screened(**{f"same_{per}_at": [NOW, NOW]})
    assert len(findings(velocity(at_most=1, within=DAY, per=per), order(), twice)) == 1


def test_velocity_needs_its_facts() -> None:
    """What is known of the customer, or a screening; without it the order is held."""
    subject = order()
    for per, kind in (
        ("customer", FactKind.CUSTOMER),
        ("card", FactKind.SCREENING),
        ("address", FactKind.SCREENING),
    ):
        verifier = velocity(at_most=1, within=DAY, per=per)  # type: ignore[arg-type]
        assert verifier.facts_needed(subject, context=CONTEXT) == {kind}
        assert findings(verifier, subject, CONTEXT) == [fact_missing(kind, subject)]


def test_an_order_without_an_address_is_not_judged_by_it() -> None:
    """A download goes nowhere, and needs no screening for that; nor does an empty address count."""
    verifier = velocity(at_most=1, within=DAY, per="address")
    download = order("A-1", ship_to=None)
    assert verifier.facts_needed(download, context=CONTEXT) == frozenset()
    empty = Address(name="", street=[], city="")
    batch = [download, order("A-2", ship_to=None)]
    batch += [order("A-3", ship_to=empty), order("A-4", ship_to=empty)]
    seen = Facts(screenings=[Screening(order_id=each.id) for each in batch])
    context = Context(now=NOW, facts=seen)
    bound = verifier.for_batch(batch, context=context)
    assert [list(bound(each, context=context)) for each in batch] == [[]] * 4


def test_a_run_counts_the_earlier_orders_of_the_batch() -> None:
    """Three in an hour where two are usual: the last one is held, whatever their sequence."""
    orders = [order(f"A-{number}", 1, placed_at=NOW - number * HOUR / 9) for number in (2, 1, 3)]
    seen = [Screening(order_id=each.id, cards=["fp-1"]) for each in orders]
    facts = Facts(screenings=seen, customers=[CustomerFacts(customer_id="C-1")])
    for per in ("customer", "card", "address"):
        verifier = velocity(at_most=2, within=HOUR, per=per)  # type: ignore[arg-type]
        result = run(*orders, verifiers=[verifier], facts=facts)
        found = {made.id: [each.code for each in made.findings] for made in result.decisions}
        assert found == {"A-3": [], "A-2": [], "A-1": [f"risk.velocity_{per}"]}


@pytest.mark.parametrize("per", ["card", "address"])
@pytest.mark.parametrize(("seen", "number"), [([1], 2), ([1, 1], 3), ([1, 2], 3), ([1, 2, 0], 3)])
def test_an_order_that_the_screening_saw_counts_once(
    per: Any, seen: list[int], number: int
) -> None:
    """An instant at which an order of the batch was placed, or this one, is that order's."""
    batch = [order("A-1", placed_at=NOW - HOUR), order("A-2")]
    instants = [NOW - hours * HOUR for hours in seen]
    screenings = [
        Screening(order_id=each.id, cards=["x"], same_card_at=instants, same_address_at=instants)
        for each in batch
    ]
    context = Context(now=NOW, facts=Facts(screenings=screenings))
    bound = velocity(at_most=1, within=DAY, per=per).for_batch(batch, context=context)
    [found] = bound(batch[1], context=context)
    assert f"order number {number} " in found.detail


def test_of_several_cards_the_one_with_the_most_orders_counts() -> None:
    """Two orders with one card and one with the other are not three with the same card."""
    cards = {"A-1": ["x"], "A-2": ["x"], "A-3": ["y"], "A-4": ["x", "y"]}
    facts = Facts(screenings=[Screening(order_id=each, cards=cards[each]) for each in cards])
    context = Context(now=NOW, facts=facts)
    batch = [order(order_id) for order_id in cards]
    bound = velocity(at_most=2, within=HOUR, per="card").for_batch(batch, context=context)
    [found] = bound(batch[3], context=context)
    assert "order number 3 " in found.detail


# -- Velocity: laws --------------------------------------------------------------------------------

_IDS = [f"A-{number}" for number in range(1, 7)]
_INSTANTS = st.builds(
    lambda hours, zone: (NOW - hours * HOUR).astimezone(zone),
    st.integers(-1, 4),
    st.sampled_from((UTC, CEST)),
)
_PLACES = [HOME, attrs.evolve(HOME, street=["2 Main St"]), None]


@st.composite
def _situations(draw: st.DrawFn) -> tuple[list[Order], Context]:
    """A batch of a few orders, their screenings, and what is known of their customers."""
    batch: list[Order] = []
    screenings: list[Screening] = []
    for order_id in draw(st.lists(st.sampled_from(_IDS), unique=True, min_size=1)):
        batch.append(
            order(
                order_id,
                placed_at=draw(_INSTANTS),
                customer=draw(st.sampled_from([ADA, EVE])),
                ship_to=draw(st.sampled_from(_PLACES)),
            )
        )
        if draw(st.integers(0, 9)):
            screening = Screening(
                order_id=order_id,
                cards=draw(st.sets(st.sampled_from("xyz"), max_size=2)),
                same_card_at=draw(st.lists(_INSTANTS, max_size=3)),
                same_address_at=draw(st.lists(_INSTANTS, max_size=3)),
            )
            screenings.append(screening)
    known: list[CustomerFacts] = []
    for customer in (ADA, EVE):
        before = [
            attrs.evolve(ordered(f"P-{number}", HOUR), placed_at=draw(_INSTANTS))
            for number in range(draw(st.integers(0, 3)))
        ]
        before += [
            attrs.evolve(ordered(made.id, HOUR), placed_at=made.placed_at)
            for made in batch
            if made.customer == customer and draw(st.booleans())
        ]
        known.append(CustomerFacts(customer_id=customer.id, orders=before))
    return batch, Context(now=NOW, facts=Facts(screenings=screenings, customers=known))


def _is_before(made: Order | PastOrder, subject: Order, within: timedelta) -> bool:
    return (made.placed_at, made.id) < (subject.placed_at, subject.id) and (
        subject.placed_at - made.placed_at < within
    )


def _count_of_customer(
    subject: Order, batch: list[Order], context: Context, within: timedelta
) -> int:
    known = context.facts.customer(subject.customer.id)
    assert known is not None
    theirs = [made for made in batch if made.customer == subject.customer]
    before = {made.id for made in [*theirs, *known.orders] if _is_before(made, subject, within)}
    return len(before | {subject.id})


def _count_by_screening(
    subject: Order, alike: Iterable[Order], instants: Iterable[datetime], within: timedelta
) -> int:
    """Instants of the batch and of the screening: the union of two multisets."""
    own = Counter([subject.placed_at.astimezone(UTC)])
    own.update(
        made.placed_at.astimezone(UTC) for made in alike if _is_before(made, subject, within)
    )
    seen = Counter(
        instant.astimezone(UTC)
        for instant in instants
        if timedelta(0) <= subject.placed_at - instant < within
    )
    return (own | seen).total()


def _count(
    per: str, subject: Order, batch: list[Order], context: Context, within: timedelta
) -> int | None:
    """How many orders there are in the window, by looking at all of them; None if not known."""
    if per == "customer":
        return _count_of_customer(subject, batch, context, within)
    if per == "address" and subject.ship_to is None:
        return 0
    seen = context.facts.screening_of(subject)
    if seen is None:
        return None
    if per == "address":
        alike = [made for made in batch if made.ship_to == subject.ship_to]
        return _count_by_screening(subject, alike, seen.same_address_at, within)
    counts = [_count_by_screening(subject, [], seen.same_card_at, within)]
    for card in seen.cards:
        screenings = {made.id: context.facts.screening_of(made) for made in batch}
        alike = [made for made in batch if (got := screenings[made.id]) and card in got.cards]
        counts.append(_count_by_screening(subject, alike, seen.same_card_at, within))
    return max(counts)


@pytest.mark.parametrize("per", ["customer", "card", "address"])
@FEWER
@given(situation=_situations(), at_most=st.integers(1, 4))
def test_velocity_agrees_with_a_count_of_all(
    per: Any, situation: tuple[list[Order], Context], at_most: int
) -> None:
    """The number of orders in the window is that of looking at each of them."""
    batch, context = situation
    verifier = velocity(at_most=at_most, within=2 * HOUR, per=per).for_batch(batch, context=context)
    for subject in batch:
        found = list(verifier(subject, context=context))
        number = _count(per, subject, batch, context, 2 * HOUR)
        if number is None:
            assert found == [fact_missing(FactKind.SCREENING, subject)]
        elif number <= at_most:
            assert found == []
        else:
            [only] = found
            assert f"order number {number} " in only.detail


@pytest.mark.parametrize("per", ["customer", "card", "address"])
@FEWER
@given(situation=_situations(), chance=st.randoms(use_true_random=False))
def test_later_orders_and_the_sequence_change_nothing(
    per: Any, situation: tuple[list[Order], Context], chance: Any
) -> None:
    """What is found about an order is the same without those placed later, and in any sequence."""
    batch, context = situation
    verifier = velocity(at_most=1, within=2 * HOUR, per=per)
    check_later_orders(verifier, batch, context, chance)


def test_a_window_that_leads_off_the_calendar_holds_all() -> None:
    """A period of any length can be asked for."""
    verifier = velocity(at_most=1, within=timedelta.max, per="card")
    long_ago = datetime(2, 1, 1, tzinfo=UTC)
    assert len(findings(verifier, order(), screened(same_card_at=[long_ago]))) == 1


# -- Settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"at_most": 0, "within": DAY},
            "velocity.at_most: 0 is below 1; pass 1 or more",
        ),
        (
            {"at_most": 1, "within": 24},
            "velocity.within: 24 is not a period; pass a timedelta(days=...)",
        ),
        (
            {"at_most": 1, "within": DAY, "per": "fax"},
            (
                "velocity.per: 'fax' is none of 'customer', 'email', 'phone', 'card', 'address',"
                " 'ip', nor a Likeness; pass one"
            ),
        ),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    """The error names the setting, the value and what to pass."""
    assert refusal(velocity, **settings) == message


@pytest.mark.parametrize("per", ["customer", "card", "address"])
def test_a_verifier_travels_with_its_index(per: Any) -> None:
    """A copy is equal, has the same hash and finds the same; the settings stay as they are."""
    batch = [order("A-1"), order("A-2")]
    facts = Facts(
        screenings=[Screening(order_id=each.id, cards=["x"]) for each in batch],
        customers=[CustomerFacts(customer_id="C-1")],
    )
    context = Context(now=NOW, facts=facts)
    verifier = velocity(at_most=1, within=DAY, per=per)
    bound = verifier.for_batch(batch, context=context)
    travelled = pickle.loads(pickle.dumps(bound))  # noqa: S301 - our own bytes
    assert travelled == bound != verifier
    assert hash(travelled) == hash(bound) == hash(verifier)
    assert repr(travelled) == repr(verifier)
    found = [len(list(travelled(subject, context=context))) for subject in batch]
    assert found == [0, 1]
