"""The outbox of a storage: what is unsent is handed out, by whomever it was written, and when."""

from __future__ import annotations

from typing import Any

import attrs

from fulfill_core.decisions import Audience
from fulfill_core.hosting import Conflict, Later, Never, OutboxRow, Sent
from fulfill_core.records import Told
from fulfill_core.testing.contracts.base import MINUTE, StorageAdapter
from fulfill_core.testing.contracts.suite import Capability
from fulfill_core.testing.contracts.worlds import (
    NOON,
    ODD,
    action_rows,
    decided,
    delivery,
    message,
    record,
    stock,
)

LATER = NOON + 30 * MINUTE


def _ids(rows: list[OutboxRow]) -> list[str]:
    return [row.id for row in rows]


class OutboxChecks(StorageAdapter):
    """Rows are handed out until something became of them."""

    def outbox(self, *rows: OutboxRow) -> Any:
        """A storage with these rows to send."""
        storage = self.begin(stock(), [record()])
        self.write(storage, "rows", rows=rows)
        return storage

    # -- Handed out ----------------------------------------------------------------------------

    def test_what_is_unsent_is_handed_out(self) -> None:
        """As it was written: messages, deliveries, and each kind of action."""
        rows = [message(), message(ODD), delivery(), *action_rows()]
        by_id = {row.id: row.content for row in self.hand_out(self.outbox(*rows))}
        assert by_id == {row.id: row.content for row in rows}

    def test_what_is_due_first_comes_first(self) -> None:
        """So many at most, and nothing before its time; the time itself is in time."""
        storage = self.outbox(
            message("third", due_at=LATER),
            message("second", due_at=NOON),
            message("first", due_at=NOON - MINUTE),
        )
        assert _ids(self.hand_out(storage, NOON - 2 * MINUTE)) == []
        assert _ids(self.hand_out(storage, limit=1)) == ["first"]
        assert _ids(self.hand_out(storage, until=NOON + 6 * MINUTE)) == ["second"]
        assert _ids(self.hand_out(storage, LATER, limit=3)) == ["first", "second", "third"]

    def test_what_is_due_at_once_comes_order_by_order(self) -> None:
        """Of one time, what is about one order is not torn apart: it may go out together."""
        about = [("m1", "A-1"), ("m2", "A-2"), ("m3", "A-1"), ("m4", "A-2"), ("m5", "A-1")]
        storage = self.outbox(*[delivery(name, order_id) for name, order_id in about])
        rows = [*self.hand_out(storage, limit=2), *self.hand_out(storage, limit=3)]
        assert _ids(rows) == ["m1", "m3", "m5", "m2", "m4"]

    def test_what_is_handed_out_is_hidden(self) -> None:
        """From everybody, until then; and each time is counted, a crash or not."""
        storage = self.outbox(message())
        assert [row.attempts for row in self.hand_out(storage)] == [1]
        other = self.reopen(storage)
        assert self.hand_out(other, NOON + 5 * MINUTE - MINUTE / 60) == []
        assert [row.attempts for row in self.hand_out(other, NOON + 5 * MINUTE)] == [2]

    def test_what_is_written_late_is_handed_out(self) -> None:
        """Whatever was handed out, and sent, before it: there is no mark that passes it by."""
        storage = self.outbox(message("m2"), message("m3"))
        self.mark(storage, Sent(), *_ids(self.hand_out(storage)))
        self.write(storage, "late", rows=[message("m1", due_at=NOON - 9 * MINUTE)])
        assert _ids(self.hand_out(storage)) == ["m1"]

    def test_what_is_not_written_is_not_handed_out(self) -> None:
        """The rows of a plan that was a conflict were never there."""
        storage = self.begin(stock(), [record()])
        stale = self.load(storage)
        self.write(storage, records=[record()])
        late = self.plan(stale, "p2", records=[record()], rows=[message()])
        assert isinstance(self.commit(storage, late), Conflict)
        assert self.hand_out(storage) == []

    # -- What became of it ---------------------------------------------------------------------

    def test_what_was_sent_is_not_handed_out(self) -> None:
        """Ever again; the other rows are."""
        storage = self.outbox(message("m1"), message("m2"))
        self.hand_out(storage)
        self.mark(storage, Sent(), "m1")
        assert _ids(self.hand_out(self.reopen(storage), LATER)) == ["m2"]
        contents = self.contents(storage)
        assert (contents.unsent, contents.sent) == ({"m2"}, {"m1"})

    def test_the_same_news_is_written_once(self) -> None:
        """A row whose id is there already is not written, be it sent or not."""
        storage = self.outbox(message("m1"), message("m2"))
        self.hand_out(storage)
        self.mark(storage, Sent(), "m1")
        self.write(storage, "again", rows=[message("m1"), message("m2"), message("m3")])
        rows = self.hand_out(storage, LATER)
        assert sorted([(row.id, row.attempts) for row in rows]) == [("m2", 2), ("m3", 1)]
        assert self.contents(storage).sent == {"m1"}

    def test_later_is_not_before(self) -> None:
        """And the reason is there when it is handed out again."""
        storage = self.outbox(message())
        self.hand_out(storage)
        self.mark(storage, Later(retry_at=LATER, reason=ODD), "m1")
        assert self.hand_out(storage, LATER - MINUTE / 60) == []
        [row] = self.hand_out(storage, LATER)
        assert (row.attempts, row.reason) == (2, ODD)

    def test_never_is_parked(self) -> None:
        """It is handed out no more, and listed with the reason; to list it changes nothing."""
        storage = self.outbox(message("m1"), message("m2"))
        self.hand_out(storage)
        self.mark(storage, Never(reason=ODD), "m1")
        assert _ids(self.hand_out(storage, LATER)) == ["m2"]
        for _ in range(2):
            [row] = self.hand_out(self.reopen(storage), LATER, parked=True)
            assert (row.id, row.reason, row.is_parked, row.attempts) == ("m1", ODD, True, 1)
        assert self.contents(storage).unsent == {"m1", "m2"}

    def test_what_is_put_back_was_not_tried(self) -> None:
        """A parked row is due again, and has all its attempts before it."""
        storage = self.outbox(message())
        for now in (NOON, LATER):
            self.hand_out(storage, now)
        self.mark(storage, Never(reason="tried often enough"), "m1")
        self.mark(storage, Later(retry_at=LATER), "m1")
        assert self.hand_out(storage, LATER, parked=True) == []
        assert [row.attempts for row in self.hand_out(storage, LATER)] == [1]

    def test_sent_is_sent(self) -> None:
        """Whoever says otherwise afterwards was slow: a second worker, a retry."""
        storage = self.outbox(message())
        self.hand_out(storage)
        self.mark(storage, Sent(), "m1")
        self.mark(storage, Later(retry_at=NOON), "m1")
        self.mark(storage, Never(reason="no such mailbox"), "m1")
        assert self.hand_out(storage, LATER) == []
        assert self.hand_out(storage, LATER, parked=True) == []
        assert self.contents(storage).sent == {"m1"}

    def test_to_mark_what_is_not_there_does_no_harm(self) -> None:
        """It was withdrawn meanwhile, or is none; the others are marked."""
        storage = self.outbox(message())
        self.hand_out(storage)
        self.mark(storage, Sent(), "m9", "m1")
        assert self.contents(storage).sent == {"m1"}
        self.mark(storage, Sent())

    # -- Withdrawn -----------------------------------------------------------------------------

    def test_what_does_not_hold_any_more_is_withdrawn(self) -> None:
        """Be it due, handed out or parked. What was sent was sent."""
        rows = [message(name) for name in ("sent", "parked", "out", "due", "other")]
        storage = self.outbox(*rows)
        self.hand_out(storage, limit=4)
        self.mark(storage, Sent(), "sent")
        self.mark(storage, Never(reason="no such mailbox"), "parked")
        self.write(storage, "p2", withdrawn=["sent", "parked", "out", "due", "nothing"])
        contents = self.contents(storage)
        assert (contents.unsent, contents.sent) == ({"other"}, {"sent"})
        assert _ids(self.hand_out(self.reopen(storage), LATER)) == ["other"]

    # -- Drafts --------------------------------------------------------------------------------

    def drafts(self, *names: str) -> Any:
        """A storage whose order was told these messages, none of which was handed out."""
        self.needs(Capability.DRAFTS)
        storage = self.begin(stock(), [record()])
        contents = [(f"digest of {name}", name) for name in names]
        entry = Told(audience=Audience.CUSTOMER, id="3f", at=NOON, contents=contents)
        rows = [message(name, content=decided(name)) for name in names]
        self.write(storage, "rows", records=[attrs.evolve(record(), told=[entry])], rows=rows)
        return storage

    def draft_names(self, storage: Any) -> list[str]:
        """The recipients of the drafts: each message has its own."""
        return sorted([each.recipient for each in self.load(storage).drafts])

    def test_what_nobody_can_have_read_is_a_draft(self) -> None:
        """What was not handed out, or surely did not go out. All else somebody may have read."""
        names = ["new", "out", "read", "refused", "sent", "parked", "unsure"]
        storage = self.drafts(*names)
        assert self.draft_names(storage) == sorted(names)
        unsent = Later(retry_at=LATER, is_unsent=True)
        for name in names[1:]:
            self.mark(storage, Later(retry_at=NOON - MINUTE), name)
            assert _ids(self.hand_out(storage, limit=1)) == [name]
        self.mark(storage, Later(retry_at=LATER), "read")
        self.mark(storage, unsent, "refused")
        self.mark(storage, Sent(), "sent")
        self.mark(storage, Never(reason="no such mailbox"), "parked")
        self.mark(storage, Later(retry_at=NOON - MINUTE), "unsure")
        assert _ids(self.hand_out(storage, limit=1)) == ["unsure"]
        self.mark(storage, unsent, "unsure")
        assert self.draft_names(self.reopen(storage)) == ["new", "refused"]
        assert sorted(self.load(storage).doubtful_ids) == ["out", "parked", "read", "unsure"]

    def test_a_draft_is_written_anew(self) -> None:
        """With other content under its id, or not at all."""
        storage = self.drafts("m1", "m2")
        row = message("m1", content=decided("other"))
        self.write(storage, "p2", records=[record()], rows=[row], drafts=["m1", "m2"])
        [handed_out] = self.hand_out(storage)
        assert (handed_out.id, handed_out.content) == ("m1", row.content)

    def test_a_draft_that_was_handed_out_is_none(self) -> None:
        """Whoever takes it for one is in conflict, and has written nothing."""
        storage = self.drafts("m1", "m2")
        plan = self.plan(
            self.load(storage), "p2", records=[record()], rows=[message("m3")], drafts=["m2"]
        )
        self.mark(storage, Later(retry_at=NOON - MINUTE), "m2")
        assert _ids(self.hand_out(storage, limit=1)) == ["m2"]
        assert isinstance(self.commit(storage, plan), Conflict)
        assert self.contents(storage).unsent == {"m1", "m2"}
        assert self.draft_names(storage) == ["m1"]
