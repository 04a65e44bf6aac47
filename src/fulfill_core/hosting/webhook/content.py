"""What a webhook says and to whom: a value of the host."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.notification import Notification
from fulfill_core.hosting.plans import OutboxRow
from fulfill_core.hosting.sending import SendAnswer
from fulfill_core.hosting.webhook.signing import keys_of
from fulfill_core.notifications.sending import Delivery

_OURS = ("webhook-", "host", "content-length", "transfer-encoding")
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


def _to_secrets(secrets: Iterable[str]) -> tuple[str, ...]:
    return _checks.to_tuple(secrets)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Webhook:
    """What one request says, and where it goes: what a host makes of a message.

    Args:
        url: where it goes. It is the other system's, not the customer's: an address that anybody
            can choose may lead to anything in your own network.
        body: what is sent, such as `payload` makes; the same each time that it is sent.
        secrets: what both sides know, each ``whsec_`` and 24 random bytes or more in base64; the
            new one and the old one, while the other side changes them. They are not shown.
        headers: further headers. ``content-type`` is JSON's unless it is among them.

    Raises:
        InvalidValueError: an empty address, a secret that is none, a header that can't be one.

    >>> hook = Webhook(url="https://erp.example/hooks", body=b"{}",
    ...                secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    >>> "whsec" in repr(hook)
    False
    """

    url: str
    body: bytes
    secrets: tuple[str, ...] = attrs.field(converter=_to_secrets, repr=False)
    headers: _checks.FrozenMap = attrs.field(
        factory=_checks.FrozenMap, converter=_checks.to_frozen_map, repr=False
    )

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Webhook.url", self.url)
        if not isinstance(self.body, bytes):
            raise _checks.refuse("Webhook.body", self.body, "is not bytes; encode it")
        if not isinstance(self.secrets, tuple):
            raise _checks.refuse("Webhook.secrets", "***", "is not a collection; pass a list")
        keys_of("Webhook.secrets", self.secrets)
        _checks.check_frozen_map("Webhook.headers", self.headers)
        for name, text in self.headers.items():
            if not name or not _TOKEN.issuperset(name.lower()):
                raise _checks.refuse("Webhook.headers (key)", name, "can't be the name of a header")
            if name.lower().startswith(_OURS):
                problem = "is written by the notifier; leave it out"
                raise _checks.refuse("Webhook.headers (key)", name, problem)
            if not (text.isascii() and text.isprintable()):
                problem = "is not one line of printable ASCII"
                raise _checks.refuse(f"Webhook.headers[{name!r}]", "***", problem)


WebhookAnswer: TypeAlias = Webhook | SendAnswer
"""What a host makes of a message: a webhook, or what becomes of one that is not to be sent."""


def payload(row: OutboxRow, further: Mapping[str, object] | None = None) -> bytes:
    """A message as a JSON document for another system: its id, what it is about, its data.

    Several messages that go out together are one document with an id of its own, and ``messages``.

    Args:
        row: the row of the outbox that has the message.
        further: what is to be in it, too; it has the last word.

    Raises:
        InvalidValueError: a row that has an action: those are documents of ``fulfill_core.wire``;
            something further that JSON has no form for.

    >>> from fulfill_core import Notification
    >>> message = Notification(kind="order.confirmed", order_id="A-17", audience="staff",
    ...                        recipient="", locale="en")
    >>> row = OutboxRow(id=message.id, order_id="A-17", content=message)
    >>> json.loads(payload(row))["type"]
    'order.confirmed'
    """
    _checks.check_member("row", row, OutboxRow)
    if further is not None:
        _checks.check_mapping("further", further, "what is to be in it, by its name")
    content, document = row.content, dict[str, object]()
    if isinstance(content, Notification):
        document |= _document(row.id, content)
    elif isinstance(content, Delivery):
        documents = [_document(each.id, each) for each in content.messages]
        digest = {"id": row.id, "order": content.order_id, "messages": documents}
        document |= documents[0] if len(documents) == 1 else digest
    else:
        problem = "is an action; write it by fulfill_core.wire.dumps"
        raise _checks.refuse("row.content", content, problem)
    document |= further or {}
    # Escaped, so that half a character in a name is text as any other. Sorted: the same in each
    # process.
    try:
        return json.dumps(document, sort_keys=True, allow_nan=False).encode()
    except (TypeError, ValueError) as error:  # the rest is text and numbers
        problem = f"can't be written as JSON: {error}"
        raise _checks.refuse("further", further, problem) from None


def _document(message_id: str, message: Notification) -> dict[str, object]:
    return {
        "id": message_id,
        "type": str(message.kind),
        "order": message.order_id,
        "audience": str(message.audience),
        "supersedes": list(message.supersedes),
        "data": message.data,
    }
