"""Order processing as a pure library: orders and stock in, decisions and messages out.

>>> import fulfill_core
>>> callable(fulfill_core.process)
True
"""

from __future__ import annotations

from fulfill_core._decision import (
    Allocation,
    Backorder,
    Decision,
    LineStatus,
    Outcome,
    Short,
    ShortReason,
)
from fulfill_core._explanation import Ahead, Explanation, explain
from fulfill_core._facts import Context, FactKind, Facts, fact_missing
from fulfill_core._fields import FrozenMap
from fulfill_core._finding import Finding, Severity, Verdict, hold, note, reject, verdict_of
from fulfill_core._inventory import Inventory
from fulfill_core._known import CustomerFacts, PastOrder, Screening
from fulfill_core._money import (
    from_minor_units,
    minor_digits,
    to_minor_units,
)
from fulfill_core._notification import Audience, Kind, Notification
from fulfill_core._order import Address, Customer, Order, OrderLine, Payment, PaymentStatus, Ship
from fulfill_core._people import Approval, Hold, Rejection
from fulfill_core._pipeline import process
from fulfill_core._result import Decisions, Result
from fulfill_core._review import Review, review_queue
from fulfill_core._stock import Item, Location, Reservation, Stock, Supply
from fulfill_core.exceptions import (
    FulfillError,
    InvalidValueError,
    PluginError,
    StockError,
    UnknownOrderError,
)
from fulfill_core.notifications import (
    DEFAULT_NOTIFICATIONS,
    customer_and_staff,
    news,
    to_customer,
    to_staff,
)
from fulfill_core.priorities import (
    DEFAULT_PRIORITY,
    customer_tier,
    deadline,
    descending,
    lexicographic,
    oldest_first,
    order_value,
)
from fulfill_core.protocols import (
    Candidate,
    Demand,
    Notifications,
    PriorityPolicy,
    SortKey,
    SourcingPolicy,
    Verifier,
)
from fulfill_core.sourcing import DEFAULT_SOURCING, by_rank, whole_order_first
from fulfill_core.verifiers import (
    DEFAULT_VERIFIERS,
    Condition,
    MissingFacts,
    all_of,
    amount_due,
    asked_last,
    authorization_lasts,
    covers_total,
    credit_covers,
    downgrade,
    email_domain,
    has_lines,
    missing_facts,
    needing,
    no_conflicting_duplicate,
    only_if,
    payment_covers,
    prices_sane,
    reachable,
    ship_to_complete,
    to_capture,
    totals_sane,
    unless,
    upgrade,
)

__all__ = [
    "Address",
    "Ahead",
    "Allocation",
    "Approval",
    "Audience",
    "Backorder",
    "Candidate",
    "Condition",
    "Context",
    "Customer",
    "CustomerFacts",
    "DEFAULT_NOTIFICATIONS",
    "DEFAULT_PRIORITY",
    "DEFAULT_SOURCING",
    "DEFAULT_VERIFIERS",
    "Decision",
    "Decisions",
    "Demand",
    "Explanation",
    "FactKind",
    "Facts",
    "Finding",
    "FrozenMap",
    "FulfillError",
    "Hold",
    "InvalidValueError",
    "Inventory",
    "Item",
    "Kind",
    "LineStatus",
    "Location",
    "MissingFacts",
    "Notification",
    "Notifications",
    "Order",
    "OrderLine",
    "Outcome",
    "PastOrder",
    "Payment",
    "PaymentStatus",
    "PluginError",
    "PriorityPolicy",
    "Rejection",
    "Reservation",
    "Result",
    "Review",
    "Screening",
    "Severity",
    "Ship",
    "Short",
    "ShortReason",
    "SortKey",
    "SourcingPolicy",
    "Stock",
    "StockError",
    "Supply",
    "UnknownOrderError",
    "Verdict",
    "Verifier",
    "all_of",
    "amount_due",
    "asked_last",
    "authorization_lasts",
    "by_rank",
    "covers_total",
    "credit_covers",
    "customer_and_staff",
    "customer_tier",
    "deadline",
    "descending",
    "downgrade",
    "email_domain",
    "explain",
    "fact_missing",
    "from_minor_units",
    "has_lines",
    "hold",
    "lexicographic",
    "minor_digits",
    "missing_facts",
    "needing",
    "news",
    "no_conflicting_duplicate",
    "note",
    "oldest_first",
    "only_if",
    "order_value",
    "payment_covers",
    "prices_sane",
    "process",
    "reachable",
    "reject",
    "review_queue",
    "ship_to_complete",
    "to_capture",
    "to_customer",
    "to_minor_units",
    "to_staff",
    "totals_sane",
    "unless",
    "upgrade",
    "verdict_of",
    "whole_order_first",
]
