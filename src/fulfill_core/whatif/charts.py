"""Plots as inline SVG: bars and curves, in colours that the page sets for light and for dark.

They are drawn as wide as a phone, and no word depends on a colour alone: each bar has its number,
each curve its name at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from fulfill_core.decisions.html import text_of

Group: TypeAlias = tuple[str, Sequence[tuple[float, str]]]
"""What is compared, and per settings a bar: its length, from 0 to 1, and its number in words."""
Curve: TypeAlias = tuple[str, Sequence[float]]
"""The name of some settings, and what there is on each day."""

COLOURS = 6
"""So many settings have a colour of their own."""
_WIDTH, _BAR, _TEXT, _LETTERS = 340, 210, 16, 40
_HEIGHT, _LEFT, _RIGHT, _TOP = 180, 44, 74, 10
_NAME = 11


def bars(title: str, groups: Sequence[Group]) -> str:
    """Bars side by side: for each group its name, and below it a bar per settings.

    >>> print(bars("Units filled", [("gold", [(0.5, "50 %")])]))
    <svg role="img" viewBox="0 0 340 42"><title>Units filled</title><text x="0" y="12">gold</text>\
<rect class="s0" x="0" y="18" width="105.0" height="12"/><text x="109.0" y="29">50 %</text></svg>
    """
    marks: list[str] = []
    y = 0
    for name, rows in groups:
        marks.append(f'<text x="0" y="{y + 12}">{text_of(name, _LETTERS)}</text>')
        y += 18
        for number, (length, words) in enumerate(rows):
            width = _BAR * max(0.0, min(1.0, length))
            marks.append(
                f'<rect class="{colour_of(number)}" x="0" y="{y}" width="{width:.1f}" height="12"/>'
                f'<text x="{width + 4:.1f}" y="{y + 11}">{text_of(words)}</text>'
            )
            y += _TEXT
        y += 8
    return _svg(title, y, marks)


def curves(title: str, days: Sequence[str], lines: Sequence[Curve]) -> str:
    """A curve per settings over the days; the first and the last day, and the most, are written.

    >>> curves("Open", ["1", "2"], [("today", [0, 3])]).count("<polyline")
    1
    """
    most = max([value for _, values in lines for value in values], default=0) or 1
    width, bottom = _WIDTH - _LEFT - _RIGHT, _TOP + _HEIGHT
    step = width / max(1, len(days) - 1)
    marks = [
        f'<path class="axis" d="M{_LEFT} {_TOP}V{bottom}H{_LEFT + width}"/>',
        f'<text x="{_LEFT - 4}" y="{_TOP + 10}" text-anchor="end">{most:.0f}</text>',
        f'<text x="{_LEFT - 4}" y="{bottom}" text-anchor="end">0</text>',
        *[
            f'<text x="{x}" y="{bottom + 16}" text-anchor="{anchor}">{text_of(day)}</text>'
            for x, anchor, day in (
                (_LEFT, "start", days[0] if days else ""),
                (_LEFT + width, "end", days[-1] if len(days) > 1 else ""),
            )
        ],
    ]
    ends: list[float] = []
    for number, (name, values) in enumerate(lines):
        points = [
            (_LEFT + step * place, bottom - _HEIGHT * value / most)
            for place, value in enumerate(values)
        ]
        path = " ".join([f"{x:.1f},{y:.1f}" for x, y in points])
        marks.append(f'<polyline class="{colour_of(number)}" points="{path}"/>')
        y = _free_place(points[-1][1] if points else bottom, ends)
        ends.append(y)
        marks.append(
            f'<text class="{colour_of(number)}" x="{_LEFT + width + 4}" y="{y + 4:.1f}">'
            f"{text_of(name, _NAME)}</text>"
        )
    return _svg(title, max([bottom, *map(int, ends)]) + 24, marks)


def _free_place(y: float, places: Sequence[float]) -> float:
    """The place of a name near the end of its curve, where no other name is."""
    for other in sorted(places):
        if abs(other - y) < _TEXT:
            y = other + _TEXT
    return y


def colour_of(number: int) -> str:
    """The class of the colour of the settings with this number, counted from 0."""
    return f"s{number % COLOURS}"


def _svg(title: str, height: int, marks: Sequence[str]) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height}"><title>{text_of(title)}</title>'
        f"{''.join(marks)}</svg>"
    )
