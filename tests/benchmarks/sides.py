"""The two sides of the comparison: each has its inputs, runs, and is asked for all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bare
import ruled
import workload
from workload import NOW, TIERS, Workload

from fulfill_core import Inventory, Order, Result, process
from fulfill_core.priorities import customer_tier, deadline, lexicographic, oldest_first

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


SIDES: dict[str, type[Library | Bare]] = {
    "process()": Library,
    "bare loop": Bare,
    "process() with rules": RuledLibrary,
    "bare loop without": RuledBare,
}


def differences(data: Workload) -> list[str]:
    """Where the two answers differ, field by field; empty if they are the same."""
    result = Library.of(data).run()
    decisions, messages, stock, reservations = Bare.of(data).run()
    found: list[str] = []

    def compare(what: str, from_library: list[Any], from_bare: list[Any]) -> None:
        if len(from_library) != len(from_bare):
            found.append(f"{what}: {len(from_library)} from process(), {len(from_bare)} bare")
        for mine, theirs in zip(from_library, from_bare, strict=False):
            if mine != theirs:
                found.append(f"{what}: process() says {mine!r}, the bare loop {theirs!r}")

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
