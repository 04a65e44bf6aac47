"""Ready-made priority policies that go by what an order is: channel, tags, service, money."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from builders import CONTEXT, NOW, order, refusal, run, served

from fulfill_core import Context, CustomerFacts, Facts, PastOrder, PriorityPolicy
from fulfill_core.priorities import (
    channel_order,
    customer_value,
    delayed,
    descending,
    expedited,
    service_level,
    tag_first,
)
from fulfill_core.priorities.times import describe

EUR = {"EUR": Decimal(1), "usd": Decimal("0.5")}


def past(order_id: str, total: str, currency: str = "EUR") -> PastOrder:
    """What the customer bought before."""
    return PastOrder(id=order_id, placed_at=NOW, total=Decimal(total), currency=currency)


def known(*orders: PastOrder) -> Context:
    """A run in which this is known of the customer."""
    return Context(
        now=NOW, facts=Facts(customers=[CustomerFacts(customer_id="C-1", orders=orders)])
    )


def test_channels_in_the_shops_own_sequence() -> None:
    """The channel that is named first leads; one that is not named comes last."""
    orders = [order("a", channel="fax"), order("b", channel="web"), order("c", channel="shop")]
    assert served(channel_order("shop", "web"), *orders) == ["c", "b", "a"]


def test_tags_in_the_shops_own_sequence() -> None:
    """Of several tags, the weightiest counts; without any an order comes last."""
    orders = [
        order("a", tags=["blue"]),
        order("b", tags=["gift"]),
        order("c", tags=["gift", "press"]),
        order("d"),
    ]
    policy = tag_first("press", "gift")
    assert served(policy, *orders) == ["c", "b", "a", "d"]
    assert served(tag_first(), *orders) == ["a", "b", "c", "d"]


def test_service_levels_in_the_shops_own_sequence() -> None:
    """The level that is named first leads; without a level, or with another, last."""
    orders = [
        order("a"),
        order("b", attributes={"service": "slow boat"}),
        order("c", attributes={"service": "next-day"}),
        order("d", attributes={"service": "same-day"}),
    ]
    policy = service_level("service", "same-day", "next-day")
    assert served(policy, *orders) == ["d", "c", "a", "b"]
    assert served(service_level("service", "", "next-day"), *orders) == ["a", "c", "b", "d"]


def test_what_a_person_marked() -> None:
    """Expedited orders come first, delayed ones last, by tag or by attribute."""
    orders = [order("a"), order("b", tags=["x"]), order("c", attributes={"x": "since Monday"})]
    assert served(expedited(tag="x"), *orders) == ["b", "a", "c"]
    assert served(expedited(attribute="x"), *orders) == ["c", "a", "b"]
    assert served(delayed(tag="x"), *orders) == ["a", "c", "b"]
    assert served(delayed(attribute="x"), *orders) == ["a", "b", "c"]


@pytest.mark.parametrize("value", ["", " ", "0", "false", "No", "OFF"])
def test_a_mark_that_says_no(value: str) -> None:
    """An attribute that is empty, or says no, marks nothing."""
    assert expedited(attribute="x")(order(attributes={"x": value}), context=CONTEXT) == 1


def test_the_customer_who_bought_most() -> None:
    """By what they bought before, at the shop's rates; without the order itself."""
    by_value = customer_value(EUR)
    bought = known(past("A-0", "10"), past("A-1", "99"), past("A-9", "5.50", "USD"))
    assert by_value(order("A-1"), context=bought) == Decimal("12.75")
    assert by_value(order("A-1"), context=CONTEXT) == Decimal(0)
    other = order("A-2", customer=order().customer.__class__(id="C-2"))
    assert served(descending(by_value), other, order("A-3"), facts=bought.facts) == ["A-3", "A-2"]


def test_a_past_order_in_a_currency_without_a_rate_stops_the_run() -> None:
    """Nothing is guessed about what an amount was worth."""
    facts = known(past("A-0", "10", "CHF")).facts
    assert refusal(
        run, order("A-1"), verifiers=(), facts=facts, priority=customer_value({"EUR": Decimal(1)})
    ) == (
        "customer_value(rates=(('EUR', Decimal('1')),)), asked about order 'A-1': there is no rate"
        " for CHF; add one"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: channel_order("web", None),
            "channel_order(1): None is not text; pass '' if there is none",
        ),
        (
            lambda: tag_first("a", "a"),
            "tag_first[1]: 'a' was given before; each tag comes once",
        ),
        (
            lambda: service_level(""),
            "service_level.attribute: '' is empty; pass at least one visible character",
        ),
        (
            lambda: service_level("service", "a", "a"),
            "service_level.levels[1]: 'a' was given before; each level comes once",
        ),
        (
            lambda: expedited(tag=3),
            "expedited.tag: 3 is not text; pass a str",
        ),
        (
            lambda: delayed(attribute=3),
            "delayed.attribute: 3 is not text; pass a str",
        ),
        (
            expedited,
            "expedited: ('', '') is not one mark; pass a tag or an attribute",
        ),
        (
            lambda: delayed(tag="a", attribute="b"),
            "delayed: ('a', 'b') is not one mark; pass a tag or an attribute",
        ),
        (
            lambda: customer_value({"EUR": 1}),
            (
                "customer_value.rates['EUR']: 1 is an int; pass Decimal(1), or from_minor_units(1,"
                " 2) if it counts cents"
            ),
        ),
    ],
)
def test_what_could_only_be_a_mistake_is_refused(make: Callable[[], object], message: str) -> None:
    """Names are text and come once; there is one mark; rates are Decimals."""
    assert refusal(make) == message


@pytest.mark.parametrize(
    ("policy", "changes", "words"),
    [
        (channel_order("web"), {"channel": "web"}, "channel 'web'"),
        (channel_order("web"), {}, "channel '' (not in the sequence: last)"),
        (tag_first("press", "gift"), {"tags": ["gift"]}, "tag 'gift'"),
        (tag_first("press", "gift"), {}, "no tag of 'press', 'gift'"),
        (tag_first(), {}, "no tag of any sequence"),
        (service_level("service", "air"), {"attributes": {"service": "air"}}, "service 'air'"),
        (service_level("service", "air"), {}, "service '' (not in the sequence: last)"),
        (expedited(tag="x"), {"tags": ["x"]}, "expedited"),
        (expedited(tag="x"), {}, "not expedited"),
        (delayed(tag="x"), {"tags": ["x"]}, "delayed"),
        (delayed(tag="x"), {}, "not delayed"),
        (customer_value(EUR), {}, "nothing known of what the customer bought before"),
    ],
    ids=str,
)
def test_what_a_policy_went_by(policy: PriorityPolicy, changes: dict[str, Any], words: str) -> None:
    """Each says in words what it went by, and notes what is in no sequence."""
    assert describe(policy, order(**changes), context=CONTEXT) == words


def test_what_the_customer_bought_in_words() -> None:
    """A sum of money."""
    context = known(past("A-0", "10.50"))
    assert describe(customer_value(EUR), order(), context=context) == (
        "purchases of 10.50 by the customer before"
    )


def test_marks_of_two_kinds_are_not_equal() -> None:
    """Policies are values: the same content of the same kind is the same."""
    assert expedited(tag="x") == expedited(tag="x")
    assert expedited(tag="x") != delayed(tag="x")
    assert repr(expedited(tag="x")) == "expedited(tag='x')"
    assert repr(delayed(attribute="x")) == "delayed(attribute='x')"
