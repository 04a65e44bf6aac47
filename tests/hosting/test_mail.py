"""Mails: what goes over the wire to a real server, and what becomes of a message by its answer."""

from __future__ import annotations

import asyncio
import gc
import importlib
import smtplib
import socket
import ssl
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any, ClassVar

import attrs
import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from some_hosting import NOON, Shop, order, stock
from some_servers import TRUSTED, Mailboxes, certificate, free_port, let_in, mail_server, scripted

from fulfill_core import InvalidValueError, Notification
from fulfill_core.hosting import (
    Attempt,
    InMemoryStorage,
    Later,
    Limits,
    Never,
    OutboxRow,
    Run,
    SendAnswer,
    Sent,
)
from fulfill_core.hosting.mail import (
    AsyncMailNotifier,
    Mail,
    MailNotifier,
    MailServer,
    Security,
    message_id,
)
from fulfill_core.hosting.mail.in_time import Replies
from fulfill_core.hosting.mail.letters import Letter, letter_of, mailbox_from, sender_from
from fulfill_core.hosting.mail.replies import Refusal, Stage, answer_to
from fulfill_core.testing import NotifierContract, Side

SENDER = "Mug shop <orders@mugs.example>"
QUICK, PATIENT = timedelta(milliseconds=150), timedelta(seconds=10)
Compose = Callable[[OutboxRow], Any]


def row(row_id: str = "A-1:order.confirmed:1", recipient: str = "ada@example.com") -> OutboxRow:
    """A message that is due."""
    content = Notification(
        kind="order.confirmed",
        order_id="A-1",
        audience="customer",
        recipient=recipient,
        medium="email",
        locale="en",
    )
    return OutboxRow(id=row_id, order_id="A-1", content=content, due_at=NOON, attempts=1)


def compose(outbox_row: OutboxRow) -> Mail:
    """A mail to whom it may concern."""
    content: Any = outbox_row.content
    return Mail(
        to=content.recipient,
        subject="Your order A-1 is confirmed",
        text="Thank you.\n.\nWe begin at once.",
        html="<p>Thank you.</p>",
        language="en",
    )


def server(port: int, security: Security = Security.NONE, **options: Any) -> MailServer:
    """A server on this machine."""
    options = {"host": "localhost", "client_name": "shop.example", "timeout": PATIENT, **options}
    return MailServer(port=port, security=security, **options)


def send(
    is_async: bool,
    mail_host: MailServer,
    *rows: OutboxRow,
    composing: Compose = compose,
    sender: str = SENDER,
    tls: ssl.SSLContext | None = TRUSTED,
    clock: Callable[[], datetime] = lambda: NOON,
) -> list[SendAnswer]:
    """What becomes of rows, one after the other, by one notifier."""
    options: dict[str, Any] = {
        "server": mail_host,
        "sender": sender,
        "clock": clock,
        "tls": tls,
    }
    if not is_async:
        with MailNotifier(composing, **options) as notifier:
            return [notifier(each) for each in rows or (row(),)]

    async def send_all() -> list[SendAnswer]:
        async with AsyncMailNotifier(composing, **options) as async_notifier:
            return [await async_notifier(each) for each in rows or (row(),)]

    return asyncio.run(send_all())


def text_of(part: Any) -> str:
    """What a part says, with the ends of lines of this machine."""
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


both = pytest.mark.parametrize("is_async", [False, True], ids=["smtplib", "aiosmtplib"])

# -- What arrives ----------------------------------------------------------------------------------


@both
def test_a_mail_arrives_as_it_was_written(is_async: bool) -> None:
    """Header and body: who, to whom, about what, plain text first, the page as its alternative."""
    with mail_server() as box:
        assert send(is_async, server(box.port)) == [Sent()]
    [mail], [envelope] = box.mails, box.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("orders@mugs.example", ["ada@example.com"])
    assert {name: mail[name] for name in ("From", "To", "Subject", "Date", "Message-ID")} == {
        "From": SENDER,
        "To": "ada@example.com",
        "Subject": "Your order A-1 is confirmed",
        "Date": "Mon, 02 Mar 2026 12:00:00 +0000",
        "Message-ID": message_id(row().id, "mugs.example"),
    }
    assert (mail["Content-Language"], mail["Auto-Submitted"]) == ("en", "auto-generated")
    parts: Any = list(mail.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert text_of(parts[0]) == "Thank you.\n.\nWe begin at once.\n"
    assert text_of(parts[1]) == "<p>Thank you.</p>\n"


def test_both_notifiers_send_the_same() -> None:
    """To the byte; and again each time."""
    with mail_server() as box:
        for is_async in (False, True):
            send(is_async, server(box.port))
    first, second = box.contents
    assert first == second


@both
def test_a_mail_that_is_sent_twice_is_one_in_the_mailbox(is_async: bool) -> None:
    """Its Message-ID is made of the id of the news, whatever is in that; other news have others."""
    with mail_server() as box:
        rows = [row(), row(), row("A-1:order.delayed:2"), row("Ö\n\ud800<>@")]
        send(is_async, server(box.port), *rows)
    ids = [mail["Message-ID"] for mail in box.mails]
    assert len(ids) == 4
    assert len(set(ids)) == 3


def test_a_mail_of_plain_text_has_no_parts() -> None:
    """And what was not given is not in its header."""
    with mail_server() as box:
        send(
            False,
            server(box.port),
            composing=lambda _: Mail(to="a@example.com", subject="", text="ok"),
        )
    [mail] = box.mails
    assert (mail.get_content_type(), text_of(mail)) == ("text/plain", "ok\n")
    assert set(mail.keys()) & {"Subject", "Content-Language", "Reply-To"} == set()


def test_answers_go_where_the_host_says() -> None:
    """To another mailbox than the sender's."""
    with mail_server() as box:
        send(
            False,
            server(box.port),
            composing=lambda _: Mail(
                to="a@example.com", subject="s", text="t", reply_to="help@mugs.example"
            ),
        )
    assert box.mails[0]["Reply-To"] == "help@mugs.example"


@both
def test_what_is_not_ascii_arrives(is_async: bool) -> None:
    """Subject, sender's name and text, over seven bits; also lines that are very long."""
    text = "Grüße, 注文, שלום " * 200

    def composing(_: OutboxRow) -> Mail:
        return Mail(to="ada@example.com", subject="Bestellung für Ämilie / 注文確認", text=text)

    with mail_server() as box:
        sender = "Tassenläden <orders@mugs.example>"
        assert send(is_async, server(box.port), composing=composing, sender=sender) == [Sent()]
    [mail] = box.mails
    assert box.contents[0].isascii()
    assert max(map(len, box.contents[0].splitlines())) <= 78
    assert (mail["Subject"], mail["From"]) == ("Bestellung für Ämilie / 注文確認", sender)
    assert text_of(mail) == f"{text}\n"


@both
def test_an_address_beyond_ascii_goes_to_servers_that_take_it(is_async: bool) -> None:
    """Its domain in the form that all servers take; the rest by SMTPUTF8."""
    with mail_server(enable_SMTPUTF8=True) as box:
        assert send(is_async, server(box.port), row(recipient="jörg@bücher.example")) == [Sent()]
    [envelope], [mail] = box.envelopes, box.mails
    assert envelope.rcpt_tos == ["jörg@xn--bcher-kva.example"]
    assert "SMTPUTF8" in envelope.mail_options
    assert "To: jörg@xn--bcher-kva.example\r\n".encode() in box.contents[0]
    assert mail["To"] == "jörg@xn--bcher-kva.example"


@both
def test_an_address_beyond_ascii_is_parked_where_it_can_not_go(is_async: bool) -> None:
    """Only its domain: any server takes it. The rest: a person has to find another way."""
    with mail_server(enable_SMTPUTF8=False) as box:
        rows = [row(recipient="ada@bücher.example"), row(recipient="jörg@example.com")]
        answers = send(is_async, server(box.port), *rows, row())
    assert answers[0] == answers[2] == Sent()
    assert isinstance(answers[1], Never)
    assert "SMTPUTF8" in answers[1].reason
    assert len(box.envelopes) == 2


# -- What an order says becomes no header ----------------------------------------------------------


@both
@pytest.mark.parametrize(
    "subject",
    [
        "Hello\r\nBcc: eve@example.com",
        "Hello\n\nBody",
        "Hello\u2028Bcc: eve@example.com",
        "=?utf-8?q?x=0D=0ABcc:_eve@example.com?=",
        "\x00\x1b[31m",
    ],
)
def test_a_subject_is_one_line(is_async: bool, subject: str) -> None:
    """A line break is a blank; what looks as if it were encoded arrives as it looks."""

    def composing(_: OutboxRow) -> Mail:
        return Mail(
            to="ada@example.com", subject=subject, text="x", language="en\r\nBcc: eve@example.com"
        )

    with mail_server() as box:
        assert send(is_async, server(box.port), composing=composing) == [Sent()]
    [mail] = box.mails
    assert mail["Bcc"] is None
    assert text_of(mail) == "x\n"
    assert "Content-Language" not in mail
    if "=?" in subject:
        assert mail["Subject"] == subject


@FEWER
@given(subject=st.text(), text=st.text(), name=st.text(st.characters(categories=["L", "N", "P"])))
def test_nothing_begins_a_line_of_its_own(subject: str, text: str, name: str) -> None:
    """Whatever subject, text and name are: the header has its own lines, and no other."""
    sender = attrs.evolve(sender_from("sender", SENDER), name=name)
    mail = Mail(to="ada@example.com", subject=subject, text=text, html=f"<p>{text}")
    letter = letter_of(mail, sender=sender, row_id="1", at=NOON)
    assert isinstance(letter, Letter)
    assert letter.content.isascii()
    lines = letter.content.split(b"\r\n")  # a bare one is read as an end by some servers
    assert [line for line in lines if b"\r" in line or b"\n" in line] == []
    read = message_from_bytes(letter.content, policy=default)
    extra = {"Subject"} if "Subject" in read else set[str]()
    assert set(read.keys()) - extra == {
        "Message-ID",
        "Date",
        "From",
        "To",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
    }
    assert len(list(read.iter_parts())) == 2
    [address] = read["From"].addresses
    assert address.addr_spec == "orders@mugs.example"


@FEWER
@given(words=st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), max_size=20))
def test_a_subject_arrives_as_it_was(words: list[str]) -> None:
    """With each of its blanks, however it is folded."""
    subject = " ".join(words)[:300].strip()
    letter = letter_of(
        Mail(to="ada@example.com", subject=subject, text=""),
        sender=sender_from("sender", SENDER),
        row_id="1",
        at=NOON,
    )
    assert isinstance(letter, Letter)
    assert (message_from_bytes(letter.content, policy=default)["Subject"] or "") == subject


def test_a_long_subject_is_cut() -> None:
    """No mail program shows 300 characters."""
    letter = letter_of(
        Mail(to="ada@example.com", subject="é" * 1000, text=""),
        sender=sender_from("sender", SENDER),
        row_id="1",
        at=NOON,
    )
    assert isinstance(letter, Letter)
    assert message_from_bytes(letter.content, policy=default)["Subject"] == "é" * 299 + "…"


NO_MAILBOXES = [
    "",
    " ",
    "n/a",
    "ada",
    "ada@",
    "@example.com",
    "ada@example.com, eve@example.com",
    "ada@example.com\r\nRCPT TO:<eve@example.com>",
    "ada@example.com\nBcc: eve@example.com",
    "Ada <ada@example.com>",
    "<ada@example.com>",
    '"ada lovelace"@example.com',
    "ada lovelace@example.com",
    "ada@exam ple.com",
    "ada@-example.com",
    "ada@example..com",
    ".ada@example.com",
    "ada.@example.com",
    "a" * 65 + "@example.com",
    "é" * 33 + "@example.com",
    "ada@" + "a" * 64 + ".example",
    "ada@" + "a." * 130 + "example",
    "ada@[127.0.0.1]",
    "ada@\ud800.example",
    "\ud800@example.com",
    "ada@example.com\u202e",
    "=?utf-8?q?ada?=@example.com",
]


@pytest.mark.parametrize("to", NO_MAILBOXES)
def test_what_is_not_one_mailbox_is_parked(to: str) -> None:
    """Nobody is asked for it, and the reason does not say whose address it is."""
    [answer] = send(
        False, server(free_port()), composing=lambda _: Mail(to=to, subject="", text="")
    )
    assert isinstance(answer, Never)
    assert "not one mailbox" in answer.reason
    assert "ada" not in answer.reason


def test_white_space_around_an_address_is_no_fault() -> None:
    """Forms that customers fill in have it."""
    mailbox = mailbox_from(" ada@example.com\n")
    assert mailbox is not None
    assert mailbox.address == "ada@example.com"


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@Example.COM", "ada@Example.COM"),
        ("ada@straße.example", "ada@straße.example"),
        ("ada+mugs@example.com", "ada+mugs@example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_a_domain_has_the_form_that_servers_take(address: str, form: str) -> None:
    """Unless that might be another domain: two standards differ in a few letters."""
    mailbox = mailbox_from(address)
    assert mailbox is not None
    assert mailbox.address == form


def test_answers_go_to_one_mailbox_too() -> None:
    """What the host configured wrong is parked with what it is."""
    mail = Mail(to="ada@example.com", subject="", text="", reply_to="help desk")
    [answer] = send(False, server(free_port()), composing=lambda _: mail)
    assert answer == Never(reason="reply_to 'help desk' is not one mailbox")


# -- The table -------------------------------------------------------------------------------------

LATER, NEVER = Later, Never
TABLE = [
    # What the server says of the recipient.
    (Stage.RECIPIENT, 421, LATER),
    (Stage.RECIPIENT, 450, LATER),  # greylisting, a mailbox that is busy
    (Stage.RECIPIENT, 451, LATER),
    (Stage.RECIPIENT, 452, LATER),  # a mailbox that is full, too many recipients
    (Stage.RECIPIENT, 550, NEVER),  # no such user
    (Stage.RECIPIENT, 551, NEVER),
    (Stage.RECIPIENT, 552, NEVER),
    (Stage.RECIPIENT, 553, NEVER),
    (Stage.RECIPIENT, 554, NEVER),
    (Stage.RECIPIENT, 556, NEVER),  # a domain that takes no mails
    # What it says of the mail.
    (Stage.CONTENT, 451, LATER),
    (Stage.CONTENT, 452, LATER),
    (Stage.CONTENT, 550, NEVER),
    (Stage.CONTENT, 552, NEVER),  # too large
    (Stage.CONTENT, 554, NEVER),  # spam
    # What it says of the shop: who repairs that repairs it for all.
    (Stage.SENDER, 421, LATER),
    (Stage.SENDER, 451, LATER),
    (Stage.SENDER, 550, LATER),
    (Stage.SENDER, 553, LATER),
    (Stage.SENDER, 552, NEVER),  # but for a mail that is too large
    *[
        (stage, code, LATER)
        for stage in Stage
        for code in (530, 534, 535, 538)  # name and password, or TLS, are missing
    ],
    # What nobody should say.
    (Stage.RECIPIENT, -1, LATER),
    (Stage.RECIPIENT, 354, LATER),
    (Stage.CONTENT, 200, LATER),
    (Stage.CONTENT, 600, LATER),
]


@pytest.mark.parametrize(("stage", "code", "kind"), TABLE)
def test_what_a_server_says_decides(stage: Stage, code: int, kind: type[SendAnswer]) -> None:
    """For good and about this message: never. Anything else: later, at the loop's own pace."""
    answer = answer_to(Refusal(stage=stage, code=code, text="because"), "ada@example.com")
    assert type(answer) is kind
    assert not isinstance(answer, Sent)
    assert answer.reason == f"SMTP {code} to the {stage}: because"
    assert getattr(answer, "retry_at", None) is None


@both
@pytest.mark.parametrize(
    ("command", "reply", "answer"),
    [
        (
            "mail",
            "451 try again",
            Later(reason="SMTP 451 to the sender: try again", is_unsent=True),
        ),
        ("mail", "550 not you", Later(reason="SMTP 550 to the sender: not you", is_unsent=True)),
        ("mail", "552 too large", Never(reason="SMTP 552 to the sender: too large")),
        ("mail", "421 closing", Later(reason="SMTP 421 to the sender: closing", is_unsent=True)),
        (
            "rcpt",
            "450 greylisted",
            Later(reason="SMTP 450 to the recipient: greylisted", is_unsent=True),
        ),
        ("rcpt", "530 log in", Later(reason="SMTP 530 to the recipient: log in", is_unsent=True)),
        (
            "rcpt",
            "550 5.1.1 <ada@example.com> is unknown",
            Never(reason="SMTP 550 to the recipient: 5.1.1 <(recipient)> is unknown"),
        ),
        ("rcpt", "421 closing", Later(reason="SMTP 421 to the recipient: closing", is_unsent=True)),
        (
            "data",
            "452 disk full",
            Later(reason="SMTP 452 to the content: disk full", is_unsent=True),
        ),
        ("data", "554 spam", Never(reason="SMTP 554 to the content: spam")),
        ("data", "421 closing", Later(reason="SMTP 421 to the content: closing", is_unsent=True)),
    ],
)
def test_both_notifiers_hear_what_a_server_says(
    is_async: bool, command: str, reply: str, answer: SendAnswer
) -> None:
    """At each stage; the reason does not repeat the address, and the next mail goes out."""
    with mail_server(Mailboxes(**{command: reply})) as box:
        assert send(is_async, server(box.port), row(), row("m2")) == [answer, Sent()]


# -- No connection, no reply, no TLS ---------------------------------------------------------------


def hangs(connection: socket.socket) -> None:
    """Says nothing, until the other side leaves."""
    connection.settimeout(3)
    while connection.recv(1024):
        pass


def greets_and_hangs(connection: socket.socket) -> None:
    """Says who it is, and nothing more."""
    connection.sendall(b"220 here\r\n")
    hangs(connection)


def leaves(connection: socket.socket) -> None:
    """Leaves without a word."""


def babbles(connection: socket.socket) -> None:
    """Speaks another language."""
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def is_closed(connection: socket.socket) -> None:
    """Takes nothing here."""
    connection.sendall(b"554 no service here\r\n")
    hangs(connection)


def loses_the_mail(connection: socket.socket) -> None:
    """Takes all of it, and leaves before it says so."""
    connection.sendall(b"220 here\r\n")
    takes_mails(connection, last=b".\r\n")


def hangs_when_asked(connection: socket.socket) -> None:
    """Takes a mail, and says nothing when it is asked afterwards whether it is still there."""
    connection.sendall(b"220 here\r\n")
    takes_mails(connection, last=b"NOOP\r\n")
    hangs(connection)


def takes_mails(connection: socket.socket, last: bytes) -> None:
    """Takes what it is told, up to some line."""
    is_header = True
    for line in connection.makefile("rb"):
        if line.upper() == last:
            return
        command = line[:4].upper()
        if is_header and command in {b"EHLO", b"MAIL", b"RCPT"}:
            connection.sendall(b"250 OK\r\n")
        elif command == b"DATA":
            is_header = False
            connection.sendall(b"354 go on\r\n")
        elif line == b".\r\n":
            is_header = True
            connection.sendall(b"250 taken\r\n")


@both
@pytest.mark.parametrize(
    "talk", [hangs, greets_and_hangs, leaves, babbles, is_closed, loses_the_mail]
)
def test_a_server_that_does_not_answer_is_later(
    is_async: bool, talk: Callable[[socket.socket], object]
) -> None:
    """Within its timeout, whatever it does; nothing raises, and nobody waits for ever."""
    with scripted(talk) as port:
        [answer] = send(is_async, server(port, timeout=QUICK))
    assert isinstance(answer, Later)
    assert answer.reason
    assert answer.retry_at is None


def drips(connection: socket.socket, text: bytes = b"2" * 100_000) -> None:
    """Says a letter at a time, for as long as somebody listens."""
    for letter in text:
        connection.sendall(bytes([letter]))
        time.sleep(0.03)


def greets_and_drips(connection: socket.socket) -> None:
    """Says who it is, and what it can for ever."""
    connection.sendall(b"220 here\r\n")
    drips(connection, b"250-AND\r\n" * 10_000)


def talks_for_ever(connection: socket.socket) -> None:
    """Says what it can as fast as it can, and there is no end to it."""
    while True:
        connection.sendall(b"220-AND\r\n" * 1000)


def takes_and_drips(connection: socket.socket) -> None:
    """Takes all of it, and is long about saying so."""
    loses_the_mail(connection)
    drips(connection, b"250-OK\r\n" * 10_000)


@both
@pytest.mark.parametrize("talk", [drips, greets_and_drips, talks_for_ever, takes_and_drips])
def test_a_server_that_talks_slowly_is_later(
    is_async: bool, talk: Callable[[socket.socket], object]
) -> None:
    """All of a mail takes no longer than it may: each part comes in time, the whole never does."""
    longest = timedelta(seconds=0.4)
    with scripted(talk) as port:
        answers = send(
            is_async,
            server(port, longest=longest),
            row("m1"),
            row("m2"),
            clock=lambda: datetime.now(UTC),
        )
    assert [type(answer) for answer in answers] == [Later, Later]


@both
def test_a_server_that_hangs_between_two_mails_is_later(is_async: bool) -> None:
    """The second mail has no time left for a new connection, and the next one has all of it."""
    with scripted(hangs_when_asked) as port:
        mail_host = server(port, longest=timedelta(seconds=0.4))
        answers = send(
            is_async, mail_host, row("m1"), row("m2"), row("m3"), clock=lambda: datetime.now(UTC)
        )
    assert [type(answer) for answer in answers] == [Sent, Later, Sent]


@pytest.mark.parametrize(
    ("limit", "line"), [(9, b"220 a b\r\n"), (4, b"220 "), (99, b"220 a b\r\n")]
)
def test_a_line_is_read_as_a_file_reads_it(limit: int, line: bytes) -> None:
    """To its end, or to the limit; in whichever parts it comes; what is behind it waits."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        replies = Replies(ours, lambda: 5.0)
        theirs.sendall(b"220 a")
        sender = threading.Timer(0.05, theirs.sendall, [b" b\r\n250 c"])
        sender.start()
        assert replies.readline(limit) == line
        sender.join()
        theirs.shutdown(socket.SHUT_WR)
        rest = b"".join(iter(lambda: replies.readline(99), b""))
        assert line + rest == b"220 a b\r\n250 c"
        replies.close()


@both
def test_a_server_that_is_gone_is_later(is_async: bool) -> None:
    """A refused connection; a name that nobody knows."""
    [refused] = send(is_async, server(free_port()))
    [unknown] = send(is_async, server(25, host="mail.invalid"))
    assert isinstance(refused, Later)
    assert isinstance(unknown, Later)


@both
def test_a_password_goes_by_tls(is_async: bool) -> None:
    """By STARTTLS, and from the beginning."""
    options: dict[str, Any] = {
        "auth_required": True,
        "authenticator": let_in("shop", "s3cret"),
        "auth_require_tls": True,
    }
    account = {"username": "shop", "password": "s3cret"}
    with mail_server(tls_context=certificate(), require_starttls=True, **options) as box:
        assert send(is_async, server(box.port, Security.STARTTLS, **account)) == [Sent()]
    # aiosmtpd does not see that it is TLS.
    options = {**options, "auth_require_tls": False, "auth_required": False}
    with mail_server(ssl_context=certificate(), **options) as box:
        assert send(is_async, server(box.port, Security.TLS, **account)) == [Sent()]


@both
def test_a_wrong_password_is_later(is_async: bool) -> None:
    """Somebody will correct it, for all messages; and it is in no reason."""
    with mail_server(
        tls_context=certificate(), auth_required=True, authenticator=let_in("shop", "other")
    ) as box:
        host = server(box.port, Security.STARTTLS, username="shop", password="s3cret")  # noqa: S106 - a test's
        [answer] = send(is_async, host)
    assert isinstance(answer, Later)
    assert "535" in answer.reason
    assert "s3cret" not in answer.reason


@both
@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_nothing_is_said_to_a_server_that_is_somebody_else(
    is_async: bool, security: Security
) -> None:
    """A certificate of another name, or of nobody who is trusted."""
    kind = "tls_context" if security is Security.STARTTLS else "ssl_context"
    with mail_server(**{kind: certificate("mail.eve.example")}) as box:
        [other_name] = send(is_async, server(box.port, security))
    with mail_server(**{kind: certificate()}) as box:
        [nobody] = send(is_async, server(box.port, security), tls=None)
    for answer in (other_name, nobody):
        assert isinstance(answer, Later)
        assert "certificate verify failed" in answer.reason
    assert box.envelopes == []


@both
def test_a_server_without_tls_gets_nothing(is_async: bool) -> None:
    """Somebody between may have taken the offer away: it is never sent in the clear instead."""
    with mail_server() as box:
        [answer] = send(is_async, server(box.port, Security.STARTTLS))
    assert isinstance(answer, Later)
    assert "STARTTLS" in answer.reason
    assert box.envelopes == []


@both
def test_a_machine_may_have_another_name(is_async: bool) -> None:
    """What it calls itself: some servers look whether there is one of that name."""
    with mail_server() as box:
        send(is_async, server(box.port))
        send(is_async, server(box.port, client_name=""))
    assert box.clients[0] == "shop.example"
    assert box.clients[1] not in {"", "shop.example"}


# -- Its connection --------------------------------------------------------------------------------


@both
def test_a_connection_is_kept(is_async: bool) -> None:
    """Many mails, one connection: also after one that was refused."""
    with mail_server(Mailboxes(rcpt=["550 unknown"])) as box:
        send(is_async, server(box.port), *[row(f"m{number}") for number in range(4)])
        assert (box.connections, len(box.envelopes)) == (1, 3)


@both
def test_a_connection_that_was_closed_is_made_anew(is_async: bool) -> None:
    """Servers leave when they have waited for long: that costs no attempt."""
    greetings: list[int] = []

    def leaves_after_one(connection: socket.socket) -> None:
        greetings.append(1)
        connection.sendall(b"220 here\r\n")
        for line in connection.makefile("rb"):
            command = line[:4].upper()
            if command == b"DATA":
                connection.sendall(b"354 go on\r\n")
            elif command in {b"EHLO", b"MAIL", b"RCPT"}:
                connection.sendall(b"250 OK\r\n")
            elif line == b".\r\n":
                connection.sendall(b"250 OK\r\n")
                return
            elif command == b"NOOP":
                connection.sendall(b"421 I was about to leave\r\n")

    with scripted(leaves_after_one) as port:
        assert send(is_async, server(port), row("m1"), row("m2")) == [Sent(), Sent()]
    assert len(greetings) == 2


@both
def test_a_connection_that_answers_otherwise_is_made_anew(is_async: bool) -> None:
    """It is asked whether it is there; what it says then is not what it should say."""
    answers: list[bytes] = [b"500 what?\r\n"]

    def forgets(connection: socket.socket) -> None:
        connection.sendall(b"220 here\r\n")
        is_content = False
        for line in connection.makefile("rb"):
            command = line[:4].upper()
            if is_content and line != b".\r\n":
                continue
            is_content = command == b"DATA"
            if is_content:
                connection.sendall(b"354 go on\r\n")
            elif command == b"NOOP":
                connection.sendall(answers.pop())
            else:
                connection.sendall(b"250 OK\r\n")

    with scripted(forgets) as port:
        assert send(is_async, server(port), row("m1"), row("m2")) == [Sent(), Sent()]
    assert answers == []


def takes_leave(connection: socket.socket) -> None:
    """Takes mails, and says goodbye."""
    connection.sendall(b"220 here\r\n")
    takes_mails(connection, last=b"QUIT\r\n")
    connection.sendall(b"221 goodbye\r\n")


@both
@pytest.mark.parametrize("talk", [takes_leave, hangs, greets_and_hangs, is_closed, loses_the_mail])
def test_a_connection_by_tls_is_closed_with_the_loop(
    is_async: bool, talk: Callable[[socket.socket], object]
) -> None:
    """However it ended, and though the server never closes its side: no socket is left open."""
    context, is_over = certificate(), threading.Event()

    def talks_by_tls(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as by_tls:
            talk(by_tls)
            is_over.wait(PATIENT.total_seconds())

    timeout = PATIENT if talk in {takes_leave, loses_the_mail} else QUICK
    longest = timedelta(seconds=0.4) if talk is loses_the_mail else PATIENT
    gc.collect()
    with scripted(talks_by_tls) as port, warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        mail_host = server(port, Security.TLS, timeout=timeout, longest=longest)
        [answer] = send(is_async, mail_host, clock=lambda: datetime.now(UTC))
        gc.collect()
        is_over.set()
    assert [str(warning.message) for warning in heard] == []
    assert type(answer) is (Sent if talk is takes_leave else Later)


def test_who_is_called_off_leaves_no_half_of_a_mail() -> None:
    """After a cancellation the connection is given up: the next mail has one of its own."""
    is_asked = threading.Event()

    class Slow(Mailboxes):
        async def handle_RCPT(self, *args: Any) -> str:  # noqa: N802
            if not is_asked.is_set():
                is_asked.set()
                await asyncio.sleep(60)  # until whoever asked has left
            return await super().handle_RCPT(*args)

    async def story(port: int) -> SendAnswer:
        notifier = AsyncMailNotifier(
            compose, server=server(port), sender=SENDER, clock=lambda: NOON
        )
        task = asyncio.create_task(notifier(row()))
        await asyncio.to_thread(is_asked.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        answer = await notifier(row())
        await notifier.aclose()
        return answer

    with mail_server(Slow()) as box:
        assert asyncio.run(story(box.port)) == Sent()
        assert box.connections == 2


def test_who_is_interrupted_leaves_no_half_of_a_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a worker gets a signal in the middle of it."""
    with mail_server() as box:
        notifier = MailNotifier(compose, server=server(box.port), sender=SENDER, clock=lambda: NOON)
        with monkeypatch.context() as patch:
            patch.setattr(smtplib.SMTP, "rcpt", interrupted)
            with pytest.raises(KeyboardInterrupt):
                notifier(row())
        assert notifier(row()) == Sent()
        notifier.close()
        notifier.close()
        assert box.connections == 2


def interrupted(*arguments: object) -> None:
    """A signal arrives."""
    raise KeyboardInterrupt


# -- What the host composes ------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    "answer", [Sent(), Later(reason="at night"), Never(reason="the customer wants no mails")]
)
def test_a_host_may_decide_otherwise(is_async: bool, answer: SendAnswer) -> None:
    """Nothing is sent, and nobody is connected to."""
    assert send(is_async, server(free_port()), composing=lambda _: answer) == [answer]


@pytest.mark.parametrize("nonsense", [None, "Dear Ada", Sent])
def test_what_is_no_mail_is_refused(nonsense: object) -> None:
    """The loop keeps what is raised as the reason."""
    with pytest.raises(InvalidValueError, match="is no Mail, and none of Sent, Later, Never"):
        send(False, server(free_port()), composing=lambda _: nonsense)


def test_a_mail_is_sent_by_the_loop() -> None:
    """From an order to a mailbox, with the retry after a server that was gone."""
    port = free_port()
    shop = Shop()
    with MailNotifier(
        compose, server=server(port), sender=SENDER, clock=shop.clock
    ) as shop.notifier:  # type: ignore[assignment]
        report = shop.loop(Run(orders=[order()]))
        assert (report.sent, report.postponed) == (0, 1)
        assert report.wake_at is not None
        shop.clock.instant = report.wake_at
        with mail_server(port=port) as box:
            assert shop.loop().sent == 1
    [mail] = box.mails
    assert (mail["To"], mail["Date"].datetime) == ("ada@example.com", NOON + timedelta(minutes=1))


def test_a_worker_that_dies_after_sending_sends_the_same_mail() -> None:
    """Nobody noted that it was sent: it is sent once more, and a mailbox shows one."""

    class Dies(InMemoryStorage):
        is_alive = False

        def mark(self, attempts: Sequence[Attempt], /) -> None:
            if not self.is_alive:
                raise ConnectionError
            super().mark(attempts)

    storage = Dies(stock())
    shop = Shop(storage)
    with mail_server() as box:
        for is_alive in (False, True):
            storage.is_alive = is_alive
            with MailNotifier(
                compose, server=server(box.port), sender=SENDER, clock=shop.clock
            ) as notifier:
                options = {"notifier": notifier}
                if is_alive:
                    shop.clock.instant += Limits().hidden_for
                    assert shop.loop(**options).sent == 1
                else:
                    with pytest.raises(ConnectionError):
                        shop.loop(Run(orders=[order()]), **options)
    assert len(box.mails) == 2
    assert len({mail["Message-ID"] for mail in box.mails}) == 1


# -- What is configured ----------------------------------------------------------------------------


def test_a_server_has_the_port_of_its_security() -> None:
    """By TLS from the beginning at a port that begins in the clear, nobody ever answers."""
    ports = [MailServer(host="localhost", security=each).port for each in (*Security, "TLS")]  # type: ignore[arg-type]
    assert ports == [587, 465, 25, 465]
    assert MailServer(host="localhost", security=Security.TLS, port=587).port == 587


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"host": ""}, r"MailServer\.host"),
        ({"port": 0}, r"MailServer\.port"),
        ({"port": 65_536}, r"MailServer\.port: 65536 is no port"),
        ({"security": "tsl"}, r"MailServer\.security"),
        ({"username": None}, r"MailServer\.username"),
        ({"password": 7}, r"MailServer\.password: '\*\*\*' is not text"),
        ({"client_name": 7}, r"MailServer\.client_name"),
        ({"timeout": 3}, r"MailServer\.timeout"),
        ({"timeout": timedelta()}, r"MailServer\.timeout.*is no time"),
        ({"longest": timedelta()}, r"MailServer\.longest.*is no time"),
        ({"security": "none", "username": "shop"}, "would send the password in the clear"),
    ],
)
def test_a_server_that_makes_no_sense_is_refused(changes: Any, problem: str) -> None:
    """Where it is configured, not in the night."""
    with pytest.raises(InvalidValueError, match=problem):
        MailServer(**{"host": "mail.mugs.example", **changes})


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "Mug shop",
        "orders@mugs.example, other@mugs.example",
        "Mug shop <orders@mugs.example>\r\nBcc: eve@example.com",
        "Mug\x07shop <orders@mugs.example>",
        "jörg@mugs.example",
        7,
    ],
)
def test_a_sender_that_is_none_is_refused(sender: Any) -> None:
    """One mailbox that any server takes, with a name or without."""
    with pytest.raises(InvalidValueError, match="sender"):
        MailNotifier(compose, server=server(25), sender=sender, clock=lambda: NOON)


@pytest.mark.parametrize("argument", ["compose", "server", "clock"])
def test_what_can_not_be_used_is_refused(argument: str) -> None:
    """A function that is none, a server that is none."""
    options: dict[str, Any] = {"compose": compose, "server": server(25), "clock": lambda: NOON}
    with pytest.raises(InvalidValueError, match=argument):
        MailNotifier(**{**options, argument: 7}, sender=SENDER)


def test_a_sender_may_have_any_name() -> None:
    """With commas, quotes and letters: it is encoded as it must be; or none."""
    with mail_server() as box:
        names = ['Mugs, "big" & small', "Tassen =?x?=", "Ä, B"]
        for name in names:
            quoted = name.replace('"', '\\"')
            send(False, server(box.port), sender=f'"{quoted}" <orders@mugs.example>')
        send(False, server(box.port), sender="orders@mugs.example")
    assert b"=?x?=" not in box.contents[1]  # some programs decode it, also in quotes
    senders: Any = [mail["From"].addresses[0] for mail in box.mails]
    assert [each.display_name for each in senders] == [*names, ""]


def test_a_clock_has_to_know_its_zone() -> None:
    """A naive time is refused by name."""
    notifier = MailNotifier(
        compose, server=server(25), sender=SENDER, clock=lambda: NOON.replace(tzinfo=None)
    )
    with pytest.raises(InvalidValueError, match=r"clock\(\)"):
        notifier(row())
    assert NOON.tzinfo is UTC


def test_without_aiosmtplib_the_other_notifier_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra."""
    module = "fulfill_core.hosting.mail.async_notifier"
    monkeypatch.setitem(sys.modules, "aiosmtplib", None)
    monkeypatch.delitem(sys.modules, module)
    with pytest.raises(ImportError, match=r"pip install 'fulfill_core\[mail\]'") as caught:
        importlib.import_module(module)
    assert caught.value.name == "aiosmtplib"


# -- The contract ----------------------------------------------------------------------------------


class _MailContract(NotifierContract):
    is_async: ClassVar[bool]

    @pytest.fixture(autouse=True)
    def servers(self) -> Any:
        """A server that is well, and one that refuses."""
        refusing = Mailboxes(rcpt=["550 no such mailbox"] * 9)
        with mail_server() as self.well, mail_server(refusing) as self.refusing:
            yield

    def connect(self, side: Side) -> Any:
        """A notifier of a server that is like that."""
        port = {
            Side.WELL: self.well.port,
            Side.GONE: free_port(),
            Side.REFUSING: self.refusing.port,
        }[side]
        return lambda *rows: send(self.is_async, server(port), *rows)[0]

    def arrivals(self) -> list[str]:
        """The mails of a mailbox that shows each once."""
        return list(dict.fromkeys([str(mail["Message-ID"]) for mail in self.well.mails]))


class TestMailNotifier(_MailContract):
    is_async = False


class TestAsyncMailNotifier(_MailContract):
    is_async = True
