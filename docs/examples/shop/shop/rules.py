"""What this shop decides for itself: four verifiers of its own, and who comes first.

A verifier is any callable that takes an order and a context and yields findings. The library's own
ones stay in force; these come on top.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Context,
    Finding,
    Order,
    customer_tier,
    deadline,
    hold,
    lexicographic,
    oldest_first,
    payment_covers,
)
from fulfill_core.protocols import Verifier
from shop.shopify import TIERS

PRIORITY = lexicographic(customer_tier(*TIERS), deadline, oldest_first)

_POSTAL_CODES = {"DE": r"\d{5}", "FR": r"\d{5}", "US": r"\d{5}(-\d{4})?", "CH": r"\d{4}"}
_A_YEAR = timedelta(days=366)


def address_plausible(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """A postal code has its country's form (`1067` lost a zero), and a city is no e-mail."""
    address = order.ship_to
    if address is None:
        return
    form = _POSTAL_CODES.get(address.country)
    if form and address.postal_code and not re.fullmatch(form, address.postal_code):
        yield hold(
            "address.postal_code",
            field="ship_to.postal_code",
            detail=f"{address.postal_code!r} is not a postal code of {address.country}.",
        )
    if "@" in address.city:
        yield hold(
            "address.city",
            field="ship_to.city",
            detail=f"{address.city!r} is an e-mail address, not a city.",
        )


def deadline_plausible(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """A deadline before the order was placed, or over a year after, is a slip of the hand."""
    if order.deliver_by is None:
        return
    if not timedelta(0) <= order.deliver_by - order.placed_at <= _A_YEAR:
        yield hold(
            "deadline.implausible",
            field="deliver_by",
            detail=f"It was placed on {order.placed_at:%Y-%m-%d} and is wanted by"
            f" {order.deliver_by:%Y-%m-%d}.",
        )


def total_agrees(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """What the platform charged is what the lines, shipping, tax and discount come to."""
    charged = order.attributes.get("total_price")
    if charged is not None and Decimal(charged) != order.total:
        yield hold(
            "total.disagrees",
            field="total",
            detail=f"The order says {charged}, its parts come to {order.total}.",
        )


def sku_spelled_as(skus: Iterable[str]) -> Verifier:
    """A verifier that holds an order for a SKU which the catalogue spells in another case.

    A SKU that the catalogue does not have at all is the library's business: it comes out short.
    """
    exact = frozenset(skus)
    by_folded = {sku.casefold(): sku for sku in exact}

    def sku_spelled(order: Order, /, *, context: Context) -> Iterator[Finding]:
        for line in order.lines:
            listed = by_folded.get(line.sku.casefold())
            if line.sku not in exact and listed is not None:
                yield hold(
                    "sku.other_case",
                    field=f"lines[{line.id}].sku",
                    detail=f"{line.sku!r} is not in the catalogue; {listed!r} is.",
                )

    return sku_spelled


def verifiers_for(source: str, skus: Iterable[str]) -> tuple[Verifier, ...]:
    """All verifiers for orders of *source*; Northwind sells on account, so nothing is prepaid."""
    ready_made = tuple(
        verifier
        for verifier in DEFAULT_VERIFIERS
        if source != "northwind" or verifier is not payment_covers
    )
    own = (address_plausible, deadline_plausible, total_agrees, sku_spelled_as(skus))
    return ready_made + own
