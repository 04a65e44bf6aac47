"""Every message in every language in a browser, as on a phone and at a desk, in light and dark."""

from __future__ import annotations

from typing import Any

import gallery
import pytest
from looks import COLORS, LOOK
from playwright.sync_api import Browser, Page

from fulfill_core.messages import Renderer

WIDTHS = (320, 1280)
RENDERER = Renderer(shop=gallery.SHOP)

# What a mail looks like beside that: how wide it is, in which colors, and which way it goes.
MAIL = (
    "() => {"
    + COLORS
    + """
  const words = [...document.querySelectorAll("body *")].filter((e) => e.innerText?.trim() &&
    e.getClientRects().length && e.getBoundingClientRect().height > 1 &&
    [...e.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
  const boxes = words.map((e) => e.getBoundingClientRect());
  return {
    width: Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left)),
    dark: behind(document.body) < 0.2,
    direction: getComputedStyle(document.body).direction,
  };
}"""
)


def faults_of(look: dict[str, Any], *, is_dark: bool, direction: str) -> list[str]:
    """What is wrong with how a mail looks."""
    expected = {
        "goes sideways": look["sideways"] <= 0,
        f"scrolls: {look['scrolling']}": not look["scrolling"],
        f"is outside: {look['outside']}": not look["outside"],
        f"says nothing: {look['silent']}": not look["silent"],
        "is wider than 600 pixels": look["width"] <= 600,
        f"can't be read: {look['faint']}": not look["faint"],
        "is not in the colors that were asked for": look["dark"] == is_dark,
        "goes the wrong way": look["direction"] == direction,
    }
    return [fault for fault, is_fine in expected.items() if not is_fine]


def looks_of(page: Page) -> list[dict[str, Any]]:
    """How the mail in a page looks, on a phone and at a desk."""
    looks: list[dict[str, Any]] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # All of it is the shop's: small letters by WCAG 2, 1.4.3.
        looks.append(page.evaluate(LOOK, ["body *", 4.5]) | page.evaluate(MAIL))
    return looks


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", RENDERER.locales)
def test_every_mail_can_be_read_everywhere(browser: Browser, locale: str, theme: str) -> None:
    """Nothing goes sideways, nothing is wider than 600 pixels, all words stand out; Arabic begins
    on the right; where its reader likes it dark, it is.
    """
    context = browser.new_context(color_scheme="dark" if theme == "dark" else "light")
    page = context.new_page()
    faults: dict[str, list[str]] = {}
    direction = "rtl" if locale == "ar" else "ltr"
    for sample, message in gallery.rendered(RENDERER, locale):
        page.set_content(message.html)
        for look in looks_of(page):
            problems = faults_of(look, is_dark=theme == "dark", direction=direction)
            faults.setdefault(sample.name, []).extend(problems)
    context.close()
    assert len(faults) > 40
    assert {name: problems for name, problems in faults.items() if problems} == {}


def test_a_mail_that_can_not_be_read_is_noticed(browser: Browser) -> None:
    """A table that is too wide for a phone, or for a desk; grey on grey; light where dark is."""
    page = browser.new_page()
    page.set_content(
        "<body style='background: #fff; color: #000'><table style='width: 700px'><tr><td>left</td>"
        "<td style='text-align: right; color: #ccc'><p>right</p></td></tr></table></body>"
    )
    phone, desk = (faults_of(each, is_dark=True, direction="rtl") for each in looks_of(page))
    page.close()
    outside = ["TABLE", "TBODY", "TR"]
    assert phone == [
        "goes sideways",
        f"is outside: {[*[f'{name}.: leftright' for name in outside], 'TD.: right', 'P.: right']}",
        "is wider than 600 pixels",
        "can't be read: ['P.: right']",
        "is not in the colors that were asked for",
        "goes the wrong way",
    ]
    assert desk == phone[2:]
