"""When the sample shop's mails go out, together with what, and to whom not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import attrs
import pytest
from shop import sending, storage
from shop_desk import Desk
from sqlalchemy import Engine

from fulfill_core import Customer, Kind, Notification, Order

NIGHT = datetime(2026, 3, 2, 23, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 8, tzinfo=UTC)
ORDER = Order(
    id="A-1",
    placed_at=NIGHT,
    customer=Customer(id="C-1", email="ada@example.com"),
    lines=[],
    currency="EUR",
    attributes={"name": "#1"},
)


def message(kind: str, **content: object) -> Notification:
    """News for the customer."""
    fields: dict[str, object] = {"recipient": "ada@example.com", "medium": "email", **content}
    return Notification(
        kind=kind,
        order_id="A-1",
        audience="customer",  # type: ignore[arg-type]
        locale="en",
        subject=f"about {kind}",
        **fields,  # type: ignore[arg-type]
    )


@pytest.fixture
def engine(desk: Desk) -> Iterator[Engine]:
    """An empty shop."""
    with storage.database(desk.db) as engine:
        yield engine


def told(
    engine: Engine, *news: Notification, order: Order = ORDER, now: datetime = NIGHT
) -> list[tuple[str, str]]:
    """What is in the outbox after this news: the kinds, and when they go out."""
    with engine.begin() as connection:
        sending.enqueue(connection, news, {order.id: order}, {}, now)
        return [(row.kind, row.send_at) for row in storage.unsent(connection)]


def test_what_informs_waits_for_the_morning(engine: Engine) -> None:
    """What is owed goes at once, at night as well."""
    assert told(engine, message(Kind.SHIPPED), message(Kind.CANCELLED)) == [
        ("order.cancelled", NIGHT.isoformat()),
        ("parcel.shipped", MORNING.isoformat()),
    ]
    with engine.begin() as connection:
        rows = storage.unsent(connection)
    assert [sending.is_due(row, NIGHT) for row in rows] == [True, False]
    assert [sending.is_due(row, MORNING) for row in rows] == [True, True]


def test_what_waits_is_one_mail_with_what_comes(engine: Engine) -> None:
    """Several news on one order are one mail in the morning, if they came apart in the night."""
    told(engine, message(Kind.SHIPPED))
    assert told(engine, message(Kind.TRACKING_CHANGED)) == [
        ("parcel.shipped, parcel.tracking_changed", MORNING.isoformat())
    ]


def test_what_was_overtaken_while_it_waited_is_not_sent(engine: Engine) -> None:
    """A parcel that was said to have left, and did not, is no news in the morning."""
    shipped, tracked = message(Kind.SHIPPED), message(Kind.TRACKING_CHANGED)
    told(engine, shipped, tracked)
    never_left = message(Kind.NOT_SHIPPED, supersedes=[shipped.id])
    assert told(engine, never_left) == [
        ("parcel.tracking_changed, parcel.not_shipped", MORNING.isoformat())
    ]


def test_what_was_due_stays_as_it_is(engine: Engine) -> None:
    """It may be under way already: what comes later is a mail of its own."""
    told(engine, message(Kind.CANCELLED))
    assert told(engine, message(Kind.REFUNDED)) == [
        ("order.cancelled", NIGHT.isoformat()),
        ("payment.refunded", NIGHT.isoformat()),
    ]


def test_who_did_not_agree_gets_only_what_is_owed(engine: Engine) -> None:
    """A tag of the order says so; without an address there is nobody to ask."""
    few = attrs.evolve(ORDER, tags=["few-mails"])
    assert told(engine, message(Kind.SHIPPED), message(Kind.CANCELLED), order=few) == [
        ("order.cancelled", NIGHT.isoformat())
    ]
    unknown = attrs.evolve(few, customer=Customer(id="C-1"))
    assert sending.preferences_of(unknown).contacts == ()


def test_what_nobody_can_be_sent_goes_at_once(engine: Engine) -> None:
    """A person of the shop passes it on."""
    assert told(engine, message(Kind.SHIPPED, recipient="", medium="")) == [
        ("parcel.shipped", NIGHT.isoformat())
    ]


def test_the_same_news_twice_is_one_mail(engine: Engine) -> None:
    """It is known by its id, sent or not."""
    told(engine, message(Kind.CANCELLED))
    assert told(engine, message(Kind.CANCELLED)) == [("order.cancelled", NIGHT.isoformat())]
