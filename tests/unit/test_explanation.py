"""Why an order was decided as it was, in sentences."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import NOW, line, mugs, order, refusal, reserved, run, steps

from fulfill_core import (
    Approval,
    Component,
    Context,
    Customer,
    Fence,
    Finding,
    Inventory,
    Item,
    Location,
    Lot,
    Order,
    Result,
    Ship,
    Stock,
    Supply,
    explain,
    note,
)
from fulfill_core.protocols import Plan

HOUR = timedelta(hours=1)


def told(result: Result, order_id: str = "A-1") -> list[str]:
    """The sentences, with the explanation's text held to them."""
    explanation = explain(result, order_id)
    assert str(explanation) == "\n".join(explanation.sentences)
    return list(explanation.sentences)


def test_an_order_that_got_everything() -> None:
    """What was taken from where, by the names that people know the places by."""
    stock = Inventory(
        [Stock(sku="mug", location="b", on_hand=3)], locations=[Location(id="b", name="Berlin")]
    ).with_reserved(reserved(location="b"))
    assert told(run(order("A-1", 3), stock=stock, verifiers=())) == [
        "Order A-1 is confirmed: everything is reserved.",
        "It was first of 1 in the queue: no deadline, then placed at 2026-03-02 12:00 UTC.",
        "Line 1 (3 x mug): 1 reserved before (1 from Berlin); 2 from Berlin.",
    ]


def test_who_took_it() -> None:
    """What is missing, how much there was, and which orders ahead took it."""
    stock = mugs(berlin=5).with_received("cup", "berlin", 9)
    orders = [
        order("A-1", 1, placed_at=NOW + 2 * HOUR),
        order("A-2", 3, 1),
        order("A-3", lines=[line("1", "cup")]),
        order("A-4", 1, placed_at=NOW + HOUR),
        order("A-5", 1, placed_at=NOW + 3 * HOUR),
    ]
    result = run(*orders, stock=stock, verifiers=())
    explanation = explain(result, "A-1")
    assert (explanation.rank, explanation.queue_length, explanation.available) == (
        3,
        5,
        (("mug", 5),),
    )
    assert [(each.order_id, each.rank, each.sku, each.quantity) for each in explanation.ahead] == [
        ("A-2", 0, "mug", 4),
        ("A-4", 2, "mug", 1),
    ]
    assert told(result)[-1] == (
        "Of mug, 5 were available before the run. Ahead of it, A-2 (first) took 4, A-4 (number"
        " 3) took 1."
    )


def test_the_first_few_ahead_are_named_and_the_others_counted() -> None:
    """The text does not grow with the queue; the value has all of those ahead."""
    orders = [order(f"A-{number}", 2) for number in range(9)]
    for count, rest in ((6, "1 more order took 2."), (8, "3 more orders took 6.")):
        result = run(*orders, stock=mugs(berlin=2 * count), verifiers=())
        last = explain(result, "A-8")
        places = ["first", *[f"number {place}" for place in range(2, 6)]]
        takers = [f"A-{rank} ({place}) took 2" for rank, place in enumerate(places)]
        assert last.sentences[-1].endswith(f" Ahead of it, {', '.join([*takers, rest])}")
        assert [each.order_id for each in last.ahead] == [f"A-{n}" for n in range(count)]


def test_an_order_of_many_lines_is_explained_at_the_cost_of_its_lines() -> None:
    """Eight times the lines, some eight times the steps, of whichever SKU they are: not the square
    of it.
    """

    def cost(number: int, skus: int) -> int:
        """Half of each line is there, and others have reserved as many."""
        names = [f"sku-{each % skus}" for each in range(number)]
        lines = [line(str(each), name, 2) for each, name in enumerate(names)]
        others = [
            reserved(f"Z-{each}", line_id=str(each), sku=name, location="berlin")
            for each, name in enumerate(names)
        ]
        units = {(name, "berlin"): 2 * names.count(name) for name in names}
        stock = Inventory.of(units).with_reserved(*others)
        result = run(order("A-1", lines=lines), stock=stock, verifiers=())
        assert len(explain(result, "A-1").rivals) == number
        return steps(lambda: explain(result, "A-1"))

    assert cost(160, 160) < 12 * cost(20, 20)
    assert cost(160, 1) < 12 * cost(20, 1)


def test_nobody_took_it() -> None:
    """If there was nothing to begin with, no order is named."""
    assert told(run(order("A-1", 3), stock=mugs(berlin=0), verifiers=())) == [
        "Order A-1 cannot be fulfilled.",
        "It was first of 1 in the queue: no deadline, then placed at 2026-03-02 12:00 UTC.",
        "Line 1 (3 x mug): 3 missing: there were none, and it may not be backordered.",
        "Of mug, 0 were available before the run.",
    ]


@pytest.mark.parametrize(
    ("on_hand", "there"), [(1, "there was 1"), (2, "there were 2"), (0, "there were none")]
)
def test_how_many_there_were(on_hand: int, there: str) -> None:
    """The number of units reads as a sentence."""
    result = run(order("A-1", 5), stock=mugs(berlin=on_hand), verifiers=())
    assert there in told(result)[2]


def test_what_it_waits_for() -> None:
    """A backorder is told with its date and supply, or that there is none yet."""
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=1)],
        [Supply(id="PO-1", sku="mug", quantity=1, expected_at=NOW + timedelta(days=8))],
        [Item(sku="mug", backorderable=True)],
    )
    assert told(run(order("A-1", 4), stock=stock, verifiers=())) == [
        "Order A-1 is confirmed in part.",
        "It was first of 1 in the queue: no deadline, then placed at 2026-03-02 12:00 UTC.",
        (
            "Line 1 (4 x mug): 1 from berlin; 1 on backorder, expected on 2026-03-10 with PO-1; 2"
            " on backorder, without a date yet."
        ),
        "Of mug, 1 was available before the run.",
    ]


def test_an_order_that_waits_for_all() -> None:
    """Nothing reserved and something to come: it has to wait."""
    stock = Inventory(items=[Item(sku="mug", backorderable=True)])
    assert (
        told(run(order("A-1", 4), stock=stock, verifiers=()))[0]
        == "Order A-1 has to wait: nothing of it can be reserved yet."
    )


def test_reasons_for_a_shortage() -> None:
    """Each reason is a sentence: unknown, ships whole, ships complete, not sourced."""
    both = [line("1", "mug", 2), line("2", "cup", 2)]
    complete = run(order(lines=both, ship=Ship.COMPLETE), stock=mugs(berlin=2), verifiers=())
    assert told(complete)[2:4] == [
        (
            "Line 1 (2 x mug): 2 missing: it is there, but the order ships complete, and something"
            " else will not come."
        ),
        "Line 2 (2 x cup): 2 missing: the stock does not know this item.",
    ]
    whole = run(order("A-1", 2, ship=Ship.LINES), stock=mugs(berlin=1), verifiers=())
    assert told(whole)[2] == (
        "Line 1 (2 x mug): 2 missing: there was 1, and it ships whole or not at all."
    )

    def nowhere(demand: object, candidates: Any, /, *, context: object) -> Any:
        return ()

    far = run(order("A-1", 2), stock=mugs(berlin=1), verifiers=(), sourcing=nowhere)
    assert told(far)[2] == (
        "Line 1 (2 x mug): 2 missing: there were none, and more at locations that may not"
        " serve this order."
    )


def test_each_line_tells_its_own() -> None:
    """What one line got, waits for or lacks is not told of another."""
    stock = Inventory(
        [Stock(sku=sku, location="berlin", on_hand=1) for sku in ("cup", "mug")],
        items=[Item(sku="mug", backorderable=True)],
    )
    both = order(lines=[line("1", "mug", 2), line("2", "cup", 2)])
    assert told(run(both, stock=stock, verifiers=()))[2:4] == [
        "Line 1 (2 x mug): 1 from berlin; 1 on backorder, without a date yet.",
        "Line 2 (2 x cup): 1 from berlin; 1 missing: there was 1, and it may not be backordered.",
    ]


def test_untracked_and_surplus() -> None:
    """A line that needs no stock says so, and what an order holds too much is pointed out."""
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=5)], items=[Item(sku="wrap", tracked=False)]
    )
    for units, verb in ((2, "are"), (1, "is")):
        surplus = stock.with_reserved(reserved(line_id="9", quantity=units))
        of_line, of_surplus = told(
            run(order(lines=[line("1", "wrap")]), stock=surplus, verifiers=())
        )[2:]
        assert of_line == "Line 1 (1 x wrap): needs no stock."
        assert of_surplus == (
            f"{units} of mug at berlin {verb} reserved beyond what it asks for:"
            " release what it does not need."
        )


def test_a_scheduled_order() -> None:
    """An order that is not due says until when."""
    due = order("A-1", 3, ship_after=NOW + HOUR)
    assert told(run(due, stock=mugs(berlin=5), verifiers=())) == [
        "Order A-1 is scheduled: it is not due before 2026-03-02 13:00 UTC.",
        "Line 1 (3 x mug): 3 not looked at yet.",
    ]


def test_a_held_order_says_all_that_holds_it() -> None:
    """All reasons first, then what is merely noted; nothing of stock or queue."""
    held = order("A-1", 1, customer=Customer(id="C"), ship_to=None)
    explanation = explain(run(held, stock=mugs(berlin=5)), "A-1")
    assert (explanation.rank, explanation.ranked_by) == (None, "")
    assert list(explanation.sentences) == [
        "Order A-1 is on hold until a person has looked at it.",
        "The order has something to ship and no address to ship it to.",
        "The customer left neither an e-mail address nor a phone number.",
        "Please note: Line 1 (1 x mug) costs nothing.",
    ]


def test_a_rejected_order() -> None:
    """A rejection comes with its reason."""
    assert told(run(order("A-1", 1, discount=Decimal(5))))[:2] == [
        "Order A-1 is rejected.",
        "The total is -5 EUR: the discount of 5 EUR is more than all the rest.",
    ]


def test_who_approved_it() -> None:
    """A waived finding is told with who waived it and when."""
    subject = order("A-1", lines=[line(unit_price=Decimal(5))])
    approval = Approval(
        order_id="A-1",
        fingerprint=subject.fingerprint,
        any_later=["payment.insufficient"],
        by="Grace",
        at=NOW,
    )
    result = run(subject, stock=mugs(berlin=5), approvals=[approval])
    assert told(result)[-1] == (
        "Grace approved it in spite of this, at 2026-03-02 12:00 UTC: 0 of 5 EUR is paid or"
        " authorised; 5 EUR is missing."
    )


def test_a_finding_without_a_sentence_goes_by_its_code() -> None:
    """A verifier that gave no detail is quoted by its code."""

    def terse(order: object, /, *, context: object) -> Any:
        yield note("odd.order")

    assert told(run(order("A-1", 1), stock=mugs(berlin=5), verifiers=[terse]))[-1] == (
        "Please note: odd.order"
    )


# -- Stock with rules ------------------------------------------------------------------------------


def line_of(result: Result, order_id: str = "A-1") -> str:
    """The sentence on the first line."""
    return next(each for each in told(result, order_id) if each.startswith("Line 1 "))


def asked(stock: Inventory, *orders: Order, **options: Any) -> Result:
    """A run of an order for five mugs, or of these."""
    return run(*(orders or (order("A-1", 5),)), stock=stock, verifiers=(), **options)


def mugs_with(units: int, **rules: Any) -> Inventory:
    """Mugs in Berlin with these rules."""
    row = Stock(sku="mug", location="berlin", on_hand=units)
    return Inventory([row], items=[Item(sku="mug", **rules)])


def test_which_lots_it_got() -> None:
    """Each lot by its name; units without one by their place alone."""
    lots = [Lot(id="L-7", quantity=2, expires_at=NOW + HOUR)]
    row = Stock(sku="mug", location="berlin", on_hand=9, lots=lots)
    assert line_of(asked(Inventory([row]))) == (
        "Line 1 (5 x mug): 2 from berlin (lot L-7); 3 from berlin."
    )


def test_which_components_it_got() -> None:
    """Of a kit each component is told, and kits that are missing are counted as kits."""
    rows = [Stock(sku=sku, location="berlin", on_hand=4) for sku in ("cup", "pot")]
    kits = Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")])
    result = asked(Inventory(rows, items=[kits]), order(lines=[line("1", "set", 3)]))
    assert told(result)[2:] == [
        (
            "Line 1 (3 x set): 4 of cup from berlin; 2 of pot from berlin; 1 missing: there were 2,"
            " and it may not be backordered."
        ),
        "Of set, 2 were available before the run.",
    ]


def test_which_components_it_waits_for() -> None:
    """Of a kit the component that is to come, and who ahead took it."""
    kits = Item(sku="set", components=[Component(sku="cup")], backorderable=True)
    stock = Inventory([Stock(sku="cup", location="berlin", on_hand=1)], items=[kits])
    both = (
        order(lines=[line("1", "cup")]),
        order("A-2", lines=[line("1", "set")], placed_at=NOW + HOUR),
    )
    assert told(asked(stock, *both), "A-2")[2:] == [
        "Line 1 (1 x set): 1 of cup on backorder, without a date yet.",
        "Of cup, 1 was available before the run. Ahead of it, A-1 (first) took 1.",
    ]


def test_that_units_are_kept_for_others() -> None:
    """How many there were for this order, and for whom the others are."""
    result = asked(mugs_with(6, fences=[Fence(quantity=4, channels=["web"])]))
    assert told(result)[2:] == [
        (
            "Line 1 (5 x mug): 2 from berlin; 3 missing: there were 2 for this order; the others"
            " are kept for other orders."
        ),
        "Of mug, 2 were available before the run.",
        ("Please note: Of mug, the last 4 are kept for channel web: 2 were left for this order."),
    ]


def test_that_one_customer_gets_no_more() -> None:
    """The cap, and what it left for this order."""
    result = asked(mugs_with(9, customer_cap=2))
    assert told(result)[2] == (
        "Line 1 (5 x mug): 2 from berlin; 3 missing: one customer may not have more."
    )
    assert told(result)[-1] == (
        "Please note: Of mug, one customer gets 2 at most: 2 more for this order."
    )


def test_that_no_more_may_wait() -> None:
    """What is on backorder, and that the rest is too much."""
    assert line_of(asked(mugs_with(1, backorderable=True, backorder_cap=1))) == (
        "Line 1 (5 x mug): 1 from berlin; 1 on backorder, without a date yet; 3 missing: there was"
        " 1, and no more of it may be backordered."
    )


def test_that_a_supply_is_overdue() -> None:
    """A supply that has not come is named, without a date."""
    stock = Inventory(
        supplies=[Supply(id="PO-1", sku="mug", quantity=9, expected_at=NOW - HOUR)],
        items=[Item(sku="mug", backorderable=True)],
    )
    result = asked(stock)
    assert line_of(result) == "Line 1 (5 x mug): 5 on backorder, with PO-1, which is overdue."
    assert told(result)[-1] == (
        "Please note: Supply PO-1 of mug was expected on 2026-03-02 and has not come: what waits"
        " for it has no date."
    )


def test_that_there_is_no_capacity_today() -> None:
    """Units that are there, where no further orders are taken on today."""
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=9)],
        locations=[Location(id="berlin", capacity=0)],
    )
    result = asked(stock)
    assert line_of(result) == (
        "Line 1 (5 x mug): 5 missing: there were none, and more at locations that take on no"
        " further orders today."
    )
    assert told(result)[-1] == (
        "Please note: There is no capacity left today for further orders at: berlin."
    )


def test_that_the_plan_gave_it_to_others() -> None:
    """Who goes without for the good of all hears so."""

    def nobody(queue: object, inventory: object, /, *, context: object) -> Plan:
        return Plan(units=(), value=Decimal(0), greedy_value=Decimal(0))

    assert line_of(asked(mugs(berlin=9), planner=nobody)) == (
        "Line 1 (5 x mug): 5 missing: the plan for all orders gives it to others."
    )


def test_an_unknown_order_cannot_be_explained() -> None:
    """To ask why about an order that was not there is an error that names it."""
    assert refusal(explain, run(), "A-9") == "order 'A-9' was not among the orders of this run"


# -- What an id may hold ---------------------------------------------------------------------------

HOSTILE = [
    "A\nOrder A-2 is confirmed: everything is reserved.",
    "A\r\nBcc: eve@example.com",
    "A\u2028Line 1",
    "A\x85Line 1",
    "A\x1b[2J",
    "A\u202eB",
    "A\u2067B",
    "A\ud800B",
    "=?utf-8?q?x=0D=0AB?=",
    "{order.__class__}" + "x" * 10_000,
]


def shortage(name: str) -> Result:
    """Two orders want a mug; every text that an explanation shows has *name* in it."""
    stock = Inventory(
        [
            Stock(sku=f"{name} mug", location="x", on_hand=1, lots=[Lot(id=name, quantity=1)]),
            Stock(sku=f"{name} cup", location="x", on_hand=0),
            Stock(sku=f"{name} pot", location="x", on_hand=1),
        ],
        items=[Item(sku=f"{name} cup", backorderable=True)],
        locations=[Location(id="x", name=name)],
        supplies=[Supply(id=name, sku=f"{name} cup", quantity=9, expected_at=NOW + HOUR)],
    ).with_reserved(reserved(name, sku=f"{name} pot", location="x"))
    orders = [
        order(
            f"{number} {name}",
            lines=[line(f"{name} {what}", f"{name} {what}", 2) for what in ("mug", "cup", "pot")],
            placed_at=NOW + number * HOUR,
        )
        for number in (1, 2)
    ]

    def noted(order: Order, /, *, context: Context) -> list[Finding]:
        return [note("shop.note", detail=name)]

    return run(*orders, stock=stock, verifiers=[noted])


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("number", [1, 2])
def test_no_id_makes_a_line_of_its_own(name: str, number: int) -> None:
    """Whatever stands in an id, a name or a detail: each sentence is one line of characters that
    can be printed, and there are as many as with plain ids.
    """
    result, plain = shortage(name), shortage("B-9")
    lines = str(explain(result, f"{number} {name}")).splitlines()
    assert len(lines) == len(explain(plain, f"{number} B-9").sentences)
    assert "".join(lines).encode("utf-8").decode("utf-8").isprintable()


def test_an_id_is_still_known_again() -> None:
    """What would break a line is written out as in a literal of Python, nothing is left out; in the
    parts that are values, an id is as it is.
    """
    name = "A\n1"
    explanation = explain(shortage(name), f"2 {name}")
    assert (
        explanation.sentences[0] == "Order 2 A\\n1 has to wait: nothing of it can be reserved yet."
    )
    assert explanation.ahead[0].order_id == f"1 {name}"


def test_letters_are_no_such_characters() -> None:
    """Letters of any script, marks that join them and emoji stay as they are."""
    name = "Заказ עברית فارسی می\u200cخواهم 👩\u200d🔧 n°\u00a01"  # noqa: RUF001, on purpose
    assert name in explain(shortage(name), f"1 {name}").sentences[0]


def test_what_is_there_and_waits_for_the_rest() -> None:
    """Of an order that ships complete: it is not on backorder, and nobody waits for a supply of it.

    What its supply brings is.
    """
    stock = Inventory(
        [Stock(sku=sku, location="berlin", on_hand=1) for sku in ("cup", "mug")],
        items=[Item(sku=sku, backorderable=True) for sku in ("cup", "mug")],
        supplies=[Supply(id="PO-1", sku="cup", quantity=5, expected_at=NOW + 24 * HOUR)],
    )
    lines = [line(), line("2", "cup", 2)]
    whole = order("A-1", lines=lines, ship=Ship.COMPLETE)
    assert told(run(whole, stock=stock, verifiers=()))[2:4] == [
        "Line 1 (1 x mug): 1 available, to wait for the rest of the order.",
        (
            "Line 2 (2 x cup): 1 available, to wait for the rest of the order; 1 on backorder,"
            " expected on 2026-03-03 with PO-1."
        ),
    ]
