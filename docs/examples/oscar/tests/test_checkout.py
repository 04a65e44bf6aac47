"""What Oscar's checkout comes to, with the app: reserved, waited for, held, or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from banks import SlowBank
from customers import Shopper, article
from django.core import mail
from django.utils import timezone
from fulfillment import outbox, runs, shelves
from fulfillment.models import Claim, Record, Reservation
from oscar.apps.order.signals import order_placed
from oscar.core.loading import get_model

Order = get_model("order", "Order")
pytestmark = pytest.mark.django_db


def numbers(product: Any) -> list[tuple[int, int]]:
    """Units in stock and allocated, at each partner."""
    records = product.stockrecords.order_by("partner__name")
    return [(record.num_in_stock, record.num_allocated or 0) for record in records]


def test_what_is_there_is_reserved() -> None:
    """A guest's units are reserved, Oscar's numbers say so, and one message confirms it."""
    mug = article(berlin=3)
    order = Shopper().buys(mug, 2)
    assert (order.status, numbers(mug)) == ("allocated", [(3, 2)])
    assert [line.num_allocated for line in order.lines.all()] == [2]
    assert [(each.quantity, each.line.order) for each in Reservation.objects.all()] == [(2, order)]
    [message] = mail.outbox
    assert (message.to, message.subject) == (
        ["ada@example.com"],
        f"Your order {order.number} is confirmed",
    )
    events = order.communication_events.values_list("event_type__code", flat=True)
    assert list(events) == ["ORDER_CONFIRMED"]


def test_somebody_who_is_logged_in_finds_the_message_on_their_page(django_user_model: Any) -> None:
    """It goes to the address of the account, and is kept where Oscar keeps mails."""
    user = django_user_model.objects.create_user("grace", "grace@example.com", "secret")
    shopper = Shopper()
    shopper.client.force_login(user)
    mug = article(berlin=3)
    shopper.puts_into_basket(mug)
    shopper.goes_to_the_last_page()
    shopper.clicks()
    order = Order.objects.get()
    assert order.user == user
    assert [each.to for each in mail.outbox] == [["grace@example.com"]]
    assert [each.subject for each in user.emails.all()] == [
        f"Your order {order.number} is confirmed"
    ]


def test_units_of_several_partners_serve_one_order() -> None:
    """Oscar offers what the first partner has; the library gives out what there is."""
    mug = article(berlin=2, paris=2)
    order = Shopper().buys(mug, 3)
    assert (order.status, numbers(mug)) == ("allocated", [(2, 2), (2, 1)])


def test_more_than_there_is_can_not_be_put_into_a_basket() -> None:
    """What Oscar's pages call available is what the library would give out."""
    mug = article(berlin=2, paris=2)
    shopper = Shopper()
    shopper.puts_into_basket(mug, 5)
    assert get_model("basket", "Line").objects.count() == 0
    shopper.puts_into_basket(mug, 4)
    assert get_model("basket", "Line").objects.count() == 1


def test_a_place_with_less_than_nothing_takes_from_no_other() -> None:
    """A partner who has allocated more than there is counts 0."""
    mug = article(berlin=0, paris=2)
    mug.stockrecords.filter(partner__name="berlin").update(num_allocated=5)
    order = Shopper().buys(mug, 2)
    assert (order.status, numbers(mug)[1]) == ("allocated", (2, 2))


def test_what_needs_no_stock_is_confirmed_without() -> None:
    """A download has no number, and is no line of stock."""
    song = article("Song", tracked=False, berlin=0)
    order = Shopper().buys(song)
    assert (order.status, numbers(song)) == ("allocated", [(0, 0)])


def test_what_is_on_order_may_be_waited_for() -> None:
    """One unit is reserved, one is claimed of the supply, and the customer is told the day."""
    mug = article(berlin=1)
    mug.stockrecords.get().supplies.create(
        quantity=1, expected_at=datetime(2036, 3, 3, 10, tzinfo=UTC)
    )
    order = Shopper().buys(mug, 2)
    assert order.status == "partially_allocated"
    assert [claim.quantity for claim in Claim.objects.all()] == [1]
    assert "Wednesday, 5 March 2036" in mail.outbox[0].body
    Shopper("bob@example.com").puts_into_basket(mug)  # all that comes is somebody's
    assert get_model("basket", "Line").objects.filter(basket__status="Open").count() == 0


def test_a_large_order_waits_for_a_person() -> None:
    """Nothing is reserved, and the customer and the staff are told."""
    ring = article("Ring", "600.00", berlin=1)
    order = Shopper().buys(ring)
    record = Record.objects.get()
    assert (order.status, record.needs_review, numbers(ring)) == ("held", True, [(1, 0)])
    assert [each.detail for each in record.stopping] == [
        "600.00 EUR is a large order for this shop."
    ]
    assert sorted(each.to[0] for each in mail.outbox) == ["ada@example.com", "desk@tea.example"]


def test_what_was_sold_meanwhile_is_refused_on_the_page(settings: Any) -> None:
    """Nothing of the order is left, the basket is the customer's again, and the bank lets go."""
    settings.BANK = "banks.SlowBank"
    mug = article(berlin=1)
    shopper = Shopper()
    shopper.puts_into_basket(mug)
    shopper.goes_to_the_last_page()
    SlowBank.meanwhile = lambda: mug.stockrecords.update(num_in_stock=0)
    response = shopper.clicks()
    assert "There is not enough any more (Red mug: 0 of 1)." in response.content.decode()
    assert (Order.objects.count(), Record.objects.count()) == (0, 0)
    assert get_model("payment", "Source").objects.count() == 0
    assert SlowBank.voided == SlowBank.authorized
    assert mail.outbox == []
    mug.stockrecords.update(num_in_stock=1)
    SlowBank.meanwhile = lambda: None
    assert shopper.clicks().status_code == 302
    assert numbers(mug) == [(1, 1)]


def test_a_mail_server_that_is_down_undoes_no_order(settings: Any) -> None:
    """The order is placed, the message waits, and goes out with the next run."""
    settings.EMAIL_BACKEND = "banks.NoMail"
    order = Shopper().buys(article(berlin=1))
    [message] = order.outbox.all()
    assert (order.status, message.sent_at, message.error) == ("allocated", None, "no mail today")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert outbox.deliver() == 0  # somebody may be at it
    later = timezone.now() + outbox.HIDDEN_FOR
    assert (outbox.deliver(now=later), outbox.deliver(now=later)) == (1, 0)
    assert [each.to for each in mail.outbox] == [["ada@example.com"]]


def test_who_waits_for_oscars_signal_sees_an_order_that_stays(settings: Any) -> None:
    """It is sent when the order is decided, and never for one that is refused."""
    statuses: list[str] = []

    def listen(*, order: Any, **kwargs: Any) -> None:
        statuses.append(order.status)

    order_placed.connect(listen)
    try:
        mug = article(berlin=1)
        Shopper().buys(mug)
        settings.BANK = "banks.SlowBank"
        shopper = Shopper("bob@example.com")
        mug.stockrecords.update(num_in_stock=2)
        shopper.puts_into_basket(mug)
        shopper.goes_to_the_last_page()
        SlowBank.meanwhile = lambda: mug.stockrecords.update(num_in_stock=1)
        shopper.clicks()
    finally:
        order_placed.disconnect(listen)
        SlowBank.meanwhile = lambda: None
    assert statuses == ["allocated"]


def test_stock_that_changes_under_the_checkout_places_nothing(monkeypatch: Any) -> None:
    """Where a database has no locks: the customer is asked to try again, and nothing is written."""

    def decide(order_ids: Any) -> Any:
        raise shelves.StaleStockError

    shopper = Shopper()
    shopper.puts_into_basket(article(berlin=1))
    shopper.goes_to_the_last_page()
    monkeypatch.setattr(runs, "decide", decide)
    assert "Please try again." in shopper.clicks().content.decode()
    assert (Order.objects.count(), Record.objects.count()) == (0, 0)


def test_an_order_that_is_rejected_by_rule_is_not_placed(settings: Any) -> None:
    """The customer is told so on the page, without the reason."""
    settings.FULFILLMENT_SETTINGS = "banks.NOBODY"
    shopper = Shopper()
    shopper.puts_into_basket(article(berlin=1))
    shopper.goes_to_the_last_page()
    page = shopper.clicks().content.decode()
    assert "accept this order." in page
    assert "shop.closed" not in page
    assert (Order.objects.count(), mail.outbox) == (0, [])


def test_what_nobody_sells_is_not_available() -> None:
    """A product without a stock record can't be bought."""
    shopper = Shopper()
    shopper.puts_into_basket(article())
    assert get_model("basket", "Line").objects.count() == 0


def test_a_phone_number_is_no_mailbox(django_user_model: Any) -> None:
    """Of a customer without an address for mails, the staff gets the message, and calls."""
    user = django_user_model.objects.create_user("grace", "", "secret")
    shopper = Shopper()
    shopper.client.force_login(user)
    shopper.puts_into_basket(article(berlin=1))
    shopper.goes_to_the_last_page(phone_number="+44 113 392 0000")
    shopper.clicks()
    order = Order.objects.get()
    assert [(message.kind, message.recipient) for message in order.outbox.all()] == [
        ("order.confirmed", "")
    ]
    assert [each.to for each in mail.outbox] == [["desk@tea.example"]]
    assert order.communication_events.count() == 0
