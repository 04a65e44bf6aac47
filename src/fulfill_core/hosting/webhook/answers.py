"""What the other system says, and what becomes of the message: a table.

What is said of this message parks it, if it is said for good: to say it again helps nobody. What is
said of the shop's account, of the address or of the other system's state does not: somebody will
repair that, and then all messages go through.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from fulfill_core import _checks
from fulfill_core.hosting.sending import Later, Never, SendAnswer, Sent

_SUCCESS, _REDIRECTION, _CLIENT_ERROR = 2, 3, 4
"""The first digit of a status."""
_MOVED_FOR_GOOD = {301, 308}
_MAY_CHANGE = {
    401,  # the shop's secret or token is not known there; it may be known again
    403,
    404,  # not there yet, or not during an update
    407,  # a proxy that wants a password
    408,  # the request took too long
    409,  # the same message is under way
    423,
    425,
    429,  # too many of them: later, when it says
}
_LONGEST_PAUSE = timedelta(days=1)
_MOST_DIGITS = 9


def answer_to(
    status: int, *, retry_after: str = "", location: str = "", text: str = "", now: datetime
) -> SendAnswer:
    """What becomes of a message, by the status of the response (RFC 9110).

    Args:
        status: the number.
        retry_after: the header of that name.
        location: where it says that it has moved.
        text: the beginning of what else it says.
        now: the time, aware.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> answer_to(204, now=noon), answer_to(410, now=noon)
    (Sent(event=None), Never(reason='HTTP 410'))
    >>> answer_to(429, retry_after="120", now=noon).retry_at.minute
    2
    """
    kind = status // 100
    if kind == _SUCCESS:
        return Sent()
    reason = f"HTTP {status}"
    if kind == _REDIRECTION:
        # It is signed for one address; and who could redirect it could read it.
        reason += f", moved to {location[:200]!r}: redirects are not followed"
        if status in _MOVED_FOR_GOOD:
            return Never(reason=f"{reason}; correct the address, then put the message back")
    elif text:
        reason += f": {_checks.in_one_line(text)[:200]}"
    if kind == _CLIENT_ERROR and status not in _MAY_CHANGE:
        return Never(reason=reason)
    return Later(reason=reason, retry_at=_retry_at(retry_after, now))


def _retry_at(retry_after: str, now: datetime) -> datetime | None:
    """When the other side wants to be asked again: at most in a day. None if it does not say."""
    instant: datetime | None = None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        seconds = int(text) if len(text) <= _MOST_DIGITS else 10**_MOST_DIGITS
        instant = now + min(timedelta(seconds=seconds), _LONGEST_PAUSE)
    elif text:
        try:
            instant = _checks.in_utc("Retry-After", parsedate_to_datetime(text))
        except (ValueError, OverflowError):  # no date, or one without a zone
            return None
    if instant is None or instant <= now:
        return None
    return min(instant, now + _LONGEST_PAUSE)
