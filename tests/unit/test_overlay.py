"""The mapping that inventories are kept in: a shared base and a small delta."""

from __future__ import annotations

import pickle

from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core.inventory.overlay import Overlay

KEYS = st.integers(0, 12)
CHANGES = st.dictionaries(KEYS, st.none() | st.integers(1, 3), max_size=4)


def apply(content: dict[int, int], change: dict[int, int | None]) -> dict[int, int]:
    """What a plain dict is like after the change."""
    merged: dict[int, int | None] = {**content, **change}
    return {key: value for key, value in merged.items() if value is not None}


@FEWER
@given(st.dictionaries(KEYS, st.integers(1, 3)), st.lists(CHANGES))
def test_it_is_a_dict(base: dict[int, int], changes: list[dict[int, int | None]]) -> None:
    """After any changes it holds what a plain dict would, and its earlier versions are as they
    were.
    """
    versions = [(Overlay(dict(base)), dict(base))]
    for change in changes:
        overlay, content = versions[-1]
        versions.append((overlay.with_changes(change), apply(content, change)))
    for overlay, content in versions:
        assert dict(overlay.items()) == content
        assert [overlay.get(key) for key in range(13)] == [content.get(key) for key in range(13)]


@FEWER
@given(
    st.dictionaries(KEYS, st.integers(1, 3)),
    st.lists(CHANGES),
    st.dictionaries(KEYS, st.integers(1, 3)),
)
def test_equal_content_is_equal(
    base: dict[int, int], changes: list[dict[int, int | None]], other: dict[int, int]
) -> None:
    """Two are equal when their content is, and then they are one key; how it was arrived at does
    not matter.
    """
    overlay = Overlay(dict(base))
    content = dict(base)
    for change in changes:
        overlay, content = overlay.with_changes(change), apply(content, change)
    assert overlay == Overlay(dict(content))
    assert hash(overlay) == hash(Overlay(dict(content)))
    assert (overlay == Overlay(dict(other))) == (content == other)
    assert (overlay == Overlay(dict(base))) == (content == base)


@FEWER
@given(st.lists(st.dictionaries(st.integers(0, 300), st.none() | st.integers(1, 3), max_size=60)))
def test_compaction_changes_nothing(changes: list[dict[int, int | None]]) -> None:
    """Merging the delta into a new base cannot be seen from outside."""
    start = dict.fromkeys(range(100), 1)
    overlay, content = Overlay(dict(start)), dict(start)
    for change in changes:
        overlay, content = overlay.with_changes(change), apply(content, change)
    assert dict(overlay.items()) == content
    assert overlay == Overlay(dict(content))


def test_a_small_change_shares_the_base() -> None:
    """A change of one key of many copies none of the others."""
    overlay = Overlay({key: key + 1 for key in range(10_000)})
    assert overlay.with_changes({5: 1}).base is overlay.base


def test_a_large_delta_is_merged() -> None:
    """A delta that outgrew its measure is merged: removed keys are gone, even unknown ones."""
    overlay = Overlay({key: key + 1 for key in range(100)})
    changes: dict[int, int | None] = dict.fromkeys(range(50, 200))
    merged = overlay.with_changes({**changes, 7: 70})
    assert (merged.delta, merged.get(7), merged.get(50), len(merged.base)) == ({}, 70, None, 50)


def test_merging_leaves_the_old_one_alone() -> None:
    """The base that others share is not written to."""
    overlay = Overlay(dict.fromkeys(range(100), 1))
    overlay.with_changes(dict.fromkeys(range(100), 2))
    assert dict(overlay.items()) == dict.fromkeys(range(100), 1)


def test_no_change_is_the_same() -> None:
    """Nothing to change gives back the mapping itself."""
    overlay = Overlay({"mug": 1})
    assert overlay.with_changes({}) is overlay


def test_a_removed_key_can_come_back() -> None:
    """A key that was removed can be set again."""
    overlay = Overlay({"mug": 1}).with_changes({"mug": None}).with_changes({"mug": 2})
    assert (overlay.get("mug"), list(overlay.items())) == (2, [("mug", 2)])


def test_relatives_are_compared_by_what_differs() -> None:
    """Of two that share a base, only the changed keys are looked at."""
    base = Overlay({"mug": 1, "cup": 1})
    assert base.with_changes({"mug": 2}) == base.with_changes({"mug": 2, "cup": 1})
    assert base.with_changes({"mug": 2}) != base.with_changes({"cup": 2})


@FEWER
@given(
    st.dictionaries(KEYS, st.integers(1, 3)),
    st.tuples(CHANGES, CHANGES),
    st.dictionaries(KEYS, st.integers(1, 3)),
)
def test_what_differs_is_found(
    base: dict[int, int],
    changes: tuple[dict[int, int | None], dict[int, int | None]],
    other: dict[int, int],
) -> None:
    """The keys that differ are those of which one has another value, or none; whether the two share
    a base makes no difference.
    """
    start = Overlay(dict(base))
    one, two = (start.with_changes(change) for change in changes)
    content, contents = apply(base, changes[0]), (apply(base, changes[1]), other)
    for overlay, theirs in zip((two, Overlay(dict(other))), contents, strict=True):
        keys = {key for key in range(13) if content.get(key) != theirs.get(key)}
        assert sorted(one.differing(overlay)) == sorted(keys)
        assert (one == overlay) == (not keys)


def test_it_is_no_dict() -> None:
    """It is not equal to what is no overlay."""
    assert Overlay({"mug": 1}) != {"mug": 1}


def test_it_shows_and_pickles_its_content() -> None:
    """Its repr and its pickle hold the content, merged."""
    overlay = Overlay({"mug": 1}).with_changes({"cup": 2})
    assert repr(overlay) == "Overlay({'mug': 1, 'cup': 2})"
    copy = pickle.loads(pickle.dumps(overlay))  # noqa: S301 - our own
    assert (copy, copy.delta) == (overlay, {})


def test_the_getter_is_get() -> None:
    """For many keys or for one: changed, removed and unknown keys are the same either way."""
    plain = Overlay({"mug": 3, "cup": 1})
    changed = plain.with_changes({"mug": 2, "cup": None})
    for overlay in (plain, changed):
        assert [overlay.getter()(key) for key in ("mug", "cup", "pot")] == [
            overlay.get(key) for key in ("mug", "cup", "pot")
        ]
