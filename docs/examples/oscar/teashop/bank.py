"""A bank that agrees to everything: put your payment service in its place."""

import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from fulfill_core.lifecycle import Capture, Refund, Void


class PretendBank:
    """Four calls, as every payment service has them."""

    def authorize(self, order_number: str, amount: Decimal, currency: str) -> str:
        """Set the amount aside; returns the bank's reference."""
        return f"{order_number}-{uuid.uuid4().hex[:8]}"

    def capture(self, reference: str, amount: Decimal, request_id: str) -> None:
        """Take it, once for each request."""

    def void(self, reference: str) -> None:
        """Let go what was set aside."""

    def refund(self, reference: str, amount: Decimal, request_id: str) -> None:
        """Give it back, once for each request."""


def bank() -> PretendBank:
    """The shop's bank: the setting ``BANK`` names its class."""
    kind: type[PretendBank] = import_string(settings.BANK)
    return kind()


def move(source: Any, action: Capture | Refund | Void, request_id: str) -> None:
    """Do what the library asks for, to a source of payment of Oscar's."""
    match action:
        case Capture():
            bank().capture(source.reference, action.amount, request_id)
        case Refund():
            bank().refund(source.reference, action.amount, request_id)
        case Void():
            bank().void(source.reference)
