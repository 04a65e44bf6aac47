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
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from mailbox import Maildir
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from shop.words import header_words, one_mailbox, shown

SHOP = "Tea shop <shop@tea.example>"
STAFF = "staff@tea.example"
DOMAIN = "tea.example"

FAILURES = (OSError, ValueError, MessageError)  # what may go wrong with one message


class Mailbox:
    """A Maildir that takes each message once.

    Args:
        folder: the Maildir; made at the first delivery, so that a folder that cannot be written
            is a failure of the message, not of the run.
    """

    def __init__(self, folder: Path) -> None:
        """Touch nothing yet."""
        self.folder = folder
        self._keys: set[str] = set()

    def deliver(self, message: Row[Any]) -> bool:
        """Put *message* into the Maildir; False if it was there already."""
        key = _key(message.message_id)
        if key in self._delivered():
            return False
        content = compose(message).as_bytes(policy=SMTP)
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
        return True

    def _delivered(self) -> set[str]:
        """The keys of what is there, wherever a mail program has moved it since."""
        if not self._keys:
            for name in ("tmp", "new", "cur"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            self._keys = set(Maildir(self.folder).keys())
        return self._keys


def _key(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest()[:40]


def compose(message: Row[Any]) -> EmailMessage:
    """The e-mail for one row of the outbox: the same row, the same e-mail."""
    subject, text, to = message.subject, message.text, STAFF
    if message.audience == "customer":
        to = one_mailbox(message.recipient)
        if not to:  # a phone number, several addresses or nothing: a person has to pass it on
            to, whom = STAFF, message.recipient
            call = f"No one e-mail address. Please tell the customer: {shown(whom) or 'no phone'}"
            text = f"{call}\n\n{text}"
            subject = f"[please call {header_words(whom) or '?'}] {subject}"
    elif message.audience == "location":  # each has a mailbox of the shop's own
        to = one_mailbox(f"{message.recipient}@{DOMAIN}") or STAFF
    email = EmailMessage()
    email["Message-ID"] = f"<{_key(message.message_id)}@{DOMAIN}>"
    email["Date"] = datetime.fromisoformat(message.created_at)
    email["From"] = SHOP
    email["To"] = to
    email["Subject"] = subject
    email["X-Order"] = header_words(message.order_id)
    email["X-Kind"] = message.kind
    email.set_content(text)
    email.add_alternative(message.html, subtype="html")
    email.set_boundary(f"=_{_key(message.message_id)}")  # by chance otherwise
    email["Content-Language"] = message.language
    return email
