"""Names whose module is imported when somebody asks for them."""

from __future__ import annotations

import pytest

import fulfill_core
from fulfill_core._lazy import names_from

name_from, all_names = names_from("fulfill_core.priorities", times=["deadline", "slack"])


def test_a_name_is_imported_when_it_is_asked_for() -> None:
    """It comes from its module, and stands among the names of the package before it is asked for;
    another name is none.
    """
    assert name_from("slack").__module__ == "fulfill_core.priorities.times"
    assert {"deadline", "slack", "lexicographic"} <= set(all_names())
    with pytest.raises(AttributeError, match=r"'fulfill_core\.priorities' has no attribute 'none'"):
        name_from("none")


def test_a_name_that_was_asked_for_is_a_name_like_any_other() -> None:
    """The package has it from then on: it is not looked up again each time."""
    assert name_from("deadline") is vars(fulfill_core.priorities)["deadline"]
