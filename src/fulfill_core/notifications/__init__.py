"""Ready-made notification policies: what to tell the customer and the staff of a decision."""

from __future__ import annotations

from fulfill_core.notifications.combining import together
from fulfill_core.notifications.messages import to_customer, to_staff
from fulfill_core.notifications.policies import (
    DEFAULT_NOTIFICATIONS,
    CustomerAndStaff,
    better_promise,
    customer_and_staff,
)
from fulfill_core.notifications.rows import news

__all__ = [
    "CustomerAndStaff",
    "DEFAULT_NOTIFICATIONS",
    "better_promise",
    "customer_and_staff",
    "news",
    "to_customer",
    "to_staff",
    "together",
]
