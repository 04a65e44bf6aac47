"""Order processing as a pure library: orders and stock in, decisions and messages out.

>>> import fulfill_core
>>> callable(fulfill_core.process)
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._checks import FrozenMap
from fulfill_core._lazy import names_from
from fulfill_core.decisions import (
    Allocation,
    Audience,
    Backorder,
    Decision,
    Finding,
    Kind,
    LineStatus,
    Notification,
    Outcome,
    Promise,
    Severity,
    Shipment,
    Short,
    ShortReason,
    Verdict,
    hold,
    note,
    reject,
    verdict_of,
)
from fulfill_core.exceptions import (
    FulfillError,
    InvalidValueError,
    PluginError,
    StockError,
    UnknownOrderError,
)
from fulfill_core.inventory import (
    Claim,
    Component,
    Fence,
    Inventory,
    Item,
    KitShips,
    Location,
    Lot,
    LotOrder,
    Pack,
    Reservation,
    Stock,
    Supply,
)
from fulfill_core.notifications import DEFAULT_NOTIFICATIONS
from fulfill_core.orders import (
    Address,
    Customer,
    Order,
    OrderLine,
    Payment,
    PaymentStatus,
    Ship,
    from_minor_units,
    to_minor_units,
)
from fulfill_core.pipeline import Result, Settings, process
from fulfill_core.priorities import DEFAULT_PRIORITY
from fulfill_core.protocols import (
    Candidate,
    Demand,
    PriorityPolicy,
    SortKey,
    SourcingPolicy,
    Verifier,
)
from fulfill_core.records import Context, Facts, Progress
from fulfill_core.sourcing import DEFAULT_SOURCING
from fulfill_core.verifiers import DEFAULT_VERIFIERS

if TYPE_CHECKING:
    from fulfill_core.explanation import Explanation, Review, explain, review_queue
    from fulfill_core.inventory import Changes
    from fulfill_core.pipeline import Offer, Shards, lacking, merged, offers, shards
    from fulfill_core.records import (
        Approval,
        CustomerFacts,
        Hold,
        OrderRecord,
        PastOrder,
        Rejection,
        Screening,
        Told,
    )
    from fulfill_core.whatif import Comparison, compare
else:
    __getattr__, __dir__ = names_from(
        __name__,
        explanation=("Explanation", "Review", "explain", "review_queue"),
        inventory=("Changes",),
        pipeline=("Offer", "Shards", "lacking", "merged", "offers", "shards"),
        records=(
            "Approval",
            "CustomerFacts",
            "Hold",
            "OrderRecord",
            "PastOrder",
            "Rejection",
            "Screening",
            "Told",
        ),
        whatif=("Comparison", "compare"),
    )

__all__ = [
    "Address",
    "Allocation",
    "Approval",
    "Audience",
    "Backorder",
    "Candidate",
    "Changes",
    "Claim",
    "Comparison",
    "Component",
    "Context",
    "Customer",
    "CustomerFacts",
    "DEFAULT_NOTIFICATIONS",
    "DEFAULT_PRIORITY",
    "DEFAULT_SOURCING",
    "DEFAULT_VERIFIERS",
    "Decision",
    "Demand",
    "Explanation",
    "Facts",
    "Fence",
    "Finding",
    "FrozenMap",
    "FulfillError",
    "Hold",
    "InvalidValueError",
    "Inventory",
    "Item",
    "Kind",
    "KitShips",
    "LineStatus",
    "Location",
    "Lot",
    "LotOrder",
    "Notification",
    "Offer",
    "Order",
    "OrderLine",
    "OrderRecord",
    "Outcome",
    "Pack",
    "PastOrder",
    "Payment",
    "PaymentStatus",
    "PluginError",
    "PriorityPolicy",
    "Progress",
    "Promise",
    "Rejection",
    "Reservation",
    "Result",
    "Review",
    "Screening",
    "Settings",
    "Severity",
    "Shards",
    "Ship",
    "Shipment",
    "Short",
    "ShortReason",
    "SortKey",
    "SourcingPolicy",
    "Stock",
    "StockError",
    "Supply",
    "Told",
    "UnknownOrderError",
    "Verdict",
    "Verifier",
    "compare",
    "explain",
    "from_minor_units",
    "hold",
    "lacking",
    "merged",
    "note",
    "offers",
    "process",
    "reject",
    "review_queue",
    "shards",
    "to_minor_units",
    "verdict_of",
]
