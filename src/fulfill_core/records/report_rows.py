"""Rows of reports: units, components beside whole kits, where a parcel waits, ends of holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias, cast

from fulfill_core import _checks

PartRow: TypeAlias = tuple[str, str, int]
"""Line id, component, units of it that left beside whole kits."""
WaitRow: TypeAlias = tuple[datetime, str, datetime | None]
"""When it was said, where a parcel waits, and until when: empty and None if that was not said."""
HoldEndRow: TypeAlias = tuple[str, str, str, datetime]
"""Who had stopped an order, why, and which line of it; and when that ended."""


_Units: TypeAlias = tuple[tuple[str, int], ...]


def united(units: _Units, more: _Units) -> _Units:
    """Of each line the higher number: what both say happened.

    >>> united((("1", 2),), (("1", 1), ("2", 1)))
    (('1', 2), ('2', 1))
    """
    if not units or not more:
        return units or more
    by_line = dict(units)
    for line_id, amount in more:
        by_line[line_id] = max(amount, by_line.get(line_id, 0))
    return tuple(sorted(by_line.items()))


def added(units: _Units, more: _Units) -> _Units:
    """Of each line both together.

    >>> added((("1", 2),), (("1", 1), ("2", 1)))
    (('1', 3), ('2', 1))
    """
    if not units or not more:
        return units or more
    by_line = dict(units)
    for line_id, amount in more:
        by_line[line_id] = by_line.get(line_id, 0) + amount
    return tuple(sorted(by_line.items()))


def rows_by_pair(by_pair: Mapping[Any, int]) -> tuple[tuple[Any, ...], ...]:
    """Units by pairs, as rows of three; what is no pair stays for the check: a text has letters.

    >>> rows_by_pair({("mug", "x"): -3, "ab": 1})
    (('mug', 'x', -3), ('ab', 1))
    """
    return tuple([(*_members_of(key), units) for key, units in by_pair.items()])


def _members_of(key: object) -> tuple[object, ...]:
    return tuple(cast("Iterable[object]", key)) if isinstance(key, tuple) else (key,)


def to_part_rows(
    rows: Mapping[tuple[str, str], int] | Iterable[PartRow],
) -> tuple[PartRow, ...]:
    """Components that left beside whole kits, as rows; what is none stays for the check.

    >>> to_part_rows({("2", "cup"): 3})
    (('2', 'cup', 3),)
    """
    if isinstance(rows, Mapping):
        return cast("tuple[PartRow, ...]", rows_by_pair(cast("Mapping[Any, int]", rows)))
    return _checks.to_tuple(rows)


def keep_part_rows(value: object, name: str) -> None:
    """Check rows of a frozen value that is being made, and keep them in sequence."""
    rows = getattr(value, name)
    if rows == ():
        return
    path = f"{type(value).__name__}.{name}"
    _checks.check_rows(path, rows, "line", "SKU", "units")
    for line_id, sku, units in rows:
        _checks.check_id(f"{path} (line)", line_id)
        _checks.check_id(f"{path} (SKU)", sku)
        _checks.check_int(f"{path}[{line_id!r}, {sku!r}]", units, at_least=1)
    _checks.check_unique(path, (row[:2] for row in rows), "component")
    _checks.set_field(value, name, tuple(sorted(rows)))


def keep_wait_rows(value: object, name: str) -> None:
    """Check what was said of where a parcel waits, and keep it in the sequence of time."""
    rows = getattr(value, name)
    if rows == ():
        return
    path = f"{type(value).__name__}.{name}"
    _checks.check_rows(path, rows, "at", "place", "until")
    in_turn: tuple[WaitRow, ...] = ()
    for at, place, until in rows:
        _checks.check_text(f"{path} (place)", place)
        end = None if until is None else _checks.in_utc(f"{path} (until)", until)
        in_turn = with_wait(in_turn, (_checks.in_utc(f"{path} (at)", at), place, end))
    _checks.set_field(value, name, in_turn)


def with_wait(rows: tuple[WaitRow, ...], row: WaitRow) -> tuple[WaitRow, ...]:
    """What was said of where a parcel waits, and one word more: the same whichever came first.

    Of each place the first word stays, the last one, and the last one with a date: a parcel may be
    scanned each hour, and which words stay follows of all that were said.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> late = noon.replace(hour=18)
    >>> rows = with_wait(((noon, "Kiosk", None),), (late, "Kiosk", None))
    >>> with_wait(rows, (noon.replace(hour=15), "Kiosk", None)) == rows
    True
    """
    in_turn = sorted({*rows, row}, key=_turn_of)
    first: dict[str, WaitRow] = {}
    last: dict[str, WaitRow] = {}
    last_dated: dict[str, WaitRow] = {}
    for each in in_turn:
        _, place, until = each
        first.setdefault(place, each)
        last[place] = each
        if until is not None:
            last_dated[place] = each
    staying = {*first.values(), *last.values(), *last_dated.values()}
    return tuple([each for each in in_turn if each in staying])


def _turn_of(row: WaitRow) -> tuple[datetime, str, bool, datetime]:
    at, place, until = row
    return at, place, until is not None, until or at


def last_wait(rows: Iterable[WaitRow]) -> tuple[str, datetime | None]:
    """Where a parcel waits, and until when. A date is of its place: at another it is not known.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> last_wait([(noon, "Kiosk", noon), (noon, "Shop", None)])
    ('Shop', None)
    """
    waits_at, waits_until = "", None
    for _, place, until in rows:
        if place and waits_at not in ("", place):
            waits_until = None
        waits_at, waits_until = place or waits_at, until or waits_until
    return waits_at, waits_until


def end_of_hold(hold_ends: Iterable[HoldEndRow], key: tuple[str, str, str]) -> datetime | None:
    """When a hold, by source, code and line id, was lifted last; None if it was not."""
    return next((row[3] for row in hold_ends if row[:3] == key), None)


def keep_hold_ends(value: object, name: str) -> None:
    """Check when holds ended, and keep it in sequence: at most one row for each hold."""
    rows = getattr(value, name)
    if rows == ():
        return
    path = f"{type(value).__name__}.{name}"
    _checks.check_rows(path, rows, "source", "code", "line", "at")
    _checks.check_unique(path, (row[:3] for row in rows), "hold")
    for *words, _ in rows:
        for word in words:
            _checks.check_text(path, word)
    in_utc = [(*row[:3], _checks.in_utc(path, row[3])) for row in rows]
    _checks.set_field(value, name, tuple(sorted(in_utc)))
