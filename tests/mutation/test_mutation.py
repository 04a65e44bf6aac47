"""The faults that the tests are tried on are faults, and one that is noticed counts."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from mutants import mutants

FOLDER = Path(__file__).parent


@pytest.mark.parametrize(
    ("statement", "faults"),
    [
        ("return a < b", ["return a <= b"]),
        ("return a + 1", ["return a - 1", "return a + 2"]),
        ("return a or b", ["return a and b", "return b", "return a"]),
        ("return not a", ["return a"]),
        ("return True", ["return False"]),
        ("return min(a)", ["return max(a)"]),
        ("a += b", ["pass", "a -= b"]),
        ("a.append(b)", ["pass"]),
        ("if a: return b", ["if not a:\n    return b"]),
        ("raise ValueError(1 + 1)", []),
        ("return 'text'", []),
    ],
)
def test_a_fault_is_one_that_a_programmer_might_make(statement: str, faults: list[str]) -> None:
    """Each fault changes one place; errors and texts have none."""
    source = f"def f(a, b):\n    {statement}\n"
    bodies = [
        ast.unparse(ast.parse(mutant.text_of(source)).body[0].body)  # type: ignore[attr-defined]
        for mutant in mutants(source)
    ]
    assert sorted(bodies) == sorted(faults)


def test_a_fault_is_named_by_its_line() -> None:
    """What is reported is where it is, what stood there and what stands there now."""
    [mutant] = mutants("def f(a, b):\n    return a\n\ndef g(a):\n    return a == b\n")
    assert (mutant.line, mutant.what) == (5, "a == b  ->  a != b")


def test_the_faults_of_a_module_are_noticed() -> None:
    """The command tries a sample of faults, and tells how many of them the tests notice."""
    words = ["--mutants", "2", "--tests", "tests/unit/test_money.py"]
    command = [sys.executable, FOLDER, *words, "src/fulfill_core/orders/money.py"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    assert run.stdout.splitlines()[-1].startswith("2 of 2 noticed (100%)")
