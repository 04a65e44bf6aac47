"""What is known of an order beside itself: what the world knows, and what people decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from
from fulfill_core.orders.progress import Progress
from fulfill_core.records.facts import Context, FactKind, Facts, VerifierFailure, fact_missing

if TYPE_CHECKING:
    from fulfill_core.records.customer_facts import CustomerFacts, PastOrder, Screening
    from fulfill_core.records.delays import Answer, DelayChoice, Silence, us_silence
    from fulfill_core.records.history import Fulfilment, History, Parcel, PickStage, Return, Stage
    from fulfill_core.records.likeness import Likeness
    from fulfill_core.records.movements import Movement, MovementKind
    from fulfill_core.records.order_record import OrderRecord
    from fulfill_core.records.people import Approval, Hold, Rejection
    from fulfill_core.records.shop_facts import FactSubject, ShopFact, ShopFactKind
    from fulfill_core.records.told import Told
else:
    __getattr__, __dir__ = names_from(
        __name__,
        customer_facts=(
            "CustomerFacts",
            "PastOrder",
            "Screening",
        ),
        delays=(
            "Answer",
            "DelayChoice",
            "Silence",
            "us_silence",
        ),
        history=(
            "Fulfilment",
            "History",
            "Parcel",
            "PickStage",
            "Return",
            "Stage",
        ),
        likeness=("Likeness",),
        movements=(
            "Movement",
            "MovementKind",
        ),
        order_record=("OrderRecord",),
        people=(
            "Approval",
            "Hold",
            "Rejection",
        ),
        shop_facts=(
            "FactSubject",
            "ShopFact",
            "ShopFactKind",
        ),
        told=("Told",),
    )

__all__ = [
    "Answer",
    "Approval",
    "Context",
    "CustomerFacts",
    "DelayChoice",
    "FactKind",
    "FactSubject",
    "Facts",
    "Fulfilment",
    "History",
    "Hold",
    "Likeness",
    "Movement",
    "MovementKind",
    "OrderRecord",
    "Parcel",
    "PastOrder",
    "PickStage",
    "Progress",
    "Rejection",
    "Return",
    "Screening",
    "ShopFact",
    "ShopFactKind",
    "Silence",
    "Stage",
    "Told",
    "VerifierFailure",
    "fact_missing",
    "us_silence",
]
