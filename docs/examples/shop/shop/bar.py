"""The bar that a run shows on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from fulfill_core.protocols import ProgressFunction, RunStage


@contextmanager
def progress_bar() -> Iterator[ProgressFunction | None]:
    """A bar for a run, on a terminal; nothing where somebody reads the output later."""
    err = Console(stderr=True)
    if not err.is_terminal:
        yield None
        return
    with Progress(console=err, transient=True) as display:
        task = display.add_task("", total=1)

        def show(stage: RunStage, share: float, /) -> None:
            display.update(task, description=stage.value, completed=share)

        yield show
