"""What both notifiers share: what was configured, and from a row to a letter."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime

from fulfill_core import _checks
from fulfill_core.hosting.mail.content import Mail, MailAnswer, MailServer
from fulfill_core.hosting.mail.letters import Letter, letter_of, sender_from
from fulfill_core.hosting.plans import OutboxRow
from fulfill_core.hosting.sending import Later, Never, SendAnswer, Sent


class Post:
    """What a host configured of its mails.

    Args:
        compose: makes a mail of an outbox row.
        server: which server takes the mails.
        sender: from whom.
        clock: gives the time.
        tls: which certificates are trusted.
    """

    def __init__(
        self,
        compose: Callable[[OutboxRow], MailAnswer],
        *,
        server: MailServer,
        sender: str,
        clock: Callable[[], datetime],
        tls: ssl.SSLContext | None,
    ) -> None:
        _checks.check_callable("compose", compose)
        _checks.check_member("server", server, MailServer)
        _checks.check_callable("clock", clock)
        self._compose, self._clock = compose, clock
        self._sender = sender_from("sender", sender)
        self._tls = tls
        self.server = server

    def letter(self, row: OutboxRow) -> Letter | SendAnswer:
        """What is to be sent for a row; or what becomes of it instead."""
        content = self._compose(row)
        if isinstance(content, Sent | Later | Never):
            return content
        if not isinstance(content, Mail):
            problem = "is no Mail, and none of Sent, Later, Never; return one of them"
            raise _checks.refuse("what compose returned", content, problem)
        at = _checks.in_utc("clock()", self._clock())
        return letter_of(content, sender=self._sender, row_id=row.id, at=at)

    def last_instant(self) -> datetime:
        """By when a mail that is begun now has to be sent."""
        return _checks.in_utc("clock()", self._clock()) + self.server.longest

    def seconds_until(self, instant: datetime) -> float:
        """How long the next step of a mail may take.

        Raises:
            TimeoutError: that instant is past.
        """
        seconds = (instant - _checks.in_utc("clock()", self._clock())).total_seconds()
        if seconds <= 0:
            longest = self.server.longest.total_seconds()
            raise TimeoutError(f"the mail was not taken within {longest:g} s")
        return min(seconds, self.server.timeout.total_seconds())

    def trusted(self) -> ssl.SSLContext:
        """Which certificates are trusted: read when they are needed, then kept."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls
