"""Goods that come in: those who waited for them have them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from fulfillment import runs, shelves
from fulfillment.models import Record, Supply


@transaction.atomic
def receive(supply_id: int) -> None:
    """A supply arrived in full: what was claimed of it is reserved, and its customers hear."""
    supply = Supply.objects.select_related("stockrecord").get(pk=supply_id)
    order_ids = list(
        Record.objects.filter(order__lines__claims__supply=supply).values_list("pk", flat=True)
    )
    list(Record.objects.select_for_update().filter(pk__in=order_ids).order_by("pk"))
    record = supply.stockrecord
    stock = shelves.locked([record.product_id])
    after = stock.inventory.with_received(
        str(record.product_id),
        str(record.partner_id),
        supply.quantity,
        supply_id=str(supply.pk),
        received_at=timezone.now(),
    )
    stock.save(after.changes_since(stock.inventory), after)
    runs.decide(order_ids)
