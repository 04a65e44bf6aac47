"""What a host writes: where orders and stock are kept, how messages go out, how actions are done.

Each is a protocol: nothing is to be inherited. Those of an asynchronous host have the same members,
as coroutines.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol

from fulfill_core.hosting.batches import Loaded, Scope
from fulfill_core.hosting.plans import CommitAnswer, CommitPlan, OutboxRow
from fulfill_core.hosting.sending import Attempt, SendAnswer


class Storage(Protocol):
    """Where orders, stock and the outbox are kept.

    What a member raises ends the loop, and reaches whoever runs it. Nothing is lost by that: what
    was not committed is as it was, what was handed out is handed out again.

    >>> from fulfill_core.hosting import InMemoryStorage, Scope
    >>> storage: Storage = InMemoryStorage()
    >>> storage.load(Scope()).records
    ()
    """

    def load(self, scope: Scope, /) -> Loaded:
        """The records of a scope, and the stock of all SKUs that they touch, at one moment."""
        ...

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        """Write all of a plan in one transaction, or nothing.

        `Committed` if it is written, or was before: by its id. `Conflict` if something that it
        expects is of another version. `Unknown` if nobody can say. Whatever raises instead has
        written nothing.
        """
        ...

    def decided(self, plan_id: str, /) -> CommitAnswer:
        """Whether a plan is written: `Committed` or `Conflict`; `Unknown` if nobody can say."""
        ...

    def unsent(
        self, limit: int, /, *, now: datetime, until: datetime, parked: bool = False
    ) -> Sequence[OutboxRow]:
        """Hand out rows that are due by now, the longest due first, and count the attempt.

        Of those that are due at one time, those of one order come one after the other: so they can
        go out together.

        Until *until* they are not handed out again: who got them may be at it still. Then they are,
        unless `mark` said what became of them. With *parked*, those that are parked are listed
        instead, and stay as they are.
        """
        ...

    def mark(self, attempts: Sequence[Attempt], /) -> None:
        """Note what became of rows. One that is gone, or was sent, stays as it is.

        `Sent`: it is not handed out any more. `Later`: not before then; a parked one is put back,
        and has not been tried. `Never`: it is parked.
        """
        ...


class AsyncStorage(Protocol):
    """A `Storage` whose members may be coroutines: what an asynchronous host passes.

    >>> import asyncio
    >>> from fulfill_core.hosting import InMemoryStorage, Scope
    >>> class Remote(InMemoryStorage):
    ...     async def load(self, scope):
    ...         return super().load(scope)
    >>> asyncio.run(Remote().load(Scope())).records
    ()
    """

    def load(self, scope: Scope, /) -> Loaded | Awaitable[Loaded]:
        """See `Storage.load`."""
        ...

    def commit(self, plan: CommitPlan, /) -> CommitAnswer | Awaitable[CommitAnswer]:
        """See `Storage.commit`."""
        ...

    def decided(self, plan_id: str, /) -> CommitAnswer | Awaitable[CommitAnswer]:
        """See `Storage.decided`."""
        ...

    def unsent(
        self, limit: int, /, *, now: datetime, until: datetime, parked: bool = False
    ) -> Sequence[OutboxRow] | Awaitable[Sequence[OutboxRow]]:
        """See `Storage.unsent`."""
        ...

    def mark(self, attempts: Sequence[Attempt], /) -> Awaitable[None] | None:
        """See `Storage.mark`."""
        ...


class Notifier(Protocol):
    """Sends a message: any function of an outbox row. The row's id recognises a repeat.

    What it raises is `Later`: a message that can't be sent fails no order. Whether it may hang is
    the host's affair: give what it calls a timeout.

    >>> from fulfill_core.hosting import Never, Sent
    >>> def send(row):
    ...     message = row.content
    ...     if not message.recipient:
    ...         return Never(reason="nobody to tell")
    ...     # ... by mail, with row.id in its header
    ...     return Sent()
    """

    def __call__(self, row: OutboxRow, /) -> SendAnswer:
        """What became of it."""
        ...


class Actor(Protocol):
    """Carries out an action: captures, voids, refunds, releases; any function of an outbox row.

    It is asked at least once, each time with the same id: pass that on, so that the other side does
    it once. What it raises is `Later`.

    >>> from fulfill_core.hosting import Never, Sent
    >>> from fulfill_core.lifecycle import Captured
    >>> def act(row):
    ...     action = row.content
    ...     if type(action).__name__ != "Capture":
    ...         return Never(reason="a person has to see to that")
    ...     # ... by the payment service, with row.id as its idempotency key
    ...     return Sent(event=Captured(id=row.id, order_id=row.order_id, at=row.due_at,
    ...                                payment=action.payment, amount=action.amount, ref=row.id))
    """

    def __call__(self, row: OutboxRow, /) -> SendAnswer:
        """What became of it, with the event that it came to, if that is known."""
        ...


class AsyncSender(Protocol):
    """A `Notifier` or `Actor` that may be a coroutine function.

    >>> from fulfill_core.hosting import Sent
    >>> async def send(row):
    ...     return Sent()
    """

    def __call__(self, row: OutboxRow, /) -> SendAnswer | Awaitable[SendAnswer]:
        """What became of it."""
        ...
