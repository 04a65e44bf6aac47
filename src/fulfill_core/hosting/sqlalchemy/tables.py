"""The tables of a storage: its own, in the host's `MetaData`; and the stock, be it the host's.

Each table has a column for all that is looked up or changed by a difference. What is only read as a
whole (records, decisions, items, locations, what is in the outbox) is a document of JSON, as
`fulfill_core.wire` writes it, as text: so it is the same in every database, to the last sign.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import attrs
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    literal,
)

from fulfill_core import _checks

_COUNTED = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up by itself what is INTEGER, and nothing else."""


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. SQLite forgets the zone, PostgreSQL gives that of the connection."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy passes it
    ) -> datetime | None:
        """What was stored, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@attrs.frozen(kw_only=True, eq=False)
class StockColumns:
    """Where the host's own table says how many units of what lie where.

    Args:
        sku: the column of the stock keeping unit, a text.
        on_hand: the column of the units on hand.
        location: the column of the location's id; or the id itself, if the shop has one place.
        safety: the column of units that are never promised; or their number, for all rows.

    Raises:
        InvalidValueError: the columns are of several tables.

    >>> goods = Table("goods", MetaData(), Column("code", Text, primary_key=True),
    ...               Column("units", Integer))
    >>> StockColumns(sku=goods.c.code, on_hand=goods.c.units, location="berlin").table.name
    'goods'
    """

    sku: Column[str]
    on_hand: Column[int]
    location: Column[str] | str
    safety: Column[int] | int = 0

    def __attrs_post_init__(self) -> None:
        for name in ("sku", "on_hand", "location", "safety"):
            column: Any = getattr(self, name)
            is_constant = name in ("location", "safety") and not isinstance(column, Column)
            if (
                not is_constant
                and getattr(cast("object", column), "table", None) is not self.sku.table
            ):
                problem = "is no column of the table that the others are of; pass one"
                raise _checks.refuse(f"StockColumns.{name}", cast("object", column), problem)
        if not isinstance(self.location, Column):
            _checks.check_id("StockColumns.location", self.location)
        if not isinstance(self.safety, Column):
            _checks.check_int("StockColumns.safety", self.safety, at_least=0)

    @property
    def table(self) -> Table:
        """The table that they are of."""
        return self.sku.table

    @property
    def place(self) -> ColumnElement[str]:
        """The location of a row, be it a column or the same for all."""
        return self.location if isinstance(self.location, Column) else literal(self.location, Text)

    @property
    def kept_back(self) -> ColumnElement[int]:
        """The safety stock of a row, be it a column or the same for all."""
        return self.safety if isinstance(self.safety, Column) else literal(self.safety, BigInteger)


class Tables:
    """The tables of a storage. They are made by ``metadata.create_all``, or by migrations.

    Args:
        metadata: where they are described, beside the host's own tables; None for a new one.
        prefix: what their names begin with.
        stock: the columns of the host's table that has the stock; None for a table like the others.

    Whatever changes these tables goes through the storage, apart from rows of the stock: on hand is
    changed by differences, and goods that are not there are not promised.

    >>> sorted(Tables(prefix="shop_").metadata.tables)[:3]
    ['shop_claim', 'shop_intake', 'shop_location']
    """

    def __init__(
        self,
        metadata: MetaData | None = None,
        *,
        prefix: str = "fulfill_",
        stock: StockColumns | None = None,
    ) -> None:
        self.metadata = MetaData() if metadata is None else metadata
        self._prefix = prefix
        self._describe_orders()
        self._describe_goods()
        self._describe_units()
        self._describe_outbox()
        self.has_own_stock = stock is None
        self.stock = self._own_stock() if stock is None else stock

    def _describe_orders(self) -> None:
        self.records = self._table(
            "record",
            _text("order_id", primary_key=True),
            Column("version", Integer, nullable=False),
            Column("is_open", Boolean),
            Column("placed_at", Instant),
            Column("outcome", Text),
            Column("document", Text),
            Column("decision", Text),
        )
        self._index(self.records, "open", "order_id", only=self.records.c.is_open)
        self.plans = self._table(
            "plan", _text("id", primary_key=True), Column("at", Instant, nullable=False)
        )

    def _describe_goods(self) -> None:
        self.skus = self._table(
            "sku",
            _text("sku", primary_key=True),
            Column("version", Integer, nullable=False),
            Column("item", Text),
        )
        self.locations = self._table(
            "location",
            _text("id", primary_key=True),
            Column("version", Integer, nullable=False),
            Column("document", Text),
        )
        self.lots = self._table(
            "lot",
            *[_text(name, primary_key=True) for name in ("sku", "location", "lot")],
            _units("quantity"),
            Column("expires_at", Instant),
            Column("received_at", Instant),
            Column("quarantined", Boolean, nullable=False),
        )
        self.supplies = self._table(
            "supply",
            *[_text(name, primary_key=True) for name in ("sku", "id")],
            _units("quantity"),
            Column("expected_at", Instant),
            Column("expected_on", Date),
            *[_text(name) for name in ("location", "order_id")],
        )

    def _describe_units(self) -> None:
        self.reservations = self._table(
            "reservation",
            Column("number", _COUNTED, primary_key=True),
            *[_text(name) for name in ("order_id", "line_id", "sku", "location")],
            _units("quantity"),
            Column("made_at", Instant),
            Column("expires_at", Instant),
            _text("lot"),
        )
        self._index(self.reservations, "order", "order_id")
        self._index(self.reservations, "sku", "sku", "location")
        self._index(self.reservations, "day", "location", "made_at")
        self.claims = self._table(
            "claim",
            Column("number", _COUNTED, primary_key=True),
            *[_text(name) for name in ("order_id", "line_id", "sku", "supply_id")],
            _units("quantity"),
            Column("made_at", Instant),
        )
        self._index(self.claims, "order", "order_id")
        self._index(self.claims, "sku", "sku")
        self.intakes = self._table(
            "intake",
            *[_text(name, primary_key=True) for name in ("location", "order_id")],
            Column("day", Date, nullable=False),
        )

    def _describe_outbox(self) -> None:
        self.outbox = self._table(
            "outbox",
            Column("number", _COUNTED, primary_key=True),
            _text("id", unique=True),
            *[_text(name) for name in ("order_id", "content")],
            Column("due_at", Instant),
            Column("attempts", Integer, nullable=False),
            _text("reason"),
            Column("sent_at", Instant),
            Column("written_at", Instant),
            Column("doubts", Integer),
        )
        self._index(self.outbox, "order", "order_id")
        is_unsent = self.outbox.c.sent_at.is_(None)
        self._index(self.outbox, "due", "due_at", "order_id", "number", only=is_unsent)

    def _own_stock(self) -> StockColumns:
        table = self._table(
            "stock",
            *[_text(name, primary_key=True) for name in ("sku", "location")],
            *[_units(name) for name in ("on_hand", "safety")],
        )
        return StockColumns(
            sku=table.c.sku,
            location=table.c.location,
            on_hand=table.c.on_hand,
            safety=table.c.safety,
        )

    def _table(self, name: str, *columns: Column[Any]) -> Table:
        return Table(f"{self._prefix}{name}", self.metadata, *columns)

    def _index(
        self, table: Table, name: str, *columns: str, only: ColumnElement[bool] | None = None
    ) -> None:
        Index(
            f"ix_{table.name}_{name}",
            *[table.c[column] for column in columns],
            sqlite_where=only,
            postgresql_where=only,
        )


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **options)


def _units(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)
