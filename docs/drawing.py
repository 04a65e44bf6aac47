"""What the documentation's build draws of the transition table: nothing of it is drawn by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from fulfill_core.lifecycle import Event, Nature, Quantity, Transition

Transitions = Mapping[type[Event], Transition]
Arcs = Mapping[tuple[Quantity, Quantity], list[str]]
"""From where, to where, and by which events."""

STEP, WIDTH, HEIGHT, RISE, TEXT = 112, 96, 30, 46, 13
"""In pixels: from box to box, a box, how much an arc rises for each step, a line of text."""


# -- The table -------------------------------------------------------------------------------------


def table(transitions: Transitions) -> list[str]:
    """The transition table as lines of Markdown: an event in each row."""
    return [
        "| event | it is | what it moves | refused at once if the order is |",
        "|---|---|---|---|",
        *[
            f"| `{kind.__name__}` | {_nature(each)} | {_moves(each)} | {_refusals(each)} |"
            for kind, each in transitions.items()
        ],
    ]


def _nature(transition: Transition) -> str:
    return "a fact" if transition.nature is Nature.FACT else "an intention"


def _moves(transition: Transition) -> str:
    return ", ".join([f"{source} → {target}" for source, target in transition.moves]) or "-"


def _refusals(transition: Transition) -> str:
    by_code: dict[str, list[str]] = {}
    for state, code in transition.refusals.items():
        by_code.setdefault(code, []).append(str(state))
    texts = [f"{', '.join(states)} (`{code}`)" for code, states in by_code.items()]
    return "; ".join(texts) or "-"


# -- The diagram -----------------------------------------------------------------------------------


def arcs_of(transitions: Transitions) -> Arcs:
    """What is moved from where to where, and by which events."""
    arcs: dict[tuple[Quantity, Quantity], list[str]] = {}
    for kind, transition in transitions.items():
        for move in transition.moves:
            arcs.setdefault(move, []).append(kind.__name__)
    return arcs


def bands(arcs: Iterable[tuple[Quantity, Quantity]]) -> list[list[Quantity]]:
    """The quantities that hang together, each group in the sequence in which they are defined."""
    groups: list[set[Quantity]] = []
    for move in arcs:
        joined = {*move}.union(*[each for each in groups if each & {*move}])
        groups = [each for each in groups if not each & joined]
        groups.append(joined)
    sequence = list(Quantity)
    ordered = [sorted(each, key=sequence.index) for each in groups]
    return sorted(ordered, key=lambda each: sequence.index(each[0]))


def diagram(transitions: Transitions) -> str:
    """The same as SVG: units and money in a row each, forwards above it, backwards below."""
    arcs = arcs_of(transitions)
    parts: list[str] = []
    top, width = 0, 0
    for band in bands(arcs):
        own = {move: names for move, names in arcs.items() if move[0] in band}
        above, below = (_room(own, band, is_back=is_back) for is_back in (False, True))
        middle = top + above
        parts += [*_arcs(own, band, middle), *_boxes(band, middle)]
        top = middle + HEIGHT + below
        width = max(width, len(band) * STEP)
    return (
        f'<svg class="transitions" viewBox="0 0 {width} {top}" width="100%" role="img"'
        ' aria-label="What events move" fill="none" stroke="currentColor" font-size="11"'
        ' text-anchor="middle" xmlns="http://www.w3.org/2000/svg">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="currentColor"'
        ' stroke="none"/></marker></defs>'
        f"{''.join(parts)}</svg>"
    )


def _span(move: tuple[Quantity, Quantity], band: list[Quantity]) -> int:
    """How many boxes further an arc ends; below zero, so many back."""
    return band.index(move[1]) - band.index(move[0])


def _room(arcs: Arcs, band: list[Quantity], *, is_back: bool) -> int:
    """How much room the arcs on one side of a row of boxes take, with what is written on them."""
    heights = [
        abs(_span(move, band)) * RISE + len(names) * TEXT
        for move, names in arcs.items()
        if (_span(move, band) < 0) is is_back
    ]
    return max(heights, default=0) + TEXT


def _boxes(band: list[Quantity], middle: int) -> Iterator[str]:
    for place, quantity in enumerate(band):
        left = place * STEP + (STEP - WIDTH) // 2
        name = escape(quantity.replace("_", " "))
        yield (
            f'<rect x="{left}" y="{middle}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>'
            f'<text x="{left + WIDTH // 2}" y="{middle + 19}" fill="currentColor" stroke="none">'
            f"{name}</text>"
        )


def _arcs(arcs: Arcs, band: list[Quantity], middle: int) -> Iterator[str]:
    for move, names in arcs.items():
        span = _span(move, band)
        is_back = span < 0
        sign, edge = (1, middle + HEIGHT) if is_back else (-1, middle)
        start, end = (band.index(each) * STEP + STEP // 2 for each in move)
        nudge = 14 if span > 0 else -14
        rise = edge + sign * abs(span) * RISE * 2
        yield (
            f'<path d="M{start + nudge} {edge} Q{(start + end) // 2} {rise} {end - nudge} {edge}"'
            ' opacity="0.55" marker-end="url(#tip)"/>'
        )
        apex = edge + sign * abs(span) * RISE
        lines = names if is_back else names[::-1]
        for number, name in enumerate(lines):
            y = apex + sign * (number * TEXT + 4) + (TEXT - 4 if is_back else 0)
            yield (
                f'<text x="{(start + end) // 2}" y="{y}" fill="currentColor" stroke="none">'
                f"{escape(name)}</text>"
            )
