"""What the files say of the stock, as an update of what is stored: one job of a run.

A file says what is there, not what happened. What has come in goes to those who claimed it
(`shop.arrivals`); what is reserved stays so. A file that was read before is no new count.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

import attrs
from sqlalchemy import Connection, func, select

from fulfill_core import Inventory, Lot, Stock
from fulfill_core.hosting import StockUpdate
from shop.arrivals import with_arrivals
from shop.database import put, readings, stored_skus, tables, titles
from shop.records import OrderList, StockList


def update_from_files(
    connection: Connection, order_list: OrderList, stock_list: StockList, now: datetime
) -> list[StockUpdate]:
    """What has to be done before a run, if the files are not those of the last one.

    That is: the stock, the catalogue and the supplies as they are now; and what orders have that
    are skipped is free.
    """
    skipped_ids = sorted({skipped.order_id for skipped in order_list.skipped})
    count = sorted(map(repr, stock_list.stock))
    digests = {
        "count": _digest(count),
        "files": _digest([*count, skipped_ids, _catalogue(stock_list)]),
    }
    known = {row.subject: row.digest for row in connection.execute(select(readings))}
    if known.get("files") == digests["files"]:
        return []
    put(connection, readings, [{"subject": s, "digest": d} for s, d in digests.items()])
    put(connection, titles, [{"sku": s, "title": t} for s, t in stock_list.titles.items()])
    is_new_count = known.get("count") != digests["count"]
    update = partial(_as_in_files, stock_list, skipped_ids, now, is_new_count=is_new_count)
    return [stock_update(connection, "files", update, [*stock_list.items, *_skus(stock_list)])]


def free(connection: Connection, order_ids: Iterable[str]) -> StockUpdate:
    """Free what these orders have: what is reserved and what is claimed."""
    return stock_update(connection, "freed", partial(_without, list(order_ids)))


def stock_update(
    connection: Connection,
    what: str,
    update: Callable[[Inventory], Inventory],
    skus: Iterable[str] = (),
) -> StockUpdate:
    """An update of all of the stock, under an id that no other has."""
    number = connection.scalar(select(func.count()).select_from(tables.plans))
    touched = {*stored_skus(connection), *skus}
    return StockUpdate(id=f"{what}:{number}", skus=touched, update=update)


def _without(order_ids: Iterable[str], stock: Inventory) -> Inventory:
    for order_id in order_ids:
        stock = stock.without_reservations_of(order_id).without_claims_of(order_id)
    return stock


def _as_in_files(
    stock_list: StockList,
    skipped_ids: Iterable[str],
    now: datetime,
    stock: Inventory,
    *,
    is_new_count: bool,
) -> Inventory:
    """The stock as the files have it; what orders have of it stays theirs, but those skipped."""
    stock = _without(skipped_ids, stock)
    rows: Iterable[Stock] = stock.stock()
    if is_new_count:
        stock, rows = with_arrivals(stock, stock_list, now), stock_list.stock
    return Inventory(
        stock=_with_all_places(rows, stock),
        supplies=stock_list.supplies,
        items=stock_list.items.values(),
        locations=stock_list.locations,
        reservations=stock.reservations(),
        claims=stock.claims(),  # of a supply that is gone, too: the run gives it up, and says so
        intakes=stock.intakes(),
    )


def _with_all_places(rows: Iterable[Stock], stock: Inventory) -> Iterable[Stock]:
    """The rows that were counted, and those of which something is reserved still."""
    by_place = {(row.sku, row.location): row for row in rows}
    lot_ids = {place: {lot.id for lot in row.lots} for place, row in by_place.items()}
    further_lots: defaultdict[tuple[str, str], list[Lot]] = defaultdict(list)
    for each in stock.reservations():
        place = each.sku, each.location
        if place not in by_place:
            by_place[place] = Stock(sku=each.sku, location=each.location, on_hand=0)
        known_ids = lot_ids.setdefault(place, set())
        if each.lot and each.lot not in known_ids:
            known_ids.add(each.lot)
            further_lots[place].append(Lot(id=each.lot, quantity=0))
    for place, lots in further_lots.items():
        by_place[place] = attrs.evolve(by_place[place], lots=[*by_place[place].lots, *lots])
    return by_place.values()


def _skus(stock_list: StockList) -> set[str]:
    return {row.sku for row in stock_list.stock} | {each.sku for each in stock_list.supplies}


def _catalogue(stock_list: StockList) -> list[object]:
    return [
        sorted(stock_list.titles.items()),
        *sorted(map(repr, (*stock_list.items.values(), *stock_list.supplies))),
        *map(repr, stock_list.locations),
    ]


def _digest(content: object) -> str:
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()
