"""When the sample shop's mails go out, together with what, and to whom not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from shop import database, sending
from shop.loop import preferences_of, work
from shop_desk import Desk, text_of
from sqlalchemy import Engine

from fulfill_core import Customer, Inventory, Order, OrderLine, Settings
from fulfill_core.hosting import Job, Run, StockUpdate
from fulfill_core.lifecycle import Cancelled, Event, ShipmentVoided, Shipped

NIGHT = datetime(2026, 3, 2, 23, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 8, tzinfo=UTC)
ORDER = Order(
    id="A-1",
    placed_at=NIGHT - timedelta(days=1),
    customer=Customer(id="C-1", email="ada@example.com"),
    lines=[OrderLine(id="1", sku="mug", quantity=2)],
    currency="EUR",
    attributes={"name": "#1"},
)
SHIPPED = Shipped(
    id="e1", order_id="A-1", at=NIGHT, parcel="P-1", location="x", lines={"1": 1}, carrier="dhl"
)
REST = attrs.evolve(SHIPPED, id="e2", parcel="P-2")
VOIDED = ShipmentVoided(id="e3", order_id="A-1", at=NIGHT, parcel="P-1")
CANCELLED = Cancelled(id="e4", order_id="A-1", at=NIGHT, by="customer", lines={"1": 1})


class Night:
    """A shop at night, in which an order was decided by day."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        """Nothing was ordered yet."""
        self.desk, self.engine = desk, engine

    def begin(self, order: Order = ORDER) -> Night:
        """It was ordered, and confirmed."""
        stock = StockUpdate(id="1", skus=["mug"], update=lambda _: Inventory.of({("mug", "x"): 2}))
        self.work(stock, Run(orders=[order]), at=NIGHT - timedelta(hours=12))
        self.deliver(NIGHT - timedelta(hours=12))
        return self

    def work(self, *jobs: Job, at: datetime = NIGHT) -> None:
        """Do jobs, and send nothing."""
        work(self.engine, jobs, at, settings=Settings(verifiers=[]))

    def deliver(self, at: datetime) -> int:
        """Send what is due; how many mails that were."""
        return sending.deliver(self.engine, self.desk.maildir, at)[0]

    def waiting(self) -> list[tuple[str, datetime]]:
        """What is to be sent to the customer: the kinds, and when."""
        with self.engine.connect() as connection:
            mails = sending.unsent_mails(connection)
        return [
            (", ".join([str(each.kind) for each in mail.messages]), mail.send_at)
            for mail in mails
            if mail.messages[0].audience == "customer"
        ]


@pytest.fixture
def night(desk: Desk) -> Iterator[Night]:
    """An empty shop."""
    with database.database(desk.db) as engine:
        yield Night(desk, engine)


def test_what_informs_waits_for_the_morning(night: Night) -> None:
    """What is owed goes at once, at night as well."""
    night.begin().work(SHIPPED, CANCELLED)
    assert night.waiting() == [
        ("order.partly_cancelled", NIGHT),
        ("parcel.shipped", MORNING),
    ]
    night.deliver(NIGHT)
    assert night.waiting() == [("parcel.shipped", MORNING)]
    assert night.deliver(MORNING) == 1
    assert night.waiting() == []


def test_what_waits_is_one_mail_with_what_comes(night: Night) -> None:
    """Several news on one order are one mail in the morning, if they came apart in the night."""
    night.begin().work(SHIPPED)
    night.work(REST, at=NIGHT + timedelta(hours=1))
    assert night.waiting() == [("parcel.shipped, parcel.shipped", MORNING)]
    before = night.desk.mails()
    assert night.deliver(MORNING) == 1
    [mail] = [
        mail for mail in night.desk.parsed_mails() if mail["X-Kind"].startswith("parcel.shipped")
    ]
    assert mail["X-Kind"] == "parcel.shipped, parcel.shipped"
    assert mail["Subject"] == "News about your order #1"
    assert len(night.desk.mails()) == len(before) + 1


def test_what_was_overtaken_while_it_waited_is_not_sent(night: Night) -> None:
    """A parcel that was said to have left, and did not, is no news in the morning."""
    night.begin().work(SHIPPED)
    night.work(VOIDED)
    assert night.waiting() == [("parcel.not_shipped", MORNING)]


@pytest.mark.parametrize(
    ("event", "waiting"),
    [(SHIPPED, []), (CANCELLED, [("order.partly_cancelled", NIGHT)])],
)
def test_who_did_not_agree_gets_only_what_is_owed(
    night: Night, event: Event, waiting: list[tuple[str, datetime]]
) -> None:
    """A tag of the order says so; without an address there is nobody to ask."""
    few = attrs.evolve(ORDER, tags=["few-mails"])
    night.begin(few).work(event)
    assert night.waiting() == waiting
    unknown = attrs.evolve(few, customer=Customer(id="C-1"))
    assert preferences_of(unknown).contacts == ()


def test_what_nobody_can_be_sent_goes_at_once(night: Night) -> None:
    """A person of the shop passes it on."""
    night.begin(attrs.evolve(ORDER, customer=Customer(id="C-1"))).work(SHIPPED)
    assert night.waiting() == [("parcel.shipped", NIGHT)]
    assert night.deliver(NIGHT) == 1
    [mail] = [mail for mail in night.desk.parsed_mails() if mail["X-Kind"] == "parcel.shipped"]
    assert mail["To"] == "staff@tea.example"
    assert "Please tell the customer: no phone" in text_of(mail)


def test_the_same_news_twice_is_one_mail(night: Night) -> None:
    """The event is known by its id, sent or not."""
    night.begin().work(CANCELLED, CANCELLED)
    assert night.waiting() == [("order.partly_cancelled", NIGHT)]
