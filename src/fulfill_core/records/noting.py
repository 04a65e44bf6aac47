"""What a step hands on to the next one of the same order, if that is large.

To find an event among thousands, or to add up what thousands of lines cost, is work that the step
before has done. It travels with the record that it made, as no part of it: whoever reads the record
from a database has it worked out once more. Each part is used only where the record still has what
it was worked out of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from fulfill_core.inventory.overlay import Overlay
from fulfill_core.orders.due import Bill
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import NO_PROGRESS, Parts, Progress
from fulfill_core.orders.sequences import MANY, line_id_of, member_of

if TYPE_CHECKING:  # history imports the record, and that its notes
    from fulfill_core.records.history import Parcel, Return


class Receipts(NamedTuple):
    """What came back of an order, all of which was out, so that all of it counts.

    Args:
        returns: the returns.
        progress: how far its lines have come.
        by_line: how many units came back in all, by line id.
    """

    returns: tuple[Return, ...]
    progress: tuple[Progress, ...]
    by_line: Overlay[str, int]

    def is_of(self, returns: tuple[Return, ...], progress: tuple[Progress, ...]) -> bool:
        """Whether it is about these."""
        return self.returns is returns and self.progress is progress

    def after(
        self,
        returns: tuple[Return, ...],
        progress: tuple[Progress, ...],
        pair: tuple[Return | None, Return] | None,
        line_ids: Iterable[str],
    ) -> Receipts | None:
        """The same once one of them is other; None if then something came back that was not out.

        Args:
            returns: all of them then.
            progress: how far lines have come then.
            pair: the one that is other, if one is, as it was and as it is.
            line_ids: the lines that have come further, or less far.
        """
        units = dict.fromkeys(line_ids, 0)
        before, after = (None, None) if pair is None else pair
        for line_id, amount in () if before is None else before.received:
            units[line_id] = units.get(line_id, 0) - amount
        for line_id, amount in () if after is None else after.received:
            units[line_id] = units.get(line_id, 0) + amount
        changes: dict[str, int | None] = {}
        for line_id, more in units.items():
            units_back = (self.by_line.get(line_id) or 0) + more
            each = member_of(progress, line_id, line_id_of) or NO_PROGRESS
            if units_back > each.shipped - each.lost:
                return None
            if more:
                changes[line_id] = units_back or None
        return Receipts(returns, progress, self.by_line.with_changes(changes))


FateRow: TypeAlias = tuple[Parts, Mapping[tuple[str, str], int]]
"""What a kit is made of, and units by fate and SKU: see `PartFates`."""


class PartFates(NamedTuple):
    """What became of components that left alone: of a kit in many parcels it is a long way to add.

    Args:
        parcels: the parcels.
        by_line: by line id what a kit is made of, and units by fate and SKU: ``left``, and of these
            ``lost`` and ``arrived``; and how many kits are to be sent ``again``, or ``credit``-ed.
    """

    parcels: tuple[Parcel, ...]
    by_line: Mapping[str, FateRow]


class Holdings(NamedTuple):
    """What an order has, of which nothing was beyond what was open of its lines.

    Args:
        batches: what is reserved for it, as the stock has it.
        claims: what it has claimed, likewise.
        progress: how far its lines had come.
    """

    batches: object
    claims: object
    progress: tuple[Progress, ...]

    def is_of(self, batches: object, claims: object, progress: tuple[Progress, ...]) -> bool:
        """Whether it is about the very same: nobody gave it anything since."""
        return self.batches is batches and self.claims is claims and self.progress is progress


class Notes(NamedTuple):
    """What a step hands on.

    Args:
        applied: the events that are in the record, each with a digest of its content.
        digests: these digests, by event id.
        bill: what the order costs, its lines added up; None if nobody asked.
        receipts: what came back; None if some of it does not count.
        holdings: what it has; None if nobody looked whether that is too much.
        fates: what became of components that left alone; None if none did.
    """

    applied: tuple[tuple[str, str], ...]
    digests: Overlay[str, str]
    bill: Bill | None
    receipts: Receipts | None
    holdings: Holdings | None
    fates: PartFates | None


_NO_DIGESTS: Overlay[str, str] = Overlay({})


def notes_of_small(bill: Bill | None, fates: PartFates | None) -> Notes:
    """What an order costs, and what of kits left: all that a step of a small one hands on.

    Args:
        bill: what it costs, if somebody asked.
        fates: what became of components that left alone, if any did.
    """
    return Notes((), _NO_DIGESTS, bill, None, None, fates)


def is_large(order: Order, applied: tuple[tuple[str, str], ...]) -> bool:
    """Whether it pays to hand on all of it: of few lines and events it is worked out in less."""
    return len(applied) >= MANY or len(order.lines) >= MANY


def digest_in(
    applied: tuple[tuple[str, str], ...], notes: Notes | None, event_id: str
) -> str | None:
    """The digest of an event that is in a record; None if it is not.

    Args:
        applied: the events that are in it.
        notes: what the step that made it handed on.
        event_id: which one.
    """
    if notes is not None and notes.applied is applied:
        return notes.digests.get(event_id)
    for each_id, digest in applied:
        if each_id == event_id:
            return digest
    return None


def digests_after(
    notes: Notes | None, before: tuple[tuple[str, str], ...], applied: tuple[tuple[str, str], ...]
) -> Overlay[str, str]:
    """The digests of events by id, after a step.

    Args:
        notes: what the step before handed on.
        before: the events that were in the record before the step.
        applied: those that are in it now: as before, and after them others.
    """
    if notes is not None and notes.applied is before:
        return notes.digests.with_changes(dict(applied[len(before) :]))
    return Overlay(dict(applied))


def receipts_of(
    returns: tuple[Return, ...],
    accepted: Iterable[tuple[Return, bool]],
    progress: tuple[Progress, ...],
) -> Receipts | None:
    """What came back of an order; None if some of it does not count.

    Args:
        returns: all of the order's.
        accepted: the same, each with whether what came back counts.
        progress: how far its lines have come.
    """
    by_line: dict[str, int] = {}
    for each, has_room in accepted:
        if each.received and not has_room:
            return None
        for line_id, units in each.received:
            by_line[line_id] = by_line.get(line_id, 0) + units
    return Receipts(returns, progress, Overlay(by_line))
