"""Demand inside the allocator: what an order and its lines still need, and what they do not get.

Outside, a sourcing policy sees a `Demand`, and a host sees backorders and shorts. Here demand is
met by pools: units by location, shared by all lines that ask for one SKU.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fulfill_core.allocation.kit_line import KitLine
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.rows import BackorderRow, ShortRow
from fulfill_core.orders.order import OrderLine
from fulfill_core.protocols import Candidate
from fulfill_core.protocols.plug_points import Pool


class LineDemand(NamedTuple):
    """What a line still needs.

    Args:
        line: the line.
        units: how many units it still needs; kits, if it asks for kits.
        pool: where they come from: units by location, as they are now.
    """

    line: OrderLine
    units: int
    pool: Pool


class LineShortage(NamedTuple):
    """What a line did not get.

    Args:
        demand: what it needed.
        units: how many units of that it did not get.
        left_on_shelf: how many were there, and were not taken because the line takes no part of
            them: it ships whole, or its pack does.
    """

    demand: LineDemand
    units: int
    left_on_shelf: int


class RuledDemand(NamedTuple):
    """What an order of whose SKUs some have rules still needs.

    Args:
        lines: its lines that need something, and how many units (of a kit line: kits).
        kits: the lines that ask for kits, by line id.
        by_sku: units by SKU, kits taken apart.
        quotas: the same, as far as the plan allows.
        quota_by_line: what the plan lets each line have; empty if there is none.
    """

    lines: list[tuple[OrderLine, int]]
    kits: dict[str, KitLine]
    by_sku: dict[str, int]
    quotas: dict[str, int]
    quota_by_line: dict[str, int]


class Sources(NamedTuple):
    """Where an order is served from.

    Args:
        places: the locations, in the sequence in which they are asked.
        shut: the locations that have units, and take on no further orders today.
        remarks: what there is to say on the choice.
    """

    places: tuple[Candidate, ...] = ()
    shut: tuple[Candidate, ...] = ()
    remarks: tuple[Finding, ...] = ()


class Unserved(NamedTuple):
    """What becomes of units that an order does not get.

    Args:
        backorders: what waits for more stock.
        shorts: what will not come.
    """

    backorders: tuple[BackorderRow, ...]
    shorts: tuple[ShortRow, ...]


def units_at(pool: Pool, places: Iterable[Candidate]) -> int:
    """Units of a pool that lie at these locations."""
    return sum([pool.get(place, 0) for place in places])


def whole_packs(line: OrderLine, missing: int, available: int) -> int:
    """How many of the available units a line takes, so that it has whole packs then.

    What it has already counts: a pack that was begun is filled up.
    """
    units_before = line.units - missing
    packs = (units_before + available) // line.units_each
    return max(0, packs * line.units_each - units_before)
