"""Why an order was decided as it was, in sentences that one could read out to the customer.

Nothing of this is computed during a run. It is worked out for one order, when somebody asks, from
what the result holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Finding, Severity, Verdict
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.decisions.promise import LateReason, Promise, PromiseGap, Shipment
from fulfill_core.exceptions import by_number
from fulfill_core.explanation.line_phrases import LinePhrases, instant_of, of_lot
from fulfill_core.explanation.remedies import Remedy, remedies_of
from fulfill_core.explanation.rivals import (
    MOST,
    Owners,
    claims_in_words,
    in_words,
    orders_absent,
    rival_claims,
    rival_reservations,
)
from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.dates import first_departure
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.promising import due_at
from fulfill_core.pipeline.result import Result, scarcity_in
from fulfill_core.pipeline.settings import Settings, settings_of
from fulfill_core.priorities.times import describe
from fulfill_core.reallocation.losses import Loss, LossReason
from fulfill_core.reallocation.strategies import ConfirmationStrategy
from fulfill_core.records.order_record import OrderRecord

_USUAL = Settings()
_OPENING = {
    Outcome.ALLOCATED: "Order {id} is confirmed: everything is reserved.",
    Outcome.PARTIALLY_ALLOCATED: "Order {id} is confirmed in part.",
    Outcome.BACKORDERED: "Order {id} has to wait: nothing of it can be reserved yet.",
    Outcome.UNFULFILLABLE: "Order {id} cannot be fulfilled.",
    Outcome.SCHEDULED: "Order {id} is scheduled: it is not due before {ship_after}.",
    Outcome.HELD: "Order {id} is on hold until a person has looked at it.",
    Outcome.REJECTED: "Order {id} is rejected.",
    Outcome.COMPLETED: "Order {id} is completed: nothing of it is open any more.",
    Outcome.CANCELLED: "Order {id} is cancelled.",
}
_LOST_BECAUSE = {
    LossReason.TAKEN: "It lost {what} to {to}, which is ahead of it.",
    LossReason.GIVEN_UP: "It gave up {what}: that is its strategy.",
    LossReason.NOT_THERE: "It lost {what}: more was reserved there than there is.",
    LossReason.UNUSABLE: "It gave up {what}: that can't be used any more.",
    LossReason.LEFT_OVER: "It gave up {what}: without what it lost that can't leave.",
}
_NO_DATE_BECAUSE = {
    PromiseGap.NO_SUPPLY_DATE: "nobody knows when it comes in",
    PromiseGap.UNKNOWN_ORIGIN: "it is not known when that location works",
    PromiseGap.UNKNOWN_TRANSIT: "it is not known how long it is under way",
    PromiseGap.BEYOND_CALENDAR: "it is farther away than the calendars look",
    PromiseGap.SHIPS_WITH_OTHERS: "it leaves together with what has no date",
}
_LATE_BECAUSE = {
    LateReason.SUPPLY: "what comes last waits for {supply}",
    LateReason.DEPARTURE: "there is no earlier departure{place}",
    LateReason.TRANSIT: "it leaves in time{place}, and is under way for too long",
}


@attrs.frozen(kw_only=True, weakref_slot=False)
class Ahead:
    """An order that was served earlier and took units of the same SKU.

    Args:
        order_id: that order.
        rank: its rank.
        sku: the SKU that both want.
        quantity: how many stock units it took in this run.

    >>> Ahead(order_id="A-1", rank=0, sku="mug", quantity=2).quantity
    2
    """

    order_id: str
    rank: int
    sku: str
    quantity: int


@attrs.frozen(kw_only=True, weakref_slot=False)
class Explanation:
    """Why one order was decided as it was. `str` makes prose of it; the parts are values.

    Args:
        decision: the decision that is explained.
        rank: its place in the queue, 0 for the first; None if it was not in the queue.
        queue_length: how many orders were in the queue.
        ranked_by: what its rank came from, in words.
        available: units of each SKU that it lacks that were available before the run.
        places: the names of the locations that it gets something from, by id.
        rivals: what other orders had reserved before the run, and still have, of what it lacks;
            the oldest first.
        claims: what other orders have claimed of supplies, of what it waits for without a date.
        absent: which of the orders with those reservations and claims are not in the run, by id.
        strategy: what a re-allocation may do to it; None if there was none, or if it was not in the
            queue.
        losses: what it lost in the re-allocation.
        gains: what others lost to it.
        sentences: the same in plain sentences, each on one line: what in an id or a detail would
            break it, or steer a terminal, is written out as in a literal of Python. The other parts
            have ids as they are.
        result: the run that is explained,
        settings: and the settings that it was made with, as far as `explain` was told.
    """

    decision: Decision
    rank: int | None
    queue_length: int
    ranked_by: str
    available: tuple[tuple[str, int], ...]
    places: tuple[tuple[str, str], ...]
    rivals: tuple[Reservation, ...]
    claims: tuple[Claim, ...]
    absent: frozenset[str]
    strategy: ConfirmationStrategy | None
    losses: tuple[Loss, ...]
    gains: tuple[Loss, ...]
    sentences: tuple[str, ...]
    result: Result = attrs.field(eq=False, repr=False)
    settings: Settings = attrs.field(eq=False, repr=False)

    @property
    def ahead(self) -> tuple[Ahead, ...]:
        """The orders ranked before it that took units of what it lacks, in rank order."""
        scarcity, orders = scarcity_in(self.result), self.result.decisions.orders
        rows: list[tuple[int, str, int]] = []
        for sku, _ in self.available:
            takers = scarcity.takers(sku)
            count, _ = takers.before(self.rank or 0)
            rows += [
                (rank, sku, units)
                for rank, units in zip(takers.ranks[:count], takers.units[:count], strict=True)
            ]
        return tuple(
            [
                Ahead(order_id=orders[rank].id, rank=rank, sku=sku, quantity=units)
                for rank, sku, units in sorted(rows)
            ]
        )

    @property
    def what_would_help(self) -> tuple[Remedy, ...]:
        """The smallest changes, each of which alone would have filled the order.

        So many units more at a location; so many on order by a date; another place in the queue; a
        rule that is lifted. Each was tried: the run is made again with it, some dozens of runs in
        all, each time that this is asked. Empty if the order is filled, or if no single change
        helps.

        Raises:
            InvalidValueError: the settings that `explain` was given are not those of the run: with
                them the order is decided otherwise.
        """
        return remedies_of(self.result, self.decision, self.settings)

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def explain(
    result: Result,
    order: str | Order | OrderRecord | Decision,
    *,
    settings: Mapping[str, Any] = _USUAL,
) -> Explanation:
    """Why an order was decided as it was.

    Args:
        result: what `process` returned.
        order: the order's id; or the order, its record, or a decision about it. The explanation is
            of what this result decided, whichever version of the order it is.
        settings: those that the run was made with (`Settings`, or any other mapping of what
            `process` takes), for `Explanation.what_would_help`; nothing else needs them.

    Raises:
        UnknownOrderError: the order was not in the batch.
        InvalidValueError: something else than a result, or than an order or an id; settings that do
            not fit.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Address, Customer, Inventory, Order, OrderLine, process
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> orders = [
    ...     Order(
    ...         id=name, placed_at=now, currency="EUR",
    ...         customer=Customer(id=name, email="ada@example.com"),
    ...         lines=[OrderLine(id="1", sku="mug", quantity=2)],
    ...         ship_to=Address(name="Ada", street=["1 Main St"], city="Leeds",
    ...                         postal_code="LS1 4AP", country="GB"),
    ...     )
    ...     for name in ("A-1", "A-2")
    ... ]
    >>> result = process(orders, Inventory.of({("mug", "berlin"): 3}), now=now)
    >>> print(explain(result, "A-2"))
    Order A-2 is confirmed in part.
    It was number 2 of 2 in the queue: no deadline, then placed at 2026-03-02 00:00 UTC.
    Line 1 (2 x mug): 1 from berlin; 1 missing: there was 1, and it may not be backordered.
    Of mug, 3 were available before the run. Ahead of it, A-1 (first) took 2.
    Please note: Line 1 (2 x mug) costs nothing.
    >>> for remedy in explain(result, "A-2").what_would_help:
    ...     print(remedy)
    1 more of mug at berlin.
    Number 1 in the queue.
    """
    _checks.check_member("result", result, Result)
    order_id = order if isinstance(order, str) else _id_of(order)
    decision = result[order_id]
    ranked_by = ""
    if decision.rank is not None:
        ranked_by = describe(result.priority, decision.order, context=result.context)
    strategy = None
    if result.reallocation is not None and decision.rank is not None:
        strategy = result.reallocation.strategy_of(decision.order, result.context)
    lacking = _lacking(decision)
    now = result.context.now
    available = tuple((sku, result.before.available(sku, now=now)) for sku in lacking)
    rivals = rival_reservations(result, order_id, lacking) if lacking else ()
    undated = {row.sku for row in decision.backorders if not row.supply_id}
    claims = rival_claims(result, order_id, undated) if undated else ()
    explanation = Explanation(
        decision=decision,
        rank=decision.rank,
        queue_length=result.decisions.queue_length,
        ranked_by=ranked_by,
        available=available,
        places=tuple(_places(result, decision)),
        rivals=rivals,
        claims=claims,
        absent=orders_absent(result, (*rivals, *claims)),
        strategy=strategy,
        losses=tuple([loss for loss in result.losses if loss.order_id == order_id]),
        gains=tuple([loss for loss in result.losses if loss.to == order_id]),
        sentences=(),
        result=result,
        settings=settings_of("settings", settings),
    )
    opening, *rest = _sentences(explanation)
    after = first_departure(decision.order, decision.held_lines)
    window = result.reservation_window
    if decision.outcome is Outcome.SCHEDULED and after is not None and window:
        opening += f" It takes stock from {instant_of(due_at(after, window), decision)} on."
    sentences = map(_checks.in_one_line, (opening, *rest))  # whatever ids and details hold
    return attrs.evolve(explanation, sentences=tuple(sentences))


def _id_of(order: object) -> str:
    if isinstance(order, Order | OrderRecord | Decision):
        return order.id
    raise _checks.refuse("order", order, "is no order; pass its id, the order or its decision")


def _lacking(decision: Decision) -> tuple[str, ...]:
    """The SKUs of which the order did not get all, and has none reserved in vain."""
    skus = {backorder.sku for backorder in decision.backorders}
    reasons = {(short.sku, short.reason) for short in decision.shorts}
    skus |= {sku for sku, reason in reasons if reason is not ShortReason.RESERVED_UNUSABLE}
    return tuple(sorted(skus))


def _places(result: Result, decision: Decision) -> Iterable[tuple[str, str]]:
    """The locations that gave something, with the names that people know them by."""
    locations = {allocation.location for allocation in decision.allocations}
    locations |= {reservation.location for reservation in decision.reserved}
    if decision.promise is not None:
        locations |= {each.location for each in decision.promise.shipments if each.location}
    for location in sorted(locations):
        yield location, result.before.location(location).name or location


def _sentences(explanation: Explanation) -> Iterable[str]:
    decision = explanation.decision
    order = decision.order
    after = first_departure(order, decision.held_lines)
    yield _OPENING[decision.outcome].format(
        id=order.id,
        ship_after=instant_of(after, decision) if after else "",
    )
    yield from (finding.detail or finding.code for finding in decision.findings if _stops(finding))
    if explanation.rank is not None:
        yield (
            f"It was {_place_in(explanation.rank)} of {explanation.queue_length} in the queue:"
            f" {explanation.ranked_by}."
        )
    if decision.verdict is Verdict.ACCEPT or decision.held_lines:
        owners = in_words(explanation.rivals, explanation.absent)
        lines = LinePhrases(
            decision,
            dict(explanation.places),
            owners,
            is_strategic=explanation.strategy is not None,
        )
        for line, status in zip(order.lines, decision.lines, strict=True):
            news = "; ".join(lines.of(status))
            yield f"Line {line.id} ({line.quantity} x {line.sku}): {news}."
        yield from _scarcity(explanation, owners)
    yield from _reallocated(explanation)
    if decision.promise is not None:
        yield from _promise(decision, decision.promise, dict(explanation.places))
    for surplus in decision.surplus:
        yield (
            f"{surplus.quantity} of {surplus.sku} at {surplus.location}"
            f" {by_number(surplus.quantity, 'is', 'are')} reserved beyond what it asks for: release"
            " what it does not need."
        )
    for finding in decision.findings:
        if finding.is_waived:
            yield (
                f"{finding.waived_by} approved it in spite of this, at"
                f" {finding.waived_at:%Y-%m-%d %H:%M %Z}: {finding.detail or finding.code}"
            )
        elif not _stops(finding):
            yield f"Please note: {finding.detail or finding.code}"


def _place_in(rank: int) -> str:
    """A place in the queue, in words: in code the first is 0, for people it is the first."""
    return "first" if rank == 0 else f"number {rank + 1}"


def _stops(finding: Finding) -> bool:
    return finding.severity > Severity.NOTE and not finding.is_waived


def _reallocated(explanation: Explanation) -> Iterable[str]:
    """What it lost, what it won, and why it could."""
    if explanation.strategy is not None:
        yield f"In the re-allocation its strategy was: {explanation.strategy.value}."
    for loss in explanation.losses:
        what = f"{loss.quantity} of {loss.sku} at {loss.location}{of_lot(loss.lot)}"
        yield _LOST_BECAUSE[loss.reason].format(what=what, to=loss.to)
    for loss in explanation.gains:
        what = f"{loss.quantity} of {loss.sku} at {loss.location}{of_lot(loss.lot)}"
        yield f"It took {what}, which was reserved for {loss.order_id} ({loss.strategy.value})."


def _scarcity(explanation: Explanation, owners: Owners) -> Iterable[str]:
    """What there was of what it lacks, and who has it: since this run, or for longer."""
    claimants = claims_in_words(explanation.claims, explanation.absent)
    for sku, units in explanation.available:
        takers = _takers(explanation, sku)
        before = f" Ahead of it, {takers}." if takers else ""
        phrases = [owners.get((sku, is_absent)) for is_absent in (False, True)]
        before += "".join([f" {phrase}." for phrase in phrases if phrase])
        if sku in claimants:
            before += f" What is to come is claimed: {claimants[sku]}."
        verb = by_number(units, "was", "were")
        yield f"Of {sku}, {units} {verb} available before the run.{before}"


def _takers(explanation: Explanation, sku: str) -> str:
    """Who ahead took how much of a SKU: the first few by name, the others by number."""
    orders = explanation.result.decisions.orders
    takers = scarcity_in(explanation.result).takers(sku)
    count, units = takers.before(explanation.rank or 0)
    phrases: list[str] = []
    for rank, amount in zip(takers.ranks[: min(count, MOST)], takers.units, strict=False):
        phrases.append(f"{orders[rank].id} ({_place_in(rank)}) took {amount}")
        units -= amount
    if count > MOST:
        orders_beside = "1 more order" if count == MOST + 1 else f"{count - MOST} more orders"
        phrases.append(f"{orders_beside} took {units}")
    return ", ".join(phrases)


# -- The promise -----------------------------------------------------------------------------------


def _promise(decision: Decision, promise: Promise, places: dict[str, str]) -> Iterable[str]:
    """When each shipment leaves and arrives; for the whole, by how much it is late and why."""
    for shipment in promise.shipments:
        yield _shipment(decision, shipment, places)
    last = promise.last
    if last is None:
        yield "So there is no promise of when all of it is there."
        return
    if len(promise.shipments) > 1:
        yield f"All of it is there at {instant_of(promise.delivered_at, decision)}."
    if promise.late_by is not None and promise.late_reason is not None:
        because = _LATE_BECAUSE[promise.late_reason].format(
            supply=_supply(decision, last), place=_place(last, places)
        )
        due = instant_of(promise.missed_deadline, decision)
        yield f"That is {_length(promise.late_by)} late (it is due by {due}): {because}."


def _shipment(decision: Decision, shipment: Shipment, places: dict[str, str]) -> str:
    what = " and ".join(f"{units} x {sku}" for sku, units in _units(shipment).items())
    come_from = _place(shipment, places)
    if shipment.supply_id:
        come_from += f", with {_supply(decision, shipment)}"
    if shipment.ships_at is None:
        when = "no date to leave"
    elif shipment.delivered_at is None:
        when = f"leaves at {instant_of(shipment.ships_at, decision)}, no date to arrive"
    else:
        leaves = instant_of(shipment.ships_at, decision)
        arrives = instant_of(shipment.delivered_at, decision)
        when = f"leaves at {leaves}, arrives at {arrives}"
    because = "" if shipment.gap is None else f", because {_NO_DATE_BECAUSE[shipment.gap]}"
    return f"Shipment of {what}{come_from}: {when}{because}."


def _units(shipment: Shipment) -> dict[str, int]:
    """What is in it, whatever lines it is for."""
    units_of: dict[str, int] = {}
    for _, sku, units in shipment.lines:
        units_of[sku] = units_of.get(sku, 0) + units
    return units_of


def _place(shipment: Shipment, places: dict[str, str]) -> str:
    return f" from {places[shipment.location]}" if shipment.location else ""


def _supply(decision: Decision, shipment: Shipment) -> str:
    due = shipment.expected_at
    when = ", which is overdue" if due is None else f" (expected at {instant_of(due, decision)})"
    return f"{shipment.supply_id}{when}"


def _length(time: timedelta) -> str:
    """In days, hours and minutes, rounded up to the minute."""
    minutes = -(-time // timedelta(minutes=1))
    parts = ((minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    return " ".join(f"{count} {what}{'s' * (count > 1)}" for count, what in parts if count)
