"""What it costs to place orders in a database, beside the same statements by hand and plain SQL.

One checkout: the whole loop, and the storage's part of it, beside the statements that it sends,
with the same values, by hand: through SQLAlchemy, and through the driver alone. Batches: the whole
loop beside what an engineer writes in an afternoon: orders, reservations and messages in one
transaction, through the driver. SQLite's work is in this process, so its time is that of the CPU;
a server's is on the wall.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

sys.path.append(str(Path(__file__).parents[1] / "hosting"))

from postgres import why_no_server
from some_databases import engine_of, make_tables, new_database
from sqlalchemy import Engine, event

from fulfill_core import Customer, Order, OrderLine, Payment, Settings
from fulfill_core.hosting import CommitAnswer, CommitPlan, Loaded, Run, Scope, run_loop
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SETTINGS = Settings(verifiers=[])
WARM = 10
BY_HAND = "storage, to SQLAlchemy"
Figures: TypeAlias = dict[str, list[tuple[float, float]]]
"""Pairs of seconds per order, by what is compared."""
Clock: TypeAlias = Callable[[], float]

_ROWS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {} - 1)",
    "postgresql": "WITH n(i) AS (SELECT generate_series(0, {} - 1))",
}
_INSERTS = (
    (
        "INSERT INTO fulfill_stock (sku, location, on_hand, safety)",
        "SELECT 'sku-' || i, 'berlin', 9, 0 FROM n",
    ),
    ("INSERT INTO fulfill_sku (sku, version)", "SELECT 'sku-' || i, 1 FROM n"),
    ("INSERT INTO plain_stock (sku, on_hand, reserved)", "SELECT 'sku-' || i, 9, 0 FROM n"),
)
_PLAIN = (
    "CREATE TABLE plain_stock (sku TEXT PRIMARY KEY, on_hand INTEGER, reserved INTEGER)",
    "CREATE TABLE plain_order (id TEXT PRIMARY KEY, outcome TEXT, document TEXT)",
    "CREATE TABLE plain_reservation (order_id TEXT, line_id TEXT, sku TEXT, units INTEGER)",
    "CREATE TABLE plain_outbox (id TEXT PRIMARY KEY, order_id TEXT, body TEXT, sent_at TEXT)",
)


def order(number: int, skus: Sequence[str]) -> Order:
    """An order of some SKUs, one or two of each."""
    lines = [
        OrderLine(id=str(k), sku=sku, quantity=1 + number % 2, unit_price=Decimal(5))
        for k, sku in enumerate(skus)
    ]
    return Order(
        id=f"A-{number:07}",
        placed_at=NOON,
        customer=Customer(id=f"C-{number}", email="ada@example.com"),
        lines=lines,
        currency="EUR",
        payments=[Payment(id="card", amount=Decimal(10 * len(lines)))],
    )


@contextmanager
def shop(place: str, skus: int) -> Iterator[tuple[Engine, SqlAlchemyStorage]]:
    """So many SKUs with nine units each, for the library and for plain SQL."""
    engine = engine_of(place)
    storage = SqlAlchemyStorage(engine)
    make_tables(engine, storage.tables.metadata)
    is_sqlite = engine.dialect.name == "sqlite"
    rows = _ROWS[engine.dialect.name].format(skus)
    with engine.begin() as connection:
        for statement in _PLAIN:
            connection.exec_driver_sql(statement)
        for insertion, query in _INSERTS:
            words = [rows, insertion, query] if is_sqlite else [insertion, rows, query]
            connection.exec_driver_sql(" ".join(words))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    yield engine, storage
    engine.dispose()


class Timed:
    """A storage that counts what it takes.

    Args:
        storage: which one.
    """

    def __init__(self, storage: SqlAlchemyStorage) -> None:
        self.seconds = 0.0
        self._storage = storage

    def load(self, scope: Scope, /) -> Loaded:
        start = time.process_time()
        loaded = self._storage.load(scope)
        self.seconds += time.process_time() - start
        return loaded

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        start = time.process_time()
        answer = self._storage.commit(plan)
        self.seconds += time.process_time() - start
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


def place(
    storage: Any, orders: Sequence[Order], clock: Clock = time.process_time
) -> tuple[float, int]:
    """Seconds that a loop takes to place orders, and how many units are reserved."""
    start = clock()
    report = run_loop(
        [Run(orders=orders)],
        storage=storage,
        clock=lambda: NOON,
        sleep=time.sleep,
        settings=SETTINGS,
    )
    seconds = clock() - start
    if not report.is_done:
        message = "an order was not placed"
        raise RuntimeError(message)
    outcome: Any = report.jobs[0].outcome
    units = sum([each.quantity for one in outcome.decisions for each in one.allocations])
    return seconds, units


# -- One checkout ----------------------------------------------------------------------------------


def checkouts(skus: int, repeats: int) -> Figures:
    """A checkout beside its own statements by hand, in SQLite with so many SKUs."""
    figures: Figures = {
        BY_HAND: [],
        "loop, to SQLAlchemy": [],
        "storage, to the driver": [],
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        shop(str(Path(folder) / "shop.db"), skus) as (engine, storage),
    ):
        for number in range(WARM):
            place(storage, [order(number, [f"sku-{number}"])])
        statements = _statements(engine, storage)
        for number in range(100, 100 + 3 * repeats, 3):
            timed = Timed(storage)
            loop, _ = place(timed, [order(number, [f"sku-{number}"])])
            by_core = _by_hand(engine, _with(statements, number + 1), is_driver=False)
            by_driver = _by_hand(engine, _with(statements, number + 2), is_driver=True)
            figures[BY_HAND].append((timed.seconds, by_core))
            figures["loop, to SQLAlchemy"].append((loop, by_core))
            figures["storage, to the driver"].append((timed.seconds, by_driver))
    return figures


def _statements(
    engine: Engine, storage: SqlAlchemyStorage
) -> list[tuple[Any, Any, str, Any, bool]]:
    """What a checkout sends: each statement as SQLAlchemy and as the driver gets it."""
    built: list[tuple[Any, Any]] = []
    sent: list[tuple[str, Any, bool]] = []

    def before_execute(_: Any, statement: Any, many: Any, values: Any, __: Any) -> None:
        built.append((statement, many or values))

    def before_cursor(_: Any, __: Any, statement: str, values: Any, ___: Any, many: bool) -> None:
        sent.append((statement, values, many))

    event.listen(engine, "before_execute", before_execute)
    event.listen(engine, "before_cursor_execute", before_cursor)
    place(storage, [order(99, ["sku-99"])])
    event.remove(engine, "before_execute", before_execute)
    event.remove(engine, "before_cursor_execute", before_cursor)
    return [(*both, *rest) for both, rest in zip(_whole(built, sent), sent, strict=True)]


def _whole(
    built: Sequence[tuple[Any, Any]], sent: Sequence[tuple[str, Any, bool]]
) -> Iterator[tuple[Any, Any]]:
    """The statements as they were built; None for those that the driver alone gets."""
    statements = iter(built)
    for text, _, _ in sent:
        yield (None, None) if text.startswith("BEGIN") else next(statements)


def _with(statements: Sequence[tuple[Any, Any, str, Any, bool]], number: int) -> list[Any]:
    """The same statements about another order and another SKU."""
    return [
        (statement, _swapped(values, number), text, _swapped(row, number), many)
        for statement, values, text, row, many in statements
    ]


def _swapped(value: Any, number: int) -> Any:
    if isinstance(value, str):
        words = {"0000099": f"{number:07}", "sku-99": f"sku-{number}", "plan:": f"plan:{number}:"}
        for word, other in words.items():
            value = value.replace(word, other)
        return value
    if isinstance(value, Mapping):
        return {key: _swapped(each, number) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_swapped(each, number) for each in value])
    return value


def _by_hand(engine: Engine, statements: Sequence[Any], *, is_driver: bool) -> float:
    """Seconds that the statements take, in two transactions as they were sent: one reads."""
    begins = [k for k, (_, _, text, _, _) in enumerate(statements) if text.startswith("BEGIN")]
    start = time.process_time()
    for begin, end in zip(begins, [*begins[1:], len(statements)], strict=True):
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            for statement, values, text, row, many in statements[begin:end]:
                if is_driver:
                    if many:
                        driver.executemany(text, row)
                    else:
                        driver.execute(text, row).fetchall()
                elif statement is None:
                    connection.exec_driver_sql(text)
                else:
                    result = connection.execute(statement, values)
                    _ = result.all() if result.returns_rows else None
            if end == len(statements):
                _ = driver.commit() if is_driver else connection.commit()
    return time.process_time() - start


# -- Batches ---------------------------------------------------------------------------------------


def databases() -> list[str]:
    """Those that can be had here."""
    return ["SQLite"] if why_no_server() else ["SQLite", "PostgreSQL"]


def batches(name: str, size: int, repeats: int, skus: int = 50_000) -> list[tuple[float, float]]:
    """Seconds per order of the loop, and of plain SQL, turn by turn; both reserve the same."""
    is_server = name == "PostgreSQL"
    clock = time.perf_counter if is_server else time.process_time
    pairs: list[tuple[float, float]] = []
    chance = random.Random(size)
    with ExitStack() as stack:
        if is_server:
            address = stack.enter_context(new_database())
        else:
            address = f"{stack.enter_context(tempfile.TemporaryDirectory())}/shop.db"
        engine, storage = stack.enter_context(shop(address, skus))
        for turn in range(repeats + 1):
            orders = [
                order(turn * size + k, [f"sku-{each}" for each in chance.sample(range(skus), 2)])
                for k in range(size)
            ]
            mine, units = place(storage, orders, clock)
            theirs, their_units = _plain(engine, orders, clock)
            if units != their_units:
                message = f"the loop reserves {units} units, plain SQL {their_units}"
                raise RuntimeError(message)
            if turn:  # the first warms up
                pairs.append((mine / size, theirs / size))
    return pairs


def _plain(engine: Engine, orders: Sequence[Order], clock: Clock) -> tuple[float, int]:
    """Seconds that it takes to place orders by plain SQL, and how many units are reserved."""
    is_sqlite = engine.dialect.name == "sqlite"
    mark, lock = ("?", "") if is_sqlite else ("%s", " ORDER BY sku FOR UPDATE")
    start = clock()
    with engine.connect() as connection:
        cursor: Any = connection.connection.cursor()
        if is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        skus = sorted({line.sku for each in orders for line in each.lines})
        free: dict[str, int] = {}
        for begin in range(0, len(skus), 10_000):
            chunk = skus[begin : begin + 10_000]
            marks = ", ".join([mark] * len(chunk))
            query = "SELECT sku, on_hand - reserved FROM plain_stock WHERE sku IN ({}){}"
            cursor.execute(query.format(marks, lock), chunk)
            free.update(cursor.fetchall())
        reservations, rows, messages = [], [], []
        for each in orders:
            lacks = False
            for line in each.lines:
                units = min(line.quantity, free[line.sku])
                free[line.sku] -= units
                lacks |= units < line.quantity
                if units:
                    reservations.append((each.id, line.id, line.sku, units))
            outcome = "partly" if lacks else "allocated"
            lines = [
                [line.id, line.sku, line.quantity, str(line.unit_price)] for line in each.lines
            ]
            document = {"id": each.id, "customer": each.customer.id, "lines": lines}
            rows.append((each.id, outcome, json.dumps(document)))
            body = {"order": each.id, "to": each.customer.email, "outcome": outcome, "lines": lines}
            messages.append((f"{each.id}:{outcome}", each.id, json.dumps(body)))
        for statement, values in (
            ("UPDATE plain_stock SET reserved = reserved + {m} WHERE sku = {m}",
             [(units, sku) for _, _, sku, units in reservations]),
            ("INSERT INTO plain_reservation VALUES ({m}, {m}, {m}, {m})", reservations),
            ("INSERT INTO plain_order VALUES ({m}, {m}, {m})", rows),
            ("INSERT INTO plain_outbox (id, order_id, body) VALUES ({m}, {m}, {m})", messages),
        ):  # fmt: skip
            cursor.executemany(statement.format(m=mark), values)
        connection.connection.commit()
    return clock() - start, sum([units for *_, units in reservations])
