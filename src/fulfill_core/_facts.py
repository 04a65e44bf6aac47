"""What the host knows and the library can't: who approved what, and what time it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from fulfill_core import _fields


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
        at: when, aware.

    >>> from datetime import datetime, timezone
    >>> approval = Approval(order_id="A-17", fingerprint="c0ffee", codes=["contact.missing"],
    ...                     by="Grace", at=datetime(2026, 3, 2, 10, tzinfo=timezone.utc))
    >>> approval.codes
    frozenset({'contact.missing'})
    """

    order_id: str
    fingerprint: str
    codes: frozenset[str] = attrs.field(converter=_fields.to_frozenset)
    by: str
    at: datetime

    def __attrs_post_init__(self) -> None:
        _fields.check_id("Approval.order_id", self.order_id)
        _fields.check_id("Approval.fingerprint", self.fingerprint)
        _fields.check_words("Approval.codes", self.codes)
        _fields.check_id("Approval.by", self.by)
        _fields.check_aware("Approval.at", self.at)


def _to_approvals(approvals: Iterable[Approval]) -> tuple[Approval, ...]:
    return _fields.to_tuple(approvals)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Facts:
    """What the host gathered before the run.

    Args:
        approvals: `Approval` values; those for other orders or versions do no harm.

    >>> Facts().approvals_of("A-17")
    ()
    """

    approvals: tuple[Approval, ...] = attrs.field(default=(), converter=_to_approvals)
    _by_order: dict[str, tuple[Approval, ...]] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _fields.check_members("Facts.approvals", self.approvals, Approval)
        grouped: dict[str, list[Approval]] = {}
        for approval in self.approvals:
            grouped.setdefault(approval.order_id, []).append(approval)
        by_order = {
            order_id: tuple(sorted(given, key=lambda approval: (approval.at, approval.by)))
            for order_id, given in grouped.items()
        }
        _fields.set_field(self, "_by_order", by_order)

    def approvals_of(self, order_id: str) -> tuple[Approval, ...]:
        """The approvals for any version of the order, the oldest first."""
        return self._by_order.get(order_id, ())


@attrs.frozen(kw_only=True, weakref_slot=False)
class Context:
    """What every plug-in is told beside its subject: the time, the facts, the batch.

    It is small on purpose: it travels to other processes with every chunk of orders.

    Args:
        now: the caller's time, aware. No plug-in needs a clock.
        facts: what the host gathered.
        duplicates: the ids under which this batch holds two or more different orders.

    >>> from datetime import datetime, timezone
    >>> Context(now=datetime(2026, 3, 2, tzinfo=timezone.utc)).facts
    Facts(approvals=())
    """

    now: datetime
    facts: Facts = Facts()
    duplicates: frozenset[str] = attrs.field(default=frozenset(), converter=_fields.to_frozenset)

    def __attrs_post_init__(self) -> None:
        _fields.check_aware("now", self.now)
        _fields.check_member("facts", self.facts, Facts)
        _fields.check_words("duplicates", self.duplicates)
