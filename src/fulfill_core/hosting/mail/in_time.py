"""Connections of ``smtplib`` that read no longer than they may, however slowly a server talks.

A timeout of ``smtplib`` is one of each read: a server that sends a letter every ten seconds keeps
whoever listens for hours. Here each read may take what is left for all of the mail.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

_MOST = 4096
"""Bytes that are read at once."""


class Replies:
    """What a server says, line by line.

    Args:
        sock: the connection.
        seconds: how long the next read may take; it raises where no time is left.
    """

    def __init__(self, sock: Any, seconds: Callable[[], float]) -> None:
        self._sock, self._seconds = sock, seconds
        self._bytes = b""

    def readline(self, limit: int) -> bytes:
        """The next line; less, if it is longer than that, or if the server has left."""
        while True:
            timeout = self._seconds()
            line, newline, _ = self._bytes.partition(b"\n")
            size = min(len(line + newline), limit)
            if newline or size == limit:
                break
            self._sock.settimeout(timeout)
            more = self._sock.recv(_MOST)
            if not more:
                break
            self._bytes += more
        line, self._bytes = self._bytes[:size], self._bytes[size:]
        return line

    def close(self) -> None:
        """There is nothing to close but the connection."""


class TimedSmtp(smtplib.SMTP):
    """A connection that begins in the clear.

    Args:
        seconds: how long the next read may take; it raises where no time is left.
        args: as ``smtplib.SMTP``.
        kwargs: as ``smtplib.SMTP``.
    """

    file: Replies | None

    def __init__(self, seconds: Callable[[], float], *args: Any, **kwargs: Any) -> None:
        self._seconds = seconds
        super().__init__(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        """The next reply: ``smtplib`` reads lines of its ``file``, and makes one where none is."""
        if self.file is None:
            self.file = Replies(self.sock, self._seconds)
        return super().getreply()


class TimedSmtpTls(TimedSmtp, smtplib.SMTP_SSL):
    """A connection by TLS from its beginning."""
