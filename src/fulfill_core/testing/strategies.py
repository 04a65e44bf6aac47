"""Strategies for hypothesis: random orders, stock and policies that make every situation occur.

The world that they draw from is small on purpose: few SKUs, few locations, few units, few
instants. So orders compete, ties are frequent, and a failing example shrinks to something that one
can read. `batches` makes orders and stock that fit together; the others make one thing each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import attrs
from hypothesis import strategies as st

from fulfill_core import verifiers as ready_made
from fulfill_core._decision import Finding, Severity
from fulfill_core._facts import Approval, Context, Facts
from fulfill_core._inventory import Inventory
from fulfill_core._order import (
    Address,
    Customer,
    Order,
    OrderLine,
    Payment,
    PaymentStatus,
    Ship,
)
from fulfill_core._stock import Item, Location, Reservation, Stock, Supply
from fulfill_core.priorities import (
    DEFAULT_PRIORITY,
    customer_tier,
    deadline,
    descending,
    lexicographic,
    oldest_first,
    order_value,
)
from fulfill_core.protocols import Candidate, Demand, PriorityPolicy, SourcingPolicy, Verifier
from fulfill_core.sourcing import DEFAULT_SOURCING, by_rank, whole_order_first

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""The time at which batches are processed unless they are given another."""
SKUS = ("cup", "mug", "pot")
UNTRACKED = "wrap"
"""A SKU that every inventory knows as not tracked."""
UNKNOWN = "ghost"
"""A SKU that no inventory knows."""
LOCATIONS = ("berlin", "lyon", "turin")
ORDER_IDS = ("A-1", "A-2", "A-3", "A-4", "A-5", "A-6")
STRANGER = "Z-9"
"""The id of an order that holds reservations and is not in any batch."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_CEST = timezone(2 * _HOUR)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Batch:
    """What a run takes.

    ``process(batch.orders, batch.inventory, now=batch.now, facts=batch.facts)``

    Args:
        orders: the orders, exact repeats and conflicting duplicates among them.
        inventory: the stock that they compete for.
        now: the time of the run.
        facts: approvals for some of the orders.
    """

    orders: tuple[Order, ...]
    inventory: Inventory
    now: datetime
    facts: Facts


# -- Parts of an order ---------------------------------------------------------------------------


def customers() -> st.SearchStrategy[Customer]:
    """Customers of three tiers that can be reached by e-mail, by phone or by both.

    >>> from hypothesis import find
    >>> find(customers(), lambda customer: customer.tier == "gold").email
    'ada@example.com'
    """
    return st.sampled_from(
        [
            Customer(
                id=f"C-{name}",
                name=name.title(),
                email="" if contact == "phone" else f"{name}@example.com",
                phone="" if contact == "email" else "+49 30 123456",
                tier=tier,
            )
            for tier in ("standard", "gold", "silver")
            for contact in ("email", "phone", "both")
            for name in ("ada", "bob")
        ]
    )


def addresses() -> st.SearchStrategy[Address]:
    """Complete postal addresses of some countries, with and without region and postal code.

    >>> from hypothesis import find
    >>> find(addresses(), lambda address: address.region != "").country
    'US'
    """
    return st.sampled_from(
        (
            Address(
                name="Ada",
                street=("Unter den Linden 1",),
                city="Berlin",
                postal_code="01067",
                country="DE",
            ),
            Address(
                name="Bob",
                street=("1 Main St", "Apt 2"),
                city="Springfield",
                postal_code="62701",
                region="IL",
                country="US",
            ),
            Address(name="Eve", street=("1 Grafton Street",), city="Dublin", country="IE"),
        )
    )


def payments(
    *, amounts: st.SearchStrategy[Decimal] | None = None, now: datetime = NOW
) -> st.SearchStrategy[Payment]:
    """Payments in every status; authorizations expire later, just now, or expired before.

    Args:
        amounts: the amounts to choose from; small ones with cents if left out.
        now: the time that expiry is about.

    >>> from hypothesis import find
    >>> find(payments(), lambda payment: payment.status is PaymentStatus.DECLINED).amount
    Decimal('0')
    """
    if amounts is None:
        amounts = st.sampled_from((Decimal(0), Decimal("2.50"), Decimal("9.90")))
    return st.builds(
        Payment,
        id=st.sampled_from(("p1", "p2", "p3")),
        amount=amounts,
        status=st.sampled_from(PaymentStatus),
        method=st.sampled_from(("card", "gift_card", "invoice")),
        expires_at=st.sampled_from((None, now + 7 * _DAY, now, now - _DAY)),
        avs=st.sampled_from(("", "Y", "N")),
    )


def order_lines(
    *,
    skus: Sequence[str] = (*SKUS, UNTRACKED, UNKNOWN),
    ids: st.SearchStrategy[str] | None = None,
) -> st.SearchStrategy[OrderLine]:
    """Order lines of 1 to 6 of a SKU; some in packs of 2 or 3, some free, some not to be sent.

    Args:
        skus: the SKUs to choose from.
        ids: the line ids to choose from; ``"1"`` to ``"3"`` if left out.

    >>> from hypothesis import find
    >>> find(order_lines(), lambda line: line.units_each > 1).units
    2
    """
    return st.builds(
        OrderLine,
        id=st.sampled_from(("1", "2", "3")) if ids is None else ids,
        sku=st.sampled_from(tuple(skus)),
        quantity=st.integers(1, 6),
        unit_price=st.sampled_from((Decimal("2.50"), Decimal("9.90"), Decimal(0))),
        units_each=st.sampled_from((1, 1, 1, 1, 2, 3)),
        ships=st.sampled_from((True, True, True, False)),
    )


# -- Orders --------------------------------------------------------------------------------------

_FLAWS = (
    *(("",) * 12),
    "unreachable",
    "nowhere",
    "unpaid",
    "expired",
    "declined",
    "empty",
    "discounted",
)
"""What is wrong with an order; with most, nothing. The first five and "empty" hold it, or reject it
("declined"); so does a discount that is more than the rest."""


def orders(
    *,
    ids: st.SearchStrategy[str] | None = None,
    skus: Sequence[str] = (*SKUS, UNTRACKED, UNKNOWN),
    now: datetime = NOW,
) -> st.SearchStrategy[Order]:
    """Orders of 1 to 3 lines; about two thirds are good, the others have one flaw.

    Good ones are paid to the cent, by one payment or two, or cost nothing; they ship in any mode;
    some have a deadline, some are not due yet; instants are few, so ties are frequent. Flaws: no
    contact, no address, unpaid, authorization expired, payment declined, no lines, a discount
    larger than the rest.

    Args:
        ids: the order ids to choose from; ``"A-1"`` to ``"A-6"`` if left out.
        skus: the SKUs to choose from.
        now: the time that deadlines, due dates and expiries lie around.

    >>> from hypothesis import find
    >>> find(orders(), lambda order: order.ship is Ship.COMPLETE).lines[0].quantity
    1
    """
    lines = [order_lines(skus=skus, ids=st.just(str(number))) for number in (1, 2, 3)]
    return _orders(st.sampled_from(ORDER_IDS) if ids is None else ids, lines, now)


# Made once: to make a strategy costs more than to draw from it.
_FLAW = st.sampled_from(_FLAWS)
_LINE_COUNT = st.sampled_from((1, 2, 2, 3))
_SHIPPING = st.sampled_from((Decimal(0), Decimal("4.90"), Decimal(0), Decimal("4.90"), None))
_CUSTOMER = customers()
_ADDRESS = addresses()
_HOURS_AGO = st.sampled_from((1, 1, 2, 3))
_ZONE = st.sampled_from((UTC, _CEST))
_DUE_IN = st.sampled_from((None, None, 1, 1, 2, -1))
_SHIP_AFTER = st.sampled_from((None, None, None, None, None, None, None, -1, 0, 1))
_MODE = st.sampled_from(Ship)
_LOCALE = st.sampled_from(("en", "de-AT"))
_MANNER = st.sampled_from(("captured", "captured", "authorized", "two", "too much"))


@st.composite
def _orders(
    draw: st.DrawFn,
    ids: st.SearchStrategy[str],
    each_line: Sequence[st.SearchStrategy[OrderLine]],
    now: datetime,
) -> Order:
    flaw = draw(_FLAW)
    lines: list[OrderLine] = []
    if flaw != "empty":
        lines += [draw(line) for line in each_line[: draw(_LINE_COUNT)]]
    shipping = draw(_SHIPPING)
    if shipping is None:  # the order costs nothing
        lines = [attrs.evolve(line, unit_price=Decimal(0)) for line in lines]
    customer = draw(_CUSTOMER)
    if flaw == "unreachable":
        customer = attrs.evolve(customer, email="", phone="")
    placed_at = now - draw(_HOURS_AGO) * _HOUR
    due_in = draw(_DUE_IN)
    ship_after = draw(_SHIP_AFTER)
    order = Order(
        id=draw(ids),
        placed_at=placed_at.astimezone(draw(_ZONE)),
        customer=customer,
        lines=lines,
        currency="EUR",
        ship_to=None if flaw == "nowhere" else draw(_ADDRESS),
        shipping=shipping or Decimal(0),
        discount=Decimal(1000) if flaw == "discounted" else Decimal(0),
        deliver_by=None if due_in is None else now + due_in * _DAY,
        ship_after=None if ship_after is None else now + ship_after * _DAY,
        ship=draw(_MODE),
        locale=draw(_LOCALE),
    )
    return attrs.evolve(order, payments=_paid(draw, order, flaw, now))


def _paid(draw: st.DrawFn, order: Order, flaw: str, now: datetime) -> tuple[Payment, ...]:
    """The payments of an order that is otherwise done: they cover its total, or show the flaw."""
    total = max(order.total, Decimal(0))
    whole = Payment(id="p1", amount=total, status=PaymentStatus.CAPTURED)
    if flaw == "unpaid":
        return ()
    if flaw == "expired":
        return (Payment(id="p1", amount=total, expires_at=now - _HOUR),)
    if flaw == "declined":
        return (attrs.evolve(whole, status=PaymentStatus.DECLINED),)
    manner = draw(_MANNER)
    if manner == "authorized":
        return (Payment(id="p1", amount=total, expires_at=now + 7 * _DAY),)
    if manner == "two":
        cent = min(total, Decimal("0.01"))
        return (
            Payment(id="p1", amount=cent, method="gift_card", status=PaymentStatus.CAPTURED),
            Payment(id="p2", amount=total - cent),
        )
    if manner == "too much":
        return (attrs.evolve(whole, amount=total + 1),)
    return (whole,)


# -- Inventories ---------------------------------------------------------------------------------


def locations() -> st.SearchStrategy[tuple[Location, ...]]:
    """One to three locations; some share a rank, then the id decides.

    >>> from hypothesis import find
    >>> len(find(locations(), lambda places: len(places) > 1))
    2
    """
    ranks = st.lists(st.sampled_from((0, 0, 1, 2)), min_size=1, max_size=len(LOCATIONS))
    return ranks.map(
        lambda drawn: tuple(
            Location(id=name, rank=rank) for name, rank in zip(LOCATIONS, drawn, strict=False)
        )
    )


_ROWS: tuple[tuple[int, int] | None, ...] = (
    (3, 0),
    (1, 0),
    (2, 0),
    (4, 0),
    (5, 0),
    (8, 0),
    (12, 0),
    (4, 1),
    (5, 2),
    (1, 3),
    (0, 0),
    (-2, 0),
    None,
    None,
    None,
)
"""On hand and safety of one SKU at one location; None is no row."""
_ITEMS: tuple[tuple[bool, bool] | None, ...] = (
    None,
    (True, True),
    (True, True),
    (True, False),
    (True, True),
    (True, True),
    (False, False),
)
"""Tracked and backorderable; None is no item."""
_EXPIRIES = (None, None, 2, 0, -1)
"""When a reservation expires, in hours from now; with 0 it has just expired."""

_ROW = st.sampled_from(_ROWS)
_ITEM = st.sampled_from(_ITEMS)
_SUPPLY_COUNT = st.sampled_from((0, 0, 1, 2))
_SUPPLY = st.tuples(st.integers(1, 5), st.sampled_from((1, 1, 2)))  # units, in days
_HELD_COUNT = st.integers(0, 3)
_HELD = st.tuples(st.integers(1, 4), st.booleans(), st.sampled_from(_EXPIRIES))


def inventories(
    *,
    skus: Sequence[str] = SKUS,
    places: st.SearchStrategy[tuple[Location, ...]] | None = None,
    orders: Iterable[Order] = (),
    now: datetime = NOW,
) -> st.SearchStrategy[Inventory]:
    """Inventories of a few SKUs at a few locations, a few units each.

    Some rows have safety stock, some are empty or below zero; some SKUs may be backordered, with
    or without supplies to come, some are not tracked. Reservations are active, expired, or expire
    at this very instant; they are held by the lines of the given orders and by an order that is
    not among them. All were made before now.

    Args:
        skus: the SKUs to make stock of. ``"wrap"`` is known as not tracked in any case, and
            ``"ghost"`` is never known.
        places: where stock may lie; `locations` if left out.
        orders: orders whose lines may hold reservations.
        now: the time that expiries and supplies lie around.

    >>> from hypothesis import find
    >>> find(inventories(), lambda inventory: inventory.available("mug") > 1).available("mug")
    3
    """
    return _inventories(skus, locations() if places is None else places, tuple(orders), now)


def _draw_inventory(
    draw: st.DrawFn,
    skus: Sequence[str],
    places: st.SearchStrategy[tuple[Location, ...]],
    orders: Sequence[Order],
    now: datetime,
) -> Inventory:
    where = draw(places)
    stock: list[Stock] = []
    items = [Item(sku=UNTRACKED, tracked=False)]
    supplies: list[Supply] = []
    for sku in skus:
        for place in where:
            row = draw(_ROW)
            if row is not None:
                stock.append(Stock(sku=sku, location=place.id, on_hand=row[0], safety=row[1]))
        nature = draw(_ITEM)
        if nature is not None:
            items.append(Item(sku=sku, tracked=nature[0], backorderable=nature[1]))
        for number in range(draw(_SUPPLY_COUNT)):
            quantity, days = draw(_SUPPLY)
            supplies.append(
                Supply(
                    id=f"PO-{sku}-{number}",
                    sku=sku,
                    quantity=quantity,
                    expected_at=now + days * _DAY,
                )
            )
    return Inventory(
        stock=stock,
        supplies=supplies,
        items=items,
        locations=where,
        reservations=_draw_reservations(draw, stock, orders, now),
    )


_inventories = st.composite(_draw_inventory)


def _draw_reservations(
    draw: st.DrawFn, stock: Sequence[Stock], orders: Sequence[Order], now: datetime
) -> list[Reservation]:
    holders = [
        (order.id, line.id, row)
        for row in stock
        for order in orders
        for line in order.lines
        if line.sku == row.sku
    ]
    if holders:  # left over from a line that is no more
        order_id, _, row = holders[0]
        holders.append((order_id, "0", row))
    holders += [(STRANGER, "1", row) for row in stock]
    if not holders:
        return []
    reservations: list[Reservation] = []
    holder = st.sampled_from(holders)
    for _ in range(draw(_HELD_COUNT)):
        order_id, line_id, row = draw(holder)
        quantity, is_dated, expiry = draw(_HELD)
        reservations.append(
            Reservation(
                order_id=order_id,
                line_id=line_id,
                sku=row.sku,
                location=row.location,
                quantity=quantity,
                made_at=now - _HOUR if is_dated else None,
                expires_at=None if expiry is None else now + expiry * _HOUR,
            )
        )
    return reservations


# -- Facts and batches ---------------------------------------------------------------------------

_WAIVABLE = (
    "address.missing",
    "contact.missing",
    "line.free",
    "order.conflicting_duplicate",  # which `process` holds all the same
    "payment.expired",
    "payment.insufficient",
    "payment.overpaid",
)


def facts(*, orders: Iterable[Order] = (), now: datetime = NOW) -> st.SearchStrategy[Facts]:
    """Approvals for some of the given orders: of this version, or of one that is no more.

    Args:
        orders: the orders that may be approved; without any there are no approvals.
        now: the approvals were given an hour before.

    >>> from hypothesis import find
    >>> find(facts(), lambda known: True)
    Facts(approvals=())
    """
    approvals = [
        Approval(
            order_id=order.id,
            fingerprint=fingerprint,
            codes=_WAIVABLE,
            by="Grace",
            at=now - _HOUR,
        )
        for order in orders
        for fingerprint in (order.fingerprint, "another version")
    ]
    if not approvals:
        return st.just(Facts())
    return st.lists(st.sampled_from(approvals), max_size=3).map(lambda some: Facts(approvals=some))


_REPEAT = st.sampled_from((*(("",) * 6), "exact", "conflict", "both"))
_HAS_FACTS = st.sampled_from((False, False, True))


def batches(
    *,
    ids: Sequence[str] = ORDER_IDS,
    skus: Sequence[str] = SKUS,
    places: st.SearchStrategy[tuple[Location, ...]] | None = None,
    now: datetime = NOW,
) -> st.SearchStrategy[Batch]:
    """Orders, stock and approvals that fit together, so that everything that can happen does.

    The orders ask for the same few SKUs; at least one in twenty batches shows each of: contention,
    a split over locations, a tie of the sort key, an exact repeat, a conflicting duplicate, held,
    rejected, waived and scheduled orders, reservations that count, have expired or are a
    stranger's, several lines of one SKU, each way to ship while not everything is there, pegged
    and open backorders, shorts, untracked and unknown SKUs, packs, and orders that cost nothing.

    Args:
        ids: the order ids; as many are the most orders of a batch (exact repeats not counted).
        skus: the SKUs that the orders compete for. They ask for ``"wrap"``, which is not tracked,
            and for ``"ghost"``, which is not known, as well.
        places: where stock may lie; `locations` if left out.
        now: the time of the run.

    >>> from hypothesis import find
    >>> len(find(batches(), lambda batch: len(batch.orders) > 1).orders)
    2
    """
    wanted = (*skus, *skus, *skus, UNTRACKED, UNKNOWN)
    each_order = [orders(ids=st.just(order_id), skus=wanted, now=now) for order_id in ids]
    count = st.integers(1, len(ids))
    return _batches(count, each_order, skus, locations() if places is None else places, now)


@st.composite
def _batches(
    draw: st.DrawFn,
    count: st.SearchStrategy[int],
    each_order: Sequence[st.SearchStrategy[Order]],
    skus: Sequence[str],
    places: st.SearchStrategy[tuple[Location, ...]],
    now: datetime,
) -> Batch:
    distinct = [draw(order) for order in each_order[: draw(count)]]
    batch = list(distinct)
    repeats = draw(_REPEAT)
    if repeats in ("exact", "both"):
        batch.append(draw(st.sampled_from(distinct)))
    if repeats in ("conflict", "both"):
        other = draw(st.sampled_from(distinct))
        batch.append(attrs.evolve(other, channel="another"))
    return Batch(
        orders=tuple(batch),
        inventory=_draw_inventory(draw, skus, places, distinct, now),
        now=now,
        facts=draw(facts(orders=distinct, now=now)) if draw(_HAS_FACTS) else Facts(),
    )


# -- Policies ------------------------------------------------------------------------------------


def priority_policies() -> st.SearchStrategy[PriorityPolicy]:
    """Priority policies: the ready-made ones, alone, turned round and combined; one ties all.

    >>> from hypothesis import find
    >>> find(priority_policies(), lambda policy: policy is not DEFAULT_PRIORITY)
    <function deadline at ...>
    """
    simple: list[PriorityPolicy] = [
        deadline,
        oldest_first,
        customer_tier("gold", "silver"),
        order_value({"EUR": Decimal(1)}),
        _all_alike,
    ]
    turned = [*simple, *(descending(policy) for policy in simple)]
    return st.one_of(
        st.just(DEFAULT_PRIORITY),
        st.sampled_from(turned),
        st.lists(st.sampled_from(turned), max_size=3).map(lambda few: lexicographic(*few)),
    )


def _all_alike(order: Order, /, *, context: Context) -> int:
    return 0


def verifiers() -> st.SearchStrategy[Verifier]:
    """Verifiers: the ready-made ones, and some that note, hold, reject or fail on some orders.

    >>> from hypothesis import find
    >>> find(verifiers(), lambda verifier: verifier not in ready_made.DEFAULT_VERIFIERS)
    _Objects(severity=<Severity.NOTE: 1>, to='COMPLETE')
    """
    own: list[Verifier] = [
        *(_Objects(severity, to) for to in ("COMPLETE", "gold", "mug") for severity in Severity),
        _fails_on_gold,
    ]
    return st.sampled_from([*ready_made.DEFAULT_VERIFIERS, *own])


@attrs.frozen
class _Objects:
    """A verifier with one finding about orders that ship so, or are of that tier, or want that."""

    severity: Severity
    to: str

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        marks = {order.ship.name, order.customer.tier, *(line.sku for line in order.lines)}
        if self.to in marks:
            yield Finding(code=f"test.{self.to.lower()}", severity=self.severity)


def _fails_on_gold(order: Order, /, *, context: Context) -> Iterable[Finding]:
    if order.customer.tier == "gold":
        message = "there is no credit record"
        raise LookupError(message)
    return ()


def sourcing_policies() -> st.SearchStrategy[SourcingPolicy]:
    """Sourcing policies: the ready-made ones, and any fixed sequence of any of the locations.

    What they choose depends on the locations alone, never on how much is there; so what they
    leave out for an order, they leave out on every later run as well.

    >>> from hypothesis import find
    >>> find(sourcing_policies(), lambda policy: policy not in (DEFAULT_SOURCING, by_rank))
    _Only(places=())
    """
    fixed = st.lists(st.sampled_from(LOCATIONS), unique=True, max_size=len(LOCATIONS)).map(
        lambda places: _Only(tuple(places))
    )
    return st.one_of(
        st.just(DEFAULT_SOURCING), st.just(by_rank), fixed, fixed.map(whole_order_first)
    )


@attrs.frozen
class _Only:
    """A sourcing policy that asks these locations, in this sequence, and no other."""

    places: tuple[str, ...]

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]:
        chosen = [candidate for candidate in candidates if candidate.id in self.places]
        return sorted(chosen, key=lambda candidate: self.places.index(candidate.id))
