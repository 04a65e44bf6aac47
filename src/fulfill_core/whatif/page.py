"""A comparison as one page of HTML that stands for itself: no script, no font, no link.

Whatever a name, an id or a SKU holds is text. The page stays below a megabyte: it lists as many
orders as there is room for, and says how many it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fulfill_core.decisions.html import row_of, table, text_of
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.exceptions import by_number
from fulfill_core.whatif.charts import COLOURS, Curve, Group, bars, colour_of, curves
from fulfill_core.whatif.differences import Difference, UnitShift
from fulfill_core.whatif.figures import Figures, GroupFigures
from fulfill_core.whatif.tables import FigureRow, figure_table, largest_groups

_ROOM = 300_000
"""Bytes for each of the two long tables."""
_REASON = 200
_HALF_CELL = 38
"""Letters."""
_LIGHT = ("#1f5fa8", "#c2410c", "#0f766e", "#7e22ce", "#a16207", "#475569")
_DARK = ("#7ab8ff", "#ff9d66", "#4fd1c5", "#d19bff", "#f0c14b", "#a3b1c6")
_STYLE = """
:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--soft:#59636e;--line:#d1d9e0;PALETTE}
@media(prefers-color-scheme:dark){:root{--back:#14181d;--text:#e6edf3;--soft:#9da7b3;--line:#3d444d;
DARK}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:75rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;line-height:1.2;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{max-width:45rem}.soft{color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}
caption{text-align:left;color:var(--soft);padding-bottom:.3rem}
th,td{padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);text-align:left;
vertical-align:top}
td{overflow-wrap:anywhere;min-width:6rem;font-variant-numeric:tabular-nums}
td:last-child{min-width:12rem}
.figures td,.figures td:last-child{min-width:3.6rem;white-space:nowrap}
.figures td:first-child{white-space:pre}
@media(max-width:40rem){.long thead{display:none}
.long tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}
.long td,.long td:last-child{display:inline-block;min-width:0;padding:0 .8rem 0 0;border:0}}
.figures :is(td,th):not(:first-child){text-align:right}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1.5rem}
figure{margin:0}figcaption{font-weight:600;margin-bottom:.4rem}
svg{width:100%;max-width:26rem;height:auto;display:block}
text{font:12px system-ui,sans-serif;fill:var(--text)}
.axis{fill:none;stroke:var(--soft)}polyline{fill:none;stroke-width:2}
.key{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;padding:0;list-style:none}
.key i{display:inline-block;width:.9em;height:.9em;margin-right:.4em;vertical-align:-.1em}
"""


def style() -> str:
    """The style of a page, with the colours of both themes."""
    palettes = [
        "".join([f"--s{number}:{colour};" for number, colour in enumerate(colours)])
        for colours in (_LIGHT, _DARK)
    ]
    rules = "".join(
        [
            f"rect.s{each},.key i.s{each}{{fill:var(--s{each});background:var(--s{each})}}"
            f"polyline.s{each}{{stroke:var(--s{each})}}text.s{each}{{fill:var(--s{each})}}"
            for each in range(COLOURS)
        ]
    )
    return _STYLE.replace("PALETTE", palettes[0]).replace("DARK", palettes[1]) + rules


def document(title: str, sections: Iterable[str]) -> str:
    """A page of these sections, which are HTML; it may load nothing and run nothing."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{text_of(title)}</title><style>{style()}</style></head>"
        f"<body><main><h1>{text_of(title)}</h1>{''.join(sections)}</main></body></html>\n"
    )


def key(names: Iterable[str]) -> str:
    """Which settings have which colour."""
    entries = [
        f'<li><i class="{colour_of(number)}"></i>{text_of(name)}</li>'
        for number, name in enumerate(names)
    ]
    return f'<ul class="key">{"".join(entries)}</ul>'


def page_of(
    title: str,
    figures: Sequence[Figures],
    differences: Sequence[Difference],
    shifts: Sequence[UnitShift],
) -> str:
    """The page of a comparison."""
    names = [each.name for each in figures]
    side_by_side = figures_table(names, figure_table(figures))
    return document(
        title,
        [
            f"<p>The same {_orders(figures[0].total.orders)} on the same stock:</p>{key(names)}",
            f'<h2>Figures</h2><div class="wide figures">{side_by_side}</div>',
            f'<h2>Plots</h2><div class="plots">{"".join(_plots(figures))}</div>',
            _long_table(
                "Who has the units of whom",
                f"Units that an order has, and another one has under {names[0]!r}.",
                ("settings", "SKU", "units", "from → to"),
                [
                    row_of(
                        (
                            *(each.setting, each.sku, each.quantity),
                            f"{_party(each.source)} → {_party(each.target)}",
                        )
                    )
                    for each in sorted(shifts, key=lambda shift: -shift.quantity)
                ],
            ),
            _long_table(
                "Orders that come out otherwise",
                f"Than under {names[0]!r}, and why. Those for which most units differ come first.",
                ("settings", "order", "outcome", "units filled", "why"),
                [_difference_row(each) for each in sorted(differences, key=_weight)],
            ),
        ],
    )


def page_of_days(
    title: str,
    names: Sequence[str],
    days: Sequence[str],
    lines: Iterable[tuple[str, Sequence[Curve]]],
    rows: Iterable[FigureRow],
) -> str:
    """The page of some weeks, day by day."""
    plots = "".join([plot(what, curves(what, days, each)) for what, each in lines])
    period = f"{len(days)} {by_number(len(days), 'day', 'days')}"
    return document(
        title,
        [
            f"<p>The same orders, stock and supplies over {period}:</p>{key(names)}",
            f'<h2>Curves</h2><div class="plots">{plots}</div>',
            f'<h2>At the end</h2><div class="wide figures">{figures_table(names, rows)}</div>',
        ],
    )


def figures_table(names: Iterable[str], rows: Iterable[FigureRow]) -> str:
    """Rows of figures as a table, with a column for each of the settings."""
    return table("", ["", *names], [(name, *cells) for name, cells in rows])


def plot(title: str, drawing: str) -> str:
    """A drawing under its title."""
    return f"<figure><figcaption>{text_of(title)}</figcaption>{drawing}</figure>"


def _plots(figures: Sequence[Figures]) -> Iterator[str]:
    """Bars: what is filled, of all, by tier and by channel; and how the orders come out."""
    groups: list[Group] = [("all orders", [_filled(each.total) for each in figures])]
    for kind in ("tiers", "channels"):
        by_name = [dict(getattr(each, kind)) for each in figures]
        names, _ = largest_groups(by_name[0])
        if len(by_name[0]) > 1:
            groups += [
                (
                    f"{kind[:-1]} {name or '(none)'}",
                    [_filled(groups_by_name[name]) for groups_by_name in by_name],
                )
                for name in names
            ]
    yield plot("Units filled", bars("Units filled", groups))
    counts = [dict(each.outcomes) for each in figures]
    outcomes = [each for each in Outcome if any([each in of_run for of_run in counts])]
    most = max([count for of_run in counts for count in of_run.values()], default=1)
    rows: list[Group] = [
        (
            outcome.value.replace("_", " "),
            [(of_run.get(outcome, 0) / most, str(of_run.get(outcome, 0))) for of_run in counts],
        )
        for outcome in outcomes
    ]
    yield plot("Orders by outcome", bars("Orders by outcome", rows))
    if any([each.total.orders_late for each in figures]):
        longest = max([each.total.days_late for each in figures])
        late: list[Group] = [
            (
                "all orders",
                [
                    (
                        float(each.total.days_late / longest) if longest else 0.0,
                        f"{each.total.days_late:f}, {_orders(each.total.orders_late)}",
                    )
                    for each in figures
                ],
            )
        ]
        yield plot("Days late", bars("Days late", late))


def _filled(group: GroupFigures) -> tuple[float, str]:
    return float(group.share_filled), f"{group.share_filled:.1%}"


def _party(order_id: str) -> str:
    """An order that has units, of which two have to fit into a cell."""
    return order_id[:_HALF_CELL] or "(nobody)"


def _weight(difference: Difference) -> tuple[object, ...]:
    """A sort key: those for which most units differ first."""
    before, after = difference.filled
    return -abs(after - before), difference.setting, difference.order_id


def _difference_row(difference: Difference) -> str:
    before, after = [outcome.value.replace("_", " ") for outcome in difference.outcomes]
    outcome = after if before == after else f"{after}, not {before}"
    first, second = difference.filled
    reasons = "<br>".join([text_of(reason, _REASON) for reason in difference.reasons])
    units = f"{second} of {difference.units}" + ("" if first == second else f", not {first}")
    cells = (difference.setting, difference.order_id, outcome, units)
    return f"<tr>{''.join([f'<td>{text_of(cell)}</td>' for cell in cells])}<td>{reasons}</td></tr>"


def _long_table(title: str, caption: str, heads: Sequence[str], rows: Sequence[str]) -> str:
    """A table of as many rows as there is room for, and how many are left out."""
    if not rows:
        return f"<h2>{text_of(title)}</h2><p>None.</p>"
    room = _ROOM
    count = 0
    for row in rows:
        room -= len(row.encode())
        if room < 0:
            break
        count += 1
    rest = len(rows) - count
    verb = by_number(rest, "is", "are")
    note = f'<p class="soft">{rest} more {verb} left out here; rows() has all.</p>' if rest else ""
    head = "".join([f'<th scope="col">{text_of(each)}</th>' for each in heads])
    return (
        f"<h2>{text_of(title)} ({len(rows)})</h2><p>{text_of(caption, _REASON)}</p>"
        f'<div class="wide long"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows[:count])}</tbody></table></div>{note}"
    )


def _orders(count: int) -> str:
    return f"{count} {by_number(count, 'order', 'orders')}"
