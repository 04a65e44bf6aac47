"""The modules of the library, and the floor that each wing stands on."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import fulfill_core

PACKAGE = "fulfill_core"
ROOT = Path(fulfill_core.__file__).parent
MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}

HOUSE = [  # from the ground up; wings in one row do not know each other
    "exceptions _values",
    "_checks _lazy",
    "orders calendars",
    "inventory",
    "decisions",
    "records",
    "protocols",
    "verifiers priorities sourcing promises notifications reallocation optimal",
    "allocation",
    "pipeline",
    "explanation lifecycle",
    "whatif",
    "fulfill_core",  # the package itself, which re-exports what is below
    "wire interop messages",
    "hosting",
    "testing",
]
FLOORS = {wing: floor for floor, wings in enumerate(HOUSE) for wing in wings.split()}
"""The floor of each wing: it imports only from floors below its own."""


def source_of(module: str) -> str:
    """The text of a module."""
    return MODULES[module].read_text("utf-8")


def faults_in_all(faults_of: Callable[[str, str], Iterable[str]]) -> list[str]:
    """What a checker, given a module's name and text, has to say against any of the modules."""
    return [fault for module in MODULES for fault in faults_of(module, source_of(module))]


def wing_of(module: str) -> str:
    """The wing of a module: ``fulfill_core.verifiers.contact`` is in ``verifiers``."""
    return [*module.split("."), PACKAGE][1]


def imports_of(module: str, source: str) -> Iterator[tuple[str, str]]:
    """Every import in *source*, wherever it stands, as (module, name); the name may be empty."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parts = module.split(".")
                is_package = module in MODULES and MODULES[module].name == "__init__.py"
                base = parts[: len(parts) - node.level + is_package]
                origin = ".".join([*base, origin] if origin else base)
            for alias in node.names:
                yield origin, alias.name
