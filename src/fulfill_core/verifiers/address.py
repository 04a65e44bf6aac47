"""Is it known where the goods go?"""

from __future__ import annotations

from collections.abc import Iterable

from fulfill_core._facts import Context
from fulfill_core._finding import Finding, hold
from fulfill_core._order import Order


def ship_to_complete(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """An order with something to ship has a ship-to with name, street, city and country.

    Codes: ``address.missing`` (HOLD), ``address.incomplete`` (HOLD, one per empty field).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> [finding.code for finding in ship_to_complete(order, context=Context(now=now))]
    ['address.missing']
    """
    for line in order.lines:
        if line.ships:
            break
    else:
        return ()
    address = order.ship_to
    if address is None:
        return (
            hold(
                "address.missing",
                field="ship_to",
                detail="The order has something to ship and no address to ship it to.",
            ),
        )
    if (
        address.city.strip()
        and address.country
        and address.name.strip()
        and "".join(address.street).strip()
    ):
        return ()
    contents = {
        "name": address.name,
        "street": "".join(address.street),
        "city": address.city,
        "country": address.country,
    }
    return [
        hold(
            "address.incomplete",
            field=f"ship_to.{field}",
            detail=f"The address to ship to has no {field}.",
        )
        for field, content in contents.items()
        if not content.strip()
    ]
