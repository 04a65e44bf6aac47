"""How goods leave a location."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from fulfill_core import _checks
from fulfill_core.calendars import BusinessCalendar, CutOff, bounds

T = TypeVar("T")
Pairs: TypeAlias = tuple[tuple[str, T], ...]

_NO_TIME = timedelta(0)
_TICK = timedelta(microseconds=1)


def to_pairs(content: object) -> Any:
    """A mapping as pairs by key; what is none stays for the check."""
    if not isinstance(content, Mapping):
        return content
    rows = cast("Mapping[object, object]", content).items()
    return tuple(sorted(rows, key=lambda row: str(row[0])))


def _to_cut_offs(content: Mapping[str, CutOff] | Pairs[CutOff]) -> Pairs[CutOff]:
    return cast("Pairs[CutOff]", to_pairs(content))


def check_pairs(path: str, pairs: object, kind: type[object]) -> None:
    """Pairs of a text and a member of *kind*, as a mapping gives them."""
    if not isinstance(pairs, tuple):
        raise _checks.refuse(path, pairs, f"is not a mapping from str to {kind.__name__}; pass one")
    pairs = cast("tuple[object, ...]", pairs)
    _checks.check_rows(path, pairs, "key", "value")
    for key, value in cast("tuple[tuple[object, object], ...]", pairs):
        _checks.check_id(f"{path} (key)", key)
        _checks.check_member(f"{path}[{key!r}]", value, kind)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Origin:
    """How goods leave a location: when it works, how long it takes, with which cut-off.

    Args:
        calendar: when the location works.
        cut_off: with what it leaves. None: with the end of the working time in which it is done.
        handling: working time from the moment that the goods are there until they are ready, a
            timedelta of zero or more.
        by_carrier: cut-offs of single carriers, as a mapping; the others go by ``cut_off``.

    Raises:
        InvalidValueError: a field is not as described.

    >>> from datetime import time, timezone
    >>> from fulfill_core.calendars import Shift
    >>> office = BusinessCalendar(timezone=timezone.utc,
    ...                           shifts=[Shift(start=time(9), end=time(17))])
    >>> berlin = Origin(calendar=office, cut_off=CutOff(calendar=office, at=time(14)),
    ...                 handling=timedelta(hours=2))
    >>> print(berlin.leaves(datetime(2026, 3, 6, 12, 30, tzinfo=timezone.utc)))  # a Friday
    2026-03-09 14:00:00+00:00
    """

    calendar: BusinessCalendar
    cut_off: CutOff | None = None
    handling: timedelta = _NO_TIME
    by_carrier: Pairs[CutOff] = attrs.field(default=(), converter=_to_cut_offs)

    def __attrs_post_init__(self) -> None:
        _checks.check_member("Origin.calendar", self.calendar, BusinessCalendar)
        if self.cut_off is not None:
            _checks.check_member("Origin.cut_off", self.cut_off, CutOff)
        _checks.check_duration("Origin.handling", self.handling)
        check_pairs("Origin.by_carrier", self.by_carrier, CutOff)

    def leaves(
        self, ready: datetime, carrier: str = "", *, now: datetime | None = None
    ) -> datetime:
        """When goods leave that are there at an instant.

        Args:
            ready: when the goods are there, aware: then their handling begins.
            carrier: who takes them.
            now: what has left by then has left without them; None asks for the first departure
                after they are handled, also if it is long ago.

        Returns:
            The first cut-off, or closing, after they have been handled, in UTC. What is handled
            just then is too late for it. Where the location has shorter hours than usual, nothing
            leaves after it has closed.

        Raises:
            InvalidValueError: nothing leaves in the ten years after it, or it is no such instant.
        """
        _checks.check_text("carrier", carrier)
        handled = self.calendar.add(ready, self.handling)
        if now is not None:
            _checks.check_aware("now", now)
            handled = max(handled, now)
        cut_off = dict(self.by_carrier).get(carrier, self.cut_off)
        if cut_off is None:
            leaves = self.calendar.next_closing(handled)
        else:
            leaves = cut_off.leaves(handled, place=self.calendar)
        if leaves - ready.astimezone(UTC) > bounds.HORIZON:
            raise _checks.refuse("ready", ready, "has no departure within ten years after it")
        return leaves

    def too_late_at(self, leaves: datetime) -> datetime:
        """The first instant at which goods are too late for a departure: until then it is kept.

        Args:
            leaves: a departure that `leaves` has given.

        >>> from datetime import time, timezone
        >>> from fulfill_core.calendars import Shift
        >>> office = BusinessCalendar(timezone=timezone.utc,
        ...                           shifts=[Shift(start=time(9), end=time(17))])
        >>> berlin = Origin(calendar=office, handling=timedelta(hours=2))
        >>> print(berlin.too_late_at(datetime(2026, 3, 9, 17, tzinfo=timezone.utc)))
        2026-03-09 15:00:00+00:00
        """
        calendar = self.calendar
        done = calendar.subtract(leaves, _NO_TIME)
        if not self.handling:
            return done
        begun = calendar.subtract(leaves, self.handling)
        if done < leaves.astimezone(UTC):  # handled with that closing, it is still in time
            return begun + _TICK
        # What begins between a closing and an opening is handled from the opening on.
        return calendar.subtract(begun, _NO_TIME)
