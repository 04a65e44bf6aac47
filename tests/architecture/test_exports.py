"""What is public stands in ``__all__``: a static, sorted list of what is really there."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterable
from types import FunctionType, ModuleType

import attrs
import pytest

import fulfill_core

from .house import MODULES, PACKAGE, source_of


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


def of_type_checkers(source: str) -> list[ast.stmt]:
    """What type checkers alone see: the imports of names that are imported when asked for."""
    return [
        statement
        for node in ast.parse(source).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
    ]


def names_when_asked(source: str) -> dict[str, set[str]]:
    """The names that `names_from` gives, by module; empty if a package has none."""
    return {
        keyword.arg or "": set(ast.literal_eval(keyword.value))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "names_from"
        for keyword in node.keywords
    }


def all_faults(source: str) -> list[str]:
    """What is wrong with the ``__all__`` of a module that re-exports names."""
    names = dunder_all(source)
    if names is None:
        return ["__all__ is not one static list of strings"]
    public = {
        alias.asname or alias.name
        for node in [*ast.parse(source).body, *of_type_checkers(source)]
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == PACKAGE
        for alias in node.names
        if not (alias.asname or alias.name).startswith("_") and node.module != f"{PACKAGE}._lazy"
    }
    return [
        *(["__all__ is not sorted"] if names != sorted(names) else []),
        *(["__all__ has a name twice"] if len(names) != len(set(names)) else []),
        *(f"{name} is imported, but not in __all__" for name in sorted(public - set(names))),
        *(f"{name} is in __all__, but not imported" for name in sorted(set(names) - public)),
    ]


@pytest.mark.parametrize("module", ["fulfill_core", "fulfill_core.testing"])
def test_all_names_what_the_package_re_exports(module: str) -> None:
    """``__all__`` is static, sorted, and says exactly what the package re-exports."""
    assert all_faults(source_of(module)) == []


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
    source = source_of(module)
    if "__all__" not in source:
        return
    names = dunder_all(source)
    assert names is not None
    assert names == sorted(names)
    imported = importlib.import_module(module)
    assert [name for name in names if not hasattr(imported, name)] == []


LAZY = [module for module in MODULES if names_when_asked(source_of(module))]
"""The packages that import some of their modules when somebody asks for a name of theirs."""


@pytest.mark.parametrize("module", LAZY)
def test_what_type_checkers_see_is_what_there_is(module: str) -> None:
    """A name that is imported when somebody asks for it comes from where type checkers see it."""
    seen = {
        (node.module or "").removeprefix(f"{module}."): {alias.name for alias in node.names}
        for node in of_type_checkers(source_of(module))
        if isinstance(node, ast.ImportFrom)
    }
    assert seen == names_when_asked(source_of(module))
    package = importlib.import_module(module)
    names = set(package.__all__)
    assert {name for name in names if isinstance(getattr(package, name), ModuleType)} == set()
    assert names <= set(dir(package))


def test_a_name_that_is_not_there_is_no_name() -> None:
    """What no module of a package has is an error that says so, as in any other package."""
    with pytest.raises(AttributeError, match=r"'fulfill_core\.verifiers' has no attribute 'rank'"):
        _ = getattr(fulfill_core.verifiers, "rank")  # noqa: B009 - no checker has to know it


SELDOM = (
    "fractions",
    "fulfill_core.allocation.taking.reallocator",
    "fulfill_core.calendars.bounds",
    "fulfill_core.decisions.html",
    "fulfill_core.orders.regions",
    "hashlib",
    "html",
    "ipaddress",
)
"""What a function imports that few shops call, or nobody needs."""


def test_what_few_shops_need_is_not_imported_at_once() -> None:
    """`import fulfill_core` imports no module whose names it gives when asked, no dateutil, and
    nothing that only seldom functions need.
    """
    script = "import sys, fulfill_core; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    modules = set(run.stdout.split())
    assert {module for module in modules if module.partition(".")[0] == "dateutil"} == set()
    assert modules & set(SELDOM) == set()
    few = {
        f"{package}.{module}" for package in LAZY for module in names_when_asked(source_of(package))
    }
    needed = {  # three wings with more modules, of which the same is held, and two of theirs
        "fulfill_core.inventory",
        "fulfill_core.pipeline",
        "fulfill_core.priorities.times",
        "fulfill_core.records",
        "fulfill_core.verifiers.combining",
    }
    assert few & modules == needed


def methods_of_their_own(modules: Iterable[str]) -> list[str]:
    """The methods that attrs has compiled for classes of these modules, but for ``__init__``."""
    return sorted(
        f"{kind.__qualname__}.{name}"
        for module in modules
        for kind in vars(sys.modules[module]).values()
        if isinstance(kind, type) and kind.__module__ == module and attrs.has(kind)
        for name in ("__eq__", "__hash__", "__repr__")
        if isinstance(method := getattr(kind, name), FunctionType)
        and "attrs generated" in method.__code__.co_filename
    )


def test_what_is_imported_at_once_shares_its_methods() -> None:
    """The values that `import fulfill_core` makes share ``__eq__``, ``__hash__`` and ``__repr__``:
    to compile those for each took a fifth of it. One has fields that are compared in another way.
    """
    script = "import sys, fulfill_core; print(*[m for m in sys.modules if 'fulfill_core' in m])"
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert methods_of_their_own(run.stdout.split()) == ["slack.__eq__", "slack.__hash__"]
    assert "Screening.__repr__" in methods_of_their_own(["fulfill_core.records.customer_facts"])
