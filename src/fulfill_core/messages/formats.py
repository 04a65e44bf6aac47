"""Dates, money, numbers and places as a locale writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import Decimal, localcontext
from typing import Literal, TypeAlias, cast

from fulfill_core import _checks
from fulfill_core._checks import EXACT
from fulfill_core.messages.extra import (
    Locale,
    UnknownLocaleError,
    format_currency,
    format_date,
    format_decimal,
    format_time,
)
from fulfill_core.orders.money import at_precision

Width: TypeAlias = Literal["full", "long"]
"""How much is said of a day: with its name, or without."""
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
"""Language, script, territory, variant: nothing else is looked up in Babel's files."""
_CLOSE = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
"""Where a currency's letters touch the number: CLDR puts a blank there, and Babel does not."""


def locale_of(text: str) -> Locale | None:
    """The locale that a text names, in any spelling; None if there is no such locale.

    >>> locale_of("de_at"), locale_of("klingon"), locale_of("../de")
    (Locale('de', territory='AT'), None, None)
    """
    if not _LOCALE.fullmatch(text):
        return None
    try:
        return Locale.parse(text.replace("_", "-"), sep="-", resolve_likely_subtags=False)
    except (UnknownLocaleError, ValueError):
        return None


def name_of_locale(locale: Locale) -> str:
    """As the web writes it: ``de-AT``."""
    return str(locale).replace("_", "-")


def day(instant: datetime, zone: tzinfo, locale: Locale, width: Width = "full") -> str:
    """The day of an instant, where the recipient is.

    >>> from zoneinfo import ZoneInfo
    >>> noon = datetime.fromisoformat("2026-03-09T23:30+00:00")
    >>> day(noon, ZoneInfo("Asia/Tokyo"), Locale("en"))
    'Tuesday, March 10, 2026'
    """
    return format_date(_checks.in_zone(instant, zone).date(), width, locale)


def moment(instant: datetime, locale: Locale) -> str:
    """An instant to the minute, by its own clock, which is named: somebody has to be in time.

    >>> noon = datetime.fromisoformat("2026-03-09T12:00+01:00")
    >>> moment(noon, Locale("de"))
    'Montag, 9. März 2026, 12:00 (UTC+01:00)'
    """
    date = format_date(instant.date(), "full", locale)
    clock = format_time(instant.time(), "short", locale=locale)
    # Japanese and Polish have no comma between them, Arabic its own; words stand in quotes.
    pattern = str(locale.datetime_formats["full"]).replace("'", "")
    return f"{pattern.format(clock, date)} ({instant.tzname()})"


def money(amount: Decimal, currency: str, locale: Locale) -> str:
    r"""An amount: at the precision of its currency, and never rounded.

    >>> money(Decimal("1234.5"), "EUR", Locale("en")), money(Decimal("0.125"), "EUR", Locale("en"))
    ('€1,234.50', '€0.125')
    >>> money(Decimal(5), "KWD", Locale("en"))
    'KWD\xa05.000'
    """
    is_exact = at_precision(amount, currency) == amount
    with localcontext(EXACT):  # the host's own may have fewer digits
        text = format_currency(amount, currency, locale=locale, decimal_quantization=is_exact)
    return _CLOSE.sub("\xa0", text)


def count(units: int, locale: Locale) -> str:
    """A whole number.

    >>> count(12000, Locale("de"))
    '12.000'
    """
    return format_decimal(units, locale=locale)


def plural_key(units: int, locale: Locale) -> str:
    """Which of the forms of a language a number takes, by CLDR.

    >>> [plural_key(units, Locale("pl")) for units in (1, 2, 5)]
    ['one', 'few', 'many']
    """
    return str(locale.plural_form(units))


def plural_keys(locale: Locale) -> tuple[str, ...]:
    """The forms that a language has.

    >>> plural_keys(Locale("ar"))
    ('few', 'many', 'one', 'other', 'two', 'zero')
    """
    return tuple(sorted({"other", *locale.plural_form.tags}))


def country(code: str, locale: Locale) -> str:
    """The name of a country.

    >>> country("DE", Locale("fr"))
    'Allemagne'
    """
    names = cast("Mapping[str, str]", locale.territories)
    return names.get(code, code)
