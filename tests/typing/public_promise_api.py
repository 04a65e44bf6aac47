"""Typed uses of promises, as a shop would write them.

As in `public_api.py`: each plug-point is filled by a function, a lambda and an object, and where a
plug-in is wrong, the ignore comment is the assertion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from fulfill_core import (
    Address,
    Audience,
    Backorder,
    Context,
    Customer,
    Decision,
    Inventory,
    Order,
    OrderLine,
    OrderRecord,
    Payment,
    Promise,
    Result,
    Shipment,
    Told,
    process,
)
from fulfill_core.calendars import BusinessCalendar, CutOff, Shift
from fulfill_core.decisions import LateReason, PromiseGap
from fulfill_core.notifications import better_promise, customer_and_staff, together
from fulfill_core.promises import Origin, from_calendars
from fulfill_core.protocols import NotificationPolicy, PromisePolicy

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OFFICE = BusinessCalendar(timezone=UTC, shifts=[Shift(start=time(9), end=time(17))])
PARCELS = CutOff(calendar=OFFICE, at=time(14))
BERLIN = Origin(
    calendar=OFFICE,
    cut_off=PARCELS,
    handling=timedelta(hours=2),
    by_carrier={"pallet": CutOff(calendar=OFFICE, at=time(11))},
)

# -- Policies --------------------------------------------------------------------------------------


def tomorrow(decision: Decision, /, *, context: Context) -> Promise | None:
    """A function."""
    rows = [(row.line_id, row.sku, row.quantity) for row in decision.allocations]
    if not rows:
        return None
    leaves = context.now + timedelta(days=1)
    shipment = Shipment(location="berlin", lines=rows, ships_at=leaves, delivered_at=leaves)
    return Promise(shipments=(shipment,), deliver_by=decision.order.deliver_by)


@dataclass(frozen=True)
class NobodyKnows:
    """An object with settings, and with the turning points that a policy may have."""

    gap: PromiseGap

    def __call__(self, decided: Decision, /, *, context: Context) -> Promise | None:
        """No date, and why."""
        return Promise(
            shipments=[Shipment(location="", lines=[("1", "mug", 1)], gap=self.gap)],
        )

    def turning_points(self, decided: Decision, /, *, context: Context) -> Iterable[datetime]:
        """At noon it asks again."""
        return [context.now + timedelta(hours=3)]


def two_days(order: Order, location: str) -> timedelta | int | None:
    """A function of transit."""
    return 2 if location == "berlin" else None


def by_pallet(order: Order, location: str) -> str:
    """A function that names the carrier."""
    return "pallet" if order.total > 500 else ""


def at_home(order: Order) -> BusinessCalendar | None:
    """A function that gives the calendar of the destination."""
    return OFFICE if order.ship_to else None


promising: Sequence[PromisePolicy] = (
    tomorrow,
    lambda decision, context: None,
    NobodyKnows(PromiseGap.UNKNOWN_TRANSIT),
    from_calendars({"berlin": BERLIN}, {("berlin", "GB"): timedelta(days=2), "oslo": timedelta()}),
    from_calendars({"berlin": BERLIN}, {"berlin": 2}, otherwise=BERLIN, destination=OFFICE),
    from_calendars({}, two_days, otherwise=BERLIN, destination=at_home, carrier=by_pallet),
)


def on_friday(decision: Decision, /, *, context: Context) -> str:
    """No promise: what it returns is refused."""
    return "on Friday"


not_promising: PromisePolicy = on_friday  # type: ignore[assignment]

# -- What comes out --------------------------------------------------------------------------------

telling: NotificationPolicy = together(customer_and_staff, better_promise(timedelta(days=1)))


def what_is_promised(policy: PromisePolicy | None = None) -> list[object]:
    """A run that promises, under the types of a shop."""
    order = Order(
        id="A-1",
        placed_at=NOW,
        customer=Customer(id="C-7", email="ada@example.com"),
        lines=[OrderLine(id="1", sku="mug", quantity=1, unit_price=Decimal(9))],
        currency="EUR",
        ship_to=Address(
            name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB"
        ),
        payments=[Payment(id="p1", amount=Decimal(9))],
        deliver_by=OFFICE.end_of_day(NOW.date()),
    )
    told = Told(audience=Audience.CUSTOMER, id="a", delivered_at=NOW, at=NOW)
    record = OrderRecord(order=order, told=[told])
    before: Told | None = record.told_to(Audience.CUSTOMER)
    result: Result = process(
        [record],
        Inventory.of({("mug", "berlin"): 1}),
        now=NOW,
        notifications=telling,
        promise=policy,
        reservation_window=timedelta(days=30),
    )
    promise: Promise | None = result["A-1"].promise
    wake_at: datetime | None = result.wake_at
    dates: list[datetime | None] = [each.delivered_at for each in result.notifications]
    places: list[tuple[str, int]] = [
        (row.location, row.on_hand) for row in _backorders(result["A-1"])
    ]
    if promise is None:
        return [before, wake_at, dates, places]
    shipments: tuple[Shipment, ...] = promise.shipments
    late: timedelta | None = promise.late_by
    why: LateReason | None = promise.late_reason
    gaps: tuple[PromiseGap, ...] = promise.gaps
    last: Shipment | None = promise.last
    rows: list[tuple[str, str, int]] = [row for each in shipments for row in each.lines]
    return [before, wake_at, dates, places, late, why, gaps, last, rows, promise.is_late]


def _backorders(decision: Decision) -> tuple[Backorder, ...]:
    return decision.backorders
