"""The run: verify, rank, allocate, promise, decide, tell; and its result."""

from __future__ import annotations

from fulfill_core.pipeline.checking import Arrival, Offer, lacking, offers
from fulfill_core.pipeline.ledger import Decisions
from fulfill_core.pipeline.result import Result
from fulfill_core.pipeline.run import process

__all__ = ["Arrival", "Decisions", "Offer", "Result", "lacking", "offers", "process"]
