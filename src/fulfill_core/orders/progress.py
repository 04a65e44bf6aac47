"""How far the lines of an order have come: what was cancelled, has left, came back, goes again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TypeAlias, cast

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.altering import altered
from fulfill_core.orders.order import Order, OrderLine, line_with_units

Parts: TypeAlias = tuple[tuple[str, int], ...]
"""SKUs and units, by SKU."""
Counts: TypeAlias = tuple[int, int, int, int, int, int, int, int, int]
"""Units of a line in parcels and returns: shipped, delivered, lost; to come back, of these not
after all, back, of these on a shelf; to be sent again; and what costs nothing any more."""


def to_units(units: Mapping[str, int] | Iterable[tuple[str, int]]) -> Parts:
    """Pairs of what and how many; what is neither a mapping nor pairs stays for the check.

    >>> to_units({"1": 2})
    (('1', 2),)
    """
    if isinstance(units, Mapping):
        return tuple(cast("Mapping[str, int]", units).items())
    return _checks.to_tuple(units)


def keep_units(value: object, name: str, what: str) -> None:
    """Check units of a frozen value that is being made, above zero each, and keep them in sequence.

    Args:
        value: the value.
        name: its field, with pairs of what and how many.
        what: what the pairs are of, such as ``"SKU"``.
    """
    rows = getattr(value, name)
    if rows == ():
        return
    path = f"{type(value).__name__}.{name}"
    _checks.check_rows(path, rows, what, "units")
    for key, units in rows:
        _checks.check_id(f"{path} ({what})", key)
        _checks.check_int(f"{path}[{key!r}]", units, at_least=1)
    _checks.check_unique(path, (key for key, _ in rows), what)
    _checks.set_field(value, name, tuple(sorted(rows)))


@attrs.frozen(kw_only=True, weakref_slot=False)
class Progress:
    """How far one line has come, in stock units; for a line that asks for kits, in kits.

    Nothing is checked against what was ordered: a fact is recorded, and what is beyond is the
    surplus. A parcel that turns out not to have left is counted no more.

    Args:
        line_id: the line.
        cancelled: will not be sent any more, whoever decided that; what left all the same has left.
        reduced: of these, by how many the line was lowered: they are not ordered any more.
        shipped: has left.
        delivered: has arrived.
        lost: has left and will not arrive.
        return_requested: is to come back, as somebody said.
        return_cancelled: of these, will not come back after all.
        returned: came back.
        restocked: of these, lies on a shelf again.
        reopened: is to be sent again, such as for what was lost.
        credited: came back, or was lost, and costs nothing any more; None if nobody said so: then
            it is what came back and does not go again.
        parts: of a line that asks for kits, what has left beyond whole kits: components and units,
            as a mapping or as pairs.
        raised: by how many the line was raised at its list price since its discount and tax were
            agreed; nothing where that tells nothing of what it costs.

    Raises:
        InvalidValueError: a counter below zero, and the like.

    >>> Progress(line_id="1", shipped=3)
    Progress(line_id='1', cancelled=0, reduced=0, shipped=3, delivered=0, lost=0, \
return_requested=0, return_cancelled=0, returned=0, restocked=0, reopened=0, credited=None, \
parts=(), raised=0)
    """

    line_id: str
    cancelled: int = 0
    reduced: int = 0
    shipped: int = 0
    delivered: int = 0
    lost: int = 0
    return_requested: int = 0
    return_cancelled: int = 0
    returned: int = 0
    restocked: int = 0
    reopened: int = 0
    credited: int | None = None
    parts: Parts = attrs.field(default=(), converter=to_units)
    raised: int = 0

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Progress.line_id", self.line_id)
        for name in (*COUNTERS, "raised"):
            _checks.check_int(f"Progress.{name}", getattr(self, name), at_least=0)
        _check_reduced(self.cancelled, self.reduced)
        if self.credited is not None:
            _checks.check_int("Progress.credited", self.credited, at_least=0)
        keep_units(self, "parts", "SKU")

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has happened to the line.

        >>> Progress(line_id="1").is_untouched
        True
        """
        counts = any(_counters_of(self)) or self.parts or self.raised
        return not counts and self.credited is None

    def due(self, line: OrderLine) -> int:
        """Units of the line that were to be sent in all: ordered - cancelled + reopened, or 0."""
        return max(0, line.units - self.cancelled + self.reopened)

    def open(self, line: OrderLine) -> int:
        """Units of the line that are still to be served: what is due and has not left."""
        units = line.units - self.cancelled - self.shipped + self.reopened
        # Asked of each line, by all: `max` takes twice as long.
        return units if units > 0 else 0  # noqa: FURB136 - as said

    def surplus(self, line: OrderLine) -> int:
        """Units that left, or were cancelled, beyond what the line asks for."""
        return max(0, -self.balance(line.units))

    def balance(self, ordered: int) -> int:
        """Units of so many that are open; below zero, so many are surplus."""
        return ordered - self.cancelled - self.shipped + self.reopened

    def not_sent(self, line: OrderLine) -> int:
        """Units of the line that were cancelled, as far as they have not left all the same.

        What the line was lowered by is not ordered any more: if it left, nobody is to pay for it.

        >>> line = OrderLine(id="1", sku="mug", quantity=3)
        >>> Progress(line_id="1", cancelled=3, shipped=1).not_sent(line)
        2
        """
        as_cancelled = min(self.cancelled, max(0, line.units + self.reopened - self.shipped))
        return max(self.reduced, as_cancelled)

    def units_credited(self) -> int:
        """Units that came back, or were lost, and cost nothing any more.

        Where nobody said how many, those that came back and are not sent again; what goes again
        takes the place of what was lost first.

        >>> Progress(line_id="1", shipped=3, lost=1, returned=2, reopened=2).units_credited()
        1
        """
        if self.credited is not None:
            return self.credited
        return _usual_credit(self.returned, self.reopened, self.lost)

    @property
    def returnable(self) -> int:
        """Units that may still be announced as returns: those that are out and not announced yet.

        >>> Progress(line_id="1", shipped=3, lost=1, return_requested=1).returnable
        1
        """
        announced = self.return_requested - self.return_cancelled
        return max(0, self.shipped - self.lost - announced)

    def added(self, units: Mapping[str, int]) -> Progress:
        """The progress after so many units more, by counter.

        What comes back, and does not go again, costs nothing, also where it is written out what
        does: that grows along.

        >>> Progress(line_id="1", shipped=3).added({"shipped": 1, "cancelled": 2}).shipped
        4
        """
        unknown = sorted(units.keys() - set(COUNTERS))
        if unknown:
            raise _checks.refuse(
                "Progress.added.units", unknown[0], f"is no counter; pass some of {COUNTERS}"
            )
        counters = {name: getattr(self, name) + amount for name, amount in units.items()}
        for name, amount in counters.items():
            _checks.check_int(f"Progress.{name}", amount, at_least=0)
        after = altered(self, **counters)
        _check_reduced(after.cancelled, after.reduced)
        if self.credited is None:
            return after
        usual = _usual_credit(self.returned, self.reopened, self.lost)
        more = _usual_credit(after.returned, after.reopened, after.lost) - usual
        return altered(after, credited=max(0, self.credited + more)) if more else after

    def in_whole_kits(self, recipe: Parts) -> Progress:
        """The progress of a line whose kits are made of *recipe*: no whole kit among the parts."""
        parts = dict(self.parts)
        kits = min([parts.get(sku, 0) // units_each for sku, units_each in recipe], default=0)
        if not kits:
            return self
        rest = {sku: parts[sku] - kits * units_each for sku, units_each in recipe}
        return attrs.evolve(
            self,
            shipped=self.shipped + kits,
            parts=tuple([(sku, units) for sku, units in {**parts, **rest}.items() if units]),
        )


def _check_reduced(cancelled: int, reduced: int) -> None:
    if reduced > cancelled:
        problem = f"is more than {cancelled} taken off in all"
        raise _checks.refuse("Progress.reduced", reduced, problem)


_ProgressTwin = _values.twin(Progress)


def untouched(line_id: str) -> Progress:
    """The progress of a line to which nothing has happened.

    >>> untouched("1") == Progress(line_id="1")
    True
    """
    return altered(NO_PROGRESS, line_id=line_id)


def progress_with(
    before: Progress,
    line_id: str,
    shipped: int,
    delivered: int,
    vanished: int,
    requested: int,
    given_up: int,
    returned: int,
    restocked: int,
    reopened: int,
    credited: int,
) -> Progress:
    """The progress of a line of which other parcels or returns are reported: built the fast way.

    What costs nothing any more is said only where it is not what anybody would take it to be.

    >>> progress_with(Progress(line_id="1", shipped=3), "1", 2, 1, 0, 0, 0, 0, 0, 0, 0).shipped
    5
    """
    twin = _ProgressTwin()
    twin.line_id, twin.parts, twin.raised = line_id, before.parts, before.raised
    twin.cancelled, twin.reduced = before.cancelled, before.reduced
    twin.shipped, twin.delivered = before.shipped + shipped, before.delivered + delivered
    twin.lost, twin.reopened = before.lost + vanished, before.reopened + reopened
    twin.return_requested = before.return_requested + requested
    twin.return_cancelled = before.return_cancelled + given_up
    twin.returned, twin.restocked = before.returned + returned, before.restocked + restocked
    twin.credited = before.credited
    if vanished or returned or reopened or credited:
        twin.credited = before.units_credited() + credited
        if twin.credited == _usual_credit(twin.returned, twin.reopened, twin.lost):
            twin.credited = None
    twin.__class__ = Progress
    progress: Progress = twin
    return progress


def further_shipped(before: Progress, line_id: str, units: int) -> Progress:
    """The progress of a line of which so many units more left, and nothing else is reported.

    So it is with nearly all that leaves: `progress_with` takes half as long again.

    >>> further_shipped(Progress(line_id="1", shipped=3), "1", 2).shipped
    5
    """
    twin = _ProgressTwin()
    twin.line_id, twin.parts, twin.raised = line_id, before.parts, before.raised
    twin.cancelled, twin.reduced = before.cancelled, before.reduced
    twin.shipped, twin.delivered = before.shipped + units, before.delivered
    twin.lost, twin.reopened = before.lost, before.reopened
    twin.return_requested = before.return_requested
    twin.return_cancelled = before.return_cancelled
    twin.returned, twin.restocked = before.returned, before.restocked
    twin.credited = before.credited
    twin.__class__ = Progress
    progress: Progress = twin
    return progress


def counts_of(progress: Progress) -> Counts:
    """What is counted of a line that parcels and returns come to.

    >>> counts_of(Progress(line_id="1", shipped=3, returned=1))
    (3, 0, 0, 0, 0, 1, 0, 0, 1)
    """
    return (*_reported_of(progress), progress.units_credited())


def kits_and_parts(
    shipped: int, parts: Parts, parts_more: Mapping[str, int], recipe: Parts
) -> Mapping[str, object]:
    """What has left of a line that asks for kits: whole ones, and components beside them.

    >>> kits_and_parts(1, (("cup", 1),), {"cup": 1, "pot": 1}, (("cup", 2), ("pot", 1)))
    {'shipped': 2, 'parts': ()}
    """
    in_all: dict[str, int] = dict(parts)
    for sku, units_each in recipe:
        in_all[sku] = shipped * units_each + in_all.get(sku, 0) + parts_more.get(sku, 0)
    shipped = max(0, min([in_all[sku] // units_each for sku, units_each in recipe]))
    for sku, units_each in recipe:
        in_all[sku] -= shipped * units_each
    rest = tuple(sorted([(sku, units) for sku, units in in_all.items() if units > 0]))
    return {"shipped": shipped, "parts": rest}


def _usual_credit(returned: int, reopened: int, lost: int) -> int:
    """Units that cost nothing any more where nobody said how many: see `units_credited`."""
    if reopened <= lost:  # as nearly always
        return returned
    return max(0, returned - reopened + lost)


def units_uncharged(progress: Progress, line: OrderLine) -> int:
    """Units of a line that came back, or were lost, and cost nothing any more.

    What left beyond what was ordered never cost anything: it comes back first, and credits
    nothing.

    >>> line = OrderLine(id="1", sku="mug", quantity=2)
    >>> units_uncharged(Progress(line_id="1", shipped=3, returned=2), line)
    1
    """
    credited = progress.units_credited()
    if not credited:  # as of most
        return 0
    ordered = line.units - progress.not_sent(line)
    return max(0, credited - max(0, progress.shipped - progress.reopened - ordered))


def is_settled(order: Order, progress: Sequence[Progress]) -> bool:
    """Whether nothing of an order is open any more: all has left, or was cancelled.

    Args:
        order: the order.
        progress: how far its lines have come, by line id, at most one per line.
    """
    if len(progress) < len(order.lines) or not progress:
        return False
    for line, each in zip(order.lines, progress, strict=True):
        # As `Progress.open` has it: asked of all lines after each event of money.
        if line.units - each.cancelled - each.shipped + each.reopened > 0:
            return False
    return True


def settled_lines(order: Order, progress: Iterable[Progress]) -> frozenset[str]:
    """The lines of an order, by id, of which nothing is open."""
    progress_by_line = {each.line_id: each for each in progress}
    return frozenset(
        [
            line.id
            for line in order.lines
            if line.id in progress_by_line and not progress_by_line[line.id].open(line)
        ]
    )


def open_units_of(
    lines: Iterable[OrderLine], progress_by_line: Mapping[str, Progress]
) -> dict[str, int]:
    """Units of each line that are still to be served, by line id."""
    open_units: dict[str, int] = {}
    for line in lines:
        each = progress_by_line.get(line.id)
        open_units[line.id] = line.units if each is None else each.open(line)
    return open_units


def has_left(progress: Iterable[Progress]) -> bool:
    """Whether something of an order has left, if only a part of a kit."""
    for each in progress:
        if each.shipped or each.parts:
            return True
    return False


def lines_due(lines: Iterable[OrderLine], progress: Iterable[Progress]) -> tuple[OrderLine, ...]:
    """The lines as they are to be sent in all: without what was cancelled, with what goes again.

    Lines of which nothing is to be sent are left out.

    Args:
        lines: lines of an order.
        progress: how far they have come, at most one per line.
    """
    progress_by_line = {each.line_id: each for each in progress}
    due: list[OrderLine] = []
    for line in lines:
        line_progress = progress_by_line.get(line.id)
        units = line.units if line_progress is None else line_progress.due(line)
        if units:
            due.append(line if units == line.units else line_with_units(line, units))
    return tuple(due)


def shipped_by_line(
    lines: Iterable[OrderLine], progress: Iterable[Progress], recipes: Mapping[str, Parts]
) -> dict[tuple[str, str], int]:
    """Units that have left, by line and SKU, kits taken apart.

    Args:
        lines: lines of an order.
        progress: how far they have come, at most one per line.
        recipes: what the kits of the lines that ask for kits are made of, by line id.
    """
    progress_by_line = {each.line_id: each for each in progress}
    units: dict[tuple[str, str], int] = {}
    for line in lines:
        line_progress = progress_by_line.get(line.id)
        if line_progress is None or not (line_progress.shipped or line_progress.parts):
            continue
        parts = dict(line_progress.parts)
        for sku, units_each in recipes.get(line.id) or ((line.sku, 1),):
            units[line.id, sku] = line_progress.shipped * units_each + parts.get(sku, 0)
    return units


COUNTERS = (
    *("cancelled", "reduced", "shipped", "delivered", "lost"),
    *("return_requested", "return_cancelled", "returned", "restocked", "reopened"),
)
_counters_of = attrgetter(*COUNTERS)
_reported_of = attrgetter(
    *("shipped", "delivered", "lost", "return_requested", "return_cancelled"),
    *("returned", "restocked", "reopened"),
)
NO_PROGRESS = Progress(line_id="-")
"""The numbers of a line to which nothing has happened, whichever it is: see `untouched`."""
