"""Does the shop send anything there?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core._checks import repr_of
from fulfill_core.decisions.finding import Finding, hold, reject
from fulfill_core.orders.countries import check_country, has_field, is_country, postal_key
from fulfill_core.orders.order import Address, Order
from fulfill_core.orders.regions import region_key
from fulfill_core.orders.spelling import without_accents
from fulfill_core.records.facts import Context
from fulfill_core.verifiers.address import WORDS, ships, unknown_country

# -- Countries, regions, postal codes --------------------------------------------------------------

_MOST_NAMED = 5
"""So many destinations are named in a sentence; of the others it says how many they are."""
_Rules: TypeAlias = Mapping[str, list["Destination"]]
"""Destinations by country."""


@attrs.frozen(weakref_slot=False)
class Destination:
    """A country, or the part of it that has this region, or postal codes that begin so.

    Args:
        country: two letters of ISO 3166-1, upper or lower case.
        region: by its code of ISO 3166-2, with the country or without, or by a name: where
            addresses of a country have regions, ``"CA"``, ``"US-CA"`` and ``"California"`` are one.
            Elsewhere as the orders name it. Case, accents and signs make no difference.
        postal_prefix: how the postal codes begin; kept without blanks and hyphens, in upper case.

    Raises:
        InvalidValueError: the code of no country, a region or prefix of blanks only, a prefix for a
            country without postal codes.

    >>> print(Destination("gb", postal_prefix="im 1"))
    GB (postal codes IM1...)
    >>> Destination("US", region="US-CA") == Destination("US", region="california")
    True
    """

    country: str
    region: str = attrs.field(default="", eq=False)
    postal_prefix: str = ""
    _region: str = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        code = check_country("Destination.country", self.country)
        _checks.set_field(self, "country", code)
        _checks.check_text("Destination.region", self.region)
        _checks.check_text("Destination.postal_prefix", self.postal_prefix)
        region, prefix = region_key(self.region, code), postal_key(self.postal_prefix, code)
        for name, text, key in (
            ("region", self.region, region),
            ("postal_prefix", self.postal_prefix, prefix),
        ):
            if text and not key:  # or it would be the whole country
                raise _checks.refuse(
                    f"Destination.{name}", text, "says nothing; leave it out for the whole country"
                )
        if prefix and not has_field(code, "postal_code"):
            raise _checks.refuse(
                "Destination.postal_prefix",
                self.postal_prefix,
                f"is of {code}, where there are no"
                " postal codes: no address could be told to be there; leave it out",
            )
        _checks.set_field(self, "postal_prefix", prefix)
        _checks.set_field(self, "_region", region)

    def __str__(self) -> str:
        parts = [f"region {self.region}"] if self.region else []
        parts += [f"postal codes {self.postal_prefix}..."] if self.postal_prefix else []
        return f"{self.country} ({', '.join(parts)})" if parts else self.country

    def lacks(self, region: str, postal_code: str) -> tuple[str, ...] | None:
        """What an address of the country lacks to be told to be there, by field.

        Empty if it is there, None if it is not. Both are compared as `region_key` and `postal_key`
        make them.
        """
        fields: list[str] = []
        if self._region and region != self._region:
            if region:
                return None
            fields.append("region")
        if not postal_code.startswith(self.postal_prefix):
            if not self.postal_prefix.startswith(postal_code):
                return None
            fields.append("postal_code")
        return tuple(fields)


def _to_destinations(values: Iterable[Destination | str]) -> tuple[Destination, ...]:
    """Destinations, some of them given by the code of their country alone."""
    if not _checks.is_collection(values):
        return values  # type: ignore[return-value]
    return tuple([Destination(each) if isinstance(each, str) else each for each in values])


def _rules_text(rules: tuple[Destination, ...]) -> str:
    """The destinations for a sentence, cut."""
    more = len(rules) - _MOST_NAMED
    return ", ".join(map(str, rules[:_MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


def _listed(rules: tuple[Destination, ...]) -> str:
    """The destinations for a repr, cut."""
    return f"[{_rules_text(rules)}]"


@attrs.frozen(weakref_slot=False, repr=False)
class Destinations:
    """Where the shop delivers, as `destinations` makes it."""

    only: tuple[Destination, ...]
    never: tuple[Destination, ...]
    _only: _Rules = attrs.field(alias="only_by_country", eq=False)
    _never: _Rules = attrs.field(alias="never_by_country", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        if not ships(order):
            return ()
        address = order.ship_to
        if address is None:
            return (_unknown("ship_to", "There is no address to ship to"),)
        if not address.country:
            return (_unknown("ship_to.country", "The address to ship to has no country"),)
        if not is_country(address.country):
            return (unknown_country("ship_to", address.country),)
        rules = [*self._never.get(address.country, ()), *self._only.get(address.country, ())]
        region = postal_code = ""
        if any([rule.region for rule in rules]):  # most are of whole countries
            region = region_key(address.region, address.country)
        if any([rule.postal_prefix for rule in rules]):
            postal_code = postal_key(address.postal_code, address.country)
        never = [
            (rule, lacks)
            for rule in self._never.get(address.country, ())
            if (lacks := rule.lacks(region, postal_code)) is not None
        ]
        findings = [
            reject(
                "address.excluded",
                field="ship_to",
                detail=f"The shop does not deliver to {rule}: this goes to {_where(address)}.",
                evidence=str(rule),
            )
            for rule, lacks in never
            if not lacks
        ]
        only = [
            lacks
            for rule in self._only.get(address.country, ())
            if (lacks := rule.lacks(region, postal_code)) is not None
        ]
        if self.only and not only:
            findings.append(
                reject(
                    "address.not_served",
                    field="ship_to",
                    detail=f"The shop delivers to {_rules_text(self.only)} only: this goes to "
                    f"{_where(address)}.",
                    evidence=_where(address),
                )
            )
        if findings:
            return findings
        missing = {field for _, lacks in never for field in lacks}
        if () not in only:
            missing.update(*only)
        return [
            _unknown(f"ship_to.{field}", _too_little(field, address))
            for field in ("region", "postal_code")
            if field in missing
        ]

    def __repr__(self) -> str:
        return f"destinations(only={_listed(self.only)}, never={_listed(self.never)})"


def destinations(
    *, only: Iterable[Destination | str] = (), never: Iterable[Destination | str] = ()
) -> Destinations:
    """The shop delivers there: it is one of its destinations, and none that it excludes.

    The address to ship to is compared, if something ships. Where a region or a postal code decides
    and the address has none, or one that breaks off too early, the order waits, and so it does
    without an address, a country, or one that exists: nothing passes, and nothing is turned down,
    because something is missing or can't be read.

    To look at an order costs what the destinations in its country cost, however many there are.

    Args:
        only: `Destination` values, or codes of whole countries, in any sequence; empty for all.
        never: likewise; empty for none.

    Codes: ``address.excluded`` (REJECT, one for each of ``never`` that it is),
    ``address.not_served`` (REJECT), and, if neither is sure, ``address.destination_unknown`` (HOLD,
    one per field without which nobody can tell) or ``address.country_unknown`` (HOLD).

    Raises:
        InvalidValueError: what is neither a `Destination` nor the code of a country that exists;
            both empty.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)],
    ...               ship_to=Address(name="Ada", street=["Am Hang 1"], city="Helgoland",
    ...                               postal_code="27498", country="DE"))
    >>> mainland = destinations(only=["AT", "DE"], never=[Destination("DE", postal_prefix="27498")])
    >>> for finding in mainland(order, context=Context(now=now)):
    ...     print(finding.detail)
    The shop does not deliver to DE (postal codes 27498...): this goes to 'Helgoland', '27498', DE.
    """
    served = _distinct("destinations.only", only)
    excluded = _distinct("destinations.never", never)
    if not served and not excluded:
        raise _checks.refuse("destinations.only", (), "names nothing, nor does never; pass one")
    return Destinations(
        served,
        excluded,
        only_by_country=_by_country(served),
        never_by_country=_by_country(excluded),
    )


def _distinct(path: str, values: Iterable[Destination | str]) -> tuple[Destination, ...]:
    """The destinations, sorted, each once: how a host lists them changes nothing."""
    rules = _to_destinations(values)
    _checks.check_members(path, rules, Destination)
    # Sorted first: of two that are equal and written differently, it is always the same that stays.
    return tuple(dict.fromkeys(sorted(rules, key=lambda rule: (rule.country, str(rule)))))


def _by_country(rules: Iterable[Destination]) -> _Rules:
    by_country: dict[str, list[Destination]] = {}
    for rule in rules:
        by_country.setdefault(rule.country, []).append(rule)
    return by_country


def _unknown(field: str, problem: str) -> Finding:
    return hold(
        "address.destination_unknown",
        field=field,
        detail=f"{problem}: so nobody can tell whether the shop delivers there.",
    )


def _too_little(field: str, address: Address) -> str:
    if field == "postal_code" and address.postal_code.strip():
        return f"The postal code of the address to ship to is only {repr_of(address.postal_code)}"
    return f"The address to ship to has no {WORDS.get(field, field)}"


def _where(address: Address) -> str:
    """Where an address is, by all that a destination may go by."""
    texts = (address.city, address.region, address.postal_code)
    return ", ".join([*[repr_of(text) for text in texts if text.strip()], address.country])


# -- Boxes -----------------------------------------------------------------------------------------

_BOXES = (
    *("po box", "p o box", "p0 box", "pobox", "gpo box", "locked bag"),  # en
    *("rpo box", "po bx", "po drawer", "po bag", "private bag", "private mail bag"),
    *("private letter box", "postfach", "packstation", "boîte postale", "case postale"),  # de, fr
    *("apartado de correo", "apartado de correos", "apartado postal", "apartado aéreo"),  # es
    *("apdo de correos", "apdo correos", "apdo postal", "ap postal"),
    *("casilla de correo", "casilla postal"),
    *("caixa postal", "cx postal", "casella postale", "cas post"),  # pt, it
    *("postbus", "antwoordnummer", "postboks", "pósthólf", "postilokero"),  # nl, no, is, fi
    *("skrytka pocztowa", "skr poczt", "poštovní přihrádka", "poštový priečinok"),  # pl, cs, sk
    *("poštanski pretinac", "poštanski fah", "poštni predal", "postafiók"),  # hr, sr, sl, hu
    *("căsuța poștală", "posta kutusu", "pasta kastīte"),  # ro, tr, lv
    *("hộp thư", "peti surat", "kotak pos", "tromol pos", "ตู้ ปณ", "ตู้ไปรษณีย์"),  # vi, ms, id, th
    *("абонентский ящик", "абонентська скринька", "ταχυδρομική θυρίδα"),  # ru, uk, el
    *("ص.ب", "ص ب", "صندوق بريد", "صندوق البريد", "صندوق پستی"),  # ar, fa
    *("ת.ד", "ת ד", "תא דואר"),  # he
    *("私書箱", "郵政信箱", "邮政信箱", "郵局信箱", "號信箱", "号信箱", "사서함"),  # ja, zh, ko
    # Where it lies until it is fetched.
    *("poste restante", "postlagernd", "general delivery", "fermo posta", "lista de correos"),
    "до востребования",
)
"""What is a box wherever it stands."""
_NUMBERED = (
    *("pob", "p o b", "post box", "postbox", "postal box", "post bag", "pvt bag", "p bag", "pmb"),
    *("lock box", "lockbox", "bp", "apartado", "apdo", "casilla"),
    *("а/я", "а/с"),  # noqa: RUF001 - they are Cyrillic letters
)
"""What is a box with a number behind it; without, it may be part of a name."""
_NUMBERED_IN = {
    "pf": ("AT", "CH", "DE", "HU"),  # Postfach, postafiók
    "postf": ("AT", "CH", "DE"),
    # Case postale, casella postale, căsuța poștală; in Mexico a postal code.
    "cp": ("BR", "CA", "CH", "IT", "RO"),
    # Courses and tri spécial, of France and what belongs to it.
    "cs": ("BL", "FR", "GF", "GP", "MC", "MF", "MQ", "NC", "PF", "PM", "RE", "WF", "YT"),
    "tsa": ("FR",),
    "ap": ("MX",),  # apartado postal; elsewhere an apartment
    "cc": ("AR",),  # casilla de correo
    "cxp": ("BR",),
    "cmb": ("AU",),  # community mail bag
    "caller service": ("US",),
    "box": ("SE",),
    "boks": ("DK", "NO"),
    "pb": ("FI", "IN", "NO"),
    "pl": ("FI",),  # postilokero; in Poland a square
    "postkast": ("EE",),
    "a/k": ("LV",),  # abonenta kastīte
    "p d": ("LT",),  # pašto dėžutė
    "pd": ("LT",),
    "pp": ("BA", "HR", "RS", "SI"),  # poštanski pretinac
    "пк": ("BG",),  # пощенска кутия
    "п/к": ("BG",),
    "a/ya": ("BY", "KZ", "RU", "UA"),  # the Cyrillic one in Latin letters
    "aya": ("BY", "KZ", "RU", "UA"),
    "pk": ("TR",),
    "τ.θ": ("CY", "GR"),
    "t.θ": ("CY", "GR"),  # with a Latin T
}
"""What is such a box in these countries, and something else in others."""
_STREETS_BEFORE = frozenset({"calle", "c", "rua", "avenida", "carrera", "camino", "plaza"})
_ARTICLES = frozenset({"de", "del", "la", "las", "los", "el", "da", "do", "das", "dos"})
_STREETS_BEHIND = frozenset({"utca", "ut", "ter", "korut"})
"""Words of streets: ``Calle Apartado 12``, and ``Bp 12. utca``, which lies in Budapest."""
_LOCKERS = (
    *("parcel locker", "amazon locker", "amazon hub", "inpost", "paczkomat", "abholstation"),
    *("postfiliale", "paketshop", "point relais", "relais colis", "pakketautomaat", "pakkeboks"),
    *("pakettiautomaatti", "citypaq", "punto pack"),
)
"""Machines and shops that keep a parcel until it is fetched."""

_Phrase: TypeAlias = tuple[tuple[str, ...], bool, tuple[str, ...]]
"""The words, whether a number must follow, and the countries (none: all)."""

_PARTS = re.compile(r"[,;()\n\r]")
_TOKENS = re.compile(r"[^\W\d_]+|\d+")
_POINT_BETWEEN = re.compile(r"(?<=[^\W\d_]{2})\.(?=[^\W\d_])")
"""It parts words that were shortened, ``Skr.poczt.``; in ``P.O.`` it does not."""
_NUMBER_SIGNS = frozenset({"n", "no", "nr", "num", "number", "numero", "nummer", "x"})
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts whose words have no blanks between them."""


def _to_words(words: Iterable[str]) -> tuple[str, ...]:
    return _checks.to_texts(words)


def _plain(text: str) -> str:
    """A text without case, accents and points: ``P.O. Boîte`` is ``po boite``."""
    return without_accents(_POINT_BETWEEN.sub(" ", text).replace(".", ""))


def _tokens(text: str) -> tuple[str, ...]:
    """The words and numbers of a text; ``Post Office`` is ``po``, whatever kind of box follows."""
    tokens = tuple(_TOKENS.findall(_plain(text)))
    if "office" not in tokens:
        return tokens
    at = tokens.index("office")
    if tokens[max(0, at - 1) : at] != ("post",):
        return tokens
    return (*tokens[: at - 1], "po", *tokens[at + 1 :])


@attrs.frozen(weakref_slot=False, repr=False)
class NoPoBoxes:
    """What boxes are called, as `no_po_boxes` makes it."""

    words: tuple[str, ...]
    lockers: bool
    _phrases: Mapping[str, tuple[_Phrase, ...]] = attrs.field(alias="phrases", eq=False)
    """By their first word."""
    _unspaced: tuple[str, ...] = attrs.field(alias="unspaced", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        address = order.ship_to
        if address is None or not ships(order):
            return ()
        findings: list[Finding] = []
        for field, lines in (("street", address.street), ("city", (address.city,))):
            for line in lines:
                if self._is_box(line, address.country):
                    findings.append(
                        hold(
                            "address.po_box",
                            field=f"ship_to.{field}",
                            detail=f"The {field} of the address to ship to is {repr_of(line)}: "
                            "nothing is handed over at a box.",
                            evidence=line,
                        )
                    )
                    break
        return findings or ()

    def _is_box(self, line: str, country: str) -> bool:
        for part in _PARTS.split(line):  # a comma parts what does not belong together
            tokens = _tokens(part)
            for position, token in enumerate(tokens):
                for words, is_numbered, countries in self._phrases.get(token, ()):
                    end = position + len(words)
                    if (
                        tokens[position:end] == words
                        and (not is_numbered or _is_numbered(tokens, position, end))
                        and (not countries or country in countries)
                    ):
                        return True
        if not _UNSPACED.search(line):
            return False
        plain = _plain(line)
        return any([word in plain for word in self._unspaced])

    def __repr__(self) -> str:
        return f"no_po_boxes(words={self.words!r}, lockers={self.lockers!r})"


def no_po_boxes(words: Iterable[str] = (), *, lockers: bool = False) -> NoPoBoxes:
    """It is not shipped to a post-office box or the like: a person has to be there.

    It knows what such boxes are called in many languages: *P.O. Box*, *Postfach*,
    *Packstation*, *Boîte postale*, *Apartado de correos*, *Casella postale*, *Skrytka pocztowa*,
    *私書箱*, ... and *Poste restante*, which waits to be fetched.
    Whole words are compared, without case, accents and points: ``Boxwood Road`` and
    ``Packstationsweg 3`` are streets. What is short or has another meaning too counts only with a
    number behind it (``BP 12``), and some of it only in its own country (``Box 12`` in Sweden,
    ``CS 12345`` in France).
    Looked at are street and city of the address to ship to, if something ships. The name is not: it
    says whose address it is.

    Args:
        words: further words, or several in sequence, as a list of str; without case, accents and
            points as well.
        lockers: whether parcel lockers and pick-up shops count too.

    Codes: ``address.po_box`` (HOLD, one per field).

    Raises:
        InvalidValueError: a str in place of a collection, or a word without a letter or digit.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)],
    ...               ship_to=Address(name="Ada", street=["Postfach 12"], city="Bern"))
    >>> for finding in no_po_boxes()(order, context=Context(now=now)):
    ...     print(finding.detail)
    The street of the address to ship to is 'Postfach 12': nothing is handed over at a box.
    """
    texts = _to_words(words)
    _checks.check_members("no_po_boxes.words", texts, str)
    for position, text in enumerate(texts):
        if not _tokens(text):
            raise _checks.refuse(
                f"no_po_boxes.words[{position}]", text, "has no letter or digit; pass a word"
            )
    _checks.check_bool("no_po_boxes.lockers", lockers)
    anywhere = [*_BOXES, *(_LOCKERS if lockers else ()), *texts]
    spaced = [word for word in anywhere if not _UNSPACED.search(word)]
    unspaced = [_plain(word) for word in anywhere if _UNSPACED.search(word)]
    phrases: dict[str, tuple[_Phrase, ...]] = {}
    for phrase in (
        *[(_tokens(word), False, ()) for word in spaced],
        *[(_tokens(word), True, ()) for word in _NUMBERED],
        *[(_tokens(word), True, countries) for word, countries in _NUMBERED_IN.items()],
    ):
        first = phrase[0][0]
        phrases[first] = (*phrases.get(first, ()), phrase)
    return NoPoBoxes(texts, lockers, phrases=phrases, unspaced=tuple(unspaced))


def _is_numbered(tokens: tuple[str, ...], start: int, end: int) -> bool:
    """Whether a number comes behind these words, or the sign for one and then a number.

    A street is none: its word stands before, or behind the number.
    """
    while start and tokens[start - 1] in _ARTICLES:  # Calle del Apartado 7
        start -= 1
    if _STREETS_BEFORE.intersection(tokens[max(0, start - 1) : start]):
        return False
    if tokens[end : end + 1] and tokens[end] in _NUMBER_SIGNS:
        end += 1
    if not "".join(tokens[end : end + 1]).isdecimal():
        return False
    return not _STREETS_BEHIND.intersection(tokens[end + 1 : end + 2])
