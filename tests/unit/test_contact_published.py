"""`valid_email` and `valid_phone` agree with the packages on the packages' own published test data.

It lies in ``tests/data/published``, with its sources. What is decided differently from what is
published is told where it is.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

from contact_verdicts import (
    REFUSED,
    our_email,
    our_phone,
    their_email,
    their_phone,
)

from fulfill_core import Customer
from fulfill_core.verifiers.contact_formats import _about_email

FOLDER = Path(__file__).parents[1] / "data" / "published"
EMAILS: dict[str, Any] = json.loads((FOLDER / "emails.json").read_text("utf-8"))
PHONES: dict[str, list[str]] = json.loads((FOLDER / "phones.json").read_text("utf-8"))


# -- E-mail ----------------------------------------------------------------------------------------


def test_every_published_address() -> None:
    """Whatever text stands in the package's tests of its syntax: our verdict is its own."""
    addresses = [text for text in EMAILS["texts"] if Customer(id="C", email=text).email]
    assert len(addresses) > 400
    assert [text for text in addresses if our_email(text) != their_email(text)] == []


def test_every_published_refusal() -> None:
    """Each address that is published as malformed is held, with the reason that is published.

    Decided differently: more than 254 characters are refused for that alone, without the package.
    """
    assert len(EMAILS["refused"]) > 60
    for address, reason in EMAILS["refused"]:
        (finding,) = _about_email(address)
        assert finding.detail.endswith(f" is not valid: {reason}")


def test_every_published_normal_form() -> None:
    """Each address that is published as valid is offered in the form that is published.

    Decided differently: what needs an option that is off by default. A shop's form asks for an
    address: a name beside it was put in the wrong field, and quotes are nearly always a mistake.
    """
    assert len(EMAILS["accepted"]) > 20
    for address, normal in EMAILS["accepted"]:
        needs_option = address.startswith('"') or address.endswith(">")
        assert our_email(address) == (REFUSED if needs_option else normal)


def test_every_address_of_the_published_collection() -> None:
    """Of the collection that is published with it, those that are valid without more are accepted;
    those that are so only as quoted parts or IP addresses are held (see above). White space around
    an address is a fault there, and taken off here.
    """
    verdicts = {
        (status, our_email(address) == REFUSED)
        for address, status in EMAILS["collection"]
        if Customer(id="C", email=address).email == address
    }
    assert {status for status, is_refused in verdicts if not is_refused} == {"ISEMAIL_VALID"}
    assert ("ISEMAIL_VALID", True) not in verdicts


# -- Phone -----------------------------------------------------------------------------------------


def disagreements() -> list[tuple[str, str]]:
    """The published numbers, each as one of every region, on which our verdict is another one."""
    return [
        (number, region)
        for number, region in product(PHONES["numbers"], PHONES["regions"])
        if our_phone(number, region) != their_phone(number, region)
    ]


def test_every_published_number() -> None:
    """Whatever text or number stands in the package's tests, as one of every region they name: our
    verdict is the package's own.

    Decided differently from what those tests are content with: that a number can be read, or has a
    possible length, is not enough. It has to be valid.
    """
    assert len(PHONES["numbers"]) > 900
    assert len(PHONES["regions"]) > 30
    assert disagreements() == []
