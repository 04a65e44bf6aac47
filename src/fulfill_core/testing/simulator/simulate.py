"""Simulate a shop with adapters of one's own, until a rule is broken or enough is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import count, islice
from random import Random

import attrs

from fulfill_core import _checks
from fulfill_core.hosting import PreferencesOf
from fulfill_core.pipeline.chunks import MapFunction
from fulfill_core.protocols.plugins import is_iterable
from fulfill_core.testing.contracts import ActionsContract, NotifierContract, StorageContract
from fulfill_core.testing.simulator.books import BrokenRuleError
from fulfill_core.testing.simulator.chance import Chance
from fulfill_core.testing.simulator.engine import Engine
from fulfill_core.testing.simulator.moves import Move, check_moves, to_moves
from fulfill_core.testing.simulator.reports import Failure, Simulation
from fulfill_core.testing.simulator.shrinking import shrunk

_AT_ONCE = 64
"""Episodes: more than most machines have cores, and a few seconds of work."""


def simulate(
    storage: StorageContract,
    *,
    notifier: NotifierContract | None = None,
    actor: ActionsContract | None = None,
    steps: int = 10_000,
    seed: int = 0,
    moves: Iterable[Move] | None = None,
    preferences: PreferencesOf | None = None,
    map: MapFunction = map,
) -> Simulation:
    """Simulate a small shop with adapters of one's own, in which everything goes wrong.

    Episodes of some hundred steps follow each other, each with a shop of its own. In each of them
    several processes work, crash, read what is old, and hear nothing of what they did; then nothing
    goes wrong any more, and all has to be done in the end. It uses one thread and no clock, so the
    same seed gives the same steps each time.

    Args:
        storage: an instance of your subclass of `StorageContract`.
        notifier: an instance of your subclass of `NotifierContract`; None for one that sends.
        actor: an instance of your subclass of `ActionsContract`; None for one that acts.
        steps: how many events, runs, calls of ports and faults, at least, if no rule is broken.
        seed: what the moves are drawn from.
        moves: the moves of one episode, such as those of a failure; None to draw them.
        preferences: how customers want to be told, as for `run_loop`: then a notifier of yours gets
            deliveries. None for each message at once.
        map: how episodes are played: the built-in, or the ``map`` of any executor, which has to
            keep the sequence; for one that uses processes, what is under test must pickle. What it
            comes to is the same, however many play at once.

    Raises:
        InvalidValueError: a storage or a sender instead of what holds it to its contract, something
            among the moves that is none, a map that does not return what each episode came to.

    >>> from fulfill_core.hosting import InMemoryStorage
    >>> from fulfill_core.testing import Checkout, Contents, StorageContract, Work
    >>> class InMemory(StorageContract):
    ...     def open(self, inventory, records):
    ...         return InMemoryStorage(inventory, records)
    ...     def contents(self, storage):
    ...         return Contents(inventory=storage.inventory, records=storage.records.values(),
    ...                         unsent=storage.outbox, sent=storage.sent)
    >>> order = Checkout(order="A-1", units={"mug": 2})
    >>> simulation = simulate(InMemory(), moves=[order, Work(worker=1, fault="relay_crash")])
    >>> simulation.failure, simulation.count("relay_crash")
    (None, 1)
    """
    _checks.check_member("storage", storage, StorageContract)
    if notifier is not None:
        _checks.check_member("notifier", notifier, NotifierContract)
    if actor is not None:
        _checks.check_member("actor", actor, ActionsContract)
    _checks.check_int("steps", steps, at_least=1)
    _checks.check_int("seed", seed, at_least=0)
    if preferences is not None:
        _checks.check_callable("preferences", preferences)
    _checks.check_callable("map", map)
    stage = _Stage(storage, notifier, actor, preferences)
    if moves is not None:
        moves = to_moves(moves)
        check_moves("moves", moves)
        return stage.play(moves)
    total, digest = Simulation(steps=0, calls=0, faults=(), digest=""), sha256()
    results = _results(stage, seed, map)
    while total.steps < steps and total.failure is None:
        result = next(results)
        digest.update(result.digest.encode())
        total = Simulation(
            steps=total.steps + result.steps,
            calls=total.calls + result.calls,
            faults=Counter(dict(total.faults)) + Counter(dict(result.faults)),
            digest=digest.hexdigest(),
            failure=result.failure,
        )
    if total.failure is None:
        return total
    return attrs.evolve(total, failure=stage.shortest(total.failure))


def _results(stage: _Stage, seed: int, map_function: MapFunction) -> Iterator[Simulation]:
    """What episodes come to, one after the other, without end; so many are given to a map at once.

    Those that nobody asks for any more are of no account: the sum is that of the first ones,
    whoever plays them.
    """
    episodes = count(1)
    while True:
        seeds = [f"{seed}:{episode}" for episode in islice(episodes, _AT_ONCE)]
        answers = map_function(stage.play_drawn, seeds)
        if not is_iterable(answers):
            problem = "is no collection; return the results one by one, as map does"
            raise _checks.refuse("map()", answers, problem)
        played = 0
        for played, result in enumerate(answers, 1):
            _checks.check_member(f"map()[{played - 1}]", result, Simulation)
            yield result
        if played < len(seeds):
            problem = f"is not as many results as the {len(seeds)} episodes; return one for each"
            raise _checks.refuse("len(map())", played, problem)


@attrs.frozen
class _Stage:
    """The adapters under test, with which episodes are played.

    Args:
        storage: the storage.
        notifier: the notifier.
        actor: the actor.
        preferences: how customers want to be told.
    """

    storage: StorageContract
    notifier: NotifierContract | None
    actor: ActionsContract | None
    preferences: PreferencesOf | None

    def play_drawn(self, seed: str) -> Simulation:
        """One episode, of moves that are drawn."""
        return self.play((), Random(seed))  # noqa: S311 - it is no secret

    def play(self, moves: tuple[Move, ...], random: Random | None = None) -> Simulation:
        """One episode, of these moves; or of some that are drawn."""
        shop = Engine(self.storage, self.notifier, self.actor, self.preferences)
        history: list[Move] = []
        failure: Failure | None = None
        try:
            for move in Chance(shop, random).moves() if random else moves:
                history.append(move)
                shop.make(move)
            shop.settle()
        except BrokenRuleError as error:
            failure = Failure(
                rule=error.rule, detail=error.detail, moves=history, trace=shop.trace.lines
            )
        finally:
            shop.close()
        trace = shop.trace
        return Simulation(
            steps=trace.steps,
            calls=trace.calls,
            faults=trace.faults,
            digest=trace.digest,
            failure=failure,
        )

    def shortest(self, failure: Failure) -> Failure:
        """A failure of the same rule, whose script has nothing in it that it can do without."""
        moves = shrunk(failure.moves, lambda shorter: self._breaks(shorter, failure.rule))
        return self.play(moves).failure or failure

    def _breaks(self, moves: tuple[Move, ...], rule: str) -> bool:
        failure = self.play(moves).failure
        return failure is not None and failure.rule == rule
