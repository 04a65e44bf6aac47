"""Ready-made verifiers, one module per subject.

`DEFAULT_VERIFIERS` is what `process` uses unless it is told otherwise. Add your own:
``verifiers=(*DEFAULT_VERIFIERS, no_po_boxes)``.
"""

from __future__ import annotations

from fulfill_core.protocols import Verifier
from fulfill_core.verifiers.address import ship_to_complete
from fulfill_core.verifiers.contact import reachable
from fulfill_core.verifiers.integrity import (
    has_lines,
    no_conflicting_duplicate,
    prices_sane,
    totals_sane,
)
from fulfill_core.verifiers.payment import payment_covers

__all__ = [
    "DEFAULT_VERIFIERS",
    "has_lines",
    "no_conflicting_duplicate",
    "payment_covers",
    "prices_sane",
    "reachable",
    "ship_to_complete",
    "totals_sane",
]

DEFAULT_VERIFIERS: tuple[Verifier, ...] = (
    reachable,
    ship_to_complete,
    payment_covers,
    has_lines,
    totals_sane,
    prices_sane,
)
