"""What the sample shop makes of texts that want to be more than text."""

from __future__ import annotations

import email
import itertools
import json
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import compat32, default
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shop import desk as desk_words
from shop import mail, report, shopify, words
from shop_desk import Desk, change_orders, keep_orders

from fulfill_core import Audience, Customer, Notification, Order, OrderLine
from fulfill_core.notifications import Delivery

NOW = ("--now", "2026-03-02T09:00:00+00:00")
HEADERS = [
    *("Message-ID", "Date", "From", "To", "Subject", "X-Order", "X-Kind"),
    *("MIME-Version", "Content-Type", "Content-Language"),
]
INJECTION = "=?utf-8?q?x=0D=0ABcc=3A_eve=40example.com=0D=0A?="
HOSTILE = [  # each with a word by which it is known again
    INJECTION,
    "=?utf-8?b?eA0KQmNjOiBldmVAZXhhbXBsZS5jb20NCg==?=",
    "x\r\nBcc: eve@example.com",
    "x\nBcc: eve@example.com\n\nOrder #1 is confirmed.",
    "x\u2028Bcc: eve@example.com",
    "x\x85Bcc: eve@example.com",
    "x\x1b]0;eve\x07\x1b[2J",
    "x\u202eevE",
    "x\ud800eve",
    "[bold red]eve[/]",
    "{order.__class__} %s ${eve} {{ eve }} {% eve %}",
    "../../eve",
    "<script>eve</script>",
    "x" * 10_000,
    "\u05d0" * 10_000,
]
FIELDS = [
    ("id",),
    ("name",),
    ("email",),
    ("phone",),
    ("tags",),
    ("customer_locale",),
    ("source_name",),
    ("financial_status",),
    ("fulfillment_status",),
    ("note_attributes", 0, "name"),
    ("note_attributes", 0, "value"),
    ("customer", "first_name"),
    ("customer", "id"),
    ("customer", "tags"),
    ("line_items", 0, "sku"),
    ("line_items", 0, "id"),
    ("shipping_address", "name"),
    ("shipping_address", "address1"),
    ("shipping_address", "city"),
    ("shipping_address", "zip"),
    ("shipping_address", "province_code"),
]


def row(sku: str = "mug", title: str = "", detail: str = "", **changes: str) -> EmailMessage:
    """The e-mail of a row of the outbox: an order of one line, with a reason."""
    values = {
        "message_id": "m",
        "order_id": "A-1",
        "order_name": "#1",
        "recipient": "ada@example.com",
        "locale": "en",
        **changes,
    }
    order = Order(
        id=values["order_id"] or "A-1",
        placed_at=datetime(2026, 3, 2, tzinfo=UTC),
        customer=Customer(id="C-1"),
        lines=[OrderLine(id="1", sku=sku, quantity=1)],
        currency="EUR",
    )
    message = Notification(
        kind="order.review_needed" if detail else "order.confirmed",
        order_id=order.id,
        audience=Audience.STAFF if detail else Audience.CUSTOMER,
        recipient="",
        locale=values["locale"],
        lines=[("1", sku, 1, 1, 0, 0, None)],
        reasons=[(detail, detail)] if detail else [],
    )
    content = Delivery(
        messages=[message],
        recipient=values["recipient"],
        send_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )
    return mail.compose(values["message_id"], content, order, values["order_name"], {sku: title})


def written(message: EmailMessage) -> bytes:
    """The bytes of its e-mail."""
    return message.as_bytes(policy=mail.SMTP)


def text_of(raw: bytes) -> str:
    """What the plain text of an e-mail says."""
    parsed = email.message_from_bytes(raw, policy=default)
    body = parsed.get_body(("plain",))  # type: ignore[attr-defined]
    return str(body.get_content())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["order_id", "order_name", "recipient", "locale", "message_id"])
def test_no_text_becomes_a_header(field: str, text: str) -> None:
    """Whatever stands in a row of the outbox: the e-mail has our headers and no other, each program
    reads the same in them, and it goes to one mailbox.
    """
    raw = written(row(**{field: text.replace("\ud800", "?")}))
    for policy in (compat32, default):
        assert list(email.message_from_bytes(raw, policy=policy).keys()) == HEADERS
    parsed = email.message_from_bytes(raw, policy=default)
    assert [str(each) for each in parsed["To"].addresses] in (
        ["ada@example.com"],
        ["staff@tea.example"],
    )
    for name in ("Subject", "X-Order"):
        assert len(str(parsed[name])) < 200
        assert str(parsed[name]).isprintable()


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_line_of_a_mail(text: str) -> None:
    """A title, a SKU, a reason: each is a part of its line."""
    raw = written(row(sku=text, title=text, recipient=text.replace("\ud800", "")))
    assert len(text_of(raw).splitlines()) == 19
    assert list(email.message_from_bytes(raw, policy=default).keys()) == HEADERS
    for_staff = written(row(sku=text, detail=text))
    assert len(text_of(for_staff).splitlines()) == len(
        text_of(written(row(detail="x"))).splitlines()
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_no_need_of_the_queue_becomes_a_line(text: str) -> None:
    """At the desk each thing that an order needs is one entry, whatever somebody wrote in it."""
    order = SimpleNamespace(deliver_by=None, total="1", currency="EUR")
    finding: Any = SimpleNamespace(source="", line_id="", code="a.b", detail=text)
    entry: Any = SimpleNamespace(
        order=SimpleNamespace(name=text, record=SimpleNamespace(order=order)),
        since="2026-03-02T09:00",
        needs=[desk_words.Need(finding, "approve", "")],
        rejection=SimpleNamespace(by=text, reason=text),
    )
    table = report.queue_table([entry])
    cells = [str(cell) for column in table.columns for cell in column.cells]
    assert [cell.count("\n") for cell in cells] == [0, 0, 0, 0, 1]
    assert all(
        cell.replace("\n", "").encode("utf-8") and cell.find("\x1b") < 0 for cell in cells if cell
    )


@settings(max_examples=50)
@given(
    values=st.fixed_dictionaries(
        {
            name: st.text() | st.sampled_from(HOSTILE).map(lambda text: text.replace("\ud800", ""))
            for name in ("order_id", "order_name", "recipient", "locale")
        }
    ),
    title=st.text(),
)
def test_no_text_at_all_becomes_a_header(values: dict[str, str], title: str) -> None:
    """The same of any text: our headers, one mailbox, and as many lines as there are without it."""
    raw = written(row(**values, title=title))
    parsed = email.message_from_bytes(raw, policy=default)
    assert list(parsed.keys()) == HEADERS
    assert len(parsed["To"].addresses) == 1
    plain = written(row(recipient=values["recipient"], title="x"))
    assert len(text_of(raw).splitlines()) == len(text_of(plain).splitlines())


@pytest.mark.parametrize(
    "recipient",
    [
        "a@example.com, b@example.com",
        "a@example.com; b@example.com",
        "a@example.com>, <b@example.com",
        "Ada <a@example.com>",
        "a@example.com b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "all: a@example.com, b@example.com;",
        '"a, b"@example.com',
        "=?utf-8?q?a=40example.com=2C_b?=@example.com",
        "a@b@example.com",
        "@example.com",
        "a@",
        "a@localhost",
        "x" * 65 + "@example.com",
        "+49 30 901820",
        "",
    ],
)
def test_what_is_not_one_mailbox_goes_to_the_staff(recipient: str) -> None:
    """Nothing is sent to two recipients in one address, nor to what is none: a person passes it
    on.
    """
    parsed = email.message_from_bytes(written(row(recipient=recipient)), policy=default)
    assert parsed["To"] == "staff@tea.example"
    assert parsed["Subject"].strip().startswith("[please call ")


@pytest.mark.parametrize(
    ("recipient", "to"),
    [
        ("ada.o'neil+tea@mail.example.com", "ada.o'neil+tea@mail.example.com"),
        (" ada@example.com ", "ada@example.com"),
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_what_is_one_mailbox(recipient: str, to: str) -> None:
    """An address that is merely unusual is sent to."""
    assert words.one_mailbox(recipient) == to


def put(content: Any, path: tuple[str | int, ...], value: object) -> None:
    """Put *value* at a path."""
    *way, last = path
    for step in way:
        content = content[step]
    content[last] = value


def test_no_text_of_a_file_is_more_than_text(desk: Desk) -> None:
    """Whatever stands in whatever field of an order: each is decided or set aside by name; what is
    printed, stored and sent has no line, header, path or mark-up of its own from it.
    """
    folder = keep_orders(desk.files(), "#1014")
    path = folder / "orders.json"
    (one,) = json.loads(path.read_text("utf-8"))["orders"]
    several = []
    for field, text in itertools.product(FIELDS, HOSTILE):
        changed = json.loads(json.dumps(one))
        changed.update(id=900 + len(several), name=f"#{len(several)}")
        changed["customer"]["id"] = 90_000 + len(several)  # nobody places so many orders an hour
        changed["note_attributes"] = [{"name": "deliver_by", "value": "2026-03-09"}]
        put(changed, field, text)
        several.append(changed)
    path.write_text(json.dumps({"orders": several}), "utf-8")
    assert desk("run", "--all", "--orders", folder, *NOW) == 0
    assert f"{len(several)} records read" in desk.out
    assert desk.err == ""
    outputs = [desk.out]
    shown = desk.rows("select id from orders where not (id between '930' and '99999') or rank < 3")
    assert len(shown) >= 30
    for (order_id,) in shown:
        assert desk("show", order_id) == 0
        outputs.append(desk.out)
    for command in ("review", "stock"):
        desk(command)
        outputs.append(desk.out)
    for printed in outputs:
        assert not re.search(r"^\s*(Bcc|Line 1|Order #1 is)", printed, re.MULTILINE)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]", printed)
    for name, sent in desk.mails().items():
        assert re.fullmatch("[0-9a-f]{40}", name)
        assert list(email.message_from_string(sent).keys()) == HEADERS
    assert {file.name for file in Path(desk.folder).iterdir()} == {"files", "shop.db", "mail"}


def test_mark_up_is_printed_as_it_is(desk: Desk) -> None:
    """What looks like mark-up, or like the name of an emoji, is printed as somebody wrote it."""
    folder = keep_orders(desk.files(), "#1001")
    change_orders(folder, lambda by: by["#1001"]["customer"].update(first_name="[b]A[/] :x:"))
    desk("run", "--all", "--orders", folder, *NOW)
    assert "[b]A[/] :x" in desk.out
    desk("show", "1001")
    assert "Order #1001 of [b]A[/] :x: Feld, 29.90 EUR" in desk.out


def test_a_text_of_endless_length_is_a_fault(desk: Desk) -> None:
    """A text of more than 1,000 characters is named with its length, not printed; a list of tags
    may be as long as the platform lets it be, and a note that is not for us as it likes.
    """
    folder = keep_orders(desk.files(), "#1001", "#1002")
    (folder / "transactions.json").unlink()

    def stretch(by: dict[str, dict[str, Any]]) -> None:
        by["#1001"].update(name="x" * 10_000)
        by["#1002"].update(tags=", ".join(["newsletter"] * 250))
        by["#1002"]["note_attributes"].append({"name": "gift", "value": "x\x00" * 10_000})

    change_orders(folder, stretch)
    read = shopify.read_orders(folder)
    assert list(map(str, read.faults)) == [
        "orders.json: orders[0].name: has 10000 characters; at most 1000 are read"
    ]
    assert [order.id for order in read.orders] == ["881002"]
