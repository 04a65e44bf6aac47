"""The turn of an order: what it needs, and what rules or a plan leave of it.

Most orders ask for SKUs without rules only and may take whatever is there: they all share the one
`PLAIN_TURN`, which keeps nothing and limits nothing. A `RuledTurn` is made for a single order.
See docs/explanation/how-stock-is-given-out.md, "SKUs with rules".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from fulfill_core.allocation.demand import (
    Boxes,
    FreeLots,
    LineDemand,
    boxes_by_sku,
)
from fulfill_core.allocation.kit_line import KitLine
from fulfill_core.decisions.finding import Finding, note
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.rows import BackorderRow
from fulfill_core.exceptions import by_number
from fulfill_core.inventory.item_rules import Fence, Limit
from fulfill_core.inventory.shelves.bays import FreeAsIf, UnitsByLot
from fulfill_core.inventory.shelves.shelf import Deliveries, Shelf
from fulfill_core.orders.order import OrderLine
from fulfill_core.protocols.plug_points import Pool


class PlainTurn:
    """The turn of an order of which neither rules nor a plan keep anything.

    Its answers are the trivial ones, so that who asks need not know which kind of turn it is.
    """

    def __init__(self) -> None:
        self.kits: dict[str, KitLine] = {}
        """Its lines that ask for kits, by line id."""
        self.shelves: dict[str, Shelf] = {}
        """The shelves that its SKUs lie on."""
        self.quota_by_line: dict[str, int] = {}
        """What a plan lets each line have; empty if there is none."""
        self.lines_cut: Collection[str] = ()
        """The lines that a plan gives less than they need."""
        self.deliveries: dict[str, dict[str, datetime]] = {}
        """When what it gets of SKUs whose lots end arrives, by SKU, as far as that was asked."""
        self.has_boxes = False
        """Whether it asks for boxes of several units, each of which comes from one place."""
        self.boxes: Mapping[str, Boxes] = {}
        """The SKUs that its lines want in boxes of one size."""
        self.asks_for_lots = False
        """Whether a line asks for a lot, or gets units of a single one if there is one."""
        self.lot_needs: Mapping[str, UnitsByLot] = {}
        """What its lines want of which lot, of the SKUs of which one asks for a lot."""

    @property
    def is_particular(self) -> bool:
        """Whether sums of units don't say what of them is of use to it: in which boxes, or lots."""
        return self.has_boxes or self.asks_for_lots

    def boxes_of(self, lines: Iterable[tuple[OrderLine, int]]) -> Mapping[str, Boxes]:
        """The SKUs that so many units of these lines want in boxes of one size."""
        if not self.has_boxes:
            return {}
        leaves = {sku for kit in self.kits.values() for sku in kit.skus}
        boxes = boxes_by_sku([(line, units) for line, units in lines if line.id not in self.kits])
        return {sku: of_sku for sku, of_sku in boxes.items() if sku not in leaves}

    def skus_of(self, line: OrderLine) -> Sequence[str]:
        """What a line takes from the stock: its SKU, or the components of its kits."""
        return (line.sku,)

    def locations_of(self, demand: LineDemand) -> Collection[str]:
        """The locations that have something of what a line takes, by id."""
        _, _, pool = demand
        return pool

    def deliveries_of(self, sku: str) -> Deliveries:
        """When what the order gets of a SKU arrives, by location, as far as it was asked."""
        return self.deliveries.get(sku, {})

    def free_lots(self) -> FreeLots:
        """The lots that are free for it now, of the SKUs of which it matters."""
        return FreeLots({}, ())

    def pool_of(self, demand: LineDemand) -> Pool:
        """What a line may have of the pool that it takes from."""
        _, _, pool = demand
        return pool

    def lacks_lot(self, line: OrderLine) -> bool:  # noqa: ARG002 - trivial
        """Whether the line asks for a lot of which there are not enough units for the order."""
        return False

    def missing_of_any_lot(self, missing: Mapping[str, int]) -> Mapping[str, int]:
        """What is missing, units by SKU, without what lines lack that ask for a lot."""
        return missing

    def in_boxes(self, sku: str, units_at: dict[str, int]) -> dict[str, int]:  # noqa: ARG002
        """What of units by location is of use to its lines: of what they want in boxes, whole ones.

        Args:
            sku: the SKU.
            units_at: units by location.
        """
        return units_at

    def has_loose_units(self, sku: str) -> bool:  # noqa: ARG002 - trivial
        """Whether units are there that make no box where they lie, of what it wants in boxes."""
        return False

    def short_reason(self, demand: LineDemand) -> ShortReason | None:  # noqa: ARG002 - trivial
        """Why a rule or a plan, and not the stock, keeps units from a line; None if none does."""
        return None

    def obtainable(
        self,
        sku: str,  # noqa: ARG002 - trivial
        *,
        as_free: FreeAsIf | None = None,  # noqa: ARG002
        in_packs: bool = True,  # noqa: ARG002
        without: Collection[str] = (),  # noqa: ARG002
    ) -> int | None:
        """Units on a shelf that the order could get if certain reserved units were free.

        Args:
            sku: the SKU.
            as_free: the units that count as free, by location and lot; None for all that is
                reserved for orders which are not ahead.
            in_packs: whether it counts that only whole packs leave some locations.
            without: locations that do not count, by id.

        Returns:
            The units; None if the SKU lies on no shelf.
        """
        return None

    def has_enough(self, sku: str) -> bool:  # noqa: ARG002 - trivial
        """Whether it can surely have all that it needs of a SKU on a shelf, as things are."""
        return False

    def units_taken(self, sku: str) -> int:  # noqa: ARG002 - trivial
        """How many units the order takes of a SKU that lies on a shelf; of others 0."""
        return 0

    def is_over_cap(self, line: OrderLine) -> bool:  # noqa: ARG002 - trivial
        """Whether the order needs more of what the line asks for than its customer may have."""
        return False

    def note_cap(self, line: OrderLine) -> None:
        """Note that a cap on what the line asks for is what stops the order."""

    def limit_waiting(self, line: OrderLine, served: int, missing: int) -> int:  # noqa: ARG002
        """How many missing units of a line may wait; the caps that allow fewer are noted."""
        return missing

    def count_waiting(self, rows: Iterable[BackorderRow]) -> None:
        """Count these units, which wait, for the caps."""


PLAIN_TURN = PlainTurn()


def reason_of(limit: Limit) -> ShortReason:
    """Why units are short that a fence or a cap keeps from an order."""
    return ShortReason.CUSTOMER_CAP if limit.fence is None else ShortReason.RING_FENCED


def limit_remark(sku: str, limit: Limit, cap: int | None, purchases: int) -> Finding:
    """That a fence or a cap, not the stock, was the limit of an order.

    Args:
        sku: of which SKU.
        limit: what it may have.
        cap: what one customer may have in all.
        purchases: what its customer bought by orders that have no turn in this run.
    """
    units, fence = limit.units, limit.fence
    if fence is None:
        before = f", and has {purchases} by orders that have no turn in this run"
        detail = f"Of {sku}, one customer gets {cap} at most{before if purchases else ''}:"
        return note("allocation.customer_cap", detail=f"{detail} {units} more for this order.")
    where = f" at {fence.location}" if fence.location else ""
    verb, past_verb = by_number(fence.quantity, "is", "are"), by_number(units, "was", "were")
    whose = f"the last {fence.quantity}{where} {verb} kept for {_whom(fence)}"
    detail = f"Of {sku}, {whose}: {units} {past_verb} left for this order."
    return note("allocation.ring_fenced", detail=detail)


def _whom(fence: Fence) -> str:
    """For whom a fence is there, in words."""
    words = [
        f"{kind} {', '.join(sorted(values))}"
        for kind, values in (
            ("channel", fence.channels),
            ("tier", fence.tiers),
            ("tag", fence.tags),
        )
        if values
    ]
    until = "" if fence.until is None else f", until {fence.until:%Y-%m-%d %H:%M %Z}"
    return " and ".join(words) + until
