"""Banks, mail servers and rules on a bad day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, ClassVar

import attrs
from django.core.mail.backends.base import BaseEmailBackend
from teashop.bank import PretendBank
from teashop.rules import SETTINGS

from fulfill_core import Context, Finding, Order, hold, reject


class SlowBank(PretendBank):
    """A bank that takes its time: something happens meanwhile. It knows what it was asked."""

    meanwhile: ClassVar[Callable[[], Any]] = lambda: None
    authorized: ClassVar[list[str]] = []
    voided: ClassVar[list[str]] = []
    down: ClassVar[bool] = False
    meanwhile_captured: ClassVar[Callable[[], Any] | None] = None

    def authorize(self, order_number: str, amount: Decimal, currency: str) -> str:
        reference = super().authorize(order_number, amount, currency)
        self.authorized.append(reference)
        type(self).meanwhile()
        return reference

    def capture(self, reference: str, amount: Decimal, request_id: str) -> None:
        if self.down:
            raise TimeoutError("no answer")
        meanwhile, type(self).meanwhile_captured = type(self).meanwhile_captured, None
        if meanwhile is not None:
            meanwhile()

    def void(self, reference: str) -> None:
        self.voided.append(reference)


class NoMail(BaseEmailBackend):
    """A mail server that is not there."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError("no mail today")


def nobody_answers(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """Something that is found out of every order, after a person has looked."""
    yield hold("shop.no_answer", field="customer.phone", detail="Nobody answers the phone.")


def closed(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """A shop that sells nothing today."""
    yield reject("shop.closed", field="placed_at", detail="We are closed.")


NOBODY = attrs.evolve(SETTINGS, verifiers=[closed])
STRICTER = attrs.evolve(SETTINGS, verifiers=(*SETTINGS["verifiers"], nobody_answers))
