"""What is forgotten is said by `manage.py check`, and each with what to do."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from customers import Shopper
from django.core.checks import run_checks
from django.core.management import call_command
from fulfillment import wiring
from oscar.apps.order import utils
from oscar.core.loading import get_model


def test_the_sample_shop_is_complete() -> None:
    """All classes are replaced, all settings there."""
    assert run_checks() == []


def test_a_class_of_oscars_own_is_named(monkeypatch: Any) -> None:
    """With the fork, and the line that goes into it."""
    monkeypatch.setattr("teashop.order.utils.OrderCreator", utils.OrderCreator)
    [fault] = wiring.unreplaced()
    assert fault.hint == (
        "Fork Oscar's app, and put `from fulfillment.placing import OrderCreator` into its"
        " order.utils."
    )


def test_a_setting_that_is_missing_is_named(settings: Any) -> None:
    """By its name."""
    del settings.FULFILLMENT_STAFF
    [fault] = wiring.unreplaced()
    assert fault.msg == "The setting FULFILLMENT_STAFF is missing."


@pytest.mark.django_db
def test_the_sample_can_be_bought(client: Any) -> None:
    """What the README says to type leaves a shop in which one can order; typed again, nothing."""
    printed = StringIO()
    call_command("sample", stdout=printed)
    call_command("sample", stdout=printed)
    assert printed.getvalue().splitlines() == [
        "3 articles, and grace, whose password is grace.",
        "There are articles already: nothing was made.",
    ]
    page = client.get("/").content.decode()
    assert [title in page for title in ("Red mug", "Teapot", "Silver samovar")] == [True] * 3
    mug, samovar, pot = get_model("catalogue", "Product").objects.order_by("title")
    orders = [Shopper().buys(mug, 5), Shopper().buys(samovar), Shopper().buys(pot, 2)]
    assert [order.status for order in orders] == ["allocated", "held", "partially_allocated"]
