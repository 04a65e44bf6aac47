"""A value stands for itself: it has no base class of ours, and nobody counts its members."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

import attrs
import pytest

from fulfill_core import FulfillError

from .house import MODULES, PACKAGE, faults_in_all

# -- Base classes ----------------------------------------------------------------------------------


def is_value(kind: type) -> bool:
    """Whether instances are values: made by attrs, tuples with names, members, or immutable."""
    return attrs.has(kind) or issubclass(kind, tuple | Enum) or kind.__name__ == "Inventory"


def bases_of_ours(kind: type) -> list[str]:
    """The base classes of a value that the library itself defines; errors may have some."""
    if issubclass(kind, FulfillError) or not is_value(kind):
        return []
    return [
        base.__name__ for base in kind.__mro__[1:] if base.__module__.partition(".")[0] == PACKAGE
    ]


def test_a_value_has_no_base_class_of_ours() -> None:
    """What a value can be asked is read in one place; only errors are a family."""
    kinds = [
        kind
        for module in MODULES
        for _, kind in inspect.getmembers(importlib.import_module(module), inspect.isclass)
        if kind.__module__ == module
    ]
    assert {kind.__name__: bases for kind in kinds if (bases := bases_of_ours(kind))} == {}


def test_a_base_class_of_ours_is_noticed() -> None:
    """Be it a value itself or not; those of Python are fine."""

    class Base:
        __module__ = f"{PACKAGE}.orders.order"

    @attrs.frozen
    class Derived(Base): ...

    class Pair(NamedTuple):
        first: int
        second: int

    class BaseError(FulfillError): ...

    assert [bases_of_ours(kind) for kind in (Derived, Pair, BaseError)] == [["Base"], [], []]


# -- Members that are read by position -------------------------------------------------------------

MOST = 4
"""Members of a tuple that one reads by position without counting them."""
READERS = {
    "decisions.decision",  # the one place where what an order is served becomes a decision
    "decisions.lines",  # where an allocation is made of its row, beside the value: the fast way
    "decisions.rows",
    "inventory.claims",
    "inventory.reservations",
    "inventory.withdrawing.piles",
    "inventory.withdrawing.withdrawals",
    "notifications.rows",
    "orders.rows",
    "records.rows",
}
"""The modules in which stored rows are defined and read, by names: all others ask these."""


def counted_reads(module: str, source: str) -> Iterator[str]:
    """Tuples of more than four members that are taken apart, or read by a number, by line."""
    if module.removeprefix(f"{PACKAGE}.") in READERS:
        return
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Tuple(elts=elements, ctx=ast.Store()) if len(elements) > MOST:
                yield f"{module}:{node.lineno} {len(elements)} members are taken apart"
            case ast.Subscript(slice=ast.Constant(value=int(index))) if index >= MOST:
                yield f"{module}:{node.lineno} member {index} is read"
            case ast.Subscript(
                slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(index)))
            ) if index > MOST:
                yield f"{module}:{node.lineno} member -{index} is read"
            case _:
                pass


def test_nobody_counts_the_members_of_a_row() -> None:
    """A tuple of more than four members is read by position in one place only: who wants something
    of it asks there, by a name.
    """
    assert faults_in_all(counted_reads) == []


@pytest.mark.parametrize(
    "source",
    [
        "a, b, c, d, e = row",
        "for a, b, c, d, e in rows: pass",
        "[a for a, b, c, d, e in rows]",
        "for index, (a, b, c, d, e) in enumerate(rows): pass",
        "a, b, c, d, *e = row",
        "row[4]",
        "row[-5]",
    ],
)
def test_a_long_row_that_is_taken_apart_is_noticed(source: str) -> None:
    """In an assignment, a loop, a comprehension, within another; by a number."""
    assert len(list(counted_reads("m", source))) == 1


def test_short_rows_and_long_displays_are_fine() -> None:
    """Four members may be taken apart, and any number of them be put together."""
    source = "a, b, c, d = row\nrow = (a, b, c, d, a)\nrow[3], row[-4], rows['x']"
    assert list(counted_reads("m", source)) == []
