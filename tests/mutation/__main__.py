"""How many small faults the tests notice: ``python tests/mutation [--mutants N] [PATH ...]``.

The unit tests run once, and it is noted which test runs which line. Then faults are put into a copy
of the library, one at a time, and the tests that run the line of the fault have to fail. What
they don't notice is tried on the laws, which are not traced. What is left is printed: a test is
missing there, or the line makes no difference and could go.

    python tests/mutation                                       # the allocator, stock and payments
    python tests/mutation --mutants 40 src/fulfill_core/sourcing/covering.py
    python tests/mutation --mutants 0 --seed 2 src/fulfill_core/orders

It takes minutes to hours, and is no part of the suite.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from coverage import CoverageData
from mutants import Mutant, mutants

PROJECT = Path(__file__).parents[2]
USUAL = ("allocation", "inventory", "verifiers/payment.py")
PATIENCE = 600.0  # seconds: longer than that, a fault has made a loop endless
PASSED = 0  # what pytest exits with


def sources(names: Iterable[str]) -> list[Path]:
    """The source files at these paths, which may be folders."""
    paths = [PROJECT / name for name in names]
    return sorted(
        {file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))}
    )


def is_noticed(*words: str, source: Path, **environment: str) -> bool:
    """Whether tests fail over the library in a folder, or do not come back.

    A library that can't even be imported has no tests to find: pytest calls that wrong use. So
    whatever is no pass is a failure; that the tests are found, the run without a fault has shown.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    variables = {
        **os.environ,
        "PYTHONPATH": str(source),
        "HYPOTHESIS_PROFILE": "default",
        "PYTHONDONTWRITEBYTECODE": "1",
        **environment,
    }
    try:
        run = subprocess.run(
            command, cwd=PROJECT, env=variables, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return run.returncode != PASSED


def traced(folder: Path, tests: str) -> dict[tuple[str, int], list[str]]:
    """The unit tests that run each line of the library, those of the fewest lines first."""
    file = folder / "coverage"
    words = (tests, "--cov", "--cov-report=", "--cov-context=test", "--cov-fail-under=0", "-n", "2")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    variables = {**os.environ, "COVERAGE_FILE": str(file), "HYPOTHESIS_PROFILE": "default"}
    subprocess.run(command, cwd=PROJECT, env=variables, check=True, stdout=subprocess.DEVNULL)
    data = CoverageData(str(file))
    data.read()
    tests_of: dict[tuple[str, int], list[str]] = {}
    breadth: dict[str, int] = {}
    for path in data.measured_files():
        name = str(Path(path).relative_to(PROJECT))
        for line, contexts in data.contexts_by_lineno(path).items():
            names = sorted({context.partition("|")[0] for context in contexts if context})
            tests_of[name, line] = names
            for test in names:
                breadth[test] = breadth.get(test, 0) + 1
    for names in tests_of.values():
        names.sort(key=lambda test: breadth[test])
    return tests_of


def attempt(path: Path, mutant: Mutant | None, tests: list[str], *, laws: bool = False) -> str:
    """What notices one fault in a copy of the library: ``unit tests``, ``laws``, or nothing.

    Without a fault, nothing may be noticed.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "src"
        # With what was compiled: it goes by the time of a source, which only the fault's changes.
        shutil.copytree(PROJECT / "src", source)
        if mutant is not None:
            copy = source / path.relative_to(PROJECT / "src")
            copy.write_text(mutant.text_of(copy.read_text("utf-8")), "utf-8")
        names = Path(folder) / "tests"
        names.write_text("\n".join(tests), "utf-8")
        if tests and is_noticed("-x", f"@{names}", source=source):
            return "unit tests"
        if laws and is_noticed("-x", "tests/laws", source=source):
            return "laws"
    return ""


def main() -> None:
    """Try a sample of the faults, and print what is not noticed."""
    reader = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    usual = [f"src/fulfill_core/{name}" for name in USUAL]
    reader.add_argument("paths", nargs="*", default=usual, help="files or folders of the library")
    reader.add_argument("--mutants", type=int, default=120, help="how many; 0 for all")
    reader.add_argument("--seed", type=int, default=1, help="which of them")
    reader.add_argument("--tests", default="tests/unit", help="what has to notice them")
    reader.add_argument("--laws", action="store_true", help="try on the laws what unit tests miss")
    words = reader.parse_args()
    everything = [
        (path, mutant)
        for path in sources(words.paths)
        for mutant in mutants(path.read_text("utf-8"))
    ]
    count = min(words.mutants or len(everything), len(everything))
    sample = [
        everything[at]
        for at in sorted(random.Random(words.seed).sample(range(len(everything)), count))
    ]
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tests_of = traced(Path(folder), words.tests)

    def tests(path: Path, mutant: Mutant) -> list[str]:
        return tests_of.get((str(path.relative_to(PROJECT)), mutant.line), [])

    control = sorted({test for entry in sample for test in tests(*entry)})
    if attempt(PROJECT, None, control, laws=words.laws):
        sys.exit("The tests fail without any fault; mend that first.")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tries = list(
            pool.map(lambda entry: attempt(*entry, tests(*entry), laws=words.laws), sample)
        )
    for (path, mutant), noticed_by in zip(sample, tries, strict=True):
        if not noticed_by:
            print(f"{path.relative_to(PROJECT)}:{mutant.line}: {mutant.what}")
    count = sum(map(bool, tries))
    print(
        f"{count} of {len(tries)} noticed ({count / max(1, len(tries)):.0%}), {tries.count('laws')}"
        f" of them by the laws; {len(everything)} faults in all; {time.monotonic() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
