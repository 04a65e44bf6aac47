"""Shards: what orders hang together by, and what a plug-in has to say for it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import attrs
import pytest

from fulfill_core import (
    DEFAULT_NOTIFICATIONS,
    DEFAULT_VERIFIERS,
    Address,
    Claim,
    Component,
    Context,
    Customer,
    Facts,
    FulfillError,
    Inventory,
    Item,
    Location,
    Order,
    OrderRecord,
    Payment,
    PaymentStatus,
    Result,
    Screening,
    Severity,
    Shards,
    Stock,
    Supply,
    merged,
    process,
    shards,
)
from fulfill_core.notifications import CustomerAndStaff, together
from fulfill_core.priorities import customer_tier, deadline, fair_share, lexicographic
from fulfill_core.protocols import Plan
from fulfill_core.protocols.plugins import MOST_ANSWERS
from fulfill_core.records import FactKind
from fulfill_core.verifiers import (
    all_of,
    asked_last,
    covers_total,
    credit_covers,
    downgrade,
    needing,
    only_if,
    quantity_limits,
    repeated_order,
    usual_for_customer,
    velocity,
)

from .builders import NOW, line, order, reserved

DAY = timedelta(days=1)
EMPTY = Inventory()


def asking(order_id: str, *skus: str, customer: str = "", **changes: Any) -> Order:
    """An order for one of each of these SKUs, of a customer of its own."""
    return order(
        order_id,
        lines=[line(str(number), sku) for number, sku in enumerate(skus)],
        customer=Customer(id=customer or f"C-{order_id}", email="ada@example.com"),
        ship_to=Address(
            name="Ada", street=[order_id], city="Leeds", postal_code="LS1 4AP", country="GB"
        ),
        **changes,
    )


MUG, CUP = asking("A-1", "mug"), asking("A-2", "cup")


def ids(groups: Iterable[Iterable[Order | OrderRecord]]) -> list[str]:
    """The ids of each group, in a word."""
    return [" ".join(member.id for member in group) for group in groups]


def groups_of(*orders: Order | OrderRecord, stock: Inventory = EMPTY, **settings: Any) -> list[str]:
    """The ids of the groups of these orders, which are the same the other way round."""
    groups = shards(orders, stock, settings)
    assert ids(shards(orders[::-1], stock, settings)) == ids(groups)
    return ids(groups)


# -- What of the stock they share ------------------------------------------------------------------


def test_orders_for_one_sku_hang_together() -> None:
    """One SKU is scarce for all who ask for it; two SKUs have nothing to do with each other."""
    assert groups_of(MUG, CUP, asking("A-3", "mug")) == ["A-1 A-3", "A-2"]
    assert groups_of() == []
    assert groups_of(asking("A-1"), asking("A-2")) == ["A-1", "A-2"]


def test_what_hangs_together_with_one_of_them_does_with_all() -> None:
    """A basket connects the SKUs that are in it, and so on from basket to basket."""
    chain = [asking(f"A-{one}", f"sku-{one}", f"sku-{other}") for one, other in pairwise(range(9))]
    random.Random(7).shuffle(chain)
    assert groups_of(*chain, asking("B-1", "sku-99")) == [
        "A-0 A-1 A-2 A-3 A-4 A-5 A-6 A-7",
        "B-1",
    ]


PAIR = Item(sku="pair", components=[Component(sku="mug", quantity=2)])
BOX = Item(
    sku="box", components=[Component(sku="pair", quantity=1), Component(sku="tea", quantity=1)]
)
CARD = Item(sku="card", components=[Component(sku="wrap", quantity=1)])
KITS = Inventory(items=[PAIR, BOX, CARD, Item(sku="wrap", tracked=False)])


@pytest.mark.parametrize(
    ("one", "other", "is_shared"),
    [
        ("pair", "mug", True),
        ("box", "mug", True),
        ("box", "pair", True),
        ("tea", "box", True),
        ("pair", "tea", False),
        ("wrap", "wrap", False),
        ("card", "card", False),
        ("card", "wrap", False),
        ("ghost", "ghost", True),
    ],
)
def test_a_kit_shares_its_components(one: str, other: str, is_shared: bool) -> None:
    """With who asks for them alone, and for other kits of them, at any depth; what is not tracked
    is not scarce.
    """
    expected = ["A-1 A-2"] if is_shared else ["A-1", "A-2"]
    assert groups_of(asking("A-1", one), asking("A-2", other), stock=KITS) == expected


def test_a_kit_and_its_component_are_not_sold_twice() -> None:
    """One on hand, one order for the mug and one for a kit with it: one of them is served."""
    kit = Item(sku="kit", components=[Component(sku="mug", quantity=1)])
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=1)], items=[kit])
    orders = [MUG, asking("A-2", "kit"), asking("A-3", "cup")]
    results = [process(group, stock, now=NOW) for group in shards(orders, stock)]
    assert (len(results), merged(results).inventory.reserved("mug")) == (2, 1)


def test_what_an_order_has_counts_as_well() -> None:
    """It may have units reserved, or supplies claimed, of what it does not ask for any more."""
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=2)],
        supplies=[Supply(id="PO-1", sku="tea", quantity=2, expected_at=NOW + DAY)],
        reservations=[reserved("A-2")],
        claims=[Claim(order_id="A-3", line_id="1", sku="tea", supply_id="PO-1", quantity=1)],
    )
    others = asking("A-3", "pot"), asking("A-4", "tea")
    assert groups_of(MUG, CUP, *others, stock=stock) == ["A-1 A-2", "A-3 A-4"]


def place_with(capacity: int | None, **content: Any) -> Inventory:
    """A stock with a location of this capacity, Lyon."""
    return Inventory(locations=[Location(id="lyon", capacity=capacity)], **content)


AT_LYON = [Stock(sku=sku, location="lyon", on_hand=1) for sku in ("mug", "cup")]
TO_COME = [
    Supply(id=f"PO-{sku}", sku=sku, quantity=1, expected_at=NOW + DAY) for sku in ("mug", "cup")
]


@pytest.mark.parametrize(
    ("stock", "expected"),
    [
        (place_with(5, stock=AT_LYON), ["A-1 A-2", "A-3"]),
        (place_with(0, stock=AT_LYON), ["A-1 A-2", "A-3"]),
        (place_with(None, stock=AT_LYON), ["A-1", "A-2", "A-3"]),
        (place_with(5, stock=AT_LYON[:1]), ["A-1", "A-2", "A-3"]),
        (place_with(5, supplies=TO_COME), ["A-1 A-2", "A-3"]),
        (
            place_with(5, supplies=[attrs.evolve(each, location="lyon") for each in TO_COME]),
            ["A-1 A-2", "A-3"],
        ),
        (
            place_with(
                5,
                stock=[Stock(sku="pot", location="oslo", on_hand=1)],
                supplies=[attrs.evolve(each, location="oslo") for each in TO_COME],
            ),
            ["A-1", "A-2", "A-3"],
        ),
    ],
)
def test_a_location_that_fills_up_connects_who_may_use_it(
    stock: Inventory, expected: list[str]
) -> None:
    """That is, who asks for what lies there, or may come in there; where any number of orders is
    taken on, nobody is in anybody's way.
    """
    assert groups_of(MUG, CUP, asking("A-3", "pot"), stock=stock) == expected


def test_repeats_of_an_order_are_in_one_group() -> None:
    """Only one run that sees them all notices that they are not the same; each is in it as passed,
    and in a sequence that does not depend on that of the input.
    """
    other = asking("A-1", "cup")
    record, noted = OrderRecord(order=MUG), OrderRecord(order=other)
    members = [MUG, other, record, noted, asking("A-2", "cup"), asking("A-3", "pot")]
    groups = shards(members, EMPTY)
    assert ids(groups) == ["A-1 A-1 A-1 A-1 A-2", "A-3"]
    assert sorted(map(id, groups.groups[0])) == sorted(map(id, members[:5]))
    assert shards(members[::-1], EMPTY) == groups


# -- What plug-ins look at -------------------------------------------------------------------------

SAME = Customer(id="C-7", email="ada@example.com")
TWO_OF_ONE = attrs.evolve(MUG, customer=SAME), attrs.evolve(CUP, customer=SAME)
ONE_CARD = Facts(screenings=[Screening(order_id=each.id, cards=["x"]) for each in (MUG, CUP)])
ONE_ADDRESS = MUG, attrs.evolve(CUP, ship_to=MUG.ship_to)


def on_terms(*orders: Order) -> list[Order]:
    """The orders, paid by invoice."""
    payment = Payment(id="p", amount=Decimal(5), method="invoice", status=PaymentStatus.AUTHORIZED)
    return [attrs.evolve(each, payments=[payment]) for each in orders]


def in_one(orders: Iterable[Order], **settings: Any) -> bool:
    """Whether two orders are in one group."""
    return len(groups_of(*orders, **settings)) == 1


def is_gift(order: Order, /, *, context: Context) -> bool:
    """A condition."""
    return "gift" in order.tags


@pytest.mark.parametrize(
    "verifier",
    [
        velocity(at_most=1, within=DAY),
        repeated_order(within=DAY),
        usual_for_customer(),
        quantity_limits({"mug": 3}, per="customer"),
        all_of(covers_total(), velocity(at_most=1, within=DAY)),
        only_if(is_gift, repeated_order(within=DAY)),
        downgrade(asked_last(usual_for_customer()), to=Severity.NOTE),
        needing(all_of(covers_total(), usual_for_customer()), FactKind.CUSTOMER),
    ],
    ids=repr,
)
def test_what_looks_at_the_orders_of_a_customer_keeps_them_together(verifier: Any) -> None:
    """And so does what is put around it; other customers have nothing to do with them."""
    assert in_one(TWO_OF_ONE, verifiers=[verifier])
    assert not in_one((MUG, CUP), verifiers=[verifier])
    assert shards(TWO_OF_ONE, EMPTY, {"verifiers": [verifier]}).reasons != ()


def test_velocity_keeps_together_what_it_counts_together() -> None:
    """Orders with a card in common, or to one address."""
    per_card = {"verifiers": [velocity(at_most=1, within=DAY, per="card")]}
    assert in_one((MUG, CUP), **per_card, facts=ONE_CARD)
    assert not in_one((MUG, CUP), **per_card)
    per_address = {"verifiers": [velocity(at_most=1, within=DAY, per="address")]}
    assert in_one(ONE_ADDRESS, **per_address)
    assert not in_one((MUG, CUP), **per_address)


def test_credit_is_shared_by_who_pays_on_terms() -> None:
    """An order that is paid otherwise has nothing to do with the customer's credit."""
    verifiers = [credit_covers()]
    assert in_one(on_terms(*TWO_OF_ONE), verifiers=verifiers)
    assert not in_one(TWO_OF_ONE, verifiers=verifiers)


@pytest.mark.parametrize(
    "verifiers",
    [
        DEFAULT_VERIFIERS,
        [],
        [quantity_limits({"mug": 3})],
        [all_of(*DEFAULT_VERIFIERS), asked_last(covers_total()), only_if(is_gift, covers_total())],
    ],
)
def test_what_looks_at_one_order_connects_nothing(verifiers: Any) -> None:
    """Whatever is put around it."""
    assert not in_one(TWO_OF_ONE, verifiers=verifiers)


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        (deadline, False),
        (lexicographic(customer_tier("gold"), deadline), False),
        (fair_share("customer"), True),
        (lexicographic(customer_tier("gold"), fair_share("customer"), deadline), True),
        (fair_share("channel"), True),
        (fair_share(lambda order: order.id), False),
        (fair_share(lambda order: order.currency), True),
    ],
)
def test_who_takes_turns_within_a_group_is_together(priority: Any, expected: bool) -> None:
    """Turns are counted within a customer, a channel, or whatever a function says."""
    assert in_one(TWO_OF_ONE, priority=priority) is expected


class Counting:
    """A verifier, a priority, a planner or a notification policy that sees more than one order."""

    def __call__(self, *subjects: Any, context: Context) -> Any:
        return ()

    def for_batch(self, orders: Any, /, *, context: Context) -> Any:
        """The same."""
        return self

    def __repr__(self) -> str:
        return "counting"


class CountingByTag(Counting):
    """The same, and it says what it looks at."""

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Any]:
        """The tags of the order."""
        return order.tags


class CountingTags(CountingByTag):
    """It leaves out whom the others reject."""

    skips_rejected = True


TAGGED = attrs.evolve(MUG, tags=["gift", "red"]), attrs.evolve(CUP, tags=["gift"])


@pytest.mark.parametrize("role", ["verifiers", "priority", "planner", "notifications"])
def test_a_plug_in_of_ones_own_says_what_it_looks_at(role: str) -> None:
    """Its ``shared_keys`` are asked, whatever its role; without it, all orders are in one group,
    and it is named.
    """

    def settings(plugin: object) -> dict[str, Any]:
        return {role: [plugin] if role == "verifiers" else plugin}

    orders = (*TAGGED, asking("A-3", "pot"))
    assert groups_of(*orders, **settings(CountingByTag())) == ["A-1 A-2", "A-3"]
    groups = shards(orders, EMPTY, settings(Counting()))
    assert (ids(groups), groups.reasons) == (["A-1 A-2 A-3"], ("counting",))
    assert shards([], EMPTY, settings(Counting())) == Shards(reasons=("counting",))


@pytest.mark.parametrize(
    "settings",
    [
        {"verifiers": [all_of(covers_total(), Counting())]},
        {"verifiers": [only_if(is_gift, asked_last(Counting()))]},
        {"verifiers": [only_if(is_gift, all_of(Counting(), covers_total()))]},
        {"priority": lexicographic(deadline, Counting())},
    ],
    ids=repr,
)
def test_nothing_is_guessed_of_what_stands_in_another_plug_in(settings: Mapping[str, Any]) -> None:
    """What is put around a plug-in knows no more of it than it says itself."""
    groups = shards((MUG, CUP), EMPTY, settings)
    assert ids(groups) == ["A-1 A-2"]
    [reason] = groups.reasons
    assert "counting" in reason


@pytest.mark.parametrize(
    "settings",
    [
        {"verifiers": [all_of(covers_total(), CountingByTag())]},
        {"verifiers": [only_if(is_gift, asked_last(all_of(CountingByTag(), covers_total())))]},
        {"priority": lexicographic(deadline, CountingByTag())},
        {"notifications": together(DEFAULT_NOTIFICATIONS, CountingByTag())},
    ],
    ids=repr,
)
def test_what_stands_in_another_plug_in_is_asked(settings: Mapping[str, Any]) -> None:
    """What is put around a plug-in passes its keys on."""
    assert groups_of(*TAGGED, asking("A-3", "pot"), **settings) == ["A-1 A-2", "A-3"]


def test_all_of_several_says_what_each_of_them_says() -> None:
    """As a part of another one, in which it is not taken apart."""
    both = all_of(CountingByTag(), velocity(at_most=1, within=DAY))
    assert both.shared_keys is not None
    keys = both.shared_keys(TAGGED[1], facts=Facts())
    assert list(keys) == ["gift", ("customer", "C-A-2")]
    assert all_of(Counting(), covers_total()).shared_keys is None


def test_whoever_leaves_out_who_is_rejected_needs_the_customers_other_orders() -> None:
    """Who is rejected is found out about customers with several orders in the run: an order that
    has keys for such a verifier is with the others of its customer.
    """
    one, other = attrs.evolve(TWO_OF_ONE[0], tags=["gift"]), TWO_OF_ONE[1]
    tagged = attrs.evolve(other, tags=["red"])
    assert not in_one((one, tagged), verifiers=[CountingByTag()])
    assert in_one((one, tagged), verifiers=[CountingTags()])
    assert not in_one((one, other), verifiers=[CountingTags()])


def test_what_needs_all_orders_is_named() -> None:
    """A planner sees the queue as a whole; a run of all orders does; a failure that is told once
    is told with one of all orders. With one order there is nothing to name but what it says.
    """
    assert shards((MUG, CUP), EMPTY, {"whole": True}).reasons == ("whole",)
    assert shards((MUG, CUP), EMPTY, {"planner": planned}).reasons == ("planned",)
    once = CustomerAndStaff(failures_together=True)
    for notifications in (once, together(once)):
        groups = shards((MUG, CUP), EMPTY, {"notifications": notifications})
        assert (len(groups), len(groups.reasons)) == (1, 1)
    assert shards((MUG,), EMPTY, {"notifications": once}).reasons == ()
    assert shards((MUG, asking("A-2", "mug")), EMPTY).reasons == ()


def planned(queue: Any, inventory: Inventory, /, *, context: Context) -> Plan:
    """A planner."""
    return Plan(units=[], value=Decimal(0), greedy_value=Decimal(0))


# -- How large they are ----------------------------------------------------------------------------


def test_the_largest_group_says_how_much_there_is_to_gain() -> None:
    """It is run by one process, whatever the others do."""
    orders = [
        asking(f"A-{number}", "mug" if number < 3 else f"sku-{number}") for number in range(7)
    ]
    groups = shards(orders, EMPTY)
    assert (len(groups), groups.largest, Shards().largest) == (5, 3, 0)
    assert repr(groups) == "<Shards: 5 groups, 3 orders in the largest>"
    assert repr(shards(orders[-1:], EMPTY)) == "<Shards: 1 group, 1 order in the largest>"
    assert repr(shards(orders, EMPTY, {"whole": True})) == (
        "<Shards: 1 group, 7 orders in the largest, together for whole>"
    )


def test_bundles_are_about_as_large_as_one_another() -> None:
    """Each group is in one of them; there are no more than groups, and none is empty."""
    sizes = (5, 1, 3, 2, 2, 4)
    orders = [
        asking(f"{number}-{place}", f"sku-{number}")
        for number, size in enumerate(sizes)
        for place in range(size)
    ]
    groups = shards(orders, EMPTY)
    assert [len(bundle) for bundle in groups.bundles(3)] == [6, 6, 5]
    assert sorted(member.id for bundle in groups.bundles(3) for member in bundle) == sorted(
        member.id for member in orders
    )
    assert [len(bundle) for bundle in groups.bundles(99)] == sorted(sizes, reverse=True)
    assert (groups.bundles(1), Shards().bundles(4)) == (
        (tuple(member for group in sorted(groups, key=len, reverse=True) for member in group),),
        (),
    )


def test_thousands_of_lines_and_orders_of_one_sku_are_one_group() -> None:
    """So are thousands that are connected one to the next, in the worst sequence."""
    many = [asking(f"A-{number:05}", "mug") for number in range(3_000)]
    long = asking("B-1", *[f"sku-{number}" for number in range(3_000)])
    chain = [
        asking(f"D-{(number * 7_919) % 3_001:05}", f"c-{number}", f"c-{number + 1}")
        for number in range(3_000)
    ]
    assert [len(group) for group in shards([*many, long, *chain], EMPTY)] == [3_000, 1, 3_000]


# -- Bad input -------------------------------------------------------------------------------------


def refusal(ask: Callable[..., object], *args: Any) -> str:
    """What a refusal says."""
    with pytest.raises(FulfillError) as caught:
        ask(*args)
    return str(caught.value)


class Wrong(CountingByTag):
    """Its keys are no keys."""

    def __init__(self, keys: Any) -> None:
        self._keys = keys

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Any:
        """Whatever it was made with; what can be called is."""
        return self._keys() if callable(self._keys) else self._keys


def lost() -> Any:
    """It raises."""
    message = "no such list"
    raise LookupError(message)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (lost, "could not say what orders share: LookupError: no such list"),
        ("C-7", "gave a str as its shared_keys; give keys in a list or a tuple"),
        (None, "gave None as its shared_keys; give keys in a list or a tuple"),
        (3, "gave an int as its shared_keys; give keys in a list or a tuple"),
        ([["mug"]], "could not say what orders share: "),
        (
            range(MOST_ANSWERS + 1),
            f"could not say what orders share: it returned more than {MOST_ANSWERS} keys",
        ),
    ],
)
def test_keys_that_are_none_stop_it(keys: Any, problem: str) -> None:
    """What a plug-in looks at is not known then: its name is told, and the order."""
    text = refusal(shards, (MUG, CUP), EMPTY, {"verifiers": [Wrong(keys)]})
    assert text.startswith(f"counting, asked about order 'A-1': {problem}")


def test_an_error_of_a_plug_in_that_names_itself_is_passed_on() -> None:
    """Such as of a fair share by a function that returns no str."""
    share = fair_share(lambda order: 3)  # type: ignore[arg-type,return-value]
    text = refusal(shards, (MUG, CUP), EMPTY, {"priority": share})
    assert "returned 3; return a str" in text


def test_a_part_that_is_none_is_noticed_before_anything_is_asked() -> None:
    """By `shards` and by a run."""
    plugin = CountingByTag()
    plugin.shared_keys = lambda order, /, *, context: ()  # type: ignore[assignment,misc]
    problem = "has a part shared_keys that can't be called with (order, /, *, facts)"
    assert problem in refusal(shards, [], EMPTY, {"verifiers": [plugin]})
    assert problem in refusal(lambda: process([], EMPTY, now=NOW, priority=plugin))
    slip = Counting()
    slip.share_keys = lambda order, /, *, facts: ()  # type: ignore[attr-defined]
    problem = "has share_keys, which no run asks for; call it shared_keys"
    assert problem in refusal(shards, [], EMPTY, {"verifiers": [slip]})


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (([], {}), "inventory: {} is not of type Inventory; pass one"),
        (("A-1", EMPTY), "orders: 'A-1' is not a collection of values; pass a list, even of one"),
        (([MUG, 3], EMPTY), "orders[1]: 3 is neither an Order nor an OrderRecord; pass one"),
        (([], EMPTY, [1]), "settings: [1] is not a mapping; pass what process() takes"),
        (
            ([], EMPTY, {"verifier": ()}),
            "settings: 'verifier' is nothing that process() takes; leave it out",
        ),
        (([], EMPTY, {"orders": ()}), "settings: 'orders' is nothing that process() takes"),
        (([], EMPTY, {"whole": 1}), "whole: 1"),
        (([], EMPTY, {"facts": {}}), "facts: {}"),
        (([], EMPTY, {"priority": None}), "priority: None"),
        (([], EMPTY, {"verifiers": [covers_total]}), "verifiers[0]: covers_total can't be called"),
        (
            ([], EMPTY, {"verifiers": iter([covers_total()])}),
            "settings['verifiers']: ",
        ),
    ],
)
def test_bad_input_is_refused(args: tuple[Any, ...], problem: str) -> None:
    """As a run would refuse it; and verifiers that the runs would find gone."""
    assert refusal(shards, *args).startswith(problem)


def test_all_that_process_takes_may_be_among_the_settings() -> None:
    """Its time and its map among them, so that one mapping serves for both."""
    settings: dict[str, Any] = {**(process.__kwdefaults__ or {}), "now": NOW}
    assert len(shards([MUG, CUP], EMPTY, settings)) == 2
    result: Result = process([MUG], EMPTY, **settings)
    assert result.context.now == NOW
