"""Tests that need a server: without one they skip, unless it is required. Then they fail."""

from __future__ import annotations

from pathlib import Path

import postgres
import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "run"


@pytest.fixture
def without_server(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """On a machine that has no server, and none is told of."""
    monkeypatch.setattr(postgres, "program", lambda _: None)
    monkeypatch.delenv(postgres.ADDRESS, raising=False)
    monkeypatch.delenv(postgres.NEED, raising=False)
    return monkeypatch


@pytest.mark.usefixtures("without_server")
def test_without_a_server_there_is_a_reason_to_skip() -> None:
    """It says what is missing."""
    reason = "no PostgreSQL: initdb and postgres not found, and FULFILL_POSTGRES is not set"
    assert postgres.why_no_server() == postgres.why_no_own_server() == reason


def test_what_is_required_is_not_skipped(without_server: pytest.MonkeyPatch) -> None:
    """There is no reason to skip; the test then fails, and says what is missing."""
    without_server.setenv(postgres.NEED, "required")
    assert postgres.why_no_server() == postgres.why_no_own_server() == ""
    with pytest.raises(RuntimeError, match="initdb and postgres not found"), postgres.server():
        pass


def test_the_checks_require_a_server_and_a_browser_before_the_first_test() -> None:
    """``.ci/run`` installs what is missing of both, and says so, before it runs anything."""
    before_tests, _, _ = SCRIPT.read_text("utf-8").partition("\nrun ")
    assert "\nexport FULFILL_SERVER=required\n" in before_tests
    assert "missing+=(postgresql)" in before_tests
    assert "missing+=(chromium)" in before_tests
    assert 'apt-get install -qy "${missing[@]}"' in before_tests
