"""What adapters of a host have to hold: classes to subclass, which pytest collects."""

from __future__ import annotations

try:
    import pytest
except ImportError as error:
    raise ImportError(
        "fulfill_core.testing needs pytest for contracts: pip install 'fulfill_core[testing]'",
        name="pytest",
    ) from error

# Before they are imported: so a check that fails shows what it compared.
pytest.register_assert_rewrite(
    *[f"{__name__}.{name}" for name in ("base", "committing", "loading", "outbox", "senders")]
)

from fulfill_core.testing.contracts.base import Contents
from fulfill_core.testing.contracts.senders import ActionsContract, NotifierContract, Side
from fulfill_core.testing.contracts.storage import StorageContract
from fulfill_core.testing.contracts.suite import (
    ALL_CAPABILITIES,
    SUITE_VERSION,
    Capability,
    SuiteWarning,
    check_adapter,
    check_collected,
    new_in,
)

__all__ = [
    "ALL_CAPABILITIES",
    "ActionsContract",
    "Capability",
    "Contents",
    "NotifierContract",
    "SUITE_VERSION",
    "Side",
    "StorageContract",
    "SuiteWarning",
    "check_adapter",
    "check_collected",
    "new_in",
]
