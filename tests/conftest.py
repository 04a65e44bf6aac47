"""How hard hypothesis tries: by the environment variable ``HYPOTHESIS_PROFILE``.

- ``default``: the same examples in every run, so that a failure is the change's own;
- ``explore``: as many, but new ones in every run, to look for what nobody thought of;
- ``thorough``: new ones, thirty times as many: for a night, or before a release.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Generator
from contextlib import contextmanager, nullcontext

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers

import fulfill_core

# Nothing is judged by the clock, neither an example nor the making of one: a slow machine is not a
# fault of the code under test.
settings.register_profile(
    "explore",
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # To explain which parts of a failing example do not matter takes most of the time of the tests
    # and pages in which something is meant to fail, and nobody reads it there.
    phases=[phase for phase in Phase if phase is not Phase.explain],
)
settings.register_profile(
    "default", settings.get_profile("explore"), derandomize=True, database=None
)
settings.register_profile("thorough", settings.get_profile("explore"), max_examples=3_000)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "default")
settings.load_profile(PROFILE)
if PROFILE == "default":
    # Hypothesis also tries constants of the modules that are loaded by then. Which ones those are
    # depends on what else runs in the same process, and so would the examples.
    providers._get_local_constants = lambda: providers._local_constants

# What other tests cover line by line, or what only reads: traced, these would take three times as
# long.
_UNTRACED = {
    "architecture",
    "benchmarks",
    "laws",
    "mutation",
    "shop",
    "test_contact_published.py",
    "test_contact_upstream.py",
    "test_docs.py",
    "test_gallery.py",
    "test_large_batch.py",
    "test_postal_upstream.py",
    "test_purity.py",
    "test_reference_tables.py",
}
# Files with properties that are the only tests of some lines.
_TRACED = {
    "test_optimal.py",
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
            item.add_marker(pytest.mark.untraced)


def pytest_unconfigure() -> None:
    """Servers end with the tests that needed them."""
    if "some_databases" in sys.modules:
        sys.modules["some_databases"].SERVERS.close()


@contextmanager
def _untraced() -> Generator[None]:
    """Trace nothing meanwhile.

    The plug-in that measures coverage has a mark for that, ``no_cover``, which does nothing in the
    processes that ``-n`` starts: two tracers run there, and it stops one of them.
    """
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Import the whole library, which is traced, and then the tests, which need not be: to find and
    rewrite them takes four times as long if it is.
    """
    if sys.gettrace():
        for module in pkgutil.walk_packages(fulfill_core.__path__, "fulfill_core."):
            importlib.import_module(module.name)
    with _untraced():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Trace nothing while such a test runs."""
    with _untraced() if item.get_closest_marker("untraced") else nullcontext():
        yield
