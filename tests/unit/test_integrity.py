"""Prices against a price list, test orders, and dates that cannot be."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import CONTEXT, NOW, line, mugs, order, refusal, run
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Approval, Context, Finding, Order, Outcome, hold, reject
from fulfill_core.verifiers import no_test_orders, plausible_dates, price_drift

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def findings(verifier: Any, subject: Order, context: Context = CONTEXT) -> list[Finding]:
    """What a verifier notices about an order."""
    return list(verifier(subject, context=context))


# -- Prices ----------------------------------------------------------------------------------------

PRICES = {("mug", "EUR"): Decimal("9.90"), ("mug", "USD"): Decimal("11.00")}


def priced(price: str, **changes: Any) -> Order:
    """An order of one mug at this price."""
    currency = changes.pop("currency", "EUR")
    return order(lines=[line("7", unit_price=Decimal(price), **changes)], currency=currency)


def drifted(detail: str, drift: str) -> Finding:
    """The finding that the price of line 7 is another one; the drift is below zero if too low."""
    return hold(
        "line.price_drift",
        field="lines[7].unit_price",
        line_id="7",
        detail=detail,
        evidence="too low" if Decimal(drift) < 0 else "too high",
        measure=abs(Decimal(drift)),
    )


@pytest.mark.parametrize(
    ("price", "at_most", "is_held"),
    [
        ("9.90", "0", False),
        ("9.900", "0", False),
        ("9.91", "0", True),
        ("9.89", "0", True),
        ("10.395", "0.05", False),
        ("10.396", "0.05", True),
        ("9.405", "0.05", False),
        ("9.404", "0.05", True),
        ("0", "1", False),
        ("0", "0.99", True),
    ],
)
def test_a_price_may_differ_by_the_tolerance(price: str, at_most: str, is_held: bool) -> None:
    """Above and below, to the last digit; exactly the tolerance passes."""
    expected = drifted(
        f"One 'mug' costs {'0' if price == '0' else price} EUR; by the price list it is 9.90 EUR.",
        drift=str(Decimal(price) - Decimal("9.90")),
    )
    found = findings(price_drift(PRICES, at_most=Decimal(at_most)), priced(price))
    assert found == ([expected] if is_held else [])


def test_a_price_is_compared_in_the_currency_of_the_order() -> None:
    """Each currency has a price of its own; a currency in the list may be in lower case."""
    verifier = price_drift({("mug", "usd"): Decimal("11.00")})
    assert findings(verifier, priced("11", currency="USD")) == []
    assert findings(verifier, priced("11", currency="EUR")) == [
        hold(
            "line.price_unknown",
            field="lines[7].sku",
            line_id="7",
            detail="The price list has no price of 'mug' in EUR.",
            evidence="mug in EUR",
        )
    ]


def test_a_pack_costs_as_many_times_as_much_as_it_has_units() -> None:
    """The list has the price of one stock unit."""
    assert findings(price_drift(PRICES), priced("59.40", units_each=6)) == []
    assert findings(price_drift(PRICES), priced("9.90", units_each=6)) == [
        drifted("One pack of 6 x 'mug' costs 9.90 EUR; by the price list it is 59.40 EUR.", "-49.5")
    ]


def test_a_listed_price_of_zero_allows_no_other() -> None:
    """A fraction of nothing is nothing."""
    verifier = price_drift({("mug", "EUR"): Decimal(0)}, at_most=Decimal(1))
    assert findings(verifier, priced("0.00")) == []
    assert [each.code for each in findings(verifier, priced("0.01"))] == ["line.price_drift"]


def test_a_line_with_another_price_does_not_stop_the_others() -> None:
    """The finding names the line: the rest of the order goes."""
    subject = order(lines=[line("1", unit_price=Decimal("9.90")), line("2")])
    result = run(subject, stock=mugs(berlin=5), verifiers=[price_drift(PRICES)])
    assert result["A-1"].held_lines == frozenset({"2"})
    assert [made.line_id for made in result["A-1"].allocations] == ["1"]


# -- Test orders -----------------------------------------------------------------------------------


def test_a_test_order_is_rejected_for_each_of_its_marks() -> None:
    """Tags and attributes mark one; case and blanks around make no difference."""
    verifier = no_test_orders(tags=["test", "QA"], attributes={"gateway": "bogus", "test": "true"})
    subject = order(tags=["Test ", "qa", "gift"], attributes={"gateway": "Bogus", "test": "no"})
    assert findings(verifier, subject) == [
        reject("order.test", field="tags", detail="It is a test order: it has the tag 'Test '."),
        reject("order.test", field="tags", detail="It is a test order: it has the tag 'qa'."),
        reject(
            "order.test",
            field="attributes[gateway]",
            detail="It is a test order: it has the attribute 'gateway', 'Bogus'.",
        ),
    ]


@pytest.mark.parametrize(
    "subject",
    [
        order(),
        order(tags=["tested", "contest"], attributes={"test": "test"}),
        order(tags=["tes t"]),
    ],
    ids=["no marks", "other marks", "in two words"],
)
def test_other_orders_are_no_test_orders(subject: Order) -> None:
    """By default only the tag "test" marks one; a part of a word is not the word."""
    assert findings(no_test_orders(), subject) == []


def test_a_test_order_never_takes_stock() -> None:
    """Not even if somebody approved it."""
    subject = order("A-1", 1, tags=["test"])
    approval = Approval(
        order_id="A-1",
        fingerprint=subject.fingerprint,
        any_later=["order.test"],
        by="Grace",
        at=NOW,
    )
    result = run(
        subject,
        stock=mugs(berlin=5),
        verifiers=[no_test_orders()],
        approvals=[approval],
    )
    assert result["A-1"].outcome is Outcome.REJECTED
    assert result.inventory.available("mug") == 5


# -- Dates -----------------------------------------------------------------------------------------


def implausible(field: str, detail: str, fault: str) -> Finding:
    """The finding that a date can't be."""
    return hold("order.date_implausible", field=field, detail=detail, evidence=fault)


def test_dates_that_go_together() -> None:
    """No dates at all, and each of them at its last good instant."""
    good = order(
        placed_at=NOW + 5 * MINUTE,
        deliver_by=NOW + 5 * MINUTE + 366 * DAY,
        ship_after=NOW + 5 * MINUTE + 366 * DAY,
    )
    at_once = order(placed_at=NOW, deliver_by=NOW, ship_after=NOW - DAY)
    for subject in (order(), good, at_once):
        assert findings(plausible_dates(), subject) == []


def test_an_order_is_not_placed_in_the_future() -> None:
    """Beyond the tolerance for clocks that are apart."""
    subject = order(placed_at=NOW + 6 * MINUTE)
    assert findings(plausible_dates(), subject) == [
        implausible(
            "placed_at",
            "The order was placed at 2026-03-02 12:06 UTC, which is still to come.",
            "to come",
        )
    ]
    assert findings(plausible_dates(tolerance=6 * MINUTE), subject) == []
    exact = plausible_dates(tolerance=timedelta(0))
    assert findings(exact, order(placed_at=NOW)) == []
    assert len(findings(exact, order(placed_at=NOW + timedelta(microseconds=1)))) == 1


def test_when_an_order_is_no_longer_placed_in_the_future() -> None:
    """The instant at which that finding goes, and no other."""
    rule = plausible_dates(tolerance=MINUTE)
    early = order(placed_at=NOW + 6 * MINUTE)
    [instant] = rule.turning_points(early, context=CONTEXT)
    assert instant == NOW + 5 * MINUTE
    before = Context(now=instant - timedelta(microseconds=1))
    assert list(rule(early, context=before)) == findings(rule, early) != []
    assert list(rule(early, context=Context(now=instant))) == []
    assert list(rule.turning_points(order(placed_at=NOW + MINUTE), context=CONTEXT)) == []


def test_a_deadline_comes_after_the_order() -> None:
    """One before the order was placed can't be kept."""
    subject = order(deliver_by=NOW - MINUTE)
    assert findings(plausible_dates(), subject) == [
        implausible(
            "deliver_by",
            "The deadline (2026-03-02 11:59 UTC) is before the order was placed"
            " (2026-03-02 12:00 UTC).",
            "before placed_at",
        )
    ]


def test_a_deadline_three_years_off_is_a_slip() -> None:
    """All that is wrong with the dates is said: too far off, and shipped after the deadline."""
    subject = order(
        deliver_by=NOW.replace(year=2029), ship_after=NOW.replace(year=2029) + timedelta(hours=1)
    )
    assert findings(plausible_dates(), subject) == [
        implausible(
            "deliver_by",
            "The deadline (2029-03-02 12:00 UTC) is more than 366 days after the order was placed.",
            "too late",
        ),
        implausible(
            "ship_after",
            "The date before which it is not shipped (2029-03-02 13:00 UTC) is more than 366 days"
            " after the order was placed.",
            "too late",
        ),
        implausible(
            "ship_after",
            "The date before which it is not shipped (2029-03-02 13:00 UTC) is after the deadline"
            " (2029-03-02 12:00 UTC).",
            "after deliver_by",
        ),
    ]
    assert len(findings(plausible_dates(at_most=1100 * DAY), subject)) == 1


def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is() -> None:
    """Instants are compared, not what the clock on the wall shows: 02:30 comes twice."""
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2025, 10, 26, 2, 30, tzinfo=berlin)
    second = first.replace(fold=1)
    assert findings(plausible_dates(), order(placed_at=first, deliver_by=second)) == []
    wrong = findings(plausible_dates(), order(placed_at=second, deliver_by=first))
    assert [each.field for each in wrong] == ["deliver_by"]


_DATES = st.integers(0, 3_650_000).map(lambda days: datetime(2, 1, 1, tzinfo=UTC) + days * DAY)
_EAST = timezone(5 * MINUTE)


@given(st.none() | _DATES, st.none() | _DATES.map(lambda date: date.astimezone(_EAST)), _DATES)
def test_any_dates_can_be_judged(
    deliver_by: datetime | None, ship_after: datetime | None, placed_at: datetime
) -> None:
    """Whatever the calendar holds; and what is said of a date is about that date."""
    subject = order(deliver_by=deliver_by, ship_after=ship_after, placed_at=placed_at)
    for found in findings(plausible_dates(), subject):
        assert getattr(subject, found.field) is not None


# -- Settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "settings", "message"),
    [
        (
            price_drift,
            {"prices": [("mug", "EUR", 1)]},
            (
                "price_drift.prices: [('mug', 'EUR', 1)] is not a mapping; pass a dict by"
                " (SKU, currency)"
            ),
        ),
        (
            price_drift,
            {"prices": {"mug": Decimal(1)}},
            "price_drift.prices (keys)[0]: 'mug' is not a row of 2 members; pass (SKU, currency)",
        ),
        (
            price_drift,
            {"prices": {("mug", "EUR", "B2B"): Decimal(1)}},
            (
                "price_drift.prices (keys)[0]: ('mug', 'EUR', 'B2B') is not a row of 2 members;"
                " pass (SKU, currency)"
            ),
        ),
        (
            price_drift,
            {"prices": {(7, "EUR"): Decimal(1)}},
            "price_drift.prices (SKU): 7 is not an id; pass a str, such as 'A-17'",
        ),
        (
            price_drift,
            {"prices": {("mug", "€"): Decimal(1)}},
            "price_drift.prices (currency): '€' is not a code of 3 letters, such as 'EUR'",
        ),
        (
            price_drift,
            {"prices": {("mug", "EUR"): 9.9}},
            (
                "price_drift.prices[('mug', 'EUR')]: 9.9 is not a Decimal; pass money as"
                " Decimal('9.90'), never a float"
            ),
        ),
        (
            price_drift,
            {"prices": {("mug", "EUR"): Decimal(1), ("mug", "eur"): Decimal(2)}},
            "price_drift.prices: ('mug', 'eur') was given before; pass it once",
        ),
        (
            price_drift,
            {"prices": PRICES, "at_most": Decimal(5)},
            "price_drift.at_most: Decimal('5') is not from 0 to 1; 5 % is Decimal('0.05')",
        ),
        (
            price_drift,
            {"prices": PRICES, "at_most": 0.05},
            ("price_drift.at_most: 0.05 is not a number; pass an int or a Decimal, never a float"),
        ),
        (
            no_test_orders,
            {"tags": "test"},
            (
                "no_test_orders.tags: 'test' is not a collection of words; pass a set or a list of"
                " str"
            ),
        ),
        (
            no_test_orders,
            {"tags": [" "]},
            "no_test_orders.tags: ' ' is empty; pass at least one visible character",
        ),
        (
            no_test_orders,
            {"attributes": [("test",)]},
            "no_test_orders.attributes[0]: ('test',) is not a row of 2 members; pass (key, value)",
        ),
        (
            no_test_orders,
            {"attributes": {"test": True}},
            "no_test_orders.attributes['test']: True is not text; pass a str",
        ),
        (
            no_test_orders,
            {"tags": []},
            "no_test_orders.tags: [] marks nothing; pass a tag or a pair",
        ),
        (
            plausible_dates,
            {"at_most": 366},
            "plausible_dates.at_most: 366 is not a period; pass a timedelta(days=...)",
        ),
        (
            plausible_dates,
            {"tolerance": -MINUTE},
            (
                "plausible_dates.tolerance: datetime.timedelta(days=-1, seconds=86340) is no time"
                " at all; pass a timedelta above zero"
            ),
        ),
    ],
)
def test_bad_settings_are_refused(of: Any, settings: dict[str, Any], message: str) -> None:
    """The error names the setting, the value and what to pass."""
    assert refusal(of, **settings) == message


@pytest.mark.parametrize(
    "verifier",
    [
        price_drift(PRICES, at_most=Decimal("0.05")),
        no_test_orders(attributes=[("test", "true")]),
        plausible_dates(),
    ],
    ids=repr,
)
def test_verifiers_travel(verifier: Any) -> None:
    """A copy is equal, has the same hash and repr, and finds the same."""
    travelled = pickle.loads(pickle.dumps(verifier))  # noqa: S301 - our own bytes
    subject = order("A-1", 1, tags=["test"], deliver_by=NOW - DAY)
    assert travelled == verifier
    assert hash(travelled) == hash(verifier)
    assert repr(travelled) == repr(verifier)
    assert findings(travelled, subject) == findings(verifier, subject) != []


def test_a_long_price_list_is_not_shown() -> None:
    """The repr says how many prices there are."""
    assert repr(price_drift(PRICES)) == "price_drift(<2 prices>, at_most=Decimal('0'))"


@given(st.text(), st.text())
def test_any_text_can_be_judged(word: str, value: str) -> None:
    """Tags, attributes and SKUs of any kind break nothing."""
    subject = order(
        tags=[word * 300],
        attributes={word: value * 300},
        lines=[line(sku=f"mug{word}" * 300)],
    )
    assert len(findings(price_drift(PRICES), subject)) == 1
    for found in findings(no_test_orders(attributes={"test": "true"}), subject):
        assert len(found.detail) < 1000
