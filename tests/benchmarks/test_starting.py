"""What is timed is what is said: a statement that fails is no import."""

from __future__ import annotations

import subprocess

import pytest
import starting


def test_both_sides_are_imported() -> None:
    """A pair of times for each round; what can't be imported stops the measurement."""
    assert len(starting.imports(1)) == 1
    with pytest.raises(subprocess.CalledProcessError):
        starting.seconds("import sys; sys.exit(1)")
