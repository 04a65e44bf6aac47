"""What differs between two runs: for which orders, why, and who has the units of whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.lines import Allocation
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.decisions.rows import units_by_sku
from fulfill_core.explanation.line_phrases import instant_of
from fulfill_core.inventory.stock import Reservation
from fulfill_core.pipeline.result import Result
from fulfill_core.whatif.standing import Standing, standing_of

_FEW = 3
"""So many orders, codes and the like are named in a sentence; the others are counted."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class UnitShift:
    """Units that an order has in one run, and another order has in their place in the other.

    Within a SKU, who has fewer is put beside who has more, both in the sequence in which they are
    served: which unit went where nobody can say, how many went from whom and to whom is so.

    Args:
        setting: the name of the settings under which the units went.
        sku: what.
        quantity: how many stock units.
        source: the order that has them under the first settings; empty if nobody has.
        target: the order that has them under these; empty if nobody has.

    >>> UnitShift(setting="gold first", sku="mug", quantity=2, source="A-1", target="A-2").target
    'A-2'
    """

    setting: str
    sku: str
    quantity: int
    source: str
    target: str


@attrs.frozen(kw_only=True, weakref_slot=False)
class Difference:
    """An order that comes out otherwise under some settings than under the first ones.

    A rank that changes nothing for the order is no difference.

    Args:
        setting: the name of the settings.
        order_id: the order.
        outcomes: what became of it under the first settings, and under these; and so on.
        ranks: its places in the queue; None if it was not in it.
        units: how many units it asks for.
        filled: how many of them are reserved, or have left.
        expected: when all of it is there, as far as that is known.
        reasons: why, in plain sentences, each on one line.

    `str` is the reasons, a line for each.

    >>> difference = Difference(
    ...     setting="gold first", order_id="A-1", ranks=(0, 1), units=2, filled=(2, 0),
    ...     outcomes=(Outcome.ALLOCATED, Outcome.UNFULFILLABLE), expected=(None, None),
    ...     reasons=("It has 2 of mug fewer; now with A-2.",))
    >>> print(difference)
    It has 2 of mug fewer; now with A-2.
    """

    setting: str
    order_id: str
    outcomes: tuple[Outcome, Outcome]
    ranks: tuple[int | None, int | None]
    units: int
    filled: tuple[int, int]
    expected: tuple[datetime | None, datetime | None]
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.reasons)


class Contrast(NamedTuple):
    """How a run differs from the first one.

    Args:
        setting: the name of its settings.
        decisions: of the orders on which it decided otherwise, those of both runs; in its sequence.
        shifts: who has units that somebody else had.
    """

    setting: str
    decisions: list[tuple[Decision, Decision]]
    shifts: list[UnitShift]

    def differences(self) -> list[Difference]:
        """The orders that come out otherwise, and why."""
        return _differences_of(self.setting, self.decisions, self.shifts)


def contrast_of(setting: str, first: Result, second: Result) -> Contrast:
    """How the second run differs from the first.

    A decision is made for those orders alone that may differ, and what a host would not store
    again (`Decision.digest`) is no difference.
    """
    places = first.decisions.places_differing(second.decisions)
    pairs = [(first.decisions[place], second.decisions[other]) for place, other in places]
    pairs = [(before, after) for before, after in pairs if before.digest != after.digest]
    return Contrast(setting, pairs, _shifts_between(setting, pairs))


def _shifts_between(
    setting: str, decisions: Iterable[tuple[Decision, Decision]]
) -> list[UnitShift]:
    """Who has units under the second run that another order had under the first, by SKU."""
    losers: dict[str, list[tuple[str, int]]] = {}
    winners: dict[str, list[tuple[str, int]]] = {}
    for pair in decisions:
        before, after = map(_units_of, pair)
        for sku in sorted({*before, *after}):
            change = after.get(sku, 0) - before.get(sku, 0)
            if change:
                side = winners if change > 0 else losers
                side.setdefault(sku, []).append((pair[0].id, abs(change)))
    shifts: list[UnitShift] = []
    for sku in sorted({*losers, *winners}):
        pairs = _paired(losers.get(sku, []), winners.get(sku, []))
        shifts += [
            UnitShift(setting=setting, sku=sku, quantity=units, source=source, target=target)
            for source, target, units in pairs
        ]
    return shifts


def _units_of(decision: Decision) -> dict[str, int]:
    """The units that are reserved for an order, by SKU."""
    units = units_by_sku(decision.allocation_rows)
    for reservation in decision.reserved:
        units[reservation.sku] = units.get(reservation.sku, 0) + reservation.quantity
    return units


def _paired(
    losers: Sequence[tuple[str, int]], winners: Sequence[tuple[str, int]]
) -> Iterator[tuple[str, str, int]]:
    """Who lost beside who won, one after the other; where one side has no more, nobody."""
    sources, targets = list(reversed(losers)), list(reversed(winners))
    while sources or targets:
        source, lost_units = sources.pop() if sources else ("", 0)
        target, won_units = targets.pop() if targets else ("", 0)
        units = min(lost_units, won_units) or max(lost_units, won_units)
        yield source, target, units
        if source and lost_units > units:
            sources.append((source, lost_units - units))
        if target and won_units > units:
            targets.append((target, won_units - units))


def _differences_of(
    setting: str, decisions: Iterable[tuple[Decision, Decision]], shifts: Iterable[UnitShift]
) -> list[Difference]:
    by_source: dict[str, list[UnitShift]] = {}
    by_target: dict[str, list[UnitShift]] = {}
    for shift in shifts:
        by_source.setdefault(shift.source, []).append(shift)
        by_target.setdefault(shift.target, []).append(shift)
    differences: list[Difference] = []
    for before, after in decisions:
        order_id = before.id
        standings = standing_of(before), standing_of(after)
        reasons = [
            *_findings(*standings),
            *_ranks(*standings),
            *_losses(by_source.get(order_id, ())),
            *_gains(by_target.get(order_id, ())),
            *_places(before, after),
            *_shorts(before, after),
            *_dates(before, after, standings),
        ]
        differences.append(
            Difference(
                setting=setting,
                order_id=order_id,
                outcomes=(before.outcome, after.outcome),
                ranks=(before.rank, after.rank),
                units=standings[1].units,
                filled=(standings[0].units_filled, standings[1].units_filled),
                expected=(standings[0].expected_at, standings[1].expected_at),
                reasons=tuple(map(_checks.in_one_line, reasons)),
            )
        )
    return differences


# -- Reasons ---------------------------------------------------------------------------------------


def _findings(before: Standing, after: Standing) -> Iterator[str]:
    """What was noticed under one of the settings only."""
    for codes, other_codes, verb in (
        (after.codes, before.codes, "is found"),
        (before.codes, after.codes, "is not found any more"),
    ):
        only = [code for code in codes if code not in other_codes]
        if only:
            yield f"{_few(only)} {verb}."


def _ranks(before: Standing, after: Standing) -> Iterator[str]:
    if before.rank == after.rank:
        return
    if after.rank is None:
        yield "It is not in the queue any more."
    elif before.rank is None:
        yield f"It is in the queue now, as number {after.rank + 1}."
    else:
        yield f"It is number {after.rank + 1} in the queue, not number {before.rank + 1}."


def _losses(shifts: Sequence[UnitShift]) -> Iterator[str]:
    for sku, quantity, parties in _by_sku(shifts, "target"):
        yield f"It has {quantity} of {sku} fewer; now with {_few(parties) or 'nobody'}."


def _gains(shifts: Sequence[UnitShift]) -> Iterator[str]:
    for sku, quantity, parties in _by_sku(shifts, "source"):
        yield f"It has {quantity} of {sku} more; before with {_few(parties) or 'nobody'}."


def _by_sku(shifts: Sequence[UnitShift], party: str) -> Iterator[tuple[str, int, list[str]]]:
    """Per SKU how many units, and which orders are on the other side."""
    for sku in dict.fromkeys([shift.sku for shift in shifts]):
        members = [shift for shift in shifts if shift.sku == sku]
        parties = [getattr(shift, party) for shift in members]
        yield sku, sum([shift.quantity for shift in members]), [each for each in parties if each]


def _places(before: Decision, after: Decision) -> Iterator[str]:
    """Where its units come from, and of which lots, if that differs."""
    rows: list[list[Reservation | Allocation]] = [
        [*each.reserved, *each.allocations] for each in (before, after)
    ]
    places = [sorted({row.location for row in of_run}) for of_run in rows]
    if not all(places):
        return
    if places[0] != places[1]:
        yield f"It comes from {_few(places[1])}, not from {_few(places[0])}."
        return
    units_by_place, units_by_lot = (
        [_added_up(of_run, names) for of_run in rows] for names in (_PLACE, _PLACE_AND_LOT)
    )
    if sum(units_by_place[0].values()) != sum(units_by_place[1].values()):
        return  # that it has more or fewer is told
    if units_by_place[0] != units_by_place[1]:
        yield f"Other numbers of its units come from {_few(places[1])}."
    elif units_by_lot[0] != units_by_lot[1]:
        yield "Its units are of other lots."


_PLACE = attrgetter("sku", "location")
_PLACE_AND_LOT = attrgetter("sku", "location", "lot")


def _added_up(
    rows: Iterable[Reservation | Allocation], key_of: Callable[[object], object]
) -> Counter[object]:
    """The units of these rows, by what they have in common."""
    units: Counter[object] = Counter()
    for row in rows:
        units[key_of(row)] += row.quantity
    return units


def _shorts(before: Decision, after: Decision) -> Iterator[str]:
    """Why units are missing, where that differs."""
    reasons: list[Mapping[str, str]] = [
        {short.line_id: short.reason.value for short in each.shorts} for each in (before, after)
    ]
    for line_id, reason in reasons[1].items():
        if reasons[0].get(line_id) != reason:
            yield f"Line {line_id} is short: {reason}."


def _dates(
    before: Decision, after: Decision, standings: tuple[Standing, Standing]
) -> Iterator[str]:
    """When the last of it is there, where that differs and something is still to come."""
    earlier, later = (standing.expected_at for standing in standings)
    if earlier == later:
        return
    if later is None:
        if standings[1].units_waiting:
            yield "Nobody knows any more when the last of it is there."
        return
    text = f"The last of it is there at {instant_of(later, after)}"
    yield text + (f", not at {instant_of(earlier, before)}." if earlier else ".")


def _few(names: Sequence[str]) -> str:
    """The first few, the others counted.

    >>> _few(["A-1", "A-2", "A-3", "A-4", "A-5"])
    'A-1, A-2, A-3 and 2 more'
    """
    names = list(dict.fromkeys(names))
    rest = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {rest} more" if rest > 0 else "")
