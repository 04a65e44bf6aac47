"""Small tables in HTML: what a notebook shows of a result, and a page of a comparison.

Whatever an order says, it is text: one line, cut, and never mark-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from fulfill_core import _checks

_MOST_LETTERS = 80
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"},
)
"""As `html.escape` has it, whose module brings a table of all entities: 2 % of the import."""


def text_of(content: object, most: int = _MOST_LETTERS) -> str:
    """Something as text of a page: on one line, cut after so many letters, escaped.

    >>> text_of("<b>"), text_of("x" * 100)[-5:], text_of(None), text_of(3)
    ('&lt;b&gt;', 'xxxx…', '', '3')
    """
    text = "" if content is None else str(content)
    if len(text) > most:
        text = text[: most - 1] + "…"
    return _checks.in_one_line(text).translate(_ESCAPES)


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table: what is a number is on the right, all else is text.

    >>> table("Two", ["SKU"], [["<i>"], [2]])
    '<table><caption>Two</caption><thead><tr><th scope="col">SKU</th></tr></thead><tbody>\
<tr><td>&lt;i&gt;</td></tr><tr><td style="text-align:right">2</td></tr></tbody></table>'
    """
    head = "".join([f'<th scope="col">{text_of(each)}</th>' for each in heads])
    body = "".join([row_of(row) for row in rows])
    return (
        f"<table><caption>{text_of(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def row_of(cells: Sequence[object]) -> str:
    """A row of a table."""
    return f"<tr>{''.join(map(_cell, cells))}</tr>"


def _cell(content: object) -> str:
    side = ' style="text-align:right"' if isinstance(content, int | Decimal) else ""
    return f"<td{side}>{text_of(content)}</td>"
