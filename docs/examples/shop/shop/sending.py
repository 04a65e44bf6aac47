"""The outbox: what is due is sent, several news on one order as one mail.

The loop has put each message into it with its time, in the transaction of what it is news of.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select

from fulfill_core import InvalidValueError
from fulfill_core.hosting import Attempt, Later, OutboxContent
from fulfill_core.notifications import Delivery, combined
from fulfill_core.wire import loads
from shop.database import STORED, storage_of, tables, titles_of
from shop.loop import work
from shop.mail import Mailbox, MaildirNotifier


def deliver(engine: Engine, maildir: Path, now: datetime) -> tuple[int, list[str]]:
    """Send what is due in the outbox; how many mails that were, and why others were not sent.

    What an earlier run could not send, or died of, is tried again at once: the Maildir takes each
    mail once.
    """
    outbox = tables.outbox.c
    with engine.connect() as connection:
        names = titles_of(connection)
        tried = select(outbox.id).where(outbox.sent_at.is_(None), outbox.attempts > 0)
        ids = connection.execute(tried).scalars().all()
    again = [Attempt(row_id=each, at=now, result=Later(retry_at=now)) for each in ids]
    storage_of(engine).mark(again)
    box = Mailbox(maildir)
    work(engine, [], now, notifier=MaildirNotifier(box, engine, names))
    with engine.connect() as connection:
        return box.count, _errors(connection)


def _errors(connection: Connection) -> list[str]:
    """Why mails were not sent, a line for each; and what is stored and can't be read."""
    outbox = tables.outbox.c
    is_failed = outbox.sent_at.is_(None) & (outbox.reason != "")
    query = select(outbox.id, outbox.reason).where(is_failed)
    unreadable = {row.id: row.reason for row in connection.execute(query)}
    reasons: dict[str, str] = {}
    messages = stored_messages(connection, is_failed)
    for content, row in messages:
        reasons[content.id] = unreadable.pop(row.id)
    lines = {mail.id: reasons[mail.messages[0].id] for mail in mails_of(messages)}
    return [f"{name}: {reason}" for name, reason in (lines | unreadable).items()]


# -- What is in the outbox -------------------------------------------------------------------------


class StoredMessage(NamedTuple):
    """A message in the outbox: to whom and when it goes, and its row."""

    content: Delivery
    row: Row[Any]


def stored_messages(connection: Connection, which: ColumnElement[bool]) -> list[StoredMessage]:
    """Messages in the outbox, in the sequence in which they were written.

    A row that can't be read is none: the library parks it, with the reason.
    """
    query = select(tables.outbox).where(which).order_by(tables.outbox.c.number)
    messages = []
    for row in connection.execute(query):
        with suppress(InvalidValueError):
            content = loads(row.content, OutboxContent, STORED)
            if isinstance(content, Delivery):
                messages.append(StoredMessage(content, row))
    return messages


def mails_of(messages: Iterable[StoredMessage]) -> tuple[Delivery, ...]:
    """The mails that they are: several at one time are one."""
    return combined([message.content for message in messages])


def last_number(connection: Connection) -> int:
    """How far the outbox has been written by now."""
    return connection.scalar(select(func.max(tables.outbox.c.number))) or 0


def new_mails(connection: Connection, number: int) -> tuple[Delivery, ...]:
    """The mails that were written since the outbox had come so far."""
    return mails_of(stored_messages(connection, tables.outbox.c.number > number))


def unsent_mails(connection: Connection) -> tuple[Delivery, ...]:
    """The mails that were not sent yet; some may have to wait for the morning."""
    return mails_of(stored_messages(connection, tables.outbox.c.sent_at.is_(None)))
