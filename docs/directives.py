"""What the build of the documentation makes of the code: tables, pictures, the gallery."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import drawing
import gallery
import message_index
import name_tables
import pictures
import shop_files
from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList

from fulfill_core.lifecycle import TRANSITIONS
from fulfill_core.messages import Renderer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_GALLERY = "message-gallery"
_RENDERER = Renderer(shop=gallery.SHOP)


class MessageGallery(Directive):
    """Every message, as a customer sees it: in frames, as a mail has styles of its own."""

    def run(self) -> list[nodes.Node]:
        """The frames, with links to all languages."""
        sections: list[nodes.Node] = []
        for sample, message in gallery.rendered(_RENDERER, "en"):
            name = gallery.file_name(sample)
            links = " ".join(
                f'<a href="../{_GALLERY}/{locale}/{name}.html">{locale}</a>'
                for locale in _RENDERER.locales
            )
            section = nodes.section(ids=[nodes.make_id(name)], names=[name])
            section += nodes.title(text=sample.name)
            section += nodes.raw(
                text=f"<p><strong>{escape(message.subject)}</strong><br>"
                f"{escape(message.preheader)}<br>{links}</p>"
                f'<iframe src="../{_GALLERY}/en/{name}.html" title="{escape(sample.name)}"'
                ' loading="lazy" style="width: 100%; height: 560px; border: 1px solid #8888">'
                "</iframe>",
                format="html",
            )
            sections.append(section)
        return sections


class Table(Directive):
    """A table that is made of the code, as lines that the page's own parser reads."""

    def lines(self) -> list[str]:
        """The lines, in the markup of the page."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Let the parser read them."""
        box = nodes.container()
        self.state.nested_parse(
            StringList(self.lines(), source=self.name), self.content_offset, box
        )
        return list(box.children)


class NameTable(Table):
    """What a page of the reference has, before it goes into detail."""

    def lines(self) -> list[str]:
        """Of the page that it stands on."""
        env = self.state.document.settings.env
        return name_tables.table(Path(env.doc2path(env.docname)).read_text("utf-8"))


class TransitionTable(Table):
    """The transition table, one row for each event."""

    def lines(self) -> list[str]:
        """As the table says."""
        return drawing.table(TRANSITIONS)


class MessageTable(Table):
    """What ``errors`` or ``findings`` say, in the sequence of the alphabet."""

    required_arguments = 1

    def lines(self) -> list[str]:
        """As the source says."""
        return message_index.table(self.arguments[0])


class ShopFiles(Table):
    """The files of the sample shop, each with its first sentence and a link to its listing."""

    def lines(self) -> list[str]:
        """As the folder has them."""
        return shop_files.table()


class Picture(Directive):
    """A picture by its name, such as ``flow``."""

    required_arguments = 1
    drawn: ClassVar = {**pictures.PICTURES, "transitions": lambda: drawing.diagram(TRANSITIONS)}

    def run(self) -> list[nodes.Node]:
        """As it is."""
        return [nodes.raw("", self.drawn[self.arguments[0]](), format="html")]


def _write_gallery(app: Sphinx, fault: Exception | None) -> None:
    if fault is None and app.builder.format == "html":
        gallery.write(Path(app.outdir) / _GALLERY, _RENDERER, _RENDERER.locales)


def setup(app: Sphinx) -> None:
    """Give them the names by which pages call them."""
    app.add_directive(_GALLERY, MessageGallery)
    app.add_directive("name-table", NameTable)
    app.add_directive("transition-table", TransitionTable)
    app.add_directive("message-table", MessageTable)
    app.add_directive("shop-files", ShopFiles)
    app.add_directive("picture", Picture)
    app.connect("build-finished", _write_gallery)
    app.connect("html-collect-pages", shop_files.listings)
