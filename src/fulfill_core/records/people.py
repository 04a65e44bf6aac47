"""What people say of an order: this may pass, this is turned down, this has to wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import (
    NEVER_WAIVED,
    Finding,
    Severity,
    check_finding_code,
    reject,
)
from fulfill_core.orders.rows import travels_by_field

_Subject: TypeAlias = tuple[object, ...]
"""What a finding is about, as far as an approval goes by it."""


def _to_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return _checks.to_tuple(findings)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Approval:
    """A person's waiver of what they saw, for one version of one order.

    It waives a finding that is about the same thing as one of its own, and no worse: the same code,
    field, line, source and evidence, weighing no more, with a measure that is no higher. A finding
    with neither evidence nor measure is known by its detail. So whoever let a score of 61 pass has
    said nothing of one of 99, and one authorization that ran out is not the next one.

    Approving is not capturing: it says that these findings need not stop the order, nothing else.
    An approval of findings that are not there is no mistake, and waives nothing.

    Args:
        order_id: the order.
        fingerprint: the version that the person looked at (`Order.fingerprint`). A changed order
            has another one, and is judged anew.
        findings: what the person saw and lets pass, as the decision or the review shows it.
        any_later: codes that are waived whatever comes, such as ``"contact.missing"``: what is
            worse, and what nobody has seen yet.
        by: who approved.
        at: when, aware, kept in UTC.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import hold
    >>> seen = hold("risk.score_high", measure=61)
    >>> approval = Approval(order_id="A-17", fingerprint="c0ffee", findings=[seen], by="Grace",
    ...                     at=datetime(2026, 3, 2, 10, tzinfo=timezone.utc))
    >>> [approval.can_waive(hold("risk.score_high", measure=score)) for score in (58, 61, 99)]
    [True, True, False]
    """

    order_id: str
    fingerprint: str
    findings: tuple[Finding, ...] = attrs.field(default=(), converter=_to_findings)
    any_later: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    by: str
    at: datetime

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Approval.order_id", self.order_id)
        _checks.check_id("Approval.fingerprint", self.fingerprint)
        _checks.check_members("Approval.findings", self.findings, Finding)
        _checks.check_words("Approval.any_later", self.any_later)
        _checks.check_id("Approval.by", self.by)
        _checks.keep_in_utc(self, "at")

    def can_waive(self, finding: Finding) -> bool:
        """Whether it waives this finding on the version of the order that it is for.

        Args:
            finding: a finding that nobody has waived yet.
        """
        _checks.check_member("finding", finding, Finding)
        [result] = with_waivers([finding], [self], self.fingerprint)
        return result.is_waived


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
            evidence=f"{self.by} {self.at.isoformat()}",
        )


@attrs.frozen(kw_only=True, weakref_slot=False)
class Hold:
    """Somebody stopped an order, or one line of it, whatever version it is.

    An order may have many holds, each with its own key. Take one out of the order's record to lift
    it (`OrderRecord.without_hold`); the order goes on, from where it was, when none is left. An
    `Approval` of its finding waives this very hold for one version of the order: one that is put on
    again later, or says something else, stops it again.

    Args:
        order_id: the order.
        source: who stopped it: a team, a service, a rule of the host's own.
        code: why, in dotted lower case, such as ``"fraud.under_investigation"``.
        line_id: the line that waits; empty for the whole order. The other lines go on, unless the
            order ships complete.
        detail: one sentence for the shop's staff; may be empty.
        at: when, aware, kept in UTC.

    >>> from datetime import datetime, timezone
    >>> stop = Hold(order_id="A-17", source="fraud team", code="fraud.under_investigation",
    ...             at=datetime(2026, 3, 2, 10, tzinfo=timezone.utc))
    >>> stop.key
    ('fraud team', 'fraud.under_investigation', '')
    """

    order_id: str
    source: str
    code: str
    line_id: str = ""
    detail: str = ""
    at: datetime

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Hold.order_id", self.order_id)
        _checks.check_id("Hold.source", self.source)
        check_finding_code("Hold.code", self.code)
        if self.code in NEVER_WAIVED:
            raise _checks.refuse("Hold.code", self.code, "is the run's own; take another one")
        _checks.check_text("Hold.line_id", self.line_id)
        _checks.check_text("Hold.detail", self.detail)
        _checks.keep_in_utc(self, "at")

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from the order's other holds: source, code, line."""
        return self.source, self.code, self.line_id

    def finding(self) -> Finding:
        """The finding that it makes."""
        detail = self.detail or f"It was stopped by {self.source}."
        return Finding(
            code=self.code,
            severity=Severity.HOLD,
            field=f"lines[{self.line_id}]" if self.line_id else "id",
            detail=detail,
            line_id=self.line_id,
            source=self.source,
            # Findings with evidence are not known by their detail, so it says both.
            evidence=f"{self.at.isoformat()} {detail}",
        )


rejection_row, rejection_of = travels_by_field(Rejection)
hold_row, hold_of = travels_by_field(Hold)


# -- What an approval covers -----------------------------------------------------------------------


def with_waivers(
    findings: Iterable[Finding], approvals: Iterable[Approval], fingerprint: str
) -> list[Finding]:
    """The findings as the approvals for this version of the order leave them.

    Args:
        findings: what was noticed. What is waived already stays as it is.
        approvals: those of the order, for any version, the oldest first: it is the one that counts.
        fingerprint: the version of the order.
    """
    valid = [approval for approval in approvals if approval.fingerprint == fingerprint]
    if not valid:
        return list(findings)
    # Findings and approvals may each be many: they meet by what they are about, not pair by pair.
    places_by_code: dict[str, int] = {}
    precedents: dict[_Subject, list[tuple[int, Finding]]] = {}
    for place, approval in enumerate(valid):
        for code in approval.any_later:
            places_by_code.setdefault(code, place)
        for precedent in approval.findings:
            precedents.setdefault(_subject_of(precedent), []).append((place, precedent))
    results: list[Finding] = []
    for finding in findings:
        places = [
            place
            for place, precedent in precedents.get(_subject_of(finding), ())
            if _is_no_worse(finding, precedent)
        ]
        if finding.code in places_by_code:
            places.append(places_by_code[finding.code])
        if not places or finding.is_waived or finding.code in NEVER_WAIVED:
            results.append(finding)
        else:
            waiver = valid[min(places)]
            results.append(attrs.evolve(finding, waived_by=waiver.by, waived_at=waiver.at))
    return results


def _subject_of(finding: Finding) -> _Subject:
    is_bare = not finding.evidence and finding.measure is None
    return (
        finding.code,
        finding.field,
        finding.line_id,
        finding.source,
        finding.evidence,
        finding.measure is None,
        finding.detail if is_bare else "",
    )


def _is_no_worse(finding: Finding, precedent: Finding) -> bool:
    """Whether a finding weighs and measures no more than another one about the same thing."""
    if finding.severity > precedent.severity:
        return False
    if finding.measure is None or precedent.measure is None:
        return True
    return finding.measure <= precedent.measure


# How these values are pickled, whichever of them is imported first.
import fulfill_core.records.order_record  # noqa: E402, F401 # pyright: ignore[reportUnusedImport]
