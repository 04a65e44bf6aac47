"""Quiet hours, consent and digests in the loop: when a message goes out, and together with what."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, time, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from some_hosting import NOON, SETTINGS, Sender, Shop, order, shipped

from fulfill_core import Customer, InvalidValueError, Inventory, Order
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.decisions import Medium
from fulfill_core.hosting import Later, Limits, Run, Scope, Sent, StockUpdate
from fulfill_core.hosting.telemetry import log_lines
from fulfill_core.hosting.webhook import payload
from fulfill_core.lifecycle import Cancelled, Refunded, ShipmentVoided, Shipped
from fulfill_core.notifications import (
    Contact,
    Preferences,
    customer_and_staff,
    receipt,
    together,
)

NIGHT = NOON.replace(hour=23)
MORNING = NOON.replace(day=3, hour=8)
DAY = BusinessCalendar(
    timezone=UTC,
    shifts=[Shift(start=time(8), end=time(20), weekdays=range(7))],
)


def by_day(_: Order) -> Preferences:
    """Whoever ordered is told by day."""
    return Preferences(hours=DAY)


class NightShop(Shop):
    """A shop at night, with orders of the day, whose customers are told by day."""

    def __init__(self, *orders: Order, storage: Any = None) -> None:
        super().__init__(storage)
        self.loop(Run(orders=orders or [order()]))
        self.notifier.rows.clear()
        self.clock.instant = NIGHT

    def loop(self, *jobs: Any, **options: Any) -> Any:
        """Do jobs, and see to the outbox."""
        return super().loop(*jobs, **{"preferences": by_day, **options})

    def mails(self) -> list[list[str]]:
        """The kinds in each mail, in the sequence in which they were sent."""
        return [[str(each.kind) for each in row.content.messages] for row in self.notifier.rows]


def two_parcels(order_id: str = "A-1") -> list[Shipped]:
    """One unit of each order leaves, and the other one."""
    return [shipped(order_id, 1, f"{order_id}-e{number}") for number in (1, 2)]


CAPS = Inventory.of({("cap", "berlin"): 6})
CANCELLED = Cancelled(id="c1", order_id="A-1", at=NIGHT, by="customer")


# -- When ------------------------------------------------------------------------------------------


def test_what_informs_waits_for_the_morning() -> None:
    """What is owed goes at once, at night as well."""
    shop = NightShop(order(), order("A-2"))
    report = shop.loop(shipped(), attrs.evolve(CANCELLED, order_id="A-2"))
    assert shop.mails() == [["order.cancelled"], ["order.withdrawn"]]
    assert [row.due_at for row in shop.storage.outbox.values()] == [MORNING]
    assert report.is_done
    assert [each.sends_at for each in report.jobs] == [MORNING, None]
    assert report.wake_at == MORNING
    shop.clock.instant = MORNING - timedelta(microseconds=1)
    assert shop.loop().sent == 0
    shop.clock.instant = MORNING
    assert shop.loop().sent == 1
    assert shop.mails()[2:] == [["parcel.shipped"]]


def test_what_waits_is_one_mail_with_what_comes() -> None:
    """Several news on one order are one mail in the morning, if they came apart in the night."""
    shop = NightShop()
    first, second = two_parcels()
    shop.loop(first)
    shop.clock.instant += timedelta(hours=1)
    shop.loop(second)
    shop.clock.instant = MORNING
    assert shop.loop().sent == 2
    assert shop.mails() == [["parcel.shipped", "parcel.shipped"]]
    [row] = shop.notifier.rows
    assert row.id == row.content.id
    assert ":digest:" in row.id
    news = [each.content for each in shop.storage.sent.values() if each.is_message]
    assert len(news) == 3  # a row of its own for each, and one of the day before


def test_what_was_overtaken_while_it_waited_is_not_sent() -> None:
    """A parcel that was said to have left, and did not, is no news in the morning."""
    shop = NightShop()
    shop.loop(*two_parcels())
    shop.loop(ShipmentVoided(id="v1", order_id="A-1", at=NIGHT, parcel="p-A-1-e1"))
    shop.clock.instant = MORNING
    shop.loop()
    assert shop.mails() == [["parcel.shipped", "parcel.not_shipped"]]


def test_news_of_one_run_are_one_mail() -> None:
    """What the customer hears; the staff get each by itself."""
    shop = NightShop(order("A-2"))
    news = together(receipt(), customer_and_staff)
    settings = attrs.evolve(SETTINGS, notifications=news)
    shop.loop(Run(orders=[order(sku="cap", payments=[])]), settings=settings)
    kinds = [kinds for kinds in shop.mails() if len(kinds) > 1]
    assert kinds == [["order.unfulfillable", "order.received"]]  # the weightier first


def test_what_waits_is_a_draft() -> None:
    """Who was to read that nothing comes reads what is true by then."""
    shop = NightShop(order("A-2"))
    shop.loop(Run(orders=[order(sku="cap")]), notifier=None, actor=None)
    assert [str(each.kind) for each in shop.storage.load(Scope()).drafts] == ["order.unfulfillable"]
    shop.loop(StockUpdate(id="GR-1", skus=["cap"], update=lambda _: CAPS), Run())
    assert shop.mails() == [["order.confirmed"]]


def test_a_mail_at_another_time_is_another_mail() -> None:
    """What was due may be under way: what comes later does not change it."""
    shop = NightShop()
    shop.notifier = Sender(Later(retry_at=NIGHT + timedelta(hours=1)))
    shop.loop(CANCELLED)
    shop.clock.instant += timedelta(hours=1)
    shop.notifier = Sender()
    shop.loop(Refunded(id="r1", order_id="A-1", at=NIGHT, payment="card", amount=Decimal(3)))
    assert [kinds for kinds in shop.mails() if "cancelled" in kinds[0]] == [["order.cancelled"]]


# -- To whom, and where ----------------------------------------------------------------------------


def test_who_did_not_agree_gets_only_what_is_owed() -> None:
    """What they do not want has no row; it counts as told all the same."""
    email = Contact(medium=Medium.EMAIL, recipient="ada@example.com", informs=False)
    shop = NightShop(order(), order("A-2"))
    shop.loop(
        shipped(),
        attrs.evolve(CANCELLED, order_id="A-2"),
        preferences=lambda _: Preferences(contacts=[email]),
    )
    assert shop.mails() == [["order.cancelled"], ["order.withdrawn"]]
    assert list(shop.storage.outbox) == []


def test_a_message_goes_where_its_customer_wants_it() -> None:
    """Whatever it says by itself."""
    phone = Contact(medium="phone", recipient="+49 30 1234")
    shop = NightShop()
    shop.loop(CANCELLED, preferences=lambda _: Preferences(contacts=[phone]))
    row = shop.notifier.rows[0]
    assert (row.content.medium, row.content.recipient) == ("phone", "+49 30 1234")


def test_what_nobody_can_be_sent_is_handed_out_at_once() -> None:
    """The notifier says who passes it on, or parks it."""
    nobody = order("A-2", customer=Customer(id="C-2"))
    shop = NightShop(order())
    shop.loop(Run(orders=[nobody]))
    assert [row.content.recipient for row in shop.notifier.rows] == [""]


def test_preferences_that_are_none_are_named() -> None:
    """With the order that they were asked for; and what can't be asked, at once."""
    with pytest.raises(InvalidValueError, match=r"preferences\('A-1'\).*None"):
        Shop().loop(Run(orders=[order()]), preferences=lambda _: None)
    with pytest.raises(InvalidValueError, match="preferences"):
        Shop().loop(preferences=3)


def test_preferences_that_raise_say_of_which_order() -> None:
    """One of many in a run: what was raised goes through as it is, with a note."""
    with pytest.raises(KeyError) as caught:
        Shop().loop(Run(orders=[order()]), preferences=lambda each: {}[each.id])
    assert caught.value.__notes__ == [
        "While it was asked how the customer of 'A-1' wants to be told."
    ]


# -- Handed out, and what became of it -------------------------------------------------------------


def test_what_becomes_of_a_mail_becomes_of_all_its_rows() -> None:
    """They stay together: the mail that is tried again says the same, under the same id."""
    shop = NightShop()
    shop.loop(*two_parcels())
    shop.clock.instant = MORNING
    shop.notifier = Sender(Later(reason="too many"))
    assert shop.loop().postponed == 2
    shop.clock.instant += timedelta(minutes=1)
    shop.loop()
    assert len(shop.mails()) == 2
    assert len(set(shop.notifier.ids)) == 1
    assert shop.notifier.rows[1].attempts == 2


def test_a_mail_is_not_torn_apart_by_the_limit() -> None:
    """Where so many rows are handed out at once, the last order may have more to come."""
    ids = ["A-1", "A-2", "A-3"]
    shop = NightShop(*[order(each) for each in ids])
    shop.loop(*[parcel for each in ids for parcel in two_parcels(each)])
    shop.clock.instant = MORNING
    for rows in (1, 3, 4):
        copy = NightShop(storage=deepcopy(shop.storage))
        copy.clock.instant = MORNING
        assert copy.loop(limits=Limits(rows=rows)).sent == 6
        assert copy.mails() == [["parcel.shipped", "parcel.shipped"]] * 3


def test_who_stops_or_is_too_slow_gives_all_of_it_back() -> None:
    """What was kept for the next batch as well."""
    ids = ["A-1", "A-2"]
    shop = NightShop(*[order(each, 1) for each in ids])
    shop.loop(*[shipped(each, 1, f"e{each}") for each in ids])
    shop.clock.instant = MORNING
    assert shop.loop(limits=Limits(rows=2), is_stopping=lambda: True).sent == 0
    assert [row.due_at for row in shop.storage.outbox.values()] == [MORNING] * 2

    def slow(_: object) -> Sent:
        shop.clock.instant += timedelta(minutes=5)
        return Sent()

    shop.notifier = Sender(slow)
    report = shop.loop(limits=Limits(rows=2))
    assert (report.sent, report.wake_at) == (1, MORNING + timedelta(minutes=5))
    assert shop.loop().sent == 1


def test_a_message_by_itself_is_a_delivery_of_one() -> None:
    """Under the id of the message, in the log and for another system as well."""
    shop, seen = NightShop(), list[Any]()
    shop.loop(CANCELLED, observer=seen.append)
    row = shop.notifier.rows[0]
    assert (row.id, len(row.content.messages)) == (row.content.messages[0].id, 1)
    lines = [line for each in seen for line in log_lines(each)]
    assert "order.cancelled" in str([line.fields for line in lines])
    assert json.loads(payload(row))["type"] == "order.cancelled"


def test_a_digest_for_another_system() -> None:
    """One document, with all that it has to say."""
    shop, seen = NightShop(), list[Any]()
    shop.loop(*two_parcels())
    shop.clock.instant = MORNING
    shop.loop(observer=seen.append)
    [row] = shop.notifier.rows
    document = json.loads(payload(row))
    assert document["id"] == row.id
    assert [each["type"] for each in document["messages"]] == [
        "parcel.shipped",
        "parcel.shipped",
    ]
    lines = [line for each in seen for line in log_lines(each)]
    assert "digest" in str([line.fields for line in lines])
