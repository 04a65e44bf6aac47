"""What people said of random orders: this may pass, this is turned down, this has to wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import attrs
from hypothesis import strategies as st

from fulfill_core.decisions.finding import hold, reject
from fulfill_core.orders.order import Order
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.records.people import Approval, Hold, Rejection
from fulfill_core.testing.facts import Subject
from fulfill_core.testing.world import ANOTHER, HOUR, PROXY

_WAIVABLE = (
    "address.missing",
    "contact.missing",
    "customer_facts.missing",
    "line.free",
    "order.conflicting_duplicate",  # which `process` holds all the same
    "payment.declined",
    "payment.expired",
    "payment.insufficient",
    "payment.overpaid",
    "screening.missing",
    "test.gold",
    "test.mug",
    "test.stopped",
)
_SEEN = (
    hold("payment.insufficient", field="payments", measure=Decimal(20)),
    hold("test.gold", evidence="gold", measure=2),
    reject("test.mug", evidence="mug", measure=1),
    hold("test.recalled", line_id="1", evidence="mug", measure=3),
    reject("test.proxy", field="id", evidence=PROXY),
)
"""What people let pass as they saw it: some of what the verifiers here find, some that is worse."""
_SAYS = (
    "hold line",
    "approve",
    "reject",
    "hold",
    "hold line",
    "approve",
    "hold line",
    "approve another",
    "reject another",
    "hold nowhere",
)
_SAYINGS = st.lists(
    st.tuples(st.sampled_from(_SAYS), st.integers(0, 5), st.integers(0, 2)), max_size=6
)
"""What is said, of which order, and of which of its lines."""
_NO_LINE = "9"


@attrs.define
class Statements:
    """What people decided about one order."""

    approvals: list[Approval] = attrs.field(factory=list[Approval])
    rejections: list[Rejection] = attrs.field(factory=list[Rejection])
    holds: dict[tuple[str, str, str], Hold] = attrs.field(factory=dict[tuple[str, str, str], Hold])

    def record(self, order: Order) -> OrderRecord:
        """The order, with what was decided about it."""
        return OrderRecord(
            order=order,
            approvals=self.approvals,
            rejections=self.rejections,
            holds=self.holds.values(),
        )


def draw_statements(
    draw: st.DrawFn, about: Sequence[Subject], now: datetime
) -> dict[str, Statements]:
    """What people decided about these orders, by order id; of most of them nobody said anything.

    It was said an hour before the run, of this version of the order or of one that is no more.
    """
    statements_by_id: dict[str, Statements] = {}
    stopped = Hold(order_id="A-1", source="Grace", code="test.stopped", at=now - HOUR)
    in_parts = [subject for subject in about if subject.has_parts]
    for says, which, line in draw(_SAYINGS):
        what, _, rest = says.partition(" ")
        among = in_parts if rest == "line" and in_parts else about
        subject = among[which % len(among)]
        statements = statements_by_id.setdefault(subject.order_id, Statements())
        fingerprint = ANOTHER if rest == "another" else subject.fingerprint
        if what == "approve":
            statements.approvals.append(
                Approval(
                    order_id=subject.order_id,
                    fingerprint=fingerprint,
                    findings=[*_SEEN, stopped.finding()],
                    any_later=() if line == 2 else _WAIVABLE,  # noqa: PLR2004 - a third of them
                    by="Grace",
                    at=now - HOUR,
                )
            )
        elif what == "reject":
            statements.rejections.append(
                Rejection(
                    order_id=subject.order_id, fingerprint=fingerprint, by="Grace", at=now - HOUR
                )
            )
        else:
            line_id = _NO_LINE if rest == "nowhere" else ""
            if rest == "line" and subject.line_ids:
                line_id = subject.line_ids[line % len(subject.line_ids)]
            stop = Hold(
                order_id=subject.order_id,
                source="Grace" if which % 2 else "the host",
                code="test.recalled" if line % 2 else "test.stopped",
                line_id=line_id,
                at=now - HOUR,
            )
            statements.holds[stop.key] = stop
    return statements_by_id
