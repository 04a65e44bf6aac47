"""Exact numbers: what settings may be, what keys may be, and sums of both without rounding.

Keys are ints wherever they can be, because ints sort fastest: a policy with fractions in it says by
``denominator`` what its keys are to be divided by. A Decimal or a Fraction that a policy returns
stays one.
"""

from __future__ import annotations

from decimal import Context as DecimalContext
from decimal import Decimal, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from typing import TypeAlias, cast

from fulfill_core import _checks
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.protocols import PriorityPolicy
from fulfill_core.protocols.plugins import name_of

Number: TypeAlias = int | Decimal | Fraction

_MOST = 10**15
_FURTHEST = 40
"""A Decimal with its first digit further from the point is refused before it is worked out."""
_THIRD = Decimal("0.001")
_UNROUNDED = DecimalContext(prec=1_000, traps=[Inexact, InvalidOperation, Overflow])
"""Stops rather than rounds: a thousand digits are more than any sum of sane figures has."""


def exact(path: str, value: object) -> Fraction:
    """A setting that is a number, as a fraction."""
    is_number = type(value) is int or isinstance(value, Fraction)
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= _FURTHEST:
        is_number = True
    if not is_number:
        raise _checks.refuse(
            path, value, "is not a number; pass an int, a Decimal or a Fraction, never a float"
        )
    number = Fraction(cast("Number", value))
    if abs(number.numerator) > _MOST * number.denominator or number.denominator > _MOST:
        raise _checks.refuse(path, value, "has more than 15 digits on a side of the point")
    return number


def above_zero(path: str, value: object) -> Fraction:
    """A setting that is a number above zero, as a fraction."""
    number = exact(path, value)
    if number <= 0:
        raise _checks.refuse(path, value, "is not above zero; pass a number above zero")
    return number


def as_number(policy: PriorityPolicy, order: Order, key: object) -> Number:
    """The key that a policy returned; a `PluginError` if it is no exact number."""
    if isinstance(key, (int, Fraction)) or (isinstance(key, Decimal) and key.is_finite()):
        return key
    raise not_a_number(policy, order, key)


def not_a_number(policy: PriorityPolicy, order: Order, key: object) -> PluginError:
    """The error for a key with which nothing can be worked out."""
    return PluginError(
        name_of(policy),
        order.id,
        f"returned {_checks.repr_of(key)}, with which nothing can be worked out; return an int, a"
        " Decimal or a Fraction",
    )


def denominator_of(policy: object) -> int:
    """What the keys of a policy are to be divided by."""
    return cast("int", getattr(policy, "denominator", 1))


def times(number: Number, factor: int) -> Number:
    """The product."""
    if isinstance(number, Decimal):
        return _UNROUNDED.multiply(number, factor)
    return number * factor


def plus(one: Number, other: Number) -> Number:
    """The sum."""
    if isinstance(one, Decimal) or isinstance(other, Decimal):
        if isinstance(one, Fraction) or isinstance(other, Fraction):
            return Fraction(one) + Fraction(other)
        return _UNROUNDED.add(one, other)
    return one + other


def number_text(number: Fraction) -> str:
    """A number for a sentence, rounded to three places: ``2``, ``0.35``, ``0.333``."""
    quotient = _checks.EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))
    text = f"{_checks.EXACT.quantize(quotient, _THIRD):f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
