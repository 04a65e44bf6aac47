"""What lies in the outbox, and nobody can have read, was not told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from fulfill_core import InvalidValueError, OrderRecord
from fulfill_core.decisions import Audience
from fulfill_core.hosting import (
    InMemoryStorage,
    Later,
    Never,
    OutboxRow,
    Run,
    SendAnswer,
    StockUpdate,
    ids_told,
)
from fulfill_core.inventory import Inventory
from fulfill_core.lifecycle import Captured, HoldLifted, HoldPlaced
from fulfill_core.records import Told
from tests.hosting.some_hosting import NOON, Shop, order, shipped, stock

DAY = timedelta(days=1)


def refused(row: OutboxRow) -> SendAnswer:
    """A mail server that takes nothing, and says so."""
    return Later(reason="connection refused", is_unsent=True)


def unanswered(row: OutboxRow) -> SendAnswer:
    """A mail server of which nobody knows whether it took it."""
    return Later(reason="no answer")


def parked(row: OutboxRow) -> SendAnswer:
    """A mail server that knows nobody of that name."""
    return Never(reason="no such mailbox")


def lost(row: OutboxRow) -> SendAnswer:
    """A worker whose connection breaks while it sends."""
    raise ConnectionError(row.id)


def count(mugs: int) -> StockUpdate:
    """So many mugs are there."""

    def update(inventory: Inventory) -> Inventory:
        return inventory.with_counted("mug", "berlin", mugs)

    return StockUpdate(id=f"count {mugs}", skus=["mug"], update=update)


def kinds(shop: Shop) -> list[str]:
    """The messages to the customer that wait, the oldest first."""
    messages: list[Any] = [row.content for row in shop.storage.outbox.values() if row.is_message]
    return [str(each.kind) for each in messages if each.audience is Audience.CUSTOMER]


@pytest.mark.parametrize(
    ("notifier", "kind"),
    [
        (refused, "order.confirmed"),
        (unanswered, "order.back_in_stock"),
    ],
)
def test_nothing_is_back_that_nobody_knew_to_be_missing(notifier: Any, kind: str) -> None:
    """What could have reached somebody was told; what surely did not go out was not."""
    shop = Shop(InMemoryStorage(stock(mugs=0)))
    shop.loop(Run(orders=[order()]), notifier=notifier)
    assert kinds(shop) == ["order.backordered"]
    shop.loop(count(6), Run(), notifier=None, actor=None)
    assert kinds(shop) == [kind]


def test_the_same_draft_is_written_once() -> None:
    """A run that has the same to say leaves drafts and records as they are."""
    shop = Shop()
    shop.loop(Run(orders=[order()]), notifier=None, actor=None)
    record, rows = shop.storage.records["A-1"], dict(shop.storage.outbox)
    shop.clock.sleep(60)
    [report] = shop.loop(Run(), notifier=None, actor=None).jobs
    assert report.changed_ids == ()
    assert (shop.storage.records["A-1"], dict(shop.storage.outbox)) == (record, rows)


def test_there_and_back_is_no_news() -> None:
    """The customer reads A, then B waits, then A holds again: they have read that."""
    about: dict[str, Any]
    shop = Shop()
    shop.loop(Run(orders=[order()]))
    known = shop.storage.records["A-1"].told
    about = {"order_id": "A-1", "at": NOON, "source": "desk", "code": "desk.call"}
    shop.loop(HoldPlaced(id="h1", **about), Run(), notifier=None, actor=None)
    assert shop.storage.records["A-1"].told_before == known
    assert kinds(shop) == ["order.on_hold"]
    shop.loop(HoldLifted(id="h2", **about), Run(), notifier=None, actor=None)
    assert (kinds(shop), shop.storage.records["A-1"].told) == ([], known)


@pytest.mark.parametrize("notifier", [unanswered, parked, lost])
def test_what_was_withdrawn_and_may_be_unread_is_told_anew(notifier: Any) -> None:
    """A may not have gone out and B took its place: nobody has read B, and A holds again."""
    about: dict[str, Any]
    shop = Shop()
    shop.loop(Run(orders=[order()]), notifier=notifier)
    about = {"order_id": "A-1", "at": NOON, "source": "desk", "code": "desk.call"}
    shop.loop(HoldPlaced(id="h1", **about), Run(), notifier=None, actor=None)
    assert kinds(shop) == ["order.on_hold"]
    rows = dict(shop.storage.outbox)
    [report] = shop.loop(Run(), notifier=None, actor=None).jobs
    assert (report.changed_ids, shop.storage.outbox) == ((), rows)
    shop.loop(HoldLifted(id="h2", **about), Run(), notifier=None, actor=None)
    assert kinds(shop) == ["order.confirmed"]


def test_what_may_be_unread_is_confirmed_when_it_leaves() -> None:
    """The confirmation may not have gone out, and was withdrawn for what nobody has read."""
    about: dict[str, Any]
    shop = Shop()
    shop.loop(Run(orders=[order()]), notifier=unanswered)
    about = {"order_id": "A-1", "at": NOON, "source": "desk", "code": "desk.call"}
    shop.loop(HoldPlaced(id="h1", **about), Run(), notifier=None, actor=None)
    shop.loop(shipped(), notifier=None, actor=None)
    assert kinds(shop) == ["order.confirmed", "parcel.shipped"]


def test_what_leaves_is_confirmed_to_whom_it_was_not_yet() -> None:
    """They were to read that it is late: it has left, and a confirmation is owed with the goods."""
    shop = Shop(InMemoryStorage(stock(mugs=0)))
    shop.loop(Run(orders=[order()]), shipped(), notifier=None, actor=None)
    assert kinds(shop) == ["order.confirmed", "parcel.shipped"]
    shop.loop(Run(), notifier=None, actor=None)
    assert kinds(shop) == ["order.confirmed", "parcel.shipped"]


def test_an_event_leaves_drafts_that_it_does_not_speak_of() -> None:
    """Only a run tells them anew."""
    shop = Shop(InMemoryStorage(stock(mugs=0)))
    shop.loop(Run(orders=[order()]), notifier=None, actor=None)
    told = shop.storage.records["A-1"].told
    paid = Captured(id="c1", order_id="A-1", at=NOON, payment="card", amount=order().total)
    shop.loop(paid, notifier=None, actor=None)
    assert kinds(shop) == ["order.backordered", "payment.received"]
    record = shop.storage.records["A-1"]
    assert [each for each in record.told if each.subject == "decision"] == list(told)


@pytest.mark.parametrize("ordered", [2, 4])
def test_a_confirmation_that_waits_stays_when_it_leaves(ordered: int) -> None:
    """What the parcel would confirm lies in the outbox already, with its date."""
    shop = Shop()
    shop.loop(Run(orders=[order(quantity=ordered)]), notifier=None, actor=None)
    [row] = shop.storage.outbox.values()
    shop.loop(shipped(), Run(), notifier=None, actor=None)
    assert kinds(shop) == ["order.confirmed", "parcel.shipped"]
    assert shop.storage.outbox[row.id] == row


# -- By hand ---------------------------------------------------------------------------------------


def told(content: str, message_id: str, entry_id: str, **fields: Any) -> Told:
    """What the customer was told."""
    contents = [(content, message_id)]
    about: dict[str, Any] = {"audience": Audience.CUSTOMER, "at": NOON, **fields}
    return Told(id=entry_id, contents=contents, **about)


def test_what_is_taken_back_makes_room_for_what_was_told_before() -> None:
    """With its date, by which the next delay is told."""
    first = told("c1", "m1", "t1", delivered_at=NOON + DAY)
    second = told("c2", "m2", "t2", delivered_at=NOON + 3 * DAY)
    record = OrderRecord(order=order(), told=[second], told_before=[first])
    after = record.without_told(["m2", "m9"])
    assert (after.told, after.told_before) == ((first,), ())
    assert record.without_told(["m9"]) is record


def test_of_two_messages_one_went_out() -> None:
    """It was told; the other one is told anew."""
    both = attrs.evolve(told("c1", "m1", "t1"), contents=[("c1", "m1"), ("c2", "m2")])
    record = OrderRecord(order=order(), told=[both])
    assert record.without_told(["m2"]).told == (told("c1", "m1", "t1"),)
    assert record.without_told(["m1", "m2"]).told == ()


def test_what_happened_is_told_once() -> None:
    """A run does not tell it anew, so it is not taken back."""
    parcel = told("c1", "m1", "t1", subject="parcel:p1")
    record = OrderRecord(order=order(), told=[parcel])
    assert record.without_told(["m1"]) is record


def test_a_record_says_once_what_was_told_before() -> None:
    """As it says once what was told last."""
    first = told("c1", "m1", "t1")
    with pytest.raises(ValueError, match=r"OrderRecord\.told_before\[1\]"):
        OrderRecord(order=order(), told_before=[first, first])


@pytest.mark.parametrize("ids", [None, 3, "A-1:order.confirmed:1", [None], [3]])
def test_what_are_no_ids_of_messages_is_named(ids: Any) -> None:
    """Also one id by itself: else nothing would be taken back, without a word."""
    with pytest.raises(InvalidValueError, match="message_ids"):
        OrderRecord(order=order()).without_told(ids)
    with pytest.raises(InvalidValueError, match="records"):
        ids_told(ids)
