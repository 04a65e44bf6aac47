"""What a notebook shows of decisions and results: small tables, in which nothing is mark-up."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from builders import ADA, NOW, line, mugs, order

from fulfill_core import Result, Verifier, hold, process

HOSTILE = "<script>alert('x')</script>\n\u202e\"&"


def hostile(subject: Any, /, *, context: Any) -> Any:
    """A verifier whose code is mark-up."""
    if subject.id == HOSTILE:
        yield hold("shop.<b>", detail=HOSTILE)


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.cells.append(data)


def result_of(*orders: Any, verifiers: tuple[Verifier, ...] = (hostile,)) -> Result:
    """A run on a single mug."""
    return process(orders, mugs(berlin=1), now=NOW, verifiers=verifiers)


def test_a_decision_is_a_table_of_its_lines() -> None:
    """Each line has a row, and the caption says what became of the order."""
    page = result_of(order("A-1", 2))["A-1"]._repr_html_()
    assert Tags(page).cells == [
        "A-1: partially_allocated",
        *("line", "SKU", "ordered", "confirmed", "waits", "short", "expected"),
        *("1", "mug", "2", "1", "0", "1"),
    ]


def test_a_result_is_a_table_of_its_first_orders() -> None:
    """The caption counts all of them, and ten have a row."""
    page = result_of(*[order(f"A-{number:02}", 1) for number in range(12)])._repr_html_()
    assert Tags(page).cells[0] == "12 decisions: 1 allocated, 11 unfulfillable"
    assert Tags(page).tags.count("tr") == 1 + 10
    assert Tags(result_of()._repr_html_()).cells[0] == "0 decisions: none"


def test_nothing_that_an_order_says_is_mark_up() -> None:
    """Ids, SKUs and codes are text on one line: no tag, no turned direction of writing."""
    subject = order(HOSTILE, lines=[line(HOSTILE, HOSTILE)], customer=ADA)
    result = result_of(subject)
    for page in (result._repr_html_(), result[HOSTILE]._repr_html_()):
        assert set(Tags(page).tags) == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
        assert "\u202e" not in page
        assert "\n" not in page
        assert len(page) < 2_000
