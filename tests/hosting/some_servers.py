"""Servers on this machine: one that takes mails, one that takes requests, and some that do not."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

AUTHORITY = trustme.CA()
TRUSTED = ssl.create_default_context()
AUTHORITY.configure_trust(TRUSTED)


def certificate(name: str = "localhost") -> ssl.SSLContext:
    """What a server of that name shows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


class Mailboxes:
    """What a mail server has taken, and what it is to say: a handler of aiosmtpd.

    Args:
        replies: what it says in place of its own, by the command; each once, one after the other.
    """

    def __init__(self, **replies: str | list[str]) -> None:
        self.envelopes: list[Envelope] = []
        self.connections = 0
        self.port = 0
        self._replies = {
            command: [reply] if isinstance(reply, str) else list(reply)
            for command, reply in replies.items()
        }

    def _reply(self, command: str) -> str | None:
        replies = self._replies.get(command)
        return replies.pop(0) if replies else None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender."""
        reply = self._reply("mail")
        if reply is not None:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The recipient."""
        reply = self._reply("rcpt")
        if reply is not None:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """The mail."""
        reply = self._reply("data")
        if reply is not None:
            return reply
        self.envelopes.append(envelope)
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        """What was taken, as a mail program reads it."""
        mails: list[EmailMessage] = []
        for envelope in self.envelopes:
            content = envelope.original_content
            assert content is not None
            mails.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]
        return mails

    @property
    def contents(self) -> list[bytes]:
        """What was taken, to the byte."""
        return [envelope.original_content or b"" for envelope in self.envelopes]


class _Counting(Controller):
    """A controller that counts connections."""

    def factory(self) -> SMTP:
        """One more."""
        self.handler.connections += 1
        return super().factory()

    def _trigger_server(self) -> None:
        """The real one connects to see whether it is there: by TLS, and by its own certificates."""
        with socket.create_connection((self.hostname, self.port), timeout=5):
            pass


@contextmanager
def mail_server(
    handler: Mailboxes | None = None, port: int = 0, **options: Any
) -> Iterator[Mailboxes]:
    """A mail server on this machine; its port is ``port`` of what it gives."""
    handler = handler or Mailboxes()
    controller = _Counting(handler, hostname="127.0.0.1", port=port or free_port(), **options)
    controller.start()
    handler.connections = 0
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


def let_in(name: str, password: str) -> Callable[..., AuthResult]:
    """Who is let in."""

    def judge(server: SMTP, session: Session, envelope: Envelope, kind: str, data: Any) -> Any:
        is_known = (data.login.decode(), data.password.decode()) == (name, password)
        return AuthResult(success=is_known, handled=False)

    return judge


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def scripted(talk: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server that treats each connection as a function says; it gives its port."""

    class Talk(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                talk(self.request)
            except OSError:  # whoever called has left
                pass

    class Threads(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

    with Threads(("127.0.0.1", 0), Talk) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
