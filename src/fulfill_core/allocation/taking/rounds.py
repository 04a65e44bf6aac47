"""What a run goes on with, where all of its orders have their turns once more.

In a re-allocation whoever loses something, or gives up what is of no use without it, makes units
free after orders ahead had their turns. So these have them again, until a round moves nothing: a
run that is done again has nothing to give then (law 8). See
docs/how-to/reallocate-after-a-count.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from fulfill_core.decisions.head_start import NO_HEAD_START, HeadStart
from fulfill_core.decisions.rows import Served
from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.stock import Reservation

if TYPE_CHECKING:  # of who loses what most runs know nothing
    from fulfill_core.reallocation.losses import Loss

MOST_ROUNDS = 10
"""So often at most: nearly all are over after the second, and none is known that has no end."""


class Round(NamedTuple):
    """One in which each order has its turn.

    Args:
        stock: the stock before it.
        start: what is given to orders before their turns, and reserved in the stock: by a plan, or
            by earlier rounds.
        losses: who lost what to whom in earlier rounds.
        gains: what orders have got in those, by order id, and what they were told.
        number: how many there were.
        late_units: what orders are to give up first, as their turns in this very round have shown.
    """

    stock: Inventory
    start: HeadStart = NO_HEAD_START
    losses: tuple[Loss, ...] = ()
    gains: Mapping[str, Served] = {}
    number: int = 0
    late_units: tuple[Reservation, ...] = ()

    def without_claims(self, claims: Iterable[Claim]) -> Round:
        """The same round once more, as if nobody had claimed so much."""
        return self._replace(stock=self.stock.without_claims(claims))


def as_heard_before(served: Served, before: Served | None) -> Served:
    """What an order was told in an earlier round, where it got the same then and lacks the same.

    Since others were asked once more it would hear of less, or of nothing, as it has that by now.
    """
    if before is None:
        return served
    lacking, lacking_before = (
        [(line_id, sku, units) for line_id, sku, units, *_ in each.shorts]
        for each in (served, before)
    )
    as_before = served._replace(shorts=before.shorts, remarks=before.remarks)
    return before if lacking == lacking_before and as_before == before else served
