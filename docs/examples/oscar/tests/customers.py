"""What customers do: they fill a basket and go through Oscar's own checkout, page by page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from oscar.core.loading import get_model

ADDRESS = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "line1": "1 Main St",
    "line4": "Leeds",
    "postcode": "LS1 4AP",
    "country": "GB",
}


def article(
    title: str = "Red mug",
    price: str = "10.00",
    *,
    tracked: bool = True,
    **units_by_partner: int,
) -> Any:
    """A product, with so many units at each partner."""
    product_class, _ = get_model("catalogue", "ProductClass").objects.get_or_create(
        name="tracked" if tracked else "untracked",
        defaults={"track_stock": tracked, "requires_shipping": tracked},
    )
    product = get_model("catalogue", "Product").objects.create(
        title=title, product_class=product_class
    )
    for name, units in units_by_partner.items():
        partner, _ = get_model("partner", "Partner").objects.get_or_create(name=name)
        product.stockrecords.create(
            partner=partner,
            partner_sku=f"{title} {name}",
            price=Decimal(price),
            num_in_stock=units,
        )
    get_model("address", "Country").objects.get_or_create(
        iso_3166_1_a2="GB", defaults={"printable_name": "Britain", "is_shipping_country": True}
    )
    return product


class Shopper:
    """A customer with a browser of their own: a guest, unless they log in."""

    def __init__(self, email: str = "ada@example.com", language: str = "en-gb") -> None:
        self.email = email
        self.client = Client(headers={"accept-language": language})

    def puts_into_basket(self, product: Any, quantity: int = 1) -> None:
        """Into the basket."""
        url = reverse("basket:add", args=[product.pk])
        self.client.post(url, {"quantity": quantity})

    def goes_to_the_last_page(self, **address: str) -> None:
        """Through the checkout, up to the page with the button; what differs of the address."""
        self.client.post(
            reverse("checkout:index"), {"username": self.email, "options": "anonymous"}
        )
        self.client.post(reverse("checkout:shipping-address"), {**ADDRESS, **address})
        for page in ("shipping-method", "payment-method", "payment-details"):
            response = self.client.get(reverse(f"checkout:{page}"))
        assert response.status_code == 200

    def clicks(self) -> HttpResponse:
        """Place the order."""
        return self.client.post(reverse("checkout:preview"), {"action": "place_order"})

    def buys(self, product: Any, quantity: int = 1) -> Any:
        """All of it; the order, or None if there is none."""
        self.puts_into_basket(product, quantity)
        self.goes_to_the_last_page()
        response = self.clicks()
        if response.status_code != 302:
            return None
        order_id = self.client.session["checkout_order_id"]
        return get_model("order", "Order").objects.get(pk=order_id)
