"""What the host knows and the library can't, and what time it is.

Facts are values. The host gathers them before the run (a screening call, a query for a customer's
history); the library says which ones an order needs (`missing_facts`) and holds an order whose
facts are not there. What people decided about an order is in its `OrderRecord`. See
docs/explanation/how-orders-are-verified.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core import records as wing
from fulfill_core.decisions.finding import Finding, hold
from fulfill_core.orders.altering import altered, copier_of
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import Progress


class FactKind(StrEnum):
    """What a verifier may need to know about an order before it can judge it.

    >>> FactKind("screening")
    <FactKind.SCREENING: 'screening'>
    """

    SCREENING = "screening"
    """A `Screening` of the order."""
    CUSTOMER = "customer_facts"
    """The `CustomerFacts` of whoever placed it."""


KindOfFact: TypeAlias = "FactKind | wing.Likeness | wing.ShopFactKind"
"""A kind of ours, facts under other keys than a customer's id, or a kind of the shop's own."""


def kinds_in_sequence(kinds: Collection[KindOfFact]) -> list[KindOfFact]:
    """Ours first, then the shop's, each by its word.

    >>> kinds_in_sequence({FactKind.SCREENING, FactKind.CUSTOMER})
    [<FactKind.CUSTOMER: 'customer_facts'>, <FactKind.SCREENING: 'screening'>]
    """
    of_shop: list[wing.ShopFactKind] = [
        kind for kind in kinds if isinstance(kind, wing.ShopFactKind)
    ]
    ready_made: list[FactKind] = [kind for kind in kinds if isinstance(kind, FactKind)]
    by_key: list[wing.Likeness] = [kind for kind in kinds if isinstance(kind, wing.Likeness)]
    return [
        *sorted(ready_made),
        *sorted(by_key, key=attrgetter("per")),
        *sorted(of_shop, key=attrgetter("name", "about")),
    ]


FACT_CODES = frozenset({"customer_facts.missing", "fact.missing", "screening.missing"})
"""The codes of `fact_missing`."""


class Rulings(NamedTuple):
    """What people decided about one order, for any version of it, the oldest first."""

    approvals: tuple[wing.Approval, ...]
    rejections: tuple[wing.Rejection, ...]
    holds: tuple[wing.Hold, ...]


class FactIndex(NamedTuple):
    """The facts by what they are about: each order asks for its own, however many there are."""

    screenings: dict[str, wing.Screening]
    customers: dict[str, wing.CustomerFacts]
    of_shop: dict[tuple[str, str], wing.ShopFact]


def _to_screenings(screenings: Iterable[wing.Screening]) -> tuple[wing.Screening, ...]:
    return _checks.to_tuple(screenings)


def _to_customers(customers: Iterable[wing.CustomerFacts]) -> tuple[wing.CustomerFacts, ...]:
    return _checks.to_tuple(customers)


def _to_shop_facts(facts: Iterable[wing.ShopFact]) -> tuple[wing.ShopFact, ...]:
    return _checks.to_tuple(facts)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Facts:
    """What the host gathered before the run. Facts about other orders do no harm.

    What people decided about an order, and what was told of it, is in its `OrderRecord`.

    Args:
        screenings: `Screening` values, at most one per order.
        customers: `CustomerFacts` values, at most one per customer, or key of a `Likeness`.
        of_shop: `ShopFact` values of the shop's own kinds, at most one per kind and subject.

    Raises:
        InvalidValueError: a member of the wrong type, or given twice; by position.

    >>> from fulfill_core import CustomerFacts
    >>> Facts(customers=[CustomerFacts(customer_id="C-7")]).customer("C-7").orders
    ()
    """

    screenings: tuple[wing.Screening, ...] = attrs.field(default=(), converter=_to_screenings)
    customers: tuple[wing.CustomerFacts, ...] = attrs.field(default=(), converter=_to_customers)
    of_shop: tuple[wing.ShopFact, ...] = attrs.field(default=(), converter=_to_shop_facts)
    _index: FactIndex = attrs.field(init=False, eq=False, repr=False)

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        screenings, customers = self.screenings, self.customers
        # What there is none of needs no class of its own.
        if screenings != ():
            _checks.check_members("Facts.screenings", screenings, wing.Screening)
            ids = (each.order_id for each in screenings)
            _checks.check_unique("Facts.screenings", ids, "order")
        if customers != ():
            _checks.check_members("Facts.customers", customers, wing.CustomerFacts)
            ids = (each.customer_id for each in customers)
            _checks.check_unique("Facts.customers", ids, "customer")
        if self.of_shop != ():
            _checks.check_members("Facts.of_shop", self.of_shop, wing.ShopFact)
        keys = [(each.kind, each.subject) for each in self.of_shop]
        _checks.check_unique("Facts.of_shop", keys, "subject of a kind")
        index = FactIndex(
            screenings={each.order_id: each for each in screenings},
            customers={each.customer_id: each for each in customers},
            of_shop=dict(zip(keys, self.of_shop, strict=True)),
        )
        _checks.set_field(self, "_index", index)

    def screening_of(self, order: Order) -> wing.Screening | None:
        """The screening of this version of the order; None if there is none.

        >>> from datetime import timezone
        >>> from fulfill_core import Customer, Screening
        >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
        ...               customer=Customer(id="C-7"), lines=[], currency="EUR")
        >>> Facts(screenings=[Screening(order_id="A-1", score=12)]).screening_of(order).score
        12
        """
        if type(order) is not Order:
            _checks.check_member("order", order, Order)
        screening = self._index.screenings.get(order.id)
        if screening is None:
            return None
        version = screening.fingerprint  # most name none; only then is that of the order worked out
        return screening if not version or version == order.fingerprint else None

    def customer(self, customer_id: str) -> wing.CustomerFacts | None:
        """What is known of a customer; None if nobody asked.

        >>> Facts().customer("C-7")
        """
        _checks.check_text("customer_id", customer_id)
        return self._index.customers.get(customer_id)

    def shop_fact(self, kind: wing.ShopFactKind, subject: str) -> wing.ShopFact | None:
        """What a shop knows of an order, a customer or a SKU; None if nobody has looked.

        >>> from fulfill_core.records import ShopFact, ShopFactKind
        >>> recalls = ShopFactKind(name="recalls", about="sku")
        >>> known = Facts(of_shop=[ShopFact(kind="recalls", subject="mug", number=7)])
        >>> known.shop_fact(recalls, "mug").number, known.shop_fact(recalls, "cup")
        (7, None)
        """
        _checks.check_member("kind", kind, wing.ShopFactKind)
        _checks.check_text("subject", subject)
        return self._index.of_shop.get((kind.name, subject))

    def shop_facts_of(self, kind: wing.ShopFactKind, order: Order) -> tuple[wing.ShopFact, ...]:
        """What a shop knows of this version of an order, in one of its kinds, by subject."""
        _checks.check_member("kind", kind, wing.ShopFactKind)
        _checks.check_member("order", order, Order)
        facts = [self.shop_fact(kind, subject) for subject in kind.subjects_of(order)]
        return tuple(
            [
                fact
                for fact in facts
                if fact is not None
                and (not fact.fingerprint or fact.fingerprint == order.fingerprint)
            ]
        )

    def has(self, kind: KindOfFact, order: Order) -> bool:
        """Whether the fact is there for this order.

        >>> from datetime import timezone
        >>> from fulfill_core import Customer
        >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
        ...               customer=Customer(id="C-7"), lines=[], currency="EUR")
        >>> Facts().has(FactKind.CUSTOMER, order)
        False
        """
        if isinstance(kind, wing.ShopFactKind):
            return len(self.shop_facts_of(kind, order)) == len(kind.subjects_of(order))
        if isinstance(kind, wing.Likeness):
            if kind.is_screened and self.screening_of(order) is None:
                return False
            return not self.unknown_keys(kind, order)
        if kind is FactKind.SCREENING:
            return self.screening_of(order) is not None
        if kind is not FactKind.CUSTOMER:
            raise _checks.refuse("kind", kind, "is no kind of fact; pass a FactKind, or the like")
        return order.customer.id in self._index.customers

    def keys_of(self, likeness: wing.Likeness, order: Order) -> tuple[str, ...]:
        """The keys of an order, as far as they are known; most have one at most."""
        _checks.check_member("likeness", likeness, wing.Likeness)
        _checks.check_member("order", order, Order)
        return likeness.keys_of(order, self.screening_of(order) if likeness.is_screened else None)

    def unknown_keys(self, likeness: wing.Likeness, order: Order) -> tuple[str, ...]:
        """Those of the keys of an order under which nobody has looked."""
        customers = self._index.customers
        return tuple([key for key in self.keys_of(likeness, order) if key not in customers])


def fact_missing(kind: KindOfFact, order: Order) -> Finding:
    """The finding that a verifier gives if a fact that it needs is not there: it never lets pass.

    Codes: ``screening.missing`` (HOLD), ``customer_facts.missing`` (HOLD), and ``fact.missing``
    (HOLD) for what a shop knows of its own.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), lines=[], currency="EUR")
    >>> fact_missing(FactKind.SCREENING, order).code
    'screening.missing'
    """
    if isinstance(kind, wing.ShopFactKind):
        subjects = ", ".join(kind.subjects_of(order))
        return hold(
            "fact.missing",
            field=kind.field,
            detail=f"What is known in the matter of {kind.name!r} was not looked up: {subjects}.",
            evidence=kind.name,
        )
    if isinstance(kind, wing.Likeness):
        return hold(
            "customer_facts.missing",
            field=kind.field,
            detail=f"What is known about the orders {kind.clause} was not looked up.",
            evidence=f"{FactKind.CUSTOMER.value} per {kind.noun}",
        )
    _checks.check_member("order", order, Order)
    if kind is FactKind.SCREENING:
        return hold(
            "screening.missing",
            field="id",
            detail="The order has not been screened yet, or was changed since.",
            evidence=kind.value,
        )
    if kind is not FactKind.CUSTOMER:
        raise _checks.refuse("kind", kind, "is no kind of fact; pass a FactKind, or the like")
    return hold(
        "customer_facts.missing",
        field="customer.id",
        detail=f"What is known about customer {order.customer.id!r} was not looked up.",
        evidence=kind.value,
    )


@attrs.frozen(kw_only=True, weakref_slot=False)
class VerifierFailure:
    """A verifier that failed for more than one order of a run: one fault, and one message.

    Args:
        verifier: its name.
        order_id: the order that stands for all of them: the oldest one.
        order_count: for how many it failed, 2 or more.

    >>> VerifierFailure(verifier="no_proxies", order_id="A-1", order_count=1000).order_id
    'A-1'
    """

    verifier: str
    order_id: str
    order_count: int

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_id("VerifierFailure.verifier", self.verifier)
        _checks.check_id("VerifierFailure.order_id", self.order_id)
        _checks.check_int("VerifierFailure.order_count", self.order_count, at_least=2)


def _to_failures(failures: Iterable[VerifierFailure]) -> tuple[VerifierFailure, ...]:
    return _checks.to_tuple(failures)


def _to_records(records: Iterable[wing.OrderRecord]) -> tuple[wing.OrderRecord, ...]:
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
        rejected_ids: the ids of orders of the batch that the other verifiers or people reject. Only
            the ``for_batch`` of a verifier with ``skips_rejected`` sees them.
        failures: the verifiers that failed for more than one order, once all have been asked.

    >>> from datetime import datetime, timezone
    >>> Context(now=datetime(2026, 3, 2, tzinfo=timezone.utc)).facts == Facts()
    True
    """

    now: datetime
    facts: Facts = Facts()
    duplicates: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    records: tuple[wing.OrderRecord, ...] = attrs.field(default=(), converter=_to_records)
    rejected_ids: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    failures: tuple[VerifierFailure, ...] = attrs.field(default=(), converter=_to_failures)
    _record_by_id: dict[str, wing.OrderRecord] = attrs.field(init=False, eq=False, repr=False)
    progress_by_id: Mapping[str, tuple[Progress, ...]] = attrs.field(
        init=False, eq=False, repr=False
    )
    """How far those orders have come that have come some way; in a run of new orders, empty."""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.set_field(self, "now", _checks.in_utc("now", self.now))
        _checks.check_member("facts", self.facts, Facts)
        _checks.check_words("duplicates", self.duplicates)
        if self.records != ():
            _checks.check_members("records", self.records, wing.OrderRecord)
        _checks.check_words("rejected_ids", self.rejected_ids)
        _checks.check_members("failures", self.failures, VerifierFailure)
        for name, by_id in _by_id(self.records).items():
            _checks.set_field(self, name, by_id)

    def rulings_of(self, order_id: str) -> Rulings | None:
        """What people decided about an order; None if nobody decided anything."""
        if type(order_id) is not str:
            _checks.check_id("order_id", order_id)
        record = self._record_by_id.get(order_id)
        if record is None or not (record.approvals or record.rejections or record.holds):
            return None
        return Rulings(record.approvals, record.rejections, record.holds)

    def record_of(self, order_id: str) -> wing.OrderRecord | None:
        """The record of an order of the batch; None if it came alone.

        >>> from datetime import datetime, timezone
        >>> Context(now=datetime(2026, 3, 2, tzinfo=timezone.utc)).record_of("A-17")
        """
        if type(order_id) is not str:
            _checks.check_id("order_id", order_id)
        return self._record_by_id.get(order_id)

    def progress_of(self, order_id: str) -> tuple[Progress, ...]:
        """How far the lines of an order of the batch have come; empty if none has moved.

        >>> from datetime import datetime, timezone
        >>> Context(now=datetime(2026, 3, 2, tzinfo=timezone.utc)).progress_of("A-17")
        ()
        """
        if type(order_id) is not str:
            _checks.check_id("order_id", order_id)
        return self.progress_by_id.get(order_id, ())

    def records_of(self, orders: Iterable[Order]) -> tuple[wing.OrderRecord, ...]:
        """The records of these orders, as far as they have some.

        >>> from datetime import datetime, timezone
        >>> Context(now=datetime(2026, 3, 2, tzinfo=timezone.utc)).records_of([])
        ()
        """
        if not self.records:
            return ()
        orders = _checks.to_tuple(orders)
        _checks.check_members("orders", orders, Order)
        record_of = self._record_by_id.get
        return tuple([record for order in orders if (record := record_of(order.id)) is not None])


copier_of(Context)  # now: a run compiles nothing


def _by_id(records: Iterable[wing.OrderRecord]) -> dict[str, dict[str, Any]]:
    """What a context knows of its records by the ids of their orders."""
    return {
        "_record_by_id": {record.order.id: record for record in records},
        "progress_by_id": {each.order.id: each.progress for each in records if each.progress},
    }


def with_records(context: Context, records: tuple[wing.OrderRecord, ...]) -> Context:
    """The context with these records in place of its own; all of them are checked.

    >>> from datetime import timezone
    >>> context = Context(now=datetime(2026, 3, 2, tzinfo=timezone.utc))
    >>> with_records(context, ()) == context
    True
    """
    return altered(context, records=records, **_by_id(records))
