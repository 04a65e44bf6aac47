"""The page with every message rendered has every message, in every language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import directives
from docutils import nodes

from fulfill_core import Kind
from fulfill_core.messages import samples
from fulfill_core.messages.languages import TEXTS_BY_LOCALE

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "message-gallery.md"


def sections() -> list[nodes.Node]:
    """What the build puts into the page."""
    state: Any = None
    name = "message-gallery"
    return directives.MessageGallery(name, [], {}, [], 0, 0, "", state, state).run()


def test_every_sample_has_a_frame_and_a_link_to_each_language() -> None:
    """So every kind of message has one, whatever may be said in it."""
    titles = [str(section[0].astext()) for section in sections()]  # type: ignore[index]
    assert titles == [sample.name for sample in samples("en")]
    assert {sample.notification.kind for sample in samples("en")} >= {*Kind}
    for section in sections():
        shown = section[1].astext()  # type: ignore[index]
        assert shown.count("<iframe") == 1
        locales = re.findall(r'href="\.\./message-gallery/([^/]+)/', shown)
        assert sorted(locales) == sorted(TEXTS_BY_LOCALE)


def test_the_page_asks_for_it() -> None:
    """Nothing of it is written by hand."""
    page = PAGE.read_text("utf-8")
    assert page.count("```{message-gallery}") == 1
    assert "<iframe" not in page
