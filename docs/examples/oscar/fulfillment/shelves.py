"""The stock: Oscar's rows, locked in one sequence, as one value; and what changed, written back.

Reservations are rows, and `StockRecord.num_allocated` counts them, so that Oscar's own pages show
what is there. It also counts what Oscar allocated for orders without a record, which were placed
before this app came: that is never promised to anybody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from oscar.core.loading import get_model

from fulfill_core import (
    Changes,
    Claim,
    Inventory,
    Item,
    Location,
    Reservation,
    Stock,
    Supply,
)
from fulfillment import models

Line = get_model("order", "Line")
Product = get_model("catalogue", "Product")
StockRecord = get_model("partner", "StockRecord")


class StaleStockError(Exception):
    """A row of stock was changed by somebody else in between: do it again."""


@dataclass(frozen=True)
class Shelves:
    """The stock of some products.

    Args:
        rows: Oscar's rows by SKU and location.
        by_oscar: how much of each Oscar allocated for orders without a record.
        inventory: the same as the library takes it.
    """

    rows: dict[tuple[str, str], Any]
    by_oscar: dict[tuple[str, str], int]
    inventory: Inventory

    def save(self, changes: Changes, after: Inventory) -> None:
        """Write what changed since it was loaded, in the same transaction.

        Raises:
            StaleStockError: a row is not as it was loaded, which a database without row locks does
                not prevent by itself; nothing of the transaction may stay.
        """
        for supply in (*changes.supplies_removed, *changes.supplies_added):
            rest = [each for each in after.supplies() if each.id == supply.id]
            rows = models.Supply.objects.filter(pk=supply.id)
            if rest:
                rows.update(quantity=rest[0].quantity)
            else:
                rows.delete()
        self._save_promises(changes, after)
        moved = {(each.sku, each.location): each.quantity for each in changes.on_hand}
        for key, row in self.rows.items():
            _update(
                row,
                num_in_stock=(row.num_in_stock or 0) + moved.get(key, 0),
                num_allocated=after.reserved(*key) + self.by_oscar[key],
            )

    def _save_promises(self, changes: Changes, after: Inventory) -> None:
        """Write anew what orders have reserved and claimed, if any of it changed."""
        promises: list[Reservation | Claim] = [
            *changes.reservations_added,
            *changes.reservations_removed,
            *changes.claims_added,
            *changes.claims_removed,
        ]
        for order_id in sorted({promise.order_id for promise in promises}):
            lines = {str(line.pk): line for line in Line.objects.filter(order__number=order_id)}
            models.Reservation.objects.filter(line__in=lines.values()).delete()
            models.Claim.objects.filter(line__in=lines.values()).delete()
            reservations = after.reservations_of(order_id)
            models.Reservation.objects.bulk_create(
                models.Reservation(
                    line=lines[each.line_id],
                    stockrecord=self.rows[each.sku, each.location],
                    quantity=each.quantity,
                    made_at=each.made_at,
                )
                for each in reservations
            )
            models.Claim.objects.bulk_create(
                models.Claim(
                    line=lines[each.line_id],
                    supply_id=each.supply_id,
                    quantity=each.quantity,
                    made_at=each.made_at,
                )
                for each in after.claims_of(order_id)
            )
            units = Counter[str]()
            for each in reservations:
                units[each.line_id] += each.quantity
            for line_id, line in lines.items():
                Line.objects.filter(pk=line.pk).update(num_allocated=units[line_id])


def locked(product_ids: Iterable[int]) -> Shelves:
    """The stock of these products, locked until the transaction ends, in the sequence of its ids.

    It is all of what these products have: reservations and claims of other orders, too. The rest of
    the shop is neither read nor locked.
    """
    ids = sorted(set(product_ids))
    rows = list(StockRecord.objects.select_for_update().filter(product_id__in=ids).order_by("pk"))
    by_key: dict[tuple[str, str], Any] = {}
    for row in rows:
        key = str(row.product_id), str(row.partner_id)
        if key in by_key:
            raise ImproperlyConfigured(
                f"Partner {row.partner} has two stock records of product {row.product}:"
                f" {by_key[key].partner_sku} and {row.partner_sku}. Put them together."
            )
        by_key[key] = row
    reservations = _reservations(rows)
    units = Counter[tuple[str, str]]()
    for each in reservations:
        units[each.sku, each.location] += each.quantity
    # Rows are the truth of what is reserved. What the counter says beyond them is Oscar's own;
    # where it says less, as after a count, which sets it to zero, nothing of Oscar's own is left.
    by_oscar = {key: max(0, (row.num_allocated or 0) - units[key]) for key, row in by_key.items()}
    supplies = list(
        models.Supply.objects.filter(stockrecord__in=rows).select_related("stockrecord")
    )
    inventory = Inventory(
        stock=[
            Stock(
                sku=sku,
                location=location,
                on_hand=row.num_in_stock or 0,
                safety=by_oscar[sku, location],
            )
            for (sku, location), row in by_key.items()
        ],
        items=_items(ids, supplies),
        locations=[Location(id=location) for location in {location for _, location in by_key}],
        supplies=[
            Supply(
                id=str(supply.pk),
                sku=str(supply.stockrecord.product_id),
                quantity=supply.quantity,
                expected_at=supply.expected_at,
                location=str(supply.stockrecord.partner_id),
            )
            for supply in supplies
        ],
        reservations=reservations,
        claims=_claims(supplies),
    )
    return Shelves(by_key, by_oscar, inventory)


def _items(ids: Iterable[int], supplies: Iterable[models.Supply]) -> list[Item]:
    """What Oscar says of the products. What is on order may be waited for."""
    awaited_ids = {supply.stockrecord.product_id for supply in supplies}
    products = Product.objects.filter(pk__in=ids).select_related(
        "product_class", "parent__product_class"
    )
    return [
        Item(
            sku=str(product.pk),
            tracked=product.get_product_class().track_stock,
            backorderable=product.pk in awaited_ids,
        )
        for product in products
    ]


def _reservations(rows: Iterable[Any]) -> list[Reservation]:
    stored = models.Reservation.objects.filter(stockrecord__in=rows).order_by("pk")
    return [
        Reservation(
            order_id=each.line.order.number,
            line_id=str(each.line_id),
            sku=str(each.stockrecord.product_id),
            location=str(each.stockrecord.partner_id),
            quantity=each.quantity,
            made_at=each.made_at,
        )
        for each in stored.select_related("line__order", "stockrecord")
    ]


def _claims(supplies: Iterable[models.Supply]) -> list[Claim]:
    stored = models.Claim.objects.filter(supply__in=supplies).order_by("pk")
    return [
        Claim(
            order_id=each.line.order.number,
            line_id=str(each.line_id),
            sku=str(each.supply.stockrecord.product_id),
            supply_id=str(each.supply_id),
            quantity=each.quantity,
            made_at=each.made_at,
        )
        for each in stored.select_related("line__order", "supply__stockrecord")
    ]


def _update(row: Any, **numbers: int) -> None:
    """Change a row of Oscar's, if it is as it was, as Oscar does: its signals tell of it."""
    before = {name: getattr(row, name) for name in numbers}
    if numbers == {name: value or 0 for name, value in before.items()}:
        return
    row.pre_save_signal()
    if not StockRecord.objects.filter(pk=row.pk, **before).update(**numbers):
        raise StaleStockError(f"Stock record {row.pk} has changed.")
    row.refresh_from_db(fields=[*numbers])
    row.post_save_signal()
