"""The planner: fills what is worth most, over all orders of a run together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import isfinite, lcm
from typing import TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import InvalidValueError, PluginError
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.optimal.columns import Column, columns_of
from fulfill_core.optimal.model import Model, Steps
from fulfill_core.optimal.rules import limits_of
from fulfill_core.optimal.solver import reset, solve
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.protocols import OrderDemand, Plan
from fulfill_core.protocols.plugins import name_of, setting_shown
from fulfill_core.records.facts import Context

Weight: TypeAlias = Callable[[Order, OrderLine], Decimal | int]
"""What one stock unit of a line is worth to the shop."""
OrderWeight: TypeAlias = Callable[[Order], Decimal | int]
"""By what the worth of an order's lines is multiplied."""
_Row: TypeAlias = tuple[str, str]
"""An order's id and a line's."""

_ENOUGH = 1_000
"""So many columns make it worth while to start the solver."""
_SHARE = 0.25
"""Of the time that is left, a problem may take as much as its share of the columns, or this."""


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class best_value:  # noqa: N801 - it is used as the function that it makes
    """Fills what is worth most, over all orders of the run together.

    Serving in rank order is fair, and may be expensive: the first order takes the units for which
    the next three would have paid more, or those that three complete orders were waiting for. This
    planner says beforehand how many units each line may get so that the sum of their worths is as
    large as possible. It does so by mixed-integer programming with HiGHS, for each group of orders
    that want the same scarce units. What is left over then is given out in rank order.

    It is never worth less than serving in rank order (where caps count what orders behind have, as
    they do with any planner): that is where it begins, and what it returns if nothing better is
    found in time. The `Plan` says what both are worth and how far the best can be from it. **Nobody
    is hurt from behind** does not hold with it: an order may lose its units to one that came later.

    What it sees: what is available, whole packs of a line, lines and orders that ship whole, kits,
    how long lots have to live, fences, and caps per customer that count from the start. What it
    does not see, and the run keeps to all the same: locations that a sourcing policy leaves out,
    packs per location beyond the sum, capacities that are used up on the way. So the run tries the
    plan first: what it gives in vain goes to others, and rank order is served if it is worth more.

    The same input gives the same plan as long as the time suffices. When the limit stops the
    search, what has been found until then depends on the machine: for a plan that is the same
    everywhere, set a ``relative_gap`` that is reached in time.

    Args:
        weight: what one stock unit of a line is worth: a function of the order and the line that
            returns an int or a Decimal of zero or more. None for its price. What is worth nothing
            comes after everything else.
        order_weight: a function of the order, by whose result the worth of its lines is multiplied:
            a tier's importance, or the rate of its currency. None for 1.
        time_limit: seconds that the solver may take, more than 0.
        relative_gap: how far from the best it may stop, as a share: 0.01 is one percent. 0 to
            search on until the best is proved or the time is over.
        threads: how many threads the solver may use, 1 to 256.

    Raises:
        InvalidValueError: a setting that is none of these.
        PluginError: a weight raises or returns anything else, or prices in several currencies are
            to be compared without an ``order_weight``.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> small, large = [
    ...     OrderDemand(order=Order(id=order_id, placed_at=now, currency="EUR",
    ...                        customer=Customer(id="C-7"),
    ...                        lines=[OrderLine(id="1", sku="mug", quantity=3,
    ...                                         unit_price=Decimal(price))]),
    ...            lines=(("1", 3),), greedy=(("1", units),))
    ...     for order_id, price, units in (("A-1", 5, 3), ("A-2", 8, 1))
    ... ]
    >>> plan = best_value()([small, large], Inventory.of({("mug", "berlin"): 4}),
    ...                     context=Context(now=now))
    >>> plan.units
    (('A-1', '1', 1), ('A-2', '1', 3))
    >>> plan.value, plan.greedy_value, plan.gap
    (Decimal('29'), Decimal('23'), Decimal('0'))
    """

    weight: Weight | None = None
    order_weight: OrderWeight | None = None
    time_limit: float = 10.0
    relative_gap: float = 0.0
    threads: int = 1

    def __attrs_post_init__(self) -> None:
        for name in ("weight", "order_weight"):
            if getattr(self, name) is not None:
                _checks.check_callable(f"best_value.{name}", getattr(self, name))
        if not (_is_number(self.time_limit) and self.time_limit > 0):
            raise _checks.refuse(
                "best_value.time_limit", self.time_limit, "is not a number of seconds above 0"
            )
        if not (_is_number(self.relative_gap) and 0 <= self.relative_gap < 1):
            raise _checks.refuse(
                "best_value.relative_gap", self.relative_gap, "is not a share from 0 to below 1"
            )
        _checks.check_int("best_value.threads", self.threads, at_least=1, at_most=256)

    def __repr__(self) -> str:
        """What differs from the default: functions by their names."""
        settings: list[str] = []
        for field in attrs.fields(best_value):
            setting = getattr(self, field.name)
            if setting != field.default:
                settings.append(f"{field.name}={setting_shown(setting)}")
        return f"best_value({', '.join(settings)})"

    def __call__(
        self, queue: Sequence[OrderDemand], inventory: Inventory, /, *, context: Context
    ) -> Plan:
        exact = self._worths(queue)
        smallest = lcm(*[worth.denominator for worth in exact.values()])
        worths = {row: int(worth * smallest) for row, worth in exact.items()}
        columns = list(columns_of(queue, worths, inventory, context.now))
        model = Model(columns, *limits_of(queue, columns, inventory, context))
        steps, bound = self._solved(model, _begin(queue, columns))
        plan = _by_row(queue, columns, model.with_rest(steps))
        greedy = {
            (demand.order.id, line_id): units
            for demand in queue
            for line_id, units in demand.greedy
            if units
        }
        value, greedy_value = (
            sum([worths[row] * units for row, units in rows.items()]) for rows in (plan, greedy)
        )
        if greedy_value > value:  # an allocator of its own ways found more than the model allows
            plan, value = greedy, greedy_value
        return Plan(
            units=[(*row, units) for row, units in plan.items()],
            value=_money(value, smallest),
            greedy_value=_money(greedy_value, smallest),
            bound=_money(max(bound, value), smallest),
        )

    def worth_of(
        self, units: Mapping[tuple[str, str], int], /, *, queue: Sequence[OrderDemand]
    ) -> Decimal:
        """What so many units of these lines are worth: a run holds what it served against it.

        Args:
            units: units by order id and line id, of lines that are wanted.
            queue: what is wanted, in rank order.

        >>> best_value().worth_of({}, queue=[])
        Decimal('0')
        """
        exact = self._worths(queue)
        smallest = lcm(*[worth.denominator for worth in exact.values()])
        worth = sum([exact[row] * units[row] for row in units], Fraction(0)) * smallest
        return _money(int(worth), smallest)

    def _worths(self, queue: Sequence[OrderDemand]) -> dict[_Row, Fraction]:
        """What one unit of each line that is wanted is worth."""
        worths: dict[_Row, Fraction] = {}
        currency = ""
        for demand in queue:
            order = demand.order
            if self.weight is None and self.order_weight is None:
                currency = currency or order.currency
                if order.currency != currency:
                    raise PluginError(
                        repr(self),
                        order.id,
                        f"there are prices in {currency} and {order.currency}; pass an "
                        "order_weight that gives the rate of each",
                    )
            times = Fraction(1)
            if self.order_weight is not None:
                times = self._amount(self.order_weight, order)
            lines = {line.id: line for line in order.lines}
            for line_id, _ in demand.lines:
                line = lines[line_id]
                if self.weight is None:
                    each = Fraction(line.unit_price) / line.units_each
                else:
                    each = self._amount(self.weight, order, line)
                worths[order.id, line_id] = each * times
        return worths

    def _amount(self, function: Callable[..., object], order: Order, *line: OrderLine) -> Fraction:
        """What a function of the host says, if it is an amount."""
        try:
            answer = function(order, *line)
        except Exception as error:
            raise PluginError(
                repr(self),
                order.id,
                f"{name_of(function)} raised {_checks.repr_of(error)}; a weight must not raise",
            ) from error
        try:
            _checks.check_money("", Decimal(answer) if type(answer) is int else answer)
        except InvalidValueError as error:
            raise PluginError(
                repr(self),
                order.id,
                f"{name_of(function)} returned {error.value}, which {error.problem}",
            ) from error
        return Fraction(cast("Decimal", answer))

    def _solved(self, model: Model, begin: Steps) -> tuple[Steps, int]:
        """The best steps that were found, and what no others can be worth more than."""
        steps = model.free()
        bound = model.worth(steps)
        batches = list(_batches(model.clusters()))
        size = sum([sum(map(len, batch)) for batch in batches])
        seconds = float(self.time_limit)
        if batches:
            reset()
        for batch in batches:  # the small problems first: what they don't need is for the large
            numbers = sorted(itertools.chain(*batch))
            program = model.program(numbers, begin)
            most = program.worth(program.most)
            is_begun = program.is_allowed(program.start)
            best = program.start if is_begun else [0] * len(program.start)
            if program.worth(best) < most:
                solved = solve(
                    program,
                    seconds=seconds * max(len(numbers) / size, _SHARE),
                    relative_gap=float(self.relative_gap),
                    threads=self.threads,
                )
                seconds = max(0.0, seconds - solved.seconds)
                if solved.values and program.worth(solved.values) > program.worth(best):
                    best = solved.values
                most = most if solved.bound is None else min(most, solved.bound)
            size -= len(numbers)
            bound += most
            for number, done in zip(numbers, best, strict=False):
                steps[number] = done
            for cluster in batch if is_begun else ():
                if model.worth(begin, cluster) >= model.worth(steps, cluster):
                    for number in cluster:  # nothing is gained: it stays as it is in rank order
                        steps[number] = begin[number]
        return steps, bound


def _batches(clusters: Sequence[list[int]]) -> Iterator[list[list[int]]]:
    """The clusters, several small ones together: each start of the solver takes its time."""
    batch: list[list[int]] = []
    columns = 0
    for cluster in clusters:
        batch.append(cluster)
        columns += len(cluster)
        if columns >= _ENOUGH:
            yield batch
            batch, columns = [], 0
    if batch:
        yield batch


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return False
    try:
        return isfinite(value)
    except (OverflowError, ValueError):  # an int of 400 digits, a signaling NaN
        return False


def _begin(queue: Sequence[OrderDemand], columns: Sequence[Column]) -> Steps:
    """The steps that come closest to serving in rank order, from below."""
    unused = {
        (rank, line_id): units
        for rank, demand in enumerate(queue)
        for line_id, units in demand.greedy
    }
    begin: Steps = []
    for column in columns:
        rank = column.rank
        done = min(
            [column.most, *[unused.get((rank, line), 0) // units for line, units in column.parts]]
        )
        for line, units in column.parts:
            unused[rank, line] = unused.get((rank, line), 0) - done * units
        begin.append(done)
    return begin


def _by_row(
    queue: Sequence[OrderDemand], columns: Sequence[Column], steps: Steps
) -> dict[_Row, int]:
    """The units of each line that gets some."""
    rows: dict[_Row, int] = {}
    for column, done in zip(columns, steps, strict=True):
        if done:
            order_id = queue[column.rank].order.id
            for line_id, units in column.parts:
                rows[order_id, line_id] = rows.get((order_id, line_id), 0) + done * units
    return rows


def _money(worth: int, smallest: int) -> Decimal:
    return _checks.EXACT.divide(Decimal(worth), Decimal(smallest))
