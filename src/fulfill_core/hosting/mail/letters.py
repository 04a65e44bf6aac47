"""From a mail to what goes over the wire: the envelope, the header, the body.

The header is written here, line by line: each of its values is checked, and encoded if need be, so
nothing that an order says can begin a line of its own. The body is that of ``email.message``.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses
from hashlib import sha256

import attrs

from fulfill_core import _checks
from fulfill_core.hosting.mail.content import Mail
from fulfill_core.hosting.sending import Never
from fulfill_core.orders.contacts import LONGEST_LOCAL_PART, mailbox_of

_UNFIT = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
"""What ends a line of a header, steers what shows it, or is no character."""
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,5}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_LONGEST_DOMAIN, _LONGEST_SUBJECT = 253, 300
# Servers take seven bits; whoever reads it undoes the encoding.
_SEVEN_BITS = SMTP.clone(cte_type="7bit")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Mailbox:
    """An address that goes into an envelope and into a header.

    Args:
        address: with its domain in ASCII, wherever both forms are the same domain.
        name: of whom; may be empty.

    >>> Mailbox(address="ada@example.com").is_ascii
    True
    """

    address: str
    name: str = ""

    @property
    def is_ascii(self) -> bool:
        """Whether any server takes it; if not, only those that have SMTPUTF8."""
        return self.address.isascii()

    @property
    def domain(self) -> str:
        """What is behind the ``@``."""
        return self.address.rpartition("@")[2]


@attrs.frozen(kw_only=True, weakref_slot=False)
class Letter:
    """A mail as it goes over the wire.

    Args:
        sender: the address of the envelope, for mails that come back.
        recipient: the address that it goes to.
        content: header and body.
        options: what the server has to offer for it.
    """

    sender: str
    recipient: str
    content: bytes
    options: tuple[str, ...] = ()


def message_id(row_id: str, domain: str) -> str:
    """The ``Message-ID`` of a message: made of its id, and the same each time that it is sent.

    Mailboxes that look for doubles show it once.

    Args:
        row_id: the id of the message, `Notification.id`; it may hold anything.
        domain: the sender's.

    >>> message_id("A-17:order.confirmed:5d0f", "mugs.example")
    '<d834f72aafb4b397c9f877fabbfc3518c713f0cb@mugs.example>'
    """
    _checks.check_text("row_id", row_id)
    _checks.check_id("domain", domain)
    return f"<{sha256(row_id.encode('utf-8', 'backslashreplace')).hexdigest()[:40]}@{domain}>"


def mailbox_from(text: str) -> Mailbox | None:
    """The one mailbox that a text is, in the form that most servers take; None if it is none.

    >>> mailbox_from("ada@bücher.example").address
    'ada@xn--bcher-kva.example'
    >>> mailbox_from("Ada <ada@example.com>"), mailbox_from("a@example.com,b@example.com")
    (None, None)
    """
    local, _, domain = mailbox_of(text.strip()).rpartition("@")
    if len(local.encode()) > LONGEST_LOCAL_PART or not _LOCAL.fullmatch(local):
        return None
    name = _in_ascii(domain)
    return None if name is None else Mailbox(address=f"{local}@{name}")


def _in_ascii(domain: str) -> str | None:
    """A domain as the names of servers are asked for, if that is surely the same domain.

    Two standards differ in a few letters: by the older one ``straße.example`` is another domain.
    Then it stays as it is, for a server that has SMTPUTF8.
    """
    try:
        encoded = domain.encode("idna")
        name, is_same = encoded.decode("ascii"), encoded.decode("idna") == domain.lower()
    except UnicodeError:
        return None
    if len(name) > _LONGEST_DOMAIN or not _DOMAIN.fullmatch(name):
        return None
    return name if is_same else domain


def sender_from(path: str, text: str) -> Mailbox:
    """The sender that a host configured, such as ``"Mug shop <orders@mugs.example>"``."""
    _checks.check_text(path, text)
    mailboxes = getaddresses([text])
    name, address = mailboxes[0] if len(mailboxes) == 1 else ("", "")
    mailbox = mailbox_from(address)
    if mailbox is None or not mailbox.is_ascii or not text.isprintable():
        problem = "is no sender; pass one such as 'Mug shop <orders@mugs.example>'"
        raise _checks.refuse(path, text, problem)
    return attrs.evolve(mailbox, name=name)


def letter_of(mail: Mail, *, sender: Mailbox, row_id: str, at: datetime) -> Letter | Never:
    """A mail as it goes over the wire; or why it never will.

    Args:
        mail: what it says.
        sender: from whom.
        row_id: the id of its message.
        at: when it is sent, aware.
    """
    recipient = mailbox_from(mail.to)
    if recipient is None:
        return Never(reason="its recipient is not one mailbox: " + _shape_of(mail.to))
    reply_to = mailbox_from(mail.reply_to) if mail.reply_to else sender
    if reply_to is None:
        return Never(reason=f"reply_to {_checks.repr_of(mail.reply_to)} is not one mailbox")
    is_ascii = recipient.is_ascii and reply_to.is_ascii
    header = {
        "Message-ID": message_id(row_id, sender.domain),
        "Date": format_datetime(at),
        "From": _with_name(sender),
        "To": recipient.address,
        "Reply-To": reply_to.address if mail.reply_to else "",
        "Subject": _encoded("Subject", _one_line(mail.subject)),
        "Content-Language": mail.language if _LANGUAGE.fullmatch(mail.language) else "",
        "Auto-Submitted": "auto-generated",  # no "out of office" comes back (RFC 3834)
    }
    lines = [f"{name}: {value}\r\n" for name, value in header.items() if value]
    return Letter(
        sender=sender.address,
        recipient=recipient.address,
        content="".join(lines).encode() + _body_of(mail),
        options=() if is_ascii else ("SMTPUTF8", "BODY=8BITMIME"),
    )


def _body_of(mail: Mail) -> bytes:
    """The body and what says of which parts it is: plain text first, the page as its alternative.

    Mail programs show the last part that they can.
    """
    body = EmailMessage(policy=_SEVEN_BITS)
    body.set_content(_characters(mail.text))
    if mail.html:
        body.add_alternative(_characters(mail.html), subtype="html")
        # What is between the parts would be made by chance; a mail that is sent again is the same.
        # Of a digest of the parts, it is in none of them.
        parts = b"".join([part.as_bytes() for part in body.iter_parts()])
        body.set_boundary(f"=_{sha256(parts).hexdigest()[:32]}")
    return body.as_bytes()


def _characters(text: str) -> str:
    """A text without halves of characters, which nothing encodes."""
    return text.encode("utf-8", "replace").decode()


def _one_line(text: str) -> str:
    """A text on one line, cut."""
    line = _UNFIT.sub(" ", text).strip()
    return line if len(line) <= _LONGEST_SUBJECT else f"{line[: _LONGEST_SUBJECT - 1]}…"


def _encoded(name: str, line: str) -> str:
    """A line for a header, folded, in ASCII.

    What looks as if it were encoded is encoded: so it is decoded once, to what it was.
    """
    charset = "us-ascii" if _is_plain(line) else "utf-8"
    return Header(line, charset, header_name=name).encode(linesep="\r\n")


def _with_name(sender: Mailbox) -> str:
    """A mailbox with the name of whose it is."""
    if not sender.name:
        return sender.address
    if _is_plain(sender.name):
        escaped = sender.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{sender.address}>'
    return f"{_encoded('From', sender.name)} <{sender.address}>"


def _is_plain(line: str) -> bool:
    """Whether it means what it says, in ASCII."""
    return line.isascii() and "=?" not in line


def _shape_of(text: str) -> str:
    """What an address looks like, for a person: it says what is wrong, and not whose it is."""
    if not text.strip():
        return "it is empty"
    return f"{len(text)} characters, {text.count('@')} of them '@'"
