"""What an order costs: all of it, what of it has left, and what a part that leaves has to bring.

Amounts of parts are differences of rounded running totals, so that they always add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from fulfill_core._checks import EXACT
from fulfill_core.orders.money import at_precision, less, plus, rounded, smallest_unit, times
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.orders.progress import Progress, is_settled, units_uncharged
from fulfill_core.orders.sequences import by_id

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
    """With the first parcel that leaves; what is not sent anywhere, such as a download, is none."""
    LAST = "last"
    """With the last one."""
    SHARE = "share"
    """With each of them, by the value of what has left."""


_FIRST, _LAST = Charges.FIRST, Charges.LAST
_Part: TypeAlias = tuple[OrderLine, tuple[int, int], int, int]
"""A line to which something has happened: how many stock units of it are asked for still, and by
how many it was lowered of those that it had been raised by; how many the customer keeps, or will
get, and how many of these have left."""


class Adjustment(NamedTuple):
    """What was agreed of an order's money since it was placed, beside its lines.

    Args:
        charges: by how much shipping costs more now, or less.
        credit: what was granted off what is due.
        final_charge: what shipping costs where nothing of the order is kept, as was said with what
            came back, or was lost; else it goes back with the last of it.

    >>> Adjustment(credit=Decimal(5)).charges
    Decimal('0')
    """

    charges: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    final_charge: Decimal = Decimal(0)


NO_ADJUSTMENT = Adjustment()


class _Sums(NamedTuple):
    """What lines come to: one of them, or all of an order.

    Args:
        lines_kept: of how many something is kept.
        lines_gone: of how many something of that has left.
        lines_sent: of how many of those in a parcel.
        lines_awaited: of how many something of that has not.
        reduction: what is not kept is worth.
        cost_gone: what has left of what is kept costs.
    """

    lines_kept: int
    lines_gone: int
    lines_sent: int
    lines_awaited: int
    reduction: Decimal
    cost_gone: Decimal

    def plus(self, more: _Sums) -> _Sums:
        """What both come to together."""
        return _Sums(
            self.lines_kept + more.lines_kept,
            self.lines_gone + more.lines_gone,
            self.lines_sent + more.lines_sent,
            self.lines_awaited + more.lines_awaited,
            plus(self.reduction, more.reduction),
            plus(self.cost_gone, more.cost_gone),
        )

    def less(self, fewer: _Sums) -> _Sums:
        """What is left without others that are among them."""
        return _Sums(
            self.lines_kept - fewer.lines_kept,
            self.lines_gone - fewer.lines_gone,
            self.lines_sent - fewer.lines_sent,
            self.lines_awaited - fewer.lines_awaited,
            less(self.reduction, fewer.reduction),
            less(self.cost_gone, fewer.cost_gone),
        )


_NO_SUMS = _Sums(0, 0, 0, 0, _NOTHING, _NOTHING)


class Bill:
    """What an order costs, worked out once for all that is asked of it.

    Of most lines all is kept, and costs what it did: what is due is worked out of the others. Units
    are counted before anything is multiplied. Of an order of thousands of lines the next one adds
    up those lines alone that moved: see `after`.

    Args:
        order: the order.
        progress: how far its lines have come, at most one per line.
        adjustment: what was agreed since. A credit lowers what is due to zero at most.
        leaving: stock units that leave now, by line id.
    """

    __slots__ = (
        *("_adjustment", "_due", "_leaving", "_order", "_parts", "_payable", "_progress"),
        *("_is_open", "_shares", "_sums"),
    )

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
        self._parts: dict[str, _Part] | None = None
        self._due: Decimal | None = None
        self._payable: Decimal | None = None
        self._is_open: bool | None = None
        self._shares: Mapping[str, Decimal] | None = None
        self._sums: _Sums | None = None

    def is_of(self, order: Order, progress: tuple[Progress, ...]) -> bool:
        """Whether it is of these lines, as far as they have come.

        Nobody asks with other charges: what sending costs moves in the record, and a record with
        another order hands nothing on (see `Notes`).
        """
        return self._order.lines is order.lines and self._progress is progress

    def is_open(self) -> bool:
        """Whether something of the order is open: it is asked after each event of money."""
        if self._is_open is None:
            order = self._order
            self._is_open = bool(order.lines) and not is_settled(order, self._progress)
        return self._is_open

    @property
    def is_added_up(self) -> bool:
        """Whether what all lines come to is kept: see `add_up`."""
        return self._sums is not None

    def after(
        self,
        order: Order,
        progress: Iterable[Progress],
        moves: Mapping[str, tuple[Progress | None, Progress | None]],
        adjustment: Adjustment,
    ) -> Bill:
        """What the same lines cost once some have moved.

        Args:
            order: the order, with the same lines and charges; its payments may be others.
            progress: how far its lines have come then.
            moves: how far some of them had come, and have, by line id: those that moved.
            adjustment: what is agreed then.
        """
        bill = Bill(order, progress, adjustment)
        sums, lines, unit = self.add_up(), by_id(order.lines), smallest_unit(order.currency)
        shares = bill._shares = self._shares or _NO_SHARES
        for line_id, (before, after) in moves.items():
            line = lines[line_id]
            worth = less(line.total, shares[line_id]) if shares else line.total
            sums = sums.less(_sums_of(line, before, worth, unit))
            sums = sums.plus(_sums_of(line, after, worth, unit))
        bill._sums = sums
        return bill

    def add_up(self) -> _Sums:
        """What all lines come to, kept from then on: it pays for an order of many (see `after`)."""
        if self._sums is None:
            order, unit, sums = self._order, smallest_unit(self._order.currency), _NO_SUMS
            shares = self._shares = _shares(order, unit)
            progress = {each.line_id: each for each in self._progress}
            for line in order.lines:
                worth = less(line.total, shares[line.id]) if shares else line.total
                sums = sums.plus(_sums_of(line, progress.get(line.id), worth, unit))
            self._sums = sums
        return self._sums

    def due(self) -> Decimal:
        """What the order costs in all: its total less what was cancelled or came back.

        What has left stays in, whether it was cancelled or not; shipping, tax and charges do, as
        long as anything is left to be paid for. Of the order's discount each line has its share, by
        value, rounded half up to the digits of the currency, the last line the rest; so it is with
        what was agreed beside the sum. What is cancelled of a line takes its part of that share
        along. Where nothing is kept nothing is due, but what sending costs by whoever says that it
        came back, or was lost.
        """
        if self._due is None:
            adjustment = self._adjustment
            cost = self._cost_kept()
            if adjustment is not NO_ADJUSTMENT:
                cost = self._final_charge() if cost is None else plus(cost, adjustment.charges)
                cost = max(_NOTHING, less(cost, adjustment.credit))
            self._due = _NOTHING if cost is None else cost
        return self._due

    def _final_charge(self) -> Decimal:
        """What sending costs where nothing is kept: what never left was not sent."""
        has_left = any([each.shipped for each in self._progress])
        return self._adjustment.final_charge if has_left else _NOTHING

    @property
    def is_of_nothing(self) -> bool:
        """Whether nothing of the order is kept: all was cancelled, came back, or was lost."""
        return self._cost_kept() is None

    def payable(self) -> Decimal:
        """What is due as it can be paid, in whole cents or what its currency has."""
        if self._payable is None:
            self._payable = at_precision(self.due(), self._order.currency)
        return self._payable

    def _cost_kept(self) -> Decimal | None:
        """What is kept costs, with all charges as they were agreed first; None of nothing."""
        order, sums = self._order, self._sums
        if sums is not None:
            return less(order.total, sums.reduction) if sums.lines_kept else None
        altered = self._altered()
        if not altered and (order.lines or self._adjustment is NO_ADJUSTMENT):
            return order.total
        if len(altered) == len(order.lines) and not any([part[2] for part in altered.values()]):
            return None
        unit = smallest_unit(order.currency)
        cost, shares = order.total, _shares(order, unit)
        for part in altered.values():
            line = part[0]
            worth = less(line.total, shares[line.id]) if shares else line.total
            cost = less(cost, _reduction(worth, part, unit))
        return cost

    def money_left(self, charges: Charges = Charges.FIRST) -> Decimal:
        """What of the order costs that has left, or leaves now: never more than is due.

        Args:
            charges: with which parcel shipping and other charges are paid.
        """
        if self._sums is not None:
            return self._money_gone(charges, self._sums)
        order, altered = self._order, self._altered()
        units_left = dict(self._leaving)
        for each in self._progress:
            units_left[each.line_id] = each.shipped + units_left.get(each.line_id, 0)
        if order.lines and _are_all_gone(order.lines, altered, units_left):
            return self.due()
        parts: list[_Part] = []
        for line in order.lines:
            part = altered.get(line.id)
            if part is None:
                units_kept, units_gone = line.units, units_left.get(line.id, 0)
                if units_gone > units_kept:  # noqa: PLR1730 - `min` takes as long as all the rest
                    units_gone = units_kept
                part = line, (units_kept, 0), units_kept, units_gone
            else:
                units_gone = part[3]
            if units_gone:
                parts.append(part)
        if not parts:
            return _NOTHING
        unit = smallest_unit(order.currency)
        shares = _shares(order, unit)
        owed, is_sent = _NOTHING, False
        for part in parts:
            line = part[0]
            is_sent = is_sent or line.ships
            worth = less(line.total, shares[line.id]) if shares else line.total
            cost = _cost_gone(part, worth, unit)
            owed = plus(owed, cost) if owed else cost
        return self._with_charge(charges, owed, shares, is_sent=is_sent)

    def _money_gone(self, charges: Charges, sums: _Sums) -> Decimal:
        """What of the order costs that has left, of lines that are added up."""
        if not sums.lines_awaited:
            return self.due()
        if not sums.lines_gone:
            return _NOTHING
        shares, is_sent = self._shares or _NO_SHARES, bool(sums.lines_sent)
        return self._with_charge(charges, sums.cost_gone, shares, is_sent=is_sent)

    def _with_charge(
        self,
        charges: Charges,
        cost_gone: Decimal,
        shares: Mapping[str, Decimal],
        *,
        is_sent: bool,
    ) -> Decimal:
        """What is to be paid when lines that cost so much have left, some in parcels, not all."""
        owed = cost_gone
        if charges is not _LAST and (is_sent or charges is not _FIRST):
            owed = plus(owed, self._charge(charges, cost_gone, shares))
        return owed if self._adjustment is NO_ADJUSTMENT else min(owed, self.due())

    def _charge(
        self, charges: Charges, cost_gone: Decimal, shares: Mapping[str, Decimal]
    ) -> Decimal:
        """What of the charges is paid when lines that cost so much have left."""
        order = self._order
        charge, discount = order.shipping, _discount(order)
        if order.tax:
            charge = plus(charge, order.tax)
        if discount and not shares:  # the lines cost nothing that it could be taken off
            charge = less(charge, discount)
        more = self._adjustment.charges
        if charges is _FIRST:
            return plus(charge, more) if more else charge
        cost_kept = less(self._cost_kept() or _NOTHING, charge)
        if not cost_kept:
            return _NOTHING
        return _share(plus(charge, more), cost_gone, cost_kept, smallest_unit(order.currency))

    def _altered(self) -> Mapping[str, _Part]:
        """The lines of which some was cancelled, or came back, by id; of others all is kept."""
        if self._parts is None:
            altered = {
                each.line_id: each
                for each in self._progress
                if each.cancelled or each.returned or each.credited
            }
            self._parts = {}
            if altered:
                for line in self._order.lines:
                    progress = altered.get(line.id)
                    if progress is not None:
                        units_leaving = self._leaving.get(line.id, 0)
                        self._parts[line.id] = _part_of(line, progress, units_leaving)
        return self._parts


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


def _are_all_gone(
    lines: Iterable[OrderLine], altered: Mapping[str, _Part], units_left: Mapping[str, int]
) -> bool:
    """Whether all has left that is kept of any line."""
    for line in lines:
        part = altered.get(line.id)
        if part is None:
            if units_left.get(line.id, 0) < line.units:
                return False
        elif part[3] < part[2]:
            return False
    return True


def _part_of(line: OrderLine, progress: Progress, units_leaving: int) -> _Part:
    """How far a line has come of which some was cancelled, or came back."""
    # The line may have been lowered: then so much of it is asked for as is ordered still.
    units_asked = units_sent = line.units
    if progress.cancelled:
        units_asked = max(0, line.units - progress.reduced)
        units_sent = line.units - progress.not_sent(line)
    credited = units_uncharged(progress, line)
    units_kept = units_sent - credited if credited < units_sent else 0
    units_left = progress.shipped + units_leaving
    if units_left >= units_sent:
        units_gone = units_kept
    else:
        units_gone = units_left - credited if credited < units_left else 0
    of_raise = min(progress.reduced, progress.raised)
    return line, (units_asked, of_raise), units_kept, units_gone


def _sums_of(line: OrderLine, progress: Progress | None, worth: Decimal, unit: Decimal) -> _Sums:
    """What a line comes to.

    Args:
        line: the line.
        progress: how far it has come; None if nothing has happened to it.
        worth: what all of it costs, with its share of the discount.
        unit: that of the currency.
    """
    if progress is None:
        return _Sums(1, 0, 0, 1, _NOTHING, _NOTHING)
    part = _part_of(line, progress, 0)
    _, _, units_kept, units_gone = part
    reduction = _NOTHING if units_kept == line.units else _reduction(worth, part, unit)
    cost_gone = _cost_gone(part, worth, unit) if units_gone else _NOTHING
    is_awaited = units_gone != units_kept
    is_gone = bool(units_gone)
    is_sent = is_gone and line.ships
    return _Sums(bool(units_kept), is_gone, is_sent, is_awaited, reduction, cost_gone)


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
    shares = {line.id: _share(discount, line.total, whole, unit) for line in order.lines}
    rest = discount
    for share in shares.values():
        rest = less(rest, share)
    last_id = order.lines[-1].id
    shares[last_id] = plus(shares[last_id], rest)
    return shares


def _reduction(worth: Decimal, part: _Part, unit: Decimal) -> Decimal:
    """What of what a line is worth is not kept: what it was lowered by, then what else goes.

    What it had been raised by comes off at its list price, as it came on.
    """
    line, (units_asked, units_taken_back), units_kept, _ = part
    if not units_kept:
        return worth
    if units_asked == line.units:  # as of most: it was not lowered
        return _share(worth, units_asked - units_kept, units_asked, unit)
    units, reduction = line.units, _NOTHING
    if units_taken_back:
        price = _share(line.unit_price, units_taken_back, line.units_each, unit)
        units, reduction = units - units_taken_back, min(worth, price)
    if units_asked != units:
        rest = less(worth, reduction)
        reduction = plus(reduction, _share(rest, units - units_asked, units, unit))
    if units_kept != units_asked:
        rest = less(worth, reduction)
        reduction = plus(reduction, _share(rest, units_asked - units_kept, units_asked, unit))
    return reduction


def _cost_gone(part: _Part, worth: Decimal, unit: Decimal) -> Decimal:
    """What has left of what is kept of a line costs, if all of it is worth so much."""
    line, _, units_kept, units_gone = part
    cost = worth if units_kept == line.units else less(worth, _reduction(worth, part, unit))
    return cost if units_gone == units_kept else _share(cost, units_gone, units_kept, unit)


def _share(amount: Decimal, part: Decimal | int, whole: Decimal | int, unit: Decimal) -> Decimal:
    """So much of an amount as a part is of the whole, rounded once, to the unit of a currency.

    Where that is not known, to the last digit that an amount may have. A quotient of amounts is
    either half a unit exactly, or further from it than a hundred digits can hide.
    """
    return rounded(_ratio(times(amount, part), whole), unit or _FINEST)
