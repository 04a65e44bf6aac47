"""How hard hypothesis tries: by the environment variable ``HYPOTHESIS_PROFILE``.

- ``default``: new random examples in every run, few enough to run often;
- ``ci``: the same number, the same examples in every run, so that a failure is the change's own;
- ``thorough``: for a night, or before a release.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# No deadlines anywhere: a slow machine is not a fault of the code under test.
settings.register_profile("default", max_examples=100, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, database=None)
settings.register_profile(
    "thorough",
    max_examples=3_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# What other tests cover line by line: traced, these would take three times as long.
_UNTRACED = {"laws", "shop", "benchmarks", "test_docs.py", "test_large_batch.py"}
# Files with properties that are the only tests of some lines.
_TRACED = {
    "test_calendars.py",
    "test_day_rules.py",
    "test_optimal.py",
    "test_priorities_courses.py",
    "test_promises_by_clock.py",
    "test_reservations_over_time.py",
    "test_sourcing.py",
    "test_sourcing_policies.py",
    "test_strategies.py",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage where it costs most and adds nothing: many examples of the same."""
    for item in items:
        is_property = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        is_needed = is_property and item.path.name in _TRACED
        place = {item.path.name, item.path.parent.name}
        if (is_property and not is_needed) or _UNTRACED & place:
            item.add_marker(pytest.mark.no_cover)
