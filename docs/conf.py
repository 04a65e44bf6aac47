"""How the documentation is built: ``sphinx-build -W --keep-going -n docs docs/_build``."""

from __future__ import annotations

import importlib
import sys
from html import escape
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList

from fulfill_core.lifecycle import TRANSITIONS
from fulfill_core.messages import Renderer

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "examples"))
import drawing
import gallery
import name_tables

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "fulfill_core"
author = "The fulfill_core authors"
copyright = "2026, The fulfill_core authors"  # noqa: A001 - the name that Sphinx reads
version = release = version_of("fulfill_core")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "examples"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# `Order` in a docstring is a link to what is documented under that name.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}
autodoc_inherit_docstrings = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False

# Every name that is written as a link has to lead somewhere. What other projects document (the
# standard library, attrs, hypothesis) and the library's inner type aliases have no page here.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(attrs?|collections|concurrent|dateutil|datetime|decimal|enum)\..*"),
    (r"py:.*", r"(fractions|hypothesis)\..*"),
    (r"py:.*", r"(typing|types|abc)\..*"),
    (
        r"py:.*",
        r"(Any|Callable|Decimal|Iterable|Iterator|Mapping|Sequence|T|date|datetime|timedelta|tzinfo)",
    ),
    (r"py:.*", r"([a-z_.]*\.)?(\w+Row|Served|Shelf)"),
    (r"py:.*", r"fulfill_core\.wire\.documents\.T"),
    (r"py:.*", r"(st\.)?SearchStrategy"),
    # What the factories of a family make is described by the factory.
    (
        r"py:class",
        r"fulfill_core\.(calendars|notifications|optimal|priorities|promises|sourcing|verifiers)\.\w+\.\w+",
    ),
]

html_theme = "furo"
html_title = f"fulfill_core {release}"


_as_written: dict[str, list[str]] = {}


def _keep(_: Sphinx, what: str, name: str, __: object, ___: object, lines: list[str]) -> None:
    if what in {"attribute", "property", "data"}:
        _as_written[name] = list(lines)


def _put_back(_: Sphinx, __: str, name: str, ___: object, ____: object, lines: list[str]) -> None:
    """Undo what napoleon does to an attribute: it takes what is before a colon for a type."""
    lines[:] = _as_written.pop(name, lines)


def _of_the_source(
    _: Sphinx, what: str, name: str, __: object, ___: object, lines: list[str]
) -> None:
    """Say of a datum what stands below it, and not what its class says of itself."""
    if what == "data":
        lines[:] = name_tables.docstring(*name.rpartition(".")[::2]) or lines


def _in_the_library(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: Element
) -> Element | None:
    """A bare name that is none of its own module is one of the flat public names, or of an extra.

    ``Payment.method`` leads to `Payment`: the fields of a value are told under its arguments.
    """
    name, _, field = node.get("reftarget", "").partition(".")
    if node.get("refdomain") != "py" or (field and field not in _fields_of(name)):
        return None
    for module in _MODULES:
        link = env.domains.python_domain.resolve_xref(
            env, node["refdoc"], app.builder, "obj", f"{module}.{name}", node, content
        )
        if link is not None:
            return link
    return None


_WINGS = (
    "calendars",
    "decisions",
    "explanation",
    "inventory",
    "lifecycle",
    "messages",
    "notifications",
    "optimal",
    "orders",
    "pipeline",
    "priorities",
    "promises",
    "protocols",
    "reallocation",
    "records",
    "sourcing",
    "testing",
    "verifiers",
    "whatif",
    "wire",
)
_MODULES = (
    "fulfill_core",
    *(f"fulfill_core.{wing}" for wing in _WINGS),
    "fulfill_core.verifiers.contact_formats",
    "fulfill_core.verifiers.postal",
)


def _fields_of(name: str) -> set[str]:
    modules = [importlib.import_module(module) for module in _MODULES]
    value = next((getattr(module, name) for module in modules if name in dir(module)), None)
    if not (isinstance(value, type) and attrs.has(value)):
        return set()
    return {field.name for field in attrs.fields(value)} | set(dir(value))


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


def _write_gallery(app: Sphinx, fault: Exception | None) -> None:
    if fault is None and app.builder.format == "html":
        gallery.write(Path(app.outdir) / _GALLERY, _RENDERER, _RENDERER.locales)


class NameTable(Directive):
    """What a page of the reference has, before it goes into detail."""

    def run(self) -> list[nodes.Node]:
        """Of the page that it stands on."""
        box = nodes.container()
        env = self.state.document.settings.env
        page = Path(env.doc2path(env.docname))
        lines = StringList(name_tables.table(page.read_text("utf-8")), source="names")
        self.state.nested_parse(lines, self.content_offset, box)
        return list(box.children)


class TransitionTable(Directive):
    """The transition table, one row for each event."""

    def run(self) -> list[nodes.Node]:
        """Let the page's own parser read it."""
        box = nodes.container()
        lines = StringList(drawing.table(TRANSITIONS), source="TRANSITIONS")
        self.state.nested_parse(lines, self.content_offset, box)
        return list(box.children)


class TransitionDiagram(Directive):
    """What events move, as a drawing."""

    def run(self) -> list[nodes.Node]:
        """As it is."""
        return [nodes.raw("", drawing.diagram(TRANSITIONS), format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Hook the above in, around napoleon."""
    app.add_directive(_GALLERY, MessageGallery)
    app.connect("build-finished", _write_gallery)
    app.connect("autodoc-process-docstring", _keep, priority=1)
    app.connect("autodoc-process-docstring", _put_back, priority=999)
    app.connect("autodoc-process-docstring", _of_the_source, priority=0)
    app.connect("missing-reference", _in_the_library)
    app.add_directive("name-table", NameTable)
    app.add_directive("transition-table", TransitionTable)
    app.add_directive("transition-diagram", TransitionDiagram)
    return {"parallel_read_safe": True}
