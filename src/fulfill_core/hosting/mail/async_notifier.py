"""Messages by e-mail, over aiosmtplib: for hosts that await."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Self, cast

from fulfill_core.hosting.mail.content import MailAnswer, MailServer, Security
from fulfill_core.hosting.mail.letters import Letter
from fulfill_core.hosting.mail.post import Post
from fulfill_core.hosting.mail.replies import NO_SMTPUTF8, Refusal, Stage, answer_to, unsent
from fulfill_core.hosting.plans import OutboxRow
from fulfill_core.hosting.sending import SendAnswer, Sent

try:
    import aiosmtplib
except ImportError as error:
    raise ImportError(
        "AsyncMailNotifier needs aiosmtplib: pip install 'fulfill_core[mail]'", name=error.name
    ) from error


class _Connection(aiosmtplib.SMTP):
    """A connection that is gone as soon as it is closed.

    One by TLS would wait for the server to take leave too: for half a minute if it does not, and
    for ever, with its socket open, if the loop of the host ends before.
    """

    def close(self) -> None:
        """Say that it ends, and wait for nothing."""
        transport = self.transport
        super().close()
        if transport is not None:
            cast("asyncio.WriteTransport", transport).abort()


class AsyncMailNotifier:
    """`MailNotifier` for an asynchronous host, over aiosmtplib; for one task at a time.

    Close it by ``await notifier.aclose()``, or use it in an ``async with``.

    Args:
        compose: makes a mail of an outbox row: any function. It may return what becomes of the
            message instead: `Sent` if nothing is to be sent, `Never` with the reason to park it.
        server: which server takes the mails.
        sender: from whom, such as ``"Mug shop <orders@mugs.example>"``.
        clock: gives the time, aware.
        tls: which certificates are trusted; None for those that this machine trusts.

    >>> from datetime import timezone
    >>> from fulfill_core.hosting import Never
    >>> notifier = AsyncMailNotifier(lambda row: Never(reason="no mails today"),
    ...                              server=MailServer(host="mail.mugs.example"),
    ...                              sender="orders@mugs.example",
    ...                              clock=lambda: datetime(2026, 3, 2, 12, tzinfo=timezone.utc))
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
        self._connection: _Connection | None = None

    async def __call__(self, row: OutboxRow, /) -> SendAnswer:
        """Send it; what became of it."""
        letter = self._post.letter(row)
        if not isinstance(letter, Letter):
            return letter
        last_moment = asyncio.get_running_loop().time() + self._post.server.longest.total_seconds()
        try:
            async with asyncio.timeout_at(last_moment):
                connection = await self._connected()
        except (aiosmtplib.SMTPException, OSError) as error:
            return unsent(error, letter.recipient)
        return await self._answer(connection, letter, last_moment)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Take leave of the server, if it is there."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(aiosmtplib.SMTPException, OSError):
                await connection.quit()
            connection.close()

    def _drop(self, connection: _Connection) -> None:
        """Give a connection up, without a word."""
        self._connection = None
        connection.close()

    async def _answer(
        self, connection: _Connection, letter: Letter, last_moment: float
    ) -> SendAnswer:
        """Hand a letter over; what became of it."""
        try:
            async with asyncio.timeout_at(last_moment):
                await connection.sendmail(
                    letter.sender, [letter.recipient], letter.content, mail_options=letter.options
                )
        except aiosmtplib.SMTPNotSupported:
            return NO_SMTPUTF8
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as error:
            return answer_to(_refusal(error), letter.recipient)
        except (aiosmtplib.SMTPException, OSError) as error:
            # Whether it was taken before the connection broke, nobody knows. It is sent again under
            # the same Message-ID.
            self._drop(connection)
            return unsent(error, letter.recipient, is_connected=True)
        except BaseException:  # called off in the middle of it: what the server awaits is not clear
            self._drop(connection)
            raise
        return Sent()

    async def _connected(self) -> _Connection:
        """A connection that answers: servers close those that were idle for some minutes."""
        connection = self._connection
        if connection is not None:
            try:
                await connection.noop()
            except (aiosmtplib.SMTPException, OSError):
                self._drop(connection)
            except BaseException:  # called off in the middle of it
                self._drop(connection)
                raise
            else:
                return connection
        self._connection = await self._connect()
        return self._connection

    async def _connect(self) -> _Connection:
        """A new connection, by TLS if it is to be, with the shop's name said."""
        server = self._post.server
        is_tls = server.security is not Security.NONE
        connection = _Connection(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            local_hostname=server.client_name or None,
            timeout=server.timeout.total_seconds(),
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=self._post.trusted() if is_tls else None,
        )
        try:
            await connection.connect()
        except BaseException:  # called off in the middle of it
            connection.close()
            raise
        return connection


def _refusal(
    error: aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused,
) -> Refusal:
    """What the server said, out of the error that it was made."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        [refusal] = error.recipients
        return Refusal(stage=Stage.RECIPIENT, code=refusal.code, text=refusal.message)
    is_sender = isinstance(error, aiosmtplib.SMTPSenderRefused)
    stage = Stage.SENDER if is_sender else Stage.CONTENT
    return Refusal(stage=stage, code=error.code, text=error.message)
