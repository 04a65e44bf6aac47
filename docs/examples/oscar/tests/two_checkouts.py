"""Two customers, one unit, at the bank at the same time. Prints what came of it, as JSON.

A program of its own, because the same story is told with two settings: those of this shop, and
those of Oscar as it comes. It is the same in every run: both are let on only when both are there.
"""

from __future__ import annotations

import json
import threading
from decimal import Decimal

import django
from django.conf import settings

django.setup()

from customers import Shopper, article  # noqa: E402 - after the set-up
from django.db import connections  # noqa: E402
from oscar.core.loading import get_model  # noqa: E402
from teashop.bank import PretendBank  # noqa: E402

AT_THE_BANK = threading.Barrier(2, timeout=60)
VOIDED: list[str] = []


class CrowdedBank(PretendBank):
    """A bank that answers nobody before both have asked."""

    def authorize(self, order_number: str, amount: Decimal, currency: str) -> str:
        AT_THE_BANK.wait()
        return super().authorize(order_number, amount, currency)

    def void(self, reference: str) -> None:
        VOIDED.append(reference)


def main() -> None:
    settings.BANK = f"{__name__}.CrowdedBank"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    product = article(berlin=1)
    shoppers = [Shopper("ada@example.com"), Shopper("bob@example.com")]
    for shopper in shoppers:
        shopper.puts_into_basket(product)
        shopper.goes_to_the_last_page()
    statuses: list[int] = []

    def buy(shopper: Shopper) -> None:
        try:
            statuses.append(shopper.clicks().status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=buy, args=[shopper]) for shopper in shoppers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stockrecord = product.stockrecords.get()
    story = {
        "orders": get_model("order", "Order").objects.count(),
        "units": stockrecord.num_in_stock,
        "allocated": stockrecord.num_allocated,
        "voided": len(VOIDED),
        "pages": sorted(statuses),
    }
    print(json.dumps(story))


if __name__ == "__main__":
    main()
