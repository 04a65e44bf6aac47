"""What counts of a decision when two of them are compared: see `Decision.digest`.

Each function gives nested tuples of text and numbers, in a fixed sequence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeAlias

from fulfill_core.decisions.finding import OF_ITS_TURN, Finding
from fulfill_core.decisions.lines import Allocation, Backorder, Short
from fulfill_core.decisions.promise import Promise
from fulfill_core.inventory.stock import Reservation

Content: TypeAlias = tuple[tuple[object, ...], ...]


def of_findings(findings: Iterable[Finding]) -> Content:
    """What was noticed; notes on a turn are left out, the next run has others."""
    return tuple(
        sorted(
            [
                (
                    finding.code,
                    int(finding.severity),
                    finding.field,
                    finding.line_id,
                    finding.source,
                    finding.evidence,
                    str(finding.measure),
                    finding.detail,
                    finding.waived_by,
                )
                for finding in findings
                if not finding.code.startswith(OF_ITS_TURN)
            ]
        )
    )


def of_units(rows: Iterable[Reservation | Allocation]) -> Content:
    """Which units an order has: those of this run and those from before are the same."""
    units: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows:
        units[row.line_id, row.sku, row.location, row.lot] += row.quantity
    return tuple([(*key, quantity) for key, quantity in sorted(units.items())])


def of_backorders(backorders: Iterable[Backorder]) -> Content:
    """What waits for which supply."""
    rows = [
        (row.line_id, row.sku, row.quantity, row.supply_id, _text(row.expected_at), row.location)
        for row in backorders
    ]
    return tuple(sorted(rows))


def of_shorts(shorts: Iterable[Short]) -> Content:
    """What is short and why; how many there were at its turn is of this run alone."""
    return tuple(sorted([(row.line_id, row.sku, row.quantity, row.reason.value) for row in shorts]))


def of_promise(promise: Promise | None) -> Content:
    """The dates, shipment by shipment."""
    if promise is None:
        return ()
    return tuple(
        [
            (
                each.location,
                each.lines,
                _text(each.ships_at),
                _text(each.delivered_at),
                each.supply_id,
                _text(each.expected_at),
                "" if each.gap is None else each.gap.value,
            )
            for each in promise.shipments
        ]
    )


def _text(instant: datetime | None) -> str:
    return "" if instant is None else instant.astimezone(UTC).isoformat()
