"""Workers are killed at any moment, and nothing is lost, sold twice or told twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from postgres import why_no_server
from shop_worker import LIMITS, SKUS, order_id
from some_databases import contents_of, database, engine_of, fill, make_tables

from fulfill_core import Inventory
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage

HERE = Path(__file__).parent
# All of them take minutes; `.ci/run` asks for them.
ORDERS = int(os.environ.get("FULFILL_ORDERS", "60"))
WORKERS = 4


def start(place: str, first: int, log: Path, *, is_to_die: bool) -> subprocess.Popen[bytes]:
    """A worker, which begins with some order; one that is to be killed does not end by itself."""
    numbers = [first, ORDERS, WORKERS, int(is_to_die)]
    words = [str(HERE / "shop_worker.py"), place, *map(str, numbers)]
    paths = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, *words], stdout=output, env={**os.environ, "PYTHONPATH": paths}
        )


def lines_of(log: Path) -> list[list[int]]:
    """What a worker printed, down to the last whole line."""
    *lines, _ = log.read_text("utf-8").split("\n") if log.exists() else [""]
    return [[int(word) for word in line.split()] for line in lines]


def run_workers(place: str, folder: Path, kills: int) -> list[int]:
    """Until all orders are placed; so many workers are killed on the way. How often they tried."""
    chance = random.Random(7)
    logs = [folder / f"{number}.log" for number in range(WORKERS)]
    kills_left = [kills // WORKERS] * WORKERS
    workers = [start(place, number, log, is_to_die=True) for number, log in enumerate(logs)]
    while any(kills_left):
        time.sleep(chance.uniform(0.02, 0.2))
        number = chance.choice([number for number, left in enumerate(kills_left) if left])
        if not lines_of(logs[number]):
            continue
        workers[number].kill()
        assert workers[number].wait() == -signal.SIGKILL
        kills_left[number] -= 1
        # Whoever is killed does not know what became of the last: it is placed again.
        first, is_to_die = lines_of(logs[number])[-1][0], kills_left[number] > 0
        workers[number] = start(place, first, logs[number], is_to_die=is_to_die)
    assert [worker.wait() for worker in workers] == [0] * WORKERS
    return [tries for log in logs for _, tries in lines_of(log)]


def check(place: str, folder: Path, kills: int) -> None:
    """Place orders that want more than there is, with kills, and count."""
    engine = engine_of(place)
    storage = SqlAlchemyStorage(engine)
    make_tables(engine, storage.tables.metadata)
    on_hand = ORDERS // 5 * 2 - ORDERS // 20
    before = Inventory.of({(sku, "berlin"): on_hand for sku in SKUS})
    fill(engine, storage.tables, before, [])
    tries = run_workers(place, folder, kills)
    contents = contents_of(engine, storage.tables)
    ids = {order_id(number) for number in range(ORDERS)}
    # No order is lost; each is decided once, and has as many messages as there are news.
    assert set(contents.records) == contents.decided == ids
    news = [
        message_id
        for record in contents.records.values()
        for each in record.told
        for _, message_id in each.contents
    ]
    assert sorted(contents.unsent) == sorted(news)
    assert {message_id.partition(":")[0] for message_id in news} == ids
    # What is reserved is what the records say, and no more than there was.
    for sku in SKUS:
        units = sum(
            [
                each.quantity
                for record in contents.records.values()
                for each in record.reserved
                if each.sku == sku
            ]
        )
        reserved = contents.inventory.reserved(sku)
        assert units == reserved == on_hand - contents.inventory.available(sku)
    assert max(tries) <= LIMITS.commits
    engine.dispose()


def test_on_sqlite_nothing_is_lost(tmp_path: Path) -> None:
    """Four processes place orders of pairs of SKUs, and are killed: sold is before less after."""
    check(str(tmp_path / "shop.db"), tmp_path, kills=max(WORKERS, ORDERS // 50))


@pytest.mark.skipif(bool(why_no_server()), reason=why_no_server())
def test_on_postgres_nothing_is_lost(tmp_path: Path) -> None:
    """The same, and nobody waits for whoever waits for them: no deadlock."""
    place = database("killed")
    check(place, tmp_path, kills=max(WORKERS, ORDERS // 50))
    engine = engine_of(place)
    with engine.connect() as connection:
        count = connection.exec_driver_sql(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).scalar()
    engine.dispose()
    assert count == 0
