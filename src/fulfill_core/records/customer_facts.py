"""What services and records of the host say of an order and of a customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import cast

import attrs

from fulfill_core import _checks
from fulfill_core.records.json_numbers import from_json_number

_NOTHING = Decimal(0)


def _to_instants(instants: Iterable[datetime]) -> tuple[datetime, ...]:
    return _checks.to_tuple(instants)


def _to_units(units: Mapping[str, int] | Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    if isinstance(units, Mapping):
        return tuple(cast("Mapping[str, int]", units).items())
    return _checks.to_tuple(units)


def _in_utc(path: str, instants: tuple[datetime, ...]) -> tuple[datetime, ...]:
    _checks.check_members(path, instants, datetime)
    return tuple(
        [
            _checks.in_utc(f"{path}[{position}]", instant)
            for position, instant in enumerate(instants)
        ]
    )


@attrs.frozen(kw_only=True, weakref_slot=False)
class Screening:
    """What was found out about an order before the run: by a fraud service, the gateway, the host.

    An empty answer is unknown, and unknown is not bad: some gateways give none. That there is no
    screening at all is another thing: a verifier that needs one holds the order.

    Args:
        order_id: the order that was screened.
        fingerprint: the version that was screened (`Order.fingerprint`); empty if it counts for any
            version. With it, a changed order counts as not screened.
        score: the service's number on the service's own scale, an int or a Decimal, or its text as
            JSON writes it; the higher the worse; None if it gave none.
        avs: the gateway's answer on the address; empty if it gave none.
        cvv: the gateway's answer on the security code; empty if it gave none.
        flags: words of the host's or the service's own, such as ``"proxy"``.
        ip: the address that the order was placed from; empty if it is not known.
        cards: fingerprints of the cards that it is paid with, as the gateway gives them.
        same_card_at: when other recent orders were paid with one of these cards, aware,
            kept in UTC.
        same_address_at: when other recent orders went to the same address, aware, kept in
            UTC.
        same_ip_at: when other recent orders came from the same IP address, aware, kept in UTC.

    >>> Screening(order_id="A-17", score=91, flags=["proxy"]).score
    91
    """

    order_id: str
    fingerprint: str = ""
    score: int | Decimal | None = attrs.field(default=None, converter=from_json_number)
    avs: str = ""
    cvv: str = ""
    flags: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    ip: str = ""
    cards: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    same_card_at: tuple[datetime, ...] = attrs.field(default=(), converter=_to_instants)
    same_address_at: tuple[datetime, ...] = attrs.field(default=(), converter=_to_instants)
    same_ip_at: tuple[datetime, ...] = attrs.field(default=(), converter=_to_instants)

    @_checks.all_faults("order_id", order_id="-")
    def __attrs_post_init__(self) -> None:
        _checks.check_id("Screening.order_id", self.order_id)
        _checks.check_text("Screening.fingerprint", self.fingerprint)
        if self.score is not None:
            _checks.check_number("Screening.score", self.score)
        _checks.check_text("Screening.avs", self.avs)
        _checks.check_text("Screening.cvv", self.cvv)
        _checks.check_words("Screening.flags", self.flags)
        _checks.check_text("Screening.ip", self.ip)
        _checks.check_words("Screening.cards", self.cards)
        for name in ("same_card_at", "same_address_at", "same_ip_at"):
            instants = _in_utc(f"Screening.{name}", getattr(self, name))
            _checks.set_field(self, name, instants)


@attrs.frozen(kw_only=True, weakref_slot=False)
class PastOrder:
    """An order that a customer placed before, as far as verifiers ask about it.

    Args:
        id: its id. The order that is being verified may be among the past ones; it is left out.
        placed_at: when, aware, kept in UTC.
        total: what it cost, a Decimal; zero if it was cancelled.
        currency: three letters of ISO 4217.
        units: stock units by SKU, as a mapping or as pairs; none if it was cancelled.

    >>> from datetime import timezone
    >>> PastOrder(id="A-9", placed_at=datetime(2026, 2, 1, tzinfo=timezone.utc), currency="EUR",
    ...           total=Decimal("19.80"), units={"mug": 2}).units
    (('mug', 2),)
    """

    id: str
    placed_at: datetime
    total: Decimal
    currency: str
    units: tuple[tuple[str, int], ...] = attrs.field(default=(), converter=_to_units)

    @_checks.all_faults(
        "id", id="-", placed_at=_checks.SOME_INSTANT, total=_NOTHING, currency="EUR"
    )
    def __attrs_post_init__(self) -> None:
        _checks.check_id("PastOrder.id", self.id)
        _checks.keep_in_utc(self, "placed_at")
        _checks.check_money("PastOrder.total", self.total)
        code = _checks.check_code("PastOrder.currency", self.currency, 3, "EUR")
        _checks.set_field(self, "currency", code)
        _check_units("PastOrder.units", self.units, at_least=1)
        _checks.set_field(self, "units", tuple(sorted(self.units)))


def _check_units(path: str, units: tuple[tuple[str, int], ...], *, at_least: int) -> None:
    """Units by SKU, each SKU once."""
    _checks.check_rows(path, units, "SKU", "units")
    for sku, quantity in units:
        _checks.check_id(f"{path} (SKU)", sku)
        _checks.check_int(f"{path}[{sku!r}]", quantity, at_least=at_least)
    _checks.check_unique(path, (sku for sku, _ in units), "SKU")


def _to_past_orders(orders: Iterable[PastOrder]) -> tuple[PastOrder, ...]:
    return _checks.to_tuple(orders)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CustomerFacts:
    """What the host's records say of a customer. A new customer has facts too: without orders.

    Args:
        customer_id: the customer (`Customer.id`); or, of guests, a key of a `Likeness`, such as
            ``"email:ada@example.com"``: then it is about all orders with this e-mail address.
        orders: `PastOrder` values with distinct ids, as far back as the shop's rules look; kept by
            time.
        credit_limit: up to what amount the customer may owe the shop, a Decimal; None if no credit
            was granted.
        credit_used: what the customer owes already, without the orders of this run.
        currency: of the credit, three letters of ISO 4217; empty if there is none.
        units_bought: stock units by SKU, as a mapping or as pairs, that the customer got or will
            get by orders which are not in this run. They count for `Item.customer_cap`. Of a kit,
            kits, which count as their components; or the components. Over what time, the shop says.

    >>> CustomerFacts(customer_id="C-7").orders
    ()
    """

    customer_id: str
    orders: tuple[PastOrder, ...] = attrs.field(default=(), converter=_to_past_orders)
    credit_limit: Decimal | None = None
    credit_used: Decimal = _NOTHING
    currency: str = ""
    units_bought: tuple[tuple[str, int], ...] = attrs.field(default=(), converter=_to_units)

    @_checks.all_faults("customer_id", customer_id="-")
    def __attrs_post_init__(self) -> None:
        _checks.check_id("CustomerFacts.customer_id", self.customer_id)
        _checks.check_members("CustomerFacts.orders", self.orders, PastOrder)
        _checks.check_unique("CustomerFacts.orders", (past.id for past in self.orders), "order")
        by_time = sorted(self.orders, key=lambda past: (past.placed_at, past.id))
        _checks.set_field(self, "orders", tuple(by_time))
        if self.credit_limit is not None:
            _checks.check_money("CustomerFacts.credit_limit", self.credit_limit)
        _checks.check_money("CustomerFacts.credit_used", self.credit_used)
        if self.currency != "" or self.credit_limit is not None:
            code = _checks.check_code("CustomerFacts.currency", self.currency, 3, "EUR")
            _checks.set_field(self, "currency", code)
        _check_units("CustomerFacts.units_bought", self.units_bought, at_least=0)
        units_by_sku = sorted([(sku, units) for sku, units in self.units_bought if units])
        _checks.set_field(self, "units_bought", tuple(units_by_sku))
