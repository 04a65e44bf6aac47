"""From Oscar's order to the library's: what the customer agreed to, read once, as it was placed.

SKUs are the ids of products, locations those of partners: a UPC or a partner's code may be edited,
and a reservation has to be found all the same.
"""

from __future__ import annotations

from typing import Any

from fulfill_core import Address, Customer, Order, OrderLine, Payment


def agreed(order: Any, locale: str) -> Order:
    """The order as the library takes it; all messages about it are in this language."""
    lines = order.lines.select_related("product__product_class", "product__parent__product_class")
    return Order(
        id=order.number,
        placed_at=order.date_placed,
        customer=_customer(order),
        lines=[
            OrderLine(
                id=str(line.pk),
                sku=str(line.product_id or 0),  # a product that was deleted is not there: short
                quantity=line.quantity,
                unit_price=line.unit_price_incl_tax,
                agreed_total=line.line_price_incl_tax,
                ships=not line.product or line.product.get_product_class().requires_shipping,
            )
            for line in lines
        ],
        currency=order.currency,
        ship_to=_address(order.shipping_address),
        bill_to=_address(order.billing_address),
        payments=[
            Payment(
                id=str(source.pk),
                amount=max(source.amount_allocated, source.amount_debited),
                currency=source.currency,
                method=source.source_type.code,
                authorized=max(0, source.amount_allocated - source.amount_debited),
                captured=source.amount_debited,
                refunded=source.amount_refunded,
            )
            for source in order.sources.select_related("source_type")
        ],
        shipping=order.shipping_incl_tax,
        agreed_total=order.total_incl_tax,
        locale=locale,
    )


def _customer(order: Any) -> Customer:
    email = order.user.email if order.user else order.guest_email
    address = order.shipping_address or order.billing_address
    return Customer(
        id=f"user {order.user_id}" if order.user else f"guest {email or order.number}",
        name=address.name if address else "",
        email=email or "",
        phone=str(getattr(address, "phone_number", "") or ""),
    )


def _address(address: Any) -> Address | None:
    if address is None:
        return None
    return Address(
        name=address.name,
        street=[line for line in (address.line1, address.line2, address.line3) if line],
        city=address.line4,
        region=address.state,
        postal_code=address.postcode,
        country=address.country_id,
    )
