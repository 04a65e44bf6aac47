"""The simulator, for long: ``python tests/simulator [--steps N] [--seed N]``.

It drives the storage in memory, and fails if a rule is broken, if a fault was there fewer than a
hundred times, or if the first episodes come out another way a second time.
"""

from __future__ import annotations

import argparse
import time

from right_adapters import Adapter

from fulfill_core.testing import simulate

AT_LEAST = 100
AGAIN = 20_000


def main() -> None:
    """Simulate, and print what there was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=250_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    begin, begin_cpu = time.monotonic(), time.process_time()
    simulation = simulate(Adapter(), steps=options.steps, seed=options.seed)
    duration, cpu = time.monotonic() - begin, time.process_time() - begin_cpu
    print(f"{simulation.steps:,} steps, {simulation.calls:,} of them calls of ports")
    print(f"in {duration:.1f} s, {cpu:.1f} s of them by this process; digest {simulation.digest}")
    for fault, count in simulation.faults:
        print(f"{count:9,} {fault}")
    simulation.check(at_least=AT_LEAST)
    first, second = [simulate(Adapter(), steps=AGAIN, seed=options.seed).digest for _ in range(2)]
    assert first == second, "two runs of one seed are not the same"
    print("no rule is broken")


if __name__ == "__main__":
    main()
