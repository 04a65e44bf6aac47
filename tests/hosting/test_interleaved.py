"""Several workers at once, answers that are lost, notifiers that fail, workers that die: nothing is
lost, and nothing is done twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from some_hosting import SETTINGS, Clock, captured, order, shipped, stock
from some_storages import (
    ForgettingWhatWasDecided,
    IgnoringVersions,
    LoadingOwnUnitsOnly,
)

from fulfill_core import InvalidValueError, Inventory, StockError
from fulfill_core.hosting import (
    Act,
    Commit,
    InMemoryStorage,
    Job,
    Later,
    Load,
    LoopReport,
    Mark,
    Pause,
    Run,
    Send,
    Sent,
    StockUpdate,
    Unknown,
    Unsent,
    WhatWasDecided,
    loop,
)

ORDERS = [  # of mugs there are too few at first; of cups, which leave, there are enough
    *(order("A-1", 2, "cup"), order("A-2", 4), order("A-3", 5), order("A-4", 1, "cup")),
]
PARCELS = [shipped("A-1", 2, "e1"), shipped("A-4", 1, "e4")]


def receive(inventory: Inventory) -> Inventory:
    """What was expected comes in."""
    return inventory.with_received("mug", "berlin", 9, supply_id="PO-1")


WORK: list[list[Job]] = [
    [Run(orders=[ORDERS[0]]), PARCELS[0], Run()],
    [Run(orders=[ORDERS[1], ORDERS[3]]), PARCELS[1], PARCELS[0]],
    [Run(orders=[ORDERS[0], ORDERS[2]]), StockUpdate(id="GR-1", skus=["mug"], update=receive)],
    [StockUpdate(id="GR-1", skus=["mug"], update=receive), PARCELS[1], Run()],
]
"""What each worker has to do; some of it twice."""


class World:
    """A storage, what lies outside of it, and chance.

    Args:
        tape: what chance says, one number after the other; then all goes well.
        kind: of what kind the storage is.
    """

    def __init__(self, tape: list[int], kind: type[InMemoryStorage] = InMemoryStorage) -> None:
        self.storage = kind(stock(6))
        self.clock = Clock()
        self.arrivals: Counter[str] = Counter()
        self._tape = iter(tape)

    def chance(self, count: int) -> int:
        """One of so many; zero when the tape is over."""
        return next(self._tape, 0) % count

    def answer(self, request: Any) -> object:
        """What a request comes to, and what is heard of it."""
        match request:
            case Load(scope):
                return self.storage.load(scope)
            case Commit(plan):
                fault = self.chance(6)
                if fault == 1:
                    return Unknown(reason="lost on the way there")
                answer = self.storage.commit(plan)
                assert min(units_left(self.storage)) >= 0, "units are given out twice"
                return Unknown(reason="lost on the way back") if fault == 2 else answer
            case WhatWasDecided(plan_id):
                return Unknown() if self.chance(6) == 1 else self.storage.decided(plan_id)
            case Unsent(limit, now, until):
                return self.storage.unsent(limit, now=now, until=until)
            case Mark(attempts):
                return self.storage.mark(attempts)
            case Send(row) | Act(row):
                fault = self.chance(6)
                if fault == 1:
                    return ConnectionError("refused")
                self.arrivals[row.id] += 1
                if fault == 2:
                    return TimeoutError("it took too long, and had arrived")
                if fault == 3:
                    return Later()
                return Sent() if isinstance(request, Send) else captured(row)
            case Pause(delay):
                self.clock.sleep(delay.total_seconds())
                return None
            case _:
                raise NotImplementedError(request)

    def play(self, work: list[list[Job]]) -> None:
        """All workers at once, each in its turn; some die, and begin anew."""
        todo = dict(enumerate(work))
        workers = {number: Worker(self, jobs) for number, jobs in todo.items()}
        while workers:
            number = sorted(workers)[self.chance(len(workers))]
            if self.chance(12) == 1:
                workers[number] = Worker(self, todo[number])
            report = workers[number].step()
            if report is not None:
                rest = [each.job for each in report.jobs if not each.is_done]
                del workers[number]
                if rest:
                    todo[number] = rest
                    workers[number] = Worker(self, rest)

    def come_to_rest(self) -> None:
        """Nobody disturbs any more, and time passes until nothing is to be sent."""
        self._tape = iter(())
        for _ in range(50):
            self.play([[Run()]])
            if not self.storage.outbox:
                return
            self.clock.instant += timedelta(hours=6)
        raise AssertionError(self.storage.outbox)


class Worker:
    """A loop, step by step.

    Args:
        world: what answers.
        jobs: what it has to do.
    """

    def __init__(self, world: World, jobs: list[Job]) -> None:
        self._world = world
        self._steps = loop(jobs, clock=world.clock, settings=SETTINGS)
        self._reply: Any = None

    def step(self) -> LoopReport | None:
        """One request; what it did in all, at the end."""
        try:
            request = self._steps.send(self._reply)
        except StopIteration as end:
            report: LoopReport = end.value
            return report
        self._reply = self._world.answer(request)
        return None


def units_left(storage: InMemoryStorage) -> Iterator[int]:
    """What is free of each row."""
    for row in storage.inventory.stock():
        yield row.on_hand - storage.inventory.reserved(row.sku, row.location)


def check(world: World) -> None:
    """Play it to its end: then it is as if one worker had done all, and nothing had gone wrong."""
    world.play(WORK)
    world.come_to_rest()
    storage = world.storage
    assert storage.inventory.on_hand("mug") == 6 + 9
    assert storage.inventory.on_hand("cup") == 6 - 2 - 1
    assert sorted(storage.records) == [each.id for each in ORDERS]
    for each in ORDERS:
        record = storage.records[each.id]
        assert record.order.fingerprint == each.fingerprint
        reserved = sum([row.quantity for row in storage.inventory.reservations_of(each.id)])
        assert reserved == record.open("1")
        assert storage.inventory.claims_of(each.id) == ()
        [payment] = record.order.payments
        assert payment.captured == 5 * record.progress_of("1").shipped
    assert {record.id for record in storage.records.values() if record.is_settled} == {"A-1", "A-4"}
    told = Counter(row.order_id for row in storage.sent.values() if row.is_message)
    assert sorted(told) == sorted(storage.records)
    assert set(storage.sent) <= set(world.arrivals)


@FEWER
@given(tape=st.lists(st.integers(0, 11), max_size=150))
def test_nothing_is_lost_and_nothing_is_done_twice(tape: list[int]) -> None:
    """Whoever is faster, whatever is lost, whoever dies: in the end it is as if one had done all.

    Units are given out once, goods come in once, parcels leave once, money is taken once, each
    message goes out, and a repeat has the same id.
    """
    check(World(tape))


WRONG = [IgnoringVersions, ForgettingWhatWasDecided, LoadingOwnUnitsOnly]


@pytest.mark.parametrize("kind", WRONG, ids=lambda kind: kind.__name__)
def test_the_law_bites(kind: type[InMemoryStorage]) -> None:
    """A storage that is wrong does not come to the same, within a few worlds."""
    chance = Random(17)
    tapes = [[chance.randrange(12) for _ in range(150)] for _ in range(60)]
    with pytest.raises((AssertionError, StockError, InvalidValueError)):
        list(map(check, [World(tape, kind) for tape in tapes]))
