"""What became of an attempt to send or to do something: three results."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias, get_args

import attrs

from fulfill_core import _checks
from fulfill_core.lifecycle import EVENTS, Event


@attrs.frozen(kw_only=True, weakref_slot=False)
class Sent:
    """It was sent, or done. It is not handed out again.

    Args:
        event: what an action came to, if that is known at once, such as `Captured`: it is applied
            before the action counts as done. Give it an id made of the row's, so that it is the
            same when the action is repeated. None if it comes later, such as by a webhook.

    >>> Sent().event
    """

    event: Event | None = None

    def __attrs_post_init__(self) -> None:
        if self.event is not None and type(self.event) not in EVENTS:
            raise _checks.refuse("Sent.event", self.event, "is no event; pass one, or None")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Later:
    """It could not be sent now; that may change by itself.

    Args:
        retry_at: when to try again, aware, kept in UTC; None for when the loop would.
        reason: why, for whoever looks.
        is_unsent: whether it surely did not go out, such as where nobody took it: what nobody can
            have read is no news that was told. False where that is not known.

    >>> Later(reason="connection refused", is_unsent=True).retry_at
    """

    retry_at: datetime | None = None
    reason: str = ""
    is_unsent: bool = False

    def __attrs_post_init__(self) -> None:
        _checks.keep_in_utc(self, "retry_at", is_optional=True)
        _checks.check_text("Later.reason", self.reason)
        _checks.check_bool("Later.is_unsent", self.is_unsent)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Never:
    """It can't be sent as it is. It is parked until a person puts it back.

    Args:
        reason: why, for that person.

    >>> Never(reason="no such mailbox").reason
    'no such mailbox'
    """

    reason: str

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Never.reason", self.reason)


SendAnswer: TypeAlias = Sent | Later | Never
"""What a notifier says of a message, and whoever carries out actions of an action."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Attempt:
    """What became of a row that was handed out; or that a parked one is put back.

    Args:
        row_id: the row.
        at: when, aware, kept in UTC.
        result: `Sent`, `Never`, or `Later` with a time. Later puts a parked row back.

    >>> at = datetime.fromisoformat("2026-03-02T12:00Z")
    >>> Attempt(row_id="m1", at=at, result=Later(retry_at=at)).row_id
    'm1'
    """

    row_id: str
    at: datetime
    result: SendAnswer

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Attempt.row_id", self.row_id)
        _checks.keep_in_utc(self, "at")
        if not isinstance(self.result, get_args(SendAnswer)):
            problem = "is not Sent, Later or Never; pass one of them"
            raise _checks.refuse("Attempt.result", self.result, problem)
        if isinstance(self.result, Later) and self.result.retry_at is None:
            problem = "does not say when; pass the time at which it is tried again"
            raise _checks.refuse("Attempt.result.retry_at", None, problem)
