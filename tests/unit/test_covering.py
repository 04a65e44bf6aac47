"""The search for few rows that cover needs, held to trying out all sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from fulfill_core.sourcing.covering import alone, greedy_cover, least_size, smallest_cover


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[int], list[list[int]], list[int]]:
    """Needs above 0, up to nine rows that cover them together, and worths that never tie."""
    count, skus = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    row = st.lists(st.integers(0, 4), min_size=skus, max_size=skus)
    rows = draw(st.lists(row, min_size=count, max_size=count))
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    needs = [min(sum(column), draw(st.integers(1, 9))) for column in columns]
    likes = draw(st.lists(st.integers(0, 5), min_size=count, max_size=count))
    worths = [like << count | 1 << place for place, like in enumerate(likes)]
    return needs, [list(each) for each in zip(*columns, strict=True)], worths


def covers(needs: Sequence[int], rows: Sequence[Sequence[int]], some: Sequence[int]) -> bool:
    """Whether these rows have, together, what is needed."""
    return all(sum(rows[place][at] for place in some) >= units for at, units in enumerate(needs))


def smallest(needs: Sequence[int], rows: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """All covers of the smallest size."""
    for size in range(len(rows) + 1):
        found = [some for some in combinations(range(len(rows)), size) if covers(needs, rows, some)]
        if found:
            yield from found
            return


@given(problems())
def test_the_worthiest_of_the_smallest_covers(
    problem: tuple[list[int], list[list[int]], list[int]],
) -> None:
    """No cover has fewer rows, and none of the same size is worth more. Where one row is enough
    alone, it is found at less cost.
    """
    needs, rows, worths = problem
    best = max(
        smallest(needs, rows), key=lambda some: sum(worths[place] for place in some), default=()
    )
    assert alone(needs, rows) == [at for at in range(len(rows)) if covers(needs, rows, (at,))]
    if len(best) > 1:
        assert smallest_cover(needs, rows, worths) == best


@given(problems())
def test_greedy_covers_and_the_bound_holds(
    problem: tuple[list[int], list[list[int]], list[int]],
) -> None:
    """The greedy way covers, in no row that the others make needless; the bound is never above the
    true minimum.
    """
    needs, rows, worths = problem
    chosen = greedy_cover(needs, rows, worths)
    assert covers(needs, rows, chosen)
    assert not any(
        covers(needs, rows, [other for other in chosen if other != place]) for place in chosen
    )
    assert least_size(needs, rows) <= len(next(smallest(needs, rows), ()))


def test_many_rows_that_are_all_alike() -> None:
    """Where any ten of twenty will do, those of the highest worth are found without trying all."""
    rows = [[1]] * 20
    assert smallest_cover([10], rows, [1 << place for place in range(20)]) == tuple(range(10, 20))


def test_units_beyond_any_stock() -> None:
    """Numbers of units may be as large as they like."""
    huge = 10**400
    rows = [[huge, 0], [huge, 1], [0, huge]]
    assert smallest_cover([2 * huge, huge], rows, [4, 2, 1]) == (0, 1, 2)
