"""From a job and what was loaded for it to a plan: pure steps, which the loop drives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.notification import DECISION, Notification
from fulfill_core.hosting.batches import (
    Loaded,
    ids_told,
    key_of_sku,
)
from fulfill_core.hosting.jobs import Job, Run, StockUpdate
from fulfill_core.hosting.planning.drafts import Draft, PreferencesOf, StepOfEvent
from fulfill_core.hosting.planning.outbox_rows import rows_of_actions, rows_of_messages, superseded
from fulfill_core.hosting.planning.touching import keys_in, plan_of, units_in, versions_of
from fulfill_core.hosting.plans import CommitPlan
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.lifecycle import Event, Release, Rules, Step, advance, timed_events
from fulfill_core.lifecycle.events.checking import content_of
from fulfill_core.orders.order import Order
from fulfill_core.pipeline import Settings
from fulfill_core.pipeline.run import Runs
from fulfill_core.protocols import ProgressFunction
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.records.told import CONFIRMATIONS, Told, key_of

NO_ORDER = "there is no such order"
ANOTHER_ORDER = "another order of that id is stored"


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
    if drafts:  # to each record its own: all of them for each would be a square
        for order_id, record in records.items():
            own_ids = [message_id for message_id in ids_told([record]) if message_id in drafts]
            records[order_id] = record.without_told(own_ids)
    stock, steps = loaded.inventory, list[StepOfEvent]()
    for order_id, record in records.items():
        for each in _steps_of_time(record, stock, now, settings, rules):
            steps.append(each)
            records[order_id], stock = each.step.record, each.step.inventory
    if settings.whole and job.orders is not None:
        settings = attrs.evolve(settings, whole=False)
    result = Runs(records.values(), stock, now).run(settings, progress)
    changes = result.inventory.changes_since(loaded.inventory) if steps else result.changes
    before = {record.id: record for record in loaded.records}
    messages = [message for each in steps for message in each.step.notifications]
    messages += result.notifications
    kept_ids: set[str] = set()
    if drafts:  # an id is worked out whenever it is asked for
        by_id = {message.id: message for message in messages}
        kept_ids = {each for each, message in by_id.items() if _is_same(message, drafts.get(each))}
        messages = [message for each, message in by_id.items() if each not in kept_ids]
    withdrawn = {*superseded(messages), *result.superseded_ids} - drafts.keys()
    if kept_ids:  # what they took the place of was withdrawn when they were written
        withdrawn -= {each_id for each in drafts.values() for each_id in each.supersedes}
    unread_ids = withdrawn & set(loaded.doubtful_ids)
    after = [
        _as_before(_without_unread(each, unread_ids), before.get(each.id))
        for each in result.records
    ]
    changed = [record for record in after if record != before.get(record.id)]
    ids = {*[record.id for record in changed], *[each.order_id for each in units_in(changes)]}
    orders = {order.id: order for order in result.decisions.orders}
    plan = plan_of(
        (),
        loaded,
        now,
        changes,
        records=changed,
        decisions=[decision for decision in result.decisions if decision.id in ids],
        rows=[
            *rows_of_messages(messages, withdrawn, now, orders, preferences),
            *rows_of_actions(steps, now),
        ],
        withdrawn=withdrawn,
        drafts=drafts.keys() - kept_ids,
    )
    return Draft(plan, result, tuple(_refusals(job, loaded)), tuple(steps))


def _is_same(message: Notification, draft: Notification | None) -> bool:
    """Whether a message is the draft, whatever is left that it takes the place of."""
    return draft is not None and attrs.evolve(message, supersedes=draft.supersedes) == draft


def _without_unread(record: OrderRecord, message_ids: AbstractSet[str]) -> OrderRecord:
    """The record, if these messages do not go out any more, and nobody knows whether they did.

    If what takes their place is taken back, they do not hold again by themselves: they are told
    anew, or whatever holds by then.
    """
    if message_ids.isdisjoint([each for last in record.told_before for _, each in last.contents]):
        return record
    before = [
        attrs.evolve(last, contents=[each for each in last.contents if each[1] not in message_ids])
        for last in record.told_before
    ]
    return attrs.evolve(record, told_before=before)


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
    is_promised = settings.promise is not None
    if not is_promised or not any([isinstance(each, Release) for each in step.actions]):
        return step
    # The order was let pass already, and nobody else is served: nothing is planned, or taken away.
    alone = attrs.evolve(settings, verifiers=(), planner=None, reallocation=None, whole=False)
    promise = Runs([step.record], step.inventory, now).run(alone)[record.id].promise
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
    # A confirmation that waits does for the one that is owed with the goods: it stays.
    drafts = {
        message.id
        for message in loaded.drafts
        if message.id in ids and message.kind not in CONFIRMATIONS
    }
    reached = record.without_told(drafts)
    step = _step_of(reached, event, loaded.inventory, now, settings, rules)
    if reached is not record:
        step = attrs.evolve(step, record=_with_drafts(step.record, record, reached))
    withdrawn = superseded(step.notifications)
    messages = rows_of_messages(
        step.notifications, withdrawn, now, {record.id: step.record.order}, preferences
    )
    actions = rows_of_actions([StepOfEvent(event, step)], now)
    plan = plan_of(
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
