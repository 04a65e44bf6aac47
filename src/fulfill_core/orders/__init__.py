"""What a customer asked for: orders, their lines, people, addresses, payments; money."""

from __future__ import annotations

from typing import TYPE_CHECKING

# How these values are pickled.
import fulfill_core.orders.rows  # noqa: F401 # pyright: ignore[reportUnusedImport]
from fulfill_core._lazy import names_from
from fulfill_core.orders.due import Adjustment, Charges
from fulfill_core.orders.money import from_minor_units, minor_digits, to_minor_units
from fulfill_core.orders.order import (
    Address,
    Customer,
    Order,
    OrderLine,
    Ship,
)
from fulfill_core.orders.payment import Payment, PaymentStatus
from fulfill_core.orders.progress import Progress

if TYPE_CHECKING:
    from fulfill_core.orders.keys import (
        MAILBOX_PROVIDERS,
        MailboxProvider,
        address_key,
        mailbox_key,
        phone_key,
    )
else:
    __getattr__, __dir__ = names_from(
        __name__,
        keys=(
            "MAILBOX_PROVIDERS",
            "MailboxProvider",
            "address_key",
            "mailbox_key",
            "phone_key",
        ),
    )

__all__ = [
    "Address",
    "Adjustment",
    "Charges",
    "Customer",
    "MAILBOX_PROVIDERS",
    "MailboxProvider",
    "Order",
    "OrderLine",
    "Payment",
    "PaymentStatus",
    "Progress",
    "Ship",
    "address_key",
    "from_minor_units",
    "mailbox_key",
    "minor_digits",
    "phone_key",
    "to_minor_units",
]
