"""How a storage commits: all of a plan or nothing, and only on what it was made for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from fulfill_core.hosting import (
    CommitAnswer,
    CommitPlan,
    Committed,
    Conflict,
    Loaded,
    Run,
    Scope,
    key_of_order,
    key_of_sku,
    run_loop,
    run_loop_async,
)
from fulfill_core.inventory import Inventory
from fulfill_core.lifecycle import Shipped
from fulfill_core.pipeline import Settings, process
from fulfill_core.testing.contracts.base import ALL_SKUS, StorageAdapter
from fulfill_core.testing.contracts.suite import Capability
from fulfill_core.testing.contracts.worlds import (
    NOON,
    ODD,
    claim,
    full_record,
    items,
    locations,
    lots,
    message,
    order,
    record,
    reservation,
    stock,
    supplies,
    supply,
)

_SEVERAL = 4
_ERRORS = 10


def _with_received(loaded: Loaded, sku: str = "mug", units: int = 3) -> Inventory:
    return loaded.inventory.with_received(sku, "berlin", units)


class CommitChecks(StorageAdapter):
    """All of it or nothing; and nothing on what has changed since it was loaded."""

    # -- All of it -----------------------------------------------------------------------------

    def test_all_parts_of_a_plan_are_written(self) -> None:
        """Stock, records and rows, in one."""
        storage = self.begin(stock())
        loaded = self.load(storage)
        after = loaded.inventory.with_reserved(reservation())
        plan = self.plan(loaded, after=after, records=[full_record()], rows=[message()])
        assert self.commit(storage, plan) == Committed()
        contents = self.contents(self.reopen(storage))
        assert contents.inventory == stock().with_reserved(reservation())
        assert contents.records == {"A-1": full_record()}
        assert (contents.unsent, contents.sent) == ({"m1"}, set())

    def test_decisions_are_written(self) -> None:
        """Those of a plan, for whoever shows them."""
        self.needs(Capability.DECISIONS)
        storage = self.begin(stock())
        result = process([order()], stock(), now=NOON, verifiers=())
        self.write(storage, records=result.records, decisions=result.decisions)
        assert self.contents(storage).decided == {"A-1"}

    def test_a_record_takes_the_place_of_the_one_before(self) -> None:
        """There is one per order."""
        storage = self.begin(stock(), [record()])
        self.write(storage, records=[full_record()])
        assert self.contents(storage).records == {"A-1": full_record()}

    def test_what_a_plan_touches_is_counted_up(self) -> None:
        """By one each; nothing else is."""
        storage = self.begin(stock(), [record(), record("A-2")])
        before = self.load(storage)
        self.commit(storage, self.plan(before, after=_with_received(before), records=[record()]))
        after = self.load(storage)
        keys = map(key_of_order, ("A-1", "A-2")), map(key_of_sku, ("mug", "cup"))
        counts = [after.version_of(key) - before.version_of(key) for each in keys for key in each]
        assert counts == [1, 0, 1, 0]

    # -- Or nothing ----------------------------------------------------------------------------

    def test_a_plan_on_what_has_changed_is_a_conflict(self) -> None:
        """Of two that loaded the same the second writes nothing: no stock, no record, no row."""
        storage = self.begin(stock(), [record()])
        first, second = self.load(storage), self.load(self.reopen(storage))
        self.write(storage, rows=[message("old")])
        plan = self.plan(first, "p2", after=_with_received(first))
        assert self.commit(storage, plan) == Committed()
        before = self.contents(storage)
        late = self.plan(
            second,
            "p3",
            after=_with_received(second, units=4),
            records=[full_record(), record("A-2")],
            rows=[message("new")],
            withdrawn=["old"],
        )
        assert isinstance(self.commit(self.reopen(storage), late), Conflict)
        assert self.contents(storage) == before

    def test_a_record_that_has_changed_is_a_conflict(self) -> None:
        """Be the stock as it was."""
        storage = self.begin(stock(), [record()])
        first, second = self.load(storage), self.load(storage)
        assert self.commit(storage, self.plan(first, records=[full_record()])) == Committed()
        late = self.plan(second, "p2", records=[record()])
        assert isinstance(self.commit(storage, late), Conflict)
        assert self.contents(storage).records == {"A-1": full_record()}

    def test_an_order_that_two_place_is_placed_once(self) -> None:
        """Neither was there for the other: the second is a conflict, and no error."""
        storage = self.begin(stock())
        first, second = self.load(storage), self.load(self.reopen(storage))
        assert self.commit(storage, self.plan(first, records=[record()])) == Committed()
        late = self.plan(second, "p2", records=[record(quantity=4)])
        assert isinstance(self.commit(self.reopen(storage), late), Conflict)
        assert self.contents(storage).records == {"A-1": record()}

    def test_who_touches_other_goods_is_no_conflict(self) -> None:
        """Checkouts of different goods do not stop each other."""
        storage = self.begin(stock(), [record()])
        first, second = self.load(storage), self.load(storage)
        plans = [
            self.plan(first, "p1", after=_with_received(first, "mug")),
            self.plan(second, "p2", after=_with_received(second, "cup")),
        ]
        assert [self.commit(storage, plan) for plan in plans] == [Committed(), Committed()]
        inventory = self.contents(storage).inventory
        assert (inventory.on_hand("mug"), inventory.on_hand("cup")) == (12, 12)

    def test_after_a_conflict_it_goes_on(self) -> None:
        """What is loaded then can be committed, by the same storage; and nothing else goes with it.

        A transaction that failed, and was not rolled back, goes out with the next one.
        """
        storage = self.begin(stock())
        stale = self.load(storage)
        self.write(storage, after=_with_received(stale))
        late = self.plan(
            stale, "p2", after=_with_received(stale), records=[record("A-2")], rows=[message("m2")]
        )
        assert isinstance(self.commit(storage, late), Conflict)
        fresh = self.load(storage)
        plan = self.plan(fresh, "p3", after=_with_received(fresh), rows=[message("m3")])
        assert self.commit(storage, plan) == Committed()
        contents = self.contents(storage)
        assert contents.inventory.on_hand("mug") == 15
        assert (contents.records, contents.unsent) == ({}, {"m3"})

    def test_what_a_plan_takes_away_has_to_be_there(self) -> None:
        """Where somebody changed the stock by hand, nothing is written: a conflict, or an error."""
        storage = self.begin(stock())
        loaded = self.load(storage)
        with_units = loaded.inventory.with_reserved(reservation())
        changes = loaded.inventory.changes_since(with_units)  # it takes back what is not there
        plan = self.plan(loaded, changes=changes, records=[record()], rows=[message()])
        before = self.contents(storage)
        assert not self._is_written(storage, plan)
        assert self.contents(storage) == before
        self.write(storage, "p2", rows=[message("m2")])  # and it can be used
        contents = self.contents(storage)
        assert (contents.records, contents.unsent) == ({}, {"m2"})

    def test_of_several_at_once_one_is_first(self) -> None:
        """Whoever has loaded the same and commits at the same time: the others are a conflict.

        None of them is an error, such as of a lock; and nobody waits for each other for ever.
        """
        self.needs(Capability.CONNECTIONS)
        storage = self.begin(stock())
        for turn in range(5):
            barrier = Barrier(_SEVERAL, timeout=60)

            def commit(number: int, turn: int = turn, barrier: Barrier = barrier) -> CommitAnswer:
                own = self.reopen(storage)
                loaded = self.load(own)
                name = f"p{turn}-{number}"
                plan = self.plan(loaded, name, after=_with_received(loaded), rows=[message(name)])
                barrier.wait()
                return self.commit(own, plan)

            with ThreadPoolExecutor(_SEVERAL) as pool:
                answers = list(pool.map(commit, range(_SEVERAL)))
            kinds = sorted([type(answer).__name__ for answer in answers])
            assert kinds == ["Committed", *["Conflict"] * (_SEVERAL - 1)]
        contents = self.contents(storage)
        assert contents.inventory.on_hand("mug") == 9 + 5 * 3
        assert len(contents.unsent) == 5

    def test_of_several_at_once_each_gets_other_rows(self) -> None:
        """What one worker is sending the others are not."""
        self.needs(Capability.CONNECTIONS)
        storage = self.begin(stock())
        rows = [message(f"m{number}") for number in range(20)]
        self.write(storage, rows=rows)
        barrier = Barrier(_SEVERAL, timeout=60)

        def hand_out(_: int) -> list[str]:
            own = self.reopen(storage)
            barrier.wait()
            return [row.id for row in self.hand_out(own, limit=5)]

        with ThreadPoolExecutor(_SEVERAL) as pool:
            ids = [row_id for row_ids in pool.map(hand_out, range(_SEVERAL)) for row_id in row_ids]
        assert len(set(ids)) == len(ids)

    # -- Once ----------------------------------------------------------------------------------

    def test_a_plan_that_is_committed_twice_is_once(self) -> None:
        """It says so, and nothing doubles: the answer to the first may have been lost."""
        storage = self.begin(stock())
        loaded = self.load(storage)
        plan = self.plan(loaded, after=_with_received(loaded), rows=[message()])
        assert self.commit(storage, plan) == Committed()
        assert self.commit(self.reopen(storage), plan) == Committed()
        contents = self.contents(storage)
        assert (contents.inventory.on_hand("mug"), contents.unsent) == (12, {"m1"})

    def test_what_was_decided_is_known(self) -> None:
        """To another connection, too; of what was not written, that it was not."""
        storage = self.begin(stock())
        loaded = self.load(storage)
        assert isinstance(self.decided(storage, "p1"), Conflict)
        self.commit(storage, self.plan(loaded, ODD, after=_with_received(loaded)))
        late = self.plan(loaded, "p2", after=_with_received(loaded))
        self.commit(storage, late)
        other = self.reopen(storage)
        assert self.decided(other, ODD) == Committed()
        assert isinstance(self.decided(other, "p2"), Conflict)

    # -- Stock ---------------------------------------------------------------------------------

    def test_on_hand_moves_by_a_difference(self) -> None:
        """And may fall below zero: what left has left."""
        storage = self.begin(stock())
        loaded = self.load(storage)
        counted = loaded.inventory.with_counted("mug", "berlin", 2)
        self.write(storage, after=counted)
        assert self.contents(storage).inventory.on_hand("mug") == 2

    def test_two_equal_reservations_are_two(self) -> None:
        """One of them may go, and the other stays."""
        storage = self.begin(stock(), [record(quantity=4)])
        loaded = self.load(storage)
        with_two = loaded.inventory.with_reserved(reservation(), reservation())
        self.write(storage, after=with_two)
        assert self.contents(storage).inventory.reserved("mug") == 4
        loaded = self.load(storage)
        with_one = loaded.inventory.without_reservations([reservation()])
        self.write(storage, "p2", after=with_one)
        assert self.contents(storage).inventory.reservations_of("A-1") == (reservation(),)

    def test_a_reservation_is_kept_to_the_microsecond(self) -> None:
        """When it was made, or that nobody knows, whatever the zone of the database is."""
        storage = self.begin(stock(), [record()])
        loaded = self.load(storage)
        reservations = reservation(order_id=ODD), reservation(made_at=None)
        self.write(storage, after=loaded.inventory.with_reserved(*reservations))
        assert self.contents(storage).inventory == stock().with_reserved(*reservations)

    def test_what_ships_leaves(self) -> None:
        """On hand and reserved fall together."""
        storage = self.begin(stock().with_reserved(reservation()), [record()])
        loaded = self.load(storage)
        after = loaded.inventory.with_shipped("A-1", "1", 2, location="berlin")
        self.write(storage, after=after)
        inventory = self.contents(storage).inventory
        assert (inventory.on_hand("mug"), inventory.reserved("mug")) == (7, 0)

    # -- What a storage may be unable to keep --------------------------------------------------

    def test_lots_are_kept_or_refused(self) -> None:
        """Their quantity, dates and lock; never dropped in silence."""
        self._kept_or_refused(Capability.LOTS, lots())

    def test_supplies_are_kept_or_refused(self) -> None:
        """By instant or by day, for a place and an order; and who claims how much of them."""
        self._kept_or_refused(Capability.SUPPLIES, supplies())

    def test_items_are_kept_or_refused(self) -> None:
        """Kits, packs, fences, caps, lives."""
        self._kept_or_refused(Capability.ITEMS, items())

    def test_locations_are_kept_or_refused(self) -> None:
        """Rank, capacity, and what they took on."""
        self._kept_or_refused(Capability.LOCATIONS, locations())

    def test_expiries_are_kept_or_refused(self) -> None:
        """A reservation that ends must not become one that lasts."""
        ends = reservation(expires_at=NOON + timedelta(minutes=15))
        self._kept_or_refused(Capability.EXPIRY, stock().with_reserved(ends), stock())

    def test_lots_of_reservations_are_kept_or_refused(self) -> None:
        """Which lot it is decides what may leave."""
        of_lot = reservation(sku="tea", lot="L-1")
        if Capability.LOTS in self.capabilities:
            self._kept_or_refused(Capability.LOTS, lots().with_reserved(of_lot), lots())

    def test_what_is_gone_is_gone(self) -> None:
        """A claim, a supply, a lot, a stock row that a plan takes away are not there any more."""
        self.needs(Capability.SUPPLIES)
        inventory = Inventory(stock=stock().stock(), supplies=[supply()], claims=[claim()])
        storage = self.begin(inventory, [record()])
        loaded = self.load(storage)
        after = loaded.inventory.with_received("mug", "berlin", 9, supply_id="PO-1")
        self.write(storage, after=after)
        contents = self.contents(storage).inventory
        assert (list(contents.supplies()), list(contents.claims())) == ([], [])
        assert contents.reserved("mug") == 2

    def _kept_or_refused(
        self, capability: Capability, content: Inventory, before: Inventory | None = None
    ) -> None:
        """What is declared is kept as it is; all else raises, and nothing is written."""
        begin = Inventory() if before is None else before
        is_declared = capability in self.capabilities
        storage = self.begin(begin)
        loaded = self.load(storage)
        changes = content.changes_since(begin)
        plan = self.plan(loaded, changes=changes, rows=[message()])
        untouched = self.contents(storage)
        assert self._is_written(storage, plan) == is_declared
        contents = self.contents(storage)
        if is_declared:
            assert contents.inventory == content
            assert self.load(storage, ALL_SKUS).inventory == content
        else:
            assert contents == untouched

    def _is_written(self, storage: Any, plan: CommitPlan) -> bool:
        """Whether a plan is written; a conflict and an error both say that it is not."""
        try:
            return self.commit(storage, plan) == Committed()
        except Exception:  # noqa: BLE001 - whatever a database raises
            return False

    # -- The loop ------------------------------------------------------------------------------

    def test_the_loop_comes_to_what_it_comes_to_in_memory(self) -> None:
        """Orders are placed and shipped, events come twice: records and stock are those by hand."""
        storage = self.begin(stock())
        parcel = Shipped(
            id="e1", order_id="A-1", at=NOON, parcel="p1", location="berlin", lines={"1": 2}
        )
        jobs = [Run(orders=[order("A-1"), order("A-2")]), parcel, parcel, Run()]
        report = self._looped(storage, jobs)
        assert [job.status for job in report.jobs] == ["done"] * 4
        contents = self.contents(storage)
        assert (contents.inventory.on_hand("mug"), contents.inventory.reserved("mug")) == (7, 2)
        assert contents.records["A-1"].is_settled
        assert len(contents.unsent) == 4
        assert _ids_loaded(self.load(storage, Scope())) == ["A-2"]

    def test_no_connection_is_left_open(self) -> None:
        """As many are open after a thousand loops, conflicts and errors as before."""
        storage = self.begin(stock(), [record()])
        stale = self.plan(self.load(storage), "stale", records=[full_record()])
        self.write(storage, records=[record()])
        self._looped(storage, [Run()])
        before = self.connections(storage)
        if before is None:
            self._counts_nothing()
        for _ in range(self.loops):
            self._looped(storage, [Run()])
        for _ in range(_ERRORS):
            assert isinstance(self.commit(storage, stale), Conflict)
            with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it raises
                self.commit(storage, object())  # type: ignore[arg-type]
        assert self.connections(storage) == before

    def _counts_nothing(self) -> None:
        """No connection can be counted: aloud, and not if there are several."""
        name = type(self).__name__
        if Capability.CONNECTIONS in self.capabilities:
            problem = f"{name} declares {Capability.CONNECTIONS}, and connections() counts none"
            raise AssertionError(f"{problem}; override it, or leave out the capability")
        pytest.skip(f"{name} has no connections to count: no connections()")

    def _looped(self, storage: Any, jobs: Any) -> Any:
        """What a loop over the storage comes to."""
        settings = Settings(verifiers=())
        if type(self).resolve is StorageAdapter.resolve:
            return run_loop(
                jobs, storage=storage, clock=lambda: NOON, sleep=lambda _: None, settings=settings
            )
        return self.resolve(
            run_loop_async(
                jobs, storage=storage, clock=lambda: NOON, sleep=_no_sleep, settings=settings
            )
        )


async def _no_sleep(seconds: float) -> None:
    """Time passes at once."""


def _ids_loaded(loaded: Loaded) -> list[str]:
    return sorted([each.id for each in loaded.records])
