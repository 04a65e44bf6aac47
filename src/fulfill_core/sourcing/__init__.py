"""Ready-made sourcing policies: which locations serve an order, and in which sequence.

A policy either puts locations in sequence (`by_rank`, `in_sequence_of` criteria), or chooses among
those that another policy puts in sequence: `whole_order_first`, `fewest_shipments`,
`at_most_shipments`, `only_where`. They compose by nesting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from
from fulfill_core.sourcing.whole_order import DEFAULT_SOURCING, by_rank, whole_order_first

if TYPE_CHECKING:
    from fulfill_core.sourcing.criteria import Criterion, cheapest, in_sequence_of, nearest
    from fulfill_core.sourcing.limits import (
        Allowed,
        at_most_shipments,
        only_where,
        pick_up_at,
        unless_rejected,
    )
    from fulfill_core.sourcing.shipments import fewest_shipments
else:
    __getattr__, __dir__ = names_from(
        __name__,
        criteria=(
            "Criterion",
            "cheapest",
            "in_sequence_of",
            "nearest",
        ),
        limits=(
            "Allowed",
            "at_most_shipments",
            "only_where",
            "pick_up_at",
            "unless_rejected",
        ),
        shipments=("fewest_shipments",),
    )

__all__ = [
    "Allowed",
    "Criterion",
    "DEFAULT_SOURCING",
    "at_most_shipments",
    "by_rank",
    "cheapest",
    "fewest_shipments",
    "in_sequence_of",
    "nearest",
    "only_where",
    "pick_up_at",
    "unless_rejected",
    "whole_order_first",
]
