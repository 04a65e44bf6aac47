"""What the sample shop finds out before a run: from the platform, the fraud service, the past."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shop import database, fraud_service, gathering, rules, shopify
from shop.records import OrderList, SourceError
from shop.runs import CLUES
from shop_desk import SHOP, Desk, change_orders, keep_orders

from fulfill_core import Order, Screening

SHOPIFY = SHOP / "sample" / "shopify"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WHEN = ("--now", "2026-03-02T09:00:00+00:00")
LARGE = "#1015 #1016 #1017 #1018 #1021 #1027 #1071 #1072 #1073"  # 100 euros and more


@pytest.fixture(scope="module")
def read() -> OrderList:
    """The sample's orders, with all that the platform says of them."""
    return shopify.read_orders(SHOPIFY)


def by_name(read: OrderList) -> dict[str, Order]:
    """The orders by the name that customers know."""
    return {order.attributes["name"]: order for order in read.orders}


# -- The platform ----------------------------------------------------------------------------------


def test_of_several_risks_the_worst_counts(read: OrderList) -> None:
    """The platform's risks make one screening: the worst score, a flag for each recommendation but
    to accept, and where the order was placed from. It counts for any version of the order.
    """
    seen = {one.order_id: one for one in read.screenings}
    assert seen["881064"] == Screening(
        order_id="881064",
        score=Decimal("0.92"),
        flags=["cancelling is recommended", "a closer look is recommended"],
        ip="203.0.113.77",
    )
    assert seen["881001"] == Screening(order_id="881001", score=Decimal("0.02"))


def risks(folder: Path, *several: dict[str, Any]) -> OrderList:
    """The sample's orders with these risks."""
    (folder / "risks.json").write_text(json.dumps({"risks": several}), "utf-8")
    return shopify.read_orders(folder)


def test_a_risk_that_cannot_be_read_is_a_flag(desk: Desk) -> None:
    """A malformed risk is named, and stops its order: it does not seem to be clean. So does a
    recommendation that nobody here knows.
    """
    folder = keep_orders(desk.files(), "#1001", "#1002", "#1003")
    read = risks(
        folder,
        {"order_id": 881001, "score": "high", "recommendation": "accept"},
        {"order_id": 881002, "score": "0.1", "recommendation": "escalate"},
        {"order_id": 17.5, "score": "0.1", "recommendation": "cancel"},
        {"order_id": 881003, "recommendation": "accept"},
    )
    assert [str(fault) for fault in read.faults if "risks" in fault.file] == [
        'risks.json: risks[0].score: "high" is not an amount',
        "risks.json: risks[2].order_id: 17.5 is an id that went through a float",
    ]
    assert read.screenings == [
        Screening(order_id="881001", flags=["a risk that could not be read"]),
        Screening(order_id="881002", score=Decimal("0.1"), flags=["escalate"]),
        Screening(order_id="881003"),
    ]
    desk("run", "--orders", folder, *WHEN)
    codes = desk.rows("select order_id, code from findings order by order_id, code")
    assert codes == [
        ("881001", "risk.flagged"),
        ("881001", "risk.score_missing"),
        ("881002", "risk.flagged"),
        ("881003", "risk.score_missing"),
    ]


def test_real_risks(real: Path, tmp_path: Path) -> None:
    """The risks of the API's own documentation: a proxy twice, to be cancelled."""
    body = json.loads((real / "shopify" / "order_risks.json").read_text("utf-8"))
    (tmp_path / "orders.json").write_text('{"orders": []}', "utf-8")
    read = risks(tmp_path, *body["risks"])
    assert read.faults == []
    assert read.screenings == [
        Screening(order_id="450789469", score=Decimal(1), flags=["cancelling is recommended"])
    ]


def test_the_gateways_answers_belong_to_the_payment(desk: Desk) -> None:
    """The answers on address and security code are read from the order or, where payments are
    given one by one, from each transaction.
    """
    folder = keep_orders(desk.files(), "#1065", "#1030")
    path = folder / "transactions.json"
    content = json.loads(path.read_text("utf-8"))
    card = next(one for one in content["transactions"] if one["id"] == 8810302)
    card["payment_details"] = {"avs_result_code": "A", "cvv_result_code": None}
    path.write_text(json.dumps(content), "utf-8")
    orders = by_name(shopify.read_orders(folder))
    (payment,) = orders["#1065"].payments
    assert (payment.avs, payment.cvv) == ("N", "M")
    assert [(one.avs, one.cvv) for one in orders["#1030"].payments] == [("", ""), ("A", "")]


@pytest.mark.parametrize(
    ("fields", "ip"),
    [
        ({"browser_ip": "203.0.113.9"}, "203.0.113.9"),
        ({"browser_ip": None, "client_details": {"browser_ip": "2001:db8::7"}}, "2001:db8::7"),
        ({"browser_ip": None, "client_details": {"browser_ip": None}}, ""),
        ({"browser_ip": None, "client_details": None}, ""),
    ],
)
def test_where_an_order_was_placed_from(desk: Desk, fields: dict[str, Any], ip: str) -> None:
    """The browser's address stands in one of two places, or nowhere."""
    folder = keep_orders(desk.files(), "#1001")
    change_orders(folder, lambda by: by["#1001"].update(fields))
    assert shopify.read_orders(folder).ips.get("881001", "") == ip


def test_a_tag_marks_a_test_order(read: OrderList, desk: Desk) -> None:
    """The order's own tags are read; one that says so is a test order, and takes no stock."""
    assert by_name(read)["#1074"].tags == {"newsletter", "test"}
    desk.first_run()
    found = "select code from findings where order_id = '881074'"
    assert desk.rows(found) == [("order.test",), ("payment.to_refund",)]


# -- The fraud service -----------------------------------------------------------------------------


class Service:
    """A fraud service that notes what it was asked, and answers what it was told to."""

    def __init__(self, score: Decimal | None = Decimal("0.1")) -> None:
        """Nobody has asked yet."""
        self.score = score
        self.asked: list[str] = []

    def __call__(self, order: Order, ip: str) -> Screening | None:
        """One answer."""
        self.asked.append(order.attributes["name"])
        if self.score is None:
            return None
        return Screening(order_id=order.id, fingerprint=order.fingerprint, score=self.score, ip=ip)


def screen(desk: Desk, read: OrderList, service: Service) -> list[str]:
    """Ask the service about what it has to know; which orders that were."""
    verifiers = rules.verifiers_for("shopify", [])
    service.asked.clear()
    with database.database(desk.db) as engine:
        gathering.screen(engine, read, verifiers, NOW, service)
    return service.asked


def test_only_what_is_needed_is_asked(desk: Desk, read: OrderList) -> None:
    """Large orders are screened, others are not; and none that the platform has screened."""
    assert screen(desk, read, Service()) == LARGE.split()


def test_nothing_is_asked_twice(desk: Desk) -> None:
    """An answer is kept with the version of the order that it is about: only a changed order is
    asked for again, and then the old answer counts no longer.
    """
    folder = keep_orders(desk.files(), "#1071", "#1072")
    service = Service()
    assert screen(desk, shopify.read_orders(folder), service) == ["#1071", "#1072"]
    assert screen(desk, shopify.read_orders(folder), service) == []
    change_orders(folder, lambda by: by["#1072"]["shipping_address"].update(address1="Seeweg 9"))
    service.score = Decimal("0.7")
    assert screen(desk, shopify.read_orders(folder), service) == ["#1072"]
    rows = desk.rows("select order_id, score from screenings order by order_id")
    assert rows == [("881071", "0.1"), ("881072", "0.7")]


def test_without_an_answer_an_order_waits_and_is_asked_for_again(desk: Desk) -> None:
    """No answer is no score of 0: the order is held, and the next run asks again."""
    folder = keep_orders(desk.files(), "#1071")
    read = shopify.read_orders(folder)
    assert screen(desk, read, Service(None)) == ["#1071"]
    assert screen(desk, read, Service(None)) == ["#1071"]
    assert desk.rows("select * from screenings") == []
    desk("run")
    found = "select code from findings where order_id = '881073'"
    assert desk.rows(found) == [("screening.missing",)]


def test_the_answer_counts_in_the_run(desk: Desk) -> None:
    """What the service says is a fact of the run: a proxy and a score too high hold the order."""
    desk.first_run()
    found = "select code, detail from findings where order_id = '881072'"
    assert desk.rows(found) == [
        ("risk.flagged", "The screening raised the flag 'an anonymous proxy'."),
        ("risk.score_high", "The risk score is 0.50; from 0.5 on an order waits."),
    ]


@pytest.mark.parametrize(
    ("name", "ip", "score", "flags"),
    [
        ("#1001", "", "0.05", set()),
        ("#1001", "203.0.113.200", "0.50", {"an anonymous proxy"}),
        ("#1064", "", "0.40", {"a mailbox to throw away"}),
        ("#1064", "203.0.113.1", "0.85", {"a mailbox to throw away", "an anonymous proxy"}),
        ("#1001", "2001:db8::1", "0.05", set()),
        ("#1001", "somewhere", "0.05", set()),
    ],
)
def test_the_pretend_service(
    read: OrderList, name: str, ip: str, score: str, flags: set[str]
) -> None:
    """It adds up the clues of its table; the same order gets the same answer, for this version."""
    clues = fraud_service.read_clues(CLUES)
    order = by_name(read)[name]
    assert fraud_service.ask(order, ip, clues) == Screening(
        order_id=order.id,
        fingerprint=order.fingerprint,
        score=Decimal(score),
        flags=flags,
        ip=ip,
    )


def test_the_pretend_service_is_silent(read: OrderList) -> None:
    """For one network it gives no answer, to see what happens then; no score is above 1."""
    clues = fraud_service.read_clues(CLUES)
    order = by_name(read)["#1001"]
    assert fraud_service.ask(order, "198.51.100.1", clues) is None
    clue = fraud_service.Clue("email_domain", "example.com", Decimal("0.99"), "")
    answer = fraud_service.ask(order, "", (clue, clue))
    assert answer is not None
    assert (answer.score, answer.flags) == (1, frozenset())


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("network,everywhere,0.1,x", 'value: "everywhere" is not a network'),
        ("phone,123,0.1,x", 'about: "phone" is not email_domain or network'),
        ("network,203.0.113.0/24,high,x", 'score: "high" is not an amount'),
    ],
)
def test_a_broken_table_of_clues(tmp_path: Path, row: str, problem: str) -> None:
    """A table that cannot be read stops everything: half of it would let orders pass."""
    path = tmp_path / "clues.csv"
    path.write_text(f"about,value,score,flag\n{row}\n", "utf-8")
    with pytest.raises(SourceError, match=problem):
        fraud_service.read_clues(path)


# -- The past --------------------------------------------------------------------------------------


def test_orders_of_earlier_runs_count(desk: Desk) -> None:
    """Four orders of a customer in an hour are one too many, also if the first three came in an
    earlier run and are in the file no longer.
    """
    folder = keep_orders(desk.files(), "#1067", "#1068", "#1069")
    desk("run", "--orders", folder, *WHEN)
    folder = keep_orders(desk.files(), "#1070")
    desk("run", "--orders", folder, *WHEN)
    found = "select order_id, code from findings"
    assert desk.rows(found) == [("881070", "risk.velocity_customer")]


def test_the_past_is_told_as_it_was(desk: Desk) -> None:
    """A past order has its time, total and units; one whose total is below zero is left out."""
    folder = keep_orders(desk.files(), "#1038", "#1045", "#1049")
    change_orders(folder, lambda by: [one.update(customer={"id": 7}) for one in by.values()])
    desk("run", "--orders", folder, *WHEN)
    read = shopify.read_orders(folder)
    with database.database(desk.db) as engine, engine.connect() as connection:
        verifiers = rules.verifiers_for("shopify", [])
        facts = gathering.gather(connection, read, verifiers, NOW)
    known = facts.customer("7")
    assert known is not None
    assert [(past.id, str(past.total), past.units) for past in known.orders] == [
        ("881045", "21.80", (("CUP-GONE", 1), ("STRAINER", 1))),
        ("881049", "34.70", (("MUG-BLUE", 2),)),
    ]


def test_large_is_judged_in_one_currency(desk: Desk) -> None:
    """What counts as large is judged in euros; a currency without a rate counts like the euro."""
    folder = keep_orders(desk.files(), "#1001", "#1002", "#1003")

    def charge(by: dict[str, dict[str, Any]]) -> None:
        for name, currency, price in (
            ("#1001", "GBP", "48.00"),
            ("#1002", "USD", "80.00"),
            ("#1003", "SEK", "50.00"),
        ):
            by[name]["presentment_currency"] = currency
            by[name]["shipping_lines"] = []
            by[name]["line_items"] = [{"id": 1, "sku": "0815", "quantity": 2, "price": price}]
            total = str(2 * Decimal(price))
            by[name].update(total_price=total, current_total_price=total)

    change_orders(folder, charge)
    (folder / "risks.json").unlink()
    totals = [str(order.total) for order in shopify.read_orders(folder).orders]
    assert totals == ["96.00", "160.00", "100.00"]
    assert screen(desk, shopify.read_orders(folder), Service()) == ["#1001", "#1002", "#1003"]
    change_orders(folder, lambda by: by["#1002"]["line_items"][0].update(price="54.00"))
    assert screen(desk, shopify.read_orders(folder), Service()) == []
