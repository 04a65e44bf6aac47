"""Hours of work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

import attrs

from fulfill_core import _checks
from fulfill_core.calendars import bounds


@attrs.frozen(kw_only=True, weakref_slot=False)
class Shift:
    """Hours of work, on some days of the week.

    Args:
        start: when they begin, as the clock on the wall shows it: without a tzinfo.
        end: when they end; if that is not after the start, on the next day. From midnight to
            midnight is a whole day.
        weekdays: on which days they begin, 0 (Monday) to 6 (Sunday), one at least. Monday to Friday
            by default.

    >>> from datetime import time
    >>> Shift(start=time(22), end=time(6)).is_overnight
    True
    """

    start: time
    end: time
    weekdays: frozenset[int] = attrs.field(
        default=frozenset(range(5)), converter=bounds.to_weekdays
    )

    def __attrs_post_init__(self) -> None:
        bounds.check_time("Shift.start", self.start)
        bounds.check_time("Shift.end", self.end)
        bounds.check_weekdays("Shift.weekdays", self.weekdays)

    @property
    def is_overnight(self) -> bool:
        """Whether they end on the next day."""
        return self.end <= self.start


def to_shifts(members: Iterable[Shift]) -> tuple[Shift, ...]:
    """A tuple of *members*; what is no collection stays for the check."""
    return _checks.to_tuple(members)
