"""Is it known where the goods go?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fulfill_core import _checks
from fulfill_core.decisions.finding import Finding, hold, note
from fulfill_core.orders.countries import (
    has_field,
    is_country,
    likely_country,
    needs_city,
    needs_postal_code,
    postal_key,
)
from fulfill_core.orders.order import Address, Order
from fulfill_core.records.facts import Context

WHOSE = {"ship_to": "address to ship to", "bill_to": "payer's address"}
"""How a sentence calls the two addresses of an order."""
WORDS = {"postal_code": "postal code"}
"""How a sentence calls a field of an address whose name is no word."""


def ship_to_complete(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """An order with something to ship has a ship-to that a parcel can be addressed with.

    That is a name, a street, a country that exists, a city where the country has cities (Singapore
    and Hong Kong have none), and a postal code where it needs one (Germany does, Ireland and Hong
    Kong do not). Regions are not asked for: in most countries postal code or city say as much.
    What the fields say is the business of `plausible_address` and `valid_address`.

    Codes: ``address.missing`` (HOLD), ``address.incomplete`` (HOLD, one per empty field),
    ``address.country_unknown`` (HOLD).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> [finding.code for finding in ship_to_complete(order, context=Context(now=now))]
    ['address.missing']
    """
    for line in order.lines:
        if line.ships:
            break
    else:
        return ()
    address = order.ship_to
    if address is None:
        return (
            hold(
                "address.missing",
                field="ship_to",
                detail="The order has something to ship and no address to ship it to.",
            ),
        )
    country = address.country
    if (
        is_country(country)
        and (address.city.strip() or not needs_city(country))
        and (address.postal_code.strip() or not needs_postal_code(country))
        and address.name.strip()
        and "".join(address.street).strip()
    ):
        return ()
    contents = {"name": address.name, "street": "".join(address.street)}
    if needs_city(country):
        contents["city"] = address.city
    if needs_postal_code(country):
        contents["postal_code"] = address.postal_code
    contents["country"] = country
    findings = [
        hold(
            "address.incomplete",
            field=f"ship_to.{field}",
            detail=f"The address to ship to has no {WORDS.get(field, field)}.",
        )
        for field, content in contents.items()
        if not content.strip()
    ]
    if country and not is_country(country):
        findings.append(unknown_country("ship_to", country))
    return findings


def ships(order: Order) -> bool:
    """Whether any line of the order is sent somewhere."""
    for line in order.lines:
        if line.ships:
            return True
    return False


def unknown_country(where: str, country: str) -> Finding:
    """The country of one of the order's addresses is none: nobody can tell what it means."""
    likely = likely_country(country)
    hint = f"; {likely} may be meant" if likely else ""
    return hold(
        "address.country_unknown",
        field=f"{where}.country",
        detail=f"The country of the {WHOSE[where]} is {_checks.repr_of(country)}, which is the "
        f"code of no country (ISO 3166-1){hint}.",
        evidence=country,
    )


# -- Fields that hold the wrong thing --------------------------------------------------------------

_LOST = "\ufffd"
"""The sign for a character that could not be read."""
_UNPRINTABLE = r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
"""Control characters but for white space, and halves of characters. It is compiled when a text is
not plainly printable: that takes as long as a hundred orders."""
_NO_PROBLEM = ("", "")
_NOTHING = frozenset(
    {
        *("#n/a", "(none)", "(null)", "<null>", "[null]", "n.a.", "n/a", "nan", "nil", "none"),
        *("null", "undefined", "unknown", "tba", "tbd", "false", "true", "0"),
        *("asdf", "qwerty", "string", "test", "testing", "xx", "xxx", "xxxx"),
    }
)
"""What stands in a field that had nothing to say, or that somebody had to fill in."""
_PLACES = {"nan": "TH", "none": "IT"}
"""Those of them that are the name of a place, by its country."""


def plausible_address(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """No field of an address holds the wrong thing.

    That is: an e-mail address, a web address, characters that can't be printed, signs alone, a word
    that stands for nothing (``NULL``, ``None``, ``N/A``, ``undefined``, ``test``, ...), a city or
    name without a letter, and the code of no country (``UK``, ``XX``). A word counts if it is all
    that the field says, in whatever case; of a street, if no line says more: many a second line is
    a dash; and not in a field that the country has no use for: who is asked for a city in
    Singapore, or for a region in Germany, has nothing to say. It looks at the address to ship to,
    if something ships, and at the payer's. Empty fields are the business of `ship_to_complete`;
    whether a country has such a postal code is that of `valid_address` in
    ``fulfill_core.verifiers.postal``.

    Codes: ``address.implausible`` (HOLD, one per field), ``address.country_unknown`` (HOLD).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Address, Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)],
    ...               ship_to=Address(name="Ada", street=["NULL"], city="ada@example.com"))
    >>> for finding in plausible_address(order, context=Context(now=now)):
    ...     print(finding.detail)
    The street of the address to ship to is 'NULL': that says nothing.
    The city of the address to ship to is 'ada@example.com': that is an e-mail address.
    """
    findings: list[Finding] = []
    ship_to = order.ship_to if ships(order) else None
    for where, address in (("ship_to", ship_to), ("bill_to", order.bill_to)):
        if address is not None:
            findings += [
                hold(
                    "address.implausible",
                    field=f"{where}.{field}",
                    detail=f"The {WORDS.get(field, field)} of the {WHOSE[where]} is "
                    f"{_checks.repr_of(text)}: {problem}.",
                    evidence=text,
                )
                for field, text, problem in _implausible(address)
            ]
            if address.country and not is_country(address.country):
                findings.append(unknown_country(where, address.country))
    return findings or ()


def _implausible(address: Address) -> Iterator[tuple[str, str, str]]:
    """Each field that holds the wrong thing: the field, what it says, what is wrong with it."""
    for field, lines in (
        ("name", (address.name,)),
        ("street", address.street),
        ("city", (address.city,)),
        ("region", (address.region,)),
        ("postal_code", (address.postal_code,)),
    ):
        line, problem = _problem(field, lines, address.country)
        if problem:
            yield field, line, problem


def _problem(field: str, lines: tuple[str, ...], country: str) -> tuple[str, str]:
    """The line of a field that is wrong, and why; empty words if there is none.

    A line that says something makes up for those that don't, but not for what is in no address.
    """
    empty = _NO_PROBLEM
    says_something = not has_field(country, field)
    for line in lines:
        if not line.strip():
            continue
        if problem := _foreign(line):
            return line, problem
        if not says_something:
            problem = _empty(line, field, country)
            says_something = not problem
            empty = empty if empty[1] else (line, problem)
    return _NO_PROBLEM if says_something else empty


def _foreign(text: str) -> str:
    """What is in a text that is in no address; empty if it is all right."""
    if _LOST in text or (not text.isprintable() and re.search(_UNPRINTABLE, text)):
        return "it has characters that can't be printed"
    if "@" in text and any(map(_is_email, text.split())):
        return "that is an e-mail address"
    # Most texts have nothing of a web address: they need not be taken apart.
    if "://" in text or "www." in text.casefold():
        words = text.casefold().split()
        if any([word.startswith(("http://", "https://", "www.")) for word in words]):
            return "that is a web address"
    return ""


def _is_email(word: str) -> bool:
    """Whether a word looks like an e-mail address, whatever stands around it."""
    local, _, domain = word.partition("@")
    return bool(local) and "@" not in domain and "." in domain.strip(".,;:!)>")


def _empty(text: str, field: str, country: str) -> str:
    """Why a text says nothing; empty if it says something."""
    if not any(map(str.isalnum, text)):
        return "those are signs only"
    word = text.strip().casefold()
    is_place = field in {"city", "region"} and _PLACES.get(word) == country
    if word in _NOTHING and not is_place:
        return "that says nothing"
    if field in {"name", "city"} and not any(map(str.isalpha, text)):
        return "there is no letter in it"
    return ""


# -- Two addresses ---------------------------------------------------------------------------------

_PLACE = ("street", "city", "postal_code", "region", "country")


def bill_to_differs(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """The payer's address is the one that something is shipped to.

    That it is another one is no fault: gifts and offices are usual. How it is written makes no
    difference (case, accents, signs and blanks; the code or the name of a region), nor does what
    stands in a field that the country has no use for, nor do the names: it is about the place.

    Codes: ``address.bill_to_differs`` (NOTE).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Address, Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)],
    ...               ship_to=Address(name="Ada", street=["1 Main St"], city="Leeds"),
    ...               bill_to=Address(name="Bob", street=["1 MAIN ST"], city="York"))
    >>> for finding in bill_to_differs(order, context=Context(now=now)):
    ...     print(finding.detail)
    The payer's address is not the address to ship to: another city.
    """
    ship_to, bill_to = order.ship_to, order.bill_to
    if ship_to is None or bill_to is None or ship_to is bill_to or not ships(order):
        return ()
    goods, payer = _place(ship_to), _place(bill_to)
    if goods == payer or not any(payer):
        return ()
    countries = (ship_to.country, bill_to.country)
    differences = [
        WORDS.get(field, field)
        for field, one, other in zip(_PLACE, goods, payer, strict=True)
        if one != other and all([has_field(country, field) for country in countries])
    ]
    if not differences:
        return ()
    return (
        note(
            "address.bill_to_differs",
            field="bill_to",
            detail="The payer's address is not the address to ship to: "
            f"another {', another '.join(differences)}.",
            evidence=", ".join(differences),
        ),
    )


def _place(address: Address) -> tuple[str, ...]:
    """Where an address is, whoever lives there, however it is written."""
    # Not at once: few orders have two addresses, and the table of regions is 2 % of the import.
    from fulfill_core.orders.regions import region_key  # noqa: PLC0415 - as said
    from fulfill_core.orders.spelling import plain  # noqa: PLC0415 - as said

    return (
        plain("".join(address.street)),
        plain(address.city),
        postal_key(address.postal_code, address.country),
        region_key(address.region, address.country),
        address.country,
    )
