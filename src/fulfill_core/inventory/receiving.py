"""What changes the units on hand, whoever they are for: receipts, counts, transfers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Self

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import StockError
from fulfill_core.inventory.lots import ByLot, of_lot
from fulfill_core.inventory.snapshot import LotCell


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class OnHand(ByLot):
    """A snapshot that can also say what it would be like with other units on hand."""

    def with_received(
        self,
        sku: str,
        location: str,
        quantity: int,
        *,
        supply_id: str = "",
        lot: str = "",
        expires_at: datetime | None = None,
        received_at: datetime | None = None,
    ) -> Self:
        """The inventory after *quantity* units came in.

        Args:
            sku: what came in.
            location: where it lies now.
            quantity: how many stock units, 1 or more.
            supply_id: the supply that they belong to, if it was announced: it still brings so many
                less, and is gone when it has brought all.
            lot: the lot that they belong to, new or known there; empty for units without a lot.
            expires_at: when a new lot expires, aware; None if it does not. Of a lot that is known
                there, it is what it was.
            received_at: when a new lot came in, aware. A lot that is known there keeps its own.

        Raises:
            InvalidValueError: there is no such supply of this SKU; or the lot is there, and expires
                at another time; or a kit is to come in, which has no stock of its own; or a lot,
                where less than nothing is on hand.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12}).with_received("mug", "berlin", 8).on_hand("mug")
        20
        """
        _checks.check_int("quantity", quantity, at_least=1)
        self._check_lot_comes(sku, location, lot, expires_at, received_at)
        received = self._with_units(
            sku, location, quantity, lot, (_in_utc(expires_at), _in_utc(received_at))
        )
        if not supply_id:
            return received
        coming = self.supplies_of(sku)
        if all(supply.id != supply_id for supply in coming):
            known = ", ".join(supply.id for supply in coming) or "none"
            raise _checks.refuse(
                "supply_id", supply_id, f"is no supply of {sku!r}; these are: {known}"
            )
        left = tuple(
            attrs.evolve(supply, quantity=supply.quantity - quantity)
            if supply.id == supply_id
            else supply
            for supply in coming
            if supply.id != supply_id or supply.quantity > quantity
        )
        return received._with(supplies=self._supplies.with_changes({sku: left or None}))

    def _check_lot_comes(
        self,
        sku: str,
        location: str,
        lot: str,
        expires_at: datetime | None,
        received_at: datetime | None,
    ) -> None:
        """The lot may come in with these dates."""
        _checks.check_text("lot", lot)
        for name, instant in (("expires_at", expires_at), ("received_at", received_at)):
            if instant is not None:
                _checks.check_aware(name, instant)
                if not lot:
                    raise _checks.refuse(name, instant, "is that of a lot; name the lot as well")
        known = self._lots_at(sku, location).get(lot)
        if known is not None and expires_at not in {None, known[4]}:
            raise _checks.refuse(
                "expires_at",
                expires_at,
                f"is not when lot {_checks.shown(lot)}, which is there, expires:"
                f" {_instant(known[4])}; give these units another lot",
            )

    def with_counted(
        self, sku: str, location: str, on_hand: int, *, lot: str | None = None
    ) -> Self:
        """The inventory after a count found *on_hand* units, 0 or more, whatever was reserved.

        No reservation moves by itself: `overdrawn` says where too many are reserved now.

        Args:
            sku: what was counted.
            location: where.
            on_hand: how many stock units are there; of the lot, if one is named.
            lot: the lot that was counted; empty for the units without a lot. Where there are lots,
                it has to be said. A lot of which nothing is there stays, and can be counted again.

        Raises:
            InvalidValueError: there is no such lot, or there are lots and none is named.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12}).with_counted("mug", "berlin", 9).on_hand("mug")
        9
        """
        _checks.check_int("on_hand", on_hand, at_least=0)
        meant = self._meant(sku, location, lot)
        if not meant and not self._lots_at(sku, location):
            return self._with_on_hand(sku, location, on_hand)
        more = on_hand - self._in_lot(sku, location, meant)
        counted = self._with_on_hand(sku, location, self.on_hand(sku, location) + more)
        if not meant:
            return counted
        place, lot_id, _, *rest = self._lot(sku, location, meant)
        cell: LotCell = (place, lot_id, on_hand, *rest)  # type: ignore[assignment]
        return counted._with_lot(sku, cell)

    def with_transferred(
        self,
        sku: str,
        quantity: int,
        *,
        source: str,
        target: str,
        lot: str | None = None,
        now: datetime | None = None,
    ) -> Self:
        """The inventory after *quantity* free units were brought from one location to another.

        In one step: both change or none does, and there are as many in all as before. Only what is
        available may go. Units that are reserved move with their reservation
        (`with_reservation_moved`), and safety stock is the location's own.

        Args:
            sku: what.
            quantity: how many stock units, 1 or more.
            source: where they were.
            target: where they are now; a SKU that it never had gets a stock row there.
            lot: of which lot; empty for units without one. Where there are lots at the source, it
                has to be said. The lot goes along with its dates. It may be past its life: then
                only reservations and safety stock hold it back.
            now: reservations that have expired by then do not count; None counts them all, and
                judges no lot by its life.

        Raises:
            StockError: so many are not available at the source; or the lot is in quarantine; or a
                lot of that id with other dates is at the target.
            InvalidValueError: there is no such lot, or there are lots and none is named.

        >>> from fulfill_core import Inventory
        >>> stock = Inventory.of({("mug", "berlin"): 12, ("mug", "paris"): 3})
        >>> stock.with_transferred("mug", 5, source="berlin", target="paris").pool("mug")
        {'berlin': 7, 'paris': 8}
        """
        _checks.check_int("quantity", quantity, at_least=1)
        if now is not None:
            _checks.check_aware("now", now)
        check_route(source, target)
        meant = self._meant(sku, source, lot)
        self._check_unlocked(("", ""), "transfer", sku, source, (meant, quantity))
        free = self._free(sku, source, meant, now)
        if free < quantity:
            shown = _checks.shown
            raise StockError(
                "",
                "",
                f"cannot transfer {quantity} units of {shown(sku)}{of_lot(meant)} from"
                f" {shown(source)}: {free} are available",
            )
        units = {meant: quantity}
        return self._with_arrived(sku, units, source, target)._with_left(sku, units, source)

    def _with_arrived(self, sku: str, units: Mapping[str, int], source: str, target: str) -> Self:
        """Units of these lots came to a place; nobody is asked whose they are."""
        arrived = self
        there = self._lots_at(sku, target)
        for lot, quantity in units.items():
            dates: tuple[datetime | None, datetime | None] = None, None
            if lot:
                dates = self._lot(sku, source, lot)[4:6]
                known = there.get(lot)
                if known is not None and known[4:6] != dates:
                    shown = _checks.shown
                    raise StockError(
                        "",
                        "",
                        f"cannot bring lot {shown(lot)} of {shown(sku)} to {shown(target)}:"
                        " a lot of that id with other dates is there",
                    )
            arrived = arrived._with_units(sku, target, quantity, lot, dates)
        return arrived

    def _with_left(self, sku: str, units: Mapping[str, int], source: str) -> Self:
        """Units of these lots left a place; nobody is asked whose they were."""
        left = self
        for lot, quantity in units.items():
            left = left._with_units(sku, source, -quantity, lot)
        return left


def check_route(source: object, target: object) -> None:
    """Two locations, from one to the other."""
    _checks.check_id("source", source)
    _checks.check_id("target", target)
    if source == target:
        raise _checks.refuse("target", target, "is the source; pass another location")


def _in_utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)


def _instant(instant: datetime | None) -> str:
    return "never" if instant is None else instant.isoformat()
