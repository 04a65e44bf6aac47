"""What a run returns: decisions as a sequence, by id, and when to run again."""

from __future__ import annotations

import gc
import pickle
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import NOW, line, mugs, order, refusal, reserved, run

from fulfill_core import Order, Outcome, Payment, PaymentStatus, UnknownOrderError
from fulfill_core.decisions.rows import Served
from fulfill_core.pipeline import Decisions

HOUR = timedelta(hours=1)
RESULT = run(
    order("B", 2),
    order("Z", 1, ship_to=None),
    order("A", 2, placed_at=NOW + HOUR),
    order("Y", 1, discount=Decimal(5)),
    order("X", 1, ship_after=NOW + HOUR),
    stock=mugs(berlin=3),
)


def test_the_queue_by_rank_then_the_others_by_id() -> None:
    """Decisions come in the sequence of the queue; those that are not in it follow by id."""
    assert [(each.id, each.rank, each.outcome) for each in RESULT.decisions] == [
        ("B", 0, Outcome.ALLOCATED),
        ("A", 1, Outcome.PARTIALLY_ALLOCATED),
        ("X", None, Outcome.SCHEDULED),
        ("Y", None, Outcome.REJECTED),
        ("Z", None, Outcome.HELD),
    ]


def test_what_orders_got_is_read_by_column_and_by_order() -> None:
    """A column has what each order got, and is empty where none got anything of its kind."""
    decisions = RESULT.decisions
    assert decisions.allocations == tuple([each.allocation_rows for each in decisions])
    assert decisions.shorts == tuple([each.short_rows for each in decisions])
    assert (decisions.reserved, decisions.kits, decisions.unusable) == ((), (), ())
    rows = [(each.allocation_rows, each.backorder_rows, each.short_rows) for each in decisions]
    assert [members[:3] for members in decisions.served] == rows


def test_the_sequence_in_which_orders_came_is_no_part_of_the_answer() -> None:
    """It is kept for whoever asks all orders something; without it, the answers are the same."""
    assert [each.id for each in RESULT.batch] == ["B", "Z", "A", "Y", "X"]
    without = attrs.evolve(RESULT, batch=())
    assert without == RESULT
    assert without.wake_at == RESULT.wake_at == NOW + HOUR


def test_nothing_of_a_turn_outlives_its_run() -> None:
    """A run keeps columns: of a `Served` for each order the garbage collector would follow all."""
    count = sum(type(each) is Served for each in gc.get_objects())
    result = run(*[order(f"A-{number}", 1) for number in range(20)], stock=mugs(berlin=30))
    assert len(result.decisions) == 20
    assert sum(type(each) is Served for each in gc.get_objects()) == count


def test_decisions_are_a_sequence() -> None:
    """They can be counted, sliced, searched and reversed like a tuple."""
    decisions = RESULT.decisions
    everything = tuple(decisions)
    assert len(decisions) == 5
    assert (decisions[0], decisions[-1]) == (everything[0], everything[4])
    assert decisions[1:4] == everything[1:4]
    assert decisions[::-2] == everything[::-2]
    assert list(reversed(decisions)) == list(reversed(everything))
    assert everything[3] in decisions
    assert decisions.index(everything[2]) == 2
    with pytest.raises(IndexError):
        decisions[5]
    with pytest.raises(IndexError):
        decisions[-6]


def test_decisions_show_themselves() -> None:
    """Their repr is that of each of them."""
    assert repr(run(order("A", 1, ship_to=None)).decisions) == (
        "Decisions(<Decision A: held, 2 findings>)"
    )


def test_decisions_are_a_value() -> None:
    """The same run gives equal decisions, that are one key."""
    again = run(*RESULT.decisions.orders, stock=mugs(berlin=3)).decisions
    assert (again, hash(again)) == (RESULT.decisions, hash(RESULT.decisions))
    assert again != Decisions()


def test_a_decision_is_found_by_its_orders_id() -> None:
    """Each order's decision is a look-up away, again and again."""
    assert [RESULT[order_id].id for order_id in "ABXYZ"] == list("ABXYZ")


def test_a_result_gives_its_decisions() -> None:
    """Iterating over a result is iterating over its decisions. Whether something is in it is not
    answered: an id would not be, since decisions are.
    """
    assert list(RESULT) == list(RESULT.decisions)
    assert [each.id for each in RESULT] == ["B", "A", "X", "Y", "Z"]
    assert list(run()) == []
    result: Any = RESULT
    for something in ("B", RESULT["B"]):
        with pytest.raises(TypeError, match="'Result' object is not a container"):
            assert something in result


def test_an_order_that_was_not_there_is_unknown() -> None:
    """To ask for an order that was not in the batch is an error that names it."""
    assert refusal(RESULT.__getitem__, "Q") == "order 'Q' was not among the orders of this run"
    with pytest.raises(UnknownOrderError):
        run()["A"]


def test_what_a_run_reserved_can_be_taken_back() -> None:
    """Taking back what a run reserved restores the stock before it, exactly, and twice is once."""
    back = RESULT.inventory.without_reservations(RESULT.reservations)
    assert RESULT.reservations == (
        reserved("B", quantity=2, made_at=NOW),
        reserved("A", quantity=1, made_at=NOW),
    )
    assert back == RESULT.before
    assert back.without_reservations(RESULT.reservations) == RESULT.before


def test_a_run_of_nothing_decides_nothing() -> None:
    """No orders are no error."""
    stock = mugs(berlin=3)
    empty = run(stock=stock)
    assert (list(empty.decisions), empty.notifications, empty.inventory, empty.wake_at) == (
        [],
        (),
        stock,
        None,
    )


def test_a_result_travels() -> None:
    """A result with ready-made policies pickles and is equal afterwards."""
    assert pickle.loads(pickle.dumps(RESULT)) == RESULT  # noqa: S301 - our own


# -- When to run again ----------------------------------------------------------------------------


def paid(status: PaymentStatus, expires_at: datetime) -> Order:
    """An order with a payment that expires."""
    payment = Payment(id="p", amount=Decimal(5), status=status, expires_at=expires_at)
    return order("A-1", 1, payments=[payment])


@pytest.mark.parametrize(
    ("subject", "wake_at"),
    [
        (order("A-1", 1), None),
        (order("A-1", 1, deliver_by=NOW + HOUR), None),
        (order("A-1", 1, ship_after=NOW + HOUR), NOW + HOUR),
        (order("A-1", 1, ship_after=NOW), None),
        (order("A-1", 1, ship_after=NOW - HOUR), None),
        (paid(PaymentStatus.AUTHORIZED, NOW + HOUR), NOW + HOUR),
        (paid(PaymentStatus.AUTHORIZED, NOW), None),
        (paid(PaymentStatus.CAPTURED, NOW + HOUR), None),
    ],
)
def test_when_time_alone_could_change_something(subject: Order, wake_at: datetime | None) -> None:
    """An order that becomes due or an authorization that runs out: the first instant after now."""
    assert run(subject, stock=mugs(berlin=1)).wake_at == wake_at


@pytest.mark.parametrize(
    ("changes", "wake_at"),
    [
        ({"expires_at": NOW + HOUR}, NOW + HOUR),
        ({"expires_at": NOW}, None),
        ({"expires_at": None}, None),
        ({"expires_at": NOW + HOUR, "sku": "cup"}, None),
    ],
)
def test_when_somebodys_reservation_runs_out(
    changes: dict[str, Any], wake_at: datetime | None
) -> None:
    """A reservation of a SKU that the orders ask for, and of no other, wakes them when it ends."""
    stock = mugs(berlin=5).with_received("cup", "berlin", 1).with_reserved(reserved("Q", **changes))
    assert run(order("A-1", 1), stock=stock).wake_at == wake_at


def test_the_first_of_several_instants() -> None:
    """Of all instants the next one counts, whichever order it belongs to."""
    orders = [
        order("A", 1, ship_after=NOW + 3 * HOUR),
        order("B", lines=[line(sku="cup")], ship_after=NOW + 2 * HOUR),
    ]
    assert run(*orders).wake_at == NOW + 2 * HOUR
