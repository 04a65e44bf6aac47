"""Lots, kits and goods on order, which the sample shop reads from a file of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from shop import shopify
from shop_desk import Desk

SAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "shop" / "sample" / "shopify"


def read_with(folder: Path, content: object) -> shopify.StockList:
    """The sample's stock with another warehouse.json beside it."""
    for name in ("products", "inventory_levels", "locations"):
        shutil.copy(SAMPLE / f"{name}.json", folder)
    (folder / "warehouse.json").write_text(json.dumps(content), "utf-8")
    return shopify.read_stock(folder)


def test_the_sample_has_lots_a_kit_and_a_supply_in_two_warehouses() -> None:
    """The sample's stock uses what real stock consists of."""
    inventory = shopify.read_stock(SAMPLE).inventory()
    lots = inventory.lots_of("TEA-ASSAM-250")
    assert {place: [lot.id for lot in some] for place, some in lots.items()} == {
        "70001": ["A-2510", "A-2511", "A-2601"],
        "70002": ["A-2601"],
    }
    assert inventory.components_of("0815") == (("SAMPLER-TIN", 1), ("TEA-ASSAM-250", 1))
    assert [supply.id for supply in inventory.supplies()] == ["PO-2026-07"]


def test_without_the_file_there_are_none(tmp_path: Path) -> None:
    """The file is the shop's own and need not be there."""
    for name in ("products", "inventory_levels", "locations"):
        shutil.copy(SAMPLE / f"{name}.json", tmp_path)
    inventory = shopify.read_stock(tmp_path).inventory()
    assert (inventory.lots_of("TEA-ASSAM-250"), list(inventory.supplies())) == ({}, [])


LOT = {"sku": "STRAINER", "location": "70001", "lot": "S-1", "quantity": 5}
KIT = {"sku": "0815", "components": [{"sku": "STRAINER", "quantity": 1}]}
SUPPLY = {"id": "PO-1", "sku": "STRAINER", "quantity": 5, "expected_at": "2026-04-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ({"lots": [{**LOT, "sku": "GHOST"}]}, "GHOST is of no variant in products.json"),
        ({"lots": [{**LOT, "quantity": 1.5}]}, "1.5 is not a whole number"),
        ({"lots": [LOT, LOT]}, "S-1 is there twice"),
        ({"lots": [{**LOT, "quantity": 99}]}, "99 of STRAINER are in lots at 70001, and 30 there"),
        ({"lots": [{**LOT, "location": "nowhere"}]}, "STRAINER is not kept at nowhere"),
        ({"lots": [{**LOT, "expires_at": "soon"}]}, '"soon" is not a time (ISO 8601)'),
        ({"lots": "none"}, '"none" is not a list'),
        ({"kits": [{**KIT, "components": []}]}, "are missing"),
        ({"kits": [{**KIT, "sku": "STRAINER"}]}, "STRAINER has stock of its own"),
        ({"kits": [KIT], "supplies": [{**SUPPLY, "sku": "0815"}]}, "0815 is on order"),
        (
            {"kits": [{**KIT, "components": [{"sku": "0815", "quantity": 1}]}]},
            "0815 is made of itself",
        ),
        ({"supplies": [SUPPLY, SUPPLY]}, "PO-1 is there twice"),
        ({"supplies": [{**SUPPLY, "quantity": 0}]}, "0 is below 1"),
        ({"items": [{"sku": "STRAINER", "minimum_life_days": -1}]}, "-1 is below 0"),
        ({"capacities": [{"location": "70001", "orders_a_day": -1}]}, "-1 is below 0"),
        (
            {"capacities": [{"location": "nowhere", "orders_a_day": 1}]},
            "nowhere is no location in locations.json",
        ),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_goes_on(
    tmp_path: Path, content: Any, fault: str
) -> None:
    """A record that is wrong is set aside by name; the stock can be used all the same."""
    read = read_with(tmp_path, content)
    told = [str(each) for each in read.faults if each.file == "warehouse.json"]
    assert any(fault in each for each in told), told
    assert read.inventory().available("STRAINER") == 40


def test_a_run_takes_lots_and_components(desk: Desk) -> None:
    """The tea that expires first and keeps long enough leaves first; a kit's components are
    reserved; and a second run changes nothing.
    """
    desk.first_run()
    taken = desk.rows(
        "select sku, lot, sum(quantity) from reservations"
        " where sku in ('TEA-ASSAM-250', 'SAMPLER-TIN') and location = '70001'"
        " group by sku, lot order by sku, lot"
    )
    assert taken == [
        ("SAMPLER-TIN", "", 1),
        ("TEA-ASSAM-250", "A-2511", 10),
        ("TEA-ASSAM-250", "A-2601", 16),
    ]
    desk("stock")
    assert "0815 is made of 1 SAMPLER-TIN + 1 TEA-ASSAM-250: 8 can be made up" in desk.out
    assert "PO-2026-07: 3 of TEA-SENCHA-100 expected on 2026-03-16" in desk.out
    desk("show", "1005")
    assert "1 of TEA-ASSAM-250 from Hamburg (lot A-2511)" in desk.out.replace("\n", " ")
    desk("run")
    assert desk.tally == "0 new messages, 0 delivered, 0 waiting."
