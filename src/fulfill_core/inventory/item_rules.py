"""The rules of an item: what it is made of, how it leaves, and for whom some of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.order import Order

DatedLot: TypeAlias = tuple[str, int, datetime | None, datetime | None]
"""A lot's id, units that nobody has reserved, end of life, receipt."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


class LotOrder(StrEnum):
    """Which lot of an item leaves first, at a location.

    >>> LotOrder("fefo")
    <LotOrder.FEFO: 'fefo'>
    """

    FEFO = "fefo"
    """First expired, first out; lots without a date come last."""
    FIFO = "fifo"
    """First in, first out; lots whose receipt is not known come last."""
    LIFO = "lifo"
    """Last in, first out; lots whose receipt is not known come last."""


class KitShips(StrEnum):
    """What of a kit's line may leave when there is not enough for all of it.

    >>> KitShips("by_kit")
    <KitShips.BY_KIT: 'by_kit'>
    """

    BY_KIT = "by_kit"
    """As many whole kits as there are."""
    BY_ORDER = "by_order"
    """All kits of the line together, or none."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Component:
    """What a kit is made of: so many units of a SKU in one kit.

    Args:
        sku: the component, which may be a kit itself.
        quantity: units in one kit, 1 or more.

    >>> Component(sku="cup", quantity=2).quantity
    2
    """

    sku: str
    quantity: int = 1

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Component.sku", self.sku)
        _checks.check_int("Component.quantity", self.quantity, at_least=1)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Pack:
    """In what quantities units of an item leave a location: for each order, whole packs or nothing.

    Args:
        location: the location's id.
        multiple: units leave in multiples of this, 1 or more.
        minimum: and not fewer than this, 1 or more.

    >>> Pack(location="depot", multiple=12).whole(30)
    24
    """

    location: str
    multiple: int = 1
    minimum: int = 1

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Pack.location", self.location)
        _checks.check_int("Pack.multiple", self.multiple, at_least=1)
        _checks.check_int("Pack.minimum", self.minimum, at_least=1)

    def whole(self, units: int) -> int:
        """How many of so many units may leave.

        >>> Pack(location="depot", multiple=12, minimum=24).whole(23)
        0
        """
        packed = units // self.multiple * self.multiple
        return packed if packed >= self.minimum else 0


class Packs:
    """In what quantities units of an item leave its locations, all of them together.

    Args:
        packs: one for each location from which only whole packs leave.
    """

    __slots__ = ("_pack_at",)

    def __init__(self, packs: Iterable[Pack]) -> None:
        self._pack_at: Mapping[str, Pack] = {pack.location: pack for pack in packs}

    def leaving(self, location: str, units: int) -> int:
        """How many of so many units may leave a location: whole packs."""
        pack = self._pack_at.get(location)
        return units if pack is None else pack.whole(units)

    def leaving_at(self, units_at: Mapping[str, int], most: int) -> dict[str, int]:
        """The same of what lies at each location, if no more than so many units are asked for."""
        pack_at = self._pack_at
        leaving: dict[str, int] = {}
        for at, units in units_at.items():
            leaves = units if units < most else most  # noqa: FURB136 - `min` takes twice as long
            if at in pack_at:
                leaves = pack_at[at].whole(leaves)
            if leaves:
                leaving[at] = leaves
        return leaving

    def split(self, units: int, offers: Sequence[tuple[str, int]]) -> dict[str, int]:
        """How many units come from where: in sequence, from each what it has of what is missing.

        Where only whole packs leave, the first location that can give all of it does. If none can,
        the packs come first, in sequence, by size and the other way round, wherever that gives
        more: single units can fill up what packs leave, and not the other way round.

        Args:
            units: how many are wanted.
            offers: the locations in sequence, by id, and what each has.
        """
        if not units:
            return {}
        if not self._pack_at:
            return self._in_sequence(units, offers)
        for location, have in offers:
            if have >= units and self.leaving(location, units) == units:
                return {location: units}
        if len(offers) < 2:  # noqa: PLR2004 - in whichever sequence, it is the same
            return self._in_sequence(units, offers)
        packs = self._pack_at
        small_first = sorted(offers, key=lambda at: packs[at[0]].multiple if at[0] in packs else 1)
        packs_first = sorted(offers, key=lambda at: at[0] not in packs)
        small_packs_first = sorted(small_first, key=lambda at: at[0] not in packs)
        # To find the most is a knapsack; four sequences suffice for what shops have. The first is
        # the policy's own, and wins every tie. Packs before single units: a single unit fills up
        # what packs leave, a pack fits no gap that single units left. Large packs before small
        # ones: where sizes divide each other (6, 12, 24) no sequence gives more. Small packs first:
        # where they do not, a large pack may break a number that the small ones make up (two of 4
        # make 8, one of 6 does not). Of other mixtures some units may stay that yet another
        # sequence would give: they wait or are short, and nobody gets too many.
        ways = [
            self._in_sequence(units, sequence)
            for sequence in (offers, packs_first, small_first[::-1], small_packs_first)
        ]
        return max(ways, key=lambda split: sum(split.values()))

    def _in_sequence(self, units: int, offers: Iterable[tuple[str, int]]) -> dict[str, int]:
        """From each what it has of what is still missing."""
        split: dict[str, int] = {}
        for location, have in offers:
            leaves = min(units, have)
            if self._pack_at:
                leaves = self.leaving(location, leaves)
            if leaves:
                split[location] = leaves
                units -= leaves
                if not units:
                    break
        return split


@attrs.frozen(kw_only=True, weakref_slot=False)
class Fence:
    """The last units of an item are kept for some orders: those of a channel, a tier or a tag.

    Like safety stock that only some may take: other orders are served as long as more than so many
    units are left. It is not used up; it ends at its release, or when the item says so no longer.

    Args:
        quantity: so many units, 1 or more: over all locations, or at the one that is named.
        channels: it is kept for orders of these channels,
        tiers: and for customers of these tiers,
        tags: and for orders with one of these tags; at least one of the three is named.
        until: released to all from then on, aware, kept in UTC; None if it is kept until further
            notice.
        location: it keeps the last units of this location, by id, such as those of a shop window;
            empty for the last over all locations.

    >>> Fence(quantity=20, channels=["web"]).channels
    frozenset({'web'})
    >>> Fence(quantity=3, tags=["pick-up"], location="shop").location
    'shop'
    """

    quantity: int
    channels: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    tiers: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    tags: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    until: datetime | None = None
    location: str = ""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_int("Fence.quantity", self.quantity, at_least=1)
        _checks.check_words("Fence.channels", self.channels)
        _checks.check_words("Fence.tiers", self.tiers)
        _checks.check_words("Fence.tags", self.tags)
        if not (self.channels or self.tiers or self.tags):
            raise _checks.refuse(
                "Fence.channels", self.channels, "names nobody, nor do tiers and tags; name one"
            )
        if self.until is not None:
            _checks.keep_in_utc(self, "until")
        _checks.check_optional_id("Fence.location", self.location)


# -- How long lots live, and in which sequence they leave -----------------------------------------


def is_fit(expires_at: datetime | None, *, delivery: datetime | None, life: timedelta) -> bool:
    """The one expiry predicate: whether a lot has so much life left when it is delivered.

    A lot without a date does not expire; without a delivery nothing is judged.

    >>> from datetime import UTC
    >>> day = timedelta(days=1)
    >>> delivery = datetime(2026, 3, 2, tzinfo=UTC)
    >>> [is_fit(delivery + days * day, delivery=delivery, life=2 * day) for days in (0, 1, 2, 3)]
    [False, False, True, True]
    """
    if expires_at is None or delivery is None:
        return True
    return expires_at > delivery and expires_at - delivery >= life


def life_left(expires_at: datetime | None, *, delivery: datetime | None) -> timedelta:
    """How much life a lot has left when it is delivered: `is_fit` for all that ask for no more.

    >>> from datetime import UTC
    >>> delivery = datetime(2026, 3, 2, tzinfo=UTC)
    >>> life_left(delivery + timedelta(days=2), delivery=delivery).days
    2
    """
    if expires_at is None or delivery is None:
        return timedelta.max
    return expires_at - delivery


def delivered_at(now: datetime, lead_time: timedelta) -> datetime:
    """When units that leave now arrive; at the end of the calendar if that is beyond it."""
    try:
        return now.astimezone(UTC) + lead_time  # there a day has 24 hours
    except OverflowError:
        return _LATEST


def _end(lot: DatedLot) -> tuple[bool, timedelta]:
    """By the end of life; without one, last."""
    return lot[2] is None, (lot[2] or _EPOCH) - _EPOCH


def _receipt(lot: DatedLot) -> tuple[bool, timedelta]:
    """By the receipt; without one, last."""
    return lot[3] is None, (lot[3] or _EPOCH) - _EPOCH


def _latest_receipt(lot: DatedLot) -> tuple[bool, timedelta]:
    """By the receipt, the latest first; without one, last."""
    return lot[3] is None, _EPOCH - (lot[3] or _EPOCH)


LOT_ORDERS: Mapping[LotOrder, Callable[[DatedLot], tuple[object, ...]]] = {
    LotOrder.FEFO: lambda lot: (_end(lot), _receipt(lot), lot[0]),
    LotOrder.FIFO: lambda lot: (_receipt(lot), _end(lot), lot[0]),
    LotOrder.LIFO: lambda lot: (_latest_receipt(lot), _end(lot), lot[0]),
}
"""What a lot order goes by; ties go by the other date, then by id."""


def in_lot_order(
    lots: Iterable[DatedLot], order: LotOrder
) -> list[tuple[str, int, datetime | None]]:
    """Lots (id, free, end of life) in the sequence in which they leave."""
    return [(lot_id, free, end) for lot_id, free, end, _ in sorted(lots, key=LOT_ORDERS[order])]


def admits(fence: Fence, order: Order | None) -> bool:
    """Whether the fence is there for this order; any of its words will do."""
    return order is not None and (
        order.channel in fence.channels
        or order.customer.tier in fence.tiers
        or not fence.tags.isdisjoint(order.tags)
    )


class Limit(NamedTuple):
    """How many units of a SKU an order may have, if that is not a question of what is there.

    Args:
        units: so many at most.
        fence: the fence, or one of several, that is the reason; None if it is the customer's cap.
        cap: how many the customer's cap leaves; None if there is no cap.
    """

    units: int
    fence: Fence | None
    cap: int | None
