"""Who writes: the shop as its messages show it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from fulfill_core import _checks
from fulfill_core.messages.words import LONGEST_SHOWN

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_LINK = re.compile(r"https://[^\s\"'<>\\\x00-\x20\x7f-\x9f]+")
_INKS = ("#ffffff", "#000000")
_LINEAR = 0.04045
"""Up to here a share of a color is a share of its light (IEC 61966-2-1)."""


def _to_lines(lines: Iterable[str]) -> tuple[str, ...]:
    return _checks.to_tuple(lines)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Shop:
    """The shop as its messages show it.

    Args:
        name: its name, not empty.
        url: where it is found, ``https://...``; empty if nowhere.
        footer: lines below each message: who it is in law, its address, how to reach it.
        color: of the bar on top and of buttons: ``#`` and six hexadecimal digits.

    Raises:
        InvalidValueError: an empty name, an address that is not ``https``, no color.

    >>> Shop(name="Tea shop", color="#f5d76e").ink
    '#000000'
    """

    name: str
    url: str = ""
    footer: tuple[str, ...] = attrs.field(default=(), converter=_to_lines)
    color: str = "#1f5f4a"

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Shop.name", self.name)
        check_link("Shop.url", self.url)
        _checks.check_members("Shop.footer", self.footer, str)
        _checks.check_text("Shop.color", self.color)
        if not _COLOR.fullmatch(self.color):
            raise _checks.refuse("Shop.color", self.color, "is no color; pass one like '#1f5f4a'")

    @property
    def ink(self) -> str:
        """The color of letters on `Shop.color`: white or black, which of them is seen better.

        On each color that is enough for small letters, by WCAG 2 (4.5 : 1, criterion 1.4.3).
        """
        return max(_INKS, key=lambda ink: _contrast(ink, self.color))


def _contrast(color: str, other: str) -> float:
    """How well letters of one color are seen on another, by WCAG 2: from 1 to 21.

    >>> _contrast("#ffffff", "#000000")
    21.0
    """
    dark, bright = sorted(map(_luminance, (color, other)))
    return (bright + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    shares = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [
        share / 12.92 if share <= _LINEAR else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def check_link(path: str, link: object) -> None:
    """An address that a message may lead to, or empty text.

    >>> check_link("link", "https://tea.example/orders/A-17")
    """
    _checks.check_text(path, link)
    if link != "" and not (len(str(link)) <= LONGEST_SHOWN and _LINK.fullmatch(str(link))):
        problem = (
            "is no address to lead to; pass one that begins with https://, percent-encoded, of at"
            f" most {LONGEST_SHOWN} characters"
        )
        raise _checks.refuse(path, link, problem)
