"""The rows of a message, read by names, and what a kind has to say of them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from fulfill_core.decisions.notification import Kind


class NewsLine(NamedTuple):
    """A row of a message.

    Of what a run decided the numbers are units that are confirmed, wait, and are short; of what
    happened afterwards they are the units that it is about, what is open still, what is cancelled.
    """

    line_id: str
    sku: str
    ordered: int
    confirmed: int
    backordered: int
    short: int
    expected_at: datetime | None


_OF_A_DECISION = (
    ("confirmed", "line.confirmed"),
    ("backordered", "line.backordered"),
    ("short", "line.short"),
)
_ORDERED = (("ordered", "line.ordered"),)
_TO_COME = ("backordered", "line.to_come")
_CANCELLED = (("short", "line.cancelled"), _TO_COME)
_OF_A_KIND: dict[str, tuple[tuple[str, str], ...]] = {
    # What has left, and confirms the order with it, has units that are open yet.
    Kind.CONFIRMED: (("confirmed", "line.confirmed"),),
    Kind.BACK_IN_STOCK: (("confirmed", "line.confirmed"),),
    Kind.SCHEDULED: _ORDERED,
    Kind.ON_HOLD: _ORDERED,
    Kind.REVIEW_NEEDED: _ORDERED,
    Kind.AMENDED: _ORDERED,
    Kind.CANCELLED: _CANCELLED,
    Kind.PARTLY_CANCELLED: _CANCELLED,
    Kind.WITHDRAWN: (("short", "line.cancelled"), ("confirmed", "line.returning")),
    Kind.SHIPPED: (("confirmed", "line.in_parcel"), _TO_COME),
    Kind.PROVIDED: (("confirmed", "line.provided"), _TO_COME),
    Kind.DELIVERED: (("confirmed", "line.delivered"), _TO_COME),
    Kind.PICKED_UP: (("confirmed", "line.picked_up"), _TO_COME),
    Kind.LOST: (("confirmed", "line.lost"), ("short", "line.credited"), _TO_COME),
    Kind.RETURN_REQUESTED: (("confirmed", "line.returning"),),
    Kind.RETURN_APPROVED: (("confirmed", "line.returning"),),
    Kind.RETURN_RECEIVED: (("confirmed", "line.returned"),),
    Kind.PICK_LIST: (("confirmed", "line.pick"),),
    Kind.CALL_BACK: (("confirmed", "line.keep"),),
    Kind.FULFILMENT_CHANGED: (("confirmed", "line.at_location"),),
    # What hosts tell themselves.
    "order.delay_choice": (_TO_COME,),
    # It may be of goods that have not arrived: then there is nothing to be returned.
    "order.withdrawal_acknowledged": (("confirmed", "line.withdrawn"),),
    "product.recalled": (("confirmed", "line.recalled"),),
}


def columns_of(kind: str) -> tuple[tuple[str, str], ...]:
    """Which numbers of a row a kind of message tells, each with the key of its label."""
    return _OF_A_KIND.get(kind, _OF_A_DECISION)


def is_known_kind(kind: str) -> bool:
    """Whether it is known which numbers of a row a kind tells: then one without them says nothing.

    >>> is_known_kind("parcel.shipped"), is_known_kind("shop.gift")
    (True, False)
    """
    return kind in _OF_A_KIND
