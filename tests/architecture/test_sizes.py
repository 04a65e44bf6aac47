"""What outgrows its size holds two concepts: files, functions, folders."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from .house import FLOORS, MODULES, PACKAGE, ROOT, faults_in_all

FILE, FUNCTION, FOLDER = 500, 60, 18
"""Lines of a file, lines of what a function does, files in a folder: at most."""


def size_faults(module: str, source: str) -> list[str]:
    """A file that is too long, and its functions that are."""
    faults = [f"{module} has more than {FILE} lines"] * (len(source.splitlines()) > FILE)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = length_of(node)
            if lines > FUNCTION:
                faults.append(f"{module}:{node.lineno} {node.name} has {lines} lines")
    return faults


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of what a function does: its head and its docstring say what, not how."""
    statements = function.body[ast.get_docstring(function) is not None :]
    if not statements:
        return 0
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1


def test_a_file_is_one_concept_and_a_function_one_thought() -> None:
    """No file has more than 500 lines, and no function does its work in more than
    60.
    """
    assert faults_in_all(size_faults) == []


def test_what_is_too_long_is_noticed() -> None:
    """A line less passes; head and docstring do not count."""
    head, docstring = "def f(\n    one,\n    two,\n):\n", '    """One.\n\n    Two.\n    """\n'
    line = "    pass\n"
    assert size_faults("m", "pass\n" * 500) == []
    assert size_faults("m", "pass\n" * 501) == ["m has more than 500 lines"]
    assert size_faults("m", head + docstring) == []
    assert size_faults("m", head + docstring + line * 60) == []
    assert size_faults("m", head + docstring + line * 61) == ["m:1 f has 61 lines"]
    assert size_faults("m", head + line * 61) == ["m:1 f has 61 lines"]
    assert size_faults("m", "class C:\n    async def f():\n" + f"    {line}" * 61) == [
        "m:2 f has 61 lines"
    ]


def crowded_folders(files: Iterable[Path]) -> list[str]:
    """The folders with more files than one takes in at a glance."""
    sizes = Counter(file.parent for file in files)
    return [f"{folder.name} has {size} files" for folder, size in sizes.items() if size > FOLDER]


def test_a_folder_is_taken_in_at_a_glance() -> None:
    """No folder of the library has more than 18 files."""
    assert crowded_folders(MODULES.values()) == []


def test_a_crowded_folder_is_noticed() -> None:
    """18 files pass, 19 do not."""
    files = [Path("wing", f"{number}.py") for number in range(19)]
    assert crowded_folders(files[:18]) == []
    assert crowded_folders([*files, Path("other", "0.py")]) == ["wing has 19 files"]


def test_whoever_opens_the_folder_sees_the_design() -> None:
    """The package itself holds the errors, the checks of what enters, how names of wings are
    imported when somebody asks for them, what values share, and wings.
    """
    entries = {path.name for path in ROOT.iterdir()} - {"__pycache__"}
    modules = {"_checks", "_lazy", "_values", "exceptions"}
    files = {"__init__.py", "py.typed", *(f"{module}.py" for module in modules)}
    assert entries - files <= FLOORS.keys() - modules - {PACKAGE}
    assert entries >= files
