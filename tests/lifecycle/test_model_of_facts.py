"""What facts come to is what a model says that knows the rules alone, and no record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st
from story import NOON, Story, line

from fulfill_core import Component, Inventory, Item, Payment, Stock
from fulfill_core.lifecycle import (
    Captured,
    CaptureFailed,
    Delivered,
    Event,
    Lost,
    Refunded,
    ReturnReceived,
    ShipmentVoided,
    Shipped,
    advance,
)

Fact: TypeAlias = tuple[type[Event], dict[str, Any]]
Figures: TypeAlias = dict[str, dict[str, Any]]
ORDERED = {"1": 3, "2": 2}
PRICES = {"1": Decimal("3.33"), "2": Decimal("7.50")}
PARTS: dict[str, dict[str, int]] = {"1": {"mug": 1}, "2": {"cup": 2, "pot": 1}}
SHIPPING, CENT, NOTHING = Decimal(4), Decimal("0.01"), Decimal(0)
ON_HAND = 20
COUNTERS = "shipped", "delivered", "lost", "returned", "reopened"


# -- What the rules come to ------------------------------------------------------------------------


def of_kind(facts: Iterable[Fact], kind: type[Event], **content: Any) -> list[dict[str, Any]]:
    """What facts of a kind say, those with this content, in the sequence in which they happened."""
    rows = [row for each, row in facts if each is kind and content.items() <= row.items()]
    return sorted(rows, key=lambda row: (row["at"], row.get("ref", "")))


def count_parcel(facts: Sequence[Fact], parcel: str, lines: Figures, on_hand: Counter[Any]) -> None:
    """What one parcel comes to: the highest of each number, and not the sum."""
    [shipped] = of_kind(facts, Shipped, parcel=parcel)
    arrivals = of_kind(facts, Delivered, parcel=parcel)
    losses = of_kind(facts, Lost, parcel=parcel)
    if of_kind(facts, ShipmentVoided, parcel=parcel) and not arrivals and not losses:
        return  # it never left
    lost, arrived = Counter[str](), Counter[str]()
    for row in losses:
        lost |= Counter(row["lines"])
    for row in arrivals:
        arrived |= Counter(row.get("lines", {}))
    left: Counter[str] = Counter[str](shipped["lines"]) | lost | arrived
    if any("lines" not in row for row in arrivals):
        rest: Counter[str] = left - lost
        arrived = arrived | rest if rest else left
    for line_id, units in left.items():
        counts = lines[line_id]
        counts["shipped"] += units
        counts["delivered"] += arrived[line_id]
        for sku, each in PARTS[line_id].items():
            on_hand[sku] -= units * each


def losses_of(facts: Sequence[Fact]) -> list[dict[str, Any]]:
    """What each parcel lost in all: the highest of each number, from when it was first said."""
    rows: dict[str, dict[str, Any]] = {}
    for row in of_kind(facts, Lost):
        total = rows.setdefault(row["parcel"], {"at": row["at"], "ref": ""})
        for fate in ("lines", "reopened", "credited"):
            total[fate] = total.get(fate, Counter()) | Counter(row.get(fate, {}))
    return list(rows.values())


def units_here(facts: Sequence[Fact], at: datetime) -> Counter[str]:
    """What leaves later than at an instant: what a parcel lost had left when that was said."""
    here = Counter[str]()
    for row in of_kind(facts, Shipped):
        losses = of_kind(facts, Lost, parcel=row["parcel"])
        if min([each["at"] for each in (row, *losses)]) > at:
            figures: Figures = {line_id: Counter() for line_id in ORDERED}
            count_parcel(facts, row["parcel"], figures, Counter())
            here.update({line_id: counts["shipped"] for line_id, counts in figures.items()})
    return here


def count_loss(
    row: dict[str, Any], lines: Figures, out: dict[str, int], here: Mapping[str, int]
) -> None:
    """What a parcel lost, as far as it was out by then."""
    for line_id, units in row["lines"].items():
        counts, lost = lines[line_id], max(0, min(units, out[line_id] - here[line_id]))
        out[line_id] -= lost
        counts["lost"] += lost
        for fate in ("reopened", "credited"):
            counts[fate] += min(lost, row[fate][line_id])


def count_returns(facts: Sequence[Fact], lines: Figures, on_hand: Counter[Any]) -> None:
    """What came back, or was lost, while so many were out, the first first.

    Each return counts whole or not at all.
    """
    out = {line_id: counts["shipped"] for line_id, counts in lines.items()}
    rows = [*losses_of(facts), *of_kind(facts, ReturnReceived)]
    for row in sorted(rows, key=lambda each: (each["at"], each["ref"])):
        if not row["ref"]:
            count_loss(row, lines, out, units_here(facts, row["at"]))
        elif all(units <= out[line_id] for line_id, units in row["lines"].items()):
            for line_id, units in row["lines"].items():
                out[line_id] -= units
                lines[line_id]["returned"] += units
                lines[line_id]["reopened" if "reopened" in row else "credited"] += units
                for sku, each in PARTS[line_id].items():
                    on_hand[sku] += units * each


def money_due(lines: Figures) -> Decimal:
    """What is kept costs: the first units of a line as much as their part of it, half a cent up."""
    due, is_kept = NOTHING, False
    for line_id, counts in lines.items():
        ordered = ORDERED[line_id]
        surplus = max(0, counts["shipped"] - counts["reopened"] - ordered)
        kept = max(0, ordered - max(0, counts["credited"] - surplus))
        cost = ordered * PRICES[line_id]
        due += cost - (cost * (ordered - kept) / ordered).quantize(CENT, ROUND_HALF_UP)
        is_kept = is_kept or kept > 0
    return due + SHIPPING if is_kept else NOTHING


def money_of(facts: Sequence[Fact], payment: str) -> tuple[Decimal, Decimal]:
    """What was captured and given back of a payment: no more than came, and what failed is none."""
    failures = {row["ref"] for row in of_kind(facts, CaptureFailed, payment=payment)}
    captures = of_kind(facts, Captured, payment=payment)
    captured = sum([row["amount"] for row in captures if row["ref"] not in failures], NOTHING)
    room = captured
    for row in of_kind(facts, Refunded, payment=payment):
        room -= row["amount"] if row["amount"] <= room else NOTHING
    return captured, captured - room


def expected(facts: Sequence[Fact]) -> dict[str, Any]:
    """What all of it comes to, however often and in which sequence it is heard."""
    names = (*COUNTERS, "credited")
    lines: Figures = {line_id: dict.fromkeys(names, 0) for line_id in ORDERED}
    on_hand: Counter[Any] = Counter({sku: ON_HAND for parts in PARTS.values() for sku in parts})
    for row in of_kind(facts, Shipped):
        count_parcel(facts, row["parcel"], lines, on_hand)
    count_returns(facts, lines, on_hand)
    return {
        "lines": {key: [counts[name] for name in COUNTERS] for key, counts in lines.items()},
        "open": {
            line_id: max(0, ORDERED[line_id] - counts["shipped"] + counts["reopened"])
            for line_id, counts in lines.items()
        },
        "on hand": dict(on_hand),
        "due": money_due(lines),
        "money": {payment: money_of(facts, payment) for payment in ("card", "gift")},
    }


# -- What a record comes to ------------------------------------------------------------------------


def two_lines() -> Story:
    """Three mugs and two sets, paid by two payments."""
    sets = Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")])
    skus = [sku for parts in PARTS.values() for sku in parts]
    stock = [Stock(sku=sku, location="x", on_hand=ON_HAND) for sku in skus]
    return Story(
        line("1", ORDERED["1"], unit_price=PRICES["1"]),
        line("2", ORDERED["2"], unit_price=PRICES["2"], sku="set"),
        stock=Inventory(stock, items=[sets]),
        shipping=SHIPPING,
        payments=[Payment(id=each, amount=Decimal(20)) for each in ("card", "gift")],
    )


def outcome(story: Story) -> dict[str, Any]:
    """The same figures of a record and its stock."""
    record = story.record
    progress: Mapping[str, Any] = {line_id: record.progress_of(line_id) for line_id in ORDERED}
    return {
        "lines": {
            key: [getattr(each, name) for name in COUNTERS] for key, each in progress.items()
        },
        "open": {line_id: record.open(line_id) for line_id in ORDERED},
        "on hand": {
            sku: story.stock.on_hand(sku, "x") for parts in PARTS.values() for sku in parts
        },
        "due": record.due,
        "money": {each.id: (each.captured, each.refunded) for each in record.order.payments},
    }


# -- What may happen -------------------------------------------------------------------------------

UNITS = st.dictionaries(st.sampled_from("12"), st.integers(1, 2), min_size=1)
PAYMENTS = st.sampled_from(["card", "gift"])
AMOUNTS = st.sampled_from([Decimal(2), Decimal(5), Decimal(8)])


@st.composite
def parcels(draw: st.DrawFn, parcel: str) -> list[Fact]:
    """What is said of a parcel: that it left, and what became of it."""
    facts: list[Fact] = [(Shipped, {"location": "x", "lines": draw(UNITS)})]
    if draw(st.booleans()):
        facts.append((Delivered, {"lines": draw(UNITS)} if draw(st.booleans()) else {}))
    if draw(st.booleans()):
        units = draw(UNITS)  # of as many as left, or fewer, or others
        fate = draw(st.sampled_from(["reopened", "credited"]))
        facts.append((Lost, {"lines": units, fate: units}))
    if draw(st.integers(0, 5)) == 0:
        facts.append((ShipmentVoided, {}))
    return [(kind, {"parcel": parcel, **content}) for kind, content in facts]


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[Fact], list[int]]:
    """Facts, each with the time at which it happened; and the sequence in which they are heard."""
    facts = draw(parcels("p1")) + draw(parcels("p2"))
    for number in range(draw(st.integers(0, 2))):
        units = draw(UNITS)
        content = {"ref": f"r{number}", "location": "x", "lines": units}
        facts.append(
            (ReturnReceived, content | ({"reopened": units} if draw(st.booleans()) else {}))
        )
    for number in range(draw(st.integers(0, 3))):
        content = {"payment": draw(PAYMENTS), "amount": draw(AMOUNTS), "ref": f"c{number}"}
        facts.append((Captured, content))
        if draw(st.integers(0, 5)) == 0:
            facts.append((CaptureFailed, content))
    for number in range(draw(st.integers(0, 2))):
        content = {"payment": draw(PAYMENTS), "amount": draw(AMOUNTS), "ref": f"b{number}"}
        facts.append((Refunded, content))
    minutes = draw(st.permutations(range(len(facts))))
    facts = [
        (kind, {**content, "at": NOON + timedelta(minutes=minute)})
        for (kind, content), minute in zip(facts, minutes, strict=True)
    ]
    places = range(len(facts))
    heard_again = draw(st.lists(st.sampled_from(places), max_size=4))
    return facts, draw(st.permutations([*places, *heard_again]))


@given(streams())
def test_facts_come_to_what_the_rules_say(stream: tuple[list[Fact], list[int]]) -> None:
    """Of units, stock and money, whatever the sequence, and however often it is heard.

    Nor is one message sent twice.
    """
    facts, places = stream
    story = two_lines()
    message_ids: list[str] = []
    for turn, place in enumerate(places):
        kind, content = facts[place]
        # A second source has ids of its own.
        event = kind(id=f"e{place if turn % 2 else turn + 100}", order_id="A-1", **content)
        step = advance(story.record, event, story.stock, now=NOON + timedelta(days=1))
        story.record, story.stock = step.record, step.inventory
        message_ids += [each.id for each in step.notifications]
    assert outcome(story) == expected(facts)
    assert len(set(message_ids)) == len(message_ids)


def test_the_model_counts_as_the_rules_do() -> None:
    """By hand: one of two sets is lost and goes again, a mug comes back, a refund is too much."""
    rows: list[Fact] = [
        (Refunded, {"payment": "card", "amount": Decimal(8), "ref": "b1"}),
        (Shipped, {"parcel": "p1", "location": "x", "lines": {"1": 1, "2": 2}}),
        (Lost, {"parcel": "p1", "lines": {"2": 1}, "reopened": {"2": 1}}),
        (Delivered, {"parcel": "p1"}),
        (ReturnReceived, {"ref": "r1", "location": "x", "lines": {"1": 1}}),
        (Captured, {"payment": "card", "amount": Decimal(5), "ref": "c1"}),
    ]
    facts = [
        (kind, {**row, "at": NOON + timedelta(hours=at)}) for at, (kind, row) in enumerate(rows)
    ]
    assert expected(facts) == {
        "lines": {"1": [1, 1, 0, 1, 0], "2": [2, 1, 1, 0, 1]},
        "open": {"1": 2, "2": 1},
        "on hand": {"mug": 20, "cup": 16, "pot": 18},
        "due": Decimal("25.66"),
        "money": {"card": (5, 0), "gift": (0, 0)},
    }
