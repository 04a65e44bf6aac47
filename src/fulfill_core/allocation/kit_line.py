"""A line that asks for kits, and what it needs of their components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

Recipe: TypeAlias = tuple[tuple[str, int], ...]
"""What one kit is made of: SKUs and units."""


class KitLine(NamedTuple):
    """A line that asks for kits.

    Args:
        parts: the components: SKU, units in one kit, units that the line holds.
        held: how many whole kits it holds.
        together: whether its kits leave together or not at all.
        recipe: the components: SKU, units in one kit.
    """

    parts: tuple[tuple[str, int, int], ...]
    held: int
    together: bool
    recipe: Recipe

    def more(self, kits: int) -> Iterable[tuple[str, int]]:
        """What so many more whole kits take: SKUs and units; what is held loose counts."""
        for sku, each, held in self.parts:
            units = (self.held + kits) * each - held
            if units > 0:
                yield sku, units

    def beyond(self, got: int, kits: int) -> dict[str, int]:
        """What so many kits take beyond those that the line gets: SKUs and units."""
        units = dict(self.more(got + kits))
        for sku, some in self.more(got):
            units[sku] -= some
        return units

    def enough_for(self, part: tuple[str, int, int], got: int, units: int) -> int:
        """How many kits, beyond those that the line gets, so many units of a part do for."""
        _, each, held = part
        has = self.held + got
        return (max(held, has * each) + units) // each - has

    def holding(self, line_id: str, held: Mapping[tuple[str, str], int]) -> KitLine:
        """The same for a line that holds something, by line id and SKU."""
        parts = tuple([(leaf, each, held.get((line_id, leaf), 0)) for leaf, each in self.recipe])
        return self._replace(parts=parts, held=min([units // each for _, each, units in parts]))
