"""What the sample shop takes for paid: amounts add up, and what is not known holds its order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop import cli, payments, rules, shopify
from shop.records import Record
from shop_desk import REAL, SHOP, Desk, change_orders, keep_orders

from fulfill_core import Decision, Inventory, Outcome, process
from fulfill_core.verifiers import covers_total

NOW = cli.SAMPLE_NOW["shopify"]
TOTAL = Decimal("29.90")
SAMPLE = json.loads((SHOP / "sample/shopify/orders.json").read_text("utf-8"))["orders"]
UNCLEAR = "platform.payment_unclear"
MONEY = {"AUTHORIZED", "CAPTURED"}


def transaction(number: int, kind: str, amount: str = "29.90", **more: Any) -> dict[str, Any]:
    """A transaction of the order #1001."""
    return {
        "id": number,
        "order_id": 881001,
        "parent_id": None,
        "kind": kind,
        "status": "success",
        "gateway": "card",
        "amount": amount,
        "currency": "EUR",
        "created_at": "2026-02-25T10:00:00+01:00",
        **more,
    }


def decided(
    folder: Path, transactions: Iterable[object] | None = None, **changes: object
) -> Decision:
    """What becomes of the order #1001 of 29.90, if only its payment is looked at."""
    (folder / "orders.json").write_text(json.dumps({"orders": [{**SAMPLE[0], **changes}]}))
    if transactions is not None:
        content = json.dumps({"transactions": list(transactions)})
        (folder / "transactions.json").write_text(content)
    read = shopify.read_orders(folder)
    stock = Inventory.of({("TEA-ASSAM-250", "x"): 9})
    verifiers = [covers_total(), rules.free_of_doubt(read.doubts)]
    return process(read.orders, stock, now=NOW, verifiers=verifiers)["881001"]


def codes(decision: Decision) -> set[str]:
    """The codes that stop an order."""
    return {each.code for each in decision.findings if each.severity.name in {"HOLD", "REJECT"}}


# -- By status -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["paid", "authorized"])
def test_a_status_that_is_money(tmp_path: Path, status: str) -> None:
    """An order without transactions is paid if the platform says so."""
    assert decided(tmp_path, financial_status=status).outcome is Outcome.ALLOCATED


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("pending", "payment.pending"),
        ("unpaid", "payment.pending"),
        ("expired", "payment.voided"),
        (None, "payment.insufficient"),
        ("", "payment.insufficient"),
        ("PAID", UNCLEAR),
        ("overdue", UNCLEAR),
        ("paid_externally", UNCLEAR),
        ("partially_authorized", UNCLEAR),
    ],
)
def test_a_status_that_is_none(tmp_path: Path, status: str | None, code: str) -> None:
    """Any other status is no money: it holds, and one that this shop does not know says so."""
    decision = decided(tmp_path, financial_status=status)
    assert (decision.outcome, code in codes(decision)) == (Outcome.HELD, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"financial_status": "partially_paid", "total_outstanding": None},
        {"financial_status": "partially_refunded"},
        {"financial_status": "paid", "total_outstanding": "29.90"},
        {
            "financial_status": "partially_paid",
            "total_outstanding": "0.00",
            "refunds": [{"transactions": [{"kind": "refund", "status": "success", "amount": "1"}]}],
        },
        {
            "financial_status": "partially_paid",
            "total_outstanding": "0.00",
            "currency": "USD",
            "presentment_currency": "EUR",
        },
        {"refunds": [{"transactions": [{"kind": "refund", "status": "pending", "amount": "1"}]}]},
        {
            "financial_status": "authorized",
            "refunds": [{"transactions": [{"kind": "void", "status": "success", "amount": "1"}]}],
        },
        {"refunds": [{"transactions": [{"kind": "change", "status": "success", "amount": "1"}]}]},
        {"refunds": [{"transactions": [{"kind": "refund", "status": "success", "amount": "99"}]}]},
        {
            "refunds": [
                {
                    "transactions": [
                        {"kind": "refund", "status": "success", "amount": "1", "currency": "USD"}
                    ]
                }
            ]
        },
    ],
)
def test_a_status_that_does_not_say_how_much(tmp_path: Path, changes: dict[str, object]) -> None:
    """How much of an order is paid is never guessed: not from half of what would say it, not from
    what contradicts itself, not from another currency.
    """
    decision = decided(tmp_path, **changes)
    assert (decision.outcome, UNCLEAR in codes(decision)) == (Outcome.HELD, True)


@pytest.mark.parametrize("status", ["failure", "error"])
def test_a_refund_that_failed_gave_nothing_back(tmp_path: Path, status: str) -> None:
    """A refund that did not happen changes nothing."""
    refund = {"kind": "refund", "status": status, "amount": "29.90"}
    decision = decided(tmp_path, refunds=[{"transactions": [refund]}])
    assert decision.outcome is Outcome.ALLOCATED


# -- By transactions -------------------------------------------------------------------------------

HOLD, GO = Outcome.HELD, Outcome.ALLOCATED
AUTHORIZED = transaction(1, "authorization")
CAPTURED = transaction(2, "capture", parent_id=1)
SOLD = transaction(1, "sale")


@pytest.mark.parametrize(
    ("transactions", "outcome"),
    [
        ([AUTHORIZED], GO),
        ([SOLD], GO),
        ([AUTHORIZED, CAPTURED], GO),
        # A refund names its capture, its sale, or its authorization: all the same.
        ([AUTHORIZED, CAPTURED, transaction(3, "refund", parent_id=2)], HOLD),
        ([AUTHORIZED, CAPTURED, transaction(3, "refund", "0.01", parent_id=2)], HOLD),
        ([AUTHORIZED, CAPTURED, transaction(3, "refund", parent_id=1)], HOLD),
        ([SOLD, transaction(3, "refund", parent_id=1)], HOLD),
        # Captures add up, and what is authorized beyond them stays.
        (
            [
                AUTHORIZED,
                transaction(2, "capture", "20.00", parent_id=1),
                transaction(3, "capture", "9.90", parent_id=1),
            ],
            GO,
        ),
        ([AUTHORIZED, transaction(2, "capture", "20.00", parent_id=1)], GO),
        # ... until it is given up.
        (
            [
                AUTHORIZED,
                transaction(2, "capture", "20.00", parent_id=1),
                transaction(3, "void", parent_id=1),
            ],
            HOLD,
        ),
        ([AUTHORIZED, transaction(3, "void", parent_id=1)], HOLD),
        ([AUTHORIZED, CAPTURED, transaction(3, "void", parent_id=2)], HOLD),
        ([SOLD, transaction(3, "void", parent_id=1)], HOLD),
        # What failed changes nothing.
        ([SOLD, transaction(3, "refund", parent_id=1, status="failure")], GO),
        ([AUTHORIZED, transaction(2, "capture", parent_id=1, status="pending")], GO),
        ([transaction(1, "sale", status="failure"), transaction(2, "sale")], GO),
        # An export that was tried again.
        ([SOLD, SOLD], GO),
        ([transaction(1, "sale", "14.95"), transaction(1, "sale", "14.95")], HOLD),
    ],
)
def test_amounts_add_up(
    tmp_path: Path, transactions: list[dict[str, object]], outcome: Outcome
) -> None:
    """What counts is what was captured and is still authorized, less what went back, in whichever
    sequence the transactions are listed.
    """
    for listed in (transactions, transactions[::-1]):
        decision = decided(tmp_path, listed, financial_status=None)
        assert decision.outcome is outcome
        assert UNCLEAR not in codes(decision)


@pytest.mark.parametrize(
    "transactions",
    [
        # Another currency, or none where there are two.
        [transaction(1, "sale", currency="USD")],
        [SOLD, transaction(2, "sale", currency="USD")],
        [SOLD, transaction(3, "refund", "1", parent_id=1, currency="USD")],
        # What cannot be read does not vanish: it may have been a refund.
        [SOLD, transaction(3, "refund", "1,00", parent_id=1)],
        [SOLD, transaction(3, "refund", parent_id=None)],
        [SOLD, transaction(3, "refund", parent_id=1, order_id=None)],
        [SOLD, transaction(3, "refund", parent_id=1, status=None)],
        [SOLD, {**SOLD, "id": None}],
        # What is not known.
        [SOLD, transaction(3, "change", parent_id=1)],
        [SOLD, transaction(3, "REFUND", parent_id=1)],
        [SOLD, transaction(3, "refund", parent_id=1, status="awaiting_response")],
        [SOLD, transaction(3, "refund", parent_id=1, status="pending")],
        [SOLD, transaction(3, "void", parent_id=1, status="pending")],
        # What does not fit together.
        [SOLD, transaction(3, "refund", parent_id=77)],
        [SOLD, transaction(3, "refund", parent_id=3)],
        [
            transaction(1, "sale", status="failure"),
            transaction(3, "capture", parent_id=1),
            transaction(4, "sale"),
        ],
        [SOLD, transaction(3, "refund", "30", parent_id=1)],
        [AUTHORIZED, transaction(2, "capture", "30", parent_id=1)],
        [SOLD, CAPTURED],
        [SOLD, transaction(1, "sale", "1.00")],
        [AUTHORIZED, CAPTURED] + [transaction(n, "void", parent_id=2) for n in (3, 4)],
        [transaction(1, "sale", test=True)],
    ],
)
def test_what_is_not_clear_holds(tmp_path: Path, transactions: list[dict[str, object]]) -> None:
    """A transaction that cannot be read, is not known or contradicts another one is not dropped:
    its order waits for a person, though the rest would pay for it.
    """
    decision = decided(tmp_path, transactions)
    assert (decision.outcome, UNCLEAR in codes(decision)) == (Outcome.HELD, True)


def test_a_transaction_without_a_currency(tmp_path: Path) -> None:
    """It is in the shop's own, if that is the customer's; else it is not known in which."""
    bare = {key: value for key, value in SOLD.items() if key != "currency"}
    assert decided(tmp_path, [bare]).outcome is Outcome.ALLOCATED
    decision = decided(tmp_path, [bare], currency="USD", presentment_currency="EUR")
    assert UNCLEAR in codes(decision)


@pytest.mark.parametrize(
    ("status", "transactions", "code"),
    [
        ("expired", [AUTHORIZED], "payment.voided"),
        ("expired", [SOLD], UNCLEAR),
        ("unpaid", [SOLD], UNCLEAR),
        ("pending", [AUTHORIZED], UNCLEAR),
        ("partially_refunded", [SOLD], UNCLEAR),
        ("disputed", [SOLD], UNCLEAR),
        ("pending", [transaction(1, "sale", status="pending")], "payment.pending"),
    ],
)
def test_the_platform_has_a_word_in_it(
    tmp_path: Path, status: str, transactions: list[dict[str, object]], code: str
) -> None:
    """Where the order's status and its transactions contradict each other, nobody is believed."""
    decision = decided(tmp_path, transactions, financial_status=status)
    assert (decision.outcome, code in codes(decision)) == (Outcome.HELD, True)


def test_a_transaction_of_nobody_is_named(tmp_path: Path) -> None:
    """If not even the order of a faulty transaction is known, the run names it, and goes on."""
    broken = transaction(3, "refund", "1,00", parent_id=9, order_id="881001.0")
    assert decided(tmp_path, [SOLD, broken]).outcome is Outcome.ALLOCATED
    faults = list(map(str, shopify.read_orders(tmp_path).faults))
    assert 'transactions.json: transactions[1].amount: "1,00" is not an amount' in faults


CENTS = st.integers(0, 500).map(lambda cents: Decimal(cents) / 100)


@given(
    authorized=CENTS,
    captures=st.lists(CENTS, max_size=3),
    refunds=st.lists(CENTS, max_size=3),
    is_void=st.booleans(),
    data=st.data(),
)
def test_no_money_is_made(
    authorized: Decimal,
    captures: list[Decimal],
    refunds: list[Decimal],
    is_void: bool,
    data: st.DataObject,
) -> None:
    """Whatever was captured, given back and given up, in whichever sequence it is listed: an order
    without a doubt has what was authorized less what went back, and less what was given up.
    """
    moves = [transaction(0, "authorization", str(authorized))]
    moves += [transaction(n, "capture", str(x), parent_id=0) for n, x in enumerate(captures, 10)]
    parents = st.sampled_from([0, *range(10, 10 + len(captures))])
    for n, amount in enumerate(refunds, 20):
        moves.append(transaction(n, "refund", str(amount), parent_id=data.draw(parents)))
    if is_void:
        moves.append(transaction(30, "void", parent_id=0))
    listed = data.draw(st.permutations(moves))
    settled = payments.settlement(
        Record({}, "orders.json", "order"),
        [payments._transaction(Record(each, "t", "t")) for each in listed],
        TOTAL,
        "EUR",
    )
    money = [each.amount for each in settled.payments() if each.status.name in MONEY]
    captured, refunded = sum(captures, Decimal(0)), sum(refunds, Decimal(0))
    adds_up = captured <= authorized and refunded <= captured
    assert bool(settled.doubts()) is not adds_up
    if adds_up:
        worth = captured if is_void else authorized
        assert sum(money, Decimal(0)) == worth - refunded


# -- How far it has come ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["FULFILLED", "scheduled", "on_hold", "in_progress"])
def test_an_unknown_fulfillment_keeps_its_units(desk: Desk, status: str) -> None:
    """An order whose ``fulfillment_status`` is not known is neither skipped nor served: it waits,
    with all that it has.
    """
    folder = keep_orders(desk.files(), "#1001", "#1002")
    options = ("--orders", folder, "--now", NOW.isoformat())
    desk("run", *options)
    reserved = desk.rows("select * from reservations")
    change_orders(folder, lambda by: by["#1001"].update(fulfillment_status=status))
    desk("run", *options)
    assert desk.rows("select outcome from orders where name = '#1001'") == [("held",)]
    assert desk.rows("select * from reservations") == reserved
    desk("approve", "1001", "--by", "Grace")
    desk("run", *options)
    assert desk.rows("select outcome from orders where name = '#1001'") == [("allocated",)]


def test_an_approved_doubt_is_that_doubt(desk: Desk) -> None:
    """A person approves what is not clear as it was seen: another doubt stops the order again."""
    folder = keep_orders(desk.files(), "#1001")
    options = ("--orders", folder, "--now", NOW.isoformat())
    path = folder / "transactions.json"
    listed = [SOLD, transaction(2, "change", parent_id=1)]
    path.write_text(json.dumps({"transactions": listed}))
    desk("run", *options)
    desk("approve", "1001", "--by", "Grace")
    desk("run", *options)
    assert desk.rows("select outcome from orders") == [("allocated",)]
    listed.append(transaction(3, "change", parent_id=1))
    path.write_text(json.dumps({"transactions": listed}))
    desk("run", *options)
    assert desk.rows("select outcome from orders") == [("held",)]


def test_what_really_happens_is_clear() -> None:
    """Of the recorded bodies no order is in doubt, but those that contradict themselves."""
    doubts: dict[str, list[str]] = {}
    for file in sorted((REAL / "shopify" / "order").glob("*.json")):
        body = json.loads(file.read_text("utf-8"))["body"]
        for each in body.get("orders", [body.get("order")]):
            if each:
                record = Record(each, file.name, "order")
                settled = payments.settlement(record, None, Decimal(each["total_price"]), "USD")
                problems = [doubt.detail for doubt in settled.doubts()]
                if problems:
                    doubts[file.name] = problems
    contradiction = ["The platform says 'paid', and that a part is outstanding."]
    assert set(map(tuple, doubts.values())) <= {tuple(contradiction)}
