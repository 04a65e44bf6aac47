"""When goods leave and arrive, and why an order has its place: what the sample shop says of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shop import shopify
from shop_desk import SHOP, Desk, change_orders, text_of

SAMPLE = SHOP / "sample" / "shopify"
NOW = "2026-03-02T10:00:00+00:00"
PLACE = {
    "location": "70001",
    "opens": "07:00",
    "closes": "15:00",
    "cut_off": "13:00",
    "handling_hours": 2,
}

ROUTE = {"location": "70001", "country": "DE", "working_days": 1}


def change_warehouse(folder: Path, **changes: Any) -> Path:
    """Change sections of ``warehouse.json``."""
    path = folder / "warehouse.json"
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**content, **changes}), "utf-8")
    return folder


def test_a_run_says_who_has_no_date_and_why(desk: Desk) -> None:
    """How many orders are promised, and each without a date, with the reason."""
    desk.first_run()
    assert "35 orders promised, 28 of them with a date, 0 of those late." in desk.out
    assert "  #1005 has no date: unknown transit." in desk.out
    assert "  #1022 has no date: no supply date." in desk.out


def test_show_says_the_rank_and_the_shipments(desk: Desk) -> None:
    """Which place an order had in the queue and why, when it leaves and when it arrives."""
    desk.first_run()
    desk("show", "1019")
    assert (
        "It was number 9 of 39 in the queue: customer tier 'silver', then no deadline" in desk.out
    )
    assert (
        "Shipment of 2 x TEA-SENCHA-100, with PO-2026-07 (expected at 2026-03-16 07:00 UTC): leaves"
        " at 2026-03-16 13:00 UTC, arrives at 2026-03-19 18:00 UTC."
    ) in desk.out


def test_a_late_order_is_named(desk: Desk) -> None:
    """An order that arrives after its deadline is told with the time and the reason."""
    slow = [{**PLACE, "handling_hours": 200}, {**PLACE, "location": "70002"}]
    folder = change_warehouse(desk.files(), places=slow)
    desk("run", "--all", "--orders", folder, "--now", "2026-03-02T09:00Z")
    late = [line for line in desk.out.splitlines() if " is late by " in line]
    assert late
    assert all(line.endswith(", by its departure.") for line in late)


def test_who_waits_longer_hears_it_once(desk: Desk) -> None:
    """A supply that is put off makes one message, with the new date and the old one; the same run
    again makes none.
    """
    desk.first_run()
    late = [
        {
            "id": "PO-2026-07",
            "sku": "TEA-SENCHA-100",
            "quantity": 3,
            "expected_at": "2026-03-30T08:00:00+01:00",
        }
    ]
    folder = change_warehouse(desk.files(), supplies=late)
    desk("run", "--orders", folder, "--now", NOW)
    delayed = desk.rows("select * from outbox where kind like '%order.delayed'")
    sent = [text_of(mail) for mail in desk.parsed_mails() if "order.delayed" in mail["X-Kind"]]
    assert len(delayed) == len(sent) == 2  # of #1019 and #1020
    assert any("19 mars 2026" in text and "2 avril 2026" in text for text in sent)
    desk("run", "--orders", folder, "--now", NOW)
    assert desk.tally == "0 new messages, 0 delivered, 0 waiting."


def test_without_places_nothing_is_promised(desk: Desk) -> None:
    """A shop that does not say when its places work promises nothing, and serves all the same."""
    folder = change_warehouse(desk.files(), places=[])
    desk("run", "--orders", folder, "--now", NOW)
    assert "are promised" not in desk.out
    assert "orders decided" in desk.out


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"places": [{**PLACE, "location": "9"}]}, "places[0].location: 9 is no location"),
        ({"places": [{**PLACE, "opens": "early"}]}, 'places[0].opens: "early" is not a time'),
        ({"places": [{**PLACE, "closes": "15:00Z"}]}, 'places[0].closes: "15:00Z" is not a time'),
        ({"places": [{**PLACE, "handling_hours": -1}]}, "handling_hours: -1 is below 0"),
        ({"places": [{**PLACE, "handling_hours": 10**9}]}, "handling_hours: 1000000000 is more"),
        ({"places": [PLACE, PLACE]}, "places[1].location: 70001 is there twice"),
        ({"transit": [ROUTE, ROUTE]}, "the way from 70001 to DE is there twice"),
        ({"transit": [{**ROUTE, "country": "Germany"}]}, "Germany is not a code of two letters"),
        ({"transit": [{**ROUTE, "working_days": 10**9}]}, "working_days: 1000000000 is more"),
        ({"holidays": "none"}, 'holidays: "none" is not a list'),
        ({"holidays": ["soon"]}, 'holidays[0]: "soon" is not a date'),
        (
            {"transit": [{"location": "70001", "country": "DE", "working_days": 0}]},
            "transit[0].working_days: 0 is below 1",
        ),
    ],
)
def test_what_is_wrong_with_a_place_is_named(desk: Desk, changes: Any, fault: str) -> None:
    """A section that is wrong is told by its path, and the stock can be used all the same."""
    read = shopify.read_stock(change_warehouse(desk.files(), **changes))
    told = [str(each) for each in read.faults if each.file == "warehouse.json"]
    assert any(fault in each for each in told), told
    assert read.inventory().available("STRAINER") == 40


def test_the_customer_is_told_the_day_that_it_is_there(desk: Desk) -> None:
    """A parcel that arrives at 18:00 in UTC arrives on the next day in Tokyo: so the mail says, and
    so does the explanation; nobody else's date moves.
    """

    def lives_in_tokyo(by: dict[str, Any]) -> None:
        by["#1019"]["note_attributes"] = [{"name": "timezone", "value": "Asia/Tokyo"}]

    folder = desk.files()
    change_orders(folder, lives_in_tokyo)
    desk("run", "--all", "--orders", folder, "--now", NOW)
    [(data,)] = desk.rows(
        "select data from outbox where order_id = '881019' and audience = 'customer'"
    )
    told = json.loads(data)
    assert told["delivered_at"] == "2026-03-20T03:00:00+09:00"
    assert told["lines"][0]["expected_at"] == "2026-03-16T16:00:00+09:00"
    desk("show", "1019")
    assert "arrives at 2026-03-20 03:00 JST" in desk.out.replace("\n", " ")
    zones = desk.rows("select count(*) from outbox where data like '%+09:00%'")
    assert zones == [(1,)]
