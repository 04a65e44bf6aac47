"""When two texts are the same but for how they are written: case, accents, blanks, signs.

People write ``sao paulo``, ``SÃO PAULO`` and ``São Paulo`` for one city. What is compared is
compared without all that, by every part of the library in the same way.
"""

from __future__ import annotations

import unicodedata

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
    """The words of a text as `without_accents` writes them, without signs.

    >>> plain_words("Santa Bárbara d'Oeste")
    ['santa', 'barbara', 'd', 'oeste']
    """
    text = without_accents(text)
    return "".join([sign if _is_of_a_word(sign) else " " for sign in text]).split()


def plain(text: str) -> str:
    """By what two names of a place are the same: its `plain_words` as one.

    >>> plain("Embu-Guaçu") == plain("embu guacu"), plain("?")
    (True, '')
    """
    return "".join(plain_words(text))


def _is_of_a_word(sign: str) -> bool:
    # Vowels of Hindi or Thai are marks, which are not alphanumeric.
    return sign.isalnum() or unicodedata.category(sign)[0] == "M"
