"""What this shop decides for itself: which verifiers look at its orders, and who comes first.

Most are the library's, with this shop's settings. A verifier of one's own is any callable that
takes an order and a context and yields findings: there are three below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import attrs

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Context,
    Finding,
    Order,
    Settings,
    Severity,
    hold,
)
from fulfill_core.priorities import customer_tier, deadline, lexicographic, oldest_first
from fulfill_core.protocols import PromisePolicy, Verifier
from fulfill_core.verifiers import (
    AccessList,
    all_of,
    covers_total,
    downgrade,
    gateway_answers,
    listed,
    no_conflicting_duplicate,
    no_test_orders,
    only_if,
    plausible_address,
    plausible_dates,
    risk_flags,
    risk_score,
    velocity,
)
from fulfill_core.verifiers.contact_formats import valid_email, valid_phone
from fulfill_core.verifiers.postal import valid_address
from shop.records import Doubt
from shop.shopify import TIERS

PRIORITY = lexicographic(customer_tier(*TIERS), deadline, oldest_first)

# What one unit of a currency is worth in euros, roughly: for the sequence at the review desk, and
# for what counts as a large order. One that is not here counts like the euro.
RATES = {"EUR": Decimal(1), "GBP": Decimal("1.15"), "USD": Decimal("0.90")}

SCREENED_FROM = Decimal(100)  # a call to the fraud service has its price
LOOKED_AT_FROM = Decimal("0.5")  # of a score from 0 to 1

DENIED = AccessList(
    emails=["no.such.parcel@example.org"],
    email_domains=["chargeback.example.net"],
)


def worth_screening(order: Order, /, *, context: Context) -> bool:
    """It is large, or the platform has screened it: what it said always counts."""
    is_large = order.total * RATES.get(order.currency, Decimal(1)) >= SCREENED_FROM
    return is_large or context.facts.screening_of(order) is not None


def total_agrees(order: Order, /, *, context: Context) -> Iterator[Finding]:
    """What the platform charged is what the lines, shipping, tax and discount come to."""
    charged = order.attributes.get("total_price")
    if charged is not None and Decimal(charged) != order.total:
        yield hold(
            "total.disagrees",
            field="total",
            detail=f"The platform charged {charged} {order.currency}, but the parts of the order"
            f" come to {order.total} {order.currency}.",
        )


def settings(verifiers: Sequence[Verifier], promise: PromisePolicy | None) -> Settings:
    """What each run of the shop goes by, in one place."""
    return Settings(verifiers=verifiers, priority=PRIORITY, promise=promise)


def free_of_doubt(doubts: Mapping[str, Sequence[Doubt]]) -> Verifier:
    """A verifier that holds an order for each thing that the reader could not be sure of.

    A person who knows better approves just that; another doubt stops the order again.
    """

    def without_doubt(order: Order, /, *, context: Context) -> Iterator[Finding]:
        for doubt in doubts.get(order.id, ()):
            yield hold(doubt.code, field=doubt.field, detail=doubt.detail, evidence=doubt.detail)

    return without_doubt


def one_order_per_id(conflicting_ids: Iterable[str]) -> Verifier:
    """A verifier that holds the orders of which the files have different ones under one id."""
    ids = frozenset(conflicting_ids)

    def one_order(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return no_conflicting_duplicate(order, context=attrs.evolve(context, duplicates=ids))

    return one_order


def sku_spelled_as(skus: Iterable[str]) -> Verifier:
    """A verifier that holds an order for a SKU which the catalogue spells in another case.

    A SKU that the catalogue does not have at all is the library's business: it comes out short.
    """
    exact = frozenset(skus)
    by_folded = {sku.casefold(): sku for sku in exact}

    def sku_spelled(order: Order, /, *, context: Context) -> Iterator[Finding]:
        for line in order.lines:
            listed_as = by_folded.get(line.sku.casefold())
            if line.sku not in exact and listed_as is not None:
                yield hold(
                    "sku.other_case",
                    field=f"lines[{line.id}].sku",
                    detail=f"The SKU {line.sku!r} is not in the catalogue, but {listed_as!r} is.",
                    line_id=line.id,
                )

    return sku_spelled


def verifiers_for(
    source: str,
    skus: Iterable[str],
    doubts: Mapping[str, Sequence[Doubt]] | None = None,
    conflicting_ids: Iterable[str] = (),
) -> tuple[Verifier, ...]:
    """All verifiers for orders of *source*.

    Args:
        source: where they come from.
        skus: the catalogue.
        doubts: what is not clear about orders, by their id.
        conflicting_ids: the ids under which there are different orders.
    """
    if source == "northwind":
        # It sells on account, to customers that it knows: nothing is paid before, nobody is
        # screened, and an address or a number in an old form is worth a note, not a wait.
        return (
            *(verifier for verifier in DEFAULT_VERIFIERS if verifier != covers_total()),
            plausible_address,
            plausible_dates(),
            downgrade(all_of(valid_address(), valid_phone()), to=Severity.NOTE),
            sku_spelled_as(skus),
            one_order_per_id(conflicting_ids),
        )
    return (
        *DEFAULT_VERIFIERS,
        plausible_address,
        valid_address(),
        valid_email(),
        valid_phone(default_region="DE"),
        plausible_dates(),
        no_test_orders(),
        listed(deny=DENIED),
        gateway_answers(),
        velocity(at_most=3, within=timedelta(hours=1), per="customer"),
        only_if(
            worth_screening,
            all_of(
                risk_score(hold_at=LOOKED_AT_FROM),
                # Every flag, so that a new one of the service is not passed over.
                risk_flags({}, default=Severity.HOLD),
            ),
        ),
        total_agrees,
        free_of_doubt(doubts or {}),
        sku_spelled_as(skus),
        one_order_per_id(conflicting_ids),
    )
