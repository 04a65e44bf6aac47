"""How verifiers combine, and what a run asks of their parts."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, decide, mugs, order, refusal
from some_verifiers import (
    GIFT,
    GOOD,
    NEEDED,
    Parts,
    breaks,
    details,
    fails,
    fails_half_way,
    found,
    holds,
    is_gift,
    notes,
    quiet,
    rejects,
    told,
)

from fulfill_core import (
    Context,
    Finding,
    Hold,
    Order,
    Outcome,
    PluginError,
    Severity,
    Verifier,
    hold,
)
from fulfill_core.records import FactKind
from fulfill_core.verifiers import (
    all_of,
    asked_last,
    downgrade,
    has_lines,
    needing,
    only_if,
    reachable,
    unless,
    upgrade,
)
from fulfill_core.verifiers.combining import facts_needed_by, flat, in_batch

# -- all_of ----------------------------------------------------------------------------------------


def test_all_of_finds_what_any_finds() -> None:
    """Several as one: all that any of them notices, in a run and when called."""
    both = all_of(holds, all_of(quiet, notes))
    assert found(both) == ["HOLD test.held", "NOTE test.noted"]
    assert told(both) == ["HOLD test.held", "NOTE test.noted"]
    assert told(all_of()) == []


def test_in_a_run_one_that_fails_does_not_silence_the_others() -> None:
    """A run asks each member for itself, also where they are together in something else."""
    expected = ["REJECT test.rejected", "HOLD verifier.failed"]
    assert told(all_of(fails, rejects)) == expected
    assert told(only_if(is_gift, all_of(fails, rejects)), of=GIFT) == expected
    assert told(upgrade(needing(all_of(fails, rejects)), to=Severity.NOTE)) == expected


def test_the_one_that_failed_is_named() -> None:
    """The finding names the member that failed, with what is around it."""
    assert details(downgrade(all_of(quiet, fails), to=Severity.NOTE)) == [
        "The verifier downgrade(fails, to=Severity.NOTE) failed: LookupError: A-1"
    ]


def test_flat_puts_members_in_the_place_of_all_of() -> None:
    """However deep they are; a verifier around one that has none stays the same object."""
    alone = only_if(is_gift, holds)
    nested = unless(is_gift, asked_last(all_of(holds, all_of(notes), all_of())))
    assert flat([alone, all_of(quiet, alone), nested]) == (
        alone,
        quiet,
        alone,
        unless(is_gift, asked_last(holds)),
        unless(is_gift, asked_last(notes)),
    )
    assert flat([alone])[0] is alone


def test_all_of_passes_on_the_parts_of_its_members() -> None:
    """What any member needs, it needs; a batch is shown to each; each looks again."""
    both = all_of(quiet, Parts(), needing(quiet, FactKind.CUSTOMER))
    assert facts_needed_by(both, GOOD, CONTEXT) == frozenset(FactKind)
    bound = in_batch(both, [GOOD, order("A-2")], CONTEXT)
    assert bound == all_of(quiet, Parts(("A-1", "A-2")), needing(quiet, FactKind.CUSTOMER))
    decision = decide(GOOD)
    assert [each.code for each in both.second_look(decision, context=CONTEXT)] == ["test.later"]


# -- only_if, unless -------------------------------------------------------------------------------


def test_only_if_asks_about_some_orders_only() -> None:
    """Where the condition holds the verifier is asked, elsewhere it has nothing to say."""
    assert found(only_if(is_gift, holds), GIFT) == ["HOLD test.held"]
    assert found(only_if(is_gift, holds), GOOD) == []


def test_unless_asks_about_the_others() -> None:
    """Where the condition does not hold the verifier is asked."""
    assert found(unless(is_gift, holds), GIFT) == []
    assert found(unless(is_gift, holds), GOOD) == ["HOLD test.held"]


def test_a_condition_may_return_anything_that_is_true_or_not() -> None:
    """A lambda that returns a set, or None, is a condition as well."""
    by_tags: Any = lambda order, context: order.tags  # noqa: E731
    assert found(only_if(by_tags, holds), GIFT) == ["HOLD test.held"]
    assert found(unless(by_tags, holds), GOOD) == ["HOLD test.held"]


@pytest.mark.parametrize("combine", [only_if, unless])
def test_a_condition_that_raises_holds_the_order(combine: Any) -> None:
    """It is not known whether the verifier had to be asked, so the order waits, by name."""
    assert details(combine(breaks, quiet)) == [
        f"The verifier {combine.__name__}(breaks, quiet) failed: LookupError: A-1"
    ]


def test_only_if_needs_facts_only_where_it_asks() -> None:
    """What is not asked needs no facts; where the condition breaks, they are gathered."""
    for verifier, of, expected in (
        (only_if(is_gift, Parts()), GIFT, NEEDED),
        (only_if(is_gift, Parts()), GOOD, frozenset[FactKind]()),
        (unless(is_gift, Parts()), GIFT, frozenset[FactKind]()),
        (unless(is_gift, Parts()), GOOD, NEEDED),
        (only_if(breaks, Parts()), GOOD, NEEDED),
    ):
        assert facts_needed_by(verifier, of, CONTEXT) == expected


def test_only_if_looks_again_only_where_it_asked() -> None:
    """The second look is for the same orders as the first."""
    assert told(only_if(is_gift, Parts()), of=GIFT) == ["NOTE test.batch", "NOTE test.later"]
    assert told(only_if(is_gift, Parts()), of=GOOD) == []
    assert told(only_if(is_gift, holds), of=GOOD) == []


# -- downgrade, upgrade ----------------------------------------------------------------------------


def test_downgrade_caps_what_is_found() -> None:
    """Findings weigh at most so much; milder ones stay as they are."""
    all_three = all_of(holds, rejects, notes)
    assert found(downgrade(all_three, to=Severity.HOLD)) == [
        "HOLD test.held",
        "HOLD test.rejected",
        "NOTE test.noted",
    ]
    assert found(downgrade(all_three, "test.rejected", to=Severity.NOTE)) == [
        "HOLD test.held",
        "NOTE test.rejected",
        "NOTE test.noted",
    ]


def test_upgrade_lifts_what_is_found() -> None:
    """Findings weigh at least so much; harsher ones stay as they are."""
    all_three = all_of(holds, rejects, notes)
    assert found(upgrade(all_three, to=Severity.HOLD)) == [
        "HOLD test.held",
        "REJECT test.rejected",
        "HOLD test.noted",
    ]
    assert found(upgrade(all_three, "test.noted", "test.other", to=Severity.REJECT)) == [
        "HOLD test.held",
        "REJECT test.rejected",
        "REJECT test.noted",
    ]


def test_what_is_shifted_keeps_all_else() -> None:
    """Code, field, detail and line are those of the verifier."""
    finding = hold("test.held", field="lines[1]", detail="Why.", line_id="1")

    def one(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return [finding]

    [shifted] = upgrade(one, to=Severity.REJECT)(GOOD, context=CONTEXT)
    assert shifted == attrs.evolve(finding, severity=Severity.REJECT)


def test_a_verifier_that_fails_is_not_downgraded() -> None:
    """What it would have found is not known, so the order waits, whatever is made of findings."""
    for verifier in (
        downgrade(fails, to=Severity.NOTE),
        downgrade(fails, "verifier.failed", to=Severity.NOTE),
        downgrade(only_if(breaks, quiet), to=Severity.NOTE),
    ):
        decision = decide(GOOD, mugs(berlin=5), verifiers=[verifier])
        assert [each.code for each in decision.findings] == ["verifier.failed"]
        assert decision.outcome is Outcome.HELD


def test_what_was_found_before_a_failure_is_kept() -> None:
    """A verifier that objects and then breaks is as harsh in a combination as without."""
    expected = ["REJECT test.rejected", "HOLD verifier.failed"]
    for verifier in (
        fails_half_way,
        upgrade(fails_half_way, to=Severity.HOLD),
        only_if(is_gift, asked_last(fails_half_way)),
        needing(all_of(fails_half_way)),
    ):
        assert told(verifier, of=GIFT) == expected
    milder = downgrade(fails_half_way, to=Severity.NOTE)
    assert told(milder) == ["HOLD verifier.failed", "NOTE test.rejected"]


def test_what_is_no_finding_is_named_in_a_combination_too() -> None:
    """It can't be shifted, and the run says what is wrong."""
    wordy: Any = lambda order, context: ["no"]  # noqa: E731
    with pytest.raises(PluginError) as caught:
        details(downgrade(wordy, to=Severity.NOTE))
    assert str(caught.value) == (
        "downgrade(<lambda>, to=Severity.NOTE), asked about order 'A-1': returned a str; a verifier"
        " is written (order, /, *, context) -> Iterable[Finding]"
    )


def test_a_missing_fact_is_downgraded_only_by_name() -> None:
    """That nobody looked is nothing to make light of, unless that is said in so many words."""
    screened = needing(quiet, FactKind.SCREENING)
    assert told(downgrade(screened, to=Severity.NOTE)) == ["HOLD screening.missing"]
    assert told(downgrade(screened, "test.held", to=Severity.NOTE)) == ["HOLD screening.missing"]
    by_name = downgrade(screened, "screening.missing", to=Severity.NOTE)
    assert told(by_name) == ["NOTE screening.missing"]
    known = downgrade(needing(quiet, FactKind.CUSTOMER), to=Severity.NOTE)
    assert told(known) == ["HOLD customer_facts.missing"]
    assert told(downgrade(by_name, to=Severity.NOTE)) == ["NOTE screening.missing"]


def test_a_missing_fact_is_upgraded_only_by_name() -> None:
    """An order is not turned down because nobody has looked it up yet, unless that is said in so
    many words.
    """
    unknown = needing(quiet, FactKind.SCREENING)
    assert told(upgrade(unknown, to=Severity.REJECT)) == ["HOLD screening.missing"]
    assert told(upgrade(unknown, "screening.missing", to=Severity.REJECT)) == [
        "REJECT screening.missing"
    ]


def test_a_persons_hold_is_not_downgraded() -> None:
    """What a verifier may weigh less is what the verifier found, not what a person put there under
    the same code.
    """
    stops = [Hold(order_id="A-1", source="Grace", code="test.held", at=NOW)]
    assert told(downgrade(holds, to=Severity.NOTE), holds=stops) == [
        "HOLD test.held",
        "NOTE test.held",
    ]


def test_what_is_seen_later_is_shifted_and_stays_a_note() -> None:
    """A second look passes through, however it is weighed."""
    verifier = upgrade(downgrade(Parts(), to=Severity.HOLD), to=Severity.REJECT)
    [later] = verifier.second_look(decide(GOOD), context=CONTEXT)  # type: ignore[attr-defined]
    assert later.severity is Severity.REJECT
    only_later = upgrade(Parts(), "test.later", to=Severity.REJECT)
    assert told(only_later) == ["NOTE test.batch", "NOTE test.later"]


# -- Settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: all_of(holds, 7),
            "all_of(1): 7 can't be called; pass a function or another callable",
        ),
        (
            lambda: only_if("gift", holds),
            "condition: 'gift' can't be called; pass a function or another callable",
        ),
        (
            lambda: unless(is_gift, None),
            "verifier: None can't be called; pass a function or another callable",
        ),
        (
            lambda: asked_last(None),
            "asked_last.verifier: None can't be called; pass a function or another callable",
        ),
        (
            lambda: downgrade(None, to=Severity.NOTE),
            "verifier: None can't be called; pass a function or another callable",
        ),
        (
            lambda: downgrade(holds, 7, to=Severity.NOTE),
            "codes: 7 is not text; pass a str",
        ),
        (
            lambda: upgrade(holds, to="stop"),
            "to: 'stop' is no Severity; pass one, or its word: 'note', 'hold', 'reject'",
        ),
        (
            lambda: needing(None),
            "verifier: None can't be called; pass a function or another callable",
        ),
        (
            lambda: needing(holds, "screening"),
            "kinds: 'screening' is no FactKind and no ShopFactKind; pass one",
        ),
    ],
)
def test_a_malformed_combination_is_refused(make: Any, message: str) -> None:
    """What is wrong is said where it is made, not in the first run."""
    assert refusal(make) == message


COMBINATIONS: list[tuple[Verifier, str]] = [
    (all_of(reachable, has_lines), "all_of(reachable, has_lines)"),
    (only_if(is_gift, reachable), "only_if(is_gift, reachable)"),
    (unless(is_gift, reachable), "unless(is_gift, reachable)"),
    (downgrade(reachable, to=Severity.NOTE), "downgrade(reachable, to=Severity.NOTE)"),
    (
        downgrade(reachable, "b.b", "a.a", to=Severity.HOLD),
        "downgrade(reachable, 'a.a', 'b.b', to=Severity.HOLD)",
    ),
    (
        upgrade(reachable, "a.a", to=Severity.REJECT),
        "upgrade(reachable, 'a.a', to=Severity.REJECT)",
    ),
    (asked_last(all_of(reachable)), "asked_last(all_of(reachable))"),
    (
        needing(reachable, FactKind.SCREENING, FactKind.CUSTOMER),
        "needing(reachable, FactKind.CUSTOMER, FactKind.SCREENING)",
    ),
]


@pytest.mark.parametrize(("verifier", "shown"), COMBINATIONS, ids=lambda each: str(each)[:30])
def test_a_combination_shows_how_it_was_made(verifier: Verifier, shown: str) -> None:
    """The repr is the call, the same in every process: it is part of what findings say."""
    assert repr(verifier) == shown


@pytest.mark.parametrize("verifier", [each for each, _ in COMBINATIONS], ids=repr)
def test_a_combination_is_a_value_and_travels(verifier: Verifier) -> None:
    """Equal if made alike, a key, and the same after a journey to another process."""
    copy = pickle.loads(pickle.dumps(verifier))  # noqa: S301 - our own bytes
    assert copy == verifier
    assert {verifier: "found"}[copy] == "found"
