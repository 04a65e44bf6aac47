"""Amounts as gateways write them, and how many digits a currency has.

A gateway counts in minor units: 1980 for 19.80. Which power of ten it means is its own affair, and
gateways contradict ISO 4217 (and each other) often enough that the exponent is always the caller's.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from fulfill_core import _checks
from fulfill_core._checks import EXACT

NOTHING = Decimal(0)
"""What an amount is that nobody has given: this very object, which is quickly told from others."""
plus, less, times = EXACT.add, EXACT.subtract, EXACT.multiply
"""Sums, differences and products of money: see `EXACT`. They are looked up here once: a context
looks for its methods so slowly that a sum takes twice as long."""
_MOST_DIGITS = 15  # before the point, and behind it: as `check_money` has it
_MOST_EXPONENT = 8
_STEPS = tuple(Decimal(1).scaleb(-digits, context=EXACT) for digits in range(_MOST_EXPONENT + 1))

# ISO 4217, list one, as of January 2026. What has no minor unit there (gold, drawing rights, the
# codes for tests) is left out, as are currencies that are no longer in use.
_CURRENCIES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD"
        " CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP"
        " GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK"
        " LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO"
        " NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS"
        " SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST"
        " XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS = {code: digits for digits, codes in _CURRENCIES.items() for code in codes.split()}


def from_minor_units(amount: int, exponent: int) -> Decimal:
    """The amount that a gateway writes as a whole number of minor units. Exact.

    Args:
        amount: minor units, an int; below zero where a gateway writes refunds so.
        exponent: how many digits of it stand behind the point, 0 to 8: the gateway's own number
            for this currency, not `minor_digits`.

    Raises:
        InvalidValueError: a float, bool, str or Decimal, an exponent out of range, or more than 15
            digits before the point.

    >>> from_minor_units(1980, 2), from_minor_units(1980, 0)
    (Decimal('19.80'), Decimal('1980'))
    """
    check_exponent("exponent", exponent)
    if type(amount) is not int:
        raise _checks.refuse("amount", amount, "is not an int; pass minor units, 1980 for 19.80")
    if abs(amount) >= 10 ** (_MOST_DIGITS + exponent):
        raise _checks.refuse(
            "amount", amount, f"has more than {_MOST_DIGITS} digits before the point"
        )
    return Decimal(amount).scaleb(-exponent, context=EXACT)


def to_minor_units(amount: Decimal, exponent: int) -> int:
    """The whole number of minor units that a gateway wants to see. Exact: nothing is rounded.

    Args:
        amount: a Decimal.
        exponent: how many digits behind the point the gateway counts for this currency, 0 to 8.

    Raises:
        InvalidValueError: no Decimal, an exponent out of range, an amount with more digits behind
            the point than the gateway counts, or with more than 15 on either side.

    >>> to_minor_units(Decimal("19.80"), 2)
    1980
    """
    check_exponent("exponent", exponent)
    if not _is_finite(amount):
        raise _checks.refuse(
            "amount", amount, "is not a finite Decimal; pass money as Decimal('9.90')"
        )
    behind = -cast("int", amount.as_tuple().exponent)
    if amount.adjusted() >= _MOST_DIGITS or behind > _MOST_DIGITS:
        raise _checks.refuse(
            "amount", amount, f"has more than {_MOST_DIGITS} digits on a side of the point"
        )
    scaled = amount.scaleb(exponent, context=EXACT)
    units = int(scaled)
    if units != scaled:
        raise _checks.refuse(
            "amount", amount, f"is not a whole number of units of 10**-{exponent}; round it first"
        )
    return units


def minor_digits(currency: str) -> int:
    """How many digits behind the point an amount in a currency has, by ISO 4217.

    It is for what is shown and compared. Gateways have exponents of their own: take theirs for
    `from_minor_units` and `to_minor_units`.

    Args:
        currency: three letters of ISO 4217, upper or lower case.

    Raises:
        InvalidValueError: no such code, or one to which ISO 4217 gives no minor unit, such as that
            of gold. Two would be a guess, and a wrong guess is a hundred times the price.

    >>> minor_digits("EUR"), minor_digits("JPY"), minor_digits("KWD")
    (2, 0, 3)
    """
    digits = _DIGITS.get(_checks.check_code("currency", currency, 3, "EUR"))
    if digits is None:
        raise _checks.refuse(
            "currency", currency, "has no minor unit in ISO 4217; say yourself how many digits"
        )
    return digits


def at_precision(amount: Decimal, currency: str, digits: int | None = None) -> Decimal:
    """An amount as it can be paid: rounded half up to the digits of its currency.

    One in a currency whose digits are not known stays as it is: it is compared to the last digit.

    Args:
        amount: a finite Decimal.
        currency: three upper-case letters.
        digits: how many digits behind the point, if somebody knows better than ISO 4217.

    >>> at_precision(Decimal("19.805"), "EUR"), at_precision(Decimal("19.805"), "XAU")
    (Decimal('19.81'), Decimal('19.805'))
    """
    if digits is None:
        digits = _DIGITS.get(currency)
    if digits is None:
        return amount
    return rounded(amount, _STEPS[digits])


def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """An amount in whole units, such as cents: rounded half up; as it is if the unit is zero.

    >>> rounded(Decimal("19.805"), Decimal("0.01")), rounded(Decimal("19.805"), Decimal(0))
    (Decimal('19.81'), Decimal('19.805'))
    """
    if not unit or amount.same_quantum(unit):  # as nearly all: to ask takes a quarter of the time
        return amount
    return amount.quantize(unit, ROUND_HALF_UP, EXACT)


def _is_finite(amount: object) -> bool:
    return isinstance(amount, Decimal) and amount.is_finite()


def smallest_unit(currency: str) -> Decimal:
    """The smallest amount of a currency by ISO 4217; zero if it does not know the currency.

    >>> smallest_unit("EUR"), smallest_unit("JPY"), smallest_unit("XAU")
    (Decimal('0.01'), Decimal('1'), Decimal('0'))
    """
    digits = _DIGITS.get(currency)
    return NOTHING if digits is None else _STEPS[digits]


def check_exponent(path: str, exponent: object) -> None:
    """How many digits stand behind the point: an int from 0 to 8.

    >>> check_exponent("exponent", 2)
    """
    if type(exponent) is not int or not 0 <= exponent <= _MOST_EXPONENT:
        raise _checks.refuse(
            path, exponent, f"is not an exponent; pass an int from 0 to {_MOST_EXPONENT}"
        )
