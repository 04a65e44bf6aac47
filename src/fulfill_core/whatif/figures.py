"""The figures of a run: how many orders, lines and units are filled, whose, and how late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

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
    by_tier: dict[str, list[Standing]] = {}
    by_channel: dict[str, list[Standing]] = {}
    for standing in standings:
        order = standing.order
        by_tier.setdefault(order.customer.tier, []).append(standing)
        by_channel.setdefault(order.channel, []).append(standing)
    outcomes = Counter([standing.outcome for standing in standings])
    return Figures(
        name=name,
        total=group_figures(standings),
        tiers=tuple([(tier, group_figures(by_tier[tier])) for tier in sorted(by_tier)]),
        channels=tuple([(each, group_figures(by_channel[each])) for each in sorted(by_channel)]),
        outcomes=tuple([(each, outcomes[each]) for each in Outcome if outcomes[each]]),
        fairness=_fairness(standings),
        messages=len(result.notifications),
        units_lost=sum([loss.quantity for loss in result.losses]),
    )


def group_figures(standings: Iterable[Standing]) -> GroupFigures:
    """What came of these orders together."""
    rows = list(standings)
    late = [row.late_by for row in rows if row.late_by]
    values: dict[str, list[Decimal]] = {}
    for row in rows:
        sums = values.setdefault(row.order.currency, [Decimal(0), Decimal(0)])
        sums[0] = EXACT.add(sums[0], row.value)
        sums[1] = EXACT.add(sums[1], row.value_filled)
    return GroupFigures(
        orders=len(rows),
        orders_whole=sum([row.is_whole for row in rows]),
        lines=sum([row.lines for row in rows]),
        lines_filled=sum([row.lines_filled for row in rows]),
        units=sum([row.units for row in rows]),
        units_filled=sum([row.units_filled for row in rows]),
        units_waiting=sum([row.units_waiting for row in rows]),
        units_short=sum([row.units_short for row in rows]),
        values=tuple(
            [
                (currency, at_precision(whole, currency), at_precision(part, currency))
                for currency, (whole, part) in sorted(values.items())
            ]
        ),
        orders_late=len(late),
        late_by=sum(late, _NO_TIME),
        parcels=sum([row.parcels for row in rows]),
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
