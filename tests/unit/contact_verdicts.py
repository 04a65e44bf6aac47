"""Our verdict on an address or a number, and that of the package called directly."""

from __future__ import annotations

import phonenumbers
from builders import CONTEXT, HOME, order
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat

from fulfill_core import Address, Customer, Finding
from fulfill_core.verifiers.contact_formats import valid_email, valid_phone

REFUSED = "refused"
EMAILS, PHONES = valid_email(), valid_phone()


def our_email(address: str) -> str:
    """Our verdict: that it is refused, or its normal form."""
    subject = order(customer=Customer(id="C", email=address))
    return verdict(subject.customer.email, list(EMAILS(subject, context=CONTEXT)))


def their_email(address: str) -> str:
    """The package's verdict, with no more said than that the network is not to be asked.

    Decided differently: white space around it is taken off before, and more than 64 octets before
    the @-sign are refused, which the package does in its strict mode only.
    """
    try:
        kept = Customer(id="C", email=address).email
        return validate_email(kept, check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        return REFUSED


def our_phone(number: str, region: str) -> str:
    """Our verdict on a number of a customer in a region, or of one who names none."""
    home = Address(name="Ada", street=HOME.street, city="x", country=region) if region else None
    subject = order(customer=Customer(id="C", phone=number), ship_to=home)
    return verdict(number, list(PHONES(subject, context=CONTEXT)))


def their_phone(number: str, region: str) -> str:
    """The package's verdict: it can be read, it is possible, and it is valid."""
    try:
        parsed = phonenumbers.parse(number, region or None)
    except NumberParseException:
        return REFUSED
    if not (phonenumbers.is_possible_number(parsed) and phonenumbers.is_valid_number(parsed)):
        return REFUSED
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def verdict(given: str, found: list[Finding]) -> str:
    """What the findings on a text amount to."""
    if not found:
        return given
    (finding,) = found
    if finding.code in {"contact.email_invalid", "contact.phone_invalid"}:
        return REFUSED
    assert finding.code in {"contact.email_normalized", "contact.phone_normalized"}
    form = finding.detail.rpartition(" form: ")[2]
    assert form != given  # what is in its normal form already gets no note
    return form
