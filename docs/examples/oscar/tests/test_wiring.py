"""What is forgotten is said by `manage.py check`, and each with what to do."""

from __future__ import annotations

from typing import Any

from django.core.checks import run_checks
from fulfillment import wiring
from oscar.apps.order import utils


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
