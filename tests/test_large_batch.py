"""A large batch in which a few orders are bad."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Address,
    Context,
    Customer,
    Finding,
    Inventory,
    Order,
    OrderLine,
    Outcome,
    Payment,
    PaymentStatus,
    ShortReason,
    process,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GOOD = 20_000
PAYMENT = Payment(id="p1", amount=Decimal("9.90"))
ORDER = Order(
    id="good",
    placed_at=NOW,
    customer=Customer(id="C-1", email="ada@example.com"),
    lines=[OrderLine(id="1", sku="mug", quantity=1, unit_price=Decimal("9.90"))],
    currency="EUR",
    ship_to=Address(
        name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB"
    ),
    payments=[PAYMENT],
)


def order(order_id: str, **changes: Any) -> Order:
    """A good order with something changed."""
    return attrs.evolve(ORDER, id=order_id, **changes)


def another(order_id: str) -> Order:
    """A good order as it was checked before, but for its id: checking each again takes long."""
    made = copy.copy(ORDER)
    object.__setattr__(made, "id", order_id)
    return made


def shaky(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """A verifier with a fault of its own."""
    if order.id == "breaks-a-verifier":
        raise RuntimeError("the wire is down")
    return ()


def test_one_bad_order_of_each_kind_among_many_thousand_good_ones() -> None:
    """Every good order is decided as if the bad ones were not there, and every bad one is held,
    rejected or short by name.
    """
    late = NOW - timedelta(days=8)
    bad = [
        order("no-contact", customer=Customer(id="C-2")),
        order("no-address", ship_to=None),
        order(
            "no-street",
            ship_to=Address(
                name="Ada", street=[], city="Leeds", postal_code="LS1 4AP", country="GB"
            ),
        ),
        order("underpaid", payments=[Payment(id="p1", amount=Decimal("9.88"))]),
        order("expired", payments=[attrs.evolve(PAYMENT, expires_at=late)]),
        order(
            "declined",
            payments=[Payment(id="p1", amount=PAYMENT.amount, status=PaymentStatus.DECLINED)],
        ),
        order("no-lines", lines=[], payments=[]),
        order("below-zero", discount=Decimal(10)),
        order("twice-different"),
        order("twice-different", locale="de"),
        order("twice-the-same"),
        order("twice-the-same"),
        order("breaks-a-verifier"),
        order("unknown-sku", lines=[attrs.evolve(ORDER.lines[0], sku="ghost")]),
    ]
    good = [another(f"good-{number}") for number in range(GOOD)]
    middle = GOOD // 2
    batch = [*good[:middle], *bad, *good[middle:]]
    stock = Inventory.of({("mug", "berlin"): GOOD + 1})
    result = process(batch, stock, now=NOW, verifiers=(*DEFAULT_VERIFIERS, shaky))

    assert len(result.decisions) == GOOD + len(bad) - 2  # ids that come twice count once
    outcomes = Counter(
        decision.outcome for decision in result.decisions if decision.id.startswith("good-")
    )
    assert outcomes == {Outcome.ALLOCATED: GOOD}
    assert result.inventory.available("mug") == 0
    codes = {each.id: [finding.code for finding in result[each.id].findings] for each in bad}
    assert codes == {
        "no-contact": ["contact.missing"],
        "no-address": ["address.missing"],
        "no-street": ["address.incomplete"],
        "underpaid": ["payment.insufficient"],
        "expired": ["payment.expired"],
        "declined": ["payment.declined", "payment.insufficient"],
        "no-lines": ["order.no_lines"],
        "below-zero": ["order.negative_total"],
        "twice-different": ["order.conflicting_duplicate"],
        "twice-the-same": [],
        "breaks-a-verifier": ["verifier.failed"],
        "unknown-sku": [],
    }
    assert {each.id: result[each.id].outcome for each in bad} == {
        **dict.fromkeys(codes, Outcome.HELD),
        "declined": Outcome.REJECTED,
        "below-zero": Outcome.REJECTED,
        "twice-the-same": Outcome.ALLOCATED,
        "unknown-sku": Outcome.UNFULFILLABLE,
    }
    assert result["unknown-sku"].shorts[0].reason is ShortReason.UNKNOWN_SKU
