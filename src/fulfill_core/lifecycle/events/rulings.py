"""Events of what people decide about an order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import Finding, check_finding_code
from fulfill_core.lifecycle.events.checking import check_event, check_names, check_texts


def _to_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return _checks.to_tuple(findings)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Approved:
    """A person lets findings pass, as they saw them: see `Approval`. An intention.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        by: who.
        findings: what they saw.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Approved(id="e1", order_id="A-1", at=noon, by="Grace", findings=[]).by
    'Grace'
    """

    id: str
    order_id: str
    at: datetime
    by: str
    findings: tuple[Finding, ...] = attrs.field(converter=_to_findings)
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("by",))
        _checks.check_members("Approved.findings", self.findings, Finding)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Rejected:
    """A person turns the order down: see `Rejection`. An intention.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        by: who.
        reason: one sentence for the staff; may be empty.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Rejected(id="e1", order_id="A-1", at=noon, by="Grace").reason
    ''
    """

    id: str
    order_id: str
    at: datetime
    by: str
    reason: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("by",))
        check_texts(self, "reason")


@attrs.frozen(kw_only=True, weakref_slot=False)
class HoldPlaced:
    """Somebody stops the order, or a line of it: see `Hold`.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        source: who.
        code: why, in dotted lower case.
        line_id: the line that waits; empty for the order. If the order has no such line, all of it
            waits.
        detail: one sentence for the staff; may be empty.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> HoldPlaced(id="e1", order_id="A-1", at=noon, source="fraud", code="fraud.look").line_id
    ''
    """

    id: str
    order_id: str
    at: datetime
    source: str
    code: str
    line_id: str = ""
    detail: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("source",))
        check_finding_code("HoldPlaced.code", self.code)
        check_names(self, "line_id")
        check_texts(self, "detail")


@attrs.frozen(kw_only=True, weakref_slot=False)
class HoldLifted:
    """A hold has ended.

    Args:
        id: what whoever saw it calls it.
        order_id: of which order.
        at: when it happened, aware, kept in UTC.
        source: who put it there.
        code: why.
        line_id: the line that waited; empty for the order.
        tell: False if the customer is not to be told.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> HoldLifted(id="e1", order_id="A-1", at=noon, source="fraud", code="fraud.look").line_id
    ''
    """

    id: str
    order_id: str
    at: datetime
    source: str
    code: str
    line_id: str = ""
    tell: bool = True

    def __attrs_post_init__(self) -> None:
        check_event(self, ids=("source",))
        check_finding_code("HoldLifted.code", self.code)
        check_names(self, "line_id")
