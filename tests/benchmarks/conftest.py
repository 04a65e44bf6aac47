"""Benchmarks collect garbage before they time: here that does not go through all the tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _small_heap() -> Iterator[None]:
    gc.freeze()
    yield
    gc.unfreeze()
