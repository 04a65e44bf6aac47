"""What lasts from run to run, beside Oscar's own tables.

Nothing here repeats what Oscar has: units on hand are `StockRecord.num_in_stock`, orders and lines
are Oscar's. What Oscar has no place for is here: what is reserved and claimed and for whom, the
record of each order, and what waits to be told and done.
"""

from __future__ import annotations

import hashlib
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone

from fulfill_core import Decision, Finding, OrderRecord, Severity
from fulfill_core.wire import Reading, dumps, loads

READING = Reading(zone_of=ZoneInfo)


class Record(models.Model):
    """All that has happened to one order, as documents, and what a list or a query asks for.

    An order that was placed before this app came has none, and stays what it was: Oscar's.
    """

    order = models.OneToOneField(
        "order.Order", models.CASCADE, primary_key=True, related_name="fulfillment"
    )
    # The customer's language as they ordered: who triggers a later message may have another.
    locale = models.CharField(max_length=35)
    # Documents of `fulfill_core.wire`, both empty until the first run. From then on it is what they
    # say that counts, not Oscar's tables: those know nothing of approvals or of what was told.
    document = models.TextField(blank=True)
    decision_document = models.TextField(blank=True)
    digest = models.CharField(max_length=16, blank=True)  # of the decision
    outcome = models.CharField(max_length=32, blank=True, db_index=True)
    since = models.DateTimeField(null=True, blank=True)
    needs_review = models.BooleanField(default=False, db_index=True)
    is_settled = models.BooleanField(default=False, db_index=True)

    def __str__(self) -> str:
        return f"Order {self.order.number}"

    @property
    def value(self) -> OrderRecord | None:
        """The record as the library takes it; None before the first run."""
        return loads(self.document, OrderRecord, READING) if self.document else None

    @property
    def decision(self) -> Decision | None:
        """What the last run decided; None before the first."""
        return loads(self.decision_document, Decision, READING) if self.decision_document else None

    @property
    def stopping(self) -> list[Finding]:
        """What a person has to look at: the findings that hold the order, and nobody waived."""
        decision = self.decision
        return [
            finding
            for finding in (decision.findings if decision else ())
            if finding.severity is Severity.HOLD and not finding.is_waived
        ]

    @property
    def sight(self) -> str:
        """A digest of what a person sees who looks at the order now: its version, its findings."""
        decision = self.decision
        version = decision.order.fingerprint if decision else ""
        content = [version, *map(dumps, self.stopping)]
        return hashlib.sha256("\n".join(content).encode()).hexdigest()[:32]


class Review(Record):
    """An order that waits for a person: the review desk's view of a record."""

    class Meta:
        proxy = True
        verbose_name = "order to review"
        verbose_name_plural = "orders to review"

    def __str__(self) -> str:
        return super().__str__()


class Reservation(models.Model):
    """Units on hand that are set aside for an order line."""

    line = models.ForeignKey("order.Line", models.CASCADE, related_name="reservations")
    stockrecord = models.ForeignKey(
        "partner.StockRecord", models.PROTECT, related_name="reservations"
    )
    quantity = models.PositiveIntegerField()
    made_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.quantity} for line {self.line_id}"


class Supply(models.Model):
    """Units that are on order, for which customers may wait."""

    stockrecord = models.ForeignKey("partner.StockRecord", models.CASCADE, related_name="supplies")
    quantity = models.PositiveIntegerField()
    expected_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "supplies"

    def __str__(self) -> str:
        return f"{self.quantity} of {self.stockrecord} on {self.expected_at:%Y-%m-%d}"


class Claim(models.Model):
    """Units of a supply that an order line waits for."""

    line = models.ForeignKey("order.Line", models.CASCADE, related_name="claims")
    supply = models.ForeignKey(Supply, models.CASCADE, related_name="claims")
    quantity = models.PositiveIntegerField()
    made_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.quantity} for line {self.line_id}"


class Message(models.Model):
    """The outbox: what is to be told, in words. A row is written with the decision it is about."""

    id = models.CharField(max_length=255, primary_key=True)  # the same news, the same id
    order = models.ForeignKey("order.Order", models.CASCADE, related_name="outbox")
    kind = models.CharField(max_length=64)
    audience = models.CharField(max_length=16)
    recipient = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=255)
    text = models.TextField()
    html = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=timezone.now)  # nobody tries before
    sent_at = models.DateTimeField(null=True, blank=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient or self.audience}"


class Action(models.Model):
    """What there is to do for an order outside this database: money to capture, void, give back."""

    order = models.ForeignKey("order.Order", models.CASCADE, related_name="actions")
    kind = models.CharField(max_length=16)
    document = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} for order {self.order_id}"
