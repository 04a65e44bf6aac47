"""Can the customer be reached?"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from fulfill_core import _checks, _values
from fulfill_core.decisions.finding import Finding, hold
from fulfill_core.orders.contacts import phone_of
from fulfill_core.orders.order import Order
from fulfill_core.records.facts import Context

_LONGEST_DOMAIN = 253  # RFC 1035, 2.3.4, as text


def reachable(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """There is an e-mail address or a phone number: something that can be one.

    ``n/a``, ``-`` and ``NULL`` can't, nor can a number of fewer than five digits: nothing would be
    sent there. Whether they are well formed is the business of `valid_email` and `valid_phone`.

    Codes: ``contact.missing`` (HOLD).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> [finding.code for finding in reachable(order, context=Context(now=now))]
    ['contact.missing']
    """
    customer = order.customer
    if customer.mailbox or phone_of(customer.phone):
        return ()
    return (
        hold(
            "contact.missing",
            field="customer.email",
            detail="The customer left neither an e-mail address nor a phone number.",
        ),
    )


def _sorted(domains: frozenset[str]) -> str:
    """The domains for a repr: in the same sequence in every process, and cut."""
    return _checks.repr_of(sorted(domains))


@attrs.frozen(weakref_slot=False, repr=False)
class EmailDomain:
    """Domains of addresses that reach nobody, as `email_domain` makes it."""

    placeholder: frozenset[str]
    disposable: frozenset[str]
    _labels: int = attrs.field(alias="labels", eq=False)
    """The most labels that a listed domain has: those in front can't matter."""

    __eq__, __hash__ = _values.EQUALITY

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        email = order.customer.email
        _, at, domain = email.strip().rpartition("@")
        if not at or not self._labels:
            return ()
        # From the right, and no more than can be listed: an address of dots only costs no more.
        labels = domain.removesuffix(".").casefold().rsplit(".", self._labels)[-self._labels :]
        tails = [".".join(labels[start:]) for start in range(len(labels))]
        findings: list[Finding] = []
        for tail in tails:
            if tail in self.placeholder:
                findings.append(
                    hold(
                        "contact.placeholder_email",
                        field="customer.email",
                        detail=f"The e-mail address {_checks.repr_of(email)} stands for none: "
                        f"nobody reads mail to {tail}.",
                        evidence=tail,
                    )
                )
                break
        for tail in tails:
            if tail in self.disposable:
                findings.append(
                    hold(
                        "contact.disposable_email",
                        field="customer.email",
                        detail=f"The e-mail address {_checks.repr_of(email)} is one to throw away: "
                        f"mail to {tail} is not read for long.",
                        evidence=tail,
                    )
                )
                break
        return findings

    def __repr__(self) -> str:
        return (
            f"email_domain(placeholder={_sorted(self.placeholder)},"
            f" disposable={_sorted(self.disposable)})"
        )


def email_domain(
    placeholder: Iterable[str] = frozenset(), disposable: Iterable[str] = frozenset()
) -> EmailDomain:
    """The e-mail address is of no domain that the shop knows to be worthless.

    The library ships no list: both are the shop's own. A listed domain stands for all below it:
    ``mailinator.com`` for ``mail.mailinator.com`` too. Case makes no difference.

    What stands behind the last @-sign is compared, as it was written. So a domain with letters
    beyond ASCII is listed in each way that customers write it (``bücher.example`` and
    ``xn--bcher-kva.example``), and so are forms that look alike; comparing without case takes ``ß``
    for ``ss``. Whether the address is well formed is the business of `valid_email`.

    Codes: ``contact.placeholder_email`` (HOLD), ``contact.disposable_email`` (HOLD).

    Args:
        placeholder: domains of addresses that stand for none, as a set or list of str, such as
            ``example.com`` or the shop's own ``noreply.example``. Kept in lower case.
        disposable: domains of mailboxes to throw away, likewise.

    Raises:
        InvalidValueError: a str in place of a collection, or a member that is no domain.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7", email="x@A.Example.com"),
    ...               lines=[], currency="EUR")
    >>> no_dummies = email_domain(placeholder=["example.com"])
    >>> [finding.code for finding in no_dummies(order, context=Context(now=now))]
    ['contact.placeholder_email']
    """
    placeholders = _domains("email_domain.placeholder", placeholder)
    disposables = _domains("email_domain.disposable", disposable)
    labels = max([domain.count(".") + 1 for domain in placeholders | disposables], default=0)
    return EmailDomain(placeholders, disposables, labels=labels)


def _domains(path: str, words: Iterable[str]) -> frozenset[str]:
    """Domains in lower case."""
    domains = _checks.to_frozenset(words)
    _check_domains(path, domains)
    return frozenset([domain.casefold() for domain in domains])


def _check_domains(path: str, domains: frozenset[str]) -> None:
    """A frozenset of domains, as they stand behind an @-sign."""
    _checks.check_words(path, domains)
    for domain in sorted(domains):
        if (
            not domain
            or len(domain) > _LONGEST_DOMAIN
            or "@" in domain
            or "" in domain.split(".")
            or domain.split() != [domain]
        ):
            raise _checks.refuse(
                path, domain, "is not a domain; pass what stands behind the @-sign: 'example.com'"
            )
