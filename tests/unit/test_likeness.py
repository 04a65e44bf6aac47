"""By what orders of guests are those of one person: keys, the facts under them, the verifiers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import CONTEXT, HOME, NOW, mugs, order, refusal, run
from hypothesis import given, settings
from hypothesis import strategies as st
from verifying import check_later_orders, findings, past

from fulfill_core import (
    Context,
    Customer,
    CustomerFacts,
    Facts,
    Inventory,
    Item,
    Order,
    Outcome,
    Payment,
    PaymentStatus,
    Screening,
    Stock,
    hold,
)
from fulfill_core.orders import MAILBOX_PROVIDERS, MailboxProvider, mailbox_key, phone_key
from fulfill_core.records import FactKind, Likeness, fact_missing
from fulfill_core.verifiers import (
    covers_total,
    missing_facts,
    needing,
    quantity_limits,
    repeated_order,
    velocity,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS: list[Any] = ["email", "phone", "card", "address", "ip"]
GMAIL = Likeness("email", providers=MAILBOX_PROVIDERS)
KEYS = {
    "email": "email:ada@example.com",
    "phone": "phone:GB 0113496",
    "card": "card:fp-1",
    "address": "address:GB|LS14AP|1 main st|leeds",
    "ip": "ip:203.0.113.7",
}
FIELDS = {
    "email": "customer.email",
    "phone": "customer.phone",
    "card": "payments",
    "address": "ship_to",
    "ip": "id",
}
CLAUSES = {
    "email": "with the same e-mail address",
    "phone": "with the same phone number",
    "card": "with the same card",
    "address": "to the same address",
    "ip": "from the same IP address",
}
WHERE = attrs.evolve(HOME, street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB")


def guest(order_id: str, *quantities: int, **changes: Any) -> Order:
    """An order of somebody without an account: each has an id of its own."""
    customer = Customer(id=f"G-{order_id}", email="Ada@example.com", phone="0113 496")
    return order(order_id, *quantities, **{"customer": customer, "ship_to": WHERE, **changes})


def seen(order_id: str, **content: Any) -> Screening:
    """A screening with one card and one IP address."""
    return Screening(order_id=order_id, **{"cards": ["fp-1"], "ip": "203.0.113.7:443", **content})


# -- Mailboxes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "plain", "folded"),
    [
        ("Ada@Example.COM.", "ada@example.com", "ada@example.com"),
        ("a.da+shop@example.com", "a.da+shop@example.com", "a.da+shop@example.com"),
        ("A.da+shop@gmail.com", "a.da+shop@gmail.com", "ada@gmail.com"),
        ("ada+x+y@GoogleMail.com", "ada+x+y@googlemail.com", "ada@gmail.com"),
        # Neither says on a page of its own that it delivers what has a plus to the same mailbox.
        ("ada+shop@hotmail.com", "ada+shop@hotmail.com", "ada+shop@hotmail.com"),
        ("a.da+shop@icloud.com", "a.da+shop@icloud.com", "a.da+shop@icloud.com"),
        ("a.d_a-x+shop@proton.me", "a.d_a-x+shop@proton.me", "adax@proton.me"),
        ("ada+shop@fastmail.com", "ada+shop@fastmail.com", "ada@fastmail.com"),
        ("ada-shop@yahoo.com", "ada-shop@yahoo.com", "ada-shop@yahoo.com"),
        ("+shop@gmail.com", "+shop@gmail.com", "+shop@gmail.com"),
        ("...@gmail.com", "...@gmail.com", "...@gmail.com"),
        ("ada@mail.gmail.com", "ada@mail.gmail.com", "ada@mail.gmail.com"),
        ("Ad\u0061\u0301@example.com", "ad\xe1@example.com", "ad\xe1@example.com"),
        *((text, "", "") for text in ("", "n/a", "-", "a@b.com, c@d.com", "@gmail.com")),
    ],
    ids=ascii,
)
def test_a_mailbox_has_one_key(email: str, plain: str, folded: str) -> None:
    """Case makes no difference; aliases only by choice, and only where the provider says so."""
    assert mailbox_key(email) == plain
    assert mailbox_key(email, MAILBOX_PROVIDERS) == folded


def test_a_provider_of_ones_own() -> None:
    """Its sign for a tag, what it ignores, and whether its domains are one."""
    own = MailboxProvider(domains=["Example.com.", "example.org"], tag_sign="-", is_one_domain=True)
    assert mailbox_key("a.da-shop@example.org", [own]) == "a.da@example.com"
    bare = MailboxProvider(domains=["example.com"], tag_sign="", ignored_signs="+")
    assert mailbox_key("a+da@example.com", [bare]) == "ada@example.com"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"domains": []}, "domains: () names no domain; pass ['example.com']"),
        (
            {"domains": ["a.com", " "]},
            "domains[1]: ' ' is no domain; pass what stands behind the @, such as 'example.com'",
        ),
        (
            {"domains": ["a@b.com"]},
            "domains[0]: 'a@b.com' is no domain; pass what stands behind the @",
        ),
        ({"domains": "a.com"}, "domains: 'a.com' is not a collection of str; pass a list or tuple"),
        ({"domains": ["a.com"], "tag_sign": None}, "tag_sign: None is not text; pass ''"),
        ({"domains": ["a.com"], "is_one_domain": 1}, "is_one_domain: 1 is not a bool; pass True"),
    ],
)
def test_a_provider_that_is_none_is_refused(content: Any, message: str) -> None:
    """The error names the field and what to pass."""
    assert refusal(MailboxProvider, **content).startswith(f"MailboxProvider.{message}")


@given(st.text(st.characters(exclude_categories=())) | st.text("a+.@-x"))
def test_a_key_of_a_mailbox_is_its_own_key(text: str) -> None:
    """Any text has a key or none; to ask for the key of a key changes nothing."""
    for providers in ((), MAILBOX_PROVIDERS):
        key = mailbox_key(text, providers)
        assert mailbox_key(key.upper() if key.isascii() else key, providers) == key


def test_a_number_is_dialled_in_a_country() -> None:
    """Without a code of a country the same digits are another number elsewhere."""
    assert phone_key("030 1234", "DE") != phone_key("030 1234", "FR")
    assert phone_key("+49 30 1234", "DE") == phone_key("0049 30 1234", "FR")
    assert phone_key("n/a", "DE") == ""


# -- Keys of an order ------------------------------------------------------------------------------


@pytest.mark.parametrize("per", WORDS)
def test_an_order_has_a_key(per: Any) -> None:
    """A text that says what it is."""
    assert Likeness(per).keys_of(guest("A-1"), seen("A-1")) == (KEYS[per],)
    assert Likeness("customer").keys_of(guest("A-1")) == ("G-A-1",)


@pytest.mark.parametrize("per", WORDS)
def test_what_an_order_does_not_say_is_no_key(per: Any) -> None:
    """What is not there, or is a note in the place of it, has nothing in common with others."""
    for email, phone in (("", ""), ("n/a", "n/a"), ("-", "NULL")):
        customer = Customer(id="G-1", email=email, phone=phone)
        for where in (None, attrs.evolve(HOME, street=[" "], city="", postal_code="")):
            subject = order("A-1", customer=customer, ship_to=where)
            for screening in (None, Screening(order_id="A-1"), seen("A-1", cards=[], ip=" ")):
                assert Likeness(per).keys_of(subject, screening) == ()


def test_the_country_of_a_phone_is_the_payers_then_that_of_the_parcel() -> None:
    """As a number is read elsewhere."""
    payer = attrs.evolve(WHERE, country="FR")
    assert Likeness("phone").keys_of(guest("A-1", bill_to=payer)) == ("phone:FR 0113496",)
    assert Likeness("phone").keys_of(guest("A-1", ship_to=None)) == ("phone:0113496",)


@pytest.mark.parametrize(
    ("ip", "keys"),
    [
        ("203.0.113.7, 198.51.100.2", ("ip:198.51.100.2", "ip:203.0.113.7")),
        ("::ffff:203.0.113.7", ("ip:203.0.113.7",)),
        ("[2001:db8:1:2:a:b:c:d]:443", ("ip:2001:db8:1:2::/64",)),
        ("2001:db8:1:2::9%eth0", ("ip:2001:db8:1:2::/64",)),
        ("unknown", ()),
    ],
)
def test_an_ip_address_is_where_an_order_came_from(ip: str, keys: tuple[str, ...]) -> None:
    """With ports, in brackets, several; of IPv6 the network of a household."""
    assert Likeness("ip").keys_of(guest("A-1"), seen("A-1", ip=ip)) == keys


def test_all_cards_are_keys() -> None:
    """Sorted, each once."""
    assert Likeness("card").keys_of(guest("A-1"), seen("A-1", cards=["y", "x"])) == (
        "card:x",
        "card:y",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (("fax",), "per: 'fax' is none of 'customer', 'email', 'phone', 'card', 'address', 'ip'"),
        ((["ip"],), "per: ['ip'] is none of 'customer', 'email', 'phone', 'card', 'address', 'ip'"),
    ],
)
def test_another_word_is_refused(content: Any, message: str) -> None:
    """With the words that there are."""
    assert refusal(Likeness, *content).startswith(f"Likeness.{message}; pass one")
    assert "are for per='email' only" in refusal(Likeness, "ip", providers=MAILBOX_PROVIDERS)
    assert "is not a collection" in refusal(Likeness, "email", providers="gmail")
    assert repr(GMAIL) == "Likeness('email', providers=<3 providers>)"


# -- Verifiers -------------------------------------------------------------------------------------


def knowing_all(*orders: Order, **past_by_key: Any) -> Facts:
    """Facts under every key of these orders, and their screenings."""
    before = past_by_key.get("before", ())
    return Facts(
        customers=[CustomerFacts(customer_id=key, orders=before) for key in KEYS.values()],
        screenings=[seen(each.id) for each in orders],
    )


@pytest.mark.parametrize("per", WORDS)
def test_a_run_counts_the_orders_of_a_guest(per: Any) -> None:
    """Each has an id of their own, and the same key: the third order in an hour is noticed."""
    batch = [guest(f"A-{number}", 1, placed_at=NOW - number * HOUR / 9) for number in (2, 1, 3)]
    other = guest(
        "A-0",
        1,
        customer=Customer(id="G-0", email="eve@example.com", phone="020 1234"),
        ship_to=attrs.evolve(WHERE, city="Hull"),
    )
    facts = knowing_all(*batch)
    facts = attrs.evolve(
        facts,
        screenings=[*facts.screenings, seen("A-0", cards=["fp-2"], ip="203.0.113.8")],
        customers=[
            *facts.customers,
            CustomerFacts(customer_id="email:eve@example.com"),
            CustomerFacts(customer_id="phone:GB 0201234"),
        ],
    )
    result = run(
        *batch,
        other,
        stock=mugs(berlin=9),
        verifiers=[velocity(at_most=2, within=HOUR, per=per)],
        facts=facts,
    )
    assert {each.id: each.findings for each in result.decisions if each.findings} == {
        "A-1": (
            hold(
                f"risk.velocity_{per}",
                field=FIELDS[per],
                detail=f"Within 1 hour this is order number 3 {CLAUSES[per]}; 2 are usual at most.",
                evidence="within 1 hour",
                measure=3,
            ),
        )
    }


@pytest.mark.parametrize("per", WORDS)
def test_the_past_of_a_guest_counts(per: Any) -> None:
    """Under the key; for what is screened, `velocity` goes by the instants of the screening."""
    subject = guest("A-9", 2)
    facts = knowing_all(subject, before=[past("A-1", HOUR / 2, mug=2)])
    facts = attrs.evolve(
        facts,
        screenings=[
            seen(
                "A-9",
                same_card_at=[NOW - HOUR / 2],
                same_address_at=[NOW - HOUR / 2],
                same_ip_at=[NOW - HOUR / 2],
            )
        ],
    )
    context = Context(now=NOW, facts=facts)
    found = [
        *findings(velocity(at_most=1, within=HOUR, per=per), subject, context),
        *findings(repeated_order(within=HOUR, per=per), subject, context),
        *findings(quantity_limits({"mug": 3}, per=per, within=DAY), subject, context),
    ]
    noun = Likeness(per).noun
    assert [(each.code, each.detail, each.evidence) for each in found] == [
        (
            f"risk.velocity_{per}",
            f"Within 1 hour this is order number 2 {CLAUSES[per]}; 1 is usual at most.",
            "within 1 hour",
        ),
        (
            "order.repeated",
            f"The same as 'A-1', at 2026-03-02 11:30 UTC, was ordered {CLAUSES[per]}.",
            "A-1",
        ),
        (
            "customer.quantity_limit",
            (
                "The order asks for 2 of 'mug', after 2 that were ordered"
                f" {CLAUSES[per]} within 1 day; at most 3 go to one {noun}."
            ),
            f"mug within 1 day per {noun}",
        ),
    ]


@pytest.mark.parametrize("per", WORDS)
def test_a_fact_that_is_missing_holds(per: Any) -> None:
    """It is named beforehand, under its key; of cards and IP addresses after the screening."""
    subject = guest("A-1", 2)
    verifiers = [repeated_order(within=HOUR, per=per), quantity_limits({"mug": 3}, per=per)]
    screened = Facts(screenings=[seen("A-1")])
    kind = Likeness(per)
    for verifier in verifiers:
        first = FactKind.SCREENING if kind.is_screened else kind
        assert verifier.facts_needed(subject, context=CONTEXT) == {first}
        assert findings(verifier, subject, CONTEXT) == [fact_missing(first, subject)]
        context = Context(now=NOW, facts=screened)
        assert verifier.facts_needed(subject, context=context) == {kind}
        assert findings(verifier, subject, context) == [fact_missing(kind, subject)]
    missing = missing_facts([subject], verifiers, now=NOW)
    assert missing.screenings == (("A-1",) if kind.is_screened else ())
    assert missing.customers == (() if kind.is_screened else (KEYS[per],))
    missing = missing_facts([subject], verifiers, now=NOW, facts=screened)
    assert (missing.screenings, missing.customers) == ((), (KEYS[per],))
    assert not missing_facts([subject], verifiers, now=NOW, facts=knowing_all(subject))
    own = needing(repeated_order(within=HOUR), kind, FactKind.CUSTOMER)
    needed = missing_facts([subject], [own], now=NOW)
    assert needed.screenings == (("A-1",) if kind.is_screened else ())
    assert set(needed.customers) == {"G-A-1"} | (set() if kind.is_screened else {KEYS[per]})
    codes = {each.code for each in findings(own, subject, CONTEXT)}
    assert codes == {"customer_facts.missing"}
    assert repr(own).endswith(f", FactKind.CUSTOMER, Likeness({per!r}))")


def test_what_is_said_of_a_fact_that_is_missing() -> None:
    """In words, not by the key, which a person does not need."""
    assert fact_missing(GMAIL, guest("A-1")) == hold(
        "customer_facts.missing",
        field="customer.email",
        detail="What is known about the orders with the same e-mail address was not looked up.",
        evidence="customer_facts per e-mail address",
    )


@pytest.mark.parametrize("per", WORDS)
def test_an_order_without_a_key_is_not_judged(per: Any) -> None:
    """It says nothing by which it could be another one's."""
    nobody = Customer(id="G-1", email="n/a", phone="-")
    batch = [order(f"A-{number}", 2, customer=nobody, ship_to=None) for number in (1, 2, 3)]
    facts = Facts(screenings=[Screening(order_id=each.id) for each in batch])
    for verifier in (
        velocity(at_most=1, within=HOUR, per=per),
        repeated_order(within=HOUR, per=per),
        quantity_limits({"mug": 1}, per=per),
    ):
        context = Context(now=NOW, facts=facts)
        bound = verifier.for_batch(batch, context=context)
        assert [list(bound(each, context=context)) for each in batch] == [[], [], []]
        assert [*verifier.shared_keys(batch[0], facts=facts)] == []


@pytest.mark.parametrize(
    "verifier",
    [
        velocity(at_most=1, within=HOUR, per="ip"),
        repeated_order(within=HOUR, per="ip"),
        quantity_limits({"mug": 1}, per="ip"),
    ],
)
def test_an_ip_address_that_can_not_be_read_holds(verifier: Any) -> None:
    """Whose it is nobody can tell: that is another thing than none."""
    facts = Facts(screenings=[seen("A-1", ip="203.0.113.7, unknown")])
    found = findings(verifier, guest("A-1", 1), Context(now=NOW, facts=facts))
    assert [(each.code, each.evidence) for each in found] == [
        ("screening.ip_unreadable", "203.0.113.7, unknown")
    ]


def test_aliases_are_folded_by_choice() -> None:
    """Three orders of one mailbox: as they are written, each is another one."""
    emails = ("ada@gmail.com", "a.da@gmail.com", "Ada+shop@googlemail.com")
    batch = [
        order(f"A-{number}", 1, customer=Customer(id=f"G-{number}", email=email))
        for number, email in enumerate(emails, start=1)
    ]
    keys = {f"email:{mailbox_key(email)}" for email in emails}
    facts = Facts(customers=[CustomerFacts(customer_id=key) for key in sorted(keys)])
    for per, codes in (("email", []), (GMAIL, ["customer.quantity_limit", "risk.velocity_email"])):
        likeness: Any = per
        verifiers = [
            velocity(at_most=2, within=HOUR, per=likeness),
            quantity_limits({"mug": 2}, per=likeness),
        ]
        result = run(*batch, stock=mugs(berlin=9), verifiers=verifiers, facts=facts)
        assert [each.code for each in result["A-3"].findings] == codes
        assert all(not result[each].findings for each in ("A-1", "A-2"))


def test_of_several_cards_the_one_with_the_most_units_counts() -> None:
    """Two with one card and three with the other are not five; the latest repetition is named."""
    cards = {"A-1": ["x"], "A-2": ["y"], "A-3": ["x", "y"]}
    facts = Facts(
        screenings=[Screening(order_id=each, cards=cards[each]) for each in cards],
        customers=[CustomerFacts(customer_id=f"card:{card}") for card in "xy"],
    )
    context = Context(now=NOW, facts=facts)
    batch = [guest("A-1", 2, placed_at=NOW - HOUR), guest("A-2", 1), guest("A-3", 2)]
    limits = quantity_limits({"mug": 3}, per="card").for_batch(batch, context=context)
    assert [each.measure for each in limits(batch[2], context=context)] == [1]
    again = repeated_order(within=DAY, per="card")
    batch[1] = guest("A-2", 2)
    [found] = again.for_batch(batch, context=context)(batch[2], context=context)
    assert found.evidence == "A-2"


def test_the_good_second_try_of_a_guest_passes() -> None:
    """The first one is rejected in this run, and it has another id of a customer."""
    declined = Payment(id="p", amount=Decimal(5), status=PaymentStatus.DECLINED)
    batch = [
        guest("A-1", 2, placed_at=NOW - HOUR / 2, payments=[declined], shipping=Decimal(5)),
        guest("A-2", 2),
        guest("A-3", 2),
    ]
    facts = knowing_all(*batch)
    for per in WORDS:
        result = run(
            *batch,
            stock=mugs(berlin=9),
            verifiers=[covers_total(), repeated_order(within=HOUR, per=per)],
            facts=facts,
        )
        assert result["A-1"].findings[0].code == "payment.declined"
        assert result["A-2"].findings == ()
        assert [each.evidence for each in result["A-3"].findings] == ["A-2"]


def test_many_orders_from_one_ip_address() -> None:
    """Thirty guests within a minute, each with another card, name and address: three are usual."""
    batch = [
        order(
            f"G-{number:02}",
            1,
            placed_at=NOW + number * timedelta(seconds=2),
            customer=Customer(id=f"guest-{number}", email=f"u{number}@example.com"),
            ship_to=attrs.evolve(WHERE, street=[f"{number} Main St"]),
        )
        for number in range(30)
    ]
    facts = Facts(screenings=[seen(each.id, cards=[each.id]) for each in batch])
    rule = velocity(at_most=3, within=HOUR, per="ip")
    result = run(*batch, stock=mugs(berlin=99), verifiers=[rule], facts=facts)
    assert sum(made.outcome is Outcome.HELD for made in result.decisions) == 27


def test_a_cap_goes_by_the_id_that_the_host_makes_of_a_mailbox() -> None:
    """Two orders of one guest share what one customer may have."""
    emails = ("ada@gmail.com", "A.da+mugs@googlemail.com")
    batch = [
        order(
            f"A-{number}",
            2,
            customer=Customer(id=mailbox_key(email, MAILBOX_PROVIDERS), email=email),
        )
        for number, email in enumerate(emails, start=1)
    ]
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=9)],
        items=[Item(sku="mug", customer_cap=3)],
    )
    result = run(*batch, stock=stock)
    assert [sum(row.quantity for row in result[made.id].allocations) for made in batch] == [2, 1]


def test_the_settings_are_shown() -> None:
    """The word, or the likeness with its settings."""
    assert repr(velocity(at_most=1, within=HOUR, per="ip")).endswith(", per='ip')")
    assert repr(repeated_order(within=HOUR, per=GMAIL)).endswith(
        ", per=Likeness('email', providers=<3 providers>))"
    )
    assert repr(quantity_limits({"mug": 1}, per="phone")) == (
        "quantity_limits(<1 limits>, per='phone')"
    )
    assert refusal(repeated_order, within=HOUR, per="order").startswith(
        "repeated_order.per: 'order' is none of 'customer', 'email', "
    )


@pytest.mark.parametrize("per", WORDS)
@settings(max_examples=25)
@given(
    kinds=st.lists(st.integers(0, 3), min_size=1, max_size=5),
    chance=st.randoms(use_true_random=False),
)
def test_later_orders_and_the_sequence_change_nothing(
    per: Any, kinds: list[int], chance: Any
) -> None:
    """What is found about an order is the same without those placed later, and in any sequence."""
    batch = [
        guest(
            f"A-{number}",
            1 + kind // 2,
            placed_at=NOW - kind * HOUR,
            customer=Customer(
                id=f"G-{number}", email=f"ada{kind % 2}@example.com", phone="0113 496"
            ),
        )
        for number, kind in enumerate(kinds)
    ]
    facts = knowing_all(*batch)
    mails = [CustomerFacts(customer_id=f"email:ada{number}@a.com") for number in (0, 1)]
    facts = attrs.evolve(facts, customers=[*facts.customers, *mails])
    for verifier in (
        velocity(at_most=1, within=2 * HOUR, per=per),
        repeated_order(within=2 * HOUR, per=per),
        quantity_limits({"mug": 2}, per=per),
    ):
        check_later_orders(verifier, batch, Context(now=NOW, facts=facts), chance)
