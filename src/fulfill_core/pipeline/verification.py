"""Verification: what the verifiers and people say of each order, and who joins the queue.

See docs/explanation/how-orders-are-verified.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any, NamedTuple, TypeAlias, cast

import attrs

from fulfill_core import protocols
from fulfill_core._checks import message_of, money_text
from fulfill_core.decisions.decision import Decision, held_lines
from fulfill_core.decisions.finding import (
    Finding,
    Severity,
    Verdict,
    hold,
    note,
    worst_verdict,
)
from fulfill_core.orders.dates import first_departure
from fulfill_core.orders.due import money_left
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import settled_lines
from fulfill_core.orders.terms import NO_TERMS
from fulfill_core.pipeline.chunks import Answer, Chunk, MapFunction, chunks_of, mapped
from fulfill_core.pipeline.failing import Failure, Tally, failures_of, wrong_answer
from fulfill_core.pipeline.promising import due_at
from fulfill_core.pipeline.ranking import Keys, all_alike, key_of
from fulfill_core.protocols import PriorityPolicy, RunStage, Verifier
from fulfill_core.protocols.plugins import (
    MOST_ANSWERS,
    Endless,
    Unasked,
    callee,
    is_asked_last,
    is_iterable,
    looks_at_batch,
    name_of,
    within,
)
from fulfill_core.protocols.reporting import Reporter
from fulfill_core.records.collecting import refunds
from fulfill_core.records.facts import Context, Rulings, VerifierFailure, with_records
from fulfill_core.verifiers.integrity import no_conflicting_duplicate

Findings: TypeAlias = tuple[Finding, ...]
Assessments: TypeAlias = tuple[list[Findings], Keys]
"""The findings of each order of a chunk, and its sort key: None if it does not join the queue."""
_Callees: TypeAlias = tuple[tuple[int, Verifier, Verifier], ...]
"""The place of each verifier in the run, the verifier, and what is called for it."""

_NOTHING: Findings = ()
_NOTE = Severity.NOTE
_VERIFY = RunStage.VERIFY
_KEPT_OF_ENDLESS = 100  # findings: of a whole batch, all that were cut would fill the memory


class Outside(NamedTuple):
    """The orders of a batch that do not join the queue, by id.

    Args:
        orders: the orders.
        findings: what was noticed about each of them.
    """

    orders: list[Order]
    findings: list[Findings]


class Assessed(NamedTuple):
    """What verification makes of a batch.

    Args:
        orders: the batch.
        findings: what was noticed about each of its orders.
        keys: the sort keys of its orders; None for one that does not join the queue.
        failures: the verifiers that failed for more than one order.
    """

    orders: tuple[Order, ...]
    findings: list[Findings]
    keys: Keys
    failures: tuple[VerifierFailure, ...]

    def queue(self) -> list[int]:
        """The places in the batch of those that join the queue."""
        return [place for place, key in enumerate(self.keys) if key is not None]

    def outside(self) -> list[int]:
        """The places in the batch of those that do not, by order id."""
        places = [place for place, key in enumerate(self.keys) if key is None]
        return sorted(places, key=lambda place: self.orders[place].id)

    def left_out(self) -> Outside:
        """The orders outside the queue, by id."""
        places = self.outside()
        return Outside(
            [self.orders[place] for place in places], [self.findings[place] for place in places]
        )


def assess(
    orders: tuple[Order, ...],
    verifiers: tuple[Verifier, ...],
    priority: PriorityPolicy,
    context: Context,
    window: timedelta,
    map_function: MapFunction,
    reporter: Reporter,
) -> Assessed:
    """Verify and rank a batch, in chunks that *map_function* may send to other processes.

    The reporter is told of each chunk that has come back.

    Raises:
        PluginError: the policy broke its contract, the map did not keep the sequence, or a verifier
            gave no findings but something else for each order that it was asked about.
    """
    # A policy that looks at the batch has no key yet: who joins the queue is not known before.
    assess_chunk = partial(
        _assess_chunk,
        verifiers=verifiers,
        priority=all_alike if looks_at_batch(priority) else priority,
        # Each chunk takes along the records of its own orders, and of no others.
        context=with_records(context, ()),
        window=window,
    )
    chunks = chunks_of(orders, context)
    answers = mapped(map_function, assess_chunk, chunks)
    findings_of: list[Findings] = []
    keys: Keys = []
    tally = Tally()
    pairs = zip(chunks, answers, strict=True)
    try:
        for _, (_, (findings, chunk_keys), chunk_tally) in reporter.through(
            _VERIFY, pairs, len(chunks)
        ):
            findings_of += findings
            keys += chunk_keys
            tally.add(chunk_tally)
    finally:
        # A run that was called off leaves no chunks to an executor that nobody waits for.
        answers.close()
    failures: tuple[VerifierFailure, ...] = ()
    if tally.failures:  # in most runs nothing fails
        tally.check(verifiers)
        failures = failures_of(zip(orders, findings_of, strict=True))
    return Assessed(orders, findings_of, keys, failures)


def ranked_by(
    assessed: Assessed, priority: PriorityPolicy, context: Context, map_function: MapFunction
) -> Assessed:
    """What verification made of a batch, with the sort keys of another priority.

    Raises:
        PluginError: the policy broke its contract, or the map did not keep the sequence.
    """
    rank_chunk = partial(
        _rank_chunk,
        priority=all_alike if looks_at_batch(priority) else priority,
        # As in `assess`, where it is not known yet who failed.
        context=attrs.evolve(context, records=(), failures=()),
    )
    places = assessed.queue()
    orders = [assessed.orders[place] for place in places]
    answers = mapped(map_function, rank_chunk, chunks_of(orders, context))
    keys: Keys = [None] * len(assessed.orders)
    for place, key in zip(
        places, chain.from_iterable([each for _, each, _ in answers]), strict=True
    ):
        keys[place] = key
    return assessed._replace(keys=keys)


def _rank_chunk(chunk: Chunk, *, priority: PriorityPolicy, context: Context) -> Answer[list[Any]]:
    """The sort keys of the orders of a chunk. It can run elsewhere."""
    if chunk.records:
        context = with_records(context, chunk.records)
    keys = [key_of(priority, order, context) for order in chunk.orders]
    return chunk.orders[0].id, keys, Tally()


def rejected(
    orders: Sequence[Order],
    verifiers: tuple[Verifier, ...],
    context: Context,
    map_function: MapFunction,
) -> frozenset[str]:
    """The ids of those of some orders that these verifiers, or people, reject."""
    rejected_of_chunk = partial(
        _rejected_of_chunk, verifiers=verifiers, context=with_records(context, ())
    )
    chunks = chunks_of(orders, context)
    order_ids: set[str] = set()
    for _, rejected_ids, _ in mapped(map_function, rejected_of_chunk, chunks):
        order_ids |= rejected_ids
    return frozenset(order_ids)


def _rejected_of_chunk(
    chunk: Chunk, *, verifiers: tuple[Verifier, ...], context: Context
) -> Answer[set[str]]:
    """The ids of the orders of a chunk that are rejected. It can run elsewhere."""
    if chunk.records:
        context = with_records(context, chunk.records)
    first = _callees(verifiers, is_last=False)
    last = _callees(verifiers, is_last=True)
    tally = Tally()  # who fails is told when all are asked
    settled_ids = _settled_ids(context)
    order_ids: set[str] = set()
    for order in chunk.orders:
        if order.id in settled_ids or order.id in context.duplicates:
            continue  # it is not judged at all, or held
        findings = _with_rulings(
            order,
            _findings_of(order, first, context, tally),
            context.rulings_of(order.id),
            last,
            context,
            tally,
        )
        if worst_verdict(findings) is Verdict.REJECT:
            order_ids.add(order.id)
    return chunk.orders[0].id, order_ids, tally


def _assess_chunk(
    chunk: Chunk,
    *,
    verifiers: tuple[Verifier, ...],
    priority: PriorityPolicy,
    context: Context,
    window: timedelta,
) -> Answer[Assessments]:
    """Verify and rank some orders. It is a function of its arguments, so it can run elsewhere."""
    if chunk.records:
        context = with_records(context, chunk.records)
    now, duplicates, rulings_of = context.now, context.duplicates, context.rulings_of
    settled_ids = _settled_ids(context)
    findings_of: list[Findings] = [_NOTHING] * len(chunk.orders)
    keys: Keys = [None] * len(chunk.orders)
    first = _callees(verifiers, is_last=False)
    last = _callees(verifiers, is_last=True)
    tally = Tally()
    asked_count = len(chunk.orders)
    for place, order in enumerate(chunk.orders):
        if (
            order.id in settled_ids
        ):  # all of it has left, or was cancelled: there is nothing to judge
            asked_count -= 1
            continue
        if order.id in duplicates:  # which is meant is not known: nothing else is said
            asked_count -= 1
            findings_of[place] = tuple(no_conflicting_duplicate(order, context=context))
            continue
        first_findings = _findings_of(order, first, context, tally)
        rulings = rulings_of(order.id)  # before anything is put in sequence: most have none
        findings = _NOTHING
        if first_findings or rulings or last:
            findings = _with_rulings(order, first_findings, rulings, last, context, tally)
            findings_of[place] = findings
            # If some of its lines can go, the order joins the queue without the others.
            verdict = worst_verdict(findings)
            if verdict is not Verdict.ACCEPT and not held_lines(order, findings):
                if verdict is Verdict.REJECT:
                    findings_of[place] = _with_refunds(order, findings, context)
                continue
        # After the verifiers: what is wrong with an order is told before it is due.
        ship_after = order.ship_after
        if order.has_line_dates:
            ship_after = first_departure(order, _lines_beside(order, findings, context))
        if ship_after is None or due_at(ship_after, window) <= now:
            keys[place] = key_of(priority, order, context)
    tally.questions.update({place: asked_count for place, _, _ in first})
    return chunk.orders[0].id, (findings_of, keys), tally


def _lines_beside(order: Order, findings: Iterable[Finding], context: Context) -> frozenset[str]:
    """The lines that have no turn now, whenever they may leave: on hold, or nothing is open."""
    return held_lines(order, findings) | settled_lines(order, context.progress_of(order.id))


def _settled_ids(context: Context) -> set[str]:
    """The ids of the orders of a chunk of which nothing is open."""
    records = map(context.record_of, context.progress_by_id)
    return {record.id for record in records if record is not None and record.is_settled}


def _callees(verifiers: Iterable[Verifier], *, is_last: bool) -> _Callees:
    return tuple(
        [
            (place, verifier, callee(verifier))
            for place, verifier in enumerate(verifiers)
            if is_asked_last(verifier) is is_last
        ]
    )


def _findings_of(
    order: Order, verifiers: _Callees, context: Context, tally: Tally
) -> list[Finding] | None:
    """What these verifiers notice about an order. One that breaks holds this order only."""
    findings: list[Finding] | None = None  # most orders need no list: nothing is noticed
    answer: object = _NOTHING
    for place, verifier, call in verifiers:
        try:
            answer = call(order, context=context)
            if answer is _NOTHING:  # our own verifiers return this very tuple
                continue
            if isinstance(answer, Unasked):  # what stands in a combination was not
                tally.questions[place] -= 1
                if not answer:
                    continue
            if findings is None:
                findings = []
            failure = _add_findings(findings, answer)
        except Exception as error:  # noqa: BLE001 - whatever it raises
            failure = _failure(answer, error)
        if failure is not None:
            tally.count(place, order, failure)
            detail = f"The verifier {name_of(verifier)} {failure.sentence}"
            evidence = f"{name_of(verifier)}: {failure.kind}"
            failed = hold("verifier.failed", detail=detail, evidence=evidence)
            findings = [*(findings or ()), failed]
        answer = _NOTHING  # the next one may raise before it answers
    return findings


def _add_findings(findings: list[Finding], answer: Iterable[Finding]) -> Failure | None:
    """Add what a verifier returned to the findings; returns what is wrong with it, if anything is.

    What came before the fault is kept: it may be what stops the order.
    """
    count_before = len(findings)
    try:
        # A tuple has an end, and nearly all answers are one.
        if answer.__class__ is not tuple:
            answer = within(answer, MOST_ANSWERS, "findings")
        for finding in answer:
            if not isinstance(finding, Finding):
                return wrong_answer(finding)
            findings.append(finding)
    except Endless as error:
        del findings[count_before + _KEPT_OF_ENDLESS :]
        return Failure(f"has no end: {error}", "endless", "return a few")
    return None


def _failure(answer: object, error: Exception) -> Failure:
    """What went wrong with a verifier: it raised, or its answer is nothing to go through."""
    if is_iterable(answer):
        return Failure(f"failed: {message_of(error)}", type(error).__name__)
    return wrong_answer(answer)


def _with_rulings(
    order: Order,
    first_findings: list[Finding] | None,
    rulings: Rulings | None,
    last: _Callees,
    context: Context,
    tally: Tally,
) -> Findings:
    """All findings on an order: the verifiers', people's, and those of the verifiers asked last.

    What several verifiers say in the same words is said once. The sequence is that of the weight,
    whatever the sequence of the verifiers.
    """
    findings = first_findings or []
    if rulings is not None:
        version = order.fingerprint  # a person turned down what they saw; holds are for any
        findings += [
            rejection.finding()
            for rejection in rulings.rejections
            if rejection.fingerprint == version
        ]
        findings += [stop.finding() for stop in rulings.holds]
    if last:
        # A rejection that somebody waived is none: the slow verifiers are needed after all.
        if worst_verdict(_waived(order, findings, rulings)) is Verdict.REJECT:
            findings += [_skipped(verifier) for _, verifier, _ in last]
        else:
            tally.questions.update([place for place, _, _ in last])
            findings += _findings_of(order, last, context, tally) or ()
    if len(findings) == 1 and rulings is None:  # nothing to sort, to waive or to say once
        return (findings[0],)
    return tuple(sorted(set(_waived(order, findings, rulings)), key=_in_sequence_of_weight))


def _with_refunds(order: Order, findings: Findings, context: Context) -> Findings:
    """The findings of a rejected order, with what it took and has to be given back."""
    record = context.record_of(order.id)
    if record is None:
        owed = money_left(order, (), {})
    else:
        owed = money_left(order, record.progress, {}, adjustment=record.adjustment)
    currency_of = {payment.id: payment.currency or order.currency for payment in order.payments}
    notes = [
        note(
            "payment.to_refund",
            field=f"payments[{payment_id}].captured",
            detail=f"{money_text(amount)} {currency_of[payment_id]} was captured and is to be given"
            " back: the order is rejected.",
            evidence=payment_id,
            measure=amount,
        )
        for payment_id, amount in refunds(order, owed, NO_TERMS)
    ]
    notes = _waived(order, notes, context.rulings_of(order.id))
    return with_notes(findings, tuple(notes)) if notes else findings


def _skipped(verifier: Verifier) -> Finding:
    return note(
        "verifier.skipped",
        detail=f"{name_of(verifier)} was not needed: the order is rejected without it.",
        evidence=name_of(verifier),
    )


def _in_sequence_of_weight(finding: Finding) -> tuple[object, ...]:
    return (
        -finding.severity,
        finding.code,
        finding.field,
        finding.detail,
        finding.line_id,
        finding.source,
        finding.evidence,
        (finding.measure is not None, finding.measure or 0),
        (finding.waived_by, str(finding.waived_at)),
    )


def _waived(order: Order, findings: list[Finding], rulings: Rulings | None) -> list[Finding]:
    """The findings as the approvals of the order leave them."""
    if rulings is None or not rulings.approvals:
        return findings
    # Not at once: most orders need nobody's approval.
    from fulfill_core.records.people import with_waivers  # noqa: PLC0415 - as said

    return with_waivers(findings, rulings.approvals, order.fingerprint)


def second_look(verifiers: list[Verifier], decision: Decision, context: Context) -> Findings:
    """The findings of an order, with what is noticed now that it has been served.

    That can stop nothing any more, so it is kept as notes, whatever the verifier makes of it.
    """
    findings: list[Finding] = []
    for verifier in verifiers:
        answer: object = _NOTHING
        try:
            answer = cast("protocols.SecondLook", verifier).second_look(decision, context=context)
            failure = _add_findings(findings, answer)
        except Exception as error:  # noqa: BLE001 - whatever it raises
            failure = _failure(answer, error)
        if failure is not None:
            detail = f"The second look of {name_of(verifier)} {failure.sentence}"
            evidence = f"{name_of(verifier)}: {failure.kind}"
            findings.append(note("verifier.second_look_failed", detail=detail, evidence=evidence))
    return with_notes(decision.findings, tuple(findings))


def with_notes(findings: Findings, added: Findings) -> Findings:
    """The findings with these among them. They come too late to stop anything: they are notes."""
    if not findings and len(added) == 1 and added[0].severity is _NOTE:
        return added  # nothing to put in sequence
    notes = [
        finding if finding.severity is _NOTE else attrs.evolve(finding, severity=Severity.NOTE)
        for finding in added
    ]
    return tuple(sorted({*findings, *notes}, key=_in_sequence_of_weight))
