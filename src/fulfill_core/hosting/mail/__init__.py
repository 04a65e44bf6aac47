"""Messages by e-mail: a notifier over ``smtplib``, and one over aiosmtplib for asynchronous hosts.

It reaches outside, so nothing else of the library imports it. The asynchronous one needs the extra
``fulfill_core[mail]``: ``from fulfill_core.hosting.mail import AsyncMailNotifier``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from
from fulfill_core.hosting.mail.content import Mail, MailAnswer, MailServer, Security
from fulfill_core.hosting.mail.letters import message_id
from fulfill_core.hosting.mail.notifier import MailNotifier

if TYPE_CHECKING:
    from fulfill_core.hosting.mail.async_notifier import AsyncMailNotifier

__getattr__, __dir__ = names_from(
    "fulfill_core.hosting.mail",
    async_notifier=["AsyncMailNotifier"],
)

__all__ = [
    "AsyncMailNotifier",
    "Mail",
    "MailAnswer",
    "MailNotifier",
    "MailServer",
    "Security",
    "message_id",
]
