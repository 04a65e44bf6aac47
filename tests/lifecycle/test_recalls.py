"""What had left turns out to be dangerous."""

from __future__ import annotations

from typing import Any

from story import Story, code_of, line

from fulfill_core.lifecycle import Effect, Lost, ProductRecalled, ReturnReceived, Shipped


def test_a_customer_hears_of_what_they_have() -> None:
    """Not of what is lost, came back, or never left; once for each recall."""
    story = Story(line("1", 4), line("2", 1))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    story.happened(Lost, parcel="p1", lines={"1": 1}, credited={"1": 1})
    story.happened(ReturnReceived, lines={"1": 1}, location="x")
    words = {"reason": "The handle breaks.", "advice": "Send it back, we pay."}
    step = story.happened(ProductRecalled, ref="R-7", lines={"1": 4, "2": 1}, **words)
    [message] = step.notifications
    assert [row[:4] for row in message.lines] == [("1", "mug", 4, 1)]
    assert (message.kind, message.reasons) == ("product.recalled", tuple(words.items()))
    assert (message.subject, step.effect) == ("recall:R-7", Effect.APPLIED)
    assert story.record.progress == step.record.progress


def test_who_has_nothing_of_it_hears_nothing() -> None:
    """A line that the order does not have is refused."""
    story = Story()
    assert story.happened(ProductRecalled, lines={"1": 1}).notifications == ()
    assert code_of(story.happened(ProductRecalled, lines={"9": 1})) == "line.unknown"


def test_a_recall_that_is_reported_twice_is_told_once() -> None:
    """By its number, under whichever ids; in other words, or of more, it is told again."""
    story = Story(line("1", 4))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    recall: dict[str, Any] = {"ref": "R-7", "lines": {"1": 2}, "reason": "It breaks."}
    told = [
        len(story.happened(ProductRecalled, **content).notifications)
        for content in (recall, recall, {**recall, "reason": "It burns."}, {**recall, "ref": "R-8"})
    ]
    assert told == [1, 0, 1, 1]
    numberless = {**recall, "ref": ""}
    assert [len(story.happened(ProductRecalled, **numberless).notifications) for _ in "12"] == [
        1,
        1,
    ]
