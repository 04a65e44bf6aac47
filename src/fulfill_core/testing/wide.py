"""Orders as wide as shops are, with the shop's own tiers, tags and currencies; and their records.

The orders of a batch resemble each other, so that they compete; these are as different as can be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from fulfill_core.orders.order import Address, Order
from fulfill_core.orders.payment import Payment
from fulfill_core.orders.progress import Progress
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.testing.facts import subjects
from fulfill_core.testing.people import Statements, draw_statements
from fulfill_core.testing.strategies import addresses as usual_addresses
from fulfill_core.testing.strategies import narrow_orders
from fulfill_core.testing.variety import attribute_texts, tag_sets
from fulfill_core.testing.world import (
    CHANNEL,
    DAY,
    DISCOUNTS,
    HOUR,
    KITS,
    LOTS,
    NOW,
    PRICES,
    SKUS,
    TAG,
    TAXES,
    TIER,
    UNKNOWN,
    UNTRACKED,
)

TIERS = ("standard", TIER, "silver", "vip", "")
CURRENCIES = ("EUR", "EUR", "USD", "GBP", "JPY", "KWD")
CHANNELS = ("", CHANNEL, "shop", "marketplace")
TAGS = (TAG, "gift", "urgent")
AGES = (HOUR, 2 * HOUR, 3 * HOUR, 0 * HOUR, 2 * DAY, 45 * DAY, 400 * DAY, 3650 * DAY)


def odd_addresses() -> st.SearchStrategy[Address]:
    """Addresses as they really come: without a city, a street or a country, in other scripts.

    >>> from hypothesis import find
    >>> find(odd_addresses(), lambda address: address.country == "SG").city
    ''
    """
    return st.sampled_from(_ODD_ADDRESSES)


_ODD_ADDRESSES = tuple(
    Address(name=name, street=street, city=city, postal_code=postal_code, country=country)
    for name, street, city, (postal_code, country) in (
        ("Ada", ("1 Raffles Place",), "", ("048616", "SG")),
        ("Ada", ("PO Box 12",), "Leeds", ("", "GB")),
        ("Ada", (), "Berlin", ("1067", "DE")),
        ("", ("Rua A 1",), "sao paulo", ("01310-100", "BR")),
        ("\u05e2\u05d3\u05d4", ("\u05d4\u05e8\u05e6\u05dc 1",), "Haifa", ("", "IL")),
        ("Ada", ("", "?"), "n/a", ("NULL", "")),
        ("A" * 80, ("1\n2",), "X", ("d02 af30", "IE")),
    )
)


def orders(
    *,
    ids: st.SearchStrategy[str] | None = None,
    skus: Sequence[str] = (*SKUS, UNTRACKED, UNKNOWN, *KITS),
    now: datetime = NOW,
    tiers: Sequence[str] = TIERS,
    currencies: Sequence[str] = CURRENCIES,
    channels: Sequence[str] = CHANNELS,
    tags: Sequence[str] = TAGS,
    attributes: Mapping[str, Sequence[str]] | None = None,
    ages: Sequence[timedelta] = AGES,
    addresses: st.SearchStrategy[Address] | None = None,
    prices: Sequence[Decimal] = PRICES,
    taxes: Sequence[Decimal] = TAXES,
    lots: Sequence[str] = LOTS,
    discounts: Sequence[Decimal] = DISCOUNTS,
    agreed_totals: bool = True,
) -> st.SearchStrategy[Order]:
    """Orders of 1 to 3 lines; about two thirds are good, the others have one flaw.

    They are wide: old ones and new ones, in several currencies, with tax, line by line or as a
    whole, discounts and agreed totals, lots that are asked for, any text among the attributes, and
    addresses as odd as they come. Say which tiers, tags and the like your shop has,
    and its rules are tried on them.

    Good ones are paid to the cent, by one payment or two, or cost nothing; they ship in any mode;
    some have a deadline, some are not due yet; instants are few, so ties are frequent. Some are of
    a channel, or have a tag, for which inventories keep units apart. Flaws: no contact, no address,
    unpaid, authorization expired, payment declined, no lines, a discount larger than the rest, an
    agreed total that is not the sum.

    Args:
        ids: the order ids to choose from; ``"A-1"`` to ``"A-6"`` if left out.
        skus: the SKUs to choose from.
        now: the time that deadlines, due dates and expiries lie around.
        tiers: the tiers of customers to choose from.
        currencies: the currencies to choose from; amounts are the same in each.
        channels: the channels to choose from.
        tags: each order has some of these.
        attributes: for each key, the texts to choose from; an order has some of the keys. Any text
            at all if left out.
        ages: how long ago the order was placed; zero or more.
        addresses: where it goes; usual and `odd_addresses` if left out.
        prices: what a pack of a line may cost.
        taxes: the tax that is not in the prices, of the order and of its lines.
        lots: the lots that some lines ask for; none if empty.
        discounts: what is taken off lines that cost as much.
        agreed_totals: False if neither orders nor lines say what was agreed.

    >>> from hypothesis import Phase, find, settings
    >>> unshrunk = settings(phases=[Phase.generate], database=None, derandomize=True)
    >>> find(orders(tiers=["vip"]), bool, settings=unshrunk).customer.tier
    'vip'
    """
    of_lines: dict[str, Any] = {
        "lots": lots,
        "discounts": discounts,
        "taxes": taxes,
        "prices": prices,
    }
    narrow = narrow_orders(ids, skus, now, **of_lines, agreed_totals=agreed_totals)
    if addresses is None:
        addresses = st.one_of(usual_addresses(), odd_addresses())
    texts = st.dictionaries(st.text(max_size=8), st.text(max_size=12), max_size=2)
    if attributes is not None:
        texts = attribute_texts(attributes)
    return st.builds(
        _widened,
        narrow,
        tier=st.sampled_from(tuple(tiers)),
        currency=st.sampled_from(tuple(currencies)),
        channel=st.sampled_from(tuple(channels)),
        tags=tag_sets(tags),
        attributes=texts,
        placed_at=st.sampled_from([now - age for age in ages]),
        address=addresses,
        tax=st.sampled_from(tuple(taxes)),
    )


def _with_amount(payment: Payment, amount: Decimal) -> Payment:
    """The payment over another amount, as far on its way as it is."""
    return Payment(
        id=payment.id,
        amount=amount,
        status=payment.status,
        method=payment.method,
        authorized_at=payment.authorized_at,
        expires_at=payment.expires_at,
        avs=payment.avs,
        cvv=payment.cvv,
        currency=payment.currency,
    )


def _widened(order: Order, *, tier: str, address: Address, tax: Decimal, **changes: Any) -> Order:
    """The order with more variety; what it was paid, it is paid with the tax."""
    payments = order.payments
    if payments and sum(payment.amount for payment in payments) >= order.total >= 0:
        first, *rest = payments
        payments = (_with_amount(first, first.amount + tax), *rest)
    return attrs.evolve(
        order,
        customer=attrs.evolve(order.customer, tier=tier),
        ship_to=None if order.ship_to is None else address,
        payments=payments,
        tax=tax,
        agreed_total=None if order.agreed_total is None else order.agreed_total + tax,
        **changes,
    )


_orders = orders  # which an argument of `records` is called as well


def records(
    *, orders: st.SearchStrategy[Order] | None = None, now: datetime = NOW
) -> st.SearchStrategy[OrderRecord]:
    """Records of orders: some are approved, turned down, or stopped; of some a part has left.

    What is approved and turned down is this version of the order, or one that is no more; what is
    stopped is the order or a line of it, by one person or several.

    Args:
        orders: the orders to choose from; those of the strategy `orders` if left out.
        now: the time of the run. What was said was said an hour before.

    >>> from hypothesis import Phase, find, settings
    >>> unshrunk = settings(phases=[Phase.generate], database=None, derandomize=True)
    >>> bool(find(records(), lambda record: bool(record.holds), settings=unshrunk).holds)
    True
    """
    return _records(_orders(now=now) if orders is None else orders, now)


@st.composite
def _records(draw: st.DrawFn, orders: st.SearchStrategy[Order], now: datetime) -> OrderRecord:
    order = draw(orders)
    record = draw_statements(draw, subjects([order]), now).get(order.id, Statements()).record(order)
    progress = [
        Progress(line_id=line.id, cancelled=min(cancelled, line.units), shipped=shipped)
        for line in order.lines
        if (cancelled := draw(_CANCELLED))
        + (shipped := min(draw(_SHIPPED), line.units - min(cancelled, line.units)))
    ]
    return attrs.evolve(record, progress=progress)


_CANCELLED = st.sampled_from((0, 0, 0, 1))
_SHIPPED = st.sampled_from((0, 0, 0, 1, 2, 99))
