"""The sums that figures are made of: each order is added once, or taken away again.

Nothing is kept of an order but numbers. A value for each, kept until all are added up, would set
off full collections of the garbage collector, which cost more than the sums do.
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias

from fulfill_core._checks import EXACT
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.whatif.standing import Standing, standing_of

Group: TypeAlias = tuple[str, str, str]
"""The tier of the customer, the channel, and the currency."""

_NO_TIME = timedelta(0)
_add, _subtract = EXACT.add, EXACT.subtract


class GroupSums:
    """The sums of some orders in one currency; the names are those of `GroupFigures`."""

    def __init__(self) -> None:
        self.orders = self.orders_whole = self.lines = self.lines_filled = 0
        self.units = self.units_filled = self.units_waiting = self.units_short = 0
        self.value = self.value_filled = Decimal(0)
        self.orders_late = self.parcels = 0
        self.late_by = _NO_TIME

    def add(self, standing: Standing, sign: int) -> None:
        """Add an order, or take it away with a sign of -1."""
        self.orders += sign
        units, units_filled = standing.units, standing.units_filled
        if 0 < units == units_filled:
            self.orders_whole += sign
        self.lines += sign * standing.lines
        self.lines_filled += sign * standing.lines_filled
        self.units += sign * units
        self.units_filled += sign * units_filled
        self.units_waiting += sign * standing.units_waiting
        self.units_short += sign * standing.units_short
        put = _add if sign > 0 else _subtract
        self.value = put(self.value, standing.value)
        self.value_filled = put(self.value_filled, standing.value_filled)
        if standing.late_by:
            self.orders_late += sign
            self.late_by += sign * standing.late_by
        self.parcels += sign * standing.parcels


class Sums:
    """The sums of the orders of a run.

    >>> Sums().groups
    {}
    """

    def __init__(self) -> None:
        self.groups: dict[Group, GroupSums] = {}
        self.outcomes: Counter[Outcome] = Counter()
        """How many orders came out how."""
        self.units: dict[str, int] = {}
        """How many units each customer asks for, by the customer's id."""
        self.units_filled: dict[str, int] = {}
        """And gets."""

    def copy(self) -> Sums:
        """The same sums, for a run that came out otherwise for some of the orders."""
        other = Sums()
        other.groups = {group: copy(sums) for group, sums in self.groups.items()}
        other.outcomes = self.outcomes.copy()
        other.units, other.units_filled = self.units.copy(), self.units_filled.copy()
        return other

    def add(self, decision: Decision, sign: int = 1) -> None:
        """Add an order as it stands after a decision, or take it away with a sign of -1."""
        standing = standing_of(decision)
        order = standing.order
        customer = order.customer
        group = customer.tier, order.channel, order.currency
        sums = self.groups.get(group)
        if sums is None:
            sums = self.groups[group] = GroupSums()
        sums.add(standing, sign)
        self.outcomes[standing.outcome] += sign
        units, units_filled, key = self.units, self.units_filled, customer.id
        units[key] = units.get(key, 0) + sign * standing.units
        units_filled[key] = units_filled.get(key, 0) + sign * standing.units_filled
