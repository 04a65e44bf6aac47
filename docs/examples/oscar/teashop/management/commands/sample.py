"""``manage.py sample``: a few articles, and somebody for the review desk, to try the shop out."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from oscar.core.loading import get_model

ARTICLES = (  # title, price, units in Leeds and in York, units to come
    ("Red mug", "9.90", 3, 2, 0),
    ("Teapot", "34.00", 1, 0, 10),
    ("Silver samovar", "640.00", 2, 0, 0),
)


class Command(BaseCommand):
    help = "Make three articles at two partners, and a user grace with the password grace."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, once."""
        products = get_model("catalogue", "Product").objects
        if products.exists():
            self.stdout.write("There are articles already: nothing was made.")
            return
        get_user_model().objects.create_superuser("grace", "grace@tea.example", "grace")
        get_model("address", "Country").objects.create(
            iso_3166_1_a2="GB", printable_name="United Kingdom", is_shipping_country=True
        )
        for code, name in (("SHIPPED", "Shipped"), ("DELIVERED", "Delivered")):
            get_model("order", "ShippingEventType").objects.create(code=code, name=name)
        partners = [
            get_model("partner", "Partner").objects.create(name=name) for name in ("Leeds", "York")
        ]
        things = get_model("catalogue", "ProductClass").objects.create(name="Things")
        for title, price, *units, coming in ARTICLES:
            product = products.create(title=title, product_class=things)
            for partner, number in zip(partners, units, strict=True):
                record = product.stockrecords.create(
                    partner=partner, partner_sku=title, price=Decimal(price), num_in_stock=number
                )
                if coming and partner is partners[0]:
                    in_a_week = timezone.now() + timedelta(days=7)
                    record.supplies.create(quantity=coming, expected_at=in_a_week)
        self.stdout.write(f"{len(ARTICLES)} articles, and grace, whose password is grace.")
