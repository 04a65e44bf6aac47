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
from typing import NamedTuple

from coverage import CoverageData
from mutants import Mutant, mutants

PROJECT = Path(__file__).parents[2]
USUAL = ("allocation", "inventory", "verifiers/payment.py")
PATIENCE = 120.0  # seconds: longer than that, a fault has made a loop endless
MOST = 300  # tests that run one line: those that run the fewest lines are asked first


class Try(NamedTuple):
    """A fault, and what noticed it: ``unit tests``, ``laws``, or nothing."""

    path: Path
    mutant: Mutant
    noticed: str


def sources(names: Iterable[str]) -> list[Path]:
    """The source files at these paths, which may be folders."""
    paths = [PROJECT / name for name in names]
    return sorted(
        {file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))}
    )


def run_pytest(*words: str, source: Path, **environment: str) -> int:
    """Run pytest over the library in a folder; its exit code, or 1 if it does not come back."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    variables = {
        **os.environ,
        "PYTHONPATH": str(source),
        "HYPOTHESIS_PROFILE": "ci",
        "PYTHONDONTWRITEBYTECODE": "1",
        **environment,
    }
    try:
        return subprocess.run(
            command, cwd=PROJECT, env=variables, capture_output=True, timeout=PATIENCE, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        return 1


def traced(folder: Path, tests: str) -> dict[tuple[str, int], list[str]]:
    """The unit tests that run each line of the library, those of the fewest lines first."""
    file = folder / "coverage"
    words = (tests, "--cov", "--cov-context=test", "--cov-fail-under=0", "-n", "2")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    variables = {**os.environ, "COVERAGE_FILE": str(file), "HYPOTHESIS_PROFILE": "ci"}
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


def attempt(
    path: Path, mutant: Mutant, tests_of: dict[tuple[str, int], list[str]], *, laws: bool
) -> Try:
    """Put one fault into a copy of the library, and see what notices it."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "src"
        shutil.copytree(PROJECT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        copy = source / path.relative_to(PROJECT / "src")
        copy.write_text(mutant.text_of(copy.read_text("utf-8")), "utf-8")
        tests = tests_of.get((str(path.relative_to(PROJECT)), mutant.line), [])[:MOST]
        listed = Path(folder) / "tests"
        listed.write_text("\n".join(tests), "utf-8")
        if tests and run_pytest("-x", f"@{listed}", source=source):
            return Try(path, mutant, "unit tests")
        if laws and run_pytest("-x", "tests/laws", source=source):
            return Try(path, mutant, "laws")
    return Try(path, mutant, "")


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
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tries = list(pool.map(lambda entry: attempt(*entry, tests_of, laws=words.laws), sample))
    for path, mutant, noticed in tries:
        if not noticed:
            print(f"{path.relative_to(PROJECT)}:{mutant.line}: {mutant.what}")
    noticed = sum(bool(each.noticed) for each in tries)
    by_laws = sum(each.noticed == "laws" for each in tries)
    print(
        f"{noticed} of {len(tries)} noticed ({noticed / max(1, len(tries)):.0%}), {by_laws} of them"
        f" by the laws; {len(everything)} faults in all; {time.monotonic() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
