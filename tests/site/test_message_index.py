"""The index of what errors and findings say."""

from __future__ import annotations

from collections.abc import Callable

import message_index
import pytest
from message_index import Text

from fulfill_core import InvalidValueError, OrderLine, Payment

SOURCE = """
def check(path, value):
    raise refuse("Order.id", value, f"is not {path!r}; pass {value}{path} of them")
    raise InvalidValueError(path, "x", "is empty; " + "leave it out")
    problem = "is naive; pass it with a tzinfo"
    raise PluginError(name, order_id, problem)
    yield hold("a.b", field="x", detail=f"It has {value}.", evidence="no sentence of ours")
    yield note(CODE, detail="Nothing is known.")
    other("a.c", "is not looked at")
"""


def test_what_errors_say_is_read_off_the_source() -> None:
    """With its path where it is written there; gaps are an ellipsis, two of them one."""
    assert list(message_index.error_texts(SOURCE)) == [
        Text("is naive; pass it with a tzinfo", ""),
        Text("is not …; pass … of them", "Order.id"),
        Text("is empty; leave it out", ""),
    ]


def test_what_findings_say_is_read_off_the_source() -> None:
    """With its code, if that is written there."""
    assert sorted(message_index.finding_texts(SOURCE)) == [
        Text("It has ….", "a.b"),
        Text("Nothing is known.", ""),
    ]


def test_a_text_that_several_say_is_there_once() -> None:
    """With all of them, in the sequence of the alphabet."""
    texts = [Text("b c", "y"), Text("A b", ""), Text("b c", "x"), Text("b c", "y")]
    assert message_index.unique(texts) == [("A b", []), ("b c", ["x", "y"])]


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: OrderLine(id="1", sku="mug", quantity=1.5),  # type: ignore[arg-type]
        lambda: OrderLine(id="", sku="mug", quantity=1),
        lambda: Payment(id="p1", amount=-5),  # type: ignore[arg-type]
    ],
)
def test_what_is_said_is_in_the_index(attempt: Callable[[], object]) -> None:
    """As it is said, but for what differs."""
    table = "\n".join(message_index.table("errors"))
    with pytest.raises(InvalidValueError) as caught:
        attempt()
    assert caught.value.problem.partition(";")[0] in table


def test_signs_of_markup_are_written_out() -> None:
    """A text in a table is no table, no code and no link."""
    rows = message_index.table("findings")
    assert all(row.count("|") - row.count("\\|") == 3 for row in rows)
