"""What the sample shop keeps of a supply for those who wait for it, from run to run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shop_desk import Desk, change_orders

FIRST = ("--now", "2026-03-02T09:00:00+00:00")
NEXT = ("--now", "2026-03-03T09:00:00+00:00")
ARRIVAL = ("--now", "2026-03-16T09:00:00+00:00")
CLAIMS = "select order_id, supply_id, quantity from claims order by order_id"
SENCHA = (
    "select order_id, location, lot, sum(quantity) from reservations"
    " where sku = 'TEA-SENCHA-100' group by order_id, location, lot order by order_id"
)
PROMISED = [("881019", "PO-2026-07", 2), ("881020", "PO-2026-07", 1)]


def change(folder: Path, name: str, **sections: Any) -> None:
    """Change sections of one of the stock's files."""
    path = folder / f"{name}.json"
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**content, **sections}), "utf-8")


def count_sencha(folder: Path, *counted: int) -> None:
    """So many units of Sencha lie in Hamburg and Lyon now."""
    path = folder / "inventory_levels.json"
    levels = json.loads(path.read_text("utf-8"))["inventory_levels"]
    rows = [level for level in levels if level["inventory_item_id"] == 610004]
    for row, units in zip(rows, counted, strict=True):
        row["available"] = units
    path.write_text(json.dumps({"inventory_levels": levels}), "utf-8")


def add_newcomer(folder: Path) -> None:
    """A gold customer orders Sencha a day later, and ranks before those who wait for it."""
    path = folder / "orders.json"
    content = json.loads(path.read_text("utf-8"))
    text = next(json.dumps(one) for one in content["orders"] if one["name"] == "#1019")
    for before, after in (
        ("881019", "881901"),
        ("#1019", "#1901"),
        ("2026-02-24T19:59", "2026-03-02T20:00"),
        ("ines@", "noor@"),
        ("9000004", "9000901"),
        ("silver", "gold"),
        ("In\\u00e8s Petit", "Noor Berg"),
        ("18 quai Nord", "4 rue du Port"),
    ):
        text = text.replace(before, after)
    path.write_text(json.dumps({"orders": [*content["orders"], json.loads(text)]}), "utf-8")


@pytest.fixture
def folder(desk: Desk) -> Path:
    """A copy of the sample's files, after a run over them."""
    desk.first_run()
    return desk.files()


def test_what_is_promised_is_stored(desk: Desk) -> None:
    """After a run the claims are in the database; the same run again changes none of them."""
    desk.first_run()
    assert desk.rows(CLAIMS) == PROMISED
    desk("stock")
    assert "PO-2026-07: 3 of TEA-SENCHA-100 expected on 2026-03-16, 3 claimed" in desk.out
    before = desk.dump()
    desk("run", *FIRST)
    assert desk.dump() == before


def test_a_newcomer_does_not_take_what_was_promised(desk: Desk, folder: Path) -> None:
    """Who orders the next day and ranks higher waits for another supply."""
    add_newcomer(folder)
    desk("run", "--orders", folder, *NEXT)
    ranks = "select id, outcome from orders where id in ('881019', '881901') order by rank"
    assert desk.rows(ranks) == [("881901", "backordered"), ("881019", "backordered")]
    assert desk.rows(CLAIMS) == PROMISED


def test_what_came_in_is_for_those_who_claimed_it(desk: Desk, folder: Path) -> None:
    """A supply that left the list while more was counted has come in: the claims on it become
    reservations, whoever ranks higher by then.
    """
    add_newcomer(folder)
    count_sencha(folder, 3, 1)
    change(folder, "warehouse", supplies=[])
    desk("run", "--orders", folder, *ARRIVAL)
    assert desk.rows(CLAIMS) == []
    assert desk.rows(SENCHA) == [
        ("881019", "70001", "", 2),
        ("881020", "70001", "", 1),
        ("881901", "70002", "", 1),
    ]
    desk("run", "--orders", folder, *ARRIVAL)
    assert desk.tally == "0 new messages, 0 delivered, 0 waiting."


def test_a_part_that_came_in_goes_to_the_first(desk: Desk, folder: Path) -> None:
    """Of two units in a lot of their own, the first claim gets both; the other one stays."""
    count_sencha(folder, 0, 2)
    warehouse = json.loads((folder / "warehouse.json").read_text("utf-8"))
    end = "2027-06-01T00:00:00+00:00"
    lot = {"sku": "TEA-SENCHA-100", "location": "70002", "lot": "S-7", "quantity": 2}
    rest = {**warehouse["supplies"][0], "quantity": 1}
    change(
        folder,
        "warehouse",
        lots=[*warehouse["lots"], {**lot, "expires_at": end}],
        supplies=[rest],
    )
    desk("run", "--orders", folder, *NEXT)
    assert desk.rows(SENCHA) == [("881019", "70002", "S-7", 2)]
    assert desk.rows(CLAIMS) == PROMISED[1:]


def test_units_from_elsewhere_are_nobodys(desk: Desk, folder: Path) -> None:
    """More was counted, and the supply is still expected: the units go by rank, as ever."""
    add_newcomer(folder)
    count_sencha(folder, 1, 0)
    desk("run", "--orders", folder, *NEXT)
    assert desk.rows(SENCHA) == [("881901", "70001", "", 1)]
    assert desk.rows(CLAIMS) == PROMISED


def test_a_supply_that_does_not_come_is_told(desk: Desk, folder: Path) -> None:
    """Who waited for a supply that is gone is told so, and claims nothing any more."""
    change(folder, "warehouse", supplies=[])
    desk("run", "--orders", folder, *NEXT)
    assert desk.rows(CLAIMS) == []
    notes = "select order_id from findings where code = 'supply.claim_lost' order by order_id"
    assert desk.rows(notes) == [("881019",), ("881020",)]


def test_an_id_that_is_used_again_is_another_supply(desk: Desk, folder: Path) -> None:
    """A run gives up claims on a supply whose id now brings another SKU."""
    supply = {
        "id": "PO-2026-07",
        "sku": "STRAINER",
        "quantity": 3,
        "expected_at": "2026-03-20T08:00:00+01:00",
    }
    change(folder, "warehouse", supplies=[supply])
    assert desk("run", "--orders", folder, *NEXT) == 0
    assert desk.rows(CLAIMS) == []


def test_overdrawn_stock_takes_a_receipt(desk: Desk, folder: Path) -> None:
    """Where less than nothing was there, what was counted is what came in."""
    count_sencha(folder, -2, 0)
    desk("run", "--orders", folder, *NEXT)
    count_sencha(folder, 2, 0)
    change(folder, "warehouse", supplies=[])
    desk("run", "--orders", folder, *ARRIVAL)
    assert desk.rows(SENCHA) == [("881019", "70001", "", 2)]


@pytest.mark.parametrize("way", ["cancelled", "rejected"])
def test_who_is_out_claims_nothing(desk: Desk, folder: Path, way: str) -> None:
    """A cancelled or rejected order's claims are gone; the next in rank claims the units."""
    if way == "cancelled":
        change_orders(folder, lambda by: by["#1019"].update(cancelled_at="2026-03-02T12:00:00Z"))
    else:
        desk("reject", "1019", "--by", "Grace", "--reason", "A stolen card.")
    desk("run", "--orders", folder, *NEXT)
    assert desk.rows(CLAIMS) == [("881020", "PO-2026-07", 1), ("881022", "PO-2026-07", 1)]


def test_what_left_of_the_rest_keeps_the_claim(desk: Desk, folder: Path) -> None:
    """A parcel with what is there leaves the claim on what is to come as it is."""
    desk("ship", "1020")
    desk("run", "--orders", folder, *NEXT)
    assert desk.rows(CLAIMS) == PROMISED


def test_a_supply_of_a_day_is_due_all_day(desk: Desk, folder: Path) -> None:
    """A day is read, stored and shown as a day, and nothing is overdue before it ends."""
    supply = {
        "id": "PO-2026-07",
        "sku": "TEA-SENCHA-100",
        "quantity": 3,
        "expected_at": "2026-03-16",
    }
    change(folder, "warehouse", supplies=[supply])
    overdue = "select count(*) from findings where code = 'supply.overdue'"
    desk("run", "--orders", folder, "--now", "2026-03-16T20:00:00+00:00")
    assert desk.rows("select expected_at from supplies") == [("2026-03-16",)]
    assert desk.rows(overdue) == [(0,)]
    desk("stock")
    assert "3 of TEA-SENCHA-100 expected on 2026-03-16, 3 claimed" in desk.out
    desk("run", "--orders", folder, "--now", "2026-03-17T00:00:00+00:00")
    assert desk.rows(overdue) == [(2,)]
