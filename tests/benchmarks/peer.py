"""The same job as an engineer writes it in an afternoon, for one shop: the honest peer.

Frozen dataclasses, Decimal, enums, a list of rule functions, results that nobody can change, and
one mutable copy of the stock that is asked for. It gives the answer of `process`, and knows no more
than its shop needs: no plug-ins, no checks of what comes in, no lots, no kits, no rules of items.
It uses nothing of the library.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TypeAlias

NEVER = datetime.max.replace(tzinfo=UTC)
NOTHING = Decimal(0)
CENT = Decimal("0.01")
TIERS = {"gold": 0, "silver": 1, "bronze": 2}


class Severity(IntEnum):
    """How much a finding weighs."""

    NOTE = 1
    HOLD = 2
    REJECT = 3


class Outcome(StrEnum):
    """What was decided."""

    ALLOCATED = "allocated"
    PARTIALLY_ALLOCATED = "partially_allocated"
    BACKORDERED = "backordered"
    UNFULFILLABLE = "unfulfillable"
    SCHEDULED = "scheduled"
    HELD = "held"
    REJECTED = "rejected"


class Ship(StrEnum):
    """How an order ships."""

    PARTIAL = "partial"
    LINES = "lines"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of one SKU."""

    id: str
    sku: str
    quantity: int
    price: Decimal
    ships: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """One tender."""

    id: str
    amount: Decimal
    status: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Address:
    """Where it goes."""

    name: str
    street: tuple[str, ...]
    city: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class Order:
    """What a customer asked for."""

    id: str
    placed_at: datetime
    customer_id: str
    email: str
    phone: str
    tier: str
    lines: tuple[Line, ...]
    currency: str
    ship_to: Address | None
    payments: tuple[Payment, ...]
    shipping: Decimal
    discount: Decimal
    total: Decimal
    deliver_by: datetime | None
    ship_after: datetime | None
    ship: Ship
    locale: str

    @property
    def mailbox(self) -> str:
        """Where the customer can be written to: an e-mail address, else a phone number."""
        email = self.email.strip()
        local, at, domain = email.rpartition("@")
        is_address = at and local and domain and "@" not in local
        return email if is_address and " " not in email and email.isprintable() else self.phone


@dataclass(frozen=True, slots=True)
class Cell:
    """Units of a SKU at a location."""

    location: str
    on_hand: int
    safety: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Supply:
    """Units that will come."""

    id: str
    quantity: int
    expected_at: datetime


@dataclass(frozen=True, slots=True)
class Reservation:
    """Units that are set aside for an order."""

    line_id: str
    sku: str
    location: str
    quantity: int
    made_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stock:
    """All that the shop has, by SKU; what is reserved, by order."""

    cells: Mapping[str, tuple[Cell, ...]]
    backorderable: Mapping[str, bool]
    supplies: Mapping[str, tuple[Supply, ...]]
    reservations: Mapping[str, tuple[Reservation, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule noticed."""

    code: str
    severity: Severity
    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """Units that an order gets."""

    line_id: str
    sku: str
    location: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Backorder:
    """Units that an order waits for; of them so many lie on the shelf."""

    line_id: str
    sku: str
    quantity: int
    supply_id: str = ""
    expected_at: datetime | None = None
    on_hand: int = 0


@dataclass(frozen=True, slots=True)
class Short:
    """Units that an order does not get."""

    line_id: str
    sku: str
    quantity: int
    requested: int
    available: int
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that was decided for one order."""

    order: Order
    outcome: Outcome
    findings: tuple[Finding, ...]
    rank: int | None = None
    allocations: tuple[Allocation, ...] = ()
    backorders: tuple[Backorder, ...] = ()
    shorts: tuple[Short, ...] = ()
    reserved: tuple[Reservation, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What a message says of a line."""

    line_id: str
    sku: str
    ordered: int
    confirmed: int
    backordered: int = 0
    short: int = 0
    expected_at: datetime | None = None

    @property
    def row(self) -> tuple[object, ...]:
        """What the message's id is made of."""
        return (
            self.line_id,
            self.sku,
            self.ordered,
            self.confirmed,
            self.backordered,
            self.short,
            self.expected_at,
        )


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody is told."""

    kind: str
    order_id: str
    audience: str
    recipient: str
    locale: str
    lines: tuple[News, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    key: str = ""

    @property
    def id(self) -> str:
        """The same for the same news."""
        rows = [line.row for line in self.lines]
        content = self.audience, self.recipient, self.locale, rows, self.reasons, self.key
        digest = hashlib.blake2b(ascii(content).encode(), digest_size=8).hexdigest()
        return f"{self.order_id}:{self.kind}:{digest}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer."""

    decisions: tuple[Decision, ...]
    messages: tuple[Message, ...]
    stock: Stock


# -- Rules ---------------------------------------------------------------------------------------


def text(amount: Decimal) -> str:
    """An amount for a sentence."""
    if amount == amount.to_integral_value():
        return f"{amount:.0f}"
    cents = amount.quantize(CENT)
    return f"{cents if cents == amount else amount.normalize():f}"


def reachable(order: Order, now: datetime) -> Iterator[Finding]:
    """There is an e-mail address or a phone number."""
    if not order.email.strip() and not order.phone.strip():
        detail = "The customer left neither an e-mail address nor a phone number."
        yield Finding("contact.missing", Severity.HOLD, "customer.email", detail)


def lines_sane(order: Order, now: datetime) -> Iterator[Finding]:
    """The order asks for something, and what it asks for costs something."""
    if not order.lines:
        yield Finding("order.no_lines", Severity.HOLD, "lines", "The order asks for nothing.")
    for line in order.lines:
        if not line.price:
            detail = f"Line {line.id} ({line.quantity} x {line.sku}) costs nothing."
            yield Finding("line.free", Severity.NOTE, f"lines[{line.id}].unit_price", detail)


def addressed(order: Order, now: datetime) -> Iterator[Finding]:
    """What ships has an address."""
    if not any([line.ships for line in order.lines]):
        return
    address = order.ship_to
    if address is None:
        detail = "The order has something to ship and no address to ship it to."
        yield Finding("address.missing", Severity.HOLD, "ship_to", detail)
        return
    content = {
        "name": address.name,
        "street": "".join(address.street),
        "city": address.city,
        "country": address.country,
    }
    for field, words in content.items():
        if not words.strip():
            detail = f"The address to ship to has no {field}."
            yield Finding("address.incomplete", Severity.HOLD, f"ship_to.{field}", detail)


def total_sane(order: Order, now: datetime) -> Iterator[Finding]:
    """A discount is not more than all the rest."""
    if order.total < 0:
        detail = (
            f"The total is {text(order.total)} {order.currency}: the discount of"
            f" {text(order.discount)} {order.currency} is more than all the rest."
        )
        yield Finding("order.negative_total", Severity.REJECT, "discount", detail)


def covered(order: Order, now: datetime) -> Iterator[Finding]:
    """The payments cover the total."""
    total = order.total
    paid = sum([each.amount for each in order.payments if counts(each, now)], NOTHING)
    if paid < total:
        yield from _uncovered(order, total, paid, now)
    elif paid > total >= 0:
        detail = (
            f"{text(paid)} {order.currency} is paid or authorised,"
            f" {text(paid - total)} more than the total."
        )
        yield Finding("payment.overpaid", Severity.NOTE, "payments", detail)


def counts(payment: Payment, now: datetime) -> bool:
    """Whether it covers something."""
    if payment.status == "captured":
        return True
    is_over = payment.expires_at is not None and payment.expires_at <= now
    return payment.status == "authorized" and not is_over


def _uncovered(order: Order, total: Decimal, paid: Decimal, now: datetime) -> Iterator[Finding]:
    reach = paid
    declined: list[Finding] = []
    is_open = False
    for payment in order.payments:
        if not payment.amount or counts(payment, now):
            continue
        worth = f"{text(payment.amount)} {order.currency}"
        field = f"payments[{payment.id}].status"
        if payment.status == "authorized":
            reach += payment.amount
            detail = (
                f"The authorization of {worth} expired at {payment.expires_at:%Y-%m-%d %H:%M %Z}."
            )
            field = f"payments[{payment.id}].expires_at"
            yield Finding("payment.expired", Severity.HOLD, field, detail)
        elif payment.status == "declined":
            detail = f"The payment of {worth} was declined."
            declined.append(Finding("payment.declined", Severity.REJECT, field, detail))
        elif payment.status == "pending":
            is_open = True
            reach += payment.amount
            detail = f"The payment of {worth} is pending: it may still come."
            yield Finding("payment.pending", Severity.HOLD, field, detail)
        else:
            detail = f"The payment of {worth} was {payment.status}, so it covers nothing."
            yield Finding(f"payment.{payment.status}", Severity.HOLD, field, detail)
    if reach < total:
        detail = (
            f"{text(paid)} of {text(total)} {order.currency} is paid or authorised;"
            f" {text(total - paid)} {order.currency} is missing."
        )
        yield Finding("payment.insufficient", Severity.HOLD, "payments", detail)
    if not is_open:
        yield from declined


Rule: TypeAlias = Callable[[Order, datetime], Iterable[Finding]]
RULES: tuple[Rule, ...] = (reachable, lines_sane, addressed, total_sane, covered)


def verify(order: Order, now: datetime, rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """What all rules notice, the heaviest first."""
    findings = [finding for rule in rules for finding in rule(order, now)]
    findings.sort(key=lambda each: (-each.severity, each.code, each.field, each.detail))
    return tuple(findings)


# -- Stock ---------------------------------------------------------------------------------------


class Shelves:
    """The stock while it is given out."""

    def __init__(self, stock: Stock, now: datetime) -> None:
        self.stock = stock
        self.now = now
        self._free: dict[str, dict[str, int]] = {}
        self._coming: dict[str, list[Supply]] = {}
        self._counted: Counter[str] = Counter()
        self.expired: Counter[tuple[str, str]] = Counter()
        self.behind: Counter[str] = Counter()
        for reservations in stock.reservations.values():
            for each in reservations:
                if each.expires_at is not None and each.expires_at <= now:
                    self.expired[each.sku, each.location] += each.quantity
                else:
                    self.behind[each.sku] += each.quantity

    def free(self, sku: str) -> dict[str, int]:
        """What is left, by location."""
        free = self._free.get(sku)
        if free is None:
            free = self._free[sku] = {
                cell.location: units
                for cell in self.stock.cells.get(sku, ())
                if (units := self.available(sku, cell)) > 0
            }
        return free

    def available(self, sku: str, cell: Cell) -> int:
        """What was available at a location before the run."""
        reserved = cell.reserved - self.expired[sku, cell.location]
        return cell.on_hand - cell.safety - reserved

    def units(self, sku: str) -> int:
        """What is left."""
        return sum(self.free(sku).values())

    def take(self, line: Line, location: str, units: int) -> Allocation:
        """Give out what is there."""
        free = self._free[line.sku]
        free[location] -= units
        if not free[location]:
            del free[location]
        return Allocation(line.id, line.sku, location, units)

    def peg(self, line: Line, units: int, on_hand: int) -> list[Backorder]:
        """What it waits for: the earliest supplies that have some left."""
        if not units:
            return [Backorder(line.id, line.sku, on_hand, on_hand=on_hand)]
        rows = self.claim(line.id, line.sku, units)
        units -= sum([row.quantity for row in rows])
        if units:
            rows.append(Backorder(line.id, line.sku, units))
        if on_hand:
            last = rows[-1]
            rows[-1] = replace(last, quantity=last.quantity + on_hand, on_hand=on_hand)
        return rows

    def claim(self, line_id: str, sku: str, units: int) -> list[Backorder]:
        """So many units of the earliest supplies that have some left, or as many as there are."""
        rows: list[Backorder] = []
        coming = self._coming.get(sku)
        if coming is None:
            coming = self._coming[sku] = [*reversed(self.stock.supplies.get(sku, ()))]
        while units and coming:
            supply = coming.pop()
            count = min(units, supply.quantity)
            if count < supply.quantity:
                coming.append(replace(supply, quantity=supply.quantity - count))
            units -= count
            rows.append(Backorder(line_id, sku, count, supply.id, supply.expected_at))
        return rows

    def dated(self, rows: Sequence[Backorder]) -> Iterator[Backorder]:
        """What it waits for, when all had their turn: what it counts on in vain is claimed of
        supplies that nobody needs, or has no date.
        """
        for row in rows:
            there = min(row.on_hand, self.units(row.sku) - self._counted[row.sku])
            self._counted[row.sku] += there
            lacking = row.on_hand - there
            if not lacking:
                yield row
                continue
            pegged = row.quantity - row.on_hand if row.supply_id else 0
            may_wait = self.stock.backorderable.get(row.sku, False)
            claims = self.claim(row.line_id, row.sku, lacking) if may_wait else []
            claimed = sum([claim.quantity for claim in claims])
            if claims and claims[0].supply_id == row.supply_id:
                claims[0] = replace(claims[0], quantity=claims[0].quantity + pegged)
            elif pegged:
                yield replace(row, quantity=pegged, on_hand=0)
            if claimed < lacking:
                claims.append(Backorder(row.line_id, row.sku, row.quantity - pegged - claimed))
            elif there:
                last = claims.pop()
                claims.append(replace(last, quantity=last.quantity + there, on_hand=there))
            yield from claims

    def why(self, line: Line, reason: str) -> str:
        """Why units are short."""
        stock = self.stock
        is_known = line.sku in stock.cells or line.sku in stock.backorderable
        return reason if is_known or line.sku in stock.supplies else "unknown_sku"

    def after(self, decisions: Iterable[Decision]) -> Stock:
        """The stock when it was given out."""
        cells = dict(self.stock.cells)
        for sku, free in self._free.items():
            if sku in cells:
                cells[sku] = tuple(
                    [
                        replace(cell, reserved=cell.reserved + taken)
                        if (taken := max(0, self.available(sku, cell)) - free.get(cell.location, 0))
                        else cell
                        for cell in cells[sku]
                    ]
                )
        reservations = dict(self.stock.reservations)
        for decision in decisions:
            if decision.allocations:
                made = [
                    Reservation(
                        each.line_id, each.sku, each.location, each.quantity, self.now, None
                    )
                    for each in decision.allocations
                ]
                order_id = decision.order.id
                reservations[order_id] = (*reservations.get(order_id, ()), *made)
        return replace(self.stock, cells=cells, reservations=reservations)


# -- Decisions -----------------------------------------------------------------------------------


def serve(order: Order, rank: int, findings: tuple[Finding, ...], shelves: Shelves) -> Decision:
    """What an order of the queue gets."""
    kept = kept_for(order, shelves)
    owned: dict[tuple[str, str], int] = {}
    for each in kept:
        key = each.line_id, each.sku
        owned[key] = owned.get(key, 0) + each.quantity
        shelves.behind[each.sku] -= each.quantity
    wants: list[tuple[Line, int]] = []
    needs: dict[str, int] = {}
    for line in order.lines:
        units = line.quantity - owned.get((line.id, line.sku), 0)
        if units > 0:
            wants.append((line, units))
            needs[line.sku] = needs.get(line.sku, 0) + units
    allocations: list[Allocation] = []
    backorders: list[Backorder] = []
    shorts: list[Short] = []
    location = one_location(wants, needs, shelves)
    if location is not None:
        allocations = [shelves.take(line, location, units) for line, units in wants]
    elif order.ship is Ship.COMPLETE and not covers(needs, shelves):
        backorders, shorts = wait_for_all(wants, needs, shelves)
    else:
        for line, units in wants:
            left = units
            if order.ship is not Ship.LINES or shelves.units(line.sku) >= units:
                for place, there in list(shelves.free(line.sku).items()):
                    if not left:
                        break
                    count = min(left, there)
                    allocations.append(shelves.take(line, place, count))
                    left -= count
            if not left:
                continue
            if shelves.stock.backorderable.get(line.sku, False):
                backorders += shelves.peg(line, left, 0)
                continue
            there = shelves.units(line.sku)
            reason = shelves.why(line, "line_ships_whole" if there else "out_of_stock")
            available = line.quantity - left + there
            shorts.append(Short(line.id, line.sku, left, line.quantity, available, reason))
    return Decision(
        order,
        outcome_of(allocations, backorders, shorts, kept),
        findings,
        rank,
        tuple(allocations),
        tuple(backorders),
        tuple(shorts),
        kept,
    )


def kept_for(order: Order, shelves: Shelves) -> tuple[Reservation, ...]:
    """What is reserved for an order and has not expired."""
    reservations = shelves.stock.reservations.get(order.id)
    if not reservations:
        return ()
    now = shelves.now
    return tuple(
        [each for each in reservations if each.expires_at is None or each.expires_at > now]
    )


def one_location(
    wants: Sequence[tuple[Line, int]], needs: Mapping[str, int], shelves: Shelves
) -> str | None:
    """The first location that has all of it."""
    if wants:
        for location in shelves.free(wants[0][0].sku):
            if all([shelves.free(sku).get(location, 0) >= units for sku, units in needs.items()]):
                return location
    return None


def covers(needs: Mapping[str, int], shelves: Shelves) -> bool:
    """Whether there is enough of everything."""
    return all([shelves.units(sku) >= units for sku, units in needs.items()])


def wait_for_all(
    wants: Sequence[tuple[Line, int]], needs: Mapping[str, int], shelves: Shelves
) -> tuple[list[Backorder], list[Short]]:
    """An order that ships complete takes nothing: it waits for what is missing, or is short."""
    there = {sku: shelves.units(sku) for sku in needs}
    missing = {
        sku: units - there[sku] - shelves.behind[sku]
        for sku, units in needs.items()
        if there[sku] + shelves.behind[sku] < units
    } or {sku: units - there[sku] for sku, units in needs.items() if there[sku] < units}
    if all([shelves.stock.backorderable.get(sku, False) for sku in missing]):
        lacking = Counter(missing)
        backorders: list[Backorder] = []
        for line, units in wants:
            to_come = min(units, lacking[line.sku])
            lacking[line.sku] -= to_come
            backorders += shelves.peg(line, to_come, units - to_come)
        return backorders, []
    shorts: list[Short] = []
    for line, units in wants:
        if line.sku not in missing and there[line.sku]:
            reason = "order_ships_complete"
        else:
            reason = shelves.why(line, "out_of_stock")
        available = there[line.sku] + line.quantity - units
        shorts.append(Short(line.id, line.sku, units, line.quantity, available, reason))
    return [], shorts


def outcome_of(
    allocations: Sequence[Allocation],
    backorders: Sequence[Backorder],
    shorts: Sequence[Short],
    kept: Sequence[Reservation],
) -> Outcome:
    """What it comes to."""
    if not backorders and not shorts:
        return Outcome.ALLOCATED
    if allocations or kept:
        return Outcome.PARTIALLY_ALLOCATED
    return Outcome.BACKORDERED if backorders else Outcome.UNFULFILLABLE


# -- Messages ------------------------------------------------------------------------------------


def tell(decision: Decision, conflicting: set[str]) -> Iterator[Message]:
    """What is told of a decision."""
    order, outcome = decision.order, decision.outcome
    if outcome is Outcome.HELD:
        reasons = tuple([(each.code, each.detail) for each in decision.findings])
        yield Message("order.review_needed", order.id, "staff", "", "en", reasons=reasons)
        if order.id not in conflicting:
            heavy = [each.code for each in decision.findings if each.severity > Severity.NOTE]
            yield _to_customer("order.on_hold", order, key=" ".join(heavy))
        return
    if outcome is Outcome.REJECTED:
        yield _to_customer("order.rejected", order)
        return
    rows = news(decision)
    if outcome is Outcome.SCHEDULED:
        yield _to_customer("order.scheduled", order, rows)
        return
    if outcome is Outcome.ALLOCATED:
        yield _to_customer("order.confirmed", order, rows)
        return
    on_its_way = [row for row in rows if row.confirmed or row.backordered]
    if decision.shorts and on_its_way:
        some = [row for row in rows if row.confirmed or row.backordered or row.short]
        yield _to_customer("order.partly_confirmed", order, some)
    elif decision.shorts:
        yield _to_customer("order.unfulfillable", order, [row for row in rows if row.short])
    elif outcome is Outcome.BACKORDERED:
        yield _to_customer("order.backordered", order, on_its_way)
    elif decision.backorders:
        yield _to_customer("order.partly_backordered", order, on_its_way)
    elif on_its_way:
        yield _to_customer("order.confirmed", order, on_its_way)


def _to_customer(kind: str, order: Order, rows: Sequence[News] = (), key: str = "") -> Message:
    recipient = order.mailbox
    return Message(kind, order.id, "customer", recipient, order.locale, tuple(rows), key=key)


def news(decision: Decision) -> list[News]:
    """What a message says of each line."""
    if decision.outcome is Outcome.ALLOCATED:
        return [
            News(line.id, line.sku, line.quantity, line.quantity) for line in decision.order.lines
        ]
    confirmed: Counter[str] = Counter()
    for each in decision.reserved:
        confirmed[each.line_id] += each.quantity
    for allocation in decision.allocations:
        confirmed[allocation.line_id] += allocation.quantity
    late: Counter[str] = Counter()
    dates: defaultdict[str, list[datetime | None]] = defaultdict(list)
    on_shelf = {row.line_id for row in decision.backorders if row.on_hand == row.quantity}
    for row in decision.backorders:
        late[row.line_id] += row.quantity
        dates[row.line_id].append(row.expected_at)
    last = _last([row.expected_at for row in decision.backorders if row.line_id not in on_shelf])
    short: Counter[str] = Counter()
    for each_short in decision.shorts:
        short[each_short.line_id] += each_short.quantity
    return [
        News(
            line.id,
            line.sku,
            line.quantity,
            min(line.quantity, confirmed[line.id]),
            late[line.id],
            short[line.id],
            last if line.id in on_shelf else _last(dates[line.id]),
        )
        for line in decision.order.lines
    ]


def _last(dates: Sequence[datetime | None]) -> datetime | None:
    known = [date for date in dates if date is not None]
    return max(known) if known and len(known) == len(dates) else None


# -- The run -------------------------------------------------------------------------------------


def run(
    orders: Iterable[Order], stock: Stock, now: datetime, rules: Sequence[Rule] = RULES
) -> Answer:
    """Decide what to do with each order."""
    by_id: dict[str, Order] = {}
    conflicting: set[str] = set()
    for order in orders:
        known = by_id.setdefault(order.id, order)
        if known is not order and known != order:
            conflicting.add(order.id)
    queue: list[tuple[tuple[object, ...], Order, tuple[Finding, ...]]] = []
    beside: list[tuple[str, Outcome, Order, tuple[Finding, ...]]] = []
    for order in by_id.values():
        if order.id in conflicting:
            detail = f"The batch holds different orders under the id {order.id!r}."
            finding = Finding("order.conflicting_duplicate", Severity.HOLD, "id", detail)
            beside.append((order.id, Outcome.HELD, order, (finding,)))
            continue
        findings = verify(order, now, rules)
        worst = findings[0].severity if findings else Severity.NOTE
        if worst is Severity.REJECT:
            beside.append((order.id, Outcome.REJECTED, order, findings))
        elif worst is Severity.HOLD:
            beside.append((order.id, Outcome.HELD, order, findings))
        elif order.ship_after is not None and order.ship_after > now:
            beside.append((order.id, Outcome.SCHEDULED, order, findings))
        else:
            tier = TIERS.get(order.tier, 3)
            key = order.deliver_by or NEVER, tier, order.placed_at, order.id
            queue.append((key, order, findings))
    queue.sort(key=lambda entry: entry[0])
    beside.sort(key=lambda entry: entry[0])
    shelves = Shelves(stock, now)
    served = [
        serve(order, rank, findings, shelves) for rank, (_, order, findings) in enumerate(queue)
    ]
    decisions = [
        replace(each, backorders=tuple(shelves.dated(each.backorders)))
        if any([row.on_hand for row in each.backorders])
        else each
        for each in served
    ]
    for _, outcome, order, findings in beside:
        kept = kept_for(order, shelves)
        decisions.append(Decision(order, outcome, findings, reserved=kept))
    messages = [message for decision in decisions for message in tell(decision, conflicting)]
    return Answer(tuple(decisions), tuple(messages), shelves.after(decisions))
