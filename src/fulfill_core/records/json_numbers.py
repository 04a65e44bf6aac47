"""Numbers as services answer them: the text of a JSON number is the number."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

_LONGEST = 30
"""Digits, with the point: as many as an amount may have on both sides of it."""
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")


def from_json_number(value: int | Decimal | str | None) -> int | Decimal | None:
    """The number that a text stands for, as JSON writes numbers; all else stays for the check.

    Services answer in JSON. Whoever reads it without floats has the text of its numbers.

    >>> from_json_number("0.870"), from_json_number("12"), from_json_number("1,5")
    (Decimal('0.870'), 12, '1,5')
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if len(text) > _LONGEST or not _JSON_NUMBER.fullmatch(text):
        return cast("None", value)  # the check of the field refuses it
    return int(text) if text.lstrip("-").isdigit() else Decimal(text)
