"""What happens after the decision: units leave, units are cancelled."""

from __future__ import annotations

from fulfill_core.lifecycle.steps import Step, cancel, ship

__all__ = ["Step", "cancel", "ship"]
