"""Every page in a browser: as wide as phone, tablet, laptop and wall, in light and dark."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import attrs
import gallery
import pytest
from builders import ADA, NOW, mugs, order
from looks import look_at
from playwright.sync_api import Browser

from fulfill_core import Address, Customer, Settings, compare
from fulfill_core.messages import Renderer, Shop, samples
from fulfill_core.priorities import customer_tier, oldest_first
from fulfill_core.whatif import compare_days

THEMES = ("light", "dark")


def pages_of(site: Path) -> list[Path]:
    """All pages but the mails of the gallery, which are made for mail programs."""
    return [path for path in sorted(site.rglob("*.html")) if "message-gallery" not in path.parts]


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_is_as_wide_as_the_screen(site: Path, browser: Browser, theme: str) -> None:
    """Nothing goes sideways, nothing is outside, every picture has words, all words can be read."""
    context = browser.new_context(color_scheme="dark" if theme == "dark" else "light")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    pages = pages_of(site)
    faults = {path.relative_to(site).as_posix(): look_at(page, path) for path in pages}
    context.close()
    assert errors == []
    assert len(pages) > 50
    assert {name: fault for name, fault in faults.items() if fault} == {}


def test_what_is_ugly_is_noticed(browser: Browser, tmp_path: Path) -> None:
    """A table that is too wide, code that scrolls, a picture without words, grey on grey."""
    page = browser.new_page()
    ugly = tmp_path / "ugly.html"
    ugly.write_text(
        "<body style='background: #fff'><article>"
        "<div style='width: 500px'>wide</div>"
        "<pre style='overflow-x: auto; width: 100px'>0123456789012345678901234567890123</pre>"
        "<img src='x.png'><p style='color: #ccc'>faint</p>"
        "<svg role='img'><title> </title></svg>"
        "<svg role='img'><title>a plot</title></svg></article>",
        encoding="utf-8",
    )
    faults = look_at(page, ugly)
    assert len(faults["360"]["silent"]) == 2
    assert set(faults["360"]) == {"sideways", "scrolling", "outside", "silent", "faint"}
    assert set(faults["1920"]) == {"scrolling", "silent", "faint"}
    page.close()


# -- Pages that the library makes ------------------------------------------------------------------


def what_if_pages() -> dict[str, str]:
    """What a comparison of two settings says of fifty orders: at once, and over ten days."""
    grace = Customer(id="C-2", tier="gold", email="grace@example.com")
    orders = [
        order(
            f"A-{number:05}",
            1 + number % 3,
            customer=grace if number % 4 == 0 else ADA,
            placed_at=NOW - timedelta(hours=100 - number),
        )
        for number in range(50)
    ]
    bare = Settings(verifiers=[], priority=oldest_first)
    gold = Settings(verifiers=[], priority=customer_tier("gold"))
    settings = {"as it is today": bare, "gold customers come first": gold}
    days = [NOW + timedelta(days=number) for number in range(10)]
    stock = mugs(berlin=40, lyon=20)
    return {
        "at once": compare(orders, stock, settings, now=NOW).to_html(title="Gold first?"),
        "day by day": compare_days(orders, stock, settings, days=days).to_html(),
    }


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["at once", "day by day"])
def test_a_page_of_what_if_is_as_wide_as_the_screen(
    browser: Browser, tmp_path: Path, name: str, theme: str
) -> None:
    """On a phone and on a laptop; it draws its plots, and its own rules let all of it be shown."""
    path = tmp_path / "page.html"
    path.write_text(what_if_pages()[name], encoding="utf-8")
    context = browser.new_context(color_scheme="dark" if theme == "dark" else "light")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    faults = look_at(page, path, (360, 1280))
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    drawn = page.locator("svg").evaluate_all("all => all.map(e => e.getBoundingClientRect().width)")
    context.close()
    assert (faults, problems) == ({}, [])
    assert back == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[theme]
    assert len(drawn) >= 2
    assert min(drawn) > 200


# -- Mails -----------------------------------------------------------------------------------------

MAIL = {"scope": "body *", "least": 4.5}
"""All of it is the shop's, and read by whoever ordered: small letters by WCAG 2, 1.4.3."""


@pytest.mark.parametrize("locale", ["ar", "en"])
def test_what_is_long_stays_in_its_mail(browser: Browser, tmp_path: Path, locale: str) -> None:
    """Names, titles and addresses without a blank, on a shop's color that is hard to write on."""
    shop = Shop(name="T" * 60, url=f"https://{'x' * 200}.example", footer=["F"], color="#969696")
    address = Address(name="N" * 100, street=["S" * 150], city="C" * 80, country="DE")
    page = browser.new_page()
    faults = {}
    for sample in samples(locale):
        message = Renderer(shop=shop).render(
            sample.notification,
            attrs.evolve(sample.order, ship_to=address),
            titles=dict.fromkeys(sample.titles, "Verlängerungskabeltrommel" * 5),
            order_name="W" * 13,
            link=gallery.LINK,
        )
        path = tmp_path / f"{gallery.file_name(sample)}.html"
        path.write_text(message.html, "utf-8")
        faults[sample.name] = look_at(page, path, (320,), **MAIL)
    page.close()
    assert {name: fault for name, fault in faults.items() if fault} == {}


EDGES = """() => {
  const inner = document.querySelector(".inner"), box = inner.getBoundingClientRect();
  const padding = parseFloat(getComputedStyle(inner).paddingLeft);
  const edges = (selector) => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector(selector));
    const { left, right } = range.getBoundingClientRect();
    return [Math.round(left - box.left - padding), Math.round(box.right - padding - right)];
  };
  return { title: edges("h1"), price: edges("td[valign=top]") };
}"""


@pytest.mark.parametrize(("locale", "start", "end"), [("ar", 1, 0), ("en", 0, 1)])
@pytest.mark.parametrize("width", [360, 1280])
def test_lines_begin_where_the_language_begins(
    browser: Browser, tmp_path: Path, locale: str, start: int, end: int, width: int
) -> None:
    """Titles at the right in Arabic, and prices at the left."""
    gallery.write(tmp_path, Renderer(shop=gallery.SHOP), [locale])
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((tmp_path / locale / "order.confirmed.html").as_uri())
    edges = page.evaluate(EDGES)
    page.close()
    assert (edges["title"][start], edges["price"][end]) == (0, 0)
    assert min(edges["title"][end], edges["price"][start]) > 10


# -- The first page --------------------------------------------------------------------------------


def test_the_first_page_has_what_a_newcomer_copies(address: str, browser: Browser) -> None:
    """The command that installs it, in a box with a button that copies it; and the picture."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{address}/index.html")
    boxes = page.locator("article .highlight-sh, article .highlight-python")
    install = boxes.filter(has_text="pip install fulfill_core").first
    install.hover()
    install.locator("button.copybtn").click()
    page.wait_for_selector("button.copybtn.success")
    copied = page.evaluate("navigator.clipboard.readText()")
    buttons = [box.locator("button.copybtn").count() for box in boxes.all()]
    picture = page.locator("article svg[role=img]").first.bounding_box()
    context.close()
    assert copied.strip() == "pip install fulfill_core"
    assert len(buttons) > 1
    assert set(buttons) == {1}
    assert picture is not None
    assert min(picture["width"], picture["height"]) > 100
