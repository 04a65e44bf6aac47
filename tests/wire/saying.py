"""What is said against a document."""

from __future__ import annotations

from typing import Any

import pytest

from fulfill_core import Component, InvalidValueError
from fulfill_core.wire import Reading, from_json

CUP = {"schema_version": 1, "type": "Component", "sku": "cup", "quantity": 1}
"""A good one."""


def said_of(document: Any, kind: Any = Component, reading: Reading | None = None) -> list[str]:
    """All that is said against a document, fault by fault."""
    with pytest.raises(InvalidValueError) as refused:
        from_json(document, kind, reading or Reading())
    error = refused.value
    return [each.sentence for each in (error, *error.further_faults)]
