"""Policies that go by what an order is: whose, how much, through which channel, how marked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.records.customer_facts import PastOrder
from fulfill_core.records.facts import Context

_NOTHING = Decimal(0)
_NOT_MARKED = frozenset({"", "0", "false", "no", "off"})


def _places(word: str, names: tuple[str, ...], what: str) -> dict[str, int]:
    """The place of each name, 0 for the first."""
    for position, name in enumerate(names):
        _checks.check_text(f"{word}({position})", name)
    _checks.check_unique(word, names, what)
    return {name: place for place, name in enumerate(names)}


def _name_text(what: str, name: str, places: Mapping[str, int]) -> str:
    """A name in words, and that it is last if it is in no sequence."""
    return (
        f"{what} {_checks.repr_of(name)}{'' if name in places else ' (not in the sequence: last)'}"
    )


@attrs.frozen(weakref_slot=False, repr=False)
class CustomerTier:
    """The customer's tier in a sequence of tiers, as `customer_tier` makes it."""

    tiers: tuple[str, ...]
    _places: Mapping[str, int] = attrs.field(alias="places", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return self._places.get(order.customer.tier, len(self.tiers))

    def __repr__(self) -> str:
        return f"customer_tier(tiers={self.tiers!r})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation. A tier that the sequence does not name is noted."""
        return _name_text("customer tier", order.customer.tier, self._places)


def customer_tier(*tiers: str) -> CustomerTier:
    """The customer's tier, in the shop's own sequence; tiers that it does not name come last.

    Args:
        tiers: the names, the first served first.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7", tier="silver"),
    ...               lines=[], currency="EUR")
    >>> customer_tier("gold", "silver")(order, context=Context(now=now))
    1
    """
    return CustomerTier(tiers, places=_places("customer_tier", tiers, "tier"))


@attrs.frozen(weakref_slot=False, repr=False)
class ChannelOrder:
    """The order's channel in a sequence of channels, as `channel_order` makes it."""

    channels: tuple[str, ...]
    _places: Mapping[str, int] = attrs.field(alias="places", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return self._places.get(order.channel, len(self.channels))

    def __repr__(self) -> str:
        return f"channel_order(channels={self.channels!r})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation. A channel that the sequence does not name is noted."""
        return _name_text("channel", order.channel, self._places)


def channel_order(*channels: str) -> ChannelOrder:
    """The channel that the order came through, in the shop's own sequence; others come last.

    Args:
        channels: the names, the first served first.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", channel="web")
    >>> channel_order("shop", "web")(order, context=Context(now=now))
    1
    """
    return ChannelOrder(channels, places=_places("channel_order", channels, "channel"))


@attrs.frozen(weakref_slot=False, repr=False)
class TagFirst:
    """The first of a sequence of tags that the order has, as `tag_first` makes it."""

    tags: tuple[str, ...]

    def __call__(self, order: Order, /, *, context: Context) -> int:
        if order.tags:
            for place, tag in enumerate(self.tags):
                if tag in order.tags:
                    return place
        return len(self.tags)

    def __repr__(self) -> str:
        return f"tag_first(tags={self.tags!r})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        place = self(order, context=context)
        if place == len(self.tags):
            return f"no tag of {', '.join(map(_checks.repr_of, self.tags)) or 'any sequence'}"
        return f"tag {_checks.repr_of(self.tags[place])}"


def tag_first(*tags: str) -> TagFirst:
    """Orders with the first of these tags first, then with the second; without any last.

    Args:
        tags: the tags, the weightiest first. Of an order with several, the weightiest counts.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", tags=["gift", "press"])
    >>> tag_first("event", "press", "gift")(order, context=Context(now=now))
    1
    """
    _places("tag_first", tags, "tag")
    return TagFirst(tags)


@attrs.frozen(weakref_slot=False, repr=False)
class ServiceLevel:
    """The service that was sold, in a sequence of levels, as `service_level` makes it."""

    attribute: str
    levels: tuple[str, ...]
    _places: Mapping[str, int] = attrs.field(alias="places", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return self._places.get(order.attributes.get(self.attribute, ""), len(self.levels))

    def __repr__(self) -> str:
        return f"service_level(attribute={self.attribute!r}, levels={self.levels!r})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation. A level that the sequence does not name is noted."""
        return _name_text(self.attribute, order.attributes.get(self.attribute, ""), self._places)


def service_level(attribute: str, *levels: str) -> ServiceLevel:
    """The service that was sold with the order, in the shop's own sequence; others come last.

    Args:
        attribute: the order's attribute that names it.
        levels: what it may say, the first served first. An order without the attribute has the
            level ``""``.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", attributes={"service": "next-day"})
    >>> service_level("service", "same-day", "next-day")(order, context=Context(now=now))
    1
    """
    _checks.check_id("service_level.attribute", attribute)
    places = _places("service_level.levels", levels, "level")
    return ServiceLevel(attribute, levels, places=places)


# -- By hand ---------------------------------------------------------------------------------------


@attrs.frozen(weakref_slot=False, repr=False)
class Marked:
    """Orders with a person's mark first or last, as `expedited` and `delayed` make it.

    Args:
        word: what a marked order is called.
        tag: the tag that is the mark; or else
        attribute: the attribute that is.
        is_first: whether marked orders come first.
    """

    word: str
    tag: str
    attribute: str
    is_first: bool

    def marks(self, order: Order) -> bool:
        """Whether the order has the mark."""
        if self.tag:
            return self.tag in order.tags
        return order.attributes.get(self.attribute, "").strip().lower() not in _NOT_MARKED

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return 0 if self.marks(order) is self.is_first else 1

    def __repr__(self) -> str:
        mark = f"tag={self.tag!r}" if self.tag else f"attribute={self.attribute!r}"
        return f"{self.word}({mark})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return self.word if self.marks(order) else f"not {self.word}"


def _check_mark(word: str, tag: object, attribute: object) -> None:
    _checks.check_text(f"{word}.tag", tag)
    _checks.check_text(f"{word}.attribute", attribute)
    if bool(tag) is bool(attribute):
        raise _checks.refuse(word, (tag, attribute), "is not one mark; pass a tag or an attribute")


def expedited(*, tag: str = "", attribute: str = "") -> Marked:
    """Orders that somebody marked as urgent first.

    Args:
        tag: a tag that says so; or else
        attribute: an attribute that says so, by whatever is not empty, ``0``, ``false``, ``no`` or
            ``off``.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", tags=["urgent"])
    >>> expedited(tag="urgent")(order, context=Context(now=now))
    0
    """
    _check_mark("expedited", tag, attribute)
    return Marked("expedited", tag, attribute, is_first=True)


def delayed(*, tag: str = "", attribute: str = "") -> Marked:
    """Orders that somebody marked as able to wait last.

    Args:
        tag: a tag that says so; or else
        attribute: an attribute that says so, by whatever is not empty, ``0``, ``false``, ``no`` or
            ``off``.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", attributes={"can wait": "yes"})
    >>> delayed(attribute="can wait")(order, context=Context(now=now))
    1
    """
    _check_mark("delayed", tag, attribute)
    return Marked("delayed", tag, attribute, is_first=False)


# -- Money -----------------------------------------------------------------------------------------

Rates: TypeAlias = tuple[tuple[str, Decimal], ...]
"""What one unit of each currency is worth, by its code, sorted."""


def _checked_rates(word: str, rates: Mapping[str, Decimal]) -> Rates:
    _checks.check_mapping(f"{word}.rates", rates, "rates by currency")
    by_code: dict[str, Decimal] = {}
    for currency, rate in rates.items():
        code = _checks.check_code(f"{word}.rates (key)", currency, 3, "EUR")
        _checks.check_money(f"{word}.rates[{currency!r}]", rate)
        by_code[code] = rate
    return tuple(sorted(by_code.items()))


def _rate(policy: OrderValue | CustomerValue, currency: str, order: Order) -> Decimal:
    """The rate by which amounts in a currency compare with others."""
    rate = policy.by_code.get(currency)
    if rate is None:
        raise PluginError(repr(policy), order.id, f"there is no rate for {currency}; add one")
    return rate


@attrs.frozen(weakref_slot=False, repr=False)
class OrderValue:
    """The order's total at the shop's rates, as `order_value` makes it."""

    rates: Rates
    by_code: Mapping[str, Decimal] = attrs.field(eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Decimal:
        return _checks.EXACT.multiply(order.total, _rate(self, order.currency, order))

    def __repr__(self) -> str:
        return f"order_value(rates={self.rates!r})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return f"an order value of {_checks.money_text(order.total)} {order.currency}"


def order_value(rates: Mapping[str, Decimal]) -> OrderValue:
    """The order's total, the smallest first; ``descending(order_value(...))`` for the largest.

    Args:
        rates: what one unit of each currency is worth in the shop's own, by ISO 4217 code. Amounts
            in different currencies can't be compared without; one currency is simply 1.

    An order in a currency without a rate stops the run with a `PluginError`.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="USD", shipping=Decimal(10))
    >>> by_value = order_value({"EUR": Decimal(1), "USD": Decimal("0.92")})
    >>> by_value(order, context=Context(now=now))
    Decimal('9.20')
    """
    pairs = _checked_rates("order_value", rates)
    return OrderValue(pairs, by_code=dict(pairs))


@attrs.frozen(weakref_slot=False, repr=False)
class CustomerValue:
    """What the customer bought before, at the shop's rates, as `customer_value` makes it."""

    rates: Rates
    by_code: Mapping[str, Decimal] = attrs.field(eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Decimal:
        total = _NOTHING
        for past in _past(order, context) or ():
            if past.id != order.id:
                worth = _checks.EXACT.multiply(past.total, _rate(self, past.currency, order))
                total = _checks.EXACT.add(total, worth)
        return total

    def __repr__(self) -> str:
        return f"customer_value(rates={self.rates!r})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        if _past(order, context) is None:
            return "nothing known of what the customer bought before"
        worth = _checks.money_text(self(order, context=context))
        return f"purchases of {worth} by the customer before"


def _past(order: Order, context: Context) -> tuple[PastOrder, ...] | None:
    """The customer's past orders; None if nothing is known of the customer."""
    facts = context.facts.customer(order.customer.id)
    return None if facts is None else facts.orders


def customer_value(rates: Mapping[str, Decimal]) -> CustomerValue:
    """What the customer bought before, the smallest first; ``descending`` for the best customer.

    It is the sum of the totals in the `CustomerFacts` of the run, without the order itself. A
    customer of whom nothing is known counts as one who bought nothing, and `explain` says so. A
    figure of your own, such as a lifetime value, needs no more than a function.

    Args:
        rates: what one unit of each currency is worth in the shop's own, by ISO 4217 code.

    A past order in a currency without a rate stops the run with a `PluginError`.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, CustomerFacts, Facts, PastOrder
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-2", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> past = PastOrder(id="A-1", placed_at=now, total=Decimal(50), currency="EUR")
    >>> facts = Facts(customers=[CustomerFacts(customer_id="C-7", orders=[past])])
    >>> customer_value({"EUR": Decimal(1)})(order, context=Context(now=now, facts=facts))
    Decimal('50')
    """
    pairs = _checked_rates("customer_value", rates)
    return CustomerValue(pairs, by_code=dict(pairs))
