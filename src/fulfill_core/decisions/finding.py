"""What verifiers notice: findings, and the verdict that they add up to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.rows import travels_by_field

CONFLICTING_DUPLICATE = "order.conflicting_duplicate"
"""Two different orders under one id: a run itself acts on it."""
TEST_ORDER = "order.test"
"""An order that was placed to try something out."""
EXPIRES_BEFORE_SHIPPING = "payment.expires_before_shipping"
"""An authorization ends before the goods leave: the staff is told even if it stops nothing."""
NEVER_WAIVED = frozenset({CONFLICTING_DUPLICATE, TEST_ORDER})
"""No approval helps against these."""
OF_ITS_TURN = ("allocation.", "sourcing.")
"""How the codes begin of notes on how an order was served in its turn: the next run has others."""

Number: TypeAlias = int | Decimal
_CODE = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)+")


def check_finding_code(path: str, code: str) -> None:
    """Dotted lower case."""
    _checks.check_text(path, code)
    if _CODE.fullmatch(code) is None:
        raise _checks.refuse(path, code, "is not dotted lower case, such as 'address.po_box'")


class Severity(IntEnum):
    """How much a finding weighs; the worst one that nobody waived makes the verdict.

    >>> Severity.NOTE < Severity.HOLD < Severity.REJECT
    True
    """

    NOTE = 1
    HOLD = 2
    REJECT = 3


class Verdict(StrEnum):
    """What verification says of an order.

    >>> Verdict("hold")
    <Verdict.HOLD: 'hold'>
    """

    ACCEPT = "accept"
    HOLD = "hold"
    REJECT = "reject"


@attrs.frozen(kw_only=True, weakref_slot=False)
class Finding:
    """One thing that a verifier noticed. Made by `note`, `hold` and `reject`.

    Args:
        code: dotted lower case, such as ``"payment.insufficient"``; never renamed.
        severity: NOTE, HOLD or REJECT.
        field: what it is about, as a path from the order, such as ``"ship_to.city"``.
        detail: one sentence for the shop's staff.
        line_id: the one order line that it stops; empty if it is about the whole order. A HOLD on a
            line lets the other lines go, unless the order ships complete.
        source: who put the hold there, if it was a `Hold`; empty if a verifier noticed it.
        evidence: which thing it speaks of, where the field does not say it: a payment, a flag, an
            entry of a list. If there is a measure, the evidence says in which direction more of it
            is worse. A finding speaks of one thing.
        measure: how bad it is, a number of which more is worse; None if there are no degrees. It is
            never counted from the time of the run, or every finding would get worse by itself.
        waived_by: the person whose approval waived it; empty if nobody did.
        waived_at: when; None if nobody did.

    >>> hold("contact.missing", field="customer.email", detail="No way to reach them.").severity
    <Severity.HOLD: 2>
    """

    code: str
    severity: Severity
    field: str = ""
    detail: str = ""
    line_id: str = ""
    source: str = ""
    evidence: str = ""
    measure: Number | None = None
    waived_by: str = ""
    waived_at: datetime | None = None

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        check_finding_code("Finding.code", self.code)
        _checks.keep_word(self, "severity", Severity)
        _checks.check_text("Finding.field", self.field)
        _checks.check_text("Finding.detail", self.detail)
        _checks.check_text("Finding.line_id", self.line_id)
        _checks.check_text("Finding.source", self.source)
        _checks.check_text("Finding.evidence", self.evidence)
        if self.measure is not None:
            _checks.check_number("Finding.measure", self.measure)
        _checks.check_text("Finding.waived_by", self.waived_by)
        if self.waived_at is not None:
            _checks.check_aware("Finding.waived_at", self.waived_at)

    @property
    def is_waived(self) -> bool:
        """Whether a person's approval took it out of the verdict."""
        return self.waived_by != ""


finding_row, finding_of = travels_by_field(Finding)


def note(
    code: str,
    *,
    field: str = "",
    detail: str = "",
    line_id: str = "",
    evidence: str = "",
    measure: Number | None = None,
) -> Finding:
    """A finding that stops nothing.

    >>> note("line.free", field="lines[1].unit_price").severity.name
    'NOTE'
    """
    return _finding(code, Severity.NOTE, field, detail, line_id, evidence, measure)


def hold(
    code: str,
    *,
    field: str = "",
    detail: str = "",
    line_id: str = "",
    evidence: str = "",
    measure: Number | None = None,
) -> Finding:
    """A finding that makes the order wait for a person.

    >>> hold("address.po_box", field="ship_to.street").severity.name
    'HOLD'
    """
    return _finding(code, Severity.HOLD, field, detail, line_id, evidence, measure)


def reject(
    code: str,
    *,
    field: str = "",
    detail: str = "",
    line_id: str = "",
    evidence: str = "",
    measure: Number | None = None,
) -> Finding:
    """A finding that turns the order down.

    >>> reject("payment.declined", field="payments[p1]").severity.name
    'REJECT'
    """
    return _finding(code, Severity.REJECT, field, detail, line_id, evidence, measure)


_FindingTwin = _values.twin(Finding)


def _finding(
    code: str,
    severity: Severity,
    field: str,
    detail: str,
    line_id: str,
    evidence: str,
    measure: Number | None,
) -> Finding:
    """A finding of a verifier: what `Finding` checks of these, and no more, is checked."""
    check_finding_code("Finding.code", code)
    if not (type(field) is type(detail) is type(line_id) is type(evidence) is str):
        _checks.check_text("Finding.field", field)
        _checks.check_text("Finding.detail", detail)
        _checks.check_text("Finding.line_id", line_id)
        _checks.check_text("Finding.evidence", evidence)
    if measure is not None:
        _checks.check_number("Finding.measure", measure)
    twin = _FindingTwin()  # built the fast way, see `_values.twin`
    twin.code = code
    twin.severity = severity
    twin.field = field
    twin.detail = detail
    twin.line_id = line_id
    twin.source = twin.waived_by = ""
    twin.evidence = evidence
    twin.measure = measure
    twin.waived_at = None
    twin.__class__ = Finding
    finding: Finding = twin
    return finding


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The worst severity among the findings that nobody waived.

    Args:
        findings: of one order.

    Raises:
        InvalidValueError: something else than findings; by position.

    >>> verdict_of([note("line.free"), hold("contact.missing")])
    <Verdict.HOLD: 'hold'>
    """
    members = _checks.to_tuple(findings)
    _checks.check_members("findings", members, Finding)
    return worst_verdict(members)


def worst_verdict(findings: Iterable[Finding]) -> Verdict:
    """`verdict_of` findings that the library made, or checked: a run asks for each order."""
    worst = max((finding.severity for finding in findings if not finding.is_waived), default=0)
    if worst == Severity.REJECT:
        return Verdict.REJECT
    return Verdict.HOLD if worst == Severity.HOLD else Verdict.ACCEPT
