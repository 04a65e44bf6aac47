"""What if: the shop's own orders under other policies, as a table and a page."""

from __future__ import annotations

import pytest
from rich.console import Console
from shop import bar
from shop_desk import Desk

from fulfill_core.protocols import RunStage


def test_the_sample_is_compared(desk: Desk) -> None:
    """A column for each policy, a page that stands for itself, and where it was written."""
    assert desk("what-if") == 0
    lines = desk.out.splitlines()
    assert lines[0].split() == ["today", "oldest", "first", "by", "deadline"]
    assert lines[1].split() == ["orders", "61", "61", "61"]
    assert lines[-1].endswith("orders come out otherwise: see shop-data/shopify-what-if.html.")
    page = (desk.folder / "shop-data" / "shopify-what-if.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "<title>What if: shopify</title>" in page
    assert "<script" not in page


def test_nothing_is_decided(desk: Desk) -> None:
    """There is no database and no mail afterwards; where there is one, it stays as it was."""
    assert desk("what-if", "--source", "northwind", "--page", "page.html") == 0
    assert [path.name for path in desk.folder.iterdir()] == ["page.html"]
    assert desk("run") == 0
    database = desk.db
    before = database.read_bytes()
    assert desk("what-if") == 0
    assert database.read_bytes() == before


def test_a_run_shows_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """And none where somebody reads the output later."""
    with bar.progress_bar() as progress:
        assert progress is None
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(bar, "Console", lambda **kwargs: Console(**kwargs, force_terminal=True))
    with bar.progress_bar() as progress:
        assert progress is not None
        progress(RunStage.VERIFY, 0.5)
