"""Day by day: orders come in, supplies come in, parcels leave, under several settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import ADA, NOW, line, mugs, order, reserved
from test_notebooks import HOSTILE, Tags

from fulfill_core import (
    Context,
    Customer,
    Finding,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    Lot,
    Order,
    OrderRecord,
    PluginError,
    Progress,
    Settings,
    Stock,
    Supply,
    hold,
    reject,
)
from fulfill_core.priorities import customer_tier, oldest_first
from fulfill_core.whatif import Course, DailyComparison, Day, Wait, compare_days

DAY = timedelta(days=1)
GRACE = Customer(id="C-2", tier="gold", email="grace@example.com")
BARE: dict[str, Any] = {"verifiers": [], "priority": oldest_first}
TODAY = {"today": BARE}


def course(
    orders: Iterable[Order | OrderRecord], stock: Inventory, count: int = 3, **settings: Any
) -> Course:
    """So many days under some settings."""
    days = [NOW + number * DAY for number in range(count)]
    comparison = compare_days(orders, stock, {"today": {**BARE, **settings}}, days=days)
    [of_settings] = comparison.courses
    return of_settings


def counts(days: Iterable[Day]) -> list[tuple[int, int, int, int, int]]:
    """Orders, orders whole, orders open, units shipped and parcels of each day."""
    return [
        (day.orders, day.orders_whole, day.orders_open, day.units_shipped, day.parcels)
        for day in days
    ]


def supply(supply_id: str, day: int, **changes: Any) -> Supply:
    """A supply of one mug that is expected so many days after the first."""
    content = {"sku": "mug", "quantity": 1, "expected_at": NOW + day * DAY, **changes}
    return Supply(id=supply_id, **content)


def test_orders_come_in_on_their_day_and_leave_on_the_first_that_serves_them() -> None:
    """What is left over waits for the next supply, and no unit leaves twice."""
    orders = [order("A-1", 1), order("A-2", 2), order("A-3", 1, placed_at=NOW + DAY)]
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=2)],
        items=[Item(sku="mug", backorderable=True)],
        supplies=[supply("PO-1", 1, location="berlin"), supply("PO-2", 2, location="berlin")],
    )
    days = course(orders, stock).days
    assert [day.at for day in days] == [NOW, NOW + DAY, NOW + 2 * DAY]
    assert counts(days) == [(2, 1, 1, 2, 2), (3, 2, 1, 3, 3), (3, 3, 0, 4, 4)]
    assert days[-1].messages > 3


def test_waits_go_by_tier_and_count_who_still_waits() -> None:
    """From when an order was placed until all of it has left, or until the last day."""
    orders = [
        order("A-1", 1, placed_at=NOW - DAY),
        order("A-2", 1, customer=GRACE),
        order("A-3", 9),
    ]
    settings = {"today": BARE, "gold first": {**BARE, "priority": customer_tier("gold")}}
    comparison = compare_days(orders, mugs(berlin=1), settings, days=[NOW, NOW + DAY])
    first, second = comparison.courses
    assert first.waits == (
        Wait(tier="gold", orders_open=1, longest=DAY),
        Wait(tier="standard", orders=1, total=DAY, orders_open=1, longest=DAY),
    )
    assert second.waits == (
        Wait(tier="gold", orders=1),
        Wait(tier="standard", orders_open=2, longest=2 * DAY),
    )
    assert (first.waits[1].mean_days, first.waits[0].mean_days) == (Decimal("1.0"), Decimal("0.0"))
    assert second.waits[1].longest_days == Decimal("2.0")
    assert comparison.wait_rows()[0] == {
        "setting": "today",
        "tier": "gold",
        "orders": 0,
        "mean_days": 0.0,
        "orders_open": 1,
        "longest_days": 1.0,
    }
    assert [row["units_shipped"] for row in comparison.rows()] == [1, 1, 1, 1]


def test_who_is_late_counts_while_something_is_open() -> None:
    """Beyond the deadline, and not before; who is rejected is neither open nor late."""

    def no_gold(subject: Order, /, *, context: Context) -> Iterable[Finding]:
        if subject.customer.tier == "gold":
            yield reject("shop.no_gold")

    orders = [
        order("A-1", 1, deliver_by=NOW + DAY / 2),
        order("A-2", 1, customer=GRACE, deliver_by=NOW),
    ]
    days = course(orders, mugs(), verifiers=[no_gold]).days
    assert [(day.orders, day.orders_open, day.orders_late) for day in days] == [
        (2, 1, 0),
        (2, 1, 1),
        (2, 1, 1),
    ]
    assert [wait.tier for wait in course(orders, mugs(), verifiers=[no_gold]).waits] == ["standard"]


def test_what_a_person_has_to_look_at_stays() -> None:
    """An order on hold keeps what is reserved for it, and nothing of it leaves."""

    def stopping(subject: Order, /, *, context: Context) -> Iterable[Finding]:
        yield hold("shop.look")

    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=1)], reservations=[reserved()]
    )
    days = course([order("A-1", 1)], stock, verifiers=[stopping]).days
    assert counts(days)[-1] == (1, 0, 1, 0, 0)


def test_what_needs_no_stock_goes_with_the_first_parcel() -> None:
    """Alone it is not waited for."""
    stock = Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=1),
            Stock(sku="cup", location="oslo", on_hand=1),
        ],
        items=[Item(sku="wrap", tracked=False)],
    )
    lines = [line("1"), line("2", "wrap"), line("3", "cup")]
    orders = [order("A-1", lines=lines), order("A-2", lines=[line("1", "wrap")])]
    assert counts(course(orders, stock, 1).days) == [(2, 2, 0, 2, 2)]
    waits = [order("A-1", lines=[line("1", quantity=2), line("2", "wrap")])]
    assert counts(course(waits, stock, 2).days) == [(1, 0, 1, 1, 1)] * 2
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=1)],
        items=[Item(sku="wrap", tracked=False), Item(sku="mug", backorderable=True)],
        supplies=[supply("PO-1", 1)],
    )
    assert counts(course(waits, stock, 2).days) == [(1, 0, 1, 1, 1), (1, 1, 0, 2, 2)]


def test_an_order_that_is_on_its_way_goes_on() -> None:
    """What has left before the first day does not leave again."""
    record = OrderRecord(order=order("A-1", 3), progress=[Progress(line_id="1", shipped=2)])
    assert counts(course([record], mugs(berlin=9), 1).days) == [(1, 1, 0, 1, 1)]


def test_a_supply_comes_in_somewhere() -> None:
    """Without a location where there is stock of its SKU, else at the first location; by a day,
    when that day is over; without any location, not at all.
    """
    places = [Location(id="oslo", rank=2), Location(id="rome", rank=1)]
    supplies = [supply("PO-1", 0), supply("PO-2", 0, sku="cup", expected_at=date(2026, 3, 2))]
    stock = Inventory(
        stock=[Stock(sku="mug", location="oslo", on_hand=0)], locations=places, supplies=supplies
    )
    orders = [order("A-1", lines=[line("1")]), order("A-2", lines=[line("1", "cup")])]
    assert counts(course(orders, stock, 2).days) == [(2, 1, 1, 1, 1), (2, 2, 0, 2, 2)]
    nowhere = Inventory(supplies=[supply("PO-1", 0)])
    assert counts(course([order("A-1", 1)], nowhere, 1).days) == [(1, 0, 1, 0, 0)]


def test_what_is_reserved_beyond_what_is_asked_for_stays() -> None:
    """Units of a line that is no more, and more than a line asks for."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=9)],
        reservations=[reserved("A-1", "1", 3), reserved("A-1", "7", 2)],
    )
    assert counts(course([order("A-1", 2)], stock, 1).days) == [(1, 1, 0, 2, 1)]


def test_what_may_not_leave_waits() -> None:
    """A lot that is locked up; units of which only a person can say from which lot they are; a line
    that is on hold, or not due.
    """
    locked = [
        Lot(id="L-1", quantity=1, quarantined=True),
        Lot(id="L-2", quantity=1, expires_at=NOW + 9 * DAY),
    ]
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=2, lots=locked)],
        reservations=[reserved("A-1", quantity=1, lot="L-1")],
    )
    assert counts(course([order("A-1", 2)], stock, 1).days) == [(1, 0, 1, 1, 1)]
    loose = Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=3, lots=[Lot(id="L-1", quantity=2)]),
        ],
        reservations=[reserved("A-1", quantity=3)],
    )
    assert counts(course([order("A-1", 3)], loose, 1).days) == [(1, 0, 1, 0, 0)]
    lines = [line("1"), line("2", ship_after=NOW + 9 * DAY)]
    later = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=2)],
        reservations=[reserved("A-1", "2")],
    )
    assert counts(course([order("A-1", lines=lines)], later, 1).days) == [(1, 0, 1, 1, 1)]


def test_days_that_do_not_fit_are_refused() -> None:
    """They are aware, and come one after the other; what a run raises says under which settings."""
    for days, problem in (
        (NOW, "days: "),
        ([NOW, NOW], r"days\[1\]: .* does not come after"),
        ([NOW.replace(tzinfo=None)], r"days\[0\]: "),
    ):
        with pytest.raises(InvalidValueError, match=problem):
            compare_days([], mugs(), TODAY, days=days)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"orders\[1\]: 'A-1' was given before"):
        course([order("A-1", 1), order("A-1", 2)], mugs(), 1)
    with pytest.raises(InvalidValueError, match="orders: 1 "):
        compare_days(1, mugs(), TODAY, days=[NOW])  # type: ignore[arg-type]

    def broken(subject: Order, /, *, context: Context) -> int:
        raise LookupError("no key")

    with pytest.raises(PluginError) as caught:
        course([order("A-1", 1)], mugs(), 1, priority=broken)
    assert caught.value.__notes__ == ["Under the settings 'today'."]


def test_the_page_has_a_curve_for_each_settings() -> None:
    """Nothing on it is mark-up; without days it says so."""
    settings = {"today": Settings(**BARE), HOSTILE: BARE}
    orders = [
        order("A-1", 1, customer=ADA),
        order("A-2", 1, customer=Customer(id="C", tier=HOSTILE)),
    ]
    comparison = compare_days(orders, mugs(berlin=1), settings, days=[NOW, NOW + DAY])
    page = comparison.to_html(title=HOSTILE)
    assert page.count("<polyline") == 10
    assert "script" not in Tags(page).tags
    assert comparison._repr_html_() in page
    assert str(comparison).splitlines()[1].split() == ["orders", "2", "2"]
    assert repr(comparison).startswith("<DailyComparison: 2 days under 'today', ")
    empty = DailyComparison(courses=(Course(name="today", days=(), waits=()),))
    assert "over 0 days" in empty.to_html()
    assert str(empty).splitlines()[1].split() == ["orders", "0"]
    with pytest.raises(InvalidValueError, match="title: 1 "):
        empty.to_html(title=1)  # type: ignore[arg-type]
