"""Signatures of webhooks, as https://www.standardwebhooks.com has them.

There is code to check them in every language, and what others send can be checked by the same rule.
The header ``webhook-signature`` has the HMAC-SHA256 of id, timestamp and body, one for each secret.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as EncodingError
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from fulfill_core import _checks

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX, _VERSION = "whsec_", "v1,"
_SHORTEST_KEY = 24
_MOST_DIGITS = 12
_TOLERANCE = timedelta(minutes=5)


def keys_of(path: str, secrets: Iterable[str]) -> tuple[bytes, ...]:
    """The keys that secrets stand for. Those are not shown, not even in an error.

    >>> [len(key) for key in keys_of("secrets", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])]
    [24]
    """
    _checks.check_collection(path, secrets)
    keys = [_key_of(f"{path}[{position}]", each) for position, each in enumerate(secrets)]
    if not keys:
        raise _checks.refuse(path, [], "has no secret; pass one at least")
    return tuple(keys)


def _key_of(path: str, secret: object) -> bytes:
    problem = "is no secret; pass 'whsec_' and 24 random bytes or more in base64"
    if not isinstance(secret, str) or not secret.startswith(_PREFIX):
        raise _checks.refuse(path, "***", problem)
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (EncodingError, ValueError):
        raise _checks.refuse(path, "***", problem) from None
    if len(key) < _SHORTEST_KEY:
        raise _checks.refuse(path, "***", problem)
    return key


def header_id(row_id: str) -> str:
    """The id of a message as a header takes it: the same each time that it is sent.

    >>> header_id("A-17:order.confirmed:5d0f")
    'msg_d834f72aafb4b397c9f877fabbfc3518c713f0cb'
    """
    return f"msg_{sha256(row_id.encode('utf-8', 'backslashreplace')).hexdigest()[:40]}"


def signature_headers(
    body: bytes, *, row_id: str, secrets: Iterable[str], at: datetime
) -> dict[str, str]:
    """The headers that say which message it is, when it was sent, and by whom.

    Args:
        body: what is sent, to the byte.
        row_id: the id of the message; the header has a digest of it.
        secrets: what both sides know, each ``whsec_`` and 24 random bytes or more in base64: the
            new one and the old one, while the other side changes them.
        at: when it is sent, aware.

    Raises:
        InvalidValueError: a secret that is none; another argument of the wrong type.

    >>> from datetime import timezone
    >>> at = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    >>> headers = signature_headers(b"{}", row_id="A-17:1", secrets=[secret], at=at)
    >>> sorted(headers)
    ['webhook-id', 'webhook-signature', 'webhook-timestamp']
    >>> is_signed(headers, b"{}", secrets=[secret], now=at)
    True
    """
    _checks.check_member("body", body, bytes)
    _checks.check_text("row_id", row_id)
    message_id, timestamp = header_id(row_id), str(int(_checks.in_utc("at", at).timestamp()))
    signatures = [
        _VERSION + b64encode(_mac(key, message_id, timestamp, body)).decode()
        for key in keys_of("secrets", secrets)
    ]
    return {ID: message_id, TIMESTAMP: timestamp, SIGNATURE: " ".join(signatures)}


def is_signed(
    headers: Mapping[str, str],
    body: bytes,
    *,
    secrets: Iterable[str],
    now: datetime,
    tolerance: timedelta = _TOLERANCE,
) -> bool:
    """Whether a webhook that came in is from somebody who knows a secret, and is not an old one.

    One that comes twice is signed twice: the event's id tells.

    Args:
        headers: what it has, in any case.
        body: what came, to the byte, before anything read it.
        secrets: what both sides know; one of them is enough.
        now: the time, aware.
        tolerance: how old it may be, or how far ahead the other side's clock.

    Raises:
        InvalidValueError: a secret that is none; another argument of the wrong type, such as
            headers in bytes: of those none would ever be signed.

    >>> from datetime import timezone
    >>> is_signed({}, b"{}", secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ...           now=datetime(2026, 3, 2, 12, tzinfo=timezone.utc))
    False
    """
    keys = keys_of("secrets", secrets)
    if not hasattr(headers, "items"):  # those of http.server have them, and are no Mapping
        raise _checks.refuse("headers", headers, "has no items(); pass a mapping of str to str")
    _checks.check_member("body", body, bytes)
    _checks.check_duration("tolerance", tolerance)
    now = _checks.in_utc("now", now)
    fields: dict[str, str] = {}
    for name, text in headers.items():
        _checks.check_text("headers (key)", name)
        _checks.check_text(f"headers[{name!r}]", text)
        fields[name.lower()] = text
    message_id, timestamp = fields.get(ID, ""), fields.get(TIMESTAMP, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MOST_DIGITS):
        return False
    age = now.timestamp() - int(timestamp)
    if abs(age) > tolerance.total_seconds():
        return False
    signatures = [
        each.removeprefix(_VERSION).encode("utf-8", "replace")
        for each in fields.get(SIGNATURE, "").split()
        if each.startswith(_VERSION)
    ]
    macs = [b64encode(_mac(key, message_id, timestamp, body)) for key in keys]
    # All are compared, each in the same time whether it fits or not.
    return any([hmac.compare_digest(mac, each) for mac in macs for each in signatures])


def _mac(key: bytes, message_id: str, timestamp: str, body: bytes) -> bytes:
    head = f"{message_id}.{timestamp}.".encode("utf-8", "replace")
    return hmac.digest(key, head + body, "sha256")
