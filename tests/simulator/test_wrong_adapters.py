"""Each wrong adapter is caught: by the contract, by the simulator, or by both."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import right_adapters
import wrong_adapters
from right_adapters import Adapter, Gateway, Mailer, Session, failed_checks

from fulfill_core.testing import Simulation, simulate
from fulfill_core.testing.simulator.books import Rule

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "test-your-adapter.md"
STEPS = 50_000


class Catch(NamedTuple):
    """What catches a wrong adapter: a check of its contract, and rules of which it breaks one."""

    check: str
    rules: tuple[Rule, ...]


def caught(check: str, *rules: Rule) -> Catch:
    """By a check of the contract that it fails, be it one of several; and by the simulator."""
    return Catch(check, rules)


CATCHES = {
    "CommitsTwice": caught("a_plan_that_is_committed_twice_is_once", Rule.KEPT),
    "CountsNoAttempts": caught("what_is_handed_out_is_hidden", Rule.OUTBOX),
    "CutsMicroseconds": caught("a_reservation_is_kept_to_the_microsecond", Rule.KEPT),
    "DeletesParked": caught("never_is_parked", Rule.OUTBOX),
    "DropsExpiries": caught("expiries_are_kept_or_refused", Rule.LOST),
    "DropsLots": caught("lots_of_reservations_are_kept_or_refused", Rule.KEPT),
    "ForgetsClaims": caught("supplies_are_kept_or_refused", Rule.KEPT, Rule.REST),
    "ForgetsComponents": caught("the_parts_of_a_kit_are_loaded", Rule.LOST),
    "ForgetsDeletions": caught("what_ships_leaves", Rule.KEPT, Rule.LOST),
    "GuardsOrdersOnly": caught("a_plan_on_what_has_changed_is_a_conflict", Rule.OVERSOLD),
    "HidesNothing": caught("what_is_handed_out_is_hidden", Rule.OUTBOX),
    "IgnoresVersions": caught("a_plan_on_what_has_changed_is_a_conflict", Rule.OVERSOLD),
    "JoinsEqualReservations": caught("two_equal_reservations_are_two"),
    "KeepsAttempts": caught("what_is_put_back_was_not_tried", Rule.OUTBOX),
    "KeepsClaims": caught("what_is_gone_is_gone", Rule.KEPT),
    "KeepsOldRows": caught("what_is_loaded_is_of_one_moment", Rule.LOST, Rule.OVERSOLD),
    "LastWriterWins": caught("a_record_that_has_changed_is_a_conflict", Rule.STOCK),
    "LoadsDoneOrders": caught("orders_that_are_open_are_loaded"),
    "LoadsFirstPage": caught("all_that_are_open_are_loaded", Rule.LOST),
    "LoadsOwnReservations": caught("what_others_have_of_the_same_goods_is_loaded", Rule.OVERSOLD),
    "LoadsWholeShop": caught("the_goods_of_an_order_are_loaded"),
    "LocksWholeTable": caught("who_touches_other_goods_is_no_conflict"),
    "MarksBeforeSending": caught("what_is_handed_out_is_hidden", Rule.OUTBOX),
    "NeverWithdraws": caught("what_does_not_hold_any_more_is_withdrawn", Rule.OUTBOX),
    "NumbersEachMail": caught("a_repeat_can_be_recognised", Rule.EFFECTS),
    "PaysEachTime": caught("an_action_is_done_once", Rule.EFFECTS),
    "RaisesOnConflict": caught("a_plan_on_what_has_changed_is_a_conflict", Rule.ANSWERS),
    "ReadsAfterCursor": caught("later_is_not_before", Rule.OUTBOX),
    "RemembersInProcess": caught("what_was_decided_is_known", Rule.STOCK),
    "RetriesAtOnce": caught("later_is_not_before", Rule.OUTBOX),
    "ReusesConnectionAfterError": caught("after_a_conflict_it_goes_on", Rule.OUTBOX),
    "RevivesSent": caught("sent_is_sent"),
    "SendsFromMemory": caught("all_that_is_sent_arrives", Rule.EFFECTS),
    "SendsNewsAgain": caught("the_same_news_is_written_once"),
    "StoresLocalTime": caught("what_is_due_first_comes_first", Rule.OUTBOX),
    "StoresMoneyAsFloat": caught("money_is_loaded_to_the_last_digit", Rule.LOST),
    "SumsInPython": caught("a_plan_on_what_has_changed_is_a_conflict", Rule.OVERSOLD, Rule.STOCK),
    "SwallowsConflicts": caught("a_plan_on_what_has_changed_is_a_conflict", Rule.KEPT, Rule.OUTBOX),
    "TakesTriedForDrafts": caught("what_nobody_can_have_read_is_a_draft", Rule.NEWS),
    "TakesUnknownForNo": caught("what_was_decided_is_known", Rule.STOCK),
    "TakesUnknownForYes": caught("what_was_decided_is_known", Rule.STOCK),
    "WritesHalf": caught("a_record_that_has_changed_is_a_conflict", Rule.KEPT, Rule.STOCK),
    "WritesOutboxAfterCommit": caught("all_parts_of_a_plan_are_written", Rule.OUTBOX),
    "WritesOutboxBeforeCommit": caught("what_is_not_written_is_not_handed_out", Rule.OUTBOX),
}
"""What catches each: where there is no rule, nothing that the simulator plays goes wrong."""


def simulated(name: str, steps: int) -> Simulation:
    """A simulation with an adapter that is right but for this."""
    adapter = adapter_of(name)
    if isinstance(adapter, Mailer):
        return simulate(Adapter(), notifier=adapter, steps=steps)
    if isinstance(adapter, Gateway):
        return simulate(Adapter(), actor=adapter, steps=steps)
    return simulate(adapter, steps=steps)


def adapter_of(name: str) -> Any:
    """A contract with an adapter that is right but for this."""
    kind: Any = {**vars(right_adapters), **vars(wrong_adapters)}[name]
    if issubclass(kind, Mailer | Gateway):
        return kind()
    adapter = Adapter()
    adapter.kind = kind
    return adapter


NO_RULE = sorted([name for name, each in CATCHES.items() if not each.rules])


def test_all_wrong_adapters_are_tried() -> None:
    """Each class of the zoo, and twenty at least; twenty of them break a rule of the simulator."""
    kinds = {
        name: kind
        for name, kind in inspect.getmembers(wrong_adapters, inspect.isclass)
        if kind.__module__ == wrong_adapters.__name__
    }
    assert all(issubclass(kind, Session | Mailer | Gateway) for kind in kinds.values())
    assert sorted(kinds) == sorted(CATCHES)
    assert len(CATCHES) - len(NO_RULE) >= 20


@pytest.mark.parametrize("name", CATCHES)
def test_a_wrong_adapter_fails_its_contract(name: str) -> None:
    """At the check that is about what it gets wrong."""
    assert f"test_{CATCHES[name].check}" in failed_checks(adapter_of(name))


@pytest.mark.parametrize("name", ["Session", "Mailer", "Gateway"])
def test_a_right_adapter_holds_its_contract(name: str) -> None:
    """So that it is the mistake that is caught, and not what it stands on."""
    assert failed_checks(adapter_of(name)) == []


@pytest.mark.untraced
@pytest.mark.parametrize("name", [name for name in CATCHES if name not in NO_RULE])
def test_a_wrong_adapter_breaks_a_rule(name: str) -> None:
    """Long before 50,000 steps, with a script that has few moves and shows it again."""
    failure = simulated(name, STEPS).failure
    assert failure is not None
    assert Rule(failure.rule) in CATCHES[name].rules
    assert len(failure.moves) <= 15


@pytest.mark.untraced
@pytest.mark.parametrize("name", ["Session", "Mailer", "Gateway", *NO_RULE])
def test_an_adapter_that_breaks_no_rule_is_not_blamed(name: str) -> None:
    """Whatever goes wrong around it."""
    simulated(name, 5_000).check()


def test_the_page_has_the_table_of_them() -> None:
    """Each mistake, as it looks in code, with what catches it."""
    rows = [
        f"| {_of_page(inspect.getdoc(getattr(wrong_adapters, name)) or '')} |"
        f" `{catch.check}` | {', or '.join(catch.rules) or '-'} |"
        for name, catch in CATCHES.items()
    ]
    table = sorted(rows, key=lambda row: row.split(" | ")[1:])
    text = PAGE.read_text("utf-8").partition("\n## Mistakes that are found\n")[2]
    assert re.findall(r"^\| .*(?<!\|---) \|$", text, re.MULTILINE)[1:] == table


def _of_page(docstring: str) -> str:
    return docstring.replace("\n", " ").rstrip(".")
