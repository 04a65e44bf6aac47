"""One claim of many, and one location of many: a plain list says what comes of each call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st
from invariants import broken_invariants

from fulfill_core import Changes, Claim, Inventory, Location, Stock, StockError, Supply

EARLIEST = datetime.min.replace(tzinfo=UTC)
HOUR = timedelta(hours=1)
ORDERS, LINES, SUPPLIES = ["A", "B", "C"], ["1", "10", "2"], ["PO-1", "PO-2"]

# -- Claims ----------------------------------------------------------------------------------------

Key = tuple[str, str, str, datetime | None]
"""Order, line, supply, when it was made: of one key there is one claim."""
KEYS = st.tuples(
    st.sampled_from(ORDERS),
    st.sampled_from(LINES),
    st.sampled_from(SUPPLIES),
    st.none() | st.just(EARLIEST) | st.integers(0, 3).map(lambda hours: NOW + hours * HOUR),
)
CALLS = st.tuples(
    st.sampled_from(["claim", "claim", "claim", "give up", "line", "order", "come in", "changes"]),
    st.lists(st.tuples(KEYS, st.integers(1, 4)), min_size=1, max_size=3),
)


def to_claims(rows: list[tuple[Key, int]]) -> list[Claim]:
    """The claims of these keys."""
    return [
        Claim(
            order_id=order_id,
            line_id=line_id,
            sku="mug",
            supply_id=supply_id,
            quantity=units,
            made_at=made_at,
        )
        for (order_id, line_id, supply_id, made_at), units in rows
    ]


def less(model: dict[Key, int], key: Key, units: int) -> None:
    """So many units of a claim are given up, as far as they are there."""
    model[key] = max(0, model.get(key, 0) - units)


@given(calls=st.lists(CALLS, max_size=12))
def test_claims_are_counted_by_order_and_go_by_age(
    calls: list[tuple[str, list[tuple[Key, int]]]],
) -> None:
    """What orders claim is the sum of what they claimed; what comes in goes to the oldest claim."""
    supplies = [
        Supply(id=name, sku="mug", quantity=20, expected_at=NOW + HOUR, location="berlin")
        for name in SUPPLIES
    ]
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=0)], supplies)
    model: dict[Key, int] = {}
    rest, reserved = dict.fromkeys(SUPPLIES, 20), 0
    for call, rows in calls:
        order_id, line_id, supply_id, _ = rows[0][0]
        match call:
            case "claim":
                stock = stock.with_claimed(*to_claims(rows))
                for key, units in rows:
                    model[key] = model.get(key, 0) + units
            case "give up":
                stock = stock.without_claims(to_claims(rows))
                for key, units in rows:
                    less(model, key, units)
            case "line":
                stock = stock.without_claims_of(order_id, line_id=line_id)
                model = {key: n for key, n in model.items() if key[:2] != (order_id, line_id)}
            case "order":
                stock = stock.without_claims_of(order_id)
                model = {key: n for key, n in model.items() if key[0] != order_id}
            case "come in" if rest[supply_id] > 1:
                units = min(rows[0][1], rest[supply_id] - 1)
                stock = stock.with_received("mug", "berlin", units, supply_id=supply_id)
                most = rest[supply_id]
                rest[supply_id] -= units
                oldest = [key for key in model if key[2] == supply_id]
                oldest.sort(key=lambda key: (key[3] or EARLIEST, key[0], key[1], bool(key[3])))
                for key in oldest:
                    part = min(units, model[key], most)
                    most -= min(model[key], most)
                    units -= part
                    reserved += part
                    less(model, key, part)
            case _:
                after = stock.with_claimed(*to_claims(rows))
                there_and_back = after.changes_since(stock)
                assert stock.with_changes(there_and_back) == after
                assert after.with_changes(there_and_back.inverted()) == stock
        expected = to_claims([(key, units) for key, units in model.items() if units])
        assert sorted(stock.claims(), key=repr) == sorted(expected, key=repr)
        assert stock.reserved("mug") == reserved
        assert broken_invariants(stock) == []


def test_a_claim_that_is_there_once_goes_once() -> None:
    """Of changes that take the same claim back twice, nothing is applied."""
    [claim] = to_claims([(("A", "1", "PO-1", NOW), 2)])
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=0)]).with_claimed(claim)
    with pytest.raises(StockError, match="no such claim is there"):
        stock.with_changes(Changes(claims_removed=[claim, claim]))
    assert stock.with_changes(Changes(claims_removed=[claim])).claims_of("A") == ()


def test_one_of_many_claims_changes_for_itself() -> None:
    """A claim among many on a supply is made, grows and goes; what comes in goes to the oldest."""
    coming = Supply(id="PO-1", sku="mug", quantity=90, expected_at=NOW + HOUR, location="berlin")
    claims = to_claims(
        [((f"A-{n:02}", "1", "PO-1", NOW + (40 - n) * HOUR), 2) for n in range(40)]
        + [(("A-00", f"{n:02}", "PO-1", NOW), 1) for n in range(2, 7)]
    )
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=0)], [coming])
    stock = stock.with_claimed(*claims)
    more = stock.with_claimed(claims[7]).without_claims([claims[8], claims[8]])
    assert more.claimed("mug") == 85
    without_line = more.without_claims_of("A-00", line_id="03")
    assert (without_line.claimed("mug"), without_line.claimed("mug", "PO-2")) == (84, 0)
    assert without_line.without_claims_of("A-00", line_id="99") == without_line
    arrived = without_line.with_received("mug", "berlin", 5, supply_id="PO-1")
    owners = sorted({each.order_id for each in arrived.reservations()})
    assert owners == ["A-00", "A-39"]
    for stage in (more, without_line, arrived):
        assert broken_invariants(stage) == []


# -- Locations -------------------------------------------------------------------------------------

PLACES = [f"place-{number:02}" for number in range(24)]


@given(
    ranks=st.dictionaries(st.sampled_from(PLACES), st.integers(0, 3)),
    calls=st.lists(
        st.tuples(
            st.sampled_from(["receive", "count", "cart", "move", "ship"]), st.sampled_from(PLACES)
        ),
        max_size=60,
    ),
)
def test_each_of_many_locations_counts_for_itself(
    ranks: dict[str, int], calls: list[tuple[str, str]]
) -> None:
    """What comes and goes at one location changes that one; a cart takes the first in rank."""
    stock = Inventory(locations=[Location(id=at, rank=rank) for at, rank in ranks.items()])
    for at in PLACES[::2]:
        stock = stock.with_counted("mug", at, 1)
    on_hand, reserved = dict.fromkeys(PLACES[::2], 1), dict.fromkeys(PLACES, 0)
    for number, (call, at) in enumerate(calls):
        free = [place for place in on_hand if on_hand[place] > reserved[place]]
        match call:
            case "receive":
                stock = stock.with_received("mug", at, 2)
                on_hand[at] = on_hand.get(at, 0) + 2
            case "count":
                stock = stock.with_counted("mug", at, 3)
                on_hand[at] = 3
            case "cart" if free:
                first = min(free, key=lambda place: (ranks.get(place, 2**31), place))
                cart = f"cart-{number}"
                stock = stock.with_available_reserved(cart, "1", "mug", 1, now=NOW)
                assert [each.location for each in stock.reservations_of(cart)] == [first]
                reserved[first] += 1
            case "move" if at in free and at != "elsewhere":
                stock = stock.with_transferred("mug", 1, source=at, target="elsewhere")
                on_hand[at] -= 1
                on_hand["elsewhere"] = on_hand.get("elsewhere", 0) + 1
                reserved.setdefault("elsewhere", 0)
            case "ship" if reserved[at] and on_hand[at]:
                owner = next(each for each in stock.reservations() if each.location == at)
                stock = stock.with_shipped(owner.order_id, "1", 1, location=at)
                on_hand[at] -= 1
                reserved[at] -= 1
            case _:
                pass
    rows = list(stock.stock())
    in_rank = sorted(on_hand, key=lambda place: (ranks.get(place, 2**31), place))
    assert [(each.location, each.on_hand) for each in rows] == [(p, on_hand[p]) for p in in_rank]
    for place, units in on_hand.items():
        free_there = max(0, units - reserved[place])
        assert stock.available("mug", place) == free_there
        assert (stock.on_hand("mug", place), stock.reserved("mug", place)) == (
            units,
            reserved[place],
        )
    assert stock.available("mug", "nowhere") == 0
    assert broken_invariants(stock) == []


def test_a_cart_asks_for_no_more_locations_than_it_needs() -> None:
    """What one location has is enough, however many others there are; if it is short, all count."""
    stock = Inventory.of({("mug", place): 1 for place in PLACES})
    two = stock.with_available_reserved("cart", "1", "mug", 2, now=NOW)
    assert [each.location for each in two.reservations_of("cart")] == PLACES[:2]
    with pytest.raises(StockError, match="24 are available"):
        stock.with_available_reserved("cart", "1", "mug", 25, now=NOW)


def test_one_location_of_many_is_looked_up_by_its_rank() -> None:
    """What is there, and nothing of one that has none of it, or that nobody knows."""
    units = {("mug", f"l{number:02}"): number + 1 for number in range(20)}
    stock = Inventory.of(units | {("cup", "m00"): 1})
    assert [stock.on_hand("mug", at) for at in ("l00", "l07", "l19")] == [1, 8, 20]
    assert [stock.on_hand("mug", at) for at in ("m00", "nowhere")] == [0, 0]
    assert stock.with_received("mug", "nowhere", 2).on_hand("mug", "nowhere") == 2
