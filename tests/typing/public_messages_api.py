"""Typed uses of messages in words: mypy and pyright read them in their strict modes."""

from __future__ import annotations

from collections.abc import Mapping

from fulfill_core import Decision, Notification, Order, OrderRecord
from fulfill_core.messages import Language, RenderedMessage, Renderer, Sample, Shop, samples


def written(
    notification: Notification, record: Order | OrderRecord | Decision
) -> tuple[str, str, str]:
    """Texts and templates are mappings; what a message speaks of is an order, or what has one."""
    texts: Mapping[str, str] = {"greeting": "Hej,"}
    renderer = Renderer(
        shop=Shop(name="Tea shop", footer=["12 Lime Street"]),
        languages=[Language(locale="sv", texts=texts)],
        templates={"message.txt": "{{ heading }}"},
        default="de",
    )
    missing: tuple[str, ...] = renderer.missing_texts("sv")
    known: Mapping[str, str] = renderer.texts("sv")
    message: RenderedMessage = renderer.render(
        notification, record, titles={"mug": "Red mug"}, locale=None, link="", order_name="#17"
    )
    return message.subject, message.fallback, known.get("greeting", missing[0])


def first_sample() -> Sample:
    """Samples are values."""
    each: tuple[Sample, ...] = samples("en")
    return each[0]
