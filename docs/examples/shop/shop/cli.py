"""The commands of the sample shop. Here, and nowhere below, is a clock read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import track
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from fulfill_core import PluginError, Result, process
from shop import mail, northwind, report, rules, shopify, storage
from shop.records import Orders, SourceError, StockList

SAMPLES = Path(__file__).resolve().parents[1] / "sample"
SAMPLE_NOW = {  # the samples are of these days; on any other, deadlines would read oddly
    "shopify": datetime(2026, 3, 2, 9, tzinfo=UTC),
    "northwind": datetime(1998, 5, 6, 9, tzinfo=UTC),
}
DATA = Path("shop-data")  # where a shop keeps its things, below the current folder
READERS = {"shopify": shopify, "northwind": northwind}

OK, UNDELIVERED, FAILED = 0, 1, 2  # exit codes


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(argv)
    options.db = options.db or DATA / f"{options.source}.db"
    try:
        code: int = options.command(options, Console())
    except (SourceError, PluginError) as error:
        problem = str(error)
    except DBAPIError as error:
        problem = f"{options.db}: {error.orig}"
    except OSError as error:
        problem = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    else:
        return code
    report.plain(Console(stderr=True), f"shop: {problem}")
    return FAILED


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--source", choices=sorted(READERS), default="shopify", help="whose data (default: shopify)"
    )
    shared.add_argument("--db", type=Path, help="SQLite file (default: shop-data/SOURCE.db)")
    parser = argparse.ArgumentParser(
        prog="shop", description="A small shop around fulfill_core: it decides, stores and mails."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser(
        "run",
        parents=[shared],
        help="load, process, commit, deliver",
        epilog="Exit codes: 0 done; 1 done, but messages wait for the next run; 2 nothing done.",
    )
    run.add_argument("--orders", type=Path, help="folder (or JSON file) with the orders")
    run.add_argument("--stock", type=Path, help="folder with the stock (default: as --orders)")
    run.add_argument("--maildir", type=Path, help="Maildir (default: shop-data/SOURCE-mail)")
    run.add_argument(
        "--now",
        type=_aware,
        help="the time to decide for, ISO 8601 with an offset (default: the clock; for the sample,"
        " without --orders, the sample's own day)",
    )
    run.set_defaults(command=run_shop)

    show = commands.add_parser("show", parents=[shared], help="one order: what, and why")
    show.add_argument("order", metavar="ORDER", help="its id or its name, such as 1001")
    show.set_defaults(command=show_order)

    stock = commands.add_parser("stock", parents=[shared], help="on hand, reserved, available")
    stock.set_defaults(command=show_stock)
    return parser


def _aware(written: str) -> datetime:
    """A time that is given on the command line."""
    problem = f"{written!r} has no offset; add one, such as +00:00"
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        problem = f"{written!r} is not a time (ISO 8601)"
    else:
        if moment.utcoffset() is not None:
            return moment
    raise argparse.ArgumentTypeError(problem)


def run_shop(options: argparse.Namespace, out: Console) -> int:
    """Load, process, commit; then deliver."""
    err = Console(stderr=True)
    folder = options.orders or SAMPLES / options.source
    default_stock = folder if folder.is_dir() else folder.parent
    reader = READERS[options.source]
    read: Orders = reader.read_orders(folder)
    counted: StockList = reader.read_stock(options.stock or default_stock)
    now = options.now or (datetime.now(UTC) if options.orders else SAMPLE_NOW[options.source])

    with storage.database(options.db) as engine:
        result, fresh = decide(engine, options.source, read, counted, now)
        maildir = options.maildir or DATA / f"{options.source}-mail"
        delivered, errors = deliver(engine, maildir, now, err)
    out.print(report.decisions_table(result))
    report.summary(out, read, [*read.faults, *counted.faults], result)
    report.plain(out, f"{fresh} new messages, {delivered} delivered, {len(errors)} waiting.")
    for error in errors:
        report.plain(err, f"shop: not delivered, will be tried again: {error}")
    return UNDELIVERED if errors else OK


def decide(
    engine: Engine, source: str, read: Orders, counted: StockList, now: datetime
) -> tuple[Result, int]:
    """One transaction: stock in, orders processed, everything decided out."""
    with engine.begin() as connection:
        storage.save_stock(connection, counted)
        storage.release(connection, [one.order_id for one in read.skipped])
        result = process(
            read.orders,
            storage.load_inventory(connection),
            now=now,
            verifiers=rules.verifiers_for(source, counted.items),
            priority=rules.PRIORITY,
        )
        return result, storage.save_result(connection, read, result, now)


def deliver(engine: Engine, maildir: Path, now: datetime, err: Console) -> tuple[int, list[str]]:
    """Deliver what waits in the outbox, each message for itself.

    Returns how many were, and the errors of the others: those stay for the next run.
    """
    with engine.begin() as connection:
        waiting = storage.unsent(connection)
        titles = storage.titles(connection)
    mailbox = mail.Mailbox(maildir)
    delivered, errors = 0, []
    quiet = not err.is_terminal
    for message in track(waiting, "Delivering", console=err, transient=True, disable=quiet):
        error = ""
        try:
            delivered += mailbox.deliver(message, titles)
        except mail.FAILURES as failure:
            error = f"{message.message_id}: {failure}"
            errors.append(error)
        with engine.begin() as connection:
            storage.mark(connection, message.number, now, error)
    return delivered, errors


def show_order(options: argparse.Namespace, out: Console) -> int:
    """What was decided for one order, in words; or why nothing was."""
    with _existing(options.db) as engine, engine.begin() as connection:
        order = storage.find_order(connection, options.order)
        left_out = storage.find_unread(connection, options.order)
        if order is None and left_out is None:
            raise SourceError(options.db, f"no order has the id or name {options.order!r}")
        if order is not None:
            findings = storage.findings_of(connection, order.id)
            messages = storage.messages_of(connection, order.id)
            report.order_page(out, order, findings, messages)
        if left_out is not None:
            report.plain(out, f"Order {left_out.name}, in the last run: {left_out.reason}")
    return OK


def show_stock(options: argparse.Namespace, out: Console) -> int:
    """The stock as it stands, by SKU and location."""
    with _existing(options.db) as engine, engine.begin() as connection:
        inventory, titles = storage.load_inventory(connection), storage.titles(connection)
    out.print(report.stock_table(inventory, titles))
    return OK


def _existing(path: Path) -> AbstractContextManager[Engine]:
    if not path.exists():
        raise SourceError(path, "there is no database; the command `run` makes it")
    return storage.database(path)
