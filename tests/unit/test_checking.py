"""What a shop asks before the customer pays: `lacking` and `offers`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from builders import NOW, line, mugs, order, record, refusal
from some_promises import ANYWHERE
from some_stock import DAY, due, kit, row, supply

from fulfill_core import (
    Candidate,
    Claim,
    Demand,
    Hold,
    Inventory,
    Item,
    KitShips,
    Offer,
    Order,
    OrderRecord,
    Ship,
    lacking,
    offers,
    process,
)
from fulfill_core.pipeline import Arrival
from fulfill_core.sourcing import at_most_shipments, only_where, pick_up_at

TWO_PLACES = Inventory(
    [row(3), row(9, location="paris")],
    [supply("PO-1", 4, 2), supply("PO-2", 5, 8)],
    [Item(sku="mug", backorderable=True, backorder_cap=0)],
)


def said(subject: Order | OrderRecord, stock: Inventory, **options: Any) -> list[Any]:
    """What is offered of each line: at once, and then how many after how many days."""
    return [
        (
            offer.at_once,
            [
                (each.quantity, each.expected_at and (each.expected_at - NOW).days)
                for each in offer.arrivals
            ],
        )
        for offer in offers(subject, stock, now=NOW, **options)
    ]


# -- Lacking ---------------------------------------------------------------------------------------


def test_places_that_do_not_serve_have_nothing() -> None:
    """The question goes by the sourcing of the run: for one who picks up, for places that are left
    out, for an order that may not be split.
    """
    cart = order("A-1", 5, attributes={"pick_up": "berlin"})
    assert lacking(cart, TWO_PLACES, now=NOW) == {}
    berlin = only_where(lambda place, _: place.id == "berlin")
    for policy in (pick_up_at("pick_up"), berlin):
        assert lacking(cart, TWO_PLACES, now=NOW, sourcing=policy) == {"mug": 2}
    assert lacking(order("A-1", 10), TWO_PLACES, now=NOW, sourcing=at_most_shipments(1)) == {
        "mug": 1
    }


def test_what_has_left_is_not_lacking() -> None:
    """Of a record, the open units are asked for, less what is reserved."""
    known = record(9).with_progress("1", shipped=4, cancelled=1)
    assert lacking(known, mugs(berlin=3), now=NOW) == {"mug": 1}


def test_nobody_is_asked_whether_it_may_go() -> None:
    """A hold, or a date that is not there yet, is no question of stock."""
    stop = Hold(order_id="A-1", source="fraud team", code="shop.check", at=NOW)
    later = order("A-1", 5, ship_after=NOW + 300 * DAY)
    known = OrderRecord(order=later, holds=[stop])
    assert lacking(known, mugs(berlin=3), now=NOW) == {"mug": 2}
    assert said(known, mugs(berlin=3)) == [(3, [])]


def test_of_a_complete_order_that_lacks_a_pot_the_pot_is_lacking() -> None:
    """What is there for it is not lacking, although it takes none of it."""
    cart = order("A-1", lines=[line("1", "mug", 2), line("2", "pot", 2)], ship=Ship.COMPLETE)
    assert lacking(cart, Inventory([row(9), row(1, "pot")]), now=NOW) == {"pot": 1}


def test_where_only_the_whole_is_refused_all_of_it_is_lacking() -> None:
    """A policy may refuse an order because it ships complete: in parts it would lack nothing."""

    def in_parts_only(
        demand: Demand, candidates: Sequence[Candidate], /, *, context: object
    ) -> Sequence[Candidate]:
        return candidates if demand.order.ship is Ship.PARTIAL else ()

    cart = order("A-1", 2, 1, ship=Ship.COMPLETE)
    assert lacking(cart, mugs(berlin=9), now=NOW, sourcing=in_parts_only) == {"mug": 3}


# -- Offers ----------------------------------------------------------------------------------------


def test_offers_name_what_is_there_and_when_the_rest_comes() -> None:
    """Units on hand wherever they lie, then supply by supply; no more than may wait."""
    assert said(order("A-1", 1), TWO_PLACES) == [(12, [(4, 2), (5, 8)])]
    assert said(order("A-1", 1), TWO_PLACES, at_most=14) == [(12, [(2, 2)])]
    open_end = Inventory([row(3)], items=[Item(sku="mug", backorderable=True)])
    assert said(order("A-1", 1), open_end, at_most=10) == [(3, [(7, None)])]
    assert said(order("A-1", 1), mugs(), at_most=10) == [(0, [])]


def test_what_others_have_claimed_is_theirs() -> None:
    """A checkout is offered what nobody was promised; and what it claimed itself."""
    theirs = Claim(order_id="A-9", line_id="1", sku="mug", supply_id="PO-1", quantity=3)
    stock = TWO_PLACES.with_claimed(theirs)
    assert said(order("A-1", 1), stock) == [(12, [(1, 2), (5, 8)])]
    assert said(order("A-9", 1), stock) == [(12, [(4, 2), (5, 8)])]


def test_each_line_is_asked_for_alone() -> None:
    """Whatever the others ask for, and however the order ships."""
    cart = order("A-1", 9, 9, ship=Ship.COMPLETE)
    assert said(cart, TWO_PLACES) == 2 * [(12, [(4, 2), (5, 8)])]
    (first, _) = offers(cart, TWO_PLACES, now=NOW)
    assert (first.line_id, first.sku, first.quantity, first.promise) == ("1", "mug", 21, None)


def sets(ships: KitShips, **rules: Any) -> Inventory:
    """Kits of a mug and two cups: two are there, and parts for more are to come."""
    return Inventory(
        [row(2), row(5, "cup")],
        [supply("PO-1", 3, 2), supply("PO-2", 4, 8, "cup")],
        [
            Item(sku="mug", backorder_cap=0),
            Item(sku="cup", backorder_cap=0),
            kit(of={"mug": 1, "cup": 2}, backorderable=True, kit_ships=ships, **rules),
        ],
    )


def test_a_kit_comes_with_its_last_part() -> None:
    """Kits are offered whole: at the date of the component that comes last."""
    cart = order("A-1", lines=[line("1", "set", 1)])
    assert said(cart, sets(KitShips.BY_KIT)) == [(2, [(2, 8)])]


def test_kits_that_leave_together_are_there_or_all_wait() -> None:
    """So many at once; and so many in all, which come together then."""
    cart = order("A-1", lines=[line("1", "set", 1)])
    stock = sets(KitShips.BY_ORDER)
    assert said(cart, stock) == [(2, [(2, 8)])]
    assert said(cart, stock, at_most=1) == [(1, [])]
    four = process([order("A-1", lines=[line("1", "set", 4)])], stock, now=NOW, verifiers=[])
    assert max(date for date in due(four["A-1"]) if date) == NOW + 8 * DAY
    assert said(cart, Inventory(items=[kit(of={"mug": 1}, kit_ships=KitShips.BY_ORDER)])) == [
        (0, [])
    ]
    packs = order("A-1", lines=[line("1", "set", 1, units_each=2)])
    assert said(packs, stock) == [(2, [(2, 8)])]


def test_what_needs_no_stock_is_always_there() -> None:
    """A gift card is offered as often as is asked for."""
    stock = Inventory(items=[Item(sku="card", tracked=False)])
    assert said(order("A-1", lines=[line("1", "card", 1)]), stock, at_most=7) == [(7, [])]


def test_offers_have_the_dates_of_the_run() -> None:
    """With the promise policy of the run, each offer says when all of it would be there."""
    stock = Inventory(
        [row(1)],
        [supply("PO-1", 4, 2)],
        [Item(sku="mug", backorderable=True, backorder_cap=0)],
    )
    (offer,) = offers(order("A-1", 1), stock, now=NOW, promise=ANYWHERE)
    five = process([order("A-1", 5)], stock, now=NOW, verifiers=[], promise=ANYWHERE)["A-1"]
    assert offer.promise is not None
    assert five.promise is not None
    assert offer.promise.delivered_at == five.promise.delivered_at != None  # noqa: E711


def test_components_of_many_kits_are_told_apart() -> None:
    """Whatever lines and components are called."""
    names = [("1", "x:y", "z"), ("1:x", "y", "z"), *[(str(n), f"c{n}", "z") for n in range(2, 14)]]
    cart = order(lines=[line(line_id, f"kit {line_id}", 1) for line_id, _, _ in names])
    kits = [kit(f"kit {line_id}", of={part: 1, other: 1}) for line_id, part, other in names]
    stock = Inventory([row(20, "z"), row(1, "c2")], items=kits)
    parts = {part: 1 for _, part, _ in names if part != "c2"}
    assert lacking(cart, stock, now=NOW) == parts


def test_an_offer_is_a_value() -> None:
    """Arrivals come as any collection; none is an empty one."""
    offer = {"line_id": "1", "sku": "mug", "at_once": 1}
    for field, value in {"line_id": 1, "sku": "", "at_once": -1, "promise": 3}.items():
        assert refusal(Offer, **{**offer, field: value}).startswith(f"Offer.{field}: ")
    assert refusal(Arrival, quantity=0).startswith("Arrival.quantity: 0 is below 1")
    assert refusal(Arrival, quantity=1, expected_at="x").startswith("Arrival.expected_at: ")
    assert refusal(Offer, line_id="1", sku="mug", at_once=1, arrivals=3).startswith(
        "Offer.arrivals: 3"
    )


@pytest.mark.parametrize("ask", [lacking, offers])
def test_only_orders_and_records_can_be_asked_for(ask: Any) -> None:
    """Anything else is refused, by name."""
    assert refusal(ask, ["A-1"], mugs(), now=NOW).startswith(
        "order: ['A-1'] is neither an Order nor"
    )
    assert refusal(ask, order(), mugs(), now="noon").startswith("now: 'noon' is not a datetime")
    assert refusal(ask, order(), None, now=NOW).startswith("inventory: None is not of type")


def test_a_question_changes_nothing() -> None:
    """The stock is a value: who asks reserves nothing."""
    before = TWO_PLACES
    offers(order("A-1", 1), before, now=NOW + timedelta(hours=1))
    assert before == TWO_PLACES
