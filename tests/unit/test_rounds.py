"""A re-allocation goes through its orders until a round moves nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import attrs
import pytest
from builders import NOW, line, mugs, order, reserved
from some_stock import DAY, HOUR

from fulfill_core import (
    Context,
    Inventory,
    Location,
    Lot,
    Order,
    OrderLine,
    Reservation,
    Result,
    Ship,
    Stock,
    note,
    process,
)
from fulfill_core.allocation.taking.losses import settlement_of
from fulfill_core.allocation.taking.reallocator import ReallocatingAllocator
from fulfill_core.allocation.taking.rounds import MOST_ROUNDS, Round, as_heard_before
from fulfill_core.allocation.taking.takeable import at_stake
from fulfill_core.decisions.head_start import HeadStart
from fulfill_core.decisions.rows import Served
from fulfill_core.inventory.inventory import state_of
from fulfill_core.reallocation import ConfirmationStrategy, Loss, LossReason, Reallocation
from fulfill_core.sourcing import DEFAULT_SOURCING

LATER = NOW + 3 * HOUR
ROW = ("1", "mug", "berlin", 3, "")


def moved(*orders: Order, stock: Inventory) -> Result:
    """A run in which orders may take from those behind, and no other one after it would."""
    settings = {"verifiers": (), "reallocation": Reallocation()}
    result = process(orders, stock, now=LATER, **settings)
    again = process(result.records, result.inventory, now=LATER, **settings)
    assert (again.inventory, again.losses, again.notifications) == (result.inventory, (), ())
    assert again.changed_records == ()
    return result


def test_what_is_safety_stock_of_what_has_not_ended_is_of_use_to_nobody() -> None:
    """So it is not looked for in Rome, where tea is; and who can't leave does not give it up."""
    first = order("A-1", lines=[line("1", "tea"), line("2", "mug")])
    lines = [line(), line("2", "tea")]
    whole = order("A-3", lines=lines, placed_at=NOW + 2 * HOUR, ship=Ship.COMPLETE)
    lots = [Lot(id="ended", quantity=3, expires_at=NOW), Lot(id="fresh", quantity=1)]
    mug = reserved("A-3", "1", 1, location="rome", lot="fresh", made_at=NOW - DAY)
    stock = Inventory(
        [
            Stock(sku="tea", location="rome", on_hand=1),
            Stock(sku="mug", location="rome", on_hand=4, safety=1, lots=lots),
            Stock(sku="mug", location="berlin", on_hand=1),
        ],
        reservations=[
            reserved("A-2", "1", 1, made_at=NOW - DAY),
            reserved("A-3", "2", 1, sku="tea", location="rome", made_at=NOW - DAY),
            mug,
        ],
    )
    result = moved(first, order("A-2", 1, placed_at=NOW + HOUR), whole, stock=stock)
    assert {(each.sku, each.location) for each in result["A-1"].allocations} == {
        ("mug", "berlin"),
        ("tea", "rome"),
    }
    assert [(each.order_id, each.sku, each.reason) for each in result.losses] == [
        ("A-2", "mug", LossReason.TAKEN),
        ("A-3", "tea", LossReason.TAKEN),
    ]
    assert result.inventory.reservations_of("A-3") == (mug,)


def test_a_box_is_filled_in_the_same_run() -> None:
    """What an order gets of one line and place, in several rounds, is one reservation."""
    wish = order("A-1", lines=[line(quantity=2, units_each=2), line("2", "tea")])
    behind = order("A-2", 1, placed_at=NOW + HOUR)
    stock = Inventory.of({("mug", "berlin"): 4, ("tea", "rome"): 1}).with_reserved(
        reserved("A-2", "1", 1, made_at=NOW - DAY)
    )
    result = moved(wish, behind, stock=stock)
    assert [(each.sku, each.quantity) for each in result["A-1"].allocations] == [
        ("mug", 4),
        ("tea", 1),
    ]
    made = {each for each in result.inventory.reservations() if each.made_at == LATER}
    assert made == set(result.reservations)


def test_what_was_given_before_is_told_apart() -> None:
    """Also where a part of it was lost since, and where the line had as much before."""
    start = HeadStart({"A-1": (ROW,)})
    served = Served(
        reserved=(
            reserved("A-1", "1", 5, made_at=NOW),
            reserved("A-1", "1", 2, made_at=NOW, expires_at=NOW + HOUR),
            reserved("A-1", "1", 1, made_at=NOW - HOUR),
        )
    )
    added = start.added_to("A-1", served, NOW)
    assert added.allocations == (ROW,)
    assert [each.quantity for each in added.reserved] == [2, 2, 1]
    whole = Served(reserved=(reserved("A-1", "1", 3, made_at=NOW),))
    assert start.added_to("A-1", whole, NOW) == Served(allocations=(ROW,))
    part = {"A-1": (reserved("A-1", "1", 1, made_at=NOW),)}
    assert start.rows_there(part, NOW) == {"A-1": (("1", "mug", "berlin", 1, ""),)}
    assert start.rows_there({}, NOW) == {"A-1": ()}


def loss(order_id: str, units: int, to: str, reason: LossReason = LossReason.TAKEN) -> Loss:
    """Mugs in Berlin that an order lost."""
    return Loss(
        order_id=order_id,
        line_id="1",
        sku="mug",
        location="berlin",
        quantity=units,
        reason=reason,
        strategy=ConfirmationStrategy.REDISTRIBUTE,
        to=to,
    )


LEFT_OVER = LossReason.LEFT_OVER
A_0, A_1 = [loss("A-9", 1, "A-0")], loss("A-9", 1, "A-1")
QUEUE = [order(order_id, 1) for order_id in ("A-0", "A-1", "A-5", "A-9")]


@pytest.mark.parametrize(
    ("later", "kept", "got_now", "expected"),
    [
        ([], 3, {}, [loss("A-9", 3, "A-1")]),
        # Lost again to one ahead: who had lost it first lost it to that one.
        ([loss("A-1", 2, "A-0")], 1, {}, [loss("A-9", 2, "A-0"), loss("A-9", 1, "A-1")]),
        # Of what it had before: it has one more than then, whichever they are.
        ([loss("A-1", 2, "A-0")], 3, {}, [loss("A-9", 2, "A-0"), loss("A-9", 1, "A-1")]),
        ([loss("A-1", 5, "A-0")], 0, {}, [loss("A-1", 2, "A-0"), loss("A-9", 3, "A-0")]),
        # Given up again: who is ahead has it; or nobody, as it is of no use to the loser.
        ([loss("A-1", 3, "", LEFT_OVER)], 0, {}, [loss("A-9", 3, "", LEFT_OVER)]),
        (
            [loss("A-1", 3, "", LEFT_OVER)],
            0,
            {"A-0": 1, "A-5": 1},
            [loss("A-9", 1, "", LEFT_OVER), loss("A-9", 1, "A-0"), loss("A-9", 1, "A-5")],
        ),
        ([loss("A-1", 3, "", LEFT_OVER)], 0, {"A-0": 5}, [loss("A-9", 3, "A-0")]),
        # The loser has it again itself: also what it takes for it from others.
        ([loss("A-1", 3, "", LEFT_OVER)], 0, {"A-9": 3}, []),
        ([loss("A-5", 1, "A-9")], 3, {"A-9": 1}, [loss("A-5", 1, "A-1"), loss("A-9", 2, "A-1")]),
        ([loss("A-9", 1, "A-1")], 3, {"A-1": 1}, [loss("A-9", 4, "A-1")]),
    ],
)
def test_losses_of_all_rounds_are_those_of_the_run(
    later: list[Loss], kept: int, got_now: dict[str, int], expected: list[Loss]
) -> None:
    """What an order got and lost again, or lost and got again, is neither."""
    losses = [loss("A-9", 3, "A-1"), *later]
    rows_there = {"A-1": (("1", "mug", "berlin", kept, ""),)} if kept else {}
    rows = {key: (("1", "mug", "berlin", units, ""),) for key, units in got_now.items()}
    assert list(settlement_of(losses, {"A-1": (ROW,)}, rows_there, rows, QUEUE).losses) == expected


@pytest.mark.parametrize("loser_id", ["A-0", "A-9"])
def test_who_loses_what_does_not_depend_on_how_ids_are_spelt(loser_id: str) -> None:
    """What an order takes in the round in which it gives up what it got before, it has."""
    later = [loss(loser_id, 3, "A-1"), loss("A-1", 3, "", LEFT_OVER)]
    queue = [order("A-1", 1), order(loser_id, 1)]
    gains = {"A-1": (ROW,)}
    assert list(settlement_of(later, gains, {}, gains, queue).losses) == [loss(loser_id, 3, "A-1")]
    later.reverse()
    assert list(settlement_of(later, gains, {}, gains, queue).losses) == [loss(loser_id, 3, "A-1")]


def test_nobody_is_named_for_more_than_it_got() -> None:
    """A-1 lost one of two to A-0, and gave the other one up: that is of use to nobody."""
    losses = [loss("A-9", 2, "A-1"), loss("A-1", 1, "A-0"), loss("A-1", 1, "", LEFT_OVER)]
    gains, rows = (
        {"A-1": (("1", "mug", "berlin", 2, ""),)},
        {"A-0": (("1", "mug", "berlin", 1, ""),)},
    )
    settlement = settlement_of(losses, gains, {}, rows, QUEUE)
    assert list(settlement.losses) == [loss("A-9", 1, "", LEFT_OVER), loss("A-9", 1, "A-0")]
    assert settlement.units_back == {}


@pytest.mark.parametrize(
    ("losses", "gains", "rows", "expected"),
    [
        # A-5 lost one to A-0, and got one of those that A-1 gave up: A-0 has that of A-9.
        (
            [loss("A-5", 1, "A-0"), loss("A-9", 2, "A-1"), loss("A-1", 2, "", LEFT_OVER)],
            {"A-0": 1, "A-1": 2},
            {"A-5": 1},
            [loss("A-9", 1, "", LEFT_OVER), loss("A-9", 1, "A-0")],
        ),
        # A-0 is named by A-1 until it is known that A-1 has as much again.
        (
            [loss("A-1", 1, "A-0"), loss("A-9", 1, "A-5"), loss("A-5", 1, "", LEFT_OVER)],
            {"A-5": 1},
            {"A-0": 1, "A-1": 1},
            [loss("A-9", 1, "A-0")],
        ),
        # Who is behind took nothing from one ahead; and who has lost first names who is first.
        (
            [
                *(loss("A-5", 1, "A-1"), loss("A-9", 2, "A-1")),
                loss("A-1", 3, "", LEFT_OVER),
            ],
            {"A-1": 3},
            {"A-0": 1, "A-5": 1},
            [loss("A-9", 1, "", LEFT_OVER), loss("A-9", 1, "A-0")],
        ),
        # One of two that may have it: the first of all. Of two that lost it: who was served first.
        (
            [loss("A-9", 1, "A-5"), loss("A-5", 1, "", LEFT_OVER)],
            {"A-5": 1},
            {"A-0": 1, "A-1": 1},
            [loss("A-9", 1, "A-0")],
        ),
        (
            [loss("A-9", 1, "A-1"), loss("A-5", 1, "A-1"), loss("A-1", 2, "", LEFT_OVER)],
            {"A-1": 2},
            {"A-0": 1},
            [loss("A-5", 1, "A-0"), loss("A-9", 1, "", LEFT_OVER)],
        ),
        # No more than it got now, than it has more, and than was given up by who had taken it.
        (
            [loss("A-9", 2, "A-1"), loss("A-1", 2, "", LEFT_OVER)],
            {"A-0": 1, "A-1": 2},
            {"A-0": 1},
            [loss("A-9", 1, "", LEFT_OVER), loss("A-9", 1, "A-0")],
        ),
        (
            [loss("A-5", 1, "A-0"), loss("A-9", 2, "A-1"), loss("A-1", 2, "", LEFT_OVER)],
            {"A-1": 2},
            {"A-0": 2},
            [loss("A-5", 1, "A-0"), loss("A-9", 1, "", LEFT_OVER), loss("A-9", 1, "A-0")],
        ),
        (
            [
                *(loss("A-9", 1, "", LEFT_OVER), loss("A-9", 1, "A-1")),
                loss("A-1", 1, "", LEFT_OVER),
            ],
            {"A-1": 1},
            {"A-0": 2},
            [loss("A-9", 1, "", LEFT_OVER), loss("A-9", 1, "A-0")],
        ),
        # What comes back is what nobody has, and then what the one next ahead has.
        ([loss("A-9", 1, "", LEFT_OVER), loss("A-9", 1, "A-0")], {"A-0": 1}, {"A-9": 1}, A_0),
        ([loss("A-9", 1, "A-5"), loss("A-9", 1, "A-0")], {"A-0": 1}, {"A-9": 1}, A_0),
        # Who got others from nobody gave those away.
        ([loss("A-9", 1, "A-1"), loss("A-1", 2, "A-0")], {"A-1": 3}, {"A-0": 2}, [A_1]),
        # Of those who lost to one in the middle the last are led on.
        (
            [loss("A-5", 1, "A-1"), loss("A-9", 1, "A-1"), loss("A-1", 1, "A-0")],
            {"A-1": 2},
            {"A-0": 1},
            [loss("A-5", 1, "A-1"), loss("A-9", 1, "A-0")],
        ),
    ],
)
def test_what_was_given_up_is_found_with_who_has_it(
    losses: list[Loss], gains: dict[str, int], rows: dict[str, int], expected: list[Loss]
) -> None:
    """Whichever way it went, and in whichever sequence it is looked at."""
    gains_of, rows_of = (
        {order_id: (("1", "mug", "berlin", units, ""),) for order_id, units in each.items()}
        for each in (gains, rows)
    )
    kept = {
        order_id: of_order if order_id == "A-0" else () for order_id, of_order in gains_of.items()
    }
    for sequence in (losses, losses[::-1]):
        assert list(settlement_of(sequence, gains_of, kept, rows_of, QUEUE).losses) == expected


def test_who_has_again_what_it_lost_is_known_by_its_place() -> None:
    """What is gone for good is not; nor is what an order got in the run and lost again."""
    losses = [loss("A-9", 3, "A-1"), loss("A-1", 3, "", LEFT_OVER)]
    rows = {"A-9": (("1", "mug", "berlin", 2, ""),)}
    settlement = settlement_of(losses, {"A-1": (ROW,)}, {}, rows, QUEUE)
    assert list(settlement.losses) == [loss("A-9", 1, "", LEFT_OVER)]
    assert settlement.units_back == {("A-9", "1", "mug", "berlin", ""): 2}


class Outcome(NamedTuple):
    """What all rounds come to.

    Args:
        losses: who lost what to whom.
        served: what orders hear, by id.
        inventory: what is reserved afterwards.
        number: how many rounds there were.
    """

    losses: list[tuple[str, int, str]]
    served: dict[str, Served]
    inventory: Inventory
    number: int


def whole(*lines: OrderLine) -> Order:
    """A-2, which ships complete: a mug, and so much beside it."""
    lines = line("1", "mug"), *lines
    return order("A-2", lines=lines, placed_at=NOW + HOUR, ship=Ship.COMPLETE)


def passed_on(*behind: Order, stock: Inventory, number: int = 0) -> Outcome:
    """What becomes of these orders if A-1 comes to its mug a round after they had their turns.

    Args:
        behind: the others, by rank.
        stock: the stock before.
        number: how many rounds there were before.
    """
    queues = [list(behind)]
    current: Round | None = Round(stock, number=number)
    while current is not None:
        queue, context = queues[-1], Context(now=LATER)
        strategies = {each.id: ConfirmationStrategy.REDISTRIBUTE for each in queue}
        settings = DEFAULT_SOURCING, context, queue, Reallocation(), strategies
        allocator = ReallocatingAllocator(current, *settings)
        served = {each.id: allocator.serve(each) for each in queue}
        current = allocator.following(current)
        queues.append([order("A-1", 1), *behind])
    losses = [(each.order_id, each.quantity, each.to) for each in allocator.losses()]
    return Outcome(losses, served, allocator.after(), len(queues) - 1)


def stock_of_cups(
    *reservations: Reservation, cups: int = 1, locations: Iterable[Location] = ()
) -> Inventory:
    """What these have, and a mug, which A-2 has."""
    rows = [
        Stock(sku=sku, location="berlin", on_hand=units)
        for sku, units in {"mug": 1, "cup": cups}.items()
    ]
    mug = reserved("A-2", "1", 1, made_at=NOW - DAY)
    return Inventory(rows, locations=locations, reservations=[mug, *reservations])


def cups(quantity: int, *, age: int, expires_at: datetime | None = None) -> Reservation:
    """Cups of A-9, reserved so many days ago."""
    return Reservation(
        order_id="A-9",
        line_id="1",
        sku="cup",
        location="berlin",
        quantity=quantity,
        made_at=NOW - age * DAY,
        expires_at=expires_at,
    )


CUP = line("2", "cup")
LAST = order("A-9", lines=[line("1", "cup")], placed_at=NOW + 3 * HOUR)


def test_what_comes_back_was_never_lost() -> None:
    """The reservation is as old as it was, and ends when it did."""
    before = cups(1, age=1, expires_at=NOW + DAY)
    outcome = passed_on(whole(CUP), LAST, stock=stock_of_cups(before))
    assert outcome.losses == [("A-2", 1, "A-1")]
    assert (outcome.served["A-9"].allocations, outcome.served["A-9"].reserved) == ((), (before,))
    rest = stock_of_cups(before).without_reservations([reserved("A-2", "1", 1, made_at=NOW - DAY)])
    assert outcome.inventory == rest.with_reserved(reserved("A-1", "1", 1, made_at=LATER))
    assert state_of(outcome.inventory).reservations.get("A-9") == (
        (before.made_at, before.expires_at, (("1", "cup", "berlin", 1, ""),)),
    )


def test_what_comes_back_in_the_last_round_is_no_gain() -> None:
    """There is one round more then: else it stood in the decision, and as no loss."""
    outcome = passed_on(
        whole(CUP), LAST, stock=stock_of_cups(cups(1, age=1)), number=MOST_ROUNDS - 1
    )
    assert (outcome.losses, outcome.number) == ([("A-2", 1, "A-1")], 3)
    assert outcome.served["A-9"].allocations == ()
    assert outcome.inventory.reservations_of("A-9") == (cups(1, age=1),)


@pytest.mark.parametrize(("age", "orders"), [(1, 1), (0, 2)])
def test_who_has_again_what_it_lost_counts_by_what_it_has(age: int, orders: int) -> None:
    """Berlin can take on three orders a day: A-1 is one. A-9 is one if it had its cup today, and as
    long as it has it.
    """
    berlin = Location(id="berlin", capacity=3)
    outcome = passed_on(whole(CUP), LAST, stock=stock_of_cups(cups(1, age=age), locations=[berlin]))
    assert outcome.inventory.reservations_of("A-9") == (cups(1, age=age),)
    assert list(outcome.inventory.intakes()) == []
    assert outcome.inventory.capacity_left("berlin", LATER) == 3 - orders
    released = outcome.inventory.without_reservations_of("A-9")
    assert released.capacity_left("berlin", LATER) == 2


def test_who_gets_and_loses_in_one_run_keeps_what_it_had() -> None:
    """A-2 takes the mug of A-8 and the pot, and A-1 the mug: it gives up the pot, not its cup."""
    cup = reserved("A-2", "2", 1, sku="cup", made_at=NOW - DAY)
    mug = reserved("A-8", "1", 1, made_at=NOW - DAY)
    stock = Inventory.of({(sku, "berlin"): 1 for sku in ("mug", "cup", "pot")})
    orders = whole(CUP, line("3", "pot")), order("A-8", 1, placed_at=NOW + 2 * HOUR)
    outcome = passed_on(*orders, stock=stock.with_reserved(cup, mug))
    assert outcome.losses == [("A-8", 1, "A-1")]
    assert outcome.inventory.reservations_of("A-2") == (cup,)
    assert outcome.inventory.available("pot") == 1


def test_what_an_order_has_more_than_before_it_may_give_up() -> None:
    """What was reserved last; and all, once it lost something that it had before."""
    before = reserved("A-1", "1", 2, made_at=NOW - DAY)
    pot = reserved("A-1", "2", 1, sku="pot", made_at=NOW - DAY)
    more = reserved("A-1", "1", 1, made_at=LATER)
    assert at_stake((before, more, pot), (before, pot)) == [(more, 1)]
    assert at_stake((before, more), (before, pot)) == [(before, 2), (more, 1)]
    assert at_stake((before, more, pot), (before,)) == [(more, 1), (pot, 1)]


@pytest.mark.parametrize("quantity", [3, 5])
def test_what_comes_back_in_part_is_what_was_reserved_first(quantity: int) -> None:
    """A-2 takes three cups of five, or all; all but one come back, and A-5 has that one."""
    last = order("A-9", lines=[line("1", "cup", quantity=5)], placed_at=NOW + 3 * HOUR)
    ahead = order("A-5", lines=[line("1", "cup")], placed_at=NOW + 2 * HOUR)
    before = cups(1, age=3), cups(4, age=2, expires_at=NOW + DAY)
    orders = whole(line("2", "cup", quantity=quantity)), ahead, last
    outcome = passed_on(*orders, stock=stock_of_cups(*before, cups=5))
    assert outcome.losses == [("A-2", 1, "A-1"), ("A-9", 1, "A-5")]
    assert outcome.inventory.reservations_of("A-9") == (
        before[0],
        cups(3, age=2, expires_at=NOW + DAY),
    )


def test_who_gets_more_than_it_had_has_that_from_now_on() -> None:
    """What it had stays as old as it was."""
    last = order("A-9", lines=[line("1", "cup", quantity=3)], placed_at=NOW + 3 * HOUR)
    orders = whole(line("2", "cup", quantity=3)), last
    outcome = passed_on(*orders, stock=stock_of_cups(cups(1, age=1), cups=3))
    assert outcome.losses == [("A-2", 1, "A-1")]
    assert outcome.served["A-9"].allocations == (("1", "cup", "berlin", 2, ""),)
    assert outcome.inventory.reservations_of("A-9") == (
        cups(1, age=1),
        attrs.evolve(cups(2, age=0), made_at=LATER),
    )


def test_who_got_a_part_has_one_more_turn() -> None:
    """If those behind have what it lacks; here that is safety stock, and of use to nobody."""
    stock = Inventory(
        [
            Stock(sku="cup", location="berlin", on_hand=1, safety=1),
            Stock(sku="cup", location="rome", on_hand=1),
        ]
    )
    ahead = order("A-5", lines=[line("1", "cup", quantity=2)])
    has_less = passed_on(ahead, LAST, stock=stock)
    has_more = passed_on(ahead, LAST, stock=stock.with_reserved(cups(1, age=1)))
    assert (has_less.number, has_more.number, has_more.losses) == (1, 2, [])


def test_who_gets_nothing_more_hears_what_it_heard() -> None:
    """If it lacks as much as then; else it is told how it is now."""
    before = Served(
        allocations=(ROW,),
        shorts=(("2", "tea", 2, 3, 1, "out_of_stock"),),
        remarks=(note("shop.told"),),
    )
    same = before._replace(shorts=(("2", "tea", 2, 3, 0, "not_sourced"),), remarks=())
    less = before._replace(shorts=(("2", "tea", 1, 3, 2, "out_of_stock"),))
    assert as_heard_before(same, before) == before
    assert as_heard_before(less, before) == less
    assert as_heard_before(same, None) == same


@pytest.mark.parametrize(("number", "has_following"), [(0, True), (MOST_ROUNDS, False)])
def test_rounds_have_an_end(number: int, *, has_following: bool) -> None:
    """After so many the run is over, whatever moved in the last one."""
    wish, behind = order("A-1", 1), order("A-2", 1, placed_at=NOW + HOUR)
    stock = mugs(berlin=1).with_reserved(reserved("A-2", "1", 1, made_at=NOW - DAY))
    current = Round(stock, number=number)
    strategies = dict.fromkeys(("A-1", "A-2"), ConfirmationStrategy.REDISTRIBUTE)
    queue, context = (wish, behind), Context(now=LATER)
    settings = DEFAULT_SOURCING, context, queue, Reallocation(), strategies
    allocator = ReallocatingAllocator(current, *settings)
    for each in queue:
        allocator.serve(each)
    assert [each.to for each in allocator.losses()] == ["A-1"]
    assert (allocator.following(current) is not None) is has_following
