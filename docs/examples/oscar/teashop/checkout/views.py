"""The last page of the checkout, with this shop's bank."""

from typing import Any

from oscar.apps.checkout import views
from oscar.core.loading import get_class, get_model

from teashop.bank import bank

UnableToPlaceOrder = get_class("order.exceptions", "UnableToPlaceOrder")
Source = get_model("payment", "Source")
SourceType = get_model("payment", "SourceType")


class PaymentDetailsView(views.PaymentDetailsView):
    """Money is set aside before the order is placed, and let go if it can't be."""

    def handle_payment(self, order_number: str, total: Any, **kwargs: Any) -> None:
        """Ask the bank."""
        reference = bank().authorize(order_number, total.incl_tax, total.currency)
        card, _ = SourceType.objects.get_or_create(code="card", defaults={"name": "Card"})
        self.add_payment_source(
            Source(
                source_type=card,
                currency=total.currency,
                amount_allocated=total.incl_tax,
                reference=reference,
            )
        )

    def handle_order_placement(self, *args: Any, **kwargs: Any) -> Any:
        """Place the order."""
        try:
            return super().handle_order_placement(*args, **kwargs)
        except UnableToPlaceOrder:
            for source in self._payment_sources or ():
                bank().void(source.reference)
            raise
