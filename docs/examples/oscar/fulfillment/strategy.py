"""What Oscar's pages call available: what the library would give out, and nothing else."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum
from oscar.apps.partner import availability, strategy

from fulfillment.models import Claim, Supply


def free_units(product: Any) -> int:
    """Units that nobody has, at any place, and units to come that nobody waits for.

    A place where more is allocated than is there counts 0: it takes nothing from another.
    """
    stockrecords = list(product.stockrecords.all())
    on_hand: int = sum(max(0, record.net_stock_level) for record in stockrecords)
    supplies = dict(
        Supply.objects.filter(stockrecord__in=stockrecords).values_list("pk", "quantity")
    )
    if not supplies:  # most have none: a page with many articles asks about each
        return on_hand
    claims = Claim.objects.filter(supply__in=supplies)
    claimed: int = claims.aggregate(units=Sum("quantity", default=0))["units"]
    return max(on_hand, on_hand + sum(supplies.values()) - claimed)


class StockAnywhere(strategy.StockRequired):
    """For a strategy, in the place of Oscar's `StockRequired`: what is free at any place."""

    def availability_policy(self, product: Any, stockrecord: Any) -> Any:
        """How many may be bought."""
        if not stockrecord:
            return availability.Unavailable()
        if not product.get_product_class().track_stock:
            return availability.Available()
        return availability.StockRequired(free_units(product))


class Default(strategy.UseFirstStockRecord, StockAnywhere, strategy.NoTax, strategy.Structured):
    """Oscar's own default, but that a product is available wherever it lies."""


class Selector(strategy.Selector):
    """The same for everybody."""

    def strategy(self, request: Any = None, user: Any = None, **kwargs: Any) -> Any:
        """How prices and availability are found."""
        return Default(request)
