"""The figures of a run: how many orders, lines and units are filled, whose, and how late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import fsum

import attrs

from fulfill_core._checks import EXACT
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.orders.money import at_precision
from fulfill_core.pipeline.notifying import count_of
from fulfill_core.pipeline.result import Result
from fulfill_core.whatif.sums import Group, GroupSums, Sums

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


def figures_of(runs: Sequence[tuple[str, Result]]) -> tuple[Figures, ...]:
    """The figures of runs of the same orders, each with the name of its settings.

    All orders of the first run are added up; of the others those that came out otherwise.
    """
    (name, first), *further_runs = runs
    count = count_of(first.messages)
    sums, messages = Sums(), 0
    for decision in first.decisions:  # made here, added up and dropped: none of them is kept
        sums.add(decision)
        if count is not None:
            messages += count.of(decision)
    if count is None:
        messages = len(first.notifications)
    figures = [_figures(name, first, sums, messages)]
    for name, result in further_runs:
        own_sums, own_messages = sums.copy(), messages
        own_count = count_of(result.messages)
        counts_alike = own_count is not None and own_count.is_like(count)
        for place, own_place in first.decisions.places_differing(result.decisions):
            before, after = first.decisions[place], result.decisions[own_place]
            own_sums.add(before, -1)
            own_sums.add(after)
            if own_count is not None and counts_alike:
                own_messages += own_count.of(after) - own_count.of(before)
        if own_count is None:
            own_messages = len(result.notifications)
        elif not counts_alike:
            own_messages = sum(map(own_count.of, result.decisions))
        figures.append(_figures(name, result, own_sums, own_messages))
    return tuple(figures)


def _figures(name: str, result: Result, sums: Sums, messages: int) -> Figures:
    outcomes = sums.outcomes
    return Figures(
        name=name,
        total=_group(sums.groups.items()),
        tiers=_groups(sums.groups, 0),
        channels=_groups(sums.groups, 1),
        outcomes=tuple([(each, outcomes[each]) for each in Outcome if outcomes[each]]),
        fairness=_fairness(sums),
        messages=messages,
        units_lost=sum([loss.quantity for loss in result.losses]),
    )


def _groups(groups: Mapping[Group, GroupSums], place: int) -> tuple[tuple[str, GroupFigures], ...]:
    """The figures of each tier (0) or channel (1), by its name."""
    by_name: dict[str, list[tuple[Group, GroupSums]]] = {}
    for group, sums in groups.items():
        by_name.setdefault(group[place], []).append((group, sums))
    return tuple([(name, _group(by_name[name])) for name in sorted(by_name)])


_COUNTS = (
    *("orders", "orders_whole", "lines", "lines_filled"),
    *("units", "units_filled", "units_waiting", "units_short", "orders_late", "parcels"),
)


def _group(entries: Iterable[tuple[Group, GroupSums]]) -> GroupFigures:
    """The figures of some groups together."""
    members = [sums for _, sums in entries]
    values: dict[str, tuple[Decimal, Decimal]] = {}
    for (_, _, currency), sums in entries:
        value, value_filled = values.get(currency, (Decimal(0), Decimal(0)))
        value = EXACT.add(value, sums.value)
        values[currency] = value, EXACT.add(value_filled, sums.value_filled)
    return GroupFigures(
        **{name: sum([getattr(sums, name) for sums in members]) for name in _COUNTS},
        late_by=sum([sums.late_by for sums in members], _NO_TIME),
        values=tuple(
            [
                (currency, at_precision(value, currency), at_precision(value_filled, currency))
                for currency, (value, value_filled) in sorted(values.items())
            ]
        ),
    )


def _ratio(part: int, whole: int) -> Decimal:
    if not whole:
        return Decimal(1).quantize(_THOUSANDTH)
    return EXACT.divide(Decimal(part), Decimal(whole)).quantize(_THOUSANDTH, ROUND_HALF_UP)


def _fairness(sums: Sums) -> Decimal:
    """Jain's index over the customers' shares; of nobody, or where nobody gets any, all are equal.

    (The sum of the shares, squared) / (their number times the sum of their squares). The sums do
    not depend on the sequence of the customers.
    """
    filled = sums.units_filled
    shares = [filled[customer] / units for customer, units in sums.units.items() if units]
    squares = fsum([share * share for share in shares])
    if not squares:
        return Decimal(1).quantize(_THOUSANDTH)
    index = fsum(shares) ** 2 / (len(shares) * squares)
    return Decimal(index).quantize(_THOUSANDTH, ROUND_HALF_UP)
