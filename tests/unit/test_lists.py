"""Deny and allow lists: who is named by them, and what that does."""

from __future__ import annotations

import pickle
from datetime import timedelta, timezone
from typing import Any

import attrs
import pytest
from builders import CONTEXT, HOME, NOW, order, refusal
from effort import FEWER
from hypothesis import example, given
from hypothesis import strategies as st
from verifying import findings, screened

from fulfill_core import (
    Address,
    Context,
    Customer,
    Facts,
    Finding,
    Screening,
    Severity,
    note,
    reject,
)
from fulfill_core.orders import address_key, phone_key
from fulfill_core.records import FactKind, fact_missing
from fulfill_core.verifiers.lists import AccessList, listed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CEST = timezone(2 * HOUR)
NOTE, HOLD, REJECT = Severity.NOTE, Severity.HOLD, Severity.REJECT
SCREENING, CUSTOMER = frozenset({FactKind.SCREENING}), frozenset({FactKind.CUSTOMER})


NETWORK = AccessList(ips=["10.0.0.0/8"])
NOBODY = AccessList(customers=["C-666"])


# -- Lists: what is the same -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "key"),
    [
        ("+49 30 1234", "+49301234"),
        ("0049-30-1234", "+49301234"),
        ("+49 (0)30 / 1234", "+49301234"),
        ("(+49) 30.1234", "+49301234"),
        ("\u202a+49 30 1234\u202c", "+49301234"),
        ("\uff0b49 30 1234", "+49301234"),
        ("+\u0664\u0669 30 1234", "+49301234"),
        ("030 1234", "0301234"),
        ("(030) 1234", "0301234"),
        ("n/a", ""),
        ("", ""),
        ("+", "+"),
    ],
)
def test_phone_numbers_are_the_same_by_their_digits(phone: str, key: str) -> None:
    """Of any script, and by whether they are international; the zero in brackets is not dialled."""
    assert phone_key(phone) == key


def test_addresses_are_the_same_but_for_case_and_blanks() -> None:
    """By country, postal code, street and city; the name and the region make no difference."""
    one = Address(name="Eve", street=["1  Main", "St"], city="leeds ", country="GB")
    other = Address(
        name="Ada", street=["1 MAIN ST"], city="Leeds", region="Yorkshire", country="gb"
    )
    assert address_key(one) == address_key(other)
    assert address_key(attrs.evolve(one, country="IE")) != address_key(one)
    assert address_key(Address(name="Eve", street=[" "], city="", country="GB")) is None


# -- Lists: matches --------------------------------------------------------------------------------

EVE = Customer(id="C-9", email=" Eve@Example.COM ", phone="0049 30 1234")
EVES = order(
    customer=EVE,
    bill_to=Address(
        name="Eve", street=["9 High St"], city="York", postal_code="YO1 7HH", country="GB"
    ),
)
SEEN = screened(cards=["fp-1", "fp-2"], ip="203.0.113.7")


def denied(field: str, words: str, entry: str) -> Finding:
    """The finding that the deny list names this, by that entry."""
    return reject(
        "risk.denied", field=field, detail=f"The deny list names {words}.", evidence=entry
    )


CONDITIONS: list[tuple[dict[str, Any], Finding]] = [
    ({"customers": ["C-9"]}, denied("customer.id", "the customer 'C-9'", "customers: C-9")),
    (
        {"emails": ["EVE@example.com"]},
        denied("customer.email", "the e-mail address 'eve@example.com'", "emails: eve@example.com"),
    ),
    (
        {"email_domains": ["@Example.com"]},
        denied("customer.email", "the e-mail domain 'example.com'", "email_domains: example.com"),
    ),
    (
        {"phones": ["+49 (0)30 12-34"]},
        denied("customer.phone", "the phone number '0049 30 1234'", "phones: +49301234"),
    ),
    (
        {"addresses": [attrs.evolve(HOME, name="Somebody", city="LEEDS")]},
        denied(
            "ship_to", "the address '1 Main St, Leeds'", "addresses: GB, LS14AP, 1 main st, leeds"
        ),
    ),
    (
        {
            "addresses": [
                Address(
                    name="", street=["9  high st"], city="York", postal_code="YO1 7HH", country="GB"
                )
            ]
        },
        denied(
            "bill_to", "the address '9 High St, York'", "addresses: GB, YO17HH, 9 high st, york"
        ),
    ),
    ({"cards": ["fp-2", "fp-3"]}, denied("payments", "the card 'fp-2'", "cards: fp-2")),
    ({"ips": ["203.0.113.7"]}, denied("id", "the IP address '203.0.113.7'", "ips: 203.0.113.7/32")),
    (
        {"ips": ["203.0.113.0/24"]},
        denied("id", "the IP address '203.0.113.7'", "ips: 203.0.113.0/24"),
    ),
    (
        {"ips": ["::ffff:203.0.113.0/120"]},
        denied("id", "the IP address '203.0.113.7'", "ips: 203.0.113.0/24"),
    ),
]


@pytest.mark.parametrize(("entries", "expected"), CONDITIONS)
def test_any_condition_of_a_deny_list_is_enough(entries: dict[str, Any], expected: Finding) -> None:
    """One that is met, whatever else the list names."""
    only = listed(deny=AccessList(**entries))
    assert findings(only, EVES, SEEN) == [expected]
    others = {
        "customers": ["C-0"],
        "emails": ["x@y.example"],
        "email_domains": ["y.example"],
        "phones": ["1"],
        "addresses": [Address(name="", street=["?"], city="", country="")],
        "cards": ["fp-0"],
        "ips": ["192.0.2.0/25", "2001:db8::/32"],
    }
    for name, entry in entries.items():
        others[name] = [*others[name], *entry]
    assert findings(listed(deny=AccessList(**others)), EVES, SEEN) == [expected]
    somebody = order(customer=Customer(id="C-0"), ship_to=None)
    assert findings(only, somebody, screened()) == []


_NAMES = ["customers", "emails", "email_domains", "phones", "addresses", "cards", "ips"]


@given(st.lists(st.sampled_from(CONDITIONS), unique_by=str))
def test_every_condition_that_is_met_is_named(some: list[tuple[dict[str, Any], Finding]]) -> None:
    """A list of several conditions finds exactly what lists of one each find together."""
    entries: dict[str, list[Any]] = {name: [] for name in _NAMES}
    for condition, _ in some:
        for name, entry in condition.items():
            entries[name] += entry
    expected = {finding for _, finding in some}
    if expected:
        assert set(findings(listed(deny=AccessList(**entries)), EVES, SEEN)) == expected


@pytest.mark.parametrize(
    ("entries", "context"),
    [
        ({"email_domains": ["ample.com", "mail.example.com", "com"]}, SEEN),
        ({"emails": ["eve+1@example.com"]}, SEEN),
        ({"phones": ["030 1234"]}, SEEN),
        ({"ips": ["203.0.113.8", "203.0.112.0/24", "::/0"]}, SEEN),
        ({"ips": ["0.0.0.0/0"]}, screened(ip="2001:db8::1")),
        ({"ips": ["0.0.0.0/0"]}, screened()),
        ({"cards": ["FP-1"]}, SEEN),
    ],
)
def test_what_is_another_one_is_not_named(entries: dict[str, Any], context: Context) -> None:
    """Parts, subdomains, other networks, and the other protocol."""
    assert findings(listed(deny=AccessList(**entries)), EVES, context) == []


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("::ffff:192.0.2.9", "192.0.2.0/24"),
        ("2001:DB8::9", "2001:db8::/32"),
        ("fe80::1%eth0", "fe80::/10"),
        (" 192.0.2.9 ", "0.0.0.0/0"),
    ],
)
def test_an_ip_address_is_the_same_however_it_is_written(ip: str, network: str) -> None:
    """IPv4 as IPv6, upper case, with the interface on which it was seen, with blanks."""
    found = findings(listed(deny=AccessList(ips=[network])), order(), screened(ip=ip))
    assert [each.field for each in found] == ["id"]


def test_an_email_address_may_end_in_a_dot_and_needs_an_at() -> None:
    """``example.com.`` is the same domain; what has no @ has no domain."""
    verifier = listed(deny=AccessList(email_domains=["example.com."]))
    for email, is_denied in (("eve@example.com.", True), ("example.com", False), ("", False)):
        subject = order(customer=Customer(id="C-9", email=email))
        assert bool(findings(verifier, subject, CONTEXT)) is is_denied


def test_an_order_that_says_nothing_is_not_named() -> None:
    """No e-mail address, no phone number and an empty address are not those of anybody."""
    everything = AccessList(
        emails=["a@b.example"], email_domains=["b.example"], phones=["+1"], addresses=[HOME]
    )
    nobody = order(
        customer=Customer(id="C-0", phone="+"), ship_to=Address(name="", street=[], city="")
    )
    assert findings(listed(deny=everything), nobody, CONTEXT) == []


# -- Lists: allowed --------------------------------------------------------------------------------


def test_the_allow_list_goes_before_the_deny_list() -> None:
    """It is shown what allows the order, and what of it would have been denied."""
    deny = AccessList(email_domains=["example.com"], phones=["+49 30 1234"], cards=["fp-1"])
    verifier = listed(deny=deny, allow=AccessList(customers=["C-9"], emails=["eve@example.com"]))
    before = "; it goes before the deny list, which names customer.email, customer.phone, payments."
    assert findings(verifier, EVES, SEEN) == [
        note(
            "risk.allowed",
            field="customer.id",
            detail=f"The allow list names the customer 'C-9'{before}",
            evidence="customers: C-9",
        ),
        note(
            "risk.allowed",
            field="customer.email",
            detail=f"The allow list names the e-mail address 'eve@example.com'{before}",
            evidence="emails: eve@example.com",
        ),
    ]
    stranger = order(customer=attrs.evolve(EVE, id="C-1", email="x@example.com"))
    assert {each.code for each in findings(verifier, stranger, SEEN)} == {"risk.denied"}


def test_who_is_only_on_the_allow_list_is_pointed_out() -> None:
    """Other verifiers, and people, may want to know."""
    verifier = listed(allow=AccessList(customers=["C-9"]))
    assert findings(verifier, EVES, CONTEXT) == [
        note(
            "risk.allowed",
            field="customer.id",
            detail="The allow list names the customer 'C-9'.",
            evidence="customers: C-9",
        )
    ]
    assert findings(verifier, order(), CONTEXT) == []


# -- Lists: facts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ip",
    [
        *("203.0.113.9", " 203.0.113.9\n", "203.0.113.9:51234", "::ffff:203.0.113.9"),
        *("[::ffff:203.0.113.9]:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443"),
        *("2001:db8::1%eth0", "[2001:db8::1%25eth0]:443", "203.0.113.9, 10.0.0.1"),
        *("10.0.0.1 203.0.113.9:80", "10.0.0.1;[2001:db8::1]:1", "2001:DB8:0:0::1"),
    ],
)
def test_a_denied_ip_address_is_found_however_it_is_written(ip: str) -> None:
    """With a port, in brackets, with a zone, as one of several: as servers note it."""
    verifier = listed(deny=AccessList(ips=["203.0.113.0/24", "2001:db8::/32"]))
    facts = Facts(screenings=[Screening(order_id="A-1", ip=ip)])
    (found,) = verifier(order("A-1"), context=Context(now=NOW, facts=facts))
    assert found.code == "risk.denied"


@pytest.mark.parametrize(
    "ip",
    [
        *("localhost", "203.0.113", "203.0.113.999", "203.0.113.009", "unknown", "[203.0.113"),
        *(
            "203.0.113.9/24",
            "203.0.113.9, unknown",
            "2001:db8:::1",
            "203.0.113.9:port",
            "n/a",
            "[]",
        ),
        *("x" * 10_000, "1." * 5_000, "\ud800", "=?utf-8?q?1?="),
    ],
    ids=ascii,
)
def test_an_ip_address_that_nobody_can_read_is_neither_on_a_list_nor_off_it(ip: str) -> None:
    """The order waits, on either list; a list without IP addresses does not care."""
    facts = Facts(screenings=[Screening(order_id="A-1", ip=ip)])
    for lists in ({"deny": NETWORK}, {"allow": NETWORK}, {"deny": NOBODY, "allow": NETWORK}):
        (found,) = listed(**lists)(order("A-1"), context=Context(now=NOW, facts=facts))
        assert (found.code, found.severity) == ("screening.ip_unreadable", Severity.HOLD)
        assert len(found.detail) < 400
    assert list(listed(deny=NOBODY)(order("A-1"), context=Context(now=NOW, facts=facts))) == []


def test_an_unreadable_part_hides_no_denied_one() -> None:
    """What can be read is looked up all the same, and what is unknown is no reason to pass it."""
    facts = Facts(screenings=[Screening(order_id="A-1", ip="unknown, 10.0.0.9")])
    found = listed(deny=NETWORK)(order("A-1"), context=Context(now=NOW, facts=facts))
    assert [each.code for each in found] == ["risk.denied", "screening.ip_unreadable"]


def test_all_ip_addresses_have_to_be_allowed() -> None:
    """Whoever asks may write the first one: a list of friends is no list of what friends write."""
    verifier = listed(allow=NETWORK)
    for ip, codes in (
        ("10.0.0.1", ["risk.allowed"]),
        ("10.0.0.1, 10.0.0.2", ["risk.allowed"] * 2),
        ("10.0.0.1, 203.0.113.9", []),
        ("", []),
    ):
        facts = Facts(screenings=[Screening(order_id="A-1", ip=ip)])
        found = verifier(order("A-1"), context=Context(now=NOW, facts=facts))
        assert [each.code for each in found] == codes[: 1 if "," not in ip else 2]


@pytest.mark.parametrize("entries", [{"cards": ["fp-9"]}, {"ips": ["192.0.2.1"]}])
def test_lists_of_cards_and_ip_addresses_need_a_screening(entries: dict[str, Any]) -> None:
    """Without one the order is held; what else is denied is denied all the same."""
    verifier = listed(deny=AccessList(customers=["C-9"], **entries))
    missing = fact_missing(FactKind.SCREENING, EVES)
    assert verifier.facts_needed(EVES, context=CONTEXT) == SCREENING
    found = findings(verifier, EVES, CONTEXT)
    assert found == [denied("customer.id", "the customer 'C-9'", "customers: C-9"), missing]
    assert findings(verifier, order(), CONTEXT) == [missing]
    assert findings(verifier, order(), screened()) == []


def test_other_lists_need_none() -> None:
    """What the order says itself is enough."""
    verifier = listed(deny=AccessList(customers=["C-9"]), allow=AccessList(emails=["a@b.example"]))
    assert verifier.facts_needed(EVES, context=CONTEXT) == frozenset()


def test_nothing_is_turned_down_while_the_screening_is_missing_that_could_allow_it() -> None:
    """That is not known yet is no reason to reject."""
    verifier = listed(deny=AccessList(customers=["C-9"]), allow=AccessList(cards=["fp-1"]))
    assert verifier.facts_needed(EVES, context=CONTEXT) == SCREENING
    assert findings(verifier, EVES, CONTEXT) == [fact_missing(FactKind.SCREENING, EVES)]
    assert [each.code for each in findings(verifier, EVES, SEEN)] == ["risk.allowed"]
    assert [each.code for each in findings(verifier, EVES, screened())] == ["risk.denied"]


def test_an_order_that_is_allowed_anyway_needs_no_screening() -> None:
    """Whatever it said, it would change nothing."""
    verifier = listed(deny=AccessList(cards=["fp-1"]), allow=AccessList(customers=["C-9"]))
    assert verifier.facts_needed(EVES, context=CONTEXT) == frozenset()
    assert [each.code for each in findings(verifier, EVES, CONTEXT)] == ["risk.allowed"]
    assert verifier.facts_needed(order(), context=CONTEXT) == SCREENING


# -- Lists: the list itself ------------------------------------------------------------------------


def test_lists_are_equal_if_they_mean_the_same() -> None:
    """However their entries are written and in whatever sequence they come."""
    one = AccessList(emails=["A@b.example"], phones=["0049 1"], ips=["::ffff:192.0.2.1"])
    other = AccessList(emails=["a@B.example ", "a@b.example"], phones=["+49 1"], ips=["192.0.2.1"])
    assert one == other
    assert hash(one) == hash(other)


def test_a_list_shows_how_long_it_is() -> None:
    """Not what is in it: it may have a million entries."""
    assert repr(AccessList()) == "AccessList()"
    long = AccessList(cards=[f"fp-{number}" for number in range(1000)], addresses=[HOME])
    assert repr(long) == "AccessList(1 addresses, 1000 cards)"
    assert not AccessList()
    assert long


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            {"emails": "eve@example.com"},
            (
                "AccessList.emails: 'eve@example.com' is not a collection of words; pass a set or a"
                " list of str"
            ),
        ),
        (
            {"emails": ["example.com"]},
            (
                "AccessList.emails: 'example.com' is not an entry of this list; pass an e-mail"
                " address, such as 'eve@example.com'"
            ),
        ),
        (
            {"emails": ["@example.com"]},
            (
                "AccessList.emails: '@example.com' is not an entry of this list; pass an e-mail"
                " address, such as 'eve@example.com'"
            ),
        ),
        (
            {"email_domains": ["b.example", "eve@example.com"]},
            (
                "AccessList.email_domains: 'eve@example.com' is not an entry of this list; pass a"
                " domain, such as 'example.com'"
            ),
        ),
        (
            {"phones": ["+"]},
            (
                "AccessList.phones: '+' is not an entry of this list; pass a phone number, such as"
                " '+49 30 1234'"
            ),
        ),
        (
            {"cards": [" ", ""]},
            "AccessList.cards: '' is not an entry of this list; pass a fingerprint",
        ),
        (
            {"customers": [""]},
            "AccessList.customers: '' is not an entry of this list; pass the id of a customer",
        ),
        (
            {"ips": ["192.0.2.1/24"]},
            (
                "AccessList.ips: '192.0.2.1/24' is not an entry of this list; pass an IP address or"
                " network, such as '203.0.113.0/24'"
            ),
        ),
        (
            {"addresses": ["1 Main St"]},
            "AccessList.addresses[0]: '1 Main St' is not of type Address; pass one",
        ),
        (
            {"addresses": [Address(name="", street=[], city="")]},
            (
                "AccessList.addresses[0]: Address(name='', street=(), city='', postal_code='',"
                " region='', country='') names no place; leave it out"
            ),
        ),
    ],
)
def test_a_bad_entry_is_refused(entries: dict[str, Any], message: str) -> None:
    """The error names the list, the entry and what to pass."""
    assert refusal(AccessList, **entries) == message


# -- Settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "listed.deny: AccessList() names nobody, nor does allow; pass one"),
        (
            {"deny": ["eve@example.com"]},
            "listed.deny: ['eve@example.com'] is not of type AccessList; pass one",
        ),
        ({"allow": None}, "listed.allow: None is not of type AccessList; pass one"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    """The error names the setting, the value and what to pass."""
    assert refusal(listed, **settings) == message


def test_a_verifier_travels_with_its_lists() -> None:
    """A copy is equal, has the same hash and repr, and finds the same."""
    deny = AccessList(emails=["eve@example.com"], ips=["203.0.113.0/24"], addresses=[HOME])
    verifier = listed(deny=deny, allow=AccessList(customers=["C-0"]))
    travelled = pickle.loads(pickle.dumps(verifier))  # noqa: S301 - our own bytes
    assert travelled == verifier
    assert hash(travelled) == hash(verifier)
    assert repr(travelled) == repr(verifier)
    assert findings(travelled, EVES, SEEN) == findings(verifier, EVES, SEEN)
    assert len(findings(travelled, EVES, SEEN)) == 3


@FEWER
@given(st.text())
@example("\ud800\u202e\x00")
def test_any_text_can_be_looked_up(text: str) -> None:
    """Whatever the order and the screening hold breaks nothing, and is not told in full."""
    long = text * 200
    customer = Customer(id=f"C{long}", email=f"{long}@example.com", phone=long)
    where = Address(name=long, street=[long, *[text] * 39], city=f"x{long}")
    subject = order(customer=customer, ship_to=where, bill_to=where)
    context = screened(ip=long, cards=[f"x{long}"])
    deny = AccessList(
        customers=[customer.id],
        email_domains=["example.com"],
        addresses=[where],
        cards=[f"x{long}"],
        ips=["::/0"],
    )
    found = findings(listed(deny=deny), subject, context)
    codes = [each.code for each in found if each.code != "screening.ip_unreadable"]
    assert codes == ["risk.denied"] * 5
    assert all(len(each.detail) < 400 for each in found)
