"""The figures of a run: how many orders, lines and units are filled, whose, and how late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import add
from typing import NamedTuple

import attrs

from fulfill_core._checks import EXACT
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.orders.money import at_precision
from fulfill_core.pipeline.result import Result
from fulfill_core.whatif.standing import Standing, standings_of

_TENTH, _THOUSANDTH = Decimal("0.1"), Decimal("0.001")
_NO_TIME = timedelta(0)


@attrs.frozen(kw_only=True, weakref_slot=False)
class GroupFigures:
    """What came of some orders, in numbers.

    Args:
        orders: how many there are.
        orders_whole: of how many the customer gets all, as it stands: it is reserved, has left, or
            needs no stock.
        lines: how many lines ask for something.
        lines_filled: how many of them get all of it.
        units: how many units they ask for.
        units_filled: how many of those are filled,
        units_waiting: wait for more stock,
        units_short: and will not come.
        values: per currency what these units cost, and what those that are filled cost, rounded
            to the currency's own digits.
        orders_late: how many orders are there after their deadline, by the dates that are known:
            those promised, else those of what they wait for.
        late_by: how late all of them are together.
        parcels: how many parcels leave with what is reserved: one per order and location.

    >>> group = GroupFigures(units=4, units_filled=3)
    >>> group.share_filled, GroupFigures().share_filled
    (Decimal('0.750'), Decimal('1.000'))
    """

    orders: int = 0
    orders_whole: int = 0
    lines: int = 0
    lines_filled: int = 0
    units: int = 0
    units_filled: int = 0
    units_waiting: int = 0
    units_short: int = 0
    values: tuple[tuple[str, Decimal, Decimal], ...] = ()
    orders_late: int = 0
    late_by: timedelta = _NO_TIME
    parcels: int = 0

    @property
    def share_filled(self) -> Decimal:
        """Which share of the units is filled, 0 to 1 to three digits; 1 if none is asked for."""
        return _ratio(self.units_filled, self.units)

    @property
    def days_late(self) -> Decimal:
        """How late all of them are together, in days to one digit.

        >>> GroupFigures(late_by=timedelta(hours=36)).days_late
        Decimal('1.5')
        """
        seconds = Decimal(self.late_by // timedelta(seconds=1))
        return EXACT.divide(seconds, Decimal(86_400)).quantize(_TENTH, ROUND_HALF_UP)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Figures:
    """The figures of one run.

    Args:
        name: of the settings.
        total: all orders together.
        tiers: those of each tier of customers, by the name of the tier.
        channels: those of each channel.
        outcomes: how many orders came out how.
        fairness: how evenly customers get what they ask for: Jain's index over the share of the
            units of each customer that is filled (R. Jain, D. Chiu, W. Hawe, "A quantitative
            measure of fairness", 1984). 1 if all get the same share, 1/n if one of n gets all.
        messages: how many there are to send.
        units_lost: how many units the run took from orders that had them (a re-allocation).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Inventory, compare
    >>> comparison = compare([], Inventory(), {"today": {}},
    ...                      now=datetime(2026, 3, 2, tzinfo=timezone.utc))
    >>> [figures] = comparison.figures
    >>> figures.name, figures.total.orders, figures.fairness
    ('today', 0, Decimal('1.000'))
    """

    name: str
    total: GroupFigures
    tiers: tuple[tuple[str, GroupFigures], ...]
    channels: tuple[tuple[str, GroupFigures], ...]
    outcomes: tuple[tuple[Outcome, int], ...]
    fairness: Decimal
    messages: int
    units_lost: int


def figures_of(name: str, result: Result) -> Figures:
    """The figures of a run.

    This makes its messages, unless somebody has read them before.
    """
    standings = list(standings_of(result))
    members: dict[tuple[str, str, str], list[Standing]] = {}
    for standing in standings:
        order = standing.order
        group = order.customer.tier, order.channel, order.currency
        members.setdefault(group, []).append(standing)
    sums = {group: _sums(of_group) for group, of_group in members.items()}
    outcomes = Counter([standing.outcome for standing in standings])
    return Figures(
        name=name,
        total=_group(sums.items()),
        tiers=_groups(sums, 0),
        channels=_groups(sums, 1),
        outcomes=tuple([(each, outcomes[each]) for each in Outcome if outcomes[each]]),
        fairness=_fairness(standings),
        messages=len(result.notifications),
        units_lost=sum([loss.quantity for loss in result.losses]),
    )


class _Sums(NamedTuple):
    """The sums of some orders in one currency: each order is added once, and sums are added up."""

    counts: tuple[int, ...]
    late_by: timedelta
    value: Decimal
    value_filled: Decimal


def _sums(standings: list[Standing]) -> _Sums:
    """The sums of some orders: column by column takes less than order by order would."""
    late_by = [each.late_by for each in standings if each.late_by]
    return _Sums(
        (
            len(standings),
            sum([each.is_whole for each in standings]),
            sum([each.lines for each in standings]),
            sum([each.lines_filled for each in standings]),
            sum([each.units for each in standings]),
            sum([each.units_filled for each in standings]),
            sum([each.units_waiting for each in standings]),
            sum([each.units_short for each in standings]),
            len(late_by),
            sum([each.parcels for each in standings]),
        ),
        sum(late_by, _NO_TIME),
        reduce(EXACT.add, [each.value for each in standings]),
        reduce(EXACT.add, [each.value_filled for each in standings]),
    )


_COUNTS = (
    *("orders", "orders_whole", "lines", "lines_filled"),
    *("units", "units_filled", "units_waiting", "units_short", "orders_late", "parcels"),
)
"""What of a group is counted, in the sequence in which `_sums` does."""


def _groups(
    sums: Mapping[tuple[str, str, str], _Sums], place: int
) -> tuple[tuple[str, GroupFigures], ...]:
    """The figures of each tier (0) or channel (1), by its name."""
    by_name: dict[str, list[tuple[tuple[str, str, str], _Sums]]] = {}
    for group, each in sums.items():
        by_name.setdefault(group[place], []).append((group, each))
    return tuple([(name, _group(by_name[name])) for name in sorted(by_name)])


def _group(entries: Iterable[tuple[tuple[str, str, str], _Sums]]) -> GroupFigures:
    """The figures of some groups together."""
    counts, late_by = [0] * len(_COUNTS), _NO_TIME
    values: dict[str, tuple[Decimal, Decimal]] = {}
    for (_, _, currency), each in entries:
        counts = list(map(add, counts, each.counts))
        late_by += each.late_by
        whole, part = values.get(currency, (Decimal(0), Decimal(0)))
        values[currency] = EXACT.add(whole, each.value), EXACT.add(part, each.value_filled)
    return GroupFigures(
        **dict(zip(_COUNTS, counts, strict=True)),
        late_by=late_by,
        values=tuple(
            [
                (currency, at_precision(whole, currency), at_precision(part, currency))
                for currency, (whole, part) in sorted(values.items())
            ]
        ),
    )


def _ratio(part: int, whole: int) -> Decimal:
    if not whole:
        return Decimal(1).quantize(_THOUSANDTH)
    return EXACT.divide(Decimal(part), Decimal(whole)).quantize(_THOUSANDTH, ROUND_HALF_UP)


def _fairness(standings: Iterable[Standing]) -> Decimal:
    """Jain's index over the customers' shares; of nobody, or where nobody gets any, all are equal.

    (The sum of the shares, squared) / (their number times the sum of their squares).
    """
    units: dict[str, list[int]] = {}
    for standing in standings:
        of_customer = units.setdefault(standing.order.customer.id, [0, 0])
        of_customer[0] += standing.units_filled
        of_customer[1] += standing.units
    shares = [part / whole for part, whole in units.values() if whole]
    squares = sum([share * share for share in shares])
    if not squares:
        return Decimal(1).quantize(_THOUSANDTH)
    index = sum(shares) ** 2 / (len(shares) * squares)
    return Decimal(index).quantize(_THOUSANDTH, ROUND_HALF_UP)
