"""Webhooks: what goes to a real server, how it is signed, what becomes of a message."""

from __future__ import annotations

import asyncio
import importlib
import json
import socket
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import attrs
import httpx
import pytest
from some_hosting import NOON, Shop, order
from some_servers import TRUSTED, Receiver, certificate, free_port, receiving, scripted

from fulfill_core import InvalidValueError, Notification
from fulfill_core.hosting import Later, Never, OutboxRow, Run, SendAnswer, Sent
from fulfill_core.hosting.webhook import (
    AsyncWebhookNotifier,
    Webhook,
    WebhookNotifier,
    is_signed,
    payload,
    signature_headers,
)
from fulfill_core.hosting.webhook.answers import answer_to
from fulfill_core.lifecycle import Ask
from fulfill_core.testing import NotifierContract, Side

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - that of the standard's examples
OTHER = "whsec_" + b64encode(b"another secret of 32 bytes, new.").decode()
QUICK, PATIENT = timedelta(milliseconds=150), timedelta(seconds=10)


def row(row_id: str = "A-1:order.confirmed:1", **changes: Any) -> OutboxRow:
    """A message that is due."""
    content = Notification(
        kind="order.confirmed",
        order_id="A-1",
        audience="staff",
        recipient="",
        locale="en",
        lines=[("1", "mug", 2, 2, 0, 0, None)],
    )
    row_of_outbox = OutboxRow(id=row_id, order_id="A-1", content=content, due_at=NOON, attempts=1)
    return attrs.evolve(row_of_outbox, **changes)


def hook_to(url: str, **changes: Any) -> Callable[[OutboxRow], Webhook]:
    """What makes webhooks to an address."""

    def compose(outbox_row: OutboxRow) -> Webhook:
        return Webhook(**{"url": url, "body": payload(outbox_row), "secrets": [SECRET], **changes})

    return compose


def quick_client() -> httpx.AsyncClient:
    """A client that does not read all certificates of this machine anew: that takes its time."""
    return httpx.AsyncClient(verify=TRUSTED, trust_env=False)


def send(
    is_async: bool,
    compose: Callable[[OutboxRow], Any],
    *rows: OutboxRow,
    timeout: timedelta = PATIENT,
    client: Callable[[], httpx.AsyncClient] | None = quick_client,
) -> list[SendAnswer]:
    """What becomes of rows, one after the other, by one notifier."""
    options: dict[str, Any] = {"clock": lambda: NOON, "timeout": timeout}
    if client is not None:
        options["client"] = client()
    if not is_async:
        with WebhookNotifier(compose, **options) as notifier:
            return [notifier(each) for each in rows or (row(),)]

    async def send_all() -> list[SendAnswer]:
        async with AsyncWebhookNotifier(compose, **options) as async_notifier:
            answers = [await async_notifier(each) for each in rows or (row(),)]
        if client is not None:
            await options["client"].aclose()
        return answers

    return asyncio.run(send_all())


both = pytest.mark.parametrize("is_async", [False, True], ids=["waits", "awaits"])

# -- Signatures ------------------------------------------------------------------------------------


def test_a_signature_is_that_of_the_standard() -> None:
    """The example that the implementations of Standard Webhooks share."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    now = datetime.fromtimestamp(1614265330, UTC)
    assert is_signed(headers, b'{"test": 2432232314}', secrets=[SECRET], now=now)


def test_what_is_signed_is_recognised() -> None:
    """Whatever the case of its headers, and by one of the secrets while they are changed."""
    headers = signature_headers(b"{}", row_id="m1", secrets=[OTHER, SECRET], at=NOON)
    loud = {name.upper(): text for name, text in headers.items()}
    for secrets in ([SECRET], [OTHER], [OTHER, SECRET]):
        assert is_signed(loud, b"{}", secrets=secrets, now=NOON)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": str(int(NOON.timestamp()) + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "\u0661\u0662"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "v1,é\ud800"},
        {"webhook-id": "\ud800"},
    ],
)
def test_what_was_changed_is_not_recognised(changes: dict[str, str]) -> None:
    """Nor what is malformed; nothing that somebody may send raises."""
    headers = signature_headers(b"{}", row_id="m1", secrets=[SECRET], at=NOON)
    assert not is_signed({**headers, **changes}, b"{}", secrets=[SECRET], now=NOON)


def test_another_body_or_another_secret_is_not_recognised() -> None:
    """That is what signatures are for."""
    headers = signature_headers(b"{}", row_id="m1", secrets=[SECRET], at=NOON)
    assert not is_signed(headers, b"{ }", secrets=[SECRET], now=NOON)
    assert not is_signed(headers, b"{}", secrets=[OTHER], now=NOON)


def test_an_old_one_is_not_recognised() -> None:
    """Who records one can't send it again for ever; clocks may differ a little, both ways."""
    headers = signature_headers(b"{}", row_id="m1", secrets=[SECRET], at=NOON)
    ages = {
        minutes: is_signed(headers, b"{}", secrets=[SECRET], now=NOON + timedelta(minutes=minutes))
        for minutes in (-6, -5, 5, 6)
    }
    assert ages == {-6: False, -5: True, 5: True, 6: False}


@pytest.mark.parametrize(
    "secrets",
    [
        [],
        [""],
        ["secret"],
        ["whsec_"],
        ["whsec_not base64"],
        ["whsec_c2hvcnQ="],
        [b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        ["whsec_é"],
        [SECRET.removeprefix("whsec_")],
    ],
)
def test_a_secret_that_is_none_is_refused(secrets: Any) -> None:
    """And is not shown: errors are logged."""
    with pytest.raises(InvalidValueError, match="secret") as caught:
        Webhook(url="https://erp.example", body=b"", secrets=secrets)
    shown = str(caught.value)
    assert [each for each in secrets if len(each) > 6 and str(each) in shown] == []


# -- What arrives ----------------------------------------------------------------------------------


@both
def test_a_webhook_arrives_signed(is_async: bool) -> None:
    """With its data, an id, and a signature that the other side can check."""
    with receiving() as erp:
        compose = hook_to(erp.url, headers={"X-Shop": "mugs", "Content-Type": "application/vnd.x"})
        assert send(is_async, compose) == [Sent()]
    [(path, headers, body)] = erp.requests
    assert path == "/hooks"
    assert is_signed(headers, body, secrets=[SECRET], now=NOON)
    assert (headers["x-shop"], headers["content-type"]) == ("mugs", "application/vnd.x")
    document = json.loads(body)
    assert {name: document[name] for name in ("id", "type", "order", "audience")} == {
        "id": row().id,
        "type": "order.confirmed",
        "order": "A-1",
        "audience": "staff",
    }
    assert document["data"]["lines"][0]["confirmed"] == 2


@both
def test_a_repeat_has_the_same_id(is_async: bool) -> None:
    """Other news have another one; whatever is in the id of the news, it is fit for a header."""
    with receiving() as erp:
        rows = [row(), row(attempts=2), row("A-1:order.delayed:2"), row("Ö\r\nx: y\ud800")]
        assert send(is_async, hook_to(erp.url), *rows) == [Sent()] * 4
        assert erp.connections == 1
    ids = [headers["webhook-id"] for _, headers, _ in erp.requests]
    assert len(set(ids)) == 3
    bodies = [body for _, _, body in erp.requests]
    assert bodies[0] == bodies[1]


def test_a_document_may_have_more_in_it() -> None:
    """What the host adds has the last word."""
    document = json.loads(payload(row(), {"text": "Thank you \ud800", "type": "shop.confirmed"}))
    assert (document["text"], document["type"]) == ("Thank you \ud800", "shop.confirmed")


def test_an_action_is_no_message() -> None:
    """It has a document of its own."""
    action = row(content=Ask(code="a.b", detail="?"))
    with pytest.raises(InvalidValueError, match=r"is an action; write it by fulfill_core\.wire"):
        payload(action)


# -- The table -------------------------------------------------------------------------------------


def in_minutes(minutes: int) -> datetime:
    """So much later."""
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_is_sent(status: int) -> None:
    """The other side has it."""
    assert answer_to(status, now=NOON) == Sent()


@pytest.mark.parametrize("status", [400, 402, 405, 406, 410, 411, 413, 414, 415, 418, 422, 431])
def test_what_is_said_of_the_message_for_good_parks_it(status: int) -> None:
    """It would be said again; a person finds the beginning of what was said, on one line."""
    answer = answer_to(status, text="no such\norder " + "x" * 500, now=NOON)
    assert isinstance(answer, Never)
    assert answer.reason.startswith(f"HTTP {status}: no such\\norder xxx")
    assert len(answer.reason) == len("HTTP 400: ") + 200


@pytest.mark.parametrize(
    "status",
    [401, 403, 404, 407, 408, 409, 423, 425, 429, 500, 501, 502, 503, 504, 507, 520, 599, 100, 0],
)
def test_what_may_change_is_tried_again(status: int) -> None:
    """Somebody repairs an account, an address, a server; then all messages go through."""
    assert answer_to(status, now=NOON) == Later(reason=f"HTTP {status}")


@pytest.mark.parametrize(
    ("retry_after", "retry_at"),
    [
        ("120", in_minutes(2)),
        (" 60 ", in_minutes(1)),
        ("Mon, 02 Mar 2026 12:05:00 GMT", in_minutes(5)),
        ("0", None),
        ("Mon, 02 Mar 2026 11:00:00 GMT", None),  # over
        ("999999", in_minutes(24 * 60)),  # a day at most
        ("9" * 5_000, in_minutes(24 * 60)),
        ("Mon, 02 Mar 2099 12:05:00 GMT", in_minutes(24 * 60)),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("\u0665", None),
        ("soon", None),
        ("Mon, 02 Mar 2026 12:05:00 -0000", None),  # of no zone
        ("Mon, 99 Mar 2026 12:05:00 GMT", None),
        ("Mon, 02 Mar 0000 12:05:00 GMT", None),
    ],
)
def test_the_other_side_may_say_when(retry_after: str, retry_at: datetime | None) -> None:
    """In seconds or as a date; what makes no sense leaves it to the loop."""
    for status in (429, 503):
        answer = answer_to(status, retry_after=retry_after, now=NOON)
        assert answer == Later(retry_at=retry_at, reason=f"HTTP {status}")


@both
@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (200, Sent()),
        ((200, {}, b"ok" * 50), Sent()),
        ((200, {}, b"x" * 200_000), Sent()),
        (410, Never(reason="HTTP 410")),
        ((422, {}, "no such ördér".encode()), Never(reason="HTTP 422: no such ördér")),
        ((400, {}, b"\xff\x00"), Never(reason="HTTP 400: \ufffd\\x00")),
        ((429, {"Retry-After": "120"}), Later(reason="HTTP 429", retry_at=in_minutes(2))),
        (500, Later(reason="HTTP 500")),
        ((503, {"Retry-After": "x"}, b"busy"), Later(reason="HTTP 503: busy")),
    ],
)
def test_a_response_decides(is_async: bool, response: Any, answer: SendAnswer) -> None:
    """Over the wire, with headers and body; and the next one goes out."""
    with receiving(Receiver(response)) as erp:
        assert send(is_async, hook_to(erp.url), row(), row("m2")) == [answer, Sent()]


@both
@pytest.mark.parametrize(
    ("status", "kind"), [(301, Never), (308, Never), (302, Later), (307, Later)]
)
def test_redirects_are_not_followed(is_async: bool, status: int, kind: type[SendAnswer]) -> None:
    """Who could redirect it could read it. For good: correct the address; for now: later."""
    with receiving() as eve:
        response = (status, {"Location": eve.url})
        with receiving(Receiver(response)) as erp:
            [answer] = send(is_async, hook_to(erp.url))
    assert type(answer) is kind
    assert not isinstance(answer, Sent)
    assert eve.url in answer.reason
    assert eve.requests == []


# -- No connection, no answer ----------------------------------------------------------------------


def hangs(connection: socket.socket) -> None:
    """Takes all of it, and says nothing."""
    connection.settimeout(3)
    while connection.recv(65_536):
        pass


def drips(connection: socket.socket) -> None:
    """Says something every now and then, and never comes to an end."""
    for letter in b"HTTP/1.1 200 OK\r\n" + b"x-slow: " + b"x" * 1_000:
        connection.sendall(bytes([letter]))
        time.sleep(0.02)


def drips_its_body(connection: socket.socket) -> None:
    """The same, a little later."""
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(1_000):
        connection.sendall(b"x")
        time.sleep(0.02)


def leaves(connection: socket.socket) -> None:
    """Leaves without a word."""
    connection.recv(10)


def babbles(connection: socket.socket) -> None:
    """Speaks another language."""
    connection.recv(10)
    connection.sendall(b"220 mail.example ESMTP\r\n")


@both
@pytest.mark.parametrize("talk", [hangs, drips, drips_its_body, leaves, babbles])
def test_a_peer_that_does_not_answer_is_later(
    is_async: bool, talk: Callable[[socket.socket], object]
) -> None:
    """Within the timeout, whatever it does: also if it never stops to say a little."""
    with scripted(talk) as port:
        [answer] = send(is_async, hook_to(f"http://127.0.0.1:{port}"), timeout=QUICK)
    assert isinstance(answer, Later)
    if talk in {hangs, drips, drips_its_body}:
        assert answer == Later(reason="no answer within 0.15 s")


@both
def test_a_peer_that_is_gone_is_later(is_async: bool) -> None:
    """A refused connection, a name that nobody knows, somebody who does not speak TLS."""
    with receiving() as erp:
        urls = [
            f"http://127.0.0.1:{free_port()}/",
            "https://erp.invalid/",
            erp.url.replace("http:", "https:"),
        ]
        answers = [send(is_async, hook_to(url))[0] for url in urls]
    assert [type(answer) for answer in answers] == [Later] * 3


@both
def test_nothing_is_said_to_a_peer_that_is_somebody_else(is_async: bool) -> None:
    """A certificate of nobody who is trusted; with the host's own client, of one who is."""
    with receiving(tls=certificate("localhost")) as erp:
        url = f"https://localhost:{erp.port}/hooks"
        [nobody] = send(is_async, hook_to(url), client=None)
        assert erp.requests == []
        [trusted] = send(is_async, hook_to(url), client=quick_client)
    assert isinstance(nobody, Later)
    assert "certificate verify failed" in nobody.reason
    assert trusted == Sent()


@both
@pytest.mark.parametrize(
    "url", ["erp.example/hooks", "ftp://erp.example", "http://", "http://a\nb", "/"]
)
def test_what_is_no_address_is_parked(is_async: bool, url: str) -> None:
    """To try again helps nobody."""
    [answer] = send(is_async, hook_to(url))
    assert isinstance(answer, Never)
    assert "no address for a webhook" in answer.reason


def test_a_client_of_the_host_is_left_open() -> None:
    """Who opened it closes it; and it follows no redirects here, whatever it does elsewhere."""

    async def story(port: int) -> tuple[SendAnswer, bool]:
        async with httpx.AsyncClient(follow_redirects=True) as client:
            async with AsyncWebhookNotifier(
                hook_to(f"http://127.0.0.1:{port}/"), clock=lambda: NOON, client=client
            ) as notifier:
                answer = await notifier(row())
            return answer, client.is_closed

    with receiving(Receiver((302, {"Location": "/"}))) as erp:
        answer, is_closed = asyncio.run(story(erp.port))
    assert isinstance(answer, Later)
    assert not is_closed


def test_it_reads_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy is the client's, not what some variable says."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    with receiving() as erp:
        assert send(False, hook_to(erp.url), client=None) == [Sent()]


# -- What the host composes ------------------------------------------------------------------------


@both
@pytest.mark.parametrize("answer", [Sent(), Later(reason="at night"), Never(reason="no address")])
def test_a_host_may_decide_otherwise(is_async: bool, answer: SendAnswer) -> None:
    """Nothing is sent."""
    assert send(is_async, lambda _: answer) == [answer]


@pytest.mark.parametrize("nonsense", [None, b"{}", Sent])
def test_what_is_no_webhook_is_refused(nonsense: object) -> None:
    """The loop keeps what is raised as the reason."""
    with pytest.raises(InvalidValueError, match="is no Webhook, and none of Sent, Later, Never"):
        send(False, lambda _: nonsense)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"url": ""}, r"Webhook\.url"),
        ({"body": "{}"}, r"Webhook\.body.*is not bytes"),
        ({"secrets": 7}, r"Webhook\.secrets.*is not a collection"),
        ({"headers": 7}, r"Webhook\.headers"),
        ({"headers": {"": "x"}}, "can't be the name of a header"),
        ({"headers": {"x y": "x"}}, "can't be the name of a header"),
        ({"headers": {"X-Shop": "a\r\nHost: eve.example"}}, "one line of printable ASCII"),
        ({"headers": {"X-Shop": "é"}}, "one line of printable ASCII"),
        ({"headers": {"Webhook-Id": "1"}}, "is written by the notifier"),
        ({"headers": {"Host": "eve.example"}}, "is written by the notifier"),
    ],
)
def test_a_webhook_that_makes_no_sense_is_refused(changes: Any, problem: str) -> None:
    """By its path; and no header is begun by what is in another one."""
    with pytest.raises(InvalidValueError, match=problem):
        Webhook(**{"url": "https://erp.example", "body": b"", "secrets": [SECRET], **changes})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"compose": 7}, "compose"),
        ({"clock": 7}, "clock"),
        ({"timeout": 7}, "timeout"),
        ({"timeout": timedelta()}, "timeout.*is no time"),
    ],
)
def test_a_notifier_that_makes_no_sense_is_refused(changes: Any, problem: str) -> None:
    """Where it is configured, not in the night."""
    with pytest.raises(InvalidValueError, match=problem):
        WebhookNotifier(**{"compose": lambda _: Sent(), "clock": lambda: NOON, **changes})


def test_it_can_be_closed_twice() -> None:
    """Or without having sent anything."""
    notifier = WebhookNotifier(lambda _: Sent(), clock=lambda: NOON)
    notifier.close()
    notifier.close()


def test_who_waits_is_refused_where_others_wait() -> None:
    """A blocking notifier in a coroutine would stop all that runs beside it."""

    async def story() -> None:
        with pytest.raises(InvalidValueError, match="pass an AsyncWebhookNotifier"):
            notifier(row())

    with WebhookNotifier(lambda _: Sent(), clock=lambda: NOON) as notifier:
        asyncio.run(story())


def test_a_webhook_is_sent_by_the_loop() -> None:
    """When the other side says so."""
    shop = Shop()
    with receiving(Receiver((429, {"Retry-After": "600"}))) as erp:
        shop.notifier = WebhookNotifier(hook_to(erp.url), clock=shop.clock)  # type: ignore[assignment]
        report = shop.loop(Run(orders=[order()]))
        assert (report.postponed, report.wake_at) == (1, in_minutes(10))
        shop.clock.instant = in_minutes(10)
        assert shop.loop().sent == 1
        shop.notifier.close()  # type: ignore[attr-defined]
    assert len(erp.requests) == 2
    assert len({headers["webhook-id"] for _, headers, _ in erp.requests}) == 1


def test_without_httpx_signatures_can_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of the notifiers names the extra."""
    module = "fulfill_core.hosting.webhook.notifier"
    monkeypatch.setitem(sys.modules, "httpx", None)
    monkeypatch.delitem(sys.modules, module)
    with pytest.raises(ImportError, match=r"pip install 'fulfill_core\[webhook\]'") as caught:
        importlib.import_module(module)
    assert caught.value.name == "httpx"


# -- The contract ----------------------------------------------------------------------------------


class _WebhookContract(NotifierContract):
    is_async: ClassVar[bool]

    @pytest.fixture(autouse=True)
    def receivers(self) -> Any:
        """One that is well, and one that refuses."""
        with receiving() as self.well, receiving(Receiver(*[422] * 9)) as self.refusing:
            yield

    def connect(self, side: Side) -> Any:
        """A notifier of another system that is like that."""
        url = {
            Side.WELL: self.well.url,
            Side.GONE: f"http://127.0.0.1:{free_port()}/",
            Side.REFUSING: self.refusing.url,
        }[side]
        return lambda *rows: send(self.is_async, hook_to(url), *rows)[0]

    def arrivals(self) -> list[str]:
        """The ids of what arrived, each once."""
        return list(dict.fromkeys([headers["webhook-id"] for _, headers, _ in self.well.requests]))


class TestWebhookNotifier(_WebhookContract):
    is_async = False


class TestAsyncWebhookNotifier(_WebhookContract):
    is_async = True
