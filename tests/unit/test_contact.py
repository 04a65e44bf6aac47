"""Contact without an extra: can the customer be reached, and is the domain worth anything?"""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from builders import CONTEXT, order, refusal
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Customer, Finding, hold
from fulfill_core.verifiers import reachable
from fulfill_core.verifiers.contact import email_domain

LISTS = email_domain(
    placeholder=["example.com", "noreply.shop.example", "test"],
    disposable={"mailinator.com", "Trash.example", "bücher.example"},
)


def findings(verifier: Any, email: str = "", phone: str = "") -> list[Finding]:
    """What a verifier notices about a customer with this address and number."""
    return list(
        verifier(order(customer=Customer(id="C", email=email, phone=phone)), context=CONTEXT)
    )


def codes(email: str, verifier: email_domain = LISTS) -> list[str]:
    """The codes that an address gets."""
    return [finding.code for finding in findings(verifier, email)]


# -- Reachable -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "phone"),
    [
        *(
            ("ada@example.org", ""),
            ("", "12345"),
            ("n/a", "+49 30 1234"),
            (" ada@example.org ", "-"),
        ),
        *(
            ("ada.o'neil+tea=a@example.org", ""),
            ("ada@[IPv6:2001:db8::1]", ""),
            ("ä@é.example", ""),
        ),
    ],
)
def test_one_way_to_reach_the_customer_is_enough(email: str, phone: str) -> None:
    """An address or a number; whether they are well formed is not asked."""
    assert findings(reachable, email, phone) == []


@pytest.mark.parametrize(
    ("email", "phone"),
    [
        *(("n/a", ""), ("-", "-"), ("NULL", "NULL"), ("none", "none"), ("", "n/a"), ("ada", "")),
        *(("@example.org", ""), ("ada@", "1234"), ("ada@a.example, bob@b.example", ".")),
        *((f"{'x' * 65}@example.org", ""), ("ada@example.org\nBcc: x@y.example", "")),
        *(("x" * 10_000, "\ud800"), ("=?utf-8?q?a?=", "{{ phone }}"), ("\u202e", "\x00")),
        *(("bob,ada@example.org", ""), ("bob;ada@example.org", ""), ("<ada@example.org>", "")),
        *(("Ada<ada@example.org>", ""), ("all:ada@example.org", ""), ("ada@example.org,bob", "")),
        *(
            ("=?utf-8?q?a=2Cb?=@example.org", ""),
            ("(Ada)ada@example.org", ""),
            ('"a"@a.example', ""),
        ),
    ],
)
def test_what_can_be_no_recipient_reaches_nobody(email: str, phone: str) -> None:
    """The run would have nobody to write to: the order waits, and the staff is told."""
    assert [each.code for each in findings(reachable, email, phone)] == ["contact.missing"]


@pytest.mark.parametrize(("email", "phone"), [("", ""), (" ", "\t\n"), ("\u3000", "")])
def test_blanks_reach_nobody(email: str, phone: str) -> None:
    """White space of any kind is nothing."""
    assert findings(reachable, email, phone) == [
        hold(
            "contact.missing",
            field="customer.email",
            detail="The customer left neither an e-mail address nor a phone number.",
        )
    ]


# -- Domains ---------------------------------------------------------------------------------------


def test_a_placeholder_is_held_by_name() -> None:
    """The detail has the address and the domain that is listed."""
    assert findings(LISTS, "none@shop.example.com") == [
        hold(
            "contact.placeholder_email",
            field="customer.email",
            detail="The e-mail address 'none@shop.example.com' stands for none: nobody reads mail "
            "to example.com.",
            evidence="example.com",
        )
    ]


def test_a_mailbox_to_throw_away_is_held_by_name() -> None:
    """The detail has the address and the domain that is listed."""
    assert findings(LISTS, "ada@mailinator.com") == [
        hold(
            "contact.disposable_email",
            field="customer.email",
            detail="The e-mail address 'ada@mailinator.com' is one to throw away: mail to "
            "mailinator.com is not read for long.",
            evidence="mailinator.com",
        )
    ]


@pytest.mark.parametrize(
    "email",
    [
        "ada@mailinator.com",
        "ada@MAILINATOR.Com",
        "ada@mail.mailinator.com",
        "ada@a.b.c.d.e.mailinator.com",
        " ada@mailinator.com\n",
        "ada@mailinator.com.",
        "@mailinator.com",
        "a@b@mailinator.com",
        '"a@b"@mailinator.com',
        "ada@trash.example",
        "ada@TRASH.EXAMPLE",
        "ada@bücher.example",
        "ada@BÜCHER.example",
        "ada@x.bücher.example",
    ],
)
def test_a_listed_domain_stands_for_all_below_it(email: str) -> None:
    """Case, a space around the address, and the dot of the root make no difference."""
    assert codes(email) == ["contact.disposable_email"]


@pytest.mark.parametrize(
    "email",
    [
        "",
        " ",
        "@",
        "ada",
        "ada@",
        "mailinator.com",
        "ada@notmailinator.com",
        "ada@mailinator.com.example",
        "ada@mailinator",
        "ada@com",
        "ada@mailinator.com@example.org",
        "ada@mailinator..com",
        "ada@mailinator.com..",
        "mailinator.com@example.org",
        "ada@xn--bcher-kva.example",
        "ada@shop.example",
        "ada@attest",
    ],
)
def test_what_is_not_listed_passes(email: str) -> None:
    """No domain, a domain that only ends or begins alike, one above a listed one, another form."""
    assert codes(email) == []


def test_a_domain_on_both_lists_is_told_twice() -> None:
    """All that is noticed, one finding per fault, each with the narrowest domain that is listed."""
    both = email_domain(placeholder=["b.example"], disposable=["example", "a.b.example"])
    assert [finding.detail.rpartition(": ")[2] for finding in findings(both, "x@a.b.example")] == [
        "nobody reads mail to b.example.",
        "mail to a.b.example is not read for long.",
    ]


def test_a_top_level_domain_can_be_listed() -> None:
    """A domain needs no dot: all of ``.test`` is a placeholder."""
    assert codes("ada@shop.test") == ["contact.placeholder_email"]
    assert codes("ada@test") == ["contact.placeholder_email"]


def test_without_lists_nothing_is_noticed() -> None:
    """The library ships no list."""
    assert codes("ada@example.com", email_domain()) == []
    assert codes("ada@", email_domain()) == []


@pytest.mark.parametrize(
    "email",
    [
        "a" * 10_000 + "@example.com",
        "a@" + "b." * 5_000 + "example.com",
        "@" * 10_000 + "example.com",
        "\ud800@example.com",
        "\x00@example.com",
        "\u202eada@example.com",
        "🦊@🦊.example.com",
    ],
    ids=["local part", "labels", "at-signs", "surrogate", "null", "right to left", "emoji"],
)
def test_an_odd_address_is_compared_all_the_same(email: str) -> None:
    """Neither length nor odd characters keep a listed domain from being seen; long ones are cut."""
    (finding,) = findings(LISTS, email)
    assert finding.code == "contact.placeholder_email"
    assert len(finding.detail) < 400
    assert finding.detail.encode()


def test_no_more_labels_are_compared_than_are_listed() -> None:
    """Of a domain of many labels only as many are looked at as the longest listed one has."""
    assert LISTS._labels == 3
    assert email_domain(disposable=["test"])._labels == 1
    assert email_domain()._labels == 0


@given(st.text(), st.sets(st.sampled_from(["a.b", "b", "c.a.b", "x"])))
def test_a_listed_domain_is_found_by_its_ending(domain: str, listed: set[str]) -> None:
    """The law: it is listed, or ends with a dot and a listed one."""
    own = domain.rpartition("@")[2].rstrip().removesuffix(".").casefold()
    expected = any(own == one or own.endswith(f".{one}") for one in listed)
    assert bool(codes(f"ada@{domain}", email_domain(disposable=listed))) == expected


# -- Settings --------------------------------------------------------------------------------------

NO_DOMAINS = [
    "",
    " ",
    "ada@example.com",
    "@example.com",
    ".example.com",
    "example.com.",
    "a..b",
    "a b.example",
    " example.com",
    "example.com\n",
    "x" * 254,
]
NO_DOMAIN = "is not a domain; pass what stands behind the @-sign: 'example.com'"


@pytest.mark.parametrize("name", ["placeholder", "disposable"])
@pytest.mark.parametrize("word", NO_DOMAINS)
def test_what_is_no_domain_is_refused(name: str, word: str) -> None:
    """The error has the setting, the word and what to pass."""
    shown = repr(word) if len(word) < 200 else f"{repr(word)[:200]}... (256 characters)"
    assert refusal(email_domain, **{name: [word]}) == f"email_domain.{name}: {shown} {NO_DOMAIN}"


@pytest.mark.parametrize("name", ["placeholder", "disposable"])
@pytest.mark.parametrize("value", ["example.com", None, 7])
def test_what_is_no_collection_is_refused(name: str, value: object) -> None:
    """A str would fall apart into letters."""
    remedy = "[] if there is none" if value is None else "a set or a list of str"
    assert refusal(email_domain, **{name: value}) == (
        f"email_domain.{name}: {value!r} is not a collection of words; pass {remedy}"
    )


@pytest.mark.parametrize("name", ["placeholder", "disposable"])
def test_a_member_that_is_no_text_is_refused(name: str) -> None:
    """A number, or bytes: named by the setting."""
    for value in (7, b"example.com"):
        said = refusal(email_domain, **{name: [value]})
        assert said == f"email_domain.{name}: {value!r} is not text; pass a str"


def test_the_longest_domain_can_be_listed() -> None:
    """253 characters are a domain, 254 are none."""
    domain = "x" * 253
    assert codes(f"ada@{domain}", email_domain(disposable=[domain])) == ["contact.disposable_email"]


# -- A value ---------------------------------------------------------------------------------------


def test_equal_lists_make_equal_verifiers() -> None:
    """By their content, in any sequence and case."""
    one = email_domain(placeholder=["a.example", "B.example"], disposable=["c.example"])
    other = email_domain(["b.example", "A.example"], {"C.EXAMPLE"})
    assert one == other
    assert hash(one) == hash(other)
    assert one != email_domain(placeholder=["a.example"])


def test_it_survives_pickle() -> None:
    """The copy is equal and says the same."""
    copy = pickle.loads(pickle.dumps(LISTS))  # noqa: S301 - our own bytes
    assert copy == LISTS
    assert repr(copy) == repr(LISTS)
    assert codes("ada@mail.mailinator.com", copy) == ["contact.disposable_email"]


def test_the_repr_is_sorted_and_cut() -> None:
    """Lists of thousands of domains are in use, and sets have no sequence of their own."""
    assert repr(email_domain(["b.example", "a.example"])) == (
        "email_domain(placeholder=['a.example', 'b.example'], disposable=[])"
    )
    many = email_domain(disposable=[f"{number:05}.example" for number in range(10_000)])
    assert len(repr(many)) < 300
    assert repr(many).endswith("... (170000 characters))")
