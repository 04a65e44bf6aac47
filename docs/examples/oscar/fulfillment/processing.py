"""In the place of Oscar's `EventHandler`: what people report on the dashboard becomes events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from oscar.apps.order import exceptions, processing

from fulfill_core.lifecycle import Cancelled, Delivered, Event, Shipped, Status
from fulfillment import runs
from fulfillment.models import Record, Reservation


class EventHandler(processing.EventHandler):
    """Shipping events and changes of status go through the library; the rest is as it was.

    So are orders without a record, which were placed before this app came.
    """

    def handle_shipping_event(
        self, order: Any, event_type: Any, lines: Any, line_quantities: Any, **kwargs: Any
    ) -> Any:
        """Units left, or arrived.

        Raises:
            InvalidShippingEvent: more is to leave than is reserved.
        """
        lines, quantities = list(lines), [int(each) for each in line_quantities]
        with transaction.atomic():
            event = super().handle_shipping_event(order, event_type, lines, quantities, **kwargs)
            if Record.objects.select_for_update().filter(order=order).exists():
                kind = event_type.code.lower()
                if kind == "shipped":
                    self._ship(order, event, lines, quantities)
                elif kind == "delivered":
                    self._deliver(order, event)
        return event

    def handle_order_status_change(
        self, order: Any, new_status: str, note_msg: str | None = None
    ) -> None:
        """Cancel what is open. All other words follow from what happened, and are not set by hand.

        Raises:
            InvalidOrderStatus: it is another word, or too late.
        """
        if not Record.objects.filter(order=order).exists():
            super().handle_order_status_change(order, new_status, note_msg)
            return
        if new_status == order.status:
            return
        if new_status != Status.CANCELLED:
            raise exceptions.InvalidOrderStatus(f"{new_status!r} is not set by hand.")
        # A click that arrives twice is one; what is cancelled after that has another number.
        event_id = f"cancelled-{order.pk}-{order.status_changes.count()}"
        event = Cancelled(id=event_id, order_id=order.number, at=timezone.now())
        self._take(order, event, exceptions.InvalidOrderStatus)
        order.refresh_from_db(fields=["status"])
        if note_msg:
            self.create_note(order, note_msg)

    def consume_stock_allocations(
        self, order: Any, lines: Any = None, line_quantities: Any = None
    ) -> None:
        """Nothing, for an order with a record: when its units left, its reservations went, too."""
        if not Record.objects.filter(order=order).exists():
            super().consume_stock_allocations(order, lines, line_quantities)

    def cancel_stock_allocations(
        self, order: Any, lines: Any = None, line_quantities: Any = None
    ) -> None:
        """Nothing, for an order with a record: cancel the order, and its units are free."""
        if not Record.objects.filter(order=order).exists():
            super().cancel_stock_allocations(order, lines, line_quantities)

    def _ship(
        self, order: Any, event: Any, lines: Sequence[Any], quantities: Sequence[int]
    ) -> None:
        """One parcel from each place that has units of the order."""
        parcels: dict[str, dict[str, int]] = {}
        for line, quantity in zip(lines, quantities, strict=True):
            missing = quantity
            if not line.can_track_allocations:  # nothing is reserved of what has no stock
                parcel = parcels.setdefault(str(line.stockrecord.partner_id), {})
                parcel[str(line.pk)] = quantity
                continue
            reserved = Reservation.objects.filter(line=line).select_related("stockrecord")
            for each in reserved.order_by("pk"):
                units = min(missing, each.quantity, each.stockrecord.num_in_stock or 0)
                if units:
                    parcel = parcels.setdefault(str(each.stockrecord.partner_id), {})
                    parcel[str(line.pk)] = parcel.get(str(line.pk), 0) + units
                    missing -= units
            if missing:
                raise exceptions.InvalidShippingEvent(
                    f"{quantity - missing} of {line.title} can leave, not {quantity}:"
                    " no more is reserved for the order."
                )
        for location, units in sorted(parcels.items()):
            parcel_id = f"{event.pk}-{location}"
            self._take(
                order,
                Shipped(
                    id=f"shipped-{parcel_id}",
                    order_id=order.number,
                    at=event.date_created,
                    parcel=parcel_id,
                    location=location,
                    lines=units,
                    tracking=event.notes or "",
                ),
                exceptions.InvalidShippingEvent,
            )

    def _deliver(self, order: Any, event: Any) -> None:
        """All parcels that are under way arrived."""
        record = Record.objects.get(order=order).value
        for parcel in record.history.parcels if record else ():
            self._take(
                order,
                Delivered(
                    id=f"delivered-{event.pk}-{parcel.id}",
                    order_id=order.number,
                    at=event.date_created,
                    parcel=parcel.id,
                ),
                exceptions.InvalidShippingEvent,
            )

    @staticmethod
    def _take(order: Any, event: Event, error: type[Exception]) -> None:
        step = runs.take(order.pk, event)
        if step.refusal is not None:
            raise error(step.refusal.detail)
