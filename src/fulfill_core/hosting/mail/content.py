"""What a mail says and to whom, and the server that takes it: values of the host."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.hosting.sending import SendAnswer

_HIGHEST_PORT = 65_535


@attrs.frozen(kw_only=True, weakref_slot=False)
class Mail:
    """What one mail says, and to whom: what a host makes of a message.

    Args:
        to: one mailbox, such as ``"ada@example.com"``. What is none makes no error here: the
            notifier parks the message, and says why.
        subject: one line. Line breaks and what a mail program would decode are taken out.
        text: all of it as plain text.
        html: all of it as a page of HTML; empty for a mail that is plain text alone.
        language: the language that it is written in, such as ``"de"``; empty if nobody knows.
        reply_to: the mailbox that answers go to; empty for the sender's.

    >>> Mail(to="ada@example.com", subject="Your order A-17", text="Thank you.").language
    ''
    """

    to: str
    subject: str
    text: str
    html: str = ""
    language: str = ""
    reply_to: str = ""

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(Mail):
            _checks.check_text(f"Mail.{field.name}", getattr(self, field.name))


MailAnswer: TypeAlias = Mail | SendAnswer
"""What a host makes of a message: a mail, or what becomes of a message that is not to be mailed."""


class Security(StrEnum):
    """How the connection to a mail server is kept from others.

    >>> Security("starttls")
    <Security.STARTTLS: 'starttls'>
    """

    STARTTLS = "starttls"
    """It begins in the clear, and goes on by TLS before anything is said: port 587."""
    TLS = "tls"
    """It is TLS from its beginning: port 465."""
    NONE = "none"
    """It is in the clear: for a server on this machine, on port 25."""


_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


def _usual_port(server: MailServer) -> int:
    return _PORTS[_checks.to_word("MailServer.security", server.security, Security)]


@attrs.frozen(kw_only=True, weakref_slot=False)
class MailServer:
    """The server that takes the shop's mails.

    Args:
        host: its name.
        security: how the connection is kept from others; it is never less than that.
        port: its port; without one, that of the security.
        username: the shop's name there; empty if the server does not ask.
        password: the shop's password there. It is not shown.
        client_name: what this machine calls itself; empty for its own name.
        timeout: how long to wait for each of its answers.
        longest: how long all of a mail may take, from the connection to the last answer, whatever
            the server does. Keep it below `Limits.hidden_for`: who takes longer than that may not
            be the only one at it.

    Raises:
        InvalidValueError: a password that would be sent in the clear.

    >>> server = MailServer(host="mail.mugs.example", username="shop", password="secret")
    >>> server.port, str(server.security), "secret" in repr(server)
    (587, 'starttls', False)
    >>> MailServer(host="mail.mugs.example", security=Security.TLS).port
    465
    """

    host: str
    security: Security = Security.STARTTLS
    port: int = attrs.field(default=attrs.Factory(_usual_port, takes_self=True))
    username: str = ""
    password: str = attrs.field(default="", repr=False)
    client_name: str = ""
    timeout: timedelta = timedelta(seconds=20)
    longest: timedelta = timedelta(minutes=2)

    def __attrs_post_init__(self) -> None:
        _checks.check_id("MailServer.host", self.host)
        _checks.check_int("MailServer.port", self.port, at_least=1)
        if self.port > _HIGHEST_PORT:
            raise _checks.refuse("MailServer.port", self.port, "is no port; pass 1 to 65535")
        _checks.keep_word(self, "security", Security)
        for name in ("username", "client_name"):
            _checks.check_text(f"MailServer.{name}", getattr(self, name))
        if not isinstance(self.password, str):  # it is not shown, not even to whoever passed it
            raise _checks.refuse("MailServer.password", "***", "is not text; pass a str")
        for name in ("timeout", "longest"):
            check_timeout(f"MailServer.{name}", getattr(self, name))
        if self.username and self.security is Security.NONE:
            problem = "would send the password in the clear; pass STARTTLS or TLS"
            raise _checks.refuse("MailServer.security", str(self.security), problem)


def check_timeout(path: str, timeout: timedelta) -> None:
    """A length of time above zero: nothing here waits for ever."""
    _checks.check_duration(path, timeout)
    if not timeout:
        raise _checks.refuse(path, timeout, "is no time; pass some")
