"""The languages of rendered messages: complete, in the right forms, and what stands in for one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Context, Decimal, localcontext
from zoneinfo import ZoneInfo

import attrs
import pytest
from babel import Locale

from fulfill_core import InvalidValueError, Kind, Notification, Order
from fulfill_core.messages import Language, RenderedMessage, Renderer, Sample, Shop, samples
from fulfill_core.messages.formats import count, day, locale_of, money, plural_keys
from fulfill_core.messages.language import keys_needed
from fulfill_core.messages.languages import TEXTS_BY_LOCALE

LANGUAGES = ["ar", "de", "en", "es", "fr", "ja", "nl", "pl", "pt", "pt-PT"]
SHOP = Shop(name="Tea shop")
RENDERER = Renderer(shop=SHOP)
CONFIRMED = next(each for each in samples("en") if each.name == "order.confirmed")
GAPS = re.compile(r"\{\w+\}")


def rendered(
    locale: str,
    renderer: Renderer = RENDERER,
    sample: Sample = CONFIRMED,
    **content: object,
) -> RenderedMessage:
    """The sample in a language."""
    notification = attrs.evolve(sample.notification, locale=locale, **content)
    return renderer.render(notification, sample.order)


def known(name: str) -> Locale:
    """A locale that exists."""
    locale = locale_of(name)
    assert locale is not None
    return locale


def units_of(units: int, locale: str) -> str:
    """So many units, as a line of a message says it."""
    order = CONFIRMED.order
    rows = [("1", "tea", units, units, 0, 0, None)]
    notification = attrs.evolve(CONFIRMED.notification, locale=locale, lines=rows)
    text = RENDERER.render(notification, order).text
    label = TEXTS_BY_LOCALE[locale]["line.confirmed"]
    line = next(line for line in text.splitlines() if line.startswith(f"  {label}"))
    return re.split("[:\uff1a]", line)[1].strip(" \u200f\u2068\u2069")


# -- Complete --------------------------------------------------------------------------------------


def test_nine_languages_come_with_the_library() -> None:
    """Arabic, German, English, Spanish, French, Japanese, Dutch, Polish and Portuguese: that of
    Brazil, and that of Portugal.
    """
    assert RENDERER.locales == tuple(LANGUAGES)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_language_has_every_text(locale: str) -> None:
    """For every kind of message, and for every plural that the language has."""
    assert RENDERER.missing_texts(locale) == ()


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_language_has_no_text_that_nothing_asks_for(locale: str) -> None:
    """A kind that is gone, or renamed, leaves nothing behind: each has a sample."""
    kinds = {"digest", *[each.notification.kind for each in samples(locale)]}
    assert sorted(TEXTS_BY_LOCALE[locale].keys() - keys_needed(locale, kinds)) == []


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_texts_of_a_language_are_as_a_host_may_give_them(locale: str) -> None:
    """No control characters, no gaps that nothing fills: the same check for ours and for theirs."""
    language = Language(locale=locale, texts=TEXTS_BY_LOCALE[locale])
    assert language.texts == TEXTS_BY_LOCALE[locale]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_translation_says_what_the_english_text_says(locale: str) -> None:
    """The same gaps: no order number and no amount is lost on the way."""
    english, texts = TEXTS_BY_LOCALE["en"], TEXTS_BY_LOCALE[locale]
    differing = {
        key
        for key, text in english.items()
        if not key.startswith("units.") and GAPS.findall(text) != GAPS.findall(texts[key])
    }
    assert differing == set()


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_subject_names_the_order(locale: str) -> None:
    """Whoever has ordered twice sees which one it is about."""
    texts = TEXTS_BY_LOCALE[locale]
    assert [kind for kind in Kind if "{order}" not in texts[f"{kind}.subject"]] == []


def test_no_two_languages_share_a_sentence() -> None:
    """A text that was copied and not translated is noticed."""
    english = TEXTS_BY_LOCALE["en"]
    sentences = {key for key in english if key.endswith((".subject", ".opening"))}
    copied = {
        (locale, key)
        for locale in LANGUAGES
        for key in sentences
        if locale != "en" and TEXTS_BY_LOCALE[locale][key] == english[key]
    }
    assert copied == set()


def test_what_a_language_lacks_is_named() -> None:
    """For whoever translates: all keys of a language that is begun, and of one that is not."""
    renderer = Renderer(shop=SHOP, languages=[Language(locale="sv", texts={"greeting": "Hej,"})])
    missing = renderer.missing_texts("sv")
    assert ("greeting" in missing, "greeting.name" in missing, "units.other" in missing) == (
        False,
        True,
        True,
    )
    assert renderer.missing_texts("fi") == tuple(sorted(keys_needed("fi", [*Kind, "digest"])))
    assert "order.lost.subject" not in renderer.missing_texts("klingon")


# -- Plurals, dates, money -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "forms"),
    {
        "ar": {
            1: "قطعة واحدة",
            2: "قطعتان",
            3: "3 قطع",
            10: "10 قطع",
            11: "11 قطعة",
            99: "99 قطعة",
            100: "100 قطعة",
            103: "103 قطع",
        },
        "de": {1: "1 Stück", 2: "2 Stück", 12_000: "12.000 Stück"},
        "en": {1: "1 item", 2: "2 items", 12_000: "12,000 items"},
        "es": {1: "1 unidad", 2: "2 unidades", 1_000_000: "1.000.000 de unidades"},
        "fr": {1: "1 article", 2: "2 articles", 1_000_000: "1\u202f000\u202f000 d\u2019articles"},
        "ja": {1: "1点", 2: "2点"},
        "nl": {1: "1 stuk", 2: "2 stuks"},
        "pl": {
            1: "1 sztuka",
            2: "2 sztuki",
            4: "4 sztuki",
            5: "5 sztuk",
            12: "12 sztuk",
            21: "21 sztuk",
            22: "22 sztuki",
            25: "25 sztuk",
        },
        "pt": {1: "1 unidade", 2: "2 unidades", 1_000_000: "1.000.000 de unidades"},
        "pt-PT": {1: "1 unidade", 2: "2 unidades", 1_000_000: "1\xa0000\xa0000 de unidades"},
    }.items(),
)
def test_numbers_take_the_form_of_the_language(locale: str, forms: dict[int, str]) -> None:
    """By the rules of CLDR."""
    assert {units: units_of(units, locale) for units in forms} == forms


def test_nothing_has_a_form_too() -> None:
    """Arabic has one of its own for none; no line of a message says none of anything."""
    assert TEXTS_BY_LOCALE["ar"]["units.zero"] == "لا قطع"
    assert units_of(1, "ar") == "قطعة واحدة"


@pytest.mark.parametrize(
    ("locale", "forms"),
    [
        ("ar", ("few", "many", "one", "other", "two", "zero")),
        ("ja", ("other",)),
        ("pl", ("few", "many", "one", "other")),
    ],
)
def test_the_forms_of_a_language(locale: str, forms: tuple[str, ...]) -> None:
    """Six in Arabic, four in Polish, one in Japanese."""
    assert plural_keys(known(locale)) == forms


@pytest.mark.parametrize(
    ("locale", "date", "price"),
    [
        ("ar", "الثلاثاء، 10 مارس 2026", "\u200f2,234.50\xa0€"),
        ("de", "Dienstag, 10. März 2026", "2.234,50\xa0€"),
        ("de-AT", "Dienstag, 10. März 2026", "€\xa02.234,50"),
        ("en", "Tuesday, March 10, 2026", "€2,234.50"),
        ("en-GB", "Tuesday, 10 March 2026", "€2,234.50"),
        ("es", "martes, 10 de marzo de 2026", "2.234,50\xa0€"),
        ("fr", "mardi 10 mars 2026", "2\u202f234,50\xa0€"),
        ("ja", "2026年3月10日火曜日", "€2,234.50"),
        ("nl", "dinsdag 10 maart 2026", "€\xa02.234,50"),
        ("pl", "wtorek, 10 marca 2026", "2\xa0234,50\xa0€"),
        ("pt", "terça-feira, 10 de março de 2026", "€\xa02.234,50"),
        ("pt-PT", "terça-feira, 10 de março de 2026", "2\xa0234,50\xa0€"),
    ],
)
def test_dates_and_money_are_those_of_the_country(locale: str, date: str, price: str) -> None:
    """The day by the customer's clock, the amount by the customer's habits."""
    known_locale = known(locale)
    late = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)
    assert day(late, ZoneInfo("Asia/Tokyo"), known_locale) == date
    assert money(Decimal("2234.5"), "EUR", known_locale) == price


def test_a_day_is_the_customers_day() -> None:
    """Half past eleven at night in London is the next day in Tokyo."""
    late = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)
    dates = {
        zone: rendered("en", delivered_at=late, timezone=ZoneInfo(zone)).text
        for zone in ("Europe/London", "Asia/Tokyo")
    }
    assert "Expected delivery: Monday, March 9, 2026" in dates["Europe/London"]
    assert "Expected delivery: Tuesday, March 10, 2026" in dates["Asia/Tokyo"]


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1980", "JPY", "¥1,980"),
        ("1980.5", "JPY", "¥1,980.5"),
        ("0.125", "EUR", "€0.125"),
        ("5", "KWD", "KWD\xa05.000"),
        ("5", "XAU", "XAU\xa05.00"),
    ],
)
def test_money_is_never_rounded(amount: str, currency: str, text: str) -> None:
    """At the precision of its currency, or at its own where that would lose something."""
    assert money(Decimal(amount), currency, known("en")) == text


def test_the_hosts_own_decimals_change_nothing() -> None:
    """As many digits as an amount may have, whatever the host computes with."""
    with localcontext(Context(prec=3)):
        amount = money(Decimal("999999999999999.123456789012345"), "EUR", known("en"))
    assert amount == "€999,999,999,999,999.123456789012345"


def test_numbers_have_the_marks_of_the_language() -> None:
    """A dot in Germany, a comma in England, a blank in France."""
    numbers = [count(12_000, known(name)) for name in ("de", "en", "fr")]
    assert numbers == ["12.000", "12,000", "12\u202f000"]


# -- What stands in --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "language", "locale", "fallback"),
    [
        ("de", "de", "de", ""),
        ("de-AT", "de", "de-AT", ""),
        ("DE_at", "de", "de-AT", ""),
        ("de-AT-1996", "de", "de", ""),
        ("de-ZZ", "de", "de", ""),
        ("ar-EG", "ar", "ar-EG", ""),
        ("pt-BR", "pt", "pt-BR", ""),
        ("pt_PT", "pt-PT", "pt-PT", ""),
        ("it", "en", "en", "there are no texts in 'it'; it is written in 'en'"),
        ("it-CH", "en", "en", "there are no texts in 'it-CH'; it is written in 'en'"),
        ("tlh", "en", "en", "'tlh' is no locale that is known; it is written in 'en'"),
        ("", "en", "en", "'' is no locale that is known; it is written in 'en'"),
        ("../de", "en", "en", "'../de' is no locale that is known; it is written in 'en'"),
        (
            "x" * 500,
            "en",
            "en",
            f"'{'x' * 40}' is no locale that is known; it is written in 'en'",
        ),
    ],
)
def test_the_nearest_language_is_taken(
    asked: str, language: str, locale: str, fallback: str
) -> None:
    """A variety, then what it is a variety of, then the shop's own; and the value says so."""
    message = rendered(asked)
    assert (message.language, message.locale, message.fallback) == (language, locale, fallback)


def test_the_default_is_the_shops() -> None:
    """A shop in Lyon writes French to whom it can't write Italian."""
    message = rendered("it", Renderer(shop=SHOP, default="fr-FR"))
    assert (message.language, message.fallback) == (
        "fr",
        "there are no texts in 'it'; it is written in 'fr'",
    )


def test_the_caller_may_ask_for_another_language() -> None:
    """To preview a message, or for a colleague who does not read the customer's."""
    message = RENDERER.render(CONFIRMED.notification, CONFIRMED.order, locale="pl")
    assert (message.language, message.subject) == (
        "pl",
        "Twoje zamówienie A-1017 zostało potwierdzone",
    )


def test_a_language_that_lacks_a_text_is_left_whole() -> None:
    """Half a message in one language and half in another is worse than one that can be read."""
    texts = {"order.confirmed.subject": "Beställning {order} är bekräftad"}
    message = rendered("sv", Renderer(shop=SHOP, languages=[Language(locale="sv", texts=texts)]))
    assert (message.language, message.subject) == ("en", "Your order A-1017 is confirmed")
    assert re.fullmatch(
        r"'sv' lacks the text 'order\.confirmed\.opening' and \d\d more; it is written in 'en'",
        message.fallback,
    )


def test_a_language_may_lack_the_last_text() -> None:
    """One is one, not one and none more."""
    texts = {**TEXTS_BY_LOCALE["en"]}
    del texts["order.confirmed.opening"]
    renderer = Renderer(shop=SHOP, languages=[Language(locale="sv", texts=texts)])
    assert rendered("sv", renderer).fallback == (
        "'sv' lacks the text 'order.confirmed.opening'; it is written in 'en'"
    )
    lost = next(each for each in samples("en") if each.name == "parcel.lost")
    assert rendered("sv", renderer, lost).language == "sv"


def test_a_shop_says_some_things_differently() -> None:
    """Over the ready-made texts of the language, or for one variety of it only."""
    languages = [
        Language(locale="de", texts={"closing": "Herzlich"}),
        Language(locale="de-AT", texts={"greeting.name": "Servus {name},"}),
    ]
    renderer = Renderer(shop=SHOP, languages=languages)
    german, austrian = (rendered(name, renderer).text for name in ("de-DE", "de-AT"))
    assert ("Guten Tag, Ada Marsh!" in german, "Herzlich" in german) == (True, True)
    assert ("Servus Ada Marsh," in austrian, "Herzlich" in austrian) == (True, True)


def test_the_host_has_words_for_its_own_kinds() -> None:
    """Another kind needs two texts, in one language at least: of the default, or of English."""
    texts = {
        "shop.call.subject": "Bitte anrufen: {order}",
        "shop.call.opening": "Bitte rufen Sie an.",
    }
    languages = [Language(locale="de", texts=texts)]
    renderer = Renderer(shop=SHOP, languages=languages, default="de")
    assert rendered("fr", renderer, kind="shop.call").subject == "Bitte anrufen: A-1017"
    with pytest.raises(InvalidValueError) as refusal:
        rendered("fr", kind="shop.call")
    assert str(refusal.value) == (
        "Notification.kind: 'shop.call' has no texts: 'fr' lacks the text 'shop.call.subject' and 1"
        " more; 'en' lacks the text 'shop.call.subject' and 1 more; 'en' lacks the text"
        " 'shop.call.subject' and 1 more; pass a Language that has 'shop.call.subject' and"
        " 'shop.call.opening'"
    )


def test_a_label_of_the_hosts_own() -> None:
    """What a message has to say beside its lines is said if there is a word for it."""
    reasons = [("gift", "With a ribbon"), ("internal", "X")]
    languages = [Language(locale="en", texts={"label.gift": "Gift wrap"})]
    text = rendered("en", Renderer(shop=SHOP, languages=languages), reasons=reasons).text
    assert ("Gift wrap: With a ribbon" in text, "internal" in text) == (True, False)


# -- Refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "texts", "problem"),
    [
        ("tlh", {}, "Language.locale: 'tlh' is no locale that Babel knows"),
        (7, {}, "Language.locale: 7 is not text"),
        ("sv", None, "Language.texts: None is not a mapping"),
        ("sv", {"greting": "Hej"}, "Language.texts: 'greting' is asked for by no message"),
        ("sv", {"units.few": "{count}"}, "Language.texts: 'units.few' is asked for by no message"),
        ("sv", {"greeting": ""}, "Language.texts['greeting']: '' is empty"),
        ("sv", {"greeting": "Hej\n"}, "Language.texts['greeting']: 'Hej\\n' has a control"),
        ("sv", {"x.subject": "a\nb"}, "Language.texts['x.subject']: 'a\\nb' has a control"),
        ("sv", {"x.opening": "a\rb"}, "Language.texts['x.opening']: 'a\\rb' has a control"),
        (
            "sv",
            {"greeting": "Hej {name}"},
            "Language.texts['greeting']: 'Hej {name}' has the gap {name}, which nothing fills",
        ),
        (
            "sv",
            {"x.subject": "{ order }"},
            "Language.texts['x.subject']: '{ order }' has a brace that is no gap; these are filled",
        ),
        (
            "sv",
            {"closing": "Hej :}"},
            "Language.texts['closing']: 'Hej :}' has a brace that is no gap; take it out",
        ),
        (
            "sv",
            {"x.subject": "{order.customer} {total}"},
            "Language.texts['x.subject']: '{order.customer} {total}' has the gap {total}, which",
        ),
    ],
)
def test_what_is_no_language_is_refused(locale: str, texts: dict[str, str], problem: str) -> None:
    """With the key, and what there may be instead."""
    with pytest.raises(InvalidValueError) as refusal:
        Language(locale=locale, texts=texts)
    assert str(refusal.value).startswith(problem)


def test_an_opening_may_have_paragraphs() -> None:
    """Each is one in the page and in the text."""
    texts = {"order.confirmed.opening": "One.\nTwo."}
    message = rendered("en", Renderer(shop=SHOP, languages=[Language(locale="en", texts=texts)]))
    assert "\nOne.\n\nTwo.\n" in message.text
    assert re.findall(r"<p[^>]*>(\w+\.)</p>", message.html) == ["One.", "Two."]


@pytest.mark.parametrize(
    ("default", "problem"),
    [
        (
            "it",
            "Renderer.default: 'it' is no language to fall back on: there are no texts in 'it';",
        ),
        ("tlh", "Renderer.default: 'tlh' is no language to fall back on: 'tlh' is no locale that"),
        (None, "Renderer.default: None is not text"),
    ],
)
def test_a_default_without_texts_is_refused(default: str, problem: str) -> None:
    """Where the renderer is made, not where the first Italian orders."""
    with pytest.raises(InvalidValueError) as refusal:
        Renderer(shop=SHOP, default=default)
    assert str(refusal.value).startswith(problem)


def test_a_default_that_lacks_texts_is_refused() -> None:
    """It is what stands in for the others."""
    languages = [Language(locale="sv", texts={"greeting": "Hej,"})]
    with pytest.raises(
        InvalidValueError, match=r"'sv' lacks the text 'action\.answer' and \d\d more"
    ):
        Renderer(shop=SHOP, languages=languages, default="sv")


def test_a_staff_message_is_in_the_staffs_language() -> None:
    """Its locale is its own, whatever the customer speaks."""
    review = next(each for each in samples("de") if each.name == "order.review_needed")
    notification: Notification = attrs.evolve(review.notification, locale="nl")
    order: Order = review.order
    assert (
        RENDERER.render(notification, order).subject == "Bestelling A-1017 moet worden beoordeeld"
    )
