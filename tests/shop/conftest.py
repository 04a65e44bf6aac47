"""Fixtures for the tests of the sample shop, which is an application beside the library."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "docs" / "examples" / "shop")]

from shop_desk import REAL, Desk  # noqa: E402, found by the line above


@pytest.fixture
def real() -> Path:
    """The folder of real samples."""
    return REAL


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """An empty shop, in an empty current folder, on a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return Desk(tmp_path, capsys)
