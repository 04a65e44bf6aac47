"""What a simulation came to, as values; a failure prints as the code that shows it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from fulfill_core import _checks
from fulfill_core.testing.simulator.moves import Fault, Move, to_moves


@attrs.frozen(kw_only=True, weakref_slot=False)
class Failure:
    """A rule that is broken, and the shortest script that was found to break it.

    Args:
        rule: which rule.
        detail: by what.
        moves: the script: pass it to `simulate` to see it again, and keep it as a test.
        trace: what happened in it, step by step.

    >>> from fulfill_core.testing import Checkout
    >>> print(Failure(rule="no order is lost", detail="order A-1 was accepted, and is not there",
    ...               moves=[Checkout(order="A-1", units={"mug": 1})]))
    no order is lost: order A-1 was accepted, and is not there
    moves = [
        Checkout(order='A-1', units=(('mug', 1),), by_bank=False),
    ]
    """

    rule: str
    detail: str
    moves: tuple[Move, ...] = attrs.field(default=(), converter=to_moves)
    trace: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts, repr=False)

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Failure.rule", self.rule)
        _checks.check_text("Failure.detail", self.detail)

    def __str__(self) -> str:
        lines = "".join([f"    {move!r},\n" for move in self.moves])
        return f"{self.rule}: {self.detail}\nmoves = [\n{lines}]"


def _to_counts(counts: Mapping[Fault, int] | tuple[tuple[Fault, int], ...]) -> Any:
    return tuple(sorted(counts.items())) if isinstance(counts, Mapping) else tuple(counts)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Simulation:
    """What a simulation came to.

    Args:
        steps: how many events, runs, calls of ports and faults there were.
        calls: how many of them were calls of ports.
        faults: how often each fault was there, as a mapping or pairs.
        digest: of all steps in their sequence: the same if nothing went another way.
        failure: the rule that was broken; None if none was.

    >>> Simulation(steps=3, calls=1, faults={Fault.CONFLICT: 1}, digest="").count("conflict")
    1
    """

    steps: int
    calls: int
    faults: tuple[tuple[Fault, int], ...] = attrs.field(converter=_to_counts)
    digest: str
    failure: Failure | None = None

    def __attrs_post_init__(self) -> None:
        _checks.check_int("Simulation.steps", self.steps, at_least=0)
        _checks.check_int("Simulation.calls", self.calls, at_least=0)
        _checks.check_rows("Simulation.faults", self.faults, "fault", "times")
        _checks.check_text("Simulation.digest", self.digest)

    def count(self, fault: Fault | str) -> int:
        """How often something went wrong."""
        return dict(self.faults).get(Fault(fault), 0)

    def check(self, *, at_least: int = 0) -> None:
        """Fail if a rule was broken, or if a fault was not there often enough to be tried.

        Args:
            at_least: so often each fault has to have been there.

        Raises:
            AssertionError: with the rule, and the script that breaks it; or with the faults.

        >>> Simulation(steps=0, calls=0, faults=(), digest="").check()
        """
        if self.failure is not None:
            raise AssertionError(str(self.failure))
        rare = [f"{fault} ({self.count(fault)})" for fault in Fault if self.count(fault) < at_least]
        if rare:
            raise AssertionError(f"there are too few: {', '.join(rare)}; take more steps")
