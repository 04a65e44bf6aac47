"""The gallery: every message in every language as a folder of pages, with one's own templates."""

from __future__ import annotations

import re
from pathlib import Path

import gallery
import pytest

from fulfill_core.messages import Renderer, samples

RENDERER = Renderer(shop=gallery.SHOP)


def test_every_message_has_a_page_in_every_language(tmp_path: Path) -> None:
    """And a text beside it; the index leads to all of them."""
    count = gallery.write(tmp_path, RENDERER, RENDERER.locales)
    assert count == len(samples("en")) * len(RENDERER.locales)
    pages = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.html")} - {"index.html"}
    texts = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.txt")}
    assert len(pages) == len(texts) == count
    index = (tmp_path / "index.html").read_text("utf-8")
    assert {*re.findall('href="([^"]+)"', index)} == pages | texts


def test_it_previews_templates_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those in a folder, in the languages that were asked for, with the texts there; what else lies
    there is left.
    """
    templates, folder = tmp_path / "templates", tmp_path / "out"
    templates.mkdir()
    (templates / "message.html").write_text("{{ heading }}!", "utf-8")
    (templates / "notes.md").write_text("{{ nothing }}", "utf-8")
    texts = '{"parcel.delivered.subject": "{order} ist da"}'
    (templates / "de.json").write_text(texts, "utf-8")
    arguments = [str(folder), "--own", str(templates), "--locale", "de", "--locale", "sv"]
    assert gallery.main(arguments) == 0
    assert capsys.readouterr().out == f"{len(samples('en')) * 2} messages: {folder}/index.html\n"
    page = (folder / "de" / "parcel.lost.html").read_text("utf-8")
    assert page.startswith("Ein Paket Ihrer Bestellung <bdi")
    assert page.endswith(">A-1017</bdi> ist verloren gegangen!")
    page = (folder / "de" / "parcel.delivered.html").read_text("utf-8")
    assert page.endswith(">A-1017</bdi> ist da!")
    assert "there are no texts in &#x27;sv&#x27;" in (folder / "index.html").read_text("utf-8")


def test_a_template_at_fault_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its line, in place of a gallery that is half done."""
    (tmp_path / "message.html").write_text("\n{{ order.colour }}", "utf-8")
    assert gallery.main([str(tmp_path / "out"), "--own", str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith("templates['message.html'], line 2, asked about")
    assert gallery.main([str(tmp_path / "out"), "--own", str(tmp_path / "none")]) == 1
    (tmp_path / "message.html").write_text("", "utf-8")
    (tmp_path / "de.json").write_text("{", "utf-8")
    assert gallery.main([str(tmp_path / "out"), "--own", str(tmp_path)]) == 1
