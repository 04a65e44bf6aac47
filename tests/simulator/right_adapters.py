"""Adapters that are right, on which each wrong one stands; and which checks an adapter fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs
import pytest

from fulfill_core import Inventory, OrderRecord
from fulfill_core.hosting import (
    Attempt,
    CommitAnswer,
    CommitPlan,
    InMemoryStorage,
    Loaded,
    Never,
    OutboxRow,
    Scope,
    SendAnswer,
    Sent,
)
from fulfill_core.testing import (
    ALL_CAPABILITIES,
    ActionsContract,
    Capability,
    Contents,
    NotifierContract,
    Side,
    StorageContract,
)
from fulfill_core.testing.contracts.suite import checks_of


class Session:
    """What one process has of a database that all share.

    Args:
        database: the database.
    """

    def __init__(self, database: InMemoryStorage) -> None:
        self.database: Any = database

    def load(self, scope: Scope, /) -> Loaded:
        return self.database.load(scope)

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return self.database.commit(plan)

    def decided(self, plan_id: str, /) -> CommitAnswer:
        return self.database.decided(plan_id)

    def unsent(
        self, limit: int, /, *, now: datetime, until: datetime, parked: bool = False
    ) -> Sequence[OutboxRow]:
        return self.database.unsent(limit, now=now, until=until, parked=parked)

    def mark(self, attempts: Sequence[Attempt], /) -> None:
        self.database.mark(attempts)

    def current(self, plan: CommitPlan, start: str = "") -> CommitPlan:
        """The plan as if it had been made just now, as far as keys begin so."""
        expected = {
            key: self.database._numbers.get(key, 0) if key.startswith(start) else number
            for key, number in plan.expected
        }
        return attrs.evolve(plan, expected=expected)


class Adapter(StorageContract):
    """How sessions of a kind are opened, and looked past."""

    kind: type[Session] = Session
    capabilities = ALL_CAPABILITIES - {Capability.CONNECTIONS}
    loops = 3

    def open(self, inventory: Inventory, records: Sequence[OrderRecord]) -> Session:
        return self.kind(InMemoryStorage(inventory, records))

    def reopen(self, storage: Session) -> Session:
        return self.kind(storage.database)

    def contents(self, storage: Session) -> Contents:
        database = storage.database
        return Contents(
            inventory=database.inventory,
            records=database.records.values(),
            unsent=database.outbox,
            sent=database.sent,
            decided=database.decisions,
        )


class Mailer(NotifierContract):
    """A notifier: it passes the row's id."""

    mails: list[str]

    def setup_method(self) -> None:
        self.mails = []

    def connect(self, side: Side) -> Any:
        def notify(row: OutboxRow) -> SendAnswer:
            if side is Side.GONE:
                raise TimeoutError
            content: Any = row.content
            if side is Side.REFUSING or not content.recipient:
                return Never(reason="no such mailbox")
            return self.send_mail(row)

        return notify

    def send_mail(self, row: OutboxRow) -> SendAnswer:
        self.mails.append(row.id)
        return Sent()

    def arrivals(self) -> list[str]:
        return self.mails


class Gateway(ActionsContract):
    """An actor: the payment service is given the row's id, and does the same once."""

    payments: list[str]

    def setup_method(self) -> None:
        self.payments = []

    def connect(self, side: Side) -> Any:
        def act(row: OutboxRow) -> SendAnswer:
            if side is Side.GONE:
                raise TimeoutError
            if side is Side.REFUSING:
                return Never(reason="the card is blocked")
            return self.act(row)

        return act

    def act(self, row: OutboxRow) -> SendAnswer:
        if row.id not in self.payments:
            self.payments.append(row.id)
        return Sent()

    def arrivals(self) -> list[str]:
        return self.payments


def failed_checks(contract: Any) -> list[str]:
    """The names of the checks of a contract that fail."""
    names: list[str] = []
    for name in checks_of(type(contract)):
        getattr(contract, "setup_method", lambda: None)()
        try:
            getattr(contract, name)()
        except pytest.skip.Exception:
            pass
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - as pytest itself
            names.append(name)
        getattr(contract, "teardown_method", lambda: None)()
    return names
