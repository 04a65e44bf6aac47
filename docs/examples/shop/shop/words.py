"""Text of other people, made fit for a line, a header or a cell of a table.

What customers and platforms write may hold line breaks, marks that turn the direction of writing,
codes that steer a terminal, and what a mail program takes for an encoded header. None of it is to
become a line, a header or a colour.
"""

from __future__ import annotations

import re

# Control characters, what breaks a line, what turns the direction of others, halves of characters.
_STEERING = "\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
_STEERS = re.compile(f"[{_STEERING}]")
UNPRINTABLE = re.compile(f"(?![\t\n\r])[{_STEERING}]")  # what no field may hold; a break may be

LONGEST_SUBJECT = 60  # characters of one text in a header


def shown(text: str) -> str:
    """*text* on one line: what steers is written out, as in a literal of Python.

    >>> len(shown("A-1" + chr(10) + "Order A-2 is confirmed.").splitlines())
    1
    """
    return _STEERS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def counted(number: int, noun: str) -> str:
    """So many of a thing.

    >>> counted(1, "order"), counted(0, "order")
    ('1 order', '0 orders')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def header_words(text: str) -> str:
    """*text* for a header: on one line, short, and no encoded word that a program would decode.

    >>> header_words("=?utf-8?q?x=0D=0ABcc=3A_eve=40example.com?=")
    '= ?utf-8?q?x=0D=0ABcc=3A_eve=40example.com? ='
    """
    words = shown(" ".join(text.split())).replace("=?", "= ?").replace("?=", "? =")
    return words if len(words) <= LONGEST_SUBJECT else f"{words[:LONGEST_SUBJECT]}..."


_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LONGEST_LOCAL_PART = 64  # RFC 5321


def one_mailbox(text: str) -> str:
    """The one mailbox that *text* names, as a header takes it; empty if it names none, or several.

    >>> one_mailbox("ada@example.com"), one_mailbox("ada@example.com, eve@example.com")
    ('ada@example.com', '')
    """
    local, _, host = text.strip().rpartition("@")
    try:
        domain = host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    is_plain = _ATOMS.fullmatch(local) and "=?" not in local and len(local) <= _LONGEST_LOCAL_PART
    return f"{local}@{domain}" if is_plain and _DOMAIN.fullmatch(domain) else ""
