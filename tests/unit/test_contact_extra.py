"""What `valid_email` and `valid_phone` cost: two packages, a bounded memory, and no network."""

from __future__ import annotations

import copy
import importlib
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from builders import CONTEXT, HOME, NOW, new_interpreter, order
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Customer, Finding, Inventory, Severity, process
from fulfill_core.verifiers import downgrade
from fulfill_core.verifiers.contact_formats import valid_email, valid_phone


def asked(verifier: Any, email: str = "", phone: str = "", country: str = "GB") -> list[Finding]:
    """What a verifier says of a customer who has something sent to a country."""
    subject = order(
        customer=Customer(id="C", email=email, phone=phone),
        ship_to=attrs.evolve(HOME, country=country),
    )
    return list(verifier(subject, context=CONTEXT))


def memo_of(verifier: Any) -> Any:
    """How often a verifier was asked for the same again."""
    return verifier._memo.cache_info()


# -- What is remembered ----------------------------------------------------------------------------


def test_the_same_address_is_looked_at_once() -> None:
    """A thousand orders of one customer cost one look."""
    verifier = valid_email()
    said = [asked(verifier, "Ada@EXAMPLE.com") for _ in range(1_000)]
    assert said == [asked(valid_email(), "Ada@EXAMPLE.com")] * 1_000
    assert (memo_of(verifier).misses, memo_of(verifier).hits) == (1, 999)


def test_the_same_number_is_looked_at_once_for_each_country() -> None:
    """The same digits are two numbers in two countries."""
    verifier = valid_phone()
    for _ in range(500):
        (german,) = asked(verifier, phone="030 901820", country="DE")
        (italian,) = asked(verifier, phone="030 901820", country="IT")
        assert german.detail.endswith(": +4930901820")
        assert italian.detail.endswith(": +39030901820")
    assert (memo_of(verifier).misses, memo_of(verifier).hits) == (2, 998)


def test_a_run_looks_at_each_value_once() -> None:
    """Through `process` as well."""
    emails, phones = valid_email(), valid_phone()
    orders = [
        order(f"A-{number}", 1, customer=Customer(id="C", email="ada@", phone="020 7946 0018"))
        for number in range(50)
    ]
    result = process(orders, Inventory(), now=NOW, verifiers=[emails, phones])
    assert {
        tuple(finding.code for finding in decision.findings) for decision in result.decisions
    } == {("contact.email_invalid", "contact.phone_normalized")}
    assert [memo_of(verifier).misses for verifier in (emails, phones)] == [1, 1]


def test_what_is_remembered_is_bounded() -> None:
    """The last 4,096 values, so a worker that runs for weeks does not grow."""
    assert memo_of(valid_email()).maxsize == memo_of(valid_phone()).maxsize == 4_096


def test_every_verifier_remembers_for_itself() -> None:
    """Nothing is shared between two, not even between equal ones."""
    one, other = valid_email(), valid_email()
    asked(one, "ada@example.com")
    assert (memo_of(one).misses, memo_of(other).misses) == (1, 0)


@given(st.lists(st.sampled_from(["a@b.example", "A@B.example", "a@", "1", "+4930901820", "030"])))
def test_remembering_changes_nothing(texts: list[str]) -> None:
    """The law: one verifier asked many times says what a new one would, each time."""
    emails, phones = valid_email(), valid_phone()
    for text in texts:
        assert asked(emails, text) == asked(valid_email(), text)
        assert asked(phones, phone=text) == asked(valid_phone(), phone=text)


def test_threads_may_share_a_verifier() -> None:
    """The same findings as one after the other."""
    emails, phones = valid_email(), valid_phone()
    texts = [f"0{number % 90}{number:05}" for number in range(200)] * 2
    subjects = [(text, country) for text in texts for country in ("GB", "DE", "JP")]

    def judged(subject: tuple[str, str]) -> list[Finding]:
        phone, country = subject
        email = f"{phone}@Example.com"
        return [*asked(emails, email), *asked(phones, phone=phone, country=country)]

    with ThreadPoolExecutor(8) as threads:
        at_once = list(threads.map(judged, subjects))
    emails, phones = valid_email(), valid_phone()
    assert at_once == [judged(subject) for subject in subjects]


# -- Values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verifier", [valid_email(), valid_phone(), valid_phone("DE")], ids=repr)
def test_they_travel_without_what_they_remember(verifier: Any) -> None:
    """The copy is equal, has the same repr, and begins anew."""
    asked(verifier, "Ada@EXAMPLE.com", "020 7946 0018")
    for other in (
        pickle.loads(pickle.dumps(verifier)),  # noqa: S301 - our own bytes
        copy.copy(verifier),
        copy.deepcopy(verifier),
    ):
        assert other == verifier
        assert hash(other) == hash(verifier)
        assert repr(other) == repr(verifier)
        assert (memo_of(verifier).currsize, memo_of(other).currsize) == (1, 0)


def test_they_show_their_settings() -> None:
    """As they are written."""
    assert repr(valid_email()) == "valid_email()"
    assert repr(valid_phone("de")) == "valid_phone(default_region='DE')"
    assert valid_phone("DE") != valid_phone("FR")


def test_they_combine() -> None:
    """How heavily they weigh is for `downgrade` to say."""
    mild = downgrade(valid_email(), to=Severity.NOTE)
    (finding,) = asked(mild, "ada@")
    assert (finding.code, finding.severity) == ("contact.email_invalid", Severity.NOTE)


# -- The extra -------------------------------------------------------------------------------------

MODULE = "fulfill_core.verifiers.contact_formats"


@pytest.mark.parametrize("package", ["email_validator", "phonenumbers"])
def test_without_a_package_the_error_names_the_extra(package: str) -> None:
    """In an interpreter where it is missing: the error says what to install, and the rest works."""
    said = new_interpreter(
        "import sys\n"
        f"sys.modules[{package!r}] = None\n"
        "import fulfill_core\n"
        "from fulfill_core.verifiers.contact import email_domain\n"
        "try:\n"
        f"    import {MODULE}\n"
        "except ImportError as error:\n"
        "    print(error.name, error, sep='\\n')\n"
    )
    assert said == (
        f"{package}\n{MODULE} needs email-validator and phonenumberslite: "
        "pip install 'fulfill_core[verify]'\n"
    )


@pytest.mark.parametrize("package", ["email_validator", "phonenumbers"])
def test_the_error_comes_from_the_one_that_was_missing(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    """Its cause is the import that failed, and half a module is not left behind."""
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, MODULE)
    with pytest.raises(ImportError, match=r"fulfill_core\[verify\]") as caught:
        importlib.import_module(MODULE)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    assert MODULE not in sys.modules


def test_the_library_imports_neither_package() -> None:
    """Who does not use them does not pay for them, nor need them."""
    said = new_interpreter(
        "import sys, fulfill_core, fulfill_core.verifiers, fulfill_core.verifiers.contact\n"
        "packages = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(packages & {'email_validator', 'phonenumbers', 'idna', 'dns'}))\n"
    )
    assert said == "[]\n"


def test_no_network_is_asked() -> None:
    """An address and a number are judged with every way out closed, and without a resolver."""
    said = new_interpreter(
        "import sys\n"
        "def hook(event, args):\n"
        "    if event.startswith(('socket.', 'subprocess.', 'os.system')):\n"
        "        raise RuntimeError(event)\n"
        "sys.addaudithook(hook)\n"
        f"from {MODULE} import _about_email, _about_phone\n"
        "for finding in (*_about_email('a@EXAMPLE.org'), *_about_phone('030 901820', ('DE',))):\n"
        "    print(finding.code)\n"
        "print('dns' in sys.modules)\n"
    )
    assert said == "contact.email_normalized\ncontact.phone_normalized\nFalse\n"
