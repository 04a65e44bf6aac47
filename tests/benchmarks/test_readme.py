"""The lines that README quotes are lines of the table that the command prints."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"


def command() -> ModuleType:
    """What ``python tests/benchmarks`` runs, as a module."""
    spec = importlib.util.spec_from_file_location("benchmarks_command", HERE / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cells(line: str, widths: Sequence[int]) -> Iterator[str]:
    """The cells of a printed line."""
    at = 0
    for width in widths:
        yield line[at : at + width].strip()
        at += width + 2


def form(cell: str) -> str:
    """A cell with each number as a nought: its form."""
    return re.sub(r"\d[\d,]*(\.\d+)?", "0", cell)


def test_readme_quotes_lines_of_the_table() -> None:
    """The heading is the table's; what each line is about, its units and its bar are those of the
    line that the command prints.
    """
    table = command()
    [block] = re.findall(r"```text\n(what  .*?)```", README.read_text("utf-8"), re.DOTALL)
    heading, *quoted = [tuple(cells(line, table._WIDTHS)) for line in block.splitlines()]
    assert heading == table.HEADINGS
    rows = [*table.ratio([60], 1, 1), *table.growth([60, 120], 1, 1)]
    forms = {row[0]: [form(cell) for cell in row[1:-1]] for row in rows}
    assert len(quoted) == 3
    for what, *others, bar in quoted:
        assert [form(cell) for cell in others] == forms[what]
        assert bar in {"1.03", "1.5", "1.8"}
        assert float(others[3]) > 0
