"""The sample shop after the first run: parcels leave, and the next run knows it."""

from __future__ import annotations

import json

from shop_desk import Desk

LATER = ("--now", "2026-03-02T09:30:00+00:00")
A_DAY_LATER = ("--now", "2026-03-03T09:00:00+00:00")
ORDERS_THERE = (
    "select distinct order_id from reservations where location = '70001' order by order_id"
)
SHIPPED = "select sum(shipped) from progress"
ON_HAND = "select sum(on_hand) from stock"


def test_what_left_is_not_served_again(desk: Desk) -> None:
    """It is off the shelves and not reserved; the order is completed, and nobody hears of it."""
    desk.first_run()
    before = desk.rows(ON_HAND)[0][0]
    assert desk("ship", "1001") == 0
    assert desk.out.startswith("Order #1001: sent from 70001; all of it has left.")
    assert desk.rows(SHIPPED) == [(2,)]
    assert desk.rows(ON_HAND) == [(before - 2,)]
    assert desk.rows("select count(*) from reservations where order_id = '881001'") == [(0,)]
    assert desk("run", *LATER) == 0
    assert desk.tally == "0 new messages, 0 delivered, 0 waiting."
    assert desk.rows("select outcome from orders where name = '#1001'") == [("completed",)]
    assert desk.rows(ON_HAND) == [(before - 2,)]


def test_a_part_of_an_order_leaves(desk: Desk) -> None:
    """One of the two units of a line: the other one stays reserved, and is what is open."""
    desk.first_run()
    assert desk("ship", "1001", "--line", "TEA-ASSAM-250", "--units", "1") == 0
    assert desk.out.startswith("Order #1001: sent from 70001; 1 unit is open.")
    assert desk("run", *LATER) == 0
    assert desk.tally.startswith("0 new messages")
    assert desk.rows("select outcome from orders where name = '#1001'") == [("allocated",)]
    assert desk("ship", "1001", "--location", "70001") == 0
    assert "all of it has left" in desk.out


def test_a_day_later_only_what_is_true_is_told(desk: Desk) -> None:
    """Who was promised a departure that was missed is told of the delay, once; nobody else is."""
    desk.first_run()
    desk("ship", "1001")
    assert desk("run", *A_DAY_LATER) == 0
    newest = (
        "select distinct kind from outbox"
        " where created_at > '2026-03-02T10' and audience = 'customer'"
    )
    assert desk.rows(newest) == [("order.delayed",)]
    told = "select count(*) from outbox where order_name = '#1001' and kind = 'order.delayed'"
    assert desk.rows(told) == [(0,)]
    assert desk("run", *A_DAY_LATER) == 0
    assert desk.tally == "0 new messages, 0 delivered, 0 waiting."


def test_what_may_not_leave_is_refused(desk: Desk) -> None:
    """Nothing is reserved there, more than is reserved, units of no line, an order that is not."""
    desk.first_run()
    for words, problem in (
        (["1019"], "nothing is reserved for order #1019 there"),
        (["1001", "--location", "moon"], "nothing is reserved for order #1001 there"),
        (["1001", "--line", "TEA-ASSAM-250", "--units", "3"], "cannot ship 3 of TEA-ASSAM-250"),
        (["1001", "--units", "1"], "say of which line these units are, with --line"),
        (["1001", "--line", "9"], "order #1001 has no one line '9'"),
        (["9999"], "no order has the id or name '9999'"),
    ):
        assert desk("ship", *words) == 2
        assert problem in desk.err
    assert desk.rows(SHIPPED) == [(None,)]


def test_a_location_takes_on_so_many_orders_a_day(desk: Desk) -> None:
    """Those that have left count: where one has left, the next one is taken on the next day."""
    folder = desk.files()
    path = folder / "warehouse.json"
    content = json.loads(path.read_text("utf-8"))
    capacities = [{"location": "70001", "orders_a_day": 3}]
    path.write_text(json.dumps({**content, "capacities": capacities}), "utf-8")
    desk("run", "--orders", folder, "--now", "2026-03-02T09:00:00+00:00")
    orders = desk.rows(ORDERS_THERE)
    assert len(orders) == 3
    (left,) = orders[0]
    assert desk("ship", left, "--location", "70001") == 0
    assert desk.rows("select * from intakes") == [("70001", left, "2026-03-02")]
    desk("run", "--orders", folder, *LATER)
    assert desk.rows(ORDERS_THERE) == orders[1:]
    desk("run", "--orders", folder, *A_DAY_LATER)
    new = sorted(set(desk.rows(ORDERS_THERE)) - set(orders))
    assert len(new) == 3
    assert desk("ship", new[0][0], "--location", "70001") == 0
    assert desk.rows("select * from intakes") == [("70001", new[0][0], "2026-03-03")]
