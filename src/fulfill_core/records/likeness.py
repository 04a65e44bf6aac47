"""By what orders are alike: one customer, mailbox, phone number, card, address or IP address.

A guest has no account. What several orders of a guest have in common is what they wrote, and from
where. Each such thing has a key, a text that says what it is: ``"email:ada@example.com"``. What the
host knows of the orders with a key is `CustomerFacts` under that key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.orders.contacts import phone_of
from fulfill_core.orders.keys import MailboxProvider, address_key, mailbox_key, phone_key
from fulfill_core.orders.order import Order
from fulfill_core.records.customer_facts import Screening

Per: TypeAlias = Literal["customer", "email", "phone", "card", "address", "ip"]
Keys: TypeAlias = tuple[str, ...]


class _Trait(NamedTuple):
    """What one word means: in a sentence, and as a path of an order."""

    noun: str
    clause: str
    field: str


_TRAITS = {
    "customer": _Trait("customer", "of the customer", "customer.id"),
    "email": _Trait("e-mail address", "with the same e-mail address", "customer.email"),
    "phone": _Trait("phone number", "with the same phone number", "customer.phone"),
    "card": _Trait("card", "with the same card", "payments"),
    "address": _Trait("address", "to the same address", "ship_to"),
    "ip": _Trait("IP address", "from the same IP address", "id"),
}

WORDS = tuple(_TRAITS)
"""The words of `Per`."""


def _to_providers(providers: Iterable[MailboxProvider]) -> tuple[MailboxProvider, ...]:
    return _checks.to_tuple(providers)


@attrs.frozen(weakref_slot=False)
class Likeness:
    """By what orders count as those of one person, for rules that look at several of them.

    ======== ================================================= ==========================
    per      the key of an order                               where it comes from
    ======== ================================================= ==========================
    customer the id                                            the order
    email    the mailbox; aliases are folded by choice         the order
    phone    the number; the country is the payer's, then that the order
             of the address to ship to
    address  country, postal code, street and city             the order
    card     the card's fingerprint, one key for each card     `Screening.cards`
    ip       the IP address; of IPv6 the first 64 bits; one    `Screening.ip`
             key for each of several
    ======== ================================================= ==========================

    As a kind of fact it is `CustomerFacts` under those keys. An order without a key, such as one
    without an e-mail address, has nothing in common with any other.

    Args:
        per: the word, as above.
        providers: per e-mail, the `MailboxProvider` values whose aliases are folded: none, unless
            it is said.

    Raises:
        InvalidValueError: another word; providers that are none, or that go with another word.

    >>> from fulfill_core.orders import MAILBOX_PROVIDERS
    >>> Likeness("email", providers=MAILBOX_PROVIDERS).per
    'email'
    """

    per: Per
    providers: tuple[MailboxProvider, ...] = attrs.field(
        default=(), converter=_to_providers, kw_only=True
    )

    def __attrs_post_init__(self) -> None:
        if not isinstance(cast("object", self.per), str) or self.per not in _TRAITS:
            words = ", ".join(map(repr, _TRAITS))
            raise _checks.refuse("Likeness.per", self.per, f"is none of {words}; pass one")
        _checks.check_members("Likeness.providers", self.providers, MailboxProvider)
        if self.providers and self.per != "email":
            raise _checks.refuse("Likeness.providers", self.providers, "are for per='email' only")

    @property
    def is_screened(self) -> bool:
        """Whether the keys come from the `Screening` of an order."""
        return self.per in ("card", "ip")

    @property
    def noun(self) -> str:
        """What it is, for a sentence: ``"e-mail address"``."""
        return _TRAITS[self.per].noun

    @property
    def clause(self) -> str:
        """What the orders have in common, for a sentence: ``"with the same e-mail address"``."""
        return _TRAITS[self.per].clause

    @property
    def field(self) -> str:
        """What of an order it is about, as a path."""
        return _TRAITS[self.per].field

    def keys_of(self, order: Order, screening: Screening | None = None) -> Keys:
        """The keys of an order, sorted; most have one at most.

        Args:
            order: the order.
            screening: what was found out about it, which has its cards and its IP address.

        >>> from datetime import datetime, timezone
        >>> from fulfill_core import Customer
        >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc), lines=[],
        ...               customer=Customer(id="G-1", email="Ada@Example.com"), currency="EUR")
        >>> Likeness("email").keys_of(order), Likeness("phone").keys_of(order)
        (('email:ada@example.com',), ())
        """
        if self.per == "email":
            mailbox = mailbox_key(order.customer.email, self.providers)
            return (f"email:{mailbox}",) if mailbox else ()
        return _KEYS[self.per](order, screening)

    def __repr__(self) -> str:
        providers = f", providers=<{len(self.providers)} providers>" if self.providers else ""
        return f"Likeness({self.per!r}{providers})"


# -- The keys --------------------------------------------------------------------------------------


def _customer_keys(order: Order, _: Screening | None) -> Keys:
    return (order.customer.id,)


def _phone_keys(order: Order, _: Screening | None) -> Keys:
    number = phone_of(order.customer.phone)
    if not number:
        return ()
    addresses = (order.bill_to, order.ship_to)
    countries = [address.country for address in addresses if address and address.country]
    return (f"phone:{phone_key(number, countries[0] if countries else '')}",)


def _address_keys(order: Order, _: Screening | None) -> Keys:
    place = None if order.ship_to is None else address_key(order.ship_to)
    return () if place is None else (f"address:{'|'.join(place)}",)


def _card_keys(_: Order, screening: Screening | None) -> Keys:
    return () if screening is None else tuple(sorted([f"card:{card}" for card in screening.cards]))


def _ip_keys(_: Order, screening: Screening | None) -> Keys:
    if screening is None:
        return ()
    # Not at once: few shops look at addresses, and to read them is 3 % of the library's import.
    from fulfill_core.records.ip_addresses import home_of, ip_reading  # noqa: PLC0415 - as said

    addresses = ip_reading(screening.ip).addresses
    return tuple(sorted({f"ip:{home_of(address)}" for address in addresses}))


_KEYS: dict[str, Callable[[Order, Screening | None], Keys]] = {
    "customer": _customer_keys,
    "phone": _phone_keys,
    "address": _address_keys,
    "card": _card_keys,
    "ip": _ip_keys,
}
"""Of all but e-mail, for which the likeness itself has settings."""


def to_likeness(path: str, value: object, words: Iterable[str] = WORDS) -> Likeness:
    """A `Likeness`, or the one that a word means.

    Raises:
        InvalidValueError: it is neither.

    >>> to_likeness("velocity.per", "email")
    Likeness('email')
    """
    if isinstance(value, Likeness):
        return value
    if isinstance(value, str) and value in _TRAITS:
        return Likeness(cast("Per", value))
    listed = ", ".join(map(repr, words))
    raise _checks.refuse(path, value, f"is none of {listed}, nor a Likeness; pass one")
