"""The life of four orders, from the first mail to the last: what was reported, event by event."""

from __future__ import annotations

import email
import json
import re
import shutil
from collections.abc import Iterable
from datetime import datetime
from email.policy import default
from pathlib import Path

import pytest
from shop_desk import SHOP, Desk

from fulfill_core import OrderRecord
from fulfill_core.hosting.planning import drafting
from fulfill_core.lifecycle import Cancelled, Event, HoldPlaced, Rules

SAMPLE = SHOP / "sample" / "life"
ADA, JONAS = "ada.young@example.com", "jonas.feld@example.com"
INES, GRACE = "ines.petit@example.com", "grace.lind@example.com"
HAMBURG, LYON, STAFF = "80001@tea.example", "80002@tea.example", "staff@tea.example"
MAILS = [  # to whom, kind, subject
    # Placed: one is held, and confirmed after a person has let it pass; one has to wait.
    (JONAS, "order.confirmed", "Ihre Bestellung #2002 ist bestätigt"),
    (INES, "order.backordered", "Votre commande #2003 prendra un peu plus de temps"),
    (GRACE, "order.confirmed", "Your order #2004 is confirmed"),
    (STAFF, "order.review_needed", "Order #2001 needs a review"),
    (ADA, "order.on_hold", "We are checking your order #2001"),
    (ADA, "order.confirmed", "Your order #2001 is confirmed"),
    # Picked; one is cancelled after that.
    (HAMBURG, "fulfilment.pick_list", "Please pick and send: order #2002"),
    (HAMBURG, "fulfilment.pick_list", "Please pick and send: order #2001"),
    (HAMBURG, "fulfilment.pick_list", "Please pick and send: order #2004"),
    (HAMBURG, "fulfilment.call_back", "Please do not send: order #2002"),
    (JONAS, "order.cancelled", "Ihre Bestellung #2002 wurde storniert"),
    (STAFF, "order.withdrawn", "Order #2002: cancelled or withdrawn"),
    # Shipped, one in two parcels; one is delayed; two parcels arrive.
    (ADA, "parcel.shipped", "Your parcel from order #2001 is on its way"),
    (GRACE, "parcel.shipped", "Your parcel from order #2004 is on its way"),
    (ADA, "parcel.shipped", "Your parcel from order #2001 is on its way"),
    (
        INES,
        "order.delay_choice",
        (
            "Votre commande #2003 a du retard\N{NO-BREAK SPACE}: que souhaitez-vous faire"
            "\N{NARROW NO-BREAK SPACE}?"
        ),
    ),
    (ADA, "parcel.delivered", "Your parcel from order #2001 has arrived"),
    (ADA, "parcel.delivered", "Your parcel from order #2001 has arrived"),
    # One parcel is lost, and what was in it is sent again, later than was promised.
    (GRACE, "parcel.lost", "A parcel of your order #2004 has been lost"),
    (GRACE, "order.delayed, order.confirmed", "Your order #2004 will arrive later than planned"),
    (HAMBURG, "fulfilment.pick_list", "Please pick and send: order #2004"),
    (GRACE, "parcel.shipped", "Your parcel from order #2004 is on its way"),
    # One unit comes back, and is paid back.
    (
        ADA,
        "order.withdrawal_acknowledged, return.requested",
        "We have received your withdrawal from order #2001",
    ),
    (STAFF, "order.withdrawn", "Order #2001: cancelled or withdrawn"),
    (GRACE, "parcel.delivered", "Your parcel from order #2004 has arrived"),
    (ADA, "return.received", "Your return for order #2001 has arrived"),
    (ADA, "payment.partly_refunded", "Partial refund for your order #2001"),
    # What was delayed comes in, and leaves.
    (
        INES,
        "order.back_in_stock",
        "De nouveau en stock\N{NO-BREAK SPACE}: votre commande #2003 est confirmée",
    ),
    (LYON, "fulfilment.pick_list", "Please pick and send: order #2003"),
    (INES, "parcel.shipped", "Votre colis de la commande #2003 est en route"),
    (INES, "parcel.delivered", "Votre colis de la commande #2003 est arrivé"),
]
ORDERS = ("882001", "882002", "882003", "882004")


@pytest.fixture(scope="session")
def whole_life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample's life is kept once it was played."""
    return tmp_path_factory.mktemp("life")


@pytest.fixture
def lived(desk: Desk, whole_life: Path) -> Desk:
    """A shop after the life of the sample's orders: it is played once, and copied from there."""
    if not (whole_life / "out").exists():
        assert desk("life", "--all") == 0
        shutil.copytree(desk.maildir, whole_life / "mail")
        shutil.copy(desk.db, whole_life / "shop.db")
        (whole_life / "out").write_text(desk.out, "utf-8")
    else:
        shutil.copytree(whole_life / "mail", desk.maildir)
        shutil.copy(whole_life / "shop.db", desk.db)
        desk.out = (whole_life / "out").read_text("utf-8")
    return desk


def mails_of(desk: Desk) -> list[tuple[str, str, str]]:
    """To whom, kind and subject of what is in the Maildir."""
    mails = [email.message_from_string(text, policy=default) for text in desk.mails().values()]
    return [(mail["To"], mail["X-Kind"], mail["Subject"]) for mail in mails]


def shop_files(desk: Desk, lines: Iterable[str]) -> Path:
    """A copy of the sample's files, with these events."""
    folder = desk.folder / "files"
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)
    (folder / "events.jsonl").write_text("\n".join(lines), "utf-8")
    return folder


def sample_lines() -> list[str]:
    """The events of the sample, a line each."""
    return (SAMPLE / "events.jsonl").read_text("utf-8").splitlines()


def written(**content: object) -> str:
    """A line of a file of events."""
    return json.dumps({"id": "x-1", "order_id": "882001", "at": "2026-03-20T09:00Z", **content})


def test_the_right_mails_and_no_others(lived: Desk) -> None:
    """Held, approved, picked, shipped in two parcels, delivered, one returned; one cancelled after
    it was handed over, one delayed and answered, one lost: each mail once, to whom it concerns.
    """
    assert sorted(mails_of(lived)) == sorted(MAILS)
    told = lived.rows("select audience = 'staff', kind from outbox order by number")
    for is_staff in (True, False):  # in the sequence in which they came to be news
        kinds = ", ".join([kinds for to, kinds, _ in MAILS if (to == STAFF) is is_staff])
        # In a mail the weightier of two stands first.
        kinds = kinds.replace("order.delayed, order.confirmed", "order.confirmed, order.delayed")
        assert [kind for to_staff, kind in told if to_staff == is_staff] == kinds.split(", ")


def test_read_twice_nothing_changes(lived: Desk) -> None:
    """The same file once more: no mail, no row of the database, and the first line says so."""
    before, mails = lived.dump(), lived.mails()
    assert lived("life") == 0
    assert lived.dump() == before
    assert lived.mails() == mails
    assert lived.out.splitlines()[0] == "31 events read, 31 of them known; 0 messages delivered."


def test_what_there_is_to_do_is_printed(lived: Desk) -> None:
    """What is to be captured, voided, refunded, called back, and asked of a person."""
    flat = " ".join(lived.out.split())
    for words in (
        "#2002 CancelRequested. to do: call H-1 back from 80001",
        "to do: ask: To be cancelled: 1 of line 8820021, 1 of line 8820022, at no location.",
        "to do: void 24.90 of 8820020",
        "to do: capture 29.90 of 8820010",
        "to do: refund 14.90 to 8820010",
    ):
        assert words in flat


def test_without_all_only_what_there_is_to_do(desk: Desk) -> None:
    """The first screen: no event is listed that asks for nothing, and presses nobody; and it says
    how to see the others.
    """
    assert desk("life", "--orders", shop_files(desk, sample_lines()[:9])) == 0
    *lines, tally, _, hint = desk.out.splitlines()
    assert [line.split()[2:4] for line in lines if line.startswith("03-")] == [
        ["#2002", "CancelRequested."],
        ["#2002", "NotFulfilled."],
        ["#2002", "Cancelled."],
    ]
    assert tally == "9 events read, 0 of them known; 12 messages delivered."
    assert re.fullmatch(r"Next: .* show 2004 --db \S+ \(life --all: every event\)", hint)


def test_a_delay_and_a_loss_are_on_the_first_screen(desk: Desk) -> None:
    """Nothing is to be done about them at once, but their customers are told; it is one screen."""
    assert desk("life") == 0
    lines = desk.out.splitlines()
    kinds = {line.split()[3].rstrip(".") for line in lines if line.startswith("03-")}
    assert kinds >= {"DelayAsked", "Lost", "ReturnRequested", "Cancelled", "Shipped"}
    assert len(lines) <= 24
    assert desk("life", "--all") == 0
    assert "Next: " not in desk.out


def test_units_and_money_come_out(lived: Desk) -> None:
    """All units are somewhere, and each customer has paid for what they have."""
    assert lived.rows("select id, outcome from orders order by id") == [
        ("882001", "completed"),
        ("882002", "cancelled"),
        ("882003", "completed"),
        ("882004", "completed"),
    ]
    assert lived.rows("select * from stock where sku = 'MUG-BLUE' order by location") == [
        ("MUG-BLUE", "80001", 4 - 2 - 1 - 1 + 1),
        ("MUG-BLUE", "80002", 6),
    ]
    assert lived.rows("select * from reservations") == []
    orders = [record.order for _, record in sorted(lived.records().items())]
    paid = [[str(payment.paid) for payment in order.payments] for order in orders]
    assert paid == [["44.80"], ["0"], ["43.90"], ["19.80"]]
    authorized = [payment.authorized for order in orders for payment in order.payments]
    assert sum(authorized) == 0


def test_a_file_that_grows_comes_to_the_same(desk: Desk, whole_life: Path, lived: Desk) -> None:
    """Read as far as it is there, and again when it has grown: the same mails, the same records."""
    histories = "select * from histories order by order_id"
    at_once, mails = lived.rows(histories), mails_of(lived)
    desk.db, desk.maildir = desk.folder / "other.db", desk.folder / "other"
    lines = sample_lines()
    for count in (9, len(lines)):
        assert desk("life", "--orders", shop_files(desk, lines[:count])) == 0
    assert desk.rows(histories) == at_once
    assert sorted(mails_of(desk)) == sorted(mails)


def test_the_same_id_with_another_content_is_refused(lived: Desk) -> None:
    """It changes no unit, and the staff hears of it, once."""
    lines = sample_lines()
    (parcel,) = [line for line in lines if '"P-5"' in line and "Shipped" in line]
    other = json.loads(parcel) | {"lines": {"8820031": 2}}
    folder = shop_files(lived, [*lines, json.dumps(other)])
    units = "select shipped from progress where order_id = '882003'"
    for _ in range(2):
        assert lived("life", "--orders", folder) == 0
        assert "Shipped (refused) event.conflict:" in lived.out
        assert lived.rows(units) == [(1,)]
    (new,) = set(mails_of(lived)) - set(MAILS)
    assert new[:2] == (STAFF, "order.review_needed")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "text: '{' is no JSON: Expecting property name"),
        ("[]", "document: [] is not an object"),
        (written(type=["Shipped"]), "type: ['Shipped'] is not what is read"),
        (written(type="Teleported"), "type: 'Teleported' is not what is read"),
        (written(type="Delivered"), "Delivered.parcel: the field is missing"),
        (
            written(type="Delivered", parcel="P", colour="red"),
            "Delivered.colour: 'red' is no field of Delivered",
        ),
        (written(type="Delivered", parcel="P", order_id="7"), "there is no order 7"),
        (written(type="Delivered", parcel="P", at="2026-03-20T09:00"), "Delivered.at"),
        (
            written(type="Delivered", parcel="P", at="noon"),
            "Delivered.at: 'noon' is not an instant",
        ),
        (written(type="Captured", payment="p", amount=1.5), "Captured.amount"),
        (
            written(type="Captured", payment="p", amount="1,50"),
            "Captured.amount: '1,50' is not an exact number",
        ),
        (written(type="Lost", parcel="P", lines=["1"]), "Lost.lines"),
        (written(type="Lost", parcel="P", lines={"1": -1}), "Lost.lines"),
        (written(type="Counted", units=[["mug"]]), "Counted.units"),
        (
            written(type="Approved", by="G", findings=[1]),
            "Approved.findings[0]: 1 is not an object",
        ),
        (
            written(type="Approved", by="G", findings=[{"code": "a.b", "severity": "BAD"}]),
            "Approved.findings[0].severity: 'BAD' is no Severity",
        ),
    ],
)
def test_a_line_that_is_no_event_is_named(desk: Desk, line: str, problem: str) -> None:
    """It is set aside by its number, with what is wrong with it."""
    assert desk("life", "--all", "--orders", shop_files(desk, [line])) == 0
    assert "1 fault; what has some was set aside." in desk.out
    assert f"events.jsonl: line 1: {problem}" in desk.out


def test_no_file_of_events(desk: Desk) -> None:
    """Nothing is done, and one line says why."""
    folder = shop_files(desk, [])
    assert desk("life", "--orders", folder) == 2
    assert desk.err == f"shop: {folder / 'events.jsonl'}: is empty\n"


def test_what_time_brings_comes_before_what_is_reported(desk: Desk) -> None:
    """A pick list that nobody accepts for two days is taken back, before the next event."""
    lines = [
        line for line in sample_lines() if json.loads(line)["at"] < "2026-03-02T09" or "D-1" in line
    ]
    later = json.loads(lines[-1]) | {"at": "2026-03-05T12:00:00+00:00"}
    files = shop_files(desk, [*lines[:-1], json.dumps(later)])
    assert desk("life", "--all", "--orders", files) == 0
    assert "03-04 08:50 #2002 NotFulfilled" in desk.out


def test_what_time_brings_and_is_refused_is_tried_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event of time that is not possible leaves no trace, so it would come again and again: the
    shop goes on with the next one, and with what was reported.
    """
    asked: list[str] = []

    def brought(record: OrderRecord, rules: Rules, *, now: datetime) -> tuple[Event, ...]:
        if record.id != "882002":
            return ()
        asked.append(record.id)
        about = {"order_id": record.id, "at": now}
        refused = Cancelled(id="time:refused", lines={"9": 1}, by="time", **about)
        return refused, HoldPlaced(id="time:later", source="time", code="a.b", **about)

    monkeypatch.setattr(drafting, "timed_events", brought)
    files = shop_files(desk, sample_lines()[:1])
    assert desk("life", "--all", "--orders", files) == 0
    lines = [line for line in desk.out.splitlines() if "#2002" in line]
    assert [line.split()[3] for line in lines] == ["Cancelled", "HoldPlaced"]
    assert "(refused) line.unknown" in lines[0]
    assert len(asked) == 2 * 3  # in each of the runs, the last time there is nothing new
    assert "1 event read, 0 of them known" in desk.out


def test_a_parcel_of_the_shops_own(desk: Desk) -> None:
    """What the command sends is counted beside what was reported, and stays so."""
    folder = shop_files(desk, sample_lines()[:7])
    assert desk("life", "--orders", folder) == 0
    assert desk("ship", "2004") == 0
    assert "all of it has left" in desk.out
    assert desk("life", "--orders", folder) == 0
    assert desk.rows("select order_id, shipped from progress where shipped > 0") == [("882004", 1)]
    assert desk.rows("select outcome from orders where id = '882004'") == [("completed",)]


def test_messages_that_wait_are_delivered_later(desk: Desk) -> None:
    """Where the Maildir can't be written the events count all the same; their mails follow."""
    folder = shop_files(desk, sample_lines()[:5])
    desk.maildir.write_text("no folder", "utf-8")
    assert desk("life", "--orders", folder) == 1
    assert "not delivered, will be tried again" in desk.err
    desk.maildir.unlink()
    assert desk("life", "--orders", folder) == 0
    assert "5 events read, 5 of them known" in desk.out
    assert (HAMBURG, "fulfilment.call_back", "Please do not send: order #2002") in mails_of(desk)
