"""What is measured: a table, for whoever has to know it before the first number."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeAlias

import attrs

from fulfill_core import _checks


class InstrumentKind(StrEnum):
    """How the numbers of an instrument go together.

    >>> InstrumentKind("gauge")
    <InstrumentKind.GAUGE: 'gauge'>
    """

    COUNTER = "counter"
    """They add up."""
    GAUGE = "gauge"
    """The newest counts. All its points come together: one that is not among them is gone."""
    HISTOGRAM = "histogram"
    """Each counts for itself."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Instrument:
    """One thing that is measured.

    Args:
        name: by which it is known, in lower case with dots.
        kind: how its numbers go together.
        unit: ``"s"`` for seconds, else what is counted, in braces.
        labels: what tells its points apart. They have few values: none is an id.
        description: one sentence.

    >>> Instrument(name="shop.orders", kind="gauge", unit="{order}", labels=["outcome"],
    ...            description="Orders, by what became of them.").labels
    ('outcome',)
    """

    name: str
    kind: InstrumentKind
    unit: str
    labels: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)
    description: str

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Instrument.name", self.name)
        _checks.keep_word(self, "kind", InstrumentKind)
        _checks.check_id("Instrument.unit", self.unit)
        _checks.check_members("Instrument.labels", self.labels, str)
        _checks.check_id("Instrument.description", self.description)


Point: TypeAlias = tuple[tuple[str, ...], float]
"""The values of an instrument's labels, in their sequence, and a number."""


def _to_points(points: Iterable[Point]) -> tuple[Point, ...]:
    return _checks.to_tuple(points)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Measurement:
    """Numbers of one instrument.

    Args:
        instrument: what was measured.
        points: pairs of the values of its labels, in their sequence, and a number.

    >>> [orders] = [each for each in INSTRUMENTS if each.name == "fulfill.orders"]
    >>> Measurement(instrument=orders, points=[(("held",), 3)]).points
    ((('held',), 3),)
    """

    instrument: Instrument
    points: tuple[Point, ...] = attrs.field(converter=_to_points)

    def __attrs_post_init__(self) -> None:
        _checks.check_member("Measurement.instrument", self.instrument, Instrument)
        _checks.check_rows("Measurement.points", self.points, "labels", "number")
        for position, (labels, number) in enumerate(self.points):
            path = f"Measurement.points[{position}]"
            _checks.check_members(path, labels, str)
            if len(labels) != len(self.instrument.labels):
                problem = f"has other labels than {self.instrument.labels}"
                raise _checks.refuse(path, labels, problem)
            if not isinstance(number, int | float):
                raise _checks.refuse(path, number, "is no number")


REQUESTS = Instrument(
    name="fulfill.requests",
    kind=InstrumentKind.HISTOGRAM,
    unit="s",
    labels=["request", "answer"],
    description="How long the storage, the notifier and the others took, by their answers.",
)
JOBS = Instrument(
    name="fulfill.jobs",
    kind=InstrumentKind.COUNTER,
    unit="{job}",
    labels=["job", "status"],
    description="Runs, events and updates of the stock, by what became of them.",
)
SENDS = Instrument(
    name="fulfill.sends",
    kind=InstrumentKind.COUNTER,
    unit="{attempt}",
    labels=["content", "medium", "answer"],
    description="Attempts to send a message or to carry out an action.",
)
POSTPONED = Instrument(
    name="fulfill.outbox.postponed",
    kind=InstrumentKind.COUNTER,
    unit="{row}",
    description="Rows of the outbox that are to be tried again.",
)
PARKED = Instrument(
    name="fulfill.outbox.parked",
    kind=InstrumentKind.COUNTER,
    unit="{row}",
    description="Rows of the outbox that were parked: a person has to see to them.",
)
OUTBOX_ROWS = Instrument(
    name="fulfill.outbox.rows",
    kind=InstrumentKind.GAUGE,
    unit="{row}",
    labels=["state"],
    description="The backlog of the outbox: rows that are due, wait for their time, or are parked.",
)
OUTBOX_LAG = Instrument(
    name="fulfill.outbox.lag",
    kind=InstrumentKind.GAUGE,
    unit="s",
    description="How long the row that is due longest has been due.",
)
OUTBOX_LONGEST = Instrument(
    name="fulfill.outbox.longest",
    kind=InstrumentKind.GAUGE,
    unit="s",
    description="How long ago the oldest row was written that is neither sent nor withdrawn.",
)
ORDERS = Instrument(
    name="fulfill.orders",
    kind=InstrumentKind.GAUGE,
    unit="{order}",
    labels=["outcome"],
    description="The orders of the last run of all, by what became of them.",
)
ORDERS_HELD = Instrument(
    name="fulfill.orders.held",
    kind=InstrumentKind.GAUGE,
    unit="{order}",
    labels=["code"],
    description="How many orders a person has to look at, by the code of the finding.",
)
HELD_LONGEST = Instrument(
    name="fulfill.orders.held.longest",
    kind=InstrumentKind.GAUGE,
    unit="s",
    labels=["code"],
    description="Since when the first of these orders has been waiting for that.",
)
BACKLOG = Instrument(
    name="fulfill.backlog.units",
    kind=InstrumentKind.GAUGE,
    unit="{unit}",
    labels=["state"],
    description="Units that wait for more stock (backordered), or that nothing comes for (short).",
)
BACKLOG_LONGEST = Instrument(
    name="fulfill.backlog.longest",
    kind=InstrumentKind.GAUGE,
    unit="s",
    labels=["state"],
    description="Since when the oldest order with such units has been placed.",
)
INSTRUMENTS: tuple[Instrument, ...] = (
    BACKLOG_LONGEST,
    BACKLOG,
    JOBS,
    ORDERS,
    ORDERS_HELD,
    HELD_LONGEST,
    OUTBOX_LAG,
    OUTBOX_LONGEST,
    PARKED,
    POSTPONED,
    OUTBOX_ROWS,
    REQUESTS,
    SENDS,
)
"""All that is measured, by name."""
