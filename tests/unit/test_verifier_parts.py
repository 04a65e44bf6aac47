"""The parts of a verifier: asked last, needing facts, made for the batch, looking again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, decide, line, mugs, order, refusal, run
from some_verifiers import (
    GIFT,
    GOOD,
    NEEDED,
    SCREENED,
    Parts,
    breaks,
    details,
    fails,
    holds,
    is_gift,
    notes,
    quiet,
    reads_score,
    rejects,
    told,
)

from fulfill_core import (
    Approval,
    Context,
    CustomerFacts,
    Decision,
    Facts,
    Finding,
    Order,
    Outcome,
    PluginError,
    Rejection,
    Screening,
    Severity,
    Verdict,
    Verifier,
    hold,
    note,
    reject,
)
from fulfill_core.records import FactKind
from fulfill_core.verifiers import (
    all_of,
    asked_last,
    covers_total,
    downgrade,
    needing,
    only_if,
    unless,
    upgrade,
)
from fulfill_core.verifiers.combining import facts_needed_by

# -- asked_last ------------------------------------------------------------------------------------


def test_what_is_asked_last_is_skipped_if_the_others_reject() -> None:
    """The decision says so, once for each, in whatever sequence they were given."""
    for verifiers in (
        [asked_last(holds), rejects, asked_last(fails)],
        [asked_last(all_of(fails, holds)), rejects],
    ):
        decision = decide(GOOD, verifiers=verifiers)
        assert decision.verdict is Verdict.REJECT
        assert [(each.code, each.severity, each.detail) for each in decision.findings[1:]] == [
            (
                "verifier.skipped",
                Severity.NOTE,
                f"asked_last({name}) was not needed: the order is rejected without it.",
            )
            for name in ("fails", "holds")
        ]


def test_what_is_asked_last_is_asked_about_orders_that_are_held() -> None:
    """All that stops an order is on the table when a person looks: a waiver uncovers nothing."""
    assert told(asked_last(rejects), holds) == ["REJECT test.rejected", "HOLD test.held"]
    assert told(asked_last(rejects), notes) == ["REJECT test.rejected", "NOTE test.noted"]


def test_those_that_are_asked_last_do_not_wait_for_each_other() -> None:
    """Among them no sequence counts: all are asked, or none."""
    both = [asked_last(rejects), asked_last(holds)]
    assert told(*both) == told(*reversed(both)) == ["REJECT test.rejected", "HOLD test.held"]


def test_a_persons_rejection_skips_as_well() -> None:
    """Nobody pays for a check of an order that was turned down already."""
    no = Rejection(order_id="A-1", fingerprint=GOOD.fingerprint, by="Grace", at=NOW)
    assert told(asked_last(holds), rejections=[no]) == [
        "REJECT review.rejected",
        "NOTE verifier.skipped",
    ]


def test_a_rejection_that_was_waived_skips_nothing() -> None:
    """Then it is not rejected without them."""
    approval = Approval(
        order_id="A-1",
        fingerprint=GOOD.fingerprint,
        any_later=["test.rejected"],
        by="Grace",
        at=NOW,
    )
    assert told(asked_last(holds), rejects, approvals=[approval]) == [
        "REJECT test.rejected",
        "HOLD test.held",
    ]


@pytest.mark.parametrize(
    "verifier",
    [
        asked_last(fails),
        asked_last(asked_last(fails)),
        all_of(quiet, asked_last(fails)),
        only_if(is_gift, asked_last(fails)),
        only_if(is_gift, all_of(quiet, asked_last(fails))),
        asked_last(only_if(is_gift, fails)),
        unless(breaks, upgrade(needing(asked_last(fails)), to=Severity.HOLD)),
        downgrade(all_of(asked_last(all_of(fails))), to=Severity.NOTE),
    ],
    ids=repr,
)
def test_what_is_asked_last_is_so_in_any_combination(verifier: Verifier) -> None:
    """However it is wrapped, it is skipped when the others reject."""
    assert told(verifier, rejects, of=GIFT) == ["REJECT test.rejected", "NOTE verifier.skipped"]


def test_a_verifier_of_ones_own_may_be_asked_last() -> None:
    """It says so itself; of others it is known that they may be asked at once."""

    class Costly:
        is_asked_last = True

        def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
            raise AssertionError

        def __repr__(self) -> str:
            return "Costly"

    assert details(Costly(), rejects)[1:] == [
        "Costly was not needed: the order is rejected without it."
    ]
    assert asked_last(quiet).is_asked_last


def test_what_is_asked_last_finds_what_it_finds() -> None:
    """When it is asked, it is as any other, with all its parts."""
    assert told(asked_last(holds)) == ["HOLD test.held"]
    assert told(asked_last(Parts())) == ["NOTE test.batch", "NOTE test.later"]
    assert facts_needed_by(asked_last(Parts()), GOOD, CONTEXT) == NEEDED


# -- needing ---------------------------------------------------------------------------------------


def test_needing_asks_only_if_the_facts_are_there() -> None:
    """A function that reads a fact without looking whether it is there does no harm."""
    verifier = needing(reads_score, FactKind.SCREENING)
    assert told(verifier) == ["HOLD screening.missing"]
    assert told(verifier, facts=SCREENED) == []
    bad = Facts(screenings=[Screening(order_id="A-1", score=91)])
    assert details(verifier, facts=bad) == ["91"]


def test_all_facts_that_are_missing_are_named() -> None:
    """One finding for each kind, and one finding only for those that several verifiers miss."""
    both = needing(reads_score, *FactKind)
    assert told(both, needing(quiet, FactKind.SCREENING)) == [
        "HOLD customer_facts.missing",
        "HOLD screening.missing",
    ]
    assert told(both, facts=SCREENED) == ["HOLD customer_facts.missing"]
    known = attrs.evolve(SCREENED, customers=[CustomerFacts(customer_id="C-1")])
    assert told(both, facts=known) == []


def test_a_changed_order_has_not_been_screened() -> None:
    """A screening of another version is none."""
    old = Facts(screenings=[Screening(order_id="A-1", fingerprint=GOOD.fingerprint)])
    verifier = needing(reads_score, FactKind.SCREENING)
    assert told(verifier, facts=old) == []
    changed = attrs.evolve(GOOD, ship_to=None)
    assert told(verifier, facts=old, of=changed) == ["HOLD screening.missing"]


def test_needing_adds_to_what_the_verifier_itself_needs() -> None:
    """Both are asked for beforehand."""
    verifier = needing(Parts(), FactKind.CUSTOMER)
    assert facts_needed_by(verifier, GOOD, CONTEXT) == frozenset(FactKind)
    assert facts_needed_by(quiet, GOOD, CONTEXT) == frozenset()


def test_needing_looks_again_only_if_the_facts_are_there() -> None:
    """An order whose missing fact was waived is served, and the verifier is not asked then either:
    what it needs is still not there.
    """

    class Twice:
        def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
            return ()

        def second_look(self, decision: Decision, /, *, context: Context) -> Iterable[Finding]:
            seen = context.facts.screening_of(decision.order)
            assert seen is not None
            return [note("test.later")]

    verifier = needing(Twice(), FactKind.SCREENING)
    milder = downgrade(verifier, "screening.missing", to=Severity.NOTE)
    assert told(milder) == ["NOTE screening.missing"]
    assert told(verifier, facts=SCREENED) == ["NOTE test.later"]


# -- The batch -------------------------------------------------------------------------------------


def test_a_verifier_may_be_made_for_the_batch() -> None:
    """It is shown all distinct orders once, through whatever is around it, and is asked in place of
    the one that was given.
    """
    for verifier in (Parts(), downgrade(asked_last(Parts()), to=Severity.HOLD), all_of(Parts())):
        result = run(order("A-2", 1), GOOD, GOOD, verifiers=[verifier], stock=mugs(berlin=5))
        for made in result.decisions:
            assert [each.detail for each in made.findings] == ["A-1 A-2", "allocated A-1 A-2"]


TOO_MANY = "could not look at the batch: LookupError: too many"


@attrs.frozen
class Fickle:
    """A verifier that cannot look at a batch, or makes something else of it."""

    made: object = None

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Any:
        if self.made is None:
            raise LookupError("too many")
        return self.made


@pytest.mark.parametrize(
    ("verifier", "name", "problem"),
    [
        (Fickle(), "Fickle(made=None)", TOO_MANY),
        (
            downgrade(Fickle(), to=Severity.NOTE),
            "downgrade(Fickle(made=None), to=Severity.NOTE)",
            TOO_MANY,
        ),
        (asked_last(all_of(Fickle())), "asked_last(Fickle(made=None))", TOO_MANY),
    ],
)
def test_a_verifier_that_breaks_on_the_batch_holds_every_order(
    verifier: Verifier, name: str, problem: str
) -> None:
    """It is named, what the others found is kept, and the run goes on."""
    result = run(GOOD, order("A-2", 1), stock=mugs(berlin=5), verifiers=[verifier, notes])
    inner = "Fickle(made=None)"
    for made in result.decisions:
        detail = (
            f"The verifier {name} failed: PluginError: {inner}, asked about order {made.id!r}:"
            f" {problem}"
        )
        assert made.outcome is Outcome.HELD
        failed = hold("verifier.failed", detail=detail, evidence=f"{name}: PluginError")
        assert made.findings == (failed, note("test.noted"))


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (7, "returned an int; return a verifier"),
        (
            covers_total,
            (
                "returned what can't be called with (order, /, *, context), as a verifier is; if it"
                " makes one, pass what covers_total(...) returns"
            ),
        ),
    ],
)
def test_a_verifier_that_makes_no_verifier_stops_the_run(made: object, problem: str) -> None:
    """That is wrong for every order: nobody waits for it, or is written to. So it is in others."""
    for verifier in (Fickle(made), all_of(Fickle(made)), asked_last(Fickle(made))):
        with pytest.raises(PluginError) as caught:
            run(GOOD, order("A-2", 1), verifiers=[verifier])
        assert str(caught.value).endswith(f", asked about 2 orders: its for_batch {problem}")


def test_a_broken_batch_stops_only_where_the_verifier_is_asked() -> None:
    """About other orders it has nothing to say, with the batch in view or without."""
    result = run(
        attrs.evolve(GIFT, id="A-2"),
        GOOD,
        stock=mugs(berlin=5),
        verifiers=[only_if(is_gift, Fickle())],
    )
    assert [result[name].outcome for name in ("A-1", "A-2")] == [Outcome.ALLOCATED, Outcome.HELD]


def test_what_is_made_for_a_batch_may_be_an_all_of() -> None:
    """Its members are asked for themselves, too."""
    verifier = Fickle(all_of(fails, rejects, asked_last(fails)))
    assert told(verifier) == [
        "REJECT test.rejected",
        "HOLD verifier.failed",
        "NOTE verifier.skipped",
    ]


def test_a_run_leaves_its_verifiers_as_they_are() -> None:
    """What is made for one batch is not there in the next."""
    verifier = Parts()
    assert details(verifier) == ["A-1", "allocated A-1"]
    assert verifier == Parts()
    again = run(order("A-9", 1), stock=mugs(berlin=5), verifiers=[verifier])["A-9"]
    assert again.findings[0].detail == "A-9"


# -- The second look -------------------------------------------------------------------------------


@attrs.frozen
class Later:
    """A verifier that finds nothing at first, and these things later."""

    findings: tuple[Any, ...]
    then: Exception | None = None

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()

    def second_look(self, decision: Decision, /, *, context: Context) -> Iterator[Finding]:
        yield from self.findings
        if self.then is not None:
            raise self.then

    def __repr__(self) -> str:
        return "Later"


@pytest.mark.parametrize("severity", Severity)
def test_what_is_seen_later_is_a_note(severity: Severity) -> None:
    """It can stop nothing any more: orders behind have been served with what was left."""
    finding = Finding(code="test.later", severity=severity, field="id", detail="Why.", line_id="1")
    decision = decide(GOOD, mugs(berlin=5), verifiers=[notes, Later((finding,))])
    assert decision.outcome is Outcome.ALLOCATED
    assert decision.findings == (
        attrs.evolve(finding, severity=Severity.NOTE),
        note("test.noted"),
    )


@pytest.mark.parametrize(
    ("findings", "then", "problem", "kind"),
    [
        (
            (hold("test.later"),),
            LookupError("no list"),
            "failed: LookupError: no list",
            "LookupError",
        ),
        ((hold("test.later"), "no"), None, "returned a str; return Finding values.", "str"),
    ],
)
def test_a_second_look_that_fails_is_noted(
    findings: tuple[Any, ...], then: Exception | None, problem: str, kind: str
) -> None:
    """What was seen before is kept; the order is served."""
    decision = decide(GOOD, mugs(berlin=5), verifiers=[Later(findings, then)])
    assert decision.outcome is Outcome.ALLOCATED
    assert decision.findings == (
        note("test.later"),
        note(
            "verifier.second_look_failed",
            detail=f"The second look of Later {problem}",
            evidence=f"Later: {kind}",
        ),
    )


def test_a_second_look_is_for_orders_that_were_served() -> None:
    """Of what is held, rejected or not due, nothing was given out that one could look at."""
    later = Later((note("test.later"),))
    for verifiers, changes in (
        ([later, holds], {}),
        ([later, rejects], {}),
        ([later], {"ship_after": NOW + timedelta(hours=1)}),
    ):
        decision = decide(order("A-1", 1, **changes), mugs(berlin=5), verifiers=verifiers)
        assert "test.later" not in {each.code for each in decision.findings}


def test_a_second_look_sees_the_whole_decision() -> None:
    """Rank, outcome, rows and what was found at first."""
    seen: list[Decision] = []

    class Watches:
        def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
            return [note("test.first")]

        def second_look(self, decision: Decision, /, *, context: Context) -> Iterable[Finding]:
            seen.append(decision)
            return ()

    result = run(GOOD, order("A-2", 9), stock=mugs(berlin=5), verifiers=[Watches()])
    assert seen == list(result.decisions)


# -- The sequence of findings ----------------------------------------------------------------------


def test_what_is_said_twice_is_said_once() -> None:
    """Several verifiers that say the same in the same words make one finding."""
    assert told(holds, all_of(holds), upgrade(holds, to=Severity.HOLD)) == ["HOLD test.held"]


def test_findings_come_by_weight_then_by_content() -> None:
    """The sequence in which verifiers were given, or give, changes nothing."""
    several = [
        hold("b.b", line_id="1"),
        hold("b.b", line_id="2"),
        hold("b.b", detail="x"),
        hold("b.b", field="a"),
        attrs.evolve(hold("b.b"), waived_by="Ada", waived_at=NOW),
        attrs.evolve(hold("b.b"), waived_by="Ada", waived_at=NOW + timedelta(hours=1)),
        attrs.evolve(hold("b.b"), waived_by="Eve", waived_at=NOW),
        hold("b.b"),
        reject("z.z"),
        note("a.a"),
        hold("a.a"),
    ]

    def forth(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return several

    def back(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return several[::-1]

    both = [decide(order(lines=[line("1"), line("2")]), verifiers=[each]) for each in (forth, back)]
    assert both[0].findings == both[1].findings
    assert [(each.code, each.line_id, each.waived_by) for each in both[0].findings] == [
        ("z.z", "", ""),
        ("a.a", "", ""),
        ("b.b", "", ""),
        ("b.b", "", "Ada"),
        ("b.b", "", "Ada"),
        ("b.b", "", "Eve"),
        ("b.b", "1", ""),
        ("b.b", "2", ""),
        ("b.b", "", ""),
        ("b.b", "", ""),
        ("a.a", "", ""),
    ]


@pytest.mark.parametrize("make", [note, hold, reject])
@pytest.mark.parametrize("field", ["field", "detail", "line_id"])
def test_a_verifier_cannot_make_a_malformed_finding(make: Any, field: str) -> None:
    """What it says is text; a word of an enum is text as well."""
    assert refusal(make, "a.b", **{field: 7}) == f"Finding.{field}: 7 is not text; pass a str"
    assert getattr(make("a.b", **{field: FactKind.SCREENING}), field) == "screening"
