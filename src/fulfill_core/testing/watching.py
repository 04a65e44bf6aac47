"""How often a rule was true in a test: one that never was has not been tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, cast

from hypothesis import currently_in_test_context, event

from fulfill_core.decisions.finding import Finding
from fulfill_core.protocols.plugins import name_of

_SHOWN = 40


class Watched:
    """A plug-in that counts its answers, as `watched` makes it.

    Args:
        plugin: the plug-in.

    >>> Watched(lambda order, /, *, context: ()).counts
    Counter()
    """

    def __init__(self, plugin: Any) -> None:
        self.plugin = plugin
        self.counts: Counter[str] = Counter()

    def __call__(self, *subjects: object, context: object) -> Any:
        """What the plug-in answers, counted."""
        answer: object = self.plugin(*subjects, context=context)
        if isinstance(answer, Iterator):  # it can be gone through once
            return self._counted(tuple(cast("Iterator[object]", answer)))
        return self._counted(answer)

    def _counted(self, answer: object) -> object:
        for label in _labels(answer):
            self.counts[label] += 1
            if currently_in_test_context():
                event(f"{name_of(self.plugin)}: {label}")
        return answer

    def __getattr__(self, part: str) -> Any:
        if part.startswith("__") or part == "plugin":
            raise AttributeError(part)
        return getattr(self.plugin, part)

    def __repr__(self) -> str:
        return name_of(self.plugin)


def watched(plugin: Any) -> Watched:
    """A plug-in, or a condition, that counts how often it gave each answer.

    Of a verifier each code counts, and ``nothing``; of messages each kind; of locations each
    sequence; of all else the answer itself. In a test of hypothesis the answers are events, too:
    ``pytest --hypothesis-show-statistics`` shows how often each was given.

    Args:
        plugin: a verifier, a condition, or a policy of any plug-point.

    >>> rule = watched(lambda order, /, *, context: ())
    >>> rule("an order", context=None), dict(rule.counts)
    ((), {'nothing': 1})
    """
    return Watched(plugin)


def check_watched(rule: Watched, *labels: str) -> None:
    """A rule under test was true at times, and false at others; and gave these answers.

    Call it after the test: a rule that never had anything to say passes every law.

    Args:
        rule: what `watched` made, and a test has asked.
        labels: answers that it must have given, such as a code. None: two different ones at least.

    Raises:
        AssertionError: it always gave the same answer, or never one of these; with the counts.

    >>> rule = watched(lambda order, /, *, context: ())
    >>> _ = rule("an order", context=None)
    >>> check_watched(rule)
    Traceback (most recent call last):
    ...
    AssertionError: vacuous: <lambda> has only ever said: nothing (1)
    """
    counts = ", ".join([f"{label} ({count})" for label, count in rule.counts.most_common()])
    missing = [label for label in labels if not rule.counts[label]]
    if missing:
        raise AssertionError(
            f"vacuous: {rule} never said {', '.join(missing)}, but: {counts or 'not a word'}"
        )
    if not labels and len(rule.counts) < 2:  # noqa: PLR2004 - true at times, false at others
        raise AssertionError(f"vacuous: {rule} has only ever said: {counts or 'not a word'}")


def _labels(answer: object) -> Iterable[str]:
    """What counts of an answer."""
    text = repr(answer)
    if isinstance(answer, Iterable) and not isinstance(answer, str):
        members = [*cast("Iterable[object]", answer)]
        if not members:
            return ["nothing"]
        if isinstance(members[0], Finding):
            return sorted({each.code if isinstance(each, Finding) else "?" for each in members})
        kinds = [getattr(each, "kind", None) for each in members]
        if all(kinds):
            return sorted({str(kind) for kind in kinds})
    return [text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."]
