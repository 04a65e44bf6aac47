"""The review desk in Django's admin: what it shows, and what a click does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from customers import Shopper, article
from django.contrib.auth.models import Permission
from django.core import mail
from django.urls import reverse
from fulfillment import outbox, runs
from fulfillment.models import Action, Message, Record, Reservation
from oscar.core.loading import get_model

Order = get_model("order", "Order")
DESK = "admin:fulfillment_review_changelist"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ring() -> Any:
    """Something that is too dear to be sent unseen; there is one."""
    return article("Ring", "600.00", berlin=1)


def page_of(order: Any) -> str:
    """The address of an order on the desk."""
    return reverse("admin:fulfillment_review_change", args=[order.pk])


def sight_of(client: Any, order: Any) -> str:
    """What a person who opens the page now has seen, as the page sends it back."""
    content = client.get(page_of(order)).content.decode()
    [sight] = re.findall(r'name="sight" value="(\w+)"', content)
    return sight


def test_the_desk_lists_what_waits_and_says_why(admin_client: Any, ring: Any) -> None:
    """The largest first; an order that goes through is not there."""
    small, large = Shopper().buys(ring), Shopper().buys(article("Crown", "900.00", berlin=1))
    fine = Shopper().buys(article(berlin=1))
    page = admin_client.get(reverse(DESK)).content.decode()
    assert page.index(large.number) < page.index(small.number)
    assert "600.00 EUR is a large order for this shop." in page
    assert page_of(large) in page
    assert page_of(fine) not in page


def test_what_is_approved_is_reserved_and_told(admin_client: Any, ring: Any) -> None:
    """The units are the customer's at once, and the record says who let it pass."""
    order = Shopper().buys(ring)
    mail.outbox.clear()
    admin_client.post(page_of(order), {"sight": sight_of(admin_client, order), "approve": "1"})
    order.refresh_from_db()
    assert (order.status, Reservation.objects.count()) == ("allocated", 1)
    record = Record.objects.get()
    assert [each.by for each in record.value.approvals] == ["admin"]
    assert record.needs_review is False
    outbox.deliver()
    assert [each.subject for each in mail.outbox] == [f"Your order {order.number} is confirmed"]
    assert page_of(order) not in admin_client.get(reverse(DESK)).content.decode()


def test_what_is_turned_down_is_told_and_its_money_let_go(admin_client: Any, ring: Any) -> None:
    """The customer hears it once, without the reason, and the bank is asked to let go."""
    order = Shopper().buys(ring)
    mail.outbox.clear()
    click = {"sight": sight_of(admin_client, order), "reject": "1", "reason": "A known thief."}
    admin_client.post(page_of(order), click)
    order.refresh_from_db()
    assert (order.status, Reservation.objects.count()) == ("rejected", 0)
    assert [each.reason for each in Record.objects.get().value.rejections] == ["A known thief."]
    assert [action.kind for action in Action.objects.all()] == ["Void"]
    outbox.deliver()
    [message] = mail.outbox
    assert (message.to, "thief" in message.body) == (["ada@example.com"], False)


def test_what_nobody_saw_is_not_approved(admin_client: Any, ring: Any, settings: Any) -> None:
    """Something new was found between the look and the click: it does nothing, and says so."""
    order = Shopper().buys(ring)
    sight = sight_of(admin_client, order)
    settings.FULFILLMENT_SETTINGS = "banks.STRICTER"
    runs.decide_open()
    response = admin_client.post(page_of(order), {"sight": sight, "approve": "1"}, follow=True)
    page = response.content.decode()
    assert "has changed since you looked at it" in page
    assert "Nobody answers the phone." in page
    assert Record.objects.get().value.approvals == ()
    admin_client.post(page_of(order), {"sight": sight_of(admin_client, order), "approve": "1"})
    order.refresh_from_db()
    assert order.status == "allocated"


def test_the_second_of_two_clicks_finds_nothing_to_judge(admin_client: Any, ring: Any) -> None:
    """A page that was left open is no second approval, and no error."""
    order = Shopper().buys(ring)
    click = {"sight": sight_of(admin_client, order), "approve": "1"}
    admin_client.post(page_of(order), click)
    response = admin_client.post(page_of(order), click, follow=True)
    assert "does not wait any more" in response.content.decode()
    assert len(Record.objects.get().value.approvals) == 1


def test_who_may_look_may_not_judge(client: Any, ring: Any, django_user_model: Any) -> None:
    """The admin's own permissions hold: one to see the desk, one to judge."""
    order = Shopper().buys(ring)
    user = django_user_model.objects.create_user("trainee", "t@tea.example", "x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_review"))
    client.force_login(user)
    page = client.get(page_of(order)).content.decode()
    assert "is a large order" in page
    assert 'name="approve"' not in page
    sight = Record.objects.get().sight
    assert client.post(page_of(order), {"sight": sight, "approve": "1"}).status_code == 403


def test_the_desk_shows_the_outbox_and_changes_nothing_in_it(admin_client: Any, ring: Any) -> None:
    """What was told, and what waits, with the reason."""
    Shopper().buys(ring)
    page = admin_client.get(reverse("admin:fulfillment_message_changelist")).content.decode()
    assert "order.on_hold" in page
    assert reverse("admin:index") in page
    message = Message.objects.first()
    url = reverse("admin:fulfillment_message_change", args=[message.pk])
    assert admin_client.post(url, {"subject": "Hm"}).status_code == 403
    assert admin_client.get(reverse("admin:fulfillment_message_add")).status_code == 403


def test_a_supply_is_said_to_have_arrived_with_a_click(admin_client: Any) -> None:
    """Its units are on the shelf, and those who waited have them."""
    mug = article(berlin=0)
    supply = mug.stockrecords.get().supplies.create(
        quantity=5, expected_at=datetime(2036, 3, 3, 10, tzinfo=UTC)
    )
    order = Shopper().buys(mug, 2)
    url = reverse("admin:fulfillment_supply_changelist")
    assert "5 of" in str(supply)
    admin_client.post(url, {"action": "arrived", "_selected_action": [supply.pk]})
    order.refresh_from_db()
    record = mug.stockrecords.get()
    assert (order.status, record.num_in_stock, record.num_allocated) == ("allocated", 5, 2)
