"""When two texts are the same but for how they are written: case, accents, blanks, signs.

People write ``sao paulo``, ``SÃO PAULO`` and ``São Paulo`` for one city. What is compared is
compared without all that, by every part of the library in the same way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

import attrs

from fulfill_core import _values

_MARKS = dict.fromkeys(range(0x300, 0x370))
"""The accents of Latin, Greek and Cyrillic letters. Marks of other scripts are letters there."""
_LETTERS = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t"}
    | {"æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters of which no accent can be taken off, as they are written without."""


def without_accents(text: str) -> str:
    """A text in small letters, without accents.

    >>> without_accents("São Paulo, ŁÓDŹ, İstanbul")
    'sao paulo, lodz, istanbul'
    """
    if text.isascii():
        return text.lower()
    # Marks are taken off first, too: to bring thousands of them in their sequence takes long.
    parts = unicodedata.normalize("NFKD", text.casefold().translate(_MARKS))
    return unicodedata.normalize("NFC", parts.translate(_MARKS)).translate(_LETTERS)


def plain_words(text: str) -> list[str]:
    """The words of a text as `without_accents` writes them, without signs; signs if that is all.

    >>> plain_words("Santa Bárbara d'Oeste")
    ['santa', 'barbara', 'd', 'oeste']
    """
    text = without_accents(text)
    words = "".join([sign if _is_of_a_word(sign) else " " for sign in text]).split()
    return words or text.split()


def plain(text: str) -> str:
    """By what two names of a place are the same: its `plain_words` as one.

    >>> plain("Embu-Guaçu") == plain("embu guacu"), plain("- ?")
    (True, '-?')
    """
    return "".join(plain_words(text))


def _is_of_a_word(sign: str) -> bool:
    # Vowels of Hindi or Thai are marks, which are not alphanumeric.
    return sign.isalnum() or unicodedata.category(sign)[0] == "M"


# -- Names of places -------------------------------------------------------------------------------

_TYPES = frozenset(
    {
        *("sheng", "shi", "qu", "xian", "zhou"),  # zh
        *("zizhiqu", "zhuangzuzizhiqu", "huizuzizhiqu", "weiwuerzizhiqu"),
        *("to", "fu", "ken", "do", "si", "gun", "gu"),  # ja, ko
        *("oblast", "kray", "krai", "respublika", "republits", "avtonomnyy", "okrug"),  # ru, uk
        *("tinh", "thanh", "pho", "changwat"),  # vi, th
        *("provincia", "departamento", "distrito", "municipio", "estado"),  # es, pt
        *("city", "co", "county", "department", "district", "emirate", "governorate"),  # en
        *("municipality", "parish", "prefecture", "province", "region", "republic", "state", "of"),
    }
)
"""What kind of place it is, in words that are written or left out: ``Osaka-fu``, ``Co. Cork``."""
_TYPE_SIGNS = "省市区区县縣區州都府県도시군구"
"""The same where words are signs: ``北京`` for ``北京市``."""
_SHORTEST_NAME = 2


def _short_form(text: str) -> str:
    """A name without the word for what it is; empty if nothing is left, or nothing was there."""
    words = plain_words(text)
    rest = [word for word in words if word not in _TYPES]
    if len(rest) == len(words):
        name = "".join(words)
        return name[:-1] if len(name) > _SHORTEST_NAME and name[-1] in _TYPE_SIGNS else ""
    return "".join(rest)


@attrs.frozen(weakref_slot=False)
class Names:
    """Places that lie beside each other, by all that they are called.

    Args:
        labels: to the letter but for case.
        spellings: without accents and signs.
        short_forms: without the word for what they are, too; None if there are several.
    """

    labels: Mapping[str, str]
    spellings: Mapping[str, str]
    short_forms: Mapping[str, str | None]

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Names:
        """The names of places by their keys. Where two are called the same, the first one counts.

        >>> names = Names.of([("D", "Co. Dublin"), ("1", "Hsinchu City"), ("2", "Hsinchu County")])
        >>> [names.key_of(text) for text in ("DUBLIN", "Hsinchu", "hsinchu city")]
        ['D', None, '1']
        """
        labels: dict[str, str] = {}
        spellings: dict[str, str] = {}
        short_forms: dict[str, str | None] = {}
        for key, name in pairs:
            labels.setdefault(name.lower(), key)
            spellings.setdefault(plain(name), key)
            short = _short_form(name)
            if short and short_forms.setdefault(short, key) != key:
                short_forms[short] = None
        return cls(labels, spellings, short_forms)

    def key_of(self, text: str) -> str | None:
        """The key of the place that a text means; None if it is none of them."""
        spelling = plain(text)
        for key in (
            self.labels.get(text.lower()),
            self.spellings.get(spelling),
            self.short_forms.get(spelling),
        ):
            if key is not None:
                return key
        short = _short_form(text)
        return self.spellings.get(short) or self.short_forms.get(short) if short else None
