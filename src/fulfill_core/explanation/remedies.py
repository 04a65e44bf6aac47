"""What would have filled an order: the smallest changes, each alone, each proved by a run with it.

Nothing of this is reckoned: each change is made to a copy of what the run was given, and the run is
made again. So fences, packs, caps, capacities and orders ahead count as they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision, open_by_line, reserved_by_line
from fulfill_core.decisions.finding import NEVER_WAIVED, Severity, Verdict
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.decisions.rows import backordered_by_sku
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.stock import Supply
from fulfill_core.orders.dates import first_deadline
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.result import Result
from fulfill_core.pipeline.run import process
from fulfill_core.pipeline.settings import Settings
from fulfill_core.records.facts import Context
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.sourcing import DEFAULT_SOURCING

_MOST_PLACES = 5
_DAY = timedelta(days=1)
_LAST = 2**62
"""A place behind everybody."""


def _to_units(units: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return _checks.to_tuple(units)


class RemedyKind(StrEnum):
    """What kind of change would have filled an order.

    >>> RemedyKind("units")
    <RemedyKind.UNITS: 'units'>
    """

    UNITS = "units"
    """So many more units on hand at a location."""
    SUPPLY = "supply"
    """So many units on order, expected by a date: it would wait for them, and be in time."""
    RANK = "rank"
    """Another place in the queue."""
    RULE = "rule"
    """A rule that is lifted."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Remedy:
    """A change that alone would have filled an order.

    Args:
        kind: what kind of change.
        units: for units and supplies, how many of what: pairs of SKU and stock units.
        location: where these units would lie; empty for a supply, which may come in anywhere.
        by: until when the supply would have to be expected, aware; None if any date would do.
        rank: the place in the queue that would do, 0 for the first: the last one that does.
        rule: which rule would have to be lifted: ``"approval"`` (what stops it is approved),
            ``"hold"``, ``"ship_after"``, ``"fences"``, ``"customer_cap"``, ``"packs"``,
            ``"minimum_life"`` (of an item), ``"safety"``, ``"capacity"``, ``"sourcing"`` or
            ``"planner"``.
        subjects: whose rule: the SKUs, the locations, the codes of the findings.

    `str` is a sentence.

    >>> print(Remedy(kind="units", units=[("mug", 2)], location="berlin"))
    2 more of mug at berlin.
    >>> print(Remedy(kind="rule", rule="fences", subjects=["mug"]))
    Lift the rule 'fences' of mug.
    """

    kind: RemedyKind
    units: tuple[tuple[str, int], ...] = attrs.field(default=(), converter=_to_units)
    location: str = ""
    by: datetime | None = None
    rank: int | None = None
    rule: str = ""
    subjects: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)

    def __attrs_post_init__(self) -> None:
        _checks.keep_word(self, "kind", RemedyKind)

    def __str__(self) -> str:
        what = " and ".join([f"{units} more of {sku}" for sku, units in self.units])
        subjects = ", ".join(self.subjects)
        if self.kind is RemedyKind.UNITS:
            text = f"{what} at {self.location}."
        elif self.kind is RemedyKind.SUPPLY:
            by = "whenever" if self.by is None else f"by {self.by:%Y-%m-%d %H:%M %Z}"
            text = f"{what} on order, expected {by}."
        elif self.kind is RemedyKind.RANK:
            text = f"Number {(self.rank or 0) + 1} in the queue."
        else:
            text = f"Lift the rule {self.rule!r}" + (f" of {subjects}." if subjects else ".")
        return _checks.in_one_line(text)


@attrs.frozen(weakref_slot=False)
class _InPlace:
    """A priority that keeps the sequence of a run, but puts one order in another place."""

    places: Mapping[str, float] = attrs.field(hash=False)

    def __call__(self, order: Order, /, *, context: Context) -> float:  # noqa: ARG002 - a priority
        return self.places.get(order.id, _LAST)


def remedies_of(result: Result, decision: Decision, settings: Settings) -> tuple[Remedy, ...]:
    """The changes that alone would have filled an order; none if it is filled, or nothing helps.

    Raises:
        InvalidValueError: with these settings the order is decided otherwise than in the result.
    """
    if _is_filled(decision) or decision.id in result.context.duplicates:
        return ()
    case = _Case(result, decision, settings)
    return (*case.units(), *case.supplies(), *case.ranks(), *case.rules())


def _is_filled(decision: Decision) -> bool:
    """Whether there is nothing left to do for it."""
    return decision.outcome in {Outcome.ALLOCATED, Outcome.COMPLETED, Outcome.CANCELLED}


def _is_in_time(decision: Decision) -> bool:
    """Whether all of it is there or has a date, and none is late."""
    if decision.rank is None or decision.shorts or decision.held_lines or decision.scheduled_lines:
        return False
    if decision.promise is not None and decision.promise.is_late:
        return False
    deadline = first_deadline(decision.order)
    dates = [each.expected_at for each in decision.backorders]
    return all([date is not None and (not deadline or date <= deadline) for date in dates])


def _another(order: Order) -> Order:
    """Another order of the same id: of one more tag, which is longer than all of its own."""
    return attrs.evolve(order, tags={*order.tags, f"+{''.join(sorted(order.tags))}"})


class _Case:
    """An order that is not filled, and the run that it was in.

    Args:
        result: the run.
        decision: on the order.
        settings: those of the run.

    Raises:
        InvalidValueError: with them the order is decided otherwise.
    """

    def __init__(self, result: Result, decision: Decision, settings: Settings) -> None:
        self._result = result
        self._decision = decision
        self._settings = settings
        self._inventory = result.before
        context = result.context
        self._members: dict[str, Order | OrderRecord] = {
            order.id: context.record_of(order.id) or order
            for order in result.decisions.orders
            if order.id not in context.duplicates
        }
        # They take nothing, but what they have counts: for the caps of their customers.
        self._duplicates = [
            each
            for order in result.decisions.orders
            if order.id in context.duplicates
            for each in (order, _another(order))
        ]
        if self._run().digest != decision.digest:
            problem = f"decide otherwise on {decision.id!r} than the run did; pass those of the run"
            raise _checks.refuse("explain.settings", settings, problem)

    def _run(
        self,
        *,
        inventory: Inventory | None = None,
        member: Order | OrderRecord | None = None,
        **changes: Any,
    ) -> Decision:
        """What would have been decided with a change."""
        members = self._members
        if member is not None:
            members = {**members, self._decision.id: member}
        result = process(
            [*members.values(), *self._duplicates],
            inventory or self._inventory,
            now=self._result.context.now,
            **{**self._settings, **changes},
        )
        return result[self._decision.id]

    # -- Units -------------------------------------------------------------------------------------

    def _missing(self) -> dict[str, int]:
        """The units that it lacks, by SKU: of kits, what they are made of."""
        decision = self._decision
        if decision.rank is None:
            return {}  # it takes nothing, however much there is
        units = reserved_by_line([*decision.reserved, *decision.allocations])
        beside = {*decision.untracked, *decision.held_lines, *decision.scheduled_lines}
        missing: dict[str, int] = {}
        for (line_id, sku), wish in open_by_line(decision).items():
            lack = wish - units.get((line_id, sku), 0)
            if lack > 0 and line_id not in beside:
                missing[sku] = missing.get(sku, 0) + lack
        return dict(sorted(missing.items()))

    def _missing_ahead(self) -> dict[str, int]:
        """The units of each SKU that orders ranked before it lack: they would come first."""
        units: dict[str, int] = {}
        for rows in self._result.decisions.backorders[: self._decision.rank]:
            for sku, number in backordered_by_sku(rows).items():
                units[sku] = units.get(sku, 0) + number
        for decision in self._result.decisions[: self._decision.rank]:
            for short in decision.shorts if decision.short_rows else ():
                units[short.sku] = units.get(short.sku, 0) + short.quantity
        return units

    def units(self) -> Iterator[Remedy]:
        """So many units more at a location; the smallest number for each of a few locations."""
        missing = self._missing()
        if not missing:
            return
        ahead = self._missing_ahead()
        most = {sku: number + ahead.get(sku, 0) for sku, number in missing.items()}
        for location in self._locations(missing):
            for units in (missing, most):
                if self._fills(units, location):
                    least = self._least(units, location)
                    yield Remedy(kind=RemedyKind.UNITS, units=least.items(), location=location)
                    break

    def _locations(self, skus: Iterable[str]) -> list[str]:
        """Where units could lie: where there are some now, else at any location; a few."""
        inventory, wanted_skus = self._inventory, set(skus)
        places = {row.location for row in inventory.stock() if row.sku in wanted_skus}
        if not places:
            places = {location.id for location in inventory.locations()}
        locations = [inventory.location(place) for place in places]
        locations.sort(key=lambda location: (location.rank, location.id))
        return [location.id for location in locations[:_MOST_PLACES]]

    def _fills(self, units: Mapping[str, int], location: str) -> bool:
        inventory = self._inventory
        for sku, number in units.items():
            inventory = inventory.with_received(sku, location, number) if number else inventory
        return _is_filled(self._run(inventory=inventory))

    def _fills_with(self, units: Mapping[str, int], sku: str, location: str, number: int) -> bool:
        return self._fills({**units, sku: number}, location)

    def _least(self, units: Mapping[str, int], location: str) -> dict[str, int]:
        """The least of each SKU with which it is filled, if so many of each fill it."""
        least = dict(units)
        for sku in units:
            units_beside = {name: number for name, number in least.items() if name != sku}
            is_enough = partial(self._fills_with, units_beside, sku, location)
            least[sku] = _first(0, least[sku], is_enough)
        # An order that ships complete lacks what is there, too: of that it needs no more.
        return {sku: number for sku, number in least.items() if number}

    # -- A supply ----------------------------------------------------------------------------------

    def supplies(self) -> Iterator[Remedy]:
        """So many units on order, by the last date that is early enough."""
        missing = self._missing()
        if not missing or _is_in_time(self._decision):
            return
        now, deadline = self._result.context.now, first_deadline(self._decision.order)

        def is_in_time(days: int) -> bool:
            return _is_in_time(self._run(inventory=self._with_supplies(missing, now + days * _DAY)))

        if not is_in_time(1):
            return
        by = None
        if deadline is not None:
            latest = max(1, (deadline - now) // _DAY)
            # The first day that is too late, and the one before it.
            by = now + (_first(1, latest + 1, lambda days: not is_in_time(days)) - 1) * _DAY
        yield Remedy(kind=RemedyKind.SUPPLY, units=missing.items(), by=by)

    def _with_supplies(self, units: Mapping[str, int], expected_at: datetime) -> Inventory:
        """The stock, with a supply of these units."""
        ids = {supply.id for supply in self._inventory.supplies()}
        supplies = [
            Supply(
                id=next(name for name in _names(sku) if name not in ids),
                sku=sku,
                quantity=number,
                expected_at=expected_at,
            )
            for sku, number in units.items()
        ]
        return self._altered(supplies=[*self._inventory.supplies(), *supplies])

    # -- A rank ------------------------------------------------------------------------------------

    def ranks(self) -> Iterator[Remedy]:
        """The last place in the queue that would do."""
        rank, queue_length = self._decision.rank, self._result.decisions.queue_length
        if not rank:
            return
        orders = self._result.decisions.orders[:queue_length]
        places: dict[str, float] = {order.id: place for place, order in enumerate(orders)}

        def decision_at(place: int) -> Decision:
            sequence = {**places, self._decision.id: place - 0.5}
            return self._run(priority=_InPlace(sequence))

        if not _is_filled(decision_at(0)):
            return
        # The first place that is too far behind, and the one before it.
        place = _first(1, rank, lambda place: not _is_filled(decision_at(place))) - 1
        # Where a re-allocation gives turns, the place is what came of it.
        yield Remedy(kind=RemedyKind.RANK, rank=decision_at(place).rank)

    # -- A rule ------------------------------------------------------------------------------------

    def rules(self) -> Iterator[Remedy]:
        """Each rule that would do, if it alone did not hold."""
        for rule, subjects, changes in (
            *self._rulings(),
            *self._rules_of_items(),
            *self._rules_of_places(),
            *self._rules_of_run(),
        ):
            if _is_filled(self._run(**changes)):
                yield Remedy(kind=RemedyKind.RULE, rule=rule, subjects=subjects)

    def _rulings(self) -> Iterator[tuple[str, Iterable[str], dict[str, Any]]]:
        """What a person could say of it, and when it may leave."""
        order = self._decision.order
        record = self._result.context.record_of(order.id) or OrderRecord(order=order)
        stops = [
            each
            for each in self._decision.findings
            if each.severity > Severity.NOTE and not each.is_waived and not each.source
        ]
        codes = sorted({each.code for each in stops})
        if stops and not NEVER_WAIVED.intersection(codes):
            approved = record.approved(stops, by="what if", at=self._result.context.now)
            yield "approval", codes, {"member": approved}
        if record.holds:
            codes = sorted({each.code for each in record.holds})
            yield "hold", codes, {"member": attrs.evolve(record, holds=())}
        if order.ship_after is not None or order.has_line_dates:
            lines = [attrs.evolve(line, ship_after=None) for line in order.lines]
            due_order = attrs.evolve(order, ship_after=None, lines=lines)
            yield "ship_after", (), {"member": attrs.evolve(record, order=due_order)}

    def _rules_of_items(self) -> Iterator[tuple[str, Iterable[str], dict[str, Any]]]:
        """What the items that it lacks say of themselves."""
        skus = {*self._missing(), *[line.sku for line in self._decision.order.lines]}
        items = {item.sku: item for item in self._inventory.items()}
        for rule, free in _FREE_ITEM.items():
            bound = [
                sku for sku in sorted(skus & items.keys()) if getattr(items[sku], rule) != free
            ]
            if bound and self._decision.rank is not None:
                freed_items = {sku: attrs.evolve(items[sku], **{rule: free}) for sku in bound}
                altered = self._altered(items={**items, **freed_items}.values())
                yield rule, bound, {"inventory": altered}

    def _rules_of_places(self) -> Iterator[tuple[str, Iterable[str], dict[str, Any]]]:
        """What keeps units of what it lacks at a location."""
        missing = self._missing()
        rows = list(self._inventory.stock())
        is_safe = [row.sku in missing and row.safety > 0 for row in rows]
        if any(is_safe):
            stock = [
                attrs.evolve(row, safety=0) if flag else row
                for row, flag in zip(rows, is_safe, strict=True)
            ]
            skus = sorted({row.sku for row, flag in zip(rows, is_safe, strict=True) if flag})
            yield "safety", skus, {"inventory": self._altered(stock=stock)}
        locations = list(self._inventory.locations())
        full = [location.id for location in locations if location.capacity is not None]
        if missing and full:
            open_locations = [attrs.evolve(each, capacity=None) for each in locations]
            altered = self._altered(locations=open_locations)
            yield "capacity", sorted(full), {"inventory": altered}

    def _rules_of_run(self) -> Iterator[tuple[str, Iterable[str], dict[str, Any]]]:
        """What the settings say."""
        if self._decision.verdict is not Verdict.ACCEPT:
            return
        if self._settings.sourcing != DEFAULT_SOURCING:
            yield "sourcing", (), {"sourcing": DEFAULT_SOURCING}
        if self._settings.planner is not None:
            yield "planner", (), {"planner": None}

    def _altered(self, **parts: Any) -> Inventory:
        """The stock with some of its parts in the place of its own."""
        content = {name: getattr(self._inventory, name)() for name in _PARTS if name not in parts}
        return Inventory(**content, **parts)


_FREE_ITEM: Mapping[str, Any] = {
    "fences": (),
    "customer_cap": None,
    "packs": (),
    "minimum_life": timedelta(0),
}
"""The rules of an item that may keep units from an order, and what they are when there are none."""
_PARTS = ("stock", "supplies", "items", "locations", "reservations", "claims", "intakes")


def _first(low: int, high: int, is_enough: Callable[[int], bool]) -> int:
    """The first number from *low* on that is enough, if *high* is, and all above the first are.

    >>> _first(1, 100, lambda number: number >= 7)
    7
    """
    while low < high:
        middle = (low + high) // 2
        if is_enough(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _names(sku: str) -> Iterator[str]:
    """Ids for a supply that is made up."""
    number = 0
    while True:
        number += 1
        yield f"what if {number}: {sku}"
