"""The table at the head of a reference page: its names, and the first sentence of each.

It is made of the page's own directives and the names' own docstrings, so it can't fall behind.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sphinx.pycode import ModuleAnalyzer

_DIRECTIVE = re.compile(
    r"^\.\. (?P<kind>currentmodule|automodule|auto\w+|py:\w+):: (?P<name>[\w.]+)$"
    r"(?P<text>(?:\n+ {3}(?!:).*)*)",
    re.MULTILINE,
)


class Entry(NamedTuple):
    """A name that a page describes: where it is imported from, and what it is, in a sentence."""

    module: str
    name: str
    summary: str

    @property
    def path(self) -> str:
        """By which it is linked and imported."""
        return f"{self.module}.{self.name}"


def entries(page: str) -> Iterator[Entry]:
    """The names that the directives of a page describe, in the sequence in which they stand."""
    module = ""
    for directive in _DIRECTIVE.finditer(page):
        kind, name = directive["kind"], directive["name"]
        if kind == "currentmodule":
            module = name
        elif kind == "automodule":
            for each in importlib.import_module(name).__all__:
                yield Entry(name, each, first_sentence(docstring(name, each)))
        elif kind.startswith("py:"):
            text = inspect.cleandoc(directive["text"])
            yield Entry(module, name, first_sentence(text.splitlines()))
        elif kind != "automethod":
            yield Entry(module, name, first_sentence(docstring(module, name)))


def docstring(module: str, name: str) -> list[str]:
    """The lines that say what a name is: of a class or function its own, of a datum those below it.

    What a datum is stands in the module that makes it, where nothing but its source tells.
    """
    thing = getattr(importlib.import_module(module), name)
    if inspect.isclass(thing) or inspect.isroutine(thing):
        return inspect.cleandoc(thing.__doc__ or "").splitlines()
    for source in sources(module):
        described = ModuleAnalyzer.for_module(source).find_attr_docs()
        if ("", name) in described:
            return list(described["", name])
    return []


def sources(module: str) -> list[str]:
    """The modules in which what a wing gives may be made: all that lie in its folder."""
    package = importlib.import_module(module)
    folder = Path(str(package.__file__)).parent
    paths = [path.relative_to(folder).with_suffix("") for path in sorted(folder.rglob("*.py"))]
    return [".".join([module, *path.parts]).removesuffix(".__init__") for path in paths]


def first_sentence(lines: Sequence[str]) -> str:
    """What stands before the first empty line, up to the first full stop."""
    paragraph = " ".join(line.strip() for line in lines).partition("  ")[0] if lines else ""
    return re.split(r"(?<=\.)\s", paragraph, maxsplit=1)[0]


def table(page: str) -> list[str]:
    """The table as lines of reStructuredText: a name in each row, linked, and its sentence."""
    return [".. list-table::", "   :class: names", "", *rows(dict.fromkeys(entries(page)))]


def rows(named: Iterable[Entry]) -> Iterator[str]:
    """A row for each name."""
    for entry in named:
        yield f"   * - :py:obj:`~{entry.path}`"
        yield f"     - {entry.summary}"
