"""The shop's bank; orders are placed as Oscar places them."""

from teashop.checkout.views import PaymentDetailsView  # noqa: F401
