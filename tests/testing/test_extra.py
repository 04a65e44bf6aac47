"""The extra: without hypothesis, an error that says what to install."""

from __future__ import annotations

import importlib
import sys

import pytest


def test_without_hypothesis_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where hypothesis is missing, the import fails with the name of the extra to install."""
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    for name in [name for name in sys.modules if name.startswith("fulfill_core.testing")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"pip install 'fulfill_core\[testing\]'") as caught:
        importlib.import_module("fulfill_core.testing")
    assert caught.value.name == "hypothesis"


def test_without_pytest_contracts_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pytest is missing, strategies and laws are there, and contracts say what to install."""
    monkeypatch.setitem(sys.modules, "pytest", None)
    for name in [name for name in sys.modules if name.startswith("fulfill_core.testing")]:
        monkeypatch.delitem(sys.modules, name)
    testing = importlib.import_module("fulfill_core.testing")
    assert callable(testing.orders)
    with pytest.raises(ImportError, match=r"pip install 'fulfill_core\[testing\]'") as caught:
        _ = testing.StorageContract
    assert caught.value.name == "pytest"
