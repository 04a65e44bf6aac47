"""How an order travels: as one row of atoms, and the one place that writes and reads it.

Pickle takes eight times as long for an order, whose forty parts are objects, as for a tuple of text
and numbers with the same content. So an order is written as such a row (its lines and payments are
rows within it), and read without the checks that its values have passed. An amount and an instant
travel as text. What is worked out anew in no time, or may never be asked for, stays behind.

Other values that travel in numbers have rows as well: whoever defines them calls `travels_as`.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.altering import copier_of
from fulfill_core.orders.money import NOTHING
from fulfill_core.orders.order import Address, Customer, Order, OrderLine, Ship
from fulfill_core.orders.payment import Payment, PaymentStatus
from fulfill_core.orders.progress import Progress

T = TypeVar("T")

Row: TypeAlias = tuple[Any, ...]
"""Text, numbers, None; and rows."""

LAYOUT = 13
"""The number of the form of all rows that travel. Whoever changes a field of a value that has one,
or its row, counts on: what an earlier form has written is refused, not misread."""

_SHIP = {each.value: each for each in Ship}
_STATUS = {each.value: each for each in PaymentStatus}
_of_bytes: Callable[[bytes, tzinfo], datetime] = cast("Any", datetime)
_NO_WORDS: frozenset[str] = frozenset()
_NO_TIME = attrs.fields(Customer).minimum_life.default
_NO_ATTRIBUTES = attrs.fields(OrderLine).attributes.default


_VALUE_OF: dict[type[object], Callable[[Row], Any]] = {}
"""What reads the rows of a class; complete once the modules that define these classes are read."""


def travels_as(
    kind: type[T], row_of: Callable[[T], Row | None], value_of: Callable[[Row], T]
) -> None:
    """Values of exactly this class are pickled as rows.

    Args:
        kind: the class; what is derived from it travels as Python has it.
        row_of: the row of a value; None if it holds something derived from a class of ours, of
            which a row could not say all: then it travels as Python has it.
        value_of: the value of a row.
    """

    def reduce(value: T) -> str | tuple[Any, ...]:
        row = row_of(value)
        if row is None:
            return value.__reduce_ex__(2)
        return restored, (kind, LAYOUT, row)

    _VALUE_OF[kind] = value_of
    copyreg.pickle(kind, reduce)


def restored(kind: type[T], layout: int, row: Row) -> T:
    """The value of a row that has travelled. It is what pickles name, so it keeps its place.

    Raises:
        InvalidValueError: the row was written by another version of the library.
    """
    if layout != LAYOUT:
        raise _checks.refuse(
            f"pickle of {kind.__name__}",
            layout,
            f"is the layout of another version of fulfill_core (this one reads {LAYOUT}); make the"
            " value anew: pickles are for processes of one version",
        )
    value: T = _VALUE_OF[kind](row)
    return value


def travels_by_field(kind: type[T]) -> tuple[Callable[[T], Row], Callable[[Row], T]]:
    """Values of exactly this class are pickled as rows of their fields, each as it is.

    Returns:
        What writes a row, and what reads it.

    >>> home = Address(name="Ada", street=["1 Main St"], city="Leeds")
    >>> address_row(home), address_of(address_row(home)) == home
    (('Ada', ('1 Main St',), 'Leeds', '', '', ''), True)
    """
    slotted: Any = kind
    row_of = attrgetter(*slotted.__slots__)

    def value_of(row: Row) -> T:
        # Not at once: most processes read no rows, and each such class is made by attrs.
        copy_of, _ = copier_of(slotted)
        copy = copy_of(*row)
        copy.__class__ = kind
        value: T = copy
        return value

    travels_as(kind, row_of, value_of)
    return row_of, value_of


# -- Amounts and instants --------------------------------------------------------------------------


def text_of(amount: Decimal | None) -> str | None:
    """An amount as it travels, with all its digits, the last ones behind the point as well.

    >>> text_of(Decimal("9.90"))
    '9.90'
    """
    return None if amount is None else str(amount)


def amount_of(text: str | None) -> Decimal | None:
    """An amount that travelled.

    >>> amount_of("9.90")
    Decimal('9.90')
    """
    return None if text is None else Decimal(text)


def moment_of(instant: datetime | None) -> Any:
    """An instant as it travels: the ten bytes that pickle makes of it, without the zone.

    What is in no zone but its own (`Finding.waived_at`), or of a class of the host's, stays as it
    is.
    """
    if type(instant) is datetime and instant.tzinfo is UTC:
        return instant.__reduce__()[1][0]
    return instant


def instant_of(moment: Any) -> datetime | None:
    """An instant that travelled, in UTC as it was.

    >>> instant_of(moment_of(datetime(2026, 3, 2, 9, tzinfo=UTC)))
    datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.timezone.utc)
    """
    return _of_bytes(moment, UTC) if type(moment) is bytes else moment


# -- The parts of an order -------------------------------------------------------------------------
# A row has all fields of its value, those that were worked out among them: to read them costs less
# than to work them out again. What nearly all have alike is told apart by identity, and left out.

address_row, address_of = travels_by_field(Address)
progress_row, progress_of = travels_by_field(Progress)

_CustomerTwin = _values.twin(Customer)
_LineTwin = _values.twin(OrderLine)
_PaymentTwin = _values.twin(Payment)
_OrderTwin = _values.twin(Order)


def customer_row(customer: Customer) -> Row:
    """A customer as a row."""
    life = customer.minimum_life
    return (
        customer.id,
        customer.name,
        customer.email,
        customer.phone,
        customer.tier,
        None if life is _NO_TIME else life,
        customer.mailbox,
    )


def customer_of(row: Row) -> Customer:
    """The customer of a row."""
    twin = _CustomerTwin()
    twin.id, twin.name, twin.email, twin.phone, twin.tier, life, twin.mailbox = row
    twin.minimum_life = _NO_TIME if life is None else life
    twin.__class__ = Customer
    customer: Customer = twin
    return customer


def line_row(line: OrderLine) -> Row:
    """A line as a row."""
    rest: Row | None = None
    if not (
        line.discount is NOTHING
        and line.tax is NOTHING
        and line.agreed_total is None
        and line.units_each == 1
        and line.lot == ""
        and line.ships
        and line.deliver_by is None
        and line.ship_after is None
        and line.attributes is _NO_ATTRIBUTES
        and line.replaces == ""
        and line.units == line.quantity
    ):
        rest = (
            str(line.discount),
            str(line.tax),
            text_of(line.agreed_total),
            line.units_each,
            line.lot,
            line.ships,
            moment_of(line.deliver_by),
            moment_of(line.ship_after),
            line.attributes or None,
            line.replaces,
            line.units,
        )
    return line.id, line.sku, line.quantity, str(line.unit_price), str(line.total), rest


def line_of(row: Row) -> OrderLine:
    """The line of a row."""
    twin = _LineTwin()
    twin.id, twin.sku, quantity, unit_price, total, rest = row
    twin.quantity = quantity
    twin.unit_price = Decimal(unit_price)
    twin.total = Decimal(total)
    if rest is None:
        twin.discount = twin.tax = NOTHING
        twin.agreed_total = twin.deliver_by = twin.ship_after = None
        twin.units_each = 1
        twin.lot = ""
        twin.ships = True
        twin.attributes = _NO_ATTRIBUTES
        twin.replaces = ""
        twin.units = quantity
        twin.is_particular = False
    else:
        _add_rest(twin, rest)
    twin.__class__ = OrderLine
    line: OrderLine = twin
    return line


def _add_rest(twin: Any, rest: Row) -> None:
    """Put into a line what is not usual."""
    (
        discount,
        tax,
        agreed_total,
        twin.units_each,
        twin.lot,
        twin.ships,
        deliver_by,
        ship_after,
        attributes,
        twin.replaces,
        twin.units,
    ) = rest
    twin.discount = Decimal(discount)
    twin.tax = Decimal(tax)
    twin.agreed_total = amount_of(agreed_total)
    twin.deliver_by = instant_of(deliver_by)
    twin.ship_after = instant_of(ship_after)
    twin.attributes = attributes or _NO_ATTRIBUTES
    twin.is_particular = twin.units_each > 1 or twin.lot != ""


def payment_row(payment: Payment) -> Row:
    """A payment as a row. What its gateway says of it follows, but where nothing moved."""
    amount = payment.amount
    amounts: Row | None = None
    if not (
        payment.authorized is amount
        and payment.captured is NOTHING
        and payment.refunded is NOTHING
        and payment.charged_back is NOTHING
    ):
        amounts = (
            str(payment.authorized),
            str(payment.captured),
            str(payment.refunded),
            str(payment.charged_back),
            str(payment.paid),
        )
    return (
        payment.id,
        str(amount),
        str(payment.status),
        payment.method,
        payment.currency,
        amounts,
        moment_of(payment.authorized_at),
        moment_of(payment.expires_at),
        payment.avs,
        payment.cvv,
    )


def payment_of(row: Row) -> Payment:
    """The payment of a row."""
    twin = _PaymentTwin()
    (
        twin.id,
        amount,
        status,
        twin.method,
        twin.currency,
        amounts,
        authorized_at,
        expires_at,
        twin.avs,
        twin.cvv,
    ) = row
    twin.amount = twin.authorized = Decimal(amount)
    twin.captured = twin.refunded = twin.charged_back = twin.paid = NOTHING
    if amounts is not None:
        (
            twin.authorized,
            twin.captured,
            twin.refunded,
            twin.charged_back,
            twin.paid,
        ) = map(Decimal, amounts)
    twin.status = _STATUS[status]
    twin.authorized_at = instant_of(authorized_at)
    twin.expires_at = instant_of(expires_at)
    has_moved = twin.authorized or twin.captured or twin.refunded or twin.charged_back
    twin.__class__ = Payment
    payment: Payment = twin
    _checks.set_field(payment, "_word", None if has_moved else payment.status)
    return payment


# -- The order -------------------------------------------------------------------------------------

_PLAIN = frozenset({Customer, Address, OrderLine, Payment, type(None)})


def order_row(order: Order) -> Row | None:
    """An order as one row, the rows of its parts in it; None if it has a part that is no plain one.

    A class that somebody derived from ours may hold more than the row would say.
    """
    customer, ship_to, bill_to = order.customer, order.ship_to, order.bill_to
    lines, payments, attributes = order.lines, order.payments, order.attributes
    if not _PLAIN.issuperset(map(type, (customer, ship_to, bill_to, *lines, *payments))):
        return None
    return (
        order.id,
        moment_of(order.placed_at),
        customer_row(customer),
        tuple([line_row(line) for line in lines]),
        order.currency,
        None if ship_to is None else address_row(ship_to),
        None if bill_to is None else address_row(bill_to),
        tuple([payment_row(payment) for payment in payments]),
        str(order.shipping),
        str(order.tax),
        str(order.discount),
        text_of(order.agreed_total),
        moment_of(order.deliver_by),
        moment_of(order.ship_after),
        str(order.ship),
        order.channel,
        order.locale,
        order.timezone,
        order.tags or None,
        None if attributes is _NO_ATTRIBUTES else attributes,
        order.version_words or None,
        str(order.total),
        order.has_line_dates,
    )


def order_of(row: Row) -> Order:
    """The order of a row."""
    twin = _OrderTwin()
    (
        twin.id,
        placed_at,
        customer,
        lines,
        twin.currency,
        ship_to,
        bill_to,
        payments,
        shipping,
        tax,
        discount,
        agreed_total,
        deliver_by,
        ship_after,
        ship,
        twin.channel,
        twin.locale,
        twin.timezone,
        tags,
        attributes,
        version_words,
        total,
        twin.has_line_dates,
    ) = row
    twin.placed_at = instant_of(placed_at)
    twin.customer = customer_of(customer)
    twin.lines = tuple([line_of(line) for line in lines])
    twin.ship_to = None if ship_to is None else address_of(ship_to)
    twin.bill_to = None if bill_to is None else address_of(bill_to)
    twin.payments = tuple([payment_of(payment) for payment in payments])
    twin.shipping = Decimal(shipping)
    twin.tax = Decimal(tax)
    twin.discount = Decimal(discount)
    twin.agreed_total = amount_of(agreed_total)
    twin.deliver_by = instant_of(deliver_by)
    twin.ship_after = instant_of(ship_after)
    twin.ship = _SHIP[ship]
    twin.tags = tags or _NO_WORDS
    twin.attributes = attributes or _NO_ATTRIBUTES
    twin.version_words = version_words or _NO_WORDS
    twin.total = Decimal(total)
    twin.__class__ = Order
    order: Order = twin
    _checks.set_field(order, "_fingerprint", "")  # few ask for it: it is worked out anew
    return order


travels_as(Customer, customer_row, customer_of)
travels_as(OrderLine, line_row, line_of)
travels_as(Payment, payment_row, payment_of)
travels_as(Order, order_row, order_of)
