"""What the host knows and the library can't, and what time it is.

Facts are values. The host gathers them before the run (a screening call, a query for a customer's
history, what people decided at the review desk); the library says which ones an order needs
(`missing_facts`) and holds an order whose facts are not there. See
docs/explanation/how-orders-are-verified.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import Finding, hold
from fulfill_core.orders.order import Order
from fulfill_core.records.customer_facts import CustomerFacts, PastPromise, Screening
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.records.people import Approval, Hold, Rejection


class FactKind(StrEnum):
    """What a verifier may need to know about an order before it can judge it.

    >>> FactKind("screening")
    <FactKind.SCREENING: 'screening'>
    """

    SCREENING = "screening"
    """A `Screening` of the order."""
    CUSTOMER = "customer_facts"
    """The `CustomerFacts` of whoever placed it."""


FACT_CODES = frozenset({"customer_facts.missing", "screening.missing"})
"""The codes of `fact_missing`."""


class Rulings(NamedTuple):
    """What people decided about one order, for any version of it, the oldest first."""

    approvals: tuple[Approval, ...]
    rejections: tuple[Rejection, ...]
    holds: tuple[Hold, ...]


class FactIndex(NamedTuple):
    """The facts by what they are about: each order asks for its own, however many there are."""

    rulings: dict[str, Rulings]
    screenings: dict[str, Screening]
    customers: dict[str, CustomerFacts]
    promises: dict[str, PastPromise]


_NO_RULINGS = Rulings((), (), ())


def _to_approvals(approvals: Iterable[Approval]) -> tuple[Approval, ...]:
    return _checks.to_tuple(approvals)


def _to_rejections(rejections: Iterable[Rejection]) -> tuple[Rejection, ...]:
    return _checks.to_tuple(rejections)


def _to_holds(holds: Iterable[Hold]) -> tuple[Hold, ...]:
    return _checks.to_tuple(holds)


def _to_screenings(screenings: Iterable[Screening]) -> tuple[Screening, ...]:
    return _checks.to_tuple(screenings)


def _to_customers(customers: Iterable[CustomerFacts]) -> tuple[CustomerFacts, ...]:
    return _checks.to_tuple(customers)


def _to_promises(promises: Iterable[PastPromise]) -> tuple[PastPromise, ...]:
    return _checks.to_tuple(promises)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Facts:
    """What the host gathered before the run. Facts about other orders do no harm.

    Args:
        approvals: `Approval` values: findings that a person waived.
        rejections: `Rejection` values: orders that a person turned down.
        holds: `Hold` values with distinct keys: orders and lines that somebody stopped.
        screenings: `Screening` values, at most one per order.
        customers: `CustomerFacts` values, at most one per customer.
        promises: `PastPromise` values, at most one per order: what its customer was told last.

    Raises:
        InvalidValueError: a member of the wrong type, or given twice; by position.

    >>> Facts().approvals_of("A-17")
    ()
    """

    approvals: tuple[Approval, ...] = attrs.field(default=(), converter=_to_approvals)
    rejections: tuple[Rejection, ...] = attrs.field(default=(), converter=_to_rejections)
    holds: tuple[Hold, ...] = attrs.field(default=(), converter=_to_holds)
    screenings: tuple[Screening, ...] = attrs.field(default=(), converter=_to_screenings)
    customers: tuple[CustomerFacts, ...] = attrs.field(default=(), converter=_to_customers)
    promises: tuple[PastPromise, ...] = attrs.field(default=(), converter=_to_promises)
    _index: FactIndex = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _checks.check_members("Facts.approvals", self.approvals, Approval)
        _checks.check_members("Facts.rejections", self.rejections, Rejection)
        _checks.check_members("Facts.holds", self.holds, Hold)
        _checks.check_members("Facts.screenings", self.screenings, Screening)
        _checks.check_members("Facts.customers", self.customers, CustomerFacts)
        _checks.check_members("Facts.promises", self.promises, PastPromise)
        _checks.check_unique(
            "Facts.holds", ((stop.order_id, *stop.key) for stop in self.holds), "hold of an order"
        )
        screenings, customers, promises = self.screenings, self.customers, self.promises
        _checks.check_unique("Facts.screenings", (each.order_id for each in screenings), "order")
        _checks.check_unique(
            "Facts.customers", (each.customer_id for each in customers), "customer"
        )
        _checks.check_unique("Facts.promises", (each.order_id for each in promises), "order")
        index = FactIndex(
            rulings=_rulings_by_order(self.approvals, self.rejections, self.holds),
            screenings={each.order_id: each for each in screenings},
            customers={each.customer_id: each for each in customers},
            promises={each.order_id: each for each in promises},
        )
        _checks.set_field(self, "_index", index)

    def rulings_of(self, order_id: str) -> Rulings | None:
        """What people decided about the order; None if nobody decided anything.

        >>> Facts().rulings_of("A-17")
        """
        return self._index.rulings.get(order_id)

    def approvals_of(self, order_id: str) -> tuple[Approval, ...]:
        """The approvals for any version of the order, the oldest first."""
        return self._index.rulings.get(order_id, _NO_RULINGS).approvals

    def rejections_of(self, order_id: str) -> tuple[Rejection, ...]:
        """The rejections of any version of the order, the oldest first."""
        return self._index.rulings.get(order_id, _NO_RULINGS).rejections

    def holds_of(self, order_id: str) -> tuple[Hold, ...]:
        """The holds on the order and on its lines, by key."""
        return self._index.rulings.get(order_id, _NO_RULINGS).holds

    def screening_of(self, order: Order) -> Screening | None:
        """The screening of this version of the order; None if there is none.

        >>> from datetime import timezone
        >>> from fulfill_core import Customer
        >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
        ...               customer=Customer(id="C-7"), lines=[], currency="EUR")
        >>> Facts(screenings=[Screening(order_id="A-1", score=12)]).screening_of(order).score
        12
        """
        screening = self._index.screenings.get(order.id)
        if screening is None:
            return None
        version = screening.fingerprint  # most name none; only then is that of the order worked out
        return screening if not version or version == order.fingerprint else None

    def customer(self, customer_id: str) -> CustomerFacts | None:
        """What is known of a customer; None if nobody asked.

        >>> Facts().customer("C-7")
        """
        return self._index.customers.get(customer_id)

    def promised(self, order_id: str) -> PastPromise | None:
        """What the customer of the order was told last of when it arrives; None if nothing.

        >>> Facts().promised("A-17")
        """
        return self._index.promises.get(order_id)

    def has(self, kind: FactKind, order: Order) -> bool:
        """Whether the fact is there for this order.

        >>> from datetime import timezone
        >>> from fulfill_core import Customer
        >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
        ...               customer=Customer(id="C-7"), lines=[], currency="EUR")
        >>> Facts().has(FactKind.CUSTOMER, order)
        False
        """
        if kind is FactKind.SCREENING:
            return self.screening_of(order) is not None
        return order.customer.id in self._index.customers


def _rulings_by_order(
    approvals: Iterable[Approval], rejections: Iterable[Rejection], holds: Iterable[Hold]
) -> dict[str, Rulings]:
    """The rulings on each order, in a sequence that is the same however the host lists them."""
    rulings: dict[str, Rulings] = {}
    for approval in sorted(approvals, key=lambda each: (each.at, each.by)):
        before = rulings.get(approval.order_id, _NO_RULINGS)
        rulings[approval.order_id] = before._replace(approvals=(*before.approvals, approval))
    for rejection in sorted(rejections, key=lambda each: (each.at, each.by)):
        before = rulings.get(rejection.order_id, _NO_RULINGS)
        rulings[rejection.order_id] = before._replace(rejections=(*before.rejections, rejection))
    for stop in sorted(holds, key=lambda each: each.key):
        before = rulings.get(stop.order_id, _NO_RULINGS)
        rulings[stop.order_id] = before._replace(holds=(*before.holds, stop))
    return rulings


def fact_missing(kind: FactKind, order: Order) -> Finding:
    """The finding that a verifier gives if a fact that it needs is not there: it never lets pass.

    Codes: ``screening.missing`` (HOLD), ``customer_facts.missing`` (HOLD).

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), lines=[], currency="EUR")
    >>> fact_missing(FactKind.SCREENING, order).code
    'screening.missing'
    """
    if kind is FactKind.SCREENING:
        return hold(
            "screening.missing",
            field="id",
            detail="The order has not been screened yet, or was changed since.",
            evidence=kind.value,
        )
    return hold(
        "customer_facts.missing",
        field="customer.id",
        detail=f"What is known about customer {order.customer.id!r} was not looked up.",
        evidence=kind.value,
    )


def _to_records(records: Iterable[OrderRecord]) -> tuple[OrderRecord, ...]:
    return _checks.to_tuple(records)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Context:
    """What every plug-in is told beside its subject: the time, the facts, the batch.

    It is small on purpose: it travels to other processes with every chunk of orders. Of the
    records, it takes those of the chunk along.

    Args:
        now: the caller's time, aware, kept in UTC. No plug-in needs a clock.
        facts: what the host gathered.
        duplicates: the ids under which this batch holds two or more different orders.
        records: the `OrderRecord` values of the batch; an order that came alone has none.

    >>> from datetime import datetime, timezone
    >>> Context(now=datetime(2026, 3, 2, tzinfo=timezone.utc)).facts == Facts()
    True
    """

    now: datetime
    facts: Facts = Facts()
    duplicates: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    records: tuple[OrderRecord, ...] = attrs.field(default=(), converter=_to_records)
    _record_by_id: dict[str, OrderRecord] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _checks.set_field(self, "now", _checks.in_utc("now", self.now))
        _checks.check_member("facts", self.facts, Facts)
        _checks.check_words("duplicates", self.duplicates)
        _checks.check_members("records", self.records, OrderRecord)
        record_by_id = {record.order.id: record for record in self.records}
        _checks.set_field(self, "_record_by_id", record_by_id)

    def rulings_of(self, order_id: str) -> Rulings | None:
        """What people decided about an order; None if nobody decided anything."""
        record = self._record_by_id.get(order_id)
        if record is None or not (record.approvals or record.rejections or record.holds):
            return self.facts.rulings_of(order_id)
        return Rulings(record.approvals, record.rejections, record.holds)

    def record_of(self, order_id: str) -> OrderRecord | None:
        """The record of an order of the batch; None if it came alone.

        >>> from datetime import datetime, timezone
        >>> Context(now=datetime(2026, 3, 2, tzinfo=timezone.utc)).record_of("A-17")
        """
        return self._record_by_id.get(order_id)
