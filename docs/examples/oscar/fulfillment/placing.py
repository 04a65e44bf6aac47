"""In the place of two classes of Oscar's app *order*: what is allocated, and what is sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from oscar.apps.order import utils

from fulfillment import outbox
from fulfillment.models import Record


class OrderCreator(utils.OrderCreator):
    """Writes the order as ever, with a record beside it; allocates nothing: that is decided."""

    @transaction.atomic
    def place_order(self, *args: Any, **kwargs: Any) -> Any:
        """The order. What calls this outside the checkout is decided in the next run."""
        order = super().place_order(*args, **kwargs)
        locale = translation.get_language() or settings.LANGUAGE_CODE
        Record.objects.create(order=order, locale=locale)
        return order

    def create_line_models(
        self, order: Any, basket_line: Any, extra_line_fields: dict[str, Any] | None = None
    ) -> Any:
        """A line has what is reserved for it, not what it asks for."""
        fields = {**(extra_line_fields or {}), "num_allocated": 0}
        return super().create_line_models(order, basket_line, fields)

    def update_stock_records(self, line: Any) -> None:
        """Leave the stock alone."""


class OrderDispatcher(utils.OrderDispatcher):
    """Sends what was decided to be told, in place of "your order was placed"."""

    def send_order_placed_email_for_user(
        self, order: Any, extra_context: Any, attachments: Any = None
    ) -> None:
        """The messages about this order that wait; one that can't be sent goes on waiting."""
        outbox.deliver(order=order)
