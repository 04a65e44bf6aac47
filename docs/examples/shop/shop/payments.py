"""What was paid for Shopify's orders: by their transactions or, without any, by their status.

Nothing is guessed. What cannot be read, or means something that this reader does not know, counts
as no money and is a doubt: it holds its order until a person has looked (`rules.free_of_doubt`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from fulfill_core import Payment, PaymentStatus
from shop.records import Doubt, Fault, Record, excerpt, json_records

NOTHING = Decimal(0)
PAYMENT_UNCLEAR = "platform.payment_unclear"

_OPENED_BY = ("authorization", "sale")  # a payment; all other kinds change one
_KINDS = {*_OPENED_BY, "capture", "refund", "void"}
_STATES = {  # of a transaction; one that failed changes nothing
    "success": PaymentStatus.AUTHORIZED,
    "pending": PaymentStatus.PENDING,
    "failure": PaymentStatus.DECLINED,
    "error": PaymentStatus.ERROR,
}
_NOT_PAID = {"pending", "unpaid", "expired", "voided"}
_PAID = {"paid", "partially_paid", "partially_refunded", "refunded"}


@dataclass(frozen=True)
class Transaction:
    """One transaction as it was read; with a *problem* in words if it could not be."""

    id: str
    order_id: str
    parent_id: str
    kind: str
    status: str
    amount: Decimal
    currency: str
    is_test: bool
    method: str
    created: datetime | None
    expires: datetime | None
    answers: tuple[str, str]
    problem: str


@dataclass
class Tender:
    """A means of payment and all that became of it, each amount for itself.

    Args:
        state: of the transaction that opened it; only AUTHORIZED, a success, is worth anything.
        is_sale: it was captured at once.
        is_ended: what was not captured was given up.
        answers: the gateway's on the address and on the security code.
    """

    id: str
    authorized: Decimal
    captured: Decimal = NOTHING
    refunded: Decimal = NOTHING
    state: PaymentStatus = PaymentStatus.AUTHORIZED
    is_sale: bool = False
    is_ended: bool = False
    method: str = "by status"
    created: datetime | None = None
    expires: datetime | None = None
    answers: tuple[str, str] = ("", "")

    @property
    def open(self) -> Decimal:
        """What may still be captured."""
        is_open = self.state is PaymentStatus.AUTHORIZED and not self.is_ended
        return max(self.authorized - self.captured, NOTHING) if is_open else NOTHING

    @property
    def kept(self) -> Decimal:
        """What was captured and not given back."""
        return max(self.captured - self.refunded, NOTHING)

    def payments(self) -> Iterator[Payment]:
        """The same as the library takes it. No other place makes a `Payment`."""
        avs, cvv = self.answers
        parts: list[tuple[str, Decimal, PaymentStatus]] = []
        if self.state is not PaymentStatus.AUTHORIZED:
            parts.append((self.id, self.authorized, self.state))
        elif self.captured or (self.is_sale and not self.is_ended):
            is_gone = self.refunded and not self.kept
            status = PaymentStatus.REFUNDED if is_gone else PaymentStatus.CAPTURED
            parts.append((self.id, self.refunded if is_gone else self.kept, status))
            if self.open:
                parts.append((f"{self.id}-open", self.open, PaymentStatus.AUTHORIZED))
        else:
            status = PaymentStatus.VOIDED if self.is_ended else PaymentStatus.AUTHORIZED
            parts.append((self.id, self.authorized, status))
        for payment_id, amount, status in parts:
            yield Payment(
                id=payment_id,
                amount=amount,
                status=status,
                method=self.method,
                authorized_at=self.created,
                expires_at=None if status is PaymentStatus.CAPTURED else self.expires,
                avs=avs,
                cvv=cvv,
            )


@dataclass
class Settlement:
    """What an order's payments come to, and what is not clear about them."""

    tenders: list[Tender] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def payments(self) -> list[Payment]:
        """The payments, as the library takes them."""
        return [payment for tender in self.tenders for payment in tender.payments()]

    def doubts(self) -> list[Doubt]:
        """What is not clear, and what does not add up."""
        problems = list(self.problems)
        for tender in self.tenders:
            if tender.captured > tender.authorized:
                problems.append(f"Of the payment {tender.id!r} more was captured than authorized.")
            if tender.refunded > max(NOTHING, tender.captured) or tender.captured < 0:
                problems.append(f"Of the payment {tender.id!r} more went back than was captured.")
        return [Doubt(PAYMENT_UNCLEAR, "payments", problem) for problem in problems]


def settlement(
    record: Record, transactions: Iterable[Transaction] | None, total: Decimal, currency: str
) -> Settlement:
    """What was paid for the order of *record*.

    Args:
        record: the order; its own ``financial_status`` has the last word on what is not clear.
        transactions: its own, in any sequence; None if none are given.
        total: what it cost when it was placed.
        currency: in which the customer pays. A transaction may leave it out if the shop has no
            other one.
    """
    status = record.text("financial_status", "")
    if transactions is None:
        settled = _by_status(record, status, total, currency)
    else:
        implied = currency if record.text("currency", currency).upper() == currency else ""
        settled = _by_transactions(transactions, currency, implied)
        if status == "expired":  # the platform's word on what was only authorized
            for tender in settled.tenders:
                tender.is_ended = True
        money = sum((tender.open + tender.kept for tender in settled.tenders), NOTHING)
        if status in _NOT_PAID and money >= total > 0:
            settled.problems.append(f"The platform says {status!r}, and its transactions say paid.")
        if status == "partially_refunded" and not any(each.refunded for each in settled.tenders):
            settled.problems.append("The platform says 'partially_refunded' without any refund.")
    if status and status not in _PAID | _NOT_PAID | {"authorized"}:
        problem = f"The platform says {excerpt(status)} of the payment: not known to this shop."
        settled.problems.append(problem)
    return settled


# -- By status -------------------------------------------------------------------------------------


def _by_status(record: Record, status: str, total: Decimal, currency: str) -> Settlement:
    """One payment, told by the status of the order alone."""
    settled = Settlement()
    refunded = _refunded(record, currency, settled.problems)
    outstanding = record.money("total_outstanding", NOTHING)
    if record.faults:
        return settled
    tender = Tender(id=status, authorized=total, refunded=refunded, answers=gateway_answers(record))
    if status in _PAID:
        tender.is_sale, tender.captured = True, total
        if status == "partially_paid":
            tender.authorized = tender.captured = max(NOTHING, total - outstanding)
            settled.problems += _unclear_part(record, refunded, currency)
        elif status == "paid" and outstanding:
            settled.problems.append("The platform says 'paid', and that a part is outstanding.")
        elif status == "partially_refunded" and not refunded:
            settled.problems.append("The platform says 'partially_refunded', not how much.")
    elif status in {"pending", "unpaid"}:
        tender.state = PaymentStatus.PENDING
    elif status in _NOT_PAID:
        tender.is_ended = True
    elif status != "authorized":
        return settled  # none, or one that is not known: no money
    settled.tenders.append(tender)
    return settled


def _unclear_part(record: Record, refunded: Decimal, currency: str) -> Iterator[str]:
    """What makes it unclear how much of an order is paid that is paid in part."""
    says = "The platform says 'partially_paid'"
    if record.content.get("total_outstanding") is None:
        yield f"{says}, not how much is outstanding."
    elif currency != record.text("currency", currency).upper():
        yield f"{says}, and what is outstanding in a currency that is not the customer's."
    elif refunded:
        yield f"{says} and lists a refund: which of both counts in what is outstanding?"


def _refunded(record: Record, currency: str, problems: list[str]) -> Decimal:
    """What went back of an order that has no transactions of its own."""
    refunded = NOTHING
    for each in record.children("refunds"):
        for part in each.children("transactions"):
            kind, status = part.text("kind", ""), part.text("status", "")
            written_in = part.text("currency", currency).upper()
            amount = part.money("amount")
            if status in {"failure", "error"}:
                continue  # nothing went back
            if kind != "refund" or status != "success" or written_in != currency:
                what = f"{kind or 'transaction'} in {written_in}, {status or 'without a status'}"
                problems.append(f"A refund of the order is not clear: {excerpt(what)}.")
            else:
                refunded += amount
    return refunded


def gateway_answers(record: Record) -> tuple[str, str]:
    """The gateway's answers on the address and on the security code; empty if it gave none."""
    details = record.child("payment_details")
    if details is None:
        return "", ""
    return details.text("avs_result_code", ""), details.text("cvv_result_code", "")


# -- By transactions -------------------------------------------------------------------------------


def read_transactions(path: Path, faults: list[Fault]) -> dict[str, list[Transaction]]:
    """The transactions by order id. One that cannot be read is its order's, or its parent's."""
    if not path.exists():
        return {}
    everything = []
    for record in json_records(path, "transactions", "transaction"):
        everything.append(_transaction(record))
        faults += record.faults
    orders = {each.id: each.order_id for each in everything if each.id}
    by_order: defaultdict[str, list[Transaction]] = defaultdict(list)
    for each in everything:
        by_order[each.order_id or orders.get(each.parent_id, "")].append(each)
    return dict(by_order)


def _transaction(record: Record) -> Transaction:
    kind = record.text("kind")
    parent = "" if kind in _OPENED_BY else record.identity("parent_id")
    values = {
        "id": record.identity("id"),
        "order_id": record.identity("order_id"),
        "parent_id": parent,
        "kind": kind,
        "status": record.text("status"),
        "amount": record.money("amount"),
        "currency": record.text("currency", "").upper(),
        "is_test": record.flag("test", default=False),
        "method": record.text("gateway", "card"),
        "created": record.moment_if_any("created_at"),
        "expires": record.moment_if_any("authorization_expires_at"),
        "answers": gateway_answers(record),
    }
    faults = [
        f"{fault.position.removeprefix(f'{record.at}.').replace('_', ' ')} {fault.problem}"
        for fault in record.faults
    ]
    return Transaction(problem="; ".join(faults), **values)  # type: ignore[arg-type]


def _by_transactions(
    transactions: Iterable[Transaction], currency: str, implied: str
) -> Settlement:
    """The payments that transactions make up: captures and refunds of one add up."""
    settled = Settlement()
    clear = []
    for each in _distinct(transactions, settled.problems):
        problem = _problem_of(each, currency, implied)
        if problem:
            settled.problems.append(f"Transaction {each.id!r} of the order {problem}.")
        else:
            clear.append(each)
    tenders = {each.id: _tender(each) for each in clear if each.kind in _OPENED_BY}
    changes = [each for each in clear if each.kind not in _OPENED_BY and each.status == "success"]
    captures = {each.id: each for each in changes if each.kind == "capture"}
    for each in changes:
        capture = None if each.kind == "capture" else captures.get(each.parent_id)
        tender = tenders.get(capture.parent_id if capture else each.parent_id)
        if tender is None or tender.state is not PaymentStatus.AUTHORIZED:
            settled.problems.append(
                f"Transaction {each.id!r} of the order, a {each.kind}, is of {each.parent_id!r},"
                " which is no payment that went through."
            )
        else:
            _change(tender, each, capture)
    settled.tenders = list(tenders.values())
    return settled


def _distinct(transactions: Iterable[Transaction], problems: list[str]) -> Iterator[Transaction]:
    """Each transaction once: an export that was tried again has some twice."""
    by_id: dict[str, Transaction] = {}
    for each in transactions:
        if each.problem:
            name = repr(each.id) if each.id else "without an id"
            problems.append(f"Transaction {name} of the order cannot be read: {each.problem}.")
        elif each.id not in by_id:
            by_id[each.id] = each
            yield each
        elif by_id[each.id] != each:
            problems.append(f"Transaction {each.id!r} of the order is there twice, differently.")


def _problem_of(transaction: Transaction, currency: str, implied: str) -> str:
    """Why it is not clear what a transaction means; empty if it is."""
    if transaction.kind not in _KINDS:
        return f"is of a kind that this shop does not know, {excerpt(transaction.kind)}"
    if transaction.status not in _STATES:
        return f"has a status that this shop does not know, {excerpt(transaction.status)}"
    if transaction.status == "pending" and transaction.kind in {"refund", "void"}:
        return f"is a {transaction.kind} that is under way, so it is not known what stays paid"
    if transaction.status == "success":
        if (transaction.currency or implied) != currency:
            written_in = transaction.currency or "no currency"
            return f"is in {excerpt(written_in)}, and the order in {currency}"
        if transaction.is_test and transaction.kind in _OPENED_BY:
            return "is a test, which is no money"
    return ""


def _tender(transaction: Transaction) -> Tender:
    state = _STATES[transaction.status]
    is_sale = transaction.kind == "sale" and state is PaymentStatus.AUTHORIZED
    return Tender(
        id=transaction.id,
        authorized=transaction.amount,
        captured=transaction.amount if is_sale else NOTHING,
        state=state,
        is_sale=is_sale,
        method=transaction.method,
        created=transaction.created,
        expires=transaction.expires,
        answers=transaction.answers,
    )


def _change(tender: Tender, change: Transaction, capture: Transaction | None) -> None:
    """Let a capture, a refund or a void change the payment that it is of.

    A void takes back what it names: of a capture that one, of an authorization what is still open.
    """
    if change.kind == "capture":
        tender.captured += change.amount
    elif change.kind == "refund":
        tender.refunded += change.amount
    elif capture is not None:
        tender.captured -= capture.amount
        tender.is_ended = True
    else:
        tender.is_ended = True
        tender.captured -= tender.authorized if tender.is_sale else NOTHING
