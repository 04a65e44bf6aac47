"""How long it takes to import the library, beside the two packages that it depends on.

What an interpreter takes that imports nothing is taken off both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

LIBRARY = "import fulfill_core"
USED = f"{LIBRARY}; from fulfill_core import Order, Inventory, process"
"""With the names that a run needs: nothing of what they need is put off until they are named."""
DEPENDENCIES = "import attrs; from dateutil import easter, parser, relativedelta, rrule, tz, utils"

_WRITES_NOTHING = "PYTHONDONTWRITEBYTECODE"


def seconds(statement: str) -> float:
    """What a new interpreter takes to run a statement, by the clock."""
    # An installed library is compiled, as its dependencies are: where the environment says that
    # nothing is to be written, that is left out here.
    writing = {name: value for name, value in os.environ.items() if name != _WRITES_NOTHING}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, env=writing)
    return time.perf_counter() - start


def imports(rounds: int, statement: str = LIBRARY) -> list[tuple[float, float]]:
    """The library's import and that of both packages, turn by turn; the first warms caches up."""
    pairs: list[tuple[float, float]] = []
    for _ in range(rounds + 1):
        nothing, mine, theirs = seconds("pass"), seconds(statement), seconds(DEPENDENCIES)
        pairs.append((mine - nothing, theirs - nothing))
    return pairs[1:]
