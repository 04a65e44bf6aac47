"""What is known of an address without the rules of its country: gaps, nonsense, another payer."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from builders import CONTEXT, HOME, NOW, line, order
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Address, Finding, Inventory, Outcome, Severity, hold, note, process
from fulfill_core.verifiers import destinations, ship_to_complete
from fulfill_core.verifiers.address import bill_to_differs, plausible_address, ships

GOOD = attrs.evolve(HOME, region="West Yorkshire")
DOWNLOAD = [line(ships=False)]
FIELDS = ("name", "street", "city", "region", "postal_code")
LONG = "x" * 10_000


def said(verifier: Any, **content: Any) -> list[Finding]:
    """What a verifier says of an order of one mug."""
    return list(verifier(order("A-1", 1, **content), context=CONTEXT))


def with_text(field: str, text: str, **changes: Any) -> Address:
    """A good address but for one field, in a country whose addresses have them all."""
    content = {field: [text] if field == "street" else text, "country": "US", **changes}
    return attrs.evolve(GOOD, **content)


def problems(address: Address) -> dict[str, str]:
    """What is implausible about an address to ship to: the end of each sentence, by field."""
    found = said(plausible_address, ship_to=address)
    assert {each.code for each in found} <= {"address.implausible"}
    assert {each.severity for each in found} <= {Severity.HOLD}
    return {each.field.removeprefix("ship_to."): each.detail.rpartition(": ")[2] for each in found}


# -- Gaps ------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=()), max_size=3) | st.sampled_from(["", " ", "\t"])


@given(st.builds(Address, name=TEXTS, street=st.lists(TEXTS, max_size=2), city=TEXTS,
                 postal_code=TEXTS))  # fmt: skip
def test_every_gap_and_nothing_else_is_told(address: Address) -> None:
    """The law: a field is named exactly if its country needs it, and it says nothing but white
    space. Of a country that is not known, a city is needed and a postal code is not.
    """
    for country, needed in (("", "city"), ("GB", "city postal_code"), ("IE", "city"), ("HK", ""),
                            ("SG", "postal_code")):  # fmt: skip
        there = attrs.evolve(address, country=country)
        empty = {
            "name": not address.name.strip(),
            "street": not any(text.strip() for text in address.street),
            "city": not address.city.strip() and "city" in needed,
            "postal_code": not address.postal_code.strip() and "postal_code" in needed,
            "country": not country,
        }
        found = said(ship_to_complete, ship_to=there)
        assert [each.field for each in found] == [
            f"ship_to.{field}" for field, is_empty in empty.items() if is_empty
        ]


@pytest.mark.parametrize(
    ("country", "city", "postal_code"),
    [("SG", "", "546080"), ("HK", "", ""), ("MO", "", ""), ("AE", "", ""), ("GI", "", ""),
     ("JP", "", "100-0001"), ("KY", "", ""), ("NR", "", ""), ("CO", "", ""), ("SM", "", "47890"),
     ("IE", "Dublin", ""), ("GH", "Accra", ""), ("PA", "Panama", ""), ("VN", "Hue", "")],
)  # fmt: skip
def test_nobody_is_asked_for_what_the_country_does_not_have(
    country: str, city: str, postal_code: str
) -> None:
    """Cities, regions and postal codes are asked for where there are some, and needed."""
    there = attrs.evolve(HOME, city=city, postal_code=postal_code, region="", country=country)
    assert said(ship_to_complete, ship_to=there) == []
    for text in ("n/a", "-", "NULL", "0"):  # nor is what was typed there to get on
        typed = {"city": city or text, "postal_code": postal_code or text}
        if country not in {"GI", "JP", "KY", "CO", "IE", "VN"}:  # there it is said in one of them
            assert problems(attrs.evolve(there, **typed)) == {}


@pytest.mark.parametrize("country", ["DE", "US", "IN", "BR", "SG", "JP"])
def test_a_country_that_needs_a_postal_code_is_asked_for_one(country: str) -> None:
    """By default: a parcel without one comes back."""
    there = attrs.evolve(HOME, postal_code=" ", country=country)
    assert said(ship_to_complete, ship_to=there) == [
        hold(
            "address.incomplete",
            field="ship_to.postal_code",
            detail="The address to ship to has no postal code.",
        )
    ]


@pytest.mark.parametrize(
    ("country", "hint"),
    [("UK", "; GB may be meant"), ("el", "; GR may be meant"), ("QQ", ""), ("ZZ", ""),
     ("AN", "; CW, SX or BQ may be meant"), ("YU", "; RS or ME may be meant"), ("XX", "")],
)  # fmt: skip
@pytest.mark.parametrize(
    "verifier", [ship_to_complete, plausible_address, destinations(only=["GB"])]
)
def test_a_country_that_does_not_exist(verifier: Any, country: str, hint: str) -> None:
    """Every verifier that looks at countries says the same: which may be meant, and a hold."""
    there = attrs.evolve(HOME, country=country)
    assert said(verifier, ship_to=there) == [
        hold(
            "address.country_unknown",
            field="ship_to.country",
            detail=f"The country of the address to ship to is '{country.upper()}', which is the "
            f"code of no country (ISO 3166-1){hint}.",
            evidence=country.upper(),
        )
    ]


def test_an_unknown_country_is_told_once() -> None:
    """However many verifiers notice it: they say the same, and one approval is for all of them."""
    there = attrs.evolve(HOME, country="UK")
    result = process(
        [order("A-1", 1, ship_to=there)],
        Inventory.of({("mug", "berlin"): 9}),
        now=NOW,
        verifiers=[ship_to_complete, plausible_address, destinations(never=["IE"])],
    )
    decision = result["A-1"]
    assert decision.outcome is Outcome.HELD
    assert {each.code for each in decision.findings} == {"address.country_unknown"}


def test_no_address_is_one_finding() -> None:
    """If something ships; what does not ship needs none."""
    assert [each.code for each in said(ship_to_complete, ship_to=None)] == ["address.missing"]
    assert said(ship_to_complete, ship_to=None, lines=DOWNLOAD) == []
    assert said(ship_to_complete, ship_to=GOOD) == []


def test_one_line_that_ships_is_enough() -> None:
    """An order ships as soon as any line of it does."""
    assert ships(order(lines=[line("1", ships=False), line("2")]))
    assert not ships(order(lines=DOWNLOAD))
    assert not ships(order())


# -- Fields that hold the wrong thing --------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        GOOD,
        HOME,
        Address(name="", street=[], city=""),
        Address(name=" ", street=["", "\t"], city="\n", postal_code=" ", region=" "),
        attrs.evolve(GOOD, street=["1 Main St", "-"]),
        attrs.evolve(GOOD, street=["n/a", "1 Main St"]),
        attrs.evolve(GOOD, street=["12", "Main St"]),
        attrs.evolve(GOOD, name="Nullmeier & Söhne", city="Nonesuch", street=["Testerweg 1"]),
        attrs.evolve(GOOD, name="山田太郎", city="渋谷区", street=["桜丘町26-1"], region="東京都"),
        attrs.evolve(GOOD, name="ש", city="ירושלים", street=["\u202eرقم ١٢"], postal_code="٠١٠٦٧"),
        attrs.evolve(GOOD, city="100 Mile House", region="75", postal_code="000", country="CA"),
        attrs.evolve(GOOD, street=["Unit 5 @ Home", "@ada", "(ada@home.)", "@ada.example"]),
        attrs.evolve(GOOD, street=["Wwww Road 1"], name="http Ltd"),
        attrs.evolve(GOOD, street=["Awww. Road 1"], name="a://b"),
        attrs.evolve(GOOD, street=["1 Main St\nFlat 2\r\nLeft\tdoor"]),
        attrs.evolve(GOOD, city="Y", country="FR"),
        attrs.evolve(GOOD, city="None", country="IT"),
        attrs.evolve(GOOD, city="Nan", region="nan", country="TH"),
        attrs.evolve(GOOD, region="NA", country="NA"),
        attrs.evolve(GOOD, country=""),
    ],
    ids=ascii,
)
def test_nothing_is_said_of_a_plausible_address(address: Address) -> None:
    """Places may be called strangely, scripts are many, and what is empty is not implausible."""
    assert said(plausible_address, ship_to=address, bill_to=address) == []


SAYS_NOTHING = [
    *("NULL", "null", " Null\t", "(null)", "FALSE", "true", "None", "nil", "NaN", "N/A", "n.a."),
    *("#N/A", "undefined", "unknown", "test", "TEST", "tbd", "xx", "XXX", "asdf", "0"),
]


@pytest.mark.parametrize("text", SAYS_NOTHING)
@pytest.mark.parametrize("field", FIELDS)
def test_a_word_that_stands_for_nothing(field: str, text: str) -> None:
    """Wherever it is all that the field says, in whatever case."""
    assert problems(with_text(field, text)) == {field: "that says nothing."}
    assert problems(with_text(field, f"{text}ville")) == {}


@pytest.mark.parametrize(
    "text", ["-", " -- ", ".", "?", "***", "/", "🦊", "。", "()", "\u200b", "_"]
)
@pytest.mark.parametrize("field", FIELDS)
def test_signs_alone(field: str, text: str) -> None:
    """No address has a field without a letter or digit."""
    assert problems(with_text(field, text)) == {field: "those are signs only."}
    assert problems(with_text(field, f"{text}a")) == {}


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com",
        "Ada <ada@example.com>",
        " a@b.co ",
        "c/o ada@example.com, Leeds",
        "é@ü.de",
    ],
)
@pytest.mark.parametrize("field", FIELDS)
def test_an_email_address(field: str, text: str) -> None:
    """Alone, or among other words."""
    assert problems(with_text(field, text)) == {field: "that is an e-mail address."}


@pytest.mark.parametrize(
    "text", ["http://example.com", "HTTPS://EXAMPLE.COM/x", "www.example.com", "see www.example"]
)
@pytest.mark.parametrize("field", FIELDS)
def test_a_web_address(field: str, text: str) -> None:
    """Alone, or among other words."""
    assert problems(with_text(field, text)) == {field: "that is a web address."}


@pytest.mark.parametrize(
    "sign",
    [*"\x00\x07\x08\x0e\x1b\x7f\x80\x9f\ufffd", chr(0xD800), chr(0xDFFF)],
    ids=ascii,
)
@pytest.mark.parametrize("field", FIELDS)
def test_characters_that_can_not_be_printed(field: str, sign: str) -> None:
    """Control characters but for white space, halves of characters, and the sign for a lost one."""
    expected = {field: "it has characters that can't be printed."}
    assert problems(with_text(field, f"Mün{sign}chen")) == expected
    assert problems(with_text(field, sign)) == expected


@pytest.mark.parametrize("text", ["12345", "01 067", "12-345", "٠١٠٦٧", "1.", "½ 3"])
def test_a_city_or_name_of_digits(text: str) -> None:
    """They have letters; the other fields may do without."""
    for field in ("city", "name"):
        assert problems(with_text(field, text)) == {field: "there is no letter in it."}
    for field in ("street", "region", "postal_code"):
        assert problems(with_text(field, text)) == {}


@pytest.mark.parametrize("country", ["", "DE", "TH"])
def test_a_place_is_called_so_in_its_own_country_only(country: str) -> None:
    """None is a town in Italy; elsewhere, and as a name, it is nothing."""
    assert problems(attrs.evolve(GOOD, city="None", country=country)) == {
        "city": "that says nothing."
    }
    assert list(problems(attrs.evolve(GOOD, name="None", country="IT"))) == ["name"]


@pytest.mark.parametrize(
    ("street", "shown"),
    [
        (["-", "n/a"], "'-'"),
        (["", "NULL", ""], "'NULL'"),
        (["1 Main St", "ada@example.com"], "'ada@example.com'"),
        (["-", "1 Main\x00St"], r"'1 Main\x00St'"),
    ],
)
def test_one_finding_for_a_street(street: list[str], shown: str) -> None:
    """It names a line. Lines that say nothing are a fault only if no line says more."""
    (found,) = said(plausible_address, ship_to=attrs.evolve(GOOD, street=street))
    assert found.field == "ship_to.street"
    assert found.detail.startswith(f"The street of the address to ship to is {shown}: ")


def test_all_fields_of_both_addresses_are_told() -> None:
    """One finding per field, with the value, and with the words for the field and the address."""
    bad = Address(
        name="test", street=["NULL"], city="1", postal_code="N/A", region="?", country="XX"
    )
    found = said(plausible_address, ship_to=bad, bill_to=bad)
    assert [each.field for each in found] == [
        f"{where}.{field}" for where in ("ship_to", "bill_to") for field in (*FIELDS, "country")
    ]
    assert found[4] == hold(
        "address.implausible",
        field="ship_to.postal_code",
        detail="The postal code of the address to ship to is 'N/A': that says nothing.",
        evidence="N/A",
    )
    assert found[-1].code == "address.country_unknown"
    assert found[-1].detail.startswith("The country of the payer's address is 'XX', ")


def test_the_address_to_ship_to_counts_if_something_ships() -> None:
    """The payer's always does: there is an invoice for a download too."""
    bad = with_text("city", "NULL")
    assert said(plausible_address, ship_to=bad, lines=DOWNLOAD) == []
    assert said(plausible_address, ship_to=None) == []
    (found,) = said(plausible_address, ship_to=None, bill_to=bad, lines=DOWNLOAD)
    assert found.field == "bill_to.city"


@given(st.builds(Address, name=TEXTS, street=st.lists(TEXTS, max_size=3), city=TEXTS, region=TEXTS))
def test_any_text_is_judged(address: Address) -> None:
    """The law: nothing is raised, and a field is named once, and only if it says something."""
    found = problems(address)
    contents = {"street": "".join(address.street)}
    for field in found:
        assert contents.get(field, getattr(address, field)).strip()
    assert len(said(plausible_address, ship_to=address)) == len(found)


@pytest.mark.untraced
@pytest.mark.parametrize(
    "text", [LONG, "@" * 10_000, "a@" * 5_000, "a@b." * 2_500, "\x00" * 10_000, "-" * 10_000,
             "www." * 2_500, "\ud800" * 10_000, "🦊" * 10_000, "\u202e" + LONG]
)  # fmt: skip
def test_long_text_is_judged_and_cut(text: str) -> None:
    """In every field and in 40 lines of street: a finding or none, of a length that can be read."""
    address = Address(name=text, street=[text] * 40, city=text, postal_code=text, region=text)
    found = said(plausible_address, ship_to=address)
    assert len(found) in {0, 5}
    assert all(len(each.detail) < 400 for each in found)
    assert said(bill_to_differs, ship_to=address, bill_to=GOOD)
    assert said(ship_to_complete, ship_to=address)[0].field == "ship_to.country"


# -- Two addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "others"),
    [
        ({"city": "York"}, "another city"),
        ({"street": ["2 Main St"]}, "another street"),
        ({"postal_code": "LS2 4AP"}, "another postal code"),
        ({"postal_code": ""}, "another postal code"),
        ({"country": "IE"}, "another country"),
        ({"city": "Dublin", "country": "IE"}, "another city, another country"),
    ],
)
def test_what_differs_is_named(changes: dict[str, Any], others: str) -> None:
    """A note that names the fields: it is no fault."""
    other = attrs.evolve(GOOD, **changes)
    assert said(bill_to_differs, ship_to=GOOD, bill_to=other) == [
        note(
            "address.bill_to_differs",
            field="bill_to",
            detail=f"The payer's address is not the address to ship to: {others}.",
            evidence=others.replace("another ", ""),
        )
    ]
    assert len(said(bill_to_differs, ship_to=other, bill_to=GOOD)) == 1


@pytest.mark.parametrize(
    ("country", "one", "other"),
    [
        ("BR", {"city": "São Paulo", "region": "SP"}, {"city": "sao paulo", "region": "BR-SP"}),
        ("US", {"region": "California"}, {"region": "ca"}),
        ("JP", {"region": "東京都"}, {"region": "Tokyo"}),
        ("DE", {"postal_code": "D-10115", "region": "Berlin"}, {"postal_code": "10 115"}),
        ("NL", {"postal_code": "3852gc"}, {"postal_code": "3852 GC"}),
        ("SG", {"city": "Singapore"}, {"city": "-"}),
        ("HK", {"postal_code": "999077"}, {"postal_code": ""}),
        ("FR", {"street": ["1, rue de l'Été"]}, {"street": ["1 Rue de l Ete"]}),
    ],
)
def test_another_spelling_is_no_other_place(
    country: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Accents, codes and names of a region, forms of a postal code, fields without a meaning."""
    addresses = [attrs.evolve(GOOD, country=country, **changes) for changes in (one, other)]
    assert said(bill_to_differs, ship_to=addresses[0], bill_to=addresses[1]) == []
    kent = attrs.evolve(addresses[1], region="Kent", country="US")
    assert said(bill_to_differs, ship_to=addresses[0], bill_to=kent) != []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "Bob"},
        {"city": " LEEDS "},
        {"street": ["1 MAIN", "", "st"]},
        {"postal_code": "ls14ap"},
        {"region": "west  yorkshire"},
    ],
)
def test_case_blanks_and_names_make_no_difference(changes: dict[str, Any]) -> None:
    """It is about the place; a street in two lines is the street in one."""
    assert said(bill_to_differs, ship_to=GOOD, bill_to=attrs.evolve(GOOD, **changes)) == []


@pytest.mark.parametrize(
    "content",
    [
        {"bill_to": None},
        {"ship_to": None, "bill_to": GOOD},
        {"bill_to": GOOD, "lines": DOWNLOAD},
        {"bill_to": Address(name="Bob", street=["", " "], city=" ")},
        {"bill_to": HOME},
    ],
)
def test_without_two_addresses_nothing_differs(content: dict[str, Any]) -> None:
    """Neither if nothing ships, nor if the payer's names no place."""
    assert said(bill_to_differs, **content) == []


@given(TEXTS, TEXTS)
def test_whether_two_differ_does_not_depend_on_which_is_which(one: str, other: str) -> None:
    """The law: turned round, the same fields differ."""
    first, second = with_text("city", one), with_text("city", other)
    assert said(bill_to_differs, ship_to=first, bill_to=second) == said(
        bill_to_differs, ship_to=second, bill_to=first
    )
