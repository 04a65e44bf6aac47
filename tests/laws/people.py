"""The laws of what people say of orders, and of verifiers among each other.

As those in `laws`: functions of the `process` that they hold to them. `CASES` says what each is to
be fed with.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from fulfill_core import (
    Approval,
    Context,
    Facts,
    Finding,
    Hold,
    Order,
    OrderRecord,
    Outcome,
    Reservation,
    Severity,
    Verdict,
    Verifier,
)
from fulfill_core.testing import Batch
from fulfill_core.verifiers import all_of

from .runs import (
    COMMON,
    IN_QUEUE,
    MILDEST_FIRST,
    SEEDS,
    Law,
    Policies,
    Process,
    Run,
    active,
    holds,
    is_due,
    is_skipping,
    lines_on_hold,
    record_of,
    rows_of,
    run,
    same,
    seen_first,
    shuffled,
    stoppers,
    summed,
    usable_by_line,
)

NEVER_WAIVED = frozenset({"order.conflicting_duplicate", "order.test"})


def is_no_harsher(what: str, before: Run, after: Run) -> None:
    """No verdict of the second run is harsher than that of the first."""
    for made in before.decisions:
        verdict, new_verdict = made.verdict, after[made.id].verdict
        holds(
            f"{made.id}: {verdict}, {what} {new_verdict}",
            true=MILDEST_FIRST.index(new_verdict) <= MILDEST_FIRST.index(verdict),
        )


def bare(finding: Finding) -> Finding:
    """The finding as nobody has waived it."""
    return attrs.evolve(finding, waived_by="", waived_at=None)


def in_other_words(verifiers: tuple[Verifier, ...], seed: int) -> list[Verifier]:
    """The same verifiers in another sequence, some of them together in an `all_of`."""
    mixed = shuffled(verifiers, seed)
    cut = random.Random(seed).randrange(len(mixed) + 1)
    return [*mixed[:cut], all_of(*mixed[cut:])]


def in_any_sequence(process: Process, batch: Batch, rules: Policies, seed: int) -> None:
    """Verifiers, rulings and facts in another sequence: the same decisions, the same messages."""
    first = run(process, batch, rules)
    orders = [
        attrs.evolve(
            record,
            approvals=shuffled(record.approvals, seed),
            rejections=shuffled(record.rejections, seed),
            holds=shuffled(record.holds, seed),
        )
        for record in map(record_of, batch.orders)
    ]
    facts = Facts(
        screenings=shuffled(batch.facts.screenings, seed),
        customers=shuffled(batch.facts.customers, seed),
    )
    verifiers = tuple(in_other_words(rules.verifiers, seed))
    changed = attrs.evolve(rules, verifiers=verifiers)
    again = run(process, batch, changed, orders=orders, facts=facts)
    same("the decisions", first.decisions, again.decisions)
    same("the messages", first.notifications, again.notifications)


def is_covered(found: Finding, approval: Approval) -> bool:
    """Whether an approval covers a finding, by the words of the rule, pair by pair."""
    if found.code in NEVER_WAIVED:
        return False
    return found.code in approval.any_later or any(
        is_no_worse(found, seen) for seen in approval.findings
    )


def is_no_worse(found: Finding, seen: Finding) -> bool:
    """Whether a finding is what was seen, and neither heavier nor worse."""
    if (found.code, found.field, found.line_id, found.source) != (
        seen.code,
        seen.field,
        seen.line_id,
        seen.source,
    ):
        return False
    if found.severity > seen.severity or found.evidence != seen.evidence:
        return False
    if found.measure is None and seen.measure is None:
        return found.evidence != "" or found.detail == seen.detail
    return found.measure is not None and seen.measure is not None and found.measure <= seen.measure


@attrs.frozen
class Gauge:
    """A verifier with findings of few kinds, by order; later some of them have changed a little."""

    seed: int
    is_later: bool

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        chance = random.Random(f"{self.seed} {order.id}")
        for _ in range(chance.randrange(3)):
            found = Finding(
                code="test.gauge",
                severity=chance.choice(tuple(Severity)),
                detail=chance.choice(("One.", "Other.")),
                line_id=chance.choice(("", *(line.id for line in order.lines))),
                evidence=chance.choice(("", "one", "other")),
                measure=chance.choice((None, 1, 2)),
            )
            changes: tuple[dict[str, Any], ...] = (
                {},
                {"detail": "One."},
                {"evidence": "one"},
                {"measure": 0 if found.measure is None else found.measure + 1},
                {"measure": 0},
                {"severity": Severity.HOLD},
                {"severity": Severity.REJECT},
            )
            change = chance.choice(changes)
            yield attrs.evolve(found, **change) if self.is_later else found


def approved(records: Iterable[OrderRecord], approvals: Iterable[Approval]) -> list[OrderRecord]:
    """The records, each with the approvals that are about it beside its own."""
    approvals_by_id: dict[str, list[Approval]] = {}
    for approval in approvals:
        approvals_by_id.setdefault(approval.order_id, []).append(approval)
    return [
        attrs.evolve(
            record, approvals=[*record.approvals, *approvals_by_id.get(record.order.id, ())]
        )
        for record in records
    ]


def law_19_a_waiver_covers_what_was_seen(
    process: Process, batch: Batch, rules: Policies, seed: int
) -> None:
    """Some of what was found is approved as it was seen. In a later run, in which it has changed,
    just that is waived which is the same and no heavier or worse, by the first who let it pass.
    """
    first = attrs.evolve(rules, verifiers=(*rules.verifiers, Gauge(seed, is_later=False)))
    before = [
        attrs.evolve(
            record, holds=[attrs.evolve(put, detail="Look closer.") for put in record.holds]
        )
        for record in map(record_of, batch.orders)
    ]
    chance = random.Random(seed)
    at = batch.now - timedelta(minutes=30)
    new_approvals = [
        Approval(
            order_id=made.id,
            fingerprint=made.order.fingerprint,
            findings=[found for found in made.findings if chance.random() < 0.7],
            by="Eve",
            at=at,
        )
        for made in run(process, batch, first, orders=before).decisions
    ]
    is_other = chance.random() < 0.5
    records = [
        attrs.evolve(record, holds=_from_another(record.holds)) if is_other else record
        for record in approved(before, new_approvals)
    ]
    approvals = {approval for record in records for approval in record.approvals}
    later = attrs.evolve(rules, verifiers=(*rules.verifiers, Gauge(seed, is_later=True)))
    for made in run(process, batch, later, orders=records).decisions:
        valid = [
            approval
            for approval in sorted(approvals, key=lambda each: each.at)
            if (approval.order_id, approval.fingerprint) == (made.id, made.order.fingerprint)
        ]
        for found in seen_first(made):
            covering = [approval for approval in valid if is_covered(found, approval)]
            expected = (covering[0].by, covering[0].at) if covering else ("", None)
            actual = found.waived_by, found.waived_at
            same(f"{made.id}: who waived {bare(found)}", expected, actual)


def _from_another(stops: Iterable[Hold]) -> list[Hold]:
    """The same holds, each from the other of the two who stop orders."""
    other = {"Grace": "the host", "the host": "Grace"}
    return [attrs.evolve(stop, source=other[stop.source]) for stop in stops]


def waiving_is_monotone(process: Process, batch: Batch, rules: Policies, seed: int) -> None:
    """Some findings of each order are approved, some of them by their code: no verdict is harsher,
    what is waived is still shown with who and when, all else still counts, and nothing is paid.
    """
    before = run(process, batch, rules)
    chance = random.Random(seed)
    at = batch.now - timedelta(minutes=30)
    approvals = [
        Approval(
            order_id=made.id,
            fingerprint=made.order.fingerprint,
            findings=[found for found in made.findings if chance.random() < 0.4],
            any_later={found.code for found in made.findings if chance.random() < 0.2},
            by="Eve",
            at=at,
        )
        for made in before.decisions
    ]
    records = approved(map(record_of, batch.orders), approvals)
    after = run(process, batch, rules, orders=records)
    is_no_harsher("with more approved", before, after)
    for made, approval in zip(before.decisions, approvals, strict=True):
        new = after[made.id]
        same(f"{made.id}: the order and its payments", made.order, new.order)
        shown = {found: found for found in new.findings}
        for found in made.findings:
            if is_covered(found, approval) and not found.is_waived:
                expected = attrs.evolve(found, waived_by="Eve", waived_at=at)
            else:
                expected = found
            if found in seen_first(made) and found.code != "verifier.skipped":
                same(f"{made.id}: what became of {found}", expected, shown.get(expected))
        if not is_skipping(made):
            known = {bare(found) for found in made.findings}
            added = {bare(found) for found in seen_first(new)} - known
            same(f"{made.id}: what an approval makes verifiers notice", set(), added)


def released_holds(process: Process, batch: Batch, rules: Policies, seed: int) -> None:
    """Some holds are released: no verdict is harsher, and nothing else is said. An order of which
    nothing is stopped any more goes on, with all that it had.
    """
    before = run(process, batch, rules)
    chance = random.Random(seed)
    records = [record_of(entry) for entry in batch.orders]
    stops = list(dict.fromkeys(stop for record in records for stop in record.holds))
    left = {stop for stop in stops if chance.random() < 0.3}
    fewer = [
        attrs.evolve(record, holds=[stop for stop in record.holds if stop in left])
        for record in records
    ]
    after = run(process, batch, rules, orders=fewer)
    is_no_harsher("with a hold released", before, after)
    for made in before.decisions:
        new = after[made.id]
        gone = {stop.key for stop in stops if stop.order_id == made.id and stop not in left}
        expected = Counter(
            {
                found: times
                for found, times in seen_first(made).items()
                if (found.source, found.code, found.line_id) not in gone
            }
        )
        same(f"{made.id}: what is said of it", expected, seen_first(new))
        same(f"{made.id}: what it had", made.reserved, new.reserved)
        if not stoppers(new):
            same(f"{made.id} goes on", is_due(new, batch.now), new.outcome in IN_QUEUE)


def what_is_held(process: Process, batch: Batch, rules: Policies) -> None:
    """A line, or an order, that waits for a person gets nothing new and keeps what it holds. An
    order goes on without a line only if it may ship in part, and another line is left.
    """
    result = run(process, batch, rules)
    for made in result.decisions:
        waiting = lines_on_hold(made)
        same(f"lines of {made.id} that wait", waiting, set(made.held_lines))
        due = is_due(made, batch.now)
        if made.verdict is Verdict.ACCEPT or waiting:
            same(f"{made.id} is in the queue", due, made.outcome in IN_QUEUE)
            same(f"{made.id} is scheduled", not due, made.outcome is Outcome.SCHEDULED)
        else:
            is_held = made.verdict is Verdict.HOLD
            same(f"{made.id} waits", is_held, made.outcome is Outcome.HELD)
            same(f"{made.id} is rejected", not is_held, made.outcome is Outcome.REJECTED)
        given = {row.line_id for row in rows_of(made)}
        same(f"lines of {made.id} that wait and get something", set(), given & waiting)
        own = batch.inventory.reservations_of(made.id)
        kept = Counter(result.inventory.reservations_of(made.id))
        same(f"{made.id}: what it gave up", Counter[Reservation](), Counter(own) - kept)
        counting = active(own, batch.now)
        has = _units([*made.reserved, *made.unusable])
        same(f"{made.id}: what it holds", _units(counting), has)
        for line, status in zip(made.order.lines, made.lines, strict=True):
            if line.id in waiting:
                had = usable_by_line(batch.inventory, made)[line.id]
                same(f"line {line.id} of {made.id}: what it had", had, status.reserved)
                same(f"line {line.id} of {made.id}: the rest", line.units - had, status.held)


def _units(reservations: Iterable[Reservation]) -> Counter[Reservation]:
    """Units by reservation, whatever parts it is in."""
    return summed((attrs.evolve(row, quantity=1), row.quantity) for row in reservations)


CASES: Mapping[Law, tuple[st.SearchStrategy[Any], ...]] = {
    in_any_sequence: (*COMMON, SEEDS),
    law_19_a_waiver_covers_what_was_seen: (*COMMON, SEEDS),
    waiving_is_monotone: (*COMMON, SEEDS),
    released_holds: (*COMMON, SEEDS),
    what_is_held: COMMON,
}
