"""What tests of hosting started is stopped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    """Servers end with the tests."""
    yield
    from some_databases import SERVERS  # noqa: PLC0415 - tests of other things need no SQLAlchemy

    SERVERS.close()
