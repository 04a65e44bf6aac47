"""Every public callable, with arguments that are right: what wrong ones are tried in the place of.

A class is made as its example in ``tests/test_pickle.py`` is. A function or a method gets arguments
by their names: most have the same in all of them (`ARGUMENTS`), others their own (`OWN`).
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import attrs

import fulfill_core
from fulfill_core import (
    Inventory,
    Reservation,
    Severity,
    Stock,
    Supply,
    hold,
)
from fulfill_core.hosting import Backlog, InMemoryStorage, LoopReport, Observation, Send
from fulfill_core.inventory import ParcelLine
from fulfill_core.priorities import deadline
from fulfill_core.records import FactKind, Likeness, ShopFactKind
from fulfill_core.sourcing import nearest
from fulfill_core.verifiers import reachable
from fulfill_core.whatif import compare_days
from fulfill_core.wire import dumps, to_json

Parameter = inspect.Parameter

_FURTHER = (
    *("hosting.mail", "hosting.telemetry", "hosting.webhook"),
    *("verifiers.contact_formats", "verifiers.postal"),
)


def _pickled() -> ModuleType:
    """The test of pickling, which has an example of each public value."""
    path = Path(__file__).parent.parent / "test_pickle.py"
    spec = importlib.util.spec_from_file_location("values_to_pickle", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


VALUES: Any = _pickled()
_EXAMPLES = {type(value): value for value in reversed(VALUES.VALUES)}
_NOW: datetime = VALUES.NOW
_TWO = Reservation(order_id="A-1", line_id="1", sku="mug", location="berlin", quantity=2)
_STOCK = Inventory(
    stock=[
        Stock(sku="mug", location="berlin", on_hand=9, lots=[VALUES.Lot(id="L-7", quantity=3)]),
        Stock(sku="mug", location="paris", on_hand=1),
    ],
    reservations=[_TWO],
)


def no_time(*_: object) -> LoopReport:
    """A turn, a pause or an answer of a host."""
    return LoopReport()


async def no_time_async(*_: object) -> LoopReport:
    """The same, to be awaited."""
    return LoopReport()


ARGUMENTS: dict[str, Any] = {
    # What the library knows.
    "order": VALUES.ORDER,
    "orders": [VALUES.ORDER],
    "record": VALUES.some_events.STANDS["open"],
    "records": [VALUES.APPROVED],
    "inventory": VALUES.INVENTORY,
    "before": VALUES.INVENTORY,
    "now": _NOW,
    "context": VALUES.Context(now=_NOW, facts=VALUES.FACTS),
    "decision": VALUES.RESULT.decisions[0],
    "decisions": VALUES.RESULT.decisions,
    "result": VALUES.RESULT,
    "results": [VALUES.RESULT],
    "settings": VALUES.Settings(),
    "facts": VALUES.FACTS,
    "event": VALUES.some_events.EVENTS[0],
    "events": [VALUES.some_events.EVENTS[0]],
    "rules": VALUES.Rules(),
    "finding": hold("a.b"),
    "findings": (),
    "hold": attrs.evolve(VALUES.HOLD, order_id="A-1"),
    "line": VALUES.LINE,
    "payment": VALUES.PAYMENT,
    "address": VALUES.ADDRESS,
    "screening": VALUES.SCREENING,
    "likeness": Likeness("email"),
    "changes": VALUES.RESULT.changes,
    "demand": VALUES.Demand(order=VALUES.ORDER, needs=(("mug", 5),)),
    "candidates": (),
    "notification": VALUES.RESULT.notifications[0],
    "messages": VALUES.RESULT.notifications,
    "parts": (),
    "supply": Supply(id="PO-1", sku="mug", quantity=1, expected_at=_NOW),
    "reservation": VALUES.RESERVATION,
    "reservations": [VALUES.RESERVATION],
    "claims": [VALUES.CLAIM],
    # Ids and words.
    "order_id": "A-1",
    "line_id": "1",
    "sku": "mug",
    "location": "berlin",
    "location_id": "berlin",
    "customer_id": "C-7",
    "supply_id": "PO-1",
    "choice_id": "d1",
    "fulfilment_id": "f1",
    "parcel_id": "p1",
    "return_id": "r1",
    "row_id": "m1",
    "plan_id": "plan:1",
    "message_ids": ["m1"],
    "source": "quality",
    "code": "a.b",
    "by": "Grace",
    "kind": "order.confirmed",
    "audience": "customer",
    "locale": "en",
    "title": "What if",
    "subject": "mug",
    "key": "sku:mug",
    "local": "ada",
    "domain": "mugs.example",
    "email": "ada@example.com",
    "phone": "+49 30 1234",
    "country": "DE",
    "region": "CA",
    "postal_code": "LS1",
    "currency": "EUR",
    "content_digest": "0",
    "tag": "gift",
    "secrets": [VALUES.WEBHOOK_SECRET],
    "body": b"{}",
    "headers": {},
    "lot": "",
    # Numbers, amounts and times.
    "amount": Decimal(5),
    "due": Decimal(5),
    "exponent": 2,
    "quantity": 1,
    "units": {"1": 1},
    "ordered": 5,
    "recipe": (("cup", 2),),
    "count": 1,
    "attempt": 1,
    "at_most": 3,
    "at": _NOW,
    "ready": _NOW,
    "leaves": _NOW,
    "start": _NOW,
    "end": _NOW,
    "instant": _NOW,
    "moment": _NOW,
    "day": date(2026, 3, 2),
    "days": 1,
    "new_date": _NOW,
    "previous_date": None,
    "is_first": True,
    "working": timedelta(hours=1),
    "within": timedelta(days=1),
    "size": timedelta(days=1),
    "rises_every": timedelta(days=1),
    "first": 1,
    "last": 2,
    # Policies and tables of a host.
    "verifiers": [],
    "verifier": reachable,
    "policy": deadline,
    "policies": deadline,
    "condition": VALUES.is_large,
    "to": Severity.NOTE,
    "limits": {"mug": 2},
    "rates": {"EUR": Decimal(1)},
    "prices": {("mug", "EUR"): Decimal(1)},
    "severities": {"proxy": Severity.HOLD},
    "criteria": {deadline: 1},
    "cost": {"berlin": 1},
    "distance": {"berlin": 1},
    "origins": {"berlin": VALUES.ORIGIN},
    "transit": {("berlin", "GB"): timedelta(days=1)},
    "observation": Observation(subject=Send(VALUES.ROW), began_at=_NOW, ended_at=_NOW),
    "backlog": Backlog(at=_NOW),
    "row": VALUES.ROW,
    "clock": lambda: _NOW,
    "value": VALUES.ORDER,
}
_RECALLS = ShopFactKind(name="recalls", about="sku")
_TWO_SETTINGS = {"today": VALUES.Settings(), "whole": VALUES.Settings(whole=True)}
_TURNS = {"turn": no_time, "sleep": no_time, "is_stopping": lambda: True}
OWN: dict[str, dict[str, Any]] = {
    "compare": {"settings": _TWO_SETTINGS},
    "compare_days": {"settings": _TWO_SETTINGS, "days": [_NOW]},
    "explain": {"order": "A-17"},
    "from_minor_units": {"amount": 5},
    "loads": {"text": dumps(VALUES.ORDER), "kind": VALUES.Order},
    "from_json": {"document": to_json(VALUES.ORDER), "kind": VALUES.Order},
    "schema": {"kind": VALUES.Order},
    "loop": {"limits": VALUES.Limits()},
    "run_loop": {"storage": InMemoryStorage(), "sleep": no_time, "limits": VALUES.Limits()},
    "run_loop_async": {
        "storage": InMemoryStorage(),
        "sleep": no_time_async,
        "limits": VALUES.Limits(),
    },
    "run_worker": _TURNS,
    "run_worker_async": {**_TURNS, "turn": no_time_async, "sleep": no_time_async},
    "ship": {"inventory": _STOCK, "location": "berlin"},
    "fact_missing": {"kind": FactKind.SCREENING},
    "fair_share": {"by": "customer"},
    "service_level": {"attribute": "service", "levels": "same-day"},
    "delayed": {"tag": "gift"},
    "expedited": {"tag": "gift"},
    "channel_order": {"channels": "web"},
    "customer_tier": {"tiers": "gold"},
    "known_tier": {"tiers": "gold"},
    "tag_first": {"tags": "gift"},
    "in_sequence_of": {"criteria": nearest({"berlin": 1})},
    "together": {"policies": fulfill_core.DEFAULT_NOTIFICATIONS},
    "all_of": {"verifiers": reachable},
    "destinations": {"only": ["DE"]},
    "price_drift": {"at_most": Decimal("0.1")},
    "quantity_limits": {"within": None},
    "needing": {"kinds": FactKind.SCREENING},
    "downgrade": {"codes": "contact.missing"},
    "upgrade": {"codes": "contact.missing"},
    "Inventory": {},
    "Inventory.of": {"on_hand": {("mug", "berlin"): 1}},
    "Inventory.with_claimed": {"claims": VALUES.CLAIM},
    "Inventory.with_reserved": {"reservations": _TWO},
    "Inventory.with_counted": {"on_hand": 3, "lot": "L-7"},
    "Inventory.with_quarantined": {"lot": "L-7"},
    "Inventory.with_renewed": {"expires_at": _NOW + timedelta(days=9)},
    "Inventory.with_transferred": {"source": "berlin", "target": "paris", "lot": ""},
    "Inventory.with_reservation_moved": {"source": "berlin", "target": "paris"},
    "Inventory.with_parcel_shipped": {"lines": [ParcelLine(line_id="1", quantity=1)]},
    "Pack.whole": {"units": 12},
    "Progress.added": {"units": {"shipped": 1}},
    "Decisions.places_differing": {"other": VALUES.RESULT.decisions},
    "Facts.has": {"kind": FactKind.SCREENING},
    "Facts.shop_fact": {"kind": _RECALLS},
    "Facts.shop_facts_of": {"kind": _RECALLS},
    "BusinessCalendar.closing": {"at": time(9)},
    "Renderer.render": {"record": VALUES.ORDER},
}
_DAILY = compare_days(
    [VALUES.ORDER], VALUES.INVENTORY, {"today": VALUES.Settings()}, days=[VALUES.ORDER.placed_at]
)
_PARTS = (*_DAILY.courses, *_DAILY.courses[0].days, *_DAILY.courses[0].waits)
_EXAMPLES |= {type(value): value for value in (_DAILY, *_PARTS, *VALUES.OFFER.arrivals, _STOCK)}


class Call(NamedTuple):
    """A public callable, and arguments that are right.

    Args:
        name: its own, with that of its class.
        function: what is called.
        parameters: which it has, by name, but for those by any name.
        arguments: the right ones, by name; what may be left out is.
        owner: the class whose method it is, or that it makes; None of a function.
    """

    name: str
    function: Callable[..., Any]
    parameters: Mapping[str, Any]
    arguments: Mapping[str, Any]
    owner: type | None

    def __call__(self, **other: Any) -> Any:
        """What it comes to, with other arguments in the place of some."""
        by_position: list[Any] = []
        by_name: dict[str, Any] = {}
        given = {**self.arguments, **other}
        takes_any = Parameter.VAR_POSITIONAL in self.parameters.values()
        for name, kind in self.parameters.items():
            if name in given:
                is_first = takes_any and kind is Parameter.POSITIONAL_OR_KEYWORD
                if is_first or kind in {Parameter.POSITIONAL_ONLY, Parameter.VAR_POSITIONAL}:
                    by_position.append(given[name])
                else:
                    by_name[name] = given[name]
        return self.function(*by_position, **by_name)


def public_names() -> Iterator[tuple[str, Any]]:
    """What a host imports, by name; the wing for its tests left out: those fail where it fails."""
    wings = [
        each.name
        for each in pkgutil.iter_modules(fulfill_core.__path__)
        if each.ispkg and each.name != "testing"
    ]
    seen: set[int] = set()
    for path in ("", *wings, *_FURTHER):
        module = importlib.import_module(f"fulfill_core.{path}".rstrip("."))
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if callable(thing) and id(thing) not in seen:
                seen.add(id(thing))
                yield name, thing


def calls() -> Iterator[Call]:
    """All of them: functions, the classes of values, and their methods."""
    for name, thing in public_names():
        if not inspect.isclass(thing):
            if inspect.isroutine(thing):
                yield _call(name, thing, None)
        elif _is_value(thing):
            yield _construction(name, thing)
            yield from _methods(name, thing)


def _is_value(kind: type) -> bool:
    return attrs.has(kind) and not issubclass(kind, Enum | Exception)


def _call(name: str, function: Callable[..., Any], owner: type | None) -> Call:
    parameters = {
        each.name: each.kind
        for each in inspect.signature(function).parameters.values()
        if each.name != "self" and each.kind is not Parameter.VAR_KEYWORD
    }
    own = OWN.get(name, {})
    candidates = {**ARGUMENTS, **own}
    needed = {
        each.name
        for each in inspect.signature(function).parameters.values()
        if each.default is Parameter.empty
    }
    arguments = {
        each: candidates[each]
        for each in parameters
        if each in candidates and (each in needed or each in own)
    }
    return Call(name, function, parameters, arguments, owner)


def _construction(name: str, kind: type) -> Call:
    """The making of a value, with what its example has."""
    if kind is Inventory:
        return _call(name, kind, kind)
    example = _EXAMPLES.get(kind)
    fields = [each for each in attrs.fields(kind) if each.init]
    parameters = {
        each.alias: Parameter.KEYWORD_ONLY if each.kw_only else Parameter.POSITIONAL_ONLY
        for each in fields
    }
    arguments = {each.alias: getattr(example, each.name) for each in fields if example is not None}
    return Call(name, kind, parameters, arguments, kind)


def _methods(name: str, kind: type) -> Iterator[Call]:
    instance = _EXAMPLES.get(kind)
    for word, member in vars(kind).items():
        is_method = inspect.isfunction(member) or isinstance(member, classmethod)
        if word.startswith("_") or not is_method or instance is None:
            continue
        yield _call(f"{name}.{word}", getattr(instance, word), kind)


def awaited(answer: Any) -> Any:
    """What a call comes to in the end: a loop is asked for its first step."""
    if inspect.isgenerator(answer):
        return next(answer, None)
    if inspect.iscoroutine(answer):
        try:
            answer.send(None)
        except StopIteration as end:
            return end.value
        finally:
            answer.close()
    return answer
