"""Which countries there are, and what their addresses have: one table for the whole library.

It is what the data published for libaddressinput says (a test holds it against the package that
has it), of each country in a word. It is our own, so that a run decides the same whether or not the
package is there. The other rules of a country are those of ``fulfill_core.verifiers.postal``.
"""

from __future__ import annotations

import unicodedata

from fulfill_core import _checks


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COUNTRIES = _codes(
    "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO "
    "BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK "
    "DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR "
    "GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM "
    "KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP "
    "MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL "
    "PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST "
    "SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE "
    "VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
"""ISO 3166-1, and AC, TA and XK, which parcels are sent to all the same."""
_NO_CITY = _codes("AE AG CO GI HK ID JP KY MO NR SG SM VG")
"""Where an address is complete without a city: the country is one, or the region stands for it."""
_NO_POSTAL_CODE = _codes(
    "AE AG AO AQ AW BF BI BJ BO BQ BS BV BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ "
    "GY HK JM KI KM KN LC LY ML MO MR MS MW NR NU PA PS QA RW SB SC SL SR SS ST SX SY TD TF TG "
    "TK TL TO TT TV UG VU WS YE ZW"
)
"""Where addresses have no postal code."""
_POSTAL_CODE = _codes(
    "AS AT AU AX BE BL BR CA CH CN CZ DE DK EE ES FI FK FM FR GB GF GG GL GP GR GS GU HU IM IN "
    "IO IT JE JP KR LI LT LU LV MF MH MP MQ MX MY NC NL NO NZ PF PL PM PN PR PT PW RE RO RU SE "
    "SG SH SJ SK SM TC TR TW UA US VI WF YT ZA"
)
"""Where an address needs a postal code. In the countries left there are some, and they help."""
_REGION = _codes(
    "AE AM AR AS AU BB BR BS BY CA CC CL CN CO CR CU CV CX EE EG ES FM HK HM HN ID IE IN IQ IR "
    "IT JM JP KI KN KP KR KY KZ LT LV MH MN MP MX MY MZ NF NG NI NR PA PE PF PG PH PW RO RU SC "
    "SO SR SV TH TR TV TW UA UM US UY UZ VE VI VN"
)
"""Where addresses have a region."""

_MEANT = {
    "AN": "CW, SX or BQ",
    "BU": "MM",
    "CP": "FR",
    "CS": "RS, ME, CZ or SK",
    "DD": "DE",
    "DG": "IO",
    "EA": "ES",
    "EL": "GR",
    "EN": "GB",
    "FX": "FR",
    "IC": "ES",
    "JA": "JP",
    "KO": "XK or KR",
    "KV": "XK",
    "NT": "SA or IQ",
    "SF": "FI",
    "SP": "ES",
    "SU": "RU",
    "TP": "TL",
    "UK": "GB",
    "WL": "LC",
    "XI": "GB",
    "YD": "YE",
    "YU": "RS or ME",
    "ZR": "CD",
}
"""Codes that are none (any more), and what their writers mean: of the European Union, of languages,
of cars, and those that ISO 3166-3 lists as withdrawn."""

_SIGNS = {
    "AT": "A",
    "BE": "B",
    "DE": "D",
    "ES": "E",
    "FI": "FIN",
    "FR": "F",
    "HU": "H",
    "IT": "I",
    "LI": "FL",
    "LU": "L",
    "NO": "N",
    "PT": "P",
    "SE": "S",
    "SI": "SLO",
}
"""With what a postal code begins beside the country's own code: the sign that its cars have."""
_OWN_LETTERS = frozenset({"AI", "IM", "JE", "KY", "LC", "VC", "VG"})
"""Where the letters of the country are no prefix: all postal codes begin with them."""


def is_country(code: str) -> bool:
    """Whether there is such a country.

    >>> is_country("GB"), is_country("UK")
    (True, False)
    """
    return code in _COUNTRIES


def likely_country(code: str) -> str:
    """What a code that is none may be meant for; empty if nobody knows.

    >>> likely_country("EL"), likely_country("QQ")
    ('GR', '')
    """
    return _MEANT.get(code, "")


def check_country(path: str, value: object) -> str:
    """The code of a country that exists, in upper case: for what a host sets up.

    >>> check_country("country", "gb")
    'GB'
    """
    code = _checks.check_code(path, value, 2, "DE")
    if code not in _COUNTRIES:
        likely = _MEANT.get(code)
        hint = f"; {likely} may be meant" if likely else "; pass one of ISO 3166-1, such as 'DE'"
        raise _checks.refuse(path, value, f"is the code of no country{hint}")
    return code


def needs_city(country: str) -> bool:
    """Whether an address there has to say a city, as it has in most countries.

    >>> needs_city("FR"), needs_city("SG")
    (True, False)
    """
    return country not in _NO_CITY


def needs_postal_code(country: str) -> bool:
    """Whether an address there has to have a postal code.

    >>> needs_postal_code("FR"), needs_postal_code("IE"), needs_postal_code("HK")
    (True, False, False)
    """
    return country in _POSTAL_CODE


def has_field(country: str, field: str) -> bool:
    """Whether addresses there have a field at all; if the country is not known, they may.

    >>> has_field("HK", "postal_code"), has_field("IE", "postal_code"), has_field("DE", "region")
    (False, True, False)
    """
    if field == "postal_code":
        return country not in _NO_POSTAL_CODE
    if field == "region":
        return country in _REGION or country not in _COUNTRIES
    return field != "city" or country not in _NO_CITY


def postal_key(postal_code: str, country: str = "") -> str:
    """By what two postal codes are the same: capitals and digits, without the country before them.

    >>> postal_key("d-10115", "DE"), postal_key("CH-8001", "CH"), postal_key("LS1 4ap", "GB")
    ('10115', '8001', 'LS14AP')
    """
    if not postal_code.isascii():  # digits as wide as a Chinese character
        postal_code = unicodedata.normalize("NFKC", postal_code)
    key = "".join(filter(str.isalnum, postal_code)).upper()
    if country and postal_code.strip()[:3].upper() in {f"{country} ", f"{country}-"}:
        return key if country in _OWN_LETTERS else key[2:] or key
    for prefix in (country, _SIGNS.get(country, "")):
        rest = key[len(prefix) :]
        # A digit has to follow: the codes of many countries begin with letters of their own.
        if prefix and key.startswith(prefix) and rest[:1].isdecimal():
            return key if country in _OWN_LETTERS else rest
    return key
