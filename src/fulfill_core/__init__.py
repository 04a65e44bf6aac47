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
from fulfill_core._facts import Approval, Context, Facts
from fulfill_core._fields import FrozenMap
from fulfill_core._finding import Finding, Severity, Verdict, hold, note, reject, verdict_of
from fulfill_core._inventory import Inventory
from fulfill_core._notification import Audience, Kind, Notification
from fulfill_core._order import Address, Customer, Order, OrderLine, Payment, PaymentStatus, Ship
from fulfill_core._pipeline import process
from fulfill_core._result import Decisions, Result
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
    has_lines,
    no_conflicting_duplicate,
    payment_covers,
    prices_sane,
    reachable,
    ship_to_complete,
    totals_sane,
)

__all__ = [
    "Address",
    "Ahead",
    "Allocation",
    "Approval",
    "Audience",
    "Backorder",
    "Candidate",
    "Context",
    "Customer",
    "DEFAULT_NOTIFICATIONS",
    "DEFAULT_PRIORITY",
    "DEFAULT_SOURCING",
    "DEFAULT_VERIFIERS",
    "Decision",
    "Decisions",
    "Demand",
    "Explanation",
    "Facts",
    "Finding",
    "FrozenMap",
    "FulfillError",
    "InvalidValueError",
    "Inventory",
    "Item",
    "Kind",
    "LineStatus",
    "Location",
    "Notification",
    "Notifications",
    "Order",
    "OrderLine",
    "Outcome",
    "Payment",
    "PaymentStatus",
    "PluginError",
    "PriorityPolicy",
    "Reservation",
    "Result",
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
    "by_rank",
    "customer_and_staff",
    "customer_tier",
    "deadline",
    "descending",
    "explain",
    "has_lines",
    "hold",
    "lexicographic",
    "news",
    "no_conflicting_duplicate",
    "note",
    "oldest_first",
    "order_value",
    "payment_covers",
    "prices_sane",
    "process",
    "reachable",
    "reject",
    "ship_to_complete",
    "to_customer",
    "to_staff",
    "totals_sane",
    "verdict_of",
    "whole_order_first",
]
