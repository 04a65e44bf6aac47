"""How documents are read: what is let through, and what stands for what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

import attrs

from fulfill_core import _checks
from fulfill_core.orders import from_minor_units
from fulfill_core.orders.money import check_exponent
from fulfill_core.wire import atoms

_Word = TypeVar("_Word", bound=Enum)


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

    def amount_of(self, content: Any, _: object = None) -> Decimal:
        """An amount: text, or read laxly a whole number of minor units.

        >>> Reading(is_lax=True, exponent=2).amount_of(1980)
        Decimal('19.80')
        """
        if self.exponent is None or type(content) is not int:
            return atoms.amount_of(content)
        return from_minor_units(content, self.exponent)

    def instant_of(self, content: Any, _: object = None) -> datetime:
        """An instant: with an offset, or read laxly as a clock of the time zone shows it.

        >>> from datetime import timezone
        >>> cet = timezone(timedelta(hours=1))
        >>> Reading(is_lax=True, timezone=cet).instant_of("2026-03-02 09:30:00").utcoffset()
        datetime.timedelta(seconds=3600)
        """
        if self.timezone is None:
            return atoms.instant_of(content)
        instant = atoms.clock_reading_of(content)
        if instant.tzinfo is not None:
            return instant
        first = instant.replace(tzinfo=self.timezone)
        if first.utcoffset() != first.replace(fold=1).utcoffset():
            problem = f"is shown twice, or never, by the clocks of {self.timezone}; write an offset"
            raise _checks.refuse("", content, problem)
        return first

    def bool_of(self, content: Any, _: object = None) -> bool:
        """A truth value; read laxly 0 and 1 are some.

        >>> Reading(is_lax=True).bool_of(1)
        True
        """
        if self.is_lax and type(content) is int and content in (0, 1):
            return bool(content)
        return atoms.bool_of(content)

    def words_of(self, kind: type[_Word]) -> Callable[[Any, Any], _Word]:
        """What reads the words of an enum; read laxly, in any case.

        >>> from fulfill_core import Ship
        >>> Reading(is_lax=True).words_of(Ship)("Complete", Ship)
        <Ship.COMPLETE: 'complete'>
        """
        by_word = {atoms.word_of(member): member for member in kind}
        words = ", ".join(map(repr, by_word))

        def member_of(content: Any, _: object = None) -> _Word:
            word = content.lower() if self.is_lax and type(content) is str else content
            member = by_word.get(word) if type(word) is str else None
            if member is None:
                raise _checks.refuse("", content, f"is no {kind.__name__}; write one of {words}")
            return member

        return member_of

    def zone_at(self, content: Any, _: object = None) -> tzinfo:
        """A time zone: of a fixed offset, or one that ``zone_of`` gives for its name.

        >>> Reading().zone_at("+00:00") is UTC
        True
        """
        name = atoms.text_of(content)
        zone = atoms.offset_of(name)
        if zone is not None:
            return zone
        if not atoms.is_zone_name(name):
            raise _checks.refuse("", content, "is neither an offset nor the name of a time zone")
        if self.zone_of is None:
            problem = "names a time zone; say what gives it, such as Reading(zone_of=ZoneInfo)"
            raise _checks.refuse("", content, problem)
        try:
            zone = self.zone_of(name)
        except Exception as error:
            problem = f"is no time zone that zone_of knows: {_checks.message_of(error)}"
            raise _checks.refuse("", content, problem) from error
        _checks.check_timezone("", zone)
        return zone


STRICT = Reading()
"""What `dumps` writes, and nothing else."""
