"""What the customer asked for: an order, its lines, who pays, and where it goes.

All values are frozen and checked when they are made, so whoever holds an `Order` holds a
well-formed one. Whether it is a *good* one (paid, complete, plausible) is for verifiers to say.
Instants are kept in UTC: an exact repeat is equal, whatever zone it was written in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

import attrs

from fulfill_core import _checks, _values
from fulfill_core._checks import EXACT, FrozenMap
from fulfill_core.orders.contacts import mailbox_of
from fulfill_core.orders.money import NOTHING
from fulfill_core.orders.payment import Payment

_BLANKS = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, (*range(0x2000, 0x200E), 0x2060, 0xFEFF))
)
"""White space, and what takes no space at all: it comes along when an address is copied."""
_NO_ATTRIBUTES = FrozenMap()
_NO_WORDS: frozenset[str] = frozenset()
_Member = TypeVar("_Member", "OrderLine", "Payment")


class Ship(StrEnum):
    """How an order may leave the house when not everything is there.

    >>> Ship("complete") is Ship.COMPLETE
    True
    """

    PARTIAL = "partial"
    """Whatever is there, the rest later."""
    LINES = "lines"
    """Each line whole, or not yet."""
    COMPLETE = "complete"
    """All lines together, or nothing yet."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Customer:
    """Who ordered.

    Args:
        id: the host's id of the customer, not empty.
        name: as the customer wrote it; may be empty.
        email: an e-mail address, empty if there is none. White space around it is taken off.
        phone: a phone number, empty if there is none.
        tier: the host's word for the customer's standing, such as ``"gold"``.
        minimum_life: how much of a lot's life has to be left when it is delivered to them, zero or
            more; an item may ask for more.

    Raises:
        InvalidValueError: an empty id, or anything that is not a str.

    >>> Customer(id="C-7", email="ada@example.com").tier
    'standard'
    """

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    tier: str = "standard"
    minimum_life: timedelta = timedelta(0)
    mailbox: str = attrs.field(init=False, eq=False, repr=False)
    """The e-mail address, if it can be one mailbox; empty if not, as with ``n/a``."""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults("id", id="-")
    def __attrs_post_init__(self) -> None:
        _checks.check_id("Customer.id", self.id)
        _checks.check_text("Customer.name", self.name)
        _checks.check_text("Customer.email", self.email)
        if self.email[:1].isspace() or self.email[-1:].isspace() or not self.email.isprintable():
            _checks.set_field(self, "email", self.email.strip(_BLANKS))
        _checks.set_field(self, "mailbox", mailbox_of(self.email))
        _checks.check_text("Customer.phone", self.phone)
        _checks.check_text("Customer.tier", self.tier)
        _checks.check_duration("Customer.minimum_life", self.minimum_life)


_NOBODY = Customer(id="-")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Address:
    """Where something goes: a postal address as it was given.

    Args:
        name: whose address it is.
        street: the street lines, as a list or tuple of str.
        city: the town.
        postal_code: as text: ``"01067"`` keeps its zero.
        region: state or province, where a country has them.
        country: two letters of ISO 3166-1, upper or lower case; empty if it is not known.

    Raises:
        InvalidValueError: a field of the wrong type, or a country that is not two letters.

    >>> Address(name="Ada", street=["1 Main St"], city="Springfield", country="us").country
    'US'
    """

    name: str
    street: tuple[str, ...] = attrs.field(converter=_checks.to_texts)
    city: str
    postal_code: str = ""
    region: str = ""
    country: str = ""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults("name", name="-", street=(), city="-")
    def __attrs_post_init__(self) -> None:
        _checks.check_text("Address.name", self.name)
        _checks.check_members("Address.street", self.street, str)
        for position, line in enumerate(self.street):
            if type(line) is not str:
                _checks.check_text(f"Address.street[{position}]", line)
        _checks.check_text("Address.city", self.city)
        _checks.check_text("Address.postal_code", self.postal_code)
        _checks.check_text("Address.region", self.region)
        if self.country != "":
            _checks.check_text("Address.country", self.country)
            code = _checks.check_code("Address.country", self.country, 2, "DE")
            _checks.set_field(self, "country", code)


@attrs.frozen(kw_only=True, weakref_slot=False)
class OrderLine:
    """One SKU and how many of it.

    Args:
        id: the line's id, unique within its order.
        sku: the stock keeping unit. ``"mug"`` and ``"Mug"`` are two; nothing is guessed.
        quantity: how many were ordered, 1 or more.
        unit_price: the price of one, a Decimal in the order's currency.
        discount: what is taken off the line, a Decimal of zero or more; what is taken off the order
            as a whole is `Order.discount`.
        tax: the tax on the line that is not in its price, a Decimal of zero or more.
        agreed_total: what the customer saw for the line, its discount and tax included, a Decimal
            of zero or more; None if that was not kept. If it is given, it counts.
        units_each: stock units in one of them: a box of 12 is ``units_each=12``. It comes from one
            place.
        lot: the lot, or serial number, that the customer asks for: the line gets units of lots with
            this id only, wherever they lie, and waits for no supply; empty for any.
        ships: False for what is not sent anywhere, such as a download.
        deliver_by: the deadline of this line, aware, kept in UTC; None for that of the order.
        ship_after: this line is not shipped, and has no claim on scarce stock, before this instant,
            aware, kept in UTC; None for that of the order. What ships complete waits for the last.
        replaces: the line in whose place this one is, by id; empty if it is in none.
        attributes: the host's own pairs of str and str, such as cost, weight or supplier; part of
            the order's version where `Order.version_words` names them.

    Raises:
        InvalidValueError: a quantity of 0 or 1.5, a float as price, an empty sku, and the like.

    >>> OrderLine(id="1", sku="mug", quantity=2, units_each=12).units
    24
    """

    id: str
    sku: str
    quantity: int
    unit_price: Decimal = NOTHING
    discount: Decimal = NOTHING
    tax: Decimal = NOTHING
    agreed_total: Decimal | None = None
    units_each: int = 1
    lot: str = ""
    ships: bool = True
    deliver_by: datetime | None = None
    ship_after: datetime | None = None
    replaces: str = ""
    attributes: FrozenMap = attrs.field(default=_NO_ATTRIBUTES, converter=_checks.to_frozen_map)
    units: int = attrs.field(init=False, eq=False, repr=False)
    """What the line asks of the stock: ``quantity * units_each``, in stock units."""
    is_particular: bool = attrs.field(init=False, eq=False, repr=False)
    """Whether not any units will do: it asks for whole boxes, or for a lot."""
    total: Decimal = attrs.field(init=False, eq=False, repr=False)
    """What the line costs: what was agreed, else the `calculated_total`."""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults("id", id="-", sku="-", quantity=1)
    def __attrs_post_init__(self) -> None:
        _checks.check_id("OrderLine.id", self.id)
        _checks.check_id("OrderLine.sku", self.sku)
        _checks.check_int("OrderLine.quantity", self.quantity, at_least=1)
        _checks.check_money("OrderLine.unit_price", self.unit_price)
        if self.discount is not NOTHING:
            _checks.check_money("OrderLine.discount", self.discount)
        if self.tax is not NOTHING:
            _checks.check_money("OrderLine.tax", self.tax)
        _checks.check_int("OrderLine.units_each", self.units_each, at_least=1)
        _checks.check_optional_id("OrderLine.lot", self.lot)
        _checks.check_optional_id("OrderLine.replaces", self.replaces)
        _checks.check_bool("OrderLine.ships", self.ships)
        if self.deliver_by is not None:
            _keep_deadline(self)
        if self.ship_after is not None:
            _checks.keep_in_utc(self, "ship_after")
        if self.attributes is not _NO_ATTRIBUTES:
            _checks.check_frozen_map("OrderLine.attributes", self.attributes)
        total = self.agreed_total
        if total is None:
            total = self.calculated_total
        else:
            _checks.check_money("OrderLine.agreed_total", total)
        put = _checks.set_field
        put(self, "units", self.quantity * self.units_each)
        put(self, "is_particular", self.units_each > 1 or self.lot != "")
        put(self, "total", total)

    @property
    def calculated_total(self) -> Decimal:
        """Price times quantity - discount + tax; below zero if the discount is larger than that."""
        total = EXACT.multiply(self.unit_price, self.quantity)
        if self.discount or self.tax:
            total = EXACT.add(EXACT.subtract(total, self.discount), self.tax)
        return total


def _keep_deadline(value: OrderLine | Order) -> None:
    """Check a deadline that is given, and keep it in UTC."""
    if type(value.deliver_by) is date:
        raise _checks.refuse(
            f"{type(value).__name__}.deliver_by",
            value.deliver_by,
            "is a date; pass the instant at which that day is over where it was promised,"
            " such as calendar.end_of_day(day)",
        )
    _checks.keep_in_utc(value, "deliver_by")


def line_with_units(line: OrderLine, units: int) -> OrderLine:
    """The line asking for so many stock units, whole or not in its own unit: what is left of it."""
    rest = attrs.evolve(line)
    _checks.set_field(rest, "units", units)
    return rest


def _to_lines(lines: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    return _checks.to_tuple(lines)


def _to_payments(payments: Iterable[Payment]) -> tuple[Payment, ...]:
    return _checks.to_tuple(payments)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Order:
    """What a customer asked for, paid for, and wants sent somewhere.

    Args:
        id: the order's id, not empty.
        placed_at: when it was placed, aware, kept in UTC.
        customer: who placed it.
        lines: `OrderLine` values with distinct ids, in any sequence: they are kept by id.
        currency: three letters of ISO 4217, upper or lower case. All money of the order is in it.
        ship_to: where it goes; None if it is not sent.
        bill_to: the payer's address, if it is another one.
        payments: `Payment` values with distinct ids, kept by id.
        shipping: what sending costs, a Decimal of zero or more.
        tax: the tax that is neither in the prices nor on a line, a Decimal of zero or more.
        discount: what is taken off the order as a whole, a Decimal of zero or more.
        agreed_total: what the customer saw and agreed to pay, a Decimal of zero or more; None if
            that was not kept. If it is given, it counts; `totals_sane` compares it.
        deliver_by: the deadline promised to the customer, aware, kept in UTC; None if there is
            none. A line may have its own.
        ship_after: not shipped, and no claim on scarce stock, before this instant, kept in UTC. A
            line may have its own.
        ship: what may leave when not everything is there.
        channel: the host's word for where it was placed.
        locale: the language of all messages about it, such as ``"de-AT"``.
        timezone: in whose days the customer is told dates, such as ``ZoneInfo("Asia/Tokyo")``; None
            if the host does not know: then those of the destination or the place count
            (`Decision.timezone`). No part of the order's version.
        tags: the host's own words.
        attributes: the host's own pairs of str and str.
        version_words: the tags and the keys of attributes (its own, and those of its lines) that
            are part of the order's version (`fingerprint`), such as ``"engraving"``; none unless
            the host says so.

    Raises:
        InvalidValueError: whatever is malformed, by field and value. What is merely wrong (unpaid,
            no address, no lines) is a verifier's finding instead.

    >>> from datetime import datetime, timezone
    >>> order = Order(
    ...     id="A-17",
    ...     placed_at=datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc),
    ...     customer=Customer(id="C-7", email="ada@example.com"),
    ...     lines=[OrderLine(id="1", sku="mug", quantity=2, unit_price=Decimal("9.90"))],
    ...     currency="EUR",
    ...     shipping=Decimal("4.90"),
    ... )
    >>> order.total
    Decimal('24.70')
    """

    id: str
    placed_at: datetime
    customer: Customer
    lines: tuple[OrderLine, ...] = attrs.field(converter=_to_lines)
    currency: str
    ship_to: Address | None = None
    bill_to: Address | None = None
    payments: tuple[Payment, ...] = attrs.field(default=(), converter=_to_payments)
    shipping: Decimal = NOTHING
    tax: Decimal = NOTHING
    discount: Decimal = NOTHING
    agreed_total: Decimal | None = None
    deliver_by: datetime | None = None
    ship_after: datetime | None = None
    ship: Ship = Ship.PARTIAL
    channel: str = ""
    locale: str = "en"
    timezone: tzinfo | None = attrs.field(default=None, hash=False)  # not every one can be hashed
    tags: frozenset[str] = attrs.field(default=_NO_WORDS, converter=_checks.to_frozenset)
    attributes: FrozenMap = attrs.field(default=_NO_ATTRIBUTES, converter=_checks.to_frozen_map)
    version_words: frozenset[str] = attrs.field(default=_NO_WORDS, converter=_checks.to_frozenset)
    total: Decimal = attrs.field(init=False, eq=False, repr=False)
    """What the order costs: what was agreed, else the `calculated_total`."""
    has_line_dates: bool = attrs.field(init=False, eq=False, repr=False)
    """Whether a line has a ``ship_after`` or ``deliver_by`` of its own."""
    _fingerprint: str = attrs.field(init=False, default="", eq=False, repr=False)

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @_checks.all_faults(
        "id", id="-", placed_at=_checks.SOME_INSTANT, customer=_NOBODY, lines=(), currency="EUR"
    )
    def __attrs_post_init__(self) -> None:
        _checks.check_id("Order.id", self.id)
        _checks.keep_in_utc(self, "placed_at")
        _checks.check_member("Order.customer", self.customer, Customer)
        _checks.check_members("Order.lines", self.lines, OrderLine)
        _checks.set_field(self, "lines", _by_id("Order.lines", self.lines))
        currency = _checks.check_code("Order.currency", self.currency, 3, "EUR")
        _checks.set_field(self, "currency", currency)
        if self.ship_to is not None:
            _checks.check_member("Order.ship_to", self.ship_to, Address)
        if self.bill_to is not None:
            _checks.check_member("Order.bill_to", self.bill_to, Address)
        _checks.check_members("Order.payments", self.payments, Payment)
        _checks.set_field(self, "payments", _by_id("Order.payments", self.payments))
        for name in ("shipping", "tax", "discount"):
            amount = getattr(self, name)
            if amount is not NOTHING:
                _checks.check_money(f"Order.{name}", amount)
        if self.deliver_by is not None:
            _keep_deadline(self)
        if self.ship_after is not None:
            _checks.keep_in_utc(self, "ship_after")
        has_dates = [line for line in self.lines if line.ship_after or line.deliver_by]
        _checks.set_field(self, "has_line_dates", bool(has_dates))
        _checks.keep_word(self, "ship", Ship)
        _checks.check_text("Order.channel", self.channel)
        _checks.check_id("Order.locale", self.locale, *_checks.LOCALE)
        if self.timezone is not None:
            _checks.check_timezone("Order.timezone", self.timezone)
        if self.tags is not _NO_WORDS:
            _checks.check_words("Order.tags", self.tags)
        if self.attributes is not _NO_ATTRIBUTES:
            _checks.check_frozen_map("Order.attributes", self.attributes)
        if self.version_words is not _NO_WORDS:
            _checks.check_words("Order.version_words", self.version_words)
        total = self.agreed_total
        if total is None:
            total = self.calculated_total
        else:
            _checks.check_money("Order.agreed_total", total)
        _checks.set_field(self, "total", total)

    @property
    def calculated_total(self) -> Decimal:
        """Lines + shipping + tax - discount; below zero if the discount is larger than the rest."""
        total = self.shipping
        for line in self.lines:
            total = EXACT.add(total, line.total)
        return EXACT.subtract(EXACT.add(total, self.tax), self.discount)

    @property
    def fingerprint(self) -> str:
        """The version of this order: 64 hex digits, the same for equal orders in any process.

        It covers what a person or a screening judged: who ordered, what, where it goes, for how
        much, by when and how it ships. An approval names it, so that a changed order is judged
        anew. How far its payments have come is no part of it, nor are the customer's tier, locale,
        time zone and channel, nor tags and attributes but for those that ``version_words`` names.
        """
        if not self._fingerprint:  # several verifiers may ask for it: it is worked out once
            # Not at once: it is about orders, so it needs this module.
            from fulfill_core.orders.version import version_of  # noqa: PLC0415 - as said

            _checks.set_field(self, "_fingerprint", version_of(self))
        return self._fingerprint


def _by_id(path: str, members: tuple[_Member, ...]) -> tuple[_Member, ...]:
    """The members in the sequence of their ids: how a host lists them must change nothing."""
    if len(members) < 2:  # noqa: PLR2004 - one is in its place
        return members
    _checks.check_unique(path, [member.id for member in members], "id")
    return tuple(sorted(members, key=lambda member: member.id))


_OrderTwin = _values.twin(Order)


def order_with_payments(order: Order, payments: tuple[Payment, ...]) -> Order:
    """The order with these payments instead, of distinct ids, by id: nothing is checked again.

    See `_values.twin`.
    """
    twin = _OrderTwin()
    twin.id, twin.placed_at, twin.customer = order.id, order.placed_at, order.customer
    twin.lines, twin.payments = order.lines, payments
    twin.currency, twin.shipping, twin.tax = order.currency, order.shipping, order.tax
    twin.discount, twin.agreed_total, twin.total = order.discount, order.agreed_total, order.total
    twin.ship_to, twin.bill_to, twin.ship = order.ship_to, order.bill_to, order.ship
    twin.deliver_by, twin.ship_after = order.deliver_by, order.ship_after
    twin.has_line_dates, twin.timezone = order.has_line_dates, order.timezone
    twin.channel, twin.locale, twin.tags = order.channel, order.locale, order.tags
    twin.attributes, twin.version_words = order.attributes, order.version_words
    twin._fingerprint = order._fingerprint  # noqa: SLF001 - payments are no part of it
    twin.__class__ = Order
    copy: Order = twin
    return copy
