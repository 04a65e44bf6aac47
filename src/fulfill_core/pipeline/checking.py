"""What a shop asks before the customer pays: what is lacking, and what can be offered when.

The answer is that of a run with this order alone, since it is one: with the run's sourcing, rules,
claims and records. See docs/how-to/ask-before-checkout.md.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision, reserved_by_line
from fulfill_core.decisions.promise import Promise
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.item_rules import KitShips
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.orders.progress import lines_due, shipped_by_line
from fulfill_core.pipeline.result import Result
from fulfill_core.pipeline.run import process
from fulfill_core.protocols import PromisePolicy, SourcingPolicy
from fulfill_core.records.facts import Context, Facts
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.sourcing import DEFAULT_SOURCING

_AT_ANY_TIME = timedelta(days=36_500)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Arrival:
    """Units of an offer that are still to come.

    Args:
        quantity: how many stock units (of a kit: kits), 1 or more.
        expected_at: when the supplies that they wait for are there, in UTC; None if nobody knows.

    >>> Arrival(quantity=2).expected_at
    """

    quantity: int
    expected_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        _checks.check_int("Arrival.quantity", self.quantity, at_least=1)
        _checks.keep_in_utc(self, "expected_at", is_optional=True)


def _to_arrivals(arrivals: Iterable[Arrival]) -> tuple[Arrival, ...]:
    return _checks.to_tuple(arrivals)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Offer:
    """How many units of a line could be ordered, and when they would come.

    Args:
        line_id: the order line.
        sku: what.
        at_once: stock units (of a kit: kits) that are there for it, with what it has reserved.
        arrivals: `Arrival` values: what could be ordered beyond that, the earliest first, units
            without a date last.
        promise: when all of it would leave and arrive; None without a promise policy, or if
            nothing could be ordered.

    >>> Offer(line_id="1", sku="mug", at_once=3, arrivals=[Arrival(quantity=2)]).quantity
    5
    """

    line_id: str
    sku: str
    at_once: int
    arrivals: tuple[Arrival, ...] = attrs.field(default=(), converter=_to_arrivals)
    promise: Promise | None = None

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Offer.line_id", self.line_id)
        _checks.check_id("Offer.sku", self.sku)
        _checks.check_int("Offer.at_once", self.at_once, at_least=0)
        _checks.check_members("Offer.arrivals", self.arrivals, Arrival)
        if self.promise is not None:
            _checks.check_member("Offer.promise", self.promise, Promise)

    @property
    def quantity(self) -> int:
        """Units that could be ordered in all."""
        return self.at_once + sum([arrival.quantity for arrival in self.arrivals])


def lacking(
    order: Order | OrderRecord,
    inventory: Inventory,
    *,
    now: datetime,
    sourcing: SourcingPolicy = DEFAULT_SOURCING,
    facts: Facts = Facts(),
    promise: PromisePolicy | None = None,
) -> dict[str, int]:
    """What a run with this order alone would not give it today: units by SKU, kits taken apart.

    Empty exactly when such a run gives it everything that is open. What is reserved for it is not
    asked for again, and is lacking where it can't be used (`Result.at_risk`). Nobody verifies the
    order, and it is asked as if it were due.

    Args:
        order: the cart, as an order; or the record of one that is on its way.
        inventory: the stock.
        now: the caller's time, aware.
        sourcing: the run's own: places that it leaves out have nothing for the order.
        facts: the run's own.
        promise: the run's own: lots that end before they would arrive are not there for the order.

    Raises:
        InvalidValueError: something that is neither an `Order` nor an `OrderRecord`, a naive
            ``now``.
        PluginError: a policy raised or broke its contract.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> cart = Order(id="cart", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...              lines=[OrderLine(id="1", sku="mug", quantity=5)])
    >>> lacking(cart, Inventory.of({("mug", "berlin"): 3}), now=now)
    {'mug': 2}
    """
    record = _checked(order, inventory, now)
    settings = inventory, now, sourcing, facts, promise
    if not _misses_something(_alone(record, *settings)[0]):
        return {}
    # In what measure, is asked line by line: of an order that ships complete and lacks a pot, the
    # pot is lacking and not the cups.
    in_parts = attrs.evolve(record, order=attrs.evolve(record.order, ship=Ship.PARTIAL))
    decision, result = _alone(in_parts, *settings)
    if not _misses_something(decision):
        decision, result = _alone(record, *settings)
    missing = _units_missing(record, decision, result.inventory)
    if missing.kits:
        settings = result.inventory, now, sourcing, facts, promise
        for units_by_sku in _components_lacking(in_parts, missing.kits, *settings):
            missing.units.update(units_by_sku)
    return {sku: units for sku, units in sorted(missing.units.items()) if units}


def offers(
    order: Order | OrderRecord,
    inventory: Inventory,
    *,
    now: datetime,
    at_most: int = 1000,
    sourcing: SourcingPolicy = DEFAULT_SOURCING,
    facts: Facts = Facts(),
    promise: PromisePolicy | None = None,
) -> tuple[Offer, ...]:
    """How many units of each line could be ordered, and when they would come.

    Each line is asked for alone, for this customer, channel and address: as an order of
    *at_most* units that ships in parts. Supplies that others have claimed are theirs.

    Args:
        order: the cart, as an order; its quantities don't matter. Or the record of an order.
        inventory: the stock.
        now: the caller's time, aware.
        at_most: for how many stock units to ask, 1 or more: nobody needs to know of more. Of a
            line of packs, for one pack at least.
        sourcing: the run's own.
        facts: the run's own.
        promise: the run's own: when what is offered would leave and arrive.

    Returns:
        One `Offer` per line, in the sequence of the lines.

    Raises:
        InvalidValueError: as `lacking`; at_most is below 1.
        PluginError: a policy raised or broke its contract.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, Item, Stock, Supply
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> cart = Order(id="cart", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...              lines=[OrderLine(id="1", sku="mug", quantity=1)])
    >>> stock = Inventory(
    ...     stock=[Stock(sku="mug", location="berlin", on_hand=3)],
    ...     items=[Item(sku="mug", backorderable=True, backorder_cap=0)],
    ...     supplies=[Supply(id="PO", sku="mug", quantity=4, expected_at=now + timedelta(days=7))])
    >>> offer, = offers(cart, stock, now=now)
    >>> offer.at_once, [(each.quantity, f"{each.expected_at:%d %B}") for each in offer.arrivals]
    (3, [(4, '09 March')])
    """
    _checks.check_int("at_most", at_most, at_least=1)
    record = _checked(order, inventory, now)
    settings = inventory, now, sourcing, facts, promise

    def ask(line: OrderLine, packs: int) -> Decision:
        return _alone(_of_line(record, line, packs), *settings)[0]

    offers_by_line: list[Offer] = []
    for line in record.order.lines:
        most = max(1, at_most // line.units_each)
        if inventory.item(line.sku).kit_ships is KitShips.BY_ORDER:
            offers_by_line.append(_offer_together(partial(ask, line), most, line.units_each))
        else:
            offers_by_line.append(_offer(ask(line, most), inventory))
    return tuple(offers_by_line)


def _silent(_: Decision, /, *, context: Context) -> tuple[()]:  # noqa: ARG001
    """Nobody is told of a question."""
    return ()


def _checked(order: object, inventory: Inventory, now: datetime) -> OrderRecord:
    """The record of an order, without what people said of it."""
    _checks.check_member("inventory", inventory, Inventory)
    _checks.check_aware("now", now)
    if isinstance(order, OrderRecord):
        return attrs.evolve(order, approvals=(), rejections=(), holds=())
    if isinstance(order, Order):
        return OrderRecord(order=order)
    raise _checks.refuse("order", order, "is neither an Order nor an OrderRecord; pass one")


def _alone(
    record: OrderRecord,
    inventory: Inventory,
    now: datetime,
    sourcing: SourcingPolicy,
    facts: Facts,
    promise: PromisePolicy | None = None,
) -> tuple[Decision, Result]:
    """A run with this order alone, as if it were due."""
    result = process(
        [record],
        inventory,
        now=now,
        verifiers=(),
        sourcing=sourcing,
        notifications=_silent,
        facts=facts,
        promise=promise,
        reservation_window=_AT_ANY_TIME,
    )
    return result[record.id], result


def _misses_something(decision: Decision) -> bool:
    return bool(decision.backorders or decision.shorts)


class _Missing(NamedTuple):
    """What an order was not given: units by SKU; and of its kits, by line and component."""

    units: Counter[str]
    kits: dict[str, dict[str, int]]


def _units_missing(record: OrderRecord, decision: Decision, inventory: Inventory) -> _Missing:
    """What the lines of an order lack after a decision; what is reserved in vain is lacking."""
    lines = record.order.lines
    recipes = {line.id: inventory.components_of(line.sku) for line in lines}
    units_owned = Counter(
        reserved_by_line([*decision.reserved, *decision.allocations, *decision.unusable])
    )
    units_owned.update(shipped_by_line(lines, record.progress, recipes))
    missing = _Missing(Counter(), {})
    for reservation in decision.unusable:
        missing.units[reservation.sku] += reservation.quantity
    for line in lines_due(lines, record.progress):
        needs = {
            sku: units
            for sku, each in recipes[line.id] or ((line.sku, 1),)
            if (units := line.units * each - units_owned[line.id, sku]) > 0
        }
        if not inventory.is_tracked(line.sku):
            continue
        if recipes[line.id] and needs:
            missing.kits[line.id] = needs
        else:
            missing.units.update(needs)
    return missing


def _components_lacking(
    record: OrderRecord,
    kits: Mapping[str, Mapping[str, int]],
    inventory: Inventory,
    now: datetime,
    sourcing: SourcingPolicy,
    facts: Facts,
    promise: PromisePolicy | None,
) -> Iterator[Mapping[str, int]]:
    """Of the kits of each line, the components that could not be had one by one: units by SKU.

    If all could, a rule stands between, and all are lacking.
    """
    # Their ids are longer than those of all lines, for which units may be reserved.
    width = 1 + max([len(line.id) for line in record.order.lines])
    keys = [(line_id, sku) for line_id, units_by_sku in kits.items() for sku in units_by_sku]
    key_of = {f"{number:#>{width}}": key for number, key in enumerate(keys)}
    lines = [
        OrderLine(id=part_id, sku=sku, quantity=kits[line_id][sku])
        for part_id, (line_id, sku) in key_of.items()
    ]
    order = attrs.evolve(record.order, lines=lines)
    of_parts = attrs.evolve(record, order=order, progress=())
    decision, _ = _alone(of_parts, inventory, now, sourcing, facts, promise)
    lacks = {key_of[each.line_id]: each.backordered + each.short for each in decision.lines}
    for line_id, units_by_sku in kits.items():
        units = {sku: lacks[line_id, sku] for sku in units_by_sku}
        yield units if any(units.values()) else units_by_sku


def _of_line(record: OrderRecord, line: OrderLine, packs: int) -> OrderRecord:
    """The record of an order for so many packs of one line, which ships in parts."""
    alone = attrs.evolve(line, quantity=packs)
    order = attrs.evolve(record.order, lines=[alone], ship=Ship.PARTIAL)
    progress = [each for each in record.progress if each.line_id == line.id]
    return attrs.evolve(record, order=order, progress=progress)


def _offer(decision: Decision, inventory: Inventory) -> Offer:
    (status,) = decision.lines
    return Offer(
        line_id=status.line_id,
        sku=status.sku,
        at_once=status.reserved + status.allocated + status.untracked,
        arrivals=_arrivals(decision, status.backordered, inventory.components_of(status.sku)),
        promise=decision.promise,
    )


def _offer_together(ask: Callable[[int], Decision], most: int, units_each: int) -> Offer:
    """What can be offered of kits that leave together: all of them are there, or all of them wait.

    So it is asked for fewer, until they are there, or may wait; more than so many never are.
    """

    def is_short(packs: int) -> bool:
        return bool(ask(packs).shorts)

    def is_missing(packs: int) -> bool:
        return _misses_something(ask(packs))

    packs = bisect_left(range(1, most + 1), x=True, key=is_short)
    packs_at_once = bisect_left(range(1, packs + 1), x=True, key=is_missing)
    decision = ask(max(1, packs))
    (status,) = decision.lines
    at_once, rest = packs_at_once * units_each, (packs - packs_at_once) * units_each
    return Offer(
        line_id=status.line_id,
        sku=status.sku,
        at_once=at_once,
        arrivals=[Arrival(quantity=rest, expected_at=status.expected_at)] if rest else [],
        promise=decision.promise,
    )


def _arrivals(decision: Decision, units: int, recipe: Iterable[tuple[str, int]]) -> list[Arrival]:
    """When so many units, or kits, that wait are there: a kit comes with its last component."""
    each_of = dict(recipe)
    dates = sorted({row.expected_at for row in decision.backorders if row.expected_at})
    arrivals: list[Arrival] = []
    for date in [*dates, None]:
        after: Counter[str] = Counter()
        for row in decision.backorders:
            if date and not (row.expected_at and row.expected_at <= date):
                after[row.sku] += row.quantity
        units_later = max(
            [-(-later // each_of.get(sku, 1)) for sku, later in after.items()], default=0
        )
        quantity = units - units_later - sum([arrival.quantity for arrival in arrivals])
        if quantity > 0:
            arrivals.append(Arrival(quantity=quantity, expected_at=date))
    return arrivals
