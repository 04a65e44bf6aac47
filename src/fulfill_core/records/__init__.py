"""What is known of an order beside itself: what the world knows, and what people decided."""

from __future__ import annotations

from fulfill_core.records.customer_facts import CustomerFacts, PastOrder, PastPromise, Screening
from fulfill_core.records.facts import Context, FactKind, Facts, fact_missing
from fulfill_core.records.people import Approval, Hold, Rejection

__all__ = [
    "Approval",
    "Context",
    "CustomerFacts",
    "FactKind",
    "Facts",
    "Hold",
    "PastOrder",
    "PastPromise",
    "Rejection",
    "Screening",
    "fact_missing",
]
