"""What rendered messages say: each kind, in each language, as a page and as plain text."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from itertools import product
from typing import Any

import attrs
import pytest

from fulfill_core import (
    Address,
    Customer,
    Decision,
    InvalidValueError,
    Kind,
    Order,
    OrderRecord,
    Outcome,
    Progress,
)
from fulfill_core.messages import Language, RenderedMessage, Renderer, Sample, Shop, extra, samples

SHOP = Shop(name="Tea shop", url="https://tea.example", footer=["Tea Ltd, 12 Lime Street"])
RENDERER = Renderer(shop=SHOP)
SAMPLES = {locale: {each.name: each for each in samples(locale)} for locale in RENDERER.locales}


class Page(HTMLParser):
    """A page as a mail program reads it: its elements, and the words that are seen."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []
        self.words: list[str] = []
        self._stack: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.words.append("" if tag == "bdi" else " ")
        if tag not in {"br", "meta"}:
            self._stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.words.append("" if tag == "bdi" else " ")
        if not self._stack or self._stack.pop() != tag:
            self.faults.append(f"</{tag}> at line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & {*self._stack}:
            self.words.append(data)

    @property
    def text(self) -> str:
        """The words, with single blanks between them."""
        return " ".join("".join(self.words).split())


def rendered(sample: Sample, **settings: Any) -> RenderedMessage:
    """A sample in words."""
    return RENDERER.render(sample.notification, sample.order, titles=sample.titles, **settings)


@cache
def every_message(locale: str) -> list[tuple[Sample, RenderedMessage]]:
    """All samples of a language in words, with a button."""
    link = "https://tea.example/orders/1"
    return [(sample, rendered(sample, link=link)) for sample in SAMPLES[locale].values()]


def english(name: str, order: Mapping[str, Any] | None = None, **content: Any) -> Sample:
    """An English sample, with other content."""
    sample = SAMPLES["en"][name]
    return attrs.evolve(
        sample,
        order=attrs.evolve(sample.order, **(order or {})),
        notification=attrs.evolve(sample.notification, **content),
    )


# -- Every message in every language ---------------------------------------------------------------


def test_there_is_a_sample_of_each_kind() -> None:
    """In each language; and all of them have names of their own."""
    for locale, by_name in SAMPLES.items():
        assert {each.notification.kind for each in by_name.values()} >= {*Kind}
        assert len(by_name) == len(samples(locale))


def test_there_is_a_sample_of_each_outcome() -> None:
    """That has a message to the customer or to the staff at all."""
    outcomes = {each.outcome for each in samples("en")} - {None}
    assert outcomes == {*Outcome} - {Outcome.CANCELLED}


def test_a_sample_is_in_the_language_that_was_asked_for() -> None:
    """Also where the library has no texts in it: to see what is missing."""
    assert {each.notification.locale for each in samples("sv")} == {"sv"}
    assert samples("de-AT")[0].order.ship_to == samples("de")[0].order.ship_to
    assert samples("sv")[0].order.ship_to == samples("en")[0].order.ship_to
    with pytest.raises(InvalidValueError, match="locale"):
        samples("")


@pytest.mark.parametrize("locale", SAMPLES)
def test_every_message_is_whole(locale: str) -> None:
    """Subject, preheader, text and page; in its own language, and with nothing left open."""
    for sample, message in every_message(locale):
        assert (message.language, message.fallback) == (locale, "")
        assert message.kind == sample.notification.kind
        assert "A-1017" in message.subject
        for part in (message.subject, message.preheader, message.text, message.html):
            assert part.strip()
        for part in (message.subject, message.preheader, message.text, Page(message.html).text):
            assert re.findall(r"\{\w*|\w*\}|AMOUNT|CURRENCY|None|\\u", part) == []
        assert not {"\n", "\r"} & {*message.subject, *message.preheader}


@pytest.mark.parametrize("locale", SAMPLES)
def test_every_page_is_well_formed_and_does_nothing(locale: str) -> None:
    """Elements that mail programs know, closed as they were opened; nothing is loaded or run."""
    known = {
        *("html", "head", "meta", "title", "style", "body", "table", "tr", "td", "div", "span"),
        *("p", "h1", "h2", "a", "br", "bdi"),
    }
    for _, message in every_message(locale):
        page = Page(message.html)
        assert page.faults == []
        assert {tag for tag, _ in page.elements} <= known
        root, direction = page.elements[0], "rtl" if locale == "ar" else "ltr"
        assert root == ("html", {"lang": locale, "dir": direction})
        assert message.direction == direction
        for tag, attributes in page.elements:
            assert not any(name.startswith("on") for name in attributes)
            assert tag != "table" or attributes["role"] == "presentation"
        assert {each["href"] for tag, each in page.elements if tag == "a"} == {
            "https://tea.example/orders/1",
            "https://tea.example",
        }
        assert re.findall(r"url\(|@import|<script|<img|<link|javascript:", message.html) == []


@pytest.mark.parametrize("locale", SAMPLES)
def test_the_text_says_what_the_page_says(locale: str) -> None:
    """Whoever reads plain text misses nothing: each word of one is in the other."""
    for _, message in every_message(locale):
        # The subject is the title of the page, and the sender's name stands above it.
        text = f"{message.subject} {message.text} {SHOP.name}"
        text = text.replace("\u2068", "").replace("\u2069", "")
        words = re.findall(r"[^\W\d_]{2,}|\d+", Page(message.html).text)
        assert [word for word in words if word not in text] == []


def test_a_page_is_made_for_mail() -> None:
    """600 pixels, styles in the elements, colors for dark mode, and no more than Gmail shows."""
    html = rendered(english("order.confirmed")).html
    assert "max-width: 600px" in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert len(html.encode()) < 20_000
    for tag, attributes in Page(html).elements:
        if tag in {"p", "h1", "div"}:
            assert attributes["style"]


# -- What is said ----------------------------------------------------------------------------------


def test_a_confirmation() -> None:
    """All of it, letter for letter."""
    message = rendered(english("order.confirmed"), link="https://tea.example/orders/A-1017")
    assert message.subject == "Your order A-1017 is confirmed"
    assert message.preheader == "Expected delivery: Friday, March 6, 2026 · Order total: £83.50"
    assert message.text == (
        "Hello Ada Marsh,\n"
        "\n"
        "Thank you for your order. We have confirmed the following for you:\n"
        "\n"
        "* Assam tea, 250 g (TEA-ASSAM-250): £37.50\n"
        "  Confirmed: 3 items\n"
        "* Porcelain teapot (POT-PORCELAIN): £38.00\n"
        "  Confirmed: 1 item\n"
        "* Tea strainer (STRAINER): £8.00\n"
        "  Confirmed: 2 items\n"
        "\n"
        "Order number: A-1017\n"
        "Expected delivery: Friday, March 6, 2026\n"
        "Order total: £83.50\n"
        "Delivery address:\n"
        "  Ada Marsh\n"
        "  12 Lime Street\n"
        "  Leeds\n"
        "  LS1 4AP\n"
        "  United Kingdom\n"
        "\n"
        "View your order: https://tea.example/orders/A-1017\n"
        "\n"
        "Kind regards\n"
        "Tea shop\n"
        "\n"
        "-- \n"
        "You receive this message because of an order at Tea shop.\n"
        "Tea Ltd, 12 Lime Street\n"
        "https://tea.example\n"
    )


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("order.partly_backordered", ["Confirmed: 3 items", "To follow: 1 item"]),
        ("order.partly_backordered", ["  Expected in stock: March 10, 2026"]),
        ("order.unfulfillable", ["Not available: 1 item"]),
        ("order.scheduled", ["Ordered: 3 items"]),
        ("order.delayed", ["Expected delivery: Tuesday, March 10, 2026"]),
        ("order.delayed", ["Previously announced: Friday, March 6, 2026"]),
        ("order.delayed, no date", ["Expected delivery: not known yet"]),
        ("order.earlier, a date at last", ["Expected delivery: Tuesday, March 10, 2026"]),
        ("order.amended", ["New order total: £83.50"]),
        ("order.amended, new address", ["Delivery address:\n  Ada Marsh"]),
        ("order.partly_cancelled", ["Cancelled: 1 item", "Still to come: 2 items"]),
        ("parcel.shipped", ["In this parcel: 2 items", "Still to come: 1 item"]),
        ("parcel.shipped", ["Carrier: Parcel Express\nTracking number: PX1234567890"]),
        ("parcel.shipped, no tracking", ["Parcel: P-1"]),
        ("parcel.delivery_failed", ["Reason: Nobody home"]),
        ("return.requested", ["To be returned: 1 item", "Return number: R-5"]),
        ("payment.needed", ["£83.50 is still missing", "Amount: £83.50"]),
        ("payment.refunded", ["everything that you paid for this order: £83.50."]),
        ("payment.partly_refunded", ["£20.50 has been refunded so far", "in total: £20.50"]),
        ("order.received", ["This is not yet a confirmation.", "Order total: £83.50"]),
        ("order.delay_choice", ["Previously announced: Friday, March 6, 2026\n"]),
        ("order.delay_choice", ["Please answer by: Friday, March 13, 2026, 5:00\u202fPM (UTC)\n"]),
        (
            "order.delay_choice",
            ["If you do not answer: we will cancel what has not been sent, and"],
        ),
        ("order.delay_choice, no date", ["Expected delivery: not known yet"]),
        ("order.withdrawal_acknowledged", ["Sent to us on: Wednesday, March 11, 2026, 8:15"]),
        ("product.recalled", ["Affected: 1 item", "What to do: Do not use it; send it back."]),
        ("order.cancelled, with a reason", ["Reason: Sold out"]),
        ("order.shortage", ["Not available: 1 item"]),
        ("order.late", ["* Deadline: Friday, March 6, 2026, 12:00\u202fPM (UTC)\n"]),
        ("order.late", ["* Expected delivery: Tuesday, March 10, 2026"]),
        ("order.withdrawn", ["* Who decided: the customer\n"]),
        ("order.delay_choice, no date", ["Reason: not everything is in stock, and we do not"]),
        ("order.delay_choice", ["Still to come: 3 items"]),
        ("order.review_needed", ["What was noticed:\n* address.po_box: The address is a P.O. box"]),
        ("fulfilment.pick_list", ["To pick: 2 items", "Pick list: F-3", "  12 Lime Street\n"]),
        ("fulfilment.call_back", ["Do not send: 1 item"]),
    ],
)
def test_what_a_kind_says(name: str, parts: list[str]) -> None:
    """The numbers of its rows, its dates, and what there is to say beside them."""
    text = rendered(english(name)).text
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("parcel.shipped", ["P-1"]),
        ("parcel.shipped", ["£"]),
        ("parcel.provided", ["P-2"]),
        ("order.delayed", ["Delivery address"]),
        ("return.requested", ["withdrawal"]),
        ("payment.refunded", ["refunded:", "GBP"]),
        ("order.amended", ["ship_to"]),
        ("order.review_needed", ["Hello", "Kind regards", "You receive this message"]),
        ("fulfilment.pick_list", ["Hello", "Kind regards"]),
    ],
)
def test_what_a_kind_does_not_say(name: str, parts: list[str]) -> None:
    """Numbers of the house, codes, and courtesies among colleagues."""
    text = rendered(english(name)).text
    assert [part for part in parts if part in text] == []


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("order.scheduled", ["\nNot sent before: Wednesday, March 18, 2026\n"]),
        ("order.scheduled, some of it", ["  Ordered: 1 item\n  Not sent before: March 18, 2026\n"]),
        ("order.cancelled, not paid", ["Reason: we did not receive your payment in time\n"]),
        ("order.cancelled, no answer", ["Reason: we did not hear from you in time\n"]),
        ("order.withdrawn, no answer", ["Who decided: nobody, there was no answer in time\n"]),
        ("order.delay_choice", ["Reason: A strike at our supplier\n", "Still to come: 3 items"]),
        ("parcel.ready_for_pick_up", ["Pick-up point: Kiosk, 3 Station Road\n"]),
        ("parcel.ready_for_pick_up", ["Available there until: Monday, March 16, 2026, 6:00"]),
        ("parcel.delivery_failed", ["Carrier: Parcel Express\nTracking number: PX1234567890\n"]),
        ("parcel.delivery_failed", ["What to do: Please choose another day with the carrier.\n"]),
        ("parcel.lost, sent again", ["Lost: 1 item\n  Still to come: 1 item\n"]),
        ("parcel.lost, not charged", ["Lost: 1 item\n  Not charged: 1 item\n"]),
        ("return.approved", ["To be returned: 1 item"]),
    ],
)
def test_who_reads_knows_what_comes_next(name: str, parts: list[str]) -> None:
    """Why, when, where and until when, who has it, and what becomes of it."""
    text = rendered(english(name)).text
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(
    ("name", "button"),
    [
        ("parcel.shipped", "Track your parcel"),
        ("parcel.shipped, no tracking", "View your order"),
        ("parcel.out_for_delivery", "Track your parcel"),
        ("parcel.delivered", "View your order"),
    ],
)
def test_a_parcel_can_be_tracked_that_has_a_number(name: str, button: str) -> None:
    """A button that says so leads to nothing if there is none."""
    text = rendered(english(name), link="https://tea.example/1").text
    assert f"\n{button}: https://tea.example/1\n" in text


def test_a_line_of_which_there_is_nothing_to_say_is_left_out() -> None:
    """One that has left, of an order that is late; what a host's own kind says nobody knows."""
    rows = [("1", "TEA-ASSAM-250", 3, 0, 0, 0, None), ("2", "POT-PORCELAIN", 1, 0, 1, 0, None)]
    text = rendered(english("order.delay_choice", lines=rows)).text
    assert "Porcelain teapot" in text
    assert "Assam" not in text
    own = Language(locale="en", texts={"gift.subject": "{order}", "gift.opening": "For you:"})
    renderer = Renderer(shop=SHOP, languages=[own])
    gift = english("order.amended", kind="gift", lines=rows)
    assert "TEA-ASSAM-250" in renderer.render(gift.notification, gift.order).text


def test_codes_have_names_in_the_language_of_the_staff_if_the_shop_gives_them() -> None:
    """Else they stand as they are; what was noticed is said as the finding says it."""
    review = english("order.review_needed")
    assert "* address.po_box: The address is a P.O. box" in rendered(review).text
    named = Language(locale="en", texts={"label.address.po_box": "P.O. box"})
    renderer = Renderer(shop=SHOP, languages=[named])
    text = renderer.render(review.notification, review.order).text
    assert "* P.O. box: The address is a P.O. box" in text


def test_a_reason_may_be_a_word_of_the_shop() -> None:
    """Then each language has a text for it; where one has none, it stands as it is."""
    word = Language(locale="de", texts={"reason.sold_out": "Ausverkauft"})
    renderer = Renderer(shop=SHOP, languages=[word])
    sample = english("order.cancelled, with a reason", reasons=[("reason", "sold_out")])
    texts = [
        renderer.render(sample.notification, sample.order, locale=locale).text
        for locale in ("de", "en")
    ]
    assert "Grund: Ausverkauft\n" in texts[0]
    assert "Reason: sold_out\n" in texts[1]


@pytest.mark.parametrize("name", ["order.on_hold", "order.rejected", "order.unfulfillable"])
def test_what_may_never_come_has_no_date(name: str) -> None:
    """Every message to a customer carries the date of what else is promised."""
    dated = english(name, delivered_at=datetime(2026, 3, 6, tzinfo=UTC))
    assert "Expected delivery" not in rendered(dated).text


def test_a_confirmation_of_a_part_has_no_price_for_it() -> None:
    """What the whole line costs is not what the part costs."""
    rows = [("1", "TEA-ASSAM-250", 3, 2, 0, 0, None), ("9", "GONE", 1, 1, 0, 0, None)]
    text = rendered(english("order.confirmed", lines=rows)).text
    assert "* Assam tea, 250 g (TEA-ASSAM-250)\n  Confirmed: 2 items\n* GONE\n" in text


def test_what_costs_nothing_has_no_price() -> None:
    """A gift is confirmed like anything else."""
    lines = [
        attrs.evolve(line, unit_price=Decimal(0))
        for line in SAMPLES["en"]["order.confirmed"].order.lines
    ]
    assert "£" not in rendered(english("order.confirmed", order={"lines": lines})).text


def test_the_total_is_what_is_due() -> None:
    """Of a record it is less what was cancelled; of an order or a decision, what it costs."""
    sample = english("order.confirmed")
    record = OrderRecord(order=sample.order, progress=[Progress(line_id="2", cancelled=1)])
    decision = Decision(order=sample.order, outcome=Outcome.ALLOCATED)
    totals = [
        re.findall("Order total: (.*)\n", RENDERER.render(sample.notification, each).text)
        for each in (sample.order, decision, record)
    ]
    assert totals == [["£83.50"], ["£83.50"], ["£45.50"]]


def test_a_thing_without_a_title_is_known_by_its_sku() -> None:
    """Once, not twice."""
    sample = english("order.confirmed")
    text = RENDERER.render(sample.notification, sample.order).text
    assert "* TEA-ASSAM-250: £37.50\n" in text


def test_an_order_has_the_name_that_people_call_it() -> None:
    """In subject, page and text."""
    message = rendered(english("order.confirmed"), order_name="#1017")
    assert message.subject == "Your order #1017 is confirmed"
    assert "Order number: #1017" in message.text
    assert "A-1017" not in message.html


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("order.confirmed", "View your order"),
        ("parcel.shipped", "Track your parcel"),
        ("payment.needed", "Pay now"),
        ("order.delay_choice", "Answer now"),
    ],
)
def test_a_button_says_where_it_leads(name: str, action: str) -> None:
    """To the order, the parcel or the payment; without a link there is none."""
    sample = english(name)
    assert action in Page(rendered(sample, link="https://tea.example/x?a=1&b=2").html).text
    assert f"{action}: https://tea.example/x?a=1&b=2\n" in (
        rendered(sample, link="https://tea.example/x?a=1&b=2").text
    )
    assert action not in rendered(sample).text


def test_a_long_link_is_whole() -> None:
    """It may carry a token of any length that a browser takes."""
    link = f"https://tea.example/{'x' * 1_980}"
    message = rendered(english("order.confirmed"), link=link)
    assert f"View your order: {link}\n" in message.text
    assert f'href="{link}"' in message.html


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Ada", "Hello Ada,"),
        ("  Ada \n Lovelace ", "Hello Ada Lovelace,"),
        ("Seán O'Neill-Ö. Jr.", "Hello Seán O'Neill-Ö. Jr.,"),
        ("山本 葵", "Hello 山本 葵,"),
        ("محمد", "Hello محمد,"),
        ("", "Hello,"),
        ("   ", "Hello,"),
        ("Visit evil.example now", "Hello,"),
        ("Ada http://evil", "Hello,"),
        ("Win 1000 now", "Hello,"),
        ("Ada <b>", "Hello,"),
        ("x" * 41, "Hello,"),
        ("Ada\u202eabc", "Hello,"),
    ],
)
def test_only_a_name_is_greeted(name: str, greeting: str) -> None:
    """Whoever orders chooses name and address: what is no name is not passed on by the shop."""
    customer = Customer(id="C-7", name=name)
    text = rendered(english("order.delayed", order={"customer": customer})).text
    assert text.splitlines()[0] == greeting


def test_an_address_has_what_it_has() -> None:
    """Empty parts leave no empty lines, and an unknown country is what it is."""
    address = Address(name="", street=["", "1 Main St"], city="Leeds", region="York", country="ZZ")
    text = rendered(english("order.confirmed", order={"ship_to": address})).text
    assert "Delivery address:\n  1 Main St\n  Leeds\n  York\n  " in text
    bare = Address(name="Ada", street=[], city="Leeds")
    text = rendered(english("order.confirmed", order={"ship_to": bare})).text
    assert "Delivery address:\n  Ada\n  Leeds\n\n" in text
    assert "address" not in rendered(english("order.confirmed", order={"ship_to": None})).text


@pytest.mark.parametrize(
    ("reasons", "amount"),
    [
        ([("amount", "5"), ("currency", "USD")], "US$5.00"),
        ([("amount", "5")], "£5.00"),
        ([("amount", "five")], "five"),
        ([("amount", "Infinity")], "Infinity"),
        ([("amount", "1e999999999")], "1e999999999"),
        ([("amount", "5\n6")], "5 6"),
        ([("amount", "5"), ("currency", "$\n")], "£5.00"),
        ([], "?"),
    ],
)
def test_an_amount_is_that_of_the_message(reasons: list[tuple[str, str]], amount: str) -> None:
    """In its currency; what a host's own message has there and is no amount stays as it is."""
    text = rendered(english("payment.needed", locale="en-GB", reasons=reasons)).text
    assert f"not fully paid: {amount} is still missing" in text


def test_a_refund_that_says_nothing_of_payments() -> None:
    """A host's own message has an amount at least; what is none adds nothing."""
    reasons = [("amount", "5"), ("refunded:card", "all"), ("refunded:gift", "2.50")]
    text = rendered(english("payment.refunded", reasons=reasons)).text
    assert "for this order: £2.50." in text
    text = rendered(english("payment.refunded", reasons=[("amount", "5")])).text
    assert "for this order: £5.00." in text


def test_an_instant_that_is_none_stays_as_it_is() -> None:
    """A host's own message may say it in words; a word that nobody has words for stays, too."""
    for detail in ("tomorrow", "2026-03-13", "2026-03-13T12:00"):
        reasons = [("answer_by", detail), ("silence", "golden")]
        text = rendered(english("order.delay_choice", reasons=reasons)).text
        assert f"Please answer by: {detail}\nIf you do not answer: golden\n" in text


def test_a_number_that_reads_like_a_key_is_a_number() -> None:
    """Only what is a word of the library is put into words."""
    text = rendered(english("return.approved", reasons=[("return", "received.subject")])).text
    assert "Return number: received.subject\n" in text


def test_what_to_do_is_said_to_the_end() -> None:
    """Advice may be longer than a name; a line that never ends is cut."""
    reasons = [("advice", "Stop. " * 300), ("reason", "x" * 3_000)]
    text = rendered(english("product.recalled", reasons=reasons)).text
    assert f"What to do: {('Stop. ' * 300).strip()}\n" in text
    assert f"Reason: {'x' * 1_999}…\n" in text


def test_a_single_line_is_told_in_the_inbox() -> None:
    """What is seen beside the subject is what the message is about."""
    assert rendered(english("parcel.lost")).preheader == "Lost: 1 item · Carrier: Parcel Express"
    assert rendered(english("order.on_hold")).preheader.startswith("Before we continue")
    assert rendered(english("order.review_needed, some of it")).preheader == (
        "Somebody has to look at this order."
    )


def test_ink_is_seen_on_the_color() -> None:
    """White letters on a dark color, black ones on a bright one."""
    inks = [Shop(name="x", color=color).ink for color in ("#000000", "#1f5f4a", "#ffee00")]
    assert inks == ["#ffffff", "#ffffff", "#000000"]


def test_ink_is_seen_on_every_color() -> None:
    """With the contrast that small letters need by WCAG 2: 4.5 to 1, on the greyest grey, too."""
    shares = range(0, 256, 15)
    colors = [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in product(shares, repeat=3)]
    worst = min(colors, key=lambda color: contrast(Shop(name="x", color=color).ink, color))
    assert contrast(Shop(name="x", color=worst).ink, worst) >= 4.5


def contrast(color: str, other: str) -> float:
    """Of two colors, by WCAG 2."""

    def light(color: str) -> float:
        shares = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = [
            share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
            for share in shares
        ]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted([light(color), light(other)])
    return (bright + 0.05) / (dark + 0.05)


def test_a_shop_needs_no_more_than_a_name() -> None:
    """Without address and footer there are none."""
    sample = english("order.on_hold")
    message = Renderer(shop=Shop(name="Tea")).render(sample.notification, sample.order)
    assert message.text.endswith("because of an order at Tea.\n")


# -- Several news in one --------------------------------------------------------------------------


def digest(*names: str, locale: str = "en", **settings: Any) -> RenderedMessage:
    """Several samples in one message."""
    news = [SAMPLES[locale][name] for name in names]
    notifications = [each.notification for each in news]
    return RENDERER.render(notifications, news[0].order, titles=news[0].titles, **settings)


def test_several_news_are_one_message() -> None:
    """Under a subject of their own, each with its own words."""
    message = digest("parcel.shipped", "payment.partly_refunded", link="https://tea.example/1")
    assert (message.kind, message.subject) == ("digest", "News about your order A-1017")
    assert message.preheader == (
        "Your parcel from order A-1017 is on its way · Partial refund for your order A-1017"
    )
    assert message.text == (
        "Hello Ada Marsh,\n"
        "\n"
        "There is more than one piece of news about your order:\n"
        "\n"
        "## Your parcel from order A-1017 is on its way\n"
        "\n"
        "Your parcel has left our warehouse.\n"
        "\n"
        "* Assam tea, 250 g (TEA-ASSAM-250)\n"
        "  In this parcel: 2 items\n"
        "  Still to come: 1 item\n"
        "* Porcelain teapot (POT-PORCELAIN)\n"
        "  In this parcel: 1 item\n"
        "\n"
        "Carrier: Parcel Express\n"
        "Tracking number: PX1234567890\n"
        "Delivery address:\n"
        "  Ada Marsh\n"
        "  12 Lime Street\n"
        "  Leeds\n"
        "  LS1 4AP\n"
        "  United Kingdom\n"
        "\n"
        "## Partial refund for your order A-1017\n"
        "\n"
        "We have refunded part of your payment. In total, £20.50 has been refunded so far.\n"
        "\n"
        "Refunded in total: £20.50\n"
        "\n"
        "View your order: https://tea.example/1\n"
        "\n"
        "Kind regards\n"
        "Tea shop\n"
        "\n"
        "-- \n"
        "You receive this message because of an order at Tea shop.\n"
        "Tea Ltd, 12 Lime Street\n"
        "https://tea.example\n"
    )


def test_what_is_owed_by_law_says_what_it_is() -> None:
    """It gives several news their subject, wherever it stands among them."""
    message = digest("return.requested", "order.withdrawal_acknowledged")
    subject = "We have received your withdrawal from order A-1017"
    assert (message.kind, message.subject) == ("digest", subject)
    assert message.preheader == "We have received your return request for order A-1017"
    assert f"\n## {subject}\n" in message.text


@pytest.mark.parametrize(
    ("names", "heading"),
    [
        (("order.confirmed", "order.delayed"), "order.delayed"),
        (("order.amended", "payment.needed"), "payment.needed"),
        (("order.confirmed", "order.delayed, no date"), "order.delayed"),
        (("order.partly_backordered", "order.delayed"), "order.delayed"),
        (("order.confirmed, some of it", "order.on_hold, some of it"), "order.on_hold"),
        (("order.delayed", "order.delay_choice", "order.confirmed"), "order.delay_choice"),
        (("parcel.shipped", "order.confirmed"), "order.confirmed"),
        (("parcel.shipped", "parcel.delivered"), "digest"),
    ],
)
def test_the_weightiest_news_gives_its_subject(names: tuple[str, ...], heading: str) -> None:
    """Who reads no more than a subject must not take a delay for a confirmation; and its button."""
    link = "https://tea.example/1"
    message = digest(*names, link=link)
    text = RENDERER.texts("en")[f"{heading}.subject"]
    assert message.subject == text.replace("{order}", "A-1017")
    actions = {"payment.needed": "Pay now", "order.delay_choice": "Answer now"}
    assert f"\n{actions.get(heading, 'View your order')}: {link}\n" in message.text


@pytest.mark.parametrize("locale", SAMPLES)
def test_all_news_of_an_audience_are_one_page(locale: str) -> None:
    """Well formed, with a title for each, and with all that the text says."""
    for audience in ("customer", "staff", "location"):
        names = [
            name for name, each in SAMPLES[locale].items() if each.notification.audience == audience
        ]
        message = digest(*names, locale=locale)
        page = Page(message.html)
        assert page.faults == []
        assert [tag for tag, _ in page.elements].count("h2") == len(names) + (
            sum(bool(SAMPLES[locale][name].notification.reasons) for name in names)
            if audience == "staff"
            else 0
        )
        assert message.fallback == ""


def test_one_news_of_several_is_no_digest() -> None:
    """It is the message that it would be by itself."""
    assert digest("parcel.lost") == rendered(english("parcel.lost"))


def test_what_does_not_go_together_is_refused() -> None:
    """Nothing for the staff is told to a customer, and nobody reads two languages in one."""
    lost, review = english("parcel.lost"), english("order.review_needed")
    german = attrs.evolve(lost.notification, locale="de")
    other_order = attrs.evolve(lost.notification, order_id="A-2")
    for news, problem in (
        ([lost.notification, review.notification], "notification.audience: <Audience.STAFF"),
        ([lost.notification, german], "notification.locale: 'de' is another locale than 'en'"),
        ([lost.notification, other_order], "record.id: 'A-1017' is not the order 'A-2'"),
        ([], "notification: () is empty; pass one at least"),
        ([lost], "notification[0]: Sample("),
        ("lost", "notification: 'lost' is not a collection of Notification"),
        (None, "notification: None is not a collection of Notification"),
    ):
        with pytest.raises(InvalidValueError) as error:
            RENDERER.render(news, lost.order)  # type: ignore[arg-type]
        assert str(error.value).startswith(problem)


def test_a_digest_is_in_a_language_that_has_all_of_it() -> None:
    """If one of its news can't be said in a language, all of them are said in another."""
    texts = {**RENDERER.texts("en")}
    del texts["parcel.lost.opening"]
    renderer = Renderer(shop=SHOP, languages=[Language(locale="sv", texts=texts)])
    news = [
        attrs.evolve(english(name).notification, locale="sv")
        for name in ("parcel.shipped", "parcel.lost")
    ]
    message = renderer.render(news, english("parcel.lost").order)
    assert message.fallback == "'sv' lacks the text 'parcel.lost.opening'; it is written in 'en'"


# -- Refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"name": ""}, "Shop.name: '' is empty"),
        ({"url": "http://tea.example"}, "Shop.url: 'http://tea.example' is no address to lead to"),
        ({"footer": "Tea Ltd"}, "Shop.footer: 'Tea Ltd' is not a collection of str"),
        ({"color": "green"}, "Shop.color: 'green' is no color; pass one like '#1f5f4a'"),
        ({"color": "#fff; x: y"}, "Shop.color: '#fff; x: y' is no color"),
        ({"color": 7}, "Shop.color: 7 is not text"),
    ],
)
def test_what_is_no_shop_is_refused(content: dict[str, Any], problem: str) -> None:
    """By field and value."""
    with pytest.raises(InvalidValueError) as error:
        Shop(**{"name": "Tea", **content})
    assert str(error.value).startswith(problem)


@pytest.mark.parametrize(
    "link",
    [
        "http://tea.example",
        "javascript:alert(1)",
        "https://",
        'https://tea.example/"onclick="x',
        "https://tea.example/a b",
        "https://tea.example/\n",
        "//tea.example",
        f"https://tea.example/{'x' * 1_981}",
    ],
)
def test_a_link_leads_to_a_page(link: str) -> None:
    """Of a site, encrypted, and with nothing in it that a mail program reads otherwise."""
    with pytest.raises(InvalidValueError, match="is no address to lead to"):
        rendered(english("order.confirmed"), link=link)


def test_a_message_about_another_order_is_refused() -> None:
    """What was promised to one customer is not told to another."""
    sample = english("order.confirmed")
    with pytest.raises(InvalidValueError) as error:
        RENDERER.render(sample.notification, attrs.evolve(sample.order, id="A-2"))
    assert str(error.value) == (
        "record.id: 'A-2' is not the order 'A-1017' that the message is about; pass that one"
    )


def test_what_is_no_order_is_refused() -> None:
    """An id will not do."""
    with pytest.raises(InvalidValueError, match="is no order; pass an Order, its record or its"):
        RENDERER.render(english("order.confirmed").notification, "A-1017")  # type: ignore[arg-type]


def test_without_the_extra_the_error_names_it() -> None:
    """The library works without; who imports this part is told what to install."""
    code = (
        "import sys\n"
        "sys.modules['babel'] = None\n"
        "import fulfill_core\n"
        "try:\n"
        "    import fulfill_core.messages\n"
        "except ImportError as error:\n"
        "    print(error.name, error, sep='\\n')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == (
        "babel\nfulfill_core.messages needs Babel and Jinja2:"
        " pip install 'fulfill_core[messages]'\n"
    )


def test_the_error_comes_from_the_one_that_was_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cause is the import that failed."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, extra.__name__)
    with pytest.raises(ImportError, match=r"pip install 'fulfill_core\[messages\]'") as error:
        importlib.import_module(extra.__name__)
    assert (error.value.name, type(error.value.__cause__)) == ("jinja2", ModuleNotFoundError)


def test_an_order_may_have_next_to_nothing() -> None:
    """One that nobody sends anywhere, of a customer without a name."""
    bare = Order(
        id="A-1017",
        placed_at=datetime(2026, 3, 2, tzinfo=UTC),
        customer=Customer(id="C-7"),
        lines=[],
        currency="EUR",
    )
    notification = english("order.confirmed").notification
    assert "Hello,\n" in RENDERER.render(notification, bare).text
