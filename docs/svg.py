"""What the pictures of the documentation are made of: boxes, texts and arrows, as SVG.

A picture has no colours of its own but three, which the page's style sheet sets for both themes.
It is no wider than a phone, so its letters are read there as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

WIDTH = 400
"""Of a picture, in its own units; a page shows it up to one and a half times as large."""
LINE = 15
"""From one line of text to the next."""


def picture(height: float, parts: Iterable[str], *, title: str, description: str) -> str:
    """A picture with what it is and what it shows in words, for whoever can't see it.

    >>> picture(9, [], title="A", description="B").count("<title>A</title><desc>B</desc>")
    1
    """
    return (
        f'<figure class="picture"><svg viewBox="0 0 {WIDTH} {height:g}" role="img"'
        f' aria-label="{escape(title)}: {escape(description)}" font-size="12" fill="currentColor"'
        ' xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        '<defs><marker id="point" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z"/></marker></defs>'
        f"{''.join(parts)}</svg><figcaption>{escape(title)}</figcaption></figure>"
    )


def text(x: float, y: float, words: str, *, anchor: str = "start", style: str = "") -> str:
    """One line of words.

    >>> text(1, 2, "a < b")
    '<text x="1" y="2" text-anchor="start">a &lt; b</text>'
    """
    kind = f' class="{style}"' if style else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{kind}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, *lines: str, style: str = "box") -> str:
    """A box with lines of words in its middle, the first of them in bold."""
    shape = (
        f'<rect class="{style}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4"/>'
    )
    top = y + (height - len(lines) * LINE) / 2 + LINE - 4
    words = [
        text(
            x + width / 2,
            top + number * LINE,
            line,
            anchor="middle",
            style="faint" if number else "strong",
        )
        for number, line in enumerate(lines)
    ]
    return shape + "".join(words)


def arrow(*points: tuple[float, float]) -> str:
    """A line through some points, with a head at its end.

    >>> 'd="M0 0 L0 9"' in arrow((0, 0), (0, 9))
    True
    """
    path = " L".join(f"{x:g} {y:g}" for x, y in points)
    return f'<path class="line" d="M{path}" marker-end="url(#point)"/>'


def wrapped(words: str, columns: int) -> list[str]:
    """Words in lines of so many characters at most, where they have blanks.

    >>> wrapped("verifiers, facts, priority", 18)
    ['verifiers, facts,', 'priority']
    """
    lines = [""]
    for word in words.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) > columns and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines
