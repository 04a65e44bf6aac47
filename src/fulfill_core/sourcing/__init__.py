"""Ready-made sourcing policies: the locations that serve an order, and in which sequence."""

from __future__ import annotations

from fulfill_core.sourcing.policies import (
    DEFAULT_SOURCING,
    Allowed,
    Criterion,
    at_most_shipments,
    by_rank,
    cheapest,
    fewest_shipments,
    in_sequence_of,
    nearest,
    only_where,
    pick_up_at,
    whole_order_first,
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
    "whole_order_first",
]
