"""Messages: to whom, about what, and when they are other news."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, decide, line, mugs, order, refusal, reserved, run

from fulfill_core import (
    Approval,
    Audience,
    Backorder,
    Customer,
    Decision,
    Inventory,
    Item,
    Kind,
    Notification,
    Order,
    Outcome,
    Short,
    ShortReason,
    Stock,
    Supply,
    hold,
    reject,
)
from fulfill_core.decisions import notification
from fulfill_core.decisions.notification import Rows, keep_rows_once, kind_in
from fulfill_core.notifications import customer_and_staff, news, to_customer, to_staff
from fulfill_core.notifications.rows import rows_of_both
from fulfill_core.pipeline import notifying

CUSTOMER, STAFF = Audience.CUSTOMER, Audience.STAFF
MAY = NOW + timedelta(days=60)
BACKORDERABLE = Inventory(
    [Stock(sku="mug", location="berlin", on_hand=2)],
    [Supply(id="PO-1", sku="mug", quantity=5, expected_at=MAY)],
    [Item(sku="mug", backorderable=True)],
)


def told(subject: Order, stock: Inventory | None = None, **options: Any) -> list[Notification]:
    """The messages about one order that is not verified."""
    return list(run(subject, stock=stock, verifiers=(), **options).notifications)


def brief(messages: list[Notification]) -> list[tuple[str, Audience]]:
    """Kinds and audiences."""
    return [(message.kind, message.audience) for message in messages]


# -- What is told ---------------------------------------------------------------------------------


def test_a_confirmed_order_is_confirmed_with_its_lines() -> None:
    """The customer of an allocated order hears what was confirmed, to the unit."""
    (message,) = told(order("A-1", 2), mugs(berlin=5))
    assert brief([message]) == [(Kind.CONFIRMED, CUSTOMER)]
    assert message.lines == (("1", "mug", 2, 2, 0, 0, None),)
    assert (message.order_id, message.recipient, message.locale) == ("A-1", "ada@example.com", "en")


def test_what_is_partly_there_comes_with_the_date_of_the_rest() -> None:
    """Partly backordered: how many now, how many later, and when."""
    (message,) = told(order("A-1", 5), BACKORDERABLE)
    assert brief([message]) == [(Kind.PARTLY_BACKORDERED, CUSTOMER)]
    assert message.lines == (("1", "mug", 5, 2, 3, 0, MAY),)


def test_what_has_to_wait_comes_with_the_date() -> None:
    """Backordered: nothing now, and when it is expected."""
    (message,) = told(order("A-1", 3), BACKORDERABLE.with_counted("mug", "berlin", 0))
    assert brief([message]) == [(Kind.BACKORDERED, CUSTOMER)]
    assert message.lines == (("1", "mug", 3, 0, 3, 0, MAY),)


def test_a_shortage_is_told_with_what_is_confirmed() -> None:
    """Who gets less than they ordered hears of what comes and what does not, in one message."""
    both = order(lines=[line("1", "mug", 2), line("2", "cup", 3)])
    (message,) = told(both, mugs(berlin=5))
    assert brief([message]) == [(Kind.PARTLY_CONFIRMED, CUSTOMER)]
    assert message.lines == (("1", "mug", 2, 2, 0, 0, None), ("2", "cup", 3, 0, 0, 3, None))


def test_a_line_that_comes_in_part_is_one_row() -> None:
    """A line that is confirmed in part and short in part says both."""
    (message,) = told(order("A-1", 5), mugs(berlin=2))
    assert message.lines == (("1", "mug", 5, 2, 0, 3, None),)


def test_an_order_that_cannot_be_fulfilled_hears_only_that() -> None:
    """Nothing confirmed, nothing promised: one message."""
    (message,) = told(order("A-1", 5), mugs(berlin=0))
    assert brief([message]) == [(Kind.UNFULFILLABLE, CUSTOMER)]


def test_what_needs_no_stock_comes_beside_what_will_not() -> None:
    """A download comes whatever is missing: who reads of the rest only would take it for all."""
    both = order(lines=[line("1", "mug", 3), line("2", "card", 1)])
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=0)],
        items=[Item(sku="card", tracked=False)],
    )
    (message,) = told(both, stock)
    assert decide(both, stock).outcome is Outcome.UNFULFILLABLE
    assert brief([message]) == [(Kind.PARTLY_CONFIRMED, CUSTOMER)]
    assert message.lines == (("1", "mug", 3, 0, 0, 3, None), ("2", "card", 1, 1, 0, 0, None))


def test_backordered_and_short_is_told_together() -> None:
    """Of an order that waits for one line and never gets the other, each line is told."""
    both = order(lines=[line("1", "mug", 3), line("2", "cup", 3)])
    (message,) = told(both, BACKORDERABLE.with_counted("mug", "berlin", 0))
    assert brief([message]) == [(Kind.PARTLY_CONFIRMED, CUSTOMER)]
    assert message.lines == (("1", "mug", 3, 0, 3, 0, MAY), ("2", "cup", 3, 0, 0, 3, None))


def test_a_scheduled_order_is_told_so() -> None:
    """An order that is not due hears that it is scheduled."""
    (message,) = told(order("A-1", 1, ship_after=MAY), mugs(berlin=5))
    assert brief([message]) == [(Kind.SCHEDULED, CUSTOMER)]


def test_on_hold_is_told_to_both_and_the_reasons_to_the_staff() -> None:
    """The staff hears why; the customer hears that it takes longer, and not why."""
    subject = order(customer=Customer(id="C-1", phone="+49 30 1234"))
    staff, customer = run(subject).notifications
    assert brief([staff, customer]) == [(Kind.REVIEW_NEEDED, STAFF), (Kind.ON_HOLD, CUSTOMER)]
    assert staff.reasons == (("order.no_lines", "The order asks for nothing."),)
    assert (staff.recipient, customer.recipient, customer.reasons) == ("", "+49 30 1234", ())


def test_a_rejected_order_is_told_so() -> None:
    """The customer of a rejected order hears that it is."""
    (message,) = run(order("A-1", 1, discount=Decimal(5))).notifications
    assert brief([message]) == [(Kind.REJECTED, CUSTOMER)]


def test_of_a_conflicting_duplicate_only_the_staff_is_told() -> None:
    """Whose order it is has to be found out first."""
    (message,) = run(order("A-1", 1), order("A-1", 2)).notifications
    assert brief([message]) == [(Kind.REVIEW_NEEDED, STAFF)]
    assert message.reasons == (
        ("order.conflicting_duplicate", "The batch holds different orders under the id 'A-1'."),
    )


def test_waived_findings_are_no_reasons() -> None:
    """What a person waived needs no second look."""
    subject = order(customer=Customer(id="C-1"))
    approval = Approval(
        order_id="A-1",
        fingerprint=subject.fingerprint,
        any_later=["contact.missing"],
        by="Grace",
        at=NOW,
    )
    staff, _ = run(subject, approvals=[approval]).notifications
    assert [code for code, _ in staff.reasons] == ["order.no_lines"]


# -- To whom --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "phone", "recipient"),
    [
        ("a@b.c", "+49 30 1", ("a@b.c", "email")),
        (" a@b.c\n", "", ("a@b.c", "email")),
        ("", "+49 30 1", ("+49 30 1", "phone")),
        ("n/a", " +49 30 901820", ("+49 30 901820", "phone")),
        ("a@b.c, d@b.c", "30901820", ("30901820", "phone")),
        ("a@b.c d", "30901820", ("30901820", "phone")),
        ("a@b.c\r\nBcc: d@e.f", "", ("", "")),
        ("@b.c", "", ("", "")),
        ("a@", "", ("", "")),
        (f"{64 * 'a'}@b.c", "", (f"{64 * 'a'}@b.c", "email")),
        (f"{65 * 'a'}@b.c", "", ("", "")),
        ("-", "none", ("", "")),
        ("", "", ("", "")),
    ],
)
def test_the_recipient_is_one_mailbox(email: str, phone: str, recipient: tuple[str, str]) -> None:
    """The e-mail address of the order, if it can be one, or else the phone number; or nothing."""
    subject = order(customer=Customer(id="C-1", email=email, phone=phone))
    (message,) = told(subject)
    assert (message.recipient, message.medium) == recipient


def test_the_locale_is_the_orders_own() -> None:
    """Each order is answered in the language that it was placed in; the staff in the shop's."""
    result = run(
        order("A-1", 1, locale="de-AT"), order("A-2", 1, locale="ja"), order("A-3", locale="fr")
    )
    assert {(each.order_id, each.audience, each.locale) for each in result.notifications} == {
        ("A-1", CUSTOMER, "de-AT"),
        ("A-2", CUSTOMER, "ja"),
        ("A-3", CUSTOMER, "fr"),
        ("A-3", STAFF, "en"),
    }


# -- When it is other news ------------------------------------------------------------------------


def ids(decision: Decision) -> list[str]:
    """The ids of what is told about a decision."""
    return [message.id for message in customer_and_staff(decision, context=CONTEXT)]


def test_an_id_is_order_kind_and_a_digest() -> None:
    """The id is a fixed function of the news, in every process: hosts keep them for years."""
    assert ids(decide(order("A-1", 2), mugs(berlin=5), verifiers=())) == [
        "A-1:order.confirmed:3d1dbca36d2d7fb7"
    ]


def test_an_id_has_a_kind_of_the_hosts_own_as_its_text() -> None:
    """A kind that is a member of an enum of text is in the id as the text that it is."""

    class Offer(str, Enum):  # noqa: UP042 - the one whose text is another when it is formatted
        CHOICE = "offer.choice"

    (message,) = told(order("A-1", 2), mugs(berlin=5))
    offer = attrs.evolve(message, kind=Offer.CHOICE)
    assert kind_in(offer.id) == "offer.choice"
    assert offer.id == attrs.evolve(message, kind="offer.choice").id


def test_the_same_news_has_the_same_id() -> None:
    """Run again on its own result, an order hears the same, and a host sends nothing twice."""
    first = run(order("A-1", 5), stock=BACKORDERABLE, verifiers=())
    again = run(order("A-1", 5), stock=first.inventory, verifiers=())
    assert [each.id for each in first.notifications] == [each.id for each in again.notifications]


PARTLY = Decision(
    order=order("A-1", 5),
    outcome=Outcome.PARTIALLY_ALLOCATED,
    rank=0,
    backorders=[Backorder(line_id="1", sku="mug", quantity=3, supply_id="PO-1", expected_at=MAY)],
    reserved=[reserved(quantity=2)],
)
LATER_DATE = attrs.evolve(
    PARTLY,
    backorders=[attrs.evolve(PARTLY.backorders[0], expected_at=MAY + timedelta(days=1))],
)
NO_DATE = attrs.evolve(PARTLY, backorders=[Backorder(line_id="1", sku="mug", quantity=3)])
MORE_NOW = attrs.evolve(
    PARTLY,
    backorders=[attrs.evolve(PARTLY.backorders[0], quantity=2)],
    reserved=[reserved(quantity=3)],
)
OTHER_ORDER = attrs.evolve(PARTLY, order=order("A-2", 5))


def test_other_news_has_another_id() -> None:
    """A new date, a date lost, other numbers or another order are other news."""
    decisions = [PARTLY, LATER_DATE, NO_DATE, MORE_NOW, OTHER_ORDER]
    assert len({each for decision in decisions for each in ids(decision)}) == len(decisions)


def test_a_rank_or_another_supply_of_the_same_date_is_no_news() -> None:
    """What the customer is not told does not make news."""
    same = attrs.evolve(
        PARTLY, rank=7, backorders=[attrs.evolve(PARTLY.backorders[0], supply_id="PO-2")]
    )
    assert ids(same) == ids(PARTLY)


def test_a_hold_for_another_reason_is_other_news() -> None:
    """An order that was released and is held again, for another reason, is on hold anew."""
    one, other = (
        Decision(order=order(), outcome=Outcome.HELD, findings=[hold(code)])
        for code in ("address.missing", "contact.missing")
    )
    assert not set(ids(one)) & set(ids(other))


# -- Parts for policies of one's own --------------------------------------------------------------

SHORT = Short(
    line_id="1", sku="mug", quantity=5, requested=5, available=0, reason=ShortReason.OUT_OF_STOCK
)


def test_news_of_every_line() -> None:
    """Every line of a decision is a row: ordered, confirmed, backordered, short, expected."""
    assert news(PARTLY) == (("1", "mug", 5, 2, 3, 0, MAY),)
    assert news(Decision(order=order("A-1", 5), outcome=Outcome.UNFULFILLABLE, shorts=[SHORT])) == (
        ("1", "mug", 5, 0, 0, 5, None),
    )
    untracked = attrs.evolve(PARTLY, backorders=[], reserved=[], untracked=["1"])
    assert news(untracked) == (("1", "mug", 5, 5, 0, 0, None),)


def test_messages_of_ones_own() -> None:
    """A policy of one's own makes messages of its own kinds, and says what makes them news."""
    decision = Decision(order=order(), outcome=Outcome.REJECTED, findings=[reject("a.b")])
    first = to_customer(decision, "order.sorry", reasons=(("a.b", "Odd."),))
    second = to_customer(decision, "order.sorry", reasons=(("a.b", "Odd."),), news_key="2")
    assert (first.kind, first.reasons, first.audience) == (
        "order.sorry",
        (("a.b", "Odd."),),
        CUSTOMER,
    )
    assert first.id != second.id
    assert to_staff(decision, "order.odd", news_key="1").id != to_staff(decision, "order.odd").id


@pytest.mark.parametrize("message_of", [to_customer, to_staff])
@pytest.mark.parametrize(
    ("decision", "kind", "offender"),
    [("A-1", "order.odd", "decision: 'A-1'"), (PARTLY, 7, "kind: 7")],
)
def test_a_message_about_no_decision_is_refused(
    message_of: Callable[..., Notification], decision: Any, kind: Any, offender: str
) -> None:
    """So is one of a kind that is no text: the policy that asked for it hears what is wrong."""
    assert refusal(message_of, decision, kind).startswith(offender)


def test_rows_of_another_width_are_other_news() -> None:
    """Whatever a policy puts into the rows of a message, other rows make it other news."""
    decision = Decision(order=order(), outcome=Outcome.REJECTED, findings=[reject("a.b")])
    narrow: list[Any] = [("1",), ("1", "mug"), ("2", "mug")]
    ids = {to_customer(decision, "order.sorry", (row,)).id for row in narrow}
    ids |= {to_staff(decision, "order.sorry", reasons=(row,)).id for row in [*narrow, ("1", 2, 3)]}
    assert len(ids) == 7


def test_no_text_can_pass_for_two() -> None:
    """Also of a text that has inside what stands between two: one reason is not two."""
    decision = Decision(order=order(), outcome=Outcome.REJECTED, findings=[reject("a.b")])
    rows = [[("a.b", "x\0c.d\0y")], [("a.b", "x"), ("c.d", "y")]]
    ids = {to_staff(decision, "order.sorry", reasons=reasons).id for reasons in rows}
    assert len(ids) == 2


# -- The value ------------------------------------------------------------------------------------

CONTENT: dict[str, Any] = {
    "kind": Kind.CONFIRMED,
    "order_id": "A-1",
    "audience": CUSTOMER,
    "recipient": "",
    "locale": "en",
}


def test_data_is_plain() -> None:
    """The content as dicts and lists, dates as text: for a template or for JSON."""
    message = Notification(
        **CONTENT,
        lines=[("1", "mug", 3, 2, 1, 0, MAY), ("2", "cup", 1, 1, 0, 0, None)],
        reasons=[("a.b", "Odd.")],
    )
    assert message.data == {
        "lines": [
            {
                "line_id": "1",
                "sku": "mug",
                "ordered": 3,
                "confirmed": 2,
                "backordered": 1,
                "short": 0,
                "expected_at": "2026-05-01T12:00:00+00:00",
            },
            {
                "line_id": "2",
                "sku": "cup",
                "ordered": 1,
                "confirmed": 1,
                "backordered": 0,
                "short": 0,
                "expected_at": None,
            },
        ],
        "reasons": [{"code": "a.b", "detail": "Odd."}],
        "delivered_at": None,
        "previous_date": None,
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (
            "previous_id",
            None,
            "Notification.previous_id: None is not text; pass '' if there is none",
        ),
        ("kind", None, "Notification.kind: None is not an id; pass a str, such as 'A-17'"),
        ("order_id", 3, "Notification.order_id: 3 is not an id; pass a str, such as 'A-17'"),
        (
            "audience",
            "nobody",
            (
                "Notification.audience: 'nobody' is no Audience; pass one, or its word: 'customer',"
                " 'staff', 'location'"
            ),
        ),
        ("recipient", None, "Notification.recipient: None is not text; pass '' if there is none"),
        ("locale", None, "Notification.locale: None is not text; pass '' if there is none"),
        (
            "lines",
            [("1",)],
            (
                "Notification.lines[0]: ('1',) is not a row of 7 members; pass"
                " (line_id, sku, ordered, confirmed, backordered, short, expected_at)"
            ),
        ),
        (
            "reasons",
            ["odd"],
            "Notification.reasons[0]: 'odd' is not a row of 2 members; pass (code, detail)",
        ),
        (
            "reasons",
            "odd",
            ("Notification.reasons: 'odd' is no collection of rows; pass a list of (code, detail)"),
        ),
    ],
)
def test_a_malformed_message_is_refused(field: str, value: object, message: str) -> None:
    """Each field of a message is checked by name."""
    assert refusal(Notification, **{**CONTENT, field: value}) == message


def test_rows_are_looked_up_among_the_last_ones() -> None:
    """A message takes the rows of one before that has the same. Once there are very many, it is
    begun anew: the value is the same, and what is wanted often is soon there again.
    """
    rows: Rows = {}
    messages = [attrs.evolve(told(order("A-1", 2), mugs(berlin=5))[0]) for _ in range(3)]
    for message in messages[:2]:
        keep_rows_once(message, rows)
    assert messages[0].lines is messages[1].lines
    rows.update({(number,): () for number in range(60_000)})
    another = attrs.evolve(messages[2], lines=[("1", "cup", 1, 1, 0, 0, None)])
    keep_rows_once(another, rows)
    assert (another.lines, len(rows)) == ((("1", "cup", 1, 1, 0, 0, None),), 2)


def test_what_only_the_staff_has_to_see_to_is_not_said_to_be_short() -> None:
    """Of a line that is short, and of which some comes, only that is told; of others nothing."""
    mug, cup, pot = (
        ("1", "mug", 2, 0, 0, 2, None),
        ("2", "cup", 3, 1, 0, 2, None),
        ("3", "pot", 1, 0, 0, 1, None),
    )
    assert rows_of_both((mug, cup, pot), (cup,), (mug,)) == (mug, ("2", "cup", 3, 1, 0, 0, None))
    assert rows_of_both((mug, cup), (cup,), (mug,)) == (mug, ("2", "cup", 3, 1, 0, 0, None))
    assert rows_of_both((mug, cup), (cup,), (mug, cup)) == (mug, cup)


def test_the_algorithm_of_digests_is_imported_once() -> None:
    """To import it for each digest anew costs a short one half of its time."""
    notification._empty_digest.cache_clear()
    digests = {notification.digest_of(("A-1", 2)) for _ in range(9)}
    assert len(digests) == 1
    assert notification._empty_digest.cache_info().misses == 1


def test_what_says_which_messages_are_news_is_imported_once() -> None:
    """Not before the first order of which something was told: to a run of new ones it is no use."""
    notifying._news_of.cache_clear()
    stock = mugs(berlin=5)
    first = run(order("A-1", 2), stock=stock)
    assert notifying._news_of.cache_info().misses == 0
    assert run(*first.records, stock=first.inventory).notifications == ()
    assert notifying._news_of.cache_info().misses == 1


def test_lines_are_no_reasons() -> None:
    """A message with lines is other news than one with reasons of the same words."""
    row = ("1", "mug", 2, 2, 0, 0, None)
    words = [str(each) for each in row * 2]
    about: dict[str, Any] = {
        "kind": Kind.CONFIRMED,
        "order_id": "A-1",
        "audience": Audience.CUSTOMER,
        "recipient": "ada@example.com",
        "locale": "en",
    }
    lines = Notification(lines=[row, row], **about)
    reasons = Notification(reasons=list(zip(words[::2], words[1::2], strict=True)), **about)
    assert lines.content_digest != reasons.content_digest
