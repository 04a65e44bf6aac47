"""Who may take units from whom: strategies of confirmation, and losses with their reasons."""

from __future__ import annotations

from fulfill_core.reallocation.losses import Loss, LossReason
from fulfill_core.reallocation.reallocation import Reallocation
from fulfill_core.reallocation.strategies import ConfirmationStrategy, StrategyPolicy

__all__ = ["ConfirmationStrategy", "Loss", "LossReason", "Reallocation", "StrategyPolicy"]
