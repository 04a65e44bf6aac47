"""The keys of a host's tables by place: what stands in one that is never looked up is named."""

from __future__ import annotations

from typing import cast

from fulfill_core import _checks

_PAIR = 2


def check_place(path: str, place: object) -> None:
    """A location's id, or a pair of it and the country of a ship-to, as an `Address` has it.

    An order without an address goes to no country, which is empty.

    >>> check_place("nearest (key)", "berlin")
    >>> check_place("nearest (key)", ("berlin", "DE"))
    """
    if not isinstance(place, tuple):
        _checks.check_text(path, place)
        return
    parts = cast("tuple[object, ...]", place)
    if len(parts) != _PAIR:
        raise _checks.refuse(path, parts, "is no pair of location id and country; pass one")
    location_id, country = parts
    _checks.check_text(path, location_id)
    if country != "":
        code = _checks.check_code(path, country, 2, "DE")
        if code != country:
            raise _checks.refuse(path, country, f"is not in capitals; pass {code!r}")
