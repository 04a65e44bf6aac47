"""`valid_email` and `valid_phone` agree with the packages on the packages' own published test data.

That data is no part of the project. To run this, unpack the source distributions of the installed
versions into one folder and name it in the environment variable ``CONTACT_UPSTREAM``; without it
all of this is skipped. What is decided differently from what is published is told where it is.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from contact_verdicts import (
    REFUSED,
    our_email,
    our_phone,
    their_email,
    their_phone,
)

from fulfill_core.verifiers.contact_formats import _about_email

FOLDER = os.environ.get("CONTACT_UPSTREAM", "")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="CONTACT_UPSTREAM names no folder with the packages' source distributions"
)


# -- Reading it ------------------------------------------------------------------------------------


def published(name: str) -> Path:
    """The file of that name, wherever in the folder it is."""
    return min(Path(FOLDER).rglob(name))


def tree(name: str) -> ast.Module:
    """A file of tests, read and not run."""
    return ast.parse(published(name).read_text("utf-8"))


def text_of(node: ast.AST) -> str | None:
    """The text that an expression is, if it is one: plain, joined, repeated, or in ``u()``."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Call(func=ast.Name(id="u"), args=[inner]):
            return text_of(inner)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = text_of(left), text_of(right)
            return None if first is None or second is None else first + second
        case ast.BinOp(left=left, op=ast.Mult(), right=ast.Constant(value=int(times))):
            first = text_of(left)
            return None if first is None else first * times
    return None


def texts(name: str) -> list[str]:
    """Every text in a file of tests; blank ones are nobody's address or number."""
    found = {text_of(node) for node in ast.walk(tree(name))}
    return sorted(text for text in found if text is not None and text.strip())


def cases(test: str) -> Iterator[tuple[str, ast.expr]]:
    """The cases of one parametrised test of addresses: the address, and what is expected of it."""
    for node in tree("test_syntax.py").body:
        if isinstance(node, ast.FunctionDef) and node.name == test:
            (decorator,) = node.decorator_list
            assert isinstance(decorator, ast.Call)
            rows = decorator.args[1]
            assert isinstance(rows, ast.List)
            for row in rows.elts:
                assert isinstance(row, ast.Tuple | ast.List)
                address = text_of(row.elts[0])
                assert address is not None
                yield address, row.elts[1]


# -- E-mail ----------------------------------------------------------------------------------------


def test_every_published_address() -> None:
    """Whatever text stands in the package's tests of its syntax: our verdict is its own."""
    addresses = texts("test_syntax.py")
    assert len(addresses) > 400
    assert [text for text in addresses if our_email(text) != their_email(text)] == []


def test_every_published_refusal() -> None:
    """Each address that is published as malformed is held, with the reason that is published.

    Decided differently: more than 254 characters are refused for that alone, without the package.
    """
    refused = list(cases("test_email_invalid_syntax"))
    assert len(refused) > 60
    for address, expected in refused:
        reason = text_of(expected)
        assert reason is not None
        (finding,) = _about_email(address)
        assert finding.detail.endswith(f" is not valid: {reason}")


@pytest.mark.parametrize("test", ["test_email_valid", "test_email_valid_intl_local_part"])
def test_every_published_normal_form(test: str) -> None:
    """Each address that is published as valid is offered in the form that is published.

    Decided differently: what needs an option that is off by default. A shop's form asks for an
    address: a name beside it was put in the wrong field, and quotes are nearly always a mistake.
    """
    accepted = list(cases(test))
    assert len(accepted) > 10
    for address, expected in accepted:
        assert isinstance(expected, ast.Call)
        (normal,) = [text_of(part.value) for part in expected.keywords if part.arg == "normalized"]
        needs_option = address.startswith('"') or address.endswith(">")
        assert our_email(address) == (REFUSED if needs_option else normal)


def test_every_address_of_the_published_collection() -> None:
    """Of the collection that is published with it, those that are valid without more are accepted;
    those that are so only as quoted parts or IP addresses are held (see above).
    """
    verdicts = {
        (text_of(expected) or "", our_email(address) == REFUSED)
        for address, expected in cases("test_pyisemail_tests")
        if address.strip()
    }
    assert {status for status, is_refused in verdicts if not is_refused} == {
        "ISEMAIL_RFC5322_LOCAL_TOOLONG",  # 64 characters before the @-sign are no limit in practice
        "ISEMAIL_VALID",
    }
    assert ("ISEMAIL_VALID", True) not in verdicts


# -- Phone -----------------------------------------------------------------------------------------


def numbers() -> list[str]:
    """Every text in the package's tests of numbers, and every number that is built there."""
    built: set[str] = set()
    for node in ast.walk(tree("phonenumberutiltest.py")):
        if isinstance(node, ast.Call):
            digits = [
                str(part.value.value)
                for part in node.keywords
                if part.arg in {"country_code", "national_number"}
                and isinstance(part.value, ast.Constant)
            ]
            if len(digits) == 2:
                built |= {"+" + "".join(digits), "+" + "0".join(digits)}
    return sorted({*texts("phonenumberutiltest.py"), *texts("phonenumbermatchertest.py"), *built})


def regions() -> list[str]:
    """Every region that the tests name, and none."""
    named = [text for text in texts("phonenumberutiltest.py") if len(text) == 2]
    return ["", *(text for text in named if text.isascii() and text.isalpha() and text.isupper())]


def disagreements() -> list[tuple[str, str]]:
    """The published numbers, each as one of every region, on which our verdict is another one."""
    return [
        (number, region)
        for number, region in product(numbers(), regions())
        if our_phone(number, region) != their_phone(number, region)
    ]


def test_every_published_number() -> None:
    """Whatever text or number stands in the package's tests, as one of every region they name: our
    verdict is the package's own.

    Decided differently from what those tests are content with: that a number can be read, or has a
    possible length, is not enough. It has to be valid.
    """
    assert len(numbers()) > 900
    assert len(regions()) > 30
    assert disagreements() == []


CHILD = """
import sys, types

unit, folder = sys.argv[1:]
sys.path.insert(0, unit)
tests = types.ModuleType("tests")  # not its own: that imports what the lite package does not have
tests.__path__ = [folder]
sys.modules["tests"] = tests

import tests.testmetadatatest

tests.testmetadatatest.insert_test_metadata()

import test_contact_published

print(test_contact_published.our_phone("+1 242 365 1234", ""))
print(test_contact_published.our_phone("+41 44 668 18 00", ""))
print(test_contact_published.disagreements())
"""


def test_every_published_number_by_the_published_metadata() -> None:
    """The same by the numbering plans that are published with the tests, which are made up: they
    have the Bahamas, and no Switzerland.
    """
    folder = published("testmetadatatest.py").parent
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.stdout + done.stderr == "+12423651234\nrefused\n[]\n"
