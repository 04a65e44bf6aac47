"""What an order costs: all of it, what of it has left, and what a part that leaves has to bring.

Amounts of parts are differences of rounded running totals, so that they always add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from fulfill_core._checks import EXACT
from fulfill_core.orders.money import at_precision
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.orders.progress import NO_PROGRESS, Progress

_NOTHING = Decimal(0)
_NONE_LEAVING: Mapping[str, int] = {}


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


class _Part(NamedTuple):
    """What a line costs, and how far it has come.

    Args:
        worth: what it costs in all, its share of the order's discount taken off.
        cost: what is kept of it costs.
        units: stock units of it, kept or not, as agreed.
        units_kept: how many of them the customer keeps, or will get.
        units_gone: how many of those have left.
    """

    worth: Decimal
    cost: Decimal
    units: int
    units_kept: int
    units_gone: int


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
    """What an order costs, worked out line by line once for all that is asked of it.

    Args:
        order: the order.
        progress: how far its lines have come, at most one per line.
        adjustment: what was agreed since. A credit lowers what is due to zero at most.
        leaving: stock units that leave now, by line id.
    """

    __slots__ = ("_adjustment", "_due", "_leaving", "_order", "_parts", "_progress")

    def __init__(
        self,
        order: Order,
        progress: Iterable[Progress],
        adjustment: Adjustment = NO_ADJUSTMENT,
        leaving: Mapping[str, int] | None = None,
    ) -> None:
        self._order = order
        self._progress = {each.line_id: each for each in progress}
        self._adjustment = adjustment
        self._leaving = leaving or _NONE_LEAVING
        self._parts: list[_Part] | None = None
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
            self._due = self._worked_out()
        return self._due

    def money_left(self, charges: Charges = Charges.FIRST) -> Decimal:
        """What of the order costs that has left, or leaves now: never more than is due.

        Args:
            charges: with which parcel shipping and other charges are paid.
        """
        parts = self._lines()
        if not any([part.units_gone for part in parts]):
            return _NOTHING
        if all([part.units_gone == part.units_kept for part in parts]):
            return self.due()
        currency, adjustment = self._order.currency, self._adjustment
        charge = EXACT.add(self._order.total, adjustment.charges)
        cost_gone = cost_kept = _NOTHING
        for worth, cost, _, units_kept, units_gone in parts:
            charge = EXACT.subtract(charge, worth)
            cost_kept = EXACT.add(cost_kept, cost)
            share = _share(cost, units_gone, units_kept, currency)
            cost_gone = EXACT.add(cost_gone, share)
        if charges is Charges.FIRST:
            owed = EXACT.add(cost_gone, charge)
        elif charges is Charges.LAST or not cost_kept:
            owed = cost_gone
        else:
            owed = EXACT.add(cost_gone, _part(charge, cost_gone, cost_kept, currency))
        return owed if adjustment is NO_ADJUSTMENT else min(owed, self.due())

    def _lines(self) -> list[_Part]:
        if self._parts is None:
            self._parts = _parts(self._order, self._progress, self._leaving)
        return self._parts

    def _worked_out(self) -> Decimal:
        """What is kept costs, with all charges; where nothing is kept, nothing is due."""
        progress, adjustment = self._progress.values(), self._adjustment
        is_whole = not any([each.cancelled or each.returned or each.credited for each in progress])
        if is_whole and adjustment is NO_ADJUSTMENT:
            return self._order.total
        parts = self._lines()
        if not any([part.units_kept for part in parts]):
            return _NOTHING
        due = self._order.total
        for part in parts:
            if part.units_kept != part.units:  # of most lines all is kept
                due = EXACT.add(EXACT.subtract(due, part.worth), part.cost)
        if adjustment is NO_ADJUSTMENT:
            return due
        due = EXACT.add(due, adjustment.charges)
        return max(_NOTHING, EXACT.subtract(due, adjustment.credit))


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


def _parts(
    order: Order, progress_by_line: Mapping[str, Progress], leaving: Mapping[str, int]
) -> list[_Part]:
    """What each line costs, and how far it has come."""
    # What was agreed and is not the sum is taken off, or put on, as a discount is.
    discount = order.discount
    if order.agreed_total is not None:
        discount = EXACT.add(discount, EXACT.subtract(order.calculated_total, order.total))
    shares = [_NOTHING] * len(order.lines)
    if discount:
        shares = _shares(discount, order.lines, order.currency)
    parts: list[_Part] = []
    for line, share in zip(order.lines, shares, strict=True):
        progress = progress_by_line.get(line.id, NO_PROGRESS)
        worth = EXACT.subtract(line.total, share) if share else line.total
        units = line.units
        units_left = progress.shipped + leaving.get(line.id, 0)
        if not (progress.cancelled or progress.returned or progress.credited):  # as of most lines
            parts.append(_Part(worth, worth, units, units, min(units_left, units)))
            continue
        credited = progress.units_credited()
        units_asked = max(0, units - progress.reduced)
        units_sent = units - progress.not_sent(line)
        units_kept = max(0, units_sent - credited)
        units_gone = max(0, min(units_left, units_sent) - credited)
        # The line may have been lowered: then so much of it is asked for as is ordered still.
        cost = _rest(worth, units_asked, units, order.currency)
        cost = _rest(cost, units_kept, units_asked, order.currency)
        parts.append(_Part(worth, cost, units, units_kept, units_gone))
    return parts


def _shares(discount: Decimal, lines: Iterable[OrderLine], currency: str) -> list[Decimal]:
    """Each line's share of a discount, by value; the last line has the rest."""
    values = [line.total for line in lines]
    whole = _NOTHING
    for value in values:
        whole = EXACT.add(whole, value)
    shares: list[Decimal] = []
    rest = discount
    for value in values:
        share = _NOTHING
        if whole:
            share = _part(discount, value, whole, currency)
        shares.append(share)
        rest = EXACT.subtract(rest, share)
    if shares and whole:
        shares[-1] = EXACT.add(shares[-1], rest)
    return shares


def _rest(amount: Decimal, units_kept: int, whole: int, currency: str) -> Decimal:
    """What the units that are kept cost: the amount less what those that go were worth."""
    if units_kept == whole:
        return amount
    return EXACT.subtract(amount, _share(amount, whole - units_kept, whole, currency))


def _share(amount: Decimal, units: int, whole: int, currency: str) -> Decimal:
    """What so many of the units cost that cost an amount together."""
    if units == whole:
        return amount
    return _part(amount, Decimal(units), Decimal(whole), currency) if units else _NOTHING


def _part(amount: Decimal, value: Decimal, whole: Decimal, currency: str) -> Decimal:
    """So much of an amount as a value is of the whole, rounded once, to the digits of a currency.

    A quotient of amounts is either half a unit exactly, or further from it than a hundred digits
    can hide.
    """
    return at_precision(EXACT.divide(EXACT.multiply(amount, value), whole), currency)
