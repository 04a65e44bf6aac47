"""Kits: what must hold of them, and how they are taken apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from fulfill_core import _checks
from fulfill_core.inventory.state import State
from fulfill_core.inventory.stock import Item

Parts: TypeAlias = tuple[tuple[str, int], ...]
"""What a kit is made of: pairs of a SKU and its units in one kit."""


def is_tracked(state: State, sku: str) -> bool:
    """Whether the stock of *sku* is counted: so it is unless its item says otherwise.

    A kit of which no component is tracked is not tracked either.

    >>> from fulfill_core import Inventory
    >>> Inventory(items=[Item(sku="gift-wrap", tracked=False)]).is_tracked("gift-wrap")
    False
    """
    item = state.items.get(sku)
    if item is None:
        return True
    return bool(components_of(state, sku)) if item.is_kit else item.tracked


def components_of(state: State, sku: str) -> tuple[tuple[str, int], ...]:
    """What a kit is made of in the end, kits in kits taken apart; empty for what is no kit.

    Pairs of a SKU and its units in one kit, by SKU. Components that are not tracked are left out:
    they are always there.

    >>> from fulfill_core import Component, Inventory
    >>> pair = Item(sku="pair", components=[Component(sku="cup", quantity=2)])
    >>> box = Item(sku="box", components=[Component(sku="pair", quantity=3)])
    >>> Inventory(items=[pair, box]).components_of("box")
    (('cup', 6),)
    """
    kit = state.items.get(sku)
    if kit is None or not kit.components:
        return ()
    units: Counter[str] = Counter()
    level = {sku: 1}
    while level:  # kits may be nested deeply, and have kits in common
        next_level: Counter[str] = Counter()
        for name, quantity in level.items():
            item = state.items.get(name)
            if item is not None and item.components:
                for part in item.components:
                    next_level[part.sku] += quantity * part.quantity
            elif item is None or item.tracked:
                units[name] += quantity
        level = dict(next_level)
    return tuple(sorted(units.items()))


def check_kits(path: str, items: Mapping[str, Item], suspects: Iterable[Item]) -> None:
    """No kit is a part of itself, at any depth; *suspects* are the items that may have made it so.

    >>> check_kits("items", {}, [Item(sku="mug")])
    """
    done: set[str] = set()
    for suspect in suspects:
        if not suspect.components:
            continue
        # Depth first without recursion: kits may be nested as deep as anybody likes.
        way: list[str] = []
        ahead = [(suspect.sku, 0)]
        while ahead:
            sku, depth = ahead.pop()
            del way[depth:]
            if sku in way:
                circle = " -> ".join([*way[way.index(sku) :], sku])
                raise _checks.refuse(
                    path, circle, "is a kit that is a part of itself; take it out of its components"
                )
            way.append(sku)
            item = items.get(sku)
            if item is not None and sku not in done:
                ahead += [(part.sku, depth + 1) for part in item.components]
            done.add(sku)
