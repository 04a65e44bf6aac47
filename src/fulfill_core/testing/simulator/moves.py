"""The script of a simulation: what happens in a small shop, move by move, as values.

A script is any sequence of moves: one that is about nothing that is there does nothing. So moves
can be left out until only those remain that show a fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeAlias, cast, get_args

import attrs

from fulfill_core import _checks
from fulfill_core.orders.progress import Parts, keep_units, to_units


class Fault(StrEnum):
    """What can go wrong around an adapter, and must not matter.

    >>> Fault("crash_before_commit")
    <Fault.CRASH_BEFORE_COMMIT: 'crash_before_commit'>
    """

    CRASH_BEFORE_COMMIT = "crash_before_commit"
    """The process ends when it is about to commit: its jobs are delivered again."""
    CRASH_AFTER_COMMIT = "crash_after_commit"
    """It is written, and the process ends before it hears of that."""
    COMMIT_UNKNOWN = "commit_unknown"
    """The answer to a commit is lost; it was written, or was not."""
    CONFLICT = "conflict"
    """Before it commits, another process does the same jobs."""
    STALE_READ = "stale_read"
    """It loads what was there some time ago."""
    DUPLICATE = "duplicate"
    """A job is delivered once more."""
    OTHER_BODY = "other_body"
    """Another order, or another event, is delivered under an id that is there."""
    REORDERED = "reordered"
    """What came last is delivered first."""
    NOTIFIER_ERROR = "notifier_error"
    """Whoever sends or acts raises, and has done nothing."""
    TIMEOUT = "timeout"
    """Whoever sends or acts has done it, and raises all the same."""
    RELAY_CRASH = "relay_crash"
    """It is sent, and the process ends before that is noted."""
    CLOCK_BACK = "clock_back"
    """The clock is set back."""
    CLOCK_PAST_EXPIRY = "clock_past_expiry"
    """The clock jumps past the end of a reservation."""
    EXPIRY_RACE = "expiry_race"
    """A parcel is about to be written when its reservation ends, and others get what is free."""
    PARTIAL_BATCH = "partial_batch"
    """The process ends when some jobs of its batch are done: all are delivered again."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Basket:
    """Units are set aside for an order that may come, for some time.

    Args:
        order: its id.
        sku: which SKU.
        quantity: how many units.
        minutes: for how long.

    >>> Basket(order="A-1", sku="mug", quantity=2)
    Basket(order='A-1', sku='mug', quantity=2, minutes=30)
    """

    order: str
    sku: str
    quantity: int
    minutes: int = 30

    def __attrs_post_init__(self) -> None:
        _check_ids(self, "order", "sku")
        _checks.check_int("Basket.quantity", self.quantity, at_least=1)
        _checks.check_int("Basket.minutes", self.minutes, at_least=1)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Checkout:
    """An order is placed. It is paid by card; or by bank, which sends word of a capture later.

    Args:
        order: its id.
        units: how many of which SKU, as a mapping or pairs; each is a line, numbered from "1".
        by_bank: whether it is paid by bank.

    >>> Checkout(order="A-1", units={"mug": 2}).units
    (('mug', 2),)
    """

    order: str
    units: Parts = attrs.field(converter=to_units)
    by_bank: bool = False

    def __attrs_post_init__(self) -> None:
        _check_ids(self, "order")
        keep_units(self, "units", "SKU")
        _checks.check_bool("Checkout.by_bank", self.by_bank)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Dispatch:
    """A parcel leaves, and that is reported.

    Args:
        parcel: its number.
        order: of which order.
        location: where it leaves.
        units: how many of which line, as a mapping or pairs.

    >>> Dispatch(parcel="p1", order="A-1", location="berlin", units={"1": 2}).units
    (('1', 2),)
    """

    parcel: str
    order: str
    location: str
    units: Parts = attrs.field(converter=to_units)

    def __attrs_post_init__(self) -> None:
        _check_ids(self, "parcel", "order", "location")
        keep_units(self, "units", "line")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Receipt:
    """Goods come in.

    Args:
        note: the number of the delivery note.
        sku: which SKU.
        location: where.
        quantity: how many units.
        supply: the supply that they are of; empty if of none.
        lot: the lot that they are of; empty if of none.

    >>> Receipt(note="GR-1", sku="mug", location="berlin", quantity=6).supply
    ''
    """

    note: str
    sku: str
    location: str
    quantity: int
    supply: str = ""
    lot: str = ""

    def __attrs_post_init__(self) -> None:
        _check_ids(self, "note", "sku", "location")
        _checks.check_int("Receipt.quantity", self.quantity, at_least=1)
        _checks.check_text("Receipt.supply", self.supply)
        _checks.check_text("Receipt.lot", self.lot)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Cancellation:
    """A customer cancels what is open of an order.

    Args:
        order: which order.

    >>> Cancellation(order="A-1").order
    'A-1'
    """

    order: str

    def __attrs_post_init__(self) -> None:
        _check_ids(self, "order")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Nightly:
    """All orders are to be decided anew, or these.

    Args:
        orders: which; empty for all that are open or have units.

    >>> Nightly(orders=["A-1"]).orders
    ('A-1',)
    """

    orders: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)

    def __attrs_post_init__(self) -> None:
        _checks.check_members("Nightly.orders", self.orders, str)
        _checks.check_unique("Nightly.orders", self.orders, "order")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Redelivery:
    """Something that was delivered before is delivered once more, as it was.

    Args:
        job: what: "checkout", "cancel" or "basket" and the order, "parcel" or "receipt" and the
            number, such as "checkout:A-1".

    >>> Redelivery(job="parcel:p1").job
    'parcel:p1'
    """

    job: str

    def __attrs_post_init__(self) -> None:
        _check_ids(self, "job")


@attrs.frozen(kw_only=True, weakref_slot=False)
class OtherBody:
    """Under the id of an order or a parcel comes another one: of each line one unit more.

    Args:
        job: which: "checkout" and the order, or "parcel" and the number.

    >>> OtherBody(job="checkout:A-1").job
    'checkout:A-1'
    """

    job: str

    def __attrs_post_init__(self) -> None:
        _check_ids(self, "job")


@attrs.frozen(kw_only=True, weakref_slot=False)
class Overtaking:
    """Of all that waits to be done, the last is done first.

    >>> Overtaking()
    Overtaking()
    """


@attrs.frozen(kw_only=True, weakref_slot=False)
class ClockJump:
    """Time passes; or the clock is set back.

    Args:
        seconds: by so many; below zero if it is set back.

    >>> ClockJump(seconds=-3600).seconds
    -3600
    """

    seconds: int

    def __attrs_post_init__(self) -> None:
        _checks.check_int("ClockJump.seconds", self.seconds, at_least=-(10**9))


def _repr_of_word(word: Fault | None) -> str:
    """As it is written in code: the enumeration's own way is none."""
    return repr(word and str(word))


def _to_fault(word: str | None) -> Fault | None:
    return None if word is None else _checks.to_word("Work.fault", word, Fault)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Work:
    """A process does what waits, then sends what is due; or goes on where it paused.

    Args:
        worker: which process, from 1; one that has ended begins anew.
        jobs: how many of the jobs that wait it takes, if it has none.
        pauses: whether it pauses when it is about to commit, until its next move.
        fault: what goes wrong; None if nothing does.
        occasion: at which occasion, such as at the second message.
        is_written: whether a commit whose answer is lost was written.

    >>> Work(worker=1, fault="relay_crash")
    Work(worker=1, jobs=1, pauses=False, fault='relay_crash', occasion=1, is_written=True)
    """

    worker: int
    jobs: int = 1
    pauses: bool = False
    fault: Fault | None = attrs.field(default=None, converter=_to_fault, repr=_repr_of_word)
    occasion: int = 1
    is_written: bool = True

    def __attrs_post_init__(self) -> None:
        _checks.check_int("Work.worker", self.worker, at_least=1)
        _checks.check_int("Work.jobs", self.jobs, at_least=0)
        _checks.check_bool("Work.pauses", self.pauses)
        _checks.check_int("Work.occasion", self.occasion, at_least=1)
        _checks.check_bool("Work.is_written", self.is_written)


Move: TypeAlias = (
    Basket
    | Checkout
    | Dispatch
    | Receipt
    | Cancellation
    | Nightly
    | Redelivery
    | OtherBody
    | Overtaking
    | ClockJump
    | Work
)
"""What can happen in a simulated shop."""


def to_moves(moves: Iterable[Move]) -> tuple[Move, ...]:
    """Moves as a tuple; what is no collection stays for the check.

    >>> to_moves([Overtaking()])
    (Overtaking(),)
    """
    return _checks.to_tuple(moves)


def check_moves(path: str, moves: object) -> None:
    """Moves of a script, and nothing else."""
    _checks.check_members(path, moves, object)
    for position, move in enumerate(cast("tuple[object, ...]", moves)):
        if not isinstance(move, get_args(Move)):
            raise _checks.refuse(f"{path}[{position}]", move, "is no move; pass moves of a script")


def _check_ids(value: object, *names: str) -> None:
    for name in names:
        _checks.check_id(f"{type(value).__name__}.{name}", getattr(value, name))
