"""The page with every message rendered has every message, in every language."""

from __future__ import annotations

import re
from pathlib import Path

import directives
from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import directives as registry

from fulfill_core import Kind
from fulfill_core.messages import samples
from fulfill_core.messages.languages import TEXTS_BY_LOCALE

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "message-gallery.md"


def sections() -> list[nodes.section]:
    """What the build puts into the page."""
    registry.register_directive("message-gallery", directives.MessageGallery)
    document = publish_doctree(
        ".. message-gallery::\n", settings_overrides={"doctitle_xform": False}
    )
    return [node for node in document.children if isinstance(node, nodes.section)]


def test_every_sample_has_a_frame_and_a_link_to_each_language() -> None:
    """So every kind of message has one, whatever may be said in it."""
    titles = [section[0].astext() for section in sections()]
    assert titles == [sample.name for sample in samples("en")]
    assert {sample.notification.kind for sample in samples("en")} >= {*Kind}
    for section in sections():
        shown = section[1].astext()
        assert shown.count("<iframe") == 1
        locales = re.findall(r'href="\.\./message-gallery/([^/]+)/', shown)
        assert sorted(locales) == sorted(TEXTS_BY_LOCALE)


def test_the_page_asks_for_it() -> None:
    """Nothing of it is written by hand."""
    page = PAGE.read_text("utf-8")
    assert page.count("```{message-gallery}") == 1
    assert "<iframe" not in page
