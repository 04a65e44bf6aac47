"""What comes of rendering: a message as it is sent, as one value."""

from __future__ import annotations

import re

import attrs

from fulfill_core import _checks

_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]|=\?|\?=")
"""What a mail program takes for the end of a header, or decodes."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class RenderedMessage:
    """A message in words: `Renderer.render` makes it, the host sends it.

    Args:
        kind: what it is about.
        subject: one line, fit for a header: no line break, nothing that a mail program decodes.
        preheader: what an inbox shows beside the subject; one line.
        text: all of it as plain text.
        html: all of it as a page of HTML, for a mail.
        language: the language it is written in, such as ``"de"``.
        locale: whose dates, numbers and money it has, such as ``"de-AT"``.
        direction: ``"rtl"`` where the language is written from right to left, else ``"ltr"``.
        fallback: empty, or why it is not in the language that was asked for.

    Raises:
        InvalidValueError: a subject or preheader with a line break, a control character, or what a
            mail program would decode.

    >>> mail = RenderedMessage(kind="order.confirmed", subject="Thank you", preheader="", text="",
    ...                        html="", language="en", locale="en-IE")
    >>> mail.direction, mail.fallback
    ('ltr', '')
    """

    kind: str
    subject: str
    preheader: str
    text: str
    html: str
    language: str
    locale: str
    direction: str = "ltr"
    fallback: str = ""

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(RenderedMessage):
            _checks.check_text(f"RenderedMessage.{field.name}", getattr(self, field.name))
        for name in ("subject", "preheader"):
            if _UNFIT.search(getattr(self, name)):
                problem = "is not fit for a header: a line break, a control or an encoded word"
                raise _checks.refuse(f"RenderedMessage.{name}", getattr(self, name), problem)
