"""Parcels: units of many lines leave together, as if one after the other, in one walk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from builders import NOW, line, order, refusal, reserved, steps
from hypothesis import given
from hypothesis import strategies as st
from some_stock import DAY, lot, row, shelf_of

from fulfill_core import (
    FulfillError,
    InvalidValueError,
    Inventory,
    Location,
    Lot,
    OrderRecord,
    StockError,
)
from fulfill_core.inventory import ParcelLine
from fulfill_core.lifecycle import (
    Amended,
    Cancelled,
    Event,
    Lost,
    NotFulfilled,
    Released,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
    Rules,
    Shipped,
    advance,
    cancel,
)

LOTS = ("", "L-1", "L-2", "L-3")


def left_one_by_one(
    stock: Inventory, parcel: list[ParcelLine], **where: Any
) -> Inventory | tuple[type, str]:
    """What comes of it if each line leaves for itself; or what is refused, and why."""
    for position, part in enumerate(parcel):
        try:
            stock = stock.with_shipped(
                "A-1", part.line_id, part.quantity, lot=part.lot, sku=part.sku, **where
            )
        except InvalidValueError as error:
            return InvalidValueError, f"lines[{position}].{error}"
        except StockError as error:
            return StockError, str(error)
    return stock


def left_together(
    stock: Inventory, parcel: list[ParcelLine], **where: Any
) -> Inventory | tuple[type, str]:
    """The same of all of them at once."""
    try:
        return stock.with_parcel_shipped("A-1", parcel, **where)
    except FulfillError as error:
        return type(error), str(error)


@st.composite
def _stocks(draw: st.DrawFn) -> Inventory:
    """Mugs in lots and without one, cups without lots, some of both reserved, in two places."""
    some_lots: list[Lot] = [
        lot("L-1", draw(st.integers(0, 4)), draw(st.sampled_from([None, 0, 9]))),
        lot("L-2", draw(st.integers(0, 4)), draw(st.sampled_from([None, 3]))),
        lot("L-3", draw(st.integers(0, 4)), quarantined=draw(st.booleans())),
    ]
    stock = Inventory(
        [
            shelf_of(*some_lots, loose=draw(st.integers(0, 3))),
            row(draw(st.integers(0, 5)), location="paris"),
            row(draw(st.integers(0, 6)), "cup"),
            row(3, "cup", location="paris"),
        ]
    )
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["1", "2"]),
                st.sampled_from(["mug", "mug", "cup"]),
                st.sampled_from(LOTS),
                st.integers(1, 3),
                st.sampled_from([None, None, NOW, NOW + DAY]),
                st.sampled_from([None, NOW - DAY]),
                st.sampled_from(["berlin", "berlin", "berlin", "paris"]),
            ),
            max_size=8,
        )
    )
    return stock.with_reserved(
        *[
            reserved(
                "A-1" if number else "A-2",
                line_id,
                units,
                sku=sku,
                lot=lot_id if (sku, place) == ("mug", "berlin") else "",
                location=place,
                expires_at=expires_at,
                made_at=made_at,
            )
            for number, (line_id, sku, lot_id, units, expires_at, made_at, place) in enumerate(rows)
        ]
    )


_PARCELS = st.lists(
    st.builds(
        ParcelLine,
        line_id=st.sampled_from(["1", "2"]),
        quantity=st.integers(1, 3),
        sku=st.sampled_from([None, "mug", "mug", "cup"]),
        lot=st.sampled_from([None, None, *LOTS]),
    ),
    max_size=6,
)


@given(_stocks(), _PARCELS, st.sampled_from([None, NOW]), st.sampled_from([None, None, "paris"]))
def test_a_parcel_leaves_as_its_lines_would(
    stock: Inventory, parcel: list[ParcelLine], now: datetime | None, reserved_at: str | None
) -> None:
    """Together is one after the other: the same stock, the same reservations, the same refusals."""
    where = {"location": "berlin", "reserved_at": reserved_at, "now": now}
    together, apart = (left(stock, parcel, **where) for left in (left_together, left_one_by_one))
    assert together == apart
    if isinstance(together, Inventory) and isinstance(apart, Inventory):
        assert together.reservations_of("A-1") == apart.reservations_of("A-1")
        assert list(together.stock()) == list(apart.stock())


@st.composite
def _plain_stocks(draw: st.DrawFn) -> Inventory:
    """Cups and pots in two places, reserved in some turns; one place may have a capacity."""
    capacity = draw(st.sampled_from([None, None, 2]))
    rows = [row(draw(st.integers(3, 9)), sku, location=at) for sku, at in _ROWS]
    stock = Inventory(rows, locations=[Location(id="berlin", capacity=capacity)])
    turns = st.tuples(
        st.sampled_from(["1", "2"]),
        st.sampled_from(_ROWS),
        st.integers(1, 3),
        st.sampled_from([NOW - DAY, NOW]),
        st.sampled_from([None, None, None, NOW + DAY]),
    )
    for line_id, (sku, at), units, made_at, expires_at in draw(st.lists(turns, max_size=8)):
        times = {"made_at": made_at, "expires_at": expires_at}
        stock = stock.with_reserved(reserved("A-1", line_id, units, sku=sku, location=at, **times))
    return stock


_ROWS = [("cup", "berlin"), ("pot", "berlin"), ("cup", "paris")]
_PLAIN_PARCELS = st.lists(
    st.builds(
        ParcelLine,
        line_id=st.sampled_from(["1", "2"]),
        quantity=st.integers(1, 4),
        sku=st.sampled_from(["cup", "cup", "pot"]),
    ),
    max_size=4,
)


@given(_plain_stocks(), _PLAIN_PARCELS)
def test_plain_units_leave_as_all_others(stock: Inventory, parcel: list[ParcelLine]) -> None:
    """Without lots, at once: what leaves, what stays and what is counted of a day is the same."""
    together, apart = (
        left(stock, parcel, location="berlin") for left in (left_together, left_one_by_one)
    )
    assert together == apart
    if isinstance(together, Inventory) and isinstance(apart, Inventory):
        assert together.reservations_of("A-1") == apart.reservations_of("A-1")
        assert together.changes_since(stock) == apart.changes_since(stock)
        left_today = [each.capacity_left("berlin", now=NOW) for each in (together, apart)]
        assert left_today[0] == left_today[1]


@given(_stocks(), st.integers(1, 9), st.integers(1, 9))
def test_what_is_cancelled_is_freed_as_line_by_line(stock: Inventory, mugs: int, cups: int) -> None:
    """Of several lines at once the same units are freed, at the same places, as of each alone."""
    wanted = order("A-1", lines=[line("1", "mug", 9), line("2", "cup", 9)])
    step = cancel(OrderRecord(order=wanted), stock, {"1": mugs, "2": cups})
    for line_id, sku, rest in (("1", "mug", 9 - mugs), ("2", "cup", 9 - cups)):
        units = sum(
            each.quantity
            for each in stock.reservations_of("A-1")
            if (each.line_id, each.sku) == (line_id, sku)
        )
        if units > rest:
            stock = stock.with_released("A-1", line_id, units - rest, sku=sku)
    assert step.inventory == stock
    assert step.inventory.reservations_of("A-1") == stock.reservations_of("A-1")


@pytest.mark.parametrize("sku", [None, "mug"])
def test_all_of_a_parcel_leaves_or_none(sku: str | None) -> None:
    """What may leave stays if something else may not; the error says what, and of which line."""
    stock = Inventory([shelf_of(lot("L-1", 2), lot("L-2", 2, quarantined=True))])
    stock = stock.with_reserved(reserved(lot="L-1"), reserved(line_id="2", lot="L-2"))
    parcel = [
        ParcelLine(line_id="1", quantity=1, sku=sku),
        ParcelLine(line_id="2", quantity=1, sku=sku),
    ]
    problem = refusal(stock.with_parcel_shipped, "A-1", parcel, location="berlin")
    assert problem.startswith("order 'A-1', line '2': cannot ship 1 of 'mug' of lot 'L-2'")
    unlocked = stock.with_quarantined("mug", "berlin", "L-2", quarantined=False)
    after = unlocked.with_parcel_shipped("A-1", parcel, location="berlin", now=NOW)
    assert (after.on_hand("mug"), list(after.reservations())) == (2, [])
    assert after.with_parcel_shipped("A-1", [], location="berlin") == after


@pytest.mark.parametrize(("late", "soon"), [("L-1", "L-2"), ("L-2", "L-1")])
@pytest.mark.parametrize("sku", [None, "mug"])
def test_lots_leave_in_their_sequence_and_what_was_recorded_last_first(
    sku: str | None, late: str, soon: str
) -> None:
    """Where no lot is named; a line of several reservations gives up of one after the other."""
    stock = Inventory([shelf_of(lot(late, 2, 9), lot(soon, 4, 5)), row(1, location="paris")])
    stock = stock.with_reserved(
        reserved(lot=late, quantity=2),
        reserved(lot=soon, quantity=1),
        reserved(lot=soon, quantity=2, made_at=NOW),
        reserved(location="paris"),
    )
    parcel = [
        ParcelLine(line_id="1", quantity=2, sku=sku),
        ParcelLine(line_id="1", quantity=2, sku=sku),
    ]
    after = stock.with_parcel_shipped("A-1", parcel, location="berlin")
    assert after == left_one_by_one(stock, parcel, location="berlin")
    assert [(each.lot, each.quantity) for each in after.reservations_of("A-1")] == [
        (late, 1),
        ("", 1),
    ]
    assert [(each.id, each.quantity) for each in after.lots_of("mug")["berlin"]] == [
        ("L-1", 1),
        ("L-2", 1),
    ]


def test_of_two_turns_the_one_made_last_leaves_first_though_the_other_has_enough() -> None:
    """Plain units of a line leave as those of any other, whichever was recorded first."""
    stock = Inventory([row(9)]).with_reserved(
        reserved(quantity=4, made_at=NOW - DAY), reserved(quantity=1, made_at=NOW)
    )
    parcel = [ParcelLine(line_id="1", quantity=2, sku="mug")]
    after = stock.with_parcel_shipped("A-1", parcel, location="berlin")
    assert after == left_one_by_one(stock, parcel, location="berlin")
    assert [(each.quantity, each.made_at) for each in after.reservations_of("A-1")] == [
        (3, NOW - DAY)
    ]


@pytest.mark.parametrize("places", [[], [Location(id="berlin", capacity=3)]])
def test_plain_units_that_were_recorded_last_leave_first(places: list[Location]) -> None:
    """Of several turns of a line too; lines of one SKU leave the same row."""
    stock = Inventory([row(9, location="aachen"), row(9)], locations=places).with_reserved(
        reserved(quantity=2, made_at=NOW - DAY),
        reserved(quantity=1, made_at=NOW),
        reserved(quantity=3, made_at=NOW),
        reserved(line_id="2", quantity=2, made_at=NOW),
    )
    parcel = [
        ParcelLine(line_id="1", quantity=4, sku="mug"),
        ParcelLine(line_id="2", quantity=1, sku="mug"),
    ]
    after = stock.with_parcel_shipped("A-1", parcel, location="berlin")
    assert after == left_one_by_one(stock, parcel, location="berlin")
    assert [(each.line_id, each.quantity) for each in after.reservations_of("A-1")] == [
        ("1", 2),
        ("2", 1),
    ]
    assert (after.on_hand("mug", "berlin"), after.reserved("mug", "berlin")) == (4, 3)
    assert after.on_hand("mug", "aachen") == 9


def test_units_of_several_turns_leave_unless_they_have_expired() -> None:
    """What expires leaves until then; without a now it leaves at any time."""
    stock = Inventory([row(9)]).with_reserved(
        reserved(quantity=2), reserved(quantity=2, expires_at=NOW)
    )
    parcel = [ParcelLine(line_id="1", quantity=3, sku="mug")]
    after = stock.with_parcel_shipped("A-1", parcel, location="berlin")
    assert [(each.expires_at, each.quantity) for each in after.reservations_of("A-1")] == [
        (None, 1)
    ]
    problem = refusal(stock.with_parcel_shipped, "A-1", parcel, location="berlin", now=NOW)
    assert problem.startswith("order 'A-1', line '1': cannot ship 3 of 'mug': 2 are reserved")
    expiring = stock.without_reservations(stock.reservations_of("A-1")[:1])
    problem = refusal(expiring.with_parcel_shipped, "A-1", parcel, location="berlin")
    assert problem.startswith("order 'A-1', line '1': cannot ship 3 of 'mug': 2 are reserved")


def test_no_more_plain_units_leave_than_are_reserved() -> None:
    """Though as many are there."""
    stock = Inventory([row(9)]).with_reserved(reserved(quantity=2))
    parcel = [ParcelLine(line_id="1", quantity=3, sku="mug")]
    problem = refusal(stock.with_parcel_shipped, "A-1", parcel, location="berlin")
    assert problem.startswith("order 'A-1', line '1': cannot ship 3 of 'mug': 2 are reserved")


def test_no_more_leaves_of_no_lot_than_is_in_none() -> None:
    """Though as many are there in lots."""
    stock = Inventory([shelf_of(lot("L-1", 5), loose=2)]).with_reserved(reserved(quantity=3))
    parcel = [ParcelLine(line_id="1", quantity=3)]
    problem = refusal(stock.with_parcel_shipped, "A-1", parcel, location="berlin")
    assert problem.startswith("order 'A-1', line '1': cannot ship 3 of 'mug' at 'berlin': 2")


@pytest.mark.parametrize("sku", [None, "mug"])
def test_what_is_reserved_and_not_there_does_not_leave(sku: str | None) -> None:
    """A count left fewer: the line is named for which there is nothing."""
    stock = Inventory([row(2)]).with_reserved(reserved(quantity=2), reserved(line_id="2"))
    parcel = [
        ParcelLine(line_id="1", quantity=2, sku=sku),
        ParcelLine(line_id="2", quantity=1, sku=sku),
    ]
    problem = refusal(stock.with_parcel_shipped, "A-1", parcel, location="berlin")
    assert problem.startswith("order 'A-1', line '2': cannot ship 1 of 'mug' at 'berlin': 0")


def test_a_parcel_says_which_of_its_lines_is_malformed() -> None:
    """By path."""
    stock = Inventory([shelf_of(lot("L-1", 2))]).with_reserved(reserved(lot="L-1"))
    parcel = [ParcelLine(line_id="1", quantity=1, lot="L-9")]
    problem = refusal(stock.with_parcel_shipped, "A-1", parcel, location="berlin")
    assert problem.startswith("lines[0].lot: 'L-9' is no lot of 'mug' at 'berlin'")
    for lines, where, path in (
        (["1"], {"location": "berlin"}, "lines[0]: "),
        ([], {"location": ""}, "location: "),
        ([], {"location": "berlin", "now": NOW.replace(tzinfo=None)}, "now: "),
    ):
        assert refusal(stock.with_parcel_shipped, "A-1", lines, **where).startswith(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"line_id": ""}, "ParcelLine.line_id: "),
        ({"quantity": 0}, "ParcelLine.quantity: "),
        ({"sku": ""}, "ParcelLine.sku: "),
        ({"lot": 7}, "ParcelLine.lot: "),
    ],
)
def test_malformed_lines_are_refused(content: dict[str, Any], message: str) -> None:
    """They are checked where they enter."""
    fields = {"line_id": "1", "quantity": 1, **content}
    assert refusal(ParcelLine, **fields).startswith(message)


@pytest.mark.untraced
@pytest.mark.parametrize("of_one_line", [True, False])
def test_a_parcel_of_many_lines_costs_what_its_lines_cost(of_one_line: bool) -> None:
    """Eight times the lots or lines, some eight times the steps: not the square of it."""

    def cost(number: int) -> int:
        """Half of so many units, each of a lot of its own, leave."""
        lots = [lot(f"L-{each}", 1) for each in range(number)]
        line_ids = ["1" if of_one_line else str(each) for each in range(number)]
        stock = Inventory([shelf_of(*lots)]).with_reserved(
            *[
                reserved(line_id=line_id, lot=each.id)
                for line_id, each in zip(line_ids, lots, strict=True)
            ]
        )
        parcel = [
            ParcelLine(line_id=line_id, quantity=1, lot=each.id)
            for line_id, each in zip(line_ids[::2], lots[::2], strict=True)
        ]
        return steps(lambda: stock.with_parcel_shipped("A-1", parcel, location="berlin"))

    assert cost(160) < 12 * cost(20)


@pytest.mark.untraced
def test_a_parcel_of_plain_units_costs_half_of_one_of_lots() -> None:
    """Nearly all parcels are of them; and eight times the lines cost some eight times the steps."""

    def cost(number: int, lot_id: str = "") -> int:
        """As many lines leave."""
        lots = [lot(lot_id, number)] if lot_id else []
        line_ids = [str(each) for each in range(number)]
        stock = Inventory([shelf_of(*lots, loose=0 if lot_id else number)]).with_reserved(
            *[reserved(line_id=each, lot=lot_id) for each in line_ids]
        )
        parcel = [ParcelLine(line_id=each, quantity=1, sku="mug") for each in line_ids]
        return steps(lambda: stock.with_parcel_shipped("A-1", parcel, location="berlin"))

    assert cost(20) < cost(20, "L-1") / 2
    assert cost(160) < 12 * cost(20)


_CONTENTS: dict[type[Event], dict[str, str]] = {
    Amended: {},
    Cancelled: {},
    Lost: {"parcel": "p1"},
    NotFulfilled: {"ref": "f1", "reason": "unanswered"},
    Released: {"ref": "f1", "location": "berlin"},
    ReturnInspected: {"ref": "r1"},
    ReturnReceived: {"ref": "r1", "location": "berlin"},
    ReturnRequested: {"ref": "r1", "ground": "withdrawal"},
    Shipped: {"parcel": "p1", "location": "berlin"},
}
_FIELDS: dict[type[Event], str] = {Amended: "ordered", ReturnInspected: "restocked"}


@pytest.mark.untraced
@pytest.mark.parametrize(
    "kinds",
    [
        (Released,),
        (Released, NotFulfilled),
        (Released, Cancelled),
        (Shipped,),
        (Shipped, Lost),
        (Shipped, ReturnRequested),
        (Shipped, ReturnRequested, ReturnReceived),
        (Shipped, ReturnReceived, ReturnInspected),
        (Amended,),
    ],
    ids=lambda kinds: kinds[-1].__name__,
)
def test_a_step_about_many_lines_costs_what_they_cost(kinds: tuple[type[Any], ...]) -> None:
    """Eight times the lines, some eight times the steps, whatever happens to all of them."""

    def cost(number: int) -> int:
        """The last of these events, after the others, is about a unit of each line."""
        lines = [line(str(each), f"sku-{each}", 2) for each in range(number)]
        record = OrderRecord(order=order("A-1", lines=lines))
        stock = Inventory.of({(each.sku, "berlin"): 2 for each in lines}).with_reserved(
            *[reserved(line_id=each.id, sku=each.sku, quantity=2) for each in lines]
        )
        units = {each.id: 1 for each in lines}
        *earlier, event = [
            kind(
                id=kind.__name__,
                order_id="A-1",
                at=NOW,
                **{_FIELDS.get(kind, "lines"): units},
                **_CONTENTS[kind],
            )
            for kind in kinds
        ]
        rules = Rules(unpaid_leaves=True)
        for each in earlier:
            step = advance(record, each, stock, now=NOW, rules=rules)
            record, stock = step.record, step.inventory
        assert advance(record, event, stock, now=NOW, rules=rules).refusal is None
        return steps(lambda: advance(record, event, stock, now=NOW, rules=rules))

    assert cost(160) < 12 * cost(20)


def test_of_a_lot_no_more_leaves_than_it_has() -> None:
    """More of a lot may be reserved than was counted of it: what is not there does not leave, and
    other lots don't make up for it.
    """
    stock = Inventory([shelf_of(lot("L-1", 3), lot("L-2", 5))]).with_reserved(
        reserved(quantity=3, lot="L-1")
    )
    counted = stock.with_counted("mug", "berlin", 1, lot="L-1")
    parcel = [ParcelLine(line_id="1", quantity=3)]
    with pytest.raises(StockError, match=r"L-1.*: 1 is there"):
        counted.with_parcel_shipped("A-1", parcel, location="berlin")
    assert left_together(counted, parcel, location="berlin") == left_one_by_one(
        counted, parcel, location="berlin"
    )


@pytest.mark.parametrize("lots", [("L-1", None), (None, "L-1"), ("L-1", "L-1"), ("", None)])
def test_rows_of_a_line_may_name_a_lot_or_not(lots: tuple[str | None, str | None]) -> None:
    """Rows of one line leave as one after the other would, whichever of them say of which lot."""
    stock = Inventory([shelf_of(lot("L-1", 2), lot("L-2", 2), loose=2)]).with_reserved(
        reserved(quantity=2, lot="L-2"), reserved(quantity=2, lot="L-1"), reserved(quantity=2)
    )
    parcel = [ParcelLine(line_id="1", quantity=1, lot=each) for each in lots]
    together = left_together(stock, parcel, location="berlin")
    assert together == left_one_by_one(stock, parcel, location="berlin")
    assert isinstance(together, Inventory)
