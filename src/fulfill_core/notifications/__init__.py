"""Ready-made notification policies: what to tell the customer and the staff of a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from
from fulfill_core.notifications.messages import to_customer, to_staff
from fulfill_core.notifications.policies import (
    DEFAULT_NOTIFICATIONS,
    CustomerAndStaff,
    customer_and_staff,
)
from fulfill_core.notifications.rows import news

if TYPE_CHECKING:
    from fulfill_core.notifications.combining import together
    from fulfill_core.notifications.further import better_promise, receipt, staff_news
    from fulfill_core.notifications.sending import (
        MAY_WAIT,
        NO_PREFERENCES,
        ON_PAPER,
        PRESSING,
        Contact,
        Delivery,
        Mailing,
        Omission,
        Preferences,
        combined,
        deliveries,
    )
else:
    __getattr__, __dir__ = names_from(
        __name__,
        combining=("together",),
        further=(
            "better_promise",
            "receipt",
            "staff_news",
        ),
        sending=(
            "MAY_WAIT",
            "NO_PREFERENCES",
            "ON_PAPER",
            "PRESSING",
            "Contact",
            "Delivery",
            "Mailing",
            "Omission",
            "Preferences",
            "combined",
            "deliveries",
        ),
    )

__all__ = [
    "Contact",
    "CustomerAndStaff",
    "DEFAULT_NOTIFICATIONS",
    "Delivery",
    "MAY_WAIT",
    "Mailing",
    "NO_PREFERENCES",
    "ON_PAPER",
    "Omission",
    "PRESSING",
    "Preferences",
    "better_promise",
    "combined",
    "customer_and_staff",
    "deliveries",
    "news",
    "receipt",
    "staff_news",
    "to_customer",
    "to_staff",
    "together",
]
