"""In the place of a class of Oscar's app *checkout*: order, payment and decision at once."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from oscar.apps.checkout import mixins
from oscar.apps.order.exceptions import UnableToPlaceOrder

from fulfill_core import Decision, Outcome
from fulfillment import runs
from fulfillment.shelves import StaleStockError


class OrderPlacementMixin(mixins.OrderPlacementMixin):
    """Places an order together with what is decided about it, or not at all."""

    def place_order(self, *args: Any, **kwargs: Any) -> Any:
        """The order, once its units are reserved.

        Raises:
            UnableToPlaceOrder: units are short by now, or the order is turned down. Nothing of it
                is written; Oscar gives the customer the basket back, and says this.
        """
        try:
            with transaction.atomic():
                order = super().place_order(*args, **kwargs)
                result = runs.decide([order.pk])
                _check(result[str(order.number)], order)  # fresh from the checkout, it is an int
        except StaleStockError:
            raise UnableToPlaceOrder("Somebody was faster. Please try again.") from None
        order.refresh_from_db(fields=["status"])
        return order


def _check(decision: Decision, order: Any) -> None:
    if decision.outcome is Outcome.REJECTED:
        raise UnableToPlaceOrder("We can't accept this order.")
    titles = {str(line.pk): line.title for line in order.lines.all()}
    gaps = [
        f"{titles[short.line_id]}: {short.requested - short.quantity} of {short.requested}"
        for short in decision.shorts
    ]
    if gaps:
        raise UnableToPlaceOrder(f"There is not enough any more ({'; '.join(gaps)}).")
