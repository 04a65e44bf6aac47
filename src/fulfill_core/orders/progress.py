"""How far the lines of an order have come: what was cancelled, has left, came back, goes again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.orders.order import Order, OrderLine, line_with_units

Parts: TypeAlias = tuple[tuple[str, int], ...]
"""SKUs and units, by SKU."""


def _to_parts(parts: Mapping[str, int] | Iterable[tuple[str, int]]) -> Parts:
    """Pairs by SKU; what is neither a mapping nor pairs stays for the check."""
    if isinstance(parts, Mapping):
        return tuple(cast("Mapping[str, int]", parts).items())
    return _checks.to_tuple(parts)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Progress:
    """How far one line has come, in stock units; for a line that asks for kits, in kits.

    All counters only grow: what happened has happened. Nothing is checked against what was ordered:
    a fact is recorded, and what is beyond is the surplus.

    Args:
        line_id: the line.
        cancelled: will not be sent any more, whoever decided that.
        shipped: has left.
        delivered: has arrived.
        lost: has left and will not arrive.
        returned: came back.
        reopened: is to be sent again, such as for what was lost.
        parts: of a line that asks for kits, what has left beyond whole kits: components and units,
            as a mapping or as pairs.

    Raises:
        InvalidValueError: a counter below zero, and the like.

    >>> Progress(line_id="1", shipped=3)
    Progress(line_id='1', cancelled=0, shipped=3, delivered=0, lost=0, returned=0, reopened=0, \
parts=())
    """

    line_id: str
    cancelled: int = 0
    shipped: int = 0
    delivered: int = 0
    lost: int = 0
    returned: int = 0
    reopened: int = 0
    parts: Parts = attrs.field(default=(), converter=_to_parts)

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Progress.line_id", self.line_id)
        for name in COUNTERS:
            _checks.check_int(f"Progress.{name}", getattr(self, name), at_least=0)
        _checks.check_rows("Progress.parts", self.parts, 2)
        for sku, units in self.parts:
            _checks.check_id("Progress.parts (SKU)", sku)
            _checks.check_int(f"Progress.parts[{sku!r}]", units, at_least=1)
        _checks.check_unique("Progress.parts", (sku for sku, _ in self.parts), "SKU")
        _checks.set_field(self, "parts", tuple(sorted(self.parts)))

    def due(self, line: OrderLine) -> int:
        """Units of the line that were to be sent in all: ordered - cancelled + reopened, or 0."""
        return max(0, line.units - self.cancelled + self.reopened)

    def open(self, line: OrderLine) -> int:
        """Units of the line that are still to be served: what is due and has not left."""
        return max(0, self.balance(line.units))

    def surplus(self, line: OrderLine) -> int:
        """Units that left, or were cancelled, beyond what the line asks for."""
        return max(0, -self.balance(line.units))

    def balance(self, ordered: int) -> int:
        """Units of so many that are open; below zero, so many are surplus."""
        return ordered - self.cancelled - self.shipped + self.reopened

    def not_sent(self, line: OrderLine) -> int:
        """Units of the line that were cancelled, as far as they have not left all the same.

        >>> line = OrderLine(id="1", sku="mug", quantity=3)
        >>> Progress(line_id="1", cancelled=3, shipped=1).not_sent(line)
        2
        """
        return min(self.cancelled, max(0, line.units + self.reopened - self.shipped))

    def credited(self) -> int:
        """Units that came back and cost nothing any more: those that are not sent again.

        What goes again takes the place of what was lost first.

        >>> Progress(line_id="1", shipped=3, lost=1, returned=2, reopened=2).credited()
        1
        """
        return max(0, self.returned - max(0, self.reopened - self.lost))

    def added(self, units: Mapping[str, int]) -> Progress:
        """The progress after so many units more, by counter.

        >>> Progress(line_id="1", shipped=3).added({"shipped": 1, "cancelled": 2}).shipped
        4
        """
        unknown = sorted(units.keys() - set(COUNTERS))
        if unknown:
            raise _checks.refuse(
                "Progress.added.units", unknown[0], f"is no counter; pass some of {COUNTERS}"
            )
        return attrs.evolve(
            self, **{name: getattr(self, name) + amount for name, amount in units.items()}
        )

    def in_whole_kits(self, recipe: Parts) -> Progress:
        """The progress of a line whose kits are made of *recipe*: no whole kit among the parts."""
        parts = dict(self.parts)
        kits = min([parts.get(sku, 0) // units_each for sku, units_each in recipe], default=0)
        if not kits:
            return self
        rest = {sku: parts[sku] - kits * units_each for sku, units_each in recipe}
        return attrs.evolve(
            self,
            shipped=self.shipped + kits,
            parts=tuple([(sku, units) for sku, units in {**parts, **rest}.items() if units]),
        )


def is_settled(order: Order, progress: Sequence[Progress]) -> bool:
    """Whether nothing of an order is open any more: all has left, or was cancelled.

    Args:
        order: the order.
        progress: how far its lines have come, by line id, at most one per line.
    """
    if len(progress) < len(order.lines) or not progress:
        return False
    return not any([each.open(line) for line, each in zip(order.lines, progress, strict=True)])


def settled_lines(order: Order, progress: Iterable[Progress]) -> frozenset[str]:
    """The lines of an order, by id, of which nothing is open."""
    progress_by_line = {each.line_id: each for each in progress}
    return frozenset(
        [
            line.id
            for line in order.lines
            if line.id in progress_by_line and not progress_by_line[line.id].open(line)
        ]
    )


def has_left(progress: Iterable[Progress]) -> bool:
    """Whether something of an order has left, if only a part of a kit."""
    return any([each.shipped or each.parts for each in progress])


def lines_due(lines: Iterable[OrderLine], progress: Iterable[Progress]) -> tuple[OrderLine, ...]:
    """The lines as they are to be sent in all: without what was cancelled, with what goes again.

    Lines of which nothing is to be sent are left out.

    Args:
        lines: lines of an order.
        progress: how far they have come, at most one per line.
    """
    progress_by_line = {each.line_id: each for each in progress}
    due: list[OrderLine] = []
    for line in lines:
        line_progress = progress_by_line.get(line.id)
        units = line.units if line_progress is None else line_progress.due(line)
        if units:
            due.append(line if units == line.units else line_with_units(line, units))
    return tuple(due)


def shipped_by_line(
    lines: Iterable[OrderLine], progress: Iterable[Progress], recipes: Mapping[str, Parts]
) -> dict[tuple[str, str], int]:
    """Units that have left, by line and SKU, kits taken apart.

    Args:
        lines: lines of an order.
        progress: how far they have come, at most one per line.
        recipes: what the kits of the lines that ask for kits are made of, by line id.
    """
    progress_by_line = {each.line_id: each for each in progress}
    units: dict[tuple[str, str], int] = {}
    for line in lines:
        line_progress = progress_by_line.get(line.id)
        if line_progress is None or not (line_progress.shipped or line_progress.parts):
            continue
        parts = dict(line_progress.parts)
        for sku, units_each in recipes.get(line.id) or ((line.sku, 1),):
            units[line.id, sku] = line_progress.shipped * units_each + parts.get(sku, 0)
    return units


COUNTERS = ("cancelled", "shipped", "delivered", "lost", "returned", "reopened")
