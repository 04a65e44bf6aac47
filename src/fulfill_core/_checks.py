"""What every value needs: checks of what enters, an immutable map, and a fast way past the checks.

A check takes the path of the field first, so that the error can name it. Values call the checks
in ``__attrs_post_init__``: one pass, 2.5 times faster than a validator per field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, tzinfo
from decimal import Context, Decimal
from enum import Enum
from functools import wraps
from typing import Any, TypeVar, cast

import attrs

from fulfill_core.exceptions import InvalidValueError, is_written_as_it_reads, together

T = TypeVar("T")
_Word = TypeVar("_Word", bound=Enum)
_Check = Callable[[Any], None]

_LONGEST_TEXT, _FEW, _MOST_UNITS, _MOST_DIGITS = 200, 8, 10**15, 15
_ONE_VALUE = str, bytes, bytearray, memoryview, Mapping
"""What can be gone through and is no collection of values: letters or keys would come of it."""
_STEERS = r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
"""No text: control characters, what breaks a line or turns the writing, halves of characters."""
_OFF_THE_CALENDAR = "is off the calendar in UTC; pass a year from 2 to 9998"
_CENT, _LONGEST = Decimal("0.01"), timedelta(days=36_525)
LOCALE = "a locale", "de-AT"
_OTHERWISE = "is of a class whose text is written otherwise than it reads; pass a plain str"
_REMEDIES = {("Order", "OrderRecord"): "OrderRecord(order=...)"}

EXACT = Context(prec=100)
"""All sums of money are made in this context: the host's own decimal context changes nothing, and
within the limits that `check_money` and `check_int` set no sum is ever rounded."""


def repr_of(value: object) -> str:
    """The repr of *value*, cut: it may be of any length, and may even raise."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - an int of 5,000 digits raises, and is refused all the same
        return f"<{type(value).__name__} that cannot be shown>"
    return _cut(text)


def message_of(error: Exception) -> str:
    """What an error says, for a sentence: cut, and no more than its type if its text can't be read.

    >>> message_of(KeyError("mug"))
    "KeyError: 'mug'"
    """
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - the error of a plug-in, with a __str__ that is broken too
        return type(error).__name__
    return _cut(text)


def _cut(text: str) -> str:
    if len(text) <= _LONGEST_TEXT:
        return text
    return f"{text[:_LONGEST_TEXT]}... ({len(text)} characters)"


def in_one_line(text: str) -> str:
    """*text* with what steers a terminal or begins a line written out, as in a literal of Python.

    An id may hold anything. In a sentence for people it must not make lines of its own.

    >>> len(in_one_line("A-1" + chr(10) + "Order A-2 is confirmed.").splitlines())
    1
    """
    if text.isprintable():
        return text  # nothing of it: the pattern is compiled when somebody needs it
    return re.sub(_STEERS, lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def refuse(path: str, value: object, problem: str) -> InvalidValueError:
    """The error for *value* at *path*."""
    return InvalidValueError(path, repr_of(value), problem)


def refuse_all(faults: list[InvalidValueError]) -> None:
    """Raise what is wrong with members of a collection as one error, if anything is."""
    if faults:
        raise together(faults)


def check_callable(path: str, value: object) -> None:
    """Something that can be called, as every plug-in can."""
    if not callable(value):
        raise refuse(path, value, "can't be called; pass a function or another callable")


def check_text(path: str, value: object) -> None:
    """A str, which may be empty."""
    if not isinstance(value, str):
        remedy = "pass a str" if value is not None else "pass '' if there is none"  # a null column
        raise refuse(path, value, f"is not text; {remedy}")
    if type(value) is not str and not is_written_as_it_reads(value):
        raise refuse(path, value, _OTHERWISE)


def check_id(path: str, value: object, what: str = "an id", example: str = "A-17") -> None:
    """A str with something in it other than white space."""
    if not isinstance(value, str):
        raise refuse(path, value, f"is not {what}; pass a str, such as {example!r}")
    if type(value) is not str and not is_written_as_it_reads(value):
        raise refuse(path, value, _OTHERWISE)
    if not value.strip():
        raise refuse(path, value, "is empty; pass at least one visible character")


def check_optional_id(path: str, value: object) -> None:
    """An id, or empty text if there is none."""
    if value != "":
        check_text(path, value)
        check_id(path, value)


def check_money(path: str, value: object) -> None:
    """A finite Decimal, zero or more."""
    if not isinstance(value, Decimal):
        if value is None:
            raise refuse(path, value, "is not a Decimal; pass Decimal(0) if there is none")
        if type(value) is int:
            problem = "is an int; pass Decimal({0}), or from_minor_units({0}, 2) if it counts cents"
            raise refuse(path, value, problem.format(repr_of(value)))
        raise refuse(path, value, "is not a Decimal; pass money as Decimal('9.90'), never a float")
    if not value.is_finite() or value < 0:
        raise refuse(path, value, "is not an amount; pass a finite Decimal of zero or more")
    # Nearly all have cents: to ask for the exponent takes ten times as long.
    exponent = -2 if value.same_quantum(_CENT) else cast("int", value.as_tuple().exponent)
    if value.adjusted() >= _MOST_DIGITS or exponent < -_MOST_DIGITS:
        raise refuse(path, value, f"has more than {_MOST_DIGITS} digits on a side of the point")


def check_int(
    path: str, value: object, *, at_least: int | None = None, at_most: int | None = None
) -> None:
    """An int (no bool, no float), not below *at_least* nor above *at_most*."""
    if type(value) is not int:
        raise refuse(path, value, "is not an int; pass a whole number")
    if at_least is not None and value < at_least:
        raise refuse(path, value, f"is below {at_least}; pass {at_least} or more")
    if at_most is not None and value > at_most:
        raise refuse(path, value, f"is above {at_most}; pass {at_most} or fewer")
    if abs(value) > _MOST_UNITS:
        raise refuse(path, value, "is more than 10**15; no warehouse holds that")


def check_number(path: str, value: object) -> None:
    """An int or a finite Decimal: exact, and there is one way to write it."""
    if type(value) is not int and not (isinstance(value, Decimal) and value.is_finite()):
        raise refuse(path, value, "is not a number; pass an int or a Decimal, never a float")


def keep_word(value: object, name: str, kind: type[Enum], *, is_optional: bool = False) -> None:
    """Check a field of a frozen value that is being made, and keep the member of an enum in it."""
    word = getattr(value, name)
    if type(word) is not kind and not (is_optional and word is None):
        set_field(value, name, to_word(f"{type(value).__name__}.{name}", word, kind))


def to_word(path: str, value: object, kind: type[_Word]) -> _Word:
    """A member of an enum, or the text of one: its word, or else its name."""
    if isinstance(value, kind):
        return value
    words: list[str] = []
    for member in kind:
        word = member.value if isinstance(member.value, str) else member.name.lower()
        if isinstance(value, str) and value in (word, member.name):
            return member
        words.append(repr(word))
    raise refuse(path, value, f"is no {kind.__name__}; pass one, or its word: {', '.join(words)}")


def check_bool(path: str, value: object) -> None:
    """True or False, not something that merely looks like it."""
    if value is not True and value is not False:
        raise refuse(path, value, "is not a bool; pass True or False")


def check_aware(path: str, value: object) -> None:
    """A datetime that knows its offset."""
    if not isinstance(value, datetime):
        raise refuse(path, value, "is not a datetime; pass an aware datetime")
    try:
        is_naive = value.utcoffset() is None
        if not (is_naive or MINYEAR < value.year < MAXYEAR):
            value.astimezone(UTC)
    except OverflowError:
        raise refuse(path, value, _OFF_THE_CALENDAR) from None
    except Exception as error:  # noqa: BLE001 - the class of the tzinfo is the host's
        problem = f"has a tzinfo that fails, with {message_of(error)}; pass a zoneinfo.ZoneInfo"
        raise refuse(path, value, problem) from None
    if is_naive:
        raise refuse(path, value, "is naive; pass it with a tzinfo, such as timezone.utc")


def in_utc(path: str, value: object) -> datetime:
    """The instant *value*, checked to be aware, in UTC.

    Every instant that enters is kept like this. Two datetimes of one zone are compared by the clock
    on the wall, which shows one hour twice in autumn; and one that lies in such an hour equals
    none of another zone. In UTC equal instants are equal, and the earlier one is less.

    >>> from datetime import timezone
    >>> str(in_utc("now", datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=1)))))
    '2026-03-02 08:00:00+00:00'
    """
    if type(value) is datetime and value.tzinfo is UTC and not value.fold:
        return value  # nothing to check or to change
    check_aware(path, value)
    instant = cast("datetime", value).astimezone(UTC).replace(fold=0)
    if type(instant) is datetime:
        return instant  # that of pandas is written with nanoseconds, which no document has
    return datetime.combine(instant.date(), instant.time(), UTC)


def keep_in_utc(value: object, name: str, *, is_optional: bool = False) -> None:
    """Check a field of a frozen value that is being made, and keep its instant in UTC."""
    instant = getattr(value, name)
    if type(instant) is datetime and instant.tzinfo is UTC and not instant.fold:
        return  # as nearly all are: the path is not needed
    if instant is not None or not is_optional:
        set_field(value, name, in_utc(f"{type(value).__name__}.{name}", instant))


def in_zone(instant: datetime, timezone: tzinfo) -> datetime:
    """The instant by the clock of a time zone; in UTC at an end of the calendar, where it has none.

    >>> from datetime import timezone
    >>> print(in_zone(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), timezone(timedelta(hours=9))))
    2026-03-03 08:30:00+09:00
    """
    try:
        return instant.astimezone(timezone)
    except OverflowError:
        return instant


def check_timezone(path: str, value: object) -> None:
    """A tzinfo."""
    if not isinstance(value, tzinfo):
        raise refuse(path, value, "is not a tzinfo; pass a zoneinfo.ZoneInfo")


def check_day(path: str, value: object) -> None:
    """A day of a calendar, without a time."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise refuse(path, value, "is not a day; pass a date")


def check_duration(path: str, value: object) -> None:
    """A length of time, zero or more."""
    if not isinstance(value, timedelta):
        raise refuse(path, value, "is not a timedelta; pass one, such as timedelta(days=30)")
    if value < timedelta(0):
        raise refuse(path, value, "is below zero; pass a timedelta of zero or more")
    if value > _LONGEST:
        raise refuse(path, value, "is more than 100 years; pass a shorter timedelta")


def check_code(path: str, value: object, letters: int, example: str) -> str:
    """A code of so many ASCII letters, in upper case: the form of ISO 4217 and ISO 3166."""
    if not (
        isinstance(value, str) and len(value) == letters and value.isascii() and value.isalpha()
    ):
        raise refuse(path, value, f"is not a code of {letters} letters, such as {example!r}")
    return value.upper()


def check_member(path: str, value: object, kind: type[T]) -> None:
    """An instance of *kind*."""
    if not isinstance(value, kind):
        remedy = _REMEDIES.get((type(value).__name__, kind.__name__), "one")
        raise refuse(path, value, f"is not of type {kind.__name__}; pass {remedy}")


def is_collection(values: object) -> bool:
    """Whether something is many values, to be gone through one by one.

    >>> is_collection(["mug"]), is_collection("mug"), is_collection({"mug": 2})
    (True, False, False)
    """
    # To ask an abstract class takes longer than all the rest, and nearly all are tuples or lists.
    is_usual = isinstance(values, (tuple, list))
    return is_usual or (isinstance(values, Iterable) and not isinstance(values, _ONE_VALUE))


def check_collection(path: str, values: object) -> None:
    """Many values: no text, no bytes and no mapping (`is_collection`)."""
    if not is_collection(values):
        raise refuse(path, values, "is not a collection of values; pass a list, even of one")


def check_mapping(path: str, content: object, remedy: str) -> None:
    """A mapping, such as a dict; *remedy* says of what to what."""
    if not isinstance(content, Mapping):
        raise refuse(path, content, f"is not a mapping; pass {remedy}")


def check_members(path: str, values: object, kind: type[T]) -> None:
    """A tuple of instances of *kind*; the error names the position."""
    if not isinstance(values, tuple):
        remedy = "pass [] if there is none" if values is None else "pass a list or tuple"
        raise refuse(path, values, f"is not a collection of {kind.__name__}; {remedy}")
    members = cast("tuple[object, ...]", values)
    if len(members) > _FEW and set(map(type, members)) == {kind}:
        return  # no need to look at each
    for position, value in enumerate(members):
        if not isinstance(value, kind):
            check_member(f"{path}[{position}]", value, kind)


def check_rows(path: str, rows: object, *names: str) -> None:
    """A tuple of tuples with a member for each of the names; the error names the position."""
    if not isinstance(rows, tuple):
        raise refuse(path, rows, f"is no collection of rows; pass a list of ({', '.join(names)})")
    for position, row in enumerate(cast("tuple[tuple[object, ...], ...]", rows)):
        if not isinstance(cast("object", row), tuple) or len(row) != len(names):
            problem = f"is not a row of {len(names)} members; pass ({', '.join(names)})"
            raise refuse(f"{path}[{position}]", row, problem)


def check_unique(path: str, keys: Iterable[object], what: str) -> None:
    """No key twice; the error names the positions of all repeats."""
    earlier: set[object] = set()
    repeats: list[InvalidValueError] = []
    for position, key in enumerate(keys):
        if key in earlier:
            problem = f"was given before; each {what} comes once"
            repeats.append(refuse(f"{path}[{position}]", key, problem))
        earlier.add(key)
    refuse_all(repeats)


def money_text(amount: Decimal) -> str:
    """An amount for a sentence, the same for equal amounts: ``5``, ``19.80``, ``0.125``."""
    if (text := str(amount)).isdigit() or (text[-3:-2] == "." and text[-2:] != "00"):
        return text  # as most: to format it takes three times as long
    cents = amount.quantize(_CENT, context=EXACT)
    return f"{cents if cents == amount else amount.normalize(EXACT):f}".removesuffix(".00")


def set_field(value: object, name: str, content: object) -> None:
    """Put a normalised field into a frozen value, while it is being made."""
    object.__setattr__(value, name, content)


def to_tuple(values: Iterable[T]) -> tuple[T, ...]:
    """A tuple of *values*; what is no collection (a str would fall apart) stays for the check.

    Converters of attrs fields wrap it for one type: mypy can't solve a generic converter.
    """
    return tuple(values) if is_collection(values) else values  # type: ignore[return-value]


SOME_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
"""In the place of an instant that is at fault."""
_FIELD = re.compile(r"\w+\.(\w+)")


def all_faults(id_field: str, **stand_ins: object) -> Callable[[_Check], _Check]:
    """Tell all faults of a value in one error: around the ``__attrs_post_init__`` of its class.

    Once a field is at fault, the checks go on with what would be fine in its place: its default, or
    else its stand-in. Only values that hosts make of their rows need it; those that are fine pay
    for one more call.

    Args:
        id_field: the field that the record is known by.
        stand_ins: for fields without a default, what would be fine in their place.
    """

    def around(check: _Check) -> _Check:
        @wraps(check)
        def check_all(value: Any) -> None:
            try:
                check(value)
            except InvalidValueError as error:
                record_id = getattr(value, id_field)
                further_faults = (
                    *error.further_faults,
                    *_further_faults(value, check, stand_ins, error),
                )
                raise InvalidValueError(
                    error.path,
                    error.value,
                    error.problem,
                    _cut(record_id) if isinstance(record_id, str) else "",
                    further_faults,
                ) from None

        return check_all

    return around


def _further_faults(
    value: Any, check: _Check, stand_ins: Mapping[str, object], error: InvalidValueError
) -> Iterator[InvalidValueError]:
    """What else is at fault, one field after the other; each counts once."""
    members = attrs.fields(value.__class__)
    fields: dict[str, object] = {each.name: each.default for each in members if each.init}
    while (match := _FIELD.match(error.path)) and match[1] in fields:
        stand_in = stand_ins.get(match[1], fields.pop(match[1]))
        if stand_in is attrs.NOTHING:
            return
        set_field(value, match[1], stand_in)  # it was never anybody's: it could not be made
        try:
            check(value)
        except InvalidValueError as other:
            error = other
            if (match := _FIELD.match(error.path)) and match[1] in fields:
                yield from (error, *error.further_faults)
        else:
            return


def to_texts(values: Iterable[str]) -> tuple[str, ...]:
    """A tuple of str; what is no collection stays for the check."""
    return to_tuple(values)


def to_frozenset(words: Iterable[str]) -> frozenset[str]:
    """A frozenset of *words*; what is no collection stays for the check."""
    if not is_collection(words):
        return words  # type: ignore[return-value]
    try:
        return frozenset(words)
    except TypeError:  # a member can't be hashed, so it is no str
        return words  # type: ignore[return-value]


def check_words(path: str, words: object) -> None:
    """A frozenset of str."""
    if not isinstance(words, frozenset):
        remedy = "pass [] if there is none" if words is None else "pass a set or a list of str"
        raise refuse(path, words, f"is not a collection of words; {remedy}")
    for word in cast("frozenset[object]", words):
        check_text(path, word)


class FrozenMap(Mapping[str, str]):
    """An immutable, hashable mapping from str to str.

    Args:
        content: the pairs, as a mapping.

    >>> gift = FrozenMap({"wrap": "yes"})
    >>> gift["wrap"], gift == {"wrap": "yes"}
    ('yes', True)
    """

    __slots__ = ("_content",)

    def __init__(self, content: Mapping[str, str] | None = None) -> None:
        self._content = dict(content or {})

    def __getitem__(self, key: str) -> str:
        return self._content[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    def __hash__(self) -> int:
        return hash(frozenset(self._content.items()))

    def __repr__(self) -> str:
        return repr(self._content)

    def __reduce__(self) -> tuple[type[FrozenMap], tuple[dict[str, str]]]:
        return FrozenMap, (self._content,)


def to_frozen_map(content: Mapping[str, str]) -> FrozenMap:
    """A FrozenMap of *content*; what is no mapping stays for the check."""
    if isinstance(content, FrozenMap) or not isinstance(content, Mapping):
        return content
    return FrozenMap(content)


def check_frozen_map(path: str, content: object) -> None:
    """A mapping of str to str."""
    if not isinstance(content, FrozenMap):
        remedy = "pass {} if there is none" if content is None else "pass a dict of str to str"
        raise refuse(path, content, f"is not a mapping; {remedy}")
    for key, value in content.items():
        check_text(f"{path} (key)", key)
        check_text(f"{path}[{key!r}]", value)
