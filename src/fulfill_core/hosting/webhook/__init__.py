"""Messages to another system: signed requests over HTTP, as Standard Webhooks has them.

It reaches outside, so nothing else of the library imports it. The notifiers need the extra
``fulfill_core[webhook]``: httpx. What checks a signature needs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from
from fulfill_core.hosting.webhook.content import Webhook, WebhookAnswer, payload
from fulfill_core.hosting.webhook.signing import is_signed, signature_headers

if TYPE_CHECKING:
    from fulfill_core.hosting.webhook.notifier import AsyncWebhookNotifier, WebhookNotifier

__getattr__, __dir__ = names_from(
    "fulfill_core.hosting.webhook",
    notifier=["AsyncWebhookNotifier", "WebhookNotifier"],
)

__all__ = [
    "AsyncWebhookNotifier",
    "Webhook",
    "WebhookAnswer",
    "WebhookNotifier",
    "is_signed",
    "payload",
    "signature_headers",
]
