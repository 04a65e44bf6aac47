"""Customers at the bank at the same time, and too few units. Prints what came of it, as JSON.

    python crowd.py CUSTOMERS UNITS

A program of its own, because the same story is told with two settings: those of this shop, and
those of Oscar as it comes. It comes out the same in every run: nobody is let on before all are
there. Each wants a mug and a pot; every other one put the pot into the basket first.
"""

from __future__ import annotations

import json
import sys
import threading
from decimal import Decimal

import django
from django.conf import settings

django.setup()

from customers import Shopper, article  # noqa: E402 - after the set-up
from django.apps import apps  # noqa: E402
from django.db import connections  # noqa: E402
from oscar.core.loading import get_model  # noqa: E402
from teashop.bank import PretendBank  # noqa: E402

CUSTOMERS, UNITS = map(int, sys.argv[1:])
AT_THE_BANK = threading.Barrier(CUSTOMERS, timeout=60)
VOIDED: list[str] = []


class CrowdedBank(PretendBank):
    """A bank that answers nobody before all have asked."""

    def authorize(self, order_number: str, amount: Decimal, currency: str) -> str:
        AT_THE_BANK.wait()
        return super().authorize(order_number, amount, currency)

    def void(self, reference: str) -> None:
        VOIDED.append(reference)


def main() -> None:
    settings.BANK = f"{__name__}.CrowdedBank"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    articles = [article("Mug", berlin=UNITS), article("Pot", berlin=UNITS)]
    shoppers = [Shopper(f"{number}@example.com") for number in range(CUSTOMERS)]
    for number, shopper in enumerate(shoppers):
        for product in articles if number % 2 else reversed(articles):
            shopper.puts_into_basket(product)
        shopper.goes_to_the_last_page()
    pages: list[int] = []
    is_over = threading.Event()

    def buy(shopper: Shopper) -> None:
        try:
            pages.append(shopper.clicks().status_code)
        finally:
            connections.close_all()

    def decide() -> None:
        """What a beat does meanwhile."""
        from fulfillment import runs  # noqa: PLC0415 - Oscar as it comes does not have it

        try:
            while not is_over.wait(0.05):
                runs.decide_open()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=buy, args=[shopper]) for shopper in shoppers]
    beat = threading.Thread(target=decide)
    if apps.is_installed("fulfillment"):
        beat.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    is_over.set()
    if beat.ident:
        beat.join()
    records = [product.stockrecords.get() for product in articles]
    story = {
        "orders": get_model("order", "Order").objects.count(),
        "in_stock": [record.num_in_stock for record in records],
        "allocated": [record.num_allocated for record in records],
        "voided": len(VOIDED),
        "pages": sorted(pages),
    }
    print(json.dumps(story))


if __name__ == "__main__":
    main()
