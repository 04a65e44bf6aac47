"""How a page looks in a browser: what goes sideways, what has no text, what can't be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

WIDTHS = (360, 768, 1280, 1920)

# How light an element's words are, how light what is behind them, and how far apart that is.
COLORS = """
  const luminance = (colour) => {
    const parts = colour.match(/[\\d.]+/g).map(Number);
    if (parts.length > 3 && parts[3] === 0) return null;
    const [r, g, b] = parts.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const found = luminance(getComputedStyle(each).backgroundColor);
      if (found !== null) return found;
    }
    return 1;
  };
  const contrast = (element) => {
    const [a, b] = [luminance(getComputedStyle(element).color), behind(element)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
"""

LOOK = (
    "([scope, least]) => {"
    + COLORS
    + """
  const name = (element) => element.tagName + "." + element.className + ": " +
    element.textContent.trim().slice(0, 60);
  const all = [...document.querySelectorAll(scope)];
  const shown = all.filter((e) => e.getClientRects().length);
  return {
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    scrolling: shown.filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth &&
      /auto|scroll/.test(getComputedStyle(e).overflowX)).map(name),
    outside: shown.filter((e) => (e.getBoundingClientRect().right > innerWidth + 1 ||
      e.getBoundingClientRect().left < -1) &&
      e.tagName !== "THEAD" && !e.closest("thead")).map(name),
    silent: [...document.querySelectorAll("img, svg[role=img], iframe")].filter((e) =>
      !(e.alt || e.title || e.getAttribute("aria-label") ||
      e.querySelector(":scope > title")?.textContent.trim())).map((e) => e.outerHTML.slice(0, 80)),
    faint: shown.filter((e) =>
      e.matches("p, li, td, th, dt, h1, h2, h3, a, code, pre, span, div, bdi") &&
      [...e.childNodes].some((each) => each.nodeType === 3 && each.data.trim()) &&
      !e.closest("button, svg") && contrast(e) < least).map(name),
  };
}"""
)


def look_at(
    page: Page,
    path: Path,
    widths: Sequence[int] = WIDTHS,
    *,
    scope: str = "article *, main *",
    least: float = 3,
) -> dict[str, Any]:
    """What is wrong with a page at some width, by the width: with less contrast than the least."""
    page.goto(path.as_uri())
    looks: dict[str, Any] = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        look = page.evaluate(LOOK, [scope, least])
        faults = {what: value for what, value in look.items() if value}
        looks |= {str(width): faults} if faults else {}
    return looks
