"""A storage over SQLAlchemy, for SQLite and PostgreSQL; synchronous and asynchronous.

Needs the extra ``fulfill_core[sqlalchemy]``, so nothing else of the library imports it. It opens
nothing by itself: engines and connections are the host's.
"""

from __future__ import annotations

try:
    import sqlalchemy as _sqlalchemy
except ImportError as error:
    raise ImportError(
        "fulfill_core.hosting.sqlalchemy needs SQLAlchemy and cattrs: "
        "pip install 'fulfill_core[sqlalchemy]'",
        name="sqlalchemy",
    ) from error

from fulfill_core.hosting.sqlalchemy.storage import AsyncSqlAlchemyStorage, SqlAlchemyStorage
from fulfill_core.hosting.sqlalchemy.tables import StockColumns, Tables

__all__ = ["AsyncSqlAlchemyStorage", "SqlAlchemyStorage", "StockColumns", "Tables"]

del _sqlalchemy
