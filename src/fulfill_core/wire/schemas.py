"""The form of documents as JSON Schema, for whoever writes or reads them in another language.

It says the form of each field. What the numbers and texts may be beyond that, the classes check.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs

from fulfill_core.wire import atoms
from fulfill_core.wire.documents import SCHEMA_VERSION, VERSION
from fulfill_core.wire.kinds import kinds_of
from fulfill_core.wire.shapes import Atom, Either, Many, Maybe, Row, Shape, Table, fields_of
from fulfill_core.wire.writing import TYPE

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _text(pattern: str, form: str = "") -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "pattern": f"^(?:{pattern})$"}
    return {**schema, "format": form} if form else schema


_ATOMS: dict[type[object], dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: _text(atoms.AMOUNT),
    datetime: _text(rf"{atoms.INSTANT}(Z|{atoms.OFFSET})", "date-time"),
    date: _text(atoms.DAY, "date"),
    time: _text(atoms.CLOCK),
    timedelta: _text(atoms.DURATION, "duration"),
    tzinfo: _text(f"{atoms.OFFSET}|{atoms.ZONE_NAME}"),
}


def schema(kind: object) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the documents of a class, or of a union of some.

    It is the same in every process, key by key. Fields that need not be there are not required, and
    yet written always.

    Args:
        kind: a class, such as ``OrderRecord``, or a union, such as ``Event``.

    Raises:
        InvalidValueError: one of them is no class of documents.

    >>> from fulfill_core import Component
    >>> schema(Component)["required"], schema(Component)["properties"]["quantity"]
    (['schema_version', 'type', 'sku'], {'type': 'integer'})
    """
    parts: dict[str, Any] = {}
    objects = [
        _object(each, {VERSION: {"const": SCHEMA_VERSION}, TYPE: {"const": each.__name__}}, parts)
        for each in kinds_of(kind).values()
    ]
    top = objects[0] if len(objects) == 1 else {"oneOf": objects}
    return {"$schema": _DIALECT, **top, "$defs": {name: parts[name] for name in sorted(parts)}}


def _object(
    kind: type[object], heading: Mapping[str, Any], parts: dict[str, Any]
) -> dict[str, Any]:
    """The form of a value of a class; the classes in it join the parts."""
    fields = fields_of(kind)
    return {
        "title": kind.__name__,
        "type": "object",
        "properties": {
            **heading,
            **{field.name: _of_shape(field.shape, parts) for field in fields},
        },
        "required": [
            *heading,
            *[field.name for field in fields if field.default is attrs.NOTHING],
        ],
        "additionalProperties": False,
    }


def _of_shape(shape: Shape, parts: dict[str, Any]) -> dict[str, Any]:
    match shape:
        case Atom(kinds):
            return _any_of([_of_atom(each) for each in kinds])
        case Maybe(inner):
            return _any_of([_of_shape(inner, parts), {"type": "null"}])
        case Many(inner):
            return {"type": "array", "items": _of_shape(inner, parts)}
        case Row(shapes):
            members = [_of_shape(each, parts) for each in shapes]
            return {
                "type": "array",
                "prefixItems": members,
                "items": False,
                "minItems": len(shapes),
            }
        case Table(kind):
            return {"type": "object", "additionalProperties": _of_atom(kind)}
        case Either(kinds):
            tagged = [_object(each, {TYPE: {"const": each.__name__}}, parts) for each in kinds]
            return {"oneOf": tagged}
        case _:
            kind = shape.kind
            if kind.__name__ not in parts:
                parts[kind.__name__] = {}  # so that a class that is within itself comes to an end
                parts[kind.__name__] = _object(kind, {}, parts)
            return {"$ref": f"#/$defs/{kind.__name__}"}


def _of_atom(kind: type[object]) -> dict[str, Any]:
    if issubclass(kind, Enum):
        return {"enum": [atoms.word_of(member) for member in kind]}
    return dict(_ATOMS[kind])


def _any_of(schemas: Collection[dict[str, Any]]) -> dict[str, Any]:
    """One of these; alternatives within are taken in."""
    flat = [each for part in schemas for each in part.get("anyOf", [part])]
    return flat[0] if len(flat) == 1 else {"anyOf": flat}
