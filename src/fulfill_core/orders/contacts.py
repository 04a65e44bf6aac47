"""How a customer can be written to, if at all."""

from __future__ import annotations

import re

LONGEST_LOCAL_PART = 64
"""So many octets stand before the @-sign at most: RFC 5321, 4.5.3.1.1."""
_OF_A_HEADER = re.compile(r'[()<>;,\\"]|\A[^@]*:|=\?')
"""What makes names, comments, lists, groups and encoded words of a header: no bare address."""
_SHORTEST_NUMBER = 5
"""Digits: what is shorter is a note, or a number within a house."""


def mailbox_of(email: str) -> str:
    """An e-mail address, if it can be one mailbox; empty if not, as with ``n/a``.

    >>> [mailbox_of(email) for email in ("ada@example.com", "-", "n/a", "a,b@example.com")]
    ['ada@example.com', '', '', '']
    """
    local, _, domain = email.partition("@")
    if (
        local
        and domain
        and len(local) <= LONGEST_LOCAL_PART
        and "@" not in domain  # two addresses are no mailbox
        and not _OF_A_HEADER.search(email)
        and " " not in email
        and email.isprintable()  # other white space is not
    ):
        return email
    return ""


def phone_of(number: str) -> str:
    """A phone number, if it can be one; empty if not, as with ``NULL``.

    >>> phone_of(" 030 901820"), phone_of("n/a")
    ('030 901820', '')
    """
    number = number.strip()
    return number if sum(map(str.isdigit, number)) >= _SHORTEST_NUMBER else ""
