"""What waits in an outbox, in numbers: what a storage says of it beside its port."""

from __future__ import annotations

from datetime import datetime

import attrs

from fulfill_core import _checks


@attrs.frozen(kw_only=True, weakref_slot=False)
class Backlog:
    """The rows of an outbox that are neither sent nor withdrawn, at one moment.

    The loop does not ask for it, so it is no member of a `Storage`. `InMemoryStorage` and those
    over SQLAlchemy have it as ``backlog(now)``; a storage of your own counts by a query.

    Args:
        at: when it was counted, aware, kept in UTC.
        due: how many may be handed out.
        later: how many wait for their time: those that are tried again, or that somebody is at.
        parked: how many wait for a person.
        due_at: since when the row that is due longest is due; None if none is.
        written_at: when the oldest of all of them was written; None if there is none, or if the
            storage does not know.

    >>> noon = datetime.fromisoformat("2026-03-02T12:00Z")
    >>> Backlog(at=noon, due=2, parked=1, due_at=noon, written_at=noon).rows
    3
    """

    at: datetime
    due: int = 0
    later: int = 0
    parked: int = 0
    due_at: datetime | None = None
    written_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        _checks.keep_in_utc(self, "at")
        for name in ("due", "later", "parked"):
            _checks.check_int(f"Backlog.{name}", getattr(self, name), at_least=0)
        for name in ("due_at", "written_at"):
            _checks.keep_in_utc(self, name, is_optional=True)

    @property
    def rows(self) -> int:
        """How many they are in all."""
        return self.due + self.later + self.parked
