"""In the place of two classes of Oscar's app *order*: what is allocated, and what is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation
from oscar.apps.order import exceptions, utils

from fulfill_core import Decision, Outcome
from fulfillment import outbox, runs
from fulfillment.models import Record
from fulfillment.shelves import StaleStockError


class OrderCreator(utils.OrderCreator):
    """Writes the order as ever, and a record beside it. Where Oscar allocates, it is decided.

    That is within the transaction of the order, and before anybody hears that it was placed: what
    waits for Oscar's signal finds an order that is there to stay.
    """

    order: Any = None
    save_payment: Callable[[Any], None] | None = None

    def place_order(
        self, *args: Any, save_payment: Callable[[Any], None] | None = None, **kwargs: Any
    ) -> Any:
        """The order, once its units are reserved.

        Args:
            args: as Oscar's own.
            save_payment: writes how the order is paid. Without it, as when something else than the
                checkout places the order, it is decided in the next run.
            kwargs: as Oscar's own.

        Raises:
            UnableToPlaceOrder: units are short by now, or the order is turned down. Nothing of it
                is written; Oscar's checkout gives the customer the basket back, and says this.
        """
        self.save_payment = save_payment
        return super().place_order(*args, **kwargs)

    def create_order_model(self, *args: Any, **kwargs: Any) -> Any:
        """The order, and its record."""
        self.order = super().create_order_model(*args, **kwargs)
        locale = translation.get_language() or settings.LANGUAGE_CODE
        Record.objects.create(order=self.order, locale=locale)
        return self.order

    def create_line_models(
        self, order: Any, basket_line: Any, extra_line_fields: dict[str, Any] | None = None
    ) -> Any:
        """A line has what is reserved for it, not what it asks for."""
        fields = {**(extra_line_fields or {}), "num_allocated": 0}
        return super().create_line_models(order, basket_line, fields)

    def update_stock_records(self, line: Any) -> None:
        """Decide, when Oscar asks to allocate the first of the lines: all of them are written."""
        if self.save_payment is None:
            return
        self.save_payment(self.order)
        self.save_payment = None
        try:
            result = runs.decide([self.order.pk])
        except StaleStockError:
            raise exceptions.UnableToPlaceOrder("Please try again.") from None
        # Fresh from the checkout, the number is an int.
        _check(result[str(self.order.number)], self.order)
        self.order.refresh_from_db(fields=["status"])


def _check(decision: Decision, order: Any) -> None:
    if decision.outcome is Outcome.REJECTED:
        raise exceptions.UnableToPlaceOrder("We can't accept this order.")
    titles = {str(line.pk): line.title for line in order.lines.all()}
    gaps = [
        f"{titles[short.line_id]}: {short.requested - short.quantity} of {short.requested}"
        for short in decision.shorts
    ]
    if gaps:
        raise exceptions.UnableToPlaceOrder(f"There is not enough any more ({'; '.join(gaps)}).")


class OrderDispatcher(utils.OrderDispatcher):
    """Sends what was decided to be told, in place of "your order was placed"."""

    def send_order_placed_email_for_user(
        self, order: Any, extra_context: Any, attachments: Any = None
    ) -> None:
        """The messages about this order that wait; one that can't be sent goes on waiting."""
        outbox.deliver(order=order)
