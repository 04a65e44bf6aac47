"""The units of one SKU that supplies bring, while a run promises them.

A unit is free, or it is claimed: by an order of this run, which may keep it, or by one of which the
run knows nothing, whose units nobody touches. See docs/explanation/how-stock-is-given-out.md, "What
is claimed of a supply".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from operator import neg
from typing import NamedTuple, TypeAlias

from fulfill_core.allocation.waiting.free_units import FreeUnits
from fulfill_core.inventory.claims import units_of_supplies
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.inventory.state import State, due_until, supplies_of

UnitsAt: TypeAlias = dict[int, int]
"""Units by the place of their supply in the sequence of all supplies of the SKU."""

_FOR_ANYBODY = ""
_EVERYWHERE = None


class Reach(NamedTuple):
    """What of the units to come an order may have, where that is not all of them.

    Args:
        serves: whether a location may serve it, by id.
        fence_units: so many units, the earliest, are kept for others.
        shelf: what knows in which packs units leave; None if they leave one by one.
        units_each: units of a box that its lines ask for, each of which comes to one place.
        kept_at: so many units that come to a location, by id, are kept for others.
    """

    serves: Callable[[str], bool]
    fence_units: int
    shelf: Shelf | None
    units_each: int = 1
    kept_at: Mapping[str, int] = {}

    @property
    def is_of_single_units(self) -> bool:
        """Whether each unit may come by itself: in no pack, and in no box."""
        return self.shelf is None and self.units_each == 1

    def units_at(self, location: str, units: int) -> int:
        """How many of so many units that come to a location leave it for the order: whole packs."""
        if self.shelf is None:
            return units - units % self.units_each if location else units
        whole = self.shelf.leaving(location, units)
        # Whole packs, of which some may make no whole boxes: then fewer of them.
        while location and whole % self.units_each:
            whole = self.shelf.leaving(location, whole - whole % self.units_each)
        return whole


ReachOf: TypeAlias = Callable[[str, Collection[str]], Reach | None]
"""What an order, by id, may have of the units that these of its lines wait for; None if all."""


class UnitsToCome:
    """What supplies bring of one SKU, the earliest first.

    Args:
        stock: the stock before the run.
        sku: the stock keeping unit.
        now: the caller's time.
        ranks: the orders of this run that have claims, with their places in the queue.
        losers: those of them that others may take claims from, with the lines of each that keep
            theirs; what the others claimed is free.
        reach_of: what one of them, by id, may have of the units; None if all.
        is_in_rank: whether claims move forward to earlier free units, before anybody is served.
    """

    # A run may make one for each of ten thousand SKUs: none of its parts is more than it has to be,
    # and mappings of numbers are nothing to the garbage collector, where lists are.
    __slots__ = (
        *("_claims", "_free", "_free_units", "_now", "_places", "_places_at", "_places_of"),
        *("_units", "beyond", "due", "exceeded", "place_of", "supplies"),
    )

    def __init__(
        self,
        stock: State,
        sku: str,
        now: datetime,
        ranks: Mapping[str, int],
        losers: Mapping[str, Collection[str]],
        reach_of: ReachOf,
        *,
        is_in_rank: bool,
    ) -> None:
        self.supplies = supplies_of(stock, sku)
        self.due = tuple([due_until(stock, supply) for supply in self.supplies])
        """Until when each supply is due, by its place."""
        self.beyond: dict[str, dict[str, int]] = {}
        """Claims that came to nothing: units by order and supply id."""
        self._now = now
        claims, units_free = units_of_supplies(stock, sku, now)
        self._free: UnitsAt = dict(enumerate(units_free))
        self._claims: dict[str, dict[str, UnitsAt]] = {}  # by order, then by line
        self.place_of = {supply.id: place for place, supply in enumerate(self.supplies)}
        """The places of the supplies, by id."""
        self.exceeded = {claim.supply_id for claim in claims if claim.beyond}
        """The supplies, by id, of which more is claimed than they bring."""
        for claim in claims:
            order_id, supply_id = claim.order_id, claim.supply_id
            if claim.beyond and order_id in ranks:
                by_supply = self.beyond.setdefault(order_id, {})
                by_supply[supply_id] = by_supply.get(supply_id, 0) + claim.beyond
            if not claim.units:
                continue
            place = self.place_of[supply_id]
            lines_kept = losers.get(order_id)
            if lines_kept is not None and claim.line_id not in lines_kept:
                self._free[place] += claim.units
            elif order_id in ranks:
                units_at = self._claims.setdefault(order_id, {}).setdefault(claim.line_id, {})
                units_at[place] = units_at.get(place, 0) + claim.units
        # Where there are free units, for anybody and for an order, the latest place first, so that
        # the earliest can be popped. Places of which nothing is free any more may stand in them.
        self._places: list[int] = []
        self._places_of: dict[str, list[int]] = {}
        self._places_at: dict[str, dict[str, list[int]]] | None = None  # see `_by_location`
        self._free_units: dict[str | None, FreeUnits] = {}  # see `_added_up`
        self._units: dict[str, int] = {}
        for place in reversed(range(len(self.supplies))):
            units = self._free[place]
            if units:
                whom = self.supplies[place].order_id
                self._units[whom] = self._units.get(whom, 0) + units
                self._places_for(whom).append(place)
        if is_in_rank and self._claims:
            self._move_forward(ranks, reach_of)

    def _places_for(self, whom: str) -> list[int]:
        """Where there are free units for an order, or for anybody, the latest first."""
        return self._places_of.setdefault(whom, []) if whom else self._places

    def _by_location(self, whom: str) -> dict[str, list[int]]:
        """The same places by where their supplies come to: few runs ask for it, see `Reach`."""
        if self._places_at is None:
            by_whom = {_FOR_ANYBODY: self._places, **self._places_of}
            self._places_at = {each: {} for each in by_whom}
            for each, places in by_whom.items():
                for place in places:
                    location = self.supplies[place].location
                    self._places_at[each].setdefault(location, []).append(place)
        return self._places_at.setdefault(whom, {})

    def _lists_of(self, place: int) -> list[list[int]]:
        """The lists in which a place stands while something of its supply is free."""
        supply = self.supplies[place]
        lists = [self._places_for(supply.order_id)]
        if self._places_at is not None:
            by_location = self._by_location(supply.order_id)
            lists.append(by_location.setdefault(supply.location, []))
        return lists

    def _open(self, place: int) -> None:
        """Something of a supply is free again of which nothing was."""
        for places in self._lists_of(place):
            at = bisect_left(places, -place, key=neg)
            if at == len(places) or places[at] != place:
                places.insert(at, place)

    def _close(self, place: int) -> None:
        """Nothing of a supply is free any more: it is not looked at again."""
        for places in self._lists_of(place):
            del places[bisect_left(places, -place, key=neg)]

    def _move_forward(self, ranks: Mapping[str, int], reach_of: ReachOf) -> None:
        """Claims move to earlier supplies that have free units: the earliest claims go first.

        Once through is enough: what a claim leaves is of use only to claims that are later than it
        was. Nobody moves from a date to a supply that is overdue, of which nobody knows the date.
        """
        claims = sorted(
            [
                (place, ranks[order_id], line_id, order_id)
                for order_id, lines in self._claims.items()
                for line_id, units_at in lines.items()
                for place in units_at
                if self._is_for_anybody(place)
            ]
        )
        earliest = 0
        for place, _, line_id, order_id in claims:
            units_at = self._claims[order_id][line_id]
            reach = reach_of(order_id, self._claims[order_id].keys())
            if reach is not None:
                self._move_within_reach(units_at, place, reach)
                continue
            while units_at.get(place):
                while earliest < place and not self._may_move_to(earliest):
                    earliest += 1
                if earliest >= place:
                    break
                units = min(units_at[place], self._free[earliest])
                self._move(units_at, place, earliest, units)

    def _move_within_reach(self, units_at: UnitsAt, place: int, reach: Reach) -> None:
        """Move a claim forward as far as its order may be served from there, in whole packs."""
        location = self.supplies[place].location
        units_left = units_at[place]
        moves: list[tuple[int, int]] = []
        for target, free in self._within_reach(_FOR_ANYBODY, reach):
            if target >= place or not units_left:
                break
            units = min(units_left, free) if self._may_move_to(target) else 0
            if location:  # what stays there is whole boxes
                units = max(0, units - (units - units_left) % reach.units_each)
            units = reach.units_at(self.supplies[target].location, units)
            if units and reach.units_at(location, units_left - units) == units_left - units:
                units_left -= units
                moves.append((target, units))
        for target, units in moves:
            self._move(units_at, place, target, units)
        # What left a box, or a pack, as a whole may go on from there unit by unit.
        for target, _ in () if reach.is_of_single_units else moves:
            self._move_within_reach(units_at, target, reach)

    def move_forward(self, units_at: UnitsAt, reach: Reach) -> None:
        """What one line waits for moves to earlier free units, as the next run moves its claims.

        With what it claims now it may fill a pack, or a box, that its claims of before did not; and
        of single units that come first some may be of use beside the boxes of a later supply.
        """
        for place in sorted(filter(self._is_for_anybody, units_at)):
            self._move_within_reach(units_at, place, reach)

    def _move(self, units_at: UnitsAt, place: int, target: int, units: int) -> None:
        add_units(units_at, target, units)
        add_units(units_at, place, -units)
        self._change(target, -units)
        if not self._free[place]:
            self._open(place)
        self._change(place, units)

    def _may_move_to(self, place: int) -> bool:
        return self._free[place] > 0 and self._is_for_anybody(place) and not self.is_overdue(place)

    def _is_for_anybody(self, place: int) -> bool:
        return self.supplies[place].order_id == _FOR_ANYBODY

    def is_overdue(self, place: int) -> bool:
        """Whether a supply was to come before now: it still comes, nobody knows when."""
        return self.due[place] < self._now

    def sequence(self, place: int) -> tuple[bool, int]:
        """A sort key for places: what was bought for one order first, then the earliest."""
        return self._is_for_anybody(place), place

    # -- Claims ------------------------------------------------------------------------------------

    def claims_of(self, order_id: str) -> Iterator[tuple[str, UnitsAt]]:
        """What the order has claimed, by line."""
        yield from self._claims.get(order_id, {}).items()

    def is_claimed_by_others(self, order_id: str) -> bool:
        """Whether other orders of this run have claims, too."""
        return len(self._claims) > (order_id in self._claims)

    # -- Free units --------------------------------------------------------------------------------

    def free_units(self, order_id: str, most: int, reach: Reach | None = None) -> int:
        """Units that the order could claim, if it asks for so many; they may be more than that.

        Args:
            order_id: the order.
            most: how many it asks for.
            reach: what it may have, if that is not all.
        """
        if reach is not None:
            return sum([part for _, part in self._parts_within_reach(order_id, most, reach)])
        units = self._units
        return units.get(_FOR_ANYBODY, 0) + (units.get(order_id, 0) if order_id else 0)

    def take(self, order_id: str, units: int, units_at: UnitsAt, reach: Reach | None = None) -> int:
        """Take so many free units for the order, or as many as there are, the earliest first.

        What was bought for it comes before all others: nobody else can have that.

        Args:
            order_id: the order.
            units: how many.
            units_at: where what is taken is added.
            reach: what the order may have, if that is not all.

        Returns:
            How many there were not.
        """
        if reach is not None:
            return self._take_within_reach(order_id, units, units_at, reach)
        if order_id in self._places_of:
            units = self._take_from(order_id, units, units_at)
        return self._take_from(_FOR_ANYBODY, units, units_at) if units else 0

    def _take_from(self, whom: str, units: int, units_at: UnitsAt) -> int:
        """The same, of what was bought for one order, or for anybody."""
        places, free = self._places_for(whom), self._free
        rest = units
        while rest and places:
            place = places[-1]
            part = min(rest, free[place])
            if part:
                self._change(place, -part)
                rest -= part
                units_at[place] = units_at.get(place, 0) + part
            # A supply of which nothing is free is gone: each is met once in a run, however many
            # orders wait.
            if not free[place]:
                places.pop()
        if rest != units:
            self._units[whom] -= units - rest
        return rest

    def _within_reach(self, order_id: str, reach: Reach) -> Iterator[tuple[int, int]]:
        """Free units that an order may have, those bought for it first: how many at which place.

        Locations that may not serve it are passed over as a whole.
        """
        for whom in (order_id, _FOR_ANYBODY) if order_id else (_FOR_ANYBODY,):
            yield from merge(
                *[
                    self._within_reach_at(location, whom, places, reach)
                    for location, places in self._by_location(whom).items()
                    if not location or reach.serves(location)
                ]
            )

    def _within_reach_at(
        self, location: str, whom: str, places: list[int], reach: Reach
    ) -> Iterator[tuple[int, int]]:
        """The same of what comes to one location."""
        while places and not self._free[places[-1]]:
            places.pop()
        kept_at = reach.kept_at.get(location, 0)
        if whom == _FOR_ANYBODY and (reach.fence_units or kept_at):
            free_at = self._beyond_fences(location, places, reach.fence_units, kept_at)
        else:
            free_at = ((place, self._free[place]) for place in reversed(places))
        for place, units in free_at:
            yield place, reach.units_at(location, units)

    def _beyond_fences(
        self, location: str, places: Sequence[int], fence_units: int, kept_at: int
    ) -> Iterator[tuple[int, int]]:
        """Free units that come to a location and are not kept for others: how many at which place.

        Args:
            location: the location, by id.
            places: where something is free there, the latest first.
            fence_units: so many units of all locations, the earliest, are kept.
            kept_at: so many of this location.
        """
        everywhere, at_location = self._added_up(_EVERYWHERE), self._added_up(location)
        first_due = bisect_left(self.due, self._now)
        most = max(fence_units, kept_at)
        place = at_location.with_more(most, 0)
        while place is not None and place < first_due:
            yield place, self._free[place] - most
            place = at_location.with_more(most, place + 1)
        first, first_at_location = everywhere.beyond(fence_units), at_location.beyond(kept_at)
        if first is None or first_at_location is None:
            return
        first = max(first, first_at_location, first_due)
        for at in reversed(range(bisect_right(places, -first, key=neg))):
            place, units = places[at], self._free[places[at]]
            behind_fence = fence_units - everywhere.before(place)
            of_location = kept_at - at_location.before(place)
            yield place, units - min(units, max(0, behind_fence, of_location))

    def _added_up(self, location: str | None) -> FreeUnits:
        """The free units that anybody may have, of one location or of all: few runs ask for it."""
        free_units = self._free_units.get(location)
        if free_units is None:
            places = [
                place
                for place, supply in enumerate(self.supplies)
                if supply.order_id == _FOR_ANYBODY and location in (supply.location, _EVERYWHERE)
            ]
            first_due = bisect_left(self.due, self._now)
            free_units = FreeUnits(places, self._free.__getitem__, first_due)
            self._free_units[location] = free_units
        return free_units

    def _change(self, place: int, units: int) -> None:
        """So many more units of a supply are free, or fewer."""
        self._free[place] += units
        if self._free_units and self._is_for_anybody(place):
            for location in (self.supplies[place].location, _EVERYWHERE):
                if location in self._free_units:
                    self._free_units[location].change(place, self._free[place])

    def _parts_within_reach(
        self, order_id: str, units: int, reach: Reach
    ) -> Sequence[tuple[int, int]]:
        """What an order that asks for so many units gets of them: how many at which place.

        The earliest first; if it gets more so, first where only whole packs or boxes leave: single
        units fill up what those leave, and not the other way round.
        """
        free_at = self._within_reach(order_id, reach)
        parts = self._in_sequence(units, free_at, reach)
        has_wholes = reach.shelf is not None or reach.units_each > 1
        if not has_wholes or sum([part for _, part in parts]) == units:
            return parts
        wholes_first = sorted(
            self._within_reach(order_id, reach),
            key=lambda free: reach.units_at(self.supplies[free[0]].location, 1),
        )
        ways = parts, self._in_sequence(units, wholes_first, reach)
        return max(ways, key=lambda parts: sum([part for _, part in parts]))

    def _in_sequence(
        self, units: int, free_at: Iterable[tuple[int, int]], reach: Reach
    ) -> Sequence[tuple[int, int]]:
        """From each place what it has of what is still missing."""
        parts: list[tuple[int, int]] = []
        for place, free in free_at:
            part = min(units, free)
            if part < free:  # in whole packs, if units leave that place so
                part = reach.units_at(self.supplies[place].location, part)
            if part:
                parts.append((place, part))
                units -= part
            if not units:
                break
        return parts

    def _take_within_reach(self, order_id: str, units: int, units_at: UnitsAt, reach: Reach) -> int:
        for place, part in self._parts_within_reach(order_id, units, reach):
            self._change(place, -part)
            if not self._free[place]:
                self._close(place)
            self._units[self.supplies[place].order_id] -= part
            units -= part
            units_at[place] = units_at.get(place, 0) + part
        return units

    def give_back(self, units_at: UnitsAt) -> None:
        """These units are free again."""
        for place, units in units_at.items():
            if not self._free[place]:
                self._open(place)
            self._change(place, units)
            whom = self.supplies[place].order_id
            self._units[whom] = self._units.get(whom, 0) + units


def add_units(units_at: UnitsAt, place: int, units: int) -> None:
    """So many more units at a place, or fewer; one without any is left out."""
    changed = units_at.get(place, 0) + units
    if changed:
        units_at[place] = changed
    else:
        units_at.pop(place, None)
