"""The IP address that an order was placed from, as servers and proxies write it down."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

import attrs

IpAddress: TypeAlias = IPv4Address | IPv6Address

_HOME_BITS = 64
"""Of an IPv6 address, the part that stays: what follows it changes daily (RFC 8981)."""
_BETWEEN = re.compile(r"[\s,;]+")
"""What stands between several: each proxy adds the address that it was asked from."""
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::\d{1,5})?|(?P<v4>\d+(?:\.\d+){3}):\d{1,5}")
"""``[2001:db8::1]:443``, with the port or without, and ``203.0.113.9:51234``."""


@attrs.frozen(weakref_slot=False)
class IpReading:
    """What a text says of IP addresses.

    Args:
        addresses: those that can be read, in the sequence of the text: the customer's own first.
        is_whole: whether there is nothing else in it.
    """

    addresses: tuple[IpAddress, ...]
    is_whole: bool


def ip_reading(text: str) -> IpReading:
    """The IP addresses in a text: several, with ports, in brackets, with zones.

    An IPv4 address that is written as an IPv6 one is the IPv4 address.

    >>> reading = ip_reading("[2001:db8::1]:443, ::ffff:203.0.113.9, unknown")
    >>> [str(address) for address in reading.addresses], reading.is_whole
    (['2001:db8::1', '203.0.113.9'], False)
    """
    parts = [part for part in _BETWEEN.split(text) if part]
    addresses = [address for part in parts if (address := _address(part)) is not None]
    return IpReading(tuple(addresses), is_whole=len(addresses) == len(parts))


def home_of(address: IpAddress) -> str:
    """From where an order came, whichever of its addresses the machine there had that day.

    >>> home_of(ip_address("2001:db8::1")), home_of(ip_address("203.0.113.9"))
    ('2001:db8::/64', '203.0.113.9')
    """
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), _HOME_BITS), strict=False))
    return str(address)


def _address(part: str) -> IpAddress | None:
    """The address that a part of the text is; None if it is none. After a % stands its zone."""
    bare = _WITH_PORT.fullmatch(part)
    if bare is not None:
        part = bare["v6"] or bare["v4"] or ""
    try:
        address = ip_address(part.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
