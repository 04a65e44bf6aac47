"""What a shop's own rules go by: facts of its own kinds, scores as text, data on a line."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import NOW, line, mugs, order, refusal, run

from fulfill_core import (
    Context,
    Facts,
    Finding,
    Order,
    Outcome,
    Screening,
    Severity,
    hold,
    reject,
)
from fulfill_core.records import FactKind, FactSubject, ShopFact, ShopFactKind, fact_missing
from fulfill_core.records.facts import kinds_in_sequence
from fulfill_core.verifiers import all_of, downgrade, missing_facts, needing, only_if, risk_score

SANCTIONS = ShopFactKind(name="sanctions", about="customer")  # type: ignore[arg-type]
RECALLS = ShopFactKind(name="recalls", about="sku")  # type: ignore[arg-type]
MARGINS = ShopFactKind(name="margins", about="order")  # type: ignore[arg-type]
STOCK = mugs(berlin=9)
BOTH = order("A-1", lines=[line("1"), line("2", "cup"), line("3")])


def not_on_a_list(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Whoever is on a list of sanctions is turned down."""
    for fact in context.facts.shop_facts_of(SANCTIONS, order):
        if fact.attributes.get("list"):
            yield reject("shop.sanctioned", evidence=fact.attributes["list"])


def not_recalled(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """What was recalled is held."""
    for each in order.lines:
        fact = context.facts.shop_fact(RECALLS, each.sku)
        if fact is not None and fact.number:
            yield hold("shop.recalled", line_id=each.id)


RULES = needing(not_on_a_list, SANCTIONS), needing(not_recalled, RECALLS)


def test_what_nobody_looked_up_is_named_beforehand_and_held() -> None:
    """Declared like ours: `missing_facts` knows the kind and each subject, and the run holds."""
    some = Facts(of_shop=[ShopFact(kind="recalls", subject="mug", number=0)])
    missing = missing_facts([BOTH, order("A-2", 1)], RULES, now=NOW, facts=some)
    assert missing.of_shop == (("recalls", "cup"), ("sanctions", "C-1"))
    assert missing
    made = run(BOTH, stock=STOCK, verifiers=RULES, facts=some)["A-1"]
    assert made.outcome is Outcome.HELD
    assert [(each.code, each.evidence, each.field) for each in made.findings] == [
        ("fact.missing", "sanctions", "customer.id"),
        ("fact.missing", "recalls", "lines"),
    ]
    detail = "What is known in the matter of 'recalls' was not looked up: cup, mug."
    assert fact_missing(RECALLS, BOTH).detail == detail


def test_what_is_known_is_judged() -> None:
    """Nothing is missing any more, and the rules say what they have to say."""
    known = Facts(
        of_shop=[
            ShopFact(kind="recalls", subject="mug", number=1),
            ShopFact(kind="recalls", subject="cup", number="0"),
            ShopFact(kind="sanctions", subject="C-1", attributes={"list": "EU 7"}),
        ]
    )
    assert not missing_facts([BOTH], RULES, now=NOW, facts=known)
    found = run(BOTH, stock=STOCK, verifiers=RULES, facts=known)["A-1"].findings
    assert [(each.code, each.line_id) for each in found] == [
        ("shop.sanctioned", ""),
        ("shop.recalled", "1"),
        ("shop.recalled", "3"),
    ]


def test_a_fact_about_an_order_may_be_of_a_version() -> None:
    """A changed order has to be looked at anew, as with a screening."""
    fact = ShopFact(kind="margins", subject="A-1", number="-0.05", fingerprint=BOTH.fingerprint)
    facts = Facts(of_shop=[fact])
    assert facts.has(MARGINS, BOTH)
    assert facts.shop_facts_of(MARGINS, BOTH) == (fact,)
    assert not facts.has(MARGINS, order("A-1", 2))
    anyhow = Facts(of_shop=[attrs.evolve(fact, fingerprint="")])
    assert anyhow.has(MARGINS, order("A-1", 2))


def test_a_kind_is_told_by_what_it_is_called_and_what_it_is_about() -> None:
    """A subject may be given as its word, as configurations have it."""
    word: Any = "customer"
    assert ShopFactKind(name="sanctions", about=word) == SANCTIONS
    assert ShopFactKind(name="sanctions", about=FactSubject.CUSTOMER) == SANCTIONS
    assert ShopFactKind(name="sanctions", about=FactSubject.ORDER) != SANCTIONS


def test_combinations_pass_it_on() -> None:
    """It holds where it is missing, whatever is around it, and only where it is asked."""
    rule = downgrade(all_of(*RULES), to=Severity.NOTE)
    made = run(BOTH, stock=STOCK, verifiers=[rule])["A-1"]
    assert {(each.code, each.severity) for each in made.findings} == {
        ("fact.missing", Severity.HOLD)
    }
    seldom: Any = only_if(lambda order, /, *, context: order.id == "A-9", RULES[0])
    assert not missing_facts([BOTH], [seldom], now=NOW)
    many = needing(not_recalled, RECALLS, FactKind.SCREENING, SANCTIONS)
    assert repr(many).startswith("needing(not_recalled, FactKind.SCREENING, ShopFactKind(name='rec")
    assert kinds_in_sequence({SANCTIONS, FactKind.SCREENING, RECALLS}) == [
        FactKind.SCREENING,
        RECALLS,
        SANCTIONS,
    ]


def test_the_staff_waits_for_it_as_for_any_fact() -> None:
    """A machine will bring it: the customer hears nothing of it."""
    assert run(BOTH, stock=STOCK, verifiers=RULES).notifications == ()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: ShopFactKind(name="recalls", about="line"),  # type: ignore[arg-type]
            (
                "ShopFactKind.about: 'line' is no FactSubject; pass one, or its word: 'order',"
                " 'customer', 'sku'"
            ),
        ),
        (
            lambda: ShopFactKind(name="recalls", about=None),  # type: ignore[arg-type]
            (
                "ShopFactKind.about: None is no FactSubject; pass one, or its word: 'order',"
                " 'customer', 'sku'"
            ),
        ),
        (
            lambda: ShopFact(kind="margins", subject="A-1", number=0.5),  # type: ignore[arg-type]
            "ShopFact.number: 0.5 is not a number; pass an int or a Decimal, never a float",
        ),
        (
            lambda: Facts(of_shop=[ShopFact(kind="a", subject="b")] * 2),
            "Facts.of_shop[1]: ('a', 'b') was given before; each subject of a kind comes once",
        ),
        (
            lambda: Facts(of_shop=[3]),  # type: ignore[list-item]
            "Facts.of_shop[0]: 3 is not of type ShopFact; pass one",
        ),
    ],
)
def test_malformed_facts_are_refused(make: Any, message: str) -> None:
    """As all values are."""
    assert refusal(make) == message


# -- Scores as text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("91", 91),
        ("0.870", Decimal("0.870")),
        ("-3", -3),
        (" 12 ", 12),
        ("1e2", Decimal(100)),
        ("0", 0),
        ("7.5E-1", Decimal("0.75")),
    ],
)
def test_a_score_may_be_the_text_of_a_number(text: Any, score: object) -> None:
    """As JSON writes it: nothing is lost on the way through a float."""
    screening = Screening(order_id="A-1", score=text)
    assert (screening.score, type(screening.score)) == (score, type(score))
    rule = risk_score(hold_at=Decimal("0.5"))
    held = run(order("A-1", 1), verifiers=[rule], facts=Facts(screenings=[screening]), stock=STOCK)
    assert (held["A-1"].outcome is Outcome.HELD) is (Decimal(text) >= Decimal("0.5"))


@pytest.mark.parametrize(
    "text",
    ["", "1,5", "NaN", "Infinity", "0x10", "1_000", "٣", "01", "+1", ".5", "1e999", "9" * 99],
)
def test_other_text_is_no_score(text: Any) -> None:
    """Nothing is guessed."""
    assert refusal(Screening, order_id="A-1", score=text).startswith("Screening.score: ")


# -- Data of a shop's own on a line ----------------------------------------------------------------


def test_a_line_has_a_place_for_what_is_the_shops_own() -> None:
    """Cost, weight, supplier: pairs of text, for verifiers and policies."""

    def covers_cost(order: Order, /, *, context: Context) -> Iterable[Finding]:
        for each in order.lines:
            if each.unit_price < Decimal(each.attributes.get("cost", "0")):
                yield hold("shop.below_cost", line_id=each.id)

    dear = line(unit_price=Decimal(5), attributes={"cost": "7.20", "supplier": "S-1"})
    assert dear.attributes == {"cost": "7.20", "supplier": "S-1"}
    made = run(order("A-1", lines=[dear]), verifiers=[covers_cost])["A-1"]
    assert [each.code for each in made.findings] == ["shop.below_cost"]
    assert line().attributes == {}
    assert hash(dear) != hash(line(unit_price=Decimal(5)))


def test_it_is_part_of_the_version_if_the_order_says_so() -> None:
    """As with the attributes of the order: an engraving is, a supplier is not."""
    plain, engraved, other = (
        order("A-1", lines=[line(), line("2", attributes=content)], version_words=["engraving"])
        for content in ({}, {"engraving": "Ada"}, {"engraving": "Ada", "supplier": "S-1"})
    )
    assert plain.fingerprint == order("A-1", lines=[line(), line("2")]).fingerprint
    assert engraved.fingerprint != plain.fingerprint
    assert other.fingerprint == engraved.fingerprint
    assert attrs.evolve(other, version_words=()).fingerprint == plain.fingerprint


@pytest.mark.parametrize("content", [{"cost": 7}, {7: "cost"}, "cost", None, [("cost", "7")]])
def test_what_is_no_text_is_refused(content: Any) -> None:
    """By the name of the attribute."""
    assert refusal(line, attributes=content).startswith("OrderLine.attributes")
