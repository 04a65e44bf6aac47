"""The tables of the shop's database. Tables that are not there yet are made when it is opened.

Those of the review desk came later than the others. A column is never added to an older table: a
database that an earlier version made is opened as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    insert,
)

schema = MetaData()

locations = Table(
    "locations",
    schema,
    Column("id", String, primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("name", String, nullable=False),
)
items = Table(
    "items",
    schema,
    Column("sku", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("tracked", Boolean, nullable=False),
    Column("backorderable", Boolean, nullable=False),
)
stock = Table(
    "stock",
    schema,
    Column("sku", String, primary_key=True),
    Column("location", String, primary_key=True),
    Column("on_hand", Integer, nullable=False),
)
reservations = Table(
    "reservations",
    schema,
    Column("number", Integer, primary_key=True),
    Column("order_id", String, nullable=False, index=True),
    Column("line_id", String, nullable=False),
    Column("sku", String, nullable=False),
    Column("location", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("made_at", String),
    Column("expires_at", String),
    Column("lot", String, nullable=False),
)
claims = Table(  # what is kept of supplies, as reservations are of what lies there
    "claims",
    schema,
    Column("number", Integer, primary_key=True),
    Column("order_id", String, nullable=False, index=True),
    Column("line_id", String, nullable=False),
    Column("sku", String, nullable=False),
    Column("supply_id", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("made_at", String),
)
orders = Table(
    "orders",
    schema,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False, index=True),
    Column("version", String, nullable=False),  # the fingerprint of what was read
    Column("placed_at", String, nullable=False),
    Column("customer", String, nullable=False),
    Column("total", String, nullable=False),
    Column("currency", String, nullable=False),
    Column("outcome", String, nullable=False),  # and what was decided
    Column("rank", Integer),
    Column("explanation", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("decided_at", String, nullable=False),
)
findings = Table(
    "findings",
    schema,
    Column("order_id", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("code", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("field", String, nullable=False),
    Column("detail", String, nullable=False),
)
unread = Table(  # what the last run set aside or skipped, so that `show` can say so
    "unread",
    schema,
    Column("order_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("reason", String, nullable=False),
)
outbox = Table(
    "outbox",
    schema,
    Column("number", Integer, primary_key=True),
    Column("message_id", String, nullable=False, unique=True),
    Column("order_id", String, nullable=False, index=True),
    Column("order_name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("audience", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("messages", String, nullable=False),
    Column("data", String, nullable=False),
    Column("language", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("text", String, nullable=False),
    Column("html", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("send_at", String, nullable=False),
    Column("sent_at", String),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", String, nullable=False, default=""),
)

# -- What the warehouse knows beyond that ----------------------------------------------------------

lots = Table(
    "lots",
    schema,
    Column("sku", String, primary_key=True),
    Column("location", String, primary_key=True),
    Column("lot", String, primary_key=True),
    Column("quantity", Integer, nullable=False),
    Column("expires_at", String),
)
components = Table(
    "components",
    schema,
    Column("kit", String, primary_key=True),
    Column("sku", String, primary_key=True),
    Column("quantity", Integer, nullable=False),
)
lives = Table(
    "lives",
    schema,
    Column("sku", String, primary_key=True),
    Column("days", Integer, nullable=False),
)
supplies = Table(
    "supplies",
    schema,
    Column("id", String, primary_key=True),
    Column("sku", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("expected_at", String, nullable=False),
)

capacities = Table(
    "capacities",
    schema,
    Column("location", String, primary_key=True),
    Column("orders_a_day", Integer, nullable=False),
)
intakes = Table(  # what such a location took on, on the newest day: it counts after it has left
    "intakes",
    schema,
    Column("location", String, primary_key=True),
    Column("order_id", String, primary_key=True),
    Column("day", String, nullable=False),
)
counts = Table(  # which count the stock is of: what has left since then is not there any more
    "counts",
    schema,
    Column("digest", String, primary_key=True),
)

# -- What lasts from run to run --------------------------------------------------------------------

record_states = Table(  # what became of each order, and since when that is so
    "record_states",
    schema,
    Column("order_id", String, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("since", String, nullable=False),
)
progress = Table(  # how far the lines have come, in stock units
    "progress",
    schema,
    Column("order_id", String, primary_key=True),
    Column("line_id", String, primary_key=True),
    Column("cancelled", Integer, nullable=False),
    Column("shipped", Integer, nullable=False),
    Column("delivered", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    Column("returned", Integer, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("parts", String, nullable=False),  # of kits, what left ahead, as JSON
)
told = Table(  # what each audience was told last
    "told_last",
    schema,
    Column("order_id", String, primary_key=True),
    Column("audience", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("recipient", String, nullable=False),
    Column("locale", String, nullable=False),
    Column("told_id", String, nullable=False),
    Column("contents", String, nullable=False),  # pairs of a content and a message's id, as JSON
    Column("delivered_at", String),
    Column("at", String, nullable=False),
)

histories = Table(  # what was reported of an order since its decision, from the first report on
    "histories",
    schema,
    Column("order_id", String, primary_key=True),
    Column("agreed", String, nullable=False),  # the order with what was paid and amended, as JSON
    Column("history", String, nullable=False),  # parcels, pick lists, returns, money, as JSON
)
further_counters = Table(  # of lines, beside those of `progress`: what came back, for instance
    "further_counters",
    schema,
    Column("order_id", String, primary_key=True),
    Column("line_id", String, primary_key=True),
    Column("counters", String, nullable=False),  # as JSON
)

# -- What was ordered before, and what the fraud service said --------------------------------------

placed = Table(  # who placed an order: `orders` says when, and what it cost
    "placed",
    schema,
    Column("order_id", String, primary_key=True),
    Column("customer_id", String, nullable=False, index=True),
    Column("version", String, nullable=False),
)
order_lines = Table(
    "order_lines",
    schema,
    Column("order_id", String, primary_key=True),
    Column("line_id", String, primary_key=True),
    Column("sku", String, nullable=False),
    Column("units", Integer, nullable=False),
)
screenings = Table(
    "screenings",
    schema,
    Column("order_id", String, primary_key=True),
    Column("version", String, nullable=False),  # the one that was screened
    Column("score", String, nullable=False),
    Column("flags", String, nullable=False),  # a list, as JSON
)

# -- The review desk -------------------------------------------------------------------------------


def _finding_columns() -> list[Column[str]]:
    """The columns of a finding: all by which an approval knows it again."""
    names = ("code", "severity", "field", "detail", "line_id", "source", "evidence")
    columns = [Column(name, String, nullable=False) for name in names]
    return [*columns, Column("measure", String)]  # as text: a number keeps all its digits


reviews = Table(  # the orders that waited for a person after the last run, in their sequence
    "reviews",
    schema,
    Column("order_id", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("deliver_by", String),
    Column("waiting_since", String, nullable=False),
)
needs = Table(  # what each of them waits for: the findings that stop it
    "stopping_findings",
    schema,
    Column("order_id", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("need", String, nullable=False),  # approve, gather, release, correct
    *_finding_columns(),
)
approvals = Table(  # what somebody saw and let pass, a row for each finding
    "approved_findings",
    schema,
    Column("number", Integer, primary_key=True),
    Column("order_id", String, nullable=False, index=True),
    Column("version", String, nullable=False),
    *_finding_columns(),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
)
rejections = Table(
    "rejections",
    schema,
    Column("order_id", String, primary_key=True),
    Column("version", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
    Column("reason", String, nullable=False),
)
holds = Table(  # those in force: releasing one deletes its row
    "holds",
    schema,
    Column("order_id", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("line_id", String, primary_key=True),
    Column("detail", String, nullable=False),
    Column("at", String, nullable=False),
)


def replace_rows(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Put these rows in place of all that the table holds."""
    connection.execute(delete(table))
    if rows := list(rows):
        connection.execute(insert(table), rows)
