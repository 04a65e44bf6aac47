"""The sample shop on the site: a list of its files, and a page with the text of each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SHOP = Path(__file__).parent / "examples" / "shop"
FOLDER = "sample-shop"
"""Of the site, in which the listings are."""


def paths() -> list[Path]:
    """The modules of the shop: what starts it first, then the others by name."""
    start = SHOP / "__main__.py"
    others = [path for path in (SHOP / "shop").glob("*.py") if path.stem != "__init__"]
    return [start, *sorted(others)]


def page_of(path: Path) -> str:
    """The page of a module's listing, without its ending."""
    return f"{FOLDER}/{path.relative_to(SHOP).with_suffix('').as_posix().replace('/', '-')}"


def sentence_of(path: Path) -> str:
    """What a module is for: the first line of its docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return docstring.partition("\n\n")[0].replace("\n", " ")


def table() -> list[str]:
    """The modules as lines of Markdown: each linked, with what it is for."""
    return [
        "| file | what it does |",
        "|---|---|",
        *[
            f'| <a href="{page_of(path)}.html"><code>{path.relative_to(SHOP).as_posix()}</code></a>'
            f" | {sentence_of(path)} |"
            for path in paths()
        ],
    ]


def listings(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """A page for each module, coloured as code on the other pages is."""
    for path in paths():
        name = path.relative_to(SHOP).as_posix()
        code = app.builder.highlighter.highlight_block(path.read_text("utf-8"), "python")  # type: ignore[attr-defined]
        body = (
            f"<h1><code>{escape(name)}</code></h1>"
            f'<p>A module of <a href="../{FOLDER}.html">the sample shop</a>.</p>'
            f'<div class="highlight-python notranslate">{code}</div>'
        )
        yield page_of(path), {"title": name, "body": body}, "page.html"
