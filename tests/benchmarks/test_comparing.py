"""What the benchmark of comparisons compares are the same orders, and the page stays small."""

from __future__ import annotations

import comparing
import sides
import workload


def test_the_page_of_ten_thousand_orders_is_below_a_megabyte() -> None:
    """It lists as many orders as there is room for, and says how many it leaves out."""
    job = sides.Library.of(workload.make(10_000))
    page = comparing.compared(job, comparing.TWO).to_html()
    assert len(page.encode()) < 1_000_000
    assert "more are left out here; rows() has all." in page


def test_each_way_is_timed() -> None:
    """Once per round; two settings differ in the priority alone, so that they share the rest."""
    times, size = comparing.costs(100, 2, 1)
    assert {name: len(seconds) for name, seconds in times.items()} == dict.fromkeys(times, 2)
    assert size > 0
    today, tiers = comparing.TWO.values()
    assert [name for name in today if today[name] is not tiers[name]] == ["priority"]
