"""Ready-made sourcing policies: which locations serve an order, and in which sequence.

A policy either puts locations in sequence (`by_rank`, `in_sequence_of` criteria), or chooses among
those that another policy puts in sequence: `whole_order_first`, `fewest_shipments`,
`at_most_shipments`, `only_where`. They compose by nesting.
"""

from __future__ import annotations

from fulfill_core.sourcing.criteria import Criterion, cheapest, in_sequence_of, nearest
from fulfill_core.sourcing.limits import (
    Allowed,
    at_most_shipments,
    only_where,
    pick_up_at,
    unless_rejected,
)
from fulfill_core.sourcing.shipments import fewest_shipments
from fulfill_core.sourcing.whole_order import DEFAULT_SOURCING, by_rank, whole_order_first

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
