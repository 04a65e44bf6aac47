"""Can the e-mail address and the phone number be right?

Needs the extra ``fulfill_core[verify]``, so nothing else of the library imports it:
``from fulfill_core.verifiers.contact_formats import valid_email, valid_phone``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import attrs

try:
    import phonenumbers
    from email_validator import EmailNotValidError, validate_email
except ImportError as error:
    raise ImportError(
        "fulfill_core.verifiers.contact_formats needs email-validator and phonenumberslite: "
        "pip install 'fulfill_core[verify]'",
        name=error.name,
    ) from error

from fulfill_core import _checks
from fulfill_core.decisions.finding import Finding, hold, note
from fulfill_core.orders.contacts import LONGEST_LOCAL_PART
from fulfill_core.orders.order import Order
from fulfill_core.records.facts import Context

__all__ = ["valid_email", "valid_phone"]

_LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3: a path of 256, less its angle brackets
_LONGEST_PHONE = 250  # what the library reads at most; the longest number has 15 digits
_LONGEST_REASON = 300
_REMEMBERED = 4_096


# -- E-mail ----------------------------------------------------------------------------------------


@attrs.frozen(weakref_slot=False, repr=False)
class ValidEmail:
    """Whether an e-mail address is well formed, as `valid_email` makes it."""

    _memo: Callable[[str], tuple[Finding, ...]] = attrs.field(alias="memo", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        address = order.customer.email
        if not address.strip():
            return ()
        if len(address) > _LONGEST_EMAIL:  # not remembered either: it may be of any length
            return (_no_email(address, f"It is longer than {_LONGEST_EMAIL} characters."),)
        if len(address.rpartition("@")[0].encode(errors="replace")) > LONGEST_LOCAL_PART:
            reason = f"There are more than {LONGEST_LOCAL_PART} characters before the @-sign."
            return (_no_email(address, reason),)
        return self._memo(address)

    def __reduce__(self) -> tuple[Callable[[], ValidEmail], tuple[()]]:
        return valid_email, ()  # what it remembers stays here

    def __repr__(self) -> str:
        return "valid_email()"


def valid_email() -> ValidEmail:
    """The e-mail address is well formed; one that can be written better is offered better.

    It says what the package email-validator says of the syntax, and never asks the network. White
    space around the address was taken off when the customer was made. Accepted are letters of all
    scripts, on both sides of the @-sign. Refused are, as by that package's defaults: a display
    name (``Ada <ada@example.com>``), a quoted local part, an IP address in brackets, a domain
    without a dot, and domains that are reserved for special use, such as ``example.test``,
    ``localhost`` and ``printer.local``: no mail reaches them from outside. The domains
    ``example.com``, ``.net`` and ``.org`` are not among them; for those there is `email_domain`.

    An instance remembers what it said of the last 4,096 addresses. An empty address is the
    business of `reachable`.

    Codes: ``contact.email_invalid`` (HOLD), ``contact.email_normalized`` (NOTE): the normal form
    is at the end of the detail.

    Sources: RFC 5321 (length 254, of the local part 64), RFC 5322, RFC 6531 (other scripts), RFC
    5891 (IDNA 2008), the IANA registry of special-use domain names.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7", email="ada@EXAMPLE.com"),
    ...               lines=[], currency="EUR")
    >>> for finding in valid_email()(order, context=Context(now=now)):
    ...     print(finding.detail)
    The e-mail address 'ada@EXAMPLE.com' is usually written in its normalised form: ada@example.com
    """
    return ValidEmail(memo=lru_cache(_REMEMBERED)(_about_email))


def _about_email(address: str) -> tuple[Finding, ...]:
    """What there is to say of an address: it depends on nothing else."""
    try:
        normal = validate_email(
            address,
            # Said in so many words: the package's defaults can be changed for a whole process.
            allow_smtputf8=True,
            allow_empty_local=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            check_deliverability=False,
            test_environment=False,
            globally_deliverable=True,
        ).normalized
    except EmailNotValidError as error:
        return (_no_email(address, str(error)),)
    except Exception as error:  # noqa: BLE001 - whatever it stumbles over, it is no good address
        return (_no_email(address, f"It can't be read ({_checks.message_of(error)})."),)
    if normal == address:
        return ()
    return (
        note(
            "contact.email_normalized",
            field="customer.email",
            detail=f"The e-mail address {_checks.repr_of(address)} is usually written in its "
            f"normalised form: {normal}",
            evidence=normal,
        ),
    )


def _no_email(address: str, reason: str) -> Finding:
    if len(reason) > _LONGEST_REASON:  # it may name every character of the address
        reason = f"{reason[:_LONGEST_REASON]}..."
    return hold(
        "contact.email_invalid",
        field="customer.email",
        detail=f"The e-mail address {_checks.repr_of(address)} is not valid: {reason}",
        evidence=address,  # the reason is in the words of another package, which may change
    )


# -- Phone -----------------------------------------------------------------------------------------

_PARSING = phonenumbers.NumberParseException
_UNREADABLE = {
    _PARSING.NOT_A_NUMBER: "it does not look like one",
    _PARSING.TOO_SHORT_AFTER_IDD: "it is too short",
    _PARSING.TOO_SHORT_NSN: "it is too short",
    _PARSING.TOO_LONG: "it is too long",
}
_LENGTH = phonenumbers.ValidationResult
_IMPOSSIBLE = {
    _LENGTH.TOO_SHORT: "it is too short",
    _LENGTH.TOO_LONG: "it is too long",
    _LENGTH.INVALID_LENGTH: "no number has as many digits",
    _LENGTH.IS_POSSIBLE_LOCAL_ONLY: "it is too short, or its area code is missing",
}


@attrs.frozen(weakref_slot=False, repr=False)
class ValidPhone:
    """Whether a phone number can exist, as `valid_phone` makes it."""

    default_region: str
    _memo: Callable[[str, tuple[str, ...]], tuple[Finding, ...]] = attrs.field(
        alias="memo", eq=False
    )

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        number = order.customer.phone
        if not number.strip():
            return ()
        if len(number) > _LONGEST_PHONE:  # not remembered either: it may be of any length
            return (_no_phone(number, f"it is longer than {_LONGEST_PHONE} characters"),)
        addresses = (order.bill_to, order.ship_to)
        regions = dict.fromkeys(
            [address.country for address in addresses if address is not None and address.country]
        )
        return self._memo(number, tuple(regions) or (self.default_region,))

    def __reduce__(self) -> tuple[Callable[[str], ValidPhone], tuple[str]]:
        return valid_phone, (self.default_region,)  # what it remembers stays here

    def __repr__(self) -> str:
        return f"valid_phone(default_region={self.default_region!r})"


def valid_phone(default_region: str = "") -> ValidPhone:
    """The phone number is one that can exist; its international form is offered.

    It says what the package phonenumberslite says, by the numbering plans that come with it. A
    number without a country code is read as one of the customer's own country: the payer's, and
    that of the address to ship to, if it is another one. Where it fits both and would be two
    numbers, it is fine, and no international form is offered: it would be a stranger's. If the
    order names no country it is one of the default region; countries without a numbering plan
    are no reason to go by that. Like the package it passes over words before the number
    (``"Tel. 030 901820"``) and reads letters as keys (``"1-800-FLOWERS"``). Whether anybody picks
    up, nobody can tell.

    An instance remembers what it said of the last 4,096 numbers. A missing number is the business
    of `reachable`.

    Codes: ``contact.phone_invalid`` (HOLD), ``contact.phone_normalized`` (NOTE): the form of E.164
    is at the end of the detail. An extension is no part of that form, and is told beside it.

    Args:
        default_region: two letters of ISO 3166-1, for orders that name no country; empty for none.

    Raises:
        InvalidValueError: a default region that is no code, or has no numbering plan.

    Sources: ITU-T E.164; RFC 3966 for the form ``tel:``.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7", phone="030 901820"),
    ...               lines=[], currency="EUR")
    >>> for finding in valid_phone(default_region="DE")(order, context=Context(now=now)):
    ...     print(finding.detail)
    The phone number '030 901820' can be called from anywhere in its E.164 form: +4930901820
    """
    region = default_region
    if region != "":
        path = "valid_phone.default_region"
        region = _checks.check_code(path, region, 2, "DE")
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise _checks.refuse(
                path, region, "has no numbering plan; pass a country, such as 'GB'"
            )
    return ValidPhone(region, memo=lru_cache(_REMEMBERED)(_about_phone))


def _about_phone(number: str, regions: tuple[str, ...]) -> tuple[Finding, ...]:
    """What there is to say of a number that belongs to one of these regions: that decides it."""
    readings = {region: _phone_reading(number, region) for region in regions}
    numbers = {each.normal: each for each in readings.values() if each.normal}
    if not numbers:
        reasons = {each.problem: region for region, each in readings.items()}
        tried = [f"as one of {region}, {problem}" for problem, region in reasons.items()]
        return (_no_phone(number, "; ".join(tried) if len(tried) > 1 else next(iter(reasons))),)
    if (
        len(numbers) > 1 or number in numbers
    ):  # whose it is nobody knows, or it is as good as can be
        return ()
    normal, reading = numbers.popitem()
    beside = f" (but for its extension {reading.extension})" if reading.extension else ""
    return (
        note(
            "contact.phone_normalized",
            field="customer.phone",
            detail=f"The phone number {_checks.repr_of(number)}{beside} can be called from "
            f"anywhere in its E.164 form: {normal}",
            evidence=normal,
        ),
    )


@attrs.frozen(weakref_slot=False)
class _PhoneReading:
    """A number read as one of a region.

    Args:
        problem: why nobody has it; empty if somebody may.
        normal: its form of E.164; empty if there is a problem.
        extension: what is dialled after it.
    """

    problem: str = ""
    normal: str = ""
    extension: str = ""


def _phone_reading(number: str, region: str) -> _PhoneReading:
    try:
        parsed = phonenumbers.parse(number, region or None)
        if not phonenumbers.is_valid_number(parsed):
            return _PhoneReading(_why_not(parsed))
        normal = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException as error:
        return _PhoneReading(_UNREADABLE.get(error.error_type) or _which_country(number, region))
    except Exception as error:  # noqa: BLE001 - whatever it stumbles over, it is no good number
        return _PhoneReading(f"it can't be read ({_checks.message_of(error)})")
    return _PhoneReading(normal=normal, extension=parsed.extension or "")


def _no_phone(number: str, reason: str) -> Finding:
    return hold(
        "contact.phone_invalid",
        field="customer.phone",
        detail=f"The phone number {_checks.repr_of(number)} is not valid: {reason}.",
        evidence=number,
    )


def _why_not(parsed: phonenumbers.PhoneNumber) -> str:
    """Why nobody has that number, and as which country's it was read."""
    length = phonenumbers.is_possible_number_with_reason(parsed)
    reason = _IMPOSSIBLE.get(length, "nobody is given such a number")
    return f"with the country code +{parsed.country_code}, {reason}"


def _which_country(number: str, region: str) -> str:
    """Why it is not known to which country a number belongs."""
    if "+" in number or region in phonenumbers.SUPPORTED_REGIONS:
        return "it has no country code that exists"
    if region:
        return f"it has no country code, and {region} is no country with a numbering plan"
    return "it has no country code, and the country is not known"
