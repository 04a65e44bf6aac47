"""The two sides of the comparison: each has its inputs, runs, and is asked for all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, time, timedelta
from typing import Any

import bare
import barest
import peer
import plain
import ruled
import workload
from workload import NOW, TIERS, Workload

from fulfill_core import Inventory, Order, Result, process
from fulfill_core.calendars import BusinessCalendar, CutOff, Shift
from fulfill_core.priorities import customer_tier, deadline, lexicographic, oldest_first
from fulfill_core.promises import Origin, from_calendars
from fulfill_core.protocols import PromisePolicy

PRIORITY = lexicographic(deadline, customer_tier(*TIERS), oldest_first)
BareAnswer = tuple[list[Any], list[Any], dict[str, Any], dict[str, Any]]


@dataclass(slots=True)
class Library:
    """`process`, with its default verifiers (six rules), sourcing and messages."""

    orders: list[Order]
    inventory: Inventory

    @classmethod
    def of(cls, data: Workload) -> Library:
        """The side with its inputs ready: making them is not part of what is measured."""
        return cls(workload.library_orders(data), workload.library_inventory(data))

    def run(self) -> Result:
        """The whole answer."""
        return process(self.orders, self.inventory, now=NOW, priority=PRIORITY)

    def ask(self, result: Result) -> int:
        """Ask once for everything in the result, and count it."""
        seen = 0
        inventory = result.inventory
        _ = result.wake_at  # the others have no word for it
        skus: set[str] = set()
        for decision in result.decisions:
            seen += decision.rank is not None
            seen += decision.outcome != ""
            for finding in decision.findings:
                seen += finding.code != "" and finding.severity > 0
            for allocation in decision.allocations:
                seen += allocation.quantity
                skus.add(allocation.sku)
            for backorder in decision.backorders:
                seen += backorder.quantity
            for short in decision.shorts:
                seen += short.quantity
        for message in result.notifications:
            seen += message.id != "" and message.locale != ""
            seen += len(message.lines) + len(message.reasons)
        for sku in skus:
            seen += inventory.reserved(sku)
        return seen


@dataclass(slots=True)
class Bare:
    """The bare loop."""

    data: Workload

    @classmethod
    def of(cls, data: Workload) -> Bare:
        """The side with its inputs ready."""
        return cls(data)

    def run(self) -> BareAnswer:
        """The whole answer."""
        data = self.data
        return bare.run(
            data.orders, data.stock, data.backorderable, data.supplies, data.reservations, NOW
        )

    def ask(self, answer: BareAnswer) -> int:
        """Ask once for everything in the answer, and count it."""
        seen = 0
        decisions, messages, stock, _ = answer
        skus: set[str] = set()
        for _, outcome, findings, rank, allocations, backorders, shorts, _ in decisions:
            seen += rank is not None
            seen += outcome != ""
            for finding in findings:
                seen += finding[0] != "" and finding[1] > 0
            for allocation in allocations:
                seen += allocation[3]
                skus.add(allocation[1])
            for backorder in backorders:
                seen += backorder[2]
            for short in shorts:
                seen += short[2]
        for message in messages:
            seen += bare.message_id(message) != "" and message[4] != ""
            seen += len(message[5]) + len(message[6])
        for sku in skus:
            seen += sum([cell[3] for cell in stock[sku]])
        return seen


@dataclass(slots=True)
class Peer:
    """The honest peer."""

    orders: list[peer.Order]
    stock: peer.Stock

    @classmethod
    def of(cls, data: Workload) -> Peer:
        """The side with its inputs ready: making them is not part of what is measured."""
        return cls(_peer_orders(data), _peer_stock(data))

    def run(self) -> peer.Answer:
        """The whole answer."""
        return peer.run(self.orders, self.stock, NOW)

    def ask(self, answer: peer.Answer) -> int:
        """Ask once for everything in the answer, and count it."""
        seen = 0
        skus: set[str] = set()
        for decision in answer.decisions:
            seen += decision.rank is not None
            seen += decision.outcome != ""
            for finding in decision.findings:
                seen += finding.code != "" and finding.severity > 0
            for allocation in decision.allocations:
                seen += allocation.quantity
                skus.add(allocation.sku)
            for backorder in decision.backorders:
                seen += backorder.quantity
            for short in decision.shorts:
                seen += short.quantity
        for message in answer.messages:
            seen += message.id != "" and message.locale != ""
            seen += len(message.lines) + len(message.reasons)
        for sku in skus:
            seen += sum([cell.reserved for cell in answer.stock.cells[sku]])
        return seen

    def rows(self, answer: peer.Answer) -> BareAnswer:
        """The answer in the form of the bare loop's."""
        order_rows = {order.id: (order.id,) for order in self.orders}
        return (
            [
                (
                    order_rows[each.order.id],
                    str(each.outcome),
                    tuple([(f.code, int(f.severity), f.field, f.detail) for f in each.findings]),
                    each.rank,
                    tuple([(a.line_id, a.sku, a.location, a.quantity) for a in each.allocations]),
                    tuple(
                        [
                            (b.line_id, b.sku, b.quantity, b.supply_id, b.expected_at)
                            for b in each.backorders
                        ]
                    ),
                    tuple(
                        [
                            (s.line_id, s.sku, s.quantity, s.requested, s.available, s.reason)
                            for s in each.shorts
                        ]
                    ),
                    _batches(each.reserved),
                )
                for each in answer.decisions
            ],
            [
                (
                    each.kind,
                    each.order_id,
                    each.audience,
                    each.recipient,
                    each.locale,
                    tuple([line.row for line in each.lines]),
                    each.reasons,
                    each.key,
                )
                for each in answer.messages
            ],
            {
                sku: tuple([(c.location, c.on_hand, c.safety, c.reserved) for c in cells])
                for sku, cells in answer.stock.cells.items()
            },
            {order_id: _batches(each) for order_id, each in answer.stock.reservations.items()},
        )


def _batches(reservations: Iterable[peer.Reservation]) -> tuple[Any, ...]:
    return tuple(
        [
            (r.made_at, r.expires_at, ((r.line_id, r.sku, r.location, r.quantity),))
            for r in reservations
        ]
    )


def _peer_orders(data: Workload) -> list[peer.Order]:
    orders: list[peer.Order] = []
    for row in data.orders:
        order_id, placed_at, customer_id, email, phone, tier, lines, currency, address = row[:9]
        payments, shipping, discount, total, deliver_by, ship_after, ship, locale = row[9:]
        orders.append(
            peer.Order(
                id=order_id,
                placed_at=placed_at,
                customer_id=customer_id,
                email=email,
                phone=phone,
                tier=tier,
                lines=tuple([peer.Line(*line) for line in lines]),
                currency=currency,
                ship_to=None if address is None else peer.Address(*address),
                payments=tuple([peer.Payment(*payment) for payment in payments]),
                shipping=shipping,
                discount=discount,
                total=total,
                deliver_by=deliver_by,
                ship_after=ship_after,
                ship=peer.Ship(ship),
                locale=locale,
            )
        )
    return orders


def _peer_stock(data: Workload) -> peer.Stock:
    return peer.Stock(
        cells={sku: tuple([peer.Cell(*c) for c in cells]) for sku, cells in data.stock.items()},
        backorderable=data.backorderable,
        supplies={
            sku: tuple([peer.Supply(*s) for s in rows]) for sku, rows in data.supplies.items()
        },
        reservations={
            order_id: tuple(
                [
                    peer.Reservation(*entry, made_at, expires_at)
                    for made_at, expires_at, entries in batches
                    for entry in entries
                ]
            )
            for order_id, batches in data.reservations.items()
        },
    )


@dataclass(slots=True)
class Barest:
    """The barest loop."""

    orders: list[tuple[Any, ...]]
    data: Workload

    @classmethod
    def of(cls, data: Workload) -> Barest:
        """The side with its inputs ready."""
        return cls(barest.in_cents(data.orders), data)

    def run(self) -> list[tuple[Any, ...]]:
        """What becomes of each order, and the units that it gets."""
        return barest.run(self.orders, self.data, NOW)

    def ask(self, answer: list[tuple[Any, ...]]) -> int:
        """Ask once for everything in the answer, and count it."""
        return sum([units for _, _, rows in answer for *_, units in rows])


class PlainLibrary(Library):
    """`process` on a plainer day, with six plain functions for verifiers."""

    @classmethod
    def of(cls, data: Workload) -> PlainLibrary:
        """The side with its inputs ready."""
        data = plain.made_of(data)
        return cls(workload.library_orders(data), workload.library_inventory(data))

    def run(self) -> Result:
        """The whole answer."""
        return process(
            self.orders, self.inventory, now=NOW, priority=PRIORITY, verifiers=plain.VERIFIERS
        )


class PlainPeer(Peer):
    """The honest peer on a plainer day, with six functions for rules."""

    @classmethod
    def of(cls, data: Workload) -> PlainPeer:
        """The side with its inputs ready."""
        data = plain.made_of(data)
        return cls(_peer_orders(data), _peer_stock(data))

    def run(self) -> peer.Answer:
        """The whole answer."""
        return peer.run(self.orders, self.stock, NOW, plain.RULES)


class PromisedLibrary(Library):
    """`process` with promises: all locations work by one calendar, with one cut-off."""

    def run(self) -> Result:
        """The whole answer."""
        return process(
            self.orders, self.inventory, now=NOW, priority=PRIORITY, promise=_next_cut_off()
        )


def _next_cut_off() -> PromisePolicy:
    office = BusinessCalendar(timezone=UTC, shifts=[Shift(start=time(9), end=time(17))])
    origin = Origin(
        calendar=office,
        cut_off=CutOff(calendar=office, at=time(14)),
        handling=timedelta(hours=2),
    )
    transit = dict.fromkeys((*workload.LOCATIONS, ""), timedelta(days=1))
    return from_calendars({}, transit, otherwise=origin)


class RuledLibrary(Library):
    """`process` on a day on which every order uses every rule once."""

    @classmethod
    def of(cls, data: Workload) -> RuledLibrary:
        """The side with its inputs ready."""
        data = ruled.made_of(data)
        return cls(ruled.library_orders(data), ruled.library_inventory(data))


class RuledBare(Bare):
    """The bare loop on the same lines, which knows no rules."""

    @classmethod
    def of(cls, data: Workload) -> RuledBare:
        """The side with its inputs ready."""
        return cls(ruled.made_of(data))


SIDES: dict[str, type[Library | Bare | Peer | Barest]] = {
    "process()": Library,
    "bare loop": Bare,
    "honest peer": Peer,
    "barest loop": Barest,
    "process() on a plain day": PlainLibrary,
    "honest peer on a plain day": PlainPeer,
    "process() with rules": RuledLibrary,
    "bare loop without": RuledBare,
    "process() with promises": PromisedLibrary,
}


def differences(data: Workload) -> list[str]:
    """Where the answers differ, field by field; empty if all are the same."""
    result = Library.of(data).run()
    other, on_plain = Peer.of(data), PlainPeer.of(data)
    return [
        *_differences(result, Bare.of(data).run(), "the bare loop"),
        *_differences(result, other.rows(other.run()), "the peer"),
        *_differences(PlainLibrary.of(data).run(), on_plain.rows(on_plain.run()), "the peer"),
        *_differences_of_barest(result, Barest.of(data).run()),
    ]


def _differences_of_barest(result: Result, answer: list[tuple[Any, ...]]) -> list[str]:
    return [
        f"decision: process() says {mine!r}, the barest loop {theirs!r}"
        for mine, theirs in zip(
            sorted(
                (
                    each.id,
                    str(each.outcome),
                    tuple([(a.line_id, a.sku, a.location, a.quantity) for a in each.allocations]),
                )
                for each in result.decisions
            ),
            sorted(answer),
            strict=True,
        )
        if mine != theirs
    ]


def _differences(result: Result, answer: BareAnswer, name: str) -> list[str]:
    decisions, messages, stock, reservations = answer
    found: list[str] = []

    def compare(what: str, from_library: list[Any], from_bare: list[Any]) -> None:
        if len(from_library) != len(from_bare):
            found.append(f"{what}: {len(from_library)} by process(), {len(from_bare)} by {name}")
        for mine, theirs in zip(from_library, from_bare, strict=False):
            if mine != theirs:
                found.append(f"{what}: process() says {mine!r}, {name} {theirs!r}")

    compare(
        "decision",
        [
            (
                decision.order.id,
                str(decision.outcome),
                tuple(
                    (each.code, int(each.severity), each.field, each.detail)
                    for each in decision.findings
                ),
                decision.rank,
                tuple(
                    (each.line_id, each.sku, each.location, each.quantity)
                    for each in decision.allocations
                ),
                tuple(
                    (each.line_id, each.sku, each.quantity, each.supply_id, each.expected_at)
                    for each in decision.backorders
                ),
                tuple(
                    (
                        each.line_id,
                        each.sku,
                        each.quantity,
                        each.requested,
                        each.available,
                        str(each.reason),
                    )
                    for each in decision.shorts
                ),
                tuple(map(_held, decision.reserved)),
            )
            for decision in result.decisions
        ],
        [(order[0], *rest, _holds(kept)) for order, *rest, kept in decisions],
    )
    compare(
        "message",
        [
            (
                str(each.kind),
                each.order_id,
                str(each.audience),
                each.recipient,
                each.locale,
                each.lines,
                each.reasons,
                each.news_key,
            )
            for each in result.notifications
        ],
        messages,
    )
    compare(
        "stock",
        [
            (
                sku,
                place,
                result.inventory.on_hand(sku, place),
                result.inventory.reserved(sku, place),
            )
            for sku, cells in stock.items()
            for place, *_ in cells
        ],
        [
            (sku, place, on_hand, reserved)
            for sku, cells in stock.items()
            for place, on_hand, _, reserved in cells
        ],
    )
    order_ids = sorted(
        {each.order_id for each in result.inventory.reservations()} | {*reservations}
    )
    compare(
        "reservations",
        [
            (order_id, tuple(map(_held, result.inventory.reservations_of(order_id))))
            for order_id in order_ids
        ],
        [(order_id, _holds(reservations.get(order_id, ()))) for order_id in order_ids],
    )
    return found


def _held(each: Any) -> tuple[Any, ...]:
    return (each.line_id, each.sku, each.location, each.quantity, each.made_at, each.expires_at)


def _holds(batches: Any) -> tuple[tuple[Any, ...], ...]:
    return tuple(
        (*entry, made_at, expires_at)
        for made_at, expires_at, entries in batches
        for entry in entries
    )
