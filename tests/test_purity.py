"""The library opens nothing, seen from outside: by the interpreter's own audit events."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHILD = Path(__file__).with_name("purity_child.py")
OUTSIDE = ("open", "os.", "shutil.", "socket.", "sqlite3.", "subprocess.", "tempfile.", "urllib.")


def run(scenario: str, path: Path) -> dict[str, Any]:
    """What the interpreter reported while it imported the library and processed a small batch."""
    # -I and -B: no environment, no user's packages, no writing of byte code.
    done = subprocess.run(
        [sys.executable, "-I", "-B", str(CHILD), scenario, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def import_faults(report: dict[str, Any]) -> list[list[str]]:
    """Events of the import that are more than the loading of modules."""
    folders = {str(Path(path)) for path in report["path"]}
    folders |= {str(Path(path).parent) for path in report["modules"]}

    def is_loading(event: str, path: str, mode: str = "") -> bool:
        if event == "open":
            # Some modules of the standard library go under another name than that of their file.
            is_module = path in report["modules"] or (
                path.endswith((".py", ".pyc"))
                and any(Path(path).is_relative_to(root) for root in report["path"])
            )
            return is_module and mode in {"r", "rb", "None"}
        return event == "os.listdir" and path in folders  # it looks for modules

    return [
        event
        for event in report["importing"]
        if event[0].startswith(OUTSIDE) and not is_loading(*event[:3])
    ]


def processing_faults(report: dict[str, Any]) -> list[list[str]]:
    """Events of the run, but for what an object does to itself."""
    return [event for event in report["processing"] if not event[0].startswith("object.__")]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The library as it is, on a batch that has all outcomes."""
    return run("clean", tmp_path_factory.mktemp("purity"))


def test_importing_the_library_only_loads_modules(clean: dict[str, Any]) -> None:
    """``import fulfill_core`` opens the files of modules, to read, and no other file or socket."""
    assert [event[1] for event in clean["importing"] if "fulfill_core" in event[1]] != []
    assert import_faults(clean) == []


def test_events_cost_nothing_until_they_are_used(clean: dict[str, Any]) -> None:
    """Neither the import of the library nor a run reads what happens after the decision."""
    wings = {Path(path).parts for path in clean["modules"] if "fulfill_core" in path}
    assert [parts for parts in wings if "lifecycle" in parts] == []
    assert [parts for parts in wings if "pipeline" in parts] != []


def test_a_run_does_nothing_to_the_world(clean: dict[str, Any]) -> None:
    """`process`, its messages and explanations open, list, start and connect nothing."""
    assert clean["explained"] != []
    assert processing_faults(clean) == []


def test_a_message_is_written_without_a_file(tmp_path: Path) -> None:
    """Once a language is known and the templates are compiled, nothing is opened or compiled."""
    events = run("in words", tmp_path)["writing"]
    assert [event for event in events if not event[0].startswith("object.__")] == []


def test_a_file_that_is_read_on_import_is_noticed(tmp_path: Path) -> None:
    """Reading any file that is not a module counts."""
    secret = tmp_path / "settings.toml"
    secret.write_text("", "utf-8")
    assert [event[:2] for event in import_faults(run("import reads", secret))] == [
        ["open", str(secret)]
    ]


@pytest.mark.parametrize(
    ("scenario", "event"), [("reads", "open"), ("calls", "socket.__new__"), ("lists", "os.listdir")]
)
def test_a_run_that_does_something_is_noticed(scenario: str, event: str, tmp_path: Path) -> None:
    """A file, a socket and a folder: each is seen when a verifier touches it."""
    path = tmp_path if scenario == "lists" else tmp_path / "orders.txt"
    if path != tmp_path:
        path.write_text("", "utf-8")
    assert event in {fault[0] for fault in processing_faults(run(scenario, path))}
