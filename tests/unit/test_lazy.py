"""Names whose module is imported when somebody asks for them."""

from __future__ import annotations

import pytest

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
