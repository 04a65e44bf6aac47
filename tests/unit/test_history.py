"""What came before an order: limits per customer, and the same once more.

The oracle compares every order with every other one; the verifiers look up an index.
"""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import ADA, CONTEXT, NOW, line, mugs, order, refusal, run
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from verifying import check_later_orders, findings, knowing, past

from fulfill_core import (
    Context,
    Customer,
    CustomerFacts,
    Facts,
    Order,
    OrderRecord,
    PastOrder,
    hold,
)
from fulfill_core.records import FactKind, fact_missing
from fulfill_core.verifiers.history import quantity_limits, repeated_order, usual_for_customer

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CEST = timezone(2 * HOUR)
CUSTOMER = frozenset({FactKind.CUSTOMER})


def details(verifier: Any, subject: Order, context: Context) -> list[str]:
    """The details of that."""
    return [finding.detail for finding in findings(verifier, subject, context)]


# -- Limits per order ------------------------------------------------------------------------------


def test_an_order_over_the_limit_is_held_once_per_sku() -> None:
    """All lines of a SKU count together, in stock units; the field is the first of its lines."""
    subject = order(
        lines=[
            line("1", "cup", 5),
            line("2", "mug", 2, units_each=6),
            line("3", "mug", 1),
            line("4", "pot", 99),
        ]
    )
    assert findings(quantity_limits({"mug": 12, "cup": 4}), subject, CONTEXT) == [
        hold(
            "order.quantity_limit",
            field="lines[1].quantity",
            detail="The order asks for 5 of 'cup'; at most 4 go to one order.",
            evidence="cup",
            measure=1,
        ),
        hold(
            "order.quantity_limit",
            field="lines[2].quantity",
            detail="The order asks for 13 of 'mug'; at most 12 go to one order.",
            evidence="mug",
            measure=1,
        ),
    ]
    assert findings(quantity_limits({"mug": 13, "cup": 5}), subject, CONTEXT) == []
    assert findings(quantity_limits({"tea": 1}), subject, CONTEXT) == []


def test_limits_per_order_need_no_facts_and_no_batch() -> None:
    """What the order says itself is enough."""
    verifier = quantity_limits({"mug": 1})
    assert verifier.facts_needed(order("A-1", 5), context=CONTEXT) == frozenset()
    assert verifier.for_batch([order("A-1", 5)], context=CONTEXT) is verifier


# -- Limits per customer ---------------------------------------------------------------------------


def test_earlier_orders_count_towards_the_limit_of_a_customer() -> None:
    """What the customer ordered before counts; the order's own record and later ones do not."""
    context = knowing(
        past("A-0", DAY, mug=3),
        past("A-1", HOUR, mug=90),  # the order itself
        past("A-2", timedelta(0), mug=90),  # as old, but later by its id
        past("A-9", -HOUR, mug=90),
    )
    verifier = quantity_limits({"mug": 4}, per="customer")
    assert findings(verifier, order("A-1", 1), context) == []
    assert findings(verifier, order("A-1", 1, 1), context) == [
        hold(
            "customer.quantity_limit",
            field="lines[1].quantity",
            detail="The order asks for 2 of 'mug', after 3 that the customer ordered;"
            " at most 4 go to one customer.",
            evidence="mug",
            measure=1,
        )
    ]


@pytest.mark.parametrize(("ago", "is_held"), [(7 * DAY, False), (7 * DAY - MINUTE, True)])
def test_what_is_older_than_the_window_does_not_count(ago: timedelta, is_held: bool) -> None:
    """The window is as long as the period: what is exactly so old is out of it."""
    verifier = quantity_limits({"mug": 4}, per="customer", within=7 * DAY)
    expected = (
        "The order asks for 2 of 'mug', after 3 that the customer ordered within 7 days;"
        " at most 4 go to one customer."
    )
    found = details(verifier, order("A-1", 2), knowing(past("A-0", ago, mug=3)))
    assert found == ([expected] if is_held else [])


def test_a_limit_of_a_customer_needs_the_facts_about_them_only_for_its_skus() -> None:
    """Without the facts an order of that SKU is held; another one does not need them."""
    verifier = quantity_limits({"mug": 4}, per="customer")
    mugs, cups = order("A-1", 1), order(lines=[line(sku="cup")])
    assert verifier.facts_needed(mugs, context=CONTEXT) == CUSTOMER
    assert findings(verifier, mugs, CONTEXT) == [fact_missing(FactKind.CUSTOMER, mugs)]
    assert verifier.facts_needed(cups, context=CONTEXT) == frozenset()
    assert findings(verifier, cups, CONTEXT) == []


def test_a_run_counts_the_earlier_orders_of_the_batch() -> None:
    """Three orders of two on a limit of four: the last one is held, whatever their sequence."""
    orders = [order(f"A-{hour}", 2, placed_at=NOW - hour * HOUR) for hour in (3, 1, 2)]
    result = run(
        *orders, verifiers=[quantity_limits({"mug": 4}, per="customer")], facts=knowing().facts
    )
    held = [made.id for made in result.decisions if made.findings]
    assert held == ["A-1"]


def test_an_order_that_is_not_in_the_batch_is_judged_by_what_is_known() -> None:
    """A verifier for a batch can be asked about another order, of a customer of that batch too."""
    batch = [order("A-1", 3), order("A-2", 1)]
    verifier = quantity_limits({"mug": 4, "cup": 2}, per="customer")
    bound = verifier.for_batch(batch, context=knowing())
    cups = order("A-3", lines=[line(sku="cup", quantity=3)])
    assert [each.code for each in bound(cups, context=knowing())] == ["customer.quantity_limit"]
    assert list(bound(attrs.evolve(cups, lines=[line(sku="cup")]), context=knowing())) == []


# -- The same once more ----------------------------------------------------------------------------


def test_the_same_order_again_is_held() -> None:
    """As many units of the same SKUs, in whatever lines; the latest one before is named."""
    subject = order(lines=[line("1", "mug", 1), line("2", "mug", 1), line("3", "cup", 1)])
    context = knowing(
        past("A-7", 9 * MINUTE, mug=2, cup=1),
        past("A-8", 5 * MINUTE, mug=2, cup=1),
        past("A-9", 1 * MINUTE, mug=2),
    )
    assert findings(repeated_order(within=10 * MINUTE), subject, context) == [
        hold(
            "order.repeated",
            field="lines",
            detail="The customer ordered the same as 'A-8', at 2026-03-02 11:55 UTC.",
            evidence="A-8",
        )
    ]


@pytest.mark.parametrize(
    "before",
    [
        past("A-0", 10 * MINUTE, mug=2),
        past("A-0", MINUTE, mug=3),
        past("A-0", MINUTE, mug=2, cup=1),
        past("A-0", MINUTE),
        past("A-1", MINUTE, mug=2),
        past("A-2", -MINUTE, mug=2),
    ],
    ids=["too old", "more", "something else", "unknown", "itself", "later"],
)
def test_what_is_no_repetition(before: PastOrder) -> None:
    """Too long ago, something else, something unknown, the order itself, or a later one."""
    assert findings(repeated_order(within=10 * MINUTE), order("A-1", 2), knowing(before)) == []


def test_an_order_that_was_cancelled_is_not_repeated() -> None:
    """Its record says so, whatever is known of the past; with one unit gone it counts still."""
    first = order("A-1", 2, placed_at=NOW - MINUTE)
    again = order("A-2", 2)
    cancelled = OrderRecord(order=first).with_progress("1", cancelled=2)
    half_gone = OrderRecord(order=first).with_progress("1", cancelled=1, shipped=1)
    verifiers = [
        repeated_order(within=HOUR),
        quantity_limits({"mug": 3}, per="customer"),
    ]
    facts = knowing(past("A-1", MINUTE, mug=2)).facts
    for before, codes in (
        (cancelled, []),
        (half_gone, ["customer.quantity_limit", "order.repeated"]),
        (first, ["customer.quantity_limit", "order.repeated"]),
    ):
        result = run(before, again, stock=mugs(berlin=9), verifiers=verifiers, facts=facts)
        assert [finding.code for finding in result["A-2"].findings] == codes


def test_a_past_order_that_was_cancelled_says_nothing() -> None:
    """A host names it without units and for nothing: it repeats nothing and is usual for nobody."""
    before = [past(f"A-{number}", MINUTE, "0") for number in (2, 3, 4)]
    verifiers = [repeated_order(within=HOUR), quantity_limits({"mug": 2}, per="customer")]
    for verifier in (*verifiers, usual_for_customer()):
        assert findings(verifier, order("A-9", 2), knowing(*before)) == []


def test_a_repetition_needs_the_facts_unless_nothing_is_ordered() -> None:
    """Without the facts it holds; two orders without lines are not the same order."""
    verifier = repeated_order(within=HOUR)
    subject, empty = order("A-1", 2), order("A-1")
    assert verifier.facts_needed(subject, context=CONTEXT) == CUSTOMER
    assert findings(verifier, subject, CONTEXT) == [fact_missing(FactKind.CUSTOMER, subject)]
    assert verifier.facts_needed(empty, context=CONTEXT) == frozenset()
    assert findings(verifier, empty, CONTEXT) == []


def test_a_window_is_as_long_on_the_day_on_which_the_clocks_change() -> None:
    """02:50 summer time and 02:10 standard time are twenty minutes apart, whatever clocks show."""
    night = datetime(2025, 10, 26, 2, 50, tzinfo=ZoneInfo("Europe/Berlin"))
    first = order("A-1", 2, placed_at=night)
    second = order("A-2", 2, placed_at=night.replace(minute=10, fold=1))
    verifier = repeated_order(within=30 * MINUTE)
    bound = verifier.for_batch([second, first], context=knowing())
    found = [[each.code for each in bound(one, context=knowing())] for one in (first, second)]
    assert found == [[], ["order.repeated"]]


def test_of_two_orders_at_one_instant_the_one_with_the_higher_id_is_the_repetition() -> None:
    """A tie goes by the id: one of the two is served."""
    result = run(
        order("A-2", 2),
        order("A-1", 2),
        verifiers=[repeated_order(within=HOUR)],
        facts=knowing().facts,
    )
    assert [made.detail for made in result["A-2"].findings] == [
        "The customer ordered the same as 'A-1', at 2026-03-02 12:00 UTC."
    ]
    assert result["A-1"].findings == ()


# -- Settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "settings", "message"),
    [
        (
            quantity_limits,
            {"limits": ["mug"]},
            "quantity_limits.limits: ['mug'] is not a mapping; pass a dict of units by SKU",
        ),
        (
            quantity_limits,
            {"limits": {}},
            "quantity_limits.limits: {} limits nothing; pass a dict of units by SKU",
        ),
        (
            quantity_limits,
            {"limits": {"": 1}},
            ("quantity_limits.limits (SKU): '' is empty; pass at least one visible character"),
        ),
        (
            quantity_limits,
            {"limits": {"mug": 0}},
            "quantity_limits.limits['mug']: 0 is below 1; pass 1 or more",
        ),
        (
            quantity_limits,
            {"limits": {"mug": 1}, "per": "day"},
            (
                "quantity_limits.per: 'day' is none of 'order', 'customer', 'email', 'phone',"
                " 'card', 'address', 'ip', nor a Likeness; pass one"
            ),
        ),
        (
            quantity_limits,
            {"limits": {"mug": 1}, "within": HOUR},
            (
                "quantity_limits.within: datetime.timedelta(seconds=3600) is for customers;"
                " pass per='customer' too"
            ),
        ),
        (
            quantity_limits,
            {"limits": {"mug": 1}, "per": "customer", "within": 7},
            "quantity_limits.within: 7 is not a period; pass a timedelta(days=...)",
        ),
        (
            repeated_order,
            {"within": timedelta(0)},
            (
                "repeated_order.within: datetime.timedelta(0) is no time at all; pass a timedelta"
                " above zero"
            ),
        ),
    ],
)
def test_bad_settings_are_refused(of: Any, settings: dict[str, Any], message: str) -> None:
    """The error names the setting, the value and what to pass."""
    assert refusal(of, **settings) == message


def test_verifiers_show_their_settings() -> None:
    """The repr says what a verifier was made with; of long tables only how long they are."""
    assert repr(quantity_limits({"mug": 1, "cup": 2})) == "quantity_limits(<2 limits>, per='order')"
    assert repr(quantity_limits({"mug": 1}, per="customer", within=DAY)) == (
        "quantity_limits(<1 limits>, per='customer', within=datetime.timedelta(days=1))"
    )
    assert repr(repeated_order(within=DAY)) == "repeated_order(within=datetime.timedelta(days=1))"


# -- Periods and instants --------------------------------------------------------------------------


@pytest.mark.parametrize("within", [timedelta.max, None])
def test_a_window_without_a_beginning_holds_all(within: timedelta | None) -> None:
    """A period that leads off the calendar reaches back to the first order."""
    verifier = quantity_limits({"mug": 4}, per="customer", within=within)
    long_ago = PastOrder(
        id="A-0",
        placed_at=datetime(2, 1, 1, tzinfo=UTC),
        total=Decimal(1),
        currency="EUR",
        units={"mug": 4},
    )
    found = findings(verifier, order("A-1", 1), knowing(long_ago))
    assert [each.code for each in found] == ["customer.quantity_limit"]


# -- Laws ------------------------------------------------------------------------------------------

_IDS = [f"A-{number}" for number in range(1, 7)]
_INSTANTS = st.builds(
    lambda hours, zone: (NOW - hours * HOUR).astimezone(zone),
    st.integers(-1, 5),
    st.sampled_from((UTC, CEST)),
)
_UNITS = st.dictionaries(st.sampled_from(("mug", "cup")), st.integers(1, 3), max_size=2)
_CUSTOMERS = [ADA, Customer(id="C-2")]


@st.composite
def _situations(draw: st.DrawFn) -> tuple[list[Order], Context]:
    """A batch of a few orders and what is known of their customers; some orders are in both."""
    batch: list[Order] = []
    for order_id in draw(st.lists(st.sampled_from(_IDS), unique=True, min_size=1)):
        lines = [
            line(f"{position}{sku}", sku, units)
            for position in range(draw(st.integers(1, 2)))
            for sku, units in draw(_UNITS).items()
        ]
        batch.append(
            order(
                order_id,
                lines=lines,
                placed_at=draw(_INSTANTS),
                customer=draw(st.sampled_from(_CUSTOMERS)),
            )
        )
    known: list[CustomerFacts] = []
    for customer in _CUSTOMERS:
        before = [
            PastOrder(
                id=f"P-{number}",
                placed_at=draw(_INSTANTS),
                total=Decimal(1),
                currency="EUR",
                units=draw(_UNITS),
            )
            for number in range(draw(st.integers(0, 3)))
        ]
        # What the records say of an order of the batch: the same instant, but maybe other units.
        before += [
            PastOrder(
                id=made.id,
                placed_at=made.placed_at,
                total=Decimal(1),
                currency="EUR",
                units=draw(_UNITS),
            )
            for made in batch
            if made.customer == customer and draw(st.booleans())
        ]
        known.append(CustomerFacts(customer_id=customer.id, orders=before))
    return batch, Context(now=NOW, facts=Facts(customers=known))


def _units(placed: Order | PastOrder) -> dict[str, int]:
    if isinstance(placed, PastOrder):
        return dict(placed.units)
    units: dict[str, int] = {}
    for each in placed.lines:
        units[each.sku] = units.get(each.sku, 0) + each.quantity
    return units


def _before(
    subject: Order, batch: list[Order], context: Context, within: timedelta
) -> list[Order | PastOrder]:
    """All that the customer placed before the order and within the period: one by one."""
    known = context.facts.customer(subject.customer.id)
    assert known is not None
    theirs = [made for made in batch if made.customer.id == subject.customer.id]
    others = [made for made in known.orders if made.id not in {each.id for each in theirs}]
    return [
        made
        for made in [*theirs, *others]
        if made.id != subject.id
        and (made.placed_at, made.id) < (subject.placed_at, subject.id)
        and subject.placed_at - made.placed_at < within
    ]


@FEWER
@given(_situations())
def test_limits_agree_with_a_count_of_all(situation: tuple[list[Order], Context]) -> None:
    """A SKU is over the limit of its customer exactly if all orders before, added up, say so."""
    batch, context = situation
    limits = {"mug": 4, "cup": 3}
    verifier = quantity_limits(limits, per="customer", within=3 * HOUR).for_batch(
        batch, context=context
    )
    for subject in batch:
        before = _before(subject, batch, context, 3 * HOUR)
        expected = [
            f"The order asks for {units} of {sku!r}, after {earlier} that the customer"
            f" ordered within 3 hours; at most {limits[sku]} go to one customer."
            for sku, units in sorted(_units(subject).items())
            if (earlier := sum(_units(each).get(sku, 0) for each in before)) + units > limits[sku]
        ]
        assert [each.detail for each in verifier(subject, context=context)] == expected


@FEWER
@given(_situations())
def test_repetitions_agree_with_a_comparison_of_all(
    situation: tuple[list[Order], Context],
) -> None:
    """An order is a repetition exactly if one before has the same units; the latest is named."""
    batch, context = situation
    verifier = repeated_order(within=3 * HOUR).for_batch(batch, context=context)
    for subject in batch:
        same = [
            each
            for each in _before(subject, batch, context, 3 * HOUR)
            if _units(each) == _units(subject)
        ]
        found = list(verifier(subject, context=context))
        assert bool(found) == bool(subject.lines and same)
        if found:
            latest = max(same, key=lambda each: (each.placed_at, each.id))
            assert f"the same as {latest.id!r}, at" in found[0].detail


_BOUND = [
    quantity_limits({"mug": 3, "cup": 2}, per="customer"),
    quantity_limits({"mug": 3, "cup": 2}, per="customer", within=2 * HOUR),
    repeated_order(within=2 * HOUR),
]


@pytest.mark.parametrize("verifier", _BOUND, ids=repr)
@FEWER
@given(_situations(), st.randoms(use_true_random=False))
def test_later_orders_and_the_sequence_change_nothing(
    verifier: Any, situation: tuple[list[Order], Context], chance: Any
) -> None:
    """What is found about an order is the same without those placed later, and in any sequence."""
    batch, context = situation
    check_later_orders(verifier, batch, context, chance)


@pytest.mark.parametrize("verifier", _BOUND, ids=repr)
def test_a_verifier_travels_with_its_index(verifier: Any) -> None:
    """A copy is equal, has the same hash and finds the same; the settings stay as they are."""
    batch = [order("A-1", 2), order("A-2", 2), order("A-3", 1)]
    context = knowing(past("P-1", HOUR, mug=1))
    bound = verifier.for_batch(batch, context=context)
    travelled = pickle.loads(pickle.dumps(bound))  # noqa: S301 - our own bytes
    assert travelled == bound
    assert hash(travelled) == hash(bound) == hash(verifier)
    assert repr(travelled) == repr(verifier)
    found = [list(bound(subject, context=context)) for subject in batch]
    assert [list(travelled(subject, context=context)) for subject in batch] == found
