"""Settings: what `process` takes by name, in one place, as a mapping."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, mugs, order

from fulfill_core import (
    DEFAULT_VERIFIERS,
    InvalidValueError,
    Settings,
    Shards,
    process,
    shards,
)
from fulfill_core.pipeline.settings import OF_ONE_CALL, settings_of
from fulfill_core.priorities import oldest_first
from fulfill_core.reallocation import Reallocation


def _planner(queue: Any, inventory: Any, /, *, context: Any) -> Any:
    raise AssertionError


def test_settings_have_what_process_takes() -> None:
    """Their names and defaults are those of `process`, but for what each call has of its own."""
    defaults = {**(process.__kwdefaults__ or {}), "now": NOW}
    assert {name: defaults[name] for name in defaults if name not in OF_ONE_CALL} == dict(
        Settings()
    )
    assert defaults.keys() >= OF_ONE_CALL


def test_a_run_goes_by_settings() -> None:
    """They are passed as any mapping is, and a run goes by them."""
    settings = Settings(verifiers=[], priority=oldest_first, whole=True)
    stock, orders = mugs(berlin=1), [order("A-1", 1), order("A-2", 1)]
    assert process(orders, stock, now=NOW, **settings) == process(
        orders, stock, now=NOW, verifiers=[], priority=oldest_first, whole=True
    )
    assert shards(orders, stock, settings) == shards(orders, stock, dict(settings))
    assert shards([], stock, settings) == Shards(reasons=("whole",))


def test_settings_are_a_value() -> None:
    """They are equal, hash, are copied and changed as values are; verifiers become a tuple."""
    settings = Settings(verifiers=iter(DEFAULT_VERIFIERS), reservation_window=timedelta(days=1))
    same = Settings(verifiers=DEFAULT_VERIFIERS, reservation_window=timedelta(days=1))
    assert settings == same
    assert hash(settings) == hash(same)
    assert copy.copy(settings) == settings
    assert attrs.evolve(settings, whole=True)["whole"] is True
    assert len(settings) == len(dict(settings)) == 11
    assert "now" not in settings
    with pytest.raises(KeyError):
        settings["now"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"planner": _planner, "reallocation": Reallocation()}, "planner: .* with a reallocation"),
        ({"verifiers": 1}, "verifiers: 1 "),
        ({"verifiers": [1]}, r"verifiers\[0\]: 1 "),
        ({"priority": 1}, "priority: 1 "),
        ({"facts": {}}, "facts: {} "),
        ({"map": 1}, "map: 1 "),
        ({"whole": 1}, "whole: 1 "),
        ({"reservation_window": 1}, "reservation_window: 1 "),
    ],
)
def test_settings_that_do_not_fit_are_refused(content: dict[str, Any], problem: str) -> None:
    """What `process` would refuse is refused where it is put together."""
    with pytest.raises(InvalidValueError, match=problem):
        Settings(**content)
    with pytest.raises(InvalidValueError, match=problem):
        process([], mugs(), now=NOW, **content)


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ([], r"here: \[\] is not a mapping; pass what process\(\) takes"),
        ({"verifier": ()}, r"here: 'verifier' is nothing that process\(\) takes; leave it out"),
        ({"verifiers": iter(())}, r"here\['verifiers'\]: .* only once; pass a tuple"),
    ],
)
def test_a_mapping_that_is_no_settings_is_refused(mapping: Any, problem: str) -> None:
    """By the path where it stands; what each call has of its own is left out."""
    with pytest.raises(InvalidValueError, match=problem):
        settings_of("here", mapping)
    assert settings_of("here", {"now": NOW, "progress": None, "whole": True}) == Settings(
        whole=True
    )
