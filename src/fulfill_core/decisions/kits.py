"""How many whole kits lines have, where components were counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fulfill_core.decisions.rows import KitRow
from fulfill_core.orders.order import OrderLine
from fulfill_core.orders.progress import NO_PROGRESS, Progress


def kits_by_line(
    lines: Iterable[OrderLine],
    kits: Iterable[KitRow],
    progress: Iterable[Progress],
    units_before: Mapping[tuple[str, str], int],
    units_of_run: Mapping[tuple[str, str], int],
) -> Iterator[tuple[OrderLine, int, int, int]]:
    """The lines that ask for kits: how many are open, were reserved before a run, and by it.

    Args:
        lines: the lines of an order.
        kits: those that ask for kits, and what one is made of.
        progress: how far the lines have come.
        units_before: components that are reserved, by line and SKU.
        units_of_run: components that the run reserved, by line and SKU.
    """
    parts_of = dict(kits)
    progress_of = {each.line_id: each for each in progress}
    for line in lines:
        line_id = line.id
        parts = parts_of.get(line_id)
        if parts is None:
            continue
        come_so_far = progress_of.get(line_id, NO_PROGRESS)
        parts_shipped, open_kits = dict(come_so_far.parts), come_so_far.open(line)
        reserved = after = open_kits
        for sku, each in parts:
            # A part that has left is where it belongs: it counts like one that is reserved.
            units = units_before.get((line_id, sku), 0) + parts_shipped.get(sku, 0)
            reserved = min(reserved, units // each)
            after = min(after, (units + units_of_run.get((line_id, sku), 0)) // each)
        yield line, open_kits, reserved, after - reserved
