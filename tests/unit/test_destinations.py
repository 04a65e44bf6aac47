"""Where a shop delivers: countries, regions and postal codes. Boxes are in `test_po_boxes.py`."""

from __future__ import annotations

import pickle
from itertools import permutations
from typing import Any

import attrs
import pytest
from builders import CONTEXT, HOME, line, order, refusal
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Address, Finding, Severity, hold, reject
from fulfill_core.verifiers.territory import Destination, destinations

DOWNLOAD = [line(ships=False)]


def said(verifier: Any, **content: Any) -> list[Finding]:
    """What a verifier says of an order of one mug."""
    return list(verifier(order("A-1", 1, **content), context=CONTEXT))


def place(country: str = "DE", region: str = "", postal_code: str = "") -> Address:
    """An address there."""
    return attrs.evolve(HOME, country=country, region=region, postal_code=postal_code)


def verdict(verifier: Any, *where: str) -> str:
    """What is said of an address there: the codes and the fields."""
    found = said(verifier, ship_to=place(*where))
    return ", ".join(f"{each.code.removeprefix('address.')} {each.field}" for each in found)


EXCLUDED, NOT_SERVED = "excluded ship_to", "not_served ship_to"
NO_COUNTRY = "destination_unknown ship_to.country"
NO_REGION = "destination_unknown ship_to.region"
NO_CODE = "destination_unknown ship_to.postal_code"


# -- A destination ---------------------------------------------------------------------------------


def test_a_destination_is_a_value() -> None:
    """The same however it is written: case, blanks and hyphens make no difference."""
    one = Destination("us", " california ", "96-1 2")
    other = Destination("US", "CALIFORNIA", "9612")
    assert one == other
    assert hash(one) == hash(other)
    assert one == Destination("US", "US-CA", "9612")
    assert one != Destination("US", "NV", "9612")
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own bytes
    assert attrs.evolve(one, country="CA").country == "CA"
    hyphens = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212-"
    assert Destination("PL", postal_prefix=f"00{hyphens}9") == Destination("PL", "", "009")


@pytest.mark.parametrize(
    ("destination", "text"),
    [
        (Destination("de"), "DE"),
        (Destination("US", "Hawaii"), "US (region Hawaii)"),
        (Destination("GB", postal_prefix="im 1"), "GB (postal codes IM1...)"),
        (Destination("US", "HI", "967-"), "US (region HI, postal codes 967...)"),
    ],
)
def test_a_destination_in_a_sentence(destination: Destination, text: str) -> None:
    """The country, and which part of it."""
    assert str(destination) == text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"country": "Germany"}, "country: 'Germany' is not a code of 2 letters, such as 'DE'"),
        ({"country": ""}, "country: '' is not a code of 2 letters, such as 'DE'"),
        ({"region": 5}, "region: 5 is not text; pass a str"),
        ({"postal_prefix": 27}, "postal_prefix: 27 is not text; pass a str"),
        ({"region": " \t"}, "region: ' \\t' says nothing; leave it out for the whole country"),
        (
            {"postal_prefix": " - "},
            "postal_prefix: ' - ' says nothing; leave it out for the whole country",
        ),
    ],
)
def test_a_destination_that_says_nothing_is_refused(content: Any, message: str) -> None:
    """A region of blanks would be the whole country: that is not guessed."""
    assert refusal(Destination, **{"country": "DE", **content}) == f"Destination.{message}"


# -- Only there ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (("DE",), ""),
        (("de", "Bayern", "80331"), ""),
        (("AT",), ""),
        (("CH",), NOT_SERVED),
        (("",), NO_COUNTRY),
        (("US", "ny"), ""),
        (("US", " New  york "), ""),
        (("US", "NJ"), NOT_SERVED),
        (("US",), NO_REGION),
        (("US", " ", "10001"), NO_REGION),
        (("GB", "", "sw1a 1aa"), ""),
        (("GB", "", "SW1A-1"), ""),
        (("GB", "", "SW2"), NOT_SERVED),
        (("GB", "", "SW1"), NO_CODE),
        (("GB", "", "s"), NO_CODE),
        (("GB",), NO_CODE),
        (("GB", "", "-"), NO_CODE),
        (("IT", "Roma", "00199"), ""),
        (("IT", "Roma", "10100"), NOT_SERVED),
        (("IT", "Torino", "00199"), NOT_SERVED),
        (("IT", "Torino"), NOT_SERVED),
        (("IT", "", "10100"), NOT_SERVED),
        (("IT", "Roma"), NO_CODE),
        (("IT", "", "00199"), NO_REGION),
        (("IT",), f"{NO_REGION}, {NO_CODE}"),
    ],
)
def test_only_some_destinations(where: tuple[str, ...], expected: str) -> None:
    """By country, region, postal code, or all of them. What is sure is said; what is not, holds."""
    only = destinations(
        only=[
            "AT",
            Destination("DE"),
            Destination("US", "NY"),
            Destination("US", "New York"),
            Destination("GB", postal_prefix="SW1A"),
            Destination("IT", "Roma", "00"),
        ]
    )
    assert verdict(only, *where) == expected


def test_one_destination_that_fits_is_enough() -> None:
    """What else would have to be known does not matter then."""
    only = destinations(only=[Destination("DE", "Bayern"), Destination("DE", postal_prefix="8")])
    assert verdict(only, "DE", "", "80331") == verdict(only, "DE", "Bayern") == ""
    assert verdict(only, "DE", "", "10115") == NO_REGION
    assert verdict(only, "DE", "Berlin") == NO_CODE
    assert verdict(only, "DE", "Berlin", "10115") == NOT_SERVED


def test_what_is_said_of_a_place_that_is_not_served() -> None:
    """Where it goes, and where the shop delivers, cut."""
    only = destinations(only=["DE", "AT", "BE", "FR", "NL", "LU", "DK"])
    assert said(only, ship_to=place("CH", "Bern", "3005")) == [
        reject(
            "address.not_served",
            field="ship_to",
            detail="The shop delivers to AT, BE, DE, DK, FR and 2 more only: this goes to "
            "'Leeds', 'Bern', '3005', CH.",
            evidence="'Leeds', 'Bern', '3005', CH",
        )
    ]
    (found,) = said(destinations(only=only.only[:5]), ship_to=place("CH", " "))
    assert found.detail == "The shop delivers to AT, BE, DE, DK, FR only: this goes to 'Leeds', CH."


# -- Never there -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (("RU",), EXCLUDED),
        (("FR",), ""),
        (("",), NO_COUNTRY),
        (("US", "hi"), EXCLUDED),
        (("US", "NY"), ""),
        (("US", ""), NO_REGION),
        (("DE", "", "27 498"), EXCLUDED),
        (("DE", "", "27499"), ""),
        (("DE", "", "2749"), NO_CODE),
        (("DE",), NO_CODE),
        (("ES", "Las Palmas", "35001"), f"{EXCLUDED}, {EXCLUDED}"),
        (("ES", "Las Palmas"), EXCLUDED),
        (("ES", "", "35001"), EXCLUDED),
        (("ES", "", "28001"), NO_REGION),
        (("ES", "", "2"), NO_REGION),
        (("ES",), f"{NO_REGION}, {NO_CODE}"),
        (("ES", "Madrid", "28001"), ""),
    ],
)
def test_never_some_destinations(where: tuple[str, ...], expected: str) -> None:
    """Each that it is, is told. What is missing matters only if none is sure."""
    never = destinations(
        never=[
            "RU",
            Destination("US", "HI"),
            Destination("DE", postal_prefix="27498"),
            Destination("ES", "Las Palmas"),
            Destination("ES", postal_prefix="35"),
        ]
    )
    assert verdict(never, *where) == expected


def test_what_is_said_of_a_place_that_is_excluded() -> None:
    """Which rule it meets, and where it goes."""
    never = destinations(never=[Destination("DE", postal_prefix="27498")])
    assert said(never, ship_to=place("DE", "", "27498")) == [
        reject(
            "address.excluded",
            field="ship_to",
            detail="The shop does not deliver to DE (postal codes 27498...): this goes to "
            "'Leeds', '27498', DE.",
            evidence="DE (postal codes 27498...)",
        )
    ]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (("US", "NY"), ""),
        (("US", "HI"), EXCLUDED),
        (("US",), NO_REGION),
        (("CA",), NOT_SERVED),
        (("RU",), f"{EXCLUDED}, {NOT_SERVED}"),
        (("DE", "", "80331"), ""),
        (("DE", "", "8"), NO_CODE),
        (("DE", "", "27498"), f"{EXCLUDED}, {NOT_SERVED}"),
        (("DE",), NO_CODE),
    ],
)
def test_only_and_never_together(where: tuple[str, ...], expected: str) -> None:
    """A part of a country that is served may be excluded; both reasons are told."""
    both = destinations(
        only=["US", Destination("DE", postal_prefix="80")],
        never=["RU", Destination("US", "HI"), Destination("DE", postal_prefix="27498")],
    )
    assert verdict(both, *where) == expected


# -- What is missing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ship_to", "field", "detail"),
    [
        (None, "ship_to", "There is no address to ship to"),
        (place(""), "ship_to.country", "The address to ship to has no country"),
        (place("US"), "ship_to.region", "The address to ship to has no region"),
        (place("GB"), "ship_to.postal_code", "The address to ship to has no postal code"),
        (place("GB", "", " "), "ship_to.postal_code", "The address to ship to has no postal code"),
        (
            place("GB", "", " i"),
            "ship_to.postal_code",
            "The postal code of the address to ship to is only ' i'",
        ),
    ],
)
def test_what_is_missing_holds(ship_to: Address | None, field: str, detail: str) -> None:
    """Nothing passes because something was missing."""
    never = destinations(never=[Destination("US", "HI"), Destination("GB", postal_prefix="IM")])
    assert said(never, ship_to=ship_to) == [
        hold(
            "address.destination_unknown",
            field=field,
            detail=f"{detail}: so nobody can tell whether the shop delivers there.",
        )
    ]


@pytest.mark.parametrize("ship_to", [None, place(""), place("RU")])
def test_what_does_not_ship_goes_nowhere(ship_to: Address | None) -> None:
    """A download can be bought from everywhere."""
    assert said(destinations(never=["RU"]), ship_to=ship_to, lines=DOWNLOAD) == []


# -- Settings --------------------------------------------------------------------------------------

RULES = [Destination("US", "HI"), Destination("US"), Destination("AT"), Destination("US", "hi")]


def test_the_sequence_of_the_rules_changes_nothing() -> None:
    """Nor does a repeat: equal settings are equal verifiers, with the same findings."""
    verifiers = [destinations(only=rules, never=rules) for rules in permutations(RULES)]
    assert len(set(verifiers)) == 1
    texts = {str(said(verifier, ship_to=place("US", "HI"))) for verifier in verifiers}
    assert len({text.lower() for text in texts}) == 1
    assert [str(rule).lower() for rule in verifiers[0].only] == ["at", "us", "us (region hi)"]


def test_it_shows_its_settings() -> None:
    """Cut, and the same in a copy."""
    verifier = destinations(only=["DE", "AT"], never=[Destination("DE", "Bayern")])
    assert repr(verifier) == "destinations(only=[AT, DE], never=[DE (region Bayern)])"
    other = pickle.loads(pickle.dumps(verifier))  # noqa: S301 - our own bytes
    assert other == verifier
    assert hash(other) == hash(verifier)
    assert verdict(other, "FR") == NOT_SERVED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "destinations.only: () names nothing, nor does never; pass one"),
        ({"only": []}, "destinations.only: () names nothing, nor does never; pass one"),
        (
            {"only": "DE"},
            "destinations.only: 'DE' is not a collection of Destination; pass a list or tuple",
        ),
        (
            {"never": 5},
            "destinations.never: 5 is not a collection of Destination; pass a list or tuple",
        ),
        ({"only": ["DE", 5]}, "destinations.only[1]: 5 is not of type Destination; pass one"),
        ({"only": ["DEU"]}, "Destination.country: 'DEU' is not a code of 2 letters, such as 'DE'"),
        ({"never": [[]]}, "destinations.never[0]: [] is not of type Destination; pass one"),
    ],
)
def test_settings_that_can_not_be_meant_are_refused(content: Any, message: str) -> None:
    """When it is made, not when the first order comes."""
    assert refusal(destinations, **content) == message


# -- Laws ------------------------------------------------------------------------------------------

COUNTRIES = st.sampled_from(["DE", "US"])
REGIONS = st.sampled_from(["", "A", "b", "B "])
CODES = st.text("12", max_size=3)
DESTINATIONS = st.builds(Destination, COUNTRIES, REGIONS, CODES)
LISTS = st.lists(DESTINATIONS, max_size=3)


def severity(only: list[Destination], never: list[Destination], where: Address) -> int:
    """How heavily it weighs where an order goes: 0 for not at all."""
    if not only and not never:
        return 0
    found = said(destinations(only=only, never=never), ship_to=where)
    return max([each.severity for each in found], default=0)


@given(LISTS, LISTS, COUNTRIES, REGIONS, CODES, DESTINATIONS)
def test_never_more_is_never_milder(
    only: list[Destination],
    never: list[Destination],
    country: str,
    region: str,
    code: str,
    more: Destination,
) -> None:
    """The law: one more exclusion makes no verdict milder, one more destination none harsher."""
    where = place(country, region, code)
    before = severity(only, never, where)
    assert severity(only, [*never, more], where) >= before
    if only:
        assert severity([*only, more], never, where) <= before


@given(LISTS, LISTS, COUNTRIES, REGIONS, CODES, REGIONS, CODES)
def test_filling_a_gap_contradicts_nothing(
    only: list[Destination],
    never: list[Destination],
    country: str,
    region: str,
    code: str,
    then_region: str,
    then_code: str,
) -> None:
    """The law: what was passed or rejected stays so, whatever the gaps are filled with later."""
    before = severity(only, never, place(country, region, code))
    filled = place(country, region if region.strip() else then_region, code + then_code)
    if before != Severity.HOLD:
        assert severity(only, never, filled) == before


# -- As people write it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "excluded", "region"),
    [
        ("US", "CA", "California"), ("US", "california", "US-CA"), ("US", "US-CA", " ca "),
        ("JP", "Tokyo", "東京都"), ("JP", "13", "Tokyo-to"), ("BR", "São Paulo", "SP"),
        ("BR", "SP", "sao paulo"), ("CN", "Hubei", "湖北"), ("IE", "Dublin", "Co. Dublin"),
        ("IN", "MH", "Maharashtra"), ("ES", "Bizkaia", "Vizcaya"), ("DE", "Thüringen", "THURINGEN"),
        ("DE", "Bayern", "DE-Bayern"),
    ],
)  # fmt: skip
def test_an_excluded_region_is_excluded_however_it_is_written(
    country: str, excluded: str, region: str
) -> None:
    """By its code with the country or without, or by any of its names, on either side."""
    there = attrs.evolve(HOME, country=country, region=region, postal_code="")
    verifier = destinations(never=[Destination(country, excluded)])
    assert [each.code for each in said(verifier, ship_to=there)] == ["address.excluded"]
    verifier = destinations(only=[Destination(country, excluded)])
    assert said(verifier, ship_to=there) == []


@pytest.mark.parametrize(
    ("country", "prefix", "postal_code"),
    [("DE", "27498", "D-27498"), ("DE", "D-27", "27498"), ("GB", "im", "GB IM1 1AA"),
     ("CH", "CH-80", "8001"), ("IN", "40", "400 001"), ("IM", "IM", "im1 1aa")],
)  # fmt: skip
def test_an_excluded_postal_code_is_excluded_however_it_is_written(
    country: str, prefix: str, postal_code: str
) -> None:
    """In small letters, with blanks, with the country before it, on either side."""
    there = attrs.evolve(HOME, country=country, postal_code=postal_code)
    verifier = destinations(never=[Destination(country, postal_prefix=prefix)])
    assert [each.code for each in said(verifier, ship_to=there)] == ["address.excluded"]


def test_of_two_that_are_equal_one_stays() -> None:
    """Always the same, in whatever sequence they are listed."""
    one, other = Destination("US", "CA"), Destination("US", "California")
    assert repr(destinations(only=[one, other])) == repr(destinations(only=[other, one]))


@pytest.mark.parametrize("country", ["UK", "EL", "QQ", "XX", "AN"])
def test_a_country_that_does_not_exist_is_no_destination(country: str) -> None:
    """In settings it is refused: every order there would be turned down, or let past."""
    assert "is the code of no country; " in refusal(destinations, only=["FR", country])
    assert "is the code of no country; " in refusal(Destination, country, postal_prefix="1")


def test_a_prefix_where_there_are_no_postal_codes_is_refused() -> None:
    """No address could be told to be there, and none not to be."""
    assert "where there are no postal codes" in refusal(Destination, "HK", postal_prefix="9")


# -- Bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["x" * 10_000, "\x00", chr(0xD800) * 10_000, "🦊" * 10_000, "\u202e\u05e9", "1 " * 5_000],
    ids=ascii,
)
def test_any_text_is_judged(text: str) -> None:
    """Nothing is raised, and no sentence is endless."""
    where = Address(
        name=text, street=[text] * 40, city=text, postal_code=text, region=text, country="US"
    )
    rules = [Destination("US", "HI"), Destination("US", postal_prefix="9"), Destination("US", text)]
    (found,) = said(destinations(only=rules[:2]), ship_to=where)
    says_something = any(map(str.isalnum, text))  # a postal code of signs may be any
    assert found.code == f"address.{'not_served' if says_something else 'destination_unknown'}"
    assert len(found.detail) < 1_000
    assert said(destinations(only=rules), ship_to=where) == []
