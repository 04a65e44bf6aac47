"""How documents are read: what is let through, and what stands for what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import InvalidValueError
from fulfill_core.orders import from_minor_units
from fulfill_core.orders.money import check_exponent
from fulfill_core.wire import atoms

Read: TypeAlias = Callable[[Any, object], Any]
"""What reads a thing; it is given what cattrs passes beside it, which nobody needs."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Reading:
    """How documents are read. As it is, with nothing said: what `dumps` writes, and nothing else.

    Args:
        zone_of: what gives the time zone of a name, such as ``zoneinfo.ZoneInfo``: it reads files,
            so that it is the host's to pass. None if no document names a zone; fixed offsets need
            none.
        ignores_unknown: whether fields that a class does not have are passed over; else each of
            them is a fault.
        longest: how many characters of text are read at all; None for any number.
        is_lax: whether what databases and platforms give will do: words of enums in any case, null
            where a field has a default, 0 and 1 for truth values, and documents that say neither
            their type nor their schema version.
        exponent: read laxly, what amounts that are whole numbers count: 2 for cents, 0 for whole
            ones, as in `from_minor_units`. None if amounts are text.
        timezone: read laxly, where the clock is of which an instant without offset is read. An hour
            that this clock shows twice, or never, is a fault. None if instants have offsets.

    Raises:
        InvalidValueError: an exponent or a time zone without ``is_lax``, and the like.

    >>> Reading(is_lax=True, exponent=2).exponent
    2
    """

    zone_of: Callable[[str], tzinfo] | None = attrs.field(default=None, hash=False)
    ignores_unknown: bool = False
    longest: int | None = None
    is_lax: bool = False
    exponent: int | None = None
    timezone: tzinfo | None = attrs.field(default=None, hash=False)  # not every one can be hashed

    def __attrs_post_init__(self) -> None:
        if self.zone_of is not None:
            _checks.check_callable("Reading.zone_of", self.zone_of)
        _checks.check_bool("Reading.ignores_unknown", self.ignores_unknown)
        if self.longest is not None:
            _checks.check_int("Reading.longest", self.longest, at_least=1)
        _checks.check_bool("Reading.is_lax", self.is_lax)
        if self.exponent is not None:
            check_exponent("Reading.exponent", self.exponent)
        if self.timezone is not None:
            _checks.check_timezone("Reading.timezone", self.timezone)
        for name in ("exponent", "timezone"):
            if getattr(self, name) is not None and not self.is_lax:
                raise _checks.refuse(
                    f"Reading.{name}", getattr(self, name), "is for lax reading; pass is_lax=True"
                )


STRICT = Reading()
"""What `dumps` writes, and nothing else."""


def minor_units_of(exponent: int) -> Read:
    """What reads an amount: text, or a whole number of minor units.

    >>> minor_units_of(2)(1980, Decimal)
    Decimal('19.80')
    """

    def amount_of(content: Any, _: object = None) -> Decimal:
        if type(content) is not int:
            return atoms.amount_of(content)
        try:
            return from_minor_units(content, exponent)
        except InvalidValueError as error:
            raise InvalidValueError("", error.value, error.problem) from None

    return amount_of


def local_instants_of(timezone: tzinfo) -> Read:
    """What reads an instant: with an offset, or as a clock of this time zone shows it.

    >>> from datetime import UTC
    >>> local_instants_of(UTC)("2026-03-02 09:30:00", datetime).isoformat()
    '2026-03-02T09:30:00+00:00'
    """

    def instant_of(content: Any, _: object = None) -> datetime:
        instant = atoms.clock_reading_of(content)
        if instant.tzinfo is not None:
            return _checks.in_utc("", instant)
        first = instant.replace(tzinfo=timezone)
        if first.utcoffset() != first.replace(fold=1).utcoffset():
            problem = f"is shown twice, or never, by the clocks of {timezone}; write an offset"
            raise _checks.refuse("", content, problem)
        return _checks.in_utc("", first)

    return instant_of


def zero_or_one_of(content: Any, _: object = None) -> bool:
    """A truth value, of which 0 and 1 are some.

    >>> zero_or_one_of(1), zero_or_one_of(False)
    (True, False)
    """
    return content == 1 if type(content) is int and content in (0, 1) else atoms.bool_of(content)


def words_of(kind: type[Enum], *, is_lax: bool) -> Read:
    """What reads the words of an enum, laxly in any case.

    >>> from fulfill_core import Ship
    >>> words_of(Ship, is_lax=True)("Complete", Ship)
    <Ship.COMPLETE: 'complete'>
    """
    by_word = {atoms.word_of(member): member for member in kind}
    words = ", ".join(map(repr, by_word))

    def member_of(content: Any, _: object = None) -> Enum:
        word = content.lower() if is_lax and type(content) is str else content
        member = by_word.get(word) if type(word) is str else None
        if member is None:
            raise _checks.refuse("", content, f"is no {kind.__name__}; write one of {words}")
        return member

    return member_of


def zones_of(zone_of: Callable[[str], tzinfo] | None) -> Read:
    """What reads a time zone: of a fixed offset, or one that a function gives for its name.

    >>> zones_of(None)("+00:00", tzinfo)
    datetime.timezone.utc
    """

    def zone_at(content: Any, _: object = None) -> tzinfo:
        name = atoms.text_of(content)
        zone = atoms.offset_of(name)
        if zone is not None:
            return zone
        if not atoms.is_zone_name(name):
            raise _checks.refuse("", content, "is neither an offset nor the name of a time zone")
        if zone_of is None:
            problem = "names a time zone; say what gives it, such as Reading(zone_of=ZoneInfo)"
            raise _checks.refuse("", content, problem)
        try:
            zone = zone_of(name)
        except Exception as error:
            problem = f"is no time zone that zone_of knows: {_checks.message_of(error)}"
            raise _checks.refuse("", content, problem) from error
        _checks.check_timezone("", zone)
        return zone

    return zone_at
