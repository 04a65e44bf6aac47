"""The simulator, for long: ``python tests/simulator [--steps N] [--seed N] [--processes N]``.

It drives the storage in memory: by default 1,450,000 steps, of which a million are calls of ports,
by a process for each core. What comes of a seed does not depend on how many there are. It fails if
a rule is broken, if a fault was there fewer than a hundred times, if there were too few calls, or
if the first episodes come out another way a second time, in one process.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor

from right_adapters import Adapter

from fulfill_core.testing import simulate

STEPS = 1_450_000
CALLS = 1_000_000
"""Of so many steps, at least."""
AT_LEAST = 100
AGAIN = 20_000


def main() -> None:
    """Simulate, and print what there was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    with ProcessPoolExecutor(options.processes) as pool:
        begin = time.monotonic()
        simulation = simulate(Adapter(), steps=options.steps, seed=options.seed, map=pool.map)
        duration = time.monotonic() - begin
        print(f"{simulation.steps:,} steps, {simulation.calls:,} of them calls of ports")
        print(f"in {duration:.1f} s by {options.processes} processes; digest {simulation.digest}")
        for fault, count in simulation.faults:
            print(f"{count:9,} {fault}")
        simulation.check(at_least=AT_LEAST)
        assert options.steps < STEPS or simulation.calls >= CALLS, "too few calls of ports"
        begin_again = simulate(Adapter(), steps=AGAIN, seed=options.seed, map=pool.map)
    assert begin_again == simulate(Adapter(), steps=AGAIN, seed=options.seed), (
        "two runs of one seed are not the same"
    )
    print("no rule is broken")


if __name__ == "__main__":
    main()
