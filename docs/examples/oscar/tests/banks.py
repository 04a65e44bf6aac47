"""Banks and mail servers on a bad day."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django.core.mail.backends.base import BaseEmailBackend
from teashop.bank import PretendBank


class SlowBank(PretendBank):
    """A bank that takes its time: something happens meanwhile. It knows what it was asked."""

    meanwhile: ClassVar[Callable[[], Any]] = lambda: None
    authorized: ClassVar[list[str]] = []
    voided: ClassVar[list[str]] = []

    def authorize(self, order_number: str, amount: Decimal, currency: str) -> str:
        reference = super().authorize(order_number, amount, currency)
        self.authorized.append(reference)
        type(self).meanwhile()
        return reference

    def void(self, reference: str) -> None:
        self.voided.append(reference)


class NoMail(BaseEmailBackend):
    """A mail server that is not there."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError("no mail today")
