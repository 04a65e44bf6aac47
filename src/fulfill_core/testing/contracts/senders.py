"""The contracts of notifiers and of whoever carries out actions."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, get_args

import attrs

from fulfill_core.hosting import Later, Never, OutboxRow, SendAnswer, Sent
from fulfill_core.lifecycle import Effect, advance
from fulfill_core.testing.contracts.suite import SUITE_VERSION, check_adapter
from fulfill_core.testing.contracts.worlds import (
    NOON,
    action_rows,
    full_record,
    message,
    stock,
)

_SEVERAL = 20


class Side(StrEnum):
    """How the other side is: a mail server, a payment service, a warehouse.

    >>> Side("gone")
    <Side.GONE: 'gone'>
    """

    WELL = "well"
    """It takes all."""
    GONE = "gone"
    """It can't be reached, or does not answer in time."""
    REFUSING = "refusing"
    """It says no, for good: there is no such mailbox, the card is blocked."""


class SenderAdapter:
    """What the checks need to know of a notifier or an actor: override `connect` and `arrivals`."""

    suite_version: ClassVar[int] = SUITE_VERSION
    """Checks that are newer than this one warn."""

    def connect(self, side: Side) -> Any:
        """A sender that is connected to an other side of your own, which is like that."""
        raise NotImplementedError("connect(side): return a sender")

    def arrivals(self) -> list[str]:
        """What arrived at the other side, read there: the id by which it knows each, in sequence.

        An other side that recognises repeats has each id once.
        """
        raise NotImplementedError("arrivals(): return ids")

    def resolve(self, answer: Any) -> Any:
        """What a sender answered; of an asynchronous one, what the coroutine gives."""
        return answer

    def send(self, sender: Any, row: OutboxRow) -> SendAnswer:
        """What became of a row: what is raised is later."""
        try:
            answer: SendAnswer = self.resolve(sender(row))
        except Exception as error:  # noqa: BLE001 - whatever it raises, as the loop does
            return Later(reason=str(error))
        assert type(answer) in get_args(SendAnswer), f"{answer!r} is not Sent, Later or Never"
        return answer


class NotifierContract(SenderAdapter):
    """All that a `Notifier` has to hold. Subclass it; override ``connect`` and ``arrivals``.

    >>> NotifierContract().connect(Side.WELL)
    Traceback (most recent call last):
    NotImplementedError: connect(side): return a sender
    """

    def test_it_can_be_called(self) -> None:
        """With an outbox row."""
        check_adapter(notifier=self.connect(Side.WELL))

    def test_what_is_sent_arrives(self) -> None:
        """Once, and it says so."""
        assert self.send(self.connect(Side.WELL), message()) == Sent()
        assert len(self.arrivals()) == 1

    def test_all_that_is_sent_arrives(self) -> None:
        """Who says that it was sent has sent it, and not put it where it may get lost."""
        notifier = self.connect(Side.WELL)
        answers = [self.send(notifier, message(f"m{number}")) for number in range(_SEVERAL)]
        assert answers == [Sent()] * _SEVERAL
        assert len(set(self.arrivals())) == _SEVERAL

    def test_a_repeat_can_be_recognised(self) -> None:
        """The same row goes out under the same id, another one under another."""
        notifier = self.connect(Side.WELL)
        for row in (message("m1"), message("m1", attempts=2), message("m2")):
            self.send(notifier, row)
        assert len(set(self.arrivals())) == 2

    def test_an_other_side_that_is_gone_is_later(self) -> None:
        """It is not sent, and not given up."""
        assert isinstance(self.send(self.connect(Side.GONE), message()), Later)
        assert self.arrivals() == []

    def test_an_other_side_that_says_no_is_never(self) -> None:
        """To ask again is no use: a person has to look, and finds the reason."""
        assert isinstance(self.send(self.connect(Side.REFUSING), message()), Never)
        assert self.arrivals() == []

    def test_a_message_without_a_recipient_is_not_lost(self) -> None:
        """Where nobody knows whom to tell, it is passed to somebody, or parked; never just gone."""
        content: Any = message().content
        nobody = message(content=attrs.evolve(content, recipient="", medium=""))
        answer = self.send(self.connect(Side.WELL), nobody)
        assert isinstance(answer, Sent) == bool(self.arrivals())
        assert not isinstance(answer, Later)


class ActionsContract(SenderAdapter):
    """All that whoever carries out actions has to hold. Subclass it, as `NotifierContract`.

    >>> ActionsContract().arrivals()
    Traceback (most recent call last):
    NotImplementedError: arrivals(): return ids
    """

    def test_it_can_be_called(self) -> None:
        """With an outbox row."""
        check_adapter(actor=self.connect(Side.WELL))

    def test_every_action_is_done_or_parked(self) -> None:
        """Each of them, such as a question to the staff: never later for ever."""
        actor = self.connect(Side.WELL)
        answers = {row.id: self.send(actor, row) for row in action_rows()}
        assert {name: each for name, each in answers.items() if isinstance(each, Later)} == {}

    def test_an_action_is_done_once(self) -> None:
        """It is asked for at least once, each time under one id: the other side does it once."""
        actor = self.connect(Side.WELL)
        row = action_rows()[3]
        first, second = self.send(actor, row), self.send(actor, attrs.evolve(row, attempts=2))
        assert len(self.arrivals()) == 1
        assert second == first

    def test_its_event_is_one_of_its_order(self) -> None:
        """What an action came to is an event that its order takes, and takes once."""
        actor = self.connect(Side.WELL)
        for row in action_rows():
            answer = self.send(actor, row)
            if not isinstance(answer, Sent) or answer.event is None:
                continue
            assert answer.event.order_id == row.order_id
            step = advance(full_record(), answer.event, stock(), now=NOON)
            again = advance(step.record, answer.event, step.inventory, now=NOON)
            assert again.effect in {Effect.DUPLICATE, Effect.REFUSED}

    def test_an_other_side_that_is_gone_is_later(self) -> None:
        """Nothing is done, and nothing given up."""
        row = action_rows()[3]
        assert isinstance(self.send(self.connect(Side.GONE), row), Later)
        assert self.arrivals() == []

    def test_an_other_side_that_says_no_is_told(self) -> None:
        """As an event, such as `CaptureFailed`, or to a person: never as if it were done."""
        answer = self.send(self.connect(Side.REFUSING), action_rows()[3])
        assert isinstance(answer, Never) or (isinstance(answer, Sent) and answer.event is not None)
        assert self.arrivals() == []
