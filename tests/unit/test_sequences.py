"""Rows in the sequence of their keys: some of many are changed as a walk would change them."""

from __future__ import annotations

from typing import TypeAlias

import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core.inventory.storing.sequences import with_rows_changed

Row: TypeAlias = tuple[int, str]


def key_of(row: Row) -> tuple[int]:
    """By what a row is found."""
    return row[:1]


def check_change(keys: list[int], changes: dict[int, str]) -> None:
    """An empty text is no row; what is there gets a text more."""
    rows = tuple((key, "a") for key in sorted(keys))

    def change(key: tuple[int], row: Row | None) -> Row | None:
        text = changes[key[0]]
        return (*key, (row[1] if row else "") + text) if text else None

    expected = dict(rows)
    for number, text in changes.items():
        if text:
            expected[number] = expected.get(number, "") + text
        else:
            expected.pop(number, None)
    changed = with_rows_changed(rows, [(number,) for number in changes], key_of, change)
    assert changed == (tuple(sorted(expected.items())) or None)


@FEWER
@given(
    st.lists(st.integers(0, 90), unique=True, max_size=60),
    st.dictionaries(st.integers(-1, 91), st.sampled_from(["", "b"]), max_size=6),
)
def test_they_are_those_of_a_dict(keys: list[int], changes: dict[int, str]) -> None:
    """New ones, others and none, whether few of many change or most."""
    check_change(keys, changes)


@pytest.mark.parametrize("number", [0, 3, 90])
def test_a_row_comes_changes_and_goes(number: int) -> None:
    """At the head, in between and at the end; and the last one."""
    keys = list(range(1, 2 * number, 2))
    check_change(keys, {0: "b", 5: "b", 6: "b", 7: "", 400: "b"})
    check_change(keys, dict.fromkeys(keys, ""))
    check_change(keys, {})
