"""A PostgreSQL server for tests: started on loopback, in a folder of its own, and stopped again.

Run a command with it, which finds its address in ``FULFILL_POSTGRES``::

    python tests/hosting/postgres.py .venv/bin/pytest tests/hosting

It needs ``initdb`` and ``postgres``, of any version from 12 on: on the path, or where Debian puts
them. PostgreSQL does not run as root: then the user ``postgres`` does, who comes with the package.
Tests that need a server skip without one, or fail if ``FULFILL_SERVER`` is ``required``.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADDRESS = "FULFILL_POSTGRES"
"""The environment variable with the address of a server that is there already."""
NEED = "FULFILL_SERVER"
"""The environment variable that says that a server is ``required``: nothing is skipped for it."""
_PR_SET_PDEATHSIG = 1
# What is lost when the machine stops is no loss here.
_OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=50")


def program(name: str) -> str | None:
    """Where a program of PostgreSQL is; None if it is not installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name) or next(
        (str(folder / name) for folder in folders if (folder / name).exists()), None
    )


def why_no_server() -> str:
    """Why no server can be had; empty if one can, or has to be."""
    return "" if os.environ.get(ADDRESS) else why_no_own_server()


def why_no_own_server() -> str:
    """Why none can be started; empty if one can, or has to be."""
    return "" if os.environ.get(NEED) == "required" else reason_without_server()


def reason_without_server() -> str:
    """What is missing here to start one; empty if nothing is."""
    missing = [name for name in ("initdb", "postgres") if program(name) is None]
    if missing:
        return f"no PostgreSQL: {' and '.join(missing)} not found, and {ADDRESS} is not set"
    if os.geteuid() == 0 and not _user():
        return "no PostgreSQL: it does not run as root, and there is no user postgres"
    return ""


def _user() -> str | None:
    """As whom the server runs; None for whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return None


@contextmanager
def server() -> Iterator[str]:
    """The address of a server, as ``host:port``: one that is there, or one that is started."""
    if address := os.environ.get(ADDRESS):
        yield address
        return
    with own_server() as (address, _):
        yield address


@contextmanager
def own_server() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server that is started, for whoever does something to it: its address, and its process."""
    if reason := reason_without_server():
        raise RuntimeError(reason)
    folder, user = Path(tempfile.mkdtemp(prefix="fulfill-postgres-")), _user()
    try:
        if user:
            shutil.chown(folder, user, user)
        _call(["initdb", "-D", folder / "data", "-U", "shop", "-A", "trust", "-E", "UTF8",
               "--locale=C", "--no-sync"], user, folder)  # fmt: skip
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = [word for option in _OPTIONS for word in ("-c", option)]
        process = subprocess.Popen(
            [str(program("postgres")), "-D", str(folder / "data"), "-p", str(port),
             "-h", "127.0.0.1", "-k", str(folder), *options],
            user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - no thread of the tests runs here
        )  # fmt: skip
        try:
            _wait_for(folder / "data" / "postmaster.pid", process)
            yield f"127.0.0.1:{port}", process
        finally:
            stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stop(process: subprocess.Popen[bytes]) -> None:
    """A fast shutdown: clients are sent home."""
    process.send_signal(signal.SIGINT)
    process.wait(30)


def bound_files(process: subprocess.Popen[bytes], size: int | None) -> None:
    """No file of a server may grow beyond so many bytes; None takes that back.

    It holds for connections that are made from then on.
    """
    bound = f"--fsize={'unlimited' if size is None else size}:unlimited"
    command = [str(shutil.which("prlimit")), "--pid", str(process.pid), bound]
    subprocess.run(command, user=_user(), check=True)


def _end_with_parent() -> None:
    """Where Linux can do it, the server ends though the tests were killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _call(command: list[object], user: str | None, folder: Path) -> None:
    name, *arguments = command
    subprocess.run(
        [str(program(str(name))), *map(str, arguments)],
        user=user, cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


def _wait_for(state: Path, process: subprocess.Popen[bytes]) -> None:
    """Until it says that it is ready: its port answers sooner than that."""
    for _ in range(1200):
        if process.poll() is not None:
            raise RuntimeError(f"postgres ended with {process.returncode}")
        if state.exists() and state.read_text("utf-8").split("\n")[-2:][0].strip() == "ready":
            return
        time.sleep(0.05)
    raise RuntimeError("postgres does not get ready")


def main() -> int:
    """Run a command with a server."""
    if not os.environ.get(ADDRESS) and (reason := reason_without_server()):
        sys.exit(reason)
    with server() as address:
        return subprocess.call(sys.argv[1:], env={**os.environ, ADDRESS: address})


if __name__ == "__main__":
    sys.exit(main())
