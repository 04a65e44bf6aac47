"""Runs one scenario under an audit hook and prints, as JSON, what the interpreter reported.

`test_purity.py` starts it in an interpreter of its own: an audit hook can't be taken out again.
Nothing of the library may be imported before the hook is in.
"""

from __future__ import annotations

import json
import sys

phase = "before"
seen: dict[str, list[list[str]]] = {"importing": [], "processing": [], "writing": []}


def hook(event: str, args: tuple[object, ...]) -> None:
    """Note the event with its arguments as text."""
    if phase in seen:
        seen[phase].append([event, *map(str, args)])


sys.addaudithook(hook)
scenario = sys.argv[1]

phase = "importing"
import fulfill_core  # noqa: E402 - the hook comes first: that is the point

_ = fulfill_core.explain  # which is imported only when somebody asks for it

if scenario == "import reads":
    with open(sys.argv[2], encoding="utf-8"):  # noqa: PTH123 - with as little machinery as can be
        pass
phase = "before"

from datetime import UTC, datetime, timedelta  # noqa: E402
from decimal import Decimal  # noqa: E402

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def order(number: int, **more: object) -> fulfill_core.Order:
    """An order for three mugs and a cup."""
    fields: dict[str, object] = {
        "id": f"A-{number}",
        "placed_at": NOW - timedelta(hours=number),
        "customer": fulfill_core.Customer(id="C-7", email="ada@example.com"),
        "lines": [
            fulfill_core.OrderLine(id="1", sku="mug", quantity=3, unit_price=Decimal("9.90")),
            fulfill_core.OrderLine(id="2", sku="cup", quantity=1, unit_price=Decimal("4.90")),
        ],
        "currency": "EUR",
        "payments": [fulfill_core.Payment(id="p1", amount=Decimal("34.60"))],
        "ship_to": fulfill_core.Address(name="Ada", street=["1 Main St"], city="Leeds"),
    }
    return fulfill_core.Order(**{**fields, **more})  # type: ignore[arg-type]


def reads_a_file(order: fulfill_core.Order, /, *, context: object) -> tuple[()]:
    """A verifier that should not be."""
    with open(sys.argv[2], encoding="utf-8"):  # noqa: PTH123 - with as little machinery as can be
        return ()


def calls_home(order: fulfill_core.Order, /, *, context: object) -> tuple[()]:
    """Another one."""
    import socket  # noqa: PLC0415

    socket.socket().close()
    return ()


def lists_a_folder(order: fulfill_core.Order, /, *, context: object) -> tuple[()]:
    """And another."""
    import os  # noqa: PLC0415

    os.listdir(sys.argv[2])  # noqa: PTH208
    return ()


more = {"reads": (reads_a_file,), "calls": (calls_home,), "lists": (lists_a_folder,)}
orders = [
    order(1),
    order(2, ship=fulfill_core.Ship.COMPLETE),
    order(3, payments=[]),
    order(4, ship_after=NOW + timedelta(days=1)),
    order(5, deliver_by=NOW + timedelta(days=1), ship=fulfill_core.Ship.LINES),
    order(6),
    order(6, locale="de"),
]
inventory = fulfill_core.Inventory(
    stock=[
        fulfill_core.Stock(sku="mug", location="berlin", on_hand=4),
        fulfill_core.Stock(sku="mug", location="paris", on_hand=1),
    ],
    items=[fulfill_core.Item(sku="mug", backorderable=True)],
    supplies=[fulfill_core.Supply(id="PO-1", sku="mug", quantity=2, expected_at=NOW)],
    reservations=[
        fulfill_core.Reservation(
            order_id="A-5", line_id="1", sku="mug", location="berlin", quantity=1, expires_at=NOW
        )
    ],
)

phase = "processing"
result = fulfill_core.process(
    orders,
    inventory,
    now=NOW,
    verifiers=(*fulfill_core.DEFAULT_VERIFIERS, *more.get(scenario, ())),
)
told = [message.data for message in result.notifications]
woken = result.wake_at
explained = [str(fulfill_core.explain(result, decision.id)) for decision in result.decisions]
phase = "before"

if scenario == "in words":
    from fulfill_core.messages import Renderer, Shop, samples

    renderer = Renderer(shop=Shop(name="Tea shop"))
    mails = [each for locale in renderer.locales for each in samples(locale)]
    for mail in mails:  # Babel reads what it knows of a language once
        renderer.render(mail.notification, mail.order, titles=mail.titles)
    phase = "writing"
    for mail in mails:
        renderer.render(mail.notification, mail.order, titles=mail.titles)
    phase = "before"

modules = [
    path
    for module in tuple(sys.modules.values())
    for path in (getattr(module, "__file__", None), getattr(module, "__cached__", None))
    if path
]
print(json.dumps({**seen, "modules": modules, "path": sys.path, "explained": explained}))
