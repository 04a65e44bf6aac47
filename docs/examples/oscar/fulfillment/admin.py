"""The review desk, in Django's admin: which orders wait for a person, why, and what they said.

An approval is of what was on the screen. The page carries a digest of it; if the order, or what was
found about it, is another by the time somebody clicks, they are shown what is new instead.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join

from fulfill_core.explanation import Review as ReviewValue
from fulfill_core.lifecycle import Approved, Cancelled, Rejected
from fulfillment import receiving, runs
from fulfillment.models import Message, Review, Supply


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    """Orders that wait, the largest first, then the oldest; and one of them, to be judged."""

    list_display = ("number", "customer", "total", "findings", "since")
    list_select_related = ("order__user",)
    ordering = ("-order__total_incl_tax", "order__date_placed")
    search_fields = ("order__number",)
    change_form_template = "admin/fulfillment/review/change_form.html"
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        """Only what waits for a person."""
        return super().get_queryset(request).filter(needs_review=True)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Orders come from the checkout."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Review | None = None) -> bool:
        """Nobody deletes what happened."""
        return False

    @admin.display(description="order", ordering="order__number")
    def number(self, row: Review) -> str:
        return str(row.order.number)

    @admin.display
    def customer(self, row: Review) -> str:
        return str(row.order.email)

    @admin.display(ordering="order__total_incl_tax")
    def total(self, row: Review) -> str:
        return f"{row.order.total_incl_tax} {row.order.currency}"

    @admin.display(description="why it waits")
    def findings(self, row: Review) -> str:
        return format_html_join("\n", "<p>{}</p>", [(each.detail,) for each in row.stopping])

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All that waits."""
        title = {"title": "Orders that wait for a person"}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one order; a click on it is a POST."""
        row = self.get_object(request, object_id or "")
        if row is None:  # somebody judged it meanwhile
            self.message_user(request, "This order does not wait any more.", messages.WARNING)
            return HttpResponseRedirect(reverse("admin:fulfillment_review_changelist"))
        if request.method == "POST":
            if not self.has_change_permission(request, row):
                raise PermissionDenied
            return self._judged(request, row.pk)
        context = {
            "title": "An order that waits for a person",
            "row": row,
            "review": _review_of(row),
            "lines": row.order.lines.all(),
            "can_judge": self.has_change_permission(request, row),
        }
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    @transaction.atomic
    def _judged(self, request: HttpRequest, order_id: int) -> HttpResponse:
        row = Review.objects.select_for_update().get(pk=order_id)
        if request.POST.get("sight") != row.sight or not row.needs_review:
            text = "This order has changed since you looked at it. Nothing was approved."
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.path)
        number, by, now = row.order.number, request.user.get_username(), timezone.now()
        if "reject" in request.POST:
            words = {"order_id": number, "at": now, "reason": request.POST.get("reason", "")}
            runs.take(order_id, Rejected(id=f"rejected-{row.sight}", by=by, **words))
            outcome = runs.decide([order_id])[number].outcome
            # The decision has told the customer; what is left to do is about the money.
            runs.take(order_id, Cancelled(id=f"cancelled-{row.sight}", tell=False, **words))
        else:
            findings = _review_of(row).approval(by=by, at=now).findings
            event_id = f"approved-{row.sight}"
            runs.take(
                order_id,
                Approved(id=event_id, order_id=number, at=now, by=by, findings=findings),
            )
            outcome = runs.decide([order_id])[number].outcome
        self.log_change(request, row, f"{by}: {outcome.value}")
        self.message_user(request, f"Order {number}: {outcome.value}.")
        return HttpResponseRedirect(reverse("admin:fulfillment_review_changelist"))


def _review_of(row: Review) -> ReviewValue:
    """What the page shows."""
    decision = row.decision
    if decision is None:
        raise LookupError(f"{row} was not decided yet.")
    return ReviewValue(order=decision.order, findings=row.stopping, held_lines=decision.held_lines)


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """The outbox: what waits, what went out, and what could not be sent."""

    list_display = ("order", "kind", "audience", "recipient", "subject", "sent_at", "error")
    list_filter = (("sent_at", admin.EmptyFieldListFilter), "audience")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Messages come from decisions."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        """What was said was said."""
        return False


@admin.register(Supply)
class SupplyAdmin(admin.ModelAdmin):
    """What is on order."""

    list_display = ("stockrecord", "quantity", "expected_at")
    actions = ("arrived",)

    @admin.action(description="Has arrived, in full")
    def arrived(self, request: HttpRequest, supplies: QuerySet[Supply]) -> None:
        for supply_id in supplies.values_list("pk", flat=True):
            receiving.receive(supply_id)
