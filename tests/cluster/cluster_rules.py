"""What workers import: how chunks travel, a rule that waits, one that ends its process."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fulfill_core import Context, Finding, Order


def called_with(call: Callable[[Any], Any], packed: bytes) -> Any:
    """What a function makes of a chunk that travelled as bytes: only its worker unpacks it."""
    return call(pickle.loads(packed))  # noqa: S301 - our own


@dataclass(frozen=True, slots=True)
class Waiting:
    """Looks at each order for so many seconds, and finds nothing."""

    seconds: float

    def __call__(self, order: Order, /, *, context: Context) -> tuple[Finding, ...]:
        time.sleep(self.seconds)
        return ()


@dataclass(frozen=True, slots=True)
class Deadly:
    """Ends its process at one order: each time, or, if *once*, until this file is there."""

    order_id: str
    once: str = ""

    def __call__(self, order: Order, /, *, context: Context) -> tuple[Finding, ...]:
        if order.id == self.order_id and not (self.once and os.path.exists(self.once)):  # noqa: PTH110 - as a worker sees it
            if self.once:
                with open(self.once, "w", encoding="utf-8"):  # noqa: PTH123
                    pass
            os._exit(1)
        return ()
