"""From a value to the text of a document, and back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, cast, overload

from fulfill_core import _checks
from fulfill_core.exceptions import InvalidValueError, together
from fulfill_core.wire import atoms
from fulfill_core.wire.faults import under
from fulfill_core.wire.kinds import KINDS, kinds_of
from fulfill_core.wire.modes import STRICT, Reading
from fulfill_core.wire.reading import Repeating, value_of, without_fields
from fulfill_core.wire.shapes import One
from fulfill_core.wire.writing import TYPE, document_writer, faults_in, text_of

T = TypeVar("T")

SCHEMA_VERSION = 1
"""The number of the form of all documents. Whoever changes what is written counts on: what a newer
version has written is refused, not misread, and what an older one has written can be told."""
VERSION = "schema_version"
"""Where a document says its number."""

_HEADING = f"{text_of(VERSION)}:{SCHEMA_VERSION}"
_INSTEAD = {
    **dict.fromkeys(["list", "tuple", "dict"], "; write each of its values"),
    "Result": "; write its parts: decisions, notifications, records, changes, inventory",
    "Decisions": "; write each decision",
    "OutboxRow": "; write its content, and keep the rest in columns",
}


# -- Written ---------------------------------------------------------------------------------------


def to_json(value: object) -> dict[str, Any]:
    """A value as a document of plain dicts and lists, such as a database takes for a JSON column.

    Every field is written, in one sequence, sets sorted. Of two values that are equal and write
    their amounts alike (``5`` and ``5.00`` are equal, and two texts), the documents are the same.

    Args:
        value: any value of the library that is no function and holds none.

    Raises:
        InvalidValueError: it is of no such class; or text in it holds half of a character, or a
            time zone has no name, by path.

    >>> from fulfill_core import Component
    >>> to_json(Component(sku="cup", quantity=2))
    {'schema_version': 1, 'type': 'Component', 'sku': 'cup', 'quantity': 2}
    """
    document: dict[str, Any] = json.loads(dumps(value))
    return document


def dumps(value: object) -> str:
    """A value as a document of JSON: UTF-8, in one line.

    Args:
        value: as in `to_json`.

    Raises:
        InvalidValueError: as in `to_json`.

    >>> from fulfill_core import Component
    >>> dumps(Component(sku="cup", quantity=2))
    '{"schema_version":1,"type":"Component","sku":"cup","quantity":2}'
    """
    kind = type(value)
    if KINDS.get(kind.__name__) is not kind:
        problem = f"is of no class of documents{_INSTEAD.get(kind.__name__, '')}"
        raise _checks.refuse("value", value, problem)
    try:
        text = document_writer(cast("Any", kind), _HEADING)(value)
    except InvalidValueError:  # a time zone without a name: where?
        raise together(list(faults_in(kind.__name__, value, One(kind)))) from None
    if not text.isascii() and atoms.has_half_characters(text):
        raise together(list(faults_in(kind.__name__, value, One(kind))))
    return text


# -- Read ------------------------------------------------------------------------------------------


@overload
def from_json(document: object, kind: type[T], reading: Reading = ...) -> T: ...
@overload
def from_json(document: object, kind: Any, reading: Reading = ...) -> Any: ...
def from_json(document: object, kind: Any, reading: Reading = STRICT) -> Any:
    """The value of a document of plain dicts and lists. All of its checks are made.

    Args:
        document: what `to_json` made, or what a database or a framework made of JSON.
        kind: the class that is expected, or a union of some, such as ``Event``.
        reading: what is let through.

    Raises:
        InvalidValueError: with all faults and their paths, also what a class itself refuses; or
            *reading* is no `Reading`.

    >>> from fulfill_core import Component
    >>> from_json({"schema_version": 1, "type": "Component", "sku": "cup"}, Component)
    Component(sku='cup', quantity=1)
    """
    _checks.check_member("reading", reading, Reading)
    return _read(document, kind, reading, is_suspect=False)


@overload
def loads(text: str | bytes, kind: type[T], reading: Reading = ...) -> T: ...
@overload
def loads(text: str | bytes, kind: Any, reading: Reading = ...) -> Any: ...
def loads(text: str | bytes, kind: Any, reading: Reading = STRICT) -> Any:
    """The value of a document of JSON. All of its checks are made.

    Args:
        text: the document; bytes are read as UTF-8.
        kind: the class that is expected, or a union of some, such as ``Event``.
        reading: what is let through.

    Raises:
        InvalidValueError: with all faults and their paths, as in `from_json`; or it is no JSON, or
            longer than is read.

    >>> from fulfill_core import Component
    >>> loads(dumps(Component(sku="cup", quantity=2)), Component).quantity
    2
    """
    _checks.check_member("reading", reading, Reading)
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            raise _checks.refuse("text", text, f"is not UTF-8: {error.reason}") from None
    _checks.check_text("text", text)
    if reading.longest is not None and len(text) > reading.longest:
        problem = f"is longer than the {reading.longest:,} characters that are read"
        raise _checks.refuse("text", text, problem)
    try:
        document, is_suspect = _decoded(text)
    except json.JSONDecodeError as error:
        problem = f"is no JSON: {error.msg}, line {error.lineno}, column {error.colno}"
        raise _checks.refuse("text", text, problem) from None
    except RecursionError:
        raise _checks.refuse("text", text, "is nested too deep") from None
    except ValueError:
        raise _checks.refuse("text", text, "has a number of thousands of digits") from None
    return _read(document, kind, reading, is_suspect=is_suspect)


class _RepeatedError(Exception):
    """An object has a field twice."""


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _RepeatedError
    return content


def _repeating_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, which knows the fields that it has twice."""
    counts = Counter([name for name, _ in pairs])
    return Repeating.of(dict(pairs), [name for name, count in counts.items() if count > 1])


_decode = json.JSONDecoder(object_pairs_hook=_object_of).decode
_decode_all = json.JSONDecoder(object_pairs_hook=_repeating_of).decode


def _decoded(text: str) -> tuple[object, bool]:
    """What a text says, and whether some object has a field twice: only then it is asked which."""
    try:
        return _decode(text), False
    except _RepeatedError:
        return _decode_all(text), True


def _read(document: object, kind: Any, reading: Reading, *, is_suspect: bool) -> Any:
    """The value of a document, or all of its faults."""
    kinds = kinds_of(kind)
    if not isinstance(document, dict):
        raise _checks.refuse("document", document, "is not an object; pass that of one value")
    content = cast("dict[str, Any]", document)
    record_id = _id_in(content)
    _check_is_not_newer(content.get(VERSION), record_id)
    faults = [*_faults_of_version(content, reading), *_faults_of_type(content, kinds, reading)]
    expected = kinds.get(str(content.get(TYPE)), next(iter(kinds.values())))
    if len(kinds) > 1 and str(content.get(TYPE)) not in kinds:
        raise together(faults, record_id)
    fields = without_fields(content, VERSION, TYPE)
    try:
        value = value_of(fields, One(expected), reading, is_suspect=is_suspect)
    except InvalidValueError as error:
        faults += under(expected.__name__, error)
    else:
        if not faults:
            return value
    raise together(faults, record_id) from None


# -- The heading of a document -------------------------------------------------------------------


def _check_is_not_newer(version: object, record_id: str) -> None:
    """A document of a newer form: what else is wrong with it nobody can tell."""
    if type(version) is int and version > SCHEMA_VERSION:
        problem = (
            f"is newer than {SCHEMA_VERSION}, the last that is read; update fulfill_core first"
        )
        raise InvalidValueError(VERSION, str(version), problem, record_id)


def _faults_of_version(content: Mapping[str, Any], reading: Reading) -> Iterator[InvalidValueError]:
    version = content.get(VERSION)
    if version is None and not reading.is_lax:
        problem = f"is missing; write {SCHEMA_VERSION}, or read with is_lax=True"
        yield InvalidValueError(VERSION, "the field", problem)
    elif version is not None and (type(version) is not int or version < 1):
        problem = f"is no number of a schema; the last is {SCHEMA_VERSION}"
        yield _checks.refuse(VERSION, version, problem)


def _faults_of_type(
    content: Mapping[str, Any], kinds: Mapping[str, type[object]], reading: Reading
) -> Iterator[InvalidValueError]:
    word = content.get(TYPE)
    words = " or ".join(map(repr, kinds))
    if word is None and not (reading.is_lax and len(kinds) == 1):
        problem = f"is missing; write {words}"
        yield InvalidValueError(TYPE, "the field", problem)
    elif word is not None and not (isinstance(word, str) and word in kinds):
        yield _checks.refuse(TYPE, word, f"is not what is read; that is {words}")


def _id_in(content: Mapping[str, Any]) -> str:
    """What a document's value is known by, if it says so."""
    order = content.get("order")
    inner = cast("dict[str, Any]", order) if isinstance(order, dict) else {}
    for name in (content.get("id"), content.get("order_id"), inner.get("id")):
        if isinstance(name, str):
            return name
    return ""
