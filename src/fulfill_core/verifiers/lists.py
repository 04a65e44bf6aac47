"""Is the order on one of the shop's lists: of those it does not serve, of those it trusts?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core._checks import repr_of
from fulfill_core.decisions.finding import Finding, hold, note, reject
from fulfill_core.orders.keys import AddressKey, address_key, phone_key
from fulfill_core.orders.order import Address, Order
from fulfill_core.records.customer_facts import Screening
from fulfill_core.records.facts import Context, FactKind, fact_missing
from fulfill_core.records.ip_addresses import IpAddress, ip_reading

Net: TypeAlias = tuple[int, int, int]
"""A network: version of the protocol, length of the prefix, the prefix as a number."""

_SCREENING = frozenset({FactKind.SCREENING})
_NO_KINDS: frozenset[FactKind] = frozenset()
_MAPPED = IPv6Network("::ffff:0:0/96")  # IPv4 addresses written as IPv6: RFC 4291, 2.5.5.2


# -- What is the same ------------------------------------------------------------------------------


def email_key(email: str) -> str:
    """By what two e-mail addresses are the same: case and blanks around make no difference."""
    return email.strip().casefold()


def _domain_of(email: str) -> str:
    """What stands behind the @, without the dot that may end it; empty if there is no @."""
    _, at, domain = email.rpartition("@")
    return domain.rstrip(".") if at else ""


def _net(text: str) -> IPv4Network | IPv6Network | None:
    """An IP address or network of a list; None if it is none."""
    try:
        network = ip_network(text.strip())
    except ValueError:
        return None
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        first = IPv4Address(int(network.network_address) & 0xFFFF_FFFF)
        return IPv4Network((first, network.prefixlen - _MAPPED.prefixlen))
    return network


# -- A list ----------------------------------------------------------------------------------------


class Match(NamedTuple):
    """Something of an order that a list names.

    Args:
        field: the field of the order.
        words: what stands there, for a sentence.
        entry: the entry of the list, with the condition that it belongs to.
    """

    field: str
    words: str
    entry: str


def _to_addresses(addresses: Iterable[Address]) -> tuple[Address, ...]:
    return _checks.to_tuple(addresses)


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class AccessList:
    """Who is meant by a list: an order that any of the conditions names, not all of them.

    However long it is, to look up an order costs the same.

    Args:
        emails: e-mail addresses; case and blanks around make no difference.
        email_domains: what stands behind the @, with it or without. A subdomain is another one.
        phones: phone numbers; only digits count, and whether they are international (``+`` or
            ``00``). ``"030 1234"`` and ``"+49 30 1234"`` are two: nothing is guessed.
        addresses: `Address` values, whoever lives there; the same if country, postal code, street
            and city are, but for case, accents, signs and blanks. Orders are looked up by both
            their addresses.
        cards: fingerprints of cards, as the gateway gives them.
        ips: IP addresses and networks, such as ``"203.0.113.7"`` and ``"203.0.113.0/24"``.
        customers: ids of customers.

    Raises:
        InvalidValueError: an empty entry, or one that can't be what it should be.

    >>> AccessList(emails=["Eve@Example.com"], ips=["203.0.113.0/24", "2001:db8::/32"])
    AccessList(1 emails, 2 ips)
    """

    emails: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    email_domains: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    phones: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    addresses: tuple[Address, ...] = attrs.field(default=(), converter=_to_addresses)
    cards: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    ips: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    customers: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    _places: frozenset[AddressKey] = attrs.field(init=False, eq=False)
    _nets: frozenset[Net] = attrs.field(init=False, eq=False)
    _prefixes: frozenset[tuple[int, int]] = attrs.field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        for name, key, example in (
            ("emails", _email_entry, "an e-mail address, such as 'eve@example.com'"),
            ("email_domains", _domain_entry, "a domain, such as 'example.com'"),
            ("phones", _phone_entry, "a phone number, such as '+49 30 1234'"),
            ("cards", _entry, "a fingerprint"),
            ("ips", _ip_entry, "an IP address or network, such as '203.0.113.0/24'"),
            ("customers", _entry, "the id of a customer"),
        ):
            path = f"AccessList.{name}"
            _checks.set_field(self, name, _entries(path, getattr(self, name), key, example))
        _checks.check_members("AccessList.addresses", self.addresses, Address)
        places: set[AddressKey] = set()
        for position, address in enumerate(self.addresses):
            place = address_key(address)
            if place is None:
                raise _checks.refuse(
                    f"AccessList.addresses[{position}]", address, "names no place; leave it out"
                )
            places.add(place)
        _checks.set_field(self, "_places", frozenset(places))
        networks = [ip_network(text) for text in self.ips]
        nets = frozenset(
            (each.version, each.prefixlen, int(each.network_address) >> _host_bits(each))
            for each in networks
        )
        _checks.set_field(self, "_nets", nets)
        _checks.set_field(self, "_prefixes", frozenset(net[:2] for net in nets))

    @property
    def needs_screening(self) -> bool:
        """Whether it has a condition that only a `Screening` of the order can meet."""
        return bool(self.cards or self.ips)

    def __bool__(self) -> bool:
        return any(len(getattr(self, name)) for name in _CONDITIONS)

    def matches(
        self, order: Order, screening: Screening | None, *, is_every_ip: bool = False
    ) -> list[Match]:
        """What of the order it names.

        Of several IP addresses, one is enough, or only all of them together are.
        """
        matches: list[Match] = []
        customer = order.customer
        if customer.id in self.customers:
            words = f"the customer {repr_of(customer.id)}"
            matches.append(Match("customer.id", words, f"customers: {customer.id}"))
        email = email_key(customer.email)
        if email in self.emails:
            words = f"the e-mail address {repr_of(email)}"
            matches.append(Match("customer.email", words, f"emails: {email}"))
        domain = _domain_of(email)
        if domain in self.email_domains:
            words = f"the e-mail domain {repr_of(domain)}"
            matches.append(Match("customer.email", words, f"email_domains: {domain}"))
        if self.phones and (phone := phone_key(customer.phone)) in self.phones:
            words = f"the phone number {repr_of(customer.phone)}"
            matches.append(Match("customer.phone", words, f"phones: {phone}"))
        if self._places:
            for field, address in (("ship_to", order.ship_to), ("bill_to", order.bill_to)):
                if address is not None and (place := address_key(address)) in self._places:
                    where = repr_of(", ".join((*address.street, address.city)))
                    entry = f"addresses: {', '.join(place or ())}"
                    matches.append(Match(field, f"the address {where}", entry))
        if screening is not None:
            matches += [
                Match("payments", f"the card {repr_of(card)}", f"cards: {card}")
                for card in sorted(screening.cards & self.cards)
            ]
            if self._nets:
                matches += self._ips_of(screening.ip, is_every_ip=is_every_ip)
        return matches

    def _ips_of(self, text: str, *, is_every_ip: bool) -> list[Match]:
        """The entries that the IP addresses of an order belong to."""
        reading = ip_reading(text)
        matches = [
            Match("id", f"the IP address {repr_of(str(address))}", f"ips: {network}")
            for address in dict.fromkeys(reading.addresses)
            for network in self._networks_of(address)
        ]
        if is_every_ip and not (
            reading.is_whole and all(map(self._networks_of, reading.addresses))
        ):
            return []
        return matches

    def _networks_of(self, address: IpAddress) -> list[str]:
        """The entries that an IP address belongs to, the smallest network last."""
        number, bits = int(address), address.max_prefixlen
        return [
            str(ip_network((address, length), strict=False))
            for version, length in sorted(self._prefixes)
            if version == address.version
            and (version, length, number >> bits - length) in self._nets
        ]

    def __repr__(self) -> str:
        counts = [(len(getattr(self, name)), name) for name in _CONDITIONS]
        return f"AccessList({', '.join(f'{count} {name}' for count, name in counts if count)})"


_CONDITIONS = ("emails", "email_domains", "phones", "addresses", "cards", "ips", "customers")


def _entries(
    path: str, words: frozenset[str], key: Callable[[str], str], example: str
) -> frozenset[str]:
    """The entries of a list as they are looked up."""
    _checks.check_words(path, words)
    keys: set[str] = set()
    for word in sorted(words):  # so that of several faults it is always the same that is named
        entry = key(word)
        if not entry:
            raise _checks.refuse(path, word, f"is not an entry of this list; pass {example}")
        keys.add(entry)
    return frozenset(keys)


def _entry(word: str) -> str:
    return word if word.strip() else ""


def _email_entry(word: str) -> str:
    email = email_key(word)
    return email if _domain_of(email) and not email.startswith("@") else ""


def _domain_entry(word: str) -> str:
    domain = email_key(word).removeprefix("@")
    return "" if "@" in domain else domain.rstrip(".")


def _phone_entry(word: str) -> str:
    phone = phone_key(word)
    return phone if phone != "+" else ""


def _ip_entry(word: str) -> str:
    network = _net(word)
    return "" if network is None else str(network)


def _host_bits(network: IPv4Network | IPv6Network) -> int:
    return network.max_prefixlen - network.prefixlen


# -- The verifier ----------------------------------------------------------------------------------

_NOBODY = AccessList()


@attrs.frozen(kw_only=True, weakref_slot=False)
class listed:  # noqa: N801 - it is used as the function that it makes
    """Nothing of the order is on the shop's deny list, or something is on its allow list.

    One condition is enough on either list. The allow list goes before the deny list, but for
    nothing else: what other verifiers find stays as it is.

    It needs a `Screening` if a list names cards or IP addresses; not for an order that is allowed
    by what it says itself. While the screening is missing that could still allow an order, nothing
    turns it down.

    An IP address may have a port, brackets or a zone, and there may be several, as proxies note
    them: one of them is enough to be denied, and to be allowed all of them have to be on the list,
    since whoever asks writes the first one. What can't be read is neither on a list nor off it.

    Args:
        deny: an `AccessList`: whose orders are turned down.
        allow: an `AccessList`: whose orders this verifier lets pass.

    Codes, one per entry that is met: ``risk.denied`` (REJECT), ``risk.allowed`` (NOTE), and
    ``screening.missing`` (HOLD), ``screening.ip_unreadable`` (HOLD).

    Raises:
        InvalidValueError: what is no `AccessList`, or two that name nobody.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7", email="eve@example.com"),
    ...               lines=[], currency="EUR")
    >>> verifier = listed(deny=AccessList(emails=["Eve@example.com"], customers=["C-9"]))
    >>> for finding in verifier(order, context=Context(now=now)):
    ...     print(finding.field, "-", finding.detail)
    customer.email - The deny list names the e-mail address 'eve@example.com'.
    """

    deny: AccessList = _NOBODY
    allow: AccessList = _NOBODY

    def __attrs_post_init__(self) -> None:
        _checks.check_member("listed.deny", self.deny, AccessList)
        _checks.check_member("listed.allow", self.allow, AccessList)
        if not self.deny and not self.allow:
            raise _checks.refuse("listed.deny", self.deny, "names nobody, nor does allow; pass one")

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        """A screening, if a list needs it and the order is not allowed without."""
        if not self.deny.needs_screening and not self.allow.needs_screening:
            return _NO_KINDS
        return _NO_KINDS if self.allow and self.allow.matches(order, None) else _SCREENING

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        screening = context.facts.screening_of(order)
        allow_matches = self.allow.matches(order, screening, is_every_ip=True) if self.allow else ()
        deny_matches = self.deny.matches(order, screening)
        if allow_matches:
            fields = ", ".join(sorted({match.field for match in deny_matches}))
            before = f"; it goes before the deny list, which names {fields}" if fields else ""
            return [
                note(
                    "risk.allowed",
                    field=match.field,
                    detail=f"The allow list names {match.words}{before}.",
                    evidence=match.entry,
                )
                for match in allow_matches
            ]
        if screening is None and self.allow.needs_screening:  # it may be allowed: who knows
            return (fact_missing(FactKind.SCREENING, order),)
        if self.allow.ips and screening and not ip_reading(screening.ip).is_whole:
            return (ip_unreadable(screening.ip),)
        findings = [
            reject(
                "risk.denied",
                field=match.field,
                detail=f"The deny list names {match.words}.",
                evidence=match.entry,
            )
            for match in deny_matches
        ]
        if screening is None and self.deny.needs_screening:
            findings.append(fact_missing(FactKind.SCREENING, order))
        if self.deny.ips and screening and not ip_reading(screening.ip).is_whole:
            findings.append(ip_unreadable(screening.ip))
        return findings or ()


def ip_unreadable(text: str) -> Finding:
    """Nobody can tell whether a list names the IP address of an order, or who else has it."""
    return hold(
        "screening.ip_unreadable",
        field="id",
        detail=f"The screening says that the order came from {repr_of(text)}, which is no IP "
        "address: so nobody can tell whether a list names it, nor who else ordered from there.",
        evidence=text,
    )
