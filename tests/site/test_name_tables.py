"""The tables at the head of the reference's pages."""

from __future__ import annotations

from pathlib import Path

import name_tables
import pytest

TOPICS = sorted((Path(__file__).parents[2] / "docs" / "reference" / "api").glob("*.md"))

PAGE = """# Some

.. currentmodule:: fulfill_core

.. autoclass:: Order
   :no-members:

   .. automethod:: total

.. py:data:: DEFAULT_PRIORITY

   The earliest deadline. And more
   of it.

.. currentmodule:: fulfill_core.lifecycle

.. autodata:: EVENTS
   :no-value:
.. autofunction:: advance
"""


def test_a_table_has_what_its_page_describes() -> None:
    """Names with the path that they are imported by, in the sequence of the page; no methods."""
    assert [entry.path for entry in name_tables.entries(PAGE)] == [
        "fulfill_core.Order",
        "fulfill_core.DEFAULT_PRIORITY",
        "fulfill_core.lifecycle.EVENTS",
        "fulfill_core.lifecycle.advance",
    ]


def test_a_sentence_comes_from_where_it_is_written() -> None:
    """The docstring of a class or a function, the line below a datum, the text on the page."""
    summaries = {entry.name: entry.summary for entry in name_tables.entries(PAGE)}
    assert summaries["EVENTS"] == "The classes of events."
    assert summaries["DEFAULT_PRIORITY"] == "The earliest deadline."
    assert summaries["Order"].endswith(".")


def test_a_module_stands_for_all_its_names() -> None:
    """As on the page of the strategies, which describes a wing as a whole."""
    names = [entry.name for entry in name_tables.entries(".. automodule:: fulfill_core.optimal\n")]
    assert names == ["best_value"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], ""),
        (["One line."], "One line."),
        (["A sentence that goes", "on. Another one."], "A sentence that goes on."),
        (["The first.", "", "The second."], "The first."),
        (["Up to 2.5 of them."], "Up to 2.5 of them."),
    ],
)
def test_a_sentence_ends_with_its_full_stop(lines: list[str], sentence: str) -> None:
    """Over several lines, but not over an empty one."""
    assert name_tables.first_sentence(lines) == sentence


def test_a_row_links_the_name() -> None:
    """The rows of a list-table of reStructuredText."""
    entry = name_tables.Entry("fulfill_core", "Order", "What was asked for.")
    assert list(name_tables.rows([entry])) == [
        "   * - :py:obj:`~fulfill_core.Order`",
        "     - What was asked for.",
    ]


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.stem)
def test_every_name_says_what_it_is(path: Path) -> None:
    """In a sentence."""
    entries = list(name_tables.entries(path.read_text("utf-8")))
    assert entries != []
    assert [entry.path for entry in entries if not entry.summary.endswith(".")] == []
