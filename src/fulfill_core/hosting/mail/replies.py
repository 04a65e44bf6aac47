"""What a mail server says, and what becomes of the message: a table.

What is said of the message or of its recipient parks it, if it is said for good: to say it again
helps nobody. What is said of the shop or of the server does not: who repairs that repairs it for
all messages, and each of them is tried again until then.
"""

from __future__ import annotations

from enum import StrEnum

import attrs

from fulfill_core import _checks
from fulfill_core.hosting.sending import Later, Never, SendAnswer


class Stage(StrEnum):
    """How far a mail had come.

    >>> Stage("recipient")
    <Stage.RECIPIENT: 'recipient'>
    """

    SENDER = "sender"
    """The server was told from whom it is: ``MAIL FROM``."""
    RECIPIENT = "recipient"
    """The server was told for whom it is: ``RCPT TO``."""
    CONTENT = "content"
    """The server had it: ``DATA``."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Refusal:
    """A mail that a server did not take.

    Args:
        stage: how far it had come.
        code: the number that the server gave (RFC 5321).
        text: what it said beside that.
    """

    stage: Stage
    code: int
    text: str


_OF_THE_SHOP = {530, 534, 535, 538}
"""The server wants a name and a password, other ones, or a connection by TLS (RFC 4954)."""
_TOO_LARGE = 552
_FOR_GOOD = 5
"""The first digit of what a server says for good; 4 is for now."""


def answer_to(refusal: Refusal, recipient: str) -> SendAnswer:
    """What becomes of a message that a server refused.

    Args:
        refusal: what the server said.
        recipient: whose address is not repeated in the reason: reasons are logged.

    >>> answer_to(Refusal(stage=Stage.RECIPIENT, code=550, text="no such user"), "a@example.com")
    Never(reason='SMTP 550 to the recipient: no such user')
    >>> answer_to(Refusal(stage=Stage.CONTENT, code=451, text="come back"), "a@example.com")
    Later(retry_at=None, reason='SMTP 451 to the content: come back', is_unsent=True)
    """
    text = _checks.in_one_line(refusal.text.replace(recipient, "(recipient)"))
    reason = f"SMTP {refusal.code} to the {refusal.stage}: {text[:200]}"
    is_for_good = refusal.code // 100 == _FOR_GOOD and refusal.code not in _OF_THE_SHOP
    is_of_the_message = refusal.stage is not Stage.SENDER or refusal.code == _TOO_LARGE
    if is_for_good and is_of_the_message:
        return Never(reason=reason)
    return Later(reason=reason, is_unsent=True)


NO_SMTPUTF8 = Never(
    reason="the address has letters beyond ASCII, which this mail server does not take (SMTPUTF8)"
)


def unsent(error: Exception, recipient: str, *, is_connected: bool = False) -> Later:
    """The answer for a mail that nobody refused: no connection, no reply in time, no TLS.

    Args:
        error: what was raised.
        recipient: whose address is not repeated in the reason.
        is_connected: whether the server had some of it: it may have taken it.

    >>> unsent(ConnectionRefusedError("refused"), "a@example.com").reason
    'ConnectionRefusedError: refused'
    """
    text = _checks.message_of(error).replace(recipient, "(recipient)")
    return Later(reason=_checks.in_one_line(text), is_unsent=not is_connected)
