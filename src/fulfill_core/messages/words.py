"""Text of other people, made fit for a line, a header, a page; and sentences with gaps.

What customers and platforms write may hold line breaks, marks that turn the direction of writing,
and what a mail program takes for an encoded header. None of it becomes a line, a header or markup,
and none of it is ever read as a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from fulfill_core import _checks
from fulfill_core.messages.extra import Markup, escape

LONGEST = 200
"""Characters of one value in a message."""
LONGEST_SHOWN = 2_000
"""Characters of what a template shows of a value itself, and of an address to lead to."""
LONGEST_IN_SUBJECT = 60
LONGEST_SUBJECT = 150
"""Characters of a whole subject or preheader."""

GAP = re.compile(r"\{(\w+)\}")
_GAP_AND_STOP = re.compile(rf"{GAP.pattern}((?:\.(?![\w{{]))?)")
_LONGEST_NAME = 40
_SHORT = 13
"""Characters that fit into a line of a title on the narrowest phone, however wide they are."""
_ISOLATED, _POPPED = "\u2068", "\u2069"
"""What stands between them has a direction of its own, and changes none around it."""
_ENDS_IN_STOP = re.compile(rf"\.(?:</bdi>|{_POPPED})?\Z")
_FROM_RIGHT = "\u200f"
"""Seen by nobody, and written from the right."""


def cleaned(text: str, longest: int = LONGEST) -> str:
    """*text* on one line, cut: what steers is written out, as in a literal of Python.

    >>> cleaned("A-1" + chr(10) + "Bcc: eve@example.com")
    'A-1 Bcc: eve@example.com'
    """
    # What is cut off need not be looked at: a text may have any length.
    line = _checks.in_one_line(" ".join(text[: 4 * longest].split()))
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def fit_for_header(text: str) -> str:
    """*text*, which is one line, as a header takes it: no encoded word that a program would decode.

    >>> fit_for_header("=?utf-8?q?x=0D=0ABcc=3A?=")
    '= ?utf-8?q?x=0D=0ABcc=3A? ='
    """
    line = text.replace("=?", "= ?").replace("?=", "? =")
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"


def filled(text: str, values: Mapping[str, str]) -> str:
    """*text* with its gaps filled, all at once: a brace in a value is a brace.

    >>> filled("Order {order} of {shop}", {"order": "{shop}", "shop": "Tea"})
    'Order {shop} of Tea'
    >>> filled("An order at {shop}.", {"shop": "Tea & Co."})  # one that ends in a stop has it
    'An order at Tea & Co.'
    >>> filled("{shop}.{place}", {"shop": "Tea & Co.", "place": "Leeds"})  # no sentence ends here
    'Tea & Co..Leeds'
    """
    return _GAP_AND_STOP.sub(lambda match: _stopped(values[match[1]], match[2]), text)


def _stopped(value: str, stop: str) -> str:
    return value if _ENDS_IN_STOP.search(value) else value + stop


Setting = Callable[[str], str]
"""How a value is set into a text around it."""


def as_it_is(value: str) -> str:
    """In plain text that is written from left to right."""
    return Markup(value)


def isolated(value: str) -> str:
    """In plain text that is written from right to left: ``A-17`` is not to become ``17-A``."""
    return Markup(f"{_ISOLATED}{value}{_POPPED}" if value else "")


def isolated_in_line(value: str) -> str:
    """By itself in such a text: a line of which all is isolated would begin at the left."""
    return Markup(f"{_FROM_RIGHT}{isolated(value)}" if value else "")


def in_page(value: str) -> str:
    """In a page: escaped, and with a direction of its own.

    >>> in_page("<b>")
    Markup('<bdi>&lt;b&gt;</bdi>')
    """
    return Markup(f"<bdi>{escape(value)}</bdi>" if value else "")


def in_sentence(value: str) -> str:
    """In a sentence of a page: a short one, such as the number of an order, is not broken."""
    if not 0 < len(value) <= _SHORT:
        return in_page(value)
    return Markup(f'<bdi style="white-space: nowrap">{escape(value)}</bdi>')


def filled_text(text: str, values: Mapping[str, str]) -> str:
    """*text* for plain text, its gaps filled with what is set already."""
    return Markup(filled(text, values))


def filled_page(text: str, values: Mapping[str, str]) -> str:
    """*text* for a page: escaped itself, its gaps filled with what is escaped already."""
    return Markup(filled(str(escape(text)), values))


class Manner(NamedTuple):
    """How words and values are put into what a template shows as it is."""

    words: Setting
    """The words of the language."""
    value: Setting
    """A value by itself, or behind a label."""
    in_sentence: Setting
    """A value in a sentence."""
    fill: Callable[[str, Mapping[str, str]], str]
    """A sentence of the language whose gaps are filled with values that are set already."""


PAGE = Manner(escape, in_page, in_sentence, filled_page)
PLAIN = Manner(as_it_is, as_it_is, as_it_is, filled_text)
PLAIN_FROM_RIGHT = Manner(as_it_is, isolated_in_line, isolated, filled_text)


def greetable(name: str) -> str:
    """The name, if it looks like one; empty if not.

    Whoever orders in a shop chooses a name and an address to write to. What is no name, such as an
    advertisement with a link, is not sent to anybody in the name of the shop.

    >>> greetable("Ada  Lovelace"), greetable("Free money at example.com")
    ('Ada Lovelace', '')
    """
    line = " ".join(name[: 2 * _LONGEST_NAME].split())
    is_name = 0 < len(line) <= _LONGEST_NAME and _NAME.fullmatch(line)
    return line if is_name else ""


# Letters of any alphabet and what stands between them in names; a dot only before a blank or at the
# end, as in "J. Doe": no mail program makes a link of that.
_NAME = re.compile(r"(?:[^\W\d_][\u0300-\u036f\u064b-\u0652]*|['\u2019 -]|\.(?= |$))+")
