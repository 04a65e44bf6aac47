"""Business calendars: when a place works, when a carrier leaves, and how working time adds up.

All arithmetic is on instants in UTC, and so are all answers. The clock on the wall only says where
a shift begins and ends: it opens at the first instant at which the clock shows that time or a later
one, and closes after the last instant at which it shows an earlier one. So where clocks are put
forward, a time that does not exist is the instant of the change. Where they are put back, a time
that comes twice opens with the first and closes with the second; only the time that they are put
back to closes with the first, because nothing earlier follows.

Nothing looks farther than ten years: what is not found by then is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from

if TYPE_CHECKING:
    from fulfill_core.calendars.business_calendar import BusinessCalendar
    from fulfill_core.calendars.cut_off import CutOff
    from fulfill_core.calendars.day_rule import DayRule
    from fulfill_core.calendars.shift import Shift
else:
    __getattr__, __dir__ = names_from(
        __name__,
        business_calendar=("BusinessCalendar",),
        cut_off=("CutOff",),
        day_rule=("DayRule",),
        shift=("Shift",),
    )

__all__ = ["BusinessCalendar", "CutOff", "DayRule", "Shift"]
