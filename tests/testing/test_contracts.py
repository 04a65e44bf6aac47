"""The contracts of adapters: right ones hold them, and each wrong one is caught."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from right_adapters import failed_checks
from some_hosting import captured
from some_storages import Plain, Remote, Torn, contents_of

from fulfill_core import Inventory, OrderRecord
from fulfill_core.hosting import (
    CommitAnswer,
    CommitPlan,
    InMemoryStorage,
    Later,
    Loaded,
    Never,
    OutboxRow,
    Scope,
    SendAnswer,
    Sent,
)
from fulfill_core.lifecycle import Capture, CaptureFailed
from fulfill_core.testing import (
    ALL_CAPABILITIES,
    ActionsContract,
    Capability,
    Contents,
    NotifierContract,
    Side,
    StorageContract,
    SuiteWarning,
    check_adapter,
    check_collected,
    new_in,
)
from fulfill_core.testing.contracts.suite import checks_of

# -- Right ones ------------------------------------------------------------------------------------


class InMemory(StorageContract):
    """What is in a storage in memory can be looked at."""

    kind: type[InMemoryStorage] = InMemoryStorage
    capabilities = ALL_CAPABILITIES - {Capability.CONNECTIONS}

    def open(self, inventory: Inventory, records: Sequence[OrderRecord]) -> Any:
        return self.kind(inventory, records)

    def contents(self, storage: Any) -> Contents:
        return contents_of(storage)


class TestInMemoryStorage(InMemory):
    """The storage in memory keeps all that the library knows."""


class TestRemoteStorage(StorageContract):
    """Coroutines are held to the same, by what resolves them."""

    loops = 2
    capabilities = ALL_CAPABILITIES - {Capability.CONNECTIONS}

    def open(self, inventory: Inventory, records: Sequence[OrderRecord]) -> Any:
        return Remote(InMemoryStorage(inventory, records))

    def contents(self, storage: Any) -> Contents:
        return contents_of(storage.storage)

    def resolve(self, answer: Any) -> Any:
        return asyncio.run(answer)

    def connections(self, storage: Any) -> int | None:
        return 1


class TestPlainStorage(InMemory):
    """A storage that can't keep everything says so, and refuses the rest."""

    kind = Plain
    capabilities = frozenset({Capability.DECISIONS})


class TestTornStorage(InMemory):
    """A record that can't be read stops no other."""

    kind = Torn

    def spoil(self, storage: Any, order_id: str) -> bool:
        storage.newer_ids = frozenset([order_id])
        return True


class Post(NotifierContract):
    """A notifier to a mail server of its own."""

    def setup_method(self) -> None:
        self.mails: list[str] = []

    def connect(self, side: Side) -> Any:
        def send(row: OutboxRow) -> SendAnswer:
            content: Any = row.content
            match side:
                case Side.GONE:
                    raise TimeoutError
                case Side.REFUSING:
                    return Never(reason="no such mailbox")
                case _ if not content.recipient:
                    return Never(reason="nobody to tell")
                case _:
                    self.mails.append(row.id)
                    return Sent()

        return send

    def arrivals(self) -> list[str]:
        return self.mails


class TestPost(Post):
    """A notifier that is right."""


class Till(ActionsContract):
    """A payment service, and a person for all else."""

    def setup_method(self) -> None:
        self.captures: dict[str, Decimal] = {}

    def connect(self, side: Side) -> Any:
        def act(row: OutboxRow) -> SendAnswer:
            if not isinstance(row.content, Capture):
                return Sent()
            if side is Side.GONE:
                return Later(reason="no answer in 10 s")
            amount, payment = row.content.amount, row.content.payment
            if side is Side.REFUSING:
                return Sent(
                    event=CaptureFailed(
                        id=row.id,
                        order_id=row.order_id,
                        at=captured_at(row),
                        payment=payment,
                        amount=amount,
                        ref=row.id,
                    )
                )
            self.captures[row.id] = amount
            return captured(row)

        return act

    def arrivals(self) -> list[str]:
        return list(self.captures)


def captured_at(row: OutboxRow) -> Any:
    """When a payment service answers."""
    answer = captured(row)
    assert isinstance(answer, Sent)
    assert answer.event is not None
    return answer.event.at


class TestTill(Till):
    """An actor that is right."""


def test_all_checks_are_collected(request: pytest.FixtureRequest) -> None:
    """Of this file, each of them."""
    check_collected(
        request.session.items,
        *(TestInMemoryStorage, TestRemoteStorage, TestPlainStorage, TestTornStorage),
        *(TestPost, TestTill),
    )


# -- Wrong ones ------------------------------------------------------------------------------------


def test_what_is_dropped_in_silence_is_caught() -> None:
    """A storage may say that it can't keep lots. Then it has to refuse them."""

    class Silent(InMemory):
        capabilities = InMemory.capabilities - {Capability.LOTS, Capability.EXPIRY}

    assert failed_checks(Silent()) == [
        "test_expiries_are_kept_or_refused",
        "test_lots_are_kept_or_refused",
    ]


class LeavingOneOpen(InMemoryStorage):
    """A storage that closes its connection where nothing goes wrong."""

    count = 1

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        self.count += 1
        answer = super().commit(plan)
        self.count -= 1
        return answer


class OpeningOneMore(InMemoryStorage):
    """A storage that opens one for each load."""

    count = 1

    def load(self, scope: Scope, /) -> Loaded:
        self.count += 1
        return super().load(scope)


@pytest.mark.parametrize("storage", [LeavingOneOpen, OpeningOneMore])
def test_connections_that_stay_open_are_caught(storage: type[InMemoryStorage]) -> None:
    """One more with each loop is noticed, and one more with each error."""

    class Leaking(InMemory):
        kind = storage
        loops = 3

        def connections(self, storage: Any) -> int | None:
            return storage.count

    assert failed_checks(Leaking()) == ["test_no_connection_is_left_open"]


def test_who_has_connections_has_to_count_them() -> None:
    """A check that counts nothing is no check: it is skipped where there is nothing, aloud."""

    class Connected(InMemory):
        capabilities = ALL_CAPABILITIES

    for contract, error in ((Connected(), AssertionError), (InMemory(), pytest.skip.Exception)):
        contract.setup_method()
        with pytest.raises(error, match=r"connections\(\)"):
            contract.test_no_connection_is_left_open()


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (Sent(), ["test_a_message_without_a_recipient_is_not_lost"]),
        (Later(), ["test_a_message_without_a_recipient_is_not_lost"]),
        (True, ["test_it_can_be_called"]),
    ],
)
def test_a_wrong_notifier_is_caught(answer: Any, names: list[str]) -> None:
    """One that always says the same has sent nothing."""

    class Mute(NotifierContract):
        def connect(self, side: Side) -> Any:
            return lambda row: answer

        def arrivals(self) -> list[str]:
            return []

    found = failed_checks(Mute())
    assert found != []
    assert "test_what_is_sent_arrives" in found
    assert (names[0] in found) == (answer is not True)


@pytest.mark.parametrize("answer", [Later(), "done", Sent()])
def test_a_wrong_actor_is_caught(answer: Any) -> None:
    """One that puts off for ever, answers nonsense, or says that it did what it did not."""

    class Idle(ActionsContract):
        def connect(self, side: Side) -> Any:
            return lambda row: answer

        def arrivals(self) -> list[str]:
            return []

    assert failed_checks(Idle()) != []


# -- Guards ----------------------------------------------------------------------------------------


def test_what_is_missing_is_said_at_once() -> None:
    """All of it, in one error."""

    class Half:
        load = 3

        def commit(self, plan: Any, extra: Any) -> None: ...

        def decided(self, plan_id: str) -> None: ...

        def unsent(self, limit: int, now: Any) -> None: ...

    with pytest.raises(AssertionError) as caught:
        check_adapter(storage=Half(), notifier=3, actor=lambda: None)
    assert str(caught.value).split("; ")[0] == "Half.load: can't be called"
    for fault in (
        "Half.commit: ",
        "Half.unsent: ",
        "Half.mark: is missing",
        "notifier 3",
        "actor ",
    ):
        assert fault in str(caught.value)
    assert "Half.decided" not in str(caught.value)


def test_nothing_is_missing_of_what_is_there() -> None:
    """Then nothing is said."""
    check_adapter(storage=InMemoryStorage(), notifier=lambda row: Sent())


class Collected:
    """What pytest has collected of a class."""

    def __init__(self, cls: type[Any], name: str) -> None:
        self.cls, self.name = cls, name


def test_a_check_that_is_not_collected_is_noticed() -> None:
    """Such as one that a subclass has overridden by None."""
    items = [Collected(TestPost, "test_it_can_be_called")]
    with pytest.raises(AssertionError, match=r"not collected: TestPost\.test_a_message_without"):
        check_collected(items, TestPost)


def test_a_check_that_is_overridden_is_noticed() -> None:
    """It is collected, and checks what somebody liked."""

    class Easy(Post):
        def test_it_can_be_called(self) -> None: ...

    items = [Collected(Easy, name) for name in checks_of(Easy)]
    with pytest.raises(AssertionError, match=r"^overridden: Easy\.test_it_can_be_called$"):
        check_collected(items, Easy)
    with pytest.raises(AssertionError, match=r"^not collected: .*; overridden: Easy\.test_it_can"):
        check_collected(items[1:], Easy)


def test_to_look_for_nothing_is_no_guard() -> None:
    """No contract, one without checks, no adapter: each would be green for ever."""
    with pytest.raises(AssertionError, match=r"^nothing to collect: no contract is passed$"):
        check_collected([])
    with pytest.raises(AssertionError, match=r"^nothing to collect: Collected$"):
        check_collected([], TestPost, Collected)
    with pytest.raises(AssertionError, match=r"^nothing is checked; pass a storage, "):
        check_adapter()


def test_a_newer_check_warns_who_is_pinned() -> None:
    """It fails those who are not, and passes where it holds."""

    class Mugs:
        suite_version = 1
        has_handles = False

        @new_in(2)
        def test_mugs_have_handles(self) -> None:
            if not self.has_handles:
                raise AssertionError("no handle")

    mugs = Mugs()
    with pytest.warns(SuiteWarning, match="test_mugs_have_handles fails, and counts from"):
        mugs.test_mugs_have_handles()
    mugs.suite_version = 2
    with pytest.raises(AssertionError, match="no handle"):
        mugs.test_mugs_have_handles()
    mugs.has_handles = True
    mugs.test_mugs_have_handles()


@pytest.mark.parametrize("member", ["open", "contents"])
def test_a_contract_says_what_to_override(member: str) -> None:
    """What every storage has in another way."""
    arguments = (Inventory(), ()) if member == "open" else (None,)
    with pytest.raises(NotImplementedError, match=rf"{member}\(.*\): "):
        getattr(StorageContract(), member)(*arguments)
    with pytest.raises(NotImplementedError, match=r"connect\(side\): "):
        NotifierContract().connect(Side.WELL)
    with pytest.raises(NotImplementedError, match=r"arrivals\(\): "):
        ActionsContract().arrivals()


def test_a_failing_check_shows_what_it_compared(tmp_path: Path) -> None:
    """In the tests of somebody who installed the library: both sides of the comparison."""
    (tmp_path / "test_mine.py").write_text(
        """\
from fulfill_core.hosting import InMemoryStorage
from fulfill_core.testing import Contents, StorageContract


class Torn(InMemoryStorage):
    def mark(self, attempts):
        pass


class TestTorn(StorageContract):
    def open(self, inventory, records):
        return Torn(inventory, records)

    def contents(self, storage):
        return Contents(inventory=storage.inventory, records=storage.records.values(),
                        unsent=storage.outbox, sent=storage.sent, decided=storage.decisions)
""",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    run = subprocess.run(
        [*command, "-k", "sent_is_sent"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert ">       assert self.hand_out(storage, LATER) == []" in run.stdout
    assert "At index 0 diff: OutboxRow(id='m1'" in run.stdout or "left contains" in (
        run.stdout.lower()
    )
