"""What an order costs: all of it, what of it has left, and what a part that leaves has to bring.

Amounts of parts are differences of rounded running totals, so that they always add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from fulfill_core._checks import EXACT
from fulfill_core.orders.money import less, plus, rounded, smallest_unit, times
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.orders.progress import NO_PROGRESS, Progress

_NOTHING = Decimal(0)
_NONE_LEAVING: Mapping[str, int] = {}
_NO_SHARES: Mapping[str, Decimal] = {}
_FINEST = Decimal("1E-15")
_ratio = EXACT.divide


class Charges(StrEnum):
    """With which parcel of an order its shipping and other charges are captured.

    >>> Charges("last") is Charges.LAST
    True
    """

    FIRST = "first"
    """With the first parcel that leaves."""
    LAST = "last"
    """With the last one."""
    SHARE = "share"
    """With each of them, by the value of what has left."""


_FIRST, _LAST = Charges.FIRST, Charges.LAST
_Part: TypeAlias = tuple[OrderLine, int, int, int]
"""A line to which something has happened: how many stock units of it are asked for still, how many
of those the customer keeps, or will get, and how many of these have left."""


class Adjustment(NamedTuple):
    """What was agreed of an order's money since it was placed, beside its lines.

    Args:
        charges: by how much shipping costs more now, or less.
        credit: what was granted off what is due.

    >>> Adjustment(credit=Decimal(5)).charges
    Decimal('0')
    """

    charges: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)


NO_ADJUSTMENT = Adjustment()


class Bill:
    """What an order costs, worked out once for all that is asked of it.

    Of most lines all is kept, and costs what it did: what is due is worked out of the others.

    Args:
        order: the order.
        progress: how far its lines have come, at most one per line.
        adjustment: what was agreed since. A credit lowers what is due to zero at most.
        leaving: stock units that leave now, by line id.
    """

    __slots__ = ("_adjustment", "_due", "_leaving", "_order", "_progress")

    def __init__(
        self,
        order: Order,
        progress: Iterable[Progress],
        adjustment: Adjustment = NO_ADJUSTMENT,
        leaving: Mapping[str, int] = _NONE_LEAVING,
    ) -> None:
        self._order = order
        self._progress = tuple(progress)
        self._adjustment = adjustment
        self._leaving = leaving
        self._due: Decimal | None = None

    def due(self) -> Decimal:
        """What the order costs in all: its total less what was cancelled or came back.

        What has left stays in, whether it was cancelled or not; shipping, tax and charges do, as
        long as anything is left to be paid for. Of the order's discount each line has its share, by
        value, rounded half up to the digits of the currency, the last line the rest; so it is with
        what was agreed beside the sum. What is cancelled of a line takes its part of that share
        along.
        """
        if self._due is None:
            altered = [each for each in self._progress if _is_altered(each)]
            if altered or self._adjustment is not NO_ADJUSTMENT:
                self._due = self._worked_out(altered)
            else:
                self._due = self._order.total
        return self._due

    def money_left(self, charges: Charges = Charges.FIRST) -> Decimal:
        """What of the order costs that has left, or leaves now: never more than is due.

        Args:
            charges: with which parcel shipping and other charges are paid.
        """
        order, leaving = self._order, self._leaving
        progress_by_line = {each.line_id: each for each in self._progress}
        parts: list[_Part] = []
        are_all_gone = True
        for line in order.lines:
            progress = progress_by_line.get(line.id, NO_PROGRESS)
            part = _part_of(line, progress, leaving.get(line.id, 0))
            if part[3]:
                parts.append(part)
            if part[3] != part[2]:
                are_all_gone = False
        if not parts:
            return _NOTHING
        if are_all_gone:
            return self.due()
        unit = smallest_unit(order.currency)
        shares = _shares(order, unit)
        owed = _NOTHING
        for part in parts:
            line, _, units_kept, units_gone = part
            cost = less(line.total, shares[line.id]) if shares else line.total
            if units_kept != line.units:
                cost = _cost(cost, part, unit)
            if units_gone != units_kept:
                cost = _share(cost, units_gone, units_kept, unit)
            owed = plus(owed, cost)
        if charges is not _LAST:
            owed = plus(owed, self._charge(charges, owed, shares))
        return owed if self._adjustment is NO_ADJUSTMENT else min(owed, self.due())

    def _charge(
        self, charges: Charges, cost_gone: Decimal, shares: Mapping[str, Decimal]
    ) -> Decimal:
        """What of the charges is paid when lines that cost so much have left."""
        order = self._order
        charge, discount = plus(order.shipping, order.tax), _discount(order)
        if discount and not shares:  # the lines cost nothing that it could be taken off
            charge = less(charge, discount)
        more = self._adjustment.charges
        if charges is _FIRST:
            return plus(charge, more)
        altered = [each for each in self._progress if _is_altered(each)]
        cost_kept = less(_cost_kept(order, _parts(order.lines, altered)), charge)
        if not cost_kept:
            return _NOTHING
        return _share(plus(charge, more), cost_gone, cost_kept, smallest_unit(order.currency))

    def _worked_out(self, altered: Iterable[Progress]) -> Decimal:
        """What is kept costs, with all charges; where nothing is kept, nothing is due."""
        order, adjustment = self._order, self._adjustment
        parts = _parts(order.lines, altered)
        if len(parts) == len(order.lines) and not any([kept for _, _, kept, _ in parts]):
            return _NOTHING
        due = _cost_kept(order, parts)
        if adjustment is NO_ADJUSTMENT:
            return due
        return max(_NOTHING, less(plus(due, adjustment.charges), adjustment.credit))


def money_due(
    order: Order, progress: Iterable[Progress], adjustment: Adjustment = NO_ADJUSTMENT
) -> Decimal:
    """What an order costs in all: see `Bill.due`."""
    return Bill(order, progress, adjustment).due()


def money_left(
    order: Order,
    progress: Iterable[Progress],
    leaving: Mapping[str, int],
    charges: Charges = Charges.FIRST,
    adjustment: Adjustment = NO_ADJUSTMENT,
) -> Decimal:
    """What of an order costs that has left, or leaves now: see `Bill.money_left`."""
    return Bill(order, progress, adjustment, leaving).money_left(charges)


def _is_altered(progress: Progress) -> bool:
    """Whether not all of a line is kept, as of most lines all is."""
    return bool(progress.cancelled or progress.returned or progress.credited)


def _parts(lines: Iterable[OrderLine], progress: Iterable[Progress]) -> list[_Part]:
    """The lines that have come somewhere, and how far they have come."""
    progress_by_line = {each.line_id: each for each in progress}
    return [
        _part_of(line, progress_by_line[line.id]) for line in lines if line.id in progress_by_line
    ]


def _part_of(line: OrderLine, progress: Progress, units_leaving: int = 0) -> _Part:
    """How far a line has come."""
    units = line.units
    units_left = progress.shipped + units_leaving
    if not (progress.cancelled or progress.returned or progress.credited):
        return line, units, units, min(units_left, units)
    # The line may have been lowered: then so much of it is asked for as is ordered still.
    units_asked = units_sent = units
    if progress.cancelled:
        units_asked = max(0, units - progress.reduced)
        units_sent = units - progress.not_sent(line)
    credited = progress.units_credited()
    units_kept = max(0, units_sent - credited)
    return line, units_asked, units_kept, max(0, min(units_left, units_sent) - credited)


def _discount(order: Order) -> Decimal:
    """What is taken off the lines; below zero, it is put on.

    What was agreed and is not the sum is taken off, or put on, as a discount is.
    """
    if order.agreed_total is None:
        return order.discount
    return plus(order.discount, less(order.calculated_total, order.total))


def _shares(order: Order, unit: Decimal) -> Mapping[str, Decimal]:
    """Each line's share of the discount, by value; the last line has the rest.

    Empty if there is no discount, or no value that it can be taken off.
    """
    discount = _discount(order)
    if not discount:
        return _NO_SHARES
    whole = _NOTHING
    for line in order.lines:
        whole = plus(whole, line.total)
    if not whole:
        return _NO_SHARES
    shares: dict[str, Decimal] = {}
    rest = discount
    for line in order.lines:
        share = shares[line.id] = _share(discount, line.total, whole, unit)
        rest = less(rest, share)
    shares[line.id] = plus(share, rest)
    return shares


def _cost_kept(order: Order, altered: Iterable[_Part]) -> Decimal:
    """What is kept of an order costs, with all charges as they were agreed first."""
    unit = smallest_unit(order.currency)
    cost, shares = order.total, _shares(order, unit)
    for part in altered:
        line = part[0]
        worth = less(line.total, shares[line.id]) if shares else line.total
        cost = plus(less(cost, worth), _cost(worth, part, unit))
    return cost


def _cost(worth: Decimal, part: _Part, unit: Decimal) -> Decimal:
    """What is kept of a line costs: what it is worth less what those units were worth that go."""
    line, units_asked, units_kept, _ = part
    cost = worth
    for units, whole in ((units_asked, line.units), (units_kept, units_asked)):
        if not units:
            return _NOTHING
        if units != whole:
            cost = less(cost, _share(cost, whole - units, whole, unit))
    return cost


def _share(amount: Decimal, part: Decimal | int, whole: Decimal | int, unit: Decimal) -> Decimal:
    """So much of an amount as a part is of the whole, rounded once, to the unit of a currency.

    Where that is not known, to the last digit that an amount may have.

    A quotient of amounts is either half a unit exactly, or further from it than a hundred digits
    can hide.
    """
    return rounded(_ratio(times(amount, part), whole), unit or _FINEST)
