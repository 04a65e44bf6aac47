"""What happens to an order after the checkout: on the dashboard, at the warehouse, at the bank."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from banks import SlowBank
from customers import Shopper, article
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.urls import reverse
from fulfillment import money, outbox, receiving, runs, shelves
from fulfillment.models import Action, Claim, Message, Record, Reservation
from oscar.core.loading import get_class, get_model

from fulfill_core.lifecycle import Cancelled, ReturnReceived

EventHandler = get_class("order.processing", "EventHandler")
InvalidOrderStatus, InvalidShippingEvent = (
    get_class("order.exceptions", name) for name in ("InvalidOrderStatus", "InvalidShippingEvent")
)
Order = get_model("order", "Order")
ShippingEventType = get_model("order", "ShippingEventType")
pytestmark = pytest.mark.django_db


def numbers(product: Any) -> list[tuple[int, int]]:
    """Units in stock and allocated, at each partner."""
    records = product.stockrecords.order_by("partner__name")
    return [(record.num_in_stock, record.num_allocated or 0) for record in records]


def report(order: Any, word: str, quantity: int) -> None:
    """What somebody reports of the only line of an order, on the dashboard."""
    kind, _ = ShippingEventType.objects.get_or_create(code=word, defaults={"name": word.title()})
    lines = list(order.lines.all())
    EventHandler().handle_shipping_event(order, kind, lines, [quantity])
    order.refresh_from_db()


def subjects() -> list[str]:
    """What went out since somebody last asked, without the number of the order."""
    outbox.deliver()
    words = [re.sub(r"\d+", "N", each.subject) for each in mail.outbox]
    mail.outbox.clear()
    return words


def test_what_leaves_is_not_there_any_more() -> None:
    """Stock and reservations go down together, the status follows, each parcel is told."""
    mug = article(berlin=3)
    order = Shopper().buys(mug, 2)
    subjects()
    report(order, "shipped", 1)
    assert (order.status, numbers(mug)) == ("partly_shipped", [(2, 1)])
    report(order, "shipped", 1)
    assert (order.status, numbers(mug)) == ("shipped", [(1, 0)])
    assert len(subjects()) == 2
    report(order, "delivered", 2)
    assert order.status == "delivered"
    assert len(subjects()) == 2  # one for each parcel
    statuses = order.status_changes.order_by("pk").values_list("new_status", flat=True)
    assert list(statuses) == ["allocated", "partly_shipped", "shipped", "delivered"]


def test_units_of_two_places_leave_in_two_parcels() -> None:
    """Each place loses what was reserved there."""
    mug = article(berlin=2, paris=2)
    order = Shopper().buys(mug, 3)
    report(order, "shipped", 3)
    assert (order.status, numbers(mug)) == ("shipped", [(0, 0), (1, 0)])
    assert len(Record.objects.get().value.history.parcels) == 2


def test_no_more_leaves_than_is_reserved() -> None:
    """A held order has nothing to send: the report is refused, and nothing is written."""
    ring = article("Ring", "600.00", berlin=1)
    order = Shopper().buys(ring)
    with pytest.raises(InvalidShippingEvent, match="0 of Ring can leave, not 1"):
        report(order, "shipped", 1)
    assert (order.shipping_events.count(), numbers(ring)) == (0, [(1, 0)])


def test_a_cancelled_order_gives_back_what_it_had() -> None:
    """Its units are free, its money is let go, and its customer hears of it."""
    mug = article(berlin=2)
    order = Shopper().buys(mug, 2)
    subjects()
    EventHandler().handle_order_status_change(order, "cancelled", note_msg="Ada called.")
    assert (order.status, numbers(mug), Reservation.objects.count()) == ("cancelled", [(2, 0)], 0)
    assert [note.message for note in order.notes.all()] == ["Ada called."]
    assert subjects() == ["Your order N has been cancelled"]
    assert [action.kind for action in Action.objects.all()] == ["Void"]


def test_all_messages_are_in_the_language_of_the_order() -> None:
    """The customer ordered in German; whoever cancels it works in English."""
    order = Shopper(language="de").buys(article(berlin=1))
    EventHandler().handle_order_status_change(order, "cancelled")
    assert subjects() == ["Ihre Bestellung N ist bestätigt", "Ihre Bestellung N wurde storniert"]


def test_an_order_that_has_left_is_not_cancelled() -> None:
    """It is too late, and says so; nor is any other word set by hand."""
    order = Shopper().buys(article(berlin=1))
    report(order, "shipped", 1)
    with pytest.raises(InvalidOrderStatus):
        EventHandler().handle_order_status_change(order, "cancelled")
    with pytest.raises(InvalidOrderStatus, match="not set by hand"):
        EventHandler().handle_order_status_change(order, "delivered")
    assert order.status == "shipped"


def test_the_dashboard_offers_to_cancel(admin_client: Any) -> None:
    """Oscar's own page of the order sends the click through the library."""
    mug = article(berlin=1)
    order = Shopper().buys(mug)
    url = reverse("dashboard:order-detail", args=[order.number])
    assert b'value="cancelled"' in admin_client.get(url).content
    admin_client.post(url, {"order_action": "change_order_status", "new_status": "cancelled"})
    order.refresh_from_db()
    assert (order.status, numbers(mug)) == ("cancelled", [(1, 0)])


def test_goods_that_come_in_go_to_whoever_waited() -> None:
    """The claim becomes a reservation, and the customer is told."""
    mug = article(berlin=1)
    supply = mug.stockrecords.get().supplies.create(
        quantity=5, expected_at=datetime(2036, 3, 3, 10, tzinfo=UTC)
    )
    order = Shopper().buys(mug, 2)
    subjects()
    receiving.receive(supply.pk)
    order.refresh_from_db()
    assert (order.status, numbers(mug), Claim.objects.count()) == ("allocated", [(6, 2)], 0)
    assert subjects() == ["Back in stock: your order N is confirmed"]


def test_freed_units_go_to_the_next_in_the_queue() -> None:
    """A run gives what one customer gave back to the one who waits."""
    mug = article(berlin=1)
    mug.stockrecords.get().supplies.create(
        quantity=1, expected_at=datetime(2036, 3, 3, 10, tzinfo=UTC)
    )
    first, second = Shopper().buys(mug), Shopper("bob@example.com").buys(mug)
    assert (first.status, second.status) == ("allocated", "backordered")
    EventHandler().handle_order_status_change(first, "cancelled")
    text = StringIO()
    call_command("fulfill", stdout=text)
    second.refresh_from_db()
    assert (second.status, numbers(mug), Claim.objects.count()) == ("allocated", [(1, 1)], 0)
    assert text.getvalue().splitlines()[:3] == [
        "1 order: 1 allocated",
        "1 payment moved",
        "2 messages sent",
    ]


def test_a_run_on_its_own_result_changes_nothing() -> None:
    """No row is written, no message made."""
    Shopper().buys(article(berlin=3), 2)
    Shopper("bob@example.com").buys(article("Ring", "600.00", berlin=1))
    before = list(Record.objects.values()), list(Reservation.objects.values())
    messages = Message.objects.count()
    runs.decide_open()
    assert (list(Record.objects.values()), list(Reservation.objects.values())) == before
    assert Message.objects.count() == messages


def test_an_order_placed_before_the_app_came_keeps_what_oscar_allocated() -> None:
    """It is Oscar's: never decided, never promised to others, shipped as it ever was."""
    mug = article(berlin=3)
    order = Shopper().buys(mug, 2)
    Record.objects.all().delete()
    Reservation.objects.all().delete()
    assert numbers(mug) == [(3, 2)]
    assert Shopper("bob@example.com").buys(mug).status == "allocated"
    assert numbers(mug) == [(3, 3)]
    runs.decide_open()
    assert numbers(mug) == [(3, 3)]
    report(order, "shipped", 2)
    EventHandler().handle_order_status_change(order, order.status)
    assert numbers(mug) == [(3, 3)]


def test_an_order_placed_past_the_checkout_is_decided_in_the_next_run(rf: Any) -> None:
    """Whatever calls Oscar's `OrderCreator` gets a record, and takes no stock by itself."""
    mug = article(berlin=3)
    basket = get_model("basket", "Basket").objects.create()
    basket.strategy = get_class("partner.strategy", "Selector")().strategy()
    basket.add_product(mug, 2)
    shipping = get_class("shipping.methods", "Free")()
    charge = shipping.calculate(basket)
    total = get_class("checkout.calculators", "OrderTotalCalculator")().calculate(basket, charge)
    order = get_class("order.utils", "OrderCreator")().place_order(
        basket, total, shipping, charge, guest_email="ada@example.com"
    )
    assert (numbers(mug), Record.objects.get(order=order).outcome) == ([(3, 0)], "")
    SourceType = get_model("payment", "SourceType")
    order.sources.create(
        source_type=SourceType.objects.create(name="Invoice"), amount_allocated=total.incl_tax
    )
    runs.decide_open()
    # It has no address: a person looks at it.
    assert "address" in Record.objects.get().stopping[0].code
    assert "payment" not in "".join(finding.code for finding in Record.objects.get().stopping)


def test_an_order_whose_product_is_gone_comes_out_short() -> None:
    """It is decided with all others, and told."""
    mug = article(berlin=3)
    Shopper().buys(mug)
    Reservation.objects.all().delete()
    Record.objects.update(document="", decision_document="", outcome="", digest="")
    mug.delete()
    result = runs.decide_open()
    assert [decision.outcome.value for decision in result] == ["unfulfillable"]


def test_what_has_no_stock_is_sent_without() -> None:
    """A download leaves from whoever sells it."""
    order = Shopper().buys(article("Song", tracked=False, berlin=0))
    report(order, "shipped", 1)
    assert order.status == "shipped"


def test_an_event_of_an_order_of_oscars_own_is_refused() -> None:
    """It has no record that the event could be written to."""
    order = Shopper().buys(article(berlin=1))
    Record.objects.all().delete()
    event = Cancelled(id="e1", order_id=order.number, at=order.date_placed)
    with pytest.raises(Record.DoesNotExist):
        runs.take(order.pk, event)


def test_what_is_given_back_stands_in_oscars_books(settings: Any) -> None:
    """A refund that the library asks for is the bank's to make, and Oscar's source knows of it."""
    settings.BANK = "banks.SlowBank"
    SlowBank.down = False
    mug = article(berlin=2)
    order = Shopper().buys(mug, 2)
    report(order, "shipped", 2)
    money.move()
    event = ReturnReceived(
        id="back",
        order_id=order.number,
        at=order.date_placed,
        ref="R-1",
        location=str(order.lines.get().stockrecord.partner_id),
        lines={str(order.lines.get().pk): 1},
    )
    runs.take(order.pk, event)
    assert [str(action) for action in Action.objects.filter(done_at=None)] == [
        f"Refund for order {order.pk}"
    ]
    assert (money.move(), numbers(mug)) == (1, [(1, 0)])
    assert order.sources.get().amount_refunded == 10


def test_two_workers_move_money_once(settings: Any) -> None:
    """Both ask the bank under one id; the second to come back finds it done, and books nothing."""
    settings.BANK = "banks.SlowBank"
    order = Shopper().buys(article(berlin=2), 2)
    report(order, "shipped", 2)
    SlowBank.meanwhile_captured = money.move
    assert money.move() == 0
    assert order.sources.get().amount_debited == 20
    assert order.sources.get().transactions.count() == 1


def test_money_follows_the_goods(settings: Any) -> None:
    """What left is captured: the bank is asked, Oscar's source says so, and the record knows."""
    settings.BANK = "banks.SlowBank"
    SlowBank.down = True
    order = Shopper().buys(article(berlin=2), 2)
    report(order, "shipped", 2)
    assert money.move() == 0  # the bank does not answer, and is asked again
    SlowBank.down = False
    assert (money.move(), money.move()) == (1, 0)
    source = order.sources.get()
    assert (source.amount_debited, str(source.amount_allocated)) == (20, "20.00")
    assert [txn.reference for txn in source.transactions.all()] == [
        f"action-{Action.objects.get().pk}"
    ]
    [payment] = Record.objects.get().value.order.payments
    assert (payment.captured, payment.authorized) == (20, 0)


def test_a_record_that_can_not_be_read_stops_no_other(caplog: Any) -> None:
    """It was written by a newer version: it is named in the log, and is as it was."""
    mug = article(berlin=3)
    Shopper().buys(mug)
    second = Shopper("bob@example.com").buys(mug)
    newer = Record.objects.first()
    newer.document = newer.document.replace('"schema_version":1', '"schema_version":999')
    newer.save()
    result = runs.decide_open()
    assert [decision.id for decision in result] == [second.number]
    assert f"Order {newer.order.number} can't be read" in caplog.text
    assert numbers(mug) == [(3, 2)]
    newer.refresh_from_db()
    assert '"schema_version":999' in newer.document


def test_a_count_sets_oscars_own_allocations_to_zero() -> None:
    """As Oscar has it. What the app has reserved is in its rows, and stays."""
    mug = article(berlin=9)
    Shopper().buys(mug, 2)
    mug.stockrecords.update(num_in_stock=5, num_allocated=0)
    order = Shopper("bob@example.com").buys(mug, 3)
    assert (order.status, numbers(mug)) == ("allocated", [(5, 5)])


def test_what_a_plug_in_does_to_allocations_is_done_once() -> None:
    """Oscar's helpers leave an order with a record alone, and serve all others."""
    mug = article(berlin=9)
    order = Shopper().buys(mug, 2)
    EventHandler().consume_stock_allocations(order)
    EventHandler().cancel_stock_allocations(order)
    assert numbers(mug) == [(9, 2)]
    Record.objects.all().delete()
    EventHandler().cancel_stock_allocations(order)
    assert numbers(mug) == [(9, 0)]


def test_two_stock_records_of_one_partner_are_named() -> None:
    """Which of the two a unit came from would be a guess."""
    mug = article(berlin=1)
    partner = mug.stockrecords.get().partner
    mug.stockrecords.create(partner=partner, partner_sku="again", price=1, num_in_stock=1)
    with pytest.raises(ImproperlyConfigured, match="two stock records of product Red mug"):
        shelves.locked([mug.pk])


def test_stock_that_changed_between_load_and_save_is_noticed() -> None:
    """Where a database has no locks of rows, the update finds no row as it was: all is undone."""
    mug = article(berlin=3)
    stock = shelves.locked([mug.pk])
    mug.stockrecords.update(num_in_stock=2)
    after = stock.inventory.with_received(str(mug.pk), next(iter(stock.rows))[1], 5)
    with pytest.raises(shelves.StaleStockError, match="has changed"):
        stock.save(after.changes_since(stock.inventory), after)
    assert numbers(mug) == [(2, 0)]
