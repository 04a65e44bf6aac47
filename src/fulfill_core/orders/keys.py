"""By what two mailboxes, phone numbers and addresses are the same, however they are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.contacts import mailbox_of
from fulfill_core.orders.countries import postal_key
from fulfill_core.orders.order import Address
from fulfill_core.orders.spelling import plain_words

AddressKey: TypeAlias = tuple[str, str, str, str]
_PLUS = "+\uff0b"  # the second one is as wide as a Chinese character


# -- Mailboxes -------------------------------------------------------------------------------------


def _plain_domain(domain: str) -> str:
    """A domain in small letters, without the dot that may end it."""
    return domain.strip().casefold().rstrip(".")


@attrs.frozen(kw_only=True, weakref_slot=False)
class MailboxProvider:
    """What a provider of mailboxes leaves out of account when it delivers: aliases of one mailbox.

    Args:
        domains: what stands behind the @, as str, without subdomains.
        tag_sign: the sign that ends the name of the mailbox, as the plus in ``ada+shop``; empty if
            it has none.
        ignored_signs: signs of the name that make no difference, such as ``"."``.
        is_one_domain: whether the domains are names of the same mailboxes, as ``googlemail.com`` is
            ``gmail.com``: the first one stands for all.

    Raises:
        InvalidValueError: no domain; an empty one, or one with an @.

    >>> company = MailboxProvider(domains=["example.com"], tag_sign="-")
    >>> mailbox_key("ada-shop@example.com", [company])
    'ada@example.com'
    """

    domains: tuple[str, ...] = attrs.field(converter=_checks.to_texts)
    tag_sign: str = "+"
    ignored_signs: str = ""
    is_one_domain: bool = False

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        path = "MailboxProvider.domains"
        _checks.check_members(path, self.domains, str)
        if not self.domains:
            raise _checks.refuse(path, self.domains, "names no domain; pass ['example.com']")
        domains = [_plain_domain(domain) for domain in self.domains]
        for position, domain in enumerate(domains):
            if not domain or "@" in domain:
                problem = "is no domain; pass what stands behind the @, such as 'example.com'"
                raise _checks.refuse(f"{path}[{position}]", self.domains[position], problem)
        _checks.set_field(self, "domains", tuple(domains))
        _checks.check_text("MailboxProvider.tag_sign", self.tag_sign)
        _checks.check_text("MailboxProvider.ignored_signs", self.ignored_signs)
        _checks.check_bool("MailboxProvider.is_one_domain", self.is_one_domain)

    def key_of(self, local: str, domain: str) -> str:
        """The mailbox that a name at one of the domains is an alias of."""
        _checks.check_text("local", local)
        _checks.check_text("domain", domain)
        name = local.partition(self.tag_sign)[0] if self.tag_sign else local
        name = "".join([sign for sign in name if sign not in self.ignored_signs])
        # What is nothing but a tag or dots is no alias of anything.
        return f"{name or local}@{self.domains[0] if self.is_one_domain else domain}"


MAILBOX_PROVIDERS = (
    # Dots: support.google.com/mail/answer/7436150, "Dots don't matter in Gmail addresses", as
    # others quote it.
    # Plus: github.com/ProtonMail/WebClients, canonizeEmail, which takes both domains so.
    MailboxProvider(domains=("gmail.com", "googlemail.com"), ignored_signs=".", is_one_domain=True),
    # Plus: protonmail.com/support/knowledge-base/addresses-and-aliases. Its own client, at
    # github.com/ProtonMail/WebClients, packages/shared/lib/helpers/email.ts, canonizeInternalEmail,
    # leaves out dots, hyphens and underscores as well.
    MailboxProvider(
        domains=("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), ignored_signs="._-"
    ),
    # www.fastmail.help/hc/en-us/articles/360060591053, "Plus addressing and subdomain addressing".
    MailboxProvider(domains=("fastmail.com", "fastmail.fm")),
)
"""Large providers that take several spellings for one mailbox, each with where it says so."""


def mailbox_key(email: str, providers: Iterable[MailboxProvider] = ()) -> str:
    """By what two e-mail addresses are one mailbox; empty for what can be none, such as ``n/a``.

    Case makes no difference, nor do blanks around it: on the left of the @ a provider could tell
    them apart (RFC 5321, 2.4), and none does.

    Args:
        email: as the customer wrote it.
        providers: those whose aliases are folded; none for none, `MAILBOX_PROVIDERS` for the large
            ones, or those of your own.

    Raises:
        InvalidValueError: the address is no text, or a provider is none.

    >>> mailbox_key("Ada.Lovelace+shop@Googlemail.com")
    'ada.lovelace+shop@googlemail.com'
    >>> mailbox_key("Ada.Lovelace+shop@Googlemail.com", MAILBOX_PROVIDERS)
    'adalovelace@gmail.com'
    """
    _checks.check_text("email", email)
    _checks.check_collection("providers", providers)
    mailbox = mailbox_of(unicodedata.normalize("NFC", email.strip()))
    if not mailbox:
        return ""
    local, _, domain = mailbox.casefold().partition("@")
    domain = _plain_domain(domain)
    for provider in providers:
        _checks.check_member("providers", provider, MailboxProvider)
        if domain in provider.domains:
            return provider.key_of(local, domain)
    return f"{local}@{domain}"


# -- Phones ----------------------------------------------------------------------------------------


def phone_key(phone: str, country: str = "") -> str:
    """By what two phone numbers are the same: the digits, and whether they are international.

    Nothing is guessed: ``"030 1234"`` and ``"+49 30 1234"`` are two, even in Germany.

    Args:
        phone: as the customer wrote it.
        country: of a number without the code of a country, the one that it is dialled in: two
            letters. The same digits in another country are another number. Empty if it makes no
            difference.

    Raises:
        InvalidValueError: one of them is no text.

    >>> phone_key("0049 (0)30 / 1234"), phone_key("+49 30 1234"), phone_key("030 1234")
    ('+49301234', '+49301234', '0301234')
    >>> phone_key("030 1234", "DE"), phone_key("+49 30 1234", "DE")
    ('DE 0301234', '+49301234')
    """
    _checks.check_text("phone", phone)
    _checks.check_text("country", country)
    digits, has_plus = _digits(phone)
    if not has_plus and not digits.startswith("00"):
        return f"{country} {digits}" if country and digits else digits
    digits, _ = _digits(phone.replace("(0)", ""))  # which is dialled within the country only
    return f"+{digits if has_plus else digits[2:]}"


def _digits(phone: str) -> tuple[str, bool]:
    """The digits of a phone number, of whatever script, and whether a plus leads them."""
    signs = [sign for sign in phone if sign.isdecimal() or sign in _PLUS]
    digits = "".join([str(int(sign)) for sign in signs if sign not in _PLUS])
    return digits, bool(signs) and signs[0] in _PLUS


# -- Addresses -------------------------------------------------------------------------------------


def address_key(address: Address) -> AddressKey | None:
    """By what two addresses are the same; None for one that names no place.

    That is the country, the postal code, the street lines as one, and the city. Case, accents,
    signs and the number of blanks make no difference, nor does the country before a postal code,
    nor whose address it is.

    Raises:
        InvalidValueError: it is no `Address`.

    >>> address_key(Address(name="Ada", street=["1  Main", "St. "], city="Leeds", country="gb",
    ...                     postal_code="ls1 4ap"))
    ('GB', 'LS14AP', '1 main st', 'leeds')
    """
    _checks.check_member("address", address, Address)
    postal_code = postal_key(address.postal_code, address.country)
    street = " ".join(plain_words(" ".join(address.street)))
    city = " ".join(plain_words(address.city))
    if not (postal_code or street or city):
        return None
    return address.country, postal_code, street, city
