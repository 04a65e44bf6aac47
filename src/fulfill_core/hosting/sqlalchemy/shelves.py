"""Write what is on hand, and look whether what is promised is there: be the table the host's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from fulfill_core import _checks
from fulfill_core.hosting.batches import key_of_sku
from fulfill_core.hosting.plans import CommitPlan
from fulfill_core.hosting.sqlalchemy.loading import chunks
from fulfill_core.hosting.sqlalchemy.rows import Fields, units_reserved_more
from fulfill_core.hosting.sqlalchemy.tables import Tables
from fulfill_core.inventory import StockChange

# Names that no column of a host has: SQLAlchemy keeps those of columns to itself.
_SKU, _PLACE, _UNITS, _SAFETY = "row_sku", "row_place", "row_units", "row_safety"


class Shelves:
    """The rows of the stock.

    Args:
        tables: where they are.
    """

    def __init__(self, tables: Tables) -> None:
        self._stock, self._has_own_stock = tables.stock, tables.has_own_stock
        stock, reservations = tables.stock, tables.reservations.c
        sku, place, units, safety = [
            bindparam(name, type_=column.type)
            for name, column in (
                (_SKU, stock.sku),
                (_PLACE, stock.place),
                (_UNITS, stock.on_hand),
                (_SAFETY, stock.kept_back),
            )
        ]
        here = and_(stock.sku == sku, stock.place == place)
        content: dict[Any, Any] = {stock.on_hand: stock.on_hand + units}
        new: dict[Any, Any] = {stock.sku: sku, stock.on_hand: units}
        if isinstance(stock.safety, Column):
            content[stock.safety] = stock.safety + safety
            new[stock.safety] = safety
        if isinstance(stock.location, Column):
            new[stock.location] = place
        self._change = update(stock.table).where(here).values(content)
        self._empty = delete(stock.table).where(here, stock.on_hand == 0)
        self._new = insert(stock.table).values(new)
        names: BindParameter[Any] = bindparam("names", expanding=True)
        in_force = or_(
            reservations.expires_at.is_(None), reservations.expires_at > bindparam("now")
        )
        reserved = (
            select(func.coalesce(func.sum(reservations.quantity), 0))
            .where(reservations.sku == stock.sku, reservations.location == stock.place, in_force)
            .scalar_subquery()
        )
        self._rows = (
            select(stock.sku, stock.place, stock.on_hand, reserved)
            .where(stock.sku.in_(names))
            .order_by(stock.sku, stock.place)
            .with_for_update(of=stock.table)
        )

    def write(self, connection: Connection, changes: Iterable[StockChange]) -> None:
        """By a difference: what somebody else changed meanwhile, by hand, is not lost."""
        for change in changes:
            self._check(change)
            here = {_SKU: change.sku, _PLACE: change.location}
            more: Fields = {_UNITS: change.quantity}
            if isinstance(self._stock.safety, Column):
                more[_SAFETY] = change.safety
            count = connection.execute(self._change, {**here, **more}).rowcount
            if change.row < 0 and self._has_own_stock:
                connection.execute(self._empty, here)
            if (
                change.row >= 0 and not count
            ):  # it is new, or somebody deleted it: then nothing was in it
                if not isinstance(self._stock.location, Column):
                    del here[_PLACE]
                connection.execute(self._new, {**here, **more})

    def _check(self, change: StockChange) -> None:
        """The table has a place for all that changes.

        Raises:
            InvalidValueError: it has no column for it.
        """
        stock = self._stock
        if not isinstance(stock.safety, Column) and change.safety != (stock.safety * change.row):
            problem = "can't be stored: the table has no column for it; map one"
            raise _checks.refuse("StockChange.safety", change.safety, problem)
        if not isinstance(stock.location, Column) and change.location != stock.location:
            problem = f"is not {stock.location!r}, the one place that the table is of"
            raise _checks.refuse("StockChange.location", change.location, problem)

    def short_of(self, connection: Connection, plan: CommitPlan) -> set[str]:
        """The keys of the SKUs of which a plan promises more than is there.

        A stock row that somebody changed by hand meanwhile has no version that would tell.
        """
        units = units_reserved_more(plan)
        free: dict[tuple[str, str], int] = {}
        for skus in chunks(sorted({sku for sku, _ in units})):
            rows = connection.execute(self._rows, {"names": skus, "now": plan.at})
            for sku, place, on_hand, reserved in rows.all():
                free[sku, place] = on_hand - reserved
        return {key_of_sku(place[0]) for place in units if free.get(place, -1) < 0}
