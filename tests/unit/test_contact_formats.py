"""The forms of e-mail addresses and phone numbers: what is said of which."""

from __future__ import annotations

import ast
import importlib
from typing import Any

import attrs
import pytest
from builders import CONTEXT, HOME, order, refusal
from hypothesis import example, given
from hypothesis import strategies as st

from fulfill_core import Address, Customer, Finding, Order, Severity, hold, note
from fulfill_core.verifiers.contact_formats import valid_email, valid_phone


def customer(email: str = "", phone: str = "", **changes: Any) -> Order:
    """An order of a customer with this address and number, to be sent to Great Britain."""
    return order(customer=Customer(id="C", email=email, phone=phone), **changes)


def of_email(email: str, verifier: valid_email | None = None) -> list[Finding]:
    """What is said of an address."""
    return list((verifier or valid_email())(customer(email), context=CONTEXT))


def of_phone(phone: str, verifier: valid_phone | None = None, **changes: Any) -> list[Finding]:
    """What is said of a number; by default with Great Britain as the ship-to."""
    return list((verifier or valid_phone())(customer(phone=phone, **changes), context=CONTEXT))


def no_email(address: str, reason: str) -> Finding:
    """The finding on a malformed address."""
    detail = f"The e-mail address {address} is not valid: {reason}"
    evidence = ast.literal_eval(address)
    return hold("contact.email_invalid", field="customer.email", detail=detail, evidence=evidence)


def no_phone(number: str, reason: str) -> Finding:
    """The finding on a number that can't be."""
    detail = f"The phone number {number} is not valid: {reason}."
    evidence = ast.literal_eval(number)
    return hold("contact.phone_invalid", field="customer.phone", detail=detail, evidence=evidence)


def e164(number: str, form: str) -> Finding:
    """The finding that offers the form of E.164."""
    return note(
        "contact.phone_normalized",
        field="customer.phone",
        detail=f"The phone number {number!r} can be called from anywhere in its E.164 form: {form}",
        evidence=form,
    )


def to(country: str) -> Address:
    """An address in a country."""
    return attrs.evolve(HOME, country=country)


class Touchy(str):
    """Text that can be measured and compared, and breaks when it is read."""

    __slots__ = ()

    def __iter__(self) -> Any:
        raise KeyError("read")

    def find(self, *parts: object) -> int:
        raise KeyError("read")


# -- E-mail ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["ada@example.com", "müller@bücher.example.org", "", " ", "\n"])
def test_of_a_good_address_or_none_nothing_is_said(email: str) -> None:
    """An address in its normal form needs no word; none at all is the business of `reachable`."""
    assert of_email(email) == []


def test_a_malformed_address_is_held_with_the_reason() -> None:
    """The sentence is the library's own."""
    assert of_email("ada.example.com") == [
        no_email("'ada.example.com'", "An email address must have an @-sign.")
    ]


def test_the_normal_form_is_offered() -> None:
    """It stands at the end of the detail, as it can be stored."""
    assert of_email("Ada@EXAMPLE.com") == [
        note(
            "contact.email_normalized",
            field="customer.email",
            detail="The e-mail address 'Ada@EXAMPLE.com' is usually written in its normalised "
            "form: Ada@example.com",
            evidence="Ada@example.com",
        )
    ]


@pytest.mark.parametrize(
    "email",
    [
        "Ada <ada@example.com>",
        '"ada lovelace"@example.com',
        "ada@[127.0.0.1]",
        "ada@example.test",
        "ada@localhost",
        "ada@printer.local",
        "ada@com",
        "ada @example.com",
        f"{'x' * 65}@example.com",
        f"{'ü' * 33}@example.com",
    ],
)
def test_what_the_package_refuses_by_default_is_held(email: str) -> None:
    """A name beside the address, a quoted part, an IP address, what no mail reaches, a space; and
    more than 64 octets before the @-sign, which no server takes.
    """
    assert [finding.code for finding in of_email(email)] == ["contact.email_invalid"]


@pytest.mark.parametrize("blank", [" ", "\n", "\t", "\r\n", "\u00a0", "\u200b", "\ufeff", "\u3000"])
def test_white_space_around_an_address_is_no_fault(blank: str) -> None:
    """It is taken off where it enters: the customer is the same with it and without."""
    customer = Customer(id="C", email=f"{blank}ada@example.com{blank}{blank}")
    assert customer == Customer(id="C", email="ada@example.com")
    assert of_email(customer.email) == []


def test_64_characters_before_the_sign_are_an_address() -> None:
    """The last that a server takes; the shorter one of two at-signs is what stands before it."""
    assert of_email(f"{'x' * 64}@example.com") == []


def test_the_defaults_of_the_package_may_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are global; what is said here does not depend on what another part of a host sets."""
    package = importlib.import_module("email_validator")
    for name in ("ALLOW_SMTPUTF8", "GLOBALLY_DELIVERABLE"):
        monkeypatch.setattr(package, name, False)
    for name in ("ALLOW_QUOTED_LOCAL", "ALLOW_DOMAIN_LITERAL", "ALLOW_DISPLAY_NAME"):
        monkeypatch.setattr(package, name, True)
    monkeypatch.setattr(package, "TEST_ENVIRONMENT", True)
    monkeypatch.setattr(package, "ALLOW_EMPTY_LOCAL", True, raising=False)  # not in all versions
    assert of_email("müller@example.com") == []
    for email in ("a@com", '"a b"@example.com', "a@[127.0.0.1]", "A <a@example.com>", "a@x.test"):
        assert [finding.code for finding in of_email(email)] == ["contact.email_invalid"]
    assert [finding.code for finding in of_email("@example.com")] == ["contact.email_invalid"]


def test_an_address_of_254_characters_is_the_longest() -> None:
    """RFC 5321: 254 characters pass, one more is refused."""
    tail = "@" + ".".join(["x" * 60] * 3) + ".example"
    longest = "a" * (254 - len(tail)) + tail
    assert of_email(longest) == []
    (finding,) = of_email("a" + longest)
    assert finding.detail.endswith("is not valid: It is longer than 254 characters.")


# -- Phone -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", ["+4930901820", "", " ", "\t\u3000"])
def test_of_a_good_number_or_none_nothing_is_said(phone: str) -> None:
    """A number in the form of E.164 needs no word; none at all is the business of `reachable`."""
    assert of_phone(phone) == []


@pytest.mark.parametrize(
    ("phone", "form"),
    [
        ("020 7946 0018", "+442079460018"),
        ("(020) 7946-0018", "+442079460018"),
        ("+44 20 7946 0018", "+442079460018"),
        ("0044 20 7946 0018", "+442079460018"),
        ("00 49 30 901820", "+4930901820"),
        ("tel:+49-30-901820", "+4930901820"),
        ("Tel. 020 7946 0018", "+442079460018"),
        ("\uff0b\uff14\uff14 20 7946 0018", "+442079460018"),
        (" +442079460018", "+442079460018"),
    ],
)
def test_the_international_form_is_offered(phone: str, form: str) -> None:
    """As the country of the ship-to has it; it stands at the end of the detail."""
    assert of_phone(phone) == [e164(phone, form)]


def test_an_extension_is_told_beside_the_form() -> None:
    """The form of E.164 has no room for it, so it is not dropped silently."""
    (finding,) = of_phone("+44 20 7946 0018 ext. 42")
    assert finding.detail == (
        "The phone number '+44 20 7946 0018 ext. 42' (but for its extension 42) can be called from "
        "anywhere in its E.164 form: +442079460018"
    )


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("hello", "it does not look like one"),
        ("🦊", "it does not look like one"),
        ("0", "it does not look like one"),
        ("0044", "it is too short"),
        ("+44 0", "it is too short"),
        ("1" * 18, "it is too long"),
        ("+999 123 456", "it has no country code that exists"),
        ("00 999 123 456", "it has no country code that exists"),
        ("+44 7946", "with the country code +44, it is too short, or its area code is missing"),
        ("+44 12", "with the country code +44, it is too short"),
        ("+65 1234 5678 9012 34", "with the country code +65, it is too long"),
        ("+65 1234 56789", "with the country code +65, no number has as many digits"),
        ("946 0018", "with the country code +44, nobody is given such a number"),
        ("+1 200 555 0100", "with the country code +1, nobody is given such a number"),
    ],
)
def test_a_number_that_cannot_be_is_held_with_the_reason(phone: str, reason: str) -> None:
    """In plain words, with the country code as which it was read."""
    assert of_phone(phone) == [no_phone(repr(phone), reason)]


def test_a_national_number_is_one_of_the_customers_own_country() -> None:
    """The payer's, else that of the ship-to; without one the default region."""
    german = valid_phone(default_region="de")
    local = "030 901820"
    assert of_phone(local, german, ship_to=None) == [e164(local, "+4930901820")]
    assert of_phone(local, german, ship_to=to("")) == [e164(local, "+4930901820")]
    assert of_phone(local, german, ship_to=to(""), bill_to=to("")) == [e164(local, "+4930901820")]
    assert of_phone("01 23456789", german, ship_to=None, bill_to=to("AT")) == [
        e164("01 23456789", "+43123456789")
    ]
    assert of_phone("01 23456789", german, ship_to=to(""), bill_to=to("AT")) == [
        e164("01 23456789", "+43123456789")
    ]


@pytest.mark.parametrize(
    ("phone", "payer", "to_country", "form"),
    [
        ("06 12 34 56 78", "FR", "NL", ""), ("0171 1234567", "DE", "AT", ""),
        ("416-253-5451", "CA", "DE", ""), ("416-253-5451", "CA", "US", "+14162535451"),
        ("020 7946 0018", "GB", "FR", "+442079460018"),
        ("020 7946 0018", "FR", "GB", "+442079460018"),
        ("01 23456789", "AT", "FR", ""), ("030 901820", "DE", "DE", "+4930901820"),
        ("030 901820", "DE", "UK", "+4930901820"), ("030 901820", "AQ", "DE", "+4930901820"),
        ("+33 6 12 34 56 78", "DE", "NL", "+33612345678"), ("+33612345678", "DE", "NL", ""),
    ],
)  # fmt: skip
def test_no_strangers_number_is_offered(phone: str, payer: str, to_country: str, form: str) -> None:
    """Where a number fits both countries and would be two numbers, it is fine, and stays as it is;
    where it fits one of them, it is that one's.
    """
    found = of_phone(phone, ship_to=to(to_country), bill_to=to(payer))
    assert found == ([e164(phone, form)] if form else [])


def test_what_was_tried_is_told() -> None:
    """If a number fits none of the customer's countries; once if it is the same for all."""
    assert of_phone("030", ship_to=to("FR"), bill_to=to("DE")) == [
        no_phone(
            "'030'",
            "as one of DE, with the country code +49, it is too short, or its area code is missing;"
            " as one of FR, with the country code +33, it is too short",
        )
    ]
    assert of_phone("+44 12", ship_to=to("FR"), bill_to=to("DE")) == [
        no_phone("'+44 12'", "with the country code +44, it is too short")
    ]


def test_a_national_number_of_no_country_is_held() -> None:
    """Nobody knows where to call, and nothing is guessed."""
    assert of_phone("030 901820", ship_to=None) == [
        no_phone("'030 901820'", "it has no country code, and the country is not known")
    ]


@pytest.mark.parametrize("country", ["UK", "AQ", "ZZ"])
def test_a_country_without_a_numbering_plan_counts_too(country: str) -> None:
    """A wrong ship-to is no reason to read the number as one of the default region."""
    german = valid_phone(default_region="DE")
    assert of_phone("030 901820", german, ship_to=to(country)) == [
        no_phone(
            "'030 901820'",
            f"it has no country code, and {country} is no country with a numbering plan",
        )
    ]
    assert of_phone("+4930901820", german, ship_to=to(country)) == []


def test_a_number_of_another_country_is_as_good() -> None:
    """What is sent to Leeds may be ordered from Berlin, Singapore, or by satellite."""
    for phone in ("+4930901820", "+6565218000", "+870776123456", "+80012345678"):
        assert of_phone(phone) == []


def test_a_number_of_250_characters_is_still_read() -> None:
    """One more and the library is not asked."""
    number = "+44 20 7946 0018".ljust(250)
    (finding,) = of_phone(number)
    assert finding.detail.endswith(
        "(252 characters) can be called from anywhere in its E.164 form: +442079460018"
    )
    (finding,) = of_phone(number + " ")
    assert finding.detail.endswith("is not valid: it is longer than 250 characters.")


@pytest.mark.parametrize("region", ["DE", "de", "gb", "US"])
def test_the_default_region_is_a_country(region: str) -> None:
    """Kept in upper case, like the country of an address."""
    assert valid_phone(region).default_region == region.upper()


@pytest.mark.parametrize("region", ["UK", "zz", "AQ"])
def test_a_default_region_without_a_numbering_plan_is_refused(region: str) -> None:
    """It would hold every national number."""
    assert refusal(valid_phone, default_region=region) == (
        f"valid_phone.default_region: {region.upper()!r} has no numbering plan; pass a country, "
        "such as 'GB'"
    )


@pytest.mark.parametrize("region", ["Germany", "D", "001", " ", "DÉ", 49, None, b"DE"])
def test_a_default_region_that_is_no_code_is_refused(region: object) -> None:
    """Two letters, or empty for none."""
    assert refusal(valid_phone, default_region=region) == (
        f"valid_phone.default_region: {region!r} is not a code of 2 letters, such as 'DE'"
    )


# -- Bad input -------------------------------------------------------------------------------------

ODD = [
    "\ud800@example.com",
    "ada@\udfff.com",
    "ada\x00@example.com",
    "ada@exam\x00ple.com",
    "\x1b[31mada@example.com",
    "ada@example.com\r\nBcc: all@example.com",
    "\u202eada@example.com",
    "ada@\u200bexample.com",
    "ada@xn--.com",
    "ada@xn--" + "9" * 50 + ".com",
    "ada@[IPv6:\ud800]",
    "ada@🦊.com",
    "\u0301@example.com",
    "<" * 200,
    '"' * 200,
    "@" * 200,
    "." * 200,
    "".join(chr(0x4E00 + number) for number in range(200)),
    "".join(chr(0x100 + number) for number in range(125)) + "\u2028" + "\u2029",
    "+" * 200,
    "+1" + "\ud800" * 10,
    "+1\x00650\x002530000",
    "\u202e+44 20 7946 0018\u202c",
    "tel:;phone-context=",
    "tel:1;phone-context=+",
    "x" * 200,
    "1" * 250,
    "9/" * 100,
    "\u0661" * 17,
    "ext" * 80,
]


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_whatever_is_written_there_is_a_finding(text: str) -> None:
    """Never an error: sentences that can be stored, printed, and are not endless."""
    for finding in (*of_email(text), *of_phone(text), *of_phone(text, ship_to=None)):
        assert len(finding.detail) < 600
        assert finding.detail.encode()
        assert finding.detail.isprintable()
    assert [finding.severity for finding in of_email(text)] == [Severity.HOLD]


@given(st.text(st.characters(exclude_categories=[])))
@example("\ud800")
@example("\ud800@\udfff")
def test_no_text_breaks_them(text: str) -> None:
    """The law: any text is judged, and what is said of it can be stored and printed."""
    for finding in (*of_email(text), *of_email(f"{text}@{text}.com"), *of_phone(f"+44{text}")):
        assert finding.detail.encode()
        assert finding.detail.isprintable()


def test_what_the_packages_do_not_foresee_is_a_finding() -> None:
    """An error that is none of theirs is told like one."""
    assert of_email(Touchy("ada@example.com")) == [
        no_email("'ada@example.com'", "It can't be read (KeyError: 'read').")
    ]
    assert of_phone(Touchy("+4930901820")) == [
        no_phone("'+4930901820'", "it can't be read (KeyError: 'read')")
    ]


@pytest.mark.parametrize("characters", [255, 2_000, 4_000, 16_000, 64_000, 1_000_000])
@pytest.mark.parametrize("letter", ["a", "@", ".", "1", "+", "\u0661", "<", '"', "e\u0301"])
def test_the_packages_never_see_a_long_text(letter: str, characters: int) -> None:
    """What is longer than any address or number is refused by its length alone, and not kept."""
    text = Touchy((letter * characters)[:characters])
    emails, phones = valid_email(), valid_phone()
    (email,) = of_email(text, emails)
    (phone,) = of_phone(text, phones)
    assert email.detail.endswith("is not valid: It is longer than 254 characters.")
    assert phone.detail.endswith("is not valid: it is longer than 250 characters.")
    assert len(email.detail) < 400
    for verifier in (emails, phones):  # neither asked nor remembered
        assert verifier._memo.cache_info()[:2] == (0, 0)


def test_a_long_reason_is_cut() -> None:
    """The package names every character that it does not like; 300 characters of that will do."""
    text = "".join(map(chr, range(1, 32))) + "@example.com"
    (finding,) = of_email(text)
    whole = no_email(repr(text), "x" * 300 + "...")
    assert len(finding.detail) == len(whole.detail)
    assert finding.detail.endswith("...")
