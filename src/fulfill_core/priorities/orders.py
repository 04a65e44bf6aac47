"""Policies that go by what an order is: whose, how much, through which channel, how marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.records.customer_facts import PastOrder
from fulfill_core.records.facts import Context

_NOTHING = Decimal(0)
_NOT_MARKED = frozenset({"", "0", "false", "no", "off"})


def _places(word: str, names: Iterable[str], what: str) -> dict[str, int]:
    """The place of each name, 0 for the first."""
    names = tuple(names)
    for position, name in enumerate(names):
        _checks.check_text(f"{word}({position})", name)
    _checks.check_unique(word, names, what)
    return {name: place for place, name in enumerate(names)}


def _named(what: str, name: str, places: Mapping[str, int]) -> str:
    """A name in words, and that it is last if it is in no sequence."""
    return f"{what} {_checks.shown(name)}{'' if name in places else ' (not in the sequence: last)'}"


@attrs.frozen(init=False, weakref_slot=False)
class customer_tier:  # noqa: N801 - it is used as the function that it makes
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

    tiers: tuple[str, ...]
    _place: Mapping[str, int] = attrs.field(eq=False, repr=False)
    _last: int = attrs.field(eq=False, repr=False)

    def __init__(self, *tiers: str) -> None:
        _checks.set_field(self, "_place", _places("customer_tier", tiers, "tier"))
        _checks.set_field(self, "tiers", tiers)
        _checks.set_field(self, "_last", len(tiers))

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return self._place.get(order.customer.tier, self._last)

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation. A tier that the sequence does not name is noted."""
        return _named("customer tier", order.customer.tier, self._place)


@attrs.frozen(init=False, weakref_slot=False)
class channel_order:  # noqa: N801 - it is used as the function that it makes
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

    channels: tuple[str, ...]
    _place: Mapping[str, int] = attrs.field(eq=False, repr=False)
    _last: int = attrs.field(eq=False, repr=False)

    def __init__(self, *channels: str) -> None:
        _checks.set_field(self, "_place", _places("channel_order", channels, "channel"))
        _checks.set_field(self, "channels", channels)
        _checks.set_field(self, "_last", len(channels))

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return self._place.get(order.channel, self._last)

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation. A channel that the sequence does not name is noted."""
        return _named("channel", order.channel, self._place)


@attrs.frozen(init=False, weakref_slot=False)
class tag_first:  # noqa: N801 - it is used as the function that it makes
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

    tags: tuple[str, ...]

    def __init__(self, *tags: str) -> None:
        _places("tag_first", tags, "tag")
        _checks.set_field(self, "tags", tags)

    def __call__(self, order: Order, /, *, context: Context) -> int:
        if order.tags:
            for place, tag in enumerate(self.tags):
                if tag in order.tags:
                    return place
        return len(self.tags)

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        place = self(order, context=context)
        if place == len(self.tags):
            return f"no tag of {', '.join(map(_checks.shown, self.tags)) or 'any sequence'}"
        return f"tag {_checks.shown(self.tags[place])}"


@attrs.frozen(init=False, weakref_slot=False)
class service_level:  # noqa: N801 - it is used as the function that it makes
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

    attribute: str
    levels: tuple[str, ...]
    _place: Mapping[str, int] = attrs.field(eq=False, repr=False)
    _last: int = attrs.field(eq=False, repr=False)

    def __init__(self, attribute: str, *levels: str) -> None:
        _checks.check_id("service_level.attribute", attribute)
        _checks.set_field(self, "_place", _places("service_level.levels", levels, "level"))
        _checks.set_field(self, "attribute", attribute)
        _checks.set_field(self, "levels", levels)
        _checks.set_field(self, "_last", len(levels))

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return self._place.get(order.attributes.get(self.attribute, ""), self._last)

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation. A level that the sequence does not name is noted."""
        return _named(self.attribute, order.attributes.get(self.attribute, ""), self._place)


# -- By hand ---------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class _Marked:
    """What a person marks an order with: one of these."""

    tag: str = ""
    attribute: str = ""

    def __attrs_post_init__(self) -> None:
        word = type(self).__name__
        _checks.check_text(f"{word}.tag", self.tag)
        _checks.check_text(f"{word}.attribute", self.attribute)
        if bool(self.tag) is bool(self.attribute):
            raise _checks.refuse(
                word, (self.tag, self.attribute), "is not one mark; pass a tag or an attribute"
            )

    def __repr__(self) -> str:
        name = "tag" if self.tag else "attribute"
        return f"{type(self).__name__}({name}={getattr(self, name)!r})"

    def marks(self, order: Order) -> bool:
        """Whether the order has the mark."""
        if self.tag:
            return self.tag in order.tags
        return order.attributes.get(self.attribute, "").strip().lower() not in _NOT_MARKED


class expedited(_Marked):  # noqa: N801 - it is used as the function that it makes
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

    __slots__ = ()

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return 0 if self.marks(order) else 1

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return "expedited" if self.marks(order) else "not expedited"


class delayed(_Marked):  # noqa: N801 - it is used as the function that it makes
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

    __slots__ = ()

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return 1 if self.marks(order) else 0

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return "delayed" if self.marks(order) else "not delayed"


# -- Money -----------------------------------------------------------------------------------------


@attrs.frozen(init=False, weakref_slot=False)
class _Money:
    """What compares amounts in several currencies."""

    rates: tuple[tuple[str, Decimal], ...]
    _by_code: Mapping[str, Decimal] = attrs.field(eq=False, repr=False)

    def __init__(self, rates: Mapping[str, Decimal]) -> None:
        word = type(self).__name__
        by_code: dict[str, Decimal] = {}
        for currency, rate in rates.items():
            code = _checks.check_code(f"{word}.rates (key)", currency, 3, "EUR")
            _checks.check_money(f"{word}.rates[{currency!r}]", rate)
            by_code[code] = rate
        _checks.set_field(self, "rates", tuple(sorted(by_code.items())))
        _checks.set_field(self, "_by_code", by_code)

    def _worth(self, amount: Decimal, currency: str, order: Order) -> Decimal:
        rate = self._by_code.get(currency)
        if rate is None:
            raise PluginError(repr(self), order.id, f"there is no rate for {currency}; add one")
        return _checks.EXACT.multiply(amount, rate)


class order_value(_Money):  # noqa: N801 - it is used as the function that it makes
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

    __slots__ = ()

    def __call__(self, order: Order, /, *, context: Context) -> Decimal:
        return self._worth(order.total, order.currency, order)

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return f"an order value of {_checks.money_text(order.total)} {order.currency}"


class customer_value(_Money):  # noqa: N801 - it is used as the function that it makes
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

    __slots__ = ()

    def __call__(self, order: Order, /, *, context: Context) -> Decimal:
        total = _NOTHING
        for past in self._past(order, context) or ():
            if past.id != order.id:
                worth = self._worth(past.total, past.currency, order)
                total = _checks.EXACT.add(total, worth)
        return total

    @staticmethod
    def _past(order: Order, context: Context) -> tuple[PastOrder, ...] | None:
        known = context.facts.customer(order.customer.id)
        return None if known is None else known.orders

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        if self._past(order, context) is None:
            return "nothing known of what the customer bought before"
        worth = _checks.money_text(self(order, context=context))
        return f"purchases of {worth} by the customer before"
