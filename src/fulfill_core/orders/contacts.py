"""How a customer can be written to, if at all."""

from __future__ import annotations

LONGEST_LOCAL_PART = 64
"""So many octets stand before the @-sign at most: RFC 5321, 4.5.3.1.1."""
_SHORTEST_NUMBER = 5
"""Digits: what is shorter is a note, or a number within a house."""


def mailbox_of(email: str) -> str:
    """An e-mail address, if it can be one mailbox; empty if not, as with ``n/a``.

    >>> [mailbox_of(email) for email in ("ada@example.com", "-", "n/a", "a@b.com, c@d.com")]
    ['ada@example.com', '', '', '']
    """
    local, _, domain = email.partition("@")
    if (
        local
        and domain
        and len(local) <= LONGEST_LOCAL_PART
        and "@" not in domain  # two addresses are no mailbox
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
