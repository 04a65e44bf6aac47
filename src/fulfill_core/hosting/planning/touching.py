"""What a plan writes and touches, and by what it is known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

from fulfill_core.decisions.decision import Decision
from fulfill_core.hosting.batches import (
    Loaded,
    Versions,
    key_of_location,
    key_of_order,
    key_of_sku,
)
from fulfill_core.hosting.plans import CommitPlan, OutboxRow
from fulfill_core.inventory.changes import Changes
from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.stock import Reservation
from fulfill_core.records.order_record import OrderRecord


def plan_of(
    job_content: object,
    loaded: Loaded,
    now: datetime,
    changes: Changes,
    *,
    records: Iterable[OrderRecord],
    decisions: Iterable[Decision] = (),
    rows: Iterable[OutboxRow],
    withdrawn: Iterable[str],
    drafts: Iterable[str] = (),
) -> CommitPlan | None:
    """The plan that writes all of this; None if there is nothing to write.

    Its id is made of what it writes. Two workers that do different things to one order at the same
    instant have two plans; what is expected is counted up, so the same plan is never made again.

    >>> from fulfill_core import Inventory
    >>> loaded = Loaded(inventory=Inventory())
    >>> plan_of((), loaded, datetime(2026, 3, 2), Changes(), records=[], rows=[], withdrawn=[])
    """
    records, rows = tuple(records), tuple(rows)
    withdrawn, drafts = tuple(sorted(withdrawn)), tuple(sorted(drafts))
    if not (changes or records or rows or withdrawn or drafts):
        return None
    expected = versions_of(loaded, changes, [record.id for record in records])
    content = (
        *(job_content, now, expected, tuple([row.id for row in rows]), withdrawn, drafts),
        tuple([_content_of_record(record) for record in records]),
        tuple([_content_of_units(units) for units in units_in(changes)]),
    )
    return CommitPlan(
        # Long enough that no two of a lifetime are the same: the second would not be written.
        id=f"plan:{blake2b(ascii(content).encode(), digest_size=16).hexdigest()}",
        at=now,
        expected=expected,
        changes=changes,
        records=records,
        decisions=decisions,
        rows=rows,
        withdrawn=withdrawn,
        drafts=drafts,
    )


def _content_of_record(record: OrderRecord) -> tuple[object, ...]:
    """What a run may come to for an order, as far as it differs from run to run."""
    outcome = "" if record.outcome is None else record.outcome.value
    return record.id, record.order.fingerprint, outcome, tuple([each.id for each in record.told])


def _content_of_units(units: Reservation | Claim) -> tuple[object, ...]:
    place = units.location if isinstance(units, Reservation) else units.supply_id
    lot = units.lot if isinstance(units, Reservation) else ""
    return units.order_id, units.line_id, units.sku, place, units.quantity, lot


def versions_of(loaded: Loaded, changes: Changes, order_ids: Iterable[str]) -> Versions:
    """What is touched, with the version that was loaded.

    Units of a SKU may be promised by whoever reads its version; so may what a location with a
    capacity can take on. Of what was merely read nothing is promised.
    """
    keys = {*map(key_of_order, order_ids), *keys_in(changes)}
    for each in (*changes.reservations_added, *changes.reservations_removed):
        if loaded.inventory.location(each.location).capacity is not None:
            keys.add(key_of_location(each.location))
    return tuple([(key, loaded.version_of(key)) for key in sorted(keys)])


def keys_in(changes: Changes) -> set[str]:
    """The keys of the SKUs and locations that changes touch by themselves.

    >>> from fulfill_core.inventory import StockChange
    >>> keys_in(Changes(on_hand=[StockChange(sku="mug", location="berlin", quantity=-2)]))
    {'sku:mug'}
    """
    skus = {
        *[each.sku for each in changes.on_hand],
        *[each.sku for each in changes.lots],
        *[each.sku for each in (*changes.supplies_added, *changes.supplies_removed)],
        *[each.sku for each in (*changes.items_added, *changes.items_removed)],
        *[each.sku for each in units_in(changes)],
    }
    places = {
        *[each.id for each in (*changes.locations_added, *changes.locations_removed)],
        *[each.location for each in (*changes.intakes_added, *changes.intakes_removed)],
    }
    return {*map(key_of_sku, skus), *map(key_of_location, places)}


def units_in(changes: Changes) -> tuple[Reservation | Claim, ...]:
    """The units that orders gain or lose by changes, on hand and of supplies.

    >>> units_in(Changes())
    ()
    """
    return (
        *(*changes.reservations_added, *changes.reservations_removed),
        *(*changes.claims_added, *changes.claims_removed),
    )
