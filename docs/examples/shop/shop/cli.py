"""The commands of the sample shop. Here, and nowhere below, is a clock read."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from fulfill_core import InvalidValueError, Outcome, PluginError, Result, StockError
from fulfill_core.hosting import StepOfEvent
from fulfill_core.lifecycle import Effect, Step
from fulfill_core.notifications import ON_PAPER, PRESSING
from shop import (
    bar,
    database,
    desk,
    events,
    fraud_service,
    northwind,
    parcels,
    report,
    rules,
    sending,
    shopify,
    whatif,
)
from shop.database import RefusedError, StoredOrder
from shop.loop import RULES
from shop.records import OrderList, SourceError, StockList
from shop.runs import CLUES, decide
from shop.words import UNPRINTABLE, counted

HERE = Path(__file__).resolve().parents[1]
SAMPLES = HERE / "sample"
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
    options.shop = _shop(options)
    options.db = options.db or DATA / f"{options.shop}.db"
    try:
        code: int = options.command(options, Console())
    except (SourceError, PluginError, InvalidValueError, StockError, RefusedError) as error:
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

    files_parser = argparse.ArgumentParser(add_help=False)
    files_parser.add_argument("--orders", type=Path, help="folder (or JSON file) with the orders")
    files_parser.add_argument(
        "--stock", type=Path, help="folder with the stock (default: as --orders)"
    )
    mail_parser = argparse.ArgumentParser(add_help=False)
    mail_parser.add_argument(
        "--maildir", type=Path, help="Maildir (default: shop-data/SOURCE-mail)"
    )
    input_parser = argparse.ArgumentParser(add_help=False, parents=[files_parser])
    input_parser.add_argument(
        "--now",
        type=_aware,
        help="the time to decide for, ISO 8601 with an offset (default: the clock; for the sample,"
        " without --orders, the sample's own day)",
    )
    run = commands.add_parser(
        "run",
        parents=[shared, input_parser, mail_parser],
        help="load, process, commit, deliver",
        epilog="Exit codes: 0 done; 1 done, but messages wait for the next run; 2 nothing done.",
    )
    run.add_argument("--all", action="store_true", help="list every order and every fault")
    run.set_defaults(command=run_shop)
    what_if = commands.add_parser(
        "what-if",
        parents=[shared, input_parser],
        help="compare policies on these orders: a table, and a page",
        epilog="Nothing is decided, stored or mailed.",
    )
    what_if.add_argument("--page", type=Path, help="default: shop-data/SOURCE-what-if.html")
    what_if.set_defaults(command=show_what_if)
    life = commands.add_parser(
        "life",
        parents=[shared, files_parser, mail_parser],
        help="what happens after the decision: events.jsonl, one after the other, and mails",
        epilog="Without --orders it is the sample's: a few orders, from the first mail to the last."
        " What was read before changes nothing.",
    )
    life.add_argument(
        "--all",
        action="store_true",
        help="list every event, not only those with something to do, or that press",
    )
    life.set_defaults(command=live)

    order_parser = argparse.ArgumentParser(add_help=False)
    order_parser.add_argument(
        "order", metavar="ORDER", type=_words, help="its id or its name, such as 1001"
    )
    show = commands.add_parser(
        "show", parents=[order_parser, shared], help="one order: what, and why"
    )
    show.set_defaults(command=show_order)

    parcel = commands.add_parser(
        "ship",
        parents=[order_parser, shared],
        help="send what is reserved for an order, or a part of it",
        epilog="The next run goes on with the rest.",
    )
    parcel.add_argument("--line", type=_words, help="one line, by id or SKU (default: all)")
    parcel.add_argument("--units", type=int, help="how many of it (default: all that is reserved)")
    parcel.add_argument("--location", type=_words, help="from where (default: from everywhere)")
    parcel.set_defaults(command=ship_order)
    stock = commands.add_parser("stock", parents=[shared], help="on hand, reserved, available")
    stock.set_defaults(command=show_stock)
    _add_desk(commands, order_parser, shared)
    return parser


def _add_desk(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    order_parser: argparse.ArgumentParser,
    shared: argparse.ArgumentParser,
) -> None:
    """The commands of the review desk."""
    review = commands.add_parser("review", parents=[shared], help="the orders that wait, and why")
    review.set_defaults(command=show_queue)
    author_parser = argparse.ArgumentParser(add_help=False)
    author_parser.add_argument("--by", type=_words, required=True, help="who says so")
    time_parser = argparse.ArgumentParser(add_help=False)
    time_parser.add_argument(
        "--now", type=_aware, help="when, ISO 8601 with an offset (default: the clock)"
    )
    hold_parser = argparse.ArgumentParser(add_help=False)
    hold_parser.add_argument("--code", type=_words, required=True, help="why, such as shop.recall")
    hold_parser.add_argument(
        "--line", type=_words, help="one line, by id or SKU (default: the whole order)"
    )
    statement = [order_parser, author_parser]
    after = "The next run goes by it."

    approve = commands.add_parser(
        "approve",
        parents=[*statement, time_parser, shared],
        help="let an order pass in spite of what was found",
        epilog=after,
    )
    approve.add_argument(
        "--code",
        type=_words,
        nargs="+",
        action="extend",
        default=[],
        help="what may pass (default: all that a person can judge)",
    )
    approve.set_defaults(command=approve_order)

    reject = commands.add_parser(
        "reject", parents=[*statement, time_parser, shared], help="turn an order down", epilog=after
    )
    reject.add_argument("--reason", type=_words, required=True, help="one sentence for the staff")
    reject.set_defaults(command=reject_order)

    hold = commands.add_parser(
        "hold",
        parents=[*statement, hold_parser, time_parser, shared],
        help="stop an order, or one line of it",
        epilog=after,
    )
    hold.add_argument("--detail", type=_words, help="one sentence for the staff")
    hold.set_defaults(command=hold_order)

    release = commands.add_parser(
        "release",
        parents=[*statement, hold_parser, shared],
        help="take one hold back",
        epilog=after,
    )
    release.set_defaults(command=release_order)


def _words(written: str) -> str:
    """Something in words that is given on the command line."""
    if not written.strip() or UNPRINTABLE.search(written):
        problem = f"{written!a} is no text"
        raise argparse.ArgumentTypeError(problem)
    return " ".join(written.split())


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


def _shop(options: argparse.Namespace) -> str:
    """By what its files are called: the sample's life is a small shop of its own."""
    is_sample_life = options.command is live and options.orders is None
    return "life" if is_sample_life else str(options.source)


def run_shop(options: argparse.Namespace, out: Console) -> int:
    """Load, process, commit; then deliver."""
    err = Console(stderr=True)
    (order_list, stock_list), now = _read(options), _now(options)
    maildir, everything = _maildir(options), options.all
    with database.database(options.db) as engine:
        decided = decide(engine, options.source, order_list, stock_list, now)
        delivered, errors = sending.deliver(engine, maildir, now)
        with engine.connect() as connection:
            waiting = len(sending.unsent_mails(connection))
    result = decided.result
    new_mails = counted(decided.new_mails, "new message")
    tally = f"{new_mails}, {delivered} delivered, {waiting} waiting."
    report.summary(out, order_list, result, tally)
    table = report.decisions_table if everything else report.outcomes_table
    out.print(table(result))
    report.remarks(out, order_list, result, everything=everything)
    faults = [*order_list.faults, *stock_list.faults]
    report.fault_lines(out, faults, everything=everything)
    report.plain(out, f"Stored in {options.db}, messages in {maildir}.")
    report.plain(out, f"Next: {_next_command(options, result)}")
    report.problem_lines(err, decided.problems)
    report.error_lines(err, errors, everything=everything)
    return UNDELIVERED if errors else OK


def live(options: argparse.Namespace, out: Console) -> int:
    """What was reported, event by event, each after a run as of its time; deliver after each."""
    err = Console(stderr=True)
    order_list, stock_list = _read(options)
    path = _folder(options) / "events.jsonl"
    reports, faults = events.read_events(path, [order.id for order in order_list.orders])
    maildir, errors, problems = _maildir(options), list[str](), set[str]()
    mails = repeats = 0

    with database.database(options.db) as engine:

        def run(now: datetime) -> tuple[StepOfEvent, ...]:
            decided = decide(engine, options.source, order_list, stock_list, now, RULES)
            problems.update(decided.problems)
            tell(now)
            return decided.steps_of_time

        def tell(now: datetime) -> None:
            nonlocal mails, errors
            delivered, errors = sending.deliver(engine, maildir, now)
            mails += delivered

        names = {each.id: each.attributes.get("name", each.id) for each in order_list.orders}
        settings = rules.settings((), stock_list.promise)
        for event, step in events.play(engine, reports, settings, run):
            repeats += step.effect is Effect.DUPLICATE
            if options.all or _is_weighty(step):
                report.step_line(out, names[event.order_id], event, step)
            tell(event.at)
        if reports:
            run(reports[-1].at)
    report.fault_lines(
        out, [*order_list.faults, *stock_list.faults, *faults], everything=options.all
    )
    events_read = f"{counted(len(reports), 'event')} read, {repeats} of them known"
    report.plain(out, f"{events_read}; {counted(mails, 'message')} delivered.")
    report.plain(out, f"Stored in {options.db}, messages in {maildir}.")
    if not options.all:
        report.plain(out, f"Next: {_next_of_life(options, names)}")
    report.problem_lines(err, sorted(problems))
    report.error_lines(err, errors, everything=False)
    return UNDELIVERED if errors else OK


def _is_weighty(step: Step) -> bool:
    """Whether there is something to do, was refused, or presses: a delay, a loss, a withdrawal."""
    kinds = {each.kind for each in step.notifications}
    return bool(step.actions or step.refusal or kinds & (ON_PAPER | PRESSING))


def _next_of_life(options: argparse.Namespace, names: Mapping[str, str]) -> str:
    """What one may type next: an order of those that were played, and what else there is."""
    command = [_from_here(Path(sys.executable)), _from_here(HERE)]
    name = max(names.values(), default="").removeprefix("#")
    command += ["show", name, "--db", str(options.db)] if _is_typed_easily(name) else ["stock"]
    return f"{shlex.join(command)} (life --all: every event)"


def _folder(options: argparse.Namespace) -> Path:
    """Where the files of a shop are, or its one file."""
    folder: Path = options.orders or SAMPLES / options.shop
    return folder


def _maildir(options: argparse.Namespace) -> Path:
    maildir: Path = options.maildir or DATA / f"{options.shop}-mail"
    return maildir


def _read(options: argparse.Namespace) -> tuple[OrderList, StockList]:
    """The orders and the stock."""
    folder, reader = _folder(options), READERS[options.source]
    default_stock = folder if folder.is_dir() else folder.parent
    return reader.read_orders(folder), reader.read_stock(options.stock or default_stock)


def _now(options: argparse.Namespace) -> datetime:
    """The time to decide for."""
    is_sample = options.orders is None
    now: datetime | None = options.now
    return now or (SAMPLE_NOW[options.source] if is_sample else datetime.now(UTC))


def _next_command(options: argparse.Namespace, result: Result) -> str:
    """What one may type next: an order that is worth a look, and what else there is."""
    command = [_from_here(Path(sys.executable)), _from_here(HERE)]
    names = [
        decision.order.attributes.get("name", decision.id).removeprefix("#")
        for decision in result.decisions
        if decision.outcome is not Outcome.ALLOCATED
    ]
    name = next(filter(_is_typed_easily, names), "")
    command += ["show", name] if name else ["stock"]
    if options.db != DATA / f"{options.source}.db":
        command += ["--db", str(options.db)]
    elif options.source != "shopify":
        command += ["--source", options.source]
    return f"{shlex.join(command)} (review, stock, run --all, life)"


def _is_typed_easily(name: str) -> bool:
    """Whether a name needs no quotes."""
    return re.fullmatch(r"\w{1,20}", name) is not None


def _from_here(path: Path) -> str:
    """A path as one types it in the current folder."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def show_what_if(options: argparse.Namespace, out: Console) -> int:
    """Compare policies on the orders as they are; a table, and a page. Nothing is decided."""
    (order_list, stock_list), now = _read(options), _now(options)
    with bar.progress_bar() as progress:
        comparison = whatif.compare_policies(
            options.db,
            options.source,
            order_list,
            stock_list,
            now,
            fraud_service.asking(CLUES),
            progress,
        )
    page: Path = options.page or DATA / f"{options.source}-what-if.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(comparison.to_html(title=f"What if: {options.source}"), "utf-8")
    for line in str(comparison).splitlines():
        report.plain(out, line)
    order_ids = {difference.order_id for difference in comparison.differences}
    verb = "comes" if len(order_ids) == 1 else "come"
    report.plain(out, f"{counted(len(order_ids), 'order')} {verb} out otherwise: see {page}.")
    return OK


def show_order(options: argparse.Namespace, out: Console) -> int:
    """What was decided for one order, in words; or why nothing was."""
    with _existing(options.db) as connection:
        order = database.find_order(connection, options.order)
        left_out = database.why_left_out(connection, options.order)
        if order is None and left_out is None:
            raise SourceError(options.db, f"no order has the id or name {options.order!r}")
        if order is not None:
            explanation = database.explanation_of(connection, order.record.id)
            is_about_it = database.tables.outbox.c.order_id == order.record.id
            messages = sending.stored_messages(connection, is_about_it)
            report.order_page(out, order, explanation, list(desk.statements_of(order)), messages)
        if left_out is not None:
            name, reason = left_out
            report.plain(out, f"Order {name}, in the last run: {reason}")
    return OK


def show_stock(options: argparse.Namespace, out: Console) -> int:
    """The stock as it stands, by SKU and location."""
    with _existing(options.db) as connection:
        inventory = database.whole_stock(connection)
        titles = database.titles_of(connection)
    out.print(report.stock_table(inventory, titles))
    for line in report.warehouse_lines(inventory):
        report.plain(out, line)
    return OK


def show_queue(options: argparse.Namespace, out: Console) -> int:
    """What waits for a person, as of the last run, and what was said about it since."""
    with _existing(options.db) as connection:
        queue, unseen = desk.queue(connection), desk.unseen_holds(connection)
    if queue:
        out.print(report.queue_table(queue))
    report.queue_summary(out, queue, unseen)
    return OK


def approve_order(options: argparse.Namespace, out: Console) -> int:
    """Waive findings of one order."""
    with _stored_order(options) as (connection, order):
        codes = desk.approve(connection, order, by=options.by, at=_at(options), codes=options.code)
    return _noted(out, f"Order {order.name}: {options.by} approved {', '.join(codes)}")


def reject_order(options: argparse.Namespace, out: Console) -> int:
    """Turn one order down."""
    with _stored_order(options) as (connection, order):
        desk.reject(connection, order, by=options.by, at=_at(options), reason=options.reason)
    return _noted(out, f"Order {order.name}: {options.by} turned it down")


def hold_order(options: argparse.Namespace, out: Console) -> int:
    """Stop one order, or one line of it."""
    with _stored_order(options) as (connection, order):
        key = {"by": options.by, "code": options.code, "line": options.line}
        desk.stop(connection, order, **key, detail=options.detail, at=_at(options))
    return _noted(out, f"Order {order.name}: {options.by} stopped {_part(options)}")


def release_order(options: argparse.Namespace, out: Console) -> int:
    """Take one hold back."""
    with _stored_order(options) as (connection, order):
        key = {"by": options.by, "code": options.code, "line": options.line}
        desk.release(connection, order, **key, at=_at(options))
    return _noted(out, f"Order {order.name}: {options.by} released {_part(options)}")


def ship_order(options: argparse.Namespace, out: Console) -> int:
    """Send what is reserved for one order: it leaves the stock, and the record counts it."""
    part = {"line": options.line, "units": options.units, "location": options.location}
    with _stored_order(options) as (connection, order):
        places, open_units = parcels.send(connection, order, _at(options), **part)
    left = (
        "all of it has left"
        if not open_units
        else f"{open_units} {'unit is' if open_units == 1 else 'units are'} open"
    )
    return _noted(out, f"Order {order.name}: sent from {', '.join(places)}; {left}")


def _part(options: argparse.Namespace) -> str:
    return f"line {options.line}" if options.line else "it"


def _noted(out: Console, what: str) -> int:
    report.plain(out, f"{what}. The next run goes by it.")
    return OK


def _at(options: argparse.Namespace) -> datetime:
    now: datetime | None = getattr(options, "now", None)
    return now or datetime.now(UTC).replace(microsecond=0)


@contextmanager
def _stored_order(options: argparse.Namespace) -> Iterator[tuple[Connection, StoredOrder]]:
    """A transaction, and the order that is meant as the last run left it."""
    with _existing(options.db) as connection:
        order = database.find_order(connection, options.order)
        if order is None:
            problem = f"no order has the id or name {options.order!r}"
            if left_out := database.why_left_out(connection, options.order):
                problem = f"order {left_out[0]} was not decided; {left_out[1]}"
            raise SourceError(options.db, problem)
        yield connection, order


@contextmanager
def _existing(path: Path) -> Iterator[Connection]:
    """A transaction on the database at *path*."""
    if not path.exists():
        raise SourceError(path, "there is no database; the command `run` makes it")
    with database.database(path) as engine, database.transaction(engine) as connection:
        yield connection
