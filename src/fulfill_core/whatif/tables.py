"""Figures as a table of text, and figures and orders as plain dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from fulfill_core import _checks
from fulfill_core.whatif.figures import Figures, GroupFigures
from fulfill_core.whatif.standing import Standing

Cell: TypeAlias = int | Decimal | str
FigureRow: TypeAlias = tuple[str, tuple[Cell, ...]]
"""What is counted, and how much of it there is under each of the settings."""

_MOST_GROUPS = 12
_WIDEST = 24
"""Letters of a name in a table of text; what is longer is cut."""


def figure_table(figures: Sequence[Figures]) -> list[FigureRow]:
    """The figures side by side: a row for each, a cell for each of the settings."""
    totals = [each.total for each in figures]
    return [
        ("orders", _each(totals, lambda group: group.orders)),
        ("orders whole", _each(totals, lambda group: group.orders_whole)),
        ("lines filled", _each(totals, lambda group: group.lines_filled)),
        ("units filled", _each(totals, lambda group: group.units_filled)),
        ("units waiting", _each(totals, lambda group: group.units_waiting)),
        ("units short", _each(totals, lambda group: group.units_short)),
        *_shares(figures),
        *_values(totals),
        ("orders late", _each(totals, lambda group: group.orders_late)),
        ("days late", _each(totals, lambda group: group.days_late)),
        ("parcels", _each(totals, lambda group: group.parcels)),
        ("fairness", tuple([each.fairness for each in figures])),
        ("units lost", tuple([each.units_lost for each in figures])),
        ("messages", tuple([each.messages for each in figures])),
    ]


def _each(
    totals: Iterable[GroupFigures], count: Callable[[GroupFigures], Cell]
) -> tuple[Cell, ...]:
    return tuple(map(count, totals))


def _shares(figures: Sequence[Figures]) -> Iterator[FigureRow]:
    """The share of the units that is filled, of all orders, by tier, by channel."""
    yield "share filled", _each([each.total for each in figures], _percent)
    for kind, groups in (
        ("tier", [dict(each.tiers) for each in figures]),
        ("channel", [dict(each.channels) for each in figures]),
    ):
        # The orders are the same, so the groups are.
        names, rest = largest_groups(groups[0])
        if len(groups[0]) > 1:
            for name in names:
                cells = tuple([_percent(by_name[name]) for by_name in groups])
                yield f"  {kind} {name or '(none)'}", cells
        if rest:
            yield f"  and {rest} more", ("",) * len(figures)


def largest_groups(groups: Mapping[str, GroupFigures]) -> tuple[list[str], int]:
    """The names of the groups that have most orders, by name; and how many there are beside."""
    by_size = sorted(groups, key=lambda name: (-groups[name].orders, name))
    return sorted(by_size[:_MOST_GROUPS]), max(0, len(by_size) - _MOST_GROUPS)


def _percent(group: GroupFigures) -> str:
    return f"{group.share_filled:.1%}"


def _values(totals: Sequence[GroupFigures]) -> Iterator[FigureRow]:
    """The value that is filled, by currency."""
    filled = [{currency: amount for currency, _, amount in each.values} for each in totals]
    for currency, _, _ in totals[0].values:
        yield f"value filled, {currency}", tuple([amounts[currency] for amounts in filled])


def text_of(names: Iterable[str], rows_of_figures: Iterable[FigureRow]) -> str:
    """Rows of figures as a table of text, with a column for each of the settings."""
    table = [("", *names)]
    table += [(name, *map(str, cells)) for name, cells in rows_of_figures]
    rows = [[_checks.in_one_line(cell)[:_WIDEST] for cell in row] for row in table]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])],
        ).rstrip()
        for row in rows
    ]
    return "\n".join(lines)


def order_row(name: str, standing: Standing) -> dict[str, Any]:
    """How an order stands under some settings, as a plain dict."""
    order = standing.order
    return {
        "setting": name,
        "order": order.id,
        "customer": order.customer.id,
        "tier": order.customer.tier,
        "channel": order.channel,
        "outcome": standing.outcome.value,
        "rank": standing.rank,
        "lines": standing.lines,
        "lines_filled": standing.lines_filled,
        "units": standing.units,
        "units_filled": standing.units_filled,
        "units_waiting": standing.units_waiting,
        "units_short": standing.units_short,
        "value": standing.value,
        "value_filled": standing.value_filled,
        "currency": order.currency,
        "expected_at": standing.expected_at,
        "days_late": standing.late_by.total_seconds() / 86_400,
        "parcels": standing.parcels,
        "findings": ", ".join(standing.codes),
    }


def figure_rows(figures: Figures) -> Iterator[dict[str, Any]]:
    """The figures of a run as plain dicts: of all orders, then by tier, then by channel."""
    groups = [
        ("all", "", figures.total),
        *[("tier", name, group) for name, group in figures.tiers],
        *[("channel", name, group) for name, group in figures.channels],
    ]
    for kind, name, group in groups:
        yield {
            "setting": figures.name,
            "by": kind,
            "group": name,
            "orders": group.orders,
            "orders_whole": group.orders_whole,
            "lines": group.lines,
            "lines_filled": group.lines_filled,
            "units": group.units,
            "units_filled": group.units_filled,
            "units_waiting": group.units_waiting,
            "units_short": group.units_short,
            "share_filled": float(group.share_filled),
            "values": {currency: filled for currency, _, filled in group.values},
            "orders_late": group.orders_late,
            "days_late": float(group.days_late),
            "parcels": group.parcels,
        }
