"""The rules of a country for its addresses, looked up as people write: out of the published data.

The data of libaddressinput is a dict of entries by path: ``BR`` for a country, ``BR/SP`` for a
region, ``BR/SP/São Paulo`` for a city, each of them again with ``--`` and a language where there
are several. A country's entries are turned into `Rules` once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import TypeAlias

import attrs

from fulfill_core.orders.countries import postal_key
from fulfill_core.orders.regions import other_names
from fulfill_core.orders.spelling import Names

Entry: TypeAlias = Mapping[str, str]
Entries: TypeAlias = Mapping[str, Entry]
Path: TypeAlias = tuple[str, ...]
"""The paths of one place, one for each language of the country that tells of it."""

_FIELDS = {"S": "region", "C": "city", "Z": "postal_code", "A": "street"}
"""What we call the fields of the data; it has some for which our addresses have none."""

_CODE = 3
"""So many letters at most has the code of a region."""

_HYPHENS = dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-")
_BETWEEN = re.compile(r"[\s.〒-]+")
"""What may stand between the parts of a postal code, or before it: the postal mark of Japan."""
_LONGEST_CODE = 12
"""So many letters and digits at most has a postal code."""


@attrs.frozen(weakref_slot=False)
class Places:
    """The regions of a country, or the cities of a region.

    Args:
        names: all that they are called. What they are looked up by is their normal form.
        paths: where the data tells of each, by its normal form.
        example: the first of them, by its code and its name.
    """

    names: Names
    paths: Mapping[str, Path]
    example: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.paths)


def _child(path: str, key: str) -> str:
    """The path of a place in the place with this path, in the same language."""
    place, dashes, language = path.partition("--")
    return f"{place}/{key}{dashes}{language}"


def _names(entry: Entry, country: str) -> Iterator[tuple[str, str]]:
    """Each place that an entry lists by its key, and each of its names."""
    keys = entry.get("sub_keys", "").split("~")
    for field in ("sub_keys", "sub_names", "sub_lnames", "sub_lfnames"):
        if field in entry:
            yield from zip(keys, entry[field].split("~"), strict=True)
    codes = entry.get("sub_isoids", "").split("~")
    pairs = [(key, code) for key, code in zip(keys, codes, strict=False) if code]
    pairs += [(key, key) for key in keys if len(key) <= _CODE]
    keys_by_code = {code: key for key, code in pairs}
    pairs += [
        (keys_by_code[code], name) for code, name in other_names(country) if code in keys_by_code
    ]
    yield from pairs
    yield from [(key, f"{country}-{code}") for key, code in pairs]


def places_in(entries: Entries, path: Path, country: str) -> Places:
    """The places in one, by all that they are called in the languages of the country.

    The first name counts where two are called the same: keys before names, names before codes, and
    the languages in the country's own sequence.
    """
    names_by_path: dict[str, list[tuple[str, str]]] = {
        each: [(key, name) for key, name in _names(entries[each], country) if name]
        for each in path
        if "sub_keys" in entries.get(each, {})
    }
    paths: dict[str, Path] = {}
    for each, names_there in names_by_path.items():
        for key in dict(names_there):
            paths[key] = (*paths.get(key, ()), _child(each, key))
    pairs = [pair for each in names_by_path.values() for pair in each]
    names = [name for key, name in pairs if key == pairs[0][0]]
    return Places(
        Names.of(pairs),
        paths,
        tuple(dict.fromkeys(names[:2])),
    )


@attrs.frozen(weakref_slot=False)
class Area:
    """What the data says of a country, a region or a city.

    Args:
        places: what is in it.
        postal_codes: how its postal codes look, or how they begin; None if nothing is said.
        examples: some of its postal codes.
    """

    places: Places
    postal_codes: re.Pattern[str] | None
    examples: tuple[str, ...]


@attrs.frozen(weakref_slot=False)
class Rules:
    """The rules of a country.

    Args:
        country: its code; empty for the rules of every country.
        name: what the data calls it.
        fields: the fields that its addresses have.
        needs: those of them that no address may lack.
        area: the country as a whole.
        area_of: the region or city with a path.
    """

    country: str
    name: str
    fields: frozenset[str]
    needs: frozenset[str]
    area: Area
    area_of: Callable[[Path], Area] = attrs.field(eq=False, repr=False)

    def postal_code(self, text: str, areas: Iterable[Area]) -> str:
        """A postal code as the country writes it; empty if it is none, as it stands if anything is.

        Small letters, blanks, hyphens and the country before it make no difference. Of the ways to
        write it the first one is taken that fits all the areas, else the first that fits the
        country.
        """
        pattern = self.area.postal_codes
        if pattern is None:
            return text
        patterns = [area.postal_codes for area in areas if area.postal_codes is not None]
        fitting = [each for each in self._spellings(text) if pattern.fullmatch(each)]
        for each in fitting:
            if all([matcher.match(each) for matcher in patterns]):
                return each
        return fitting[0] if fitting else ""

    def _spellings(self, text: str) -> Iterator[str]:
        """The ways to write a postal code, the given one first."""
        text = unicodedata.normalize("NFKC", text).translate(_HYPHENS).upper().strip()
        yield text
        whole = _BETWEEN.sub("", text)
        examples = "".join(self.area.examples)
        if (
            not whole.isalnum()
            or len(whole) > _LONGEST_CODE
            # 77-777 is a postal code of Poland, and not one of Germany written in another way.
            or (whole.isdecimal() and "-" not in examples and "".join(text.split()) != whole)
        ):
            return
        bare = postal_key(text, self.country)
        usual = [sign for sign in "- " if sign in examples]  # what the country itself puts there
        for code in dict.fromkeys((whole, bare)):
            for sign in (*usual, "", *[sign for sign in "- " if sign not in usual]):
                yield from [f"{code[:n]}{sign}{code[n:]}" for n in range(1, len(code))]
        yield f"{self.country}-{bare}"
        yield f"{self.country}{bare}"


@attrs.frozen(weakref_slot=False)
class Reading:
    """An address as its country reads it.

    Args:
        rules: those of the country.
        contents: what the fields say. A region that stood in the field of the city is the region.
        areas: the country, and the region and the city in it as far as they are known.
        normal: region, city and postal code as the country writes them; empty if it does not say.
        missing: the fields that the country needs and that are empty.
        invalid: the fields that say what the country does not have.
    """

    rules: Rules
    contents: Mapping[str, str]
    areas: tuple[Area, ...]
    normal: Mapping[str, str]
    missing: tuple[str, ...]
    invalid: tuple[str, ...]

    def fits(self, postal_code: str) -> bool:
        """Whether it is a postal code of the country, of the region and of the city."""
        patterns = [area.postal_codes for area in self.areas if area.postal_codes is not None]
        return all([pattern.match(postal_code) for pattern in patterns])

    def places_for(self, field: str) -> Places | None:
        """What there is to choose from in a field; None if that is not known."""
        return _places_for(field, self.areas)


def _places_for(field: str, areas: Sequence[Area]) -> Places | None:
    level = {"region": 0, "city": 1}.get(field, len(areas))
    return areas[level].places if level < len(areas) else None


def reading_of(rules: Rules, fields: Mapping[str, str]) -> Reading:
    """An address, given by its fields without white space around them, read by the rules."""
    contents = dict(fields)
    regions = rules.area.places
    if (
        not contents["region"]
        and "region" in rules.needs
        and "city" not in rules.needs
        and regions.names.key_of(contents["city"]) is not None
    ):
        contents |= {"region": contents["city"], "city": ""}
    areas = [rules.area]
    normal: dict[str, str] = {}
    invalid: list[str] = []
    for field in ("region", "city"):
        places = _places_for(field, areas)
        if not places or not contents[field]:
            continue
        name = places.names.key_of(contents[field])
        if name is not None:
            areas.append(rules.area_of(places.paths[name]))
        if field in rules.fields:
            normal[field] = name or ""
            if name is None:
                invalid.append(field)
    postal_code = contents["postal_code"]
    reading = Reading(rules, contents, tuple(areas), normal, (), ())
    if postal_code and "postal_code" in rules.fields:
        normal["postal_code"] = rules.postal_code(postal_code, areas)
        if not reading.fits(normal["postal_code"]):
            invalid.append("postal_code")
    missing = [field for field in contents if field in rules.needs and not contents[field]]
    return attrs.evolve(reading, missing=tuple(missing), invalid=tuple(invalid))


def rules_of(country: str, entries: Entries, defaults: Entry) -> Rules:
    """The rules of a country out of its entries, and of what holds where they say nothing."""
    entry = {**defaults, **entries.get(country, {})}
    languages = entry.get("languages", "").split("~")[1:]
    path = (country, *[f"{country}--{language}" for language in languages])
    area_of = lru_cache(maxsize=None)(partial(_area, entries, country))
    return Rules(
        country=country,
        name=entry.get("name", ""),
        fields=_fields(re.findall(r"%([A-Z])", entry["fmt"])),
        needs=_fields(entry["require"]),
        area=area_of(path),
        area_of=area_of,
    )


def _fields(signs: Iterable[str]) -> frozenset[str]:
    return frozenset([_FIELDS[sign] for sign in signs if sign in _FIELDS])


def _area(entries: Entries, country: str, path: Path) -> Area:
    """What the entries say of a place: of its postal codes in the first that says anything."""
    codes = [entries[each]["zip"] for each in path if "zip" in entries.get(each, {})]
    examples = [entries[each]["zipex"] for each in path if "zipex" in entries.get(each, {})]
    return Area(
        places=places_in(entries, path, country),
        postal_codes=re.compile(codes[0]) if codes else None,
        examples=tuple(examples[0].split(",")) if examples else (),
    )
