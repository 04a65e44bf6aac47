"""Servers on this machine: one that takes mails, one that takes requests, and some that do not."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
        self.clients: list[str] = []
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
        self.clients.append(str(session.host_name))
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
    """A controller that counts connections, and leaves none open when it stops."""

    def factory(self) -> SMTP:
        """One more."""
        self.handler.connections += 1
        return super().factory()

    def cancel_tasks(self, stop_loop: bool = True) -> None:
        """The connections as well: one by TLS would wait for the client, and the loop does not.

        Also those that have not come to TLS yet, of which nobody knows but the loop.
        """
        super().cancel_tasks(stop_loop)
        transports = self.loop._transports.values()  # type: ignore[attr-defined]
        for transport in list(transports):
            transport.abort()

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
    controller = _Counting(
        handler, hostname="127.0.0.1", port=port or free_port(), ready_timeout=30, **options
    )
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
            with suppress(OSError):  # whoever called has left
                talk(self.request)

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


# -- HTTP ------------------------------------------------------------------------------------------


class Receiver:
    """Another system that takes webhooks, and what it has taken.

    Args:
        responses: a status, or a status and headers, or a status, headers and a body; each once,
            one after the other. After the last it is 204.
    """

    def __init__(self, *responses: Any) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self.port = 0
        self._responses = list(responses)

    def response(self) -> tuple[int, dict[str, str], bytes]:
        """What it says next."""
        response = self._responses.pop(0) if self._responses else 204
        if isinstance(response, int):
            return response, {}, b""
        status, headers, *body = response
        return status, headers, body[0] if body else b""

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/hooks"


class _Handler(BaseHTTPRequestHandler):
    """One connection to a receiver."""

    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def setup(self) -> None:
        """It is counted."""
        self.receiver.connections += 1
        super().setup()

    def do_POST(self) -> None:
        """A webhook."""
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): text for name, text in self.headers.items()}
        self.receiver.requests.append((self.path, headers, body))
        status, headers, content = self.receiver.response()
        self.send_response(status)
        for name, text in {"content-length": str(len(content)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: Any) -> None:
        """Nothing is printed."""


@contextmanager
def receiving(
    receiver: Receiver | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """Another system, on this machine."""
    receiver = receiver or Receiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        if tls is not None:
            server.socket = tls.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
