"""Ready-made notification policies: what to tell the customer and the staff of a decision."""

from __future__ import annotations

from fulfill_core.notifications.policies import (
    DEFAULT_NOTIFICATIONS,
    better_promise,
    customer_and_staff,
    news,
    to_customer,
    to_staff,
    together,
)

__all__ = [
    "DEFAULT_NOTIFICATIONS",
    "better_promise",
    "customer_and_staff",
    "news",
    "to_customer",
    "to_staff",
    "together",
]
