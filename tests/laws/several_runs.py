"""Laws that compare runs with each other: again, in another sequence, apart, with less or more.

Each takes the function under test first, then what hypothesis drew for it.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from fulfill_core import (
    Audience,
    Backorder,
    Claim,
    Context,
    Customer,
    Decision,
    Facts,
    Finding,
    Inventory,
    KitShips,
    Location,
    Order,
    OrderRecord,
    Outcome,
    Severity,
    Ship,
    Verifier,
)
from fulfill_core.notifications import customer_and_staff
from fulfill_core.records import FactKind, fact_missing
from fulfill_core.records.facts import KindOfFact
from fulfill_core.records.likeness import Per
from fulfill_core.testing import Batch, batches, locations
from fulfill_core.testing.strategies import UNTRACKED
from fulfill_core.verifiers import (
    all_of,
    asked_last,
    covers_total,
    credit_covers,
    downgrade,
    needing,
    only_if,
    quantity_limits,
    reachable,
    repeated_order,
    risk_flags,
    risk_score,
    ship_to_complete,
    unless,
    usual_for_customer,
    velocity,
)
from fulfill_core.verifiers.combining import facts_needed_by

from .runs import (
    MILDEST_FIRST,
    Policies,
    Process,
    Run,
    allocated_by_sku,
    holds,
    in_queue,
    is_skipping,
    lines_on_hold,
    order_of,
    run,
    same,
    seen_first,
    shuffled,
    with_order,
)


def law_06_determinism(process: Process, batch: Batch, rules: Policies, seed: int) -> None:
    """The same again; in another sequence; and with a line split in two."""
    first = run(process, batch, rules)
    _same_result("the same again", first, run(process, batch, rules))
    orders = [
        with_order(
            entry,
            attrs.evolve(
                order_of(entry),
                lines=shuffled(order_of(entry).lines, seed),
                payments=shuffled(order_of(entry).payments, seed),
            ),
        )
        for entry in shuffled(batch.orders, seed)
    ]
    inventory = Inventory(
        stock=shuffled(batch.inventory.stock(), seed),
        supplies=shuffled(batch.inventory.supplies(), seed),
        items=shuffled(batch.inventory.items(), seed),
        locations=shuffled(batch.inventory.locations(), seed),
        reservations=shuffled(batch.inventory.reservations(), seed),
        claims=shuffled(batch.inventory.claims(), seed),
        intakes=shuffled(batch.inventory.intakes(), seed),
    )
    again = run(process, batch, rules, orders=orders, inventory=inventory)
    _same_result("in another sequence", first, again)
    _splitting_changes_nothing(process, batch, rules, first, seed)


def _same_result(what: str, expected: Run, actual: Run) -> None:
    same(f"{what}: decisions", expected.decisions, actual.decisions)
    same(f"{what}: inventory", expected.inventory, actual.inventory)
    same(f"{what}: messages", expected.notifications, actual.notifications)
    same(f"{what}: wake_at", expected.wake_at, actual.wake_at)


def _splitting_changes_nothing(
    process: Process, batch: Batch, rules: Policies, whole: Run, seed: int
) -> None:
    can_split = [
        (decision.order, line)
        for decision in in_queue(whole)
        if decision.order.ship is not Ship.LINES and not _is_known(batch.facts, decision)
        for line in decision.order.lines
        if line.quantity > 1
        and batch.inventory.item(line.sku).kit_ships is KitShips.BY_KIT
        and line.id not in lines_on_hold(decision)
        and all(
            held.line_id != line.id for held in batch.inventory.reservations_of(decision.order.id)
        )
    ]
    if not can_split:
        return
    order, line = random.Random(seed).choice(can_split)
    part = random.Random(seed).randrange(1, line.quantity)
    lines = (
        *(other for other in order.lines if other != line),
        # What the line costs, it costs in both halves: one has its discount, tax and what was
        # agreed beyond its price.
        attrs.evolve(
            line,
            quantity=part,
            agreed_total=None
            if line.agreed_total is None
            else line.agreed_total - line.unit_price * (line.quantity - part),
        ),
        attrs.evolve(
            line,
            id=f"{line.id}+",
            quantity=line.quantity - part,
            discount=Decimal(0),
            tax=Decimal(0),
            agreed_total=None,
        ),
    )
    parted = attrs.evolve(order, lines=lines)
    orders = [
        with_order(entry, parted) if order_of(entry) == order else entry for entry in batch.orders
    ]
    result = run(process, batch, rules, orders=orders)
    for decision in in_queue(whole):
        same(
            f"units for {decision.id} when line {line.id} of {order.id} is split",
            allocated_by_sku(decision),
            allocated_by_sku(result[decision.id]),
        )


def _is_known(facts: Facts, made: Decision) -> bool:
    """Whether what is known of the order is of this version: a line that is split makes another."""
    seen = facts.screening_of(made.order)
    return any(found.is_waived for found in made.findings) or (
        seen is not None and seen.fingerprint != ""
    )


def law_07_nobody_is_hurt_from_behind(
    process: Process, batch: Batch, rules: Policies, seed: int
) -> None:
    """Some orders are taken out: decisions ranked before the first of them stay as they were, with
    their reasons. So it is in a run that is done again, and those who are gone got something.

    What an order has that has no turn counts for the cap of its customer: without it, those of that
    customer may get more, and those ranked behind them less.
    """
    chance = random.Random(seed)
    first = run(process, batch, rules)
    gone = {made.id for made in first.decisions if chance.random() < 0.4}
    for inventory in (batch.inventory, first.inventory):
        _is_as_without(process, batch, rules, inventory, gone)


def _counts_for_a_cap(batch: Batch, order_id: str) -> bool:
    """Whether something is reserved or claimed for an order, or has left, where there are caps."""
    inventory = batch.inventory
    if all(item.customer_cap is None for item in inventory.items()):
        return False
    records = [entry for entry in batch.orders if isinstance(entry, OrderRecord)]
    progress = [one for each in records if each.id == order_id for one in each.progress]
    return bool(inventory.reservations_of(order_id) or inventory.claims_of(order_id) or progress)


def _is_as_without(
    process: Process, batch: Batch, rules: Policies, inventory: Inventory, gone: set[str]
) -> None:
    full = run(process, batch, rules, inventory=inventory)
    orders = [entry for entry in batch.orders if entry.id not in gone]
    fewer = run(process, batch, rules, orders=orders, inventory=inventory)
    customers = {
        made.order.customer.id
        for made in full.decisions
        if made.id in gone and made.rank is None and _counts_for_a_cap(batch, made.id)
    }
    ranks = [
        made.rank
        for made in full.decisions
        if made.rank is not None and (made.id in gone or made.order.customer.id in customers)
    ]
    first_gone = min(ranks, default=len(full.decisions))
    for made in full.decisions:
        if made.id not in gone and (made.rank is None or made.rank < first_gone):
            same(f"{made.id}, without {sorted(gone)}", undated(made), undated(fewer[made.id]))


def undated(made: Decision) -> Decision:
    """A decision without the dates of what waits beside units that are there: those others may
    take, since nobody keeps them for it. What an order that ships complete counted on in vain it
    claims of supplies that nobody needs: which those are depends on the others, as its date does.
    """
    is_complete = made.order.ship is Ship.COMPLETE
    if not (is_complete or made.kits):
        return made
    # Units that are there stand in the row of what they wait with; others, that were taken, apart.
    units = Counter[tuple[str, str, str, str]]()
    for row in made.backorders:
        supply = ("", "") if is_complete else (row.supply_id, row.location)
        units[row.line_id, row.sku, *supply] += row.quantity - row.on_hand
        units[row.line_id, row.sku, "", ""] += row.on_hand
    rows = [
        Backorder(line_id=line_id, sku=sku, quantity=some, supply_id=supply_id, location=location)
        for (line_id, sku, supply_id, location), some in sorted((+units).items())
    ]
    findings = [
        finding
        for finding in made.findings
        if not (is_complete and finding.code == "supply.overdue")
    ]
    return attrs.evolve(made, backorders=rows, findings=findings)


def law_08_idempotence(process: Process, batch: Batch, rules: Policies) -> None:
    """The same orders against the inventory that came out: nothing new, nothing else said."""
    first = run(process, batch, rules)
    again = run(process, batch, rules, inventory=first.inventory)
    same("allocated again", [], [row for made in again.decisions for row in made.allocations])
    same("the inventory", first.inventory, again.inventory)
    same(
        "the message ids",
        [message.id for message in first.notifications],
        [message.id for message in again.notifications],
    )
    for made in first.decisions:
        confirmed = [status.confirmed for status in made.lines]
        same(
            f"confirmed to {made.id}",
            confirmed,
            [status.confirmed for status in again[made.id].lines],
        )


def without_capacity(places: Iterable[Location]) -> tuple[Location, ...]:
    """The same locations, each of which takes on as many orders as come."""
    return tuple(attrs.evolve(place, capacity=None) for place in places)


# Made once: to make them in every example takes as long as to draw from them.
PLACES = st.shared(locations().map(without_capacity), key="the locations of both shards")
SHARDS = (
    batches(ids=("A-1", "A-2", "A-3"), skus=("cup", "mug"), places=PLACES),
    batches(ids=("A-2b", "A-3b", "A-4"), skus=("pot", "tea"), places=PLACES),
)


@st.composite
def shards(draw: st.DrawFn) -> tuple[Batch, Batch]:
    """Two batches, at the same locations, that share no SKU and no supply, nor a day's capacity."""
    both = draw(SHARDS[0]), draw(SHARDS[1])
    one, other = (batch.facts for batch in both)
    known = {customer.customer_id: customer for customer in (*one.customers, *other.customers)}
    facts = Facts(  # each shard is told of all customers: they may shop in both
        screenings=(*one.screenings, *other.screenings),
        customers=known.values(),
    )
    return attrs.evolve(both[0], facts=facts), attrs.evolve(both[1], facts=facts)


def law_09_shards(process: Process, both: tuple[Batch, Batch], rules: Policies) -> None:
    """Two batches apart and at once: the same but for the rank, which is a place in a queue."""
    one, other = both
    union = Batch(
        orders=(*one.orders, *other.orders),
        inventory=Inventory(
            stock=[*one.inventory.stock(), *other.inventory.stock()],
            supplies=[*one.inventory.supplies(), *other.inventory.supplies()],
            items=[
                *one.inventory.items(),
                *(item for item in other.inventory.items() if item.sku != UNTRACKED),
            ],
            locations=one.inventory.locations(),
            reservations=[*one.inventory.reservations(), *other.inventory.reservations()],
            claims=[*one.inventory.claims(), *other.inventory.claims()],
            intakes=[*one.inventory.intakes(), *other.inventory.intakes()],
        ),
        now=one.now,
        facts=one.facts,
    )
    together = run(process, union, rules)
    apart = [run(process, shard, rules) for shard in both]
    decisions = [made for result in apart for made in result.decisions]
    same(
        "the decided ids",
        sorted(made.id for made in decisions),
        sorted(made.id for made in together.decisions),
    )
    for made in decisions:
        unranked = attrs.evolve(together[made.id], rank=made.rank)
        same(f"{made.id}, together", made, unranked)
    reserved = [held for result in apart for held in result.reservations]
    claims = [claim for result in apart for claim in result.inventory.claims()]
    without_claims = union.inventory.without_claims(union.inventory.claims())
    same(
        "the inventory",
        without_claims.with_reserved(*reserved).with_claimed(*claims),
        together.inventory,
    )
    same(
        "the messages",
        Counter(message for result in apart for message in result.notifications),
        Counter(together.notifications),
    )


def law_10_severity_only_grows(
    process: Process, batch: Batch, rules: Policies, verifier: Verifier
) -> None:
    """One more verifier: no verdict is milder, and what was found is found. Without their facts:
    the ready-made ones hold, and so does what is made of verifiers that need some.

    Findings of verifiers that are asked last may go, where the order is now rejected without them
    and says that they were skipped; and what is seen only when stock has been given out is about
    another run.
    """
    less = run(process, batch, rules)
    more = run(process, batch, attrs.evolve(rules, verifiers=(*rules.verifiers, verifier)))
    for made in less.decisions:
        verdict, new_verdict = made.verdict, more[made.id].verdict
        holds(
            f"{made.id}: {verdict}, with one more verifier {new_verdict}",
            true=MILDEST_FIRST.index(new_verdict) >= MILDEST_FIRST.index(verdict),
        )
        if not is_skipping(more[made.id]):
            lost = seen_first(made) - seen_first(more[made.id])
            same(f"{made.id}: findings that got lost", Counter(), lost)
    bare = attrs.evolve(
        batch,
        orders=tuple(
            attrs.evolve(
                order,
                customer=attrs.evolve(order.customer, email="", phone=""),
                ship_to=None,
                payments=(),
            )
            for order in map(order_of, batch.orders)
        ),
        facts=Facts(),
    )
    lacking: Mapping[Verifier, Callable[[Order], bool]] = {
        reachable: lambda _: True,
        ship_to_complete: lambda order: any(line.ships for line in order.lines),
        covers_total(): lambda order: order.total > 0,
        _asks_in_vain: lambda _: True,
        needing(_is_quiet, FactKind.SCREENING): lambda _: True,
        asked_last(only_if(_is_true, needing(_is_quiet, *FactKind))): lambda _: True,
        unless(_asks_in_vain_whether, _is_quiet): lambda _: True,
        downgrade(
            all_of(needing(_is_quiet, FactKind.CUSTOMER), _is_quiet), to=Severity.NOTE
        ): lambda _: True,
        downgrade(_asks_in_vain, to=Severity.NOTE): lambda _: True,
    }
    for asked, is_missed in lacking.items():
        result = run(process, bare, attrs.evolve(rules, verifiers=(asked,)))
        for made in result.decisions:
            if is_missed(made.order):
                same(f"{made.id}, of which a fact is missing", Outcome.HELD, made.outcome)
    result = run(process, bare, attrs.evolve(rules, verifiers=NEED_FACTS))
    for made in result.decisions:
        if len({entry for entry in bare.orders if entry.id == made.id}) == 1:
            kinds = _kinds_needed(made.order, bare.now)
            missing = {fact_missing(kind, made.order) for kind in kinds}
            lost = missing - set(made.findings)
            same(f"{made.id}: facts that are missing without a word", set(), lost)


PER: tuple[Per, ...] = ("customer", "email", "phone", "card", "address", "ip")
NEED_FACTS: tuple[Verifier, ...] = (
    credit_covers(),
    quantity_limits({"mug": 3}, per="customer", within=timedelta(days=9)),
    risk_flags({"proxy": Severity.HOLD}),
    risk_score(hold_at=60),
    usual_for_customer(),
    *(velocity(at_most=2, within=timedelta(days=1), per=per) for per in PER),
    *(repeated_order(within=timedelta(days=1), per=per) for per in PER),
)
"""Ready-made verifiers that need facts, of some orders at least."""


def _kinds_needed(order: Order, now: datetime) -> set[KindOfFact]:
    context = Context(now=now)
    return {kind for asked in NEED_FACTS for kind in facts_needed_by(asked, order, context)}


def _asks_in_vain(order: Order, /, *, context: Context) -> Iterable[Finding]:
    raise LookupError(order.id)


def _asks_in_vain_whether(order: Order, /, *, context: Context) -> bool:
    raise LookupError(order.id)


def _is_true(order: Order, /, *, context: Context) -> bool:
    return True


def _is_quiet(order: Order, /, *, context: Context) -> Iterable[Finding]:
    return ()


def law_11_inverse(process: Process, batch: Batch, rules: Policies) -> None:
    """What the run reserved is taken out again, and once more; so are the claims that it made."""
    result = run(process, batch, rules)
    released = result.inventory.without_reservations(result.reservations)
    changes = result.inventory.changes_since(batch.inventory)
    released = released.without_claims(changes.claims_added)
    released = released.with_claimed(*changes.claims_removed)
    same("the inventory, released", batch.inventory, released)
    twice = released.without_reservations(result.reservations)
    # A claim that only has other units now is there again: without it, a part would go.
    claims = {key_of_claim(claim) for claim in changes.claims_removed}
    twice = twice.without_claims(
        [claim for claim in changes.claims_added if key_of_claim(claim) not in claims]
    )
    same("the inventory, released twice", batch.inventory, twice)
    undone = result.inventory.with_changes(changes.inverted())
    same("the inventory, with the inverse of what changed", batch.inventory, undone)
    for row in batch.inventory.stock():
        for now in (None, batch.now):
            same(
                f"available again: {row.sku} at {row.location}",
                batch.inventory.available(row.sku, row.location, now=now),
                released.available(row.sku, row.location, now=now),
            )


def key_of_claim(claim: Claim) -> tuple[object, ...]:
    """Of one key an order has one claim."""
    return claim.order_id, claim.line_id, claim.sku, claim.supply_id, claim.made_at


def mailbox(customer: Customer) -> str:
    """The e-mail address if it is one of something at something, else the phone number."""
    if re.fullmatch(r"[^@\s]{1,64}@[^@\s]+", customer.email.strip()):
        return customer.email.strip()
    return customer.phone.strip() if len(re.sub(r"\D", "", customer.phone)) >= 5 else ""


def law_13_messages(
    process: Process, batch: Batch, rules: Policies, other_stock: Inventory
) -> None:
    """Messages are made of decisions; over several runs, ids and news go together one to one."""
    later = batch.now + timedelta(minutes=90)
    runs = [
        (batch.now, run(process, batch, rules)),
        (batch.now, run(process, batch, rules, inventory=other_stock)),
        (later, run(process, batch, rules, now=later)),
    ]
    news_of: dict[str, Any] = {}
    id_of: dict[Any, str] = {}
    for now, result in runs:
        # How long an order has waited for a machine counts; nothing else that the time says.
        context = Context(now=now)
        expected = [
            message
            for made in result.decisions
            for message in customer_and_staff(made, context=context)
        ]
        same("the messages, from the decisions alone", expected, list(result.notifications))
        for message in result.notifications:
            order = result[message.order_id].order
            is_for_customer = message.audience is Audience.CUSTOMER
            locale = order.locale if is_for_customer else "en"
            same(f"the locale of {message.id}", locale, message.locale)
            recipient = mailbox(order.customer) if is_for_customer else ""
            same(f"the recipient of {message.id}", recipient, message.recipient)
            news = (message.order_id, message.kind, message.lines, message.reasons)
            same(f"the news under the id {message.id}", news_of.setdefault(message.id, news), news)
            same(f"the id of the news {news}", id_of.setdefault(news, message.id), message.id)
        ids = [message.id for message in result.notifications]
        same("ids that were used twice in a run", len(ids), len(set(ids)))
