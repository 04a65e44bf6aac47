"""From a job and what was loaded for it to a plan: pure steps, which the loop drives."""

from __future__ import annotations

from fulfill_core.hosting.planning.drafting import draft_of, records_of
from fulfill_core.hosting.planning.drafts import Draft, JobOutcome, PreferencesOf, StepOfEvent
from fulfill_core.hosting.planning.touching import keys_in, units_in, versions_of

__all__ = [
    "Draft",
    "JobOutcome",
    "PreferencesOf",
    "StepOfEvent",
    "draft_of",
    "keys_in",
    "records_of",
    "units_in",
    "versions_of",
]
