"""How a customer can be written to, if at all."""

from __future__ import annotations

from fulfill_core.orders.order import Customer

LONGEST_LOCAL_PART = 64
"""So many octets stand before the @-sign at most: RFC 5321, 4.5.3.1.1."""
_SHORTEST_NUMBER = 5
"""Digits: what is shorter is a note, or a number within a house."""


def email_of(customer: Customer) -> str:
    """The customer's e-mail address, if it can be one mailbox; empty if not, as with ``n/a``.

    >>> [email_of(Customer(id="C-7", email=email)) for email in (" ada@example.com", "-", "n/a")]
    ['ada@example.com', '', '']
    """
    email = customer.email
    local, _, domain = email.rpartition("@")
    is_mailbox = (
        local
        and domain
        and len(local) <= LONGEST_LOCAL_PART
        and "@" not in local  # two addresses are no mailbox
        and " " not in email
        and email.isprintable()  # other white space is not
    )
    return email if is_mailbox else ""


def phone_of(customer: Customer) -> str:
    """The customer's phone number, if it can be one; empty if not, as with ``NULL``.

    >>> phone_of(Customer(id="C-7", phone="030 901820")), phone_of(Customer(id="C-8", phone="n/a"))
    ('030 901820', '')
    """
    phone = customer.phone.strip()
    return phone if sum(map(str.isdigit, phone)) >= _SHORTEST_NUMBER else ""
