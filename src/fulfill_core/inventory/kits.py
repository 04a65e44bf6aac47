"""Kits: what must hold of them before any is taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fulfill_core import _checks
from fulfill_core.inventory.stock import Item


def check_kits(path: str, items: Mapping[str, Item], some: Iterable[Item]) -> None:
    """No kit is a part of itself, at any depth; *some* are the items that may have brought it.

    >>> check_kits("items", {}, [Item(sku="mug")])
    """
    done: set[str] = set()
    for item in some:
        if not item.components:  # the usual case
            continue
        # Depth first without recursion: kits may be nested as deep as anybody likes.
        way: list[str] = []
        ahead = [(item.sku, 0)]
        while ahead:
            sku, depth = ahead.pop()
            del way[depth:]
            if sku in way:
                circle = " -> ".join([*way[way.index(sku) :], sku])
                raise _checks.refuse(
                    path, circle, "is a kit that is a part of itself; take it out of its components"
                )
            way.append(sku)
            known = items.get(sku)
            if known is not None and sku not in done:
                ahead += [(part.sku, depth + 1) for part in known.components]
            done.add(sku)
