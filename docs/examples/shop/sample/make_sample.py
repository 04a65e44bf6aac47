"""Writes the Shopify-shaped sample: a made-up tea shop with two locations and about 70 orders.

``python make_sample.py`` rewrites the files in ``shopify/``, always the same. Everything here is
invented; the oddities are those that real exports have. Each is named where it is made.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

Content = dict[str, Any]
Lines = list[tuple[str, int]]

HAMBURG, LYON, CELLAR = 70001, 70002, 70003

# sku: title, price, what happens beyond the stock (None: not tracked), ships, units per place
PRODUCTS: dict[str, tuple[str, str, str | None, bool, dict[int, int]]] = {
    "MUG-BLUE": ("Mug, blue", "14.90", "deny", True, {HAMBURG: 12, LYON: 3}),
    "MUG-RED": ("Mug, red", "15.90", "deny", True, {HAMBURG: 2, LYON: 0}),
    "TEAPOT-1L": ("Teapot, one litre", "39.00", "continue", True, {HAMBURG: 4, LYON: 1}),
    "TEA-ASSAM-250": ("Assam, 250 g", "12.50", "deny", True, {HAMBURG: 40, LYON: 25}),
    "TEA-SENCHA-100": ("Sencha, 100 g", "18.00", "continue", True, {HAMBURG: 0, LYON: 0}),
    "KETTLE-COPPER": ("Copper kettle", "129.00", "deny", True, {HAMBURG: 1, LYON: 1, CELLAR: 4}),
    "STRAINER": ("Strainer", "6.90", "deny", True, {HAMBURG: 30, LYON: 10}),
    "TRAY-OAK": ("Oak tray", "34.00", "deny", True, {HAMBURG: -2, LYON: 5}),  # oversold in Hamburg
    "HONEY-500": ("Heather honey, 500 g", "11.00", "deny", True, {HAMBURG: 6, LYON: 6}),
    "0815": ("Sampler box", "24.00", "deny", True, {}),  # a kit: it has no stock of its own
    "GIFT-CARD-50": ("Gift card", "50.00", None, False, {}),
    "EBOOK-BREWING": ("E-book: Brewing", "9.00", None, False, {}),
    "SAMPLER-TIN": ("Tin of the sampler box", "6.00", "deny", True, {HAMBURG: 9, LYON: 0}),
}

# name: e-mail, locale, street, zip, city, country (and state), tags
PEOPLE: dict[str, tuple[str, str, str, str, str, str, str]] = {
    "Anna Berg": ("anna.berg@example.com", "de", "Lindenweg 4", "01067", "Dresden", "DE", "gold"),
    "Jonas Feld": ("jonas.feld@example.com", "de", "Am Hafen 11", "20457", "Hamburg", "DE", ""),
    "Mia Sommer": ("mia@example.org", "de-AT", "Ringgasse 2", "1010", "Wien", "AT", "silver, blog"),
    "Luc Moreau": ("luc.moreau@example.net", "fr", "3 rue Basse", "69002", "Lyon", "FR", ""),
    "Inès Petit": ("ines@example.net", "fr-FR", "18 quai Nord", "06300", "Nice", "FR", "silver"),
    "Grace Hill": ("grace@example.com", "en", "5 Mill Lane", "LS1 4AP", "Leeds", "GB", ""),
    "Tom Null": ("tom.null@example.com", "en-US", "77 Pine St", "97205", "Portland", "US-OR", ""),
    "Sofia Rossi": ("sofia@example.org", "it", "Via Lunga 9", "20121", "Milano", "IT-MI", ""),
    "Piet Bakker": ("piet@example.org", "nl", "Kade 40", "1011 AB", "Amsterdam", "NL", "gold"),
    "Eva Lang": ("eva.lang@example.com", "de-CH", "Seeweg 8", "8001", "Zürich", "CH", ""),
    # New customers, and suspicious ones.
    "Noor Haddad": ("noor@example.com", "en", "2 Dock Road", "M1 2AB", "Manchester", "GB", ""),
    "Kurt Falk": ("k.falk@throwaway.example.net", "de", "Weg 1", "50667", "Köln", "DE", ""),
    "Ada Stein": ("no.such.parcel@example.org", "de", "Am Markt 5", "80331", "München", "DE", ""),
    "Lena Roth": ("lena.roth@example.com", "de", "Gartenstr. 7", "04109", "Leipzig", "DE", ""),
    "Hugo Blanc": ("hugo@example.net", "fr", "6 rue du Port", "33000", "Bordeaux", "FR", ""),
}


def order(number: int, day: int, person: str, lines: Lines, **notes: str) -> Content:
    """A plain, paid order of *day* (1 is 20 February 2026), with note attributes."""
    email, locale, street, code, city, country, tags = PEOPLE[person]
    first, last = person.split(" ", 1)
    placed = f"2026-02-{19 + day:02}T{8 + number % 12:02}:{number % 60:02}:00+01:00"
    address = {
        "name": person,
        "address1": street,
        "address2": None,
        "city": city,
        "zip": code,
        "province_code": country[3:] or None,
        "country_code": country[:2],
    }
    order_id = 880_000 + number
    content: Content = {
        "id": order_id,
        "name": f"#{number}",
        "order_number": number,
        "created_at": placed,
        "currency": "EUR",
        "presentment_currency": "EUR",
        "financial_status": "paid",
        "fulfillment_status": None,
        "cancelled_at": None,
        "test": False,
        "email": email,
        "phone": None,
        "customer_locale": locale,
        "source_name": "web",
        "tags": "",
        "browser_ip": None,
        "payment_details": None,
        "taxes_included": True,
        "discount_codes": [],
        "total_discounts": "0.00",
        "total_outstanding": "0.00",
        "note_attributes": [{"name": name, "value": value} for name, value in notes.items()],
        "line_items": line_items(order_id, lines),
        "shipping_lines": [{"title": "Parcel", "price": "4.90"}],
        "shipping_address": address,
        "billing_address": dict(address),
        "customer": {
            "id": 9_000_000 + list(PEOPLE).index(person),
            "first_name": first,
            "last_name": last,
            "email": email,
            "phone": None,
            "tags": tags,
        },
        "refunds": [],
    }
    return add_up(content)


def line_items(order_id: int, lines: Lines) -> list[Content]:
    """The lines of an order; a SKU that is not for sale any more has a title and a price, too."""
    return [
        {
            "id": order_id * 10 + position,
            "sku": sku,
            "title": PRODUCTS[sku][0] if sku in PRODUCTS else "Discontinued article",
            "quantity": quantity,
            "current_quantity": quantity,
            "price": PRODUCTS[sku][1] if sku in PRODUCTS else "10.00",
            "requires_shipping": PRODUCTS[sku][3] if sku in PRODUCTS else True,
            "fulfillment_status": None,
        }
        for position, (sku, quantity) in enumerate(lines, start=1)
    ]


def add_up(content: Content) -> Content:
    """Fill in the totals from the parts."""
    goods = sum(
        (Decimal(line["price"]) * line["quantity"] for line in content["line_items"]), Decimal(0)
    )
    shipping = sum(
        (Decimal(shipping_line["price"]) for shipping_line in content["shipping_lines"]), Decimal(0)
    )
    total = goods + shipping - Decimal(content["total_discounts"])
    content["subtotal_price"] = str(goods - Decimal(content["total_discounts"]))
    content["total_tax"] = str((total * 19 / 119).quantize(Decimal("0.01")))
    content["total_price"] = content["current_total_price"] = str(total)
    return content


def transaction(number: int, serial: int, kind: str, amount: str, **more: object) -> Content:
    """One transaction of the order *number*."""
    order_id = 880_000 + number
    return {
        "id": order_id * 10 + serial,
        "order_id": order_id,
        "parent_id": None,
        "kind": kind,
        "status": "success",
        "gateway": "card",
        "amount": amount,
        "currency": "EUR",
        "created_at": "2026-02-25T10:00:00+01:00",
        **more,
    }


def digital(content: Content) -> Content:
    """Nothing to ship: no address, no shipping."""
    content["shipping_address"], content["shipping_lines"] = None, []
    return add_up(content)


def in_pounds(content: Content) -> Content:
    """Presented and paid in pounds, while the shop keeps its books in euros."""

    def in_both_currencies(amount: str) -> Content:
        pounds = str((Decimal(amount) * Decimal("0.86")).quantize(Decimal("0.01")))
        return {
            "shop_money": {"amount": amount, "currency_code": "EUR"},
            "presentment_money": {"amount": pounds, "currency_code": "GBP"},
        }

    content["presentment_currency"] = "GBP"
    for part in (*content["line_items"], *content["shipping_lines"]):
        part["price_set"] = in_both_currencies(part["price"])
    content["current_total_price_set"] = in_both_currencies(content["total_price"])
    total = sum(
        Decimal(part["price_set"]["presentment_money"]["amount"]) * part.get("quantity", 1)
        for part in (*content["line_items"], *content["shipping_lines"])
    )
    for name in ("total_price_set", "current_total_price_set"):
        content[name] = in_both_currencies(content["total_price"])
        content[name]["presentment_money"]["amount"] = str(total)
    return content


def plain_orders() -> dict[int, Content]:
    """Orders with nothing wrong with them, by number: they differ in what they want, and where."""
    tea, mugs = [("TEA-ASSAM-250", 2)], [("MUG-BLUE", 2)]
    return {
        # Plain ones.
        1001: order(1001, 1, "Jonas Feld", tea),
        1002: order(1002, 1, "Grace Hill", [("MUG-BLUE", 1), ("STRAINER", 1)]),
        1003: order(1003, 1, "Luc Moreau", [("HONEY-500", 2), ("STRAINER", 2)]),
        1004: order(1004, 1, "Sofia Rossi", [("TEA-ASSAM-250", 4)]),
        1005: order(1005, 2, "Eva Lang", [("0815", 1)]),
        1006: order(1006, 2, "Tom Null", tea),  # a surname that some exports lose
        1007: order(1007, 2, "Mia Sommer", [("STRAINER", 3), ("TEA-ASSAM-250", 1)]),
        1008: order(1008, 2, "Piet Bakker", mugs, deliver_by="2026-03-06"),
        1009: order(1009, 2, "Anna Berg", [("TRAY-OAK", 1)]),  # only Lyon has any
        1010: order(1010, 3, "Inès Petit", [("TRAY-OAK", 2), ("TEA-ASSAM-250", 2)]),
        # Two red mugs, four who want them: tier, then deadline, then age decide.
        1011: order(1011, 3, "Jonas Feld", [("MUG-RED", 1)]),
        1012: order(1012, 4, "Luc Moreau", [("MUG-RED", 1)], deliver_by="2026-03-05"),
        1013: order(1013, 5, "Anna Berg", [("MUG-RED", 1)]),
        1014: order(1014, 3, "Eva Lang", [("MUG-RED", 2), ("STRAINER", 1)]),
        # Two copper kettles, one per location; the closed cellar's four do not count.
        1015: order(1015, 4, "Grace Hill", [("KETTLE-COPPER", 2)]),
        1016: order(1016, 4, "Mia Sommer", [("KETTLE-COPPER", 1)]),
        # Teapots and sencha may be backordered.
        1017: order(1017, 4, "Tom Null", [("TEAPOT-1L", 3)]),
        1018: order(1018, 5, "Sofia Rossi", [("TEAPOT-1L", 4)], deliver_by="2026-03-20"),
        1019: order(1019, 5, "Inès Petit", [("TEA-SENCHA-100", 2)]),
        1020: order(1020, 5, "Jonas Feld", [("TEA-SENCHA-100", 1), ("MUG-BLUE", 1)]),
        # All together or not at all.
        1021: order(1021, 5, "Eva Lang", [("MUG-BLUE", 2), ("0815", 20)], ship="complete"),
        1022: order(
            1022, 5, "Luc Moreau", [("STRAINER", 2), ("TEA-SENCHA-100", 1)], ship="complete"
        ),
        1023: order(1023, 6, "Grace Hill", [("HONEY-500", 7)], ship="complete"),  # from two places
        1024: order(1024, 6, "Anna Berg", [("HONEY-500", 3), ("STRAINER", 1)], ship="lines"),
        # Not due yet.
        1025: order(1025, 6, "Piet Bakker", tea, ship_after="2026-04-01"),
        # Digital.
        1026: digital(order(1026, 6, "Jonas Feld", [("EBOOK-BREWING", 1)])),
        1027: digital(order(1027, 6, "Sofia Rossi", [("GIFT-CARD-50", 2)])),
        1028: order(1028, 6, "Mia Sommer", [("GIFT-CARD-50", 1), ("TEA-ASSAM-250", 1)]),
    }


def odd_orders() -> dict[int, Content]:
    """Orders with something to be seen about them, by number; `make_odd` breaks some of them."""
    tea, mugs = [("TEA-ASSAM-250", 2)], [("MUG-BLUE", 2)]
    return {
        # Money.
        1029: order(1029, 6, "Tom Null", tea),  # 2 cents are missing
        1030: order(1030, 6, "Eva Lang", mugs),  # a gift card and a card
        1031: order(1031, 6, "Grace Hill", tea),  # declined
        1032: order(1032, 6, "Luc Moreau", tea),  # the gateway did not answer
        1033: order(1033, 6, "Inès Petit", tea),  # an authorization that ran out
        1034: order(1034, 6, "Jonas Feld", tea),  # a voucher of 0.00 beside the card
        1035: order(1035, 6, "Anna Berg", [("MUG-BLUE", 2), ("STRAINER", 2)]),  # partly refunded
        1036: in_pounds(order(1036, 6, "Grace Hill", [("TEA-ASSAM-250", 1), ("STRAINER", 1)])),
        1037: order(1037, 6, "Piet Bakker", tea),  # overpaid
        1038: order(1038, 7, "Sofia Rossi", [("STRAINER", 1)]),  # the discount is too large
        1039: order(1039, 7, "Tom Null", [("STRAINER", 1)]),  # given away
        # What needs a second look.
        1040: order(1040, 7, "Anna Berg", tea),  # a zip without its zero
        1041: order(1041, 7, "Mia Sommer", tea),  # a city that is an e-mail address
        1042: order(1042, 7, "Jonas Feld", tea, deliver_by="2029-03-05"),  # a deadline years off
        1043: order(1043, 7, "Luc Moreau", []),  # no items
        1044: order(1044, 7, "Eva Lang", [("Mug-Blue", 1)]),  # a SKU in another case
        1045: order(1045, 7, "Grace Hill", [("CUP-GONE", 1), ("STRAINER", 1)]),  # unknown SKU
        1046: order(1046, 7, "Sofia Rossi", tea),  # a guest, with a phone only
        1047: order(1047, 7, "Piet Bakker", tea),  # nobody can be reached
        1048: order(1048, 7, "Tom Null", tea),  # no address for goods
        1049: order(1049, 7, "Jonas Feld", [("MUG-BLUE", 1), ("MUG-BLUE", 1)]),  # twice in a basket
        1050: order(1050, 7, "Inès Petit", tea),  # two different orders under this id
        # Nothing to decide.
        1051: order(1051, 7, "Anna Berg", mugs),
        1052: order(1052, 8, "Mia Sommer", mugs),
        1053: order(1053, 8, "Grace Hill", mugs),
        # Malformed.
        1054: order(1054, 8, "Luc Moreau", tea),
        1055: order(1055, 8, "Eva Lang", tea),
        1056: order(1056, 8, "Jonas Feld", tea),
        1057: order(1057, 8, "Sofia Rossi", [("0815", 1)]),
        1058: order(1058, 8, "Piet Bakker", tea),
        1059: order(1059, 8, "Tom Null", tea),
        1060: order(1060, 8, "Anna Berg", tea),
        1061: order(1061, 8, "Mia Sommer", tea),
        1062: order(1062, 8, "Inès Petit", tea),
    }


def orders() -> list[Content]:
    """All orders, as the platform would list them, good and bad in one stream."""
    by_number = plain_orders() | odd_orders()
    make_odd(by_number)
    late = suspicious()
    listed = list(by_number.values())
    listed.insert(8, json.loads(json.dumps(by_number[1004])))  # an exact repeat: a retried export
    other = order(1050, 8, "Grace Hill", [("STRAINER", 5)])
    return [*listed, other, "#1063 could not be exported", *late]  # type: ignore[list-item]


def suspicious() -> list[Content]:
    """What a person, the fraud service or a list has something to say about."""
    tea = [("TEA-ASSAM-250", 1)]
    by_number = {
        # The platform screened it, and recommends to cancel it.
        1064: order(1064, 8, "Kurt Falk", [("TEA-ASSAM-250", 4)], deliver_by="2026-03-04"),
        1065: order(1065, 8, "Noor Haddad", tea),  # the bank knows another address
        1066: order(1066, 8, "Ada Stein", tea),  # on the deny list
        # Four orders in an hour.
        1067: order(1067, 9, "Lena Roth", tea),
        1068: order(1068, 9, "Lena Roth", [("STRAINER", 1)]),
        1069: order(1069, 9, "Lena Roth", [("STRAINER", 3)]),
        1070: order(1070, 9, "Lena Roth", [("STRAINER", 2)]),
        # So large that the shop has them screened itself.
        1071: order(1071, 9, "Hugo Blanc", [("TEA-ASSAM-250", 8)]),
        1072: order(1072, 9, "Eva Lang", [("TEA-ASSAM-250", 9)]),  # through a proxy
        1073: order(1073, 9, "Noor Haddad", [("TEA-ASSAM-250", 8)]),  # the service is silent
        1074: order(1074, 9, "Jonas Feld", tea),  # somebody of the staff tried the shop out
    }
    by_number[1064]["browser_ip"] = "203.0.113.77"
    by_number[1065]["payment_details"] = {"avs_result_code": "N", "cvv_result_code": "M"}
    for number in (1067, 1068, 1069, 1070):
        by_number[number]["created_at"] = f"2026-02-28T20:{number % 60:02}:00+01:00"
    by_number[1071]["payment_details"] = {"avs_result_code": "Y", "cvv_result_code": "M"}
    by_number[1072]["browser_ip"] = "203.0.113.9"
    by_number[1073]["browser_ip"] = "198.51.100.7"
    by_number[1074]["tags"] = "newsletter, test"
    return list(by_number.values())


def make_odd(by_number: dict[int, Content]) -> None:
    """Break what is to be broken."""
    by_number[1029]["financial_status"] = "partially_paid"
    by_number[1029]["total_outstanding"] = "0.02"
    by_number[1031]["financial_status"] = "pending"
    by_number[1032]["financial_status"] = "pending"
    by_number[1033]["financial_status"] = "authorized"
    by_number[1034]["discount_codes"] = [{"code": "WELCOME", "amount": "0.00"}]
    mugs = by_number[1035]["line_items"][0]
    mugs["current_quantity"] = 1
    by_number[1035].update(financial_status="partially_refunded", current_total_price="33.60")
    by_number[1035]["refunds"] = [
        {
            "id": 81,
            "refund_line_items": [{"line_item_id": mugs["id"], "quantity": 1}],
            "transactions": [{"kind": "refund", "status": "success", "amount": "14.90"}],
        }
    ]
    by_number[1038]["total_discounts"] = "30.00"
    add_up(by_number[1038]).update(total_price="0.00", current_total_price="0.00")
    by_number[1039]["line_items"][0]["price"] = "0.00"
    add_up(by_number[1039])
    by_number[1040]["shipping_address"]["zip"] = "1067"
    by_number[1041]["shipping_address"]["city"] = "mia@example.org"
    by_number[1046].update(customer=None, email="", phone="+39 02 5550 1234")
    by_number[1047].update(customer=None, email=None)
    by_number[1048]["shipping_address"] = None
    by_number[1051]["test"] = True
    by_number[1052]["cancelled_at"] = "2026-02-28T12:00:00+01:00"
    by_number[1053]["fulfillment_status"] = "fulfilled"
    by_number[1054]["line_items"][0]["quantity"] = 1.5
    by_number[1055]["line_items"][0].update(quantity=0, current_quantity=0)
    by_number[1056]["line_items"][0]["price"] = "-4.00"
    by_number[1057]["line_items"][0]["sku"] = 815  # a spreadsheet ate the zero
    by_number[1058]["created_at"] = "2026-02-27T10:00:00"  # in whose time zone?
    by_number[1059]["customer"]["id"] = "17850.0"  # and a float ate this one
    by_number[1060]["shipping_address"]["city"] = "NULL"
    by_number[1060]["test"] = "FALSE"
    by_number[1061]["total_price"] = by_number[1061]["current_total_price"] = 29.9
    by_number[1062]["shipping_address"]["country_code"] = "FRANCE"


def transactions() -> list[Content]:
    """Payments one by one, for the orders whose status does not tell enough."""
    return [
        transaction(1030, 1, "sale", "20.00", gateway="gift_card"),
        transaction(1030, 2, "authorization", "14.70"),
        transaction(1031, 1, "sale", "29.90", status="failure"),
        transaction(1032, 1, "authorization", "29.90", status="error"),
        transaction(
            1033, 1, "authorization", "29.90", authorization_expires_at="2026-03-01T10:00:00+01:00"
        ),
        transaction(1034, 1, "sale", "0.00", gateway="gift_card"),
        transaction(1034, 2, "authorization", "29.90"),
        transaction(1034, 3, "capture", "29.90", parent_id=8_810_342),
        transaction(1037, 1, "sale", "30.00"),
        transaction(1028, 1, "sale", "67.40", status="failure"),  # declined, then paid
        transaction(1028, 2, "sale", "67.40"),
        transaction(1007, 1, "sale", "38,10"),  # a comma: this one cannot be read
    ]


def risks() -> list[Content]:
    """What the platform says of the orders that it screened: most are harmless."""
    advice = [
        (1001, "0.02", "accept", "No sign of fraud"),
        (1035, "0.00", "accept", "No sign of fraud"),
        (1064, "0.92", "cancel", "Placed through an anonymous proxy"),
        (1064, "0.40", "investigate", "The mailbox is a throw-away one"),
    ]
    return [
        {
            "id": 5000 + serial,
            "order_id": 880_000 + number,
            "source": "External",
            "score": score,
            "recommendation": recommendation,
            "message": message,
            "display": recommendation != "accept",
            "cause_cancel": recommendation == "cancel",
        }
        for serial, (number, score, recommendation, message) in enumerate(advice)
    ]


def stock() -> dict[str, list[Content]]:
    """Products, levels and locations."""
    products, levels = [], []
    for position, (sku, (title, price, policy, ships, units)) in enumerate(PRODUCTS.items()):
        item = 610_000 + position
        products.append(
            {
                "id": 300 + position,
                "title": title,
                "variants": [
                    {
                        "id": 400 + position,
                        "sku": sku,
                        "price": price,
                        "inventory_item_id": item,
                        "inventory_management": None if policy is None else "shopify",
                        "inventory_policy": policy or "deny",
                        "requires_shipping": ships,
                    }
                ],
            }
        )
        levels += [
            {"inventory_item_id": item, "location_id": place, "available": available}
            for place, available in units.items()
        ]
    levels.append({"inventory_item_id": 699_999, "location_id": HAMBURG, "available": 3})  # whose?
    places = ((HAMBURG, "Hamburg", True), (LYON, "Lyon", True), (CELLAR, "Old cellar", False))
    return {
        "products": products,
        "inventory_levels": levels,
        "locations": [{"id": at, "name": name, "active": active} for at, name, active in places],
    }


def warehouse() -> Content:
    """What the shop's own warehouse knows: lots, a kit, goods on order, hours, transit."""
    return {
        "lots": [
            {"sku": "TEA-ASSAM-250", "location": str(place), "lot": lot, "quantity": units,
             "expires_at": f"{end}T00:00:00+00:00"}
            for place, lot, units, end in (
                (HAMBURG, "A-2510", 6, "2026-03-20"),  # too old to be sold: it has to keep 30 days
                (HAMBURG, "A-2511", 10, "2026-06-01"),
                (HAMBURG, "A-2601", 24, "2027-02-01"),
                (LYON, "A-2601", 25, "2027-02-01"),
            )
        ],
        "items": [{"sku": "TEA-ASSAM-250", "minimum_life_days": 30}],
        "kits": [
            {"sku": "0815", "components": [
                {"sku": "SAMPLER-TIN", "quantity": 1}, {"sku": "TEA-ASSAM-250", "quantity": 1},
            ]},
        ],
        "supplies": [
            {"id": "PO-2026-07", "sku": "TEA-SENCHA-100", "quantity": 3,
             "expected_at": "2026-03-16T08:00:00+01:00"},
        ],
        "places": [
            {"location": str(place), "opens": opens, "closes": closes, "cut_off": cut_off,
             "handling_hours": hours}
            for place, opens, closes, cut_off, hours in (
                (HAMBURG, "07:00", "15:00", "13:00", 2),
                (LYON, "08:00", "16:00", "14:00", 3),
            )
        ],
        "transit": [
            {"location": str(place), "country": country, "working_days": days}
            for place, routes in (
                (HAMBURG, {"DE": 1, "AT": 2, "FR": 3, "IT": 3, "NL": 2, "GB": 4}),
                (LYON, {"FR": 1, "IT": 2, "DE": 3, "AT": 3, "GB": 4}),
            )
            for country, days in routes.items()
        ],
        "holidays": ["2026-04-03", "2026-04-06"],
    }  # fmt: skip


def files() -> dict[str, str]:
    """What the files hold, by name."""
    contents = {"orders": orders(), "transactions": transactions(), "risks": risks(), **stock()}
    whole = {name: {name: content} for name, content in contents.items()}
    return {
        f"{name}.json": json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        for name, content in {**whole, "warehouse": warehouse()}.items()
    }


def main() -> None:
    """Write the files beside this script."""
    folder = Path(__file__).with_name("shopify")
    folder.mkdir(exist_ok=True)
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
