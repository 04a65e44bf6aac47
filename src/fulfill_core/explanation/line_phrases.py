"""What became of each line of an order, in words: what it got from where, what is missing why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.lines import Backorder, LineStatus, Short, ShortReason
from fulfill_core.explanation.rivals import Owners, since_when
from fulfill_core.orders.dates import departure_by_line

_SHORT_BECAUSE = {
    ShortReason.UNKNOWN_SKU: "the stock does not know this item",
    ShortReason.OUT_OF_STOCK: "{on_shelf}, and it may not be backordered",
    ShortReason.NOT_SOURCED: "{on_shelf}, and more at locations that may not serve this order",
    ShortReason.LINE_SHIPS_WHOLE: "{on_shelf}, and it ships whole or not at all",
    ShortReason.ORDER_SHIPS_COMPLETE: "it is there, but the order ships complete, and something"
    " else will not come",
    ShortReason.LOT_UNAVAILABLE: "of lot {lot}, {on_shelf}",
    ShortReason.RING_FENCED: "{on_shelf} for this order; the others are kept for other orders",
    ShortReason.CUSTOMER_CAP: "one customer may not have more",
    ShortReason.BACKORDER_CAP: "{on_shelf}, and no more of it may be backordered",
    ShortReason.AT_CAPACITY: "{on_shelf}, and more at locations that take on no further orders"
    " today",
    ShortReason.LOT_LIFE: "{on_shelf} that would last until it arrives",
    ShortReason.GIVEN_TO_OTHERS: "the plan for all orders gives it to others",
    ShortReason.RESERVED_UNUSABLE: "so many are reserved for it and can't be used",
}


class _OfLine(Protocol):
    """What says of which line it is: an allocation, a reservation, a backorder, a short."""

    @property
    def line_id(self) -> str: ...


T = TypeVar("T", bound=_OfLine)


class LinePhrases:
    """What can be said of the lines of one order, line by line.

    All is put in order by line once: an order may have thousands of them.

    Args:
        decision: what was decided for the order.
        places: the names of locations, by id.
        owners: who has reserved what it lacks.
        is_strategic: whether a re-allocation gave it a strategy.
    """

    def __init__(
        self,
        decision: Decision,
        places: Mapping[str, str],
        owners: Owners,
        *,
        is_strategic: bool,
    ) -> None:
        self._decision = decision
        self._places = places
        self._owners = owners
        self._is_strategic = is_strategic
        self._lines_on_hold = decision.held_lines
        self._departure_of = departure_by_line(decision.order)
        self._lots = {line.id: line.lot for line in decision.order.lines}
        self._reserved = _by_line(decision.reserved)
        self._allocations = _by_line(decision.allocations)
        self._backorders = _by_line(decision.backorders)
        self._shorts = _by_line(decision.shorts)

    def of(self, status: LineStatus) -> Iterable[str]:
        """What a line got from where, and what is missing why."""
        if status.shipped:
            yield f"{status.shipped} shipped before"
        if status.cancelled:
            yield f"{status.cancelled} cancelled"
        if status.untracked:
            yield "needs no stock"
        if status.reserved:
            yield f"{status.reserved} reserved before ({', '.join(self._reserved_before(status))})"
        for allocation in self._allocations.get(status.line_id, ()):
            what = _what(allocation.sku, status)
            place = self._places[allocation.location]
            yield f"{allocation.quantity}{what} from {place}{of_lot(allocation.lot)}"
        for backorder in self._backorders.get(status.line_id, ()):
            yield from self._awaits(backorder, status)
        for short in self._shorts.get(status.line_id, ()):
            yield f"{short.quantity} missing: {self._because(short)}"
        if status.scheduled:
            yield f"{status.scheduled} not looked at yet{self._until(status.line_id)}"
        if status.line_id in self._lines_on_hold:
            units = f"{status.held} on hold" if status.held else "on hold"
            yield f"{units} until a person has looked at it"

    def _until(self, line_id: str) -> str:
        """Until when, of a line that waits for its time while others go on."""
        after = self._departure_of(line_id)
        if line_id not in self._decision.scheduled_lines or after is None:
            return ""
        return f": it is not due before {instant_of(after, self._decision)}"

    def _reserved_before(self, status: LineStatus) -> Iterable[str]:
        """What was reserved for a line, where and since when; of a kit, which component."""
        for each in self._reserved.get(status.line_id, ()):
            place = f"{self._places[each.location]}{of_lot(each.lot)}"
            yield f"{each.quantity}{_what(each.sku, status)} from {place}{since_when(each.made_at)}"

    def _awaits(self, backorder: Backorder, status: LineStatus) -> Iterable[str]:
        """What a line waits for; of a kit, which component."""
        what = _what(backorder.sku, status)
        if backorder.on_hand:
            yield f"{backorder.on_hand}{what} available, to wait for the rest of the order"
        units = backorder.quantity - backorder.on_hand
        if not units:
            return
        date = "without a date yet"
        if backorder.expected_at is not None:
            day = _checks.in_zone(backorder.expected_at, self._decision.timezone)
            date = f"expected on {day:%Y-%m-%d} with {backorder.supply_id}"
        elif backorder.supply_id:
            date = f"with {backorder.supply_id}, which is overdue"
        yield f"{units}{what} on backorder, {date}"

    def _because(self, short: Short) -> str:
        if short.reason is ShortReason.GIVEN_TO_OTHERS and self._is_strategic:
            return "with its strategy it gains nothing"
        on_shelf = f"there were {short.available}"
        if not short.available:  # somebody may have it whom nobody sees in this run
            on_shelf = self._owners.get((short.sku, True)) or "there were none"
        if short.available == 1:
            on_shelf = "there was 1"
        lot = self._lots.get(short.line_id, "")
        return _SHORT_BECAUSE[short.reason].format(on_shelf=on_shelf, lot=lot)


def _by_line(parts: Iterable[T]) -> dict[str, list[T]]:
    """The parts of a decision by line id, in their sequence."""
    by_line: dict[str, list[T]] = {}
    for part in parts:
        by_line.setdefault(part.line_id, []).append(part)
    return by_line


def _what(sku: str, status: LineStatus) -> str:
    """Of which component, if the line asks for a kit."""
    return "" if sku == status.sku else f" of {sku}"


def of_lot(lot: str) -> str:
    """Of which lot, if it is of one."""
    return f" (lot {lot})" if lot else ""


def instant_of(instant: datetime | None, decision: Decision) -> str:
    """An instant by the clock of those who are told of it."""
    local = instant and _checks.in_zone(instant, decision.timezone)
    return f"{local:%Y-%m-%d %H:%M %Z}"
