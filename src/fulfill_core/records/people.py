"""What people say of an order: this may pass, this is turned down, this has to wait."""

from __future__ import annotations

from datetime import datetime

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import (
    NEVER_WAIVED,
    Finding,
    Severity,
    check_finding_code,
    reject,
)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Approval:
    """A person's waiver of named findings, for one version of one order.

    Approving is not capturing: it says that these findings need not stop the order, nothing else.

    Args:
        order_id: the order.
        fingerprint: the version that the person looked at (`Order.fingerprint`). A changed order
            has another one, and is judged anew.
        codes: the codes of the waived findings, such as ``"payment.insufficient"``.
        by: who approved.
        at: when, aware, kept in UTC.

    >>> from datetime import datetime, timezone
    >>> approval = Approval(order_id="A-17", fingerprint="c0ffee", codes=["contact.missing"],
    ...                     by="Grace", at=datetime(2026, 3, 2, 10, tzinfo=timezone.utc))
    >>> approval.codes
    frozenset({'contact.missing'})
    """

    order_id: str
    fingerprint: str
    codes: frozenset[str] = attrs.field(converter=_checks.to_frozenset)
    by: str
    at: datetime

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Approval.order_id", self.order_id)
        _checks.check_id("Approval.fingerprint", self.fingerprint)
        _checks.check_words("Approval.codes", self.codes)
        _checks.check_id("Approval.by", self.by)
        _checks.keep_in_utc(self, "at")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Rejection:
    """A person turned down one version of one order.

    It makes a finding of its own, ``review.rejected``. A changed order is judged anew.

    Args:
        order_id: the order.
        fingerprint: the version that the person looked at (`Order.fingerprint`).
        by: who turned it down.
        at: when, aware, kept in UTC.
        reason: one sentence for the shop's staff; may be empty.

    >>> from datetime import datetime, timezone
    >>> no = Rejection(order_id="A-17", fingerprint="c0ffee", by="Grace", reason="A stolen card.",
    ...                at=datetime(2026, 3, 2, 10, tzinfo=timezone.utc))
    >>> no.finding().detail
    'Grace turned this order down at 2026-03-02 10:00 UTC: A stolen card.'
    """

    order_id: str
    fingerprint: str
    by: str
    at: datetime
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Rejection.order_id", self.order_id)
        _checks.check_id("Rejection.fingerprint", self.fingerprint)
        _checks.check_id("Rejection.by", self.by)
        _checks.keep_in_utc(self, "at")
        _checks.check_text("Rejection.reason", self.reason)

    def finding(self) -> Finding:
        """The finding that it makes."""
        reason = f": {self.reason}" if self.reason else ""
        end = "" if reason.endswith((".", "!", "?")) else "."
        return reject(
            "review.rejected",
            field="id",
            detail=f"{self.by} turned this order down at {self.at:%Y-%m-%d %H:%M %Z}{reason}{end}",
        )


@attrs.frozen(kw_only=True, weakref_slot=False)
class Hold:
    """Somebody stopped an order, or one line of it, whatever version it is.

    An order may have many holds, each with its own key. Leave one out of the next run's facts to
    release it; the order goes on, from where it was, when none is left. An `Approval` that names
    the code waives it for one version of the order.

    Args:
        order_id: the order.
        source: who stopped it: a team, a service, a rule of the host's own.
        code: why, in dotted lower case, such as ``"fraud.under_investigation"``.
        line_id: the line that waits; empty for the whole order. The other lines go on, unless the
            order ships complete.
        detail: one sentence for the shop's staff; may be empty.

    >>> stop = Hold(order_id="A-17", source="fraud team", code="fraud.under_investigation")
    >>> stop.key
    ('fraud team', 'fraud.under_investigation', '')
    """

    order_id: str
    source: str
    code: str
    line_id: str = ""
    detail: str = ""

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Hold.order_id", self.order_id)
        _checks.check_id("Hold.source", self.source)
        check_finding_code("Hold.code", self.code)
        if self.code in NEVER_WAIVED:
            raise _checks.refuse("Hold.code", self.code, "is the run's own; take another one")
        _checks.check_text("Hold.line_id", self.line_id)
        _checks.check_text("Hold.detail", self.detail)

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from the order's other holds: source, code, line."""
        return self.source, self.code, self.line_id

    def finding(self) -> Finding:
        """The finding that it makes."""
        return Finding(
            code=self.code,
            severity=Severity.HOLD,
            field=f"lines[{self.line_id}]" if self.line_id else "id",
            detail=self.detail or f"It was stopped by {self.source}.",
            line_id=self.line_id,
            source=self.source,
        )
