"""The links of the site: each leads somewhere, and what a newcomer looks for is near."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser

JOBS = {
    "write a policy": ("priority policy", "how-to/write-a-priority-policy.html"),
    "write a verifier": ("verifier", "how-to/write-a-verifier.html"),
    "connect a database": ("database", "how-to/connect-a-database.html"),
    "read Shopify's JSON": ("shopify", "how-to/shopify.html"),
    "send mails": ("mail", "how-to/send-messages.html"),
    "ship in parts": ("partial shipment", "how-to/ship-in-parts.html"),
    "test a rule": ("test rules", "how-to/property-test-your-rules.html"),
    "async": ("asyncio", "how-to/asyncio.html"),
    "Django": ("django", "how-to/use-with-django.html"),
    "scale": ("scale", "how-to/run-on-a-cluster.html"),
}
"""What a newcomer wants: what they search for, and the page that they need."""
WORDS = {
    "webhook": "how-to/stripe.html",
    "celery": "how-to/celery.html",
    "stripe": "how-to/stripe.html",
    "sqlalchemy": "how-to/connect-sqlite.html",
    "alembic": "how-to/migrate-the-tables.html",
    "migration": "how-to/migrate-the-tables.html",
    "outbox worker": "how-to/run-an-outbox-worker.html",
    "cron": "how-to/run-workers.html",
    "deadlock": "how-to/when-something-goes-wrong.html",
    "postgresql": "how-to/connect-postgresql.html",
    "fastapi": "how-to/asyncio.html",
    "test adapter": "how-to/test-your-adapter.html",
    "postgres": "how-to/connect-postgresql.html",
    "flask": "how-to/connect.html",
    "email": "how-to/send-messages.html",
    "install": "index.html",
    "notebook": "tutorial/first-run.html",
    "what if": "how-to/compare-two-policies.html",
    "write a policy": "how-to/write-a-priority-policy.html",
    "write a verifier": "how-to/write-a-verifier.html",
    "test a rule": "how-to/property-test-your-rules.html",
    "is not an int pass a whole number": "reference/what-it-says.html",
    "is naive pass it with a tzinfo": "reference/what-it-says.html",
    "left neither an e-mail address nor a phone number": "reference/what-it-says.html",
    "cannot transfer units are available": "reference/what-it-says.html",
    "payment.insufficient": "reference/findings.html",
}
"""What else is searched for: other names, and messages as they are read in a log."""
FIRST = 5
"""So many results are looked at."""


class Links(HTMLParser):
    """What a page links to, and what can be linked to on it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.ids: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Links, pictures and frames; ids and names."""
        values = dict(attrs)
        self.ids |= {values[key] or "" for key in ("id", "name") if key in values}
        address = values.get("src" if tag in {"img", "script", "iframe"} else "href")
        if address and tag in {"a", "link", "img", "script", "iframe"}:
            self.hrefs.append(address)


@pytest.fixture(scope="module")
def links(site: Path) -> dict[Path, Links]:
    """The links of each page."""
    return {path: Links(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def targets(path: Path, hrefs: list[str]) -> Iterator[tuple[str, Path, str]]:
    """The files of the site to which a page links: as it says it, the file, and the place in it."""
    for href in hrefs:
        parts = urlsplit(href)
        if not parts.scheme and not parts.netloc:
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            yield href, target, unquote(parts.fragment)


def broken(links: dict[Path, Links]) -> list[str]:
    """The links that lead nowhere: no such file, or no such place in it."""
    return [
        f"{path.name}: {href}"
        for path, page in links.items()
        for href, target, place in targets(path, page.hrefs)
        if not target.exists() or (place and target in links and place not in links[target].ids)
    ]


def test_no_link_is_broken(links: dict[Path, Links]) -> None:
    """Every link within the site leads to a file, and to a place in it that is there."""
    assert broken(links) == []


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    """No such file, no such place; another site is not asked."""
    page = tmp_path.resolve() / "a.html"
    page.write_text("", encoding="utf-8")
    hrefs = '<a href="b.html"></a><a href="#x"></a><a href="#y" id="y"></a>'
    parsed = Links(f'{hrefs}<a href="https://example.com/b.html"></a>')
    assert broken({page: parsed}) == ["a.html: b.html", "a.html: #x"]


def clicks(links: dict[Path, Links], start: Path) -> dict[Path, int]:
    """How many clicks each page is away."""
    distances = {start: 0}
    for page in (queue := [start]):
        for _, target, _ in targets(page, links[page].hrefs):
            if target in links and target not in distances:
                distances[target] = distances[page] + 1
                queue.append(target)
    return distances


def test_every_job_is_within_two_clicks(site: Path, links: dict[Path, Links]) -> None:
    """From the first page, to the page that a newcomer needs; and all pages can be got to."""
    distances = clicks(links, site / "index.html")
    away = {job: distances[site / address] for job, (_, address) in JOBS.items()}
    assert {job: distance for job, distance in away.items() if distance > 2} == {}
    special = {"search.html", "genindex.html", "py-modindex.html"}
    pages = {path for path in links if "message-gallery" not in path.parts}
    lost = {path.relative_to(site).as_posix() for path in pages - set(distances)}
    assert lost - special == set()


@pytest.mark.parametrize(("query", "wanted"), [*JOBS.values(), *WORDS.items()], ids=[*JOBS, *WORDS])
def test_one_search_finds_it(address: str, browser: Browser, query: str, wanted: str) -> None:
    """It is among the first results of the site's own search."""
    page = browser.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{address}/search.html?q={query.replace(' ', '+')}")
    page.wait_for_selector(".search-summary:has-text('finished'), .search-summary:has-text('did')")
    hrefs = page.eval_on_selector_all("#search-results li a", "all => all.map(a => a.href)")
    page.close()
    found = [unquote(urlsplit(each).path).lstrip("/") for each in hrefs]
    assert wanted in list(dict.fromkeys(found))[:FIRST]
