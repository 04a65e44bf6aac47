"""Which facts the host has to gather before a run, and what is asked only if they are there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.protocols import Verifier
from fulfill_core.protocols.plugins import (
    MOST_ANSWERS,
    TurningPoints,
    Unasked,
    name_of,
    turning_points_by,
    within,
)
from fulfill_core.protocols.roles import VERIFIER, check_plugin
from fulfill_core.records.facts import (
    Context,
    FactKind,
    Facts,
    KindOfFact,
    fact_missing,
    kinds_in_sequence,
)
from fulfill_core.records.likeness import Likeness
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.records.shop_facts import ShopFactKind
from fulfill_core.verifiers.combining import Around, facts_needed_by, flat, second_look_of


def _to_pairs(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return _checks.to_tuple(pairs)


@attrs.frozen(kw_only=True, weakref_slot=False)
class MissingFacts:
    """What verifiers need to know and the host has not gathered yet. False if that is nothing.

    Args:
        screenings: ids of the orders to screen, sorted.
        customers: ids of the customers to look up, sorted, and keys of a `Likeness`, such as
            ``"email:ada@example.com"``. Those of cards and IP addresses come once the orders have
            been screened: ask again then.
        of_shop: of the shop's own kinds, pairs of a kind's name and a subject to look up, sorted.

    >>> bool(MissingFacts())
    False
    """

    screenings: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)
    customers: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)
    of_shop: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_to_pairs)

    def __bool__(self) -> bool:
        return bool(self.screenings or self.customers or self.of_shop)


def missing_facts(
    orders: Iterable[Order | OrderRecord],
    verifiers: Iterable[Verifier],
    *,
    now: datetime,
    facts: Facts = Facts(),
) -> MissingFacts:
    """What has to be gathered so that these verifiers can judge these orders.

    The host fetches just that, in its own way and at its own pace, and passes it to `process`.
    Nothing is to be known of an order of which nothing is open: all has left, or was cancelled.

    Args:
        orders: the orders of the run to come, or their records, mixed, as `process` takes them.
        verifiers: the verifiers of the run to come.
        now: the caller's time, aware: conditions of verifiers may ask for it.
        facts: what was gathered already.

    Raises:
        InvalidValueError: something among the orders that is neither an `Order` nor an
            `OrderRecord`, or something else than verifiers.
        PluginError: a verifier could not say what it needs.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> from fulfill_core.verifiers import risk_score
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> missing_facts([order], [risk_score(hold_at=60, reject_at=90)], now=now)
    MissingFacts(screenings=('A-1',), customers=(), of_shop=())
    """
    _checks.check_collection("orders", orders)
    _checks.check_collection("verifiers", verifiers)
    members = flat(verifiers)
    for verifier in members:
        check_plugin("verifiers", verifier, VERIFIER)
    screenings: set[str] = set()
    customers: set[str] = set()
    of_shop: set[tuple[str, str]] = set()
    entries = list(orders)
    records = [entry for entry in entries if isinstance(entry, OrderRecord)]
    context = Context(now=now, facts=facts, records=records)
    settled_ids = {record.id for record in records if record.is_settled}
    for position, entry in enumerate(entries):
        order = entry.order if isinstance(entry, OrderRecord) else entry
        if not isinstance(order, Order):
            raise _checks.refuse(
                f"orders[{position}]", entry, "is neither an Order nor an OrderRecord; pass one"
            )
        if order.id in settled_ids:
            continue
        for verifier in members:
            for kind in _kinds(verifier, order, context):
                if facts.has(kind, order):
                    continue
                if isinstance(kind, ShopFactKind):
                    of_shop.update(_subjects_missing(kind, order, facts))
                elif isinstance(kind, Likeness):
                    customers.update(facts.unknown_keys(kind, order))
                    if kind.is_screened and facts.screening_of(order) is None:
                        screenings.add(order.id)
                elif kind is FactKind.SCREENING:
                    screenings.add(order.id)
                else:
                    customers.add(order.customer.id)
    return MissingFacts(
        screenings=sorted(screenings), customers=sorted(customers), of_shop=sorted(of_shop)
    )


def _subjects_missing(kind: ShopFactKind, order: Order, facts: Facts) -> Iterable[tuple[str, str]]:
    """What of an order nobody has looked up in a kind of the shop's own."""
    subjects = {fact.subject for fact in facts.shop_facts_of(kind, order)}
    return [(kind.name, subject) for subject in kind.subjects_of(order) if subject not in subjects]


def _kinds(verifier: Verifier, order: Order, context: Context) -> list[KindOfFact]:
    try:
        kinds = within(facts_needed_by(verifier, order, context), MOST_ANSWERS, "facts")
        return [
            kind if isinstance(kind, Likeness | ShopFactKind) else FactKind(kind) for kind in kinds
        ]
    except Exception as error:
        raise PluginError(
            name_of(verifier),
            order.id,
            f"could not say which facts it needs: {_checks.message_of(error)}",
        ) from error


# -- Asked only if the facts are there -------------------------------------------------------------


@attrs.frozen(weakref_slot=False)
class _Needing:
    """It is asked only if certain facts are there."""

    kinds: frozenset[KindOfFact]

    is_last = False

    def ask(self, verifier: Verifier, order: Order, context: Context) -> Iterable[Finding]:
        facts = context.facts
        missing = [kind for kind in kinds_in_sequence(self.kinds) if not facts.has(kind, order)]
        if missing:
            return Unasked([fact_missing(kind, order) for kind in missing])
        return verifier(order, context=context)

    def facts_needed(
        self, verifier: Verifier, order: Order, context: Context
    ) -> frozenset[KindOfFact]:
        """These facts, and what the verifier itself says."""
        return self.kinds | facts_needed_by(verifier, order, context)

    def look(self, verifier: Verifier, decision: Decision, context: Context) -> Iterable[Finding]:
        is_asked = all([context.facts.has(kind, decision.order) for kind in self.kinds])
        return second_look_of(verifier, decision, context) if is_asked else ()

    def turning_points(self, verifier: Verifier) -> TurningPoints | None:
        return turning_points_by(verifier)

    def text(self, verifier: str) -> str:
        kinds = "".join(
            f", FactKind.{kind.name}" if isinstance(kind, FactKind) else f", {kind!r}"
            for kind in kinds_in_sequence(self.kinds)
        )
        return f"needing({verifier}{kinds})"


def needing(verifier: Verifier, *kinds: KindOfFact) -> Verifier:
    """A verifier of your own that needs facts: it is asked only if they are there.

    If one is not, the order is held, with a code that says which; `missing_facts` tells beforehand.

    Args:
        verifier: any verifier.
        kinds: what it needs to know: a `FactKind`, a `Likeness` for what is known under its keys,
            or a `ShopFactKind` of the shop's own.

    >>> from fulfill_core import hold
    >>> def not_by_proxy(order, /, *, context):
    ...     if "proxy" in context.facts.screening_of(order).flags:
    ...         yield hold("risk.proxy", detail="It was placed through a proxy.")
    >>> needing(not_by_proxy, FactKind.SCREENING)
    needing(not_by_proxy, FactKind.SCREENING)
    """
    check_plugin("verifier", verifier, VERIFIER)
    for kind in kinds:
        if not isinstance(kind, FactKind | Likeness | ShopFactKind):
            raise _checks.refuse("kinds", kind, "is no FactKind and no ShopFactKind; pass one")
    return Around(verifier, _Needing(frozenset(kinds)))
