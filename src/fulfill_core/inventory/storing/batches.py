"""How what an order has reserved is stored: batch by batch, or by line once it has many lines.

Nearly every order has a few lines: it keeps a tuple of batches, and to find a line is to look at
them. An order of thousands of lines that is reserved, shipped or released line by line keeps its
batches by line from the first such call on: a line is found, and changed, without a look at the
others. Whoever asks for all of them reads both forms alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from fulfill_core import _values
from fulfill_core.inventory.overlay import Overlay

# Plain tuples of atoms: small, quick to make, and the garbage collector does not follow them.
Entry: TypeAlias = tuple[str, str, str, int, str]
"""Line id, SKU, location id, quantity, lot: an allocation, and a reservation once it is made."""
Batch: TypeAlias = tuple[datetime | None, datetime | None, tuple[Entry, ...]]
"""When it was made, when it expires, and the entries: what one run reserved for one order."""

_MANY = 64  # of so many lines, a change by line costs less than a copy of all
_FEW = 16  # less than that, so that an order does not change its form with each call


@attrs.frozen(repr=False, weakref_slot=False)
class BatchesByLine:
    """The batches of an order of many lines, each of one line.

    Args:
        by_line: the batches by line id.
        line_count: how many lines there are.
    """

    by_line: Overlay[str, tuple[Batch, ...]]
    line_count: int

    __eq__, __hash__ = _values.EQUALITY

    def __iter__(self) -> Iterator[Batch]:
        for _, batches in self.by_line.items():  # noqa: PERF102 - an overlay has no values()
            yield from batches

    def of_line(self, line_id: str) -> tuple[Batch, ...]:
        """The batches of a line."""
        return self.by_line.get(line_id) or ()

    def with_lines(self, lines: Mapping[str, tuple[Batch, ...] | None]) -> Batches:
        """The batches with these of some lines in place of their own; None for nothing."""
        line_count = self.line_count
        for line_id, batches in lines.items():
            line_count += (batches is not None) - (self.by_line.get(line_id) is not None)
        changed = BatchesByLine(self.by_line.with_changes(lines), line_count)
        return changed if line_count > _FEW else tuple(changed)


Batches: TypeAlias = tuple[Batch, ...] | BatchesByLine
"""What an order has reserved."""


def by_line_if_many(batches: Batches, line_id: str) -> tuple[Batches, tuple[Batch, ...]]:
    """The same batches, by line if they are of many lines; and those in which a line has its units.

    Of an order of few lines these are all batches.
    """
    if isinstance(batches, tuple):
        entry_count = 0
        for batch in batches:
            entry_count += len(batch[2])
        if entry_count < _MANY:
            return batches, batches
        line_count = len({entry[0] for _, _, entries in batches for entry in entries})
        if line_count < _MANY:  # one line may have thousands of lots
            return batches, batches
        batches = BatchesByLine(Overlay(_by_line(batches)), line_count)
    return batches, batches.of_line(line_id)


def with_line(batches: Batches, line_id: str, of_line: tuple[Batch, ...]) -> Batches:
    """The batches with these in place of what `by_line_if_many` says of it."""
    if isinstance(batches, BatchesByLine):
        return batches.with_lines({line_id: of_line or None})
    return of_line


def with_more(batches: Batches, more: tuple[Batch, ...]) -> Batches:
    """The batches, and others after them."""
    if isinstance(batches, BatchesByLine):
        return batches.with_lines(
            {
                line_id: (*batches.of_line(line_id), *of_line)
                for line_id, of_line in _by_line(more).items()
            }
        )
    return (*batches, *more)


def of_lines(batches: Batches, line_ids: Iterable[str]) -> tuple[Batch, ...]:
    """Batches in which all is that some lines have, and perhaps others have something."""
    if isinstance(batches, tuple):
        return batches
    return tuple([batch for line_id in line_ids for batch in batches.of_line(line_id)])


def are_within(batches: Iterable[Batch], most_by_line: Mapping[str, int]) -> bool:
    """Whether none of these lines has more units than so many, of whatever SKU."""
    rest = dict(most_by_line)
    for _, _, entries in batches:
        for line_id, _, _, units, _ in entries:
            most = rest.get(line_id)
            if most is not None:
                if units > most:
                    return False
                rest[line_id] = most - units
    return True


def rebuilt(batches: tuple[Batch, ...], entries: list[list[Entry]]) -> tuple[Batch, ...]:
    """The batches with these entries in place of their own; what is empty is left out."""
    rebuilt: list[Batch] = []
    for (made_at, expires_at, _), of_batch in zip(batches, entries, strict=True):
        with_units = tuple([entry for entry in of_batch if entry[3]])
        if with_units:
            rebuilt.append((made_at, expires_at, with_units))
    return tuple(rebuilt)


def differing(batches: Batches, batches_after: Batches) -> tuple[Iterable[Batch], Iterable[Batch]]:
    """All that is not the same in both: those of the first, and those of the second.

    Of two that are by line, and come from the same one, only the lines that differ are looked at.
    """
    if isinstance(batches, BatchesByLine) and isinstance(batches_after, BatchesByLine):
        lines = list(batches_after.by_line.differing(batches.by_line))
        return (
            [batch for line_id in lines for batch in batches.of_line(line_id)],
            [batch for line_id in lines for batch in batches_after.of_line(line_id)],
        )
    return batches, batches_after


def split_by_line(
    entries: tuple[Entry, ...], line_id: str | None
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """The entries of a line, of all lines if it is None; and those of the other lines."""
    of_line = tuple([entry for entry in entries if line_id in (None, entry[0])])
    of_other_lines = tuple([entry for entry in entries if line_id not in (None, entry[0])])
    return of_line, of_other_lines


def _by_line(batches: Iterable[Batch]) -> dict[str, tuple[Batch, ...]]:
    """The batches taken apart by line, in the sequence in which they were recorded."""
    by_line: dict[str, list[Batch]] = {}
    for made_at, expires_at, entries in batches:
        of_batch: dict[str, list[Entry]] = {}
        for entry in entries:
            of_batch.setdefault(entry[0], []).append(entry)
        for line_id, of_line in of_batch.items():
            by_line.setdefault(line_id, []).append((made_at, expires_at, tuple(of_line)))
    return {line_id: tuple(of_line) for line_id, of_line in by_line.items()}
