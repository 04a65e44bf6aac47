"""A language: its texts, each under the name of what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs

from fulfill_core import _checks
from fulfill_core._checks import FrozenMap
from fulfill_core.messages.formats import locale_of, name_of_locale, plural_keys
from fulfill_core.messages.languages import TEXTS_BY_LOCALE
from fulfill_core.messages.words import GAP
from fulfill_core.protocols.spelling import check_spelling

_KIND_TEXT = re.compile(r"(?P<kind>.+)\.(?:subject|opening)")
_GAPS = {
    "greeting.name": {"name"},
    "footer": {"shop"},
    "detail": {"label", "value"},
}
_GAPS_OF_A_KIND = {"order", "shop", "amount"}
_BRACES = frozenset("{}")
_COUNTED = "units."
_NAMED = ("label.", "reason.")
"""Of codes, those of a host's own as well."""
COMMON = frozenset(
    key
    for key in TEXTS_BY_LOCALE["en"]
    if not _KIND_TEXT.fullmatch(key) and not key.startswith(_COUNTED)
)
"""The keys of what every message may need, beside its own two texts and the plurals."""
_KINDS = sorted(
    {match["kind"] for key in TEXTS_BY_LOCALE["en"] if (match := _KIND_TEXT.fullmatch(key))}
)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Language:
    """A language, or what a shop says differently in one: texts by what they are for.

    Args:
        locale: the language, or a variety of it, such as ``"sv"`` or ``"de-AT"``.
        texts: text by key. ``"order.confirmed.subject"`` and ``"order.confirmed.opening"`` are
            those of a kind; the others are listed in the reference, under *Rendered messages*. In
            those of a kind ``{order}``, ``{shop}`` and ``{amount}`` are filled in. A line break
            begins a paragraph of an opening. ``"label.CODE"`` is what a code is called, such as
            that of a finding; ``"reason.CODE"`` is what the customer reads where the reason is that
            code, such as ``DelayAsked(reason="supplier")``.

    Raises:
        InvalidValueError: a locale that does not exist, a key that no message asks for or that is
            nearly one of the library's, a gap that nothing fills, a brace that is no gap (such as
            ``{ order }``), a text with a line break where there can be none.

    >>> Language(locale="de_at", texts={"greeting": "Servus,"}).locale
    'de-AT'
    """

    locale: str
    texts: FrozenMap = attrs.field(converter=_checks.to_frozen_map)

    def __attrs_post_init__(self) -> None:
        _checks.check_text("Language.locale", self.locale)
        locale = locale_of(self.locale)
        if locale is None:
            problem = "is no locale that Babel knows; pass one such as 'sv' or 'pt-PT'"
            raise _checks.refuse("Language.locale", self.locale, problem)
        _checks.set_field(self, "locale", name_of_locale(locale))
        _checks.check_frozen_map("Language.texts", self.texts)
        forms = {f"{_COUNTED}{key}" for key in plural_keys(locale)}
        for key, text in self.texts.items():
            path = f"Language.texts[{key!r}]"
            kind_text = _KIND_TEXT.fullmatch(key)
            if not (kind_text or key in COMMON or key in forms or key.startswith(_NAMED)):
                problem = (
                    "is asked for by no message; pass KIND.subject, KIND.opening, label.CODE,"
                    f" reason.CODE, {', '.join(sorted(forms))}, or one of"
                    f" {', '.join(sorted(COMMON))}"
                )
                raise _checks.refuse("Language.texts", key, problem)
            _check_content(path, text, is_long=key.endswith(".opening"))
            _check_gaps(path, text, _GAPS_OF_A_KIND if kind_text else _gaps_of(key))
        kinds = [match["kind"] for key in self.texts if (match := _KIND_TEXT.fullmatch(key))]
        check_spelling("Language.texts", kinds, _KINDS)
        labels = [key for key in self.texts if key.startswith("label.")]
        check_spelling("Language.texts", labels, COMMON)


def _gaps_of(key: str) -> set[str]:
    return {"count"} if key.startswith(_COUNTED) else _GAPS.get(key, set())


def _check_content(path: str, text: str, *, is_long: bool) -> None:
    _checks.check_id(path, text)
    lines = text.split("\n") if is_long else [text]
    if any(_checks.in_one_line(line) != line for line in lines):
        problem = "has a control character, or a line break where there can be none; take it out"
        raise _checks.refuse(path, text, problem)


def _check_gaps(path: str, text: str, known_gaps: set[str]) -> None:
    strange_gap = next((gap for gap in GAP.findall(text) if gap not in known_gaps), "")
    if strange_gap:
        problem = f"has the gap {{{strange_gap}}}, which nothing fills"
    elif _BRACES.isdisjoint(GAP.sub("", text)):
        return
    else:
        problem = "has a brace that is no gap"
    gaps = ", ".join(f"{{{name}}}" for name in sorted(known_gaps))
    remedy = f"these are filled: {gaps}" if gaps else "take it out"
    raise _checks.refuse(path, text, f"{problem}; {remedy}")


def keys_of(kind: str) -> tuple[str, str]:
    """The keys of the two texts that a kind of message has.

    >>> keys_of("order.confirmed")
    ('order.confirmed.subject', 'order.confirmed.opening')
    """
    return f"{kind}.subject", f"{kind}.opening"


def keys_needed(locale: str, kinds: Iterable[str]) -> set[str]:
    """The keys of all texts that a language needs for these kinds of messages.

    >>> sorted(keys_needed("pl", ["order.confirmed"]) - COMMON)[:3]
    ['order.confirmed.opening', 'order.confirmed.subject', 'units.few']
    """
    known_locale = locale_of(locale)
    forms = () if known_locale is None else plural_keys(known_locale)
    texts_of_kinds = {key for kind in kinds for key in keys_of(kind)}
    return {*COMMON, *(f"{_COUNTED}{form}" for form in forms), *texts_of_kinds}


def merged_texts(languages: Iterable[Language]) -> dict[str, dict[str, str]]:
    """All texts by locale: the ready-made ones, and over them those of these languages."""
    merged: dict[str, dict[str, str]] = {
        locale: dict(texts) for locale, texts in TEXTS_BY_LOCALE.items()
    }
    for language in languages:
        merged.setdefault(language.locale, {}).update(language.texts)
    return merged


def with_parents(locale: str, texts_by_locale: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The texts of a locale, and those of what it is a variety of where it has none of its own.

    >>> with_parents("de-AT", {"de": {"a": "1", "b": "2"}, "de-AT": {"b": "3"}})
    {'a': '1', 'b': '3'}
    """
    texts: dict[str, str] = {}
    for name in reversed(lineage(locale)):
        texts.update(texts_by_locale.get(name, {}))
    return texts


def lineage(locale: str) -> list[str]:
    """A locale and what it is a variety of, the nearest first.

    >>> lineage("zh-Hant-TW")
    ['zh-Hant-TW', 'zh-Hant', 'zh']
    """
    parts = locale.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
