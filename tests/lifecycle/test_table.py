"""The transition table says what is so, and the documentation draws what it says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import drawing
import pytest
from effort import FEWER
from hypothesis import given
from story import NOON, Story, line
from test_law import record, stock, streams

from fulfill_core import OrderRecord, Payment
from fulfill_core.lifecycle import (
    EVENTS,
    TRANSITIONS,
    Amended,
    AuthorizationExpired,
    Authorized,
    Cancelled,
    Captured,
    CaptureFailed,
    ChargedBack,
    CreditGranted,
    DelayAnswered,
    DelayAsked,
    Delivered,
    Event,
    Lost,
    NotFulfilled,
    Provided,
    Quantity,
    Refunded,
    RefundFailed,
    Released,
    ReturnClosed,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
    ShipmentVoided,
    Shipped,
    Tracked,
    Voided,
    advance,
    released_by_line,
)
from fulfill_core.records import MovementKind

Q = Quantity
ONE = {"1": 1}
CARD: dict[str, Any] = {"payment": "card", "amount": Decimal(5)}
LOWERED: dict[str, Any] = {"ordered": {"1": 1}}
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "lifecycle.md"


def quantities(known: OrderRecord) -> Counter[Quantity]:
    """What is counted of an order, over all of its lines and payments."""
    counts: Counter[Quantity] = Counter()
    for each in known.order.lines:
        progress = known.progress_of(each.id)
        counts[Q.CANCELLED] += progress.not_sent(each)
        counts[Q.OPEN] += progress.open(each)
        counts[Q.SHIPPED] += progress.shipped
        counts[Q.DELIVERED] += progress.delivered
        counts[Q.LOST] += progress.lost
        counts[Q.RETURN_REQUESTED] += (
            progress.return_requested - progress.return_cancelled - progress.returned
        )
        counts[Q.RETURNED] += progress.returned
        counts[Q.RESTOCKED] += progress.restocked
    counts[Q.RELEASED] = sum(released_by_line(known).values())
    for payment in known.order.payments:
        counts[Q.AUTHORIZED] += payment.authorized  # type: ignore[assignment]
        counts[Q.CAPTURED] += payment.captured  # type: ignore[assignment]
        counts[Q.REFUNDED] += payment.refunded  # type: ignore[assignment]
        counts[Q.CHARGED_BACK] += payment.charged_back  # type: ignore[assignment]
    for movement in known.history.movements:
        if movement.kind is MovementKind.CREDIT:
            counts[Q.CREDITED] += movement.amount  # type: ignore[assignment]
    return counts


def grown(before: OrderRecord, after: OrderRecord) -> set[Quantity]:
    """Of what there is more."""
    earlier, later = quantities(before), quantities(after)
    return {each for each in Quantity if later[each] > earlier[each]}


def targets(kind: type[Event]) -> set[Quantity]:
    """Where an event moves something."""
    return {target for _, target in TRANSITIONS[kind].moves}


# -- It says what is so ----------------------------------------------------------------------------


def sent(story: Story) -> None:
    """One unit has left."""
    story.happened(Shipped, parcel="p1", location="x", lines=ONE)


def announced(story: Story) -> None:
    """And is to come back."""
    sent(story)
    story.happened(ReturnRequested, ref="r1", lines=ONE)


def back(story: Story) -> None:
    """It came back, and nobody has looked at it."""
    sent(story)
    story.happened(ReturnReceived, ref="r1", lines=ONE, location="x", restocked={})


def handed_over(story: Story) -> None:
    """A location has it."""
    story.happened(Released, ref="f1", location="x", lines=ONE)


def taken(story: Story) -> None:
    """Money came."""
    story.happened(Captured, ref="c1", **CARD)


def returned_money(story: Story) -> None:
    """And went back."""
    taken(story)
    story.happened(Refunded, ref="b1", **CARD)


def put_off(story: Story) -> None:
    """The customer is asked whether they wait."""
    story.happened(DelayAsked, new_date=NOON + timedelta(days=1), ref="d1")


def lowered(story: Story) -> None:
    """One unit fewer is ordered."""
    story.happened(Amended, **LOWERED)


def nothing(_: Story) -> None:
    """It is as it was placed."""


WITNESSES: list[tuple[type[Event], Callable[[Story], None], dict[str, Any], set[Quantity]]] = [
    (Amended, nothing, {"added": [line("2", 1)]}, {Q.OPEN}),
    (Amended, nothing, LOWERED, {Q.CANCELLED}),
    (Amended, lowered, {"ordered": {"1": 2}}, {Q.OPEN}),
    (Cancelled, nothing, {}, {Q.CANCELLED}),
    (DelayAnswered, put_off, {"is_accepted": False}, {Q.CANCELLED}),
    (CreditGranted, nothing, {"amount": Decimal(1)}, {Q.CREDITED}),
    (Released, nothing, {"ref": "f1", "location": "x", "lines": ONE}, {Q.RELEASED}),
    (NotFulfilled, handed_over, {"ref": "f1"}, set()),
    (Shipped, nothing, {"parcel": "p1", "location": "x", "lines": ONE}, {Q.SHIPPED}),
    (Provided, nothing, {"lines": ONE}, {Q.SHIPPED}),
    (ShipmentVoided, sent, {"parcel": "p1"}, {Q.OPEN}),
    (Tracked, sent, {"parcel": "p1", "stage": "delivered"}, {Q.DELIVERED}),
    (Delivered, nothing, {"parcel": "p9", "lines": ONE}, {Q.SHIPPED, Q.DELIVERED}),
    (Lost, nothing, {"parcel": "p9", "lines": ONE, "credited": ONE}, {Q.SHIPPED, Q.LOST}),
    (Lost, sent, {"parcel": "p1", "lines": ONE, "reopened": ONE}, {Q.LOST, Q.OPEN}),
    (Authorized, nothing, {"payment": "new", "amount": Decimal(5)}, {Q.AUTHORIZED}),
    (AuthorizationExpired, nothing, {"payment": "card"}, set()),
    (Voided, nothing, {"payment": "card"}, set()),
    (Captured, nothing, {"ref": "c1", **CARD}, {Q.CAPTURED}),
    (CaptureFailed, taken, {"ref": "c1", **CARD}, {Q.AUTHORIZED}),
    (Refunded, taken, {"ref": "b1", **CARD}, {Q.REFUNDED}),
    (RefundFailed, returned_money, {"ref": "b1", **CARD}, set()),
    (ChargedBack, taken, {"ref": "b1", **CARD}, {Q.CHARGED_BACK}),
    (ReturnRequested, sent, {"ref": "r1", "lines": ONE}, {Q.RETURN_REQUESTED}),
    (ReturnClosed, announced, {"ref": "r1"}, set()),
    (
        ReturnReceived,
        announced,
        {"ref": "r1", "lines": ONE, "location": "x"},
        {Q.RETURNED, Q.RESTOCKED},
    ),
    (
        ReturnReceived,
        sent,
        {"lines": ONE, "location": "x", "restocked": {}, "reopened": ONE},
        {Q.RETURNED, Q.OPEN},
    ),
    (ReturnInspected, back, {"ref": "r1", "restocked": ONE}, {Q.RESTOCKED}),
]


@pytest.mark.parametrize(("kind", "prepare", "content", "expected"), WITNESSES)
def test_an_event_moves_what_the_table_says(
    kind: type[Event],
    prepare: Callable[[Story], None],
    content: dict[str, Any],
    expected: set[Quantity],
) -> None:
    """Of each quantity that it names as a target there is more; what is shown as a rest sinks."""
    story = Story(payments=[Payment(id="card", amount=Decimal(10), authorized_at=NOON)])
    prepare(story)
    before = story.record
    story.happened(kind, **content)
    assert grown(before, story.record) == expected
    assert expected <= targets(kind)


def test_each_move_of_the_table_has_a_witness() -> None:
    """But for those to a rest (open, due, authorised, captured) which the sum does not show."""
    witnessed: dict[type[Event], set[Quantity]] = {}
    for kind, _, _, expected in WITNESSES:
        witnessed.setdefault(kind, set()).update(expected)
    missing = {
        kind.__name__: targets(kind) - witnessed.get(kind, set())
        for kind in EVENTS
        if targets(kind) - witnessed.get(kind, set())
    }
    assert missing == {
        "AuthorizationExpired": {Q.DUE},
        "NotFulfilled": {Q.OPEN},
        "RefundFailed": {Q.CAPTURED},
        "ReturnClosed": {Q.SHIPPED},
        "Tracked": {Q.SHIPPED},
        "Voided": {Q.DUE},
    }


@given(streams())
@FEWER
def test_nothing_grows_that_the_table_does_not_name(events: list[Event]) -> None:
    """In any sequence of events: but for facts that had no room before, and have some now."""
    known, inventory = record(), stock()
    late: set[Quantity] = set()
    for event in events:
        step = advance(known, event, inventory, now=NOON)
        late |= targets(type(event))
        allowed = targets(type(event)) | {Q.OPEN, Q.CANCELLED, Q.RELEASED}
        more = grown(known, step.record)
        assert more <= allowed | late
        if not TRANSITIONS[type(event)].moves:
            assert more == set()
        known, inventory = step.record, step.inventory


# -- It is drawn -----------------------------------------------------------------------------------


def test_the_table_of_the_docs_has_a_row_for_each_event() -> None:
    """With what it moves, and when it is refused at once."""
    head, _, *rows = drawing.table(TRANSITIONS)
    assert [row.split("`")[1] for row in rows] == [kind.__name__ for kind in TRANSITIONS]
    assert {row.count(" | ") for row in (head, *rows)} == {3}
    assert (
        "| `Released` | an intention | open → released | cancelled (`order.cancelled`);"
        " shipped, delivered, lost, returned (`order.settled`) |"
    ) in rows


def test_the_diagram_draws_each_move_once_with_its_events() -> None:
    """An arrow for each pair, the name of each event beside it, a box for each quantity."""
    svg = drawing.diagram(TRANSITIONS)
    arcs = drawing.arcs_of(TRANSITIONS)
    assert svg.count("marker-end") == len(arcs)
    names = Counter(re.findall(r">([^<]+)</text>", svg))
    drawn = Counter([name for of_arc in arcs.values() for name in of_arc])
    boxes = Counter([each.replace("_", " ") for move in arcs for each in {*move}])
    assert names == drawn + Counter(dict.fromkeys(boxes, 1))
    assert svg.count("<rect") == len(boxes)


def test_units_and_money_are_apart() -> None:
    """What hangs together is drawn in one row."""
    rows = drawing.bands(drawing.arcs_of(TRANSITIONS))
    assert [row[0] for row in rows] == [Q.CANCELLED, Q.CREDITED]
    assert sum(len(row) for row in rows) == len(Quantity)


def test_a_further_move_is_drawn() -> None:
    """The drawing is made of the table, and of nothing else."""
    further = TRANSITIONS[Voided]._replace(moves=((Q.AUTHORIZED, Q.CHARGED_BACK),))
    others = MappingProxyType({**TRANSITIONS, Voided: further})
    assert drawing.diagram(others).count("marker-end") == 1 + len(drawing.arcs_of(TRANSITIONS))
    assert "authorized → charged_back" in "".join(drawing.table(others))


def test_the_page_shows_both() -> None:
    """And no drawing by hand beside them."""
    page = PAGE.read_text("utf-8")
    assert page.count("```{transition-table}") == page.count("```{picture} transitions") == 1
    assert "--->" not in page
