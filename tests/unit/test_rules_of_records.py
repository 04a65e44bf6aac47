"""What lasts between runs is checked where it enters, and is one value however it is listed."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from decimal import Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import NOW, line, record
from some_events import AT, HISTORY

from fulfill_core import (
    Address,
    Approval,
    Context,
    Customer,
    CustomerFacts,
    Facts,
    Finding,
    Hold,
    InvalidValueError,
    OrderRecord,
    PastOrder,
    Payment,
    Progress,
    Rejection,
    Reservation,
    Screening,
    Severity,
    Told,
)
from fulfill_core.records import (
    FactSubject,
    History,
    Likeness,
    Parcel,
    ShopFact,
    ShopFactKind,
    VerifierFailure,
)
from fulfill_core.records.report_rows import end_of_hold, last_wait
from fulfill_core.verifiers import to_refund, velocity

NOTHING_OF_THE_SORT = object()
"""Neither a text, a number, a time, a truth value, nor rows: no field may hold it."""
ORDER = record().order
TOLD = Told(audience="staff", id="3f", at=AT)  # type: ignore[arg-type]
FINDING = Finding(code="shop.check", severity=Severity.HOLD)
VALUES: list[Any] = [
    *HISTORY.parcels,
    *HISTORY.fulfilments,
    *HISTORY.returns,
    *HISTORY.movements,
    *HISTORY.delays,
    HISTORY,
    TOLD,
    Progress(line_id="1"),
    Approval(order_id="A-1", fingerprint="f", findings=[FINDING], by="Grace", at=AT),
    Rejection(order_id="A-1", fingerprint="f", by="Grace", at=AT),
    Hold(order_id="A-1", source="qa", code="qa.look", at=AT),
    ShopFactKind(name="recalls", about="sku"),  # type: ignore[arg-type]
    ShopFact(kind="recalls", subject="mug"),
    Screening(order_id="A-1"),
    PastOrder(id="A-1", placed_at=AT, total=Decimal(5), currency="EUR"),
    CustomerFacts(customer_id="C-1"),
    VerifierFailure(verifier="no_proxies", order_id="A-1", order_count=2),
    OrderRecord(order=ORDER),
]
FIELDS = [
    (value, field.name)
    for value in VALUES
    for field in attrs.fields(type(value))
    if field.init and not field.name.startswith("_")
]


@pytest.mark.parametrize(
    ("value", "name"), FIELDS, ids=[f"{type(value).__name__}.{name}" for value, name in FIELDS]
)
def test_each_field_of_what_is_kept_is_checked(value: Any, name: str) -> None:
    """The error names the value and the field, so that whoever stored it can mend it."""
    with pytest.raises(InvalidValueError) as error:
        attrs.evolve(value, **{name: NOTHING_OF_THE_SORT})
    assert error.value.path.startswith(f"{type(value).__name__}.{name}")


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({"records": ["A-1"]}, "records[0]"),
        ({"rejected_ids": [5]}, "rejected_ids"),
        ({"failures": ["late"]}, "failures[0]"),
        ({"duplicates": [5]}, "duplicates"),
        ({"facts": None}, "facts"),
        ({"now": "noon"}, "now"),
    ],
)
def test_what_a_rule_may_ask_about_is_checked(content: dict[str, Any], path: str) -> None:
    """A context is made of facts, records and failures, by their names."""
    with pytest.raises(InvalidValueError) as error:
        Context(**{"now": NOW, "facts": Facts(), **content})
    assert error.value.path.startswith(path)


def test_a_hold_is_put_on_as_a_hold() -> None:
    """Its reason alone is none."""
    wrong: Any = "qa.look"
    with pytest.raises(InvalidValueError, match=r"^OrderRecord\.with_hold\.hold: "):
        record().with_hold(wrong)


def test_what_is_reserved_is_one_value_however_it_is_listed() -> None:
    """By line, SKU and place."""
    rows = [
        Reservation(order_id="A-1", line_id="1", sku="mug", location=place, quantity=1)
        for place in ("y", "x")
    ]
    first, second = (OrderRecord(order=ORDER, reserved=each) for each in (rows, rows[::-1]))
    assert first == second
    assert [each.location for each in first.reserved] == ["x", "y"]


def test_an_order_is_cancelled_when_nothing_of_it_is_open() -> None:
    """Not while it waits for its first parcel, and not when one has left."""
    known = record(2)
    assert not known.is_cancelled
    assert not known.with_progress("1", cancelled=1).is_cancelled
    assert known.with_progress("1", cancelled=2).is_cancelled
    assert not known.with_progress("1", cancelled=1, shipped=1).is_cancelled


def test_instants_are_kept_in_utc_wherever_they_were_read() -> None:
    """Those of other orders as well, the oldest first."""
    tokyo = timezone(timedelta(hours=9))
    late, early = NOW.astimezone(tokyo), (NOW - timedelta(hours=1)).astimezone(tokyo)
    names = ("same_card_at", "same_address_at", "same_ip_at")
    screening = Screening(order_id="A-1", **{name: [late, early] for name in names})
    for name in names:
        instants = getattr(screening, name)
        assert sorted(instants) == [early, late]
        assert {each.utcoffset() for each in instants} == {timedelta(0)}


def test_a_word_is_kept_as_what_it_means() -> None:
    """So that it can be compared by what it is."""
    assert ShopFactKind(name="recalls", about="sku").about is FactSubject.SKU  # type: ignore[arg-type]


@pytest.mark.parametrize("per", [["email"], {"email": 1}, 5, None, "e-mail"])
def test_what_is_no_likeness_is_refused(per: Any) -> None:
    """Whatever it is, it is named; and what there is."""
    with pytest.raises(InvalidValueError, match=r"^velocity\.per: .* is none of "):
        velocity(at_most=1, per=per, within=timedelta(hours=1))


def test_a_phone_is_of_the_first_country_that_is_known() -> None:
    """An address without one says nothing."""
    home = Address(name="Ada", street=["1 Main St"], city="Leeds", country="GB")
    nowhere = Address(name="Ada", street=["1 Main St"], city="Leeds")
    customer = Customer(id="C-1", phone="0113 496")
    keys = [
        Likeness("phone").keys_of(
            attrs.evolve(ORDER, customer=customer, bill_to=bill_to, ship_to=home)
        )
        for bill_to in (None, nowhere, home)
    ]
    assert len({*keys}) == 1


# -- Parcels ---------------------------------------------------------------------------------------

ONE = {"1": 1}


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([("", "cup", 1)], "Parcel.parts (line)"),
        ([("1", "", 1)], "Parcel.parts (SKU)"),
        ([("1", "cup", 0)], "Parcel.parts['1', 'cup']"),
        ([("1", "cup", 1), ("1", "cup", 2)], "Parcel.parts[1]"),
    ],
)
def test_parts_in_a_parcel_are_said_once_each(rows: list[Any], path: str) -> None:
    """By line and SKU, one unit at least."""
    with pytest.raises(InvalidValueError) as error:
        Parcel(id="p1", at=AT, parts=rows)
    assert error.value.path == path


def test_what_was_asked_for_in_all_is_said_once() -> None:
    """Of one payment and one thing there is one sum; of another thing there is another."""
    rows = [("capture", "card", Decimal(5)), ("void", "card", Decimal(5))]
    assert History(asked_amounts=rows).asked_amounts == tuple(rows)
    with pytest.raises(InvalidValueError) as error:
        History(asked_amounts=[*rows, ("capture", "card", Decimal(7))])
    assert error.value.path == "History.asked_amounts[2]"


def test_parts_in_a_parcel_are_one_value_however_they_are_listed() -> None:
    """By line, then by SKU: a parcel that is reported twice is the same parcel."""
    rows = [("1", "cup", 1), ("1", "pot", 1), ("2", "cup", 1)]
    assert Parcel(id="p1", at=AT, parts=rows) == Parcel(id="p1", at=AT, parts=rows[::-1])


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([(AT, "Kiosk")], "Parcel.waits[0]"),
        ([("noon", "Kiosk", None)], "Parcel.waits (at)"),
        ([(AT, 3, None)], "Parcel.waits (place)"),
        ([(AT, "Kiosk", AT.replace(tzinfo=None))], "Parcel.waits (until)"),
    ],
)
def test_where_a_parcel_waits_is_rows_of_when_place_and_date(rows: list[Any], path: str) -> None:
    """Instants are aware, and the place is text."""
    with pytest.raises(InvalidValueError) as error:
        Parcel(id="p1", at=AT, waits=rows)
    assert error.value.path == path


def test_where_a_parcel_waits_is_one_value_however_it_is_listed() -> None:
    """By time, each word once, in UTC; the last one counts."""
    later = AT.astimezone(ZoneInfo("Europe/Berlin")) + timedelta(hours=1)
    rows = [(AT, "Kiosk", later), (later, "Shop", None), (AT, "Kiosk", later)]
    parcel, other = (Parcel(id="p1", at=AT, waits=each) for each in (rows, rows[::-1]))
    assert parcel == other
    assert [len(parcel.waits), {row[0].tzinfo for row in parcel.waits}] == [2, {UTC}]
    assert (parcel.waits_at, parcel.waits_until) == ("Shop", None)


def test_a_parcel_that_waits_keeps_three_words_of_a_place_however_often_it_is_scanned() -> None:
    """The first one, the last one, and the last one with a date."""
    until = AT + timedelta(days=7)
    rows = [
        (AT + timedelta(hours=hour), "Kiosk", None if hour % 2 else until) for hour in range(336)
    ]
    parcel = Parcel(id="p1", at=AT, waits=rows)
    assert parcel.waits == (rows[0], *rows[-2:])
    assert Parcel(id="p1", at=AT, waits=rows[:-1]).waits == (rows[0], rows[-2])


@pytest.mark.parametrize("number", [4, 5])
def test_where_a_parcel_waits_is_what_all_words_say_though_few_are_kept(number: int) -> None:
    """At most a date is forgotten of one that is back at a former place: three words of it."""
    words = [(place, until) for place in ("", "A", "B") for until in (None, AT)]
    for said in product(words, repeat=number):
        rows = [(AT + timedelta(hours=hour), *word) for hour, word in enumerate(said)]
        parcel, other = (Parcel(id="p1", at=AT, waits=each) for each in (rows, rows[::-1]))
        assert parcel == other
        place, until = last_wait(rows)
        is_back = sum([word[0] == place for word in said]) > 2
        assert (parcel.waits_at, parcel.waits_until) in {
            (place, until),
            (place, None if is_back and number > 4 else until),
        }


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([("qa", "qa.look", AT)], "History.hold_ends[0]"),
        ([("qa", "qa.look", 1, AT)], "History.hold_ends"),
        ([("qa", "qa.look", "", "noon")], "History.hold_ends"),
        ([("qa", "qa.look", "", AT), ("qa", "qa.look", "", AT)], "History.hold_ends[1]"),
    ],
)
def test_when_holds_ended_is_said_once_each(rows: list[Any], path: str) -> None:
    """By who stopped what, and why."""
    with pytest.raises(InvalidValueError) as error:
        History(hold_ends=rows)
    assert error.value.path == path


def test_when_holds_ended_is_one_value_however_it_is_listed() -> None:
    """By source, code and line."""
    rows = [("qa", "qa.look", "2", AT), ("qa", "qa.look", "1", AT)]
    history = History(hold_ends=rows)
    assert history == History(hold_ends=rows[::-1])
    assert end_of_hold(history.hold_ends, ("qa", "qa.look", "1")) == AT
    assert end_of_hold(history.hold_ends, ("qa", "qa.look", "")) is None


@pytest.mark.parametrize(
    ("sighting", "units"),
    [
        ({}, {}),
        ({"delivered": ONE}, {"1": 2}),
        ({"lost": ONE}, {"1": 2}),
        ({"is_delivered": True}, {"1": 2}),
        ({"stage": "in_transit"}, {"1": 2}),
        ({"delivered": {"1": 3}}, {"1": 3}),
        ({"delivered": {"2": 1}}, {"1": 2, "2": 1}),
    ],
)
def test_a_voided_parcel_that_was_seen_has_left(
    sighting: dict[str, Any], units: dict[str, int]
) -> None:
    """On its way, arrived or lost, all of it or a part; with what was seen beyond what was said."""
    content: dict[str, Any] = {"shipped": {"1": 2}, "parts": [("3", "cup", 1)], **sighting}
    parcel = Parcel(id="p1", at=AT, is_voided=True, **content)
    assert (parcel.units_left(), bool(parcel.parts_left())) == (units, bool(units))
    assert attrs.evolve(parcel, is_voided=False).units_left() == (units or {"1": 2})


def test_a_parcel_of_parts_was_announced() -> None:
    """What arrived of it and what is lost of it are parts of one parcel then, not two."""
    parts = [("2", "cup", 1)]
    assert Parcel(id="p1", at=AT, parts=parts, delivered=ONE, lost=ONE).units_left() == {"1": 1}
    assert Parcel(id="p1", at=AT, delivered=ONE, lost=ONE).units_left() == {"1": 2}


@pytest.mark.parametrize(("shipped", "units"), [({}, {}), ({"1": 2}, {"1": 2})])
def test_kits_seen_of_a_parcel_of_their_components_are_none_more(
    shipped: dict[str, int], units: dict[str, int]
) -> None:
    """They may be made of what is in another one: only whole kits that were said to leave did."""
    parts = [("1", "cup", 1)]
    parcel = Parcel(id="p1", at=AT, parts=parts, shipped=shipped, delivered={"1": 3}, lost=ONE)
    assert parcel.units_left() == units


# -- Money that goes back --------------------------------------------------------------------------


def paid(*payments: Payment, kept: int = 0, price: str = "0.50") -> OrderRecord:
    """An order of two, of which so many are kept, with these payments."""
    lines = [line("1", "mug", 2, unit_price=Decimal(price))]
    order_paid = attrs.evolve(ORDER, lines=lines, payments=payments)
    return OrderRecord(order=order_paid).with_progress("1", cancelled=2 - kept)


def test_the_least_amount_goes_back() -> None:
    """Of payments of which nobody knows when they were made, by id, the last one first."""
    payments = [
        Payment(id="b", amount=Decimal("0.50"), status="captured"),
        Payment(id="a", amount=Decimal("0.50"), status="captured", authorized_at=NOW),
    ]
    half = Decimal("0.50")
    assert to_refund(paid(*payments)) == (("a", half), ("b", half))
    assert to_refund(paid(*payments, kept=1)) == (("a", half),)


def test_another_currency_goes_back_with_the_last_of_the_rest() -> None:
    """As long as half a euro of the order is kept somebody has to look at it."""
    yen = Payment(id="yen", amount=Decimal(900), currency="JPY", status="captured")
    euros = Payment(id="eur", amount=Decimal(1), status="captured")
    assert to_refund(paid(euros, yen, kept=1)) == (("eur", Decimal("0.50")),)
    assert {*to_refund(paid(euros, yen))} == {("eur", Decimal(1)), ("yen", Decimal(900))}


@pytest.mark.parametrize(
    ("before", "units", "credited"),
    [
        ({"lost": 1, "credited": 1}, {"returned": 1}, 2),
        ({"lost": 1, "credited": 1}, {"returned": 1, "reopened": 1}, 2),
        ({"returned": 1, "credited": 0}, {"returned": 2}, 2),
        ({"returned": 1, "credited": 0}, {"reopened": 1}, 0),
        ({"returned": 2, "credited": 1}, {"lost": 1, "delivered": 1}, 1),
        ({"returned": 1}, {"returned": 1}, None),
    ],
)
def test_what_costs_nothing_any_more_grows_with_what_comes_back(
    before: dict[str, int], units: dict[str, int], credited: int | None
) -> None:
    """Where it is written out as well: another unit that a host counts as back costs nothing."""
    progress = Progress(line_id="1", shipped=4, **before).added(units)
    assert progress.credited == credited


@pytest.mark.parametrize(
    ("units", "name"),
    [({"shipped": -3}, "shipped"), ({"reduced": 2}, "reduced"), ({"cancelled": -1}, "reduced")],
)
def test_no_counter_is_brought_to_what_none_can_be(units: dict[str, int], name: str) -> None:
    """Below zero; or more taken off what is ordered than is taken off in all."""
    progress = Progress(line_id="1", shipped=2, cancelled=1, reduced=1)
    with pytest.raises(InvalidValueError, match=rf"^Progress\.{name}: "):
        progress.added(units)
