"""What to capture with each parcel, what to give back, how long an authorization lasts; and orders
that this run rejects, of which nobody counts anything.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import ADA, CONTEXT, NOW, line, mugs, order, refusal, run, run_record
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Audience,
    CustomerFacts,
    Facts,
    Inventory,
    Item,
    Kind,
    Order,
    OrderRecord,
    Outcome,
    PastOrder,
    Payment,
    Rejection,
    Stock,
    Supply,
    reject,
)
from fulfill_core.orders import Charges
from fulfill_core.verifiers import (
    amount_due,
    asked_last,
    authorization_lasts,
    covers_total,
    credit_covers,
    only_if,
    repeated_order,
    to_capture,
    to_refund,
)

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def payment(
    amount: str, payment_id: str = "p1", status: str = "authorized", **more: Any
) -> Payment:
    """A payment."""
    return Payment(id=payment_id, amount=Decimal(amount), status=status, **more)


def two_lines(*payments: Payment, **changes: Any) -> Order:
    """4 mugs of 2.50 and 2 pots of 3.00, and 5 for shipping: 21 in all."""
    lines = [
        line("1", "mug", 4, unit_price=Decimal("2.50")),
        line("2", "pot", 2, unit_price=Decimal(3)),
    ]
    return order(
        "A-1", lines=lines, payments=payments or [payment("21")], shipping=Decimal(5), **changes
    )


def capture(record: Order | OrderRecord, leaving: dict[str, int] | None, charges: str) -> str:
    """What is captured in all with this parcel."""
    amounts = to_capture(record, now=NOW, leaving=leaving, charges=charges)
    return f"{sum((amount for _, amount in amounts), Decimal(0)).normalize():f}"


# -- With each parcel ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("charges", "amounts"),
    [("first", ["10", "5", "6"]), ("last", ["5", "5", "11"]), ("share", ["6.56", "6.57", "7.87"])],
)
def test_a_parcel_is_captured_when_it_leaves(charges: str, amounts: list[str]) -> None:
    """Its units at their price, and the shipping once: with the first, the last, or by share."""
    subject = two_lines()
    record = OrderRecord(order=subject)
    captured = Decimal(0)
    asked: list[str] = []
    for line_id, units in (("1", 2), ("1", 2), ("2", 2)):
        asked.append(capture(record, {line_id: units}, charges))
        captured += Decimal(asked[-1])
        paid = Payment(
            id="p1", amount=Decimal(21), authorized=Decimal(21) - captured, captured=captured
        )
        record = attrs.evolve(record, order=attrs.evolve(subject, payments=[paid]))
        record = record.with_progress(line_id, shipped=units)
    assert asked == amounts
    assert captured == subject.total


@pytest.mark.parametrize(
    ("progress", "leaving", "amount"),
    [
        ({}, {}, "0"),
        ({}, {"1": 0}, "0"),
        ({}, {"1": 4, "2": 2}, "21"),
        ({}, {"1": 9}, "15"),
        ({"1": {"cancelled": 4}}, {"2": 1}, "8"),
        ({"1": {"cancelled": 4}}, {"2": 2}, "11"),
        ({"1": {"shipped": 2}}, {"2": 1}, "13"),
        ({"1": {"shipped": 4, "lost": 1, "reopened": 1}}, {"1": 1}, "15"),
        ({"1": {"shipped": 4, "returned": 4}}, {"2": 1}, "8"),
        ({"1": {"cancelled": 4}, "2": {"cancelled": 2}}, {}, "0"),
        ({"1": {"shipped": 4, "cancelled": 4}}, {}, "15"),
    ],
)
def test_what_has_left_and_leaves_is_owed(
    progress: dict[str, dict[str, int]], leaving: dict[str, int], amount: str
) -> None:
    """A capture that was left out comes with the next parcel; what goes again is not paid twice,
    nor what is beyond the order.
    """
    record = OrderRecord(order=two_lines())
    for line_id, units in progress.items():
        record = record.with_progress(line_id, **units)
    assert capture(record, leaving, "first") == amount


def test_free_units_share_no_charge() -> None:
    """Where nothing has a value the last parcel has the charges."""
    free = order("A-1", 1, 1, shipping=Decimal(5), payments=[payment("5")])
    assert capture(free, {"1": 1}, "share") == "0"
    assert capture(OrderRecord(order=free).with_progress("1", shipped=1), {"2": 1}, "share") == "5"


def test_no_tender_is_captured_beyond_what_it_authorises() -> None:
    """What ends first comes first; money that is there already is taken off."""
    subject = two_lines(
        payment("4", "gift", "captured"),
        payment("9", "a", expires_at=NOW + 2 * DAY),
        payment("9", "b", expires_at=NOW + DAY),
    )
    amounts = to_capture(subject, now=NOW, leaving={"1": 4})
    assert amounts == (("b", Decimal(9)), ("a", Decimal("2.00")))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"leaving": {"9": 1}},
            "to_capture.leaving: '9' is no line of order A-1; pass some of ['1', '2']",
        ),
        ({"leaving": {"1": -1}}, "to_capture.leaving['1']: -1 is below 0; pass 0 or more"),
        (
            {"leaving": {"1": 1.5}},
            "to_capture.leaving['1']: 1.5 is not an int; pass a whole number",
        ),
        ({"leaving": 2}, "to_capture.leaving: 2 is not a mapping; pass units by line id"),
        (
            {"charges": "never"},
            "to_capture.charges: 'never' is no Charges; pass one, or its word: 'first', 'last'",
        ),
        (
            {"lives": {"card": timedelta(0)}},
            "to_capture.lives['card']: datetime.timedelta(0) is no time at all; pass a timedelta",
        ),
        ({"lives": {"card": 7}}, "to_capture.lives['card']: 7 is not a timedelta"),
        ({"lives": ["card"]}, "to_capture.lives[0]: 'card' is not a row of 2 members"),
    ],
)
def test_what_cannot_leave_is_refused(arguments: dict[str, Any], message: str) -> None:
    """By the line, the word or the method that is wrong."""
    assert refusal(to_capture, two_lines(), now=NOW, **arguments).startswith(message)


units = st.integers(0, 5)


@given(st.lists(st.tuples(st.sampled_from("12"), units), max_size=6), st.sampled_from(Charges))
def test_captures_add_up(parcels: list[tuple[str, int]], charges: Charges) -> None:
    """However an order is parted into parcels, what is captured never exceeds what is due, never
    shrinks, and is the whole once all has left.
    """
    subject = two_lines(discount=Decimal("0.10"))
    record = OrderRecord(order=subject)
    captured = Decimal(0)
    for line_id, count in parcels:
        leaving = {line_id: count}
        for _, amount in to_capture(record, now=NOW, leaving=leaving, charges=charges):
            captured += amount
        paid = Payment(
            id="p1", amount=Decimal(21), authorized=Decimal(21) - captured, captured=captured
        )
        changed = attrs.evolve(record.order, payments=[paid])
        record = attrs.evolve(record, order=changed).with_progress(line_id, shipped=count)
        assert captured <= record.due
    if record.is_settled:
        assert captured == record.due == subject.total


# -- What goes back --------------------------------------------------------------------------------


def test_a_rejected_order_gives_all_of_it_back() -> None:
    """Gift cards included; and the decision names each payment."""
    gift = payment("4", "g", "captured", method="gift_card")
    foreign = payment("500", "y", "captured", currency="JPY")
    subject = order(
        lines=[line(unit_price=Decimal(10))],
        payments=[gift, foreign, payment("6", "d", "declined")],
    )
    result = run(subject, stock=mugs(berlin=5))
    decision = result["A-1"]
    assert decision.outcome is Outcome.REJECTED
    notes = [each for each in decision.findings if each.code == "payment.to_refund"]
    assert [(each.field, each.measure) for each in notes] == [
        ("payments[g].captured", Decimal(4)),
        ("payments[y].captured", Decimal(500)),
    ]
    assert notes[1].detail == (
        "500 JPY was captured and is to be given back: the order is rejected."
    )
    expected = (("y", Decimal(500)), ("g", Decimal(4)))
    assert to_refund(decision) == to_refund(result.records[0]) == expected
    assert to_refund(subject) == ()


def test_a_person_who_rejects_gives_back_as_well() -> None:
    """Who turned it down makes no difference; what has left stays paid."""
    subject = two_lines(payment("21", status="captured"))
    ruling = Rejection(
        order_id="A-1", fingerprint=subject.fingerprint, by="Grace", at=NOW, reason="fraud"
    )
    record = OrderRecord(order=subject, rejections=[ruling]).with_progress("2", shipped=1)
    decision = run_record(record, mugs(berlin=9))["A-1"]
    assert decision.outcome is Outcome.REJECTED
    assert to_refund(decision) == (("p1", Decimal(13)),)  # 3 for the pot and 5 for the way stay
    assert [each.measure for each in decision.findings if each.evidence == "p1"] == [Decimal(13)]


@pytest.mark.parametrize(
    ("progress", "amounts"),
    [
        ({}, ()),
        ({"1": {"cancelled": 1}}, (("card", Decimal("2.50")),)),
        ({"1": {"shipped": 4, "returned": 3}}, (("card", Decimal("7.50")),)),
        ({"1": {"cancelled": 4}, "2": {"cancelled": 1}}, (("card", 10), ("gift", 3))),
        ({"1": {"cancelled": 4}, "2": {"cancelled": 2}}, (("card", 10), ("gift", 11))),
    ],
)
def test_what_is_beyond_what_is_due_goes_back(
    progress: dict[str, dict[str, int]], amounts: tuple[tuple[str, Any], ...]
) -> None:
    """The last tender first, none more than it gave; all of it if all was cancelled."""
    subject = two_lines(
        payment("11", "gift", "captured", method="gift_card", authorized_at=NOW - DAY),
        payment("10", "card", "captured", authorized_at=NOW),
    )
    record = OrderRecord(order=subject)
    for line_id, count in progress.items():
        record = record.with_progress(line_id, **count)
    assert to_refund(record) == amounts


def test_what_went_back_is_not_given_back_again() -> None:
    """30 of 100 were refunded, then all comes back: 70 go back, not 100; what was charged back is
    gone, too.
    """
    paid = Payment(id="p1", amount=Decimal(100), status="captured", refunded=Decimal(30))
    subject = order(lines=[line(unit_price=Decimal(100))], payments=[paid])
    record = OrderRecord(order=subject).with_progress("1", cancelled=1)
    assert to_refund(record) == (("p1", Decimal(70)),)
    taken_back = attrs.evolve(paid, charged_back=Decimal(70))
    assert to_refund(attrs.evolve(record, order=attrs.evolve(subject, payments=[taken_back]))) == ()


def test_a_refund_is_in_what_the_gateway_pays() -> None:
    """Whole forints, where it knows no others."""
    paid = payment("2000", status="captured")
    subject = order(
        lines=[line(quantity=3, unit_price=Decimal("666.50"))], currency="HUF", payments=[paid]
    )
    record = OrderRecord(order=subject).with_progress("1", cancelled=1)
    assert to_refund(record, exponents={"HUF": 0}) == (("p1", Decimal(667)),)


def test_what_to_refund_is_asked_of_an_order() -> None:
    """Something else is refused."""
    wrong: Any = None
    assert refusal(to_refund, wrong) == "order: None is not of type Order; pass one"


# -- How long it lasts -----------------------------------------------------------------------------

LIVES = {"card": 7 * DAY, "invoice": 30 * DAY}


@pytest.mark.parametrize(
    ("changes", "is_good"),
    [
        ({"authorized_at": NOW - 7 * DAY}, False),
        ({"authorized_at": NOW - 7 * DAY + MINUTE}, True),
        ({"authorized_at": NOW - 7 * DAY, "method": "invoice"}, True),
        ({"authorized_at": NOW - 7 * DAY, "method": "wallet"}, True),
        ({"authorized_at": NOW - 7 * DAY, "expires_at": NOW + DAY}, False),
        ({"authorized_at": NOW - DAY, "expires_at": NOW}, False),
        ({"authorized_at": None}, True),
        ({"authorized_at": NOW.replace(year=9998)}, True),
    ],
)
def test_of_an_end_and_a_life_the_earlier_counts(changes: dict[str, Any], is_good: bool) -> None:
    """An authorization of which only the beginning is known does not live for ever."""
    subject = order(lines=[line(unit_price=Decimal(20))], payments=[payment("20", **changes)])
    rule = covers_total(lives=LIVES)
    codes = [each.code for each in rule(subject, context=CONTEXT)]
    assert codes == ([] if is_good else ["payment.expired"])
    assert amount_due(subject, now=NOW, lives=LIVES) == (0 if is_good else 20)
    assert bool(to_capture(subject, now=NOW, lives=LIVES)) is is_good
    assert repr(covers_total(lives={"card": DAY})) == (
        "covers_total(lives={'card': datetime.timedelta(days=1)})"
    )


def test_a_run_is_due_when_a_life_ends() -> None:
    """The host's table says when to run again, as an end that the gateway gave does."""
    subject = order(
        lines=[line(unit_price=Decimal(20))], payments=[payment("20", authorized_at=NOW - DAY)]
    )
    result = run(subject, stock=mugs(berlin=5), verifiers=[covers_total(lives=LIVES)])
    assert result.wake_at == NOW + 6 * DAY
    assert run(subject, stock=mugs(berlin=5), verifiers=[covers_total()]).wake_at is None


def test_the_staff_is_told_of_an_end_before_the_departure() -> None:
    """What waits for a supply that comes after the end: a message with the reason, once."""
    subject = order(
        lines=[line(unit_price=Decimal(20))], payments=[payment("20", authorized_at=NOW - DAY)]
    )
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=0)],
        items=[Item(sku="mug", backorderable=True)],
        supplies=[Supply(id="PO-1", sku="mug", quantity=9, expected_at=NOW + 9 * DAY)],
    )
    rule = covers_total(lives=LIVES)
    verifiers = [rule, authorization_lasts(covers=rule)]
    first = run_record(OrderRecord(order=subject), stock, verifiers=verifiers)
    (message,) = [each for each in first.notifications if each.audience is Audience.STAFF]
    assert (message.kind, [code for code, _ in message.reasons]) == (
        Kind.AUTHORIZATION_ENDS,
        ["payment.expires_before_shipping"],
    )
    again = run_record(first.records[0], first.inventory, verifiers=verifiers)
    assert again.notifications == ()


def test_a_table_that_cannot_be_is_refused() -> None:
    """A method twice, a life that is none."""
    assert refusal(covers_total, lives=[("card", DAY), ("card", DAY)]) == (
        "covers_total.lives[1]: 'card' was given before; each method comes once"
    )
    assert refusal(covers_total, lives={"": DAY}).startswith("covers_total.lives (key): ''")


# -- What the run rejects --------------------------------------------------------------------------

WITHIN = repeated_order(within=5 * MINUTE)


def tries(*payments: Payment, **changes: Any) -> list[Order]:
    """Orders of the same mug by one customer, a minute apart."""
    return [
        order(
            f"A-{number}",
            lines=[line(unit_price=Decimal(10))],
            placed_at=NOW - DAY + number * MINUTE,
            payments=[one],
            **changes,
        )
        for number, one in enumerate(payments)
    ]


def outcomes(batch: list[Any], *verifiers: Any, **facts: Any) -> list[str]:
    """What becomes of the orders, by id."""
    known = {"customer_id": ADA.id, **facts}
    result = run(
        *batch,
        stock=mugs(berlin=9),
        verifiers=verifiers,
        facts=Facts(customers=[CustomerFacts(**known)]),
    )
    return [str(each.outcome) for each in sorted(result.decisions, key=lambda each: each.id)]


GOOD, DECLINED = payment("10", status="captured"), payment("10", status="declined")


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([DECLINED, GOOD], ["rejected", "allocated"]),
        ([DECLINED, DECLINED, GOOD], ["rejected", "rejected", "allocated"]),
        ([DECLINED, GOOD, GOOD], ["rejected", "allocated", "held"]),
        ([GOOD, DECLINED, GOOD], ["allocated", "rejected", "held"]),
        ([payment("10", status="pending"), GOOD], ["held", "held"]),
    ],
)
def test_a_good_second_try_passes(payments: list[Payment], expected: list[str]) -> None:
    """An order that the run rejects is nothing that could be repeated; one that is held is."""
    for verifiers in ([covers_total(), WITHIN], [WITHIN, asked_last(covers_total())]):
        assert outcomes(tries(*payments), *verifiers) == expected


def test_a_combination_passes_it_on() -> None:
    """Within a condition the verifier leaves out what is rejected all the same."""

    def always(order: Order, /, *, context: Any) -> bool:
        return True

    verifiers = [covers_total(), only_if(always, WITHIN)]
    assert outcomes(tries(DECLINED, GOOD), *verifiers) == ["rejected", "allocated"]


def test_whoever_rejects_it() -> None:
    """A rule of the host's own, or a person; whether or not the host knows the order as well."""

    def denied(order: Order, /, *, context: Any) -> Any:
        return [reject("shop.denied")] if order.id == "A-0" else []

    orders = tries(GOOD, GOOD)
    past = [
        PastOrder(
            id=each.id,
            placed_at=each.placed_at,
            total=Decimal(10),
            currency="EUR",
            units={"mug": 1},
        )
        for each in orders
    ]
    assert outcomes(orders, denied, WITHIN, orders=past) == ["rejected", "allocated"]
    assert outcomes(orders, WITHIN, orders=past) == ["allocated", "held"]
    ruling = Rejection(
        order_id="A-0", fingerprint=orders[0].fingerprint, by="Grace", at=NOW, reason="fraud"
    )
    records: list[Any] = [OrderRecord(order=orders[0], rejections=[ruling]), orders[1]]
    assert outcomes(records, WITHIN) == ["rejected", "allocated"]


def test_what_has_left_is_rejected_by_nobody() -> None:
    """An order of which nothing is open is not judged: it is repeated as ever; so is one of two
    under one id.
    """
    orders = tries(DECLINED, GOOD)
    shipped: list[Any] = [OrderRecord(order=orders[0]).with_progress("1", shipped=1), orders[1]]
    assert outcomes(shipped, covers_total(), WITHIN) == ["completed", "held"]
    twice = [orders[0], attrs.evolve(orders[0], locale="de"), orders[1]]
    assert outcomes(twice, covers_total(), WITHIN) == ["held", "held"]


def test_a_rejected_order_uses_no_credit() -> None:
    """Nor does one that was cancelled; one that is held does."""
    on_terms = payment("10", "i", "pending", method="invoice")
    orders = tries(on_terms, on_terms)
    rules = [covers_total(pay_later=["invoice"]), credit_covers()]
    credit = {"credit_limit": Decimal(15), "currency": "EUR"}
    assert outcomes(orders, *rules, **credit) == ["allocated", "held"]
    refused = [attrs.evolve(orders[0], discount=Decimal(30)), orders[1]]

    def below_zero(order: Order, /, *, context: Any) -> Any:
        return [reject("shop.negative")] if order.total < 0 else []

    assert outcomes(refused, *rules, below_zero, **credit) == ["rejected", "allocated"]
    cancelled: list[Any] = [OrderRecord(order=orders[0]).with_progress("1", cancelled=1), orders[1]]
    assert outcomes(cancelled, *rules, **credit) == ["cancelled", "allocated"]
