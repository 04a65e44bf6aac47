"""Which values are documents, by the word that a document has for its type.

A result is none: it holds policies, which are functions. Its decisions, messages, records, changes
and inventory are.
"""

from __future__ import annotations

from types import UnionType
from typing import Any, Union, get_args, get_origin

from fulfill_core import _checks
from fulfill_core.calendars import BusinessCalendar, CutOff, DayRule, Shift
from fulfill_core.decisions import (
    Allocation,
    Backorder,
    Decision,
    Finding,
    LineStatus,
    Notification,
    Promise,
    Shipment,
    Short,
)
from fulfill_core.explanation import Ahead, Remedy, Review
from fulfill_core.inventory import (
    Changes,
    Claim,
    Component,
    Fence,
    Intake,
    Inventory,
    Item,
    Location,
    Lot,
    LotChange,
    Overdraft,
    Pack,
    ParcelLine,
    Reservation,
    Stock,
    StockChange,
    Supply,
)
from fulfill_core.lifecycle import EVENTS, Action, Refusal, Rules, Step
from fulfill_core.notifications import Contact, Delivery, Preferences
from fulfill_core.orders import (
    Address,
    Customer,
    MailboxProvider,
    Order,
    OrderLine,
    Payment,
    Progress,
)
from fulfill_core.pipeline import Arrival, Offer
from fulfill_core.reallocation import Loss
from fulfill_core.records import (
    Approval,
    CustomerFacts,
    DelayChoice,
    Facts,
    Fulfilment,
    History,
    Hold,
    Likeness,
    Movement,
    OrderRecord,
    Parcel,
    PastOrder,
    Rejection,
    Return,
    Screening,
    ShopFact,
    ShopFactKind,
    Told,
    VerifierFailure,
)
from fulfill_core.verifiers import AccessList, Destination, MissingFacts

_CLASSES: tuple[type[object], ...] = (
    *(Address, Customer, MailboxProvider, Order, OrderLine, Payment, Progress),
    *(BusinessCalendar, CutOff, DayRule, Shift),
    *(Changes, Claim, Component, Fence, Intake, Inventory, Item, Location, Lot, LotChange),
    *(Overdraft, Pack, ParcelLine, Reservation, Stock, StockChange, Supply),
    *(Allocation, Backorder, Decision, Finding, LineStatus, Notification, Promise, Shipment, Short),
    *(Approval, CustomerFacts, Facts, Fulfilment, History, Hold, Likeness, Movement, OrderRecord),
    *(Parcel, PastOrder, Rejection, Return, Screening, ShopFact, ShopFactKind, Told),
    *(DelayChoice, VerifierFailure),
    *(Contact, Delivery, Preferences),
    *(AccessList, Destination, MissingFacts),
    *(Ahead, Arrival, Loss, Offer, Remedy, Review),
    *(*EVENTS, *get_args(Action), Refusal, Rules, Step),
)
KINDS: dict[str, type[object]] = {kind.__name__: kind for kind in sorted(_CLASSES, key=str)}
"""The classes of values that are documents, by name."""


def is_union(hint: object) -> bool:
    """Whether a type stands for one of several, as ``Event`` does.

    >>> is_union(int | str), is_union(int)
    (True, False)
    """
    return get_origin(hint) in (Union, UnionType)


def kinds_of(kind: object) -> dict[str, type[object]]:
    """The classes that a caller asks for, by name: one, or those of a union.

    Raises:
        InvalidValueError: one of them is no document.

    >>> list(kinds_of(Order | OrderRecord))
    ['Order', 'OrderRecord']
    """
    members: tuple[Any, ...] = get_args(kind) if is_union(kind) else (kind,)
    for each in members:
        if not isinstance(each, type) or KINDS.get(each.__name__) is not each:
            raise _checks.refuse(
                "kind",
                each,
                "is no class of documents; pass one, or a union, such as Event",
            )
    return {each.__name__: each for each in members}
