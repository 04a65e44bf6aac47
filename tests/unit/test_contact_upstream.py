"""`valid_email` and `valid_phone` say what the packages say: on our own cases, on random text, and
on the example numbers that come with the metadata. On the packages' own published test data:
`test_contact_published.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import phonenumbers
import pytest
from contact_verdicts import REFUSED, our_email, our_phone, their_email, their_phone
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from fulfill_core import Customer

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


# -- Our own cases ---------------------------------------------------------------------------------

SAME = "the same"
ADDRESSES = [
    # Plain.
    ("ada@example.com", SAME),
    ("ada.lovelace@example.com", SAME),
    ("ada+orders@example.com", SAME),
    ("a@b.co", SAME),
    ("0@example.com", SAME),
    ("ada_l-1815@mail.example.co.uk", SAME),
    ("o'brien@example.ie", SAME),
    ("{ada}|~!#$%&*/=?^`@example.com", SAME),
    ("-ada-@example.com", SAME),
    ("ada@1and1.example", SAME),
    ("ada@a-b.example.museum", SAME),
    ("Ada@example.com", SAME),
    # Case of the domain, and of the names that have none.
    ("ada@EXAMPLE.COM", "ada@example.com"),
    ("Ada@Example.Com", "Ada@example.com"),
    ("INFO@example.com", "info@example.com"),
    ("Postmaster@example.com", "postmaster@example.com"),
    ("Abuse@Example.com", "abuse@example.com"),
    # Other scripts.
    ("müller@example.de", SAME),
    ("ada@müller.example", SAME),
    ("ada@MÜLLER.example", "ada@müller.example"),
    ("ada@xn--mller-kva.example", "ada@müller.example"),
    ("ada@straße.example", SAME),
    ("δοκιμή@παράδειγμα.example", SAME),
    ("почта@пример.example", SAME),
    ("用户@例子.example", SAME),
    ("ユーザー@ドメイン.example", SAME),
    ("משתמש@דוגמה.example", SAME),
    ("mu\u0308ller@example.com", "müller@example.com"),
    ("ada@mu\u0308ller.example", "ada@müller.example"),
    ("ada@\uff45\uff58ample.com", "ada@example.com"),
    ("ada@example。com", "ada@example.com"),
    ("ada\uff20example.com", REFUSED),
    ("ada@xn--example-.com", REFUSED),
    ("ada@xn--a.example", REFUSED),
    ("ada@ab--cd.example", REFUSED),
    # At-signs.
    ("ada", REFUSED),
    ("ada.example.com", REFUSED),
    ("@", REFUSED),
    ("ada@", REFUSED),
    ("@example.com", REFUSED),
    ("ada@@example.com", REFUSED),
    ("ada@home@example.com", REFUSED),
    # Dots and hyphens.
    (".ada@example.com", REFUSED),
    ("ada.@example.com", REFUSED),
    ("ada..l@example.com", REFUSED),
    ("ada@.example.com", REFUSED),
    ("ada@example.com.", REFUSED),
    ("ada@example..com", REFUSED),
    ("ada@-example.com", REFUSED),
    ("ada@example-.com", REFUSED),
    ("ada@com", REFUSED),
    ("ada@example.c0", REFUSED),
    ("ada@192.0.2.1", REFUSED),
    # Spaces and signs.
    (" ada@example.com", "ada@example.com"),
    ("ada@example.com ", "ada@example.com"),
    ("ada @example.com", REFUSED),
    ("ada@exam ple.com", REFUSED),
    ("ada\t@example.com", REFUSED),
    ("ada@example.com\n", "ada@example.com"),
    ("ada@exam_ple.com", REFUSED),
    ("ada,l@example.com", REFUSED),
    ("ada;l@example.com", REFUSED),
    ("ada(home)@example.com", REFUSED),
    ("ada\\l@example.com", REFUSED),
    ("ada@example.com,bob@example.com", REFUSED),
    ("mailto:ada@example.com", REFUSED),
    ("http://example.com", REFUSED),
    ("ada\u00a0l@example.com", REFUSED),
    ("ada\u200b@example.com", REFUSED),
    ("\u202eada@example.com", REFUSED),
    ("ada@🦊.example", REFUSED),
    # What the package takes only if it is told to.
    ("Ada <ada@example.com>", REFUSED),
    ("<ada@example.com>", REFUSED),
    ('"ada"@example.com', REFUSED),
    ('"ada lovelace"@example.com', REFUSED),
    ("ada@[192.0.2.1]", REFUSED),
    ("ada@[IPv6:2001:db8::1]", REFUSED),
    # Domains for special use.
    ("ada@test", REFUSED),
    ("ada@shop.test", REFUSED),
    ("ada@localhost", REFUSED),
    ("ada@shop.localhost", REFUSED),
    ("ada@shop.invalid", REFUSED),
    ("ada@printer.local", REFUSED),
    ("ada@x.onion", REFUSED),
    ("ada@2.0.192.in-addr.arpa", REFUSED),
    # Lengths.
    ("ada@" + "x" * 63 + ".example", SAME),
    ("ada@" + "x" * 64 + ".example", REFUSED),
    ("a" * 64 + "@example.com", SAME),
    ("a@" + ".".join(["x" * 62] * 4) + ".eu", REFUSED),
    ("NULL", REFUSED),
    ("n/a", REFUSED),
]

NUMBERS = [
    ("+442079460018", "", SAME),
    ("+442079460018", "US", SAME),
    ("+44 (0)20 7946 0018", "", "+442079460018"),
    ("020 7946 0018", "GB", "+442079460018"),
    ("07400 123456", "GB", "+447400123456"),
    ("0800 1111", "GB", "+448001111"),
    ("+4930901820", "", SAME),
    ("030/90 18 20", "DE", "+4930901820"),
    ("(030) 90-1820", "DE", "+4930901820"),
    ("0049 30 901820", "DE", "+4930901820"),
    ("0049 30 901820", "FR", "+4930901820"),
    ("01512 3456789", "DE", "+4915123456789"),
    ("01 42 68 53 00", "FR", "+33142685300"),
    ("06.12.34.56.78", "FR", "+33612345678"),
    ("202-456-1111", "US", "+12024561111"),
    ("(202) 456-1111", "US", "+12024561111"),
    ("1-202-456-1111", "US", "+12024561111"),
    ("202.456.1111", "CA", "+12024561111"),
    ("011 44 20 7946 0018", "US", "+442079460018"),
    ("1-800-FLOWERS", "US", "+18003569377"),
    ("+1 416 555 0123", "", "+14165550123"),
    ("06 698 12345", "IT", "+390669812345"),
    ("+39 06 698 12345", "", "+390669812345"),
    ("347 123 4567", "IT", "+393471234567"),
    ("91 123 45 67", "ES", "+34911234567"),
    ("612 34 56 78", "ES", "+34612345678"),
    ("020 123 4567", "NL", "+31201234567"),
    ("02 512 34 56", "BE", "+3225123456"),
    ("044 668 18 00", "CH", "+41446681800"),
    ("01 234567890", "AT", "+431234567890"),
    ("08-123 456 78", "SE", "+46812345678"),
    ("22 12 34 56", "NO", "+4722123456"),
    ("32 12 34 56", "DK", "+4532123456"),
    ("22 123 45 67", "PL", "+48221234567"),
    ("8 (495) 123-45-67", "RU", "+74951234567"),
    ("03-1234-5678", "JP", "+81312345678"),
    ("090-1234-5678", "JP", "+819012345678"),
    ("010 1234 5678", "CN", "+861012345678"),
    ("138 0013 8000", "CN", "+8613800138000"),
    ("098765 43210", "IN", "+919876543210"),
    ("02 9374 4000", "AU", "+61293744000"),
    ("0412 345 678", "AU", "+61412345678"),
    ("03-331 6005", "NZ", "+6433316005"),
    ("6521 8000", "SG", "+6565218000"),
    ("(11) 96123-4567", "BR", "+5511961234567"),
    ("011 15-2345-6789", "AR", "+5491123456789"),
    ("55 1234 5678", "MX", "+525512345678"),
    ("011 234 5678", "ZA", "+27112345678"),
    ("050 123 4567", "AE", "+971501234567"),
    ("02-123-4567", "IL", "+97221234567"),
    ("+٤٤ ٢٠ ٧٩٤٦ ٠٠١٨", "", "+442079460018"),
    ("\uff0b\uff14\uff14 20 7946 0018", "", "+442079460018"),
    ("tel:+44-20-7946-0018", "", "+442079460018"),
    ("tel:020-7946-0018;phone-context=+44", "", "+442079460018"),
    ("Phone: +44 20 7946 0018", "", "+442079460018"),
    ("+44 20 7946 0018 x12", "", "+442079460018"),
    ("+44 20 7946 0018\n", "", "+442079460018"),
    ("+800 1234 5678", "", "+80012345678"),
    # No country.
    ("020 7946 0018", "", REFUSED),
    ("202-456-1111", "", REFUSED),
    ("0049 30 901820", "", REFUSED),
    ("020 7946 0018", "UK", REFUSED),
    ("020 7946 0018", "ZZ", REFUSED),
    # No number.
    ("x", "GB", REFUSED),
    ("none", "GB", REFUSED),
    ("n/a", "GB", REFUSED),
    ("-", "GB", REFUSED),
    ("+", "GB", REFUSED),
    ("()", "GB", REFUSED),
    ("ada@example.com", "GB", REFUSED),
    ("\u2706", "GB", REFUSED),
    # Too short, too long, and such that nobody has them.
    ("0", "GB", REFUSED),
    ("1", "GB", REFUSED),
    ("12", "GB", REFUSED),
    ("999", "GB", REFUSED),
    ("112", "DE", REFUSED),
    ("+44", "GB", REFUSED),
    ("+44 20 7946", "GB", REFUSED),
    ("+44 20 7946 0018 0018", "GB", REFUSED),
    ("456-1111", "US", REFUSED),
    ("202-456-111", "US", REFUSED),
    ("202-456-11111", "US", REFUSED),
    ("000-000-0000", "US", REFUSED),
    ("123-456-7890", "US", REFUSED),
    ("111-111-1111", "US", REFUSED),
    ("0000000000", "GB", REFUSED),
    ("2222222222222", "GB", REFUSED),
    ("07700 900123", "GB", REFUSED),
    ("020 7946 0018 (home)", "GB", REFUSED),
    ("00 00 00 00 00", "FR", REFUSED),
    ("+999 1234 5678", "", REFUSED),
    ("+0 20 7946 0018", "", REFUSED),
    ("9" * 30, "DE", REFUSED),
]


@pytest.mark.parametrize(("address", "expected"), ADDRESSES, ids=ascii)
def test_an_address_of_our_own(address: str, expected: str) -> None:
    """Our verdict is the package's, and the one that is written down here."""
    assert our_email(address) == their_email(address)
    assert our_email(address) == (address if expected is SAME else expected)


@pytest.mark.parametrize(("number", "region", "expected"), NUMBERS, ids=ascii)
def test_a_number_of_our_own(number: str, region: str, expected: str) -> None:
    """Our verdict is the package's, and the one that is written down here."""
    assert our_phone(number, region) == their_phone(number, region)
    assert our_phone(number, region) == (number if expected is SAME else expected)


# -- Random text -----------------------------------------------------------------------------------

LETTERS = (
    st.sampled_from('@."<>[]:\\aZ09-_+() \t\x00\ud800\u200b\u202eéßא中。\uff20ﬁ\u0308')
    | st.characters()
)
DOMAINS = st.text(LETTERS, min_size=1, max_size=12)


@given(
    st.one_of(
        st.text(LETTERS),
        st.emails(),
        st.builds("{}@{}".format, DOMAINS, DOMAINS),
        st.builds("a@{}.com".format, DOMAINS),
        st.builds("a@xn--{}.com".format, DOMAINS),
        st.builds("a@[{}]".format, DOMAINS),
    )
)
def test_any_text_as_address(text: str) -> None:
    """The law: held exactly if the package refuses it; else offered in the package's form."""
    assume(Customer(id="C", email=text).email)  # of no address nothing is said
    assert our_email(text) == their_email(text)


DIGITS = (
    st.sampled_from("0123456789+-()/. xX;=*#~,٣\uff14\uff0b\u00a0\u200b\ud800") | st.characters()
)


@given(
    st.one_of(
        st.text(DIGITS),
        st.from_regex(r"\A\+?[0-9]{3,17}\Z"),
        st.builds("tel:{};phone-context={}".format, st.text(DIGITS), st.text(DIGITS)),
        st.builds("+44 20 7946 0018{}".format, st.text(DIGITS)),
    ),
    st.sampled_from(["", "UK", *REGIONS]),
)
def test_any_text_as_number(text: str, region: str) -> None:
    """The law: held exactly if the package can't read it, or calls it impossible or invalid; else
    offered in the package's form.
    """
    assume(text.strip())
    assert our_phone(text, region) == their_phone(text, region)


# -- The numbers that come with the metadata -------------------------------------------------------

KINDS = sorted(PhoneNumberType.values())
WRITTEN = [
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.RFC3966,
    PhoneNumberFormat.E164,
]


def examples(region: str) -> Iterator[phonenumbers.PhoneNumber]:
    """The example numbers of a region: one at large, and one of each kind that it has."""
    for number in (
        phonenumbers.example_number(region),
        *(phonenumbers.example_number_for_type(region, kind) for kind in KINDS),
    ):
        if number is not None:
            yield number


@pytest.mark.parametrize("region", REGIONS)
def test_the_example_numbers_of_a_region(region: str) -> None:
    """Each is accepted from a customer there, however it is written, and offered in E.164."""
    numbers = list(examples(region))
    assert numbers
    for number, form in product(numbers, WRITTEN):
        written = phonenumbers.format_number(number, form)
        expected = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        assert our_phone(written, region) == expected


def test_the_example_numbers_of_no_region() -> None:
    """Those of satellites and of free calls from anywhere are accepted, whoever gives them."""
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        number = phonenumbers.example_number_for_non_geo_entity(code)
        written = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
        expected = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        assert our_phone(written, "") == our_phone(written, "DE") == expected


@pytest.mark.parametrize("region", REGIONS)
def test_a_number_that_no_region_has(region: str) -> None:
    """The package's example of a number that is invalid there is held, wherever it has one."""
    number = phonenumbers.invalid_example_number(region)
    if number is not None:
        written = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
        assert our_phone(written, region) == their_phone(written, region) == REFUSED
