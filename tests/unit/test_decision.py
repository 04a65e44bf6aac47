"""Findings, verdicts and decisions as values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, line, order, refusal, reserved, run

from fulfill_core import (
    Allocation,
    Backorder,
    Component,
    Decision,
    Finding,
    Inventory,
    Item,
    LineStatus,
    Outcome,
    Reservation,
    Severity,
    Short,
    ShortReason,
    Stock,
    Verdict,
    hold,
    note,
    reject,
    verdict_of,
)

WAIVED = attrs.evolve(hold("a.b"), waived_by="Grace", waived_at=NOW)


@pytest.mark.parametrize(
    ("make", "severity"),
    [(note, Severity.NOTE), (hold, Severity.HOLD), (reject, Severity.REJECT)],
    ids=["note", "hold", "reject"],
)
def test_findings_are_made_by_their_severity(make: Any, severity: Severity) -> None:
    """note, hold and reject make findings of their name."""
    assert make("a.b", field="lines", detail="Odd.") == Finding(
        code="a.b", severity=severity, field="lines", detail="Odd."
    )


@pytest.mark.parametrize(
    "code", ["odd", "Odd.thing", "odd.", ".odd", "odd thing.x", "", "odd.thing\n", "odd..thing"]
)
def test_a_code_is_dotted_lower_case(code: str) -> None:
    """A code that is not is refused: approvals and reports go by it."""
    assert (
        refusal(hold, code)
        == f"Finding.code: {code!r} is not dotted lower case, such as 'address.po_box'"
    )


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("code", None, "Finding.code: None is not text; pass '' if there is none"),
        (
            "severity",
            2,
            "Finding.severity: 2 is no Severity; pass one, or its word: 'note', 'hold', 'reject'",
        ),
        ("field", None, "Finding.field: None is not text; pass '' if there is none"),
        ("detail", 3, "Finding.detail: 3 is not text; pass a str"),
        ("waived_by", None, "Finding.waived_by: None is not text; pass '' if there is none"),
        (
            "waived_at",
            "today",
            "Finding.waived_at: 'today' is not a datetime; pass an aware datetime",
        ),
    ],
)
def test_a_malformed_finding_is_refused(field: str, value: object, message: str) -> None:
    """Each field of a finding is checked by name."""
    content: dict[str, Any] = {"code": "a.b", "severity": Severity.HOLD}
    assert refusal(Finding, **{**content, field: value}) == message


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], Verdict.ACCEPT),
        ([note("a.b")], Verdict.ACCEPT),
        ([note("a.b"), hold("a.b")], Verdict.HOLD),
        ([reject("a.b"), hold("a.b"), note("a.b")], Verdict.REJECT),
        ([WAIVED], Verdict.ACCEPT),
        ([WAIVED, hold("c.d")], Verdict.HOLD),
        ([WAIVED, note("c.d")], Verdict.ACCEPT),
    ],
)
def test_the_verdict_is_the_worst_that_nobody_waived(
    findings: list[Finding], verdict: Verdict
) -> None:
    """The worst severity counts, and waived findings don't."""
    assert verdict_of(findings) == verdict


def test_a_finding_knows_whether_it_is_waived() -> None:
    """Waived is what somebody waived."""
    assert (WAIVED.is_waived, hold("a.b").is_waived) == (True, False)


# -- Decisions ------------------------------------------------------------------------------------

ORDER = order(lines=[line("1", "mug", 5), line("2", "cup", 3), line("3", "wrap", 1)])
ALLOCATIONS = (
    Allocation(line_id="1", sku="mug", location="berlin", quantity=1),
    Allocation(line_id="1", sku="mug", location="paris", quantity=1),
)
BACKORDERS = (
    Backorder(line_id="1", sku="mug", quantity=1, supply_id="PO-1", expected_at=NOW),
    Backorder(line_id="1", sku="mug", quantity=1),
)
SHORTS = (
    Short(
        line_id="2",
        sku="cup",
        quantity=3,
        requested=3,
        available=0,
        reason=ShortReason.OUT_OF_STOCK,
    ),
)
HELD = (reserved(),)
DECISION = Decision(
    order=ORDER,
    outcome=Outcome.PARTIALLY_ALLOCATED,
    findings=[note("a.b")],
    rank=4,
    allocations=ALLOCATIONS,
    backorders=BACKORDERS,
    shorts=SHORTS,
    reserved=HELD,
    untracked=["3"],
)


def test_a_decision_gives_back_what_it_was_made_of() -> None:
    """Rows are kept, values are made when asked for, and they are equal to what came in."""
    assert (
        DECISION.id,
        DECISION.verdict,
        DECISION.allocations,
        DECISION.backorders,
        DECISION.shorts,
        DECISION.reserved,
        DECISION.untracked,
    ) == ("A-1", Verdict.ACCEPT, ALLOCATIONS, BACKORDERS, SHORTS, HELD, ("3",))


def test_a_decision_says_where_each_line_stands() -> None:
    """Every unit of a line is somewhere: held, allocated, backordered, short or untracked."""
    assert DECISION.lines == (
        LineStatus(line_id="1", sku="mug", ordered=5, reserved=1, allocated=2, backordered=2),
        LineStatus(line_id="2", sku="cup", ordered=3, short=3),
        LineStatus(line_id="3", sku="wrap", ordered=1, untracked=1),
    )
    assert [status.confirmed for status in DECISION.lines] == [3, 0, 1]


def test_a_line_expects_what_comes_last() -> None:
    """A line that waits for several supplies is there when the last one is."""
    later = NOW + timedelta(days=3)
    decision = attrs.evolve(
        DECISION,
        backorders=[
            BACKORDERS[0],
            Backorder(line_id="1", sku="mug", quantity=1, supply_id="PO-2", expected_at=later),
        ],
    )
    assert decision.lines[0].expected_at == later


def test_a_scheduled_order_is_not_looked_at_yet() -> None:
    """Of an order that is not due, what it does not hold already is scheduled."""
    decision = Decision(order=ORDER, outcome=Outcome.SCHEDULED, reserved=HELD, untracked=["3"])
    assert [(status.reserved, status.scheduled) for status in decision.lines] == [
        (1, 4),
        (0, 3),
        (0, 0),
    ]


def test_a_line_counts_no_more_than_it_asks_for() -> None:
    """Units held beyond what a line asks for are surplus, and those for other lines as well."""
    held = (
        reserved(line_id="1", quantity=4),
        reserved(line_id="1", quantity=4, location="paris"),
        reserved(line_id="9"),
    )
    decision = Decision(order=ORDER, outcome=Outcome.PARTIALLY_ALLOCATED, reserved=held)
    assert decision.lines[0].reserved == 5
    assert decision.surplus == (attrs.evolve(held[1], quantity=3), held[2])


def test_what_an_untracked_line_holds_does_not_count() -> None:
    """A line that needs no stock is complete without what was held for it."""
    decision = Decision(order=ORDER, outcome=Outcome.ALLOCATED, reserved=HELD, untracked=["1"])
    assert (decision.lines[0].reserved, decision.lines[0].untracked) == (0, 5)


def test_a_decision_without_leftovers_has_no_surplus() -> None:
    """What is held for the order's own lines is no surplus."""
    assert DECISION.surplus == ()


@pytest.mark.parametrize(
    ("decision", "shown"),
    [
        (
            DECISION,
            (
                "<Decision A-1: partially_allocated, rank 4, 1 finding, 2 allocations, 2"
                " backorders, 1 short>"
            ),
        ),
        (Decision(order=ORDER, outcome=Outcome.HELD), "<Decision A-1: held>"),
    ],
)
def test_a_decision_shows_itself_in_one_line(decision: Decision, shown: str) -> None:
    """Its repr is what one wants to see in a debugger: outcome, rank, and how many of what."""
    assert repr(decision) == shown


def test_a_decision_is_a_value() -> None:
    """A changed copy is another decision; an unchanged one is equal and the same key."""
    same = attrs.evolve(DECISION)
    assert {DECISION: "found"}[same] == "found"
    assert attrs.evolve(DECISION, rank=5) != DECISION


# -- Kits ------------------------------------------------------------------------------------------

PAIR = (("1", (("cup", 4), ("pot", 1))),)


def of_sets(units: int, **content: Any) -> Decision:
    """A decision on a line of sets of a pot and 4 cups."""
    subject = order(lines=[line("1", "tea-set", units)])
    return Decision(order=subject, outcome=Outcome.BACKORDERED, kits=PAIR, **content)


def cups(units: int, **changes: Any) -> Reservation:
    """Cups that are held for the line."""
    return reserved(sku="cup", quantity=units, **changes)


POT = reserved(sku="pot", quantity=1)


@pytest.mark.parametrize(
    ("reserved_units", "allocated", "waits", "short", "expected"),
    [
        ((), (), (), 0, (0, 0, 0, 0)),
        ((cups(4), POT), (), (), 2, (1, 0, 0, 2)),
        ((cups(7), POT), (("cup", 1), ("pot", 1)), (), 1, (1, 1, 0, 1)),
        ((), (("cup", 4), ("pot", 1)), (("cup", 8), ("pot", 2)), 0, (0, 1, 2, 0)),
        ((), (("cup", 4), ("pot", 1)), (("cup", 3),), 1, (0, 1, 1, 1)),
        ((cups(99), reserved(sku="pot", quantity=9)), (), (), 0, (3, 0, 0, 0)),
        ((cups(4),), (), (("pot", 3),), 0, (0, 0, 3, 0)),
    ],
)
def test_a_line_of_kits_is_counted_in_kits(
    reserved_units: tuple[Reservation, ...],
    allocated: tuple[tuple[str, int], ...],
    waits: tuple[tuple[str, int], ...],
    short: int,
    expected: tuple[int, int, int, int],
) -> None:
    """Whole kits that it holds, that are made up with what was taken, that wait, that are short."""
    decision = of_sets(
        3,
        reserved=reserved_units,
        allocations=[("1", sku, "berlin", units, "") for sku, units in allocated],
        backorders=[("1", sku, units, "", None, "", 0) for sku, units in waits],
        shorts=[("1", "tea-set", short, 3, 0, "out_of_stock")] if short else (),
    )
    [status] = decision.lines
    assert (status.reserved, status.allocated, status.backordered, status.short) == expected
    assert (status.sku, status.ordered) == ("tea-set", 3)


def test_a_line_beside_one_of_kits_counts_units() -> None:
    """Only lines that ask for kits are counted in kits."""
    subject = order(lines=[line("1", "tea-set"), line("2", "cup", 4)])
    decision = Decision(
        order=subject,
        outcome=Outcome.ALLOCATED,
        kits=PAIR,
        allocations=[
            ("1", "cup", "berlin", 4, ""),
            ("1", "pot", "berlin", 1, ""),
            ("2", "cup", "berlin", 4, ""),
        ],
    )
    assert [status.allocated for status in decision.lines] == [1, 4]


def test_kits_come_when_the_last_component_does() -> None:
    """The latest date of all that a line waits for; none if one has none."""
    later = NOW + timedelta(days=3)
    cups_later = ("1", "cup", 4, "PO-1", later, "", 0)
    dated = of_sets(1, backorders=[cups_later, ("1", "pot", 1, "PO-2", NOW, "", 0)])
    assert dated.lines[0].expected_at == later
    undated = of_sets(1, backorders=[cups_later, ("1", "pot", 1, "", None, "", 0)])
    assert undated.lines[0].expected_at is None


def test_surplus_of_kits_is_what_no_kit_needs() -> None:
    """Components beyond those of the kits that the line asks for, and units of the kit itself."""
    pots = reserved(sku="pot", quantity=3)
    decision = of_sets(2, reserved=(cups(9), pots, reserved(sku="tea-set", quantity=1)))
    assert decision.surplus == (
        cups(1),
        reserved(sku="pot", quantity=1),
        reserved(sku="tea-set", quantity=1),
    )
    assert of_sets(2, reserved=(cups(5), POT)).surplus == ()


def test_parts_of_a_kit_are_no_part_of_an_order() -> None:
    """An order that holds some cups of a set, and no whole set, got nothing of it yet."""
    stock = Inventory(
        [
            Stock(sku="cup", location="berlin", on_hand=4),
            Stock(sku="pot", location="berlin", on_hand=1),
        ],
        items=[
            Item(sku="tea-set", components=[Component(sku="pot"), Component(sku="cup", quantity=4)])
        ],
    )
    subject = order(lines=[line("1", "tea-set", 2)])
    loose = run(subject, stock=stock.with_counted("pot", "berlin", 0).with_reserved(cups(4)))
    assert loose["A-1"].outcome is Outcome.UNFULFILLABLE
    whole = run(subject, stock=stock.with_reserved(cups(4), POT))
    assert whole["A-1"].outcome is Outcome.PARTIALLY_ALLOCATED
