"""Names that are nearly those of the library: whoever writes one means the library's.

A part of a plug-in, a kind of message or a text has a name by which the library asks for it, and
hosts may have names of their own beside them. So a wrong name is a name that nobody ever asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fulfill_core import _checks

_SHORTEST = 5
"""Letters behind the last point of a name: of fewer, two are half of it."""
_FEW = 2
"""Letters that a slip changes at most: one too many, one missing, a wrong one, two exchanged."""


def letters_apart(name: str, other: str) -> int:
    """How many letters the longer of two names has in the one place where they differ.

    >>> letters_apart("order.confrimed", "order.confirmed"), letters_apart("lost", "late")
    (2, 3)
    """
    longer, shorter = max(len(name), len(other)), min(len(name), len(other))
    begin = _length_alike(name, other)
    end = min(_length_alike(name[::-1], other[::-1]), shorter - begin)
    return longer - begin - end


def _length_alike(one: Iterable[str], other: Iterable[str]) -> int:
    """With how many letters both begin."""
    count = 0
    for letter, counterpart in zip(one, other, strict=False):
        if letter != counterpart:
            break
        count += 1
    return count


def is_slip(word: str, name: str) -> bool:
    """Whether a word is a name, but for its case or a slip of the finger.

    What goes on behind the name is a word of its own: ``order.news`` beside ``order.new``. And so
    is a short one: ``label.id`` is no ``label.by``.

    >>> [is_slip(word, "order.received") for word in ("order.recieved", "order.reserved")]
    [True, False]
    >>> is_slip("label.id", "label.by")
    False
    """
    if word.casefold() == name.casefold():
        return True
    if len(name.rpartition(".")[2]) < _SHORTEST:
        return False
    is_longer = word.startswith(name)
    is_near = letters_apart(word, name) <= _FEW and abs(len(word) - len(name)) < _FEW
    return is_near and not is_longer


def misspelling(
    words: Iterable[str],
    names: Iterable[str],
    is_nearly: Callable[[str, str], bool] = is_slip,
) -> tuple[str, str] | None:
    """A word that is nearly a name which is not among the words, and the name; or None.

    >>> misspelling(["parcel.shiped", "gift"], ["parcel.shipped", "parcel.lost"])
    ('parcel.shiped', 'parcel.shipped')
    """
    all_words, all_names = sorted(words), tuple(names)
    own = [word for word in all_words if word not in all_names]
    missing = [name for name in all_names if name not in all_words] if own else []
    return next(((word, name) for word in own for name in missing if is_nearly(word, name)), None)


def check_spelling(path: str, words: Iterable[str], names: Iterable[str]) -> None:
    """Names of the library, or of the host's own that nobody can take for one of those.

    Raises:
        InvalidValueError: one is nearly a name of the library.

    >>> check_spelling("muted", ["parcel.shipped", "shop.call"], ["parcel.shipped"])
    """
    slip = misspelling(words, names)
    if slip is not None:
        word, name = slip
        problem = f"is nothing that is ever asked for; write {str(name)!r}, or name yours otherwise"
        raise _checks.refuse(path, word, problem)
