"""The page on what happens after the decision names every reason that a step may give."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import fulfill_core

SOURCE = Path(fulfill_core.__file__).parent / "lifecycle"
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "lifecycle.md"
CODE = re.compile(r"[a-z_]+\.[a-z_]+")
PATHS = {"event.order_id"}
"""Of malformed calls: these are raised."""


def codes_in(source: str) -> Iterator[str]:
    """The texts of a module that have the form of a code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from [node.value] if CODE.fullmatch(node.value) else []


def codes_on_page(page: str) -> set[str]:
    """The codes in back ticks, or in quotes, of the tables and what stands around them."""
    return set(re.findall(r'[`"]([a-z_]+\.[a-z_]+)[`"]', page))


def test_every_reason_stands_on_the_page() -> None:
    """Why an event is refused, what the staff is told, what a person is asked."""
    codes = {code for path in SOURCE.rglob("*.py") for code in codes_in(path.read_text("utf-8"))}
    assert codes - PATHS - codes_on_page(PAGE.read_text("utf-8")) == set()


def test_a_reason_that_is_missing_is_noticed() -> None:
    """In a call, and in a pair; not in a sentence."""
    source = 'draft.refuse("units.not_open", "No.")\nreasons.append(("void.no_room", "A b.c d"))'
    assert set(codes_in(source)) - codes_on_page("`units.not_open`") == {"void.no_room"}
