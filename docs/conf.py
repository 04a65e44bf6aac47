"""How the documentation is built: ``sphinx-build -W --keep-going -n docs docs/_build``."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "examples"))
import directives
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

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
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
    (r"py:.*", r"(fractions|functools|httpx|hypothesis|sqlalchemy|ssl|threading)\..*"),
    (r"py:class", r"AsyncConnection|AsyncEngine|ColumnElement|Connection|Engine|MetaData|Table"),
    (r"py:.*", r"(typing|types|abc)\..*"),
    (
        r"py:.*",
        r"(Any|Callable|Decimal|Iterable|Iterator|Mapping|Sequence|T|date|datetime|timedelta|tzinfo)",
    ),
    (r"py:.*", r"([a-z_.]*\.)?(\w+Row|Served|Shelf)"),
    (r"py:class", r"KindOfFact"),  # what it may be stands in words beside it
    (r"py:.*", r"fulfill_core\.wire\.documents\.T"),
    (r"py:.*", r"fulfill_core\.testing\.contracts\.suite\.C"),
    (r"py:.*", r"(st\.)?SearchStrategy"),
    # What the factories of a family make is described by the factory.
    (
        r"py:class",
        r"fulfill_core\.(calendars|notifications|optimal|priorities|promises|sourcing|verifiers)\.\w+\.\w+",
    ),
]

html_theme = "furo"
html_title = f"fulfill_core {release}"
pygments_dark_style = "github-dark"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_search_scorer = str(Path(__file__).with_name("scorer.js"))
html_copy_source = False
html_show_sourcelink = False

# What code prints is for the eye; what is typed or run is to be copied, without its prompts.
copybutton_selector = "div.highlight-python pre, div.highlight-sh pre, div.highlight-pycon pre"
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True


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
    "hosting",
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
    *(f"fulfill_core.hosting.{part}" for part in ("mail", "sqlalchemy", "telemetry", "webhook")),
    "fulfill_core.verifiers.contact_formats",
    "fulfill_core.verifiers.postal",
)


def _fields_of(name: str) -> set[str]:
    modules = [importlib.import_module(module) for module in _MODULES]
    value = next((getattr(module, name) for module in modules if name in dir(module)), None)
    if not isinstance(value, type):
        return set()
    fields = attrs.fields(value) if attrs.has(value) else ()
    return {field.name for field in fields} | set(dir(value))


def setup(app: Sphinx) -> dict[str, Any]:
    """Hook the above in, around napoleon."""
    directives.setup(app)
    app.connect("autodoc-process-docstring", _keep, priority=1)
    app.connect("autodoc-process-docstring", _put_back, priority=999)
    app.connect("autodoc-process-docstring", _of_the_source, priority=0)
    app.connect("missing-reference", _in_the_library)
    return {"parallel_read_safe": True}
