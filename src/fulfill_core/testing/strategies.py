"""Strategies for hypothesis: random orders, stock and policies that make every situation occur.

The world that they draw from is small on purpose: few SKUs, few locations, few units, few
instants. So orders compete, ties are frequent, and a failing example shrinks to something that one
can read. `batches` makes orders and stock that fit together; the others make one thing each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from fulfill_core.testing.variety import varied
from fulfill_core.testing.world import (
    CEST,
    CHANNEL,
    DAY,
    DISCOUNTS,
    HOUR,
    KITS,
    LOCATIONS,
    LOTS,
    NOW,
    ORDER_IDS,
    PRICES,
    SKUS,
    STRANGER,
    TAG,
    TAXES,
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
_ZERO = Decimal(0)
_IS_AGREED = st.sampled_from((False, False, False, True))
_NEVER = st.just(value=False)


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
    lots: Sequence[str] = LOTS,
    prices: Sequence[Decimal] = PRICES,
    discounts: Sequence[Decimal] = DISCOUNTS,
    taxes: Sequence[Decimal] = TAXES,
    agreed_totals: bool = True,
) -> st.SearchStrategy[OrderLine]:
    """Order lines of 1 to 6 of a SKU; some in packs of 2 or 3, some free, some not to be sent.

    Some ask for a lot; some are cheaper than their price says, or have a tax; of some the total
    that was agreed is known.

    Args:
        skus: the SKUs to choose from.
        ids: the line ids to choose from; ``"1"`` to ``"3"`` if left out.
        lots: the lots that some ask for; none if empty.
        prices: what a pack may cost.
        discounts: what is taken off a line that costs as much.
        taxes: the tax on it that is not in its price.
        agreed_totals: False if none says what was agreed.

    >>> from hypothesis import find
    >>> find(order_lines(), lambda line: line.units_each > 1).units
    2
    """
    return st.builds(
        _line,
        id=st.sampled_from(("1", "2", "3")) if ids is None else ids,
        sku=st.sampled_from(tuple(skus)),
        quantity=st.integers(1, 6),
        unit_price=st.sampled_from(tuple(prices)),
        units_each=st.sampled_from((1, 1, 1, 1, 2, 3)),
        ships=st.sampled_from((True, True, True, False)),
        lot=st.sampled_from((*("",) * (9 * len(lots) or 1), *lots)),
        discount=st.sampled_from(tuple(discounts)),
        tax=st.sampled_from(tuple(taxes)),
        is_agreed=_IS_AGREED if agreed_totals else _NEVER,
    )


def _line(*, discount: Decimal, tax: Decimal, is_agreed: bool, **content: Any) -> OrderLine:
    """A line; what is free has no tax, and nothing is taken off it."""
    line = OrderLine(**content)
    if line.total:
        line = attrs.evolve(line, discount=min(discount, line.total), tax=tax)
    return attrs.evolve(line, agreed_total=line.total) if is_agreed else line


# -- Orders --------------------------------------------------------------------------------------

_FLAWS = (
    *(("",) * 15),
    "unreachable",
    "nowhere",
    "unpaid",
    "expired",
    "declined",
    "empty",
    "discounted",
    "disagreed",
)
"""What is wrong with an order; with most, nothing. The first five and "empty" hold it, or reject it
("declined"); so does a discount that is more than the rest, and a total that is not the sum."""


def narrow_orders(
    ids: st.SearchStrategy[str] | None, skus: Sequence[str], now: datetime, **of_lines: Any
) -> st.SearchStrategy[Order]:
    """Orders that resemble each other, so that those of a batch compete.

    Args:
        ids: the order ids to choose from; ``"A-1"`` to ``"A-6"`` if None.
        skus: the SKUs to choose from.
        now: the time that deadlines, due dates and expiries lie around.
        **of_lines: what `order_lines` takes beside.
    """
    lines = [order_lines(skus=skus, ids=st.just(str(at)), **of_lines) for at in (1, 2, 3)]
    has_agreed_total = _IS_AGREED if of_lines.get("agreed_totals", True) else _NEVER
    ids_to_draw = st.sampled_from(ORDER_IDS) if ids is None else ids
    return _orders(ids_to_draw, lines, now, has_agreed_total)


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
    has_agreed_total: st.SearchStrategy[bool],
) -> Order:
    flaw = draw(_FLAW)
    lines: list[OrderLine] = []
    if flaw != "empty":
        lines += [draw(line) for line in each_line[: draw(_LINE_COUNT)]]
    shipping = draw(_SHIPPING)
    if shipping is None:  # the order costs nothing
        free: dict[str, Any] = {
            "unit_price": _ZERO,
            "discount": _ZERO,
            "tax": _ZERO,
            "agreed_total": None,
        }
        lines = [attrs.evolve(line, **free) for line in lines]
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
        deliver_by=None if due_in is None else now + due_in * DAY,
        ship_after=None if ship_after is None else now + ship_after * DAY,
        ship=draw(_MODE),
        channel=channel,
        tags=tags,
        locale=draw(_LOCALE),
    )
    if flaw == "discounted":
        order = attrs.evolve(order, discount=max(Decimal(1000), order.total + 1))
    if flaw == "disagreed":
        order = attrs.evolve(order, agreed_total=max(_ZERO, order.total) + 1)
    elif draw(has_agreed_total) and order.total >= 0:
        order = attrs.evolve(order, agreed_total=order.total)
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
    tiers: Sequence[str] | None = None,
    channels: Sequence[str] | None = None,
    tags: Sequence[str] | None = None,
    attributes: Mapping[str, Sequence[str]] | None = None,
    prices: Sequence[Decimal] = PRICES,
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
    one in it; lots, locked up or too old among them, lines that ask for one, and items of which a
    line gets a single one; whole packs, fences, some at one location, caps for customers and for
    what waits, supplies that are overdue or that may not be waited for, and locations with a
    capacity.

    Args:
        ids: the order ids; as many are the most orders of a batch (exact repeats not counted).
        skus: the SKUs that the orders compete for. They ask for ``"wrap"``, which is not tracked,
            and for ``"ghost"``, which is not known, as well.
        places: where stock may lie; `locations` if left out.
        now: the time of the run.
        rules: False to leave the rules out, for shops that use none of them; True for batches of
            which all have some; None for both.
        tiers: the tiers of customers to choose from; like channels and tags, those for which
            inventories keep units apart if left out.
        channels: the channels to choose from.
        tags: each order has some of these.
        attributes: for each key, the texts to choose from; none if left out.
        prices: what a pack of a line may cost.

    >>> from hypothesis import find
    >>> len(find(batches(), lambda batch: len(batch.orders) > 1).orders)
    2
    """
    words: dict[str, Any] = {
        "tiers": tiers,
        "channels": channels,
        "tags": tags,
        "attributes": attributes,
    }
    sku_choice, kits = (*skus, *skus, *skus, UNTRACKED, UNKNOWN), kits_of(skus)

    def of_each_id(choice: Sequence[str], **of_lines: Any) -> list[st.SearchStrategy[Order]]:
        orders = [narrow_orders(st.just(each), choice, now, **of_lines) for each in ids]
        return [varied(each, **words) for each in orders]

    each_order = of_each_id(sku_choice, lots=(), prices=prices)
    with_kits = of_each_id((*sku_choice, *kits * 4, *kits[:1] * 14), prices=prices)
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
