"""Facts of a shop's own kind: sanctions, recalls, margins, and whatever its rules go by."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import attrs

from fulfill_core import _checks
from fulfill_core._checks import FrozenMap
from fulfill_core.orders.order import Order
from fulfill_core.records.json_numbers import from_json_number


class FactSubject(StrEnum):
    """What a fact is about.

    >>> FactSubject("sku")
    <FactSubject.SKU: 'sku'>
    """

    ORDER = "order"
    """An order: it is known by the order's id."""
    CUSTOMER = "customer"
    """Whoever placed it: it is known by the customer's id."""
    SKU = "sku"
    """What is on its lines: one fact for each SKU."""


_FIELDS = {
    FactSubject.ORDER: "id",
    FactSubject.CUSTOMER: "customer.id",
    FactSubject.SKU: "lines",
}


@attrs.frozen(kw_only=True, weakref_slot=False)
class ShopFactKind:
    """What a verifier of the shop has to know, beside screenings and customers.

    Args:
        name: the shop's word for it, such as ``"sanctions"``; each word is one kind.
        about: what it is about: a `FactSubject`, or its word.

    >>> RECALLS = ShopFactKind(name="recalls", about="sku")
    >>> RECALLS.about
    <FactSubject.SKU: 'sku'>
    """

    name: str
    about: FactSubject

    def __attrs_post_init__(self) -> None:
        _checks.check_id("ShopFactKind.name", self.name)
        about = _checks.to_word("ShopFactKind.about", self.about, FactSubject)
        _checks.set_field(self, "about", about)

    @property
    def field(self) -> str:
        """What of an order it is about, as a path."""
        return _FIELDS[self.about]

    def subjects_of(self, order: Order) -> tuple[str, ...]:
        """The ids that facts of this kind about an order are known by, sorted."""
        if self.about is FactSubject.ORDER:
            return (order.id,)
        if self.about is FactSubject.CUSTOMER:
            return (order.customer.id,)
        return tuple(sorted({line.sku for line in order.lines}))


@attrs.frozen(kw_only=True, weakref_slot=False)
class ShopFact:
    """One thing that a shop knows of an order, a customer or a SKU.

    That nothing was found is a fact as well: without it, nobody has looked.

    Args:
        kind: the name of its `ShopFactKind`.
        subject: the id of the order or of the customer, or the SKU.
        number: a number that it comes to, an int or a Decimal; or its text, as JSON writes it. None
            if it is none.
        attributes: pairs of str and str: what else is known.
        fingerprint: of a fact about an order, the version that it is about (`Order.fingerprint`);
            empty if it counts for any.

    >>> ShopFact(kind="margins", subject="mug", number="0.31").number
    Decimal('0.31')
    """

    kind: str
    subject: str
    number: int | Decimal | None = attrs.field(default=None, converter=from_json_number)
    attributes: FrozenMap = attrs.field(default=FrozenMap(), converter=_checks.to_frozen_map)
    fingerprint: str = ""

    def __attrs_post_init__(self) -> None:
        _checks.check_id("ShopFact.kind", self.kind)
        _checks.check_id("ShopFact.subject", self.subject)
        if self.number is not None:
            _checks.check_number("ShopFact.number", self.number)
        _checks.check_frozen_map("ShopFact.attributes", self.attributes)
        _checks.check_text("ShopFact.fingerprint", self.fingerprint)
