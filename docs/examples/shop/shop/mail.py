"""Messages as e-mail files in a Maildir, each delivered once.

Nothing that an order says becomes a header or a line of its own: what goes into either is made fit
for it first (`shop.words`), and a message goes to one mailbox: a customer's, a location's, or the
staff's.

The file's name and the Message-ID come from the message's own id. So a delivery that was made, but
not marked because the shop crashed in between, is recognised and not made again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from mailbox import Maildir
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from fulfill_core import Order
from fulfill_core.hosting import OutboxRow, Sent
from fulfill_core.notifications import Delivery
from shop.database import name_of, order_record
from shop.texts import RENDERER
from shop.words import header_words, one_mailbox, shown

SHOP = "Tea shop <shop@tea.example>"
STAFF = "staff@tea.example"
DOMAIN = "tea.example"


class Mailbox:
    """A Maildir that takes each message once.

    Args:
        folder: the Maildir; made at the first delivery, so that a folder that cannot be written
            is a failure of the message, not of the run.
    """

    def __init__(self, folder: Path) -> None:
        """Touch nothing yet."""
        self.folder = folder
        self.count = 0
        self._keys: set[str] = set()

    def deliver(self, message_id: str, email: EmailMessage) -> bool:
        """Put a message into the Maildir; False if it was there already."""
        key = _key(message_id)
        if key in self._delivered():
            return False
        content = email.as_bytes(policy=SMTP)
        draft = self.folder / "tmp" / f"{key}.{os.getpid()}"
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.folder / "new" / key)  # so that nobody ever reads half a file
        finally:
            draft.unlink(missing_ok=True)
        self._keys.add(key)
        self.count += 1
        return True

    def _delivered(self) -> set[str]:
        """The keys of what is there, wherever a mail program has moved it since."""
        if not self._keys:
            for name in ("tmp", "new", "cur"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            self._keys = set(Maildir(self.folder).keys())
        return self._keys


class MaildirNotifier:
    """Sends what the outbox hands out: a `Notifier`. What it raises is tried again later.

    Args:
        box: where to.
        engine: the shop's database, for the orders.
        titles: what the SKUs are called.
    """

    def __init__(self, box: Mailbox, engine: Engine, titles: Mapping[str, str]) -> None:
        """Send nothing yet."""
        self._box, self._engine, self._titles = box, engine, titles

    def __call__(self, row: OutboxRow, /) -> Sent:
        """Put it into the Maildir, in words."""
        with self._engine.connect() as connection:
            record = order_record(connection, row.order_id)
        mail = cast("Delivery", row.content)  # the loop has preferences: so all messages are
        email = compose(row.id, mail, record.order, name_of(record), self._titles)
        self._box.deliver(row.id, email)
        return Sent()


def _key(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest()[:40]


def compose(
    row_id: str, mail: Delivery, order: Order, order_name: str, titles: Mapping[str, str]
) -> EmailMessage:
    """The e-mail for a row of the outbox: the same row, the same e-mail."""
    first = mail.messages[0]
    words = RENDERER.render(mail.messages, order, order_name=order_name, titles=titles)
    subject, text, to = words.subject, words.text, STAFF
    if first.audience == "customer":
        to = one_mailbox(mail.recipient)
        if not to:  # a phone number, several addresses or nothing: a person has to pass it on
            to, whom = STAFF, mail.recipient
            call = f"No one e-mail address. Please tell the customer: {shown(whom) or 'no phone'}"
            text = f"{call}\n\n{text}"
            subject = f"[please call {header_words(whom) or '?'}] {subject}"
    elif first.audience == "location":  # each has a mailbox of the shop's own
        to = one_mailbox(f"{mail.recipient}@{DOMAIN}") or STAFF
    email = EmailMessage()
    email["Message-ID"] = f"<{_key(row_id)}@{DOMAIN}>"
    email["Date"] = mail.send_at
    email["From"] = SHOP
    email["To"] = to
    email["Subject"] = subject
    email["X-Order"] = header_words(mail.order_id)
    email["X-Kind"] = ", ".join([str(each.kind) for each in mail.messages])
    email.set_content(text)
    email.add_alternative(words.html, subtype="html")
    email.set_boundary(f"=_{_key(row_id)}")  # by chance otherwise
    email["Content-Language"] = words.language
    return email
