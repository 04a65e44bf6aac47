"""The extra: without cattrs, an error that says what to install."""

from __future__ import annotations

import importlib
import sys

import pytest


def test_without_cattrs_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where cattrs is missing, the import fails with the name of the extra to install."""
    monkeypatch.setitem(sys.modules, "cattrs", None)
    for name in [name for name in sys.modules if name.startswith("fulfill_core.wire")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"pip install 'fulfill_core\[wire\]'") as caught:
        importlib.import_module("fulfill_core.wire")
    assert caught.value.name == "cattrs"
