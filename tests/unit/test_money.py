"""Minor units, the digits of currencies, and gateways that have digits of their own."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import ROUND_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from builders import refusal
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core.orders.money import at_precision, from_minor_units, minor_digits, to_minor_units

FOLDER = Path(__file__).parents[1] / "data" / "currencies"
NO_INT = "is not an int; pass minor units, 1980 for 19.80"
NO_DECIMAL = "is not a finite Decimal; pass money as Decimal('9.90')"
NO_EXPONENT = "is not an exponent; pass an int from 0 to 8"
TOO_LONG = "has more than 15 digits on a side of the point"
NO_MINOR_UNIT = "has no minor unit in ISO 4217; say yourself how many digits"

exponents = st.integers(0, 8)


def table(name: str) -> list[dict[str, str]]:
    """The rows of one table."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# -- Minor units -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "exponent", "amount"),
    [
        (1980, 2, "19.80"),
        (1980, 0, "1980"),
        (1980, 3, "1.980"),
        (7, 8, "0.00000007"),
        (0, 2, "0.00"),
        (-1980, 2, "-19.80"),
        (10**17 - 1, 2, "999999999999999.99"),
    ],
)
def test_minor_units_are_converted_exactly(units: int, exponent: int, amount: str) -> None:
    """Both ways, digit by digit; a refund that a gateway writes below zero as well."""
    assert f"{from_minor_units(units, exponent):f}" == amount
    assert to_minor_units(Decimal(amount), exponent) == units


@pytest.mark.parametrize(
    ("amount", "exponent", "units"),
    [
        ("19.8", 2, 1980),
        ("19.8000", 2, 1980),
        ("2E+3", 0, 2000),
        ("-0.00", 2, 0),
        ("1E-15", 8, None),
    ],
)
def test_how_an_amount_is_written_changes_nothing(
    amount: str, exponent: int, units: int | None
) -> None:
    """Zeros at the end, exponents and a negative zero are ways to write a number."""
    if units is None:
        assert "round it first" in refusal(to_minor_units, Decimal(amount), exponent)
    else:
        assert to_minor_units(Decimal(amount), exponent) == units


@given(st.integers(-(10**15) + 1, 10**15 - 1), exponents)
def test_minor_units_survive_the_way_there_and_back(units: int, exponent: int) -> None:
    """What comes from a gateway goes back to it as it was, and is worth units / 10**exponent."""
    amount = from_minor_units(units, exponent)
    assert Fraction(amount) == Fraction(units, 10**exponent)
    assert to_minor_units(amount, exponent) == units


@given(
    st.decimals(-(10**15) + 1, 10**15 - 1, allow_nan=False, allow_infinity=False, places=8),
    exponents,
)
def test_an_amount_is_converted_or_refused_never_rounded(amount: Decimal, exponent: int) -> None:
    """An amount of which the gateway could not count the last digit is refused."""
    scaled = Fraction(amount) * 10**exponent
    if scaled.denominator == 1:
        assert to_minor_units(amount, exponent) == scaled
        assert from_minor_units(to_minor_units(amount, exponent), exponent) == amount
    else:
        problem = f"is not a whole number of units of 10**-{exponent}; round it first"
        expected = f"amount: {amount!r} {problem}"
        assert refusal(to_minor_units, amount, exponent) == expected


@pytest.mark.parametrize(
    ("function", "amount", "exponent", "message"),
    [
        (from_minor_units, 19.8, 2, f"amount: 19.8 {NO_INT}"),
        (from_minor_units, True, 2, f"amount: True {NO_INT}"),
        (from_minor_units, "1980", 2, f"amount: '1980' {NO_INT}"),
        (from_minor_units, Decimal(1980), 2, f"amount: Decimal('1980') {NO_INT}"),
        (from_minor_units, None, 2, f"amount: None {NO_INT}"),
        (
            from_minor_units,
            10**17,
            2,
            "amount: 100000000000000000 has more than 15 digits before the point",
        ),
        (
            from_minor_units,
            -(10**15),
            0,
            "amount: -1000000000000000 has more than 15 digits before the point",
        ),
        (from_minor_units, 1, -1, f"exponent: -1 {NO_EXPONENT}"),
        (from_minor_units, 1, 9, f"exponent: 9 {NO_EXPONENT}"),
        (from_minor_units, 1, True, f"exponent: True {NO_EXPONENT}"),
        (from_minor_units, 1, 2.0, f"exponent: 2.0 {NO_EXPONENT}"),
        (to_minor_units, 19.8, 2, f"amount: 19.8 {NO_DECIMAL}"),
        (to_minor_units, 1980, 2, f"amount: 1980 {NO_DECIMAL}"),
        (to_minor_units, "19.80", 2, f"amount: '19.80' {NO_DECIMAL}"),
        (to_minor_units, Decimal("NaN"), 2, f"amount: Decimal('NaN') {NO_DECIMAL}"),
        (to_minor_units, Decimal("Infinity"), 2, f"amount: Decimal('Infinity') {NO_DECIMAL}"),
        (to_minor_units, Decimal("1E+15"), 2, f"amount: Decimal('1E+15') {TOO_LONG}"),
        (to_minor_units, Decimal("1E+999999"), 2, f"amount: Decimal('1E+999999') {TOO_LONG}"),
        (to_minor_units, Decimal("1E-16"), 2, f"amount: Decimal('1E-16') {TOO_LONG}"),
        (to_minor_units, Decimal("1E-999999"), 2, f"amount: Decimal('1E-999999') {TOO_LONG}"),
        (to_minor_units, Decimal(1), 9, f"exponent: 9 {NO_EXPONENT}"),
        (to_minor_units, Decimal(1), "2", f"exponent: '2' {NO_EXPONENT}"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused(
    function: Callable[..., object], amount: Any, exponent: Any, message: str
) -> None:
    """The error names the argument, the value and what to pass instead."""
    assert refusal(function, amount, exponent) == message


def test_an_int_of_any_length_is_refused_by_name() -> None:
    """A number that Python itself would not print breaks nothing."""
    assert refusal(from_minor_units, 10**5000, 2) == (
        "amount: <int that cannot be shown> has more than 15 digits before the point"
    )


def test_the_hosts_decimal_context_changes_nothing() -> None:
    """Three digits of precision and another rounding are the host's own affair."""
    with localcontext(prec=3, rounding=ROUND_UP):
        assert from_minor_units(123456789, 2) == Decimal("1234567.89")
        assert to_minor_units(Decimal("1234567.89"), 2) == 123456789
        assert str(at_precision(Decimal("123456.784"), "EUR")) == "123456.78"


# -- Currencies ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "currencies"),
    [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (2, "CHF EUR GBP USD"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    ],
)
def test_digits_of_currencies(digits: int, currencies: str) -> None:
    """Most have two, some none, three or four; upper or lower case is all the same."""
    assert {minor_digits(code) for code in currencies.split()} == {digits}
    assert {minor_digits(code.lower()) for code in currencies.split()} == {digits}


@pytest.mark.parametrize(
    ("currency", "message"),
    [
        ("XAU", f"currency: 'XAU' {NO_MINOR_UNIT}"),
        ("BTC", f"currency: 'BTC' {NO_MINOR_UNIT}"),
        ("EURO", "currency: 'EURO' is not a code of 3 letters, such as 'EUR'"),
        ("", "currency: '' is not a code of 3 letters, such as 'EUR'"),
        (978, "currency: 978 is not a code of 3 letters, such as 'EUR'"),
    ],
)
def test_digits_are_never_guessed(currency: Any, message: str) -> None:
    """Gold and what ISO 4217 does not know have no digits; a wrong guess is a hundredfold price."""
    assert refusal(minor_digits, currency) == message


def test_the_digits_are_those_of_iso_4217() -> None:
    """Currency by currency, as the table has it; where that has none, neither have we."""
    for row in table("iso4217_minor_units"):
        if row["minor_units"]:
            assert minor_digits(row["code"]) == int(row["minor_units"]), row
        else:
            assert (
                refusal(minor_digits, row["code"]) == f"currency: {row['code']!r} {NO_MINOR_UNIT}"
            )


def test_gateways_are_converted_with_exponents_of_their_own() -> None:
    """45 of 269 real rules of gateways contradict ISO 4217: the exponent is always the caller's."""
    rules = [(row["currency"], int(row["exponent"])) for row in table("gateway_exponent_overrides")]
    assert len(rules) == 269
    for _, exponent in rules:
        amount = from_minor_units(123456, exponent)
        assert Fraction(amount) == Fraction(123456, 10**exponent)
        assert to_minor_units(amount, exponent) == 123456
    known = {row["code"] for row in table("iso4217_minor_units") if row["minor_units"]}
    contradicting = [
        (currency, exponent)
        for currency, exponent in rules
        if currency in known and minor_digits(currency) != exponent
    ]
    assert len(contradicting) == 45
    assert ("CLP", 0) not in contradicting


# -- Precision -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("19.805", "EUR", "19.81"),
        ("19.804999", "EUR", "19.80"),
        ("19.815", "EUR", "19.82"),
        ("20", "EUR", "20.00"),
        ("1000.5", "JPY", "1001"),
        ("1.0005", "KWD", "1.001"),
        ("1.00005", "CLF", "1.0001"),
        ("0.00001", "XAU", "0.00001"),
        ("0.00001", "BTC", "0.00001"),
        ("1E+30", "EUR", "1000000000000000000000000000000.00"),
    ],
)
def test_an_amount_at_the_precision_of_its_currency(
    amount: str, currency: str, rounded: str
) -> None:
    """Half up, to the digits that the currency has; in an unknown one it stays as it is."""
    assert str(at_precision(Decimal(amount), currency)) == rounded
