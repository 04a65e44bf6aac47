"""What if: the same orders under several settings; what differs and why, as values and a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from builders import ADA, NOW, line, mugs, order, reserved
from some_promises import ANYWHERE, POLICY
from test_notebooks import HOSTILE, Tags

from fulfill_core import (
    Component,
    Context,
    Customer,
    CustomerFacts,
    Facts,
    Finding,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    Lot,
    Order,
    OrderRecord,
    Outcome,
    PluginError,
    Progress,
    Settings,
    Stock,
    Supply,
    Verifier,
    compare,
    hold,
    note,
    process,
    reject,
)
from fulfill_core.priorities import customer_tier, fair_share, oldest_first
from fulfill_core.protocols import RunStage
from fulfill_core.reallocation import Reallocation
from fulfill_core.sourcing import by_rank
from fulfill_core.whatif import Comparison, GroupFigures, UnitShift

DAY = timedelta(days=1)
TODAY = Settings(verifiers=[], priority=oldest_first)
GOLD = Settings(verifiers=[], priority=customer_tier("gold"))
GRACE = Customer(id="C-2", tier="gold", email="grace@example.com")
BOTH = {"today": TODAY, "gold first": GOLD}


def compared(
    orders: Iterable[Order | OrderRecord],
    stock: Inventory,
    settings: Mapping[str, Mapping[str, Any]] = BOTH,
) -> Comparison:
    """These orders under these settings."""
    return compare(orders, stock, settings, now=NOW)


def in_sequence(**on_hand: int) -> Inventory:
    """Mugs at these locations, the first of which is asked first."""
    locations = [Location(id=place, rank=rank) for rank, place in enumerate(on_hand)]
    return Inventory(stock=mugs(**on_hand).stock(), locations=locations)


def no_gold(subject: Order, /, *, context: Context) -> Iterable[Finding]:
    """A verifier that turns gold customers down."""
    if subject.customer.tier == "gold":
        yield reject("shop.no_gold", detail="No gold.")


def no_gold_note(subject: Order, /, *, context: Context) -> Iterable[Finding]:
    """A verifier that has something to say, and nothing against it."""
    yield note("shop.gold")


def broken(subject: Order, /, *, context: Context) -> int:
    """A priority that raises."""
    raise LookupError("no key")


# -- Runs ------------------------------------------------------------------------------------------


def test_each_result_is_that_of_a_run_of_its_own() -> None:
    """A comparison decides nothing that `process` does not, whatever the orders come as."""
    orders = [order("A-1", 2), order("A-2", 2, customer=GRACE)]
    comparison = compared(iter(orders), mugs(berlin=2))
    for name, settings in BOTH.items():
        assert comparison[name] == process(orders, mugs(berlin=2), now=NOW, **settings)
    assert comparison.names == ("today", "gold first")
    assert [trial.settings for trial in comparison.trials] == [TODAY, GOLD]
    assert repr(comparison) == "<Comparison: 2 orders under 'today', 'gold first'>"


def test_progress_is_that_of_all_runs_together() -> None:
    """It grows from 0 to 1 once."""
    shares: list[float] = []
    compare(
        [order("A-1", 1)],
        mugs(berlin=1),
        BOTH,
        now=NOW,
        progress=lambda stage, share: shares.append(share),
    )
    assert shares == sorted(shares)
    assert (shares[0], shares.count(0.5), shares[-1]) == (0.0, 2, 1.0)


def counted(calls: list[str]) -> Verifier:
    """A verifier that writes down of whom it was asked."""

    def verifier(subject: Order, /, *, context: Context) -> Iterable[Finding]:
        calls.append(subject.id)
        return ()

    return verifier


def test_a_comparison_can_be_called_off() -> None:
    """What the function raises goes through as it is, and says in which of the runs; the same
    comparison afterwards is as ever.
    """
    orders = [order("A-1", 1), order("A-2", 1, customer=GRACE)]
    error = KeyboardInterrupt("enough")

    def call_off(stage: RunStage, share: float, /) -> None:
        if share > 0.5:
            raise LookupError from error

    with pytest.raises(LookupError) as caught:
        compare(orders, mugs(berlin=1), BOTH, now=NOW, progress=call_off)
    assert caught.value.__cause__ is error
    assert caught.value.__notes__ == ["Under the settings 'gold first'."]
    assert compared(orders, mugs(berlin=1)) == compared(orders, mugs(berlin=1))


@pytest.mark.parametrize(
    ("changes", "is_shared"),
    [
        ({"priority": customer_tier("gold")}, True),
        ({"sourcing": by_rank, "promise": ANYWHERE, "whole": True}, True),
        ({"facts": Facts(customers=[CustomerFacts(customer_id="C-1")])}, False),
        ({"reservation_window": DAY}, False),
        ({"map": partial(map)}, False),
        ({"verifiers": [counted([]), no_gold_note]}, False),
    ],
)
def test_orders_are_verified_once_for_settings_that_verify_alike(
    changes: dict[str, Any], is_shared: bool
) -> None:
    """By the very same verifiers, facts and map, within the same window."""
    calls: list[str] = []
    today = {**TODAY, "verifiers": (counted(calls),)}
    settings = {"today": today, "x": {**today, "verifiers": today["verifiers"], **changes}}
    orders = [order("A-1", 1), order("A-2", 1, customer=GRACE)]
    compared(orders, mugs(berlin=1), settings)
    asked_twice = not is_shared and "verifiers" not in changes
    assert calls == ["A-1", "A-2"] * (1 + asked_twice)


def test_each_priority_ranks_by_what_it_is_told() -> None:
    """Also where the orders were verified before: with the records, and with the queue in view."""
    seen: list[bool] = []

    def by_record(subject: Order, /, *, context: Context) -> int:
        seen.append(context.record_of(subject.id) is not None)
        return 0

    records = [OrderRecord(order=order("A-1", 1)), OrderRecord(order=order("A-2", 1))]
    other = {**TODAY, "priority": by_record}
    by_turns = {"today": TODAY, "x": other, "y": other, "again": TODAY}
    comparison = compared(records, mugs(berlin=2), by_turns)
    assert seen == [True, True]
    assert comparison["today"] == comparison["again"]
    shares = {"today": TODAY, "x": {**TODAY, "priority": fair_share("customer")}}
    assert compared(records, mugs(berlin=2), shares)["x"] == process(
        records, mugs(berlin=2), now=NOW, **shares["x"]
    )


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({}, "settings: {} is empty; pass one at least, by its name"),
        ([TODAY], r"settings: \[.* is not a mapping; pass settings by their names"),
        ({"": TODAY}, "settings: '' "),
        ({1: TODAY}, "settings: 1 "),
        ({"today": TODAY, "x": 1}, r"settings\['x'\]: 1 is not a mapping"),
        ({"x": {"verifier": ()}}, r"settings\['x'\]: 'verifier' is nothing"),
        ({"x": {"planner": lambda queue, inventory, /, *, context: None,
                "reallocation": Reallocation()}}, "planner: .* with a reallocation"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused(settings: Any, problem: str) -> None:
    """Before the first run, by their name."""
    with pytest.raises(InvalidValueError, match=problem):
        compared([], mugs(), settings)


def test_orders_that_no_run_takes_are_refused() -> None:
    """Before the first run, as by `process`."""
    with pytest.raises(
        InvalidValueError, match=r"orders\[0\]: 'A-1' is neither an Order nor"
    ) as caught:
        compared(["A-1"], mugs())  # type: ignore[list-item]
    assert not hasattr(caught.value, "__notes__")
    with pytest.raises(InvalidValueError, match="inventory: 1 "):
        compared([], 1)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"now: .* is naive"):
        compare([], mugs(), BOTH, now=NOW.replace(tzinfo=None))


def test_what_a_run_raises_says_under_which_settings() -> None:
    """The error is that of the run, with a note."""
    with pytest.raises(PluginError) as caught:
        compared([order("A-1", 1)], mugs(), {"today": TODAY, "x": {"priority": broken}})
    assert caught.value.__notes__ == ["Under the settings 'x'."]
    with pytest.raises(InvalidValueError, match="orders: 1 "):
        compared(1, mugs())  # type: ignore[arg-type]


def test_a_name_that_is_none_is_refused() -> None:
    """The error says which there are."""
    with pytest.raises(InvalidValueError, match="'x' is no name of settings; there are 'today'"):
        compared([], mugs())["x"]
    with pytest.raises(TypeError):
        iter(compared([], mugs()))  # type: ignore[call-overload]


# -- What differs ----------------------------------------------------------------------------------


def test_who_has_the_units_of_whom() -> None:
    """What one order has fewer and another one more of a SKU went from one to the other."""
    orders = [
        order("A-1", 3),
        order("A-2", 2, customer=GRACE),
        order("A-3", 2, customer=GRACE),
    ]
    comparison = compared(orders, mugs(berlin=4))
    assert [(each.sku, each.quantity, each.source, each.target) for each in comparison.shifts] == [
        ("mug", 1, "A-1", "A-2"),
        ("mug", 2, "A-1", "A-3"),
    ]
    assert {each.setting for each in comparison.shifts} == {"gold first"}
    assert [
        (each.order_id, each.outcomes, each.ranks, each.units, each.filled)
        for each in comparison.differences
    ] == [
        ("A-2", (Outcome.PARTIALLY_ALLOCATED, Outcome.ALLOCATED), (1, 0), 2, (1, 2)),
        ("A-3", (Outcome.UNFULFILLABLE, Outcome.ALLOCATED), (2, 1), 2, (0, 2)),
        ("A-1", (Outcome.ALLOCATED, Outcome.UNFULFILLABLE), (0, 2), 3, (3, 0)),
    ]
    assert str(comparison.differences[2]).splitlines() == [
        "It is number 3 in the queue, not number 1.",
        "It has 3 of mug fewer; now with A-2, A-3.",
        "Line 1 is short: out_of_stock.",
    ]


def test_units_that_nobody_has_instead() -> None:
    """Units that are left over, or were, went to nobody, or came from nobody."""
    orders = [order("A-1", 3, customer=GRACE)]
    refused = {"today": TODAY, "no gold": {**TODAY, "verifiers": [no_gold]}}
    comparison = compared(orders, mugs(berlin=4), refused)
    [difference] = comparison.differences
    assert comparison.shifts == (
        UnitShift(setting="no gold", sku="mug", quantity=3, source="A-1", target=""),
    )
    assert difference.reasons == (
        "shop.no_gold is found.",
        "It is not in the queue any more.",
        "It has 3 of mug fewer; now with nobody.",
    )
    other_way = dict(reversed(refused.items()))
    [difference] = compared(orders, mugs(berlin=4), other_way).differences
    assert difference.reasons == (
        "shop.no_gold is not found any more.",
        "It is in the queue now, as number 1.",
        "It has 3 of mug more; before with nobody.",
    )


def test_a_rank_alone_is_no_difference() -> None:
    """Where there is enough, the sequence changes nothing for anybody."""
    orders = [order("A-1", 1), order("A-2", 1, customer=GRACE)]
    comparison = compared(orders, mugs(berlin=2))
    assert [comparison[name]["A-2"].rank for name in comparison.names] == [1, 0]
    assert (comparison.differences, comparison.shifts) == ((), ())


def test_places_and_dates_are_told() -> None:
    """Where units come from, and when the last of it is there, by the dates that are known."""
    orders = [order("A-1", 2), order("A-2", 2, customer=GRACE)]
    stock = Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=2),
            Stock(sku="mug", location="oslo", on_hand=2),
        ]
    )
    first, second = compared(orders, stock, {"today": TODAY, "x": GOLD}).differences
    assert first.reasons[1:] == ("It comes from berlin, not from oslo.",)
    assert second.reasons[1:] == ("It comes from oslo, not from berlin.",)
    dated = {name: {**settings, "promise": ANYWHERE} for name, settings in BOTH.items()}
    first, _ = compared(orders, stock, dated).differences
    assert first.reasons[-1] == (
        "The last of it is there at 2026-03-03 14:00 UTC, not at 2026-03-05 14:00 UTC."
    )


def test_other_units_of_the_same_are_told() -> None:
    """So many from each place, or other lots; what a host would not store is no difference."""
    orders = [order("A-1", 2), order("A-2", 3, customer=GRACE)]
    stock = in_sequence(berlin=1, oslo=4)
    both = {name: {**settings, "sourcing": by_rank} for name, settings in BOTH.items()}
    first, second = compared(orders, stock, both).differences
    assert first.reasons[1:] == ("It comes from berlin, oslo, not from oslo.",)
    assert second.reasons[1:] == ("It comes from oslo, not from berlin, oslo.",)
    orders = [order("A-1", 2), order("A-2", 4), order("A-3", 1, customer=GRACE)]
    stock = in_sequence(berlin=4, oslo=4)
    reasons = {each.order_id: each.reasons for each in compared(orders, stock, both).differences}
    assert reasons["A-2"][1:] == ("Other numbers of its units come from berlin, oslo.",)
    lots = [Lot(id="L-1", quantity=1, expires_at=NOW + DAY), Lot(id="L-2", quantity=1)]
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=2, lots=lots)])
    orders = [order("A-1", 1), order("A-2", 1, customer=GRACE)]
    first, second = compared(orders, stock).differences
    assert {first.reasons[1:], second.reasons[1:]} == {("Its units are of other lots.",)}


def test_dates_of_what_is_to_come_are_told() -> None:
    """A date that is new, one that is another, and one that is gone."""
    supplies = [
        Supply(
            id=f"PO-{day}", sku="mug", quantity=1, expected_at=NOW + day * DAY, location="berlin"
        )
        for day in (1, 2)
    ]
    stock = Inventory(items=[Item(sku="mug", backorderable=True)], supplies=supplies)
    orders = [order("A-1", 1), order("A-2", 1, customer=GRACE), order("A-3", 1, customer=GRACE)]
    reasons = {each.order_id: each.reasons for each in compared(orders, stock).differences}
    assert reasons["A-1"][-1] == "Nobody knows any more when the last of it is there."
    assert reasons["A-2"][-1] == (
        "The last of it is there at 2026-03-03 12:00 UTC, not at 2026-03-04 12:00 UTC."
    )
    assert reasons["A-3"][-1] == "The last of it is there at 2026-03-04 12:00 UTC."
    enough = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=1)],
        items=[Item(sku="mug", backorderable=True)],
        supplies=supplies,
    )
    reasons = {each.order_id: each.reasons for each in compared(orders, enough).differences}
    assert (
        reasons["A-2"][-1] == "It has 1 of mug more; before with A-1."
    )  # there, so without a date


def test_who_joins_the_queue_is_a_difference() -> None:
    """Also if the order has the same units: reserved before, and now they may leave."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=1)], reservations=[reserved()]
    )
    settings = {"today": TODAY, "sooner": {**TODAY, "reservation_window": 2 * DAY}}
    comparison = compared([order("A-1", 1, ship_after=NOW + DAY)], stock, settings)
    [difference] = comparison.differences
    assert difference.outcomes == (Outcome.SCHEDULED, Outcome.ALLOCATED)
    assert difference.reasons == ("It is in the queue now, as number 1.",)
    assert [dict(each.outcomes) for each in comparison.figures] == [
        {Outcome.SCHEDULED: 1},
        {Outcome.ALLOCATED: 1},
    ]


def test_only_what_differs_is_told() -> None:
    """A rank, a reason and units that are the same are left out."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=2)], reservations=[reserved(quantity=2)]
    )
    noted = {**TODAY, "verifiers": [no_gold_note]}
    subject = order("A-1", 3, customer=GRACE)
    [difference] = compared([subject], stock, {"today": TODAY, "noted": noted}).differences
    assert difference.reasons == ("shop.gold is found.",)
    assert difference.filled == (2, 2)


def test_of_many_a_few_are_named() -> None:
    """The others are counted."""
    orders = [order(f"A-{number}", 1) for number in range(5)]
    orders.append(order("B", 5, customer=GRACE))
    [difference, *_] = compared(orders, mugs(berlin=5)).differences
    assert difference.reasons[1] == "It has 5 of mug more; before with A-0, A-1, A-2 and 2 more."


# -- Figures ---------------------------------------------------------------------------------------


def test_figures_count_orders_lines_units_and_value() -> None:
    """Of all orders, by tier and by channel; what is half filled counts by half."""
    lines = [
        line("1", quantity=2, unit_price=Decimal(10)),
        line("2", "cup", quantity=3, unit_price=Decimal(1)),
    ]
    orders = [
        order("A-1", lines=lines, channel="web"),
        order("A-2", lines=[line("1", quantity=1, unit_price=Decimal(5))], customer=GRACE),
    ]
    stock = Inventory.of({("mug", "berlin"): 3, ("cup", "oslo"): 2})
    [figures] = compared(orders, stock, {"today": TODAY}).figures
    web = GroupFigures(
        orders=1,
        lines=2,
        lines_filled=1,
        units=5,
        units_filled=4,
        units_short=1,
        values=(("EUR", Decimal("23.00"), Decimal("22.00")),),
        parcels=2,
    )
    rest = GroupFigures(
        orders=1,
        orders_whole=1,
        lines=1,
        lines_filled=1,
        units=1,
        units_filled=1,
        values=(("EUR", Decimal("5.00"), Decimal("5.00")),),
        parcels=1,
    )
    assert figures.channels == (("", rest), ("web", web))
    assert figures.tiers == (("gold", rest), ("standard", web))
    assert (figures.total.units, figures.total.units_filled, figures.total.parcels) == (6, 5, 3)
    assert figures.total.values == (("EUR", Decimal("28.00"), Decimal("27.00")),)
    assert figures.outcomes == ((Outcome.ALLOCATED, 1), (Outcome.PARTIALLY_ALLOCATED, 1))
    assert figures.messages == len(process(orders, stock, now=NOW, **TODAY).notifications)
    # Shares of 0.8 and 1: 1.8 squared / (2 times 1.64).
    assert figures.fairness == Decimal("0.988")


def test_what_has_left_is_filled_and_what_was_cancelled_is_not_asked_for() -> None:
    """An order on its way counts by what the customer gets; a line that was cancelled is none."""
    subject = order("A-1", 3, 2)
    progress = [Progress(line_id="1", shipped=1), Progress(line_id="2", cancelled=2)]
    record = OrderRecord(order=subject, progress=progress)
    [figures] = compared([record], mugs(berlin=1), {"today": TODAY}).figures
    total = figures.total
    assert (total.lines, total.units, total.units_filled, total.units_short) == (1, 3, 2, 1)


def test_what_was_reserved_before_is_filled_and_leaves_in_a_parcel() -> None:
    """With what this run reserves at another place there are two."""
    stock = Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=1),
            Stock(sku="mug", location="oslo", on_hand=1),
        ],
        reservations=[reserved()],
    )
    comparison = compared([order("A-1", 2)], stock, {"today": TODAY})
    assert (comparison.figures[0].total.units_filled, comparison.figures[0].total.parcels) == (2, 2)


def test_what_is_reserved_for_who_is_on_hold_is_filled() -> None:
    """Of an order that waits for a person, and of one that waits with some of its lines."""

    def stopping(subject: Order, /, *, context: Context) -> Iterable[Finding]:
        yield hold("shop.look", line_id="" if subject.id == "A-1" else "2")

    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=3)], reservations=[reserved()]
    )
    orders = [order("A-1", 2), order("A-2", 1, 1)]
    [figures] = compared(orders, stock, {"x": {"verifiers": [stopping]}}).figures
    total = figures.total
    assert (total.units, total.units_filled, total.lines_filled) == (4, 2, 1)


def test_late_is_by_the_promise_else_by_what_it_waits_for() -> None:
    """Days count from the deadline; who is in time is not late, nor is who has no date."""
    supply = Supply(id="PO-1", sku="mug", quantity=1, expected_at=NOW + DAY, location="berlin")
    stock = Inventory(items=[Item(sku="mug", backorderable=True)], supplies=[supply])
    orders = [
        order("A-1", 1, deliver_by=NOW + DAY / 2),
        order("A-2", 1, deliver_by=NOW + 9 * DAY),
    ]
    settings = {"today": TODAY, "dates": {**TODAY, "promise": POLICY}}
    without, promised = compared(orders, stock, settings).figures
    assert (without.total.orders_late, without.total.late_by, without.total.days_late) == (
        1,
        DAY / 2,
        Decimal("0.5"),
    )
    assert promised.total.orders_late == 1
    assert promised.total.late_by > without.total.late_by
    [in_time] = compared(orders[1:], stock, {"today": TODAY}).figures
    assert in_time.total.orders_late == 0
    [undated] = compared([order("A-1", 1, deliver_by=NOW + DAY)], mugs(), {"x": TODAY}).figures
    assert undated.total.orders_late == 0


def test_units_that_a_reallocation_took_are_counted() -> None:
    """By its losses."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=1)],
        reservations=[reserved("A-1")],
    )
    orders = [order("A-1", 1), order("A-2", 1, customer=GRACE)]
    moving = {**GOLD, "reallocation": Reallocation()}
    figures = compared(orders, stock, {"today": GOLD, "moving": moving}).figures
    assert [each.units_lost for each in figures] == [0, 1]


def test_nobody_gets_anything_is_fair() -> None:
    """So is a run without orders."""
    for orders in ([], [order("A-1", 1)]):
        assert GroupFigures().share_filled == Decimal("1.000")
        [figures] = compared(orders, mugs(), {"today": TODAY}).figures
        assert figures.fairness == Decimal("1.000")


def test_kits_that_wait_count_as_kits() -> None:
    """Not as what they are made of."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=1)],
        items=[
            Item(sku="set", components=[Component(sku="mug", quantity=2)], backorderable=True),
            Item(sku="mug", backorderable=True),
        ],
    )
    subject = order("A-1", lines=[line("1", "set", 3)])
    [figures] = compared([subject], stock, {"today": TODAY}).figures
    total = figures.total
    assert (total.units, total.units_filled, total.units_waiting) == (3, 0, 3)


# -- Tables and the page ---------------------------------------------------------------------------


def test_the_table_has_a_column_for_each_settings() -> None:
    """Tiers and channels have a row if there are several; values one per currency."""
    orders = [
        order("A-1", 1, currency="EUR"),
        order("A-2", 1, customer=GRACE, currency="GBP", channel="web"),
    ]
    text = str(compared(orders, mugs(berlin=1)))
    assert [row.split() for row in text.splitlines()][:13] == [
        ["today", "gold", "first"],
        ["orders", "2", "2"],
        ["orders", "whole", "1", "1"],
        ["lines", "filled", "1", "1"],
        ["units", "filled", "1", "1"],
        ["units", "waiting", "0", "0"],
        ["units", "short", "1", "1"],
        ["share", "filled", "50.0%", "50.0%"],
        ["tier", "gold", "0.0%", "100.0%"],
        ["tier", "standard", "100.0%", "0.0%"],
        ["channel", "(none)", "100.0%", "0.0%"],
        ["channel", "web", "0.0%", "100.0%"],
        ["value", "filled,", "EUR", "0.00", "0.00"],
    ]
    assert {len(row) for row in text.splitlines()} == {len(text.splitlines()[0])}


def test_of_many_groups_the_largest_have_a_row() -> None:
    """Twelve of them; the others are counted."""
    orders = [
        order(f"A-{number:02}", 1, customer=Customer(id="C", tier=f"tier-{number:02}"))
        for number in range(15)
    ]
    text = str(compared(orders, mugs(berlin=1), {"today": TODAY}))
    assert "tier tier-11" in text
    assert "tier tier-12" not in text
    assert "and 3 more" in text


def test_rows_are_plain() -> None:
    """One dict per order and settings, and one per group and settings, with the same keys."""
    orders = [order("A-1", 1), order("A-2", 1, customer=GRACE, channel="web")]
    comparison = compared(orders, mugs(berlin=1))
    rows = comparison.rows()
    assert [(row["setting"], row["order"], row["units_filled"]) for row in rows] == [
        ("today", "A-1", 1),
        ("today", "A-2", 0),
        ("gold first", "A-2", 1),
        ("gold first", "A-1", 0),
    ]
    assert len({tuple(row) for row in rows}) == 1
    figure_rows = comparison.figure_rows()
    assert [(row["by"], row["group"], row["units_filled"]) for row in figure_rows[:5]] == [
        ("all", "", 1),
        ("tier", "gold", 0),
        ("tier", "standard", 1),
        ("channel", "", 1),
        ("channel", "web", 0),
    ]
    assert len(figure_rows) == 10
    assert len({tuple(row) for row in figure_rows}) == 1


def test_the_page_stands_for_itself() -> None:
    """It has no script, no font, no link and no picture from elsewhere, and forbids them."""
    orders = [order("A-1", 1), order("A-2", 1, customer=GRACE, deliver_by=NOW)]
    page = compared(orders, mugs(berlin=1)).to_html(title="Gold?")
    assert set(Tags(page).tags) & {"script", "link", "img", "iframe", "a", "object"} == set()
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "<title>Gold?</title>" in page
    assert page.count("<svg") == 2
    assert "prefers-color-scheme:dark" in page
    assert compared(orders, mugs(berlin=1))._repr_html_() in page
    with pytest.raises(InvalidValueError, match="title: 1 "):
        compared([], mugs()).to_html(title=1)  # type: ignore[arg-type]


def test_who_is_late_is_drawn() -> None:
    """With a bar for each settings."""
    supply = Supply(id="PO-1", sku="mug", quantity=1, expected_at=NOW + DAY, location="berlin")
    stock = Inventory(items=[Item(sku="mug", backorderable=True)], supplies=[supply])
    page = compared([order("A-1", 1, deliver_by=NOW)], stock).to_html()
    assert page.count("1.0, 1 order") == 2
    soon = Supply(
        id="PO-1", sku="mug", quantity=1, expected_at=NOW + DAY / 86_400, location="berlin"
    )
    stock = Inventory(items=[Item(sku="mug", backorderable=True)], supplies=[soon])
    page = compared([order("A-1", 1, deliver_by=NOW)], stock).to_html()
    assert page.count("0.0, 1 order") == 2


def test_nothing_on_the_page_is_mark_up() -> None:
    """Whatever names, ids, SKUs, lines, locations, tiers and channels hold."""
    customer = Customer(id=HOSTILE, tier=HOSTILE)
    lines = [line(HOSTILE, HOSTILE)]
    orders = [
        order(HOSTILE, lines=lines, customer=ADA),
        order(HOSTILE + "2", lines=lines, customer=customer, channel=HOSTILE),
    ]
    gold = {**GOLD, "priority": customer_tier(HOSTILE)}
    of_one = Inventory.of({(HOSTILE, HOSTILE): 1})
    of_two = Inventory.of({(HOSTILE, HOSTILE): 1, (HOSTILE, HOSTILE + "2"): 1})
    for stock, beginning in ((of_one, f"Line {HOSTILE[:8]}"), (of_two, "It comes from")):
        comparison = compared(orders, stock, {"today": TODAY, HOSTILE: gold})
        page = comparison.to_html(title=HOSTILE)
        assert comparison.differences[1].reasons[-1].startswith(beginning)
        assert {"script", "b"} & set(Tags(page).tags) == set()
        assert "\u202e" not in page
        assert len(str(comparison).splitlines()) == len(str(compared(orders, stock)).splitlines())


def test_a_large_page_leaves_rows_out_and_says_so() -> None:
    """It stays below a megabyte, with the longest texts that there are."""
    long = "&" * 80
    orders = [
        order(f"{long}{number:05}", 1, customer=ADA if number % 2 else GRACE)
        for number in range(1_500)
    ]
    comparison = compared(orders, mugs(berlin=700), {"today": TODAY, long: GOLD})
    page = comparison.to_html()
    assert len(page.encode()) < 1_000_000
    assert "more are left out here; rows() has all." in page
    assert "<p>None.</p>" in compared(orders[:2], mugs(berlin=2)).to_html()
