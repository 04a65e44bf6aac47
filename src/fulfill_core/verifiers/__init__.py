"""Ready-made verifiers, one module per subject.

`DEFAULT_VERIFIERS` is what `process` uses unless it is told otherwise. Add your own:
``verifiers=(*DEFAULT_VERIFIERS, no_po_boxes)``.
"""

from __future__ import annotations

from fulfill_core.protocols import Verifier
from fulfill_core.verifiers.address import ship_to_complete
from fulfill_core.verifiers.combining import (
    Condition,
    all_of,
    asked_last,
    downgrade,
    needing,
    only_if,
    unless,
    upgrade,
)
from fulfill_core.verifiers.contact import reachable
from fulfill_core.verifiers.integrity import (
    has_lines,
    no_conflicting_duplicate,
    prices_sane,
    totals_sane,
)
from fulfill_core.verifiers.needed import MissingFacts, missing_facts
from fulfill_core.verifiers.payment import payment_covers

__all__ = [
    "Condition",
    "DEFAULT_VERIFIERS",
    "MissingFacts",
    "all_of",
    "asked_last",
    "downgrade",
    "has_lines",
    "missing_facts",
    "needing",
    "no_conflicting_duplicate",
    "only_if",
    "payment_covers",
    "prices_sane",
    "reachable",
    "ship_to_complete",
    "totals_sane",
    "unless",
    "upgrade",
]

DEFAULT_VERIFIERS: tuple[Verifier, ...] = (
    reachable,
    ship_to_complete,
    payment_covers,
    has_lines,
    totals_sane,
    prices_sane,
)
