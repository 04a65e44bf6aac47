"""What lasts between runs: the record of an order, its progress, and what it was told."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, line, mugs, next_run, order, record, refusal, reserved, run, run_record

from fulfill_core import (
    Approval,
    Audience,
    Component,
    Hold,
    Inventory,
    Item,
    Kind,
    OrderRecord,
    Outcome,
    Progress,
    Rejection,
    Result,
    Ship,
    Stock,
    StockError,
    Supply,
    Told,
    explain,
    process,
)
from fulfill_core.lifecycle import cancel, ship

CUSTOMER, STAFF = Audience.CUSTOMER, Audience.STAFF
HOUR = timedelta(hours=1)
STOP = Hold(order_id="A-1", source="fraud team", code="shop.check", at=NOW)


def customer_kinds(result: Result) -> list[str]:
    """What the customers are told."""
    return [str(each.kind) for each in result.notifications if each.audience is CUSTOMER]


# -- Progress --------------------------------------------------------------------------------------


def test_open_is_what_is_still_to_be_served() -> None:
    """Ordered - cancelled - shipped + reopened, and never below zero: what is over is surplus."""
    known = record(5).with_progress("1", shipped=3).with_progress("1", cancelled=1, reopened=2)
    assert (known.open("1"), known.surplus("1")) == (3, 0)
    assert known.progress_of("1") == Progress(line_id="1", shipped=3, cancelled=1, reopened=2)
    beyond = known.with_progress("1", shipped=5)
    assert (beyond.open("1"), beyond.surplus("1")) == (0, 2)
    assert record(5).progress_of("1") == Progress(line_id="1")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"line_id": ""}, "Progress.line_id: '' is empty"),
        ({"shipped": -1}, "Progress.shipped: -1 is below 0"),
        ({"cancelled": 1.5}, "Progress.cancelled: 1.5 is not an int"),
        ({"parts": [("cup",)]}, "Progress.parts[0]: ('cup',) is not a row of 2 members"),
        ({"parts": {"cup": 0}}, "Progress.parts['cup']: 0 is below 1"),
        ({"parts": [("cup", 1), ("cup", 2)]}, "Progress.parts[1]: 'cup' was given before"),
        ({"parts": 3}, "Progress.parts: 3 is no collection"),
    ],
)
def test_malformed_progress_is_refused(content: dict[str, Any], message: str) -> None:
    """What can't have happened is refused with its path."""
    assert refusal(Progress, **{"line_id": "1", **content}).startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"order": None}, "OrderRecord.order: None is not of type Order; pass one"),
        (
            {"progress": [Progress(line_id="9")]},
            "OrderRecord.progress[0].line_id: '9' is no line of order A-1; pass one of ['1']",
        ),
        (
            {"progress": [Progress(line_id="1")] * 2},
            "OrderRecord.progress[1]: '1' was given before",
        ),
        (
            {"holds": [attrs.evolve(STOP, order_id="A-2")]},
            "OrderRecord.holds[0].order_id: 'A-2' is another order than A-1;",
        ),
        (
            {"holds": [STOP, attrs.evolve(STOP, source="warehouse"), STOP]},
            (
                "OrderRecord.holds[2]: ('fraud team', 'shop.check', '') was given before; each hold"
                " comes once"
            ),
        ),
        ({"holds": ["x"]}, "OrderRecord.holds[0]: 'x' is not of type Hold; pass one"),
        (
            {"holds": "x"},
            "OrderRecord.holds: 'x' is not a collection of Hold; pass a list or tuple",
        ),
        ({"approvals": [1]}, "OrderRecord.approvals[0]: 1 is not of type Approval; pass one"),
        ({"rejections": [STOP]}, "OrderRecord.rejections[0]: Hold(order_id='A-1', "),
        ({"told": [NOW]}, "OrderRecord.told[0]: "),
        (
            {"reserved": [reserved("A-2")]},
            "OrderRecord.reserved[0].order_id: 'A-2' is another order than A-1;",
        ),
        (
            {"told": [Told(audience=STAFF, id="a", at=NOW)] * 2},
            "OrderRecord.told[1]: ",
        ),
        ({"outcome": "stopped"}, "OrderRecord.outcome: "),
        ({"since": NOW.replace(tzinfo=None)}, "OrderRecord.since: "),
        ({"approvals": 3}, "OrderRecord.approvals: 3 is not a collection"),
    ],
)
def test_a_malformed_record_is_refused(content: dict[str, Any], message: str) -> None:
    """A record is about one order and its lines; what is not is named with its path."""
    assert refusal(OrderRecord, **{"order": order("A-1", 5), **content}).startswith(message)


@pytest.mark.parametrize(
    "ask",
    [
        lambda known: known.open("9"),
        lambda known: known.surplus("9"),
        lambda known: known.progress_of("9"),
        lambda known: known.with_progress("9", shipped=1),
    ],
)
def test_an_unknown_line_is_refused(ask: Callable[[OrderRecord], object]) -> None:
    """A line that the order does not have can't have come any way."""
    assert refusal(ask, record(5)).startswith("line_id: '9' is no line of order A-1;")


def test_progress_is_added_by_counter() -> None:
    """Counters only grow, and there are no others than these."""
    assert refusal(record(5).with_progress, "1", shipped=-1).startswith(
        "OrderRecord.with_progress.shipped: -1 is below 0"
    )
    assert "is no counter" in refusal(Progress(line_id="1").added, {"sent": 1})


def test_a_record_keeps_no_sequence_of_its_host() -> None:
    """However a host lists what happened, the record is the same value; and it pickles."""
    rulings = [
        Rejection(order_id="A-1", fingerprint="f", by=by, at=NOW + by_time)
        for by, by_time in (("B", HOUR), ("A", 0 * HOUR))
    ]
    stops = [attrs.evolve(STOP, code=code) for code in ("b.b", "a.a")]
    progress = [Progress(line_id=line_id, shipped=1) for line_id in "21"]
    one = record(5, 5, rejections=rulings, holds=stops, progress=progress)
    other = record(5, 5, rejections=rulings[::-1], holds=stops[::-1], progress=progress[::-1])
    assert one == other
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
    assert hash(one) == hash(other)


@pytest.mark.parametrize("sequence", list(itertools.permutations(range(3))))
def test_rulings_are_kept_the_oldest_first(sequence: Sequence[int]) -> None:
    """However they are listed, approvals and rejections come by time, then by person."""
    said = [("Bob", HOUR), ("Eve", HOUR), ("Ada", 2 * HOUR)]
    content = [{"order_id": "A-1", "fingerprint": "f", "by": by, "at": NOW + at} for by, at in said]
    yes, no = ([kind(**each) for each in content] for kind in (Approval, Rejection))
    known = record(
        5,
        approvals=[yes[place] for place in sequence],
        rejections=[no[place] for place in sequence],
    )
    assert (known.approvals, known.rejections) == (tuple(yes), tuple(no))


def test_holds_are_kept_in_the_sequence_of_their_keys() -> None:
    """An order may have many: each source, code and line is another one."""
    stops = [
        Hold(order_id="A-1", source=source, code=code, line_id=line_id, at=NOW)
        for source, code, line_id in (
            ("fraud", "a.b", ""),
            ("fraud", "a.b", "1"),
            ("fraud", "a.b", "2"),
            ("fraud", "c.d", ""),
            ("quality", "a.b", ""),
        )
    ]
    assert record(5, holds=stops[::-1]).holds == tuple(stops)


def test_holds_come_and_go_by_key() -> None:
    """A hold is put on and lifted by its key; one of the same key takes the place of the other."""
    held = record(5).with_hold(STOP).with_hold(attrs.evolve(STOP, detail="Again."))
    assert [stop.detail for stop in held.holds] == ["Again."]
    assert held.without_hold("warehouse", "shop.check") == held
    assert held.without_hold("fraud team", "shop.check") == record(5)


# -- What has left is not served again -------------------------------------------------------------


def test_what_has_left_is_not_reserved_again() -> None:
    """Of five, three left: the next run keeps two reserved, and takes nothing more."""
    first = run(order("A-1", 5), stock=mugs(berlin=8))
    step = ship(first.records[0], first.inventory, {"1": 3}, location="berlin")
    second = process([step.record], step.inventory, now=NOW)
    assert second.inventory == step.inventory
    assert second.inventory.reserved("mug") == 2
    assert second["A-1"].outcome is Outcome.ALLOCATED
    (row,) = second["A-1"].lines
    assert (row.ordered, row.shipped, row.open, row.reserved, row.confirmed) == (5, 3, 2, 2, 5)
    assert second.notifications == ()


def test_the_rest_waits_and_comes() -> None:
    """What has left counts as had: the order is still served in part, and then whole."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=3)],
        items=[Item(sku="mug", backorderable=True)],
    )
    first = run(order("A-1", 5), stock=stock)
    assert customer_kinds(first) == ["order.partly_backordered"]
    step = ship(first.records[0], first.inventory, location="berlin")
    assert step.record.open("1") == 2
    second = process([step.record], step.inventory, now=NOW)
    assert second["A-1"].outcome is Outcome.PARTIALLY_ALLOCATED
    assert second.notifications == ()
    third = next_run(second, second.inventory.with_received("mug", "berlin", 9))
    assert third["A-1"].outcome is Outcome.ALLOCATED
    assert third.inventory.reserved("mug") == 2
    assert customer_kinds(third) == ["order.back_in_stock"]
    last = ship(third.records[0], third.inventory, location="berlin")
    assert last.record.is_settled
    fourth = process([last.record], last.inventory, now=NOW)
    assert fourth["A-1"].outcome is Outcome.COMPLETED
    assert (fourth["A-1"].findings, fourth.notifications) == ((), ())
    assert next_run(fourth).changed_records == ()


def test_what_was_cancelled_is_not_served() -> None:
    """Units that were cancelled are free again, and the order of which all was is cancelled."""
    first = run(order("A-1", 5), stock=mugs(berlin=8))
    step = cancel(first.records[0], first.inventory, {"1": 4})
    second = process([step.record], step.inventory, now=NOW)
    assert second.inventory.reserved("mug") == 1
    assert customer_kinds(second) == ["order.confirmed"]
    assert second.notifications[0].lines == (("1", "mug", 1, 1, 0, 0, None),)
    step = cancel(second.records[0], second.inventory)
    assert (step.record.is_settled, step.inventory.reserved("mug")) == (True, 0)
    third = process([step.record], step.inventory, now=NOW)
    assert (third["A-1"].outcome, third.notifications) == (Outcome.CANCELLED, ())


def test_what_is_lost_goes_again() -> None:
    """Units to be sent again are open again, however many have left."""
    first = run(order("A-1", 2), stock=mugs(berlin=5))
    step = ship(first.records[0], first.inventory, location="berlin")
    reopened = step.record.with_progress("1", lost=1, reopened=1)
    second = process([reopened], step.inventory, now=NOW)
    assert second["A-1"].outcome is Outcome.ALLOCATED
    assert [each.quantity for each in second["A-1"].allocations] == [1]


def test_what_left_beyond_is_a_surplus() -> None:
    """More has left than was ordered: nothing is open, and the decision says how much it is."""
    decision = run_record(record(2).with_progress("1", shipped=3), mugs(berlin=9))["A-1"]
    assert decision.outcome is Outcome.COMPLETED
    assert (decision.lines[0].surplus, decision.lines[0].open) == (1, 0)
    first = run_record(record(2).with_progress("1", shipped=3), mugs(berlin=9))
    (message,) = first.notifications
    assert (message.kind, message.audience) == (Kind.SURPLUS, Audience.STAFF)
    assert message.reasons == (
        (
            "progress.surplus",
            "Line 1: 1 of mug left, or was cancelled, beyond the 2 that it asks for.",
        ),
    )
    assert process(first.records, first.inventory, now=NOW).notifications == ()


def test_what_is_reserved_beyond_what_is_open_is_surplus() -> None:
    """Reserved units that nothing is open for are named, and not counted."""
    stock = mugs(berlin=9).with_reserved(reserved("A-1", "1", 4))
    decision = run_record(record(5).with_progress("1", shipped=3), stock)["A-1"]
    assert [each.quantity for each in decision.surplus] == [2]
    assert decision.lines[0].reserved == 2


@pytest.mark.parametrize("mode", list(Ship))
def test_the_rest_of_an_order_ships_as_its_mode_says(mode: Ship) -> None:
    """What has left needs nothing more, whether the rest ships by line or complete."""
    known = OrderRecord(
        order=order("A-1", lines=[line("1", "mug", 5), line("2", "cup", 1)], ship=mode)
    ).with_progress("1", shipped=5)
    stock = Inventory.of({("mug", "berlin"): 0, ("cup", "berlin"): 1})
    decision = run_record(known, stock)["A-1"]
    assert decision.outcome is Outcome.ALLOCATED
    assert [(each.sku, each.quantity) for each in decision.allocations] == [("cup", 1)]


def test_a_cap_counts_what_has_left() -> None:
    """Two of a cap of two have left: the customer gets no more, in this order or another."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=9)],
        items=[Item(sku="mug", customer_cap=2)],
    )
    known = record(5).with_progress("1", shipped=2)
    result = process([known, order("A-2", 2)], stock, now=NOW)
    assert [each.allocations for each in result.decisions] == [(), ()]
    assert {short.reason.value for each in result for short in each.shorts} == {"customer_cap"}


def test_a_pack_that_was_begun_is_filled_up() -> None:
    """Of a box of four, three left before: the one that is missing may come."""
    box = OrderRecord(order=order("A-1", lines=[line("1", "mug", 1, units_each=4)]))
    decision = run_record(box.with_progress("1", shipped=3), mugs(berlin=1))["A-1"]
    assert decision.outcome is Outcome.ALLOCATED


SETS = Inventory(
    stock=[
        Stock(sku="cup", location="berlin", on_hand=4),
        Stock(sku="pot", location="berlin", on_hand=1),
    ],
    items=[
        Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")]),
        Item(sku="pot", backorderable=True),
    ],
)


def test_the_rest_of_a_kit_is_what_is_missing_of_it() -> None:
    """Two cups of a set left before its pot: the pot is all that it still needs."""
    first = run(order("A-1", lines=[line("1", "set", 2)]), stock=SETS)
    assert first["A-1"].lines[0].allocated == 1
    step = ship(first.records[0], first.inventory, {("1", "cup"): 2}, location="berlin")
    assert step.record.progress == (Progress(line_id="1", parts={"cup": 2}),)
    second = process([step.record], step.inventory, now=NOW)
    assert second.inventory == step.inventory
    assert (second["A-1"].lines[0].reserved, second["A-1"].surplus) == (1, ())
    step = ship(second.records[0], second.inventory, {("1", "pot"): 1}, location="berlin")
    assert step.record.progress == (Progress(line_id="1", shipped=1),)
    more = step.inventory.with_received("pot", "berlin", 1)
    third = process([step.record], more, now=NOW)
    assert (third["A-1"].lines[0].allocated, third["A-1"].outcome) == (1, Outcome.ALLOCATED)


def test_parts_that_make_whole_kits_are_whole_kits() -> None:
    """A host that counts parts only need not count kits: the run knows what they make."""
    known = OrderRecord(
        order=order("A-1", lines=[line("1", "set", 1), line("2", "cup", 1)]),
        progress=[Progress(line_id="1", parts={"cup": 2, "pot": 1, "lid": 1})],
    )
    result = run_record(known, SETS)
    assert result.records[0].progress == (Progress(line_id="1", shipped=1, parts={"lid": 1}),)
    assert [each.sku for each in result["A-1"].allocations] == ["cup"]


# -- Ship and cancel -------------------------------------------------------------------------------


def test_many_lines_leave_at_once_or_none() -> None:
    """A parcel is one step: what may not leave stops all of it."""
    first = run(
        order("A-1", lines=[line("1", "mug", 2), line("2", "cup", 1)]),
        stock=Inventory.of({("mug", "berlin"): 2, ("cup", "berlin"): 1}),
    )
    known, stock = first.records[0], first.inventory
    assert "cannot ship 2 of 'cup'" in refusal(
        ship, known, stock, {"1": 1, "2": 2}, location="berlin"
    )
    step = ship(known, stock, {"1": 1, "2": 1}, location="berlin")
    assert [step.record.open(line_id) for line_id in "12"] == [1, 0]
    assert step.inventory.on_hand("cup") == 0


WRAP = Item(sku="wrap", tracked=False)


def test_what_needs_no_stock_goes_with_the_last_parcel() -> None:
    """Gift wrap has nothing reserved: it counts as shipped when nothing else is open, and then the
    order is completed.
    """
    lines = [line("1", "mug", 2), line("2", "set"), line("9", "wrap", 3)]
    stock = Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=2),
            Stock(sku="cup", location="berlin", on_hand=2),
            Stock(sku="pot", location="paris", on_hand=1),
        ],
        items=[
            WRAP,
            Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")]),
        ],
    )
    first = run(order("A-1", lines=lines), stock=stock)
    step = ship(first.records[0], first.inventory, location="berlin")
    assert step.record.open("9") == 3
    last = ship(step.record, step.inventory, location="paris")
    assert last.record.progress_of("9").shipped == 3
    assert process([last.record], last.inventory, now=NOW)["A-1"].outcome is Outcome.COMPLETED


def test_what_needs_no_stock_goes_alone() -> None:
    """By name, no more of it than is open; or all of it, where the order asks for nothing else."""
    known, stock = (
        OrderRecord(order=order("A-1", lines=[line("9", "wrap", 3)])),
        Inventory([], [], [WRAP]),
    )
    step = ship(known, stock, {"9": 2}, location="berlin")
    assert (step.record.open("9"), step.inventory) == (1, stock)
    with pytest.raises(StockError, match="line '9': cannot ship 2 of 'wrap': 1 is open"):
        ship(step.record, stock, {"9": 2}, location="berlin")
    last = ship(step.record, stock, location="berlin")
    assert last.record.is_settled
    with pytest.raises(StockError, match="nothing is reserved at 'berlin'"):
        ship(last.record, stock, location="berlin")


def test_units_leave_from_elsewhere() -> None:
    """What is reserved in one place may leave from another, as with `Inventory.with_shipped`."""
    stock = Inventory.of({("mug", "berlin"): 2, ("mug", "paris"): 2})
    first = run(order("A-1", 2), stock=stock)
    step = ship(first.records[0], first.inventory, location="paris", reserved_at="berlin")
    assert (step.inventory.on_hand("mug", "paris"), step.record.open("1")) == (0, 0)


def test_what_expired_does_not_leave_by_itself() -> None:
    """All that is reserved means what still is."""
    stock = (
        mugs(berlin=5)
        .with_reserved(reserved("A-1", "1", 1, made_at=NOW, expires_at=NOW + HOUR))
        .with_reserved(reserved("A-1", "1", 2))
    )
    step = ship(record(5), stock, location="berlin", now=NOW + HOUR)
    assert step.record.open("1") == 3


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda stock: ship(order("A-1"), stock, location="x"), "record: "),
        (lambda stock: ship(record(5), None, location="x"), "inventory: None is not of type"),
        (lambda stock: ship(record(5), stock, {"9": 1}, location="x"), "units: '9' is no line"),
        (lambda stock: ship(record(5), stock, {"1": 0}, location="x"), "units['1']: 0 is below 1"),
        (lambda stock: ship(record(5), stock, {"1": 1}, location=3), "location: 3 is not an id"),
        (
            lambda stock: ship(record(5), stock, ["1"], location="x"),
            "units: ['1'] is not a mapping",
        ),
        (lambda stock: ship(record(5), stock, {1: 1}, location="x"), "units (key): 1 is neither"),
        (
            lambda stock: ship(record(5), stock, {("1",): 1}, location="x"),
            "units (key): ('1',) is neither a line id nor a pair of line id and SKU",
        ),
        (
            lambda stock: ship(record(5), stock, location="x"),
            "order 'A-1': cannot ship: nothing is reserved at 'x'",
        ),
        (lambda stock: cancel(record(5), stock, ["1"]), "units: ['1'] is not a mapping"),
        (lambda stock: record(5).approved(3, by="G", at=NOW), "Approval.findings: 3 is not a"),
        (
            lambda stock: ship(record(5), stock, {("1", "pot"): 1}, location="x"),
            "units[('1', 'pot')]: 'pot' is no part of mug",
        ),
        (lambda stock: cancel(record(5), stock, {"1": 6}), "units['1']: 6 is more than the 5"),
        (lambda stock: cancel(record(5), stock, {"1": True}), "units['1']: True is not an int"),
        (lambda stock: cancel(record(5), stock, {"9": 1}), "units: '9' is no line of order A-1"),
    ],
)
def test_a_step_that_can_not_be_is_refused(
    act: Callable[[Inventory], object], message: str
) -> None:
    """Unknown lines, less than one unit, more than is open: each is named."""
    assert refusal(act, mugs(x=9)).startswith(message)


def test_cancelled_kits_free_their_parts() -> None:
    """Of a kit line, so many kits are cancelled; a part that left stays in its kit."""
    first = run(order("A-1", lines=[line("1", "set", 1)]), stock=SETS)
    step = ship(first.records[0], first.inventory, {("1", "cup"): 1}, location="berlin")
    after = cancel(step.record, step.inventory)
    assert (after.inventory.reserved("cup"), after.inventory.reserved("pot")) == (0, 0)


# -- A run of records ------------------------------------------------------------------------------


def test_an_order_alone_will_do() -> None:
    """Orders and records, mixed: an order to which nothing has happened is a record of itself."""
    two = [order("A-1", 5), order("A-2", 1)]
    alone = process(two, mugs(berlin=5), now=NOW)
    mixed = process([OrderRecord(order=two[0]), two[1]], mugs(berlin=5), now=NOW)
    assert list(alone.decisions) == list(mixed.decisions)
    assert alone.notifications == mixed.notifications
    assert alone.records == mixed.records
    twice = process([two[0], record(5, holds=[STOP]), two[1]], mugs(berlin=5), now=NOW)
    assert [each.outcome for each in twice] == [Outcome.ALLOCATED, Outcome.HELD]


def test_different_records_of_one_order_are_held() -> None:
    """Which of them is right is not known, and neither is given back."""
    pair = [record(5), record(5, holds=[STOP])]
    for batch in (pair, pair[::-1]):
        result = process(batch, mugs(berlin=9), now=NOW)
        assert [each.code for each in result["A-1"].findings] == ["order.conflicting_duplicate"]
        assert result.records == ()
    assert len(process([record(5), record(5)], mugs(berlin=9), now=NOW).records) == 1


def test_a_record_says_what_became_of_its_order() -> None:
    """After a run it has what is reserved, the outcome, and since when that is so."""
    first = run(order("A-1", 5), stock=mugs(berlin=3))
    known = first.records[0]
    assert known.reserved == first.inventory.reservations_of("A-1")
    assert (known.outcome, known.since) == (Outcome.PARTIALLY_ALLOCATED, NOW)
    assert first.changed_records == first.records
    second = next_run(first, now=NOW + HOUR)
    assert (second.records[0].since, second.changed_records) == (NOW, ())
    third = next_run(second, second.inventory.with_received("mug", "berlin", 2), now=NOW + HOUR)
    assert (third.records[0].outcome, third.records[0].since) == (Outcome.ALLOCATED, NOW)
    held = process([third.records[0].with_hold(STOP)], third.inventory, now=NOW + HOUR)
    assert (held.records[0].outcome, held.records[0].since) == (Outcome.HELD, NOW + HOUR)


def test_what_people_said_is_in_the_record() -> None:
    """Approvals, rejections and holds of the record count."""
    bad = order("A-1", 1, ship_to=None)
    (held,) = process([bad], mugs(berlin=9), now=NOW).decisions
    known = OrderRecord(order=bad).approved(held.findings, by="Grace", at=NOW)
    assert known.approvals == (
        Approval(
            order_id="A-1",
            fingerprint=bad.fingerprint,
            findings=held.findings,
            by="Grace",
            at=NOW,
        ),
    )
    assert run_record(known, mugs(berlin=9))["A-1"].outcome is Outcome.ALLOCATED
    no = Rejection(order_id="A-1", fingerprint=bad.fingerprint, by="G", at=NOW)
    turned_down = attrs.evolve(known, rejections=[no])
    assert run_record(turned_down, mugs(berlin=9))["A-1"].outcome is Outcome.REJECTED


def test_what_left_and_what_was_cancelled_is_explained() -> None:
    """The line says how many left, and how many nobody wants any more."""
    known = record(5).with_progress("1", shipped=3, cancelled=1)
    result = run_record(known, mugs(berlin=9))
    assert "Line 1 (5 x mug): 3 shipped before; 1 cancelled; 1 from berlin." in str(
        explain(result, "A-1")
    )


def test_other_lines_keep_what_they_have() -> None:
    """Cancelling frees what is reserved for that line, and nothing of another."""
    subject = order("A-1", lines=[line("1", "mug", 2), line("2", "mug", 1), line("3", "cup", 1)])
    first = run(subject, stock=Inventory.of({("mug", "berlin"): 3, ("cup", "berlin"): 1}))
    step = cancel(first.records[0], first.inventory, {"1": 1})
    assert (step.inventory.reserved("mug"), step.inventory.reserved("cup")) == (2, 1)
    step = cancel(step.record, step.inventory, {"3": 1})
    assert process([step.record], step.inventory, now=NOW)["A-1"].outcome is Outcome.ALLOCATED
    assert not step.record.is_settled


def test_what_another_audience_was_told_is_not_it() -> None:
    """What the staff was told last says nothing of the customer."""
    told = Told(audience=Audience.STAFF, id="a", at=NOW)
    assert record(5, told=[told]).told_to("customer") is None
    assert record(5, told=[told]).told_to("staff") == told


def test_nothing_is_released_where_less_is_reserved_than_is_open() -> None:
    """Of an order that waits in part, the units that nobody has are cancelled first."""
    first = run(order("A-1", 5), stock=mugs(berlin=2))
    step = cancel(first.records[0], first.inventory, {"1": 3})
    assert (step.record.open("1"), step.inventory) == (2, first.inventory)


def test_what_lies_elsewhere_does_not_leave() -> None:
    """All that is reserved at a place leaves from there, and no more."""
    stock = Inventory.of({("mug", "berlin"): 1, ("mug", "paris"): 1})
    first = run(order("A-1", 2), stock=stock)
    step = ship(first.records[0], first.inventory, location="paris")
    assert (step.inventory.on_hand("mug", "berlin"), step.record.open("1")) == (1, 1)


def test_lines_with_and_without_progress() -> None:
    """Of two lines, one of which has all left, the other one is served as ever."""
    known = record(2, 3).with_progress("1", cancelled=2)
    decision = run_record(known, mugs(berlin=9))["A-1"]
    assert [each.allocated for each in decision.lines] == [0, 3]
    known = record(2, 3).with_progress("1", shipped=2).with_progress("2", delivered=0)
    assert run_record(known, mugs(berlin=9))["A-1"].lines[1].allocated == 3


def test_an_order_of_which_a_part_has_left_is_not_cancelled() -> None:
    """The cup of a set is with the customer, and the set was cancelled: it is completed."""
    known = OrderRecord(
        order=order("A-1", lines=[line("1", "set", 1)]),
        progress=[Progress(line_id="1", parts={"cup": 1}, cancelled=1)],
    )
    assert run_record(known, SETS)["A-1"].outcome is Outcome.COMPLETED


def test_time_changes_nothing_of_an_order_that_is_settled() -> None:
    """A host need not wake for it, whatever its SKU waits for."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=1)],
        supplies=[Supply(id="PO", sku="mug", quantity=1, expected_at=NOW + HOUR)],
    )
    assert run_record(record(5), stock).wake_at is not None
    assert run_record(record(5).with_progress("1", shipped=5), stock).wake_at is None


@pytest.mark.parametrize(
    "name", ["progress", "approvals", "rejections", "holds", "told", "reserved"]
)
@pytest.mark.parametrize("content", [None, 0, ""])
def test_what_is_nothing_is_no_collection(name: str, content: object) -> None:
    """None is not "there are none": pass an empty list, or leave it out."""
    assert refusal(record, 5, **{name: content}).startswith(f"OrderRecord.{name}: ")


def test_what_is_no_part_of_its_line_any_more_stays_when_the_rest_leaves() -> None:
    """Of a line that asks for another SKU now, what was reserved before stays; the rest is sent."""
    stock = Inventory.of({("mug", "berlin"): 1, ("pot", "berlin"): 1, ("cup", "berlin"): 1})
    first = run(order("A-1", lines=[line("1", "mug", 1), line("2", "pot", 1)]), stock=stock)
    [known] = first.records
    lines = [line("1", "cup", 1), line("2", "pot", 1)]
    amended = attrs.evolve(known, order=attrs.evolve(known.order, lines=lines))
    second = run(amended, stock=first.inventory)
    step = ship(second.records[0], second.inventory, location="berlin")
    assert [step.record.open(each.id) for each in step.record.order.lines] == [0, 0]
    assert [each.sku for each in step.inventory.reservations_of("A-1")] == ["mug"]
