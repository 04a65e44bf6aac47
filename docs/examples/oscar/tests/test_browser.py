"""The review desk, as a person sees it: a browser, two clicks, and the order goes on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from customers import Shopper, article
from django.core.management import call_command
from fulfillment.models import Record
from oscar.core.loading import get_model
from playwright.sync_api import Page, expect, sync_playwright

Order = get_model("order", "Order")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# The live server has connections of its own: what is to be seen there has to be committed.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        CHROMIUM is None and os.environ.get("FULFILL_SERVER") != "required",
        reason="There is no chromium here.",
    ),
]


@pytest.fixture
def page(live_server: Any, django_user_model: Any) -> Iterator[Page]:
    """A browser, with a person of the shop logged in at the admin."""
    django_user_model.objects.create_superuser("grace", "grace@tea.example", "secret")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 760})
        page.goto(f"{live_server.url}/admin/")
        page.fill("#id_username", "grace")
        page.fill("#id_password", "secret")
        page.click("input[type=submit]")
        yield page
        browser.close()


def shoot(page: Page, name: str) -> None:
    """A picture, if somebody wants to look: SHOTS is a folder."""
    if os.environ.get("SHOTS"):
        page.screenshot(path=Path(os.environ["SHOTS"], name), full_page=True)


def test_an_order_is_looked_at_and_approved(page: Page) -> None:
    """What holds it stands in the list; on its page it is let pass; its units are reserved."""
    ring = article("Ring", "600.00", berlin=1)
    order = Shopper().buys(ring)
    page.click("text=Orders to review")
    expect(page.locator("td.field-findings")).to_have_text(
        "600.00 EUR is a large order for this shop."
    )
    shoot(page, "desk.png")
    page.click(f"th >> text={order.number}")
    expect(page.locator("#findings li")).to_have_text(
        ["shop.large_order: 600.00 EUR is a large order for this shop."]
    )
    shoot(page, "order.png")
    page.click("text=Let it pass")
    expect(page.locator(".messagelist")).to_have_text(f"Order {order.number}: allocated.")
    expect(page.locator("td.field-findings")).to_have_count(0)
    shoot(page, "approved.png")
    assert ring.stockrecords.get().num_allocated == 1


def test_a_page_that_is_out_of_date_is_shown_anew(page: Page, settings: Any) -> None:
    """Something was found since the page was opened: the click shows it, and approves nothing."""
    order = Shopper().buys(article("Ring", "600.00", berlin=1))
    page.click("text=Orders to review")
    page.click(f"th >> text={order.number}")
    settings.FULFILLMENT_SETTINGS = "banks.STRICTER"
    call_command("fulfill", stdout=StringIO())
    page.click("text=Let it pass")
    expect(page.locator(".messagelist")).to_contain_text("has changed since you looked at it")
    expect(page.locator("#findings li")).to_have_count(2)
    shoot(page, "changed.png")
    assert Record.objects.get().value.approvals == ()


def test_an_order_is_turned_down_with_a_reason(page: Page) -> None:
    """The reason is for the shop, and stands in the record."""
    order = Shopper().buys(article("Ring", "600.00", berlin=1))
    page.click("text=Orders to review")
    page.click(f"th >> text={order.number}")
    page.fill("#reason", "The card is stolen.")
    page.click("text=Turn it down")
    expect(page.locator(".messagelist")).to_have_text(f"Order {order.number}: rejected.")
    order.refresh_from_db()
    assert order.status == "rejected"
    assert [each.reason for each in Record.objects.get().value.rejections] == [
        "The card is stolen."
    ]
