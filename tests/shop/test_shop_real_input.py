"""The readers of the sample shop on real files."""

import json
from decimal import Decimal
from pathlib import Path

from shop import northwind, shopify
from shop_desk import Desk

from fulfill_core import PaymentStatus

PRODUCTS = {  # the variants that the real orders and levels speak of
    "products": [
        {
            "id": 632910392,
            "title": "Player",
            "variants": [
                {"id": 1, "sku": sku, "inventory_item_id": item, "inventory_management": "shopify"}
                for sku, item in (
                    ("IPOD2008GREEN", 39072856),
                    ("IPOD2008PINK", 808950810),
                    ("IPOD2008RED", 49148385),
                    ("IPOD2008BLACK", 457924702),
                )
            ],
        }
    ]
}


def bodies(folder: Path) -> list[dict[str, object]]:
    """The recorded answers of *folder* that hold orders."""
    recorded = (json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json")))
    return [one["body"] for one in recorded if {"order", "orders"} & set(one["body"])]


def test_one_real_order(real: Path) -> None:
    """The order of the API's own documentation is read with its lines, address and payment."""
    read = shopify.read_orders(real / "shopify" / "order.json")
    assert read.faults == []
    (order,) = read.orders
    assert [line.sku for line in order.lines] == ["IPOD2008GREEN", "IPOD2008RED", "IPOD2008BLACK"]
    assert order.ship_to is not None
    assert (order.ship_to.city, order.ship_to.postal_code) == ("Louisville", "40202")
    assert [(one.amount, one.status) for one in order.payments] == [
        (Decimal("409.94"), PaymentStatus.AUTHORIZED)
    ]


def test_real_bodies_are_read_or_named(real: Path, tmp_path: Path) -> None:
    """Each order in each recorded body is read, skipped, or set aside by name."""
    path = tmp_path / "orders.json"
    seen = 0
    for body in bodies(real / "shopify" / "order"):
        path.write_text(json.dumps(body), "utf-8")
        read = shopify.read_orders(path)
        faulty = {fault.position.split(".")[0] for fault in read.faults}
        assert len(read.orders) + len(read.skipped) + len(faulty) == read.records
        seen += read.records
    assert seen > 20


def test_real_stock(real: Path, tmp_path: Path) -> None:
    """The recorded inventory levels are the stock, by SKU and location."""
    (tmp_path / "products.json").write_text(json.dumps(PRODUCTS), "utf-8")
    for name in ("locations", "inventory_levels"):
        content = (real / "shopify" / f"{name}.json").read_text("utf-8")
        (tmp_path / f"{name}.json").write_text(content, "utf-8")
    read = shopify.read_stock(tmp_path)
    levels = json.loads((real / "shopify" / "inventory_levels.json").read_text("utf-8"))
    assert len(read.stock) + len(read.faults) == len(levels["inventory_levels"])
    assert read.inventory().available("IPOD2008GREEN", "487838322") == 27


def test_northwind_whole(real: Path, desk: Desk) -> None:
    """Of Northwind's 830 orders the 21 open ones are decided, none of their rows has a fault, and
    a second run changes nothing.
    """
    files = real / "northwind"
    assert len(northwind.read_orders(files).orders) == 21
    options = ("--source", "northwind", "--orders", files, "--now", "1998-05-06T12:00:00+00:00")
    assert desk("run", *options) == 0
    assert "830 records read, 21 orders decided as of" in desk.out
    assert "809 skipped: 809 shipped (" in desk.out
    assert "faults" not in desk.out
    before = desk.dump()
    desk("run", *options)
    assert desk.tally == "0 new messages, 0 delivered, 0 waiting."
    assert desk.dump() == before
