"""Typed uses of the storages over SQLAlchemy, as a host would write them.

As in `public_api.py`: where a use is wrong, the ignore comment is the assertion.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fulfill_core.hosting import AsyncStorage, Storage
from fulfill_core.hosting.sqlalchemy import (
    AsyncSqlAlchemyStorage,
    SqlAlchemyStorage,
    StockColumns,
    Tables,
)
from fulfill_core.wire import Reading

metadata = MetaData()
goods = Table(
    "goods",
    metadata,
    Column("code", Text, primary_key=True),
    Column("units", Integer, nullable=False),
)
tables = Tables(
    metadata,
    prefix="shop_",
    stock=StockColumns(sku=goods.c.code, on_hand=goods.c.units, location="berlin"),
)


def storage_of(bind: Engine | Connection) -> Storage:
    """Of an engine, or in the host's own transaction."""
    return SqlAlchemyStorage(bind, tables, reading=Reading(ignores_unknown=True))


def async_storage_of(bind: AsyncEngine | AsyncConnection) -> AsyncStorage:
    """The same, awaited."""
    return AsyncSqlAlchemyStorage(bind, tables)


def wrong_bind(bind: AsyncEngine) -> Storage:
    """An asynchronous engine is none for a host that does not await."""
    return SqlAlchemyStorage(bind)  # type: ignore[arg-type]


def wrong_storage(bind: AsyncEngine) -> Storage:
    """A storage that has to be awaited is none for it, either."""
    return AsyncSqlAlchemyStorage(bind)  # type: ignore[return-value]
