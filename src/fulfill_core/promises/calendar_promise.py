"""The promise that calendars make: handling, cut-off, transit, working days of both ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.calendars import BusinessCalendar
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import Audience
from fulfill_core.decisions.outcome import IN_QUEUE
from fulfill_core.decisions.promise import (
    Promise,
    PromiseGap,
    Shipment,
    ShippedRow,
    in_sequence,
    trusted_promise,
    trusted_shipment,
)
from fulfill_core.exceptions import InvalidValueError, PluginError
from fulfill_core.orders.dates import first_deadline
from fulfill_core.orders.order import Order
from fulfill_core.promises.arrivals import end_of_working_day, next_opening
from fulfill_core.promises.departures import (
    Dated,
    DatedGoods,
    Goods,
    Source,
    added_up,
    are_apart,
    as_told,
    goods_of,
    with_departures,
)
from fulfill_core.promises.origin import Origin, Pairs, T, check_pairs, to_pairs
from fulfill_core.protocols.plugins import name_of, setting_compared, setting_shown
from fulfill_core.protocols.tables import check_place
from fulfill_core.records.facts import Context
from fulfill_core.records.order_record import OrderRecord

Transit: TypeAlias = timedelta | int
TransitTable: TypeAlias = Mapping[str | tuple[str, str], Transit]
TransitFunction: TypeAlias = Callable[[Order, str], Transit | None]
DestinationFunction: TypeAlias = Callable[[Order], BusinessCalendar | None]
CarrierFunction: TypeAlias = Callable[[Order, str], str]

_TransitRows: TypeAlias = tuple[tuple[str | tuple[str, str], Transit], ...]

_NO_TIME = timedelta(0)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)
_MOST_REMEMBERED = 1_000


def _keys(pairs: Pairs[Origin]) -> str:
    return repr([key for key, _ in pairs])


def _kind(setting: object) -> str:
    """Calendars are long; that there is one is enough."""
    if setting is None or callable(setting):
        return setting_shown(setting)
    return f"<{type(setting).__name__}>"


def _origins_of(policy: CalendarPromise) -> Mapping[str, Origin]:
    return dict(policy.origins)


def _lengths_of(policy: CalendarPromise) -> Mapping[str | tuple[str, str], Transit]:
    return {} if callable(policy.transit) else dict(policy.transit)


def _is_of_tables(policy: CalendarPromise) -> bool:
    return not any(map(callable, (policy.transit, policy.destination, policy.carrier)))


@attrs.frozen(weakref_slot=False, repr=False)
class CalendarPromise:
    """The earliest date that calendars allow, as `from_calendars` makes it."""

    origins: Pairs[Origin]
    transit: _TransitRows | TransitFunction = attrs.field(eq=setting_compared)
    otherwise: Origin | None
    destination: BusinessCalendar | DestinationFunction | None = attrs.field(eq=setting_compared)
    carrier: CarrierFunction | None = attrs.field(eq=setting_compared)
    # What follows from these is worked out of them, also where `attrs.evolve` changes one.
    _origin_by_id: Mapping[str, Origin] = attrs.field(
        init=False, eq=False, default=attrs.Factory(_origins_of, takes_self=True)
    )
    _table: Mapping[str | tuple[str, str], Transit] = attrs.field(
        init=False, eq=False, default=attrs.Factory(_lengths_of, takes_self=True)
    )
    is_deferrable: bool = attrs.field(
        init=False, eq=False, default=attrs.Factory(_is_of_tables, takes_self=True)
    )
    """Whether it may be asked later: tables never fail, functions of the host's may."""
    # What calendars answered: many orders of a run ask the same. A memory of what never changes.
    _memory: dict[tuple[object, ...], Dated] = attrs.field(
        init=False, factory=dict[tuple[object, ...], Dated], eq=False
    )

    def __repr__(self) -> str:
        return (
            f"from_calendars(origins={_keys(self.origins)}, transit={setting_shown(self.transit)},"
            f" otherwise={_kind(self.otherwise)}, destination={_kind(self.destination)},"
            f" carrier={setting_shown(self.carrier)})"
        )

    def __call__(self, decision: Decision, /, *, context: Context) -> Promise | None:
        order = decision.order
        goods = self._with_departures(order, goods_of(decision), context)
        if not goods:
            return None
        if len(goods) == 1 or are_apart(decision):  # as for most
            shipments = [
                self._shipment(order, source, own[0], own, rows) for source, rows, own in goods
            ]
        else:
            shipments = self._shipments(decision, goods)
        in_turn = in_sequence(shipments)
        return trusted_promise(in_turn, order.deliver_by, self._timezone_of(order, in_turn[-1]))

    def _shipments(self, decision: Decision, goods: Iterable[DatedGoods]) -> list[Shipment]:
        """What leaves of an order that comes from several sources."""
        # What was reserved at different times and leaves at the same one is one shipment.
        shipped: dict[tuple[Source, Dated], list[ShippedRow]] = {}
        own_departures: dict[tuple[Source, Dated], Dated] = {}
        for (source, rows, own), leaves in with_departures(decision, goods):
            together = source
            if source.reserved_at is not None or source.ship_after is not None:
                together = source._replace(reserved_at=None, ship_after=None)
            key = together, leaves
            if key in shipped:
                shipped[key] = [*shipped[key], *rows]
                own_departures[key] = max(own_departures[key], own, key=_no_date_last)
            else:
                shipped[key], own_departures[key] = rows, own
        return [
            self._shipment(decision.order, key[0], own_departures[key][0], key[1], rows)
            for key, rows in shipped.items()
        ]

    def _timezone_of(self, order: Order, last: Shipment) -> tzinfo | None:
        """Those of the destination, else of where the last of it leaves."""
        calendar = self._destination_of(order)
        if calendar is not None:
            return calendar.timezone
        origin = self._origin_by_id.get(last.location, self.otherwise)
        return None if origin is None else origin.calendar.timezone

    def turning_points(self, decision: Decision, /, *, context: Context) -> Iterable[datetime]:
        """The instants at which it is too late for what is promised now.

        Until the first of them, time alone changes nothing about the promise.
        """
        promise, is_dated_by_line = decision.promise, decision.order.has_line_dates
        is_new = not (decision.reserved or is_dated_by_line)
        if promise is not None and is_new and self.is_deferrable:
            # Most orders: the promise says all. What was reserved in this run is in time until its
            # departures. What functions of the host's say is asked anew: they may say, or break,
            # otherwise.
            return tuple(
                [
                    ready_at
                    if each.expected_at is None
                    else self._too_late_at(each.location, ready_at)
                    for each in promise.shipments
                    if (ready_at := each.ready_at) is not None
                ]
            )
        return self._last_departures(decision, context)

    def _last_departures(self, decision: Decision, context: Context) -> Iterator[datetime]:
        """The last instants at which what is promised can still leave when that was promised."""
        record = context.record_of(decision.id)
        goods = self._with_departures(decision.order, goods_of(decision), context)
        for place, _, (ready_at, _) in goods:
            source = place if record is None else as_told(place, record)
            if ready_at is None:
                continue
            # What is being handled is in time until the departure itself.
            is_begun = not (source.waits or source.begins_now)
            yield ready_at if is_begun else self._too_late_at(source.location, ready_at)

    def _too_late_at(self, location: str, leaves: datetime) -> datetime:
        """The first instant at which goods whose handling begins then miss a departure."""
        origin = cast("Origin", self._origin_by_id.get(location, self.otherwise))
        question = "too late at", location, leaves
        # There is one, because it can still be reached.
        return self._recalled(question, lambda: origin.too_late_at(leaves))[0] or leaves

    # -- Departure -----------------------------------------------------------------------------

    def _with_departures(
        self, order: Order, goods: Iterable[Goods], context: Context
    ) -> list[DatedGoods]:
        """The goods, with when what comes from each source could leave if it were alone."""
        now, record = context.now, context.record_of(order.id)
        if record is None:  # nothing was told of it, and it was not stopped
            return [
                (source, rows, self._departure(order, source, _EARLIEST, now))
                for source, rows in goods
            ]
        # Nobody packs what is on hold, or not due: where it was, handling begins when it goes on.
        begin = _EARLIEST if record.outcome is None else now
        if record.outcome in IN_QUEUE and record.since is not None:
            begin = record.since
        return [
            (source, rows, self._departure_as_told(order, source, record, begin, now))
            for source, rows in goods
        ]

    def _departure_as_told(
        self, order: Order, source: Source, record: OrderRecord, begin: datetime, now: datetime
    ) -> Dated:
        """When goods leave; if nobody knows when they were reserved, no later than was told.

        What was told last is younger with each message: handling would begin anew with each delay.
        """
        place, last = as_told(source, record), record.told_to(Audience.CUSTOMER)
        leaves_at, gap = self._departure(order, place, begin, now)
        if place is source or last is None or last.delivered_at is None or last.at < begin:
            return leaves_at, gap
        departure = max(now, source.ship_after or now)
        while leaves_at is not None and departure < leaves_at:
            departure = self._handled(order, place, departure) or leaves_at
            arrives_at, _ = self._arrival(order, place.location, departure)
            if arrives_at is not None and arrives_at >= last.delivered_at:
                return min(departure, leaves_at), None
        return leaves_at, gap

    def _handled(self, order: Order, source: Source, instant: datetime) -> datetime | None:
        """The first departure of what has been handled at an instant."""
        origin = cast("Origin", self._origin_by_id.get(source.location, self.otherwise))
        carrier = self._carrier_of(order, source.location)
        ready = attrs.evolve(origin, handling=_NO_TIME)
        question = "handled", source.location, instant, carrier
        return self._recalled(question, lambda: ready.leaves(instant, carrier))[0]

    def _departure(self, order: Order, source: Source, begin: datetime, now: datetime) -> Dated:
        question = "leaves from", source, max(begin, now)
        answer = self._memory.get(question)
        if answer is None:
            answer = self._departure_of_order(order, source, begin, now)
            if not (source.waits or source.reserved_at) and self.carrier is None:
                # The same for all orders that take from there now: asked once, whatever they are.
                self._remember(question, answer)
        return answer

    def _departure_of_order(
        self, order: Order, source: Source, begin: datetime, now: datetime
    ) -> Dated:
        location, expected_at, reserved_at = source.location, source.expected_at, source.reserved_at
        if source.waits and expected_at is None:
            return None, PromiseGap.NO_SUPPLY_DATE
        origin = self._origin_by_id.get(location, self.otherwise)
        if origin is None:
            return None, PromiseGap.UNKNOWN_ORIGIN
        carrier = self._carrier_of(order, location)
        if source.waits and expected_at is not None:
            ready = max(now, expected_at)
        else:
            # Handling begins when the units were reserved, or come in, and not anew in each run.
            ready = max(begin, now if reserved_at is None else min(reserved_at, now))
        if source.ship_after is not None:
            ready = max(ready, source.ship_after)
        return self._recalled(
            ("leaves", location, ready, carrier, max(ready, now)),
            lambda: origin.leaves(ready, carrier, now=now),
        )

    def _carrier_of(self, order: Order, location: str) -> str:
        if self.carrier is None:
            return ""
        carrier = _answer(self.carrier, order, order, location)
        if not isinstance(carrier, str):
            raise _unfit(self.carrier, order, carrier, "the name of a carrier, a str")
        return carrier

    def _recalled(self, question: tuple[object, ...], ask: Callable[[], datetime]) -> Dated:
        """What calendars answer, asked once; no date where that is beyond them."""
        answer = self._memory.get(question)
        if answer is None:
            try:
                answer = _checks.in_utc("calendar", ask()), None
            except (InvalidValueError, OverflowError):
                answer = None, PromiseGap.BEYOND_CALENDAR
            self._remember(question, answer)
        return answer

    def _remember(self, question: tuple[object, ...], answer: Dated) -> None:
        if len(self._memory) >= _MOST_REMEMBERED:
            self._memory.clear()
        self._memory[question] = answer

    # -- Arrival -------------------------------------------------------------------------------

    def _shipment(
        self,
        order: Order,
        source: Source,
        ready_at: datetime | None,
        leaves: Dated,
        rows: Sequence[ShippedRow],
    ) -> Shipment:
        rows = added_up(rows)
        ships_at, gap = leaves
        delivered_at = None
        if ships_at is not None:
            delivered_at, gap = self._arrival(order, source.location, ships_at)
        deliver_by, expected_at = None, source.expected_at
        if expected_at is not None:  # who makes a `Decision` by hand may have it in any zone
            expected_at = _checks.in_utc("Backorder.expected_at", expected_at)
        if order.has_line_dates:
            line_ids = {line_id for line_id, _, _ in rows}
            lines_beside = {line.id for line in order.lines} - line_ids
            deliver_by = first_deadline(order, lines_beside)
        return trusted_shipment(
            source.location,
            rows,
            ready_at,
            ships_at,
            delivered_at,
            source.supply_id,
            expected_at,
            gap,
            deliver_by,
        )

    def _arrival(self, order: Order, location: str, ships_at: datetime) -> Dated:
        country = "" if order.ship_to is None else order.ship_to.country
        question = "arrives in", country, location, ships_at
        answer = self._memory.get(question)
        if answer is None:
            answer = self._arrival_of_order(order, location, ships_at)
            if not (callable(self.transit) or callable(self.destination)):
                # The same for all orders that go to a country: asked once, whatever they are.
                self._remember(question, answer)
        return answer

    def _arrival_of_order(self, order: Order, location: str, ships_at: datetime) -> Dated:
        transit = self._transit_of(order, location)
        if transit is None:
            return None, PromiseGap.UNKNOWN_TRANSIT
        calendar = self._destination_of(order)
        answered_by = None if calendar is self.destination else calendar
        question = "arrives", transit, ships_at, answered_by
        if isinstance(transit, timedelta):
            return self._recalled(question, lambda: next_opening(calendar, ships_at + transit))
        if calendar is None:
            return None, PromiseGap.UNKNOWN_TRANSIT  # nobody says which days count
        return self._recalled(question, lambda: end_of_working_day(calendar, ships_at, transit))

    def _transit_of(self, order: Order, location: str) -> Transit | None:
        if not callable(self.transit):
            country = "" if order.ship_to is None else order.ship_to.country
            by_country = self._table.get((location, country))
            return self._table.get(location) if by_country is None else by_country
        transit = _answer(self.transit, order, order, location)
        if transit is None:
            return None
        try:
            _check_transit("transit", transit)
        except InvalidValueError as error:
            answers = f"a timedelta, an int of working days, or None: it {error.problem}"
            raise _unfit(self.transit, order, transit, answers) from None
        if isinstance(transit, int) and self.destination is None:
            answers = "a timedelta: there is no destination, whose working days could be counted"
            raise _unfit(self.transit, order, transit, answers)
        return transit

    def _destination_of(self, order: Order) -> BusinessCalendar | None:
        destination = self.destination
        if destination is None or isinstance(destination, BusinessCalendar):
            return destination
        calendar = _answer(destination, order, order)
        if not (calendar is None or isinstance(calendar, BusinessCalendar)):
            raise _unfit(destination, order, calendar, "a BusinessCalendar or None")
        return calendar


def from_calendars(
    origins: Mapping[str, Origin] | Pairs[Origin],
    transit: TransitTable | _TransitRows | TransitFunction,
    *,
    otherwise: Origin | None = None,
    destination: BusinessCalendar | DestinationFunction | None = None,
    carrier: CarrierFunction | None = None,
) -> CalendarPromise:
    """The earliest date that both ends and the way between them allow.

    What is on hand is ready now, or when the order may be shipped (`Order.ship_after`); what waits
    for a supply when that comes in. Then it is handled at its location and leaves with the next
    cut-off (`Origin`), is under way, and arrives. What was reserved before was ready then: its
    handling does not begin anew in each run, so a date stands until its departure is missed, and
    then it is that of the next one. Of an order that was on hold in the run before (`OrderRecord`),
    or not due, it begins when the order goes on. An order that ships complete leaves everywhere
    with the last of it, one that ships by lines does so line by line; whole packs and kits that
    wait leave with the last supply of their line. What cannot be known is no date (`PromiseGap`).

    Args:
        origins: an `Origin` for each location id, as a mapping.
        transit: how long it is under way: a table by pairs of location id and country of the
            ship-to, or by location id alone; or a function of the order and the location id (empty
            where that is not known). A timedelta is time on the clock; an int is working days at
            the destination. None, or no entry: nobody knows.
        otherwise: the `Origin` of all other locations, and of supplies of which it is not known
            where they come in; None: nobody knows.
        destination: when the customer takes deliveries: a calendar, or a function of the order that
            gives one or None. Time on the clock ends with the next opening, working days with the
            closing of the last of them. None: at any time.
        carrier: a function of the order and the location id that names the carrier, for the
            cut-offs of `Origin.by_carrier`; None: there is none to choose.

    A function that raises, or returns anything else, stops the run with a `PluginError`.

    Raises:
        InvalidValueError: a setting is not as described.

    >>> from datetime import time, timezone
    >>> from fulfill_core import Allocation, Customer, OrderLine, Outcome
    >>> from fulfill_core.calendars import Shift
    >>> office = BusinessCalendar(timezone=timezone.utc,
    ...                           shifts=[Shift(start=time(9), end=time(17))])
    >>> policy = from_calendars({"berlin": Origin(calendar=office)}, {"berlin": timedelta(days=1)})
    >>> friday = datetime(2026, 3, 6, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-17", placed_at=friday, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> decision = Decision(order=order, outcome=Outcome.ALLOCATED, rank=0, allocations=[
    ...     Allocation(line_id="1", sku="mug", location="berlin", quantity=2)])
    >>> print(policy(decision, context=Context(now=friday)).delivered_at)
    2026-03-07 17:00:00+00:00
    """
    pairs = cast("Pairs[Origin]", to_pairs(origins))
    check_pairs("from_calendars.origins", pairs, Origin)
    if otherwise is not None:
        _checks.check_member("from_calendars.otherwise", otherwise, Origin)
    if not (isinstance(destination, BusinessCalendar) or destination is None):
        _checks.check_callable("from_calendars.destination", destination)
    if carrier is not None:
        _checks.check_callable("from_calendars.carrier", carrier)
    lengths = cast("_TransitRows | TransitFunction", to_pairs(transit))
    if not callable(lengths):
        _check_table(lengths, has_destination=destination is not None)
    return CalendarPromise(pairs, lengths, otherwise, destination, carrier)


def _check_table(rows: _TransitRows, *, has_destination: bool) -> None:
    """Lengths of time by location, or by location and country."""
    path = "from_calendars.transit"
    if not isinstance(cast("object", rows), tuple):
        raise _checks.refuse(path, rows, "is no table and no function; pass a mapping")
    _checks.check_rows(path, rows, "place", "length")
    for key, length in rows:
        check_place(f"{path} (key)", key)
        _check_transit(f"{path}[{key!r}]", length)
        if isinstance(length, int) and not has_destination:
            raise _checks.refuse(
                f"{path}[{key!r}]", length, "is in working days; pass a destination, whose days"
            )


def _check_transit(path: str, length: object) -> None:
    if isinstance(length, timedelta):
        _checks.check_duration(path, length)
    elif type(length) is int:
        _checks.check_int(path, length, at_least=0)
    else:
        raise _checks.refuse(
            path, length, "is no length of time; pass a timedelta, or an int of working days"
        )


def _no_date_last(departure: Dated) -> datetime:
    """A sort key."""
    return departure[0] or _NEVER


def _answer(function: Callable[..., T], order: Order, *args: object) -> T:
    """What a function of the host's says of an order."""
    try:
        return function(*args)
    except Exception as error:
        raise PluginError(
            name_of(function),
            order.id,
            f"raised {_checks.repr_of(error)}; a function of a promise must not raise",
        ) from error


def _unfit(function: object, order: Order, value: object, answers: str) -> PluginError:
    problem = f"returned {_checks.repr_of(value)}; return {answers}"
    return PluginError(name_of(function), order.id, problem)
