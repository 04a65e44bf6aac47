"""Lots that somebody names and that are not on record: units move, and no lot comes of it."""

from __future__ import annotations

import pytest

from fulfill_core import Inventory
from fulfill_core.inventory.inventory import inventory_of, state_of
from fulfill_core.inventory.lots import with_units_gone
from fulfill_core.inventory.storing.difference import Difference
from fulfill_core.inventory.storing.lot_rows import lot_reserved, lot_shipped

KEY = "x", "L9"


@pytest.mark.parametrize("change", [lot_reserved, lot_shipped])
def test_what_is_reserved_of_no_lot_makes_none(change: object) -> None:
    """Neither when units of it are reserved nor when they leave."""
    assert callable(change)
    assert change({KEY: -1}, KEY, None) is None


def test_units_of_a_lot_that_is_not_on_record_are_gone() -> None:
    """From the shelf; of lots there were none."""
    state = with_units_gone(state_of(Inventory.of({("mug", "x"): 3})), "mug", {"L9": 1}, "x")
    stock = inventory_of(state)
    assert (stock.on_hand("mug", "x"), dict(stock.lots_of("mug"))) == (2, {})


def test_what_is_reserved_where_no_row_is_makes_none() -> None:
    """Neither of stock nor of lots."""
    difference = Difference(state_of(Inventory()))
    difference.add([(None, None, (("1", "mug", "x", 2, ""),))], 1)
    assert difference.stock_rows() == {"mug": ()}
