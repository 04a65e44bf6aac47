"""The sample shop from end to end: run, show, stock; twice, crashed, and side by side.

The review desk is in `test_shop_review.py`.
"""

import json
import shlex
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from shop import cli, database, runs, sending, shopify
from shop.mail import Mailbox, MaildirNotifier
from shop_desk import SHOP, Desk, change_orders

from fulfill_core.hosting import Scope, Sent

RUN = [sys.executable, "-W", "error", str(SHOP), "run"]
LATER = datetime(2026, 3, 3, tzinfo=UTC)
NOW = ("--now", "2026-03-02T09:00:00+00:00")

FAULTS = """\
  transactions.json: transactions[11].amount: "38,10" is not an amount
  orders.json: orders[54].line_items[0].quantity: 1.5 is not a whole number
  orders.json: orders[55].line_items[0].quantity: 0 is below 1
  orders.json: orders[56].line_items[0].price: -4.00 is negative
  orders.json: orders[57].line_items[0].sku: 815 is a number, not text; it may have lost leading zeros
  orders.json: orders[58].created_at: "2026-02-27T10:00:00" has no offset from UTC: it could be any zone's
  orders.json: orders[59].customer.id: "17850.0" is an id that went through a float
  orders.json: orders[60].test: "FALSE" is not true or false
  orders.json: orders[60].shipping_address.city: "NULL" is what an export wrote for an absent value; leave it out
  orders.json: orders[61].total_price: 29.9 is a number; amounts are text, such as "19.90"
  orders.json: orders[61].current_total_price: 29.9 is a number; amounts are text, such as "19.90"
  orders.json: orders[62].shipping_address: Address.country: 'FRANCE' is not a code of 2 letters, such as 'DE'
  orders.json: orders[64]: "#1063 could not be exported" is not an object
  inventory_levels.json: inventory_levels[21].inventory_item_id: 699999 is of no variant in products.json
"""  # noqa: E501, as printed

OUTCOMES = {
    "1001": "allocated",
    "1014": "partially allocated",
    "1019": "backordered",
    "1011": "unfulfillable",
    "1025": "scheduled",
    "1042": "held",
    "1031": "rejected",
}


def test_sample_ends_with_decisions(desk: Desk) -> None:
    """One command reads the sample, decides every order, and delivers a message for each news."""
    assert desk("run", "--all") == 0
    assert "Decisions" in desk.out
    assert "76 records read, 61 orders decided" in desk.out
    assert (
        desk.tally == f"{len(desk.mails())} new messages, {len(desk.mails())} delivered, 0 waiting."
    )
    assert desk.err == ""


def test_every_record_is_accounted_for(desk: Desk) -> None:
    """Records read = decided + repeats + skipped + set aside: none is dropped silently."""
    desk.first_run()
    decided, repeats, skipped, set_aside = 61, 2, 3, 10
    assert decided + repeats + skipped + set_aside == 76
    assert desk.rows("select count(*) from orders") == [(decided,)]
    assert f"{repeats} more records have the id of one that came before" in desk.out
    assert f"{skipped} skipped: 1 a test order (#1051), 1 cancelled (#1052)," in desk.out
    positions = {
        line.split(":")[1].split(".")[0] for line in FAULTS.splitlines() if "orders[" in line
    }
    assert len(positions) == set_aside


def test_malformed_records_are_named(desk: Desk) -> None:
    """Each malformed record is reported by file, position and field, and stops nothing else."""
    desk.first_run()
    assert FAULTS in desk.out


def test_twice_changes_nothing(desk: Desk) -> None:
    """Running again changes no row of the database and delivers no message."""
    desk.first_run()
    before, mails = desk.dump(), desk.mails()
    assert desk("run") == 0
    assert desk.tally == "0 new messages, 0 delivered, 0 waiting."
    assert (desk.dump(), desk.mails()) == (before, mails)


def test_a_later_clock_changes_nothing(desk: Desk) -> None:
    """As long as no date passes and no departure is missed, the same orders at a later time are the
    same news.
    """
    desk.first_run()
    before, mails = desk.dump(), desk.mails()
    desk("run", "--now", "2026-03-02T10:30:00+01:00")
    assert (desk.dump(), desk.mails()) == (before, mails)


def test_the_scheduled_order_is_served_when_due(desk: Desk) -> None:
    """An order that is not due takes its stock at the first run after its day. By then a supply is
    overdue, and those who wait for it are told; and all whose parcels have not left by then.
    """
    desk.first_run()
    assert "Time alone changes something at 2026-03-02T13:00:00+00:00." in desk.out
    desk("run", "--now", "2026-04-01T00:00:00+00:00")
    assert desk.rows("select outcome from orders where name = '#1025'") == [("allocated",)]
    later = [mail for mail in desk.parsed_mails() if mail["Date"].datetime > LATER]
    assert Counter([mail["X-Kind"] for mail in later]) == {
        "order.confirmed": 1,
        "order.delayed, order.backordered": 1,
        "order.delayed, order.partly_backordered": 1,
        "order.delayed": 26,
    }


def test_no_unit_is_promised_twice(desk: Desk) -> None:
    """At no location is more reserved than lies there."""
    desk.first_run()
    overdrawn = """
        select sku, location from reservations left join stock using (sku, location)
        group by sku, location having sum(quantity) > max(on_hand, 0)"""
    assert desk.rows(overdrawn) == []
    assert desk.rows("select sum(quantity) from reservations where sku = 'MUG-RED'") == [(2,)]


def test_closed_locations_serve_nobody(desk: Desk) -> None:
    """Stock of a location that is not active is not counted."""
    desk.first_run()
    assert desk.rows("select sum(on_hand) from stock where sku = 'KETTLE-COPPER'") == [(2,)]


def test_cancelling_frees_the_units_for_the_next_in_line(desk: Desk) -> None:
    """An order that comes back as cancelled gives up its units, and the next in the queue gets
    them and is told.
    """
    folder = desk.files()
    desk("run", "--orders", folder, *NOW)
    change_orders(folder, lambda by: by["#1013"].update(cancelled_at="2026-03-02T09:30:00+01:00"))
    desk("run", "--orders", folder, *NOW)
    assert desk.rows("select outcome from orders where name = '#1011'") == [("allocated",)]
    assert desk.rows("select count(*) from reservations where order_id = '881013'") == [(0,)]
    assert desk.tally == "1 new message, 1 delivered, 0 waiting."


def test_new_stock_tops_up_and_takes_nothing_away(desk: Desk) -> None:
    """When more comes in, those who waited get it; what was reserved before stays as it was."""
    folder = desk.files()
    desk("run", "--orders", folder, *NOW)
    reserved = "select order_id, line_id, sku, location, quantity, made_at, lot from reservations"
    before = set(desk.rows(reserved))
    levels = json.loads((folder / "inventory_levels.json").read_text(encoding="utf-8"))
    levels["inventory_levels"][3]["available"] = 10  # red mugs in Lyon
    (folder / "inventory_levels.json").write_text(json.dumps(levels), encoding="utf-8")
    desk("run", "--orders", folder, "--now", "2026-03-03T09:00:00+00:00")
    assert before < set(desk.rows(reserved))
    outcomes = desk.rows("select outcome from orders where name in ('#1011', '#1014')")
    assert outcomes == [("allocated",), ("allocated",)]


def test_a_count_below_what_is_reserved_is_survived(desk: Desk) -> None:
    """If a recount finds fewer units than are reserved, reservations stay and nothing is free."""
    folder = desk.files()
    desk("run", "--orders", folder, *NOW)
    held = desk.rows("select * from reservations")
    (folder / "inventory_levels.json").write_text('{"inventory_levels": []}', encoding="utf-8")
    assert desk("run", "--orders", folder, *NOW) == 0
    assert desk.rows("select * from reservations") == held
    assert desk("stock") == 0


def test_crash_between_commit_and_delivery(desk: Desk) -> None:
    """What was committed but not delivered is delivered by the next run, each message once."""
    desk("run")
    expected = desk.dump()
    desk.db.unlink()
    desk.maildir.rename(desk.folder / "other-mail")
    _decide_only(desk)
    assert not desk.maildir.exists()
    desk("run")
    assert desk.tally == f"0 new messages, {len(desk.mails())} delivered, 0 waiting."
    assert desk.dump() == expected


def test_crash_between_delivery_and_marking(desk: Desk) -> None:
    """What was delivered but not marked is recognised and not delivered again, not even if a mail
    program has moved it meanwhile.
    """
    _decide_only(desk)
    now = cli.SAMPLE_NOW["shopify"]
    with database.database(desk.db) as engine:
        with engine.connect() as connection:
            waiting = sending.unsent_mails(connection)
            notifier = MaildirNotifier(
                Mailbox(desk.maildir), engine, database.titles_of(connection)
            )
        rows = database.storage_of(engine).unsent(5, now=now, until=now + timedelta(minutes=5))
        assert [notifier(row) for row in rows] == [Sent()] * 5
    read = next((desk.maildir / "new").iterdir())
    read.rename(desk.maildir / "cur" / f"{read.name}:2,S")
    desk("run")
    assert desk.tally == f"0 new messages, {len(waiting) - 5} delivered, 0 waiting."
    ids = [
        line for text in desk.mails().values() for line in text.splitlines() if "Message-ID" in line
    ]
    assert len(ids) == len(set(ids)) == len(waiting)


def test_a_shop_that_is_killed_while_it_delivers(desk: Desk) -> None:
    """Wherever it was, the next run delivers what is left: each mail once, none of them lost."""
    options = ["--db", str(desk.db), "--maildir", str(desk.maildir)]
    with subprocess.Popen([*RUN, *options], stdout=subprocess.DEVNULL) as run:
        while run.poll() is None and not list((desk.maildir / "new").glob("*")):
            time.sleep(0.01)
        run.kill()
    assert desk("run") == 0
    mails = desk.mails()
    assert desk("run") == 0
    assert desk.mails() == mails
    assert mails == desk.sample_mails()


def test_delivery_failure_fails_no_order(desk: Desk) -> None:
    """If the Maildir cannot be written, the decisions stand; the failure is recorded and the next
    run delivers.
    """
    desk.maildir.write_text("a file in the way")
    assert desk("run") == 1
    failed = "select * from outbox where sent_at is null and last_error != ''"
    assert desk.rows(failed)
    waiting = len(desk.sample_mails())
    assert desk.tally == f"{waiting} new messages, 0 delivered, {waiting} waiting."
    assert desk.rows("select count(*) from orders") == [(61,)]
    assert desk.err.count("shop: not delivered, will be tried again") == 3
    assert desk.err.endswith(f"shop: {waiting - 3} more could not be delivered.\n")
    desk.maildir.unlink()
    assert desk("run") == 0
    assert desk.tally == f"0 new messages, {waiting} delivered, 0 waiting."
    assert desk.rows("select count(*) from outbox where last_error != ''") == [(0,)]


def test_one_undeliverable_message_holds_up_no_other(desk: Desk) -> None:
    """What stands in the way of one message is one failure; all other messages are delivered."""
    _decide_only(desk)
    desk.change(
        "update fulfill_outbox set content = replace(content, 'order.confirmed', 'x\\ny')"
        " where number = (select min(number) from fulfill_outbox)"
    )
    assert desk("run") == 1
    assert desk.tally.endswith(f" {len(desk.mails())} delivered, 1 waiting.")
    assert desk.err.count("\n") == 1


def test_the_first_screen(desk: Desk) -> None:
    """A run fits a screen of 24 lines of 80 columns: a summary first, then a table, the faults last
    and few, where it wrote, and what to type next. No code is broken, and none is cut.
    """
    desk("run")
    lines = desk.out.splitlines()
    assert len(lines) < 24
    assert max(map(len, lines[:-2])) <= 80  # the last two name the folders of this test
    assert lines[0] == "76 records read, 61 orders decided as of 2026-03-02 09:00 UTC."
    assert lines[2].split() == [
        *("Outcome", "Orders", "Such", "as", "Most", "often", "because", "of")
    ]
    assert lines[9].rstrip() == (
        "held                    17 #1007   2 payment.insufficient, 2 risk.flagged"
    )
    assert lines[-6] == "14 faults; what has some was set aside. The first 3:"
    assert lines[-2] == f"Stored in {desk.db}, messages in {desk.maildir}."
    command, _ = lines[-1].removeprefix("Next: ").split(" (")  # it can be typed as it stands
    done = subprocess.run(
        shlex.split(command), capture_output=True, text=True, timeout=600, check=False
    )
    assert done.stdout.startswith("Order #1019 of Inès Petit")
    assert (done.returncode, done.stderr) == (0, "")


def test_all_of_it_breaks_no_code(desk: Desk) -> None:
    """With ``--all`` every order has its row, and every code stands in one piece in it."""
    desk.first_run()
    codes = {
        code
        for (code,) in desk.rows("select code from findings where severity in ('HOLD', 'REJECT')")
    }
    assert len(codes) >= 20
    table = desk.out.partition("promised")[0].replace(",", " ").split()
    assert codes <= set(table)
    assert sum(word.startswith("#10") for word in table) == 61


def test_two_runs_at_once(desk: Desk) -> None:
    """Two runs at the same moment reserve and tell once."""
    options = ["--db", str(desk.db), "--maildir", str(desk.maildir)]
    runs = [
        subprocess.Popen([*RUN, *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    errors = [run.communicate(timeout=600)[1] for run in runs]
    assert ([run.returncode for run in runs], errors) == ([0, 0], [b"", b""])
    reserved = desk.rows("select order_id, line_id, sku, location, quantity from reservations")
    ids = desk.rows("select message_id from outbox where sent_at is not null order by number")
    once = Desk(desk.folder / "once", desk.capsys)
    once("run")
    same = once.rows("select order_id, line_id, sku, location, quantity from reservations")
    once_ids = once.rows("select message_id from outbox order by number")
    assert (reserved, ids) == (same, once_ids)
    assert once.mails() == desk.mails()


def test_a_run_locks_before_it_reads(desk: Desk) -> None:
    """From before it reads what is free until it has committed, nobody else can promise it."""
    with (
        database.database(desk.db) as engine,
        database.transaction(engine) as connection,
    ):
        database.storage_of(connection).load(Scope())
        with (
            closing(sqlite3.connect(desk.db, timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="database is locked"),
        ):
            other.execute("BEGIN IMMEDIATE")


def test_documented_command(desk: Desk) -> None:
    """``python docs/examples/shop run`` works from any folder, with warnings as errors."""
    done = subprocess.run(RUN, capture_output=True, text=True, timeout=600, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "61 orders decided" in done.stdout
    assert (desk.folder / "shop-data" / "shopify.db").is_file()


def test_show_each_outcome(desk: Desk) -> None:
    """``show`` explains an order of every outcome after the run, from the database alone, by its
    name or by its id.
    """
    desk.first_run()
    for name, outcome in OUTCOMES.items():
        assert desk("show", name) == 0
        assert f"Order #{name} of " in desk.out
        assert f": {outcome}\n" in desk.out
        assert "Messages:\n" in desk.out
        by_name = desk.out
        assert desk("show", f"88{name}") == 0
        assert desk.out == by_name


def test_show_tells_who_was_ahead(desk: Desk) -> None:
    """The explanation of a short order names its place in the queue and who took the stock."""
    desk.first_run()
    desk("show", "1014")
    assert "number 20 of 39 in the queue" in desk.out
    assert "881013" in desk.out
    assert "881012" in desk.out


def test_show_what_was_not_decided(desk: Desk) -> None:
    """``show`` says of a skipped order why, and of one that was set aside what is wrong with it."""
    desk.first_run()
    desk("show", "1051")
    assert desk.out == "Order #1051, in the last run: skipped: a test order\n"
    desk("show", "1054")
    assert "set aside: orders.json: orders[54].line_items[0].quantity: 1.5" in desk.out


def test_show_unknown_order(desk: Desk) -> None:
    """An order that nobody knows is one clear line and exit code 2."""
    desk.first_run()
    assert desk("show", "nope") == 2
    assert desk.err == f"shop: {desk.db}: no order has the id or name 'nope'\n"


def test_stock_adds_up(desk: Desk) -> None:
    """``stock`` lists on hand, reserved and available for every SKU and location; an overdrawn
    location has nothing available.
    """
    desk.first_run()
    assert desk("stock") == 0
    rows = [line.split() for line in desk.out.splitlines()]
    assert ["MUG-RED", "Mug,", "red", "Hamburg", "2", "2", "0"] in rows
    assert ["TRAY-OAK", "Oak", "tray", "Hamburg", "-2", "0", "0"] in rows
    assert ["TRAY-OAK", "Oak", "tray", "Lyon", "5", "3", "2"] in rows


@pytest.mark.parametrize(
    "command",
    [
        ("show", "1001"),
        ("stock",),
        ("review",),
        ("approve", "1064", "--by", "Grace"),
        ("reject", "1064", "--by", "Grace", "--reason", "A stolen card."),
        ("hold", "1001", "--by", "quality", "--code", "shop.recall"),
        ("release", "1001", "--by", "quality", "--code", "shop.recall"),
    ],
)
def test_nothing_before_the_first_run(desk: Desk, command: tuple[str, ...]) -> None:
    """Before the first run there is nothing to show, and no empty database is left behind."""
    assert desk(*command) == 2
    assert desk.err == f"shop: {desk.db}: there is no database; the command `run` makes it\n"
    assert not desk.db.exists()


def test_sample_is_what_its_script_makes() -> None:
    """The sample in the repository is exactly what the script beside it writes."""
    script: dict[str, object] = {"__name__": "make_sample"}
    path = SHOP / "sample" / "make_sample.py"
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), script)  # noqa: S102
    made: dict[str, str] = script["files"]()  # type: ignore[operator]
    folder = SHOP / "sample" / "shopify"
    assert {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()} == made


def test_only_the_edge_reads_the_clock() -> None:
    """The clock is read in one place, the commands; everything below is told the time."""
    readers = [
        file.name
        for file in (SHOP / "shop").glob("*.py")
        if any(
            call in file.read_text(encoding="utf-8") for call in (".now(", ".today(", "time.time")
        )
    ]
    assert readers == ["cli.py"]


def _decide_only(desk: Desk) -> None:
    """A run that ends right after its commit."""
    folder = SHOP / "sample" / "shopify"
    read, counted = shopify.read_orders(folder), shopify.read_stock(folder)
    with database.database(desk.db) as engine:
        runs.decide(engine, "shopify", read, counted, cli.SAMPLE_NOW["shopify"])
