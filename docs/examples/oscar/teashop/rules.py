"""What this shop decides for itself: which orders a person looks at, and which dates it gives."""

from collections.abc import Iterator
from datetime import time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from fulfill_core import DEFAULT_VERIFIERS, Context, Finding, Order, Settings, hold
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.promises import Origin, from_calendars

LOOKED_AT_FROM = Decimal(500)


def large_order(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """A large order is looked at before anything is reserved for it."""
    if order.total >= LOOKED_AT_FROM:
        yield hold(
            "shop.large_order",
            field="total",
            detail=f"{order.total} {order.currency} is a large order for this shop.",
            measure=order.total,
        )


def time_under_way(order: Order, location: str) -> timedelta | None:
    """Two days within the country, a week to anywhere else."""
    if order.ship_to is None:
        return None
    return timedelta(days=2 if order.ship_to.country == "GB" else 7)


LONDON = ZoneInfo("Europe/London")
OFFICE = BusinessCalendar(timezone=LONDON, shifts=[Shift(start=time(8), end=time(16))])
SETTINGS = Settings(
    verifiers=(*DEFAULT_VERIFIERS, large_order),
    # The same for all partners: parcels leave as the office closes.
    promise=from_calendars({}, time_under_way, otherwise=Origin(calendar=OFFICE)),
)
