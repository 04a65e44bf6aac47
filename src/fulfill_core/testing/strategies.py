"""Strategies for hypothesis: random orders, stock and policies that make every situation occur.

The world that they draw from is small on purpose: few SKUs, few locations, few units, few
instants. So orders compete, ties are frequent, and a failing example shrinks to something that one
can read. `batches` makes orders and stock that fit together; the others make one thing each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.stock import Location
from fulfill_core.orders.order import (
    Address,
    Customer,
    Order,
    OrderLine,
    Ship,
)
from fulfill_core.orders.payment import Payment, PaymentStatus
from fulfill_core.records.facts import Facts
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.testing.facts import customer_facts, draw_facts, facts, screenings, subjects
from fulfill_core.testing.inventories import (
    HAS_RULES,
    draw_inventory,
    inventories,
    locations,
)
from fulfill_core.testing.people import Statements, draw_statements
from fulfill_core.testing.policies import priority_policies, sourcing_policies, verifiers
from fulfill_core.testing.world import (
    CEST,
    CHANNEL,
    DAY,
    HOUR,
    KITS,
    LOCATIONS,
    NOW,
    ORDER_IDS,
    SKUS,
    STRANGER,
    TAG,
    TIER,
    UNKNOWN,
    UNTRACKED,
    kits_of,
)

__all__ = [
    "Batch",
    "KITS",
    "LOCATIONS",
    "NOW",
    "ORDER_IDS",
    "SKUS",
    "STRANGER",
    "UNKNOWN",
    "UNTRACKED",
    "addresses",
    "batches",
    "customer_facts",
    "customers",
    "facts",
    "inventories",
    "locations",
    "order_lines",
    "payments",
    "priority_policies",
    "screenings",
    "sourcing_policies",
    "verifiers",
]


@attrs.frozen(kw_only=True, weakref_slot=False)
class Batch:
    """What a run takes.

    ``process(batch.orders, batch.inventory, now=batch.now, facts=batch.facts)``

    Args:
        orders: the orders, exact repeats and conflicting duplicates among them; those of which
            people said something, as records.
        inventory: the stock that they compete for.
        now: the time of the run.
        facts: what the host knows of the orders.
    """

    orders: tuple[Order | OrderRecord, ...]
    inventory: Inventory
    now: datetime
    facts: Facts


# -- Parts of an order ---------------------------------------------------------------------------


def customers() -> st.SearchStrategy[Customer]:
    """Customers of three tiers that can be reached by e-mail, by phone or by both.

    Some ask for a lot of life of what they get.

    >>> from hypothesis import find
    >>> find(customers(), lambda customer: customer.tier == "gold").email
    'ada@example.com'
    """
    return st.sampled_from(
        [
            Customer(
                id=f"C-{name}",
                name=name.title(),
                email="" if contact == "phone" else f"{name}@example.com",
                phone="" if contact == "email" else "+49 30 123456",
                tier=tier,
                minimum_life=(2 if contact != "email" and name == "bob" else 0) * DAY,
            )
            for tier in ("standard", TIER, "silver")
            for contact in ("email", "phone", "both")
            for name in ("ada", "bob")
        ]
    )


def addresses() -> st.SearchStrategy[Address]:
    """Complete postal addresses of some countries, with and without region and postal code.

    >>> from hypothesis import find
    >>> find(addresses(), lambda address: address.region != "").country
    'US'
    """
    return st.sampled_from(
        (
            Address(
                name="Ada",
                street=("Unter den Linden 1",),
                city="Berlin",
                postal_code="01067",
                country="DE",
            ),
            Address(
                name="Bob",
                street=("1 Main St", "Apt 2"),
                city="Springfield",
                postal_code="62701",
                region="IL",
                country="US",
            ),
            Address(name="Eve", street=("1 Grafton Street",), city="Dublin", country="IE"),
        )
    )


def payments(
    *, amounts: st.SearchStrategy[Decimal] | None = None, now: datetime = NOW
) -> st.SearchStrategy[Payment]:
    """Payments in every status; authorizations expire later, just now, or expired before.

    Args:
        amounts: the amounts to choose from; small ones with cents if left out.
        now: the time that expiry is about.

    >>> from hypothesis import find
    >>> find(payments(), lambda payment: payment.status is PaymentStatus.DECLINED).amount
    Decimal('0')
    """
    if amounts is None:
        amounts = st.sampled_from((Decimal(0), Decimal("2.50"), Decimal("9.90")))
    return st.builds(
        _payment,
        id=st.sampled_from(("p1", "p2", "p3")),
        amount=amounts,
        status=st.sampled_from(PaymentStatus),
        method=st.sampled_from(("card", "gift_card", "invoice")),
        expires_at=st.sampled_from((None, now + 7 * DAY, now, now - DAY)),
        avs=st.sampled_from(("", "Y", "N")),
    )


_PART = Decimal("0.01")


def _payment(*, amount: Decimal, status: PaymentStatus, **content: Any) -> Payment:
    """A payment; if its status says a part of it, a cent was captured or given back."""
    if status is PaymentStatus.PARTIALLY_CAPTURED:
        return Payment(amount=amount, status="authorized", captured=min(amount, _PART), **content)
    if status is PaymentStatus.PARTIALLY_REFUNDED:
        return Payment(amount=amount, status="captured", refunded=min(amount, _PART), **content)
    return Payment(amount=amount, status=status, **content)


def order_lines(
    *,
    skus: Sequence[str] = (*SKUS, UNTRACKED, UNKNOWN, *KITS),
    ids: st.SearchStrategy[str] | None = None,
) -> st.SearchStrategy[OrderLine]:
    """Order lines of 1 to 6 of a SKU; some in packs of 2 or 3, some free, some not to be sent.

    Args:
        skus: the SKUs to choose from.
        ids: the line ids to choose from; ``"1"`` to ``"3"`` if left out.

    >>> from hypothesis import find
    >>> find(order_lines(), lambda line: line.units_each > 1).units
    2
    """
    return st.builds(
        OrderLine,
        id=st.sampled_from(("1", "2", "3")) if ids is None else ids,
        sku=st.sampled_from(tuple(skus)),
        quantity=st.integers(1, 6),
        unit_price=st.sampled_from((Decimal("2.50"), Decimal("9.90"), Decimal(0))),
        units_each=st.sampled_from((1, 1, 1, 1, 2, 3)),
        ships=st.sampled_from((True, True, True, False)),
    )


# -- Orders --------------------------------------------------------------------------------------

_FLAWS = (
    *(("",) * 12),
    "unreachable",
    "nowhere",
    "unpaid",
    "expired",
    "declined",
    "empty",
    "discounted",
)
"""What is wrong with an order; with most, nothing. The first five and "empty" hold it, or reject it
("declined"); so does a discount that is more than the rest."""


def narrow_orders(
    ids: st.SearchStrategy[str] | None, skus: Sequence[str], now: datetime
) -> st.SearchStrategy[Order]:
    """Orders that resemble each other, so that those of a batch compete."""
    lines = [order_lines(skus=skus, ids=st.just(str(number))) for number in (1, 2, 3)]
    return _orders(st.sampled_from(ORDER_IDS) if ids is None else ids, lines, now)


# Made once: to make a strategy costs more than to draw from it.
_FLAW = st.sampled_from(_FLAWS)
_LINE_COUNT = st.sampled_from((1, 2, 2, 3))
_SHIPPING = st.sampled_from((Decimal(0), Decimal("4.90"), Decimal(0), Decimal("4.90"), None))
_CUSTOMER = customers()
_ADDRESS = addresses()
_HOURS_AGO = st.sampled_from((1, 1, 2, 3))
_ZONE = st.sampled_from((UTC, CEST))
_DUE_IN = st.sampled_from((None, None, 1, 1, 2, -1))
_SHIP_AFTER = st.sampled_from((*(((None, None),) * 6), (None, 1), (-1, None), (0, None), (1, None)))
"""In how many days the order may be shipped, and its last line."""
_MODE = st.sampled_from((*Ship, Ship.LINES))
_MARK = st.sampled_from((("", ()), ("", ()), ("", ()), (CHANNEL, ()), ("", (TAG,))))
_LOCALE = st.sampled_from(("en", "de-AT"))
_MANNER = st.sampled_from(("captured", "captured", "authorized", "two", "too much"))


@st.composite
def _orders(
    draw: st.DrawFn,
    ids: st.SearchStrategy[str],
    each_line: Sequence[st.SearchStrategy[OrderLine]],
    now: datetime,
) -> Order:
    flaw = draw(_FLAW)
    lines: list[OrderLine] = []
    if flaw != "empty":
        lines += [draw(line) for line in each_line[: draw(_LINE_COUNT)]]
    shipping = draw(_SHIPPING)
    if shipping is None:  # the order costs nothing
        lines = [attrs.evolve(line, unit_price=Decimal(0)) for line in lines]
    customer = draw(_CUSTOMER)
    if flaw == "unreachable":
        customer = attrs.evolve(customer, email="", phone="")
    placed_at = now - draw(_HOURS_AGO) * HOUR
    due_in = draw(_DUE_IN)
    ship_after, last_ship_after = draw(_SHIP_AFTER)
    if lines and last_ship_after is not None:
        lines[-1] = attrs.evolve(lines[-1], ship_after=now + last_ship_after * DAY)
    channel, tags = draw(_MARK)
    order = Order(
        id=draw(ids),
        placed_at=placed_at.astimezone(draw(_ZONE)),
        customer=customer,
        lines=lines,
        currency="EUR",
        ship_to=None if flaw == "nowhere" else draw(_ADDRESS),
        shipping=shipping or Decimal(0),
        discount=Decimal(1000) if flaw == "discounted" else Decimal(0),
        deliver_by=None if due_in is None else now + due_in * DAY,
        ship_after=None if ship_after is None else now + ship_after * DAY,
        ship=draw(_MODE),
        channel=channel,
        tags=tags,
        locale=draw(_LOCALE),
    )
    return attrs.evolve(order, payments=_paid(draw, order, flaw, now))


def _paid(draw: st.DrawFn, order: Order, flaw: str, now: datetime) -> tuple[Payment, ...]:
    """The payments of an order that is otherwise done: they cover its total, or show the flaw."""
    total = max(order.total, Decimal(0))
    whole = Payment(id="p1", amount=total, status=PaymentStatus.CAPTURED)
    if flaw == "unpaid":
        return ()
    if flaw == "expired":
        return (Payment(id="p1", amount=total, expires_at=now - HOUR),)
    if flaw == "declined":
        return (Payment(id="p1", amount=total, status=PaymentStatus.DECLINED),)
    manner = draw(_MANNER)
    if manner == "authorized":
        return (Payment(id="p1", amount=total, expires_at=now + 7 * DAY),)
    if manner == "two":
        cent = min(total, Decimal("0.01"))
        return (
            Payment(id="p1", amount=cent, method="gift_card", status=PaymentStatus.CAPTURED),
            Payment(id="p2", amount=total - cent),
        )
    if manner == "too much":
        return (Payment(id="p1", amount=total + 1, status=PaymentStatus.CAPTURED),)
    return (whole,)


# -- Batches -------------------------------------------------------------------------------------

_REPEAT = st.sampled_from((*(("",) * 6), "exact", "conflict", "both"))
_IS_KNOWN = st.sampled_from((False, True))


def batches(
    *,
    ids: Sequence[str] = ORDER_IDS,
    skus: Sequence[str] = SKUS,
    places: st.SearchStrategy[tuple[Location, ...]] | None = None,
    now: datetime = NOW,
    rules: bool | None = None,
) -> st.SearchStrategy[Batch]:
    """Orders, stock and facts that fit together, so that everything that can happen does.

    The orders ask for the same few SKUs; at least one in twenty batches shows each of: contention,
    a split over locations, a tie of the sort key, an exact repeat, a conflicting duplicate, held,
    rejected, waived and scheduled orders, reservations that count, have expired or are a
    stranger's, several lines of one SKU, each way to ship while not everything is there, pegged
    and open backorders, shorts, untracked and unknown SKUs, packs, orders that cost nothing, and
    orders that people stopped (wholly, or with a line while the others go on) or turned down (this
    version, or another), that were screened, were not, or were changed since, customers who have
    ordered before, and customers of whom nothing is known.

    Half of the inventories have rules, of which each occurs as well: kits, one of them with another
    one in it; lots, locked up or too old among them; whole packs, fences, caps for customers and
    for what waits, supplies that are overdue, and locations with a capacity.

    Args:
        ids: the order ids; as many are the most orders of a batch (exact repeats not counted).
        skus: the SKUs that the orders compete for. They ask for ``"wrap"``, which is not tracked,
            and for ``"ghost"``, which is not known, as well.
        places: where stock may lie; `locations` if left out.
        now: the time of the run.
        rules: False to leave the rules out, for shops that use none of them; True for batches of
            which all have some; None for both.

    >>> from hypothesis import find
    >>> len(find(batches(), lambda batch: len(batch.orders) > 1).orders)
    2
    """
    sku_choice = (*skus, *skus, *skus, UNTRACKED, UNKNOWN)
    each_order = [narrow_orders(st.just(order_id), sku_choice, now) for order_id in ids]
    kits = kits_of(skus)
    with_kits = [
        narrow_orders(st.just(order_id), (*sku_choice, *kits * 3, *kits[:1] * 6), now)
        for order_id in ids
    ]
    count = st.integers(1, len(ids))
    return _batches(count, (each_order, with_kits), skus, places, now, rules=rules)


@st.composite
def _batches(
    draw: st.DrawFn,
    count: st.SearchStrategy[int],
    orders_by_rules: tuple[Sequence[st.SearchStrategy[Order]], Sequence[st.SearchStrategy[Order]]],
    skus: Sequence[str],
    places: st.SearchStrategy[tuple[Location, ...]] | None,
    now: datetime,
    *,
    rules: bool | None,
) -> Batch:
    has_rules = draw(HAS_RULES[rules])
    each_order = orders_by_rules[has_rules]
    distinct = [draw(order) for order in each_order[: draw(count)]]
    batch = list(distinct)
    repeats = draw(_REPEAT)
    if repeats in ("exact", "both"):
        batch.append(draw(st.sampled_from(distinct)))
    if repeats in ("conflict", "both"):
        other = draw(st.sampled_from(distinct))
        batch.append(attrs.evolve(other, channel="another"))
    inventory = draw_inventory(draw, skus, places, distinct, now, rules=has_rules)
    statements: dict[str, Statements] = {}
    facts = Facts()
    if draw(_IS_KNOWN):
        about = subjects(distinct)
        statements = draw_statements(draw, about, now)
        facts = draw_facts(draw, about, now)
    members = [
        statements[order.id].record(order) if order.id in statements else order for order in batch
    ]
    return Batch(orders=tuple(members), inventory=inventory, now=now, facts=facts)
