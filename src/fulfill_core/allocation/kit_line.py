"""A line that asks for kits, and what it needs of their components.

See docs/how-to/kits.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

Recipe: TypeAlias = tuple[tuple[str, int], ...]
"""What one kit is made of: SKUs and units."""


class KitPart(NamedTuple):
    """A component of the kits that a line asks for.

    Args:
        sku: the component.
        units_each: units of it in one kit.
        reserved: units of it that are reserved for the line, or have left.
    """

    sku: str
    units_each: int
    reserved: int = 0


class KitLine(NamedTuple):
    """A line that asks for kits.

    Args:
        parts: the components.
        reserved: how many whole kits are reserved for it, or have left.
        ships_together: whether its kits leave together or not at all.
        recipe: the components, without regard to the line.
        skus: the SKUs of the components.
    """

    parts: tuple[KitPart, ...]
    reserved: int
    ships_together: bool
    recipe: Recipe
    skus: tuple[str, ...]

    def components_of(self, kits: int) -> list[tuple[str, int]]:
        """What so many more whole kits take: SKUs and units.

        A component that is reserved for the line, and no whole kit has, goes into the next kit.
        """
        kits += self.reserved
        components: list[tuple[str, int]] = []
        for sku, units_each, reserved in self.parts:
            units = kits * units_each - reserved
            if units > 0:
                components.append((sku, units))
        return components

    def components_beyond(self, served: int, kits: int) -> dict[str, int]:
        """What so many kits take beyond those that the line is served with: units by SKU."""
        # Not simply the components of so many kits: loose ones go into the kits that it is served
        # with, and are used up there.
        units = dict(self.components_of(served + kits))
        for sku, units_served in self.components_of(served):
            units[sku] -= units_served
        return units

    def kits_from(self, available: Mapping[str, int]) -> int:
        """How many more whole kits the line could have if so many units of the SKUs are there."""
        # The scarcest component decides.
        whole = [
            (reserved + available.get(sku, 0)) // units_each
            for sku, units_each, reserved in self.parts
        ]
        return min(whole) - self.reserved

    def kits_from_part(self, part: KitPart, served: int, units: int) -> int:
        """For how many kits, beyond those it is served with, so many units of a part suffice."""
        kits = self.reserved + served
        # Of a part more may be reserved than all those kits need: then the rest counts, too.
        return (max(part.reserved, kits * part.units_each) + units) // part.units_each - kits

    def with_reserved(self, line_id: str, reserved: Mapping[tuple[str, str], int]) -> KitLine:
        """The line with what is reserved for it: units by line id and SKU."""
        parts = tuple(
            [
                KitPart(sku, units_each, reserved.get((line_id, sku), 0))
                for sku, units_each in self.recipe
            ]
        )
        return self._replace(
            parts=parts, reserved=min([part.reserved // part.units_each for part in parts])
        )
