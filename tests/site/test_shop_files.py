"""The sample shop's files on the site."""

from __future__ import annotations

import shop_files


def test_every_module_is_listed_with_what_it_is_for() -> None:
    """What starts the shop comes first; nothing is without a sentence."""
    rows = shop_files.table()[2:]
    modules = [path for path in shop_files.SHOP.rglob("*.py") if path.parent.name == "shop"]
    assert len(rows) == len([path for path in modules if path.stem != "__init__"])
    assert "<code>__main__.py</code>" in rows[0]
    assert [row for row in rows if row.endswith("|  |")] == []


def test_a_listing_has_a_page_of_its_own() -> None:
    """No two modules share one."""
    pages = [shop_files.page_of(path) for path in shop_files.paths()]
    assert len(set(pages)) == len(pages)
    assert "sample-shop/shop-cli" in pages
