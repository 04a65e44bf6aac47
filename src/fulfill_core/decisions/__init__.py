"""What a run comes to for one order: findings, allocations, backorders, promises, messages."""

from __future__ import annotations

from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import (
    Finding,
    Severity,
    Verdict,
    hold,
    note,
    reject,
    verdict_of,
)
from fulfill_core.decisions.lines import Allocation, Backorder, LineStatus, Short, ShortReason
from fulfill_core.decisions.notification import Audience, Kind, Medium, Notification
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.decisions.promise import LateReason, Promise, PromiseGap, Shipment

__all__ = [
    "Allocation",
    "Audience",
    "Backorder",
    "Decision",
    "Finding",
    "Kind",
    "LateReason",
    "LineStatus",
    "Medium",
    "Notification",
    "Outcome",
    "Promise",
    "PromiseGap",
    "Severity",
    "Shipment",
    "Short",
    "ShortReason",
    "Verdict",
    "hold",
    "note",
    "reject",
    "verdict_of",
]
