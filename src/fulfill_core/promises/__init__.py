"""Ready-made promise policies: when an order leaves and arrives, by the calendars of both ends."""

from __future__ import annotations

from fulfill_core.promises.calendar_promise import CalendarPromise, from_calendars
from fulfill_core.promises.origin import Origin

__all__ = ["CalendarPromise", "Origin", "from_calendars"]
