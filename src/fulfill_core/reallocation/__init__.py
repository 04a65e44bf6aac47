"""Who may take units from whom: strategies of confirmation, and losses with their reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from

if TYPE_CHECKING:
    from fulfill_core.reallocation.losses import Loss, LossReason
    from fulfill_core.reallocation.reallocation import Reallocation
    from fulfill_core.reallocation.strategies import ConfirmationStrategy, StrategyPolicy
else:
    __getattr__, __dir__ = names_from(
        __name__,
        losses=(
            "Loss",
            "LossReason",
        ),
        reallocation=("Reallocation",),
        strategies=(
            "ConfirmationStrategy",
            "StrategyPolicy",
        ),
    )

__all__ = ["ConfirmationStrategy", "Loss", "LossReason", "Reallocation", "StrategyPolicy"]
