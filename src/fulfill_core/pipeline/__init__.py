"""The run: verify, rank, allocate, promise, decide, tell; its result; and runs in shards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from
from fulfill_core.pipeline.ledger import Decisions
from fulfill_core.pipeline.notifying import Messages
from fulfill_core.pipeline.result import Result
from fulfill_core.pipeline.run import process
from fulfill_core.pipeline.settings import Settings

if TYPE_CHECKING:
    from fulfill_core.pipeline.checking import Arrival, Offer, lacking, offers
    from fulfill_core.pipeline.merging import merged
    from fulfill_core.pipeline.sharding import Shards, shards
else:
    __getattr__, __dir__ = names_from(
        __name__,
        checking=(
            "Arrival",
            "Offer",
            "lacking",
            "offers",
        ),
        merging=("merged",),
        sharding=(
            "Shards",
            "shards",
        ),
    )

__all__ = [
    "Arrival",
    "Decisions",
    "Messages",
    "Offer",
    "Result",
    "Settings",
    "Shards",
    "lacking",
    "merged",
    "offers",
    "process",
    "shards",
]
