"""Does the order make sense in itself, and within its batch?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import cast

import attrs

from fulfill_core import _checks
from fulfill_core._checks import EXACT, money_text, repr_of
from fulfill_core.decisions.finding import (
    CONFLICTING_DUPLICATE,
    TEST_ORDER,
    Finding,
    hold,
    note,
    reject,
)
from fulfill_core.orders.money import at_precision, smallest_unit
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.records.facts import Context

_NOTHING = Decimal(0)
_PAIR = 2
_CHARGES = 3  # shipping, tax, discount: each may have been rounded


def has_lines(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """The order asks for something.

    Codes: ``order.no_lines`` (HOLD).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> [finding.code for finding in has_lines(order, context=Context(now=now))]
    ['order.no_lines']
    """
    if order.lines:
        return ()
    return (hold("order.no_lines", field="lines", detail="The order asks for nothing."),)


def totals_sane(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """The totals are not below zero, and what the customer saw is what the parts add up to.

    What the customer saw counts (`Order.agreed_total`, `OrderLine.agreed_total`), and where it is
    given it is compared with the sum. What rounding can explain is a note: half a smallest unit for
    each unit ordered and each charge, and a whole one for a line.

    Codes: ``order.negative_total`` (REJECT), ``line.negative_total`` (HOLD, one per line),
    ``order.total_differs`` and ``line.total_differs`` (HOLD), ``order.total_rounded`` and
    ``line.total_rounded`` (NOTE).

    >>> from datetime import datetime, timezone
    >>> from decimal import Decimal
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", discount=Decimal(5))
    >>> [finding.detail for finding in totals_sane(order, context=Context(now=now))]
    ['The total is -5 EUR: the discount of 5 EUR is more than all the rest.']
    """
    findings: list[Finding] = []
    if order.total < 0:
        findings.append(_negative_total(order))
    if order.agreed_total is not None:
        findings += _difference(order)
    for line in order.lines:
        if line.discount and line.total < 0:
            findings.append(_negative_line(line, order.currency))
        if line.agreed_total is not None:
            findings += _difference_of_line(line, order.currency)
    return findings or ()


def _negative_total(order: Order) -> Finding:
    return reject(
        "order.negative_total",
        field="discount",
        detail=f"The total is {money_text(order.total)} {order.currency}: the discount of"
        f" {money_text(order.discount)} {order.currency} is more than all the rest.",
        measure=-order.total,
    )


def _negative_line(line: OrderLine, currency: str) -> Finding:
    return hold(
        "line.negative_total",
        field=f"lines[{line.id}].discount",
        line_id=line.id,
        detail=f"Line {line.id} costs {money_text(line.total)} {currency}: its discount of"
        f" {money_text(line.discount)} {currency} is more than all the rest.",
        measure=-line.total,
    )


def _difference(order: Order) -> Iterable[Finding]:
    """What is to be said of an order whose total was agreed, and is not the sum of its parts."""
    agreed, sum_of_parts = order.total, order.calculated_total
    if at_precision(agreed, order.currency) == at_precision(sum_of_parts, order.currency):
        return
    difference = abs(EXACT.subtract(agreed, sum_of_parts))
    parts = sum([line.quantity for line in order.lines]) + _CHARGES
    sentence = (
        f"The customer saw a total of {money_text(agreed)} {order.currency}; lines, shipping, tax"
        f" and discount come to {money_text(sum_of_parts)} {order.currency}"
    )
    if difference <= EXACT.multiply(smallest_unit(order.currency), Decimal(parts) / 2):
        yield note(
            "order.total_rounded",
            field="agreed_total",
            detail=f"{sentence}, as rounding may do.",
            evidence=_side(agreed, sum_of_parts),
            measure=difference,
        )
        return
    yield hold(
        "order.total_differs",
        field="agreed_total",
        detail=f"{sentence}.",
        evidence=_side(agreed, sum_of_parts),
        measure=difference,
    )


def _difference_of_line(line: OrderLine, currency: str) -> Iterable[Finding]:
    """The same of a line."""
    agreed, sum_of_parts = line.total, line.calculated_total
    if at_precision(agreed, currency) == at_precision(sum_of_parts, currency):
        return
    difference = abs(EXACT.subtract(agreed, sum_of_parts))
    sentence = (
        f"The customer saw {money_text(agreed)} {currency} for line {line.id}; its price, discount"
        f" and tax come to {money_text(sum_of_parts)} {currency}"
    )
    if difference <= EXACT.multiply(smallest_unit(currency), Decimal(line.quantity + 1) / 2):
        yield note(
            "line.total_rounded",
            field=f"lines[{line.id}].agreed_total",
            line_id=line.id,
            detail=f"{sentence}, as rounding may do.",
            evidence=_side(agreed, sum_of_parts),
            measure=difference,
        )
        return
    yield hold(
        "line.total_differs",
        field=f"lines[{line.id}].agreed_total",
        line_id=line.id,
        detail=f"{sentence}.",
        evidence=_side(agreed, sum_of_parts),
        measure=difference,
    )


def _side(agreed: Decimal, sum_of_parts: Decimal) -> str:
    return "less than the sum" if agreed < sum_of_parts else "more than the sum"


def prices_sane(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Lines that cost nothing are pointed out: a gift, or a price that got lost.

    Codes: ``line.free`` (NOTE, one per line).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="sample", quantity=1)])
    >>> [finding.field for finding in prices_sane(order, context=Context(now=now))]
    ['lines[1].unit_price']
    """
    for line in order.lines:
        if not line.unit_price:
            return [_free(line) for line in order.lines if not line.unit_price]
    return ()


def _free(line: OrderLine) -> Finding:
    return note(
        "line.free",
        field=f"lines[{line.id}].unit_price",
        detail=f"Line {line.id} ({line.quantity} x {line.sku}) costs nothing.",
    )


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


def no_conflicting_duplicate(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """No two different orders of the batch have the same id.

    `process` always asks this one, whatever its ``verifiers`` are, and no approval waives it: which
    of the two is meant is not for a library to guess.

    Codes: ``order.conflicting_duplicate`` (HOLD).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> context = Context(now=now, duplicates={"A-1"})
    >>> [finding.code for finding in no_conflicting_duplicate(order, context=context)]
    ['order.conflicting_duplicate']
    """
    if order.id not in context.duplicates:
        return ()
    return (
        hold(
            CONFLICTING_DUPLICATE,
            field="id",
            detail=f"The batch holds different orders under the id {order.id!r}.",
        ),
    )


# -- Settings of the shop's own --------------------------------------------------------------------


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
        _checks.check_rows("price_drift.prices (keys)", (key,), _PAIR)
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
    _checks.check_rows("no_test_orders.attributes", pairs, _PAIR)
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
