"""Ready-made priority policies: who is served first when there is not enough for all.

A policy returns a sort key; the lowest is served first. `lexicographic` combines several: where
the first says that two orders are equal, the second decides, and so on. `weighted` adds them up.

A policy may have more than its `__call__`; a function of the shop's own needs none of them:

- ``describe(order, /, *, context) -> str``: what it went by, in words;
- ``denominator``: a whole number by which its keys, whole numbers too, are to be divided. So a
  score of 5/6 is a key of 5 with the denominator 6, and no key is ever rounded;
- ``for_batch(orders, /, *, context) -> PriorityPolicy``: the policy to ask in this run, made with
  all orders in view that have come into the queue, in the sequence in which they would be served
  if the policy saw no difference. None if it does not look at them;
- ``turning_points(orders, /, *, context) -> Iterable[datetime]``: when time alone may change how
  the keys of two neighbours in the queue compare. None if it never does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from
from fulfill_core.priorities.combining import DEFAULT_PRIORITY, lexicographic

if TYPE_CHECKING:
    from fulfill_core.priorities.orders import (
        channel_order,
        customer_tier,
        customer_value,
        delayed,
        expedited,
        order_value,
        service_level,
        tag_first,
    )
    from fulfill_core.priorities.reversal import descending
    from fulfill_core.priorities.scores import Weighted, ageing, buckets, normalised, weighted
    from fulfill_core.priorities.shares import fair_share
    from fulfill_core.priorities.times import deadline, oldest_first, slack
else:
    __getattr__, __dir__ = names_from(
        __name__,
        orders=(
            "channel_order",
            "customer_tier",
            "customer_value",
            "delayed",
            "expedited",
            "order_value",
            "service_level",
            "tag_first",
        ),
        scores=(
            "Weighted",
            "ageing",
            "buckets",
            "normalised",
            "weighted",
        ),
        shares=("fair_share",),
        times=(
            "deadline",
            "oldest_first",
            "slack",
        ),
        reversal=("descending",),
    )

__all__ = [
    "DEFAULT_PRIORITY",
    "Weighted",
    "ageing",
    "buckets",
    "channel_order",
    "customer_tier",
    "customer_value",
    "deadline",
    "delayed",
    "descending",
    "expedited",
    "fair_share",
    "lexicographic",
    "normalised",
    "oldest_first",
    "order_value",
    "service_level",
    "slack",
    "tag_first",
    "weighted",
]
