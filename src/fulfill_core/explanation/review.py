"""The review desk: which orders wait for a person, in which sequence, and what each needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import NEVER_WAIVED, Finding, Severity, Verdict
from fulfill_core.orders.dates import first_deadline
from fulfill_core.orders.order import Order
from fulfill_core.priorities import order_value
from fulfill_core.records.facts import FACT_CODES, Context
from fulfill_core.records.people import Approval, Rejection

_NOT_KNOWN = FACT_CODES | {"verifier.failed"}
_NEVER = datetime.max.replace(tzinfo=UTC)


def _to_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return _checks.to_tuple(findings)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Review:
    """An order that waits for a person, wholly or with some of its lines.

    Args:
        order: the order.
        findings: what stops it: the holds that nobody waived.
        held_lines: the lines that wait while the others go on; empty if the whole order waits.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, hold
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> review = Review(order=order, findings=[hold("contact.missing"), hold("screening.missing")])
    >>> review.to_approve, review.to_gather
    (('contact.missing',), ('screening.missing',))
    >>> [finding.code for finding in review.approval(by="Grace", at=now).findings]
    ['contact.missing']
    """

    order: Order
    findings: tuple[Finding, ...] = attrs.field(converter=_to_findings)
    held_lines: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)

    @property
    def to_approve(self) -> tuple[str, ...]:
        """Codes that a person can judge: correct the order, or waive them."""
        return self._codes(self._findings_to_approve())

    @property
    def to_gather(self) -> tuple[str, ...]:
        """Codes that say what is not known yet: a fact is missing, or a verifier failed.

        Fetch it, or repair it, and run again: there is nothing to judge yet.
        """
        return self._codes(finding for finding in self.findings if finding.code in _NOT_KNOWN)

    @property
    def to_release(self) -> tuple[tuple[str, str, str], ...]:
        """Keys of the holds that somebody put there: source, code, line."""
        return tuple(
            (finding.source, finding.code, finding.line_id)
            for finding in self.findings
            if finding.source
        )

    @property
    def to_correct(self) -> tuple[str, ...]:
        """Codes that no approval waives: the order itself has to be put right."""
        return self._codes(finding for finding in self.findings if finding.code in NEVER_WAIVED)

    @staticmethod
    def _codes(findings: Iterable[Finding]) -> tuple[str, ...]:
        return tuple(sorted({finding.code for finding in findings}))

    def _findings_to_approve(self) -> list[Finding]:
        return [
            finding
            for finding in self.findings
            if not finding.source and finding.code not in NEVER_WAIVED | _NOT_KNOWN
        ]

    def approval(
        self,
        *,
        by: str,
        at: datetime,
        findings: Iterable[Finding] | None = None,
        any_later: Iterable[str] = (),
    ) -> Approval:
        """A waiver of what this review shows, for this version of the order.

        Args:
            by: who approves.
            at: when, aware.
            findings: those that are waived; None for all that `to_approve` names.
            any_later: codes that are waived whatever comes, see `Approval`.
        """
        return Approval(
            order_id=self.order.id,
            fingerprint=self.order.fingerprint,
            findings=self._findings_to_approve() if findings is None else findings,
            any_later=any_later,
            by=by,
            at=at,
        )

    def rejection(self, *, by: str, at: datetime, reason: str = "") -> Rejection:
        """A refusal of this version of the order.

        Args:
            by: who turns it down.
            at: when, aware.
            reason: one sentence for the shop's staff.
        """
        return Rejection(
            order_id=self.order.id, fingerprint=self.order.fingerprint, by=by, at=at, reason=reason
        )


def review_queue(
    decisions: Iterable[Decision], *, rates: Mapping[str, Decimal] | None = None
) -> tuple[Review, ...]:
    """The orders that wait for a person, in the sequence in which one should look at them.

    That is: the earliest deadline first and none last, then the largest total, then the oldest.

    Args:
        decisions: what was decided: what `process` returned, or decisions that a host has stored.
        rates: what one unit of each currency is worth in the shop's own; None if all that waits is
            in one currency.

    Raises:
        InvalidValueError: something else than decisions; what waits is in several currencies, and
            there are no rates.
        PluginError: there is no rate for the currency of an order that waits.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, Inventory, process
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> [review] = review_queue(process([order], Inventory(), now=now))
    >>> review.to_approve
    ('contact.missing', 'order.no_lines')
    """
    _checks.check_collection("decisions", decisions)
    to_review: list[Decision] = []
    for position, decision in enumerate(decisions):  # made here and dropped, as of a result
        if not isinstance(decision, Decision):
            _checks.check_member(f"decisions[{position}]", decision, Decision)
        if decision.findings and decision.verdict is Verdict.HOLD:
            to_review.append(decision)
    currencies = sorted({decision.order.currency for decision in to_review})
    if rates is None:
        if len(currencies) > 1:
            raise _checks.refuse(
                "rates", rates, f"does not say what {', '.join(currencies)} are worth; pass a dict"
            )
        rates = dict.fromkeys(currencies, Decimal(1))
    value = order_value(rates)

    def place(decision: Decision) -> tuple[object, ...]:
        order = decision.order
        worth = value(order, context=Context(now=order.placed_at))  # it looks at the order alone
        return first_deadline(order) or _NEVER, -worth, order.placed_at, order.id

    return tuple(
        Review(
            order=decision.order,
            findings=[
                finding
                for finding in decision.findings
                if finding.severity is Severity.HOLD and not finding.is_waived
            ],
            held_lines=decision.held_lines,
        )
        for decision in sorted(to_review, key=place)
    )
