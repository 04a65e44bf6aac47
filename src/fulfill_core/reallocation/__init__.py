"""Who may take units from whom: strategies of confirmation, and losses with their reasons."""

from __future__ import annotations

from fulfill_core.reallocation.reallocation import (
    ConfirmationStrategy,
    Loss,
    LossReason,
    Reallocation,
    StrategyPolicy,
)

__all__ = ["ConfirmationStrategy", "Loss", "LossReason", "Reallocation", "StrategyPolicy"]
