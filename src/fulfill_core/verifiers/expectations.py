"""Is the order as the shop expects it: its prices, its tiers, and no trial?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import cast

import attrs

from fulfill_core import _checks
from fulfill_core._checks import EXACT, money_text, repr_of
from fulfill_core.decisions.finding import TEST_ORDER, Finding, hold, note, reject
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.records.facts import Context

_NOTHING = Decimal(0)


@attrs.frozen(weakref_slot=False, repr=False)
class KnownTier:
    """Whether the shop knows the tier, as `known_tier` makes it."""

    tiers: frozenset[str]

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        tier = order.customer.tier
        if tier in self.tiers:
            return ()
        return (
            note(
                "customer.unknown_tier",
                field="customer.tier",
                detail=f"The customer's tier is {repr_of(tier)}, which is not one that the shop"
                " knows.",
                evidence=tier,
            ),
        )

    def __repr__(self) -> str:
        return f"known_tier({', '.join(map(repr, sorted(self.tiers)))})"


def known_tier(*tiers: str) -> KnownTier:
    """A tier of the customer that the shop does not know is pointed out: it may be a slip.

    `customer_tier` serves such an order last. This says so where somebody sees it.

    Args:
        tiers: the tiers that there are, in any sequence.

    Codes: ``customer.unknown_tier`` (NOTE).

    Raises:
        InvalidValueError: a tier that is no text.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7", tier="glod"), lines=[],
    ...               currency="EUR")
    >>> verifier = known_tier("gold", "silver", "standard")
    >>> [finding.detail for finding in verifier(order, context=Context(now=now))]
    ["The customer's tier is 'glod', which is not one that the shop knows."]
    """
    for position, tier in enumerate(tiers):
        _checks.check_text(f"known_tier({position})", tier)
    return KnownTier(frozenset(tiers))


@attrs.frozen(weakref_slot=False, repr=False)
class PriceDrift:
    """Whether prices are those of a list, as `price_drift` makes it."""

    prices: tuple[tuple[tuple[str, str], Decimal], ...]
    at_most: Decimal
    _by_key: Mapping[tuple[str, str], Decimal] = attrs.field(alias="by_key", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        findings: list[Finding] = []
        currency = order.currency
        for line in order.lines:
            listed = self._by_key.get((line.sku, currency))
            if listed is None:
                findings.append(_price_unknown(line, currency))
                continue
            expected = EXACT.multiply(listed, line.units_each)
            if line.unit_price == expected:
                continue
            drift = abs(EXACT.subtract(line.unit_price, expected))
            if drift > EXACT.multiply(expected, self.at_most):
                findings.append(_price_drift(line, currency, expected))
        return findings or ()

    def __repr__(self) -> str:
        return f"price_drift(<{len(self.prices)} prices>, at_most={self.at_most!r})"


def price_drift(
    prices: Mapping[tuple[str, str], Decimal], *, at_most: Decimal = _NOTHING
) -> PriceDrift:
    """The unit prices are those of the shop's price list, but for a tolerance.

    Too low counts as well as too high. The discount of an order is apart: prices are compared
    before it. Each line is held for itself, so the others can go.

    Args:
        prices: the price of one stock unit, a Decimal, by (SKU, currency), such as
            ``{("mug", "EUR"): Decimal("9.90")}``. A pack is expected to cost as many times as much
            as it has units; a price is never compared with one in another currency.
        at_most: by how much a price may differ, as a fraction of the listed one, from 0 to 1:
            ``Decimal("0.05")`` is 5 %.

    Codes, one per line: ``line.price_drift`` (HOLD), ``line.price_unknown`` (HOLD, the list has no
    price of the SKU in the order's currency).

    Raises:
        InvalidValueError: a key that is no SKU and currency, a float as price, a tolerance above 1.

    >>> from datetime import datetime, timezone
    >>> from decimal import Decimal
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...     lines=[OrderLine(id="1", sku="mug", quantity=2, unit_price=Decimal("0.99"))])
    >>> verifier = price_drift({("mug", "EUR"): Decimal("9.90")}, at_most=Decimal("0.05"))
    >>> [finding.detail for finding in verifier(order, context=Context(now=now))]
    ["One 'mug' costs 0.99 EUR; by the price list it is 9.90 EUR."]
    """
    _checks.check_mapping("price_drift.prices", prices, "a dict by (SKU, currency)")
    by_key: dict[tuple[str, str], Decimal] = {}
    for key, price in prices.items():
        _checks.check_rows("price_drift.prices (keys)", (key,), "SKU", "currency")
        sku, currency = key
        _checks.check_id("price_drift.prices (SKU)", sku)
        code = _checks.check_code("price_drift.prices (currency)", currency, 3, "EUR")
        _checks.check_money(f"price_drift.prices[{repr_of(key)}]", price)
        if (sku, code) in by_key:
            raise _checks.refuse("price_drift.prices", key, "was given before; pass it once")
        by_key[sku, code] = price
    _checks.check_number("price_drift.at_most", at_most)
    if not 0 <= at_most <= 1:
        raise _checks.refuse(
            "price_drift.at_most", at_most, "is not from 0 to 1; 5 % is Decimal('0.05')"
        )
    pairs = tuple(sorted(by_key.items()))
    return PriceDrift(pairs, at_most=Decimal(at_most), by_key=by_key)


def _price_drift(line: OrderLine, currency: str, expected: Decimal) -> Finding:
    pack = "" if line.units_each == 1 else f"pack of {line.units_each} x "
    return hold(
        "line.price_drift",
        field=f"lines[{line.id}].unit_price",
        line_id=line.id,
        detail=f"One {pack}{repr_of(line.sku)} costs {money_text(line.unit_price)} {currency};"
        f" by the price list it is {money_text(expected)} {currency}.",
        evidence="too low" if line.unit_price < expected else "too high",
        measure=abs(EXACT.subtract(line.unit_price, expected)),
    )


def _price_unknown(line: OrderLine, currency: str) -> Finding:
    return hold(
        "line.price_unknown",
        field=f"lines[{line.id}].sku",
        line_id=line.id,
        detail=f"The price list has no price of {repr_of(line.sku)} in {currency}.",
        evidence=f"{line.sku} in {currency}",
    )


@attrs.frozen(weakref_slot=False, repr=False)
class NoTestOrders:
    """Marks of test orders, as `no_test_orders` makes it."""

    tags: frozenset[str]
    attributes: tuple[tuple[str, str], ...]
    _plain_tags: frozenset[str] = attrs.field(alias="plain_tags", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        findings = [
            _test_order("tags", f"the tag {repr_of(tag)}")
            for tag in sorted(order.tags)
            if _plain(tag) in self._plain_tags
        ]
        for key, value in self.attributes:
            content = order.attributes.get(key)
            if content is not None and _plain(content) == _plain(value):
                words = f"the attribute {repr_of(key)}, {repr_of(content)}"
                findings.append(_test_order(f"attributes[{key}]", words))
        return findings or ()

    def __repr__(self) -> str:
        return f"no_test_orders(tags={self.tags!r}, attributes={self.attributes!r})"


def no_test_orders(
    *,
    tags: Iterable[str] = ("test",),
    attributes: Mapping[str, str] | Iterable[tuple[str, str]] = (),
) -> NoTestOrders:
    """The order was not placed to try something out. A test order never takes stock.

    No approval waives that. Case and blanks around a tag or a value make no difference.

    Args:
        tags: the tags that mark a test order.
        attributes: pairs of a key and a value of `Order.attributes` that mark one, as a mapping or
            as pairs.

    Codes: ``order.test`` (REJECT, one per mark).

    Raises:
        InvalidValueError: an empty tag, a pair that is none, or no mark at all.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", attributes={"gateway": "Bogus"})
    >>> verifier = no_test_orders(attributes={"gateway": "bogus"})
    >>> [finding.field for finding in verifier(order, context=Context(now=now))]
    ['attributes[gateway]']
    """
    words = _checks.to_frozenset(tags)
    _checks.check_words("no_test_orders.tags", words)
    for tag in sorted(words):
        _checks.check_id("no_test_orders.tags", tag)
    pairs = _checks.to_tuple(
        cast("Mapping[str, str]", attributes).items()
        if isinstance(attributes, Mapping)
        else attributes
    )
    _checks.check_rows("no_test_orders.attributes", pairs, "key", "value")
    for key, value in pairs:
        _checks.check_id("no_test_orders.attributes (key)", key)
        _checks.check_text(f"no_test_orders.attributes[{key!r}]", value)
    if not words and not pairs:
        raise _checks.refuse("no_test_orders.tags", tags, "marks nothing; pass a tag or a pair")
    plain_tags = frozenset(map(_plain, words))
    return NoTestOrders(words, tuple(sorted(pairs)), plain_tags=plain_tags)


def _plain(word: str) -> str:
    return word.strip().casefold()


def _test_order(field: str, words: str) -> Finding:
    return reject(TEST_ORDER, field=field, detail=f"It is a test order: it has {words}.")
