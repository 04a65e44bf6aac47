"""What a loop asks a storage for, and what it gets: some orders, and the stock that they touch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.notification import DECISION, Notification
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.records.order_record import OrderRecord

Versions: TypeAlias = tuple[tuple[str, int], ...]
"""Pairs of a key and the number of its version: of an order, a SKU, a location. 0 is not there."""


def key_of_order(order_id: str) -> str:
    """Under what the version of an order's record is counted.

    >>> key_of_order("A-17")
    'order:A-17'
    """
    _checks.check_text("order_id", order_id)
    return f"order:{order_id}"


def key_of_sku(sku: str) -> str:
    """Under what the version of all that a SKU has is counted: rows, lots, supplies, who has them.

    >>> key_of_sku("mug")
    'sku:mug'
    """
    _checks.check_text("sku", sku)
    return f"sku:{sku}"


def key_of_location(location: str) -> str:
    """Under what the version of a location is counted: what it is, and what it took on.

    >>> key_of_location("berlin")
    'location:berlin'
    """
    _checks.check_text("location", location)
    return f"location:{location}"


def to_versions(versions: Mapping[str, int] | Iterable[tuple[str, int]]) -> Versions:
    """Pairs of key and number; what is neither a mapping nor pairs stays for the check.

    >>> to_versions({"sku:mug": 3})
    (('sku:mug', 3),)
    """
    if isinstance(versions, Mapping):
        return tuple(cast("Mapping[str, int]", versions).items())
    return _checks.to_tuple(versions)


def keep_versions(value: object, name: str) -> None:
    """Check versions of a frozen value that is being made, and keep them in sequence by key.

    Whoever takes locks by them takes them in one sequence, so nobody waits for each other.

    Args:
        value: the value.
        name: its field.
    """
    path, versions = f"{type(value).__name__}.{name}", getattr(value, name)
    _checks.check_rows(path, versions, "key", "number")
    path_of_key = f"{path} (key)"
    for key, number in versions:
        _checks.check_id(path_of_key, key)
        _checks.check_int(f"{path}[{key!r}]", number, at_least=0)
    _checks.check_unique(path, [key for key, _ in versions], "key")
    _checks.set_field(value, name, tuple(sorted(versions)))


@attrs.frozen(kw_only=True, weakref_slot=False)
class Scope:
    """Which orders are to be loaded, and with the stock of which SKUs.

    Args:
        order_ids: these orders, however they stand; None for all that are open or have units
            reserved or claimed.
        skus: further SKUs, such as those of an order that is new.

    >>> Scope(order_ids=["A-17"]).order_ids
    ('A-17',)
    """

    order_ids: tuple[str, ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(_checks.to_texts)
    )
    skus: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)

    def __attrs_post_init__(self) -> None:
        for name in ("order_ids", "skus"):
            members = getattr(self, name)
            if members is not None:
                _checks.check_members(f"Scope.{name}", members, str)
                _checks.check_unique(f"Scope.{name}", members, "of them")


def _to_records(members: Iterable[OrderRecord]) -> tuple[OrderRecord, ...]:
    return _checks.to_tuple(members)


def _to_messages(members: Iterable[Notification]) -> tuple[Notification, ...]:
    return _checks.to_tuple(members)


def _to_pairs(members: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return _checks.to_tuple(members)


def ids_told(records: Iterable[OrderRecord]) -> list[str]:
    """The ids of the messages that records name as told: what a storage looks up for drafts.

    Raises:
        InvalidValueError: something else than records.

    >>> ids_told([])
    []
    """
    _checks.check_members("records", records := _checks.to_tuple(records), OrderRecord)
    return [
        message_id
        for record in records
        for last in record.told
        if last.subject == DECISION
        for _, message_id in last.contents
    ]


@attrs.frozen(kw_only=True, weakref_slot=False)
class Loaded:
    """What a storage has of a scope, as it was at one moment.

    Args:
        records: the records of its orders; an order that is not there has none.
        inventory: the stock of all SKUs that they touch: what their lines ask for, the components
            of kits, what they have reserved or claimed, and the SKUs that the scope names. Of each
            of these SKUs all there is, whoever has it; and all locations.
        versions: the version of each of these orders, SKUs and locations, as a mapping by key
            (`key_of_order`, `key_of_sku`, `key_of_location`); what is not named has number 0.
        unreadable: orders whose record can't be read, such as one of a newer schema: pairs of an id
            and the reason. They are left out, and reported; what they have stays theirs.
        drafts: of the messages that these orders were told (`ids_told`), those that are drafts
            still (`OutboxRow.is_draft`). Nobody can have read them: a run tells them anew, or does
            not. A storage that leaves them out takes for told what lies in its outbox.
        doubtful_ids: the ids of those that are in the outbox still, and no drafts: in doubt, or
            parked. What takes their place withdraws them: then nobody knows who has read them.

    >>> Loaded(inventory=Inventory(), versions={"sku:mug": 3}).version_of("sku:mug")
    3
    """

    records: tuple[OrderRecord, ...] = attrs.field(default=(), converter=_to_records)
    inventory: Inventory
    versions: Versions = attrs.field(default=(), converter=to_versions)
    unreadable: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_to_pairs)
    drafts: tuple[Notification, ...] = attrs.field(default=(), converter=_to_messages)
    doubtful_ids: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)

    _numbers: dict[str, int] = attrs.field(init=False, factory=dict[str, int], eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _checks.check_members("Loaded.records", self.records, OrderRecord)
        _checks.check_unique("Loaded.records", (each.id for each in self.records), "order")
        _checks.check_member("Loaded.inventory", self.inventory, Inventory)
        keep_versions(self, "versions")
        _checks.check_rows("Loaded.unreadable", self.unreadable, "order", "reason")
        _checks.check_members("Loaded.drafts", self.drafts, Notification)
        _checks.check_members("Loaded.doubtful_ids", self.doubtful_ids, str)
        self._numbers.update(self.versions)

    def version_of(self, key: str) -> int:
        """The number of a key's version; 0 if it is not there."""
        _checks.check_text("key", key)
        return self._numbers.get(key, 0)
