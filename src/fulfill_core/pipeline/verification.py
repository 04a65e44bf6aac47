"""Verification: what the verifiers and people say of each order, and who joins the queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeAlias, cast

import attrs

from fulfill_core._checks import said as said_by
from fulfill_core.decisions.decision import Decision, held_lines
from fulfill_core.decisions.finding import (
    NEVER_WAIVED,
    Finding,
    Severity,
    Verdict,
    hold,
    note,
    verdict_of,
)
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.promising import due_at
from fulfill_core.pipeline.ranking import Queued, key_of, placed
from fulfill_core.protocols import PriorityPolicy, Verifier
from fulfill_core.protocols.plugins import name_of
from fulfill_core.records.facts import Context, Said
from fulfill_core.records.people import Approval
from fulfill_core.verifiers.integrity import no_conflicting_duplicate

Assessment: TypeAlias = tuple[tuple[Finding, ...], Any]
"""Findings, and the sort key; None for an order that does not join the queue."""
Assessed: TypeAlias = tuple[str, list[Assessment]]
"""The id of the first order of a chunk, by which it is known again, and the assessments."""
MapFunction: TypeAlias = Callable[..., Iterable[Any]]

_NOTHING: tuple[Finding, ...] = ()
_NOTE = Severity.NOTE
_CHUNK = 2_000  # orders: some 20 ms of work, so that shipping them to another process pays


def assessed(
    distinct: list[Order], assess: Callable[[Sequence[Order]], Assessed], mapped: MapFunction
) -> tuple[list[Queued], list[tuple[str, int]], list[tuple[Finding, ...]]]:
    """Who is in the queue, who is not (by id, with its place), and the findings of each order."""
    chunks = [distinct[start : start + _CHUNK] for start in range(0, len(distinct), _CHUNK)]
    queue: list[Queued] = []
    settled: list[tuple[str, int]] = []
    found: list[tuple[Finding, ...]] = []
    for chunk, (first_id, assessments) in zip(chunks, mapped(assess, chunks), strict=True):
        if first_id != chunk[0].id:
            raise PluginError(
                name_of(mapped), chunk[0].id, "returned the chunks in another sequence; keep it"
            )
        for order, (findings, key) in zip(chunk, assessments, strict=True):
            if key is None:
                settled.append((order.id, len(found)))
            else:
                queue.append((key, placed(order), order.id, len(found)))
            found.append(findings)
    settled.sort()
    return queue, settled, found


def assess_chunk(
    orders: Sequence[Order],
    *,
    verifiers: tuple[Verifier, ...],
    priority: PriorityPolicy,
    context: Context,
    window: timedelta,
) -> Assessed:
    """Verify and rank some orders. It is a function of its arguments, so it can run elsewhere."""
    now, duplicates, said_of = context.now, context.duplicates, context.facts.said_of
    assessments: list[Assessment] = []
    first = tuple([each for each in verifiers if not getattr(each, "is_asked_last", False)])
    last = tuple([each for each in verifiers if getattr(each, "is_asked_last", False)])
    for order in orders:
        if order.id in duplicates:  # which is meant is not known: nothing else is said
            assessments.append((tuple(no_conflicting_duplicate(order, context=context)), None))
            continue
        found = _asked(order, first, context)
        said = said_of(order.id)
        findings = _NOTHING
        if found or said or last:
            findings = _findings(order, found, said, last, context)
            is_stopped = verdict_of(findings) is not Verdict.ACCEPT
            if is_stopped and not held_lines(order, findings):
                assessments.append((findings, None))
                continue
        if order.ship_after is not None and due_at(order.ship_after, window) > now:
            assessments.append((findings, None))
            continue
        assessments.append((findings, key_of(priority, order, context)))
    return orders[0].id, assessments


def _asked(order: Order, verifiers: tuple[Verifier, ...], context: Context) -> list[Finding] | None:
    """What these verifiers notice about an order. One that breaks holds this order only."""
    found: list[Finding] | None = None
    for verifier in verifiers:
        try:
            noticed = verifier(order, context=context)
            if noticed is _NOTHING:  # the usual case
                continue
            for finding in noticed:
                if not isinstance(finding, Finding):
                    raise TypeError(f"it gave a {type(finding).__name__}, not a Finding")
                if found is None:
                    found = []
                found.append(finding)
        except Exception as error:  # noqa: BLE001 - whatever it raises
            failed = hold(
                "verifier.failed",
                detail=f"The verifier {name_of(verifier)} failed: {said_by(error)}",
            )
            found = [*(found or ()), failed]
    return found


def _findings(
    order: Order,
    noticed: list[Finding] | None,
    said: Said | None,
    last: tuple[Verifier, ...],
    context: Context,
) -> tuple[Finding, ...]:
    """All findings on an order: what was noticed, what people said, and what those asked last say.

    What several verifiers say in the same words is said once. The sequence is that of the weight,
    whatever the sequence of the verifiers.
    """
    found = noticed or []
    if said is not None:
        found += [no.finding() for no in said.rejections if no.fingerprint == order.fingerprint]
        found += [put.finding() for put in said.holds]
    if last:
        if verdict_of(_waived(order, found, said)) is Verdict.REJECT:
            found += [_skipped(verifier) for verifier in last]
        else:
            found += _asked(order, last, context) or ()
    if len(found) == 1 and said is None:
        return (found[0],)
    return tuple(sorted(set(_waived(order, found, said)), key=_in_sequence_of_weight))


def _skipped(verifier: Verifier) -> Finding:
    return note(
        "verifier.skipped",
        detail=f"{name_of(verifier)} was not needed: the order is rejected without it.",
    )


def _in_sequence_of_weight(made: Finding) -> tuple[object, ...]:
    waived = made.waived_by, str(made.waived_at)
    return -made.severity, made.code, made.field, made.detail, made.line_id, made.source, waived


def _waived(order: Order, found: list[Finding], said: Said | None) -> list[Finding]:
    """The findings as the approvals for this version of the order leave them."""
    if said is None or not said.approvals:
        return found
    fingerprint = order.fingerprint
    waivers: dict[str, Approval] = {}
    for approval in said.approvals:  # the oldest first: it is the one that counts
        if approval.fingerprint == fingerprint:
            for code in approval.codes - NEVER_WAIVED:
                waivers.setdefault(code, approval)
    return [
        attrs.evolve(finding, waived_by=waiver.by, waived_at=waiver.at)
        if (waiver := waivers.get(finding.code)) is not None and not finding.is_waived
        else finding
        for finding in found
    ]


def second_look(
    verifiers: list[Verifier], decision: Decision, context: Context
) -> tuple[Finding, ...]:
    """The findings of an order, with what is noticed now that it has been served.

    That can stop nothing any more, so it is kept as notes, whatever the verifier makes of it.
    """
    found: list[Finding] = []
    for verifier in verifiers:
        try:
            for finding in cast("Any", verifier).second_look(decision, context=context):
                if not isinstance(finding, Finding):
                    raise TypeError(f"it gave a {type(finding).__name__}, not a Finding")
                found.append(finding)
        except Exception as error:  # noqa: BLE001 - whatever it raises
            found.append(
                note(
                    "verifier.second_look_failed",
                    detail=f"The second look of {name_of(verifier)} failed: {said_by(error)}",
                )
            )
    return with_notes(decision.findings, found)


def with_notes(findings: Iterable[Finding], added: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with these among them. They come too late to stop anything: they are notes."""
    notes = [
        finding if finding.severity is _NOTE else attrs.evolve(finding, severity=Severity.NOTE)
        for finding in added
    ]
    if not findings and len(notes) == 1:  # nothing to put in sequence
        return (notes[0],)
    return tuple(sorted({*findings, *notes}, key=_in_sequence_of_weight))
