"""What the orders of a shop differ in: the tiers of its customers, channels, tags, attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from hypothesis import strategies as st

from fulfill_core.orders.order import Order


def tag_sets(tags: Sequence[str]) -> st.SearchStrategy[frozenset[str]]:
    """Some of these tags, or none."""
    return st.frozensets(st.sampled_from(tuple(tags))) if tags else st.just(frozenset[str]())


def attribute_texts(attributes: Mapping[str, Sequence[str]]) -> st.SearchStrategy[dict[str, str]]:
    """Some of these keys, each with one of its texts."""
    optional = {key: st.sampled_from(tuple(texts)) for key, texts in attributes.items()}
    return st.fixed_dictionaries({}, optional=optional)


def varied(
    orders: st.SearchStrategy[Order],
    *,
    tiers: Sequence[str] | None,
    channels: Sequence[str] | None,
    tags: Sequence[str] | None,
    attributes: Mapping[str, Sequence[str]] | None,
) -> st.SearchStrategy[Order]:
    """The orders with the words of a shop; as they are in what is None."""
    words: dict[str, st.SearchStrategy[Any]] = {}
    if tiers is not None:
        words["tier"] = st.sampled_from(tuple(tiers))
    if channels is not None:
        words["channel"] = st.sampled_from(tuple(channels))
    if tags is not None:
        words["tags"] = tag_sets(tags)
    if attributes is not None:
        words["attributes"] = attribute_texts(attributes)
    return st.builds(_with_words, orders, **words) if words else orders


def _with_words(order: Order, *, tier: str | None = None, **changes: Any) -> Order:
    customer = order.customer if tier is None else attrs.evolve(order.customer, tier=tier)
    return attrs.evolve(order, customer=customer, **changes)
