"""Whatever an order says: it becomes no markup, no line, no header, and is never a template."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import attrs
import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Address, Customer, InvalidValueError, PluginError
from fulfill_core.messages import RenderedMessage, Renderer, Sample, Shop, samples

RENDERER = Renderer(shop=Shop(name="Tea shop", url="https://tea.example"))
NAMES = [each.name for each in samples("en")]
STEERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066\u2067\ufeff\ud800-\udfff]")

PIECES = st.sampled_from(
    [
        *("<script>alert(1)</script>", "<!--", "]]>", "</td></table>", '" onload="x', "&lt;", "<b"),
        *("{{ 7*7 }}", "{% for a in b %}", "{#", "{order}", "{shop}", "{0.__class__}", "%s", "$x"),
        *("\r\nBcc: eve@example.com", "\n\n", "\r", "\x0b", "\u2028", "\x85", "\x00", "\x1b[31m"),
        *("\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200f", "\u061c", "\ufeff"),
        *("=?utf-8?q?x=0D=0ABcc=3A?=", "=?", "?=", "\ud800", "\u2019", "é", "א", "م", "漢", "🎁"),
        *(" ", "a", "A" * 300, "https://evil.example", "eve@example.com", "'", "\\u202e"),
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=6).map("".join) | st.text(min_size=1, max_size=50)
VISIBLE = TEXTS.filter(lambda text: bool(text.strip()))


class Shape(HTMLParser):
    """The elements of a page and their attributes, and what is said: all that a text can't be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Any] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # How long a value is decides whether it may be broken.
        is_short = tag == "bdi" and attrs == [("style", "white-space: nowrap")]
        self.elements.append((tag, [] if is_short else attrs))

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(tag)

    def handle_comment(self, data: str) -> None:
        self.elements.append(data)

    def handle_decl(self, decl: str) -> None:
        self.elements.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.elements.append(data)


def with_texts(sample: Sample, texts: list[str]) -> tuple[Sample, dict[str, str]]:
    """A sample whose order, rows and reasons say these, and what its things are called."""
    name, street, city, sku, detail, title, order_id = texts
    order = attrs.evolve(
        sample.order,
        id=order_id,
        customer=Customer(id="C-7", name=name),
        ship_to=Address(name=name, street=[street], city=city, country="GB"),
    )
    notification = sample.notification
    rows = [(row[0], sku, *row[2:]) for row in notification.lines]
    reasons = [(code, detail) for code, _ in notification.reasons]
    notification = attrs.evolve(notification, order_id=order_id, lines=rows, reasons=reasons)
    return attrs.evolve(sample, order=order, notification=notification), {sku: title}


def rendered(sample: Sample, texts: list[str]) -> RenderedMessage:
    """The sample in words, saying these."""
    hostile, titles = with_texts(sample, texts)
    return RENDERER.render(hostile.notification, hostile.order, titles=titles)


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["en", "ar", "ja"]),
    st.lists(VISIBLE, min_size=7, max_size=7),
)
def test_a_text_changes_nothing_but_the_text(name: str, locale: str, texts: list[str]) -> None:
    """Page and text have the same shape, whatever is said in them: elements and lines."""
    sample = next(each for each in samples(locale) if each.name == name)
    hostile, harmless = rendered(sample, texts), rendered(sample, ["1"] * 7)
    greeted = rendered(sample, ["a", *["1"] * 6])
    assert Shape(hostile.html).elements in (
        Shape(harmless.html).elements,
        Shape(greeted.html).elements,
    )
    assert len(hostile.text.splitlines()) == len(harmless.text.splitlines())
    assert STEERS.findall(hostile.text.replace("\n", "")) == []
    assert STEERS.findall(hostile.html.replace("\n", "")) == []
    opened, closed = hostile.text.count("\u2068"), hostile.text.count("\u2069")
    assert opened == closed
    assert len(hostile.html) < 60_000


@FEWER
@given(st.sampled_from(NAMES), st.sampled_from(["en", "ar"]), VISIBLE)
def test_a_subject_is_one_clean_header(name: str, locale: str, order_id: str) -> None:
    """What is sent has the headers that the sender gave it, and the subject that was given."""
    sample = next(each for each in samples(locale) if each.name == name)
    message = rendered(sample, ["a", "b", "c", "d", "e", "f", order_id])
    assert STEERS.findall(message.subject + message.preheader) == []
    assert re.findall(r"=\?|\?=", message.subject + message.preheader) == []
    assert max(len(message.subject), len(message.preheader)) <= 150
    mail = EmailMessage()
    mail["From"], mail["To"] = "shop@tea.example", "ada@example.com"
    mail["Subject"] = message.subject
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    sent = message_from_bytes(mail.as_bytes(policy=policy.SMTP), policy=policy.default)
    assert sent.keys() == ["From", "To", "Subject", "MIME-Version", "Content-Type"]
    # Some versions of Python lose a blank where they fold a long header that is not ASCII.
    assert "".join(sent["Subject"].split()) == "".join(message.subject.split())


@pytest.mark.parametrize(
    "text", ["{{ 7*7 }}", "{order}", "{% for a in b %}", "{shop}", "{0.__class__}", "%(order)s"]
)
def test_what_looks_like_a_template_is_text(text: str) -> None:
    """It is shown as it was written, in subject, text and page."""
    sample = next(each for each in samples("en") if each.name == "parcel.shipped")
    message = rendered(sample, [text] * 7)
    assert message.subject == f"Your parcel from order {text} is on its way"
    assert f"* {text} ({text})\n" in message.text
    assert f"<bdi>{text}</bdi>" in message.html


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("A\r\nBcc: eve@example.com", "Your order A Bcc: eve@example.com is confirmed"),
        ("=?utf-8?q?x?=", "Your order = ?utf-8?q?x? = is confirmed"),
        ("==??==", "Your order == ?? == is confirmed"),
        ("A\u202eB", "Your order A\\u202eB is confirmed"),
        ("A" * 10_000, f"Your order {'A' * 59}… is confirmed"),
        ("<b>&amp;", "Your order <b>&amp; is confirmed"),
    ],
)
def test_a_subject_with_a_hostile_order(text: str, subject: str) -> None:
    """On one line, cut, nothing decoded."""
    sample = next(each for each in samples("en") if each.name == "order.confirmed")
    assert rendered(sample, ["a"] * 6 + [text]).subject == subject


@pytest.mark.parametrize("text", ["a\nb", "a\r", "\x00", "a\u2028b", "=?utf-8?q?x", "x?="])
@pytest.mark.parametrize("field", ["subject", "preheader"])
def test_no_message_has_a_header_that_is_none(field: str, text: str) -> None:
    """Whoever makes one."""
    sample = next(each for each in samples("en") if each.name == "order.confirmed")
    message = RENDERER.render(sample.notification, sample.order)
    with pytest.raises(InvalidValueError, match=f"{field}: .* is not fit for a header"):
        attrs.evolve(message, **{field: text})


def test_a_whole_subject_is_cut() -> None:
    """Also where the shop's own words are long."""
    sample = next(each for each in samples("en") if each.name == "order.delayed")
    assert len(rendered(sample, ["a"] * 6 + ["漢" * 200]).subject) <= 150


# -- Templates -------------------------------------------------------------------------------------

PARTS = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            " ",
            "\n",
            "<p>",
            "</p>",
            "-",
            "|",
            ".",
            "(",
            ")",
            "[",
            "]",
        ),
        *(
            "subject",
            "order",
            "lines",
            "line",
            "kind",
            "self",
            "loop",
            "__class__",
            "super()",
            "'a'",
        ),
        *(
            "if",
            "else",
            "elif",
            "endif",
            "for",
            "in",
            "endfor",
            "block",
            "endblock",
            "extends",
            "set",
        ),
        *(
            "macro",
            "endmacro",
            "include",
            "import",
            "recursive",
            "raw",
            "endraw",
            "not",
            "is",
            "and",
        ),
        *(
            "safe",
            "upper",
            "money",
            "day",
            "length",
            "default",
            "==",
            "+",
            "*",
            "~",
            "0",
            "999999999",
        ),
        *("{{ order.channel }}", "{% for line in lines %}", "{% endfor %}", "{% if order %}"),
        *("{% block a %}", "{% endblock %}", '{% extends "base.html" %}', "{{ order.lines[0] }}"),
    ]
)
CHANNEL = "<script>"


@FEWER
@given(st.lists(PARTS, max_size=12).map("".join))
def test_a_template_is_refused_or_fails_or_shows_text(template: str) -> None:
    """No other error, and nothing that an order says gets into a page as it is."""
    sample = samples("en")[0]
    order = attrs.evolve(sample.order, channel=CHANNEL)
    try:
        renderer = Renderer(shop=Shop(name="Tea"), templates={"message.html": template})
        outcome = renderer.render(sample.notification, order).html
    except (InvalidValueError, PluginError) as error:
        outcome = str(error)
        is_fine = "templates['message.html']" in outcome
    else:
        is_fine = CHANNEL not in outcome
    assert is_fine, outcome
