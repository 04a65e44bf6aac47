"""Who judges adapters: by rules of its own, which ask nothing of the library that is judged."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from fulfill_core.testing import simulator

DECIDES = (
    *("fulfill_core.process", "fulfill_core.lacking", "fulfill_core.advance"),
    *("fulfill_core.explain", "fulfill_core.compare"),
    *("fulfill_core.pipeline", "fulfill_core.allocation", "fulfill_core.lifecycle.advance"),
    *("fulfill_core.explanation", "fulfill_core.whatif"),
    *("fulfill_core.testing.laws", "fulfill_core.testing.run_laws"),
)
"""What decides, and the laws: modules with all that is in them, and names."""
WHOLE = {"fulfill_core", "fulfill_core.*", "fulfill_core.lifecycle", "fulfill_core.testing"}
"""Where all of that can be had by a name that no import shows."""
GIVEN = {"fulfill_core.pipeline.Settings"}
"""What a loop is given, and decides nothing."""


def deciding_imports(code: str) -> list[str]:
    """What some code imports that decides, or is a law; and the library as a whole has both."""
    paths: list[str] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            paths += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            paths += [f"{node.module}.{alias.name}" for alias in node.names]
    deciding = tuple([f"{path}." for path in DECIDES])
    return [
        path
        for path in paths
        if path in WHOLE or (path not in GIVEN and f"{path}.".startswith(deciding))
    ]


def judges() -> dict[str, str]:
    """The files that say by what a rule is broken, and those that they reckon with."""
    folder = Path(str(simulator.__file__)).parent
    files = {path.name: path.read_text("utf-8") for path in folder.glob("*.py")}
    return {
        name: code
        for name, code in files.items()
        if "raise BrokenRuleError(" in code or name in {"outside.py", "shop.py"}
    }


def test_the_rules_ask_no_law_of_the_library() -> None:
    """What has to be is added up: nothing is imported that decides, and no law."""
    assert {"books.py", "facts.py", "ports.py", "outside.py"} <= judges().keys()
    imports = [path for code in judges().values() for path in deciding_imports(code)]
    assert imports == []


@pytest.mark.parametrize(
    "code",
    [
        "from fulfill_core.pipeline import process",
        "from fulfill_core.pipeline.run import process",
        "from fulfill_core import Order, process",
        "from fulfill_core import allocation",
        "from fulfill_core import *",
        "import fulfill_core.pipeline.run as run",
        "import fulfill_core",
        "def later():\n    from fulfill_core.testing.laws import check_verifier",
    ],
)
def test_a_rule_that_asks_the_library_is_noticed(code: str) -> None:
    """By whichever name: a module, one within it, a name of the package, or all of it."""
    assert len(deciding_imports(code)) == 1


def test_what_decides_nothing_is_fine() -> None:
    """Values, and a module whose name only begins like one that decides."""
    code = "from fulfill_core.lifecycle import Step\nfrom fulfill_core.pipeline import Settings\n"
    assert deciding_imports(f"{code}import fulfill_core.pipelines\nimport os\n") == []
