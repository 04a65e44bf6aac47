"""The simulator: its moves, what goes wrong in them, and the rules that it holds adapters to."""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, time
from pathlib import Path
from typing import Any

import attrs
import pytest
from right_adapters import Adapter, Gateway, Mailer, Session
from wrong_adapters import (
    DeletesParked,
    ForgetsDeletions,
    IgnoresVersions,
    LoadsFirstPage,
    NumbersEachMail,
    PaysEachTime,
    StoresMoneyAsFloat,
    TakesUnknownForNo,
    WritesOutboxAfterCommit,
)

from fulfill_core import InvalidValueError, Order
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.hosting import CommitAnswer, CommitPlan, Never, OutboxRow, SendAnswer, Unknown
from fulfill_core.lifecycle import Capture
from fulfill_core.notifications import Preferences
from fulfill_core.testing import (
    Basket,
    Cancellation,
    Capability,
    Checkout,
    ClockJump,
    Dispatch,
    Failure,
    Fault,
    Move,
    Nightly,
    NotifierContract,
    OtherBody,
    Overtaking,
    Receipt,
    Redelivery,
    Side,
    Simulation,
    Work,
    simulate,
    simulator,
)
from fulfill_core.testing.simulator.books import Rule
from fulfill_core.testing.simulator.engine import Engine
from fulfill_core.testing.simulator.shrinking import shrunk

ORDER = Checkout(order="A-1", units={"mug": 2})
PARCEL = Dispatch(parcel="p1", order="A-1", location="berlin", units={"mug": 2})
WORK = Work(worker=1)


def played(*moves: Move, adapter: Adapter | None = None) -> Engine:
    """A shop in which these moves were made, and all is done."""
    shop = Engine(adapter or Adapter())
    for move in moves:
        shop.make(move)
    shop.settle()
    return shop


def by_day(_: Order) -> Preferences:
    """Whoever ordered is told between eight and eight."""
    return Preferences(hours=hours(8, 20))


def by_evening(_: Order) -> Preferences:
    """Whoever ordered is told in the evening."""
    return Preferences(hours=hours(18, 20))


def hours(begin: int, end: int) -> BusinessCalendar:
    """Each day from one hour to another."""
    shift = Shift(start=time(begin), end=time(end), weekdays=range(7))
    return BusinessCalendar(timezone=UTC, shifts=[shift])


def calls(shop: Engine, start: str) -> list[str]:
    """The steps that begin so."""
    return [line for line in shop.trace.lines if line.startswith(start)]


def failure_of(kind: type[Session], *moves: Move) -> Failure:
    """What a wrong storage does wrong in a script."""
    adapter = Adapter()
    adapter.kind = kind
    failure = simulate(adapter, moves=moves).failure
    assert failure is not None
    return failure


# -- The whole of it ---------------------------------------------------------------------------


@pytest.mark.untraced
def test_a_right_adapter_survives_all_faults() -> None:
    """Each of them, many times over: no unit is sold twice, and no order is lost."""
    simulation = simulate(Adapter(), steps=12_000, seed=7)
    simulation.check(at_least=10)
    assert simulation.steps >= 12_000
    assert simulation.calls > simulation.steps // 2


@pytest.mark.untraced
def test_quiet_hours_and_digests_survive_all_faults() -> None:
    """Where a message waits for the morning, and goes out with others, none is lost or doubled."""
    simulation = simulate(Adapter(), steps=6_000, seed=7, preferences=by_day)
    simulation.check(at_least=5)


def test_what_waits_is_sent_in_the_end() -> None:
    """A parcel at noon is told in the evening, to who wants it so, by two processes once."""
    mailer = Mailer()
    moves = [ORDER, WORK, PARCEL, Work(worker=1, fault="relay_crash"), Work(worker=2)]
    options: dict[str, Any] = {"notifier": mailer, "moves": moves}
    simulation = simulate(Adapter(), preferences=by_evening, **options)
    assert simulation.failure is None
    assert len(set(mailer.arrivals())) == 2
    with pytest.raises(InvalidValueError, match="preferences"):
        simulate(Adapter(), preferences=3, **options)  # type: ignore[arg-type]


def test_a_seed_is_one_sequence_of_steps() -> None:
    """The same seed gives the same steps, another one gives others."""
    first, second, third = [simulate(Adapter(), steps=400, seed=seed) for seed in (1, 1, 2)]
    assert first == second
    assert first.digest != third.digest


@pytest.mark.untraced
def test_it_is_the_same_by_whichever_map() -> None:
    """Episodes may be played elsewhere, and more of them than are needed."""

    def elsewhere(play: Callable[[str], Simulation], seeds: list[str]) -> list[Simulation]:
        return list(map(pickle.loads(pickle.dumps(play)), seeds))  # noqa: S301 - our own

    here = simulate(Adapter(), steps=1_000, seed=3)
    assert simulate(Adapter(), steps=1_000, seed=3, map=elsewhere) == here


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        (None, r"map\(\): None is no collection"),
        ([None], r"map\(\)\[0\]: None"),
        ([], r"len\(map\(\)\): 0 is not as many results as the \d+ episodes"),
    ],
)
def test_a_map_that_returns_something_else_is_named(returned: Any, problem: str) -> None:
    """Also one that returns nothing: else it would be asked for ever."""
    with pytest.raises(InvalidValueError, match=problem):
        simulate(Adapter(), steps=1_000, map=lambda *_: returned)


def test_it_is_the_same_in_every_process() -> None:
    """Whatever seed Python has for hashes."""
    code = (
        "from right_adapters import Adapter; from fulfill_core.testing import simulate;"
        "print(simulate(Adapter(), steps=1_000).digest)"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_a_failure_prints_as_the_code_that_shows_it_again() -> None:
    """Its moves are a value: copied into a test, they break the same rule."""
    adapter = Adapter()
    adapter.kind = WritesOutboxAfterCommit
    failure = simulate(adapter).failure
    assert failure is not None
    names: dict[str, Any] = dict(vars(simulator))
    exec(str(failure).partition("\n")[2], names)  # noqa: S102 - it is its own code
    assert simulate(adapter, moves=names["moves"]).failure == failure


# -- Moves -------------------------------------------------------------------------------------


def test_moves_about_nothing_do_nothing() -> None:
    """So any of them can be left out of a script."""
    shop = played(
        Redelivery(job="parcel:p1"),
        OtherBody(job="checkout:A-1"),
        Overtaking(),
        ClockJump(seconds=5),
        PARCEL,
        Cancellation(order="A-9"),
    )
    assert shop.trace.faults == {}
    assert shop.books.records == {}


def test_an_id_is_given_once() -> None:
    """A second order under an id is no move; `OtherBody` is the fault."""
    shop = played(ORDER, attrs.evolve(ORDER, units={"cup": 1}), WORK)
    assert [line.sku for line in shop.books.records["A-1"].order.lines] == ["mug"]


def test_what_comes_in_can_leave() -> None:
    """A receipt of a supply, one of none, and one of a lot; at once or not at all."""
    shop = played(
        Receipt(note="GR-1", sku="cup", location="berlin", quantity=4, supply="PO-1"),
        Receipt(note="GR-2", sku="cup", location="berlin", quantity=1, supply="PO-1"),
        Receipt(note="GR-3", sku="tea", location="lyon", quantity=2, lot="L-9"),
        Redelivery(job="receipt:GR-3"),
    )
    assert shop.books.on_hand["cup", "berlin"] == 8
    assert shop.books.on_hand["tea", "lyon"] == 7
    assert shop.books.supplies == {}


def test_a_basket_ends() -> None:
    """What is set aside is free after its time, also if that is noted late, or nothing is there."""
    basket = Basket(order="A-2", sku="mug", quantity=99, minutes=5)
    shop = played(basket, Work(worker=1), Basket(order="A-3", sku="mug", quantity=1))
    assert shop.books.promised("mug", "berlin", shop.now) == 4
    late = played(basket, ClockJump(seconds=600), Work(worker=1))
    assert +late.books.reserved == {}


def test_a_bank_sends_word_twice() -> None:
    """What was captured is captured once all the same."""
    shop = played(attrs.evolve(ORDER, by_bank=True), PARCEL)
    assert len(calls(shop, "last begins webhook:")) == 2
    assert shop.books.records["A-1"].order.payments[0].captured == shop.books.records["A-1"].due


def test_what_leaves_after_a_cancellation_is_no_loss() -> None:
    """Nor does anything wait for what is cancelled; what was paid too much goes back."""
    shop = played(ORDER, WORK, Cancellation(order="A-1"), PARCEL, Nightly(orders=["A-1"]))
    assert shop.books.on_hand["mug", "berlin"] == 2


def test_a_parcel_with_a_line_that_is_not_ordered_moves_what_is_known() -> None:
    """Of a line that the order does not have nobody knows the SKU."""
    shop = played(ORDER, attrs.evolve(PARCEL, units={"mug": 2, "cup": 1}))
    assert shop.books.on_hand["cup", "berlin"] == 3


def test_more_tea_leaves_than_lots_hold() -> None:
    """A fact is never refused: what is owed is made up for by what comes in."""
    shop = played(
        Checkout(order="A-1", units={"tea": 1}),
        Basket(order="A-2", sku="tea", quantity=1),
        Dispatch(parcel="p1", order="A-1", location="lyon", units={"tea": 6}),
        Receipt(note="GR-1", sku="tea", location="lyon", quantity=2, lot="L-9"),
    )
    assert shop.books.on_hand["tea", "lyon"] == 1


# -- What goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "moves"),
    [
        (Fault.CRASH_BEFORE_COMMIT, [ORDER]),
        (Fault.CRASH_AFTER_COMMIT, [ORDER]),
        (Fault.COMMIT_UNKNOWN, [ORDER]),
        (Fault.CONFLICT, [ORDER]),
        (Fault.STALE_READ, [ORDER, WORK, PARCEL, WORK, Redelivery(job="parcel:p1")]),
        (Fault.NOTIFIER_ERROR, [ORDER]),
        (Fault.TIMEOUT, [ORDER]),
        (Fault.RELAY_CRASH, [ORDER]),
        (
            Fault.EXPIRY_RACE,
            [Basket(order="A-1", sku="mug", quantity=2), WORK, ORDER, WORK, PARCEL],
        ),
    ],
)
def test_a_fault_happens_once_in_its_move(fault: Fault, moves: list[Move]) -> None:
    """At the first occasion; and all is done in the end."""
    shop = played(*moves, Work(worker=1, fault=fault))
    assert shop.trace.faults[fault] == 1
    assert shop.books.records["A-1"].order.id == "A-1"


def test_a_fault_waits_for_its_occasion() -> None:
    """The second message fails, and the first does not."""
    moves = [ORDER, WORK, PARCEL, Work(worker=1, fault="timeout", occasion=2)]
    [line] = [line for line in calls(played(*moves), "mark ") if line.endswith("=Later")]
    assert line.startswith("mark A-1:capture:")


def test_a_commit_of_which_nobody_hears_may_not_be_written() -> None:
    """Then it is made again."""
    lost = Work(worker=1, fault="commit_unknown", is_written=False)
    written = attrs.evolve(lost, is_written=True)
    assert len(calls(played(ORDER, lost), "decided ")) == 1
    assert len(calls(played(ORDER, lost), "load A-1 mug")) == 2
    assert len(calls(played(ORDER, written), "load A-1 mug")) == 1


@pytest.mark.parametrize("last", [PARCEL, Receipt(note="1", sku="mug", location="x", quantity=1)])
def test_a_batch_may_end_in_the_middle(last: Move) -> None:
    """All of its jobs come again, also those that were done."""
    batch = [ORDER, last, Work(worker=1, jobs=2, fault="partial_batch")]
    shop = played(*batch)
    assert shop.trace.faults[Fault.PARTIAL_BATCH] == 1
    assert len(calls(shop, "load A-1 mug")) == 2


def test_a_process_pauses_before_it_commits() -> None:
    """Others go on meanwhile; it finds that they were faster."""
    pause = Work(worker=1, pauses=True)
    order = attrs.evolve(ORDER, order="A-2", units={"mug": 7})
    shop = played(ORDER, pause, order, Work(worker=2), Work(worker=1))
    assert len(calls(shop, "= Conflict")) == 1
    assert shop.books.units_for("A-1", "mug", "mug", shop.now) == 0


def test_a_process_that_pauses_for_ever_goes_on_at_the_end() -> None:
    """Nothing stays half done."""
    assert "A-1" in played(ORDER, Work(worker=1, pauses=True)).books.records


def test_what_came_last_may_be_first() -> None:
    """A parcel that is reported before its order waits for it."""
    shop = played(ORDER, PARCEL, Overtaking(), WORK)
    assert shop.trace.faults == {Fault.REORDERED: 1}
    assert shop.books.on_hand["mug", "berlin"] == 2


def test_another_body_under_an_id_counts_for_nothing() -> None:
    """Neither another order nor another parcel; the first one stays."""
    shop = played(
        ORDER, WORK, OtherBody(job="checkout:A-1"), PARCEL, WORK, OtherBody(job="parcel:p1"), WORK
    )
    assert shop.trace.faults == {Fault.OTHER_BODY: 2}
    assert shop.books.records["A-1"].order.lines[0].quantity == 2
    assert shop.books.on_hand["mug", "berlin"] == 2


def test_the_clock_jumps() -> None:
    """Back; or past the end of a basket. Otherwise time just passes."""
    basket = Basket(order="A-1", sku="mug", quantity=1)
    shop = played(basket, WORK, ClockJump(seconds=-60), ClockJump(seconds=60))
    assert shop.trace.faults == {Fault.CLOCK_BACK: 1}
    assert played(basket, WORK, ClockJump(seconds=7200)).trace.faults == {
        Fault.CLOCK_PAST_EXPIRY: 1
    }


# -- Adapters ----------------------------------------------------------------------------------


class Least(Adapter):
    """A storage that keeps nothing but units on hand, orders and messages."""

    capabilities = frozenset[Capability]()


def test_a_storage_is_asked_for_what_it_can_keep() -> None:
    """No lots, no supplies, no kits, no baskets: the shop has none."""
    simulation = simulate(Least(), steps=1_500)
    simulation.check()
    assert simulation.count(Fault.EXPIRY_RACE) == 0
    shop = Engine(Least())
    assert (shop.books.lots, shop.books.supplies) == ({}, {})


class Awaited(Adapter):
    """A storage whose members are coroutines."""

    def reopen(self, storage: Any) -> Any:
        return _Awaited(super().reopen(storage))

    def resolve(self, answer: Any) -> Any:
        return asyncio.run(answer)


class _Awaited:
    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Callable[..., Any]:
        member = getattr(self._session, name)

        async def ask(*args: Any, **options: Any) -> Any:
            return member(*args, **options)

        return ask


def test_an_asynchronous_storage_is_resolved() -> None:
    """As in its contract."""
    assert simulate(Awaited(), moves=[ORDER, WORK, PARCEL]).failure is None


class Doubtful(Session):
    """It never knows at once whether something is written."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        super().commit(plan)
        return Unknown()


def test_a_storage_that_does_not_know_is_asked() -> None:
    """What is written is what it says afterwards."""
    adapter = Adapter()
    adapter.kind = Doubtful
    assert simulate(adapter, moves=[ORDER, WORK, PARCEL]).failure is None


class NeverKnows(Session):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return Unknown()

    def decided(self, plan_id: str, /) -> CommitAnswer:
        return Unknown()


def test_a_storage_that_never_knows_ends_nothing() -> None:
    """It is not asked for ever, and what is not done is named."""
    failure = failure_of(NeverKnows, ORDER)
    assert failure.rule == Rule.REST
    assert "checkout:A-1" in failure.detail


class Strict(Mailer):
    """It refuses one message for good, and fails with another."""

    def send_mail(self, row: OutboxRow) -> SendAnswer:
        if "A-1" in row.id:
            return Never(reason="no such mailbox")
        if row.attempts == 1:
            raise ConnectionError("refused")
        return super().send_mail(row)


def test_what_can_not_be_sent_is_parked_in_the_end() -> None:
    """That is no failure of the storage."""
    other = attrs.evolve(ORDER, order="A-2")
    simulation = simulate(Adapter(), notifier=Strict(), moves=[ORDER, other])
    assert simulation.failure is None


def test_mails_are_counted_where_they_arrive() -> None:
    """A repeat that can't be recognised is one mail more."""
    moves = [ORDER, Work(worker=1, fault="timeout")]
    failure = simulate(Adapter(), notifier=NumbersEachMail(), moves=moves).failure
    assert failure is not None
    assert (failure.rule, failure.detail) == (Rule.EFFECTS, "1 was sent, and 2 arrived")


def test_actions_are_counted_where_they_arrive() -> None:
    """A repeat that is recognised is none."""
    moves = [ORDER, WORK, PARCEL, Work(worker=1, fault="timeout", occasion=2)]
    assert simulate(Adapter(), actor=Gateway(), moves=moves).failure is None
    failure = simulate(Adapter(), actor=PaysEachTime(), moves=moves).failure
    assert failure is not None
    assert failure.rule == Rule.EFFECTS


class Mute(Mailer):
    def send_mail(self, row: OutboxRow) -> Any:
        return None


class MuteFromTheStart(NotifierContract):
    """It has nothing to set up."""

    def connect(self, side: Side) -> Any:
        return lambda row: None

    def arrivals(self) -> list[str]:
        return []


@pytest.mark.parametrize("notifier", [Mute(), MuteFromTheStart()])
def test_a_sender_answers_what_its_port_allows(notifier: NotifierContract) -> None:
    """Nothing is not an answer."""
    failure = simulate(Adapter(), notifier=notifier, moves=[ORDER]).failure
    assert failure is not None
    assert failure.rule == Rule.ANSWERS


MANY = Checkout(order="A-2", units={"mug": 4})
RECEIPT = Receipt(note="GR-1", sku="mug", location="berlin", quantity=1)
WAITING: list[Move] = [
    *[Checkout(order=f"A-{number}", units={"tea": 2}) for number in (1, 2, 3)],
    *[WORK] * 3,
    Receipt(note="GR-1", sku="tea", location="lyon", quantity=1),
]


class AddsTags(Session):
    """What nobody asked for is in the record."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        records = [
            attrs.evolve(record, order=attrs.evolve(record.order, tags={"new"}))
            for record in plan.records
        ]
        return super().commit(attrs.evolve(plan, records=records))


# -- Rules -------------------------------------------------------------------------------------


class FullDisk(Session):
    def load(self, scope: Any, /) -> Any:
        raise OSError("disk full")


def test_what_a_storage_raises_is_named() -> None:
    """With the call."""
    failure = failure_of(FullDisk, ORDER)
    assert failure.rule == Rule.ANSWERS
    assert "load A-1 mug: it raised OSError: disk full" in failure.detail


class AnswersNothing(Session):
    def load(self, scope: Any, /) -> Any:
        return None


def test_the_loop_has_to_go_on_with_an_answer() -> None:
    """What it raises is told."""
    failure = failure_of(AnswersNothing, ORDER)
    assert failure.rule == Rule.ANSWERS
    assert "storage.load" in failure.detail


class HandsOutAlways(Session):
    """Sent rows are handed out again, and those that are parked."""

    def unsent(self, limit: int, /, *, parked: bool = False, **options: Any) -> Any:
        rows = super().unsent(limit, parked=parked, **options)
        return rows or list(self.database.sent.values())[:1]


def test_what_was_sent_is_not_handed_out() -> None:
    """Nor listed as parked."""
    assert "it was sent" in failure_of(HandsOutAlways, ORDER, WORK, WORK).detail
    assert "not listed as parked" in failure_of(DeletesParked, *_PARKED).detail


_PARKED = [
    ORDER,
    *[
        move
        for _ in range(3)
        for move in (Work(worker=1, fault="notifier_error"), ClockJump(seconds=4 * 3600))
    ],
]


class HandsOutParked(Session):
    """What is parked is due."""

    def unsent(self, limit: int, /, *, now: Any, **options: Any) -> Any:
        rows = super().unsent(limit, now=now, **options)
        return rows or [row for row in self.database.outbox.values() if row.is_parked]


def test_what_is_parked_is_not_handed_out() -> None:
    """Until it is put back."""
    assert "it is parked" in failure_of(HandsOutParked, *_PARKED, WORK).detail


class SwapsRows(Session):
    """Each row has the content of the first."""

    def unsent(self, limit: int, /, **options: Any) -> Any:
        rows = super().unsent(limit, **options)
        return [attrs.evolve(row, content=rows[0].content) for row in rows]


def test_a_row_is_handed_out_as_it_was_written() -> None:
    """Each with its own content."""
    failure = failure_of(SwapsRows, ORDER, WORK, PARCEL, WORK)
    assert "instead of" in failure.detail


class Loses(Session):
    """Records are gone when a parcel has left."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        answer = super().commit(plan)
        if any(isinstance(row.content, Capture) for row in plan.rows):
            self.database._records.clear()
        return answer


def test_an_order_that_is_gone_is_lost() -> None:
    """With its number."""
    failure = failure_of(Loses, ORDER, WORK, PARCEL)
    assert failure == Failure(
        rule=Rule.LOST,
        detail="order A-1 was accepted, and is not there",
        moves=[ORDER, WORK, PARCEL],
        trace=failure.trace,
    )


@pytest.mark.parametrize(
    ("kind", "moves", "detail"),
    [
        (
            IgnoresVersions,
            [ORDER, Work(worker=1, pauses=True), MANY, Work(worker=2), Work(worker=1)],
            "6 of mug in berlin are reserved, and 4 are there",
        ),
        (
            TakesUnknownForNo,
            [RECEIPT, Redelivery(job="receipt:GR-1")],
            "6 of mug are in berlin, not 5",
        ),
        (StoresMoneyAsFloat, [ORDER, PARCEL], "order A-1 is not the one that was accepted"),
        (LoadsFirstPage, WAITING, "A-3 waits for 1 of tea, and 1 is free"),
        (ForgetsDeletions, [ORDER, PARCEL], "reserved: "),
        (AddsTags, [ORDER], "the record of A-1 is another one: order"),
    ],
)
def test_a_broken_rule_says_by_what(kind: Any, moves: list[Move], detail: str) -> None:
    """With units, orders and places."""
    assert failure_of(kind, *moves).detail.startswith(detail)


# -- Values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: simulate(Session, moves=[]), "storage: "),  # type: ignore[arg-type]
        (lambda: simulate(Adapter(), notifier=print), "notifier: "),  # type: ignore[arg-type]
        (lambda: simulate(Adapter(), actor=print), "actor: "),  # type: ignore[arg-type]
        (lambda: simulate(Adapter(), steps=0), "steps: "),
        (lambda: simulate(Adapter(), seed=-1), "seed: "),
        (lambda: simulate(Adapter(), moves=["x"]), "moves[0]: "),  # type: ignore[list-item]
        (lambda: Work(worker=0), "Work.worker: "),
        (lambda: Work(worker=1, fault="flood"), "Work.fault: "),  # type: ignore[arg-type]
        (lambda: Basket(order="A", sku="mug", quantity=0), "Basket.quantity: "),
        (lambda: Failure(rule="", detail=""), "Failure.rule: "),
        (lambda: Simulation(steps=-1, calls=0, faults=(), digest=""), "Simulation.steps: "),
    ],
)
def test_what_is_wrong_is_named(make: Callable[[], object], problem: str) -> None:
    """By its path."""
    with pytest.raises(InvalidValueError) as caught:
        make()
    assert str(caught.value).startswith(problem)


def test_a_fault_that_was_too_rare_is_named() -> None:
    """What was never tried proves nothing."""
    simulation = simulate(Adapter(), moves=[ORDER, Work(worker=1, fault="conflict")])
    simulation.check()
    with pytest.raises(AssertionError, match=r"too few: crash_before_commit \(0\), .*take more"):
        simulation.check(at_least=1)


def test_a_broken_rule_is_an_assertion() -> None:
    """With the script."""
    failure = Failure(rule="no order is lost", detail="A-1 is gone", moves=[ORDER])
    simulation = Simulation(steps=1, calls=0, faults={Fault.TIMEOUT: 2}, digest="", failure=failure)
    with pytest.raises(AssertionError, match=r"no order is lost: A-1 is gone\nmoves = \["):
        simulation.check()
    assert simulation.count("timeout") == 2


def test_a_script_gets_as_short_and_plain_as_it_can() -> None:
    """Moves are left out, one or two at a time; what stays is as usual, where that does as well."""
    moves = [
        Nightly(),
        Checkout(order="A-1", units={"mug": 3, "cup": 2}),
        Receipt(note="GR-1", sku="mug", location="x", quantity=9),
        Work(worker=3, jobs=2, fault="timeout", occasion=2),
        Overtaking(),
    ]

    def shows(candidate: tuple[Move, ...]) -> bool:
        kinds = [type(move) for move in candidate]
        has_pair = (Nightly in kinds) == (Overtaking in kinds)
        return has_pair and {Checkout, Receipt, Work} <= {*kinds}

    assert shrunk(tuple(moves), shows) == (
        Checkout(order="A-1", units={"cup": 1}),
        Receipt(note="GR-1", sku="mug", location="x", quantity=1),
        Work(worker=1),
    )


def test_a_search_for_a_shorter_script_ends() -> None:
    """After so many tries, with what is there by then."""
    moves = tuple([Nightly(orders=[str(number)]) for number in range(60)])
    assert shrunk(moves, lambda candidate: len(candidate) == 60) == moves


def test_how_many_episodes_a_map_gets_at_once_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are played one after the other in the end."""
    usual = simulate(Adapter(), steps=1_000)
    module = sys.modules[Engine.__module__.replace("engine", "simulate")]
    monkeypatch.setattr(module, "_AT_ONCE", 1)
    assert simulate(Adapter(), steps=1_000) == usual
