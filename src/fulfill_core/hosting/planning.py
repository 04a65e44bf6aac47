"""From a job and what was loaded for it to a plan: pure steps, which the loop drives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import DECISION, Notification, digest_of
from fulfill_core.hosting.batches import (
    Loaded,
    Versions,
    ids_told,
    key_of_location,
    key_of_order,
    key_of_sku,
)
from fulfill_core.hosting.jobs import Job, Run, StockUpdate
from fulfill_core.hosting.plans import CommitPlan, OutboxRow
from fulfill_core.inventory.changes import Changes
from fulfill_core.inventory.claims import Claim
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.stock import Reservation
from fulfill_core.lifecycle import Action, Event, Release, Rules, Step, advance, timed_events
from fulfill_core.lifecycle.events.checking import content_of
from fulfill_core.notifications.sending import Delivery, Omission, Preferences, deliveries
from fulfill_core.orders.order import Order
from fulfill_core.pipeline import Result, Settings, process
from fulfill_core.pipeline.run import Runs
from fulfill_core.protocols import ProgressFunction
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.records.told import Told, key_of

NO_ORDER = "there is no such order"
ANOTHER_ORDER = "another order of that id is stored"
JobOutcome: TypeAlias = Result | Step | Inventory
"""What a job comes to: the result of a run, the step of an event, the stock after an update."""
PreferencesOf: TypeAlias = Callable[[Order], Preferences]
"""How the customer of an order wants to be told."""


class StepOfEvent(NamedTuple):
    """An event, and what it comes to.

    Args:
        event: what happened.
        step: what the order and the stock are then.

    >>> StepOfEvent._fields
    ('event', 'step')
    """

    event: Event
    step: Step


class Draft(NamedTuple):
    """What a job comes to, before it is written.

    Args:
        plan: what is to be written; None if there is nothing.
        outcome: what it comes to; None if there is no order for it.
        left_out: orders about which nothing is decided, and why: pairs.
        steps_of_time: what time brought before a run.
    """

    plan: CommitPlan | None
    outcome: JobOutcome | None
    left_out: tuple[tuple[str, str], ...] = ()
    steps_of_time: tuple[StepOfEvent, ...] = ()


def draft_of(
    job: Job,
    loaded: Loaded,
    *,
    now: datetime,
    settings: Settings,
    rules: Rules,
    preferences: PreferencesOf | None = None,
    progress: ProgressFunction | None = None,
) -> Draft:
    """What a job comes to, given what was loaded for it.

    Args:
        job: what is to be done.
        loaded: the orders and the stock of its scope.
        now: the caller's time, aware.
        settings: the policies of a run.
        rules: the shop's choices, for events.
        preferences: how the customer of an order wants to be told; None for at once.
        progress: is told how far a run has come.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> nothing = Loaded(inventory=Inventory())
    >>> print(draft_of(Run(), nothing, now=noon, settings=Settings(), rules=Rules()).plan)
    None
    """
    match job:
        case Run():
            return _draft_of_run(job, loaded, now, settings, rules, preferences, progress)
        case StockUpdate():
            return _draft_of_update(job, loaded, now)
        case _:
            return _draft_of_event(job, loaded, now, settings, rules, preferences)


# -- Each kind of job ------------------------------------------------------------------------------


def _draft_of_run(
    job: Run,
    loaded: Loaded,
    now: datetime,
    settings: Settings,
    rules: Rules,
    preferences: PreferencesOf | None,
    progress: ProgressFunction | None,
) -> Draft:
    """Time passes for each order, then all of them are decided.

    What nobody can have read is told anew, or not at all; what is the same then stays as it is.
    """
    records = {record.id: record for record in records_of(job, loaded)}
    ids = set(ids_told(records.values()))
    drafts = {message.id: message for message in loaded.drafts if message.id in ids}
    records = {order_id: each.without_told(drafts) for order_id, each in records.items()}
    stock, steps = loaded.inventory, list[StepOfEvent]()
    for order_id, record in records.items():
        for each in _steps_of_time(record, stock, now, settings, rules):
            steps.append(each)
            records[order_id], stock = each.step.record, each.step.inventory
    if settings.whole and job.orders is not None:
        settings = attrs.evolve(settings, whole=False)
    result = Runs(records.values(), stock, now).run(settings, progress)
    changes = result.changes
    if steps:
        changes = result.inventory.changes_since(loaded.inventory)
    before = {record.id: record for record in loaded.records}
    after = [_as_before(record, before.get(record.id)) for record in result.records]
    changed = [record for record in after if record != before.get(record.id)]
    messages = [message for each in steps for message in each.step.notifications]
    messages += result.notifications
    kept_ids = {message.id for message in messages if message == drafts.get(message.id)}
    messages = [message for message in messages if message.id not in kept_ids]
    withdrawn = {*_superseded(messages), *result.superseded_ids} - drafts.keys()
    if kept_ids:  # what they took the place of was withdrawn when they were written
        withdrawn -= {each_id for each in drafts.values() for each_id in each.supersedes}
    ids = {*[record.id for record in changed], *[each.order_id for each in units_in(changes)]}
    orders = {decision.id: decision.order for decision in result.decisions}
    plan = _plan_of(
        (),
        loaded,
        now,
        changes,
        records=changed,
        decisions=[decision for decision in result.decisions if decision.id in ids],
        rows=[
            *_rows_of_messages(messages, withdrawn, now, orders, preferences),
            *_rows_of_actions(steps, now),
        ],
        withdrawn=withdrawn,
        drafts=drafts.keys() - kept_ids,
    )
    return Draft(plan, result, tuple(_refusals(job, loaded)), tuple(steps))


def _as_before(record: OrderRecord, before: OrderRecord | None) -> OrderRecord:
    """The record, with what was told anew as it was told before, if that is the same."""
    if before is None or record.told == before.told:
        return record
    last_by_key = {each.key: each for each in before.told}
    entries: list[Told] = []
    for each in record.told:
        last = last_by_key.get(each.key, each)
        entries.append(last if attrs.evolve(each, at=last.at) == last else each)
    return attrs.evolve(record, told=entries)


def records_of(job: Run, loaded: Loaded) -> tuple[OrderRecord, ...]:
    """The orders that a run decides about: what is loaded, and what is new.

    >>> records_of(Run(), Loaded(inventory=Inventory()))
    ()
    """
    records = {record.id: record for record in loaded.records}
    for order in job.new_orders:
        record = records.get(order.id)
        if record is None:
            records[order.id] = OrderRecord(order=order)
        elif job.update is not None:
            records[order.id] = _updated(job.update, record, order)
    for order_id, _ in _refusals(job, loaded):
        records.pop(order_id, None)
    return tuple(records.values())


def _updated(
    update: Callable[[OrderRecord, Order], OrderRecord], record: OrderRecord, order: Order
) -> OrderRecord:
    """The record that counts, of an order that was handed in again."""
    after = update(record, order)
    _checks.check_member("Run.update()", after, OrderRecord)
    if after.id != order.id:
        problem = f"is the record of another order than {order.id}; return its own"
        raise _checks.refuse("Run.update()", after.id, problem)
    return after


def _refusals(job: Run, loaded: Loaded) -> Iterator[tuple[str, str]]:
    """The orders about which nothing is decided, and why."""
    yield from loaded.unreadable
    unreadable_ids = {order_id for order_id, _ in loaded.unreadable}
    records = {record.id: record for record in loaded.records}
    for each in job.orders or ():
        order_id = each.id if isinstance(each, Order) else each
        record = records.get(order_id)
        if record is None:
            if isinstance(each, str) and order_id not in unreadable_ids:
                yield order_id, NO_ORDER
        elif (
            isinstance(each, Order)
            and job.update is None
            and each.fingerprint != record.order.fingerprint
        ):
            yield order_id, ANOTHER_ORDER


def _steps_of_time(
    record: OrderRecord, stock: Inventory, now: datetime, settings: Settings, rules: Rules
) -> Iterator[StepOfEvent]:
    """What time alone brings to an order by now, one event after the other."""
    tried_ids: set[str] = set()  # one that is refused leaves no trace: it is not tried for ever
    while True:
        due = [each for each in timed_events(record, rules, now=now) if each.id not in tried_ids]
        if not due:
            return
        tried_ids.add(due[0].id)
        step = _step_of(record, due[0], stock, now, settings, rules)
        record, stock = step.record, step.inventory
        yield StepOfEvent(due[0], step)


def _step_of(
    record: OrderRecord,
    event: Event,
    stock: Inventory,
    now: datetime,
    settings: Settings,
    rules: Rules,
) -> Step:
    """What an event comes to. What may be handed over is split as the shop promises it."""
    step = advance(record, event, stock, now=now, rules=rules)
    if settings.promise is None or not any([isinstance(each, Release) for each in step.actions]):
        return step
    # The promise of what the order has by then: it was let pass already, and nobody else is served.
    alone = attrs.evolve(settings, verifiers=(), whole=False)
    result = process([step.record], step.inventory, now=now, **alone)
    promise = result[record.id].promise
    return advance(record, event, stock, now=now, rules=rules, promise=promise)


def _draft_of_event(
    event: Event,
    loaded: Loaded,
    now: datetime,
    settings: Settings,
    rules: Rules,
    preferences: PreferencesOf | None,
) -> Draft:
    """An event, applied to its order."""
    if loaded.unreadable:
        return Draft(None, None, loaded.unreadable)
    records = [record for record in loaded.records if record.id == event.order_id]
    if not records:
        return Draft(None, None, ((event.order_id, NO_ORDER),))
    [record] = records
    ids = set(ids_told([record]))
    drafts = {message.id for message in loaded.drafts if message.id in ids}
    reached = record.without_told(drafts)
    step = _step_of(reached, event, loaded.inventory, now, settings, rules)
    if reached is not record:
        step = attrs.evolve(step, record=_with_drafts(step.record, record, reached))
    withdrawn = _superseded(step.notifications)
    messages = _rows_of_messages(
        step.notifications, withdrawn, now, {record.id: step.record.order}, preferences
    )
    actions = _rows_of_actions([StepOfEvent(event, step)], now)
    plan = _plan_of(
        (event.id, content_of(event)),
        loaded,
        now,
        step.changes,
        records=[step.record] if step.record != record else (),
        rows=[*messages, *actions],
        withdrawn=withdrawn,
        drafts=drafts - set(ids_told([step.record])),
    )
    return Draft(plan, step)


def _with_drafts(after: OrderRecord, before: OrderRecord, reached: OrderRecord) -> OrderRecord:
    """The record after an event, with what a run told, and nobody has read, put back.

    But for what the event says otherwise: what leaves is confirmed to whom it was not yet.

    Args:
        after: the record after the event, by what could be read.
        before: the record before it.
        reached: that, as far as it could be read.
    """
    ids = {each.key: each.id for each in after.told}
    ids_read = {each.key: each.id for each in reached.told}
    drafts = [
        each
        for each in before.told
        if each.subject == DECISION and ids.get(each.key) in (None, each.id, ids_read.get(each.key))
    ]
    keys = {each.key for each in drafts}
    return attrs.evolve(
        after,
        told=sorted([*drafts, *[each for each in after.told if each.key not in keys]], key=key_of),
        told_before=[each for each in before.told_before if each.key in keys],
    )


def _draft_of_update(job: StockUpdate, loaded: Loaded, now: datetime) -> Draft:
    """The stock after an update."""
    after = job.update(loaded.inventory)
    _checks.check_member("StockUpdate.update()", after, Inventory)
    changes = after.changes_since(loaded.inventory)
    for key in sorted(keys_in(changes) - {key_of_sku(sku) for sku in job.skus}):
        if key.startswith(key_of_sku("")) and not loaded.version_of(key):
            problem = f"changes {key.removeprefix(key_of_sku(''))!r}, too; name it among the SKUs"
            raise _checks.refuse("StockUpdate.skus", job.skus, problem)
    plan = CommitPlan(
        id=job.plan_id, at=now, expected=versions_of(loaded, changes, ()), changes=changes
    )
    return Draft(plan, after)


# -- Plans -----------------------------------------------------------------------------------------


def _plan_of(
    job_content: object,
    loaded: Loaded,
    now: datetime,
    changes: Changes,
    *,
    records: Iterable[OrderRecord],
    decisions: Iterable[Decision] = (),
    rows: Iterable[OutboxRow],
    withdrawn: Iterable[str],
    drafts: Iterable[str] = (),
) -> CommitPlan | None:
    """The plan that writes all of this; None if there is nothing to write.

    Its id is made of what it writes. Two workers that do different things to one order at the same
    instant have two plans; what is expected is counted up, so the same plan is never made again.
    """
    records, rows = tuple(records), tuple(rows)
    withdrawn, drafts = tuple(sorted(withdrawn)), tuple(sorted(drafts))
    if not (changes or records or rows or withdrawn or drafts):
        return None
    expected = versions_of(loaded, changes, [record.id for record in records])
    content = (
        *(job_content, now, expected, tuple([row.id for row in rows]), withdrawn, drafts),
        tuple([_content_of_record(record) for record in records]),
        tuple([_content_of_units(units) for units in units_in(changes)]),
    )
    return CommitPlan(
        # Long enough that no two of a lifetime are the same: the second would not be written.
        id=f"plan:{blake2b(ascii(content).encode(), digest_size=16).hexdigest()}",
        at=now,
        expected=expected,
        changes=changes,
        records=records,
        decisions=decisions,
        rows=rows,
        withdrawn=withdrawn,
        drafts=drafts,
    )


def _content_of_record(record: OrderRecord) -> tuple[object, ...]:
    """What a run may come to for an order, as far as it differs from run to run."""
    outcome = "" if record.outcome is None else record.outcome.value
    return record.id, record.order.fingerprint, outcome, tuple([each.id for each in record.told])


def _content_of_units(units: Reservation | Claim) -> tuple[object, ...]:
    place = units.location if isinstance(units, Reservation) else units.supply_id
    lot = units.lot if isinstance(units, Reservation) else ""
    return units.order_id, units.line_id, units.sku, place, units.quantity, lot


def versions_of(loaded: Loaded, changes: Changes, order_ids: Iterable[str]) -> Versions:
    """What is touched, with the version that was loaded.

    Units of a SKU may be promised by whoever reads its version; so may what a location with a
    capacity can take on. Of what was merely read nothing is promised.
    """
    keys = {*map(key_of_order, order_ids), *keys_in(changes)}
    for each in (*changes.reservations_added, *changes.reservations_removed):
        if loaded.inventory.location(each.location).capacity is not None:
            keys.add(key_of_location(each.location))
    return tuple([(key, loaded.version_of(key)) for key in sorted(keys)])


def keys_in(changes: Changes) -> set[str]:
    """The keys of the SKUs and locations that changes touch by themselves.

    >>> from fulfill_core.inventory import StockChange
    >>> keys_in(Changes(on_hand=[StockChange(sku="mug", location="berlin", quantity=-2)]))
    {'sku:mug'}
    """
    skus = {
        *[each.sku for each in changes.on_hand],
        *[each.sku for each in changes.lots],
        *[each.sku for each in (*changes.supplies_added, *changes.supplies_removed)],
        *[each.sku for each in (*changes.items_added, *changes.items_removed)],
        *[each.sku for each in units_in(changes)],
    }
    places = {
        *[each.id for each in (*changes.locations_added, *changes.locations_removed)],
        *[each.location for each in (*changes.intakes_added, *changes.intakes_removed)],
    }
    return {*map(key_of_sku, skus), *map(key_of_location, places)}


def units_in(changes: Changes) -> tuple[Reservation | Claim, ...]:
    """The units that orders gain or lose by changes, on hand and of supplies.

    >>> units_in(Changes())
    ()
    """
    return (
        *(*changes.reservations_added, *changes.reservations_removed),
        *(*changes.claims_added, *changes.claims_removed),
    )


# -- Rows of the outbox ----------------------------------------------------------------------------


def _superseded(messages: Iterable[Notification]) -> set[str]:
    return {message_id for message in messages for message_id in message.supersedes}


def _rows_of_messages(
    messages: Iterable[Notification],
    withdrawn: Iterable[str],
    now: datetime,
    orders: Mapping[str, Order],
    preferences: PreferencesOf | None,
) -> list[OutboxRow]:
    """The messages that are still true at the end of all steps, and when each goes out."""
    messages = [each for each in messages if each.id not in withdrawn]
    if preferences is None:
        return [
            OutboxRow(id=each.id, order_id=each.order_id, content=each, due_at=now)
            for each in messages
        ]
    ids = {each.order_id for each in messages} & orders.keys()
    wishes = {order_id: _preferences_of(orders[order_id], preferences) for order_id in ids}
    mailing = deliveries(messages, wishes, now=now)
    by_id = {
        message.id: attrs.evolve(delivery, messages=[message])
        for delivery in mailing.deliveries
        for message in delivery.messages
    }
    for message, reason in mailing.omissions:
        if reason is Omission.NO_MAILBOX:  # a person has to pass it on: the notifier says so
            by_id[message.id] = Delivery(messages=[message], send_at=now)
    # A row for each message: so each is withdrawn by itself. What goes out together is found when
    # it is handed out.
    return [
        OutboxRow(id=each.id, order_id=each.order_id, content=part, due_at=part.send_at)
        for each in messages
        if (part := by_id.get(each.id)) is not None
    ]


def _preferences_of(order: Order, preferences: PreferencesOf) -> Preferences:
    """How the customer of an order wants to be told, as the host says."""
    wishes = preferences(order)
    _checks.check_member(f"preferences({order.id!r})", wishes, Preferences)
    return wishes


def _rows_of_actions(steps: Iterable[StepOfEvent], now: datetime) -> list[OutboxRow]:
    """The actions: an event is applied once, so its id and the position make an id of each."""
    return [
        OutboxRow(
            id=f"{event.order_id}:{_word_for(action)}:{digest_of((event.id, position))}",
            order_id=event.order_id,
            content=action,
            due_at=now,
        )
        for event, step in steps
        for position, action in enumerate(step.actions)
    ]


def _word_for(action: Action) -> str:
    return type(action).__name__.lower()
