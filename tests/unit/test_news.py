"""News as a difference: what a run of records tells, and what it does not tell again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, line, mugs, next_run, order, refusal, run

from fulfill_core import (
    Audience,
    Customer,
    Hold,
    Inventory,
    Item,
    Kind,
    Notification,
    Order,
    OrderRecord,
    Outcome,
    Progress,
    Result,
    Stock,
    Supply,
    Told,
    process,
)
from fulfill_core.decisions.notification import digest_of_text
from fulfill_core.notifications import CustomerAndStaff, news
from fulfill_core.records.told import news_of, told_after, told_with

CUSTOMER, STAFF = Audience.CUSTOMER, Audience.STAFF
HOUR = timedelta(hours=1)
STOP = Hold(order_id="A-1", source="fraud team", code="shop.check", at=NOW)


def customer_kinds(result: Result) -> list[str]:
    """What the customers are told."""
    return [str(each.kind) for each in result.notifications if each.audience is CUSTOMER]


def staff_kinds(result: Result) -> list[str]:
    """What the staff is told."""
    return [str(each.kind) for each in result.notifications if each.audience is STAFF]


def problem(text: str) -> Notification:
    """What is to be said to the staff of a payment."""
    return Notification(
        kind=Kind.PAYMENT_PROBLEM,
        order_id="A-1",
        audience=STAFF,
        recipient="",
        locale="en",
        reasons=[("payment.missing", text)],
        subject="payment:card",
    )


# -- News is a difference --------------------------------------------------------------------------


def test_what_was_told_is_not_told_again() -> None:
    """A run with the records of the last one tells nothing that was told; with those that went in,
    it tells the same under the same ids.
    """
    first = run(order("A-1", 5), stock=mugs(berlin=9))
    assert next_run(first).notifications == ()
    repeat = process([OrderRecord(order=order("A-1", 5))], mugs(berlin=9), now=NOW + HOUR)
    assert [each.id for each in repeat.notifications] == [each.id for each in first.notifications]


def test_news_that_comes_back_is_news() -> None:
    """Confirmed, on hold, confirmed, on hold: four messages with four ids, to each audience."""
    results = [run(order("A-1", 5), stock=mugs(berlin=9))]
    for is_held in (True, False, True):
        (known,) = results[-1].records
        holds = [STOP] if is_held else []
        known = attrs.evolve(known, holds=holds)
        results.append(process([known], results[-1].inventory, now=NOW))
    assert [customer_kinds(each) for each in results] == [
        ["order.confirmed"],
        ["order.on_hold"],
        ["order.confirmed"],
        ["order.on_hold"],
    ]
    assert [staff_kinds(each) for each in results] == [
        [],
        ["order.review_needed"],
        [],
        ["order.review_needed"],
    ]
    messages = [each for result in results for each in result.notifications]
    assert len({each.id for each in messages}) == len(messages) == 6
    repeat = process(results[1].records, results[1].inventory, now=NOW)  # still on hold
    assert repeat.notifications == ()


def test_a_message_says_which_it_takes_the_place_of() -> None:
    """What was told and does not hold any more need not be sent, if it was not sent yet."""
    first = run(order("A-1", 5), stock=mugs(berlin=9))
    (confirmed,) = first.notifications
    (known,) = first.records
    second = process([known.with_hold(STOP)], first.inventory, now=NOW)
    (on_hold,) = [each for each in second.notifications if each.audience is CUSTOMER]
    assert on_hold.supersedes == (confirmed.id,)
    assert on_hold.previous_id == known.told[0].id


def test_part_of_the_news_may_stand() -> None:
    """Of two messages one has changed: that one is told, and only what changed is superseded."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=1)],
        items=[Item(sku="mug", backorderable=True)],
    )
    later = attrs.evolve(line("2", "hat", 1), ship_after=NOW + HOUR)
    wanted = order("A-1", lines=[line("1", "mug", 2), later])
    first = run(wanted, stock=stock)
    assert customer_kinds(first) == ["order.partly_backordered", "order.scheduled"]
    second = next_run(first, first.inventory.with_received("mug", "berlin", 1))
    assert customer_kinds(second) == ["order.confirmed"]
    assert second.notifications[0].supersedes == (first.notifications[0].id,)
    assert next_run(second).notifications == ()


def test_messages_that_do_not_hold_any_more_are_named() -> None:
    """Other news took their place, their reason is gone, or nothing of the order is open: what of
    them waits in an outbox can be dropped by id. Where nothing was told before, there are none.
    """
    first = run(order("A-1", 5), stock=mugs(berlin=9))
    assert first.superseded_ids == ()
    assert next_run(first).superseded_ids == ()
    (confirmed,) = first.notifications
    (known,) = first.records
    held = process([known.with_hold(STOP)], first.inventory, now=NOW)
    assert held.superseded_ids == (confirmed.id,)
    ids = {str(each.audience): each.id for each in held.notifications}
    (known,) = held.records
    free = process([known.without_hold(*STOP.key)], held.inventory, now=NOW)
    assert customer_kinds(free) == ["order.confirmed"]
    assert free.superseded_ids == tuple(sorted(ids.values()))  # no message to the staff says so
    assert next_run(free).superseded_ids == ()


@pytest.mark.parametrize(
    ("counters", "is_withdrawn"),
    [({"cancelled": 5}, True), ({"shipped": 3, "cancelled": 2}, False)],
)
def test_what_was_told_of_an_order_lapses_when_nothing_of_it_is_open(
    counters: dict[str, int],
    is_withdrawn: bool,
) -> None:
    """A confirmation that waits is not sent after the order was cancelled; it is if units have left
    (2011/83/EU, article 8(7)). Of another subject, such as a parcel, a run says nothing.
    """
    first = run(order("A-1", 5), stock=mugs(berlin=9))
    (known,) = first.records
    told_of_parcel = attrs.evolve(known.told[0], subject="parcel", contents=[("x", "A-1:parcel:x")])
    known = attrs.evolve(known, told=[*known.told, told_of_parcel])
    over = process([known.with_progress("1", **counters)], mugs(berlin=4), now=NOW)
    ids = (first.notifications[0].id,) if is_withdrawn else ()
    assert (over.notifications, over.superseded_ids) == ((), ids)
    (settled,) = over.records
    assert settled.told_to(CUSTOMER, "parcel") == told_of_parcel
    again = next_run(over)
    assert (again.superseded_ids, again.changed_records) == ((), ())
    reopened = process([settled.with_progress("1", reopened=5)], mugs(berlin=9), now=NOW)
    assert customer_kinds(reopened) == ["order.confirmed"]
    assert reopened.notifications[0].id != first.notifications[0].id


def test_what_is_sent_again_is_not_one_more() -> None:
    """Of a line whose units were lost and go again, the customer reads what they ordered."""
    record = OrderRecord(order=order("A-1", 5))
    lost = record.with_progress("1", shipped=5, lost=2, reopened=2)
    for stock, numbers in ((mugs(berlin=9), (5, 5, 0)), (mugs(berlin=0), (5, 3, 2))):
        result = process([lost], stock, now=NOW)
        (row,) = result.notifications[0].data["lines"]
        assert (row["ordered"], row["confirmed"], row["short"]) == numbers


def test_a_message_to_the_customer_stands_while_a_machine_is_waited_for() -> None:
    """The customer is told nothing else, so what they were told is not taken back."""

    def bank(order: Order, /, *, context: object) -> Any:
        raise TimeoutError

    first = run(order("A-1", 5), stock=mugs(berlin=9))
    assert next_run(first, verifiers=[bank]).superseded_ids == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"customer": Customer(id="C-1", name="Ada", email="ada@gmail.example")},
        {"locale": "de"},
    ],
)
def test_recipient_and_language_count(changes: dict[str, Any]) -> None:
    """A confirmation goes to the corrected address, and in the language that was asked for."""
    first = run(order("A-1", 5), stock=mugs(berlin=9))
    (known,) = first.records
    corrected = attrs.evolve(known, order=attrs.evolve(known.order, **changes))
    second = process([corrected], first.inventory, now=NOW)
    assert customer_kinds(second) == ["order.confirmed"]
    assert second.notifications[0].id != first.notifications[0].id


def test_what_was_told_in_the_future_was_told() -> None:
    """A record of a run that is later than this one: what was told is not told again."""
    first = run(order("A-1", 5), stock=mugs(berlin=9), now=NOW + HOUR)
    assert next_run(first, now=NOW).notifications == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"audience": "boss"}, "Told.audience: 'boss' is no Audience"),
        ({"id": ""}, "Told.id: '' is empty"),
        ({"subject": ""}, "Told.subject: '' is empty"),
        ({"recipient": None}, "Told.recipient: None is not text"),
        ({"locale": None}, "Told.locale: None is not text"),
        ({"contents": ["a"]}, "Told.contents[0]: 'a' is not a row of 2 members"),
        ({"delivered_at": NOW.date()}, "Told.delivered_at: "),
        ({"at": None}, "Told.at: "),
    ],
)
def test_malformed_told_is_refused(content: dict[str, Any], message: str) -> None:
    """What was told is checked like everything that enters."""
    told = {"audience": STAFF, "id": "a", "at": NOW, **content}
    assert refusal(Told, **told).startswith(message)


# -- Waiting for a machine -------------------------------------------------------------------------


def test_waiting_for_a_machine_is_no_news_to_the_customer() -> None:
    """A verifier that fails is told to the staff if that lasts, and never to the customer."""

    def bank(order: Order, /, *, context: object) -> Any:
        raise TimeoutError

    first = run(order("A-1", 5), stock=mugs(berlin=9), verifiers=[bank])
    assert (first["A-1"].outcome, first.notifications) == (Outcome.HELD, ())
    assert first.wake_at == NOW + HOUR
    soon = next_run(first, now=NOW + HOUR / 2, verifiers=[bank])
    assert (soon.notifications, soon.wake_at) == ((), NOW + HOUR)
    late = next_run(soon, now=NOW + HOUR, verifiers=[bank])
    assert [each.kind for each in late.notifications] == [Kind.REVIEW_NEEDED]
    assert late.notifications[0].audience is STAFF
    assert next_run(late, verifiers=[bank]).notifications == ()
    fine = next_run(late, verifiers=[])
    assert customer_kinds(fine) == ["order.confirmed"]


def test_what_lasts_is_told_once() -> None:
    """An order that waited when the first run saw it: the staff is told then, and not once more
    when the run itself is so long ago; whether it came alone or in a record.
    """

    def bank(order: Order, /, *, context: object) -> Any:
        raise TimeoutError

    subject = order("A-1", 5, placed_at=NOW - HOUR)
    for first_of in (subject, OrderRecord(order=subject)):
        result = process([first_of], mugs(berlin=9), now=NOW, verifiers=[bank])
        assert staff_kinds(result) == ["order.review_needed"]
        for later in (HOUR / 2, HOUR, 2 * HOUR):
            result = next_run(result, now=NOW + later, verifiers=[bank])
            assert result.notifications == ()


def test_without_a_record_waiting_counts_from_the_order() -> None:
    """Of an order alone nobody knows since when it waits: since it was placed, at the latest."""

    def bank(order: Order, /, *, context: object) -> Any:
        raise TimeoutError

    for placed_at, kinds in ((NOW - HOUR, [Kind.REVIEW_NEEDED]), (NOW, [])):
        result = run(order("A-1", 5, placed_at=placed_at), verifiers=[bank])
        assert [each.kind for each in result.notifications] == kinds


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"staff_locale": ""}, "CustomerAndStaff.staff_locale: '' is empty"),
        ({"staff_locale": 7}, "CustomerAndStaff.staff_locale: 7 is not a locale; pass a str, such"),
        ({"date_step": -HOUR}, "CustomerAndStaff.date_step: "),
        ({"patience": 3}, "CustomerAndStaff.patience: "),
    ],
)
def test_malformed_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    """A policy's settings are checked where they enter."""
    assert refusal(CustomerAndStaff, **settings).startswith(message)


def test_the_staff_reads_its_own_language() -> None:
    """Whatever language the order is in."""
    policy = CustomerAndStaff(staff_locale="pl")
    result = run(order("A-1", 5, locale="ja", ship_to=None), notifications=policy)
    assert {(each.audience, each.locale) for each in result.notifications} == {
        (STAFF, "pl"),
        (CUSTOMER, "ja"),
    }
    assert repr(policy) == "CustomerAndStaff(staff_locale='pl')"


def test_supplies_of_an_order_that_waits_are_told_once() -> None:
    """A backorder with its date is told once, and its arrival once."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=0)],
        items=[Item(sku="mug", backorderable=True)],
        supplies=[
            Supply(id="PO", sku="mug", quantity=5, expected_at=NOW + HOUR, location="berlin")
        ],
    )
    first = run(order("A-1", 5), stock=stock)
    assert customer_kinds(first) == ["order.backordered"]
    assert next_run(first).notifications == ()
    came = first.inventory.with_received("mug", "berlin", 5, supply_id="PO")
    second = next_run(first, came)
    assert customer_kinds(second) == ["order.back_in_stock"]
    assert next_run(second).notifications == ()


def test_what_was_never_missing_is_not_back() -> None:
    """An order that was held in between is confirmed: what it lacked is not what it was told."""
    stock = mugs(berlin=3)
    first = run(order("A-1", 5), stock=stock)
    assert customer_kinds(first) == ["order.partly_confirmed"]
    stop = Hold(order_id="A-1", source="staff", code="staff.check", at=NOW)
    stopped = [first.records[0].with_hold(stop)]
    held = process(stopped, first.inventory, now=NOW)
    assert customer_kinds(held) == ["order.on_hold"]
    lifted = [held.records[0].without_hold("staff", "staff.check")]
    came = held.inventory.with_received("mug", "berlin", 5)
    assert customer_kinds(process(lifted, came, now=NOW)) == ["order.confirmed"]


def test_what_was_cancelled_is_not_back() -> None:
    """Where the rest of an order was there all along it is confirmed, without what nobody wants any
    more; once more is there than was said, it is back.
    """
    first = run(
        order("A-1", lines=[line("1", "mug", 3), line("2", "pot", 2)]), stock=mugs(berlin=2)
    )
    assert customer_kinds(first) == ["order.partly_confirmed"]
    [known] = first.records
    pots_cancelled = known.with_progress("2", cancelled=2)
    all_cancelled = process(
        [pots_cancelled.with_progress("1", cancelled=1)], first.inventory, now=NOW
    )
    [message] = all_cancelled.notifications
    assert (message.kind, message.lines) == (Kind.CONFIRMED, (("1", "mug", 2, 2, 0, 0, None),))
    assert next_run(all_cancelled).notifications == ()
    came = first.inventory.with_received("mug", "berlin", 1)
    back = process([pots_cancelled], came, now=NOW)
    [message] = back.notifications
    assert (message.kind, message.lines) == (Kind.BACK_IN_STOCK, (("1", "mug", 3, 3, 0, 0, None),))
    assert process([pots_cancelled], back.inventory, now=NOW).notifications == (message,)
    assert next_run(back).notifications == ()


@pytest.mark.parametrize(
    ("progress", "row"),
    [
        ({"cancelled": 1, "shipped": 1}, ("1", "mug", 1, 1, 0, 0, None)),
        ({"cancelled": 1, "reduced": 1, "shipped": 1}, ("1", "mug", 0, 1, 0, 0, None)),
    ],
)
def test_what_left_although_it_was_cancelled_is_ordered(
    progress: dict[str, int], row: tuple[object, ...]
) -> None:
    """Its customer has it, and pays for it; not so what the line was lowered by: it is a surplus.

    They were told that it was cancelled, and that it left: a run has nothing else to say of it.
    """
    lines = [line("1", "mug", 1), line("2", "pot", 1)]
    first = run(order("A-1", lines=lines), stock=mugs(berlin=9))
    [known] = first.records
    known = attrs.evolve(known, progress=[Progress(line_id="1", **progress)])
    result = process([known], first.inventory, now=NOW)
    assert news(result.decisions[0])[0] == row
    is_news = row[2] == 0
    assert customer_kinds(result) == ["order.partly_confirmed"] * is_news


def test_a_host_may_keep_ids_of_its_own() -> None:
    """An id that is none of the library's says nothing of a kind."""
    told = Told(audience=CUSTOMER, id="3f", at=NOW, contents=[("c1", "msg-1"), ("c2", "A:B:k:c2")])
    assert told.kinds == {"", "k"}


def test_what_was_told_before_the_news_is_kept_until_there_is_other_news() -> None:
    """Whoever takes the news back comes to it, also after runs that had nothing to tell."""
    first = run(order("A-1", 5), stock=mugs(berlin=9))
    (known,) = first.records
    held = process([known.with_hold(STOP)], first.inventory, now=NOW)
    before = [record.told_before for record in (known, *held.records, *next_run(held).records)]
    assert before == [(), known.told, known.told]


@pytest.mark.parametrize("texts", ["ab", "ac", "cd", "c", "abc", ""])
def test_what_a_step_tells_is_what_a_run_would_have_told(texts: str) -> None:
    """What was told before and is so still stands beside the news, and is not told again."""
    _, entries = told_with([problem("a"), problem("b")], (), NOW, {}, set())
    news, after = told_with([problem(text) for text in texts], entries, NOW + HOUR, {}, set())
    messages = [problem(text) for text in texts]
    ids = [each.id for each in news_of(messages, entries)]
    assert [each.id for each in news] == ids
    assert after == told_after(messages, entries, NOW + HOUR, is_settled=False)
    assert told_with(messages, after, NOW + 2 * HOUR, {}, set()) == ((), after)


@pytest.mark.parametrize("is_beside_news", [True, False])
def test_what_a_step_says_nothing_new_of_stands_as_it_was_told(is_beside_news: bool) -> None:
    """A step says what has happened, not all that is so: whatever else it has to say."""
    _, before = told_with([problem("a"), problem("b")], (), NOW, {}, set())
    other = [attrs.evolve(problem("c"), subject="parcel:p1")] if is_beside_news else []
    news, after = told_with([problem("a"), *other], before, NOW + HOUR, {}, set())
    standing = [each for each in after if each.subject == "payment:card"]
    assert ([*news], standing) == (other, [*before])


@pytest.mark.parametrize("closing", [Kind.PAYMENT_PROBLEM, Kind.PAYMENT_FAILED])
@pytest.mark.parametrize("is_last", [True, False])
def test_one_message_of_several_may_be_the_last_of_its_subject(closing: str, is_last: bool) -> None:
    """Then nothing is kept of what was told of it, whichever was said first."""
    messages = [problem("a"), attrs.evolve(problem("a"), kind=Kind.PAYMENT_FAILED)]
    news, entries = told_with(messages[:: 1 if is_last else -1], (), NOW, {}, {closing})
    assert (len(news), entries) == (2, ())


@pytest.mark.parametrize("units", [0, 2, 99, 100, 250_000])
@pytest.mark.parametrize("expected_at", [None, NOW])
def test_counts_of_any_size_are_digested_as_they_are_written(
    units: int, expected_at: datetime | None
) -> None:
    """The id of a message is that of the text of its rows, whether its numbers are small or not."""
    row = ("1", "mug", units, units, 0, 0, expected_at)
    message = Notification(
        kind=Kind.CONFIRMED,
        order_id="A-1",
        audience=Audience.CUSTOMER,
        recipient="ada@example.com",
        locale="en",
        lines=[row],
    )
    head = "order.confirmed", "customer", "decision", "ada@example.com", "en", "", "1"
    assert message.content_digest == digest_of_text("\0".join([*head, *map(str, row)]))
