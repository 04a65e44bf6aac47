"""A hold on one line: the others go on, where the order may ship in part."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import (
    CONTEXT,
    HOME,
    NOW,
    allocations_of,
    decide,
    line,
    mugs,
    next_run,
    order,
    recorded,
    reserved,
    run,
)

from fulfill_core import (
    Approval,
    Audience,
    Context,
    Decision,
    Finding,
    Hold,
    Inventory,
    Item,
    Kind,
    LineStatus,
    Order,
    OrderLine,
    Outcome,
    Result,
    Severity,
    Ship,
    Stock,
    Supply,
    Verdict,
    explain,
    hold,
    note,
    reject,
    review_queue,
)
from fulfill_core.notifications import customer_and_staff
from fulfill_core.verifiers import downgrade

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LINES = [line("1", "mug", 2), line("2", "pot", 3), line("3", "cup", 1)]
STOCK = Inventory.of({("mug", "berlin"): 5, ("pot", "berlin"): 5, ("cup", "berlin"): 5})


def stops(*line_ids: str, code: str = "shop.recall", **changes: Any) -> list[Hold]:
    """Holds on these lines of A-1."""
    return [
        Hold(order_id="A-1", source="quality", code=code, line_id=line_id, at=NOW, **changes)
        for line_id in line_ids
    ]


def three(ship: Ship = Ship.PARTIAL, **changes: Any) -> Order:
    """An order of mugs, pots and a cup."""
    return order("A-1", lines=LINES, ship=ship, **changes)


def result_of(
    *line_ids: str, subject: Order | None = None, stock: Inventory = STOCK, **options: Any
) -> Result:
    """A run with holds on these lines."""
    return run(
        subject or three(), stock=stock, **{"verifiers": (), "holds": stops(*line_ids), **options}
    )


def stopped(*line_ids: str, **options: Any) -> Decision:
    """What is decided with holds on these lines."""
    return result_of(*line_ids, **options)["A-1"]


def messages(result: Result) -> list[tuple[str, str, list[str]]]:
    """Kind, audience, and the lines concerned."""
    return [
        (message.kind, message.audience.value, [row[0] for row in message.lines])
        for message in result.notifications
    ]


# -- Which orders go on ----------------------------------------------------------------------------


@pytest.mark.parametrize("ship", [Ship.PARTIAL, Ship.LINES])
def test_the_other_lines_go_on(ship: Ship) -> None:
    """The order is in the queue, the line takes nothing, and the verdict is still to hold."""
    decision = stopped("2", subject=three(ship))
    assert (decision.outcome, decision.rank) == (Outcome.PARTIALLY_ALLOCATED, 0)
    assert decision.verdict is Verdict.HOLD
    assert decision.held_lines == {"2"}
    assert allocations_of(decision) == [("1", "berlin", 2), ("3", "berlin", 1)]
    assert decision.lines == (
        LineStatus(line_id="1", sku="mug", ordered=2, allocated=2),
        LineStatus(line_id="2", sku="pot", ordered=3, held=3),
        LineStatus(line_id="3", sku="cup", ordered=1, allocated=1),
    )


@pytest.mark.parametrize(
    ("line_ids", "changes"),
    [
        (["2"], {"ship": Ship.COMPLETE}),
        (["1", "2", "3"], {}),
        (["9"], {}),
        (["2", "9"], {}),
        (["2", ""], {}),
        (["1"], {"lines": LINES[:1]}),
    ],
    ids=["complete", "all lines", "no such line", "one of both", "line and order", "only line"],
)
def test_the_whole_order_waits(line_ids: list[str], changes: dict[str, Any]) -> None:
    """If it ships complete, if no line is left, if a line is stopped that it does not have (for
    somebody meant something by it), or if all of it is stopped as well.
    """
    decision = stopped(*line_ids, subject=attrs.evolve(three(), **changes))
    assert (decision.outcome, decision.rank) == (Outcome.HELD, None)
    assert (decision.held_lines, decision.allocations) == (frozenset(), ())
    assert {status.held for status in decision.lines} == {0}


def finds(*findings: Finding) -> Any:
    """A verifier that always finds this."""

    def verifier(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return findings

    return verifier


@pytest.mark.parametrize(
    ("findings", "outcome", "held_lines"),
    [
        ([hold("a.b", line_id="2")], Outcome.PARTIALLY_ALLOCATED, {"2"}),
        ([hold("a.b", line_id="2"), hold("a.b", line_id="3")], Outcome.PARTIALLY_ALLOCATED, "23"),
        ([hold("a.b", line_id="2"), note("a.b")], Outcome.PARTIALLY_ALLOCATED, {"2"}),
        ([hold("a.b", line_id="2"), note("a.b", line_id="1")], Outcome.PARTIALLY_ALLOCATED, {"2"}),
        ([note("a.b", line_id="2")], Outcome.ALLOCATED, ""),
        ([hold("a.b", line_id="2"), hold("a.b")], Outcome.HELD, ""),
        ([hold("a.b", line_id="2"), reject("a.b", line_id="2")], Outcome.REJECTED, ""),
        ([reject("a.b", line_id="2")], Outcome.REJECTED, ""),
    ],
)
def test_verifiers_stop_lines_as_well(
    findings: list[Finding], outcome: Outcome, held_lines: Iterable[str]
) -> None:
    """A verifier's hold on a line is as a person's. What rejects a line rejects the order."""
    decision = decide(three(), STOCK, verifiers=[finds(*findings)])
    assert (decision.outcome, decision.held_lines) == (outcome, frozenset(held_lines))


def test_a_hold_on_a_line_beside_one_that_a_verifier_makes_light_of() -> None:
    """Both under one code: the verifier's weighs less, the person's stays, on its line."""
    light = downgrade(finds(hold("shop.recall", line_id="1")), to=Severity.NOTE)
    decision = stopped("2", verifiers=[light])
    assert decision.held_lines == {"2"}
    assert [(each.severity.name, each.line_id) for each in decision.findings] == [
        ("HOLD", "2"),
        ("NOTE", "1"),
    ]


def test_a_waived_hold_on_a_line_stops_nothing() -> None:
    """It is shown, and all lines go on."""
    approval = Approval(
        order_id="A-1",
        fingerprint=three().fingerprint,
        any_later=["shop.recall"],
        by="Grace",
        at=NOW,
    )
    decision = stopped("2", approvals=[approval])
    assert decision.outcome is Outcome.ALLOCATED
    assert [(each.line_id, each.waived_by) for each in decision.findings] == [("2", "Grace")]


def test_lines_are_released_one_by_one() -> None:
    """Each line goes on when its last hold is gone; what the others have, they keep."""
    first = result_of("2", "3")
    assert [each.sku for each in first.inventory.reservations_of("A-1")] == ["mug"]
    second = result_of("3", stock=first.inventory)
    assert allocations_of(second["A-1"]) == [("2", "berlin", 3)]
    third = result_of(stock=second.inventory)
    assert third["A-1"].outcome is Outcome.ALLOCATED
    assert [status.reserved for status in third["A-1"].lines] == [2, 3, 0]


# -- What a line that waits has and gets -----------------------------------------------------------


def test_a_line_keeps_what_it_holds_while_it_waits() -> None:
    """It is not topped up, and nothing is taken from it."""
    stock = STOCK.with_reserved(reserved(line_id="2", sku="pot", quantity=1))
    decision = stopped("2", stock=stock)
    assert decision.lines[1] == LineStatus(line_id="2", sku="pot", ordered=3, reserved=1, held=2)
    assert decision.surplus == ()
    assert result_of("2", stock=stock).inventory.available("pot") == 4


def test_others_get_what_a_waiting_line_asks_for() -> None:
    """It takes nothing of scarce stock, however far ahead in the queue its order is."""
    result = run(
        three(),
        order("A-2", lines=[line("1", "pot", 5)], placed_at=NOW + HOUR),
        stock=STOCK,
        verifiers=(),
        holds=stops("2"),
    )
    assert (result["A-1"].rank, result["A-2"].rank) == (0, 1)
    assert result["A-2"].outcome is Outcome.ALLOCATED


def test_a_waiting_line_is_not_part_of_what_is_sourced() -> None:
    """One location that has all the other lines serves the order alone."""
    stock = Inventory.of({("mug", "berlin"): 2, ("cup", "berlin"): 1, ("pot", "aachen"): 9})
    assert allocations_of(stopped("2", stock=stock)) == [("1", "berlin", 2), ("3", "berlin", 1)]


def test_a_waiting_line_that_needs_no_stock_is_not_confirmed() -> None:
    """Nor is one that is not tracked: it counts as on hold, until a person has looked."""
    stock = Inventory(STOCK.stock(), items=[Item(sku="pot", tracked=False)])
    decision = stopped("2", stock=stock)
    assert decision.lines[1] == LineStatus(line_id="2", sku="pot", ordered=3, held=3)
    assert stopped(stock=stock).lines[1].untracked == 3


def test_a_waiting_line_takes_no_supply() -> None:
    """What comes in is pegged to those who may go on."""
    stock = Inventory(
        items=[Item(sku="pot", backorderable=True), Item(sku="mug", backorderable=True)],
        supplies=[Supply(id="PO-1", sku="pot", quantity=3, expected_at=NOW + HOUR)],
    )
    result = run(
        order("A-1", lines=LINES[:2]),
        order("A-2", lines=[line("1", "pot", 3)], placed_at=NOW + HOUR),
        stock=stock,
        verifiers=(),
        holds=stops("2"),
    )
    assert [row.line_id for row in result["A-1"].backorders] == ["1"]
    assert [row.supply_id for row in result["A-2"].backorders] == ["PO-1"]


def test_a_run_again_changes_nothing() -> None:
    """Allocates nothing new, and says the same."""
    first = result_of("2")
    again = result_of("2", stock=first.inventory)
    assert again.inventory == first.inventory
    assert again["A-1"].outcome is first["A-1"].outcome
    assert [each.id for each in again.notifications] == [each.id for each in first.notifications]


# -- Outcomes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stock", "outcome"),
    [
        (STOCK, Outcome.PARTIALLY_ALLOCATED),
        (mugs(berlin=1), Outcome.PARTIALLY_ALLOCATED),
        (mugs(), Outcome.BACKORDERED),
        (Inventory(items=[Item(sku="mug", backorderable=True)]), Outcome.BACKORDERED),
        (
            mugs(berlin=5).with_reserved(reserved(quantity=2)),
            Outcome.PARTIALLY_ALLOCATED,
        ),
        (
            STOCK.with_counted("mug", "berlin", 0).with_reserved(
                reserved(line_id="2", sku="pot", quantity=3)
            ),
            Outcome.PARTIALLY_ALLOCATED,
        ),
        (
            Inventory([Stock(sku="mug", location="berlin", on_hand=1)]).with_reserved(
                reserved(line_id="9")
            ),
            Outcome.BACKORDERED,
        ),
        (Inventory(items=[Item(sku="mug", tracked=False)]), Outcome.BACKORDERED),
    ],
)
def test_outcomes_of_orders_with_a_line_on_hold(stock: Inventory, outcome: Outcome) -> None:
    """Partially allocated if units are reserved for its lines, backordered if not: something of it
    waits, for stock or for a person. It is neither done nor in vain.
    """
    decision = stopped("2", subject=order("A-1", lines=LINES[:2]), stock=stock)
    assert decision.outcome is outcome
    for status in decision.lines:
        parts = status.confirmed + status.backordered + status.short + status.held
        assert parts == status.ordered


# -- Not due yet -----------------------------------------------------------------------------------

LATER = three(ship_after=NOW + HOUR)


def test_an_order_that_is_not_due_is_scheduled_without_the_line() -> None:
    """The line waits for a person, the others wait for their time."""
    stock = STOCK.with_reserved(
        reserved(), reserved(line_id="2", sku="pot"), reserved(line_id="3", sku="cup")
    )
    untracked = Inventory(
        stock.stock(),
        items=[Item(sku="cup", tracked=False)],
        reservations=stock.reservations_of("A-1"),
    )
    decision = stopped("2", subject=LATER, stock=untracked)
    assert (decision.outcome, decision.rank, decision.allocations) == (Outcome.SCHEDULED, None, ())
    assert decision.lines == (
        LineStatus(line_id="1", sku="mug", ordered=2, reserved=1, scheduled=1),
        LineStatus(line_id="2", sku="pot", ordered=3, reserved=1, held=2),
        LineStatus(line_id="3", sku="cup", ordered=1, untracked=1),
    )


def test_a_line_of_an_order_that_is_not_due_and_needs_no_stock() -> None:
    """It waits like any other, and is not counted twice."""
    stock = Inventory(items=[Item(sku="pot", tracked=False)])
    decision = stopped("2", subject=LATER, stock=stock)
    assert decision.lines[1] == LineStatus(line_id="2", sku="pot", ordered=3, held=3)


def test_an_order_that_is_not_due_waits_whole_like_any_other() -> None:
    """It ships complete, or no line is left."""
    complete = attrs.evolve(LATER, ship=Ship.COMPLETE)
    assert stopped("2", subject=complete).outcome is Outcome.HELD
    assert stopped("1", "2", "3", subject=LATER).outcome is Outcome.HELD


def test_what_is_told_of_an_order_that_is_not_due() -> None:
    """Scheduled, the one; on hold, the other; and the staff has time to look at it."""
    result = result_of("2", subject=LATER)
    assert messages(result) == [
        (Kind.SCHEDULED, "customer", ["1", "3"]),
        (Kind.REVIEW_NEEDED, "staff", ["2"]),
        (Kind.ON_HOLD, "customer", ["2"]),
    ]
    assert list(explain(result, "A-1").sentences) == [
        "Order A-1 is scheduled: it is not due before 2026-03-02 13:00 UTC.",
        "It was stopped by quality.",
        "Line 1 (2 x mug): 2 not looked at yet.",
        "Line 2 (3 x pot): 3 on hold until a person has looked at it.",
        "Line 3 (1 x cup): 1 not looked at yet.",
    ]
    [review] = review_queue(result)
    assert review.held_lines == {"2"}


# -- What is told ----------------------------------------------------------------------------------


def test_staff_and_customer_hear_of_the_line() -> None:
    """Beside what is said of the others: to the staff why, to the customer which."""
    result = result_of("2")
    confirmed, staff, customer = result.notifications
    assert messages(result) == [
        (Kind.CONFIRMED, "customer", ["1", "3"]),
        (Kind.REVIEW_NEEDED, "staff", ["2"]),
        (Kind.ON_HOLD, "customer", ["2"]),
    ]
    assert confirmed.lines == (("1", "mug", 2, 2, 0, 0, None), ("3", "cup", 1, 1, 0, 0, None))
    assert staff.lines == customer.lines == (("2", "pot", 3, 0, 0, 0, None),)
    assert staff.reasons == (("shop.recall", "It was stopped by quality."),)
    assert customer.reasons == ()
    assert customer.audience is Audience.CUSTOMER


@pytest.mark.parametrize(
    ("stock", "kinds"),
    [
        (
            mugs(berlin=1),
            [(Kind.PARTLY_CONFIRMED, "13")],
        ),
        (mugs(), [(Kind.UNFULFILLABLE, "13")]),
        (
            Inventory(
                [Stock(sku="mug", location="berlin", on_hand=1)],
                items=[Item(sku="mug", backorderable=True), Item(sku="cup", backorderable=True)],
            ),
            [(Kind.PARTLY_BACKORDERED, "13")],
        ),
        (
            Inventory(items=[Item(sku="mug", backorderable=True)]),
            [(Kind.PARTLY_CONFIRMED, "13")],
        ),
    ],
)
def test_the_others_are_told_of_as_ever(stock: Inventory, kinds: list[tuple[Kind, str]]) -> None:
    """Whatever becomes of them, the line on hold is in no message but its own."""
    assert messages(result_of("2", stock=stock)) == [
        *((kind, "customer", list(lines)) for kind, lines in kinds),
        (Kind.REVIEW_NEEDED, "staff", ["2"]),
        (Kind.ON_HOLD, "customer", ["2"]),
    ]


def test_a_line_on_hold_is_not_confirmed_by_what_it_has() -> None:
    """Its units were reserved before it was stopped. They stay, and the customer hears that it is
    on hold, not that it is confirmed.
    """
    before = result_of()
    result = result_of("2", stock=before.inventory)
    assert messages(result) == [
        (Kind.CONFIRMED, "customer", ["1", "3"]),
        (Kind.REVIEW_NEEDED, "staff", ["2"]),
        (Kind.ON_HOLD, "customer", ["2"]),
    ]
    decision = result["A-1"]
    assert decision.outcome is Outcome.PARTIALLY_ALLOCATED
    assert decision.lines[1] == LineStatus(line_id="2", sku="pot", ordered=3, reserved=3)
    assert decision.held_lines == {"2"}
    since, waits = (
        "from berlin since 2026-03-02 12:00 UTC",
        "on hold until a person has looked at it",
    )
    assert explain(result, "A-1").sentences[-2:] == (
        f"Line 2 (3 x pot): 3 reserved before (3 {since}); {waits}.",
        f"Line 3 (1 x cup): 1 reserved before (1 {since}).",
    )


def test_nothing_is_confirmed_where_all_others_are_cancelled() -> None:
    """What is left waits for a person: there is nothing to say of it but that."""
    known = (
        recorded(three(), holds=stops("2"))[0]
        .with_progress("1", cancelled=2)
        .with_progress("3", cancelled=1)
    )
    result = run(known, stock=STOCK)
    assert result["A-1"].outcome is Outcome.BACKORDERED
    assert [kind for kind, *_ in messages(result)] == ["order.review_needed", "order.on_hold"]


def test_the_messages_of_a_hold_change_with_its_reasons_and_lines_only() -> None:
    """Not with what else is noted: nobody is told twice that the same line waits. Another line, or
    another reason, is other news.
    """

    def on_hold(*line_ids: str, code: str = "shop.recall", verifiers: Any = ()) -> str:
        result = result_of(holds=stops(*line_ids, code=code), verifiers=verifiers)
        [message] = [each for each in result.notifications if each.kind is Kind.ON_HOLD]
        return message.id

    assert on_hold("2") == on_hold("2", verifiers=[finds(note("shop.gift"))])
    others = [on_hold("3"), on_hold("2", "3"), on_hold("2", code="shop.lost")]
    assert len({on_hold("2"), *others}) == 4


@pytest.mark.parametrize("code", ["supply.claim_lost", "supply.overdue"])
def test_what_becomes_of_a_supply_is_no_reason_to_review(code: str) -> None:
    """The same line waits for the same reason, before it, then and after it."""
    items = [Item(sku="mug"), Item(sku="pot", backorderable=True)]
    supplies = [Supply(id="PO-1", sku="pot", quantity=3, expected_at=NOW + HOUR)]
    subject = order("A-1", lines=LINES[:2])
    first = result_of("1", subject=subject, stock=Inventory(items=items, supplies=supplies))
    assert [kind for kind, *_ in messages(first)] == [
        "order.backordered",
        "order.review_needed",
        "order.on_hold",
    ]
    claims = list(first.inventory.claims())
    remaining = supplies if code == "supply.overdue" else []
    stock = Inventory(items=items, supplies=remaining).with_claimed(*claims)
    second = next_run(first, stock, now=NOW + DAY, verifiers=())
    third = next_run(second, now=NOW + 2 * DAY, verifiers=())
    assert code in [each.code for each in second["A-1"].findings]
    kinds = {each.kind for each in (*second.notifications, *third.notifications)}
    assert Kind.REVIEW_NEEDED not in kinds


def test_messages_are_made_of_the_decision_alone() -> None:
    """Also with a line on hold: they can be made again at any time."""
    for subject in (three(), LATER):
        result = result_of("2", subject=subject)
        messages = customer_and_staff(result["A-1"], context=attrs.evolve(CONTEXT, now=NOW + HOUR))
        assert tuple(messages) == result.notifications


def test_explain_says_which_line_waits_and_why() -> None:
    """After the reason, its place in the queue and what each line got."""
    result = result_of("2", holds=stops("2", detail="The lid may break."))
    assert list(explain(result, "A-1").sentences) == [
        "Order A-1 is confirmed in part.",
        "The lid may break.",
        "It was first of 1 in the queue: no deadline, then placed at 2026-03-02 12:00 UTC.",
        "Line 1 (2 x mug): 2 from berlin.",
        "Line 2 (3 x pot): 3 on hold until a person has looked at it.",
        "Line 3 (1 x cup): 1 from berlin.",
    ]


def test_an_order_that_waits_whole_is_explained_without_its_lines() -> None:
    """There is nothing to say of them yet."""
    assert list(explain(result_of("2", subject=three(Ship.COMPLETE)), "A-1").sentences) == [
        "Order A-1 is on hold until a person has looked at it.",
        "It was stopped by quality.",
    ]


def test_the_review_queue_says_which_lines_wait() -> None:
    """The order is in it although it goes on; nothing is said of lines if all of it waits."""
    [review] = review_queue(result_of("2", "3"))
    assert review.held_lines == {"2", "3"}
    assert review.to_release == (
        ("quality", "shop.recall", "2"),
        ("quality", "shop.recall", "3"),
    )
    [whole] = review_queue(result_of("2", subject=three(Ship.COMPLETE)))
    assert whole.held_lines == frozenset()


def test_a_good_line_pays_for_itself_only_if_the_order_does() -> None:
    """That a line waits is no reason to ask less of the order: it is verified as a whole."""
    lines = [
        OrderLine(id="1", sku="mug", quantity=1, unit_price=Decimal(5)),
        OrderLine(id="2", sku="pot", quantity=1, unit_price=Decimal(5)),
    ]
    unpaid = order("A-1", lines=lines, ship_to=HOME)
    result = run(unpaid, stock=STOCK, holds=stops("2"))
    assert result["A-1"].outcome is Outcome.HELD
    assert [each.code for each in result["A-1"].findings] == ["payment.insufficient", "shop.recall"]
