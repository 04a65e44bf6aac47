"""What outgrows its size holds two concepts: files, functions, folders."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from .house import FLOORS, MODULES, PACKAGE, ROOT, faults_in_all

FILE, FUNCTION, FOLDER = 500, 60, 18
"""Lines of a file, lines of a function without its docstring, files in a folder: at most."""


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
    """The lines of a function from its ``def`` on, its docstring left out."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or 0) - docstring.lineno + 1)


def test_a_file_is_one_concept_and_a_function_one_thought() -> None:
    """No file has more than 500 lines, and no function more than 60, its docstring left out."""
    assert faults_in_all(size_faults) == []


def test_what_is_too_long_is_noticed() -> None:
    """A line less passes; whatever is said in the docstring does."""
    head, docstring = "def f():\n", '    """One.\n\n    Two.\n    """\n'
    line = "    pass\n"
    assert size_faults("m", "pass\n" * 500) == []
    assert size_faults("m", "pass\n" * 501) == ["m has more than 500 lines"]
    assert size_faults("m", head + docstring + line * 59) == []
    assert size_faults("m", head + docstring + line * 60) == ["m:1 f has 61 lines"]
    assert size_faults("m", head + line * 60) == ["m:1 f has 61 lines"]
    assert size_faults("m", f"class C:\n    async {head}" + f"    {line}" * 60) == [
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
    """The package itself holds the errors, the checks of what enters, and wings."""
    entries = {path.name for path in ROOT.iterdir()} - {"__pycache__"}
    files = {"__init__.py", "_checks.py", "exceptions.py", "py.typed"}
    assert entries - files <= FLOORS.keys() - {"exceptions", "_checks", PACKAGE}
    assert entries >= files
