"""What the messages say: the library's own words, in the name of this shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fulfill_core import Notification, Order
from fulfill_core.messages import Renderer, Shop

RENDERER = Renderer(
    shop=Shop(
        name="Tea shop",
        url="https://tea.example",
        footer=["Tea shop, 12 Lime Street, Leeds LS1 4AP", "shop@tea.example"],
    )
)


def in_words(
    messages: Sequence[Notification], order: Order, order_name: str, titles: Mapping[str, str]
) -> dict[str, str]:
    """A mail as the outbox keeps it: what is sent late, or again, says the same."""
    words = RENDERER.render(messages, order, order_name=order_name, titles=titles)
    return {
        "subject": words.subject,
        "text": words.text,
        "html": words.html,
        "language": words.language,
    }
