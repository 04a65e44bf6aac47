"""Messages by e-mail, over ``smtplib``: for hosts that wait."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Self

from fulfill_core.hosting.mail.content import MailAnswer, MailServer, Security
from fulfill_core.hosting.mail.in_time import TimedSmtp, TimedSmtpTls
from fulfill_core.hosting.mail.letters import Letter
from fulfill_core.hosting.mail.post import Post
from fulfill_core.hosting.mail.replies import NO_SMTPUTF8, Refusal, Stage, answer_to, unsent
from fulfill_core.hosting.plans import OutboxRow
from fulfill_core.hosting.sending import SendAnswer, Sent

_OK = 250
_NEVER = datetime.max.replace(tzinfo=UTC)


class MailNotifier:
    """Sends messages by e-mail: a `Notifier` over ``smtplib``, for one thread at a time.

    It keeps its connection from mail to mail, and makes a new one when it is gone. Close it, or use
    it in a ``with``.

    Args:
        compose: makes a mail of an outbox row: any function. It may return what becomes of the
            message instead: `Sent` if nothing is to be sent, `Never` with the reason to park it.
        server: which server takes the mails.
        sender: from whom, such as ``"Mug shop <orders@mugs.example>"``.
        clock: gives the time, aware.
        tls: which certificates are trusted; None for those that this machine trusts.

    >>> from datetime import timezone
    >>> from fulfill_core.hosting.mail import Mail
    >>> def compose(row):
    ...     return Mail(to=row.content.recipient, subject="Your order", text="Thank you.")
    >>> notifier = MailNotifier(compose, server=MailServer(host="mail.mugs.example"),
    ...                         sender="Mug shop <orders@mugs.example>",
    ...                         clock=lambda: datetime(2026, 3, 2, 12, tzinfo=timezone.utc))
    >>> notifier.close()
    """

    def __init__(
        self,
        compose: Callable[[OutboxRow], MailAnswer],
        *,
        server: MailServer,
        sender: str,
        clock: Callable[[], datetime],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._post = Post(compose, server=server, sender=sender, clock=clock, tls=tls)
        self._connection: smtplib.SMTP | None = None
        self._last_instant = _NEVER

    def __call__(self, row: OutboxRow, /) -> SendAnswer:
        """Send it; what became of it."""
        letter = self._post.letter(row)
        if not isinstance(letter, Letter):
            return letter
        self._last_instant = self._post.last_instant()
        try:
            connection = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            return unsent(error, letter.recipient)
        return self._answer(connection, letter)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Take leave of the server, if it is there."""
        self._last_instant = self._post.last_instant()
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()

    def _seconds(self) -> float:
        """How long the next step may take."""
        return self._post.seconds_until(self._last_instant)

    def _drop(self, connection: smtplib.SMTP) -> None:
        """Give a connection up, without a word."""
        self._connection = None
        connection.close()

    def _answer(self, connection: smtplib.SMTP, letter: Letter) -> SendAnswer:
        """Hand a letter over; what became of it."""
        try:
            connection.sendmail(
                letter.sender, [letter.recipient], letter.content, list(letter.options)
            )
        except smtplib.SMTPNotSupportedError:
            return NO_SMTPUTF8
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            return answer_to(_refusal(error), letter.recipient)
        except (smtplib.SMTPException, OSError) as error:
            # Whether it was taken before the connection broke, nobody knows. It is sent again under
            # the same Message-ID.
            self._drop(connection)
            return unsent(error, letter.recipient, is_connected=True)
        except BaseException:  # called off in the middle of it: what the server awaits is not clear
            self._drop(connection)
            raise
        return Sent()

    def _connected(self) -> smtplib.SMTP:
        """A connection that answers: servers close those that were idle for some minutes."""
        connection = self._connection
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                if connection.noop()[0] == _OK:
                    return connection
            self._drop(connection)
        self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        """A new connection, by TLS if it is to be, with the shop's name said."""
        server = self._post.server
        client: dict[str, Any] = {
            "seconds": self._seconds,
            "local_hostname": server.client_name or None,
            "timeout": self._seconds(),
        }
        connection: smtplib.SMTP
        if server.security is Security.TLS:
            tls = self._post.trusted()
            connection = TimedSmtpTls(host=server.host, port=server.port, context=tls, **client)
        else:
            connection = TimedSmtp(host=server.host, port=server.port, **client)
        try:
            if server.security is Security.STARTTLS:
                connection.starttls(context=self._post.trusted())
            if server.username:
                connection.login(server.username, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def _refusal(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> Refusal:
    """What the server said, out of the error that it was made."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, text)] = error.recipients.values()
        return Refusal(stage=Stage.RECIPIENT, code=code, text=_text(text))
    is_sender = isinstance(error, smtplib.SMTPSenderRefused)
    stage = Stage.SENDER if is_sender else Stage.CONTENT
    return Refusal(stage=stage, code=error.smtp_code, text=_text(error.smtp_error))


def _text(text: bytes | str) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "replace")
