"""How the nine languages say it: what a native reader would stumble over.

Letters are written out by their names where they can't be seen.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any

import pytest

from fulfill_core import Address, Kind
from fulfill_core.decisions.notification import Audience
from fulfill_core.messages import RenderedMessage, Renderer, Sample, Shop, samples
from fulfill_core.messages.addresses import address_lines
from fulfill_core.messages.formats import locale_of, moment
from fulfill_core.messages.languages import TEXTS_BY_LOCALE

LANGUAGES = sorted(TEXTS_BY_LOCALE)
RENDERER = Renderer(shop=Shop(name="Tea & Co.", url="https://tea.example", footer=["Tea Ltd."]))
LINK = "https://tea.example/orders/1"
NBSP, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
FOR_CUSTOMERS = {
    str(each.notification.kind)
    for each in samples("en")
    if each.notification.audience is Audience.CUSTOMER
}
FOR_LOCATIONS = {"line.at_location", "line.keep", "line.pick"}


def messages(locale: str) -> list[tuple[Sample, RenderedMessage]]:
    """All samples of a language, in words."""
    return [
        (each, RENDERER.render(each.notification, each.order, titles=each.titles, link=LINK))
        for each in samples(locale)
    ]


def to_customers(locale: str) -> dict[str, str]:
    """What customers read, by key."""
    return {
        key: text
        for key, text in TEXTS_BY_LOCALE[locale].items()
        if key not in FOR_LOCATIONS
        and (not key.endswith((".subject", ".opening")) or key.rpartition(".")[0] in FOR_CUSTOMERS)
    }


# -- Marks -----------------------------------------------------------------------------------------


def test_french_marks_stand_off() -> None:
    """Before a colon stands a space that does not break, before ``;!?`` a narrow one; apostrophes
    are curved.
    """
    faults = {
        key: text
        for key, text in TEXTS_BY_LOCALE["fr"].items()
        if re.search(f"(?<!{NBSP}):|(?<!{NARROW})[;!?]|'", text)
    }
    assert faults == {}


def test_spanish_questions_are_opened() -> None:
    """And exclamations, too."""
    texts = TEXTS_BY_LOCALE["es"].values()
    assert [
        text
        for text in texts
        if (text.count("¿"), text.count("¡")) != (text.count("?"), text.count("!"))
    ] == []


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_sentence_ends_once(locale: str) -> None:
    """Behind a name or an amount that ends in a stop of its own, such as dirhams, there is none."""
    for _, message in messages(locale):
        parts = (message.subject, message.preheader, message.text, message.html)
        texts = [re.sub("</bdi>|\u2069", "", part) for part in parts]
        assert [text for text in texts if ".." in text] == []


def test_arabic_has_its_own_marks() -> None:
    """A comma, a semicolon and a question mark that are written from the right."""
    texts = TEXTS_BY_LOCALE["ar"].values()
    assert [text for text in texts if re.search("[,;?]", text)] == []


def test_japanese_marks_are_wide() -> None:
    """Between Japanese letters nothing is half as wide."""
    texts = TEXTS_BY_LOCALE["ja"].values()
    assert [text for text in texts if re.search("[,.:;!?()]", text)] == []


@pytest.mark.parametrize("locale", LANGUAGES)
def test_what_leads_to_something_has_the_colon_of_the_language(locale: str) -> None:
    """Before an address, reasons, a link or a price: as between a label and its value."""
    texts = TEXTS_BY_LOCALE[locale]
    colon = texts["detail"].replace("{label}", "").replace("{value}", "")
    by_name = {each.name: message.text for each, message in messages(locale)}
    confirmed, review = by_name["order.confirmed"], by_name["order.review_needed"]
    assert f"\n{texts['label.address']}{colon.rstrip()}\n  " in confirmed
    assert f"\n{texts['action.order']}{colon}{LINK}\n" in confirmed
    assert re.search(
        rf"^\* .*STRAINER[\N{{POP DIRECTIONAL ISOLATE}}]?\){colon}.*\d", confirmed, re.MULTILINE
    )
    assert f"\n{texts['reasons']}{colon.rstrip()}\n* " in review


@pytest.mark.parametrize("locale", ["de", "pl"])
def test_after_a_greeting_with_a_comma_nothing_is_capital(locale: str) -> None:
    """Where that is the rule, the greeting has no comma, as what follows begins with a capital."""
    texts = TEXTS_BY_LOCALE[locale]
    assert [texts[key][-1] for key in ("greeting", "greeting.name")] == ["!", "!"]


def test_after_a_german_colon_a_sentence_is_capital() -> None:
    """What has no verb of its own is none."""
    small = {
        key: text for key, text in TEXTS_BY_LOCALE["de"].items() if re.search(": [a-zäöü]", text)
    }
    assert set(small) == {"order.surplus.subject"}


# -- Who is spoken to ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "others"),
    [
        ("de", r"(?i:\b(du|dich|dir|deine?\w*)\b)|\b(sie können|ihnen|ihre?[nmrs]?)\b"),
        ("es", r"(?i)\b(usted(es)?|sus?|vuestr\w*)\b"),
        ("fr", r"(?i)\b(tu|te|toi|ton|ta|tes)\b"),
        ("nl", r"(?i)\b(u|uw|jij|jouw)\b"),
        ("pl", r"(?i:\b(pan|pani|pana|państw\w*)\b)|\b(twoj\w+|tobą|ciebie|ci)\b"),
        ("pt", r"(?i)\b(tu|teu|tua|te|ti|vosso)\b"),
        ("pt-PT", r"(?i)\b(você|tu|teu|tua|te|ti|vosso)\b"),
    ],
)
def test_customers_are_addressed_in_one_way(locale: str, others: str) -> None:
    """Sie, tú, vous, je, Ty with a capital, você: nobody is addressed in two of them."""
    faults = {key: text for key, text in to_customers(locale).items() if re.search(others, text)}
    assert faults == {}


def test_japanese_is_polite_to_the_end() -> None:
    """Each sentence to a customer ends in one of the polite forms, or asks politely."""
    polite = re.compile(
        "(です|ます|ました|ません|でした|ください)$|\N{FULLWIDTH COLON}\\{amount\\}$"
    )
    sentences = [
        sentence
        for key, text in to_customers("ja").items()
        if key.endswith(".opening")
        for sentence in re.split("[。\\n]", text)
        if sentence
    ]
    assert len(sentences) > 60
    assert [each for each in sentences if not polite.search(each)] == []


# -- What it speaks of -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "word"),
    [
        *(("ar", "طرد"), ("de", "Paket"), ("en", "parcel"), ("es", "paquete"), ("fr", "colis")),
        *(("nl", "pakket"), ("pl", "aczk"), ("pt", "pacote"), ("ja", "商品|お荷物|追跡番号")),
        ("pt-PT", "volume"),
    ],
)
def test_a_parcel_does_not_stand_for_the_order(locale: str, word: str) -> None:
    """An order may come in several: the second one is not the order's arrival once more."""
    texts = TEXTS_BY_LOCALE[locale]
    kinds = [kind for kind in Kind if kind.startswith("parcel.") and kind != Kind.PROVIDED]
    assert [kind for kind in kinds if not re.search(word, texts[f"{kind}.subject"])] == []


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("de", "Produktsicherheitsrückruf"),
        ("en", "Product safety recall"),
        ("es", "Recuperación de un producto por motivos de seguridad"),
        ("fr", "Rappel de produit pour des raisons de sécurité"),
        ("nl", "Terugroeping in verband met de productveiligheid"),
        ("pl", "Odzyskanie produktu ze względów bezpieczeństwa"),
        ("pt-PT", "Recolha de produto por motivos de segurança"),
    ],
)
def test_a_recall_is_headed_by_its_name(locale: str, words: str) -> None:
    """Subject and title begin with what regulation 2023/988, article 36(2)(a), asks for."""
    message = next(each for _, each in messages(locale) if each.kind == Kind.PRODUCT_RECALLED)
    assert message.subject.startswith(words)
    assert re.search(f"<h1[^>]*>{words}", message.html)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_delay_can_be_called_off_later(locale: str) -> None:
    """A paragraph of its own, after the choice: 16 CFR 435.2(b)(1) asks for it without a date."""
    choices = [each for each in messages(locale) if each[1].kind == Kind.DELAY_CHOICE]
    for _, message in choices:
        for paragraph in TEXTS_BY_LOCALE[locale]["order.delay_choice.opening"].split("\n"):
            assert f"\n{paragraph}\n" in message.text
    assert TEXTS_BY_LOCALE[locale]["order.delay_choice.opening"].count("\n") == 1
    assert len(choices) == 2


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_withdrawal_is_not_a_return(locale: str) -> None:
    """Of what has not arrived nothing comes back: the receipt says what was withdrawn from."""
    receipt = next(
        each for _, each in messages(locale) if each.kind == Kind.WITHDRAWAL_ACKNOWLEDGED
    )
    texts = TEXTS_BY_LOCALE[locale]
    assert texts["line.withdrawn"] in receipt.text
    assert texts["line.returning"] not in receipt.text
    assert texts["label.submitted_at"] in receipt.text


# -- Instants, and what is written from the right --------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("ar", "الجمعة، 13 مارس 2026، 5:00 م (UTC+01:00)"),
        ("de", "Freitag, 13. März 2026, 17:00 (UTC+01:00)"),
        ("en", f"Friday, March 13, 2026, 5:00{NARROW}PM (UTC+01:00)"),
        ("es", "viernes, 13 de marzo de 2026, 17:00 (UTC+01:00)"),
        ("fr", "vendredi 13 mars 2026, 17:00 (UTC+01:00)"),
        ("ja", "2026年3月13日金曜日 17:00 (UTC+01:00)"),
        ("nl", "vrijdag 13 maart 2026, 17:00 (UTC+01:00)"),
        ("oc", "divendres 13 de març de 2026 a 17h00 (UTC+01:00)"),
        ("pl", "piątek, 13 marca 2026 17:00 (UTC+01:00)"),
        ("pt", "sexta-feira, 13 de março de 2026 17:00 (UTC+01:00)"),
    ],
)
def test_day_and_hour_are_put_together_as_the_language_does(locale: str, text: str) -> None:
    """By CLDR: with a comma, with one's own, with none, with a word."""
    known_locale = locale_of(locale)
    assert known_locale is not None
    assert moment(datetime.fromisoformat("2026-03-13T17:00+01:00"), known_locale) == text


@pytest.mark.parametrize(
    ("country", "locale", "lines"),
    [
        ("DE", "de", ["1 Lime", "07001 Palma", "IB", "Deutschland"]),
        ("GB", "en", ["1 Lime", "Palma", "IB", "07001", "United Kingdom"]),
        ("US", "fr", ["1 Lime", "Palma IB 07001", "États-Unis"]),
        ("NZ", "en", ["1 Lime", "Palma 07001", "IB", "New Zealand"]),
        ("BR", "pt", ["1 Lime", "Palma - IB", "07001", "Brasil"]),
        ("JP", "ja", ["1 Lime", "07001 Palma", "IB", "日本"]),
        ("", "en", ["1 Lime", "07001 Palma", "IB"]),
    ],
)
def test_an_address_is_written_as_where_it_lies(
    country: str, locale: str, lines: list[str]
) -> None:
    """The code before the town, behind it or below; the country in the reader's language."""
    known_locale = locale_of(locale)
    assert known_locale is not None
    address = Address(
        name="Ada",
        street=["1 Lime"],
        city="Palma",
        region="IB",
        postal_code="07001",
        country=country,
    )
    assert address_lines(address, known_locale) == ["Ada", *lines]


@pytest.mark.parametrize(
    ("content", "locale", "lines"),
    [
        ({}, "ja", ["〒604-8001", "京都府京都市桜町1-2-3", "茶荘201", "山本 葵 様"]),
        ({}, "de", ["山本 葵", "桜町1-2-3", "茶荘201", "604-8001 京都市", "京都府", "Japan"]),
        ({"name": "", "street": [], "postal_code": ""}, "ja", ["京都府京都市"]),
    ],
)
def test_a_japanese_address_begins_with_the_country(
    content: dict[str, Any], locale: str, lines: list[str]
) -> None:
    """For who reads Japanese: down to the person, who is a 様; for others as everywhere."""
    known_locale = locale_of(locale)
    assert known_locale is not None
    whole = {
        "name": "山本 葵",
        "street": ["桜町1-2-3", "茶荘201"],
        "city": "京都市",
        "region": "京都府",
        "postal_code": "604-8001",
        "country": "JP",
    }
    assert address_lines(Address(**{**whole, **content}), known_locale) == lines


def test_each_line_of_arabic_text_begins_at_the_right() -> None:
    """By its first letter that has a direction and is not isolated (UAX 9, P2 and P3)."""
    shops_own = {"Tea & Co.", "Tea Ltd.", "https://tea.example", "-- "}
    for _, message in messages("ar"):
        lines = {*message.text.splitlines(), message.subject, message.preheader} - shops_own - {""}
        outside = [re.sub("\u2068[^\u2068\u2069]*\u2069", "", line) for line in lines]
        firsts = [next(filter(None, map(direction_of, line)), "none") for line in outside]
        assert set(firsts) == {"right"}


def direction_of(letter: str) -> str:
    """Where a letter is written from, if it is one that decides for its line."""
    return {"L": "left", "R": "right", "AL": "right"}.get(unicodedata.bidirectional(letter), "")


def test_the_shop_keeps_its_dot_where_lines_begin_at_the_right() -> None:
    """What is not Arabic has a direction of its own: ``Tea Ltd.`` is not to become ``.Tea Ltd``."""
    html = next(message.html for _, message in messages("ar"))
    assert html.count("<bdi>Tea &amp; Co.</bdi>") == 2
    assert "<bdi>Tea Ltd.</bdi>" in html
    assert "<bdi>https://tea.example</bdi>" in html
