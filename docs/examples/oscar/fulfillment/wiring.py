"""Whether this app stands in the place of Oscar's classes.

A fork that is forgotten says nothing by itself, and half of this app is worse than none.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from oscar.core.loading import get_class

# Where Oscar looks for a class, and what it has to find there, or a class made of it.
REPLACED = (
    ("order.utils", "OrderCreator", "fulfillment.placing"),
    ("order.utils", "OrderDispatcher", "fulfillment.placing"),
    ("order.processing", "EventHandler", "fulfillment.processing"),
    ("checkout.mixins", "OrderPlacementMixin", "fulfillment.checkout"),
    ("partner.strategy", "Selector", "fulfillment.strategy"),
)
NEEDED = ("FULFILLMENT_BANK", "FULFILLMENT_STAFF")


def unreplaced(*, app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """What is not replaced, or not set, each with what to do."""
    faults: list[CheckMessage] = [
        Error(
            f"Oscar's {name} is not that of the app fulfillment.",
            hint=f"Fork Oscar's app, and put `from {origin} import {name}` into its {module}.",
            id="fulfillment.E001",
        )
        for module, name, origin in REPLACED
        if not any(
            (each.__module__, each.__name__) == (origin, name)
            for each in get_class(module, name).__mro__
        )
    ]
    faults += [
        Error(f"The setting {name} is missing.", hint="See the README.", id="fulfillment.E002")
        for name in NEEDED
        if not hasattr(settings, name)
    ]
    return faults
