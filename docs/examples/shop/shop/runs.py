"""A run: what the files say, and what is decided about it, in one transaction.

Jobs of the library's loop: an update of the stock, if the files are new, and a `Run` of the orders
in them. What the platform exports of an order counts, until something was reported of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

import attrs
from sqlalchemy import Connection, Engine

from fulfill_core import Order, OrderRecord, Outcome, Result, explain
from fulfill_core.hosting import Commit, Job, JobReport, Observation, Run, StepOfEvent
from fulfill_core.lifecycle import USUAL_RULES, Rules
from shop import bar, database, desk, fraud_service, gathering, rules, sending
from shop.loop import work
from shop.records import OrderList, StockList
from shop.stock import free, update_from_files

CLUES = Path(__file__).resolve().parents[1] / "sample" / "fraud_service.csv"


class Decided(NamedTuple):
    """What a run came to."""

    result: Result
    new_mails: int
    steps_of_time: tuple[StepOfEvent, ...]
    problems: tuple[str, ...]  # orders about which nothing was decided, and why


def decide(
    engine: Engine,
    source: str,
    order_list: OrderList,
    stock_list: StockList,
    now: datetime,
    choices: Rules = USUAL_RULES,
) -> Decided:
    """Find out what is missing; then one transaction: stock and facts in, decisions out."""
    orders, conflicting_ids = distinct(order_list.orders)
    verifiers = rules.verifiers_for(source, stock_list.items, order_list.doubts, conflicting_ids)
    gathering.screen(engine, order_list, verifiers, now, fraud_service.asking(CLUES))
    decided_ids: set[str] = set()

    def note(observation: Observation) -> None:
        if isinstance(observation.subject, Commit):
            decided_ids.update([each.id for each in observation.subject.plan.decisions])

    with database.transaction(engine) as connection, bar.progress_bar() as progress:
        number = sending.last_number(connection)
        run = Run(orders=orders, update=as_exported)
        options: dict[str, Any] = {
            "settings": rules.settings(verifiers, stock_list.promise),
            "rules": choices,
            "gather": lambda _: gathering.gather(connection, order_list, verifiers, now),
            "observer": note,
            "progress": progress,
        }
        jobs: list[Job] = [*update_from_files(connection, order_list, stock_list, now), run]
        report = work(connection, jobs, now, **options).jobs[-1]
        result = _result_of(report)
        if outcasts := _rejected_with_units(result):
            # What they had reserved goes to those who wait for it.
            jobs = [free(connection, outcasts), run]
            result = _result_of(work(connection, jobs, now, **options).jobs[-1])
        _keep(connection, order_list, result, sorted(decided_ids), now)
        new_mails = len(sending.new_mails(connection, number))
    problems = tuple([f"order {order_id}: {reason}" for order_id, reason in report.left_out])
    return Decided(result, new_mails, report.steps_of_time, problems)


def distinct(orders: Iterable[Order]) -> tuple[list[Order], set[str]]:
    """The orders, each id once; and the ids under which there are different ones."""
    by_id: dict[str, Order] = {}
    conflicting_ids = {order.id for order in orders if by_id.setdefault(order.id, order) != order}
    return list(by_id.values()), conflicting_ids


def as_exported(record: OrderRecord, order: Order) -> OrderRecord:
    """The record of an order that the platform exports again.

    From the first report on, the order is what the record says: as it was agreed and paid since.
    """
    if any([not event_id.startswith(desk.OWN) for event_id, _ in record.history.applied]):
        return record
    line_ids = {line.id for line in order.lines}  # one that was taken away has no progress any more
    progress = [each for each in record.progress if each.line_id in line_ids]
    return attrs.evolve(record, order=order, progress=progress)


def _result_of(report: JobReport) -> Result:
    """What a run came to."""
    return cast("Result", report.outcome)


def _rejected_with_units(result: Result) -> list[str]:
    """The orders that were turned down, and have something still."""
    return [
        decision.id
        for decision in result.decisions
        if decision.outcome is Outcome.REJECTED
        and (
            result.inventory.reservations_of(decision.id) or result.inventory.claims_of(decision.id)
        )
    ]


def _keep(
    connection: Connection,
    order_list: OrderList,
    result: Result,
    decided_ids: Iterable[str],
    now: datetime,
) -> None:
    """What the shop's own tables have of a run: names, explanations, what was left out."""
    orders = [decision.order for decision in result.decisions]
    database.put(
        connection,
        database.orders,
        [
            {
                "order_id": order.id,
                "name": order.attributes.get("name", order.id),
                "customer_id": order.customer.id,
            }
            for order in orders
        ],
    )
    database.put(
        connection,
        database.explanations,
        [
            {
                "order_id": order_id,
                "decided_at": now.isoformat(),
                "text": str(explain(result, order_id)),
            }
            for order_id in decided_ids
        ],
    )
    desk.keep_queue(connection, result, now)
    reasons: dict[tuple[str, str], list[str]] = {}  # several records may have one id
    for verb, orders_out in (("skipped", order_list.skipped), ("set aside", order_list.set_aside)):
        for each in orders_out:
            reasons.setdefault((each.order_id, each.name), []).append(f"{verb}: {each.reason}")
    database.replace(
        connection,
        database.left_out,
        {
            order_id: {"order_id": order_id, "name": name, "reason": "; ".join(reasons)}
            for (order_id, name), reasons in reasons.items()
        }.values(),
    )
