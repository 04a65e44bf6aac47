"""How often the loop tries, how long it waits in between, and how much it takes at once."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

import attrs

from fulfill_core import _checks

_MOST = 255
"""That a byte can be."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Limits:
    """The bounds of a loop: it stops by itself, whatever happens.

    Waits double from one attempt to the next, up to the longest. Between half and all of that is
    waited, by the plan: so those who met once do not meet again.

    Args:
        commits: how often a job is tried when somebody else was faster.
        first_wait: how long to wait before it is tried again.
        longest_wait: at most so long.
        sends: how often a message or an action is tried before it is parked.
        first_retry: after how long it is tried again.
        longest_retry: at most so long.
        hidden_for: how long a row that was handed out is kept from others: longer than what sends
            it may take.
        rows: how many rows of the outbox are handed out at once.

    >>> [Limits().wait(attempt, "plan:1") / timedelta(milliseconds=1) for attempt in (1, 2, 20)]
    [8.236, 16.47, 823.53]
    """

    commits: int = 20
    first_wait: timedelta = timedelta(milliseconds=10)
    longest_wait: timedelta = timedelta(seconds=1)
    sends: int = 12
    first_retry: timedelta = timedelta(minutes=1)
    longest_retry: timedelta = timedelta(hours=6)
    hidden_for: timedelta = timedelta(minutes=5)
    rows: int = 50

    def __attrs_post_init__(self) -> None:
        for name in ("commits", "sends", "rows"):
            _checks.check_int(f"Limits.{name}", getattr(self, name), at_least=1)
        for name in ("first_wait", "longest_wait", "first_retry", "longest_retry", "hidden_for"):
            _checks.check_duration(f"Limits.{name}", getattr(self, name))
        for name in ("first_retry", "longest_retry", "hidden_for"):
            duration = getattr(self, name)
            if not duration:
                raise _checks.refuse(f"Limits.{name}", duration, "is no time; pass some")

    def wait(self, attempt: int, plan_id: str) -> timedelta:
        """How long to wait after so many attempts to commit, the last one of them this plan."""
        _checks.check_int("attempt", attempt, at_least=0)
        _checks.check_text("plan_id", plan_id)
        digest = blake2b(plan_id.encode("utf-8", "backslashreplace"), digest_size=1).digest()
        spread = digest[0] / _MOST
        return _doubled(self.first_wait, attempt, self.longest_wait) * (1 + spread) / 2

    def retry(self, attempt: int) -> timedelta:
        """How long to wait after so many attempts to send."""
        _checks.check_int("attempt", attempt, at_least=0)
        return _doubled(self.first_retry, attempt, self.longest_retry)


def _doubled(first: timedelta, attempt: int, longest: timedelta) -> timedelta:
    """The first, doubled from attempt to attempt."""
    doublings = min(attempt - 1, 40)  # beyond that no timedelta is long enough
    multiple: int = 2**doublings
    return min(first * multiple, longest)
